//! Doing what the line in hand asks for: running, evaluating, ticking, filling in, signing, deciding.

use super::{alerts, arming, forms, moves, poll, seat, signing};
use crate::checklist::check::Completion;
use crate::checklist::{Check, ItemId};
use crate::cockpit::action::Action;
use crate::cockpit::autopilot;
use crate::cockpit::effect::Effect;
use crate::cockpit::model::{Follow, Model, Panel, Tone};
use crate::cockpit::round::{self, Stage};
use crate::cockpit::screens::Screen;
use crate::deployment::about::About;
use crate::deployment::{Intent, ItemStatus};

/// Does what the line in hand asks for.
pub(super) fn go(model: &mut Model) -> Vec<Effect> {
    match model.screen {
        Screen::Decision if !model.drives() => return seat::refuse(model),
        Screen::Decision => {
            // In the order that the screen shows: the poll before the decision.
            match round::stage(model) {
                Stage::OpenPoll | Stage::Answer(_) => poll::poll(model),
                Stage::Criteria(_) | Stage::Waits(_) | Stage::Objection(_) | Stage::Decide | Stage::Decided => {
                    poll::decide(model);
                }
            }
            return Vec::new();
        }
        Screen::Signoffs => return signing::sign(model),
        Screen::Alerts => {
            alerts::open_chart(model);
            return model.ask_for_buckets();
        }
        Screen::Timeline => return to_step(model, in_record(model)),
        Screen::Migration => {
            let item = model.migration_attempt().map(|attempt| attempt.item.clone());
            return to_step(model, item.or_else(|| first_migration(model)));
        }
        Screen::Panes => {
            let back = model.keymap.hint(Action::ShowCockpit);
            model.say(Tone::Plain, format!("No metric to open; {back} overview"));
            return Vec::new();
        }
        Screen::Cockpit | Screen::Checklist => {}
    }
    if moves::toggle_heading(model) {
        return Vec::new();
    }
    if !model.drives() {
        return seat::refuse(model);
    }
    let Some(item) = model.selected_item() else { return Vec::new() };
    let id = item.id.clone();
    match item.check.kind().completion() {
        // A step with a command is not done by looking past it: ⏎ opens the command, the tick has a key of its own.
        Completion::Ticked if arming::is_offered(item, model.board.status(&id)) => {
            arming::look(model);
            Vec::new()
        }
        Completion::Ticked => tick(model),
        Completion::Filled => {
            forms::fill(model);
            Vec::new()
        }
        Completion::Evaluated => {
            let ticket = model.ticket();
            vec![Effect::AppendRecord { ticket, intent: Intent::EvaluateItem { item: id }, simulated: None }]
        }
        Completion::Run => run(model, id),
    }
}

/// Goes to a step on the overview: what is selected elsewhere is looked at before it is run.
fn to_step(model: &mut Model, item: Option<ItemId>) -> Vec<Effect> {
    let Some(item) = item else {
        model.say(Tone::Plain, "No step belongs to the selection");
        return Vec::new();
    };
    model.follow = Follow::Free;
    moves::show(model, Screen::Cockpit);
    model.panel = Panel::Items;
    model.select(&item);
    moves::read_selected(model)
}

/// The step that the record in hand is about.
fn in_record(model: &Model) -> Option<ItemId> {
    About::of(&model.record_in_hand()?.fact).item.cloned()
}

fn first_migration(model: &Model) -> Option<ItemId> {
    let items = model.plan.checklist().items();
    let mut migrations = items.filter(|item| matches!(item.check, Check::Migration(_)));
    migrations.next().map(|item| item.id.clone())
}

fn run(model: &mut Model, id: ItemId) -> Vec<Effect> {
    if let ItemStatus::Inapplicable(reason) = model.board.status(&id) {
        let text = format!("Not applicable here: {reason}");
        model.say(Tone::Bad, text);
        return Vec::new();
    }
    if autopilot::asks_for_name(model, &id) {
        forms::confirm(model, id);
        return Vec::new();
    }
    let ticket = model.ticket();
    vec![Effect::StartAttempt { ticket, item: id, confirmation: None, simulated: None }]
}

pub(super) fn tick(model: &mut Model) -> Vec<Effect> {
    let Some(item) = model.selected.clone() else { return Vec::new() };
    let ticket = model.ticket();
    model.undoable = Some((ticket, format!("ticked {}", model.title(&item))));
    vec![Effect::AppendRecord { ticket, intent: Intent::CheckItem { item, note: None }, simulated: None }]
}
