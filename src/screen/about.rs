//! All there is to say about an item, as blocks of lines. The panel of the item in hand shows the first of them, the
//! details show them all.

use super::glyphs::Glyphs;
use super::line::{Block, Line};
use super::numbers;
use super::palette::Tone;
use super::standing;
use crate::checklist::{Check, Item, proposal};
use crate::cockpit::{Action, Model, difference, pace};
use crate::deployment::attempt::{Attempt, AttemptPhase, End};
use crate::deployment::state::Stamp;
use crate::deployment::{ItemStatus, Refusal, Verdict, gate, rollback};
use std::fmt::Write as _;

/// What is run, or what is looked at, in at most so many lines.
pub(super) fn action(block: &mut Block, model: &Model, glyphs: &Glyphs, item: &Item, lines: usize) {
    let environment = model.plan.environment_of(item);
    match environment.and_then(|(_, environment)| item.check.kind().command(environment)) {
        Some(command) => {
            block.behind(&Line::of(Tone::Accent, format!("{} ", glyphs.prompt)), lines, Tone::Text, &command);
        }
        None if item.check.is_attempted() => block.at_most(lines, Tone::Dim, &described(model, item)),
        None => {}
    }
}

/// What the check does beyond running its command; [`action`] shows the others whole.
pub(super) fn check_field(block: &mut Block, model: &Model, item: &Item) {
    let does_more = item.check.runs_commands() && !item.check.kind().is_its_command();
    if does_more || !item.check.is_attempted() {
        field_of_check(block, model, item);
    }
}

/// What the check does.
pub(super) fn field_of_check(block: &mut Block, model: &Model, item: &Item) {
    if let Check::Value(value) = &item.check {
        let unit = value.unit.as_ref().map(|unit| format!(" ({unit})")).unwrap_or_default();
        block.field("value", Tone::Text, &format!("{}{unit}", value.label));
    } else if item.check.is_measured() && !item.check.kind().is_its_command() {
        block.field("check", Tone::Text, &described(model, item));
    }
}

fn described(model: &Model, item: &Item) -> String {
    item.check.kind().describe(&|id| model.title(id)).join("; ")
}

/// How an attempt went, or goes.
pub(super) fn attempt(block: &mut Block, model: &Model, glyphs: &Glyphs, attempt: &Attempt, lines: usize) {
    let number = format!("attempt {}", attempt.number);
    match &attempt.phase {
        AttemptPhase::Running { cancel } => {
            let pace = pace::pace(attempt, model.progress.get(&attempt.number), model.now);
            let mut line =
                Line::of(Tone::Running, format!("{} running {}", glyphs.running, numbers::clock(pace.elapsed)));
            if let Some(budget) = model.plan.item(&attempt.item).and_then(pace::budget) {
                let tone = if pace.elapsed > budget { Tone::Bad } else { Tone::Dim };
                line = line.with(tone, format!(" of {}", numbers::clock(budget)));
            }
            block.push(line.with(Tone::Dim, format!("   {number}")));
            if let Some(cancel) = cancel {
                let words = format!("asked to stop by {}: {}", cancel.by, cancel.why);
                block.behind(&Line::of(Tone::Warning, format!("{} ", glyphs.waived)), lines, Tone::Warning, &words);
            }
        }
        AttemptPhase::Finished(outcome) => {
            let mark = standing::of_verdict(outcome.verdict, glyphs);
            let mut words = format!("   {}", numbers::took(outcome.took_ms));
            match outcome.end {
                End::Completed => {}
                End::Cancelled => words.push_str("   cancelled"),
                End::TimedOut => words.push_str("   timed out"),
                End::NotStarted => words.push_str("   not started"),
            }
            if let Some(exit) = outcome.exit {
                let _ = write!(words, "   exit {exit}");
            }
            if let Some(signal) = outcome.signal {
                let _ = write!(words, "   signal {signal}");
            }
            let line = Line::of(mark.tone, format!("{} {}", mark.glyph, mark.word));
            block.push(line.with(Tone::Text, words).with(Tone::Dim, format!("   {number}")));
            let tone = if mark.tone == Tone::Good { Tone::Text } else { mark.tone };
            block.at_most(lines, tone, &outcome.detail);
        }
        AttemptPhase::Lost { why, resolution } => {
            let line = Line::of(Tone::Bad, format!("{} unknown", glyphs.unknown));
            block.push(line.with(Tone::Dim, format!("   {number}")));
            block.at_most(lines, Tone::Bad, why);
            if let Some(found) = resolution {
                block.at_most(lines, Tone::Text, &format!("resolved: {found}"));
            }
        }
    }
}

