//! A checklist as its author means it, free of layout.

use super::check::Check;
use super::environment::Environment;
use super::evidence::Reference;
use super::ids::{EnvironmentName, GroupId, ItemId, PhaseId, RoleId, SectionId, SlotId};
use super::offset::{Offset, Span as Duration};
use super::pane::Pane;
use super::proposal::Proposal;
use super::target::Target;
use super::variant::Variant;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// The version of the checklist format this program reads.
pub const FORMAT: i64 = 1;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Checklist {
    pub format: i64,
    pub id: String,
    pub title: String,
    pub summary: Option<String>,
    /// The document that `seed_line` counts lines of.
    pub source: Option<String>,
    pub window: Window,
    pub slots: Vec<Slot>,
    pub environments: BTreeMap<EnvironmentName, Environment>,
    /// What reads differently with an environment's own facts; nothing where none has any.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub variants: BTreeMap<EnvironmentName, Variant>,
    pub phases: Vec<Phase>,
    pub panes: Vec<Pane>,
    pub signoffs: Vec<SignoffGroup>,
    /// The `allowed_signers` file, beside the checklist unless its path is absolute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_signers: Option<String>,
    pub journal: Journal,
}

/// What the deployment window promises. Every part may be left open.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Window {
    /// Planned length of the window.
    pub duration: Option<Duration>,
    /// How long users may be without the service.
    pub downtime: Option<Duration>,
    /// How long going back may take.
    pub rollback: Option<Duration>,
    /// How long before the window users are notified.
    pub notice: Option<Duration>,
}

/// A place that an environment fills when the deployment is opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Slot {
    pub id: SlotId,
    pub title: String,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Phase {
    pub id: PhaseId,
    pub title: String,
    pub slot: Option<SlotId>,
    pub note: Option<String>,
    /// What must hold before any item of this phase may start.
    pub gate: Vec<Reference>,
    /// Items of the gate that must have passed not longer ago than this; each is in `gate` too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gate_within: Vec<Freshness>,
    #[serde(skip_serializing_if = "Way::is_forward")]
    pub way: Way,
    pub sections: Vec<Section>,
}

/// An item whose pass counts for a while only. Written `{ item = "p1/backup/verify", within = "24h" }` among a gate's
/// references.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Freshness {
    pub item: ItemId,
    pub within: Duration,
}

/// Which way a phase leads. Written `rollback = true`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    #[default]
    Forward,
    /// Back to the old state: carried out only once a rollback has begun, and then nothing else is.
    Back,
}

impl Way {
    pub fn is_forward(&self) -> bool {
        *self == Way::Forward
    }
}

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Section {
    pub id: SectionId,
    pub title: String,
    pub slot: Option<SlotId>,
    pub note: Option<String>,
    pub order: Order,
    pub after: Vec<Reference>,
    pub offset: Option<Offset>,
    /// When the lines of this section are to be done after T-0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<Within>,
    pub items: Vec<Item>,
}

/// Between two moments, counted from T-0. Written `within = ["T+24h", "T+72h"]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Within {
    pub from: Offset,
    pub until: Offset,
}

/// `free` unless given. With `steps` each item waits until the one before it is complete.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Any order; only `after` binds.
    #[default]
    Free,
    /// Each item waits until the one before it is complete.
    Steps,
}

/// One line of the checklist.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Item {
    pub id: ItemId,
    pub title: String,
    /// Where in [`Checklist::source`] this item comes from; empty for an item of our own.
    pub seed_lines: Vec<u32>,
    /// Why this item is here although the source forgot it.
    pub ours: Option<String>,
    pub note: Option<String>,
    /// The slot active here: its own, or its section's, or its phase's.
    pub slot: Option<SlotId>,
    pub check: Check,
    /// Commands that a person may arm, one by one; until then the item is ticked by hand. Part of the meaning only where
    /// there are any, so that checklists without them keep their digest.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub proposals: Vec<Proposal>,
    pub targets: Vec<Target>,
    /// What must be complete before this item may start.
    pub after: Vec<Reference>,
    /// What the environment must have for this item to make sense (`python-backend`).
    pub needs: Vec<String>,
    pub access: Access,
    pub risk: Risk,
    pub offset: Option<Offset>,
    /// When this line is a go/no-go criterion, the decision it is due for.
    pub due: Option<Due>,
    pub timeout: Option<Duration>,
    /// Measured again by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sense: Option<Sense>,
    /// What cannot be undone any more once this step was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_return: Option<String>,
    /// When this must be complete at the latest, counted from T-0: `T-24h` for telling users a day ahead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latest: Option<Offset>,
    /// How old the measurement behind this criterion may be when the decision is taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fresh: Option<Duration>,
    /// Why this item makes no sense wherever it runs; its author or an overlay says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inapplicable: Option<String>,
    pub items: Vec<Item>,
    /// Line of the checklist file, for messages; no part of the meaning.
    #[serde(skip)]
    pub line: u32,
}

