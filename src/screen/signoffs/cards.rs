//! The groups of sign-offs as cards beside each other; what the person at the keys may sign stands out.

use crate::checklist::model::{SignoffGroup, SignoffRole};
use crate::cockpit::msg::{Place, Windows};
use crate::cockpit::{Action, Model, Screen};
use crate::deployment::numbers;
use crate::deployment::seat::is_named;
use crate::deployment::signoff::Standing;
use crate::screen::area::{self, cells};
use crate::screen::canvas::{Canvas, Focus, Frame};
use crate::screen::palette::Tone;
use crate::screen::standing;
use ratatui::layout::Rect;

/// A card is at least so wide, and what is written down keeps so many lines.
const LEAST: u16 = 36;
const JOURNAL: u16 = 8;
/// Lines of the signature in hand.
const IN_HAND: u16 = 2;

/// Draws the cards at the top where all of them fit; gives what is left below them.
pub(super) fn draw(
    canvas: &mut Canvas<'_>,
    area: Rect,
    model: &Model,
    focus: Focus,
    windows: &mut Windows,
) -> Option<Rect> {
    let groups = &model.plan.checklist().signoffs;
    let count = cells(groups.len());
    let tall = cells(groups.iter().map(|group| group.roles.len()).max()?) + 3;
    if area.width / count < LEAST || tall + IN_HAND + JOURNAL > area.height {
        return None;
    }
    let (row, rest) = area::top(area, tall);
    windows.list = usize::from(tall);
    windows.places.list = Place::default();
    let mut first = 0;
    let mut left = row;
    for (at, group) in groups.iter().enumerate() {
        let wide = left.width / (count - cells(at));
        let (card, more) = area::left(left, wide);
        draw_card(canvas, card, model, group, first, focus);
        first += group.roles.len();
        left = more;
    }
    let (line, rest) = area::top(rest, IN_HAND);
    in_hand(canvas, area::inset(line, 2), model);
    Some(rest)
}

fn draw_card(canvas: &mut Canvas<'_>, area: Rect, model: &Model, group: &SignoffGroup, first: usize, focus: Focus) {
    let standings = model.summary.standings.get(first..first + group.roles.len()).unwrap_or_default();
    let go = standings.iter().filter(|standing| **standing == Standing::Go).count();
    let note = format!("{go}/{}", group.roles.len());
    let cursor = model.cursor(Screen::Signoffs).at;
    let here = (first..first + group.roles.len()).contains(&cursor);
    let focus = if here { focus } else { Focus::Elsewhere };
    let inner = canvas.frame(area, Frame { title: &group.title, note: &note, focus });
    for (at, (role, standing)) in group.roles.iter().zip(standings).enumerate() {
        let line = area::line(inner, cells(at));
        draw_role(canvas, line, model, group, role, *standing);
        if first + at == cursor {
            canvas.select(line, focus);
        }
    }
    let (foot, _) = area::bottom(inner, 1);
    let words = if go == group.roles.len() { "all signed".to_owned() } else { opens(model, group) };
    canvas.text(foot, &words, canvas.palette.dim);
}

/// The gate that waits for a group.
fn opens(model: &Model, group: &SignoffGroup) -> String {
    let waits = |phase: &&crate::checklist::Phase| {
        phase
            .gate
            .iter()
            .any(|gate| matches!(gate, crate::checklist::evidence::Reference::Signoff(id) if *id == group.id))
    };
    let phase = model.plan.checklist().phases.iter().find(waits);
    phase.map_or_else(String::new, |phase| format!("opens the gate of {}", phase.title))
}

fn draw_role(
    canvas: &mut Canvas<'_>,
    line: Rect,
    model: &Model,
    group: &SignoffGroup,
    role: &SignoffRole,
    standing: Standing,
) {
    let palette = canvas.palette;
    let mark = standing::of_signoff(standing, canvas.glyphs);
    let (place, mut rest) = area::left(line, 2);
    canvas.text(place, mark.glyph, palette.tone(mark.tone));
    let signed = model.state.signed.iter().rev().find(|(_, s)| s.group == group.id && s.role == role.id);
    let held = model.state.roles.get(&(group.id.clone(), role.id.clone()));
    let open = !matches!(standing, Standing::Go | Standing::NoGo);
    let yours = open && held.is_some_and(|held| is_named(&held.person, &model.operator));
    let (words, tone) = match (signed, held) {
        _ if yours => (format!("you: {} sign", model.keymap.hint(Action::Go)), Tone::Accent),
        (Some((stamp, signed)), _) if !open => {
            let who = if stamp.by.simulated.is_some() { "simulated" } else { signed.name.as_str() };
            (format!("{who} {}", stamp.at.format("%H:%M")), Tone::Dim)
        }
        (Some(_), _) => (mark.word.clone(), mark.tone),
        (None, Some(held)) => (held.person.clone(), Tone::Dim),
        (None, None) => ("unassigned".to_owned(), Tone::Dim),
    };
    let used = canvas.text_right(area::right(rest, rest.width * 3 / 5).0, &words, palette.tone(tone));
    rest.width = rest.width.saturating_sub(used + 1);
    canvas.text(rest, &role.title, if yours { palette.title } else { palette.text });
}

/// The signature in hand: what it says, when, and what would make it stale.
fn in_hand(canvas: &mut Canvas<'_>, area: Rect, model: &Model) {
    let mut roles =
        model.plan.checklist().signoffs.iter().flat_map(|group| group.roles.iter().map(move |r| (group, r)));
    let at = model.cursor(Screen::Signoffs).at;
    let Some((group, role)) = roles.nth(at) else { return };
    let standing = model.summary.standings.get(at).copied().unwrap_or(Standing::Unsigned);
    let mark = standing::of_signoff(standing, canvas.glyphs);
    let signed = model.state.signed.iter().rev().find(|(_, s)| s.group == group.id && s.role == role.id);
    let Some((stamp, signed)) = signed else {
        let words = format!("{}, {}: {}", role.title, group.title, mark.word);
        canvas.text(area, &words, canvas.palette.dim);
        return;
    };
    let words = format!(
        "{} {} {} by {}, {} UTC, ledger {}, covers checklist {}",
        role.title,
        mark.glyph,
        mark.word.to_uppercase(),
        signed.name,
        numbers::date_time(stamp.at),
        stamp.seq,
        signed.checklist.short()
    );
    canvas.text(area, &words, canvas.palette.tone(mark.tone));
    let said = match (standing, &signed.comment) {
        (Standing::Stale, _) => super::why_stale(model, signed).to_owned(),
        (_, Some(comment)) => format!("\"{comment}\""),
        (_, None) => "stale if the checklist changes, or a covered result is measured again".to_owned(),
    };
    canvas.text(area::line(area, 1), &said, canvas.palette.dim);
}
