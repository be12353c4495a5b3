//! Alerts: raised once, acknowledged, cleared; silenced; expected while a step has stopped the service; reported rarely.

mod telling;
mod watch;

use chrono::{DateTime, TimeDelta, TimeZone as _, Utc};
use gonogo::checklist::{Digest, EnvironmentName, PaneId, SlotId, reader};
use gonogo::deployment::alerts::{AlertNumber, Standing, Trouble};
use gonogo::deployment::annotation::annotation;
use gonogo::deployment::attempt::{AttemptNumber, End, Outcome};
use gonogo::deployment::events::{self, Kind};
use gonogo::deployment::fact::{LedgerOpened, Observed};
use gonogo::deployment::seat::{Seat, SeatLock, SessionId};
use gonogo::deployment::{
    Context, Fact, Intent, Operator, Plan, Record, Refusal, Seq, State, Verdict, decide, notice, window,
};
use std::collections::BTreeMap;
use std::sync::Arc;

const CHECKLIST: &str = r#"
format = 1
id = "night"
title = "Night release"

[window]
downtime = "5m"

[[slot]]
id = "production"
title = "Production"

[environments.production]
slot = "production"
url = "https://neurohub.example"
database = "${DATABASE}"

[environments.production.commands]
stop = "systemctl stop neurohub"
start = "systemctl start neurohub"

[[phase]]
id = "go"
title = "Go"
slot = "production"
[[phase.section]]
id = "run"
title = "Run"
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
id = "health"
title = "GET /health OK"
check = { kind = "http", path = "/health" }

[[pane]]
id = "lots"
title = "GET /lots p95"
slot = "production"
source = { kind = "latency", path = "/lots" }
unit = "ms"
target = { below = 200 }

[[pane]]
id = "size"
title = "Database size"
slot = "production"
source = { kind = "database-size" }
unit = "bytes"
"#;

/// A ledger in memory, decided and folded as the real one is.
struct Night {
    plan: Arc<Plan>,
    state: State,
    records: Vec<Record>,
    now: DateTime<Utc>,
}

fn start_of_night() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 27, 2, 0, 0).unwrap()
}

impl Night {
    fn new() -> Self {
        Self::with(CHECKLIST)
    }

    fn with(text: &str) -> Self {
        let checklist = reader::read("night.toml", text).unwrap_or_else(|problems| panic!("{problems:#?}"));
        let bindings: BTreeMap<SlotId, EnvironmentName> = BTreeMap::from([("production".into(), "production".into())]);
        let plan = Arc::new(Plan::new(Arc::new(checklist), bindings.clone()));
        let mut night = Self { state: State::default(), records: Vec::new(), now: start_of_night(), plan };
        let opened = LedgerOpened {
            title: "Night release".into(),
            checklist: "night.toml".into(),
            digest: night.plan.digest().clone(),
            snapshot: "night.toml".into(),
            snapshot_sha256: None,
            environments: bindings,
            kinds: BTreeMap::new(),
        };
        night.ask(Intent::OpenLedger(opened)).unwrap();
        night
    }

    fn ask(&mut self, intent: Intent) -> Result<usize, Refusal> {
        self.ask_as("Ada", "a", intent)
    }

    fn ask_as(&mut self, name: &str, session: &str, intent: Intent) -> Result<usize, Refusal> {
        let by = Operator { user: name.to_lowercase(), says: name.into(), host: "bastion".into(), simulated: None };
        let context = Context { at: self.now, by, session: SessionId::new(session), lock: SeatLock::Ours };
        let facts = decide(&self.plan, &self.state, &context, intent)?;
        let made = facts.len();
        for fact in facts {
            self.record(context.by.clone(), fact);
        }
        Ok(made)
    }

    fn record(&mut self, by: Operator, fact: Fact) {
        let (seq, prev) = self.state.head.clone().map_or((1, Digest::of(b"")), |(seq, sum)| (seq.0 + 1, sum));
        let sum = Digest::of(format!("{seq}{prev}{fact:?}").as_bytes());
        let record = Record { seq: Seq(seq), at: self.now, by: by.into(), fact, sum };
        self.state.apply(&record);
        self.records.push(record);
    }

