//! The checklist that an account amounts to: phases, sections, items, sign-offs.
//!
//! Longer than 400 lines because one builder puts every kind of entry into its place.

use super::account::{Account, Blank, BoxState, Guess, Guessed, Kind, Rank};
use super::field::Field;
use super::nothing::nothing;
use super::slug::{Ordinals, slug};
use super::{Guesses, ImportError, blanks, choices, notes, offsets, roles, words};
use crate::checklist::offset::Offset;
use crate::checklist::proposal::Proposal;
use std::collections::HashMap;

/// The deepest that items nest; deeper ones stand beside one another.
const DEEPEST: usize = 8;
/// Ids of parts that no heading names. No slug has an underscore.
const NO_HEADING: &str = "_start";
const NO_SECTION: &str = "_items";

pub(super) struct Plan {
    pub id: String,
    pub title: String,
    pub phases: Vec<Phase>,
    pub signoffs: Vec<Group>,
    pub issues: Vec<u32>,
    pub lessons: Vec<u32>,
}

pub(super) struct Phase {
    pub id: String,
    pub title: String,
    pub line: u32,
    /// Its id without the number of those before it that have the same.
    base: String,
    /// Whether it leads back to the old state.
    pub back: bool,
    pub sections: Vec<Section>,
}

pub(super) struct Section {
    pub id: String,
    pub title: String,
    pub note: Option<String>,
    pub offset: Option<Offset>,
    pub items: Vec<Item>,
    ordinals: Ordinals,
}

pub(super) struct Item {
    pub id: String,
    pub title: String,
    pub line: u32,
    pub note: Option<String>,
    /// What to type; without it the item is ticked.
    pub value: Option<Field>,
    pub offset: Option<Offset>,
    /// Whether it is a criterion of the go/no-go decision.
    pub decides: bool,
    /// Commands that a person may arm.
    pub proposals: Vec<Proposal>,
    /// Lines to stand above the item in the file.
    pub comments: Vec<String>,
    pub items: Vec<Item>,
    ordinals: Ordinals,
}

pub(super) struct Group {
    pub id: String,
    pub title: String,
    pub phases: Vec<String>,
    pub roles: Vec<Role>,
    heading: Option<usize>,
    ordinals: Ordinals,
}

pub(super) struct Role {
    pub id: String,
    pub title: String,
    pub line: u32,
    /// What stands beside and below it, which a role has no note for.
    pub comments: Vec<String>,
}

/// What becomes an item, in document order.
#[derive(Clone, Copy)]
enum Entry<'a> {
    Live(usize),
    Value(&'a Blank),
    Guess(&'a Guess, BoxState),
}

/// Where an item stands: phase, section, and the item's index on every level.
type Path = Vec<usize>;

/// The section that was filled last.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Filled {
    Nothing,
    Below(Option<usize>),
}

struct Builder<'a> {
    account: &'a Account,
    /// The heading that is the document's title.
    title: Option<usize>,
    /// The id of every heading among its siblings.
    ids: Vec<String>,
    phases: Vec<Phase>,
    section: Filled,
    /// Whether what is in it decides on going live.
    criteria: bool,
    /// How often each section's id was given in the last phase.
    taken: HashMap<String, usize>,
    paths: Vec<Option<Path>>,
    /// Comments that wait for the next item.
    comments: Vec<String>,
    next_comment: usize,
}

impl Plan {
    /// # Errors
    /// When there is nothing to tick, fill in or sign.
    pub(super) fn of(account: &Account, guesses: Guesses) -> Result<Self, ImportError> {
        let mut ordinals = Ordinals::default();
        let ids = account.headings.iter().map(|heading| {
            let parent = heading.parent.map_or(0, |parent| parent + 1);
            ordinals.id(parent, &heading.text)
        });
        let mut builder = Builder {
            account,
            title: title(account),
            ids: ids.collect(),
            phases: Vec::new(),
            section: Filled::Nothing,
            criteria: false,
            taken: HashMap::new(),
            paths: vec![None; account.live.len()],
            comments: Vec::new(),
            next_comment: 0,
        };
        for (line, entry) in entries(account, guesses) {
            builder.add(line, entry);
        }
        let mut signoffs = builder.signoffs();
        let mut phases = builder.phases;
        if phases.is_empty() && signoffs.is_empty() {
            return Err(nothing(account));
        }
        let stem = account.file.rsplit_once('.').map_or(account.file.as_str(), |(stem, _)| stem);
        let named = |text: &&str| !text.trim().is_empty();
        let title = builder.title.map(|title| account.headings[title].text.as_str());
        let title = title.filter(named).or(Some(stem).filter(named)).unwrap_or("Checklist").to_owned();
        if phases.is_empty() {
            // What is signed for is the document as a whole.
            let (id, title) = (NO_HEADING.to_owned(), title.clone());
            phases.push(Phase { base: id.clone(), id, title, line: 1, back: false, sections: Vec::new() });
        }
        mark_rollback(&mut phases, &title);
        for group in &mut signoffs {
            let first = group.roles.first().map_or(u32::MAX, |role| role.line);
            // Nobody approves the approvals, and going live is not going back.
            let own = |phase: &Phase| group.id == phase.id && roles::approves(&phase.title);
            let forward: Vec<&Phase> = phases.iter().filter(|phase| !phase.back && !own(phase)).collect();
            let before: Vec<&Phase> = forward.iter().copied().filter(|phase| phase.line < first).collect();
            let covered = if before.is_empty() { forward } else { before };
            let covered = if covered.is_empty() { phases.iter().collect() } else { covered };
            group.phases = covered.into_iter().map(|phase| phase.id.clone()).collect();
        }
        let lines = |kind| account.live.iter().filter(move |live| live.kind == kind).map(|live| live.line).collect();
        let (issues, lessons) = (lines(Kind::Issue), lines(Kind::Lesson));
        Ok(Self { id: slug(stem), title, phases, signoffs, issues, lessons })
    }
}

