//! The palette: every action there is, found by a few of its letters.

use super::action::Action;
use super::keymap::Keymap;
use super::list::ListCursor;
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use std::cmp::Reverse;
use tui_input::Input;

#[derive(Debug, Clone)]
pub struct Palette {
    pub input: Input,
    pub cursor: ListCursor,
    /// The actions that the text may mean, the likeliest first.
    pub found: Vec<Action>,
}

impl Palette {
    #[must_use]
    pub fn new(keymap: &Keymap) -> Self {
        Self { input: Input::default(), cursor: ListCursor::default(), found: find(keymap, "") }
    }

    /// Looks again after the text has changed.
    pub fn look(&mut self, keymap: &Keymap) {
        self.found = find(keymap, self.input.value());
        self.cursor = ListCursor::default();
    }

    #[must_use]
    pub fn chosen(&self) -> Option<Action> {
        self.found.get(self.cursor.at).copied()
    }
}

/// What a text may mean: an action's whole name or key before everything else, then by how well the letters fit.
#[must_use]
pub fn find(keymap: &Keymap, text: &str) -> Vec<Action> {
    // `q!` and `quit!` come from fingers that know other programs.
    let text = text.trim().trim_end_matches('!');
    if text.is_empty() {
        return Action::ALL.to_vec();
    }
    let pattern = Pattern::parse(text, CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut letters = Vec::new();
    let mut score = |of: &str| pattern.score(Utf32Str::new(of, &mut letters), &mut matcher);
    let mut found: Vec<(bool, u32, Action)> = Vec::new();
    for action in Action::ALL.iter().copied() {
        let whole = action.name() == text || action.word() == text;
        let whole = whole || keymap.keys(action).any(|key| key.to_string() == text);
        // A name is what people type; the sentence helps those who do not know it.
        let name = score(action.name()).max(score(action.word())).map(|score| score * 2);
        let best = name.max(score(action.sentence()));
        if whole || best.is_some() {
            found.push((whole, best.unwrap_or_default(), action));
        }
    }
    // The sort is stable, so what fits equally well stays in the order of the help.
    found.sort_by_key(|(whole, score, _)| Reverse((*whole, *score)));
    found.into_iter().map(|(_, _, action)| action).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> Option<Action> {
        find(&Keymap::default(), text).first().copied()
    }

    #[test]
    fn names_words_and_keys_come_first() {
        assert_eq!(first("quit"), Some(Action::Quit));
        assert_eq!(first("qu"), Some(Action::Quit));
        assert_eq!(first("w"), Some(Action::Waive));
        assert_eq!(first("go/no-go"), Some(Action::ShowDecision));
        assert_eq!(first("show-metrics"), Some(Action::ShowPanes));
    }

    #[test]
    fn a_few_letters_are_enough() {
        assert_eq!(first("und"), Some(Action::TakeBack));
        assert_eq!(first("nxtfail"), Some(Action::NextFailed));
        assert_eq!(first("simulate"), Some(Action::AutopilotWithStandIns));
        assert_eq!(first("zzzz"), None);
    }

    #[test]
    fn without_a_text_everything_is_there() {
        assert_eq!(find(&Keymap::default(), " "), Action::ALL);
    }
}
