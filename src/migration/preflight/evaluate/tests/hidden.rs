//! What the server as it is now cannot know of: nothing that rests on it is certain, and nothing else is taken for uncertain.

use super::*;
use crate::migration::preflight::catalog::ViewUse;

/// [`catalog`] with an enum, a schema with a table of the same name, a view, a partitioned table and functions.
fn rich() -> Catalog {
    let mut catalog = catalog();
    catalog.schemas.insert("app".into());
    catalog.extensions.insert("hstore".into());
    catalog.types.insert(("public".into(), "state".into()));
    for function in ["mend", "looks", "pure"] {
        catalog.own_functions.insert(function.into());
    }
    catalog.volatile_functions.insert("mend".into());
    catalog.looking_functions.extend(["mend".into(), "looks".into()]);
    let mut jobs = table("jobs", &[("id", "integer"), ("state", "state"), ("lot_id", "integer")]);
    jobs.constraints.push(Constraint {
        references_schema: Some("public".into()),
        references: Some("lots".into()),
        referred: vec!["id".into()],
        acts: true,
        ..constraint("jobs_lot", "f", &["lot_id"])
    });
    let mut parts = Relation { kind: "p".into(), ..table("parts", &[("id", "integer"), ("name", "text")]) };
    parts.kin = vec![("public".into(), "parts_old".into())];
    let mut old = table("parts_old", &[("id", "integer"), ("name", "text")]);
    old.kin = vec![("public".into(), "parts".into())];
    let stamped = Relation { triggers: true, ..table("stamped", &[("id", "integer"), ("at", "text")]) };
    let audited = Relation { triggers: true, reaches: true, ..table("audited", &[("id", "integer"), ("at", "text")]) };
    let view = Relation { kind: "v".into(), bytes: 0, ..table("lot_codes", &[("id", "integer"), ("code", "text")]) };
    let named_twice = Relation { schema: "app".into(), ..table("lots", &[("id", "integer"), ("note", "text")]) };
    let index = Relation { kind: "I".into(), ..index("parts", "parts_name", "name") };
    catalog.relations.extend([jobs, parts, old, stamped, audited, view, named_twice, index]);
    let column = Some("code".to_owned());
    catalog.views.push(ViewUse { view: "lot_codes".into(), schema: "public".into(), table: "lots".into(), column });
    catalog
}

fn found(sql: &str, reply: &Reply) -> Vec<Finding> {
    let failing = [Severity::WillFail, Severity::MayFail, Severity::Inconclusive];
    let all = with_answer(sql, &rich(), reply);
    all.into_iter().filter(|finding| failing.contains(&finding.severity)).collect()
}

