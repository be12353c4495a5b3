//! Who has which role, and what is wrong with that.
//!
//! ```text
//! ╭ Roles ───────────────────────────────────────╮
//! │ Staging                                       │
//! │   QA Lead              Kim Minsu              │
//! │   DBA                  nobody                 │
//! │ ! nobody is DBA, Staging                      │
//! │ ⏎ give   u take back   esc close              │
//! ╰───────────────────────────────────────────────╯
//! ```

use super::open;
use crate::cockpit::list::ListCursor;
use crate::cockpit::msg::Windows;
use crate::cockpit::{Action, Model};
use crate::screen::area::{self, cells};
use crate::screen::canvas::{Canvas, Focus};
use crate::screen::line::{Block, Line};
use crate::screen::list;
use crate::screen::palette::Tone;
use ratatui::layout::Rect;

/// Concerns reported below the list.
const REPORTED: usize = 4;

enum Row<'a> {
    Group(&'a str),
    /// A role's title and who has it.
    Role(&'a str, Option<&'a str>),
}

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model, cursor: ListCursor, windows: &mut Windows) {
    let mut rows = Vec::new();
    let mut in_hand = 0;
    let mut count = 0;
    for group in &model.plan.checklist().signoffs {
        rows.push(Row::Group(&group.title));
        for role in &group.roles {
            if count == cursor.at {
                in_hand = rows.len();
            }
            count += 1;
            let held = model.state.roles.get(&(group.id.clone(), role.id.clone()));
            rows.push(Row::Role(&role.title, held.map(|held| held.person.as_str())));
        }
    }
    let width = area.width.saturating_sub(8).min(76);
    let below = below(canvas, model, usize::from(width.saturating_sub(4)));
    let height = cells(rows.len() + below.lines.len()).saturating_add(2);
    let inner = open(canvas, area, "Roles", "", width, height);
    let (foot, table) = area::bottom(inner, cells(below.lines.len()).min(inner.height.saturating_sub(2)));
    windows.dialog = usize::from(table.height);
    let shown = list::visible(ListCursor { at: in_hand, top: 0 }, table, rows.len());
    for (at, row) in rows.iter().enumerate().skip(shown.top).take(shown.count) {
        let line = area::line(table, cells(at - shown.top));
        draw_row(canvas, line, row);
        if at == in_hand {
            canvas.select(line, Focus::Here);
        }
    }
    canvas.thumb(table, shown.top, rows.len());
    canvas.lines(foot, &below.lines);
}

fn draw_row(canvas: &mut Canvas<'_>, line: Rect, row: &Row<'_>) {
    let palette = canvas.palette;
    let (role, person) = match *row {
        Row::Group(title) => {
            canvas.text(line, title, palette.heading);
            return;
        }
        Row::Role(title, person) => (title, person),
    };
    let (title, place) = area::left(line, line.width / 2);
    let (_, title) = area::left(title, 2);
    canvas.text(Rect { width: title.width.saturating_sub(1), ..title }, role, palette.text);
    match person {
        Some(person) => canvas.text(place, person, palette.text),
        None => canvas.text(place, "nobody", palette.warning),
    };
}

fn below(canvas: &Canvas<'_>, model: &Model, columns: usize) -> Block {
    let mut block = Block::new(columns);
    block.push(Line::blank());
    let concerns = &model.summary.concerns;
    for concern in concerns.iter().take(REPORTED) {
        let sign = Line::of(Tone::Warning, "! ");
        block.behind(&sign, 2, Tone::Warning, &concern.to_string());
    }
    if concerns.len() > REPORTED {
        block.push(Line::of(Tone::Warning, format!("  and {} more", concerns.len() - REPORTED)));
    }
    if !concerns.is_empty() {
        block.push(Line::blank());
    }
    let take_back = canvas.glyphs.spell(model.keymap.hint(Action::TakeBack).into()).into_owned();
    let keys = Line::of(Tone::Accent, "⏎").with(Tone::Dim, " assign");
    let keys = keys.with(Tone::Accent, format!("   {take_back}")).with(Tone::Dim, " release");
    block.push(keys.with(Tone::Accent, "   esc").with(Tone::Dim, " close"));
    block
}
