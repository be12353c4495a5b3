//! The terminal's input, read on a thread of its own: bytes to keys, mouse and pastes.
//!
//! Pastes are taken out of the bytes before anything parses them, up to a limit of size and of time: a parser that looks
//! through all it has again for every byte makes a paste of a megabyte last for minutes, and one whose end mark is lost
//! would swallow every later key.

use super::events::{Input, input};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use std::io::{self, PipeReader, PipeWriter};
use std::os::fd::AsFd;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use terminput::Event;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

const PASTE: &[u8] = b"\x1b[200~";
const PASTE_END: &[u8] = b"\x1b[201~";
/// A paste of more bytes than this is refused: no note is as long.
pub const LONGEST_PASTE: usize = 1 << 20;
/// A paste that goes on has to send at least this much at a time; fewer bytes are keys pressed by somebody who waits.
const BULK: usize = 16;
/// A paste whose end mark has not come this long after its last bytes is over.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long an escape may be the beginning of a key that a slow line brings in pieces.
const ESCAPE: Duration = Duration::from_millis(25);
/// No key is longer than this; what is longer is noise.
const LONGEST_KEY: usize = 64;

/// Bytes as they come in, made into input.
#[derive(Debug, Default)]
pub struct Splitter {
    /// What may be the beginning of a key.
    key: Vec<u8>,
    paste: Option<Paste>,
    /// When what is pending began or last went on.
    since: Option<Instant>,
}

#[derive(Debug, Default)]
struct Paste {
    text: Vec<u8>,
    /// Bytes beyond the limit.
    beyond: usize,
}

impl Paste {
    fn take(&mut self, byte: u8) {
        self.text.push(byte);
        // The end mark has to be seen beyond the limit too.
        if self.text.len() > LONGEST_PASTE + PASTE_END.len() {
            let more = self.text.len() - PASTE_END.len();
            self.beyond += more - LONGEST_PASTE;
            self.text.drain(LONGEST_PASTE..more);
        }
    }

    fn ended(self) -> Input {
        if self.beyond > 0 || self.text.len() > LONGEST_PASTE {
            return Input::PasteRefused(self.text.len() + self.beyond);
        }
        Input::Paste(String::from_utf8_lossy(&self.text).into_owned())
    }
}

impl Splitter {
    /// Takes bytes that came in at `now`.
    pub fn feed(&mut self, bytes: &[u8], now: Instant, found: &mut impl FnMut(Input)) {
        if self.paste.is_none() || bytes.len() >= BULK {
            self.since = Some(now);
        }
        for byte in bytes {
            if let Some(paste) = &mut self.paste {
                paste.take(*byte);
                if paste.text.ends_with(PASTE_END) {
                    paste.text.truncate(paste.text.len() - PASTE_END.len());
                    self.paste.take().into_iter().map(Paste::ended).for_each(&mut *found);
                }
                continue;
            }
            self.key.push(*byte);
            if self.key == PASTE {
                self.key.clear();
                self.paste = Some(Paste::default());
            } else if self.key.as_slice() != b"\x1b" {
                self.parse(found);
            }
        }
    }

    /// What time decides: a lone escape is the key, and a paste without an end is over.
    pub fn lapse(&mut self, now: Instant, found: &mut impl FnMut(Input)) {
        if self.wait(now).is_none_or(|wait| !wait.is_zero()) {
            return;
        }
        self.since = None;
        self.paste.take().into_iter().map(Paste::ended).for_each(&mut *found);
        if self.key.as_slice() == b"\x1b" {
            self.parse(found);
        }
        self.key.clear();
    }

    /// How long to wait for more before [`Splitter::lapse`] has something to do.
    #[must_use]
    pub fn wait(&self, now: Instant) -> Option<Duration> {
        let limit = if self.paste.is_some() {
            PATIENCE
        } else if self.key.is_empty() {
            return None;
        } else {
            ESCAPE
        };
        Some(limit.saturating_sub(now.saturating_duration_since(self.since?)))
    }

    fn parse(&mut self, found: &mut impl FnMut(Input)) {
        match Event::parse_from(&self.key) {
            Ok(None) if self.key.len() < LONGEST_KEY => {}
            Ok(event) => {
                self.key.clear();
                event.and_then(input).into_iter().for_each(found);
            }
            Err(_) => self.key.clear(),
        }
    }
}

/// The thread that reads the terminal. Dropped, it has let go of the terminal: a program in front of us gets every key.
pub struct Keys {
    inbox: UnboundedReceiver<io::Result<Input>>,
    stop: Option<PipeWriter>,
    reader: Option<JoinHandle<()>>,
}

