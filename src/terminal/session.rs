//! Takes the terminal and gives it back, whatever happens in between.

#![allow(clippy::disallowed_methods, reason = "the terminal is this room's to write to")]

use super::capped::Capped;
use super::links::{self, Links};
use super::outlet::{self, Outlet};
use super::signals::{self, Signals};
use crate::cockpit::effect::Capture;
use crate::harmless;
use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::queue;
use crossterm::style::Print;
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode,
};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Frame, Terminal};
use rustix::process::{Signal, kill_current_process_group};
use std::collections::BTreeSet;
use std::io;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

/// Set while the terminal is ours, so that it is given back once and only if it was taken.
static TAKEN: AtomicBool = AtomicBool::new(false);
static HOOK: Once = Once::new();

/// Set while we have the mouse, so that it is taken again after the terminal was given back for a while.
static MOUSE: AtomicBool = AtomicBool::new(false);

/// Buttons and wheel, in cells; moving about is no news. The library's own command asks for every move.
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1006h";
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1000l";

/// Set while the terminal shows progress that has to be taken away again.
static PROGRESS: AtomicBool = AtomicBool::new(false);

type Screen = Terminal<Capped<CrosstermBackend<Outlet>>>;

/// The terminal while the cockpit has it. Dropping it gives the terminal back.
pub(crate) struct Session {
    screen: Screen,
    /// The links on the screen, where the terminal has such.
    links: Option<Links>,
    signals: Signals,
}

impl Session {
    /// Takes the terminal: alternate screen, raw keys, bracketed paste, hidden cursor.
    pub(crate) fn enter() -> io::Result<Self> {
        restore_on_panic();
        enable_raw_mode()?;
        TAKEN.store(true, Ordering::SeqCst);
        // Not every terminal clears its alternate screen, and a first frame writes only what is not blank.
        let clear = Clear(ClearType::All);
        let mut out = Outlet::default();
        let entered = queue!(out, EnterAlternateScreen, clear, EnableBracketedPaste, Hide)
            .and_then(|()| io::Write::flush(&mut out));
        let screen = entered.and_then(|()| Terminal::new(Capped(CrosstermBackend::new(out))));
        if screen.is_err() {
            give_back();
        }
        let links = links::are_understood(|name| std::env::var(name).ok()).then(Links::default);
        let signals = Signals::of(|name| std::env::var(name).ok());
        Ok(Self { screen: screen?, links, signals })
    }

    /// Draws one frame as [`Session::draw`] does, with these addresses as links where the terminal has such.
    pub(crate) fn draw_with_links(
        &mut self,
        frame: impl FnOnce(&mut Frame),
        addresses: impl FnOnce() -> BTreeSet<String>,
    ) -> io::Result<()> {
        let Some(links) = &mut self.links else { return self.draw(frame) };
        queue!(self.screen.backend_mut(), BeginSynchronizedUpdate)?;
        let drawn = self.screen.draw(|it| harmlessly(it, frame))?.buffer.clone();
        links.write(self.screen.backend_mut(), &drawn, &addresses())?;
        self.tell(EndSynchronizedUpdate)
    }

    /// Draws one frame between the marks of a synchronized update, so that a slow line never shows half of it.
    pub(crate) fn draw(&mut self, frame: impl FnOnce(&mut Frame)) -> io::Result<()> {
        queue!(self.screen.backend_mut(), BeginSynchronizedUpdate)?;
        self.screen.draw(|it| harmlessly(it, frame))?;
        self.tell(EndSynchronizedUpdate)
    }
}

impl Session {
    /// Hands something over to the terminal behind what was written before.
    fn tell(&mut self, command: impl crossterm::Command) -> io::Result<()> {
        let out = self.screen.backend_mut();
        queue!(out, command)?;
        io::Write::flush(out)
    }

    /// Whether the terminal has taken the last frame. One that is not read gets no other until it is.
    pub(crate) fn is_clear() -> bool {
        outlet::is_clear()
    }

    /// Gives the terminal back, stops until the shell brings us to the front again, and takes it anew. The whole process
    /// group stops, as it does when the terminal itself sends the signal.
    pub(crate) fn suspend(&mut self) -> io::Result<()> {
        give_back();
        kill_current_process_group(Signal::TSTP)?;
        self.take_back()
    }

