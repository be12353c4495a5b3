//! The panes of a plan with what they look at: environments with their variables in place, and their databases.

use super::database::EnvironmentDatabase;
use super::probes::Probes;
use super::sources as host;
use crate::attempts::checks::http::token::kept;
use crate::attempts::supervisor::secrets_of;
use crate::checklist::auth::Auth;
use crate::checklist::check::Check;
use crate::checklist::pane::{Asks, Pane, Source as PaneSource};
use crate::checklist::{Environment, EnvironmentKind, EnvironmentName, PaneId};
use crate::config::variables::{self, Resolved, Source};
use crate::deployment::Plan;
use crate::metrics::Probe;
use crate::metrics::probe::{Authority, Manner, Session};
use crate::metrics::sampler::{LIMIT, SIMULATED_LIMIT, Watched};
use crate::metrics::sources::{self, Never, Query, Reach, SourceError, Take};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A command may take as long as it says, and no longer than this.
const LONGEST: Duration = Duration::from_mins(1);

/// Every pane whose slot is filled, but for availability that another pane's samples show. One that can never be asked says why as
/// its gap.
pub(super) fn watched(plan: &Plan, home: &Path, evidence: &Path, probes: &Probes) -> Vec<Watched> {
    let mut databases = HashMap::new();
    let clients = Clients::default();
    let sessions = Sessions::default();
    let mut watched = Vec::new();
    for pane in plan.checklist().panes.iter().filter(|pane| !probes.takes(&pane.id)) {
        let Some((name, environment)) = plan.environment_in(&pane.slot) else { continue };
        let at = Place { home, evidence, clients: &clients, sessions: &sessions };
        let source = match &pane.source {
            PaneSource::Availability { of, .. } => {
                Err(SourceError::Unwatched { pane: of.clone(), environment: name.clone() })
            }
            _ => take(pane, (name, environment), &at, &mut databases),
        };
        watched.push(Watched {
            pane: pane.clone(),
            environment_name: name.clone(),
            target: target(pane, name),
            sampled_ago: None,
            backs_off: !is_probe(plan, &pane.id),
            limit: limit(pane, environment),
            source: source.unwrap_or_else(|why| Box::new(Never(why.to_string()))),
        });
    }
    watched
}

/// Whether the availability of what a pane asks counts: another pane's, or that of a watch.
fn is_probe(plan: &Plan, pane: &PaneId) -> bool {
    let checklist = plan.checklist();
    let of = |other: &Pane| matches!(&other.source, PaneSource::Availability { of, .. } if of == pane);
    checklist.panes.iter().any(of)
        || checklist.items().any(|item| {
            let watched = matches!(&item.check, Check::Watch(watch) if watch.pane == *pane);
            watched && item.targets.iter().any(|target| target.measure == "availability")
        })
}

struct Place<'a> {
    home: &'a Path,
    evidence: &'a Path,
    clients: &'a Clients,
    sessions: &'a Sessions,
}

/// Panes that trust the same certificates share their connections.
#[derive(Default)]
struct Clients(Mutex<BTreeMap<(bool, Option<String>), Probe>>);

impl Clients {
    fn of(&self, simulated: bool, ca: Option<String>, home: &Path) -> Result<Probe, SourceError> {
        let mut clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (simulated, ca);
        if let Some(probe) = clients.get(&key) {
            return Ok(probe.clone());
        }
        let authority = key.1.as_ref().map(|ca| Authority::read(ca, home)).transpose()?;
        let probe = Probe::with(Manner { simulated, authority, ..Manner::default() });
        clients.insert(key, probe.clone());
        Ok(probe)
    }
}

/// One login an environment, however many panes ask.
#[derive(Default)]
struct Sessions(Mutex<BTreeMap<EnvironmentName, Arc<Session>>>);

impl Sessions {
    fn of(
        &self,
        name: &EnvironmentName,
        auth: &Auth,
        base: &str,
        evidence: &Path,
    ) -> Result<Arc<Session>, SourceError> {
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(session) = sessions.get(name) {
            return Ok(Arc::clone(session));
        }
        let session = Arc::new(Session::new(auth, base, None)?);
        session.keep(kept(evidence));
        sessions.insert(name.clone(), Arc::clone(&session));
        Ok(session)
    }
}

