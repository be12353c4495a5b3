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
    // `poll open LEDGER` reads as well as `poll LEDGER open`.
    let verb = given.filter(|given| asked.find_subcommand(given).is_some());
    if let Some(verb) = verb {
        let place = arguments.iter().position(|word| std::ptr::eq(word, verb)).unwrap_or(at + 1);
        let behind = arguments.iter().skip(place + 1).position(|word| word.to_string_lossy().ends_with(LEDGER));
        let mut whole = arguments.clone();
        let ledger = match behind {
            Some(behind) => Some(whole.remove(place + 1 + behind)),
            None => found(),
        };
        if let Some(ledger) = ledger {
            whole.insert(place, ledger);
        }
        return whole;
    }
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
    use crate::cli::Recording;
    use clap::Parser as _;
    use rstest::rstest;

    #[test]
    fn subcommands_say_what_flags_said_before() {
        let parsed = |words: &str| Cli::try_parse_from(words.split(' ')).map(|cli| format!("{:?}", cli.command));
        let ask = |words: &str| {
            let Ok(Cli { command: Some(crate::cli::Command::Record(recording)), .. }) =
                Cli::try_parse_from(words.split(' '))
            else {
                panic!("{words}: {:?}", parsed(words).err().map(|error| error.to_string()))
            };
            recording
        };

        for words in ["gonogo poll l answer dba no-go --reason busy", "gonogo poll l dba --no-go --reason busy"] {
            let Recording::Poll(poll) = ask(words) else { panic!("{words}") };
            let poll = poll.resolved();
            assert_eq!(
                (poll.station.as_deref(), poll.no_go, poll.reason.as_deref()),
                (Some("dba"), true, Some("busy"))
            );
        }
        for words in ["gonogo rollback l finish", "gonogo rollback l --end"] {
            let Recording::Rollback(rollback) = ask(words) else { panic!("{words}") };
            assert!(rollback.resolved().end);
        }
        for words in ["gonogo role l assign dba Ada", "gonogo role l dba --to Ada"] {
            let Recording::Role(role) = ask(words) else { panic!("{words}") };
            let role = role.resolved();
            assert_eq!((role.role.as_deref(), role.to.as_deref()), (Some("dba"), Some("Ada")));
        }
        for words in ["gonogo decide l go --confirm prod --name Kim", "gonogo decide l --go --confirm prod --as Kim"] {
            let Recording::Decide(decide) = ask(words) else { panic!("{words}") };
            let decide = decide.resolved();
            assert!(decide.go && decide.confirmed.confirm.as_deref() == Some("prod"));
            assert_eq!(decide.on.by.name.as_deref(), Some("Kim"));
        }
        for wrong in ["gonogo poll l answer dba no-go", "gonogo decide l", "gonogo rollback l", "gonogo role l dba"] {
            assert!(parsed(wrong).is_err(), "{wrong}");
        }
        assert!(parsed("gonogo rehearse rollback").is_ok() && parsed("gonogo rehearse --drill rollback").is_ok());
        assert!(parsed("gonogo rehearse --fault nope").is_err_and(|error| error.to_string().contains("null-lot")));
    }

    #[test]
    fn every_summary_of_a_subcommand_fits() {
        fn look(command: &Command, path: &str) {
            let path = format!("{path} {}", command.get_name());
            for asked in command.get_subcommands().filter(|asked| !asked.is_hide_set()) {
                let about = asked.get_about().map(ToString::to_string).unwrap_or_default();
                assert!(about.chars().count() <= 60, "{path} {}: {about}", asked.get_name());
                look(asked, &path);
            }
        }
        let mut command = Cli::command();
        command.build();
        look(&command, "");
    }

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
    #[case("gonogo poll open", "gonogo poll here.ledger.toml open")]
    #[case("gonogo poll open x.ledger.toml", "gonogo poll x.ledger.toml open")]
    #[case("gonogo poll --name Kim answer dba go", "gonogo poll --name Kim here.ledger.toml answer dba go")]
    #[case("gonogo rollback x.ledger.toml --end", "gonogo rollback x.ledger.toml --end")]
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
