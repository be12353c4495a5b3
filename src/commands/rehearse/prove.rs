//! `gonogo rehearse --prove`: sabotages each measured line once it has passed, and sees it fail.
//!
//! Nothing of the rehearsal itself is harmed: a line is carried out once more in this process, outside the ledger, on a
//! copy of the database, with a bad service, a missing file or a failing command in place of its own. Only a backup is
//! changed where it lies, and put right again at once.

mod harm;

use crate::attempts::Assignment;
use crate::attempts::carry_out::carry_out;
use crate::attempts::console::Console;
use crate::attempts::databases::Databases;
use crate::attempts::open_databases::OpenDatabases;
use crate::attempts::supervisor::secrets_of;
use crate::checklist::check::kind::Sabotage;
use crate::checklist::{Check, Item, ItemId};
use crate::commands::Failure;
use crate::config::variables::{self, Source};
use crate::deployment::attempt::AttemptNumber;
use crate::deployment::measurement::Verdict;
use crate::deployment::progress::Progress;
use crate::deployment::{Board, ItemStatus, Plan, State, evidence};
use crate::ledger::{Layout, Ledger};
use crate::metrics::store;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// A sabotaged line that takes longer is given up.
const PATIENCE: Duration = Duration::from_mins(1);
/// Attempts outside the ledger are numbered from here on, so that what they leave is distinguished from what attempts left.
const NUMBERS: u32 = 900_000;

pub(crate) struct Prover {
    /// Everything that sabotage makes; gone when it is over.
    folder: PathBuf,
    lines: Vec<Line>,
    tried: u32,
}

/// What came of one line.
struct Line {
    item: ItemId,
    title: String,
    came: Came,
}

enum Came {
    Seen { sabotage: String, verdict: Verdict },
    StillPasses { sabotage: String },
    Not(String),
}

impl Prover {
    pub(crate) fn new(home: &Path) -> std::io::Result<Self> {
        // Checks count paths from their environment's folder, and this is none of theirs.
        let folder = std::path::absolute(home)?.join("prove");
        for name in ["evidence", "backups", "scratch"] {
            std::fs::create_dir_all(folder.join(name))?;
        }
        Ok(Self { folder, lines: Vec::new(), tried: 0 })
    }

    /// Sabotages a line that has passed, in each way its kind knows, until it does not pass.
    pub(crate) async fn prove(&mut self, ledger: &Ledger, id: &ItemId) {
        let (plan, state) = (ledger.plan(), Arc::new(ledger.state().clone()));
        let Some(item) = plan.item(id).filter(|item| item.check.is_measured()) else { return };
        let passed = *Board::new(plan, &state).status(id) == ItemStatus::Done;
        if !passed || self.lines.iter().any(|line| line.item == *id) {
            return;
        }
        let mut came = Came::Not(format!("no sabotage is known for a {} check", item.check.word()));
        for sabotage in item.check.kind().sabotages() {
            match self.sabotaged(plan, &state, ledger.layout(), item, &sabotage).await {
                Ok(Some(Verdict::Pass)) => came = Came::StillPasses { sabotage: sabotage.to_string() },
                Ok(Some(verdict)) => {
                    came = Came::Seen { sabotage: sabotage.to_string(), verdict };
                    break;
                }
                Err(why) if matches!(came, Came::Not(_)) => came = Came::Not(why),
                Ok(None) | Err(_) => {}
            }
        }
        self.lines.push(Line { item: id.clone(), title: item.title.clone(), came });
    }

    /// The verdict of a line under sabotage; `None` where there is nothing that it could be done to.
    async fn sabotaged(
        &mut self,
        plan: &Arc<Plan>,
        state: &Arc<State>,
        layout: &Layout,
        item: &Item,
        sabotage: &Sabotage,
    ) -> Result<Option<Verdict>, String> {
        let home = &std::path::absolute(layout.home()).map_err(|error| error.to_string())?;
        if let Check::Evidence(wanted) = &item.check {
            let nothing = State::default();
            let mut board = Board::new(plan, &nothing);
            return Ok(Some(evidence::weigh(plan, &nothing, &mut board, item, wanted).verdict));
        }
        self.tried += 1;
        let (name, environment) = plan.environment_of(item).ok_or("its slot is empty")?;
        let source = Source::of(environment.kind, home).map_err(|error| error.to_string())?;
        let resolved = variables::resolve(environment, item, &source).map_err(|error| error.to_string())?;
        let (_held, stop) = watch::channel(None);
        let secrets = Arc::new(secrets_of(environment, &resolved));
        let mut assignment = Assignment {
            plan: Arc::clone(plan),
            state: Arc::clone(state),
            item: item.clone(),
            attempt: AttemptNumber(NUMBERS + self.tried),
            environment_name: name.clone(),
            environment: resolved.environment,
            variables: resolved.variables,
            home: home.clone(),
            evidence: self.folder.join("evidence"),
            secrets,
            stop,
        };
        let copy = self.folder.join(format!("{}.db", self.tried));
        if let Some(url) = assignment.environment.database.clone().filter(|_| item.check.reaches_database()) {
            let at_copy = format!("sqlite:{}", copy.display());
            if *sabotage == Sabotage::EmptyDatabase {
                std::fs::write(&copy, "").map_err(|error| error.to_string())?;
            } else {
                OpenDatabases.copy(&url, &copy).await?;
                // Only what passes on the copy as it is can be seen to fail for what is done to it.
                if item.check.kind().only_looks() {
                    let mut whole = assignment.clone();
                    whole.environment.database = Some(at_copy.clone());
                    let work = carry_out(&whole, &Silent, Duration::from_secs(1), &OpenDatabases);
                    let whole = tokio::time::timeout(PATIENCE, work).await.map_err(|_| no_verdict())?;
                    if whole.verdict != Verdict::Pass {
                        remove(&copy);
                        return Err(format!("does not pass on an unharmed copy either: {}", whole.detail));
                    }
                }
                if *sabotage == Sabotage::NoDatabase {
                    remove(&copy);
                } else if *sabotage != Sabotage::CorruptBackup && !harm::harm(&copy, sabotage).await? {
                    remove(&copy);
                    return Ok(None);
                }
            }
            assignment.environment.database = Some(at_copy);
            assignment.environment.backups = Some(self.folder.join("backups").display().to_string());
            assignment.environment.scratch = Some(self.folder.join("scratch").display().to_string());
        }
        let mut backup = None;
        let mut service = None;
        match sabotage {
            Sabotage::BadService => {
                let (url, task) = bad_service().await.map_err(|error| error.to_string())?;
                assignment.environment.url = Some(url);
                service = Some(task);
            }
            Sabotage::CorruptBackup => backup = Some(Corrupted::of(&assignment)?),
            Sabotage::Database { .. }
            | Sabotage::NoRows(_)
            | Sabotage::OneRowLess(_)
            | Sabotage::TablesAway(_)
            | Sabotage::NoConstraints(_)
            | Sabotage::EmptyDatabase
            | Sabotage::NoDatabase
            | Sabotage::NoRevision
            | Sabotage::NoFile
            | Sabotage::FailingCommand
            | Sabotage::NoEvidence => {}
            Sabotage::WorseSamples(pane) => {
                harm::worse_samples(layout.evidence(), &assignment.evidence, pane).await?;
            }
            Sabotage::NoSamples => remove(&assignment.evidence.join(store::FILE)),
        }
        if let Some(kind) = assignment.item.check.kind_mut() {
            kind.spoil();
        }
        let work = carry_out(&assignment, &Silent, Duration::from_secs(1), &OpenDatabases);
        let outcome = tokio::time::timeout(PATIENCE, work).await;
        if let Some(task) = service {
            task.abort();
        }
        drop(backup);
        remove(&copy);
        outcome.map(|outcome| Some(outcome.verdict)).map_err(|_| no_verdict())
    }

