//! Follows the output and the progress of attempts.

use super::worker;
use crate::attempts::files::AttemptFiles;
use crate::attempts::follow::{self, SpoolReader};
use crate::cockpit::Msg;
use crate::deployment::attempt::AttemptNumber;
use crate::deployment::progress::Progress;
use crate::ledger::watch::Watcher;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;

/// What a screen can show of a log is in its last part; the rest stays on disk.
const TAIL: u64 = 256 * 1024;
/// At most this much of one log becomes one message, so that a flood never holds up the keys.
const PIECE: usize = 64 * 1024;
/// Behind by more than this, the screen jumps ahead; the spool keeps everything.
const LAG: u64 = 4 * TAIL;
/// Chunks are taken together for this long: a frame cannot show more anyway.
const TOGETHER: Duration = Duration::from_millis(15);

#[derive(Clone, Copy)]
enum Order {
    Read(AttemptNumber),
    Look,
}

pub(super) struct Spools {
    orders: Sender<Order>,
}

impl Spools {
    pub(super) fn start(evidence: PathBuf, sender: &UnboundedSender<Msg>) -> Self {
        let (orders, inbox) = mpsc::channel();
        watch(&evidence.join("attempts"), &orders, sender);
        let desk = Desk { evidence, sender: sender.clone(), open: BTreeMap::new() };
        worker::start("output", sender, move || desk.work(&inbox));
        Self { orders }
    }

    /// Reads an attempt's output from near its end, and follows it.
    pub(super) fn read(&self, attempt: AttemptNumber) {
        let _ = self.orders.send(Order::Read(attempt));
    }
}

fn watch(folder: &Path, orders: &Sender<Order>, sender: &UnboundedSender<Msg>) {
    match Watcher::new(folder) {
        Ok((watcher, mut wakes)) => {
            let orders = orders.clone();
            worker::start("output watch", sender, move || {
                let _watcher = watcher;
                while wakes.blocking_recv().is_some() && orders.send(Order::Look).is_ok() {}
            });
        }
        Err(error) => {
            let why = format!("output cannot be followed live: {error}");
            let _ = sender.send(Msg::WorkerFailed { worker: "output watch", why });
        }
    }
}

struct Followed {
    files: AttemptFiles,
    reader: SpoolReader,
    progress: Option<Progress>,
}

struct Desk {
    evidence: PathBuf,
    sender: UnboundedSender<Msg>,
    open: BTreeMap<AttemptNumber, Followed>,
}

impl Desk {
    fn work(mut self, inbox: &mpsc::Receiver<Order>) {
        while let Ok(order) = inbox.recv() {
            if self.sender.is_closed() {
                return;
            }
            self.take(order);
            // Everything that comes within a frame's time is one look.
            loop {
                match inbox.recv_timeout(TOGETHER) {
                    Ok(order) => self.take(order),
                    Err(RecvTimeoutError::Timeout) => break,
                    Err(RecvTimeoutError::Disconnected) => return,
                }
                if self.open.len() > 64 {
                    break;
                }
            }
            self.look();
        }
    }

    fn take(&mut self, order: Order) {
        let Order::Read(number) = order else { return };
        if self.open.contains_key(&number) {
            return;
        }
        let files = AttemptFiles::new(&self.evidence, number);
        let reader = SpoolReader::from_tail(&files, TAIL).unwrap_or_else(|_| SpoolReader::from_offset(&files, 0));
        self.open.insert(number, Followed { files, reader, progress: None });
    }

    fn look(&mut self) {
        let mut ended = Vec::new();
        for (number, followed) in &mut self.open {
            let before = followed.reader.offset();
            // The outcome is written after the last output, so that what is read below is all of it.
            let outcome = followed.files.outcome().exists();
            read(&self.sender, *number, followed);
            if let Some(progress) = follow::progress(&followed.files)
                && followed.progress.as_ref() != Some(&progress)
            {
                followed.progress = Some(progress.clone());
                let _ = self.sender.send(Msg::Progress(*number, Box::new(progress)));
            }
            if outcome && followed.reader.offset() == before {
                ended.push(*number);
            }
        }
        for number in ended {
            self.open.remove(&number);
        }
    }
}

fn read(sender: &UnboundedSender<Msg>, attempt: AttemptNumber, followed: &mut Followed) {
    let length = std::fs::metadata(followed.files.log()).map_or(0, |metadata| metadata.len());
    if length.saturating_sub(followed.reader.offset()) > LAG
        && let Ok(reader) = SpoolReader::from_tail(&followed.files, TAIL)
    {
        followed.reader = reader;
    }
    loop {
        let from = followed.reader.offset();
        match followed.reader.read_new(PIECE) {
            Ok(bytes) if bytes.is_empty() => return,
            Ok(bytes) => {
                if sender.send(Msg::Output { attempt, from, bytes }).is_err() {
                    return;
                }
            }
            Err(error) => {
                let text = format!("the output of attempt {attempt} cannot be read: {error}\n").into_bytes();
                let _ = sender.send(Msg::Output { attempt, from, bytes: text });
                return;
            }
        }
    }
}
