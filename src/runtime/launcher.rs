//! Starts supervisors and says how that went.

use crate::attempts::arguments::SuperviseArguments;
use crate::attempts::spawn::{self, Heard};
use crate::checklist::ItemId;
use crate::cockpit::Msg;
use crate::cockpit::effect::Ticket;
use crate::deployment::Operator;
use crate::deployment::seat::SessionId;
use std::path::PathBuf;
use tokio::sync::mpsc::UnboundedSender;

pub(super) struct Launcher {
    ledger: PathBuf,
    operator: Operator,
    session: SessionId,
    sender: UnboundedSender<Msg>,
}

impl Launcher {
    pub(super) fn new(ledger: PathBuf, operator: Operator, session: SessionId, sender: UnboundedSender<Msg>) -> Self {
        Self { ledger, operator, session, sender }
    }

    /// Starts a supervisor. The answer comes when it has recorded its attempt, or was refused.
    pub(super) fn start(&self, ticket: Ticket, item: &ItemId, confirmation: Option<String>, simulated: Option<&str>) {
        let by = simulated.map_or_else(|| self.operator.clone(), |role| self.operator.simulating(role));
        let arguments =
            SuperviseArguments::new(self.ledger.clone(), item, &by, confirmation).for_session(&self.session);
        let sender = self.sender.clone();
        tokio::spawn(async move {
            let heard = match spawn::spawn(&arguments) {
                Ok(mut supervisor) => supervisor.hear().await,
                Err(error) => {
                    Some(Heard::Refused { sentence: format!("no supervisor could be started: {error}"), status: 1 })
                }
            };
            let msg = match heard {
                Some(Heard::Refused { sentence, .. }) => Msg::Refused(ticket, sentence.into()),
                Some(Heard::Started(_) | Heard::Exited { .. }) => Msg::Done(ticket),
                None => Msg::Refused(ticket, "the supervisor ended without a word".to_owned().into()),
            };
            let _ = sender.send(msg);
        });
    }
}
