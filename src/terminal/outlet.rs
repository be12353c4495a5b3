//! What goes to the terminal, written by a thread of its own: a terminal that is not read (a stopped tmux pane, a line that
//! hangs) blocks that thread, and never the loop that has to hear keys and signals.

use std::fs::File;
use std::io::{self, Write};
use std::sync::mpsc::{self, Sender};
use std::sync::{Condvar, Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// A terminal that takes nothing for so long is not read.
const STUCK: Duration = Duration::from_millis(60);
/// Written at once, so that it shows whether a slow terminal takes anything at all.
const PIECE: usize = 4 * 1024;

/// There is one terminal, and it has to be given back from anywhere.
static LANE: OnceLock<Lane> = OnceLock::new();

#[derive(Debug)]
struct Lane {
    sender: Mutex<Sender<Vec<u8>>>,
    state: Mutex<State>,
    went_on: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Bytes handed over and not written yet.
    waiting: usize,
    failed: Option<io::ErrorKind>,
}

fn lane() -> &'static Lane {
    LANE.get_or_init(|| {
        let (sender, inbox) = mpsc::channel::<Vec<u8>>();
        let begun = std::thread::Builder::new().name("gonogo-screen".to_owned()).spawn(move || {
            let terminal = rustix::io::dup(rustix::stdio::stdout()).map(File::from);
            for bytes in inbox {
                for piece in bytes.chunks(PIECE) {
                    let written = match terminal.as_ref() {
                        Ok(mut terminal) => terminal.write_all(piece),
                        Err(error) => Err((*error).into()),
                    };
                    lane().wrote(piece.len(), written.err());
                }
            }
        });
        let state = State { failed: begun.err().map(|error| error.kind()), ..State::default() };
        Lane { sender: Mutex::new(sender), state: Mutex::new(state), went_on: Condvar::new() }
    })
}

impl Lane {
    fn wrote(&self, bytes: usize, failed: Option<io::Error>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.waiting = state.waiting.saturating_sub(bytes);
        state.failed = state.failed.or(failed.map(|error| error.kind()));
        drop(state);
        self.went_on.notify_all();
    }

    fn send(&self, bytes: Vec<u8>) -> io::Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kind) = state.failed {
            return Err(kind.into());
        }
        state.waiting += bytes.len();
        drop(state);
        let sent = self.sender.lock().unwrap_or_else(PoisonError::into_inner).send(bytes);
        sent.map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

/// Collects what belongs together until it is flushed: then it is handed over, and nothing waits.
#[derive(Debug, Default)]
pub(super) struct Outlet(Vec<u8>);

impl Write for Outlet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.0.is_empty() { Ok(()) } else { lane().send(std::mem::take(&mut self.0)) }
    }
}

/// Whether the terminal has taken all of it, so that another frame makes sense.
pub(super) fn is_clear() -> bool {
    lane().state.lock().unwrap_or_else(PoisonError::into_inner).waiting == 0
}

/// Waits until all of it is written, for as long as the terminal takes something. One that takes nothing for [`STUCK`] may
/// be left in the alternate screen: a signal has to be heard within 100 ms.
pub(super) fn settle() {
    let lane = lane();
    let mut state = lane.state.lock().unwrap_or_else(PoisonError::into_inner);
    while state.waiting > 0 && state.failed.is_none() {
        let before = state.waiting;
        let waited = lane.went_on.wait_timeout(state, STUCK).unwrap_or_else(PoisonError::into_inner);
        state = waited.0;
        if waited.1.timed_out() && state.waiting >= before {
            return;
        }
    }
}
