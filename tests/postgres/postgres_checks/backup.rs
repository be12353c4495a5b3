//! Dumps made, read back and restored by PostgreSQL's own programs; and damaged ones of every kind.

use super::at;
use super::bench::{Bench, Heard, measured, movable};
use super::postgres::{Base, cluster};
use futures_util::future::BoxFuture;
use gonogo::attempts::checks::backup::{self, CommandEnd, CommandRunner};
use gonogo::checklist::check::{Backup, BackupStage};
use gonogo::deployment::Verdict;
use gonogo::deployment::attempt::{Moment, Outcome};
use std::process::Command;

const MADE: &str = "p/s/make";
const SCHEMA: &str = "
CREATE TABLE lots (id int PRIMARY KEY, code text, born timestamptz, weight numeric(9, 3), j jsonb);
CREATE TABLE serials (id int PRIMARY KEY, lot_id int NOT NULL REFERENCES lots, noise text);
INSERT INTO lots SELECT i, 'L' || i, timestamptz '2026-01-01' + i * interval '1 h', i / 7.0, jsonb_build_object('a', i) FROM generate_series(1, 300) AS i;
INSERT INTO serials SELECT i, 1 + i % 300, md5(i::text) || md5((i * 7)::text) FROM generate_series(1, 20000) AS i;
";

/// Answers for the terminal on which the environment's own command runs: writes what it is given.
struct Writes(Vec<u8>);

impl CommandRunner for Writes {
    fn run<'a>(
        &'a self,
        _command: &'a str,
        exports: &'a [(&'static str, String)],
    ) -> BoxFuture<'a, Result<CommandEnd, String>> {
        Box::pin(async move {
            std::fs::write(&exports[0].1, &self.0).unwrap();
            Ok(CommandEnd { exit: Some(0), signal: None })
        })
    }
}

async fn carry_out(bench: &Bench, stage: BackupStage, written: &[u8]) -> (Outcome, Heard) {
    let check = Backup { stage, of: Some(MADE.into()) };
    let console = Heard::default();
    let runner = Writes(written.to_vec());
    let outcome = movable(backup::carry_out(&bench.assignment(), &check, &console, &runner)).await;
    (outcome, console)
}

async fn bench(base: &Base) -> Bench {
    let mut bench = at(&base.url).await;
    bench.environment.scratch = Some(cluster().url("postgres"));
    bench
}