#[rstest]
#[case::enum_label_renamed(
    "ALTER TYPE state RENAME VALUE 'open' TO 'opened'; ALTER TABLE jobs ADD CONSTRAINT c CHECK (state <> 'opened')"
)]
#[case::old_enum_label(
    "ALTER TYPE state RENAME VALUE 'open' TO 'opened'; CREATE UNIQUE INDEX i ON jobs (id) WHERE state = 'open'"
)]
#[case::type_made_anew(
    "ALTER TYPE state RENAME TO state_old; CREATE TYPE state AS ENUM ('a', 'b'); ALTER TABLE jobs ALTER COLUMN state TYPE \
     state USING state::text::state; DROP TYPE state_old"
)]
#[case::function_replaced("DROP FUNCTION pure(text); ALTER TABLE lots ADD CONSTRAINT c CHECK (pure(code))")]
#[case::function_that_looks("UPDATE serials SET lot_id = 1; ALTER TABLE lots ADD CONSTRAINT c CHECK (looks(code))")]
#[case::block("DO $$ BEGIN PERFORM mend(); END $$; ALTER TABLE lots ALTER COLUMN code SET NOT NULL")]
#[case::call("CALL mend(); ALTER TABLE lots ALTER COLUMN code SET NOT NULL")]
#[case::query_that_mends("SELECT mend(); ALTER TABLE lots ALTER COLUMN code SET NOT NULL")]
#[case::own_block(
    "CREATE FUNCTION fresh() RETURNS void LANGUAGE sql AS 'UPDATE lots SET code = 1'; SELECT fresh(); \
     ALTER TABLE lots ALTER COLUMN code SET NOT NULL"
)]
#[case::trigger_elsewhere("UPDATE audited SET at = 'x'; ALTER TABLE lots ALTER COLUMN code SET NOT NULL")]
#[case::trigger_made(
    "CREATE TRIGGER t AFTER UPDATE ON serials FOR EACH ROW EXECUTE FUNCTION mend(); UPDATE serials SET lot_id = 1; \
     ALTER TABLE lots ALTER COLUMN code SET NOT NULL"
)]
#[case::trigger_on_the_row("UPDATE stamped SET id = 1; ALTER TABLE stamped ALTER COLUMN at SET NOT NULL")]
#[case::rule_made(
    "CREATE RULE r AS ON UPDATE TO serials DO ALSO UPDATE lots SET code = NULL; UPDATE serials SET lot_id = 1; \
     ALTER TABLE lots ALTER COLUMN code SET NOT NULL"
)]
#[case::partition("UPDATE parts_old SET name = 'x'; ALTER TABLE parts ALTER COLUMN name SET NOT NULL")]
#[case::whole_of_partition("DELETE FROM parts; ALTER TABLE parts_old ALTER COLUMN name SET NOT NULL")]
#[case::attached(
    "ALTER TABLE parts ATTACH PARTITION serials FOR VALUES IN (1); ALTER TABLE parts ALTER COLUMN name SET NOT NULL"
)]
#[case::foreign_key_acts("DELETE FROM lots WHERE id = 1; ALTER TABLE jobs ALTER COLUMN lot_id SET NOT NULL")]
#[case::view_on_what_changed(
    "UPDATE lots SET code = 'x'; UPDATE serials SET number = 1 FROM lot_codes v WHERE v.id = serials.lot_id; \
     ALTER TABLE serials ALTER COLUMN number SET NOT NULL"
)]
#[case::view_replaced(
    "CREATE OR REPLACE VIEW lot_codes AS SELECT 1 AS id, 'x' AS code; UPDATE serials SET number = 1 FROM lot_codes v \
     WHERE v.id = serials.lot_id; ALTER TABLE serials ALTER COLUMN number SET NOT NULL"
)]
#[case::table_made_anew(
    "DROP TABLE jobs; CREATE TABLE jobs AS SELECT id FROM lots; UPDATE serials SET number = 1 FROM jobs WHERE jobs.id = \
     serials.id; ALTER TABLE serials ALTER COLUMN number SET NOT NULL"
)]
#[case::temporary_table(
    "CREATE TEMP TABLE fill AS SELECT id FROM lots; UPDATE serials SET number = 1 FROM fill WHERE fill.id = serials.id; \
     DROP TABLE fill; ALTER TABLE serials ALTER COLUMN number SET NOT NULL"
)]
#[case::temporary_table_filled(
    "CREATE TEMPORARY TABLE fill (id int); INSERT INTO fill VALUES (1); UPDATE serials SET number = 1 FROM fill WHERE \
     fill.id = serials.id; ALTER TABLE serials ALTER COLUMN number SET NOT NULL"
)]
#[case::selected_into(
    "SELECT id AS a INTO TEMP fill FROM lots; CREATE UNIQUE INDEX i ON fill (a); ALTER TABLE fill ALTER a SET NOT NULL"
)]
#[case::from_what_is_not_seen(
    "UPDATE lots SET checked = reach_out(); UPDATE lots SET code = checked; ALTER TABLE lots ALTER COLUMN code SET NOT NULL"
)]
#[case::path_unknown("SET search_path = $x; ALTER TABLE lots ALTER COLUMN code SET NOT NULL")]
#[case::unread_maker(
    "INFO [alembic] making it CREATE TABLE brand_new (id int); ALTER TABLE brand_new ADD COLUMN a int"
)]
#[case::unread_extension("do something with hstore; CREATE EXTENSION hstore")]
#[case::schema_dropped("DROP SCHEMA app CASCADE; CREATE TABLE app.lots (id int)")]
#[case::type_dropped_with_columns("DROP TYPE state CASCADE; ALTER TABLE jobs ADD COLUMN state text")]
fn nothing_that_rests_on_what_is_not_read_is_certain(#[case] sql: &str) {
    for reply in [
        Reply::Row(vec![Some(0)]),
        Reply::Row(vec![Some(7)]),
        Reply::Values("invalid input value for enum".into()),
        Reply::Broken("permission denied".into()),
    ] {
        let found = found(sql, &reply);
        assert!(found.iter().all(|finding| finding.severity != Severity::WillFail), "{reply:?}: {found:#?}");
        assert!(!found.is_empty(), "{reply:?}: nothing said");
        let clear = found.iter().all(|finding| finding.severity != Severity::Inconclusive);
        assert!(!(clear && reply == Reply::Row(vec![Some(0)])), "{reply:?}: {found:#?}");
    }
}

