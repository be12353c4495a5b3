//! Turns an intent into facts, or refuses it. The ledger calls this again under its lock, on the newest state.

mod alerts;
mod amendments;
mod arming;
pub(crate) mod attempts;
mod clock;
mod endings;
mod items;
mod journal;
mod people;
mod polls;
mod rules;
pub(crate) mod seats;
mod sensed;
pub(crate) mod signoffs;

use super::attempt::AttemptPhase;
use super::destruction;
use super::fact::{Fact, LedgerOpened, Preflighted};
use super::intent::Intent;
use super::operator::Operator;
use super::plan::Plan;
use super::refusal::Refusal;
use super::seat::{SeatLock, SessionId};
use super::state::State;
use crate::checklist::{Check, EnvironmentName, Item, ItemId};
use chrono::{DateTime, Utc};
use signoffs::Said;

/// When, and who, and from which session.
#[derive(Debug, Clone, PartialEq)]
pub struct Context {
    pub at: DateTime<Utc>,
    pub by: Operator,
    /// The session that asks, or that a supervisor acts for.
    pub session: SessionId,
    /// What was seen of `seat.lock` under the ledger's lock.
    pub lock: SeatLock,
}

impl Context {
    /// A session without a name, and nobody in the captain's seat.
    #[must_use]
    pub fn new(at: DateTime<Utc>, by: Operator) -> Self {
        Self { at, by, session: SessionId::default(), lock: SeatLock::Free }
    }
}

/// Decides an intent on a state. Pure: the same arguments give the same facts.
///
/// # Errors
/// The refusal says what is in the way and what would let it.
pub fn decide(plan: &Plan, state: &State, context: &Context, intent: Intent) -> Result<Vec<Fact>, Refusal> {
    if state.opened.is_none() && !matches!(intent, Intent::OpenLedger(_)) {
        return Err(Refusal::NotOpen);
    }
    refuse_simulated_outside_rehearsal(plan, context)?;
    if !is_watch(plan, &intent) {
        seats::refuse_wrong_seat(state, context, &intent)?;
    }
    endings::refuse_too_late(state, &intent)?;
    // Whatever plan was handed in, what is armed is read from the state.
    let plan = &*plan.active(state);
    match intent {
        Intent::OpenLedger(opened) => open(state, opened),
        Intent::AmendChecklist(asked) => amendments::amend(plan, state, asked),
        Intent::RecordIdentity { environment, identity } => reach(plan, state, &environment, identity),
        Intent::CheckItem { item, note } => items::check(plan, state, context, item, note),
        Intent::UncheckItem { item, reason } => items::uncheck(plan, state, item, &reason),
        Intent::WaiveItem { item, how, reason, until } => items::waive(plan, state, context, item, how, &reason, until),
        Intent::WithdrawWaiver { item, reason } => items::withdraw(plan, state, item, &reason),
        Intent::FillValue { item, value } => items::fill(plan, state, context, item, &value),
        Intent::EvaluateItem { item } => items::evaluate(plan, state, context, item),
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
        Intent::RecordPreflight(found) => preflighted(plan, found),
        Intent::AddNote { item, text } => journal::note(plan, item, &text),
        Intent::OpenIssue { title, account } => journal::open_issue(state, &title, account),
        Intent::UpdateIssue { issue, account } => journal::update_issue(state, issue, account),
        Intent::AddLesson { text } => journal::lesson(&text),
        Intent::Sign { group, role, name, decision, comment } => {
            let said = Said { name, decision, comment, date: context.at.date_naive() };
            signoffs::attest(plan, state, context, (group, role), &said)
        }
        Intent::SignStatement(signature) => signoffs::sign(plan, state, context, signature),
        Intent::WithdrawSignoff { group, role, reason } => {
            signoffs::withdraw(plan, state, context, group, role, &reason)
        }
        Intent::RecordAnchor(anchored) => Ok(vec![Fact::Anchored(anchored.into())]),
        Intent::RecordSigners(signers) => Ok(signoffs::record_signers(state, signers)),
        Intent::RecordRepair { kept, bytes } => Ok(vec![Fact::LedgerRepaired { kept, bytes }]),
        Intent::Decide { decision, reason } => polls::decide(plan, state, context, decision, &reason),
        Intent::ReopenDecision { reason } => polls::reopen(state, &reason),
        Intent::TakeSeat { seat } => seats::take(state, context, seat),
        Intent::TakeOverSeat { reason } => seats::take_over(state, context, &reason),
        Intent::HandOverSeat { to, word } => seats::hand_over(state, context, &to, &word),
        Intent::LeaveSeat => Ok(seats::leave(state, context)),
        Intent::ReportSeatEmpty => Ok(seats::report_empty(state, context)),
        Intent::PlanWindow { zero, end } => clock::plan_window(plan, state, context, zero, end),
        Intent::StartClock { from, pace } => clock::start(plan, state, context, from, pace),
        Intent::HoldClock { reason } => clock::hold(state, &reason),
        Intent::ResumeClock { reason } => clock::resume(state, reason),
        Intent::PaceClock { pace } => clock::pace(plan, state, pace),
        Intent::AdoptEstimates(estimates) => clock::adopt(plan, estimates),
        Intent::OpenPoll { reason } => polls::open(plan, state, reason),
        Intent::AnswerPoll { station, answer, reason } => polls::answer(plan, state, context, &station, answer, reason),
        Intent::AssignRole { group, role, person } => people::assign(plan, state, group, role, &person),
        Intent::ReleaseRole { group, role, reason } => people::release(plan, state, group, role, &reason),
        Intent::RequestOverride { phase, reason } => people::request_override(plan, state, context, phase, &reason),
        Intent::ConfirmOverride { phase, word } => people::confirm_override(plan, state, context, phase, &word),
        Intent::ReportSensed { item, verdict, detail, measured, failures } => {
            sensed::report(plan, state, sensed::Sensed { item, verdict, detail, measured, failures })
        }
        Intent::RemindOfDue => Ok(journal::remind(plan, state, context)),
        Intent::RecordHandover { to, note, text } => journal::hand_over(to, note, &text),
        Intent::Acknowledge { record, note } => sensed::acknowledge(state, record, note),
        Intent::RaiseAlert { pane, seen } => alerts::raise(plan, state, context, &pane, seen),
        Intent::ClearAlert { pane, since, value, sentence } => Ok(alerts::clear(state, &pane, since, value, sentence)),
        Intent::AcknowledgeAlert { alert, note } => alerts::acknowledge(plan, state, alert, note),
        Intent::SilenceAlerts { pane, until, reason } => alerts::silence(plan, context, pane, until, &reason),
        Intent::EndSilence { pane } => alerts::end_silence(plan, state, context, pane),
        Intent::Abort { ending, reason } => endings::abort(state, ending, &reason),
        Intent::BeginRollback { ending, reason } => endings::begin_rollback(plan, state, ending, &reason),
        Intent::EndRollback { note } => endings::end_rollback(plan, state, context, note),
        Intent::Close { note } => endings::close(plan, state, context, note),
        Intent::ReportNotice { event, target, reason } => Ok(vec![Fact::NotificationFailed { event, target, reason }]),
    }
}