/// Phases that read as the rollback are carried out once a rollback has begun, where others lead forward.
fn mark_rollback(phases: &mut [Phase], title: &str) {
    if reads_as_rollback(title) || phases.iter().all(|phase| reads_as_rollback(&phase.title)) {
        return;
    }
    for phase in phases {
        phase.back = reads_as_rollback(&phase.title);
    }
}

/// Whether a heading stands above the steps of a rollback, and not above something to do about one before.
pub(super) fn reads_as_rollback(title: &str) -> bool {
    let title = title.to_lowercase();
    let has = |words: &str| words.split('|').any(|word| title.contains(word));
    has(
        "rollback|roll back|roll-back|backout|back-out|back out|fallback|rückfall|rückabwicklung|retour arrière|vuelta atrás|\
        reversión|откат|ロールバック|切り戻し|回滚|回退|롤백",
    ) && !has(
        "test|prepar|ready|readiness|rehears|drill|verif|criteria|decision|trigger|risk|approv|no rollback|review|document|\
            deadline|point of|window|possible|before|backup",
    )
}

/// Whether what stands below a heading decides on going live: `Go/No-Go criteria`.
fn reads_as_criteria(title: &str) -> bool {
    let plain: String = title.to_lowercase().chars().filter(|c| c.is_alphabetic()).collect();
    plain.contains("gonogo") || plain.contains("nogokriteri")
}

/// The first heading, when no other is of its rank and others stand below it.
fn title(account: &Account) -> Option<usize> {
    let mut real = account.headings.iter().enumerate().filter(|(_, heading)| matches!(heading.rank, Rank::Real(_)));
    let (index, first) = real.next()?;
    real.all(|(_, heading)| heading.rank > first.rank).then_some(index)
}

