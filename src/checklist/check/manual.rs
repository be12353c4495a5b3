//! A person looks and ticks.

use super::kind::{Completion, Kind, Title};

pub struct Manual;

impl Kind for Manual {
    fn completion(&self) -> Completion {
        Completion::Ticked
    }

    fn describe(&self, _: Title<'_>) -> Vec<String> {
        vec!["a person looks and ticks".to_owned()]
    }

    fn looks_at_a_moment(&self) -> bool {
        false
    }
}
