//! Schema checks on PostgreSQL: what is there, under which name, and whether the planner takes it.

use super::postgres::cluster;
use super::{at, carry_out, check};
use gonogo::deployment::Verdict;

const SCHEMA: &str = "
CREATE TABLE lots (id int PRIMARY KEY);
CREATE TABLE process_data (id int PRIMARY KEY, lot_id int NOT NULL REFERENCES lots ON DELETE RESTRICT ON UPDATE CASCADE, wip_id int, process_id int,
  measurements jsonb, created_at timestamptz DEFAULT now(), level varchar(10),
  CONSTRAINT chk_level CHECK (level IN ('LOT', 'WIP', 'SERIAL')));
CREATE INDEX idx_gin ON process_data USING gin (measurements);
CREATE UNIQUE INDEX idx_wip_other ON process_data (wip_id, process_id) WHERE wip_id IS NOT NULL;
CREATE INDEX idx_plain ON process_data (wip_id, process_id);
CREATE INDEX idx_lot ON process_data (lot_id);
INSERT INTO lots SELECT generate_series(1, 300);
";

async fn evaluated(url: &str, text: &str) -> (Verdict, String) {
    let (bench, check) = (at(url).await, check(&format!("kind = \"schema\", table = \"process_data\", {text}")));
    let (outcome, said) = Box::pin(carry_out(&bench, &check)).await;
    (outcome.verdict, format!("{}\n{said}", outcome.detail))
}

#[tokio::test]
async fn what_is_as_expected_passes_and_what_is_not_is_named() {
    let base = cluster().database(SCHEMA).await;
    for text in [
        "columns = [{ name = \"created_at\", type = \"timestamp with time zone\", nullable = \"nullable\", default = \"current_timestamp\" }]",
        "columns = [{ name = \"level\", type = \"varchar(10)\" }, { name = \"lot_id\", type = \"int4\", nullable = \"required\" }]",
        "indexes = [{ name = \"idx_gin\", columns = [\"measurements\"], method = \"gin\" }]",
        "indexes = [{ name = \"idx_wip_other\", columns = [\"wip_id\", \"process_id\"], unique = true, predicate = \"wip_id is not null\" }]",
        "constraints = [{ name = \"chk_level\", contains = \"'SERIAL'\" }]",
        "foreign_keys = [{ column = \"lot_id\", references = \"lots\", on_delete = \"restrict\", on_update = \"cascade\" }]",
        "at_least_indexes = 5",
    ] {
        let (verdict, said) = evaluated(&base.url, text).await;
        assert_eq!(verdict, Verdict::Pass, "{text}: {said}");
    }
    for (text, part) in [
        (
            "columns = [{ name = \"level\", type = \"varchar(20)\" }]",
            "type character varying(10), expected varchar(20)",
        ),
        ("indexes = [{ name = \"idx_lot\", method = \"gin\" }]", "uses btree, expected gin"),
        ("indexes = [{ name = \"idx_plain\", unique = true }]", "is not unique"),
        (
            "indexes = [{ name = \"idx_plain\", predicate = \"wip_id IS NOT NULL\" }]",
            "covers all rows, expected where wip_id IS NOT NULL",
        ),
        (
            "indexes = [{ name = \"idx_wip_unique\", columns = [\"wip_id\", \"process_id\"], unique = true, predicate = \"wip_id IS NOT NULL\" }]",
            "index idx_wip_unique: not found; same columns and predicate: index idx_wip_other",
        ),
        (
            "constraints = [{ name = \"chk_data_level\", contains = \"'SERIAL'\" }]",
            "constraint chk_data_level: not found; with that definition: chk_level",
        ),
        (
            "foreign_keys = [{ column = \"lot_id\", references = \"lots\", on_delete = \"cascade\" }]",
            "on delete restrict, expected cascade",
        ),
    ] {
        let (verdict, said) = evaluated(&base.url, text).await;
        assert!(verdict == Verdict::Fail && said.contains(part), "{text}: {said}");
    }
}

#[tokio::test]
async fn an_invalid_index_does_not_pass_for_an_index() {
    let base = cluster().database(SCHEMA).await;
    base.run("INSERT INTO process_data (id, lot_id) VALUES (1, 1), (2, 1)").await;
    let mut connection = base.connect().await;
    let build = "CREATE UNIQUE INDEX CONCURRENTLY idx_once ON process_data (lot_id)";
    sqlx::query(build).execute(&mut connection).await.unwrap_err();
    let (verdict, said) = evaluated(&base.url, "indexes = [{ name = \"idx_once\", columns = [\"lot_id\"] }]").await;
    assert!(verdict == Verdict::Fail && said.contains("is invalid"), "{said}");
    let (_, said) =
        evaluated(&base.url, "indexes = [{ name = \"idx_two\", columns = [\"lot_id\"], unique = true }]").await;
    assert!(said.contains("same columns: invalid index idx_once"), "{said}");
}

#[tokio::test]
async fn an_index_is_chosen_usable_or_neither() {
    let base = cluster().database(SCHEMA).await;
    let serves = |index: &str, column: &str, plan: &str| {
        format!(
            "indexes = [{{ name = \"{index}\", serves = \"SELECT * FROM process_data WHERE {column} = 1\"{plan} }}]"
        )
    };
    base.run("INSERT INTO process_data (id, lot_id) SELECT i, i FROM generate_series(1, 5) AS i; ANALYZE").await;
    let (verdict, said) = evaluated(&base.url, &serves("idx_lot", "lot_id", "")).await;
    assert!(verdict == Verdict::Pass && said.contains("usable, not chosen: a table of about 5 rows"), "{said}");
    let (verdict, said) = evaluated(&base.url, &serves("idx_lot", "lot_id", ", plan = \"chosen\"")).await;
    assert!(verdict == Verdict::Fail && said.contains("reads the table whole"), "{said}");
    base.run(
        "INSERT INTO process_data (id, lot_id) SELECT i, 1 + i % 300 FROM generate_series(6, 20000) AS i; ANALYZE",
    )
    .await;
    let (verdict, said) = evaluated(&base.url, &serves("idx_lot", "lot_id", ", plan = \"chosen\"")).await;
    assert!(verdict == Verdict::Pass && said.contains("chosen"), "{said}");
    let (verdict, said) = evaluated(&base.url, &serves("idx_plain", "lot_id", "")).await;
    assert!(verdict == Verdict::Fail && said.contains("the planner takes idx_lot"), "{said}");
    let (verdict, said) = evaluated(&base.url, &serves("idx_lot", "level::text || 'x'", "")).await;
    assert_eq!(verdict, Verdict::Fail, "{said}");
    // What is planned is never run.
    let changing =
        "indexes = [{ name = \"idx_lot\", serves = \"WITH gone AS (DELETE FROM process_data RETURNING 1) SELECT 1\" }]";
    evaluated(&base.url, changing).await;
    assert_eq!(base.text("SELECT count(*)::text FROM process_data").await, "20000");
}
