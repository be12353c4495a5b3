//! How an item is carried out.
//!
//! Longer than 400 lines because every kind of check stands beside the others, field by field, as a file writes it.

pub mod consistency;

pub use consistency::{Columns, Consistency, Look};

use super::evidence::Evidence;
use super::ids::ItemId;
use super::offset::Span as Duration;
use serde::Serialize;

/// How one item is carried out. The TOML spelling is `check = { kind = "…", … }` with the fields below.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Check {
    /// A person looks and ticks.
    Manual,
    /// A person types what they read or decided.
    Value(Value),
    /// A shell command under the supervisor.
    Command(Command),
    /// A read-only query whose one value is compared.
    Sql(Sql),
    /// Requests to the environment's service.
    Http(Http),
    /// The database's catalog against an expectation.
    Schema(Schema),
    /// The database searched for what should not be in it.
    Consistency(Consistency),
    /// Row counts now against those taken before an earlier item.
    Rows(Rows),
    /// A file or a tree searched.
    File(File),
    /// A backup made, read back, restored to scratch and compared.
    Backup(Backup),
    /// The environment's migrator run, with counts and fingerprints taken before and after.
    Migration(Migration),
    /// A notice sent to those who are told of the deployment.
    Notify(Notify),
    /// A verdict drawn from what the ledger already holds; nothing is run.
    Evidence(Evidence),
}

impl Check {
    /// The word used in the file, in the ledger and on the screen.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Check::Manual => "manual",
            Check::Value(_) => "value",
            Check::Command(_) => "command",
            Check::Sql(_) => "sql",
            Check::Http(_) => "http",
            Check::Schema(_) => "schema",
            Check::Consistency(_) => "consistency",
            Check::Rows(_) => "rows",
            Check::File(_) => "file",
            Check::Backup(_) => "backup",
            Check::Migration(_) => "migration",
            Check::Notify(_) => "notify",
            Check::Evidence(_) => "evidence",
        }
    }

    /// Whether an attempt under the supervisor carries this out.
    #[must_use]
    pub fn is_attempted(&self) -> bool {
        !matches!(self, Check::Manual | Check::Value(_) | Check::Evidence(_))
    }

    /// Whether another database stands in the environment's place afterwards.
    #[must_use]
    pub fn swaps_database(&self) -> bool {
        matches!(self, Check::Backup(backup) if backup.stage == BackupStage::Swap)
    }

    /// Whether the program makes the verdict, rather than a person.
    #[must_use]
    pub fn is_measured(&self) -> bool {
        !matches!(self, Check::Manual | Check::Value(_))
    }

    /// Whether carrying this out needs an environment.
    #[must_use]
    pub fn needs_environment(&self) -> bool {
        self.is_attempted()
    }
}

/// Passes when everybody who is told of the deployment took it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notify {
    /// What they are told; the checklist's title stands in front of it.
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Value {
    /// What to type: "where the backup is kept".
    pub label: String,
    pub unit: Option<String>,
    pub form: ValueForm,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ValueForm {
    #[default]
    Text,
    Number,
}

/// `run` is handed to `sh -c` in the environment's folder with `GONOGO_DATABASE_URL`, `GONOGO_URL`, `GONOGO_BACKUPS`,
/// `GONOGO_SCRATCH`, `GONOGO_LOG` and `GONOGO_DISK` set; `use` names one of the environment's own commands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Command {
    pub source: CommandSource,
    /// Exit statuses that count as success; `[0]` unless given.
    pub exit: Vec<i32>,
    /// Text that the output must contain.
    pub contains: Option<String>,
    /// Text that the output must not contain.
    pub lacks: Option<String>,
    /// A regular expression that the output must match.
    pub pattern: Option<String>,
    /// Numbers drawn from the output, to be held against `targets`.
    pub numbers: Vec<Number>,
}

