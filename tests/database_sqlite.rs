//! The database room on real SQLite files.

use gonogo::checklist::check::Depth;
use gonogo::database::fingerprint::Fingerprint;
use gonogo::database::proof::{self, Wanted};
use gonogo::database::{Address, ConstraintKind, Database, DatabaseError, Interrupt, Purpose, Value};
use gonogo::deployment::attempt::{Moment, TableProof};
use proptest::prelude::*;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const SCHEMA: &str = r#"
CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY);
CREATE TABLE alembic_version (version_num TEXT);
CREATE TABLE lots (id INTEGER PRIMARY KEY AUTOINCREMENT, lot_number TEXT NOT NULL UNIQUE, note TEXT);
CREATE TABLE process_data (
  id INTEGER PRIMARY KEY,
  lot_id INTEGER NOT NULL REFERENCES lots (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  data_level TEXT NOT NULL,
  measurements JSONB,
  value REAL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT chk_level CHECK (data_level IN ('LOT', 'WIP', 'SERIAL')) -- CONSTRAINT none CHECK (0)
);
CREATE INDEX idx_lot ON process_data (lot_id);
CREATE UNIQUE INDEX idx_wip ON process_data (lot_id, data_level) WHERE data_level = 'WIP';
CREATE INDEX idx_torque ON process_data (json_extract(measurements, '$.torque'));
INSERT INTO lots VALUES (1, 'L-1', NULL), (2, 'L-2', 'x');
INSERT INTO process_data (id, lot_id, data_level, measurements, value) VALUES
  (1, 1, 'LOT', '{"torque": 12.5}', 0.1), (2, 1, 'WIP', NULL, 2.0), (3, 2, 'SERIAL', '{"torque": 7}', NULL);
"#;

struct File {
    _folder: TempDir,
    path: PathBuf,
}

async fn file(sql: &str) -> File {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("odd name %20?.db");
    run(&path, sql).await;
    File { _folder: folder, path }
}

async fn writer(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    SqliteConnection::connect_with(&options).await.unwrap()
}

async fn run(path: &Path, sql: &str) {
    let mut connection = writer(path).await;
    execute(&mut connection, sql).await;
    connection.close().await.unwrap();
}

async fn execute(connection: &mut SqliteConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await.unwrap();
}

async fn open(path: &Path, purpose: Purpose) -> Result<Database, DatabaseError> {
    Database::open(&Address::Sqlite(path.to_path_buf()), purpose, &Interrupt::new()).await
}

async fn prints(path: &Path, wanted: &[Wanted]) -> Vec<TableProof> {
    let mut database = open(path, Purpose::Observe).await.unwrap();
    let wanted = if wanted.is_empty() { proof::all(&mut database).await.unwrap() } else { wanted.to_vec() };
    let taken = proof::tables(&mut database, &wanted, Depth::Fingerprints, Moment::Now, &mut |_| {}).await.unwrap();
    assert_eq!(taken.missing, Vec::<String>::new());
    taken.tables
}

#[tokio::test]
async fn the_catalog_is_told_as_it_is() {
    let file = file(SCHEMA).await;
    let mut database = open(&file.path, Purpose::Observe).await.unwrap();
    assert_eq!(database.tables().await.unwrap(), ["lots", "process_data"]);
    let columns = database.columns("process_data").await.unwrap();
    let told: Vec<_> = columns.iter().map(|c| (c.name.as_str(), c.declared.as_str(), c.nullable)).collect();
    let expected = [
        ("id", "INTEGER", false),
        ("lot_id", "INTEGER", false),
        ("data_level", "TEXT", false),
        ("measurements", "JSONB", true),
        ("value", "REAL", true),
        ("created_at", "TIMESTAMP WITH TIME ZONE", true),
    ];
    assert_eq!(told, expected);
    assert_eq!(columns[5].default.as_deref(), Some("CURRENT_TIMESTAMP"));
    assert!(database.columns("nowhere").await.unwrap().is_empty());

    let indexes = database.indexes("process_data").await.unwrap();
    let told: Vec<_> = indexes.iter().map(|i| (i.name.as_str(), i.over(), i.unique, i.predicate.as_deref())).collect();
    let expected = [
        ("idx_lot", "lot_id".to_owned(), false, None),
        ("idx_torque", "json_extract(measurements, '$.torque')".to_owned(), false, None),
        ("idx_wip", "lot_id, data_level".to_owned(), true, Some("data_level = 'WIP'")),
    ];
    assert_eq!(told, expected);

    let constraints = database.constraints("process_data").await.unwrap();
    let named: Vec<_> = constraints.iter().filter_map(|c| c.name.as_deref().map(|name| (name, c.kind))).collect();
    assert_eq!(named, [("chk_level", ConstraintKind::Check)]);
    let keys = database.foreign_keys("process_data").await.unwrap();
    assert_eq!((keys[0].columns.as_slice(), keys[0].references.as_str()), (&["lot_id".to_owned()][..], "lots"));
    assert_eq!((keys[0].on_delete.as_str(), keys[0].on_update.as_str()), ("restrict", "cascade"));
    assert_eq!(database.count("process_data").await.unwrap(), 3);
    assert_eq!(database.scalar("SELECT max(id) FROM lots").await.unwrap(), Some(Value::Integer(2)));
    assert_eq!(database.scalar("SELECT 1 WHERE 0").await.unwrap(), None);
    assert_eq!(database.size().await.unwrap(), std::fs::metadata(&file.path).unwrap().len());
    assert!(database.integrity().await.unwrap().is_empty());
}

#[tokio::test]
async fn identity_belongs_to_the_file_not_to_its_name() {
    let (one, other) = (file(SCHEMA).await, file(SCHEMA).await);
    let link = one.path.with_file_name("link.db");
    std::os::unix::fs::symlink(&one.path, &link).unwrap();
    let mut said = Vec::new();
    for path in [&one.path, &link, &other.path] {
        said.push(open(path, Purpose::Observe).await.unwrap().identity().await.unwrap());
    }
    assert_eq!(said[0], said[1]);
    assert_ne!(said[0], said[2]);
    assert!(said[0].starts_with("sqlite inode ") && !said[0].contains('/'), "{}", said[0]);
}

#[tokio::test]
async fn an_observer_cannot_write_even_when_it_lifts_its_own_ban() {
    let file = file(SCHEMA).await;
    let before = std::fs::read(&file.path).unwrap();
    for purpose in [Purpose::Observe, Purpose::Archive] {
        let mut database = open(&file.path, purpose).await.unwrap();
        for sql in
            ["DELETE FROM lots", "PRAGMA query_only = OFF; DELETE FROM process_data", "PRAGMA journal_mode = WAL"]
        {
            let _ = database.rows(sql, 1).await;
        }
        let refused = database.rows("DELETE FROM process_data", 1).await.unwrap_err();
        assert!(matches!(refused, DatabaseError::ReadOnly(_)), "{refused}");
    }
    assert_eq!(std::fs::read(&file.path).unwrap(), before);
}

#[tokio::test]
async fn a_tried_change_is_refused_or_undone() {
    let file = file(SCHEMA).await;
    let mut database = open(&file.path, Purpose::Change).await.unwrap();
    for sql in [
        "INSERT INTO process_data (lot_id, data_level) VALUES (99, 'LOT')",
        "INSERT INTO process_data (lot_id, data_level) VALUES (1, 'BOX')",
        "DELETE FROM lots WHERE id = 1",
        "INSERT OR ROLLBACK INTO lots VALUES (1, 'L-1', NULL)",
    ] {
        let refused = database.try_and_undo(sql).await.unwrap_err();
        assert!(matches!(refused, DatabaseError::Constraint(_)), "{sql}: {refused}");
    }
    assert_eq!(database.try_and_undo("DELETE FROM process_data").await.unwrap(), 3);
    assert_eq!(database.count("process_data").await.unwrap(), 3);
    let wrong = database.try_and_undo("INSERT INTO nowhere VALUES (1)").await.unwrap_err();
    assert!(matches!(wrong, DatabaseError::Statement(_)), "{wrong}");
}

#[tokio::test]
async fn what_cannot_be_opened_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text.db");
    std::fs::write(&text, "this is no database, only a text that is long enough".repeat(20)).unwrap();
    let error = open(&folder.path().join("none.db"), Purpose::Observe).await.unwrap_err();
    assert!(matches!(error, DatabaseError::NotThere(_)), "{error}");
    let error = open(folder.path(), Purpose::Observe).await.unwrap_err();
    assert!(matches!(error, DatabaseError::CannotOpen { .. }), "{error}");
    let error = open(&text, Purpose::Observe).await.unwrap_err();
    assert!(matches!(error, DatabaseError::Damaged(_)), "{error}");
    assert!(!folder.path().join("none.db").exists(), "looking must not make a file");
}

