//! The status in words.

use crate::collector::lease;
use crate::deployment::account::alerts::open_alerts;
use crate::deployment::account::availability::availability_lines;
use crate::deployment::account::counts::Counts;
use crate::deployment::account::due::{due_lines, watch_lines};
use crate::deployment::account::metrics::{Metric, Seen, metrics, see};
use crate::deployment::account::migration::migration;
use crate::deployment::account::{PhaseState, phases};
use crate::deployment::coverage::{self, Attested};
use crate::deployment::measurement::Number;
use crate::deployment::signoff::{self, Proof, Standing};
use crate::deployment::{Board, ItemStatus, Plan, State, due};
use crate::harmless;
use crate::ledger::Ledger;
use chrono::{DateTime, Utc};
use std::fmt::{self, Display};
use std::io::{self, Write};

pub(super) fn tell(ledger: &Ledger, collected: &super::Collected, out: &mut dyn Write) -> io::Result<()> {
    let super::Collected { readings, seen } = collected;
    let (plan, state) = (ledger.plan().as_ref(), ledger.state());
    let now = Utc::now();
    let mut board = Board::at(plan, state, now);
    let records = ledger.records().len();
    writeln!(out, "{}   #{records}", Plain(&plan.checklist().title))?;
    for (slot, environment) in plan.bindings() {
        writeln!(out, "  {} is {}", Plain(slot), Plain(environment))?;
    }
    if state.closed.is_none() && lease::is_abandoned(ledger.evidence()) {
        writeln!(out, "  ! no collector runs: nothing is measured and no alert is raised (gonogo collect)")?;
    }
    tell_alerts(plan, state, now, out)?;
    super::flown::tell(plan, state, now, out)?;
    tell_due(plan, state, &board, now, out)?;
    tell_watches(plan, state, &board, (readings, now), out)?;
    let counts = Counts::of(plan, state, &board);
    let tally = counts.items;
    writeln!(
        out,
        "  {}; {} open ({} failed, {} running); {} measured by the program",
        tally.words(),
        tally.left(),
        tally.failed,
        tally.running,
        tally.measured,
    )?;
    tell_phases(plan, state, &mut board, out)?;
    tell_running(plan, state, out)?;
    tell_trouble(plan, &board, out)?;
    tell_migration(plan, state, out)?;
    tell_preflights(state, out)?;
    tell_availability(plan, seen, out)?;
    tell_metrics(plan, state, seen, out)?;
    tell_signoffs(plan, state, &mut board, out)?;
    tell_amendments(plan, state, out)?;
    tell_outlook(plan, state, &counts, out)?;
    match ledger.incomplete_bytes() {
        0 => Ok(()),
        bytes => writeln!(
            out,
            "\nThe ledger ends with {bytes} bytes that are no whole record: one on its way, or a torn one. `gonogo verify` shows which."
        ),
    }
}

/// Open alerts come first: whoever asks in the morning wants to know of them.
fn tell_alerts(plan: &Plan, state: &State, now: DateTime<Utc>, out: &mut dyn Write) -> io::Result<()> {
    let alerts = open_alerts(plan, state, now);
    let count = alerts.open.len();
    if count > 0 {
        let noun = if count == 1 { "open alert" } else { "open alerts" };
        writeln!(out, "  ! {count} {noun}, {} not acknowledged (gonogo alerts)", alerts.asking)?;
    }
    for alert in &alerts.open {
        let (number, name, word) = (alert.number, Plain(&alert.title), alert.verdict.word());
        let since = alert.since.format("%Y-%m-%d %H:%M:%S");
        writeln!(out, "    {number} {name}: {word} since {since} UTC ({})", alert.state.word())?;
    }
    Ok(())
}

/// Overdue lines first: whoever looks the morning after sees them before anything else.
fn tell_due(plan: &Plan, state: &State, board: &Board, now: DateTime<Utc>, out: &mut dyn Write) -> io::Result<()> {
    for line in due_lines(plan, state, board, now) {
        let (sign, word) = if line.overdue { ("!", "overdue, was due") } else { ("○", "due") };
        let when = due::distance(now, line.until);
        writeln!(out, "  {sign} {word} {when}: {} ({})", Plain(&line.title), Plain(&line.item))?;
    }
    Ok(())
}

fn tell_watches(
    plan: &Plan,
    state: &State,
    board: &Board,
    (readings, now): (&[super::Read], DateTime<Utc>),
    out: &mut dyn Write,
) -> io::Result<()> {
    for line in watch_lines(plan, state, board, now) {
        let found = readings.iter().find(|(item, ..)| *item == line.item);
        let words = found.map_or_else(
            || format!("watching, over {}", due::distance(now, line.until)),
            |(.., reading)| reading.detail.clone(),
        );
        writeln!(out, "  ▶ {}: {}", Plain(&line.title), Plain(&words))?;
    }
    Ok(())
}

