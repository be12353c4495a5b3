//! What was measured before the environment was changed again loses its tick, and a baseline never does.
//!
//! Longer than 400 lines because the cases and the property at its end share one checklist.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::common::deployment::{Deployment, measured, outcome, passed};
use gonogo::checklist::ItemId;
use gonogo::deployment::account::metrics::metrics;
use gonogo::deployment::criteria::{Call, outlook};
use gonogo::deployment::flight::{Crew, Step, next};
use gonogo::deployment::{Board, Intent, ItemStatus, Refusal, Verdict, gate};
use proptest::prelude::*;

const PLAN: &str = r#"
format = 1
id = "shop"
title = "Shop"
[[slot]]
id = "db"
title = "Database"
[environments.one]
slot = "db"
[environments.one.commands]
stop = "stop"
start = "start"
[[phase]]
id = "w"
title = "Window"
slot = "db"
[[phase.section]]
id = "s"
title = "Steps"
[[phase.section.item]]
id = "before"
title = "Count rows before"
check = { kind = "command", run = "count" }
[[phase.section.item]]
id = "stop"
title = "Stop the service"
changes = true
check = { kind = "command", use = "stop" }
[[phase.section.item]]
id = "start"
title = "Start the service"
changes = true
check = { kind = "command", use = "start" }
[[phase.section.item]]
id = "healthy"
title = "Service healthy"
check = { kind = "command", run = "ask" }
[[phase.section.item]]
id = "complete"
title = "Window complete"
due = "decision"
check = { kind = "evidence", of = ["w/s/before", "w/s/stop", "w/s/start", "w/s/healthy"] }
"#;

fn run(deployment: &mut Deployment, items: &[&str]) {
    for item in items {
        deployment.attempt(&format!("w/s/{item}"), passed());
    }
    deployment.ask(Intent::EvaluateItem { item: "w/s/complete".into() }).unwrap();
}

fn call(deployment: &Deployment) -> (Call, Vec<String>) {
    let board = Board::at(&deployment.plan, &deployment.state, deployment.now);
    let outlook = outlook(&deployment.plan, &deployment.state, &board);
    (outlook.call, outlook.reasons.into_iter().map(|reason| reason.text).collect())
}

#[test]
fn a_step_carried_out_again_makes_what_was_measured_after_it_say_nothing() {
    let mut deployment = Deployment::open(PLAN, &[("db", "one")]);
    run(&mut deployment, &["before", "stop", "start", "healthy"]);
    assert_eq!(call(&deployment), (Call::Go, Vec::new()));
    // The service is stopped again: nobody has asked it since.
    run(&mut deployment, &["stop"]);
    let (stopped, why) = call(&deployment);
    assert_eq!(stopped, Call::Inconclusive);
    assert!(
        why[0].contains("Service healthy")
            && why[0].contains("was measured before")
            && why[0].contains("Stop the service"),
        "{why:?}"
    );
    // Started again it still has to be asked; what was counted before the window stays what it was.
    run(&mut deployment, &["start"]);
    assert_eq!(call(&deployment).0, Call::Inconclusive);
    run(&mut deployment, &["healthy"]);
    assert_eq!(call(&deployment), (Call::Go, Vec::new()));
}

