use super::*;

fn reported(kind: MigratorKind, command: &str, output: &str) -> Option<Reported> {
    read(&Migrator::new(kind, command, Vec::new()), &Lineage::default(), output)
}

fn at(kind: MigratorKind, command: &str, output: &str) -> Option<String> {
    reported(kind, command, output).map(|reported| reported.standing.to_string())
}

#[expect(clippy::unnecessary_wraps, reason = "what is compared with it is an option")]
fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn alembic_reports_a_revision_a_line() {
    let listed = Lineage::straight(["0001", "0002", "0003"]);
    let with = |output: &str, known: &Lineage| {
        read(&Migrator::new(MigratorKind::Alembic, "alembic", Vec::new()), known, output)
            .map(|reported| reported.standing.to_string())
    };
    let read = |output: &str| with(output, &listed);
    assert_eq!(read("0003_add_wip_unique_index (head)\r\n"), some("0003_add_wip_unique_index"));
    assert_eq!(read("0001_initial_schema\n"), some("0001_initial_schema"));
    assert_eq!(
        read("INFO  [alembic.runtime.migration] Context impl X.\nINFO  [alembic] Will assume y.\n0002\n"),
        some("0002")
    );
    assert_eq!(read("INFO  [alembic.runtime.migration] Context impl X.\n"), some("base"));
    assert_eq!((read(""), read("nonsense\n")), (some("base"), None));
    // Without anything known a bare word is taken at its word.
    assert_eq!(with("r1\n", &Lineage::default()), some("r1"));
    assert_eq!(with("it went wrong\n", &Lineage::default()), some("base"));
    // Every line counts, not the last.
    let several =
        "INFO  [alembic] Context impl PostgresqlImpl.\nb3 (orders) (head)\na2\nm4 (effective head) (mergepoint)\n";
    assert_eq!(with(several, &Lineage::straight(["a2"])), some("a2, b3, m4"));
    let verbose = "Current revision(s) for postgresql://app:***@db/hub:\nRev: b3 (head)\nParent: b2\nPath: versions/b3.py\n\n    \
                   a2\n    \n    Revision ID: b3\n\nRev: a3 (head) (mergepoint)\nMerges: a1, a2\n";
    assert_eq!(with(verbose, &Lineage::default()), some("a3, b3"));
}

#[test]
fn sqlx_reports_every_file() {
    let sqlx = |output| at(MigratorKind::Sqlx, "sqlx migrate", output);
    assert_eq!(sqlx("20260101/installed lots\n20260201/pending wip\n"), some("20260101"));
    assert_eq!(
        (sqlx("20260101/pending lots\n"), sqlx(""), sqlx("error: no database\n")),
        (some("base"), some("base"), None)
    );
    assert_eq!(sqlx("1/installed a\n2/pending late\n3/installed c\n4/pending d\n"), some("3 without 2"));
    let changed =
        "1/installed (different checksum) a\napplied migration had checksum ab\nlocal migration has checksum   cd\n";
    let reported = reported(MigratorKind::Sqlx, "sqlx migrate", changed).unwrap();
    assert_eq!((reported.standing.to_string(), reported.refused.len()), ("1".into(), 1));
    assert!(reported.refused[0].starts_with("1 was changed"));
}

#[test]
fn dbmate_reports_every_file() {
    let dbmate = |output| at(MigratorKind::Dbmate, "dbmate", output);
    assert_eq!(dbmate("[X] 20260101_lots.sql\n[ ] 20260201_wip.sql\n\nApplied: 1\nPending: 1\n"), some("20260101"));
    assert_eq!((dbmate("Applied: 0\nPending: 0\n"), dbmate("Error: dial tcp")), (some("base"), None));
    let late = "[X] 20260101_lots.sql\n[ ] 20260115_late.sql\n[X] 20260201_wip.sql\n\nApplied: 2\nPending: 1\n";
    assert_eq!(dbmate(late), some("20260201 without 20260115"));
    let reported = reported(MigratorKind::Dbmate, "dbmate", late).unwrap();
    assert_eq!(reported.lineage.pending(&reported.standing, "head").unwrap(), ["20260115"]);
}

