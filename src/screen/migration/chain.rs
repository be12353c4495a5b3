//! The chain of revisions and where the database is in it.

use crate::checklist::environment::Revision;
use crate::checklist::{Check, EnvironmentName};
use crate::cockpit::Model;
use crate::cockpit::pace::{self, Eta, Pace};
use crate::deployment::attempt::{Attempt, AttemptPhase};
use crate::deployment::measurement::REVISION_TIME;
use crate::deployment::progress::Progress;
use crate::deployment::standing::{self, Standing};
use crate::screen::glyphs::Glyphs;
use crate::screen::line::{Block, Line};
use crate::screen::numbers;
use crate::screen::palette::Tone;
use crate::screen::text;
use std::time::Duration;

/// Where an environment's database stands, as its latest attempt that asked has reported; `None` when nobody has asked.
pub(super) fn current(model: &Model, environment: &EnvironmentName) -> Option<Standing> {
    let mut attempts = model.state.attempts.iter().rev().filter(|attempt| attempt.environment == *environment);
    attempts.find_map(|attempt| attempt.outcome()?.revision.as_deref()).map(Standing::parse)
}

/// Which of the listed revisions are applied, and the words above them. On several branches only what lies below all of
/// them, and they themselves, is certain.
fn applied(chain: &[Revision], reported: &Standing) -> (Vec<bool>, String) {
    let places: Vec<usize> = reported.revisions().iter().filter_map(|id| standing::place(chain, id)).collect();
    let lowest = places.iter().min().copied();
    let lacks = |revision: &Revision| reported.lacks().iter().any(|id| standing::same(id, &revision.id));
    let is_applied = |(at, revision): (usize, &Revision)| {
        (places.contains(&at) || lowest.is_some_and(|lowest| at < lowest)) && !lacks(revision)
    };
    let marks = chain.iter().enumerate().map(is_applied).collect();
    let strange = places.len() < reported.revisions().len();
    let words = match places.as_slice() {
        _ if reported.is_base() => "at the base".to_owned(),
        _ if strange => format!("at {reported}, which is not in the chain"),
        [at] if at + 1 == chain.len() && reported.lacks().is_empty() => "at the head".to_owned(),
        [at] if reported.lacks().is_empty() => format!("at {} of {}", at + 1, chain.len()),
        _ => format!("at {reported}"),
    };
    (marks, words)
}

/// The chain, a line each: applied, being applied, or pending.
pub(super) fn revisions(
    block: &mut Block,
    glyphs: &Glyphs,
    model: &Model,
    environment: &EnvironmentName,
    attempt: Option<&Attempt>,
) {
    let migrator = model.plan.environment(environment).and_then(|environment| environment.migrator.as_ref());
    let Some(migrator) = migrator else { return };
    let chain = &migrator.revisions;
    let reported = current(model, environment);
    let (marks, words) = reported.as_ref().map(|reported| applied(chain, reported)).unwrap_or_default();
    block.heading(&if words.is_empty() { "Revisions".to_owned() } else { format!("Revisions: {words}") });
    let progress = attempt.filter(|attempt| attempt.is_running()).and_then(|a| model.progress.get(&a.number));
    // What lies below a revision that is being brought is there already.
    let brought = |revision: &Revision| {
        progress
            .is_some_and(|p| speaks_of(&p.stage, revision) || p.finished.iter().any(|s| speaks_of(&s.stage, revision)))
    };
    let reached = chain.iter().position(brought);
    let here = attempt.map_or(0, |attempt| attempt.number.0);
    let took = |environment: &EnvironmentName, revision: &Revision| {
        last_took(model.state.attempts.iter().filter(|other| other.number.0 < here || here == 0), environment, revision)
    };
    let beside = compared(model, environment, &took, chain);
    if let Some(other) = beside {
        let other = text::cut(short(other.as_str(), environment.as_str()), WORD - 1, glyphs.ellipsis);
        let head = format!("  {:<wide$}{:<WORD$}", "revision", "here", wide = id_width(chain));
        block.push(Line::of(Tone::Dim, head).with(Tone::Dim, other));
    }
    let left =
        attempt.zip(progress).map(|(attempt, progress)| (progress, pace::pace(attempt, Some(progress), model.now)));
    for (at, revision) in chain.iter().enumerate() {
        let done = progress.and_then(|progress| progress.finished.iter().find(|s| speaks_of(&s.stage, revision)));
        let running = left.as_ref().filter(|(progress, _)| speaks_of(&progress.stage, revision));
        let expected = beside.and_then(|other| took(other, revision)).or_else(|| took(environment, revision));
        let measured = attempt.and_then(|attempt| took_in(attempt, revision));
        let (glyph, tone, word) = if let Some((progress, pace)) = running {
            (glyphs.running, Tone::Running, time_left(progress, pace, expected))
        } else if let Some(stage) = done {
            (glyphs.done, Tone::Good, numbers::took(stage.took_ms))
        } else if let Some(ms) = measured {
            (glyphs.done, Tone::Good, numbers::took(ms))
        } else if marks.get(at).copied().unwrap_or_default() || reached.is_some_and(|reached| at < reached) {
            (glyphs.done, Tone::Good, "applied".to_owned())
        } else if let Some(ms) = expected.filter(|_| progress.is_some()) {
            (glyphs.open, Tone::Dim, format!("~{}", numbers::took(ms)))
        } else if reported.is_some() {
            (glyphs.open, Tone::Dim, "pending".to_owned())
        } else {
            (glyphs.open, Tone::Dim, String::new())
        };
        let id = format!("{:<wide$}", revision.id, wide = id_width(chain));
        let mut line = Line::of(tone, format!("{glyph} ")).with(Tone::Text, id);
        if !word.is_empty() {
            line = line.with(tone, format!("{word:<WORD$}"));
        }
        if let Some(other) = beside {
            let there = took(other, revision).map(numbers::took).unwrap_or_default();
            line = line.with(Tone::Dim, format!("{there:<WORD$}"));
        }
        block.push(line.with(Tone::Text, &revision.title));
    }
}

