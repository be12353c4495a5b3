//! A small rehearsal to try things on.

use gonogo::rehearsal::revision::Direction;
use gonogo::rehearsal::{Fault, Sandbox, Slot, migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

pub(crate) const ROWS: u64 = 2_000;

/// A rehearsal in a temporary folder. Its services end when the folder goes.
pub(crate) struct Tried {
    pub sandbox: Sandbox,
    _folder: tempfile::TempDir,
}

pub(crate) async fn build(rows: u64, faults: &[Fault]) -> Tried {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::build(folder.path(), rows, faults, |_| {}).await.unwrap();
    Tried { sandbox, _folder: folder }
}

impl Tried {
    pub(crate) fn folder(&self) -> &Path {
        &self.sandbox.folder
    }

    pub(crate) fn database(&self, slot: Slot) -> PathBuf {
        slot.database(self.folder())
    }

    /// Runs `gonogo rehearsal …` in the rehearsal's folder.
    pub(crate) fn command(&self, words: &[&str]) -> Output {
        program(self.folder(), words).output().unwrap()
    }

    /// Runs `gonogo rehearsal …`, which must succeed; returns its output.
    pub(crate) fn succeed(&self, words: &[&str]) -> String {
        let output = self.command(words);
        assert!(output.status.success(), "{words:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    pub(crate) fn get(&self, slot: Slot, path: &str) -> Answer {
        self.request(slot, &format!("GET {path} HTTP/1.1\r\n"), "")
    }

    pub(crate) fn post(&self, slot: Slot, headers: &str, body: &serde_json::Value) -> Answer {
        self.request(slot, &format!("POST /api/v1/process-data HTTP/1.1\r\n{headers}"), &body.to_string())
    }

    fn request(&self, slot: Slot, head: &str, body: &str) -> Answer {
        let address = self.sandbox.settings.address(self.folder(), slot).unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let rest = format!("Host: {address}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        stream.write_all(format!("{head}{rest}").as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        Answer { head: head.to_owned(), body: body.to_owned() }
    }
}

pub(crate) struct Answer {
    pub head: String,
    pub body: String,
}

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        self.head.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    pub(crate) fn queries(&self) -> u64 {
        let line = self.head.lines().find_map(|line| line.strip_prefix("x-query-count: "));
        line.unwrap_or_else(|| panic!("no x-query-count in {}", self.head)).parse().unwrap()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The value of a metric without labels.
    pub(crate) fn metric(&self, name: &str) -> f64 {
        let line = self.body.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("no {name} in {}", self.body)).parse().unwrap()
    }
}

pub(crate) fn program(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gonogo"));
    command.arg("rehearsal").args(words).current_dir(folder);
    command
}

pub(crate) async fn open(database: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(database).read_only(true).connect().await.unwrap()
}

pub(crate) async fn number(database: &Path, sql: &str) -> i64 {
    let mut connection = open(database).await;
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mut connection).await.unwrap()
}

/// The first column of every row, as text.
pub(crate) async fn texts(database: &Path, sql: &str) -> Vec<String> {
    let mut connection = open(database).await;
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_all(&mut connection).await.unwrap()
}

/// Migrates in this process; returns what was said.
pub(crate) async fn migrate(database: &Path, direction: Direction, target: &str) -> Vec<String> {
    let said = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&said);
    let lines: gonogo::rehearsal::progress::Lines =
        Arc::new(Mutex::new(move |line: &str| sink.lock().unwrap().push(line.to_owned())));
    migrator::migrate(database, direction, target, &lines).await.unwrap();
    drop(lines);
    Arc::try_unwrap(said).unwrap().into_inner().unwrap()
}

pub(crate) const TABLES: [&str; 17] = [
    "users",
    "product_models",
    "processes",
    "production_lines",
    "equipment",
    "lots",
    "serials",
    "wip_items",
    "wip_process_history",
    "process_data",
    "audit_log",
    "alerts",
    "alert_rules",
    "print_logs",
    "error_logs",
    "shifts",
    "inspection_plans",
];

pub(crate) async fn counts(database: &Path) -> Vec<(&'static str, i64)> {
    let mut counts = Vec::new();
    for table in TABLES {
        counts.push((table, number(database, &format!("SELECT count(*) FROM {table}")).await));
    }
    counts
}

/// Everything about the schema that SQL can tell.
pub(crate) async fn schema(database: &Path) -> Vec<String> {
    texts(database, "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_master ORDER BY 1").await
}

/// Every row of the table with these columns, in order.
pub(crate) async fn contents(database: &Path, table: &str, columns: &str) -> Vec<String> {
    texts(database, &format!("SELECT json_array({columns}) FROM {table} ORDER BY id")).await
}
