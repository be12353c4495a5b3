//! The start screen without a terminal: what there is to open, and the choice among it.

use super::action::Action;
use super::key::{Code, Key};
use super::keymap::Keymap;
use super::list::ListCursor;
use super::model::{Answer, Tone};
use std::path::{Path, PathBuf};

/// What is on the start screen.
#[derive(Debug, Clone)]
pub struct Start {
    /// The folder it was started in.
    pub folder: PathBuf,
    /// In the order they are shown.
    pub entries: Vec<Entry>,
    pub cursor: ListCursor,
    /// Whether somebody has moved the cursor: until then it stands where the order of urgency puts it.
    moved: bool,
    pub keymap: Keymap,
    /// One sentence that answers the last key or shows why something could not be opened.
    pub answer: Option<Answer>,
    /// The names of the themes there are, and which of them is worn.
    pub themes: Vec<String>,
    pub theme: usize,
}

/// Something that can be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub group: Group,
    pub title: String,
    /// The file or the name it goes by.
    pub place: String,
    pub standing: Standing,
    /// What opening it does, as a sentence.
    pub does: String,
    pub choice: Choice,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Deployments that are not over: what waits for the person, wherever it lies.
    Waiting,
    /// Deployments in this folder.
    Here,
    /// Deployments opened lately, elsewhere.
    Recent,
    /// Before checklists: who has nothing here yet begins with it.
    Rehearsal,
    /// Checklists in this folder that no deployment was opened from.
    Unopened,
    /// Checklists that are built in.
    Shipped,
}

/// How far a deployment has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It is no deployment yet.
    None,
    /// Its ledger is being read.
    Reading,
    Flown {
        outcome: String,
        completed: usize,
        total: usize,
        failed: usize,
        running: usize,
        /// Lines that should have been done by now.
        overdue: usize,
        /// The same progress as the cockpit words it, and what the criteria say.
        words: String,
        /// How long ago its last record was written: `2 h`.
        age: String,
    },
    /// Its ledger cannot be used, for the reason given.
    Unusable(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    Ledger(PathBuf),
    /// A checklist's file, or the name of one that is built in.
    Checklist(PathBuf),
    Rehearsal,
}

/// What happens to the start screen.
#[derive(Debug, Clone)]
pub enum StartMsg {
    Key(Key),
    /// A ledger was read: its title and how far it has come.
    Looked {
        ledger: PathBuf,
        title: Option<String>,
        standing: Standing,
    },
    /// The list was laid out in a window of this height.
    LaidOut(usize),
}

/// What is to be done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StartEffect {
    Open(Choice),
    Suspend,
    Leave,
}

/// A line of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartRow {
    Heading(Group),
    /// What to do where a group has nothing.
    Nothing,
    /// The entry, by its place.
    Entry(usize),
}

impl Standing {
    /// Whether somebody has to do something about it: it is open, or something is overdue. The larger, the more urgent.
    fn urgency(&self) -> u8 {
        match self {
            Standing::Flown { overdue, .. } if *overdue > 0 => 4,
            Standing::Flown { outcome, .. } if outcome != "open" => 0,
            Standing::Flown { failed, .. } if *failed > 0 => 3,
            Standing::Flown { running, .. } if *running > 0 => 2,
            Standing::Flown { .. } => 1,
            Standing::None | Standing::Reading | Standing::Unusable(_) => 0,
        }
    }
}

impl Entry {
    /// The group it is shown in: what waits comes first, whether it lies here or elsewhere.
    #[must_use]
    pub fn shown_in(&self) -> Group {
        match self.group {
            Group::Here | Group::Recent if self.standing.urgency() > 0 => Group::Waiting,
            group => group,
        }
    }
}

impl Group {
    pub const ALL: [Group; 6] =
        [Group::Waiting, Group::Here, Group::Recent, Group::Rehearsal, Group::Unopened, Group::Shipped];

    pub fn title(self) -> &'static str {
        match self {
            Group::Waiting => "Waiting for you",
            Group::Here => "In this folder",
            Group::Recent => "Recent",
            Group::Unopened => "Checklists in this folder",
            Group::Shipped => "Built-in checklists",
            Group::Rehearsal => "Rehearsal",
        }
    }
}

/// What stands above the list where the folder has neither deployment nor checklist.
pub const NOTHING: &str = "This folder has no deployment. Rehearse one, or `gonogo open FILE` (.toml or .md).";

impl Start {
    /// The entries are shown in the order of their groups: what waits, what is recent, the rehearsal, checklists. What this
    /// folder holds is selected; in an empty folder that is the rehearsal.
    #[must_use]
    pub fn new(folder: &Path, entries: Vec<Entry>, keymap: Keymap) -> Self {
        let mut start = Self {
            folder: folder.to_owned(),
            entries,
            cursor: ListCursor::default(),
            moved: false,
            keymap,
            answer: None,
            themes: Vec::new(),
            theme: 0,
        };
        start.sort();
        start
    }

    /// Puts the cursor back where it was before something was opened.
    pub fn return_to(&mut self, at: usize) {
        self.cursor.at = at.min(self.entries.len().saturating_sub(1));
        self.moved = true;
    }

    /// The lines of the list, headings included.
    pub fn rows(&self) -> Vec<StartRow> {
        let mut rows = Vec::new();
        if !self.entries.iter().any(|entry| matches!(entry.group, Group::Here | Group::Unopened)) {
            rows.push(StartRow::Nothing);
        }
        let mut above = None;
        for (at, entry) in self.entries.iter().enumerate() {
            let group = entry.shown_in();
            if above.replace(group) != Some(group) {
                rows.push(StartRow::Heading(group));
            }
            rows.push(StartRow::Entry(at));
        }
        rows
    }

