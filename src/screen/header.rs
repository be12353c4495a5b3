//! What stands above every screen: three lines whose fields never move.
//!
//! ```text
//!  F2X NeuroHub refactoring   rehearsal-production   REHEARSAL    GO by kim at 16:50         #214 ✔   captain: you
//!  T+00:00:12   WINDOW LEFT 29:48   ABORT BY T+15:00 (14:48)   DOWNTIME 00:14/05:00   HOLD –          12/262 done
//!  0 overview  1 checklist  2 migration  3 metrics  4 go/no-go  5 sign-offs  6 timeline  7 alerts
//!  HOLD at T-00:02:00 by Kim since 02:03:10 UTC, 02:12: waiting for the DBA            (only on hold)
//!  ✗ the ledger's folder is full …                                                     (only in trouble)
//! ```
//!
//! A decision, a hold, a rollback and an abort each give the first line a ground of their own, with the word for it.

mod state;
mod strip;

use super::area::{self, cells};
use super::canvas::Canvas;
use super::palette::Tone;
use super::text;
use crate::checklist::EnvironmentKind;
use crate::checklist::environment::Protection;
use crate::cockpit::Model;
use crate::cockpit::msg::Windows;
use crate::cockpit::screens::Screen;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

/// Columns of the title that stay.
const LEAST_TITLE: usize = 10;

/// Draws the header; gives what is left below it.
pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, model: &Model, windows: &mut Windows) -> Rect {
    let (line, rest) = area::top(area, 1);
    title_line(canvas, area::inset(line, 1), model);
    let (line, rest) = area::top(rest, 1);
    strip::draw(canvas, area::inset(line, 1), model);
    let (line, rest) = area::top(rest, 1);
    tabs(canvas, area::inset(line, 1), model, windows);
    let mut rest = strip::band(canvas, rest, model);
    if let Some(trouble) = &model.trouble {
        rest = banner(canvas, rest, trouble);
    }
    if let Some(warning) = model.warnings.first() {
        let more = model.warnings.len() - 1;
        let more = if more > 0 { format!(" (and {more} more)") } else { String::new() };
        let room = usize::from(rest.width).saturating_sub(2).max(1);
        let mut lines = text::wrap(&format!("! {warning}{more}"), room);
        if lines.len() > 2 {
            let tail = lines.split_off(1).join(" ");
            lines.push(tail);
        }
        let (place, below) = area::top(rest, cells(lines.len()).min(area.height / 8));
        for (at, text) in lines.iter().take(usize::from(place.height)).enumerate() {
            canvas.text(area::inset(area::line(place, cells(at)), 1), text, canvas.palette.warning);
        }
        rest = below;
    }
    rest
}