fn tell_phases(plan: &Plan, state: &State, board: &mut Board, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\nPhases")?;
    for phase in phases(plan, state, board) {
        let (glyph, word) = match phase.state {
            PhaseState::Done => ("✔", "done"),
            PhaseState::Running => ("▶", "running"),
            PhaseState::Failed => ("✘", "failed"),
            PhaseState::Open => ("●", "open"),
            PhaseState::Waiting => ("⊘", "gate closed"),
        };
        let (done, total, title) = (phase.done, phase.total, Plain(&phase.title));
        writeln!(out, "  {glyph} {done:>3}/{total:<3} {title} ({word})")?;
        if phase.state != PhaseState::Done {
            for missing in &phase.gate.missing {
                writeln!(out, "            gate: {}", Plain(missing))?;
            }
        }
    }
    Ok(())
}

fn tell_preflights(state: &State, out: &mut dyn Write) -> io::Result<()> {
    for (environment, found) in &state.preflights {
        writeln!(out, "  preflight of {}: {}", Plain(environment), Plain(&found.detail))?;
        if let Some(why) = &found.no_return {
            writeln!(out, "    no rollback {}", Plain(why))?;
        }
    }
    Ok(())
}

fn tell_running(plan: &Plan, state: &State, out: &mut dyn Write) -> io::Result<()> {
    let mut running = state.running().peekable();
    if running.peek().is_some() {
        writeln!(out, "\nRunning")?;
    }
    for attempt in running {
        let title = plan.item(&attempt.item).map_or(attempt.item.as_str(), |item| &item.title);
        let (number, environment, started) = (attempt.number, &attempt.environment, attempt.started);
        let since = started.format("%H:%M:%S");
        writeln!(out, "  ▶ attempt {number} in {} since {since} UTC: {}", Plain(environment), Plain(&title))?;
    }
    Ok(())
}

fn tell_trouble(plan: &Plan, board: &Board, out: &mut dyn Write) -> io::Result<()> {
    let items = plan.checklist().items();
    let mut trouble = items
        .filter_map(|item| match board.status(&item.id) {
            ItemStatus::Failed(why) => Some((item, "✘", "failed", why.clone())),
            ItemStatus::Inconclusive(why) => Some((item, "?", "inconclusive", why.clone())),
            ItemStatus::Outdated(why) => Some((item, "?", "outdated", why.clone())),
            ItemStatus::Lost(number) => {
                Some((item, "?", "unknown", format!("attempt {number} was lost; inspect the aftermath and resolve it")))
            }
            _ => None,
        })
        .peekable();
    if trouble.peek().is_some() {
        writeln!(out, "\nNot fine")?;
    }
    for (item, glyph, word, why) in trouble {
        writeln!(out, "  {glyph} {} ({}) {word}: {}", Plain(&item.title), Plain(&item.id), Plain(&why))?;
    }
    Ok(())
}

fn tell_migration(plan: &Plan, state: &State, out: &mut dyn Write) -> io::Result<()> {
    let migration = migration(plan, state);
    let Some(expected) = &migration.expected else { return Ok(()) };
    let current = migration.current.as_deref().unwrap_or("not seen yet");
    let word = migration.state.word();
    writeln!(out, "\nMigration of production: {word}; revision {}, expected {}", Plain(&current), Plain(expected))
}

fn tell_availability(plan: &Plan, seen: &Seen, out: &mut dyn Write) -> io::Result<()> {
    let lines = availability_lines(plan, seen);
    if !lines.is_empty() {
        writeln!(out, "\nAvailability")?;
    }
    for line in lines {
        let (title, environment, word) = (Plain(&line.title), Plain(&line.environment), line.verdict.word());
        writeln!(out, "  {title} in {environment}: {word} ({})", Plain(&line.text))?;
    }
    Ok(())
}

fn tell_metrics(plan: &Plan, state: &State, seen: &Seen, out: &mut dyn Write) -> io::Result<()> {
    let mut known = metrics(plan, state);
    see(&mut known, seen);
    known.retain(|metric| metric.value.is_some() || metric.now.is_some());
    if !known.is_empty() {
        writeln!(out, "\nMetrics")?;
    }
    let number = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| Number(value).to_string());
    for metric in known {
        let Metric { name, value, unit, baseline, target, verdict, now, .. } = metric;
        if let Some(now) = now {
            writeln!(out, "  {name}: {} ({})", now.word(), Plain(&now.sentence))?;
            continue;
        }
        let (value, baseline, target) = (number(value), number(baseline), number(target));
        writeln!(out, "  {name} {value} {unit} (baseline {baseline}, target {target}): {}", verdict.word())?;
    }
    Ok(())
}

