//! What attempts need of databases.

use super::console::Console;
use crate::database::bisect::TableRanges;
use crate::database::proof::Proofs;
use crate::deployment::attempt::{Moment, TableProof};
use futures_util::future::BoxFuture;
use std::path::{Path, PathBuf};

/// Databases as attempts use them. Errors are sentences; none names a password.
pub trait Databases: Send + Sync {
    /// What the database behind `url` really is, so that two names for the same one are found out.
    fn identity<'a>(&'a self, url: &'a str) -> BoxFuture<'a, Result<String, String>>;

    /// Counts and fingerprints of the tables and columns that `before` covers, as far as they are still there; of every
    /// table of the application, whole, when `before` is empty.
    fn prove<'a>(
        &'a self,
        url: &'a str,
        before: &'a [TableProof],
        when: Moment,
        console: &'a dyn Console,
    ) -> BoxFuture<'a, Result<Vec<TableProof>, String>>;

    /// Counts and fingerprints of every table of the application, and what these are made up of where the database shows.
    fn prove_in_ranges<'a>(&'a self, url: &'a str, console: &'a dyn Console) -> BoxFuture<'a, Result<Proofs, String>> {
        Box::pin(async move {
            let tables = self.prove(url, &[], Moment::Before, console).await?;
            Ok(Proofs { tables, ..Proofs::default() })
        })
    }

    /// A sum over everything that is defined in the database, which changes with every change of a definition; `None` where
    /// nobody can tell.
    fn definitions<'a>(&'a self, _url: &'a str) -> BoxFuture<'a, Result<Option<String>, String>> {
        Box::pin(async { Ok(None) })
    }

    /// Where tables differ from what was kept of them, in sentences; none where nothing can be found.
    fn bisect<'a>(&'a self, _url: &'a str, _kept: &'a [TableRanges]) -> BoxFuture<'a, Vec<String>> {
        Box::pin(async { Vec::new() })
    }

    /// Makes a consistent copy of a SQLite database in a file that does not exist yet.
    fn copy<'a>(&'a self, url: &'a str, to: &'a Path) -> BoxFuture<'a, Result<(), String>>;
}

/// The file behind a `sqlite:` URL.
pub fn sqlite_path(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    let path = path.split('?').next()?;
    (!path.is_empty()).then(|| PathBuf::from(path))
}

/// Bytes a SQLite database takes on disk, with what is not yet written back into it.
pub fn sqlite_size(url: &str) -> Option<u64> {
    let path = sqlite_path(url)?;
    let size = std::fs::metadata(&path).ok()?.len();
    let mut log = path.into_os_string();
    log.push("-wal");
    Some(size + std::fs::metadata(log).map_or(0, |log| log.len()))
}
