//! The programs that a command line starts, whatever is put before them: `env`, `sudo -u`, `timeout 5`, `sh -c '…'`,
//! `cd … &&`, `NAME=…`.

use super::among;
use super::quotes::is_name;
use super::running::base;
use super::shell::commands;
use std::fmt::Write as _;

/// Wrappers within wrappers are followed as far as this.
const DEEPEST: usize = 8;
/// What the shell does itself.
const BUILTINS: &str = ":|.|[|[[|alias|bg|break|cd|command|continue|echo|eval|exec|exit|export|false|fg|getopts|hash|jobs|kill|\
local|printf|pwd|read|readonly|return|set|shift|source|test|times|trap|true|type|typeset|declare|ulimit|umask|unalias|unset|wait";
/// Words of the shell's grammar behind which a command comes.
const GRAMMAR: &str = "if|then|elif|else|while|until|do|!|{|time";
/// Words of the shell's grammar that no command comes behind.
const CLOSING: &str = "fi|done|}|esac|for|case|in|function|select";
/// What changes where programs are looked for, and takes nothing away.
const SETTING: &str = "cd|.|source|export";

/// Programs that start the command behind their own words: with the options that take a value, and how many words
/// of their own come first.
const WRAPPERS: [(&str, &str, usize); 20] = [
    ("env", "-u|--unset|-C|--chdir|-S", 0),
    ("sudo", "-u|--user|-g|--group|-h|--host|-p|--prompt|-C|-r|-t|-T|-U|-D|--chdir|-R", 0),
    ("doas", "-u|-C", 0),
    ("runuser", "-u|--user|-g|--group|-G", 0),
    ("nice", "-n|--adjustment", 0),
    ("ionice", "-c|--class|-n|--classdata", 0),
    ("chrt", "-T|-P|-D", 1),
    ("taskset", "", 1),
    ("timeout", "-s|--signal|-k|--kill-after", 1),
    ("nohup", "", 0),
    ("setsid", "", 0),
    ("stdbuf", "-i|--input|-o|--output|-e|--error", 0),
    ("time", "-f|--format|-o|--output", 0),
    ("unbuffer", "", 0),
    ("flock", "-w|--timeout|-E", 1),
    ("chronic", "", 0),
    ("command", "", 0),
    ("builtin", "", 0),
    ("exec", "-a", 0),
    ("systemd-inhibit", "", 0),
];
const SHELLS: &str = "sh|bash|dash|zsh|ksh|ash";

/// A program that a command line starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Started {
    /// What the shell does before it that decides where it is found, with `&&` at its end.
    pub setting: String,
    /// `None` where only running it would tell.
    pub program: Option<String>,
}

impl Started {
    /// A command that fails when the program is not there.
    pub(crate) fn look(&self) -> Option<String> {
        let program = self.program.as_deref()?;
        Some(format!("{}command -v {}", self.setting, quoted(program)))
    }
}

/// The programs that a command line starts, wrappers among them, in their order.
pub(crate) fn programs(text: &str) -> Vec<Started> {
    let mut found = Vec::new();
    of_text(text, "", 0, &mut found);
    found.dedup();
    found
}

fn of_text(text: &str, setting: &str, depth: usize, found: &mut Vec<Started>) {
    let commands = commands(text);
    let mut setting = setting.to_owned();
    for command in &commands {
        let first = command.words.first().map(String::as_str).unwrap_or_default();
        let settles = among(SETTING, first)
            || !command.words.is_empty() && command.words.iter().all(|word| assigned(word).is_some());
        if settles && command.inner.is_empty() {
            if let Some(own) = text.get(command.start..command.end) {
                let _ = write!(setting, "{own} && ");
            }
            continue;
        }
        of_words(&command.words, &setting, depth, found);
        for inner in &command.inner {
            of_text(inner, &setting, depth + 1, found);
        }
    }
}

