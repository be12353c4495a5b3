//! The cockpit as it stood at any moment of its ledger: made from records and evidence, never from what is there now.
//!
//! A replay holds no ledger, only what was read from one, and hands nothing out but a [`Sight`]: there is no value of that
//! type which records, starts or ends anything. Its time is that of the records; no clock is asked.

pub mod evidence;
pub(crate) mod history;
pub(crate) mod keys;
mod shown;
pub(crate) mod sight;
pub(crate) mod strip;

pub use evidence::{Evidence, Mark, Sampled};
pub use history::History;
pub use keys::Scrub;
pub use sight::Sight;
pub use strip::Strip;

use super::key::{Code, Key};
use super::list::ListCursor;
use super::model::{Access, Follow, Model, Tone, panes_of};
use super::msg::{Mouse, Msg, Windows};
use super::pane_view::board::Charts;
use super::screens::Screen;
use crate::checklist::ItemId;
use crate::deployment::attempt::AttemptNumber;
use crate::deployment::{Fact, Operator, State};
use chrono::{DateTime, TimeDelta, Utc};
use shown::elapsed_ms;
use std::collections::BTreeMap;

/// Speeds that `+` and `-` go through.
const SPEEDS: [u32; 8] = [1, 2, 5, 10, 20, 60, 300, 1_800];
/// Watched for longer than this without anything happening, playing skips ahead.
const QUIET: TimeDelta = TimeDelta::seconds(3);
/// How much of a quiet stretch is left before what ends it.
const LEAD: TimeDelta = TimeDelta::milliseconds(500);
/// How long a skip is reported, in the viewer's time.
const REPORTED: TimeDelta = TimeDelta::seconds(3);

/// What happens to a replay.
#[derive(Debug, Clone)]
pub enum ReplayMsg {
    Key(Key),
    Paste(String),
    Mouse(Mouse),
    LaidOut(Box<Windows>),
    /// So much of the viewer's time has passed.
    Passed(TimeDelta),
}

/// A ledger with the moment that is looked at.
pub struct Replay {
    model: Model,
    history: History,
    evidence: Box<dyn Evidence>,
    /// Records folded in.
    at: usize,
    playing: bool,
    speed: u32,
    /// What was skipped last, and for how long that is still reported.
    skipped: Option<(TimeDelta, TimeDelta)>,
    marks: BTreeMap<AttemptNumber, Vec<Mark>>,
    /// Samples shown of each pane.
    sampled: Vec<usize>,
}

impl Replay {
    /// At the first record, paused. The model's themes, keys and paths are the caller's to set.
    #[must_use]
    pub fn new(history: History, evidence: Box<dyn Evidence>) -> Self {
        let now = history.moment(1);
        let first = history.records().get(..1).unwrap_or_default().to_vec();
        // Whoever looks on now was nobody then: the screen must not depend on them.
        let nobody = Operator { user: String::new(), says: "replay".to_owned(), host: String::new(), simulated: None };
        let mut model = Model::new(history.plan(1).clone(), first, nobody, Access::Replays, now);
        model.follow = Follow::Running;
        let mut replay = Self {
            model,
            history,
            evidence,
            at: 1,
            playing: false,
            speed: 1,
            skipped: None,
            marks: BTreeMap::new(),
            sampled: Vec::new(),
        };
        replay.show();
        replay
    }

    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// For what the program sets before the first frame: keys, themes, warnings.
    pub fn model_mut(&mut self) -> &mut Model {
        &mut self.model
    }

    pub fn history(&self) -> &History {
        &self.history
    }

    pub fn is_playing(&self) -> bool {
        self.playing
    }

    /// Whether something is shown that goes by itself.
    pub fn is_telling(&self) -> bool {
        self.skipped.is_some()
    }

    /// Plays from here on, so many times as fast as it was.
    pub fn play(&mut self, speed: u32) {
        self.speed = speed.max(1);
        self.playing = self.at < self.history.len();
        self.mark_strip();
    }

    /// Takes what happened in, and says what the terminal is to do about it.
    pub fn update(&mut self, msg: ReplayMsg) -> Vec<Sight> {
        match msg {
            ReplayMsg::Key(key) => {
                if let Some(scrub) = self.scrubs(key) {
                    self.model.answer = None;
                    self.scrub(scrub);
                    return Vec::new();
                }
                self.look(Msg::Key(key))
            }
            ReplayMsg::Paste(text) => self.look(Msg::Paste(text)),
            ReplayMsg::Mouse(mouse) => self.look(Msg::Mouse(mouse)),
            ReplayMsg::LaidOut(windows) => self.look(Msg::LaidOut(windows)),
            ReplayMsg::Passed(real) => {
                self.pass(real);
                Vec::new()
            }
        }
    }

    /// What a key asks of the time line; nothing while it means something to a dialog or a text.
    fn scrubs(&self, key: Key) -> Option<Scrub> {
        let typing = self.model.search.as_ref().is_some_and(|search| search.typing);
        if self.model.dialog.is_some() || typing || self.model.leads {
            return None;
        }
        if key.code == Code::Enter && self.model.screen == Screen::Timeline {
            return Some(Scrub::Here);
        }
        keys::scrub(key)
    }

    /// Lets the cockpit look about; whatever else that might have asked for ends here.
    fn look(&mut self, msg: Msg) -> Vec<Sight> {
        let effects = super::update::update(&mut self.model, msg);
        self.show();
        effects.into_iter().filter_map(Sight::of).collect()
    }

