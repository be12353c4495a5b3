//! The screen: a model drawn into a frame. It reads and lays out, and neither decides nor adds up.
//!
//! ```text
//! ╭──────────────────────────────────────────────╮
//! │ header: title, environment, step, ledger     │  header.rs
//! │ tabs, trouble, warning                       │
//! │ alerts; the rollback or the end; what calls  │  alerts.rs ended.rs calls.rs
//! ├──────────────────────────────────────────────┤
//! │ one of the screens                           │  cockpit.rs checklist.rs migration.rs panes.rs
//! │                                              │  decision.rs signoffs.rs timeline.rs alerts.rs
//! │      ╭ a dialog over it ╮                    │  dialog.rs
//! │      ╰──────────────────╯                    │
//! ├──────────────────────────────────────────────┤
//! │ the time line of a replay                    │  replay.rs
//! │ answer or advice                             │  footer.rs
//! │ keys                                         │  hints.rs
//! ╰──────────────────────────────────────────────╯
//! ```

mod about;
mod alerts;
mod area;
mod calls;
mod canvas;
mod chart;
mod checklist;
mod cockpit;
mod decision;
mod dialog;
mod ended;
mod footer;
mod gauge;
pub(crate) mod glyphs;
mod header;
pub mod hints;
mod input;
mod line;
mod list;
mod migration;
mod output;
mod palette;
mod panes;
mod replay;
mod signoffs;
mod standing;
mod start;
pub mod text;
mod timeline;

pub use crate::config::theme::Theme;
pub use glyphs::Glyphs;
pub use start::draw as draw_start;

use crate::cockpit::msg::{Places, Shown, Windows};
use crate::cockpit::{Model, Screen};
use crate::deployment::numbers;
use canvas::Canvas;
use palette::Palette;
use ratatui::Frame;
use ratatui::layout::Rect;

/// The smallest screen that anything is drawn on, columns and lines.
pub const SMALLEST: (u16, u16) = (60, 16);

/// Draws the model, and says how high the lists came out; the model wants to know that before the next key.
pub fn draw(frame: &mut Frame<'_>, model: &Model, theme: &Theme, glyphs: &Glyphs) -> Windows {
    let area = frame.area();
    let palette = Palette::new(theme);
    let palette = if model.state.is_going_back() { palette.going_back() } else { palette };
    let mut windows = Windows { places: Places::default(), shown: Shown::default(), ..model.windows };
    let mut canvas = Canvas { buffer: frame.buffer_mut(), palette: &palette, glyphs };
    canvas.tint(area, palette.background.patch(palette.text));
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        too_small(&mut canvas, area);
        return windows;
    }
    let body = header::draw(&mut canvas, area, model, &mut windows);
    let body = alerts::band(&mut canvas, body, model);
    let body = ended::draw(&mut canvas, body, model);
    let body = calls::draw(&mut canvas, body, model);
    let (body, typed) = footer::draw(&mut canvas, body, model);
    let body = replay::draw(&mut canvas, body, model);
    match model.screen {
        Screen::Cockpit => cockpit::draw(&mut canvas, body, model, &mut windows),
        Screen::Checklist => checklist::draw(&mut canvas, body, model, &mut windows),
        Screen::Migration => migration::draw(&mut canvas, body, model, &mut windows),
        Screen::Panes => panes::draw(&mut canvas, body, model, &mut windows),
        Screen::Decision => decision::draw(&mut canvas, body, model, &mut windows),
        Screen::Signoffs => signoffs::draw(&mut canvas, body, model, &mut windows),
        Screen::Timeline => timeline::draw(&mut canvas, body, model, &mut windows),
        Screen::Alerts => alerts::draw(&mut canvas, body, model, &mut windows),
    }
    let over = Rect { height: body.height + footer::spare(area, model), ..body };
    let cursor = model.dialog.as_ref().and_then(|open| dialog::draw(&mut canvas, over, model, open, &mut windows));
    if let Some(cursor) = cursor.or(typed) {
        frame.set_cursor_position(cursor);
    }
    windows
}

fn too_small(canvas: &mut Canvas<'_>, area: Rect) {
    let (columns, lines) = SMALLEST;
    let words =
        format!("gonogo needs {columns}×{lines}, this is {}×{}. Make the window larger.", area.width, area.height);
    let wrapped = text::wrap(&words, usize::from(area.width));
    let place = area::centred(area, area.width, area::cells(wrapped.len()));
    for (at, words) in wrapped.iter().enumerate() {
        let wide = area::cells(text::width(words));
        let line = area::centred(area::line(place, area::cells(at)), wide, 1);
        canvas.text(line, words, canvas.palette.warning);
    }
}
