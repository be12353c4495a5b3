//! Statements against a catalog made by hand; no server is asked. Longer than 400 lines for its tables of cases.

mod hidden;

use super::super::act::Mode;
use super::super::catalog::{Catalog, Column, Constraint, Index, Relation};
use super::super::finding::{Finding, Severity};
use super::super::moment::{Client, Disk, Lock, Prepared, Session, Slot};
use super::super::question::{Answer, Purpose, Reply};
use super::super::statement::{Wrapping, read, read_from};
use super::super::{probes, settle};
use super::{WorkKind, evaluate};
use proptest::prelude::*;
use rstest::rstest;
use std::time::Duration;

fn column(name: &str, type_name: &str) -> Column {
    Column {
        name: name.into(),
        type_name: type_name.into(),
        not_null: name == "id",
        has_default: false,
        generated: false,
    }
}

fn table(name: &str, columns: &[(&str, &str)]) -> Relation {
    Relation {
        schema: "public".into(),
        name: name.into(),
        kind: "r".into(),
        rows: 1_000_000.0,
        bytes: 100_000_000,
        columns: columns.iter().map(|(name, type_name)| column(name, type_name)).collect(),
        ..Relation::default()
    }
}

fn constraint(name: &str, kind: &str, columns: &[&str]) -> Constraint {
    Constraint {
        name: name.into(),
        kind: kind.into(),
        columns: columns.iter().map(|name| (*name).to_owned()).collect(),
        validated: true,
        references_schema: None,
        references: None,
        referred: Vec::new(),
        acts: false,
        says_not_null: None,
    }
}

fn index(table: &str, name: &str, column: &str) -> Relation {
    let index = Index {
        table: table.into(),
        columns: vec![Some(column.into())],
        unique: false,
        primary: false,
        valid: true,
        partial: false,
        method: "btree".into(),
    };
    Relation { schema: "public".into(), name: name.into(), kind: "i".into(), index: Some(index), ..Relation::default() }
}

/// `lots` and `serials`, a million rows each.
fn catalog() -> Catalog {
    let mut catalog = Catalog::default();
    catalog.server.version = 150_018;
    catalog.server.search_path = vec!["public".into()];
    catalog.server.time_zone = "Etc/UTC".into();
    catalog.server.sees_others = true;
    catalog.schemas.insert("public".into());
    catalog.moment.disk = Disk::Free(1 << 40);
    catalog.casts.insert(("integer".into(), "bigint".into()));
    catalog.casts.insert(("timestamp without time zone".into(), "timestamp with time zone".into()));
    for function in ["gen_random_uuid", "nextval", "reach_out"] {
        catalog.volatile_functions.insert(function.into());
    }
    let mut lots = table(
        "lots",
        &[
            ("id", "integer"),
            ("code", "character varying(20)"),
            ("made", "timestamp without time zone"),
            ("checked", "text"),
        ],
    );
    lots.constraints.push(constraint("lots_pkey", "p", &["id"]));
    let said = Constraint { says_not_null: Some("checked".into()), ..constraint("lots_checked", "c", &["checked"]) };
    lots.constraints.push(said);
    let mut serials = table("serials", &[("id", "integer"), ("lot_id", "integer"), ("number", "numeric(10,2)")]);
    serials.constraints.push(constraint("serials_pkey", "p", &["id"]));
    catalog.relations = vec![lots, serials, index("lots", "lots_pkey", "id"), index("lots", "lots_code", "code")];
    catalog
}

/// What a chain comes to when every question is answered with one number.
fn with_answer(sql: &str, catalog: &Catalog, reply: &Reply) -> Vec<Finding> {
    let statements = read(sql);
    let mut evaluation = evaluate(&statements, catalog);
    probes::add(&mut evaluation, catalog);
    let answer = |purpose: &Purpose| {
        let reply =
            if matches!(purpose, Purpose::Breaks(_)) { reply.clone() } else { Reply::Row(vec![Some(1_000_000)]) };
        Answer { reply, took: Duration::from_millis(500), counted: None }
    };
    let answers: Vec<Answer> = evaluation.questions.iter().map(|question| answer(&question.purpose)).collect();
    settle(&statements, &evaluation, catalog, &answers).findings
}

