//! A file with a rollback journal copied in steps, so that nobody who writes to it waits for longer than one of them. It is
//! begun anew when somebody has written in between, and given up when that goes on.

use super::error::DatabaseError;
use super::sqlite::Sqlite;
use super::sqlite_hold::HELD;
use super::value::Value;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long one step holds the file.
pub(super) const STEP: Duration = Duration::from_millis(200);
/// How long nobody holds it between two: writers look again ten times a second at least.
const BETWEEN: Duration = Duration::from_millis(20);
const BLOCK: usize = 1 << 20;
/// So often it is begun anew because somebody wrote.
const MOST_BEGINNINGS: u32 = 20;

/// Files that were opened once. A process that closes any handle of a file lets go of all the locks that SQLite has there,
/// so none of these is closed.
static OPENED: LazyLock<Mutex<Opened>> = LazyLock::new(Mutex::default);

/// By device and inode.
type Opened = HashMap<(u64, u64), Arc<File>>;

fn opened(path: &Path) -> io::Result<Arc<File>> {
    let about = std::fs::metadata(path)?;
    let mut files = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(file) = files.get(&(about.dev(), about.ino())) {
        return Ok(Arc::clone(file));
    }
    let file = Arc::new(File::open(path)?);
    files.insert((about.dev(), about.ino()), Arc::clone(&file));
    Ok(file)
}

impl Sqlite {
    pub(super) async fn copy_in_steps(&mut self, target: &Path, step: Duration) -> Result<(), DatabaseError> {
        let io = |error: io::Error| DatabaseError::Io(format!("a copy could not be made: {error}"));
        let from = opened(&self.path).map_err(io)?;
        let mut block = vec![0; BLOCK];
        for _ in 0..MOST_BEGINNINGS {
            let mut to = File::create(target).map_err(io)?;
            let (mut at, mut version) = (0, None);
            loop {
                self.execute("BEGIN").await?;
                let copied = self.one_step(&from, &mut to, &mut block, &mut at, &mut version, step).await;
                self.execute("COMMIT").await?;
                match copied? {
                    Step::Done => return to.sync_all().map_err(io),
                    Step::WrittenTo => break,
                    Step::Onwards => tokio::time::sleep(BETWEEN).await,
                }
            }
            tokio::time::sleep(BETWEEN).await;
        }
        Err(DatabaseError::KeepsOut { held: HELD })
    }

    /// Copies on for as long as a step may take, while nobody writes.
    async fn one_step(
        &mut self,
        from: &File,
        to: &mut File,
        block: &mut [u8],
        at: &mut u64,
        version: &mut Option<u64>,
        step: Duration,
    ) -> Result<Step, DatabaseError> {
        let io = |error: io::Error| DatabaseError::Io(format!("a copy could not be made: {error}"));
        let began = Instant::now();
        // The first of these questions takes the file, and the transaction holds it.
        self.fetch("SELECT count(*) FROM sqlite_schema", 1).await?;
        let size = self.whole_number("PRAGMA page_count").await? * self.whole_number("PRAGMA page_size").await?;
        let now = self.whole_number("PRAGMA data_version").await?;
        if version.replace(now).is_some_and(|before| before != now) {
            return Ok(Step::WrittenTo);
        }
        while *at < size {
            if self.interrupt.is_set() {
                return Err(DatabaseError::Interrupted);
            }
            if began.elapsed() >= step {
                return Ok(Step::Onwards);
            }
            let left = usize::try_from(size - *at).unwrap_or(usize::MAX).min(block.len());
            from.read_exact_at(&mut block[..left], *at).map_err(io)?;
            to.write_all(&block[..left]).map_err(io)?;
            *at += left as u64;
        }
        Ok(Step::Done)
    }

