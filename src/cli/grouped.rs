//! The command line as people read it: commands by what they are for, and the ledger found where it is left out.

use super::Cli;
use clap::{Command, CommandFactory};
use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::Path;

/// What a person comes for, with the commands for it.
const GROUPS: [(&str, &[&str]); 5] = [
    ("Run", &["rehearse", "open", "watch", "replay", "run", "status", "logs", "load", "collect", "metrics", "alerts"]),
    ("Author", &["init", "import", "lint", "schema", "doctor", "preflight", "fingerprint"]),
    (
        "Deployment",
        &[
            "tick", "waive", "fill", "note", "handover", "sign", "signers", "amend", "window", "poll", "decide",
            "hold", "resume", "role", "override", "ack", "silence", "abort", "rollback", "close",
        ],
    ),
    ("Ledger", &["report", "review", "export", "verify", "diff", "anchor", "clean"]),
    ("Shell", &["completions", "man", "help"]),
];

/// The suffix of every ledger.
const LEDGER: &str = ".ledger.toml";

/// The command line with its commands in groups.
#[must_use]
pub fn command() -> Command {
    let mut command = Cli::command();
    command.build();
    let mut list = String::new();
    for (group, names) in GROUPS {
        let _ = writeln!(list, "{group}:");
        for name in names {
            let about = command.find_subcommand(name).and_then(Command::get_about).map(ToString::to_string);
            let _ = writeln!(list, "  {name:<12} {}", about.unwrap_or_default());
        }
        list.push('\n');
    }
    Cli::command().help_template(format!(
        "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{list}Options:\n{{options}}\n{{after-help}}"
    ))
}

/// Puts the ledger where it was left out: after the command, when the first thing named there is no ledger.
#[must_use]
pub fn with_ledger(arguments: Vec<OsString>, found: impl FnOnce() -> Option<OsString>) -> Vec<OsString> {
    let command = Cli::command();
    let Some(at) = first_positional(&[&command], &arguments, 1) else { return arguments };
    let Some(asked) = arguments.get(at).and_then(|name| command.find_subcommand(name)) else { return arguments };
    let mut positionals = asked.get_positionals();
    if positionals.next().is_none_or(|first| first.get_id() != "ledger") {
        return arguments;
    }
    let more = positionals.next().is_some();
    // An attestation proves something by itself, and not of whatever ledger is in this folder.
    if asked.get_name() == "verify"
        && arguments.iter().any(|given| given.to_string_lossy().starts_with("--attestation"))
    {
        return arguments;
    }
    let given = first_positional(&[&command, asked], &arguments, at + 1).and_then(|at| arguments.get(at));
    let is_ledger = |name: &OsString| name.to_string_lossy().ends_with(LEDGER) || Path::new(name).exists();
    if given.is_some_and(|given| !more || is_ledger(given)) {
        return arguments;
    }
    let Some(ledger) = found() else { return arguments };
    let mut whole = arguments;
    whole.insert(at + 1, ledger);
    whole
}

/// Where the first argument stands that is neither an option nor an option's value.
fn first_positional(known: &[&Command], arguments: &[OsString], from: usize) -> Option<usize> {
    let mut at = from;
    while let Some(argument) = arguments.get(at) {
        let text = argument.to_string_lossy();
        if !text.starts_with('-') || text == "-" {
            return Some(at);
        }
        if text == "--" {
            return arguments.get(at + 1).map(|_| at + 1);
        }
        let takes_value = known.iter().flat_map(|command| command.get_arguments()).any(|option| {
            let long = option.get_long_and_visible_aliases().unwrap_or_default();
            let hidden = option.get_all_aliases().unwrap_or_default();
            let named = long.iter().chain(&hidden).any(|name| text == format!("--{name}"))
                || option.get_short().is_some_and(|short| text == format!("-{short}"));
            named && option.get_action().takes_values()
        });
        at += if takes_value { 2 } else { 1 };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[test]
    fn every_command_is_in_one_group_and_its_summary_fits() {
        let mut command = Cli::command();
        command.build();
        for shown in command.get_subcommands().filter(|shown| !shown.is_hide_set()) {
            let name = shown.get_name();
            let groups = GROUPS.iter().filter(|(_, names)| names.contains(&name)).count();
            assert_eq!(groups, 1, "{name}");
            let about = shown.get_about().map(ToString::to_string).unwrap_or_default();
            assert!((1..=60).contains(&about.chars().count()), "{name}: {about}");
        }
        let help = super::command().render_help().to_string();
        assert!(help.contains("\nDeployment:\n  tick         Tick a manual step\n"), "{help}");
        assert!(help.lines().all(|line| line.chars().count() <= 120), "{help}");
    }

    #[rstest]
    #[case("gonogo status", "gonogo status here.ledger.toml")]
    #[case("gonogo status --json", "gonogo status here.ledger.toml --json")]
    #[case("gonogo --theme mono status", "gonogo --theme mono status here.ledger.toml")]
    #[case("gonogo tick one/look/first --note seen", "gonogo tick here.ledger.toml one/look/first --note seen")]
    #[case("gonogo tick --name Kim first", "gonogo tick here.ledger.toml --name Kim first")]
    #[case("gonogo tick --as Kim first", "gonogo tick here.ledger.toml --as Kim first")]
    #[case("gonogo tick x.ledger.toml first", "gonogo tick x.ledger.toml first")]
    #[case("gonogo status gone.toml", "gonogo status gone.toml")]
    #[case("gonogo verify --json", "gonogo verify here.ledger.toml --json")]
    #[case("gonogo verify --attestation go.json", "gonogo verify --attestation go.json")]
    #[case("gonogo open", "gonogo open")]
    #[case("gonogo lint my.toml", "gonogo lint my.toml")]
    #[case("gonogo", "gonogo")]
    fn a_ledger_that_is_left_out_is_put_in(#[case] typed: &str, #[case] meant: &str) {
        let arguments = typed.split(' ').map(OsString::from).collect();
        let whole = with_ledger(arguments, || Some("here.ledger.toml".into()));
        assert_eq!(whole.join(std::ffi::OsStr::new(" ")), meant);
    }
}
