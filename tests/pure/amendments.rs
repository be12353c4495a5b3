//! Amendments as files a product owner can read: what was done, what was edited, what is said about it, and what stands.

use crate::common::deployment::{Deployment, measured, outcome};
use gonogo::checklist::reader;
use gonogo::deployment::amendment::{self, Difference};
use gonogo::deployment::attempt::Outcome;
use gonogo::deployment::fact::Approval;
use gonogo::deployment::intent::Amendment;
use gonogo::deployment::signoff::{self, Standing};
use gonogo::deployment::{Fact, Intent, ItemStatus, Plan, State, Verdict, criteria};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    story: String,
    step: Vec<Step>,
}

/// One thing that is done, and what must hold afterwards.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Step {
    tick: Option<String>,
    /// An attempt, or the evaluation of an evidence item, that passes or fails.
    passes: Option<String>,
    fails: Option<String>,
    starts: Option<String>,
    /// Ends the attempt that runs, with a pass.
    ends: Option<String>,
    evaluates: Option<String>,
    signs: Option<String>,
    decides: Option<String>,
    /// What is put in the place of what in the checklist; adopted afterwards.
    edit: Vec<[String; 2]>,
    append: Option<String>,
    /// The code word of the refusal: its variant's name.
    refused: Option<String>,
    /// Every line that is said about the edit.
    says: Option<Vec<String>>,
    loosened: Option<Vec<String>>,
    done: Vec<String>,
    open: Vec<String>,
    /// Failed, or without a verdict that still counts.
    pending: Vec<String>,
    running: Vec<String>,
    signoff: Option<String>,
    /// Marks reported beside a criterion.
    marked: Vec<String>,
    plain: Vec<String>,
}

struct Stage {
    deployment: Deployment,
    text: String,
}

fn numbered(item: &str, verdict: Verdict) -> Outcome {
    let number = if verdict == Verdict::Pass { 3.0 } else { 7.0 };
    match item {
        "p/a/rows" => Outcome { measured: measured("rows", number, "rows").measured, ..outcome(verdict, "rows") },
        "p/a/size" => Outcome { measured: measured("size", number, "MB").measured, ..outcome(verdict, "size") },
        _ => outcome(verdict, "done"),
    }
}

impl Stage {
    fn take(&mut self, step: &Step) {
        let deployment = &mut self.deployment;
        if let Some(item) = &step.tick {
            deployment.tick(item);
        }
        for (item, verdict) in [(&step.passes, Verdict::Pass), (&step.fails, Verdict::Fail)] {
            if let Some(item) = item {
                deployment.attempt(item, numbered(item, verdict));
            }
        }
        if let Some(item) = &step.starts {
            let asked = deployment.ask(Intent::StartAttempt { item: item.as_str().into(), confirmation: None });
            Self::refusal(step, asked.err().map(|refusal| format!("{refusal:?}")).as_deref());
            return;
        }
        if let Some(item) = &step.ends {
            let attempt = deployment.state.running().find(|attempt| attempt.item.as_str() == item).unwrap().number;
            deployment.ask(Intent::FinishAttempt { attempt, outcome: numbered(item, Verdict::Pass) }).unwrap();
        }
        if let Some(item) = &step.evaluates {
            deployment.ask(Intent::EvaluateItem { item: item.as_str().into() }).unwrap();
        }
        if let Some(role) = &step.signs {
            deployment
                .ask(Intent::Sign {
                    group: "crew".into(),
                    role: role.as_str().into(),
                    name: "Grace".into(),
                    decision: Approval::Go,
                    comment: None,
                })
                .unwrap();
        }
        if let Some(reason) = &step.decides {
            deployment.ask(Intent::Decide { decision: Approval::NoGo, reason: reason.clone() }).unwrap();
        }
        if !step.edit.is_empty() || step.append.is_some() {
            self.amend(step);
        }
    }

