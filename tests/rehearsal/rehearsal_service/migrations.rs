//! Up, down, and what is left when a migration is killed.

use super::sandbox::{ROWS, build, contents, counts, migrate, number, open, program, schema, texts};
use gonogo::rehearsal::revision::Direction::{Downgrade, Upgrade};
use gonogo::rehearsal::{Slot, migrator};
use std::io::{BufRead, BufReader};
use std::process::Stdio;

/// Every column of `process_data` but those that the migrations are about.
const KEPT: &str = "id, serial_id, process_id, equipment_id, operator_id, data_level, result, measurements, defects, \
                    started_at, completed_at, duration_seconds, notes, created_at, updated_at";
const OWN_OR_SERIALS_LOT: &str =
    "id, coalesce(lot_id, (SELECT serials.lot_id FROM serials WHERE serials.id = process_data.serial_id))";

#[tokio::test]
async fn up_down_and_up_again_keeps_every_row() {
    let tried = build(ROWS, &[]).await;
    let database = tried.database(Slot::Production);
    let (first_schema, first_counts) = (schema(&database).await, counts(&database).await);
    let kept = contents(&database, "process_data", KEPT).await;
    let lots = contents(&database, "process_data", OWN_OR_SERIALS_LOT).await;
    let others = [
        (
            "lots",
            "id, lot_number, product_model_id, production_line_id, target_quantity, status, created_at, updated_at",
        ),
        ("serials", "id, serial_number, lot_id, unit_number, status, created_at, updated_at"),
        ("wip_items", "id, wip_code, lot_id, serial_id, current_process_id, status, created_at, updated_at"),
    ];
    let mut other_rows = Vec::new();
    for (table, columns) in others {
        other_rows.push(contents(&database, table, columns).await);
    }

    migrate(&database, Upgrade, "head").await;
    let head_schema = schema(&database).await;
    for step in ["-1", "0001", "head"] {
        let direction = if step == "head" { Upgrade } else { Downgrade };
        migrate(&database, direction, step).await;
        assert_eq!(counts(&database).await, first_counts, "after {step}");
        assert_eq!(contents(&database, "process_data", KEPT).await, kept, "after {step}");
        assert_eq!(contents(&database, "process_data", OWN_OR_SERIALS_LOT).await, lots, "after {step}");
        for ((table, columns), rows) in others.iter().zip(&other_rows) {
            assert_eq!(&contents(&database, table, columns).await, rows, "{table} after {step}");
        }
        assert_eq!(number(&database, "SELECT count(*) FROM pragma_foreign_key_check").await, 0, "after {step}");
        if step == "0001" {
            assert_same_columns(&database, &first_schema).await;
        }
    }
    assert_eq!(schema(&database).await, head_schema);

    migrate(&database, Downgrade, "base").await;
    let left = texts(&database, "SELECT name FROM sqlite_master WHERE type = 'table'").await;
    assert_eq!(left, ["_sqlx_migrations"]);
    assert_eq!(migrator::current(&database).await.unwrap(), 0);
    migrate(&database, Upgrade, "head").await;
    assert_eq!(migrator::current(&database).await.unwrap(), 3);
}

/// A table that was rebuilt is in quotes, and its name may stand elsewhere in the list; nothing else differs.
async fn assert_same_columns(database: &std::path::Path, first: &[String]) {
    let plain = |schema: &[String]| -> Vec<String> {
        let mut lines: Vec<String> = schema.iter().map(|line| line.replace('"', "")).collect();
        lines.sort();
        lines
    };
    assert_eq!(plain(&schema(database).await), plain(first));
}

#[tokio::test]
async fn head_has_what_the_checklist_looks_for() {
    let tried = build(ROWS, &[]).await;
    let database = tried.database(Slot::Production);
    migrate(&database, Upgrade, "head").await;
    let columns =
        texts(&database, "SELECT name || ' ' || type || ' ' || \"notnull\" FROM pragma_table_info('process_data')")
            .await;
    for expected in [
        "wip_id INTEGER 0",
        "lot_id INTEGER 1",
        "measurements JSONB 0",
        "defects JSONB 0",
        "started_at TIMESTAMP WITH TIME ZONE 1",
    ] {
        assert!(columns.iter().any(|column| column == expected), "{expected} is not in {columns:?}");
    }
    let indexes = texts(
        &database,
        "SELECT name || ' ' || \"unique\" || ' ' || partial FROM pragma_index_list('process_data') ORDER BY 1",
    )
    .await;
    assert_eq!(
        indexes,
        [
            "idx_process_data_defects 0 1",
            "idx_process_data_lot 0 0",
            "idx_process_data_measurements 0 1",
            "idx_process_data_serial 0 0",
            "idx_process_data_serial_process 0 0",
            "idx_process_data_wip 0 1",
            "idx_process_data_wip_unique 1 1",
        ]
    );
    let actions =
        texts(&database, "SELECT DISTINCT on_delete || ' ' || on_update FROM pragma_foreign_key_list('process_data')")
            .await;
    assert_eq!(actions, ["RESTRICT CASCADE"]);
    let sql = texts(&database, "SELECT sql FROM sqlite_master WHERE name = 'process_data'").await.concat();
    for check in ["data_level", "result", "wip_serial_consistency", "duration", "timestamps"] {
        assert!(sql.contains(&format!("CONSTRAINT chk_process_data_{check} CHECK")), "{check}");
    }
    assert_eq!(
        number(&database, "SELECT count(*) FROM process_data WHERE data_level = 'WIP' AND wip_id IS NULL").await,
        0
    );
    assert_eq!(number(&database, "SELECT count(*) FROM process_data WHERE lot_id IS NULL").await, 0);
    let wrong = "SELECT count(*) FROM process_data JOIN wip_items ON wip_items.id = wip_id WHERE wip_items.serial_id <> process_data.serial_id";
    assert_eq!(number(&database, wrong).await, 0);
}

