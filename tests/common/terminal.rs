//! The program on a pseudo-terminal, as a person sees it.

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

pub(crate) struct Terminal {
    parser: vt100::Parser,
    output: Receiver<Vec<u8>>,
    input: Box<dyn Write + Send>,
    master: Box<dyn MasterPty + Send>,
    pub child: Box<dyn Child + Send + Sync>,
    /// Everything the program has written.
    pub raw: Vec<u8>,
}

/// Ends a synchronized update, and with it a frame.
const END_OF_FRAME: &[u8] = b"\x1b[?2026l";

/// The program under test.
pub(crate) const GONOGO: &str = env!("CARGO_BIN_EXE_gonogo");

/// However little a test asks for: on a machine with much else to do a second is nothing, and nobody waits for it when
/// things go well.
fn patience(seconds: u64) -> Duration {
    Duration::from_secs(seconds.max(60))
}

impl Terminal {
    pub(crate) fn start(folder: &Path, columns: u16, rows: u16, arguments: &[&str]) -> Self {
        Self::start_with(folder, columns, rows, arguments, &[])
    }

    pub(crate) fn start_with(
        folder: &Path,
        columns: u16,
        rows: u16,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> Self {
        Self::launch(folder, (columns, rows), GONOGO, arguments, variables)
    }

    /// Another program that ends in the one under test.
    pub(crate) fn start_program(folder: &Path, columns: u16, rows: u16, program: &str, arguments: &[&str]) -> Self {
        Self::launch(folder, (columns, rows), program, arguments, &[])
    }

    fn launch(
        folder: &Path,
        (columns, rows): (u16, u16),
        program: &str,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.cwd(folder);
        command.env("TERM", "xterm-256color");
        command.env("LC_ALL", "C.UTF-8");
        command.env_remove("NO_COLOR");
        // What tests fly is nothing for a person's own list.
        command.env("XDG_STATE_HOME", folder.join(".state"));
        command.env_remove("SSH_CONNECTION");
        for (name, value) in variables {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = vec![0; 65_536];
            while let Ok(read @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..read].to_vec()).is_err() {
                    break;
                }
            }
        });
        let input = pair.master.take_writer().unwrap();
        let parser = vt100::Parser::new(rows, columns, 0);
        Self { parser, output, input, master: pair.master, child, raw: Vec::new() }
    }

    /// What is on the screen now, line by line.
    pub(crate) fn text(&self) -> String {
        self.parser.screen().contents()
    }

    pub(crate) fn screen(&self) -> &vt100::Screen {
        self.parser.screen()
    }

    fn take(&mut self, bytes: &[u8]) {
        self.parser.process(bytes);
        self.raw.extend_from_slice(bytes);
    }

    /// Waits until the screen satisfies `wanted`, else fails with the screen as it is.
    pub(crate) fn until(&mut self, what: &str, seconds: u64, wanted: impl Fn(&str) -> bool) {
        let deadline = Instant::now() + patience(seconds);
        loop {
            if wanted(&self.text()) {
                return;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Timeout) => {
                    panic!("{what} did not show in time; the screen is:\n{}", self.text())
                }
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("the program ended before {what} showed; the screen is:\n{}", self.text())
                }
            }
        }
    }

    pub(crate) fn until_text(&mut self, text: &str, seconds: u64) {
        self.until(&format!("`{text}`"), seconds, |screen| screen.contains(text));
    }

    /// Waits until a sequence that shows nothing has been written.
    pub(crate) fn until_written(&mut self, sequence: &str, seconds: u64) {
        let deadline = Instant::now() + patience(seconds);
        while !self.raw.windows(sequence.len()).any(|window| window == sequence.as_bytes()) {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(why) => panic!("{sequence:?} was not written ({why}); the screen is:\n{}", self.text()),
            }
        }
    }

    /// Types text as it is now; `\r` is Enter, `\x1b` Esc.
    pub(crate) fn keys(&mut self, text: &str) {
        self.input.write_all(text.as_bytes()).unwrap();
        self.input.flush().unwrap();
    }

    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        self.master.resize(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }).unwrap();
        self.parser.screen_mut().set_size(rows, columns);
    }

    /// Shows the program a size that the screen here does not take.
    pub(crate) fn claim(&mut self, columns: u16, rows: u16) {
        self.master.resize(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }).unwrap();
    }

    /// Waits for the end of the next frame, and gives how many bytes have come until then. `None` when none came.
    pub(crate) fn frame(&mut self, within: Duration) -> Option<usize> {
        let deadline = Instant::now() + within;
        let from = self.raw.len();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let bytes = self.output.recv_timeout(left).ok()?;
            // The mark may be cut by the edge of a read.
            let seen = self.raw.len().saturating_sub(END_OF_FRAME.len()).max(from);
            self.take(&bytes);
            if self.raw[seen..].windows(END_OF_FRAME.len()).any(|window| window == END_OF_FRAME) {
                return Some(self.raw.len() - from);
            }
        }
    }

    /// Bytes that came within a while in which nothing should.
    pub(crate) fn bytes_within(&mut self, while_long: Duration) -> usize {
        let deadline = Instant::now() + while_long;
        let before = self.raw.len();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(_) => return self.raw.len() - before,
            }
        }
    }

    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = self.child.process_id().and_then(|pid| rustix::process::Pid::from_raw(pid.cast_signed())).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Waits for the end and gives the exit status. Everything written until then is taken in.
    pub(crate) fn wait(&mut self, seconds: u64) -> u32 {
        let deadline = Instant::now() + patience(seconds);
        loop {
            match self.output.recv_timeout(Duration::from_millis(50)) {
                Ok(bytes) => self.take(&bytes),
                Err(_) => {
                    if let Some(status) = self.child.try_wait().unwrap() {
                        while let Ok(bytes) = self.output.try_recv() {
                            self.take(&bytes);
                        }
                        return status.exit_code();
                    }
                }
            }
            assert!(Instant::now() < deadline, "the program goes on; the screen is:\n{}", self.text());
        }
    }

    /// Whether the terminal was given back: alternate screen left, cursor shown, bracketed paste off.
    pub(crate) fn given_back(&self) -> bool {
        let screen = self.parser.screen();
        !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
