//! What a load test came to, and the one wording of it. Pure.

use super::pace::Pace;
use super::tally::{Late, Tally, needed};
use crate::checklist::check::load::MEASURES;
use crate::deployment::Measurement;
use crate::deployment::measurement::Number;
use serde_json::{Value as Json, json};
use std::time::Duration;

/// The percentiles that are reported, with the measure of each.
pub(crate) const QUANTILES: [(f64, &str, &str); 6] = [
    (0.5, "p50", "latency-p50"),
    (0.75, "p75", "latency-p75"),
    (0.9, "p90", "latency-p90"),
    (0.95, "p95", "latency-p95"),
    (0.99, "p99", "latency-p99"),
    (0.999, "p99.9", "latency-p999"),
];

/// So many bars a histogram has at most.
const BARS: u32 = 12;

#[derive(Debug, Clone)]
pub struct Report {
    pub pace: Pace,
    pub connections: u32,
    pub tally: Tally,
    /// From the first request to the last answer.
    pub over: Duration,
    /// Connections opened: more than `connections` where the service closed some.
    pub opened: u64,
    /// Ended before every request was sent.
    pub stopped: bool,
    pub target: Target,
}

/// The processes that answered, as they were seen from outside.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    Measured(Used),
    /// Why not.
    NotMeasured(String),
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Used {
    /// `uvicorn (pid 4711)`
    pub process: String,
    /// Per cent of one core, over the whole time; none where that was too short.
    pub cpu: Option<f64>,
    pub cpu_peak: f64,
    /// Bytes resident.
    pub memory_before: u64,
    pub memory_peak: u64,
    pub memory_after: u64,
    /// Most seen at once while requests were under way; none where they were over before anybody looked.
    pub connections: Option<u64>,
    /// One of the processes ended meanwhile.
    pub gone: bool,
}

impl Report {
    /// Requests answered as expected, a second; none where no time passed.
    pub fn throughput(&self) -> Option<f64> {
        let good = self.tally.done.saturating_sub(self.tally.failed());
        let rate = good as f64 / self.over.as_secs_f64();
        rate.is_finite().then_some(rate)
    }

    /// Whether every request was sent and answered as expected.
    pub fn is_clean(&self) -> bool {
        self.tally.failed() == 0 && self.is_whole()
    }

    /// Whether every request was sent.
    pub fn is_whole(&self) -> bool {
        !self.stopped && self.tally.done == self.pace.total()
    }

    /// The numbers, by the names that targets use. A percentile that the requests are too few for is not there.
    pub fn measures(&self) -> Vec<Measurement> {
        let latencies = &self.tally.latencies;
        let quantiles = QUANTILES.iter().filter(|(_, _, name)| MEASURES.iter().any(|(known, _)| known == name));
        let quantiles = quantiles.filter_map(|(quantile, _, name)| Some((*name, latencies.reported_at(*quantile)?)));
        let max = (latencies.count() > 0).then(|| ("latency-max", latencies.max()));
        let mut all: Vec<_> = quantiles.chain(max).map(|(name, at)| Measurement::new(name, millis(at), "ms")).collect();
        all.extend(self.throughput().map(|rate| Measurement::new("throughput", rounded(rate), "requests/s")));
        all.push(Measurement::new("errors", self.tally.failed() as f64, "errors"));
        if let Target::Measured(used) = &self.target {
            all.extend(used.cpu.map(|cpu| Measurement::new("target-cpu", rounded(cpu), "%")));
            all.push(Measurement::new("target-memory", megabytes(used.memory_peak), "MB"));
            let connections = used.connections.map(|count| count as f64);
            all.extend(connections.map(|count| Measurement::new("target-connections", count, "connections")));
        }
        all
    }

    /// Errors by their kinds: `3 × timed out, 1 × status 500`.
    pub fn errors(&self) -> String {
        let mut kinds: Vec<_> = self.tally.errors.iter().collect();
        kinds.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        kinds.iter().map(|(kind, count)| format!("{count} × {kind}")).collect::<Vec<_>>().join(", ")
    }

