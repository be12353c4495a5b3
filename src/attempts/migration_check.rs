//! The `migration` check: the environment's migrator, with the tables proven before and after.

mod aftermath;
mod asking;
mod following;
mod opened;
mod scratch;
mod server_scratch;
mod target;
mod way;

use super::assignment::Assignment;
use super::checks::kept_ranges;
use super::console::Console;
use super::databases::{self, Databases};
use super::observer;
use super::outcome::{completed, ended_early, ending, evaluate_targets, not_started, seconds};
use crate::checklist::check::{Direction, Migration, MigrationTarget};
use crate::checklist::environment::Migrator;
use crate::database::proof::Proofs;
use crate::deployment::attempt::{End, Moment, Outcome, TableProof};
use crate::deployment::measurement::{Measurement, REVISION_TIME, Verdict};
use crate::deployment::numbers;
use crate::deployment::progress::Progress;
use crate::migration::compare::{Vanishing, compare};
use crate::migration::lineage::Lineage;
use asking::{Asked, Stands};
use following::Moved;
use scratch::Scratch;
use server_scratch::ServerScratch;
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// Times of single revisions that go into a record; a chain from the base may have hundreds.
const MOST_REVISIONS: usize = 50;

struct Run<'a> {
    assignment: &'a Assignment,
    check: &'a Migration,
    migrator: &'a Migrator,
    console: &'a dyn Console,
    databases: &'a dyn Databases,
    grace: Duration,
    /// The database it runs on, when the environment names one.
    url: Option<String>,
    /// Whether a session of the migrator was seen under the name it is given.
    takes_name: AtomicBool,
    /// Why nobody measured that the migrator means the environment's database.
    attested: OnceLock<String>,
}

/// Runs the migrator and evaluates what it did.
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
    let mut run = Run {
        assignment,
        check,
        migrator,
        console,
        databases,
        grace,
        url,
        takes_name: AtomicBool::new(false),
        attested: OnceLock::new(),
    };
    if check.on == MigrationTarget::Environment {
        let outcome = Box::pin(run.carry_out()).await;
        return Outcome { attested: run.attested.into_inner(), ..outcome };
    }
    // The revision of a copy that is gone says nothing about the environment.
    if run.url.as_deref().is_some_and(observer::can_watch) {
        return match ServerScratch::make(&run).await {
            Ok(scratch) => {
                run.url = Some(scratch.url());
                let outcome = Box::pin(run.carry_out()).await;
                scratch.remove(console).await;
                Outcome { revision: None, attested: run.attested.into_inner(), ..outcome }
            }
            Err(sentence) => not_started(sentence),
        };
    }
    match Scratch::make(assignment, migrator, databases, console).await {
        Ok(scratch) => {
            run.url = Some(scratch.url());
            let outcome = Box::pin(run.carry_out()).await;
            Outcome { revision: None, attested: run.attested.into_inner(), ..outcome }
        }
        Err(sentence) => not_started(sentence),
    }
}

