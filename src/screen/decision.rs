//! Go or no-go: the outlook with its reasons first, then every criterion.
//!
//! ```text
//! ╭ Go/no-go ─────────────────────────────────────────────────────────╮
//! │ ✗ NO-GO as it stands                                               │
//! │   ✗ Run the migration: the migrator ended with exit status 1       │
//! ├ Criteria ─────────────────────────────────────────── 3 of 7 are go ┤
//! │ ✔ go            Rows are preserved     17 of 17 equal  decision    │
//! │ ? inconclusive  p95 below 200 ms       no verdict yet  decision    │
//! ├ in hand ───────────────────────────────────────────────────────────┤
//! │ …                                                                  │
//! ╰────────────────────────────────────────────────────────────────────╯
//! ```

use super::area::{self, cells};
use super::canvas::{Canvas, Focus, Frame};
use super::line::{Block, Line};
use super::list;
use super::numbers;
use super::palette::Tone;
use super::standing;
use crate::cockpit::model::Aside;
use crate::cockpit::msg::Windows;
use crate::cockpit::{Model, Screen};
use crate::deployment::criteria::{Call, Criterion, criteria};
use crate::deployment::fact::Approval;
use ratatui::layout::Rect;

/// From this width on target and age have columns of their own.
const WIDE_FROM: u16 = 100;
/// Lines kept at the bottom for the criterion in hand.
const IN_HAND: u16 = 5;

pub fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model, windows: &mut Windows) {
    let inner = canvas.frame(area, Frame { title: "Go/no-go", note: "", focus: Focus::Here });
    let block = verdict(canvas, model, inner);
    let (place, rest) = area::top(inner, cells(block.lines.len()).min(inner.height / 2));
    canvas.lines(place, &block.lines);
    let room = (inner.height / 2).saturating_sub(place.height).max(1);
    let rest = reasons(canvas, rest, room, model, windows);

    let rows = criteria(&model.plan, &model.state, &model.board);
    let (head, rest) = area::top(rest, 1);
    let go = rows.iter().filter(|criterion| criterion.call == Call::Go).count();
    let note = format!("{go} of {} are go", rows.len());
    canvas.divide(head, Frame { title: "Criteria", note: &note, focus: Focus::Here });
    let (below, table) = area::bottom(rest, if rest.height > IN_HAND + 6 { IN_HAND } else { 0 });
    windows.list = usize::from(table.height);
    if rows.is_empty() {
        canvas.text(table, "this checklist has no go/no-go criterion", canvas.palette.dim);
    }
    let table = if table.height > 6 && !rows.is_empty() { columns_head(canvas, table) } else { table };
    windows.list = usize::from(table.height);
    let focus = if model.aside == Aside::Main { Focus::Here } else { Focus::Elsewhere };
    let cursor = model.cursor(Screen::Decision);
    let shown = list::visible(cursor, table, rows.len());
    windows.places.list = area::place(table, shown.top);
    for (at, criterion) in rows.iter().enumerate().skip(shown.top).take(shown.count) {
        let line = area::line(table, cells(at - shown.top));
        draw_row(canvas, line, model, criterion);
        if at == cursor.at {
            canvas.select(line, focus);
        }
    }
    canvas.thumb(table, shown.top, rows.len());
    if model.aside == Aside::Beside {
        let reasons = model.summary.outlook.iter().flat_map(|outlook| &outlook.reasons);
        if let Some(reason) = reasons.into_iter().nth(model.cursor_beside(Screen::Decision).at) {
            reason_in_hand(canvas, below, &reason.text);
        }
    } else if let Some(criterion) = rows.get(cursor.at) {
        in_hand(canvas, below, model, criterion);
    }
}

/// What was decided, and what the decision would be as it stands.
fn verdict(canvas: &Canvas<'_>, model: &Model, inner: Rect) -> Block {
    let mut block = Block::new(usize::from(inner.width));
    if let Some((stamp, decided)) = model.state.decisions.last() {
        let (glyph, tone) = match decided.decision {
            Approval::Go => (canvas.glyphs.done, Tone::Good),
            Approval::NoGo => (canvas.glyphs.failed, Tone::Bad),
        };
        let words = format!("{glyph} decided {}", decided.decision.word().to_uppercase());
        let by = format!("   by {}, {} UTC", stamp.by, numbers::date_time(stamp.at));
        block.push(Line::of(tone, words).with(Tone::Dim, by));
        if !decided.reason.is_empty() {
            block.behind(&Line::of(Tone::Text, "  "), 2, Tone::Text, &decided.reason);
        }
        block.space();
    }
    let Some(outlook) = &model.summary.outlook else { return block };
    let mark = standing::of_call(outlook.call, canvas.glyphs);
    let words = match outlook.call {
        Call::Go | Call::DoesNotApply => "GO: every criterion due now holds",
        Call::Inconclusive => "INCONCLUSIVE as it stands: no data is never a go",
        Call::NoGo => "NO-GO as it stands",
    };
    block.push(Line::of(mark.tone, format!("{} {words}", mark.glyph)));
    block
}

