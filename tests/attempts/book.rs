//! A ledger of one JSON line a record, decided and folded as the real one, for tests that run supervisors as processes.

use chrono::{DateTime, Utc};
use gonogo::attempts::{Book, BookError};
use gonogo::checklist::Digest;
use gonogo::deployment::{Context, Fact, Intent, Operator, Plan, Record, Seq, State, decide};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Serialize, Deserialize)]
struct Line {
    at: DateTime<Utc>,
    by: Operator,
    fact: Fact,
}

pub(crate) struct FileBook {
    path: PathBuf,
    plan: Arc<Plan>,
    state: Arc<State>,
}

impl FileBook {
    pub(crate) fn new(folder: &Path, plan: Arc<Plan>) -> Self {
        let mut book = Self { path: folder.join("test.ledger.toml"), plan, state: Arc::default() };
        book.refresh().unwrap();
        book
    }

    pub(crate) fn text(&self) -> String {
        std::fs::read_to_string(&self.path).unwrap_or_default()
    }

    /// While this file is there, nothing can be appended.
    pub(crate) fn obstacle(folder: &Path) -> PathBuf {
        folder.join("disk-full")
    }
}

impl Book for FileBook {
    fn path(&self) -> &Path {
        &self.path
    }

    fn evidence(&self) -> PathBuf {
        self.path.with_file_name("test.ledger.d")
    }

    fn plan(&self) -> Arc<Plan> {
        Arc::clone(&self.plan)
    }

    fn state(&self) -> Arc<State> {
        Arc::clone(&self.state)
    }

    fn refresh(&mut self) -> Result<(), BookError> {
        let text = self.text();
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let records = text[..whole].lines().zip(1..).map(|(line, seq)| {
            let Line { at, by, fact } = serde_json::from_str(line).unwrap();
            Record { seq: Seq(seq), at, by: by.into(), fact, sum: Digest::of(line.as_bytes()) }
        });
        self.state = Arc::new(State::replay(records.collect::<Vec<_>>()));
        Ok(())
    }

    fn append_with(
        &mut self,
        by: &Operator,
        intent: Intent,
        prepare: &mut dyn FnMut(&[Fact]) -> io::Result<()>,
    ) -> Result<(), BookError> {
        let unavailable = |error: io::Error| BookError::Unavailable(error.to_string());
        let lock = File::create(self.path.with_extension("lock")).map_err(unavailable)?;
        lock.lock().map_err(unavailable)?;
        self.refresh()?;
        let at = Utc::now();
        let facts = decide(&self.plan, &self.state, &Context::new(at, by.clone()), intent)?;
        if Self::obstacle(self.path.parent().unwrap()).exists() {
            return Err(BookError::Unavailable("no space left on device".into()));
        }
        prepare(&facts).map_err(unavailable)?;
        let mut file = OpenOptions::new().create(true).append(true).open(&self.path).map_err(unavailable)?;
        for fact in facts {
            let line = serde_json::to_string(&Line { at, by: by.clone(), fact }).unwrap();
            file.write_all(format!("{line}\n").as_bytes()).map_err(unavailable)?;
        }
        file.sync_data().map_err(unavailable)?;
        self.refresh()
    }
}
