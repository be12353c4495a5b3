//! The forms in which collected numbers are printed.

use super::{Numbers, Shown};
use crate::checklist::target::Bound;
use crate::collector::sources::Shape;
use crate::deployment::metrics::{Assessment, PaneVerdict};
use crate::deployment::numbers::{quantity, quantity_beside};
use crate::harmless;
use crate::metrics::Bucket;
use chrono::{DateTime, SecondsFormat};
use serde_json::{Value, json};
use std::io::{self, Write};

/// One line a metric.
pub(super) fn table(shown: &[Shown], now_ms: i64, out: &mut dyn Write) -> io::Result<()> {
    let titles = shown.iter().map(|one| one.title.chars().count()).max().unwrap_or(0).clamp(6, 40);
    writeln!(
        out,
        "{:<titles$}  {:>14}  {:>16}  {:>16}  {:>22}  {:<19}  {:>10}  {:>10}  {:>8}  last sample",
        "METRIC", "VALUE", "TARGET", "BASELINE", "CHANGE", "VERDICT", "MEDIAN", "P95", "SAMPLES"
    )?;
    for one in shown {
        let title: String = one.title.chars().take(titles).collect();
        let bucket = one.whole.iter().find(|bucket| bucket.count > 0);
        let last = one.last.as_ref();
        let seconds = last.map(|point| now_ms.saturating_sub(point.at_ms).max(0) / 1_000);
        let mut about = seconds.map_or_else(|| "never".to_owned(), |seconds| format!("{seconds} s ago"));
        if let Some(Err(gap)) = last.map(|point| &point.value) {
            about = format!("{about}, no data: {gap}");
        }
        let seen = one.seen.as_ref();
        let bound = seen.and_then(|seen| Bound::of(seen.target.as_deref()?));
        let value = seen.and_then(|seen| seen.value);
        let [value_is, baseline_is] = one.statistics;
        let value = value.map(|value| format!("{value_is}{}", quantity_beside(value, &one.series.unit, bound)));
        let baseline = seen.and_then(|seen| seen.baseline);
        let baseline = baseline.map(|value| format!("{baseline_is}{}", quantity(value, &one.series.unit)));
        let quantiles = quantiles(one, bucket);
        let quantile = |value: Option<f64>| {
            let value = value.map(|value| format!("{}{}", quantiles.about, quantity(value, &one.series.unit)));
            value.unwrap_or_else(|| "-".to_owned())
        };
        writeln!(
            out,
            "{title:<titles$}  {:>14}  {:>16}  {:>16}  {:>22}  {:<19}  {:>10}  {:>10}  {:>8}  {about}",
            value.as_deref().unwrap_or("-"),
            seen.and_then(|seen| seen.target.as_deref()).unwrap_or("-"),
            baseline.as_deref().unwrap_or("-"),
            seen.and_then(|seen| seen.change).map_or_else(|| "-".to_owned(), |change| change.to_string()),
            seen.map_or("-", Assessment::word),
            quantile(quantiles.median),
            quantile(quantiles.p95),
            bucket.map_or(0, |bucket| bucket.count),
        )?;
    }
    let reports = |seen: &&Assessment| seen.evaluated && (seen.verdict != PaneVerdict::Ok || seen.change.is_some());
    let reported = shown.iter().filter_map(|one| Some((one, one.seen.as_ref().filter(reports)?)));
    for (at, (one, seen)) in reported.enumerate() {
        let before = if at == 0 { "\n" } else { "" };
        writeln!(out, "{before}{}: {}: {}", one.title, seen.word(), seen.sentence)?;
    }
    for one in shown.iter().filter(|one| !one.errors.is_empty()) {
        writeln!(out, "\nNEW ERRORS  {}", one.title)?;
        for shape in &one.errors {
            let (first, last) = (time(shape.first_ms), time(shape.last_ms));
            writeln!(out, "  {} × {}  ({first} to {last})", shape.count, shape.text)?;
            for line in shape.sample.lines() {
                writeln!(out, "    {line}")?;
            }
        }
    }
    Ok(())
}

/// Median and 95th percentile of what is shown.
struct Quantiles {
    median: Option<f64>,
    p95: Option<f64>,
    /// `≈ ` where they are not those of all samples.
    about: &'static str,
}

/// Of the samples where they are there, else of what was put together of them, within the error of its histogram.
fn quantiles(one: &Shown, whole: Option<&Bucket>) -> Quantiles {
    let points = match &one.numbers {
        Numbers::Samples(points) => points,
        Numbers::Buckets(_) => {
            let (median, p95) = (whole.and_then(|bucket| bucket.median), whole.and_then(|bucket| bucket.p95));
            return Quantiles { median, p95, about: "≈ " };
        }
    };
    let mut numbers: Vec<f64> = points.iter().filter_map(|point| point.value.as_ref().ok().copied()).collect();
    numbers.sort_unstable_by(f64::total_cmp);
    let at = |place: usize| numbers.get(place.saturating_sub(1)).copied();
    Quantiles { median: at(numbers.len().div_ceil(2)), p95: at((numbers.len() * 95).div_ceil(100)), about: "" }
}

