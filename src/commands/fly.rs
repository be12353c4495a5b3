//! Flying without the screen: `gonogo run` and the headless rehearsal. One line an item.

mod clock;
mod done;

use super::rehearse::prove::Prover;
use super::rehearse::script::Script;
use super::status::event;
use super::{Failure, seat};
use crate::attempts::arguments::SuperviseArguments;
use crate::attempts::files::AttemptFiles;
use crate::attempts::spawn::{self, Heard};
use crate::attempts::{follow, lost};
use crate::checklist::check::Completion;
use crate::checklist::{ItemId, PhaseId};
use crate::deployment::attempt::AttemptNumber;
use crate::deployment::criteria::Call;
use crate::deployment::flight::{self, Crew, Recording, Step};
use crate::deployment::gate;
use crate::deployment::progress::Progress;
use crate::deployment::{Board, Intent, ItemStatus, Operator, Plan, criteria, rollback};
use crate::harmless::one_line;
use crate::ledger::watch::Watcher;
use crate::ledger::{AppendError, Ledger};
use crate::printed::{self, Paint, painted};
use done::{Done, Kind};
use std::collections::BTreeSet;
use std::io::Write;
use std::time::Duration;

/// How often a long attempt says how far it is.
const REPORT: Duration = Duration::from_millis(500);

/// A flight without a screen.
pub(crate) struct Headless<'a> {
    pub ledger: Ledger,
    pub operator: Operator,
    pub crew: Crew,
    pub confirmation: Option<String>,
    /// What simulated people do besides the checklist.
    pub script: Option<Script>,
    /// Sabotages every line that has passed.
    pub prover: Option<Prover>,
    pub out: &'a mut dyn Write,
    /// Where each record goes as a line of JSON.
    pub events: Option<&'a mut dyn Write>,
    /// How many records were written there, or were there before.
    seen: usize,
    done: Vec<Done>,
    phase: Option<PhaseId>,
    failed: usize,
    /// Those among them that could not be measured.
    inconclusive: usize,
    /// What the decision is, or would be: of a flight of the whole deployment.
    pub call: Option<Call>,
    /// The exit status of the last refusal.
    refused: Option<u8>,
    blocked: BTreeSet<ItemId>,
}

impl<'a> Headless<'a> {
    pub(crate) fn new(ledger: Ledger, operator: Operator, crew: Crew, out: &'a mut dyn Write) -> Self {
        Self {
            seen: ledger.records().len(),
            done: Vec::new(),
            events: None,
            ledger,
            operator,
            crew,
            confirmation: None,
            script: None,
            prover: None,
            out,
            phase: None,
            failed: 0,
            inconclusive: 0,
            call: None,
            refused: None,
            blocked: BTreeSet::new(),
        }
    }

    /// Takes the captain's seat, over from somebody who is gone when a reason is given.
    pub(crate) fn sit(&mut self, take_over: Option<&str>) -> Result<(), Failure> {
        seat::sit(&mut self.ledger, &self.operator, take_over)
    }

    /// Reads on what others recorded, and writes each new record where events go.
    fn follow(&mut self) -> Result<(), Failure> {
        self.ledger.follow()?;
        self.tell_records()
    }

    /// Writes each new record where events go.
    pub(crate) fn tell_records(&mut self) -> Result<(), Failure> {
        let Some(out) = &mut self.events else { return Ok(()) };
        let plan = self.ledger.plan();
        for record in self.ledger.records().iter().skip(self.seen) {
            event::write(plan, record, out)?;
        }
        self.seen = self.ledger.records().len();
        Ok(out.flush()?)
    }

    /// How many items did not pass.
    pub(crate) fn failed(&self) -> usize {
        self.failed
    }

    /// The exit status of what was flown: refused, failed, NO-GO or inconclusive, or fine. A flight of the whole deployment
    /// is fine when it ends with GO, whatever kept it from that.
    pub(crate) fn exit_status(&self) -> u8 {
        match (self.refused, self.failed, self.call) {
            (Some(status), ..) => status,
            (None, _, Some(Call::NoGo)) | (None, 0, Some(Call::Inconclusive)) => super::NO_GO,
            (None, 0, Some(Call::Go) | None) => 0,
            (None, failed, _) if failed == self.inconclusive => super::NO_GO,
            (None, ..) => 1,
        }
    }