impl Run<'_> {
    async fn carry_out(&self) -> Outcome {
        if let Some(refused) = self.other_target().await {
            return refused;
        }
        if let Some(sentence) = self.heads_trouble().await {
            return not_started(sentence);
        }
        let lineage = match self.lineage().await {
            Ok(lineage) => lineage,
            Err(sentence) => return not_started(sentence),
        };
        let Asked { now, lineage, refused } = match self.ask(&lineage).await {
            Ok(asked) => asked,
            Err(sentence) => return completed(Verdict::Fail, sentence, Vec::new()),
        };
        let revision = now.known();
        let way = match self.way(&now, &lineage) {
            Ok(way) => way,
            Err(sentence) => return Outcome { revision, ..not_started(sentence) },
        };
        let wanted = &way.end;
        if self.check.direction == Direction::Current {
            return way::evaluate_standing(&now, wanted);
        }
        if let Some(sentence) = self.departure_trouble(&now, &lineage) {
            return Outcome { revision, ..not_started(sentence) };
        }
        if self.check.direction == Direction::Upgrade && !refused.is_empty() {
            let sentence = format!("the migrator will refuse this: {}; nothing was run", refused.join("; "));
            return Outcome { revision, ..not_started(sentence) };
        }
        if way.is_relative() {
            self.console.line(&format!("{} → {}, from {}", self.check.to, way.revision, now.name()));
        }
        let before = match self.prove(Moment::Before, &[]).await {
            Ok(proofs) => proofs,
            Err(outcome) => return Outcome { revision, ..*outcome },
        };
        let size = self.url.as_deref().and_then(databases::sqlite_size);
        let defined = self.definitions().await;
        let known = self.left_before().await;
        let moved = match Box::pin(self.migrate(&way)).await {
            Ok(moved) => moved,
            Err(sentence) => return Outcome { revision, tables: before, ..not_started(sentence) },
        };
        let mut outcome = Self::account(&moved);
        if let (Some(before), Some(after)) = (size, self.url.as_deref().and_then(databases::sqlite_size)) {
            outcome.measured.push(Measurement::new("size-increase", after as f64 - before as f64, "bytes"));
        }
        outcome.tables = before;
        let stands = self.ask(&lineage).await.map(|asked| asked.now);
        outcome.revision = stands.as_ref().ok().and_then(Stands::known);
        if let Ok(stands) = &stands {
            self.count_revisions(&mut outcome, &now, stands, &lineage);
        }
        let found = self.inspect(&moved, stands.as_ref().ok(), &lineage, known).await;
        let failed = moved.ended.end != End::Completed || moved.ended.exit != Some(0);
        if failed {
            let stands = match (&stands, &now) {
                (Ok(Stands::Unknown), _) => "where the database is now is not reported".to_owned(),
                (Ok(stands), before) if stands == before => format!("database still at {}", stands.name()),
                (Ok(stands), _) => format!("database at {}", stands.name()),
                (Err(sentence), _) => format!("where the database is now is unknown: {sentence}"),
            };
            outcome.detail = format!("migration failed: {}; {stands}", outcome.detail);
            found.tell(&mut outcome);
            return outcome;
        }
        match (&stands, wanted) {
            (Err(sentence), _) => {
                outcome.verdict = Verdict::Inconclusive;
                outcome.detail = format!("the migrator ended well, but {sentence}");
                found.tell(&mut outcome);
                return outcome;
            }
            (Ok(stands), wanted) if *stands != Stands::Unknown && !stands.is_at(wanted) => {
                let (stands, wanted) = (stands.name(), wanted.name());
                outcome.verdict = Verdict::Fail;
                outcome.detail =
                    format!("the migrator ended well, but the database stands at {stands}, not at {wanted}");
                if moved.seen.as_ref().is_some_and(|seen| !seen.it) {
                    outcome.detail.push_str(
                        "; no session of it was seen in this database: it may have changed ANOTHER one, look which \
                         address it takes",
                    );
                }
                found.tell(&mut outcome);
                return outcome;
            }
            (Ok(stands), _) => {
                let took = numbers::seconds(moved.ended.took.as_secs_f64());
                if let Some(error) = moved.track.error().filter(|_| *stands == Stands::Unknown) {
                    // The exit status decides; where nothing else shows, an error in the output leaves it open.
                    outcome.verdict = Verdict::Inconclusive;
                    outcome.detail = format!("ended well in {took}, but printed an error: {error}");
                    found.tell(&mut outcome);
                    return outcome;
                }
                outcome.detail = match stands {
                    Stands::Unknown => format!("ended well in {took}, where the database stands is not reported"),
                    Stands::At(_) => {
                        let step = if way.is_relative() { format!(" (`{}`)", self.check.to) } else { String::new() };
                        format!("{} → {}{step} in {took}", now.name(), stands.name())
                    }
                };
            }
        }
        let idle = defined.is_some() && defined == self.definitions().await;
        match self.prove(Moment::After, &outcome.tables).await {
            Ok(after) => {
                let rows = same_rows(&outcome.tables, &after);
                self.hold_together(&mut outcome, after).await;
                let stood = stands.as_ref().is_ok_and(|stands| *stands != Stands::Unknown && *stands == now);
                let back = self.check.direction == Direction::Downgrade
                    && !way.is_relative()
                    && self
                        .assignment
                        .plan
                        .phase_of(&self.assignment.item.id)
                        .is_some_and(|phase| !phase.way.is_forward());
                let why = match () {
                    // A migration that failed within its transaction went back by itself: where a rollback is to lead is
                    // where the database stands.
                    () if stood && back => {
                        outcome.detail = format!("the database stands at {} already: nothing to roll back", now.name());
                        ""
                    }
                    () if stood => "it stood there already, so that this run carried nothing out",
                    () if idle && rows => {
                        "no definition and no row is another one than before: this run changed nothing"
                    }
                    () => "",
                };
                if !why.is_empty() {
                    outcome.verdict = outcome.verdict.and(Verdict::Inconclusive);
                    outcome.detail = format!("{}, but {why}", outcome.detail);
                }
            }
            Err(early) => {
                let Outcome { end, verdict, detail, .. } = *early;
                outcome = Outcome { end, verdict, detail: format!("{}, but {detail}", outcome.detail), ..outcome };
            }
        }
        found.tell(&mut outcome);
        evaluate_targets(&mut outcome, &self.assignment.item.targets);
        outcome
    }

    /// A sum over the definitions in the database, where there is one to ask.
    async fn definitions(&self) -> Option<String> {
        self.databases.definitions(self.url.as_deref()?).await.ok().flatten()
    }

    /// A migrator that logs nothing names no revision; how many it went is recognised by where the database stood and stands.
    fn count_revisions(&self, outcome: &mut Outcome, before: &Stands, after: &Stands, lineage: &Lineage) {
        let silent = |measured: &Measurement| measured.name == "revisions" && measured.value == 0.0;
        if before == after || !outcome.measured.iter().any(silent) {
            return;
        }
        outcome.measured.retain(|measured| !silent(measured));
        let (Stands::At(before), Stands::At(after)) = (before, after) else { return };
        let (low, high) = if self.check.direction == Direction::Downgrade { (after, before) } else { (before, after) };
        if let Ok(went) = lineage.pending(low, &high.to_string())
            && !went.is_empty()
        {
            outcome.measured.push(Measurement::new("revisions", went.len() as f64, "revisions"));
        }
    }

    async fn hold_together(&self, outcome: &mut Outcome, after: Vec<TableProof>) {
        if self.url.is_none() {
            return;
        }
        let vanishing =
            if self.check.direction == Direction::Downgrade { Vanishing::Expected } else { Vanishing::Wrong };
        let book = self.migrator.book().map(|book| book.name());
        let before = outcome.tables.len();
        let found = compare(&outcome.tables, &after, &self.check.rewrites, vanishing, book.as_deref());
        outcome.tables.extend(after);
        if !found.wrong.is_empty() {
            outcome.verdict = Verdict::Fail;
            outcome.detail = format!("{}, but {}", outcome.detail, found.wrong.join("; "));
            self.find_where(outcome, &found.differing).await;
        } else if !found.unclear.is_empty() {
            outcome.verdict = Verdict::Inconclusive;
            outcome.detail = format!("{}, but {}", outcome.detail, found.unclear.join("; "));
        } else if found.compared == 0 && before > 0 && self.check.to == "base" {
            outcome.detail = format!("{}, {before} tables removed, none left to compare", outcome.detail);
        } else if found.compared == 0 {
            // Nothing was compared, so nothing was proven.
            outcome.verdict = outcome.verdict.and(Verdict::Inconclusive);
            outcome.detail = format!(
                "{}, but no table was there before and after, so that no rows could be compared",
                outcome.detail
            );
        } else {
            outcome.detail = format!("{}, {} tables kept their rows", outcome.detail, found.compared);
        }
    }

    /// Says in the output where tables differ, and the first of it in the outcome.
    async fn find_where(&self, outcome: &mut Outcome, tables: &[String]) {
        let Some(url) = &self.url else { return };
        let kept = kept_ranges::read(self.assignment, self.assignment.attempt, tables);
        let said = self.databases.bisect(url, &kept).await;
        for line in &said {
            self.console.line(line);
        }
        if let Some(first) = said.first() {
            outcome.detail = format!("{} ({first})", outcome.detail);
        }
    }

    /// What the run itself measured, with the verdict its exit status gives.
    fn account(moved: &Moved) -> Outcome {
        let Moved { ended, track, last_line, applied, seen } = moved;
        let succeeded = ended.end == End::Completed && ended.exit == Some(0);
        let mut measured = vec![
            Measurement::new("duration", seconds(ended.took), "s"),
            Measurement::new("revisions", f64::from(track.revisions(succeeded)), "revisions"),
        ];
        let reported = track.completed().iter().filter_map(|done| done.locked).reduce(f64::max);
        if let Some(seen) = seen {
            measured.extend(seen.measured.iter().cloned());
        } else if let Some(lock) = reported {
            measured.push(Measurement::new("lock", lock, "s"));
        }
        // A run that ended by itself has let go of everything, so that no lock of it was held for longer than it lasted.
        if succeeded && !measured.iter().any(|known| known.name == "lock") {
            let half = seconds(ended.took) / 2.0;
            measured.push(Measurement::new("lock", half, "s").within(half));
        }
        if let Some(rows) = track.completed().iter().filter_map(|done| done.rows).reduce(u64::saturating_add) {
            measured.push(Measurement::new("rows-changed", rows as f64, "rows"));
        }
        let times = applied.iter().take(MOST_REVISIONS);
        measured
            .extend(times.map(|(revision, took)| Measurement::new(REVISION_TIME, seconds(*took), "s").of(revision)));
        let mut outcome = completed(Verdict::Pass, "", measured);
        if ended.end != End::Completed {
            let early = ended_early(ended.end, ending(ended));
            outcome = Outcome { end: early.end, verdict: early.verdict, detail: early.detail, ..outcome };
        } else if !succeeded {
            outcome.verdict = Verdict::Fail;
            let why = track.error().or(last_line.as_deref()).unwrap_or("it said nothing");
            outcome.detail = format!("{}, {why}", ending(ended));
            if let Some(account) = seen.as_ref().and_then(|seen| seen.gave_up.as_ref()) {
                outcome.detail = format!("{}; cancelled after waiting for {account}", outcome.detail);
            }
        }
        Outcome { exit: ended.exit, signal: ended.signal, ..outcome }
    }

    async fn taken(&self, url: &str, when: Moment, before: &[TableProof]) -> Result<Vec<TableProof>, String> {
        if when != Moment::Before {
            return self.databases.prove(url, before, when, self.console).await;
        }
        let Proofs { tables, missing, ranges } = self.databases.prove_in_ranges(url, self.console).await?;
        for line in &missing {
            self.console.line(line);
        }
        kept_ranges::write(self.assignment, &ranges, self.console);
        Ok(tables)
    }

    async fn prove(&self, when: Moment, before: &[TableProof]) -> Result<Vec<TableProof>, Box<Outcome>> {
        let Some(url) = &self.url else { return Ok(Vec::new()) };
        let stage = if when == Moment::Before { "fingerprints before" } else { "fingerprints after" };
        self.console.line(stage);
        self.console.progress(&Progress { stage: stage.into(), unit: "rows".into(), ..Progress::default() });
        tokio::select! {
            proofs = self.taken(url, when, before) => proofs.map_err(|sentence| {
                Box::new(completed(Verdict::Inconclusive, format!("the {stage} could not be taken: {sentence}"), Vec::new()))
            }),
            end = self.assignment.stopped() => Err(Box::new(ended_early(end, format!("ended while taking {stage}")))),
        }
    }
}

/// Whether every table holds what it held, and no other is there.
fn same_rows(before: &[TableProof], after: &[TableProof]) -> bool {
    let same = |proof: &TableProof| {
        after
            .iter()
            .any(|now| (&now.table, now.rows, &now.fingerprint) == (&proof.table, proof.rows, &proof.fingerprint))
    };
    before.len() == after.len() && before.iter().all(same)
}
