//! Moments in which people decide: the poll, gates opened by two, roles, the end and the rollback.

use super::checklist;
use super::flight::{Flight, captain, outcome};
use super::parts::{command, item, phase, section};
use super::scenes::keys;
use super::stages::{finished, half_way, ready};
use gonogo::checklist::check::Check;
use gonogo::checklist::model::{Order, Risk, Way};
use gonogo::checklist::offset::{Offset, Span};
use gonogo::checklist::{Checklist, Digest};
use gonogo::cockpit::key::Code;
use gonogo::cockpit::{Key, Model};
use gonogo::deployment::fact::{Approval, CriterionStood, Decided, Head, OverrideRequested, RolledBack};
use gonogo::deployment::poll::{Answer, AnswerStood};
use gonogo::deployment::{Fact, Operator, Seq, Verdict};

pub(crate) const ALL: [&str; 15] = [
    "poll-none",
    "poll-open",
    "poll-no-go",
    "poll-complete",
    "dialog-poll",
    "decision-reopened",
    "override-request",
    "override-pending",
    "override-agree",
    "dialog-roles",
    "dialog-abort",
    "ended",
    "rollback-running",
    "rollback-verified",
    "rollback-not-verified",
];

pub(crate) fn scene(name: &str) -> Option<Model> {
    Some(match name {
        "poll-none" => keys(ready(checklist()).model(), &[Key::char('4')]),
        "poll-open" => keys(polled(1, None).model(), &[Key::char('4')]),
        "poll-no-go" => keys(polled(2, Some("the replica is 40 s behind")).model(), &[Key::char('4')]),
        "poll-complete" => keys(polled(2, None).model(), &[Key::char('4')]),
        "dialog-poll" => keys(polled(1, None).model(), &[Key::char('4'), Key::char('p')]),
        "decision-reopened" => keys(reopened(), &[Key::char('4')]),
        "override-request" => keys(at_the_gate(&half_way(checklist())), &[Key::char('!'), Key::char('o')]),
        "override-pending" => at_the_gate(&requested(&captain())),
        "override-agree" => keys(at_the_gate(&requested(&person("Ana Berg"))), &[Key::char('!'), Key::char('o')]),
        "dialog-roles" => keys(assigned(half_way(checklist())).model(), &[Key::char('P'), Key::plain(Code::Down)]),
        "dialog-abort" => keys(changed().model(), &[Key::char('!'), Key::char('a')]),
        "ended" => ended().model(),
        "rollback-running" => running(),
        "rollback-verified" => over(&[]),
        "rollback-not-verified" => over(&["Compare the rows is open"]),
        _ => return None,
    })
}

fn person(name: &str) -> Operator {
    Operator { user: name.to_lowercase().replace(' ', "."), says: name.into(), ..captain() }
}

/// The small deployment with a rollback and two steps that cannot simply be undone.
fn checklist() -> Checklist {
    let mut checklist = checklist::checklist();
    checklist.window.rollback = Some(Span::from_millis(900_000));
    for phase in &mut checklist.phases {
        for item in phase.sections.iter_mut().flat_map(|section| &mut section.items) {
            match item.id.as_str() {
                "production/window/stop" => {
                    item.no_return = Some("calls in flight were dropped".into());
                }
                "production/window/upgrade" => {
                    item.no_return = Some("what was written in the old form since the backup is gone".into());
                }
                _ => {}
            }
        }
    }
    let mut stop = item("back/undo/stop", "Stop the new release", command("systemctl stop neurohub"));
    let mut restore = item("back/undo/restore", "Restore the backup", command("restore"));
    for item in [&mut stop, &mut restore] {
        item.risk = Risk::Changes;
    }
    let same = item("back/undo/same", "Compare the rows", Check::Manual);
    let undo = section("back/undo", "Undo", Order::Steps, vec![stop, restore, same]);
    let mut back = phase("back", "The rollback", "production", &[], vec![undo]);
    back.way = Way::Back;
    checklist.phases.push(back);
    checklist
}

fn assigned(mut flight: Flight) -> Flight {
    for (role, person) in [("qa-lead", "Kim Minsu"), ("dba", "Ana Berg")] {
        flight.wait(3).fact(Fact::RoleAssigned { group: "staging".into(), role: role.into(), person: person.into() });
    }
    flight
}

