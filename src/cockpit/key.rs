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
    /// Pressed behind the leader.
    pub led: bool,
}

impl Key {
    #[must_use]
    pub const fn plain(code: Code) -> Self {
        Self { code, ctrl: false, alt: false, led: false }
    }

    #[must_use]
    pub const fn char(c: char) -> Self {
        Self::plain(Code::Char(c))
    }

    #[must_use]
    pub const fn ctrl(c: char) -> Self {
        Self { code: Code::Char(c), ctrl: true, alt: false, led: false }
    }
}

/// What comes before a key whose action cannot be taken back.
pub const LEADER: char = '!';

impl Key {
    /// A key behind the leader.
    #[must_use]
    pub const fn led(c: char) -> Self {
        Self { led: true, ..Self::char(c) }
    }

    pub fn is_leader(self) -> bool {
        self == Self::char(LEADER)
    }
}

impl Key {
    /// Reads a key as a file of keys writes it: `g`, `G`, `ctrl-r`, `alt-x`, `enter`, `space`, `f5`; `!a` behind the leader.
    ///
    /// # Errors
    /// A sentence that says how keys are written.
    pub(in crate::cockpit) fn parse(text: &str) -> Result<Self, String> {
        if let Some(behind) = text.strip_prefix(LEADER).filter(|behind| !behind.is_empty()) {
            return Self::parse(behind).map(|key| Self { led: true, ..key });
        }
        let (mut ctrl, mut alt, mut rest) = (false, false, text);
        loop {
            if let (Some(after), false) = (rest.strip_prefix("ctrl-"), ctrl) {
                (ctrl, rest) = (true, after);
            } else if let (Some(after), false) = (rest.strip_prefix("alt-"), alt) {
                (alt, rest) = (true, after);
            } else {
                break;
            }
        }
        let mut letters = rest.chars();
        if let (Some(c), None) = (letters.next(), letters.next())
            && !c.is_control()
        {
            // Terminals send the same for both cases with control.
            let c = if ctrl { c.to_ascii_lowercase() } else { c };
            return Ok(Self { code: Code::Char(c), ctrl, alt, led: false });
        }
        let function = rest.strip_prefix('f').and_then(|number| number.parse().ok()).filter(|n| (1..=24).contains(n));
        let named = NAMED.iter().find(|(name, _)| *name == rest).map(|(_, code)| *code);
        let code = named.or(function.map(Code::Function));
        code.map(|code| Self { code, ctrl, alt, led: false }).ok_or_else(|| {
            let known: Vec<&str> = NAMED.iter().map(|(name, _)| *name).collect();
            format!("`{text}` is no key; write one letter, f1 to f24, or {}, behind ctrl- or alt-", known.join(", "))
        })
    }
}

const NAMED: [(&str, Code); 15] = [
    ("enter", Code::Enter),
    ("space", Code::Char(' ')),
    ("esc", Code::Esc),
    ("tab", Code::Tab),
    ("shift-tab", Code::BackTab),
    ("backspace", Code::Backspace),
    ("delete", Code::Delete),
    ("left", Code::Left),
    ("right", Code::Right),
    ("up", Code::Up),
    ("down", Code::Down),
    ("home", Code::Home),
    ("end", Code::End),
    ("page-up", Code::PageUp),
    ("page-down", Code::PageDown),
];

impl fmt::Display for Key {
    /// As it is in hints and help: `⏎`, `space`, `^C`, `g`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        if self.led {
            text.push(LEADER);
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_as_people_write_them() {
        assert_eq!(Key::parse("g"), Ok(Key::char('g')));
        assert_eq!(Key::parse("ctrl-R"), Ok(Key::ctrl('r')));
        assert_eq!(Key::parse("-"), Ok(Key::char('-')));
        assert_eq!(Key::parse("ctrl-alt-x"), Ok(Key { alt: true, ..Key::ctrl('x') }));
        assert_eq!(Key::parse("!a"), Ok(Key::led('a')));
        assert_eq!(Key::parse("!"), Ok(Key::char(LEADER)));
        assert_eq!(Key::parse("f12"), Ok(Key::plain(Code::Function(12))));
        assert_eq!(Key::parse("space"), Ok(Key::char(' ')));
        assert_eq!(Key::parse("이"), Ok(Key::char('이')));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for wrong in ["", "ctrl-", "ctrl-ctrl-x", "f0", "f25", "return", "\u{1b}", "gg"] {
            assert!(Key::parse(wrong).is_err(), "{wrong:?} was accepted");
        }
    }
}
