//! The whole checklist as a tree, and the line in hand beside it where there is room.
//!
//! ```text
//! ╭ Checklist  f [all] open 228 failed 3 mine 1 n/a 75 ────── 34/262 done ╮╭ sql · rehearsal-staging ╮
//! │ 1 Pre-migration › Backup of production          TARGET   TIME   STATE ││ All 17 tables present   │
//! │     ✔ Take a backup                                    12.3 s    done ││ …                       │
//! │     · 5 not applicable ▸                                            z ││                         │
//! │ ▸ ⊘ 2 Migration test    gate: QA Lead has not signed             0/22 ││                         │
//! ╰───────────────────────────────────────────────────────────────────────╯╰─────────────────────────╯
//! ```

use super::about;
use super::area::{self, cells};
use super::canvas::{Canvas, Focus, Frame};
use super::cockpit::{collapsed, columns_heading, draw_item, section};
use super::line::{Block, Line};
use super::list;
use super::palette::Tone;
use super::standing;
use crate::checklist::PhaseId;
use crate::cockpit::filter::Filter;
use crate::cockpit::msg::Windows;
use crate::cockpit::tree::Row;
use crate::cockpit::{Action, Model};
use ratatui::layout::Rect;

/// From this width on the line in hand is reported beside the tree.
const BESIDE_FROM: u16 = 110;
/// From this height on a line shows where the first line in sight belongs.
const HEAD_FROM: u16 = 10;

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model, windows: &mut Windows) {
    let (beside, tree) =
        if area.width >= BESIDE_FROM { area::right(area, (area.width * 2 / 5).min(76)) } else { (Rect::ZERO, area) };
    let note = model.summary.total.short();
    let inner = canvas.frame(tree, Frame { title: "Checklist", note: &note, focus: Focus::Here });
    filters(canvas, tree, model);
    let (head, inner) = area::top(inner, u16::from(inner.height >= HEAD_FROM));
    windows.tree = usize::from(inner.height);
    if model.tree_rows.is_empty() {
        let words = match model.filter {
            Filter::All => "this checklist has no items".to_owned(),
            filter => format!("no step is {}; {} next filter", filter.word(), key(model)),
        };
        canvas.text(inner, &words, canvas.palette.dim);
    }
    let shown = list::visible(model.tree_cursor, inner, model.tree_rows.len());
    windows.places.tree = area::place(inner, shown.top);
    heading(canvas, head, model, shown.top);
    for (at, row) in model.tree_rows.iter().enumerate().skip(shown.top).take(shown.count) {
        let line = area::line(inner, cells(at - shown.top));
        draw_row(canvas, line, model, row);
        if at == model.tree_cursor.at {
            canvas.select(line, Focus::Here);
        }
    }
    canvas.thumb(inner, shown.top, model.tree_rows.len());
    if !beside.is_empty() {
        in_hand(canvas, beside, model);
    }
}

fn key(model: &Model) -> String {
    model.keymap.hint(Action::Filter)
}

/// The filters on the frame, with how many steps each shows.
fn filters(canvas: &mut Canvas<'_>, area: Rect, model: &Model) {
    let total = &model.summary.total;
    let mut line = Line::of(Tone::Accent, format!(" {}", key(model)));
    for filter in Filter::ALL {
        let count = match filter {
            Filter::All | Filter::Mine => String::new(),
            Filter::Open => format!(" {}", total.left()),
            Filter::Failed => format!(" {}", total.failed),
            Filter::NotApplicable => format!(" {}", total.inapplicable),
        };
        line = if filter == model.filter {
            line.with(Tone::Title, format!(" [{}{count}]", filter.word()))
        } else {
            line.with(Tone::Dim, format!(" {}{count}", filter.word()))
        };
    }
    let (_, place) = area::left(area::line(area, 0), 12);
    // The frame's own note keeps its place.
    if usize::from(place.width) >= line.width() + 14 {
        canvas.line(place, &line.with(Tone::Text, " "));
    }
}

/// Where the first line in sight belongs, and what the columns hold.
fn heading(canvas: &mut Canvas<'_>, line: Rect, model: &Model, top: usize) {
    let section = match model.tree_rows.get(top) {
        Some(Row::Item(id, _)) => model.plan.section_of(id).map(|section| section.id.clone()),
        Some(Row::Collapsed(id, _)) => Some(id.clone()),
        Some(Row::Phase(_) | Row::Section(_)) | None => None,
    };
    let used = columns_heading(canvas, line);
    let line = Rect { width: line.width.saturating_sub(used + 1), ..line };
    let Some(section) = section else { return };
    let phases = &model.plan.checklist().phases;
    let found = phases.iter().find_map(|phase| Some((phase, phase.sections.iter().find(|s| s.id == section)?)));
    if let Some((phase, section)) = found {
        let words = format!("{} {} {}", phase.title, canvas.glyphs.step, section.title);
        canvas.text(line, &words, canvas.palette.heading);
    }
}

