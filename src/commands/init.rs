//! `gonogo init`: a first checklist from three questions, to be made one's own.

use super::Failure;
use crate::checklist::lint;
use crate::cli::reading::Init;
use crate::printed;
use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write};
use std::path::PathBuf;

pub(crate) fn init(asked: Init, out: &mut dyn Write) -> Result<u8, Failure> {
    let title = answer(asked.title, "What is deployed", "Release", out)?;
    let migrator = answer(asked.migrator, "Command that migrates the database, empty for none", "", out)?;
    let health = answer(asked.health, "Path that answers when the service is healthy, empty for none", "/health", out)?;
    let id = slug(&title);
    let path = asked.file.unwrap_or_else(|| PathBuf::from(format!("{id}.toml")));
    let text = checklist(&id, &title, &migrator, &health);
    let (_, problems) = lint::lint(&path.to_string_lossy(), &text);
    if let Some(problem) = problems.first() {
        return Err(Failure::usage(format!("these answers make no checklist\n{problem}")));
    }
    let file = std::fs::File::options().write(true).create_new(true).open(&path);
    let mut file = file.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            Failure::refused(format!("{} exists and is not overwritten; name another file", path.display()))
        }
        _ => Failure::usage(format!("{} cannot be written: {error}", path.display())),
    })?;
    file.write_all(text.as_bytes())?;
    let shown = path.display();
    writeln!(out, "{shown} is written; make it yours, then:")?;
    writeln!(out, "  gonogo lint {shown}")?;
    writeln!(out, "  gonogo doctor {shown}")?;
    writeln!(out, "  gonogo open {shown}")?;
    Ok(0)
}

/// What was given, or what a person types; without a terminal the usual answer.
fn answer(given: Option<String>, question: &str, usual: &str, out: &mut dyn Write) -> Result<String, Failure> {
    if let Some(given) = given {
        return Ok(given.trim().to_owned());
    }
    if !std::io::stdin().is_terminal() || !printed::is_terminal() {
        return Ok(usual.to_owned());
    }
    let shown = if usual.is_empty() { String::new() } else { format!(" [{usual}]") };
    write!(out, "{question}{shown}: ")?;
    out.flush()?;
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    let line = line.trim();
    Ok(if line.is_empty() { usual.to_owned() } else { line.to_owned() })
}

/// A name for files and identifiers.
fn slug(title: &str) -> String {
    let mut slug = String::new();
    for c in title.to_lowercase().chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug: String = slug.trim_end_matches('-').chars().take(40).collect();
    if slug.starts_with(|c: char| c.is_ascii_alphabetic()) { slug } else { "release".to_owned() }
}

const HEAD: &str = r#"
[window]
duration = "1h"
rollback = "10m"

[[slot]]
id = "production"
title = "Production"

# Addresses stand in variables, so that no secret stands here: DATABASE_URL, SERVICE_URL.
[environments.production]
slot = "production"
protection = "protected"
"#;

const BEFORE: &str = r#"
[[phase]]
id = "before"
title = "Before the window"
slot = "production"

[[phase.section]]
id = "ready"
title = "Ready"

[[phase.section.item]]
id = "rehearsed"
title = "Rehearsed on staging"

[[phase.section.item]]
id = "backup"
title = "Backup taken and restored once"
"#;

const WINDOW: &str = r#"
[[phase]]
id = "window"
title = "Window"
slot = "production"
gate = ["before"]

[[phase.section]]
id = "steps"
title = "Steps"
order = "steps"

[[phase.section.item]]
id = "stop"
title = "Stop the service"
changes = true
"#;

const MIGRATE: &str = r#"
[[phase.section.item]]
id = "migrate"
title = "Migrate the database"
changes = true
timeout = "30m"
check = { kind = "migration", direction = "upgrade", to = "head" }
"#;

const START: &str = r#"
[[phase.section.item]]
id = "start"
title = "Start the new release"
changes = true
"#;

