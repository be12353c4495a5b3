//! The rollback for a role that owns the database and nothing more.

use super::at;
use super::bench::{Bench, Heard, movable, outcome};
use super::postgres::{Cluster, cluster, connect, run, text};
use super::swap::{MADE, NoCommand};
use gonogo::attempts::checks::backup;
use gonogo::checklist::check::{Backup, BackupStage};
use gonogo::deployment::Verdict;
use gonogo::deployment::attempt::{LeftOn, LeftWhy, Outcome};
use sqlx::Connection;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

const SCHEMA: &str = "
CREATE EXTENSION pg_trgm;
CREATE TABLE lots (id int PRIMARY KEY, code text);
INSERT INTO lots SELECT i, 'L' || i FROM generate_series(1, 300) AS i;
CREATE INDEX lots_code ON lots USING gin (code gin_trgm_ops);
GRANT SELECT ON lots TO PUBLIC;
";

/// A database of an ordinary role's own.
struct Owned {
    role: String,
    name: String,
    url: String,
    admin: String,
    /// The database, for the administrator.
    inside: String,
}

async fn owned(cluster: &Cluster, attributes: &str) -> Owned {
    static COUNT: AtomicU32 = AtomicU32::new(1);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let (role, name) = (format!("app{number}"), format!("shop db{number}"));
    let admin = cluster.url("postgres");
    run(&admin, &format!("CREATE ROLE {role} LOGIN NOSUPERUSER {attributes} PASSWORD 'pw'")).await;
    run(&admin, &format!("CREATE DATABASE \"{name}\" OWNER {role}")).await;
    let path = name.replace(' ', "%20");
    let (url, inside) = (cluster.url_as(&role, "pw", &path), cluster.url(&path));
    run(&url, SCHEMA).await;
    Owned { role, name, url, admin, inside }
}

async fn carry_out(bench: &Bench, stage: BackupStage) -> (Outcome, Heard) {
    let check = Backup { stage, of: Some(MADE.into()) };
    let console = Heard::default();
    let outcome = movable(backup::carry_out(&bench.assignment(), &check, &console, &NoCommand)).await;
    (outcome, console)
}

/// A bench with a backup that the role itself made and read back.
async fn bench(owned: &Owned) -> Bench {
    let mut bench = at(&owned.url).await;
    let (made, console) = carry_out(&bench, BackupStage::Make).await;
    assert_eq!(made.verdict, Verdict::Pass, "{}\n{}", made.detail, console.text());
    bench.backup(MADE, BackupStage::Make, None);
    bench.backup("p/s/verify", BackupStage::Verify, Some(MADE));
    bench.backup("p/s/back", BackupStage::Swap, Some(MADE));
    bench.past(MADE, made);
    bench.past("p/s/verify", outcome(Verdict::Pass));
    bench
}

async fn databases(owned: &Owned, like: &str) -> String {
    let sql = format!(
        "SELECT coalesce(string_agg(datname, ' ' ORDER BY datname), '') FROM pg_database WHERE datname LIKE '{like}'"
    );
    text(&owned.admin, &sql).await
}

