//! A shell command under the supervisor.

use super::kind::{Destroys, Hollow, Kind, Measure, Measures, Need, Sabotage, Switches, Title};
use crate::checklist::environment::Environment;
use crate::checklist::reader::checks::Written;
use crate::checklist::reader::document::report_empty;
use crate::checklist::reader::table::TableReader;
use crate::checklist::reader::value;
use crate::checklist::target::Target;
use serde::Serialize;

/// `run` is handed to `sh -c` in the environment's folder with `GONOGO_DATABASE_URL`, `GONOGO_URL`, `GONOGO_BACKUPS`,
/// `GONOGO_SCRATCH`, `GONOGO_LOG` and `GONOGO_DISK` set; `use` names one of the environment's own commands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Command {
    pub source: CommandSource,
    /// Exit statuses that count as success; `[0]` unless given.
    pub exit: Vec<i32>,
    /// Text that the output must contain.
    pub contains: Option<String>,
    /// Text that the output must not contain.
    pub lacks: Option<String>,
    /// A regular expression that the output must match.
    pub pattern: Option<String>,
    /// Numbers drawn from the output, to be held against `targets`.
    pub numbers: Vec<Number>,
}

impl Command {
    /// A command of the shell that passes with exit status 0.
    #[must_use]
    pub fn running(text: impl Into<String>) -> Self {
        Self {
            source: CommandSource::Run(text.into()),
            exit: vec![0],
            contains: None,
            lacks: None,
            pattern: None,
            numbers: Vec::new(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CommandSource {
    Run(String),
    /// The name of a command in the environment's `commands`.
    Use(String),
}

/// A number drawn from output: the first capture group of `pattern`, its last match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Number {
    pub measure: String,
    pub pattern: String,
    pub unit: String,
}

impl Command {
    pub(in crate::checklist) fn read(written: &mut Written<'_, '_>) -> Option<Self> {
        let table = &mut written.table;
        table.call("a command check");
        let (run, named) = (table.text("run"), table.text("use"));
        for (key, text) in [("run", &run), ("use", &named)] {
            if let Some(text) = text {
                report_empty(table.report(), text, key);
            }
        }
        if table.has("run") && table.has("use") {
            let at = table.key_at("run").max(table.key_at("use"));
            table.report().error(at, "the check has both `run` and `use`", "keep one of the two");
        } else if !table.has("run") && !table.has("use") {
            table.missing("run", "\"…\"` or `use = \"…\"");
        }
        written.detail = run.as_ref().or(named.as_ref()).map(|text| text.at);
        let statuses = table.wholes("exit", &(0..=255));
        let exit = if table.has("exit") {
            statuses.into_iter().filter_map(|status| i32::try_from(status.value).ok()).collect()
        } else {
            vec![0]
        };
        let contains = table.text("contains").map(|text| text.value);
        let lacks = table.text("lacks").map(|text| text.value);
        let pattern = table.pattern("pattern").map(|text| text.value);
        let numbers = table.tables("numbers", "a number").into_iter().filter_map(read_number).collect();
        let source = match (run, named) {
            (Some(run), _) => CommandSource::Run(run.value),
            (None, named) => CommandSource::Use(named?.value),
        };
        Some(Self { source, exit, contains, lacks, pattern, numbers })
    }
}

fn read_number(mut table: TableReader<'_>) -> Option<Number> {
    let measure = table.required_text("measure");
    let pattern = table.required_text("pattern");
    if let Some(pattern) = &pattern
        && value::pattern(table.report(), "pattern", pattern) == Some(0)
    {
        let message = "the pattern captures no number";
        table.report().error(pattern.at, message, "put the number's part into a group, such as `(\\d+) passed`");
    }
    let unit = table.required_text("unit");
    table.finish();
    Some(Number { measure: measure?.value, pattern: pattern?.value, unit: unit?.value })
}

impl Kind for Command {
    fn needs(&self) -> Vec<Need<'_>> {
        vec![match &self.source {
            CommandSource::Run(text) => Need::Shell(text),
            CommandSource::Use(name) => Need::Command(name),
        }]
    }

    fn measures(&self, _: Measures<'_>) -> Vec<Measure> {
        let numbers = self.numbers.iter().map(|number| Measure::of(&number.measure, &number.unit));
        numbers.chain([Measure::of("duration", "s")]).collect()
    }

    fn hollow(&self, _: &[Target]) -> Option<Hollow> {
        let says_nothing = self.contains.is_none() && self.pattern.is_none() && self.numbers.is_empty();
        if let CommandSource::Run(text) = &self.source
            && says_nothing
            && is_piped(text)
        {
            return Some(Hollow {
                why: "of a pipe only the last command's exit status counts",
                remedy: "begin with `set -o pipefail;` in bash, or say what it prints when it did its work: `contains`",
            });
        }
        let only_lacks = self.lacks.is_some() && self.contains.is_none() && self.pattern.is_none();
        (only_lacks && self.numbers.is_empty()).then_some(Hollow {
            why: "a command that prints nothing passes",
            remedy: "say what it prints when it did its work: `contains = \"…\"` or `pattern = \"…\"`",
        })
    }

    fn sabotages(&self) -> Vec<Sabotage> {
        vec![Sabotage::FailingCommand]
    }

    fn spoil(&mut self) {
        self.source = CommandSource::Run("exit 1".to_owned());
    }

    fn describe(&self, _: Title<'_>) -> Vec<String> {
        let mut parts = vec![match &self.source {
            CommandSource::Run(text) => format!("runs {text}"),
            CommandSource::Use(name) => format!("runs the environment's `{name}` command"),
        }];
        if self.exit != [0] && !self.exit.is_empty() {
            let list: Vec<String> = self.exit.iter().map(ToString::to_string).collect();
            parts.push(format!("exit status {}", list.join(" or ")));
        }
        parts.extend(self.contains.as_ref().map(|text| format!("its output contains `{text}`")));
        parts.extend(self.lacks.as_ref().map(|text| format!("its output does not contain `{text}`")));
        parts.extend(self.pattern.as_ref().map(|text| format!("its output matches {text}")));
        parts.extend(self.numbers.iter().map(|number| format!("{} is read from its output", number.measure)));
        parts
    }

    fn command(&self, environment: &Environment) -> Option<String> {
        match &self.source {
            CommandSource::Run(text) => Some(text.clone()),
            CommandSource::Use(name) => environment.commands.get(name).cloned(),
        }
    }

    fn is_its_command(&self) -> bool {
        true
    }

    fn destroys(&self) -> Destroys {
        Destroys::ByItsCommand
    }

    fn switches(&self) -> Option<Switches> {
        matches!(&self.source, CommandSource::Use(name) if name == "stop").then_some(Switches::Stop)
    }
}
/// Whether a command hands its output to another, and nothing says that both have to succeed.
fn is_piped(text: &str) -> bool {
    let mut quote = None;
    let mut before = ' ';
    let mut piped = false;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, '|') if before != '|' && before != '>' && !text[at + 1..].starts_with('|') => piped = true,
            _ => {}
        }
        before = c;
    }
    piped && !text.contains("pipefail")
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_pipe_is_seen_where_it_is_one() {
        assert!(super::is_piped("pg_dump x | gzip > y"));
        for text in ["a || b", "echo 'a | b'", "set -o pipefail; a | b", "echo x >| y"] {
            assert!(!super::is_piped(text), "{text}");
        }
    }
}