fn severities(sql: &str, rows: i64) -> Vec<Severity> {
    let failing = [Severity::WillFail, Severity::MayFail, Severity::Inconclusive];
    let found = with_answer(sql, &catalog(), &Reply::Row(vec![Some(rows)]));
    found.into_iter().map(|finding| finding.severity).filter(|severity| failing.contains(severity)).collect()
}

#[rstest]
#[case::not_null_column("ALTER TABLE lots ADD COLUMN a int NOT NULL")]
#[case::set_not_null("ALTER TABLE lots ALTER COLUMN code SET NOT NULL")]
#[case::unique_index("CREATE UNIQUE INDEX i ON lots (code)")]
#[case::unique_constraint("ALTER TABLE lots ADD CONSTRAINT u UNIQUE (code, made)")]
#[case::check("ALTER TABLE lots ADD CONSTRAINT c CHECK (length(code) > 3)")]
#[case::foreign_key("ALTER TABLE serials ADD CONSTRAINT f FOREIGN KEY (lot_id) REFERENCES lots")]
#[case::too_long("ALTER TABLE lots ALTER COLUMN code TYPE varchar(5)")]
#[case::schema_and_quotes("ALTER TABLE \"public\".\"lots\" ALTER COLUMN \"code\" SET NOT NULL")]
fn rows_in_the_way_fail_and_no_rows_do_not(#[case] sql: &str) {
    assert_eq!(severities(sql, 7), [Severity::WillFail]);
    assert_eq!(severities(sql, 0), []);
}

#[rstest]
#[case::filled_before("UPDATE lots SET code = 'x' WHERE code IS NULL; ALTER TABLE lots ALTER COLUMN code SET NOT NULL")]
#[case::rows_deleted_before("DELETE FROM lots WHERE id > 3; ALTER TABLE lots ADD COLUMN a int NOT NULL")]
#[case::column_made_before("ALTER TABLE lots ADD COLUMN a int; CREATE UNIQUE INDEX i ON lots (a)")]
#[case::column_renamed_before(
    "ALTER TABLE lots RENAME COLUMN code TO label; ALTER TABLE lots ALTER COLUMN label SET NOT NULL"
)]
#[case::partner_changed_before(
    "DELETE FROM lots WHERE id = 1; ALTER TABLE serials ADD FOREIGN KEY (lot_id) REFERENCES lots (id)"
)]
fn what_earlier_statements_touch_only_may_fail(#[case] sql: &str) {
    assert_eq!(severities(sql, 7), [Severity::MayFail]);
    assert_eq!(severities(sql, 0), []);
}

#[rstest]
#[case::another_column("UPDATE lots SET made = now(); ALTER TABLE lots ALTER COLUMN code SET NOT NULL")]
#[case::another_table("DELETE FROM serials; ALTER TABLE lots ALTER COLUMN code SET NOT NULL")]
#[case::column_added("ALTER TABLE lots ADD COLUMN a int; ALTER TABLE lots ALTER COLUMN code SET NOT NULL")]
fn what_earlier_statements_leave_alone_stays_certain(#[case] sql: &str) {
    assert_eq!(severities(sql, 7), [Severity::WillFail]);
}

#[rstest]
#[case("CREATE TABLE lots (id int)", "table lots cannot be made")]
#[case("CREATE INDEX lots_code ON serials (id)", "index lots_code cannot be made: an index")]
#[case("ALTER TABLE lots ADD COLUMN code text", "has a column code already")]
#[case("ALTER TABLE lots DROP COLUMN nothing", "has no column nothing")]
#[case("ALTER TABLE lots ADD CONSTRAINT lots_checked CHECK (id > 0)", "has a constraint lots_checked already")]
#[case("ALTER TABLE lots DROP CONSTRAINT nothing", "has no constraint nothing")]
#[case("UPDATE nothing SET a = 1", "there is no table nothing")]
#[case("UPDATE lots SET nothing = 1", "has no column nothing")]
#[case("ALTER TABLE lots RENAME TO serials", "table serials cannot be made")]
#[case("ALTER TABLE lots ALTER COLUMN code TYPE integer", "cannot be turned from character varying(20)")]
#[case("ALTER TABLE serials ADD FOREIGN KEY (lot_id) REFERENCES lots (code)", "no unique constraint of lots fits")]
#[case("BEGIN; CREATE INDEX CONCURRENTLY i ON lots (made); COMMIT", "cannot run inside a transaction")]
#[case("BEGIN; DROP INDEX CONCURRENTLY lots_code; COMMIT", "cannot run inside a transaction")]
#[case("BEGIN; VACUUM FULL lots; COMMIT", "cannot run inside a transaction")]
#[case("DROP INDEX lots_pkey", "constraint lots_pkey of lots needs it")]
#[case("DROP TYPE mood", "there is no type mood")]
fn what_the_catalog_reports_fails_for_certain(#[case] sql: &str, #[case] expected: &str) {
    let found = with_answer(sql, &catalog(), &Reply::Row(vec![Some(0)]));
    let will: Vec<&Finding> = found.iter().filter(|finding| finding.severity == Severity::WillFail).collect();
    assert_eq!(will.len(), 1, "{found:#?}");
    assert!(will[0].what.contains(expected), "{}", will[0].what);
}

