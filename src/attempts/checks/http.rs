//! Requests to the environment's service: does it answer as it should, how fast, and at the cost of how many queries.

pub(super) mod answer;
mod answering;
mod expected;
mod load;
mod queries;
mod request;
mod tally;
pub(crate) mod token;
mod waiting;

use crate::attempts::{Assignment, Console};
use crate::checklist::EnvironmentKind;
use crate::checklist::check::{Http, Reachability, Redirects};
use crate::config::variables;
use crate::deployment::attempt::{End, Outcome};
use crate::deployment::measurement::evaluate;
use crate::deployment::progress::Progress;
use crate::deployment::{Measurement, Verdict};
use crate::metrics::Probe;
use crate::metrics::probe::{Authority, Manner, Request, Session, address, origin};
use answer::Expected;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tally::Tally;

/// What the parts of this check share.
struct Visit<'a> {
    http: &'a Http,
    request: Request,
    expected: Arc<Expected>,
    probe: Probe,
    session: Arc<Session>,
    /// The counted requests so far, also when there is no time for the rest.
    counted: Mutex<Option<Tally>>,
    console: &'a dyn Console,
    started: Instant,
}

/// A request with everything that sending it and looking at its answer takes.
pub(super) struct Prepared {
    pub request: Request,
    pub expected: Arc<Expected>,
    pub probe: Probe,
    pub session: Arc<Session>,
    pub authority: Option<Authority>,
}

/// What a visit came to, before it is an outcome.
#[derive(Debug, Clone, PartialEq)]
struct Finding {
    verdict: Verdict,
    detail: String,
    measured: Vec<Measurement>,
}

/// Carries out an http check, or as much of it as there was time for.
pub async fn carry_out(assignment: &Assignment, http: &Http, console: &dyn Console) -> Outcome {
    let started = Instant::now();
    let (end, finding) = match prepare(assignment, http, console, started) {
        Err(why) => (End::NotStarted, Finding { verdict: Verdict::Inconclusive, detail: why, measured: Vec::new() }),
        Ok(visit) => tokio::select! {
            finding = visit.carry_out(assignment) => (End::Completed, finding),
            end = assignment.stopped() => (end, visit.cut_short(end)),
        },
    };
    console.line(&finding.detail);
    Outcome {
        exit: None,
        signal: None,
        took_ms: millis(started.elapsed()),
        end,
        verdict: finding.verdict,
        detail: finding.detail,
        measured: finding.measured,
        tables: Vec::new(),
        output: None,
        made: None,
        revision: None,
        left: Vec::new(),
        attested: None,
    }
}

fn prepare<'a>(
    assignment: &Assignment,
    http: &'a Http,
    console: &'a dyn Console,
    started: Instant,
) -> Result<Visit<'a>, String> {
    let Prepared { request, expected, probe, session, .. } = Prepared::of(assignment, http)?;
    console.line(&format!("{} {} at {}", request.method, http.path, origin(&request.url)));
    Ok(Visit { http, request, expected, probe, session, counted: Mutex::default(), console, started })
}

impl Prepared {
    /// # Errors
    /// A sentence without secrets when no request can be made of it.
    pub(super) fn of(assignment: &Assignment, http: &Http) -> Result<Self, String> {
        let base = assignment.environment.url.as_deref();
        let base =
            base.ok_or_else(|| format!("{} has no url; give it one in the checklist", assignment.environment_name))?;
        let http = &request::expanded(assignment, http)?;
        let url = address(base, &http.path).map_err(|why| why.to_string())?;
        let learn = answer::learn(&assignment.secrets);
        answer::learn_address(&url, &assignment.secrets);
        request::learn(assignment, http);
        let auth = assignment.environment.auth.as_ref();
        let auth = auth.filter(|_| !http.anonymous && http.expect == Reachability::Answers);
        let session = match auth {
            Some(auth) => token::session(assignment, auth, base)?,
            None => Arc::new(Session::open()),
        };
        session.tell(learn);
        let expected = Expected::new(http, Arc::clone(&assignment.secrets))?;
        let request = request::build(assignment, http, url)?;
        let same_host = http.redirects == Redirects::SameHost;
        let simulated = assignment.environment.kind == EnvironmentKind::Rehearsal;
        let authority = authority(assignment, http)?;
        let probe = Probe::with(Manner {
            cookies: Some(session.cookies()),
            same_host,
            simulated,
            authority: authority.clone(),
        });
        Ok(Self { request, expected: Arc::new(expected), probe, session, authority })
    }
}

