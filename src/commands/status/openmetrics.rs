//! `gonogo status --openmetrics`: where the deployment stands as numbers, for Prometheus and the textfile collector of
//! `node_exporter`. Every family is a gauge, so that both the `OpenMetrics` and the older text format read it.

use crate::deployment::account::Account;
use crate::deployment::account::availability::AvailabilityLine;
use crate::deployment::metrics::{Availability, PaneVerdict};
use crate::deployment::{State, Verdict};
use chrono::{DateTime, Utc};
use std::fmt::Write as _;

const OUTCOMES: [&str; 7] = ["open", "go", "no-go", "aborted", "failed", "rolled-back", "closed"];

/// The text. `ledger` is the ledger's file name: it stands as a label with every number, so that several ledgers can be
/// collected on one host.
pub(super) fn text(account: &Account, state: &State, ledger: &str) -> String {
    let mut page = Page { text: String::new(), ledger: ledger.to_owned(), name: "", at: String::new() };
    page.family("gonogo_deployment_info", "The deployment; always 1");
    page.number(&[("title", &account.title)], 1.0);
    page.family("gonogo_outcome", "1 for what the deployment came to so far, 0 for the others");
    for outcome in OUTCOMES {
        page.number(&[("outcome", outcome)], flag(account.outcome == outcome));
    }
    page.family("gonogo_steps", "Steps of the checklist by state; they add up to all of them");
    let items = &account.items;
    for (state, count) in [
        ("done", items.done),
        ("failed", items.failed),
        ("waived", items.waived),
        ("not-applicable", items.not_applicable),
        ("open", items.open),
    ] {
        page.number(&[("state", state)], count as f64);
    }
    page.family("gonogo_phase_steps_complete", "Steps of a phase that are done or waived");
    for phase in &account.phases {
        page.number(&[("phase", phase.id.as_str())], phase.done as f64);
    }
    page.family("gonogo_phase_steps", "Steps of a phase that apply");
    for phase in &account.phases {
        page.number(&[("phase", phase.id.as_str())], phase.total as f64);
    }
    page.family("gonogo_phase_gate_open", "Whether nothing is missing to begin the phase");
    for phase in &account.phases {
        page.number(&[("phase", phase.id.as_str())], flag(phase.gate.open));
    }
    page.family("gonogo_attempts_running", "Attempts that run now");
    page.number(&[], state.running().count() as f64);
    page.family("gonogo_attempts_failed", "Attempts that failed, also where a later one passed");
    let failed = account.attempts.iter().filter(|attempt| attempt.verdict == Some(Verdict::Fail)).count();
    page.number(&[], failed as f64);
    page.family("gonogo_attempts_unknown", "Attempts whose outcome is unknown");
    page.number(&[], account.attempts.iter().filter(|attempt| attempt.state == "lost").count() as f64);
    page.family("gonogo_signoffs_stale", "Sign-offs whose checklist or evidence changed since");
    page.number(&[], account.signoffs.iter().filter(|line| line.stale).count() as f64);
    page.family("gonogo_signoffs_missing", "Sign-offs that nobody has given");
    page.number(&[], account.signoffs.iter().filter(|line| line.signed.is_none()).count() as f64);
    if let Some(clock) = &account.flight.clock {
        page.family("gonogo_clock_seconds", "Seconds since T-0 on the T-clock; negative before it");
        page.number(&[], clock.t_ms as f64 / 1_000.0);
        page.family("gonogo_clock_on_hold", "Whether the T-clock is on HOLD");
        page.number(&[], flag(clock.state == "held"));
    }
    page.family("gonogo_holds", "Holds of the T-clock so far");
    page.number(&[], account.flight.holds.len() as f64);
    if let Some(downtime) = &account.flight.window.downtime {
        page.family("gonogo_downtime_seconds", "Time that users were without the service");
        page.number(&[], downtime.ms as f64 / 1_000.0);
        page.family("gonogo_service_down", "Whether the service is down, by the checks of the deployment");
        page.number(&[], flag(downtime.away));
    }
    if let Some(abort_by) = &account.flight.window.abort_by {
        page.family("gonogo_abort_by_timestamp_seconds", "The last moment at which a rollback fits into the window");
        page.number(&[], abort_by.at.timestamp() as f64);
    }
    let measured: Vec<_> = account.metrics.iter().filter(|metric| metric.value.is_some()).collect();
    if !measured.is_empty() {
        page.family("gonogo_metric", "What a step measured last, in the unit named");
        for metric in &measured {
            let environment = metric.environment.as_ref().map_or("", |name| name.as_str());
            let labels = [("metric", metric.name.as_str()), ("environment", environment), ("unit", &metric.unit)];
            page.number(&labels, metric.value.unwrap_or(f64::NAN));
        }
    }
    watched(&mut page, account);
    page.family("gonogo_ledger_records", "Records of the ledger");
    page.number(&[], account.ledger.records as f64);
    page.family("gonogo_ledger_intact", "Whether the ledger ends with a whole record");
    page.number(&[], flag(account.ledger.intact));
    if let Some(at) = state.last_at {
        page.family("gonogo_last_record_timestamp_seconds", "When the last record was written");
        page.number(&[], at.timestamp_millis() as f64 / 1_000.0);
    }
    page.text.push_str("# EOF\n");
    page.text
}

