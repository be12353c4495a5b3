//! Every criterion with verdict, value, target, source and age.

use crate::checklist::model::Due;
use crate::checklist::target::Bound;
use crate::cockpit::list::ListCursor;
use crate::cockpit::model::Aside;
use crate::cockpit::msg::Windows;
use crate::cockpit::{Model, Screen};
use crate::deployment::criteria::{Call, Criterion};
use crate::screen::about;
use crate::screen::area::{self, cells};
use crate::screen::canvas::{Canvas, Focus, Frame};
use crate::screen::cockpit::verdict;
use crate::screen::line::{Block, Line};
use crate::screen::list;
use crate::screen::numbers;
use crate::screen::palette::Tone;
use crate::screen::standing;
use chrono::{DateTime, Utc};
use ratatui::layout::Rect;

/// From this width on target and age have columns of their own, and from this one the source too.
const WIDE_FROM: u16 = 100;
const SOURCE_FROM: u16 = 136;
/// Columns of a title, and of what was measured at least.
const TITLE: u16 = 43;
const VALUE: u16 = 17;

/// In the order people look for them: what is due now before what is due later, the worst first.
pub(super) fn sorted(mut rows: Vec<Criterion<'_>>) -> Vec<Criterion<'_>> {
    let rank = |call: Call| match call {
        Call::NoGo => 0,
        Call::Inconclusive => 1,
        Call::Go => 2,
        Call::DoesNotApply => 3,
    };
    rows.sort_by_key(|criterion| match criterion.due {
        Due::Decision => (0, rank(criterion.call)),
        Due::Day => (1, 0),
        Due::Week => (2, 0),
    });
    rows
}

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model, rows: &[Criterion<'_>], windows: &mut Windows) {
    if rows.is_empty() {
        canvas.text(area, "No go/no-go criteria defined", canvas.palette.dim);
    }
    let table = if area.height > 6 && !rows.is_empty() { head(canvas, area) } else { area };
    let focus = if model.aside == Aside::Main { Focus::Here } else { Focus::Elsewhere };
    let cursor = model.cursor(Screen::Decision);
    // A heading stands before the first one that is due later; the cursor counts criteria.
    let later = rows.iter().position(|criterion| criterion.due != Due::Decision).unwrap_or(rows.len());
    let lines = rows.len() + usize::from(later < rows.len());
    let line_of = |row: usize| row + usize::from(row >= later);
    windows.list = usize::from(table.height);
    let shown = list::visible(ListCursor { at: line_of(cursor.at), top: line_of(cursor.top) }, table, lines);
    windows.places.list = area::place(table, shown.top);
    for at in shown.top..shown.top + shown.count {
        let line = area::line(table, cells(at - shown.top));
        if at == later && lines > rows.len() {
            canvas.text(line, "due later", canvas.palette.heading);
            continue;
        }
        let row = if at > later { at - 1 } else { at };
        let Some(criterion) = rows.get(row) else { continue };
        draw_row(canvas, line, model, criterion);
        if row == cursor.at {
            canvas.select(line, focus);
        }
    }
    canvas.thumb(table, shown.top, lines);
}

/// Where the columns of the table stand; those without room have no width.
struct Columns {
    verdict: Rect,
    title: Rect,
    value: Rect,
    target: Rect,
    margin: Rect,
    source: Rect,
    due: Rect,
    age: Rect,
}

impl Columns {
    fn of(line: Rect) -> Self {
        let wide = line.width >= WIDE_FROM;
        let (verdict, rest) = area::left(line, 11);
        let (age, rest) = area::right(rest, if wide { 8 } else { 0 });
        let (due, rest) = area::right(rest, 9);
        let (source, rest) = area::right(rest, if line.width >= SOURCE_FROM { 26 } else { 0 });
        let (margin, rest) = area::right(rest, if wide { 15 } else { 0 });
        let (target, rest) = area::right(rest, if wide { 16 } else { 0 });
        // A title of the length that titles may have is never cut where there is a table; what was measured is short.
        let title = if wide { TITLE.min(rest.width.saturating_sub(VALUE)) } else { rest.width * 11 / 20 };
        let (title, value) = area::left(rest, title);
        let title = Rect { width: title.width.saturating_sub(2), ..title };
        let value = Rect { width: value.width.saturating_sub(1), ..value };
        let (_, source) = area::left(source, 2);
        let (_, margin) = area::left(margin, 2);
        Self { verdict, title, value, target, margin, source, due, age }
    }
}

fn head(canvas: &mut Canvas<'_>, area: Rect) -> Rect {
    let (line, rest) = area::top(area, 1);
    let columns = Columns::of(line);
    let dim = canvas.palette.dim;
    canvas.text(columns.verdict, "  VERDICT", dim);
    canvas.text(columns.title, "CRITERION", dim);
    canvas.text(columns.value, "MEASURED", dim);
    canvas.text_right(columns.target, "TARGET", dim);
    canvas.text(columns.margin, "OF THE LIMIT", dim);
    canvas.text(columns.source, "SOURCE", dim);
    canvas.text_right(columns.due, "DUE", dim);
    canvas.text_right(columns.age, "AGE", dim);
    rest
}

/// When the oldest measurement behind a criterion was made.
fn taken(model: &Model, criterion: &Criterion<'_>) -> Option<DateTime<Utc>> {
    model.board.now().zip(criterion.age).map(|(now, age)| now - age).or(criterion.at)
}

fn draw_row(canvas: &mut Canvas<'_>, line: Rect, model: &Model, criterion: &Criterion<'_>) {
    let palette = canvas.palette;
    let columns = Columns::of(line);
    let mark = standing::of_call(criterion.call, canvas.glyphs);
    let tone = palette.tone(mark.tone);
    let word = if criterion.call == Call::DoesNotApply { mark.word.as_str() } else { verdict(criterion.call) };
    canvas.text(columns.verdict, &format!("{} {word}", mark.glyph), tone);
    canvas.text(columns.title, &criterion.item.title, palette.text);
    let measured = standing::measured(model, criterion.item);
    let value = match &measured {
        // A number says it all where it is what the target asks for.
        Some((value, target))
            if columns.target.width > 0
                && (criterion.call == Call::Go || criterion.call == Call::NoGo && !target.bound.holds(*value)) =>
        {
            numbers::quantity_beside(*value, &target.unit, Some(target.bound))
        }
        _ => criterion.value.clone(),
    };
    canvas.text(columns.value, &value, if criterion.call == Call::Go { palette.dim } else { tone });
    let target = criterion.item.targets.first().map(ToString::to_string).unwrap_or_default();
    canvas.text_right(columns.target, &target, palette.dim);
    if let Some(share) = measured.and_then(|(value, target)| used_up(target.bound, value)) {
        margin(canvas, columns.margin, share, criterion.call);
    }
    canvas.text(columns.source, &criterion.source, palette.dim);
    canvas.text_right(columns.due, criterion.due.word(), palette.dim);
    let age = taken(model, criterion).map(|at| numbers::age(model.now, at)).unwrap_or_default();
    canvas.text_right(columns.age, &age, palette.dim);
}

/// How much of its limit a value uses up: 1 is the limit itself. Nothing where a value has to be met exactly.
fn used_up(bound: Bound, value: f64) -> Option<f64> {
    let share = match bound {
        Bound::Below(limit) | Bound::AtMost(limit) => value / limit,
        Bound::AtLeast(limit) => limit / value,
        Bound::Equals(_) => return None,
    };
    (share.is_finite() && share >= 0.0).then_some(share)
}

/// `━━━─────  28 %`.
fn margin(canvas: &mut Canvas<'_>, area: Rect, share: f64, call: Call) {
    if area.width < 10 {
        return;
    }
    let (words, bar) = area::right(area, 6);
    let percent = (share * 100.0).round().clamp(0.0, 999.0);
    // A criterion of several parts may fail although this one holds.
    let bad = share > 1.0 || call == Call::NoGo;
    let style = if bad { canvas.palette.bad } else { canvas.palette.dim };
    canvas.text_right(words, &format!("{percent:.0} %"), style);
    canvas.thin_bar(bar, share, if bad { canvas.palette.bad } else { canvas.palette.bar });
}

/// The criterion in hand, with what its line had to cut.
pub(super) fn in_hand(canvas: &mut Canvas<'_>, area: Rect, model: &Model, criterion: &Criterion<'_>) {
    let (head, body) = area::top(area, 1);
    let due = format!("due {}", criterion.due.word());
    canvas.divide(head, Frame { title: criterion.item.check.word(), note: &due, focus: Focus::Here });
    let mut block = Block::new(usize::from(body.width));
    block.at_most(1, Tone::Title, &criterion.item.title);
    // The number is written as in its line above.
    let value = match standing::measured(model, criterion.item) {
        Some((value, target)) => {
            let more = criterion.value.split_once("; ").map(|(_, more)| format!("; {more}")).unwrap_or_default();
            format!("{} {} ({target}){more}", target.measure, numbers::quantity(value, &target.unit))
        }
        None => criterion.value.clone(),
    };
    block.at_most(2, Tone::Text, &value);
    let targets: Vec<String> = criterion.item.targets.iter().map(|t| format!("{} {t}", t.measure)).collect();
    let age = taken(model, criterion).map(|at| format!("{} old", numbers::age(model.now, at))).unwrap_or_default();
    let age = if criterion.source.is_empty() { String::new() } else { age };
    let reported = [targets.join(", "), criterion.source.clone(), age, about::origin(model, criterion.item)];
    let reported: Vec<String> = reported.into_iter().filter(|part| !part.is_empty()).collect();
    block.push(Line::of(Tone::Dim, reported.join("   ")));
    canvas.lines(body, &block.lines);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_margin_is_what_is_used_up_of_the_limit() {
        assert_eq!(used_up(Bound::Below(30.0), 2.25), Some(0.075));
        assert_eq!(used_up(Bound::AtLeast(98.0), 196.0), Some(0.5));
        assert_eq!(used_up(Bound::AtMost(0.0), 0.0), None);
        assert_eq!(used_up(Bound::Equals(3.0), 3.0), None);
    }
}
