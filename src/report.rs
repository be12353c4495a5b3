//! A deployment as a document: what it came to, what was measured, who answered for it.
//!
//! ```text
//! plan, state, records ──┐
//! outputs of attempts ───┼─> Report ──> HTML, Markdown (askama), JSON (format 1), text for a pager
//! samples of metrics ────┘
//! ```
//!
//! The model is pure: it is handed the time and what was read from files. Its numbers and times are worded by
//! [`crate::deployment::numbers`], as the screen's are.

pub(crate) mod alerts;
pub(crate) mod attempts;
pub mod attestation;
pub(crate) mod availability;
pub(crate) mod chart;
pub(crate) mod criteria;
mod html;
pub(crate) mod markdown;
pub(crate) mod metrics;
pub(crate) mod migration;
pub(crate) mod outcome;
pub(crate) mod passed_over;
pub(crate) mod review;
pub(crate) mod signoffs;
pub(crate) mod window;
pub(crate) mod words;

use crate::checklist::{EnvironmentName, PaneId};
use crate::deployment::account::{PhaseState, phases};
use crate::deployment::attempt::AttemptNumber;
use crate::deployment::state::State;
use crate::deployment::{Board, Fact, Plan, Record};
use crate::metrics::series::Point;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use words::Time;

/// The version of the JSON document: fields are added, never changed or taken away.
pub const FORMAT: u32 = 1;

/// What a report is made of.
pub struct Source<'a> {
    pub plan: &'a Plan,
    pub state: &'a State,
    pub records: &'a [Arc<Record>],
    /// File name of the ledger.
    pub ledger: String,
    /// When the report is made.
    pub now: DateTime<Utc>,
    /// What attempts wrote, as far as it is quoted.
    pub outputs: BTreeMap<AttemptNumber, Excerpt>,
    /// The samples of each metric, oldest first.
    pub samples: BTreeMap<(EnvironmentName, PaneId), Vec<Point>>,
    /// The metrics of availability, as the store keeps them.
    pub probed: availability::Probed,
    /// What could not be read, one sentence each.
    pub troubles: Vec<String>,
}

/// The quoted part of an output.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Excerpt {
    pub text: String,
    /// Bytes between its beginning and its end that are not quoted.
    pub left_out: u64,
}

/// The whole of it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Report {
    pub format: u32,
    pub title: String,
    /// Every environment bound is a rehearsal.
    pub rehearsal: bool,
    pub environments: Vec<Environment>,
    /// The moment it speaks of: the last record of a closed deployment, else when it was made.
    pub as_of: Time,
    pub made: Time,
    pub ledger: LedgerHead,
    pub outcome: outcome::Outcome,
    pub items: Items,
    pub phases: Vec<Phase>,
    pub window: window::Window,
    pub migrations: Vec<migration::Migration>,
    pub metrics: Vec<metrics::Metric>,
    pub alerts: alerts::Alerts,
    /// The services that metrics of availability watch.
    pub availability: Vec<availability::Service>,
    /// The last one; null where nobody handed over.
    pub handover: Option<availability::Handover>,
    pub criteria: Vec<criteria::Criterion>,
    pub measured: Vec<criteria::Held>,
    pub failed: Vec<attempts::Failed>,
    pub passed_over: passed_over::PassedOver,
    pub issues: Vec<outcome::Issue>,
    pub lessons: Vec<outcome::Remark>,
    pub notes: Vec<outcome::Remark>,
    pub signoffs: Vec<signoffs::Signoff>,
    pub people: Vec<signoffs::Person>,
    pub attempts: Vec<attempts::Attempt>,
    /// What could not be read and is therefore missing.
    pub troubles: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Environment {
    pub slot: String,
    pub name: String,
    /// The database as it was found at first contact.
    pub identity: Option<String>,
}

/// The last record that the report rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LedgerHead {
    pub file: String,
    pub records: u64,
    pub head: Option<String>,
    /// The digest of the checklist followed.
    pub checklist: String,
}

/// `done`, `failed`, `waived`, `not_applicable` and `open` add up to `total`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Items {
    pub total: usize,
    pub done: usize,
    pub failed: usize,
    pub waived: usize,
    pub not_applicable: usize,
    pub open: usize,
    /// With a verdict that the program made.
    pub measured: usize,
    /// In words.
    pub words: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Phase {
    pub id: String,
    pub title: String,
    pub state: String,
    /// `12/22`, done or waived of those that apply.
    pub tally: String,
    /// What its gate still lacks.
    pub missing: Vec<String>,
    pub steps: Vec<Step>,
}

/// One line of the checklist as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Step {
    pub item: String,
    pub title: String,
    pub status: String,
    /// What was measured, ticked or given as a reason.
    pub detail: String,
}