impl Item {
    /// The title as a part of a sentence that goes on behind it: without a mark at its end, so that none is doubled.
    pub fn in_sentence(&self) -> &str {
        let bare = self.title.trim_end_matches([':', '：', '.', '。', ';', ',', ' ']);
        if bare.is_empty() { &self.title } else { bare }
    }

    /// Whether carrying it out again and again leaves everything as it is.
    pub fn only_looks(&self) -> bool {
        self.check.kind().only_looks() && self.access == Access::Reads && self.risk == Risk::Routine
    }
}

/// How an item is measured again by itself. Written `sense = { every = "30s", until = "p10/migrate" }`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sense {
    pub every: Duration,
    /// Measured until this is complete; without it for as long as the deployment is open.
    pub until: Option<Reference>,
}

/// What carrying out an item does to the data it looks at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    #[default]
    Reads,
    /// Writes test rows: only where the environment allows it.
    Writes,
}

/// Whether a person types the environment's name before this runs in a protected environment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Risk {
    #[default]
    Routine,
    /// Changes data, schema or service.
    Changes,
}

/// Makes this line a go/no-go criterion, due at the decision, a day or a week after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub enum Due {
    #[serde(rename = "decision")]
    Decision,
    #[serde(rename = "24h")]
    Day,
    #[serde(rename = "7d")]
    Week,
}

impl Due {
    pub fn word(self) -> &'static str {
        match self {
            Due::Decision => "decision",
            Due::Day => "24h",
            Due::Week => "7d",
        }
    }
}

/// People who must sign together, and what they sign for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SignoffGroup {
    pub id: GroupId,
    pub title: String,
    /// The phases whose results are the evidence signed for.
    pub phases: Vec<PhaseId>,
    pub roles: Vec<SignoffRole>,
    #[serde(skip_serializing_if = "Signatures::is_optional")]
    pub signed: Signatures,
    /// How many people have to say GO; without it every role has to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_least: Option<u32>,
    #[serde(skip_serializing_if = "OwnWork::is_allowed")]
    pub own_work: OwnWork,
}

/// Whether sign-offs of the group have to be signed with an SSH key. `optional` unless given: those that are not signed
/// are marked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Signatures {
    /// Those that are not are marked as attested.
    #[default]
    Optional,
    Required,
}

impl Signatures {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
    fn is_optional(&self) -> bool {
        *self == Self::Optional
    }
}

/// Whether who carried out something in the phases may sign for them; `allowed` unless given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OwnWork {
    #[default]
    Allowed,
    Refused,
}

impl OwnWork {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
    fn is_allowed(&self) -> bool {
        *self == Self::Allowed
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SignoffRole {
    pub id: RoleId,
    pub title: String,
    pub seed_lines: Vec<u32>,
    /// Roles, as `group/role`, that another person must hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub differs_from: Vec<String>,
    /// Whether one user of the operating system may sign here and in a role of `differs_from`, under another name.
    #[serde(skip_serializing_if = "SameUser::is_refused")]
    pub same_user: SameUser,
    /// What its holder's key has to be allowed as; `ROLE@CHECKLIST` unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal: Option<String>,
}

/// Whether one user of the operating system may sign in this role and in one that it differs from, under two names.
/// `refused` unless given; where it is `allowed` it is marked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SameUser {
    #[default]
    Refused,
    /// It is marked among the concerns.
    Allowed,
}

impl SameUser {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
    fn is_refused(&self) -> bool {
        *self == Self::Refused
    }
}

/// Lines of the source that are forms for issues and lessons rather than items.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Journal {
    pub issues: Vec<u32>,
    pub lessons: Vec<u32>,
}

impl Checklist {
    /// Every item, parents before their children, in the order written.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.phases.iter().flat_map(Phase::items)
    }

    pub fn item(&self, id: &ItemId) -> Option<&Item> {
        let phase = id.phase();
        self.phases.iter().find(|p| p.id == phase)?.items().find(|item| item.id == *id)
    }

    pub fn phase(&self, id: &PhaseId) -> Option<&Phase> {
        self.phases.iter().find(|phase| phase.id == *id)
    }

    pub fn signoff(&self, id: &GroupId) -> Option<&SignoffGroup> {
        self.signoffs.iter().find(|group| group.id == *id)
    }
}

impl Phase {
    /// Every item of this phase, parents before their children.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.sections.iter().flat_map(Section::items)
    }
}

impl Section {
    /// Every item of this section, parents before their children.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        let mut stack: Vec<&Item> = self.items.iter().rev().collect();
        std::iter::from_fn(move || {
            let item = stack.pop()?;
            stack.extend(item.items.iter().rev());
            Some(item)
        })
    }
}
