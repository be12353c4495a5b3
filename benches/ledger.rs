//! What a ledger costs: an append held against the bare write and sync that it cannot do without, and replay.
//!
//! `cargo bench --bench ledger -- append` on the disk that ledgers will lie on; for replay any folder does, and one in
//! memory makes the long ledgers quickly: `TMPDIR=/dev/shm cargo bench --bench ledger -- replay`.

#![expect(clippy::unwrap_used, reason = "whatever goes wrong here ends the run and is seen")]

#[path = "../tests/support/flight.rs"]
mod flight;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use flight::{Flight, captain};
use gonogo::deployment::Intent;
use gonogo::ledger::verify::examine;
use std::fs::OpenOptions;
use std::io::Write as _;

fn note() -> Intent {
    Intent::AddNote { item: None, text: "the lots endpoint answers in 182 ms, as rehearsed".into() }
}

fn append(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("append");
    let (flight, mut ledger) = Flight::open();
    group.bench_function("record", |bencher| bencher.iter(|| ledger.append(&captain(), note()).unwrap()));
    let raw = flight.path().with_extension("raw");
    let mut file = OpenOptions::new().create(true).append(true).open(&raw).unwrap();
    let bytes = [b'x'; 420];
    group.bench_function("write and fdatasync alone", |bencher| {
        bencher.iter(|| file.write_all(&bytes).and_then(|()| file.sync_data()).unwrap());
    });
    group.finish();
}

fn replay(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("replay");
    for records in [10_000_u64, 100_000] {
        let (flight, mut ledger) = Flight::open();
        for _ in 1..records {
            ledger.append(&captain(), note()).unwrap();
        }
        group.throughput(Throughput::Elements(records)).sample_size(10);
        group.bench_function(format!("open {records} records"), |bencher| {
            bencher.iter_with_large_drop(|| flight.reopen().unwrap());
        });
        group.bench_function(format!("verify {records} records"), |bencher| {
            bencher.iter(|| examine(&flight.path()).unwrap());
        });
    }
    group.finish();
}

criterion_group!(benches, append, replay);
criterion_main!(benches);
