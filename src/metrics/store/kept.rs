//! What is kept of a pane in a length of time, read beside whoever writes. Nothing is made where nothing is kept.

use super::{BUSY, FILE, StoreError, point};
use crate::checklist::{EnvironmentName, PaneId};
use crate::metrics::series::Point;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};
use std::ops::Range;
use std::path::Path;

/// The points of a pane in an environment, oldest first; none where the folder keeps no numbers.
///
/// # Errors
/// When the file is there and cannot be read.
pub async fn between(
    evidence: &Path,
    environment: &EnvironmentName,
    pane: &PaneId,
    span_ms: Range<i64>,
) -> Result<Vec<Point>, StoreError> {
    let path = evidence.join(FILE);
    if !path.exists() {
        return Ok(Vec::new());
    }
    let read = async {
        let options = SqliteConnectOptions::new().filename(&path).read_only(true).busy_timeout(BUSY);
        let mut connection: SqliteConnection = options.connect().await?;
        let rows = sqlx::query(
            "SELECT at_ms, value, reason FROM samples WHERE environment = ? AND pane = ? AND at_ms >= ? AND at_ms < ? \
             ORDER BY at_ms, rowid",
        )
        .bind(environment.as_str())
        .bind(pane.as_str())
        .bind(span_ms.start)
        .bind(span_ms.end)
        .fetch_all(&mut connection)
        .await?;
        connection.close().await?;
        rows.iter().map(point).collect::<Result<Vec<Point>, sqlx::Error>>()
    };
    read.await.map_err(|source| StoreError::Database { path: path.clone(), source })
}
