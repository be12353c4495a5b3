//! Database files in folders of their own.

use gonogo::database::{Address, Database, DatabaseError, Interrupt, Purpose};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

pub(crate) const SCHEMA: &str = r#"
CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY);
CREATE TABLE alembic_version (version_num TEXT);
CREATE TABLE lots (id INTEGER PRIMARY KEY AUTOINCREMENT, lot_number TEXT NOT NULL UNIQUE, note TEXT);
CREATE TABLE process_data (
  id INTEGER PRIMARY KEY,
  lot_id INTEGER NOT NULL REFERENCES lots (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  data_level TEXT NOT NULL,
  measurements JSONB,
  value REAL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT chk_level CHECK (data_level IN ('LOT', 'WIP', 'SERIAL')) -- CONSTRAINT none CHECK (0)
);
CREATE INDEX idx_lot ON process_data (lot_id);
CREATE UNIQUE INDEX idx_wip ON process_data (lot_id, data_level) WHERE data_level = 'WIP';
CREATE INDEX idx_torque ON process_data (json_extract(measurements, '$.torque'));
INSERT INTO lots VALUES (1, 'L-1', NULL), (2, 'L-2', 'x');
INSERT INTO process_data (id, lot_id, data_level, measurements, value) VALUES
  (1, 1, 'LOT', '{"torque": 12.5}', 0.1), (2, 1, 'WIP', NULL, 2.0), (3, 2, 'SERIAL', '{"torque": 7}', NULL);
"#;

pub(crate) struct File {
    _folder: TempDir,
    pub path: PathBuf,
}

pub(crate) async fn file(sql: &str) -> File {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("odd name %20?.db");
    run(&path, sql).await;
    File { _folder: folder, path }
}

pub(crate) async fn writer(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    SqliteConnection::connect_with(&options).await.unwrap()
}

pub(crate) async fn run(path: &Path, sql: &str) {
    let mut connection = writer(path).await;
    execute(&mut connection, sql).await;
    connection.close().await.unwrap();
}

pub(crate) async fn execute(connection: &mut SqliteConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await.unwrap();
}

pub(crate) async fn open(path: &Path, purpose: Purpose) -> Result<Database, DatabaseError> {
    Database::open(&Address::Sqlite(path.to_path_buf()), purpose, &Interrupt::new()).await
}
