//! What may happen and what may not, decided without a file or a clock.
//!
//! Longer than 400 lines because each scenario reads on its own, against the one plan at the top.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::common;

use common::deployment::{Deployment, measured, operator, outcome, passed};
use gonogo::checklist::ItemId;
use gonogo::deployment::criteria::{self, Call};
use gonogo::deployment::fact::{Approval, Waiver};
use gonogo::deployment::flight::{self, Crew, Step};
use gonogo::deployment::{Intent, ItemStatus, Refusal, State, Verdict};

const PLAN: &str = r#"
format = 1
id = "small"
title = "A small deployment"

[[slot]]
id = "staging"
title = "Staging"
[[slot]]
id = "production"
title = "Production"

[environments.staging]
slot = "staging"
url = "http://127.0.0.1:1"
writes = "allowed"
database = "sqlite:staging.db"
[environments.production]
slot = "production"
url = "http://127.0.0.1:2"
protection = "protected"
database = "sqlite:production.db"
[environments.production.lacks]
python = "production has no Python"
[environments.rehearsal-staging]
slot = "staging"
kind = "rehearsal"
url = "http://127.0.0.1:3"
[environments.rehearsal-production]
slot = "production"
kind = "rehearsal"
url = "http://127.0.0.1:4"
protection = "protected"

[[phase]]
id = "check"
title = "Check"
slot = "staging"
[[phase.section]]
id = "look"
title = "Look"
[[phase.section.item]]
id = "eyes"
title = "Look at it"
[[phase.section.item]]
id = "probe"
title = "Probe it"
check = { kind = "command", run = "true" }
[[phase.section.item]]
id = "queries-before"
title = "Queries before"
check = { kind = "http", path = "/lots", queries = { header = "x" } }

[[phase]]
id = "go"
title = "Go"
slot = "production"
gate = ["check", "signoff:staging"]
[[phase.section]]
id = "steps"
title = "Steps"
order = "steps"
[[phase.section.item]]
id = "stop"
title = "Stop the service"
changes = true
check = { kind = "command", run = "true" }
[[phase.section.item]]
id = "tests"
title = "Run the tests"
needs = ["python"]
check = { kind = "command", run = "pytest" }
[[phase.section.item]]
id = "move"
title = "Move the data"
check = { kind = "command", run = "true" }
[[phase.section.item]]
id = "queries"
title = "Queries after"
check = { kind = "http", path = "/lots", queries = { header = "x" } }
[[phase.section.item]]
id = "post"
title = "Post a row"
writes = true
check = { kind = "http", method = "POST", path = "/lots", status = 201 }

[[phase]]
id = "evaluate"
title = "Evaluate"
[[phase.section]]
id = "criteria"
title = "Criteria"
[[phase.section.item]]
id = "moved"
title = "The data moved"
due = "decision"
check = { kind = "evidence", of = ["go/steps/move"] }
[[phase.section.item]]
id = "fast"
title = "The move is fast"
due = "decision"
check = { kind = "evidence", item = "go/steps/move", measure = "duration" }
targets = [{ measure = "duration", below = 30, unit = "s" }]
[[phase.section.item]]
id = "fewer"
title = "Fewer queries"
check = { kind = "evidence", item = "go/steps/queries", measure = "queries", against = "check/look/queries-before", compute = "reduction" }
targets = [{ measure = "reduction", at_least = 98, unit = "%" }]
[[phase.section.item]]
id = "calm"
title = "A calm day"
due = "24h"

[[signoff]]
id = "staging"
title = "Staging"
phases = ["check"]
[[signoff.role]]
id = "qa"
title = "QA"
[[signoff.role]]
id = "dba"
title = "DBA"
"#;

fn real() -> Deployment {
    Deployment::open(PLAN, &[("staging", "staging"), ("production", "production")])
}

fn rehearsal() -> Deployment {
    Deployment::open(PLAN, &[("staging", "rehearsal-staging"), ("production", "rehearsal-production")])
}

fn sign(deployment: &mut Deployment, role: &str, decision: Approval) -> Result<(), Refusal> {
    let comment = (decision == Approval::NoGo).then(|| "not yet".to_owned());
    let intent = Intent::Sign { group: "staging".into(), role: role.into(), name: "Kim".into(), decision, comment };
    deployment.ask(intent).map(|_| ())
}

