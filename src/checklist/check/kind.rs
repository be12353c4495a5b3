//! What the rest of the program asks of a kind of check.

use crate::checklist::environment::Environment;
use crate::checklist::ids::ItemId;
use crate::checklist::model::Item;
use std::collections::HashMap;
use std::time::Duration;

/// Gives another item its title.
pub type Title<'a> = &'a dyn Fn(&ItemId) -> String;

/// Every item by its id; of two with the same id, the first.
pub type Items<'c> = HashMap<&'c ItemId, &'c Item>;
pub type Measures<'a> = &'a Items<'a>;

/// What is so of most kinds is not said by each of them.
pub trait Kind {
    /// Who or what settles an item of this kind.
    fn settled(&self) -> Settled {
        Settled::Run
    }

    /// What it takes from its environment. What reaches the database or runs commands follows from it.
    fn needs(&self) -> Vec<Need<'_>> {
        Vec::new()
    }

    /// The numbers it takes.
    fn measures(&self, _of: Measures<'_>) -> Vec<Measure> {
        Vec::new()
    }

    /// Whether `name` may be measured although [`Kind::measures`] cannot name it beforehand.
    fn may_measure(&self, _name: &str) -> bool {
        false
    }

    /// What it does, in short statements.
    fn describe(&self, title: Title<'_>) -> Vec<String>;

    /// The command it runs there, its variables unexpanded.
    fn command(&self, _environment: &Environment) -> Option<String> {
        None
    }

    /// Whether its command tells all that it does.
    fn is_its_command(&self) -> bool {
        false
    }

    /// How long it may take when the item does not say. Migrations and backups take what they take: ending one that only
    /// is slow does more harm than waiting.
    fn timeout(&self) -> Option<Duration> {
        Some(Duration::from_mins(10))
    }

    /// Whether nothing else may run in the environment at the same time, as for an item that changes something.
    fn runs_alone(&self) -> bool {
        false
    }

    /// Whether carrying it out again and again leaves everything as it is.
    fn only_looks(&self) -> bool {
        true
    }

    /// Whether another database stands in the environment's place afterwards.
    fn swaps_database(&self) -> bool {
        false
    }

    fn destroys(&self) -> Destroys {
        Destroys::Never
    }

    /// What passing it tells of the service.
    fn switches(&self) -> Option<Switches> {
        None
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// A person ticks it.
    Ticked,
    /// A person fills its value in.
    Filled,
    /// Drawn from what the ledger holds.
    Judged,
    /// An attempt under the supervisor carries it out.
    Run,
}

/// Whether carrying it out loses data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destroys {
    Never,
    Always,
    /// Its command's words tell.
    ByItsCommand,
}

/// What a check tells of whether users have the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switches {
    /// Passing, it was taken away.
    Stop,
    /// Passing, it is there; failing, it is not.
    Health,
}

/// Something of an environment that a check makes use of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need<'c> {
    Database,
    Scratch,
    Url,
    Backups,
    Log,
    Migrator,
    /// One of the environment's commands.
    Command(&'c str),
    /// One of the environment's commands, where it has it.
    OwnCommand(&'c str),
    /// A shell, for this text.
    Shell(&'c str),
    /// The folder that paths count from, where it names one.
    Folder,
    /// A path that may name variables.
    Path(&'c str),
    /// Another text that may name variables.
    Text(&'c str),
}

impl Need<'_> {
    #[must_use]
    pub fn runs_commands(&self) -> bool {
        matches!(self, Need::Migrator | Need::Command(_) | Need::OwnCommand(_) | Need::Shell(_))
    }
}

/// A number that a check takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measure {
    pub name: String,
    /// The unit it is in, where it is always the same.
    pub unit: Option<String>,
}

impl Measure {
    #[must_use]
    pub fn of(name: &str, unit: &str) -> Self {
        Self { name: name.to_owned(), unit: Some(unit.to_owned()) }
    }

    #[must_use]
    pub fn unitless(name: &str) -> Self {
        Self { name: name.to_owned(), unit: None }
    }
}