    /// Takes the mouse from the terminal, or gives it back.
    pub(crate) fn capture_mouse(&mut self, capture: Capture) -> io::Result<()> {
        MOUSE.store(capture == Capture::On, Ordering::SeqCst);
        let sequence = if capture == Capture::On { MOUSE_ON } else { MOUSE_OFF };
        self.tell(Print(sequence))
    }

    /// Hands a text to the terminal's clipboard (OSC 52), which also works through SSH. Whether the terminal takes it
    /// nobody hears.
    pub(crate) fn copy(&mut self, text: &str) -> io::Result<()> {
        let text = data_encoding::BASE64.encode(harmless::text(text).as_bytes());
        self.tell(Print(format!("\x1b]52;c;{text}\x1b\\")))
    }

    /// Calls a person who looks elsewhere, as far as the terminal can and the person wants it.
    pub(crate) fn alert(&mut self, text: &str) -> io::Result<()> {
        if !TAKEN.load(Ordering::SeqCst) {
            return Ok(());
        }
        let alert = self.signals.alert(text);
        self.tell(Print(alert))
    }

    /// Shows the terminal how far what is running has come, where it shows such.
    pub(crate) fn show_progress(&mut self, percent: Option<u8>) -> io::Result<()> {
        if !TAKEN.load(Ordering::SeqCst) {
            return Ok(());
        }
        let sequence = self.signals.progress(percent);
        PROGRESS.store(percent.is_some() && !sequence.is_empty(), Ordering::SeqCst);
        self.tell(Print(sequence))
    }

    /// Gives the terminal back to a program that runs in front of us.
    pub(crate) fn lend() {
        give_back();
    }

    /// Takes the terminal again, whatever became of it meanwhile, and has the next frame drawn whole.
    pub(crate) fn take_back(&mut self) -> io::Result<()> {
        // The library believes that the terminal is as it left it; only undoing makes it set it again.
        let _ = disable_raw_mode();
        enable_raw_mode()?;
        TAKEN.store(true, Ordering::SeqCst);
        let mouse = if MOUSE.load(Ordering::SeqCst) { MOUSE_ON } else { "" };
        let out = self.screen.backend_mut();
        queue!(out, EnterAlternateScreen, Clear(ClearType::All), EnableBracketedPaste, Hide)?;
        self.tell(Print(mouse))?;
        self.forget()
    }

    /// Has the next frame drawn whole. A terminal that changed its size has moved things about, even when it is back at
    /// the size it had.
    pub(crate) fn forget(&mut self) -> io::Result<()> {
        if let Some(links) = &mut self.links {
            links.forget();
        }
        let size = self.screen.size()?;
        self.screen.resize(Rect::new(0, 0, size.width, size.height))
    }
}

/// Draws a frame in which no cell holds what a terminal obeys or a reader does not see, wherever its text came from.
pub(super) fn harmlessly(frame: &mut Frame, draw: impl FnOnce(&mut Frame)) {
    draw(frame);
    for cell in &mut frame.buffer_mut().content {
        if cell.symbol().contains(harmless::is_hidden) {
            let shown = cell.symbol().replace(harmless::is_hidden, "\u{fffd}");
            // One place shows one character; a hidden one beside another takes none of its own.
            let seen = cell.symbol().chars().find(|c| !harmless::is_hidden(*c)).map(String::from);
            cell.set_symbol(&seen.unwrap_or(shown));
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        give_back();
    }
}

/// Leaves the terminal as it was found. Errors have nowhere to go any more: the line may be gone.
fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let mut out = Outlet::default();
        if MOUSE.load(Ordering::SeqCst) {
            let _ = queue!(out, Print(MOUSE_OFF));
        }
        if PROGRESS.swap(false, Ordering::SeqCst) {
            let _ = queue!(out, Print(signals::NO_PROGRESS));
        }
        let _ = queue!(out, EndSynchronizedUpdate, DisableBracketedPaste, LeaveAlternateScreen, Show);
        let _ = io::Write::flush(&mut out);
        outlet::settle();
        let _ = disable_raw_mode();
    }
}

/// A panic of the loop gives the terminal back before it speaks. A worker's panic says nothing here: it becomes a message
/// on the screen, and words on standard error would tear the picture.
fn restore_on_panic() {
    HOOK.call_once(|| {
        let speak = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let main = std::thread::current().name() == Some("main");
            if main {
                give_back();
            }
            if main || !TAKEN.load(Ordering::SeqCst) {
                speak(info);
            }
        }));
    });
}