impl Command {
    /// A command of the shell that passes with exit status 0.
    #[must_use]
    pub fn running(text: impl Into<String>) -> Self {
        Self {
            source: CommandSource::Run(text.into()),
            exit: vec![0],
            contains: None,
            lacks: None,
            pattern: None,
            numbers: Vec::new(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CommandSource {
    Run(String),
    /// The name of a command in the environment's `commands`.
    Use(String),
}

/// A number drawn from output: the first capture group of `pattern`, its last match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Number {
    pub measure: String,
    pub pattern: String,
    pub unit: String,
}

/// A query text, one for both dialects or one for each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Query {
    Any(String),
    Each { sqlite: Option<String>, postgres: Option<String> },
}

/// The query's first column of its first row is the value; `measure` names it for targets (`value` unless given).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sql {
    pub query: Query,
    pub expect: Option<Expectation>,
    pub measure: String,
    pub unit: String,
}

/// What a query's value must be. Without one, the item's targets judge it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expectation {
    /// Compared as text.
    Equals(String),
    /// No row at all.
    Empty,
    /// At least one row.
    Rows,
    /// The statement must be refused by the database; run inside a transaction that is rolled back.
    Refused,
}

/// Measures `latency-p50`, `latency-p95`, `latency-max` (ms), `queries` (a request, the worst seen), `records` (in the
/// body), `errors` (answers that were not as expected), each over the counted requests; warm-up requests are not counted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Http {
    pub method: String,
    /// Path and query below the environment's `url`.
    pub path: String,
    pub body: Option<String>,
    /// Expected status; 200 unless given.
    pub status: u16,
    pub contains: Option<String>,
    /// Whether the service is expected to answer at all.
    pub expect: Reachability,
    pub requests: u32,
    pub warmup: u32,
    pub concurrency: u32,
    pub queries: Option<QueryCount>,
    /// Fewer records than this in the answer make latency and query counts inconclusive.
    pub at_least_records: Option<u32>,
    /// How long to keep trying until the service answers as expected.
    pub within: Option<Duration>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reachability {
    #[default]
    Answers,
    /// Nothing may listen any more: the service is stopped.
    Silent,
}

/// Where the number of database queries a request took is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum QueryCount {
    /// A response header that holds the number.
    Header(String),
    /// The difference of a Prometheus counter on the service's `/metrics`, divided by the requests; they run one by one.
    Counter(String),
}