/// Everything before the gate, and the signatures.
fn through_the_gate(deployment: &mut Deployment) {
    deployment.tick("check/look/eyes");
    deployment.attempt("check/look/probe", passed());
    deployment.attempt("check/look/queries-before", measured("queries", 201.0, "queries"));
    sign(deployment, "qa", Approval::Go).unwrap();
    sign(deployment, "dba", Approval::Go).unwrap();
}

fn start(item: &str, confirmation: Option<&str>) -> Intent {
    Intent::StartAttempt { item: item.into(), confirmation: confirmation.map(ToOwned::to_owned) }
}

#[test]
fn a_closed_gate_says_everything_that_is_missing() {
    let mut deployment = real();
    deployment.attempt("check/look/probe", passed());
    let refusal = deployment.ask(start("go/steps/stop", Some("production"))).unwrap_err();
    let Refusal::GateClosed { missing, .. } = &refusal else { panic!("{refusal}") };
    assert_eq!(
        *missing,
        ["Check has 2 of 3 steps left, next `Look at it`", "QA has not signed Staging", "DBA has not signed Staging"]
    );
    assert_eq!(refusal.exit_status(), 4);
}

#[test]
fn the_gate_opens_when_all_is_complete_and_signed() {
    let mut deployment = real();
    through_the_gate(&mut deployment);
    deployment.ask(start("go/steps/stop", Some("production"))).unwrap();
}

#[test]
fn a_no_go_needs_a_comment_and_keeps_the_gate_closed() {
    let mut deployment = real();
    through_the_gate(&mut deployment);
    let silent = Intent::Sign {
        group: "staging".into(),
        role: "dba".into(),
        name: "Kim".into(),
        decision: Approval::NoGo,
        comment: None,
    };
    assert_eq!(deployment.ask(silent).unwrap_err(), Refusal::CommentMissing);
    sign(&mut deployment, "dba", Approval::NoGo).unwrap();
    let refusal = deployment.ask(start("go/steps/stop", Some("production"))).unwrap_err();
    assert!(refusal.to_string().contains("DBA said NO-GO for Staging"), "{refusal}");
}

#[test]
fn new_evidence_makes_a_signature_stale() {
    let mut deployment = real();
    through_the_gate(&mut deployment);
    deployment.attempt("check/look/probe", passed());
    let refusal = deployment.ask(start("go/steps/stop", Some("production"))).unwrap_err();
    assert!(refusal.to_string().contains("QA's sign-off for Staging is stale"), "{refusal}");
}

#[test]
fn a_protected_environment_wants_its_name_typed() {
    let mut deployment = real();
    through_the_gate(&mut deployment);
    for wrong in [None, Some("staging"), Some("")] {
        let refusal = deployment.ask(start("go/steps/stop", wrong)).unwrap_err();
        assert!(matches!(refusal, Refusal::ConfirmationNeeded { .. }), "{wrong:?}: {refusal}");
    }
    deployment.ask(start("go/steps/stop", Some(" production "))).unwrap();
}

#[test]
fn a_step_waits_for_the_one_before_and_a_waiver_lets_it_go_on() {
    let mut deployment = real();
    through_the_gate(&mut deployment);
    // The tests between them make no sense in production, which must not hide that nothing was stopped yet.
    let refusal = deployment.ask(start("go/steps/move", None)).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "`Move the data` (go/steps/move) has to wait: `Stop the service` is not done yet; finish that first, or waive it with a reason"
    );
    deployment.ask(start("go/steps/stop", Some("production"))).unwrap();
    let number = deployment.state.attempts.last().unwrap().number;
    deployment.ask(Intent::FinishAttempt { attempt: number, outcome: outcome(Verdict::Fail, "exit 1") }).unwrap();
    assert_eq!(deployment.status("go/steps/stop"), ItemStatus::Failed("exit 1".into()));
    let waive = |reason: &str| Intent::WaiveItem {
        item: "go/steps/stop".into(),
        how: Waiver::Overridden,
        reason: reason.into(),
        until: None,
    };
    assert_eq!(deployment.ask(waive("  ")).unwrap_err(), Refusal::ReasonMissing);
    deployment.ask(waive("stopped by hand")).unwrap();
    assert_eq!(deployment.status("go/steps/stop"), ItemStatus::Waived(Waiver::Overridden));
    deployment.start("go/steps/move");
}

