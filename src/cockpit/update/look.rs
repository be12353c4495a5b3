//! What is asked of the terminal alone, and what the host's clock does.

use crate::cockpit::autopilot;
use crate::cockpit::effect::{Effect, Order};
use crate::cockpit::model::{Model, Tone};
use crate::cockpit::msg::Msg;
use crate::cockpit::window::span;
use chrono::TimeDelta;

/// A stopped cockpit takes no next step, so its autopilot does not pretend to be on.
pub(super) fn suspend(model: &mut Model) -> Vec<Effect> {
    if model.autopilot.is_on() {
        autopilot::stop(model, Tone::Plain, "the cockpit was suspended");
    }
    vec![Order::Suspend.into()]
}

pub(super) fn next_theme(model: &mut Model) {
    model.theme = (model.theme + 1) % model.themes.len().max(1);
    let Some(name) = model.themes.get(model.theme) else {
        model.say(Tone::Plain, "there is no other theme");
        return;
    };
    let text = format!("theme {name}, {} of {}; `--theme {name}` begins with it", model.theme + 1, model.themes.len());
    model.say(Tone::Plain, text);
}

/// How the warning of a clock that was set begins.
const CLOCK_SET: &str = "this host's clock was set";

/// The host's clock was set, or its zone changed.
pub(super) fn clock(model: &mut Model, msg: &Msg) {
    match msg {
        Msg::Zone(zone) => model.local = *zone,
        Msg::ClockSet(set) => {
            model.warnings.retain(|warning| !warning.starts_with(CLOCK_SET));
            let Some(set) = set else { return };
            let way = if *set < TimeDelta::zero() { "back" } else { "forward" };
            let text = format!(
                "{CLOCK_SET} {way} by {} while this cockpit was open; T counts steadily here, records carry the host's time",
                span(set.abs())
            );
            model.warnings.insert(0, text);
        }
        _ => {}
    }
}
