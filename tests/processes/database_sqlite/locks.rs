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
async fn a_change_cut_off_in_the_middle_is_reported_and_left_alone() {
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
async fn a_running_statement_ends_when_asked_to() {
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

/// A query that works for seconds on rows of a table, and so holds the file.
const LONG: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) \
                    SELECT count(*) FROM lots, n WHERE lots.id + n.i > 0";

/// Writes again and again, waiting for others for a second, until asked to end; gives how often that failed.
fn writing(path: &Path, done: &std::sync::atomic::AtomicBool) -> (u32, u32) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path).busy_timeout(Duration::from_secs(1));
        let mut connection = <sqlx::SqliteConnection as sqlx::Connection>::connect_with(&options).await.unwrap();
        let (mut written, mut lost) = (0, 0);
        while !done.load(std::sync::atomic::Ordering::Relaxed) {
            let written_one =
                sqlx::raw_sql("UPDATE process_data SET value = value + 1 WHERE id = 1").execute(&mut connection).await;
            if written_one.is_ok() {
                written += 1;
            } else {
                lost += 1;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        (written, lost)
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_query_keeps_no_writer_out_of_a_file_with_a_rollback_journal() {
    let file = file(SCHEMA).await;
    let done = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let (path, reported) = (file.path.clone(), std::sync::Arc::clone(&done));
    let writer = std::thread::spawn(move || writing(&path, &reported));
    let mut reading = open(&file.path, Purpose::Read).await.unwrap();
    let counted = reading.scalar(LONG).await.unwrap();
    // The copy holds what the file held; looking at it again shows no change any more.
    let unchanged = reading.version().await.unwrap() == reading.version().await.unwrap();
    reading.close().await;
    // Nobody waits for a connection that only looks on, so it makes no copy.
    let mut watching = open(&file.path, Purpose::Observe).await.unwrap();
    let error = watching.scalar(LONG).await.unwrap_err();
    watching.close().await;
    done.store(true, std::sync::atomic::Ordering::Relaxed);
    let (written, lost) = writer.join().unwrap();
    assert_eq!(counted.unwrap().to_string(), "6000000");
    assert!(unchanged);
    assert!(matches!(error, DatabaseError::KeepsOut { .. }), "{error}");
    assert!(error.leaves_open() && error.to_string().contains("journal_mode = WAL"), "{error}");
    assert!(written > 0 && lost == 0, "{written} written, {lost} lost");
}

#[tokio::test]
async fn a_snapshot_of_a_file_with_a_rollback_journal_is_a_copy_that_goes_again() {
    let file = file(SCHEMA).await;
    let mut reading = open(&file.path, Purpose::Read).await.unwrap();
    reading.enter_snapshot().await.unwrap();
    assert_eq!(reading.count("process_data").await.unwrap(), 3);
    let mut writer = writer(&file.path).await;
    execute(&mut writer, "PRAGMA busy_timeout = 0; DELETE FROM process_data").await;
    assert_eq!(reading.count("process_data").await.unwrap(), 3);
    reading.leave_snapshot().await.unwrap();
    assert!(reading.identity().await.unwrap().starts_with("sqlite inode"));
}

#[tokio::test]
async fn with_a_write_ahead_log_a_long_query_reads_the_file_itself() {
    let file = file(&format!("PRAGMA journal_mode = WAL; {SCHEMA}")).await;
    let mut watching = open(&file.path, Purpose::Observe).await.unwrap();
    let counted = watching.scalar(LONG).await.unwrap();
    assert_eq!(counted.unwrap().to_string(), "6000000");
}
