//! What lies around the boxes, in families: choices, blanks and signatures, steps, tables, offsets, commands.

use super::{read, taken};
use crate::common::deployment::Deployment;
use gonogo::checklist::check::Check;
use gonogo::checklist::import::account::{Guessed, Kind, Owner};
use gonogo::checklist::import::{self, Guesses};
use gonogo::checklist::offset::Offset;
use gonogo::deployment::{Fact, Intent, Refusal};

/// The values of a document: line, label, answers.
fn values(text: &str) -> Vec<(u32, String, Vec<String>)> {
    read(text).values.into_iter().map(|blank| (blank.line, blank.label, blank.choices)).collect()
}

/// The guessed items of a document: line and text.
fn guessed(text: &str) -> Vec<(u32, String)> {
    let items = |what| matches!(what, Guessed::Item(_));
    read(text).guessed.into_iter().filter(|guess| items(guess.what)).map(|guess| (guess.line, guess.text)).collect()
}

/// Who signs in a document.
fn roles(text: &str) -> Vec<String> {
    let account = read(text);
    let guessed = account.guessed.into_iter().filter(|guess| guess.what == Guessed::SignOff).map(|guess| guess.text);
    let live = account.live.into_iter().filter(|live| live.kind == Kind::SignOff).map(|live| live.role());
    live.chain(guessed).collect()
}

#[test]
fn a_line_of_answers_is_a_value_with_choices() {
    for (line, label, answers) in [
        ("- Tide high: [ ] yes [ ] no", "Tide high (yes / no)", &["yes", "no"][..]),
        ("- [ ] Tide high? ☐ Yes ☐ No", "Tide high? (Yes / No)", &["Yes", "No"]),
        ("1. Gate shut: ⬜ PASS ⬜ FAIL", "Gate shut (PASS / FAIL)", &["PASS", "FAIL"]),
        ("> Hafen frei: ☐ Ja ☐ Nein", "Hafen frei (Ja / Nein)", &["Ja", "Nein"]),
        ("Gate shut: Yes ☐ No ☐", "Gate shut (Yes / No)", &["Yes", "No"]),
        ("* Raise it: ( ) yes ( ) no", "Raise it (yes / no)", &["yes", "no"]),
        ("結果：☐ 承認 ☐ 却下", "結果 (承認 / 却下)", &["承認", "却下"]),
        ("Call: GO / NO-GO (circle one)", "Call (GO / NO-GO)", &["GO", "NO-GO"]),
    ] {
        let text = format!("# Dock\n\n{line}\n");
        let answers: Vec<String> = answers.iter().map(|answer| (*answer).to_owned()).collect();
        assert_eq!(values(&text), [(3, label.to_owned(), answers.clone())], "{line}");
        let checklist = taken(&text, Guesses::Apart);
        let item = checklist.items().next().unwrap();
        let Check::Value(value) = &item.check else { panic!("{line}: {:?}", item.check) };
        assert_eq!(value.choices, answers, "{line}");
    }
    assert_eq!(
        values("# Dock\n\n☐ GO\n☐ NO-GO\n"),
        [(3, "Dock (GO / NO-GO)".into(), vec!["GO".into(), "NO-GO".into()])]
    );
    let table = "| Gate | Yes | No |\n|---|---|---|\n| North | ☐ | ☑ |\n";
    assert_eq!(values(table), [(3, "North (Yes / No)".into(), vec!["Yes".into(), "No".into()])]);
    let note = read(table).values[0].note.clone();
    assert_eq!(note.as_deref(), Some("Marked in the source already: No"));
    assert_eq!(values("Go / No-Go: ____\n"), [(1, "Go / No-Go".into(), vec!["GO".into(), "NO-GO".into()])]);
    assert!(values("- [ ] Take the boat [ ] row it\n").is_empty());
}

#[test]
fn the_decision_is_reported_and_other_answers_are_refused() {
    let checklist = taken("# Dock\n\n**Final call:** ☐ GO ☐ NO-GO\n", Guesses::Apart);
    let item = checklist.items().next().unwrap().clone();
    assert_eq!(item.note.as_deref(), Some("The go/no-go decision of the deployment itself is taken with `D`."));
    let toml = import::checklist(&read("# Dock\n\n**Final call:** ☐ GO ☐ NO-GO\n"), Guesses::Apart).unwrap();
    let mut deployment = Deployment::open(&toml, &[]);
    let mut fill = |value: &str| deployment.ask(Intent::FillValue { item: item.id.clone(), value: value.to_owned() });
    let refused = fill("maybe").unwrap_err();
    assert!(matches!(&refused, Refusal::NotAChoice { .. }), "{refused:?}");
    assert_eq!(refused.to_string(), "`maybe` is none of the answers; give one of: GO, NO-GO");
    let records = fill("no-go").unwrap();
    assert!(matches!(&records[0].fact, Fact::ValueFilled { value, .. } if value == "NO-GO"), "{records:?}");
}