/// The card of a step that failed: expected against actual, what differs from an attempt before, every attempt so far,
/// and the keys that go on from here.
pub(super) fn failure(block: &mut Block, model: &Model, glyphs: &Glyphs, item: &Item, attempt: &Attempt) {
    let Some(outcome) = attempt.outcome().filter(|outcome| outcome.verdict != Verdict::Pass) else { return };
    for target in &item.targets {
        let found = outcome.measured.iter().find(|m| m.name == target.measure && m.unit == target.unit);
        let (tone, actual) = match found {
            Some(found) if target.bound.holds(found.value) => continue,
            Some(found) => (Tone::Bad, numbers::quantity_beside(found.value, &found.unit, Some(target.bound))),
            None => (Tone::Warning, "not measured".to_owned()),
        };
        block.field("expected", Tone::Text, &format!("{} {target}", target.measure));
        block.field("actual", tone, &actual);
    }
    let attempts = attempts(model, item);
    if attempts.len() > 1 {
        let mut line = Line::of(Tone::Dim, format!("{:<10} ", "attempts"));
        for attempt in &attempts {
            let mark = attempt.outcome().map(|outcome| standing::of_verdict(outcome.verdict, glyphs));
            line = match mark {
                Some(mark) => line.with(mark.tone, mark.glyph),
                None => line.with(Tone::Warning, glyphs.unknown),
            };
        }
        block.push(line);
    }
    differs(block, glyphs, &attempts, attempt);
}

/// The keys that go on from a step that failed.
pub(super) fn ways_on(model: &Model, glyphs: &Glyphs) -> Line {
    let ways = [(Action::Go, "retry"), (Action::Waive, "waive"), (Action::Issue, "issue"), (Action::Copy, "copy")];
    ways.into_iter().fold(Line::blank(), |line, (action, word)| {
        let key = glyphs.spell(model.keymap.hint(action).into()).into_owned();
        line.with(Tone::Accent, key).with(Tone::Dim, format!(" {word}   "))
    })
}

fn attempts<'a>(model: &'a Model, item: &Item) -> Vec<&'a Attempt> {
    let numbers = model.state.history(&item.id).map(|history| history.attempts.as_slice()).unwrap_or_default();
    numbers.iter().filter_map(|number| model.state.attempt(*number)).collect()
}

/// What an attempt made different from the one before it.
pub(super) fn differs(block: &mut Block, glyphs: &Glyphs, attempts: &[&Attempt], attempt: &Attempt) {
    let Some(before) = difference::earlier(attempts.iter().copied(), attempt) else { return };
    let (Some(was), Some(is)) = (before.outcome(), attempt.outcome()) else { return };
    let changes = difference::difference(was, is);
    let arrow = glyphs.step;
    let reported: Vec<String> =
        changes.iter().map(|change| format!("{} {} {arrow} {}", change.what, change.before, change.after)).collect();
    let words = if reported.is_empty() { "the same outcome".to_owned() } else { reported.join(", ") };
    block.field(&format!("since #{}", before.number.0), Tone::Text, &words);
}

/// What people did with an item, and what is in its way.
pub(super) fn state(block: &mut Block, model: &Model, glyphs: &Glyphs, item: &Item) {
    let status = model.board.status(&item.id);
    let history = model.state.history(&item.id);
    if let ItemStatus::Inapplicable(reason) = status {
        let sign = Line::of(Tone::Dim, format!("{} n/a ", glyphs.inapplicable));
        block.behind(&sign, usize::MAX, Tone::Text, reason);
    }
    if let Some(waived) = history.and_then(|history| history.waived.as_ref()) {
        let mark = standing::of_item(model, glyphs, item);
        let until = waived.until.map(|at| format!(" until {}", numbers::date_time(at))).unwrap_or_default();
        block.push(
            Line::of(mark.tone, format!("{} {}{until}", mark.glyph, waived.how.word()))
                .with(Tone::Dim, by(&waived.stamp)),
        );
        block.paragraph(Tone::Text, &waived.reason);
    }
    if let Some(stamp) = history.and_then(|history| history.checked.as_ref()) {
        block.push(Line::of(Tone::Good, format!("{} ticked", glyphs.done)).with(Tone::Dim, by(stamp)));
    }
    if let Some(armed) = history.and_then(|history| history.armed()) {
        block.push(Line::of(Tone::Warning, "enabled").with(Tone::Dim, by(&armed.stamp)));
    }
    if let Some((stamp, value)) = history.and_then(|history| history.value.as_ref()) {
        let unit =
            if let Check::Value(field) = &item.check { field.unit.clone().unwrap_or_default() } else { String::new() };
        block.behind(
            &Line::of(Tone::Good, format!("{} ", glyphs.done)),
            usize::MAX,
            Tone::Text,
            &format!("{value} {unit}"),
        );
        block.push(Line::of(Tone::Dim, format!("  filled in{}", by(stamp))));
    }
    if let Some(evaluated) = history.and_then(|history| history.evaluated.as_ref()) {
        let mark = standing::of_verdict(evaluated.verdict, glyphs);
        block.push(Line::of(mark.tone, format!("{} {}", mark.glyph, mark.word)).with(Tone::Dim, by(&evaluated.stamp)));
        let tone = if mark.tone == Tone::Good { Tone::Text } else { mark.tone };
        block.paragraph(tone, &evaluated.detail);
        if *status == ItemStatus::Open {
            block.paragraph(Tone::Warning, "Inputs changed. Re-evaluate");
        }
    }
    if let ItemStatus::Outdated(why) = status {
        block.paragraph(Tone::Warning, &format!("Outdated: {why}"));
    }
    if let Some(watched) = model.watches.of(&item.id).filter(|_| *status == ItemStatus::Open) {
        let tone = if watched.coverage < crate::deployment::watching::ENOUGH { Tone::Warning } else { Tone::Text };
        block.paragraph(tone, &watched.sentence);
    }
    if !status.is_complete()
        && !matches!(status, ItemStatus::Running(_))
        && let Some(words) = waits_for(model, item)
    {
        block.behind(&Line::of(Tone::Warning, format!("{} ", glyphs.closed)), 4, Tone::Warning, &words);
    }
}