#[rstest]
#[case("CREATE TABLE IF NOT EXISTS lots (id int)")]
#[case("CREATE INDEX IF NOT EXISTS lots_code ON lots (code)")]
#[case("ALTER TABLE lots ADD COLUMN IF NOT EXISTS code text")]
#[case("DROP TABLE IF EXISTS nothing")]
#[case("DROP INDEX IF EXISTS nothing")]
#[case("ALTER TABLE lots DROP CONSTRAINT IF EXISTS nothing")]
#[case("CREATE INDEX CONCURRENTLY i ON lots (made)")]
#[case("DROP TABLE serials; CREATE TABLE serials (id int)")]
#[case("ALTER TABLE lots DROP CONSTRAINT lots_checked; ALTER TABLE lots ADD CONSTRAINT lots_checked CHECK (id > 0)")]
#[case("ALTER TABLE lots DROP COLUMN code; ALTER TABLE lots ADD COLUMN code int")]
#[case("CREATE TABLE n (id int PRIMARY KEY, lot int REFERENCES lots (id)); CREATE INDEX n_lot ON n (lot)")]
#[case("CREATE TABLE n (id serial); ALTER TABLE n ADD COLUMN must int NOT NULL")]
#[case(
    "CREATE TYPE mood AS ENUM ('a'); ALTER TABLE lots ADD COLUMN m mood; ALTER TABLE lots DROP COLUMN m; DROP TYPE mood"
)]
fn what_is_fine_is_not_accused(#[case] sql: &str) {
    assert_eq!(severities(sql, 0), [], "{sql}");
}

#[rstest]
#[case("ALTER TABLE lots ADD COLUMN a int", Mode::AccessExclusive, WorkKind::Instant)]
#[case("ALTER TABLE lots ADD COLUMN a timestamptz DEFAULT now()", Mode::AccessExclusive, WorkKind::Instant)]
#[case("ALTER TABLE lots ADD COLUMN a uuid DEFAULT gen_random_uuid()", Mode::AccessExclusive, WorkKind::Rewrite)]
#[case("ALTER TABLE lots ADD COLUMN a serial", Mode::AccessExclusive, WorkKind::Rewrite)]
#[case("ALTER TABLE lots ALTER COLUMN code SET NOT NULL", Mode::AccessExclusive, WorkKind::Scan)]
#[case::check_stands("ALTER TABLE lots ALTER COLUMN checked SET NOT NULL", Mode::AccessExclusive, WorkKind::Instant)]
#[case("ALTER TABLE lots ALTER COLUMN code TYPE varchar(50)", Mode::AccessExclusive, WorkKind::Instant)]
#[case("ALTER TABLE lots ALTER COLUMN id TYPE bigint", Mode::AccessExclusive, WorkKind::Rewrite)]
#[case("ALTER TABLE lots ALTER COLUMN made TYPE timestamptz", Mode::AccessExclusive, WorkKind::Instant)]
#[case(
    "ALTER TABLE lots ALTER COLUMN made TYPE timestamptz USING made AT TIME ZONE 'UTC'",
    Mode::AccessExclusive,
    WorkKind::Rewrite
)]
#[case("CREATE INDEX i ON lots (made)", Mode::Share, WorkKind::BuildIndex { parts: 1, gin: false })]
#[case(
    "CREATE INDEX CONCURRENTLY i ON lots (made)",
    Mode::ShareUpdateExclusive,
    WorkKind::BuildIndex { parts: 1, gin: false }
)]
#[case("ALTER TABLE lots ADD CONSTRAINT c CHECK (id > 0)", Mode::AccessExclusive, WorkKind::Scan)]
#[case("ALTER TABLE lots ADD CONSTRAINT c CHECK (id > 0) NOT VALID", Mode::AccessExclusive, WorkKind::Instant)]
#[case("ALTER TABLE lots VALIDATE CONSTRAINT lots_checked", Mode::ShareUpdateExclusive, WorkKind::Scan)]
#[case("ALTER TABLE serials ADD FOREIGN KEY (lot_id) REFERENCES lots (id)", Mode::ShareRowExclusive, WorkKind::Lookup)]
#[case("UPDATE lots SET code = 'x'", Mode::RowExclusive, WorkKind::Change)]
#[case("TRUNCATE lots", Mode::AccessExclusive, WorkKind::Instant)]
#[case("DROP INDEX lots_code", Mode::AccessExclusive, WorkKind::Instant)]
#[case("VACUUM FULL lots", Mode::AccessExclusive, WorkKind::Rewrite)]
#[case("LOCK TABLE lots IN SHARE MODE", Mode::Share, WorkKind::Instant)]
fn each_statement_takes_its_lock_and_does_its_work(#[case] sql: &str, #[case] mode: Mode, #[case] kind: WorkKind) {
    let evaluation = evaluate(&read(sql), &catalog());
    let work = evaluation.works.first().unwrap_or_else(|| panic!("{sql}: {:#?}", evaluation.findings));
    assert_eq!((work.mode, work.kind), (mode, kind), "{}", work.words);
}