/// The clock counts, the poll is open, and so many stations have answered, the last one with a no-go where it has a reason.
fn polled(answered: usize, no_go: Option<&str>) -> Flight {
    let mut flight = assigned(ready(checklist()));
    flight.wait(60).fact(Fact::ClockStarted { from: Offset::from_millis(-600_000), pace: 1 });
    let stations: Vec<String> = ["qa-lead", "dba"].map(ToOwned::to_owned).into();
    flight.wait(5).fact(Fact::PollOpened { stations: stations.clone(), reason: None });
    for (at, (station, name)) in stations.iter().zip(["Kim Minsu", "Ana Berg"]).take(answered).enumerate() {
        let no = no_go.filter(|_| at + 1 == answered);
        flight.by = person(name);
        flight.wait(20).fact(Fact::PollAnswered {
            station: station.clone(),
            answer: if no.is_some() { Answer::NoGo } else { Answer::Go },
            reason: no.map(ToOwned::to_owned),
        });
        if let Some(no) = no {
            flight.fact(Fact::ClockHeld { reason: format!("DBA says NO-GO: {no}") });
        }
    }
    flight.by = captain();
    flight.wait(30);
    flight
}

fn reopened() -> Model {
    let mut flight = polled(2, None);
    let stood = |station: &str, by: &str| AnswerStood {
        station: station.into(),
        answer: Answer::Go,
        reason: None,
        by: by.into(),
    };
    let decided = |reason: &str| Decided {
        loosened: Vec::new(),
        relaxed: Vec::new(),
        decision: Approval::NoGo,
        reason: reason.into(),
        checklist: flight.plan.digest().clone(),
        criteria: vec![CriterionStood {
            item: "production/window/upgrade".into(),
            verdict: "inconclusive".into(),
            value: "no verdict yet".into(),
            source: String::new(),
            age_ms: None,
        }],
        answers: vec![stood("qa-lead", "Kim Minsu"), stood("dba", "Ana Berg")],
        head: Some(Head { seq: Seq(31), sum: Digest::of(b"head") }),
    };
    let (first, second) = (decided("the plant manager asks to wait"), decided("the replica is behind again"));
    flight.fact(Fact::Decided(first.into()));
    flight.wait(400).fact(Fact::DecisionReopened { reason: "the plant manager agrees now".into() });
    flight.wait(90).fact(Fact::Decided(second.into()));
    flight.wait(10);
    flight.model()
}

fn at_the_gate(flight: &Flight) -> Model {
    let mut model = flight.model();
    model.select(&"production/window/upgrade".into());
    model.settle();
    model
}

fn requested(by: &Operator) -> Flight {
    let mut flight = assigned(half_way(checklist()));
    flight.by = by.clone();
    flight.wait(30).fact(Fact::OverrideRequested(
        OverrideRequested {
            phase: "production".into(),
            reason: "QA is asleep, and the change is small".into(),
            requirements: vec!["before".into(), "signoff:staging".into()],
            missing: vec![
                "1 Before the migration has 3 of 9 steps left, next `GET /api/v1/serials`".into(),
                "QA Lead has not signed Staging".into(),
            ],
        }
        .into(),
    ));
    flight.by = captain();
    flight
}

/// Production was changed, and the upgrade failed.
fn changed() -> Flight {
    finished(ready(checklist()), Verdict::Fail)
}

fn ended() -> Flight {
    let mut flight = changed();
    flight.wait(40).fact(Fact::Failed { reason: "12 rows of serials are missing".into() });
    flight
}

fn back() -> Flight {
    let mut flight = ended();
    flight.wait(20).fact(Fact::RollbackBegun { reason: "back to the release of yesterday".into() });
    flight.run("back/undo/stop", 2_000, Verdict::Pass, "exit status 0", &[]);
    flight
}

fn running() -> Model {
    let mut flight = back();
    flight.start("back/undo/restore");
    // Less than two minutes of fifteen are left.
    flight.wait(790);
    let mut model = flight.model();
    model.select(&"back/undo/restore".into());
    model.settle();
    model
}

fn over(unverified: &[&str]) -> Model {
    let mut flight = back();
    flight.run_to("back/undo/restore", outcome(140_000, Verdict::Pass, "exit status 0"));
    if unverified.is_empty() {
        flight.tick("back/undo/same");
    }
    flight.wait(12).fact(Fact::RolledBack(
        RolledBack {
            took_ms: 168_000,
            unverified: unverified.iter().map(ToString::to_string).collect(),
            note: (!unverified.is_empty()).then(|| "the rows are compared in the morning".to_owned()),
        }
        .into(),
    ));
    keys(flight.model(), &[Key::char('!'), Key::char('r')])
}
