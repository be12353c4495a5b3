//! Longer than 400 lines because its tests are beside what they test.
//!
//! The way out: the document with what was ticked, filled in and signed entered, and every other byte as it was.

mod already;

use super::account::{Account, Blank, BoxState, Fill, Guess, Guessed, Kind, Live, Part, Tick};
use super::source::Source;
use super::{ImportError, Templates, blanks, read, write::is_written};
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
    /// The lines of those that did not: the document says something else there, or has no place for it.
    pub left: Vec<u32>,
    /// Those among them that say what was meant and have no box, blank or cell for it.
    pub placeless: Vec<u32>,
    /// Lines whose box was ticked in the document already and that nothing was entered for.
    pub ticked_before: Vec<u32>,
}

/// Enters what was done. `file` is the document's name, for messages.
pub fn fill(file: &str, bytes: &[u8], templates: Templates, entries: &[Entry]) -> Result<Filled, ImportError> {
    let account = read(file, bytes, templates)?;
    let source = Source::new(bytes);
    let mut edits: Vec<Edit> = Vec::new();
    let (mut entered, mut left, mut placeless) = (0, Vec::new(), Vec::new());
    for entry in entries {
        let done = match &entry.what {
            What::Ticked => tick(&account, entry),
            What::Value(value) => value_of(&account, &source, entry, value, &edits)
                .or_else(|why| if already::valued(file, bytes, templates, entry) { Ok(Vec::new()) } else { Err(why) }),
            What::Signed { name, date, go } => already::signed(&source, &account.live, entry)
                .map_or_else(|| signed(&account, &source, entry, name, date, *go), Ok),
        };
        match done {
            Ok(done) => {
                entered += 1;
                edits.extend(done);
            }
            Err(why) => {
                left.push(entry.line);
                placeless.extend((why == Why::NoPlace).then_some(entry.line));
            }
        }
    }
    let entered_for = |live: &&Live| entries.iter().any(|entry| entry.line == live.line);
    let before = account.live.iter().filter(|live| live.state == BoxState::Checked && !entered_for(live));
    let ticked_before = before.map(|live| live.line).collect();
    Ok(Filled { bytes: apply(bytes, edits), entered, left, placeless, ticked_before })
}

type Edit = (Span, Vec<u8>);

fn apply(bytes: &[u8], mut edits: Vec<Edit>) -> Vec<u8> {
    edits.sort_by_key(|(span, _)| *span);
    edits.dedup_by_key(|(span, _)| *span);
    let mut filled = bytes.to_vec();
    let mut untouched = bytes.len();
    for (span, text) in edits.into_iter().rev().filter(|(span, _)| span.start <= span.end) {
        // No place is written twice.
        if span.end <= untouched {
            filled.splice(span.start..span.end, text);
            untouched = span.start;
        }
    }
    filled
}

/// Why nothing could be entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    SaysOtherwise,
    NoPlace,
}

/// The mark between the brackets of a box. One that is ticked already stays as it is written.
fn mark(live: &Live) -> Edit {
    let inside = Span { start: live.box_span.start + 1, end: live.box_span.end.saturating_sub(1) };
    match live.state {
        BoxState::Open => (inside, b"x".to_vec()),
        BoxState::Checked => (Span { start: inside.start, end: inside.start }, Vec::new()),
    }
}

fn ticked(tick: &Tick) -> Edit {
    (tick.span, tick.text.clone().into_bytes())
}

/// Whether a task item is the one that an entry means.
fn is_meant(live: &Live, entry: &Entry) -> bool {
    live.line == entry.line && (is_written(&live.title, &entry.text) || is_written(&live.text, &entry.text))
}

