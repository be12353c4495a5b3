//! Groups of people who sign.

use super::document;
use super::marks::{Holder, Marks, Wanted};
use super::table::TableReader;
use crate::checklist::ids::{GroupId, PhaseId, RoleId};
use crate::checklist::model::{OwnWork, SameUser, Signatures, SignoffGroup, SignoffRole};

pub(super) fn read(mut table: TableReader<'_>, marks: &mut Marks) -> SignoffGroup {
    let id = document::name(&mut table, "sign-off group", "", marks);
    let title = document::or_empty(table.required_text("title"));
    let mut phases = Vec::new();
    if table.require("phases", "[\"…\"]") {
        for phase in table.texts("phases") {
            marks.mention(&Holder::Aside, "phases", Wanted::Phase, &phase.value, phase.at);
            phases.push(PhaseId::new(phase.value));
        }
    }
    let roles = table.tables("role", "a role");
    if roles.is_empty() && !table.has("role") {
        table.missing("role", "[[signoff.role]]");
    }
    let roles: Vec<SignoffRole> = roles.into_iter().map(|role| read_role(role, &id, marks)).collect();
    let signed = table.word("signed", &[("required", Signatures::Required), ("optional", Signatures::Optional)]);
    let own_work = table.word("own_work", &[("refused", OwnWork::Refused), ("allowed", OwnWork::Allowed)]);
    let at_least = table.whole("at_least", 1..=u32::MAX);
    if let Some(wanted) =
        at_least.as_ref().filter(|wanted| usize::try_from(wanted.value).is_ok_and(|n| n > roles.len()))
    {
        let message = format!("{} people are asked for, and the group has {} roles", wanted.value, roles.len());
        table.report().error(wanted.at, message, "ask for fewer, or add a `[[signoff.role]]`");
    }
    table.finish();
    SignoffGroup {
        id: GroupId::new(id),
        title,
        phases,
        roles,
        signed: signed.map(|word| word.value).unwrap_or_default(),
        at_least: at_least.map(|number| number.value),
        own_work: own_work.map(|word| word.value).unwrap_or_default(),
    }
}

fn read_role(mut table: TableReader<'_>, group: &str, marks: &mut Marks) -> SignoffRole {
    let path = document::name(&mut table, "role", group, marks);
    let title = document::or_empty(table.required_text("title"));
    let seed_lines = document::seed_lines(&mut table, "seed_line");
    let mut differs_from = Vec::new();
    for role in table.texts("differs_from") {
        // A role of its own group may go by its id alone.
        let whole = if role.value.contains('/') { role.value } else { format!("{group}/{}", role.value) };
        marks.mention(&Holder::Aside, "differs_from", Wanted::Role, &whole, role.at);
        differs_from.push(whole);
    }
    let same_user = table.word("same_user", &[("refused", SameUser::Refused), ("allowed", SameUser::Allowed)]);
    let same_user = same_user.map(|word| word.value).unwrap_or_default();
    let principal = table.text("principal").map(|text| text.value);
    table.finish();
    let id = RoleId::new(path.rsplit('/').next().unwrap_or_default());
    SignoffRole { id, title, seed_lines, differs_from, same_user, principal }
}
