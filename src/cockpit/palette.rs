//! The palette: every action there is, found by a few of its letters.

use super::action::Action;
use super::keymap::Keymap;
use super::list::ListCursor;
use super::relevance::Relevance;
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use tui_input::Input;

/// What it was opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// To run a command by its name.
    Commands,
    /// To see which key does what; this screen's come first.
    Keys,
}

#[derive(Debug, Clone)]
pub struct Palette {
    pub kind: Kind,
    pub input: Input,
    pub cursor: ListCursor,
    /// The actions that the text may mean, the likeliest first.
    pub found: Vec<Action>,
    /// How much each matters where it was opened.
    ranks: BTreeMap<Action, Relevance>,
}

impl Palette {
    #[must_use]
    pub fn new(kind: Kind, keymap: &Keymap, ranks: BTreeMap<Action, Relevance>) -> Self {
        let mut palette =
            Self { kind, input: Input::default(), cursor: ListCursor::default(), found: Vec::new(), ranks };
        palette.look(keymap);
        palette
    }

    /// Looks again after the text has changed.
    pub fn look(&mut self, keymap: &Keymap) {
        self.found = find(keymap, self.input.value());
        self.found.retain(|action| self.ranks.get(action) != Some(&Relevance::Never));
        if self.input.value().trim().is_empty() {
            let rank = |action: &Action| match self.ranks.get(action) {
                Some(Relevance::Here) => 0,
                Some(Relevance::Anywhere) | None => 1,
                Some(Relevance::Refused(_) | Relevance::Never) => 2,
            };
            self.found.sort_by_key(rank);
        }
        self.cursor = ListCursor::default();
    }

    pub fn chosen(&self) -> Option<Action> {
        self.found.get(self.cursor.at).copied()
    }

    /// How much an action matters.
    pub fn relevance(&self, action: Action) -> &Relevance {
        self.ranks.get(&action).unwrap_or(&Relevance::Anywhere)
    }
}

/// What a text may mean: an action's whole name or key before everything else, then by how well the letters fit.
pub(crate) fn find(keymap: &Keymap, text: &str) -> Vec<Action> {
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
        assert_eq!(first("simulate"), Some(Action::AutopilotSimulated));
        assert_eq!(first("zzzz"), None);
    }

    #[test]
    fn what_belongs_here_comes_first_and_what_is_refused_last() {
        let ranks =
            BTreeMap::from([(Action::Go, Relevance::Refused("closed".to_owned())), (Action::Sign, Relevance::Here)]);
        let palette = Palette::new(Kind::Commands, &Keymap::default(), ranks);
        assert_eq!((palette.found.first(), palette.found.last()), (Some(&Action::Sign), Some(&Action::Go)));
        assert_eq!(palette.found.len(), Action::ALL.len());
    }

    #[test]
    fn without_a_text_everything_is_there() {
        assert_eq!(find(&Keymap::default(), " "), Action::ALL);
    }
}