    fn pass(&mut self, seconds: i64) {
        self.now += TimeDelta::seconds(seconds);
    }

    fn raise(&mut self, pane: &str, verdict: Trouble) -> usize {
        let seen = seen(verdict, self.now);
        self.ask_as("collector", "c", Intent::RaiseAlert { pane: pane.into(), seen }).unwrap()
    }

    fn clear(&mut self, pane: &str) -> usize {
        let intent =
            Intent::ClearAlert { pane: pane.into(), since: self.now, value: Some(24.0), sentence: "24 ms".into() };
        self.ask_as("collector", "c", intent).unwrap()
    }

    /// A step is carried out in so many seconds.
    fn run(&mut self, item: &str, seconds: i64, verdict: Verdict) {
        self.ask(Intent::TakeSeat { seat: Seat::Captain }).unwrap();
        self.ask(Intent::StartAttempt { item: item.into(), confirmation: Some("production".into()) }).unwrap();
        let attempt = AttemptNumber(u32::try_from(self.state.attempts.len()).unwrap());
        self.pass(seconds);
        let outcome = Outcome {
            exit: Some(0),
            signal: None,
            took_ms: u64::try_from(seconds).unwrap() * 1_000,
            end: End::Completed,
            verdict,
            detail: String::new(),
            measured: Vec::new(),
            tables: Vec::new(),
            output: None,
            made: None,
            revision: None,
            left: Vec::new(),
            attested: None,
        };
        self.ask(Intent::FinishAttempt { attempt, outcome }).unwrap();
    }

    fn standing(&self, number: u32) -> Standing {
        let alert = self.state.alerts.alert(AlertNumber(number)).unwrap();
        self.state.alerts.standing(alert, self.now)
    }

    fn kinds(&self) -> Vec<&'static str> {
        let word = |record: &Record| match &record.fact {
            Fact::AlertRaised(_) => Some("raised"),
            Fact::AlertChanged { .. } => Some("changed"),
            Fact::AlertAcknowledged { .. } => Some("acknowledged"),
            Fact::AlertCleared { .. } => Some("cleared"),
            _ => None,
        };
        self.records.iter().filter_map(word).collect()
    }
}

fn seen(verdict: Trouble, since: DateTime<Utc>) -> Observed {
    Observed {
        verdict,
        value: (verdict != Trouble::NoData).then_some(412.0),
        unit: "ms".into(),
        target: Some("< 200 ms".into()),
        since,
        sentence: "connection refused".into(),
        expected: None,
    }
}

#[test]
fn downtime_is_measured_where_no_step_has_an_offset() {
    let mut night = Night::new();
    night.run("go/run/stop", 4, Verdict::Pass);
    night.run("go/run/start", 4, Verdict::Pass);
    night.run("go/run/health", 1, Verdict::Pass);
    let downtime = window::downtime(&night.plan, &night.state, night.now).unwrap();
    assert_eq!((downtime.ms, downtime.budget_ms, downtime.is_away()), (9_000, Some(300_000), false));
}

#[test]
fn a_changed_alert_says_since_when_it_is_what_it_is() {
    let mut night = Night::new();
    let began = night.now;
    night.raise("lots", Trouble::NoData);
    night.pass(421);
    let changed = night.now;
    night.raise("lots", Trouble::OverTarget);
    night.pass(20);
    let alert = night.state.alerts.alert(AlertNumber(1)).unwrap();
    assert_eq!((alert.since(), alert.lasted(night.now)), (changed, TimeDelta::seconds(20)));
    assert_eq!((alert.began, alert.lasted_in_all(night.now)), (began, TimeDelta::seconds(441)));
}

