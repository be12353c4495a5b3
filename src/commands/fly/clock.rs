//! Flying by the clock: steps of the window wait for their offsets.

use super::Headless;
use crate::checklist::Check;
use crate::commands::Failure;
use crate::deployment::flight::Step;
use crate::deployment::waiting::{Wait, wait};
use crate::deployment::{Board, ItemStatus, Plan, clock, projection};
use chrono::{DateTime, Utc};
use std::time::Duration;

/// How often a wait looks at the ledger again: somebody may hold the clock meanwhile.
const LOOK: Duration = Duration::from_millis(200);
const SHORTEST: Duration = Duration::from_millis(5);

impl Headless<'_> {
    /// Waits until the clock lets a step begin. False when it is held and nobody here is going to let it go on.
    pub(super) async fn wait_for_clock(&mut self, step: &Step) -> Result<bool, Failure> {
        let mut reported = false;
        loop {
            self.follow()?;
            if let Some(mut script) = self.script.take() {
                let acted = script.act(self);
                self.script = Some(script);
                acted?;
            }
            let plan = self.ledger.plan().clone();
            let now = Utc::now();
            if self.was_evaluated(&plan, step) {
                return Ok(true);
            }
            let at = match wait(&plan, self.ledger.state(), step, now) {
                None => return Ok(true),
                Some(Wait::Until(at)) => at,
                Some(Wait::Held)
                    if self.script.as_ref().is_some_and(|script| script.lets_go_on(self.ledger.state())) =>
                {
                    now + LOOK
                }
                Some(Wait::Held) => {
                    let reason = self.ledger.state().clock.hold().map_or("", |hold| hold.reason.as_str());
                    writeln!(self.out, "  the clock is held: {reason}; `gonogo resume` resumes it")?;
                    self.refused = Some(4);
                    return Ok(false);
                }
            };
            if !reported {
                reported = true;
                self.tell_waiting(at, now)?;
            }
            let left = (at - now).to_std().unwrap_or_default();
            tokio::time::sleep(left.clamp(SHORTEST, LOOK)).await;
        }
    }

    /// Whether a watch that is waited for has its verdict, by the collector.
    fn was_evaluated(&self, plan: &Plan, step: &Step) -> bool {
        let Step::Run(id) = step else { return false };
        if !plan.item(id).is_some_and(|item| matches!(item.check, Check::Watch(_))) {
            return false;
        }
        let board = Board::new(plan, self.ledger.state());
        !matches!(board.status(id), ItemStatus::Open | ItemStatus::Running(_))
    }

    fn tell_waiting(&mut self, at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), Failure> {
        let read = |at| self.ledger.state().clock.read(at).map(|reading| clock::text(reading.t)).unwrap_or_default();
        let (now, until) = (read(now), read(at));
        if now != until {
            writeln!(self.out, "  {now}  waits for {until}")?;
            self.out.flush()?;
        }
        Ok(())
    }

    /// The clock and the finish that is expected, for one line.
    pub(crate) fn reading(&self) -> String {
        let (plan, state, now) = (self.ledger.plan(), self.ledger.state(), Utc::now());
        let Some(reading) = state.clock.read(now) else { return "no clock".to_owned() };
        let board = Board::at(plan, state, now);
        let finish = projection::project(plan, state, &board, now).map(|projection| {
            let at = projection.finish_at.format("%H:%M:%S");
            format!(", finish projected {} ({at} UTC)", clock::text(projection.finish))
        });
        format!("{} {}{}", clock::text(reading.t), reading.going.word(), finish.unwrap_or_default())
    }
}
