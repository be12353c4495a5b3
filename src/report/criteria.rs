//! What was measured against which target, and what the criteria came to.

use super::View;
use super::words::{Time, Tone, Took};
use crate::checklist::Item;
use crate::deployment::criteria::{self, Call};
use crate::deployment::{Board, ItemStatus};
use schemars::JsonSchema;
use serde::Serialize;

/// A go/no-go line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Criterion {
    pub item: String,
    pub title: String,
    /// The decision it is due for: `decision`, `24h` or `7d`.
    pub due: String,
    /// `go`, `no-go`, `n/a` or `inconclusive`, as it is now.
    pub verdict: String,
    pub tone: Tone,
    pub value: String,
    pub targets: Vec<String>,
    pub source: String,
    pub at: Option<Time>,
    pub age_ms: Option<Took>,
    /// What the last decision recorded, where that is another verdict.
    pub decided: Option<String>,
}

/// A step with a target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Held {
    pub item: String,
    pub title: String,
    pub phase: String,
    pub status: String,
    pub value: String,
    pub targets: Vec<String>,
}

pub(super) fn criteria(at: &View<'_>, board: &Board) -> Vec<Criterion> {
    let decided = at.state.decision().map(|(_, decided)| decided);
    let one = criteria::criteria(at.plan, at.state, board).into_iter().map(|criterion| {
        let word = criterion.call.word();
        let stood = decided.and_then(|decided| decided.criteria.iter().find(|stood| stood.item == criterion.item.id));
        Criterion {
            item: criterion.item.id.to_string(),
            title: criterion.item.title.clone(),
            due: criterion.due.word().to_owned(),
            verdict: word.to_owned(),
            tone: match criterion.call {
                Call::Go => Tone::Good,
                Call::DoesNotApply => Tone::Plain,
                Call::Inconclusive => Tone::Doubtful,
                Call::NoGo => Tone::Bad,
            },
            value: criterion.value,
            targets: targets(criterion.item),
            source: criterion.source,
            at: criterion.at.map(Time),
            age_ms: criterion.age.and_then(|age| u64::try_from(age.num_milliseconds()).ok()).map(Took),
            decided: stood.filter(|stood| stood.verdict != word).map(|stood| stood.verdict.clone()),
        }
    });
    one.collect()
}

pub(super) fn measured(at: &View<'_>, board: &Board) -> Vec<Held> {
    let items = at.plan.checklist().items().filter(|item| !item.targets.is_empty());
    let one = items.map(|item| Held {
        item: item.id.to_string(),
        title: item.title.clone(),
        phase: item.id.phase().to_string(),
        status: board.status(&item.id).word().to_owned(),
        value: detail(at, board, item),
        targets: targets(item),
    });
    one.collect()
}

fn targets(item: &Item) -> Vec<String> {
    item.targets.iter().map(|target| format!("{} {target}", target.measure)).collect()
}

/// Why a step stands as it does.
pub(super) fn detail(at: &View<'_>, board: &Board, item: &Item) -> String {
    match board.status(&item.id) {
        ItemStatus::Failed(why)
        | ItemStatus::Inconclusive(why)
        | ItemStatus::Outdated(why)
        | ItemStatus::Inapplicable(why) => why.clone(),
        ItemStatus::Waived(_) => {
            let waived = at.state.history(&item.id).and_then(|history| history.waived.as_ref());
            waived.map(|waived| format!("by {}: {}", waived.stamp.by, waived.reason)).unwrap_or_default()
        }
        ItemStatus::Running(number) => format!("attempt {number} is running"),
        ItemStatus::Lost(number) => format!("outcome of attempt {number} is unknown"),
        ItemStatus::Open => String::new(),
        ItemStatus::Done => criteria::verdict_text(at.state, item),
    }
}
