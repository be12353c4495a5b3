//! What calls the loop from outside: the terminal's input and the system's signals.

use crate::terminal::events::Input;
use crate::terminal::keys::Keys;
use std::io;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The terminal's input. It is read ahead on a thread of its own, which would take the keys of a program that runs in
/// front of us, so it is let go for that time.
pub(super) struct Events {
    keys: Option<Keys>,
    resized: Signal,
}

impl Events {
    /// From now on nothing is missed, a change of the terminal's size least of all: begun before the first frame.
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { keys: Some(Keys::new()?), resized: signal(SignalKind::window_change())? })
    }

    fn keys(&mut self) -> io::Result<&mut Keys> {
        if self.keys.is_none() {
            self.keys = Some(Keys::new()?);
        }
        self.keys.as_mut().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// The next input; `None` when the terminal is gone.
    pub(super) async fn next(&mut self) -> Option<io::Result<Input>> {
        if let Err(error) = self.keys() {
            return Some(Err(error));
        }
        let Self { keys: Some(keys), resized } = self else { return None };
        tokio::select! {
            Some(()) = resized.recv() => Some(Ok(Input::Resized)),
            input = keys.next() => input,
        }
    }

    /// Input that is there already.
    pub(super) fn waiting(&mut self) -> Option<io::Result<Input>> {
        self.keys.as_mut()?.waiting()
    }

    pub(super) fn pause(&mut self) {
        self.keys = None;
    }
}

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Called {
    /// To end.
    End,
    /// To stop, by the terminal's own key; a program in front of us may have been meant.
    Stop,
    /// Back at the front after a stop.
    Back,
}

/// The signals that end the cockpit, with the terminal given back and the attempts going on; and the one after a stop.
pub(super) struct Signals {
    terminate: Signal,
    hang_up: Signal,
    interrupt: Signal,
    goes_on: Signal,
    /// One going on that was seen to already: taking the terminal a second time would lose keys in between.
    seen: bool,
}

impl Signals {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            goes_on: signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?,
            seen: false,
        })
    }

    /// The terminal was taken again after a stop of our own; the signal that comes for it is no news.
    pub(super) fn continued_by_ourselves(&mut self) {
        self.seen = true;
    }

    /// What came: the end, or going on after a stop.
    pub(super) async fn any(&mut self) -> Called {
        loop {
            let called = self.next().await;
            if called != Called::Back || !std::mem::take(&mut self.seen) {
                return called;
            }
        }
    }

    async fn next(&mut self) -> Called {
        tokio::select! {
            _ = self.terminate.recv() => Called::End,
            _ = self.hang_up.recv() => Called::End,
            _ = self.interrupt.recv() => Called::Stop,
            _ = self.goes_on.recv() => Called::Back,
        }
    }
}