/// What one of PostgreSQL's programs writes to its standard output.
fn output(name: &str, words: &[&str]) -> Vec<u8> {
    let output = Command::new(cluster().bin.join(name)).args(words).output().unwrap();
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[tokio::test]
async fn a_dump_is_made_read_back_restored_and_compared() {
    let base = cluster().database(SCHEMA).await;
    let mut bench = bench(&base).await;
    let (outcome, console) = carry_out(&bench, BackupStage::Make, b"").await;
    assert_eq!(outcome.verdict, Verdict::Pass, "{}\n{}", outcome.detail, console.text());
    let made = outcome.made.clone().unwrap();
    let ending = std::path::Path::new(&made.file).extension();
    assert!(ending.is_some_and(|ending| ending == "dump") && made.bytes > 1_000, "{made:?}");
    assert_eq!(made.bytes, std::fs::metadata(bench.path(&made.file)).unwrap().len());
    assert!(!console.text().contains("p%40ss") && !console.text().contains("p@ss"), "{}", console.text());
    assert!(console.stages.lock().unwrap().iter().any(|stage| stage.stage == "dump" && stage.total == Some(20_300)));
    bench.past(MADE, outcome);

    // The source goes on; the backup is of its moment.
    base.run("DELETE FROM serials WHERE id > 100; UPDATE lots SET code = 'x'").await;
    let (outcome, console) = carry_out(&bench, BackupStage::Verify, b"").await;
    assert_eq!(outcome.verdict, Verdict::Pass, "{}\n{}", outcome.detail, console.text());
    assert!(outcome.detail.contains("read back whole"), "{}", outcome.detail);
    let (outcome, console) = carry_out(&bench, BackupStage::Restore, b"").await;
    assert_eq!(outcome.verdict, Verdict::Pass, "{}\n{}", outcome.detail, console.text());
    assert!(measured(&outcome, "restore").is_some_and(|seconds| seconds > 0.0));
    assert!(outcome.tables.iter().all(|table| table.when == Moment::Restored && table.fingerprint.is_some()));
    let left = super::postgres::text(
        &cluster().url("postgres"),
        "SELECT count(*)::text FROM pg_database WHERE datname LIKE 'gonogo%'",
    )
    .await;
    assert_eq!(left, "0", "nothing is left on the scratch server");
}

#[tokio::test]
async fn every_kind_of_damage_is_reported_by_its_name() {
    let base = cluster().database(SCHEMA).await;
    let bench = bench(&base).await;
    let good = output("pg_dump", &["--format=custom", &base.url]);
    let loose = output("pg_dump", &["--format=custom", "--compress=0", &base.url]);
    let plain = output("pg_dump", &[&base.url]);
    let other = cluster().database(SCHEMA).await;
    other.run("UPDATE lots SET code = 'changed' WHERE id = 7").await;
    let different = output("pg_dump", &["--format=custom", &other.url]);
    let flipped = |bytes: &[u8], at: usize| {
        let mut bytes = bytes.to_vec();
        bytes[at] ^= 0x01;
        bytes
    };
    let noise = loose.windows(32).position(|window| window == &output_md5()[..]).unwrap();
    let mut bench = bench;
    bench.environment.commands.insert("backup".into(), "the environment's own".into());
    for (what, bytes, part) in [
        ("good", good.clone(), None),
        ("cut by a byte", good[..good.len() - 1].to_vec(), Some("its list of contents can be read, its data cannot")),
        ("cut in half", good[..good.len() / 2].to_vec(), Some("its list of contents can be read, its data cannot")),
        ("a byte altered", flipped(&good, good.len() / 2), Some("its list of contents can be read, its data cannot")),
        (
            "a byte of uncompressed data altered",
            flipped(&loose, noise + 5),
            Some("serials: 20000 rows as before, but their contents differ"),
        ),
        ("of another database", different, Some("lots: 300 rows as before, but their contents differ")),
        ("plain", plain.clone(), Some("plain-text dump: `pg_restore --list` refuses")),
        ("plain, cut", plain[..plain.len() / 2].to_vec(), Some("plain-text dump that was cut off")),
        (
            "an empty gzip",
            vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            Some("the exit status is gzip's"),
        ),
        ("something else", b"<html>404</html>".to_vec(), Some("no dump of PostgreSQL's")),
        ("only the head", good[..40].to_vec(), Some("list of contents")),
    ] {
        let (outcome, console) = carry_out(&bench, BackupStage::Full, &bytes).await;
        let expected = if part.is_none() { Verdict::Pass } else { Verdict::Fail };
        assert_eq!(outcome.verdict, expected, "{what}: {}\n{}", outcome.detail, console.text());
        assert!(outcome.detail.contains(part.unwrap_or("as recorded")), "{what}: {}", outcome.detail);
    }
}

/// A row's noise as the schema makes it.
fn output_md5() -> Vec<u8> {
    // md5('10000')
    b"b7a782741f667201b54880c925faec4b".to_vec()
}

#[tokio::test]
async fn what_was_recorded_must_be_what_lies_there() {
    let base = cluster().database(SCHEMA).await;
    let mut bench = bench(&base).await;
    let (outcome, _) = carry_out(&bench, BackupStage::Make, b"").await;
    let path = bench.path(&outcome.made.clone().unwrap().file);
    bench.past(MADE, outcome);
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    for stage in [BackupStage::Verify, BackupStage::Restore] {
        let (outcome, _) = carry_out(&bench, stage, b"").await;
        assert!(
            outcome.verdict == Verdict::Fail && outcome.detail.contains("altered: its SHA-256"),
            "{}",
            outcome.detail
        );
    }
}

#[tokio::test]
async fn without_a_place_to_restore_to_nothing_is_said_of_the_backup() {
    let base = cluster().database(SCHEMA).await;
    let mut bench = bench(&base).await;
    let (outcome, _) = carry_out(&bench, BackupStage::Make, b"").await;
    bench.past(MADE, outcome);
    let weak = "CREATE ROLE weak LOGIN PASSWORD 'w'";
    base.run(weak).await;
    for (scratch, part) in [
        (None, "has no `scratch`"),
        (Some("sqlite:scratch.db".to_owned()), "is a file"),
        (Some(cluster().url_as("weak", "w", "postgres")), "ask an administrator for: ALTER ROLE \"weak\" CREATEDB"),
        (Some("postgresql://u@127.0.0.1:1/d".to_owned()), "no server answers"),
    ] {
        bench.environment.scratch = scratch;
        let (outcome, _) = carry_out(&bench, BackupStage::Restore, b"").await;
        assert!(outcome.verdict == Verdict::Inconclusive && outcome.detail.contains(part), "{}", outcome.detail);
    }
}