/// Columns of a time, here and beside it.
const WORD: usize = 12;

fn id_width(chain: &[Revision]) -> usize {
    chain.iter().map(|revision| text::width(&revision.id)).max().unwrap_or(0) + 2
}

/// What is left of the revision in hand: by its own rate, else by how long it lasted before.
fn time_left(progress: &Progress, pace: &Pace, expected: Option<u64>) -> String {
    let spent = u64::try_from(pace.elapsed.as_millis()).unwrap_or(u64::MAX).saturating_sub(progress.stage_began_ms);
    match (pace.eta, expected) {
        (Eta::AtThisRate(left), _) => format!("{} left", numbers::clock(left)),
        (Eta::Overrun, _) => "overdue".to_owned(),
        (_, Some(expected)) if spent < expected => {
            format!("~{} left", numbers::clock(Duration::from_millis(expected - spent)))
        }
        (_, Some(_)) => "overdue".to_owned(),
        _ => "running".to_owned(),
    }
}

/// The other environment whose times stand beside the ones here: the last that applied one of these revisions.
fn compared<'a>(
    model: &'a Model,
    here: &EnvironmentName,
    took: &impl Fn(&EnvironmentName, &Revision) -> Option<u64>,
    chain: &[Revision],
) -> Option<&'a EnvironmentName> {
    let others = model.state.attempts.iter().rev().map(|attempt| &attempt.environment).filter(|name| *name != here);
    others.into_iter().find(|name| chain.iter().any(|revision| took(name, revision).is_some()))
}

/// How long a revision took the last time it was applied in an environment.
fn last_took<'a>(
    attempts: impl DoubleEndedIterator<Item = &'a Attempt>,
    environment: &EnvironmentName,
    revision: &Revision,
) -> Option<u64> {
    attempts.rev().filter(|attempt| attempt.environment == *environment).find_map(|attempt| took_in(attempt, revision))
}

/// How long an attempt took to apply a revision, in milliseconds.
fn took_in(attempt: &Attempt, revision: &Revision) -> Option<u64> {
    let of = |id: &String| standing::same(id, &revision.id);
    let measured = &attempt.outcome()?.measured;
    let time = measured.iter().find(|m| m.name == REVISION_TIME && m.of.as_ref().is_some_and(of))?;
    u64::try_from(Duration::try_from_secs_f64(time.value).ok()?.as_millis()).ok()
}

/// The part of a name that another name does not begin with: `staging` of `rehearsal-staging`.
fn short<'a>(name: &'a str, other: &str) -> &'a str {
    let common = name.char_indices().zip(other.chars()).take_while(|((_, a), b)| a == b).map(|((at, _), _)| at);
    let cut = common.filter(|at| name[*at..].starts_with('-')).last().map_or(0, |at| at + 1);
    name.get(cut..).filter(|rest| !rest.is_empty()).unwrap_or(name)
}