#[test]
fn a_foreign_key_locks_both_tables() {
    let evaluation = evaluate(&read("ALTER TABLE serials ADD FOREIGN KEY (lot_id) REFERENCES lots (id)"), &catalog());
    let tables: Vec<&str> = evaluation.works.iter().map(|work| work.table.1.as_str()).collect();
    assert_eq!(tables, ["serials", "lots"]);
}

#[test]
fn what_the_server_does_not_answer_is_inconclusive_and_says_why() {
    let sql = "ALTER TABLE lots ALTER COLUMN code SET NOT NULL";
    for (reply, expected) in [
        (Reply::TimedOut(Duration::from_secs(10)), "not answered within 10 s"),
        (Reply::Locked, "somebody holds a lock"),
        (Reply::Broken("permission denied for table lots".into()), "permission denied"),
    ] {
        let found = with_answer(sql, &catalog(), &reply);
        let unclear: Vec<&Finding> = found.iter().filter(|f| f.severity == Severity::Inconclusive).collect();
        assert!(unclear.iter().any(|finding| finding.what.contains(expected)), "{unclear:#?}");
        assert!(found.iter().all(|finding| finding.severity > Severity::MayFail), "{found:#?}");
    }
}

#[test]
fn a_cast_that_the_server_refuses_fails_in_its_words() {
    let sql = "ALTER TABLE serials ALTER COLUMN lot_id TYPE uuid USING lot_id::text::uuid";
    let found = with_answer(sql, &catalog(), &Reply::Values("invalid input syntax for type uuid: \"5\"".into()));
    assert_eq!(found[0].severity, Severity::WillFail);
    assert!(found[0].what.contains("invalid input syntax for type uuid"), "{}", found[0].what);
}

#[test]
fn nothing_that_may_do_more_than_read_is_tried() {
    let sql = "ALTER TABLE lots ADD CONSTRAINT c CHECK (reach_out(code))";
    let evaluation = evaluate(&read(sql), &catalog());
    assert!(evaluation.questions.is_empty(), "{:#?}", evaluation.questions);
    assert!(evaluation.findings.iter().any(|f| f.what.contains("reach_out()") && f.severity == Severity::Inconclusive));
}

#[test]
fn a_revision_that_could_not_be_read_makes_the_rest_uncertain() {
    let mut statements = read_from("ALTER TABLE lots ADD COLUMN code int;", Some("1"), Wrapping::EachRevision);
    statements.push(super::super::Statement::missing("2", 2, "revision 2 reads the database".into()));
    statements.extend(read_from("ALTER TABLE serials ADD COLUMN id int;", Some("3"), Wrapping::EachRevision));
    let found = evaluate(&statements, &catalog()).findings;
    let reported: Vec<(Severity, Option<&str>)> = found
        .iter()
        .map(|finding| (finding.severity, finding.revision.as_deref()))
        .filter(|(s, _)| *s != Severity::WillLock)
        .collect();
    assert_eq!(
        reported,
        [(Severity::WillFail, Some("1")), (Severity::Inconclusive, Some("2")), (Severity::MayFail, Some("3")),]
    );
}

