//! What can go wrong with a database, in sentences.

use super::PATIENCE;
use std::path::Path;
use std::time::Duration;

/// Why the database did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    #[error("{0}")]
    Unsupported(String),
    #[error("there is no database file {0}")]
    NotThere(String),
    #[error("{file} cannot be opened: {why}")]
    CannotOpen { file: String, why: String },
    /// What was asked for stayed locked by somebody else for as long as this connection waits.
    #[error(
        "the database stayed locked by another process for {} s; look at who writes, then run this again",
        Duration::from_millis(*.waited_ms).as_secs_f64()
    )]
    Locked { waited_ms: u64 },
    /// Nobody can write to this file while it is read, and reading took too long.
    #[error(
        "reading keeps everybody from writing to this SQLite file, and was ended after {} s; switch it to a write-ahead log \
         (PRAGMA journal_mode = WAL), beside which readers keep nobody out, or check a copy",
        .held.as_secs_f64()
    )]
    KeepsOut { held: Duration },
    /// Somebody else is in a database that was to be dropped or renamed.
    #[error("{0}")]
    InUse(String),
    #[error("the server did not answer within {within_s} s")]
    Silent { within_s: u64 },
    /// No connection, or none any more; what was asked is not known.
    #[error("{0}")]
    Unreachable(String),
    #[error("the role may not do this: {0}")]
    NotPermitted(String),
    /// The server ended the statement: its own limit of time, or somebody there.
    #[error("the server ended the statement: {0}")]
    Ended(String),
    #[error("ended before it was finished")]
    Interrupted,
    #[error("the file is damaged or no database: {0}")]
    Damaged(String),
    #[error(
        "a writer ended in the middle of a change, which has to be rolled back first: open the database once with a \
         program that writes, then run this again"
    )]
    Unfinished,
    /// A constraint refused a change, in the database's words.
    #[error("{0}")]
    Constraint(String),
    /// A value that was read cannot be what the statement makes of it.
    #[error("{0}")]
    Values(String),
    #[error("this connection only reads: {0}")]
    ReadOnly(String),
    /// The statement is wrong, or names what is not there.
    #[error("{0}")]
    Statement(String),
    #[error("reading or writing failed: {0}")]
    Io(String),
}

/// Why the role that whoever only reads shall have was not taken.
#[derive(Debug, thiserror::Error)]
#[error("the `observer_role` {role} cannot be taken: {why}; GRANT it to the role that connects")]
pub struct RoleNotTaken {
    pub role: String,
    pub why: DatabaseError,
}

impl DatabaseError {
    /// Whether nothing can be said about the data, as opposed to something bad being known.
    pub fn leaves_open(&self) -> bool {
        matches!(
            self,
            DatabaseError::Unsupported(_)
                | DatabaseError::NotThere(_)
                | DatabaseError::CannotOpen { .. }
                | DatabaseError::Locked { .. }
                | DatabaseError::KeepsOut { .. }
                | DatabaseError::InUse(_)
                | DatabaseError::Silent { .. }
                | DatabaseError::Unreachable(_)
                | DatabaseError::NotPermitted(_)
                | DatabaseError::Ended(_)
                | DatabaseError::Unfinished
                | DatabaseError::Interrupted
                | DatabaseError::Io(_)
        )
    }

    /// An error of opening `path`.
    pub(super) fn opening(path: &Path, error: &sqlx::Error) -> Self {
        match Self::from_sqlx(error) {
            DatabaseError::Io(why) | DatabaseError::Statement(why) => {
                DatabaseError::CannotOpen { file: path.display().to_string(), why }
            }
            other => other,
        }
    }

    /// Sorts an error of sqlx by SQLite's result code.
    pub(super) fn from_sqlx(error: &sqlx::Error) -> Self {
        let sqlx::Error::Database(inner) = error else {
            return DatabaseError::Io(match error {
                sqlx::Error::WorkerCrashed => "the connection broke down; the file may be damaged".to_owned(),
                other => other.to_string(),
            });
        };
        let message = inner.message().to_owned();
        let code: i32 = inner.code().and_then(|code| code.parse().ok()).unwrap_or(1);
        // The primary result code is the low byte of the extended one.
        match code & 0xff {
            5 | 6 => DatabaseError::Locked { waited_ms: u64::try_from(PATIENCE.as_millis()).unwrap_or(u64::MAX) },
            // A journal or log was left behind and a connection that only reads may not clear it up.
            8 if matches!(code, 264 | 776) => DatabaseError::Unfinished,
            8 => DatabaseError::ReadOnly(message),
            9 => DatabaseError::Interrupted,
            10 | 13 | 14 => DatabaseError::Io(message),
            11 | 26 => DatabaseError::Damaged(message),
            19 => DatabaseError::Constraint(message),
            _ => DatabaseError::Statement(message),
        }
    }
}

impl From<sqlx::Error> for DatabaseError {
    fn from(error: sqlx::Error) -> Self {
        Self::from_sqlx(&error)
    }
}
