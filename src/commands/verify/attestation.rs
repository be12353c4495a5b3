//! An attestation (in-toto Statement in a DSSE envelope), compared with the ledger that it speaks of, or by itself.

use super::table::{ALTERED, BAD_SIGNATURE, NOT_ALLOWED, POLICY, Row, TRUNCATED, Table};
use super::{Given, SKEW, json};
use crate::commands::report::attest::{Envelope, principals, statement};
use crate::deployment::{Fact, Seq};
use crate::harmless;
use crate::identity::{AllowedSigners, Signer, check};
use crate::input;
use crate::ledger::Ledger;
use crate::report::attestation::{PAYLOAD_TYPE, PREDICATE_TYPE, STATEMENT_TYPE, pae};
use chrono::{DateTime, Utc};
use data_encoding::BASE64;
use serde_json::Value;
use std::path::Path;

/// The longest attestation.
const LONGEST: u64 = 16 << 20;

const WHAT: &str = "attestation";

/// An attestation as it was read.
pub(super) struct Attestation {
    envelope: Envelope,
    payload: Vec<u8>,
}

impl Attestation {
    /// # Errors
    /// When the file is no envelope.
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let refuse = |why: String| format!("the attestation {} cannot be read: {why}", path.display());
        let bytes = input::read(path, LONGEST).map_err(|error| refuse(error.to_string()))?;
        let envelope: Envelope = serde_json::from_slice(&bytes).map_err(|error| refuse(error.to_string()))?;
        let payload = BASE64.decode(envelope.payload.as_bytes()).map_err(|error| refuse(error.to_string()))?;
        Ok(Self { envelope, payload })
    }

    /// Whose signatures it carries, all of which hold, and the statement that was signed; a row that says what is wrong.
    fn signed(&self) -> Result<(Vec<Signer>, Value), Row> {
        let bad = |why: String| Row::new(WHAT, "bad signature", BAD_SIGNATURE, vec![why]);
        let altered = |why: String| Row::new(WHAT, "altered", ALTERED, vec![why]);
        let Self { envelope, payload } = self;
        let message = pae(&envelope.payload_type, payload);
        let mut signers = Vec::new();
        for signed in &envelope.signatures {
            match check(&signed.armored(), &message) {
                Ok(signer) if !signed.keyid.is_empty() && signed.keyid != signer.fingerprint() => {
                    return Err(bad(format!("it was made with {}, not with {}", signer.fingerprint(), signed.keyid)));
                }
                Ok(signer) => signers.push(signer),
                Err(why) => return Err(bad(format!("the signature does not hold: {why}"))),
            }
        }
        if signers.is_empty() {
            return Err(bad("nobody signed it".to_owned()));
        }
        if envelope.payload_type != PAYLOAD_TYPE {
            return Err(altered(format!("it holds {}, and no in-toto statement", envelope.payload_type)));
        }
        let stated =
            json::read(payload).map_err(|error| altered(format!("it is signed, and no statement: {error}")))?;
        if stated["_type"] != STATEMENT_TYPE || stated["predicateType"] != PREDICATE_TYPE {
            return Err(altered(format!("it is no {PREDICATE_TYPE} in an in-toto Statement v1")));
        }
        if let Some(name) = renamed(&stated) {
            return Err(altered(format!("its `subject.name` {name} is not the name that it was made with")));
        }
        Ok((signers, stated))
    }
}

/// What it is worth. The signer has to be allowed at the time of the last record that it speaks of.
pub(super) fn look(ledger: &Ledger, given: &Given, own: &Attestation) -> Vec<Row> {
    let (signers, stated) = match own.signed() {
        Ok(signed) => signed,
        Err(row) => return vec![row],
    };
    let row = compare(ledger, &stated);
    if row.status != 0 {
        return vec![row];
    }
    let Some(last) = records(&stated).and_then(|count| ledger.records().get(count.checked_sub(1)?)) else {
        return vec![row];
    };
    let recorded = ledger.state().signers.last().map(|(_, known)| AllowedSigners::read(&known.allowed_signers));
    let Some(allowed) = given.allowed().or(recorded.as_ref()) else {
        let text = "no allowed signers are recorded; give --allowed-signers FILE".to_owned();
        return vec![Row::new(WHAT, "not allowed", NOT_ALLOWED, vec![text])];
    };
    let names = if given.principals.is_empty() { principals(ledger.plan()) } else { given.principals.clone() };
    let mut reported = row.details;
    match may_attest(&signers, allowed, given, &names, &[last.at]) {
        Ok(who) => reported.extend(who),
        Err(row) => return vec![Row { what: WHAT, ..row }],
    }
    let since = overtaken(ledger, last.seq);
    vec![Row::new(WHAT, "holds", 0, reported), decision(&stated, given, since)]
}

