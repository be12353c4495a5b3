//! What comes next, for the autopilot, the headless flight and the one line of advice on the screen.

use super::evidence;
use super::fact::Approval;
use super::gate;
use super::intent::Intent;
use super::plan::Plan;
use super::rollback;
use super::signoff::{self, Standing};
use super::state::State;
use super::status::{Board, ItemStatus};
use super::watching;
use crate::checklist::check::{Completion, ValueForm};
use crate::checklist::evidence::Reference;
use crate::checklist::model::Due;
use crate::checklist::{Check, GroupId, Item, ItemId, Phase, RoleId};

/// Who answers what a program cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crew {
    People,
    /// Simulated people tick, fill and sign; see [`Plan::is_rehearsal`].
    Simulated,
}

/// One thing to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Carry out an attempt.
    Run(ItemId),
    /// Draw an evidence item's verdict.
    Evaluate(ItemId),
    Tick(ItemId),
    Fill(ItemId),
    Sign(GroupId, RoleId),
}

/// What a step puts into the ledger, and the role a simulation answers for where a person would.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    pub intent: Intent,
    pub simulated: Option<String>,
}

/// The recording that takes a step; `None` for one that has to be carried out. Whoever fills in and signs here is a
/// simulation, and what it writes says so.
pub fn recording(plan: &Plan, step: &Step) -> Option<Recording> {
    let crew = || Some("crew".to_owned());
    Some(match step {
        Step::Run(_) => return None,
        Step::Evaluate(item) => Recording { intent: Intent::EvaluateItem { item: item.clone() }, simulated: None },
        Step::Tick(item) => {
            Recording { intent: Intent::CheckItem { item: item.clone(), note: None }, simulated: crew() }
        }
        Step::Fill(item) => {
            let number = plan
                .item(item)
                .is_some_and(|item| matches!(&item.check, Check::Value(value) if value.form == ValueForm::Number));
            let value = if number { "0" } else { "simulated" }.to_owned();
            Recording { intent: Intent::FillValue { item: item.clone(), value }, simulated: crew() }
        }
        Step::Sign(group, role) => {
            let known = plan.checklist().signoff(group).and_then(|g| g.roles.iter().find(|r| r.id == *role));
            let title = known.map_or_else(|| role.to_string(), |role| role.title.clone());
            let intent = Intent::Sign {
                group: group.clone(),
                role: role.clone(),
                name: format!("simulated {title}"),
                decision: Approval::Go,
                comment: Some("rehearsal".to_owned()),
            };
            Recording { intent, simulated: Some(title) }
        }
    })
}

/// The phases up to and including the last one that holds a criterion due at the decision; all of them when none does.
/// Those that lead back are left out.
pub fn phases_to_decision(plan: &Plan) -> impl Iterator<Item = &Phase> {
    let phases = &plan.checklist().phases;
    let last = phases.iter().rposition(|phase| phase.items().any(|item| item.due == Some(Due::Decision)));
    phases.iter().take(last.map_or(phases.len(), |at| at + 1)).filter(|phase| phase.way.is_forward())
}

/// The next step that can be taken now, in the order of the checklist, up to the decision; for people also behind it once
/// it is made. Items that failed are left
/// alone: running them again is a person's choice. `None` when nothing can go on by itself.
pub fn next(plan: &Plan, state: &State, board: &mut Board, crew: Crew) -> Option<Step> {
    next_where(plan, state, board, crew, |_| true)
}

/// The next step among the items that `wanted` lets through.
pub fn next_where(
    plan: &Plan,
    state: &State,
    board: &mut Board,
    crew: Crew,
    wanted: impl Fn(&ItemId) -> bool,
) -> Option<Step> {
    let later = is_decided(state) && (crew == Crew::People || state.clock.is_hurried());
    let phases: Vec<&Phase> = if state.is_going_back() {
        rollback::phases(plan).collect()
    } else if state.ending.is_some() || state.closed.is_some() {
        return None;
    } else if later {
        plan.checklist().phases.iter().filter(|phase| phase.way.is_forward()).collect()
    } else {
        phases_to_decision(plan).collect()
    };
    let mut watched = None;
    for phase in &phases {
        let missing = gate::missing(plan, state, board, phase);
        if !missing.is_empty() {
            // A closed gate closes everything behind it for a crew that goes in order, but people who drive by hand
            // may still be ahead in a phase that is open; so later phases are looked at too.
            if crew == Crew::Simulated {
                return watched.or_else(|| sign(plan, state, board, &phase.gate));
            }
            continue;
        }
        let ids = plan.order().iter().filter(|id| id.phase() == phase.id && wanted(id));
        for id in ids {
            let Some(step) = plan.item(id).and_then(|item| step(plan, state, board, item, crew)) else { continue };
            if !is_watched_still(plan, state, board, &step) {
                return Some(step);
            }
            // Everything else comes first, and people do not sit through a day.
            watched = watched.or_else(|| (crew == Crew::Simulated).then_some(step));
        }
    }
    watched
}

