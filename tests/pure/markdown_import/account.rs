//! What is found, guessed and left out.

use super::{HARBOUR, read};
use gonogo::checklist::import::account::{BoxState, Guessed, Kind, Language, Owner, Reason};
use gonogo::checklist::import::{self, Guesses, Templates};

#[test]
fn what_github_renders_is_found() {
    let account = read(HARBOUR);
    let found: Vec<(usize, BoxState, &str)> =
        account.live.iter().map(|live| (live.depth, live.state, live.text.as_str())).collect();
    let (open, done) = (BoxState::Open, BoxState::Checked);
    assert_eq!(
        found,
        [
            (1, done, "Read the plan for vX.Y.Z"),
            (1, open, "Book the window"),
            (1, open, "Tell the users"),
            (1, open, "Dump it: pg_dump harbour > harbour.sql"),
            (1, open, "Try the way back:"),
            (1, open, "Same words"),
            (1, open, "Same words"),
            (1, open, "Nested"),
            (2, done, "One deeper"),
            (3, open, "Two deeper, time: ____ s (before: ____ s)"),
            (1, open, "Reach it with postgresql://harbour:oyster@db/harbour"),
            (1, open, "Stop the service"),
            (1, open, "Start the service"),
            (2, open, "Quoted and live"),
            (1, open, "Harbour Master: ________ Date: ____"),
            (1, open, "Pilot: ________ Date: ____"),
            (1, open, "Issue: ________"),
            (1, open, "________"),
        ]
    );
    assert_eq!(account.headings_of(account.live[3].heading), ["Harbour release", "Preparation", "Backup"]);
    assert_eq!(account.checked(), 2);
}

#[test]
fn lines_and_boxes_stand_where_they_are_reported() {
    let account = read(HARBOUR);
    for live in &account.live {
        let inside = &HARBOUR[live.box_span.start..live.box_span.end];
        assert!(matches!(inside, "[ ]" | "[x]" | "[X]"), "{inside:?} of {}", live.text);
        let line = HARBOUR[..live.box_span.start].matches('\n').count() + 1;
        assert_eq!(line, live.line as usize);
    }
    for blank in &account.values {
        assert!(HARBOUR[blank.span.start..blank.span.end].chars().all(|c| c == '_'));
    }
}

#[test]
fn kinds_values_and_code_are_reported() {
    let account = read(HARBOUR);
    let kinds = [Kind::SignOff, Kind::Value, Kind::Issue, Kind::Lesson].map(|kind| account.count(kind));
    assert_eq!(kinds, [2, 1, 1, 1]);
    let values: Vec<(&str, Option<&str>)> =
        account.values.iter().map(|blank| (blank.label.as_str(), blank.unit.as_deref())).collect();
    assert_eq!(
        values,
        [
            ("GET /boats: time", Some("ms")),
            ("GET /boats: queries", None),
            ("Two deeper, time", Some("s")),
            ("Two deeper, time: before", Some("s")),
        ]
    );
    let code: Vec<(Language, Option<&str>)> = account
        .code
        .iter()
        .map(|block| (block.language, block.owner.map(|owner| account.live[owner].text.as_str())))
        .collect();
    let other = Language::Other;
    assert_eq!(code, [(Language::Sql, Some("Try the way back:")), (other, None), (other, None)]);
    let destructive = account.live.iter().flat_map(|live| &live.proposals).find_map(|found| found.destructive);
    assert_eq!(destructive, Some("drops what it names"));
    assert_eq!(account.live[0].placeholders, ["vX.Y.Z"]);
}

