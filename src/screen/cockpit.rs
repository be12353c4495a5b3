//! The main screen: everything at once, in as many columns as there is room for.
//!
//! ```text
//!  Setup ✔━1 ✔━2 ✔━[▶ 10 Production 9/22]─Go/No-Go ○─24 h ⊘          rail.rs
//! ╭ 10 Production › Migration ──── 9/22 ╮╭ Migration ────────────────╮
//! │ items of the phase in hand          ││ revision, bar, times      │
//! ├ command · production ──── line 38 ──┤├ Metrics ──────────────────┤
//! │ the item in hand and its output     ││ values, lines, targets    │
//! ╰─────────────────────────────────────╯╰───────────────────────────╯
//!  GO/NO-GO  ? PENDING  1 go · 0 no-go · 13 pending · 7 due later      outlook.rs
//! ```

mod card;
mod hand;
mod items;
mod latest;
mod migration;
mod outlook;
mod panes;
mod phases;
mod rail;

use super::area;
use super::canvas::{Canvas, Focus};
use crate::cockpit::Model;
use crate::cockpit::model::Panel;
use crate::cockpit::msg::{Place, Windows};
use ratatui::layout::Rect;

pub(super) use items::{collapsed, columns_heading, draw_item, section};
pub(super) use migration::{bar, counts, done_words, elapsed_field, eta_words, rate_words, stage_lines};
pub(super) use outlook::verdict;
pub(super) use panes::reading;

/// From these widths on there are three columns, and two.
const THREE_FROM: u16 = 160;
const TWO_FROM: u16 = 100;
/// From this height on the latest records have a panel of their own.
const LATEST_FROM: u16 = 44;
/// Lines of that panel at least, with its frame.
const LATEST: u16 = 10;
/// From this height on the go/no-go line is there on one column too.
const OUTLOOK_FROM: u16 = 12;

/// How the columns stand beside each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Columns {
    /// The list above the item in hand.
    One,
    /// The list above the item in hand, and beside them what is watched.
    Two,
    /// The item in hand beside the list, where there is neither migration nor metric to stand there.
    Apart,
    /// The list, the item in hand, and what is watched.
    Three,
}

impl Columns {
    #[must_use]
    pub(super) fn of(model: &Model, width: u16) -> Self {
        match (width, model.watches_anything()) {
            (TWO_FROM.., false) => Columns::Apart,
            (THREE_FROM.., true) => Columns::Three,
            (TWO_FROM.., true) => Columns::Two,
            _ => Columns::One,
        }
    }

    /// Whether the migration and the metrics stand beside the item in hand.
    pub(super) fn watches(self) -> bool {
        matches!(self, Columns::Two | Columns::Three)
    }

    /// Whether the item in hand has a frame of its own.
    pub(super) fn framed(self) -> bool {
        matches!(self, Columns::Apart | Columns::Three)
    }
}

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model, windows: &mut Windows) {
    windows.places.phases = Place::default();
    let (line, rest) = area::top(area, 1);
    rail::draw(canvas, area::inset(line, 1), model);
    let rest = if area.height >= OUTLOOK_FROM { outlook::draw(canvas, rest, model) } else { rest };
    let rest =
        if rest.height >= LATEST_FROM { latest::draw(canvas, rest, model, latest_lines(rest, model)) } else { rest };
    let rest = card::draw(canvas, rest, model);
    let columns = Columns::of(model, area.width);
    let (beside, main) = match columns {
        Columns::One | Columns::Apart => (Rect::ZERO, rest),
        Columns::Two => area::right(rest, (area.width * 2 / 5).clamp(40, 62)),
        Columns::Three => area::right(rest, (area.width * 3 / 10).clamp(48, 72)),
    };
    if columns.watches() {
        let inner = migration::draw(canvas, beside, model);
        panes::draw(canvas, inner, model, windows);
    }
    if columns.framed() {
        let (hand, list) = area::right(main, main.width / 2);
        list_or_phases(canvas, list, model, columns, windows);
        let focus = if model.panel == Panel::Output { Focus::Here } else { Focus::Elsewhere };
        hand::draw(canvas, hand, model, columns, focus, windows);
    } else if model.panel == Panel::Phases {
        phases::draw(canvas, main, model, windows);
    } else {
        items::draw(canvas, main, model, columns, windows);
    }
}

/// More of the records where the list of the phase leaves the room.
fn latest_lines(area: Rect, model: &Model) -> u16 {
    let wanted = area::cells(model.item_rows.len()).saturating_add(2);
    let quarter = area.height / 4;
    if wanted.saturating_add(quarter) <= area.height { LATEST.max(quarter) } else { LATEST }
}

/// The phases with what their gates lack, while they have the keys; the items of the one in hand otherwise.
fn list_or_phases(canvas: &mut Canvas<'_>, area: Rect, model: &Model, columns: Columns, windows: &mut Windows) {
    if model.panel == Panel::Phases {
        phases::draw(canvas, area, model, windows);
    } else {
        items::draw_list(canvas, area, model, columns, windows);
    }
}
