//! Everything a key can ask for.

/// What a person asks for. Which key asks for it stands in the keymap alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
    /// To the list on the left, or fold.
    Left,
    /// To the list on the right, or unfold.
    Right,
    NextPanel,
    /// Back in the output, half a window.
    OutputUp,
    /// On in the output, to its end.
    OutputDown,
    /// Do what the line in hand asks for: run, judge, tick, fill in, sign.
    Go,
    Tick,
    TakeBack,
    Waive,
    Fill,
    Note,
    Issue,
    Lesson,
    Sign,
    Decide,
    Cancel,
    /// End a session on the database server that others wait for.
    EndBlocker,
    Resolve,
    Autopilot,
    AutopilotWithStandIns,
    NextOpen,
    NextFailed,
    /// The next line that waits for the person at the keys.
    NextMine,
    FollowRunning,
    Find,
    NextMatch,
    PreviousMatch,
    /// Every action by its name.
    Palette,
    Details,
    ShowCockpit,
    ShowChecklist,
    ShowMigration,
    ShowPanes,
    ShowDecision,
    ShowSignoffs,
    ShowTimeline,
    NextTheme,
    /// The mouse selects and scrolls, or is left to the terminal.
    Mouse,
    /// What is in hand, to the terminal's clipboard.
    Copy,
    /// The ledger's path, to the terminal's clipboard.
    CopyLedger,
    Help,
    Back,
    Suspend,
    Quit,
}

impl Action {
    pub const ALL: [Action; 50] = [
        Action::Go,
        Action::Tick,
        Action::TakeBack,
        Action::Waive,
        Action::Fill,
        Action::Note,
        Action::Issue,
        Action::Lesson,
        Action::Sign,
        Action::Decide,
        Action::Autopilot,
        Action::AutopilotWithStandIns,
        Action::Cancel,
        Action::EndBlocker,
        Action::Resolve,
        Action::Details,
        Action::NextOpen,
        Action::NextFailed,
        Action::NextMine,
        Action::FollowRunning,
        Action::Find,
        Action::NextMatch,
        Action::PreviousMatch,
        Action::Palette,
        Action::Up,
        Action::Down,
        Action::PageUp,
        Action::PageDown,
        Action::First,
        Action::Last,
        Action::Left,
        Action::Right,
        Action::NextPanel,
        Action::OutputUp,
        Action::OutputDown,
        Action::ShowCockpit,
        Action::ShowChecklist,
        Action::ShowMigration,
        Action::ShowPanes,
        Action::ShowDecision,
        Action::ShowSignoffs,
        Action::ShowTimeline,
        Action::NextTheme,
        Action::Mouse,
        Action::Copy,
        Action::CopyLedger,
        Action::Help,
        Action::Back,
        Action::Suspend,
        Action::Quit,
    ];

