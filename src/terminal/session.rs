//! Takes the terminal and gives it back, whatever happens in between.

use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
    enable_raw_mode,
};
use crossterm::{execute, queue};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use std::io::{self, BufWriter, Stdout, Write};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

/// Set while the terminal is ours, so that it is given back once and only if it was taken.
static TAKEN: AtomicBool = AtomicBool::new(false);
static HOOK: Once = Once::new();

type Screen = Terminal<CrosstermBackend<BufWriter<Stdout>>>;

/// The terminal while the cockpit has it. Dropping it gives the terminal back.
pub struct Session {
    screen: Screen,
}

impl Session {
    /// Takes the terminal: alternate screen, raw keys, bracketed paste, hidden cursor.
    pub fn enter() -> io::Result<Self> {
        restore_on_panic();
        enable_raw_mode()?;
        TAKEN.store(true, Ordering::SeqCst);
        let entered = execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste, Hide);
        // A frame at 200x60 with colours is about this size, so that it leaves in one write.
        let out = BufWriter::with_capacity(64 * 1024, io::stdout());
        let screen = entered.and_then(|()| Terminal::new(CrosstermBackend::new(out)));
        // Not every terminal clears its alternate screen, and a first frame writes only what is not blank.
        let screen = screen.and_then(|mut screen| screen.clear().map(|()| screen));
        if screen.is_err() {
            give_back();
        }
        Ok(Self { screen: screen? })
    }

    /// Draws one frame between the marks of a synchronized update, so that a slow line never shows half of it.
    pub fn draw(&mut self, frame: impl FnOnce(&mut ratatui::Frame)) -> io::Result<()> {
        queue!(self.screen.backend_mut(), BeginSynchronizedUpdate)?;
        self.screen.draw(frame)?;
        queue!(self.screen.backend_mut(), EndSynchronizedUpdate)?;
        Write::flush(self.screen.backend_mut())
    }

    /// Forgets what is on the screen, so that the next frame is drawn whole.
    pub fn clear(&mut self) -> io::Result<()> {
        self.screen.clear()
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
        let mut out = io::stdout();
        let _ = execute!(out, EndSynchronizedUpdate, DisableBracketedPaste, LeaveAlternateScreen, Show);
        let _ = disable_raw_mode();
        let _ = out.flush();
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