    /// The line of the list that the cursor is on.
    pub fn row_in_hand(&self) -> usize {
        self.rows().iter().position(|row| *row == StartRow::Entry(self.cursor.at)).unwrap_or(0)
    }

    pub fn in_hand(&self) -> Option<&Entry> {
        self.entries.get(self.cursor.at)
    }

    /// Puts the entries in their order; the cursor stays with its entry once somebody has moved it.
    fn sort(&mut self) {
        let in_hand = self.in_hand().map(|entry| entry.choice.clone()).filter(|_| self.moved);
        self.entries.sort_by_key(|entry| {
            let group = entry.shown_in();
            (group, std::cmp::Reverse(entry.standing.urgency()), entry.group)
        });
        let with_it = in_hand.and_then(|choice| self.entries.iter().position(|entry| entry.choice == choice));
        self.cursor.at = with_it.unwrap_or_else(|| self.first_choice());
    }

    /// What is selected before anybody has pressed a key: what this folder holds, else the rehearsal.
    fn first_choice(&self) -> usize {
        let first = |group: Group| self.entries.iter().position(|entry| entry.group == group);
        [Group::Here, Group::Unopened, Group::Rehearsal].into_iter().find_map(first).unwrap_or(0)
    }

    pub fn say(&mut self, tone: Tone, text: impl Into<String>) {
        self.answer = Some(Answer { tone, text: text.into() });
    }
}

/// Takes what happened into the screen and says what is to be done about it.
pub fn update(start: &mut Start, msg: StartMsg) -> Option<StartEffect> {
    match msg {
        StartMsg::Key(key) => on_key(start, key),
        StartMsg::Looked { ledger, title, standing } => {
            for entry in &mut start.entries {
                if entry.choice == Choice::Ledger(ledger.clone()) {
                    if let (Some(title), true) = (&title, entry.group != Group::Rehearsal) {
                        entry.title.clone_from(title);
                    }
                    entry.standing.clone_from(&standing);
                }
            }
            start.sort();
            None
        }
        StartMsg::LaidOut(height) => {
            let lines = ListCursor { at: start.row_in_hand(), top: start.cursor.top };
            start.cursor.top = lines.window(height, start.rows().len());
            None
        }
    }
}

fn on_key(start: &mut Start, key: Key) -> Option<StartEffect> {
    start.answer = None;
    start.moved = true;
    let digit = match key {
        Key { code: Code::Char(c), ctrl: false, alt: false, led: false } => {
            c.to_digit(10).and_then(|d| usize::try_from(d).ok())
        }
        _ => None,
    };
    if let Some(number) = digit {
        let Some(entry) = number.checked_sub(1).and_then(|at| start.entries.get(at)) else {
            start.say(Tone::Plain, format!("there is no line {number}"));
            return None;
        };
        let choice = entry.choice.clone();
        start.cursor.at = number - 1;
        return Some(StartEffect::Open(choice));
    }
    let len = start.entries.len();
    let mut step = |by| {
        start.cursor.step(by, len);
        None
    };
    match start.keymap.action(key) {
        Some(Action::Up) => step(-1),
        Some(Action::Down) => step(1),
        Some(Action::PageUp) => step(-10),
        Some(Action::PageDown) => step(10),
        Some(Action::First) => step(isize::MIN / 2),
        Some(Action::Last) => step(isize::MAX / 2),
        // As in the lists of other programs: tab goes on to the next group.
        Some(Action::NextPanel) => {
            let group = start.in_hand().map(Entry::shown_in);
            let mut later = start.entries.iter().enumerate().skip(start.cursor.at);
            let next = later.find(|(_, entry)| Some(entry.shown_in()) != group).map(|(at, _)| at);
            start.cursor.at = next.unwrap_or(0);
            None
        }
        Some(Action::Go | Action::Tick | Action::Right) => {
            start.in_hand().map(|entry| StartEffect::Open(entry.choice.clone()))
        }
        Some(Action::NextTheme) => {
            start.theme = (start.theme + 1) % start.themes.len().max(1);
            if let Some(name) = start.themes.get(start.theme).cloned() {
                let of = start.themes.len();
                start.say(Tone::Plain, format!("theme {name}, {} of {of}", start.theme + 1));
            }
            None
        }
        Some(Action::Suspend) => Some(StartEffect::Suspend),
        Some(Action::Quit) => Some(StartEffect::Leave),
        Some(Action::Back) => {
            let quit = start.keymap.hint(Action::Quit);
            start.say(Tone::Plain, format!("{quit} quits"));
            None
        }
        Some(Action::Help) => {
            start.say(Tone::Plain, help(&start.keymap));
            None
        }
        Some(_) | None => {
            let (help, quit) = (start.keymap.hint(Action::Help), start.keymap.hint(Action::Quit));
            start.say(Tone::Plain, format!("{key} does nothing here; {help} shows the keys, {quit} quits"));
            None
        }
    }
}

/// The keys of the start screen.
fn help(keymap: &Keymap) -> String {
    let keys = [
        (Action::Go, "opens the selected line"),
        (Action::Down, "down"),
        (Action::Up, "up"),
        (Action::NextPanel, "next group"),
        (Action::NextTheme, "next theme"),
        (Action::Quit, "quits"),
    ];
    let keys = keys.map(|(action, words)| format!("{} {words}", keymap.hint(action)));
    format!("1-9 opens a line · {}. Nothing runs until you start it.", keys.join(" · "))
}

#[cfg(test)]
mod tests;
