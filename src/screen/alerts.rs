//! Alerts: what asks for somebody first, the worst on top; what is known; silences with their ends; what is over.
//!
//! ```text
//! ╭ Alerts ──────────────────────────────────────── 2 open, 1 silence ╮
//! │ ✗ 2 OPEN: K acknowledges                                           │
//! │ ✗  3 GET /lots p95   over target   2.47 s  < 200 ms   02:13  12 min │
//! │ Acknowledged                                                       │
//! │ !  1 Queries/s       no data                          01:40  45 min │
//! ├ Alert 3 ───────────────────────────────────────────────────────────┤
//! │ over target, 2.47 s, target < 200 ms …                              │
//! ╰────────────────────────────────────────────────────────────────────╯
//! ```

use super::area::{self, cells};
use super::canvas::{Canvas, Focus, Frame};
use super::line::{Block, Line};
use super::list;
use super::numbers;
use super::palette::Tone;
use super::text;
use crate::cockpit::action::Action;
use crate::cockpit::alerts::Entry;
use crate::cockpit::list::ListCursor;
use crate::cockpit::model::Access;
use crate::cockpit::msg::Windows;
use crate::cockpit::{Model, Screen};
use crate::deployment::alerts::notice::{state, title};
use crate::deployment::alerts::{Alert, Silence, Standing};
use ratatui::layout::Rect;

/// Lines kept for the alert in hand.
const IN_HAND: u16 = 7;
/// From this width on the value, the target and the length have columns of their own.
const WIDE_FROM: u16 = 100;

enum Row {
    /// Of a group, with how many are in it.
    Heading(Option<Standing>, usize),
    Entry(usize, Entry),
}

/// The group that an entry is in; silences are one of their own.
fn group(entry: Entry) -> Option<Standing> {
    match entry {
        Entry::Alert(standing, _) => Some(standing),
        Entry::Silence(_) => None,
    }
}

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model, windows: &mut Windows) {
    let alerts = &model.summary.alerts;
    let silences = alerts.entries.iter().filter(|entry| group(**entry).is_none()).count();
    let note = format!("{} open, {silences} {}", alerts.open, if silences == 1 { "silence" } else { "silences" });
    let inner = canvas.frame(area, Frame { title: "Alerts", note: &note, focus: Focus::Here });
    if alerts.entries.is_empty() {
        windows.list = usize::from(inner.height);
        let words = if model.panes.is_empty() {
            "No metrics defined, so nothing raises an alert. Add a [[pane]] to the checklist."
        } else {
            "No alerts. Metrics over target, worse than their baseline or without data appear here."
        };
        let mut lines = wrapped(words, inner.width);
        let quiet = model.without_alert();
        if !quiet.is_empty() {
            lines.push(Line::of(Tone::Dim, String::new()));
            lines.push(Line::of(Tone::Text, format!("Without an alert ({})", quiet.len())));
            lines.extend(quiet.iter().flat_map(|line| wrapped(line, inner.width)));
        }
        canvas.lines(inner, &lines);
        return;
    }
    let (below, table) = area::bottom(inner, if inner.height >= 14 { IN_HAND } else { 0 });
    let mut rows = Vec::new();
    for (at, entry) in alerts.entries.iter().copied().enumerate() {
        if at == 0 || group(alerts.entries[at - 1]) != group(entry) {
            let count = alerts.entries.iter().filter(|other| group(**other) == group(entry)).count();
            rows.push(Row::Heading(group(entry), count));
        }
        rows.push(Row::Entry(at, entry));
    }
    windows.list = usize::from(table.height);
    let line_of = |at: usize| rows.iter().position(|row| matches!(row, Row::Entry(own, _) if *own == at)).unwrap_or(0);
    let cursor = model.cursor(Screen::Alerts);
    let at = cursor.at.min(alerts.entries.len() - 1);
    let lines = ListCursor { at: line_of(at), top: line_of(cursor.top).saturating_sub(1) };
    let shown = list::visible(lines, table, rows.len());
    windows.places.list = area::place(table, shown.top);
    for (line_at, row) in rows.iter().enumerate().skip(shown.top).take(shown.count) {
        let line = area::line(table, cells(line_at - shown.top));
        match row {
            Row::Heading(group, count) => heading(canvas, line, model, *group, *count),
            Row::Entry(own, entry) => {
                match *entry {
                    Entry::Alert(standing, number) => {
                        if let Some(alert) = model.state.alerts.alert(number) {
                            draw_alert(canvas, line, model, standing, alert);
                        }
                    }
                    Entry::Silence(silence) => {
                        if let Some(silence) = model.silence_at(silence) {
                            draw_silence(canvas, line, model, silence);
                        }
                    }
                }
                if *own == at {
                    canvas.select(line, Focus::Here);
                }
            }
        }
    }
    canvas.thumb(table, shown.top, rows.len());
    if let Some(Entry::Alert(standing, number)) = alerts.entries.get(at).copied()
        && let Some(alert) = model.state.alerts.alert(number)
        && below.height > 1
    {
        in_hand(canvas, below, model, standing, alert);
    }
}

