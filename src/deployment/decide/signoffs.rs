//! Sign-offs, attested or signed, and who may sign.

use super::{Context, reason, text};
use crate::checklist::model::{OwnWork, Signatures, SignoffGroup, SignoffRole};
use crate::checklist::{GroupId, RoleId};
use crate::deployment::fact::{Approval, Fact, Signature, Signed, SignersRecorded};
use crate::deployment::plan::Plan;
use crate::deployment::record::Seq;
use crate::deployment::refusal::Refusal;
use crate::deployment::roles;
use crate::deployment::signoff::statement::{Statement, principal};
use crate::deployment::signoff::{AHEAD, evidence, policy};
use crate::deployment::state::State;
use crate::deployment::status::Board;
use chrono::NaiveDate;

/// What a person says with a sign-off.
pub(crate) struct Said {
    pub name: String,
    pub decision: Approval,
    pub comment: Option<String>,
    pub date: NaiveDate,
}

/// A sign-off that rests on the user alone. A later one of the same role replaces it; both stay in the ledger.
pub(crate) fn attest(
    plan: &Plan,
    state: &State,
    context: &Context,
    (group, role): (GroupId, RoleId),
    said: &Said,
) -> Result<Vec<Fact>, Refusal> {
    let (group, role) = known(plan, &group, &role)?;
    refuse_person(plan, state, context, group, role)?;
    if group.signed == Signatures::Required && context.by.simulated.is_none() {
        let role = format!("{}/{}", group.id, role.id);
        return Err(Refusal::SignatureNeeded { group: group.title.clone(), role });
    }
    // Whoever may write the ledger could put any name in the place of a signature.
    if let Some(standing) = policy::standing_signature(state, &group.id, &role.id)
        && context.by.simulated.is_none()
    {
        let (role, name, fingerprint) = (role.title.clone(), standing.name.to_owned(), standing.fingerprint.to_owned());
        return Err(Refusal::KeyNeeded { role, name, fingerprint, record: standing.record });
    }
    let mut board = Board::at(plan, state, context.at);
    let evidence = evidence::digest(plan, state, &mut board, group, evidence::FORM);
    signed(plan, state, (group, role), said, evidence, None)
}

/// A sign-off whose text was signed. What was signed has to be what the ledger says now.
pub(crate) fn sign(plan: &Plan, state: &State, context: &Context, signature: Signature) -> Result<Vec<Fact>, Refusal> {
    let stated = Statement::read(&signature.statement).map_err(Refusal::NoStatement)?;
    let (group, role) = known(plan, &stated.group, &stated.role)?;
    refuse_person(plan, state, context, group, role)?;
    if let Some(other) = roles::signed_with_same_key(plan, state, (&group.id, role), &signature.fingerprint) {
        return Err(Refusal::SameKey { role: role.title.clone(), other });
    }
    let mut board = Board::at(plan, state, context.at);
    let now = Statement::of(plan, state, &mut board, (group, role), stated.said()).ok_or(Refusal::NotOpen)?;
    if let Some(differs) = differs(&stated, &now, state) {
        return Err(Refusal::StatementOutdated { differs: differs.to_owned() });
    }
    if signature.principal != principal(plan, role) {
        return Err(Refusal::StatementOutdated { differs: "the principal".to_owned() });
    }
    if stated.time > context.at + AHEAD {
        return Err(Refusal::StatementAhead { role: role.title.clone(), time: stated.time });
    }
    if let Some(record) = superseded(&stated, state) {
        return Err(Refusal::StatementReplaced { role: role.title.clone(), record });
    }
    let Statement { name, decision, comment, time, evidence, .. } = stated;
    let said = Said { name, decision, comment, date: time.date_naive() };
    signed(plan, state, (group, role), &said, evidence, Some(signature))
}

/// What of a statement is not as it would be worded now; nothing when it is the same text.
pub(crate) fn differs(stated: &Statement, now: &Statement, state: &State) -> Option<&'static str> {
    // What was signed last may lie some records back, but never ahead.
    let ahead = state
        .head
        .as_ref()
        .is_none_or(|(seq, sum)| stated.head.seq > *seq || (stated.head.seq == *seq && stated.head.sum != *sum));
    let parts = [
        (stated.ledger != now.ledger, "it is of another ledger"),
        (ahead, "the ledger ends elsewhere"),
        (stated.checklist != now.checklist, "the checklist"),
        (stated.evidence != now.evidence || stated.phases != now.phases, "the evidence"),
        (stated.exceptions != now.exceptions, "what failed, was waived or overridden"),
        (stated != now, "the deployment, the role or the principal"),
    ];
    parts.into_iter().find_map(|(differs, what)| differs.then_some(what))
}

