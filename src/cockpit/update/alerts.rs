//! Saying that a record was seen: a breach, or somebody who could not be told.

use super::forms;
use crate::cockpit::dialog::Purpose;
use crate::cockpit::form::{Field, Form};
use crate::cockpit::model::{Model, Tone};
use crate::cockpit::sentence::sentence;

pub fn acknowledge(model: &mut Model) {
    let waiting: Vec<_> = model.unseen_alerts().collect();
    let Some(first) = waiting.first().copied() else {
        model.say(Tone::Plain, "nothing asks to be acknowledged");
        return;
    };
    let mut intro = Vec::new();
    if let Some(record) = model.record(first) {
        intro.push(sentence(&model.plan, record).text);
        intro.push(format!("{} by {}, {} UTC", record.seq, record.by, record.at.format("%Y-%m-%d %H:%M")));
    }
    if waiting.len() > 1 {
        intro.push(format!("{} more wait after it.", waiting.len() - 1));
    }
    let form = Form::new("Acknowledge", "I have seen it", vec![Field::lines("note", "", "optional")]);
    forms::open(model, Purpose::Acknowledge(first), form.with_intro(intro));
}
