//! What the store of metrics costs: 30 panes sampled every 5 s for 7 days. Its size on disk is printed once, with the aim
//! beside it; opening 20 panes over 24 hours, as a cockpit does, is measured.

#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "numbers of seconds of a week")]
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "whatever goes wrong here ends the run and is seen")]

use chrono::{DateTime, Utc};
use criterion::{Criterion, criterion_group, criterion_main};
use gonogo::checklist::pane::{Pane, Source};
use gonogo::metrics::Store;
use gonogo::metrics::sampler::Sample;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

const PANES: usize = 30;
const OPENED: usize = 20;
const EVERY: i64 = 5;
const WEEK: i64 = 7 * 86_400;
/// Samples are written, put together and let go in steps of an hour, as a collector does it.
const STEP: i64 = 3_600;
const AIM_MB: f64 = 60.0;

fn pane(at: usize) -> Pane {
    Pane::new(format!("pane-{at}").as_str(), "here", Source::Latency { path: "/".into() }, "ms")
}

/// Numbers as a service has them: around a middle, now and then far above it.
fn number(pane: usize, second: i64) -> f64 {
    let mut bits = (second as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (pane as u64) << 32;
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let share = (bits >> 11) as f64 / (1_u64 << 53) as f64;
    20.0 + pane as f64 + 10.0 * share + if share > 0.99 { 300.0 } else { 0.0 }
}

async fn fill(evidence: &Path, end: DateTime<Utc>) {
    let store = Store::open(evidence).await.unwrap();
    for at in 0..PANES {
        let every = Duration::from_secs(EVERY.cast_unsigned());
        store.describe(&"here".into(), &pane(at).id, "ms", every).await.unwrap();
    }
    let began = end.timestamp() - WEEK;
    for step in (0..WEEK).step_by(STEP as usize) {
        let mut samples = Vec::new();
        for second in (step..step + STEP).step_by(EVERY as usize) {
            for at in 0..PANES {
                samples.push(Sample {
                    pane: pane(at).id,
                    environment: "here".into(),
                    at: Instant::now(),
                    time: DateTime::from_timestamp(began + second, 0).unwrap(),
                    value: Ok(number(at, second)),
                });
            }
        }
        store.append(&samples).await.unwrap();
        store.roll().await.unwrap();
        store.let_go((began + step + STEP) * 1_000, STEP * 1_000).await.unwrap();
    }
    store.close().await;
}

async fn open(evidence: &Path, now_ms: i64) -> usize {
    let store = Store::look(evidence).await.unwrap().unwrap();
    let mut columns = 0;
    for at in 0..OPENED {
        let day = now_ms - 86_400_000..now_ms + 1;
        columns += store.buckets(&"here".into(), &pane(at).id, day, 400).await.unwrap().len();
    }
    store.close().await;
    columns
}

fn store(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let end = Utc::now();
    runtime.block_on(fill(folder.path(), end));
    let bytes: u64 =
        std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).sum();
    println!("{PANES} panes x 7 days at {EVERY} s: {:.1} MB on disk (at most {AIM_MB})", bytes as f64 / 1e6);
    let mut group = criterion.benchmark_group("store");
    group.sample_size(10);
    group.bench_function("opening 20 panes x 24 h (at most 100 ms)", |bencher| {
        bencher.iter(|| black_box(runtime.block_on(open(folder.path(), end.timestamp_millis()))));
    });
    group.finish();
}

criterion_group!(benches, store);
criterion_main!(benches);
