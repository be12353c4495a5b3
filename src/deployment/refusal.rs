//! Why something may not happen now, and what would let it.

use super::alerts::AlertNumber;
use super::attempt::AttemptNumber;
use super::operator::Operator;
use super::plan::Plan;
use super::record::Seq;
use super::seat::SessionId;
use crate::checklist::{EnvironmentName, ItemId, Phase, PhaseId, SlotId};
use crate::harmless::one_line;
use chrono::{DateTime, Utc};
use std::fmt;
use thiserror::Error;

/// A title longer than this many characters is cut where it only names something.
const LONGEST: usize = 60;

/// An item or a phase as a sentence names it: its title, and the id that commands take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named<I> {
    pub id: I,
    title: Option<String>,
}

pub(crate) type NamedItem = Named<ItemId>;
pub(crate) type NamedPhase = Named<PhaseId>;

impl NamedItem {
    #[must_use]
    pub fn item(plan: &Plan, id: &ItemId) -> Self {
        Self { id: id.clone(), title: plan.item(id).map(|item| shortened(&item.title)) }
    }
}

impl NamedPhase {
    #[must_use]
    pub fn phase(phase: &Phase) -> Self {
        Self { id: phase.id.clone(), title: Some(shortened(&phase.title)) }
    }
}

fn shortened(title: &str) -> String {
    let title = one_line(title);
    match title.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", title[..end].trim_end()),
        None => title.into_owned(),
    }
}

impl<I: fmt::Display> fmt::Display for Named<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.title {
            Some(title) => write!(f, "`{title}` ({})", self.id),
            None => write!(f, "`{}`", self.id),
        }
    }
}

