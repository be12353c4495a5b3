//! The go/no-go table: criteria due, each with its verdict.

use super::amendment;
use super::attempt::Attempt;
use super::coverage::Coverage;
use super::evidence;
use super::fact::{Approval, CriterionStood, Waiver};
use super::flight;
use super::gate;
use super::measurement::Measurement;
use super::outdated::Changes;
use super::plan::Plan;
use super::signoff::{self, Standing};
use super::state::State;
use super::status::{Board, ItemStatus};
use crate::checklist::model::Due;
use crate::checklist::offset::Span;
use crate::checklist::{Check, Item, ItemId, Phase};
use chrono::{DateTime, TimeDelta, Utc};

/// One go/no-go line as it is now.
#[derive(Debug, Clone, PartialEq)]
pub struct Criterion<'a> {
    pub item: &'a Item,
    pub due: Due,
    pub call: Call,
    /// What was measured, or why there is no verdict.
    pub value: String,
    /// When the verdict was made.
    pub at: Option<DateTime<Utc>>,
    /// Where the value comes from: `attempt 0042 in production`, `ticked by Ada`.
    pub source: String,
    /// How old the oldest measurement behind it is.
    pub age: Option<TimeDelta>,
}

/// What a criterion says before anything was found out.
pub const NO_VERDICT: &str = "no verdict yet";

/// How a criterion calls it. Data that is missing is never a go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    Go,
    /// Makes no sense in this environment; blocks nothing.
    DoesNotApply,
    Inconclusive,
    NoGo,
}

impl Call {
    pub fn word(self) -> &'static str {
        match self {
            Call::Go => "go",
            Call::DoesNotApply => "n/a",
            Call::Inconclusive => "inconclusive",
            Call::NoGo => "no-go",
        }
    }
}

/// The outlook: what the decision would be now, and why it is not GO.
#[derive(Debug, Clone, PartialEq)]
pub struct Outlook {
    pub call: Call,
    /// What the call rests on.
    pub coverage: Coverage,
    pub reasons: Vec<Reason>,
}

/// Why it is not GO: the item to look at, and a sentence.
#[derive(Debug, Clone, PartialEq)]
pub struct Reason {
    pub item: ItemId,
    pub text: String,
    /// Nothing was found out yet, good or bad.
    pub pending: bool,
}

/// Every criterion of the checklist in its order, at the board's time: what is older than its `fresh` allows is
/// inconclusive. Where the checklist names no criterion for the decision, as an imported runbook, each of its steps is one.
pub fn criteria<'a>(plan: &'a Plan, state: &State, board: &Board) -> Vec<Criterion<'a>> {
    let changes = Changes::of(plan, state);
    let every_step = !plan.checklist().items().any(|item| item.due == Some(Due::Decision));
    let steps = flight::phases_to_decision(plan).flat_map(Phase::items).filter(|item| every_step && item.due.is_none());
    let steps = steps.map(|item| (item, Due::Decision));
    let named = plan.checklist().items().filter_map(|item| item.due.map(|due| (item, due)));
    steps.chain(named).map(|(item, due)| criterion(plan, state, board, &changes, item, due)).collect()
}

