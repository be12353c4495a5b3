//! One frame as an SVG picture, so that documents show what the program draws.

use super::session::harmlessly;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use ratatui::{Frame, Terminal};
use std::fmt::Write as _;
use std::io;
use unicode_width::UnicodeWidthStr;

/// Units of a cell; the viewer's own monospaced font is drawn to fit.
const CELL: (f32, f32) = (8.4, 18.0);
const MARGIN: f32 = 12.0;
/// What a terminal's own colours stand for.
const GROUND: &str = "#15171a";
const TEXT: &str = "#d0d3d7";
/// The first sixteen colours.
const NAMED: [&str; 16] = [
    "#1d1f21", "#d16969", "#8abe6a", "#d9a85b", "#6f9fd8", "#b294bb", "#70b8b0", "#c5c8c6", "#7a8088", "#ef8a8a",
    "#a8d88a", "#f0c674", "#8fbcf0", "#d0b0e0", "#90d8d0", "#f4f4f4",
];

/// Draws a frame of so many columns and lines.
pub(crate) fn svg((columns, lines): (u16, u16), title: &str, draw: impl FnOnce(&mut Frame)) -> io::Result<String> {
    let mut screen = Terminal::new(TestBackend::new(columns, lines)).map_err(io::Error::other)?;
    screen.draw(|frame| harmlessly(frame, draw)).map_err(io::Error::other)?;
    Ok(write(screen.backend().buffer(), title))
}

fn write(buffer: &Buffer, title: &str) -> String {
    let (columns, lines) = (buffer.area.width, buffer.area.height);
    let (wide, high) = (f32::from(columns) * CELL.0 + 2.0 * MARGIN, f32::from(lines) * CELL.1 + 2.0 * MARGIN);
    let title = escaped(title);
    // What most of a theme's frame stands on is the picture's ground, so that it is not drawn cell by cell.
    let base = buffer.cell((0, 0)).and_then(|cell| colour(cell.bg)).unwrap_or_else(|| GROUND.to_owned());
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{wide:.0}\" height=\"{high:.0}\" viewBox=\"0 0 {wide:.1} {high:.1}\" \
         role=\"img\" aria-label=\"{title}\">\n<title>{title}</title>\n\
         <style>text{{font-family:ui-monospace,\"DejaVu Sans Mono\",Menlo,Consolas,monospace;font-size:14px;white-space:pre}}</style>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"{base}\"/>\n"
    );
    for line in 0..lines {
        for run in runs(buffer, line, &base) {
            run.write(&mut svg, line);
        }
    }
    svg.push_str("</svg>\n");
    svg
}

/// Cells of one look, side by side.
struct Run {
    column: u16,
    columns: u16,
    text: String,
    ground: Option<String>,
    colour: String,
    modifier: Modifier,
}

fn runs(buffer: &Buffer, line: u16, base: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut column = 0;
    while column < buffer.area.width {
        let Some(cell) = buffer.cell((column, line)) else { break };
        let wide = u16::try_from(cell.symbol().width().max(1)).unwrap_or(1);
        let (ground, colour) = colours(cell, base);
        let modifier = cell.modifier.difference(Modifier::REVERSED);
        match runs.last_mut() {
            Some(run) if (&run.ground, &run.colour, run.modifier) == (&ground, &colour, modifier) => {
                run.text.push_str(cell.symbol());
                run.columns += wide;
            }
            _ => runs.push(Run { column, columns: wide, text: cell.symbol().to_owned(), ground, colour, modifier }),
        }
        column += wide;
    }
    runs
}