/// Why it is not a go: in whole sentences where they fit, else a line each in a list that scrolls; gives what is left.
fn reasons(canvas: &mut Canvas<'_>, area: Rect, room: u16, model: &Model, windows: &mut Windows) -> Rect {
    let reasons = model.summary.outlook.as_ref().map(|outlook| outlook.reasons.as_slice()).unwrap_or_default();
    windows.aside_end = reasons.len().saturating_sub(1);
    let mut block = Block::new(usize::from(area.width));
    let sign = Line::of(Tone::Dim, format!("  {} ", canvas.glyphs.bullet));
    for reason in reasons {
        block.behind(&sign, 2, Tone::Text, &reason.text);
    }
    if model.aside == Aside::Main && block.lines.len() <= usize::from(room) {
        windows.aside = usize::from(room);
        let (place, rest) = area::top(area, cells(block.lines.len()));
        canvas.lines(place, &block.lines);
        return rest;
    }
    let (place, rest) = area::top(area, room.min(cells(reasons.len())));
    windows.aside = usize::from(place.height);
    let cursor = model.cursor_beside(Screen::Decision);
    let shown = list::visible(cursor, place, reasons.len());
    windows.places.aside = area::place(place, shown.top);
    for (at, reason) in reasons.iter().enumerate().skip(shown.top).take(shown.count) {
        let line = area::line(place, cells(at - shown.top));
        canvas.line(line, &sign.clone().with(Tone::Text, reason.text.clone()));
        if model.aside == Aside::Beside && at == cursor.at {
            canvas.select(line, Focus::Here);
        }
    }
    canvas.thumb(place, shown.top, reasons.len());
    let below = reasons.len().saturating_sub(shown.top + shown.count);
    if below > 0 && place.height > 0 {
        let words = format!("  {below} more {} below", if below == 1 { "reason" } else { "reasons" });
        canvas.text_right(area::line(place, place.height - 1), &words, canvas.palette.accent);
    }
    rest
}

fn reason_in_hand(canvas: &mut Canvas<'_>, area: Rect, text: &str) {
    let (head, body) = area::top(area, 1);
    canvas.divide(head, Frame { title: "why", note: "", focus: Focus::Here });
    let mut block = Block::new(usize::from(body.width));
    block.at_most(usize::from(body.height), Tone::Text, text);
    canvas.lines(body, &block.lines);
}

/// Where the columns of the table stand; target and age have no width where there is no room for them.
struct Columns {
    verdict: Rect,
    title: Rect,
    value: Rect,
    target: Rect,
    due: Rect,
    age: Rect,
}

impl Columns {
    fn of(line: Rect) -> Self {
        let wide = line.width >= WIDE_FROM;
        let (verdict, rest) = area::left(line, 16);
        let (age, rest) = area::right(rest, if wide { 8 } else { 0 });
        let (due, rest) = area::right(rest, 10);
        let (target, rest) = area::right(rest, if wide { 18 } else { 0 });
        let (title, value) = area::left(rest, rest.width / 2);
        let title = Rect { width: title.width.saturating_sub(2), ..title };
        let value = Rect { width: value.width.saturating_sub(1), ..value };
        Self { verdict, title, value, target, due, age }
    }
}

fn columns_head(canvas: &mut Canvas<'_>, area: Rect) -> Rect {
    let (line, rest) = area::top(area, 1);
    let columns = Columns::of(line);
    let dim = canvas.palette.dim;
    canvas.text(columns.verdict, "  verdict", dim);
    canvas.text(columns.title, "criterion", dim);
    canvas.text(columns.value, "value", dim);
    canvas.text_right(columns.target, "target", dim);
    canvas.text_right(columns.due, "due", dim);
    canvas.text_right(columns.age, "age", dim);
    rest
}

fn draw_row(canvas: &mut Canvas<'_>, line: Rect, model: &Model, criterion: &Criterion<'_>) {
    let palette = canvas.palette;
    let columns = Columns::of(line);
    let mark = standing::of_call(criterion.call, canvas.glyphs);
    let tone = palette.tone(mark.tone);
    canvas.text(columns.verdict, &format!("{} {}", mark.glyph, mark.word), tone);
    canvas.text(columns.title, &criterion.item.title, palette.text);
    canvas.text(columns.value, &criterion.value, if criterion.call == Call::Go { palette.dim } else { tone });
    let target = criterion.item.targets.first().map(ToString::to_string).unwrap_or_default();
    canvas.text_right(columns.target, &target, palette.dim);
    canvas.text_right(columns.due, criterion.due.word(), palette.dim);
    let age = criterion.at.map(|at| numbers::age(model.now, at)).unwrap_or_default();
    canvas.text_right(columns.age, &age, palette.dim);
}

fn in_hand(canvas: &mut Canvas<'_>, area: Rect, model: &Model, criterion: &Criterion<'_>) {
    let (head, body) = area::top(area, 1);
    let due = format!("due {}", criterion.due.word());
    canvas.divide(head, Frame { title: criterion.item.check.word(), note: &due, focus: Focus::Here });
    let mut block = Block::new(usize::from(body.width));
    block.at_most(1, Tone::Title, &criterion.item.title);
    block.at_most(2, Tone::Text, &criterion.value);
    let targets: Vec<String> = criterion.item.targets.iter().map(|t| format!("{} {t}", t.measure)).collect();
    let origin = super::about::origin(model, criterion.item);
    let line = Line::of(
        Tone::Dim,
        [targets.join(", "), origin].into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>().join("   "),
    );
    block.push(line);
    canvas.lines(body, &block.lines);
}
