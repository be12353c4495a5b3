//! Chains that cannot be printed whole, that have no way back, and that hold statements of every kind.

use super::postgres::cluster;
use super::{Stage, of, told};

const FIRST: (&str, &str, &str) = (
    "r1",
    "op.execute(\"CREATE TABLE a (id int PRIMARY KEY, v int)\")\nop.execute(\"CREATE TABLE b (id int PRIMARY KEY, v int)\")",
    "op.drop_table(\"b\")\nop.drop_table(\"a\")",
);
const ROWS: &str = "CREATE TABLE a (id int PRIMARY KEY, v int); CREATE TABLE b (id int PRIMARY KEY, v int);
    INSERT INTO a SELECT i, NULLIF(i, 3) FROM generate_series(1, 5) AS i; INSERT INTO b SELECT * FROM a;
    CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY); INSERT INTO alembic_version VALUES ('r1');";

#[tokio::test]
async fn a_revision_that_reads_the_database_is_named_and_the_others_are_judged() {
    let base = cluster().database(ROWS).await;
    let stage = Stage::of_alembic(
        &base,
        &[
            FIRST,
            (
                "r2",
                "op.execute(\"ALTER TABLE a ALTER COLUMN v SET NOT NULL\")",
                "op.execute(\"ALTER TABLE a ALTER COLUMN v DROP NOT NULL\")",
            ),
            ("r3", "n = op.get_bind().execute(sa.text(\"SELECT count(*) FROM a\")).scalar()", ""),
            (
                "r4",
                "op.execute(\"ALTER TABLE b ALTER COLUMN v SET NOT NULL\")",
                "op.execute(\"ALTER TABLE b ALTER COLUMN v DROP NOT NULL\")",
            ),
        ],
    );
    let (report, code) = stage.report(&[]);
    let unclear = of(&report, "inconclusive");
    assert!(
        unclear.iter().any(|f| f["revision"] == "r3" && f["what"].as_str().unwrap().contains("reads the database")),
        "{unclear:#?}"
    );
    // Before it everything is certain, after it nothing is.
    let (will, may) = (of(&report, "will-fail"), of(&report, "may-fail"));
    assert_eq!(
        (will.len(), will[0]["revision"].as_str(), will[0]["rows"].as_i64()),
        (1, Some("r2"), Some(1)),
        "{will:#?}"
    );
    assert_eq!((may.len(), may[0]["revision"].as_str(), may[0]["rows"].as_i64()), (1, Some("r4"), Some(1)), "{may:#?}");
    assert_eq!(code, 1);
}

#[tokio::test]
async fn the_point_of_no_return_is_told() {
    let base = cluster().database(ROWS).await;
    let stage = Stage::of_alembic(
        &base,
        &[
            FIRST,
            ("r2", "op.execute(\"ALTER TABLE a ADD COLUMN w int\")", "op.drop_column(\"a\", \"w\")"),
            ("r3", "op.execute(\"ALTER TABLE a ADD COLUMN x int\")", "raise NotImplementedError(\"one way only\")"),
            ("r4", "op.execute(\"ALTER TABLE b DROP COLUMN v\")", "op.execute(\"ALTER TABLE b ADD COLUMN v int\")"),
            ("r5", "op.execute(\"ALTER TABLE b ADD COLUMN y int\")", ""),
        ],
    );
    let (report, code) = stage.report(&[]);
    assert_eq!((report["point_of_no_return"].as_str(), code), (Some("r3"), 0), "{report:#}");
    let back = of(&report, "no-way-back");
    let by = |revision: &str| {
        back.iter().filter(|f| f["revision"] == revision).map(|f| f["what"].to_string()).collect::<Vec<_>>()
    };
    assert!(by("r3")[0].contains("refuses"), "{back:#?}");
    assert!(by("r4").iter().any(|what| what.contains("the values of b.v go: 4 rows")), "{back:#?}");
    assert!(by("r5")[0].contains("does nothing"), "{back:#?}");
    assert!(by("r2").is_empty());
    assert!(told(&report, "note").iter().any(|what| what.contains("takes a.w away")));
}

#[tokio::test]
async fn an_autocommit_block_may_build_concurrently() {
    let base = cluster().database(ROWS).await;
    let inside = "op.create_index(\"i\", \"a\", [\"v\"], postgresql_concurrently=True)";
    let outside = format!("with op.get_context().autocommit_block():\n    {inside}");
    let (report, code) = Stage::of_alembic(&base, &[FIRST, ("r2", inside, "op.drop_index(\"i\")")]).report(&[]);
    assert!(told(&report, "will-fail")[0].contains("cannot run inside a transaction"), "{report:#}");
    assert_eq!(code, 1);
    let (report, code) = Stage::of_alembic(&base, &[FIRST, ("r2", &outside, "op.drop_index(\"i\")")]).report(&[]);
    assert_eq!((told(&report, "will-fail"), code), (Vec::new(), 0));
    assert!(told(&report, "note").iter().any(|what| what.contains("ShareUpdateExclusiveLock on a")), "{report:#}");
}
