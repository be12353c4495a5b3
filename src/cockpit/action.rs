//! Everything a key can ask for: one row an action, from which keymap, hints, help, palette and files of keys are made.

use super::key::{Code, Key};

/// Where an action is in the help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    Run,
    Deployment,
    Record,
    Screens,
    Move,
    Find,
    Other,
}

impl Group {
    pub const ALL: [Group; 7] =
        [Group::Run, Group::Deployment, Group::Record, Group::Screens, Group::Move, Group::Find, Group::Other];

    pub fn title(self) -> &'static str {
        match self {
            Group::Run => "Run",
            Group::Deployment => "Deployment",
            Group::Record => "Record",
            Group::Screens => "Screens",
            Group::Move => "Move",
            Group::Find => "Find",
            Group::Other => "Other",
        }
    }
}

const fn c(c: char) -> Key {
    Key::char(c)
}

const fn ctrl(c: char) -> Key {
    Key::ctrl(c)
}

const fn k(code: Code) -> Key {
    Key::plain(code)
}

/// A key behind the leader, for what cannot be taken back.
const fn led(c: char) -> Key {
    Key::led(c)
}

/// `Variant "name" "hint" "Help" [keys], acts|reads`, in groups in the order of the help. An action that acts is refused
/// to who only watches, and pauses the autopilot; one that reads does neither.
macro_rules! actions {
    ($($group:ident { $($action:ident $name:literal $word:literal $sentence:literal [$($key:expr),*] $acts:ident;)* })*) => {
        /// What a person asks for. Which key asks for it is in the keymap alone.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action { $($($action,)*)* }

        impl Action {
            /// Every action, in the order of the help.
            pub const ALL: &[Action] = &[$($(Action::$action,)*)*];

            /// The keys as they are without a file of keys.
            pub(super) const KEYS: &[(Key, Action)] = &[$($($(($key, Action::$action),)*)*)*];

            /// The name in the palette and in a file of keys.
            pub fn name(self) -> &'static str {
                match self { $($(Action::$action => $name,)*)* }
            }

            /// One word or two for the hint line.
            pub fn word(self) -> &'static str {
                match self { $($(Action::$action => $word,)*)* }
            }

            /// What the help says.
            pub fn sentence(self) -> &'static str {
                match self { $($(Action::$action => $sentence,)*)* }
            }

            #[must_use]
            pub fn group(self) -> Group {
                match self { $($(Action::$action => Group::$group,)*)* }
            }

            /// Whether it changes something, rather than only looking.
            pub fn acts(self) -> bool {
                match self { $($(Action::$action => actions!(@ $acts),)*)* }
            }
        }
    };
    (@ acts) => { true };
    (@ reads) => { false };
}

