//! The loop of the start screen: keys in, ledgers read beside it, a choice out.

use super::called::{Called, Events, Signals};
use crate::cockpit::start::{Choice, Start, StartEffect, StartMsg, update};
use crate::config::theme::Theme;
use crate::screen::{self, Glyphs};
use crate::terminal::Session;
use crate::terminal::events::Input;
use std::io;
use tokio::sync::mpsc;

/// Reads a ledger for the list; blocking, and called on a thread of its own.
pub(crate) type Look = Box<dyn FnOnce(&dyn Fn(StartMsg)) + Send>;

/// Shows the start screen until something is chosen; `None` when the person leaves or the line goes down.
pub(crate) async fn choose(
    start: &mut Start,
    themes: &[Theme],
    glyphs: &Glyphs,
    look: Look,
) -> io::Result<Option<Choice>> {
    let (sender, mut inbox) = mpsc::unbounded_channel();
    std::thread::Builder::new().name("gonogo-start".to_owned()).spawn(move || {
        // Whoever has chosen already does not wait for what is left to read.
        look(&|msg| _ = sender.send(msg));
    })?;
    let mut session = Session::enter()?;
    let mut signals = Signals::new()?;
    let mut events = Events::new()?;
    let fallback = Theme::default();
    let mut looking = true;
    loop {
        let theme = themes.get(start.theme).unwrap_or(&fallback);
        let mut height = 0;
        session.draw(|frame| height = screen::draw_start(frame, start, theme, glyphs))?;
        update(start, StartMsg::LaidOut(height));
        let msg = tokio::select! {
            biased;
            called = signals.any() => {
                if called != Called::Back {
                    return Ok(None);
                }
                session.take_back()?;
                continue;
            }
            event = events.next() => match event {
                None => return Ok(None),
                Some(event) => match event? {
                    Input::Key(key) => StartMsg::Key(key),
                    Input::Resized => {
                        session.forget()?;
                        continue;
                    }
                    Input::Paste(_) | Input::PasteRefused(_) | Input::PasteCut(_) | Input::Mouse(_) => continue,
                },
            },
            msg = inbox.recv(), if looking => {
                looking = msg.is_some();
                let Some(msg) = msg else { continue };
                msg
            }
        };
        match update(start, msg) {
            Some(StartEffect::Open(choice)) => return Ok(Some(choice)),
            Some(StartEffect::Leave) => return Ok(None),
            Some(StartEffect::Suspend) => {
                session.suspend()?;
                signals.continued_by_ourselves();
            }
            None => {}
        }
    }
}
