//! `gonogo sign`: a reviewer's sign-off without the screen, attested or signed with an SSH key.

mod signed;

use super::window::roles_named;
use super::{Failure, acting, open, review};
use crate::cli::proof::Sign;
use crate::deployment::fact::Approval;
use crate::deployment::{Intent, Plan, signoff};
use crate::harmless::one_line;
use crate::identity::key;
use crate::ledger::Ledger;
use std::fmt::Write as _;
use std::io::{self, Write};

pub(crate) fn sign(asked: Sign, out: &mut dyn Write) -> Result<u8, Failure> {
    let by = acting(&asked.on.by);
    let mut ledger = open::open_ledger(&asked.on.ledger, &by)?;
    let plan = ledger.plan().clone();
    let Some(wanted) = asked.role.as_deref() else {
        return if asked.json { json(&ledger, out) } else { list(&ledger, out) };
    };
    let found = roles_named(&plan, wanted);
    let [(group, role)] = found.as_slice() else {
        let role = wanted.split_once('/').map_or(wanted, |(_, role)| role);
        return Err(Failure::usage(which(&plan, role, found.len())));
    };
    let (group, role) = (*group, *role);
    if let Some(reason) = asked.withdraw {
        ledger.append(&by, Intent::WithdrawSignoff { group: group.id.clone(), role: role.id.clone(), reason })?;
        let (role, group) = (one_line(&role.title), one_line(&group.title));
        if asked.json {
            return json(&ledger, out);
        }
        writeln!(out, "{} withdrew the sign-off of {role}, {group}", one_line(&by.to_string()))?;
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
    let (for_group, as_role) = (one_line(&group.title), one_line(&role.title));
    let what = format!("sign {} for {for_group} as {as_role}", decision.word().to_uppercase());
    review::before_signing(&mut ledger, group, &what, asked.reviewed, out)?;
    // Whoever has a key signs where signatures are looked at.
    let own = || if ledger.state().signers.is_empty() { None } else { key::chosen(None).ok() };
    let key = match (&asked.key, asked.unsigned) {
        (_, true) => None,
        (Some(named), false) => Some(key::chosen(Some(named)).map_err(|why| Failure::usage(why.to_string()))?),
        (None, false) => own(),
    };
    if let Some(key) = key {
        if asked.json {
            signed::sign(&mut ledger, &by, (group, role), &key, &said, &mut io::sink())?;
            return json(&ledger, out);
        }
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
    if asked.json {
        return json(&ledger, out);
    }
    let (role, group) = (one_line(&role.title), one_line(&group.title));
    writeln!(out, "{} signed {group} as {role}: {}", one_line(&by.to_string()), decision.word().to_uppercase())?;
    Ok(0)
}

/// Every line of `status --json`, `signoffs`: format 1.
fn json(ledger: &Ledger, out: &mut dyn Write) -> Result<u8, Failure> {
    let signoffs = super::status::account(ledger).signoffs;
    writeln!(out, "{:#}", serde_json::json!({ "format": 1, "signoffs": signoffs }))?;
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
        let text = format!("{}/{}  {}, {}: {}{by}", group.id, role.id, role.title, group.title, line.standing.word());
        writeln!(out, "{}", one_line(&text))?;
    }
    Ok(0)
}

/// Why a role is not one, with those there are and whose they are.
fn which(plan: &Plan, wanted: &str, found: usize) -> String {
    let groups = &plan.checklist().signoffs;
    if groups.iter().all(|group| group.roles.is_empty()) {
        return format!("{} asks for no sign-off, so there is nothing to sign", one_line(&plan.checklist().title));
    }
    let mut text = match (wanted, found) {
        (_, 0) => format!("the checklist has no sign-off `{wanted}`; its roles are:"),
        _ => format!("{found} groups have a role `{wanted}`; say which with GROUP/ROLE:"),
    };
    for group in groups {
        for role in &group.roles {
            let (title, of) = (one_line(&role.title), one_line(&group.title));
            let _ = write!(text, "\n  {}/{}  {title}, {of}", group.id, role.id);
        }
    }
    text.push_str("\nThe name is yours or that of --name; --note TEXT adds a comment, which --no-go needs.");
    text
}