#[test]
fn revisions_in_one_transaction_keep_their_locks_to_the_end() {
    let sql = "BEGIN;\n-- Running upgrade 1 -> 2\nALTER TABLE lots ADD COLUMN a int;\n\
               -- Running upgrade 2 -> 3\nCREATE INDEX i ON serials (number);\nCOMMIT;\n";
    let statements = read(sql);
    let evaluation = evaluate(&statements, &catalog());
    let completed = settle(&statements, &evaluation, &catalog(), &[]);
    let lots = completed.holds.iter().find(|hold| hold.table == "lots").unwrap();
    let serials = completed.holds.iter().find(|hold| hold.table == "serials").unwrap();
    assert!(lots.seconds > serials.seconds && serials.seconds > 0.5, "{:#?}", completed.holds);
    assert_eq!((lots.line, lots.until, lots.mode), (3, 6, "AccessExclusiveLock"));
    assert!(completed.findings.iter().any(|finding| finding.what.starts_with("2 revisions share one transaction")));
    let each = sql.replace("-- Running upgrade 2", "COMMIT;\nBEGIN;\n-- Running upgrade 2");
    let statements = read(&each);
    let completed = settle(&statements, &evaluate(&statements, &catalog()), &catalog(), &[]);
    assert!(completed.findings.iter().all(|finding| !finding.what.contains("share one transaction")));
    assert!(completed.holds.iter().find(|hold| hold.table == "lots").unwrap().seconds < 0.1);
}

#[rstest]
#[case("SET lock_timeout = '3s'; ALTER TABLE lots ADD COLUMN a int", false)]
#[case("ALTER TABLE lots ADD COLUMN a int", true)]
#[case("SET lock_timeout = 0; ALTER TABLE lots ADD COLUMN a int", true)]
#[case("CREATE TABLE fresh (id int)", false)]
fn locks_without_a_limit_are_reported(#[case] sql: &str, #[case] expected: bool) {
    let found = evaluate(&read(sql), &catalog()).findings;
    assert_eq!(found.iter().any(|finding| finding.what.contains("no lock_timeout")), expected);
}

#[rstest]
#[case("DROP TABLE lots", true)]
#[case("ALTER TABLE lots DROP COLUMN code", true)]
#[case("TRUNCATE lots", true)]
#[case("DELETE FROM lots WHERE id < 5", true)]
#[case("UPDATE lots SET code = 'x'", true)]
#[case("ALTER TABLE serials ALTER COLUMN number TYPE integer USING number::integer", true)]
#[case("ALTER TABLE lots ADD COLUMN a int; UPDATE lots SET a = 1; ALTER TABLE lots DROP COLUMN a", false)]
#[case("CREATE TABLE n (id int); DROP TABLE n", false)]
#[case("ALTER TABLE lots ALTER COLUMN id TYPE bigint", false)]
fn what_loses_data_has_no_rollback(#[case] sql: &str, #[case] expected: bool) {
    let losing = |rows| {
        let found = with_answer(sql, &catalog(), &Reply::Row(vec![Some(rows)]));
        found.iter().any(|finding| finding.severity == Severity::Irreversible)
    };
    assert_eq!(losing(5), expected);
    assert!(!losing(0), "nothing is lost where nothing is");
}

