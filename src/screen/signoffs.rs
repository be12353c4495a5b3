//! Who has signed, and what was written down: issues, lessons, notes.
//!
//! ```text
//! ╭ 1 Staging validated ─── 3/3 ─╮╭ 2 Production approved ─ 1/3 ─╮╭ 3 Seven days after ──── 0/3 ─╮
//! │ ✔ go  QA Lead   kim 16:28    ││▌○     Project Manager   you  ││ ○     Business Owner          │
//! ╰──────────────────────────────╯╰──────────────────────────────╯╰───────────────────────────────╯
//! ╭ Issues, lessons and notes ─────────────────────────────────────────────────────────────────────╮
//! │ …                                                                                               │
//! ╰─────────────────────────────────────────────────────────────────────────────────────────────────╯
//! ```
//!
//! Where the cards have no room the sign-offs stand below each other.

mod cards;

use super::area::{self, cells};
use super::canvas::{Canvas, Focus, Frame};
use super::line::{Block, Line};
use super::list;
use super::numbers;
use super::palette::Tone;
use super::standing;
use crate::checklist::model::{SignoffGroup, SignoffRole};
use crate::cockpit::list::ListCursor;
use crate::cockpit::model::Aside;
use crate::cockpit::msg::Windows;
use crate::cockpit::{Action, Model, Screen};
use crate::deployment::Record;
use crate::deployment::fact::Signed;
use crate::deployment::signoff::{Proof, Standing};
use ratatui::layout::Rect;

/// From this width on what was written down stands beside the sign-offs.
const BESIDE_FROM: u16 = 140;

const JOURNAL: &str = "Issues, lessons and notes";
/// Of each kind the newest so many are shown; the timeline has them all.
const NEWEST: usize = 200;

enum Row<'a> {
    Group(&'a SignoffGroup),
    Role { index: usize, group: &'a SignoffGroup, role: &'a SignoffRole },
}

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model, windows: &mut Windows) {
    let reads = model.aside == Aside::Beside;
    let focus = |here: bool| if here { Focus::Here } else { Focus::Elsewhere };
    let note = written_down(model);
    if let Some(rest) = cards::draw(canvas, area, model, focus(!reads), windows) {
        let inner = canvas.frame(rest, Frame { title: JOURNAL, note: &note, focus: focus(reads) });
        draw_journal(canvas, inner, model, windows);
        return;
    }
    let written = note;
    let go = model.summary.standings.iter().filter(|standing| **standing == Standing::Go).count();
    let note = format!("{go} of {} are go", model.summary.standings.len());
    let rows = rows(model);
    if area.width >= BESIDE_FROM {
        let (journal, table) = area::right(area, area.width * 2 / 5);
        let inner = canvas.frame(table, Frame { title: "Sign-offs", note: &note, focus: focus(!reads) });
        draw_table(canvas, inner, model, &rows, windows);
        let inner = canvas.frame(journal, Frame { title: JOURNAL, note: &written, focus: focus(reads) });
        draw_journal(canvas, inner, model, windows);
        return;
    }
    let inner = canvas.frame(area, Frame { title: "Sign-offs", note: &note, focus: Focus::Here });
    // Who reads what was written down gets the room for it.
    let share = if reads { inner.height / 4 } else { inner.height * 3 / 5 };
    let height = cells(rows.len().max(1)).min(share.max(1));
    let (table, rest) = area::top(inner, height);
    draw_table(canvas, table, model, &rows, windows);
    let (head, body) = area::top(rest, 1);
    canvas.divide(head, Frame { title: JOURNAL, note: &written, focus: Focus::Here });
    draw_journal(canvas, body, model, windows);
}

/// `1 open issue of 2 · 1 lesson · 3 notes`.
fn written_down(model: &Model) -> String {
    let state = &model.state;
    let open = state.issues.iter().filter(|issue| issue.account.resolution.is_none()).count();
    let many = |count: usize, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
    let issues = if open > 0 {
        format!("{open} open of {}", many(state.issues.len(), "issue"))
    } else {
        many(state.issues.len(), "issue")
    };
    format!("{issues} · {} · {}", many(state.lessons.len(), "lesson"), many(state.notes.len(), "note"))
}

fn rows(model: &Model) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    let mut index = 0;
    for group in &model.plan.checklist().signoffs {
        rows.push(Row::Group(group));
        for role in &group.roles {
            rows.push(Row::Role { index, group, role });
            index += 1;
        }
    }
    rows
}

fn draw_table(canvas: &mut Canvas<'_>, area: Rect, model: &Model, rows: &[Row<'_>], windows: &mut Windows) {
    windows.list = usize::from(area.height);
    if rows.is_empty() {
        canvas.text(area, "No sign-offs defined in this checklist", canvas.palette.dim);
        return;
    }
    // The cursor counts roles; headings stand between them.
    let line_of =
        |role: usize| rows.iter().position(|row| matches!(row, Row::Role { index, .. } if *index == role)).unwrap_or(0);
    let cursor = model.cursor(Screen::Signoffs);
    let lines = ListCursor { at: line_of(cursor.at), top: line_of(cursor.top).saturating_sub(1) };
    let shown = list::visible(lines, area, rows.len());
    windows.places.list = area::place(area, shown.top);
    for (at, row) in rows.iter().enumerate().skip(shown.top).take(shown.count) {
        let line = area::line(area, cells(at - shown.top));
        match row {
            Row::Group(group) => {
                canvas.text(line, &group.title, canvas.palette.heading);
            }
            Row::Role { index, group, role } => {
                draw_role(canvas, line, model, *index, group, role);
                if at == lines.at {
                    canvas.select(line, Focus::Here);
                }
            }
        }
    }
    canvas.thumb(area, shown.top, rows.len());
}

