//! PostgreSQL's own programs: found, asked their version, run, and ended when the attempt must.

use super::super::account::Trouble;
use crate::attempts::Console;
use crate::attempts::redact::cut;
use crate::database::{Interrupt, PostgresAddress};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

/// Where Debian keeps the programs of each version.
const BESIDE_THE_SERVER: &str = "/usr/lib/postgresql";
/// What is kept of what a program complains about.
const LONGEST_COMPLAINT: usize = 300;
const MOST_COMPLAINTS: usize = 50;

/// How a program ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ended {
    pub exit: Option<i32>,
    /// What it complained about, the first first.
    pub complaints: Vec<String>,
}

impl Ended {
    pub(super) fn well(&self) -> bool {
        self.exit == Some(0)
    }

    pub(super) fn why(&self) -> String {
        let exit = self.exit.map_or_else(|| "ended by a signal".to_owned(), |status| format!("exit status {status}"));
        self.complaints.first().map_or(exit.clone(), |complaint| format!("{exit}, {complaint}"))
    }
}

/// Runs one of PostgreSQL's programs; what it says goes to the console. A password goes by its environment, where no
/// other user of this machine can read it.
pub(super) async fn run(
    console: &dyn Console,
    interrupt: &Interrupt,
    name: &str,
    words: &[String],
    address: Option<&PostgresAddress>,
) -> Result<Ended, Trouble> {
    let program = find(name)?;
    console.line(&format!("$ {name} {}", words.join(" ")));
    let mut command = Command::new(program);
    command.args(words).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
    command.env("LC_ALL", "C").env("PGAPPNAME", format!("gonogo {name}"));
    if let Some(password) = address.and_then(PostgresAddress::password) {
        command.env("PGPASSWORD", password);
    }
    let mut child = command.spawn().map_err(|error| Trouble::NotStarted(format!("{name} does not start: {error}")))?;
    let complaints = child.stderr.take();
    let heard = listen(complaints, console);
    tokio::select! {
        (complaints, status) = async { (heard.await, child.wait().await) } => {
            let status = status.map_err(|error| Trouble::Open(format!("{name} was lost: {error}")))?;
            Ok(Ended { exit: status.code(), complaints })
        }
        () = interrupt.wait() => Err(Trouble::Interrupted),
    }
}

/// The major version of one of the programs.
pub(super) async fn version(name: &str) -> Result<u32, Trouble> {
    let output = Command::new(find(name)?).arg("--version").output().await;
    let output = output.map_err(|error| Trouble::NotStarted(format!("{name} does not start: {error}")))?;
    major(&String::from_utf8_lossy(&output.stdout))
        .ok_or_else(|| Trouble::NotStarted(format!("{name} does not say what version it is")))
}

async fn listen(said: Option<tokio::process::ChildStderr>, console: &dyn Console) -> Vec<String> {
    let mut complaints = Vec::new();
    let Some(said) = said else { return complaints };
    let mut lines = BufReader::new(said).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        console.line(&line);
        // What it warns of is reported; what it fails on is kept.
        if line.contains("error:") && complaints.len() < MOST_COMPLAINTS {
            complaints.push(cut(&line, LONGEST_COMPLAINT));
        }
    }
    complaints
}

/// What one of the programs writes to its standard output.
pub(super) async fn output(name: &str, words: &[String]) -> Result<String, Trouble> {
    let output = Command::new(find(name)?).args(words).env("LC_ALL", "C").stdin(Stdio::null()).output().await;
    let output = output.map_err(|error| Trouble::NotStarted(format!("{name} does not start: {error}")))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Trouble::Wrong(format!(
        "{name} cannot read the backup: {}",
        said.lines().next().unwrap_or("no reason reported")
    )))
}

/// `pg_dump (PostgreSQL) 15.18 (Debian …)`
fn major(text: &str) -> Option<u32> {
    let number = text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// The newest there is: it reads what every older one wrote, and dumps every older server.
fn find(name: &str) -> Result<PathBuf, Trouble> {
    let versions = std::fs::read_dir(BESIDE_THE_SERVER).into_iter().flatten().flatten();
    let beside = versions.filter_map(|entry| {
        let version: u32 = entry.file_name().to_string_lossy().parse().ok()?;
        Some((version, entry.path().join("bin").join(name))).filter(|(_, path)| path.is_file())
    });
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path =
        || std::env::split_paths(&path).map(|folder| folder.join(name)).find(|path: &PathBuf| is_program(path));
    beside.max().map(|(_, path)| path).or_else(on_path).ok_or_else(|| {
        Trouble::NotStarted(format!("{name} is not installed here; install PostgreSQL's client programs"))
    })
}

fn is_program(path: &Path) -> bool {
    path.is_file()
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn the_major_version_is_read() {
        assert_eq!(major("pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"), Some(15));
        assert_eq!(major("pg_dump (PostgreSQL) 17beta1"), Some(17));
        assert_eq!(major("no number"), None);
    }
}
