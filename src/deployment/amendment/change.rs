//! What differs in one item, in the words a captain knows it by.

use super::bounds::{Ease, Retarget, retargets};
use crate::checklist::model::{Access, Due, Risk};
use crate::checklist::offset::Span;
use crate::checklist::{Environment, Item, ItemId};
use crate::deployment::plan::Plan;
use std::fmt;

/// An item that reads differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    pub item: ItemId,
    pub title: String,
    pub changes: Vec<Change>,
}

/// One thing that differs. Those up to [`Change::Risk`] are part of the meaning; with the others what was done stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Title {
        before: String,
    },
    /// The kind of check.
    Kind {
        before: &'static str,
        after: &'static str,
    },
    /// What the check does, as far as it is reported: the statements that went and those that came.
    Check {
        before: String,
        after: String,
    },
    Target(Retarget),
    Proposals,
    Slot {
        before: String,
        after: String,
    },
    /// The environment that it runs in, and which of its fields differ.
    Environment {
        name: String,
        fields: Vec<&'static str>,
    },
    Access {
        after: Access,
    },
    Risk {
        after: Risk,
    },
    /// When it is a go/no-go criterion.
    Due {
        before: Option<Due>,
        after: Option<Due>,
    },
    /// How old what it rests on may be.
    Fresh {
        before: Option<Span>,
        after: Option<Span>,
    },
    Inapplicable {
        after: Option<String>,
    },
    /// What it waits for, when it is planned, how long it may take and so on: nothing that a verdict rests on.
    Around {
        what: Vec<&'static str>,
    },
}

impl Change {
    /// Whether the item means something else by it, so that what was done for it counts no more.
    pub fn reopens(&self) -> bool {
        match self {
            Change::Title { .. }
            | Change::Kind { .. }
            | Change::Check { .. }
            | Change::Target(_)
            | Change::Proposals
            | Change::Slot { .. }
            | Change::Environment { .. }
            | Change::Access { .. }
            | Change::Risk { .. } => true,
            Change::Due { .. } | Change::Fresh { .. } | Change::Inapplicable { .. } | Change::Around { .. } => false,
        }
    }

    /// What is easier by it or may be, in words; nothing where it is not.
    pub fn eases(&self) -> Option<String> {
        match self {
            Change::Target(target) => target.ease.lets_more_pass().then(|| target.words()),
            Change::Due { before: Some(before), after } if after.is_none_or(|after| after > *before) => {
                Some(match after {
                    None => "no go/no-go criterion any more".to_owned(),
                    Some(after) => format!("due {} instead of {}", after.word(), before.word()),
                })
            }
            Change::Fresh { before: Some(before), after } if after.is_none_or(|after| after > *before) => {
                Some(format!("may be {}, was {before}", age(*after)))
            }
            Change::Inapplicable { after: Some(why) } => Some(format!("not applicable any more ({why})")),
            // Whether another check finds what the one before found cannot be shown, so nobody may rely on it.
            Change::Kind { .. } | Change::Check { .. } => Some(format!("{self} (may ask for less)")),
            Change::Title { .. }
            | Change::Proposals
            | Change::Slot { .. }
            | Change::Environment { .. }
            | Change::Access { .. }
            | Change::Risk { .. }
            | Change::Due { .. }
            | Change::Fresh { .. }
            | Change::Inapplicable { after: None }
            | Change::Around { .. } => None,
        }
    }
}

fn age(limit: Option<Span>) -> String {
    limit.map_or_else(|| "of any age".to_owned(), |limit| format!("{limit} old"))
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Change::Title { before } => write!(f, "renamed, was \u{201c}{before}\u{201d}"),
            Change::Kind { before, after } => write!(f, "{before} → {after}"),
            Change::Check { before, after } if before.is_empty() && after.is_empty() => {
                f.write_str("check differs in details")
            }
            Change::Check { before, after } if before.is_empty() => write!(f, "check also: {after}"),
            Change::Check { before, after } if after.is_empty() => write!(f, "check no longer: {before}"),
            Change::Check { before, after } => write!(f, "check: {before} → {after}"),
            Change::Target(target) => target.fmt(f),
            Change::Proposals => f.write_str("proposed command differs"),
            Change::Slot { before, after } => write!(f, "runs in {after}, was {before}"),
            Change::Environment { name, fields } => write!(f, "environment {name}: {} changed", fields.join(", ")),
            Change::Access { after: Access::Writes } => f.write_str("writes test rows now"),
            Change::Access { after: Access::Reads } => f.write_str("writes no test rows any more"),
            Change::Risk { after: Risk::Changes } => f.write_str("marked as changing its environment"),
            Change::Risk { after: Risk::Routine } => f.write_str("no longer marked as changing its environment"),
            Change::Due { before: None, after: Some(after) } => {
                write!(f, "go/no-go criterion now, due {}", after.word())
            }
            Change::Due { before: Some(before), after: Some(after) } => {
                write!(f, "criterion due {} instead of {}", after.word(), before.word())
            }
            Change::Due { after: None, .. } => f.write_str("no go/no-go criterion any more"),
            Change::Fresh { before, after } => write!(f, "may be {}, was {}", age(*after), age(*before)),
            Change::Inapplicable { after: Some(why) } => write!(f, "not applicable: {why}"),
            Change::Inapplicable { after: None } => f.write_str("applicable again"),
            Change::Around { what } => write!(f, "{} changed; what was done stays", what.join(", ")),
        }
    }
}

