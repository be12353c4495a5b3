//! What a sign-off is given for, to be read to its end, and what can be opened of it.
//!
//! ```text
//! ╭ Evidence: QA Lead, Production ──── 40 % ╮
//! │ Measured against target                  │
//! │   done: Rows in every table              │
//! │     17 tables; target tables = 17        │
//! ╰──────────────────────────────────────────╯
//! ```

use super::{details, open, scrolled};
use crate::cockpit::Model;
use crate::cockpit::dialog::{Evidence, Opened};
use crate::cockpit::msg::{Behind, Links, Review, Windows};
use crate::deployment::attempt::AttemptNumber;
use crate::screen::area::{self, cells};
use crate::screen::canvas::{Canvas, Focus};
use crate::screen::line::{Block, Line};
use crate::screen::palette::Tone;
use crate::screen::{about, numbers, text};
use ratatui::layout::Rect;

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model, evidence: &Evidence, windows: &mut Windows) {
    if let Some(opened) = &evidence.opened {
        behind(canvas, area, model, opened, windows);
        return;
    }
    let width = area.width.saturating_sub(4).min(110);
    let (block, links) = laid_out(evidence.read.as_ref(), usize::from(width.saturating_sub(4)));
    let height = cells(block.lines.len()).saturating_add(2);
    let shown = area.height.min(height).saturating_sub(2);
    let end = block.lines.len().saturating_sub(usize::from(shown));
    let key = match evidence.chosen {
        Some(_) => "⏎ opens",
        None if evidence.scroll < end => "⏎ next page",
        None => "⏎ signs",
    };
    let note = match (evidence.scroll.min(end) * 100).checked_div(end) {
        Some(percent) if percent < 100 => format!("{percent} %, {key}"),
        _ => format!("end, {key}"),
    };
    let known = model.plan.checklist().signoff(&evidence.group);
    let role = known.and_then(|group| Some((group, group.roles.iter().find(|role| role.id == evidence.role)?)));
    let title = role.map_or_else(String::new, |(group, role)| format!("Evidence: {}, {}", role.title, group.title));
    let note = if evidence.read.is_some() { note } else { String::new() };
    let inner = open(canvas, area, &title, &note, width, height);
    scrolled(canvas, inner, &block.lines, evidence.scroll, windows);
    let top = evidence.scroll.min(windows.dialog_end);
    windows.links = found(&links, evidence.chosen, top);
    let chosen = windows.links.chosen.and_then(|at| at.checked_sub(top)).filter(|at| *at < usize::from(inner.height));
    if let Some(at) = chosen {
        canvas.select(area::line(inner, cells(at)), Focus::Here);
    }
}

/// The lines of the review as they are shown, and where those begin that can be opened.
fn laid_out(read: Option<&Review>, columns: usize) -> (Block, Vec<(usize, usize)>) {
    let (mut block, mut links) = (Block::new(columns), Vec::new());
    let Some(review) = read else {
        block.push(Line::of(Tone::Dim, "reading the evidence …"));
        return (block, links);
    };
    for (at, line) in review.lines.iter().enumerate() {
        if line.opens.is_some() {
            links.push((at, block.lines.len()));
        }
        let reported = line.text.trim_start();
        match line.text.len() - reported.len() {
            _ if reported.is_empty() => block.space(),
            0 => block.paragraph(Tone::Title, reported),
            deep => block.behind(&Line::of(Tone::Text, " ".repeat(deep)), usize::MAX, Tone::Text, reported),
        }
    }
    (block, links)
}

fn found(links: &[(usize, usize)], chosen: Option<usize>, top: usize) -> Links {
    let own = chosen.and_then(|chosen| links.iter().position(|(line, _)| *line == chosen));
    let first = links.iter().position(|(_, at)| *at >= top);
    let (next, previous) = match own {
        Some(own) => (Some(own + 1), own.checked_sub(1)),
        None => (first, first.unwrap_or(links.len()).checked_sub(1)),
    };
    let at = |index: Option<usize>| index.and_then(|index| links.get(index).copied());
    Links { chosen: at(own).map(|(_, at)| at), next: at(next), previous: at(previous) }
}