const CRITERIA: &str = r#"
[[phase]]
id = "criteria"
title = "Go/No-Go"
slot = "production"

[[phase.section]]
id = "now"
title = "At the decision"
"#;

const PEOPLE: &str = r#"
[[phase.section.item]]
id = "works"
title = "Key features work"
due = "decision"

[[signoff]]
id = "accepted"
title = "Release accepted"
phases = ["window", "criteria"]

[[signoff.role]]
id = "owner"
title = "Product owner"
"#;

fn checklist(id: &str, title: &str, migrator: &str, health: &str) -> String {
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let mut text = format!("format = 1\nid = {}\ntitle = {}\n{HEAD}", quoted(id), quoted(title));
    if !migrator.is_empty() {
        let (kind, command) = migrator_of(migrator);
        text += "database = \"${DATABASE_URL}\"\n";
        let _ =
            write!(text, "\n[environments.production.migrator]\nkind = \"{kind}\"\ncommand = {}\n", quoted(command));
    }
    if !health.is_empty() {
        text =
            text.replacen("protection = \"protected\"\n", "protection = \"protected\"\nurl = \"${SERVICE_URL}\"\n", 1);
    }
    text += BEFORE;
    text += WINDOW;
    if !migrator.is_empty() {
        text += MIGRATE;
    }
    text += START;
    if !health.is_empty() {
        let _ = write!(
            text,
            "\n[[phase.section.item]]\nid = \"healthy\"\ntitle = \"New release healthy\"\n\
             # Say what only a healthy answer holds: contains = \"ok\"\n\
             check = {{ kind = \"http\", path = {}, within = \"60s\" }}\n",
            quoted(health)
        );
    }
    text += CRITERIA;
    if !health.is_empty() {
        text += "\n[[phase.section.item]]\nid = \"healthy\"\ntitle = \"New release healthy\"\ndue = \"decision\"\n\
                 check = { kind = \"evidence\", of = [\"window/steps/healthy\"] }\n";
    }
    text + PEOPLE
}

/// The migrator that a command runs, and the command without the words that the migrator is given each time.
fn migrator_of(command: &str) -> (&'static str, &str) {
    let known = [("alembic", " upgrade"), ("flyway", " migrate"), ("dbmate", " up"), ("sqlx", " run")];
    let found = known.into_iter().find(|(name, _)| command.contains(name));
    found.map_or(("command", command), |(name, verb)| {
        (name, command.rsplit_once(verb).map_or(command, |(before, _)| before))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("Orders 2.0", "alembic upgrade head", "/health")]
    #[case("A \"quoted\" title", "", "/up?deep=1")]
    #[case("Лот", "cd db && dbmate up", "")]
    #[case("", "", "")]
    fn every_answer_makes_a_checklist_without_a_problem(
        #[case] title: &str,
        #[case] migrator: &str,
        #[case] health: &str,
    ) {
        let text = checklist(&slug(title), if title.is_empty() { "Release" } else { title }, migrator, health);
        let (read, problems) = lint::lint("new.toml", &text);
        assert!(problems.is_empty(), "{problems:#?}\n{text}");
        let items = read.unwrap().items().count();
        assert_eq!(items, 5 + usize::from(!migrator.is_empty()) + 2 * usize::from(!health.is_empty()));
    }

    #[test]
    fn a_migrator_is_known_by_its_command() {
        assert_eq!(migrator_of("cd api && alembic upgrade head"), ("alembic", "cd api && alembic"));
        assert_eq!(migrator_of("dbmate up"), ("dbmate", "dbmate"));
        assert_eq!(migrator_of("make migrate"), ("command", "make migrate"));
    }

    #[test]
    fn a_title_becomes_a_name() {
        assert_eq!(slug("Orders 2.0: the big one!"), "orders-2-0-the-big-one");
        assert_eq!(slug("2026"), "release");
    }
}