    fn scrub(&mut self, scrub: Scrub) {
        let (at, len) = (self.at, self.history.len());
        let now = self.model.now;
        match scrub {
            Scrub::Play => {
                if self.at == len && !self.playing {
                    self.stand_at(1);
                }
                self.playing = !self.playing;
                self.mark_strip();
                return;
            }
            Scrub::Faster => return self.play_at(SPEEDS.into_iter().find(|speed| *speed > self.speed)),
            Scrub::Slower => return self.play_at(SPEEDS.into_iter().rev().find(|speed| *speed < self.speed)),
            Scrub::RecordOn => self.stand_at(at + 1),
            Scrub::RecordBack => self.stand_at(at - 1),
            Scrub::EventOn => self.stand_at(self.history.event_after(at)),
            Scrub::EventBack => self.stand_at(self.history.event_before(at)),
            Scrub::MinuteOn => self.place_in_time(now + TimeDelta::minutes(1)),
            Scrub::MinuteBack => self.place_in_time(now - TimeDelta::minutes(1)),
            Scrub::Start => self.stand_at(1),
            Scrub::End => self.stand_at(len),
            Scrub::Here => self.stand_at(self.model.cursor(Screen::Timeline).at + 1),
        }
        // Whoever steps wants to look at what is there.
        self.playing = false;
        self.mark_strip();
    }

    fn play_at(&mut self, speed: Option<u32>) {
        match speed {
            Some(speed) => {
                self.speed = speed;
                self.mark_strip();
            }
            None => self.model.say(Tone::Plain, format!("{}× is as far as it goes", self.speed)),
        }
    }

    /// Goes to the moment of a record, counted from 1.
    pub fn stand_at(&mut self, count: usize) {
        let count = count.clamp(1, self.history.len().max(1));
        self.stand(count, self.history.moment(count));
    }

    /// Goes to a moment; before the first record and after the last there is nothing.
    pub fn place_in_time(&mut self, now: DateTime<Utc>) {
        let now = now.clamp(self.history.moment(1), self.history.end());
        self.stand(self.history.until(now).max(1), now);
    }

    fn stand(&mut self, count: usize, now: DateTime<Utc>) {
        let model = &mut self.model;
        let records = self.history.records();
        let mut started: Option<ItemId> = None;
        if count < self.at {
            model.state = State::replay(records.get(..count).unwrap_or_default());
            model.records.truncate(count);
            model.scroll = None;
            started = model.state.running().last().map(|attempt| attempt.item.clone());
        } else {
            for record in records.get(self.at..count).unwrap_or_default() {
                if let Fact::AttemptStarted { item, .. } = &record.fact {
                    started = Some(item.clone());
                }
                model.state.apply(record);
                model.records.push(record.clone());
            }
        }
        // Also the same records at another time are another moment: waivers end, clocks count.
        model.stale |= count != self.at || now < model.now;
        self.at = count;
        model.now = now;
        let plan = self.history.plan(count);
        if model.plan.digest() != plan.digest() {
            model.follow_plan(plan.clone());
            model.panes = panes_of(&model.plan);
            model.charts = Charts::default();
            self.sampled.clear();
            (model.dialog, model.search) = (None, None);
        }
        if let Some(item) = started.filter(|_| model.follow == Follow::Running) {
            model.select(&item);
        }
        if model.screen == Screen::Timeline {
            let last = count.saturating_sub(1);
            model.cursors.insert(Screen::Timeline, ListCursor { at: last, top: last });
        }
        self.show();
    }

    /// Time goes on while it plays; a long stretch in which nothing happens is skipped.
    fn pass(&mut self, real: TimeDelta) {
        let shown = self.skipped.take().map(|(skip, left)| (skip, left - real));
        self.skipped = shown.filter(|(_, left)| *left > TimeDelta::zero());
        if !self.playing {
            return;
        }
        let speed = i64::from(self.speed);
        let fast = |time: TimeDelta| {
            TimeDelta::milliseconds(time.num_milliseconds().saturating_mul(speed).clamp(0, i64::MAX / 4))
        };
        let mut now = self.model.now + fast(real);
        let Some(next) = self.next_change() else {
            self.playing = false;
            self.mark_strip();
            return;
        };
        if next - now > fast(QUIET) {
            let lands = next - fast(LEAD);
            self.skipped = Some((lands - now, REPORTED));
            now = lands;
        }
        self.place_in_time(now);
        if self.at == self.history.len() && self.next_change().is_none() {
            self.playing = false;
        }
        self.mark_strip();
    }

    /// When something happens next: a record, or output of what is running.
    fn next_change(&mut self) -> Option<DateTime<Utc>> {
        let now = self.model.now;
        let record = (self.at < self.history.len()).then(|| self.history.moment(self.at + 1));
        let running: Vec<(AttemptNumber, DateTime<Utc>)> =
            self.model.state.running().map(|attempt| (attempt.number, attempt.started)).collect();
        let output = running.into_iter().filter_map(|(number, started)| {
            let marks = self.marks_of(number);
            let elapsed = elapsed_ms(started, now);
            let next = marks.get(marks.partition_point(|mark| mark.elapsed_ms <= elapsed))?;
            Some(started + TimeDelta::milliseconds(i64::try_from(next.elapsed_ms).ok()?))
        });
        // Past the last record there is nothing to come to, whatever a supervisor still wrote.
        record.map(|record| output.fold(record, DateTime::min))
    }

    fn mark_strip(&mut self) {
        self.model.replay = Some(Strip {
            playing: self.playing,
            speed: self.speed,
            at: self.at,
            events: self.history.events().clone(),
            first: self.history.moment(1),
            last: self.history.end(),
            skipped: self.skipped.map(|(skip, _)| skip),
        });
    }
}

impl std::fmt::Debug for Replay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Replay").field("at", &self.at).field("playing", &self.playing).finish_non_exhaustive()
    }
}
