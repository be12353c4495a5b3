//! Harm done to a copy of a rehearsal's database.

use crate::checklist::check::kind::Sabotage;
use crate::checklist::migrator::Book;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection};
use std::path::Path;

/// Does a sabotage to the copy; false when there is nothing there that it could be done to.
///
/// # Errors
/// A sentence when the copy cannot be opened or read.
pub async fn harm(copy: &Path, sabotage: &Sabotage) -> Result<bool, String> {
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
        | Sabotage::BadService
        | Sabotage::NoFile
        | Sabotage::FailingCommand
        | Sabotage::CorruptBackup
        | Sabotage::NoEvidence => Vec::new(),
    })
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
}
