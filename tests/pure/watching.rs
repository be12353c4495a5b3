//! The days after the decision, with a clock that is handed in: watches, lines that fall due, and the handover.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::common;

use chrono::TimeDelta;
use common::deployment::{Deployment, outcome, passed};
use gonogo::checklist::lint::{lint, lint_strictly};
use gonogo::deployment::account::handover::Handover;
use gonogo::deployment::fact::{Approval, Fact, IssueAccount, Waiver};
use gonogo::deployment::flight::{self, Crew};
use gonogo::deployment::seat::{Seat, SeatLock, SessionId};
use gonogo::deployment::{Board, Context, Intent, ItemStatus, Verdict, decide, due, waiting, watching};
use std::sync::Arc;

const PLAN: &str = r#"
format = 1
id = "night"
title = "Night"
[[slot]]
id = "production"
title = "Production"
[environments.one]
slot = "production"
url = "http://127.0.0.1:1"
[[phase]]
id = "p"
title = "P"
slot = "production"
[[phase.section]]
id = "steps"
title = "Steps"
[[phase.section.item]]
id = "start"
title = "Start"
check = { kind = "command", run = "true" }
[[phase.section.item]]
id = "decided"
title = "It runs"
due = "decision"
check = { kind = "evidence", of = ["p/steps/start"] }
[[phase]]
id = "after"
title = "After"
slot = "production"
[[phase.section]]
id = "watch"
title = "Watch"
[[phase.section.item]]
id = "latency"
title = "Latency over a day"
check = { kind = "watch", pane = "lots", over = "24h", from = "p/steps/start" }
targets = [{ measure = "p95", below = 200, unit = "ms" }]
[[phase.section]]
id = "day-1"
title = "Day 1"
within = ["T+24h", "T+48h"]
[[phase.section.item]]
id = "calls"
title = "Nobody called"
[[phase.section.item]]
id = "mail"
title = "Nobody wrote"
[[phase.section]]
id = "day-3"
title = "Days 2 and 3"
within = ["T+48h", "T+72h"]
[[phase.section.item]]
id = "again"
title = "Nobody called again"
[[pane]]
id = "lots"
title = "Lots"
slot = "production"
source = { kind = "latency", path = "/lots" }
unit = "ms"
every = "5s"
"#;

fn hours(deployment: &mut Deployment, hours: i64) {
    deployment.now += TimeDelta::hours(hours);
}

fn board(deployment: &Deployment) -> Board {
    Board::at(&deployment.plan, &deployment.state, deployment.now)
}

fn status(deployment: &Deployment, item: &str) -> ItemStatus {
    board(deployment).status(&item.into()).clone()
}

/// Started and decided, a minute after it was opened.
fn decided() -> Deployment {
    let mut deployment = Deployment::open(PLAN, &[("production", "one")]);
    deployment.now += TimeDelta::seconds(55);
    deployment.attempt("p/steps/start", passed());
    deployment.ask(Intent::EvaluateItem { item: "p/steps/decided".into() }).unwrap();
    deployment.ask(Intent::Decide { decision: Approval::Go, reason: "fine".into() }).unwrap();
    deployment
}

fn overdue(deployment: &Deployment) -> Vec<(String, bool)> {
    let due = due::due(&deployment.plan, &deployment.state, &board(deployment), deployment.now);
    due.iter().map(|one| (one.item.id.to_string(), one.is_overdue(deployment.now))).collect()
}

#[test]
fn a_watch_is_neither_done_nor_failed_until_its_time_is_over() {
    let deployment = Deployment::open(PLAN, &[("production", "one")]);
    let watch = "after/watch/latency";
    let under_way = |deployment: &Deployment| {
        let now = deployment.now;
        watching::under_way(&deployment.plan, &deployment.state, &board(deployment), now)
            .iter()
            .map(|one| (one.item.id.to_string(), one.period.from, one.period.until))
            .collect::<Vec<_>>()
    };
    assert!(under_way(&deployment).is_empty(), "what it begins with is not complete");
    let mut deployment = decided();
    let begun = deployment.state.times[&"p/steps/start".into()].completed.unwrap().at;
    assert_eq!(under_way(&deployment), [(watch.to_owned(), begun, begun + TimeDelta::hours(24))]);

    // Looked at in between: recorded, and settles nothing.
    hours(&mut deployment, 6);
    deployment.attempt(watch, outcome(Verdict::Inconclusive, "watching, 6 h of 24 h"));
    assert_eq!(status(&deployment, watch), ItemStatus::Open);
    deployment.attempt(watch, passed());
    assert_eq!(status(&deployment, watch), ItemStatus::Open, "a pass before the end is none");

    // Over: what is found counts.
    hours(&mut deployment, 18);
    deployment.attempt(watch, outcome(Verdict::Inconclusive, "91 % covered"));
    assert_eq!(status(&deployment, watch), ItemStatus::Inconclusive("91 % covered".into()));
    deployment.attempt(watch, passed());
    assert_eq!(status(&deployment, watch), ItemStatus::Done);
    assert!(under_way(&deployment).is_empty());

    // What it watched was started again: so is the watch.
    deployment.attempt("p/steps/start", passed());
    assert_eq!(status(&deployment, watch), ItemStatus::Open);
    deployment.attempt(watch, outcome(Verdict::Fail, "865 samples"));
    assert_eq!(status(&deployment, watch), ItemStatus::Failed("865 samples".into()), "at once");
}

