//! The counted requests, so many at a time.

use super::queries::by_counter;
use super::tally::{Counted, Tally};
use super::{Finding, Visit};
use crate::attempts::Assignment;
use crate::checklist::check::QueryCount;
use crate::deployment::{Measurement, Verdict};
use crate::metrics::probe::Answer;
use crate::metrics::prometheus::Reading;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// So many requests that were not as expected are reported one by one.
const REPORTED: u32 = 5;

/// The counted requests, how long they took together, and the counter's word on queries where one was asked for.
struct Run {
    tally: Tally,
    over: Duration,
    counter: Option<Result<f64, String>>,
}

impl Visit<'_> {
    /// Warms up, sends the counted requests and says what they come to, targets apart. `first` is an answer that
    /// waiting for the service gave already; where one request is all, it is that one.
    pub(super) async fn load(&self, assignment: &Assignment, first: Option<Answer>) -> Finding {
        let base = assignment.environment.url.as_deref().unwrap_or_default();
        match self.run(base, first).await {
            Ok(run) => self.finding(assignment, &run),
            Err(detail) => Finding { verdict: Verdict::Inconclusive, detail, measured: Vec::new() },
        }
    }

    async fn run(&self, base: &str, first: Option<Answer>) -> Result<Run, String> {
        let requests = self.http.requests.max(1);
        self.session.ready(&self.probe).await.map_err(|failure| failure.reason)?;
        let counter = match &self.http.queries {
            Some(QueryCount::Counter(metric)) => Some(metric.as_str()),
            _ => None,
        };
        if let (Some(answer), 1, 0, None) = (first, requests, self.http.warmup, counter) {
            let over = answer.took;
            let mut tally = Tally::new()?;
            tally.add(Counted::of(Ok(answer), over, &self.expected, self.header()));
            return Ok(Run { tally, over, counter: None });
        }
        // A counter distinguishes requests only when they come one by one.
        let concurrency = if counter.is_some() { 1 } else { self.http.concurrency.max(1) };
        if self.http.warmup > 0 {
            let unwatched = Mutex::new(Some(Tally::new()?));
            self.send_all("warm-up", self.http.warmup, concurrency, &unwatched).await;
        }
        let before = match counter {
            Some(metric) => Some(self.read_counter(base, metric).await),
            None => None,
        };
        *self.counted.lock().unwrap_or_else(PoisonError::into_inner) = Some(Tally::new()?);
        let over = self.send_all("requests", requests, concurrency, &self.counted).await;
        let counter = match (counter, before) {
            (Some(metric), Some(before)) => Some(self.grown(base, metric, before, requests).await),
            _ => None,
        };
        let tally = self.counted.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ok(Run { tally: tally.ok_or("the counted requests were lost")?, over, counter })
    }

    async fn grown(
        &self,
        base: &str,
        metric: &str,
        before: Result<Reading, String>,
        requests: u32,
    ) -> Result<f64, String> {
        let before = before?;
        by_counter(&before, &self.read_counter(base, metric).await?, requests)
    }

    /// Keeps `concurrency` requests under way until `requests` are done. Gives the time from first to last.
    async fn send_all(&self, stage: &str, requests: u32, concurrency: u32, counted: &Mutex<Option<Tally>>) -> Duration {
        let began = Instant::now();
        let mut under_way = JoinSet::new();
        let mut sent = 0;
        let header: Option<Arc<str>> = self.header().map(Arc::from);
        loop {
            while sent < requests && under_way.len() < concurrency as usize {
                let (probe, request, session) = (self.probe.clone(), self.request.clone(), Arc::clone(&self.session));
                let (expected, header) = (Arc::clone(&self.expected), header.clone());
                under_way.spawn(async move {
                    let started = Instant::now();
                    let answer = session.send(&probe, request).await;
                    Counted::of(answer, started.elapsed(), &expected, header.as_deref())
                });
                sent += 1;
            }
            let Some(one) = under_way.join_next().await else { return began.elapsed() };
            let mut tally = counted.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(tally) = tally.as_mut() else { return began.elapsed() };
            let errors = tally.errors();
            match one {
                Ok(counted) => tally.add(counted),
                Err(_) => tally.lost(),
            }
            if let Some(error) = tally.last_error().filter(|_| tally.errors() > errors && tally.errors() <= REPORTED) {
                self.console.line(&format!("  {stage}: {error}"));
            }
            let words = if tally.errors() > 0 { format!("{} not as expected", tally.errors()) } else { String::new() };
            self.progress(stage, began, u64::from(tally.done()), Some(u64::from(requests)), "requests", &words);
        }
    }

    fn header(&self) -> Option<&str> {
        match &self.http.queries {
            Some(QueryCount::Header(name)) => Some(name),
            _ => None,
        }
    }

    fn finding(&self, assignment: &Assignment, run: &Run) -> Finding {
        let Run { tally, over, counter } = run;
        let mut verdict = Verdict::Pass;
        let mut parts = Vec::new();
        let speaks_of_errors = assignment.item.targets.iter().any(|target| target.measure == "errors");
        if let Some(error) = tally.first_error() {
            // With a target for errors, that target says how many are too many.
            if !speaks_of_errors {
                verdict = Verdict::Fail;
            }
            let share = if tally.done() == 1 {
                String::new()
            } else {
                format!("{} of {} requests: ", tally.errors(), tally.done())
            };
            let kinds = if tally.errors() > 1 { format!(" (in all: {})", tally.kinds()) } else { String::new() };
            parts.push(format!("{share}{error}{kinds}"));
        } else if assignment.item.targets.is_empty() {
            let count =
                if tally.done() == 1 { "answered".to_owned() } else { format!("answered {} times", tally.done()) };
            parts.push(format!("{count} with {}, as expected", self.http.status));
        }
        let mut speed = tally.latencies();
        let queries = counter.clone().or_else(|| tally.queries());
        match queries {
            Some(Ok(number)) => {
                speed.push(Measurement::new("queries", (number * 1_000.0).round() / 1_000.0, "queries"));
            }
            Some(Err(why)) => parts.push(format!("queries not measured: {why}")),
            None => {}
        }
        speed.extend(tally.throughput(*over));
        let mut measured = Vec::new();
        let records = tally.records();
        if let Some(why) = self.too_few(records) {
            // Quick work on next to nothing proves nothing, so those numbers are reported and not kept.
            verdict = verdict.and(Verdict::Inconclusive);
            let reported: Vec<String> = speed.iter().map(Measurement::to_string).collect();
            self.console.line(&format!("  not counted: {}", reported.join(", ")));
            parts.push(why);
        } else {
            measured.append(&mut speed);
        }
        measured.extend(records.map(|records| Measurement::new("records", records as f64, "records")));
        measured.push(Measurement::new("errors", f64::from(tally.errors()), "errors"));
        Finding { verdict, detail: parts.join("; "), measured }
    }

    /// Why latency and query counts mean nothing, if they do.
    fn too_few(&self, records: Option<u64>) -> Option<String> {
        let least = self.http.at_least_records?;
        match records {
            None => Some(format!("no records could be counted in the answer; at least {least} are needed")),
            Some(records) if records < u64::from(least) => {
                Some(format!("{records} records, fewer than the {least} that make latency and queries tell anything"))
            }
            Some(_) => None,
        }
    }
}
