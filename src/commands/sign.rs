//! `gonogo sign`: a reviewer's sign-off without the screen.

use super::{Failure, open};
use crate::cli::Sign;
use crate::deployment::fact::Approval;
use crate::deployment::{Intent, Refusal};
use crate::ledger::operator;
use chrono::Utc;
use std::io::Write;

pub fn sign(asked: Sign, out: &mut dyn Write) -> Result<u8, Failure> {
    let by = operator::current(asked.says.as_deref());
    let mut ledger = open::open_ledger(&asked.ledger, &by)?;
    let plan = ledger.plan().clone();
    let (group, role) = asked.role.split_once('/').map_or((None, asked.role.as_str()), |(g, r)| (Some(g), r));
    let groups = plan.checklist().signoffs.iter().filter(|g| group.is_none_or(|wanted| g.id.as_str() == wanted));
    let found: Vec<_> =
        groups.flat_map(|g| g.roles.iter().filter(|r| r.id.as_str() == role).map(move |r| (g, r))).collect();
    let [(group, role)] = found.as_slice() else {
        return Err(Refusal::NoSuchRole(asked.role).into());
    };
    let decision = if asked.no_go { Approval::NoGo } else { Approval::Go };
    let intent = Intent::Sign {
        group: group.id.clone(),
        role: role.id.clone(),
        name: by.says.clone(),
        decision,
        comment: asked.note,
        date: Utc::now().date_naive(),
    };
    ledger.append(&by, intent)?;
    writeln!(out, "{} signed {} as {}: {}", by.says, group.title, role.title, decision.word().to_uppercase())?;
    Ok(0)
}
