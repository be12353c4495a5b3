//! `rehearsal.toml`: how a rehearsal was built, and where its services listen.

use super::error::RehearsalError;
use super::fault::Fault;
use super::slot::Slot;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

const FORMAT: u32 = 1;
const FILE: &str = "rehearsal.toml";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    format: u32,
    /// Rows of `process_data` that production was built with.
    pub rows: u64,
    pub faults: Vec<Fault>,
    /// Days pass in it, so that its services report how long answers take by a model and not by the clock.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub timed_by_model: bool,
    /// What the checklist's `${VAR}` stand for in this rehearsal, and nothing else does.
    pub variables: BTreeMap<String, String>,
}

impl Settings {
    /// Settings with two ports that are free now.
    pub fn new(rows: u64, faults: &[Fault]) -> Result<Self, RehearsalError> {
        let mut faults = faults.to_vec();
        faults.sort_unstable();
        faults.dedup();
        // Both are held at once, so that they differ.
        let held = (free_port()?, free_port()?);
        let variables = [(Slot::Staging, &held.0), (Slot::Production, &held.1)]
            .into_iter()
            .map(|(slot, (_, port))| (slot.url_variable().to_owned(), format!("http://127.0.0.1:{port}")))
            .collect();
        Ok(Self { format: FORMAT, rows, faults, timed_by_model: false, variables })
    }

    pub fn path(folder: &Path) -> PathBuf {
        folder.join(FILE)
    }

    pub fn read(folder: &Path) -> Result<Self, RehearsalError> {
        let path = Self::path(folder);
        let text = match crate::input::read_text(&path, crate::input::DOCUMENT) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(RehearsalError::NoRehearsal(folder.to_path_buf()));
            }
            Err(error) => return Err(RehearsalError::file("read", &path)(error)),
        };
        let settings: Self = toml::from_str(&text)
            .map_err(|error| RehearsalError::Settings { path: path.clone(), why: error.message().to_owned() })?;
        if settings.format != FORMAT {
            let why = format!("its format is {}, and this program knows {FORMAT}", settings.format);
            return Err(RehearsalError::Settings { path, why });
        }
        Ok(settings)
    }

    pub fn write(&self, folder: &Path) -> Result<(), RehearsalError> {
        let path = Self::path(folder);
        let text = toml::to_string(self)
            .map_err(|error| RehearsalError::Settings { path: path.clone(), why: error.to_string() })?;
        std::fs::write(&path, text).map_err(RehearsalError::file("write", &path))
    }

    pub fn has(&self, fault: Fault) -> bool {
        self.faults.contains(&fault)
    }

    /// Where the slot's service listens.
    pub fn address(&self, folder: &Path, slot: Slot) -> Result<SocketAddr, RehearsalError> {
        let name = slot.url_variable();
        let url = self.variables.get(name).map(String::as_str).unwrap_or_default();
        url.strip_prefix("http://").and_then(|rest| rest.trim_end_matches('/').parse().ok()).ok_or_else(|| {
            let why = format!("{name} is `{url}`, not http://ADDRESS:PORT");
            RehearsalError::Settings { path: Self::path(folder), why }
        })
    }
}

/// A listener on a free port. Ports below the range that outgoing connections use are tried first: a service that is
/// stopped for a while must find its port free again.
fn free_port() -> Result<(TcpListener, u16), RehearsalError> {
    let lowest_outgoing = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range")
        .ok()
        .and_then(|range| range.split_whitespace().next()?.parse::<u16>().ok())
        .unwrap_or(32_768);
    let range = 20_000..lowest_outgoing.max(20_001);
    let random = RandomState::new();
    let candidates = (0..64_u32).map(|n| {
        let offset = random.hash_one(n) % u64::from(range.end - range.start);
        range.start + u16::try_from(offset).unwrap_or_default()
    });
    for port in candidates.chain([0]) {
        if let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            let port = listener
                .local_addr()
                .map_err(|source| RehearsalError::System { doing: "find a free port", source })?
                .port();
            return Ok((listener, port));
        }
    }
    let source = std::io::Error::from(std::io::ErrorKind::AddrInUse);
    Err(RehearsalError::System { doing: "find a free port", source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_come_back_as_they_were_written() {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings::new(2_000, &[Fault::Orphans, Fault::NullLot, Fault::Orphans]).unwrap();
        settings.write(folder.path()).unwrap();
        let read = Settings::read(folder.path()).unwrap();
        assert_eq!(read, settings);
        assert_eq!(read.faults, [Fault::NullLot, Fault::Orphans]);
        let [staging, production] = Slot::ALL.map(|slot| read.address(folder.path(), slot).unwrap());
        assert_ne!(staging.port(), production.port());
    }

    #[test]
    fn an_empty_folder_and_a_newer_format_are_distinguished() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(Settings::read(folder.path()), Err(RehearsalError::NoRehearsal(_))));
        std::fs::write(Settings::path(folder.path()), "format = 9\nrows = 1\nfaults = []\n[variables]\n").unwrap();
        let message = Settings::read(folder.path()).unwrap_err().to_string();
        assert!(message.contains("its format is 9"), "{message}");
    }
}
