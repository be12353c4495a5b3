//! What holds of any document.

use super::HARBOUR;
use gonogo::checklist::Check;
use gonogo::checklist::import::account::{BoxState, Guessed, Kind};
use gonogo::checklist::import::filled::{Entry, What, fill};
use gonogo::checklist::import::{self, Guesses, Templates};
use gonogo::checklist::lint::lint;
use proptest::prelude::*;
use std::fmt::Write as _;

/// Lines that documents are made of, whole and broken.
const PIECES: [&str; 56] = [
    "☐ GO ",
    "[ ] no ",
    "- Notes:\n",
    "Step 2: ",
    "a) ",
    "* TODO ",
    ": ......",
    "( ) yes ( ) no",
    "| Step | Owner | Yes | No |\n",
    "psql -c \"DROP TABLE a\" | ssh b 'rm $(c'",
    "T-1h30m",
    "Approved by:\n",
    "- [ ] ",
    "- [x] ",
    "  - [ ] ",
    "    - [X] ",
    "1. [ ] ",
    "> - [ ] ",
    "- - [ ] ",
    "* [] ",
    "[ ] ",
    "a. [x] ",
    "- ",
    "  ",
    "\t",
    "# ",
    "## ",
    "### 1. [ ] ",
    "**Bold**",
    "Lead-in:",
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    "```sql\n",
    "```\n",
    "~~~",
    "<!-- ",
    " -->",
    "---\n",
    "title: x\n",
    "| a | [ ] |\n",
    "|---|---|\n",
    "☐ ",
    "\\[ \\] ",
    "time: ___ ms",
    "QA Lead: ____ Date: ____",
    "Issue: ____",
    "same words",
    "백업",
    "`rm -rf <dir>`",
    "postgres://u:pw@h/d",
    "(T-10 minutes)",
    "\"\"\"",
    "\u{0}\u{1b}",
    "\\",
];

fn documents() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        12 => prop::sample::select(&PIECES[..]).prop_map(|piece| piece.as_bytes().to_vec()),
        2 => "[a-z \"\\\\]{0,8}".prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// Reads a document in every way there is; a panic here is what the test looks for.
fn hold(bytes: &[u8]) -> Result<(), TestCaseError> {
    for templates in [Templates::Closed, Templates::Opened] {
        let Ok(account) = import::read("any.md", bytes, templates) else { continue };
        // Every line that is not blank has exactly one owner.
        let text = String::from_utf8_lossy(bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes)).into_owned();
        let lines = text.replace("\r\n", "\n").replace('\r', "\n");
        let wanted: Vec<usize> =
            lines.split('\n').enumerate().filter(|(_, line)| !line.trim().is_empty()).map(|(at, _)| at + 1).collect();
        let owned: Vec<usize> = account.lines.iter().map(|(line, _)| *line as usize).collect();
        // Fences that were opened are lines no more.
        if templates == Templates::Closed {
            prop_assert_eq!(owned, wanted);
        }
        let mut last = 0;
        for live in &account.live {
            prop_assert_eq!(bytes.get(live.box_span.start), Some(&b'['));
            prop_assert_eq!(live.box_span.end, live.box_span.start + 3);
            prop_assert!(live.box_span.start >= last, "the items are out of order");
            last = live.box_span.end;
        }
        for blank in &account.values {
            let shown = String::from_utf8_lossy(&bytes[blank.span.start..blank.span.end]);
            prop_assert!(shown.contains(['_', '[', '(', '.', '…', ':', '*', '☐', '☑', '○', '●']), "{shown}");
        }
        for guesses in [Guesses::Apart, Guesses::Taken] {
            let Ok(toml) = import::checklist(&account, guesses) else { continue };
            let (checklist, problems) = lint("any.toml", &toml);
            let reported: String = problems.iter().map(ToString::to_string).collect();
            prop_assert!(problems.is_empty(), "{}\n{}", reported, toml);
            let checklist = checklist.ok_or_else(|| TestCaseError::fail("nothing was read back"))?;
            let items = account.live.iter().filter(|live| matches!(live.kind, Kind::Item | Kind::Value));
            let mut wanted: Vec<u32> = items.map(|live| live.line).collect();
            if guesses == Guesses::Taken {
                let guessed = account.guessed.iter().filter(|guess| matches!(guess.what, Guessed::Item(_)));
                wanted.extend(guessed.map(|guess| guess.line));
            }
            wanted.sort_unstable();
            let mut lines: Vec<u32> = checklist.items().map(|item| item.seed_lines[0]).collect();
            lines.sort_unstable();
            for line in &wanted {
                // Blanks are items as well, so that more lines than those wanted may stand there.
                let count = |lines: &[u32]| lines.iter().filter(|other| *other == line).count();
                prop_assert!(count(&lines) >= count(&wanted), "line {} was lost in\n{}", line, toml);
            }
            // The same document gives the same checklist.
            prop_assert_eq!(&toml, &import::checklist(&account, guesses).unwrap_or_default());
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_document_gives_an_account_and_a_clean_checklist(bytes in documents()) {
        hold(&bytes)?;
    }

    #[test]
    fn any_bytes_give_an_account_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        hold(&bytes)?;
    }
}