#[test]
fn what_a_watch_found_is_recorded_behind_a_closed_gate() {
    let head = "id = \"after\"\ntitle = \"After\"\n";
    let text = PLAN.replace(head, &format!("{head}gate = [\"p/steps/decided\"]\n"));
    assert_ne!(text, PLAN);
    let mut deployment = Deployment::open(&text, &[("production", "one")]);
    let may_begin = |deployment: &Deployment| {
        let mut board = board(deployment);
        watching::may_begin(&deployment.plan, &deployment.state, &mut board, &"after/watch/latency".into())
    };
    assert!(!may_begin(&deployment), "its period has not begun");
    deployment.attempt("p/steps/start", passed());
    let check = Intent::CheckItem { item: "after/day-1/calls".into(), note: None };
    assert!(deployment.ask(check).is_err(), "the gate is closed for everything else");
    assert!(may_begin(&deployment));
    deployment.attempt("after/watch/latency", outcome(Verdict::Fail, "865 samples"));
    assert_eq!(status(&deployment, "after/watch/latency"), ItemStatus::Failed("865 samples".into()));
}

#[test]
fn a_watch_with_too_little_data_has_not_failed() {
    let mut deployment = decided();
    hours(&mut deployment, 25);
    deployment.attempt("after/watch/latency", outcome(Verdict::Inconclusive, "91 % covered"));
    let tally = board(&deployment).phase(&deployment.plan, &"after".into());
    assert_eq!((tally.failed, tally.open, tally.total), (0, 4, 4));
    deployment.attempt("after/watch/latency", outcome(Verdict::Fail, "865 samples"));
    assert_eq!(board(&deployment).phase(&deployment.plan, &"after".into()).failed, 1);
}

#[test]
fn a_watch_needs_no_seat_and_nobody_sits_through_it() {
    let mut deployment = decided();
    let context = |session: &str, lock| Context {
        session: SessionId::new(session),
        lock,
        ..Context::new(deployment.now, deployment.by.clone())
    };
    let taken = decide(
        &deployment.plan,
        &deployment.state,
        &context("a", SeatLock::Ours),
        Intent::TakeSeat { seat: Seat::Captain },
    );
    assert!(matches!(taken.unwrap()[0], Fact::SeatTaken { .. }));
    deployment.ask(Intent::AddNote { item: None, text: "on the way home".into() }).unwrap();
    let start = |item: &str| Intent::StartAttempt { item: item.into(), confirmation: None };
    let mut seated = deployment.state.clone();
    let record = deployment.records.last().unwrap().clone();
    seated.apply(&gonogo::deployment::Record {
        fact: Fact::SeatTaken { seat: Seat::Captain, session: SessionId::new("a") },
        ..record
    });
    let other = Context { at: deployment.now, ..Context::new(deployment.now, deployment.by.clone()) };
    assert!(decide(&deployment.plan, &seated, &other, start("p/steps/start")).is_err(), "somebody else drives");
    assert!(decide(&deployment.plan, &seated, &other, start("after/watch/latency")).is_ok());

    let plan = Arc::clone(&deployment.plan);
    let mut now = board(&deployment);
    assert_eq!(
        flight::next(&plan, &deployment.state, &mut now, Crew::People),
        None,
        "nothing for a person to wait for"
    );
    let step = flight::Step::Run("after/watch/latency".into());
    let wait = waiting::wait(&plan, &deployment.state, &step, deployment.now);
    assert!(matches!(wait, Some(waiting::Wait::Until(_))), "{wait:?}");
    hours(&mut deployment, 25);
    let mut now = board(&deployment);
    assert_eq!(flight::next(&plan, &deployment.state, &mut now, Crew::People), Some(step));
}

