//! Having the migrator print its chain instead of running it.

use crate::attempts::command_line::{CommandLine, quoted};
use crate::attempts::redact::Secrets;
use crate::attempts::sanitize;
use crate::checklist::Environment;
use crate::checklist::destruction::programs;
use crate::config::variables::Resolved;
use crate::database::PostgresAddress;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;
use tokio::time::timeout;

/// Nobody listens there: the discard service of old.
const NO_PORT: u16 = 9;
const NO_PORT_TEXT: &str = "9";

/// A migrator that prints takes no longer than this.
const PRINTING: Duration = Duration::from_mins(2);

/// The environment's commands, as a preflight runs them: without a terminal, output and log apart.
pub(super) struct Host<'a> {
    environment: &'a Environment,
    resolved: &'a Resolved,
    home: PathBuf,
    secrets: Secrets,
}

/// What a command said.
pub(super) struct Said {
    pub output: String,
    /// `None` when it ended well, else why it did not.
    pub failed: Option<String>,
    /// The shell found no such program.
    pub absent: bool,
}

impl<'a> Host<'a> {
    #[must_use]
    pub(super) fn new(resolved: &'a Resolved, home: &Path) -> Self {
        let environment = &resolved.environment;
        let fields = crate::config::variables::exported(environment);
        let named = resolved.variables.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        let fields = fields.into_iter().filter_map(|(name, value)| Some((name, value?.as_bytes())));
        let secrets = Secrets::gather(named.chain(fields), &environment.secrets);
        Self { environment, resolved, home: home.to_owned(), secrets }
    }

    /// The folder on this machine that commands run in; `None` when they run on another host.
    pub(super) fn folder(&self) -> Option<PathBuf> {
        if self.environment.shell.as_deref().is_some_and(|shell| !shell.trim().is_empty()) {
            return None;
        }
        Some(self.home.join(self.environment.folder.as_deref().unwrap_or(".")))
    }

    pub(super) fn database(&self) -> Option<&str> {
        self.environment.database.as_deref()
    }

    pub(super) fn scratch(&self) -> Option<&str> {
        self.environment.scratch.as_deref()
    }

    /// A variable as the environment's commands see it.
    pub(super) fn value(&self, name: &str) -> Option<String> {
        let fields = crate::config::variables::exported(self.environment);
        let field =
            fields.into_iter().find(|(field, _)| *field == name).and_then(|(_, value)| value.map(ToOwned::to_owned));
        field.or_else(|| self.resolved.variables.get(name).cloned()).or_else(|| std::env::var(name).ok())
    }

    /// Runs one command to its end.
    pub(super) async fn run(&self, text: &str) -> Said {
        self.run_with(text, &[]).await
    }

    /// Whether a program that a command starts is known not to be there.
    pub(crate) async fn lacks(&self, command: &str) -> bool {
        for started in programs(command) {
            if let Some(look) = started.look()
                && self.run(&look).await.failed.is_some()
            {
                return true;
            }
        }
        false
    }

    /// Has a migrator print or list something. Doing so it carries out the revisions' own code, so every address of a
    /// PostgreSQL server that it is given leads nowhere, its sessions would be read-only, and where the system allows it
    /// there is no network and no socket either. What needs the database then fails, and is not printed.
    pub(super) async fn print(&self, text: &str) -> Said {
        let nowhere = self.nowhere();
        let inherited: Vec<(String, String)> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let all = self.resolved.variables.iter().chain(inherited.iter().map(|(name, value)| (name, value)));
        let servers = all.filter(|(_, value)| value.starts_with("postgres") && value.contains("://"));
        let mut exports: Vec<(&str, &str)> = servers.map(|(name, _)| (name.as_str(), nowhere.as_str())).collect();
        exports.extend([
            ("GONOGO_DATABASE_URL", nowhere.as_str()),
            ("PGHOST", "127.0.0.1"),
            ("PGPORT", NO_PORT_TEXT),
            ("PGOPTIONS", "-c default_transaction_read_only=on"),
            ("PGPASSFILE", "/dev/null"),
            ("PGSERVICEFILE", "/dev/null"),
        ]);
        self.run_with(&self.fenced(text), &exports).await
    }

    /// Whether what is printed has neither network nor sockets.
    pub(super) async fn is_fenced(&self) -> bool {
        self.run("unshare -rnm true || unshare -nm true").await.failed.is_none()
    }

