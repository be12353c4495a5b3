//! Steps without boxes, and code that belongs to no item: guesses, so that nothing a person would carry out is lost.

use super::account::{Account, Blank, BoxState, CodeBlock, Guess, Guessed, Language, Proposal};
use super::source::Source;
use super::walk::Step;
use super::{notes, numbered, offsets, proposals, roles};
use crate::checklist::destruction;

/// Headings below which a bullet is something to do.
const PROCEDURES: [&str; 38] = [
    "step",
    "procedure",
    "execut",
    "migrat",
    "deploy",
    "rollback",
    "roll back",
    "cutover",
    "cut over",
    "phase",
    "runbook",
    "instruction",
    "install",
    "verif",
    "validat",
    "setup",
    "prepar",
    "backup",
    "restore",
    "recover",
    "failover",
    "upgrade",
    "release",
    "schritt",
    "ablauf",
    "durchführ",
    "vorbereit",
    "étape",
    "procéd",
    "déploi",
    "paso",
    "despliegue",
    "passo",
    "шаг",
    "手順",
    "步骤",
    "部署",
    "절차",
];
/// Headings below which a number only counts.
const READING: [&str; 12] = [
    "contents",
    "references",
    "links",
    "background",
    "overview",
    "resources",
    "changelog",
    "release notes",
    "faq",
    "features",
    "inhalt",
    "see also",
];
/// The most characters of a command in a title.
const LONGEST: usize = 100;

/// Code below no task item.
pub struct Loose {
    /// The code block, as an index.
    pub block: usize,
    pub step: Option<usize>,
    pub heading: Option<usize>,
}

/// What became of plain list items and loose code: whether each is part of a guess.
pub struct Taken {
    pub steps: Vec<bool>,
    pub code: Vec<usize>,
}

/// Adds the guesses to an account that holds those for boxes already.
pub fn guess(source: &Source, account: &mut Account, steps: &[Step], loose: &[Loose]) -> Taken {
    let known: std::collections::HashMap<u32, usize> =
        account.guessed.iter().enumerate().map(|(index, guess)| (guess.line, index)).collect();
    let filled: std::collections::HashSet<u32> = account.values.iter().map(|blank| blank.line).collect();
    let coded: std::collections::HashSet<usize> = loose
        .iter()
        .filter(|loose| account.code[loose.block].language != Language::Other)
        .filter_map(|loose| loose.step)
        .collect();
    let mut places: Vec<Option<usize>> = Vec::new();
    for step in steps {
        let line = source.line(step.range.start);
        let mut place = known.get(&line).copied().filter(|_| !step.groups);
        let signs = role(account, step).is_some();
        let coded = coded.contains(&places.len());
        if let Some(label) = free_line(account, step).filter(|_| !signs && !coded && place.is_none())
            && !filled.contains(&line)
        {
            let at = step.range.start + source.text()[step.range.clone()].trim_end().len();
            let span = source.span(at - 1, at);
            account.values.push(Blank::new(line, label, span, step.heading));
            places.push(None);
            continue;
        }
        if place.is_none()
            && !filled.contains(&line)
            && let Some(why) = reads_as_step(account, step)
        {
            place = Some(account.guessed.len());
            let what = Guessed::Item(BoxState::Open);
            account.guessed.push(Guess::new(line, step.text.clone(), why, what, step.heading));
        }
        if let Some(role) = role(account, step).filter(|_| place.is_none() || !known.contains_key(&line)) {
            let guess = Guess::new(line, role, "a line to sign that has no box", Guessed::SignOff, step.heading);
            match place {
                Some(place) => account.guessed[place] = guess,
                None if !filled.contains(&line) => {
                    place = Some(account.guessed.len());
                    account.guessed.push(guess);
                }
                None => {}
            }
        }
        if let Some(place) = place {
            let guess = &mut account.guessed[place];
            guess.notes.extend(step.notes.iter().cloned());
            guess.notes.extend(step.links.iter().map(|link| format!("Link: {link}")));
            let spans = step.spans.iter();
            guess.proposals.extend(spans.filter_map(|(start, text)| proposals::of_span_in(source, *start, text)));
        }
        places.push(place);
    }
    let mut code = Vec::new();
    for loose in loose {
        // A line to sign holds no code.
        let place = loose.step.and_then(|step| places[step]).filter(|place| is_item(&account.guessed[*place]));
        if attach(account, loose, place) {
            code.push(loose.block);
        }
    }
    let steps = places.iter().map(|place| place.is_some_and(|place| is_item(&account.guessed[place]))).collect();
    account.values.sort_by_key(|blank| blank.line);
    timed_headings(account);
    account.guessed.sort_by_key(|guess| guess.line);
    Taken { steps, code }
}

fn is_item(guess: &Guess) -> bool {
    matches!(guess.what, Guessed::Item(_))
}

