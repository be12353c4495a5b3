//! What a terminal can do for a person who looks elsewhere: bell, notification, progress in its title bar or task bar.
//!
//! Only terminals that are known by name to understand a sequence are sent one; all others get the bell alone.
//! `GONOGO_BELL=off` keeps the terminal quiet, `GONOGO_BELL=bell` leaves it at the bell.

use crate::harmless;

/// The variable that says how loud the terminal may be.
pub(super) const VARIABLE: &str = "GONOGO_BELL";

/// Takes progress away again.
pub(super) const NO_PROGRESS: &str = "\x1b]9;4;0;\x1b\\";

/// Letters of a notification.
const LONGEST: usize = 200;

/// How notifications are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Notification {
    /// `OSC 9`, as iTerm2, kitty and Ghostty have it.
    Nine,
    /// `OSC 777`, as foot has it.
    SevenSevenSeven,
}

/// What the terminal can do and the person wants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Signals {
    bell: bool,
    notification: Option<Notification>,
    progress: bool,
}

impl Signals {
    /// Decided by the variables that terminals set.
    pub(super) fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let is = |name: &str, wanted: &str| variable(name).is_some_and(|value| value == wanted);
        let is_set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
        let bell = Self { bell: true, ..Self::default() };
        match variable(VARIABLE).as_deref().map(str::trim) {
            Some("off" | "0" | "no" | "false") => return Self::default(),
            Some("bell") => return bell,
            _ => {}
        }
        let term = variable("TERM").unwrap_or_default();
        // A multiplexer keeps such sequences to itself, or shows them as text.
        if is_set("TMUX") || is_set("STY") || term.starts_with("screen") || term.starts_with("tmux") {
            return bell;
        }
        let ghostty = term == "xterm-ghostty" || is("TERM_PROGRAM", "ghostty");
        let nine = ghostty
            || term == "xterm-kitty"
            || is("TERM_PROGRAM", "iTerm.app")
            || is("LC_TERMINAL", "iTerm2")
            || is("TERM_PROGRAM", "WezTerm");
        let foot = term == "foot" || term.starts_with("foot-");
        let notification = if nine { Some(Notification::Nine) } else { foot.then_some(Notification::SevenSevenSeven) };
        let vte = variable("VTE_VERSION").and_then(|version| version.parse::<u32>().ok());
        let progress =
            ghostty || is_set("WT_SESSION") || is("ConEmuANSI", "ON") || vte.is_some_and(|version| version >= 8_000);
        Self { bell: true, notification, progress }
    }

    /// What calls the person; empty when nothing may.
    pub(super) fn alert(self, text: &str) -> String {
        // What ends a sequence or separates its parts must not come from a text.
        let plain = text.chars().map(|c| if harmless::is_hidden(c) || c == ';' { ' ' } else { c });
        let plain: String = plain.take(LONGEST).collect();
        let notification = match self.notification {
            Some(Notification::Nine) => format!("\x1b]9;gonogo: {plain}\x1b\\"),
            Some(Notification::SevenSevenSeven) => format!("\x1b]777;notify;gonogo;{plain}\x1b\\"),
            None => String::new(),
        };
        if self.bell { format!("{notification}\x07") } else { notification }
    }

    /// What shows a percentage, or takes it away; empty where the terminal shows none.
    pub(super) fn progress(self, percent: Option<u8>) -> String {
        match percent {
            _ if !self.progress => String::new(),
            Some(percent) => format!("\x1b]9;4;1;{}\x1b\\", percent.min(100)),
            None => NO_PROGRESS.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Signals {
        Signals::of(|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn a_terminal_that_nobody_knows_gets_the_bell_alone() {
        let plain = of(&[("TERM", "xterm-256color")]);
        assert_eq!(plain.alert("HOLD"), "\x07");
        assert_eq!(plain.progress(Some(40)), "");
    }

    #[test]
    fn the_bell_can_be_turned_off() {
        let quiet = of(&[("TERM", "xterm-ghostty"), (VARIABLE, "off")]);
        assert_eq!((quiet.alert("HOLD"), quiet.progress(Some(1))), (String::new(), String::new()));
        assert_eq!(of(&[("TERM", "xterm-ghostty"), (VARIABLE, "bell")]).alert("HOLD"), "\x07");
    }

    #[test]
    fn terminals_are_written_to_as_they_understand_it() {
        let ghostty = of(&[("TERM", "xterm-ghostty")]);
        assert_eq!(ghostty.alert("HOLD by Ada"), "\x1b]9;gonogo: HOLD by Ada\x1b\\\x07");
        assert_eq!(ghostty.progress(Some(40)), "\x1b]9;4;1;40\x1b\\");
        assert_eq!(ghostty.progress(None), NO_PROGRESS);
        let foot = of(&[("TERM", "foot")]);
        assert_eq!(foot.alert("HOLD"), "\x1b]777;notify;gonogo;HOLD\x1b\\\x07");
        let windows = of(&[("TERM", "xterm-256color"), ("WT_SESSION", "1")]);
        assert_eq!(
            (windows.alert("HOLD").as_str(), windows.progress(Some(7)).as_str()),
            ("\x07", "\x1b]9;4;1;7\x1b\\")
        );
    }

    #[test]
    fn inside_a_multiplexer_only_the_bell_is_rung() {
        assert_eq!(of(&[("TERM", "tmux-256color"), ("TERM_PROGRAM", "ghostty")]).alert("HOLD"), "\x07");
        assert_eq!(of(&[("TERM", "xterm-ghostty"), ("TMUX", "/tmp/x")]).progress(Some(1)), "");
    }

    #[test]
    fn a_text_cannot_end_its_sequence() {
        let alert = of(&[("TERM", "xterm-kitty")]).alert("a\x1b\\b\x07c;d");
        assert_eq!(alert, "\x1b]9;gonogo: a \\b c d\x1b\\\x07");
    }
}
