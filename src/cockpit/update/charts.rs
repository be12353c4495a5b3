//! The keys of the metrics screen: open a chart, zoom, move its cursor, step through what happened.

use super::moves;
use crate::cockpit::action::Action;
use crate::cockpit::model::{Model, Tone};
use crate::cockpit::pane_view::board::Zoom;
use crate::cockpit::screens::Screen;

/// Cells that a page of the cursor is.
const PAGE: i64 = 10;

/// Does what a key asks for on the metrics screen, where it means something there. All of it only looks.
pub(super) fn act(model: &mut Model, action: Action) -> bool {
    if model.screen != Screen::Panes || model.panes.is_empty() {
        return false;
    }
    // What a key moves goes by what is in sight now.
    model.settle();
    let opened = model.opened_pane().is_some();
    match action {
        Action::Go | Action::Back if opened => close(model),
        Action::Go => open(model),
        Action::ZoomIn => zoom(model, -1),
        Action::ZoomOut => zoom(model, 1),
        Action::Left if opened => cursor(model, -1),
        Action::Right if opened => cursor(model, 1),
        Action::PageUp if opened => cursor(model, -PAGE),
        Action::PageDown if opened => cursor(model, PAGE),
        Action::First if opened => cursor(model, i64::MIN),
        Action::Last if opened => cursor(model, i64::MAX),
        Action::Up if opened => next_pane(model, -1),
        Action::Down if opened => next_pane(model, 1),
        Action::Left => moves::step(model, -1),
        Action::Right => moves::step(model, 1),
        Action::Up => moves::step(model, -across(model)),
        Action::Down => moves::step(model, across(model)),
        Action::OutputUp => event(model, -1),
        Action::OutputDown => event(model, 1),
        _ => return false,
    }
    model.settle();
    true
}

/// Charts beside each other.
fn across(model: &Model) -> isize {
    isize::try_from(model.windows.across.max(1)).unwrap_or(1)
}

fn open(model: &mut Model) {
    model.charts.opened = model.pane_in_hand().map(|view| view.pane.id.clone());
    model.charts.cursor_ms = None;
}

fn close(model: &mut Model) {
    let opened = model.opened_pane().map(|(at, _)| at);
    if let Some(at) = opened.and_then(|pane| model.charts.order.iter().position(|at| *at == pane)) {
        model.cursors.entry(Screen::Panes).or_default().at = at;
    }
    model.charts.opened = None;
    model.charts.cursor_ms = None;
}

/// The same time of the pane before or after it.
fn next_pane(model: &mut Model, by: isize) {
    let cursor_ms = model.charts.cursor_ms;
    close(model);
    moves::step(model, by);
    open(model);
    model.charts.cursor_ms = cursor_ms;
}

/// The next zoom that shows noticeably less, or more, than what is in sight.
fn zoom(model: &mut Model, by: isize) {
    let fit = model.fit_ms();
    let length = |zoom: &Zoom| if *zoom == Zoom::Fit { fit } else { zoom.longest_ms() };
    let shown = length(&model.charts.zoom);
    let all = Zoom::ALL.into_iter();
    let next = if by > 0 {
        all.filter(|zoom| length(zoom) > shown + shown / 10).min_by_key(length)
    } else {
        all.filter(|zoom| length(zoom) + shown / 10 < shown).max_by_key(length)
    };
    match next {
        Some(zoom) => model.charts.zoom = zoom,
        None if by < 0 => {
            model.say(Tone::Plain, "closest zoom: five minutes, or everything measured where that is less");
        }
        None => model.say(Tone::Plain, "farthest zoom: 7 days"),
    }
}

/// So many cells on; past the newest it follows what comes.
fn cursor(model: &mut Model, cells: i64) {
    let span = model.charts.span.clone();
    let columns = model.charts.ready.iter().map(|chart| chart.lens.columns).max().unwrap_or(1);
    let cell = (2 * (span.end - span.start) / i64::try_from(columns.max(2)).unwrap_or(2)).max(1);
    let newest = span.end.min(model.now.timestamp_millis().max(span.start) + cell);
    let here = model.charts.cursor_ms.unwrap_or(newest - cell / 2);
    let there = match cells {
        i64::MIN => span.start + cell / 2,
        i64::MAX => i64::MAX,
        cells => here.saturating_add(cells.saturating_mul(cell)),
    };
    let oldest = model.opened_pane().and_then(|(_, view)| view.series.from_ms()).unwrap_or(span.start).min(span.start);
    model.charts.cursor_ms = (there < newest).then_some(there.max(oldest));
    if there >= newest && model.charts.cursor_ms.is_none() {
        model.say(Tone::Plain, "the newest: the chart follows what comes");
    }
}

/// To the event before the cursor, or after it. In the overview the pane in hand opens for it.
fn event(model: &mut Model, by: isize) {
    if model.opened_pane().is_none() {
        open(model);
    }
    let Some((_, view)) = model.opened_pane() else { return };
    let now = model.now.timestamp_millis();
    let mut times: Vec<i64> = model.events_of(view).map(|event| event.at_ms).filter(|at| *at <= now).collect();
    times.dedup();
    let here = model.charts.cursor_ms;
    let found = if by < 0 {
        times.iter().rev().find(|at| here.is_none_or(|here| **at < here))
    } else {
        times.iter().find(|at| here.is_some_and(|here| **at > here))
    };
    match found.copied() {
        Some(at) => model.charts.cursor_ms = Some(at),
        None if times.is_empty() => model.say(Tone::Plain, "no events yet: no clock, migration or release"),
        None if by < 0 => model.say(Tone::Plain, "no event before this one"),
        None => {
            model.charts.cursor_ms = None;
            model.say(Tone::Plain, "no event after this one: back at the newest");
        }
    }
}
