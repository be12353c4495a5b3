//! Phases, sections and items.

use super::checks::Check;
use super::evaluated::Target;
use super::words::{Id, ItemPath, Line, Offset, OneOrMany, Reference, Time};
use crate::checklist::model::{Due, Order};
use crate::checklist::proposal::ProposalLanguage;
use schemars::JsonSchema;

/// A part of the deployment, with a gate before it.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Phase {
    pub id: Id,
    pub title: String,
    /// The slot that sections and items run in unless they name another.
    pub slot: Option<String>,
    pub note: Option<String>,
    /// What must hold before any item of this phase may start.
    pub gate: Option<Vec<Requirement>>,
    /// The rollback to the old state: carried out only once a rollback has begun.
    pub rollback: Option<bool>,
    pub section: Option<Vec<Section>>,
}

/// A reference, or an item that must have passed not longer ago than a length of time.
#[derive(JsonSchema)]
#[serde(untagged)]
pub(crate) enum Requirement {
    Holds(Reference),
    Within(Freshness),
}

/// An item whose pass counts for a while only.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Freshness {
    pub item: ItemPath,
    pub within: Time,
}

/// Items that belong together.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Section {
    pub id: Id,
    pub title: String,
    /// The slot that items run in unless they name another.
    pub slot: Option<String>,
    pub note: Option<String>,
    pub order: Option<Order>,
    /// What must be complete before any item of this section may start.
    pub after: Option<Vec<Reference>>,
    pub offset: Option<Offset>,
    /// When the lines are to be done after T-0: two offsets, such as `["T+24h", "T+72h"]`. Then they fall due, are
    /// reminded of once a day, and are overdue after the second.
    pub within: Option<Vec<Offset>>,
    pub item: Option<Vec<Item>>,
}

/// One line of the checklist.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Item {
    /// Unique in its section; the ledger knows the item by it, so keep it when the title is reworded.
    pub id: Id,
    pub title: String,
    /// The line of the source document that this item carries, or a list of them.
    pub seed_line: Option<OneOrMany<Line>>,
    /// Why this item is here although the source forgot it; instead of `seed_line`.
    pub ours: Option<String>,
    pub note: Option<String>,
    pub slot: Option<String>,
    /// What must be complete before this item may start.
    pub after: Option<Vec<Reference>>,
    /// What the environment must have for this item to make sense; one that `lacks` it makes the item inapplicable.
    pub needs: Option<Vec<String>>,
    /// Writes test rows: inapplicable where the environment forbids writes.
    pub writes: Option<bool>,
    /// Changes data, schema or service: in a protected environment its name is typed first.
    pub changes: Option<bool>,
    pub offset: Option<Offset>,
    pub due: Option<Due>,
    /// How long an attempt may take.
    pub timeout: Option<Time>,
    pub sense: Option<Sense>,
    /// What cannot be undone any more once this step was taken.
    pub no_return: Option<String>,
    /// When this must be complete at the latest, counted from T-0: `T-24h` for telling users a day ahead.
    pub latest: Option<Offset>,
    /// How old the measurement behind this criterion may be when the decision is taken; an older one is inconclusive.
    pub fresh: Option<Time>,
    /// Why this item makes no sense wherever it runs.
    pub inapplicable: Option<String>,
    pub check: Option<Check>,
    /// What the check's measurements are held against; all of them must hold.
    pub targets: Option<Vec<Target>>,
    /// Commands beside a manual item. Nothing runs one until a person has looked at it, filled its placeholders in and
    /// armed it.
    pub proposal: Option<Vec<Proposal>>,
    /// Items nested in this one.
    pub item: Option<Vec<Item>>,
}

/// Measured again by itself: three failures in a row lose the tick.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sense {
    pub every: Time,
    /// Measured until this is complete; without it for as long as the deployment is open.
    pub until: Option<Reference>,
}

/// A command, as the source has it.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Proposal {
    pub text: String,
    /// `shell` unless given; `sql` is shown and never run.
    pub language: Option<ProposalLanguage>,
    /// Where it is in the source document.
    pub line: Option<Line>,
}
