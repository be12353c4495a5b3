//! Doing what the line in hand asks for: running, judging, ticking, filling in, signing, deciding.

use super::{alerts, forms, moves, poll, seat, signing};
use crate::checklist::ItemId;
use crate::checklist::check::Settled;
use crate::cockpit::action::Action;
use crate::cockpit::autopilot;
use crate::cockpit::effect::Effect;
use crate::cockpit::model::{Model, Tone};
use crate::cockpit::screens::Screen;
use crate::deployment::{Intent, ItemStatus};

/// Does what the line in hand asks for.
pub fn go(model: &mut Model) -> Vec<Effect> {
    match model.screen {
        Screen::Decision if !model.drives() => return seat::refuse(model),
        Screen::Decision => {
            poll::decide(model);
            return Vec::new();
        }
        Screen::Signoffs => return signing::sign(model),
        Screen::Alerts => {
            alerts::open_chart(model);
            return model.ask_for_buckets();
        }
        Screen::Timeline | Screen::Panes => {
            let back = model.keymap.hint(Action::ShowCockpit);
            model.say(Tone::Plain, format!("there is nothing to carry out here; {back} shows the cockpit"));
            return Vec::new();
        }
        _ => {}
    }
    if moves::toggle_heading(model) {
        return Vec::new();
    }
    if !model.drives() {
        return seat::refuse(model);
    }
    let Some(item) = model.selected_item() else { return Vec::new() };
    let id = item.id.clone();
    match item.check.kind().settled() {
        Settled::Ticked => tick(model),
        Settled::Filled => {
            forms::fill(model);
            Vec::new()
        }
        Settled::Judged => {
            let ticket = model.ticket();
            vec![Effect::AppendRecord { ticket, intent: Intent::JudgeItem { item: id }, stand_in: None }]
        }
        Settled::Run => run(model, id),
    }
}

fn run(model: &mut Model, id: ItemId) -> Vec<Effect> {
    if let ItemStatus::Inapplicable(reason) = model.board.status(&id) {
        let text = format!("this makes no sense here: {reason}");
        model.say(Tone::Bad, text);
        return Vec::new();
    }
    if autopilot::asks_for_name(model, &id) {
        forms::confirm(model, id);
        return Vec::new();
    }
    let ticket = model.ticket();
    vec![Effect::StartAttempt { ticket, item: id, confirmation: None, stand_in: None }]
}

pub fn tick(model: &mut Model) -> Vec<Effect> {
    let Some(item) = model.selected.clone() else { return Vec::new() };
    let ticket = model.ticket();
    vec![Effect::AppendRecord { ticket, intent: Intent::CheckItem { item, note: None }, stand_in: None }]
}
