//! What the metrics of an environment need where the collector is started: variables, Prometheus servers, logs.

use super::looks::service;
use super::{Look, State};
use crate::checklist::pane::{Pane, Source as PaneSource};
use crate::checklist::{Environment, EnvironmentKind, EnvironmentName};
use crate::config::variables::{self, Source};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

pub(super) async fn look(
    (name, environment): (&EnvironmentName, &Environment),
    panes: &[Pane],
    home: &Path,
) -> Vec<Look> {
    // What cannot be read is said of the environment already.
    let Ok(source) = Source::of(environment.kind, home) else { return Vec::new() };
    let panes: Vec<&Pane> = panes.iter().filter(|pane| pane.slot == environment.slot).collect();
    let mut found = set(environment, &panes, &source);
    let mut asked = BTreeSet::new();
    for pane in &panes {
        if let PaneSource::Promql { server, .. } = &pane.source
            && asked.insert(server)
        {
            found.extend(answers(pane, server, environment, &source, home).await);
        }
    }
    found.extend(panes.iter().filter_map(|pane| log(pane, environment, &source, home)));
    let look = |(state, text)| Look { environment: Some(name.clone()), about: "metrics", state, text };
    found.into_iter().map(look).collect()
}

/// The variables that metrics name, but for those of the environment, which have their own line.
fn set(environment: &Environment, panes: &[&Pane], source: &Source) -> Vec<(State, String)> {
    let known = variables::named(environment);
    let mut wanted: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for pane in panes {
        for text in pane.source.texts().into_iter().chain(pane.ca.as_deref()) {
            for variable in variables::names_in(text).into_iter().filter(|variable| !known.contains(variable)) {
                let of = wanted.entry(variable).or_default();
                if !of.contains(&pane.id.as_str()) {
                    of.push(pane.id.as_str());
                }
            }
        }
    }
    let place = match environment.kind {
        EnvironmentKind::Real => "export it where the cockpit or `gonogo collect` is started, the collector needs it",
        EnvironmentKind::Rehearsal => "set it in rehearsal.toml",
    };
    let missing = wanted.iter().filter(|(variable, _)| source.get(variable).is_none());
    let mut found: Vec<(State, String)> = missing
        .map(|(variable, of)| (State::Failed, format!("{variable} not set, for {}: {place}", of.join(", "))))
        .collect();
    if found.is_empty() && !wanted.is_empty() {
        let names: Vec<&str> = wanted.keys().map(String::as_str).collect();
        found.push((State::Ok, format!("{} set: {}; the collector needs them too", names.len(), names.join(", "))));
    }
    found
}

/// Whether a Prometheus server answers; nothing where its address is not known.
async fn answers(
    pane: &Pane,
    server: &str,
    environment: &Environment,
    source: &Source,
    home: &Path,
) -> Option<(State, String)> {
    let value = |name: String| source.get(&name).map(|value| (name.clone(), value.to_owned()));
    let ca = pane.ca.as_ref().or(environment.ca.as_ref());
    let names = variables::names_in(server).into_iter().chain(ca.into_iter().flat_map(|ca| variables::names_in(ca)));
    let values: BTreeMap<String, String> = names.filter_map(value).collect();
    let url = variables::expand(server, &values)?;
    let ca = ca.map(|ca| variables::expand(ca, &values));
    let (_, state, text) = service(&url, ca.flatten().as_deref(), home).await;
    // Shown as it is written: what a variable holds may be secret.
    Some((state, format!("Prometheus server `{server}`: {text}")))
}

/// A log of its own that is not there.
fn log(pane: &Pane, environment: &Environment, source: &Source, home: &Path) -> Option<(State, String)> {
    let PaneSource::Log { path: Some(path), .. } = &pane.source else { return None };
    let resolved = variables::resolve_known(environment, source).environment;
    if resolved.shell.is_some() {
        return None;
    }
    let value = |name: String| source.get(&name).map(|value| (name.clone(), value.to_owned()));
    let path = variables::expand(path, &variables::names_in(path).into_iter().filter_map(value).collect())?;
    let folder = resolved.folder.map_or_else(|| home.to_owned(), |folder| home.join(folder));
    let is_there = folder.join(&path).exists();
    (!is_there).then(|| (State::Warning, format!("log {path} of `{}` does not exist", pane.id)))
}