/// Everything that differs between an item before and after, what changes its meaning first.
pub(super) fn changes(old: &Plan, before: &Item, new: &Plan, after: &Item) -> Vec<Change> {
    let mut changes = Vec::new();
    if before.title != after.title {
        changes.push(Change::Title { before: before.title.clone() });
    }
    if before.check != after.check {
        changes.push(check(old, before, new, after));
    }
    changes.extend(retargets(before, after).into_iter().map(Change::Target));
    if before.targets != after.targets && !changes.iter().any(|change| matches!(change, Change::Target(_))) {
        // Written differently and the same: nothing that was done is touched by it.
        changes.push(Change::Around { what: vec!["wording of targets"] });
    }
    if before.proposals != after.proposals {
        changes.push(Change::Proposals);
    }
    if before.slot != after.slot {
        let name = |item: &Item| item.slot.as_ref().map_or_else(|| "no slot".to_owned(), ToString::to_string);
        changes.push(Change::Slot { before: name(before), after: name(after) });
    }
    let runs = after.check.is_attempted() || !after.proposals.is_empty();
    if let (true, Some((_, was)), Some((name, is))) = (runs, old.environment_of(before), new.environment_of(after))
        && was != is
    {
        changes.push(Change::Environment { name: name.to_string(), fields: fields(was, is) });
    }
    if before.access != after.access {
        changes.push(Change::Access { after: after.access });
    }
    if before.risk != after.risk {
        changes.push(Change::Risk { after: after.risk });
    }
    changes.extend(beside(before, after));
    changes
}

/// What differs without the item meaning anything else.
fn beside(before: &Item, after: &Item) -> Vec<Change> {
    let mut changes = Vec::new();
    if before.due != after.due {
        changes.push(Change::Due { before: before.due, after: after.due });
    }
    if before.fresh != after.fresh {
        changes.push(Change::Fresh { before: before.fresh, after: after.fresh });
    }
    if before.inapplicable != after.inapplicable {
        changes.push(Change::Inapplicable { after: after.inapplicable.clone() });
    }
    let what: Vec<&'static str> = [
        (before.note != after.note, "note"),
        (before.after != after.after, "what it waits for"),
        (before.needs != after.needs, "needs"),
        (before.offset != after.offset, "planned time"),
        (before.latest != after.latest, "latest time"),
        (before.timeout != after.timeout, "time limit"),
        (before.sense != after.sense, "monitoring"),
        (before.no_return != after.no_return, "point of no return"),
        (before.seed_lines != after.seed_lines || before.ours != after.ours, "source"),
    ]
    .into_iter()
    .filter_map(|(differs, what)| differs.then_some(what))
    .collect();
    if !what.is_empty() {
        changes.push(Change::Around { what });
    }
    changes
}

fn check(old: &Plan, before: &Item, new: &Plan, after: &Item) -> Change {
    let (was, is) = (before.check.word(), after.check.word());
    if was != is {
        return Change::Kind { before: was, after: is };
    }
    let reported = |plan: &Plan, item: &Item| {
        let title = |id: &ItemId| plan.written().item(id).map_or_else(|| id.to_string(), |item| item.title.clone());
        item.check.kind().describe(&title)
    };
    let (was, is) = (reported(old, before), reported(new, after));
    let only = |these: &[String], those: &[String]| {
        let only: Vec<&str> = these.iter().filter(|line| !those.contains(line)).map(String::as_str).collect();
        only.join("; ")
    };
    Change::Check { before: only(&was, &is), after: only(&is, &was) }
}

/// The fields of an environment that differ. Their values may hold what nobody is to read.
pub(super) fn fields(was: &Environment, is: &Environment) -> Vec<&'static str> {
    let fields = [
        (was.slot != is.slot, "slot"),
        (was.kind != is.kind, "kind"),
        (was.protection != is.protection, "protection"),
        (was.writes != is.writes, "writes"),
        (was.database != is.database, "database"),
        (was.observer_role != is.observer_role, "observer role"),
        (was.scratch != is.scratch, "scratch"),
        (was.url != is.url, "url"),
        (was.ca != is.ca, "CA file"),
        (was.folder != is.folder, "folder"),
        (was.backups != is.backups, "backups"),
        (was.log != is.log, "log"),
        (was.disk != is.disk, "disk"),
        (was.shell != is.shell, "shell"),
        (was.auth != is.auth, "login"),
        (was.migrator != is.migrator, "migrator"),
        (was.commands != is.commands, "commands"),
        (was.lacks != is.lacks, "what it lacks"),
        (was.secrets != is.secrets, "secrets"),
    ];
    fields.into_iter().filter_map(|(differs, field)| differs.then_some(field)).collect()
}

impl Changed {
    /// How the targets of this item differ.
    pub fn targets(&self) -> impl Iterator<Item = &Retarget> {
        self.changes.iter().filter_map(|change| match change {
            Change::Target(target) => Some(target),
            _ => None,
        })
    }

    /// The change of its environment, where it is the only one.
    pub fn only_environment(&self) -> Option<&Change> {
        match self.changes.as_slice() {
            [change @ Change::Environment { .. }] => Some(change),
            _ => None,
        }
    }

    pub fn reopens(&self) -> bool {
        self.changes.iter().any(Change::reopens)
    }

    /// Whether a target of it is easier to meet.
    pub fn is_loosened(&self) -> bool {
        self.targets().any(|target| target.ease != Ease::Tightened)
    }
}
