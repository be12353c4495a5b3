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
    pub entries: Vec<Entry>,
    /// The groups from top to bottom.
    groups: [Group; 5],
    pub cursor: ListCursor,
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
    /// Deployments in this folder.
    Here,
    /// Deployments opened lately, elsewhere.
    Recent,
    /// Checklists in this folder that no deployment was opened from.
    Unopened,
    /// Before what is built in: who has nothing here yet begins with it.
    Rehearsal,
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

impl Group {
    pub const ALL: [Group; 5] = [Group::Here, Group::Recent, Group::Unopened, Group::Rehearsal, Group::Shipped];

    pub fn title(self) -> &'static str {
        match self {
            Group::Here => "Deployments in this folder",
            Group::Recent => "Recent",
            Group::Unopened => "Checklists in this folder",
            Group::Shipped => "Built-in checklists",
            Group::Rehearsal => "Rehearsal",
        }
    }
}

/// What stands under [`Group::Here`] when no deployment is there.
pub const NOTHING: &str = "none yet: rehearse, choose a checklist, or `gonogo open FILE` (.toml or .md)";

impl Start {
    /// The entries are shown in the order of their groups. In a folder with nothing of its own the rehearsal comes first,
    /// and is selected.
    #[must_use]
    pub fn new(folder: &Path, mut entries: Vec<Entry>, keymap: Keymap) -> Self {
        let own = entries.iter().any(|entry| matches!(entry.group, Group::Here | Group::Unopened));
        let mut groups = Group::ALL;
        if !own {
            groups.sort_by_key(|group| (*group != Group::Here, *group != Group::Rehearsal, *group));
        }
        entries.sort_by_key(|entry| groups.iter().position(|group| *group == entry.group));
        Self {
            folder: folder.to_owned(),
            entries,
            groups,
            cursor: ListCursor::default(),
            keymap,
            answer: None,
            themes: Vec::new(),
            theme: 0,
        }
    }

    /// The lines of the list, headings included.
    pub fn rows(&self) -> Vec<StartRow> {
        let mut rows = Vec::new();
        for group in self.groups {
            let entries = self.entries.iter().enumerate().filter(|(_, entry)| entry.group == group);
            let entries: Vec<StartRow> = entries.map(|(at, _)| StartRow::Entry(at)).collect();
            if entries.is_empty() && group != Group::Here {
                continue;
            }
            rows.push(StartRow::Heading(group));
            if entries.is_empty() {
                rows.push(StartRow::Nothing);
            }
            rows.extend(entries);
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

    /// Moves what is overdue to the front of its group; the cursor stays with its entry once somebody has moved it.
    fn overdue_first(&mut self) {
        let in_hand = self.in_hand().map(|entry| entry.choice.clone()).filter(|_| self.cursor.at > 0);
        let waits = |entry: &Entry| matches!(entry.standing, Standing::Flown { overdue, .. } if overdue > 0);
        self.entries.sort_by_key(|entry| (entry.group, !waits(entry)));
        let at = in_hand.and_then(|choice| self.entries.iter().position(|entry| entry.choice == choice));
        self.cursor.at = at.unwrap_or(self.cursor.at);
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
            start.overdue_first();
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
            let group = start.in_hand().map(|entry| entry.group);
            let mut later = start.entries.iter().enumerate().skip(start.cursor.at);
            let next = later.find(|(_, entry)| Some(entry.group) != group).map(|(at, _)| at);
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
