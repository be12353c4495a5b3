//! Which key asks for what. Hints and help are made from this, so that they cannot say anything else.

mod file;

use super::action::Action;
use super::key::{Code, Key};
use crate::checklist::Problem;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap {
    bindings: Vec<(Key, Action)>,
}

impl Default for Keymap {
    fn default() -> Self {
        let plain = Key::plain;
        let c = Key::char;
        let bindings = vec![
            (plain(Code::Enter), Action::Go),
            (c(' '), Action::Tick),
            (c('u'), Action::TakeBack),
            (c('w'), Action::Waive),
            (c('v'), Action::Fill),
            (c('!'), Action::Arm),
            (c('n'), Action::Note),
            (c('i'), Action::Issue),
            (c('l'), Action::Lesson),
            (c('s'), Action::Sign),
            (c('g'), Action::Decide),
            (c('a'), Action::Autopilot),
            (c('A'), Action::AutopilotWithStandIns),
            (c('c'), Action::Cancel),
            (c('b'), Action::EndBlocker),
            (c('r'), Action::Resolve),
            (c('d'), Action::Details),
            (c('o'), Action::NextOpen),
            (c('x'), Action::NextFailed),
            (c('m'), Action::NextMine),
            (c('f'), Action::FollowRunning),
            (c('/'), Action::Find),
            (c('.'), Action::NextMatch),
            (c(','), Action::PreviousMatch),
            (c(':'), Action::Palette),
            (plain(Code::Up), Action::Up),
            (c('k'), Action::Up),
            (plain(Code::Down), Action::Down),
            (c('j'), Action::Down),
            (plain(Code::PageUp), Action::PageUp),
            (Key::ctrl('b'), Action::PageUp),
            (plain(Code::PageDown), Action::PageDown),
            (Key::ctrl('f'), Action::PageDown),
            (plain(Code::Home), Action::First),
            (plain(Code::End), Action::Last),
            (c('G'), Action::Last),
            (plain(Code::Left), Action::Left),
            (plain(Code::Right), Action::Right),
            (plain(Code::Tab), Action::NextPanel),
            (c('K'), Action::OutputUp),
            (Key::ctrl('u'), Action::OutputUp),
            (c('J'), Action::OutputDown),
            (Key::ctrl('d'), Action::OutputDown),
            (c('0'), Action::ShowCockpit),
            (c('1'), Action::ShowChecklist),
            (c('2'), Action::ShowMigration),
            (c('3'), Action::ShowPanes),
            (c('4'), Action::ShowDecision),
            (c('5'), Action::ShowSignoffs),
            (c('6'), Action::ShowTimeline),
            (c('t'), Action::NextTheme),
            (c('M'), Action::Mouse),
            (c('p'), Action::Poll),
            (c('O'), Action::Override),
            (c('P'), Action::Roles),
            (c('X'), Action::Abort),
            (c('R'), Action::Rollback),
            (c('E'), Action::Close),
            (c('N'), Action::Acknowledge),
            (c('y'), Action::Copy),
            (c('Y'), Action::CopyLedger),
            (c('?'), Action::Help),
            (plain(Code::Function(1)), Action::Help),
            (plain(Code::Esc), Action::Back),
            (Key::ctrl('z'), Action::Suspend),
            (c('q'), Action::Quit),
            (Key::ctrl('c'), Action::Quit),
            (c('S'), Action::Seat),
            (c('T'), Action::PlanWindow),
            (c('h'), Action::Hold),
        ];
        Self { bindings }
    }
}

impl Keymap {
    /// The keys as they are without a file, with those of a file laid over them; `file` is only named in problems.
    ///
    /// # Errors
    /// Every problem found, in the order of their places.
    pub fn read(file: &str, text: &str) -> Result<Self, Vec<Problem>> {
        file::read(file, text)
    }

    /// Gives a key to an action, or with `None` to nothing. A key given anew is the one that hints show.
    fn bind(&mut self, key: Key, action: Option<Action>) {
        self.bindings.retain(|(bound, _)| *bound != key);
        if let Some(action) = action {
            let at = self.bindings.iter().position(|(_, bound)| *bound == action).unwrap_or(self.bindings.len());
            self.bindings.insert(at, (key, action));
        }
    }

    #[must_use]
    pub fn action(&self, key: Key) -> Option<Action> {
        self.bindings.iter().find(|(bound, _)| *bound == key).map(|(_, action)| *action)
    }

    /// The keys that ask for an action, the one to show first.
    pub fn keys(&self, action: Action) -> impl Iterator<Item = Key> {
        self.bindings.iter().filter(move |(_, bound)| *bound == action).map(|(key, _)| *key)
    }

    /// The key to show for an action; empty when none is bound.
    #[must_use]
    pub fn hint(&self, action: Action) -> String {
        self.keys(action).next().map(|key| key.to_string()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_has_a_key_and_every_key_one_action() {
        let keymap = Keymap::default();
        for action in Action::ALL {
            assert!(keymap.keys(action).next().is_some(), "{action:?} has no key");
        }
        let mut keys: Vec<Key> = keymap.bindings.iter().map(|(key, _)| *key).collect();
        keys.sort_unstable();
        let before = keys.len();
        keys.dedup();
        assert_eq!(keys.len(), before, "a key asks for two things");
    }
}
