//! The `${VAR}`s of an environment: where their values come from, and which of them a check needs.

use crate::checklist::auth::Auth;
use crate::checklist::check::Need;
use crate::checklist::environment::Migrator;
use crate::checklist::proposal;
use crate::checklist::variables::is_name;
pub(crate) use crate::checklist::variables::names_in;
use crate::checklist::{Environment, EnvironmentKind, EnvironmentName, Item};
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The name under which an environment of a rehearsal finds the folder of its ledger.
pub(crate) const REHEARSAL: &str = "REHEARSAL";

#[derive(Debug, Error)]
pub(crate) enum VariablesError {
    #[error("{} not set, and the check needs {}; {place}", names(.missing), if .missing.len() == 1 { "it" } else { "them" })]
    Unset { missing: Vec<String>, place: String },
    #[error("{path} cannot be read: {reason}; the rehearsal's variables stand there", path = .path.display())]
    Unreadable { path: PathBuf, reason: String },
}

fn names(missing: &[String]) -> String {
    let verb = if missing.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", missing.join(", "))
}

/// The variables of this process, also those whose value is no text.
pub(crate) fn inherited() -> BTreeMap<String, Vec<u8>> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_vec()))).collect()
}

/// Where values come from.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    values: BTreeMap<String, String>,
    place: String,
}

impl Source {
    /// The values for an environment of this kind: of a real one the process environment, of a rehearsal only the
    /// `[variables]` of `rehearsal.toml` in `home` and `${REHEARSAL}`, so that a shell that is set up for production
    /// cannot reach into a rehearsal.
    ///
    /// # Errors
    /// When `rehearsal.toml` is there and cannot be read.
    pub(crate) fn of(kind: EnvironmentKind, home: &Path) -> Result<Self, VariablesError> {
        match kind {
            EnvironmentKind::Real => Ok(Self {
                values: std::env::vars_os()
                    .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                    .collect(),
                place: "export it and start again".to_owned(),
            }),
            EnvironmentKind::Rehearsal => Self::of_rehearsal(home),
        }
    }

    fn of_rehearsal(home: &Path) -> Result<Self, VariablesError> {
        #[derive(serde::Deserialize)]
        struct File {
            #[serde(default)]
            variables: BTreeMap<String, String>,
        }
        let path = home.join("rehearsal.toml");
        let unreadable = |reason: String| VariablesError::Unreadable { path: path.clone(), reason };
        let mut values = match crate::input::read_text(&path, crate::input::DOCUMENT) {
            Ok(text) => toml::from_str::<File>(&text).map_err(|e| unreadable(e.message().to_owned()))?.variables,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(unreadable(error.to_string())),
        };
        values.insert(REHEARSAL.to_owned(), home.display().to_string());
        Ok(Self { values, place: format!("set it under [variables] in {}", path.display()) })
    }

    /// Values given one by one.
    #[cfg(test)]
    #[must_use]
    pub(crate) fn from_values(values: BTreeMap<String, String>, place: impl Into<String>) -> Self {
        Self { values, place: place.into() }
    }

