//! The headings active, and paragraphs that are used as headings.

use super::account::Rank;
use super::blanks;

/// The longest paragraph that is taken for a heading, in characters.
const LONGEST: usize = 160;

/// The stack of headings above the place that is being read, and the paragraph that may turn out to be one.
#[derive(Debug, Default)]
pub(super) struct Leads {
    stack: Vec<(usize, Rank)>,
    /// Start, text and rank of a paragraph that nothing but a list has followed yet.
    pending: Option<(usize, String, Rank)>,
    start: usize,
    strong: i32,
    /// Text of the current paragraph that is not in bold.
    outside: String,
    has_strong: bool,
}

impl Leads {
    /// A paragraph begins.
    pub(super) fn paragraph(&mut self, start: usize) {
        *self = Self { stack: std::mem::take(&mut self.stack), start, ..Self::default() };
    }

    pub(super) fn strong(&mut self, by: i32) {
        self.strong += by;
        self.has_strong = true;
    }

    pub(super) fn text(&mut self, text: &str) {
        // What counts is whether there is little; a long paragraph is not kept twice.
        if self.strong == 0 && self.outside.len() <= LONGEST {
            self.outside.push_str(text);
        }
    }

    /// The paragraph ended outside any list: it may be used as a heading.
    pub(super) fn note(&mut self, text: &str) {
        if !self.has_strong && !text.trim_end().ends_with([':', '：']) {
            return;
        }
        let text = super::walk::fold(text);
        if text.is_empty() || text.chars().count() > LONGEST || blanks::has_any(&text) {
            return;
        }
        let outside = self.outside.trim().trim_end_matches([':', '：']).trim_end();
        let aside = outside.starts_with('(') && outside.ends_with(')');
        let rank = if self.has_strong && (outside.is_empty() || aside) {
            Rank::Bold
        } else if text.ends_with([':', '：']) {
            Rank::LeadIn
        } else {
            return;
        };
        let text = text.trim_end_matches([':', '：', ' ']).to_owned();
        if !text.is_empty() {
            self.pending = Some((self.start, text, rank));
        }
    }

    /// Something came between the paragraph and a list.
    pub(super) fn forget(&mut self) {
        self.pending = None;
    }

    /// A task list begins: the paragraph above it was a heading.
    pub(super) fn before_tasks(&mut self) -> Option<(usize, String, Rank)> {
        self.pending.take()
    }

    /// A list without boxes begins: the paragraph above it was a heading when those who sign stand below it.
    pub(super) fn before_roles(&mut self) -> Option<(usize, String, Rank)> {
        if self.pending.as_ref().is_some_and(|(_, text, _)| super::roles::approves(text)) {
            self.pending.take()
        } else {
            None
        }
    }

    /// A block of text begins; the paragraph above it was a heading when the block is a form to fill in.
    pub(super) fn before_form(&mut self, block: &str) -> Option<(usize, String, Rank)> {
        self.pending.take().filter(|_| blanks::has_any(block))
    }

    /// The paragraph that nothing but a list has followed yet: where it starts, and what it says.
    pub(super) fn pending(&self) -> Option<(usize, &str)> {
        self.pending.as_ref().map(|(start, text, _)| (*start, text.as_str()))
    }

    /// Headings of a rank and those below it are active no more.
    pub(super) fn leave(&mut self, rank: Rank) {
        while self.stack.last().is_some_and(|(_, own)| *own >= rank) {
            self.stack.pop();
        }
    }

    /// Puts a heading active and gives the one it stands under.
    pub(super) fn enter(&mut self, index: usize, rank: Rank) -> Option<usize> {
        while self.stack.last().is_some_and(|(_, above)| *above >= rank) {
            self.stack.pop();
        }
        let parent = self.innermost();
        self.stack.push((index, rank));
        parent
    }

    /// The heading active.
    pub(super) fn innermost(&self) -> Option<usize> {
        self.stack.last().map(|(index, _)| *index)
    }
}
