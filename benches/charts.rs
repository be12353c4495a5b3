//! What the charts cost: 30 panes sampled every 5 s for 7 days. A frame of the grid and of an open pane; making all of
//! them ready, which happens before the frame; a sample taken in.

#![expect(clippy::unwrap_used, reason = "whatever goes wrong here ends the run and is seen")]

#[path = "support/history.rs"]
#[expect(dead_code, reason = "a long history of records is not needed here")]
mod history;

use chrono::TimeDelta;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use gonogo::checklist::pane::Statistic;
use gonogo::cockpit::key::Code;
use gonogo::cockpit::msg::Sample;
use gonogo::cockpit::{Key, Model, Msg, update};
use gonogo::config::theme::Theme;
use gonogo::deployment::metrics::estimate::{Difference, Sample as Set, difference};
use gonogo::screen::{Glyphs, draw};
use history::checklist;
use history::fixture::flight::Flight;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::time::Duration;

const PANES: usize = 30;
const EVERY: i64 = 5;
const SIZES: [(u16, u16); 3] = [(80, 24), (120, 36), (200, 60)];

/// A week of samples, one in a thousand of them a gap.
fn model() -> Model {
    let mut checklist = checklist();
    let panes = checklist.panes.clone();
    checklist.panes = panes.iter().cycle().take(PANES).cloned().collect();
    for (at, pane) in checklist.panes.iter_mut().enumerate() {
        pane.id = format!("pane-{at}").as_str().into();
        pane.every = gonogo::checklist::offset::Span::from_millis(5_000);
    }
    let mut flight = Flight::of(checklist);
    flight.wait(7 * 86_400);
    let mut model = flight.model();
    let began = model.now - TimeDelta::days(7);
    for turn in 0..7 * 86_400 / EVERY {
        let at = began + TimeDelta::seconds(turn * EVERY);
        let value = if turn % 1_000 == 0 { Err("no answer".to_owned()) } else { Ok((turn * turn % 97) as f64) };
        let sample =
            |view: &gonogo::cockpit::model::PaneView| Sample { pane: view.pane.id.clone(), at, value: value.clone() };
        let samples = model.panes.iter().map(sample).collect();
        update(&mut model, Msg::Sampled(samples));
    }
    update(&mut model, Msg::Key(Key::char('3')));
    for _ in 0..4 {
        update(&mut model, Msg::Key(Key::char('-')));
    }
    model.settle();
    model
}

fn paint(terminal: &mut Terminal<TestBackend>, model: &mut Model, theme: &Theme, glyphs: &Glyphs) {
    let mut windows = None;
    terminal.draw(|frame| windows = Some(draw(frame, model, theme, glyphs))).unwrap();
    update(model, Msg::LaidOut(Box::new(windows.unwrap())));
}

/// An hour before the change against 200 samples after it, as each look compares them.
fn compare() -> Option<Difference> {
    let values = |count: u32| (0..count).map(|turn| f64::from(100 + turn * turn % 97)).collect::<Vec<f64>>();
    difference(&Set::of(&values(1_800)), &Set::of(&values(200)), Statistic::Median)
}

fn charts(criterion: &mut Criterion) {
    let (theme, glyphs) = (Theme::dark(), Glyphs::unicode());
    let mut group = criterion.benchmark_group("charts, 30 panes, 7 days");
    group.sample_size(20).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    let mut model = model();
    for (columns, lines) in SIZES {
        let mut terminal = Terminal::new(TestBackend::new(columns, lines)).unwrap();
        // The second is made ready for the width of the first.
        for _ in 0..2 {
            paint(&mut terminal, &mut model, &theme, &glyphs);
            model.settle();
        }
        group.bench_function(format!("frame of the grid, {columns}x{lines}"), |bencher| {
            bencher.iter(|| paint(&mut terminal, &mut model, &theme, &glyphs));
        });
        update(&mut model, Msg::Key(Key::plain(Code::Enter)));
        for _ in 0..2 {
            paint(&mut terminal, &mut model, &theme, &glyphs);
            model.settle();
        }
        group.bench_function(format!("frame of one pane, {columns}x{lines}"), |bencher| {
            bencher.iter(|| paint(&mut terminal, &mut model, &theme, &glyphs));
        });
        update(&mut model, Msg::Key(Key::plain(Code::Esc)));
    }
    let mut later = 0;
    group.bench_function("all of them made ready, the time moved on", |bencher| {
        bencher.iter(|| {
            later += 3_600;
            let now = model.now + TimeDelta::seconds(3_600);
            update(&mut model, Msg::Tick(now));
            model.settle();
        });
    });
    let first = model.panes[0].clone();
    let mut at = first.last_at.unwrap();
    group.bench_function("a sample taken in", |bencher| {
        bencher.iter_batched_ref(
            || {
                at += TimeDelta::seconds(EVERY);
                (first.clone(), at)
            },
            |(view, at)| view.push(*at, Ok(7.0)),
            BatchSize::LargeInput,
        );
    });
    group.bench_function("a metric compared with its baseline", |bencher| bencher.iter(compare));
    group.finish();
    assert!(later > 0);
}

criterion_group!(benches, charts);
criterion_main!(benches);
