//! A window flown in memory by several people in several sessions: real decisions, a real fold, and one lock for the
//! captain's seat that behaves as the file does.

use chrono::{DateTime, TimeDelta, TimeZone as _, Utc};
use gonogo::checklist::{Digest, EnvironmentName, ItemId, PhaseId, SlotId, reader};
use gonogo::deployment::attempt::{End, Outcome};
use gonogo::deployment::clock;
use gonogo::deployment::fact::LedgerOpened;
use gonogo::deployment::seat::{Captain, Seat, SeatLock, SessionId};
use gonogo::deployment::{
    Board, Context, Intent, Operator, Plan, Record, Refusal, Seq, State, Verdict, criteria, decide, flight, gate,
    projection, roles, rollback, sensing, waiting, window,
};
use std::collections::BTreeMap;
use std::sync::Arc;

const CHECKLIST: &str = include_str!("scenarios/checklist.toml");

pub(crate) struct Flight {
    pub plan: Arc<Plan>,
    pub state: State,
    pub records: Vec<Record>,
    pub now: DateTime<Utc>,
    /// The session that holds `seat.lock`.
    pub lock: Option<SessionId>,
}

pub(crate) fn person(name: &str) -> Operator {
    Operator { user: name.to_lowercase(), says: name.into(), host: "bastion".into(), simulated: None }
}

pub(crate) fn outcome(verdict: Verdict, took_ms: u64) -> Outcome {
    Outcome {
        exit: None,
        signal: None,
        took_ms,
        end: End::Completed,
        verdict,
        detail: verdict.word().into(),
        measured: Vec::new(),
        tables: Vec::new(),
        output: None,
        made: None,
        revision: None,
        left: Vec::new(),
        attested: None,
    }
}

impl Flight {
    /// T-0 of the scenarios' own scale is two o'clock.
    pub(crate) fn open() -> Self {
        Self::open_with(CHECKLIST)
    }

    /// The same, on environments that are rehearsals.
    pub(crate) fn rehearsal() -> Self {
        let text = ["staging", "production"].into_iter().fold(CHECKLIST.to_owned(), |text, name| {
            let head = format!("[environments.{name}]\n");
            text.replace(&head, &format!("{head}kind = \"rehearsal\"\n"))
        });
        Self::open_with(&text)
    }

    /// The same, with steps that no clock waits for.
    pub(crate) fn without_offsets() -> Self {
        let lines = CHECKLIST.lines().filter(|line| !line.starts_with("offset = "));
        Self::open_with(&lines.collect::<Vec<_>>().join("\n"))
    }

    fn open_with(text: &str) -> Self {
        let checklist = reader::read("checklist.toml", text).unwrap_or_else(|problems| {
            panic!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
        });
        let bindings: BTreeMap<SlotId, EnvironmentName> =
            BTreeMap::from([("staging".into(), "staging".into()), ("production".into(), "production".into())]);
        let plan = Arc::new(Plan::new(Arc::new(checklist), bindings.clone()));
        let now = Utc.with_ymd_and_hms(2026, 11, 20, 2, 0, 0).unwrap();
        let mut flight = Self { state: State::default(), records: Vec::new(), now, lock: None, plan };
        let opened = LedgerOpened {
            title: flight.plan.checklist().title.clone(),
            checklist: "checklist.toml".into(),
            digest: flight.plan.digest().clone(),
            snapshot: "checklist.toml".into(),
            snapshot_sha256: None,
            environments: bindings,
            kinds: BTreeMap::new(),
        };
        flight.ask("Ada", "a", Intent::OpenLedger(opened)).unwrap();
        flight
    }

    /// Decides and folds as the ledger does; no time passes.
    pub(crate) fn ask(&mut self, name: &str, session: &str, intent: Intent) -> Result<usize, Refusal> {
        let session = SessionId::new(session);
        let wants = matches!(intent, Intent::TakeSeat { seat: Seat::Captain } | Intent::TakeOverSeat { .. });
        let lock = match &self.lock {
            Some(holder) if *holder == session => SeatLock::Ours,
            Some(_) => SeatLock::Others,
            None if wants => SeatLock::Ours,
            None => SeatLock::Free,
        };
        let context = Context { at: self.now, by: person(name), session: session.clone(), lock };
        let facts = decide(&self.plan, &self.state, &context, intent)?;
        let made = facts.len();
        for fact in facts {
            let (seq, prev) = self.state.head.clone().map_or((1, Digest::of(b"")), |(seq, sum)| (seq.0 + 1, sum));
            let sum = Digest::of(format!("{seq}{prev}{fact:?}").as_bytes());
            let record = Record { seq: Seq(seq), at: self.now, by: context.by.clone().into(), fact, sum };
            self.state.apply(&record);
            self.records.push(record);
        }
        let sits = self.state.seats.holder().is_some_and(|holder| holder.session == session);
        if wants && sits {
            self.lock = Some(session);
        } else if !sits && self.lock.as_ref() == Some(&session) {
            self.lock = None;
        }
        Ok(made)
    }

    pub(crate) fn pass(&mut self, seconds: i64) {
        self.now += TimeDelta::seconds(seconds);
    }

    pub(crate) fn board(&self) -> Board {
        Board::at(&self.plan, &self.state, self.now)
    }

