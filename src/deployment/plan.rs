//! A checklist with its slots filled: what this deployment follows.

use super::state::State;
use crate::checklist::check::Command;
use crate::checklist::digest::of_checklist;
use crate::checklist::environment::{Protection, Writes};
use crate::checklist::evidence::{EvidenceOf, Reference};
use crate::checklist::model::{Access, Order, Risk};
use crate::checklist::{
    Check, Checklist, Digest, Environment, EnvironmentKind, EnvironmentName, Item, ItemId, Phase, Section, SlotId,
};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// A checklist, the environments bound to its slots, and the tables that make looking things up quick.
#[derive(Debug, Clone)]
pub struct Plan {
    /// As it is followed: items whose command a person armed run it.
    checklist: Arc<Checklist>,
    /// As it was opened.
    written: Arc<Checklist>,
    armed: BTreeMap<ItemId, String>,
    bindings: BTreeMap<SlotId, EnvironmentName>,
    digest: Digest,
    /// Where each item stands: indexes of phase and section, then of the item on every level of nesting.
    places: HashMap<ItemId, Place>,
    /// The order in which items are carried out.
    order: Vec<ItemId>,
    /// What another line or a metric compares with.
    compared: HashSet<ItemId>,
}

#[derive(Debug, Clone)]
struct Place {
    phase: usize,
    section: usize,
    path: Vec<usize>,
    /// In the order of the plan.
    at: usize,
    /// The item before this one on the same level, when the section is a sequence of steps.
    predecessor: Option<ItemId>,
}

impl Plan {
    #[must_use]
    pub fn new(checklist: Arc<Checklist>, bindings: BTreeMap<SlotId, EnvironmentName>) -> Self {
        let digest = of_checklist(&checklist);
        let checklist = checklist.filled(&bindings).map_or(checklist, Arc::new);
        let mut places = HashMap::new();
        let mut order = Vec::new();
        for (p, phase) in checklist.phases.iter().enumerate() {
            for (s, section) in phase.sections.iter().enumerate() {
                let mut walk =
                    Walk { phase: p, section: s, steps: section.order, places: &mut places, order: &mut order };
                walk.level(&section.items, &mut Vec::new());
            }
        }
        for (at, id) in order.iter().enumerate() {
            if let Some(place) = places.get_mut(id) {
                place.at = at;
            }
        }
        let panes = checklist.panes.iter().filter_map(|pane| Some(pane.baseline.as_ref()?.item()?.0));
        let compared = checklist.items().filter_map(|item| item.check.kind().compares_with()).chain(panes);
        let compared = compared.cloned().collect();
        let (written, armed) = (Arc::clone(&checklist), BTreeMap::new());
        Self { checklist, written, armed, bindings, digest, places, order, compared }
    }