    /// The value of a variable that is set and not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

/// An environment with its variables in place.
#[derive(Clone)]
pub struct Resolved {
    /// A field that no check needs and whose variables are not set is absent here.
    pub environment: Environment,
    /// The variables that the environment's definition names and that are set.
    pub variables: BTreeMap<String, String>,
}

/// Puts the variables of `environment` in place for carrying out `item`.
///
/// # Errors
/// When a variable that the item's check needs is not set: the error names all of them.
pub(crate) fn resolve(environment: &Environment, item: &Item, source: &Source) -> Result<Resolved, VariablesError> {
    let needed = needed_names(environment, item).into_iter();
    let missing: Vec<String> = needed.filter(|name| source.get(name).is_none()).collect();
    if !missing.is_empty() {
        return Err(VariablesError::Unset { missing, place: source.place.clone() });
    }
    let needs = item.check.kind().needs();
    let beside = needs.iter().filter_map(|need| match need {
        Need::Path(text) | Need::Text(text) => Some(*text),
        _ => None,
    });
    Ok(put_in_place(environment, beside, source))
}

/// Puts the variables that are set in place, whatever they are needed for; a field with one that is not set is absent.
pub(crate) fn resolve_known(environment: &Environment, source: &Source) -> Resolved {
    put_in_place(environment, [], source)
}

/// The same by what is set where `home` is the ledger's folder.
///
/// # Errors
/// When there is no place for the variables of a rehearsal.
pub(crate) fn known_in(environment: &Environment, home: &Path) -> Result<Resolved, VariablesError> {
    Ok(resolve_known(environment, &Source::of(environment.kind, home)?))
}

fn put_in_place<'a>(
    environment: &'a Environment,
    beside: impl IntoIterator<Item = &'a str>,
    source: &Source,
) -> Resolved {
    let mut variables = BTreeMap::new();
    for text in texts(environment).into_iter().chain(beside) {
        for name in names_in(text) {
            if let Some(value) = source.get(&name) {
                variables.insert(name, value.to_owned());
            }
        }
    }
    let field = |text: &Option<String>| text.as_ref().and_then(|text| expand(text, &variables));
    let mut expanded = environment.clone();
    expanded.database = field(&environment.database);
    expanded.scratch = field(&environment.scratch);
    expanded.url = field(&environment.url);
    expanded.ca = field(&environment.ca);
    expanded.folder = field(&environment.folder);
    expanded.backups = field(&environment.backups);
    expanded.log = field(&environment.log);
    expanded.disk = field(&environment.disk);
    expanded.shell = field(&environment.shell);
    expanded.auth = environment.auth.as_ref().and_then(|auth| auth.map(|text| expand(text, &variables)));
    expanded.commands = environment
        .commands
        .iter()
        .filter_map(|(name, text)| Some((name.clone(), shell_text(text, &variables)?)))
        .collect();
    if let Some(migrator) = &mut expanded.migrator {
        if let Some(command) = shell_text(&migrator.command, &variables) {
            migrator.command = command;
        }
        for command in [&mut migrator.downgrade, &mut migrator.current].into_iter().flatten() {
            if let Some(expanded) = shell_text(command, &variables) {
                *command = expanded;
            }
        }
    }
    Resolved { environment: expanded, variables }
}

/// A command as it is handed to the shell. The shell itself expands the variables, so that no value is taken for
/// syntax; but a command that is one variable and nothing else means what is in it. `None` when that is not set.
fn shell_text(text: &str, variables: &BTreeMap<String, String>) -> Option<String> {
    let alone = text.trim().strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).filter(|name| is_name(name));
    match alone {
        Some(name) => variables.get(name).cloned(),
        None => Some(text.to_owned()),
    }
}

/// `text` with every `${VAR}` replaced; `None` when one is not set.
pub(crate) fn expand(text: &str, variables: &BTreeMap<String, String>) -> Option<String> {
    crate::checklist::variables::expand(text, |name| variables.get(name).map(String::as_str))
}

/// The variables that an environment cannot do without. Without a shell prefix commands run on this host.
pub(crate) fn named(environment: &Environment) -> BTreeSet<String> {
    let here = Environment { shell: None, ..environment.clone() };
    texts(&here).into_iter().flat_map(names_in).collect()
}

/// What to say of variables that a login needs and that are not set in this process; nothing when all are.
pub(crate) fn login_lacks<'e>(
    environments: impl Iterator<Item = (&'e EnvironmentName, &'e Environment)>,
) -> Option<String> {
    let lacking: Vec<String> = environments
        .filter_map(|(name, environment)| {
            let needed = environment.auth.iter().flat_map(Auth::texts).flat_map(names_in);
            let unset: BTreeSet<String> = needed.filter(|wanted| std::env::var_os(wanted).is_none()).collect();
            let unset = unset.into_iter().collect::<Vec<_>>().join(", ");
            (!unset.is_empty()).then(|| format!("{name} needs {unset}"))
        })
        .collect();
    (!lacking.is_empty()).then(|| format!("not set here, and the login of {}", lacking.join("; the login of ")))
}