#[test]
fn flyway_reports_a_table() {
    let flyway = |output| at(MigratorKind::Flyway, "flyway", output);
    assert_eq!(flyway("Schema version: 1.2\n+---+\n"), some("1.2"));
    assert_eq!(flyway("Schema version: << Empty Schema >>\n"), some("base"));
    assert_eq!(flyway("ERROR: Unable to connect"), None);
    let table = "Flyway OSS Edition 10.18.0 by Redgate\nSchema version: 3\n\
        +------------+---------+-------------+----------+---------------------+--------------------+----------+\n\
        | Category   | Version | Description | Type     | Installed On        | State              | Undoable |\n\
        +------------+---------+-------------+----------+---------------------+--------------------+----------+\n\
        |            | 1       | << Base >>  | BASELINE | 2026-01-01 10:00:00 | Baseline           | No       |\n\
        | Versioned  | 1.5     | merged late | SQL      |                     | Ignored            | No       |\n\
        | Versioned  | 2       | second      | SQL      | 2026-01-02 10:00:00 | Missing            | No       |\n\
        | Versioned  | 3       | third       | SQL      | 2026-01-03 10:00:00 | Success            | No       |\n\
        | Versioned  | 4       | fourth      | SQL      | 2026-01-03 10:00:00 | Failed             | No       |\n\
        | Repeatable |         | views       | SQL      |                     | Pending            |          |\n\
        +------------+---------+-------------+----------+---------------------+--------------------+----------+\n";
    let reported = reported(MigratorKind::Flyway, "flyway", table).unwrap();
    assert_eq!(reported.standing.to_string(), "3 without 1.5");
    assert_eq!(reported.refused.len(), 3, "{:?}", reported.refused);
    assert_eq!(reported.lineage.ids().collect::<Vec<_>>(), ["1", "1.5", "2", "3", "4"]);
}

#[test]
fn a_command_of_its_own_reports_in_its_last_line() {
    let mut migrator = Migrator::new(MigratorKind::Command, "make migrate", Vec::new());
    migrator.current = Some("make revision".into());
    let read =
        |output: &str| read(&migrator, &Lineage::default(), output).map(|reported| reported.standing.to_string());
    assert_eq!(read("make[1]: entering\n42 (lots)\n"), some("42"));
    assert_eq!(read("\n"), some("base"));
}

#[test]
fn heads_are_those_that_are_marked() {
    let plain = "INFO  [x] y\na1 (head)\nb2 (effective head)\nc3 (feature) (head)\n";
    assert_eq!(heads(plain), ["a1", "b2", "c3"]);
    assert_eq!(heads("Rev: a1 (head)\nParent: a0\nPath: a1.py\n\nRev: b2 (head) (mergepoint)\n"), ["a1", "b2"]);
    assert!(heads("base -> a1, x").is_empty());
}

#[test]
fn revisions_that_differ_are_reported_in_words() {
    let listed = ["0001", "0002"].map(|id| Revision { id: id.into(), title: String::new() });
    let found = |ids: &[&str]| difference(&listed, &Lineage::straight(ids.iter().copied()));
    assert_eq!(found(&["0001_x", "0002_y"]), None);
    assert_eq!(found(&["0001"]).unwrap(), "the migrator lacks 0002");
    assert_eq!(
        found(&["0001", "0003"]).unwrap(),
        "the migrator has 0003, which the checklist does not expect; the migrator lacks 0002"
    );
    assert!(found(&["0002", "0001"]).unwrap().contains("another order"));
    let branches = Lineage::of_history("a -> b (head), x\na -> c (head), y\n<base> -> a (branchpoint), z").unwrap();
    let listed = ["a", "c", "b"].map(|id| Revision { id: id.into(), title: String::new() });
    assert_eq!(difference(&listed, &branches), None);
}
