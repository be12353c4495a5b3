//! What a flight costs: the program from nothing to an answer, and a history folded into what is to be done.

#![expect(clippy::unwrap_used, reason = "whatever goes wrong here ends the run and is seen")]

#[path = "support/history.rs"]
mod history;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gonogo::commands::open::{NEUROHUB, Source, open_checklist};
use gonogo::deployment::{Board, State};
use history::fixture::flight::captain;
use history::{checklist, flight};
use std::process::{Command, Stdio};
use std::time::Duration;

/// `gonogo status` of a NeuroHub deployment that has just been opened.
fn cold_start(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("neurohub.ledger.toml");
    let source = Source { name: "neurohub.toml".into(), text: NEUROHUB.1.into() };
    let asked = ["staging", "production"].map(|slot| (slot.into(), format!("rehearsal-{slot}").as_str().into()));
    drop(open_checklist(&source, &path, &asked, None, &captain()).unwrap());
    let mut group = criterion.benchmark_group("cold start");
    group.sample_size(20).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(3));
    group.bench_function("status", |bencher| {
        bencher.iter(|| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_gonogo"));
            let status = command.arg("status").arg(&path).stdout(Stdio::null()).status().unwrap();
            assert!(status.success());
        });
    });
    group.finish();
}

/// Records into the state, and the state into what every item may do.
fn fold(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("fold and board");
    group.sample_size(10).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    for records in [10_000, 100_000] {
        let flight = flight(checklist(), records);
        group.throughput(Throughput::Elements(flight.records.len() as u64));
        group.bench_function(format!("{records} records"), |bencher| {
            bencher.iter(|| {
                let state = State::replay(&flight.records);
                let board = Board::new(&flight.plan, &state);
                board.tally(flight.plan.checklist().items())
            });
        });
    }
    group.finish();
}

criterion_group!(benches, cold_start, fold);
criterion_main!(benches);
