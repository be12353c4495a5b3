//! Watches under way, as the screen shows them: how far each is and what its samples say so far.

use super::effect::{Effect, WatchAsked};
use super::model::Model;
use crate::checklist::ItemId;
use crate::deployment::watching;
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::Arc;

/// How often the samples are looked at.
const PAUSE: TimeDelta = TimeDelta::seconds(5);

/// What a watch under way comes to so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Watched {
    pub item: ItemId,
    /// How much of its time has passed, from 0 to 1.
    pub share: f64,
    /// Percent of that which has samples.
    pub coverage: f64,
    pub sentence: String,
}

/// What is known of the watches under way, and when it was asked for.
#[derive(Debug, Clone, Default)]
pub struct Watches {
    pub known: Vec<Watched>,
    asked: Option<DateTime<Utc>>,
}

impl Watches {
    pub fn of(&self, item: &ItemId) -> Option<&Watched> {
        self.known.iter().find(|watched| watched.item == *item)
    }
}

/// Asks for what the watches under way come to, once in a while.
pub(crate) fn ask(model: &mut Model) -> Vec<Effect> {
    if model.watches.asked.is_some_and(|asked| model.now - asked < PAUSE && model.now >= asked) {
        return Vec::new();
    }
    model.watches.asked = Some(model.now);
    let plan = Arc::clone(&model.plan);
    let watching = watching::under_way(&plan, &model.state, &model.board, model.now);
    let asked = watching.into_iter().filter_map(|one| {
        let pane = plan.checklist().panes.iter().find(|pane| pane.id == one.watch.pane)?;
        let (environment, _) = plan.environment_in(&pane.slot)?;
        Some(WatchAsked {
            item: one.item.id.clone(),
            pane: pane.id.clone(),
            environment: environment.clone(),
            period: one.period,
            targets: one.item.targets.clone(),
            unit: pane.unit.clone(),
            wanted: pane.target.as_ref().map(|target| target.bound),
            now: model.now,
        })
    });
    let asked: Vec<WatchAsked> = asked.collect();
    if asked.is_empty() {
        model.watches.known.clear();
        return Vec::new();
    }
    vec![Effect::ReadWatches(asked)]
}
