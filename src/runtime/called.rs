//! What calls the loop from outside: the terminal's events and the system's signals.

use crossterm::event::EventStream;
use futures_util::StreamExt;
use std::io;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The terminal's events. Its stream reads ahead on a thread of its own, which would take the keys of a program that
/// runs in front of us, so it is let go for that time.
pub struct Events(Option<EventStream>);

impl Events {
    /// From now on nothing is missed, a change of the terminal's size least of all: begun before the first frame.
    pub fn new() -> Self {
        Self(Some(EventStream::new()))
    }

    pub fn stream(&mut self) -> &mut EventStream {
        self.0.get_or_insert_with(EventStream::new)
    }

    pub async fn next(&mut self) -> Option<io::Result<crossterm::event::Event>> {
        self.stream().next().await
    }

    pub fn pause(&mut self) {
        self.0 = None;
    }
}

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Called {
    /// To end.
    End,
    /// To stop, by the terminal's own key; a program in front of us may have been meant.
    Stop,
    /// Back at the front after a stop.
    Back,
}

/// The signals that end the cockpit, with the terminal given back and the attempts going on; and the one after a stop.
pub struct Signals {
    terminate: Signal,
    hang_up: Signal,
    interrupt: Signal,
    goes_on: Signal,
    /// One going on that was seen to already: taking the terminal a second time would lose keys in between.
    seen: bool,
}

impl Signals {
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            goes_on: signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?,
            seen: false,
        })
    }

    /// The terminal was taken again after a stop of our own; the signal that comes for it is no news.
    pub fn continued_by_ourselves(&mut self) {
        self.seen = true;
    }

    /// What came: the end, or going on after a stop.
    pub async fn any(&mut self) -> Called {
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