/// A heading that names a time or a step and has nothing below it is kept as an item.
fn timed_headings(account: &mut Account) {
    let mut filled = vec![false; account.headings.len()];
    let live = account.live.iter().map(|live| live.heading);
    let values = account.values.iter().map(|blank| blank.heading);
    let guessed = account.guessed.iter().map(|guess| guess.heading);
    for mut at in live.chain(values).chain(guessed) {
        while let Some(index) = at.filter(|index| !std::mem::replace(&mut filled[*index], true)) {
            at = account.headings[index].parent;
        }
    }
    for (index, heading) in account.headings.iter().enumerate() {
        let timed = offsets::find(&heading.text).is_some() || offsets::counts_for_itself(&heading.text);
        let why = if timed { "a time without items" } else { "a step as a heading, without items" };
        if !filled[index] && (timed || numbered::is_named_step(&heading.text)) {
            let what = Guessed::Item(BoxState::Open);
            let (at, text) = (heading.line, heading.text.clone());
            account.guessed.push(Guess::new(at, text, why, what, heading.parent));
        }
    }
}

/// Puts a block into the guess it stands in or under, or makes it one.
fn attach(account: &mut Account, loose: &Loose, place: Option<usize>) -> bool {
    let block = &account.code[loose.block];
    if block.text.trim().is_empty() {
        return false;
    }
    let proposal = proposals::of_block(block);
    let destroys = destruction::all_in(block.tongue, &block.text);
    if place.is_none() && proposal.is_none() && destroys.is_empty() {
        return false;
    }
    let note = proposal.is_none().then(|| block.text.trim_end().to_owned());
    let note = note.map(|text| format!("{text}{}", notes::warning(block.tongue, &text)));
    let place = place.unwrap_or_else(|| {
        let what = Guessed::Item(BoxState::Open);
        let guess = Guess::new(block.line, title(block), "code that belongs to no item", what, loose.heading);
        account.guessed.push(guess);
        account.guessed.len() - 1
    });
    let guess = &mut account.guessed[place];
    guess.notes.extend(note);
    guess.proposals.extend(proposal);
    true
}

fn title(block: &CodeBlock) -> String {
    let first =
        destruction::all_in(block.tongue, &block.text).into_iter().next().filter(|_| block.language == Language::Other);
    if let Some(destroying) = first {
        return shortened(&destroying.text);
    }
    let comment = if block.language == Language::Sql { "--" } else { "#" };
    let line = block.text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with(comment));
    let line = line.or_else(|| block.text.lines().map(str::trim).find(|line| !line.is_empty())).unwrap_or_default();
    shortened(line)
}

fn shortened(line: &str) -> String {
    let short: String = line.chars().take(LONGEST).collect();
    if short.len() < line.len() { format!("{short}…") } else { short }
}

/// The role of a line to sign: `DBA: [Signature] [Date]`, or a role with a colon below a heading of approvals.
fn role(account: &Account, step: &Step) -> Option<String> {
    if step.groups {
        return None;
    }
    let (before, bracket) = step.text.split_once('[').map_or((step.text.as_str(), None), |(a, b)| (a, Some(b)));
    let lower = bracket.map(str::to_lowercase);
    let signed =
        lower.is_some_and(|after| ["signature", "unterschrift", "firma]"].iter().any(|w| after.starts_with(w)));
    let heading = account.path(step.heading).next().map(|heading| heading.text.as_str()).unwrap_or_default();
    let approvals = roles::approves(heading);
    let below = approvals && before.trim_end().ends_with([':', '：']);
    let listed = approvals && bracket.is_none() && roles::is_role(&step.text) && step.notes.is_empty();
    let role = before.split([':', '：']).next().unwrap_or_default().trim_matches(['*', ' ', '-', '–']);
    let short = !roles::is_field(role) && !role.is_empty() && role.split_whitespace().count() <= 5;
    (short && (signed || below || listed)).then(|| role.to_owned())
}

/// The label of a bullet that only names what to write: `Start time:`.
fn free_line(account: &Account, step: &Step) -> Option<String> {
    let label = step.text.strip_suffix([':', '：'])?.trim();
    let alone =
        step.notes.is_empty() && step.links.is_empty() && step.spans.is_empty() && !step.groups && !step.numbered;
    let reading = reads(account, step.heading);
    (alone && !reading && !label.is_empty() && label.split_whitespace().count() <= 6).then(|| label.to_owned())
}

/// Whether what stands below a heading is there to be read.
pub fn reads(account: &Account, heading: Option<usize>) -> bool {
    account.path(heading).next().is_some_and(|heading| {
        let text = heading.text.to_lowercase();
        READING.iter().any(|word| text.contains(word))
    })
}

fn reads_as_step(account: &Account, step: &Step) -> Option<&'static str> {
    if step.groups || step.text.is_empty() {
        return None;
    }
    let has = |words: &[&str]| {
        let headings = account.path(step.heading).map(|heading| heading.text.to_lowercase());
        headings.take(3).any(|heading| words.iter().any(|word| heading.contains(word)))
    };
    let named = reads(account, step.heading);
    let proposes: Option<Proposal> =
        step.spans.iter().find_map(|(_, text)| proposals::of_span(1, text)).filter(|_| !named);
    if step.numbered && !named {
        return Some("a numbered step without a box");
    }
    let timed = || account.path(step.heading).any(|heading| offsets::find(&heading.text).is_some());
    if proposes.is_some() || (!named && (has(&PROCEDURES) || timed())) {
        return Some("a step without a box");
    }
    None
}
