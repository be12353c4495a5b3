//! `gonogo load`: requests to one address, a line of progress, a table, and whether the limits were met.

mod protected;

use super::{Failure, confirm};
use crate::checklist::check::Statuses;
use crate::checklist::target::Bound;
use crate::cli::load::Load;
use crate::config::variables;
use crate::deployment::measurement::{Number, beside};
use crate::load::{self, LoadError, Pace, Plan, Progress, Report, Running, Sample};
use crate::metrics::probe::Authority;
use crate::{input, printed};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

/// The longest body that is sent.
const BODY: u64 = 16 << 20;

/// So many seconds are drawn on the line of progress.
const DRAWN: usize = 20;

/// Runs the load test. Exit status 0 when every request was answered as expected and the limits were met, 1 when not, 4
/// when the address belongs to a protected environment whose name was not given, 5 when the address cannot be resolved.
pub(crate) async fn load(asked: &Load, ascii: bool, out: &mut dyn Write) -> Result<u8, Failure> {
    let plan = plan(asked)?;
    let found = protected::of(&plan.sample.url, Path::new(".")).await;
    for note in &found.notes {
        let _ = writeln!(printed::err(), "note: {note}");
    }
    if !found.unread.is_empty() && asked.confirm.is_none() {
        let files = found.unread.join(", ");
        let text = format!(
            "not started: {files} cannot be read, so whether the address is that of a protected environment is not known; \
             mend or move what cannot be read, or name the environment with --confirm"
        );
        return Err(Failure::refused(text));
    }
    for name in &found.environments {
        let what = format!("load test {name}, which is protected");
        confirm::confirm(&what, name.as_str(), asked.confirm.as_deref(), &mut printed::err())?;
    }
    if !asked.json {
        writeln!(out, "{}, {}, {} connections", plan.sample, plan.pace, plan.connections)?;
        out.flush()?;
    }
    let limits = limits(asked);
    let mut running = load::start(plan).map_err(|why| Failure::not_fine(why.to_string()))?;
    let report = attend(&mut running, ascii).await;
    printed::replace_error_line("")?;
    let report = report.map_err(|why| Failure { status: 5, message: why.to_string() })?;
    let verdicts: Vec<Limit> =
        limits.iter().map(|(quantile, name, at)| Limit::of(&report, *quantile, name, *at)).collect();
    let passed = report.is_clean() && verdicts.iter().all(|limit| limit.met);
    if asked.json {
        let mut whole = report.json();
        whole["limits"] = verdicts.iter().map(|limit| json!({"limit": limit.sentence, "met": limit.met})).collect();
        whole["pass"] = json!(passed);
        writeln!(out, "{whole:#}")?;
    } else {
        write_report(&report, &verdicts, passed, ascii, out)?;
    }
    Ok(u8::from(!passed))
}

/// Waits for the end, and shows how far it is on a terminal. Ctrl-C ends it early; what there was is reported.
async fn attend(running: &mut Running, ascii: bool) -> Result<Report, LoadError> {
    let mut progress = running.progress.clone();
    let mut interrupted = false;
    loop {
        tokio::select! {
            changed = progress.changed() => {
                if changed.is_err() {
                    return running.finished().await;
                }
                let line = line(&progress.borrow_and_update(), ascii);
                // Whoever closed standard error does not want to see.
                let _ = printed::replace_error_line(&line);
            }
            asked = tokio::signal::ctrl_c(), if !interrupted => {
                interrupted = true;
                if asked.is_ok() {
                    running.stop();
                }
            }
        }
    }
}

/// `[######··············] 430/1000  812/s  p95 11.3 ms  0 errors  ▂▃▅▅`
fn line(progress: &Progress, ascii: bool) -> String {
    let Progress { done, total, errors, p95, seconds, elapsed, warming_up, .. } = progress;
    if *warming_up {
        return format!("warm-up {done}/{total}");
    }
    let filled = usize::try_from(done.saturating_mul(20) / (*total).max(1)).unwrap_or(20).min(20);
    let bar = format!("{}{}", "#".repeat(filled), ".".repeat(20 - filled));
    let rate = Number((*done as f64 / elapsed.as_secs_f64().max(1e-3)).round());
    let p95 = p95.map_or_else(|| "p95 -".to_owned(), |at| format!("p95 {}", milliseconds(at)));
    let plural = if *errors == 1 { "" } else { "s" };
    format!("[{bar}] {done}/{total}  {rate}/s  {p95}  {errors} error{plural}  {}", chart(seconds, ascii))
}

