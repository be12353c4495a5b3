//! Each fault is really there, and shows where it should.

use super::sandbox::{ROWS, build, contents, counts, migrate, number, schema};
use gonogo::rehearsal::revision::Direction::Upgrade;
use gonogo::rehearsal::{Fault, Slot, migrator};
use sqlx::ConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use std::path::Path;

#[tokio::test]
async fn null_lot_fails_0002_and_leaves_0001_untouched() {
    let tried = build(ROWS, &[Fault::NullLot]).await;
    let database = tried.database(Slot::Production);
    let (shape, rows) = (schema(&database).await, counts(&database).await);
    let data = contents(&database, "process_data", "id, lot_id, serial_id, result, started_at, measurements").await;
    let output = tried.command(&["migrate", "--database", "sqlite:neurohub.db", "upgrade", "head"]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("ERROR upgrade of 0002 failed while copying process_data"), "{text}");
    assert!(text.contains("the database stays at 0001: NOT NULL constraint failed: new_process_data.lot_id"), "{text}");
    assert_eq!(migrator::current(&database).await.unwrap(), 1);
    assert_eq!(schema(&database).await, shape);
    assert_eq!(counts(&database).await, rows);
    assert_eq!(
        contents(&database, "process_data", "id, lot_id, serial_id, result, started_at, measurements").await,
        data
    );
    migrate(&tried.database(Slot::Staging), Upgrade, "head").await;
}

#[tokio::test]
async fn orphans_are_found_in_both_and_are_not_the_migrations_fault() {
    let tried = build(ROWS, &[Fault::Orphans]).await;
    for slot in Slot::ALL {
        let database = tried.database(slot);
        let orphans = "SELECT count(*) FROM pragma_foreign_key_check WHERE \"table\" = 'serials' AND parent = 'lots'";
        assert_eq!(number(&database, orphans).await, 7, "{slot}");
        migrate(&database, Upgrade, "head").await;
        assert_eq!(number(&database, orphans).await, 7, "{slot}");
    }
}

#[tokio::test]
async fn a_revision_that_breaks_a_foreign_key_fails() {
    let tried = build(ROWS, &[]).await;
    let database = tried.database(Slot::Production);
    let shape = schema(&database).await;
    // An orphaned serial whose rows have no lot of their own: filling it in would point them at nothing.
    let mut connection = SqliteConnectOptions::new().filename(&database).foreign_keys(false).connect().await.unwrap();
    sqlx::query("UPDATE serials SET lot_id = 900001 WHERE id = (SELECT serial_id FROM process_data WHERE serial_id IS NOT NULL AND lot_id IS NULL LIMIT 1)")
        .execute(&mut connection)
        .await
        .unwrap();
    drop(connection);
    let output = tried.command(&["migrate", "--database", "sqlite:neurohub.db", "upgrade", "head"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("the_revision_breaks_foreign_keys"), "{text}");
    assert_eq!(schema(&database).await, shape);
}

fn backup(folder: &Path, database: &str, file: &str) -> std::process::Output {
    super::sandbox::program(folder, &["backup"])
        .env("GONOGO_DATABASE_URL", format!("sqlite:{database}"))
        .env("GONOGO_BACKUP_FILE", folder.join("backups").join(file))
        .output()
        .unwrap()
}

/// Reads the copy as a whole; the error is what the database says of it.
async fn read_back(file: &Path) -> Result<i64, String> {
    let mut connection = SqliteConnectOptions::new()
        .filename(file)
        .read_only(true)
        .connect()
        .await
        .map_err(|error| error.to_string())?;
    let verdict: String = sqlx::query_scalar("PRAGMA integrity_check(1)")
        .fetch_one(&mut connection)
        .await
        .map_err(|error| error.to_string())?;
    if verdict != "ok" {
        return Err(verdict);
    }
    sqlx::query_scalar("SELECT count(*) FROM process_data")
        .fetch_one(&mut connection)
        .await
        .map_err(|error| error.to_string())
}

#[tokio::test]
async fn a_backup_is_whole_unless_the_fault_cuts_that_of_production() {
    let tried = build(ROWS, &[Fault::BadBackup]).await;
    let backups = tried.folder().join("backups");
    for (database, file) in [("staging.db", "staging.db"), ("neurohub.db", "production.db")] {
        let output = backup(tried.folder(), database, file);
        assert!(output.status.success(), "{output:?}");
    }
    assert_eq!(read_back(&backups.join("staging.db")).await, Ok(2_000));
    let broken = read_back(&backups.join("production.db")).await;
    assert!(broken.is_err(), "{broken:?}");
    let again = backup(tried.folder(), "staging.db", "staging.db");
    assert_eq!(again.status.code(), Some(1), "a backup is never written over: {again:?}");
}