/// Every text of an environment that may name variables.
fn texts(environment: &Environment) -> Vec<&str> {
    let Environment { database, scratch, url, ca, folder, backups, log, disk, shell, migrator, commands, .. } =
        environment;
    let fields = [database, scratch, url, ca, folder, backups, log, disk, shell];
    let mut texts: Vec<&str> = fields.into_iter().filter_map(Option::as_deref).collect();
    texts.extend(migrator.iter().flat_map(Migrator::commands));
    texts.extend(commands.values().map(String::as_str));
    texts.extend(environment.auth.iter().flat_map(Auth::texts));
    texts
}

/// The variables without which `item` cannot be carried out.
fn needed_names(environment: &Environment, item: &Item) -> BTreeSet<String> {
    let mut fields: Vec<Option<&str>> = Vec::new();
    let mut command: Option<&str> = None;
    let Environment { database, scratch, url, ca, folder, backups, log, .. } = environment;
    for need in item.check.kind().needs() {
        match need {
            Need::Database => fields.push(database.as_deref()),
            Need::Scratch => fields.push(scratch.as_deref()),
            Need::Url => {
                fields.extend([url.as_deref(), ca.as_deref()]);
                fields.extend(environment.auth.iter().flat_map(Auth::texts).map(Some));
            }
            Need::Backups => fields.push(backups.as_deref()),
            Need::Log => fields.push(log.as_deref()),
            Need::Folder => fields.push(folder.as_deref()),
            Need::Path(text) | Need::Text(text) => fields.push(Some(text)),
            Need::Command(name) | Need::OwnCommand(name) => {
                command = environment.commands.get(name).map(String::as_str);
            }
            Need::Shell(text) => command = Some(text),
            Need::Migrator => {
                command = environment.migrator.as_ref().map(|migrator| migrator.command.as_str());
                fields.extend(environment.migrator.iter().flat_map(Migrator::commands).skip(1).map(Some));
            }
        }
    }
    let mut needed = BTreeSet::new();
    if let Some(text) = command {
        // Without a shell prefix commands run on this host, so that one may stay unset.
        fields.push(folder.as_deref());
        fields
            .extend(exported(environment).into_iter().filter(|(name, _)| text.contains(name)).map(|(_, value)| value));
        // A `${name}` that the environment's definition does not speak of is a variable of the shell.
        let own: BTreeSet<String> = texts(environment).into_iter().flat_map(names_in).collect();
        needed.extend(names_in(text).into_iter().filter(|name| own.contains(name)));
        if !item.proposals.is_empty() {
            // A command from a document has no environment that speaks of its variables, and `rm -r "$DIR"/` without
            // one would be another command.
            let names = proposal::variables(text).into_iter();
            needed.extend(names.filter_map(|name| name.strip_prefix('$').map(ToOwned::to_owned)));
        }
    }
    needed.extend(fields.into_iter().flatten().flat_map(names_in));
    needed
}

/// The fields that commands find under names of our own.
#[must_use]
pub(crate) fn exported(environment: &Environment) -> [(&'static str, Option<&str>); 6] {
    [
        ("GONOGO_DATABASE_URL", environment.database.as_deref()),
        ("GONOGO_SCRATCH", environment.scratch.as_deref()),
        ("GONOGO_URL", environment.url.as_deref()),
        ("GONOGO_BACKUPS", environment.backups.as_deref()),
        ("GONOGO_LOG", environment.log.as_deref()),
        ("GONOGO_DISK", environment.disk.as_deref()),
    ]
}

#[cfg(test)]
mod tests;
