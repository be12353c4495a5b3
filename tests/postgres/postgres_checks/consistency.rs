//! Every planted defect is found, and nothing on clean tables.

use super::postgres::cluster;
use super::{at, bench::measured, carry_out, check};
use gonogo::deployment::Verdict;

const CLEAN: &str = "
CREATE TABLE lots (id bigserial PRIMARY KEY, code text NOT NULL UNIQUE, born timestamptz NOT NULL, gone date);
CREATE TABLE serials (id bigserial PRIMARY KEY, lot_id bigint NOT NULL REFERENCES lots, number int, part char(3),
  started_at timestamptz, completed_at timestamptz, measurements jsonb, UNIQUE (lot_id, number));
CREATE INDEX idx_measurements ON serials USING gin (measurements);
CREATE UNIQUE INDEX idx_part ON serials (part) WHERE part <> 'xxx';
CREATE TABLE pairs (a bigint, b bigint, PRIMARY KEY (a, b));
CREATE TABLE halves (id bigint PRIMARY KEY, x bigint, y bigint, FOREIGN KEY (x, y) REFERENCES pairs MATCH FULL);
CREATE INDEX idx_halves ON halves (y, x);
CREATE TABLE parted (id bigint NOT NULL, lot_id bigint REFERENCES lots, day date NOT NULL) PARTITION BY RANGE (day);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE INDEX idx_parted ON parted (lot_id);
INSERT INTO lots (code, born) SELECT 'L' || i, timestamptz '2026-01-01 00:00:00+00' FROM generate_series(1, 50) AS i;
INSERT INTO serials (lot_id, number, started_at, completed_at) SELECT 1 + i % 50, i, timestamptz '2026-01-01', timestamptz '2026-01-02' FROM generate_series(1, 400) AS i;
INSERT INTO pairs SELECT i, i FROM generate_series(1, 9) AS i; INSERT INTO halves SELECT i, i, i FROM generate_series(1, 9) AS i;
INSERT INTO parted SELECT i, 1, date '2026-02-02' FROM generate_series(1, 9) AS i;
";

const ALL: &str = "kind = \"consistency\", look_for = [\"orphans\", \"timestamps\", \"types\", \"nulls\", \"uniqueness\", \"sequences\", \
\"indexes\", \"constraints\", \"naive-timestamps\", \"plain-json\", \"narrow-keys\", \"unindexed-keys\", \"unindexed-jsonb\", \
\"duplicate-indexes\", \"unlinked-columns\"], required = [{ table = \"serials\", columns = [\"number\"] }], \
unique = [{ table = \"serials\", columns = [\"number\", \"lot_id\"] }]";

#[tokio::test]
async fn nothing_is_found_on_clean_tables() {
    let base = cluster().database(CLEAN).await;
    let (outcome, said) = carry_out(&at(&base.url).await, &check(ALL)).await;
    assert_eq!(outcome.verdict, Verdict::Pass, "{}\n{said}", outcome.detail);
    assert_eq!(measured(&outcome, "orphans"), Some(0.0));
    assert!(outcome.detail.contains("places"), "{}", outcome.detail);
}

