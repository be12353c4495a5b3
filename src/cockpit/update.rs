//! The one place that changes the model.
//!
//! Longer than 400 lines because every message and every action is answered here, each in a few lines; what takes more has a
//! file of its own.

mod alerts;
mod amend;
mod answers;
mod arming;
mod attention;
mod blocker;
mod carry_out;
mod charts;
mod copy;
mod endings;
mod filter;
mod find;
mod flying;
mod forms;
mod gates;
mod handover;
mod look;
pub(super) mod mine;
mod mouse;
mod moves;
mod palette;
mod poll;
mod roles;
mod scroll;
pub(super) mod seat;
mod signing;
mod window;

pub use forms::needed;

use super::action::Action;
use super::autopilot;
use super::dialog::Dialog;
use super::effect::{Effect, Order};
use super::form::FormAnswer;
use super::key::{Code, Key};
use super::model::{Access, Follow, Model, Panel, READ_ONLY, Tone};
use super::msg::Msg;
use super::palette::Kind;
use super::screens::Screen;
use super::watches;
use crate::deployment::flight::Crew;
use crate::deployment::{Fact, Record};
use std::sync::Arc;

/// Takes what happened into the model and says what is to be done about it. Never waits.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Key(key) => on_key(model, key),
        Msg::Paste(text) => {
            match &mut model.dialog {
                Some(Dialog::Form { form, .. }) => {
                    form.paste(&text);
                    forms::show_typed(model);
                }
                Some(Dialog::Palette(palette)) => palette::paste(palette, &model.keymap, &text),
                Some(_) => {}
                None => find::paste(model, &text),
            }
            Vec::new()
        }
        Msg::PasteRefused(bytes) => {
            let size = bytes.div_ceil(1_000_000);
            model.say(Tone::Bad, format!("paste of {size} MB refused: at most 1 MB is taken; name a file instead"));
            Vec::new()
        }
        Msg::PasteCut(bytes) => {
            model.say(Tone::Bad, format!("paste broke off after {bytes} bytes and was dropped; paste again"));
            Vec::new()
        }
        Msg::Mouse(mouse) => mouse::take(model, mouse),
        Msg::Edited(text) => {
            forms::edited(model, text);
            Vec::new()
        }
        Msg::Recorded(records) => on_recorded(model, records),
        Msg::Amended(plan) => {
            model.follow_plan(plan);
            let offered = model.offered.take();
            model.offer(offered.map(|offered| offered.offer));
            Vec::new()
        }
        Msg::Offered(offer) => {
            model.offer(offer.map(|offer| *offer));
            Vec::new()
        }
        Msg::Done(ticket) => answers::done(model, ticket),
        Msg::Refused(ticket, why) => answers::refused(model, ticket, &why),
        Msg::Output { attempt, from, bytes } => {
            model.outputs.entry(attempt).or_default().feed(from, &bytes);
            Vec::new()
        }
        Msg::Progress(attempt, progress) => {
            match progress.silent_since_ms {
                Some(since) => model.silences.insert(attempt, since),
                None => model.silences.remove(&attempt),
            };
            if progress.has_stage() {
                model.progress.insert(attempt, *progress);
            }
            attention::progress(model).into_iter().collect()
        }
        Msg::Sampled(samples) => {
            for sample in samples {
                if let Some(pane) = model.panes.iter_mut().find(|view| view.pane.id == sample.pane) {
                    pane.push(sample.at, sample.value);
                }
            }
            watches::ask(model)
        }
        Msg::Watches(known) => {
            model.watches.known = known;
            Vec::new()
        }
        Msg::Reviewed(group, read) => {
            signing::reviewed(model, &group, *read);
            Vec::new()
        }
        Msg::Buckets { pane, buckets } => {
            if let Some(view) = model.panes.iter_mut().find(|view| view.pane.id == pane) {
                view.fill(buckets);
            }
            Vec::new()
        }
        Msg::Server { environment, live } => {
            model.servers.insert(environment, *live);
            Vec::new()
        }
        Msg::Trouble(trouble) => {
            model.trouble = trouble;
            Vec::new()
        }
        Msg::WorkerFailed { worker, why } => {
            let lines = vec![why, "The rest of the cockpit continues; running steps continue.".to_owned()];
            model.dialog = Some(Dialog::Notice { title: format!("The {worker} worker stopped"), lines });
            Vec::new()
        }
        Msg::AnswerRead(number) => {
            if model.answers == number {
                model.answer = None;
            }
            Vec::new()
        }
        Msg::Tick(now) => {
            model.now = now;
            autopilot::wake(model)
        }
        Msg::Zone(_) | Msg::ClockSet(_) => {
            look::clock(model, &msg);
            Vec::new()
        }
        Msg::Arrived => {
            seat::arrive(model);
            Vec::new()
        }
        Msg::LaidOut(laid) => {
            scroll::settle_windows(model, &laid);
            Vec::new()
        }
    }
}