#[rstest]
#[case::value_of_another_enum("ALTER TYPE state ADD VALUE 'held'; ALTER TABLE lots ALTER COLUMN code SET NOT NULL")]
#[case::trigger_that_stays_in_its_row("UPDATE stamped SET id = 1; ALTER TABLE lots ALTER COLUMN code SET NOT NULL")]
#[case::function_nobody_calls(
    "CREATE FUNCTION fresh() RETURNS int LANGUAGE sql AS 'SELECT 1'; ALTER TABLE lots ALTER COLUMN code SET NOT NULL"
)]
#[case::path_of_another_schema("SET search_path TO app; ALTER TABLE lots ALTER COLUMN note SET NOT NULL")]
#[case::path_of_one_transaction(
    "BEGIN; SET LOCAL search_path = app; ALTER TABLE lots ADD COLUMN x int; COMMIT; BEGIN; ALTER TABLE lots ALTER COLUMN code SET NOT NULL; COMMIT"
)]
#[case::path_by_function(
    "SELECT set_config('search_path', 'app', false); ALTER TABLE lots ALTER COLUMN note SET NOT NULL"
)]
#[case::path_and_back(
    "SET search_path = app; SET search_path = DEFAULT; ALTER TABLE lots ALTER COLUMN code SET NOT NULL"
)]
#[case::temporary_table_beside(
    "CREATE TEMP TABLE t (id int); INSERT INTO t VALUES (1); DROP TABLE t; ALTER TABLE lots ALTER COLUMN code SET NOT NULL"
)]
fn what_does_not_rest_on_it_stays_certain(#[case] sql: &str) {
    let severities = |rows| found(sql, &Reply::Row(vec![Some(rows)])).iter().map(|f| f.severity).collect::<Vec<_>>();
    assert_eq!(severities(7), [Severity::WillFail], "{:#?}", found(sql, &Reply::Row(vec![Some(7)])));
    assert_eq!(severities(0), [], "{:#?}", found(sql, &Reply::Row(vec![Some(0)])));
}

#[rstest]
#[case::view_goes_along("DROP TABLE lots CASCADE; CREATE VIEW lot_codes AS SELECT 1 AS id")]
#[case::view_goes_with_the_column("ALTER TABLE lots DROP COLUMN code CASCADE; CREATE VIEW lot_codes AS SELECT 1 AS id")]
#[case::foreign_key_goes_along("DROP TABLE lots CASCADE; CREATE TABLE lots (id int); DROP TABLE lots")]
#[case::type_renamed("ALTER TYPE state RENAME TO condition; ALTER TYPE condition ADD VALUE 'held'")]
#[case::temporary_twice("CREATE TEMP TABLE t (id int); CREATE TEMP TABLE t (id int)")]
fn what_goes_along_is_known_to_be_gone(#[case] sql: &str) {
    let found = found(sql, &Reply::Row(vec![Some(0)]));
    assert!(found.iter().all(|finding| finding.severity == Severity::Inconclusive), "{found:#?}");
    assert!(found.is_empty(), "{found:#?}");
}

#[rstest]
#[case("CREATE INDEX CONCURRENTLY i ON parts (id)", "CREATE INDEX CONCURRENTLY")]
#[case("DROP INDEX CONCURRENTLY parts_name", "DROP INDEX CONCURRENTLY")]
#[case("ALTER TABLE parts ADD FOREIGN KEY (id) REFERENCES lots (id) NOT VALID", "NOT VALID")]
fn what_a_partitioned_table_refuses_fails(#[case] sql: &str, #[case] expected: &str) {
    let found = found(sql, &Reply::Row(vec![Some(0)]));
    assert!(
        matches!(found.as_slice(), [f] if f.severity == Severity::WillFail && f.what.contains(expected)),
        "{found:#?}"
    );
}

#[test]
fn questions_under_another_search_path_name_its_tables() {
    let sql = "SET search_path TO app; ALTER TABLE lots ADD CONSTRAINT c CHECK (id > (SELECT count(*) FROM lots))";
    let evaluation = evaluate(&read(sql), &rich());
    let asked = &evaluation.questions[0].sql;
    assert!(asked.starts_with("WITH \"lots\" AS NOT MATERIALIZED (SELECT * FROM \"app\".\"lots\")"), "{asked}");
    assert!(asked.contains("FROM \"app\".\"lots\" AS \"lots\""), "{asked}");
}

#[test]
fn a_type_made_anew_rewrites_the_table() {
    let sql = "ALTER TYPE state RENAME TO old; CREATE TYPE state AS ENUM ('a'); ALTER TABLE jobs ALTER COLUMN state TYPE state USING state::text::state";
    let works = evaluate(&read(sql), &rich()).works;
    assert_eq!(works.last().map(|work| work.kind), Some(WorkKind::Rewrite));
}