#[tokio::test]
async fn swapped_lost_and_altered_values_change_the_fingerprint() {
    let file = file(SCHEMA).await;
    let before = prints(&file.path, &[]).await;
    let table = |name: &str| before.iter().find(|proof| proof.table == name).cloned().unwrap();
    let defects = [
        "UPDATE process_data SET data_level = CASE id WHEN 1 THEN 'SERIAL' WHEN 3 THEN 'LOT' ELSE data_level END",
        "UPDATE process_data SET value = 0.10000000000000002 WHERE id = 1",
        "UPDATE process_data SET measurements = '{\"torque\":12.5}' WHERE id = 1",
        "UPDATE process_data SET measurements = '{}' WHERE id = 2",
        "DELETE FROM process_data WHERE id = 3",
        "INSERT INTO process_data SELECT id + 10, lot_id, 'LOT', measurements, value, created_at FROM process_data WHERE id = 1",
    ];
    for defect in defects {
        let copy = file.path.with_file_name("copy.db");
        std::fs::copy(&file.path, &copy).unwrap();
        run(&copy, defect).await;
        let after = prints(&copy, &[]).await;
        let said = proof::compare(&before, &after, &[]).unwrap_err();
        assert_eq!(said.len(), 1, "{defect}: {said:?}");
        assert!(said[0].starts_with("process_data: 3 rows"), "{defect}: {said:?}");
        assert_eq!(after[0], table("lots"));
    }
}

