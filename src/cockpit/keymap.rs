//! Which key asks for what. Hints and help are made from this, so that they cannot say anything else.

mod file;

use super::action::Action;
use super::key::Key;
use crate::checklist::Problem;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap {
    bindings: Vec<(Key, Action)>,
}

impl Default for Keymap {
    fn default() -> Self {
        Self { bindings: Action::KEYS.to_vec() }
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

    pub fn action(&self, key: Key) -> Option<Action> {
        self.bindings.iter().find(|(bound, _)| *bound == key).map(|(_, action)| *action)
    }

    /// The keys that ask for an action, the one to show first.
    pub fn keys(&self, action: Action) -> impl Iterator<Item = Key> {
        self.bindings.iter().filter(move |(_, bound)| *bound == action).map(|(key, _)| *key)
    }

    /// The key to show for an action; empty when none is bound.
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
        for action in Action::ALL.iter().copied() {
            assert!(keymap.keys(action).next().is_some(), "{action:?} has no key");
        }
        let mut keys: Vec<Key> = keymap.bindings.iter().map(|(key, _)| *key).collect();
        keys.sort_unstable();
        let before = keys.len();
        keys.dedup();
        assert_eq!(keys.len(), before, "a key asks for two things");
    }
}
