//! The phases, and what the gate of the one in hand lacks, in the place of the items.
//!
//! ```text
//! ╭ Checklist ──────── 34/265 ╮
//! │ ✔ Setup             16/16 │
//! │ ✗ 1 Validate     2 failed │
//! │ ⊘ 10 Production      gate │
//! ├ gate closed ──────────────┤
//! │ ⊘ QA Lead has not signed  │
//! │   Staging                 │
//! ╰───────────────────────────╯
//! ```

use crate::cockpit::model::Panel;
use crate::cockpit::msg::Windows;
use crate::cockpit::{Action, Model};
use crate::screen::area::{self, cells};
use crate::screen::canvas::{Canvas, Focus, Frame};
use crate::screen::line::{Block, Line};
use crate::screen::list;
use crate::screen::palette::Tone;
use crate::screen::standing;
use ratatui::layout::Rect;

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model, windows: &mut Windows) {
    let focus = if model.panel == Panel::Phases { Focus::Here } else { Focus::Elsewhere };
    let total = &model.summary.total;
    let note = total.short();
    let inner = canvas.frame(area, Frame { title: "Phases", note: &note, focus });
    let phases = &model.plan.checklist().phases;
    if phases.is_empty() {
        canvas.text(inner, "this checklist has no phases", canvas.palette.dim);
        return;
    }
    let about = about(canvas, model, inner);
    let spare = usize::from(inner.height).saturating_sub(model.phases_shown());
    // What keeps a gate closed is worth half of the column; a mere note only takes what the list leaves over.
    let most = if closed(model) { spare.max(usize::from(inner.height) / 2) } else { spare };
    let height = if about.is_empty() || most < 3 { 0 } else { (about.len() + 1).min(most) };
    let (below, list) = area::bottom(inner, cells(height));
    if height > 0 {
        let title = if closed(model) { "gate closed" } else { "about this phase" };
        canvas.divide(area::line(below, 0), Frame { title, note: "", focus });
        canvas.lines(area::top(below, 1).1, &about);
    }
    windows.phases = usize::from(list.height);
    rows(canvas, list, model, focus, windows);
}

fn closed(model: &Model) -> bool {
    model.summary.phases.get(model.phase_cursor.at).is_some_and(|phase| !phase.missing.is_empty())
}

fn rows(canvas: &mut Canvas<'_>, area: Rect, model: &Model, focus: Focus, windows: &mut Windows) {
    let phases = model.plan.checklist().phases.get(..model.phases_shown()).unwrap_or_default();
    let shown = list::visible(model.phase_cursor, area, phases.len());
    windows.places.phases = area::place(area, shown.top);
    for (at, phase) in phases.iter().enumerate().skip(shown.top).take(shown.count) {
        let line = area::line(area, cells(at - shown.top));
        if let Some(summary) = model.summary.phases.get(at) {
            let mark = standing::of_phase(summary, canvas.glyphs);
            let tone = canvas.palette.tone(mark.tone);
            canvas.text(line, mark.glyph, tone);
            let used =
                canvas.text_right(line, &mark.word, if mark.tone == Tone::Text { canvas.palette.dim } else { tone });
            let (_, title) = area::left(line, 2);
            let title = Rect { width: title.width.saturating_sub(used + 1), ..title };
            let style = if mark.tone == Tone::Dim { canvas.palette.dim } else { canvas.palette.text };
            canvas.text(title, &phase.title, style);
        }
        if at == model.phase_cursor.at {
            canvas.select(line, focus);
        }
    }
    canvas.thumb(area, shown.top, phases.len());
}

fn about(canvas: &Canvas<'_>, model: &Model, inner: Rect) -> Vec<Line> {
    let mut block = Block::new(usize::from(inner.width));
    if let Some(summary) = model.summary.phases.get(model.phase_cursor.at) {
        for need in &summary.needs {
            let sign = Line::of(Tone::Warning, format!("{} ", canvas.glyphs.closed));
            block.behind(&sign, usize::MAX, Tone::Text, &need.missing);
            block.behind(&Line::of(Tone::Dim, "  from "), usize::MAX, Tone::Dim, &need.who);
        }
        if let Some(asked) = model.state.override_requested(&summary.id) {
            let text = format!("{} asks to open it all the same: {}", asked.requested.by, asked.reason);
            block.behind(&Line::of(Tone::Warning, "! "), usize::MAX, Tone::Warning, &text);
        } else if !summary.needs.is_empty() {
            let key = canvas.glyphs.spell(model.keymap.hint(Action::Override).into()).into_owned();
            block.push(Line::of(Tone::Accent, key).with(Tone::Dim, " asks for an override"));
        }
    }
    let phase = model.plan.checklist().phases.get(model.phase_cursor.at);
    if let Some(note) = phase.and_then(|phase| phase.note.as_ref()) {
        block.space();
        block.paragraph(Tone::Dim, note);
    }
    block.lines
}