#[test]
fn blanks_keep_their_labels_however_they_are_drawn() {
    for (line, label) in [
        ("Size of the dock (GB): ____", "Size of the dock (GB)"),
        ("Pilot (reserve: Bo) ship: ______", "Pilot (reserve: Bo) ship"),
        ("Depth: ........", "Depth"),
        ("Depth: ……", "Depth"),
        ("担当：＿＿＿＿", "担当"),
        ("Depth: [        ]", "Depth"),
        ("Depth: [____]", "Depth"),
        ("Depth: [ ]", "Depth"),
        ("- Depth:", "Depth"),
    ] {
        let text = format!("# Form\n\n{line}\n");
        let found: Vec<String> = values(&text).into_iter().map(|(_, label, _)| label).collect();
        assert_eq!(found, [label], "{line}");
    }
    let form = "```\nBoats before:  ____\nRemarks:\n```\n";
    let labels: Vec<String> = values(form).into_iter().map(|(_, label, _)| label).collect();
    assert_eq!(labels, ["Boats before", "Remarks"]);
    assert_eq!(read("Size (GB): ____\n").values[0].unit.as_deref(), Some("GB"));
    for line in ["Chapter 2 ......... 14", "and so on...", "a.b.c", "See [the plan]", "[1]: http://x"] {
        assert!(values(&format!("{line}\n")).is_empty(), "{line}");
    }
}

#[test]
fn those_who_sign_are_found() {
    for (text, wanted) in [
        ("## Approval\n- Harbour master: [Signature] [Date]\n", &["Harbour master"][..]),
        ("**Approved by:**\n\n- Dock Manager\n- QA Lead\n", &["Dock Manager", "QA Lead"]),
        ("Pilot: ________ Date: ________\n", &["Pilot"]),
        ("Signed off by: ________ on ________\n", &["Signed off by"]),
        ("Approved by: ________\n", &["Approved by"]),
        ("Подпись: ________ Дата: ________\n", &["Подпись"]),
        ("## Freigabe\n- Leitung Betrieb\n- Alle Tests sind gelaufen\n", &["Leitung Betrieb"]),
        (
            "| Role | Name | Signature | Date |\n|---|---|---|---|\n| Pilot | | | |\n| Master | Bo | ____ | ____ |\n\
             | Owner | [Name] | [Signature] | [Date] |\n| Cook | Al | signed | today |\n",
            &["Pilot", "Master", "Owner"],
        ),
    ] {
        assert_eq!(roles(text), wanted, "{text}");
    }
}

#[test]
fn steps_are_found_however_they_are_numbered() {
    for (text, wanted) in [
        ("Step 1: Open\nStep 2: Close\n", &["Step 1: Open", "Step 2: Close"][..]),
        ("a) open\nb) close\n", &["open", "close"]),
        ("① öffnen\n② schließen\n", &["öffnen", "schließen"]),
        ("手順1：開ける\n", &["手順1：開ける"]),
        ("**1. Open**\n", &["1. Open"]),
        ("* TODO Open\n** DONE Close\n", &["Open", "Close"]),
        (":white_large_square: Open\n", &["Open"]),
        ("## Procedure\n- Open\n* Close\n", &["Open", "Close"]),
        ("## Ablauf\n- Öffnen\n", &["Öffnen"]),
        ("## Step 3: Open\n\nAs told.\n", &["Step 3: Open"]),
        ("## Day 3\n\nLook.\n", &["Day 3"]),
    ] {
        let found: Vec<String> = guessed(text).into_iter().map(|(_, text)| text).collect();
        assert_eq!(found, wanted, "{text}");
    }
    assert!(guessed("## Background\n1. It was so\n").is_empty());
    let error = import::checklist(&read("# Dock\n1. Open\n2. Close\n- [not a box\n"), Guesses::Apart).unwrap_err();
    assert!(error.to_string().contains("found 2 numbered steps"), "{error}");
    let error = import::checklist(&read("[//]: # (- [ ] hidden)\n"), Guesses::Apart).unwrap_err();
    assert!(error.to_string().contains("found 1 in comments"), "{error}");
}

