//! What holds of any document.

use super::HARBOUR;
use gonogo::checklist::import::account::{BoxState, Guessed, Kind};
use gonogo::checklist::import::filled::{Entry, What, fill};
use gonogo::checklist::import::{self, Guesses, Templates};
use gonogo::checklist::lint::lint;
use proptest::prelude::*;

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
            // A heading mark without a heading is all that stands below a label.
            prop_assert!(shown.contains(['_', '[', '(', '.', '…', ':', '☐', '☑', '○', '●', '#']), "{shown}");
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
