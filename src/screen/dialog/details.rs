//! All about one item: its check, its attempts, its notes.

use super::{open, scrolled};
use crate::checklist::ItemId;
use crate::cockpit::Model;
use crate::cockpit::msg::Windows;
use crate::screen::about;
use crate::screen::area::cells;
use crate::screen::canvas::Canvas;
use crate::screen::line::{Block, Line};
use crate::screen::numbers;
use crate::screen::palette::Tone;
use ratatui::layout::Rect;

pub(super) fn draw(
    canvas: &mut Canvas<'_>,
    area: Rect,
    model: &Model,
    id: &ItemId,
    scroll: usize,
    windows: &mut Windows,
) {
    let width = area.width.saturating_sub(4).min(100);
    let block = block(canvas, model, id, usize::from(width.saturating_sub(4)));
    let height = cells(block.lines.len()).saturating_add(2);
    let inner = open(canvas, area, "Item", "any other key closes", width, height);
    scrolled(canvas, inner, &block.lines, scroll, windows);
}

pub(super) fn block(canvas: &Canvas<'_>, model: &Model, id: &ItemId, columns: usize) -> Block {
    let mut block = Block::new(columns);
    let Some(item) = model.plan.item(id) else {
        block.push(Line::of(Tone::Dim, "this item is not in the checklist"));
        return block;
    };
    block.paragraph(Tone::Title, &item.title);
    block.push(Line::of(Tone::Dim, item.id.as_str()));
    block.space();
    about::state(&mut block, model, canvas.glyphs, item);
    block.space();
    block.field("kind", Tone::Text, item.check.word());
    if let Some((name, environment)) = model.plan.environment_of(item) {
        block.field("runs in", Tone::Text, name.as_str());
        block.field("command", Tone::Text, &item.check.kind().command(environment).unwrap_or_default());
    }
    about::field_of_check(&mut block, model, item);
    about::fields(&mut block, model, item);
    if let Some(timeout) = item.timeout {
        block.field("timeout", Tone::Text, &timeout.to_string());
    }
    if let Some(offset) = item.offset {
        block.field("planned", Tone::Text, &offset.to_string());
    }
    let attempts = model.state.history(id).map(|history| history.attempts.as_slice()).unwrap_or_default();
    let known: Vec<_> = attempts.iter().filter_map(|number| model.state.attempt(*number)).collect();
    for number in attempts.iter().rev() {
        let Some(attempt) = model.state.attempt(*number) else { continue };
        block.heading(&format!(
            "Attempt {number} by {}, {} UTC, {}",
            attempt.by,
            numbers::date_time(attempt.started),
            attempt.environment
        ));
        about::attempt(&mut block, model, canvas.glyphs, attempt, usize::MAX);
        about::differs(&mut block, canvas.glyphs, &known, attempt);
        for measured in attempt.outcome().map(|outcome| outcome.measured.as_slice()).unwrap_or_default() {
            let value = numbers::quantity(measured.value, &measured.unit);
            block.push(Line::of(Tone::Dim, format!("{:<24} ", measured.name)).with(Tone::Text, value));
        }
    }
    let mut notes = Block::new(columns);
    about::notes(&mut notes, model, item, usize::MAX);
    if !notes.lines.is_empty() {
        block.heading("Notes");
        block.lines.extend(notes.lines);
    }
    block
}
