//! The main screen: everything at once, in as many columns as there is room for.
//!
//! ```text
//! ╭ Checklist ──── 214/265 ╮╭ 10 Production › Migration ── 9/22 ╮╭ Migration ────────────────╮
//! │ phases                 ││ items of the phase in hand        ││ revision, bar, times      │
//! ├ gate closed ───────────┤├ command · production ──── line 38 ┤├ Panes ────────────────────┤
//! │ what it lacks          ││ the item in hand and its output   ││ values, lines, targets    │
//! ╰────────────────────────╯╰───────────────────────────────────╯╰───────────────────────────╯
//! ```

mod hand;
mod items;
mod migration;
mod panes;
mod phases;

use super::area;
use super::canvas::{Canvas, Focus};
use crate::cockpit::Model;
use crate::cockpit::model::Panel;
use crate::cockpit::msg::Windows;
use ratatui::layout::Rect;

pub use items::{draw_item, section};
pub use migration::{bar, counts, done_words, elapsed_field, eta_words, stage_lines};
pub use panes::reading;

/// From these widths on there are three columns, and two.
const THREE_FROM: u16 = 120;
const TWO_FROM: u16 = 100;

/// How the columns stand beside each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Columns {
    One,
    Two,
    /// The item in hand beside the list, where there is neither migration nor pane to stand there.
    Apart,
    Three,
}

impl Columns {
    #[must_use]
    pub fn of(model: &Model, width: u16) -> Self {
        match width {
            THREE_FROM.. if !model.watches_anything() => Columns::Apart,
            THREE_FROM.. => Columns::Three,
            TWO_FROM.. => Columns::Two,
            _ => Columns::One,
        }
    }
}

pub fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model, windows: &mut Windows) {
    match Columns::of(model, area.width) {
        Columns::One if model.panel == Panel::Phases => phases::draw(canvas, area, model, windows),
        Columns::One => items::draw(canvas, area, model, Columns::One, windows),
        Columns::Two => {
            let (left, rest) = area::left(area, (area.width * 3 / 10).clamp(30, 40));
            phases::draw(canvas, left, model, windows);
            items::draw(canvas, rest, model, Columns::Two, windows);
        }
        Columns::Apart => {
            let (left, rest) = area::left(area, (area.width / 4).clamp(32, 44));
            let (right, middle) = area::right(rest, rest.width * 9 / 20);
            phases::draw(canvas, left, model, windows);
            items::draw_list(canvas, middle, model, windows);
            let focus = if model.panel == Panel::Output { Focus::Here } else { Focus::Elsewhere };
            hand::draw(canvas, right, model, Columns::Apart, focus, windows);
        }
        Columns::Three => {
            let (left, rest) = area::left(area, (area.width / 4).clamp(32, 44));
            let (right, middle) = area::right(rest, (area.width * 7 / 25).clamp(34, 60));
            phases::draw(canvas, left, model, windows);
            items::draw(canvas, middle, model, Columns::Three, windows);
            let inner = migration::draw(canvas, right, model);
            panes::draw(canvas, inner, model, windows);
        }
    }
}
