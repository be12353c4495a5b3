//! `gonogo doctor`: what a captain should know the day before. Are the variables set, do database, service, migrator and
//! folders answer, and what may the roles do? Nothing is changed, and every question has a limit.

mod looks;
mod rights;

use super::{Failure, open, preflight};
use crate::checklist::lint::answering;
use crate::checklist::{Checklist, Environment, EnvironmentName};
use crate::cli::reading::Doctor;
use crate::ledger::Ledger;
use serde::Serialize;
use std::io::Write;
use std::path::Path;

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Look {
    pub environment: Option<EnvironmentName>,
    pub about: &'static str,
    pub state: State,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum State {
    Ok,
    /// It works, and may surprise.
    Warning,
    Failed,
    /// It could not be found out.
    NotMeasured,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
            Self::NotMeasured => "not measured",
        }
    }
}

#[derive(Serialize)]
struct Report<'a> {
    format: u32,
    looks: &'a [Look],
}

/// Exit status 1 when something failed.
pub(crate) async fn doctor(asked: &Doctor, out: &mut dyn Write) -> Result<u8, Failure> {
    let (checklist, home) = preflight::checklist(&asked.checklist, &asked.over)?;
    let mut all = looks::host(&home);
    for (name, environment) in chosen(asked, &checklist)? {
        let wanted = rights::Wanted::of(&checklist, environment);
        let panes: Vec<_> = checklist.panes.iter().filter(|pane| pane.slot == environment.slot).collect();
        all.extend(looks::environment(name, environment, &home, wanted, &panes).await);
        if answering::is_unproven(&checklist, &environment.slot) {
            let text = "its database is not proven: no http check asks with `own_database = true` (on this machine)";
            let (environment, text) = (Some(name.clone()), text.to_owned());
            all.push(Look { environment, about: "service", state: State::Warning, text });
        }
    }
    if asked.json {
        serde_json::to_writer_pretty(&mut *out, &Report { format: 1, looks: &all }).map_err(std::io::Error::from)?;
        writeln!(out)?;
    } else {
        tell(&all, out)?;
    }
    Ok(u8::from(all.iter().any(|look| look.state == State::Failed)))
}

fn chosen<'a>(
    asked: &Doctor,
    checklist: &'a Checklist,
) -> Result<Vec<(&'a EnvironmentName, &'a Environment)>, Failure> {
    if !asked.env.is_empty() {
        let found = |name: &String| {
            let known = checklist.environments.iter().find(|(known, _)| known.as_str() == name);
            known.ok_or_else(|| preflight::no_environment(checklist, name))
        };
        return asked.env.iter().map(found).collect();
    }
    let bound = if open::is_ledger(&asked.checklist) {
        let ledger = Ledger::open(Path::new(&asked.checklist))?;
        Some(ledger.plan().bindings().values().cloned().collect::<Vec<_>>())
    } else {
        None
    };
    let all = checklist.environments.iter();
    Ok(all.filter(|(name, _)| bound.as_ref().is_none_or(|bound| bound.contains(name))).collect())
}

fn tell(all: &[Look], out: &mut dyn Write) -> Result<(), Failure> {
    let mut before = None;
    for look in all {
        if before != Some(&look.environment) {
            let name = look.environment.as_ref().map_or("this host", EnvironmentName::as_str);
            writeln!(out, "{}{name}", if before.is_some() { "\n" } else { "" })?;
            before = Some(&look.environment);
        }
        writeln!(out, "  {:<13} {:<10} {}", look.state.word(), look.about, look.text)?;
    }
    let count = |state| all.iter().filter(|look| look.state == state).count();
    let (failed, warnings) = (count(State::Failed), count(State::Warning));
    writeln!(out, "\n{failed} failed, {warnings} warnings, {} not measured", count(State::NotMeasured))?;
    Ok(())
}
