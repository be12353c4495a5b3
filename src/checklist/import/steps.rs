//! Steps without boxes, and code that belongs to no item: guesses, so that nothing a person would carry out is lost.
//!
//! Longer than 400 lines because steps, conditions and loose code are distinguished by the same places.

use super::account::{Account, Blank, BoxState, CodeBlock, Fill, Guess, Guessed, Language, Owner, Proposal};
use super::source::Source;
use super::walk::{Note, Step};
use super::{inline, notes, numbered, offsets, proposals, roles};
use crate::checklist::destruction;
use std::collections::{HashMap, HashSet};

/// Headings below which a bullet is something to do.
const PROCEDURES: [&str; 54] = [
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
    "ausführ",
    "exécut",
    "smoke",
    "backout",
    "back-out",
    "go-live",
    "go live",
    "action",
    "what to do",
    "to do",
    "to-do",
    "todo",
    "checklist",
    "task",
    "aufgabe",
    "tâche",
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
/// Words before a list of what to watch for, which is nothing to do.
const CONDITIONS: [&str; 16] = [
    "trigger",
    "when any",
    "if any",
    "any of these",
    "any of the following",
    "one of these",
    "one of the following",
    "criteria",
    "conditions",
    "thresholds",
    "auslöser",
    "kriterien",
    "critères",
    "criterios",
    "критерии",
    "条件",
];
/// The most characters of a command in a title.
const LONGEST: usize = 100;

/// Code below no task item.
pub(super) struct Loose {
    /// The code block, as an index.
    pub block: usize,
    pub step: Option<usize>,
    pub heading: Option<usize>,
    /// Where it ends in the text.
    pub end: usize,
}

/// What became of plain list items and loose code: who owns each that is part of a guess or a value.
pub(super) struct Taken {
    pub steps: Vec<Option<Owner>>,
    pub code: HashMap<usize, Owner>,
}

/// Where what is in or under a step is kept.
#[derive(Clone, Copy)]
enum Place {
    Guess(usize),
    Value(usize),
}

impl Place {
    fn owner(self) -> Owner {
        match self {
            Place::Guess(_) => Owner::Guess,
            Place::Value(_) => Owner::Note,
        }
    }
}

/// Adds the guesses to an account that holds those for boxes already.
pub(super) fn guess(source: &Source, account: &mut Account, steps: &[Step], loose: &[Loose]) -> Taken {
    let known: HashMap<u32, usize> =
        account.guessed.iter().enumerate().map(|(index, guess)| (guess.line, index)).collect();
    let mut filled: HashMap<u32, usize> = HashMap::new();
    for (index, blank) in account.values.iter().enumerate() {
        filled.entry(blank.line).or_insert(index);
    }
    let coded: HashSet<usize> = loose
        .iter()
        .filter(|loose| account.code[loose.block].language != Language::Other)
        .filter_map(|loose| loose.step)
        .collect();
    let reported: HashSet<u32> = known.keys().chain(filled.keys()).copied().collect();
    let headed: HashSet<u32> = account.headings.iter().map(|heading| heading.line).collect();
    // Below which headings roles are listed.
    let named = steps.iter().filter(|step| !step.groups && roles::is_role(&step.text));
    let beside: HashSet<Option<usize>> = named.map(|step| step.heading).collect();
    let mut places: Vec<Option<Place>> = Vec::new();
    // The lead that the last step stood under, and the guess that holds its list.
    let mut under: Option<(u32, usize)> = None;
    for step in steps {
        let line = source.line(step.range.start);
        let lead = step.lead.as_ref().filter(|(at, _)| !headed.contains(at));
        let conditions = watched(account, step);
        if let (Some(title), None, None) = (conditions, known.get(&line), filled.get(&line)) {
            places.push(Some(Place::Guess(watch(source, account, step, title, &mut under))));
            continue;
        }
        let mut place = known.get(&line).copied().filter(|_| !step.groups).map(Place::Guess);
        let signs = role(account, step, &beside).is_some();
        let coded = coded.contains(&places.len());
        if let Some(label) = free_line(account, step).filter(|_| !signs && !coded && place.is_none())
            && !filled.contains_key(&line)
        {
            let at = step.range.start + behind_label(&source.text()[step.range.clone()]);
            let span = source.span(at - 1, at);
            let fill = Fill::Behind;
            account.values.push(Blank { fill, ..Blank::new(line, label, span, step.heading) });
            places.push(None);
            continue;
        }
        if let Some(value) = filled.get(&line).filter(|_| place.is_none() && !step.groups) {
            place = Some(Place::Value(*value));
        }
        if place.is_none()
            && let Some(why) = reads_as_step(account, step)
        {
            place = Some(Place::Guess(account.guessed.len()));
            let what = Guessed::Item(BoxState::Open);
            account.guessed.push(Guess::new(line, step.text.clone(), why, what, step.heading));
        }
        if let Some(role) = role(account, step, &beside).filter(|_| place.is_none() || !known.contains_key(&line)) {
            let guess = Guess::new(line, role, "a line to sign that has no box", Guessed::SignOff, step.heading);
            match place {
                Some(Place::Guess(place)) => account.guessed[place] = guess,
                None => {
                    place = Some(Place::Guess(account.guessed.len()));
                    account.guessed.push(guess);
                }
                Some(Place::Value(_)) => {}
            }
        }
        if let (Some(Place::Guess(at)), Some((above, text))) = (place, lead)
            && is_item(&account.guessed[at])
        {
            let first = under.is_none_or(|(known, _)| known != *above);
            account.guessed[at].notes.insert(0, format!("Part of: {text}"));
            account.guessed[at].more.extend(first.then_some(*above));
            under = Some((*above, at));
        }
        if let Some(place) = place {
            keep(source, account, step, place, &reported);
        }
        places.push(place);
    }
    let code = attach_all(source, account, &places, loose);
    let owner = |place: &Option<Place>| match place {
        Some(Place::Guess(at)) => is_item(&account.guessed[*at]).then_some(Owner::Guess),
        Some(Place::Value(_)) => Some(Owner::Note),
        None => None,
    };
    let steps = places.iter().map(owner).collect();
    account.values.sort_by_key(|blank| blank.line);
    timed_headings(source, account);
    account.guessed.sort_by_key(|guess| guess.line);
    Taken { steps, code }
}

/// Adds to a guess or value what else is in its step.
fn keep(source: &Source, account: &mut Account, step: &Step, place: Place, reported: &HashSet<u32>) {
    let mut added: Vec<String> = step.notes.iter().filter_map(|note| own(source, note, reported)).collect();
    added.extend(step.links.iter().map(|link| format!("Link: {link}")));
    let spans = step.spans.iter();
    let proposed = spans.filter_map(|(start, text)| proposals::of_span_in(source, *start, text));
    match place {
        Place::Guess(at) => {
            let guess = &mut account.guessed[at];
            added.retain(|note| !guess.notes.contains(note));
            guess.notes.extend(added);
            for proposal in proposed {
                if guess.proposals.iter().all(|known| known.text != proposal.text) {
                    guess.proposals.push(proposal);
                }
            }
        }
        Place::Value(at) => {
            let value = &mut account.values[at];
            for note in &added {
                value.add_note(note);
            }
            value.proposals.extend(proposed);
        }
    }
}

/// A note without the lines that are items of their own.
fn own(source: &Source, note: &Note, reported: &HashSet<u32>) -> Option<String> {
    let lines = note.first..=note.last;
    if !lines.clone().any(|line| reported.contains(&line)) {
        return Some(note.text.clone());
    }
    let left = lines.filter(|line| !reported.contains(line)).filter_map(|line| source.line_at(line));
    let left: Vec<String> = left.map(|(_, text)| inline::read(text).0).filter(|text| !text.is_empty()).collect();
    (!left.is_empty()).then(|| left.join(" "))
}

/// What a list shows to watch for, when it does: its items are conditions.
fn watched(account: &Account, step: &Step) -> Option<String> {
    let reads = |text: &str| {
        let text = text.to_lowercase();
        CONDITIONS.iter().any(|word| text.contains(word))
    };
    if step.groups || step.numbered || step.text.is_empty() || numbered::is_timed(&step.text) {
        return None;
    }
    if let Some((_, lead)) = &step.lead {
        return reads(lead).then(|| lead.clone());
    }
    let heading = account.path(step.heading).next().filter(|heading| reads(&heading.text))?;
    // Criteria of success are looked at one by one.
    let text = heading.text.to_lowercase();
    let fails = ["rollback", "roll back", "abort", "trigger", "stop", "no-go", "abbruch"]
        .iter()
        .any(|word| text.contains(word));
    fails.then(|| heading.text.clone())
}

/// Adds a condition to the guess of its list.
fn watch(
    source: &Source,
    account: &mut Account,
    step: &Step,
    title: String,
    under: &mut Option<(u32, usize)>,
) -> usize {
    let line = source.line(step.range.start);
    let lead = step.lead.as_ref().map(|(at, _)| *at);
    let heading = step.heading.and_then(|heading| account.headings.get(heading)).map(|heading| heading.line);
    let list = lead.or(heading).unwrap_or(line);
    let place = match under {
        Some((at, place)) if *at == list => *place,
        _ => {
            let what = Guessed::Item(BoxState::Open);
            let at = lead.unwrap_or(line);
            account.guessed.push(Guess::new(at, title, "conditions to watch for", what, step.heading));
            account.guessed.len() - 1
        }
    };
    *under = Some((list, place));
    let guess = &mut account.guessed[place];
    guess.more.extend((guess.line != line).then_some(line));
    guess.notes.push(format!("- {}", step.text));
    guess.notes.extend(step.notes.iter().map(|note| note.text.clone()));
    guess.notes.extend(step.links.iter().map(|link| format!("Link: {link}")));
    place
}

/// Puts every loose block where it belongs: into its step, or into the step of plain text right above it.
fn attach_all(
    source: &Source,
    account: &mut Account,
    places: &[Option<Place>],
    loose: &[Loose],
) -> HashMap<usize, Owner> {
    let mut lines: HashMap<u32, Place> = HashMap::new();
    for (at, guess) in account.guessed.iter().enumerate().filter(|(_, guess)| is_item(guess)) {
        lines.extend(std::iter::once(&guess.line).chain(&guess.more).map(|line| (*line, Place::Guess(at))));
    }
    for (at, value) in account.values.iter().enumerate().filter(|(_, value)| value.owner.is_none()) {
        lines.entry(value.line).or_insert(Place::Value(at));
    }
    let mut code = HashMap::new();
    for loose in loose {
        let own = loose.step.and_then(|step| places[step]);
        let first = account.code[loose.block].line;
        let above = || {
            let above =
                (1..first).rev().find(|line| source.line_at(*line).is_some_and(|(_, text)| !text.trim().is_empty()));
            above.and_then(|line| lines.get(&line).copied())
        };
        let place = if loose.step.is_some() { own } else { above() };
        // A line to sign holds no code.
        let place = place.filter(|place| !matches!(place, Place::Guess(at) if !is_item(&account.guessed[*at])));
        if let Some(place) = attach(account, loose, place) {
            code.insert(loose.block, place.owner());
            let last = source.line(loose.end.saturating_sub(1));
            lines.extend((first..=last).map(|line| (line, place)));
        }
    }
    code
}

fn is_item(guess: &Guess) -> bool {
    matches!(guess.what, Guessed::Item(_))
}

/// A heading that names a time, a step or a command and has nothing below it is kept as an item.
fn timed_headings(source: &Source, account: &mut Account) {
    let bare: HashSet<u32> = account.bare_headings().iter().map(|heading| heading.line).collect();
    for heading in account.headings.iter().filter(|heading| bare.contains(&heading.line)) {
        let timed = offsets::find(&heading.text).is_some() || offsets::counts_for_itself(&heading.text);
        let raw = source.line_at(heading.line).map_or("", |(_, text)| text);
        let commands = proposals::of_text(heading.line, raw);
        let why = match (timed, numbered::is_named_step(&heading.text), commands.is_empty()) {
            (true, ..) => "a time without items",
            (_, true, _) => "a step as a heading, without items",
            (.., false) => "a heading with a command, without items",
            _ => continue,
        };
        let what = Guessed::Item(BoxState::Open);
        let mut guess = Guess::new(heading.line, heading.text.clone(), why, what, heading.parent);
        guess.notes.extend(heading.links.iter().map(|link| format!("Link: {link}")));
        guess.proposals = commands;
        account.guessed.push(guess);
    }
}

/// Puts a block into the guess or value it is in or under, or makes it a guess.
fn attach(account: &mut Account, loose: &Loose, place: Option<Place>) -> Option<Place> {
    let block = &account.code[loose.block];
    if block.text.trim().is_empty() {
        return None;
    }
    let proposal = proposals::of_block(block);
    let destroys = destruction::all_in(block.tongue, &block.text);
    if place.is_none() && proposal.is_none() && destroys.is_empty() {
        return None;
    }
    let note = proposal.is_none().then(|| block.text.trim_end().to_owned());
    let note = note.map(|text| format!("{text}{}", notes::warning(block.tongue, &text)));
    let place = place.unwrap_or_else(|| {
        let what = Guessed::Item(BoxState::Open);
        let guess = Guess::new(block.line, title(block), "code that may be run, under no step", what, loose.heading);
        account.guessed.push(guess);
        Place::Guess(account.guessed.len() - 1)
    });
    match place {
        Place::Guess(at) => {
            let guess = &mut account.guessed[at];
            guess.notes.extend(note);
            guess.proposals.extend(proposal);
        }
        Place::Value(at) => {
            let value = &mut account.values[at];
            if let Some(note) = &note {
                value.add_note(note);
            }
            value.proposals.extend(proposal);
        }
    }
    Some(place)
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
    let line = line.strip_prefix("$ ").unwrap_or(line);
    let short: String = line.chars().take(LONGEST).collect();
    if short.len() < line.len() { format!("{short}…") } else { short }
}

/// The role of a line to sign: `DBA: [Signature] [Date]`, or a role with a colon below a heading of approvals.
fn role(account: &Account, step: &Step, beside: &HashSet<Option<usize>>) -> Option<String> {
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
    let role =
        approvals && (roles::is_role(&step.text) || (beside.contains(&step.heading) && roles::may_be_role(&step.text)));
    let listed = role && bracket.is_none() && step.notes.is_empty();
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

/// Where the answer to a label goes: behind its colon and the marks that close there. What follows on lines below, such as a
/// heading mark without a heading, is no part of the label.
fn behind_label(raw: &str) -> usize {
    let colon = raw.char_indices().rfind(|(_, c)| matches!(c, ':' | '：'));
    let end = colon.map_or(raw.trim_end().len(), |(at, c)| at + c.len_utf8());
    end + raw[end..].find(char::is_whitespace).unwrap_or(raw.len() - end)
}

/// Whether what stands below a heading is there to be read.
pub(super) fn reads(account: &Account, heading: Option<usize>) -> bool {
    account.path(heading).next().is_some_and(|heading| {
        let text = heading.text.to_lowercase();
        READING.iter().any(|word| text.contains(word))
    })
}

/// Whether what is in a list below a heading is something to do.
pub(super) fn is_procedure(account: &Account, heading: Option<usize>, numbered: bool) -> bool {
    let has = |words: &[&str]| {
        let headings = account.path(heading).map(|heading| heading.text.to_lowercase());
        headings.take(3).any(|heading| words.iter().any(|word| heading.contains(word)))
    };
    let timed = || {
        let named = |text: &str| offsets::find(text).is_some() || numbered::is_clock(text);
        account.path(heading).any(|heading| named(&heading.text))
    };
    !reads(account, heading) && (numbered || has(&PROCEDURES) || timed())
}

fn reads_as_step(account: &Account, step: &Step) -> Option<&'static str> {
    if step.groups || step.text.is_empty() {
        return None;
    }
    let named = reads(account, step.heading);
    let proposes: Option<Proposal> =
        step.spans.iter().find_map(|(_, text)| proposals::of_span(1, text)).filter(|_| !named);
    if !named && numbered::is_timed(&step.text) {
        return Some("a line of a timetable");
    }
    if step.numbered && !named {
        return Some(numbered::WITHOUT_BOX);
    }
    (proposes.is_some() || is_procedure(account, step.heading, false)).then_some("a step without a box")
}
