//! Alerts as the cockpit shows them: which ask for somebody, and the list of the alerts screen.

use super::model::Model;
use super::screens::Screen;
use crate::checklist::PaneId;
use crate::deployment::alerts::{Alert, AlertNumber, Silence, Standing};

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
    #[must_use]
    pub fn alert_entry(&self) -> Option<Entry> {
        self.summary.alerts.entries.get(self.cursor(Screen::Alerts).at).copied()
    }

    #[must_use]
    pub fn silence_at(&self, at: usize) -> Option<&Silence> {
        self.state.alerts.silences().get(at)
    }

    /// The worst alert that asks for somebody.
    #[must_use]
    pub fn worst_alert(&self) -> Option<&Alert> {
        self.state.alerts.alert(*self.summary.alerts.asking.first()?)
    }

    /// The metric that a key is about: that of the alert or silence in hand, or of the chart in hand.
    #[must_use]
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

    /// How an alert of a metric that is not over stands; nothing where none is open.
    #[must_use]
    pub fn alert_of(&self, pane: &PaneId) -> Option<(Standing, &Alert)> {
        let alert = self.state.alerts.of(pane)?;
        Some((self.state.alerts.standing(alert, self.now), alert))
    }
}
