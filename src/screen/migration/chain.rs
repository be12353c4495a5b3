//! The chain of revisions and where the database stands in it.

use crate::checklist::environment::Revision;
use crate::checklist::{Check, EnvironmentName};
use crate::cockpit::Model;
use crate::deployment::attempt::{Attempt, AttemptPhase};
use crate::screen::glyphs::Glyphs;
use crate::screen::line::{Block, Line};
use crate::screen::numbers;
use crate::screen::palette::Tone;
use crate::screen::standing;

/// Where an environment's database stands, as its latest attempt that asked has told; `None` when nobody has asked.
#[must_use]
pub fn current<'a>(model: &'a Model, environment: &EnvironmentName) -> Option<&'a str> {
    let mut attempts = model.state.attempts.iter().rev().filter(|attempt| attempt.environment == *environment);
    attempts.find_map(|attempt| attempt.outcome()?.revision.as_deref())
}

/// Which revision of the chain a revision as told by the migrator is: migrators add words behind the id.
fn place(chain: &[Revision], told: &str) -> Option<usize> {
    chain.iter().rposition(|revision| told.starts_with(&revision.id))
}

/// The chain, a line each: applied, being applied, or to come.
pub fn revisions(
    block: &mut Block,
    glyphs: &Glyphs,
    model: &Model,
    environment: &EnvironmentName,
    attempt: Option<&Attempt>,
) {
    let migrator = model.plan.environment(environment).and_then(|environment| environment.migrator.as_ref());
    let Some(migrator) = migrator else { return };
    let chain = &migrator.revisions;
    let told = current(model, environment);
    let standing = told.and_then(|told| place(chain, told));
    let heading = match (told, standing) {
        (Some(_), Some(at)) if at + 1 == chain.len() => "Revisions: at the head".to_owned(),
        (Some(_), Some(at)) => format!("Revisions: at {} of {}", at + 1, chain.len()),
        (Some(""), None) => "Revisions: at the base".to_owned(),
        (Some(told), None) => format!("Revisions: at {told}, which is not in the chain"),
        (None, _) => "Revisions".to_owned(),
    };
    block.heading(&heading);
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
        } else if standing.is_some_and(|standing| at <= standing) || reached.is_some_and(|reached| at < reached) {
            (glyphs.done, Tone::Good, "applied".to_owned())
        } else if told.is_some() {
            (glyphs.open, Tone::Dim, "to come".to_owned())
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
pub fn earlier<'a>(model: &'a Model, this: &Attempt) -> Vec<&'a Attempt> {
    let is_migration = |attempt: &&Attempt| {
        model.plan.item(&attempt.item).is_some_and(|item| matches!(item.check, Check::Migration(_)))
    };
    let attempts = model.state.attempts.iter().rev().filter(|attempt| attempt.number < this.number);
    attempts.filter(is_migration).take(4).collect()
}

#[must_use]
pub fn attempts(glyphs: &Glyphs, model: &Model, attempts: &[&Attempt]) -> Vec<Line> {
    let line = |attempt: &&Attempt| {
        let title = model.title(&attempt.item);
        let (glyph, tone, words) = match &attempt.phase {
            AttemptPhase::Finished(outcome) => {
                let mark = standing::of_verdict(outcome.verdict, glyphs);
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
    fn words_behind_the_id_do_not_hide_it() {
        let chain = ["0001", "0002", "0003"].map(|id| Revision { id: id.into(), title: String::new() });
        assert_eq!(place(&chain, "0003_add_wip_unique_index (head)"), Some(2));
        assert_eq!(place(&chain, "feed"), None);
    }
}