#[tokio::test]
async fn order_vacuum_new_columns_and_new_types_do_not() {
    let file = file(SCHEMA).await;
    let before = prints(&file.path, &[]).await;
    let wanted: Vec<_> = before.iter().map(Wanted::like).collect();
    for harmless in [
        "DELETE FROM process_data WHERE 0; VACUUM",
        "ALTER TABLE process_data ADD COLUMN wip_id INTEGER; UPDATE process_data SET wip_id = 7",
        "CREATE TABLE other (id INTEGER PRIMARY KEY, created_at TIMESTAMP, measurements TEXT, value NUMERIC, data_level VARCHAR(9),
           lot_id BIGINT) ;
         INSERT INTO other SELECT id, created_at, measurements, value, data_level, lot_id FROM process_data ORDER BY id DESC;
         DROP TABLE process_data; ALTER TABLE other RENAME TO process_data",
        "CREATE INDEX idx_new ON process_data (created_at)",
    ] {
        run(&file.path, harmless).await;
        let after = prints(&file.path, &wanted).await;
        assert_eq!(proof::compare(&before, &after, &[]), Ok(()), "{harmless}");
        assert_eq!(before, after, "{harmless}");
    }
    run(&file.path, "ALTER TABLE process_data DROP COLUMN value; DROP TABLE lots").await;
    let mut database = open(&file.path, Purpose::Observe).await.unwrap();
    let taken = proof::tables(&mut database, &wanted, Depth::Fingerprints, Moment::Now, &mut |_| {}).await.unwrap();
    assert_eq!(taken.missing, ["there is no table lots", "process_data no longer has value"]);
}

