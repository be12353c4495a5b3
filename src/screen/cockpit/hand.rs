//! The item in hand: what it runs, how its latest attempt went or goes, and the end of its output; of one that has
//! no attempt yet, what it is and what it waits for.
//!
//! ```text
//! ├ command · rehearsal-production ────── line 38 ┤
//! │ $ alembic upgrade head                        │
//! │ ▶ running 00:12 of 00:30   attempt 0003       │
//! │ ██████████████░░░░░░░░  67 %  eta 00:06       │
//! │ INFO  Running upgrade 0002 -> 0003            │
//! ```

use super::{Columns, migration};
use crate::cockpit::Model;
use crate::cockpit::model::{Access, Panel};
use crate::cockpit::msg::Windows;
use crate::cockpit::output::OutputView;
use crate::deployment::Verdict;
use crate::deployment::attempt::Attempt;
use crate::deployment::progress::Progress;
use crate::screen::about;
use crate::screen::area::{self, cells};
use crate::screen::canvas::{Canvas, Focus, Frame};
use crate::screen::line::{Block, Line};
use crate::screen::output::{out_of_sight, title};
use crate::screen::palette::Tone;
use crate::screen::text;
use ratatui::layout::Rect;

pub(super) fn draw(
    canvas: &mut Canvas<'_>,
    area: Rect,
    model: &Model,
    columns: Columns,
    focus: Focus,
    windows: &mut Windows,
) {
    let Some(item) = model.selected_item() else {
        head(canvas, area, columns, Frame { title: "nothing in hand", note: "", focus });
        return;
    };
    let mut title = item.check.word().to_owned();
    if let Some((name, _)) = model.plan.environment_of(item) {
        title = format!("{title} · {name}");
    }
    let title = canvas.glyphs.spell(title.into()).into_owned();
    let body = head(canvas, area, columns, Frame { title: &title, note: &about::short_origin(item), focus });

    let mut block = Block::new(usize::from(body.width));
    // The list cuts long titles; here there is room for the whole of it.
    if (columns.framed() || text::width(&item.title) + 28 > usize::from(body.width)) && body.height > 5 {
        block.at_most(usize::from((body.height / 4).max(2)), Tone::Title, &item.title);
    }
    let Some(attempt) = model.shown_attempt() else {
        about::action(&mut block, model, canvas.glyphs, item, 3);
        about::state(&mut block, model, canvas.glyphs, item);
        block.space();
        about::check_field(&mut block, model, item);
        about::fields(&mut block, model, item);
        about::notes(&mut block, model, item, 1);
        canvas.lines(body, &block.lines);
        return;
    };
    // The column of the migration shows its progress already.
    let beside = columns.watches() && model.migration_attempt().is_some_and(|m| m.number == attempt.number);
    let progress = if beside { None } else { model.progress.get(&attempt.number) };
    attempted(canvas, body, block, model, attempt, progress, windows);
}

/// A rule below the list, or a frame beside it; gives the area below or inside.
fn head(canvas: &mut Canvas<'_>, area: Rect, columns: Columns, frame: Frame<'_>) -> Rect {
    if columns.framed() {
        return canvas.frame(area, frame);
    }
    let (head, body) = area::top(area, 1);
    canvas.divide(head, frame);
    body
}

fn attempted(
    canvas: &mut Canvas<'_>,
    body: Rect,
    mut block: Block,
    model: &Model,
    attempt: &Attempt,
    progress: Option<&Progress>,
    windows: &mut Windows,
) {
    let Some(item) = model.plan.item(&attempt.item) else { return };
    let roomy = body.height >= 12;
    about::action(&mut block, model, canvas.glyphs, item, if roomy { 3 } else { 1 });
    about::attempt(&mut block, model, canvas.glyphs, attempt, if roomy { 6 } else { 2 });
    let failed = attempt.outcome().is_some_and(|outcome| outcome.verdict != Verdict::Pass);
    if failed && roomy {
        about::failure(&mut block, model, canvas.glyphs, item, attempt);
    }
    if !attempt.is_running() {
        // The verdict of an attempt is one thing, what people made of it another.
        about::state(&mut block, model, canvas.glyphs, item);
        about::notes(&mut block, model, item, 1);
    }
    let body = if failed && roomy && model.access != Access::Watches {
        let (line, rest) = area::bottom(body, 1);
        canvas.line(line, &about::ways_on(model, canvas.glyphs));
        rest
    } else {
        body
    };
    let used = canvas.lines(body, &block.lines);
    let (_, mut rest) = area::top(body, used);
    if let Some(progress) = progress.filter(|_| attempt.is_running()) {
        rest = draw_progress(canvas, rest, model, attempt, progress);
    }
    let focused = model.panel == Panel::Output;
    if rest.height >= 3 {
        // What the item came to and what its command printed are two things.
        let (line, below) = area::top(rest, 1);
        let note = out_of_sight(model, attempt.number, below);
        let focus = if focused { Focus::Here } else { Focus::Elsewhere };
        let lines = model.outputs.get(&attempt.number).map_or(0, OutputView::len);
        if lines > 0 || attempt.is_running() {
            let title = title(canvas, model, attempt);
            canvas.divide(line, Frame { title: &title, note: &note, focus });
            rest = below;
        }
    }
    let shown = canvas.output(rest, model, attempt.number, windows);
    if shown == 0 && rest.height > 0 {
        let words = if attempt.is_running() { "no output yet" } else { "no output" };
        canvas.text(rest, words, canvas.palette.dim);
    }
    // A short output leaves room for what the item is.
    let (_, below) = area::top(rest, shown.max(1) + 1);
    if below.height >= 3 && !attempt.is_running() {
        let mut more = Block::new(usize::from(below.width));
        about::check_field(&mut more, model, item);
        about::fields(&mut more, model, item);
        canvas.lines(below, &more.lines);
    }
}

/// One line with the stage and one with the bar, for an attempt that shows how far it has come.
fn draw_progress(canvas: &mut Canvas<'_>, area: Rect, model: &Model, attempt: &Attempt, progress: &Progress) -> Rect {
    let lines = migration::stage_lines(progress);
    let (bar, rest) = area::top(area, 1);
    let eta = Line::of(Tone::Dim, migration::eta_words(model, attempt));
    let used = canvas.line_right(bar, &eta);
    let bar = Rect { width: bar.width.saturating_sub(used + 2), ..bar };
    migration::bar(canvas, bar, model, attempt);
    let (place, rest) = area::top(rest, cells(lines.len().min(1)));
    canvas.lines(place, &lines);
    rest
}