#[test]
fn lines_fall_due_and_people_are_reminded_once_a_day() {
    let mut deployment = decided();
    let remind = |deployment: &mut Deployment| {
        let made = deployment.ask(Intent::RemindOfDue).unwrap();
        made.into_iter().map(|record| record.fact).collect::<Vec<_>>()
    };
    assert_eq!(overdue(&deployment), []);
    assert_eq!(remind(&mut deployment), []);
    let next = due::next(&deployment.plan, &deployment.state, &board(&deployment), deployment.now).unwrap();
    assert_eq!(next.item.id.as_str(), "after/day-1/calls");

    hours(&mut deployment, 25);
    let calls = || "after/day-1/calls".to_owned();
    let mail = || "after/day-1/mail".to_owned();
    let again = || "after/day-3/again".to_owned();
    assert_eq!(overdue(&deployment), [(calls(), false), (mail(), false)]);
    let first = remind(&mut deployment);
    let due = vec![calls().as_str().into(), mail().as_str().into()];
    assert_eq!(first, [Fact::ItemsDue { items: due, overdue: 0 }]);
    hours(&mut deployment, 20);
    assert_eq!(remind(&mut deployment), [], "not twice a day, whoever asks");

    deployment.tick("after/day-1/mail");
    hours(&mut deployment, 5);
    assert_eq!(overdue(&deployment), [(calls(), true), (again(), false)], "the longest overdue first");
    let second = remind(&mut deployment);
    let due = vec![calls().as_str().into(), again().as_str().into()];
    assert_eq!(second, [Fact::ItemsDue { items: due, overdue: 1 }]);

    // Put off, it comes back when it was put off to.
    let until = Some(deployment.now + TimeDelta::hours(12));
    let (how, reason) = (Waiver::Deferred, "the desk is closed".to_owned());
    deployment.ask(Intent::WaiveItem { item: calls().as_str().into(), how, reason, until }).unwrap();
    assert_eq!(overdue(&deployment), [(again(), false)]);
    hours(&mut deployment, 13);
    assert_eq!(overdue(&deployment)[0], (calls(), true));
}

#[test]
fn a_handover_says_what_the_next_person_must_know_and_since_when() {
    let mut deployment = decided();
    let written = |deployment: &Deployment| {
        let records: Vec<_> = deployment.records.iter().cloned().map(Arc::new).collect();
        let watches = ["Latency over a day: watching, 1 h of 24 h".to_owned()];
        Handover::of(&deployment.plan, &deployment.state, &records, (&[], &watches), deployment.now)
    };
    deployment.ask(Intent::OpenIssue { title: "Disk is slow".into(), account: IssueAccount::default() }).unwrap();
    deployment.attempt("after/watch/latency", outcome(Verdict::Fail, "865 samples"));
    hours(&mut deployment, 49);
    let text = written(&deployment).text();
    for line in [
        "Night: go; ",
        "\nOverdue\n  Nobody called (after/day-1/calls): due 1 h ago",
        "\nDue now\n  Nobody called again (after/day-3/again): due in 22 h",
        "\nNot passed\n  Latency over a day failed: 865 samples",
        "\nWatched\n  Latency over a day: watching, 1 h of 24 h",
        "\nOpen issues\n  #1 Disk is slow",
        "Latency over a day failed: 865 samples\n",
        "GO by captain: fine",
    ] {
        assert!(text.contains(line), "{line} is missing in\n{text}");
    }
    let (to, note) = (Some("Kim".to_owned()), Some(" look at memory ".to_owned()));
    deployment.ask(Intent::RecordHandover { to, note, text: text.clone() }).unwrap();
    let kept = deployment.state.handovers.last().unwrap();
    assert_eq!((kept.text.as_str(), kept.note.as_deref()), (text.as_str(), Some("look at memory")));
    let next = written(&deployment);
    assert!(next.since.is_some());
    assert!(next.parts.iter().all(|part| part.heading != "Since the last handover"), "{}", next.text());
}

#[test]
fn what_is_wrong_with_a_watch_is_reported_with_what_to_write() {
    let says = |from: &str, to: &str| {
        assert!(PLAN.contains(from), "{from}");
        let (_, problems) = lint("night.toml", &PLAN.replacen(from, to, 1));
        problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(says("p95", "p95"), "");
    let unknown = says("pane = \"lots\"", "pane = \"lot\"");
    assert!(unknown.contains("there is no metric `lot`") && unknown.contains("did you mean `lots`"), "{unknown}");
    assert!(says("over = \"24h\"", "over = \"9d\"").contains("samples are kept for eight days"));
    assert!(says("over = \"24h\"", "over = \"10s\"").contains("too few to tell"));
    assert!(says("from = \"p/steps/start\"", "from = \"p/steps/stop\"").contains("p/steps/stop"));
    assert!(says("targets = [{ measure = \"p95\", below = 200, unit = \"ms\" }]\n", "").contains("without targets"));
    assert!(says("unit = \"ms\" }]", "unit = \"s\" }]").contains("the metric is in ms, the target is in s"));
    assert!(
        says("\"p95\", below = 200, unit = \"ms\"", "\"within\", at_least = 95, unit = \"%\"").contains("has none")
    );
    assert!(says("[\"T+24h\", \"T+48h\"]", "[\"T+48h\", \"T+24h\"]").contains("the earlier one first"));
    let hollow = PLAN.replacen("\"p95\", below = 200, unit = \"ms\"", "\"coverage\", at_least = 95, unit = \"%\"", 1);
    let problems = lint_strictly([("night.toml", hollow.as_str())]).problems;
    assert!(problems.iter().any(|problem| problem.message.contains("any samples pass")), "{problems:?}");
}
