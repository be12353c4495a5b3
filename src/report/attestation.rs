//! A deployment as an in-toto Statement v1, and the bytes of it that are signed (DSSE, PAE).
//!
//! Everything in it follows from the records up to its head, and nothing from when it was made: whoever has the ledger
//! words it again and compares.

use super::words::Time;
use super::{Report, Source};
use crate::deployment::Fact;
use crate::deployment::signoff::{self, Standing};
use crate::deployment::{Board, Plan, State};
use schemars::JsonSchema;
use serde::Serialize;

pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
pub const PREDICATE_TYPE: &str = "https://gonogo.dev/attestation/deployment/v1";
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// The version of the predicate: fields are added, never changed or taken away.
const FORMAT: u32 = 1;

/// An in-toto Statement v1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Statement {
    #[serde(rename = "_type")]
    pub kind: String,
    /// The ledger's bytes up to its head, and each checklist followed, the one active first.
    pub subject: Vec<Subject>,
    #[serde(rename = "predicateType")]
    pub predicate_type: String,
    pub predicate: Predicate,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Subject {
    /// A file name.
    pub name: String,
    pub digest: Sha256,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Sha256 {
    pub sha256: String,
}

/// What is claimed of the deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Predicate {
    pub format: u32,
    pub title: String,
    /// The id of the checklist.
    pub deployment: String,
    /// `open`, `go`, `no-go`, `aborted`, `failed` or `rolled-back`.
    pub outcome: String,
    /// The decision that stands; null while none does.
    pub decision: Option<Decision>,
    /// Every environment is simulated: it says nothing of a real one.
    pub rehearsal: bool,
    /// Nothing is recorded in the ledger any more.
    pub closed: bool,
    pub environments: Vec<Environment>,
    pub ledger: Ledger,
    /// SHA-256 over the meaning of the checklist active, as in the ledger.
    pub checklist: String,
    pub steps: Steps,
    pub exceptions: Exceptions,
    pub migrations: Vec<Migration>,
    pub signoffs: Vec<Signoff>,
    /// In how many points sign-offs were not what the checklists followed asked for, when something rested on them:
    /// `gonogo verify` names each. Missing where there is none.
    #[serde(skip_serializing_if = "is_zero")]
    pub unmet: usize,
    /// The names of the subjects in their order, so that a name changed there shows; missing in older attestations.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Decision {
    /// `go` or `no-go`.
    pub decision: String,
    pub by: String,
    pub at: Time,
    pub record: u64,
    /// What it rested on, in words.
    pub coverage: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Environment {
    pub slot: String,
    pub name: String,
    /// The database as it was found at first contact.
    pub identity: Option<String>,
}

/// The records that it rests on. A ledger that is longer by now extends them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Ledger {
    /// The sum of the first record, which no other ledger has.
    pub id: String,
    pub records: u64,
    /// The sum of the last record.
    pub head: String,
    /// When it was recorded.
    pub at: Time,
    /// So many bytes of the file, which the first subject is the digest of.
    pub bytes: u64,
}

/// `done`, `failed`, `waived`, `notApplicable` and `open` add up to `total`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Steps {
    pub total: usize,
    pub done: usize,
    pub failed: usize,
    pub waived: usize,
    pub not_applicable: usize,
    pub open: usize,
}

