//! A shell command as it is started: its words, its folder and its variables.

use super::assignment::Assignment;
use super::redact;
use crate::checklist::Environment;
use crate::config;
use crate::program;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Variables that programs read although no command names them: they tag and bound sessions on a server.
const MARKS: [&str; 3] = ["PGAPPNAME", "PGOPTIONS", "PYTHONUNBUFFERED"];

/// One command of an environment, ready to be started.
#[derive(Clone)]
pub(crate) struct CommandLine {
    /// Handed to `sh -c`.
    text: String,
    /// A prefix that runs a command somewhere else.
    shell: Option<String>,
    /// Where it runs; on the other host when there is a prefix.
    folder: Option<String>,
    home: PathBuf,
    variables: BTreeMap<String, String>,
    /// Variables that the checklist names as secrets.
    secrets: Vec<String>,
}

impl CommandLine {
    /// `text` in the environment of `assignment`, with the environment's fields and variables exported.
    #[must_use]
    pub(crate) fn new(assignment: &Assignment, text: &str) -> Self {
        Self::of(&assignment.environment, &assignment.variables, &assignment.home, text)
    }

    /// `text` in an environment whose variables are in place; `home` is the folder that relative ones count from.
    #[must_use]
    pub(crate) fn of(environment: &Environment, variables: &BTreeMap<String, String>, home: &Path, text: &str) -> Self {
        let mut all = variables.clone();
        for (name, value) in config::variables::exported(environment) {
            if let Some(value) = value {
                all.insert(name.to_owned(), value.to_owned());
            }
        }
        if let Some(program) = program::for_commands() {
            all.insert("GONOGO".to_owned(), program.display().to_string());
        }
        all.insert("TERM".to_owned(), "xterm-256color".to_owned());
        all.insert("PYTHONUNBUFFERED".to_owned(), "1".to_owned());
        Self {
            text: text.to_owned(),
            shell: environment.shell.clone().filter(|shell| !shell.trim().is_empty()),
            folder: environment.folder.clone(),
            home: home.to_owned(),
            variables: all,
            secrets: environment.secrets.clone(),
        }
    }

    /// Sets a variable, or sets it to something else.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn variables(&self) -> &BTreeMap<String, String> {
        &self.variables
    }

    /// The local folder it is started in.
    pub(crate) fn folder(&self) -> PathBuf {
        match (&self.folder, &self.shell) {
            (Some(folder), None) => self.home.join(folder),
            _ => self.home.clone(),
        }
    }

    /// The words to start.
    pub(crate) fn words(&self) -> Vec<OsString> {
        let script = match &self.shell {
            None => self.text.clone(),
            Some(shell) => {
                let remote = quoted(&self.remote_script());
                // Ssh joins its words with spaces and lets the other host's shell read them once more.
                let remote = if goes_through_ssh(shell) { quoted(&remote) } else { remote };
                format!("{shell} sh -c {remote}")
            }
        };
        ["sh".to_owned(), "-c".to_owned(), script].map(OsString::from).into()
    }

    /// The command with its folder and with the variables it names. A secret is never put on a command line, where every
    /// user of both hosts could read it: the other host must hold its own.
    fn remote_script(&self) -> String {
        use std::fmt::Write as _;
        let mut script = String::new();
        for (name, value) in &self.variables {
            let listed = self.secrets.contains(name);
            let secret = listed || redact::is_secret_name(name) || !redact::passwords_in(value).is_empty();
            let wanted = MARKS.contains(&name.as_str()) || self.text.contains(name.as_str());
            if !secret && name != "GONOGO" && wanted {
                let _ = write!(script, "export {name}={}; ", quoted(value));
            }
        }
        if let Some(folder) = &self.folder {
            let _ = write!(script, "cd {} && ", quoted(folder));
        }
        script + &self.text
    }
}

/// Whether one of the prefix's words is the program ssh.
fn goes_through_ssh(prefix: &str) -> bool {
    prefix.split_whitespace().any(|word| Path::new(word).file_name().is_some_and(|name| name == "ssh"))
}

/// `text` as one word of a POSIX shell.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
