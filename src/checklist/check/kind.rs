//! What the rest of the program asks of a kind of check.

use crate::checklist::environment::Environment;
use crate::checklist::ids::ItemId;
use crate::checklist::model::Item;
use crate::checklist::target::Target;
use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

/// Gives another item its title.
pub(crate) type Title<'a> = &'a dyn Fn(&ItemId) -> String;

/// Every item by its id; of two with the same id, the first.
pub(crate) type Items<'c> = HashMap<&'c ItemId, &'c Item>;
pub(crate) type Measures<'a> = &'a Items<'a>;

/// What is so of most kinds is not said by each of them.
pub trait Kind {
    /// Who or what settles an item of this kind.
    fn completion(&self) -> Completion {
        Completion::Run
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

    /// Whether its command shows all that it does.
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

    /// Whether another database is in the environment's place afterwards.
    fn swaps_database(&self) -> bool {
        false
    }

    fn destroys(&self) -> Destroys {
        Destroys::Never
    }

    /// What must have been so for a pass to mean anything.
    fn precondition(&self) -> Precondition<'_> {
        Precondition::None
    }

    /// What it found in the catalog when it passed.
    fn finds(&self) -> Vec<Thing> {
        Vec::new()
    }

    /// Why it would pass on an empty target too: an empty database, an empty file, a service that answers anything.
    fn hollow(&self, _targets: &[Target]) -> Option<Hollow> {
        None
    }

    /// What would break it, the most telling first.
    fn sabotages(&self) -> Vec<Sabotage> {
        Vec::new()
    }

    /// Changes the check itself as `rehearse --prove` needs it, so that it looks at nothing of the rehearsal's own.
    fn spoil(&mut self) {}

    /// Whether carrying it out puts a strain on the environment that its users could feel.
    fn strains(&self) -> bool {
        false
    }

    /// Whether it looks at its environment as it is when it runs.
    fn looks_at_a_moment(&self) -> bool {
        true
    }

    /// Whether it passes where nothing responds: the next start takes that away.
    fn finds_silence(&self) -> bool {
        false
    }

    /// The item whose measurement it compares its own with.
    fn compares_with(&self) -> Option<&ItemId> {
        None
    }

    /// What passing it reports the service.
    fn switches(&self) -> Option<Switches> {
        None
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completion {
    /// A person ticks it.
    Ticked,
    /// A person fills its value in.
    Filled,
    /// Drawn from what the ledger holds.
    Evaluated,
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

/// What a check reports whether users have the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switches {
    /// Passing, it was taken away.
    Stop,
    /// Passing, it is there; failing, it is not.
    Health,
}

/// What must have been so before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition<'c> {
    None,
    /// These were there before; `shown_by` names the item that made them.
    PresentBefore {
        things: Vec<Thing>,
        shown_by: Option<&'c ItemId>,
    },
    /// Nothing it could find would show it, for this reason.
    Lacking(String),
}

/// Something in a database's catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thing {
    /// `table`, `column`, `index`, `constraint`, `foreign key`.
    pub kind: &'static str,
    table: String,
    name: String,
}

impl Thing {
    #[must_use]
    pub fn new(kind: &'static str, table: &str, name: &str) -> Self {
        Self { kind, table: table.to_ascii_lowercase(), name: name.to_ascii_lowercase() }
    }

    #[must_use]
    pub fn table(name: &str) -> Self {
        Self::new("table", "", name)
    }

    /// A key is known by what it points from and to: its name is the database's own.
    #[must_use]
    pub fn foreign_key(table: &str, column: &str, references: &str) -> Self {
        Self::new("foreign key", table, &format!("{column} to {references}"))
    }
}

impl fmt::Display for Thing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} {}", self.kind, self.name)?;
        if self.table.is_empty() { Ok(()) } else { write!(f, " of {}", self.table) }
    }
}

/// Why a check would pass on an empty target, and how to tighten it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hollow {
    pub why: &'static str,
    pub remedy: &'static str,
}

/// One way to break what a check looks at. It is done to a copy, or in the check's own environment, never to what others
/// use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sabotage {
    /// Statements on a copy of the database, and what they do.
    Database { does: String, statements: Vec<String> },
    /// Every row of these tables gone from a copy of the database; of all tables when none is named.
    NoRows(Vec<String>),
    /// One row gone from each of these tables; from the first that has one when none is named.
    OneRowLess(Vec<String>),
    /// Every table that the query names called otherwise.
    TablesAway(String),
    /// The tables that the statement names made anew without their constraints.
    NoConstraints(String),
    /// A database in which nothing is.
    EmptyDatabase,
    /// There is no database at its address.
    NoDatabase,
    /// The migrator's own table emptied.
    NoRevision,
    /// A service that answers 500 to everything, where one should answer, and answers at all where none should.
    BadService,
    /// The file it looks at is gone.
    NoFile,
    /// The command replaced by one that prints nothing and ends with status 1.
    FailingCommand,
    /// A byte of the backup changed.
    CorruptBackup,
    /// What it rests on taken out of the ledger.
    NoEvidence,
    /// The samples of a metric a thousand times as large, on a copy of the store.
    WorseSamples(String),
    /// A store without samples.
    NoSamples,
}

impl fmt::Display for Sabotage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tables = |names: &[String]| if names.is_empty() { "every table".to_owned() } else { names.join(", ") };
        match self {
            Sabotage::Database { does, .. } => f.write_str(does),
            Sabotage::NoRows(names) => write!(f, "rows of {} deleted", tables(names)),
            Sabotage::OneRowLess(names) if names.is_empty() => f.write_str("one row deleted"),
            Sabotage::OneRowLess(names) => write!(f, "one row of {} deleted", names.join(", ")),
            Sabotage::TablesAway(_) => f.write_str("its tables renamed"),
            Sabotage::NoConstraints(_) => f.write_str("its tables made anew without constraints"),
            Sabotage::EmptyDatabase => f.write_str("an empty database in its place"),
            Sabotage::NoDatabase => f.write_str("no database at its address"),
            Sabotage::NoRevision => f.write_str("the migrator's table emptied"),
            Sabotage::BadService => f.write_str("a service that answers 500 in its place"),
            Sabotage::NoFile => f.write_str("the file taken away"),
            Sabotage::FailingCommand => f.write_str("its command replaced by one that fails"),
            Sabotage::CorruptBackup => f.write_str("a byte of the backup changed"),
            Sabotage::NoEvidence => f.write_str("what it rests on taken out of the ledger"),
            Sabotage::WorseSamples(pane) => write!(f, "samples of {pane} replaced by ones far beyond the target"),
            Sabotage::NoSamples => f.write_str("the samples removed"),
        }
    }
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
