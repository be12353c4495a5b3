//! `gonogo supervise`: carries out one attempt in a session of its own, so that nothing that happens to the program that
//! started it happens to the attempt.

mod attend;
mod record;

use super::arguments::SuperviseArguments;
use super::assignment::Assignment;
use super::book::{Book, BookError};
use super::carry_out;
use super::checks::file::remembered::remember;
use super::console::Console as _;
use super::databases::Databases;
use super::files::AttemptFiles;
use super::outcome::completed;
use super::redact::Secrets;
use super::spawn::started_line;
use super::spool::Spool;
use crate::checklist::auth::Auth;
use crate::checklist::environment::{Migrator, Protection};
use crate::checklist::{Environment, EnvironmentName, Item, ItemId};
use crate::config::variables::{self, Resolved, Source};
use crate::deployment::attempt::{AttemptNumber, End};
use crate::deployment::measurement::Verdict;
use crate::deployment::refusal::NamedItem;
use crate::deployment::{Context, Fact, Intent, Operator, Plan, Refusal, decide};
use crate::printed;
use chrono::Utc;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::watch;

/// Why nothing was started.
#[derive(Debug, thiserror::Error)]
enum NotStarted {
    #[error(transparent)]
    Book(#[from] BookError),
    #[error(transparent)]
    Variables(#[from] variables::VariablesError),
    #[error("the supervisor could not be set up: {0}")]
    Runtime(#[from] io::Error),
}

impl NotStarted {
    fn exit_status(&self) -> u8 {
        match self {
            NotStarted::Book(error) => error.exit_status(),
            NotStarted::Variables(_) => 4,
            NotStarted::Runtime(_) => 1,
        }
    }
}

/// Carries out the item named in `arguments` and records it in `book`. Gives the exit status: 0 when the verdict is a
/// pass, 1 when it is not, 4 when the start was refused; the sentence of a refusal goes to standard error.
pub fn run(mut book: Box<dyn Book>, arguments: &SuperviseArguments, databases: Arc<dyn Databases>) -> u8 {
    // Started by hand it may lead a process group already; then it stays in the session it is in.
    let _ = rustix::process::setsid();
    super::descendants::adopt();
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return refuse(&NotStarted::Runtime(error)),
    };
    let status = runtime.block_on(supervise(book.as_mut(), arguments, databases));
    // A check that was given up must not keep the process alive.
    runtime.shutdown_background();
    status.unwrap_or_else(|refusal| refuse(&refusal))
}

fn refuse(refusal: &NotStarted) -> u8 {
    say(&refusal.to_string());
    refusal.exit_status()
}

/// To standard error, which the program that started this may have closed by ending.
fn say(line: &str) {
    let _ = writeln!(printed::err(), "{line}");
}

async fn supervise(
    book: &mut dyn Book,
    arguments: &SuperviseArguments,
    databases: Arc<dyn Databases>,
) -> Result<u8, NotStarted> {
    let signals = attend::Signals::install()?;
    crate::program::outlive_size_limits();
    let by = arguments.operator();
    let home = home_of(book.path());
    let plan = book.plan();
    let id = ItemId::new(&arguments.item);
    let item = plan.item(&id).ok_or_else(|| BookError::from(Refusal::NoSuchItem(id.clone())))?;
    // Asked once before anything is touched, so that a closed gate is named rather than a variable or a database behind it;
    // the ledger decides again under its lock.
    let context = Context { session: arguments.session(), ..Context::new(Utc::now(), by.clone()) };
    decide(&plan, &book.state(), &context, start_intent(arguments)).map_err(BookError::from)?;
    let bound = plan.environment_of(item).map(|(name, environment)| (name.clone(), environment.clone()));
    let (environment_name, environment) = bound.ok_or_else(|| {
        BookError::from(Refusal::SlotEmpty {
            slot: item.slot.clone().unwrap_or_else(|| "none".into()),
            item: NamedItem::item(&plan, &id),
        })
    })?;
    let source = Source::of(environment.kind, &home)?;
    let resolved = variables::resolve(&environment, item, &source)?;
    identify(book, &by, item, &environment_name, &resolved, databases.as_ref()).await?;
    refuse_protected(&plan, &environment_name, &resolved, &home, databases.as_ref()).await?;
    let secrets = Arc::new(secrets_of(&environment, &resolved).remembering(&book.evidence()));
    let begun = start(book, &by, arguments, &secrets)?;
    say(&started_line(begun.number));
    // Another command may have been armed since the plan was looked at: what was recorded as started is what is running.
    let plan = book.plan();
    let item = plan.item(&id).ok_or_else(|| BookError::from(Refusal::NoSuchItem(id.clone())))?;

    remember(&plan, &id, &environment_name, &source, &home, begun.files.clone()).await;

    let clock = Instant::now();
    let (stop, stopped) = watch::channel(None);
    let assignment = Assignment {
        plan: Arc::clone(&plan),
        state: book.state(),
        item: item.clone(),
        attempt: begun.number,
        environment_name,
        environment: resolved.environment,
        variables: resolved.variables,
        home,
        evidence: book.evidence(),
        secrets: Arc::clone(&secrets),
        stop: stopped,
    };
    let grace = arguments.grace();
    let spool = Arc::new(begun.spool);
    if let Some(warning) = secrets.warning() {
        spool.line(&warning);
    }
    let swapped = item.check.kind().swaps_database().then(|| {
        let url = assignment.environment.database.clone().unwrap_or_default();
        (assignment.environment_name.clone(), url, Arc::clone(&databases))
    });
    let task = {
        let spool = Arc::clone(&spool);
        tokio::spawn(async move { carry_out::carry_out(&assignment, spool.as_ref(), grace, databases.as_ref()).await })
    };
    let watched = attend::Watched {
        number: begun.number,
        timeout: item.timeout.map(crate::checklist::offset::Span::duration).or_else(|| item.check.kind().timeout()),
        grace,
        commands: item.check.runs_commands(),
    };
    let (outcome, why) = attend::attend(book, &watched, &stop, &spool, signals, task).await;
    let mut outcome = outcome.unwrap_or_else(|| {
        completed(Verdict::Inconclusive, "the check broke off inside the program; its output may tell more", Vec::new())
    });
    if let Some((environment, url, databases)) = swapped {
        outcome = record::swapped(book, &by, &environment, databases.identity(&url).await, outcome);
    }
    outcome.took_ms = u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX);
    if let Some(why) = why.filter(|_| outcome.end != End::Completed) {
        outcome.detail = format!("{why}; {}", outcome.detail);
    }
    let (output, trouble) = spool.finish();
    outcome.output = Some(output);
    if let Some(trouble) = trouble {
        outcome.detail = format!("{}; part of its output could not be kept: {trouble}", outcome.detail);
    }
    outcome.detail = secrets.mask(&outcome.detail);
    let verdict = outcome.verdict;
    let recorded = record::record(book, &by, begun.number, outcome, &begun.files).await;
    // Only now may others conclude anything from a free lock.
    drop(begun.lock);
    match recorded {
        Ok(()) => Ok(u8::from(verdict != Verdict::Pass)),
        Err(error) => {
            say(&error.to_string());
            Ok(error.exit_status())
        }
    }
}

fn start_intent(arguments: &SuperviseArguments) -> Intent {
    Intent::StartAttempt { item: ItemId::new(&arguments.item), confirmation: arguments.confirmation.clone() }
}

/// What the start made.
struct Begun {
    number: AttemptNumber,
    files: AttemptFiles,
    lock: File,
    spool: Spool,
}

/// Records the start. The lock and the spool are made before the record is written, under the ledger's lock: whoever
/// reads that an attempt runs may rely on them.
fn start(
    book: &mut dyn Book,
    by: &Operator,
    arguments: &SuperviseArguments,
    secrets: &Arc<Secrets>,
) -> Result<Begun, BookError> {
    let evidence = book.evidence();
    let mut made = None;
    book.append_with(by, start_intent(arguments), &mut |facts| {
        let number = facts.iter().find_map(|fact| match fact {
            Fact::AttemptStarted { attempt, .. } => Some(*attempt),
            _ => None,
        });
        let number = number.ok_or_else(|| io::Error::other("the ledger started no attempt"))?;
        let files = AttemptFiles::new(&evidence, number);
        let lock = files.take_lock()?;
        let spool = Spool::create(&files, Arc::clone(secrets))?;
        made = Some(Begun { number, files, lock, spool });
        Ok(())
    })?;
    made.ok_or_else(|| BookError::Unavailable("the start was recorded without being prepared".to_owned()))
}

/// Records on first contact what the environment's database really is, and refuses when it is another one now. One that
/// cannot be reached is no reason to refuse: the attempt itself will tell.
async fn identify(
    book: &mut dyn Book,
    by: &Operator,
    item: &Item,
    name: &EnvironmentName,
    resolved: &Resolved,
    databases: &dyn Databases,
) -> Result<(), BookError> {
    let Some(url) = resolved.environment.database.as_deref().filter(|_| item.check.reaches_database()) else {
        return Ok(());
    };
    let Ok(identity) = databases.identity(url).await else { return Ok(()) };
    if book.state().reached.get(name) == Some(&identity) {
        return Ok(());
    }
    book.append(by, Intent::RecordIdentity { environment: name.clone(), identity })
}

/// Refuses an environment without protection that turns out to be a protected one under another name: what asks for no
/// name there would change production. A protected one that cannot be reached is not this one.
async fn refuse_protected(
    plan: &Plan,
    name: &EnvironmentName,
    resolved: &Resolved,
    home: &Path,
    databases: &dyn Databases,
) -> Result<(), BookError> {
    let Some(url) = resolved.environment.database.as_deref() else { return Ok(()) };
    let is_protected = |name| plan.environment(name).is_some_and(|e| e.protection == Protection::Protected);
    if is_protected(name) {
        return Ok(());
    }
    for other in plan.bindings().values().filter(|other| *other != name && is_protected(other)) {
        let Some(environment) = plan.environment(other) else { continue };
        let Ok(there) = variables::known_in(environment, home) else { continue };
        let Some(its) = there.environment.database.as_deref() else { continue };
        let same = match (databases.identity(url).await, databases.identity(its).await) {
            (Ok(ours), Ok(its)) => (ours == its).then_some(ours),
            _ => (url == its).then(|| "the same address".to_owned()),
        };
        if let Some(identity) = same {
            let refusal = Refusal::SameTarget { environment: name.clone(), other: other.clone(), identity };
            return Err(BookError::from(refusal));
        }
    }
    Ok(())
}

/// Everything that must not be seen: secrets among the environment's variables, in its own fields, and in what commands
/// inherit from this process.
pub fn secrets_of(environment: &Environment, resolved: &Resolved) -> Secrets {
    let inherited = variables::inherited();
    let fields = [environment, &resolved.environment].map(|environment| {
        let commands = environment.commands.values().map(String::as_str);
        let migrator = environment.migrator.iter().flat_map(Migrator::commands);
        let fields = variables::exported(environment).into_iter().filter_map(|(_, value)| value);
        fields.chain(environment.shell.as_deref()).chain(commands).chain(migrator).collect::<Vec<_>>()
    });
    let auth = resolved.environment.auth.iter().flat_map(Auth::secrets).map(|text| ("AUTH_TOKEN", text.as_bytes()));
    let inherited = inherited.iter().map(|(name, value)| (name.as_str(), value.as_slice()));
    let variables = resolved.variables.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    let fields = fields.iter().flatten().map(|text| ("", text.as_bytes()));
    Secrets::gather(inherited.chain(variables).chain(auth).chain(fields), &environment.secrets)
}

pub(super) fn home_of(ledger: &Path) -> PathBuf {
    let ledger = std::path::absolute(ledger).unwrap_or_else(|_| ledger.to_owned());
    ledger.parent().map_or_else(|| PathBuf::from("/"), Path::to_owned)
}