#[test]
fn a_timetable_is_taken_with_its_times() {
    let text = "# Dock\n\n| # | Step | Owner | Time |\n|---|---|---|---|\n| 1 | Open | Ann | T+10 |\n| 2 | Close | Bo | 02:00 |\n";
    let checklist = taken(text, Guesses::Taken);
    let reported: Vec<(&str, Option<&str>, Option<Offset>)> =
        checklist.items().map(|item| (item.title.as_str(), item.note.as_deref(), item.offset)).collect();
    assert_eq!(
        reported,
        [
            ("Open", Some("Owner: Ann\nTime: T+10"), Some(Offset::from_millis(600_000))),
            ("Close", Some("Owner: Bo\nTime: 02:00"), None),
        ]
    );
}

#[test]
fn destroying_lines_are_named_wherever_they_stand() {
    let text = "# Dock\n\n- [ ] Clear it\n  ```bash\n  set -e\n  echo 'DROP TABLE a'\n  kubectl exec db -- psql -c 'DROP TABLE a'\n  ```\n\n\
                ```yaml\nrun: rm -rf /data\n```\n\n- [ ] `git push origin :old`\n- [ ] `terraform apply` of the destroy plan\n- [ ] `git clean -n`\n";
    let account = read(text);
    let named: Vec<(u32, &str)> = account.destroying.iter().map(|one| (one.line, one.text.as_str())).collect();
    assert_eq!(
        named,
        [
            (7, "kubectl exec db -- psql -c 'DROP TABLE a'"),
            (11, "run: rm -rf /data"),
            (14, "git push origin :old"),
            (15, "terraform apply"),
        ]
    );
    let written = import::checklist(&account, Guesses::Taken).unwrap();
    let warned = "Destructive: `kubectl exec db -- psql -c 'DROP TABLE a'` drops what it names.";
    assert!(written.contains(warned), "{written}");
}

#[test]
fn prose_and_settings_are_no_commands() {
    for span in [
        "go live",
        "find the logs",
        "source of truth",
        "kill switch",
        "git",
        "NODE_ENV=production",
        "DB_HOST=db1 DB_PORT=5432",
        "GET /api/health",
        "DELETE /api/users/5",
        "0 3 * * * /usr/bin/backup.sh",
        "config.database.url",
        "http://localhost:3000/health",
    ] {
        let account = read(&format!("- [ ] Look at `{span}`\n"));
        assert_eq!(account.live[0].proposals, [], "{span}");
    }
    let account = read("- [ ] Look\n  ```console\n  $ kubectl get pods\n  NAME READY\n  ```\n");
    assert_eq!(account.live[0].proposals[0].text, "kubectl get pods\n# NAME READY");
}

#[test]
fn sentences_do_not_double_a_mark() {
    let checklist = taken("# Dock:\n\n- [ ] Open it:\n- Checks:\n  - [ ] Is it open.\n", Guesses::Apart);
    let reported: Vec<(&str, Option<&str>)> =
        checklist.items().map(|item| (item.in_sentence(), item.note.as_deref())).collect();
    assert_eq!(reported, [("Open it", None), ("Is it open", Some("Part of: Checks"))]);
}

#[test]
fn no_line_of_these_is_lost() {
    let text =
        "# Dock\n\n☐ GO\n☐ NO-GO\n\n- Depth:\n\n| A | Yes | No |\n|---|---|---|\n| b | ☐ | ☐ |\n\nStep 1: Open\n";
    let account = read(text);
    let owners: Vec<(u32, Owner)> = account.lines.clone();
    let of = |line: u32| owners.iter().find(|(at, _)| *at == line).map(|(_, owner)| owner.word());
    let reported: Vec<Option<&str>> = [1, 3, 4, 6, 8, 9, 10, 12].map(of).to_vec();
    let wanted = ["heading", "value", "value", "value", "skipped", "skipped", "value", "guess"];
    assert_eq!(reported, wanted.map(Some).to_vec());
}

#[test]
fn links_around_the_boxes_are_kept() {
    let text = "# Dock\n\n## Open ([plan](https://example.org/plan))\n\n- See [the map](https://example.org/map)\n  - [ ] Open it\n\n\
                [ref]: https://example.org/ref\n\n- [ ] Read [it][ref] and ![picture](https://example.org/p.png)\n";
    let written = import::checklist(&read(text), Guesses::Apart).unwrap();
    for link in ["plan", "map", "ref", "p.png"] {
        assert!(written.contains(&format!("Link: https://example.org/{link}")), "{link}: {written}");
    }
    let owner = read(text).lines.into_iter().find(|(line, _)| *line == 5).map(|(_, owner)| owner);
    assert_eq!(owner, Some(Owner::Note));
}
