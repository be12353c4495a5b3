//! The service's log: `2026-11-22T14:00:07Z INFO message`, one line an event.

use crate::rehearsal::error::RehearsalError;
use chrono::{SecondsFormat, Utc};
use std::fmt::Display;
use std::fs::File;
use std::io::Write;
use std::path::Path;

pub(crate) struct Journal {
    file: File,
}

impl Journal {
    pub(crate) fn open(path: &Path) -> Result<Self, RehearsalError> {
        let file = File::options().create(true).append(true).open(path).map_err(RehearsalError::file("open", path))?;
        Ok(Self { file })
    }

    pub(crate) fn info(&self, message: impl Display) {
        self.line("INFO", &message);
    }

    pub(crate) fn warning(&self, message: impl Display) {
        self.line("WARN", &message);
    }

    pub(crate) fn error(&self, message: impl Display) {
        self.line("ERROR", &message);
    }

    /// One write a line: the file is open for appending, so lines of several writers never mix. A full disk must not
    /// stop the service.
    fn line(&self, level: &str, message: &dyn Display) {
        let at = Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true);
        let message = message.to_string().replace(['\n', '\r'], " ");
        let _ = (&self.file).write_all(format!("{at} {level} {message}\n").as_bytes());
    }
}
