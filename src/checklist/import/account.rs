//! What was found in a Markdown document: what is certain, what is a guess, and what was left out, each kept apart.
//!
//! Longer than 400 lines because every type of the account is in it, and each is short.

use super::blanks;
use crate::checklist::destruction::Tongue;
use crate::checklist::span::Span;

/// Everything found, in document order.
#[derive(Debug, Clone, Default)]
pub struct Account {
    /// The document's file name.
    pub file: String,
    /// Every task item that GitHub renders.
    pub live: Vec<Live>,
    pub headings: Vec<Heading>,
    /// Values to fill in; the blanks of sign-offs, issues and lessons are none.
    pub values: Vec<Blank>,
    pub guessed: Vec<Guess>,
    /// Lines with further answers of a value above them.
    pub answers: Vec<u32>,
    /// Every command that destroys something, wherever it stands, in order.
    pub destroying: Vec<Destroying>,
    /// Boxes that were left out.
    pub skipped: Vec<Skipped>,
    /// Every other line that was left out.
    pub left: Vec<Skipped>,
    /// What became of every line that is not blank, in order.
    pub lines: Vec<(u32, Owner)>,
    pub code: Vec<CodeBlock>,
    /// Comments that explain, without those that hold tasks.
    pub comments: Vec<Comment>,
    /// What the reader of the document should know: bytes that are no UTF-8.
    pub warnings: Vec<String>,
}

/// A heading, or what is used as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    pub line: u32,
    pub text: String,
    pub rank: Rank,
    /// The heading it stands under, as an index.
    pub parent: Option<usize>,
    /// Where the links in it lead.
    pub links: Vec<String>,
    /// Why it is taken for one, where GitHub shows none.
    pub guessed: Option<&'static str>,
}

/// How deep a heading goes. The guessed ones stand below every real one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// A Markdown heading of level 1 to 6.
    Real(u8),
    /// What sums up a part of the document that folds away.
    Summary,
    /// A paragraph in bold before a list.
    Bold,
    /// A paragraph that ends with a colon before a list.
    LeadIn,
}

/// A task item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Live {
    /// The line of the box, counted from 1.
    pub line: u32,
    /// Counted in task items, from 1.
    pub depth: usize,
    pub state: BoxState,
    /// The item's own text without markup, white space folded, as GitHub shows it.
    pub text: String,
    /// What the item is called: its text as it was meant, with blanks that Markdown takes for emphasis, and without the
    /// macros of wikis.
    pub title: String,
    /// The innermost heading, guessed ones included, as an index.
    pub heading: Option<usize>,
    /// The task item around this one, as an index.
    pub parent: Option<usize>,
    /// Texts of the plain list items around it, up to the task around it.
    pub groups: Vec<String>,
    /// What else is in the item: further paragraphs, plain list items.
    pub notes: Vec<String>,
    /// Where the links in it lead, each once, without those that its text spells out.
    pub links: Vec<String>,
    pub proposals: Vec<Proposal>,
    /// What its text leaves to be filled in: `<env>`, `X.Y.Z`.
    pub placeholders: Vec<String>,
    pub kind: Kind,
    /// The box in the file, `[ ]`.
    pub box_span: Span,
    /// Byte range of the whole item in the text.
    pub(super) extent: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BoxState {
    Open,
    Checked,
}

/// What a task item most likely is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Kind {
    Item,
    SignOff,
    Value,
    Issue,
    Lesson,
}

impl Kind {
    /// The word of the machine-readable account.
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// A blank to fill in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blank {
    pub line: u32,
    pub label: String,
    pub unit: Option<String>,
    /// The answers there are; none when anything may be written.
    pub choices: Vec<String>,
    /// What else is known of it: the answer that is marked already.
    pub note: Option<String>,
    /// The underscores in the file.
    pub span: Span,
    pub heading: Option<usize>,
    /// The task item it is in, as an index.
    pub owner: Option<usize>,
    /// How an answer is entered in the document.
    pub fill: Fill,
    /// The box before it, where one stands that is none to Markdown.
    pub tick: Option<Tick>,
    /// Commands that its line names; they are run by hand.
    pub proposals: Vec<Proposal>,
}

impl Blank {
    #[must_use]
    pub fn new(line: u32, label: String, span: Span, heading: Option<usize>) -> Self {
        let (unit, note, owner) = (None, None, None);
        let (fill, tick) = (Fill::InPlace, None);
        Self { line, label, unit, choices: Vec::new(), note, span, heading, owner, fill, tick, proposals: Vec::new() }
    }