fn draw_row(canvas: &mut Canvas<'_>, line: Rect, model: &Model, row: &Row) {
    let fold = if model.folds.is_folded(row) { canvas.glyphs.folded } else { canvas.glyphs.unfolded };
    match row {
        Row::Phase(id) => {
            canvas.text(line, fold, canvas.palette.dim);
            phase(canvas, area::left(line, 2).1, model, id);
        }
        Row::Section(id) => {
            let (_, line) = area::left(line, 2);
            canvas.text(line, fold, canvas.palette.dim);
            section(canvas, area::left(line, 2).1, model, id);
        }
        Row::Collapsed(_, count) => collapsed(canvas, area::left(line, 4).1, model, *count),
        Row::Item(id, depth) => {
            let (_, line) = area::left(line, 4);
            if let Some(item) = model.plan.item(id) {
                draw_item(canvas, line, model, item, *depth);
                if !item.items.is_empty() && model.folds.is_folded(row) {
                    let (before, _) = area::left(Rect { x: line.x.saturating_sub(2), ..line }, 1);
                    canvas.text(before, fold, canvas.palette.dim);
                }
            }
        }
    }
}

fn phase(canvas: &mut Canvas<'_>, line: Rect, model: &Model, id: &PhaseId) {
    let Some(phase) = model.plan.checklist().phase(id) else { return };
    let Some(summary) = model.summary.phases.iter().find(|summary| summary.id == *id) else { return };
    let mark = standing::of_phase(summary, canvas.glyphs);
    let tone = canvas.palette.tone(mark.tone);
    canvas.text(line, mark.glyph, tone);
    let counts = summary.tally.short();
    let words = if mark.word == counts { counts } else { format!("{}   {counts}", mark.word) };
    let used = canvas.text_right(line, &words, if mark.tone == Tone::Text { canvas.palette.dim } else { tone });
    let (_, rest) = area::left(line, 2);
    let rest = Rect { width: rest.width.saturating_sub(used + 2), ..rest };
    let used = canvas.text(rest, &phase.title, canvas.palette.title);
    if let Some(first) = summary.missing.first() {
        let (_, rest) = area::left(rest, used + 3);
        if rest.width >= 12 {
            canvas.text(rest, first, canvas.palette.dim);
        }
    }
}

/// All about the line in hand.
fn in_hand(canvas: &mut Canvas<'_>, area: Rect, model: &Model) {
    let row = model.tree_rows.get(model.tree_cursor.at);
    let mut block = Block::new(usize::from(area.width.saturating_sub(4)));
    let (mut title, mut note) = (String::new(), String::new());
    match row {
        Some(Row::Item(id, _)) => {
            if let Some(item) = model.plan.item(id) {
                item.check.word().clone_into(&mut title);
                if let Some((name, _)) = model.plan.environment_of(item) {
                    title = format!("{title} · {name}");
                }
                note = about::short_origin(item);
                block.paragraph(Tone::Title, &item.title);
                block.space();
                about::action(&mut block, model, canvas.glyphs, item, 4);
                if let Some(attempt) = model.state.latest(id) {
                    about::attempt(&mut block, model, canvas.glyphs, attempt, 6);
                }
                about::state(&mut block, model, canvas.glyphs, item);
                block.space();
                about::check_field(&mut block, model, item);
                about::fields(&mut block, model, item);
                about::notes(&mut block, model, item, 3);
            }
        }
        Some(Row::Section(id)) => {
            "section".clone_into(&mut title);
            let phase = model.plan.checklist().phases.iter().flat_map(|phase| &phase.sections);
            if let Some(section) = phase.into_iter().find(|section| section.id == *id) {
                block.paragraph(Tone::Title, &section.title);
                block.space();
                if section.order == crate::checklist::model::Order::Steps {
                    block.field("order", Tone::Text, "each item waits for the one before");
                }
                let after: Vec<String> = section.after.iter().map(ToString::to_string).collect();
                block.field("after", Tone::Text, &after.join(", "));
                block.field("planned", Tone::Text, &section.offset.map(|o| o.to_string()).unwrap_or_default());
                block.field("note", Tone::Text, section.note.as_deref().unwrap_or_default());
            }
        }
        Some(Row::Phase(id)) => {
            "phase".clone_into(&mut title);
            if let Some(phase) = model.plan.checklist().phase(id) {
                block.paragraph(Tone::Title, &phase.title);
                block.space();
                block.field("note", Tone::Text, phase.note.as_deref().unwrap_or_default());
                let summary = model.summary.phases.iter().find(|summary| summary.id == *id);
                let missing = summary.map(|summary| summary.missing.as_slice()).unwrap_or_default();
                if !phase.gate.is_empty() {
                    block.heading(if missing.is_empty() { "the gate is open" } else { "the gate is closed" });
                }
                for sentence in missing {
                    let sign = Line::of(Tone::Warning, format!("{} ", canvas.glyphs.closed));
                    block.behind(&sign, usize::MAX, Tone::Text, sentence);
                }
            }
        }
        Some(Row::Collapsed(..)) | None => {}
    }
    let title = canvas.glyphs.spell(title.into()).into_owned();
    let inner = canvas.frame(area, Frame { title: &title, note: &note, focus: Focus::Elsewhere });
    canvas.lines(inner, &block.lines);
}
