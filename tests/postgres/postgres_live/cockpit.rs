//! The cockpit on a terminal, with a real server behind it.

use super::postgres::{Base, Cluster, cluster, connect};
use super::processes::kill;
use super::stage::{PATIENCE, Stage};
use super::terminal::{GONOGO, Terminal};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

const WAIT: u64 = 120;

async fn execute(connection: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await.unwrap();
}

/// A folder with a checklist of one migration and one line to tick.
fn checklist(stage: &Stage) -> &Path {
    let revisions: Vec<String> =
        stage.migrator.revisions.iter().map(|r| format!("{{ id = \"{}\", title = \"x\" }}", r.id)).collect();
    let text = format!(
        "format = 1\nid = \"live\"\ntitle = \"Live\"\n[[slot]]\nid = \"db\"\ntitle = \"Database\"\n\
         [environments.one]\nslot = \"db\"\ndatabase = \"${{LIVE_DATABASE_URL}}\"\n\
         [environments.one.migrator]\nkind = \"alembic\"\ncommand = \"\"\"{}\"\"\"\nlock_timeout = \"110s\"\n\
         revisions = [{}]\n\
         [[phase]]\nid = \"p\"\ntitle = \"Migrate\"\nslot = \"db\"\n[[phase.section]]\nid = \"s\"\ntitle = \"Steps\"\n\
         [[phase.section.item]]\nid = \"upgrade\"\ntitle = \"Upgrade the database\"\n\
         check = {{ kind = \"migration\", direction = \"upgrade\", to = \"head\", rewrites = [\"parts\"] }}\n\
         targets = [{{ measure = \"lock\", below = 600, unit = \"s\" }}]\n\
         [[phase.section.item]]\nid = \"look\"\ntitle = \"Look at the log\"\n",
        stage.migrator.command,
        revisions.join(", ")
    );
    std::fs::write(stage.folder.path().join("live.toml"), text).unwrap();
    stage.folder.path()
}

fn fly(folder: &Path, url: &str, (columns, rows): (u16, u16)) -> Terminal {
    let arguments = ["open", "live.toml", "--env", "db=one"];
    let mut terminal = Terminal::start_with(folder, columns, rows, &arguments, &[("LIVE_DATABASE_URL", url)]);
    terminal.until_text("Upgrade the database", WAIT);
    terminal
}

fn status(folder: &Path) -> serde_json::Value {
    let output =
        Command::new(GONOGO).args(["status", "live.ledger.toml", "--json"]).current_dir(folder).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_default()
}

/// Waits until the ledger reports the first attempt what is wanted.
fn until_attempt(folder: &Path, what: &str, wanted: impl Fn(&serde_json::Value) -> bool) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let status = status(folder);
        if wanted(&status["attempts"][0]) {
            return;
        }
        assert!(Instant::now() < deadline, "{what} was never so: {:#}", status["attempts"]);
        std::thread::yield_now();
    }
}

async fn parts() -> Base {
    cluster()
        .database("CREATE TABLE parts (id int PRIMARY KEY); INSERT INTO parts SELECT generate_series(1, 100)")
        .await
}

