//! Reading the history of a deployment that may be long over, without changing anything beside it.

use super::FILE;
use crate::checklist::{EnvironmentName, PaneId};
use crate::metrics::series::{Gap, Point};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection as _, Row as _};
use std::path::Path;

/// Points read of one pane, the latest.
const MOST: u32 = 500_000;

/// What was kept of a pane in an environment, oldest first; nothing where nothing was kept.
///
/// # Errors
/// When the history is there and cannot be read.
pub async fn points(evidence: &Path, environment: &EnvironmentName, pane: &PaneId) -> Result<Vec<Point>, sqlx::Error> {
    let path = evidence.join(FILE);
    if !path.exists() {
        return Ok(Vec::new());
    }
    // With nothing waiting to be put into it the file is all there is; else whoever writes keeps the side files anyway.
    let waiting = std::fs::metadata(evidence.join(format!("{FILE}-wal"))).is_ok_and(|wal| wal.len() > 0);
    let options = SqliteConnectOptions::new().filename(&path).read_only(true).immutable(!waiting);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    let rows = sqlx::query(
        "SELECT at_ms, value, reason FROM samples WHERE environment = ? AND pane = ? \
         ORDER BY at_ms DESC, rowid DESC LIMIT ?",
    )
    .bind(environment.as_str())
    .bind(pane.as_str())
    .bind(MOST)
    .fetch_all(&mut connection)
    .await?;
    let points = rows.iter().rev().map(|row| {
        let value: Option<f64> = row.try_get(1)?;
        let reason: Option<String> = row.try_get(2)?;
        Ok(Point { at_ms: row.try_get(0)?, value: value.ok_or_else(|| Gap::new(reason.unwrap_or_default())) })
    });
    let points = points.collect();
    connection.close().await?;
    points
}