/// What was recorded after it that took the decision's place, in words: the attestation still holds for what it speaks of.
fn overtaken(ledger: &Ledger, stated: Seq) -> Option<String> {
    let later = ledger.records().iter().filter(|record| record.seq > stated);
    let found = later.filter_map(|record| {
        let what = match &record.fact {
            Fact::DecisionReopened { reason } => format!("the decision was reopened: {reason}"),
            Fact::PollOpened { .. } => "another go/no-go round began".to_owned(),
            Fact::Decided(decided) => format!("{} was decided", decided.decision.word().to_uppercase()),
            Fact::Aborted { reason } => format!("it was aborted: {reason}"),
            Fact::Failed { reason } => format!("it was declared failed: {reason}"),
            Fact::RollbackBegun { reason } => format!("a rollback was begun: {reason}"),
            _ => return None,
        };
        let at = record.at.format("%Y-%m-%d %H:%M:%S UTC");
        Some(format!("since record {} of {at}: {what}, by {}", record.seq, record.by))
    });
    let all: Vec<String> = found.collect();
    (!all.is_empty()).then(|| harmless::line(&all.join("; ")).into_owned())
}

/// What it proves without its ledger: who states it, and what. The time stated is the signer's word, so the key has to be
/// allowed now too, as for `ssh-keygen`.
pub(super) fn alone(own: &Attestation, given: &Given, table: &mut Table) {
    let (signers, stated) = match own.signed() {
        Ok(signed) => signed,
        Err(row) => return table.rows.push(row),
    };
    let ledger = &stated["predicate"]["ledger"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let at = ledger["at"].as_str().and_then(|at| at.parse::<DateTime<Utc>>().ok());
    let (Some(count), Some(at)) = (ledger["records"].as_u64(), at) else {
        let why = "it does not say which records it speaks of".to_owned();
        return table.rows.push(Row::new(WHAT, "altered", ALTERED, vec![why]));
    };
    (table.records, table.head) = (count, text(&ledger["head"]));
    let (title, deployment) = (text(&stated["predicate"]["title"]), text(&stated["predicate"]["deployment"]));
    let outcome = text(&stated["predicate"]["outcome"]);
    let shown = at.format("%Y-%m-%d %H:%M:%S UTC");
    if at > Utc::now() + SKEW {
        let why = format!("it is dated {shown}, which is still to come: a clock was wrong, or somebody dated it ahead");
        return table.rows.push(Row::new(WHAT, "not allowed", NOT_ALLOWED, vec![why]));
    }
    let states = format!("{title} ({deployment}): outcome {outcome} at record {count}, {shown}");
    table.about.clone_from(&states);
    table.rows.push(Row::new(WHAT, "signed", 0, vec![states]));
    let names = if given.principals.is_empty() { stated_principals(&stated) } else { given.principals.clone() };
    table.rows.push(match given.allowed() {
        None => {
            let who: Vec<String> = signers.iter().map(Signer::fingerprint).collect();
            Row::unknown("signers", format!("signed by {}; give --allowed-signers FILE", who.join(", ")))
        }
        Some(allowed) => match may_attest(&signers, allowed, given, &names, &[at, Utc::now()]) {
            Ok(who) => Row::new("signers", "allowed", 0, who),
            Err(row) => row,
        },
    });
    table.rows.push(decision(&stated, given, None));
    table.rows.push(Row::new("ledger", "not given", 0, vec!["its records were not compared".to_owned()]));
}

/// Who may attest by default, as the statement names roles and deployment: nobody of another deployment.
fn stated_principals(stated: &Value) -> Vec<String> {
    let predicate = &stated["predicate"];
    let deployment = predicate["deployment"].as_str().unwrap_or_default();
    let roles = predicate["signoffs"].as_array().into_iter().flatten().filter_map(|signoff| signoff["role"].as_str());
    let mut names: Vec<String> = Vec::new();
    for role in roles.chain(["attest"]) {
        let name = format!("{role}@{deployment}");
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Each signer with the principal that they may sign as, at all of these times.
fn may_attest(
    signers: &[Signer],
    allowed: &AllowedSigners,
    given: &Given,
    names: &[String],
    times: &[DateTime<Utc>],
) -> Result<Vec<String>, Row> {
    let refuse = |why: String| Row::new("signers", "not allowed", NOT_ALLOWED, vec![why]);
    let mut reported = Vec::new();
    for signer in signers {
        let fingerprint = signer.fingerprint();
        if given.revoked.names(signer).map_err(|why| Row::unknown("signers", why.to_string()))? {
            return Err(refuse(format!("{fingerprint} is revoked")));
        }
        let why = |name: &String| times.iter().find_map(|at| allowed.permit(signer, name, *at).err());
        let Some(principal) = names.iter().find(|name| why(name).is_none()) else {
            let nearest = names.iter().filter_map(why).max().map(|why| format!(": {why}")).unwrap_or_default();
            return Err(refuse(format!("{fingerprint} may sign as none of {}{nearest}", names.join(", "))));
        };
        reported.push(format!("signed by {fingerprint} as {principal}"));
    }
    Ok(reported)
}

/// The decision that is stated, and whether it stands. Only `--require-go` asks for a certain one.
fn decision(stated: &Value, given: &Given, since: Option<String>) -> Row {
    let predicate = &stated["predicate"];
    let decision = &predicate["decision"];
    let outcome = predicate["outcome"].as_str().unwrap_or_default();
    let unmet = predicate["unmet"].as_u64().unwrap_or_default();
    let (word, go) = match decision["decision"].as_str() {
        Some("go") if predicate["rehearsal"] != false => ("rehearsal", false),
        Some("go") if outcome != "go" || since.is_some() => ("overtaken", false),
        Some("go") if unmet > 0 => ("not met", false),
        Some("go") => ("go", true),
        Some(_) => ("no-go", false),
        None => ("none", false),
    };
    let mut reported = format!("outcome {outcome}");
    if let (Some(by), Some(at)) = (decision["by"].as_str(), decision["at"].as_str()) {
        reported = format!("{reported}, decided by {by} at {at}");
    }
    if unmet > 0 {
        reported = format!("{reported}; sign-offs were not as the checklists asked, in {unmet} points");
    }
    if let Some(since) = since {
        reported = format!("{reported}; {since}");
    }
    let status = if given.require_go && !go { POLICY } else { 0 };
    Row::new("decision", word, status, vec![reported])
}

fn records(stated: &Value) -> Option<usize> {
    usize::try_from(stated["predicate"]["ledger"]["records"].as_u64()?).ok()
}

/// Whether this ledger, as far as the statement speaks of it, says what is stated.
fn compare(ledger: &Ledger, stated: &Value) -> Row {
    let altered = |why: String| Row::new(WHAT, "altered", ALTERED, vec![why]);
    let own = &stated["predicate"]["ledger"];
    let Some((count, bytes)) = records(stated).zip(own["bytes"].as_u64()) else {
        return altered("it does not say which records it speaks of".to_owned());
    };
    if ledger.records().first().is_none_or(|first| own["id"] != first.sum.to_string()) {
        return altered("it speaks of another ledger".to_owned());
    }
    if count > ledger.records().len() {
        let text = format!("it speaks of {count} records, and the ledger has {}", ledger.records().len());
        return Row::new(WHAT, "truncated", TRUNCATED, vec![text]);
    }
    let known = match statement(ledger, count, bytes) {
        Ok(Some(known)) => known,
        Ok(None) => return altered("it speaks of no record".to_owned()),
        Err(failure) => return Row::unknown(WHAT, failure.message),
    };
    let known = serde_json::to_value(&known).unwrap_or(Value::Null);
    if let Some((stated, own)) = misnamed(&known, stated) {
        altered(format!("its `subject.name` is {stated}, and the file is called {own}"))
    } else if let Some(field) = different(&known, stated) {
        altered(format!("it states another `{field}` than the ledger does"))
    } else {
        let outcome = stated["predicate"]["outcome"].as_str().unwrap_or_default();
        Row::new(WHAT, "holds", 0, vec![format!("outcome {outcome} at record {count}")])
    }
}

fn names(subjects: &Value) -> Vec<String> {
    let subjects = subjects.as_array().into_iter().flatten();
    subjects.map(|subject| subject["name"].as_str().unwrap_or("missing").to_owned()).collect()
}

/// A subject whose name is not that under which the predicate lists it. Older attestations list none.
fn renamed(stated: &Value) -> Option<String> {
    let listed = stated["predicate"].get("files")?;
    let own = names(&stated["subject"]);
    let listed: Vec<&str> = listed.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let changed = own.iter().enumerate().find(|(at, name)| listed.get(*at) != Some(&name.as_str()));
    changed.map(|(_, name)| harmless::line(name).into_owned())
}

/// A subject that is called otherwise here: as stated, and its own name.
fn misnamed(known: &Value, stated: &Value) -> Option<(String, String)> {
    let (known, stated) = (names(&known["subject"]), names(&stated["subject"]));
    let (stated, known) = stated.into_iter().zip(known).find(|(stated, known)| stated != known)?;
    Some((harmless::line(&stated).into_owned(), known))
}

/// The first field that is another one.
fn different(known: &Value, stated: &Value) -> Option<String> {
    let digests = |value: &Value| -> Vec<Value> {
        value["subject"].as_array().into_iter().flatten().map(|subject| subject["digest"].clone()).collect()
    };
    if digests(known) != digests(stated) {
        return Some("subject".to_owned());
    }
    let fields = known["predicate"].as_object()?;
    let older = stated["predicate"].get("files").is_none();
    let mut asked = fields.iter().filter(|(name, _)| !(older && ["files", "unmet"].contains(&name.as_str())));
    let changed = asked.find(|(name, value)| stated["predicate"].get(*name) != Some(*value));
    let more = || stated["predicate"].as_object()?.keys().find(|name| !fields.contains_key(*name)).cloned();
    changed.map(|(name, _)| name.clone()).or_else(more)
}
