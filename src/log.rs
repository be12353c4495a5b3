//! What the program does, in a file, for whoever looks into a problem: `GONOGO_LOG=FILE gonogo …`.
//!
//! Never on a terminal: only regular files are written. Secrets among the variables are masked, lines are harmless.
//! `GONOGO_LOG_LEVEL` is `error`, `warn`, `info` (as where it is not set), `debug` or `trace`. Supervisors and
//! collectors inherit both variables and write into the same file, a whole line at a time.

use crate::attempts::redact::Secrets;
use crate::harmless;
use crate::input;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Mutex;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

const FILE: &str = "GONOGO_LOG";
const LEVEL: &str = "GONOGO_LOG_LEVEL";

#[derive(Debug, thiserror::Error)]
pub enum LogError {
    #[error("the log file {0} ({FILE}) cannot be written: {1}")]
    File(String, io::Error),
    #[error("{LEVEL}={0} is no level; use error, warn, info, debug or trace")]
    Level(String),
}

/// Begins the log where one is asked for.
///
/// # Errors
/// When the file cannot be written or is no regular one, and when the level is none.
pub fn begin() -> Result<(), LogError> {
    let Some(path) = std::env::var_os(FILE).filter(|path| !path.is_empty()) else { return Ok(()) };
    let level = match std::env::var(LEVEL) {
        Ok(level) => level.parse().map_err(|_| LogError::Level(harmless::line(&level).into_owned()))?,
        Err(_) => LevelFilter::INFO,
    };
    let path = Path::new(&path);
    let file =
        open(path).map_err(|error| LogError::File(harmless::line(&path.to_string_lossy()).into_owned(), error))?;
    let lines = Mutex::new(Lines { file, secrets: secrets() });
    let written = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(lines);
    let own = Targets::new().with_target(env!("CARGO_CRATE_NAME"), level);
    // Nothing else sets one; a second one would only be ignored.
    let _ = tracing_subscriber::registry().with(written).with(own).try_init();
    Ok(())
}

fn open(path: &Path) -> io::Result<File> {
    let flags = input::without_waiting();
    let file = File::options().append(true).create(true).mode(0o600).custom_flags(flags).open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("it is no regular file")) }
}

/// The secrets among the variables of this process.
fn secrets() -> Secrets {
    let named: Vec<_> = std::env::vars_os().map(|(name, value)| (name.to_string_lossy().into_owned(), value)).collect();
    Secrets::gather(named.iter().map(|(name, value)| (name.as_str(), value.as_bytes())), &[])
}

/// Writes each event as one line.
struct Lines {
    file: File,
    secrets: Secrets,
}

impl Write for Lines {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let masked = self.secrets.mask(&String::from_utf8_lossy(event));
        let line = format!("{}\n", harmless::line(masked.trim_end()));
        self.file.write_all(line.as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
