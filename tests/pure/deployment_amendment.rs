//! A corrected checklist taken over while the deployment is open: what was done stays only where the meaning did.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::common::deployment::{Deployment, measured, outcome};
use gonogo::checklist::{ItemId, reader};
use gonogo::deployment::amendment::Amended;
use gonogo::deployment::intent::Amendment;
use gonogo::deployment::{Fact, Intent, ItemStatus, Plan, Refusal, State, Verdict};
use std::sync::Arc;

const TOML: &str = r#"format = 1
id = "t"
title = "T"
[[slot]]
id = "db"
title = "Database"
[environments.one]
slot = "db"
database = "sqlite:one.db"
[[phase]]
id = "p"
title = "P"
slot = "db"
[[phase.section]]
id = "a"
title = "A"
[[phase.section.item]]
id = "read"
title = "Read it"
[[phase.section.item]]
id = "reported"
title = "Tell them"
[[phase.section.item]]
id = "rows"
title = "Rows"
check = { kind = "sql", query = "SELECT 1", measure = "rows", unit = "rows" }
targets = [{ measure = "rows", at_most = 5, unit = "rows" }]
[[phase.section.item]]
id = "size"
title = "Size"
check = { kind = "sql", query = "SELECT 2", measure = "size", unit = "MB" }
targets = [{ measure = "size", at_most = 5, unit = "MB" }]
[[phase.section.item]]
id = "stop"
title = "Stop"
changes = true
check = { kind = "command", run = "true" }
[[phase.section.item]]
id = "verdict"
title = "Verdict"
check = { kind = "evidence", of = ["p/a/rows", "p/a/size"] }
"#;

fn open() -> Deployment {
    Deployment::open(TOML, &[("db", "one")])
}

fn amendment(toml: &str, reason: &str) -> Intent {
    let checklist = reader::read("test.toml", toml).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let (file, text) = ("test.toml".to_owned(), Arc::from(toml));
    let amendment = Amendment { checklist: Arc::new(checklist), file, text, reason: reason.into() };
    Intent::AmendChecklist(amendment)
}

/// Asks, and follows the checklist as the ledger does.
fn amend(deployment: &mut Deployment, toml: &str) -> Result<Amended, Refusal> {
    let records = deployment.ask(amendment(toml, "the bound was wrong"))?;
    let Fact::ChecklistAmended(amended) = &records[0].fact else { panic!("{records:?}") };
    let checklist = Arc::new(reader::read("test.toml", toml).unwrap());
    deployment.plan = Arc::new(Plan::new(checklist, deployment.plan.bindings().clone()));
    assert_eq!(*deployment.plan.digest(), amended.digest);
    Ok((**amended).clone())
}

fn tick(deployment: &mut Deployment, item: &str) {
    deployment.ask(Intent::CheckItem { item: item.into(), note: None }).unwrap();
}

fn status(deployment: &Deployment, item: &str) -> ItemStatus {
    gonogo::deployment::Board::new(&deployment.plan, &deployment.state).status(&ItemId::new(item)).clone()
}

#[test]
fn what_means_the_same_stays_done_and_the_rest_is_open_again() {
    let mut deployment = open();
    tick(&mut deployment, "p/a/read");
    tick(&mut deployment, "p/a/reported");
    deployment.attempt("p/a/rows", measured("rows", 3.0, "rows"));
    deployment.attempt("p/a/size", measured("size", 3.0, "MB"));
    deployment.ask(Intent::EvaluateItem { item: "p/a/verdict".into() }).unwrap();
    let toml = TOML
        .replace("title = \"Read it\"", "title = \"Read it\"\nnote = \"slowly\"")
        .replace("title = \"Tell them\"", "title = \"Tell them twice\"")
        .replace("SELECT 1", "SELECT 1 + 1")
        + "[[phase.section.item]]\nid = \"new\"\ntitle = \"New\"\n";
    let amended = amend(&mut deployment, &toml).unwrap();
    assert_eq!(amended.changed, [ItemId::new("p/a/reported"), ItemId::new("p/a/rows")]);
    assert_eq!((amended.added.as_slice(), amended.removed.len()), (&[ItemId::new("p/a/new")][..], 0));
    let snapshot = format!("checklist-2-{}.toml", amended.digest.short());
    assert_eq!((&amended.snapshot, amended.reason.as_str()), (&snapshot, "the bound was wrong"));
    assert!(amended.after_failure.is_empty() && amended.loosened.is_empty());
    assert_eq!(status(&deployment, "p/a/read"), ItemStatus::Done, "a note is no meaning");
    assert_eq!(status(&deployment, "p/a/size"), ItemStatus::Done);
    assert_eq!(status(&deployment, "p/a/reported"), ItemStatus::Open);
    assert_eq!(status(&deployment, "p/a/rows"), ItemStatus::Open);
    assert_ne!(status(&deployment, "p/a/verdict"), ItemStatus::Done, "it rests on what is open again");
    assert_eq!(State::replay(&deployment.records), deployment.state);
    // Once more: it becomes the third snapshot, and the attempt before stays in the ledger.
    let again = amend(&mut deployment, TOML).unwrap();
    let snapshot = format!("checklist-3-{}.toml", again.digest.short());
    assert_eq!((&again.snapshot, again.removed.as_slice()), (&snapshot, &[ItemId::new("p/a/new")][..]));
    assert_eq!(deployment.state.attempts.len(), 2);
    assert_eq!(status(&deployment, "p/a/rows"), ItemStatus::Open, "its attempt was of another meaning in between");
}

