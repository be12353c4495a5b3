//! Records made by hand, one after the other.

use chrono::{DateTime, TimeDelta, Utc};
use gonogo::checklist::{Checklist, Digest, EnvironmentKind, EnvironmentName, ItemId, SlotId};
use gonogo::cockpit::Model;
use gonogo::cockpit::model::Access;
use gonogo::deployment::attempt::{AttemptNumber, End, Outcome};
use gonogo::deployment::fact::LedgerOpened;
use gonogo::deployment::{Fact, Measurement, Operator, Plan, Record, Seq, Verdict};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) struct Flight {
    pub plan: Arc<Plan>,
    pub records: Vec<Record>,
    pub now: DateTime<Utc>,
    pub by: Operator,
    attempts: u32,
}

pub(crate) fn captain() -> Operator {
    Operator { user: "f5".into(), says: "captain".into(), host: "bastion-1".into(), simulated: None }
}

impl Flight {
    pub(crate) fn of(checklist: Checklist) -> Self {
        let bindings: BTreeMap<SlotId, EnvironmentName> =
            checklist.environments.iter().map(|(name, environment)| (environment.slot.clone(), name.clone())).collect();
        let kinds = bindings.values().map(|name| (name.clone(), EnvironmentKind::Rehearsal)).collect();
        let plan = Arc::new(Plan::new(Arc::new(checklist), bindings.clone()));
        let opened = LedgerOpened {
            title: plan.checklist().title.clone(),
            checklist: "neurohub.toml".into(),
            digest: plan.digest().clone(),
            snapshot: "plan.toml".into(),
            snapshot_sha256: None,
            environments: bindings,
            kinds,
        };
        let now = DateTime::parse_from_rfc3339("2026-11-22T14:00:00Z").unwrap().to_utc();
        let mut flight = Self { plan, records: Vec::new(), now, by: captain(), attempts: 0 };
        flight.fact(Fact::LedgerOpened(opened.into()));
        flight
    }

    pub(crate) fn fact(&mut self, fact: Fact) -> &mut Self {
        let seq = Seq(self.records.len() as u64 + 1);
        let sum = Digest::of(&seq.0.to_be_bytes());
        self.records.push(Record { seq, at: self.now, by: self.by.clone().into(), fact, sum });
        self
    }

    pub(crate) fn wait(&mut self, seconds: i64) -> &mut Self {
        self.now += TimeDelta::seconds(seconds);
        self
    }

    pub(crate) fn tick(&mut self, item: &str) -> &mut Self {
        self.wait(4).fact(Fact::ItemChecked { item: item.into(), note: None })
    }

    pub(crate) fn start(&mut self, item: &str) -> AttemptNumber {
        self.attempts += 1;
        let number = AttemptNumber(self.attempts);
        let id = ItemId::new(item);
        let found = self.plan.item(&id).unwrap_or_else(|| panic!("no item {item}"));
        let (name, environment) = self.plan.environment_of(found).unwrap();
        let fact = Fact::AttemptStarted {
            environment: name.clone(),
            command: found.check.kind().command(environment),
            check: found.check.word().into(),
            item: id,
            attempt: number,
        };
        self.wait(2).fact(fact);
        number
    }

    pub(crate) fn run(
        &mut self,
        item: &str,
        took_ms: u64,
        verdict: Verdict,
        detail: &str,
        measured: &[(&str, f64, &str)],
    ) -> &mut Self {
        let mut outcome = outcome(took_ms, verdict, detail);
        outcome.measured = measured.iter().map(|(name, value, unit)| Measurement::new(*name, *value, *unit)).collect();
        self.run_to(item, outcome)
    }

    pub(crate) fn run_to(&mut self, item: &str, outcome: Outcome) -> &mut Self {
        let attempt = self.start(item);
        let id = ItemId::new(item);
        let environment = self.plan.environment_of(self.plan.item(&id).unwrap()).unwrap().0.clone();
        self.wait(i64::try_from(outcome.took_ms / 1_000).unwrap());
        self.fact(Fact::AttemptFinished { environment, item: id, attempt, outcome: outcome.into() })
    }

    pub(crate) fn model(&self) -> Model {
        Model::new(Arc::clone(&self.plan), self.records.clone(), captain(), Access::Flies, self.now)
    }
}

pub(crate) fn outcome(took_ms: u64, verdict: Verdict, detail: &str) -> Outcome {
    Outcome {
        exit: Some(i32::from(verdict == Verdict::Fail)),
        signal: None,
        took_ms,
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
