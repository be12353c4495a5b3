//! Moments of the alerts screen: the night after T-0, its forms, a morning with everything over.

use super::charts::night;
use super::scenes::keys;
use chrono::TimeDelta;
use gonogo::checklist::Digest;
use gonogo::cockpit::key::Code;
use gonogo::cockpit::{Key, Model, Msg, update};
use gonogo::deployment::alerts::{AlertNumber, Trouble};
use gonogo::deployment::fact::{AlertRaised, Observed};
use gonogo::deployment::{Fact, Operator, Record, Seq};
use std::sync::Arc;

/// Every moment by its name.
pub(crate) const ALL: [&str; 7] =
    ["alerts", "alerts-none", "alerts-silence", "alerts-cockpit", "alerts-chart", "dialog-ack", "dialog-silence"];

pub(crate) fn scene(name: &str) -> Option<Model> {
    let seven = Key::char('7');
    let down = Key::plain(Code::Down);
    Some(match name {
        "alerts" => keys(trouble(), &[seven]),
        "alerts-none" => keys(night(1), &[seven]),
        "alerts-silence" => keys(trouble(), &[seven, down, down, down]),
        "alerts-cockpit" => trouble(),
        "alerts-chart" => keys(trouble(), &[seven, Key::plain(Code::Enter)]),
        "dialog-ack" => keys(trouble(), &[Key::char('K')]),
        "dialog-silence" => keys(trouble(), &[seven, Key::char('z')]),
        _ => return None,
    })
}

/// The night of the charts with alerts in it: one that came and went, one acknowledged, one that asks for somebody, an
/// expected one, and a silence.
pub(crate) fn trouble() -> Model {
    let mut model = night(1);
    let now = model.now;
    let seen = |verdict, minutes: i64, value: Option<f64>, unit: &str, target: &str, sentence: &str| Observed {
        verdict,
        value,
        unit: unit.into(),
        target: Some(target.into()),
        since: now - TimeDelta::minutes(minutes),
        sentence: sentence.into(),
        expected: None,
    };
    let raised = |alert, pane: &str, seen| {
        let pane = pane.into();
        Fact::AlertRaised(
            AlertRaised { alert: AlertNumber(alert), pane, environment: "rehearsal-production".into(), seen }.into(),
        )
    };
    let gone = seen(Trouble::NoData, 9, None, "queries", "≤ 4 queries", "connection refused");
    let facts = [
        (
            20,
            "collector",
            raised(
                1,
                "lots",
                seen(Trouble::OverTarget, 21, Some(330.0), "ms", "< 200 ms", "p95 330 ms, target < 200 ms"),
            ),
        ),
        (
            15,
            "collector",
            Fact::AlertCleared {
                alert: AlertNumber(1),
                pane: "lots".into(),
                since: now - TimeDelta::minutes(15),
                value: Some(24.0),
                sentence: "p95 24 ms (< 200 ms)".into(),
            },
        ),
        (
            9,
            "collector",
            raised(
                2,
                "queries",
                Observed { expected: Some("service stopped by \"Stop the service\" at 14:34:02 UTC".into()), ..gone },
            ),
        ),
        (
            6,
            "collector",
            raised(3, "size", seen(Trouble::OverTarget, 7, Some(1.4e9), "bytes", "≤ 1 GB", "1.4 GB, target ≤ 1 GB")),
        ),
        (
            5,
            "Nina",
            Fact::AlertAcknowledged {
                alert: AlertNumber(3),
                pane: "size".into(),
                note: Some("vacuum is running".into()),
            },
        ),
        (
            4,
            "Nina",
            Fact::AlertSilenced {
                pane: Some("queries".into()),
                until: now + TimeDelta::minutes(90),
                reason: "index rebuild".into(),
            },
        ),
        (
            2,
            "collector",
            raised(
                4,
                "lots",
                seen(
                    Trouble::OverTarget,
                    3,
                    Some(2_470.0),
                    "ms",
                    "< 200 ms",
                    "p95 2.47 s, target < 200 ms, of 45 samples",
                ),
            ),
        ),
    ];
    let mut records = Vec::new();
    for (minutes, by, fact) in facts {
        let seq = Seq(model.records.len() as u64 + records.len() as u64 + 1);
        let by = Operator { user: by.to_lowercase(), says: by.into(), host: "ops-1".into(), simulated: None };
        let sum = Digest::of(&seq.0.to_be_bytes());
        records.push(Arc::new(Record { seq, at: now - TimeDelta::minutes(minutes), by: by.into(), fact, sum }));
    }
    update(&mut model, Msg::Recorded(records));
    model.settle();
    model
}