fn criterion<'a>(
    plan: &Plan,
    state: &State,
    board: &Board,
    changes: &Changes<'_>,
    item: &'a Item,
    due: Due,
) -> Criterion<'a> {
    let history = state.history(&item.id);
    let detail = || verdict_text(state, item);
    let (call, value) = match board.status(&item.id) {
        ItemStatus::Done => (answered(state, item).unwrap_or(Call::Go), detail()),
        ItemStatus::Failed(why) => (Call::NoGo, why.clone()),
        ItemStatus::Inconclusive(why) | ItemStatus::Outdated(why) => (Call::Inconclusive, why.clone()),
        ItemStatus::Waived(how) => {
            let reason = history.and_then(|h| h.waived.as_ref()).map_or("", |waived| waived.reason.as_str());
            let call = match how {
                Waiver::Overridden => Call::Go,
                Waiver::Inapplicable => Call::DoesNotApply,
                Waiver::Skipped | Waiver::Deferred => Call::Inconclusive,
            };
            (call, format!("{}: {reason}", how.word()))
        }
        ItemStatus::Inapplicable(reason) => (Call::DoesNotApply, reason.clone()),
        ItemStatus::Running(number) => (Call::Inconclusive, format!("attempt {number} is running")),
        ItemStatus::Lost(number) => (Call::Inconclusive, format!("what attempt {number} did is unknown")),
        ItemStatus::Open => (Call::Inconclusive, NO_VERDICT.to_owned()),
    };
    let at = history.and_then(|h| h.evaluated.as_ref().map(|j| j.stamp.at).or(h.checked.as_ref().map(|s| s.at)));
    let at = at.or_else(|| state.latest(&item.id).map(|attempt| attempt.started));
    let (source, taken) = origin(state, item);
    let age = board.now().zip(taken).map(|(now, taken)| (now - taken).max(TimeDelta::zero()));
    let too_old = item.fresh.zip(age).filter(|(fresh, age)| {
        call == Call::Go && TimeDelta::from_std(fresh.duration()).is_ok_and(|fresh| *age > fresh)
    });
    let (call, value) = match too_old {
        Some((fresh, age)) => {
            let age = Span::from_millis(u64::try_from(age.num_seconds()).unwrap_or(0).saturating_mul(1_000));
            (Call::Inconclusive, format!("{age} old, good for {fresh}: {value}"))
        }
        None => (call, value),
    };
    let changed = behind(state, item).into_iter().find_map(|attempt| Some((attempt, changes.since(attempt)?)));
    // An evidence line whose lines are outdated is open by that alone, and it helps nobody to read that it has no verdict.
    let rests = call == Call::Go || (*board.status(&item.id) == ItemStatus::Open && history.is_some());
    let (call, value) = match changed.filter(|_| rests) {
        Some((measured, step)) => {
            let title =
                |id: &ItemId| plan.item(id).map_or_else(|| id.to_string(), |item| item.in_sentence().to_owned());
            let what = title(&measured.item);
            (Call::Inconclusive, format!("{what} was measured before {} was run; run it again", step.in_sentence()))
        }
        None => (call, value),
    };
    // However it comes out: what was made easier after a failure stays reported beside it.
    let marks = amendment::loosened_of(state, &item.id).map(|what| format!("LOOSENED: {what}"));
    let source = std::iter::once(source).chain(marks).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ");
    Criterion { item, due, call, value, at, source, age }
}

/// What a person answered to a question that is the decision itself: `GO`, `NO-GO`, or something between them.
fn answered(state: &State, item: &Item) -> Option<Call> {
    let Check::Value(field) = &item.check else { return None };
    let plain = |text: &str| text.to_lowercase().replace([' ', '-', '_', '/'], "");
    if !field.choices.iter().any(|choice| plain(choice).starts_with("nogo")) {
        return None;
    }
    let (_, value) = state.history(&item.id)?.value.as_ref()?;
    Some(match plain(value) {
        value if value == "go" => Call::Go,
        value if value.starts_with("nogo") => Call::NoGo,
        _ => Call::Inconclusive,
    })
}

/// The attempts that an item's verdict rests on.
fn behind<'a>(state: &'a State, item: &Item) -> Vec<&'a Attempt> {
    evidence::behind(state, item).into_iter().filter_map(|number| state.attempt(number)).collect()
}

