//! `gonogo sign`: a reviewer's sign-off without the screen, attested or signed with an SSH key.

mod signed;

use super::window::roles_named;
use super::{Failure, acting, open, review};
use crate::cli::proof::Sign;
use crate::deployment::fact::Approval;
use crate::deployment::{Intent, Plan, signoff};
use crate::identity::key;
use crate::ledger::Ledger;
use std::fmt::Write as _;
use std::io::Write;

pub(crate) fn sign(asked: Sign, out: &mut dyn Write) -> Result<u8, Failure> {
    let by = acting(&asked.on.by);
    let mut ledger = open::open_ledger(&asked.on.ledger, &by)?;
    let plan = ledger.plan().clone();
    let Some(wanted) = asked.role.as_deref() else { return list(&ledger, out) };
    let found = roles_named(&plan, wanted);
    let [(group, role)] = found.as_slice() else {
        let role = wanted.split_once('/').map_or(wanted, |(_, role)| role);
        return Err(Failure::usage(which(&plan, role, found.len())));
    };
    let (group, role) = (*group, *role);
    if let Some(reason) = asked.withdraw {
        ledger.append(&by, Intent::WithdrawSignoff { group: group.id.clone(), role: role.id.clone(), reason })?;
        writeln!(out, "{by} withdrew the sign-off of {}, {}", role.title, group.title)?;
        return Ok(0);
    }
    let decision = if asked.no_go { Approval::NoGo } else { Approval::Go };
    if let (Some(statement), Some(signature)) = (&asked.statement, &asked.signature) {
        return signed::bring(&mut ledger, &by, (group, role), [statement, signature], out);
    }
    let said = signed::Saying { decision, comment: asked.note.clone(), yes: asked.yes };
    if asked.print {
        return signed::print(&ledger, &by, (group, role), &said, out);
    }
    let what = format!("sign {} for {} as {}", decision.word().to_uppercase(), group.title, role.title);
    review::before_signing(&mut ledger, group, &what, asked.reviewed, out)?;
    // Whoever has a key signs where signatures are looked at.
    let own = || if ledger.state().signers.is_empty() { None } else { key::chosen(None).ok() };
    let key = match (&asked.key, asked.unsigned) {
        (_, true) => None,
        (Some(named), false) => Some(key::chosen(Some(named)).map_err(|why| Failure::usage(why.to_string()))?),
        (None, false) => own(),
    };
    if let Some(key) = key {
        return signed::sign(&mut ledger, &by, (group, role), &key, &said, out);
    }
    let intent = Intent::Sign {
        group: group.id.clone(),
        role: role.id.clone(),
        name: by.says.clone(),
        decision,
        comment: asked.note,
    };
    ledger.append(&by, intent)?;
    writeln!(out, "{by} signed {} as {}: {}", group.title, role.title, decision.word().to_uppercase())?;
    Ok(0)
}

/// Every role, whose it is, and how it stands.
fn list(ledger: &Ledger, out: &mut dyn Write) -> Result<u8, Failure> {
    let mut board = ledger.board();
    let lines = signoff::lines(ledger.plan(), ledger.state(), &mut board);
    if lines.is_empty() {
        return Err(Failure::usage(which(ledger.plan(), "", 0)));
    }
    for line in lines {
        let (group, role) = (line.group, line.role);
        let by = line.signed.map(|(_, signed)| format!(", {}", signed.name)).unwrap_or_default();
        writeln!(out, "{}/{}  {}, {}: {}{by}", group.id, role.id, role.title, group.title, line.standing.word())?;
    }
    Ok(0)
}

/// Why a role is not one, with those there are and whose they are.
fn which(plan: &Plan, wanted: &str, found: usize) -> String {
    let groups = &plan.checklist().signoffs;
    if groups.iter().all(|group| group.roles.is_empty()) {
        return format!("{} asks for no sign-off, so there is nothing to sign", plan.checklist().title);
    }
    let mut text = match (wanted, found) {
        (_, 0) => format!("the checklist has no sign-off `{wanted}`; its roles are:"),
        _ => format!("{found} groups have a role `{wanted}`; say which with GROUP/ROLE:"),
    };
    for group in groups {
        for role in &group.roles {
            let _ = write!(text, "\n  {}/{}  {}, {}", group.id, role.id, role.title, group.title);
        }
    }
    text.push_str("\nThe name is yours or that of --name; --note TEXT adds a comment, which --no-go needs.");
    text
}
