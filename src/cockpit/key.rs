//! Keys as the cockpit knows them, free of any terminal library.

use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    Char(char),
    Enter,
    Esc,
    Tab,
    BackTab,
    Backspace,
    Delete,
    Left,
    Right,
    Up,
    Down,
    Home,
    End,
    PageUp,
    PageDown,
    Function(u8),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub code: Code,
    pub ctrl: bool,
    pub alt: bool,
}

impl Key {
    #[must_use]
    pub const fn plain(code: Code) -> Self {
        Self { code, ctrl: false, alt: false }
    }

    #[must_use]
    pub const fn char(c: char) -> Self {
        Self::plain(Code::Char(c))
    }

    #[must_use]
    pub const fn ctrl(c: char) -> Self {
        Self { code: Code::Char(c), ctrl: true, alt: false }
    }
}

impl fmt::Display for Key {
    /// As it stands in hints and help: `⏎`, `space`, `^C`, `g`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        if self.ctrl {
            text.push('^');
        }
        if self.alt {
            text.push_str("M-");
        }
        match self.code {
            Code::Char(' ') => text.push_str("space"),
            Code::Char(c) if self.ctrl => text.extend(c.to_uppercase()),
            Code::Char(c) => text.push(c),
            Code::Enter => text.push('⏎'),
            Code::Esc => text.push_str("esc"),
            Code::Tab => text.push_str("tab"),
            Code::BackTab => text.push_str("shift-tab"),
            Code::Backspace => text.push_str("backspace"),
            Code::Delete => text.push_str("del"),
            Code::Left => text.push('←'),
            Code::Right => text.push('→'),
            Code::Up => text.push('↑'),
            Code::Down => text.push('↓'),
            Code::Home => text.push_str("home"),
            Code::End => text.push_str("end"),
            Code::PageUp => text.push_str("pgup"),
            Code::PageDown => text.push_str("pgdn"),
            Code::Function(n) => text.extend(["F".to_owned(), n.to_string()]),
        }
        f.pad(&text)
    }
}