#[test]
fn what_an_environment_lacks_is_inapplicable_with_the_reason() {
    let mut deployment = real();
    through_the_gate(&mut deployment);
    assert_eq!(deployment.status("go/steps/tests"), ItemStatus::Inapplicable("production has no Python".into()));
    assert_eq!(
        deployment.status("go/steps/post"),
        ItemStatus::Inapplicable("writes test rows, which production does not allow".into())
    );
    let refusal = deployment.ask(start("go/steps/tests", None)).unwrap_err();
    assert!(matches!(refusal, Refusal::Inapplicable { .. }), "{refusal}");
}

#[test]
fn only_one_attempt_of_an_item_runs_and_its_end_is_recorded_once() {
    let mut deployment = real();
    let number = deployment.start("check/look/probe");
    assert!(matches!(deployment.ask(start("check/look/probe", None)), Err(Refusal::Running { .. })));
    deployment.ask(Intent::FinishAttempt { attempt: number, outcome: passed() }).unwrap();
    let again = deployment.ask(Intent::FinishAttempt { attempt: number, outcome: passed() });
    assert_eq!(again.unwrap_err(), Refusal::AlreadyRecorded(number));
}

#[test]
fn a_lost_attempt_is_unknown_until_a_person_resolves_it() {
    let mut deployment = real();
    let number = deployment.start("check/look/probe");
    deployment.ask(Intent::LoseAttempt { attempt: number, reason: "its supervisor is gone".into() }).unwrap();
    assert_eq!(deployment.status("check/look/probe"), ItemStatus::Lost(number));
    assert!(matches!(deployment.ask(start("check/look/probe", None)), Err(Refusal::Unresolved { .. })));
    let waive =
        Intent::WaiveItem { item: "check/look/probe".into(), how: Waiver::Skipped, reason: "so".into(), until: None };
    assert!(matches!(deployment.ask(waive), Err(Refusal::Unresolved { .. })));
    deployment.ask(Intent::ResolveAttempt { attempt: number, reason: "nothing was left behind".into() }).unwrap();
    assert_eq!(deployment.status("check/look/probe"), ItemStatus::Open);
    deployment.attempt("check/look/probe", passed());
    assert_eq!(deployment.status("check/look/probe"), ItemStatus::Done);
}

#[test]
fn a_supervisor_thought_lost_may_still_tell_the_truth() {
    let mut deployment = real();
    let number = deployment.start("check/look/probe");
    deployment.ask(Intent::LoseAttempt { attempt: number, reason: "its supervisor is gone".into() }).unwrap();
    deployment.ask(Intent::FinishAttempt { attempt: number, outcome: passed() }).unwrap();
    assert_eq!(deployment.status("check/look/probe"), ItemStatus::Done);
}

#[test]
fn a_persons_tick_is_for_manual_items_only() {
    let mut deployment = real();
    let ticked = deployment.ask(Intent::CheckItem { item: "check/look/probe".into(), note: None });
    assert_eq!(
        ticked.unwrap_err().to_string(),
        "`Probe it` (check/look/probe) is command: run it, or waive it with a reason"
    );
}

#[test]
fn evidence_is_stale_when_what_it_rests_on_is_measured_anew() {
    let mut deployment = rehearsal();
    through_the_gate(&mut deployment);
    let by = deployment.by.simulating("captain");
    for item in ["go/steps/stop", "go/steps/tests"] {
        deployment.ask_as(&by, start(item, None)).unwrap();
        let attempt = deployment.state.attempts.last().unwrap().number;
        deployment.ask(Intent::FinishAttempt { attempt, outcome: passed() }).unwrap();
    }
    deployment.attempt("go/steps/move", measured("duration", 12.0, "s"));
    deployment.ask(Intent::EvaluateItem { item: "evaluate/criteria/fast".into() }).unwrap();
    assert_eq!(deployment.status("evaluate/criteria/fast"), ItemStatus::Done);
    deployment.attempt("go/steps/move", measured("duration", 31.0, "s"));
    assert_eq!(deployment.status("evaluate/criteria/fast"), ItemStatus::Open);
    deployment.ask(Intent::EvaluateItem { item: "evaluate/criteria/fast".into() }).unwrap();
    assert_eq!(deployment.status("evaluate/criteria/fast"), ItemStatus::Failed("duration 31 s, target < 30 s".into()));
}

