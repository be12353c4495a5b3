//! Fingerprints: what they hold to be the same, and what not.

use super::open;
use super::postgres::{Base, cluster, run};
use gonogo::checklist::check::Depth;
use gonogo::database::Purpose;
use gonogo::database::proof::{self, Wanted};
use gonogo::deployment::attempt::{Moment, TableProof};

async fn prove(base: &Base, before: &[TableProof]) -> Vec<TableProof> {
    let mut database = open(&base.url, Purpose::Read).await.unwrap();
    let wanted = if before.is_empty() {
        proof::all(&mut database).await.unwrap()
    } else {
        before.iter().map(Wanted::like).collect()
    };
    let proofs = proof::tables(&mut database, &wanted, Depth::Fingerprints, Moment::Now, &mut |_| {}).await.unwrap();
    assert!(proofs.missing.is_empty(), "{:?}", proofs.missing);
    database.close().await;
    proofs.tables
}

const SCHEMA: &str = "
CREATE EXTENSION IF NOT EXISTS citext;
CREATE TYPE mood AS ENUM ('ok', 'bad'); CREATE TYPE pair AS (a int, b text); CREATE DOMAIN code AS varchar(20);
CREATE DOMAIN tags AS text[];
CREATE TABLE things (id int PRIMARY KEY, name varchar(30), price numeric(10, 2), measurements json, tags tags, mood mood,
  two pair, code code, place point, span interval, word citext, born timestamp, blob bytea, flags bit(3), net inet, moods mood[]);
INSERT INTO things SELECT i, 'n' || i, i / 4.0, json_build_object('b', i, 'a', 1), ARRAY['x', i::text], 'ok', ROW(i, 'y'::text)::pair, 'c' || i, point(i, 1),
  i * interval '1 day', 'w' || i, timestamp '2026-01-01' + i * interval '1 hour', decode('00ff', 'hex'), B'101', '10.0.0.1', ARRAY['ok'::mood]
  FROM generate_series(1, 500) AS i;
CREATE TABLE parted (id int, day date) PARTITION BY RANGE (day);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM ('2026-01-01') TO ('2026-07-01');
CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM ('2026-07-01') TO ('2027-01-01');
INSERT INTO parted SELECT i, date '2026-01-01' + i % 300 FROM generate_series(1, 900) AS i;
CREATE TABLE heir () INHERITS (things); INSERT INTO heir (id) VALUES (9999);
";

#[tokio::test]
async fn what_means_the_same_stays_the_same() {
    let base = cluster().database(SCHEMA).await;
    let before = prove(&base, &[]).await;
    let things = before.iter().find(|one| one.table == "things").unwrap();
    assert_eq!(things.rows, 500, "a table that inherits counts for itself");
    assert_eq!(before.iter().find(|one| one.table == "parted").unwrap().rows, 900);
    base.run(
        "ALTER TABLE things ALTER measurements TYPE jsonb USING measurements::jsonb, ALTER name TYPE text, ALTER id TYPE bigint, \
         ALTER born TYPE timestamptz USING born AT TIME ZONE 'UTC', ADD COLUMN extra int DEFAULT 3",
    )
    .await;
    base.run("VACUUM FULL things").await;
    proof::compare(&before, &prove(&base, &before).await, &[]).unwrap();
}