    /// The plan as it is in a state: where a person armed a proposed command, the item runs that command. What was
    /// opened, and its digest, stay as they are.
    #[must_use]
    pub fn active(&self, state: &State) -> Cow<'_, Self> {
        let armed = || state.items.iter().filter_map(|(id, history)| Some((id, &history.armed()?.command)));
        if armed().eq(self.armed.iter()) {
            return Cow::Borrowed(self);
        }
        let armed: BTreeMap<ItemId, String> = armed().map(|(id, command)| (id.clone(), command.clone())).collect();
        let mut checklist = Checklist::clone(&self.written);
        for phase in &mut checklist.phases {
            for section in &mut phase.sections {
                activate(&mut section.items, &armed);
            }
        }
        Cow::Owned(Self { checklist: Arc::new(checklist), armed, ..self.clone() })
    }

    /// Whether another line or a metric compares its own measurement with that of this item.
    pub(crate) fn is_compared(&self, id: &ItemId) -> bool {
        self.compared.contains(id)
    }

    pub fn checklist(&self) -> &Arc<Checklist> {
        &self.checklist
    }

    /// As it was opened or amended, without what persons armed.
    pub fn written(&self) -> &Checklist {
        &self.written
    }

    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    pub fn bindings(&self) -> &BTreeMap<SlotId, EnvironmentName> {
        &self.bindings
    }

    /// Every item in the order of carrying out: as written, but an item that is evaluated by its children after them.
    pub fn order(&self) -> &[ItemId] {
        &self.order
    }

    /// Where an item is in that order.
    pub fn position(&self, id: &ItemId) -> Option<usize> {
        self.places.get(id).map(|place| place.at)
    }

    /// Whether an item changes its environment on the way forward; what a rollback changes is not meant.
    pub fn changes_forward(&self, item: &Item) -> bool {
        item.risk == Risk::Changes && self.phase_of(&item.id).is_none_or(|phase| phase.way.is_forward())
    }

    pub fn item(&self, id: &ItemId) -> Option<&Item> {
        let place = self.places.get(id)?;
        let section = self.checklist.phases.get(place.phase)?.sections.get(place.section)?;
        let (first, rest) = place.path.split_first()?;
        rest.iter().try_fold(section.items.get(*first)?, |item, index| item.items.get(*index))
    }

    pub fn phase_of(&self, id: &ItemId) -> Option<&Phase> {
        self.checklist.phases.get(self.places.get(id)?.phase)
    }

    pub fn section_of(&self, id: &ItemId) -> Option<&Section> {
        let place = self.places.get(id)?;
        self.checklist.phases.get(place.phase)?.sections.get(place.section)
    }

    /// The step before this one, when its section is a sequence of steps.
    pub fn predecessor(&self, id: &ItemId) -> Option<&ItemId> {
        self.places.get(id)?.predecessor.as_ref()
    }

    /// The environment an item runs in: the one that fills its slot.
    pub fn environment_of(&self, item: &Item) -> Option<(&EnvironmentName, &Environment)> {
        self.environment_in(item.slot.as_ref()?)
    }

    pub fn environment_in(&self, slot: &SlotId) -> Option<(&EnvironmentName, &Environment)> {
        let name = self.bindings.get(slot)?;
        Some((name, self.checklist.environments.get(name)?))
    }

    pub fn environment(&self, name: &EnvironmentName) -> Option<&Environment> {
        self.checklist.environments.get(name)
    }

    /// The protected environment that the deployment can change, if there is one.
    pub fn protected(&self) -> Option<&EnvironmentName> {
        let is_protected = |name: &&EnvironmentName| {
            self.environment(name).is_some_and(|environment| environment.protection == Protection::Protected)
        };
        self.bindings.values().find(is_protected)
    }

    /// Whether every bound environment is a rehearsal, the only place where simulated answers are allowed.
    pub fn is_rehearsal(&self) -> bool {
        !self.bindings.is_empty()
            && self.bindings.values().all(|name| {
                self.environment(name).is_some_and(|environment| environment.kind == EnvironmentKind::Rehearsal)
            })
    }

    /// The environment whose name a person types before this item runs: a protected one that the item changes or strains.
    pub fn asks_for_name(&self, item: &Item) -> Option<&EnvironmentName> {
        let asks = item.risk == Risk::Changes || item.check.kind().strains();
        self.environment_of(item).map(|(name, _)| name).filter(|_| asks && self.is_protected(item))
    }

    /// The same once something was recorded: where a rollback was begun with the environment's name typed, its steps do not
    /// ask for it again.
    #[must_use]
    pub fn still_asks_for_name(&self, state: &State, item: &Item) -> Option<&EnvironmentName> {
        let forward = self.phase_of(&item.id).is_none_or(|phase| phase.way.is_forward());
        let confirmed = !forward && state.rollback.is_some();
        self.asks_for_name(item).filter(|name| !confirmed || self.protected() != Some(name))
    }

    /// Whether an item changes a protected environment.
    pub fn changes_protected(&self, item: &Item) -> bool {
        item.risk == Risk::Changes && self.is_protected(item)
    }

    /// Whether the environment that an item runs in is a protected one.
    pub fn is_protected(&self, item: &Item) -> bool {
        self.environment_of(item).is_some_and(|(_, environment)| environment.protection == Protection::Protected)
    }

    /// Why an item makes no sense in its environment, if it does not.
    pub fn inapplicable(&self, item: &Item) -> Option<String> {
        if item.inapplicable.is_some() {
            return item.inapplicable.clone();
        }
        let (name, environment) = self.environment_of(item)?;
        if let Some(reason) = item.needs.iter().find_map(|need| environment.lacks.get(need)) {
            return Some(reason.clone());
        }
        let writes = item.access == Access::Writes && environment.writes == Writes::Forbidden;
        writes.then(|| format!("writes test rows, which {name} does not allow"))
    }

    /// The items a reference stands for; a sign-off stands for none.
    pub fn referenced<'a>(&'a self, reference: &'a Reference) -> Vec<&'a Item> {
        match reference {
            Reference::Phase(id) => self.checklist.phase(id).map(|p| p.items().collect()).unwrap_or_default(),
            Reference::Section(id) => {
                let phases = self.checklist.phases.iter();
                phases.flat_map(|p| &p.sections).filter(|s| s.id == *id).flat_map(Section::items).collect()
            }
            Reference::Item(id) => self.item(id).into_iter().collect(),
            Reference::Signoff(_) => Vec::new(),
        }
    }
}

