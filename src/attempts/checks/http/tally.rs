//! What the counted requests come to.

use super::answer::{self, Expected};
use super::queries::in_header;
use crate::deployment::Measurement;
use crate::load::Latencies;
use crate::metrics::probe::{Answer, Failure, FailureKind};
use std::collections::BTreeMap;
use std::time::Duration;

/// One counted request, looked at as soon as its answer was there.
pub(super) struct Counted {
    /// Absent when there was no connection to time.
    latency: Option<Duration>,
    /// Why the answer was not as expected.
    error: Option<String>,
    /// The error in two words, to count its like.
    kind: String,
    records: Option<u64>,
    /// What the header said, when one was asked for and there was an answer.
    queries: Option<Result<f64, String>>,
}

impl Counted {
    pub(super) fn of(
        answer: Result<Answer, Failure>,
        took: Duration,
        expected: &Expected,
        header: Option<&str>,
    ) -> Self {
        let error = expected.check(&answer).err();
        let kind = match &answer {
            Ok(answer) => format!("answered {}", answer.status),
            Err(failure) => match failure.kind {
                FailureKind::Refused => "connection refused",
                FailureKind::TimedOut => "timed out",
                FailureKind::Unreachable => "no connection",
                FailureKind::Broken => "no whole answer",
                FailureKind::NoLogin => "no login",
                FailureKind::TooLong => "answer too large",
            }
            .to_owned(),
        };
        match answer {
            Ok(answer) => Self {
                latency: Some(answer.took),
                error,
                kind,
                records: answer::records(&answer.body),
                queries: header.map(|header| in_header(&answer, header)),
            },
            // Leaving out the slowest would make a service look fast that is only gone.
            Err(failure) => Self {
                latency: (failure.kind == FailureKind::TimedOut).then_some(took),
                error,
                kind,
                records: None,
                queries: None,
            },
        }
    }
}

/// Counted requests, added one by one.
pub(super) struct Tally {
    latencies: Latencies,
    errors: u32,
    /// How often which kind of error came.
    kinds: BTreeMap<String, u32>,
    /// What was wrong the first time and the last time.
    first_error: Option<String>,
    last_error: Option<String>,
    /// The fewest records that an answer held; `None` as soon as one answer held none to be counted.
    records: Option<u64>,
    uncounted: bool,
    queries: Option<f64>,
    queries_missing: Option<String>,
    done: u32,
}

impl Tally {
    pub(super) fn new() -> Result<Self, String> {
        Ok(Self {
            latencies: Latencies::new().map_err(|error| error.to_string())?,
            errors: 0,
            kinds: BTreeMap::new(),
            first_error: None,
            last_error: None,
            records: None,
            uncounted: false,
            queries: None,
            queries_missing: None,
            done: 0,
        })
    }

    pub(super) fn add(&mut self, counted: Counted) {
        self.done += 1;
        if let Some(latency) = counted.latency {
            self.latencies.add(latency);
        }
        match (counted.error, counted.records) {
            (Some(error), _) => self.fail(error, counted.kind),
            // Only answers that are as expected can be asked how much they hold.
            (None, Some(records)) => self.records = Some(self.records.map_or(records, |fewest| fewest.min(records))),
            (None, None) => self.uncounted = true,
        }
        match counted.queries {
            Some(Ok(number)) => self.queries = Some(self.queries.map_or(number, |worst| worst.max(number))),
            Some(Err(why)) => {
                self.queries_missing.get_or_insert(why);
            }
            None => {}
        }
    }

    /// Counts a request whose own task broke off.
    pub(super) fn lost(&mut self) {
        self.done += 1;
        self.fail("the request broke off inside this program".to_owned(), "broke off".to_owned());
    }

    fn fail(&mut self, error: String, kind: String) {
        self.errors += 1;
        *self.kinds.entry(kind).or_default() += 1;
        self.first_error.get_or_insert_with(|| error.clone());
        self.last_error = Some(error);
    }

    pub(super) fn done(&self) -> u32 {
        self.done
    }

    pub(super) fn errors(&self) -> u32 {
        self.errors
    }

