//! Harm done to a copy of a rehearsal's database.

use crate::checklist::check::kind::Sabotage;
use crate::checklist::migrator::Book;
use crate::metrics::store;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection};
use std::path::Path;

/// Does a sabotage to the copy; false when there is nothing there that it could be done to.
///
/// # Errors
/// A sentence when the copy cannot be opened or read.
pub(super) async fn harm(copy: &Path, sabotage: &Sabotage) -> Result<bool, String> {
    let options = SqliteConnectOptions::new().filename(copy).foreign_keys(false);
    let mut connection = options.connect().await.map_err(|error| error.to_string())?;
    let statements = statements(&mut connection, sabotage).await.map_err(|error| error.to_string())?;
    let mut done = !statements.is_empty();
    for statement in statements {
        done &= sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await.is_ok();
    }
    connection.close().await.map_err(|error| error.to_string())?;
    Ok(done)
}

/// Copies the store of metrics into another folder and makes the samples of one metric a thousand times as large there.
///
/// # Errors
/// A sentence when there is no store, or it cannot be copied.
pub(super) async fn worse_samples(evidence: &Path, to: &Path, pane: &str) -> Result<(), String> {
    let copy = to.join(store::FILE);
    super::remove(&copy);
    let options = |path: &Path| SqliteConnectOptions::new().filename(path);
    let words = |error: sqlx::Error| error.to_string();
    let mut store = options(&evidence.join(store::FILE)).connect().await.map_err(words)?;
    let copied = sqlx::query("VACUUM INTO ?").bind(copy.to_string_lossy()).execute(&mut store).await;
    store.close().await.map_err(words)?;
    copied.map_err(words)?;
    let mut store = options(&copy).connect().await.map_err(words)?;
    let worse = "UPDATE sample SET value = abs(value) * 1000 + 1000 + sample.id WHERE value IS NOT NULL \
                 AND series IN (SELECT id FROM series WHERE pane = ?)";
    sqlx::query(worse).bind(pane).execute(&mut store).await.map_err(words)?;
    store.close().await.map_err(words)
}

async fn statements(connection: &mut SqliteConnection, sabotage: &Sabotage) -> Result<Vec<String>, sqlx::Error> {
    let listed =
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite^_%' ESCAPE '^' ORDER BY 1";
    let all: Vec<String> = sqlx::query_scalar(listed).fetch_all(&mut *connection).await?;
    let (books, tables): (Vec<_>, Vec<_>) = all.into_iter().partition(|table| Book::is_one(table));
    let chosen = |names: &[String]| -> Vec<String> {
        let wanted = tables.iter().filter(|table| names.is_empty() || names.contains(table));
        wanted.cloned().collect()
    };
    Ok(match sabotage {
        Sabotage::Database { statements, .. } => statements.clone(),
        Sabotage::NoRows(names) => chosen(names).iter().map(|table| format!("DELETE FROM \"{table}\"")).collect(),
        Sabotage::OneRowLess(names) => {
            let mut first = None;
            for table in chosen(names) {
                let there = format!("SELECT EXISTS (SELECT 1 FROM \"{table}\")");
                if sqlx::query_scalar(AssertSqlSafe(there)).fetch_one(&mut *connection).await? {
                    first = Some(table);
                    break;
                }
            }
            let less = |table| format!("DELETE FROM \"{table}\" WHERE rowid = (SELECT max(rowid) FROM \"{table}\")");
            first.map(less).into_iter().collect()
        }
        Sabotage::TablesAway(text) => {
            let named = tables.iter().filter(|table| words(text).any(|word| word == table.as_str()));
            named.map(|table| format!("ALTER TABLE \"{table}\" RENAME TO \"{table}_sabotaged\"")).collect()
        }
        Sabotage::NoConstraints(_) => {
            let anew = |table: &String| {
                format!(
                    "CREATE TABLE \"{table}_anew\" AS SELECT * FROM \"{table}\"; DROP TABLE \"{table}\"; \
                     ALTER TABLE \"{table}_anew\" RENAME TO \"{table}\""
                )
            };
            tables.iter().map(anew).collect()
        }
        Sabotage::NoRevision => books.iter().map(|book| format!("DELETE FROM \"{book}\"")).collect(),
        Sabotage::EmptyDatabase
        | Sabotage::NoDatabase
        | Sabotage::BadService
        | Sabotage::NoFile
        | Sabotage::FailingCommand
        | Sabotage::CorruptBackup
        | Sabotage::WorseSamples(_)
        | Sabotage::NoSamples
        | Sabotage::NoEvidence => Vec::new(),
    })
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
}
