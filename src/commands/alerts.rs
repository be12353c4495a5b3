//! `gonogo alerts`, `ack` and `silence`: alerts of watched metrics without the screen.

use super::{Failure, acting, open};
use crate::checklist::PaneId;
use crate::checklist::offset::Span;
use crate::checklist::target::Bound;
use crate::cli::alerting::{Ack, Alerts, Silence};
use crate::collector::lease;
use crate::deployment::account::alerts::{AlertLine, SilenceLine, lines, silence as silence_line};
use crate::deployment::alerts::notice::title;
use crate::deployment::alerts::{AlertNumber, Standing};
use crate::deployment::{Intent, Plan, State, numbers};
use crate::ledger::Ledger;
use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use serde::Serialize;
use std::io::{self, Write};

/// Shown of those that are over; `--json` has them all.
const CLEARED: usize = 10;

/// Format 1. Scripts rely on it: fields are added, never changed or taken away.
#[derive(Debug, Serialize)]
struct Document {
    format: u32,
    at: DateTime<Utc>,
    asking: usize,
    /// False when a collector ran and none does now: nothing raises alerts.
    collecting: Option<bool>,
    alerts: Vec<AlertLine>,
    silences: Vec<SilenceLine>,
}

/// Lists them. Exit status 1 when an alert asks for somebody, or could not be raised because the collector ended; 0 otherwise.
pub(crate) fn alerts(asked: &Alerts, out: &mut dyn Write) -> Result<u8, Failure> {
    let ledger = Ledger::open(&asked.ledger)?;
    let (plan, state, now) = (ledger.plan(), ledger.state(), Utc::now());
    let asking = state.alerts.asking(now).len();
    let active = state.alerts.silences().iter().filter(|silence| silence.is_active(now));
    let is_watched = lease::path(ledger.evidence()).exists() && state.closed.is_none();
    let abandoned = is_watched && lease::is_abandoned(ledger.evidence());
    let document = Document {
        format: 1,
        at: now.trunc_subsecs(3),
        asking,
        collecting: is_watched.then_some(!abandoned),
        alerts: lines(plan, state, now),
        silences: active.map(silence_line).collect(),
    };
    if asked.json {
        serde_json::to_writer_pretty(&mut *out, &document).map_err(io::Error::from)?;
        writeln!(out)?;
    } else {
        if abandoned {
            let path = asked.ledger.display();
            writeln!(
                out,
                "No collector runs: nothing is measured and no alert is raised. `gonogo collect {path}` starts one.\n"
            )?;
        }
        tell(plan, &document, out)?;
    }
    Ok(u8::from(asking > 0 || abandoned))
}

fn tell(plan: &Plan, document: &Document, out: &mut dyn Write) -> io::Result<()> {
    if document.alerts.is_empty() {
        writeln!(out, "No alerts.")?;
    }
    let mut heading = None;
    let mut cleared = 0;
    for line in &document.alerts {
        if heading != Some(line.state) {
            let count = document.alerts.iter().filter(|other| other.state == line.state).count();
            writeln!(out, "{}{} ({count})", if heading.is_some() { "\n" } else { "" }, capital(line.state))?;
            heading = Some(line.state);
        }
        if line.state == Standing::Cleared {
            cleared += 1;
            if cleared > CLEARED {
                continue;
            }
        }
        tell_one(line, out)?;
    }
    if cleared > CLEARED {
        writeln!(out, "  … {} more; --json lists all", cleared - CLEARED)?;
    }
    if !document.silences.is_empty() {
        writeln!(out, "\nSilences ({})", document.silences.len())?;
    }
    for silence in &document.silences {
        let what = silence.metric.as_ref().map_or_else(|| "all metrics".to_owned(), |pane| title(plan, pane));
        let until = numbers::date_time(silence.until);
        writeln!(out, "  {what} until {until} UTC by {}: {}", silence.by, silence.reason)?;
    }
    if document.asking > 0 {
        writeln!(out, "\nAcknowledge: gonogo ack LEDGER NUMBER --note TEXT")?;
    }
    Ok(())
}

fn capital(standing: Standing) -> &'static str {
    match standing {
        Standing::Open => "OPEN",
        Standing::Acknowledged => "Acknowledged",
        Standing::Silenced => "Silenced",
        Standing::Expected => "Expected",
        Standing::Cleared => "Cleared",
    }
}

