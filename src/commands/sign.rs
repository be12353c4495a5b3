//! `gonogo sign`: a reviewer's sign-off without the screen.

use super::window::find_role;
use super::{Failure, open};
use crate::cli::Sign;
use crate::deployment::Intent;
use crate::deployment::fact::Approval;
use crate::ledger::operator;
use chrono::Utc;
use std::io::Write;

pub fn sign(asked: Sign, out: &mut dyn Write) -> Result<u8, Failure> {
    let by = operator::current(asked.says.as_deref());
    let mut ledger = open::open_ledger(&asked.ledger, &by)?;
    let plan = ledger.plan().clone();
    let (group, role) = find_role(&plan, &asked.role)?;
    let known = plan.checklist().signoff(&group);
    let title =
        known.and_then(|g| g.roles.iter().find(|r| r.id == role)).map_or_else(|| role.to_string(), |r| r.title.clone());
    let group_title = known.map_or_else(|| group.to_string(), |group| group.title.clone());
    let decision = if asked.no_go { Approval::NoGo } else { Approval::Go };
    let intent = Intent::Sign {
        group,
        role,
        name: by.says.clone(),
        decision,
        comment: asked.note,
        date: Utc::now().date_naive(),
    };
    ledger.append(&by, intent)?;
    writeln!(out, "{} signed {group_title} as {title}: {}", by.says, decision.word().to_uppercase())?;
    Ok(0)
}
