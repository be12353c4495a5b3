//! The screens, each behind a number key.

use super::action::Action;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Screen {
    /// Checklist, step in hand, output, migration and panes at once.
    #[default]
    Cockpit,
    Checklist,
    Migration,
    Panes,
    Decision,
    Signoffs,
    Timeline,
    Alerts,
}

impl Screen {
    pub const ALL: [Screen; 8] = [
        Screen::Cockpit,
        Screen::Checklist,
        Screen::Migration,
        Screen::Panes,
        Screen::Decision,
        Screen::Signoffs,
        Screen::Timeline,
        Screen::Alerts,
    ];

    /// The name where there is little room.
    pub fn short(self) -> &'static str {
        match self {
            Screen::Checklist => "steps",
            Screen::Timeline => "log",
            Screen::Cockpit
            | Screen::Migration
            | Screen::Panes
            | Screen::Decision
            | Screen::Signoffs
            | Screen::Alerts => self.action().word(),
        }
    }

    pub fn action(self) -> Action {
        match self {
            Screen::Cockpit => Action::ShowCockpit,
            Screen::Checklist => Action::ShowChecklist,
            Screen::Migration => Action::ShowMigration,
            Screen::Panes => Action::ShowPanes,
            Screen::Decision => Action::ShowDecision,
            Screen::Signoffs => Action::ShowSignoffs,
            Screen::Timeline => Action::ShowTimeline,
            Screen::Alerts => Action::ShowAlerts,
        }
    }
}
