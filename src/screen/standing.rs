//! How an item or a phase stands, as a sign and a word. Colour only repeats what they say.

use super::glyphs::Glyphs;
use super::numbers;
use super::palette::Tone;
use crate::checklist::Item;
use crate::checklist::target::Target;
use crate::cockpit::Model;
use crate::cockpit::model::PhaseSummary;
use crate::cockpit::pace;
use crate::deployment::ItemStatus;
use crate::deployment::Verdict;
use crate::deployment::criteria::Call;
use crate::deployment::fact::Waiver;
use crate::deployment::measurement::Measurement;
use crate::deployment::signoff::Standing;

/// A sign, a word or number, and the tone of both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    pub glyph: &'static str,
    pub word: String,
    pub tone: Tone,
}

impl Mark {
    fn new(glyph: &'static str, tone: Tone, word: impl Into<String>) -> Self {
        Self { glyph, word: word.into(), tone }
    }
}

/// An item: its state, with the number behind it where one was measured against a target.
pub(super) fn of_item(model: &Model, glyphs: &Glyphs, item: &Item) -> Mark {
    let status = model.board.status(&item.id);
    let word = status.word();
    match status {
        ItemStatus::Open if model.watches.of(&item.id).is_some() => {
            let share = model.watches.of(&item.id).map_or(0.0, |watched| watched.share);
            Mark::new(glyphs.running, Tone::Running, format!("watching {:.0} %", (share * 100.0).floor()))
        }
        ItemStatus::Open => Mark::new(glyphs.open, Tone::Dim, word),
        ItemStatus::Running(number) => {
            let attempt = model.state.attempt(*number);
            let elapsed = attempt.map(|attempt| pace::pace(attempt, model.progress.get(number), model.now).elapsed);
            let word = elapsed.map_or_else(|| word.to_owned(), |time| format!("{word} {}", numbers::clock(time)));
            Mark::new(glyphs.running, Tone::Running, word)
        }
        ItemStatus::Done => Mark::new(glyphs.done, Tone::Good, number(model, item).unwrap_or_else(|| word.to_owned())),
        ItemStatus::Failed(_) => {
            let word = number(model, item).map_or_else(|| word.to_owned(), |number| format!("{word} {number}"));
            Mark::new(glyphs.failed, Tone::Bad, word)
        }
        ItemStatus::Inconclusive(_) | ItemStatus::Outdated(_) => Mark::new(glyphs.unknown, Tone::Warning, word),
        ItemStatus::Lost(_) => Mark::new(glyphs.unknown, Tone::Bad, word),
        ItemStatus::Waived(Waiver::Deferred) => Mark::new(glyphs.deferred, Tone::Warning, word),
        ItemStatus::Waived(Waiver::Inapplicable) | ItemStatus::Inapplicable(_) => {
            Mark::new(glyphs.inapplicable, Tone::Dim, word)
        }
        ItemStatus::Waived(_) => Mark::new(glyphs.waived, Tone::Warning, word),
    }
}

/// The number that the item's verdict rests on: the value filled in, or the first target's measurement.
fn number(model: &Model, item: &Item) -> Option<String> {
    let history = model.state.history(&item.id)?;
    if let Some((_, value)) = &history.value {
        return Some(value.clone());
    }
    measured(model, item).map(|(value, target)| numbers::quantity_beside(value, &target.unit, Some(target.bound)))
}

/// What was measured against the target that is missed, or against the first one.
pub(super) fn measured<'a>(model: &'a Model, item: &'a Item) -> Option<(f64, &'a Target)> {
    let history = model.state.history(&item.id)?;
    let measured: &[Measurement] = match &history.evaluated {
        Some(evaluated) => &evaluated.measured,
        None => &model.state.latest(&item.id)?.outcome()?.measured,
    };
    let of = |target: &Target| measured.iter().find(|m| m.name == target.measure && m.unit == target.unit);
    let missed = item.targets.iter().find(|target| of(target).is_some_and(|m| !target.bound.holds(m.value)));
    let target = missed.or(item.targets.first())?;
    of(target).map(|found| (found.value, target))
}

/// A phase: complete of applicable, or what is in its way.
pub(super) fn of_phase(summary: &PhaseSummary, glyphs: &Glyphs) -> Mark {
    let tally = &summary.tally;
    let counts = tally.short();
    if tally.failed > 0 {
        return Mark::new(glyphs.failed, Tone::Bad, format!("{} failed", tally.failed));
    }
    if tally.running > 0 {
        return Mark::new(glyphs.running, Tone::Running, counts);
    }
    if tally.applicable() == 0 && tally.total > 0 {
        return Mark::new(glyphs.inapplicable, Tone::Dim, counts);
    }
    if tally.is_complete() && tally.total > 0 {
        return Mark::new(glyphs.done, Tone::Good, counts);
    }
    if !summary.missing.is_empty() {
        return Mark::new(glyphs.closed, Tone::Dim, "gate");
    }
    Mark::new(glyphs.open, Tone::Text, counts)
}

pub(super) fn of_verdict(verdict: Verdict, glyphs: &Glyphs) -> Mark {
    match verdict {
        Verdict::Pass => Mark::new(glyphs.done, Tone::Good, verdict.word()),
        Verdict::Inconclusive => Mark::new(glyphs.unknown, Tone::Warning, verdict.word()),
        Verdict::Fail => Mark::new(glyphs.failed, Tone::Bad, verdict.word()),
    }
}

pub(super) fn of_call(call: Call, glyphs: &Glyphs) -> Mark {
    match call {
        Call::Go => Mark::new(glyphs.done, Tone::Good, call.word()),
        Call::DoesNotApply => Mark::new(glyphs.inapplicable, Tone::Dim, call.word()),
        Call::Inconclusive => Mark::new(glyphs.unknown, Tone::Warning, call.word()),
        Call::NoGo => Mark::new(glyphs.failed, Tone::Bad, call.word()),
    }
}

pub(super) fn of_signoff(standing: Standing, glyphs: &Glyphs) -> Mark {
    match standing {
        Standing::Unsigned => Mark::new(glyphs.open, Tone::Dim, standing.word()),
        Standing::Go => Mark::new(glyphs.done, Tone::Good, standing.word()),
        Standing::NoGo => Mark::new(glyphs.failed, Tone::Bad, standing.word()),
        Standing::Stale | Standing::Withdrawn => Mark::new(glyphs.unknown, Tone::Warning, standing.word()),
    }
}
