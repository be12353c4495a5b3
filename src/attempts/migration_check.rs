//! The `migration` check: the environment's migrator, with the tables proven before and after.

mod scratch;

use super::assignment::Assignment;
use super::command_line::{CommandLine, quoted};
use super::console::Console;
use super::databases::{self, Databases};
use super::outcome::{completed, ended_early, ending, judge_targets, not_started, seconds};
use super::pty::{self, Ended};
use super::sanitize::{Piece, Sanitizer};
use crate::checklist::check::{Direction, Migration, MigrationTarget};
use crate::checklist::environment::Migrator;
use crate::deployment::attempt::{End, Moment, Outcome, TableProof};
use crate::deployment::measurement::{Measurement, Verdict};
use crate::deployment::progress::Progress;
use crate::migration::chain;
use crate::migration::compare::{Vanishing, compare};
use crate::migration::lines;
use crate::migration::track::Track;
use scratch::Scratch;
use std::time::Duration;

/// Asking where a database stands takes no longer than this; it is asked after a cancelled run too.
const ASKING: Duration = Duration::from_mins(1);
const LONGEST_ANSWER: usize = 64 * 1024;

struct Run<'a> {
    assignment: &'a Assignment,
    check: &'a Migration,
    migrator: &'a Migrator,
    console: &'a dyn Console,
    databases: &'a dyn Databases,
    grace: Duration,
    /// The database it runs on, when the environment names one.
    url: Option<String>,
}

/// Runs the migrator and judges what it did.
pub async fn carry_out(
    assignment: &Assignment,
    check: &Migration,
    console: &dyn Console,
    grace: Duration,
    databases: &dyn Databases,
) -> Outcome {
    let Some(migrator) = &assignment.environment.migrator else {
        let environment = &assignment.environment_name;
        return not_started(format!("{environment} has no migrator; add one to the environment"));
    };
    let url = assignment.environment.database.clone();
    let mut run = Run { assignment, check, migrator, console, databases, grace, url };
    if check.on == MigrationTarget::Environment {
        return run.carry_out().await;
    }
    match Scratch::make(assignment, migrator, databases, console).await {
        Ok(scratch) => {
            run.url = Some(scratch.url());
            let outcome = run.carry_out().await;
            // The revision of a copy that is gone says nothing about the environment.
            Outcome { revision: None, ..outcome }
        }
        Err(sentence) => not_started(sentence),
    }
}