#[test]
fn dangers_of_the_moment_are_reported() {
    let mut catalog = catalog();
    let session = |application: &str, transaction_s, wraparound| Session {
        pid: 7,
        application: application.into(),
        transaction_s: Some(transaction_s),
        wraparound: Some(wraparound),
        here: Some(true),
        ..Session::default()
    };
    catalog.moment.sessions = vec![
        session("pg_dump", 5.0, false),
        session("report", 600.0, false),
        session("", 900.0, true),
        session("app", 2.0, false),
    ];
    let lock = |mode: &str| Lock {
        pid: 9,
        schema: "public".into(),
        table: "lots".into(),
        mode: mode.into(),
        granted: true,
        application: "psql".into(),
    };
    catalog.moment.locks = vec![lock("AccessShareLock"), lock("ShareLock")];
    catalog.moment.prepared = vec![Prepared { gid: "two phases".into(), age_s: 100.0 }];
    catalog.moment.slots = vec![
        Slot { name: "near".into(), active: true, behind: 1000 },
        Slot { name: "far".into(), active: false, behind: 5 << 30 },
    ];
    catalog.moment.disk = Disk::Free(150_000_000);
    catalog.moment.client = Client::Major(14);
    let found = with_answer("ALTER TABLE lots ALTER COLUMN id TYPE bigint", &catalog, &Reply::Row(vec![Some(0)]));
    let reported: Vec<&str> =
        found.iter().filter(|f| f.severity == Severity::Hazard).map(|finding| finding.what.as_str()).collect();
    for expected in [
        "a dump runs",
        "report (7) has had a transaction open for 10 min",
        "a vacuum against wraparound",
        "psql (9) holds ShareLock on lots",
        "1 prepared transaction stand",
        "replication slot far is 5.4 GB behind (nobody reads it)",
        "150 MB are free, and the rewrite of lots (100 MB) needs 220 MB",
        "pg_dump is of PostgreSQL 14",
    ] {
        assert!(reported.iter().any(|what| what.contains(expected)), "{expected}: {reported:#?}");
    }
    assert_eq!(reported.len(), 8, "{reported:#?}");
    catalog.server.in_recovery = true;
    let found = with_answer("SELECT 1", &catalog, &Reply::Row(vec![Some(0)]));
    assert_eq!(found[0].severity, Severity::WillFail);
}

proptest! {
    /// Whatever text comes, every statement of it is read or said to be unread, and evaluating ends.
    #[test]
    fn no_text_makes_it_panic(text in "[-a-zA-Z0-9_ ;'\"$(),.*=\\\\\n/]{0,200}") {
        let evaluation = evaluate(&read(&text), &catalog());
        prop_assert!(evaluation.works.len() < 1000);
    }

    #[test]
    fn no_order_of_statements_makes_it_panic(order in proptest::collection::vec(0_usize..12, 0..12)) {
        const SOME: [&str; 12] = [
            "BEGIN", "COMMIT", "DROP TABLE lots", "CREATE TABLE lots (id int)", "ALTER TABLE lots RENAME TO serials",
            "ALTER TABLE lots DROP COLUMN code", "ALTER TABLE lots ADD COLUMN code text", "UPDATE lots SET code = 'x' FROM serials",
            "DELETE FROM lots", "CREATE UNIQUE INDEX i ON lots (code)", "DROP INDEX i", "ALTER TABLE lots ALTER code TYPE text",
        ];
        let text: Vec<&str> = order.iter().map(|at| SOME[*at]).collect();
        let statements = read(&text.join(";\n"));
        let evaluation = evaluate(&statements, &catalog());
        let completed = settle(&statements, &evaluation, &catalog(), &[]);
        prop_assert!(completed.holds.iter().all(|hold| hold.seconds >= 0.0));
    }
}

/// The first statement that a chain works on, so many times over.
fn updates(count: usize) -> String {
    let update = |n: usize| format!("UPDATE lots SET code = 'new-{n}' WHERE code = 'old-{n}';");
    let all: String = (0..count).map(update).collect();
    format!("{all}ALTER TABLE lots ALTER COLUMN code SET NOT NULL;")
}

#[test]
fn questions_grow_no_faster_than_the_chain_and_end_at_a_bound() {
    let longest = |sql: &str| {
        let evaluation = evaluate(&read(sql), &catalog());
        evaluation.questions.iter().map(|question| question.sql.len()).max().unwrap_or(0)
    };
    let (ten, twenty) = (longest(&updates(10)), longest(&updates(20)));
    assert!(twenty < 2 * ten + 500, "{ten} bytes of ten, {twenty} of twenty");
    assert!(longest(&updates(200)) < 2 * 64 * 1024);
    // Two tables that are each filled from the other double the text with every statement.
    let pair = "UPDATE lots SET code = (SELECT max(number::text) FROM serials);
                UPDATE serials SET number = (SELECT count(code) FROM lots);";
    assert!(longest(&pair.repeat(60)) < 4 * 64 * 1024);
    // Every layer is fenced: the server must not put one expression into the next.
    let evaluation = evaluate(&read(&updates(20)), &catalog());
    let last = evaluation.questions.iter().rev().find(|q| q.sql.contains("IS NULL")).unwrap();
    assert_eq!(last.sql.matches(" OFFSET 0").count(), 20, "{}", last.sql);
}

