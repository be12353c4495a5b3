//! The loop of a replay: keys in, frames out. It starts no worker that writes, and holds no ledger.

mod files;

pub(crate) use files::Files;

use super::called::{Called, Events, Signals};
use crate::cockpit::links;
use crate::cockpit::replay::{Replay, ReplayMsg, Sight};
use crate::config::theme::Theme;
use crate::screen::{self, Glyphs};
use crate::terminal::Session;
use crate::terminal::events::Input;
use chrono::{Local, Offset as _, TimeDelta, TimeZone as _};
use std::io;
use std::time::Duration;
use tokio::time::Instant;

/// Between two frames while it plays.
const FRAME: Duration = Duration::from_millis(50);

/// Shows a replay until the person leaves or the line goes down.
pub(crate) async fn show(replay: &mut Replay, themes: &[Theme], glyphs: &Glyphs) -> io::Result<()> {
    let mut session = Session::enter()?;
    let mut signals = Signals::new()?;
    let mut events = Events::new()?;
    let fallback = Theme::default();
    let mut passed = Instant::now();
    loop {
        let now = replay.model().now;
        replay.model_mut().local = Local.offset_from_utc_datetime(&now.naive_utc()).fix();
        let model = replay.model();
        let theme = themes.get(model.theme).unwrap_or(&fallback);
        let mut windows = model.windows;
        // A terminal that has not taken the last frame is asked again.
        let unread = !Session::is_clear();
        if !unread {
            let addresses = || links::in_sight(model);
            session.draw_with_links(|frame| windows = screen::draw(frame, model, theme, glyphs), addresses)?;
        }
        replay.update(ReplayMsg::LaidOut(Box::new(windows)));
        let due = passed + FRAME;
        let plays = replay.is_playing() || replay.is_telling();
        let msg = tokio::select! {
            biased;
            called = signals.any() => {
                if called != Called::Back {
                    return Ok(());
                }
                session.take_back()?;
                continue;
            }
            event = events.next() => match event {
                None => return Ok(()),
                Some(event) => match event? {
                    Input::Key(key) => ReplayMsg::Key(key),
                    Input::Paste(text) => ReplayMsg::Paste(text),
                    Input::Mouse(mouse) => ReplayMsg::Mouse(mouse),
                    Input::Resized => {
                        session.forget()?;
                        continue;
                    }
                    Input::PasteRefused(_) | Input::PasteCut(_) => continue,
                },
            },
            () = tokio::time::sleep_until(due), if plays || unread => {
                let real = passed.elapsed();
                passed = Instant::now();
                ReplayMsg::Passed(TimeDelta::from_std(real).unwrap_or_default())
            }
        };
        let was = plays;
        for sight in replay.update(msg) {
            match sight {
                Sight::Suspend => {
                    session.suspend()?;
                    signals.continued_by_ourselves();
                }
                Sight::CaptureMouse(capture) => session.capture_mouse(capture)?,
                Sight::Copy(text) => session.copy(&text)?,
                Sight::Quit => return Ok(()),
            }
        }
        if !was {
            // Time stood still until now.
            passed = Instant::now();
        }
    }
}
