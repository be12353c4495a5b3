//! The environment's migrator run, with counts and fingerprints taken before and after.

use super::kind::{Destroys, Kind, Measure, Measures, Need, Sabotage, Title};
use crate::checklist::environment::Environment;
use crate::checklist::reader::checks::Written;
use schemars::JsonSchema;
use serde::Serialize;
use std::time::Duration;

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

/// `current` only asks where the migrator stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    Upgrade,
    Downgrade,
    /// Only ask where it stands.
    Current,
}

/// `environment` unless given; `scratch` is a fresh copy that is thrown away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MigrationTarget {
    #[default]
    Environment,
    /// A fresh copy in the environment's scratch place, thrown away afterwards.
    Scratch,
}

impl Migration {
    pub(in crate::checklist) fn read(written: &mut Written<'_, '_>) -> Option<Self> {
        let table = &mut written.table;
        table.call("a migration check");
        table.require("direction", "\"upgrade\"");
        let directions =
            [("upgrade", Direction::Upgrade), ("downgrade", Direction::Downgrade), ("current", Direction::Current)];
        let direction = table.word("direction", &directions).map(|direction| direction.value);
        let to = if table.has("to") { table.required_text("to") } else { table.text("to") };
        if direction == Some(Direction::Downgrade) {
            table.require("to", "\"-1\"");
        }
        let on = [("environment", MigrationTarget::Environment), ("scratch", MigrationTarget::Scratch)];
        let on = table.word("on", &on).map(|on| on.value).unwrap_or_default();
        let rewrites = table.texts("rewrites").into_iter().map(|text| text.value).collect();
        let to = to.map_or_else(|| "head".to_owned(), |to| to.value);
        let from = table.text("from");
        if direction == Some(Direction::Current)
            && let Some(from) = &from
        {
            let message = "`from` is for migrations that run; this one only asks where the database is";
            table.report().error(from.at, message, "remove it, or write `to`");
        }
        let from = from.map(|from| from.value);
        Some(Self { direction: direction?, to, from, on, rewrites })
    }
}

impl Migration {
    /// Whether it moves the schema, and does not only ask.
    pub fn changes(&self) -> bool {
        self.direction != Direction::Current
    }
}

impl Kind for Migration {
    fn needs(&self) -> Vec<Need<'_>> {
        let scratch = (self.on == MigrationTarget::Scratch).then_some(Need::Scratch);
        [Need::Migrator, Need::Database].into_iter().chain(scratch).collect()
    }

    fn measures(&self, _: Measures<'_>) -> Vec<Measure> {
        if self.direction == Direction::Current {
            return Vec::new();
        }
        vec![
            Measure::of("duration", "s"),
            Measure::of("lock", "s"),
            Measure::unitless("rows-changed"),
            Measure::of("size-increase", "bytes"),
            Measure::of("wal-written", "bytes"),
            Measure::unitless("revisions"),
        ]
    }

    fn sabotages(&self) -> Vec<Sabotage> {
        vec![Sabotage::NoRevision, Sabotage::EmptyDatabase]
    }

    fn describe(&self, _: Title<'_>) -> Vec<String> {
        let mut first = match self.direction {
            Direction::Upgrade => format!("upgrade to {}", self.to),
            Direction::Downgrade => format!("downgrade to {}", self.to),
            Direction::Current => return vec![format!("the database stands at {}", self.to)],
        };
        if self.on == MigrationTarget::Scratch {
            first.push_str(" on a copy in scratch");
        }
        let kept = if self.rewrites.is_empty() {
            "every table keeps its rows and contents".to_owned()
        } else {
            format!("every table keeps its rows; only {} may change in contents", self.rewrites.join(", "))
        };
        vec![first, kept]
    }

    fn command(&self, environment: &Environment) -> Option<String> {
        environment.migrator.as_ref()?.command_for(self.direction, &self.to).ok()
    }

    fn timeout(&self) -> Option<Duration> {
        None
    }

    fn runs_alone(&self) -> bool {
        true
    }

    fn only_looks(&self) -> bool {
        !self.changes()
    }

    fn destroys(&self) -> Destroys {
        let base = self.direction == Direction::Downgrade && self.to == "base";
        if base && self.on == MigrationTarget::Environment { Destroys::Always } else { Destroys::Never }
    }

    fn looks_at_a_moment(&self) -> bool {
        !self.changes()
    }
}
