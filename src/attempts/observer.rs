//! Watches a PostgreSQL server while a migration runs on it: one connection that only reads, never waits in anybody's
//! queue and is bounded in time, with a second one only to end what the attempt left running.

pub(crate) mod ask;
pub mod orphans;
pub(crate) mod own;

use super::console::Console;
use crate::database::{Address, DatabaseError};
use crate::deployment::live::Live;
use crate::deployment::measurement::Measurement;
use crate::migration::live::{Before, Watch};
use ask::Server;
use own::Own;
use std::time::{Duration, Instant};
use tokio::time::{MissedTickBehavior, timeout};

/// How often the server is asked who holds tables exclusively.
pub(super) const LOOK: Duration = Duration::from_millis(50);
/// How often it is asked everything else, and how often its size.
const VIEW: Duration = Duration::from_millis(500);
const SIZE: Duration = Duration::from_secs(1);
/// An answer that takes longer is not coming; the server itself ends the question before.
const ANSWER: Duration = Duration::from_secs(5);
/// How long after a broken connection the next is tried.
const AGAIN: Duration = Duration::from_millis(500);

/// Whether a database can be observed from outside.
pub fn can_watch(url: &str) -> bool {
    matches!(Address::parse(url), Ok(Address::Postgres(_)))
}

/// Follows one run on one server.
pub struct Observer {
    url: String,
    own: Own,
    /// How long the migrator may wait for a table, in milliseconds.
    limit: u64,
    /// Who held what it waited for when it was made to give up.
    gave_up: Option<String>,
    server: Option<Server>,
    watch: Watch,
    began: Instant,
}

impl Observer {
    /// Looks at the server before the run. A server that does not answer is tried again while the run goes on.
    pub async fn begin(url: &str, tag: &str, limit: u64, console: &dyn Console) -> Self {
        let (mut server, mut before, mut limits, mut gap) = (None, Before::default(), None, None);
        match answer(Server::connect(url)).await {
            Ok(mut connected) => {
                match answer(connected.before()).await {
                    Ok(found) => before = found,
                    Err(why) => console.line(&format!("the database could not be sized before the run: {why}")),
                }
                limits = answer(connected.limits()).await.unwrap_or_default();
                server = Some(connected);
            }
            Err(why) => gap = Some(why.to_string()),
        }
        if let Some(limits) = &limits {
            console.line(limits);
        }
        let mut watch = Watch::new(tag.to_owned(), before);
        watch.limit(limits);
        if let Some(why) = gap {
            console.line(&format!("the server is not watched: {why}"));
            watch.gap(why);
        }
        Self { url: url.to_owned(), own: Own::of(tag), limit, gave_up: None, server, watch, began: Instant::now() }
    }

    /// Watches until `done`.
    pub async fn watch(&mut self, console: &dyn Console, done: impl Future<Output = ()>) {
        tokio::pin!(done);
        let mut ticks = tokio::time::interval(LOOK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut viewed, mut sized, mut tried) = (None::<Instant>, None::<Instant>, None::<Instant>);
        loop {
            tokio::select! {
                () = &mut done => break,
                _ = ticks.tick() => {}
            }
            if self.server.is_none() {
                if tried.is_some_and(|tried| tried.elapsed() < AGAIN) {
                    continue;
                }
                tried = Some(Instant::now());
                // A run that ends meanwhile is not kept waiting by a server that is gone.
                tokio::select! {
                    () = &mut done => break,
                    connected = answer(Server::connect(&self.url)) => match connected {
                        Ok(server) => self.server = Some(server),
                        Err(why) => self.watch.gap(why.to_string()),
                    }
                }
            }
            let due = viewed.is_none_or(|viewed| viewed.elapsed() >= VIEW);
            let size = due && sized.is_none_or(|sized| sized.elapsed() >= SIZE);
            tokio::select! {
                () = &mut done => break,
                asked = self.ask(due, size) => if let Err(why) = asked {
                    self.server = None;
                    tried = Some(Instant::now());
                    self.watch.gap(why.to_string());
                }
            }
            if due {
                viewed = Some(Instant::now());
            }
            if size {
                sized = viewed;
            }
            console.live(Some(&self.watch.live()));
        }
    }

    async fn ask(&mut self, view: bool, size: bool) -> Result<(), DatabaseError> {
        let Some(server) = &mut self.server else { return Ok(()) };
        let mut held = answer(server.exclusive()).await?;
        // A lock of somebody unknown may be that of a migrator that does not take its name from the surroundings.
        if view || held.iter().any(|lock| !lock.session.is_own()) {
            answer(self.own.look(server)).await?;
        }
        for lock in &mut held {
            self.own.name(&mut lock.session);
        }
        self.watch.look(self.began.elapsed().as_secs_f64() * 1_000.0, &held);
        if view {
            let view = answer(server.view(&self.own, size)).await?;
            let late = view.waiters.iter().find(|waiter| waiter.is_too_late(self.limit)).cloned();
            self.watch.view(view);
            if let Some(waiter) = late {
                let ended = server.cancel(&waiter.session);
                if answer(ended).await? {
                    self.gave_up = Some(waiter.account());
                }
            }
        }
        Ok(())
    }

    /// Ends the watch: what it measured, what it saw last, and whether it saw the migration at all.
    pub async fn end(mut self) -> Seen {
        if let Some(server) = self.server.take() {
            // A look that was broken off leaves its answer in the connection, so the last look takes a new one.
            server.close().await;
        }
        if let Ok(mut server) = answer(Server::connect(&self.url)).await {
            if let Ok(mut held) = answer(server.exclusive()).await {
                for lock in &mut held {
                    self.own.name(&mut lock.session);
                }
                self.watch.look(self.began.elapsed().as_secs_f64() * 1_000.0, &held);
            }
            if let Ok(view) = answer(server.view(&self.own, true)).await {
                self.watch.view(view);
            }
            server.close().await;
        }
        let at = self.began.elapsed().as_secs_f64() * 1_000.0;
        let measured = self.watch.measurements(at);
        let live = self.watch.live();
        if let Some(load) = &live.load {
            let grown = Measurement::new("size-increase", load.grown as f64, "bytes");
            return Seen {
                measured: measured.into_iter().chain([grown]).collect(),
                live,
                it: self.watch.has_seen_it(),
                looks: self.watch.looks(),
                own: self.own,
                gave_up: self.gave_up,
            };
        }
        let (it, looks) = (self.watch.has_seen_it(), self.watch.looks());
        Seen { measured, it, looks, live, own: self.own, gave_up: self.gave_up }
    }
}

/// What came of watching.
#[derive(Debug)]
pub struct Seen {
    pub measured: Vec<Measurement>,
    pub live: Live,
    /// Whether a session of the migration was seen.
    pub it: bool,
    /// How often the server said who holds what.
    pub looks: u64,
    /// What its sessions are known by.
    pub own: Own,
    /// What it waited for too long, and who held it.
    pub gave_up: Option<String>,
}

/// Waits for an answer as long as one may take.
///
/// # Errors
/// When it does not come, or is an error.
pub async fn answer<T>(asked: impl Future<Output = Result<T, DatabaseError>>) -> Result<T, DatabaseError> {
    timeout(ANSWER, asked).await.unwrap_or(Err(DatabaseError::Silent { within_s: ANSWER.as_secs() }))
}
