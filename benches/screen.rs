//! What the screen costs: a drawing of the main screen, and a key on its way to it.

#![expect(clippy::unwrap_used, reason = "whatever goes wrong here ends the run and is seen")]

#[path = "support/history.rs"]
mod history;

use criterion::{Criterion, criterion_group, criterion_main};
use gonogo::cockpit::{Key, Model, Msg, update};
use gonogo::config::theme::Theme;
use gonogo::screen::{Glyphs, draw};
use history::fixture::checklist::large;
use history::{checklist, flight};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::time::Duration;

const RECORDS: usize = 10_000;
const COLUMNS: u16 = 120;
const LINES: u16 = 36;

/// The NeuroHub checklist, and one with as many items as the largest seen.
fn models() -> [(String, Model); 2] {
    [checklist(), large(1_467)].map(|checklist| {
        let items = checklist.items().count();
        (format!("{items} items"), flight(checklist, RECORDS).model())
    })
}

fn paint(terminal: &mut Terminal<TestBackend>, model: &mut Model, theme: &Theme, glyphs: &Glyphs) {
    let mut windows = None;
    terminal.draw(|frame| windows = Some(draw(frame, model, theme, glyphs))).unwrap();
    update(model, Msg::LaidOut(Box::new(windows.unwrap())));
}

fn screen(criterion: &mut Criterion) {
    let (theme, glyphs) = (Theme::dark(), Glyphs::unicode());
    let mut group = criterion.benchmark_group("screen");
    group.sample_size(20).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    for (name, mut model) in models() {
        let mut terminal = Terminal::new(TestBackend::new(COLUMNS, LINES)).unwrap();
        paint(&mut terminal, &mut model, &theme, &glyphs);
        group.bench_function(format!("draw, {name}"), |bencher| {
            bencher.iter(|| paint(&mut terminal, &mut model, &theme, &glyphs));
        });
        // Down and up in turn, so that every key moves something.
        let mut keys = [Key::char('j'), Key::char('k')].into_iter().cycle();
        group.bench_function(format!("key, {name}"), |bencher| {
            bencher.iter(|| update(&mut model, Msg::Key(keys.next().unwrap())));
        });
        group.bench_function(format!("key and draw, {name}"), |bencher| {
            bencher.iter(|| {
                update(&mut model, Msg::Key(keys.next().unwrap()));
                paint(&mut terminal, &mut model, &theme, &glyphs);
            });
        });
    }
    group.finish();
}

criterion_group!(benches, screen);
criterion_main!(benches);
