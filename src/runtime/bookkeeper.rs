//! The one thread that holds the ledger: appends what is asked, and passes on what others appended.

use super::servers::Servers;
use super::worker;
use crate::attempts::lost;
use crate::attempts::notify::{Targets, Unsent};
use crate::checklist::{Digest, EnvironmentName};
use crate::cockpit::Msg;
use crate::cockpit::effect::{Signing, Ticket};
use crate::deployment::fact::{Ending, Fact};
use crate::deployment::live::Session;
use crate::deployment::{Intent, Operator, Plan, Record};
use crate::identity::key::{self, Key};
use crate::identity::keygen;
use crate::ledger::watch::Watcher;
use crate::ledger::{AppendError, Ledger};
use crate::signing::{Saying, Worded};
use chrono::Utc;
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::mpsc::UnboundedSender;

/// How long leaving waits for a disk that is slow.
const LEAVING: Duration = Duration::from_secs(2);

enum Order {
    Append {
        ticket: Ticket,
        intent: Box<Intent>,
        simulated: Option<String>,
    },
    /// End a session on a server, if this session may.
    EndBlocker {
        servers: Servers,
        end: EndBlocker,
    },
    /// Have a sign-off signed with a key.
    Sign {
        ticket: Ticket,
        signing: Box<Signing>,
    },
    /// A signature came of it.
    Signed {
        ticket: Ticket,
        worded: Box<Worded>,
        armored: String,
    },
    Follow,
    /// Look after attempts whose supervisor may be gone.
    Settle,
    /// Record that somebody could not be reported.
    Unsent(Unsent),
    /// Give the seat back and answer when that is recorded.
    Leave(Sender<()>),
}

pub(super) struct Bookkeeper {
    orders: Sender<Order>,
}

impl Bookkeeper {
    pub(super) fn start(ledger: Ledger, operator: Operator, sender: &UnboundedSender<Msg>) -> Self {
        let (orders, inbox) = mpsc::channel();
        watch(&ledger, &orders, sender);
        let (plan, home) = (ledger.plan().clone(), ledger.layout().home().to_owned());
        // A rehearsal whose variables cannot be read says so when one of its checks needs them.
        let targets = Arc::new(Targets::of(&plan, &home).unwrap_or_default());
        let first = ledger.records().first().filter(|_| !targets.is_empty()).map(|first| first.sum.clone());
        let reported = first.map(|first| Reported { targets, plan, first });
        let desk = Desk {
            seen: ledger.records().len(),
            ledger,
            operator,
            sender: sender.clone(),
            trouble: None,
            reported,
            orders: orders.clone(),
            handle: Handle::current(),
        };
        worker::start("ledger", sender, move || desk.work(&inbox));
        // What was appended between reading the ledger and watching it is fetched at once.
        let _ = orders.send(Order::Follow);
        Self { orders }
    }

    pub(super) fn append(&self, ticket: Ticket, intent: Intent, simulated: Option<String>) {
        // A worker that is gone has said so on the screen already.
        let _ = self.orders.send(Order::Append { ticket, intent: Box::new(intent), simulated });
    }
}

/// A session that is to be ended, for whom and why.
pub(super) struct EndBlocker {
    pub ticket: Ticket,
    pub environment: EnvironmentName,
    pub session: Session,
    pub reason: String,
}

impl Bookkeeper {
    /// Gives the captain's seat back, and waits a moment for that to be recorded.
    pub(super) fn leave(&self) {
        let (done, answer) = mpsc::channel();
        if self.orders.send(Order::Leave(done)).is_ok() {
            let _ = answer.recv_timeout(LEAVING);
        }
    }

    /// Ends a session on a server, and records it once that is done.
    pub(super) fn end_blocker(&self, servers: Servers, end: EndBlocker) {
        let _ = self.orders.send(Order::EndBlocker { servers, end });
    }

    /// Has a sign-off signed with a key, and records it once that is done.
    pub(super) fn sign(&self, ticket: Ticket, signing: Box<Signing>) {
        let _ = self.orders.send(Order::Sign { ticket, signing });
    }

    /// Has attempts that nobody supervises any more recorded as lost.
    pub(super) fn settle(&self) {
        let _ = self.orders.send(Order::Settle);
    }
}

