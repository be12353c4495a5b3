//! What a question does not see on a real server: rows that are hidden, and what statements do beside what they name. The
//! server is asked too, whether each chain goes through.

use super::postgres::{Base, cluster, connect};
use super::{Stage, of, reported};
use sqlx::{AssertSqlSafe, Connection};

const TABLES: &str = "
CREATE TABLE notes (id int PRIMARY KEY, owner text, body text);
INSERT INTO notes SELECT i, CASE WHEN i % 2 = 0 THEN 'ada' ELSE 'bob' END, NULLIF(i, 3)::text FROM generate_series(1, 10) AS i;
CREATE TABLE journal (id serial PRIMARY KEY, what text);
INSERT INTO journal (what) SELECT 'x' FROM generate_series(1, 5);
CREATE TABLE watched (id int PRIMARY KEY, v int);
INSERT INTO watched SELECT i, i FROM generate_series(1, 5) AS i;
CREATE FUNCTION log_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO journal (what) VALUES (NULL); RETURN NEW; END $$;
CREATE TRIGGER logs AFTER UPDATE ON watched FOR EACH ROW EXECUTE FUNCTION log_it();
CREATE TABLE stamped (id int PRIMARY KEY, at timestamptz);
INSERT INTO stamped VALUES (1, now());
CREATE FUNCTION stamp_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.at := NULL; RETURN NEW; END $$;
CREATE TRIGGER stamps BEFORE UPDATE ON stamped FOR EACH ROW EXECUTE FUNCTION stamp_it();
CREATE TABLE quiet (id int PRIMARY KEY, v int);
INSERT INTO quiet SELECT i, i FROM generate_series(1, 5) AS i;
CREATE RULE never AS ON UPDATE TO quiet DO INSTEAD NOTHING;
UPDATE quiet SET v = 1;
CREATE TABLE parts (id int, v int) PARTITION BY LIST (id);
CREATE TABLE parts_one PARTITION OF parts FOR VALUES IN (1);
INSERT INTO parts VALUES (1, 1);
CREATE TABLE owners (id int PRIMARY KEY);
CREATE TABLE owned (id int, owner_id int REFERENCES owners (id) ON DELETE SET NULL);
INSERT INTO owners VALUES (1), (2);
INSERT INTO owned VALUES (1, 1), (2, 2);
CREATE TYPE state AS ENUM ('open', 'shut');
CREATE TABLE jobs (id int PRIMARY KEY, state state);
INSERT INTO jobs SELECT i, 'open' FROM generate_series(1, 5) AS i;
CREATE SCHEMA app;
CREATE TABLE app.watched (id int PRIMARY KEY, w int);
INSERT INTO app.watched VALUES (1, NULL), (2, NULL);
";

pub(super) async fn takes(base: &Base, sql: &str) -> bool {
    let mut connection = connect(&base.url).await;
    let mut transaction = connection.begin().await.unwrap();
    let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut *transaction).await;
    transaction.rollback().await.unwrap();
    done.is_ok()
}

/// Chains of which nothing certain may be said, and whether the server takes them.
const UNCERTAIN: [(&str, bool); 9] = [
    ("UPDATE watched SET v = 2;\nALTER TABLE journal ALTER COLUMN what SET NOT NULL", false),
    ("UPDATE stamped SET id = 2;\nALTER TABLE stamped ALTER COLUMN at SET NOT NULL", false),
    ("UPDATE quiet SET v = NULL;\nALTER TABLE quiet ALTER COLUMN v SET NOT NULL", true),
    ("UPDATE parts_one SET v = NULL;\nALTER TABLE parts ALTER COLUMN v SET NOT NULL", false),
    ("DELETE FROM owners WHERE id = 1;\nALTER TABLE owned ALTER COLUMN owner_id SET NOT NULL", false),
    (
        "ALTER TYPE state RENAME TO state_old;\nCREATE TYPE state AS ENUM ('open', 'held');\nALTER TABLE jobs ALTER COLUMN \
         state TYPE state USING state::text::state;\nDROP TYPE state_old;\nALTER TABLE jobs ADD CONSTRAINT c CHECK \
         (state <> 'held')",
        true,
    ),
    (
        "ALTER TYPE state RENAME VALUE 'shut' TO 'closed';\nALTER TABLE jobs ADD CONSTRAINT c CHECK (state <> 'closed')",
        true,
    ),
    (
        "CREATE TEMP TABLE fill AS SELECT id FROM jobs;\nALTER TABLE jobs ADD COLUMN n int;\nUPDATE jobs SET n = fill.id \
         FROM fill WHERE fill.id = jobs.id;\nALTER TABLE jobs ALTER COLUMN n SET NOT NULL;\nDROP TABLE fill",
        true,
    ),
    ("DO $$ BEGIN UPDATE journal SET what = NULL; END $$;\nALTER TABLE journal ALTER COLUMN what SET NOT NULL", false),
];

