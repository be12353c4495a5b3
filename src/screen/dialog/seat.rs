//! The captain's seat: who sits there, since when, whether that session still lives, and what can be done about it.
//!
//! ```text
//! ╭ The captain's seat ────────────────────────────────╮
//! │ Kim Minsu sits here                                │
//! │ since    14:00:10 UTC, 12 min ago                  │
//! │ session  ✗ gone, seen at 14:12:00 UTC              │
//! │                                                    │
//! │ › take it over   with a reason, in 23 s            │
//! │                                                    │
//! │ ⏎ take it over   esc close                         │
//! ╰────────────────────────────────────────────────────╯
//! ```

use super::open;
use crate::cockpit::Model;
use crate::cockpit::model::Access;
use crate::cockpit::seat::{Offer, Sitting};
use crate::cockpit::window::span;
use crate::deployment::seat::Captain;
use crate::deployment::state::Stamp;
use crate::screen::area::cells;
use crate::screen::canvas::Canvas;
use crate::screen::line::{Block, Line};
use crate::screen::numbers;
use crate::screen::palette::Tone;
use crate::screen::text;
use ratatui::layout::Rect;

pub(crate) fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model, at: usize) {
    let width = area.width.saturating_sub(8).min(72);
    let mut block = Block::new(usize::from(width.saturating_sub(4)));
    sitter(&mut block, canvas, model);
    block.space();
    let offers = model.offers();
    let at = at.min(offers.len().saturating_sub(1));
    let wide = offers.iter().map(|offer| text::width(offer.word())).max().unwrap_or(0);
    for (number, offer) in offers.iter().enumerate() {
        let here = number == at;
        let sign = if here { canvas.glyphs.cursor } else { " " };
        let tone = if here { Tone::Accent } else { Tone::Text };
        let first = Line::of(Tone::Accent, format!("{sign} ")).with(tone, format!("{:<wide$}   ", offer.word()));
        block.behind(&first, 2, Tone::Dim, &offer.sentence());
    }
    block.space();
    let mut keys = Line::blank();
    if let Some(offer) = offers.get(at) {
        keys = keys.with(Tone::Accent, "⏎").with(Tone::Dim, format!(" {}   ", offer.word()));
    }
    if offers.len() > 1 {
        keys = keys.with(Tone::Accent, "↑ ↓").with(Tone::Dim, " choose   ");
    }
    block.push(keys.with(Tone::Accent, "esc").with(Tone::Dim, " close"));
    let inner = open(canvas, area, "The captain's seat", "", width, cells(block.lines.len()).saturating_add(2));
    canvas.lines(inner, &block.lines);
}

fn sitter(block: &mut Block, canvas: &Canvas<'_>, model: &Model) {
    let (done, failed) = (canvas.glyphs.done, canvas.glyphs.failed);
    match (model.sitting(), &model.state.seats.captain) {
        (Sitting::You, Captain::Held(holder)) => {
            block.paragraph(Tone::Title, "You sit here: this session drives.");
            since(block, model, &holder.stamp);
            block.field("session", Tone::Good, &format!("{done} this one, {}", holder.session));
        }
        (Sitting::Other { name, is_you, gone }, Captain::Held(holder)) => {
            let you = if is_you { " (you) sits here, in another session" } else { " sits here" };
            block.paragraph(Tone::Title, &format!("{name}{you}."));
            since(block, model, &holder.stamp);
            let session = &holder.session;
            match gone {
                Some(gone) => {
                    let at = numbers::time(gone);
                    block.field("session", Tone::Bad, &format!("{failed} gone, seen at {at} UTC ({session})"));
                }
                None if model.access != Access::Flies => {
                    block.field("session", Tone::Dim, &format!("{session}; a watcher cannot see if it is connected"));
                }
                None => block.field("session", Tone::Good, &format!("{done} connected ({session})")),
            }
            block.space();
            block.paragraph(Tone::Text, way(model, is_you, gone.is_some()));
        }
        (Sitting::OnItsWay { from, to, word, since, yours }, _) => {
            block.paragraph(Tone::Title, &format!("{from} handed the seat to {to}, who has not taken it yet."));
            block.field("since", Tone::Text, &when(model, since));
            block.field("word", Tone::Text, &word);
            if !yours {
                block.space();
                block.paragraph(Tone::Text, "Let them take it; if they do not come it can be taken over.");
            }
        }
        (Sitting::Empty, Captain::Left(stamp)) => {
            block.paragraph(Tone::Title, "Nobody sits here.");
            block.field("left by", Tone::Text, &format!("{}, {}", stamp.by, when(model, stamp.at)));
        }
        _ => block.paragraph(Tone::Title, "Nobody ever sat here, so it binds nobody yet."),
    }
}

fn since(block: &mut Block, model: &Model, stamp: &Stamp) {
    block.field("since", Tone::Text, &when(model, stamp.at));
    block.field("user", Tone::Text, &format!("{} on {}", stamp.by.user, stamp.by.host));
}

fn when(model: &Model, at: chrono::DateTime<chrono::Utc>) -> String {
    format!("{} UTC, {} ago", numbers::time(at), span(model.now - at))
}

/// How one comes to the seat of somebody else.
fn way(model: &Model, is_you: bool, gone: bool) -> &'static str {
    let waits = model.offers().iter().any(|offer| matches!(offer, Offer::TakeOver { wait_s: 1.. }));
    match (model.access, is_you, gone) {
        (Access::Replays, ..) => "This is a replay; open the ledger with `gonogo open` to take part.",
        (Access::Watches, ..) => "This cockpit only watches; open the ledger with `gonogo open` to take part.",
        (_, true, true) => "It was your own session, so you may take the seat at once.",
        (_, true, false) => "Release it there, or end that session; then take it here.",
        (_, false, true) if waits => "They may come back for half a minute; then it can be taken over with a reason.",
        (_, false, true) => "They have been gone for long enough: with a reason the seat can be taken over.",
        (_, false, false) => {
            "Here you review: looking, signing, answering a poll and notes work, carrying out does not. Ask them to hand \
             the seat over; nobody takes it from a connected session."
        }
    }
}

/// The word on the hint line for what Enter does.
pub(crate) fn verb(model: &Model, at: usize) -> Option<&'static str> {
    let offers = model.offers();
    offers.get(at.min(offers.len().saturating_sub(1))).map(|offer: &Offer| offer.word())
}
