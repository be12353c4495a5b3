//! What has happened, and what may happen next.
//!
//! The state of a deployment is the fold of its records and nothing else: [`State::apply`] takes one record,
//! [`decide()`] turns an intent into facts or refuses it. This room is pure: it is handed the time and the operator.
//!
//! The parts of a deployment window stand side by side: [`seat`] who drives, [`clock`] and [`window`] when,
//! [`projection`] how long still, [`waiting`] what for, [`poll`] and [`criteria`] whether, [`roles`] and [`overrides`] who answers for it,
//! [`sensing`] what must go on holding, [`rollback`] the rollback, [`notice`] who is notified. [`account`] is the whole of it for
//! scripts and reports, and [`numbers`] words times and sizes for the screen and for them.

pub(crate) mod about;
pub mod account;
pub mod alerts;
pub mod amendment;
pub mod annotation;
pub mod attempt;
pub mod clock;
pub(crate) mod coverage;
pub mod criteria;
pub mod decide;
pub(crate) mod destruction;
pub(crate) mod difference;
pub mod due;
pub mod events;
pub(crate) mod evidence;
pub mod fact;
pub mod flight;
pub mod gate;
pub mod intent;
pub mod live;
pub(crate) mod measurement;
pub mod metrics;
pub mod notice;
pub(crate) mod numbers;
pub(crate) mod operator;
pub(crate) mod outdated;
pub(crate) mod overrides;
pub(crate) mod plan;
pub mod poll;
pub mod precondition;
pub mod progress;
pub mod projection;
pub(crate) mod record;
pub(crate) mod refusal;
pub mod roles;
pub mod rollback;
pub mod seat;
pub mod sensing;
pub mod signoff;
pub(crate) mod standing;
pub mod state;
pub(crate) mod status;
pub(crate) mod timing;
pub mod waiting;
pub mod watching;
pub mod window;

pub use decide::{Context, decide};
pub use fact::Fact;
pub use intent::Intent;
pub use measurement::{Measurement, Verdict};
pub use operator::Operator;
pub use plan::Plan;
pub use record::{Record, Seq};
pub use refusal::Refusal;
pub use state::State;
pub use status::{Board, ItemStatus};