/// What it is, where it runs, what was decided, who drives.
fn title_line(canvas: &mut Canvas<'_>, line: Rect, model: &Model) {
    let palette = canvas.palette;
    let state = state::of(canvas, model);
    let ground = state.as_ref().map(|state| state.ground);
    if let Some(style) = ground {
        canvas.fill(area::widened(line), " ", style);
    }
    let over = |style: Style| ground.unwrap_or(style);
    let mut line = line;
    for (at, form) in strip::captain(model).into_iter().enumerate() {
        // The name is reported whole where half of the line is left for the rest.
        if at > 0 || form.width() <= usize::from(line.width / 3) {
            let words: String = form.runs.iter().map(|(_, text)| text.as_str()).collect();
            let tone = form.runs.first().map_or(palette.text, |(tone, _)| palette.tone(*tone));
            line.width = line.width.saturating_sub(canvas.text_right(line, &words, over(tone)) + 2);
            break;
        }
    }
    let (tone, head) = strip::ledger(canvas.glyphs, model);
    if line.width >= 90 || tone == Tone::Bad || (line.width >= 40 && tone == Tone::Warning) {
        line.width = line.width.saturating_sub(canvas.text_right(line, &head, over(palette.tone(tone))) + 2);
    }
    let mut chips: Vec<(Style, String)> = Vec::new();
    if let Some(name) = model.environment_in_hand() {
        let environment = model.plan.environment(name);
        let protected = environment.is_some_and(|e| e.protection == Protection::Protected);
        let real = environment.is_some_and(|e| e.kind == EnvironmentKind::Real);
        let style = match (protected, real) {
            (true, _) => palette.protected,
            (false, true) => palette.accent,
            (false, false) => palette.rehearsal,
        };
        let name = text::clean(name.as_str()).into_owned();
        // The ground of a protected environment stays whatever else the line says.
        chips.push(if protected { (style, format!(" {name} ")) } else { (over(style), name) });
    }
    if model.plan.is_rehearsal() {
        chips.push((over(palette.rehearsal), "REHEARSAL".to_owned()));
    }
    let title = model.state.opened.as_ref().map_or(&model.plan.checklist().title, |(_, opened)| &opened.title);
    if let Some(state) = state {
        // Where it runs is reported whatever else has to be shorter.
        let kept = chips.first().map_or(0, |(_, chip)| text::width(chip) + 2);
        let room = usize::from(line.width).saturating_sub(LEAST_TITLE + 3 + kept);
        // The first form is the longest: it is taken where the title stays whole beside it.
        let taken = chips.iter().map(|(_, chip)| text::width(chip) + 2).sum::<usize>() + text::width(title) + 3;
        let whole = usize::from(line.width).saturating_sub(taken);
        let fits = |(at, words): &(usize, &String)| text::width(words) <= if *at == 0 { whole } else { room };
        let fitting = state.forms.iter().enumerate().find(fits).map(|(_, words)| words);
        if let Some(words) = fitting.or(state.forms.last()) {
            // Where little room is left, what was decided is worth more than that it is a rehearsal.
            let wide = |chips: &[(Style, String)]| chips.iter().map(|(_, chip)| text::width(chip) + 2).sum::<usize>();
            while !chips.is_empty() && wide(&chips) + text::width(words) + LEAST_TITLE + 3 > usize::from(line.width) {
                chips.pop();
            }
            chips.push((state.ground.add_modifier(Modifier::BOLD), words.clone()));
        }
    }
    let chips_width: usize = chips.iter().map(|(_, chip)| text::width(chip) + 2).sum();
    let title_room = line.width.saturating_sub(cells(chips_width)).max(line.width / 5);
    let mut used = canvas.text(Rect { width: title_room.min(line.width), ..line }, title, over(palette.title));
    for (style, chip) in chips {
        let (_, rest) = area::left(line, used + 2);
        used += 2 + canvas.text(rest, &chip, style);
    }
}

fn tabs(canvas: &mut Canvas<'_>, line: Rect, model: &Model, windows: &mut Windows) {
    let palette = canvas.palette;
    let room = usize::from(line.width);
    // Between two names; where not even one column is left the names are shorter, and then only that of the screen shown.
    let gap = |word: fn(Screen) -> &'static str| {
        let names: usize = Screen::ALL.iter().map(|screen| text::width(word(*screen)) + 2).sum();
        (1..=2).rev().find(|gap| names + gap * (Screen::ALL.len() - 1) <= room)
    };
    let full: fn(Screen) -> &'static str = |screen| screen.action().word();
    let (gap, name) = match gap(full) {
        Some(gap) => (Some(gap), full),
        None => (gap(Screen::short), Screen::short as fn(Screen) -> &'static str),
    };
    let mut line = line;
    for (at, screen) in Screen::ALL.into_iter().enumerate() {
        let begins = line;
        let action = screen.action();
        let here = screen == model.screen;
        let (key, word) = if here {
            (palette.border_focus, palette.border_focus.patch(palette.title).add_modifier(Modifier::UNDERLINED))
        } else {
            (palette.accent, palette.dim)
        };
        let word = match &model.summary.alerts {
            alerts if screen != Screen::Alerts || alerts.open == 0 => word,
            alerts if alerts.asking.is_empty() => word.patch(palette.warning),
            _ => palette.banner,
        };
        let mut used = canvas.text(line, &model.keymap.hint(action), key);
        if gap.is_some() || here {
            let (_, rest) = area::left(line, used + 1);
            used += 1 + canvas.text(rest, name(screen), word);
        }
        windows.places.tabs[at] = area::place(Rect { width: used, ..begins }, 0);
        line = area::left(line, used + cells(gap.unwrap_or(2))).1;
    }
}

/// A line across the screen in bad tone, two where one is not enough.
fn banner(canvas: &mut Canvas<'_>, area: Rect, trouble: &str) -> Rect {
    let style = canvas.palette.banner;
    let room = usize::from(area.width).saturating_sub(2).max(1);
    let mut lines = text::wrap(&format!("{} TROUBLE: {trouble}", canvas.glyphs.failed), room);
    if lines.len() > 2 {
        let rest = lines.split_off(1).join(" ");
        lines.push(rest);
    }
    let (place, rest) = area::top(area, cells(lines.len()).min(area.height / 3));
    for (at, text) in lines.iter().take(usize::from(place.height)).enumerate() {
        let line = area::line(place, cells(at));
        canvas.fill(line, " ", style);
        canvas.text(area::inset(line, 1), text, style);
    }
    rest
}
