//! Keys that name something that is not there.

use crate::checklist::check::Check;
use crate::checklist::ids::ItemId;
use crate::checklist::model::Checklist;
use crate::checklist::reader::marks::{Draft, Holder, Mention, UNNAMED, Wanted};
use crate::checklist::reader::report::{Cause, Report};
use crate::checklist::reader::suggest::{listed, nearest};
use std::collections::BTreeSet;

pub(super) fn check(draft: &Draft, report: &Report<'_>) {
    let names = Names::of(&draft.checklist);
    for mention in &draft.marks.mentions {
        check_one(mention, &names, report);
    }
    check_attempted(draft, report);
}

/// Everything that may be named, as it is written.
struct Names {
    items: BTreeSet<String>,
    phases: BTreeSet<String>,
    slots: BTreeSet<String>,
    /// Panes that show whether a service works.
    services: BTreeSet<String>,
    /// As `group/role`.
    roles: BTreeSet<String>,
    /// Phases, sections, items and sign-offs.
    references: BTreeSet<String>,
}

impl Names {
    fn of(checklist: &Checklist) -> Self {
        let named = |name: &String| !name.contains(UNNAMED);
        let items: BTreeSet<String> = checklist.items().map(|item| item.id.to_string()).filter(named).collect();
        let phases = checklist.phases.iter().map(|phase| phase.id.to_string());
        let phases: BTreeSet<String> = phases.filter(named).collect();
        let slots = checklist.slots.iter().map(|slot| slot.id.to_string()).filter(named).collect();
        let sections = checklist.phases.iter().flat_map(|phase| &phase.sections);
        let sections = sections.map(|section| section.id.to_string());
        let signoffs = checklist.signoffs.iter().map(|group| format!("signoff:{}", group.id));
        let wholes = items.iter().chain(&phases).cloned();
        let references = wholes.chain(sections.chain(signoffs).filter(named)).collect();
        let groups = checklist.signoffs.iter();
        let roles = groups.flat_map(|group| group.roles.iter().map(|role| format!("{}/{}", group.id, role.id)));
        let roles = roles.filter(named).collect();
        let services = checklist.panes.iter().filter(|pane| pane.source.shows_whether_it_works());
        let services = services.map(|pane| pane.id.to_string()).filter(named).collect();
        Self { items, phases, slots, services, roles, references }
    }
}

fn check_one(mention: &Mention, names: &Names, report: &Report<'_>) {
    let Mention { key, target, .. } = mention;
    let (known, kind) = match mention.wanted {
        Wanted::Reference => (&names.references, kind_of(target)),
        Wanted::Item => (&names.items, "item"),
        Wanted::Phase => (&names.phases, "phase"),
        Wanted::Slot => (&names.slots, "slot"),
        Wanted::Service => (&names.services, "pane of a service"),
        Wanted::Role => (&names.roles, "role"),
    };
    if known.contains(target) {
        return;
    }
    let (message, suggestion) = match mention.wanted {
        Wanted::Item | Wanted::Phase if names.references.contains(target) => {
            let found = kind_of(target);
            (format!("`{key}` takes {}, and `{target}` is a {found}", article(kind)), near(target, known, kind))
        }
        _ => (format!("`{key}` names the {kind} `{target}`, which is not there"), near(target, known, kind)),
    };
    report.error_because(Cause::Dangling, mention.at, message, suggestion);
}

/// The kind of thing that a reference is written like.
fn kind_of(target: &str) -> &'static str {
    if target.starts_with("signoff:") {
        return "sign-off";
    }
    match target.matches('/').count() {
        0 => "phase",
        1 => "section",
        _ => "item",
    }
}

fn article(kind: &str) -> String {
    if kind == "item" { format!("an {kind}") } else { format!("a {kind}") }
}

/// What may have been meant: the same kind first, then a path that ends the same way, then anything.
fn near(target: &str, known: &BTreeSet<String>, kind: &str) -> String {
    let alike = || {
        known
            .iter()
            .map(String::as_str)
            .filter(|name| ["slot", "role", "pane of a service"].contains(&kind) || kind_of(name) == kind)
    };
    let leaf = target.rsplit(['/', ':']).next().unwrap_or(target);
    let ends_alike = |name: &&str| !leaf.is_empty() && name.rsplit(['/', ':']).next() == Some(leaf);
    let best = nearest(target, alike())
        .or_else(|| known.iter().map(String::as_str).find(ends_alike))
        .or_else(|| nearest(target, known.iter().map(String::as_str)));
    match best {
        Some(best) => format!("did you mean `{best}`?"),
        None if kind == "item" => "write the item's whole path, `phase/section/item`".to_owned(),
        None => format!("there are: {}", listed(alike())),
    }
}

/// Some keys need an item that leaves an attempt behind.
fn check_attempted(draft: &Draft, report: &Report<'_>) {
    for mention in &draft.marks.mentions {
        let Some(item) = draft.checklist.item(&ItemId::new(mention.target.as_str())) else { continue };
        let Some(holder) = holder_check(draft, mention) else { continue };
        let word = item.check.word();
        let (wanted, suggestion) = match (holder, mention.key) {
            (Check::Backup(_), "of") if !matches!(item.check, Check::Backup(_)) => {
                ("a backup", "name the item whose `backup` check made it")
            }
            (Check::Rows(_), "against") | (Check::File(_), "since") | (Check::Http(_), "started_since")
                if !item.check.is_attempted() =>
            {
                ("an attempt", "name an item that the program carries out")
            }
            _ => continue,
        };
        let message = format!("`{}` needs {wanted}, and `{}` is a {word} item", mention.key, item.id);
        report.error(mention.at, message, suggestion);
    }
}

fn holder_check<'d>(draft: &'d Draft, mention: &Mention) -> Option<&'d Check> {
    match &mention.holder {
        Holder::Item(id) => Some(&draft.checklist.item(id)?.check),
        _ => None,
    }
}
