//! What asks for somebody's attention beside the next thing to do: breaches nobody has seen, a poll that waits for this
//! person, a gate that waits for a second one, a checklist that was edited.

use super::action::Action;
use super::answer::Tone;
use super::model::Model;
use super::offer::Offered;
use super::sentence::sentence;
use crate::checklist::{Item, ItemId, Phase, PhaseId};
use crate::deployment::overrides::Override;
use crate::deployment::roles::Concern;
use crate::deployment::seat::is_named;
use crate::deployment::state::{Note, notes};
use crate::deployment::{Board, Fact, Plan, Record, Seq, State, due, poll, rollback};

/// One thing that asks for attention, and the key that answers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub tone: Tone,
    pub text: String,
    pub action: Option<Action>,
}

/// How far the rollback has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Back {
    pub completed: usize,
    pub total: usize,
    /// The first step that is not complete, and its place among all of them.
    pub step: Option<(usize, String)>,
    /// What was done and cannot simply be undone: the title of the step, and what its author says about that.
    pub no_return: Vec<(String, String)>,
}

/// Works out how far the rollback has come; nothing before it has begun.
pub(crate) fn back(plan: &Plan, state: &State, board: &Board) -> Option<Back> {
    state.rollback.as_ref()?;
    let steps: Vec<&Item> = rollback::phases(plan).flat_map(Phase::items).collect();
    let open = steps.iter().position(|item| !board.status(&item.id).is_complete());
    let points = rollback::points_of_no_return(plan, state).into_iter();
    Some(Back {
        completed: steps.iter().filter(|item| board.status(&item.id).is_complete()).count(),
        total: steps.len(),
        step: open.map(|at| (at + 1, steps[at].title.clone())),
        no_return: points.map(|(item, text)| (item.title.clone(), text)).collect(),
    })
}

/// All of them, the most urgent first.
pub(crate) fn calls(model: &Model) -> Vec<Call> {
    let mut calls = Vec::new();
    let is_breach = |record: &&Record| matches!(record.fact, Fact::ItemRegressed { .. });
    let unseen: Vec<&Record> = model.unseen_alerts().filter_map(|seq| model.record(seq)).collect();
    let (breaches, unreported): (Vec<_>, Vec<_>) = unseen.into_iter().partition(is_breach);
    let tell = |record: &Record, tone| Call {
        tone,
        text: sentence(&model.plan, record).text,
        action: Some(Action::Acknowledge),
    };
    calls.extend(breaches.into_iter().map(|record| tell(record, Tone::Bad)));
    calls.extend(overdue(model));
    let goes_on = model.state.ending.is_none() && model.state.closed.is_none();
    if goes_on {
        calls.extend(model.pending_overrides().map(|asked| gate(model, asked)));
        calls.extend(asked(model));
    }
    if let Some(text) = model.offered.as_ref().filter(|_| model.state.closed.is_none()).map(Offered::words) {
        calls.push(Call { tone: Tone::Plain, text, action: Some(Action::Amend) });
    }
    calls.extend(unreported.into_iter().map(|record| tell(record, Tone::Plain)));
    let before_zero = model.state.clock.read(model.now).is_none_or(|reading| reading.t < 0);
    if before_zero && goes_on {
        let concern =
            |concern: &Concern| Call { tone: Tone::Plain, text: concern.to_string(), action: Some(Action::Roles) };
        calls.extend(model.summary.concerns.iter().map(concern));
    }
    calls
}

/// Lines that should have been done by now.
fn overdue(model: &Model) -> Option<Call> {
    let due = due::due(&model.plan, &model.state, &model.board, model.now);
    let late: Vec<_> = due.into_iter().filter(|one| one.is_overdue(model.now)).collect();
    let first = late.first()?;
    let since = due::distance(model.now, first.until);
    let text = format!("{} overdue, the first since {since}: {}", late.len(), first.item.in_sentence());
    let text = text.replace(" ago: ", ": ");
    Some(Call { tone: Tone::Bad, text, action: Some(Action::NextOpen) })
}

fn gate(model: &Model, asked: &Override) -> Call {
    let phase = model.phase_title(&asked.phase);
    let by = &asked.requested.by;
    let own = is_named(&by.says, &model.operator);
    let text = if own {
        format!("the gate of {phase} waits for a second person to agree")
    } else {
        format!("{by} asks for a second person to open the gate of {phase}: {}", asked.reason)
    };
    Call { tone: Tone::Plain, text, action: (!own).then_some(Action::Override) }
}

/// The poll, when it is this person's turn or somebody has said no.
fn asked(model: &Model) -> Option<Call> {
    let round = model.state.poll()?;
    let stations = poll::stations(&model.plan);
    if let Some(no) = round.no_gos().next() {
        let station = poll::title_of(&model.plan, &no.station);
        let text = format!("{station} says NO-GO: {}", no.reason.as_deref().unwrap_or_default());
        return Some(Call { tone: Tone::Bad, text, action: Some(Action::ShowDecision) });
    }
    let next = stations.iter().find(|station| Some(station.id.as_str()) == round.next())?;
    let held = model.state.roles.get(&(next.group.clone(), next.role.clone()));
    let own = held.is_some_and(|held| is_named(&held.person, &model.operator));
    let text = match held {
        Some(_) if own => format!("the poll asks you, {}: go or no-go?", next.title),
        Some(held) => format!("the poll waits for {}, {}", held.person, next.title),
        None => format!("the poll asks {}: go or no-go?", next.title),
    };
    Some(Call { tone: Tone::Plain, text, action: Some(Action::Poll) })
}

impl Model {
    /// Overrides that wait for their second person, the latest of each phase.
    pub fn pending_overrides(&self) -> impl Iterator<Item = &Override> {
        let phases = self.plan.checklist().phases.iter();
        phases.filter_map(|phase| self.state.override_requested(&phase.id))
    }

    /// Records that ask to be acknowledged and that nobody has, oldest first.
    pub fn unseen_alerts(&self) -> impl Iterator<Item = Seq> {
        self.state.asking.iter().filter(|seq| !self.state.acknowledged.contains_key(seq)).copied()
    }

    /// What people wrote, the oldest first.
    pub fn notes(&self) -> impl DoubleEndedIterator<Item = Note<'_>> {
        notes(&self.state, &self.records)
    }

    /// What they wrote on an item.
    pub fn notes_on(&self, item: &ItemId) -> impl Iterator<Item = Note<'_>> {
        let any = self.state.history(item).is_some_and(|history| history.notes > 0);
        self.notes().filter(move |note| any && note.item == Some(item))
    }

    /// The record of a place in the ledger.
    pub fn record(&self, seq: Seq) -> Option<&Record> {
        let at = self.records.binary_search_by_key(&seq, |record| record.seq).ok()?;
        self.records.get(at).map(AsRef::as_ref)
    }

    pub fn phase_title(&self, phase: &PhaseId) -> String {
        self.plan.checklist().phase(phase).map_or_else(|| phase.to_string(), |phase| phase.title.clone())
    }
}