/// Gives items the commands that were armed. What such a command does nobody knows, so it is held to change things.
fn activate(items: &mut [Item], armed: &BTreeMap<ItemId, String>) {
    for item in items {
        if let Some(command) = armed.get(&item.id) {
            item.check = Check::Command(Command::running(command));
            item.risk = Risk::Changes;
        }
        activate(&mut item.items, armed);
    }
}

struct Walk<'a> {
    phase: usize,
    section: usize,
    steps: Order,
    places: &'a mut HashMap<ItemId, Place>,
    order: &'a mut Vec<ItemId>,
}

impl Walk<'_> {
    fn level(&mut self, items: &[Item], path: &mut Vec<usize>) {
        let mut before: Option<&Item> = None;
        for (index, item) in items.iter().enumerate() {
            path.push(index);
            let predecessor = before.filter(|_| self.steps == Order::Steps).map(|item| item.id.clone());
            let place = Place { phase: self.phase, section: self.section, path: path.clone(), at: 0, predecessor };
            self.places.insert(item.id.clone(), place);
            let evaluated_by_children =
                matches!(&item.check, Check::Evidence(evidence) if evidence.of == EvidenceOf::Children);
            if !evaluated_by_children {
                self.order.push(item.id.clone());
            }
            self.level(&item.items, path);
            if evaluated_by_children {
                self.order.push(item.id.clone());
            }
            path.pop();
            before = Some(item);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A load test in production would be the very thing its users complain of.
    #[test]
    fn a_load_test_of_a_protected_environment_wants_its_name_and_changes_nothing() {
        let text = r#"
format = 1
id = "x"
title = "x"
[[slot]]
id = "s"
title = "s"
[environments.e]
slot = "s"
protection = "protected"
url = "http://h"
[[phase]]
id = "p"
title = "p"
slot = "s"
[[phase.section]]
id = "s"
title = "s"
[[phase.section.item]]
id = "load"
title = "load"
check = { kind = "load", path = "/" }
[[phase.section.item]]
id = "look"
title = "look"
check = { kind = "http", path = "/" }
"#;
        for (protection, name) in [("protected", Some("e")), ("open", None)] {
            let (checklist, problems) =
                crate::checklist::lint::lint("x.toml", &text.replace("\"protected\"", &format!("\"{protection}\"")));
            let checklist = checklist.unwrap_or_else(|| panic!("{problems:?}"));
            let plan = Plan::new(checklist.into(), [("s".into(), "e".into())].into());
            let [load, look] = ["p/s/load", "p/s/look"].map(|id| plan.item(&id.into()).unwrap());
            assert_eq!(plan.asks_for_name(load).map(EnvironmentName::as_str), name);
            assert_eq!(plan.asks_for_name(look), None);
            assert!(!plan.changes_protected(load) && !load.only_looks());
        }
    }
}