#[test]
fn a_heading_mark_without_a_heading_is_no_place_for_an_answer() {
    for document in ["☐ GO \n- Notes:\n  # ", "- Notes:\n  #\n", "- **Notes:**\n  ## \r\n"] {
        hold(document.as_bytes()).unwrap();
        let account = import::read("any.md", document.as_bytes(), Templates::Closed).unwrap();
        let line = u32::try_from(document[..document.find("Notes").unwrap()].lines().count().max(1)).unwrap();
        let entry = Entry { line, text: "Notes".into(), what: What::Value("fine".into()) };
        let filled = fill("any.md", document.as_bytes(), Templates::Closed, &[entry]).unwrap();
        assert_eq!(filled.left, [0_u32; 0], "{document} {account:?}");
        let wanted = document.replace("Notes:**", "Notes:** fine").replace("Notes:\n", "Notes: fine\n");
        assert_eq!(String::from_utf8(filled.bytes).unwrap(), wanted);
    }
}

/// A part of a document with one thing in it to do, and the same with that done. `§` stands for its title, `¤` for a value.
const BLOCKS: [(&str, &str); 19] = [
    ("- [ ] §", "- [x] §"),
    ("* [ ] §", "* [x] §"),
    ("+ [ ] §", "+ [x] §"),
    ("1. [ ] §", "1. [x] §"),
    ("> - [ ] §", "> - [x] §"),
    ("- outer\n  - [ ] §", "- outer\n  - [x] §"),
    ("- [ ] **§** with `code` | and a bar", "- [x] **§** with `code` | and a bar"),
    ("☐ §", "☑ §"),
    ("⬜ §", "✅ §"),
    ("- \\[ \\] §", "- \\[x\\] §"),
    (":white_large_square: §", ":white_check_mark: §"),
    ("<input type=\"checkbox\"> §", "<input type=\"checkbox\" checked> §"),
    ("| Step | Done |\n|---|---|\n| § | [ ] |", "| Step | Done |\n|---|---|\n| § | [x] |"),
    (
        "| Step | Owner | Status |\n|---|---|---|\n| § | Kim | 🔲 To do |",
        "| Step | Owner | Status |\n|---|---|---|\n| § | Kim | ✅ Done |",
    ),
    ("§: ____", "§: ¤"),
    ("- [ ] §: ____ ms", "- [x] §: ¤ ms"),
    ("- §:", "- §: ¤"),
    ("| What | Before |\n|---|---|\n| § | |", "| What | Before |\n|---|---|\n| § | ¤ |"),
    ("- [ ] §\r\n  a note below", "- [x] §\r\n  a note below"),
];

/// What is in documents and nothing to do.
const PROSE: [&str; 5] = [
    "Some words that nobody ticks.",
    "```text\n- [ ] not a task\n```",
    "<!-- - [ ] nor this -->",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "---",
];