impl Run<'_> {
    async fn carry_out(&self) -> Outcome {
        let chain = &self.migrator.revisions;
        let now = match self.ask().await {
            Ok(now) => now,
            Err(sentence) => return completed(Verdict::Fail, sentence, Vec::new()),
        };
        let wanted = match chain::destination(chain, now.as_deref(), &self.check.to) {
            Ok(wanted) => wanted,
            Err(sentence) => return not_started(sentence),
        };
        if self.check.direction == Direction::Current {
            let revision = now.clone();
            let detail = format!("the database stands at {}", name(now.as_deref()));
            if is_at(now.as_deref(), wanted.as_deref()) {
                return Outcome { revision, ..completed(Verdict::Pass, detail, Vec::new()) };
            }
            let detail = format!("{detail} instead of {}", name(wanted.as_deref()));
            return Outcome { revision, ..completed(Verdict::Fail, detail, Vec::new()) };
        }
        let before = match self.prove(Moment::Before, &[]).await {
            Ok(proofs) => proofs,
            Err(outcome) => return Outcome { revision: now, ..*outcome },
        };
        let size = self.url.as_deref().and_then(databases::sqlite_size);
        let moved = match self.migrate().await {
            Ok(moved) => moved,
            Err(sentence) => return Outcome { revision: now, tables: before, ..not_started(sentence) },
        };
        let mut outcome = Self::account(&moved);
        if let (Some(before), Some(after)) = (size, self.url.as_deref().and_then(databases::sqlite_size)) {
            outcome.measured.push(Measurement::new("size-increase", after as f64 - before as f64, "bytes"));
        }
        outcome.tables = before;
        let stands = self.ask().await;
        outcome.revision = stands.clone().ok().flatten();
        let failed = moved.ended.end != End::Completed || moved.ended.exit != Some(0);
        if failed {
            let stands = match (&stands, &now) {
                (Ok(stands), before) if stands == before => format!("{} is intact", name(stands.as_deref())),
                (Ok(stands), _) => format!("the database stands at {}", name(stands.as_deref())),
                (Err(sentence), _) => format!("where the database stands is unknown: {sentence}"),
            };
            outcome.detail = format!("{stands}: {}", outcome.detail);
            return outcome;
        }
        match &stands {
            Err(sentence) => {
                outcome.verdict = Verdict::Inconclusive;
                outcome.detail = format!("the migrator ended well, but {sentence}");
                return outcome;
            }
            Ok(stands) if !is_at(stands.as_deref(), wanted.as_deref()) => {
                let (stands, wanted) = (name(stands.as_deref()), name(wanted.as_deref()));
                outcome.verdict = Verdict::Fail;
                outcome.detail =
                    format!("the migrator ended well, but the database stands at {stands}, not at {wanted}");
                return outcome;
            }
            Ok(stands) => {
                let (from, to) = (name(now.as_deref()), name(stands.as_deref()));
                outcome.detail = format!("{from} → {to} in {:.1} s", moved.ended.took.as_secs_f64());
            }
        }
        match self.prove(Moment::After, &outcome.tables).await {
            Ok(after) => self.hold_together(&mut outcome, after),
            Err(early) => {
                let Outcome { end, verdict, detail, .. } = *early;
                outcome = Outcome { end, verdict, detail: format!("{}, but {detail}", outcome.detail), ..outcome };
            }
        }
        judge_targets(&mut outcome, &self.assignment.item.targets);
        outcome
    }

    fn hold_together(&self, outcome: &mut Outcome, after: Vec<TableProof>) {
        if self.url.is_none() {
            return;
        }
        let vanishing =
            if self.check.direction == Direction::Downgrade { Vanishing::Expected } else { Vanishing::Wrong };
        let found = compare(&outcome.tables, &after, &self.check.rewrites, vanishing);
        outcome.tables.extend(after);
        if !found.wrong.is_empty() {
            outcome.verdict = Verdict::Fail;
            outcome.detail = format!("{}, but {}", outcome.detail, found.wrong.join("; "));
        } else if !found.unclear.is_empty() {
            outcome.verdict = Verdict::Inconclusive;
            outcome.detail = format!("{}, but {}", outcome.detail, found.unclear.join("; "));
        } else {
            outcome.detail = format!("{}, {} tables kept their rows", outcome.detail, found.compared);
        }
    }

    /// What the run itself measured, with the verdict its exit status gives.
    fn account(moved: &Moved) -> Outcome {
        let Moved { ended, track, last_line } = moved;
        let succeeded = ended.end == End::Completed && ended.exit == Some(0);
        let mut measured = vec![
            Measurement::new("duration", seconds(ended.took), "s"),
            Measurement::new("revisions", f64::from(track.revisions(succeeded)), "revisions"),
        ];
        if let Some(lock) = track.completed().iter().filter_map(|done| done.locked).reduce(f64::max) {
            measured.push(Measurement::new("lock", lock, "s"));
        }
        if let Some(rows) = track.completed().iter().filter_map(|done| done.rows).reduce(u64::saturating_add) {
            measured.push(Measurement::new("rows-changed", rows as f64, "rows"));
        }
        let mut outcome = completed(Verdict::Pass, "", measured);
        if ended.end != End::Completed {
            let early = ended_early(ended.end, ending(ended));
            outcome = Outcome { end: early.end, verdict: early.verdict, detail: early.detail, ..outcome };
        } else if !succeeded {
            outcome.verdict = Verdict::Fail;
            let why = track.error().or(last_line.as_deref()).unwrap_or("it said nothing");
            outcome.detail = format!("{}, {why}", ending(ended));
        }
        Outcome { exit: ended.exit, signal: ended.signal, ..outcome }
    }

    async fn migrate(&self) -> Result<Moved, String> {
        let way = if self.check.direction == Direction::Downgrade { "downgrade" } else { "upgrade" };
        let command = self.command(&format!("{way} {}", word(&self.check.to)));
        let mut follower = Follower::new(Track::new(&self.migrator.revisions));
        let console = self.console;
        let mut observe = |bytes: &[u8]| follower.feed(bytes, console);
        let ended = pty::run(&command, self.assignment.stopped(), self.grace, console, &mut observe).await?;
        follower.end(console);
        Ok(Moved { ended, track: follower.track, last_line: follower.last_line })
    }

    /// Asks the migrator where the database stands.
    async fn ask(&self) -> Result<Option<String>, String> {
        let command = self.command("current");
        let mut answer = Vec::new();
        let late = async {
            tokio::time::sleep(ASKING).await;
            End::TimedOut
        };
        let mut keep = |bytes: &[u8]| {
            let room = LONGEST_ANSWER.saturating_sub(answer.len());
            answer.extend_from_slice(&bytes[..bytes.len().min(room)]);
        };
        let ended = pty::run(&command, late, self.grace, self.console, &mut keep).await?;
        let answer = super::sanitize::plain(&answer).replace('\r', "");
        let last = || answer.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or("it said nothing");
        if ended.end == End::TimedOut {
            return Err(format!("the migrator did not say within {} s where the database stands", ASKING.as_secs()));
        }
        if ended.exit != Some(0) {
            return Err(format!("`current` of the migrator failed with {}: {}", ending(&ended), last()));
        }
        chain::read_current(&answer, &self.migrator.revisions)
            .ok_or_else(|| format!("`current` of the migrator gave an answer that names no known revision: {}", last()))
    }

    fn command(&self, words: &str) -> CommandLine {
        let text = format!("{} {words}", self.migrator.command);
        self.console.line(&format!("$ {text}"));
        let command = CommandLine::new(self.assignment, &text);
        match &self.url {
            Some(url) => command.with("GONOGO_DATABASE_URL", url),
            None => command,
        }
    }

    async fn prove(&self, when: Moment, before: &[TableProof]) -> Result<Vec<TableProof>, Box<Outcome>> {
        let Some(url) = &self.url else { return Ok(Vec::new()) };
        let stage = if when == Moment::Before { "fingerprints before" } else { "fingerprints after" };
        self.console.line(stage);
        self.console.progress(&Progress { stage: stage.into(), unit: "rows".into(), ..Progress::default() });
        tokio::select! {
            proofs = self.databases.prove(url, before, when, self.console) => proofs.map_err(|sentence| {
                Box::new(completed(Verdict::Inconclusive, format!("the {stage} could not be taken: {sentence}"), Vec::new()))
            }),
            end = self.assignment.stopped() => Err(Box::new(ended_early(end, format!("ended while taking {stage}")))),
        }
    }
}

struct Moved {
    ended: Ended,
    track: Track,
    last_line: Option<String>,
}

/// Cuts a migrator's output into lines and follows them.
struct Follower {
    sanitizer: Sanitizer,
    line: String,
    track: Track,
    last_line: Option<String>,
}

impl Follower {
    fn new(track: Track) -> Self {
        Self { sanitizer: Sanitizer::default(), line: String::new(), track, last_line: None }
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
        self.last_line = Some(line.chars().take(300).collect());
        if let Some(progress) = lines::read(line).and_then(|line| self.track.feed(line)) {
            console.progress(progress);
        }
    }
}

fn name(revision: Option<&str>) -> &str {
    revision.unwrap_or("base")
}

fn is_at(stands: Option<&str>, wanted: Option<&str>) -> bool {
    match (stands, wanted) {
        (Some(stands), Some(wanted)) => chain::same(stands, wanted),
        (None, None) => true,
        _ => false,
    }
}

/// A revision as a word of the shell; plain ones stay readable.
fn word(revision: &str) -> String {
    let plain = revision.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-+.@".contains(&byte));
    if plain { revision.to_owned() } else { quoted(revision) }
}