fn tick(account: &Account, entry: &Entry) -> Result<Vec<Edit>, Why> {
    if let Some(live) = account.live.iter().find(|live| is_meant(live, entry)) {
        return Ok(vec![mark(live)]);
    }
    let said = |guess: &&Guess| guess.line == entry.line && is_written(&guess.text, &entry.text);
    let guess = account.guessed.iter().filter(|guess| matches!(guess.what, Guessed::Item(_))).find(said);
    let guess = guess.ok_or(Why::SaysOtherwise)?;
    guess.tick.as_ref().map(|tick| vec![ticked(tick)]).ok_or(Why::NoPlace)
}

fn value_of(account: &Account, source: &Source, entry: &Entry, value: &str, before: &[Edit]) -> Result<Vec<Edit>, Why> {
    let live = account.live.iter().position(|live| is_meant(live, entry));
    let own = |blank: &&Blank| match live {
        Some(live) => blank.owner == Some(live),
        None => blank.line == entry.line && is_written(&blank.label, &entry.text),
    };
    // Blanks that say the same on one line are filled in one after the other.
    let free = |blank: &&Blank| before.iter().all(|(span, _)| *span != place(blank).unwrap_or(blank.span));
    let blank = account.values.iter().filter(own).find(free);
    // A box without a blank has no place for the value.
    let blank = blank.ok_or(if live.is_some() { Why::NoPlace } else { Why::SaysOtherwise })?;
    let mut edits = entered(source, blank, value).ok_or(Why::NoPlace)?;
    let boxed = live.map(|live| mark(&account.live[live]));
    // The task's own box may be that of an answer.
    let own =
        boxed.filter(|(inside, _)| edits.iter().all(|(span, _)| inside.end <= span.start || inside.start >= span.end));
    edits.extend(own);
    edits.extend(blank.tick.as_ref().map(ticked));
    Ok(edits)
}

/// The place that the answer to a blank is written at, where that is one place.
fn place(blank: &Blank) -> Option<Span> {
    match &blank.fill {
        Fill::InPlace | Fill::Cell => Some(blank.span),
        Fill::Behind => Some(Span { start: blank.span.end, end: blank.span.end }),
        Fill::Boxes(boxes) => boxes.first().map(|first| first.span),
    }
}

fn entered(source: &Source, blank: &Blank, value: &str) -> Option<Vec<Edit>> {
    let line = source.line_at(blank.line).map_or("", |(_, text)| text);
    let text = plain(value, line);
    let at = place(blank)?;
    Some(match &blank.fill {
        Fill::InPlace => vec![(at, text.into_bytes())],
        Fill::Behind => vec![(at, format!(" {text}").into_bytes())],
        Fill::Cell => vec![(at, format!(" {text} ").into_bytes())],
        Fill::Boxes(boxes) => {
            let same = |choice: &String| choice.trim().to_lowercase() == value.trim().to_lowercase();
            let chosen = blank.choices.iter().position(same).filter(|chosen| *chosen < boxes.len())?;
            // No other answer stays ticked beside it.
            let boxes = boxes.iter().enumerate();
            let mark = |(index, answer): (usize, &super::account::Answer)| {
                (answer.span, if index == chosen { answer.ticked.clone() } else { answer.open.clone() }.into_bytes())
            };
            boxes.map(mark).collect()
        }
    })
}