    /// One line: what was sent, how fast, how many errors.
    pub fn summary(&self) -> String {
        let Tally { done, bytes, .. } = &self.tally;
        let seconds = self.over.as_secs_f64();
        let all = self.pace.total();
        let share = if *done == all { format!("{done} requests") } else { format!("{done} of {all} requests") };
        let rate =
            self.throughput().map_or_else(|| "no rate".to_owned(), |rate| format!("{}/s", Number(rounded(rate))));
        let errors = match self.tally.failed() {
            0 => "0 errors".to_owned(),
            1 => format!("1 error ({})", self.errors()),
            many => format!("{many} errors ({})", self.errors()),
        };
        let volume = Number(rounded(*bytes as f64 / 1e6 / seconds.max(1e-9)));
        let stopped = if self.stopped { "stopped: " } else { "" };
        format!("{stopped}{share} in {} s, {rate}, {volume} MB/s, {errors}", Number(rounded(seconds)))
    }

    /// What makes the numbers mean less than they seem to.
    pub fn caveats(&self) -> Vec<String> {
        let mut all = Vec::new();
        all.extend(self.tally.first_error.as_ref().map(|error| format!("First error: {error}")));
        let Late { requests, most } = self.tally.late;
        if requests > 0 {
            all.push(format!(
                "{} sent late, by up to {} ms: all {} connections were busy. Latency counts from when they were due",
                counted(requests),
                Number(millis(most)),
                self.connections
            ));
        }
        let Late { requests, most } = self.tally.slow;
        if requests > 0 {
            all.push(format!(
                "{} sent late, by up to {} ms, because this machine was busy: latency includes that delay",
                counted(requests),
                Number(millis(most))
            ));
        }
        let expected = u64::from(self.connections).min(self.pace.total());
        if self.opened > expected {
            all.push(format!("{} connections opened: the service closed {}", self.opened, self.opened - expected));
        }
        if let Target::Measured(Used { gone: true, .. }) = &self.target {
            all.push("A process of the service ended during the test".to_owned());
        }
        all
    }

    /// The whole report, line by line.
    pub fn lines(&self) -> Vec<String> {
        let latencies = &self.tally.latencies;
        let mut lines = vec![self.summary()];
        if latencies.count() > 0 {
            lines.push(String::new());
            lines.push("Latency".to_owned());
            let mut row = |name: &str, value: String| lines.push(format!("  {name:<6} {value:>12}"));
            let shown = |at: Duration| format!("{} ms", Number(millis(at)));
            row("min", shown(latencies.min()));
            row("mean", shown(latencies.mean()));
            for (quantile, name, _) in QUANTILES {
                let reported = latencies.reported_at(quantile);
                row(name, reported.map_or_else(|| format!("needs {}+", needed(quantile)), shown));
            }
            row("max", shown(latencies.max()));
            lines.push(String::new());
            lines.push("Distribution".to_owned());
            lines.extend(self.histogram());
        }
        lines.push(String::new());
        lines.push(format!("Target: {}", self.target));
        lines.extend(self.caveats());
        lines
    }

    /// A bar for each stretch of latencies; each stretch ends twice as far as the one before, or closer where all are close.
    fn histogram(&self) -> Vec<String> {
        let buckets = self.buckets();
        let most = buckets.iter().map(|(_, count)| *count).max().unwrap_or(1).max(1);
        let bar = |count: u64| {
            let width = usize::try_from((count * 40).div_ceil(most)).unwrap_or(40);
            "█".repeat(width)
        };
        let line = |(to, count): (Duration, u64)| {
            let line = format!("  ≤ {:>9} ms {count:>9}  {}", Number(millis(to)).to_string(), bar(count));
            line.trim_end().to_owned()
        };
        buckets.into_iter().map(line).collect()
    }

