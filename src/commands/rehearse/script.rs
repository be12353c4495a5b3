//! What simulated people do besides carrying out the checklist: the clock, the poll, a scripted no-go and a scripted
//! hold.

use crate::commands::Failure;
use crate::commands::fly::Headless;
use crate::deployment::clock::Going;
use crate::deployment::fact::Approval;
use crate::deployment::poll::{self, Answer, Station};
use crate::deployment::{Intent, Operator, Plan, State};
use crate::ledger::Ledger;
use crate::rehearsal::service::night;
use crate::rehearsal::{Fault, Settings};
use chrono::{DateTime, TimeDelta, Utc};
use std::path::Path;
use std::time::Duration;

/// Where the window's clock starts, in milliseconds of T.
const START: i64 = -600_000;
/// From here on the scripted hold comes, and so long it lasts by the clock that it holds.
const HOLD_FROM: i64 = -300_000;
const HOLD_FOR: i64 = 120_000;
/// So fast the clock runs where a scripted fault needs one and nobody said how fast.
const PACE: u32 = 20;

pub(crate) const HOLD: &str = "the load balancer still sends requests";
pub(crate) const NO_GO: &str = "nobody of support answers the phone";

/// One rehearsal's script.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    pace: u32,
    no_go: bool,
    hold: bool,
    days: Option<Days>,
}

/// How the days after the decision pass: T-seconds a second for the first, and for the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Days {
    first: u32,
    others: u32,
}

/// The first day, and a little more so that what is due after it is done at its pace.
const FIRST_DAY: i64 = 25 * 3_600_000;

impl Days {
    /// So that 24 hours take `day`, and the six days behind them too.
    fn of(day: Duration) -> Self {
        let pace = |seconds: f64| {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 6 days in 20 seconds")]
            let pace = (seconds / day.as_secs_f64().max(1.0)).ceil() as u32;
            pace.max(60)
        };
        Self { first: pace(86_400.0), others: pace(6.0 * 86_400.0) }
    }
}

impl Script {
    /// The script of a flight by the clock; none when neither a pace nor a fault asks for one.
    #[must_use]
    pub(crate) fn of(settings: &Settings, pace: Option<u32>, days: Option<Duration>) -> Option<Self> {
        let (no_go, hold) = (settings.has(Fault::NoGo), settings.has(Fault::Hold));
        let asked = pace.is_some() || no_go || hold || days.is_some();
        asked.then(|| Self { pace: pace.unwrap_or(PACE), no_go, hold, days: days.map(Days::of) })
    }

    /// Whether it goes on behind the decision.
    pub(crate) fn has_days(&self) -> bool {
        self.days.is_some()
    }

    /// Lets the days behind a GO begin to pass, once, and later faster. Says so when something changed.
    pub(crate) fn let_days_pass(&self, ledger: &mut Ledger, by: &Operator) -> Result<Option<String>, Failure> {
        let Some(days) = self.days else { return Ok(None) };
        let state = ledger.state();
        let go = state.decision().is_some_and(|(_, decided)| decided.decision == Approval::Go);
        let Some(reading) = state.clock.read(Utc::now()).filter(|_| go && state.clock.count.is_some()) else {
            return Ok(None);
        };
        let pace = if reading.t < FIRST_DAY { days.first } else { days.others };
        if state.clock.pace() >= pace || state.clock.hold().is_some() {
            return Ok(None);
        }
        night::begin(ledger.layout().home())?;
        ledger.append(&by.simulating("captain"), Intent::PaceClock { pace })?;
        Ok(Some(format!(
            "days pass: {pace} T-seconds a second; samples are taken as usual, each watch is as much shorter"
        )))
    }

    /// Plans T-0 ten minutes ahead, by the script's clock, and starts the count at T-10; once.
    pub(crate) fn start(&self, headless: &mut Headless<'_>) -> Result<(), Failure> {
        let state = headless.ledger.state();
        if state.clock.count.is_some() {
            return Ok(());
        }
        let length = headless.ledger.plan().checklist().window.duration;
        let length = length.and_then(|length| TimeDelta::from_std(length.duration()).ok());
        let zero = Utc::now() + self.wall(-START);
        let end = length.map(|length| zero + self.wall(length.num_milliseconds()));
        let captain = headless.operator.simulating("captain");
        headless.ledger.append(&captain, Intent::PlanWindow { zero, end })?;
        let from = Some(crate::checklist::offset::Offset::from_millis(START));
        headless.ledger.append(&captain, Intent::StartClock { from, pace: self.pace })?;
        let line = headless.reading();
        writeln!(headless.out, "\nWindow\n  {line}; the clock runs {} times as fast", self.pace)?;
        self.poll(headless)
    }

    /// Asks every station. The scripted no-go is the last one's; it holds the clock until its cause is gone and all have
    /// been asked again.
    fn poll(&self, headless: &mut Headless<'_>) -> Result<(), Failure> {
        let stations = poll::stations(headless.ledger.plan());
        let Some(last) = stations.last().filter(|_| self.no_go).cloned() else {
            return round(headless, &stations, None, None);
        };
        round(headless, &stations, None, Some(&last))?;
        let line = headless.reading();
        writeln!(headless.out, "  {line}")?;
        round(headless, &stations, Some("support answers now"), None)?;
        resume(headless, "support responds, and every poll role says go")
    }

