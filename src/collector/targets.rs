//! The panes of a plan with what they look at: environments with their variables in place, and their databases.

use super::database::EnvironmentDatabase;
use crate::checklist::Environment;
use crate::checklist::pane::{Pane, Source as PaneSource};
use crate::config::variables::{self, Source};
use crate::deployment::Plan;
use crate::metrics::sampler::{Query, Watched};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// Every pane whose slot is filled. One whose variables are not set says so as its gap.
pub fn watched(plan: &Plan, home: &Path) -> Vec<Watched> {
    // Panes of one database share its connection.
    let mut databases: HashMap<String, Arc<dyn Query>> = HashMap::new();
    let mut watched = Vec::new();
    for pane in &plan.checklist().panes {
        let Some((name, environment)) = plan.environment_in(&pane.slot) else { continue };
        let (resolved, refused) = match Source::of(environment.kind, home) {
            Ok(source) => {
                let resolved = variables::resolve_known(environment, &source).environment;
                let refused = unset(pane, environment, &resolved, &source);
                (resolved, refused)
            }
            Err(error) => (environment.clone(), Some(error.to_string())),
        };
        let query = resolved.database.clone().filter(|_| refused.is_none()).map(|url| {
            let shared = databases.entry(url.clone());
            Arc::clone(shared.or_insert_with(|| Arc::new(EnvironmentDatabase::new(url, home.to_owned()))))
        });
        let environment_name = name.clone();
        watched.push(Watched { pane: pane.clone(), environment_name, environment: resolved, query, refused });
    }
    watched
}

/// The variables that a pane needs and that are not set.
fn unset(pane: &Pane, written: &Environment, resolved: &Environment, source: &Source) -> Option<String> {
    let (text, is_there) = match &pane.source {
        PaneSource::Sql { .. } | PaneSource::DatabaseSize => (&written.database, resolved.database.is_some()),
        PaneSource::Latency { .. } | PaneSource::Header { .. } | PaneSource::Prometheus { .. } => {
            (&written.url, resolved.url.is_some())
        }
    };
    let names = variables::names_in(text.as_deref().filter(|_| !is_there)?);
    let missing: Vec<String> = names.into_iter().filter(|name| source.get(name).is_none()).collect();
    let verb = if missing.len() == 1 { "is" } else { "are" };
    (!missing.is_empty()).then(|| format!("{} {verb} not set where the collector was started", missing.join(", ")))
}
