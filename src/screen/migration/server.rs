//! What the database server shows: the statement in hand, who holds what, who is waiting, how busy it is.
//!
//! ```text
//! statement  ALTER TABLE process_data ALTER COLUMN created_at TYPE …
//!            34 % estimate: the log written against the table and its indexes before
//! lock       process_data  held 0.8 ± 0.05 s of < 5 s by gonogo-0003
//! queue      3 wait behind it, the longest 2.1 s: shop, shop, shop
//! in the way report (pid 4711), idle in transaction   b end it
//! load       12 connections, 3 active   45.2 MB +1.2 MB   log 12.0 MB
//! ```

use crate::checklist::Target;
use crate::cockpit::Model;
use crate::cockpit::action::Action;
use crate::deployment::attempt::Attempt;
use crate::deployment::live::{Basis, Hold, Live, LockStanding, OWN, Statement, TableLock};
use crate::deployment::measurement::beside;
use crate::screen::line::{Block, Line};
use crate::screen::numbers;
use crate::screen::palette::Tone;
use std::fmt::Write as _;

/// Locks, and longest holds, that are reported one by one.
const MOST: usize = 3;

/// How much room there is for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    /// The lines that cannot be done without.
    Brief,
    Full,
}

/// Adds what the server shows.
pub(crate) fn block(block: &mut Block, model: &Model, live: &Live, target: Option<&Target>, detail: Detail) {
    let lines = if detail == Detail::Full { 2 } else { 1 };
    if let Some(statement) = &live.statement {
        if detail == Detail::Full {
            let first = Line::of(Tone::Dim, format!("{:<10} ", "statement"));
            block.behind(&first, lines, Tone::Text, &statement.text);
        }
        block.field("phase", Tone::Running, &phase(statement));
    }
    for lock in live.locks.iter().take(if detail == Detail::Full { MOST } else { 1 }) {
        let (tone, words) = lock_words(lock, target);
        block.field("lock", tone, &words);
    }
    queue(block, model, live);
    if detail == Detail::Full {
        let holds: Vec<String> = live.holds.iter().take(MOST).map(hold_words).collect();
        let more = live.holds.len().saturating_sub(MOST);
        let more = if more > 0 { format!(", {more} more") } else { String::new() };
        let tone = live.holds.first().map_or(Tone::Text, |hold| hold_tone(hold, target));
        let bound = target.filter(|_| !holds.is_empty()).map(|target| format!("  ({target})")).unwrap_or_default();
        block.field("longest", tone, &format!("{}{more}{bound}", holds.join(", ")));
    }
    if let Some(load) = &live.load {
        let mut words = format!("{} connections, {} active", load.connections, load.active);
        if load.idle_in_transaction > 0 {
            let _ = write!(words, ", {} idle in transaction", load.idle_in_transaction);
        }
        let sign = if load.grown < 0 { "" } else { "+" };
        let grown = numbers::quantity(load.grown as f64, "bytes");
        let size = numbers::quantity(load.size as f64, "bytes");
        let written = numbers::quantity(load.wal as f64, "bytes");
        block.field("load", Tone::Dim, &words);
        block.field("size", Tone::Dim, &format!("{size} {sign}{grown}, log written {written}"));
    }
    if let Some(gap) = &live.gap {
        block.field("server", Tone::Warning, &format!("not seen: {gap}"));
    }
    if let Some(limits) = live.limits.as_ref().filter(|_| detail == Detail::Full) {
        block.field("unseen", Tone::Warning, limits);
    }
}

/// What is in the way, for columns with little room: at most so many lines.
pub(crate) fn brief(block: &mut Block, model: &Model, live: &Live, target: Option<&Target>) {
    if let Some(statement) = &live.statement {
        block.at_most(2, Tone::Running, &brief_phase(statement));
    }
    if let Some(lock) = live.locks.first() {
        let (tone, words) = lock_words(lock, target);
        // Its own locks a migration holds; of others the name matters.
        let words = if lock.session.is_own() { words.split(" by ").next().unwrap_or_default() } else { &words };
        block.field("lock", tone, words);
    }
    queue(block, model, live);
    if let Some(gap) = &live.gap {
        block.field("server", Tone::Warning, &format!("not seen: {gap}"));
    }
}

/// The target that an attempt's item sets for locks.
pub(crate) fn lock_target<'a>(model: &'a Model, attempt: &Attempt) -> Option<&'a Target> {
    model.plan.item(&attempt.item)?.targets.iter().find(|target| target.measure == "lock" && target.unit == "s")
}

