//! One environment's database as panes ask it: over one connection that only reads, kept, and made anew when it is lost.
//!
//! A file is opened for each question: another may have been put in its place meanwhile, and opening costs nothing.

use crate::checklist::check;
use crate::database::{Database, DatabaseError, Dialect, Purpose, Value};
use crate::metrics::sources::Query;
use crate::metrics::sources::query::{Answering, QueryFailure};
use std::path::PathBuf;
use tokio::sync::Mutex;

pub(super) struct EnvironmentDatabase {
    url: String,
    /// The environment's `observer_role`.
    role: Option<String>,
    home: PathBuf,
    /// Taken out while something is asked: a question that is given up takes its connection with it.
    kept: Mutex<Option<Database>>,
}

impl EnvironmentDatabase {
    pub(super) fn new(url: String, role: Option<String>, home: PathBuf) -> Self {
        Self { url, role, home, kept: Mutex::new(None) }
    }

    async fn connection(&self, kept: Option<Database>) -> Result<Database, QueryFailure> {
        if let Some(database) = kept {
            return Ok(database);
        }
        let mut database = Database::connect(&self.url, &self.home, Purpose::Observe).await.map_err(failure)?;
        let taken = database.take_role(self.role.as_deref()).await;
        taken.map_err(|why| QueryFailure::NoNumber(why.to_string()))?;
        Ok(database)
    }
}

impl Query for EnvironmentDatabase {
    fn row<'a>(&'a self, query: &'a check::Query) -> Answering<'a, Vec<Option<f64>>> {
        Box::pin(async move {
            let mut kept = self.kept.lock().await;
            let mut database = self.connection(kept.take()).await?;
            let text = match query {
                check::Query::Any(text) => Some(text.as_str()),
                check::Query::Each { sqlite, postgres } => match database.dialect() {
                    Dialect::Sqlite => sqlite.as_deref(),
                    Dialect::Postgres => postgres.as_deref(),
                },
            };
            let Some(text) = text else {
                let why = format!("the pane has no query for {}", database.dialect().word());
                keep(&mut kept, database).await;
                return Err(QueryFailure::NoNumber(why));
            };
            let rows = database.rows(text, 1).await.map_err(failure);
            // A statement that is refused leaves the connection as it was; anything else may have broken it.
            if matches!(rows, Ok(_) | Err(QueryFailure::NoNumber(_))) {
                keep(&mut kept, database).await;
            }
            let first = rows?.rows.into_iter().next().unwrap_or_default();
            Ok(first.iter().map(Value::number).collect())
        })
    }

    fn size(&self) -> Answering<'_> {
        Box::pin(async move {
            let mut kept = self.kept.lock().await;
            let mut database = self.connection(kept.take()).await?;
            let size = database.size().await.map_err(failure)?;
            keep(&mut kept, database).await;
            Ok(size as f64)
        })
    }
}

async fn keep(kept: &mut Option<Database>, database: Database) {
    match database.dialect() {
        Dialect::Postgres => *kept = Some(database),
        Dialect::Sqlite => database.close().await,
    }
}

/// A statement that the database refuses is no reason to ask less often.
#[expect(clippy::needless_pass_by_value, reason = "handed to map_err")]
fn failure(error: DatabaseError) -> QueryFailure {
    match error {
        DatabaseError::Statement(_) | DatabaseError::Values(_) | DatabaseError::NotPermitted(_) => {
            QueryFailure::NoNumber(error.to_string())
        }
        _ => QueryFailure::Unreachable(error.to_string()),
    }
}
