//! All keys in groups, made from the keymap.

use super::{open, scrolled};
use crate::cockpit::Model;
use crate::cockpit::action::{Action, Group};
use crate::cockpit::msg::Windows;
use crate::cockpit::replay::keys::{ROWS, scrub};
use crate::screen::area::cells;
use crate::screen::canvas::Canvas;
use crate::screen::line::{Block, Line};
use crate::screen::palette::Tone;
use crate::screen::text;
use ratatui::layout::Rect;

/// From this width on the groups stand in two columns.
const TWO_FROM: u16 = 116;
/// Columns of the keys.
const KEYS: usize = 9;

pub fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model, scroll: usize, windows: &mut Windows) {
    let two = area.width >= TWO_FROM;
    let width = area.width.saturating_sub(4).min(if two { 132 } else { 84 });
    let columns = usize::from(width.saturating_sub(4));
    let lines = if two { two_columns(model, columns) } else { one_column(model, columns, &Group::ALL) };
    let height = cells(lines.len()).saturating_add(2);
    let inner = open(canvas, area, "Keys", "any other key closes", width, height);
    scrolled(canvas, inner, &lines, scroll, windows);
}

fn one_column(model: &Model, columns: usize, groups: &[Group]) -> Vec<Line> {
    let mut block = Block::new(columns);
    for group in groups {
        // What only acts is refused in a replay, so that the keys of its time line stand in its place.
        let replays = model.replay.is_some();
        let shown = |action: &&Action| action.group() == *group && !(replays && action.acts());
        if replays && *group == Group::Run {
            block.heading("Replay");
            for (keys, _, _, sentence) in ROWS {
                row(&mut block, keys, sentence);
            }
        }
        if !Action::ALL.iter().any(|action| shown(&action)) {
            continue;
        }
        block.heading(group.title());
        for action in Action::ALL.iter().filter(shown) {
            let keys = model.keymap.keys(*action).filter(|key| !replays || scrub(*key).is_none());
            let keys: Vec<String> = keys.map(|key| key.to_string()).collect();
            row(&mut block, &keys.join(" "), action.sentence());
        }
    }
    block.lines
}

fn row(block: &mut Block, keys: &str, sentence: &str) {
    let pad = " ".repeat(KEYS.saturating_sub(text::width(keys)));
    block.behind(&Line::of(Tone::Accent, format!("{keys}{pad} ")), usize::MAX, Tone::Text, sentence);
}

fn two_columns(model: &Model, columns: usize) -> Vec<Line> {
    let half = columns.saturating_sub(3) / 2;
    let left = one_column(model, half, &Group::ALL[..3]);
    let right = one_column(model, half, &Group::ALL[3..]);
    let mut lines = Vec::with_capacity(left.len().max(right.len()));
    for at in 0..left.len().max(right.len()) {
        let mut line = left.get(at).cloned().unwrap_or_default();
        if let Some(beside) = right.get(at) {
            let pad = " ".repeat((half + 3).saturating_sub(line.width()));
            line = line.with(Tone::Text, pad);
            line.runs.extend(beside.runs.clone());
        }
        lines.push(line);
    }
    lines
}