#[tokio::test]
async fn every_change_of_a_value_shows() {
    let base = cluster().database(SCHEMA).await;
    let before = prove(&base, &[]).await;
    for (change, back) in [
        (
            "UPDATE things SET name = CASE id WHEN 1 THEN 'n2' ELSE 'n1' END WHERE id IN (1, 2)",
            "UPDATE things SET name = 'n' || id WHERE id IN (1, 2)",
        ),
        ("UPDATE things SET word = 'W7' WHERE id = 7", "UPDATE things SET word = 'w7' WHERE id = 7"),
        ("UPDATE things SET span = '1 month' WHERE id = 30", "UPDATE things SET span = '30 days' WHERE id = 30"),
        (
            "UPDATE things SET measurements = '{\"a\":1,\"b\":8}' WHERE id = 7",
            "UPDATE things SET measurements = '{\"a\":1,\"b\":7}' WHERE id = 7",
        ),
        ("UPDATE things SET two = (7, 'z') WHERE id = 7", "UPDATE things SET two = (7, 'y') WHERE id = 7"),
        ("UPDATE things SET place = point(7, 2) WHERE id = 7", "UPDATE things SET place = point(7, 1) WHERE id = 7"),
        ("UPDATE things SET tags = '{x,8}' WHERE id = 7", "UPDATE things SET tags = '{x,7}' WHERE id = 7"),
        ("UPDATE things SET mood = NULL WHERE id = 7", "UPDATE things SET mood = 'ok' WHERE id = 7"),
        (
            "UPDATE things SET born = born + interval '1 microsecond' WHERE id = 7",
            "UPDATE things SET born = born - interval '1 microsecond' WHERE id = 7",
        ),
    ] {
        base.run(change).await;
        let said = proof::compare(&before, &prove(&base, &before).await, &[]).unwrap_err();
        assert_eq!(said, ["things: 500 rows as before, but their contents differ"], "{change}");
        base.run(back).await;
        proof::compare(&before, &prove(&base, &before).await, &[]).unwrap_or_else(|said| panic!("{back}: {said:?}"));
    }
}

#[tokio::test]
async fn a_zone_that_moves_instants_shows() {
    let base = cluster()
        .database("CREATE TABLE t (id int, born timestamp); INSERT INTO t VALUES (1, '2026-01-01 12:00')")
        .await;
    let before = prove(&base, &[]).await;
    base.run("ALTER TABLE t ALTER born TYPE timestamptz USING born AT TIME ZONE 'Europe/Zurich'").await;
    proof::compare(&before, &prove(&base, &before).await, &[]).unwrap_err();
}

#[tokio::test]
async fn json_that_jsonb_cannot_hold_is_compared_as_text() {
    let base =
        cluster().database("CREATE TABLE t (id int, j json); INSERT INTO t VALUES (1, '{\"a\":\"\\u0000\"}')").await;
    let before = prove(&base, &[]).await;
    assert!(before[0].fingerprint.as_deref().unwrap().starts_with("pg1t:"), "{before:?}");
    proof::compare(&before, &prove(&base, &before).await, &[]).unwrap();
    base.run("UPDATE t SET j = '{\"a\":\"\\u0001\"}'").await;
    let said = proof::compare(&before, &prove(&base, &before).await, &[]).unwrap_err();
    assert!(said[0].contains("cannot be compared"), "{said:?}");
}

#[tokio::test]
async fn rows_that_a_policy_hides_make_the_question_fail() {
    let cluster = cluster();
    let admin = cluster.url("postgres");
    run(&admin, "CREATE ROLE hidden LOGIN NOSUPERUSER PASSWORD 'pw'").await;
    run(&admin, "CREATE DATABASE hidden OWNER hidden").await;
    let url = cluster.url_as("hidden", "pw", "hidden");
    run(&url, "CREATE TABLE lots (id int PRIMARY KEY); INSERT INTO lots SELECT generate_series(1, 100)").await;
    let counted = async || {
        let mut database = open(&url, Purpose::Read).await.unwrap();
        let wanted = proof::all(&mut database).await.unwrap();
        let found = proof::tables(&mut database, &wanted, Depth::Fingerprints, Moment::Now, &mut |_| {}).await;
        database.close().await;
        found
    };
    assert_eq!(counted().await.unwrap().tables[0].rows, 100);
    let policy = "ALTER TABLE lots ENABLE ROW LEVEL SECURITY; ALTER TABLE lots FORCE ROW LEVEL SECURITY; \
                  CREATE POLICY half ON lots USING (id <= 50)";
    run(&url, policy).await;
    let refused = counted().await.map(|found| found.tables.len());
    assert!(refused.as_ref().is_err_and(|why| why.to_string().contains("row-level security")), "{refused:?}");
}
