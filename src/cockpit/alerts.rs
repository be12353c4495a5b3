//! Alerts as the cockpit shows them: which ask for somebody, and the list of the alerts screen.

use super::model::{Model, PaneView};
use super::screens::Screen;
use crate::checklist::PaneId;
use crate::deployment::alerts::downtime::{self, Awaits};
use crate::deployment::alerts::{Alert, AlertNumber, Silence, Standing};
use crate::deployment::metrics::PaneVerdict;

/// One line of the list that the cursor can stand on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    Alert(Standing, AlertNumber),
    /// By its place among all silences.
    Silence(usize),
}

/// Worked out once after each record, and now and then because silences end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlertList {
    /// The worst first: what asks for somebody, what is acknowledged, silenced, expected; silences; what is over.
    pub entries: Vec<Entry>,
    /// Those that ask for somebody, the worst first.
    pub asking: Vec<AlertNumber>,
    /// How many are not over.
    pub open: usize,
}

impl AlertList {
    #[must_use]
    pub fn of(model: &Model) -> Self {
        let (alerts, now) = (&model.state.alerts, model.now);
        let all = alerts.in_order(now);
        let entry = |(standing, alert): &(Standing, &Alert)| Entry::Alert(*standing, alert.number);
        let over = all.iter().position(|(standing, _)| *standing == Standing::Cleared).unwrap_or(all.len());
        let silences = alerts.silences().iter().enumerate().filter(|(_, silence)| silence.is_active(now));
        let mut entries: Vec<Entry> = all[..over].iter().map(entry).collect();
        entries.extend(silences.map(|(at, _)| Entry::Silence(at)));
        entries.extend(all[over..].iter().map(entry));
        Self { entries, asking: alerts.asking(now).iter().map(|alert| alert.number).collect(), open: over }
    }
}

impl Model {
    /// The line of the alerts screen that the cursor stands on.
    pub fn alert_entry(&self) -> Option<Entry> {
        self.summary.alerts.entries.get(self.cursor(Screen::Alerts).at).copied()
    }

    pub fn silence_at(&self, at: usize) -> Option<&Silence> {
        self.state.alerts.silences().get(at)
    }

    /// The worst alert that asks for somebody.
    pub fn worst_alert(&self) -> Option<&Alert> {
        self.state.alerts.alert(*self.summary.alerts.asking.first()?)
    }

    /// The metric that a key is about: that of the alert or silence in hand, or of the chart in hand.
    pub fn metric_in_hand(&self) -> Option<PaneId> {
        match self.screen {
            Screen::Panes => self.pane_in_hand().map(|view| view.pane.id.clone()),
            Screen::Alerts => match self.alert_entry()? {
                Entry::Alert(_, number) => self.state.alerts.alert(number).map(|alert| alert.pane.clone()),
                Entry::Silence(at) => self.silence_at(at)?.pane.clone(),
            },
            _ => self.worst_alert().map(|alert| alert.pane.clone()),
        }
    }

    /// Why a metric that is bad has no alert yet; nothing where it has one, or should have.
    pub(crate) fn awaits(&self, view: &PaneView) -> Option<Awaits> {
        let is_bad = view.seen().verdict.is_bad() && view.seen().verdict != PaneVerdict::NoData;
        let quiet = is_bad && self.state.alerts.of(&view.pane.id).is_none();
        quiet.then(|| downtime::awaits(&self.plan, &self.state, &view.environment, self.now)).flatten()
    }

    /// Metrics that are bad and have no alert, each with the reason, the worst first.
    pub(crate) fn without_alert(&self) -> Vec<String> {
        let views = self.charts.order.iter().filter_map(|at| self.panes.get(*at));
        let bad = views.filter(|view| view.seen().evaluated && view.seen().verdict.is_bad());
        let quiet = bad.filter(|view| self.state.alerts.of(&view.pane.id).is_none());
        let line = |view: &PaneView| {
            let why = self.awaits(view).map_or_else(
                || format!("no alert before {} samples in a row", view.pane.patience.raise_after),
                Awaits::words,
            );
            format!("{}: {}, {why}", view.pane.title, view.seen().word())
        };
        quiet.map(line).collect()
    }

    /// How an alert of a metric that is not over stands; nothing where none is open.
    pub fn alert_of(&self, pane: &PaneId) -> Option<(Standing, &Alert)> {
        let alert = self.state.alerts.of(pane)?;
        Some((self.state.alerts.standing(alert, self.now), alert))
    }
}