/// The record in which the role signed or withdrew after all that the signer of this statement had seen. Whoever brings it
/// then brings a copy of an earlier sign-off, which its signer has replaced or withdrawn.
pub(crate) fn superseded(stated: &Statement, state: &State) -> Option<Seq> {
    let own = |group: &GroupId, role: &RoleId| *group == stated.group && *role == stated.role;
    let signed = state.signed.iter().rev().find(|(_, signed)| own(&signed.group, &signed.role));
    let withdrawn = state.withdrawn.iter().rev().find(|withdrawn| own(&withdrawn.group, &withdrawn.role));
    let last = signed.map(|(stamp, _)| stamp.seq).max(withdrawn.map(|withdrawn| withdrawn.stamp.seq))?;
    (last > stated.head.seq).then_some(last)
}

fn signed(
    plan: &Plan,
    state: &State,
    (group, role): (&SignoffGroup, &SignoffRole),
    said: &Said,
    evidence: crate::checklist::Digest,
    signature: Option<Signature>,
) -> Result<Vec<Fact>, Refusal> {
    let name = text(&said.name)?;
    let comment = said.comment.as_deref().map(str::trim).filter(|comment| !comment.is_empty());
    if said.decision == Approval::NoGo && comment.is_none() {
        return Err(Refusal::CommentMissing);
    }
    let standing = policy::standing_signature(state, &group.id, &role.id);
    let other =
        standing.filter(|standing| signature.as_ref().is_none_or(|own| own.fingerprint != standing.fingerprint));
    Ok(vec![Fact::Signed(
        Signed {
            group: group.id.clone(),
            role: role.id.clone(),
            name,
            decision: said.decision,
            comment: comment.map(ToOwned::to_owned),
            date: said.date,
            checklist: plan.digest().clone(),
            evidence,
            evidence_form: evidence::FORM,
            signature,
            replaces: other.map(|other| other.record),
        }
        .into(),
    )])
}

fn known<'a>(plan: &'a Plan, group: &GroupId, role: &RoleId) -> Result<(&'a SignoffGroup, &'a SignoffRole), Refusal> {
    let unknown = || Refusal::NoSuchRole(format!("{group}/{role}"));
    let group = plan.checklist().signoff(group).ok_or_else(unknown)?;
    let role = group.roles.iter().find(|known| known.id == *role).ok_or_else(unknown)?;
    Ok((group, role))
}

/// Refuses who may not sign in a role: it is somebody else's, they hold one that must be another's, or it is their work.
fn refuse_person(
    plan: &Plan,
    state: &State,
    context: &Context,
    group: &SignoffGroup,
    role: &SignoffRole,
) -> Result<(), Refusal> {
    if let Some(person) = roles::held_by_another(state, &group.id, &role.id, &context.by) {
        return Err(Refusal::RoleOfAnother { role: role.title.clone(), person: person.to_owned() });
    }
    if let Some((other, signed)) = roles::refused_same_user(plan, state, (&group.id, role), &context.by) {
        return Err(Refusal::SameUser { role: role.title.clone(), other, by: signed.by.to_string() });
    }
    if group.own_work == OwnWork::Refused
        && let Some(work) = policy::own_work(plan, state, group, &context.by)
    {
        return Err(Refusal::OwnWork { group: group.title.clone(), work: work.to_owned() });
    }
    Ok(())
}

/// By the user who signed, or whoever the role was given to since.
pub(crate) fn withdraw(
    plan: &Plan,
    state: &State,
    context: &Context,
    group: GroupId,
    role: RoleId,
    why: &str,
) -> Result<Vec<Fact>, Refusal> {
    let (_, known) = known(plan, &group, &role)?;
    let title = roles::title_of(plan, &(group.clone(), role.clone()));
    let mut signed = state.signed.iter().rev();
    let last = signed.find(|(_, signed)| signed.group == group && signed.role == role);
    let last = last.filter(|(stamp, _)| !policy::withdrawn(state, stamp, &group, &role));
    let Some((stamp, _)) = last else { return Err(Refusal::NothingToWithdraw(title)) };
    let holds = state.roles.contains_key(&(group.clone(), role.clone()));
    let held = holds && roles::held_by_another(state, &group, &role, &context.by).is_none();
    if stamp.by.user != context.by.user && !held {
        return Err(Refusal::NotYourSignoff { role: known.title.clone(), by: stamp.by.to_string() });
    }
    Ok(vec![Fact::SignoffWithdrawn { group, role, reason: reason(why)? }])
}

/// The same once more is no record.
pub(crate) fn record_signers(state: &State, signers: SignersRecorded) -> Vec<Fact> {
    let same = state.signers.last().is_some_and(|(_, known)| known.digest == signers.digest);
    if same { Vec::new() } else { vec![Fact::SignersRecorded(signers.into())] }
}
