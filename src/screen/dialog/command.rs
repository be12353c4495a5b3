//! A proposed command as written, to be looked at before it is armed.
//!
//! ```text
//! ╭ Command 1 of 2 ───────── tab the other one ╮
//! │ Deploy it                                   │
//! │ line 12 of release.md                       │
//! │                                             │
//! │ $ deploy <env> --version vX.Y.Z             │
//! │                                             │
//! │ to fill in <env>, vX.Y.Z                    │
//! │ runs in    /srv/release (here)              │
//! │ ⏎ enable   esc cancel                     │
//! ╰─────────────────────────────────────────────╯
//! ```

use super::{open, scrolled};
use crate::checklist::proposal::{Proposal, ProposalLanguage, destructive};
use crate::checklist::{Item, ItemId};
use crate::cockpit::Model;
use crate::cockpit::describe::place;
use crate::cockpit::msg::Windows;
use crate::screen::area::cells;
use crate::screen::canvas::Canvas;
use crate::screen::line::{Block, Line};
use crate::screen::palette::Tone;
use crate::screen::text;
use ratatui::layout::Rect;

pub(super) fn draw(
    canvas: &mut Canvas<'_>,
    area: Rect,
    model: &Model,
    (id, number): (&ItemId, u32),
    scroll: usize,
    windows: &mut Windows,
) {
    let Some(item) = model.plan.item(id) else { return };
    let index = usize::try_from(number).unwrap_or_default().saturating_sub(1);
    let Some(proposal) = item.proposals.get(index) else { return };
    let width = area.width.saturating_sub(4).min(100);
    let block = block(canvas, model, item, proposal, usize::from(width.saturating_sub(4)));
    let count = item.proposals.len();
    let (title, note) = if count == 1 {
        ("A proposed command".to_owned(), "")
    } else {
        (format!("Proposed command {number} of {count}"), "tab shows the next")
    };
    let height = cells(block.lines.len()).saturating_add(2);
    let inner = open(canvas, area, &title, note, width, height);
    scrolled(canvas, inner, &block.lines, scroll, windows);
}

fn block(canvas: &Canvas<'_>, model: &Model, item: &Item, proposal: &Proposal, columns: usize) -> Block {
    let mut block = Block::new(columns);
    block.paragraph(Tone::Title, &item.title);
    if let (Some(line), Some(source)) = (proposal.line, &model.plan.checklist().source) {
        block.push(Line::of(Tone::Dim, format!("line {line} of {source}")));
    }
    block.space();
    let prompt = format!("{} ", canvas.glyphs.prompt);
    let indent = text::width(&prompt);
    let first = proposal.first_line();
    for (at, line) in first.into_iter().chain(proposal.text.lines()).enumerate() {
        for (part, piece) in text::pieces(line, columns.saturating_sub(indent)).into_iter().enumerate() {
            let first = if at == 0 && part == 0 { prompt.clone() } else { " ".repeat(indent) };
            block.push(Line::of(Tone::Accent, first).with(Tone::Text, piece));
        }
    }
    block.push(Line::blank());
    if let Some(line) = first {
        block.field("added", Tone::Dim, &format!("`{line}`: the first command that fails ends it"));
    }
    if let Some(what) = destructive(&proposal.text) {
        block.field("beware", Tone::Bad, &format!("it {what}"));
    }
    if proposal.language == ProposalLanguage::Sql {
        block.field("SQL", Tone::Warning, "is run by hand, or by an `sql` check of a checklist with a database");
        return block;
    }
    block.field("to fill in", Tone::Warning, &proposal.placeholders().join(", "));
    block.field("expects", Tone::Text, &proposal.variables().join(", "));
    block.field("runs in", Tone::Text, &place(model, item));
    if let Some(armed) = model.state.history(&item.id).and_then(|history| history.armed()) {
        block.field("enabled", Tone::Warning, &armed.command);
    }
    block.space();
    let open = proposal.placeholders().is_empty() && proposal.variables().is_empty();
    let keys = Line::of(Tone::Accent, "⏎").with(Tone::Dim, if open { " enable" } else { " fill in and enable" });
    block.push(keys.with(Tone::Accent, "   esc").with(Tone::Dim, " cancel"));
    block
}
