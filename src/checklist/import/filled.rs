//! The way back: the document with what was ticked, filled in and signed entered, and every other byte as it was.

use super::account::{Account, BoxState, Guessed, Kind, Live};
use super::source::Source;
use super::{ImportError, Templates, blanks, read};
use crate::checklist::span::Span;

/// Something to enter on a line of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Counted from 1.
    pub line: u32,
    /// What the line has to say for it to be the one that is meant.
    pub text: String,
    pub what: What,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    Ticked,
    /// What goes in the place of a blank, on one line.
    Value(String),
    /// Name and date go in the places of a sign-off's blanks; its box is ticked for a GO.
    Signed {
        name: String,
        date: String,
        go: bool,
    },
}

/// The document filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    pub bytes: Vec<u8>,
    /// How many entries found their place.
    pub entered: usize,
    /// The lines of those that did not: the document says something else there, or has no box or blank.
    pub left: Vec<u32>,
    /// Lines whose box was ticked in the document already and that nothing was entered for.
    pub ticked_before: Vec<u32>,
}

/// Enters what was done. `file` is the document's name, for messages.
///
/// # Errors
/// As [`read`].
pub fn fill(file: &str, bytes: &[u8], templates: Templates, entries: &[Entry]) -> Result<Filled, ImportError> {
    let account = read(file, bytes, templates)?;
    let source = Source::new(bytes);
    let mut edits: Vec<(Span, Vec<u8>)> = Vec::new();
    let (mut entered, mut left) = (0, Vec::new());
    for entry in entries {
        let done = match &entry.what {
            What::Ticked => tick(&account, entry).map(|edit| vec![edit]),
            What::Value(value) => value_of(&account, entry, value, &edits),
            What::Signed { name, date, go } => signed(&account, &source, entry, name, date, *go),
        };
        match done {
            Some(done) => {
                entered += 1;
                edits.extend(done);
            }
            None => left.push(entry.line),
        }
    }
    let entered_for = |live: &&Live| entries.iter().any(|entry| entry.line == live.line);
    let before = account.live.iter().filter(|live| live.state == BoxState::Checked && !entered_for(live));
    let ticked_before = before.map(|live| live.line).collect();
    edits.sort_by_key(|(span, _)| *span);
    edits.dedup_by_key(|(span, _)| *span);
    let mut filled = bytes.to_vec();
    for (span, text) in edits.into_iter().rev() {
        filled.splice(span.start..span.end, text);
    }
    Ok(Filled { bytes: filled, entered, left, ticked_before })
}

/// The mark between the brackets of a box. One that is ticked already stays as it is written.
fn mark(live: &Live) -> (Span, Vec<u8>) {
    let inside = Span { start: live.box_span.start + 1, end: live.box_span.end.saturating_sub(1) };
    match live.state {
        BoxState::Open => (inside, b"x".to_vec()),
        BoxState::Checked => (Span { start: inside.start, end: inside.start }, Vec::new()),
    }
}

fn tick(account: &Account, entry: &Entry) -> Option<(Span, Vec<u8>)> {
    let live = account.live.iter().find(|live| live.line == entry.line && live.text == entry.text)?;
    Some(mark(live))
}

fn value_of(account: &Account, entry: &Entry, value: &str, before: &[(Span, Vec<u8>)]) -> Option<Vec<(Span, Vec<u8>)>> {
    let live = account.live.iter().position(|live| live.line == entry.line && live.text == entry.text);
    let own = |blank: &&super::account::Blank| match live {
        Some(live) => blank.owner == Some(live),
        None => blank.line == entry.line && blank.label == entry.text,
    };
    // Blanks that say the same on one line are filled in one after the other.
    let free = |blank: &&super::account::Blank| before.iter().all(|(span, _)| *span != blank.span);
    let blank = account.values.iter().filter(own).find(free);
    let boxed = live.map(|live| mark(&account.live[live]));
    let filled = blank.map(|blank| (blank.span, value.as_bytes().to_vec()));
    // A box without a blank has no place for the value.
    filled.map(|filled| std::iter::once(filled).chain(boxed).collect())
}