/// Wakes the bookkeeper when the ledger's folder changes.
fn watch(ledger: &Ledger, orders: &Sender<Order>, sender: &UnboundedSender<Msg>) {
    match Watcher::new(ledger.path()) {
        Ok((watcher, mut wakes)) => {
            let orders = orders.clone();
            worker::start("watch", sender, move || {
                let _watcher = watcher;
                while wakes.blocking_recv().is_some() {
                    if orders.send(Order::Follow).is_err() {
                        break;
                    }
                }
            });
        }
        Err(error) => {
            let why = format!("the ledger cannot be watched ({error}); what others append shows when you append");
            let _ = sender.send(Msg::Trouble(Some(why)));
        }
    }
}

struct Desk {
    ledger: Ledger,
    operator: Operator,
    sender: UnboundedSender<Msg>,
    /// How many records the screen has.
    seen: usize,
    trouble: Option<String>,
    reported: Option<Reported>,
    /// What comes of work on the side is ordered like everything else.
    orders: Sender<Order>,
    handle: Handle,
}

/// Those elsewhere who are notified of what this session records.
struct Reported {
    targets: Arc<Targets>,
    plan: Arc<Plan>,
    /// The sum of the ledger's first record.
    first: Digest,
}

impl Reported {
    /// Shows on the side; whom it could not tell comes back as an order.
    fn tell(&self, records: Vec<Arc<Record>>, handle: &Handle, orders: Sender<Order>) {
        let (targets, plan, first) = (Arc::clone(&self.targets), Arc::clone(&self.plan), self.first.clone());
        handle.spawn(async move {
            for unsent in targets.tell(&plan, &first, &records).await {
                let _ = orders.send(Order::Unsent(unsent));
            }
        });
    }
}

impl Desk {
    fn work(mut self, inbox: &mpsc::Receiver<Order>) {
        while let Ok(order) = inbox.recv() {
            if self.sender.is_closed() && !matches!(order, Order::Leave(_)) {
                return;
            }
            match order {
                Order::Append { ticket, intent, simulated } => self.append(ticket, *intent, simulated.as_deref()),
                Order::EndBlocker { servers, end } => self.end_blocker(servers, end),
                Order::Sign { ticket, signing } => self.sign(ticket, &signing),
                Order::Signed { ticket, worded, armored } => match worded.signature(&self.ledger, armored) {
                    Ok((signature, _)) => self.append(ticket, Intent::SignStatement(signature), None),
                    Err(why) => _ = self.sender.send(Msg::Refused(ticket, why.to_string().into())),
                },
                Order::Settle => {
                    let completed = lost::settle(&mut self.ledger, &self.operator);
                    if !self.ledger.is_captain() {
                        // A captain who is gone is noticed by whoever still looks.
                        let _ = self.ledger.append(&self.operator, Intent::ReportSeatEmpty);
                    }
                    self.pass_on();
                    if let Err(error) = completed {
                        self.tell(Some(error.to_string()));
                    }
                }
                Order::Unsent(Unsent { event, target, reason }) => {
                    let event = event.to_owned();
                    let _ = self.ledger.append(&self.operator, Intent::ReportNotice { event, target, reason });
                    self.pass_on();
                }
                Order::Leave(done) => {
                    // The lock goes with this process in any case; the record only says it sooner.
                    let _ = self.ledger.leave_seat(&self.operator);
                    let _ = done.send(());
                    return;
                }
                Order::Follow => {
                    let trouble = self.ledger.follow().err().map(|error| error.to_string());
                    self.tell(trouble);
                    self.pass_on();
                }
            }
        }
    }

    fn append(&mut self, ticket: Ticket, intent: Intent, simulated: Option<&str>) {
        let by = simulated.map_or_else(|| self.operator.clone(), |role| self.operator.simulating(role));
        let answer = self.ledger.append(&by, intent);
        // Records come first, so that whoever waits for the answer finds them folded in.
        self.pass_on();
        let msg = match answer {
            Ok(records) => {
                if let Some(reported) = &self.reported {
                    reported.tell(records, &self.handle, self.orders.clone());
                }
                self.tell(None);
                Msg::Done(ticket)
            }
            Err(AppendError::Refused(refusal)) => Msg::Refused(ticket, (&refusal).into()),
            Err(AppendError::Ledger(error)) => {
                self.tell(Some(error.to_string()));
                Msg::Refused(ticket, format!("not recorded: {error}").into())
            }
        };
        let _ = self.sender.send(msg);
    }

