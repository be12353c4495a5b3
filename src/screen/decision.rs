//! Go or no-go: the outlook with its reasons, the poll beside it, then every criterion.
//!
//! ```text
//! ╭ Go/No-Go ─────────────────────────────────────────────────────────────────────────╮
//! │ ▓ NO-GO   12 go · 1 no-go · 0 pending · 7 due later            not decided yet ▓   │
//! │ [▶ 1 Criteria 12/13] › ○ 2 Poll 1/3 › ○ 3 Decision                                 │
//! │   • Run the migration: exit status 1          Poll               1 of 3 answered   │
//! │                                               ✔ go      QA Lead   Kim, 2 min       │
//! ├ Criteria due now ──────────────────────────────────────────────────────────────────┤
//! │ ✔ GO       Rows are preserved     17 tables   = 0 rows                2 min         │
//! │ ? PENDING  p95 below 200 ms       no verdict  ≤ 200 ms                              │
//! │ due later                                                                          │
//! ├ in hand ───────────────────────────────────────────────────────────────────────────┤
//! │ …                                                                                  │
//! ╰────────────────────────────────────────────────────────────────────────────────────╯
//! ```

mod band;
mod poll;
mod table;
mod verdict;

use super::area::{self, cells};
use super::canvas::{Canvas, Focus, Frame};
use super::line::{Block, Line};
use super::list;
use super::palette::Tone;
use super::text;
use crate::cockpit::model::Aside;
use crate::cockpit::msg::Windows;
use crate::cockpit::{Model, Screen};
use crate::deployment::criteria::{NO_VERDICT, criteria};
use ratatui::layout::Rect;
use std::fmt::Write as _;

/// From this width on the poll stands beside the outlook.
const BESIDE_FROM: u16 = 96;
/// Lines kept at the bottom for the criterion in hand.
const IN_HAND: u16 = 5;
/// Lines that criteria take which are inconclusive for one reason.
const GROUPED: usize = 2;
/// Lines of the table that what stands above it leaves over.
const TABLE: u16 = 6;

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model, windows: &mut Windows) {
    let inner = canvas.frame(area, Frame { title: "Go/No-Go", note: "", focus: Focus::Here });
    let rest = band::draw(canvas, inner, model);
    let rest = above(canvas, rest, model, windows);
    let rows = table::sorted(criteria(&model.plan, &model.state, &model.board));
    let (head, rest) = area::top(rest, 1);
    canvas.divide(head, Frame { title: "Criteria due now", note: "", focus: Focus::Here });
    let (below, table) = area::bottom(rest, if rest.height > IN_HAND + 5 { IN_HAND } else { 0 });
    table::draw(canvas, table, model, &rows, windows);
    if model.aside == Aside::Beside {
        if let Some(reason) = worded(model, usize::MAX).get(model.cursor_beside(Screen::Decision).at) {
            reason_in_hand(canvas, below, reason);
        }
    } else if let Some(criterion) = rows.get(model.cursor(Screen::Decision).at) {
        table::in_hand(canvas, below, model, criterion);
    }
}

/// What was decided, what it would be now, and the poll; gives the area left below.
fn above(canvas: &mut Canvas<'_>, inner: Rect, model: &Model, windows: &mut Windows) -> Rect {
    let most = inner.height.saturating_sub(TABLE).max(inner.height / 2);
    if inner.width >= BESIDE_FROM {
        let (right, left) = area::right(inner, (inner.width * 9 / 20).min(64));
        let left = Rect { width: left.width.saturating_sub(3), ..left };
        let block = poll::block(canvas.glyphs, model, usize::from(right.width));
        let tall = cells(block.lines.len()).min(most);
        canvas.lines(area::top(right, tall).0, &block.lines);
        let used = outlook(canvas, area::top(left, most).0, model, windows);
        return area::top(inner, tall.max(used)).1;
    }
    let block = poll::block(canvas.glyphs, model, usize::from(inner.width));
    let tall = cells(block.lines.len()).min(most / 2);
    let used = outlook(canvas, area::top(inner, most - tall).0, model, windows);
    let (_, rest) = area::top(inner, used);
    let (place, rest) = area::top(rest, tall);
    canvas.lines(place, &block.lines);
    rest
}

