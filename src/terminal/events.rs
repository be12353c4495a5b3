//! Terminal events as the cockpit knows them.

use crate::cockpit::Key;
use crate::cockpit::key::Code;
use crate::cockpit::msg::{Mouse, MouseDid};
use terminput::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind, ScrollDirection,
};

/// What came in from the terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Input {
    Key(Key),
    Paste(String),
    /// A paste of so many bytes, more than is taken.
    PasteRefused(usize),
    /// A paste whose end mark did not come, of so many bytes until then.
    PasteCut(usize),
    Mouse(Mouse),
    Resized,
}

/// Events nobody asked for (key releases, a mouse that only moves, focus) are nothing.
pub(crate) fn input(event: Event) -> Option<Input> {
    match event {
        Event::Key(key) => self::key(key).map(Input::Key),
        Event::Paste(text) => Some(Input::Paste(text)),
        Event::Resize { .. } => Some(Input::Resized),
        Event::Mouse(event) => mouse(event).map(Input::Mouse),
        Event::FocusGained | Event::FocusLost => None,
    }
}

fn mouse(event: MouseEvent) -> Option<Mouse> {
    let did = match event.kind {
        MouseEventKind::Down(MouseButton::Left) => MouseDid::Click,
        MouseEventKind::Scroll(ScrollDirection::Up) => MouseDid::WheelUp,
        MouseEventKind::Scroll(ScrollDirection::Down) => MouseDid::WheelDown,
        _ => return None,
    };
    Some(Mouse { did, column: event.column, line: event.row })
}

fn key(event: KeyEvent) -> Option<Key> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    let code = match event.code {
        KeyCode::Char(c) => Code::Char(c),
        KeyCode::Enter => Code::Enter,
        KeyCode::Esc => Code::Esc,
        KeyCode::Tab if event.modifiers.contains(KeyModifiers::SHIFT) => Code::BackTab,
        KeyCode::Tab => Code::Tab,
        KeyCode::Backspace => Code::Backspace,
        KeyCode::Delete => Code::Delete,
        KeyCode::Left => Code::Left,
        KeyCode::Right => Code::Right,
        KeyCode::Up => Code::Up,
        KeyCode::Down => Code::Down,
        KeyCode::Home => Code::Home,
        KeyCode::End => Code::End,
        KeyCode::PageUp => Code::PageUp,
        KeyCode::PageDown => Code::PageDown,
        KeyCode::F(n) => Code::Function(n),
        _ => return None,
    };
    let ctrl = event.modifiers.contains(KeyModifiers::CTRL);
    let alt = event.modifiers.contains(KeyModifiers::ALT);
    Some(Key { ctrl, alt, ..Key::plain(code) })
}