/// A line a sample, with `seconds` 0, or a line a bucket; a gap has its reason and no numbers.
pub(super) fn csv(shown: &[Shown], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "time,environment,metric,unit,seconds,count,min,mean,max,median,p95,gap")?;
    for one in shown {
        let series = &one.series;
        let key = [series.environment.as_str(), series.pane.as_str(), series.unit.as_str()].map(quoted).join(",");
        match &one.numbers {
            Numbers::Samples(points) => {
                for point in points {
                    let time = time(point.at_ms);
                    match &point.value {
                        Ok(value) => writeln!(out, "{time},{key},0,1,{value},{value},{value},{value},{value},")?,
                        Err(gap) => writeln!(out, "{time},{key},0,0,,,,,,{}", quoted(&gap.reason))?,
                    }
                }
            }
            Numbers::Buckets(buckets) => {
                for bucket in buckets.iter().filter(|bucket| bucket.count > 0 || bucket.gap.is_some()) {
                    let of = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
                    let some = |value: f64| of((bucket.count > 0).then_some(value));
                    writeln!(
                        out,
                        "{},{key},{},{},{},{},{},{},{},{}",
                        time(bucket.start_ms),
                        bucket.width_ms / 1_000,
                        bucket.count,
                        some(bucket.min),
                        of(bucket.average()),
                        some(bucket.max),
                        of(bucket.median),
                        of(bucket.p95),
                        quoted(bucket.gap.as_deref().unwrap_or_default()),
                    )?;
                }
            }
        }
    }
    Ok(())
}

pub(super) fn json(shown: &[Shown], out: &mut dyn Write) -> io::Result<()> {
    let metrics: Vec<Value> = shown.iter().map(one_json).collect();
    serde_json::to_writer_pretty(&mut *out, &json!({ "format": 1, "metrics": metrics })).map_err(io::Error::from)?;
    writeln!(out)
}

fn one_json(one: &Shown) -> Value {
    let series = &one.series;
    let mut value = json!({
        "metric": series.pane.as_str(),
        "title": one.title,
        "environment": series.environment.as_str(),
        "unit": series.unit,
        "every_seconds": series.every.as_secs_f64(),
    });
    let (name, numbers) = match &one.numbers {
        Numbers::Samples(points) => {
            let sample = |point: &crate::metrics::Point| match &point.value {
                Ok(value) => json!({ "time": time(point.at_ms), "value": value }),
                Err(gap) => json!({ "time": time(point.at_ms), "gap": gap.reason }),
            };
            ("samples", points.iter().map(sample).collect::<Vec<_>>())
        }
        Numbers::Buckets(buckets) => {
            let buckets = buckets.iter().filter(|bucket| bucket.count > 0 || bucket.gap.is_some()).map(|bucket| {
                let some = |value: f64| (bucket.count > 0).then_some(value);
                json!({
                    "time": time(bucket.start_ms), "seconds": bucket.width_ms / 1_000, "count": bucket.count,
                    "min": some(bucket.min), "mean": bucket.average(), "max": some(bucket.max),
                    "median": bucket.median, "p95": bucket.p95, "gap": bucket.gap,
                })
            });
            ("buckets", buckets.collect())
        }
    };
    value[name] = Value::Array(numbers);
    if let Some(seen) = &one.seen {
        value["now"] = json!(seen);
    }
    if !one.errors.is_empty() {
        let error = |shape: &Shape| {
            json!({
                "shape": shape.text, "count": shape.count, "first": time(shape.first_ms), "last": time(shape.last_ms),
                "sample": shape.sample,
            })
        };
        value["new_errors"] = one.errors.iter().map(error).collect();
    }
    value
}

/// One metric family, a series a pane, with timestamps that increase. A gap is a point that is not there; of buckets the
/// mean is given. `watched` are families of their own, as of now.
pub(super) fn open_metrics(shown: &[Shown], watched: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# TYPE gonogo_metric gauge\n# HELP gonogo_metric What gonogo collected, in the unit of the label.")?;
    for one in shown {
        let series = &one.series;
        let labels = [
            ("environment", series.environment.as_str()),
            ("metric", series.pane.as_str()),
            ("unit", series.unit.as_str()),
        ];
        let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        let numbers: Vec<(i64, f64)> = match &one.numbers {
            Numbers::Samples(points) => {
                points.iter().filter_map(|point| Some((point.at_ms, *point.value.as_ref().ok()?))).collect()
            }
            Numbers::Buckets(buckets) => {
                buckets.iter().filter_map(|bucket| Some((bucket.start_ms, bucket.average()?))).collect()
            }
        };
        let mut before = None;
        for (at_ms, value) in numbers {
            // Two at the same instant, as after a clock was set back, are one point there.
            if before.replace(at_ms) == Some(at_ms) {
                continue;
            }
            let seconds = format!("{}.{:03}", at_ms.div_euclid(1_000), at_ms.rem_euclid(1_000));
            writeln!(out, "gonogo_metric{{{}}} {value} {seconds}", labels.join(","))?;
        }
    }
    writeln!(out, "{watched}# EOF")
}

fn time(at_ms: i64) -> String {
    let time = DateTime::from_timestamp_millis(at_ms);
    time.map_or_else(|| at_ms.to_string(), |time| time.to_rfc3339_opts(SecondsFormat::Millis, true))
}

/// As RFC 4180 has it. What a spreadsheet would run as a formula is kept from it by a quote mark before it.
fn quoted(text: &str) -> String {
    let text: String = text.chars().map(|c| if harmless::is_hidden(c) { ' ' } else { c }).collect();
    let text = if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
