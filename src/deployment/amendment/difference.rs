//! What differs between two checklists, and what of that is easier after a failure.

use super::bounds::ease;
use super::change::{Change, Changed, changes, fields};
use super::failure;
use crate::checklist::model::{Phase, SignoffGroup};
use crate::checklist::offset::Span;
use crate::checklist::pane::Pane;
use crate::checklist::{Checklist, Item, ItemId};
use crate::deployment::plan::Plan;
use crate::deployment::state::State;

/// Steps that are named of those an environment opens.
const NAMED: usize = 3;

/// What differs, by item, in the order of the newer checklist.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    pub added: Vec<(ItemId, String)>,
    pub removed: Vec<(ItemId, String)>,
    /// Items that mean something else, and are open again.
    pub changed: Vec<Changed>,
    /// Items that mean the same: what was done stays.
    pub kept: Vec<Changed>,
    /// What differs around the items: window, gates, sign-offs, metrics. One sentence each.
    pub around: Vec<String>,
}

impl Difference {
    #[must_use]
    pub fn between(old: &Plan, new: &Plan) -> Self {
        let named = |item: &Item| (item.id.clone(), item.title.clone());
        let mut difference = Self { around: around(old.written(), new.written()), ..Self::default() };
        for item in new.written().items() {
            let Some(before) = old.written().item(&item.id) else {
                difference.added.push(named(item));
                continue;
            };
            let changes = changes(old, before, new, item);
            let one = Changed { item: item.id.clone(), title: item.title.clone(), changes };
            if one.reopens() {
                difference.changed.push(one);
            } else if !one.changes.is_empty() {
                difference.kept.push(one);
            }
        }
        let gone = old.written().items().filter(|item| new.written().item(&item.id).is_none());
        difference.removed = gone.map(named).collect();
        difference.tell_environments(old.written(), new.written());
        difference
    }

    /// Environments that differ without a step telling of it.
    fn tell_environments(&mut self, old: &Checklist, new: &Checklist) {
        let reported = |name: &str| {
            let changes = self.changed.iter().flat_map(|changed| &changed.changes);
            changes.into_iter().any(|change| matches!(change, Change::Environment { name: known, .. } if known == name))
        };
        let mut around = Vec::new();
        for (name, now) in &new.environments {
            match old.environments.get(name) {
                None => around.push(format!("environment {name} added")),
                Some(before) if before != now && !reported(name.as_str()) => {
                    around.push(format!(
                        "environment {name}: {} changed; no step runs there",
                        fields(before, now).join(", ")
                    ));
                }
                Some(_) => {}
            }
        }
        let gone = old.environments.keys().filter(|name| !new.environments.contains_key(*name));
        around.extend(gone.map(|name| format!("environment {name} removed")));
        self.around.extend(around);
    }

    /// What is easier than before for an item whose last verdict was a failure: `ITEM: what, after attempt 0001 failed`.
    pub fn loosened(&self, state: &State) -> Vec<String> {
        let mut loosened = Vec::new();
        for changed in self.changed.iter().chain(&self.kept) {
            let Some(failed) = failure(state, &changed.item) else { continue };
            let eased = changed.changes.iter().filter_map(Change::eases);
            loosened.extend(eased.map(|what| format!("{}: {what}, after {failed} failed", changed.item)));
        }
        for (item, _) in &self.removed {
            if let Some(failed) = failure(state, item) {
                loosened.push(format!("{item}: removed, after {failed} failed"));
            }
        }
        loosened
    }

    /// In a few words: `1 step added, 2 changed (1 target loosened)`.
    pub fn words(&self) -> String {
        let steps = |count: usize| if count == 1 { "1 step".to_owned() } else { format!("{count} steps") };
        let mut parts = Vec::new();
        for (count, word) in [
            (self.added.len(), "added"),
            (self.removed.len(), "removed"),
            (self.changed.len(), "changed"),
            (self.kept.len(), "changed in details"),
        ] {
            if count > 0 {
                parts.push(if parts.is_empty() {
                    format!("{} {word}", steps(count))
                } else {
                    format!("{count} {word}")
                });
            }
        }
        let loosened = self.changed.iter().filter(|changed| changed.is_loosened()).count();
        if loosened > 0 {
            let s = if loosened == 1 { "" } else { "s" };
            parts.push(format!("{loosened} target{s} loosened"));
        }
        match (parts.is_empty(), self.around.as_slice()) {
            (true, []) => "no step differs".to_owned(),
            (true, [only]) => only.clone(),
            (true, more) => format!("{} and {} more", more[0], more.len() - 1),
            (false, []) => parts.join(", "),
            (false, around) => format!("{}, and {} around them", parts.join(", "), around.len()),
        }
    }

