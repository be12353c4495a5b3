//! Search over the items of the checklist: what is looked for, and where it was found.

use super::list::ListCursor;
use super::model::{Follow, Panel};
use super::screens::Screen;
use super::tree::Folds;
use crate::checklist::ItemId;
use crate::deployment::Plan;
use crate::deployment::state::Note;
use std::collections::BTreeMap;
use std::ops::Range;
use tui_input::Input;

/// A search that is being typed, or whose matches are marked.
#[derive(Debug, Clone)]
pub struct Search {
    pub input: Input,
    /// Keys go into the text; afterwards they mean what the keymap says.
    pub typing: bool,
    /// Items that hold the text, in the order of the checklist.
    pub matches: Vec<ItemId>,
    /// Where the person was before, to go back to.
    pub(super) before: Before,
}

/// What a search moves, as it was when the search began.
#[derive(Debug, Clone)]
pub(crate) struct Before {
    pub screen: Screen,
    pub panel: Panel,
    pub selected: Option<ItemId>,
    pub phase_cursor: ListCursor,
    pub item_cursor: ListCursor,
    pub tree_cursor: ListCursor,
    pub folds: Folds,
    pub follow: Follow,
}

impl Search {
    pub fn text(&self) -> &str {
        self.input.value()
    }

    /// Which match this item is, counted from one.
    pub fn number(&self, item: &ItemId) -> Option<usize> {
        self.matches.iter().position(|id| id == item).map(|at| at + 1)
    }

    /// `3 of 12`, `12 found` where the line in hand is none of them.
    pub fn count(&self, in_hand: Option<&ItemId>) -> String {
        let total = self.matches.len();
        match in_hand.and_then(|item| self.number(item)) {
            _ if self.text().is_empty() => String::new(),
            _ if total == 0 => "nothing found".to_owned(),
            Some(number) => format!("{number} of {total}"),
            None => format!("{total} found"),
        }
    }
}

/// The items whose title or notes hold the text, whatever its letters' case.
pub(crate) fn matches<'a>(plan: &Plan, notes: impl Iterator<Item = Note<'a>>, text: &str) -> Vec<ItemId> {
    let needle = folded(text);
    if needle.is_empty() {
        return Vec::new();
    }
    let mut written: BTreeMap<&ItemId, bool> = BTreeMap::new();
    for note in notes {
        if let Some(item) = note.item {
            *written.entry(item).or_default() |= holds(note.text, &needle);
        }
    }
    let found = plan.checklist().items().filter(|item| {
        holds(&item.title, &needle)
            || item.note.as_ref().is_some_and(|note| holds(note, &needle))
            || written.get(&item.id).copied().unwrap_or(false)
    });
    found.map(|item| item.id.clone()).collect()
}

fn folded(text: &str) -> Vec<char> {
    text.chars().flat_map(char::to_lowercase).collect()
}

fn holds(text: &str, needle: &[char]) -> bool {
    !find(text, needle).is_empty()
}

/// Where a text holds another one, whatever the letters' case: ranges of bytes that do not overlap.
pub(crate) fn spans(text: &str, needle: &str) -> Vec<Range<usize>> {
    find(text, &folded(needle))
}

fn find(text: &str, needle: &[char]) -> Vec<Range<usize>> {
    if needle.is_empty() {
        return Vec::new();
    }
    // A letter may become several in lower case, so each remembers which bytes it came from.
    let letters = text.char_indices().flat_map(|(at, c)| c.to_lowercase().map(move |low| (low, at..at + c.len_utf8())));
    let letters: Vec<(char, Range<usize>)> = letters.collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at + needle.len() <= letters.len() {
        let here = &letters[at..at + needle.len()];
        if here.iter().map(|(low, _)| low).eq(needle) {
            found.push(here[0].1.start..here[needle.len() - 1].1.end);
            at += needle.len();
        } else {
            at += 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_does_not_matter_in_any_script() {
        let found = |text: &'static str, needle| spans(text, needle).into_iter().map(|s| &text[s]).collect::<Vec<_>>();
        assert_eq!(spans("Backup of BACKUPS", "backup"), [0..6, 10..16]);
        assert_eq!(found("Größe der ÄNDERUNG", "änderung"), ["ÄNDERUNG"]);
        assert_eq!(found("이름 마이그레이션", "마이그"), ["마이그"]);
        assert_eq!(found("aaa", "aa"), ["aa"]);
        assert!(spans("anything", "").is_empty());
    }

    #[test]
    fn a_letter_that_grows_in_lower_case_keeps_its_place() {
        // İ becomes two letters; what is found still lies on the bounds of letters.
        let text = "İstanbul line";
        assert_eq!(spans(text, "line").iter().map(|span| &text[span.clone()]).collect::<Vec<_>>(), ["line"]);
        for span in spans(text, "i") {
            assert!(text.get(span).is_some());
        }
    }
}