    /// Adds to what else is known of it.
    pub(super) fn add_note(&mut self, note: &str) {
        let known = self.note.take().map(|known| format!("{known}\n")).unwrap_or_default();
        self.note = Some(format!("{known}{note}"));
    }
}

/// How an answer is entered in the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fill {
    /// In place of the blank.
    InPlace,
    /// Behind its label.
    Behind,
    /// In a cell of a table that is empty.
    Cell,
    /// The answer's own box is ticked and no other, in the order of the choices.
    Boxes(Vec<Answer>),
}

/// The box of one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The box in the file.
    pub span: Span,
    pub ticked: String,
    pub open: String,
}

/// A place that says whether something is done, in its own manner: a box, a picture, a state in a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    /// The place in the file.
    pub span: Span,
    /// What stands there now.
    pub was: String,
    /// What stands there once it is done.
    pub text: String,
}

/// A place of a sign-off's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Name,
    Signature,
    Date,
    Decision,
}

/// Something that looks like a part of a checklist and is none to Markdown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guess {
    pub line: u32,
    pub text: String,
    pub why: &'static str,
    pub what: Guessed,
    /// The waiver that its mark proposes.
    pub waiver: Option<&'static str>,
    pub heading: Option<usize>,
    /// What else is in it.
    pub notes: Vec<String>,
    pub proposals: Vec<Proposal>,
    /// Where the document says that it is done, if it has a place for that.
    pub tick: Option<Tick>,
    /// The open cells of a row to sign.
    pub parts: Vec<(Span, Part)>,
    /// Further lines that belong to it.
    pub more: Vec<u32>,
    /// Chosen by itself, whatever becomes of the others.
    pub chosen: bool,
}