    /// Whether an item is evaluated by recording it, with nothing to run.
    pub(crate) fn is_evaluated(&self, id: &ItemId) -> bool {
        self.ledger.plan().item(id).is_some_and(|item| item.check.kind().completion() == Completion::Evaluated)
    }

    /// Which of these items would be refused, and why.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub(crate) fn refusals(&mut self, items: &[ItemId]) -> Result<Vec<(ItemId, String, u8)>, Failure> {
        let mut refused = Vec::new();
        for item in items {
            let intent = if self.is_evaluated(item) {
                Intent::EvaluateItem { item: item.clone() }
            } else {
                Intent::StartAttempt { item: item.clone(), confirmation: self.confirmation.clone() }
            };
            match self.ledger.ask_from_seat(&self.operator, &intent) {
                Ok(()) => {}
                Err(AppendError::Refused(why)) => refused.push((item.clone(), why.to_string(), why.exit_status())),
                Err(AppendError::Ledger(error)) => return Err(error.into()),
            }
        }
        Ok(refused)
    }

    /// Reports items as refused that were not tried.
    pub(crate) fn refuse_all(&mut self, refused: Vec<(ItemId, String, u8)>) -> Result<(), Failure> {
        refused.into_iter().try_for_each(|(item, why, status)| self.refused(&item, &why, status))
    }

    /// Whether anything can be carried out now.
    pub(crate) fn has_next(&self, only: Option<&PhaseId>) -> bool {
        self.next(|_, id| only.is_none_or(|phase| id.phase() == *phase)).is_some()
    }

    /// Says what keeps a phase, or the deployment up to its decision, from being complete: nothing when it is.
    pub(crate) fn account(&mut self, only: Option<&PhaseId>) -> Result<(), Failure> {
        let plan = self.ledger.plan().clone();
        let mut board = Board::new(&plan, self.ledger.state());
        let phases: Vec<_> =
            flight::phases_to_decision(&plan).filter(|phase| only.is_none_or(|id| phase.id == *id)).collect();
        let back = self.ledger.state().is_going_back();
        let phases: Vec<_> = if back { rollback::phases(&plan).collect() } else { phases };
        let named = only.and_then(|id| plan.checklist().phase(id));
        for phase in if phases.is_empty() { named.into_iter().collect() } else { phases } {
            let missing = gate::missing(&plan, self.ledger.state(), &mut board, phase);
            if !missing.is_empty() {
                writeln!(self.out, "\n{} has not opened: {}", one_line(&phase.title), one_line(&missing.join("; ")))?;
                // Asked for by name it is refused; on the way it is only where the flight ends.
                if only.is_some() {
                    self.refused = Some(4);
                }
                return Ok(());
            }
            let open = phase.items().find(|item| !board.status(&item.id).is_complete() && item.due.is_none());
            let Some(item) = open else { continue };
            let status = board.status(&item.id);
            if matches!(status, ItemStatus::Failed(_) | ItemStatus::Inconclusive(_) | ItemStatus::Lost(_)) {
                self.inconclusive += usize::from(self.failed == 0 && matches!(status, ItemStatus::Inconclusive(_)));
                self.failed = self.failed.max(1);
            }
            let need = if item.check.is_measured() { "" } else { "; a person is needed" };
            let (phase, item) = (one_line(&phase.title), one_line(item.in_sentence()));
            writeln!(self.out, "\n{phase}: {item} is {}{need}", status.word())?;
            return Ok(());
        }
        Ok(())
    }

    /// Carries out everything that can go on by itself, up to the decision. With `only`, items of that phase alone.
    pub(crate) async fn fly(&mut self, only: Option<&PhaseId>) -> Result<(), Failure> {
        self.fly_where(|_, id| only.is_none_or(|phase| id.phase() == *phase), |_| false).await
    }

    /// Carries out what can go on by itself among the items that `wanted` lets through, up to and with the one that is the
    /// `last`. Steps of the window wait for the clock once it was started.
    pub(crate) async fn fly_where(
        &mut self,
        wanted: impl Fn(&Plan, &ItemId) -> bool,
        last: impl Fn(&ItemId) -> bool,
    ) -> Result<(), Failure> {
        loop {
            self.follow()?;
            let Some(step) = self.next(&wanted) else { return Ok(()) };
            if !self.wait_for_clock(&step).await? {
                return Ok(());
            }
            // While it waited, somebody may have ended the deployment or done the step.
            if self.next(&wanted).as_ref() != Some(&step) {
                continue;
            }
            let over = matches!(&step, Step::Run(item) if last(item));
            let measured = match &step {
                Step::Run(item) | Step::Evaluate(item) => Some(item.clone()),
                Step::Tick(_) | Step::Fill(_) | Step::Sign(..) => None,
            };
            self.take(step).await?;
            if let Some((prover, item)) = self.prover.as_mut().zip(measured) {
                prover.prove(&self.ledger, &item).await;
            }
            if over {
                return Ok(());
            }
        }
    }

    fn next(&self, wanted: impl Fn(&Plan, &ItemId) -> bool) -> Option<Step> {
        let (plan, state) = (self.ledger.plan(), self.ledger.state());
        let mut board = Board::new(plan, state);
        flight::next_where(plan, state, &mut board, self.crew, |id| !self.blocked.contains(id) && wanted(plan, id))
    }

    async fn take(&mut self, step: Step) -> Result<(), Failure> {
        let plan = self.ledger.plan().clone();
        let recording = flight::recording(&plan, &step);
        match (recording, step) {
            (None, Step::Run(item)) => self.run(&item).await,
            (None, _) => Ok(()),
            (Some(Recording { intent, simulated }), Step::Sign(group, role)) => {
                let title = simulated.unwrap_or_else(|| role.to_string());
                self.ledger.append(&self.operator.simulating(&title), intent)?;
                let group = plan.checklist().signoff(&group).map_or_else(|| group.to_string(), |g| g.title.clone());
                writeln!(self.out, "  signed  {}, {}: GO (simulated)", one_line(&title), one_line(&group))?;
                Ok(())
            }
            (Some(recording), Step::Run(item) | Step::Evaluate(item) | Step::Tick(item) | Step::Fill(item)) => {
                self.append(&item, recording.intent, recording.simulated.as_deref())
            }
        }
    }

    /// Records something about an item and prints its line.
    pub(crate) fn append(&mut self, item: &ItemId, intent: Intent, role: Option<&str>) -> Result<(), Failure> {
        let by = role.map_or_else(|| self.operator.clone(), |role| self.operator.simulating(role));
        match self.ledger.append(&by, intent) {
            Ok(_) => self.line(item),
            Err(AppendError::Refused(refusal)) => self.refused(item, &refusal.to_string(), refusal.exit_status()),
            Err(AppendError::Ledger(error)) => Err(error.into()),
        }
    }

    fn refused(&mut self, item: &ItemId, why: &str, status: u8) -> Result<(), Failure> {
        self.refused = Some(status);
        self.blocked.insert(item.clone());
        self.failed += 1;
        let detail = why.to_owned();
        self.done.push(Done { item: item.clone(), kind: Kind::Refused, detail, attempt: None, took_ms: None });
        let title = self.title(item);
        writeln!(self.out, "  {} {title}: {}", painted(Paint::Bad, "refused  "), one_line(why))?;
        Ok(())
    }

    /// Carries out one item and waits for its end. The supervisor is on its own: if this program dies, it goes on.
    pub(crate) async fn run(&mut self, item: &ItemId) -> Result<(), Failure> {
        let by = match self.crew {
            Crew::Simulated => self.operator.simulating("captain"),
            Crew::People => self.operator.clone(),
        };
        let ledger = self.ledger.path().to_owned();
        let arguments = SuperviseArguments::new(ledger, item, &by, self.confirmation.clone());
        let arguments = arguments.for_session(self.ledger.session());
        let (_watcher, mut wakes) = Watcher::new(self.ledger.path())?;
        let mut supervisor = spawn::spawn(&arguments)?;
        let mut running: Option<AttemptNumber> = None;
        let mut speaks = true;
        loop {
            self.follow()?;
            if running.and_then(|n| self.ledger.state().attempt(n)).is_some_and(|attempt| !attempt.is_running()) {
                Self::clear()?;
                return self.line(item);
            }
            tokio::select! {
                heard = supervisor.hear(), if speaks => match heard {
                    Some(Heard::Started(number)) => running = Some(number),
                    Some(Heard::Refused { sentence, status }) => {
                        Self::clear()?;
                        return self.refused(item, &sentence, status);
                    }
                    Some(Heard::Exited { .. }) | None => {
                        // Whatever it did not get into the ledger itself is complete for it.
                        speaks = false;
                        lost::settle(&mut self.ledger, &self.operator)?;
                        if running.is_none() {
                            return self.refused(item, "its supervisor ended without a word", 1);
                        }
                    }
                },
                _ = wakes.recv() => {}
                () = tokio::time::sleep(REPORT) => {
                    if let Some(number) = running {
                        self.report(item, number)?;
                    }
                }
            }
        }
    }

    /// On a terminal, a line that is written over; elsewhere nothing, so that logs stay one line an item.
    fn report(&mut self, item: &ItemId, number: AttemptNumber) -> Result<(), Failure> {
        let files = AttemptFiles::new(self.ledger.evidence(), number);
        let Some(progress) = follow::progress(&files) else { return Ok(()) };
        let title = self.title(item);
        self.out.flush()?;
        Ok(printed::replace_line(&format!("  …       {title}  {}", describe(&progress)))?)
    }

    fn clear() -> Result<(), Failure> {
        Ok(printed::replace_line("")?)
    }

    fn title(&self, item: &ItemId) -> String {
        let plan = self.ledger.plan();
        plan.item(item).map_or_else(|| item.to_string(), |item| one_line(&item.title).into_owned())
    }

    /// The one line of an item: how it stands, what it is, what was found.
    fn line(&mut self, id: &ItemId) -> Result<(), Failure> {
        let plan = self.ledger.plan().clone();
        let Some(item) = plan.item(id) else { return Ok(()) };
        if self.phase.as_ref() != Some(&id.phase()) {
            self.phase = Some(id.phase());
            let title = plan.phase_of(id).map_or("", |phase| phase.title.as_str());
            writeln!(self.out, "\n{}", painted(Paint::Heading, &one_line(title)))?;
        }
        let board = Board::new(&plan, self.ledger.state());
        let status = board.status(id);
        let detail = match status {
            ItemStatus::Failed(why) | ItemStatus::Inconclusive(why) | ItemStatus::Outdated(why) => why.clone(),
            _ => criteria::verdict_text(self.ledger.state(), item),
        };
        let attempt = self.ledger.state().latest(id);
        let took_ms = attempt.and_then(|attempt| attempt.outcome()).map(|outcome| outcome.took_ms);
        let kind = match status {
            ItemStatus::Done => Kind::Passed,
            ItemStatus::Waived(_) | ItemStatus::Inapplicable(_) => Kind::Skipped,
            ItemStatus::Failed(_) => Kind::Failed,
            ItemStatus::Inconclusive(_) | ItemStatus::Outdated(_) | ItemStatus::Open | ItemStatus::Running(_) => {
                Kind::Inconclusive
            }
            ItemStatus::Lost(_) => Kind::Lost,
        };
        let attempt = attempt.map(|attempt| attempt.number);
        self.done.push(Done { item: id.clone(), kind, detail: detail.clone(), attempt, took_ms });
        let took = took_ms.map(|ms| format!("  {:.1} s", ms as f64 / 1_000.0)).unwrap_or_default();
        let word = match status {
            ItemStatus::Done if !item.check.is_measured() => "simulated",
            ItemStatus::Done => "pass",
            other => other.word(),
        };
        if matches!(status, ItemStatus::Failed(_) | ItemStatus::Inconclusive(_) | ItemStatus::Lost(_)) {
            self.failed += 1;
            self.inconclusive += usize::from(matches!(status, ItemStatus::Inconclusive(_)));
        }
        let dash = if detail.is_empty() { "" } else { ": " };
        let paint = match kind {
            Kind::Passed => Paint::Good,
            Kind::Failed | Kind::Refused => Paint::Bad,
            Kind::Inconclusive | Kind::Lost => Paint::Warning,
            Kind::Skipped => Paint::Dim,
        };
        let word = painted(paint, &format!("{word:<9}"));
        writeln!(self.out, "  {word} {}{dash}{}{took}", one_line(&item.title), one_line(&detail))?;
        Ok(())
    }
}

fn describe(progress: &Progress) -> String {
    let share = progress.share().map(|share| format!("{:.0} %  ", share * 100.0)).unwrap_or_default();
    let step = progress.step.map(|(k, n)| format!("{k} of {n}  ")).unwrap_or_default();
    format!("{}  {step}{share}{} {}  {}", progress.stage, progress.done, progress.unit, progress.words)
}
