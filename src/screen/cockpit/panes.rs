//! The metric panes beside the step, the worst first: a line each, and as many with their chart as there is room for.
//!
//! ```text
//! ├ Metrics ─────────────────────┤
//! │ ✗ GET /lots p95       2.47 s │
//! │   ⠤⠤⠶⠤⠤⠴⠤┊      over target │
//! │   ─────────┊──       < 200 ms │
//! │ ✔ Queries/s   ⠤⠤⠤⠤⠤      12 │
//! │ ? Memory             no data │
//! ```

use crate::cockpit::Model;
use crate::cockpit::model::PaneView;
use crate::cockpit::msg::Windows;
use crate::deployment::alerts::Standing as Alerted;
use crate::deployment::alerts::downtime::Awaits;
use crate::deployment::metrics::PaneVerdict;
use crate::screen::area::{self, cells};
use crate::screen::canvas::{Canvas, Frame};
use crate::screen::chart::{Names, Plot};
use crate::screen::numbers;
use crate::screen::palette::Tone;
use crate::screen::text;
use ratatui::layout::Rect;

/// Lines of a pane with its chart: its name and two of dots.
const TALL: u16 = 3;
/// Columns that the words beside a small chart may take.
const WORDS: u16 = 14;

/// How a pane stands against its target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reading {
    pub glyph: &'static str,
    pub word: String,
    pub value: String,
    pub tone: Tone,
}

pub(crate) fn reading(canvas: &Canvas<'_>, model: &Model, view: &PaneView) -> Reading {
    let (glyphs, seen) = (canvas.glyphs, view.seen());
    // A number that is too old is reported with its age, so that nobody takes it for one of now.
    let old = view.last_at.filter(|_| view.overdue(model.now).is_some() && view.last().is_some());
    let value = seen.value.or(view.last().filter(|_| old.is_some()));
    let awaits = model.awaits(view);
    let (glyph, tone) = match seen.verdict {
        PaneVerdict::NoData => (glyphs.unknown, Tone::Warning),
        _ if !seen.evaluated => (glyphs.inapplicable, Tone::Text),
        PaneVerdict::Ok => (glyphs.done, Tone::Good),
        _ if awaits == Some(Awaits::Release) => (glyphs.inapplicable, Tone::Dim),
        PaneVerdict::OverTarget if awaits.is_none() => (glyphs.failed, Tone::Bad),
        // Its target holds, or the release has only just come.
        PaneVerdict::OverTarget | PaneVerdict::WorseThanBaseline => (glyphs.waived, Tone::Warning),
        PaneVerdict::Inconclusive => (glyphs.unknown, Tone::Warning),
    };
    let word = if awaits == Some(Awaits::Release) { Awaits::Release.words() } else { seen.word().to_owned() };
    let word = old.map_or(word, |at| format!("{} old", numbers::age(model.now, at)));
    let bound = view.pane.bound();
    let value = value.map(|value| numbers::quantity_beside(value, &view.pane.unit, bound));
    // An alert that asks for somebody outlasts a good sample between two bad ones.
    if let Some((Alerted::Open, alert)) = model.alert_of(&view.pane.id)
        && !seen.verdict.is_bad()
    {
        let word = format!("alert {}", alert.number);
        return Reading { glyph: glyphs.failed, word, value: value.unwrap_or_default(), tone: Tone::Bad };
    }
    Reading { glyph, word, value: value.unwrap_or_else(|| "no data".to_owned()), tone }
}

/// Target and baseline in a few words: `≤ 200 ms  baseline 2.5 s`.
fn compared_with(view: &PaneView) -> Vec<String> {
    // A unit that is a word stands beside the value already.
    let short = |value: f64, unit: &str| {
        let known = unit == view.pane.unit && unit.len() > 2 && unit != "bytes";
        numbers::quantity(value, if known { "" } else { unit })
    };
    let target = view.pane.bound();
    let target = target.map(|bound| format!("{} {}", bound.sign(), short(bound.number(), &view.pane.unit)));
    let stable = view.pane.stable.map(|stable| format!("≤ {} %/h", (stable.percent * 100.0).round() / 100.0));
    let was = view.baseline().map(|(was, _)| format!("base {}", short(was, &view.pane.unit)));
    [target.or(stable), was].into_iter().flatten().collect()
}