impl Guess {
    #[must_use]
    pub fn new(line: u32, text: String, why: &'static str, what: Guessed, heading: Option<usize>) -> Self {
        Self {
            line,
            text,
            why,
            what,
            waiver: None,
            heading,
            notes: Vec::new(),
            proposals: Vec::new(),
            tick: None,
            parts: Vec::new(),
            more: Vec::new(),
            chosen: false,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guessed {
    Item(BoxState),
    Heading,
    SignOff,
}

/// Something left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    pub line: u32,
    pub text: String,
    pub why: Reason,
}

/// A command that destroys something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Destroying {
    pub line: u32,
    /// The command, on one line.
    pub text: String,
    /// What it does, as the predicate of a sentence.
    pub what: &'static str,
}

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Owner {
    Item,
    SignOff,
    Value,
    /// An entry for issues or lessons.
    Journal,
    Note,
    Proposal,
    Heading,
    Guess,
    Skipped(Reason),
}

impl Owner {
    /// The word of the machine-readable account.
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// Why something was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    Template,
    Indented,
    Comment,
    Html,
    FrontMatter,
    Table,
    Code,
    List,
    Rule,
    /// Tags of HTML without a word.
    Markup,
    Text,
}

impl Reason {
    pub fn sentence(self) -> &'static str {
        match self {
            Reason::Template => "in a fenced block: a template to paste, taken over with --templates",
            Reason::Indented => "indented so far that it is code",
            Reason::Comment => "inside an HTML comment: switched off",
            Reason::Html => "inside HTML, which Markdown leaves alone",
            Reason::FrontMatter => "in the front matter",
            Reason::Table => "a row of a table without a box",
            Reason::Code => "code that belongs to no item",
            Reason::List => "a list item without a box, under no step or procedure",
            Reason::Rule => "a rule",
            Reason::Markup => "tags of HTML without a word",
            Reason::Text => "text that belongs to no item",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeBlock {
    pub line: u32,
    pub language: Language,
    /// Whose words its lines are.
    pub tongue: Tongue,
    /// Whether what leads to it says that it must not be run.
    pub forbidden: bool,
    /// The task item it is in or directly under, as an index.
    pub owner: Option<usize>,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Language {
    Sql,
    Shell,
    Python,
    Other,
}

impl Language {
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// A command found in an item's text or code. A proposal only: nothing runs it until a person says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    pub line: u32,
    pub language: Language,
    pub text: String,
    /// What it destroys, when it does.
    pub destructive: Option<&'static str>,
    /// What must be filled in before it could run: `<env>`, `X.Y.Z`.
    pub placeholders: Vec<String>,
}

/// An HTML comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    pub line: u32,
    /// The line it ends on.
    pub last: u32,
    /// The task item it is in, as an index.
    pub owner: Option<usize>,
    pub text: String,
}

impl Account {
    /// The headings above, outermost first, as Markdown has them.
    pub fn headings_of(&self, heading: Option<usize>) -> Vec<&str> {
        let mut path: Vec<&str> = self
            .path(heading)
            .filter(|heading| matches!(heading.rank, Rank::Real(_)) && heading.guessed.is_none())
            .map(|heading| heading.text.as_str())
            .collect();
        path.reverse();
        path
    }

    /// The headings above, innermost first, guessed ones included.
    pub fn path(&self, heading: Option<usize>) -> impl Iterator<Item = &Heading> + Clone {
        std::iter::successors(heading.and_then(|index| self.headings.get(index)), |heading| {
            heading.parent.and_then(|index| self.headings.get(index))
        })
    }

    /// How many task items of a kind there are.
    pub fn count(&self, kind: Kind) -> usize {
        self.live.iter().filter(|live| live.kind == kind).count()
    }

    /// Chooses the guessed items of some lines, whatever becomes of the others; false when there are none.
    pub fn choose(&mut self, lines: std::ops::RangeInclusive<u32>) -> bool {
        let items = self.guessed.iter_mut().filter(|guess| matches!(guess.what, Guessed::Item(_)));
        let chosen = items.filter(|guess| lines.contains(&guess.line)).map(|guess| guess.chosen = true);
        chosen.count() > 0
    }

    /// The headings that stand above the steps of a rollback.
    pub fn rollbacks(&self) -> impl Iterator<Item = &Heading> {
        self.headings.iter().filter(|heading| super::plan::reads_as_rollback(&heading.text))
    }

    /// Headings that nothing to tick, fill in or sign stands below.
    pub fn bare_headings(&self) -> Vec<&Heading> {
        let mut filled = vec![false; self.headings.len()];
        let live = self.live.iter().map(|live| live.heading);
        let values = self.values.iter().map(|blank| blank.heading);
        let guessed = self.guessed.iter().filter(|guess| guess.what != Guessed::Heading).map(|guess| guess.heading);
        for mut at in live.chain(values).chain(guessed) {
            while let Some(index) = at.filter(|index| !std::mem::replace(&mut filled[*index], true)) {
                at = self.headings[index].parent;
            }
        }
        let own = |heading: &Heading| {
            self.guessed.iter().any(|guess| guess.line == heading.line && guess.what != Guessed::Heading)
        };
        let bare = self.headings.iter().zip(filled).filter(|(heading, filled)| !filled && !own(heading));
        bare.map(|(heading, _)| heading).collect()
    }

    /// What stands beside and below lines to sign: a sign-off has no note, so it is in the checklist as comments.
    pub fn beside_signoffs(&self) -> Vec<(u32, String)> {
        super::words::beside_signoffs(self)
    }

    /// How many guesses the document shows as done.
    pub fn checked_guesses(&self) -> usize {
        self.guessed.iter().filter(|guess| guess.what == Guessed::Item(BoxState::Checked)).count()
    }

    /// How many boxes are ticked in the document already.
    pub fn checked(&self) -> usize {
        self.live.iter().filter(|live| live.state == BoxState::Checked).count()
    }

    /// The fenced blocks that hold tasks to paste elsewhere.
    pub fn templates(&self) -> impl Iterator<Item = &CodeBlock> {
        self.code.iter().filter(|block| {
            let lines = u32::try_from(block.text.lines().count()).unwrap_or(u32::MAX - block.line);
            let from = self.skipped.partition_point(|skipped| skipped.line <= block.line);
            let inside = self.skipped[from..].iter().take_while(|skipped| skipped.line <= block.line + lines);
            inside.into_iter().any(|skipped| skipped.why == Reason::Template)
        })
    }

    /// How many lines were left out for a reason.
    pub fn left_out(&self, reason: Reason) -> usize {
        self.skipped.iter().filter(|skipped| skipped.why == reason).count()
    }
}

impl Live {
    /// The text before its first blank: the role of a sign-off.
    pub fn role(&self) -> String {
        blanks::title(&self.title)
    }
}