fn queue(block: &mut Block, model: &Model, live: &Live) {
    if live.queue.is_empty() {
        return;
    }
    let is_ours = |application: &str| application.strip_prefix(OWN).is_some_and(|rest| rest.starts_with('-'));
    let ours = live.queue.iter().find(|waiter| is_ours(&waiter.session.application));
    let others: Vec<_> = live.queue.iter().filter(|waiter| !is_ours(&waiter.session.application)).collect();
    if let Some(waiter) = ours {
        let waited = numbers::took(waiter.waited_ms);
        let words = format!("the migration, {waited} for {} ({})", waiter.what, waiter.wants);
        block.field("waits", Tone::Bad, &words);
    }
    if let Some(longest) = others.iter().map(|waiter| waiter.waited_ms).max() {
        let names: Vec<&str> = others
            .iter()
            .take(4)
            .map(|waiter| match waiter.session.application.as_str() {
                "" => "unnamed",
                name => name,
            })
            .collect();
        let (wait, more) = (if others.len() == 1 { "waits" } else { "wait" }, others.len().saturating_sub(4));
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let behind = if ours.is_some() { " behind it" } else { "" };
        let longest = numbers::took(longest);
        let words = format!("{} {wait}{behind}, the longest {longest}: {}{more}", others.len(), names.join(", "));
        block.field("queue", Tone::Bad, &words);
    }
    if let Some(session) = live.culprit() {
        let key = model.keymap.hint(Action::EndBlocker);
        let hint = if key.is_empty() { String::new() } else { format!("   {key} ends it") };
        block.field("in the way", Tone::Warning, &format!("{}, {}{hint}", session.name(), session.state));
    }
}

fn brief_phase(statement: &Statement) -> String {
    let phase = if statement.phase.is_empty() { "statement" } else { &statement.phase };
    match (statement.percent, &statement.basis) {
        (Some(percent), Basis::Estimate(_)) => {
            format!("{phase} about {} %, estimated", numbers::percent(percent / 100.0))
        }
        (Some(percent), _) => format!("{phase}, {} %", numbers::percent(percent / 100.0)),
        (None, _) => format!("{phase}, {} so far", numbers::took(statement.elapsed_ms)),
    }
}

fn phase(statement: &Statement) -> String {
    let elapsed = numbers::took(statement.elapsed_ms);
    let phase = if statement.phase.is_empty() { "running" } else { &statement.phase };
    match (statement.percent, &statement.basis) {
        (Some(percent), Basis::Estimate(of)) => {
            format!("{phase}, about {} %, estimated from {of}; {elapsed} so far", numbers::percent(percent / 100.0))
        }
        (Some(percent), _) => format!("{phase}, {} %, {elapsed} so far", numbers::percent(percent / 100.0)),
        (None, _) => format!("{phase}, {elapsed} so far; the server counts nothing here"),
    }
}

/// `0.8 ± 0.05 s`.
fn seconds(ms: f64, margin: f64, target: Option<&Target>) -> String {
    let short = |ms: f64| {
        let (value, rounded) = (ms / 1_000.0, (ms / 10.0).round() / 100.0);
        let bound = target.map(|target| target.bound).filter(|bound| bound.holds(value) != bound.holds(rounded));
        bound.map_or_else(|| numbers::quantity(rounded, ""), |bound| beside(value, bound))
    };
    if margin > 0.0 { format!("{} ± {} s", short(ms), short(margin)) } else { format!("{} s", short(ms)) }
}

fn hold_words(hold: &Hold) -> String {
    format!("{} {}", hold.table, seconds(hold.ms, hold.margin_ms, None))
}

fn lock_words(lock: &TableLock, target: Option<&Target>) -> (Tone, String) {
    let of = target.map(|target| format!(" of {target}")).unwrap_or_default();
    let time = seconds(lock.ms, lock.margin_ms, target);
    let who = lock.session.name();
    match lock.standing {
        LockStanding::Held => {
            let over = target.is_some_and(|target| !target.bound.holds(lock.ms / 1_000.0));
            let tone = if over { Tone::Bad } else { Tone::Warning };
            (tone, format!("{} held {time}{of} by {who}", lock.table))
        }
        LockStanding::Wanted => (Tone::Warning, format!("{} waiting {time} by {who}", lock.table)),
    }
}

fn hold_tone(hold: &Hold, target: Option<&Target>) -> Tone {
    match target {
        Some(target) if !target.bound.holds((hold.ms - hold.margin_ms) / 1_000.0) => Tone::Bad,
        _ => Tone::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checklist::target::Bound;
    use crate::deployment::live::Session;

    #[test]
    fn a_lock_is_reported_with_its_margin_against_its_target() {
        let target = Target { measure: "lock".into(), bound: Bound::Below(5.0), unit: "s".into() };
        let mut lock = TableLock {
            table: "lots".into(),
            session: Session { pid: 7, application: "gonogo-0003".into(), ..Session::default() },
            standing: LockStanding::Held,
            ms: 812.0,
            margin_ms: 50.0,
        };
        let (tone, words) = lock_words(&lock, Some(&target));
        assert_eq!((tone, words.as_str()), (Tone::Warning, "lots held 0.81 ± 0.05 s of < 5 s by gonogo-0003 (pid 7)"));
        lock.ms = 5_200.0;
        assert_eq!(lock_words(&lock, Some(&target)).0, Tone::Bad);
        lock.standing = LockStanding::Wanted;
        assert!(lock_words(&lock, None).1.starts_with("lots waiting"));
    }

    #[test]
    fn an_estimate_names_its_basis_and_nothing_is_promised_without_one() {
        let mut statement = Statement { elapsed_ms: 3_200, percent: Some(99.9), ..Statement::default() };
        statement.basis = Basis::Estimate("the log".into());
        assert_eq!(phase(&statement), "running, about 99 %, estimated from the log; 3.2 s so far");
        statement.percent = None;
        assert_eq!(phase(&statement), "running, 3.2 s so far; the server counts nothing here");
    }
}
