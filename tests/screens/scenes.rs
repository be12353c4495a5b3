//! Moments of a deployment, each a model ready to be drawn.
//!
//! Longer than 400 lines because every moment stands beside the others.

use super::checklist;
use super::flight::{Flight, captain};
use super::servers;
use super::signing;
use super::stages::{finished_flight, half_way_flight, ready_flight, sign};
use super::verdict;
use gonogo::cockpit::model::{Access, Aside, Panel};
use gonogo::cockpit::msg::Sample;
use gonogo::cockpit::output::Scroll;
use gonogo::cockpit::{Dialog, Key, Model, Msg, key::Code, update};
use gonogo::deployment::attempt::AttemptNumber;
use gonogo::deployment::fact::{Approval, IssueAccount, Waiver};
use gonogo::deployment::progress::{Progress, StageTook};
use gonogo::deployment::{Fact, Operator, Verdict};

/// Every moment by its name.
pub(crate) const ALL: [&str; 45] = [
    "cockpit-fresh",
    "cockpit-running",
    "cockpit-autopilot",
    "cockpit-failed",
    "cockpit-gate-closed",
    "cockpit-phases",
    "cockpit-trouble",
    "cockpit-foreign",
    "cockpit-empty",
    "cockpit-watching",
    "cockpit-output",
    "cockpit-mouse",
    "checklist",
    "migration-none",
    "migration-running",
    "cockpit-rewriting",
    "migration-rewriting",
    "cockpit-blocked",
    "migration-blocked",
    "cockpit-foreign-lock",
    "migration-server-gone",
    "dialog-blocker",
    "migration-unknown-total",
    "migration-finished",
    "migration-output",
    "panes",
    "decision-reasons",
    "decision-inconclusive",
    "decision-no-go",
    "decision-go",
    "signoffs",
    "signoffs-journal",
    "timeline",
    "search-typing",
    "search-marked",
    "search-nothing",
    "palette",
    "palette-search",
    "dialog-form",
    "dialog-waive",
    "dialog-autopilot",
    "dialog-recording",
    "dialog-help",
    "dialog-details",
    "dialog-notice",
];

/// These and those of the other files.
pub(crate) fn all() -> impl Iterator<Item = &'static str> {
    ALL.into_iter().chain(verdict::ALL).chain(super::window::ALL).chain(super::charts::ALL).chain(super::alerts::ALL)
}

