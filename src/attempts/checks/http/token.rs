//! Runs the command that prints a token.

use crate::attempts::Assignment;
use crate::attempts::command_line::CommandLine;
use crate::metrics::probe::TokenCommand;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

/// A command that has not printed the token by then will not.
const LIMIT: Duration = Duration::from_secs(30);

/// Runs it in the environment as its other commands run. What it prints is a secret and shown nowhere.
pub fn command(assignment: &Assignment) -> TokenCommand {
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
