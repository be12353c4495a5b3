//! What an environment's own facts change in the parts of its slot.
//!
//! Which environment fills a slot is chosen at opening. A checklist therefore holds, for every environment that has facts
//! of its own, the parts that read differently with them; [`Checklist::filled`] puts those of the chosen ones in place.

use super::ids::{EnvironmentName, SlotId};
use super::model::{Checklist, Item, Phase, Section};
use super::pane::Pane;
use serde::Serialize;
use std::collections::BTreeMap;

/// Parts as they read with an environment's facts, each without the parts below it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Variant {
    pub phases: Vec<Phase>,
    pub sections: Vec<Section>,
    pub items: Vec<Item>,
    pub panes: Vec<Pane>,
}

impl Variant {
    /// What differs between a checklist and the same one read with an environment's facts.
    pub fn between(plain: &Checklist, with: Checklist, slot: &SlotId) -> Self {
        let mut variant = Self::default();
        let here = |of: Option<&SlotId>| of == Some(slot);
        for (plain, mut with) in plain.phases.iter().zip(with.phases) {
            for (plain, mut with) in plain.sections.iter().zip(std::mem::take(&mut with.sections)) {
                variant.items(&plain.items, std::mem::take(&mut with.items), slot);
                let alone = Section { items: Vec::new(), ..plain.clone() };
                if here(with.slot.as_ref()) && alone != with {
                    variant.sections.push(with);
                }
            }
            let alone = Phase { sections: Vec::new(), ..plain.clone() };
            if here(with.slot.as_ref()) && alone != with {
                variant.phases.push(with);
            }
        }
        let panes = plain.panes.iter().zip(with.panes);
        variant.panes = panes.filter(|(plain, with)| *plain != with).map(|(_, with)| with).collect();
        variant
    }

    fn items(&mut self, plain: &[Item], with: Vec<Item>, slot: &SlotId) {
        for (plain, mut with) in plain.iter().zip(with) {
            self.items(&plain.items, std::mem::take(&mut with.items), slot);
            let alone = Item { items: Vec::new(), ..plain.clone() };
            if with.slot.as_ref() == Some(slot) && alone != with {
                self.items.push(with);
            }
        }
    }

    fn put_into(&self, checklist: &mut Checklist) {
        for phase in &mut checklist.phases {
            if let Some(with) = self.phases.iter().find(|with| with.id == phase.id) {
                *phase = Phase { sections: std::mem::take(&mut phase.sections), ..with.clone() };
            }
            for section in &mut phase.sections {
                if let Some(with) = self.sections.iter().find(|with| with.id == section.id) {
                    *section = Section { items: std::mem::take(&mut section.items), ..with.clone() };
                }
                self.put_into_items(&mut section.items);
            }
        }
        for pane in &mut checklist.panes {
            if let Some(with) = self.panes.iter().find(|with| with.id == pane.id) {
                *pane = with.clone();
            }
        }
    }

    fn put_into_items(&self, items: &mut [Item]) {
        for item in items {
            if let Some(with) = self.items.iter().find(|with| with.id == item.id) {
                *item = Item { items: std::mem::take(&mut item.items), ..with.clone() };
            }
            self.put_into_items(&mut item.items);
        }
    }
}

impl Checklist {
    /// The checklist as it reads with these environments in its slots. None when that is how it reads anyway.
    #[must_use]
    pub fn filled(&self, bindings: &BTreeMap<SlotId, EnvironmentName>) -> Option<Self> {
        let chosen: Vec<&Variant> = bindings.values().filter_map(|name| self.variants.get(name)).collect();
        if chosen.is_empty() {
            return None;
        }
        let mut filled = self.clone();
        for variant in chosen {
            variant.put_into(&mut filled);
        }
        Some(filled)
    }
}