fn of_words(words: &[String], setting: &str, depth: usize, found: &mut Vec<Started>) {
    let mut setting = setting.to_owned();
    let mut words = words;
    while let Some((first, rest)) = words.split_first() {
        if let Some((name, value)) = assigned(first) {
            if name == "PATH" {
                let _ = write!(setting, "export PATH=\"{}\" && ", value.replace(['"', '`', '\\'], ""));
            }
        } else if !among(GRAMMAR, first) {
            break;
        }
        words = rest;
    }
    let Some((first, arguments)) = words.split_first() else { return };
    if among(CLOSING, first) || depth > DEEPEST {
        return;
    }
    let name = base(first);
    let builtin = among(BUILTINS, first);
    if !builtin {
        let known = !first.is_empty() && !first.contains(['$', '`', '*', '?', '<', '~', '(']);
        found.push(Started { setting: setting.clone(), program: known.then(|| first.clone()) });
    }
    if among(SHELLS, name) || matches!(name, "eval" | "su" | "runuser") {
        let reported =
            arguments.iter().position(|word| word.starts_with('-') && !word.starts_with("--") && word.ends_with('c'));
        let text = match name {
            "eval" => Some(arguments.join(" ")),
            _ => reported.and_then(|at| arguments.get(at + 1)).cloned(),
        };
        if let Some(text) = text {
            return of_text(&text, &setting, depth + 1, found);
        }
        if name != "runuser" {
            return;
        }
    }
    let Some((_, options, own)) = WRAPPERS.iter().find(|(wrapper, ..)| *wrapper == name) else { return };
    // `command -v x` looks and starts nothing.
    if name == "command" && arguments.iter().any(|word| matches!(word.as_str(), "-v" | "-V")) {
        return;
    }
    let mut at = 0;
    while let Some(word) = arguments.get(at) {
        if word == "--" {
            at += 1;
            break;
        }
        let takes = among(options, word);
        if takes
            && matches!((name, word.as_str()), ("env", "-C" | "--chdir") | ("sudo", "-D" | "--chdir"))
            && let Some(folder) = arguments.get(at + 1)
        {
            let _ = write!(setting, "cd {} && ", quoted(folder));
        }
        match word {
            _ if takes => at += 2,
            word if word.starts_with('-') && word.len() > 1 => at += 1,
            word if assigned(word).is_some() && matches!(name, "env" | "sudo" | "doas") => break,
            _ => break,
        }
    }
    at += own;
    if let Some(rest) = arguments.get(at..).filter(|rest| !rest.is_empty()) {
        of_words(rest, &setting, depth + 1, found);
    }
}

fn assigned(word: &str) -> Option<(&str, &str)> {
    word.split_once('=').filter(|(name, _)| is_name(name))
}

fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("alembic upgrade head", "alembic")]
    #[case("A=1 B='x y' alembic", "alembic")]
    #[case("env -u X A=1 alembic", "env alembic")]
    #[case("sudo -u app -E A=1 venv/bin/alembic upgrade", "sudo venv/bin/alembic")]
    #[case("nice -n 5 timeout -s INT 5 ionice -c2 alembic", "nice timeout ionice alembic")]
    #[case("sh -c 'cd x && exec alembic current'", "sh alembic")]
    #[case("bash -lc \"A=1 nice alembic\" x", "bash nice alembic")]
    #[case("cd x && . venv/bin/activate && alembic | tee log", "alembic tee")]
    #[case("if true; then alembic; fi; echo done", "alembic")]
    #[case("flock -w 5 /tmp/lock alembic", "flock alembic")]
    #[case("\"$PROGRAM\" x; ${X:-y} z", "?")]
    #[case("echo $(git rev-parse HEAD)", "git")]
    #[case("command -v alembic", "")]
    #[case("su - app -c 'alembic current'", "su alembic")]
    #[case("", "")]
    #[case("export X=1; cd y", "")]
    fn programs_behind_wrappers_are_found(#[case] text: &str, #[case] expected: &str) {
        let found: Vec<String> =
            programs(text).into_iter().map(|started| started.program.unwrap_or_else(|| "?".to_owned())).collect();
        assert_eq!(found.join(" "), expected, "{text}");
    }

    #[test]
    fn where_a_program_is_looked_for_goes_along() {
        let look = |text: &str| programs(text).last().and_then(Started::look).unwrap_or_default();
        assert_eq!(look("cd app && ./migrate"), "cd app && command -v './migrate'");
        assert_eq!(look("PATH=/opt/x:$PATH alembic"), "export PATH=\"/opt/x:$PATH\" && command -v 'alembic'");
        assert_eq!(look("sh -c 'cd a; env -C b alembic'"), "cd a && cd 'b' && command -v 'alembic'");
        assert_eq!(look("$X"), "");
    }

    #[test]
    fn no_text_makes_it_fail() {
        for text in ["sudo", "sudo -u", "env A=1", "sh -c", "sh -c 'sh -c '", "timeout", "|", "((", "é = ü"] {
            let _ = programs(text);
        }
        let deep = "nice ".repeat(100);
        assert!(programs(&deep).len() <= DEEPEST + 2);
    }
}