fn by(stamp: &Stamp) -> String {
    format!("   by {}, {}", stamp.by, numbers::date_time(stamp.at))
}

/// What an item waits for, if it may not start yet.
fn waits_for(model: &Model, item: &Item) -> Option<String> {
    let phase = model.plan.phase_of(&item.id)?;
    let summary = model.summary.phases.iter().find(|summary| summary.id == phase.id);
    if let Some(summary) = summary.filter(|summary| !summary.missing.is_empty()) {
        return Some(format!("gate closed: {}", summary.missing.join("; ")));
    }
    let mut board = model.board.clone();
    match gate::obstacle(&model.plan, &model.state, &mut board, item)? {
        Refusal::NotYet { waits_for, .. } => Some(format!("waits for {waits_for}")),
        other => Some(other.to_string()),
    }
}

/// What the item is held against, why it is there and where it comes from.
pub(super) fn fields(block: &mut Block, model: &Model, item: &Item) {
    let targets: Vec<String> = item.targets.iter().map(|target| format!("{} {target}", target.measure)).collect();
    block.field("target", Tone::Text, &targets.join(", "));
    block.field("note", Tone::Text, &note(model, item));
    let no_return = rollback::no_return(&model.plan, &model.state, item);
    block.field("no return", Tone::Warning, no_return.unwrap_or_default());
    if let Some(due) = item.due {
        let words = match due {
            crate::checklist::model::Due::Decision => "at the go/no-go decision",
            crate::checklist::model::Due::Day => "24 hours after",
            crate::checklist::model::Due::Week => "7 days after",
        };
        block.field("due", Tone::Text, words);
    }
    block.field("origin", Tone::Dim, &origin(model, item));
}

/// The note of an item. Once a command is armed the note no longer repeats it as it was proposed.
fn note(model: &Model, item: &Item) -> String {
    let note = item.note.as_deref().unwrap_or_default();
    let armed = model.state.history(&item.id).and_then(|history| history.armed());
    let index = armed.and_then(|armed| usize::try_from(armed.proposal).ok()?.checked_sub(1));
    match index.and_then(|index| item.proposals.get(index)) {
        Some(proposal) => proposal::note_without(note, proposal),
        None => note.to_owned(),
    }
}

/// Where the item comes from.
pub(super) fn origin(model: &Model, item: &Item) -> String {
    if let Some(why) = &item.ours {
        return format!("added: {why}");
    }
    match lines_word(item) {
        Some(lines) => match &model.plan.checklist().source {
            Some(source) => format!("{lines} of {source}"),
            None => lines,
        },
        None => String::new(),
    }
}

/// `line 38`, or `ours` for an item that the source does not have.
pub(super) fn short_origin(item: &Item) -> String {
    if item.ours.is_some() { "added".to_owned() } else { lines_word(item).unwrap_or_default() }
}

fn lines_word(item: &Item) -> Option<String> {
    let lines: Vec<String> = item.seed_lines.iter().map(ToString::to_string).collect();
    match lines.as_slice() {
        [] => None,
        [line] => Some(format!("line {line}")),
        _ => Some(format!("lines {}", lines.join(", "))),
    }
}

/// What people wrote on the item, the latest last.
pub(super) fn notes(block: &mut Block, model: &Model, item: &Item, most: usize) {
    let notes: Vec<_> = model.notes_on(&item.id).collect();
    for note in notes.iter().skip(notes.len().saturating_sub(most)) {
        for (at, line) in note.text.lines().enumerate() {
            block.field(if at == 0 { "noted" } else { "" }, Tone::Text, line);
        }
        block.field("", Tone::Dim, &by(&note.record.into()));
    }
}