/// Two environments; in the first a release, a migration by a command and a restart, each with a line behind it.
const LINES: &str = r#"
format = 1
id = "shop"
title = "Shop"
[[slot]]
id = "db"
title = "Database"
[[slot]]
id = "other"
title = "Other"
[environments.one]
slot = "db"
url = "http://127.0.0.1:1"
[environments.two]
slot = "other"
url = "http://127.0.0.1:2"
[[phase]]
id = "p"
title = "Before"
slot = "db"
[[phase.section]]
id = "s"
title = "Lines"
[[phase.section.item]]
id = "count"
title = "Count before"
check = { kind = "command", run = "count", numbers = [{ measure = "rows", pattern = "([0-9]+)", unit = "rows" }] }
[[phase]]
id = "w"
title = "Window"
slot = "db"
[[phase.section]]
id = "s"
title = "Lines"
[[phase.section.item]]
id = "release"
title = "Release"
changes = true
check = { kind = "command", run = "release" }
[[phase.section.item]]
id = "released"
title = "Released"
check = { kind = "command", run = "ask" }
[[phase.section.item]]
id = "base"
title = "Baseline"
check = { kind = "http", path = "/orders" }
[[phase.section.item]]
id = "silent"
title = "Nothing responds"
check = { kind = "http", path = "/", expect = "silent" }
[[phase.section.item]]
id = "migrate"
title = "Migrate"
changes = true
check = { kind = "command", run = "alembic upgrade head" }
[[phase.section.item]]
id = "migrated"
title = "Migrated"
check = { kind = "command", run = "count", numbers = [{ measure = "rows", pattern = "([0-9]+)", unit = "rows" }] }
[[phase.section.item]]
id = "restart"
title = "Restart"
changes = true
check = { kind = "command", run = "restart" }
[[phase.section.item]]
id = "healthy"
title = "Healthy"
check = { kind = "http", path = "/orders" }
[[phase.section.item]]
id = "looked"
title = "Somebody looked"
[[phase.section.item]]
id = "elsewhere"
title = "Elsewhere"
slot = "other"
check = { kind = "command", run = "ask" }
[[phase]]
id = "x"
title = "After"
slot = "db"
gate = ["w/s/healthy", "w/s/migrated"]
[[phase.section]]
id = "s"
title = "Lines"
[[phase.section.item]]
id = "faster"
title = "Faster than before"
due = "decision"
targets = [{ measure = "reduction", at_least = 0, unit = "%" }]
check = { kind = "evidence", item = "w/s/healthy", measure = "latency-p95", against = "w/s/base", compute = "reduction" }
[[phase.section.item]]
id = "same"
title = "As many rows"
due = "decision"
targets = [{ measure = "difference", equals = 0, unit = "rows" }]
check = { kind = "evidence", item = "w/s/migrated", measure = "rows", against = "p/s/count", compute = "difference" }
[[pane]]
id = "orders"
title = "Orders"
slot = "db"
source = { kind = "latency", path = "/orders" }
unit = "ms"
every = "2s"
target = { below = 200 }
"#;

fn lines() -> Deployment {
    Deployment::open(LINES, &[("db", "one"), ("other", "two")])
}

fn carry_out(deployment: &mut Deployment, items: &[&str]) {
    for item in items {
        let outcome = match *item {
            "p/s/count" | "w/s/migrated" => measured("rows", 5.0, "rows"),
            "w/s/base" | "w/s/healthy" => measured("latency-p95", 100.0, "ms"),
            _ => passed(),
        };
        deployment.attempt(item, outcome);
    }
}

const FLOWN: [&str; 8] = [
    "p/s/count",
    "w/s/release",
    "w/s/released",
    "w/s/base",
    "w/s/migrate",
    "w/s/migrated",
    "w/s/restart",
    "w/s/healthy",
];

#[test]
fn a_release_carried_out_again_takes_the_ticks_behind_it_and_no_baseline() {
    let mut deployment = lines();
    carry_out(&mut deployment, &FLOWN);
    deployment.tick("w/s/looked");
    carry_out(&mut deployment, &["w/s/elsewhere"]);
    let gate = |deployment: &Deployment| {
        let phase = deployment.plan.checklist().phase(&"x".into()).unwrap();
        gate::missing(&deployment.plan, &deployment.state, &mut deployment.board(), phase)
    };
    assert_eq!(gate(&deployment), Vec::<String>::new());
    carry_out(&mut deployment, &["w/s/release"]);
    let why = "measured before Release was run again".to_owned();
    for (item, status) in [
        ("p/s/count", ItemStatus::Done),
        ("w/s/release", ItemStatus::Done),
        // It is part of what the migration is compared with.
        ("w/s/released", ItemStatus::Done),
        ("w/s/base", ItemStatus::Done),
        ("w/s/migrate", ItemStatus::Done),
        ("w/s/migrated", ItemStatus::Outdated(why.clone())),
        ("w/s/restart", ItemStatus::Done),
        ("w/s/healthy", ItemStatus::Outdated(why.clone())),
        ("w/s/looked", ItemStatus::Done),
        ("w/s/elsewhere", ItemStatus::Done),
    ] {
        assert_eq!(deployment.status(item), status, "{item}");
    }
    assert_eq!(
        gate(&deployment),
        ["`Healthy` was measured before Release was run again", "`Migrated` was measured before Release was run again"]
    );
    let seen = &metrics(&deployment.plan, &deployment.state)[0];
    assert_eq!((seen.value, seen.verdict), (Some(100.0), Verdict::Inconclusive));
    // Whoever drives by itself measures these two again, and then the gate is open.
    for item in ["w/s/silent", "w/s/migrated", "w/s/healthy"] {
        let step = next(&deployment.plan, &deployment.state, &mut deployment.board(), Crew::People);
        assert_eq!(step, Some(Step::Run(item.into())));
        carry_out(&mut deployment, &[item]);
    }
    assert_eq!(deployment.status("w/s/healthy"), ItemStatus::Done);
    assert_eq!(gate(&deployment), Vec::<String>::new());
    assert_eq!(metrics(&deployment.plan, &deployment.state)[0].verdict, Verdict::Pass);
}

