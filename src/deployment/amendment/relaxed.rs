//! What an amendment makes easier around the items: gates, sign-offs, protections, metrics.

use super::bounds::{Ease, ease};
use super::difference::retarget;
use crate::checklist::environment::{Environment, Protection};
use crate::checklist::model::{OwnWork, Phase, SameUser, Signatures, SignoffGroup};
use crate::checklist::{Checklist, EnvironmentName};

/// Everything that asks for less than before, one sentence each.
pub(crate) fn relaxed(old: &Checklist, new: &Checklist) -> Vec<String> {
    let mut found = Vec::new();
    for before in &old.phases {
        if let Some(after) = new.phase(&before.id) {
            gate(before, after, &mut found);
        }
    }
    for before in &old.signoffs {
        match new.signoff(&before.id) {
            Some(after) => found.extend(of_group(before, after)),
            None => found.push(format!("sign-off {} is not asked for any more", before.title)),
        }
    }
    for before in &old.panes {
        match new.panes.iter().find(|pane| pane.id == before.id) {
            Some(after) if ease(before.bound(), after.bound()).is_some_and(Ease::lets_more_pass) => {
                found.extend(retarget(before, after));
            }
            Some(_) => {}
            None => found.push(format!("metric {} is not watched any more", before.title)),
        }
    }
    found.extend(old.environments.iter().filter_map(|(name, before)| unprotected(name, before, new)));
    found
}

fn gate(before: &Phase, after: &Phase, found: &mut Vec<String>) {
    let gone = before.gate.iter().filter(|requirement| !after.gate.contains(requirement));
    found.extend(
        gone.map(|requirement| format!("the gate of {} does not wait for {requirement} any more", before.title)),
    );
    for fresh in &before.gate_within {
        let now = after.gate_within.iter().find(|now| now.item == fresh.item);
        if now.is_none_or(|now| now.within > fresh.within) {
            found.push(format!("the gate of {} takes an older pass of {}", before.title, fresh.item));
        }
    }
}

/// What a sign-off group asks for less than before, one sentence each.
pub(crate) fn of_group(before: &SignoffGroup, after: &SignoffGroup) -> Vec<String> {
    let mut found = Vec::new();
    let title = &before.title;
    let people = |group: &SignoffGroup| {
        group.at_least.map_or(group.roles.len(), |people| usize::try_from(people).unwrap_or(usize::MAX))
    };
    if people(after) < people(before) {
        found.push(format!("{title} needs {} people instead of {}", people(after), people(before)));
    } else if before.at_least.is_some() && after.at_least.is_none() {
        found.push(format!("{title} takes one person in several roles"));
    }
    if before.signed == Signatures::Required && after.signed == Signatures::Optional {
        found.push(format!("{title} takes sign-offs without a key"));
    }
    if before.own_work == OwnWork::Refused && after.own_work == OwnWork::Allowed {
        found.push(format!("{title} may be approved by who carried it out"));
    }
    let uncovered = before.phases.iter().filter(|phase| !after.phases.contains(phase));
    found.extend(uncovered.map(|phase| format!("{title} does not cover {phase} any more")));
    for role in &before.roles {
        let Some(now) = after.roles.iter().find(|now| now.id == role.id) else {
            found.push(format!("{} does not sign {title} any more", role.title));
            continue;
        };
        let apart = role.differs_from.iter().filter(|other| !now.differs_from.contains(other));
        found.extend(apart.map(|other| format!("{} of {title} may be the same person as {other}", role.title)));
        if role.same_user == SameUser::Refused && now.same_user == SameUser::Allowed {
            found.push(format!("{} of {title} may share a user with another role", role.title));
        }
        if role.principal != now.principal {
            found.push(format!("{} of {title} signs as another principal", role.title));
        }
    }
    found
}

fn unprotected(name: &EnvironmentName, before: &Environment, new: &Checklist) -> Option<String> {
    let after = new.environments.get(name)?;
    let open = before.protection == Protection::Protected && after.protection == Protection::Open;
    open.then(|| format!("{name} is not protected any more"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checklist::pane::{Pane, Source};
    use crate::checklist::reader;
    use crate::checklist::target::{Bound, Target};

    #[test]
    fn a_metric_that_asks_for_less_is_named_with_both_targets() {
        let text = "format = 1\nid = \"c\"\ntitle = \"C\"\n[[slot]]\nid = \"s\"\ntitle = \"S\"\n[environments.one]\nslot = \"s\"\n\
            [[phase]]\nid = \"p\"\ntitle = \"P\"\nslot = \"s\"\n[[phase.section]]\nid = \"a\"\ntitle = \"A\"\n\
            [[phase.section.item]]\nid = \"x\"\ntitle = \"X\"\n";
        let plain = reader::read("c.toml", text).unwrap();
        let with = |bound: Option<Bound>| {
            let target = bound.map(|bound| Target { measure: "errors".into(), bound, unit: "errors".into() });
            let pane = Pane { target, ..Pane::new("errors", "s", Source::DatabaseSize, "errors") };
            Checklist { panes: vec![pane], ..plain.clone() }
        };
        let (zero, fifty) = (with(Some(Bound::Equals(0.0))), with(Some(Bound::AtMost(50.0))));
        assert_eq!(relaxed(&zero, &fifty), ["metric errors: target loosened (= 0 errors → ≤ 50 errors)"]);
        assert_eq!(relaxed(&zero, &with(None)), ["metric errors: target loosened (= 0 errors → no target)"]);
        assert_eq!(relaxed(&zero, &plain), ["metric errors is not watched any more"]);
        assert_eq!(relaxed(&fifty, &zero), Vec::<String>::new());
    }
}
