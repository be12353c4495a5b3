//! A backup goes back in place of what a migration left.

use super::sandbox::{ROWS, Tried, build, contents, counts, migrate, program, schema, texts};
use gonogo::rehearsal::revision::Direction::Upgrade;
use gonogo::rehearsal::{Slot, migrator};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Output;

fn with_backup(tried: &Tried, word: &str, file: &Path) -> Output {
    let mut command = program(tried.folder(), &[word]);
    command.env("GONOGO_DATABASE_URL", "sqlite:neurohub.db").env("GONOGO_BACKUP_FILE", file);
    command.output().unwrap()
}

const COLUMNS: &str = "id, lot_id, serial_id, result, started_at, measurements";

#[tokio::test]
async fn what_was_migrated_is_as_before_in_the_same_file() {
    let tried = build(ROWS, &[]).await;
    let database = tried.database(Slot::Production);
    let file = tried.folder().join("backups/before.db");
    let made = with_backup(&tried, "backup", &file);
    assert!(made.status.success(), "{made:?}");
    let before = (schema(&database).await, counts(&database).await, contents(&database, "process_data", COLUMNS).await);
    let inode = std::fs::metadata(&database).unwrap().ino();
    migrate(&database, Upgrade, "head").await;
    assert_ne!(schema(&database).await, before.0);
    assert_eq!(migrator::current(&database).await.unwrap(), 3);

    let restored = with_backup(&tried, "restore", &file);
    assert!(restored.status.success(), "{restored:?}");
    assert_eq!(migrator::current(&database).await.unwrap(), 1);
    let after = (schema(&database).await, counts(&database).await, contents(&database, "process_data", COLUMNS).await);
    assert_eq!(after, before);
    assert_eq!(std::fs::metadata(&database).unwrap().ino(), inode);
    assert_eq!(texts(&database, "PRAGMA integrity_check").await, ["ok"]);
    // It can be migrated again.
    migrate(&database, Upgrade, "head").await;
    assert_eq!(migrator::current(&database).await.unwrap(), 3);
}

#[tokio::test]
async fn a_damaged_backup_changes_nothing() {
    let tried = build(ROWS, &[]).await;
    let database = tried.database(Slot::Production);
    let file = tried.folder().join("backups/before.db");
    assert!(with_backup(&tried, "backup", &file).status.success());
    migrate(&database, Upgrade, "head").await;
    let before = (schema(&database).await, counts(&database).await);
    let half = std::fs::metadata(&file).unwrap().len() / 2;
    std::fs::OpenOptions::new().write(true).open(&file).unwrap().set_len(half).unwrap();
    for wrong in [file.as_path(), Path::new("backups/none.db")] {
        let refused = with_backup(&tried, "restore", wrong);
        assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    }
    assert_eq!((schema(&database).await, counts(&database).await), before);
    assert_eq!(migrator::current(&database).await.unwrap(), 3);
}