proptest! {
    /// A document that this test made: as it is handed out, and as it comes back with some of it done. What the importer
    /// makes of it is entered as `gonogo export` does, by the lines that the checklist names.
    #[test]
    fn a_document_comes_back_with_nothing_but_boxes_and_blanks_changed(
        parts in prop::collection::vec((0..BLOCKS.len(), 0..PROSE.len(), any::<bool>(), any::<bool>()), 1..12),
        ends in prop::sample::select(vec!["\n", "\r\n"]),
        last in any::<bool>(),
        marked in any::<bool>(),
    ) {
        let title = |at: usize| format!("Alpha{at} beta");
        let value = |at: usize| format!("v{at}x");
        // Where there is nothing but blanks there is nothing to run.
        let mut before = format!("{}# Runbook\n\n- [ ] Begin\n", if marked { "\u{feff}" } else { "" });
        let mut after = before.clone();
        for (at, (block, prose, has_prose, done)) in parts.iter().enumerate() {
            let (open, ticked) = BLOCKS[*block];
            let put = |text: &str| text.replace('§', &title(at)).replace('¤', &value(at));
            // A heading keeps what belongs to one part from the next.
            let heading = format!("\n## Part {at}\n\n");
            let prose = if *has_prose { format!("{}\n\n", PROSE[*prose]) } else { String::new() };
            let open = put(open);
            writeln!(before, "{heading}{prose}{open}").unwrap();
            writeln!(after, "{heading}{prose}{}", if *done { put(ticked) } else { open }).unwrap();
        }
        let ended = |text: String| {
            let text = text.replace("\r\n", "\n").replace('\n', ends);
            if last { text } else { text.trim_end_matches(ends).to_owned() }
        };
        let (before, after) = (ended(before), ended(after));
        let account = import::read("own.md", before.as_bytes(), Templates::Closed).unwrap();
        let toml = import::checklist(&account, Guesses::Taken).unwrap();
        let (checklist, problems) = lint("own.toml", &toml);
        prop_assert!(problems.is_empty(), "{}", toml);
        let checklist = checklist.unwrap();
        let mut entries = Vec::new();
        for (at, part) in parts.iter().enumerate().filter(|(_, part)| part.3) {
            let item = checklist.items().find(|item| item.title.contains(&title(at)));
            let Some(item) = item else { return Err(TestCaseError::fail(format!("{part:?} is not in\n{toml}"))) };
            let what = if matches!(item.check, Check::Value(_)) { What::Value(value(at)) } else { What::Ticked };
            entries.push(Entry { line: item.seed_lines[0], text: item.title.clone(), what });
        }
        let filled = fill("own.md", before.as_bytes(), Templates::Closed, &entries).unwrap();
        prop_assert_eq!(&filled.left, &Vec::<u32>::new());
        prop_assert_eq!(String::from_utf8(filled.bytes.clone()).unwrap(), &*after);
        // Handed in once more it says all of it already.
        let again = fill("own.md", after.as_bytes(), Templates::Closed, &entries).unwrap();
        prop_assert_eq!((again.entered, again.left), (entries.len(), Vec::new()));
        prop_assert_eq!(String::from_utf8(again.bytes).unwrap(), after);
    }
}

/// Documents as people write them, and any at all.
fn tickable() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![2 => Just(HARBOUR.as_bytes().to_vec()), 3 => documents()]
}

proptest! {
    #[test]
    fn a_document_filled_in_differs_in_the_boxes_that_were_ticked_and_nowhere_else(
        bytes in tickable(),
        chosen in prop::collection::vec(any::<bool>(), 64),
    ) {
        let Ok(account) = import::read("any.md", &bytes, Templates::Closed) else { return Ok(()) };
        let same = fill("any.md", &bytes, Templates::Closed, &[]).unwrap();
        prop_assert_eq!(&same.bytes, &bytes, "nothing was done");
        let ticked: Vec<&_> = account.live.iter().zip(chosen.iter().cycle()).filter(|(_, c)| **c).map(|(l, _)| l).collect();
        // Two boxes of one line that say the same are one to a person too.
        let lines: std::collections::BTreeSet<u32> = account.live.iter().map(|live| live.line).collect();
        if lines.len() != account.live.len() {
            return Ok(());
        }
        let entries: Vec<Entry> = ticked
            .iter()
            .map(|live| Entry { line: live.line, text: live.text.clone(), what: What::Ticked })
            .collect();
        let filled = fill("any.md", &bytes, Templates::Closed, &entries).unwrap();
        prop_assert_eq!(filled.entered, entries.len());
        let mut expected = bytes.clone();
        for live in ticked.iter().rev().filter(|live| live.state == BoxState::Open) {
            expected.splice(live.box_span.start + 1..live.box_span.end - 1, *b"x");
        }
        prop_assert_eq!(&filled.bytes, &expected);
        let again = import::read("any.md", &filled.bytes, Templates::Closed).unwrap();
        for live in again.live.iter().filter(|live| entries.iter().any(|entry| entry.line == live.line)) {
            prop_assert_eq!(live.state, BoxState::Checked, "line {}", live.line);
        }
        let twice = fill("any.md", &filled.bytes, Templates::Closed, &entries).unwrap();
        prop_assert_eq!(twice.bytes, filled.bytes, "entering it again changes nothing");
    }
}
