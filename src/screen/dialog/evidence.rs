//! What a sign-off is given for, to be read to its end.
//!
//! ```text
//! ╭ Evidence: QA Lead, Production ──── 40 % ╮
//! │ Phases covered                           │
//! │   17/17 Setup, done                      │
//! ╰──────────────────────────────────────────╯
//! ```

use super::{open, scrolled};
use crate::cockpit::Model;
use crate::cockpit::dialog::Evidence;
use crate::cockpit::msg::Windows;
use crate::screen::area::cells;
use crate::screen::canvas::Canvas;
use crate::screen::line::{Block, Line};
use crate::screen::palette::Tone;
use ratatui::layout::Rect;

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model, evidence: &Evidence, windows: &mut Windows) {
    let width = area.width.saturating_sub(4).min(110);
    let mut block = Block::new(usize::from(width.saturating_sub(4)));
    match &evidence.read {
        None => block.push(Line::of(Tone::Dim, "reading the evidence …")),
        Some(review) => {
            for line in &review.lines {
                let reported = line.trim_start();
                match line.len() - reported.len() {
                    _ if reported.is_empty() => block.space(),
                    0 => block.paragraph(Tone::Title, line),
                    deep => block.behind(&Line::of(Tone::Text, " ".repeat(deep)), usize::MAX, Tone::Text, reported),
                }
            }
        }
    }
    let height = cells(block.lines.len()).saturating_add(2);
    let shown = area.height.min(height).saturating_sub(2);
    let end = block.lines.len().saturating_sub(usize::from(shown));
    let note = match (evidence.scroll.min(end) * 100).checked_div(end) {
        Some(percent) if percent < 100 => format!("{percent} %, ⏎ next page"),
        _ => "end, ⏎ signs".to_owned(),
    };
    let known = model.plan.checklist().signoff(&evidence.group);
    let role = known.and_then(|group| Some((group, group.roles.iter().find(|role| role.id == evidence.role)?)));
    let title = role.map_or_else(String::new, |(group, role)| format!("Evidence: {}, {}", role.title, group.title));
    let note = if evidence.read.is_some() { note } else { String::new() };
    let inner = open(canvas, area, &title, &note, width, height);
    scrolled(canvas, inner, &block.lines, evidence.scroll, windows);
}
