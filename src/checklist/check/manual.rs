//! A person looks and ticks.

use super::kind::{Kind, Settled, Title};

pub struct Manual;

impl Kind for Manual {
    fn settled(&self) -> Settled {
        Settled::Ticked
    }

    fn describe(&self, _: Title<'_>) -> Vec<String> {
        vec!["a person looks and ticks".to_owned()]
    }
}
