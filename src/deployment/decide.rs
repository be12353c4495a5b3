//! Turns an intent into facts, or refuses it. The ledger calls this again under its lock, on the newest state.

mod arming;
pub(crate) mod attempts;
mod items;
mod journal;

pub use attempts::command_text;

use super::criteria;
use super::destruction;
use super::fact::{Approval, Decided, Fact, LedgerOpened, Signed};
use super::intent::Intent;
use super::operator::Operator;
use super::plan::Plan;
use super::refusal::Refusal;
use super::signoff;
use super::state::State;
use super::status::Board;
use crate::checklist::{EnvironmentName, GroupId, Item, ItemId, RoleId};
use chrono::{DateTime, NaiveDate, Utc};

/// When, and who.
#[derive(Debug, Clone, PartialEq)]
pub struct Context {
    pub at: DateTime<Utc>,
    pub by: Operator,
}

/// Decides an intent on a state. Pure: the same arguments give the same facts.
///
/// # Errors
/// The refusal says what stands in the way and what would let it.
pub fn decide(plan: &Plan, state: &State, context: &Context, intent: Intent) -> Result<Vec<Fact>, Refusal> {
    if state.opened.is_none() && !matches!(intent, Intent::OpenLedger(_)) {
        return Err(Refusal::NotOpen);
    }
    refuse_stand_in_outside_rehearsal(plan, context)?;
    // Whatever plan was handed in, what is armed is read from the state.
    let plan = &*plan.in_force(state);
    match intent {
        Intent::OpenLedger(opened) => open(state, opened),
        Intent::RecordIdentity { environment, identity } => reach(state, &environment, identity),
        Intent::CheckItem { item, note } => items::check(plan, state, item, note),
        Intent::UncheckItem { item, reason } => items::uncheck(plan, state, item, &reason),
        Intent::WaiveItem { item, how, reason, until } => items::waive(plan, state, item, how, &reason, until),
        Intent::WithdrawWaiver { item, reason } => items::withdraw(plan, state, item, &reason),
        Intent::FillValue { item, value } => items::fill(plan, state, item, &value),
        Intent::JudgeItem { item } => items::judge(plan, state, item),
        Intent::ArmCommand { item, proposal, values, destroys, confirmation } => {
            let typed = arming::Typed { values, destroys, confirmation };
            arming::arm(plan, state, context, item, proposal, &typed)
        }
        Intent::DisarmCommand { item, reason } => arming::disarm(plan, state, item, &reason),
        Intent::StartAttempt { item, confirmation } => {
            attempts::start(plan, state, context, item, confirmation.as_deref())
        }
        Intent::FinishAttempt { attempt, outcome } => attempts::finish(state, attempt, outcome),
        Intent::LoseAttempt { attempt, reason } => attempts::lose(state, attempt, &reason),
        Intent::ResolveAttempt { attempt, reason } => attempts::resolve(plan, state, attempt, &reason),
        Intent::RequestCancel { attempt, reason } => attempts::cancel(state, attempt, &reason),
        Intent::RecordBlockerCancelled { environment, session, how, reason } => {
            destruction::blocker(plan, environment, session, how, &reason)
        }
        Intent::AddNote { item, text } => journal::note(plan, item, &text),
        Intent::OpenIssue { title, account } => journal::open_issue(state, &title, account),
        Intent::UpdateIssue { issue, account } => journal::update_issue(state, issue, account),
        Intent::AddLesson { text } => journal::lesson(&text),
        Intent::Sign { group, role, name, decision, comment, date } => {
            sign(plan, state, Signature { group, role, name, decision, comment, date })
        }
        Intent::Decide { decision, reason } => decide_go(plan, state, decision, &reason),
        Intent::RecordRepair { kept, bytes } => Ok(vec![Fact::LedgerRepaired { kept, bytes }]),
    }
}

fn refuse_stand_in_outside_rehearsal(plan: &Plan, context: &Context) -> Result<(), Refusal> {
    if context.by.stand_in.is_none() || plan.is_rehearsal() {
        return Ok(());
    }
    let real = plan
        .bindings()
        .values()
        .find(|name| plan.environment(name).is_none_or(|e| e.kind != crate::checklist::EnvironmentKind::Rehearsal));
    Err(Refusal::StandInForbidden(real.cloned().unwrap_or_else(|| EnvironmentName::new("this deployment"))))
}

fn open(state: &State, opened: LedgerOpened) -> Result<Vec<Fact>, Refusal> {
    if state.opened.is_some() {
        return Err(Refusal::AlreadyOpen);
    }
    Ok(vec![Fact::LedgerOpened(opened)])
}

/// The first contact is recorded; a later one must find the same database, and no two environments the same one.
fn reach(state: &State, environment: &EnvironmentName, identity: String) -> Result<Vec<Fact>, Refusal> {
    if let Some(recorded) = state.reached.get(environment) {
        if *recorded == identity {
            return Ok(Vec::new());
        }
        return Err(Refusal::WrongTarget {
            environment: environment.clone(),
            recorded: recorded.clone(),
            found: identity,
        });
    }
    if let Some((other, _)) = state.reached.iter().find(|(_, known)| **known == identity) {
        return Err(Refusal::SameTarget { environment: environment.clone(), other: other.clone(), identity });
    }
    Ok(vec![Fact::EnvironmentReached { environment: environment.clone(), identity }])
}

struct Signature {
    group: GroupId,
    role: RoleId,
    name: String,
    decision: Approval,
    comment: Option<String>,
    date: NaiveDate,
}

/// A later signature of the same role replaces the earlier one; both stay in the ledger.
fn sign(plan: &Plan, state: &State, signature: Signature) -> Result<Vec<Fact>, Refusal> {
    let unknown = || Refusal::NoSuchRole(format!("{}/{}", signature.group, signature.role));
    let group = plan.checklist().signoff(&signature.group).ok_or_else(unknown)?;
    group.roles.iter().find(|role| role.id == signature.role).ok_or_else(unknown)?;
    let name = text(&signature.name)?;
    let comment = signature.comment.as_deref().map(str::trim).filter(|comment| !comment.is_empty());
    if signature.decision == Approval::NoGo && comment.is_none() {
        return Err(Refusal::ReasonMissing);
    }
    let mut board = Board::new(plan, state);
    let evidence = signoff::evidence_digest(plan, state, &mut board, group);
    Ok(vec![Fact::Signed(Signed {
        group: signature.group,
        role: signature.role,
        name,
        decision: signature.decision,
        comment: comment.map(ToOwned::to_owned),
        date: signature.date,
        checklist: plan.digest().clone(),
        evidence,
    })])
}

fn decide_go(plan: &Plan, state: &State, decision: Approval, reason: &str) -> Result<Vec<Fact>, Refusal> {
    let mut board = Board::new(plan, state);
    if decision == Approval::Go {
        criteria::may_go(plan, state, &mut board).map_err(|reasons| Refusal::NotGo { reasons })?;
    } else if reason.trim().is_empty() {
        return Err(Refusal::ReasonMissing);
    }
    Ok(vec![Fact::Decided(Decided {
        decision,
        reason: reason.trim().to_owned(),
        checklist: plan.digest().clone(),
        criteria: criteria::stood(plan, state, &board),
    })])
}

fn known<'a>(plan: &'a Plan, item: &ItemId) -> Result<&'a Item, Refusal> {
    plan.item(item).ok_or_else(|| Refusal::NoSuchItem(item.clone()))
}

fn reason(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() { Err(Refusal::ReasonMissing) } else { Ok(text.to_owned()) }
}

fn text(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() { Err(Refusal::TextMissing) } else { Ok(text.to_owned()) }
}