fn draw_role(
    canvas: &mut Canvas<'_>,
    line: Rect,
    model: &Model,
    index: usize,
    group: &SignoffGroup,
    role: &SignoffRole,
) {
    let palette = canvas.palette;
    let standing = model.summary.standings.get(index).copied().unwrap_or(Standing::Unsigned);
    let mark = standing::of_signoff(standing, canvas.glyphs);
    let (place, rest) = area::left(line, 12);
    canvas.text(place, &format!("{} {}", mark.glyph, mark.word), palette.tone(mark.tone));
    let (place, rest) = area::left(rest, (line.width / 4).clamp(16, 30));
    canvas.text(Rect { width: place.width.saturating_sub(2), ..place }, &role.title, palette.text);
    let signed = model.state.signed.iter().rev().find(|(_, s)| s.group == group.id && s.role == role.id);
    let Some((stamp, signed)) = signed else { return };
    let (place, rest) = area::left(rest, (line.width / 4).clamp(16, 30));
    canvas.text(Rect { width: place.width.saturating_sub(2), ..place }, &signed.name, palette.text);
    let (place, rest) = area::left(rest, 12);
    canvas.text(place, &stamp.at.date_naive().to_string(), palette.dim);
    if standing == Standing::Stale {
        canvas.text(rest, why_stale(model, signed), palette.warning);
        return;
    }
    let said = match (&signed.comment, Proof::of(signed)) {
        (None, proof) => proof.word().to_owned(),
        (Some(comment), Proof::Signed) => format!("signed: {comment}"),
        (Some(comment), Proof::Attested) => format!("attested: {comment}"),
    };
    canvas.text(rest, &said, palette.dim);
}

fn why_stale(model: &Model, signed: &Signed) -> &'static str {
    if signed.checklist == *model.plan.digest() {
        "the evidence has changed since"
    } else {
        "the checklist has changed since"
    }
}

fn draw_journal(canvas: &mut Canvas<'_>, area: Rect, model: &Model, windows: &mut Windows) {
    let state = &model.state;
    let mut block = Block::new(usize::from(area.width));
    for (at, issue) in state.issues.iter().enumerate().rev().take(NEWEST) {
        let account = &issue.account;
        let (glyph, tone, word) = match account.resolution {
            Some(_) => (canvas.glyphs.done, Tone::Good, "resolved"),
            None => (canvas.glyphs.failed, Tone::Bad, "open"),
        };
        block.space();
        let sign = Line::of(tone, format!("{glyph} issue {} {word}  ", at + 1));
        block.behind(&sign, 2, Tone::Text, &issue.title);
        for (label, field) in
            [("resolution", &account.resolution), ("impact", &account.impact), ("mitigation", &account.mitigation)]
        {
            for (at, line) in field.iter().flat_map(|text| text.lines()).enumerate() {
                block.field(if at == 0 { label } else { "" }, Tone::Text, line);
            }
        }
    }
    if !state.lessons.is_empty() {
        block.heading("Lessons");
        for (_, text) in state.lessons.iter().rev().take(NEWEST) {
            written(&mut block, canvas.glyphs.bullet, text);
        }
    }
    if !state.notes.is_empty() {
        block.heading("Notes");
        for note in model.notes().rev().take(NEWEST) {
            let about = note.item.map(|item| format!(" on {}", model.title(item))).unwrap_or_default();
            written(&mut block, canvas.glyphs.bullet, note.text);
            let Record { by, at, .. } = note.record;
            block.push(Line::of(Tone::Dim, format!("  {by}{about}, {}", numbers::time(*at))));
        }
    }
    if block.lines.is_empty() {
        let key = |action| model.keymap.hint(action);
        let (issue, lesson, note) = (key(Action::Issue), key(Action::Lesson), key(Action::Note));
        let words = format!("Nothing recorded yet: {issue} issue, {lesson} lesson, {note} note on the selected step");
        block.push(Line::of(Tone::Dim, words));
    }
    let top = model.cursor_beside(Screen::Signoffs).at;
    windows.aside = usize::from(area.height);
    windows.places.aside = area::place(area, top);
    windows.aside_end = canvas.window(area, &block.lines, top);
    canvas.thumb(area, top, block.lines.len());
}

/// What somebody wrote, line by line, behind a bullet.
fn written(block: &mut Block, bullet: &str, text: &str) {
    for (at, line) in text.lines().enumerate() {
        let sign = if at == 0 { format!("{bullet} ") } else { "  ".to_owned() };
        block.behind(&Line::of(Tone::Dim, sign), usize::MAX, Tone::Text, line);
    }
}
