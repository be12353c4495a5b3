//! What the catalog alone shows: names that are taken or missing, and what no transaction may hold.

use super::postgres::cluster;
use super::{Stage, reported};

const TABLES: &str = "
CREATE TABLE things (id int PRIMARY KEY, code text CONSTRAINT things_code UNIQUE, amount text);
INSERT INTO things SELECT i, 'c' || i, i::text FROM generate_series(1, 5) AS i;
CREATE INDEX things_amount ON things (amount);
CREATE TABLE parts (id int PRIMARY KEY, thing_id int CONSTRAINT parts_thing REFERENCES things (id));
CREATE VIEW codes AS SELECT code FROM things;
CREATE TYPE mood AS ENUM ('good');
";

#[tokio::test]
async fn names_that_are_taken_or_missing_are_found_and_the_server_agrees() {
    let base = cluster().database(TABLES).await;
    let statements = [
        ("CREATE TABLE things (id int)", "table things cannot be made"),
        ("CREATE TYPE mood AS ENUM ('x')", "type mood cannot be made"),
        ("CREATE INDEX things_amount ON things (id)", "index things_amount cannot be made"),
        ("ALTER TABLE things ADD COLUMN code int", "things has a column code already"),
        ("ALTER TABLE things ADD CONSTRAINT things_code CHECK (id > 0)", "things has a constraint things_code already"),
        ("ALTER TABLE things DROP COLUMN nothing", "things has no column nothing"),
        ("ALTER TABLE things DROP CONSTRAINT nothing", "things has no constraint nothing"),
        ("DROP INDEX nothing", "there is no index nothing"),
        ("DROP TABLE nothing", "there is no table nothing"),
        ("ALTER TABLE nothing ADD COLUMN a int", "there is no table nothing"),
        ("CREATE INDEX i ON things (nothing)", "things has no column nothing"),
        ("DROP TABLE things", "rests on it"),
        ("ALTER TABLE things DROP COLUMN code", "view codes shows it"),
        ("ALTER TABLE things ALTER COLUMN amount TYPE integer", "cannot be turned from text into INTEGER"),
        (
            "ALTER TABLE parts ADD CONSTRAINT f FOREIGN KEY (thing_id) REFERENCES things (amount)",
            "no unique constraint",
        ),
        ("CREATE INDEX CONCURRENTLY i2 ON things (code)", "cannot run inside a transaction"),
        ("CREATE EXTENSION nothing_like_that", "the server has no extension"),
        ("CREATE TABLE nowhere.t (id int)", "there is no schema nowhere"),
        ("TRUNCATE things", "cannot be emptied"),
    ];
    for (sql, expected) in statements {
        let (report, code) = Stage::of_files(&base, &[("1_one.sql", sql)]).report(&[]);
        let found = reported(&report, "will-fail");
        assert!(found.iter().any(|what| what.contains(expected)), "{sql}: {found:#?}");
        assert_eq!(code, 1, "{sql}");
        assert!(!takes(&base, sql).await, "the server takes {sql}");
    }
}

#[tokio::test]
async fn what_the_chain_itself_makes_or_takes_away_is_followed() {
    let base = cluster().database(TABLES).await;
    let sql = "DROP VIEW codes;\n\
               DROP TABLE parts;\n\
               ALTER TABLE things RENAME COLUMN code TO label;\n\
               ALTER TABLE things RENAME TO objects;\n\
               CREATE TABLE things (id int PRIMARY KEY);\n\
               ALTER TABLE things ADD COLUMN must int NOT NULL;\n\
               CREATE UNIQUE INDEX objects_label ON objects (label);\n\
               ALTER TABLE objects ADD CONSTRAINT objects_thing FOREIGN KEY (id) REFERENCES things (id);\n\
               CREATE INDEX IF NOT EXISTS things_amount ON objects (amount);\n";
    let (report, code) = Stage::of_files(&base, &[("1_follow.sql", sql)]).report(&[]);
    assert_eq!(reported(&report, "will-fail"), Vec::<String>::new());
    // The rows of the old table refer to a new one without rows.
    let found = reported(&report, "may-fail");
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].contains("5 rows of objects point in (id)"), "{found:#?}");
    assert!(reported(&report, "note").iter().any(|what| what.contains("index things_amount is there already")));
    assert_eq!(code, 1, "what may fail is no success");
}

#[tokio::test]
async fn a_statement_that_nobody_understands_is_inconclusive_and_the_rest_is_evaluated() {
    let base = cluster().database(TABLES).await;
    let sql = "CREATE TABLE fresh (id int);\n\nFROBNICATE things;\n\nALTER TABLE parts ADD COLUMN id int;\n\n\
               ALTER TABLE things ADD COLUMN id int;\n";
    let (report, _) = Stage::of_files(&base, &[("1_odd.sql", sql)]).report(&[]);
    let unclear = super::of(&report, "inconclusive");
    assert!(unclear.iter().any(|finding| finding["line"] == 3 && finding["revision"] == "1_odd"), "{unclear:#?}");
    assert_eq!(reported(&report, "will-fail"), ["parts has a column id already"]);
    assert!(reported(&report, "may-fail")[0].starts_with("things has a column id already"));
}

async fn takes(base: &super::postgres::Base, sql: &str) -> bool {
    use sqlx::Connection;
    let mut connection = base.connect().await;
    let mut transaction = connection.begin().await.unwrap();
    let done = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut *transaction).await;
    transaction.rollback().await.unwrap();
    done.is_ok()
}