    fn amend(&mut self, step: &Step) {
        let mut text = self.text.clone();
        for [from, to] in &step.edit {
            assert!(text.contains(from.as_str()), "`{from}` is not in the checklist");
            text = text.replace(from.as_str(), to);
        }
        text.push_str(step.append.as_deref().unwrap_or_default());
        let checklist = Arc::new(reader::read("t.toml", &text).unwrap_or_else(|problems| panic!("{problems:#?}")));
        let deployment = &mut self.deployment;
        let new = Plan::new(Arc::clone(&checklist), deployment.plan.bindings().clone());
        let difference = Difference::between(&deployment.plan, &new);
        let lines = difference.lines(&deployment.state);
        if let Some(says) = &step.says {
            assert_eq!(&lines, says);
        }
        let (file, reason) = ("t.toml".to_owned(), "it was wrong".to_owned());
        let amendment = Amendment { checklist, file, text: text.as_str().into(), reason };
        match deployment.ask(Intent::AmendChecklist(amendment)) {
            Err(refusal) => Self::refusal(step, Some(&format!("{refusal:?}"))),
            Ok(records) => {
                let Fact::ChecklistAmended(amended) = &records[0].fact else { panic!("{records:?}") };
                if let Some(loosened) = &step.loosened {
                    assert_eq!(&amended.loosened, loosened);
                }
                assert_eq!(
                    amended.snapshot,
                    format!("checklist-{}-{}.toml", deployment.state.amendments.len() + 1, new.digest().short())
                );
                deployment.plan = Arc::new(new);
                self.text = text;
                Self::refusal(step, None);
            }
        }
    }

    fn refusal(step: &Step, refused: Option<&str>) {
        let named = |refusal: &str| refusal.split([' ', '(']).next().unwrap_or_default().to_owned();
        assert_eq!(refused.map(named), step.refused, "{refused:?}");
    }

    fn holds(&self, step: &Step) {
        let Deployment { plan, state, records, .. } = &self.deployment;
        assert_eq!(&State::replay(records), state, "the fold of the records is the state");
        let board = self.deployment.board();
        let is = |item: &String| board.status(&item.as_str().into()).clone();
        for item in &step.done {
            assert_eq!(is(item), ItemStatus::Done, "{item}");
        }
        for item in &step.open {
            assert_eq!(is(item), ItemStatus::Open, "{item}");
        }
        for item in &step.pending {
            assert_ne!(is(item), ItemStatus::Done, "{item}");
        }
        let running: Vec<String> = state.running().map(|attempt| attempt.item.to_string()).collect();
        if !step.running.is_empty() {
            assert_eq!(running, step.running);
        }
        if let Some(word) = &step.signoff {
            let mut board = self.deployment.board();
            let standing: Vec<Standing> =
                signoff::lines(plan, state, &mut board).iter().map(|line| line.standing).collect();
            assert_eq!(standing[0].word(), word);
        }
        let source = |item: &String| {
            let all = criteria::criteria(plan, state, &board);
            all.iter().find(|criterion| criterion.item.id.as_str() == item).unwrap().source.clone()
        };
        for item in &step.marked {
            assert!(source(item).contains("LOOSENED"), "{item}: {}", source(item));
        }
        for item in &step.plain {
            assert!(!source(item).contains("LOOSENED"), "{item}: {}", source(item));
        }
        if let (Some(_), Some((_, decided))) = (&step.decides, state.decision()) {
            let marks: Vec<&str> = amendment::loosened(state).collect();
            assert_eq!(decided.loosened, marks, "a decision holds every mark");
        }
    }
}

#[test]
fn every_amendment_goes_as_it_is_written() {
    let base = std::fs::read_to_string("tests/pure/amendments/checklist.base").unwrap();
    let mut flown = 0;
    let mut files: Vec<_> =
        std::fs::read_dir("tests/pure/amendments").unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files.into_iter().filter(|file| file.extension().is_some_and(|ending| ending == "toml")) {
        let text = std::fs::read_to_string(&file).unwrap();
        let scenario: Scenario = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        println!("{}: {}", file.display(), scenario.story);
        let mut stage = Stage { deployment: Deployment::open(&base, &[("db", "one")]), text: base.clone() };
        for (at, step) in scenario.step.iter().enumerate() {
            println!("  step {}", at + 1);
            stage.take(step);
            stage.holds(step);
        }
        flown += 1;
    }
    assert!(flown >= 6, "only {flown} were found");
}
