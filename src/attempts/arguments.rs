//! What `gonogo supervise` is reported, on both sides of its command line.

use crate::checklist::ItemId;
use crate::deployment::Operator;
use crate::deployment::seat::SessionId;
use clap::Args;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// The arguments of the hidden subcommand `supervise`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct SuperviseArguments {
    /// The ledger's file.
    pub ledger: PathBuf,
    /// The item to carry out.
    pub item: String,
    /// The environment's name, as typed by the person who started this.
    #[arg(long)]
    pub confirmation: Option<String>,
    /// Who started this: the operating system's user.
    #[arg(long)]
    pub user: String,
    /// Who started this, as they say.
    #[arg(long)]
    pub says: String,
    #[arg(long)]
    pub host: String,
    /// The role that a simulated answer answers for.
    #[arg(long)]
    pub simulated: Option<String>,
    /// The session that started this and that it acts for.
    #[arg(long)]
    pub session: Option<String>,
    /// Milliseconds between the signals of a cancelled command.
    #[arg(long, hide = true)]
    pub grace: Option<u64>,
}

impl SuperviseArguments {
    #[must_use]
    pub fn new(ledger: PathBuf, item: &ItemId, by: &Operator, confirmation: Option<String>) -> Self {
        Self {
            ledger,
            item: item.to_string(),
            confirmation,
            user: by.user.clone(),
            says: by.says.clone(),
            host: by.host.clone(),
            simulated: by.simulated.clone(),
            session: None,
            grace: None,
        }
    }

    /// For the session that drives.
    #[must_use]
    pub fn for_session(mut self, session: &SessionId) -> Self {
        self.session = Some(session.to_string());
        self
    }

    pub fn session(&self) -> SessionId {
        SessionId::new(self.session.clone().unwrap_or_default())
    }

    pub fn operator(&self) -> Operator {
        Operator {
            user: self.user.clone(),
            says: self.says.clone(),
            host: self.host.clone(),
            simulated: self.simulated.clone(),
        }
    }

    pub fn grace(&self) -> Duration {
        self.grace.map_or(super::cancel::GRACE, Duration::from_millis)
    }

    /// The words behind `supervise`. Values are joined to their option, so that none is taken for an option itself.
    pub fn words(&self) -> Vec<OsString> {
        let mut words = Vec::new();
        let mut option = |name: &str, value: Option<&str>| {
            if let Some(value) = value {
                words.push(OsString::from(format!("--{name}={value}")));
            }
        };
        option("confirmation", self.confirmation.as_deref());
        option("user", Some(&self.user));
        option("says", Some(&self.says));
        option("host", Some(&self.host));
        option("simulated", self.simulated.as_deref());
        option("session", self.session.as_deref());
        option("grace", self.grace.map(|grace| grace.to_string()).as_deref());
        words.push("--".into());
        words.push(self.ledger.clone().into_os_string());
        words.push(self.item.clone().into());
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        arguments: SuperviseArguments,
    }

    #[test]
    fn what_is_written_is_read_back() {
        let by =
            Operator { user: "-u".into(), says: "--says \n".into(), host: "h".into(), simulated: Some("dba".into()) };
        let mut arguments =
            SuperviseArguments::new("-odd name.toml".into(), &"p/s/i".into(), &by, Some("production".into()));
        arguments = arguments.for_session(&SessionId::new("-3fa9"));
        arguments.grace = Some(20);
        let words = [OsString::from("supervise")].into_iter().chain(arguments.words());
        assert_eq!(Line::try_parse_from(words).unwrap().arguments, arguments);
        assert_eq!(arguments.operator(), by);
    }
}
