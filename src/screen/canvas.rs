//! Where everything is drawn. Nothing outside an area is ever touched, and no text reaches a cell uncleaned.

use super::area::{self, cells};
use super::glyphs::Glyphs;
use super::line::Line;
use super::palette::Palette;
use super::text;
use crate::cockpit::search;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// A buffer with the styles and signs to draw in it.
pub(super) struct Canvas<'a> {
    pub buffer: &'a mut Buffer,
    pub palette: &'a Palette,
    pub glyphs: &'a Glyphs,
}

/// The frame around a region.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Frame<'a> {
    pub title: &'a str,
    /// On the right of the title.
    pub note: &'a str,
    pub focus: Focus,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Focus {
    #[default]
    Elsewhere,
    /// This region has the keys.
    Here,
}

impl Canvas<'_> {
    /// Writes on the first line of an area, cut to its width; gives the columns used.
    pub(super) fn text(&mut self, area: Rect, text: &str, style: Style) -> u16 {
        let area = area.intersection(self.buffer.area);
        if area.is_empty() || text.is_empty() {
            return 0;
        }
        let text = self.glyphs.spell(text::clean(text));
        let room = usize::from(area.width);
        let style = self.over(style);
        let shown = text::cut(&text, room, self.glyphs.ellipsis);
        let (end, _) = self.buffer.set_stringn(area.x, area.y, shown, room, style);
        end.saturating_sub(area.x)
    }

    /// A style that leaves nothing of what was drawn in the same cells before.
    fn over(&self, style: Style) -> Style {
        Style::reset().patch(self.palette.background).patch(style)
    }

    /// Puts one of our own signs into a cell and leaves the ground that it stands on.
    pub(super) fn sign(&mut self, x: u16, y: u16, sign: &str, style: Style) {
        let style = self.over(style);
        if let Some(cell) = self.buffer.cell_mut((x, y)) {
            let ground = cell.bg;
            cell.set_symbol(sign).set_style(style).set_bg(ground);
        }
    }

    /// Writes at the right end of the first line; gives the columns used.
    pub(super) fn text_right(&mut self, area: Rect, text: &str, style: Style) -> u16 {
        let wide = cells(text::width(&self.glyphs.spell(text::clean(text))));
        let (area, _) = area::right(area, wide);
        self.text(area, text, style)
    }

    /// Writes a line of several tones; gives the columns used.
    pub(super) fn line(&mut self, area: Rect, line: &Line) -> u16 {
        let mut used = 0;
        for (at, (tone, text)) in line.runs.iter().enumerate() {
            let (_, rest) = area::left(area, used);
            if rest.width == 0 {
                // What does not fit is recognised by the mark at the very end.
                if at > 0 && !text.trim().is_empty() {
                    let (end, _) = area::right(area, 1);
                    self.text(end, self.glyphs.ellipsis, self.palette.dim);
                }
                break;
            }
            used += self.text(rest, text, self.palette.tone(*tone));
        }
        used
    }

    pub(super) fn line_right(&mut self, area: Rect, line: &Line) -> u16 {
        let wide = line.runs.iter().map(|(_, text)| text::width(&self.glyphs.spell(text::clean(text)))).sum();
        let (area, _) = area::right(area, cells(wide));
        self.line(area, line)
    }

    /// Writes lines from the top of an area as far as it goes; gives the lines used.
    pub(super) fn lines(&mut self, area: Rect, lines: &[Line]) -> u16 {
        let mut used = 0;
        for line in lines.iter().take(usize::from(area.height)) {
            self.line(area::line(area, used), line);
            used += 1;
        }
        used
    }

    /// Writes the lines of a text from one on; where lines are left below, the last line of the area shows how many.
    /// Gives how far the text can be scrolled.
    pub(super) fn window(&mut self, area: Rect, lines: &[Line], top: usize) -> usize {
        let height = usize::from(area.height);
        let end = lines.len().saturating_sub(height);
        let top = top.min(end);
        let left = lines.len() - top;
        if left <= height || height < 2 {
            self.lines(area, lines.get(top..).unwrap_or_default());
            return end;
        }
        let (foot, place) = area::bottom(area, 1);
        self.lines(place, lines.get(top..).unwrap_or_default());
        self.text(foot, &format!("{} {} more lines", self.glyphs.ellipsis, left + 1 - height), self.palette.accent);
        end
    }

    /// Lays a style over what is drawn there.
    pub(super) fn tint(&mut self, area: Rect, style: Style) {
        let area = area.intersection(self.buffer.area);
        self.buffer.set_style(area, style);
    }

    /// Marks where a text that was written on the first line of this area holds another one.
    pub(super) fn mark(&mut self, area: Rect, text: &str, needle: &str) {
        let text = self.glyphs.spell(text::clean(text)).into_owned();
        let all = cells(text::width(&text));
        // The sign at the end of a text that was cut is no letter of it.
        let room = if all > area.width { area.width.saturating_sub(1) } else { area.width };
        for span in search::spans(&text, needle) {
            let before = cells(text::width(text.get(..span.start).unwrap_or_default()));
            let wide = cells(text::width(text.get(span).unwrap_or_default()));
            let (_, rest) = area::left(Rect { width: room, ..area }, before);
            self.tint(area::left(rest, wide).0, self.palette.found);
        }
    }

    /// Repeats a sign along the first line of an area.
    pub(super) fn fill(&mut self, area: Rect, sign: &str, style: Style) {
        let area = area.intersection(self.buffer.area);
        if area.is_empty() {
            return;
        }
        let style = self.over(style);
        for x in area.left()..area.right() {
            self.buffer.set_stringn(x, area.y, sign, 1, style);
        }
    }

    /// Takes everything away that is drawn there.
    pub(super) fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.buffer.area);
        for y in area.top()..area.bottom() {
            for x in area.left()..area.right() {
                if let Some(cell) = self.buffer.cell_mut((x, y)) {
                    cell.reset();
                    cell.set_style(self.palette.background);
                }
            }
        }
        // A wide character that began left of the area would hang over into it.
        if let Some(before) = area.x.checked_sub(1) {
            for y in area.top()..area.bottom() {
                if let Some(cell) = self.buffer.cell_mut((before, y))
                    && text::width(cell.symbol()) > 1
                {
                    cell.set_symbol(" ");
                }
            }
        }
    }

    /// Draws a frame around an area and gives the area inside, with one column of air on both sides.
    ///
    /// ```text
    /// ╭ title ─────────────── note ╮
    /// │                            │
    /// ╰────────────────────────────╯
    /// ```
    pub(super) fn frame(&mut self, area: Rect, frame: Frame<'_>) -> Rect {
        if area.width < 4 || area.height < 2 {
            return Rect { width: 0, height: 0, ..area };
        }
        let style = self.edge(frame.focus);
        let border = self.glyphs.border.clone();
        let (head, below) = area::top(area, 1);
        let (foot, body) = area::bottom(below, 1);
        self.rule(head, frame, [border.top_left, border.top_right]);
        self.fill(foot, border.horizontal, style);
        self.text(area::left(foot, 1).0, border.bottom_left, style);
        self.text(area::right(foot, 1).0, border.bottom_right, style);
        for y in 0..body.height {
            let line = area::line(body, y);
            self.text(area::left(line, 1).0, border.vertical, style);
            self.text(area::right(line, 1).0, border.vertical, style);
        }
        area::inset(body, 2)
    }

    /// Draws a line across a frame, joined to its sides: `├ title ────── note ┤`. `area` is the line inside the frame.
    pub(super) fn divide(&mut self, inner_line: Rect, frame: Frame<'_>) {
        if inner_line.is_empty() {
            return;
        }
        let border = &self.glyphs.border;
        let ends = [border.left_join, border.right_join];
        self.rule(area::widened(area::widened(inner_line)), frame, ends);
    }

    fn rule(&mut self, line: Rect, frame: Frame<'_>, ends: [&'static str; 2]) {
        let style = self.edge(frame.focus);
        self.fill(line, self.glyphs.border.horizontal, style);
        self.text(area::left(line, 1).0, ends[0], style);
        self.text(area::right(line, 1).0, ends[1], style);
        let inside = area::inset(line, 1);
        let title = if frame.focus == Focus::Here {
            self.palette.border_focus.patch(self.palette.title)
        } else {
            self.palette.title
        };
        let mut room = inside;
        if !frame.note.is_empty() && usize::from(inside.width) > text::width(frame.title) + text::width(frame.note) + 6
        {
            let used = self.text_right(inside, &format!(" {} ", frame.note), self.palette.dim);
            room.width = room.width.saturating_sub(used);
        }
        if !frame.title.is_empty() && room.width > 3 {
            let shown = text::clean(frame.title);
            let shown = text::cut(&shown, usize::from(room.width) - 2, self.glyphs.ellipsis);
            self.text(room, &format!(" {shown} "), title);
        }
    }

    fn edge(&self, focus: Focus) -> Style {
        match focus {
            Focus::Here => self.palette.border_focus,
            Focus::Elsewhere => self.palette.border,
        }
    }

    /// Marks on the right border of a list where its window stands. `inner` is the list's area inside the frame.
    pub(super) fn thumb(&mut self, inner: Rect, top: usize, len: usize) {
        let height = usize::from(inner.height);
        if height == 0 || len <= height {
            return;
        }
        let size = (height * height / len).max(1);
        let start = top * (height - size) / (len - height);
        for at in start..(start + size).min(height) {
            let line = area::widened(area::widened(area::line(inner, cells(at))));
            self.text(area::right(line, 1).0, self.glyphs.thumb, self.palette.accent);
        }
    }
}