fn take(
    pane: &Pane,
    (name, written): (&EnvironmentName, &Environment),
    at: &Place<'_>,
    databases: &mut HashMap<(String, Option<String>), Arc<dyn Query>>,
) -> Result<Box<dyn Take>, SourceError> {
    let values = Source::of(written.kind, at.home).map_err(|error| SourceError::Written(error.to_string()))?;
    let Resolved { environment, mut variables } = variables::resolve_known(written, &values);
    let needed = match pane.source.asks() {
        Asks::Service => written.url.as_deref().filter(|_| environment.url.is_none()),
        Asks::Database => written.database.as_deref().filter(|_| environment.database.is_none()),
        Asks::Host => written.shell.as_deref().filter(|_| environment.shell.is_none()),
        Asks::Elsewhere | Asks::Pane => None,
    };
    let ca = pane.ca.as_ref().or(written.ca.as_ref()).filter(|_| pane.source.may_use_tls());
    for text in pane.source.texts().into_iter().chain(needed).chain(ca.map(String::as_str)) {
        for variable in variables::names_in(text) {
            if let Some(value) = values.get(&variable) {
                variables.insert(variable, value.to_owned());
            }
        }
    }
    let expand = |text: &str| variables::expand(text, &variables).ok_or_else(|| unset(text, &values));
    // Where nothing can be asked without it, its absence is the reason.
    needed.map_or(Ok(String::new()), expand)?;
    let ca = ca.map(|ca| expand(ca)).transpose()?;
    let probe = at.clients.of(environment.kind == EnvironmentKind::Rehearsal, ca, at.home)?;
    let query = environment.database.clone().map(|url| {
        // Panes of one database share its connection, where they take the same role there.
        let role = environment.observer_role.clone();
        let shared = databases.entry((url.clone(), role.clone()));
        Arc::clone(shared.or_insert_with(|| Arc::new(EnvironmentDatabase::new(url, role, at.home.to_owned()))))
    });
    let session = |auth: &Auth, base: &str| at.sessions.of(name, auth, base, at.evidence);
    let reach = Reach { name, environment: &environment, query, probe, session: &session, expand: &expand };
    if let Some(source) = sources::of(pane, &reach)? {
        return Ok(source);
    }
    let pane = expanded(pane, &expand)?;
    let resolved = Resolved { environment: environment.clone(), variables: variables.clone() };
    let on = host::Host {
        environment: &environment,
        variables: &variables,
        home: at.home,
        evidence: at.evidence,
        secrets: Arc::new(secrets_of(written, &resolved).remembering(at.evidence)),
    };
    let source = host::of(&pane, &on).map_err(SourceError::Written)?;
    source.ok_or_else(|| SourceError::Written("nothing takes numbers of this kind".to_owned()))
}

/// Paths with their variables in place; a command is handed to the shell, which does so itself.
fn expanded(pane: &Pane, expand: &dyn Fn(&str) -> Result<String, SourceError>) -> Result<Pane, SourceError> {
    let mut pane = pane.clone();
    let texts = match &mut pane.source {
        PaneSource::Log { path, .. } => vec![path],
        PaneSource::Host(host) => vec![&mut host.pid_file, &mut host.path],
        PaneSource::Command { run, .. } => {
            expand(run)?;
            Vec::new()
        }
        PaneSource::Latency { .. }
        | PaneSource::Header { .. }
        | PaneSource::Http(_)
        | PaneSource::Prometheus(_)
        | PaneSource::Promql { .. }
        | PaneSource::Sql { .. }
        | PaneSource::DatabaseSize
        | PaneSource::Postgres { .. }
        | PaneSource::Availability { .. } => Vec::new(),
    };
    for text in texts.into_iter().flatten() {
        *text = expand(text)?;
    }
    Ok(pane)
}

fn unset(text: &str, values: &Source) -> SourceError {
    SourceError::Unset(variables::names_in(text).into_iter().filter(|name| values.get(name).is_none()).collect())
}

/// What a pane asks: one request at a time is under way there. Commands on a host wait for nobody.
fn target(pane: &Pane, name: &EnvironmentName) -> String {
    match (&pane.source, pane.source.asks()) {
        (PaneSource::Latency { path } | PaneSource::Header { path, .. }, _) => format!("service of {name} {path}"),
        (PaneSource::Http(http), _) => format!("service of {name} {}", http.path),
        (PaneSource::Prometheus(scrape), _) => format!("service of {name} {}", scrape.path),
        (_, Asks::Database) => format!("database of {name}"),
        (PaneSource::Promql { server, .. }, Asks::Elsewhere) => format!("server {server}"),
        (_, Asks::Service | Asks::Host | Asks::Elsewhere | Asks::Pane) => format!("{} of {name}", pane.id),
    }
}

fn limit(pane: &Pane, environment: &Environment) -> Duration {
    match &pane.source {
        PaneSource::Command { timeout: Some(timeout), .. } => timeout.duration().min(LONGEST),
        _ if environment.kind == EnvironmentKind::Rehearsal => SIMULATED_LIMIT,
        _ => LIMIT,
    }
}
