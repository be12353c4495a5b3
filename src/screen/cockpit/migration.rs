//! The migration beside the step: how far, how long, how many rows.
//!
//! ```text
//! ╭ Migration ───────────────────╮
//! │ ▶ revision 2 of 3      00:12 │
//! │ ██████████████░░░░░░░░  67 % │
//! │ 0002 → 0003 add wip index    │
//! │ building idx_process_data    │
//! │ elapsed    00:12 of 00:30    │
//! │ eta        00:06 at this rate│
//! │ rows       240,000 of 360,000│
//! │ locked     reported at its end   │
//! ├ Panes ───────────────────────┤
//! ```

use crate::cockpit::Model;
use crate::cockpit::pace::{self, Eta};
use crate::deployment::attempt::{Attempt, AttemptPhase, Outcome};
use crate::deployment::progress::Progress;
use crate::screen::area;
use crate::screen::canvas::{Canvas, Frame};
use crate::screen::line::{Block, Line};
use crate::screen::migration::server;
use crate::screen::numbers;
use crate::screen::palette::Tone;
use crate::screen::standing;
use ratatui::layout::Rect;
use std::time::Duration;

/// Lines kept for the migration where there are panes below it.
const HEIGHT: u16 = 10;

/// Draws the frame of the right column and the migration in it; gives the area for the panes, its first line the
/// divider.
pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model) -> Rect {
    let inner = canvas.frame(area, Frame { title: "Migration", ..Frame::default() });
    let height = if model.panes.is_empty() { inner.height } else { HEIGHT.min(inner.height / 2) };
    let (place, rest) = area::top(inner, height);
    let attempt = model.migration_attempt();
    let place = if attempt.is_some_and(Attempt::is_running) { place } else { locks(canvas, place, model) };
    match attempt {
        Some(attempt) => body(canvas, place, model, attempt),
        None => waiting(canvas, place, model),
    }
    rest
}

/// Whoever holds or waits for tables while no migration runs; gives what is left below.
fn locks(canvas: &mut Canvas<'_>, area: Rect, model: &Model) -> Rect {
    let Some((name, live)) = model.server().filter(|(_, live)| !live.is_calm()) else { return area };
    let mut block = Block::new(usize::from(area.width));
    block.at_most(1, Tone::Dim, &format!("server of {name}"));
    server::brief(&mut block, model, live, None);
    block.space();
    let used = canvas.lines(area, &block.lines);
    area::top(area, used).1
}

/// Whether the output counts anything; on a server its own account shows more than a zero.
pub(crate) fn counts(progress: &Progress) -> bool {
    progress.total.is_some() || progress.done > 0 || progress.live.is_none()
}

fn body(canvas: &mut Canvas<'_>, area: Rect, model: &Model, attempt: &Attempt) {
    let progress = model.progress.get(&attempt.number).filter(|_| attempt.is_running());
    let pace = pace::pace(attempt, progress, model.now);
    let mut block = Block::new(usize::from(area.width));
    let mut below = Block::new(usize::from(area.width));
    match &attempt.phase {
        AttemptPhase::Running { .. } => {
            let words = match progress.and_then(|progress| progress.step) {
                Some((step, of)) => format!("revision {step} of {of}"),
                None => "running".to_owned(),
            };
            block.push(Line::of(Tone::Running, format!("{} {words}", canvas.glyphs.running)));
            if let Some(progress) = progress {
                below.lines.extend(stage_lines(progress));
            }
            elapsed_field(&mut below, model, attempt, &pace);
            below.field("eta", Tone::Text, &eta_words(model, attempt));
            let live = progress.and_then(|progress| progress.live.as_deref());
            if let Some(live) = live {
                server::brief(&mut below, model, live, server::lock_target(model, attempt));
            }
            if let Some(progress) = progress.filter(|progress| counts(progress)) {
                below.field(&progress.unit, Tone::Text, &done_words(progress));
            }
        }
        AttemptPhase::Finished(outcome) => finished(canvas, &mut block, model, attempt, outcome),
        AttemptPhase::Lost { why, .. } => {
            block.push(Line::of(Tone::Bad, format!("{} unknown", canvas.glyphs.unknown)));
            block.paragraph(Tone::Bad, why);
        }
    }
    let used = canvas.lines(area, &block.lines);
    let (_, mut rest) = area::top(area, used);
    if attempt.is_running() {
        let (line, more) = area::top(rest, 1);
        bar(canvas, line, model, attempt);
        rest = more;
    }
    canvas.lines(rest, &below.lines);
}

