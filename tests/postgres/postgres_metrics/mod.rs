//! The collector on a real PostgreSQL server: built-in numbers, what cannot be reported, and one connection that is kept.

use crate::postgres::{Cluster, cluster};
use crate::terminal::GONOGO;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const LEDGER: &str = "watched.ledger.toml";

const NAMES: [&str; 11] = [
    "connections-used",
    "idle-in-transaction",
    "oldest-transaction",
    "cache-hit-ratio",
    "deadlocks",
    "temporary-bytes",
    "calls",
    "mean-time",
    "slow-statements",
    "replication-lag",
    "wal-rate",
];

struct Collecting(Child);

impl Drop for Collecting {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn gonogo(folder: &Path, url: &str, words: &[&str]) -> Command {
    let mut command = Command::new(GONOGO);
    command.args(words).current_dir(folder).env("WATCHED_URL", url).env("XDG_STATE_HOME", folder.join(".state"));
    command
}

fn open(folder: &Path, url: &str) {
    open_with(folder, url, "");
}

/// With lines of the environment's.
fn open_with(folder: &Path, url: &str, lines: &str) {
    let mut checklist = format!(
        "format = 1\nid = \"watched\"\ntitle = \"Watched\"\n[[slot]]\nid = \"target\"\ntitle = \"Target\"\n\
        [environments.here]\nslot = \"target\"\ndatabase = \"${{WATCHED_URL}}\"\n{lines}\
        [[phase]]\nid = \"one\"\ntitle = \"One\"\nslot = \"target\"\n[[phase.section]]\nid = \"look\"\ntitle = \"Look\"\n\
        [[phase.section.item]]\nid = \"first\"\ntitle = \"First\"\n"
    );
    let mut pane = |id: &str, source: &str| {
        let _ = write!(
            checklist,
            "[[pane]]\nid = \"{id}\"\ntitle = \"{id}\"\nslot = \"target\"\nunit = \"x\"\nevery = \"300ms\"\nsource = {{ {source} }}\n"
        );
    };
    for name in NAMES {
        pane(name, &format!("kind = \"postgres\", number = \"{name}\""));
    }
    pane("dead", "kind = \"postgres\", number = \"dead-tuples\", table = \"public.it's\"");
    pane("gone", "kind = \"postgres\", number = \"dead-tuples\", table = \"public.nowhere\"");
    pane("size", "kind = \"database-size\"");
    pane("rows", "kind = \"sql\", query = \"SELECT 42\"");
    pane("role", "kind = \"sql\", query = \"SELECT (current_user LIKE 'watcher%')::int\"");
    std::fs::write(folder.join("watched.toml"), checklist).unwrap();
    let opened = gonogo(folder, url, &["open", "watched.toml", "--no-screen"]).output().unwrap();
    assert!(opened.status.success(), "{}", String::from_utf8_lossy(&opened.stderr));
}

/// The last thing known of each metric: a number, or why there is none.
fn last(folder: &Path, url: &str) -> BTreeMap<String, Result<f64, String>> {
    let printed = gonogo(folder, url, &["metrics", LEDGER, "--format", "json"]).output().unwrap();
    let Ok(value) = serde_json::from_slice::<serde_json::Value>(&printed.stdout) else { return BTreeMap::new() };
    let metrics = value["metrics"].as_array().unwrap().iter().filter_map(|metric| {
        let last = metric["samples"].as_array()?.last()?;
        let reported = last["value"].as_f64().ok_or_else(|| last["gap"].as_str().unwrap_or_default().to_owned());
        Some((metric["metric"].as_str()?.to_owned(), reported))
    });
    metrics.collect()
}

fn until(what: &str, wanted: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !wanted() {
        assert!(Instant::now() < deadline, "{what} did not come in time");
        std::thread::park_timeout(Duration::from_millis(100));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_reports_its_numbers_over_one_connection_that_is_kept() {
    let server: &Cluster = cluster();
    let base =
        server.database("CREATE TABLE \"it's\" (id int); INSERT INTO \"it's\" SELECT generate_series(1, 9)").await;
    let folder = tempfile::tempdir().unwrap();
    open(folder.path(), &base.url);
    let child = gonogo(folder.path(), &base.url, &["collect", LEDGER]).stdout(Stdio::null()).spawn().unwrap();
    let _collecting = Collecting(child);
    let reported = |name: &str| last(folder.path(), &base.url).remove(name);
    for name in ["connections-used", "idle-in-transaction", "deadlocks", "temporary-bytes", "wal-rate", "size", "rows"]
    {
        until(name, || reported(name).is_some_and(|reported| reported.is_ok()));
    }
    until("the number of a query", || reported("rows") == Some(Ok(42.0)));
    assert!(reported("size").unwrap().unwrap() > 1e6);
    until("the oldest transaction", || reported("oldest-transaction").is_some_and(|reported| reported.is_ok()));
    until("no replica", || reported("replication-lag") == Some(Err("no replica is connected".into())));
    for name in ["calls", "mean-time", "slow-statements"] {
        until(name, || {
            reported(name).is_some_and(|reported| reported.is_err_and(|why| why.contains("is not installed here")))
        });
    }
    assert_eq!(reported("role"), Some(Ok(0.0)), "nobody named another role");
    until("no such table", || reported("gone") == Some(Err("the table is not there".into())));

    let sessions = "SELECT coalesce(string_agg(pid::text, ','), '') FROM pg_stat_activity \
        WHERE datname = current_database() AND application_name = 'gonogo observer'";
    let held = base.text(sessions).await;
    assert!(!held.is_empty() && !held.contains(','), "{held}");
    let rounds = last(folder.path(), &base.url).len();
    assert_eq!(rounds, NAMES.len() + 5, "every metric was asked meanwhile");
    assert_eq!(base.text(sessions).await, held, "fifteen metrics share a connection, also those that are refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_away_is_no_data_and_comes_back_over_a_new_connection() {
    let server = Cluster::start("");
    let base = server.database("").await;
    let folder = tempfile::tempdir().unwrap();
    open(folder.path(), &base.url);
    let child = gonogo(folder.path(), &base.url, &["collect", LEDGER]).stdout(Stdio::null()).spawn().unwrap();
    let _collecting = Collecting(child);
    let reported = |name: &str| last(folder.path(), &base.url).remove(name);
    until("a number", || reported("rows") == Some(Ok(42.0)));
    server.stop();
    until("no data", || reported("rows").is_some_and(|reported| reported.is_err()));
    let why = reported("rows").unwrap().unwrap_err();
    assert!(!why.contains(crate::postgres::PASSWORD) && !why.contains(crate::postgres::PASSWORD_IN_ADDRESS), "{why}");
    server.start_again();
    until("numbers again", || reported("rows") == Some(Ok(42.0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_asked_for_as_the_observer_role() {
    let base = cluster().database("").await;
    let role = format!("watcher_{}", base.name);
    base.run(&format!("CREATE ROLE {role}")).await;
    for (named, wanted) in [(role.as_str(), Ok(1.0)), ("nobody_of_this_name", Err("cannot be taken"))] {
        let folder = tempfile::tempdir().unwrap();
        open_with(folder.path(), &base.url, &format!("observer_role = \"{named}\"\n"));
        let child = gonogo(folder.path(), &base.url, &["collect", LEDGER]).stdout(Stdio::null()).spawn().unwrap();
        let _collecting = Collecting(child);
        let reported = || last(folder.path(), &base.url).remove("role");
        until("the role", || reported().is_some());
        match wanted {
            Ok(number) => assert_eq!(reported(), Some(Ok(number))),
            Err(part) => assert!(reported().unwrap().unwrap_err().contains(part), "{:?}", reported()),
        }
    }
}