fn add_note(attempt: u32) -> Stage {
    Stage::chain(attempt, &[("0001", "op.execute(\"ALTER TABLE parts ADD COLUMN note text\")")])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_held_by_anybody_shows_and_the_cockpit_stays_live() {
    let base = parts().await;
    let stage = add_note(1);
    let folder = checklist(&stage);
    let mut holder = connect(&base.url).await;
    execute(&mut holder, "SET application_name = 'night job'; BEGIN; LOCK TABLE parts").await;
    let mut terminal = fly(folder, &base.url, (120, 36));
    terminal.until_text("parts held", WAIT);
    terminal.until_text("night job", WAIT);
    // It goes on answering while the lock is held, and its own questions wait for nobody.
    terminal.keys("?");
    terminal.until_text("Run or complete the selected step", WAIT);
    terminal.keys("\x1b");
    terminal.until("the help is closed", WAIT, |screen| !screen.contains("Run or complete the selected step"));
    terminal.keys("2");
    terminal.until_text("Server of one", WAIT);
    let waiting = base
        .text("SELECT count(*)::text FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted AND a.application_name LIKE 'gonogo%'")
        .await;
    assert_eq!(waiting, "0");
    let observers = "SELECT count(*)::text FROM pg_stat_activity WHERE application_name LIKE 'gonogo%' AND datname = current_database()";
    assert!(base.text(observers).await.parse::<u32>().unwrap() <= 2);
    execute(&mut holder, "COMMIT").await;
    terminal.until("the lock is gone", WAIT, |screen| !screen.contains("parts held"));
    // At 80 columns the same stands on the screen of the migration.
    terminal.resize(80, 24);
    execute(&mut holder, "BEGIN; LOCK TABLE parts").await;
    terminal.until_text("parts held", WAIT);
    holder.close().await.unwrap();
    terminal.keys("q");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stands_in_the_way_is_ended_with_one_key_and_it_is_recorded() {
    let base = parts().await;
    let stage = add_note(1);
    let folder = checklist(&stage);
    let mut report = connect(&base.url).await;
    execute(&mut report, "SET application_name = 'report'; BEGIN; SELECT count(*) FROM parts").await;
    let mut terminal = fly(folder, &base.url, (120, 40));
    terminal.keys("\r2");
    terminal.until_text("report (pid", WAIT);
    terminal.keys("b");
    terminal.until_text("Terminate blocking session", WAIT);
    terminal.keys("it was forgotten\r");
    terminal.until("the form is gone", WAIT, |screen| !screen.contains("Terminate blocking session"));
    until_attempt(folder, "the upgrade passed", |attempt| attempt["verdict"] == "pass");
    terminal.keys("6");
    terminal.until_text("ended the session of report", WAIT);
    let ledger = std::fs::read_to_string(folder.join("live.ledger.toml")).unwrap();
    assert!(ledger.contains("kind = \"blocker-cancelled\"") && ledger.contains("it was forgotten"), "{ledger}");
    assert!(!ledger.contains(super::postgres::PASSWORD) && !ledger.contains(super::postgres::PASSWORD_IN_ADDRESS));
    terminal.keys("q");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_migration_outlives_a_killed_cockpit_and_a_killed_supervisor_leaves_it_unknown() {
    let base = parts().await;
    let stage = add_note(1);
    let folder = checklist(&stage);
    let mut report = connect(&base.url).await;
    execute(&mut report, "SET application_name = 'report'; BEGIN; SELECT count(*) FROM parts").await;
    let mut terminal = fly(folder, &base.url, (120, 40));
    terminal.keys("\r2");
    terminal.until_text("report (pid", WAIT);
    terminal.child.kill().unwrap();
    terminal.child.wait().unwrap();
    execute(&mut report, "COMMIT").await;
    until_attempt(folder, "the upgrade passed without its cockpit", |attempt| attempt["verdict"] == "pass");

    let base = parts().await;
    let stage = add_note(1);
    let folder = checklist(&stage);
    let mut report = connect(&base.url).await;
    execute(&mut report, "SET application_name = 'report'; BEGIN; SELECT count(*) FROM parts").await;
    let mut terminal = fly(folder, &base.url, (120, 40));
    terminal.keys("\r2");
    terminal.until_text("report (pid", WAIT);
    kill(|process| process.folder.as_deref() == Some(folder) && process.words.iter().any(|word| word == "supervise"));
    until_attempt(folder, "the attempt is lost", |attempt| attempt["state"] == "lost");
    // Its migrator lost its terminal and the server its client: nothing goes on where nobody looks.
    let left = "SELECT count(*)::text FROM pg_stat_activity WHERE application_name LIKE 'gonogo-%-0001' AND datname = current_database()";
    let deadline = Instant::now() + PATIENCE;
    while base.text(left).await != "0" {
        assert!(Instant::now() < deadline, "the migrator's session outlived its supervisor");
    }
    execute(&mut report, "COMMIT").await;
    terminal.keys("q");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_restarts_is_a_gap_and_then_seen_again() {
    let own = Cluster::start("");
    let base = own.database("CREATE TABLE parts (id int)").await;
    let stage = add_note(1);
    let folder = checklist(&stage);
    let mut terminal = fly(folder, &base.url, (120, 36));
    terminal.keys("2");
    base.run("CHECKPOINT").await;
    own.stop();
    terminal.until_text("not seen", WAIT);
    own.start_again();
    terminal.until("the gap is over", WAIT, |screen| !screen.contains("not seen"));
    let mut holder = connect(&base.url).await;
    execute(&mut holder, "BEGIN; LOCK TABLE parts").await;
    terminal.until_text("parts held", WAIT);
    terminal.keys("q");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_seen_is_reported_and_the_rest_works() {
    let base = parts().await;
    let role = format!("weak_{}", base.name);
    base.run(&format!("CREATE ROLE {role} LOGIN PASSWORD 'weak'; GRANT CONNECT ON DATABASE {} TO {role}", base.name))
        .await;
    let wrong = cluster().url_as(&role, "wrong", &base.name);
    let missing = cluster().url("no_such_database");
    for (url, words) in [(wrong, "refuses the password"), (missing, "there is no database")] {
        let stage = add_note(1);
        let mut terminal = fly(checklist(&stage), &url, (120, 36));
        terminal.keys("2");
        terminal.until_text(words, WAIT);
        terminal.keys("6");
        terminal.until_text("opened Live", WAIT);
        terminal.keys("q");
    }
    let mut holder = connect(&base.url).await;
    execute(&mut holder, "SET application_name = 'night job'; BEGIN; LOCK TABLE parts").await;
    let stage = add_note(1);
    let weak = cluster().url_as(&role, "weak", &base.name);
    let mut terminal = fly(checklist(&stage), &weak, (120, 40));
    terminal.keys("2");
    terminal.until_text("no member of pg_monitor", WAIT);
    terminal.until_text("parts held", WAIT);
    terminal.keys("q");
}
