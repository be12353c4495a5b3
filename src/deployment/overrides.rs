//! Gates opened by two people although something is missing.

use super::state::{Stamp, State};
use crate::checklist::evidence::Reference;
use crate::checklist::{Phase, PhaseId};

/// A request to open a gate, and who agreed to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Override {
    pub requested: Stamp,
    pub phase: PhaseId,
    pub reason: String,
    /// The requirements passed over, as the checklist writes them.
    pub requirements: Vec<String>,
    pub missing: Vec<String>,
    pub confirmed: Option<(Stamp, String)>,
}

impl State {
    /// The override of a phase that waits for its second person.
    pub fn override_requested(&self, phase: &PhaseId) -> Option<&Override> {
        self.overrides.iter().rev().find(|known| known.phase == *phase).filter(|known| known.confirmed.is_none())
    }

    /// Whether two people agreed to go without this requirement of a phase.
    pub fn is_overridden(&self, phase: &Phase, requirement: &Reference) -> bool {
        let mut confirmed = self.overrides.iter().filter(|known| known.phase == phase.id && known.confirmed.is_some());
        confirmed.any(|known| known.requirements.contains(&requirement.to_string()))
    }
}