#[test]
fn guesses_and_what_is_left_out_stay_apart() {
    let account = read(HARBOUR);
    let guessed: Vec<(&str, &str)> = account.guessed.iter().map(|guess| (guess.text.as_str(), guess.why)).collect();
    assert_eq!(
        guessed,
        [
            ("Warm-up, before anybody is told", "a paragraph that ends with a colon, used as a heading"),
            ("Figures before", "a paragraph in bold, used as a heading"),
            ("Step 1: Stop (T-10 minutes)", "a paragraph in bold, used as a heading"),
            ("Step 2: Go (T+5)", "a paragraph in bold, used as a heading"),
            ("3. A box in a heading", "a box in a heading"),
            ("Lettered", "a lettered step, which is no list to Markdown"),
            ("No space", "a box without a space in it"),
            ("A sign", "a box character instead of `[ ]`"),
            ("No bullet", "a box without a list marker"),
            ("Escaped", "an escaped box, which is shown as text"),
            ("Given up", "marked [-]: cancelled, a waiver is proposed"),
            ("Cranes", "a box in a table"),
        ]
    );
    let skipped: Vec<(&str, Reason)> =
        account.skipped.iter().map(|skipped| (skipped.text.as_str(), skipped.why)).collect();
    assert_eq!(
        skipped,
        [
            ("not a task, this is front matter", Reason::FrontMatter),
            ("switched off", Reason::Comment),
            ("paste me", Reason::Template),
            ("and me", Reason::Template),
        ]
    );
}

#[test]
fn templates_are_opened_when_asked() {
    let account = import::read("a.md", HARBOUR.as_bytes(), Templates::Opened).unwrap();
    let pasted: Vec<&str> = account.live.iter().map(|live| live.text.as_str()).filter(|t| t.ends_with("me")).collect();
    assert_eq!(pasted, ["paste me", "and me"]);
    assert_eq!(account.left_out(Reason::Template), 0);
    let box_span = account.live.iter().find(|live| live.text == "paste me").unwrap().box_span;
    assert_eq!(&HARBOUR[box_span.start..box_span.end], "[ ]");
}

#[test]
fn encodings_and_line_ends_change_nothing_but_spans() {
    let plain = read(HARBOUR);
    let mut bytes = vec![0xef, 0xbb, 0xbf];
    bytes.extend(HARBOUR.replace('\n', "\r\n").replace("Book the", "Book \u{0} the").into_bytes());
    // A byte that is no UTF-8, in the first task.
    let at = bytes.windows(4).position(|four| four == b"Read").unwrap();
    bytes[at] = 0xff;
    let other = import::read("harbour.md", &bytes, Templates::Closed).unwrap();
    assert_eq!(other.live.len(), plain.live.len());
    for (live, same) in other.live.iter().zip(&plain.live) {
        assert_eq!((live.line, live.depth, live.kind), (same.line, same.depth, same.kind));
        assert_eq!(bytes[live.box_span.start], b'[');
        assert_eq!(bytes[live.box_span.end - 1], b']');
    }
    assert_eq!(other.warnings.len(), 1);
    assert!(other.warnings[0].starts_with("harbour.md:10: "), "{}", other.warnings[0]);
    let utf16 = import::read("w.md", b"\xff\xfe-\0 \0", Templates::Closed).unwrap_err();
    assert_eq!(utf16.to_string(), "w.md: this is UTF-16, not Markdown as GitHub reads it; save it as UTF-8");
}

#[test]
fn a_mark_in_a_box_is_a_guess_and_some_propose_a_waiver() {
    let text = "# R\r\n\r\n- [ ] real\r\n- [/] half\r\n- [!] keys\r\n- [?] legal\r\n- [-] old team\r\n* [~] windows\r\n1. [>] later\r\n";
    let account = import::read("a.md", format!("\u{feff}{text}").as_bytes(), Templates::Closed).unwrap();
    let found: Vec<(u32, &str, Option<&str>)> =
        account.guessed.iter().map(|guess| (guess.line, guess.text.as_str(), guess.waiver)).collect();
    assert_eq!(
        found,
        [
            (4, "half", None),
            (5, "keys", None),
            (6, "legal", None),
            (7, "old team", Some("skipped: cancelled in the source")),
            (8, "windows", Some("inapplicable: not applicable in the source")),
            (9, "later", Some("deferred: deferred in the source")),
        ]
    );
    assert!(account.skipped.is_empty());
    let written = import::checklist(&account, Guesses::Taken).unwrap();
    assert!(written.contains("note = \"Proposed waiver, skipped: cancelled in the source.\""), "{written}");
}