#[tokio::test]
async fn the_owner_swaps_while_a_superuser_and_an_autovacuum_worker_are_there() {
    let cluster = Cluster::start("autovacuum = on\nautovacuum_naptime = 1\n");
    let owned = owned(&cluster, "CREATEDB").await;
    let extra = "CREATE EXTENSION pg_stat_statements; ALTER DATABASE \"NAME\" SET log_statement = 'ddl'; \
                 CREATE ROLE kept_reader; GRANT SELECT ON lots TO kept_reader";
    run(&owned.inside, &extra.replace("NAME", &owned.name)).await;
    let bench = bench(&owned).await;

    run(&owned.url, "DELETE FROM lots WHERE id > 10").await;
    // A worker that stays: one page of this every tenth of a second.
    run(
        &owned.url,
        "CREATE TABLE slow (id int, t text) WITH (autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1, \
         autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0); \
         INSERT INTO slow SELECT i, repeat('x', 500) FROM generate_series(1, 20000) AS i; DELETE FROM slow",
    )
    .await;
    let worker = format!(
        "SELECT count(*)::text FROM pg_stat_activity WHERE datname = '{}' AND backend_type = 'autovacuum worker'",
        owned.name
    );
    let deadline = Instant::now() + Duration::from_mins(1);
    while text(&owned.admin, &worker).await == "0" {
        assert!(Instant::now() < deadline, "no autovacuum worker came");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let mut superuser = connect(&owned.inside).await;
    let mut service = connect(&owned.url).await;
    let leaves = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(2)).await;
        superuser.ping().await.unwrap();
        superuser.close().await.unwrap();
    });
    let (outcome, console) = carry_out(&bench, BackupStage::Swap).await;
    assert_eq!(outcome.verdict, Verdict::Pass, "{}\n{}", outcome.detail, console.text());
    leaves.await.unwrap();
    assert!(service.ping().await.is_err(), "its own sessions are ended");
    for part in [
        "300 rows as recorded",
        "waited for: a session of the server (",
        ", a session of neurohub (",
        "restored without extension pg_stat_statements",
        "SET \"log_statement\" = 'ddl'",
    ] {
        assert!(outcome.detail.contains(part), "{part}: {}\n{}", outcome.detail, console.text());
    }
    assert_eq!(text(&owned.url, "SELECT count(*)::text FROM lots").await, "300");
    assert_eq!(text(&owned.url, "SELECT has_table_privilege('kept_reader', 'lots', 'SELECT')::text").await, "true");
    let before = databases(&owned, &format!("{}\\_before\\_%", owned.name)).await;
    let [left] = outcome.left.as_slice() else { panic!("{:?}", outcome.left) };
    assert_eq!((&left.name, left.on, left.why), (&before, LeftOn::Database, LeftWhy::KeptAside));
    assert_eq!(databases(&owned, "gonogo%").await, "");
}

#[tokio::test]
async fn a_superuser_who_stays_is_named_and_everything_is_as_it_was() {
    let owned = owned(cluster(), "CREATEDB").await;
    let bench = bench(&owned).await;
    run(&owned.url, "DELETE FROM lots WHERE id > 10").await;
    let mut superuser = connect(&owned.inside).await;
    let (outcome, console) = carry_out(&bench, BackupStage::Swap).await;
    assert_eq!(outcome.verdict, Verdict::Inconclusive, "{}\n{}", outcome.detail, console.text());
    assert!(
        outcome.detail.contains("nothing was changed") && outcome.detail.contains("of neurohub ("),
        "{}",
        outcome.detail
    );
    superuser.ping().await.unwrap();
    assert_eq!(text(&owned.url, "SELECT count(*)::text FROM lots").await, "10");
    assert_eq!(databases(&owned, &format!("{}\\_before\\_%", owned.name)).await, "");
}

#[tokio::test]
async fn without_createdb_the_drill_says_what_to_ask_for() {
    let owned = owned(cluster(), "").await;
    let mut bench = bench(&owned).await;
    let wanted = format!("ask an administrator for: ALTER ROLE \"{}\" CREATEDB", owned.role);
    let (outcome, _) = carry_out(&bench, BackupStage::Swap).await;
    assert_eq!(outcome.verdict, Verdict::Inconclusive);
    assert!(outcome.detail.contains(&wanted), "{}", outcome.detail);
    bench.environment.scratch = Some(owned.url.clone());
    let (outcome, _) = carry_out(&bench, BackupStage::Restore).await;
    assert!(outcome.detail.contains(&wanted), "{}", outcome.detail);
    // Scratch may be another role's: what the swap would hit is found all the same.
    bench.environment.scratch = Some(owned.admin.clone());
    let (outcome, _) = carry_out(&bench, BackupStage::Restore).await;
    assert_eq!(outcome.verdict, Verdict::Fail, "{}", outcome.detail);
    assert!(outcome.detail.contains("\"Item p/s/back\" would be refused here") && outcome.detail.contains(&wanted));
    assert_eq!(text(&owned.url, "SELECT count(*)::text FROM lots").await, "300");
}

#[tokio::test]
async fn a_role_that_does_not_own_the_database_is_reported_so_before_anything_is_restored() {
    let owned = owned(cluster(), "CREATEDB").await;
    let bench = bench(&owned).await;
    run(&owned.admin, &format!("ALTER DATABASE \"{}\" OWNER TO neurohub", owned.name)).await;
    let (outcome, _) = carry_out(&bench, BackupStage::Swap).await;
    assert_eq!(outcome.verdict, Verdict::Inconclusive);
    assert!(outcome.detail.contains("does not own database"), "{}", outcome.detail);
    assert!(outcome.detail.contains(&format!("OWNER TO \"{}\"", owned.role)), "{}", outcome.detail);
    assert_eq!(databases(&owned, "gonogo%").await, "");
}

