//! What the migrator itself would refuse, and where it takes the database to be.

use super::postgres::{Base, cluster};
use super::{Stage, of, reported};
use serde_json::Value;

const A: &str =
    "CREATE TABLE a (id int PRIMARY KEY, v int); INSERT INTO a SELECT i, NULLIF(i, 3) FROM generate_series(1, 5) AS i;";

fn op(sql: &str) -> String {
    format!("op.execute(\"{sql}\")")
}

/// Hangs a revision on another than the one it was written after.
fn after(stage: &Stage, id: &str, down: &str) {
    let path = stage.folder.path().join(format!("alembic/versions/{id}.py"));
    let text = std::fs::read_to_string(&path).unwrap();
    let lines = text.lines().map(|line| {
        if line.starts_with("down_revision") { format!("down_revision = {down}") } else { line.to_owned() }
    });
    std::fs::write(path, lines.collect::<Vec<_>>().join("\n")).unwrap();
}

fn revisions(report: &Value) -> Vec<&str> {
    report["read"]["revisions"].as_array().unwrap().iter().filter_map(Value::as_str).collect()
}

/// `base1` with `left2` and `right2` on it; `right2` fails on the rows of `a`.
fn two_heads(base: &Base) -> Stage {
    let (left, right) = (op("ALTER TABLE a ADD COLUMN w int"), op("ALTER TABLE a ALTER COLUMN v SET NOT NULL"));
    let stage =
        Stage::of_alembic(base, &[("base1", "pass", "pass"), ("left2", &left, "pass"), ("right2", &right, "pass")]);
    after(&stage, "right2", "\"base1\"");
    stage
}

#[tokio::test]
async fn two_heads_are_refused_and_both_are_read() {
    let at = |revision: &str| {
        format!(
            "{A} CREATE TABLE alembic_version (version_num varchar(32)); INSERT INTO alembic_version VALUES {revision};"
        )
    };
    let base = cluster().database(&at("('base1')")).await;
    let stage = two_heads(&base);
    let (report, code) = stage.report(&[]);
    let will = reported(&report, "will-fail");
    assert_eq!((report["verdict"].as_str(), code), (Some("will-fail"), 1), "{report:#}");
    assert!(will.iter().any(|what| what.contains("2 heads (left2, right2)")), "{report:#}");
    assert!(of(&report, "will-fail").iter().any(|f| f["revision"] == "right2" && f["rows"] == 1), "{report:#}");
    // Said in so many words, there is nothing to refuse but the rows.
    let (report, _) = stage.report(&["--to", "heads"]);
    assert_eq!(reported(&report, "will-fail").len(), 1, "{report:#}");

    // With one branch applied the other is left, and a merge of both.
    let base = cluster().database(&at("('left2')")).await;
    let (report, _) = two_heads(&base).report(&[]);
    assert_eq!((revisions(&report), report["from"].as_str()), (vec!["right2"], Some("left2")), "{report:#}");
    let base = cluster().database(&at("('left2'), ('right2')")).await;
    let stage = two_heads(&base);
    let (report, _) = stage.report(&[]);
    assert_eq!((revisions(&report), report["from"].as_str()), (Vec::new(), Some("left2, right2")), "{report:#}");
    let text = std::fs::read_to_string(stage.folder.path().join("alembic/versions/left2.py")).unwrap();
    std::fs::write(stage.folder.path().join("alembic/versions/both3.py"), text.replace("left2", "both3")).unwrap();
    after(&stage, "both3", "(\"left2\", \"right2\")");
    let (report, code) = stage.report(&[]);
    assert_eq!((revisions(&report), code), (vec!["both3"], 0), "{report:#}");
}

#[tokio::test]
async fn a_version_table_of_another_name_is_found_and_an_unknown_revision_refused() {
    let table =
        "CREATE SCHEMA ops; CREATE TABLE ops.moves (version_num varchar(32)); INSERT INTO ops.moves VALUES ('r1');
                 CREATE TABLE alembic_version (version_num varchar(32)); INSERT INTO alembic_version VALUES ('stale');";
    let base = cluster().database(&format!("{A}{table}")).await;
    let add = op("ALTER TABLE a ADD COLUMN w int");
    let stage = Stage::of_alembic(&base, &[("r1", "pass", "pass"), ("r2", &add, "op.drop_column(\"a\", \"w\")")]);
    let env = stage.folder.path().join("alembic/env.py");
    let text = std::fs::read_to_string(&env).unwrap();
    let named =
        text.replace("context.configure(", "context.configure(version_table=\"moves\", version_table_schema=\"ops\", ");
    std::fs::write(&env, named).unwrap();
    let (report, code) = stage.report(&[]);
    assert_eq!((report["from"].as_str(), revisions(&report), code), (Some("r1"), vec!["r2"], 0), "{report:#}");
    assert_eq!(report["verdict"], "clear", "{report:#}");

    std::fs::write(&env, text).unwrap();
    let (report, code) = stage.report(&[]);
    assert_eq!(code, 1);
    assert!(reported(&report, "will-fail").iter().any(|what| what.contains("names stale")), "{report:#}");
    // The checklist may say it, too.
    let checklist = std::fs::read_to_string(&stage.checklist).unwrap();
    let given = checklist.replacen("revisions = ", "version_table = \"ops.moves\"\nrevisions = ", 1);
    std::fs::write(&stage.checklist, given).unwrap();
    assert_eq!(stage.report(&[]).0["from"], "r1");
}