#[test]
fn what_is_not_worked_out_is_inconclusive() {
    assert_eq!(severities(&updates(20), 0), []);
    assert_eq!(severities(&updates(40), 0), [Severity::Inconclusive]);
}

#[rstest]
#[case::inserted("INSERT INTO lots (id) VALUES (1); ALTER TABLE lots ALTER COLUMN code SET NOT NULL")]
#[case::copied("COPY lots FROM STDIN;\n\\.\nALTER TABLE lots ALTER COLUMN code SET NOT NULL")]
#[case::made_and_filled(
    "CREATE TABLE n (a int); INSERT INTO n VALUES (NULL); ALTER TABLE n ALTER COLUMN a SET NOT NULL"
)]
#[case::made_from_a_query("CREATE TABLE n AS SELECT id AS a FROM lots; ALTER TABLE n ALTER COLUMN a SET NOT NULL")]
#[case::volatile("UPDATE lots SET code = reach_out(); ALTER TABLE lots ALTER COLUMN code SET NOT NULL")]
#[case::schema_in_a_subquery(
    "UPDATE serials SET lot_id = NULL; ALTER TABLE lots ADD CONSTRAINT c CHECK (id > (SELECT max(lot_id) FROM public.serials))"
)]
#[case::own_function(
    "CREATE OR REPLACE FUNCTION fine(t text) RETURNS bool LANGUAGE sql AS 'SELECT true'; ALTER TABLE lots ADD CONSTRAINT c CHECK (fine(code))"
)]
#[case::enum_value("ALTER TYPE lots ADD VALUE 'held'; ALTER TABLE lots ADD CONSTRAINT c CHECK (code <> 'held')")]
fn what_no_question_sees_is_never_certain(#[case] sql: &str) {
    let mut catalog = catalog();
    catalog.types.insert(("public".into(), "lots".into()));
    for reply in [Reply::Row(vec![Some(0)]), Reply::Values("invalid input value for enum".into())] {
        let found = with_answer(sql, &catalog, &reply);
        let worst = found.iter().map(|finding| finding.severity).min();
        let unclear = found.iter().any(|finding| finding.severity == Severity::Inconclusive);
        assert!(unclear && worst != Some(Severity::WillFail), "{found:#?}");
    }
}

#[rstest]
#[case("INSERT INTO lots (id) VALUES (1)")]
#[case("INSERT INTO lots SELECT * FROM lots")]
#[case("UPDATE lots SET id = 7")]
#[case("UPDATE lots SET code = (1 / (id - 3))::text")]
#[case("UPDATE lots SET code = 'x' WHERE 10 % id = 1")]
#[case("UPDATE lots SET checked = 'x'")]
#[case("DELETE FROM lots")]
#[case("DELETE FROM serials WHERE 1 / id = 0")]
#[case("SELECT 1 / (id - 3) FROM lots")]
#[case("CREATE TABLE q AS SELECT 1 / (id - 3) AS n FROM lots")]
#[case("CREATE MATERIALIZED VIEW mv AS SELECT 1 / (id - 3) AS n FROM lots")]
fn rows_that_are_held_against_nothing_are_not_said_to_fit(#[case] sql: &str) {
    let mut catalog = catalog();
    let refers = Constraint {
        references_schema: Some("public".into()),
        references: Some("lots".into()),
        referred: vec!["id".into()],
        ..constraint("serials_lot", "f", &["lot_id"])
    };
    catalog.relations[1].constraints.push(refers);
    let found = with_answer(sql, &catalog, &Reply::Row(vec![Some(0)]));
    assert!(found.iter().any(|finding| finding.severity == Severity::Inconclusive), "{sql}: {found:#?}");
}

#[rstest]
#[case("UPDATE lots SET code = 'x' WHERE code = 'y'")]
#[case("DELETE FROM serials WHERE id = 1")]
#[case("SELECT count(*) FROM lots")]
fn what_no_rule_stands_against_stays_certain(#[case] sql: &str) {
    let found = with_answer(sql, &catalog(), &Reply::Row(vec![Some(0)]));
    assert!(found.iter().all(|finding| finding.severity != Severity::Inconclusive), "{sql}: {found:#?}");
}

