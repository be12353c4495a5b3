//! The two places a release can stand, and the two releases.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::{Path, PathBuf};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Slot {
    Staging,
    Production,
}

impl Slot {
    pub const ALL: [Slot; 2] = [Slot::Staging, Slot::Production];

    pub fn name(self) -> &'static str {
        match self {
            Slot::Staging => "staging",
            Slot::Production => "production",
        }
    }

    /// The name of its database below the rehearsal's folder.
    pub fn database_name(self) -> &'static str {
        match self {
            Slot::Staging => "staging.db",
            Slot::Production => "neurohub.db",
        }
    }

    pub fn database(self, folder: &Path) -> PathBuf {
        folder.join(self.database_name())
    }

    /// The service's log.
    pub fn log(self, folder: &Path) -> PathBuf {
        folder.join(format!("{}.log", self.name()))
    }

    /// Which release is deployed, and the service that runs.
    pub fn deployment(self, folder: &Path) -> PathBuf {
        folder.join(format!("{}.service.toml", self.name()))
    }

    /// The variable of `rehearsal.toml` that holds the service's URL.
    pub fn url_variable(self) -> &'static str {
        match self {
            Slot::Staging => "REHEARSAL_STAGING_URL",
            Slot::Production => "REHEARSAL_PRODUCTION_URL",
        }
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// `old` reads row by row and knows schema 0001; `new` loads eagerly and needs 0002.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Release {
    Old,
    New,
}

impl Release {
    pub fn name(self) -> &'static str {
        match self {
            Release::Old => "old",
            Release::New => "new",
        }
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