fn tell_one(line: &AlertLine, out: &mut dyn Write) -> io::Result<()> {
    let bound = line.target.as_deref().and_then(Bound::of);
    let value = line.value.map(|value| format!(" {}", numbers::quantity_beside(value, &line.unit, bound)));
    let value = value.unwrap_or_default();
    let target = line.target.as_ref().map(|target| format!(", target {target}")).unwrap_or_default();
    let (since, lasted) = (numbers::date_time(line.since), numbers::took(line.lasted_ms));
    let (number, name, environment) = (line.number, &line.title, &line.environment);
    let word = line.verdict.word();
    let was = if line.began < line.since {
        format!(" (another trouble before, since {} UTC)", numbers::date_time(line.began))
    } else {
        String::new()
    };
    writeln!(out, "  {number:>3}  {name} ({environment}): {word}{value}{target}, since {since} UTC, {lasted}{was}")?;
    let by = line.acknowledged_by.as_ref().zip(line.acknowledged);
    let by = by.map(|(by, at)| format!("acknowledged by {by} at {} UTC", numbers::date_time(at)));
    let why = [line.expected.clone(), by, line.note.clone()];
    let why: Vec<String> = why.into_iter().flatten().collect();
    let cleared = line.cleared_because.as_ref().map(|why| format!("cleared: {why}"));
    let why = Some(why.join(": ")).filter(|why| !why.is_empty());
    for line in why.into_iter().chain(cleared) {
        writeln!(out, "       {line}")?;
    }
    Ok(())
}

pub(crate) fn ack(asked: Ack, out: &mut dyn Write) -> Result<u8, Failure> {
    let by = acting(&asked.on.by);
    let mut ledger = open::open_ledger(&asked.on.ledger, &by)?;
    let alert = named(ledger.plan(), ledger.state(), &asked.alert)?;
    let made = ledger.append(&by, Intent::AcknowledgeAlert { alert, note: asked.note })?;
    let pane = ledger.state().alerts.alert(alert).map(|alert| title(ledger.plan(), &alert.pane)).unwrap_or_default();
    let already = if made.is_empty() { " already" } else { "" };
    writeln!(out, "alert {alert} ({pane}) is acknowledged{already}")?;
    Ok(0)
}

/// A number, or the metric whose alert is open.
fn named(plan: &Plan, state: &State, text: &str) -> Result<AlertNumber, Failure> {
    let pane = PaneId::new(text);
    let known = plan.checklist().panes.iter().any(|pane| pane.id.as_str() == text);
    if let Some(open) = state.alerts.of(&pane) {
        return Ok(open.number);
    }
    if known {
        return Err(Failure::refused(format!("no open alert of {}; nothing to acknowledge", title(plan, &pane))));
    }
    let number = text.trim_start_matches('#').parse::<u32>().map(AlertNumber);
    number.map_err(|_| {
        let ids: Vec<&str> = plan.checklist().panes.iter().map(|pane| pane.id.as_str()).collect();
        Failure::usage(format!("`{text}` is no alert: give its number, or the id of a metric ({})", ids.join(", ")))
    })
}

pub(crate) fn silence(asked: Silence, out: &mut dyn Write) -> Result<u8, Failure> {
    let asked = asked.resolved();
    let metric = asked.metric.unwrap_or_default();
    let by = acting(&asked.on.by);
    let mut ledger = open::open_ledger(&asked.on.ledger, &by)?;
    let known = ledger.plan().checklist().panes.iter().any(|pane| pane.id.as_str() == metric);
    let pane = (known || metric != "all").then(|| PaneId::new(&metric));
    let what = pane.as_ref().map_or_else(|| "all metrics".to_owned(), |pane| title(ledger.plan(), pane));
    if asked.end {
        ledger.append(&by, Intent::EndSilence { pane })?;
        writeln!(out, "silence ended: {what}")?;
        return Ok(0);
    }
    let text = asked.span.unwrap_or_default();
    let span = Span::parse(&text).map_err(|why| Failure::usage(format!("--for {text}: {why}")))?;
    let span = TimeDelta::from_std(span.duration()).unwrap_or(TimeDelta::MAX);
    let until = Utc::now().trunc_subsecs(3).checked_add_signed(span);
    let until =
        until.ok_or_else(|| Failure::usage(format!("--for {text}: too long; write a time such as 30m or 2h")))?;
    let reason = asked.reason.unwrap_or_default();
    ledger.append(&by, Intent::SilenceAlerts { pane, until, reason })?;
    writeln!(out, "silenced until {} UTC: {what}; alerts are still recorded", numbers::date_time(until))?;
    Ok(0)
}