/// What is planted, the word it is found by, and parts of what must be said of it.
const DEFECTS: [(&str, &str, f64, &[&str]); 19] = [
    (
        "SET session_replication_role = replica; INSERT INTO serials (lot_id, number) VALUES (9001, 9001), (9002, 9002)",
        "orphans",
        2.0,
        &["serials.lot_id → lots: 2", "→ 9001"],
    ),
    (
        "SET session_replication_role = replica; INSERT INTO halves VALUES (77, 1, NULL)",
        "orphans",
        1.0,
        &["halves.x+y → pairs: 1", "id 77 → 1/null"],
    ),
    (
        "SET session_replication_role = replica; INSERT INTO parted VALUES (5, 777, '2026-03-03')",
        "orphans",
        1.0,
        &["parted.lot_id → lots: 1", "→ 777"],
    ),
    ("UPDATE lots SET born = 'infinity' WHERE id = 3", "timestamps", 1.0, &["lots.born: 1 (id 3: infinity)"]),
    (
        "UPDATE lots SET born = now() + interval '3 days' WHERE id IN (3, 4)",
        "timestamps",
        2.0,
        &["lots.born: 2 (id 3: 2"],
    ),
    ("UPDATE lots SET gone = '1970-01-01' WHERE id = 3", "timestamps", 1.0, &["lots.gone: 1"]),
    (
        "UPDATE serials SET completed_at = started_at - interval '1 s' WHERE id = 9",
        "timestamps",
        1.0,
        &["serials.completed_at before started_at: 1 (id 9"],
    ),
    (
        "CREATE TABLE small (id bigint PRIMARY KEY, lot_id int REFERENCES lots); CREATE INDEX i ON small (lot_id)",
        "types",
        1.0,
        &["small.lot_id integer → lots.id bigint"],
    ),
    ("UPDATE serials SET number = NULL WHERE id IN (4, 8)", "nulls", 2.0, &["serials.number: 2 (id 4, id 8)"]),
    (
        "ALTER TABLE serials DROP CONSTRAINT serials_lot_id_number_key; UPDATE serials SET number = 7, lot_id = 2 WHERE id IN (4, 8); CREATE INDEX i ON serials (lot_id)",
        "uniqueness",
        1.0,
        &["serials (number, lot_id): 1 (7/2 × 2)"],
    ),
    (
        "SELECT setval('lots_id_seq', 12)",
        "sequences",
        1.0,
        &["lots.id by lots_id_seq: 1 (stands at 12, the highest is 50)"],
    ),
    ("ALTER SEQUENCE lots_id_seq MAXVALUE 52", "sequences", 1.0, &["stands at 50 of 52"]),
    ("ALTER TABLE serials ADD CONSTRAINT chk CHECK (number > 100) NOT VALID", "constraints", 1.0, &["chk on serials"]),
    ("ALTER TABLE lots ADD bare timestamp", "naive-timestamps", 1.0, &["lots.bare"]),
    ("ALTER TABLE lots ADD j json", "plain-json", 1.0, &["lots.j"]),
    ("CREATE TABLE narrow (id serial PRIMARY KEY)", "narrow-keys", 1.0, &["narrow.id"]),
    ("DROP INDEX idx_halves", "unindexed-keys", 1.0, &["halves.x+y"]),
    ("DROP INDEX idx_measurements", "unindexed-jsonb", 1.0, &["serials.measurements"]),
    (
        "CREATE INDEX idx_again ON serials (lot_id)",
        "duplicate-indexes",
        1.0,
        &["idx_again is covered by serials_lot_id_number_key"],
    ),
];

#[tokio::test]
async fn every_planted_defect_is_found_with_its_keys() {
    for (defect, word, count, parts) in DEFECTS {
        let base = cluster().database(CLEAN).await;
        base.run(defect).await;
        let (outcome, said) = carry_out(&at(&base.url).await, &check(ALL)).await;
        assert_eq!(outcome.verdict, Verdict::Fail, "{defect}: {}", outcome.detail);
        assert_eq!(measured(&outcome, word), Some(count), "{defect}: {said}");
        for part in parts {
            assert!(outcome.detail.contains(part), "{defect}: {}", outcome.detail);
        }
        let others: f64 = outcome.measured.iter().filter(|one| one.name != word).map(|one| one.value).sum();
        assert!(others.abs() < 0.5, "{defect}: nothing else is wrong, but {said}");
    }
}

#[tokio::test]
async fn an_index_left_invalid_is_found_and_so_is_what_it_failed_on() {
    let base = cluster().database(CLEAN).await;
    base.run("DROP INDEX idx_part; UPDATE serials SET part = 'abc' WHERE id IN (1, 2)").await;
    let mut connection = base.connect().await;
    let build = "CREATE UNIQUE INDEX CONCURRENTLY idx_part ON serials (part)";
    sqlx::query(build).execute(&mut connection).await.unwrap_err();
    let (outcome, said) = carry_out(&at(&base.url).await, &check(ALL)).await;
    assert!(outcome.detail.contains("indexes builds that failed: 1 (idx_part on serials)"), "{said}");
    assert!(outcome.detail.contains("uniqueness serials (part) by idx_part: 1 (abc × 2)"), "{said}");
}

