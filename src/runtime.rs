//! The loop: takes events in, lets [`crate::cockpit::update()`] decide, hands effects to workers, and draws.
//!
//! Longer than 400 lines because opening a cockpit, its loop and who carries effects out read as one.

mod bookkeeper;
mod called;
mod checklist;
mod editor;
mod history;
mod launcher;
mod panes;
pub(crate) mod replay;
mod sensing;
mod servers;
mod signing;
mod spools;
pub(crate) mod start;
mod ticks;
mod timepiece;
mod worker;

use crate::cockpit::model::{Access, Model};
use crate::cockpit::{Effect, Keymap, Msg, Order, links, update};
use crate::config::first_run;
use crate::config::theme::Theme;
use crate::deployment::Operator;
use crate::ledger::{AppendError, Ledger};
use crate::screen::{self, Glyphs};
use crate::terminal::Session;
use crate::terminal::events::Input;
use bookkeeper::{Bookkeeper, EndBlocker};
use called::{Called, Events, Signals};
use chrono::Utc;
use history::History;
use launcher::Launcher;
use servers::Servers;
use spools::Spools;
use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::time::Duration;
use ticks::Ticks;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// Messages taken in one turn before the screen gets its chance.
const TURN: usize = 512;

/// How long a terminal that has not taken the last frame is left alone.
const UNREAD: Duration = Duration::from_millis(40);

/// What a cockpit is opened with.
pub(crate) struct Flight {
    pub ledger: Ledger,
    pub operator: Operator,
    pub access: Access,
    /// The file that the ledger's checklist comes from, where it is known.
    pub checklist: Option<PathBuf>,
    /// The themes there are, never none, and which of them to begin with.
    pub themes: Vec<Theme>,
    pub theme: usize,
    pub keymap: Keymap,
    pub glyphs: Glyphs,
    pub warnings: Vec<String>,
}

/// Flies one deployment on the terminal until the person leaves or the line goes down. What is running keeps running.
pub(crate) async fn fly(flight: Flight) -> io::Result<()> {
    let Flight { mut ledger, operator, access, checklist, themes, theme, keymap, glyphs, mut warnings } = flight;
    // Where somebody else sits, everything can still be looked at, signed and noted.
    let sat = if access == Access::Flies { ledger.sit(&operator).map(|_| ()) } else { Ok(()) };
    if let Err(AppendError::Ledger(error)) = &sat {
        warnings.push(error.to_string());
    }
    let path: PathBuf = ledger.path().to_owned();
    let (sender, inbox) = mpsc::unbounded_channel();
    let mut model = Model::new(ledger.plan().clone(), ledger.records().to_vec(), operator.clone(), access, Utc::now());
    model.keymap = keymap;
    model.session = ledger.session().clone();
    let home = ledger.layout().home();
    model.home = std::path::absolute(home).unwrap_or_else(|_| home.to_owned()).display().to_string();
    model.warnings = warnings;
    model.first_run = access == Access::Flies && first_run::is();
    model.ledger = std::path::absolute(&path).unwrap_or_else(|_| path.clone()).to_string_lossy().into_owned();
    model.themes = themes.iter().map(|theme| theme.name.clone()).collect();
    model.theme = theme;
    if sat.is_err() {
        update(&mut model, Msg::Arrived);
    }
    let spools = Spools::start(ledger.evidence().to_owned(), &sender);
    for attempt in model.state.running().chain(model.shown_attempt()) {
        spools.read(attempt.number);
    }
    let driving = panes::start(&model.plan, &path, ledger.evidence(), &sender);
    if let Some(file) = checklist {
        checklist::start(file, &sender);
    }
    let servers = Servers::start(&model.plan, &path, &sender);
    if access == Access::Flies {
        sensing::start(&model.plan, &path, ledger.session(), &operator, &sender);
    }
    let mut desk = Desk {
        evidence: signing::Evidence(path.clone(), sender.clone()),
        launcher: Launcher::new(path, operator.clone(), ledger.session().clone(), sender.clone()),
        servers,
        history: History::start(ledger.evidence(), &sender),
        bookkeeper: Bookkeeper::start(ledger, operator, &sender),
        spools,
        driving,
    };
    let mut session = Session::enter()?;
    let view = View { themes, fallback: Theme::default(), glyphs };
    let looping = Loop {
        model: &mut model,
        desk: &mut desk,
        session: &mut session,
        view,
        inbox,
        resized: false,
        orders: VecDeque::new(),
        ticks: Ticks::default(),
    };
    let flown = looping.run().await;
    desk.bookkeeper.leave();
    flown
}