/// What did not go as the checklist says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Exceptions {
    /// Attempts that did not pass, whatever passed later.
    pub failed_attempts: usize,
    /// Waivers active.
    pub waivers: usize,
    /// Gates opened although something was missing.
    pub overrides: usize,
    /// Steps made easier after they had failed: a target that lets more pass, another check, or the step removed.
    pub loosened_after_failure: usize,
    /// Gates, sign-offs and protections that an amendment made ask for less.
    #[serde(skip_serializing_if = "is_zero")]
    pub relaxed: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Migration {
    pub attempt: u32,
    pub environment: String,
    /// `upgrade` or `downgrade`.
    pub direction: String,
    /// Where the database was seen afterwards.
    pub revision: Option<String>,
    pub result: String,
    /// Run on a copy that was thrown away.
    pub scratch: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Signoff {
    pub group: String,
    pub role: String,
    /// `go`, `no-go`, `stale`, `withdrawn` or `unsigned`.
    pub standing: String,
    pub name: Option<String>,
    /// Null where the sign-off was only attested.
    pub principal: Option<String>,
    /// Of the key, as OpenSSH shows it.
    pub fingerprint: Option<String>,
}

/// What is known of the ledger's file.
pub struct File {
    /// The digest of its bytes up to the head.
    pub sha256: String,
    pub bytes: u64,
    /// Each checklist that was followed, and the digest of its text, the one active first.
    pub checklists: Vec<(String, String)>,
    /// In how many points the sign-offs are not what was asked for.
    pub unmet: usize,
}

impl Statement {
    /// Of a source whose `now` is the time of its last record; nothing where there is no record.
    #[must_use]
    pub fn of(source: &Source<'_>, file: &File) -> Option<Self> {
        let ledger = Subject::new(&source.ledger, &file.sha256);
        let checklists = file.checklists.iter().map(|(name, sha256)| Subject::new(name, sha256));
        let subject: Vec<Subject> = std::iter::once(ledger).chain(checklists).collect();
        let files = subject.iter().map(|subject| subject.name.clone()).collect();
        Some(Self {
            kind: STATEMENT_TYPE.to_owned(),
            subject,
            predicate_type: PREDICATE_TYPE.to_owned(),
            predicate: Predicate { files, unmet: file.unmet, ..Predicate::of(source, file.bytes)? },
        })
    }
}

impl Subject {
    fn new(name: &str, sha256: &str) -> Self {
        Self { name: name.to_owned(), digest: Sha256 { sha256: sha256.to_owned() } }
    }
}

impl Predicate {
    fn of(source: &Source<'_>, bytes: u64) -> Option<Self> {
        let (first, last) = (source.records.first()?, source.records.last()?);
        let report = Report::of(source);
        let plan = source.plan.active(source.state);
        let decision = report.outcome.decided().map(|decided| Decision {
            decision: decided.decision.clone(),
            by: decided.said.who(),
            at: decided.said.at,
            record: decided.said.record,
            coverage: decided.coverage.clone(),
        });
        let environment = |own: &super::Environment| Environment {
            slot: own.slot.clone(),
            name: own.name.clone(),
            identity: own.identity.clone(),
        };
        let migration = |own: &super::migration::Migration| Migration {
            attempt: own.attempt,
            environment: own.environment.clone(),
            direction: own.direction.clone(),
            revision: own.revision.clone(),
            result: own.result.clone(),
            scratch: own.scratch,
        };
        let items = &report.items;
        Some(Self {
            format: FORMAT,
            title: report.title.clone(),
            deployment: plan.checklist().id.clone(),
            outcome: report.outcome.word.clone(),
            decision,
            rehearsal: report.rehearsal,
            closed: source.state.closed.is_some(),
            environments: report.environments.iter().map(environment).collect(),
            ledger: Ledger {
                id: first.sum.to_string(),
                records: last.seq.0,
                head: last.sum.to_string(),
                at: Time(last.at),
                bytes,
            },
            checklist: plan.digest().to_string(),
            steps: Steps {
                total: items.total,
                done: items.done,
                failed: items.failed,
                waived: items.waived,
                not_applicable: items.not_applicable,
                open: items.open,
            },
            exceptions: Exceptions {
                relaxed: source.state.amendments.iter().map(|(_, amended)| amended.relaxed.len()).sum(),
                ..exceptions(&report)
            },
            migrations: report.migrations.iter().map(migration).collect(),
            signoffs: signoffs(&plan, source.state, last.at),
            unmet: 0,
            files: Vec::new(),
        })
    }
}

fn exceptions(report: &Report) -> Exceptions {
    let passed_over = &report.passed_over;
    Exceptions {
        failed_attempts: report.failed.len(),
        waivers: passed_over.waivers.iter().filter(|waiver| waiver.withdrawn.is_none()).count(),
        overrides: passed_over.overrides.iter().filter(|own| own.confirmed.is_some()).count(),
        loosened_after_failure: passed_over.amendments.iter().map(|own| own.after_failure.len()).sum(),
        relaxed: 0,
    }
}

fn signoffs(plan: &Plan, state: &State, at: chrono::DateTime<chrono::Utc>) -> Vec<Signoff> {
    let mut board = Board::at(plan, state, at);
    let one = signoff::lines(plan, state, &mut board).into_iter().map(|line| {
        let signed = line.signed.map(|(_, signed)| signed);
        let signature = signed.and_then(|signed| signed.signature.as_ref());
        Signoff {
            group: line.group.id.to_string(),
            role: line.role.id.to_string(),
            standing: line.standing.word().to_owned(),
            name: signed.filter(|_| line.standing != Standing::Unsigned).map(|signed| signed.name.clone()),
            principal: signature.map(|signature| signature.principal.clone()),
            fingerprint: signature.map(|signature| signature.fingerprint.clone()),
        }
    });
    one.collect()
}

/// The checklists that were followed up to some record, as the ledger names them: the one active first.
pub fn followed(source: &Source<'_>) -> Vec<(String, String)> {
    let named = source.records.iter().filter_map(|record| match &record.fact {
        Fact::LedgerOpened(opened) => Some((opened.snapshot.clone(), opened.snapshot_sha256.as_ref()?.to_string())),
        Fact::ChecklistAmended(own) => Some((own.snapshot.clone(), own.snapshot_sha256.as_ref()?.to_string())),
        _ => None,
    });
    let mut named: Vec<(String, String)> = named.collect();
    named.reverse();
    named
}

/// The pre-authentication encoding of DSSE: exactly these bytes are signed.
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

/// The JSON schema of the statement with our predicate.
pub fn schema() -> serde_json::Value {
    let mut schema =
        schemars::SchemaGenerator::from(schemars::generate::SchemaSettings::draft2020_12().for_serialize())
            .into_root_schema_for::<Statement>();
    schema.insert("$id".to_owned(), "https://gonogo.dev/schemas/attestation-1.json".into());
    schema.insert("title".to_owned(), "gonogo deployment attestation, format 1: an in-toto Statement v1".into());
    schema.to_value()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_is_encoded_as_dsse_says() {
        // The example of the specification.
        let encoded = pae("http://example.com/HelloWorld", b"hello world");
        assert_eq!(encoded, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    }
}