/// Draws the divider on the first line and the panes below it.
pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model, windows: &mut Windows) {
    if model.panes.is_empty() || area.height < 2 {
        return;
    }
    let (head, body) = area::top(area, 1);
    canvas.divide(head, Frame { title: "Metrics", ..Frame::default() });
    windows.chart = 0;
    let count = cells(model.panes.len());
    let tall = (body.height.saturating_sub(count) / (TALL - 1)).min(count);
    // Where every chart fits there is a line of air between them too.
    let air = u16::from(tall == count && count.saturating_mul(TALL + 1) <= body.height + 1);
    let mut rest = body;
    for (at, pane) in model.charts.order.iter().enumerate() {
        let Some(view) = model.panes.get(*pane) else { continue };
        let (place, below) = area::top(rest, if cells(at) < tall { TALL } else { 1 });
        if place.is_empty() {
            break;
        }
        card(canvas, place, model, *pane, view, windows);
        rest = area::top(below, air).1;
    }
}

/// One pane on one line, or on three with its chart.
fn card(canvas: &mut Canvas<'_>, area: Rect, model: &Model, at: usize, view: &PaneView, windows: &mut Windows) {
    let palette = canvas.palette;
    let reading = reading(canvas, model, view);
    let tone = palette.tone(reading.tone);
    let line = area::line(area, 0);
    canvas.text(line, reading.glyph, tone);
    let used = canvas.text_right(line, &reading.value, if reading.tone == Tone::Good { palette.text } else { tone });
    let (_, rest) = area::left(line, 2);
    let rest = Rect { width: rest.width.saturating_sub(used + 1), ..rest };
    let used = canvas.text(rest, &view.pane.title, palette.text);
    if area.height < TALL {
        let (_, place) = area::left(rest, used.max(18) + 1);
        if place.width >= 4 {
            spark(canvas, place, model, at, view);
        }
        return;
    }
    let (_, below) = area::left(area::top(area, 1).1, 2);
    let (words, chart) = area::right(below, WORDS.min(below.width / 2));
    let (_, words) = area::left(words, 1);
    let chart_width = spark(canvas, chart, model, at, view);
    windows.chart = windows.chart.max(chart_width);
    if let Some(why) = view.gap.as_ref().filter(|_| view.seen().verdict == PaneVerdict::NoData) {
        for (at, line) in text::wrap(why, usize::from(words.width).max(1)).iter().take(2).enumerate() {
            canvas.text(area::line(words, cells(at)), line, palette.warning);
        }
        return;
    }
    let compared = compared_with(view);
    let word = if reading.word == PaneVerdict::WorseThanBaseline.word() { "worse" } else { &reading.word };
    canvas.text(area::line(words, 0), word, tone);
    canvas.text(area::line(words, 1), compared.first().map_or("", String::as_str), palette.dim);
}

/// The line of a pane without axes; gives the cells it is wide.
fn spark(canvas: &mut Canvas<'_>, area: Rect, model: &Model, at: usize, view: &PaneView) -> u16 {
    let Some(chart) = model.charts.ready.get(at) else { return area.width };
    let events: Vec<_> = if area.height > 1 { model.events_of(view).collect() } else { Vec::new() };
    let plot = Plot {
        chart,
        unit: &view.pane.unit,
        // On a single line the target would stand in the way of the dots.
        target: view.pane.target.as_ref().map(|target| target.bound),
        baseline: None,
        events: &events,
        cursor_ms: None,
        names: Names::Bare,
    };
    canvas.plot(area, &plot)
}