impl Run {
    fn write(&self, svg: &mut String, line: u16) {
        let (x, y) = (MARGIN + f32::from(self.column) * CELL.0, MARGIN + f32::from(line) * CELL.1);
        let wide = f32::from(self.columns) * CELL.0;
        if let Some(ground) = &self.ground {
            let high = CELL.1;
            let _ = writeln!(
                svg,
                "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{wide:.1}\" height=\"{high}\" fill=\"{ground}\"/>"
            );
        }
        let text = self.text.trim_end();
        let used: u16 = u16::try_from(text.width()).unwrap_or(self.columns);
        if used == 0 {
            return;
        }
        let looks = [
            (Modifier::BOLD, " font-weight=\"bold\""),
            (Modifier::DIM, " opacity=\"0.65\""),
            (Modifier::ITALIC, " font-style=\"italic\""),
            (Modifier::UNDERLINED, " text-decoration=\"underline\""),
        ];
        let looks: String =
            looks.iter().filter(|(has, _)| self.modifier.contains(*has)).map(|(_, look)| *look).collect();
        let (base, fill, text) = (y + CELL.1 * 0.74, &self.colour, escaped(text));
        let length = f32::from(used) * CELL.0;
        let _ = writeln!(
            svg,
            "<text x=\"{x:.1}\" y=\"{base:.1}\" textLength=\"{length:.1}\" lengthAdjust=\"spacingAndGlyphs\" fill=\"{fill}\"{looks} \
             xml:space=\"preserve\">{text}</text>"
        );
    }
}

/// Ground and text of a cell; no ground where it is the picture's.
fn colours(cell: &Cell, base: &str) -> (Option<String>, String) {
    let (ground, text) = (colour(cell.bg).filter(|ground| ground != base), colour(cell.fg));
    if cell.modifier.contains(Modifier::REVERSED) {
        let ground = ground.unwrap_or_else(|| base.to_owned());
        return (Some(text.unwrap_or_else(|| TEXT.to_owned())), ground);
    }
    (ground, text.unwrap_or_else(|| TEXT.to_owned()))
}

fn colour(colour: Color) -> Option<String> {
    let named = |at: usize| NAMED.get(at).map(|colour| (*colour).to_owned());
    match colour {
        Color::Reset => None,
        Color::Black => named(0),
        Color::Red => named(1),
        Color::Green => named(2),
        Color::Yellow => named(3),
        Color::Blue => named(4),
        Color::Magenta => named(5),
        Color::Cyan => named(6),
        Color::Gray => named(7),
        Color::DarkGray => named(8),
        Color::LightRed => named(9),
        Color::LightGreen => named(10),
        Color::LightYellow => named(11),
        Color::LightBlue => named(12),
        Color::LightMagenta => named(13),
        Color::LightCyan => named(14),
        Color::White => named(15),
        Color::Rgb(red, green, blue) => Some(format!("#{red:02x}{green:02x}{blue:02x}")),
        Color::Indexed(at @ 0..16) => named(usize::from(at)),
        Color::Indexed(at @ 16..232) => {
            let at = at - 16;
            let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
            Some(format!("#{:02x}{:02x}{:02x}", level(at / 36), level(at / 6 % 6), level(at % 6)))
        }
        Color::Indexed(at) => {
            let grey = 8 + 10 * (at - 232);
            Some(format!("#{grey:02x}{grey:02x}{grey:02x}"))
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::style::Stylize as _;
    use ratatui::text::Line;

    #[test]
    fn what_was_drawn_stands_in_the_picture_and_can_do_nothing_there() {
        let line = Line::from(vec!["<script>".red().bold(), " & ".into(), "이".reversed()]);
        let svg = svg((20, 2), "\"x\" <y>", |frame| frame.render_widget(line, frame.area())).unwrap();
        assert!(
            svg.contains("fill=\"#d16969\" font-weight=\"bold\" xml:space=\"preserve\">&lt;script&gt;</text>"),
            "{svg}"
        );
        assert!(svg.contains("&amp;</text>") && !svg.contains("<script>") && !svg.contains("<y>"), "{svg}");
        // A wide letter takes two cells, and what is reversed has the text's colour as its ground.
        assert!(svg.contains("width=\"16.8\" height=\"18\" fill=\"#d0d3d7\""), "{svg}");
        assert_eq!(svg.matches("<text").count(), svg.matches("</text>").count());
    }
}
