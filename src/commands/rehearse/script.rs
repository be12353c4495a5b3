//! What a rehearsal's stand-ins do besides carrying out the checklist: the clock, the poll, a scripted no-go and a scripted
//! hold.

use crate::commands::Failure;
use crate::commands::fly::Headless;
use crate::deployment::clock::Going;
use crate::deployment::poll::{self, Answer, Station};
use crate::deployment::{Intent, Operator, Plan, State};
use crate::ledger::Ledger;
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

pub const HOLD: &str = "the load balancer still sends requests";
pub const NO_GO: &str = "nobody of support answers the phone";

/// One rehearsal's script.
#[derive(Debug, Clone)]
pub struct Script {
    pace: u32,
    no_go: bool,
    hold: bool,
}

impl Script {
    /// The script of a flight by the clock; none when neither a pace nor a fault asks for one.
    #[must_use]
    pub fn of(settings: &Settings, pace: Option<u32>) -> Option<Self> {
        let (no_go, hold) = (settings.has(Fault::NoGo), settings.has(Fault::Hold));
        let asked = pace.is_some() || no_go || hold;
        asked.then(|| Self { pace: pace.unwrap_or(PACE), no_go, hold })
    }

    /// Plans T-0 ten minutes ahead, by the script's clock, and starts the count at T-10; once.
    pub fn start(&self, headless: &mut Headless<'_>) -> Result<(), Failure> {
        let state = headless.ledger.state();
        if state.clock.count.is_some() {
            return Ok(());
        }
        let length = headless.ledger.plan().checklist().window.duration;
        let length = length.and_then(|length| TimeDelta::from_std(length.duration()).ok());
        let zero = Utc::now() + self.wall(-START);
        let end = length.map(|length| zero + self.wall(length.num_milliseconds()));
        let captain = headless.operator.standing_in("captain");
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
        resume(headless, "support answers, and every station says go")
    }

    /// What the script does at this moment of the count.
    pub fn act(&mut self, headless: &mut Headless<'_>) -> Result<(), Failure> {
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
            let captain = headless.operator.standing_in("captain");
            headless.ledger.append(&captain, Intent::HoldClock { reason: HOLD.to_owned() })?;
            let line = headless.reading();
            writeln!(headless.out, "  HOLD    {HOLD}: {line}")?;
        }
        Ok(())
    }

    /// On the screen the scripted hold comes from elsewhere, as one by a person would; whoever sits there lets it go on.
    pub fn hold_beside_the_screen(&self, path: &Path, by: &Operator) {
        if !self.hold {
            return;
        }
        let (path, by) = (path.to_owned(), by.standing_in("captain"));
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

    /// Whether the hold in force is the script's own.
    #[must_use]
    pub fn lets_go_on(&self, state: &State) -> bool {
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
    let captain = headless.operator.standing_in("captain");
    let reason = reason.map(ToOwned::to_owned);
    headless.ledger.append(&captain, Intent::OpenPoll { reason })?;
    for station in stations {
        let says_no = against == Some(station);
        let answer = if says_no { Answer::NoGo } else { Answer::Go };
        let reason = says_no.then(|| NO_GO.to_owned());
        let by = headless.operator.standing_in(&station.title);
        let told = reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        writeln!(headless.out, "  poll    {}: {}{told} (stand-in)", station.title, answer.word().to_uppercase())?;
        headless.ledger.append(&by, Intent::AnswerPoll { station: station.id.clone(), answer, reason })?;
    }
    Ok(())
}

fn resume(headless: &mut Headless<'_>, reason: &str) -> Result<(), Failure> {
    let captain = headless.operator.standing_in("captain");
    headless.ledger.append(&captain, Intent::ResumeClock { reason: Some(reason.to_owned()) })?;
    let line = headless.reading();
    writeln!(headless.out, "  resumed {reason}: {line}")?;
    Ok(())
}

/// Whether an item is flown before the clock starts: it stands in a phase up to the window's, and no offset is its own.
#[must_use]
pub fn is_ground(plan: &Plan, item: &crate::checklist::ItemId) -> bool {
    let steps = crate::deployment::timing::steps(plan);
    let Some(first) = steps.first().map(|(item, _)| item.id.phase()) else { return true };
    let place = |id| plan.checklist().phases.iter().position(|phase| phase.id == id);
    let planned = plan.item(item).and_then(|item| crate::deployment::timing::offset(plan, item));
    planned.is_none() && place(item.phase()) <= place(first)
}
