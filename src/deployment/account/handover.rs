//! What the next person must know: written by the program, from what is on record and what the metrics say.
//!
//! The screen and the command show the same text. It is kept in the ledger as it was written, with a person's note and the
//! name of whoever takes over.

use crate::deployment::alerts::notice::{state as alert_state, title as alert_title};
use crate::deployment::alerts::{Alert, Standing};
use crate::deployment::fact::Waiver;
use crate::deployment::metrics::{Assessment, PaneVerdict, Watched};
use crate::deployment::record::{Record, Seq};
use crate::deployment::state::State;
use crate::deployment::{Board, ItemStatus, Plan, clock, criteria, due, notice, watching};
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::fmt::Write as _;
use std::sync::Arc;

/// Lines of one kind that are written out; of more the number is reported.
const MOST: usize = 8;

/// How a metric stands and where it goes, as whoever reads the samples found it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MetricLine {
    pub title: String,
    /// The place in a list that shows the worst first.
    pub rank: u8,
    /// Of a metric of availability: how fast its error budget burns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rates: Option<String>,
    /// `ok: p95 120 ms (< 200 ms), of 45 samples; last hour 4 % above the hour before`.
    pub text: String,
}

impl MetricLine {
    /// Of a metric as it was assessed, with its averages of the last hour and of the hour before.
    #[must_use]
    pub fn of(watched: &Watched, seen: &Assessment, now: DateTime<Utc>) -> Self {
        const HOUR: i64 = 3_600_000;
        let now = now.timestamp_millis();
        let average = |hours: i64| watched.series.average(now - hours * HOUR..now - (hours - 1) * HOUR);
        // A metric without a target is neither good nor bad, and its sentence says so.
        let is_evaluated = seen.evaluated || seen.verdict.is_bad();
        let mut text =
            if is_evaluated { format!("{}: {}", seen.verdict.word(), seen.sentence) } else { seen.sentence.clone() };
        let trend = average(1).zip(average(2)).filter(|(_, before)| *before != 0.0);
        if let Some((hour, before)) = trend {
            let change = (hour / before - 1.0) * 100.0;
            let word = if change < 0.0 { "below" } else { "above" };
            let _ = write!(text, "; last hour {:.0} % {word} the hour before", change.abs());
        }
        let rates = seen.availability.as_ref().map(|found| found.rates());
        let rank = if is_evaluated { seen.verdict.rank() } else { PaneVerdict::Ok.rank().saturating_add(1) };
        Self { title: watched.pane.title.clone(), rank, rates, text }
    }
}

/// One line of the handover for each thing, under headings.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Handover {
    /// When the last one was recorded; this one shows what happened since.
    pub since: Option<DateTime<Utc>>,
    pub standing: String,
    pub parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    pub heading: &'static str,
    pub lines: Vec<String>,
}

impl Handover {
    /// As it is now at `now`. `metrics` are the worst first, `watches` what each watch under way says.
    #[must_use]
    pub fn of(
        plan: &Plan,
        state: &State,
        records: &[Arc<Record>],
        (metrics, watches): (&[MetricLine], &[String]),
        now: DateTime<Utc>,
    ) -> Self {
        let board = Board::at(plan, state, now);
        let last = state.handovers.last();
        let after = last.map_or(Seq(0), |last| last.stamp.seq);
        let due = due::due(plan, state, &board, now);
        let (overdue, to_do): (Vec<_>, Vec<_>) = due.iter().partition(|one| one.is_overdue(now));
        let when = |one: &&due::DueItem<'_>| {
            let (title, away) = (one.item.in_sentence(), due::distance(now, one.until));
            format!("{title} ({}): due {away}", one.item.id)
        };
        let next = due::next(plan, state, &board, now);
        let next = next.iter().map(|one| format!("{}: {}", due::distance(now, one.from), one.item.in_sentence()));
        let parts = [
            ("Open alerts", alerts(plan, state, now).into_iter().chain(regressed(plan, state)).collect()),
            ("Availability", metrics.iter().filter_map(availability).collect()),
            (
                "Metrics, worst first",
                metrics
                    .iter()
                    .filter(|one| one.rates.is_none())
                    .map(|one| format!("{}: {}", one.title, one.text))
                    .collect(),
            ),
            ("Overdue", overdue.iter().copied().map(|one| when(&one)).collect()),
            ("Due now", to_do.iter().copied().map(|one| when(&one)).collect()),
            ("Not passed", not_passed(plan, &board)),
            ("Watched", watched(plan, state, &board, watches, now)),
            ("Deferred", deferred(plan, state, now)),
            ("Open issues", issues(state)),
            ("Running", running(plan, state, now)),
            ("Since the last handover", changes(plan, records, after)),
            ("Next", next.collect()),
        ];
        let parts = parts.into_iter().filter(|(_, lines): &(_, Vec<String>)| !lines.is_empty());
        Self {
            since: last.map(|last| last.stamp.at),
            standing: standing(plan, state, &board, now),
            parts: parts.map(|(heading, lines)| Part { heading, lines: few(lines) }).collect(),
        }
    }

    /// The whole of it as text, a line each.
    pub fn text(&self) -> String {
        let mut text = self.standing.clone();
        if let Some(since) = self.since {
            let _ = write!(text, "\nLast handover: {} UTC", since.format("%Y-%m-%d %H:%M"));
        }
        for Part { heading, lines } in &self.parts {
            let _ = write!(text, "\n\n{heading}");
            for line in lines {
                let _ = write!(text, "\n  {line}");
            }
        }
        text
    }
}

