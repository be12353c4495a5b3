//! The catalog and the values, as checks read them.

use super::open;
use super::postgres::cluster;
use gonogo::database::{ConstraintKind, IndexPart, Purpose, Value};

const SCHEMA: &str = "
CREATE TABLE lots (id bigserial PRIMARY KEY, lot_number varchar(30) NOT NULL UNIQUE, weight numeric(10, 2) DEFAULT 0,
  twice numeric GENERATED ALWAYS AS (weight * 2) STORED, gone int, created_at timestamptz DEFAULT now());
ALTER TABLE lots DROP COLUMN gone;
CREATE TABLE serials (id int PRIMARY KEY, lot_id bigint NOT NULL REFERENCES lots ON DELETE RESTRICT ON UPDATE CASCADE,
  measurements jsonb, CONSTRAINT chk_id CHECK (id BETWEEN 1 AND 100000));
CREATE INDEX idx_gin ON serials USING gin (measurements);
CREATE INDEX idx_mixed ON serials (lot_id DESC, (measurements ->> 'torque')) INCLUDE (id) WHERE lot_id > 3;
CREATE TABLE parted (id int, day date) PARTITION BY RANGE (day);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM ('2026-01-01') TO ('2026-07-01');
CREATE SCHEMA other; CREATE TABLE other.\"Odd Name\" (id int);
CREATE TABLE alembic_version (version_num text);
";

#[tokio::test]
async fn tables_columns_and_keys() {
    let base = cluster().database(SCHEMA).await;
    let mut database = open(&base.url, Purpose::Read).await.unwrap();
    assert_eq!(database.tables().await.unwrap(), ["lots", "other.Odd Name", "parted", "serials"]);
    let columns = database.columns("lots").await.unwrap();
    let reported: Vec<_> = columns
        .iter()
        .map(|c| {
            format!("{} {} {} {} {}", c.name, c.declared, c.nullable, c.default.as_deref().unwrap_or("-"), c.generated)
        })
        .collect();
    assert_eq!(
        reported,
        [
            "id bigint false nextval('lots_id_seq'::regclass) false",
            "lot_number character varying(30) false - false",
            "weight numeric(10,2) true 0 false",
            "twice numeric true - true",
            "created_at timestamp with time zone true now() false",
        ]
    );
    assert_eq!(database.columns("other.Odd Name").await.unwrap().len(), 1);
    assert_eq!(database.columns("LOTS").await.unwrap().len(), 5);
    assert!(database.columns("nowhere").await.unwrap().is_empty());
    let keys = database.foreign_keys("serials").await.unwrap();
    assert_eq!(keys.len(), 1);
    assert_eq!(
        (keys[0].references.as_str(), keys[0].on_delete.as_str(), keys[0].on_update.as_str()),
        ("lots", "restrict", "cascade")
    );
    assert_eq!(
        (keys[0].columns.as_slice(), keys[0].referenced.as_slice()),
        (&["lot_id".to_owned()][..], &["id".to_owned()][..])
    );
}

#[tokio::test]
async fn indexes_and_constraints() {
    let base = cluster().database(SCHEMA).await;
    let mut database = open(&base.url, Purpose::Read).await.unwrap();
    let indexes = database.indexes("serials").await.unwrap();
    let names: Vec<_> = indexes.iter().map(|index| index.name.as_str()).collect();
    assert_eq!(names, ["idx_gin", "idx_mixed", "serials_pkey"]);
    assert_eq!((indexes[0].method.as_deref(), indexes[0].unique), (Some("gin"), false));
    assert_eq!(indexes[1].predicate.as_deref(), Some("(lot_id > 3)"));
    assert_eq!(indexes[1].parts[0], IndexPart::Column("lot_id".into()));
    assert!(matches!(&indexes[1].parts[1], IndexPart::Expression(text) if text.contains("torque")), "{:?}", indexes[1]);
    assert_eq!(indexes[1].parts.len(), 2, "an included column is no part of the key");
    assert!(indexes[2].unique && indexes.iter().all(|index| index.valid));

    let constraints = database.constraints("serials").await.unwrap();
    let check = constraints.iter().find(|one| one.name.as_deref() == Some("chk_id")).unwrap();
    assert_eq!(check.kind, ConstraintKind::Check);
    assert!(check.definition.contains("id >= 1 AND id <= 100000"), "{}", check.definition);
    assert_eq!(constraints.iter().filter(|one| one.kind == ConstraintKind::ForeignKey).count(), 1);
}

#[tokio::test]
async fn an_index_whose_build_failed_is_known_as_invalid() {
    let base = cluster().database("CREATE TABLE lots (id int); INSERT INTO lots VALUES (1), (1)").await;
    let mut connection = base.connect().await;
    sqlx::query("CREATE UNIQUE INDEX CONCURRENTLY idx_lots ON lots (id)").execute(&mut connection).await.unwrap_err();
    let mut database = open(&base.url, Purpose::Read).await.unwrap();
    let indexes = database.indexes("lots").await.unwrap();
    assert_eq!((indexes.len(), indexes[0].valid), (1, false));
}

#[tokio::test]
async fn every_value_is_written_out() {
    let base = cluster().database("CREATE TYPE mood AS ENUM ('ok'); CREATE TYPE pair AS (a int, b text)").await;
    let mut database = open(&base.url, Purpose::Read).await.unwrap();
    let text = |text: &str| Value::Text(text.to_owned());
    for (sql, value) in [
        ("1::int2", Value::Integer(1)),
        ("9223372036854775807", Value::Integer(i64::MAX)),
        ("1.50::numeric(5,2)", text("1.50")),
        ("0.1::float8", Value::Real(0.1)),
        ("true", text("true")),
        ("null::int", Value::Null),
        ("'\\x00ff'::bytea", Value::Blob(vec![0, 255])),
        ("timestamptz '2026-11-22 14:00:00+02'", text("2026-11-22 12:00:00+00")),
        ("'{\"b\": 1, \"a\": 2}'::jsonb", text("{\"a\": 2, \"b\": 1}")),
        ("ARRAY[1, null, 3]", text("{1,NULL,3}")),
        ("'ok'::mood", text("ok")),
        ("(1, 'x')::pair", text("(1,x)")),
        ("'pg_class'::regclass", text("pg_class")),
        ("'0/16B3748'::pg_lsn", text("0/16B3748")),
        ("interval '1 month'", text("1 mon")),
        ("'a'::\"char\"", text("a")),
        ("int4range(1, 5)", text("[1,5)")),
    ] {
        assert_eq!(database.scalar(&format!("SELECT {sql}")).await.unwrap(), Some(value), "{sql}");
    }
    let rows = database.rows("SELECT i, i || 'x' AS word FROM generate_series(1, 5000) AS i", 2).await.unwrap();
    assert_eq!(
        (rows.count, rows.columns.as_slice(), rows.rows.len()),
        (5000, &["i".to_owned(), "word".to_owned()][..], 2)
    );
}