fn wrapped(words: &str, width: u16) -> Vec<Line> {
    text::wrap(words, usize::from(width).max(1)).into_iter().map(|line| Line::of(Tone::Dim, line)).collect()
}

fn heading(canvas: &mut Canvas<'_>, line: Rect, model: &Model, group: Option<Standing>, count: usize) {
    if group == Some(Standing::Open) {
        // A red band: nobody overlooks it, also where there is no colour.
        let style = canvas.palette.banner;
        let key = model.keymap.hint(Action::Acknowledge);
        canvas.fill(line, " ", style);
        let keys = if model.access == Access::Flies { format!("   {key} acknowledge") } else { String::new() };
        let words = format!("{} {count} OPEN{keys}", canvas.glyphs.failed);
        canvas.text(area::inset(line, 1), &words, style);
        return;
    }
    let word = match group {
        Some(Standing::Open) => "Open",
        Some(Standing::Acknowledged) => "Acknowledged",
        Some(Standing::Silenced) => "Open, silenced",
        Some(Standing::Expected) => "Expected: service stopped by the plan",
        Some(Standing::Cleared) => "Cleared",
        None => "Silences",
    };
    canvas.text(line, &format!("{word} ({count})"), canvas.palette.heading);
}

fn sign(canvas: &Canvas<'_>, standing: Standing) -> (&'static str, Tone) {
    let glyphs = canvas.glyphs;
    match standing {
        Standing::Open => (glyphs.failed, Tone::Bad),
        Standing::Acknowledged => (glyphs.waived, Tone::Warning),
        Standing::Silenced => (glyphs.deferred, Tone::Warning),
        Standing::Expected => (glyphs.inapplicable, Tone::Dim),
        Standing::Cleared => (glyphs.done, Tone::Good),
    }
}

fn draw_alert(canvas: &mut Canvas<'_>, line: Rect, model: &Model, standing: Standing, alert: &Alert) {
    let palette = canvas.palette;
    let (glyph, tone) = sign(canvas, standing);
    let (place, rest) = area::left(line, 6);
    canvas.text(place, &format!("{glyph}{:>3}", alert.number), palette.tone(tone));
    let seen = &alert.seen;
    let (when, wide) = if line.width >= WIDE_FROM {
        (alert.since().format("%m-%d %H:%M:%S").to_string(), 28)
    } else {
        (alert.since().format("%m-%d %H:%M").to_string(), 22)
    };
    let lasted = numbers::age(model.now, model.now - alert.lasted(model.now));
    let lasted = if alert.is_open() { lasted } else { format!("for {lasted}") };
    let (end, rest) = area::right(rest, wide);
    let used = canvas.text_right(end, &lasted, palette.tone(if alert.is_open() { tone } else { Tone::Dim }));
    canvas.text(Rect { width: end.width.saturating_sub(used + 1), ..end }, &when, palette.dim);
    let name = title(&model.plan, &alert.pane);
    let (place, rest) = area::left(rest, (rest.width * 2 / 5).clamp(16, 34));
    canvas.text(Rect { width: place.width.saturating_sub(2), ..place }, &name, palette.text);
    let room = Rect { width: rest.width.saturating_sub(1), ..rest };
    let words = match (&alert.cleared, &seen.expected) {
        (None, Some(expected)) => format!("{}: {expected}", seen.verdict.word()),
        _ => state(seen),
    };
    canvas.text(room, &words, palette.tone(if alert.is_open() { tone } else { Tone::Dim }));
}

