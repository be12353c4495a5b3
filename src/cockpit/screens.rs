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
}

impl Screen {
    pub const ALL: [Screen; 7] = [
        Screen::Cockpit,
        Screen::Checklist,
        Screen::Migration,
        Screen::Panes,
        Screen::Decision,
        Screen::Signoffs,
        Screen::Timeline,
    ];

    #[must_use]
    pub fn action(self) -> Action {
        match self {
            Screen::Cockpit => Action::ShowCockpit,
            Screen::Checklist => Action::ShowChecklist,
            Screen::Migration => Action::ShowMigration,
            Screen::Panes => Action::ShowPanes,
            Screen::Decision => Action::ShowDecision,
            Screen::Signoffs => Action::ShowSignoffs,
            Screen::Timeline => Action::ShowTimeline,
        }
    }
}