/// Those who carry effects out.
struct Desk {
    evidence: signing::Evidence,
    servers: Servers,
    history: History,
    bookkeeper: Bookkeeper,
    launcher: Launcher,
    spools: Spools,
    driving: panes::Driving,
}

impl Desk {
    /// Hands an effect to its worker; returns what is the terminal's to do.
    fn carry_out(&self, effect: Effect) -> Option<Order> {
        match effect {
            Effect::AppendRecord { ticket, intent, simulated } => self.bookkeeper.append(ticket, intent, simulated),
            Effect::StartAttempt { ticket, item, confirmation, simulated } => {
                self.launcher.start(ticket, &item, confirmation, simulated.as_deref());
            }
            Effect::EndBlocker { ticket, environment, session, reason } => {
                let end = EndBlocker { ticket, environment, session: *session, reason };
                self.bookkeeper.end_blocker(self.servers.clone(), end);
            }
            Effect::ReadEvidence { group } => self.evidence.read(group),
            Effect::SignWithKey { ticket, signing } => self.bookkeeper.sign(ticket, signing),
            Effect::ReadOutput { attempt } => self.spools.read(attempt),
            Effect::ReadWatches(asked) => self.history.watches(asked),
            Effect::ReadBuckets { pane, environment, span_ms, width_ms } => {
                self.history.read(pane, environment, span_ms, width_ms);
            }
            // A card that comes once more is no reason to say anything.
            Effect::FirstRunRead => drop(first_run::read()),
            Effect::Terminal(order) => return Some(order),
        }
        None
    }
}

struct View {
    themes: Vec<Theme>,
    /// The terminal's own look.
    fallback: Theme,
    glyphs: Glyphs,
}

struct Loop<'a> {
    model: &'a mut Model,
    desk: &'a mut Desk,
    session: &'a mut Session,
    view: View,
    inbox: mpsc::UnboundedReceiver<Msg>,
    /// The terminal changed its size since the last frame.
    resized: bool,
    /// What the terminal is to do before the next key.
    orders: VecDeque<Order>,
    ticks: Ticks,
}

