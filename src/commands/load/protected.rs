//! Which protected environments an address belongs to, by the checklists and ledgers of a folder.

use crate::checklist::environment::Protection;
use crate::checklist::{Checklist, EnvironmentName};
use crate::commands::{folder, import, open};
use crate::config::variables;
use crate::ledger::Ledger;
use crate::load::address;
use reqwest::Url;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// What was found in a folder.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Protected environments that have the address.
    pub environments: BTreeSet<EnvironmentName>,
    /// What could not be compared.
    pub notes: Vec<String>,
    /// Files that cannot be read: whether they protect the address is not known.
    pub unread: Vec<String>,
}

/// Compares the address with every protected environment that the folder's checklists and ledgers name.
pub(super) async fn of(url: &Url, folder: &Path) -> Found {
    let mut found = Found::default();
    for path in open::ledgers(folder) {
        let shown = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
        match Ledger::open(&path) {
            Ok(ledger) => {
                let home = ledger.layout().home().to_owned();
                found.compare(ledger.plan().checklist(), &home, url, &shown).await;
            }
            Err(_) => found.unread(&shown),
        }
    }
    let home = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    for path in folder::checklists(folder).into_iter().filter(|path| !import::is_markdown(path)) {
        let shown = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
        match open::source(&path).and_then(|source| open::checklist(&source)) {
            Ok(checklist) => found.compare(&Arc::new(checklist), &home, url, &shown).await,
            Err(_) => found.unread(&shown),
        }
    }
    found
}

impl Found {
    fn unread(&mut self, file: &str) {
        self.unread.push(file.to_owned());
    }

    async fn compare(&mut self, checklist: &Arc<Checklist>, home: &Path, url: &Url, file: &str) {
        let mut unknown = BTreeMap::new();
        for (name, environment) in &checklist.environments {
            let Some(written) = environment.url.as_deref() else { continue };
            if environment.protection != Protection::Protected || self.environments.contains(name) {
                continue;
            }
            let known = variables::known_in(environment, home).ok().and_then(|known| known.environment.url);
            match known.and_then(|known| Url::parse(&known).ok()) {
                Some(known) if address::same(url, &known).await => {
                    self.environments.insert(name.clone());
                }
                Some(_) => {}
                None => _ = unknown.insert(name, written),
            }
        }
        for (name, written) in unknown {
            let names = variables::names_in(written).join(", ");
            let why = if names.is_empty() { "its url is not valid".to_owned() } else { format!("{names} not set") };
            self.notes.push(format!("address of the protected environment {name} ({file}) not known: {why}"));
        }
    }
}
