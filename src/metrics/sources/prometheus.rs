//! `prometheus`: samples of the service's own metrics: as they are, as a rate, or as a quantile of a histogram.

use super::service::Service;
use super::{Missing, Reach, SourceError, Take, Taking};
use crate::checklist::pane::{self, Aggregate, PrometheusReading};
use crate::metrics::probe::Request;
use crate::metrics::prometheus::{Exposition, Quantile, Reading, Selector, parse_lenient};
use chrono::{DateTime, Utc};
use reqwest::header::{ACCEPT, HeaderValue};
use std::time::Duration;
use tokio::time::Instant;

/// The forms that are read, the fuller one first.
const FORMS: &str = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

/// A sample that is older by its own timestamp says nothing of now, as in Prometheus.
const STALE: f64 = 300.0;

/// One that is further ahead is of no clock that can be relied on; Prometheus refuses it.
const AHEAD: f64 = 600.0;

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
    Rate(Option<(Instant, Reading)>),
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
        let mut exposition = match read.first {
            Some(error) if read.exposition.samples.is_empty() => {
                // What the line holds may be a secret.
                let (path, line, column) = (&self.path, error.line, error.column);
                let place = format!("line {line} cannot be read as one (column {column})");
                return Err(Missing::Unusable(format!("{path} holds no metrics: {place}")));
            }
            _ => read.exposition,
        };
        fresh(&mut exposition, &self.selector, Utc::now()).map_err(Missing::Unusable)?;
        self.number(&exposition, Instant::now())
    }

    fn number(&mut self, exposition: &Exposition, at: Instant) -> Result<f64, Missing> {
        let none = || Missing::Unusable(format!("{} has no {}", self.path, self.selector));
        match &mut self.way {
            Way::Value => self.selector.aggregate(exposition, self.over_series).ok_or_else(none),
            Way::Rate(before) => {
                // Missing in one scrape, a counter is compared with what it last was.
                before.take_if(|(then, _)| at.saturating_duration_since(*then).as_secs_f64() > STALE);
                let reading = Reading::take(exposition, &self.selector).ok_or_else(none)?;
                let earlier = before.take();
                let reading = reading.remembering(earlier.as_ref().map(|(_, earlier)| earlier));
                let found = rate(earlier.as_ref(), (at, &reading), self.over_series);
                *before = Some((at, reading));
                found
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

/// Leaves out the chosen samples whose own timestamps are not of now.
///
/// # Errors
/// When none of them is left.
fn fresh(exposition: &mut Exposition, selector: &Selector, now: DateTime<Utc>) -> Result<(), String> {
    // Hardly any exporter writes them.
    if exposition.samples.iter().all(|sample| sample.timestamp.is_none()) {
        return Ok(());
    }
    let now = now.timestamp_millis() as f64 / 1_000.0;
    let mut newest = None::<f64>;
    let mut chosen = 0_usize;
    exposition.samples.retain(|sample| {
        if !selector.selects(sample) {
            return true;
        }
        let is_fresh = sample.timestamp.is_none_or(|at| (now - STALE..=now + AHEAD).contains(&at));
        chosen += usize::from(is_fresh);
        if let Some(at) = sample.timestamp.filter(|_| !is_fresh) {
            newest = Some(newest.map_or(at, |newest| newest.max(at)));
        }
        is_fresh
    });
    match newest {
        Some(at) if chosen == 0 && at > now => Err(format!("{selector} is dated {:.0} s ahead of this host", at - now)),
        Some(at) if chosen == 0 => Err(format!("{selector} is stale: its timestamp is {:.0} s old", now - at)),
        _ => Ok(()),
    }
}

/// The increase a second since the reading before. A counter that fell began anew at zero.
fn rate(before: Option<&(Instant, Reading)>, now: (Instant, &Reading), over_series: Aggregate) -> Result<f64, Missing> {
    let reading = now.1;
    let Some((then, earlier)) = before else {
        return Err(Missing::Unusable("waiting for a second sample".to_owned()));
    };
    let seconds = now.0.saturating_duration_since(*then).as_secs_f64();
    if seconds <= 0.0 {
        return Err(Missing::Unusable("two readings at the same moment".to_owned()));
    }
    let grown = match over_series {
        Aggregate::Sum => reading.since(earlier).amount(),
        Aggregate::Average => reading.since(earlier).amount() / reading.len().max(1) as f64,
        Aggregate::Max => reading.most_since(earlier),
    };
    Ok(grown / seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::prometheus::parse;

    fn reading(text: &str, selector: &Selector) -> Reading {
        Reading::take(&parse(text.as_bytes()).unwrap(), selector).unwrap()
    }

    #[test]
    fn a_rate_is_an_increase_a_second_also_across_a_restart() {
        let selector = Selector::parse("q").unwrap();
        let then = Instant::now();
        let now = then + Duration::from_secs(2);
        let take = |before: &str, after: &str, over| {
            rate(Some(&(then, reading(before, &selector))), (now, &reading(after, &selector)), over)
        };
        assert_eq!(take("q 10", "q 30", Aggregate::Sum), Ok(10.0));
        assert_eq!(take("q 1000", "q 6", Aggregate::Sum), Ok(3.0));
        let two = ("q{a=\"1\"} 10\nq{a=\"2\"} 10", "q{a=\"1\"} 12\nq{a=\"2\"} 20");
        assert_eq!(take(two.0, two.1, Aggregate::Max), Ok(5.0));
        assert_eq!(take(two.0, two.1, Aggregate::Average), Ok(3.0));
        let first = rate(None, (now, &reading("q 5", &selector)), Aggregate::Sum);
        assert_eq!(first, Err(Missing::Unusable("waiting for a second sample".into())));
    }

    #[test]
    fn a_series_missing_in_one_scrape_is_compared_with_what_it_last_was() {
        let selector = Selector::parse("q").unwrap();
        let began = Instant::now();
        let one = reading("q{a=\"1\"} 10\nq{a=\"2\"} 5000", &selector);
        let two = reading("q{a=\"1\"} 12", &selector).remembering(Some(&one));
        let three = reading("q{a=\"1\"} 14\nq{a=\"2\"} 5004", &selector).remembering(Some(&two));
        let rate = |then: &Reading, now| {
            rate(Some(&(began, then.clone())), (began + Duration::from_secs(2), now), Aggregate::Sum)
        };
        assert_eq!((rate(&one, &two), rate(&two, &three)), (Ok(1.0), Ok(3.0)));
        assert_eq!(two.len(), 1, "what is remembered is no series of this scrape");
    }

    #[test]
    fn samples_with_timestamps_count_while_they_are_of_now() {
        let selector = Selector::parse("q").unwrap();
        let now = DateTime::from_timestamp(1_000_000, 0).unwrap();
        let read = |text: &str| {
            let mut exposition = parse(text.as_bytes()).unwrap();
            fresh(&mut exposition, &selector, now)?;
            Ok::<_, String>(selector.sum(&exposition))
        };
        assert_eq!(read("q 7"), Ok(Some(7.0)));
        assert_eq!(read("q 7 999701000"), Ok(Some(7.0)));
        assert_eq!(read("q 7 999699000").unwrap_err(), "q is stale: its timestamp is 301 s old");
        assert_eq!(read("q 7 1000601000").unwrap_err(), "q is dated 601 s ahead of this host");
        let part = "q{a=\"1\"} 7 999000000\nq{a=\"2\"} 3 999990000";
        assert_eq!(read(part), Ok(Some(3.0)), "a stale series is none");
        assert_eq!(read("other 1 5"), Ok(None));
    }
}
