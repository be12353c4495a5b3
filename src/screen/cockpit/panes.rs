//! The metric panes beside the step.
//!
//! ```text
//! ├ Panes ───────────────────────┤
//! │ ✔ lots                182 ms │
//! │   ▂▃▅▂▂▃▂▃▅▂▂▃▂▃▅▂▂▃··▂▃▅▂▂▃ │
//! │   holds  ≤ 200 ms  was 2.5 s │
//! │ ? health             no data │
//! ```

use crate::cockpit::Model;
use crate::cockpit::model::PaneView;
use crate::deployment::measurement::Measurement;
use crate::screen::area::{self, cells};
use crate::screen::canvas::{Canvas, Frame};
use crate::screen::numbers;
use crate::screen::palette::Tone;
use ratatui::layout::Rect;

/// How a pane stands against its target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    pub glyph: &'static str,
    pub word: &'static str,
    pub value: String,
    pub tone: Tone,
}

#[must_use]
pub fn reading(canvas: &Canvas<'_>, view: &PaneView) -> Reading {
    let glyphs = canvas.glyphs;
    let Some(value) = view.last() else {
        return Reading { glyph: glyphs.unknown, word: "no data", value: "no data".to_owned(), tone: Tone::Warning };
    };
    let (glyph, word, tone) = match &view.pane.target {
        None => (glyphs.inapplicable, "watched", Tone::Text),
        Some(target) if target.bound.holds(value) => (glyphs.done, "holds", Tone::Good),
        Some(_) => (glyphs.failed, "breached", Tone::Bad),
    };
    Reading { glyph, word, value: numbers::quantity(value, &view.pane.unit), tone }
}

/// What the pane's baseline item measured, if it did.
#[must_use]
pub fn baseline(model: &Model, view: &PaneView) -> Option<Measurement> {
    let baseline = view.pane.baseline.as_ref()?;
    let outcome = model.state.latest(&baseline.item)?.outcome()?;
    outcome.measured.iter().find(|m| m.name == baseline.measure).cloned()
}

/// Target and baseline in a few words: `≤ 200 ms  was 2.5 s`.
#[must_use]
pub fn held_against(model: &Model, view: &PaneView) -> String {
    // A unit that is a word stands beside the value already.
    let short = |value: f64, unit: &str| {
        let known = unit == view.pane.unit && unit.len() > 2 && unit != "bytes";
        numbers::quantity(value, if known { "" } else { unit })
    };
    let target = view.pane.target.as_ref();
    let target = target.map(|target| format!("{} {}", target.bound.sign(), short(target.bound.number(), &target.unit)));
    let was = baseline(model, view).map(|was| format!("was {}", short(was.value, &was.unit)));
    [target, was].into_iter().flatten().collect::<Vec<_>>().join("  ")
}

/// Draws the divider on the first line and the panes below it.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model) {
    if model.panes.is_empty() || area.height < 2 {
        return;
    }
    let (head, body) = area::top(area, 1);
    canvas.divide(head, Frame { title: "Metrics", ..Frame::default() });
    let count = cells(model.panes.len());
    // Three lines a pane or more and one of air where they fit, else less.
    let fits = |each: &u16| count.saturating_mul(*each) <= body.height + u16::from(*each >= 4);
    let each = (1..=10u16).rev().find(fits).unwrap_or(1);
    let used = if each >= 4 { each - 1 } else { each };
    for (at, view) in model.panes.iter().enumerate() {
        let top = cells(at).saturating_mul(each);
        if top >= body.height {
            break;
        }
        let place = Rect { y: body.y + top, height: used.min(body.height - top), ..body };
        card(canvas, place, model, view);
    }
}

/// One pane on one line, two, or more with a chart.
pub fn card(canvas: &mut Canvas<'_>, area: Rect, model: &Model, view: &PaneView) {
    let palette = canvas.palette;
    let reading = reading(canvas, view);
    let tone = palette.tone(reading.tone);
    let line = area::line(area, 0);
    canvas.text(line, reading.glyph, tone);
    let used = canvas.text_right(line, &reading.value, if reading.tone == Tone::Good { palette.text } else { tone });
    let (_, rest) = area::left(line, 2);
    let rest = Rect { width: rest.width.saturating_sub(used + 1), ..rest };
    let used = canvas.text(rest, &view.pane.title, palette.text);
    let samples: Vec<Option<f64>> = view.history.iter().copied().collect();
    let target = view.pane.target.as_ref().map(|target| target.bound);
    if area.height < 2 {
        let (_, line) = area::left(rest, used.max(14) + 1);
        canvas.chart(line, &samples, target);
        return;
    }
    let (_, below) = area::left(area::top(area, 1).1, 2);
    let (facts, chart) = area::bottom(below, 1);
    canvas.chart(chart, &samples, target);
    if let Some(why) = &view.gap {
        canvas.text(facts, why, palette.warning);
        return;
    }
    let words = held_against(model, view);
    if chart.is_empty() {
        let used = canvas.text_right(facts, &words, palette.dim);
        canvas.chart(Rect { width: facts.width.saturating_sub(used + 1), ..facts }, &samples, target);
        return;
    }
    let used = if view.last().is_some() { canvas.text(facts, reading.word, tone) + 2 } else { 0 };
    canvas.text(area::left(facts, used).1, &words, palette.dim);
}