/// A checklist whose backup is made, read back and put in the database's place.
fn checklist() -> String {
    let item = |id: &str, check: &str| {
        format!(
            "[[phase.section.item]]\nid = \"{id}\"\ntitle = \"{id}\"\nours = \"a test\"\ncheck = {{ kind = \"backup\", {check} }}\n"
        )
    };
    format!(
        "format = 1\nid = \"shop\"\ntitle = \"Shop\"\n[[slot]]\nid = \"s\"\ntitle = \"S\"\n[environments.e]\nslot = \"s\"\n\
         protection = \"open\"\nwrites = \"allowed\"\ndatabase = \"${{SHOP}}\"\nscratch = \"${{SHOP}}\"\nbackups = \".\"\n\
         [[phase]]\nid = \"p\"\ntitle = \"P\"\nslot = \"s\"\n[[phase.section]]\nid = \"s\"\ntitle = \"S\"\norder = \"steps\"\n\
         {}{}{}",
        item("make", "stage = \"make\""),
        item("verify", "stage = \"restore\", of = \"p/s/make\""),
        item("swap", "stage = \"swap\", of = \"p/s/make\""),
    )
}

fn gonogo(folder: &std::path::Path, shop: &str, words: &[&str]) -> (Option<i32>, String) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_gonogo"));
    command.current_dir(folder).env("SHOP", shop).args(words).stdin(std::process::Stdio::null());
    let output = command.output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code(), said)
}

#[tokio::test]
async fn what_attempts_left_is_listed_dropped_and_recorded_and_nothing_else_is_touched() {
    let owned = owned(cluster(), "CREATEDB").await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("shop.toml"), checklist()).unwrap();
    let opened = gonogo(folder.path(), &owned.url, &["open", "--no-screen", "shop.toml"]);
    assert_eq!(opened.0, Some(0), "{}", opened.1);
    let (status, said) = gonogo(folder.path(), &owned.url, &["run", "shop.ledger.toml"]);
    assert_eq!(status, Some(0), "{said}");
    let ledger = || std::fs::read_to_string(folder.path().join("shop.ledger.toml")).unwrap();
    let sum = ledger().lines().find_map(|line| Some(line.strip_prefix("sum = \"")?.to_owned())).unwrap();
    let before = databases(&owned, &format!("{}\\_before\\_%", owned.name)).await;
    let half_made = format!("gonogo_{}_0003_swap", sum.trim_start_matches("sha256:").get(..8).unwrap());
    let others = [format!("{}_before_20200101_000000", owned.name), "gonogo_00000000_0001_swap".to_owned()];
    for name in others.iter().chain([&half_made]) {
        run(&owned.url, &format!("CREATE DATABASE \"{name}\"")).await;
    }

    let (status, said) = gonogo(folder.path(), &owned.url, &["clean", "shop.ledger.toml"]);
    assert_eq!(status, Some(4), "{said}");
    for part in
        [&format!("drop database {before} at"), &format!("drop database {half_made} at"), "not confirmed: to drop them"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(said.contains(&format!("left alone: database {}", others[0])), "{said}");
    assert_eq!(databases(&owned, &before).await, before);

    let (status, said) = gonogo(folder.path(), &owned.url, &["clean", "shop.ledger.toml", "--yes", "--as", "kim"]);
    assert_eq!(status, Some(0), "{said}");
    assert_eq!(databases(&owned, &before).await + &databases(&owned, &half_made).await, "");
    for name in &others {
        assert_eq!(&databases(&owned, name).await, name, "made by somebody else");
    }
    let recorded = ledger();
    let note = recorded.lines().find(|line| line.starts_with("text = \"clean: ")).unwrap();
    assert!(note.contains(&before) && note.contains(&half_made), "{note}");
    let (status, said) = gonogo(folder.path(), &owned.url, &["clean", "shop.ledger.toml"]);
    assert!(status == Some(0) && said.contains("nothing to clean up"), "{said}");
    assert_eq!(text(&owned.url, "SELECT count(*)::text FROM lots").await, "300");
}