#[test]
fn numbers_of_two_environments_are_not_compared() {
    let mut deployment = rehearsal();
    through_the_gate(&mut deployment);
    let by = deployment.by.simulating("captain");
    for item in ["go/steps/stop", "go/steps/tests", "go/steps/move"] {
        deployment.ask_as(&by, start(item, None)).unwrap();
        let attempt = deployment.state.attempts.last().unwrap().number;
        deployment.ask(Intent::FinishAttempt { attempt, outcome: passed() }).unwrap();
    }
    deployment.attempt("go/steps/queries", measured("queries", 4.0, "queries"));
    deployment.ask(Intent::EvaluateItem { item: "evaluate/criteria/fewer".into() }).unwrap();
    let ItemStatus::Inconclusive(why) = deployment.status("evaluate/criteria/fewer") else { panic!() };
    assert_eq!(why, "rehearsal-production and rehearsal-staging cannot be compared");
}

#[test]
fn missing_data_is_never_a_go() {
    let mut deployment = rehearsal();
    through_the_gate(&mut deployment);
    let outlook = criteria::outlook(&deployment.plan, &deployment.state, &deployment.board());
    assert_eq!(outlook.call, Call::Inconclusive);
    let decision = deployment.ask(Intent::Decide { decision: Approval::Go, reason: String::new() });
    let Err(Refusal::NotGo { reasons }) = decision else { panic!("{decision:?}") };
    assert!(reasons.iter().any(|r| r.starts_with("The data moved is inconclusive")), "{reasons:?}");
    // What is due in a day does not stand in the way of the decision.
    assert!(!reasons.iter().any(|r| r.contains("calm")), "{reasons:?}");
}

#[test]
fn a_failed_item_nobody_waived_is_a_no_go_with_its_name() {
    let mut deployment = rehearsal();
    deployment.attempt("check/look/probe", outcome(Verdict::Fail, "3 rows are orphaned"));
    let outlook = criteria::outlook(&deployment.plan, &deployment.state, &deployment.board());
    assert_eq!(outlook.call, Call::NoGo);
    assert_eq!(outlook.reasons[0].item, ItemId::new("check/look/probe"));
    assert_eq!(outlook.reasons[0].text, "Probe it: 3 rows are orphaned");
}

#[test]
fn a_sign_off_that_says_no_go_is_decided_over_by_nobody() {
    let mut deployment = rehearsal();
    through_the_gate(&mut deployment);
    sign(&mut deployment, "dba", Approval::NoGo).unwrap();
    let against = |deployment: &Deployment| {
        let outlook = criteria::outlook(&deployment.plan, &deployment.state, &deployment.board());
        let objects = outlook.reasons.iter().any(|reason| reason.text == "DBA signed NO-GO for Staging: not yet");
        (objects, outlook.call == Call::NoGo)
    };
    assert_eq!(against(&deployment), (true, true), "the outlook says so before anybody decides");
    // It does not go away by measuring something again: that only makes it stale.
    deployment.attempt("check/look/probe", passed());
    assert_eq!(against(&deployment), (true, true));
    let decision = deployment.ask(Intent::Decide { decision: Approval::Go, reason: "all the same".into() });
    let Err(Refusal::NotGo { reasons }) = decision else { panic!("{decision:?}") };
    assert!(reasons.contains(&"DBA signed NO-GO for Staging: not yet".to_owned()), "{reasons:?}");
    // Whoever objected signs again, or takes it back.
    sign(&mut deployment, "dba", Approval::Go).unwrap();
    assert!(!against(&deployment).0);
    sign(&mut deployment, "dba", Approval::NoGo).unwrap();
    let (group, role) = ("staging".into(), "dba".into());
    deployment.ask(Intent::WithdrawSignoff { group, role, reason: "it was the wrong one".into() }).unwrap();
    assert!(!against(&deployment).0);
}

