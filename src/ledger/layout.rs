//! Where the parts of a ledger stand.

use std::path::{Path, PathBuf};

/// `NAME.ledger.toml` and the folder `NAME.ledger.d` beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    ledger: PathBuf,
    evidence: PathBuf,
}

impl Layout {
    pub fn new(ledger: impl Into<PathBuf>) -> Self {
        let ledger = ledger.into();
        let is_toml = ledger.extension().is_some_and(|extension| extension == "toml");
        let name = if is_toml { ledger.file_stem() } else { ledger.file_name() };
        let mut name = name.unwrap_or(ledger.as_os_str()).to_owned();
        name.push(".d");
        let evidence = ledger.with_file_name(name);
        Self { ledger, evidence }
    }

    pub fn ledger(&self) -> &Path {
        &self.ledger
    }

    /// The folder for bulk evidence.
    pub fn evidence(&self) -> &Path {
        &self.evidence
    }

    /// The folder the ledger is in; never empty, so that it can be opened.
    pub fn home(&self) -> &Path {
        self.ledger.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }

    pub fn attempts(&self) -> PathBuf {
        self.evidence.join("attempts")
    }

    /// Locked by whoever appends.
    pub fn lock(&self) -> PathBuf {
        self.evidence.join("lock")
    }

    /// Locked by the session in the captain's seat, for as long as it lives.
    pub fn seat(&self) -> PathBuf {
        self.evidence.join("seat.lock")
    }

    /// The head that was acknowledged last.
    pub fn head(&self) -> PathBuf {
        self.evidence.join("head")
    }

    /// Room on the disk that is given back when a record does not fit any more.
    pub fn reserve(&self) -> PathBuf {
        self.evidence.join("reserve")
    }

    pub fn snapshot(&self, name: &str) -> PathBuf {
        self.evidence.join(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_named_after_the_ledger() {
        let layout = Layout::new("flights/neurohub.ledger.toml");
        assert_eq!(layout.evidence(), Path::new("flights/neurohub.ledger.d"));
        assert_eq!(layout.home(), Path::new("flights"));
        assert_eq!(Layout::new("neurohub.ledger.toml").home(), Path::new("."));
        assert_eq!(Layout::new("odd").evidence(), Path::new("odd.d"));
    }
}
