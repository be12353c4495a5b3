//! The login of an environment, and the command that prints a token.

use crate::attempts::Assignment;
use crate::attempts::command_line::CommandLine;
use crate::attempts::redact::{is_proof, remembered};
use crate::checklist::EnvironmentName;
use crate::checklist::auth::Auth;
use crate::metrics::probe::{Learn, Session, TokenCommand};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A command that has not printed the token by then will not.
const LIMIT: Duration = Duration::from_secs(30);

/// A login that a process shares, and what it was made of.
type Shared = BTreeMap<(EnvironmentName, String), (Auth, Arc<Session>)>;

static SHARED: Mutex<Shared> = Mutex::new(BTreeMap::new());

/// The login of the assignment's environment: one in this process, so that what is sensed every few seconds does not log in
/// every few seconds. An attempt has a process of its own, and logs in once.
///
/// # Errors
/// A sentence without secrets when no request can be made of it.
pub(super) fn session(assignment: &Assignment, auth: &Auth, base: &str) -> Result<Arc<Session>, String> {
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    let place = (assignment.environment_name.clone(), base.to_owned());
    if let Some((_, session)) = shared.get(&place).filter(|(of, _)| of == auth) {
        return Ok(Arc::clone(session));
    }
    let session = Session::new(auth, base, Some(command(assignment))).map_err(|why| why.to_string())?;
    let session = Arc::new(session);
    session.keep(kept(&assignment.evidence));
    shared.insert(place, (auth.clone(), Arc::clone(&session)));
    Ok(session)
}

/// What keeps, for later attempts, that a login handed something out: other processes may quote it then.
pub(crate) fn kept(evidence: &Path) -> Learn {
    let evidence = evidence.to_owned();
    Arc::new(move |name, value| {
        if is_proof(name) {
            // Without it later attempts mask what has a name or a look, as those of another deployment do.
            let _ = remembered::remember(&evidence, value);
        }
    })
}

/// Runs it in the environment as its other commands run. What it prints is a secret and shown nowhere.
fn command(assignment: &Assignment) -> TokenCommand {
    let (environment, variables) = (assignment.environment.clone(), assignment.variables.clone());
    let home = assignment.home.clone();
    Arc::new(move |text: String| {
        let line = CommandLine::of(&environment, &variables, &home, &text);
        Box::pin(run(line))
    })
}

async fn run(line: CommandLine) -> Result<String, String> {
    let words = line.words();
    let (program, arguments) = words.split_first().ok_or("the command is empty")?;
    let mut command = tokio::process::Command::new(program);
    command.args(arguments).current_dir(line.folder()).envs(line.variables());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    let ended = tokio::time::timeout(LIMIT, command.output()).await;
    let ended =
        ended.map_err(|_| format!("the command that prints the token did not end within {} s", LIMIT.as_secs()))?;
    let ended = ended.map_err(|error| format!("the command that prints the token could not be started: {error}"))?;
    if !ended.status.success() {
        return Err(format!("the command that prints the token failed ({}); run it by hand to see why", ended.status));
    }
    String::from_utf8(ended.stdout).map_err(|_| "the command printed bytes that are no text".to_owned())
}
