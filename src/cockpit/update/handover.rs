//! Handing over: what the program wrote, who takes over, and a note.

use super::forms;
use crate::cockpit::dialog::Purpose;
use crate::cockpit::form::{Field, Form};
use crate::cockpit::model::Model;
use crate::deployment::account::handover::{Handover, MetricLine};

pub(super) fn open(model: &mut Model) {
    let text = written(model).text();
    // All of it is recorded, so all of it can be read: the form scrolls.
    let intro: Vec<String> = text.lines().filter(|line| !line.is_empty()).map(ToOwned::to_owned).collect();
    let fields =
        vec![Field::text("to", "", "who takes over"), Field::lines("note", "", "what the next person should know")];
    let form = Form::new("Hand over", "record", fields).with_intro(intro);
    forms::open(model, Purpose::WriteHandover(text), form);
}

fn written(model: &Model) -> Handover {
    let mut metrics: Vec<MetricLine> =
        model.panes.iter().map(|view| MetricLine::of(view, view.seen(), model.now)).collect();
    metrics.sort_by_key(|line| line.rank);
    let watches: Vec<String> =
        model.watches.known.iter().map(|one| format!("{}: {}", model.title(&one.item), one.sentence)).collect();
    Handover::of(&model.plan, &model.state, &model.records, (&metrics, &watches), model.now)
}