    /// The upper end of each stretch, with its requests.
    fn buckets(&self) -> Vec<(Duration, u64)> {
        let latencies = &self.tally.latencies;
        let (min, max) = (latencies.min().as_secs_f64().max(1e-6), latencies.max().as_secs_f64().max(1e-6));
        let factor = (max / min).powf(1.0 / f64::from(BARS)).max(1.02);
        let mut buckets = Vec::new();
        let (mut from, mut to) = (Duration::ZERO, min * factor);
        loop {
            let end = if to >= max * 0.999 { latencies.max() } else { Duration::from_secs_f64(to) };
            buckets.push((end, latencies.between(from, end)));
            if end >= latencies.max() {
                return buckets;
            }
            (from, to) = (end, to * factor);
        }
    }

    /// Print JSON (format 1).
    pub fn json(&self) -> Json {
        let latencies = &self.tally.latencies;
        let reported = latencies.count() > 0;
        let at = |at: Duration| json!(millis(at));
        let quantiles = QUANTILES.iter().map(|(quantile, name, _)| {
            ((*name).to_owned(), latencies.reported_at(*quantile).filter(|_| reported).map_or(Json::Null, at))
        });
        let mut latency: serde_json::Map<String, Json> = quantiles.collect();
        for (name, value) in [("min", latencies.min()), ("mean", latencies.mean()), ("max", latencies.max())] {
            latency.insert(name.to_owned(), if reported { at(value) } else { Json::Null });
        }
        let errors: Vec<_> =
            self.tally.errors.iter().map(|(kind, count)| json!({"kind": kind.to_string(), "count": count})).collect();
        let histogram: Vec<_> = if reported { self.buckets() } else { Vec::new() }
            .into_iter()
            .map(|(to, count)| json!({"to_ms": millis(to), "count": count}))
            .collect();
        let target = match &self.target {
            Target::NotMeasured(why) => json!({"not_measured": why}),
            Target::Measured(used) => json!({
                "process": used.process, "cpu_percent": used.cpu.map(rounded), "cpu_percent_peak": rounded(used.cpu_peak),
                "memory_before": used.memory_before, "memory_peak": used.memory_peak,
                "memory_after": used.memory_after, "connections": used.connections, "ended": used.gone,
            }),
        };
        json!({
            "format": 1,
            "requests": self.pace.total(),
            "done": self.tally.done,
            "stopped": self.stopped,
            "connections": self.connections,
            "opened": self.opened,
            "rate": match self.pace { Pace::Open { rate, .. } => Some(rate), Pace::Closed { .. } => None },
            "seconds": rounded(self.over.as_secs_f64()),
            "throughput": self.throughput().map(rounded),
            "bytes": self.tally.bytes,
            "latency_ms": latency,
            "histogram": histogram,
            "errors": errors,
            "first_error": self.tally.first_error,
            "late": {"requests": self.tally.late.requests, "most_ms": millis(self.tally.late.most)},
            "late_by_generator": {"requests": self.tally.slow.requests, "most_ms": millis(self.tally.slow.most)},
            "answers_per_second": self.tally.seconds,
            "target": target,
        })
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotMeasured(why) => write!(f, "not measured: {why}"),
            Self::Measured(used) => {
                let cpu = used.cpu.map_or_else(
                    || "CPU not measured (too short)".to_owned(),
                    |cpu| format!("CPU {cpu:.0} % of one core (peak {:.0} %)", used.cpu_peak),
                );
                let memory = |bytes| Number(megabytes(bytes));
                let connections = used.connections.map_or_else(
                    || "connections not measured (too short)".to_owned(),
                    |count| format!("{count} connections"),
                );
                write!(
                    f,
                    "{}: {cpu}, memory {} MB before, {} MB peak, {} MB after, {connections}",
                    used.process,
                    memory(used.memory_before),
                    memory(used.memory_peak),
                    memory(used.memory_after)
                )
            }
        }
    }
}

fn counted(requests: u64) -> String {
    if requests == 1 { "1 request".to_owned() } else { format!("{requests} requests") }
}

fn millis(at: Duration) -> f64 {
    at.as_micros() as f64 / 1_000.0
}

fn megabytes(bytes: u64) -> f64 {
    (bytes as f64 / 1e5).round() / 10.0
}

fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

#[cfg(test)]
mod tests;