actions! {
    Run {
        Go "run" "run" "Run or complete the selected step" [k(Code::Enter)] acts;
        Tick "tick" "tick" "Tick a manual step" [c(' ')] acts;
        Fill "fill-in" "enter value" "Enter the step's value" [c('v')] acts;
        Arm "enable" "enable command" "Review and enable the proposed command" [c('E')] acts;
        Waive "waive" "waive" "Waive step (reason)" [c('w')] acts;
        TakeBack "undo" "undo" "Undo a tick, waiver or enabled command (reason)" [c('u')] acts;
        Cancel "cancel" "cancel" "Stop running step (TERM, then KILL)" [c('c')] acts;
        EndBlocker "end-blocker" "end blocker" "Terminate blocking session (reason)" [c('b')] acts;
        Resolve "resolve" "record outcome" "Record the outcome of an attempt that lost contact" [c('r')] acts;
        Autopilot "autopilot" "autopilot" "Autopilot: run what it can, in order" [c('a')] acts;
        AutopilotSimulated "simulate" "simulate" "Autopilot with simulated answers; rehearsals only" [c('A')] acts;
    }
    Deployment {
        Seat "seat" "seat" "Captain's seat: take, hand over, release" [c('S')] reads;
        PlanWindow "window" "window" "Plan the window, start the clock" [c('T')] acts;
        Hold "hold" "hold clock" "Hold or resume the clock" [c('H')] acts;
        Poll "poll" "poll" "Open the go/no-go poll, or answer it" [c('p')] acts;
        Decide "decide" "decide" "Record the go/no-go decision" [c('D')] acts;
        Roles "roles" "roles" "Show and assign roles" [c('P')] reads;
        Amend "amend" "adopt checklist" "Review and adopt the edited checklist" [c('C')] acts;
        Acknowledge "acknowledge" "acknowledge" "Acknowledge an alert, a breach or a failed notice" [c('K')] acts;
        Silence "silence" "silence" "Silence a metric's alerts for a time (reason)" [c('Z')] acts;
        Override "override" "override gate" "Override a closed gate (needs a second person)" [led('o')] acts;
        Abort "abort" "abort" "Abort the deployment" [led('a')] acts;
        Rollback "rollback" "roll back" "Roll back: start, finish, show what is left" [led('r')] acts;
        Close "close-deployment" "close" "Close the deployment for good" [led('c')] acts;
    }
    Record {
        Sign "sign" "sign" "Record a sign-off" [c('s')] acts;
        Note "note" "note" "Add a note to the step" [c('e')] acts;
        Issue "issue" "issue" "Record an issue" [c('i')] acts;
        Handover "handover" "hand over" "Write a handover for the next person" [c('B')] acts;
        Lesson "lesson" "lesson" "Record a lesson learned" [c('L')] acts;
    }
    Screens {
        ShowCockpit "show-cockpit" "overview" "Overview" [c('0')] reads;
        ShowChecklist "show-checklist" "checklist" "Checklist" [c('1')] reads;
        ShowMigration "show-migration" "migration" "Migration" [c('2')] reads;
        ShowPanes "show-metrics" "metrics" "Metrics" [c('3')] reads;
        ShowDecision "show-decision" "go/no-go" "Go/no-go: criteria, poll, decision" [c('4')] reads;
        ShowSignoffs "show-signoffs" "sign-offs" "Sign-offs, issues, lessons" [c('5')] reads;
        ShowTimeline "show-timeline" "timeline" "Timeline of records" [c('6')] reads;
        ShowAlerts "show-alerts" "alerts" "Alerts and silences" [c('7')] reads;
    }
    Move {
        Up "up" "up" "Move up" [k(Code::Up), c('k')] reads;
        Down "down" "down" "Move down" [k(Code::Down), c('j')] reads;
        PageUp "page-up" "page up" "Page up" [k(Code::PageUp), ctrl('b'), ctrl('u')] reads;
        PageDown "page-down" "page down" "Page down" [k(Code::PageDown), ctrl('f'), ctrl('d')] reads;
        First "first-line" "first" "First line" [k(Code::Home), c('g')] reads;
        Last "last-line" "last" "Last line" [k(Code::End), c('G')] reads;
        Left "left" "left" "Previous phase; checklist: fold" [k(Code::Left), c('h')] reads;
        Right "right" "right" "Next phase; checklist: unfold" [k(Code::Right), c('l')] reads;
        NextPanel "next-panel" "next panel" "Next panel: steps, output, phases" [k(Code::Tab)] reads;
        OutputUp "output-up" "output up" "Scroll output up; metrics: previous event" [c('[')] reads;
        OutputDown "output-down" "output down" "Scroll output down, follow its end; metrics: next event" [c(']')] reads;
        ZoomIn "zoom-in" "zoom in" "Metrics: zoom in" [c('+'), c('=')] reads;
        ZoomOut "zoom-out" "zoom out" "Metrics: zoom out" [c('-')] reads;
        NextOpen "next-open" "next open" "Next open step" [c('o')] reads;
        NextFailed "next-failed" "next failed" "Next failed step" [c('x')] reads;
        NextMine "next-mine" "next mine" "Next step or sign-off for you" [c('m')] reads;
        Filter "filter" "filter" "Filter the checklist or the timeline" [c('f')] reads;
        ShowAll "show-all" "show n/a" "Show or collapse what is not applicable" [c('z')] reads;
        FollowRunning "follow-running" "follow" "Follow the running step, or stop following" [c('F')] reads;
    }
    Find {
        Find "find" "find" "Search titles and notes" [c('/')] reads;
        NextMatch "next-match" "next match" "Next match" [c('n'), c('.')] reads;
        PreviousMatch "previous-match" "previous match" "Previous match" [c('N'), c(',')] reads;
        Palette "palette" "command" "Find and run a command by name" [c(':')] reads;
    }
    Other {
        Details "details" "details" "Describe the step: check, attempts, notes" [c('d')] reads;
        Copy "copy" "copy" "Copy the command, output line or checksum" [c('y')] reads;
        CopyLedger "copy-ledger-path" "copy ledger path" "Copy the ledger's path" [c('Y')] reads;
        Mouse "mouse" "mouse" "Mouse on or off" [c('M')] reads;
        NextTheme "next-theme" "theme" "Next theme" [c('t')] reads;
        Help "keys" "help" "Help" [c('?'), k(Code::Function(1))] reads;
        Back "back" "back" "Close or go back" [k(Code::Esc)] reads;
        Suspend "suspend" "suspend" "To the shell, until `fg`" [ctrl('z')] reads;
        Quit "quit" "quit" "Leave; what is running continues" [c('q'), ctrl('c')] reads;
    }
}

