//! What the service counts, as Prometheus text.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Upper bounds of the latency buckets, in seconds.
const BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];
/// The kernel shows processor time in hundredths of a second, on every architecture.
const TICKS_PER_SECOND: f64 = 100.0;

#[derive(Debug, Default)]
pub(super) struct Metrics {
    /// A statement counts as slow by the work it takes: where days pass, a busy machine must not make one slow.
    by_work: bool,
    queries: AtomicU64,
    slow_queries: AtomicU64,
    requests: Mutex<BTreeMap<(&'static str, u16), u64>>,
    durations: Mutex<BTreeMap<&'static str, Histogram>>,
}

#[derive(Debug, Default)]
struct Histogram {
    buckets: [u64; BUCKETS.len()],
    seconds: f64,
    count: u64,
}

/// How the connections to the database stand.
#[derive(Debug, Clone, Copy)]
pub(super) struct PoolUse {
    pub in_use: u32,
    pub max: u32,
}

impl Metrics {
    pub(super) fn new(by_work: bool) -> Self {
        Self { by_work, ..Self::default() }
    }

    pub(super) fn begin(&self) -> Begun {
        Begun(Instant::now(), self.by_work.then(cpu_seconds).flatten())
    }

    pub(super) fn query(&self) {
        self.queries.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn slow_query(&self) {
        self.slow_queries.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn request(&self, path: &'static str, status: u16, took: Duration) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        *requests.entry((path, status)).or_default() += 1;
        drop(requests);
        let mut durations = self.durations.lock().unwrap_or_else(PoisonError::into_inner);
        let histogram = durations.entry(path).or_default();
        let seconds = took.as_secs_f64();
        for (count, bound) in histogram.buckets.iter_mut().zip(BUCKETS) {
            *count += u64::from(seconds <= bound);
        }
        histogram.seconds += seconds;
        histogram.count += 1;
    }

    pub(super) fn render(&self, pool: PoolUse, memory: Option<u64>) -> String {
        let mut text = String::new();
        let queries = self.queries.load(Ordering::Relaxed);
        let slow = self.slow_queries.load(Ordering::Relaxed);
        number(&mut text, "db_queries_total", "counter", "Statements sent to the database.", queries);
        number(&mut text, "slow_queries_total", "counter", "Statements that took longer than 100 ms.", slow);
        head(&mut text, "http_requests_total", "counter", "Requests answered.");
        for ((path, status), count) in &*self.requests.lock().unwrap_or_else(PoisonError::into_inner) {
            let _ = writeln!(text, "http_requests_total{{path=\"{path}\",status=\"{status}\"}} {count}");
        }
        head(&mut text, "http_request_duration_seconds", "histogram", "Time from request to answer.");
        for (path, histogram) in &*self.durations.lock().unwrap_or_else(PoisonError::into_inner) {
            histogram.render(&mut text, path);
        }
        number(&mut text, "db_pool_in_use", "gauge", "Connections at work.", pool.in_use);
        number(&mut text, "db_pool_max", "gauge", "Connections at most.", pool.max);
        let memory = memory.or_else(resident_bytes).unwrap_or_default();
        number(&mut text, "process_resident_memory_bytes", "gauge", "Memory in use.", memory);
        let cpu = cpu_seconds().unwrap_or_default();
        number(&mut text, "process_cpu_seconds_total", "counter", "Processor time used.", cpu);
        text
    }
}

impl Histogram {
    fn render(&self, text: &mut String, path: &str) {
        let name = "http_request_duration_seconds";
        for (count, bound) in self.buckets.iter().zip(BUCKETS) {
            let _ = writeln!(text, "{name}_bucket{{path=\"{path}\",le=\"{bound}\"}} {count}");
        }
        let _ = writeln!(text, "{name}_bucket{{path=\"{path}\",le=\"+Inf\"}} {}", self.count);
        let _ = writeln!(text, "{name}_sum{{path=\"{path}\"}} {}", self.seconds);
        let _ = writeln!(text, "{name}_count{{path=\"{path}\"}} {}", self.count);
    }
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

fn number(text: &mut String, name: &str, kind: &str, help: &str, value: impl std::fmt::Display) {
    head(text, name, kind, help);
    let _ = writeln!(text, "{name} {value}");
}

fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let kibibytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(kibibytes.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

/// When something began, and how much processor time the service had used by then where that counts.
pub(super) struct Begun(Instant, Option<f64>);

impl Begun {
    pub(super) fn took(&self) -> Duration {
        let wall = self.0.elapsed();
        let worked = self.1.zip(cpu_seconds()).map(|(before, now)| Duration::from_secs_f64((now - before).max(0.0)));
        worked.map_or(wall, |worked| worked.min(wall))
    }
}

fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The program's name is in parentheses and may hold anything; after it, fields 14 and 15 of the line follow.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / TICKS_PER_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_cumulative_and_end_with_the_count() {
        let metrics = Metrics::default();
        metrics.request("/api/v1/lots", 200, Duration::from_millis(3));
        metrics.request("/api/v1/lots", 200, Duration::from_millis(300));
        metrics.request("/api/v1/lots", 422, Duration::from_secs(9));
        metrics.query();
        let text = metrics.render(PoolUse { in_use: 1, max: 8 }, None);
        for line in [
            "db_queries_total 1",
            "http_requests_total{path=\"/api/v1/lots\",status=\"200\"} 2",
            "http_requests_total{path=\"/api/v1/lots\",status=\"422\"} 1",
            "http_request_duration_seconds_bucket{path=\"/api/v1/lots\",le=\"0.0025\"} 0",
            "http_request_duration_seconds_bucket{path=\"/api/v1/lots\",le=\"0.005\"} 1",
            "http_request_duration_seconds_bucket{path=\"/api/v1/lots\",le=\"0.5\"} 2",
            "http_request_duration_seconds_bucket{path=\"/api/v1/lots\",le=\"+Inf\"} 3",
            "db_pool_max 8",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is missing in\n{text}");
        }
    }

    #[test]
    fn the_process_knows_its_memory_and_time() {
        assert!(resident_bytes().unwrap() > 1_000_000);
        assert!(cpu_seconds().is_some());
    }
}