#[test]
fn simulated_answers_work_in_a_rehearsal_and_nowhere_else() {
    let tick = || Intent::CheckItem { item: "check/look/eyes".into(), note: None };
    let by = operator("captain").simulating("crew");
    rehearsal().ask_as(&by, tick()).unwrap();
    let refusal = real().ask_as(&by, tick()).unwrap_err();
    assert!(matches!(refusal, Refusal::SimulatedForbidden(_)), "{refusal}");
}

#[test]
fn the_same_database_in_two_slots_is_refused() {
    let mut deployment = real();
    let reach = |environment: &str, identity: &str| Intent::RecordIdentity {
        environment: environment.into(),
        identity: identity.into(),
    };
    deployment.ask(reach("staging", "inode 7")).unwrap();
    assert!(deployment.ask(reach("staging", "inode 7")).unwrap().is_empty());
    assert!(matches!(deployment.ask(reach("production", "inode 7")), Err(Refusal::SameTarget { .. })));
    assert!(matches!(deployment.ask(reach("staging", "inode 8")), Err(Refusal::WrongTarget { .. })));
}

#[test]
fn simulated_answers_run_to_the_decision() {
    let mut deployment = rehearsal();
    let mut steps = 0;
    loop {
        let mut board = deployment.board();
        let Some(step) = flight::next(&deployment.plan, &deployment.state, &mut board, Crew::Simulated) else { break };
        steps += 1;
        assert!(steps < 50, "the flight goes round in circles at {step:?}");
        let by = deployment.by.simulating("crew");
        match step {
            Step::Run(item) => {
                deployment.ask_as(&by, Intent::StartAttempt { item: item.clone(), confirmation: None }).unwrap();
                let attempt = deployment.state.attempts.last().unwrap().number;
                let mut outcome = measured("duration", 3.0, "s");
                outcome.measured.push(gonogo::deployment::Measurement::new("queries", 4.0, "queries"));
                deployment.ask(Intent::FinishAttempt { attempt, outcome }).unwrap();
            }
            Step::Evaluate(item) => drop(deployment.ask(Intent::EvaluateItem { item }).unwrap()),
            Step::Tick(item) => drop(deployment.ask_as(&by, Intent::CheckItem { item, note: None }).unwrap()),
            Step::Fill(item) => drop(deployment.ask_as(&by, Intent::FillValue { item, value: "0".into() }).unwrap()),
            Step::Sign(_, role) => sign(&mut deployment, role.as_str(), Approval::Go).unwrap(),
        }
    }
    assert_eq!(deployment.status("evaluate/criteria/moved"), ItemStatus::Done);
    assert_eq!(deployment.status("evaluate/criteria/calm"), ItemStatus::Open);
    let person = |deployment: &Deployment| {
        let mut board = deployment.board();
        flight::person_needed(&deployment.plan, &deployment.state, &mut board).map(|item| item.id.to_string())
    };
    // What is due in a day is asked for once the decision is made, not before.
    assert_eq!(person(&deployment), None);
    deployment.ask(Intent::Decide { decision: Approval::Go, reason: String::new() }).unwrap();
    assert_eq!(criteria::outcome(&deployment.state), "go");
    assert_eq!(person(&deployment).as_deref(), Some("evaluate/criteria/calm"));
    // The fold of the records is the state, whoever folds them.
    assert_eq!(State::replay(&deployment.records), deployment.state);
}

#[test]
fn a_phase_that_has_not_opened_itself_opens_nothing_behind_it() {
    // A third phase with nothing that applies, so that all of it is complete from the first moment.
    let plan = PLAN.replace(
        "[[phase]]\nid = \"evaluate\"",
        r#"[[phase]]
id = "papers"
title = "Papers"
slot = "production"
gate = ["go"]
[[phase.section]]
id = "read"
title = "Read"
[[phase.section.item]]
id = "tests"
title = "Read the tests"
needs = ["python"]
[[phase]]
id = "last"
title = "Last"
slot = "production"
gate = ["papers"]
[[phase.section]]
id = "look"
title = "Look"
[[phase.section.item]]
id = "probe"
title = "Probe it"
check = { kind = "command", run = "true" }
[[phase]]
id = "evaluate""#,
    );
    let mut deployment = Deployment::open(&plan, &[("staging", "staging"), ("production", "production")]);
    assert!(deployment.status("papers/read/tests").is_complete());
    let refusal = deployment.ask(start("last/look/probe", None)).unwrap_err();
    let Refusal::GateClosed { missing, .. } = &refusal else { panic!("{refusal}") };
    assert!(missing[0].starts_with("Papers has not opened: Go has"), "{missing:?}");
}

