//! No word of a line that is taken over is lost: what its items say nowhere is in the note of the first of them.

use super::account::{Account, Guess, Guessed, Kind, Live};
use super::source::Source;
use super::{blanks, boxes, inline};
use std::collections::{HashMap, HashSet};

/// Words that only mark a task, or name what is written beside a signature.
const MARKS: &str = "x|todo|done|doing|next|waiting|started|white|check|mark|large|medium|small|square|button|black|hourglass|heavy|ballot|box|\
    with|circle|choose|select|pick|tick|one|nbsp|br|tr|td|th|li|ul|ol";
const SIGNED: &str = "signature|sign|signed|date|datum|fecha|data|дата|name|time|here|initials|unterschrift|firma|on|your|full|print|yyyy|mm|dd";

/// Adds to notes what the lines say and their items do not.
pub(super) fn keep(source: &Source, account: &mut Account) {
    let mut said: HashMap<u32, HashSet<String>> = HashMap::new();
    let mut say = |line: u32, texts: &[&str]| {
        let words = said.entry(line).or_default();
        words.extend(texts.iter().flat_map(|text| parted(text)));
    };
    for guess in &account.guessed {
        for line in std::iter::once(&guess.line).chain(&guess.more) {
            say(*line, &[&guess.text]);
            guess.notes.iter().for_each(|note| say(*line, &[note]));
            guess.proposals.iter().for_each(|proposal| say(*line, &[&proposal.text]));
        }
    }
    for blank in &account.values {
        say(
            blank.line,
            &[&blank.label, blank.unit.as_deref().unwrap_or_default(), blank.note.as_deref().unwrap_or_default()],
        );
        blank.choices.iter().for_each(|choice| say(blank.line, &[choice]));
        blank.proposals.iter().for_each(|proposal| say(blank.line, &[&proposal.text]));
    }
    let headed: HashSet<u32> = account.headings.iter().map(|heading| heading.line).collect();
    let missing = |line: u32, extra: &str| -> Option<String> {
        let text = source.line_at(line).map(|(_, text)| text).filter(|_| !headed.contains(&line))?;
        let full = full(text)?;
        let known = said.get(&line)?;
        let ignored = |word: &String| MARKS.split('|').chain(extra.split('|')).any(|mark| mark == word);
        // Numbers that a line begins with only count it.
        let counts = |word: &String| word.chars().all(|c| c.is_ascii_digit());
        let lost = parted(&full).skip_while(counts).any(|word| !known.contains(&word) && !ignored(&word));
        lost.then(|| format!("In full: {full}"))
    };
    let mut reported: HashSet<u32> = HashSet::new();
    for guess in account.guessed.iter_mut().filter(|guess| guess.what != Guessed::Heading) {
        let extra = if guess.what == Guessed::SignOff { SIGNED } else { "" };
        let found = missing(guess.line, extra).filter(|_| reported.insert(guess.line));
        guess.notes.extend(found);
    }
    for blank in account.values.iter_mut().filter(|blank| blank.owner.is_none()) {
        if let Some(note) = missing(blank.line, "").filter(|_| reported.insert(blank.line)) {
            blank.add_note(&note);
        }
    }
}

/// What a task that is signed says beside its role, for the reader of the checklist.
pub(super) fn beside_role(live: &Live) -> Vec<String> {
    let known: HashSet<String> = parted(&live.role()).collect();
    let ignored = |word: &String| SIGNED.split('|').any(|mark| mark == word);
    let lost = parted(&live.text).any(|word| !known.contains(&word) && !ignored(&word));
    let full = lost.then(|| format!("In full: {}", live.text));
    let links = live.links.iter().map(|link| format!("Link: {link}"));
    let proposals = live.proposals.iter().map(|proposal| format!("Command: {}", proposal.text));
    full.into_iter().chain(live.notes.iter().cloned()).chain(links).chain(proposals).collect()
}

/// What a line to sign says beside its role.
pub(super) fn beside_guess(guess: &Guess) -> Vec<String> {
    guess.notes.clone()
}

/// Whether the account has anything below or beside a line to sign, which a sign-off has no note for.
pub(super) fn beside_signoffs(account: &Account) -> Vec<(u32, String)> {
    let live = account.live.iter().filter(|live| live.kind == Kind::SignOff);
    let live = live.flat_map(|live| beside_role(live).into_iter().map(|text| (live.line, text)));
    let guessed = account.guessed.iter().filter(|guess| guess.what == Guessed::SignOff);
    let guessed = guessed.flat_map(|guess| beside_guess(guess).into_iter().map(|text| (guess.line, text)));
    let mut all: Vec<(u32, String)> = live.chain(guessed).collect();
    all.sort();
    all
}

/// What a line says, without its box and the markers before it; none of a fence.
fn full(text: &str) -> Option<String> {
    let bare = text.trim_start_matches([' ', '\t', '>']);
    if bare.starts_with("```") || bare.starts_with("~~~") {
        return None;
    }
    let start = boxes::leading(text).map_or_else(|| blanks::text_start(text), |boxed| boxed.end).min(text.len());
    let (shown, links) = inline::read(&text[start..]);
    let links = links.into_iter().map(|link| format!(" {link}"));
    let text = std::iter::once(shown.trim_matches(['|', ' ']).to_owned()).chain(links).collect::<String>();
    (!text.is_empty()).then_some(text)
}

fn parted(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}
