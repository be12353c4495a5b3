//! One pane over the whole screen, with a cursor that reads out time and value.

use super::{facts, fit, head, legend, span_words};
use crate::checklist::pane::Worse;
use crate::checklist::target::Bound;
use crate::cockpit::Model;
use crate::cockpit::model::PaneView;
use crate::cockpit::msg::Windows;
use crate::cockpit::pane_view::board::{self, Readout};
use crate::deployment::events::Kind;
use crate::screen::area;
use crate::screen::canvas::{Canvas, Focus, Frame};
use crate::screen::chart::{Names, Plot, tone_of};
use crate::screen::line::Line;
use crate::screen::numbers;
use crate::screen::palette::Tone;
use chrono::{DateTime, Utc};
use ratatui::layout::Rect;

pub(super) fn draw(
    canvas: &mut Canvas<'_>,
    area: Rect,
    model: &Model,
    at: usize,
    view: &PaneView,
    windows: &mut Windows,
) {
    let inner = canvas.frame(area, Frame { focus: Focus::Here, ..Frame::default() });
    head(canvas, area::line(area, 0), model, view, true);
    let Some(chart) = model.charts.ready.get(at) else { return };
    let (first, rest) = area::top(inner, 1);
    compared(canvas, first, model, view);
    let (foot, body) = area::bottom(rest, 2);
    let events: Vec<_> = model.events_of(view).collect();
    let plot = Plot {
        chart,
        unit: &view.pane.unit,
        target: view.pane.bound(),
        baseline: view.baseline(),
        events: &events,
        cursor_ms: model.charts.cursor_ms,
        names: Names::Above,
    };
    windows.chart = canvas.plot(body, &plot);
    let mut words = facts(chart, view, true);
    if let Some(numbers) = chart.numbers {
        let (word, other) = match view.pane.worse() {
            Worse::Higher => ("min", numbers.min),
            Worse::Lower => ("max", numbers.max),
        };
        words.push((Tone::Dim, format!("{word} {}", numbers::quantity(other, &view.pane.unit))));
        words.push((Tone::Dim, format!("{} samples", numbers::count(numbers.count))));
    }
    words.push((Tone::Dim, format!("every {}", view.pane.interval())));
    fit(canvas, area::widened(area::line(foot, 0)), words);
    let line = area::line(foot, 1);
    match &model.charts.readout {
        Some(readout) => _ = canvas.line(line, &reported(readout, model, view)),
        None => match view.gap.as_ref().filter(|_| view.last().is_none()) {
            Some(why) => _ = canvas.text(line, why, canvas.palette.warning),
            None => legend(canvas, line),
        },
    }
}

/// Target, baseline and time in sight.
fn compared(canvas: &mut Canvas<'_>, line: Rect, model: &Model, view: &PaneView) {
    let used = canvas.text_right(line, &format!("{}, UTC", span_words(model)), canvas.palette.dim);
    let room = Rect { width: line.width.saturating_sub(used + 2), ..line };
    let mut words = match view.pane.bound() {
        Some(bound) => {
            let unit = view.pane.target.as_ref().map_or(&view.pane.unit, |target| &target.unit);
            Line::of(Tone::Warning, format!("target {} {}", bound.sign(), numbers::quantity(bound.number(), unit)))
        }
        None => Line::of(Tone::Dim, "no target"),
    };
    if let Some((was, band)) = view.baseline() {
        let unit = &view.pane.unit;
        words = words.with(Tone::Heading, format!("   baseline {}", numbers::quantity(was, unit)));
        if let Some((low, high)) = band {
            let ends = [low, high].map(|end| numbers::quantity(end, unit));
            words = words.with(Tone::Dim, format!(" [{}, {}]", ends[0], ends[1]));
        }
        if let Some(change) = &view.seen().change {
            words = words.with(Tone::Text, format!(" {change}"));
        }
    }
    canvas.line(room, &words.with(Tone::Dim, format!("   {}", view.environment)));
}

/// What stands under the cursor: `02:31:15  T+00:01:15   24 ms   migration`.
fn reported(readout: &Readout, model: &Model, view: &PaneView) -> Line {
    let unit = &view.pane.unit;
    let target: Option<Bound> = view.pane.bound();
    let today = |at: &DateTime<Utc>| at.date_naive() == model.now.date_naive();
    let time = board::time(readout.at_ms);
    let time = time.map(|at| if today(&at) { numbers::time(at) } else { numbers::date_time(at) }).unwrap_or_default();
    let mut line = Line::of(Tone::Accent, format!("{time} UTC"));
    match readout.numbers {
        Some((least, most, count)) if least >= most => {
            line = line.with(tone_of(target, least), format!("   {}", numbers::quantity(least, unit)));
            if count > 1 {
                line = line.with(Tone::Dim, format!(" in {} samples", numbers::count(count)));
            }
        }
        Some((least, most, count)) => {
            let tone = if tone_of(target, least) == Tone::Bad { Tone::Bad } else { tone_of(target, most) };
            let words = format!("   {} to {}", numbers::quantity(least, unit), numbers::quantity(most, unit));
            line = line.with(tone, words).with(Tone::Dim, format!(" of {} samples", numbers::count(count)));
        }
        None if readout.gap.is_none() => line = line.with(Tone::Dim, "   no sample here"),
        None => {}
    }
    if let Some(gap) = &readout.gap {
        line = line.with(Tone::Warning, format!("   no data: {gap}"));
    }
    let zero = model.events_of(view).find(|event| event.kind == Kind::Zero);
    if let Some(away) = zero.map(|zero| readout.at_ms - zero.at_ms).filter(|away| away.abs() >= 1_000) {
        let side = if away < 0 { "before" } else { "after" };
        line = line.with(Tone::Dim, format!("   {} {side} T-0", numbers::took(away.unsigned_abs() / 1_000 * 1_000)));
    }
    if let Some(event) = &readout.event {
        line = line.with(Tone::Title, format!("   {}", event.label));
    }
    line
}