pub(crate) fn scene(name: &str) -> Model {
    match name {
        "cockpit-fresh" => Flight::of(checklist::checklist()).model(),
        "cockpit-running" => running(),
        "cockpit-autopilot" => autopilot(),
        "cockpit-failed" => failed(),
        "cockpit-gate-closed" => gate_closed(),
        "cockpit-phases" => {
            let mut model = gate_closed();
            model.panel = Panel::Phases;
            model
        }
        "cockpit-trouble" => trouble(),
        "cockpit-foreign" => Flight::of(checklist::foreign()).model(),
        "cockpit-empty" => Flight::of(checklist::empty()).model(),
        "cockpit-watching" => watching(),
        "cockpit-output" => reads_output(),
        "cockpit-mouse" => keys(Flight::of(checklist::checklist()).model(), &[Key::char('M')]),
        "checklist" => keys(half_way(), &[Key::char('1')]),
        "migration-none" => keys(Flight::of(checklist::checklist()).model(), &[Key::char('2')]),
        "cockpit-rewriting" => servers::rewriting(),
        "migration-rewriting" => servers::on_its_screen(servers::rewriting()),
        "cockpit-blocked" => servers::blocked(),
        "migration-blocked" => servers::on_its_screen(servers::blocked()),
        "cockpit-foreign-lock" => servers::foreign_lock(half_way()),
        "migration-server-gone" => servers::on_its_screen(servers::gone(half_way())),
        "dialog-blocker" => servers::ending_a_blocker(),
        "migration-running" => keys(running(), &[Key::char('2')]),
        "migration-unknown-total" => unknown_total(),
        "migration-finished" => keys(finished(Verdict::Pass), &[Key::char('2')]),
        "migration-output" => {
            let mut model = keys(reads_output(), &[Key::char('2')]);
            model.aside = Aside::Beside;
            model
        }
        "decision-reasons" => keys(finished(Verdict::Fail), &[Key::char('4'), Key::plain(Code::Tab)]),
        "panes" => keys(running(), &[Key::char('3'), Key::char('j')]),
        "decision-inconclusive" => keys(half_way(), &[Key::char('4')]),
        "decision-no-go" => keys(finished(Verdict::Fail), &[Key::char('4')]),
        "decision-go" => keys(decided(), &[Key::char('4')]),
        "signoffs" => keys(signed(), &[Key::char('5'), Key::char('j')]),
        "signoffs-journal" => keys(signed(), &[Key::char('5'), Key::plain(Code::Tab)]),
        "timeline" => keys(decided(), &[Key::char('6')]),
        "search-typing" => typed(keys(half_way(), &[Key::char('/')]), "migr"),
        "search-marked" => {
            let model = typed(keys(half_way(), &[Key::char('1'), Key::char('/')]), "records");
            keys(model, &[Key::plain(Code::Enter)])
        }
        "search-nothing" => typed(keys(half_way(), &[Key::char('/')]), "no such words"),
        "palette" => keys(half_way(), &[Key::char(':')]),
        "palette-search" => typed(keys(half_way(), &[Key::char(':')]), "next"),
        "dialog-form" => form(),
        "dialog-waive" => waive(),
        "dialog-autopilot" => keys(half_way(), &[Key::char('a')]),
        "dialog-recording" => recording(),
        "dialog-help" => keys(half_way(), &[Key::char('?')]),
        "dialog-details" => keys(failed(), &[Key::char('d')]),
        "dialog-notice" => notice(),
        other => {
            let found = verdict::scene(other).or_else(|| super::window::scene(other));
            let found = found.or_else(|| super::charts::scene(other)).or_else(|| super::alerts::scene(other));
            found.unwrap_or_else(|| panic!("no scene {other}"))
        }
    }
}

pub(crate) fn keys(mut model: Model, keys: &[Key]) -> Model {
    for key in keys {
        update(&mut model, Msg::Key(*key));
    }
    model.settle();
    model
}

pub(crate) fn typed(model: Model, text: &str) -> Model {
    keys(model, &text.chars().map(Key::char).collect::<Vec<_>>())
}

fn half_way() -> Model {
    let mut flight = half_way_flight();
    flight.fact(Fact::ItemWaived {
        item: "before/baseline/all".into(),
        how: Waiver::Deferred,
        reason: "equipment answers tomorrow".into(),
        until: Some(flight.now + chrono::TimeDelta::hours(24)),
    });
    let mut model = flight.model();
    feed_panes(&mut model);
    model
}

const OUTPUT: &str = "\x1b[2mcounting rows of 17 tables\x1b[0m\n\
    \x1b[32mINFO\x1b[0m  Running upgrade 0001 -> 0002, add wip link, constraints and time zones\n\
    PROGRESS 0002 120000/360000 rebuilding lots, serials and work items before process data\n\
    PROGRESS 0002 240000/360000 copying process_data\n\
    \x1b[33mWARN\x1b[0m  12 rows carry no operator\n";

pub(crate) fn running() -> Model {
    let mut flight = ready_flight();
    let attempt = flight.start("production/window/upgrade");
    flight.wait(12);
    let mut model = flight.model();
    feed_panes(&mut model);
    update(&mut model, Msg::Output { attempt, from: 0, bytes: OUTPUT.as_bytes().to_vec() });
    let progress = Progress {
        stage: "0001 → 0002 add wip link, constraints and time zones".into(),
        step: Some((1, 2)),
        done: 241_200,
        total: Some(360_000),
        unit: "rows".into(),
        words: "copying process_data".into(),
        elapsed_ms: 12_000,
        stage_began_ms: 1_400,
        finished: vec![StageTook { stage: "counts and fingerprints before".into(), took_ms: 1_400, done: 0 }],
        ..Progress::default()
    };
    update(&mut model, Msg::Progress(attempt, Box::new(progress)));
    model.settle();
    model
}