/// Whether a step is a watch whose time is not over yet.
fn is_watched_still(plan: &Plan, state: &State, board: &Board, step: &Step) -> bool {
    let Step::Run(id) = step else { return false };
    let Some(Check::Watch(watch)) = plan.item(id).map(|item| &item.check) else { return false };
    watching::due(plan, state, watch).is_none_or(|due| board.now().is_none_or(|now| now < due))
}

fn step(plan: &Plan, state: &State, board: &mut Board, item: &Item, crew: Crew) -> Option<Step> {
    let early = crew == Crew::Simulated && !state.clock.is_hurried();
    if !is_due(state, item) || (early && item.due.is_some_and(|due| due != Due::Decision)) {
        return None;
    }
    let status = board.status(&item.id).clone();
    if let Check::Evidence(wanted) = &item.check {
        if !matches!(status, ItemStatus::Open) || gate::obstacle(plan, state, board, item).is_some() {
            return None;
        }
        let now = evidence::weigh(plan, state, board, item, wanted);
        let evaluated = state.history(&item.id).and_then(|history| history.evaluated.as_ref());
        let known = evaluated.is_some_and(|j| j.verdict == now.verdict && j.attempts == now.attempts);
        // What waits for a person is evaluated when the person has answered; evaluating it earlier would only fill the ledger.
        let waits = now.verdict == super::Verdict::Inconclusive && rests_on_open(plan, board, item, wanted);
        return (!known && !waits).then(|| Step::Evaluate(item.id.clone()));
    }
    // What was measured before a step was run again is measured again.
    if !matches!(status, ItemStatus::Open | ItemStatus::Outdated(_)) {
        return None;
    }
    let step = match (item.check.kind().completion(), crew) {
        (Completion::Ticked | Completion::Filled, Crew::People) => return None,
        (Completion::Ticked, Crew::Simulated) => Step::Tick(item.id.clone()),
        (Completion::Filled, Crew::Simulated) => Step::Fill(item.id.clone()),
        (Completion::Evaluated | Completion::Run, _) => Step::Run(item.id.clone()),
    };
    gate::obstacle(plan, state, board, item).is_none().then_some(step)
}

fn rests_on_open(plan: &Plan, board: &Board, item: &Item, wanted: &crate::checklist::evidence::Evidence) -> bool {
    use crate::checklist::evidence::EvidenceOf;
    let open = |item: &Item| {
        matches!(board.status(&item.id), ItemStatus::Open | ItemStatus::Running(_) | ItemStatus::Outdated(_))
    };
    match &wanted.of {
        EvidenceOf::Children => item.items.iter().any(open),
        EvidenceOf::These(references) => references.iter().any(|reference| match reference {
            Reference::Signoff(_) => true,
            other => plan.referenced(other).into_iter().any(open),
        }),
    }
}

/// The next sign-off a closed gate asks for, once everything it vouches for is complete.
fn sign(plan: &Plan, state: &State, board: &mut Board, references: &[Reference]) -> Option<Step> {
    for reference in references {
        match reference {
            Reference::Signoff(group) => {
                let group = plan.checklist().signoff(group)?;
                let completed = group.phases.iter().all(|phase| board.phase(plan, phase).is_complete());
                let lines = signoff::lines(plan, state, board);
                let open = lines.iter().find(|line| line.group.id == group.id && line.standing != Standing::Go);
                if let Some(line) = open {
                    let said_no = line.standing == Standing::NoGo;
                    return (completed && !said_no).then(|| Step::Sign(group.id.clone(), line.role.id.clone()));
                }
            }
            other => {
                if !gate::lacks(plan, state, board, other).is_empty() {
                    return None;
                }
            }
        }
    }
    None
}

fn is_decided(state: &State) -> bool {
    state.decision().is_some()
}

/// What is due a day or a week after the decision is not asked for before it.
fn is_due(state: &State, item: &Item) -> bool {
    is_decided(state) || item.due.is_none_or(|due| due == Due::Decision)
}

/// The first item that only a person can settle and that can be complete now.
pub fn person_needed<'a>(plan: &'a Plan, state: &State, board: &mut Board) -> Option<&'a Item> {
    let decided = is_decided(state);
    let phases: Vec<_> = phases_to_decision(plan).map(|phase| phase.id.clone()).collect();
    plan.order().iter().filter_map(|id| plan.item(id)).find(|item| {
        !item.check.is_measured()
            && is_due(state, item)
            && (decided || state.is_going_back() || phases.contains(&item.id.phase()))
            && *board.status(&item.id) == ItemStatus::Open
            && gate::obstacle(plan, state, board, item).is_none()
    })
}
