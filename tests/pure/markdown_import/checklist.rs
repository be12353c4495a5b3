//! The checklist that a document amounts to.

use super::{HARBOUR, ids, read, taken};
use gonogo::checklist::EnvironmentName;
use gonogo::checklist::check::{Check, ValueForm};
use gonogo::checklist::import::{self, Guesses};
use gonogo::checklist::offset::Offset;
use std::fmt::Write as _;

#[test]
fn headings_become_phases_and_sections() {
    let checklist = taken(HARBOUR, Guesses::Apart);
    assert_eq!(checklist.title, "Harbour release");
    assert_eq!(checklist.source.as_deref(), Some("harbour.md"));
    let sections: Vec<(&str, &str, Option<i64>)> = checklist
        .phases
        .iter()
        .flat_map(|phase| &phase.sections)
        .map(|section| (section.id.as_str(), section.title.as_str(), section.offset.map(Offset::millis)))
        .collect();
    assert_eq!(
        sections,
        [
            ("_start/warm-up-before-anybody-is-told", "Warm-up, before anybody is told", None),
            ("preparation/backup", "Backup", None),
            ("preparation/backup.figures-before", "Backup › Figures before", None),
            ("preparation/smoke-test", "Smoke test", None),
            ("window/step-1-stop-t-10-minutes", "Step 1: Stop (T-10 minutes)", Some(-600_000)),
            ("window/step-2-go-t-5", "Step 2: Go (T+5)", Some(300_000)),
        ]
    );
}

#[test]
fn a_title_that_comes_late_gives_no_section_twice() {
    let checklist = taken("- [ ] a\n\n**B**\n- [ ] b\n\n# T\n\n- [ ] c\n", Guesses::Apart);
    let items: Vec<&str> = checklist.items().map(|item| item.id.as_str()).collect();
    assert_eq!(items, ["_start/_items/a", "_start/b/b", "_start/_items_2/c"]);
}

#[test]
fn nothing_is_runnable() {
    let checklist = taken(HARBOUR, Guesses::Taken);
    assert!(checklist.items().all(|item| matches!(item.check, Check::Manual | Check::Value(_))));
    // The one place is where a command would run once a person has armed it.
    assert_eq!(checklist.slots.len(), 1);
    assert_eq!(checklist.environments.keys().map(EnvironmentName::as_str).collect::<Vec<_>>(), ["here"]);
    let proposed: Vec<(&str, &str, Option<u32>)> = checklist
        .items()
        .flat_map(|item| item.proposals.iter().map(|p| (item.title.as_str(), p.text.as_str(), p.line)))
        .collect();
    assert_eq!(
        proposed,
        [
            ("Dump it: pg_dump harbour > harbour.sql", "pg_dump harbour > harbour.sql", Some(20)),
            ("Try the way back:", "DROP TABLE boats;", Some(22)),
        ]
    );
    let note = |title: &str| checklist.items().find(|item| item.title == title).and_then(|item| item.note.clone());
    let dump = note("Dump it: pg_dump harbour > harbour.sql");
    assert_eq!(dump.as_deref(), Some("Command, to be armed or run by hand: pg_dump harbour > harbour.sql"));
    let back = note("Try the way back:");
    assert_eq!(
        back.as_deref(),
        Some("SQL, to be run by hand: DROP TABLE boats;\nDestructive: it drops what it names.")
    );
    assert_eq!(note("Tell the users").as_deref(), Some("Part of: Later on the same day"));
}

#[test]
fn values_signoffs_and_journal_find_their_places() {
    let checklist = taken(HARBOUR, Guesses::Apart);
    let values: Vec<(u32, String, ValueForm)> = checklist
        .items()
        .filter_map(|item| match &item.check {
            Check::Value(value) => Some((item.seed_lines[0], value.label.clone(), value.form)),
            _ => None,
        })
        .collect();
    let number = ValueForm::Number;
    assert_eq!(values[0], (30, "GET /boats: time".to_owned(), number));
    assert_eq!(values[1], (30, "GET /boats: queries".to_owned(), ValueForm::Text));
    assert_eq!(values.len(), 4);
    let group = &checklist.signoffs[0];
    assert_eq!((group.id.as_str(), group.title.as_str()), ("sign-off.before-the-window", "Before the window"));
    let roles: Vec<(&str, &str)> = group.roles.iter().map(|role| (role.id.as_str(), role.title.as_str())).collect();
    assert_eq!(roles, [("harbour-master", "Harbour Master"), ("pilot", "Pilot")]);
    assert_eq!(group.phases.len(), 3);
    assert_eq!((checklist.journal.issues.len(), checklist.journal.lessons.len()), (1, 1));
}

#[test]
fn comments_that_explain_are_kept_and_passwords_are_not() {
    let toml = import::checklist(&read(HARBOUR), Guesses::Apart).unwrap();
    assert!(toml.contains("\n# The smoke test needs the harbour account.\n"), "{toml}");
    assert!(toml.contains("# ticked in the source already\n"));
    assert!(!toml.contains("switched off") && !toml.contains("oyster"));
}

#[test]
fn guesses_are_taken_over_as_guesses() {
    let apart = taken(HARBOUR, Guesses::Apart);
    let both = taken(HARBOUR, Guesses::Taken);
    assert_eq!(both.items().count(), apart.items().count() + 8);
    let toml = import::checklist(&read(HARBOUR), Guesses::Taken).unwrap();
    assert!(toml.contains("# a guess: a box in a heading, ticked in the source already\n"), "{toml}");
}

#[test]
fn ids_stay_when_other_items_come_and_go() {
    let before = ids(&taken(HARBOUR, Guesses::Apart));
    assert!(before.contains(&"preparation/backup/same-words_2".to_owned()), "{before:#?}");
    let more = HARBOUR
        .replace("- [ ] Book", "- [ ] Something new\n- [ ] Book")
        .replace("### Smoke", "### A new section\n- [ ] Same words\n\n### Smoke")
        .replace("## Window", "## A new phase\n\n- [ ] Stop the service\n\n## Window");
    let after = ids(&taken(&more, Guesses::Apart));
    assert_eq!(after.len(), before.len() + 3);
    for id in before {
        assert!(after.contains(&id), "{id} is gone");
    }
}

#[test]
fn other_scripts_long_titles_and_depth_are_no_trouble() {
    let long = "word ".repeat(152);
    let mut text = format!("# 배포\n\n## 백업\n- [ ] 데이터베이스 백업\n- [ ] نسخة احتياطية\n- [ ] {long}\n");
    for depth in 0..40 {
        let _ = writeln!(text, "{}- [ ] level {depth}", "  ".repeat(depth));
    }
    let checklist = taken(&text, Guesses::Apart);
    assert_eq!(checklist.items().count(), 43);
    assert!(checklist.items().all(|item| item.id.as_str().is_ascii()));
    assert!(checklist.items().any(|item| item.title.chars().count() == 759));
}

#[test]
fn a_document_without_tasks_says_what_there_is() {
    let refuse = |text: &str| import::checklist(&read(text), Guesses::Apart).unwrap_err().to_string();
    let nothing = "harbour.md: no task items (`- [ ] …`) that GitHub renders";
    assert_eq!(refuse("# Prose\n\nand more.\n"), nothing);
    assert_eq!(
        refuse("```\n- [ ] a\n```\n- [] b\n"),
        format!(
            "{nothing}; a fenced block holds tasks: take them over with --templates; \
             1 line looks like tasks or steps: take them over with --guesses"
        )
    );
}
