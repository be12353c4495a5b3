//! Who signed what, and who did what.

use super::View;
use super::words::{Said, Tone, who};
use crate::deployment::signoff::{self, Proof, Standing, policy};
use crate::deployment::{Board, Fact};
use schemars::JsonSchema;
use serde::Serialize;

/// A line to sign, with what its holder said last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Signoff {
    pub group: String,
    pub group_title: String,
    pub role: String,
    pub role_title: String,
    /// The phases whose results are signed for.
    pub phases: Vec<String>,
    /// `go`, `no-go`, `stale` or `unsigned`.
    pub standing: String,
    pub tone: Tone,
    /// `go` or `no-go` as it was said; null while nobody has signed.
    pub decision: Option<String>,
    /// As the signer wrote it.
    pub name: Option<String>,
    pub said: Option<Said>,
    pub date: Option<String>,
    pub comment: Option<String>,
    /// How it is known who signed: `attested, not signed` where the name was only stated.
    pub how: Option<String>,
    /// Signatures that another sign-off took the place of, one sentence each.
    pub replaced: Vec<String>,
}

/// What one person did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Person {
    pub by: String,
    pub user: String,
    pub host: String,
    pub simulated: bool,
    /// Steps carried out.
    pub attempts: usize,
    /// Steps ticked or filled in.
    pub ticked: usize,
    pub signed: usize,
    pub waived: usize,
    pub records: usize,
}

impl Person {
    pub fn who(&self) -> String {
        who(&self.by, &self.user, self.simulated)
    }
}

pub(super) fn signoffs(at: &View<'_>, board: &mut Board) -> Vec<Signoff> {
    let one = signoff::lines(at.plan, at.state, board).into_iter().map(|line| Signoff {
        group: line.group.id.to_string(),
        group_title: line.group.title.clone(),
        role: line.role.id.to_string(),
        role_title: line.role.title.clone(),
        phases: line.group.phases.iter().map(ToString::to_string).collect(),
        standing: line.standing.word().to_owned(),
        tone: match line.standing {
            Standing::Unsigned => Tone::Plain,
            Standing::Go => Tone::Good,
            Standing::NoGo => Tone::Bad,
            Standing::Stale | Standing::Withdrawn => Tone::Doubtful,
        },
        decision: line.signed.map(|(_, signed)| signed.decision.word().to_owned()),
        name: line.signed.map(|(_, signed)| signed.name.clone()),
        said: line.signed.map(|(stamp, _)| Said::of(stamp)),
        date: line.signed.map(|(_, signed)| signed.date.to_string()),
        comment: line.signed.and_then(|(_, signed)| signed.comment.clone()),
        how: line.signed.map(|(_, signed)| match &signed.signature {
            Some(signature) => format!("signed with {} as {}", signature.fingerprint, signature.principal),
            None => Proof::Attested.word().to_owned(),
        }),
        replaced: policy::replacements(at.state, &line.group.id, &line.role.id)
            .iter()
            .map(ToString::to_string)
            .collect(),
    });
    one.collect()
}

/// Everybody who wrote a record, in the order of their first.
pub(super) fn people(at: &View<'_>) -> Vec<Person> {
    let mut people: Vec<Person> = Vec::new();
    for record in at.records {
        let by = &record.by;
        let same = |person: &Person| {
            person.by == by.says
                && person.user == by.user
                && person.host == by.host
                && person.simulated == by.simulated.is_some()
        };
        let index = people.iter().position(same).unwrap_or_else(|| {
            people.push(Person {
                by: by.says.clone(),
                user: by.user.clone(),
                host: by.host.clone(),
                simulated: by.simulated.is_some(),
                attempts: 0,
                ticked: 0,
                signed: 0,
                waived: 0,
                records: 0,
            });
            people.len() - 1
        });
        let person = &mut people[index];
        person.records += 1;
        match &record.fact {
            Fact::AttemptStarted { .. } => person.attempts += 1,
            Fact::ItemChecked { .. } | Fact::ValueFilled { .. } => person.ticked += 1,
            Fact::Signed(_) => person.signed += 1,
            Fact::ItemWaived { .. } => person.waived += 1,
            _ => {}
        }
    }
    people
}
