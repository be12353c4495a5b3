//! A checklist file that was edited while its ledger is open, and may be adopted.

use super::model::Model;
use crate::checklist::Checklist;
use crate::deployment::Plan;
use crate::deployment::amendment::Difference;
use crate::deployment::intent::Amendment;
use std::sync::Arc;

/// The file as it is now.
#[derive(Debug, Clone)]
pub enum Offer {
    Readable {
        file: String,
        text: Arc<str>,
        checklist: Arc<Checklist>,
    },
    /// Why it cannot be read, the first problem first.
    Broken {
        file: String,
        problems: Vec<String>,
    },
}

/// The file with what adopting it would change.
#[derive(Debug, Clone)]
pub struct Offered {
    pub offer: Offer,
    pub difference: Difference,
}

impl Model {
    /// Takes in what the file holds now; one that means what is followed anyway is no news.
    pub(super) fn offer(&mut self, offer: Option<Offer>) {
        self.stale = true;
        self.offered = offer.and_then(|offer| {
            let Offer::Readable { checklist, .. } = &offer else {
                return Some(Offered { offer, difference: Difference::default() });
            };
            let new = Plan::new(Arc::clone(checklist), self.plan.bindings().clone());
            let difference = Difference::between(&self.plan, &new);
            (new.digest() != self.plan.digest()).then_some(Offered { offer, difference })
        });
    }

    /// The edited file as an amendment, with this reason; nothing where there is none that can be read.
    pub fn amendment(&self, reason: String) -> Option<Amendment> {
        let Offer::Readable { file, text, checklist } = &self.offered.as_ref()?.offer else { return None };
        Some(Amendment { checklist: Arc::clone(checklist), file: file.clone(), text: Arc::clone(text), reason })
    }
}

impl Offered {
    /// The edit in one sentence.
    pub fn words(&self) -> String {
        match &self.offer {
            Offer::Readable { file, .. } => format!("{file} was edited: {}; not adopted yet", self.difference.words()),
            Offer::Broken { file, problems } => {
                let first = problems.first().and_then(|problem| problem.lines().next()).unwrap_or("it cannot be read");
                format!("{file} was edited and has errors: {first}")
            }
        }
    }
}
