//! One command and what it must come to, written to a folder so that another process makes the same plan of it.

use crate::plan::{environment, item, plan};
use gonogo::checklist::check::{Command, CommandSource, Number};
use gonogo::checklist::offset::Span;
use gonogo::checklist::target::Bound;
use gonogo::checklist::{Check, Target};
use gonogo::deployment::Plan;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::Arc;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Spec {
    pub run: String,
    pub timeout_ms: Option<u64>,
    pub contains: Option<String>,
    /// A pattern whose number must be at least ten `tests`.
    pub number: Option<String>,
    pub shell: Option<String>,
    pub database: Option<String>,
    pub command: Option<String>,
}

impl Spec {
    pub(crate) fn of(run: &str) -> Self {
        Self { run: run.into(), ..Self::default() }
    }

    pub(crate) fn write(&self, folder: &Path) {
        std::fs::write(folder.join("spec.json"), serde_json::to_vec(self).unwrap()).unwrap();
    }

    pub(crate) fn read(folder: &Path) -> Self {
        serde_json::from_slice(&std::fs::read(folder.join("spec.json")).unwrap()).unwrap()
    }

    pub(crate) fn plan(&self) -> Arc<Plan> {
        let numbers = self.number.iter().map(|pattern| Number {
            measure: "tests".into(),
            pattern: pattern.clone(),
            unit: "tests".into(),
        });
        let check = Check::Command(Command {
            source: match &self.command {
                Some(name) => CommandSource::Use(name.clone()),
                None => CommandSource::Run(self.run.clone()),
            },
            exit: vec![0],
            contains: self.contains.clone(),
            lacks: None,
            pattern: None,
            numbers: numbers.collect(),
        });
        let targets = self.number.iter().map(|_| Target {
            measure: "tests".into(),
            bound: Bound::AtLeast(10.0),
            unit: "tests".into(),
        });
        let mut run = item("p/s/run", check);
        run.targets = targets.collect();
        run.timeout = self.timeout_ms.map(Span::from_millis);
        let mut environment = environment();
        environment.shell.clone_from(&self.shell);
        environment.database.clone_from(&self.database);
        environment.commands.insert("from-variable".into(), "${GONOGO_TEST_COMMAND}".into());
        plan(environment, vec![run, item("p/s/look", Check::Manual)])
    }
}