    /// What the script does at this moment of the count.
    pub(crate) fn act(&mut self, headless: &mut Headless<'_>) -> Result<(), Failure> {
        let by = headless.operator.clone();
        if let Some(said) = self.let_days_pass(&mut headless.ledger, &by)? {
            writeln!(headless.out, "\n{said}")?;
            headless.out.flush()?;
        }
        if !self.hold {
            return Ok(());
        }
        let now = Utc::now();
        let state = headless.ledger.state();
        if let Some(held) = own_hold(state).filter(|_| state.clock.hold().is_some()) {
            if now - held >= self.wall(HOLD_FOR) {
                self.hold = false;
                resume(headless, "the load balancer lets go of it")?;
            }
            return Ok(());
        }
        if own_hold(state).is_some() {
            self.hold = false;
            return Ok(());
        }
        let reached = state.clock.read(now).is_some_and(|reading| reading.t >= HOLD_FROM);
        if reached && state.clock.count.is_some() && state.clock.hold().is_none() {
            let captain = headless.operator.simulating("captain");
            headless.ledger.append(&captain, Intent::HoldClock { reason: HOLD.to_owned() })?;
            let line = headless.reading();
            writeln!(headless.out, "  HOLD    {HOLD}: {line}")?;
        }
        Ok(())
    }

    /// On the screen the scripted hold comes from elsewhere, as one by a person would; whoever sits there lets it go on.
    pub(crate) fn hold_beside_the_screen(&self, path: &Path, by: &Operator) {
        if !self.hold {
            return;
        }
        let (path, by) = (path.to_owned(), by.simulating("captain"));
        tokio::spawn(async move {
            let Ok(mut ledger) = Ledger::open(&path) else { return };
            while ledger.follow().is_ok() && own_hold(ledger.state()).is_none() && ledger.state().ending.is_none() {
                let reading = ledger.state().clock.read(Utc::now());
                let reached = reading.is_some_and(|reading| reading.going == Going::Counting && reading.t >= HOLD_FROM);
                if reached {
                    // Nobody sits there just now, or somebody holds it already: then it comes a little later.
                    let _ = ledger.append(&by, Intent::HoldClock { reason: HOLD.to_owned() });
                }
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        });
    }

    /// On the screen the days begin to pass once a person, or the autopilot, has said GO.
    pub(crate) fn days_beside_the_screen(&self, path: &Path, by: &Operator) {
        if self.days.is_none() {
            return;
        }
        let (script, path, by) = (self.clone(), path.to_owned(), by.clone());
        tokio::spawn(async move {
            let Ok(mut ledger) = Ledger::open(&path) else { return };
            while ledger.follow().is_ok() && ledger.state().ending.is_none() && ledger.state().closed.is_none() {
                // What could not be recorded now is tried again.
                let _ = script.let_days_pass(&mut ledger, &by);
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        });
    }

    /// Whether the hold active is the script's own.
    pub(crate) fn lets_go_on(&self, state: &State) -> bool {
        self.hold && state.clock.hold().is_some_and(|hold| hold.reason == HOLD)
    }

    /// A length of T as the wall has it.
    fn wall(&self, t: i64) -> TimeDelta {
        TimeDelta::try_milliseconds(t / i64::from(self.pace.max(1))).unwrap_or(TimeDelta::zero())
    }
}

/// When the scripted hold was made, if it was.
fn own_hold(state: &State) -> Option<DateTime<Utc>> {
    state.clock.holds.iter().find(|hold| hold.reason == HOLD).map(|hold| hold.held.at)
}

fn round(
    headless: &mut Headless<'_>,
    stations: &[Station],
    reason: Option<&str>,
    against: Option<&Station>,
) -> Result<(), Failure> {
    let captain = headless.operator.simulating("captain");
    let reason = reason.map(ToOwned::to_owned);
    headless.ledger.append(&captain, Intent::OpenPoll { reason })?;
    for station in stations {
        let says_no = against == Some(station);
        let answer = if says_no { Answer::NoGo } else { Answer::Go };
        let reason = says_no.then(|| NO_GO.to_owned());
        let by = headless.operator.simulating(&station.title);
        let reported = reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        writeln!(headless.out, "  poll    {}: {}{reported} (simulated)", station.title, answer.word().to_uppercase())?;
        headless.ledger.append(&by, Intent::AnswerPoll { station: station.id.clone(), answer, reason })?;
    }
    Ok(())
}

fn resume(headless: &mut Headless<'_>, reason: &str) -> Result<(), Failure> {
    let captain = headless.operator.simulating("captain");
    headless.ledger.append(&captain, Intent::ResumeClock { reason: Some(reason.to_owned()) })?;
    let line = headless.reading();
    writeln!(headless.out, "  resumed {reason}: {line}")?;
    Ok(())
}

/// Whether an item is flown before the clock starts: it is in a phase up to the window's, and no offset is its own.
pub(crate) fn is_ground(plan: &Plan, item: &crate::checklist::ItemId) -> bool {
    let steps = crate::deployment::timing::steps(plan);
    let Some(first) = steps.first().map(|(item, _)| item.id.phase()) else { return true };
    let place = |id| plan.checklist().phases.iter().position(|phase| phase.id == id);
    let planned = plan.item(item).and_then(|item| crate::deployment::timing::offset(plan, item));
    planned.is_none() && place(item.phase()) <= place(first)
}
