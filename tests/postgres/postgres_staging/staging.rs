//! A staging of NeuroHub: two databases, a backend in a repository of its own, and the old release answering.

use super::postgres::{alembic_programs, cluster, fixtures};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub(crate) const GONOGO: &str = env!("CARGO_BIN_EXE_gonogo");
const FIRST: &str = "0001_initial_schema";

/// Made ready at the first revision; the service is stopped when dropped.
pub(crate) struct Staging {
    pub folder: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

impl Staging {
    /// With about so many rows of process data.
    pub(crate) async fn make(rows: u32) -> Self {
        let base = cluster().neurohub(FIRST, rows).await;
        let scratch = cluster().database("").await;
        let folder = tempfile::tempdir().unwrap();
        let variables = variables(folder.path(), &base.url, &scratch.url);
        let staging = Self { folder, variables };
        std::fs::create_dir(staging.folder.path().join("backups")).unwrap();
        staging.repository();
        staging.service("deploy old");
        staging.service("start");
        staging
    }

    pub(crate) fn ledger(&self) -> PathBuf {
        self.folder.path().join("neurohub.ledger.toml")
    }

    fn backend(&self) -> PathBuf {
        self.folder.path().join("backend")
    }

    /// Runs the program with staging's variables set.
    pub(crate) fn gonogo(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(GONOGO);
        command.current_dir(self.folder.path()).args(arguments).envs(self.variables.iter().cloned());
        command.output().unwrap()
    }

    /// The backend committed, its feature branch and `main` at an origin.
    fn repository(&self) {
        copy(&fixtures().join("neurohub"), &self.backend());
        let script = "set -e\n\
            git init --quiet --bare ../origin.git\n\
            git init --quiet && git checkout --quiet -b main\n\
            git add --all && git commit --quiet --message 'NeuroHub'\n\
            git branch refactor/database-optimization\n\
            git remote add origin ../origin.git && git push --quiet origin main refactor/database-optimization\n\
            git push --quiet origin refactor/database-optimization:refs/pull/1/head";
        self.in_backend(script);
        let report = self.folder.path().join("REFACTORING_COMPLETION_REPORT.md");
        std::fs::write(report, "# Refactoring of the database: what was done\n").unwrap();
    }

    pub(crate) fn service(&self, words: &str) {
        self.in_backend(&format!("python service.py {words}"));
    }

    fn in_backend(&self, script: &str) {
        let mut command = Command::new("sh");
        command.args(["-c", script]).current_dir(self.backend()).envs(self.variables.iter().cloned());
        for (name, of) in [("GONOGO_URL", "URL"), ("GONOGO_LOG", "LOG"), ("GONOGO_DATABASE_URL", "DATABASE_URL")] {
            command.env(name, self.variable(&format!("NEUROHUB_STAGING_{of}")));
        }
        let output = command.output().unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{script}: {said}");
    }

    fn variable(&self, name: &str) -> &str {
        &self.variables.iter().find(|(known, _)| known == name).unwrap().1
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        let pid = std::fs::read_to_string(self.backend().join("run/pid"));
        if let Some(pid) = pid.ok().and_then(|pid| rustix::process::Pid::from_raw(pid.trim().parse().ok()?)) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
    }
}

fn variables(folder: &Path, database: &str, scratch: &str) -> Vec<(String, String)> {
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let place = |name: &str| folder.join(name).display().to_string();
    let path = std::env::var("PATH").unwrap_or_default();
    let path = format!("{}:{}:{path}", alembic_programs().display(), cluster().bin.display());
    let mut variables: Vec<(String, String)> = [
        ("DATABASE_URL", database.to_owned()),
        ("SCRATCH_DATABASE_URL", scratch.to_owned()),
        ("URL", format!("http://127.0.0.1:{port}")),
        ("BACKEND", place("backend")),
        ("BACKUPS", place("backups")),
        ("LOG", place("service.log")),
        ("DISK", place(".")),
        ("SHELL", String::new()),
        ("STOP", "python service.py stop".to_owned()),
        ("DEPLOY", "python service.py deploy new".to_owned()),
        ("START", "python service.py start".to_owned()),
        ("PREVIOUS", "python service.py deploy old".to_owned()),
    ]
    .map(|(name, value)| (format!("NEUROHUB_STAGING_{name}"), value))
    .into();
    variables.push(("PATH".into(), path));
    variables.push(("XDG_STATE_HOME".into(), place(".state")));
    variables.push(("PYTHONDONTWRITEBYTECODE".into(), "1".into()));
    variables.push(("GONOGO_NOTIFY_COMMAND".into(), format!("cat >> '{}'", place("notices"))));
    for name in ["GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"] {
        variables.push((name.into(), "NeuroHub".into()));
    }
    for name in ["GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"] {
        variables.push((name.into(), "neurohub@localhost".into()));
    }
    variables
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