#[tokio::test]
async fn columns_that_look_like_keys_are_named() {
    let base = cluster().database("CREATE TABLE a (id bigint PRIMARY KEY, owner_id bigint)").await;
    let look = check("kind = \"consistency\", look_for = [\"unlinked-columns\"]");
    let (outcome, _) = carry_out(&at(&base.url).await, &look).await;
    assert_eq!(outcome.detail, "unlinked-columns columns: 1 (a.owner_id)");
}

#[tokio::test]
async fn tables_are_taken_as_named_and_must_be_there() {
    let base = cluster().database(CLEAN).await;
    base.run("UPDATE lots SET born = 'infinity' WHERE id = 3").await;
    let other = check("kind = \"consistency\", tables = [\"serials\"]");
    assert_eq!(carry_out(&at(&base.url).await, &other).await.0.verdict, Verdict::Pass);
    let gone = check("kind = \"consistency\", tables = [\"nowhere\"]");
    let (outcome, _) = carry_out(&at(&base.url).await, &gone).await;
    assert_eq!((outcome.verdict, outcome.detail.as_str()), (Verdict::Fail, "there is no table nowhere"));
}

const SQLITE: &str = "
CREATE TABLE lots (id INTEGER PRIMARY KEY AUTOINCREMENT, code TEXT NOT NULL UNIQUE, born TIMESTAMP, weight REAL);
CREATE TABLE serials (id INTEGER PRIMARY KEY, lot_id INTEGER REFERENCES lots (id), number INTEGER, other_id INTEGER REFERENCES lots (id),
  CONSTRAINT chk CHECK (number > 0));
INSERT INTO lots (code, born, weight) VALUES ('a', '2026-01-01 10:00:00', 1.5), ('b', 1767261600, 2);
INSERT INTO serials VALUES (1, 1, 1, 2), (2, 2, 2, NULL);
";

#[tokio::test]
async fn sqlite_is_searched_for_what_it_can_hold() {
    let usual = check("kind = \"consistency\"");
    let bench = super::Bench::new(SQLITE).await;
    let (outcome, said) = carry_out(&bench, &usual).await;
    assert_eq!(outcome.verdict, Verdict::Pass, "{}\n{said}", outcome.detail);
    for (defect, part) in [
        (
            "PRAGMA foreign_keys = OFF; INSERT INTO serials VALUES (9, 77, 9, NULL)",
            "orphans serials.lot_id → lots: 1 (rowid 9)",
        ),
        ("UPDATE lots SET born = 'soon' WHERE id = 1", "timestamps lots.born: 1 (rowid 1: soon)"),
        ("UPDATE serials SET number = 'seven' WHERE id = 2", "types serials.number: 1 (rowid 2: seven)"),
        ("UPDATE sqlite_sequence SET seq = 1", "sequences lots: 1 (stands at 1, the highest is 2)"),
        (
            "PRAGMA ignore_check_constraints = ON; UPDATE serials SET number = -1 WHERE id = 2",
            "constraints chk on serials: 1 (rowid 2)",
        ),
    ] {
        let bench = super::Bench::new(SQLITE).await;
        bench.change(defect).await;
        let (outcome, said) = carry_out(&bench, &usual).await;
        assert!(
            outcome.verdict == Verdict::Fail && outcome.detail.contains(part),
            "{defect}: {}\n{said}",
            outcome.detail
        );
    }
    let (outcome, _) = carry_out(&bench, &check("kind = \"consistency\", look_for = [\"unindexed-jsonb\"]")).await;
    assert_eq!(outcome.verdict, Verdict::Inconclusive, "{}", outcome.detail);
}