fn unknown_total() -> Model {
    let mut model = running();
    let attempt = model.state.running().next().unwrap().number;
    let progress = Progress {
        stage: "fingerprints after".into(),
        done: 3,
        unit: "tables".into(),
        elapsed_ms: 12_000,
        stage_began_ms: 11_000,
        ..Progress::default()
    };
    update(&mut model, Msg::Progress(attempt, Box::new(progress)));
    keys(model, &[Key::char('2')])
}

fn autopilot() -> Model {
    let mut flight = half_way_flight();
    let attempt = flight.start("before/baseline/all/serials");
    flight.wait(3);
    let mut model = flight.model();
    feed_panes(&mut model);
    model = keys(model, &[Key::char('A')]);
    let bytes = b"GET /api/v1/serials?limit=100 5 of 5 to warm up\n12 of 30: 188 ms, 201 queries\n".to_vec();
    update(&mut model, Msg::Output { attempt, from: 0, bytes });
    let progress = Progress {
        stage: "requests".into(),
        done: 12,
        total: Some(30),
        unit: "requests".into(),
        elapsed_ms: 3_000,
        stage_began_ms: 200,
        ..Progress::default()
    };
    update(&mut model, Msg::Progress(attempt, Box::new(progress)));
    model.answer = None;
    model.settle();
    model
}

fn finished(verdict: Verdict) -> Model {
    let flight = finished_flight(verdict);
    let mut model = flight.model();
    feed_panes(&mut model);
    let attempt = model.migration_attempt().unwrap().number;
    update(&mut model, Msg::Output { attempt, from: 0, bytes: OUTPUT.as_bytes().to_vec() });
    model.select(&"production/window/upgrade".into());
    model.settle();
    model
}

fn failed() -> Model {
    finished(Verdict::Fail)
}

/// Every criterion is met, and nothing is decided.
pub(crate) fn met() -> Flight {
    let mut flight = finished_flight(Verdict::Pass);
    flight.run("production/window/current", 90, Verdict::Pass, "at 0003_add_wip_unique_index", &[]);
    flight.run("production/window/rows", 310, Verdict::Pass, "5 of 5 tables have as many rows", &[]);
    flight.run(
        "after/speed/lots",
        6_200,
        Verdict::Pass,
        "latency-p95 182.4 ms (≤ 200 ms)",
        &[("latency-p95", 182.4, "ms"), ("queries", 4.0, "queries")],
    );
    flight.fact(Fact::ItemEvaluated {
        item: "after/speed/queries".into(),
        verdict: Verdict::Pass,
        detail: "reduction 98.01 % (≥ 98 %)".into(),
        measured: vec![gonogo::deployment::Measurement::new("reduction", 98.01, "%")],
        attempts: vec![AttemptNumber(5), AttemptNumber(12)],
    });
    flight.fact(Fact::NoteAdded {
        item: Some("after/speed/lots".into()),
        text: "measured from the bastion, not from the plant".into(),
    });
    flight.by =
        Operator { simulated: Some("Product Owner".into()), says: "simulated Product Owner".into(), ..captain() };
    sign(&mut flight, "production", "product-owner", "simulated Product Owner", Approval::Go, Some("rehearsal"));
    flight.by = captain();
    flight
}

fn decided() -> Model {
    let mut flight = met();
    let criteria = Vec::new();
    let checklist = flight.plan.digest().clone();
    flight.wait(30).fact(Fact::Decided(
        gonogo::deployment::fact::Decided {
            loosened: Vec::new(),
            relaxed: Vec::new(),
            decision: Approval::Go,
            reason: "everything measured holds".into(),
            checklist,
            criteria,
            answers: Vec::new(),
            head: None,
        }
        .into(),
    ));
    flight.wait(400);
    flight.model()
}

pub(crate) fn signed() -> Model {
    let mut flight = ready_flight();
    // Measured again after it was signed, so that the signatures of the group are stale.
    flight.run("before/schema/tables", 31, Verdict::Pass, "17 of 17 tables", &[]);
    sign(&mut flight, "staging", "dba", "Ana Berg", Approval::Go, Some("looked again"));
    sign(&mut flight, "production", "product-owner", "Lee", Approval::NoGo, Some("not before the shift ends"));
    flight.fact(Fact::IssueOpened {
        issue: 1,
        title: "The service needed two tries to stop".into(),
        account: IssueAccount { impact: Some("40 s of the window".into()), ..IssueAccount::default() }.into(),
    });
    flight.fact(Fact::IssueOpened {
        issue: 2,
        title: "A worker held the database open".into(),
        account: IssueAccount {
            resolution: Some("the worker was restarted".into()),
            impact: Some("none".into()),
            mitigation: Some("stop the workers with the service".into()),
        }
        .into(),
    });
    flight.fact(Fact::LessonAdded { text: "Announce the window an hour earlier".into() });
    flight.fact(Fact::NoteAdded { item: None, text: "The plant manager is on the phone".into() });
    flight.model()
}