fn draw_silence(canvas: &mut Canvas<'_>, line: Rect, model: &Model, silence: &Silence) {
    let palette = canvas.palette;
    let (place, rest) = area::left(line, 6);
    canvas.text(place, canvas.glyphs.deferred, palette.warning);
    let left = numbers::age(silence.until, model.now);
    let (end, rest) = area::right(rest, 34);
    let until = format!("until {}, {left} left", silence.until.format("%m-%d %H:%M"));
    canvas.text_right(end, &until, palette.warning);
    let name = silence.pane.as_ref().map_or_else(|| "all metrics".to_owned(), |pane| title(&model.plan, pane));
    let (place, rest) = area::left(rest, (rest.width * 2 / 5).clamp(16, 34));
    canvas.text(Rect { width: place.width.saturating_sub(2), ..place }, &name, palette.text);
    let words = format!("{}: {}", silence.stamp.by.says, silence.reason);
    canvas.text(Rect { width: rest.width.saturating_sub(1), ..rest }, &words, palette.dim);
}

/// The alert in hand with all that is known of it.
fn in_hand(canvas: &mut Canvas<'_>, area: Rect, model: &Model, standing: Standing, alert: &Alert) {
    let (head, body) = area::top(area, 1);
    let heading = format!("Alert {}: {}", alert.number, title(&model.plan, &alert.pane));
    let heading = text::clean(&heading).into_owned();
    canvas.divide(head, Frame { title: &heading, note: standing.word(), focus: Focus::Here });
    let mut block = Block::new(usize::from(body.width));
    let (_, tone) = sign(canvas, standing);
    block.field("state", tone, &format!("{} ({})", state(&alert.seen), alert.environment));
    block.field("why", Tone::Text, &alert.seen.sentence);
    if let Some(expected) = &alert.seen.expected {
        block.field("expected", Tone::Text, expected);
    }
    let raised = format!("since {} UTC, raised {}", numbers::date_time(alert.since()), alert.raised.seq);
    block.field("raised", Tone::Dim, &raised);
    for (stamp, note) in &alert.acknowledgements {
        let note = note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
        block.field("ack", Tone::Text, &format!("{} at {} UTC{note}", stamp.by.says, numbers::time(stamp.at)));
    }
    if let Some(cleared) = &alert.cleared {
        let text = format!("{} UTC: {}", numbers::date_time(cleared.since), cleared.sentence);
        block.field("cleared", Tone::Good, &text);
    }
    if let Some(silence) = model.state.alerts.silence(&alert.pane, model.now).filter(|_| alert.is_open()) {
        let until = numbers::date_time(silence.until);
        block.field(
            "silenced",
            Tone::Warning,
            &format!("until {until} UTC by {}: {}", silence.stamp.by.says, silence.reason),
        );
    }
    canvas.lines(body, &block.lines);
}

/// What asks for somebody, across every other screen.
pub(super) fn band(canvas: &mut Canvas<'_>, area: Rect, model: &Model) -> Rect {
    let count = model.summary.alerts.asking.len();
    let Some(worst) = model.worst_alert().filter(|_| model.screen != Screen::Alerts) else { return area };
    let (line, rest) = area::top(area, 1);
    let style = canvas.palette.banner;
    canvas.fill(line, " ", style);
    let line = area::inset(line, 1);
    let (show, ack) = (model.keymap.hint(Action::ShowAlerts), model.keymap.hint(Action::Acknowledge));
    let keys = match model.access {
        Access::Flies => format!("{show} alerts  {ack} acknowledge"),
        Access::Watches | Access::Replays => format!("{show} alerts"),
    };
    let used = if line.width >= 70 { canvas.text_right(line, &keys, style) } else { 0 };
    let room = Rect { width: line.width.saturating_sub(used + 2), ..line };
    let noun = if count == 1 { "ALERT" } else { "ALERTS" };
    let name = title(&model.plan, &worst.pane);
    let words = format!("{} {count} {noun}  {name}: {}", canvas.glyphs.failed, state(&worst.seen));
    canvas.text(room, &words, style);
    rest
}