fn finished(canvas: &Canvas<'_>, block: &mut Block, model: &Model, attempt: &Attempt, outcome: &Outcome) {
    let mark = standing::of_verdict(outcome.verdict, canvas.glyphs);
    let at = outcome.revision.as_ref().map(|revision| format!(" at {revision}")).unwrap_or_default();
    block.push(Line::of(mark.tone, format!("{} {}{at}", mark.glyph, mark.word)));
    block.at_most(1, Tone::Dim, &model.title(&attempt.item));
    let pace = pace::pace(attempt, None, model.now);
    elapsed_field(block, model, attempt, &pace);
    for (label, measure) in
        [("migrator", "duration"), ("rewritten", "rows-changed"), ("longest lock", "lock"), ("size", "size-increase")]
    {
        if let Some(found) = outcome.measured.iter().find(|m| m.name == measure) {
            block.field(label, Tone::Text, &numbers::quantity(found.value, &found.unit));
        }
    }
    block.space();
    let tone = if mark.tone == Tone::Good { Tone::Dim } else { mark.tone };
    block.paragraph(tone, &outcome.detail);
}

/// Elapsed time against the budget that the item's target on duration gives.
pub(crate) fn elapsed_field(block: &mut Block, model: &Model, attempt: &Attempt, pace: &pace::Pace) {
    let budget = model.plan.item(&attempt.item).and_then(pace::budget);
    // What is over is written as everywhere else; what is running counts seconds.
    let over = |time: Duration| numbers::took(u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
    let (label, word): (_, fn(Duration) -> String) =
        if attempt.is_running() { ("elapsed", numbers::clock) } else { ("wall clock", over) };
    let elapsed = word(pace.elapsed);
    let (tone, words) = match budget {
        Some(budget) if pace.elapsed > budget => (Tone::Bad, format!("{elapsed} over {}", word(budget))),
        Some(budget) => (Tone::Text, format!("{elapsed} of {}", word(budget))),
        None => (Tone::Text, elapsed),
    };
    block.field(label, tone, &words);
}

/// `stage 2 of 4  `, where there is more than one.
fn stage_number(progress: &Progress) -> Line {
    match pace::stage(progress) {
        (number, Some(of)) if of > 1 => Line::of(Tone::Dim, format!("stage {number} of {of}  ")),
        (number, None) if number > 1 || progress.stage == "fingerprints before" => {
            Line::of(Tone::Dim, format!("stage {number}  "))
        }
        _ => Line::blank(),
    }
}

/// What the attempt is at.
pub(crate) fn stage_lines(progress: &Progress) -> Vec<Line> {
    let mut lines = vec![stage_number(progress).with(Tone::Text, progress.stage.clone())];
    if !progress.words.is_empty() {
        lines.push(Line::of(Tone::Dim, progress.words.clone()));
    }
    lines
}

/// How much is done, and of how much.
pub(crate) fn done_words(progress: &Progress) -> String {
    match progress.total {
        Some(total) => format!("{} of {}", numbers::count(progress.done), numbers::count(total)),
        None => format!("{} so far", numbers::count(progress.done)),
    }
}

/// How fast the stage in hand has been on the whole; nothing in its first second.
pub(crate) fn rate_words(progress: &Progress) -> String {
    let spent = progress.elapsed_ms.saturating_sub(progress.stage_began_ms);
    if progress.done == 0 || spent < 1_000 {
        return String::new();
    }
    let rate = progress.done.saturating_mul(1_000) / spent;
    format!("{} {}/s on average", numbers::count(rate), progress.unit)
}

/// When the stage in hand may end, and how that is known.
pub(crate) fn eta_words(model: &Model, attempt: &Attempt) -> String {
    let progress = model.progress.get(&attempt.number);
    let more = progress.and_then(|progress| progress.step).map_or(0, |(step, of)| of.saturating_sub(step));
    match pace::pace(attempt, progress, model.now).eta {
        Eta::AtThisRate(left) if more > 0 => format!("{} at this rate, +{more} after it", numbers::clock(left)),
        Eta::AtThisRate(left) => format!("{} at this rate", numbers::clock(left)),
        Eta::NoTotal => "ETA unknown".to_owned(),
        Eta::TooEarly => "no estimate yet".to_owned(),
        Eta::Overrun => "ETA exceeded".to_owned(),
        Eta::Ended => String::new(),
    }
}

/// The bar of a running attempt: a share where the total is known, else one that only shows that it goes on.
pub(crate) fn bar(canvas: &mut Canvas<'_>, line: Rect, model: &Model, attempt: &Attempt) {
    let pace = pace::pace(attempt, model.progress.get(&attempt.number), model.now);
    match pace.share {
        Some(share) => canvas.bar(line, share),
        None => canvas.walking_bar(line, u64::try_from(pace.elapsed.as_millis()).unwrap_or(u64::MAX)),
    }
}

fn waiting(canvas: &mut Canvas<'_>, area: Rect, model: &Model) {
    let mut block = Block::new(usize::from(area.width));
    block.push(Line::of(Tone::Dim, format!("{} no migration run yet", canvas.glyphs.open)));
    let environment = model.environment_in_hand().and_then(|name| model.plan.environment(name));
    if let Some(migrator) = environment.and_then(|environment| environment.migrator.as_ref()) {
        block.space();
        for revision in &migrator.revisions {
            let id = Line::of(Tone::Text, format!("{} ", revision.id));
            block.behind(&id, 1, Tone::Dim, &revision.title);
        }
    }
    canvas.lines(area, &block.lines);
}