fn tell_signoffs(plan: &Plan, state: &State, board: &mut Board, out: &mut dyn Write) -> io::Result<()> {
    let lines = signoff::lines(plan, state, board);
    if !lines.is_empty() {
        writeln!(out, "\nSign-offs")?;
    }
    for line in lines {
        let glyph = match line.standing {
            Standing::Go => "✔",
            Standing::NoGo => "✘",
            Standing::Stale | Standing::Withdrawn => "!",
            Standing::Unsigned => "○",
        };
        let word = line.standing.word();
        write!(out, "  {glyph} {}: {} {word}", Plain(&line.group.title), Plain(&line.role.title))?;
        match line.signed {
            Some((stamp, signed)) => {
                let simulated = if stamp.by.simulated.is_some() { ", simulated" } else { "" };
                let name = &signed.name;
                // One person under two names is seen to be one.
                let user = if *name == stamp.by.user { String::new() } else { format!(" ({})", stamp.by.user) };
                let date = stamp.at.date_naive();
                write!(out, ", {}{} on {date}{simulated}, ", Plain(name), Plain(&user))?;
                match &signed.signature {
                    Some(signature) => writeln!(out, "signed by {}", Plain(&signature.fingerprint))?,
                    None => writeln!(out, "{}", Proof::Attested.word())?,
                }
            }
            None => writeln!(out)?,
        }
    }
    Ok(())
}

fn tell_amendments(plan: &Plan, state: &State, out: &mut dyn Write) -> io::Result<()> {
    if !state.amendments.is_empty() {
        writeln!(out, "\nAmended")?;
    }
    for (stamp, amended) in &state.amendments {
        let at = stamp.at.format("%Y-%m-%d %H:%M UTC");
        let (checklist, by, reason) = (Plain(&amended.checklist), Plain(&stamp.by), Plain(&amended.reason));
        writeln!(out, "  {checklist} by {by} at {at}: {reason} ({} open again)", amended.changed.len())?;
        for target in &amended.targets {
            let title = plan.item(&target.item).map_or(target.item.as_str(), |item| &item.title);
            writeln!(out, "    {}: {}", Plain(title), Plain(target))?;
        }
        for mark in &amended.loosened {
            writeln!(out, "    ! LOOSENED AFTER A FAILURE: {}", Plain(mark))?;
        }
        for mark in &amended.relaxed {
            writeln!(out, "    ! RELAXED: {}", Plain(mark))?;
        }
    }
    Ok(())
}

fn tell_outlook(plan: &Plan, state: &State, counts: &Counts, out: &mut dyn Write) -> io::Result<()> {
    if let Some((stamp, decided)) = state.decision() {
        let word = decided.decision.word().to_uppercase();
        let at = stamp.at.format("%Y-%m-%d %H:%M UTC");
        writeln!(out, "\nDecided: {word} by {} at {at}. {}", Plain(&stamp.by), Plain(&decided.reason))?;
    }
    let Some(outlook) = counts.outlook.as_ref().filter(|_| state.ending.is_none()) else { return Ok(()) };
    let now = if state.decision().is_some() { "Criteria now" } else { "Outlook" };
    writeln!(out, "\n{now}: {}", outlook.coverage.after(&outlook.call.word().to_uppercase()))?;
    writeln!(out, "  {}", counts.criteria.words())?;
    if counts.poll.roles > 0 {
        let round = counts.poll;
        let state = if round.taken { "answered" } else { "answered; not open" };
        writeln!(out, "  poll: {} of {} {state}", round.answered, round.roles)?;
    }
    for reason in &outlook.reasons {
        writeln!(out, "  {} ({})", Plain(&reason.text), Plain(&reason.item))?;
    }
    for Attested { environment, item, why, .. } in coverage::attested(plan, state) {
        writeln!(out, "  {environment}'s database is attested, not measured: {} ({})", Plain(&why), Plain(&item))?;
    }
    Ok(())
}

/// Text that somebody else wrote, on one line.
pub(super) struct Plain<'a, T: Display + ?Sized>(pub &'a T);

impl<T: Display + ?Sized> Display for Plain<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&harmless::one_line(&self.0.to_string()))
    }
}
