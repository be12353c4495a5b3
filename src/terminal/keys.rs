//! The terminal's input, read on a thread of its own.

mod splitter;

use super::events::Input;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use splitter::Splitter;
use std::io::{self, PipeReader, PipeWriter};
use std::os::fd::AsFd;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

/// The thread that reads the terminal. Dropped, it has let go of the terminal: a program in front of us gets every key.
pub(crate) struct Keys {
    inbox: UnboundedReceiver<io::Result<Input>>,
    stop: Option<PipeWriter>,
    reader: Option<JoinHandle<()>>,
}

impl Keys {
    pub(crate) fn new() -> io::Result<Self> {
        let (sender, inbox) = mpsc::unbounded_channel();
        let (stopped, stop) = io::pipe()?;
        let reader = std::thread::Builder::new().name("gonogo-keys".to_owned()).spawn(move || {
            if let Err(error) = read(&stopped, &sender) {
                // Nobody listens any more where the loop is over.
                let _ = sender.send(Err(error));
            }
        })?;
        Ok(Self { inbox, stop: Some(stop), reader: Some(reader) })
    }

    /// The next input; `None` when the terminal is gone.
    pub(crate) async fn next(&mut self) -> Option<io::Result<Input>> {
        self.inbox.recv().await
    }

    /// Input that is there already.
    pub(crate) fn waiting(&mut self) -> Option<io::Result<Input>> {
        self.inbox.try_recv().ok()
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
    }
}

/// Reads until the other end of the pipe is dropped or the terminal is gone.
fn read(stopped: &PipeReader, sender: &UnboundedSender<io::Result<Input>>) -> io::Result<()> {
    let terminal = io::stdin();
    let mut splitter = Splitter::default();
    let mut bytes = vec![0; 64 * 1024];
    let mut tell = |input| _ = sender.send(Ok(input));
    loop {
        let wait = splitter.wait(Instant::now());
        let wait = wait
            .map(|wait| Timespec { tv_sec: 0, tv_nsec: wait.min(Duration::from_millis(999)).subsec_nanos().into() });
        let mut ready = [PollFd::new(&terminal, PollFlags::IN), PollFd::new(stopped, PollFlags::IN)];
        match poll(&mut ready, wait.as_ref()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        if !ready[1].revents().is_empty() {
            return Ok(());
        }
        if !ready[0].revents().is_empty() {
            match rustix::io::read(terminal.as_fd(), &mut bytes) {
                Ok(0) => return Ok(()),
                Ok(count) => splitter.feed(&bytes[..count], Instant::now(), &mut tell),
                Err(Errno::INTR | Errno::AGAIN) => {}
                Err(error) => return Err(error.into()),
            }
        }
        splitter.lapse(Instant::now(), &mut tell);
    }
}
