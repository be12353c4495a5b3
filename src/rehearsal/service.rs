//! The service of a slot: which release is deployed, whether it runs, and the service itself.

pub(crate) mod daemon;
mod intake;
mod journal;
mod listing;
mod metrics;
mod model;
pub(crate) mod night;
mod queries;
pub(crate) mod server;
mod submission;

use super::error::RehearsalError;
use super::slot::{Release, Slot};
use serde::{Deserialize, Serialize};
use std::path::Path;

const FORMAT: u32 = 1;

/// `SLOT.service.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Deployment {
    format: u32,
    /// The release that the next start runs.
    pub release: Release,
    /// The service as it was started; it may have ended since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running: Option<Running>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Running {
    pub pid: u32,
    pub port: u16,
    pub url: String,
    pub release: Release,
}

impl Deployment {
    #[must_use]
    pub(crate) fn of(release: Release) -> Self {
        Self { format: FORMAT, release, running: None }
    }

    pub(crate) fn read(folder: &Path, slot: Slot) -> Result<Self, RehearsalError> {
        let path = slot.deployment(folder);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(RehearsalError::NoRehearsal(folder.to_path_buf()));
            }
            Err(error) => return Err(RehearsalError::file("read", &path)(error)),
        };
        toml::from_str(&text).map_err(|error| RehearsalError::Settings { path, why: error.message().to_owned() })
    }

    /// Replaces the file as a whole, so that a reader never sees half of it.
    pub(crate) fn write(&self, folder: &Path, slot: Slot) -> Result<(), RehearsalError> {
        let path = slot.deployment(folder);
        let text = toml::to_string(self)
            .map_err(|error| RehearsalError::Settings { path: path.clone(), why: error.to_string() })?;
        let fresh = path.with_extension("toml.new");
        std::fs::write(&fresh, text).map_err(RehearsalError::file("write", &fresh))?;
        std::fs::rename(&fresh, &path).map_err(RehearsalError::file("replace", &path))
    }

    /// Deploys a release; returns the one before.
    pub(crate) fn deploy(mut self, folder: &Path, slot: Slot, release: Release) -> Result<Release, RehearsalError> {
        let before = std::mem::replace(&mut self.release, release);
        self.write(folder, slot)?;
        Ok(before)
    }
}
