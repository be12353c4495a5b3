//! The command line of overridden gates: two people, one after the other.

use super::On;
use clap::{ArgGroup, Args, Subcommand};

#[derive(Debug, Args)]
#[command(subcommand_negates_reqs = true)]
#[command(group(ArgGroup::new("side").args(["reason", "confirm"]).required(true)))]
pub struct Override {
    #[command(flatten)]
    pub on: On,
    #[command(subcommand)]
    pub verb: Option<OverrideVerb>,
    #[arg(required = true, hide = true)]
    pub phase: Option<String>,
    #[arg(long = "note", alias = "reason", value_name = "TEXT", hide = true)]
    pub reason: Option<String>,
    #[arg(long, value_name = "WORD", hide = true)]
    pub confirm: Option<String>,
    #[arg(long, hide = true)]
    pub yes: bool,
}

#[derive(Debug, Subcommand)]
pub enum OverrideVerb {
    /// Ask for it, as the captain
    Request {
        /// The phase whose gate is closed
        phase: String,
        /// Why
        #[arg(long = "note", alias = "reason", value_name = "TEXT")]
        reason: String,
        /// Do not ask before the request is recorded
        #[arg(long)]
        yes: bool,
    },
    /// Agree, as a second person: another user, another name
    Agree {
        /// The phase whose gate is closed
        phase: String,
        /// The word that the request was given
        word: String,
    },
}

impl Override {
    /// The same with its subcommand as the flags that said so before.
    pub fn resolved(mut self) -> Self {
        match self.verb.take() {
            None => {}
            Some(OverrideVerb::Request { phase, reason, yes }) => {
                (self.phase, self.reason, self.yes) = (Some(phase), Some(reason), yes);
            }
            Some(OverrideVerb::Agree { phase, word }) => (self.phase, self.confirm) = (Some(phase), Some(word)),
        }
        self
    }
}