    /// The table and how many lines can fail. Exit status 1 when a sabotaged line still passes.
    pub(crate) fn account(self, out: &mut dyn Write) -> Result<u8, Failure> {
        writeln!(out, "\nSabotage")?;
        let (mut seen, mut still) = (0_usize, 0_usize);
        for Line { item, title, came } in &self.lines {
            let (verdict, sabotage) = match came {
                Came::Seen { sabotage, verdict } => {
                    seen += 1;
                    (verdict.word(), sabotage.as_str())
                }
                Came::StillPasses { sabotage } => {
                    still += 1;
                    ("STILL PASSES", sabotage.as_str())
                }
                Came::Not(why) => ("not tried", why.as_str()),
            };
            writeln!(out, "  {verdict:<13} {title} ({item}): {sabotage}")?;
        }
        let total = self.lines.len();
        writeln!(out, "\n{seen} of {total} measured lines can fail")?;
        if still > 0 {
            writeln!(out, "  {still} still pass under sabotage: tighten them; `gonogo lint --strict` shows how")?;
        }
        if total > seen + still {
            writeln!(out, "  {} could not be sabotaged, for the reasons above", total - seen - still)?;
        }
        // What is left of it would only be in the way.
        let _ = std::fs::remove_dir_all(&self.folder);
        Ok(u8::from(still > 0))
    }
}

fn no_verdict() -> String {
    format!("gave no verdict in {} s", PATIENCE.as_secs())
}

/// Answers 500 with an empty object to everything.
async fn bad_service() -> std::io::Result<(String, tokio::task::JoinHandle<()>)> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let task = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut asked = [0; 16_384];
                let _ = stream.read(&mut asked).await;
                let answer = "HTTP/1.1 500 Internal Server Error\r\ncontent-type: application/json\r\n\
                              content-length: 2\r\nconnection: close\r\n\r\n{}";
                let _ = stream.write_all(answer.as_bytes()).await;
            });
        }
    });
    Ok((url, task))
}

/// A backup with one byte changed; put right when this is dropped.
struct Corrupted {
    path: PathBuf,
    bytes: Vec<u8>,
}

impl Corrupted {
    fn of(assignment: &Assignment) -> Result<Self, String> {
        let Check::Backup(check) = &assignment.item.check else { return Err("it is of no backup".to_owned()) };
        let made = check.of.as_ref().and_then(|of| assignment.state.latest_passed(of)?.outcome()?.made.clone());
        let path = assignment.home.join(made.ok_or("no backup was made")?.file);
        let bytes = std::fs::read(&path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
        let mut wrong = bytes.clone();
        let middle = wrong.len() / 2;
        if let Some(byte) = wrong.get_mut(middle) {
            *byte ^= 0xff;
        }
        std::fs::write(&path, wrong).map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
        Ok(Self { path, bytes })
    }
}

impl Drop for Corrupted {
    fn drop(&mut self) {
        // The next line that reads it says so when this does not work.
        let _ = std::fs::write(&self.path, &self.bytes);
    }
}

fn remove(copy: &Path) {
    for ending in ["", "-wal", "-shm", "-journal"] {
        let mut path = copy.as_os_str().to_owned();
        path.push(ending);
        // What is not there need not go.
        let _ = std::fs::remove_file(path);
    }
}

/// Nobody reads what a sabotaged line says.
struct Silent;

impl Console for Silent {
    fn line(&self, _: &str) {}

    fn output(&self, _: &[u8]) {}

    fn progress(&self, _: &Progress) {}
}