#[tokio::test]
async fn what_statements_do_on_the_side_is_never_certain() {
    let base = cluster().database(TABLES).await;
    for (chain, works) in UNCERTAIN {
        assert_eq!(takes(&base, chain).await, works, "{chain}");
        let (report, code) = Stage::of_files(&base, &[("1_x.sql", chain)]).report(&[]);
        assert_eq!((report["verdict"].as_str(), code), (Some("inconclusive"), 1), "{chain}: {report:#}");
    }
}

#[tokio::test]
async fn what_stays_in_its_row_or_goes_by_another_path_stays_certain() {
    let base = cluster().database(TABLES).await;
    let fine = "UPDATE stamped SET at = '2026-01-01';\nALTER TABLE journal ALTER COLUMN what SET NOT NULL";
    let (report, code) = Stage::of_files(&base, &[("1_x.sql", fine)]).report(&[]);
    assert_eq!((takes(&base, fine).await, report["verdict"].as_str(), code), (true, Some("clear"), 0), "{report:#}");
    let path = "SET LOCAL search_path TO app, public;\nALTER TABLE watched ALTER COLUMN w SET NOT NULL";
    let (report, _) = Stage::of_files(&base, &[("1_x.sql", path)]).report(&[]);
    assert_eq!(
        (takes(&base, path).await, of(&report, "will-fail")[0]["rows"].as_i64()),
        (false, Some(2)),
        "{report:#}"
    );
    let whole = "-- no-transaction\nCREATE INDEX CONCURRENTLY i ON parts (v)";
    let (report, _) = Stage::of_files(&base, &[("1_x.sql", whole)]).report(&[]);
    assert!(reported(&report, "will-fail")[0].contains("parts is partitioned"), "{report:#}");
}

#[tokio::test]
async fn rows_that_a_role_may_not_see_are_not_counted_as_none() {
    let base = cluster().database(TABLES).await;
    let role = format!("bob_{}", base.name);
    base.run(&format!(
        "CREATE ROLE {role} LOGIN PASSWORD 'p'; GRANT SELECT ON notes TO {role}; ALTER TABLE notes ENABLE ROW LEVEL SECURITY; \
         CREATE POLICY own ON notes USING (owner = 'ada')"
    ))
    .await;
    let theirs = Base { name: base.name.clone(), url: cluster().url_as(&role, "p", &base.name) };
    // The one row in the way is hidden from that role.
    let sql = "ALTER TABLE notes ALTER COLUMN body SET NOT NULL;";
    let (report, code) = Stage::of_files(&theirs, &[("1_x.sql", sql)]).report(&[]);
    let unclear = reported(&report, "inconclusive");
    assert!(unclear.iter().any(|what| what.contains("row-level security")), "{report:#}");
    // Nor does it own the table.
    assert_eq!((report["verdict"].as_str(), code), (Some("will-fail"), 1));
    // A table that it may not read at all.
    let sql = "ALTER TABLE journal ALTER COLUMN what SET NOT NULL;";
    let (report, code) = Stage::of_files(&theirs, &[("1_x.sql", sql)]).report(&[]);
    assert!(reported(&report, "inconclusive").iter().any(|what| what.contains("permission denied")), "{report:#}");
    assert_eq!(code, 1);
    // The owner sees it.
    let (report, _) =
        Stage::of_files(&base, &[("1_x.sql", "ALTER TABLE notes ALTER COLUMN body SET NOT NULL;")]).report(&[]);
    assert_eq!(of(&report, "will-fail")[0]["rows"].as_i64(), Some(1), "{report:#}");
}
