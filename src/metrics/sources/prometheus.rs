//! `prometheus`: samples of the service's own metrics: as they are, as a rate, or as a quantile of a histogram.

use super::service::Service;
use super::{Missing, Reach, SourceError, Take, Taking};
use crate::checklist::pane::{self, Aggregate, PrometheusReading};
use crate::metrics::probe::Request;
use crate::metrics::prometheus::{Exposition, Quantile, Reading, Selector, parse_lenient};
use reqwest::header::{ACCEPT, HeaderValue};
use std::time::Duration;
use tokio::time::Instant;

/// The forms that are read, the fuller one first.
const FORMS: &str = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

/// How long observations count for a quantile, at least.
const WINDOW: Duration = Duration::from_mins(1);

pub(super) struct Scrape {
    service: Service,
    path: String,
    selector: Selector,
    over_series: Aggregate,
    way: Way,
}

enum Way {
    Value,
    Rate(Option<(Instant, Option<Reading>)>),
    Quantile(Quantile),
}

impl Scrape {
    /// # Errors
    /// When the selector selects nothing, or the service has no address.
    pub(super) fn new(source: &pane::Prometheus, reach: &Reach<'_>, every: Duration) -> Result<Self, SourceError> {
        let selector = Selector::parse(&source.metric)?;
        let (selector, way) = match source.reading {
            PrometheusReading::Value => (selector, Way::Value),
            PrometheusReading::Rate => (selector, Way::Rate(None)),
            PrometheusReading::Quantile(quantile) => {
                let window = WINDOW.max(every.saturating_mul(2));
                (selector.with_suffix("_bucket"), Way::Quantile(Quantile::new(quantile, window)))
            }
        };
        let service = Service::of(reach, &source.path)?;
        Ok(Self { service, path: source.path.clone(), selector, over_series: source.over_series, way })
    }

    async fn read(&mut self) -> Result<f64, Missing> {
        let mut request = Request::get(self.service.url.clone());
        request.headers.insert(ACCEPT, HeaderValue::from_static(FORMS));
        let answer = super::service::succeeded(self.service.send(request).await?)?;
        let read = parse_lenient(&answer.body);
        let exposition = match read.first {
            Some(error) if read.exposition.samples.is_empty() => {
                // What the line holds may be a secret.
                let (path, line) = (&self.path, error.line);
                return Err(Missing::Unusable(format!("{path} holds no metrics: line {line} cannot be read as one")));
            }
            _ => read.exposition,
        };
        self.number(&exposition, Instant::now())
    }

    fn number(&mut self, exposition: &Exposition, at: Instant) -> Result<f64, Missing> {
        let none = || Missing::Unusable(format!("{} has no {}", self.path, self.selector));
        match &mut self.way {
            Way::Value => self.selector.aggregate(exposition, self.over_series).ok_or_else(none),
            Way::Rate(before) => {
                let now = (at, Reading::take(exposition, &self.selector));
                let before = before.replace(now.clone());
                rate(before, now, self.over_series, none)
            }
            Way::Quantile(quantile) => {
                let reading = Reading::take(exposition, &self.selector).ok_or_else(none)?;
                quantile.push(at.into_std(), reading).map_err(Missing::Unusable)
            }
        }
    }
}

impl Take for Scrape {
    fn take(&mut self) -> Taking<'_> {
        Box::pin(self.read())
    }
}

/// The increase a second since the reading before. A counter that fell began anew at zero.
fn rate(
    before: Option<(Instant, Option<Reading>)>,
    now: (Instant, Option<Reading>),
    over_series: Aggregate,
    none: impl Fn() -> Missing,
) -> Result<f64, Missing> {
    let reading = now.1.ok_or_else(none)?;
    let Some((then, Some(earlier))) = before else {
        return Err(Missing::Unusable("waiting for a second sample".to_owned()));
    };
    let seconds = now.0.saturating_duration_since(then).as_secs_f64();
    if seconds <= 0.0 {
        return Err(Missing::Unusable("two readings at the same moment".to_owned()));
    }
    let grown = match over_series {
        Aggregate::Sum => reading.since(&earlier).amount(),
        Aggregate::Average => reading.since(&earlier).amount() / reading.len().max(1) as f64,
        Aggregate::Max => reading.most_since(&earlier),
    };
    Ok(grown / seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::prometheus::parse;

    fn reading(text: &str, selector: &Selector) -> Option<Reading> {
        Reading::take(&parse(text.as_bytes()).unwrap(), selector)
    }

    #[test]
    fn a_rate_is_an_increase_a_second_also_across_a_restart() {
        let selector = Selector::parse("q").unwrap();
        let then = Instant::now();
        let now = then + Duration::from_secs(2);
        let none = || Missing::Unusable("none".into());
        let take = |before: &str, after: &str, over| {
            rate(Some((then, reading(before, &selector))), (now, reading(after, &selector)), over, none)
        };
        assert_eq!(take("q 10", "q 30", Aggregate::Sum), Ok(10.0));
        assert_eq!(take("q 1000", "q 6", Aggregate::Sum), Ok(3.0));
        assert_eq!(take("q 10", "other 1", Aggregate::Sum), Err(none()));
        let two = ("q{a=\"1\"} 10\nq{a=\"2\"} 10", "q{a=\"1\"} 12\nq{a=\"2\"} 20");
        assert_eq!(take(two.0, two.1, Aggregate::Max), Ok(5.0));
        assert_eq!(take(two.0, two.1, Aggregate::Average), Ok(3.0));
        let first = rate(None, (now, reading("q 5", &selector)), Aggregate::Sum, none);
        assert_eq!(first, Err(Missing::Unusable("waiting for a second sample".into())));
    }
}