/// A watch looks at samples that were taken anyway, and is evaluated whether or not anybody sits there.
fn is_watch(plan: &Plan, intent: &Intent) -> bool {
    let Intent::StartAttempt { item, .. } = intent else { return false };
    plan.item(item).is_some_and(|item| matches!(item.check, Check::Watch(_)))
}

fn refuse_simulated_outside_rehearsal(plan: &Plan, context: &Context) -> Result<(), Refusal> {
    if context.by.simulated.is_none() || plan.is_rehearsal() {
        return Ok(());
    }
    let real = plan
        .bindings()
        .values()
        .find(|name| plan.environment(name).is_none_or(|e| e.kind != crate::checklist::EnvironmentKind::Rehearsal));
    Err(Refusal::SimulatedForbidden(real.cloned().unwrap_or_else(|| EnvironmentName::new("this deployment"))))
}

fn open(state: &State, opened: LedgerOpened) -> Result<Vec<Fact>, Refusal> {
    if state.opened.is_some() {
        return Err(Refusal::AlreadyOpen);
    }
    Ok(vec![Fact::LedgerOpened(opened.into())])
}

/// The first contact is recorded; a later one must find the same database, and no two environments the same one. Only
/// while a backup is swapped in, or when nobody knows how that ended, another database may stand there.
fn reach(plan: &Plan, state: &State, environment: &EnvironmentName, identity: String) -> Result<Vec<Fact>, Refusal> {
    let recorded = state.reached.get(environment);
    if recorded == Some(&identity) {
        return Ok(Vec::new());
    }
    if let Some(recorded) = recorded.filter(|_| !is_being_swapped(plan, state, environment)) {
        return Err(Refusal::WrongTarget {
            environment: environment.clone(),
            recorded: recorded.clone(),
            found: identity,
        });
    }
    if let Some((other, _)) = state.reached.iter().find(|(name, known)| *name != environment && **known == identity) {
        return Err(Refusal::SameTarget { environment: environment.clone(), other: other.clone(), identity });
    }
    Ok(vec![Fact::EnvironmentReached { environment: environment.clone(), identity }])
}

fn preflighted(plan: &Plan, found: Preflighted) -> Result<Vec<Fact>, Refusal> {
    if plan.environment(&found.environment).is_none() {
        return Err(Refusal::NoSuchEnvironment(found.environment));
    }
    Ok(vec![Fact::MigrationPreflighted(found.into())])
}

/// Whether the last attempt on an environment's database puts a restored one in its place.
fn is_being_swapped(plan: &Plan, state: &State, environment: &EnvironmentName) -> bool {
    let last = state.attempts.iter().rev().find(|attempt| attempt.environment == *environment);
    last.is_some_and(|attempt| {
        let open = !matches!(attempt.phase, AttemptPhase::Finished(_));
        open && plan.item(&attempt.item).is_some_and(|item| item.check.kind().swaps_database())
    })
}

fn known<'a>(plan: &'a Plan, item: &ItemId) -> Result<&'a Item, Refusal> {
    plan.item(item).ok_or_else(|| Refusal::NoSuchItem(item.clone()))
}

fn reason(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() { Err(Refusal::ReasonMissing) } else { Ok(text.to_owned()) }
}

fn tidy(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn text(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() { Err(Refusal::TextMissing) } else { Ok(text.to_owned()) }
}
