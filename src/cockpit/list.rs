//! A cursor in a list that is longer than its window.

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ListCursor {
    pub at: usize,
    /// The first line shown; kept so that the cursor moves in the window before the window moves.
    pub top: usize,
}

impl ListCursor {
    pub fn step(&mut self, by: isize, len: usize) {
        self.at = self.at.saturating_add_signed(by).min(len.saturating_sub(1));
    }

    pub fn clamp(&mut self, len: usize) {
        self.at = self.at.min(len.saturating_sub(1));
    }

    /// The first line to show in a window of this height.
    pub fn window(&self, height: usize, len: usize) -> usize {
        let last_top = len.saturating_sub(height);
        // One line of context is kept above and below the cursor where there is room for it.
        let margin = usize::from(height > 4);
        let lowest = (self.at + 1 + margin).saturating_sub(height).min(last_top);
        let highest = self.at.saturating_sub(margin).min(last_top);
        self.top.clamp(lowest.min(highest), highest)
    }

    /// Remembers the window after the list was laid out.
    pub fn settle(&mut self, height: usize, len: usize) {
        self.clamp(len);
        self.top = self.window(height, len);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_moves_only_when_the_cursor_reaches_its_edge() {
        let mut cursor = ListCursor::default();
        cursor.step(5, 100);
        assert_eq!(cursor.window(10, 100), 0);
        cursor.step(5, 100);
        assert_eq!(cursor.window(10, 100), 2);
        cursor.settle(10, 100);
        cursor.step(-3, 100);
        assert_eq!(cursor.window(10, 100), 2);
        cursor.step(isize::MIN, 100);
        assert_eq!(cursor.window(10, 100), 0);
        cursor.step(isize::MAX, 100);
        assert_eq!(cursor.window(10, 100), 90);
        assert_eq!(cursor.window(0, 0), 0);
    }
}
