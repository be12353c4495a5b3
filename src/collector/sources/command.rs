//! `command`: a number that a shell command prints.

use crate::attempts::command_line::CommandLine;
use crate::metrics::sources::{Missing, Take, Taking, first_group};
use regex::Regex;

pub(super) struct Command {
    line: CommandLine,
    pattern: Option<Regex>,
}

impl Command {
    /// # Errors
    /// When the pattern is none.
    pub(super) fn new(line: CommandLine, pattern: Option<&str>) -> Result<Self, String> {
        let pattern = pattern.map(Regex::new).transpose();
        Ok(Self { line, pattern: pattern.map_err(|_| "the pattern is no regular expression".to_owned())? })
    }
}

impl Take for Command {
    fn take(&mut self) -> Taking<'_> {
        Box::pin(async {
            let text = super::printed(&self.line).await?;
            match &self.pattern {
                Some(pattern) => first_group(pattern, &text, "what the command prints"),
                None => text
                    .trim()
                    .parse()
                    .map_err(|_| Missing::Unusable("the command does not print one number".to_owned())),
            }
        })
    }
}
