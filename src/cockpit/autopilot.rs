//! The autopilot: takes the next step that needs nobody, until one fails, a person is needed or a key is pressed.

use super::action::Action;
use super::dialog::Dialog;
use super::effect::{Effect, Ticket};
use super::model::{Follow, Model, Tone};
use super::round;
use crate::checklist::ItemId;
use crate::deployment::ItemStatus;
use crate::deployment::destruction;
use crate::deployment::flight::{self, Crew, Recording, Step};
use crate::deployment::waiting::{self, Wait};
use std::sync::Arc;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Autopilot {
    #[default]
    Off,
    On {
        crew: Crew,
        /// What it waits for.
        waiting: Waiting,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waiting {
    Nothing,
    /// An answer to a request, and then the end of the attempt it starts. The line in hand shows neither: it may have moved
    /// on by then.
    Answer(Ticket, Option<ItemId>),
    /// An attempt to end.
    Attempt(ItemId),
}

impl Autopilot {
    pub fn is_on(&self) -> bool {
        matches!(self, Autopilot::On { .. })
    }

    pub fn crew(&self) -> Option<Crew> {
        match self {
            Autopilot::Off => None,
            Autopilot::On { crew, .. } => Some(*crew),
        }
    }
}

/// Asks whether to turn it on, or turns it off when it is on. Simulated answers come at once: nothing is real where they do.
pub(crate) fn toggle(model: &mut Model, crew: Crew) -> Vec<Effect> {
    if model.autopilot.is_on() {
        let action = if crew == Crew::Simulated { Action::AutopilotSimulated } else { Action::Autopilot };
        let key = model.keymap.hint(action);
        stop(model, Tone::Plain, &format!("{key} was pressed; the running step continues"));
        return Vec::new();
    }
    if crew == Crew::Simulated && !model.plan.is_rehearsal() {
        model.say(Tone::Bad, "Simulated answers work only in a rehearsal");
        return Vec::new();
    }
    if crew == Crew::People {
        // One letter typed in the wrong window must not set a deployment going.
        model.dialog = Some(Dialog::Autopilot { crew });
        return Vec::new();
    }
    start(model, crew)
}

/// Turns it on.
pub(crate) fn start(model: &mut Model, crew: Crew) -> Vec<Effect> {
    model.autopilot = Autopilot::On { crew, waiting: Waiting::Nothing };
    model.follow = Follow::Running;
    model.paused = None;
    let key = model.keymap.hint(Action::Autopilot);
    model.say(Tone::Good, format!("autopilot on; {key} pauses it"));
    drive(model)
}

/// Turns it off and says why, at once at length and as long as it is off in short.
pub(crate) fn stop(model: &mut Model, tone: Tone, why: &str) {
    model.autopilot = Autopilot::Off;
    model.paused = Some(why.to_owned());
    model.say(tone, format!("autopilot paused: {why}"));
}

/// Takes the next step if nothing is waited for. Called after every message that may have changed that.
pub(crate) fn drive(model: &mut Model) -> Vec<Effect> {
    let Autopilot::On { crew, waiting } = model.autopilot.clone() else { return Vec::new() };
    match waiting {
        Waiting::Answer(..) => return Vec::new(),
        Waiting::Attempt(item) => {
            model.settle();
            match model.board.status(&item).clone() {
                ItemStatus::Running(_) | ItemStatus::Open | ItemStatus::Outdated(_) => return Vec::new(),
                ItemStatus::Done => {}
                other => {
                    model.select(&item);
                    let why = match &other {
                        ItemStatus::Failed(why) | ItemStatus::Inconclusive(why) => why.clone(),
                        _ => other.word().to_owned(),
                    };
                    let title = model.title(&item);
                    stop(model, Tone::Bad, &format!("{title} is {}: {why}", other.word()));
                    return Vec::new();
                }
            }
        }
        Waiting::Nothing => {}
    }
    model.settle();
    let plan = Arc::clone(&model.plan);
    let Some(step) = flight::next(&plan, &model.state, &mut model.board, crew) else {
        if let Some((intent, role)) = round::simulated(model).filter(|_| crew == Crew::Simulated) {
            let ticket = model.ticket();
            model.autopilot = Autopilot::On { crew, waiting: Waiting::Answer(ticket, None) };
            return vec![Effect::AppendRecord { ticket, intent, simulated: Some(role) }];
        }
        finish(model);
        return Vec::new();
    };
    // A step of the window is begun when the clock says so, and none while it is held.
    match waiting::wait(&plan, &model.state, &step, model.now) {
        None => {}
        Some(Wait::Until(_)) => return Vec::new(),
        Some(Wait::Held) => {
            held(model);
            return Vec::new();
        }
    }
    take(model, crew, step)
}

/// Time went on: what waited for the clock may begin.
pub(crate) fn wake(model: &mut Model) -> Vec<Effect> {
    let counts = model.state.clock.count.is_some();
    let waits = matches!(model.autopilot, Autopilot::On { waiting: Waiting::Nothing, .. });
    if counts && waits { drive(model) } else { Vec::new() }
}

/// On HOLD it stops and says so: whoever resumes the clock starts it again on purpose.
fn held(model: &mut Model) {
    let reason = model.state.clock.hold().map(|hold| hold.reason.clone()).unwrap_or_default();
    let (resume, again) = (model.keymap.hint(Action::Hold), model.keymap.hint(Action::Autopilot));
    let why = format!("HOLD: {reason}; {resume} resumes the clock, then {again} the autopilot");
    stop(model, Tone::Plain, &why);
}

fn take(model: &mut Model, crew: Crew, step: Step) -> Vec<Effect> {
    let ticket = model.ticket();
    if let Step::Run(item) | Step::Evaluate(item) | Step::Tick(item) | Step::Fill(item) = &step {
        model.select(item);
    }
    let recording = flight::recording(&model.plan, &step);
    let mut started = None;
    let effect = match (recording, step) {
        (Some(Recording { intent, simulated }), _) => Effect::AppendRecord { ticket, intent, simulated },
        (None, Step::Run(item)) if crew == Crew::People && asks_for_name(model, &item) => {
            let title = model.title(&item);
            stop(model, Tone::Plain, &format!("{title} needs the environment's name typed"));
            return Vec::new();
        }
        (None, Step::Run(item)) => {
            let simulated = (crew == Crew::Simulated).then(|| "captain".to_owned());
            started = Some(item.clone());
            Effect::StartAttempt { ticket, item, confirmation: None, simulated }
        }
        (None, _) => return Vec::new(),
    };
    model.autopilot = Autopilot::On { crew, waiting: Waiting::Answer(ticket, started) };
    vec![effect]
}

/// Whether a person types the environment's name before this item runs.
pub(crate) fn asks_for_name(model: &Model, item: &ItemId) -> bool {
    model.plan.item(item).is_some_and(|item| {
        let name = model.plan.still_asks_for_name(&model.state, item);
        name.is_some() || destruction::of(&model.plan, item).is_some()
    })
}

fn finish(model: &mut Model) {
    if let Some(failed) = super::advice::failed(model) {
        model.select(&failed);
        let text = format!("{} failed, and every other step depends on it", model.title(&failed));
        stop(model, Tone::Bad, &text);
        return;
    }
    let plan = Arc::clone(&model.plan);
    if let Some(person) = flight::person_needed(&plan, &model.state, &mut model.board) {
        let text = format!("manual step: {}", person.title);
        let id = person.id.clone();
        model.select(&id);
        stop(model, Tone::Plain, &text);
        return;
    }
    if model.state.decision().is_none()
        && let Some(blocking) = super::advice::blocking(model)
    {
        let why = match model.board.status(&blocking) {
            ItemStatus::Failed(why) | ItemStatus::Inconclusive(why) => why.clone(),
            other => other.word().to_owned(),
        };
        let text = format!("{} did not pass: {why}", model.title(&blocking));
        model.select(&blocking);
        stop(model, Tone::Bad, &text);
        return;
    }
    let key = model.keymap.hint(super::Action::ShowDecision);
    let why = match model.state.decision() {
        Some(_) => "the decision is recorded; no step is left for it".to_owned(),
        None => format!("decision needed; {key} shows go/no-go"),
    };
    stop(model, Tone::Good, &why);
}
