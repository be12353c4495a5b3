//! Taking one number from a pane's source.

use super::query::{Answering, QueryFailure};
use super::{LIMIT, Query, Watched};
use crate::checklist::check;
use crate::checklist::pane::{PrometheusReading, Source};
use crate::metrics::probe::{self, Answer, Failure, Probe, Request, Session};
use crate::metrics::prometheus::{Exposition, Reading, Selector, parse_lenient};
use reqwest::Url;
use std::sync::Arc;
use tokio::time::Instant;

/// Why there is no number now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// The target did not answer.
    Down(String),
    /// It answered, and nothing can be made of that.
    Unusable(String),
}

/// A pane's source, ready to be read, with what it must remember in between.
pub struct Reader {
    way: Way,
    asks: Asks,
}

/// How the service is asked: with the environment's `auth`, but for tokens that a command prints.
struct Asks {
    probe: Probe,
    session: Session,
}

enum Way {
    Latency(Url),
    Header(Url, String),
    Value(Url, Selector),
    Rate(Url, Selector, Option<(Instant, Option<Reading>)>),
    Sql(Arc<dyn Query>, check::Query),
    Size(Arc<dyn Query>),
    /// It can never be read, and why.
    Never(String),
}

impl Reader {
    pub fn new(watched: &Watched, probe: Probe) -> Self {
        let auth = watched.environment.auth.as_ref().zip(watched.environment.url.as_deref());
        let session = auth.map_or_else(|| Ok(Session::open()), |(auth, base)| Session::new(auth, base, None));
        match session {
            Ok(session) => Self { way: way(watched).unwrap_or_else(Way::Never), asks: Asks { probe, session } },
            Err(why) => Self { way: Way::Never(why), asks: Asks { probe, session: Session::open() } },
        }
    }

    /// Takes one number. Dropping this ends the request.
    pub async fn read(&mut self) -> Result<f64, Missing> {
        let probe = &self.asks;
        match &mut self.way {
            Way::Latency(url) => Ok(ask(probe, url).await?.took.as_secs_f64() * 1_000.0),
            Way::Header(url, name) => header(&ask(probe, url).await?, name),
            Way::Value(url, selector) => {
                let exposition = scrape(probe, url).await?;
                selector.sum(&exposition).ok_or_else(|| no_series(selector))
            }
            Way::Rate(url, selector, before) => {
                let exposition = scrape(probe, url).await?;
                let now = (Instant::now(), Reading::take(&exposition, selector));
                rate(selector, before.replace(now.clone()), now)
            }
            Way::Sql(database, query) => answered(database.number(query)).await,
            Way::Size(database) => answered(database.size()).await,
            Way::Never(why) => Err(Missing::Unusable(why.clone())),
        }
    }
}

fn way(watched: &Watched) -> Result<Way, String> {
    let address = |path: &str| {
        let base = watched.environment.url.as_deref();
        let base = base.ok_or_else(|| format!("{} has no url", watched.environment_name))?;
        probe::address(base, path)
    };
    let database = || {
        let query = watched.query.clone();
        query.ok_or_else(|| format!("the database of {} is not open", watched.environment_name))
    };
    if let Some(why) = &watched.refused {
        return Err(why.clone());
    }
    Ok(match &watched.pane.source {
        Source::Latency { path } => Way::Latency(address(path)?),
        Source::Header { path, header } => Way::Header(address(path)?, header.clone()),
        Source::Prometheus { metric, reading } => {
            let (url, selector) = (address("/metrics")?, Selector::parse(metric)?);
            match reading {
                PrometheusReading::Value => Way::Value(url, selector),
                PrometheusReading::Rate => Way::Rate(url, selector, None),
            }
        }
        Source::Sql { query } => Way::Sql(database()?, query.clone()),
        Source::DatabaseSize => Way::Size(database()?),
    })
}

async fn ask(asks: &Asks, url: &Url) -> Result<Answer, Missing> {
    let answer =
        asks.session.send(&asks.probe, Request::get(url.clone()).within(LIMIT)).await.map_err(Missing::from)?;
    if answer.is_success() { Ok(answer) } else { Err(Missing::Unusable(format!("answered {}", answer.status))) }
}

async fn scrape(probe: &Asks, url: &Url) -> Result<Exposition, Missing> {
    let read = parse_lenient(&ask(probe, url).await?.body);
    match read.first {
        Some(error) if read.exposition.samples.is_empty() => {
            Err(Missing::Unusable(format!("/metrics holds no metrics: {error}")))
        }
        _ => Ok(read.exposition),
    }
}

fn header(answer: &Answer, name: &str) -> Result<f64, Missing> {
    let text = answer.header(name).ok_or_else(|| Missing::Unusable(format!("the answer has no header {name}")))?;
    text.trim().parse().map_err(|_| Missing::Unusable(format!("the header {name} holds no number")))
}

/// The increase a second since the reading before. A counter that fell began anew at zero.
fn rate(
    selector: &Selector,
    before: Option<(Instant, Option<Reading>)>,
    now: (Instant, Option<Reading>),
) -> Result<f64, Missing> {
    let reading = now.1.ok_or_else(|| no_series(selector))?;
    let Some((then, Some(earlier))) = before else {
        return Err(Missing::Unusable("a rate needs two readings".to_owned()));
    };
    let seconds = now.0.saturating_duration_since(then).as_secs_f64();
    if seconds <= 0.0 {
        return Err(Missing::Unusable("two readings at the same moment".to_owned()));
    }
    Ok(reading.since(&earlier).amount() / seconds)
}

fn no_series(selector: &Selector) -> Missing {
    Missing::Unusable(format!("/metrics has no {selector}"))
}

async fn answered(answering: Answering<'_>) -> Result<f64, Missing> {
    answering.await.map_err(|failure| match failure {
        QueryFailure::Unreachable(why) => Missing::Down(why),
        QueryFailure::NoNumber(why) => Missing::Unusable(why),
    })
}

impl From<Failure> for Missing {
    fn from(failure: Failure) -> Self {
        Missing::Down(failure.reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::prometheus::parse;
    use std::time::Duration;

    fn reading(text: &str, selector: &Selector) -> Option<Reading> {
        Reading::take(&parse(text.as_bytes()).unwrap(), selector)
    }

    #[test]
    fn a_rate_is_an_increase_a_second_also_across_a_restart() {
        let selector = Selector::parse("q").unwrap();
        let then = Instant::now();
        let now = then + Duration::from_secs(2);
        let take = |before: &str, after: &str| {
            rate(&selector, Some((then, reading(before, &selector))), (now, reading(after, &selector)))
        };
        assert_eq!(take("q 10", "q 30"), Ok(10.0));
        assert_eq!(take("q 1000", "q 6"), Ok(3.0));
        assert_eq!(take("q 10", "other 1"), Err(Missing::Unusable("/metrics has no q".into())));
        let first = rate(&selector, None, (now, reading("q 5", &selector)));
        assert_eq!(first, Err(Missing::Unusable("a rate needs two readings".into())));
    }
}