/// Answers in each of the last whole seconds, one mark a second.
fn chart(seconds: &[u32], ascii: bool) -> String {
    let levels: &[char] =
        if ascii { &['_', '.', '-', '=', '#'] } else { &['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] };
    // The last second is not over.
    let whole = &seconds[..seconds.len().saturating_sub(1)];
    let last = &whole[whole.len().saturating_sub(DRAWN)..];
    let most = u64::from(last.iter().copied().max().unwrap_or(1).max(1));
    let mark = |count: &u32| {
        let level = u64::from(*count) * (levels.len() as u64 - 1) / most;
        levels.get(usize::try_from(level).unwrap_or(0)).copied().unwrap_or(' ')
    };
    last.iter().map(mark).collect()
}

/// A limit of the command line, and whether it was met.
struct Limit {
    sentence: String,
    met: bool,
}

impl Limit {
    /// A percentile that the requests are too few for does not meet any limit.
    fn of(report: &Report, quantile: f64, name: &str, at: Duration) -> Self {
        let reported = report.tally.latencies.reported_at(quantile);
        let limit = milliseconds(at);
        let Some(reported) = reported else {
            let needed = load::tally::needed(quantile);
            let sentence = format!("{name} not measured: {needed} answers needed (limit {limit})");
            return Self { sentence, met: false };
        };
        let met = reported < at;
        let bound = Bound::Below(in_milliseconds(at));
        let sign = if met { "<" } else { ">=" };
        Self { sentence: format!("{name} {} ms {sign} {limit}", beside(in_milliseconds(reported), bound)), met }
    }
}

fn limits(asked: &Load) -> Vec<(f64, &'static str, Duration)> {
    let given = [(0.5, "p50", asked.p50), (0.95, "p95", asked.p95), (0.99, "p99", asked.p99)];
    given.into_iter().filter_map(|(quantile, name, limit)| Some((quantile, name, limit?.duration()))).collect()
}

fn milliseconds(at: Duration) -> String {
    format!("{} ms", Number(in_milliseconds(at)))
}

fn in_milliseconds(at: Duration) -> f64 {
    at.as_nanos() as f64 / 1e6
}

fn write_report(
    report: &Report,
    limits: &[Limit],
    passed: bool,
    ascii: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    for line in report.lines() {
        let line = if ascii { line.replace('█', "#").replace('≤', "<=").replace('×', "x") } else { line };
        writeln!(out, "{line}")?;
    }
    let mut reasons: Vec<&str> = limits.iter().map(|limit| limit.sentence.as_str()).collect();
    if report.tally.failed() > 0 {
        reasons.insert(0, "errors");
    }
    if !report.is_whole() {
        reasons.insert(0, "not all requests were sent");
    }
    if reasons.is_empty() {
        reasons.push("no errors");
    }
    writeln!(out, "\n{}: {}", if passed { "PASS" } else { "FAIL" }, reasons.join("; "))?;
    Ok(())
}

fn plan(asked: &Load) -> Result<Plan, Failure> {
    let url = Url::parse(&asked.url).ok().filter(|url| url.has_host() && matches!(url.scheme(), "http" | "https"));
    let url = url.ok_or_else(|| Failure::usage("not an address to test; write http://HOST[:PORT]/PATH"))?;
    let body = body(asked)?;
    let method = asked.method.as_deref().unwrap_or(if asked.data.is_some() { "POST" } else { "GET" });
    let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes())
        .map_err(|_| Failure::usage(format!("unknown method `{method}`")))?;
    let expected = Statuses::parse(asked.expect.iter().map(String::as_str));
    let expected = expected.map_err(|why| Failure::usage(format!("--expect: {why}; write 200, 2xx or 200-204")))?;
    let pace = match (asked.rate, asked.duration) {
        (Some(rate), Some(lasts)) => Pace::Open { rate, lasts: lasts.duration() },
        _ => Pace::Closed { requests: asked.requests },
    };
    let tls = asked.ca.as_ref().map(|ca| Authority::read(ca, Path::new("."))).transpose();
    let tls = tls.map_err(|why| Failure::usage(why.to_string()))?;
    let tls = tls.as_ref().map(Authority::client);
    let sample = Sample { method, headers: headers(asked)?, body: body.into(), expected, tls, ..Sample::get(url) };
    let timeout = asked.timeout.duration();
    if timeout.is_zero() {
        return Err(Failure::usage("--timeout: write more than zero, such as 10s"));
    }
    Ok(Plan { sample, pace, connections: asked.connections, warmup: asked.warmup, timeout })
}

fn body(asked: &Load) -> Result<Vec<u8>, Failure> {
    let Some(data) = &asked.data else { return Ok(Vec::new()) };
    let Some(file) = data.strip_prefix('@') else { return Ok(data.clone().into_bytes()) };
    input::read(Path::new(file), BODY).map_err(|error| Failure::usage(format!("{file} cannot be read: {error}")))
}

/// The headers as given, their variables in place. What they hold is not repeated in an error.
fn headers(asked: &Load) -> Result<HeaderMap, Failure> {
    let texts = |(name, value): (String, Vec<u8>)| Some((name, String::from_utf8(value).ok()?));
    let inherited: BTreeMap<String, String> = variables::inherited().into_iter().filter_map(texts).collect();
    let mut headers = HeaderMap::new();
    for header in &asked.header {
        let (name, value) =
            header.split_once(':').ok_or_else(|| Failure::usage("--header: write `Name: value`".to_owned()))?;
        let name = name.trim();
        let key = HeaderName::from_bytes(name.as_bytes());
        let key =
            key.map_err(|_| Failure::usage("--header: the name holds characters that no header name may".to_owned()))?;
        let value = variables::expand(value.trim(), &inherited)
            .ok_or_else(|| Failure::usage(format!("--header {name}: a variable is not set; export it first")))?;
        let value = HeaderValue::from_str(&value)
            .map_err(|_| Failure::usage(format!("--header {name}: the value may not stand in a header")))?;
        headers.append(key, value);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_one_line() {
        let progress = Progress {
            elapsed: Duration::from_secs(4),
            done: 430,
            total: 1_000,
            errors: 1,
            p95: Some(Duration::from_micros(11_300)),
            seconds: vec![50, 100, 200, 400, 3],
            ..Progress::default()
        };
        assert_eq!(line(&progress, false), "[########............] 430/1000  108/s  p95 11.3 ms  1 error  ▁▂▄█");
        assert_eq!(line(&progress, true), "[########............] 430/1000  108/s  p95 11.3 ms  1 error  _.-#");
    }
}
