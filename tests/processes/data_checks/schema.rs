use super::bench::{Bench, Heard, SCHEMA, measured, movable};
use gonogo::attempts::checks::schema;
use gonogo::checklist::check::{
    Column, Constraint, ForeignKey, Index, Nullability, PlanUse, Presence, Schema, Uniqueness,
};
use gonogo::deployment::Verdict;
use gonogo::deployment::attempt::Outcome;

fn nothing() -> Schema {
    Schema {
        table: Some("serials".into()),
        tables: vec![],
        absent_tables: vec![],
        columns: vec![],
        indexes: vec![],
        constraints: vec![],
        foreign_keys: vec![],
        ..Schema::default()
    }
}

fn column(name: &str, types: &[&str]) -> Column {
    let types = types.iter().map(ToString::to_string).collect();
    Column { name: name.into(), presence: Presence::Present, types, nullable: None, default: None }
}

fn index(name: &str, columns: &[&str]) -> Index {
    let columns = columns.iter().map(ToString::to_string).collect();
    Index {
        name: name.into(),
        presence: Presence::Present,
        columns,
        uniqueness: Uniqueness::Either,
        method: None,
        predicate: None,
        serves: None,
        plan: PlanUse::Usable,
    }
}

fn constraint(name: &str, presence: Presence, contains: Option<&str>) -> Constraint {
    Constraint { name: name.into(), presence, contains: contains.map(str::to_owned) }
}

fn key(references: &str, on_delete: &str) -> ForeignKey {
    ForeignKey {
        column: "lot_id".into(),
        references: references.into(),
        presence: Presence::Present,
        on_delete: Some(on_delete.into()),
        on_update: Some("CASCADE".into()),
    }
}

async fn carry_out(bench: &Bench, wanted: &Schema) -> (Outcome, String) {
    let console = Heard::default();
    let outcome = movable(schema::carry_out(&bench.assignment(), wanted, &console)).await;
    (outcome, console.text())
}

#[tokio::test]
async fn a_schema_as_expected_passes_and_says_what_it_found() {
    let bench = Bench::new(SCHEMA).await;
    let created = Column {
        nullable: Some(Nullability::Nullable),
        default: Some("current_timestamp".into()),
        ..column("created_at", &["timestamptz"])
    };
    let lot = Column { nullable: Some(Nullability::Required), ..column("lot_id", &["int8", "int4"]) };
    let gone = Column { presence: Presence::Absent, ..column("wip_id", &[]) };
    let wanted = Schema {
        tables: vec!["lots".into(), "serials".into()],
        columns: vec![created, lot, gone, column("measurements", &["json", "jsonb"])],
        indexes: vec![
            index("idx_serials_lot", &["lot_id"]),
            Index { method: Some("gin".into()), ..index("idx_serials_torque", &["measurements"]) },
            Index { presence: Presence::Absent, ..index("idx_old", &[]) },
        ],
        constraints: vec![
            constraint("chk_id", Presence::Present, Some("ID between 1 and")),
            constraint("chk_none", Presence::Absent, None),
        ],
        foreign_keys: vec![key("lots", "restrict")],
        at_least_indexes: Some(2),
        ..nothing()
    };
    let (outcome, said) = carry_out(&bench, &wanted).await;
    assert_eq!((outcome.verdict, outcome.detail.as_str()), (Verdict::Pass, "13 of 13 as expected"), "{said}");
    assert_eq!((measured(&outcome, "indexes"), measured(&outcome, "mismatches")), (Some(2.0), Some(0.0)));
    for part in [
        "ok    column serials.created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP",
        "access method gin not applicable here",
        "ok    constraint chk_id CHECK (id BETWEEN 1  AND 100000)",
        "ok    foreign key serials.lot_id to lots on delete restrict on update cascade",
    ] {
        assert!(said.contains(part), "{part} not in:\n{said}");
    }
}

#[tokio::test]
async fn every_mismatch_is_listed() {
    let bench = Bench::new(SCHEMA).await;
    let wanted = Schema {
        tables: vec!["wip_items".into()],
        columns: vec![
            column("wip_id", &["integer"]),
            Column { nullable: Some(Nullability::Required), ..column("created_at", &["timestamp", "text"]) },
            Column { presence: Presence::Absent, ..column("lot_id", &[]) },
            Column { default: Some("now".into()), ..column("measurements", &[]) },
        ],
        indexes: vec![
            index("idx_lot", &["lot_id"]),
            index("idx_nothing", &["id", "lot_id"]),
            Index { uniqueness: Uniqueness::Unique, ..index("idx_serials_lot", &["lot_id", "id"]) },
        ],
        constraints: vec![
            constraint("chk_id", Presence::Absent, None),
            constraint("chk_other", Presence::Present, None),
            constraint("chk_id", Presence::Present, Some("id < 7")),
        ],
        foreign_keys: vec![key("lots", "cascade"), key("processes", "restrict")],
        at_least_indexes: Some(6),
        ..nothing()
    };
    let (outcome, said) = carry_out(&bench, &wanted).await;
    let expected = [
        "table wip_items: not found",
        "column serials.wip_id: not found",
        "column serials.created_at: type TIMESTAMP WITH TIME ZONE, expected timestamp or text, is nullable, expected NOT NULL",
        "column serials.lot_id: is there, expected to be absent",
        "column serials.measurements: default none, expected now",
        "index idx_lot: not found; same columns: index idx_serials_lot",
        "index idx_nothing: not found",
        "index idx_serials_lot: is on (lot_id), expected (lot_id, id), is not unique",
        "2 indexes on serials: expected at least 6",
        "constraint chk_id: is there, expected to be absent",
        "constraint chk_other: not found",
        "constraint chk_id: is CHECK (id BETWEEN 1  AND 100000), expected it to contain id < 7",
        "foreign key serials.lot_id to lots: on delete restrict, expected cascade",
        "foreign key serials.lot_id to processes: references lots instead",
    ];
    assert_eq!(outcome.detail, expected.join("; "), "{said}");
    assert_eq!(outcome.verdict, Verdict::Fail);
    assert_eq!(measured(&outcome, "mismatches"), Some(14.0));
}

#[tokio::test]
async fn a_missing_table_and_an_empty_check_do_not_pass() {
    let bench = Bench::new(SCHEMA).await;
    let (outcome, _) = carry_out(&bench, &Schema { table: Some("nowhere".into()), ..nothing() }).await;
    assert_eq!((outcome.verdict, outcome.detail.as_str()), (Verdict::Fail, "table nowhere: not found"));
    let (outcome, _) = carry_out(&bench, &Schema { table: None, ..nothing() }).await;
    assert_eq!(outcome.verdict, Verdict::Inconclusive);
    let (outcome, _) = carry_out(&bench, &nothing()).await;
    assert_eq!(outcome.verdict, Verdict::Pass);
}