/// A refused intent. Each message says what went wrong and what to do next, in one sentence or two.
#[derive(Debug, Clone, PartialEq, Error, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Refusal {
    #[error("this ledger is already open; use it as it is or name another one")]
    AlreadyOpen,
    #[error("nothing is open in this ledger yet; open a checklist first")]
    NotOpen,
    #[error("the checklist has no item `{0}`; an item is named PHASE/SECTION/ITEM, as `d` shows it on the screen")]
    NoSuchItem(ItemId),
    #[error("there is no attempt {0} in this ledger")]
    NoSuchAttempt(AttemptNumber),
    #[error("the checklist has no sign-off `{0}`; use GROUP/ROLE or a role that only one group has")]
    NoSuchRole(String),
    #[error("issue {0} does not exist")]
    NoSuchIssue(u32),
    #[error("{item} makes no sense here: {reason}")]
    Inapplicable { item: NamedItem, reason: String },
    #[error("phase {phase} has not opened: {}", .missing.join("; "))]
    GateClosed { phase: NamedPhase, missing: Vec<String> },
    #[error("{item} has to wait: {waits_for}; finish that first, or waive it with a reason")]
    NotYet { item: NamedItem, waits_for: String },
    #[error(
        "{item} is a baseline, and {step} has run since: measured now, the new state would be compared with itself; \
         keep what was measured before, or waive with a reason what compares with it"
    )]
    BaselineTooLate { item: NamedItem, step: NamedItem },
    #[error("{item} is running as attempt {attempt}; follow it or cancel it")]
    Running { item: NamedItem, attempt: AttemptNumber },
    #[error("attempt {attempt} of {item} is still at work in {environment}; wait for it or cancel it")]
    EnvironmentBusy { environment: EnvironmentName, attempt: AttemptNumber, item: NamedItem },
    #[error("what attempt {attempt} of {item} did is unknown; inspect the aftermath and resolve it first")]
    Unresolved { item: NamedItem, attempt: AttemptNumber },
    #[error("attempt {0} is not running any more")]
    NotRunning(AttemptNumber),
    #[error("attempt {0} has been recorded already")]
    AlreadyRecorded(AttemptNumber),
    #[error("{item} is {kind}: {instead}")]
    WrongKind { item: NamedItem, kind: &'static str, instead: &'static str },
    #[error("{item} is {state} already")]
    Completion { item: NamedItem, state: String },
    #[error("{item} is not {wanted}, so there is nothing to undo")]
    NothingToTakeBack { item: NamedItem, wanted: &'static str },
    #[error("a reason is needed: say in a few words why")]
    ReasonMissing,
    #[error("not closed: {}; a reason (--note) closes it all the same", .open.join("; "))]
    LeftOpen { open: Vec<String> },
    #[error("text is needed here")]
    TextMissing,
    #[error("{item} proposes no command that could be enabled{}", .why.as_ref().map(|why| format!(": {why}")).unwrap_or_default())]
    NothingToArm { item: NamedItem, why: Option<String> },
    #[error(
        "{item} proposes {} and nobody has enabled {} yet; review and enable it in the cockpit, or run it by hand and tick the item",
        if *.proposals == 1 { "a command".to_owned() } else { format!("{} commands", .proposals) },
        if *.proposals == 1 { "it" } else { "any" }
    )]
    NotArmed { item: NamedItem, proposals: usize },
    #[error("{} in the command of {item} {} to be filled in first", .missing.join(", "), if .missing.len() == 1 { "has" } else { "have" })]
    PlaceholdersUnfilled { item: NamedItem, missing: Vec<String> },
    #[error("the value for {placeholder} goes over several lines or holds control characters; write it on one line")]
    ValueNotPlain { placeholder: String },
    #[error(
        "a password is written out in the command of {item}; write `${{VAR}}` in its place and set it where gonogo runs"
    )]
    PasswordInCommand { item: NamedItem },
    #[error("the command of {item} {destroys}; type `{destroys}` to enable it")]
    DestructionUnconfirmed { item: NamedItem, destroys: &'static str },
    #[error(
        "{item} has run its command as attempt {attempt}, so it cannot be disarmed; arm another one, or waive the item"
    )]
    HasRun { item: NamedItem, attempt: AttemptNumber },
    #[error("simulated answers enable no command: a person reviews the command of {0} and enables it")]
    SimulatedMayNotEnable(NamedItem),
    #[error("`{value}` is not a number{}", .unit.as_ref().map(|u| format!(" of {u}")).unwrap_or_default())]
    NotANumber { value: String, unit: Option<String> },
    #[error("`{value}` is none of the answers; give one of: {}", .choices.join(", "))]
    NotAChoice { value: String, choices: Vec<String> },
    #[error("type the environment's name, {environment}, to confirm {item}")]
    ConfirmationNeeded { item: NamedItem, environment: EnvironmentName },
    #[error("no environment fills the slot `{slot}` that {item} needs; open the ledger with --env {slot}=ENVIRONMENT")]
    SlotEmpty { slot: SlotId, item: NamedItem },
    #[error(
        "{environment} was {recorded} when this ledger first reached it and is {found} now; check where its database variable points"
    )]
    WrongTarget { environment: EnvironmentName, recorded: String, found: String },
    #[error("{environment} and {other} turn out to be the same database ({identity}); check their database variables")]
    SameTarget { environment: EnvironmentName, other: EnvironmentName, identity: String },
    #[error(
        "{item} destroys data in {environment}, which is protected, and no backup of it was verified in this ledger; \
         make one and restore it to scratch first"
    )]
    BackupMissing { item: NamedItem, environment: EnvironmentName },
    #[error(
        "{item} destroys data in {environment}, which is protected: type the name of its database, {database}, to \
         confirm it"
    )]
    DatabaseNameNeeded { item: NamedItem, environment: EnvironmentName, database: String },
    #[error(
        "{item} destroys data in {environment}, and nobody can tell its database's name before the program has reached \
         it; run a check that reads it first"
    )]
    DatabaseUnknown { item: NamedItem, environment: EnvironmentName },
    #[error("there is no environment {0} in this deployment")]
    NoSuchEnvironment(EnvironmentName),
    #[error("{0}")]
    Untouchable(String),
    #[error("simulated answers work only in a rehearsal, and {0} is none")]
    SimulatedForbidden(EnvironmentName),
    #[error("GO cannot be recorded: {}", .reasons.join("; "))]
    NotGo { reasons: Vec<String> },
    #[error("{0} has taken this line already")]
    Taken(Operator),
    #[error("the captain's seat is {holder}'s (session {session}); ask them, or have the seat handed over")]
    NotYourSeat { holder: String, session: SessionId },
    #[error("nobody sits in the captain's seat; take it first")]
    NobodyDrives,
    #[error("this session is here as {seat}, which does not do that; take another seat")]
    WrongSeat { seat: &'static str },
    #[error("another session is just taking the captain's seat; look again in a moment")]
    SeatBusy,
    #[error(
        "{from} has handed the captain's seat to {to}, who has not taken it yet; let them take it, or take over with a reason"
    )]
    SeatOnItsWay { from: String, to: String },
    #[error(
        "the captain's seat is {holder}'s, who is gone; {} with a reason",
        if *.wait_s > 0 { format!("take it over in {wait_s} s") } else { "take it over".to_owned() }
    )]
    SeatAbandoned { holder: String, wait_s: i64 },
    #[error("the window has no end: the checklist promises no duration; name the end")]
    WindowEndMissing,
    #[error("the window would end before its T-0; name a later end")]
    WindowBackwards,
    #[error("no window is planned; name an offset to count from, such as T-10m, or plan the window first")]
    NoWindow,
    #[error("the clock is counting already; hold it first")]
    ClockCounting,
    #[error("the clock is not counting; start it first")]
    ClockNotStarted,
    #[error("the clock is held already: {0}")]
    ClockHeld(String),
    #[error("the clock is not held")]
    ClockNotHeld,
    #[error("only a rehearsal's clock runs at another pace; start it at pace 1")]
    PaceForbidden,
    #[error("{item} was due by {latest}, and it is {now}; plan a later T-0, or waive it with a reason")]
    TooLate { item: NamedItem, latest: String, now: String },
    #[error("{role} is {person}; they act in this role until it is given to another")]
    RoleOfAnother { role: String, person: String },
    #[error(
        "{role} and {other} must be two people, and {by} signed the latter as the same user; sign as another user, or set \
         same_user = \"allowed\" in the checklist"
    )]
    SameUser { role: String, other: String, by: String },
    #[error(
        "{role} and {other} must be two people, and the latter was signed with the same key; sign with your own key"
    )]
    SameKey { role: String, other: String },
    #[error("{group} takes signed sign-offs only: gonogo sign LEDGER {role} --key FILE")]
    SignatureNeeded { group: String, role: String },
    #[error("`{work}` is your own work, and {group} has to be approved by somebody who carried out nothing in it")]
    OwnWork { group: String, work: String },
    #[error("the text is no statement of a sign-off: {0}; make one with gonogo sign LEDGER ROLE --print")]
    NoStatement(super::signoff::statement::NoStatement),
    #[error(
        "what was signed is not what the ledger holds now ({differs}): something was recorded meanwhile; look at it and sign again"
    )]
    StatementOutdated { differs: String },
    #[error(
        "this text was worded before record {record}, in which {role} signed or withdrew: an earlier sign-off does not count \
         again; look at the evidence and sign anew"
    )]
    StatementReplaced { role: String, record: Seq },
    #[error(
        "the text for {role} is dated {time}, which is still to come: nobody could tell it from one dated ahead on purpose; \
         set the clock where it was signed, and sign anew"
    )]
    StatementAhead { role: String, time: DateTime<Utc> },
    #[error("a NO-GO needs a comment that says why: --note TEXT, or the form's comment")]
    CommentMissing,
    #[error(
        "{role} is signed by {name} with {fingerprint} (record {record}), and a sign-off without a key does not replace that: \
         sign with a key, or withdraw it first with gonogo sign LEDGER ROLE --withdraw REASON"
    )]
    KeyNeeded { role: String, name: String, fingerprint: String, record: Seq },
    #[error("there is no sign-off of {0} to withdraw")]
    NothingToWithdraw(String),
    #[error("{role} was signed by {by}, who alone can withdraw it")]
    NotYourSignoff { role: String, by: String },
    #[error("nobody holds {0}, so there is nothing to release")]
    RoleVacant(String),
    #[error("the checklist has no phase `{0}`")]
    NoSuchPhase(PhaseId),
    #[error("the gate of {0} is already open")]
    GateOpen(NamedPhase),
    #[error("nobody has asked to override the gate of {0}; the captain requests it first")]
    NoOverrideRequested(NamedPhase),
    #[error("an override takes a second person: another user and another name than {0}'s")]
    SecondPersonNeeded(Operator),
    #[error("the checklist has no poll roles: no gate before the decision names a sign-off group")]
    NoStations,
    #[error("no poll role `{station}`; poll roles: {}", .stations.join(", "))]
    NoSuchStation { station: String, stations: Vec<String> },
    #[error("no poll is open; the captain opens it")]
    NoPoll,
    #[error("a poll is open already; it waits for {0}")]
    PollOpen(String),
    #[error("{station} answers after {next}, who has not answered yet")]
    NotYourTurn { station: String, next: String },
    #[error("{decision} was decided by {by}; open a poll, or reopen the decision with a reason, before another one")]
    DecidedAlready { decision: &'static str, by: String },
    #[error("nothing has been decided yet")]
    NothingDecided,
    #[error("{0} is not measured again by itself; its checklist has no `sense`")]
    NotSensed(NamedItem),
    #[error("record {0} asks for no acknowledgement")]
    NothingToAcknowledge(Seq),
    #[error("no metric `{pane}` in this deployment; its metrics: {}", .known.join(", "))]
    NoSuchPane { pane: String, known: Vec<String> },
    #[error("no alert {0} in this ledger; `gonogo alerts LEDGER` lists them")]
    NoSuchAlert(AlertNumber),
    #[error(
        "alert {alert} ({pane}) cleared at {at} UTC and needs no acknowledgement; to record what was done: gonogo note"
    )]
    AlertOver { alert: AlertNumber, pane: String, at: String },
    #[error("the silence ends at {0} UTC, which is past; give a time to come, such as --for 2h")]
    SilencePast(String),
    #[error("a silence lasts {} days at most; give a shorter one and renew it", super::alerts::LONGEST_SILENCE.num_days())]
    SilenceTooLong,
    #[error("{0} not silenced, so there is nothing to end")]
    NotSilenced(String),
    #[error("this deployment {0}; only rollback, sign-offs, notes and closing are left")]
    Ended(&'static str),
    #[error("this deployment is closed; notes, issues and lessons can still be added")]
    Closed,
    #[error("the checklist has no phase with `rollback = true`, so there is no rollback to carry out")]
    NoRollback,
    #[error("{0} is a rollback step, and no rollback has started")]
    NoRollbackBegun(NamedItem),
    #[error("a rollback is under way; only its steps are carried out until it ends")]
    RollbackUnderWay,
    #[error("a rollback has begun already")]
    RollbackBegun,
    #[error("attempt {attempt} of {item} is still at work; wait for it or cancel it first")]
    StillRunning { item: NamedItem, attempt: AttemptNumber },
    #[error("the checklist means the same as the one the ledger follows; there is nothing to take over")]
    NothingAmended,
    #[error(
        "{environment:?} fills {slot} in this ledger, and not in the checklist to take over; add it there, or open another ledger"
    )]
    AmendedUnbound { slot: SlotId, environment: String },
    #[error(
        "{item} was carried out, and the checklist to take over removes it or moves it; keep it there, and waive it instead"
    )]
    AmendsCarriedOut { item: NamedItem },
    #[error("not closed: record a decision, abort or roll back first")]
    NotOver,
}