/// Verdicts, availability and alerts alone, each with the time at which it was so: they stand behind collected numbers that
/// have their times too.
pub(crate) fn watched_at(account: &Account, ledger: &str, at: DateTime<Utc>) -> String {
    let at = format!(" {}.{:03}", at.timestamp(), at.timestamp_subsec_millis());
    let mut page = Page { text: String::new(), ledger: ledger.to_owned(), name: "", at };
    watched(&mut page, account);
    page.text
}

fn alerts(page: &mut Page, account: &Account) {
    page.family("gonogo_alerts_asking", "Alerts that nobody has acknowledged, silenced or expected");
    page.number(&[], account.alerts.asking as f64);
    if !account.alerts.open.is_empty() {
        page.family("gonogo_alert_open", "An alert that is not over; always 1");
        for alert in &account.alerts.open {
            let number = alert.number.to_string();
            let labels = [
                ("alert", number.as_str()),
                ("metric", alert.metric.as_str()),
                ("environment", alert.environment.as_str()),
                ("verdict", alert.verdict.word()),
                ("state", alert.state.word()),
            ];
            page.number(&labels, 1.0);
        }
    }
}

/// A number of the availability of one metric.
type Reads = fn(&AvailabilityLine, &Availability) -> f64;

/// How the metrics stand by the samples collected, and what is open.
fn watched(page: &mut Page, account: &Account) {
    alerts(page, account);
    let seen: Vec<_> = account.metrics.iter().filter_map(|metric| Some((metric, metric.now.as_ref()?))).collect();
    if !seen.is_empty() {
        page.family("gonogo_metric_verdict", "1 for how a collected metric stands, 0 for the others");
        for (metric, now) in &seen {
            let environment = metric.environment.as_ref().map_or("", |name| name.as_str());
            for verdict in PaneVerdict::ALL {
                let labels =
                    [("metric", metric.name.as_str()), ("environment", environment), ("verdict", verdict.word())];
                page.number(&labels, flag(now.verdict == verdict));
            }
        }
        page.family("gonogo_metric_value", "The number that the verdict rests on, in the unit named");
        for (metric, now) in &seen {
            let environment = metric.environment.as_ref().map_or("", |name| name.as_str());
            let labels = [("metric", metric.name.as_str()), ("environment", environment), ("unit", &metric.unit)];
            now.value.into_iter().for_each(|value| page.number(&labels, value));
        }
    }
    let found: Vec<_> = account.availability.iter().filter_map(|line| Some((line, line.found.as_ref()?))).collect();
    if found.is_empty() {
        return;
    }
    let labels = |line: &AvailabilityLine| [line.metric.to_string(), line.environment.to_string()];
    let families: [(&'static str, &str, Reads); 4] = [
        ("gonogo_availability_ratio", "Share of the known time in which the service worked", |_, found| {
            found.percent / 100.0
        }),
        ("gonogo_availability_objective_ratio", "Share of the period in which the service has to work", |line, _| {
            line.objective / 100.0
        }),
        ("gonogo_availability_covered_ratio", "Share of the time since the first sample that is known", |_, found| {
            found.covered
        }),
        (
            "gonogo_error_budget_left_ratio",
            "What is left of the period's error budget; below 0 overdrawn",
            |_, found| found.budget_left,
        ),
    ];
    for (name, help, value) in families {
        page.family(name, help);
        for (line, found) in &found {
            let [metric, environment] = labels(line);
            page.number(&[("metric", &metric), ("environment", &environment)], value(line, found));
        }
    }
    page.family("gonogo_error_budget_burn_rate", "How many times too fast the error budget burns, over a window");
    for (line, found) in &found {
        let [metric, environment] = labels(line);
        for burn in &found.burns {
            for (over_ms, rate) in [(burn.over_ms, burn.rate), (burn.lately_ms, burn.lately)] {
                let window = (over_ms / 1_000).to_string();
                let labels = [("metric", metric.as_str()), ("environment", &environment), ("window_seconds", &window)];
                page.number(&labels, rate);
            }
        }
    }
}

fn flag(yes: bool) -> f64 {
    f64::from(u8::from(yes))
}

struct Page {
    text: String,
    ledger: String,
    /// The family begun last.
    name: &'static str,
    /// A blank and the time of every number, where they have one.
    at: String,
}

impl Page {
    /// Begins a family; its numbers follow.
    fn family(&mut self, name: &'static str, help: &str) {
        self.name = name;
        let _ = writeln!(self.text, "# TYPE {name} gauge\n# HELP {name} {help}.");
    }

    /// One number of the family begun last.
    fn number(&mut self, labels: &[(&str, &str)], value: f64) {
        let mut line = format!("{}{{ledger=\"{}\"", self.name, escaped(&self.ledger));
        for (label, text) in labels {
            let _ = write!(line, ",{label}=\"{}\"", escaped(text));
        }
        let _ = writeln!(self.text, "{line}}} {value}{}", self.at);
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
