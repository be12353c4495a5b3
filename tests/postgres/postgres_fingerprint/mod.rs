//! `gonogo fingerprint` on a real PostgreSQL and on SQLite.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::postgres;

use assert_cmd::Command;
use postgres::cluster;
use tempfile::TempDir;

const CHECKLIST: &str = "format = 1\nid = \"t\"\ntitle = \"T\"\n[[slot]]\nid = \"s\"\ntitle = \"S\"\n\
[environments.real]\nslot = \"s\"\ndatabase = \"${FINGERPRINT_DATABASE}\"\n\
[[phase]]\nid = \"p\"\ntitle = \"P\"\nslot = \"s\"\n[[phase.section]]\nid = \"s\"\ntitle = \"S\"\n\
[[phase.section.item]]\nid = \"i\"\ntitle = \"I\"\nours = \"a test\"\n";

const SCHEMA: &str = "
CREATE TABLE lots (id int PRIMARY KEY, code text, j json);
CREATE TABLE serials (id bigint PRIMARY KEY, lot_id int, notes text, born timestamp);
CREATE TABLE bare (word text);
INSERT INTO lots SELECT i, 'L' || i, json_build_object('a', i) FROM generate_series(1, 50) AS i;
INSERT INTO serials SELECT i, i % 50, 'n' || i, timestamp '2026-01-01' FROM generate_series(-100, 9999) AS i;
INSERT INTO bare VALUES ('a'), ('b');
";

struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("c.toml"), CHECKLIST).unwrap();
        Self(folder)
    }

    /// Exit status, standard output, standard error.
    fn run(&self, url: Option<&str>, words: &[&str]) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gonogo"));
        command.current_dir(self.0.path()).arg("fingerprint").arg("c.toml").args(words);
        match url {
            Some(url) => command.env("FINGERPRINT_DATABASE", url),
            None => command.env_remove("FINGERPRINT_DATABASE"),
        };
        let output = command.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
    }
}

#[tokio::test]
async fn what_is_the_same_is_the_same_and_what_is_not_is_found() {
    let base = cluster().database(SCHEMA).await;
    let desk = Desk::new();
    let run = |words: &[&str]| desk.run(Some(&base.url), words);
    let (status, said, wrong) = run(&["--env", "real", "-o", "before.toml"]);
    assert_eq!(status, 0, "{said}{wrong}");
    assert!(said.contains("serials       10100 rows  pg1:"), "{said}");
    let kept = std::fs::read_to_string(desk.0.path().join("before.toml")).unwrap();
    assert!(kept.starts_with("format = 1\n") && kept.contains("identity = \"postgresql "), "{kept:.200}");

    // What means the same stays the same.
    base.run("ALTER TABLE lots ALTER j TYPE jsonb USING j::jsonb; ALTER TABLE serials ADD more int DEFAULT 1").await;
    let (status, said, _) = run(&["--env", "real", "--against", "before.toml"]);
    assert_eq!((status, said.contains("3 tables as they were")), (0, true), "{said}");

    for (change, parts) in [
        (
            "UPDATE serials SET notes = CASE id WHEN 5000 THEN 'n5001' ELSE 'n5000' END WHERE id IN (5000, 5001)",
            &[
                "serials: 10100 rows as before, but their contents differ",
                "id 4864 to 5119, 256 rows: notes differs",
                "now: id 4864, notes n4864",
            ][..],
        ),
        ("DELETE FROM serials WHERE id < -60", &["serials: 10100 rows before, 10060 now (40 fewer)", "rows before"]),
        ("UPDATE bare SET word = 'c' WHERE word = 'a'", &["bare: 2 rows as before, but their contents differ"]),
        ("ALTER TABLE lots DROP code", &["lots: code is not there any more"]),
        ("DROP TABLE bare", &["bare: there is no such table"]),
    ] {
        base.run(change).await;
        let (status, said, _) = run(&["--env", "real", "--against", "before.toml"]);
        assert_eq!(status, 1, "{change}: {said}");
        for part in parts {
            assert!(said.contains(part), "{change}: {said}");
        }
    }
    let (status, said, _) = run(&["--env", "real", "--tables", "serials", "-o", "one.toml"]);
    assert_eq!((status, said.lines().filter(|line| line.contains("pg1:")).count()), (0, 1), "{said}");
}

#[tokio::test]
async fn a_table_in_ranges_has_the_fingerprint_of_the_whole() {
    let base = cluster().neurohub("0003_add_wip_unique_index", 3_000).await;
    let mut database =
        gonogo::database::Database::connect(&base.url, ".".as_ref(), gonogo::database::Purpose::Read).await.unwrap();
    for table in database.tables().await.unwrap() {
        let columns: Vec<_> = database.columns(&table).await.unwrap().into_iter().map(|column| column.name).collect();
        let split = database.split(&table).await.unwrap().unwrap();
        let (rows, print, ranges) =
            database.in_ranges(&table, &columns, &split, gonogo::database::ranges::Detail::Columns).await.unwrap();
        assert_eq!((rows, print), database.fingerprint(&table, &columns, &mut |_| {}).await.unwrap(), "{table}");
        assert!(ranges.len() <= 66, "{table}: {}", ranges.len());
    }
}

#[tokio::test]
async fn sqlite_has_fingerprints_too() {
    let desk = Desk::new();
    let path = desk.0.path().join("a.db");
    let change = async |sql: &'static str| {
        use sqlx::{ConnectOptions, Connection};
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path).create_if_missing(true);
        let mut connection = options.connect().await.unwrap();
        sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    };
    change("CREATE TABLE lots (id INTEGER PRIMARY KEY, code TEXT); INSERT INTO lots VALUES (1, 'a'), (2, 'b')").await;
    let (status, said, wrong) = desk.run(Some("sqlite:a.db"), &["--env", "real", "-o", "f.toml"]);
    assert!(status == 0 && said.contains("lots           2 rows  rows1:"), "{said}{wrong}");
    assert_eq!(desk.run(Some("sqlite:a.db"), &["--env", "real", "--against", "f.toml"]).0, 0);
    change("UPDATE lots SET code = 'x' WHERE id = 2").await;
    let (status, said, _) = desk.run(Some("sqlite:a.db"), &["--env", "real", "--against", "f.toml"]);
    assert_eq!((status, said.trim()), (1, "lots: 2 rows as before, but their contents differ"));
}

#[test]
fn what_cannot_be_done_is_said() {
    let desk = Desk::new();
    std::fs::write(desk.0.path().join("other.toml"), "format = 7\ntaken = \"\"\nidentity = \"\"\ndialect = \"\"\n")
        .unwrap();
    let nowhere = Some("postgresql://u:hunter2@127.0.0.1:1/d");
    for (url, words, status, part) in [
        (nowhere, &["--env", "real"][..], 5, "no server answers at 127.0.0.1:1"),
        (nowhere, &["--env", "unreal"], 2, "no environment `unreal`; it has real"),
        (None, &["--env", "real"], 2, "FINGERPRINT_DATABASE is not set"),
        (nowhere, &["--env", "real", "--against", "none.toml"], 2, "none.toml cannot be read"),
        (nowhere, &["--env", "real", "--against", "c.toml"], 2, "holds no fingerprints"),
        (nowhere, &["--env", "real", "--against", "other.toml"], 2, "is of format 7"),
    ] {
        let (ended, said, wrong) = desk.run(url, words);
        assert!(ended == status && wrong.contains(part), "{words:?}: {ended} {said} {wrong}");
        assert!(!wrong.contains("hunter2"), "{wrong}");
    }
}