const FIRST: &str = "CREATE TABLE a (id int PRIMARY KEY, v int);";

fn sqlx_table(rows: &[(i64, &str, bool)]) -> String {
    let rows: Vec<String> = rows
        .iter()
        .map(|(version, sql, success)| format!("({version}, 'x', now(), {success}, sha384('{sql}'::bytea), 1)"))
        .collect();
    format!(
        "{A} CREATE TABLE _sqlx_migrations (version bigint PRIMARY KEY, description text, installed_on timestamptz, \
         success bool, checksum bytea, execution_time bigint); INSERT INTO _sqlx_migrations VALUES {};",
        rows.join(", ")
    )
}

#[tokio::test]
async fn sqlx_files_are_held_against_what_was_applied() {
    let files =
        [("1_a.sql", FIRST), ("2_late.sql", "ALTER TABLE a ALTER COLUMN v SET NOT NULL;"), ("3_c.sql", "SELECT 3;")];
    // One that was merged late runs, and is evaluated.
    let base = cluster().database(&sqlx_table(&[(1, FIRST, true), (3, "SELECT 3;", true)])).await;
    let (report, code) = Stage::of_files(&base, &files).report(&[]);
    assert_eq!((revisions(&report), code), (vec!["2_late"], 1), "{report:#}");
    assert_eq!(of(&report, "will-fail")[0]["rows"], 1, "{report:#}");
    assert!(reported(&report, "note").iter().any(|what| what.contains("below the latest applied")), "{report:#}");

    let only = |what: &'static str, rows: Vec<(i64, &'static str, bool)>| (what, rows);
    for (what, rows) in [
        only(
            "was changed after it was applied",
            vec![(1, "SELECT 1;", true), (2, files[1].1, true), (3, files[2].1, true)],
        ),
        only(
            "its file is missing",
            vec![(1, FIRST, true), (2, files[1].1, true), (3, files[2].1, true), (4, "x", true)],
        ),
        only("failed half way", vec![(1, FIRST, true), (2, files[1].1, true), (3, files[2].1, false)]),
    ] {
        let base = cluster().database(&sqlx_table(&rows)).await;
        let (report, code) = Stage::of_files(&base, &files).report(&[]);
        let will = reported(&report, "will-fail");
        assert_eq!((will.len(), code), (1, 1), "{report:#}");
        assert!(will[0].contains(what), "{report:#}");
    }
    let all = [(1, FIRST, true), (2, files[1].1, true), (3, files[2].1, true)];
    let base = cluster().database(&sqlx_table(&all)).await;
    let (report, code) = Stage::of_files(&base, &files).report(&[]);
    assert_eq!((report["verdict"].as_str(), code), (Some("clear"), 0), "{report:#}");
}

#[tokio::test]
async fn what_was_merged_late_runs_with_dbmate_and_is_refused_by_flyway() {
    let dbmate =
        "CREATE TABLE moves (version varchar(128) PRIMARY KEY); INSERT INTO moves VALUES ('20260101'), ('20260103');";
    let base = cluster().database(&format!("{A}{dbmate}")).await;
    let files: Vec<(String, &str)> = ["20260101_a", "20260102_late", "20260103_c"]
        .map(|name| (format!("db/migrations/{name}.sql"), "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;\n"))
        .into();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, sql)| (name.as_str(), *sql)).collect();
    let (report, code) = Stage::of_kind(&base, "dbmate", "dbmate --migrations-table moves", &files).report(&[]);
    assert_eq!((revisions(&report), code), (vec!["20260102_late"], 0), "{report:#}");
    let (report, code) =
        Stage::of_kind(&base, "dbmate", "dbmate --migrations-table=moves --strict", &files).report(&[]);
    assert_eq!((reported(&report, "will-fail").len(), code), (1, 1), "{report:#}");

    // The checksum of `SELECT 1;` is CRC-32 as Flyway takes it.
    let flyway = "CREATE TABLE flyway_schema_history (installed_rank int PRIMARY KEY, version varchar(50), description text,
        type varchar(20), checksum int, success bool);
        INSERT INTO flyway_schema_history VALUES (1, '1', 'a', 'SQL', 78787420, true), (2, '3', 'c', 'SQL', 78787420, true);";
    let base = cluster().database(&format!("{A}{flyway}")).await;
    let files =
        [("sql/V1__a.sql", "SELECT 1;\n"), ("sql/V2__late.sql", "SELECT 1;\n"), ("sql/V3__c.sql", "SELECT 1;\r\n")];
    let (report, code) = Stage::of_kind(&base, "flyway", "flyway", &files).report(&[]);
    assert_eq!((reported(&report, "will-fail").len(), code), (1, 1), "{report:#}");
    assert!(reported(&report, "will-fail")[0].contains("2__late is below the latest applied"), "{report:#}");
    let (report, code) = Stage::of_kind(&base, "flyway", "flyway -outOfOrder=true", &files).report(&[]);
    assert_eq!((reported(&report, "will-fail").len(), code), (0, 0), "{report:#}");
}