/// The fingerprint of a query's values handed out one by one, which the chunks must equal.
async fn one_by_one(path: &Path, sql: &str) -> String {
    let mut database = open(path, Purpose::Observe).await.unwrap();
    let mut print = Fingerprint::new();
    for row in database.rows(sql, usize::MAX).await.unwrap().rows {
        for value in row {
            match value {
                Value::Null => print.null(),
                Value::Integer(number) => print.integer(number),
                Value::Real(number) => print.real(number),
                Value::Text(text) => print.text(text.as_bytes()),
                Value::Blob(bytes) => print.blob(&bytes),
            }
        }
        print.end_row();
    }
    print.finish()
}

#[tokio::test]
async fn every_kind_of_table_is_read_whole() {
    let file = file(
        r#"CREATE TABLE dense (id INTEGER PRIMARY KEY, v TEXT);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO dense SELECT i, 'v' || i FROM n;
        CREATE TABLE sparse (id INTEGER PRIMARY KEY, v TEXT);
        INSERT INTO sparse SELECT id * 1844674407370955 - 4611686018427387904, v FROM dense WHERE id % 3;
        INSERT INTO sparse VALUES (9223372036854775807, 'last'), (-9223372036854775808, 'first');
        CREATE TABLE keyed (a TEXT, b TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;
        INSERT INTO keyed SELECT v, v FROM dense;
        CREATE TABLE "hidden ""names""" (rowid TEXT, oid TEXT, _rowid_ TEXT);
        INSERT INTO "hidden ""names""" SELECT v, v, v FROM dense;
        CREATE TABLE empty (id INTEGER PRIMARY KEY);
        CREATE TABLE computed (a INTEGER, b INTEGER GENERATED ALWAYS AS (a * 2) STORED);
        INSERT INTO computed (a) VALUES (1), (2);
        CREATE TABLE late (id INTEGER PRIMARY KEY, v);
        INSERT INTO late SELECT id, v FROM dense;
        INSERT INTO late VALUES (6000, 0.30000000000000004), (6001, x'00FF'), (6002, 9e999), (6003, -9e999), (6004, x''), (6005, ''), (6006, 1e300);"#,
    )
    .await;
    for proof in prints(&file.path, &[]).await {
        let columns = proof.columns.unwrap();
        let name = proof.table.replace('"', "\"\"");
        let expected = one_by_one(&file.path, &format!("SELECT {columns} FROM \"{name}\"")).await;
        assert_eq!(proof.fingerprint.unwrap(), expected, "{name}");
        let mut database = open(&file.path, Purpose::Observe).await.unwrap();
        assert_eq!(database.count(&proof.table).await.unwrap(), proof.rows, "{name}");
        assert!(name != "computed" || columns == "a");
    }
}

fn any_value() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("NULL".to_owned()),
        any::<i64>().prop_filter("SQLite has no literal for it", |n| *n != i64::MIN).prop_map(|n| n.to_string()),
        any::<f64>().prop_filter("null in SQLite", |n| n.is_finite()).prop_map(|n| format!("{n:e}")),
        any::<String>()
            .prop_map(|text| text.replace('\0', " "))
            .prop_map(|text| format!("'{}'", text.replace('\'', "''"))),
        proptest::collection::vec(any::<u8>(), 0..9).prop_map(|bytes| {
            // Bytes as text, valid UTF-8 or not, zeroes included; as a blob where the first is even.
            let hex: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
            if bytes.first().is_some_and(|byte| byte % 2 == 0) { format!("x'{hex}'") } else { format!("'{hex}'") }
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn chunks_keep_every_value(rows in proptest::collection::vec((any_value(), any_value()), 1..12)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let values: Vec<_> = rows.iter().map(|(a, b)| format!("({a}, {b})")).collect();
            let file = file(&format!("CREATE TABLE t (a, b TEXT); INSERT INTO t VALUES {}", values.join(", "))).await;
            let taken = prints(&file.path, &[]).await;
            prop_assert_eq!(taken[0].fingerprint.clone().unwrap(), one_by_one(&file.path, "SELECT a, b FROM t").await);
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn text_that_is_not_utf8_and_zero_bytes_are_told_apart() {
    let mut seen = Vec::new();
    for hex in ["FF", "FE", "4100", "41", "410042", "2241", "5C", ""] {
        let file = file(&format!("CREATE TABLE t (a TEXT); INSERT INTO t VALUES (CAST(x'{hex}' AS TEXT))")).await;
        seen.push(prints(&file.path, &[]).await.remove(0).fingerprint);
    }
    let different: std::collections::BTreeSet<_> = seen.iter().collect();
    assert_eq!(different.len(), seen.len());
}

#[tokio::test]
async fn a_blob_is_never_taken_for_the_json_it_could_be() {
    let mut seen = std::collections::BTreeSet::new();
    let values = ["NULL", "x'00'", "1", "x'1331'", "'[]'", "x'0B'", "jsonb('[]')", "'{\"a\":1}'", "jsonb('{\"a\":1}')"];
    for value in values {
        let file = file(&format!("CREATE TABLE t (a JSONB); INSERT INTO t VALUES ({value})")).await;
        seen.insert(prints(&file.path, &[]).await.remove(0).fingerprint);
    }
    assert_eq!(seen.len(), values.len() - 1, "only x'0B' is jsonb('[]')");
}

#[tokio::test]
async fn all_proofs_belong_to_one_moment() {
    let file = file(&format!("PRAGMA journal_mode = WAL; {SCHEMA}")).await;
    let before = prints(&file.path, &[]).await;
    let mut database = open(&file.path, Purpose::Observe).await.unwrap();
    let wanted = proof::all(&mut database).await.unwrap();
    let mut written = false;
    let path = file.path.clone();
    let mut write_once = |_: proof::Reached<'_>| {
        if !std::mem::replace(&mut written, true) {
            let path = path.clone();
            let write = std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(run(&path, "DELETE FROM process_data; INSERT INTO lots VALUES (3, 'L-3', NULL)"));
            });
            write.join().unwrap();
        }
    };
    let taken = proof::tables(&mut database, &wanted, Depth::Fingerprints, Moment::Now, &mut write_once).await.unwrap();
    assert_eq!(taken.tables, before);
    assert_ne!(prints(&file.path, &[]).await, before);
}

#[tokio::test]
async fn a_writer_with_a_rollback_journal_does_not_hang_an_observer() {
    let file = file(SCHEMA).await;
    let mut writer = writer(&file.path).await;
    let mut watching = open(&file.path, Purpose::Observe).await.unwrap();
    execute(&mut writer, "BEGIN EXCLUSIVE; DELETE FROM process_data").await;
    let began = Instant::now();
    let error = watching.count("lots").await.unwrap_err();
    assert!(matches!(error, DatabaseError::Locked), "{error}");
    let error = open(&file.path, Purpose::Observe).await.unwrap_err();
    assert!(matches!(error, DatabaseError::Locked), "{error}");
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

#[tokio::test]
async fn a_copy_is_whole_and_overwrites_nothing() {
    let file = file(SCHEMA).await;
    let before = std::fs::read(&file.path).unwrap();
    let copy = file.path.with_file_name("it's a copy.db");
    let mut database = open(&file.path, Purpose::Observe).await.unwrap();
    let version = database.version().await.unwrap();
    database.copy_to(&copy).await.unwrap();
    assert_eq!(database.version().await.unwrap(), version, "copying is no change of the source");
    assert_eq!(std::fs::read(&file.path).unwrap(), before);
    assert_eq!(prints(&copy, &[]).await, prints(&file.path, &[]).await);
    let kept = std::fs::read(&copy).unwrap();
    assert!(database.copy_to(&copy).await.is_err());
    assert_eq!(std::fs::read(&copy).unwrap(), kept);
    let refused = database.rows("DELETE FROM lots", 1).await.unwrap_err();
    assert!(matches!(refused, DatabaseError::ReadOnly(_)), "{refused}");
}