fn gate_closed() -> Model {
    let mut model = half_way();
    model.select(&"production/window/upgrade".into());
    model
}

fn trouble() -> Model {
    let mut model = half_way();
    model.trouble = Some(
        "the ledger cannot be written: no space left in /srv/deploy; nothing shows as done until it can, free some space"
            .into(),
    );
    model.warnings = vec!["this host ends your processes at logout; run `loginctl enable-linger` first".into()];
    model
}

fn watching() -> Model {
    let mut model = running();
    model.access = Access::Watches;
    keys(model, &[Key::char('c')])
}

fn form() -> Model {
    let mut model = half_way();
    model.select(&"production/window/stop".into());
    model = keys(model, &[Key::plain(Code::Enter)]);
    model = typed(model, "rehearsal-pro");
    if let Some(Dialog::Form { form, .. }) = &mut model.dialog {
        form.error = Some(
            "type the environment's name, rehearsal-production, to confirm `Stop the service` (production/window/stop)"
                .into(),
        );
    }
    model
}

/// A reason in three lines, as it came back from an editor.
fn waive() -> Model {
    let model = keys(half_way(), &[Key::char('w'), Key::char('d'), Key::plain(Code::Tab)]);
    let mut model = model;
    let reason = "equipment answers tomorrow\nasked: https://tickets.example/4711\nKim";
    update(&mut model, Msg::Edited(Ok(reason.to_owned())));
    model
}

/// Scrolled back in an output that was not read from its beginning.
fn reads_output() -> Model {
    let mut model = finished(Verdict::Fail);
    let attempt = model.migration_attempt().unwrap().number;
    model.outputs.clear();
    let lines = (0..300).map(|n| format!("INFO  copying process_data, rows up to {}\n", n * 400));
    let bytes = lines.collect::<Vec<_>>().concat().into_bytes();
    update(&mut model, Msg::Output { attempt, from: 1_048_576, bytes });
    model.panel = Panel::Output;
    model.scroll = Some(Scroll { attempt, end: 260 });
    model.settle();
    model
}

fn recording() -> Model {
    let model = keys(signed(), &[Key::char('5'), Key::plain(Code::End)]);
    let model = signing::form_open(model, None);
    let model = typed(model, "Park Jiwoo");
    keys(model, &[Key::plain(Code::Tab), Key::plain(Code::Tab), Key::plain(Code::Tab), Key::plain(Code::Enter)])
}

fn notice() -> Model {
    let mut model = half_way();
    update(&mut model, Msg::WorkerFailed { worker: "metrics", why: "the sampler could not parse a number".into() });
    model
}

/// A minute of samples, with gaps while the service was away.
fn feed_panes(model: &mut Model) {
    for second in 0..60_i64 {
        let at = model.now - chrono::TimeDelta::seconds(120 - 2 * second);
        let away = (38..44).contains(&second);
        let sample = |pane: &str, value: f64| Sample {
            pane: pane.into(),
            at,
            value: if away { Err("the service does not answer: connection refused".into()) } else { Ok(value) },
        };
        let old = second < 38;
        #[expect(clippy::cast_precision_loss, reason = "seconds of a minute")]
        let wave = (second % 7) as f64;
        let samples = vec![
            sample("lots", if old { 2_400.0 + wave * 30.0 } else { 150.0 + wave * 9.0 }),
            sample("queries", if old { 201.0 } else { 4.0 }),
            Sample {
                pane: "size".into(),
                at,
                value: if second == 59 { Err("the database is locked".into()) } else { Ok(45.2e6 + wave) },
            },
        ];
        update(model, Msg::Sampled(samples));
    }
}
