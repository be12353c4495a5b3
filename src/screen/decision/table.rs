//! Every criterion with verdict, value, target, source and age.

use crate::cockpit::model::Aside;
use crate::cockpit::msg::Windows;
use crate::cockpit::{Model, Screen};
use crate::deployment::criteria::{Call, Criterion};
use crate::screen::about;
use crate::screen::area::{self, cells};
use crate::screen::canvas::{Canvas, Focus, Frame};
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

pub fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model, rows: &[Criterion<'_>], windows: &mut Windows) {
    if rows.is_empty() {
        canvas.text(area, "this checklist has no go/no-go criterion", canvas.palette.dim);
    }
    let table = if area.height > 6 && !rows.is_empty() { head(canvas, area) } else { area };
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
}

/// Where the columns of the table stand; those without room have no width.
struct Columns {
    verdict: Rect,
    title: Rect,
    value: Rect,
    target: Rect,
    source: Rect,
    due: Rect,
    age: Rect,
}

impl Columns {
    fn of(line: Rect) -> Self {
        let wide = line.width >= WIDE_FROM;
        let (verdict, rest) = area::left(line, 16);
        let (age, rest) = area::right(rest, if wide { 8 } else { 0 });
        let (due, rest) = area::right(rest, 10);
        let (source, rest) = area::right(rest, if line.width >= SOURCE_FROM { 26 } else { 0 });
        let (target, rest) = area::right(rest, if wide { 18 } else { 0 });
        let (title, value) = area::left(rest, rest.width / 2);
        let title = Rect { width: title.width.saturating_sub(2), ..title };
        let value = Rect { width: value.width.saturating_sub(1), ..value };
        let (_, source) = area::left(source, 2);
        Self { verdict, title, value, target, source, due, age }
    }
}

fn head(canvas: &mut Canvas<'_>, area: Rect) -> Rect {
    let (line, rest) = area::top(area, 1);
    let columns = Columns::of(line);
    let dim = canvas.palette.dim;
    canvas.text(columns.verdict, "  verdict", dim);
    canvas.text(columns.title, "criterion", dim);
    canvas.text(columns.value, "value", dim);
    canvas.text_right(columns.target, "target", dim);
    canvas.text(columns.source, "source", dim);
    canvas.text_right(columns.due, "due", dim);
    canvas.text_right(columns.age, "age", dim);
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
    canvas.text(columns.verdict, &format!("{} {}", mark.glyph, mark.word), tone);
    canvas.text(columns.title, &criterion.item.title, palette.text);
    canvas.text(columns.value, &criterion.value, if criterion.call == Call::Go { palette.dim } else { tone });
    let target = criterion.item.targets.first().map(ToString::to_string).unwrap_or_default();
    canvas.text_right(columns.target, &target, palette.dim);
    canvas.text(columns.source, &criterion.source, palette.dim);
    canvas.text_right(columns.due, criterion.due.word(), palette.dim);
    let age = taken(model, criterion).map(|at| numbers::age(model.now, at)).unwrap_or_default();
    canvas.text_right(columns.age, &age, palette.dim);
}

/// The criterion in hand, with what its line had to cut.
pub fn in_hand(canvas: &mut Canvas<'_>, area: Rect, model: &Model, criterion: &Criterion<'_>) {
    let (head, body) = area::top(area, 1);
    let due = format!("due {}", criterion.due.word());
    canvas.divide(head, Frame { title: criterion.item.check.word(), note: &due, focus: Focus::Here });
    let mut block = Block::new(usize::from(body.width));
    block.at_most(1, Tone::Title, &criterion.item.title);
    block.at_most(2, Tone::Text, &criterion.value);
    let targets: Vec<String> = criterion.item.targets.iter().map(|t| format!("{} {t}", t.measure)).collect();
    let age = taken(model, criterion).map(|at| format!("{} old", numbers::age(model.now, at))).unwrap_or_default();
    let age = if criterion.source.is_empty() { String::new() } else { age };
    let told = [targets.join(", "), criterion.source.clone(), age, about::origin(model, criterion.item)];
    let told: Vec<String> = told.into_iter().filter(|part| !part.is_empty()).collect();
    block.push(Line::of(Tone::Dim, told.join("   ")));
    canvas.lines(body, &block.lines);
}