#[test]
fn every_line_around_the_boxes_has_an_owner() {
    let text = "\
# Move the harbour

Why we do it.

## Execution (T-2 hours)
1. Close the gates
2. Drain the dock, see [the plan](https://example.org/plan)
   - slowly
```sh
# first
rm -rf /srv/dock
```
- [ ] Call the [pilot](https://example.org/pilot)

## Watch (T+1 day to T+3 days)

**Verdict:** ☐ GO ☐ NO-GO

| Boat | Berth |
|------|-------|
| Anna | 4     |

<input type=\"checkbox\"> Ring the bell

[//]: # (- [ ] old task)
";
    let account = read(text);
    let owners: Vec<(u32, Owner)> = account.lines.clone();
    let of = |line: u32| owners.iter().find(|(at, _)| *at == line).map(|(_, owner)| *owner);
    for (line, owner) in [
        (1, Owner::Heading),
        (3, Owner::Skipped(Reason::Text)),
        (6, Owner::Guess),
        (7, Owner::Guess),
        (8, Owner::Guess),
        (10, Owner::Guess),
        (13, Owner::Item),
        (17, Owner::Value),
        (21, Owner::Skipped(Reason::Table)),
        (23, Owner::Guess),
        (25, Owner::Skipped(Reason::Comment)),
    ] {
        assert_eq!(of(line), Some(owner), "line {line}");
    }
    assert_eq!(owners.len(), text.lines().filter(|line| !line.trim().is_empty()).count());
    assert!(account.left.iter().any(|left| left.line == 3 && left.text == "Why we do it."));
    assert_eq!(account.live[0].links, ["https://example.org/pilot"]);
    let drain = account.guessed.iter().find(|guess| guess.line == 7).unwrap();
    assert_eq!(drain.notes, ["- slowly", "Link: https://example.org/plan"]);
    assert_eq!(drain.proposals[0].destructive, Some("removes files"));
    assert_eq!(account.values[0].label, "Verdict (GO / NO-GO)");
    let written = import::checklist(&account, Guesses::Taken).unwrap();
    for kept in ["https://example.org/plan", "https://example.org/pilot", "rm -rf /srv/dock", "Ring the bell"] {
        assert!(written.contains(kept), "{kept} is gone: {written}");
    }
}

#[test]
fn a_time_without_items_is_kept() {
    let account = read("# Day\n\n## Freeze (T-3 hours)\n\nNothing is merged.\n\n## Go\n- [ ] Go\n");
    let guess = account.guessed.iter().find(|guess| guess.why == "a time without items").unwrap();
    assert_eq!((guess.line, guess.text.as_str()), (3, "Freeze (T-3 hours)"));
    let written = import::checklist(&account, Guesses::Taken).unwrap();
    assert!(written.contains("offset = \"T-3h\""), "{written}");
}

#[test]
fn rows_keep_their_owner_time_and_state() {
    let account = read(
        "## Tide\n| Task | Owner | Time | Status |\n|---|---|---|---|\n| Lower | Ann | 02:00 | ⬜ |\n| Raise | Bo | 02:10 | ✅ |\n\
         | Watch | Bo | 02:20 | Pending |\n\n## Approval\n- Harbour master: [Signature] [Date]\n- Pilot:\n",
    );
    let rows: Vec<(&str, Vec<&str>, Guessed)> = account
        .guessed
        .iter()
        .map(|guess| (guess.text.as_str(), guess.notes.iter().map(String::as_str).collect(), guess.what))
        .collect();
    let (open, done) = (Guessed::Item(BoxState::Open), Guessed::Item(BoxState::Checked));
    assert_eq!(
        rows,
        [
            ("Lower", vec!["Owner: Ann", "Time: 02:00"], open),
            ("Raise", vec!["Owner: Bo", "Time: 02:10"], done),
            ("Watch", vec!["Owner: Bo", "Time: 02:20", "Status: Pending"], open),
            ("Harbour master", vec![], Guessed::SignOff),
            ("Pilot", vec![], Guessed::SignOff),
        ]
    );
}

#[test]
fn steps_behind_a_dot_are_guesses() {
    let account = read("== Dock\n\n. Close the gates\n. Pump\n\n...and so on\n");
    let guessed: Vec<(u32, &str)> = account.guessed.iter().map(|guess| (guess.line, guess.text.as_str())).collect();
    assert_eq!(guessed, [(3, "Close the gates"), (4, "Pump")]);
}
