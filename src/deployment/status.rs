//! Where every item stands, worked out from plan and state.

use super::attempt::{AttemptNumber, AttemptPhase};
use super::evidence;
use super::fact::Waiver;
use super::measurement::Verdict;
use super::outdated::{self, Outdated};
use super::plan::Plan;
use super::state::State;
use super::watching;
use crate::checklist::{Check, Item, ItemId, PhaseId};
use chrono::{DateTime, Utc};
use std::collections::HashMap;

/// Where one item stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemStatus {
    Open,
    Running(AttemptNumber),
    Done,
    Failed(String),
    /// Looked, and cannot tell.
    Inconclusive(String),
    /// It passed, and a step before it was carried out again since; says which. It is to be measured again.
    Outdated(String),
    Waived(Waiver),
    /// Makes no sense in its environment, for the reason given.
    Inapplicable(String),
    /// An attempt's outcome is unknown until a person resolves it.
    Lost(AttemptNumber),
}

impl ItemStatus {
    /// Nothing more is to be done for it.
    pub fn is_complete(&self) -> bool {
        matches!(self, ItemStatus::Done | ItemStatus::Waived(_) | ItemStatus::Inapplicable(_))
    }

    pub fn word(&self) -> &'static str {
        match self {
            ItemStatus::Open => "open",
            ItemStatus::Running(_) => "running",
            ItemStatus::Done => "done",
            ItemStatus::Failed(_) => "failed",
            ItemStatus::Inconclusive(_) => "inconclusive",
            ItemStatus::Outdated(_) => "outdated",
            ItemStatus::Waived(how) => how.word(),
            ItemStatus::Inapplicable(_) => "n/a",
            ItemStatus::Lost(_) => "unknown",
        }
    }
}

/// The status of every item at one moment. Made anew after each record; looking things up is then cheap.
#[derive(Debug, Clone, Default)]
pub struct Board {
    statuses: HashMap<ItemId, ItemStatus>,
    /// What was measured before a step was carried out again.
    outdated: HashMap<ItemId, Outdated>,
    /// The time that what is only good for a while is held against.
    now: Option<DateTime<Utc>>,
}

/// Two boards are the same when every item stands the same on them, whenever they were made.
impl PartialEq for Board {
    fn eq(&self, other: &Self) -> bool {
        self.statuses == other.statuses
    }
}

/// How many items stand where. `total` counts every item, also those that make no sense here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub total: usize,
    pub done: usize,
    pub failed: usize,
    /// Waived by a person.
    pub waived: usize,
    /// Not applicable in the environments bound, or by a person's word: never counted as done.
    pub inapplicable: usize,
    pub open: usize,
    pub running: usize,
    /// Items whose verdict the program made.
    pub measured: usize,
}

impl Tally {
    /// Done or waived.
    pub fn completed(&self) -> usize {
        self.done + self.waived
    }

    pub fn applicable(&self) -> usize {
        self.total - self.inapplicable
    }

    /// What is not complete: open, running or failed.
    pub fn left(&self) -> usize {
        self.applicable() - self.completed()
    }

    pub fn is_complete(&self) -> bool {
        self.completed() == self.applicable()
    }

    /// `15/262 done (3 waived) · 75 n/a`: the same two numbers wherever progress is shown.
    pub fn words(&self) -> String {
        let waived = if self.waived > 0 { format!(" ({} waived)", self.waived) } else { String::new() };
        let beside = if self.inapplicable > 0 { format!(" · {} n/a", self.inapplicable) } else { String::new() };
        format!("{}/{} done{waived}{beside}", self.completed(), self.applicable())
    }

    /// `12/22`, as short as it goes; `n/a` where nothing applies.
    pub fn short(&self) -> String {
        if self.applicable() == 0 && self.total > 0 {
            return "n/a".to_owned();
        }
        format!("{}/{}", self.completed(), self.applicable())
    }
}

impl Board {
    /// As of the last record.
    #[must_use]
    pub fn new(plan: &Plan, state: &State) -> Self {
        Self::made(plan, state, state.last_at, outdated::all(plan, state))
    }

    /// As of a time: what was good only for a while may be so no more.
    #[must_use]
    pub fn at(plan: &Plan, state: &State, now: DateTime<Utc>) -> Self {
        Self::made(plan, state, Some(now), outdated::all(plan, state))
    }

    /// This board as programs made it that outdated nothing: older sign-offs were given for that.
    pub(super) fn with_nothing_outdated(&self, plan: &Plan, state: &State) -> Self {
        if self.outdated.is_empty() { self.clone() } else { Self::made(plan, state, self.now, HashMap::new()) }
    }

    /// The time this board was made for.
    pub fn now(&self) -> Option<DateTime<Utc>> {
        self.now
    }

    fn made(plan: &Plan, state: &State, now: Option<DateTime<Utc>>, outdated: HashMap<ItemId, Outdated>) -> Self {
        let mut board = Self { statuses: HashMap::new(), outdated, now };
        for id in plan.order() {
            board.resolve(plan, state, id);
        }
        board
    }

    pub fn status(&self, item: &ItemId) -> &ItemStatus {
        self.statuses.get(item).unwrap_or(&ItemStatus::Open)
    }