#[test]
fn one_record_a_change_and_one_open_alert_a_metric() {
    let mut night = Night::new();
    assert_eq!(night.raise("lots", Trouble::OverTarget), 1);
    assert_eq!(night.raise("lots", Trouble::OverTarget), 0, "it is known");
    assert_eq!(night.raise("lots", Trouble::NoData), 1, "another trouble is news");
    assert_eq!(night.clear("lots"), 1);
    assert_eq!(night.clear("lots"), 0);
    assert_eq!(night.raise("lots", Trouble::WorseThanBaseline), 1);
    assert_eq!(night.kinds(), ["raised", "changed", "cleared", "raised"]);
    assert_eq!(night.state.alerts.open().map(|alert| alert.number.0).collect::<Vec<_>>(), [2]);
    assert_eq!(night.state.alerts.all()[0].seen.verdict, Trouble::NoData);
}

#[test]
fn an_acknowledgement_holds_until_the_trouble_is_another_one() {
    let mut night = Night::new();
    night.raise("lots", Trouble::OverTarget);
    let ack = |note: Option<&str>| Intent::AcknowledgeAlert { alert: AlertNumber(1), note: note.map(Into::into) };
    assert_eq!(night.ask(ack(Some("looking"))).unwrap(), 1);
    assert_eq!(night.standing(1), Standing::Acknowledged);
    assert_eq!(night.ask(ack(None)).unwrap(), 0, "once is enough");
    assert_eq!(night.ask(ack(Some("restarted it"))).unwrap(), 1, "a note is kept");
    assert!(night.state.alerts.asking(night.now).is_empty());
    night.raise("lots", Trouble::NoData);
    assert_eq!(night.standing(1), Standing::Open, "who knew that it was slow does not know that it is gone");
    night.clear("lots");
    let refusal = night.ask(ack(None)).unwrap_err();
    assert!(matches!(refusal, Refusal::AlertOver { .. }), "{refusal}");
    assert_eq!(night.ask(Intent::AcknowledgeAlert { alert: AlertNumber(7), note: None }).unwrap_err().exit_status(), 2);
}

#[test]
fn the_collector_needs_no_seat_and_an_observer_may_not_acknowledge() {
    let mut night = Night::new();
    night.ask(Intent::TakeSeat { seat: Seat::Captain }).unwrap();
    assert_eq!(night.raise("lots", Trouble::OverTarget), 1);
    night.ask_as("Otto", "o", Intent::TakeSeat { seat: Seat::Observer }).unwrap();
    let ack = Intent::AcknowledgeAlert { alert: AlertNumber(1), note: None };
    assert!(night.ask_as("Otto", "o", ack.clone()).is_err());
    night.ask_as("Nina", "n", Intent::TakeSeat { seat: Seat::OnCall }).unwrap();
    assert_eq!(night.ask_as("Nina", "n", ack).unwrap(), 1);
}

#[test]
fn a_silence_has_an_end_and_a_reason() {
    let mut night = Night::new();
    let until = |hours| start_of_night() + TimeDelta::hours(hours);
    let silence = |pane: Option<&str>, hours, reason: &str| Intent::SilenceAlerts {
        pane: pane.map(PaneId::new),
        until: until(hours),
        reason: reason.into(),
    };
    assert_eq!(night.ask(silence(Some("lots"), 2, " ")).unwrap_err(), Refusal::ReasonMissing);
    assert_eq!(night.ask(silence(Some("lots"), 24 * 8, "long")).unwrap_err(), Refusal::SilenceTooLong);
    assert!(matches!(night.ask(silence(Some("lots"), 0, "now")).unwrap_err(), Refusal::SilencePast(_)));
    assert!(matches!(night.ask(silence(Some("nope"), 2, "x")).unwrap_err(), Refusal::NoSuchPane { .. }));
    night.ask(silence(Some("lots"), 2, "index rebuild")).unwrap();
    night.raise("lots", Trouble::OverTarget);
    assert_eq!(night.standing(1), Standing::Silenced);
    night.pass(2 * 3_600);
    assert_eq!(night.standing(1), Standing::Open, "the time is over");
    night.ask(silence(None, 3, "all of it")).unwrap();
    assert_eq!(night.standing(1), Standing::Silenced);
    assert!(matches!(
        night.ask(Intent::EndSilence { pane: Some("lots".into()) }).unwrap_err(),
        Refusal::NotSilenced(_)
    ));
    night.ask(Intent::EndSilence { pane: None }).unwrap();
    assert_eq!(night.standing(1), Standing::Open);
}