    /// The errors by their kinds: `3 × timed out, 1 × answered 500`.
    pub(super) fn kinds(&self) -> String {
        let mut kinds: Vec<_> = self.kinds.iter().collect();
        kinds.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let words: Vec<_> = kinds.into_iter().map(|(kind, count)| format!("{count} × {kind}")).collect();
        words.join(", ")
    }

    pub(super) fn first_error(&self) -> Option<&str> {
        self.first_error.as_deref()
    }

    pub(super) fn last_error(&self) -> Option<&str> {
        self.last_error.as_deref()
    }

    pub(super) fn records(&self) -> Option<u64> {
        self.records.filter(|_| !self.uncounted)
    }

    /// The worst number of queries seen, or why it cannot be reported; `None` when no answer was asked for it.
    pub(super) fn queries(&self) -> Option<Result<f64, String>> {
        match (&self.queries_missing, self.queries) {
            (Some(why), _) => Some(Err(why.clone())),
            (None, worst) => worst.map(Ok),
        }
    }

    /// Milliseconds, three decimals; empty when nothing was timed.
    pub(super) fn latencies(&self) -> Vec<Measurement> {
        if self.latencies.count() == 0 {
            return Vec::new();
        }
        let latencies = &self.latencies;
        let reported = [("p50", latencies.at(0.50)), ("p95", latencies.at(0.95)), ("max", latencies.max())];
        let measure = |(name, at): (&str, Duration)| {
            let mut measured = Measurement::new(format!("latency-{name}"), milliseconds(at), "ms");
            // A baseline is a set of samples; one of the three keeps them for all.
            if name == "p95" {
                let kept = latencies.count().min(SAMPLES);
                measured.samples =
                    (0..kept).map(|at| milliseconds(latencies.at((at as f64 + 0.5) / kept as f64))).collect();
            }
            measured
        };
        reported.into_iter().map(measure).collect()
    }

    /// Answered requests a second over the whole time.
    pub(super) fn throughput(&self, over: Duration) -> Option<Measurement> {
        let answered = self.done.saturating_sub(self.errors);
        let rate = f64::from(answered) / over.as_secs_f64();
        rate.is_finite().then(|| Measurement::new("throughput", (rate * 1_000.0).round() / 1_000.0, "requests/s"))
    }
}

/// Samples that a measurement keeps at most.
const SAMPLES: u64 = 100;

fn milliseconds(time: Duration) -> f64 {
    time.as_micros() as f64 / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(micros: u64, records: Option<u64>, queries: Result<f64, &str>) -> Counted {
        let queries = Some(queries.map_err(str::to_owned));
        Counted { latency: Some(Duration::from_micros(micros)), error: None, kind: String::new(), records, queries }
    }

    #[test]
    fn percentiles_are_those_of_the_requests() {
        let mut tally = Tally::new().unwrap();
        for n in 1..=100 {
            tally.add(counted(n * 1_000, Some(100), Ok(4.0)));
        }
        let values: Vec<f64> = tally.latencies().iter().map(|m| m.value).collect();
        for (value, exact) in values.iter().zip([50.0, 95.0, 100.0]) {
            assert!((value - exact).abs() <= exact * 0.001, "{values:?}");
        }
        assert!(values.windows(2).all(|pair| pair[0] <= pair[1]), "{values:?}");
        let samples = &tally.latencies()[1].samples;
        assert_eq!(samples.len(), 100);
        assert!((samples[0] - 1.0).abs() < 0.01 && (samples[99] - 100.0).abs() < 0.2, "{samples:?}");
    }

    #[test]
    fn the_worst_counts_and_one_silent_answer_spoils_the_count() {
        let mut tally = Tally::new().unwrap();
        tally.add(counted(1, Some(100), Ok(4.0)));
        tally.add(counted(1, Some(80), Ok(201.0)));
        assert_eq!((tally.records(), tally.queries()), (Some(80), Some(Ok(201.0))));
        tally.add(counted(1, None, Err("no header")));
        assert_eq!((tally.records(), tally.queries()), (None, Some(Err("no header".to_owned()))));
    }

    #[test]
    fn nothing_timed_gives_no_latency() {
        assert!(Tally::new().unwrap().latencies().is_empty());
    }
}