impl Report {
    #[must_use]
    pub fn of(source: &Source<'_>) -> Self {
        let (plan, state) = (source.plan, source.state);
        let plan = plan.active(state);
        let plan = plan.as_ref();
        let as_of = if state.closed.is_some() { state.last_at.unwrap_or(source.now) } else { source.now };
        let mut board = Board::at(plan, state, as_of);
        let tally = board.tally(plan.checklist().items());
        let starts = starts(source.records);
        let at = View { plan, state, records: source.records, starts: &starts, as_of };
        Self {
            format: FORMAT,
            title: plan.checklist().title.clone(),
            rehearsal: plan.is_rehearsal(),
            environments: plan
                .bindings()
                .iter()
                .map(|(slot, name)| Environment {
                    slot: slot.to_string(),
                    name: name.to_string(),
                    identity: state.reached.get(name).cloned(),
                })
                .collect(),
            as_of: Time(as_of),
            made: Time(source.now),
            ledger: LedgerHead {
                file: source.ledger.clone(),
                records: source.records.len() as u64,
                head: source.records.last().map(|record| record.sum.to_string()),
                checklist: plan.digest().to_string(),
            },
            outcome: outcome::Outcome::of(&at, &board),
            items: Items {
                total: tally.total,
                done: tally.done,
                failed: tally.failed,
                waived: tally.waived,
                not_applicable: tally.inapplicable,
                open: tally.open + tally.running,
                measured: tally.measured,
                words: tally.words(),
            },
            phases: phases_of(&at, &mut board),
            window: window::Window::of(&at, &board),
            migrations: migration::migrations(&at),
            metrics: metrics::metrics(&at, &source.samples),
            alerts: alerts::Alerts::of(&at),
            availability: availability::services(&at, &source.probed),
            handover: availability::last_handover(&at),
            criteria: criteria::criteria(&at, &board),
            measured: criteria::measured(&at, &board),
            failed: attempts::failed(&at, &board),
            passed_over: passed_over::PassedOver::of(&at, &board),
            issues: outcome::issues(state),
            lessons: outcome::lessons(state),
            notes: outcome::notes(plan, state, at.records),
            signoffs: signoffs::signoffs(&at, &mut board),
            people: signoffs::people(&at),
            attempts: attempts::attempts(&at, &source.outputs),
            troubles: source.troubles.clone(),
        }
    }

    /// As one HTML page that needs nothing else.
    pub fn html(&self) -> Result<String, askama::Error> {
        html::render(self, None)
    }

    /// The same page for a server: it asks for `live.js` beside it, which follows `events`. `trouble` says why it is not up
    /// to date, where it is not.
    pub fn live_html(&self, version: u64, trouble: Option<&str>) -> Result<String, askama::Error> {
        html::render(self, Some(html::Live { version, trouble }))
    }

    /// As Markdown for a pull request or a ticket.
    pub fn markdown(&self) -> Result<String, askama::Error> {
        markdown::render(self)
    }

    /// As JSON of format 1.
    ///
    /// # Errors
    /// When a value cannot be written as JSON.
    pub fn json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }
}

/// The JSON schema of a report.
pub fn schema() -> serde_json::Value {
    let mut schema =
        schemars::SchemaGenerator::from(schemars::generate::SchemaSettings::draft2020_12().for_serialize())
            .into_root_schema_for::<Report>();
    schema.insert("$id".to_owned(), "https://gonogo.dev/schemas/report-1.json".into());
    schema.insert("title".to_owned(), "gonogo report, format 1".into());
    schema.to_value()
}

/// What every part of the report looks at.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub plan: &'a Plan,
    pub state: &'a State,
    pub records: &'a [Arc<Record>],
    pub starts: &'a BTreeMap<AttemptNumber, Start<'a>>,
    pub as_of: DateTime<Utc>,
}

/// The record in which an attempt was started, with its check and command.
pub(crate) struct Start<'a> {
    pub record: u64,
    pub check: &'a str,
    pub command: Option<&'a str>,
}

fn starts(records: &[Arc<Record>]) -> BTreeMap<AttemptNumber, Start<'_>> {
    let start = records.iter().filter_map(|record| match &record.fact {
        Fact::AttemptStarted { attempt, check, command, .. } => {
            Some((*attempt, Start { record: record.seq.0, check, command: command.as_deref() }))
        }
        _ => None,
    });
    start.collect()
}

impl View<'_> {
    pub(crate) fn title(&self, item: &crate::checklist::ItemId) -> String {
        self.plan.item(item).map_or_else(|| item.to_string(), |item| item.title.clone())
    }
}

fn phases_of(at: &View<'_>, board: &mut Board) -> Vec<Phase> {
    let reported = phases(at.plan, at.state, board);
    let one = at.plan.checklist().phases.iter().zip(reported).map(|(phase, reported)| Phase {
        id: reported.id.to_string(),
        title: reported.title,
        state: match reported.state {
            PhaseState::Waiting => "gate closed",
            PhaseState::Open => "open",
            PhaseState::Running => "running",
            PhaseState::Failed => "failed",
            PhaseState::Done => "done",
        }
        .to_owned(),
        tally: board.phase(at.plan, &phase.id).short(),
        missing: reported.gate.missing,
        steps: phase
            .items()
            .map(|item| Step {
                item: item.id.to_string(),
                title: item.title.clone(),
                status: board.status(&item.id).word().to_owned(),
                detail: criteria::detail(at, board, item),
            })
            .collect(),
    });
    one.collect()
}