fn on_recorded(model: &mut Model, records: Vec<Arc<Record>>) -> Vec<Effect> {
    let mut effects = Vec::new();
    let from = model.records.len();
    let mut turns_back = false;
    for record in records {
        // What another reader of the same ledger already gave us is not folded twice.
        if model.state.head.as_ref().is_some_and(|(seq, _)| record.seq <= *seq) {
            continue;
        }
        model.now = model.now.max(record.at);
        let drove = model.state.seats.holder().is_some_and(|holder| holder.session == model.session);
        if let Fact::AttemptStarted { item, attempt, .. } = &record.fact {
            effects.push(Effect::ReadOutput { attempt: *attempt });
            if model.follow == Follow::Running {
                let item = item.clone();
                model.state.apply(&record);
                model.records.push(record);
                model.stale = true;
                model.select(&item);
                continue;
            }
        }
        turns_back |= matches!(record.fact, Fact::RollbackBegun { .. });
        model.state.apply(&record);
        seat::tell(model, &record, drove);
        model.records.push(record);
        model.stale = true;
    }
    model.settle();
    effects.extend(attention::of(model, from));
    if turns_back {
        endings::turn_back(model);
    }
    effects.extend(autopilot::drive(model));
    effects
}

fn on_key(model: &mut Model, key: Key) -> Vec<Effect> {
    model.answer = None;
    // With control it is no letter, so it works in the middle of a text too.
    if key.ctrl && model.keymap.action(key) == Some(Action::Suspend) {
        return look::suspend(model);
    }
    if model.dialog.is_some() {
        return dialog_key(model, key);
    }
    if types(model) {
        find::key(model, key);
        return Vec::new();
    }
    let key = Key { led: std::mem::take(&mut model.leads), ..key };
    if key.is_leader() && model.keymap.action(key).is_none() {
        model.leads = true;
        return Vec::new();
    }
    let Some(action) = model.keymap.action(key) else {
        let here = match Action::moved_from(key) {
            Some(action) => format!("{key} does nothing here; {}: {}", action.sentence(), model.keymap.hint(action)),
            None => format!("{key} does nothing here; {} shows the keys", model.keymap.hint(Action::Help)),
        };
        if !(key.led && key.code == Code::Esc) {
            model.say(Tone::Plain, here);
        }
        return Vec::new();
    };
    ask(model, action)
}

/// Does what a key or the palette asks for.
fn ask(model: &mut Model, action: Action) -> Vec<Effect> {
    // Among alerts nothing is collapsed, and the same key silences.
    let action = if action == Action::ShowAll && model.screen == Screen::Alerts { Action::Silence } else { action };
    if charts::act(model, action) {
        return model.ask_for_buckets();
    }
    let mut effects = carry_on(model, action);
    effects.extend(model.ask_for_buckets());
    effects
}

/// While the autopilot is on, what acts pauses it first.
fn carry_on(model: &mut Model, action: Action) -> Vec<Effect> {
    if model.autopilot.is_on() {
        // Without a clock there is nothing to hold, and so nothing to pause for.
        let idle = action == Action::Hold && !model.helm.is_started();
        if action.acts() && !idle && !matches!(action, Action::Autopilot | Action::AutopilotSimulated) {
            let why = format!("{} was pressed", model.keymap.hint(action));
            autopilot::stop(model, Tone::Plain, &why);
        }
    }
    act(model, action)
}

/// Whether what is searched for is being typed.
fn types(model: &Model) -> bool {
    model.search.as_ref().is_some_and(|search| search.typing)
}

