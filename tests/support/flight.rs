//! A small deployment to fly in tests, built by hand so that it rests on no checklist file.

use gonogo::checklist::check::{Command, CommandSource, Direction, Http, Migration, MigrationTarget};
use gonogo::checklist::check::{Value, ValueForm};
use gonogo::checklist::environment::{Migrator, MigratorKind, Protection, Revision, Writes};
use gonogo::checklist::evidence::{Evidence, EvidenceOf, Reference};
use gonogo::checklist::model::{Due, Risk, SignoffGroup, SignoffRole, Slot};
use gonogo::checklist::pane::{Baseline, Pane, Source};
use gonogo::checklist::target::{Bound, Target};
use gonogo::checklist::{
    Check, Checklist, Environment, EnvironmentKind, EnvironmentName, Item, Phase, Section, SlotId,
};
use gonogo::deployment::{Operator, Plan};
use gonogo::ledger::{Ledger, LedgerError, LedgerOpening};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// The text that stands for the checklist's file; the plan is made by [`plan`].
pub(crate) const SNAPSHOT: &str = "format = 1\n# ${NEUROHUB_URL} stays as it is\n";

/// Two phases: `before` with a tick, a value, a command and a evaluation; `upgrade`, gated by the first and by a
/// sign-off, with a migration of the protected production, a probe and a criterion.
pub(crate) fn plan() -> Plan {
    let bindings = bindings();
    let upgrade = Migration {
        direction: Direction::Upgrade,
        to: "head".into(),
        from: None,
        on: MigrationTarget::Environment,
        rewrites: Vec::new(),
    };
    let reading = EvidenceOf::These(vec![Reference::parse("before/look/tests")]);
    let before = vec![
        item("before/look/eyes", Check::Manual),
        item(
            "before/look/size",
            Check::Value(Value { label: "size".into(), unit: None, form: ValueForm::Number, choices: vec![] }),
        ),
        item("before/look/tests", command("true")),
        item("before/look/sound", Check::Evidence(Evidence { of: reading, reading: None })),
        item("before/look/lots", Check::Http(lots())),
    ];
    let during = vec![
        Item { risk: Risk::Changes, ..item("upgrade/run/migrate", Check::Migration(upgrade)) },
        Item { due: Some(Due::Decision), ..item("upgrade/run/lots", Check::Http(lots())) },
    ];
    let gate = vec![Reference::parse("before/look/eyes"), Reference::parse("signoff:crew")];
    let target = Target { measure: "latency".into(), bound: Bound::AtMost(200.0), unit: "ms".into() };
    let baseline = Baseline::Item { item: "before/look/lots".into(), measure: "latency-p95".into() };
    let path = "/api/v1/lots".to_owned();
    let checklist = Checklist {
        format: 1,
        id: "test-flight".into(),
        title: "Test flight".into(),
        slots: vec![Slot { id: "production".into(), title: "Production".into() }],
        environments: BTreeMap::from([("rehearsal-production".into(), environment())]),
        phases: vec![
            phase("before", Vec::new(), section("before/look", before)),
            phase("upgrade", gate, section("upgrade/run", during)),
        ],
        panes: vec![Pane {
            target: Some(target),
            baseline: Some(baseline),
            ..Pane::new("lots", "production", Source::Latency { path }, "ms")
        }],
        signoffs: vec![SignoffGroup {
            id: "crew".into(),
            title: "Crew".into(),
            phases: vec!["before".into()],
            roles: vec![SignoffRole {
                id: "qa".into(),
                title: "QA Lead".into(),
                seed_lines: Vec::new(),
                differs_from: Vec::new(),
                same_user: gonogo::checklist::model::SameUser::default(),
                principal: None,
            }],
            ..SignoffGroup::default()
        }],
        ..Checklist::default()
    };
    Plan::new(Arc::new(checklist), bindings)
}

fn bindings() -> BTreeMap<SlotId, EnvironmentName> {
    BTreeMap::from([("production".into(), "rehearsal-production".into())])
}

fn environment() -> Environment {
    let revision = |id: &str| Revision { id: id.into(), title: id.into() };
    Environment {
        slot: "production".into(),
        kind: EnvironmentKind::Rehearsal,
        protection: Protection::Protected,
        writes: Writes::Allowed,
        database: Some("sqlite:${REHEARSAL}/neurohub.db".into()),
        migrator: Some(Migrator::new(
            MigratorKind::Sqlx,
            "migrate",
            vec![revision("0001"), revision("0002"), revision("0003")],
        )),
        ..Environment::default()
    }
}

fn phase(id: &str, gate: Vec<Reference>, section: Section) -> Phase {
    Phase { id: id.into(), title: id.into(), gate, sections: vec![section], ..Phase::default() }
}

fn section(id: &str, items: Vec<Item>) -> Section {
    Section { id: gonogo::checklist::SectionId::new(id), title: id.into(), items, ..Section::default() }
}

fn item(id: &str, check: Check) -> Item {
    Item { id: id.into(), title: format!("Item {id}"), slot: Some("production".into()), check, ..Item::default() }
}

fn command(run: &str) -> Check {
    Check::Command(Command {
        source: CommandSource::Run(run.into()),
        exit: vec![0],
        contains: None,
        lacks: None,
        pattern: None,
        numbers: Vec::new(),
    })
}

fn lots() -> Http {
    Http { requests: 10, ..Http::get("/api/v1/lots") }
}

pub(crate) fn captain() -> Operator {
    Operator { user: "captain".into(), says: "Ada".into(), host: "bastion-1".into(), simulated: None }
}

/// A folder with a ledger in it, gone when dropped.
pub(crate) struct Flight {
    folder: TempDir,
}

impl Flight {
    pub(crate) fn open() -> (Self, Ledger) {
        let flight = Self { folder: tempfile::tempdir().unwrap() };
        let ledger = create(&flight.path()).unwrap();
        (flight, ledger)
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("neurohub.ledger.toml")
    }

    pub(crate) fn reopen(&self) -> Result<Ledger, LedgerError> {
        reopen(&self.path())
    }
}

pub(crate) fn create(path: &Path) -> Result<Ledger, LedgerError> {
    Ledger::create(path, &opening(), &captain())
}

pub(crate) fn opening() -> LedgerOpening<'static> {
    LedgerOpening {
        checklist_file_name: "flight.toml".into(),
        checklist_text: SNAPSHOT,
        bindings: bindings(),
        plan: Arc::new(plan()),
        group: None,
    }
}

pub(crate) fn reopen(path: &Path) -> Result<Ledger, LedgerError> {
    Ledger::open_with(path, |text, opened| {
        assert_eq!(text, SNAPSHOT, "the snapshot is what was opened");
        assert_eq!(opened.environments, bindings());
        Ok::<_, String>(plan())
    })
}
