//! What has happened, and what may happen next.
//!
//! The state of a deployment is the fold of its records and nothing else: [`State::apply`] takes one record,
//! [`decide`] turns an intent into facts or refuses it. This room is pure: it is handed the time and the operator.

pub mod attempt;
pub mod criteria;
pub mod decide;
pub mod destruction;
pub mod evidence;
pub mod fact;
pub mod flight;
pub mod gate;
pub mod intent;
pub mod live;
pub mod measurement;
pub mod operator;
pub mod plan;
pub mod progress;
pub mod record;
pub mod refusal;
pub mod signoff;
pub mod state;
pub mod status;

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
