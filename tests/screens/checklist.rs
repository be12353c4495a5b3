//! A small deployment with a bit of everything.

use super::parts::{command, environment, http, item, migration, phase, schema, section, sql, target};
use gonogo::checklist::check::{Backup, BackupStage, Command, CommandSource, Direction, Rows, Value, ValueForm};
use gonogo::checklist::environment::Protection;
use gonogo::checklist::evidence::{Against, Compute, Evidence, EvidenceOf, Reading};
use gonogo::checklist::model::{Due, Order, Risk, SignoffGroup, SignoffRole, Slot};
use gonogo::checklist::offset::{Offset, Span};
use gonogo::checklist::pane::{Baseline, Pane, Source};
use gonogo::checklist::target::Bound;
use gonogo::checklist::{Check, Checklist, EnvironmentName, Phase};
use std::collections::BTreeMap;

pub(crate) const STAGING: &str = "rehearsal-staging";
pub(crate) const PRODUCTION: &str = "rehearsal-production";

fn staging_phases() -> Vec<Phase> {
    let mut backup = item(
        "before/backup/make",
        "Make a backup of production",
        Check::Backup(Backup { stage: BackupStage::Make, of: None }),
    );
    backup.slot = Some("production".into());
    let value = Check::Value(Value {
        label: "where it is kept and who can open it".into(),
        unit: None,
        form: ValueForm::Text,
        choices: vec![],
    });
    let mut tests = item("setup/tests/suite", "The test suite runs with coverage", command("pytest tests/ -v --cov"));
    tests.needs = vec!["python-backend".into()];
    let mut lots = item("before/baseline/lots", "Baseline of GET /api/v1/lots", http("/api/v1/lots?limit=100"));
    lots.slot = Some("production".into());
    let mut baseline = item(
        "before/baseline/all",
        "Baseline of the key endpoints is taken",
        Check::Evidence(Evidence { of: EvidenceOf::Children, reading: None }),
    );
    let mut serials = item("before/baseline/all/serials", "GET /api/v1/serials", http("/api/v1/serials?limit=100"));
    serials.note = Some("With fewer than 100 records the number of queries says nothing.".into());
    baseline.items =
        vec![serials, item("before/baseline/all/equipment", "GET /api/v1/equipment", http("/api/v1/equipment"))];
    vec![
        phase(
            "setup",
            "Setup",
            "staging",
            &[],
            vec![
                section(
                    "setup/read",
                    "What everybody has read",
                    Order::Free,
                    vec![
                        item("setup/read/report", "The refactoring report is read", Check::Manual),
                        item("setup/read/guide", "The migration guide is read", Check::Manual),
                    ],
                ),
                section("setup/tests", "Tests", Order::Free, vec![tests]),
            ],
        ),
        phase(
            "before",
            "1 Before the migration",
            "staging",
            &["setup"],
            vec![
                section(
                    "before/backup",
                    "Backup of production",
                    Order::Steps,
                    vec![
                        backup,
                        item(
                            "before/backup/verify",
                            "The backup reads back whole",
                            Check::Backup(Backup { stage: BackupStage::Verify, of: Some("before/backup/make".into()) }),
                        ),
                        item("before/backup/place", "Where the backup is", value),
                    ],
                ),
                section(
                    "before/schema",
                    "Current schema",
                    Order::Free,
                    vec![
                        item("before/schema/tables", "All 17 tables are there", schema("lots")),
                        item(
                            "before/schema/orphans",
                            "No serial points at a lot that is missing",
                            sql(
                                "SELECT count(*) FROM serials s LEFT JOIN lots l ON l.id = s.lot_id WHERE l.id IS NULL",
                            ),
                        ),
                    ],
                ),
                section("before/baseline", "Baseline", Order::Free, vec![lots, baseline]),
            ],
        ),
    ]
}

fn production_phase() -> Phase {
    let mut stop = item(
        "production/window/stop",
        "Stop the service",
        Check::Command(Command {
            source: CommandSource::Use("stop".into()),
            exit: vec![0],
            contains: None,
            lacks: None,
            pattern: None,
            numbers: Vec::new(),
        }),
    );
    stop.risk = Risk::Changes;
    stop.ours = Some("the source stops it ten minutes early and breaks its own promise of five minutes".into());
    stop.seed_lines.clear();
    let mut upgrade = item("production/window/upgrade", "Run the migration", migration(Direction::Upgrade, "head"));
    upgrade.risk = Risk::Changes;
    upgrade.targets = vec![target("duration", Bound::Below(30.0), "s")];
    upgrade.note = Some("Counts and fingerprints are taken before and after by the check itself.".into());
    upgrade.due = Some(Due::Decision);
    upgrade.seed_lines = vec![214, 215];
    upgrade.timeout = Some(Span::from_millis(600_000));
    let mut rows = item(
        "production/window/rows",
        "No row was lost",
        Check::Rows(Rows {
            tables: Vec::new(),
            against: Some("production/window/upgrade".into()),
            depth: gonogo::checklist::check::Depth::Counts,
        }),
    );
    rows.due = Some(Due::Decision);
    let mut window = section(
        "production/window",
        "Migration",
        Order::Steps,
        vec![
            item("production/window/announce", "Tell the users that it begins", Check::Manual),
            stop,
            upgrade,
            item("production/window/current", "The database stands at 0003", migration(Direction::Current, "0003")),
            rows,
        ],
    );
    window.offset = Some(Offset::from_millis(-600_000));
    phase("production", "10 Production", "production", &["before", "signoff:staging"], vec![window])
}

