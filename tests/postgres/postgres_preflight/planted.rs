//! Rows that stand in a migration's way: each is found with its number, and on clean tables nothing is.

use super::postgres::{Base, cluster, connect};
use super::{Stage, of, reported};
use sqlx::{AssertSqlSafe, Connection};

const TABLES: &str = "
CREATE TABLE parents (id int PRIMARY KEY, code text NOT NULL UNIQUE);
INSERT INTO parents SELECT i, 'P' || i FROM generate_series(1, 10) AS i;
CREATE TABLE filled (id int PRIMARY KEY, v int);
CREATE TABLE items (id int PRIMARY KEY, parent_id int, maybe text, name text, kind text, price int, number text, label text, extra json);
INSERT INTO items SELECT i, i % 10 + 1, 'm', 'name ' || i, 'k' || i, i, i::text, 'short', '{\"a\": 1}' FROM generate_series(1, 500) AS i;
CREATE TABLE \"Odd Name\" (\"Some Column\" text);
INSERT INTO \"Odd Name\" SELECT 'x' || i FROM generate_series(1, 20) AS i;
";

const DEFECTS: &str = "
INSERT INTO filled SELECT i, i FROM generate_series(1, 7) AS i;
UPDATE items SET maybe = NULL WHERE id <= 4;
UPDATE items SET name = 'twice' WHERE id IN (11, 12, 13);
UPDATE items SET kind = 'same', parent_id = 3 WHERE id IN (21, 22);
UPDATE items SET price = -1 WHERE id BETWEEN 31 AND 36;
UPDATE items SET parent_id = 99 WHERE id BETWEEN 41 AND 48;
UPDATE items SET number = 'none' WHERE id BETWEEN 51 AND 59;
UPDATE items SET label = 'much longer than that' WHERE id BETWEEN 61 AND 62;
UPDATE \"Odd Name\" SET \"Some Column\" = NULL WHERE \"Some Column\" = 'x1';
";

/// Each statement with the number of rows that stand in its way.
const STATEMENTS: [(&str, i64); 9] = [
    ("ALTER TABLE filled ADD COLUMN must int NOT NULL", 7),
    ("ALTER TABLE items ALTER COLUMN maybe SET NOT NULL", 4),
    ("CREATE UNIQUE INDEX items_name ON items (lower(name)) WHERE price > -5", 3),
    ("ALTER TABLE items ADD CONSTRAINT items_kind UNIQUE (parent_id, kind)", 2),
    ("ALTER TABLE items ADD CONSTRAINT items_price CHECK (price >= 0)", 6),
    ("ALTER TABLE items ADD CONSTRAINT items_parent FOREIGN KEY (parent_id) REFERENCES parents (id)", 8),
    ("ALTER TABLE items ALTER COLUMN number TYPE integer USING number::integer", 9),
    ("ALTER TABLE items ALTER COLUMN label TYPE varchar(10)", 2),
    ("ALTER TABLE \"Odd Name\" ALTER COLUMN \"Some Column\" SET NOT NULL", 1),
];

fn chain() -> String {
    let statements: Vec<&str> = STATEMENTS.iter().map(|(sql, _)| *sql).collect();
    statements.join(";\n")
}

/// Whether the server takes a statement; nothing of it stays.
async fn takes(base: &Base, sql: &str) -> bool {
    let mut connection = connect(&base.url).await;
    let mut transaction = connection.begin().await.unwrap();
    let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut *transaction).await;
    transaction.rollback().await.unwrap();
    done.is_ok()
}