/// What actions were called in files of keys before.
const FORMERLY: [(&str, Action); 4] = [
    ("take-back", Action::TakeBack),
    ("arm", Action::Arm),
    ("stand-ins", Action::AutopilotSimulated),
    ("show-panes", Action::ShowPanes),
];

/// Keys that did something which cannot be taken back, before that went behind the leader.
const MOVED: [(Key, Action); 3] = [(c('X'), Action::Abort), (c('R'), Action::Rollback), (c('O'), Action::Override)];

impl Action {
    /// The action of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let now = Self::ALL.iter().copied().find(|action| action.name() == name);
        now.or_else(|| FORMERLY.iter().find(|(former, _)| *former == name).map(|(_, action)| *action))
    }

    /// What a key that does nothing now asked for once.
    #[must_use]
    pub fn moved_from(key: Key) -> Option<Self> {
        MOVED.iter().find(|(moved, _)| *moved == key).map(|(_, action)| *action)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_means_one_action() {
        for action in Action::ALL {
            assert_eq!(Action::named(action.name()), Some(*action));
            assert!(action.name().chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", action.name());
        }
        assert_eq!(Action::named("take-back"), Some(Action::TakeBack));
    }

    #[test]
    fn what_cannot_be_taken_back_is_behind_the_leader() {
        for action in [Action::Abort, Action::Rollback, Action::Override, Action::Close] {
            let keys: Vec<&Key> = Action::KEYS.iter().filter(|(_, of)| *of == action).map(|(key, _)| key).collect();
            assert!(!keys.is_empty() && keys.iter().all(|key| key.led), "{action:?}: {keys:?}");
        }
    }

    #[test]
    fn keys_of_vim_and_k9s_mean_what_they_mean_there() {
        let asks = |key| Action::KEYS.iter().find(|(known, _)| *known == key).map(|(_, action)| *action);
        for (key, action) in [
            (c('h'), Action::Left),
            (c('j'), Action::Down),
            (c('k'), Action::Up),
            (c('l'), Action::Right),
            (c('g'), Action::First),
            (c('G'), Action::Last),
            (c('n'), Action::NextMatch),
            (c('N'), Action::PreviousMatch),
            (c('/'), Action::Find),
            (c(':'), Action::Palette),
            (c('?'), Action::Help),
            (k(Code::Esc), Action::Back),
            (ctrl('d'), Action::PageDown),
            (ctrl('u'), Action::PageUp),
            (c('H'), Action::Hold),
            (c('D'), Action::Decide),
        ] {
            assert_eq!(asks(key), Some(action), "{key}");
        }
    }
}