fn dialog_key(model: &mut Model, key: Key) -> Vec<Effect> {
    match &mut model.dialog {
        Some(Dialog::Form { form, .. }) if matches!(key.code, Code::PageUp | Code::PageDown) => {
            let page = model.windows.dialog.saturating_sub(1).max(1);
            let down = key.code == Code::PageDown;
            form.scroll = if down { form.scroll.saturating_add(page) } else { form.scroll.saturating_sub(page) };
            Vec::new()
        }
        Some(Dialog::Form { form, .. }) => match form.key(key) {
            FormAnswer::Stays => {
                forms::show_typed(model);
                Vec::new()
            }
            FormAnswer::Dismissed => {
                model.dialog = None;
                Vec::new()
            }
            FormAnswer::Submitted => forms::submit(model),
            FormAnswer::Edit(text) => vec![Order::Edit(text).into()],
        },
        Some(Dialog::Palette(_)) => palette::key(model, key).map_or_else(Vec::new, |action| ask(model, action)),
        Some(Dialog::Details { scroll, .. }) => {
            let page = model.windows.dialog.max(1);
            match model.keymap.action(key) {
                Some(Action::Down) => *scroll = scroll.saturating_add(1),
                Some(Action::Up) => *scroll = scroll.saturating_sub(1),
                Some(Action::PageDown) => *scroll = scroll.saturating_add(page),
                Some(Action::PageUp) => *scroll = scroll.saturating_sub(page),
                Some(Action::First) => *scroll = 0,
                _ => model.dialog = None,
            }
            Vec::new()
        }
        Some(Dialog::Autopilot { crew }) => {
            let crew = *crew;
            model.dialog = None;
            if key.code == Code::Enter || model.keymap.action(key) == Some(Action::Autopilot) {
                return autopilot::start(model, crew);
            }
            model.say(Tone::Plain, "autopilot not started");
            Vec::new()
        }
        Some(Dialog::Seat { .. }) => seat::key(model, key),
        Some(Dialog::Command { .. }) => {
            arming::key(model, key);
            Vec::new()
        }
        Some(Dialog::Evidence(_)) => signing::key(model, key),
        Some(Dialog::Roles { .. }) => {
            roles::key(model, key);
            Vec::new()
        }
        Some(Dialog::Notice { .. }) => {
            if matches!(key.code, Code::Esc | Code::Enter | Code::Char('q' | ' ')) || key == Key::ctrl('c') {
                model.dialog = None;
            }
            Vec::new()
        }
        None => Vec::new(),
    }
}

fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    if action.acts() && model.access != Access::Flies {
        let read_only = model.warnings.iter().any(|warning| warning == READ_ONLY);
        let why = match model.access {
            Access::Replays => "Replay is read-only; open the ledger with `gonogo open` to act on it",
            _ if read_only => READ_ONLY,
            _ => "Read-only; open the ledger with `gonogo open` to run it",
        };
        model.say(Tone::Bad, why);
        return Vec::new();
    }
    if let Some(why) = seat::refusal(model, action) {
        model.say(Tone::Bad, why);
        return Vec::new();
    }
    match action {
        Action::Seat => return seat::open(model),
        Action::PlanWindow => window::plan(model),
        Action::Hold => window::hold(model),
        Action::Go => return carry_out::go(model),
        Action::Tick => return carry_out::tick(model),
        Action::TakeBack if model.screen == Screen::Alerts => return alerts::end_silence(model),
        Action::TakeBack => forms::take_back(model),
        Action::Waive => forms::waive(model),
        Action::Fill => forms::fill(model),
        Action::Arm => arming::look(model),
        Action::Note => forms::note(model),
        Action::Issue => forms::issue(model),
        Action::Lesson => forms::lesson(model),
        Action::Sign => return signing::sign(model),
        Action::Decide => {
            if model.screen != Screen::Decision {
                moves::show(model, Screen::Decision);
                return Vec::new();
            }
            poll::decide(model);
        }
        Action::Poll => poll::poll(model),
        Action::Override => gates::override_gate(model),
        Action::Roles => roles::open(model),
        Action::Abort => endings::abort(model),
        Action::Rollback => endings::rollback(model),
        Action::Close => endings::close(model),
        Action::Amend => amend::open(model),
        Action::Handover => handover::open(model),
        Action::Acknowledge => alerts::acknowledge(model),
        Action::Silence => alerts::silence(model),
        Action::Cancel => forms::cancel(model),
        Action::EndBlocker => blocker::open(model),
        Action::Resolve => forms::resolve(model),
        Action::Autopilot => return autopilot::toggle(model, Crew::People),
        Action::AutopilotSimulated => return autopilot::toggle(model, Crew::Simulated),
        Action::Details => {
            if let Some(item) = model.selected.clone() {
                model.dialog = Some(Dialog::Details { item, scroll: 0 });
            }
        }
        Action::Find => find::open(model),
        Action::NextMatch => find::step(model, find::Way::On),
        Action::PreviousMatch => find::step(model, find::Way::Back),
        Action::Palette => palette::open(model, Kind::Commands),
        Action::NextTheme => look::next_theme(model),
        Action::Mouse => return mouse::toggle(model),
        Action::Copy => return copy::in_hand(model),
        Action::CopyLedger => return copy::ledger(model),
        Action::Help => palette::open(model, Kind::Keys),
        Action::Suspend => return look::suspend(model),
        Action::Quit => return vec![Order::Quit.into()],
        Action::Back if find::leave(model) => {}
        Action::Back if model.screen != Screen::Cockpit => moves::show(model, Screen::Cockpit),
        Action::Back if model.first_run => {
            model.first_run = false;
            return vec![Effect::FirstRunRead];
        }
        Action::Back if model.panel == Panel::Output => model.panel = Panel::Items,
        // There is nothing to close or leave, so nothing happens: reading never stops what goes on.
        Action::Back => {}
        other => return moves::act(model, other),
    }
    Vec::new()
}