#[tokio::test]
async fn every_planted_defect_is_found_with_its_rows() {
    let base = cluster().database(&format!("{TABLES}{DEFECTS}")).await;
    let (report, code) = Stage::of_files(&base, &[("1_all.sql", &chain())]).report(&[]);
    assert_eq!(code, 1);
    assert_eq!(report["verdict"], "will-fail");
    let found = of(&report, "will-fail");
    let lines = |line: usize| found.iter().find(|finding| finding["line"] == line);
    for (at, (sql, rows)) in STATEMENTS.iter().enumerate() {
        let finding = lines(at + 1).unwrap_or_else(|| panic!("{sql}: nothing found in {:#?}", report["findings"]));
        assert_eq!(finding["rows"], *rows, "{finding:#}");
        assert_eq!(finding["revision"], "1_all");
        assert!(finding["basis"].as_str().unwrap().starts_with("SELECT"), "{finding:#}");
        assert!(finding["safer"].is_string(), "{finding:#}");
        // The server agrees.
        assert!(!takes(&base, sql).await, "{sql} works");
    }
    assert_eq!(found.len(), STATEMENTS.len(), "{found:#?}");
}

#[tokio::test]
async fn on_clean_tables_nothing_fails_and_the_server_agrees() {
    let base = cluster().database(TABLES).await;
    let (report, code) = Stage::of_files(&base, &[("1_all.sql", &chain())]).report(&[]);
    assert_eq!((reported(&report, "will-fail"), reported(&report, "may-fail")), (Vec::new(), Vec::new()));
    assert_eq!(reported(&report, "inconclusive"), Vec::<String>::new());
    assert_eq!((report["verdict"].as_str(), code), (Some("clear"), 0));
    assert!(takes(&base, &chain()).await);
}

#[tokio::test]
async fn what_an_earlier_statement_mends_is_counted_as_that_leaves_it() {
    let base = cluster().database(&format!("{TABLES}{DEFECTS}")).await;
    let mended = "UPDATE items SET maybe = 'filled' WHERE maybe IS NULL;\n\
                  ALTER TABLE items ALTER COLUMN maybe SET NOT NULL;\n\
                  UPDATE items SET price = 0 WHERE price < 0 AND id < 35;\n\
                  ALTER TABLE items ADD CONSTRAINT items_price CHECK (price >= 0);\n\
                  DELETE FROM items WHERE parent_id = 99;\n\
                  ALTER TABLE items ADD CONSTRAINT items_parent FOREIGN KEY (parent_id) REFERENCES parents (id);\n\
                  ALTER TABLE items ADD COLUMN owner_code text;\n\
                  UPDATE items SET owner_code = p.code FROM parents p WHERE p.id = items.parent_id AND p.id <> 3;\n\
                  ALTER TABLE items ALTER COLUMN owner_code SET NOT NULL;\n";
    let (report, code) = Stage::of_files(&base, &[("1_mended.sql", mended)]).report(&[]);
    assert_eq!(reported(&report, "will-fail"), Vec::<String>::new());
    assert_eq!(code, 1);
    let found = of(&report, "may-fail");
    let rows: Vec<(i64, i64)> =
        found.iter().map(|finding| (finding["line"].as_i64().unwrap(), finding["rows"].as_i64().unwrap())).collect();
    // Two prices stay below zero; and every row of parent 3 stays without an owner.
    let ownerless: i64 = base.text("SELECT count(*)::text FROM items WHERE parent_id = 3").await.parse().unwrap();
    assert_eq!(rows, [(4, 2), (9, ownerless)], "{found:#?}");
    assert!(found[0]["what"].as_str().unwrap().contains("line 3 changes it before"), "{found:#?}");
}

#[tokio::test]
async fn repeated_keys_that_jsonb_would_drop_are_counted() {
    let base = cluster().database(TABLES).await;
    base.run("UPDATE items SET extra = '{\"a\": 1, \"a\": 2}' WHERE id <= 5").await;
    let sql = "ALTER TABLE items ALTER COLUMN extra TYPE jsonb USING extra::jsonb;";
    let stage = Stage::of_files(&base, &[("1_json.up.sql", sql), ("1_json.down.sql", "SELECT 1;")]);
    let (report, code) = stage.report(&[]);
    let lost = of(&report, "no-way-back");
    assert!(lost.iter().any(|finding| finding["rows"] == 5), "{lost:#?}");
    assert_eq!((report["point_of_no_return"].as_str(), code), (Some("1_json"), 0));
}