impl Keys {
    pub fn new() -> io::Result<Self> {
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
    pub async fn next(&mut self) -> Option<io::Result<Input>> {
        self.inbox.recv().await
    }

    /// Input that is there already.
    pub fn waiting(&mut self) -> Option<io::Result<Input>> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cockpit::Key;
    use crate::cockpit::key::Code;
    use proptest::prelude::*;

    /// What comes of bytes that arrive in pieces at once, and then nothing for long enough.
    fn all(pieces: &[&[u8]]) -> Vec<Input> {
        let (mut splitter, mut found, now) = (Splitter::default(), Vec::new(), Instant::now());
        for piece in pieces {
            splitter.feed(piece, now, &mut |input| found.push(input));
        }
        splitter.lapse(now + PATIENCE, &mut |input| found.push(input));
        found
    }

    fn key(c: char) -> Input {
        Input::Key(Key::char(c))
    }

    #[test]
    fn keys_come_out_as_they_were_pressed() {
        let bytes = "aG é\r\t\x7f\x1b[A\x1bOB\x1b[3~\x1b[15~\x1b[Z\x04\x1bx".as_bytes();
        let plain = |code| Input::Key(Key::plain(code));
        let expected = [
            key('a'),
            key('G'),
            key(' '),
            key('é'),
            plain(Code::Enter),
            plain(Code::Tab),
            plain(Code::Backspace),
            plain(Code::Up),
            plain(Code::Down),
            plain(Code::Delete),
            plain(Code::Function(5)),
            plain(Code::BackTab),
            Input::Key(Key::ctrl('d')),
            Input::Key(Key { alt: true, ..Key::char('x') }),
        ];
        assert_eq!(all(&[bytes]), expected);
    }

    #[test]
    fn a_lone_escape_is_the_key_once_nothing_followed() {
        let (mut splitter, mut found, now) = (Splitter::default(), Vec::new(), Instant::now());
        splitter.feed(b"\x1b", now, &mut |input| found.push(input));
        assert_eq!((found.len(), splitter.wait(now)), (0, Some(ESCAPE)));
        splitter.lapse(now + ESCAPE / 2, &mut |input| found.push(input));
        assert!(found.is_empty());
        splitter.lapse(now + ESCAPE, &mut |input| found.push(input));
        assert_eq!(found, [Input::Key(Key::plain(Code::Esc))]);
        assert_eq!(splitter.wait(now), None);
    }

    #[test]
    fn a_paste_is_a_text_and_never_keys() {
        let pasted = Input::Paste("q\ry\x1b[A".to_owned());
        assert_eq!(all(&[b"a\x1b[200~q\ry\x1b[A\x1b[201~b"]), [key('a'), pasted, key('b')]);
    }

    #[test]
    fn a_paste_without_an_end_is_over_after_a_second_and_keys_work_again() {
        let (mut splitter, mut found, now) = (Splitter::default(), Vec::new(), Instant::now());
        let mut tell = |input| found.push(input);
        splitter.feed(b"\x1b[200~some words that were cut off", now, &mut tell);
        // Somebody presses keys meanwhile: they are not more of the paste, and do not keep it open.
        splitter.feed(b"q", now + PATIENCE / 2, &mut tell);
        splitter.lapse(now + PATIENCE, &mut tell);
        splitter.feed(b"j", now + PATIENCE, &mut tell);
        assert_eq!(found, [Input::Paste("some words that were cut offq".to_owned()), key('j')]);
    }

    #[test]
    fn a_paste_beyond_the_limit_is_refused_as_a_whole() {
        for (length, refused) in [(LONGEST_PASTE, false), (LONGEST_PASTE + 1, true), (10 * LONGEST_PASTE, true)] {
            let bytes = [PASTE, &vec![b'x'; length], PASTE_END, b"k"].concat();
            let mut found = all(&bytes.chunks(4096).collect::<Vec<_>>());
            assert_eq!(found.pop(), Some(key('k')));
            match found.as_slice() {
                [Input::Paste(text)] if !refused => assert_eq!(text.len(), length),
                [Input::PasteRefused(told)] if refused => assert_eq!(*told, length),
                other => panic!("{} bytes: {} events", length, other.len()),
            }
        }
    }

    proptest! {
        #[test]
        fn how_the_bytes_arrive_changes_nothing(
            parts in proptest::collection::vec(prop_oneof![
                Just(b"\x1b[200~pa\x1bste\x1b[201~".to_vec()), Just(b"\x1b[B".to_vec()), Just("ü".as_bytes().to_vec()),
                Just(b"\x1b[<0;3;4M".to_vec()), Just(b"j".to_vec()), Just(b"\xff".to_vec()), Just(b"\x1b[999".to_vec()),
            ], 0..12),
            cuts in proptest::collection::vec(1_usize..7, 1..12),
        ) {
            let bytes = parts.concat();
            let mut pieces = Vec::new();
            let (mut rest, mut cuts) = (bytes.as_slice(), cuts.into_iter().cycle());
            while !rest.is_empty() {
                let (piece, after) = rest.split_at(cuts.next().unwrap_or(1).min(rest.len()));
                pieces.push(piece);
                rest = after;
            }
            prop_assert_eq!(all(&pieces), all(&[bytes.as_slice()]));
        }
    }
}