/// Apart from the other metrics, so that it is reported however many of them are worse.
fn availability(one: &MetricLine) -> Option<String> {
    Some(format!("{}: {}; {}", one.title, one.text, one.rates.as_ref()?))
}

fn standing(plan: &Plan, state: &State, board: &Board, now: DateTime<Utc>) -> String {
    let t = state.clock.read(now).map(|reading| format!(", {}", clock::text(reading.t))).unwrap_or_default();
    let tally = board.tally(plan.checklist().items());
    let title = &plan.checklist().title;
    format!("{title}: {}{t}; {}, {} failed", criteria::outcome(state), tally.words(), tally.failed)
}

fn alerts(plan: &Plan, state: &State, now: DateTime<Utc>) -> Vec<String> {
    let open = state.alerts.in_order(now).into_iter().filter(|(standing, _)| *standing != Standing::Cleared);
    let line = |(standing, alert): (Standing, &Alert)| {
        let (title, seen) = (alert_title(plan, &alert.pane), alert_state(&alert.seen));
        let raised = due::distance(now, alert.raised.at);
        format!("#{} {title} {}: {seen}, raised {raised}", alert.number, standing.word())
    };
    open.map(line).collect()
}

fn regressed(plan: &Plan, state: &State) -> Vec<String> {
    let items = plan.order().iter().filter_map(|id| plan.item(id));
    let lost = items.filter_map(|item| Some((item, state.history(&item.id)?.regressed.as_ref()?)));
    lost.map(|(item, regressed)| format!("{} no longer holds: {}", item.in_sentence(), regressed.reason)).collect()
}

fn not_passed(plan: &Plan, board: &Board) -> Vec<String> {
    let items = plan.order().iter().filter_map(|id| plan.item(id));
    let bad = items.filter_map(|item| match board.status(&item.id) {
        status @ (ItemStatus::Failed(why) | ItemStatus::Inconclusive(why)) => {
            Some(format!("{} {}: {why}", item.in_sentence(), status.word()))
        }
        status @ ItemStatus::Lost(number) => {
            Some(format!("{} {}: attempt {number} was lost", item.in_sentence(), status.word()))
        }
        ItemStatus::Outdated(why) => Some(format!("{} outdated: {why}", item.in_sentence())),
        ItemStatus::Open
        | ItemStatus::Running(_)
        | ItemStatus::Done
        | ItemStatus::Waived(_)
        | ItemStatus::Inapplicable(_) => None,
    });
    bad.collect()
}

/// What whoever reads the samples says; without that at least how far each is.
fn watched(plan: &Plan, state: &State, board: &Board, said: &[String], now: DateTime<Utc>) -> Vec<String> {
    if !said.is_empty() {
        return said.to_vec();
    }
    let watching = watching::under_way(plan, state, board, now).into_iter();
    watching.map(|one| format!("{}: over {}", one.item.in_sentence(), due::distance(now, one.period.until))).collect()
}

fn deferred(plan: &Plan, state: &State, now: DateTime<Utc>) -> Vec<String> {
    let items = plan.order().iter().filter_map(|id| plan.item(id));
    let waived = items.filter_map(|item| Some((item, state.history(&item.id)?.waived.as_ref()?)));
    let deferred = waived.filter(|(_, waived)| waived.how == Waiver::Deferred);
    deferred
        .map(|(item, waived)| {
            let until = waived.until.map(|until| format!(", due {}", due::distance(now, until))).unwrap_or_default();
            format!("{}: {} ({}{until})", item.in_sentence(), waived.reason, waived.stamp.by)
        })
        .collect()
}

fn issues(state: &State) -> Vec<String> {
    let numbered = state.issues.iter().enumerate();
    let open = numbered.filter(|(_, issue)| issue.account.resolution.is_none());
    open.map(|(index, issue)| {
        let impact = issue.account.impact.as_ref().map(|impact| format!("; impact: {impact}")).unwrap_or_default();
        format!("#{} {}{impact}", index + 1, issue.title)
    })
    .collect()
}

fn running(plan: &Plan, state: &State, now: DateTime<Utc>) -> Vec<String> {
    let line = |attempt: &crate::deployment::attempt::Attempt| {
        let title = plan.item(&attempt.item).map_or(attempt.item.as_str(), |item| item.in_sentence());
        let since = due::distance(now, attempt.started);
        format!("attempt {} in {}: {title}, started {since}", attempt.number, attempt.environment)
    };
    state.running().map(line).collect()
}

/// What people elsewhere were, or would have been, notified of.
fn changes(plan: &Plan, records: &[Arc<Record>], after: Seq) -> Vec<String> {
    let title = format!("{}: ", plan.checklist().title);
    let fresh = records.iter().filter(|record| record.seq > after);
    let reported = fresh.filter_map(|record| {
        let text = notice::notice(plan, record)?.text;
        let text = text.split_once(&title).map_or(text.as_str(), |(_, reported)| reported);
        Some(format!("{} {text}", record.at.format("%d %H:%M")))
    });
    // The newest tell most.
    let mut reported: Vec<String> = reported.collect();
    reported.reverse();
    reported
}

fn few(mut lines: Vec<String>) -> Vec<String> {
    if lines.len() > MOST {
        let more = lines.len() - MOST;
        lines.truncate(MOST);
        lines.push(format!("and {more} more"));
    }
    lines
}