#[test]
fn no_data_of_a_service_that_a_step_stopped_is_expected_until_it_should_be_back() {
    let mut night = Night::new();
    night.run("go/run/stop", 4, Verdict::Pass);
    night.pass(60);
    night.raise("lots", Trouble::NoData);
    assert_eq!(night.standing(1), Standing::Expected);
    let why = night.state.alerts.all()[0].seen.expected.clone().unwrap();
    assert_eq!(why, "service stopped by \"Stop the service\" at 02:00:00 UTC");
    night.raise("size", Trouble::NoData);
    assert_eq!(night.standing(2), Standing::Open, "the database was not stopped");
    assert!(
        !night.state.alerts.is_quiet(&"size".into(), night.now)
            && night.state.alerts.is_quiet(&"lots".into(), night.now)
    );
}

#[test]
fn a_healthy_probe_ends_what_is_expected() {
    let mut night = Night::new();
    night.run("go/run/stop", 4, Verdict::Pass);
    night.run("go/run/start", 2, Verdict::Pass);
    night.run("go/run/health", 1, Verdict::Pass);
    night.pass(59);
    night.raise("lots", Trouble::NoData);
    assert_eq!(night.standing(1), Standing::Expected, "it has a minute to have data again");
    night.clear("lots");
    night.pass(2);
    night.raise("lots", Trouble::NoData);
    assert_eq!(night.standing(2), Standing::Open);
    assert_eq!(night.raise("lots", Trouble::OverTarget), 1);
    assert_eq!(night.state.alerts.all()[1].seen.expected, None);
}

#[test]
fn a_notice_says_metric_value_target_since_and_what_to_press() {
    let mut night = Night::new();
    night.raise("lots", Trouble::OverTarget);
    let record = night.records.last().unwrap().clone();
    let notice = notice::notice(&night.plan, &record).unwrap();
    assert_eq!(notice.event, "alert-raised");
    assert_eq!(
        notice.text,
        "Night release: ALERT 1 GET /lots p95 (production): over target, 412 ms, target < 200 ms, since 02:00:00 UTC. \
         Acknowledge: press 7, then K; or `gonogo ack LEDGER 1 --note …`"
    );
    let body = notice::body(&notice, &record, "");
    let payload = &body["metadata"]["event_payload"];
    assert_eq!(payload["event"], "alert-raised");
    assert_eq!(payload["alert"]["metric"], "lots");
    assert_eq!(payload["alert"]["value"], 412.0);
    assert_eq!(payload["alert"]["since"], "2026-11-27T02:00:00.000Z");
}

#[test]
fn deployment_and_alerts_are_annotated_and_marked() {
    let mut night = Night::new();
    night.run("go/run/stop", 4, Verdict::Pass);
    let stopped = annotation(&night.plan, night.records.last().unwrap()).unwrap();
    let json = serde_json::to_value(&stopped).unwrap();
    let at = start_of_night().timestamp_millis();
    assert_eq!(
        json,
        serde_json::json!({
            "time": at,
            "timeEnd": at + 4_000,
            "tags": ["gonogo", "release", "production"],
            "text": "Night release: Stop the service: pass",
        })
    );
    night.raise("lots", Trouble::OverTarget);
    let raised = annotation(&night.plan, night.records.last().unwrap()).unwrap();
    assert_eq!(raised.tags, ["gonogo", "alert", "production", "lots"]);
    night.clear("lots");
    let marks = events::of(&night.plan, &night.records);
    let alerts: Vec<_> = marks.iter().filter(|mark| mark.pane.is_some()).collect();
    assert_eq!(alerts.iter().map(|mark| mark.label.as_str()).collect::<Vec<_>>(), ["alert 1", "clear 1"]);
    assert_eq!(alerts[0].kind, Kind::Alert);
    assert!(alerts[0].concerns(&"production".into(), &"lots".into()));
    assert!(!alerts[0].concerns(&"production".into(), &"size".into()), "it is of another metric");
}
