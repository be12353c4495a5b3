//! How an item is carried out.
//!
//! Every kind has a file of its own: its fields as a file writes them, how they are read, and as a [`Kind`] what the rest
//! of the program asks of it. Its word is in the one list below.
#![allow(clippy::unnecessary_wraps, reason = "every kind is read alike; some can always be made something of")]

pub(crate) mod backup;
pub(crate) mod command;
pub(crate) mod consistency;
pub(crate) mod evidence;
pub(crate) mod file;
pub(crate) mod http;
pub(crate) mod kind;
pub(crate) mod load;
pub(crate) mod manual;
pub(crate) mod migration;
pub(crate) mod notice;
pub(crate) mod rows;
pub(crate) mod schema;
pub(crate) mod sql;
pub(crate) mod tcp;
pub(crate) mod value;
pub(crate) mod watch;

pub use backup::{Backup, BackupStage};
pub use command::{Command, CommandSource, Number};
pub use consistency::{Columns, Consistency, Look};
pub use evidence::Evidence;
pub use file::{File, Pattern, Zone};
pub use http::{Http, QueryCount, Reachability, Redirects, Statuses, Want};
pub use kind::{Completion, Kind, Need};
pub use load::Load;
pub use manual::Manual;
pub use migration::{Direction, Migration, MigrationTarget};
pub use notice::Notify;
pub use rows::{Depth, Rows};
pub use schema::{Column, Constraint, ForeignKey, Index, Nullability, PlanUse, Presence, Schema, Uniqueness};
pub use sql::{Expectation, Query, SINCE, Sql};
pub use tcp::Tcp;
pub use value::{Value, ValueForm};
pub use watch::Watch;

use super::reader::checks::Written;
use serde::Serialize;

/// Reads what is in a check of one kind. None when it is too broken; what is wrong is noted then.
pub(super) type Reads = fn(&mut Written<'_, '_>) -> Option<Check>;

macro_rules! kinds {
    ($($(#[$about:meta])* $word:literal $kind:ident)*) => {
        /// How one item is carried out. The TOML spelling is `check = { kind = "…", … }` with the kind's fields.
        #[derive(Debug, Clone, Default, PartialEq, Serialize)]
        #[serde(tag = "kind")]
        pub enum Check {
            /// A person looks and ticks.
            #[default]
            #[serde(rename = "manual")]
            Manual,
            $($(#[$about])* #[serde(rename = $word)] $kind($kind),)*
        }

        impl Check {
            pub(super) const KINDS: &'static [(&'static str, Reads)] = &[
                ("manual", |written| {
                    written.table.call("a manual check");
                    Some(Check::Manual)
                }),
                $(($word, |written| $kind::read(written).map(Check::$kind)),)*
            ];

            /// The word used in the file, in the ledger and on the screen.
            pub fn word(&self) -> &'static str {
                match self {
                    Check::Manual => "manual",
                    $(Check::$kind(_) => $word,)*
                }
            }

            pub fn kind(&self) -> &dyn Kind {
                match self {
                    Check::Manual => &Manual,
                    $(Check::$kind(kind) => kind,)*
                }
            }

            #[must_use]
            pub fn kind_mut(&mut self) -> Option<&mut dyn Kind> {
                match self {
                    Check::Manual => None,
                    $(Check::$kind(kind) => Some(kind),)*
                }
            }
        }

    };
}

kinds! {
    /// A person types what they read or decided.
    "value" Value
    /// A shell command under the supervisor.
    "command" Command
    /// A read-only query whose one value is compared.
    "sql" Sql
    /// Requests to the environment's service.
    "http" Http
    /// Many requests to the environment's service, at a fixed concurrency or a constant rate.
    "load" Load
    /// A port that answers, or is silent.
    "tcp" Tcp
    /// The database's catalog against an expectation.
    "schema" Schema
    /// The database searched for what should not be in it.
    "consistency" Consistency
    /// Row counts now against those taken before an earlier item.
    "rows" Rows
    /// A file or a tree searched.
    "file" File
    /// A backup made, read back, restored to scratch and compared.
    "backup" Backup
    /// The environment's migrator run, with counts and fingerprints taken before and after.
    "migration" Migration
    /// A notice sent to those who are notified of the deployment.
    "notify" Notify
    /// A metric watched for a length of time.
    "watch" Watch
    /// A verdict drawn from what the ledger already holds; nothing is run.
    "evidence" Evidence
}

impl Check {
    /// Whether an attempt under the supervisor carries this out, which needs an environment.
    pub fn is_attempted(&self) -> bool {
        self.kind().completion() == Completion::Run
    }

    /// Whether the program makes the verdict, rather than a person.
    pub fn is_measured(&self) -> bool {
        matches!(self.kind().completion(), Completion::Run | Completion::Evaluated)
    }

    /// Whether carrying it out starts commands, which are ended by steps.
    pub fn runs_commands(&self) -> bool {
        self.kind().needs().iter().any(Need::runs_commands)
    }

    /// Whether it looks at the environment's database.
    pub fn reaches_database(&self) -> bool {
        self.kind().needs().contains(&Need::Database)
    }
}