/// What a criterion's value rests on, and when the oldest part of that was measured.
fn origin(state: &State, item: &Item) -> (String, Option<DateTime<Utc>>) {
    let Some(history) = state.history(&item.id) else { return (String::new(), None) };
    let ended = |attempt: &Attempt| state.times.get(&attempt.item).and_then(|times| times.completed).map(|m| m.at);
    if let Some(waived) = &history.waived {
        return (format!("{} by {}", waived.how.word(), waived.stamp.by), Some(waived.stamp.at));
    }
    if let Some(evaluated) = &history.evaluated {
        let behind = behind(state, item);
        let oldest = behind.iter().filter_map(|attempt| ended(attempt)).min();
        return match behind.as_slice() {
            [] => ("evidence".to_owned(), Some(evaluated.stamp.at)),
            [one] => (format!("attempt {} in {}", one.number, one.environment), oldest),
            [.., last] => (format!("{} attempts, last {} in {}", behind.len(), last.number, last.environment), oldest),
        };
    }
    if let Some(attempt) = state.latest(&item.id) {
        return (format!("attempt {} in {}", attempt.number, attempt.environment), ended(attempt));
    }
    if let Some((stamp, _)) = &history.value {
        return (format!("filled in by {}", stamp.by), Some(stamp.at));
    }
    match &history.checked {
        Some(stamp) => (format!("ticked by {}", stamp.by), Some(stamp.at)),
        None => (String::new(), None),
    }
}

/// What the latest verdict of an item says: numbers first, else its sentence.
pub fn verdict_text(state: &State, item: &Item) -> String {
    let Some(history) = state.history(&item.id) else { return String::new() };
    if let Some((_, value)) = &history.value {
        return value.clone();
    }
    if let Some(evaluated) = &history.evaluated {
        return if evaluated.detail.is_empty() { numbers(&evaluated.measured) } else { evaluated.detail.clone() };
    }
    if let Some(outcome) = state.latest(&item.id).and_then(|attempt| attempt.outcome()) {
        // Targets put their numbers into the sentence; a baseline has none, and its numbers are what it is there for.
        if !item.targets.is_empty() || !matches!(item.check, Check::Http(_)) {
            return outcome.detail.clone();
        }
        let reports = |m: &&Measurement| ["latency-p95", "queries"].contains(&m.name.as_str());
        let reported: Vec<String> = outcome.measured.iter().filter(reports).map(ToString::to_string).collect();
        return std::iter::once(outcome.detail.clone()).chain(reported).collect::<Vec<_>>().join("; ");
    }
    history.checked.as_ref().map(|stamp| format!("ticked by {}", stamp.by)).unwrap_or_default()
}

