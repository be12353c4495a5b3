//! Running the migrator: its lines are followed, the server beside it is watched, and what is cancelled here is cancelled
//! there too.

use super::Run;
use super::asking::LONGEST_ANSWER;
use super::way::Way;
use crate::attempts::console::Console;
use crate::attempts::observer::own::Own;
use crate::attempts::observer::{self, Observer, Seen, orphans};
use crate::attempts::pty::{self, Ended};
use crate::attempts::redact::cut;
use crate::attempts::sanitize::{Piece, Sanitizer};
use crate::deployment::live;
use crate::migration::patterns::Reader;
use crate::migration::track::Track;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// What a run of the migrator came to.
pub(super) struct Moved {
    pub ended: Ended,
    pub track: Track,
    pub last_line: Option<String>,
    /// Each revision applied to its end, with the time it lasted.
    pub applied: Vec<(String, Duration)>,
    /// Of a server; absent for databases that are files.
    pub seen: Option<Seen>,
}

impl Run<'_> {
    pub(super) async fn migrate(&self, way: &Way) -> Result<Moved, String> {
        let text = self.migrator.command_for(self.check.direction, way.reported(&self.check.to));
        let text = text.map_err(|why| why.to_string())?;
        let server = self.url.as_deref().filter(|url| observer::can_watch(url));
        let tag = live::tag(&self.assignment.state, self.assignment.attempt);
        let mut observer = match server {
            Some(url) => Some(Observer::begin(url, &tag, self.migrator.lock_timeout_ms(), self.console).await),
            None => None,
        };
        let command = self.migrating(&text);
        let mut follower = Follower::new(Reader::of(self.migrator), Track::new(&self.migrator.revisions));
        let console = self.console;
        let (over, mut ended) = watch::channel(false);
        let mut over_too = over.subscribe();
        let running = async {
            let mut observe = |bytes: &[u8]| follower.feed(bytes, console);
            let ended = pty::run(&command, self.assignment.stopped(), self.grace, console, &mut observe).await;
            over.send_replace(true);
            ended
        };
        let watching = async {
            if let Some(observer) = &mut observer {
                observer.watch(console, async { _ = ended.wait_for(|over| *over).await }).await;
            }
        };
        let cancelling = async {
            let Some(url) = server else { return };
            let stopped = tokio::select! {
                _ = self.assignment.stopped() => true,
                _ = over_too.wait_for(|over| *over) => false,
            };
            // A migrator that waits for the server does not hear a signal before the server lets go of it.
            if stopped && let Err(why) = orphans::end(url, &mut Own::of(&tag), console).await {
                console.line(&format!("nothing could be cancelled on the server: {why}"));
            }
        };
        let (ended, (), ()) = tokio::join!(running, watching, cancelling);
        let seen = match observer {
            Some(observer) => Some(observer.end().await),
            None => None,
        };
        console.live(None);
        let ended = ended?;
        if let Some(seen) = seen.as_ref().filter(|seen| !seen.it && seen.live.gap.is_none()) {
            console.line(&unseen(seen, ended.took));
        }
        follower.end(console);
        if ended.exit == Some(0) {
            follower.applied.extend(follower.applying.take().map(|(revision, since)| (revision, since.elapsed())));
        }
        let Follower { track, last_line, applied, .. } = follower;
        Ok(Moved { ended, track, last_line, applied, seen })
    }
}

/// Why no session of the migrator was seen, as far as that is known.
fn unseen(seen: &Seen, took: Duration) -> String {
    let bound = format!("no lock of it was held for longer than the run of {} ms", took.as_millis());
    let looks = seen.looks;
    if seen.live.limits.is_some() {
        return format!(
            "no session of the migrator was seen on the server; see above what the role cannot see: {bound}"
        );
    }
    if looks <= FEW_LOOKS {
        let every = observer::LOOK.as_millis();
        return format!(
            "the migration was shorter than the server can be watched: {looks} looks in {} ms, one every {every} ms at most, \
             saw no session of it: {bound}",
            took.as_millis()
        );
    }
    format!(
        "no session of the migrator was seen on the server in {looks} looks: it does not take PGAPPNAME and its connections \
         end elsewhere: {bound}"
    )
}

/// So few looks may all fall before a session opens or after it closes.
const FEW_LOOKS: u64 = 10;

/// Cuts a migrator's output into lines and follows them.
struct Follower {
    sanitizer: Sanitizer,
    reader: Reader,
    line: String,
    track: Track,
    last_line: Option<String>,
    /// The revision that is being applied, and since when.
    applying: Option<(String, Instant)>,
    applied: Vec<(String, Duration)>,
}

impl Follower {
    fn new(reader: Reader, track: Track) -> Self {
        let (applying, applied) = (None, Vec::new());
        Self { sanitizer: Sanitizer::default(), reader, line: String::new(), track, last_line: None, applying, applied }
    }

    fn feed(&mut self, bytes: &[u8], console: &dyn Console) {
        let mut text = String::new();
        self.sanitizer.feed(bytes, &mut |piece| {
            if let Piece::Text(part) = piece {
                text.push_str(part);
            }
        });
        for part in text.split_inclusive(['\r', '\n']) {
            // Nothing a migrator says about itself is this long; what is, is data in an error message.
            if self.line.len() < LONGEST_ANSWER {
                self.line.push_str(part);
            }
            if part.ends_with(['\r', '\n']) {
                self.end(console);
            }
        }
    }

    fn end(&mut self, console: &dyn Console) {
        let line = std::mem::take(&mut self.line);
        let line = line.trim();
        if line.is_empty() {
            return;
        }
        // Advice behind an error is not what went wrong.
        if self.last_line.is_none() || !line.starts_with("hint:") {
            self.last_line = Some(cut(line, 300));
        }
        if let Some(progress) = self.reader.read(line).and_then(|line| self.track.feed(line)) {
            console.progress(progress);
        }
        self.time_revisions();
    }

    /// Migrators say when a revision begins; it ends with the next one, with its last line, or with the run.
    fn time_revisions(&mut self) {
        let now = self.track.applying();
        if now == self.applying.as_ref().map(|(revision, _)| revision.as_str()) {
            return;
        }
        let now = now.map(|revision| (revision.to_owned(), Instant::now()));
        let before = std::mem::replace(&mut self.applying, now);
        self.applied.extend(before.map(|(revision, since)| (revision, since.elapsed())));
    }
}