    /// Words the sign-off, and has it signed on the side: a touch, or an agent that asks somebody, takes its time.
    fn sign(&mut self, ticket: Ticket, signing: &Signing) {
        let prepared = self.prepared(signing);
        self.pass_on();
        let (worded, key) = match prepared {
            Ok(prepared) => prepared,
            Err(why) => {
                let _ = self.sender.send(Msg::Refused(ticket, why.into()));
                return;
            }
        };
        let (orders, sender) = (self.orders.clone(), self.sender.clone());
        self.handle.spawn(async move {
            match keygen::sign_apart(&key, worded.statement.text().as_bytes()).await {
                Ok(armored) => _ = orders.send(Order::Signed { ticket, worded: Box::new(worded), armored }),
                Err(why) => _ = sender.send(Msg::Refused(ticket, format!("not signed: {why}").into())),
            }
        });
    }

    fn prepared(&mut self, signing: &Signing) -> Result<(Worded, Key), String> {
        let plan = self.ledger.plan().clone();
        let group = plan.checklist().signoff(&signing.group);
        let known = group.and_then(|group| Some((group, group.roles.iter().find(|role| role.id == signing.role)?)));
        let role = known.ok_or("the checklist has no such role")?;
        let saying = Saying { name: &signing.name, decision: signing.decision, comment: signing.comment.as_deref() };
        let key = key::chosen(Some(&signing.key)).map_err(|why| why.to_string())?;
        let by = self.operator.clone();
        let worded = Worded::of(&mut self.ledger, &by, role, &saying, Utc::now()).map_err(|why| why.to_string())?;
        let key = worded.key(key).map_err(|why| why.to_string())?;
        Ok((worded, key))
    }

    /// Whoever may not record it must not have done it either, so that is asked first.
    fn end_blocker(&mut self, servers: Servers, end: EndBlocker) {
        let EndBlocker { ticket, environment, session, reason } = end;
        let intent = |how| Intent::RecordBlockerCancelled {
            environment: environment.clone(),
            session: session.clone(),
            how,
            reason: reason.clone(),
        };
        let asked = self.ledger.ask(&self.operator, intent(Ending::Statement));
        self.pass_on();
        if let Err(why) = asked {
            let why = if let AppendError::Refused(refusal) = &why { refusal.into() } else { why.to_string().into() };
            let _ = self.sender.send(Msg::Refused(ticket, why));
            return;
        }
        let (orders, sender) = (self.orders.clone(), self.sender.clone());
        self.handle.spawn(async move {
            match servers.end(&environment, &session).await {
                Ok(how) => {
                    let intent = Box::new(Intent::RecordBlockerCancelled { environment, session, how, reason });
                    let _ = orders.send(Order::Append { ticket, intent, simulated: None });
                }
                Err(why) => {
                    let _ = sender.send(Msg::Refused(ticket, why.into()));
                }
            }
        });
    }

    fn pass_on(&mut self) {
        let fresh = self.ledger.records().get(self.seen..).unwrap_or_default().to_vec();
        self.seen += fresh.len();
        if !fresh.is_empty() {
            self.tell_of_attempts(&fresh);
            if fresh.iter().any(|record| matches!(record.fact, Fact::ChecklistAmended(_))) {
                let _ = self.sender.send(Msg::Amended(self.ledger.plan().clone()));
            }
            let _ = self.sender.send(Msg::Recorded(fresh));
        }
    }

    /// What supervisors record for the captain nobody else shows.
    fn tell_of_attempts(&self, fresh: &[Arc<Record>]) {
        let Some(reported) = self.reported.as_ref().filter(|_| self.ledger.is_captain()) else { return };
        let ends =
            |record: &&Arc<Record>| matches!(record.fact, Fact::AttemptFinished { .. } | Fact::AttemptLost { .. });
        let ended: Vec<Arc<Record>> = fresh.iter().filter(ends).cloned().collect();
        if !ended.is_empty() {
            reported.tell(ended, &self.handle, self.orders.clone());
        }
    }

    fn tell(&mut self, trouble: Option<String>) {
        if trouble != self.trouble {
            self.trouble.clone_from(&trouble);
            let _ = self.sender.send(Msg::Trouble(trouble));
        }
    }
}