/// The decision, and why it would not be a go now; gives the lines it lasted.
fn outlook(canvas: &mut Canvas<'_>, area: Rect, model: &Model, windows: &mut Windows) -> u16 {
    let block = verdict::block(canvas.glyphs, model, usize::from(area.width));
    let tall = cells(block.lines.len()).min(area.height.saturating_sub(1).max(1));
    let (place, rest) = area::top(area, tall);
    canvas.lines(place, &block.lines);
    let left = reasons(canvas, rest, model, windows);
    area.height - left.height
}

/// Why it is not a go: in whole sentences where they fit, else a line each in a list that scrolls; gives what is left.
fn reasons(canvas: &mut Canvas<'_>, area: Rect, model: &Model, windows: &mut Windows) -> Rect {
    let reasons = worded(model, usize::from(area.width) * GROUPED);
    windows.aside_end = reasons.len().saturating_sub(1);
    let room = area.height.max(1);
    let mut block = Block::new(usize::from(area.width));
    let sign = Line::of(Tone::Dim, format!("  {} ", canvas.glyphs.bullet));
    for reason in &reasons {
        block.behind(&sign, 2, Tone::Text, reason);
    }
    if model.aside == Aside::Main && block.lines.len() <= usize::from(room) {
        windows.aside = usize::from(room);
        let (place, rest) = area::top(area, cells(block.lines.len()));
        canvas.lines(place, &block.lines);
        return rest;
    }
    let (place, rest) = area::top(area, room.min(cells(reasons.len())));
    windows.aside = usize::from(place.height);
    let cursor = model.cursor_beside(Screen::Decision);
    let shown = list::visible(cursor, place, reasons.len());
    windows.places.aside = area::place(place, shown.top);
    for (at, reason) in reasons.iter().enumerate().skip(shown.top).take(shown.count) {
        let line = area::line(place, cells(at - shown.top));
        canvas.line(line, &sign.clone().with(Tone::Text, reason.clone()));
        if model.aside == Aside::Beside && at == cursor.at {
            canvas.select(line, Focus::Here);
        }
    }
    canvas.thumb(place, shown.top, reasons.len());
    let below = reasons.len().saturating_sub(shown.top + shown.count);
    if below > 0 && place.height > 0 {
        let words = format!("  {below} more {} below", if below == 1 { "reason" } else { "reasons" });
        canvas.text_right(area::line(place, place.height - 1), &words, canvas.palette.accent);
    }
    rest
}

/// Why it is not a go, a line each; criteria that are inconclusive for one and the same reason share a line, because the table
/// below names each of them: `13 without data: Migration duration < 30 s, Service started and 11 more`.
fn worded(model: &Model, columns: usize) -> Vec<String> {
    let reasons = model.summary.outlook.iter().flat_map(|outlook| &outlook.reasons);
    let mut lines = Vec::new();
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for reason in reasons {
        let title = model.plan.item(&reason.item).map_or("", |item| item.in_sentence());
        let why = reason.text.strip_prefix(title).and_then(|rest| rest.strip_prefix(" is inconclusive: "));
        match (why, groups.iter_mut().find(|(known, _)| Some(*known) == why)) {
            (None, _) => lines.push(reason.text.clone()),
            (Some(_), Some((_, titles))) => titles.push(title),
            (Some(why), None) => groups.push((why, vec![title])),
        }
    }
    lines.extend(groups.into_iter().map(|(why, titles)| match titles.as_slice() {
        [only] => format!("{only} is inconclusive: {why}"),
        _ => together(why, &titles, columns),
    }));
    lines
}

fn together(why: &str, titles: &[&str], columns: usize) -> String {
    let count = titles.len();
    let mut text = match why {
        NO_VERDICT => format!("{count} without data: "),
        _ => format!("{count} inconclusive, {why}: "),
    };
    for (at, title) in titles.iter().enumerate() {
        if at > 0 && text::width(&text).saturating_add(text::width(title) + 16) > columns {
            let _ = write!(text, " and {} more", count - at);
            break;
        }
        text.push_str(if at > 0 { ", " } else { "" });
        text.push_str(title);
    }
    text
}

fn reason_in_hand(canvas: &mut Canvas<'_>, area: Rect, text: &str) {
    let (head, body) = area::top(area, 1);
    canvas.divide(head, Frame { title: "why", note: "", focus: Focus::Here });
    let mut block = Block::new(usize::from(body.width));
    block.at_most(usize::from(body.height), Tone::Text, text);
    canvas.lines(body, &block.lines);
}
