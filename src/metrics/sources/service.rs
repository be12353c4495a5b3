//! A request to the environment's service: with its `auth`, but for tokens that a command prints.

use super::{Missing, Reach, SourceError};
use crate::checklist::EnvironmentKind;
use crate::metrics::probe::{self, Answer, Probe, Request, Session};
use crate::metrics::sampler::{LIMIT, SIMULATED_LIMIT};
use reqwest::Url;
use std::sync::Arc;
use std::time::Duration;

/// An address of the service, and how it is asked.
pub struct Service {
    pub url: Url,
    probe: Probe,
    session: Arc<Session>,
    limit: Duration,
}

impl Service {
    /// `path` below the environment's URL.
    ///
    /// # Errors
    /// Without a URL, or with one that is none.
    pub fn of(reach: &Reach<'_>, path: &str) -> Result<Self, SourceError> {
        let base = reach.environment.url.as_deref().ok_or_else(|| SourceError::NoUrl(reach.name.clone()))?;
        let session = match &reach.environment.auth {
            Some(auth) => (reach.session)(auth, base)?,
            None => Arc::new(Session::open()),
        };
        let simulated = reach.environment.kind == EnvironmentKind::Rehearsal;
        let limit = if simulated { SIMULATED_LIMIT } else { LIMIT };
        Ok(Self { url: probe::address(base, path)?, probe: reach.probe.clone(), session, limit })
    }

    /// Follows redirects that stay on the host from here on.
    pub fn follow_redirects(&mut self) {
        self.probe = self.probe.following();
    }

    pub async fn get(&self) -> Result<Answer, Missing> {
        succeeded(self.send(Request::get(self.url.clone())).await?)
    }

    /// Sends a request; the answer may have any status.
    pub async fn send(&self, request: Request) -> Result<Answer, Missing> {
        self.session.send(&self.probe, request.within(self.limit)).await.map_err(Missing::from)
    }
}

pub(super) fn succeeded(answer: Answer) -> Result<Answer, Missing> {
    // Nothing here asks for a part.
    if answer.status == 206 {
        return Err(Missing::Unusable("answered 206: only a part of the answer".to_owned()));
    }
    if answer.is_success() {
        return Ok(answer);
    }
    let to = answer.redirect().map(|to| format!(" (redirect to {to}, not followed)")).unwrap_or_default();
    let why = format!("answered {}{to}", answer.status);
    // An error of the service's own; others may be those of who asks.
    Err(if answer.status >= 500 { Missing::Failing(why) } else { Missing::Unusable(why) })
}
