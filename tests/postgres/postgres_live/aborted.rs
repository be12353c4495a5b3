//! A deployment aborted while its migration runs, and brought back: by the commands that people type, on a real server.

use super::postgres::{Base, cluster, connect};
use super::stage::{PATIENCE, Stage};
use super::terminal::GONOGO;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const LEDGER: &str = "live.ledger.toml";
const URL: &str = "LIVE_DATABASE_URL";
const FIRST: &str = "0001_initial_schema";
const SECOND: &str = "0002_add_wip_link_constraints";

fn checklist(stage: &Stage) -> &Path {
    let revisions: Vec<String> =
        stage.migrator.revisions.iter().map(|r| format!("{{ id = \"{}\", title = \"x\" }}", r.id)).collect();
    let text = format!(
        r#"
format = 1
id = "live"
title = "Live"
[[slot]]
id = "db"
title = "Database"
[environments.one]
slot = "db"
protection = "protected"
database = "${{LIVE_DATABASE_URL}}"
backups = "backups"
[environments.one.migrator]
kind = "alembic"
command = """NEUROHUB_TRANSACTION_PER_MIGRATION=1 {}"""
lock_timeout = "110s"
revisions = [{}]
[[phase]]
id = "go"
title = "Go"
slot = "db"
[[phase.section]]
id = "steps"
title = "Steps"
order = "steps"
[[phase.section.item]]
id = "backup"
title = "Back it up"
check = {{ kind = "backup", stage = "make" }}
[[phase.section.item]]
id = "verify"
title = "Read it back"
check = {{ kind = "backup", stage = "verify", of = "go/steps/backup" }}
[[phase.section.item]]
id = "upgrade"
title = "Upgrade the database"
changes = true
check = {{ kind = "migration", direction = "upgrade", to = "head", rewrites = ["lots", "serials", "wip_items", "process_data"] }}
[[phase]]
id = "back"
title = "Back"
slot = "db"
rollback = true
[[phase.section]]
id = "steps"
title = "Steps"
order = "steps"
[[phase.section.item]]
id = "restore"
title = "Put the backup back"
changes = true
check = {{ kind = "backup", stage = "swap", of = "go/steps/backup" }}
[[phase.section.item]]
id = "revision"
title = "It stands where it stood"
check = {{ kind = "migration", direction = "current", to = "{FIRST}" }}
[[phase.section.item]]
id = "rows"
title = "It holds what it held"
check = {{ kind = "rows", tables = [], against = "go/steps/backup", depth = "fingerprints" }}
"#,
        stage.migrator.command,
        revisions.join(", ")
    );
    std::fs::write(stage.folder.path().join("live.toml"), text).unwrap();
    std::fs::create_dir(stage.folder.path().join("backups")).unwrap();
    stage.folder.path()
}