#[test]
fn a_target_that_is_loosened_after_a_failure_is_marked() {
    let mut deployment = open();
    let failed = || gonogo::deployment::attempt::Outcome {
        measured: measured("rows", 7.0, "rows").measured,
        ..outcome(Verdict::Fail, "7 rows, at most 5")
    };
    deployment.attempt("p/a/rows", failed());
    let looser = TOML.replace("at_most = 5, unit = \"rows\"", "at_most = 9, unit = \"rows\"");
    let amended = amend(&mut deployment, &looser).unwrap();
    assert_eq!(amended.after_failure, [ItemId::new("p/a/rows")]);
    assert_eq!(amended.loosened, ["p/a/rows: rows: ≤ 5 rows → ≤ 9 rows, after attempt 0001 failed"]);
    assert_eq!(status(&deployment, "p/a/rows"), ItemStatus::Open, "it is measured again, not passed");
    // Tightened after a failure is reported as changed, and not as loosened.
    deployment.attempt("p/a/rows", failed());
    let amended = amend(&mut deployment, &looser.replace("at_most = 9", "below = 4")).unwrap();
    assert_eq!((amended.after_failure.len(), amended.loosened.len()), (1, 0));
    // Without a failure a looser one is plain.
    deployment.attempt("p/a/size", measured("size", 3.0, "MB"));
    let toml =
        looser.replace("at_most = 9", "below = 4").replace("at_most = 5, unit = \"MB\"", "at_most = 50, unit = \"MB\"");
    let amended = amend(&mut deployment, &toml).unwrap();
    assert_eq!((amended.changed.len(), amended.loosened.len()), (1, 0));
}

#[test]
fn another_check_after_a_failure_is_marked_in_the_decision_for_ever() {
    let mut deployment = open();
    let failed = gonogo::deployment::attempt::Outcome {
        measured: measured("rows", 7.0, "rows").measured,
        ..outcome(Verdict::Fail, "7 rows, at most 5")
    };
    deployment.attempt("p/a/rows", failed);
    for (toml, word) in [
        (TOML.replace("SELECT 1", "SELECT 1 LIMIT 0"), "(may ask for less)"),
        (
            TOML.replace(
                "kind = \"sql\", query = \"SELECT 1\", measure = \"rows\", unit = \"rows\"",
                "kind = \"manual\"",
            )
            .replace("targets = [{ measure = \"rows\", at_most = 5, unit = \"rows\" }]\n", ""),
            "sql → manual",
        ),
    ] {
        let amended = amend(&mut deployment, &toml).unwrap();
        assert!(
            amended.loosened.iter().any(|mark| mark.contains(word) && mark.ends_with("after attempt 0001 failed")),
            "{amended:?}"
        );
    }
    let marks: Vec<String> =
        gonogo::deployment::amendment::loosened(&deployment.state).map(ToOwned::to_owned).collect();
    let no = Intent::Decide { decision: gonogo::deployment::fact::Approval::NoGo, reason: "later".into() };
    let records = deployment.ask(no).unwrap();
    let Fact::Decided(decided) = &records[0].fact else { panic!("{records:?}") };
    assert_eq!(decided.loosened, marks);
    assert_eq!(marks.len(), 2 + usize::from(marks.iter().any(|mark| mark.contains("no target"))), "{marks:?}");
}

#[test]
fn an_environment_that_differs_opens_what_ran_in_it() {
    let mut deployment = open();
    tick(&mut deployment, "p/a/read");
    deployment.attempt("p/a/rows", measured("rows", 3.0, "rows"));
    let amended = amend(&mut deployment, &TOML.replace("sqlite:one.db", "sqlite:other.db")).unwrap();
    assert!(amended.changed.contains(&ItemId::new("p/a/rows")) && !amended.changed.contains(&ItemId::new("p/a/read")));
    assert_eq!(status(&deployment, "p/a/read"), ItemStatus::Done);
}

#[test]
fn what_cannot_be_taken_over_is_refused_with_the_reason() {
    let mut deployment = open();
    let refused = |deployment: &mut Deployment, toml: &str, reason: &str| {
        let before = deployment.state.clone();
        let refusal = deployment.ask(amendment(toml, reason)).unwrap_err();
        assert_eq!(deployment.state, before);
        refusal
    };
    let other = TOML.replace("SELECT 1", "SELECT 3");
    assert_eq!(refused(&mut deployment, TOML, "why not"), Refusal::NothingAmended);
    assert_eq!(refused(&mut deployment, &other, " "), Refusal::ReasonMissing);
    let bound = TOML.replace("[environments.one]", "[environments.uno]");
    assert!(matches!(refused(&mut deployment, &bound, "x"), Refusal::AmendedUnbound { .. }));
    let number = deployment.start("p/a/rows");
    // What is running is in nobody's way as long as it means the same.
    amend(&mut deployment, &TOML.replace("SELECT 2", "SELECT 22")).unwrap();
    deployment.ask(Intent::LoseAttempt { attempt: number, reason: "gone".into() }).unwrap();
    assert!(matches!(refused(&mut deployment, &other, "x"), Refusal::Unresolved { .. }));
    deployment.attempt("p/a/stop", outcome(Verdict::Pass, "stopped"));
    let same = TOML.replace("SELECT 2", "SELECT 22");
    for moved in [same.replace("changes = true\n", ""), same.replace("id = \"stop\"", "id = \"halt\"")] {
        assert!(matches!(refused(&mut deployment, &moved, "x"), Refusal::AmendsCarriedOut { .. }));
    }
    deployment
        .ask(Intent::Abort { ending: gonogo::deployment::rollback::Ending::Aborted, reason: "x".into() })
        .unwrap();
    deployment.ask(Intent::Close { note: None }).unwrap();
    assert_eq!(refused(&mut deployment, &same.replace("SELECT 22", "SELECT 23"), "x"), Refusal::Closed);
}