    /// The environment's address with a place where nobody listens.
    fn nowhere(&self) -> String {
        let own = self.database().and_then(|url| PostgresAddress::parse(url).ok());
        own.map_or_else(|| format!("postgresql://nobody@127.0.0.1:{NO_PORT}/none"), |own| own.at_loopback(NO_PORT))
    }

    /// A command without network, and without the folders of the server's sockets.
    fn fenced(&self, text: &str) -> String {
        let own = self.database().and_then(|url| PostgresAddress::parse(url).ok());
        let own = own.and_then(|own| own.place().rsplit_once(':').map(|(folder, _)| folder.to_owned()));
        let folders = ["/run/postgresql".to_owned(), "/var/run/postgresql".to_owned()];
        let folders = folders.into_iter().chain(own.filter(|place| place.starts_with('/')));
        let hide = folders.map(|folder| quoted(&folder)).fold(String::new(), |hide, folder| {
            format!("{hide}[ ! -d {folder} ] || mount -t tmpfs none {folder} 2>/dev/null; ")
        });
        let inside = quoted(&format!("{hide}exec sh -c \"$1\""));
        let text = quoted(text);
        format!(
            "for fence in 'unshare -rnm' 'unshare -nm'; do if $fence true 2>/dev/null; then exec $fence sh -c {inside} sh \
             {text}; fi; done; exec sh -c {text}"
        )
    }

    /// Runs one command with another database in place of the environment's, under whatever names that one goes.
    pub(super) async fn run_on(&self, text: &str, url: &str, more: &[(&str, &str)]) -> Said {
        let live = self.database();
        let inherited: Vec<(String, String)> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let all = self.resolved.variables.iter().chain(inherited.iter().map(|(name, value)| (name, value)));
        let others = all.filter(|(_, value)| live == Some(value.as_str()));
        let mut exports: Vec<(&str, &str)> = others.map(|(name, _)| (name.as_str(), url)).collect();
        exports.extend(more);
        exports.push(("GONOGO_DATABASE_URL", url));
        self.run_with(text, &exports).await
    }

    /// Runs one command with variables besides the environment's.
    pub(super) async fn run_with(&self, text: &str, exports: &[(&str, &str)]) -> Said {
        let line = CommandLine::of(self.environment, &self.resolved.variables, &self.home, text);
        let line = exports.iter().fold(line, |line, (name, value)| line.with(name, *value));
        let words = line.words();
        let failed = |why: String| Said { output: String::new(), failed: Some(why), absent: false };
        let Some((program, rest)) = words.split_first() else { return failed("there is no command".to_owned()) };
        let mut command = Command::new(program);
        command.args(rest).envs(line.variables()).current_dir(line.folder());
        // A host that asks for a password must not wait for one that nobody can type.
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let output = match timeout(PRINTING, command.output()).await {
            Ok(Ok(output)) => output,
            Ok(Err(error)) => {
                return failed(format!("it cannot be started in {}: {error}", line.folder().display()));
            }
            Err(_) => return failed(format!("it did not end within {} s", PRINTING.as_secs())),
        };
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let log = sanitize::plain(&output.stderr);
        let why = (!output.status.success()).then(|| self.secrets.mask(&reason(&log, output.status.code())));
        Said { output: text, failed: why, absent: output.status.code() == Some(127) }
    }
}

/// The line of a log that says most about a failure: the last that is an error, without Python's trail.
fn reason(log: &str, code: Option<i32>) -> String {
    let lines: Vec<&str> = log.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let telling = |line: &&&str| line.contains("Error") || line.starts_with("FAILED") || line.starts_with("ERROR");
    // Alembic warns of a parent that is missing, and fails with a bare `KeyError`.
    let missing = |line: &&&str| line.contains(" referenced from ") && line.contains("is not present");
    let line = lines.iter().find(missing).or_else(|| lines.iter().rev().find(telling)).or(lines.last()).copied();
    let ending = code.map_or_else(|| "a signal ended it".to_owned(), |code| format!("exit {code}"));
    line.map_or(ending, |line| line.chars().take(300).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_telling_line_of_a_log_is_found() {
        let log = "INFO  Running upgrade\nTraceback (most recent call last):\n  File \"x\"\nAttributeError: 'NoneType' object \
                   has no attribute 'execute'\n";
        assert_eq!(reason(log, Some(1)), "AttributeError: 'NoneType' object has no attribute 'execute'");
        assert_eq!(reason("", Some(3)), "exit 3");
        assert_eq!(reason("sh: alembic: not found\n", Some(127)), "sh: alembic: not found");
    }
}
