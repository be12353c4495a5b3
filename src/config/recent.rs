//! Which ledgers were flown lately: a help for people, no record.
//!
//! ```toml
//! format = 1
//! ledgers = ["/srv/deploy/neurohub.ledger.toml"]      # newest first
//! ```

use etcetera::base_strategy::{BaseStrategy, Xdg};
use serde::{Deserialize, Serialize};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Paths remembered at most.
const MOST: usize = 20;
const FORMAT: u32 = 1;

#[derive(Debug, Default, Serialize, Deserialize)]
struct Recent {
    format: u32,
    ledgers: Vec<String>,
}

/// `$XDG_STATE_HOME/gonogo/recent.toml`, or below `~/.local/state`; nothing for somebody without a home.
pub(crate) fn file() -> Option<PathBuf> {
    Xdg::new().ok().and_then(|base| base.state_dir()).map(|state| state.join("gonogo").join("recent.toml"))
}

/// The ledgers in a file of them that are still there, newest first. A file that cannot be read holds none.
pub(crate) fn read(file: &Path) -> Vec<PathBuf> {
    paths(file).into_iter().filter(|path| path.is_file()).collect()
}

fn paths(file: &Path) -> Vec<PathBuf> {
    let text = crate::input::read_text(file, crate::input::DOCUMENT).unwrap_or_default();
    let recent: Recent = toml::from_str(&text).unwrap_or_default();
    recent.ledgers.into_iter().map(PathBuf::from).collect()
}

/// Puts a ledger first in a file of them, which is replaced whole.
///
/// # Errors
/// What kept the file from being written.
pub(crate) fn remember(file: &Path, ledger: &Path) -> io::Result<()> {
    let ledger = std::path::absolute(ledger)?;
    let mut ledgers = read(file);
    ledgers.retain(|known| *known != ledger);
    ledgers.insert(0, ledger);
    ledgers.truncate(MOST);
    // A path that is no UTF-8 has no place in TOML; it is flown all the same.
    let ledgers = ledgers.iter().filter_map(|path| path.to_str().map(ToOwned::to_owned)).collect();
    let text = toml::to_string(&Recent { format: FORMAT, ledgers }).map_err(io::Error::other)?;
    let folder = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let fresh = folder.join(format!("recent.toml.{}", std::process::id()));
    let written = crate::input::regular(OpenOptions::new().write(true).create(true).truncate(true).mode(0o600), &fresh);
    let replaced = written.and_then(|mut out| out.write_all(text.as_bytes())).and_then(|()| fs::rename(&fresh, file));
    if replaced.is_err() {
        let _ = fs::remove_file(&fresh);
    }
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_comes_first_once_and_what_is_gone_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("state/gonogo/recent.toml");
        let ledger = |name: &str| folder.path().join(name);
        assert_eq!(read(&file), Vec::<PathBuf>::new());
        for name in ["a \"1\".ledger.toml", "b.ledger.toml", "c.ledger.toml", "a \"1\".ledger.toml"] {
            fs::write(ledger(name), "").unwrap();
            remember(&file, &ledger(name)).unwrap();
        }
        assert_eq!(read(&file), [ledger("a \"1\".ledger.toml"), ledger("c.ledger.toml"), ledger("b.ledger.toml")]);
        fs::remove_file(ledger("c.ledger.toml")).unwrap();
        assert_eq!(read(&file), [ledger("a \"1\".ledger.toml"), ledger("b.ledger.toml")]);
    }

    #[test]
    fn only_so_many_are_remembered_and_a_broken_file_is_begun_anew() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("recent.toml");
        fs::write(&file, "ledgers = 7").unwrap();
        for number in 0..25 {
            let ledger = folder.path().join(format!("{number}.ledger.toml"));
            fs::write(&ledger, "").unwrap();
            remember(&file, &ledger).unwrap();
        }
        assert_eq!(read(&file).len(), MOST);
        assert!(read(&file)[0].ends_with("24.ledger.toml"));
    }
}