    async fn whole_number(&mut self, sql: &str) -> Result<u64, DatabaseError> {
        let found = self.fetch(sql, 1).await?;
        match found.rows.first().and_then(|row| row.first()) {
            Some(Value::Integer(number)) => Ok(u64::try_from(*number).unwrap_or_default()),
            _ => Err(DatabaseError::Statement(format!("{sql} gave no number"))),
        }
    }
}

/// What came of a step.
enum Step {
    Done,
    Onwards,
    WrittenTo,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::{Interrupt, Purpose};
    use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
    use sqlx::{ConnectOptions as _, Connection as _};
    use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

    async fn connect(path: &Path) -> SqliteConnection {
        SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .busy_timeout(Duration::from_secs(1))
            .connect()
            .await
            .unwrap()
    }

    async fn large(path: &Path) -> SqliteConnection {
        let mut made = connect(path).await;
        let fill = "PRAGMA journal_mode = DELETE; CREATE TABLE big (id INTEGER PRIMARY KEY, a BLOB); \
                    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400) \
                    INSERT INTO big (a) SELECT randomblob(60000) FROM n";
        sqlx::raw_sql(fill).execute(&mut made).await.unwrap();
        made
    }

    /// The rows of a copy that is one moment's.
    async fn whole(copy: &Path) -> i64 {
        let mut connection = connect(copy).await;
        let checked: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut connection).await.unwrap();
        assert_eq!(checked, "ok");
        let rows = sqlx::query_scalar("SELECT count(*) FROM big").fetch_one(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        rows
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn writers_come_in_between_the_steps_of_a_copy_which_is_begun_anew_then() {
        let folder = tempfile::tempdir().unwrap();
        let (path, copy) = (folder.path().join("live.db"), folder.path().join("copy.db"));
        let mut writer = large(&path).await;
        let mut reading = Sqlite::open(&path, Purpose::Read, &Interrupt::new()).await.unwrap();
        let (written, lost) = (AtomicU32::new(0), AtomicU32::new(0));
        let writes = async {
            for _ in 0..5 {
                let done = sqlx::raw_sql("INSERT INTO big (a) VALUES (randomblob(60000))").execute(&mut writer).await;
                if done.is_ok() { &written } else { &lost }.fetch_add(1, SeqCst);
                tokio::time::sleep(Duration::from_millis(15)).await;
            }
        };
        let (copied, ()) = tokio::join!(reading.copy_in_steps(&copy, Duration::from_millis(3)), writes);
        copied.unwrap();
        assert_eq!((written.load(SeqCst), lost.load(SeqCst)), (5, 0));
        let rows = whole(&copy).await;
        assert!((400..=405).contains(&rows), "{rows}");
        reading.copy_in_steps(&copy, STEP).await.unwrap();
        assert_eq!(whole(&copy).await, 405);
        assert!(std::fs::read(&copy).unwrap() == std::fs::read(&path).unwrap(), "nobody wrote any more");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_file_that_is_written_to_again_and_again_is_given_up_and_no_writer_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let (path, copy) = (folder.path().join("live.db"), folder.path().join("copy.db"));
        let mut writer = large(&path).await;
        // A commit that waits for the disk holds the file for longer than it leaves it to anybody else.
        sqlx::raw_sql("PRAGMA synchronous = OFF").execute(&mut writer).await.unwrap();
        let mut reading = Sqlite::open(&path, Purpose::Read, &Interrupt::new()).await.unwrap();
        let ended = std::sync::atomic::AtomicBool::new(false);
        let writes = async {
            while !ended.load(SeqCst) {
                let one = sqlx::raw_sql("UPDATE big SET a = randomblob(60000) WHERE id = 1").execute(&mut writer).await;
                one.expect("a writer was kept out for more than a second");
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let copies = async {
            let copied = reading.copy_in_steps(&copy, Duration::ZERO).await;
            ended.store(true, SeqCst);
            copied
        };
        let (copied, ()) = tokio::join!(copies, writes);
        assert!(matches!(copied, Err(DatabaseError::KeepsOut { .. })), "{copied:?}");
    }
}
