//! What was drawn, as text: the letters of every line, and the styles of every line in runs.

use gonogo::cockpit::Model;
use gonogo::cockpit::msg::Windows;
use gonogo::cockpit::start::Start;
use gonogo::screen::{Glyphs, Theme, draw, draw_start, text};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use std::fmt::Write as _;

pub(crate) fn paint(model: &Model, theme: &Theme, glyphs: &Glyphs, columns: u16, lines: u16) -> (Buffer, Windows) {
    let mut terminal = Terminal::new(TestBackend::new(columns, lines)).unwrap();
    let mut windows = Windows::default();
    terminal.draw(|frame| windows = draw(frame, model, theme, glyphs)).unwrap();
    (terminal.backend().buffer().clone(), windows)
}

pub(crate) fn paint_start(start: &Start, theme: &Theme, glyphs: &Glyphs, columns: u16, lines: u16) -> (Buffer, usize) {
    let mut terminal = Terminal::new(TestBackend::new(columns, lines)).unwrap();
    let mut height = 0;
    terminal.draw(|frame| height = draw_start(frame, start, theme, glyphs)).unwrap();
    (terminal.backend().buffer().clone(), height)
}

/// The letters, a line each, without the blanks at the ends.
pub(crate) fn letters(buffer: &Buffer) -> Vec<String> {
    rows(buffer)
        .map(|row| row.iter().map(|(_, cell)| cell.symbol()).collect::<String>().trim_end().to_owned())
        .collect()
}

pub(crate) fn whole(buffer: &Buffer) -> String {
    letters(buffer).join("\n")
}

/// Runs of one style, named by letters that a legend explains: `3  a 1-5  b 9-12`.
pub(crate) fn styles(buffer: &Buffer) -> String {
    let mut legend: Vec<String> = Vec::new();
    let mut listing = String::new();
    for (at, row) in rows(buffer).enumerate() {
        let mut runs: Vec<(usize, usize, usize)> = Vec::new();
        for (x, cell) in row {
            let style = style(cell);
            if style.is_empty() {
                continue;
            }
            let name = legend.iter().position(|known| *known == style).unwrap_or_else(|| {
                legend.push(style);
                legend.len() - 1
            });
            match runs.last_mut() {
                Some((last, _, end)) if *last == name && *end + 1 >= x => *end = x,
                _ => runs.push((name, x, x)),
            }
        }
        if !runs.is_empty() {
            let runs: Vec<String> =
                runs.iter().map(|(name, from, to)| format!("{} {from}-{to}", letter(*name))).collect();
            let _ = writeln!(listing, "{at:>3}  {}", runs.join("  "));
        }
    }
    let legend: Vec<String> = legend.iter().enumerate().map(|(at, style)| format!("{}: {style}", letter(at))).collect();
    format!("{}\n{listing}", legend.join("\n"))
}

fn letter(at: usize) -> char {
    char::from(b'a' + u8::try_from(at % 26).unwrap())
}

fn style(cell: &Cell) -> String {
    // A blank shows its ground only.
    let blank = cell.symbol() == " " && !cell.modifier.intersects(Modifier::REVERSED | Modifier::UNDERLINED);
    let mut parts = Vec::new();
    if cell.fg != Color::Reset && !blank {
        parts.push(cell.fg.to_string());
    }
    if cell.bg != Color::Reset {
        parts.push(format!("on {}", cell.bg));
    }
    if !cell.modifier.is_empty() && !blank {
        parts.push(format!("{:?}", cell.modifier).to_lowercase());
    }
    parts.join(" ")
}

/// The cells of each line with their columns; what a wide letter covers is left out.
fn rows(buffer: &Buffer) -> impl Iterator<Item = Vec<(usize, &Cell)>> {
    let columns = usize::from(buffer.area.width);
    buffer.content().chunks(columns).map(move |cells| {
        let mut row = Vec::with_capacity(columns);
        let mut x = 0;
        while x < columns {
            row.push((x, &cells[x]));
            x += text::width(cells[x].symbol()).max(1);
        }
        row
    })
}