fn command(folder: &Path, url: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(GONOGO);
    command.current_dir(folder).args(arguments).env(URL, url);
    command
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn granted(folder: &Path, url: &str, arguments: &[&str]) -> String {
    let output = command(folder, url, arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", said(&output));
    said(&output)
}

fn status(folder: &Path, url: &str) -> Value {
    serde_json::from_str(&granted(folder, url, &["status", LEDGER, "--json"])).unwrap()
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits until a query gives what is wanted.
async fn until(base: &Base, sql: &str, wanted: &str) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let now = base.text(sql).await;
        if now == wanted {
            return;
        }
        assert!(Instant::now() < deadline, "`{sql}` gives {now}, never {wanted}");
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

const MIGRATION: &str = "datname = current_database() AND application_name LIKE 'gonogo-%-0003'";

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_aborted_between_its_revisions_is_brought_back_whole() {
    let base = cluster().neurohub(FIRST, 5_000).await;
    let stage = Stage::neurohub(1);
    let folder = checklist(&stage);
    let url = base.url.as_str();
    granted(folder, url, &["open", "--no-screen", "live.toml", "--env", "db=one", "--as", "Kim"]);
    granted(folder, url, &["run", LEDGER, "go/steps/backup", "go/steps/verify", "--as", "Kim"]);

    // Somebody keeps the second revision waiting, and somebody else is in line to keep the third.
    let mut first = connect(url).await;
    let keep = "SET application_name = 'report'; BEGIN; SELECT count(*) FROM process_data";
    sqlx::raw_sql(AssertSqlSafe(keep)).execute(&mut first).await.unwrap();
    let upgrade = ["run", LEDGER, "go/steps/upgrade", "--confirm", "one", "--as", "Kim"];
    let mut run = Running(command(folder, url, &upgrade).stdout(Stdio::null()).spawn().unwrap());
    let waits = format!("SELECT count(*)::text FROM pg_stat_activity WHERE {MIGRATION} AND wait_event_type = 'Lock'");
    until(&base, &waits, "1").await;
    let mut second = connect(url).await;
    let queued = tokio::spawn(async move {
        let keep = "SET application_name = 'night job'; BEGIN; LOCK TABLE process_data IN EXCLUSIVE MODE";
        sqlx::raw_sql(AssertSqlSafe(keep)).execute(&mut second).await.unwrap();
        second
    });
    let behind = "SELECT count(*)::text FROM pg_stat_activity WHERE application_name = 'night job' AND wait_event_type = 'Lock' AND datname = current_database()";
    until(&base, behind, "1").await;
    sqlx::raw_sql("COMMIT").execute(&mut first).await.unwrap();
    first.close().await.unwrap();
    let second = queued.await.unwrap();
    until(&base, "SELECT version_num::text FROM alembic_version", SECOND).await;
    until(&base, &waits, "1").await;

    let aborted = granted(
        folder,
        url,
        &["abort", LEDGER, "--failed", "--reason", "it waits too long", "--confirm", "one", "--as", "Kim"],
    );
    assert!(aborted.contains("1 attempt was asked to stop"), "{aborted}");
    assert_eq!(run.0.wait().unwrap().code(), Some(6));
    until(&base, &format!("SELECT count(*)::text FROM pg_stat_activity WHERE {MIGRATION}"), "0").await;
    second.close().await.unwrap();

    let failed = status(folder, url);
    assert_eq!(failed["outcome"], "failed");
    let attempt = &failed["attempts"][2];
    assert_eq!((&attempt["state"], &attempt["verdict"]), (&"cancelled".into(), &"inconclusive".into()), "{attempt}");
    let ledger = std::fs::read_to_string(folder.join(LEDGER)).unwrap();
    let parsed: toml::Table = ledger.parse().unwrap();
    let finished =
        parsed["record"].as_array().unwrap().iter().rfind(|r| r["kind"].as_str() == Some("attempt-finished"));
    let finished = finished.unwrap();
    let detail = finished["detail"].as_str().unwrap();
    assert!(detail.contains("it waits too long") && detail.contains(SECOND), "{detail}");
    assert!(detail.contains("aftermath: "), "{detail}");
    assert_eq!(finished["revision"].as_str(), Some(SECOND));

    // What is typed is the database's name: this takes it away.
    granted(
        folder,
        url,
        &["rollback", LEDGER, "--reason", "back to the old schema", "--confirm", "one", "--as", "Kim"],
    );
    let other = ["run", LEDGER, "back/steps/restore", "--confirm", "one", "--as", "Kim"];
    let unconfirmed = command(folder, url, &other).output().unwrap();
    assert_eq!(unconfirmed.status.code(), Some(4), "{}", said(&unconfirmed));
    let early = command(folder, url, &["rollback", LEDGER, "--end", "--as", "Kim"]).output().unwrap();
    assert_eq!(early.status.code(), Some(2), "nothing is verified yet: {}", said(&early));
    granted(folder, url, &["run", LEDGER, "back/steps/restore", "--confirm", &base.name, "--as", "Kim"]);
    granted(folder, url, &["run", LEDGER, "--as", "Kim"]);
    let over = granted(folder, url, &["rollback", LEDGER, "--end", "--as", "Kim"]);
    assert!(over.contains("the old state is verified"), "{over}");
    assert_eq!(base.text("SELECT version_num::text FROM alembic_version").await, FIRST);
    let columns = "SELECT count(*)::text FROM information_schema.columns WHERE table_name = 'process_data' AND column_name = 'wip_id'";
    assert_eq!(base.text(columns).await, "0");
    assert_eq!(status(folder, url)["outcome"], "rolled-back");
    granted(folder, url, &["verify", LEDGER]);
}