/// The check's own certificates, else the environment's.
fn authority(assignment: &Assignment, http: &Http) -> Result<Option<Authority>, String> {
    let own = http.ca.as_deref().map(|ca| variables::expand(ca, &assignment.variables).unwrap_or_default());
    let path = own.or_else(|| assignment.environment.ca.clone());
    path.map(|path| Authority::read(&path, &assignment.home)).transpose().map_err(|why| why.to_string())
}

impl Visit<'_> {
    async fn carry_out(&self, assignment: &Assignment) -> Finding {
        if self.http.expect == Reachability::Silent {
            return self.evaluated(assignment, self.until_silent().await);
        }
        let mut measured = Vec::new();
        let mut first = None;
        if self.http.within.is_some() {
            match self.until_as_expected().await {
                Ok((waited, answer)) => {
                    measured.push(waited);
                    first = Some(answer);
                }
                Err(finding) => return finding,
            }
        }
        let mut finding = self.load(assignment, first).await;
        finding.measured.append(&mut measured);
        for (verdict, sentence) in self.prove(assignment).await {
            finding.verdict = finding.verdict.and(verdict);
            finding.detail = format!("{}; {sentence}", finding.detail);
        }
        self.evaluated(assignment, finding)
    }

    /// Figures of a part are reported as such. They are kept too: nothing passes by them, for the attempt itself did not.
    fn cut_short(&self, end: End) -> Finding {
        let (verdict, why) = match end {
            End::TimedOut => (Verdict::Fail, "not done within the item's timeout"),
            _ => (Verdict::Inconclusive, "stopped before it was done"),
        };
        let counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(tally) = counted.as_ref().filter(|_| self.http.requests > 1) else {
            return Finding { verdict, detail: why.to_owned(), measured: Vec::new() };
        };
        let mut detail = format!("{why}; cut off after {} of {} requests", tally.done(), self.http.requests);
        let (kinds, mut measured) = (tally.kinds(), tally.latencies());
        if !kinds.is_empty() {
            let _ = write!(detail, ", {} not as expected ({kinds})", tally.errors());
        }
        let reported: Vec<String> = measured.iter().map(ToString::to_string).collect();
        if !reported.is_empty() {
            let _ = write!(detail, "; of these {}", reported.join(", "));
        }
        measured.push(Measurement::new("errors", f64::from(tally.errors()), "errors"));
        Finding { verdict, detail, measured }
    }

    /// Holds what was found against the item's targets; a finding that is worse already stays so.
    fn evaluated(&self, assignment: &Assignment, finding: Finding) -> Finding {
        let (verdict, sentence) = evaluate(&assignment.item.targets, &finding.measured);
        let parts: Vec<_> = [sentence, finding.detail].into_iter().filter(|part| !part.is_empty()).collect();
        for measurement in &finding.measured {
            self.console.line(&format!("  {measurement}"));
        }
        Finding { verdict: finding.verdict.and(verdict), detail: parts.join("; "), measured: finding.measured }
    }

    fn progress(&self, stage: &str, began: Instant, done: u64, total: Option<u64>, unit: &str, words: &str) {
        self.console.progress(&Progress {
            stage: stage.to_owned(),
            done,
            total,
            unit: unit.to_owned(),
            words: words.to_owned(),
            elapsed_ms: millis(self.started.elapsed()),
            stage_began_ms: millis(began.saturating_duration_since(self.started)),
            ..Progress::default()
        });
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Seconds with three decimals at most.
fn seconds(duration: Duration) -> f64 {
    millis(duration) as f64 / 1_000.0
}
