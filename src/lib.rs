//! gonogo: a terminal cockpit that flies a deployment.

pub mod attempts;
pub mod checklist;
pub mod cockpit;
pub mod deployment;
<<<<<<< HEAD
pub mod metrics;
=======
pub mod rehearsal;
>>>>>>> rehearsal