    /// Items that differ by nothing but their environment, reported once for each.
    fn moved(&self) -> Vec<String> {
        let mut environments: Vec<(String, Vec<&str>)> = Vec::new();
        for changed in &self.changed {
            let Some(change) = changed.only_environment() else { continue };
            let words = change.to_string();
            match environments.iter_mut().find(|(known, _)| *known == words) {
                Some((_, titles)) => titles.push(&changed.title),
                None => environments.push((words, vec![&changed.title])),
            }
        }
        let reported = environments.into_iter().map(|(words, titles)| {
            let (steps, are) = if titles.len() == 1 { ("step", "is") } else { ("steps", "are") };
            let more = titles.len().saturating_sub(NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let named = titles.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
            let (count, runs) = (titles.len(), if titles.len() == 1 { "runs" } else { "run" });
            format!("~ {words}; {count} {steps} that {runs} there {are} open again: {named}{more}")
        });
        reported.collect()
    }

    /// Line by line, what reopens first; sentences that lie below another are set in by two columns.
    pub fn lines(&self, state: &State) -> Vec<String> {
        let mut lines: Vec<String> =
            self.loosened(state).iter().map(|mark| format!("! LOOSENED AFTER A FAILURE: {mark}")).collect();
        lines.extend(self.added.iter().map(|(id, title)| format!("+ {title} ({id})")));
        lines.extend(self.removed.iter().map(|(id, title)| format!("- {title} ({id})")));
        lines.extend(self.moved());
        for changed in self.changed.iter().filter(|changed| changed.only_environment().is_none()) {
            lines.push(format!("~ {} ({}): open again", changed.title, changed.item));
            lines.extend(changed.changes.iter().map(|change| format!("  {change}")));
        }
        for changed in &self.changed {
            if state.running().any(|attempt| attempt.item == changed.item) {
                lines.push(format!("! {} runs now: it ends under the old checklist and counts no more", changed.title));
            }
        }
        for kept in &self.kept {
            lines.push(format!("= {} ({})", kept.title, kept.item));
            lines.extend(kept.changes.iter().map(|change| format!("  {change}")));
        }
        lines.extend(self.around.iter().map(|sentence| format!("* {sentence}")));
        lines
    }
}

/// What differs beside the items.
fn around(old: &Checklist, new: &Checklist) -> Vec<String> {
    let mut reported = Vec::new();
    if old.title != new.title {
        reported.push(format!("deployment renamed, was \u{201c}{}\u{201d}", old.title));
    }
    let length = |length: Option<Span>| length.map_or_else(|| "open".to_owned(), |length| length.to_string());
    for (what, was, is) in [
        ("window", old.window.duration, new.window.duration),
        ("downtime budget", old.window.downtime, new.window.downtime),
        ("rollback budget", old.window.rollback, new.window.rollback),
        ("notice to users", old.window.notice, new.window.notice),
    ] {
        if was != is {
            reported.push(format!("{what}: {} → {}", length(was), length(is)));
        }
    }
    for phase in &new.phases {
        let before = old.phase(&phase.id);
        reported.extend(before.is_none().then(|| format!("phase {} added", phase.title)));
        reported.extend(before.and_then(|before| gate(before, phase)));
    }
    reported.extend(
        old.phases
            .iter()
            .filter(|phase| new.phase(&phase.id).is_none())
            .map(|phase| format!("phase {} removed", phase.title)),
    );
    for group in &new.signoffs {
        match old.signoff(&group.id) {
            None => reported.push(format!("sign-offs {} added", group.title)),
            Some(before) if before != group => reported.push(signoffs(before, group)),
            Some(_) => {}
        }
    }
    let gone = old.signoffs.iter().filter(|group| new.signoff(&group.id).is_none());
    reported.extend(gone.map(|group| format!("sign-offs {} removed", group.title)));
    let pane = |checklist: &Checklist, id| checklist.panes.iter().find(|pane| pane.id == id).cloned();
    for shown in &new.panes {
        match pane(old, shown.id.clone()) {
            None => reported.push(format!("metric {} added", shown.title)),
            Some(before) if before != *shown => {
                reported.push(retarget(&before, shown).unwrap_or_else(|| format!("metric {} changed", shown.title)));
            }
            Some(_) => {}
        }
    }
    let gone = old.panes.iter().filter(|shown| pane(new, shown.id.clone()).is_none());
    reported.extend(gone.map(|pane| format!("metric {} removed", pane.title)));
    reported
}

/// `metric Errors: target loosened (= 0 errors → ≤ 50 errors)`.
pub(super) fn retarget(before: &Pane, after: &Pane) -> Option<String> {
    let ease = ease(before.bound(), after.bound())?;
    let words = |pane: &Pane| pane.expected().unwrap_or_else(|| "no target".to_owned());
    Some(format!("metric {}: target {} ({} → {})", after.title, ease.word(), words(before), words(after)))
}

/// What a gate asks for more, and what no longer.
fn gate(before: &Phase, after: &Phase) -> Option<String> {
    if before.gate == after.gate && before.gate_within == after.gate_within {
        return None;
    }
    let more = after.gate.iter().filter(|need| !before.gate.contains(need)).map(|need| format!("+ {need}"));
    let less = before.gate.iter().filter(|need| !after.gate.contains(need)).map(|need| format!("- {need}"));
    let mut parts: Vec<String> = more.chain(less).collect();
    if before.gate_within != after.gate_within {
        parts.push("how fresh its items must be".to_owned());
    }
    Some(format!("gate of {}: {}", after.title, parts.join(", ")))
}

fn signoffs(before: &SignoffGroup, after: &SignoffGroup) -> String {
    let more = after.roles.iter().filter(|role| !before.roles.iter().any(|known| known.id == role.id));
    let less = before.roles.iter().filter(|role| !after.roles.iter().any(|known| known.id == role.id));
    let more = more.map(|role| format!("+ {}", role.title));
    let parts: Vec<String> = more.chain(less.map(|role| format!("- {}", role.title))).collect();
    let what = if parts.is_empty() { "what they cover or who may give them".to_owned() } else { parts.join(", ") };
    format!("sign-offs {}: {what}", after.title)
}