    /// The name in the palette and in a file of keys.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Action::Up => "up",
            Action::Down => "down",
            Action::PageUp => "page-up",
            Action::PageDown => "page-down",
            Action::First => "first-line",
            Action::Last => "last-line",
            Action::Left => "left",
            Action::Right => "right",
            Action::NextPanel => "next-panel",
            Action::OutputUp => "output-up",
            Action::OutputDown => "output-down",
            Action::Go => "run",
            Action::Tick => "tick",
            Action::TakeBack => "take-back",
            Action::Waive => "waive",
            Action::Fill => "fill-in",
            Action::Note => "note",
            Action::Issue => "issue",
            Action::Lesson => "lesson",
            Action::Sign => "sign",
            Action::Decide => "decide",
            Action::Cancel => "cancel",
            Action::EndBlocker => "end-blocker",
            Action::Resolve => "resolve",
            Action::Autopilot => "autopilot",
            Action::AutopilotWithStandIns => "stand-ins",
            Action::NextOpen => "next-open",
            Action::NextFailed => "next-failed",
            Action::NextMine => "next-mine",
            Action::FollowRunning => "follow-running",
            Action::Find => "find",
            Action::NextMatch => "next-match",
            Action::PreviousMatch => "previous-match",
            Action::Palette => "palette",
            Action::Details => "details",
            Action::ShowCockpit => "show-cockpit",
            Action::ShowChecklist => "show-checklist",
            Action::ShowMigration => "show-migration",
            Action::ShowPanes => "show-panes",
            Action::ShowDecision => "show-decision",
            Action::ShowSignoffs => "show-signoffs",
            Action::ShowTimeline => "show-timeline",
            Action::NextTheme => "next-theme",
            Action::Mouse => "mouse",
            Action::Copy => "copy",
            Action::CopyLedger => "copy-ledger-path",
            Action::Help => "keys",
            Action::Back => "back",
            Action::Suspend => "suspend",
            Action::Quit => "quit",
        }
    }

    /// The action of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == name)
    }

    /// One word or two for the hint line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Action::Up => "up",
            Action::Down => "down",
            Action::PageUp => "page up",
            Action::PageDown => "page down",
            Action::First => "first",
            Action::Last => "last",
            Action::Left => "left",
            Action::Right => "right",
            Action::NextPanel => "next panel",
            Action::OutputUp => "output back",
            Action::OutputDown => "output on",
            Action::Go => "run",
            Action::Tick => "tick",
            Action::TakeBack => "take back",
            Action::Waive => "waive",
            Action::Fill => "value",
            Action::Note => "note",
            Action::Issue => "issue",
            Action::Lesson => "lesson",
            Action::Sign => "sign",
            Action::Decide => "decide",
            Action::Cancel => "cancel",
            Action::EndBlocker => "end blocker",
            Action::Resolve => "resolve",
            Action::Autopilot => "autopilot",
            Action::AutopilotWithStandIns => "with stand-ins",
            Action::NextOpen => "next open",
            Action::NextFailed => "next failed",
            Action::NextMine => "next mine",
            Action::FollowRunning => "follow",
            Action::Find => "find",
            Action::NextMatch => "next match",
            Action::PreviousMatch => "match before",
            Action::Palette => "command",
            Action::Details => "details",
            Action::ShowCockpit => "cockpit",
            Action::ShowChecklist => "checklist",
            Action::ShowMigration => "migration",
            Action::ShowPanes => "panes",
            Action::ShowDecision => "go/no-go",
            Action::ShowSignoffs => "sign-offs",
            Action::ShowTimeline => "timeline",
            Action::NextTheme => "theme",
            Action::Mouse => "mouse",
            Action::Copy => "copy",
            Action::CopyLedger => "copy ledger path",
            Action::Help => "keys",
            Action::Back => "back",
            Action::Suspend => "suspend",
            Action::Quit => "quit",
        }
    }

    /// A sentence for the help.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Action::Up => "Move up",
            Action::Down => "Move down",
            Action::PageUp => "Move a page up",
            Action::PageDown => "Move a page down",
            Action::First => "Go to the first line",
            Action::Last => "Go to the last line",
            Action::Left => "Go to the phases, or fold",
            Action::Right => "Go to the items, or unfold",
            Action::NextPanel => "Go to the next panel: items, output, phases",
            Action::OutputUp => "Scroll back in the output",
            Action::OutputDown => "Scroll on in the output, and follow its end",
            Action::Go => "Run, judge, tick, fill in or sign this line",
            Action::Tick => "Tick a manual item",
            Action::TakeBack => "Take back a tick or a waiver, with a reason",
            Action::Waive => "Pass the item over, with the reason",
            Action::Fill => "Fill the item's value in",
            Action::Note => "Write a note on the item",
            Action::Issue => "Write down an issue",
            Action::Lesson => "Write down a lesson learned",
            Action::Sign => "Record a sign-off",
            Action::Decide => "Record the go/no-go decision",
            Action::Cancel => "Cancel the running attempt, step by step",
            Action::EndBlocker => "End the session on the server that others wait for, with the reason",
            Action::Resolve => "Resolve an attempt whose outcome is unknown",
            Action::Autopilot => "Autopilot: carries out what it can, in order",
            Action::AutopilotWithStandIns => "Autopilot with stand-ins; rehearsals only",
            Action::NextOpen => "Go to the next open item",
            Action::NextFailed => "Go to the next failed item",
            Action::NextMine => "Next for you: a line, or your sign-off",
            Action::FollowRunning => "Follow the running step, or stop following",
            Action::Find => "Search titles and notes as you type",
            Action::NextMatch => "Go to the next match",
            Action::PreviousMatch => "Go to the match before",
            Action::Palette => "Find an action by its name, and do it",
            Action::Details => "All about the item: check, attempts, notes",
            Action::ShowCockpit => "The cockpit",
            Action::ShowChecklist => "The whole checklist",
            Action::ShowMigration => "The migration",
            Action::ShowPanes => "The metric panes",
            Action::ShowDecision => "Go/no-go: criteria and decision",
            Action::ShowSignoffs => "The sign-offs, issues and lessons",
            Action::ShowTimeline => "The timeline of records",
            Action::NextTheme => "Try the next theme",
            Action::Mouse => "Mouse on or off: it selects and scrolls",
            Action::Copy => "Copy the command, output line or sum in hand",
            Action::CopyLedger => "Copy the path of the ledger",
            Action::Help => "These keys",
            Action::Back => "Close what is open, or go back",
            Action::Suspend => "Back to the shell, until `fg`",
            Action::Quit => "Leave the cockpit; what runs goes on running",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_means_one_action() {
        for action in Action::ALL {
            assert_eq!(Action::named(action.name()), Some(action));
            assert!(action.name().chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", action.name());
        }
    }
}
