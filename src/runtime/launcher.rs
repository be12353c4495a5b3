//! Starts supervisors and says how that went.

use crate::attempts::spawn::{self, Launch};
use crate::checklist::ItemId;
use crate::cockpit::Msg;
use crate::cockpit::effect::Ticket;
use crate::deployment::Operator;
use std::path::PathBuf;
use tokio::sync::mpsc::UnboundedSender;

pub struct Launcher {
    ledger: PathBuf,
    operator: Operator,
    sender: UnboundedSender<Msg>,
}

impl Launcher {
    pub fn new(ledger: PathBuf, operator: Operator, sender: UnboundedSender<Msg>) -> Self {
        Self { ledger, operator, sender }
    }

    /// Starts a supervisor. The answer comes when it has recorded its attempt, or was refused.
    pub fn start(&self, ticket: Ticket, item: ItemId, confirmation: Option<String>, stand_in: Option<String>) {
        let (ledger, says, sender) = (self.ledger.clone(), self.operator.says.clone(), self.sender.clone());
        tokio::spawn(async move {
            let launch = Launch {
                ledger: &ledger,
                item: &item,
                confirmation: confirmation.as_deref(),
                says: Some(&says),
                stand_in: stand_in.as_deref(),
            };
            let answer = match spawn::spawn(&launch) {
                Ok(mut handle) => match handle.started().await {
                    None => {
                        let _ = sender.send(Msg::Done(ticket));
                        // The supervisor is our child while we live: it is waited for, so that it leaves no zombie.
                        handle.ended().await;
                        return;
                    }
                    Some(refusal) => refusal,
                },
                Err(error) => error.to_string(),
            };
            let _ = sender.send(Msg::Refused(ticket, answer));
        });
    }
}
