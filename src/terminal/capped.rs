//! A backend that never claims to be larger than what is worth drawing: a terminal that says it has 65,535 columns and as
//! many lines would have the program allocate without end.

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use std::io::{self, Write};

const MOST: Size = Size { width: 1_000, height: 400 };

#[derive(Debug)]
pub(super) struct Capped<B>(pub B);

fn capped(size: Size) -> Size {
    Size { width: size.width.min(MOST.width), height: size.height.min(MOST.height) }
}

impl<B: Backend> Backend for Capped<B> {
    type Error = B::Error;

    fn draw<'a, I: Iterator<Item = (u16, u16, &'a Cell)>>(&mut self, content: I) -> Result<(), B::Error> {
        self.0.draw(content)
    }

    fn hide_cursor(&mut self) -> Result<(), B::Error> {
        self.0.hide_cursor()
    }

    fn show_cursor(&mut self) -> Result<(), B::Error> {
        self.0.show_cursor()
    }

    fn get_cursor_position(&mut self) -> Result<Position, B::Error> {
        self.0.get_cursor_position()
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> Result<(), B::Error> {
        self.0.set_cursor_position(position)
    }

    fn clear(&mut self) -> Result<(), B::Error> {
        self.0.clear()
    }

    fn clear_region(&mut self, kind: ClearType) -> Result<(), B::Error> {
        self.0.clear_region(kind)
    }

    fn size(&self) -> Result<Size, B::Error> {
        self.0.size().map(capped)
    }

    fn window_size(&mut self) -> Result<WindowSize, B::Error> {
        let size = self.0.window_size()?;
        Ok(WindowSize { columns_rows: capped(size.columns_rows), ..size })
    }

    fn flush(&mut self) -> Result<(), B::Error> {
        self.0.flush()
    }
}

impl<B: Write> Write for Capped<B> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::backend::TestBackend;

    #[test]
    fn a_size_beyond_reason_is_cut_and_any_other_kept() {
        assert_eq!(Capped(TestBackend::new(200, 60)).size().unwrap(), Size::new(200, 60));
        assert_eq!(Capped(TestBackend::new(2_000, 500)).size().unwrap(), MOST);
        assert_eq!(capped(Size::new(u16::MAX, u16::MAX)), MOST);
    }
}
