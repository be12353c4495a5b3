//! The checks that the program carries out itself, inside the supervisor.
//!
//! Each gives an [`Outcome`] whatever happens: what went wrong is a sentence in it, never a panic and never silence.
//! What can not be known is `inconclusive`; only what was seen to be wrong is a `fail`.

pub mod account;
pub mod backup;
pub mod consistency;
pub mod file;
pub mod http;
pub mod kept_ranges;
pub mod notify;
pub mod place;
pub mod rows;
pub mod schema;
pub mod sql;
pub mod stages;

use super::Assignment;
use crate::database::Interrupt;
use account::Trouble;
use std::pin::pin;
use tokio::select;

/// Waits for the work of a check. When the attempt must end early, tells the work so through `interrupt` and waits until
/// it has let go of what it holds; work that was over in the same moment stands.
async fn unless_stopped(
    assignment: &Assignment,
    interrupt: &Interrupt,
    work: impl Future<Output = Result<(), Trouble>>,
) -> Result<(), Trouble> {
    let mut work = pin!(work);
    let end = select! {
        done = &mut work => return done,
        end = assignment.stopped() => end,
    };
    interrupt.set();
    match work.await {
        Err(Trouble::Interrupted) => Err(Trouble::Stopped(end)),
        done => done,
    }
}