#[test]
fn a_criterion_with_a_baseline_asks_for_the_line_and_never_for_the_baseline() {
    let mut deployment = lines();
    carry_out(&mut deployment, &FLOWN);
    for item in ["x/s/faster", "x/s/same"] {
        deployment.ask(Intent::EvaluateItem { item: item.into() }).unwrap();
    }
    assert_eq!(call(&deployment), (Call::Go, Vec::new()));
    carry_out(&mut deployment, &["w/s/migrate"]);
    let (now, why) = call(&deployment);
    assert_eq!(now, Call::Inconclusive);
    assert_eq!(
        why,
        [
            "Faster than before is inconclusive: Healthy was measured before Migrate was run; run it again",
            "As many rows is inconclusive: Migrated was measured before Migrate was run; run it again",
        ]
    );
}

#[test]
fn what_a_migration_made_past_can_only_be_looked_at_by_a_person() {
    let mut deployment = lines();
    carry_out(&mut deployment, &["w/s/release", "w/s/released", "w/s/release"]);
    assert_eq!(
        deployment.status("w/s/released"),
        ItemStatus::Outdated("measured before Release was run again".to_owned())
    );
    carry_out(&mut deployment, &["w/s/migrate"]);
    assert_eq!(
        deployment.status("w/s/released"),
        ItemStatus::Inconclusive(
            "measured before Release was run again, and Migrate was run since: it cannot be measured as it was"
                .to_owned()
        )
    );
}

#[test]
fn a_baseline_is_not_measured_behind_the_step_it_is_compared_across() {
    let mut deployment = lines();
    let refused = |deployment: &Deployment, item: &str| {
        let item = deployment.plan.item(&item.into()).unwrap();
        match gate::obstacle(&deployment.plan, &deployment.state, &mut deployment.board(), item) {
            Some(Refusal::BaselineTooLate { step, .. }) => Some(step.to_string()),
            Some(other) => panic!("{other}"),
            None => None,
        }
    };
    carry_out(&mut deployment, &["p/s/count", "p/s/count", "w/s/release"]);
    // A command may count anything, and what it speaks of may be another release by now.
    assert_eq!(refused(&deployment, "p/s/count").as_deref(), Some("`Release` (w/s/release)"));
    // Behind the release it is compared with, and before everything else.
    carry_out(&mut deployment, &["w/s/base", "w/s/base"]);
    assert_eq!(refused(&deployment, "w/s/base"), None);
    carry_out(&mut deployment, &["w/s/migrate"]);
    assert_eq!(refused(&deployment, "w/s/base").as_deref(), Some("`Migrate` (w/s/migrate)"));
    let refusal = deployment.ask(Intent::StartAttempt { item: "w/s/base".into(), confirmation: None }).unwrap_err();
    assert!(matches!(refusal, Refusal::BaselineTooLate { .. }), "{refusal}");
    // What compares with it is measured as often as anybody likes.
    assert_eq!(refused(&deployment, "w/s/healthy"), None);
    assert_eq!(refused(&deployment, "w/s/migrated"), None);
}

#[test]
fn rows_are_counted_again_after_a_stop_and_not_after_a_migration() {
    let plan = PLAN
        .replace(
            "slot = \"db\"\n[environments.one.commands]",
            "slot = \"db\"\ndatabase = \"sqlite:a.db\"\n[environments.one.commands]",
        )
        .replace("check = { kind = \"command\", run = \"count\" }", "check = { kind = \"rows\" }")
        .replace(
            "check = { kind = \"command\", run = \"ask\" }",
            "check = { kind = \"rows\", against = \"w/s/before\" }",
        )
        .replace("start = \"start\"", "start = \"alembic upgrade head && start\"");
    let mut deployment = Deployment::open(&plan, &[("db", "one")]);
    let item = "w/s/before";
    let obstacle = |deployment: &Deployment| {
        let item = deployment.plan.item(&item.into()).unwrap();
        gate::obstacle(&deployment.plan, &deployment.state, &mut deployment.board(), item)
    };
    carry_out(&mut deployment, &[item, "w/s/stop"]);
    assert!(obstacle(&deployment).is_none());
    carry_out(&mut deployment, &["w/s/start"]);
    assert!(matches!(obstacle(&deployment), Some(Refusal::BaselineTooLate { .. })));
}

