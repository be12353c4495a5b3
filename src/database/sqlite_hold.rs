//! How long reading may keep writers out of a file. With a rollback journal nobody can write while somebody reads, so a
//! reader gives way after [`HELD`] and goes on in a copy of its own. With a write-ahead log readers keep nobody out.

use super::error::DatabaseError;
use super::interrupt::Interrupt;
use super::sqlite::Sqlite;
use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tempfile::TempPath;

/// Writers wait for others for some seconds as a rule, and for one at least.
pub(super) const HELD: Duration = Duration::from_millis(500);
/// Instructions of SQLite's machine between two looks at the clock: few, for one may copy a row of megabytes.
const INSTRUCTIONS_A_LOOK: i32 = 200;

/// When the statement in hand must end.
#[derive(Debug, Clone, Default)]
pub(super) struct Due(Arc<Mutex<Option<Instant>>>);

impl Due {
    fn set(&self, at: Option<Instant>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = at;
    }

    fn is_over(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|at| Instant::now() >= at)
    }
}

/// What a reader of a file with a rollback journal keeps to.
#[derive(Debug, Default)]
pub(super) struct Hold {
    due: Due,
    /// Whether reading keeps writers out.
    pub keeps_out: bool,
    /// Whether there may be a copy.
    pub may_copy: bool,
    copy: Option<TempPath>,
}

impl Hold {
    /// Nobody is kept out before it is known.
    #[must_use]
    pub(super) fn of(may_copy: bool) -> Self {
        Self { may_copy, ..Self::default() }
    }

    /// Ends statements that are interrupted or overdue.
    pub(super) async fn watch(
        &self,
        connection: &mut SqliteConnection,
        interrupt: &Interrupt,
    ) -> Result<(), DatabaseError> {
        let (asked, due) = (interrupt.clone(), self.due.clone());
        connection
            .lock_handle()
            .await?
            .set_progress_handler(INSTRUCTIONS_A_LOOK, move || !asked.is_set() && !due.is_over());
        Ok(())
    }

    /// A statement begins that may hold the file.
    pub(super) fn begin(&self) {
        self.due.set((self.keeps_out && self.copy.is_none()).then(|| Instant::now() + HELD));
    }

    /// A statement has ended; gives what its error means.
    pub(super) fn end<T>(&self, done: Result<T, DatabaseError>) -> Result<T, DatabaseError> {
        let over = self.due.is_over();
        self.due.set(None);
        match done {
            Err(DatabaseError::Interrupted) if over => Err(DatabaseError::KeepsOut { held: HELD }),
            other => other,
        }
    }

    /// Whether a copy is read instead of the file.
    pub(super) fn is_aside(&self) -> bool {
        self.copy.is_some()
    }
}

impl Sqlite {
    /// Whether what was ended can be asked of a copy; makes it then.
    pub(super) async fn goes_aside<T>(&mut self, done: &Result<T, DatabaseError>) -> Result<bool, DatabaseError> {
        if !matches!(done, Err(DatabaseError::KeepsOut { .. })) || !self.hold.may_copy || self.hold.is_aside() {
            return Ok(false);
        }
        self.go_aside().await.map(|()| true)
    }

    /// Copies the file, and reads the copy from then on.
    pub(super) async fn go_aside(&mut self) -> Result<(), DatabaseError> {
        let io = |error: std::io::Error| DatabaseError::Io(format!("a copy to read could not be made: {error}"));
        let copy =
            tempfile::Builder::new().prefix("gonogo-read-").suffix(".db").tempfile().map_err(io)?.into_temp_path();
        self.copy_to(&copy).await?;
        let options = SqliteConnectOptions::new().filename(&copy).immutable(true);
        let mut connection = self.reading(options).await?;
        std::mem::swap(&mut self.connection, &mut connection);
        let _ = connection.close().await;
        self.hold.copy = Some(copy);
        let interrupt = self.interrupt.clone();
        self.hold.watch(&mut self.connection, &interrupt).await
    }
}
