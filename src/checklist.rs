//! The plan as written: phases, sections and items, the environments they run in, and what each item checks.
//!
//! This room is pure. It reads text it is handed and gives a [`Checklist`] or the [`Problem`]s found in it, all in one
//! go and each with its place in the source. Nothing here opens a file or asks for the time.

pub mod auth;
pub mod check;
pub(crate) mod destruction;
pub mod digest;
pub mod environment;
pub mod evidence;
pub(crate) mod ids;
pub mod import;
pub mod lint;
pub(crate) mod migrator;
pub mod model;
pub mod offset;
pub mod pane;
pub mod problem;
pub(crate) mod proposal;
pub mod reader;
pub mod schema;
pub(crate) mod shared;
pub(crate) mod span;
pub(crate) mod sql;
pub mod target;
pub(crate) mod variables;
pub mod variant;

pub use check::Check;
pub use digest::Digest;
pub use environment::{Environment, EnvironmentKind};
pub use ids::{EnvironmentName, GroupId, ItemId, PaneId, PhaseId, RoleId, SectionId, SlotId};
pub use model::{Checklist, Item, Phase, Section};
pub use problem::Problem;
pub use target::Target;
