//! The metric panes on a screen of their own, each with its line as long as the screen is wide.
//!
//! ```text
//! ╭ Panes ────────────────────────────────────────────────────╮
//! │ ✔ lots                                    182 ms   holds   │
//! │ ▂▃▅▂▂▃▃▂··▂▃▂▁▂                                            │
//! │ target ≤ 200 ms   was 2.5 s   min 120 ms   max 250 ms      │
//! ╰────────────────────────────────────────────────────────────╯
//! ```

use super::area::{self, cells};
use super::canvas::{Canvas, Focus, Frame};
use super::cockpit::{baseline, reading};
use super::list;
use super::numbers;
use super::palette::Tone;
use crate::cockpit::model::PaneView;
use crate::cockpit::msg::{Place, Windows};
use crate::cockpit::{Model, Screen};
use ratatui::layout::Rect;

/// Lines of a pane without its chart: name, facts, and one of air.
const PLAIN: u16 = 3;

pub fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model, windows: &mut Windows) {
    let count = model.panes.len();
    let in_hand = model.cursor(Screen::Panes).at.min(count.saturating_sub(1)) + 1;
    let note = if count > 1 { format!("{in_hand} of {count}, newest on the right") } else { String::new() };
    let inner = canvas.frame(area, Frame { title: "Metrics", note: &note, focus: Focus::Here });
    if count == 0 {
        canvas.text(inner, "this checklist watches no metric here", canvas.palette.dim);
        return;
    }
    let share = (inner.height + 1) / cells(count).max(1);
    let chart = share.saturating_sub(PLAIN).clamp(1, 6);
    let each = PLAIN + chart;
    let fits = ((inner.height + 1) / each).max(1);
    windows.list = usize::from(fits);
    let cursor = model.cursor(Screen::Panes);
    let shown = list::visible(cursor, Rect { height: fits, ..inner }, count);
    windows.places.list = Place { each, ..area::place(inner, shown.top) };
    for (at, view) in model.panes.iter().enumerate().skip(shown.top).take(shown.count) {
        let (_, below) = area::top(inner, cells(at - shown.top) * each);
        let (card, _) = area::top(below, each.saturating_sub(1));
        draw_card(canvas, card, model, view);
        if at == cursor.at {
            canvas.select(area::line(card, 0), Focus::Here);
        }
    }
    canvas.thumb(inner, shown.top * usize::from(each), count * usize::from(each));
}

fn draw_card(canvas: &mut Canvas<'_>, card: Rect, model: &Model, view: &PaneView) {
    let palette = canvas.palette;
    let reading = reading(canvas, view);
    let tone = palette.tone(reading.tone);
    let head = area::line(card, 0);
    canvas.text(head, reading.glyph, tone);
    let words = if view.last().is_some() { format!("{}   {}", reading.value, reading.word) } else { reading.value };
    let used = canvas.text_right(head, &words, tone);
    let (_, rest) = area::left(head, 2);
    let rest = Rect { width: rest.width.saturating_sub(used + 1), ..rest };
    let used = canvas.text(rest, &view.pane.title, palette.title);
    let (_, rest) = area::left(rest, used + 3);
    canvas.text(rest, view.environment.as_str(), palette.dim);

    let (_, below) = area::left(area::top(card, 1).1, 2);
    let (facts, chart) = area::bottom(below, 1);
    let samples: Vec<Option<f64>> = view.history.iter().copied().collect();
    canvas.chart(chart, &samples, view.pane.target.as_ref().map(|target| target.bound));
    if let Some(why) = &view.gap {
        canvas.text(facts, why, palette.tone(Tone::Warning));
    } else {
        canvas.text(facts, &facts_of(model, view), palette.dim);
    }
}

fn facts_of(model: &Model, view: &PaneView) -> String {
    let unit = &view.pane.unit;
    let mut facts = Vec::new();
    if let Some(target) = &view.pane.target {
        facts.push(format!(
            "target {} {}",
            target.bound.sign(),
            numbers::quantity(target.bound.number(), &target.unit)
        ));
    }
    if let Some(was) = baseline(model, view) {
        facts.push(format!("was {}", numbers::quantity(was.value, &was.unit)));
    }
    let known = || view.history.iter().copied().flatten().filter(|value| value.is_finite());
    if let (Some(least), Some(most)) = (known().reduce(f64::min), known().reduce(f64::max)) {
        facts.push(format!("min {}", numbers::quantity(least, unit)));
        facts.push(format!("max {}", numbers::quantity(most, unit)));
    }
    let gaps = view.history.iter().filter(|sample| sample.is_none()).count();
    if gaps > 0 {
        facts.push(format!("{gaps} gaps"));
    }
    facts.push(format!("every {}", view.pane.every));
    if view.history.is_empty() {
        facts.push("not measured yet".to_owned());
    }
    facts.join("   ")
}