impl Loop<'_> {
    async fn run(mut self) -> io::Result<()> {
        let mut signals = Signals::new()?;
        let mut events = Events::new()?;
        // Over a slow line frames are kept further apart, so that keys never wait behind them.
        let apart = Duration::from_millis(if std::env::var_os("SSH_CONNECTION").is_some() { 40 } else { 16 });
        let mut read = AnswerTime::default();
        let (mut drawn, mut due) = self.draw()?;
        loop {
            while let Some(order) = self.orders.pop_front() {
                if self.obey(order, &mut events, &mut signals).await? {
                    return Ok(());
                }
                (drawn, due) = self.draw()?;
            }
            read.look(self.model);
            let pause = self.ticks.pause(self.model);
            tokio::select! {
                biased;
                called = signals.any() => {
                    if called != Called::Back {
                        return Ok(());
                    }
                    // Stopped from outside, the terminal may have been used by others meanwhile.
                    self.session.take_back()?;
                    (drawn, due) = self.draw()?;
                }
                event = events.next() => {
                    let Some(event) = event else { return Ok(()) };
                    if self.on_event(event?) || self.on_waiting_events(&mut events)? {
                        return Ok(());
                    }
                    // What the terminal is to do comes first, and is drawn with it.
                    if self.orders.is_empty() {
                        (drawn, due) = self.draw()?;
                    }
                }
                () = wait_for(due), if due.is_some() => {
                    (drawn, due) = self.draw()?;
                }
                Some(msg) = self.inbox.recv() => {
                    if self.take(msg) {
                        return Ok(());
                    }
                    due = due.or(Some(drawn + apart));
                }
                () = wait_for(read.due), if read.due.is_some() => {
                    read.due = None;
                    self.handle(Msg::AnswerRead(read.number));
                    due = due.or(Some(drawn + apart));
                }
                () = tokio::time::sleep(pause.unwrap_or_default()), if pause.is_some() => {
                    // A supervisor that was killed leaves no word; its lock shows. So does the captain's.
                    if self.model.access == Access::Flies && self.ticks.looks_round(self.model) {
                        self.desk.bookkeeper.settle();
                    }
                    due = due.or(Some(drawn + apart));
                }
            }
        }
    }

    /// Takes the keys that wait already, so that text pasted key by key costs one frame and not one a letter.
    fn on_waiting_events(&mut self, events: &mut Events) -> io::Result<bool> {
        for _ in 0..TURN {
            let Some(event) = events.waiting() else { break };
            if self.on_event(event?) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn on_event(&mut self, event: Input) -> bool {
        let msg = match event {
            Input::Key(key) => Msg::Key(key),
            Input::Paste(text) => Msg::Paste(text),
            Input::PasteRefused(bytes) => Msg::PasteRefused(bytes),
            Input::PasteCut(bytes) => Msg::PasteCut(bytes),
            Input::Mouse(mouse) => Msg::Mouse(mouse),
            Input::Resized => {
                self.resized = true;
                return false;
            }
        };
        self.handle(msg)
    }

    /// Takes a message and those behind it, up to a turn's worth; true when the cockpit is to be left.
    fn take(&mut self, first: Msg) -> bool {
        let mut next = Some(first);
        for _ in 0..TURN {
            let Some(msg) = next else { break };
            if self.handle(msg) {
                return true;
            }
            next = self.inbox.try_recv().ok();
        }
        // The one that was taken out when the turn was over is not lost.
        next.is_some_and(|msg| self.handle(msg))
    }

    fn handle(&mut self, msg: Msg) -> bool {
        let mut ends = false;
        for effect in update(self.model, msg) {
            match self.desk.carry_out(effect) {
                None => {}
                Some(Order::Quit) => ends = true,
                // They draw nothing, so no frame is due for them. A terminal that is gone is noticed by the next frame.
                Some(Order::Alert(text)) => drop(self.session.alert(&text)),
                Some(Order::ShowProgress(percent)) => drop(self.session.show_progress(percent)),
                Some(order @ (Order::Suspend | Order::CaptureMouse(_) | Order::Copy(_) | Order::Edit(_))) => {
                    self.orders.push_back(order);
                }
            }
        }
        ends
    }

    /// Does something with the terminal; true when the cockpit is to be left.
    async fn obey(&mut self, order: Order, events: &mut Events, signals: &mut Signals) -> io::Result<bool> {
        match order {
            Order::Suspend => {
                self.session.suspend()?;
                signals.continued_by_ourselves();
            }
            Order::CaptureMouse(capture) => self.session.capture_mouse(capture)?,
            Order::Copy(text) => self.session.copy(&text)?,
            Order::Edit(text) => return self.edit(&text, events, signals).await,
            Order::Alert(text) => self.session.alert(&text)?,
            Order::ShowProgress(percent) => self.session.show_progress(percent)?,
            Order::Quit => return Ok(true),
        }
        Ok(false)
    }

    /// Lets the person's editor have the terminal; what comes in meanwhile is taken in and not drawn.
    async fn edit(&mut self, text: &str, events: &mut Events, signals: &mut Signals) -> io::Result<bool> {
        events.pause();
        Session::lend();
        let edited = {
            let mut editing = std::pin::pin!(editor::edit(text));
            loop {
                tokio::select! {
                    biased;
                    // An interrupt is meant for the editor, and going on after a stop is the editor's to see to.
                    called = signals.any() => if called == Called::End {
                        return Ok(true);
                    },
                    edited = &mut editing => break edited,
                    Some(msg) = self.inbox.recv() => if self.handle(msg) {
                        return Ok(true);
                    },
                }
            }
        };
        self.session.take_back()?;
        Ok(self.handle(Msg::Edited(edited)))
    }

    /// Draws a frame; gives when, and when the next one is due. A terminal that is not read gets none, and is asked again.
    fn draw(&mut self) -> io::Result<(Instant, Option<Instant>)> {
        if !Session::is_clear() {
            let now = Instant::now();
            return Ok((now, Some(now + UNREAD)));
        }
        if std::mem::take(&mut self.resized) {
            self.session.forget()?;
        }
        for msg in self.ticks.tell() {
            // Time going on may set the autopilot going, never end the cockpit.
            self.handle(msg);
        }
        self.model.settle();
        self.desk.driving.tell(self.model.drives());
        let (model, view) = (&*self.model, &self.view);
        let theme = view.themes.get(model.theme).unwrap_or(&view.fallback);
        let mut windows = model.windows;
        self.session.draw_with_links(
            |frame| windows = screen::draw(frame, model, theme, &view.glyphs),
            || links::in_sight(model),
        )?;
        update(self.model, Msg::LaidOut(Box::new(windows)));
        // What was made ready for another width shows in full with the next frame.
        let drawn = Instant::now();
        Ok((drawn, self.model.charts_are_coarse().then_some(drawn)))
    }
}

/// When the answer on the screen has had its time: one deadline for each answer, none while there is none.
#[derive(Debug, Default)]
struct AnswerTime {
    number: u64,
    due: Option<Instant>,
}

impl AnswerTime {
    fn look(&mut self, model: &Model) {
        let Some(answer) = &model.answer else {
            self.due = None;
            return;
        };
        if self.number != model.answers {
            self.number = model.answers;
            self.due = Some(Instant::now() + answer.reading_time());
        }
    }
}

async fn wait_for(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => std::future::pending().await,
    }
}