fn after_phase() -> Phase {
    let mut lots = item("after/speed/lots", "GET /api/v1/lots answers within 200 ms", http("/api/v1/lots?limit=100"));
    lots.targets = vec![target("latency-p95", Bound::AtMost(200.0), "ms")];
    lots.due = Some(Due::Decision);
    let mut queries = item(
        "after/speed/queries",
        "Queries of lots fell by 98 %",
        Check::Evidence(Evidence {
            of: EvidenceOf::These(Vec::new()),
            reading: Some(Reading {
                item: "after/speed/lots".into(),
                measure: "queries".into(),
                against: Some(Against { item: "before/baseline/lots".into(), compute: Compute::Reduction }),
            }),
        }),
    );
    queries.targets = vec![target("reduction", Bound::AtLeast(98.0), "%")];
    queries.due = Some(Due::Decision);
    let mut week = item("after/watch/week", "No complaint within a week", Check::Manual);
    week.due = Some(Due::Week);
    phase(
        "after",
        "11 After the migration",
        "production",
        &["production"],
        vec![
            section("after/speed", "Speed", Order::Free, vec![lots, queries]),
            section("after/watch", "Watch", Order::Free, vec![week]),
        ],
    )
}

fn panes() -> Vec<Pane> {
    let pane = |id: &str, title: &str, unit: &str, source: Source| Pane {
        title: title.into(),
        ..Pane::new(id, "production", source, unit)
    };
    let path = "/api/v1/lots?limit=100".to_owned();
    let mut lots = pane("lots", "lots", "ms", Source::Latency { path: path.clone() });
    lots.target = Some(target("lots", Bound::AtMost(200.0), "ms"));
    lots.baseline = Some(Baseline::Item { item: "before/baseline/lots".into(), measure: "latency-p95".into() });
    let mut queries =
        pane("queries", "queries of lots", "queries", Source::Header { path, header: "x-query-count".into() });
    queries.target = Some(target("queries", Bound::AtMost(4.0), "queries"));
    queries.baseline = Some(Baseline::Item { item: "before/baseline/lots".into(), measure: "queries".into() });
    let size = pane("size", "size of the database", "bytes", Source::DatabaseSize);
    vec![lots, queries, size]
}

pub(crate) fn checklist() -> Checklist {
    let role = |id: &str, title: &str| SignoffRole {
        id: id.into(),
        title: title.into(),
        seed_lines: vec![585],
        ..SignoffRole::default()
    };
    let mut phases = staging_phases();
    phases.push(production_phase());
    phases.push(after_phase());
    Checklist {
        format: 1,
        id: "neurohub".into(),
        title: "F2X NeuroHub refactoring".into(),
        source: Some("neurohub-deployment-checklist.md".into()),
        slots: vec![
            Slot { id: "staging".into(), title: "Staging".into() },
            Slot { id: "production".into(), title: "Production".into() },
        ],
        environments: BTreeMap::from([
            (EnvironmentName::new(STAGING), environment("staging", Protection::Open)),
            (EnvironmentName::new(PRODUCTION), environment("production", Protection::Protected)),
        ]),
        phases,
        panes: panes(),
        signoffs: vec![
            SignoffGroup {
                id: "staging".into(),
                title: "Staging".into(),
                phases: vec!["before".into()],
                roles: vec![role("qa-lead", "QA Lead"), role("dba", "Database Administrator")],
                ..SignoffGroup::default()
            },
            SignoffGroup {
                id: "production".into(),
                title: "Production".into(),
                phases: vec!["production".into(), "after".into()],
                roles: vec![role("release-captain", "Release Captain"), role("product-owner", "Product Owner")],
                ..SignoffGroup::default()
            },
        ],
        ..Checklist::default()
    }
}

/// The same plan with titles in other scripts and a very long one.
pub(crate) fn foreign() -> Checklist {
    let mut checklist = checklist();
    checklist.title = "F2X 뉴로허브 리팩터링".into();
    checklist.phases[0].title = "준비 단계: 데이터베이스 마이그레이션 전에 확인할 모든 것".into();
    checklist.phases[1].title = "ما قبل الترحيل".into();
    checklist.phases[2].title = "本番環境への移行".into();
    let items = &mut checklist.phases[0].sections[0].items;
    items[0].title = "리팩터링 완료 보고서를 모두가 읽었고 질문이 남아 있지 않다는 것을 확인했다".into();
    items[1].title = "تمت قراءة دليل الترحيل من قبل الجميع".into();
    let mut long = item(
        "setup/read/long",
        "A title that goes on and on until nobody can be expected to read it in a list, and that is then reported whole below",
        Check::Manual,
    );
    long.slot = Some("staging".into());
    long.note = Some("tab\there, escape \u{1b}[31mhere, a turn \u{202e}here, データ移行の検証".into());
    items.insert(0, long);
    checklist
}

pub(crate) fn empty() -> Checklist {
    let mut checklist = checklist();
    checklist.title = "Nothing yet".into();
    checklist.phases.clear();
    checklist.panes.clear();
    checklist.signoffs.clear();
    checklist
}

/// `count` items in phases of a hundred.
pub(crate) fn large(count: usize) -> Checklist {
    let mut checklist = checklist();
    checklist.phases = (0..count.div_ceil(100))
        .map(|p| {
            let items = (0..100.min(count - p * 100))
                .map(|i| item(&format!("p{p}/s/i{i}"), &format!("Item {i} of phase {p}"), Check::Manual))
                .collect();
            let gate: Vec<String> = if p == 0 { Vec::new() } else { vec![format!("p{}", p - 1)] };
            let gate: Vec<&str> = gate.iter().map(String::as_str).collect();
            phase(
                &format!("p{p}"),
                &format!("Phase {p}"),
                "production",
                &gate,
                vec![section(&format!("p{p}/s"), "All of it", Order::Steps, items)],
            )
        })
        .collect();
    checklist
}