fn entries(account: &Account, guesses: Guesses) -> Vec<(u32, Entry<'_>)> {
    let is_item = |kind| matches!(kind, Kind::Item | Kind::Value);
    let live = account.live.iter().enumerate().filter(|(_, live)| is_item(live.kind));
    let mut entries: Vec<(u32, Entry<'_>)> = live.map(|(index, live)| (live.line, Entry::Live(index))).collect();
    let mut before: Option<usize> = None;
    for blank in &account.values {
        // The first blank of an item's own text is the item itself.
        let own = blank.owner.is_some_and(|owner| account.live[owner].kind == Kind::Value) && before != blank.owner;
        before = blank.owner.or(before);
        if !own {
            entries.push((blank.line, Entry::Value(blank)));
        }
    }
    let item = |guess: &Guess| if let Guessed::Item(state) = guess.what { Some(state) } else { None };
    let taken = account.guessed.iter().filter(|guess| guesses == Guesses::Taken || guess.chosen);
    entries.extend(taken.filter_map(|guess| Some((guess.line, Entry::Guess(guess, item(guess)?)))));
    entries.sort_by_key(|(line, _)| *line);
    entries
}

impl Builder<'_> {
    fn add(&mut self, line: u32, entry: Entry<'_>) {
        let account = self.account;
        self.gather_comments(line);
        let (heading, parent) = match entry {
            Entry::Live(index) => (account.live[index].heading, account.live[index].parent),
            Entry::Value(blank) => (blank.heading, blank.owner),
            Entry::Guess(guess, _) => (guess.heading, None),
        };
        // An item around this one that is a form for something else holds no items itself.
        let mut around = std::iter::successors(parent, |live| account.live[*live].parent);
        let around = around.find_map(|live| self.paths[live].clone());
        let mut path = match around {
            Some(path) => path,
            None => self.section(line, heading),
        };
        path.truncate(DEEPEST + 1);
        let mut item = self.item(line, entry);
        let criteria = self.criteria;
        let (siblings, ordinals) = self.level(&path);
        item.id = ordinals.id(0, &item.id);
        item.decides |= criteria;
        siblings.push(item);
        path.push(siblings.len() - 1);
        if let Entry::Live(index) = entry {
            self.paths[index] = Some(path);
        }
    }

    fn item(&mut self, line: u32, entry: Entry<'_>) -> Item {
        let mut comments = std::mem::take(&mut self.comments);
        let (title, note, value) = match entry {
            Entry::Live(index) => {
                let task = &self.account.live[index];
                if task.state == BoxState::Checked {
                    comments.push("ticked in the source already".to_owned());
                }
                let from = self.account.values.partition_point(|blank| blank.line < task.line);
                let own = self.account.values[from..].iter().find(|blank| blank.owner == Some(index));
                let value = (task.kind == Kind::Value).then(|| {
                    let label = Some(task.role()).filter(|role| !role.is_empty()).unwrap_or_else(|| "value".to_owned());
                    own.map_or(Field { label, ..Field::default() }, Field::of)
                });
                let reported = own.filter(|_| value.is_some()).and_then(|blank| blank.note.clone());
                let note: Vec<String> = notes::of(self.account, index).into_iter().chain(reported).collect();
                (task.title.clone(), (!note.is_empty()).then(|| note.join("\n")), value)
            }
            Entry::Value(blank) => (blank.label.clone(), notes::of_blank(blank), Some(Field::of(blank))),
            Entry::Guess(guess, state) => {
                let ticked = if state == BoxState::Checked { ", ticked in the source already" } else { "" };
                comments.push(format!("a guess: {}{ticked}", guess.why));
                (guess.text.clone(), notes::of_guess(guess), None)
            }
        };
        let proposals = match entry {
            Entry::Live(index) => notes::proposed(&self.account.live[index]),
            Entry::Guess(guess, _) => notes::runnable(&guess.proposals),
            Entry::Value(_) => Vec::new(),
        };
        let offset = match entry {
            Entry::Guess(guess, _) => {
                let timed = guess.notes.iter().filter(|note| note.starts_with("Time: "));
                offsets::find(&title).or_else(|| timed.into_iter().find_map(|note| offsets::find(note)))
            }
            Entry::Live(_) | Entry::Value(_) => offsets::of_item(&title),
        };
        let decides = value.as_ref().is_some_and(|field| choices::decides(&field.choices));
        Item {
            // The text itself until its ordinal among its siblings is known.
            title: if title.trim().is_empty() { format!("line {line}") } else { title.clone() },
            id: title,
            line,
            note,
            value,
            offset,
            decides,
            proposals,
            comments,
            items: Vec::new(),
            ordinals: Ordinals::default(),
        }
    }

    /// The level that a path leads to: of a section, or of an item in it.
    fn level(&mut self, path: &[usize]) -> (&mut Vec<Item>, &mut Ordinals) {
        let section = &mut self.phases[path[0]].sections[path[1]];
        let mut level = (&mut section.items, &mut section.ordinals);
        for index in &path[2..] {
            let item = &mut level.0[*index];
            level = (&mut item.items, &mut item.ordinals);
        }
        level
    }

    /// The section below a heading, made when it is not the one that was filled last.
    fn section(&mut self, line: u32, heading: Option<usize>) -> Path {
        let heading = heading.filter(|heading| Some(*heading) != self.title);
        if self.section != Filled::Below(heading) {
            let path: Vec<usize> = self.headings(heading);
            let real = |index: &&usize| matches!(self.account.headings[**index].rank, Rank::Real(_));
            let phase = path.first().filter(real).copied();
            let below = if phase.is_some() { &path[1..] } else { &path[..] };
            let (phase_id, phase_title) = match phase {
                Some(index) => (self.ids[index].clone(), self.text(index)),
                None => {
                    (NO_HEADING.to_owned(), self.title.map_or_else(|| "Checklist".into(), |title| self.text(title)))
                }
            };
            let texts: Vec<String> = below.iter().map(|index| self.text(*index)).collect();
            let ids: Vec<&str> = below.iter().map(|index| self.ids[*index].as_str()).collect();
            let id = if ids.is_empty() { NO_SECTION.to_owned() } else { ids.join(".") };
            let title = if texts.is_empty() { phase_title.clone() } else { texts.join(" › ") };
            let texts_above = path.iter().rev().map(|index| self.account.headings[*index].text.as_str());
            let mut timed = texts_above.map(|text| (offsets::find(text), offsets::counts_for_itself(text)));
            let offset = timed.find(|(offset, counts)| offset.is_some() || *counts).and_then(|(offset, _)| offset);
            if self.phases.last().is_none_or(|last| last.base != phase_id) {
                self.taken.clear();
                let before = self.phases.iter().filter(|phase| phase.base == phase_id).count();
                let id = if before == 0 { phase_id.clone() } else { format!("{phase_id}_{}", before + 1) };
                let (base, title) = (phase_id, phase_title);
                self.phases.push(Phase { id, title, line, base, back: false, sections: Vec::new() });
            }
            // Below a title that comes late items stand where those before it stood already.
            let count = self.taken.entry(id.clone()).or_default();
            *count += 1;
            let id = if *count == 1 { id } else { format!("{id}_{count}") };
            // Below `Go/No-Go criteria` everything is one.
            self.criteria = path.iter().any(|index| reads_as_criteria(&self.account.headings[*index].text));
            let first = self.phases.len() == 1;
            let titled = self.title.filter(|_| first);
            if let Some(phase) = self.phases.last_mut() {
                let titled = titled.filter(|_| phase.sections.is_empty());
                // Links of the phase's own heading stand where its first items are.
                let own = if phase.sections.is_empty() { &path[..] } else { below };
                let links = titled.iter().chain(own).flat_map(|index| &self.account.headings[*index].links);
                let links: Vec<String> = links.map(|link| format!("Link: {link}")).collect();
                let note = (!links.is_empty()).then(|| links.join("\n"));
                let section = Section { id, title, note, offset, items: Vec::new(), ordinals: Ordinals::default() };
                phase.sections.push(section);
            }
            self.section = Filled::Below(heading);
        }
        let phase = self.phases.len() - 1;
        vec![phase, self.phases[phase].sections.len() - 1]
    }

    /// The headings above, outermost first, without the document's title.
    fn headings(&self, heading: Option<usize>) -> Vec<usize> {
        let above = std::iter::successors(heading, |index| self.account.headings[*index].parent);
        let mut path: Vec<usize> = above.filter(|index| Some(*index) != self.title).collect();
        path.reverse();
        path
    }

    fn text(&self, heading: usize) -> String {
        let text = &self.account.headings[heading].text;
        if text.is_empty() { "(no title)".to_owned() } else { text.clone() }
    }

    /// Comments that stand before the item on `line`, and were not those of an earlier item.
    fn gather_comments(&mut self, line: u32) {
        while let Some(comment) = self.account.comments.get(self.next_comment).filter(|comment| comment.line <= line) {
            let lines = comment.text.lines().map(str::trim_end).map(str::to_owned);
            let owner = comment.owner.and_then(|owner| self.paths[owner].clone());
            match owner {
                Some(mut path) => {
                    let last = path.pop().unwrap_or_default();
                    self.level(&path).0[last].comments.extend(lines);
                }
                None => self.comments.extend(lines),
            }
            self.next_comment += 1;
        }
    }

    fn signoffs(&mut self) -> Vec<Group> {
        self.gather_comments(u32::MAX);
        let live = self.account.live.iter().filter(|live| live.kind == Kind::SignOff);
        let mut roles: Vec<(u32, String, Option<usize>, Vec<String>)> =
            live.map(|live| (live.line, live.role(), live.heading, words::beside_role(live))).collect();
        let guessed = self.account.guessed.iter().filter(|guess| guess.what == Guessed::SignOff);
        roles.extend(
            guessed.map(|guess| (guess.line, blanks::title(&guess.text), guess.heading, words::beside_guess(guess))),
        );
        roles.sort_by_key(|(line, ..)| *line);
        let mut groups: Vec<Group> = Vec::new();
        for (line, title, heading, comments) in roles {
            let heading = heading.filter(|heading| Some(*heading) != self.title);
            if groups.last().is_none_or(|last| last.heading != heading) {
                groups.push(self.group(heading));
            }
            if let Some(group) = groups.last_mut() {
                let id = group.ordinals.id(0, &title);
                let title = if title.trim().is_empty() { format!("line {line}") } else { title };
                group.roles.push(Role { id, title, line, comments });
            }
        }
        groups
    }

    fn group(&self, heading: Option<usize>) -> Group {
        let path = self.headings(heading);
        let ids: Vec<&str> = path.iter().map(|index| self.ids[*index].as_str()).collect();
        Group {
            id: if ids.is_empty() { NO_HEADING.to_owned() } else { ids.join(".") },
            title: path.last().map_or_else(|| "Sign-off".to_owned(), |index| self.text(*index)),
            phases: Vec::new(),
            roles: Vec::new(),
            heading,
            ordinals: Ordinals::default(),
        }
    }
}