#[rstest]
#[case("CREATE TABLE q (id int)", "no right to CREATE on schema public")]
#[case("CREATE VIEW q AS SELECT 1 AS id", "no right to CREATE on schema public")]
#[case("CREATE TYPE q AS ENUM ('a')", "no right to CREATE on schema public")]
#[case("CREATE INDEX i ON lots (code)", "no right to CREATE on schema public")]
#[case("CREATE SCHEMA q", "no right to CREATE on database prod")]
#[case("CREATE EXTENSION postgis", "only a superuser creates extension postgis")]
#[case("ALTER TABLE serials ADD COLUMN state mood", "no right to USAGE on type mood")]
#[case(
    "ALTER TABLE serials ADD CONSTRAINT k FOREIGN KEY (lot_id) REFERENCES lots (id) NOT VALID",
    "no right to REFERENCES on table lots"
)]
#[case("INSERT INTO lots (id) VALUES (1)", "no right to INSERT on table lots")]
#[case("UPDATE lots SET code = 'x'", "no right to UPDATE on table lots")]
#[case("DELETE FROM lots WHERE id = 1", "no right to DELETE on table lots")]
#[case("TRUNCATE lots", "no right to TRUNCATE on table lots")]
#[case("ALTER TABLE serials RENAME TO q", "no right to CREATE on schema public")]
#[case("CREATE FUNCTION q() RETURNS int LANGUAGE sql AS 'select 1'", "no right to CREATE on schema public")]
#[case("ALTER TYPE mood ADD VALUE 'b'", "type mood belongs to another role")]
#[case("ALTER TYPE mood RENAME TO q", "type mood belongs to another role")]
#[case("DROP TYPE mood", "type mood belongs to another role")]
#[case("DROP FUNCTION keep(int)", "function keep belongs to another role")]
#[case("LOCK TABLE lots IN SHARE MODE", "no right to UPDATE on table lots")]
#[case("SELECT id FROM lots FOR UPDATE", "no right to UPDATE on table lots")]
#[case("SELECT id FROM lots", "no right to SELECT on table lots")]
#[case("SELECT pg_reload_conf()", "no right to EXECUTE on function pg_reload_conf")]
#[case("SET session_replication_role = replica", "no right to SET on setting session_replication_role")]
#[case("CREATE TRIGGER t BEFORE INSERT ON lots FOR EACH ROW EXECUTE FUNCTION f()", "no right to TRIGGER on table lots")]
fn what_the_role_may_not_do_is_named(#[case] sql: &str, #[case] said: &str) {
    let mut catalog = catalog();
    catalog.server.database = "prod".into();
    catalog.types.insert(("public".into(), "mood".into()));
    catalog.available_extensions.insert("postgis".into());
    catalog.own_functions.insert("keep".into());
    let has = with_answer(sql, &catalog, &Reply::Row(vec![Some(0)]));
    let of_rights =
        |found: &[Finding]| found.iter().filter(|found| found.what.contains("nvironment connects as")).count();
    assert_eq!(of_rights(&has), 0, "{sql}: {has:#?}");
    catalog.rights.closed_schemas.insert("public".into());
    catalog.rights.refuses_schemas = true;
    catalog.rights.guarded_extensions.insert("postgis".into());
    catalog.rights.guarded_types.insert("mood".into());
    catalog.rights.foreign_types.insert("mood".into());
    catalog.rights.foreign_functions.insert("keep".into());
    catalog.rights.closed_functions.insert("pg_reload_conf".into());
    catalog.rights.guarded_settings.insert("session_replication_role".into());
    for right in ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"] {
        catalog.rights.lacking.insert(("public".into(), "lots".into(), right.into()));
    }
    let lacks = with_answer(sql, &catalog, &Reply::Row(vec![Some(0)]));
    let named = |lacks: &[Finding], severity: Severity| {
        lacks.iter().any(|found| found.severity == severity && found.what.contains(said))
    };
    assert!(named(&lacks, Severity::WillFail), "{sql}: {lacks:#?}");
    // A role that may be another one, or that the chain may have given rights to, leaves it open.
    let after = with_answer(&format!("SET ROLE boss; {sql}"), &catalog, &Reply::Row(vec![Some(0)]));
    assert!(named(&after, Severity::Inconclusive), "{sql}: {after:#?}");
    catalog.rights.other_role = Some("$MIGRATOR_URL names the role boss".into());
    let other = with_answer(sql, &catalog, &Reply::Row(vec![Some(0)]));
    assert!(named(&other, Severity::Inconclusive) && !named(&other, Severity::WillFail), "{sql}: {other:#?}");
}