fn numbers(measured: &[Measurement]) -> String {
    measured.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// What the decision would be now. Any failed item that nobody has waived in a phase up to the decision is a NO-GO of
/// its own, whether or not a criterion speaks of it; so is a sign-off that says NO-GO, until its role signs again or
/// withdraws it.
pub fn outlook(plan: &Plan, state: &State, board: &Board) -> Outlook {
    outlook_of(plan, state, board, &criteria(plan, state, board))
}

/// [`outlook`] of criteria that were worked out already.
pub fn outlook_of(plan: &Plan, state: &State, board: &Board, criteria: &[Criterion<'_>]) -> Outlook {
    let mut reasons = Vec::new();
    let mut call = Call::Go;
    for phase in flight::phases_to_decision(plan) {
        for item in phase.items().filter(|item| item.due.is_none()) {
            if let ItemStatus::Failed(why) = board.status(&item.id)
                && !is_derived_from_failure(item)
            {
                call = Call::NoGo;
                reasons.push(Reason {
                    item: item.id.clone(),
                    text: format!("{}: {why}", item.in_sentence()),
                    pending: false,
                });
            }
        }
    }
    for (group, text) in signoff::objections(plan, state) {
        let covered = group
            .phases
            .iter()
            .rev()
            .filter_map(|phase| plan.checklist().phase(phase))
            .find_map(|phase| phase.items().last());
        let Some(item) = covered.or_else(|| plan.checklist().items().next()) else { continue };
        call = Call::NoGo;
        reasons.push(Reason { item: item.id.clone(), text, pending: false });
    }
    let mut open = Vec::new();
    let mut coverage = Coverage::default();
    for criterion in criteria.iter().filter(|criterion| criterion.due == Due::Decision) {
        coverage.add(state, board, criterion.item, criterion.call);
        let reason = Reason {
            item: criterion.item.id.clone(),
            text: format!("{} is {}: {}", criterion.item.in_sentence(), criterion.call.word(), criterion.value),
            pending: *board.status(&criterion.item.id) == ItemStatus::Open,
        };
        match criterion.call {
            Call::NoGo => reasons.push(reason),
            Call::Inconclusive => open.push(reason),
            Call::Go | Call::DoesNotApply => {}
        }
        call = call.max(if criterion.call == Call::DoesNotApply { Call::Go } else { criterion.call });
    }
    coverage.attest(plan, state);
    // Behind a failure most other criteria have no verdict yet; one line says so, and the failure stays in sight.
    match (call, open.as_slice()) {
        (Call::NoGo, [first, _, ..]) => {
            let text = format!("{} more criteria have no verdict", open.len());
            reasons.push(Reason { item: first.item.clone(), text, pending: true });
        }
        _ => reasons.extend(open),
    }
    if coverage.total == 0 {
        call = call.max(Call::Inconclusive);
        if let Some(item) = plan.checklist().items().next() {
            let text = "the checklist has no step before the decision".to_owned();
            reasons.push(Reason { item: item.id.clone(), text, pending: false });
        }
    }
    Outlook { call, coverage, reasons }
}

/// An evidence item fails because another one did; that other one is the reason to name.
fn is_derived_from_failure(item: &Item) -> bool {
    matches!(&item.check, Check::Evidence(evidence) if evidence.reading.is_none())
}

/// The criteria due at the decision, in the form the decision records them.
pub fn stood(plan: &Plan, state: &State, board: &Board) -> Vec<CriterionStood> {
    let due = criteria(plan, state, board).into_iter().filter(|c| c.due == Due::Decision);
    due.map(|c| CriterionStood {
        item: c.item.id.clone(),
        verdict: c.call.word().to_owned(),
        value: c.value,
        source: c.source,
        age_ms: c.age.and_then(|age| u64::try_from(age.num_milliseconds()).ok()),
    })
    .collect()
}

/// Whether a decision may be GO now, else the reasons why not. Gates of phases up to the decision must have opened.
pub fn may_go(plan: &Plan, state: &State, board: &mut Board) -> Result<(), Vec<String>> {
    let outlook = outlook(plan, state, board);
    if outlook.call == Call::Go {
        let phases: Vec<_> = flight::phases_to_decision(plan).collect();
        let missing: Vec<String> =
            phases.into_iter().flat_map(|phase| gate::missing(plan, state, board, phase)).collect();
        return if missing.is_empty() { Ok(()) } else { Err(missing) };
    }
    Err(outlook.reasons.into_iter().map(|reason| reason.text).collect())
}

/// What the ledger says the outcome is.
pub fn outcome(state: &State) -> &'static str {
    if state.closed.is_some() {
        return "closed";
    }
    if state.rollback.as_ref().is_some_and(|rollback| rollback.over.is_some()) {
        return "rolled-back";
    }
    if let Some(ended) = &state.ending {
        return ended.ending.word();
    }
    match state.decision() {
        None => "open",
        Some((_, decided)) => match decided.decision {
            Approval::Go => "go",
            Approval::NoGo => "no-go",
        },
    }
}

/// What speaks against closing a deployment that was decided GO: criteria that fail since, sign-offs that are missing or stale.
pub(crate) fn left_open(plan: &Plan, state: &State, board: &mut Board) -> Vec<String> {
    let decided = state.decision().is_some_and(|(_, decided)| decided.decision == Approval::Go);
    if !decided || state.ending.is_some() {
        return Vec::new();
    }
    let outlook = outlook(plan, state, board);
    let failed = (outlook.call == Call::NoGo).then(|| {
        let reasons: Vec<&str> = outlook.reasons.iter().map(|reason| reason.text.as_str()).collect();
        format!("criteria are NO-GO now: {}", reasons.join(", "))
    });
    let lines = signoff::lines(plan, state, board);
    let missing = lines.iter().filter(|line| line.standing != Standing::Go);
    let missing =
        missing.map(|line| format!("{} of {} is {}", line.role.title, line.group.title, line.standing.word()));
    failed.into_iter().chain(missing).collect()
}
