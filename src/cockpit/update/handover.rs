//! Handing over: what the program wrote, who takes over, and a note.

use super::forms;
use crate::cockpit::dialog::Purpose;
use crate::cockpit::form::{Field, Form};
use crate::cockpit::model::Model;
use crate::cockpit::pane_view::PaneView;
use crate::deployment::account::handover::{Handover, MetricLine};
use chrono::TimeDelta;

/// Lines of it shown above the fields; all of it is recorded.
const SHOWN: usize = 12;

pub fn open(model: &mut Model) {
    let text = written(model).text();
    let mut intro: Vec<String> = text.lines().filter(|line| !line.is_empty()).map(ToOwned::to_owned).collect();
    if intro.len() > SHOWN {
        let more = intro.len() - SHOWN;
        intro.truncate(SHOWN);
        intro.push(format!("… and {more} more lines; gonogo handover LEDGER --print shows all"));
    }
    let fields =
        vec![Field::text("to", "", "who takes over"), Field::lines("note", "", "what the next person should know")];
    let form = Form::new("Hand over", "record", fields).with_intro(intro);
    forms::open(model, Purpose::WriteHandover(text), form);
}

fn written(model: &Model) -> Handover {
    let now_ms = model.now.timestamp_millis();
    let hour = TimeDelta::hours(1).num_milliseconds();
    let line = |view: &PaneView| {
        let newest = view.last().ok_or_else(|| view.gap.clone().unwrap_or_else(|| "nothing was collected".to_owned()));
        let average = |hours: i64| view.series.average(now_ms - hours * hour..now_ms - (hours - 1) * hour);
        MetricLine::of(&view.pane, newest, average(1), average(2))
    };
    let mut metrics: Vec<MetricLine> = model.panes.iter().map(line).collect();
    metrics.sort_by_key(|line| !line.bad);
    let watches: Vec<String> =
        model.watches.known.iter().map(|one| format!("{}: {}", model.title(&one.item), one.sentence)).collect();
    Handover::of(&model.plan, &model.state, &model.records, (&metrics, &[], &watches), model.now)
}
