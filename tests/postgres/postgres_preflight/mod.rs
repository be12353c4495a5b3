//! `gonogo preflight` on a real PostgreSQL, with chains of a real Alembic and of sqlx's files.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use crate::postgres;

mod chains;
mod hidden;
mod memory;
mod names;
mod neurohub;
mod planted;
mod promises;
mod rights;
mod standing;

use postgres::{Base, alembic_programs, fixtures};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use tempfile::TempDir;

/// A checklist with one environment, in a folder of its own.
struct Stage {
    folder: TempDir,
    checklist: PathBuf,
    url: String,
}

/// What a run said.
struct Said {
    code: i32,
    output: String,
    errors: String,
}

impl Stage {
    /// An environment whose migrations are sqlx's: each `(name, SQL)` is one file.
    fn of_files(base: &Base, files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("migrations")).unwrap();
        for (name, sql) in files {
            std::fs::write(folder.path().join("migrations").join(name), sql).unwrap();
        }
        Self::new(folder, &base.url, "sqlx", "sqlx migrate run", ".", &[])
    }

    /// An environment whose migrations are files of another migrator: each `(path, SQL)`.
    fn of_kind(base: &Base, kind: &str, command: &str, files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, sql) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, sql).unwrap();
        }
        Self::new(folder, &base.url, kind, command, ".", &[])
    }

    /// An environment with Alembic and revisions given as the bodies of their `upgrade` and `downgrade`.
    fn of_alembic(base: &Base, revisions: &[(&str, &str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let source = fixtures().join("neurohub");
        std::fs::create_dir_all(folder.path().join("alembic/versions")).unwrap();
        for file in ["alembic.ini", "alembic/env.py"] {
            std::fs::copy(source.join(file), folder.path().join(file)).unwrap();
        }
        let mut before = "None".to_owned();
        for (id, up, down) in revisions {
            let text = format!(
                "import sqlalchemy as sa\nfrom alembic import op\n\nrevision = \"{id}\"\ndown_revision = {before}\n\n\n\
                 def upgrade() -> None:\n{}\n\n\ndef downgrade() -> None:\n{}\n",
                indented(up),
                indented(down)
            );
            std::fs::write(folder.path().join(format!("alembic/versions/{id}.py")), text).unwrap();
            before = format!("\"{id}\"");
        }
        let ids: Vec<&str> = revisions.iter().map(|(id, _, _)| *id).collect();
        Self::new(folder, &base.url, "alembic", &alembic(), ".", &ids)
    }

    /// The NeuroHub chain of the fixtures.
    fn of_neurohub(url: &str) -> Self {
        let place = fixtures().join("neurohub");
        let ids = ["0001_initial_schema", "0002_add_wip_link_constraints", "0003_add_wip_unique_index"];
        let folder = tempfile::tempdir().unwrap();
        Self::new(folder, url, "alembic", &alembic(), &place.display().to_string(), &ids)
    }

    fn new(folder: TempDir, url: &str, kind: &str, command: &str, place: &str, revisions: &[&str]) -> Self {
        let revisions: Vec<String> =
            revisions.iter().map(|id| format!("{{ id = \"{id}\", title = \"{id}\" }}")).collect();
        let text = format!(
            "format = 1\nid = \"t\"\ntitle = \"T\"\n[[slot]]\nid = \"staging\"\ntitle = \"Staging\"\n\
             [environments.staging]\nslot = \"staging\"\ndatabase = \"${{PREFLIGHT_TEST_URL}}\"\nfolder = \"{place}\"\n\
             disk = \"/\"\n[environments.staging.migrator]\nkind = \"{kind}\"\ncommand = \"{command}\"\nrevisions = [{}]\n\
             [[phase]]\nid = \"p\"\ntitle = \"P\"\nslot = \"staging\"\n[[phase.section]]\nid = \"s\"\ntitle = \"S\"\n\
             [[phase.section.item]]\nid = \"i\"\ntitle = \"I\"\nours = \"a checklist has an item\"\n",
            revisions.join(", ")
        );
        let checklist = folder.path().join("check.toml");
        std::fs::write(&checklist, text).unwrap();
        Self { folder, checklist, url: url.to_owned() }
    }

    fn run(&self, words: &[&str]) -> Said {
        run(&self.checklist, &[("PREFLIGHT_TEST_URL", self.url.as_str())], words)
    }

    /// Runs with `--json` and gives the document and the exit status.
    fn report(&self, words: &[&str]) -> (Value, i32) {
        let said = self.run(&[words, &["--json"]].concat());
        let report = serde_json::from_str(&said.output)
            .unwrap_or_else(|error| panic!("{error}\n{}\n{}", said.output, said.errors));
        (report, said.code)
    }
}

fn run(checklist: &Path, variables: &[(&str, &str)], words: &[&str]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gonogo"));
    command.arg("preflight").arg(checklist).args(["--env", "staging"]).args(words);
    // Answers that take long under load are no part of what is tested.
    if !words.contains(&"--limit") {
        command.args(["--limit", "120"]);
    }
    // Its files are read; the migrator only has to be there.
    let path = format!("{}:{}", migrators().display(), std::env::var("PATH").unwrap());
    command.env_remove("PREFLIGHT_TEST_URL").env("PYTHONDONTWRITEBYTECODE", "1").env("PATH", path);
    command.env_remove("DATABASE_URL").envs(variables.iter().copied());
    let output = command.output().unwrap();
    Said {
        code: output.status.code().unwrap(),
        output: String::from_utf8(output.stdout).unwrap(),
        errors: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A folder with the names of migrators that nothing here runs.
fn migrators() -> &'static Path {
    static FOLDER: LazyLock<TempDir> = LazyLock::new(|| {
        let folder = tempfile::tempdir().unwrap();
        for name in ["sqlx", "dbmate", "flyway"] {
            let path = folder.path().join(name);
            std::fs::write(&path, "#!/bin/sh\nexit 9\n").unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        folder
    });
    FOLDER.path()
}

fn alembic() -> String {
    alembic_programs().join("alembic").display().to_string()
}

fn indented(text: &str) -> String {
    let text = if text.is_empty() { "pass" } else { text };
    text.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}

/// Findings of one severity.
fn of(report: &Value, severity: &str) -> Vec<Value> {
    report["findings"].as_array().unwrap().iter().filter(|finding| finding["severity"] == severity).cloned().collect()
}

/// What findings of one severity say, for messages and searches.
fn reported(report: &Value, severity: &str) -> Vec<String> {
    of(report, severity).iter().map(|finding| finding["what"].as_str().unwrap().to_owned()).collect()
}
