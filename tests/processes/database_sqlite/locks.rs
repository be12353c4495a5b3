use super::bench::{SCHEMA, execute, file, open, writer};
use gonogo::database::{Address, Database, DatabaseError, Interrupt, Purpose};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_writer_with_a_rollback_journal_does_not_hang_an_observer() {
    let file = file(SCHEMA).await;
    let mut writer = writer(&file.path).await;
    let mut watching = open(&file.path, Purpose::Observe).await.unwrap();
    execute(&mut writer, "BEGIN EXCLUSIVE; DELETE FROM process_data").await;
    let began = Instant::now();
    let error = watching.count("lots").await.unwrap_err();
    assert!(matches!(error, DatabaseError::Locked { .. }), "{error}");
    let error = open(&file.path, Purpose::Observe).await.unwrap_err();
    assert!(matches!(error, DatabaseError::Locked { .. }), "{error}");
    assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
    execute(&mut writer, "ROLLBACK").await;
    assert_eq!(watching.count("process_data").await.unwrap(), 3);
}

#[tokio::test]
async fn a_writer_with_a_write_ahead_log_does_not_disturb_an_observer() {
    let file = file(&format!("PRAGMA journal_mode = WAL; {SCHEMA}")).await;
    let mut writer = writer(&file.path).await;
    execute(&mut writer, "BEGIN EXCLUSIVE; DELETE FROM process_data").await;
    let began = Instant::now();
    let mut watching = open(&file.path, Purpose::Observe).await.unwrap();
    assert_eq!(watching.count("process_data").await.unwrap(), 3);
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    let version = watching.version().await.unwrap();
    execute(&mut writer, "COMMIT").await;
    assert_eq!(watching.count("process_data").await.unwrap(), 0);
    assert_ne!(watching.version().await.unwrap(), version);
}

#[tokio::test]
async fn a_change_cut_off_in_the_middle_is_told_and_left_alone() {
    let file = file(SCHEMA).await;
    let mut writer = writer(&file.path).await;
    execute(&mut writer, "PRAGMA cache_size = 1; BEGIN; CREATE TABLE big (a)").await;
    let half_done = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900) INSERT INTO big SELECT hex(randomblob(500)) FROM n; \
                UPDATE lots SET note = 'half done'";
    execute(&mut writer, half_done).await;
    // What a killed writer leaves behind: the file half written, and its journal.
    let left = file.path.with_file_name("left.db");
    let beside = |path: &Path| PathBuf::from(format!("{}-journal", path.display()));
    std::fs::copy(&file.path, &left).unwrap();
    std::fs::copy(beside(&file.path), beside(&left)).unwrap();
    let error = open(&left, Purpose::Observe).await.unwrap_err();
    assert!(matches!(error, DatabaseError::Unfinished), "{error:?}");
    assert!(beside(&left).exists());
    let mut recovered = open(&left, Purpose::Change).await.unwrap();
    assert_eq!(recovered.tables().await.unwrap(), ["lots", "process_data"]);
    assert_eq!(open(&left, Purpose::Observe).await.unwrap().count("lots").await.unwrap(), 2);
}

#[tokio::test]
async fn a_running_statement_ends_when_it_is_told_to() {
    let file = file(SCHEMA).await;
    let interrupt = Interrupt::new();
    let address = Address::Sqlite(file.path.clone());
    let mut database = Database::open(&address, Purpose::Observe, &interrupt).await.unwrap();
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    let (found, ()) = tokio::join!(tokio::time::timeout(Duration::from_secs(20), database.scalar(endless)), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        interrupt.set();
    });
    let error = found.expect("the statement went on").unwrap_err();
    assert!(matches!(error, DatabaseError::Interrupted), "{error}");
}