impl Refusal {
    /// Whether it is the captain's seat that is in the way.
    pub fn is_about_seat(&self) -> bool {
        matches!(
            self,
            Refusal::NotYourSeat { .. }
                | Refusal::NobodyDrives
                | Refusal::SeatBusy
                | Refusal::SeatOnItsWay { .. }
                | Refusal::SeatAbandoned { .. }
        )
    }

    /// Whether an environment turned out to be something else, or a gate or a person is in the way: exit status 4.
    pub fn exit_status(&self) -> u8 {
        match self {
            Refusal::NoSuchItem(_)
            | Refusal::NoSuchAttempt(_)
            | Refusal::NoSuchRole(_)
            | Refusal::NoSuchIssue(_)
            | Refusal::NoSuchPhase(_)
            | Refusal::NoSuchStation { .. }
            | Refusal::NoSuchPane { .. }
            | Refusal::NoSuchAlert(_)
            | Refusal::SilencePast(_)
            | Refusal::SilenceTooLong
            | Refusal::WindowEndMissing
            | Refusal::WindowBackwards
            | Refusal::ReasonMissing
            | Refusal::CommentMissing
            | Refusal::TextMissing
            | Refusal::NotAChoice { .. }
            | Refusal::NotANumber { .. } => 2,
            _ => 4,
        }
    }
}