#[tokio::test]
async fn the_lines_tell_revisions_rows_and_times() {
    let tried = build(ROWS, &[]).await;
    let database = tried.database(Slot::Production);
    let total = number(
        &database,
        "SELECT (SELECT count(*) FROM lots) + (SELECT count(*) FROM serials) + (SELECT count(*) FROM wip_items) + (SELECT count(*) FROM process_data)",
    )
    .await;
    let said = migrate(&database, Upgrade, "head").await;
    assert_eq!(said[0], "INFO  Running upgrade 0001 -> 0002, add wip link, constraints and time zones");
    assert_eq!(said[1], format!("PROGRESS 0002 0/{total} starting"));
    let done = said.iter().position(|line| line.starts_with("DONE 0002")).unwrap();
    let shape =
        regex::Regex::new(&format!(r"^DONE 0002 rows={total} locked=\d+\.\d{{3}}s took=\d+\.\d{{3}}s$")).unwrap();
    assert!(shape.is_match(&said[done]), "{}", said[done]);
    assert!(said[done - 1].starts_with(&format!("PROGRESS 0002 {total}/{total} ")), "{}", said[done - 1]);
    assert_eq!(said[done + 1], "INFO  Running upgrade 0002 -> 0003, add wip unique index");
    assert_eq!(
        migrate(&database, Upgrade, "head").await,
        ["INFO  Nothing to do, the database stands at 0003_add_wip_unique_index"]
    );
}

#[tokio::test]
async fn a_pass_reported_twice_does_not_stop_0003() {
    let tried = build(ROWS, &[]).await;
    let database = tried.database(Slot::Production);
    let sql = "INSERT INTO process_data (lot_id, serial_id, process_id, data_level, result, started_at, created_at, updated_at) \
               SELECT lot_id, serial_id, process_id, data_level, result, started_at, created_at, updated_at FROM process_data \
               WHERE data_level = 'WIP' AND lot_id IS NOT NULL LIMIT 3";
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&database);
    let mut connection = sqlx::ConnectOptions::connect(&options).await.unwrap();
    sqlx::query(sql).execute(&mut connection).await.unwrap();
    drop(connection);
    migrate(&database, Upgrade, "head").await;
    assert_eq!(
        number(&database, "SELECT count(*) FROM process_data WHERE data_level = 'WIP' AND wip_id IS NULL").await,
        3
    );
    let said = migrate(&database, Downgrade, "-1").await;
    assert!(said[0].starts_with("INFO  Running downgrade 0003 -> 0002"));
    migrate(&database, Upgrade, "head").await;
}

#[tokio::test]
async fn the_command_names_the_revision_and_refuses_unknown_ones() {
    let tried = build(ROWS, &[]).await;
    let migrate = |words: &[&str]| {
        let mut all = vec!["migrate", "--database", "sqlite:neurohub.db"];
        all.extend(words);
        tried.command(&all)
    };
    let text = |output: &std::process::Output| String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(text(&migrate(&["current"])), "0001_initial_schema\n");
    assert!(migrate(&["upgrade", "+2"]).status.success());
    assert_eq!(text(&migrate(&["current"])), "0003_add_wip_unique_index (head)\n");
    assert_eq!(text(&migrate(&["history"])).lines().count(), 3);
    let unknown = migrate(&["upgrade", "0007"]);
    assert_eq!(unknown.status.code(), Some(255));
    assert!(text(&unknown).starts_with("ERROR there is no revision `0007`"), "{unknown:?}");
    assert!(migrate(&["downgrade", "-1"]).status.success());
    assert!(migrate(&["downgrade", "base"]).status.success());
    assert_eq!(text(&migrate(&["current"])), "");
    let missing = tried.command(&["migrate", "--database", "sqlite:nowhere.db", "upgrade"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(text(&missing).contains("there is no database at nowhere.db"), "{missing:?}");
    assert!(!tried.folder().join("nowhere.db").exists());
}

#[tokio::test]
async fn readers_go_on_while_it_runs_and_a_kill_leaves_the_revision_before() {
    let tried = build(80_000, &[]).await;
    let database = tried.database(Slot::Production);
    let (before, rows) = (schema(&database).await, counts(&database).await);
    let mut child = program(tried.folder(), &["migrate", "--database", "sqlite:neurohub.db", "upgrade", "head"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut reader = open(&database).await;
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut read_while_it_ran = 0;
    for line in lines {
        let line = line.unwrap();
        assert!(!line.starts_with("DONE"), "it was over before it could be killed");
        let changing = line.strip_prefix("PROGRESS 0002 ").is_some_and(|rest| !rest.starts_with("0/"));
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM process_data").fetch_one(&mut reader).await.unwrap();
        assert_eq!(count, 80_000);
        read_while_it_ran += 1;
        if changing {
            child.kill().unwrap();
            break;
        }
    }
    child.wait().unwrap();
    drop(reader);
    assert!(read_while_it_ran > 1);
    assert_eq!(migrator::current(&database).await.unwrap(), 1);
    assert_eq!(schema(&database).await, before);
    assert_eq!(counts(&database).await, rows);
    assert_eq!(texts(&database, "PRAGMA integrity_check").await, ["ok"]);
    migrate(&database, Upgrade, "head").await;
}