const SWAPPED: &str = r#"
format = 1
id = "x"
title = "x"
[[slot]]
id = "s"
title = "s"
[environments.e]
slot = "s"
database = "sqlite:hub.db"
backups = "b"
scratch = "c"
[[phase]]
id = "p"
title = "p"
slot = "s"
[[phase.section]]
id = "s"
title = "s"
[[phase.section.item]]
id = "backup"
title = "backup"
ours = "a test"
check = { kind = "backup" }
[[phase.section.item]]
id = "swap"
title = "swap"
ours = "a test"
check = { kind = "backup", stage = "swap", of = "p/s/backup" }
"#;

#[test]
fn another_database_may_stand_there_only_while_a_backup_is_swapped_in() {
    let mut deployment = Deployment::open(SWAPPED, &[("s", "e")]);
    let found =
        |inode: u32| Intent::RecordIdentity { environment: "e".into(), identity: format!("sqlite inode 1:{inode}") };
    deployment.ask(found(1)).unwrap();
    let backup = deployment.start("p/s/backup");
    assert!(matches!(deployment.ask(found(2)), Err(Refusal::WrongTarget { .. })), "a backup leaves it where it is");
    deployment.ask(Intent::FinishAttempt { attempt: backup, outcome: passed() }).unwrap();
    let swap = deployment.start("p/s/swap");
    assert_eq!(deployment.ask(found(2)).unwrap().len(), 1);
    deployment.ask(Intent::FinishAttempt { attempt: swap, outcome: passed() }).unwrap();
    assert_eq!(deployment.ask(found(2)).unwrap().len(), 0);
    assert!(matches!(deployment.ask(found(3)), Err(Refusal::WrongTarget { .. })), "it is over");
    // Nobody knows how this one ended, so whatever stands there is what there is.
    let lost = deployment.start("p/s/swap");
    deployment.ask(Intent::LoseAttempt { attempt: lost, reason: "the host went down".into() }).unwrap();
    assert_eq!(deployment.ask(found(3)).unwrap().len(), 1);
}

/// As an imported runbook: no line of it is marked as a criterion.
#[test]
fn without_named_criteria_every_step_is_one() {
    let plan = "format = 1\nid = \"r\"\ntitle = \"R\"\n[[slot]]\nid = \"here\"\ntitle = \"Here\"\n[environments.one]\nslot = \"here\"\n\
                [[phase]]\nid = \"p\"\ntitle = \"P\"\nslot = \"here\"\n[[phase.section]]\nid = \"s\"\ntitle = \"S\"\n\
                [[phase.section.item]]\nid = \"a\"\ntitle = \"A\"\ncheck = { kind = \"manual\" }\n\
                [[phase.section.item]]\nid = \"b\"\ntitle = \"B\"\ncheck = { kind = \"command\", run = \"true\" }\n";
    let mut deployment = Deployment::open(plan, &[("here", "one")]);
    let decide = |deployment: &mut Deployment| {
        deployment.ask(Intent::Decide { decision: Approval::Go, reason: "all done".to_owned() })
    };
    let outlook = |deployment: &Deployment| criteria::outlook(&deployment.plan, &deployment.state, &deployment.board());
    assert_eq!(outlook(&deployment).call, Call::Inconclusive);
    deployment.tick("p/s/a");
    let Err(Refusal::NotGo { reasons }) = decide(&mut deployment) else { panic!("one step is open") };
    assert_eq!(reasons, ["B is inconclusive: no verdict yet"]);
    deployment.attempt("p/s/b", passed());
    let all = outlook(&deployment);
    assert_eq!((all.call, all.coverage.total, all.coverage.measured, all.coverage.by_people), (Call::Go, 2, 1, 1));
    decide(&mut deployment).unwrap();
    deployment.ask(Intent::Close { note: None }).unwrap();
}