/// Whether a stage is the one that brings this revision: `0001 → 0002 …` brings 0002.
fn speaks_of(stage: &str, revision: &Revision) -> bool {
    let target = stage.split_once('→').or_else(|| stage.split_once("->")).map_or(stage, |(_, target)| target);
    target.trim_start().split(|c: char| c.is_whitespace() || matches!(c, ',' | ':')).next()
        == Some(revision.id.as_str())
}

/// The attempts at a migration before this one, the latest first.
pub(super) fn earlier<'a>(model: &'a Model, this: &Attempt) -> Vec<&'a Attempt> {
    let is_migration = |attempt: &&Attempt| {
        model.plan.item(&attempt.item).is_some_and(|item| matches!(item.check, Check::Migration(_)))
    };
    let attempts = model.state.attempts.iter().rev().filter(|attempt| attempt.number < this.number);
    attempts.filter(is_migration).take(4).collect()
}

pub(super) fn attempts(glyphs: &Glyphs, model: &Model, attempts: &[&Attempt]) -> Vec<Line> {
    let line = |attempt: &&Attempt| {
        let title = model.title(&attempt.item);
        let (glyph, tone, words) = match &attempt.phase {
            AttemptPhase::Finished(outcome) => {
                let mark = crate::screen::standing::of_verdict(outcome.verdict, glyphs);
                (mark.glyph, mark.tone, format!("{} in {}", mark.word, numbers::took(outcome.took_ms)))
            }
            AttemptPhase::Running { .. } => (glyphs.running, Tone::Running, "running".to_owned()),
            AttemptPhase::Lost { .. } => (glyphs.unknown, Tone::Bad, "unknown".to_owned()),
        };
        let first = Line::of(tone, format!("{glyph} {words}"));
        first.with(Tone::Dim, format!("   {}", attempt.environment)).with(Tone::Text, format!("   {title}"))
    };
    attempts.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_speaks_of_the_revision_it_brings() {
        let revision = |id: &str| Revision { id: id.into(), title: String::new() };
        assert!(speaks_of("0001 → 0002 add wip link", &revision("0002")));
        assert!(speaks_of("0002: backfill", &revision("0002")));
        assert!(!speaks_of("0001 → 0002 add wip link", &revision("0001")));
        assert!(!speaks_of("fingerprints before", &revision("0001")));
    }

    #[test]
    fn time_left_goes_by_the_rate_and_without_one_by_the_time_before() {
        let progress = Progress { stage_began_ms: 2_000, ..Progress::default() };
        let pace = |elapsed, eta| Pace { elapsed: Duration::from_secs(elapsed), share: None, eta };
        let at_rate = pace(4, Eta::AtThisRate(Duration::from_secs(6)));
        assert_eq!(time_left(&progress, &at_rate, Some(20_000)), "00:06 left");
        assert_eq!(time_left(&progress, &pace(4, Eta::NoTotal), Some(20_000)), "~00:18 left");
        assert_eq!(time_left(&progress, &pace(30, Eta::NoTotal), Some(20_000)), "overdue");
        assert_eq!(time_left(&progress, &pace(30, Eta::NoTotal), None), "running");
    }

    #[test]
    fn names_are_distinguished_by_what_differs() {
        assert_eq!(short("rehearsal-staging", "rehearsal-production"), "staging");
        assert_eq!(short("staging", "production"), "staging");
        assert_eq!(short("prod-a-1", "prod-a-2"), "1");
        assert_eq!(short("same", "same"), "same");
    }

    #[test]
    fn what_is_applied_is_reported_by_the_set() {
        let chain = ["0001", "0002", "0003"].map(|id| Revision { id: id.into(), title: String::new() });
        let of = |reported: &str| applied(&chain, &Standing::parse(reported));
        assert_eq!(of("0003_add_wip_unique_index (head)"), (vec![true; 3], "at the head".into()));
        assert_eq!(of("0002"), (vec![true, true, false], "at 2 of 3".into()));
        assert_eq!(of("base"), (vec![false; 3], "at the base".into()));
        assert_eq!(of("0003 without 0002"), (vec![true, false, true], "at 0003 without 0002".into()));
        assert_eq!(of("0002, 0003"), (vec![true; 3], "at 0002, 0003".into()));
        assert_eq!(of("feed").1, "at feed, which is not in the chain");
        assert_eq!(of("00031").1, "at 00031, which is not in the chain");
    }
}
