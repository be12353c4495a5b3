//! The chain of revisions and where the database is in it.

use crate::checklist::environment::Revision;
use crate::checklist::{Check, EnvironmentName};
use crate::cockpit::Model;
use crate::deployment::attempt::{Attempt, AttemptPhase};
use crate::deployment::standing::{self, Standing};
use crate::screen::glyphs::Glyphs;
use crate::screen::line::{Block, Line};
use crate::screen::numbers;
use crate::screen::palette::Tone;

/// Where an environment's database stands, as its latest attempt that asked has reported; `None` when nobody has asked.
#[must_use]
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
    for (at, revision) in chain.iter().enumerate() {
        let done = progress.and_then(|progress| progress.finished.iter().find(|s| speaks_of(&s.stage, revision)));
        let running = progress.is_some_and(|progress| speaks_of(&progress.stage, revision));
        let (glyph, tone, word) = if running {
            (glyphs.running, Tone::Running, "running".to_owned())
        } else if let Some(stage) = done {
            (glyphs.done, Tone::Good, numbers::took(stage.took_ms))
        } else if marks.get(at).copied().unwrap_or_default() || reached.is_some_and(|reached| at < reached) {
            (glyphs.done, Tone::Good, "applied".to_owned())
        } else if reported.is_some() {
            (glyphs.open, Tone::Dim, "pending".to_owned())
        } else {
            (glyphs.open, Tone::Dim, String::new())
        };
        let first = Line::of(tone, format!("{glyph} ")).with(Tone::Text, format!("{}  ", revision.id));
        let first = if word.is_empty() { first } else { first.with(tone, format!("{word:<9}")) };
        block.push(first.with(Tone::Text, &revision.title));
    }
}

/// Whether a stage is the one that brings this revision: `0001 → 0002 …` brings 0002.
fn speaks_of(stage: &str, revision: &Revision) -> bool {
    let target = stage.split_once('→').or_else(|| stage.split_once("->")).map_or(stage, |(_, target)| target);
    target.trim_start().split(|c: char| c.is_whitespace() || matches!(c, ',' | ':')).next()
        == Some(revision.id.as_str())
}

/// The attempts at a migration before this one, the latest first.
#[must_use]
pub(super) fn earlier<'a>(model: &'a Model, this: &Attempt) -> Vec<&'a Attempt> {
    let is_migration = |attempt: &&Attempt| {
        model.plan.item(&attempt.item).is_some_and(|item| matches!(item.check, Check::Migration(_)))
    };
    let attempts = model.state.attempts.iter().rev().filter(|attempt| attempt.number < this.number);
    attempts.filter(is_migration).take(4).collect()
}

#[must_use]
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
