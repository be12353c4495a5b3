//! Sources that are asked on a host, by commands or files: one file a kind.

mod command;
mod host;
mod log;

pub(crate) use log::{Kept, Shape};

use crate::attempts::command_line::CommandLine;
use crate::attempts::redact::Secrets;
use crate::checklist::Environment;
use crate::checklist::pane::{Pane, Source};
use crate::metrics::sources::{Missing, Take};
use rustix::process::{Pid, Signal, kill_process_group};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use tokio::io::AsyncReadExt as _;

/// Bytes that are read of what a command prints.
const LONGEST: u64 = 1 << 20;

/// What a source on a host may need.
pub(crate) struct Host<'a> {
    /// With every `${VAR}` in place.
    pub environment: &'a Environment,
    /// The variables that commands are given.
    pub variables: &'a BTreeMap<String, String>,
    /// The folder of the ledger.
    pub home: &'a Path,
    /// The folder of evidence beside it.
    pub evidence: &'a Path,
    /// What must not be kept of a log.
    pub secrets: Arc<Secrets>,
}

/// What takes the numbers of a pane on its host; `None` for what a service or a database answers.
///
/// # Errors
/// Why it can never be asked.
pub(in crate::collector) fn of(pane: &Pane, host: &Host<'_>) -> Result<Option<Box<dyn Take>>, String> {
    let line = |text: &str| CommandLine::of(host.environment, host.variables, host.home, text);
    Ok(Some(match &pane.source {
        Source::Command { run, pattern, .. } => Box::new(command::Command::new(line(run), pattern.as_deref())?),
        Source::Host(source) => Box::new(host::Host::new(source, &line)?),
        Source::Log { path, number } => Box::new(log::Log::new(path.as_deref(), number, pane, host)?),
        Source::Latency { .. }
        | Source::Header { .. }
        | Source::Http(_)
        | Source::Prometheus(_)
        | Source::Promql { .. }
        | Source::Sql { .. }
        | Source::DatabaseSize
        | Source::Postgres { .. }
        | Source::Availability { .. } => return Ok(None),
    }))
}

/// Runs a command to its end and gives what it printed. Dropping this ends the command with everything it started.
async fn printed(line: &CommandLine) -> Result<String, Missing> {
    let unusable = |why: String| Missing::Unusable(why);
    let words = line.words();
    let (program, arguments) = words.split_first().ok_or_else(|| unusable("the command is empty".to_owned()))?;
    let mut command = tokio::process::Command::new(program);
    command.args(arguments).current_dir(line.folder()).envs(line.variables());
    // A group of its own, so that nothing of it is left behind.
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true).process_group(0);
    let mut child = command.spawn().map_err(|error| unusable(format!("the command cannot be started: {error}")))?;
    let _group = Group(child.id().and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?)));
    let mut output = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        let read = stdout.take(LONGEST).read_to_end(&mut output).await;
        read.map_err(|error| unusable(format!("what the command prints cannot be read: {error}")))?;
    }
    let status = child.wait().await.map_err(|error| unusable(format!("the command was lost: {error}")))?;
    match status.code() {
        Some(0) => Ok(String::from_utf8_lossy(&output).into_owned()),
        // Ssh says so when it reaches nobody.
        Some(255) => Err(Missing::Down("the command ended with status 255; is the host reachable?".to_owned())),
        _ => Err(unusable(format!("the command failed ({status}); run it by hand to see why"))),
    }
}

/// Ends a process group when it is dropped; one that is gone is what was wanted.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}