/// A text as it is in a line of the document: on one line, nothing in it is markup, and in a row it ends no cell.
fn plain(text: &str, line: &str) -> String {
    let row = line.trim_start_matches([' ', '\t', '>']).starts_with('|');
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    for c in text.trim().chars() {
        match c {
            '|' if row => out.push_str("\\|"),
            '`' | '*' | '<' | '[' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '_' if !before.is_alphanumeric() => out.push_str("\\_"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
        before = c;
    }
    out
}

fn signed(
    account: &Account,
    source: &Source,
    entry: &Entry,
    name: &str,
    date: &str,
    go: bool,
) -> Result<Vec<Edit>, Why> {
    let is_line = |live: &&Live| live.line == entry.line && live.kind == Kind::SignOff && live.role() == entry.text;
    let live = account.live.iter().find(is_line);
    let said = |guess: &&Guess| guess.what == Guessed::SignOff && blanks::title(&guess.text) == entry.text;
    let guess = account.guessed.iter().filter(|guess| guess.line == entry.line).find(said);
    let last = match (live, guess) {
        (Some(live), _) => {
            let next = account.live.iter().map(|live| live.line).filter(|line| *line > entry.line).min();
            let end = source.line(live.extent.end.saturating_sub(1));
            next.map_or(end, |next| end.min(next - 1))
        }
        (None, Some(guess)) if !guess.parts.is_empty() => return Ok(in_row(source, guess, name, date, go)),
        (None, Some(_)) => entry.line,
        (None, None) => return Err(Why::SaysOtherwise),
    };
    let (mut named, mut dated, mut by_hand) = (None, None, None);
    let mut blank = false;
    for (_, start, text) in source.lines().filter(|(line, ..)| (entry.line..=last).contains(line)) {
        for found in blanks::find(text) {
            blank = true;
            let span = source.span(start + found.range.start, start + found.range.end);
            let place = match (asks_for_date(&found.label), asks_for_hand(&found.label)) {
                (true, _) => &mut dated,
                (false, false) => &mut named,
                (false, true) => &mut by_hand,
            };
            place.get_or_insert(span);
        }
    }
    let (start, raw) = source.line_at(entry.line).unwrap_or_default();
    let mut edits: Vec<Edit> = live.filter(|_| go).map(mark).into_iter().collect();
    if !blank {
        // Nothing but a role: who signed stands behind it.
        let end = raw.trim_end().len();
        let joint = if raw[..end].ends_with([':', '：']) { "" } else { ":" };
        let at = source.span(start + end, start + end);
        edits.push((at, format!("{joint} {}, {date}", plain(name, raw)).into_bytes()));
        return Ok(edits);
    }
    // Where nothing else asks for a name, it stands where a pen would write it.
    edits.extend(named.or(by_hand).map(|span| (span, plain(name, raw).into_bytes())));
    edits.extend(dated.map(|span| (span, date.as_bytes().to_vec())));
    if edits.is_empty() { Err(Why::NoPlace) } else { Ok(edits) }
}

/// Name, date and decision in the open cells of a row.
fn in_row(source: &Source, guess: &Guess, name: &str, date: &str, go: bool) -> Vec<Edit> {
    let line = source.line_at(guess.line).map_or("", |(_, text)| text);
    let at = |part: Part| guess.parts.iter().find(|(_, own)| *own == part).map(|(span, _)| *span);
    let (who, word) = match name.rsplit_once(" (") {
        Some((who, word)) if !go => (who, word.trim_end_matches(')')),
        _ => (name, if go { "GO" } else { "NO-GO" }),
    };
    let decision = at(Part::Decision);
    let name = if decision.is_some() { who } else { name };
    let places = [(at(Part::Name).or_else(|| at(Part::Signature)), name), (at(Part::Date), date), (decision, word)];
    let filled = places.into_iter().filter_map(|(span, text)| Some((span?, text)));
    filled.map(|(span, text)| (span, format!(" {} ", plain(text, line)).into_bytes())).collect()
}

fn asks_for_date(label: &str) -> bool {
    let label = label.to_lowercase();
    ["date", "datum", "fecha", "дата", "日付", "日期", "날짜"].iter().any(|word| label.contains(word))
        || label.trim_end().ends_with(" on")
        || label.trim() == "on"
}

/// What only a pen can fill in.
fn asks_for_hand(label: &str) -> bool {
    let label = label.to_lowercase();
    ["signature", "unterschrift", "firma", "подпись", "署名", "签名", "서명"].iter().any(|word| label.contains(word))
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
        assert_eq!((filled.entered, filled.left, filled.placeless), (0, vec![3, 99], vec![]));
    }

    /// A document with some entries, and what becomes of it.
    fn becomes(document: &str, entries: &[Entry]) -> String {
        let filled = fill("d.md", document.as_bytes(), Templates::Closed, entries).unwrap();
        assert_eq!((filled.entered, filled.left), (entries.len(), vec![]), "{document}");
        String::from_utf8(filled.bytes).unwrap()
    }

    #[test]
    fn entering_the_same_once_more_changes_nothing() {
        let document = DOCUMENT.to_owned()
            + "- [ ] SRE\r\n\r\nBuild: ____\r\n\r\n- Start time:\r\n\r\n| T | Before |\r\n|---|---|\r\n| a | |\r\n";
        let value = |line, label: &str, value: &str| entry(line, label, What::Value(value.into()));
        let entries = [
            entry(3, "First step", What::Ticked),
            signed(6, "QA Lead", true),
            signed(7, "Ops", false),
            value(11, "Build", "a_1 *b*"),
            value(13, "Start time", "02:00"),
            value(17, "a: Before", "A|B"),
        ];
        let once = becomes(&document, &entries);
        assert!(
            once.contains("Build: a_1 \\*b\\*") && once.contains("Start time: 02:00") && once.contains("| a | A\\|B |"),
            "{once}"
        );
        assert_eq!(becomes(&once, &entries), once);
        // Somebody else's value is no value of ours.
        let other = fill("d.md", once.as_bytes(), Templates::Closed, &[value(13, "Start time", "03:00")]).unwrap();
        assert_eq!((other.entered, other.left, other.bytes == once.as_bytes()), (0, vec![13], true));
    }

    #[test]
    fn the_answers_own_box_is_ticked_and_no_other() {
        let chosen = |text: &str, label: &str, value: &str| {
            let line = u32::try_from(text.lines().count()).unwrap();
            becomes(&format!("{text}\n"), &[entry(line, label, What::Value(value.into()))])
        };
        for (text, label, value, wanted) in [
            ("Call: ☐ GO ☐ NO-GO", "Call (GO / NO-GO)", "NO-GO", "Call: ☐ GO ☑ NO-GO"),
            ("Call: ☑ GO ☐ NO-GO", "Call (GO / NO-GO)", "NO-GO", "Call: ☐ GO ☑ NO-GO"),
            ("Well? Yes ☐ No ☐", "Well (Yes / No)", "Yes", "Well? Yes ☑ No ☐"),
            ("Well: ( ) yes (x) no", "Well (yes / no)", "yes", "Well: (x) yes ( ) no"),
            ("Well: [ ] yes [x] no", "Well (yes / no)", "yes", "Well: [x] yes [ ] no"),
            ("Well: ○ pass ○ fail", "Well (pass / fail)", "fail", "Well: ○ pass ● fail"),
            ("- [ ] Call: ⬜ GO ⬜ NO-GO", "Call: ⬜ GO ⬜ NO-GO", "GO", "- [x] Call: ✅ GO ⬜ NO-GO"),
            ("- [ ] yes [ ] no", "yes [ ] no", "no", "- [ ] yes [x] no"),
            ("Call: GO / NO-GO (circle one)", "Call (GO / NO-GO)", "NO-GO", "Call: NO-GO (circle one)"),
            (
                "| T | Yes | No |\n|---|---|---|\n| a | ☐ | ☐ |",
                "a (Yes / No)",
                "No",
                "| T | Yes | No |\n|---|---|---|\n| a | ☐ | ☑ |",
            ),
        ] {
            assert_eq!(chosen(text, label, value).trim_end(), wanted, "{text}");
        }
        let below = becomes("# Call\n\n☐ GO\n☐ NO-GO\n", &[entry(3, "Call (GO / NO-GO)", What::Value("NO-GO".into()))]);
        assert_eq!(below, "# Call\n\n☐ GO\n☑ NO-GO\n");
    }

    #[test]
    fn guessed_boxes_and_states_are_ticked_in_their_own_manner() {
        let table = "| Step | Done |\n|---|---|\n| a | [ ] |\n\n| Step | Owner | Status |\n|---|---|---|\n| b | Kim | 🔲 To do |\n| c | Kim | |\n";
        let entries = [entry(3, "a", What::Ticked), entry(7, "b", What::Ticked), entry(8, "c", What::Ticked)];
        let wanted = table.replace("[ ]", "[x]").replace("🔲 To do", "✅ Done").replace("Kim | |", "Kim | Done |");
        assert_eq!(becomes(table, &entries), wanted);
        let text = "☐ a\n\n- \\[ \\] b\n\nTODO c\n\n:white_large_square: d\n\n<input type=\"checkbox\"> e\n";
        let entries = ["a", "b", "c", "d", "e"].iter().zip([1, 3, 5, 7, 9]);
        let entries: Vec<Entry> = entries.map(|(text, line)| entry(line, text, What::Ticked)).collect();
        let wanted = "☑ a\n\n- \\[x\\] b\n\nDONE c\n\n:white_check_mark: d\n\n<input type=\"checkbox\" checked> e\n";
        assert_eq!(becomes(text, &entries), wanted);
        let none = fill("d.md", b"## Steps\n1. a\n", Templates::Closed, &[entry(2, "a", What::Ticked)]).unwrap();
        assert_eq!((none.entered, none.left, none.placeless), (0, vec![2], vec![2]));
    }

    #[test]
    fn those_who_signed_are_in_their_cells() {
        let rows = "| Role | Name | Signature | Date |\n|---|---|---|---|\n| QA | | | |\n| Ops | ____ | | [Date] |\n";
        let done = becomes(rows, &[signed(3, "QA", true), signed(4, "Ops", true)]);
        assert_eq!(
            done,
            rows.replace("| QA | | | |", "| QA | Kim | | 2026-11-27 |")
                .replace("| ____ | | [Date] |", "| Kim | | 2026-11-27 |")
        );
        let decided = "| Role | Name | Decision | Date |\n|---|---|---|---|\n| QA | | | |\n";
        let no = What::Signed { name: "Kim (NO-GO)".into(), date: "2026-11-27".into(), go: false };
        assert_eq!(becomes(decided, &[entry(3, "QA", no)]), decided.replace("| | | |", "| Kim | NO-GO | 2026-11-27 |"));
        let lines =
            "## Approvals\n\n- [ ] QA Lead\n- Ops:\n- [ ] SRE [Signature] [Date]\n\n**CTO:** [Signature] [Date]\n";
        let signers =
            [signed(3, "QA Lead", true), signed(4, "Ops", true), signed(5, "SRE", true), signed(7, "CTO", true)];
        let wanted = "## Approvals\n\n- [x] QA Lead: Kim, 2026-11-27\n- Ops: Kim, 2026-11-27\n- [x] SRE Kim 2026-11-27\n\n**CTO:** Kim 2026-11-27\n";
        assert_eq!(becomes(lines, &signers), wanted);
    }

    #[test]
    fn values_are_written_as_they_were_typed() {
        let text = "# F\n\nBuild: ____\n\n- Start time:\n\n| T | Before |\n|---|---|\n| a | |\n\n⬜ Size: ____ GB\n";
        let value = |line, label: &str, value: &str| entry(line, label, What::Value(value.into()));
        let entries = [
            value(3, "Build", "https://ci.example/x_1?a|b"),
            value(5, "Start time", "02:00 *sharp*"),
            value(9, "a: Before", "A|B"),
            value(11, "Size", "4"),
        ];
        let wanted = text
            .replace("Build: ____", "Build: https://ci.example/x_1?a|b")
            .replace("Start time:", "Start time: 02:00 \\*sharp\\*")
            .replace("| a | |", "| a | A\\|B |")
            .replace("⬜ Size: ____ GB", "✅ Size: 4 GB");
        assert_eq!(becomes(text, &entries), wanted);
    }
}