    /// Why what an item measured says nothing of what is there now.
    pub(super) fn outdated(&self, item: &ItemId) -> Option<&str> {
        self.outdated.get(item).map(|outdated| outdated.why.as_str())
    }

    pub fn tally<'a>(&self, items: impl IntoIterator<Item = &'a Item>) -> Tally {
        let mut tally = Tally::default();
        for item in items {
            tally.total += 1;
            let status = self.status(&item.id);
            match status {
                // Too little was measured: nothing failed, and nothing is done.
                ItemStatus::Inconclusive(_) if matches!(item.check, Check::Watch(_)) => tally.open += 1,
                ItemStatus::Done => tally.done += 1,
                ItemStatus::Failed(_) | ItemStatus::Inconclusive(_) | ItemStatus::Lost(_) => tally.failed += 1,
                ItemStatus::Waived(Waiver::Inapplicable) | ItemStatus::Inapplicable(_) => tally.inapplicable += 1,
                ItemStatus::Waived(_) => tally.waived += 1,
                ItemStatus::Running(_) => tally.running += 1,
                ItemStatus::Open | ItemStatus::Outdated(_) => tally.open += 1,
            }
            let evaluated = matches!(status, ItemStatus::Done | ItemStatus::Failed(_) | ItemStatus::Inconclusive(_));
            tally.measured += usize::from(evaluated && item.check.is_measured());
        }
        tally
    }

    pub fn phase(&self, plan: &Plan, phase: &PhaseId) -> Tally {
        plan.checklist().phase(phase).map(|phase| self.tally(phase.items())).unwrap_or_default()
    }

    /// Works one item out, and first what it rests on. An item that rests on itself stays open: lint reports cycles.
    pub(super) fn resolve(&mut self, plan: &Plan, state: &State, id: &ItemId) -> ItemStatus {
        if let Some(known) = self.statuses.get(id) {
            return known.clone();
        }
        self.statuses.insert(id.clone(), ItemStatus::Open);
        let status = plan.item(id).map_or(ItemStatus::Open, |item| self.work_out(plan, state, item));
        self.statuses.insert(id.clone(), status.clone());
        status
    }

    fn work_out(&mut self, plan: &Plan, state: &State, item: &Item) -> ItemStatus {
        if let Some(reason) = plan.inapplicable(item) {
            return ItemStatus::Inapplicable(reason);
        }
        let Some(history) = state.history(&item.id) else {
            return ItemStatus::Open;
        };
        let latest = state.latest(&item.id);
        let current = latest.filter(|attempt| history.current_attempts().contains(&attempt.number));
        if let Some(attempt) = latest.filter(|attempt| attempt.is_running()) {
            return ItemStatus::Running(attempt.number);
        }
        if let Some(waived) = &history.waived {
            return ItemStatus::Waived(waived.how);
        }
        if let Some(regressed) = &history.regressed {
            return ItemStatus::Failed(format!("does not hold any more: {}", regressed.reason));
        }
        match &item.check {
            Check::Manual => history.checked.as_ref().map_or(ItemStatus::Open, |_| ItemStatus::Done),
            Check::Value(_) => history.value.as_ref().map_or(ItemStatus::Open, |_| ItemStatus::Done),
            Check::Evidence(wanted) => {
                let Some(evaluated) = &history.evaluated else { return ItemStatus::Open };
                let now = evidence::weigh(plan, state, self, item, wanted);
                // What it rests on was measured anew: the old verdict no longer counts until it is evaluated again.
                if now.attempts != evaluated.attempts || now.verdict != evaluated.verdict {
                    return ItemStatus::Open;
                }
                verdict(evaluated.verdict, &evaluated.detail)
            }
            Check::Watch(watch) => match current.filter(|attempt| watching::counts(plan, state, watch, attempt)) {
                Some(attempt) => {
                    attempt.outcome().map_or(ItemStatus::Open, |outcome| verdict(outcome.verdict, &outcome.detail))
                }
                None => ItemStatus::Open,
            },
            Check::Command(_)
            | Check::Sql(_)
            | Check::Http(_)
            | Check::Load(_)
            | Check::Tcp(_)
            | Check::Schema(_)
            | Check::Consistency(_)
            | Check::Rows(_)
            | Check::File(_)
            | Check::Backup(_)
            | Check::Migration(_)
            | Check::Notify(_) => match current.map(|attempt| (attempt.number, &attempt.phase)) {
                Some((_, AttemptPhase::Finished(outcome))) => match self.outdated.get(&item.id) {
                    None => verdict(outcome.verdict, &outcome.detail),
                    Some(Outdated { why, too_late: false }) => ItemStatus::Outdated(why.clone()),
                    Some(Outdated { why, too_late: true }) => ItemStatus::Inconclusive(why.clone()),
                },
                Some((number, AttemptPhase::Lost { resolution: None, .. })) => ItemStatus::Lost(number),
                _ => ItemStatus::Open,
            },
        }
    }
}

fn verdict(verdict: Verdict, detail: &str) -> ItemStatus {
    match verdict {
        Verdict::Pass => ItemStatus::Done,
        Verdict::Inconclusive => ItemStatus::Inconclusive(detail.to_owned()),
        Verdict::Fail => ItemStatus::Failed(detail.to_owned()),
    }
}