/// One table, and everything expected of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Schema {
    /// Empty when only `tables` is used.
    pub table: Option<String>,
    /// Tables that must be there.
    pub tables: Vec<String>,
    pub columns: Vec<Column>,
    pub indexes: Vec<Index>,
    pub constraints: Vec<Constraint>,
    /// Foreign keys of the table and how they act.
    pub foreign_keys: Vec<ForeignKey>,
    /// The least number of indexes on the table; measured as `indexes`.
    pub at_least_indexes: Option<u32>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Presence {
    #[default]
    Present,
    Absent,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Column {
    pub name: String,
    pub presence: Presence,
    /// Accepted types, compared without case and with the usual synonyms (`timestamptz`).
    pub types: Vec<String>,
    pub nullable: Option<Nullability>,
    /// Text that the default must contain, without case.
    pub default: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Nullability {
    Nullable,
    Required,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Index {
    pub name: String,
    pub presence: Presence,
    /// Empty: any columns.
    pub columns: Vec<String>,
    pub uniqueness: Uniqueness,
    /// Access method (`gin`); a database without methods says so and judges the rest.
    pub method: Option<String>,
    /// Text that the condition of a partial index must contain, white space and case apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub predicate: Option<String>,
    /// A reading statement that the planner must be able to answer with this index; it is planned and never run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serves: Option<String>,
    /// How sure of that it must be.
    #[serde(skip_serializing_if = "PlanUse::is_usable")]
    pub plan: PlanUse,
}

/// What the planner makes of an index. A small table is read whole for good reason, whatever its indexes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlanUse {
    /// It would use it if it could not read the table whole.
    #[default]
    Usable,
    /// It uses it, on the rows there are now.
    Chosen,
}

impl PlanUse {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
    fn is_usable(&self) -> bool {
        *self == PlanUse::Usable
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Uniqueness {
    #[default]
    Either,
    Unique,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Constraint {
    pub name: String,
    pub presence: Presence,
    /// Text that the definition must contain, white space and case apart.
    pub contains: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ForeignKey {
    pub column: String,
    pub references: String,
    /// `restrict`, `cascade`, `no action`, `set null`.
    pub on_delete: Option<String>,
    pub on_update: Option<String>,
}

/// Exact counts now, held against those recorded before the latest passed attempt of `against`; without it they are
/// counted and kept. Measures `rows TABLE`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rows {
    /// Empty: every table of the application.
    pub tables: Vec<String>,
    pub against: Option<ItemId>,
    /// Whether the contents are held against each other too, by fingerprint over the columns that existed before.
    pub depth: Depth,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Depth {
    #[default]
    Counts,
    Fingerprints,
}

/// A path below the environment's folder (or absolute). Measures `matches`, and `bytes` for a single file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct File {
    pub path: String,
    /// A regular expression that must match somewhere.
    pub contains: Option<String>,
    /// A regular expression that must match nowhere; the first places it does are named.
    pub lacks: Option<String>,
    /// Only files with this ending are searched when `path` is a folder (`py`).
    pub ending: Option<String>,
    /// Which part of the file is read: all of it, or what was added since the named item's attempt began.
    pub since: Option<ItemId>,
}

/// Made by the environment's `backup` command if it has one (with `GONOGO_BACKUP_FILE` set), else by the program. Measures
/// `bytes`, `duration` (s, of the backup), `restore` (s; of a swap until the copy stands in its place) and records the file's SHA-256.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Backup {
    /// How far this check goes.
    pub stage: BackupStage,
    /// The item that made the backup, for every stage but `make`.
    pub of: Option<ItemId>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BackupStage {
    /// Make it, read it back, restore it to scratch, compare: all in one.
    #[default]
    Full,
    Make,
    /// Read it back whole and compare its checksum.
    Verify,
    /// Restore into scratch and compare the fingerprints with those taken when it was made.
    Restore,
    /// Restore beside the environment's own database, compare, and put the copy in its place by renaming; the one before
    /// is kept under a name with the time. Where the environment has a `restore` command, that puts it back (with
    /// `GONOGO_BACKUP_FILE` set), and what stands then is compared.
    Swap,
}

impl BackupStage {
    /// The name of the environment's command that this stage runs where there is one.
    #[must_use]
    pub fn command(self) -> &'static str {
        match self {
            BackupStage::Swap => "restore",
            _ => "backup",
        }
    }

    /// Whether passing it shows that a backup can be read back or restored, and leaves everything as it was.
    #[must_use]
    pub fn verifies(self) -> bool {
        matches!(self, BackupStage::Full | BackupStage::Verify | BackupStage::Restore)
    }
}

/// Measures `duration` (s), `lock` (s, the longest a revision kept the database locked), `rows-changed`,
/// `size-increase` (bytes), `revisions` (how many ran).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Migration {
    pub direction: Direction,
    /// `head`, `heads`, `base`, `-1`, `+1` or a revision; for `current` the revision expected. A step is turned into the
    /// revision it means before anything runs.
    pub to: String,
    /// Where the database has to be before it starts; anywhere unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    pub on: MigrationTarget,
    /// Tables whose contents may change; every other table's fingerprint must stay the same. Row counts must stay the
    /// same everywhere.
    pub rewrites: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    Upgrade,
    Downgrade,
    /// Only ask where it stands.
    Current,
}

/// What database a migration runs on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MigrationTarget {
    #[default]
    Environment,
    /// A fresh copy in the environment's scratch place, thrown away afterwards.
    Scratch,
}