/// What was opened lies over the evidence, in its place.
fn behind(canvas: &mut Canvas<'_>, area: Rect, model: &Model, opened: &Opened, windows: &mut Windows) {
    let width = area.width.saturating_sub(4).min(110);
    let columns = usize::from(width.saturating_sub(4));
    let (title, block) = match &opened.what {
        Behind::Item(item) => ("Item".to_owned(), details::block(canvas, model, item, columns)),
        Behind::Attempt(number) => (format!("Attempt {number}"), attempt(canvas, model, *number, columns)),
        Behind::Issue(number) => (format!("Issue {number}"), issue(model, *number, columns)),
    };
    let height = cells(block.lines.len()).saturating_add(2);
    let inner = open(canvas, area, &title, "esc back to the evidence", width, height);
    scrolled(canvas, inner, &block.lines, opened.scroll, windows);
}

/// What an attempt measured against the targets of its step, and its output.
fn attempt(canvas: &Canvas<'_>, model: &Model, number: AttemptNumber, columns: usize) -> Block {
    let mut block = Block::new(columns);
    let Some(attempt) = model.state.attempt(number) else {
        block.push(Line::of(Tone::Dim, "no such attempt is recorded"));
        return block;
    };
    block.paragraph(Tone::Title, &model.title(&attempt.item));
    block.push(Line::of(Tone::Dim, attempt.item.as_str()));
    block.space();
    let by = format!("{}, {} UTC, in {}", attempt.by, numbers::date_time(attempt.started), attempt.environment);
    block.field("by", Tone::Text, &by);
    about::attempt(&mut block, model, canvas.glyphs, attempt, usize::MAX);
    let targets = model.plan.item(&attempt.item).map(|item| item.targets.as_slice()).unwrap_or_default();
    let measured = attempt.outcome().map(|outcome| outcome.measured.as_slice()).unwrap_or_default();
    if !targets.is_empty() || !measured.is_empty() {
        block.heading("Measured against target");
    }
    for target in targets {
        let found = measured.iter().find(|found| found.name == target.measure && found.unit == target.unit);
        let value =
            found.map_or_else(|| "not measured".to_owned(), |found| numbers::quantity(found.value, &found.unit));
        block.field(&target.measure, Tone::Text, &format!("{value}; target {target}"));
    }
    for found in measured.iter().filter(|found| targets.iter().all(|target| target.measure != found.name)) {
        block.field(&found.name, Tone::Text, &numbers::quantity(found.value, &found.unit));
    }
    block.heading("Output");
    let lines = model.outputs.get(&number).into_iter().flat_map(crate::cockpit::output::OutputView::lines);
    let before = block.lines.len();
    for line in lines {
        let said: String = line.iter().map(|(_, text)| text.as_str()).collect();
        for piece in text::pieces(&said, columns) {
            block.push(Line::of(Tone::Text, piece));
        }
    }
    while block.lines.len() > before && block.lines.last().is_some_and(|line| line.width() == 0) {
        block.lines.pop();
    }
    if block.lines.len() == before {
        block.push(Line::of(Tone::Dim, "none"));
    }
    block
}

fn issue(model: &Model, number: usize, columns: usize) -> Block {
    let mut block = Block::new(columns);
    let Some(issue) = number.checked_sub(1).and_then(|at| model.state.issues.get(at)) else {
        block.push(Line::of(Tone::Dim, "no such issue is recorded"));
        return block;
    };
    block.paragraph(Tone::Title, &issue.title);
    block.space();
    block.field("opened", Tone::Text, &format!("{}, {} UTC", issue.opened.by, numbers::date_time(issue.opened.at)));
    let account = &issue.account;
    for (label, said) in
        [("impact", &account.impact), ("mitigation", &account.mitigation), ("resolution", &account.resolution)]
    {
        block.field(label, Tone::Text, said.as_deref().unwrap_or("not recorded"));
    }
    block
}