#[test]
fn silence_is_measured_again_while_it_lasts_and_not_after_the_restart() {
    let mut deployment = lines();
    carry_out(&mut deployment, &["w/s/release", "w/s/migrate", "w/s/silent", "w/s/restart", "w/s/release"]);
    assert_eq!(deployment.status("w/s/silent").word(), "outdated");
    carry_out(&mut deployment, &["w/s/restart"]);
    assert_eq!(deployment.status("w/s/silent").word(), "inconclusive");
}

#[test]
fn what_failed_stays_failed_and_what_could_not_be_started_changed_nothing() {
    let mut deployment = lines();
    carry_out(&mut deployment, &["w/s/release"]);
    deployment.attempt("w/s/healthy", outcome(Verdict::Fail, "503"));
    carry_out(&mut deployment, &["w/s/released"]);
    let not_started = gonogo::deployment::attempt::Outcome {
        end: gonogo::deployment::attempt::End::NotStarted,
        ..outcome(Verdict::Fail, "release: not found")
    };
    deployment.attempt("w/s/release", not_started);
    assert_eq!(deployment.status("w/s/released"), ItemStatus::Done);
    carry_out(&mut deployment, &["w/s/release"]);
    assert_eq!(deployment.status("w/s/released").word(), "outdated");
    assert_eq!(deployment.status("w/s/healthy"), ItemStatus::Failed("503".to_owned()));
}

const STEPS: [&str; 3] = ["w/s/release", "w/s/migrate", "w/s/restart"];
const MEASURED: [&str; 7] =
    ["p/s/count", "w/s/released", "w/s/base", "w/s/silent", "w/s/migrated", "w/s/healthy", "w/s/elsewhere"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn an_outdated_baseline_never_exists(order in prop::collection::vec(0_usize..10, 0..24)) {
        let all: Vec<&str> = STEPS.iter().chain(&MEASURED).copied().collect();
        let order: Vec<&str> = order.into_iter().map(|index| all[index]).collect();
        let mut deployment = lines();
        let may = |deployment: &Deployment, item: &str| {
            let item = deployment.plan.item(&item.into()).unwrap();
            gate::obstacle(&deployment.plan, &deployment.state, &mut deployment.board(), item).is_none()
        };
        let order: Vec<&str> = order.into_iter().filter(|item| {
            let may = may(&deployment, item);
            if may {
                carry_out(&mut deployment, &[item]);
            }
            may
        }).collect();
        let board = deployment.board();
        let place = |item: &str| deployment.plan.position(&item.into()).unwrap();
        let runs = |item: &str| -> Vec<usize> { (0..order.len()).filter(|at| order[*at] == item).collect() };
        let repeated = STEPS.iter().any(|step| runs(step).len() > 1);
        let last_change = order.iter().rposition(|item| STEPS.contains(item));
        for line in MEASURED {
            let id: ItemId = line.into();
            let status = board.status(&id);
            let outdated = matches!(status, ItemStatus::Outdated(_));
            let Some(measured) = runs(line).last().copied() else {
                prop_assert_eq!(status, &ItemStatus::Open);
                continue;
            };
            let around = |step: &&&str| {
                let runs = runs(step);
                place(step) < place(line)
                    && runs.first().is_some_and(|first| *first < measured)
                    && runs.last().is_some_and(|last| measured < *last)
            };
            let again = STEPS.iter().find(around);
            let compared = ["p/s/count", "w/s/base"].contains(&line);
            let migrated = place(line) < place("w/s/migrate")
                && runs("w/s/migrate").first().is_some_and(|first| measured < *first);
            if outdated {
                prop_assert!(repeated && again.is_some(), "{line} in {order:?}");
                prop_assert!(!compared && !migrated && line != "w/s/elsewhere", "a baseline: {line} in {order:?}");
                prop_assert!(last_change.is_some_and(|change| measured < change), "{line} in {order:?}");
            } else if *status == ItemStatus::Done && line != "w/s/elsewhere" {
                prop_assert!(again.is_none() || compared || migrated, "{line} in {order:?}");
            }
            // The autopilot carries out what is open or outdated, and nothing else.
            let step = next(&deployment.plan, &deployment.state, &mut deployment.board(), Crew::People);
            if step == Some(Step::Run(id)) {
                prop_assert!(outdated, "{line} in {order:?}");
            }
        }
    }
}