fn signed(
    account: &Account,
    source: &Source,
    entry: &Entry,
    name: &str,
    date: &str,
    go: bool,
) -> Option<Vec<(Span, Vec<u8>)>> {
    let is_line = |live: &&Live| live.line == entry.line && live.kind == Kind::SignOff && live.role() == entry.text;
    let live = account.live.iter().find(is_line);
    let guess = account.guessed.iter().find(|guess| guess.line == entry.line && guess.what == Guessed::SignOff);
    let last = match (live, guess) {
        (Some(live), _) => {
            let next = account.live.iter().map(|live| live.line).filter(|line| *line > entry.line).min();
            let end = source.line(live.extent.end.saturating_sub(1));
            next.map_or(end, |next| end.min(next - 1))
        }
        (None, Some(guess)) if blanks::title(&guess.text) == entry.text => entry.line,
        (None, _) => return None,
    };
    let mut edits: Vec<(Span, Vec<u8>)> = live.filter(|_| go).map(mark).into_iter().collect();
    let (mut named, mut dated) = (false, false);
    for (_, start, text) in source.lines().filter(|(line, ..)| (entry.line..=last).contains(line)) {
        for blank in blanks::find(text) {
            let (done, put) = match (asks_for_date(&blank.label), asks_for_hand(&blank.label)) {
                (true, _) => (&mut dated, date),
                (false, false) => (&mut named, name),
                (false, true) => continue,
            };
            if !std::mem::replace(done, true) {
                let span = source.span(start + blank.range.start, start + blank.range.end);
                edits.push((span, put.as_bytes().to_vec()));
            }
        }
    }
    (!edits.is_empty()).then_some(edits)
}

fn asks_for_date(label: &str) -> bool {
    let label = label.to_lowercase();
    ["date", "datum", "fecha", "日付", "日期", "날짜"].iter().any(|word| label.contains(word))
}

/// What only a pen can fill in.
fn asks_for_hand(label: &str) -> bool {
    let label = label.to_lowercase();
    ["signature", "unterschrift", "firma", "署名", "签名", "서명"].iter().any(|word| label.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "\u{feff}# Deploy\r\n\r\n- [ ] First *step*\r\n- [x] Done before\r\n- [ ] Time: ___ ms, rows: ____\r\n\
        - [ ] QA Lead: ________ Date: ____-__-__\r\n- [ ] Ops: ______\r\n      Date: ______\r\n";

    fn entry(line: u32, text: &str, what: What) -> Entry {
        Entry { line, text: text.to_owned(), what }
    }

    fn signed(line: u32, text: &str, go: bool) -> Entry {
        entry(line, text, What::Signed { name: "Kim".into(), date: "2026-11-27".into(), go })
    }

    #[test]
    fn boxes_blanks_names_and_dates_are_entered_and_nothing_else_changes() {
        let entries = [entry(3, "First step", What::Ticked), signed(6, "QA Lead", true), signed(7, "Ops", false)];
        let filled = fill("d.md", DOCUMENT.as_bytes(), Templates::Closed, &entries).unwrap();
        let expected = DOCUMENT
            .replace("[ ] First", "[x] First")
            .replace("[ ] QA Lead: ________ Date: ____-__-__", "[x] QA Lead: Kim Date: 2026-11-27")
            .replace("Ops: ______\r\n      Date: ______", "Ops: Kim\r\n      Date: 2026-11-27");
        assert_eq!(String::from_utf8(filled.bytes).unwrap(), expected);
        assert_eq!((filled.entered, filled.left, filled.ticked_before), (3, vec![], vec![4]));
    }

    #[test]
    fn a_line_that_says_something_else_is_left_alone() {
        let entries = [entry(3, "Another step", What::Ticked), entry(99, "First step", What::Ticked)];
        let filled = fill("d.md", DOCUMENT.as_bytes(), Templates::Closed, &entries).unwrap();
        assert_eq!(filled.bytes, DOCUMENT.as_bytes());
        assert_eq!((filled.entered, filled.left), (0, vec![3, 99]));
    }
}
