use super::bench::{SCHEMA, file, open, run};
use gonogo::checklist::check::Depth;
use gonogo::database::fingerprint::Fingerprint;
use gonogo::database::proof::{self, Wanted};
use gonogo::database::{Purpose, Value};
use gonogo::deployment::attempt::{Moment, TableProof};
use proptest::prelude::*;
use std::path::Path;

pub(crate) async fn prints(path: &Path, wanted: &[Wanted]) -> Vec<TableProof> {
    let mut database = open(path, Purpose::Observe).await.unwrap();
    let wanted = if wanted.is_empty() { proof::all(&mut database).await.unwrap() } else { wanted.to_vec() };
    let taken = proof::tables(&mut database, &wanted, Depth::Fingerprints, Moment::Now, &mut |_| {}).await.unwrap();
    assert_eq!(taken.missing, Vec::<String>::new());
    taken.tables
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
            let hex = data_encoding::HEXUPPER.encode(&bytes);
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
async fn text_that_is_not_utf8_and_zero_bytes_are_distinguished() {
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
