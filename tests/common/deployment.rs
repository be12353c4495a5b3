//! A deployment in memory: real decisions and a real fold, without a file or a clock.
use chrono::{DateTime, Duration, TimeZone, Utc};
use gonogo::checklist::{Digest, EnvironmentName, ItemId, SlotId, reader};
use gonogo::deployment::attempt::{AttemptNumber, End, Outcome};
use gonogo::deployment::fact::LedgerOpened;
use gonogo::deployment::{
    Board, Context, Intent, ItemStatus, Measurement, Operator, Plan, Record, Refusal, Seq, State, Verdict, decide,
};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) struct Deployment {
    pub plan: Arc<Plan>,
    pub state: State,
    pub records: Vec<Record>,
    pub now: DateTime<Utc>,
    pub by: Operator,
}

pub(crate) fn operator(says: &str) -> Operator {
    Operator { user: "captain".into(), says: says.into(), host: "bastion".into(), simulated: None }
}

pub(crate) fn passed() -> Outcome {
    outcome(Verdict::Pass, "as expected")
}

pub(crate) fn outcome(verdict: Verdict, detail: &str) -> Outcome {
    Outcome {
        exit: Some(i32::from(verdict != Verdict::Pass)),
        signal: None,
        took_ms: 1_234,
        end: End::Completed,
        verdict,
        detail: detail.into(),
        measured: Vec::new(),
        tables: Vec::new(),
        output: None,
        made: None,
        revision: None,
        left: Vec::new(),
        attested: None,
    }
}

pub(crate) fn measured(name: &str, value: f64, unit: &str) -> Outcome {
    Outcome { measured: vec![Measurement::new(name, value, unit)], ..passed() }
}

impl Deployment {
    /// Opens a checklist given as TOML with its slots filled as named.
    pub(crate) fn open(toml: &str, bindings: &[(&str, &str)]) -> Self {
        let checklist = reader::read("test.toml", toml).unwrap_or_else(|problems| {
            panic!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
        });
        let bindings: BTreeMap<SlotId, EnvironmentName> =
            bindings.iter().map(|(slot, name)| (SlotId::new(*slot), EnvironmentName::new(*name))).collect();
        let plan = Arc::new(Plan::new(Arc::new(checklist), bindings.clone()));
        let mut deployment = Self {
            state: State::default(),
            records: Vec::new(),
            now: Utc.with_ymd_and_hms(2026, 11, 22, 2, 0, 0).unwrap(),
            by: operator("captain"),
            plan,
        };
        let opened = LedgerOpened {
            title: deployment.plan.checklist().title.clone(),
            checklist: "test.toml".into(),
            digest: deployment.plan.digest().clone(),
            snapshot: "checklist.toml".into(),
            snapshot_sha256: None,
            environments: bindings,
            kinds: BTreeMap::new(),
        };
        deployment.ask(Intent::OpenLedger(opened)).unwrap();
        deployment
    }

    /// Decides and folds, as the ledger does; a second passes.
    pub(crate) fn ask(&mut self, intent: Intent) -> Result<Vec<Record>, Refusal> {
        let by = self.by.clone();
        self.ask_as(&by, intent)
    }

    pub(crate) fn ask_as(&mut self, by: &Operator, intent: Intent) -> Result<Vec<Record>, Refusal> {
        self.now += Duration::seconds(1);
        let context = Context::new(self.now, by.clone());
        let facts = decide(&self.plan, &self.state, &context, intent)?;
        let mut fresh = Vec::new();
        for fact in facts {
            let (seq, prev) = self.state.head.clone().map_or((1, Digest::of(b"")), |(seq, sum)| (seq.0 + 1, sum));
            let sum = Digest::of(format!("{seq}{prev}{fact:?}").as_bytes());
            let record = Record { seq: Seq(seq), at: self.now, by: by.clone().into(), fact, sum };
            self.state.apply(&record);
            self.records.push(record.clone());
            fresh.push(record);
        }
        Ok(fresh)
    }

    /// Starts and ends an attempt.
    pub(crate) fn attempt(&mut self, item: &str, outcome: Outcome) -> AttemptNumber {
        let number = self.start(item);
        self.ask(Intent::FinishAttempt { attempt: number, outcome }).unwrap();
        number
    }

    pub(crate) fn start(&mut self, item: &str) -> AttemptNumber {
        self.ask(Intent::StartAttempt { item: item.into(), confirmation: None })
            .unwrap_or_else(|refusal| panic!("{item}: {refusal}"));
        self.state.attempts.last().unwrap().number
    }

    pub(crate) fn tick(&mut self, item: &str) {
        self.ask(Intent::CheckItem { item: item.into(), note: None })
            .unwrap_or_else(|refusal| panic!("{item}: {refusal}"));
    }

    pub(crate) fn board(&self) -> Board {
        Board::new(&self.plan, &self.state)
    }

    pub(crate) fn status(&self, item: &str) -> ItemStatus {
        self.board().status(&ItemId::new(item)).clone()
    }
}