    /// Takes everything before the gate, and signs.
    pub(crate) fn prepare(&mut self, name: &str, session: &str) {
        for item in ["prepare/look/eyes", "prepare/look/notice"] {
            self.ask(name, session, Intent::CheckItem { item: item.into(), note: None }).unwrap();
        }
        for (item, took) in
            [("prepare/look/backup", 60_000), ("prepare/look/drill", 90_000), ("prepare/look/probe", 100)]
        {
            self.attempt(name, session, item, Verdict::Pass, took).unwrap();
        }
        for (role, name) in [("qa", "Quinn"), ("dba", "Dana")] {
            let intent = Intent::Sign {
                group: "crew".into(),
                role: role.into(),
                name: name.into(),
                decision: gonogo::deployment::fact::Approval::Go,
                comment: None,
            };
            self.ask(name, "signer", intent).unwrap();
        }
    }

    /// Starts and ends an attempt; as long as it lasted passes.
    pub(crate) fn attempt(
        &mut self,
        name: &str,
        session: &str,
        item: &str,
        verdict: Verdict,
        took: u64,
    ) -> Result<(), Refusal> {
        self.start(name, session, item)?;
        self.now += TimeDelta::milliseconds(took.try_into().unwrap());
        let attempt = self.state.attempts.last().unwrap().number;
        self.ask(name, session, Intent::FinishAttempt { attempt, outcome: outcome(verdict, took) })?;
        Ok(())
    }

    pub(crate) fn start(&mut self, name: &str, session: &str, item: &str) -> Result<usize, Refusal> {
        let confirmation = Some("production".to_owned());
        self.ask(name, session, Intent::StartAttempt { item: item.into(), confirmation })
    }

    /// One thing about where the flight stands, in words.
    pub(crate) fn tell(&self, what: &str) -> String {
        let (plan, state, now) = (&self.plan, &self.state, self.now);
        let mut board = self.board();
        let none = || "none".to_owned();
        match what.split_once(' ').unwrap_or((what, "")) {
            ("clock", _) => state
                .clock
                .read(now)
                .map_or_else(none, |reading| format!("{} {}", clock::text(reading.t), reading.going.word())),
            ("captain", _) => match &state.seats.captain {
                Captain::Never => "never".into(),
                Captain::Left(_) => none(),
                Captain::Handed(handed) => format!("on its way to {}", handed.to),
                Captain::Held(holder) => holder.stamp.by.says.clone(),
            },
            ("outcome", _) => criteria::outcome(state).into(),
            ("item", id) => board.status(&ItemId::new(id)).word().into(),
            ("late", id) => {
                let table = projection::timetable(plan, state, &board, now);
                let step = table.into_iter().find(|step| step.item.as_str() == id).unwrap();
                step.late.map_or_else(none, |late| format!("{} s", late / 1_000))
            }
            ("current", _) => {
                let projection = projection::project(plan, state, &board, now);
                projection.and_then(|p| p.current).map_or_else(none, |item| item.to_string())
            }
            ("finish", _) => projection::project(plan, state, &board, now).map_or_else(none, |projected| {
                let at = projected.finish_at.format("%H:%M:%S");
                format!("{} at {at}, {}", clock::text(projected.finish), projected.basis.word())
            }),
            ("abort-by", _) => window::abort_by(plan, state, now).map_or_else(none, |abort_by| {
                format!("{} {}, {}", abort_by.at.format("%H:%M:%S"), abort_by.level.word(), abort_by.basis.word())
            }),
            ("downtime", _) => window::downtime(plan, state, now).map_or_else(none, |downtime| {
                let away = if downtime.is_away() { "away" } else { "back" };
                format!("{} s {away} {}", downtime.ms / 1_000, downtime.level.word())
            }),
            ("gate", id) => {
                let phase = plan.checklist().phase(&PhaseId::new(id)).unwrap();
                let needs = gate::needs(plan, state, &mut board, phase);
                let needs = needs.iter().map(|need| format!("{} ({})", need.missing, need.who));
                Some(needs.collect::<Vec<_>>().join("; ")).filter(|t| !t.is_empty()).unwrap_or_else(|| "open".into())
            }
            ("next", _) => state.poll().map_or_else(none, |poll| poll.next().unwrap_or("nobody").to_owned()),
            ("concerns", _) => {
                let concerns = roles::concerns(plan, state).iter().map(ToString::to_string).collect::<Vec<_>>();
                if concerns.is_empty() { none() } else { concerns.join("; ") }
            }
            ("due", _) => {
                let due = sensing::due(plan, state, &board, now, &BTreeMap::new());
                due.first().map_or_else(none, ToString::to_string)
            }
            ("criterion", id) => {
                let lines = criteria::criteria(plan, state, &board);
                let line = lines.iter().find(|line| line.item.id.as_str() == id).unwrap();
                format!("{}, {}", line.call.word(), line.source)
            }
            ("rollback", _) => rollback::clock(plan, state, now)
                .map_or_else(none, |clock| format!("{} s {}", clock.ms / 1_000, clock.level.word())),
            ("no-return", _) => {
                let points = rollback::points_of_no_return(plan, state);
                points.first().map_or_else(none, |(_, text)| text.clone())
            }
            ("waits", id) => match waiting::wait(plan, state, &flight::Step::Run(id.into()), now) {
                None => none(),
                Some(waiting::Wait::Held) => "held".into(),
                Some(waiting::Wait::Until(at)) => format!("until {}", at.format("%H:%M:%S")),
            },
            ("running", _) => state.running().count().to_string(),
            ("alerts", _) => {
                let open = state.asking.iter().filter(|seq| !state.acknowledged.contains_key(seq));
                open.count().to_string()
            }
            (unknown, _) => panic!("no answer to `{unknown}`"),
        }
    }
}
