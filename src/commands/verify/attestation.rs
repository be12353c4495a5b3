//! An attestation (in-toto Statement in a DSSE envelope), held against the ledger that it speaks of.

use super::table::{ALTERED, BAD_SIGNATURE, NOT_ALLOWED, Row, TRUNCATED};
use crate::commands::report::attest::{Envelope, permitted, principals, statement};
use crate::identity::{AllowedSigners, check};
use crate::input;
use crate::ledger::Ledger;
use crate::report::attestation::{PAYLOAD_TYPE, PREDICATE_TYPE, STATEMENT_TYPE, pae};
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
}

/// What it is worth. The signer has to be allowed at the time of the last record that it speaks of.
pub(super) fn look(ledger: &Ledger, given: Option<&AllowedSigners>, own: &Attestation) -> Row {
    let bad = |why: String| Row::new(WHAT, "bad signature", BAD_SIGNATURE, vec![why]);
    let altered = |why: String| Row::new(WHAT, "altered", ALTERED, vec![why]);
    let Attestation { envelope, payload } = own;
    let message = pae(&envelope.payload_type, payload);
    let mut signers = Vec::new();
    for signed in &envelope.signatures {
        match check(&signed.armored(), &message) {
            Ok(signer) if !signed.keyid.is_empty() && signed.keyid != signer.fingerprint() => {
                return bad(format!("it was made with {}, not with {}", signer.fingerprint(), signed.keyid));
            }
            Ok(signer) => signers.push(signer),
            Err(why) => return bad(format!("the signature does not hold: {why}")),
        }
    }
    if signers.is_empty() {
        return bad("nobody signed it".to_owned());
    }
    if envelope.payload_type != PAYLOAD_TYPE {
        return altered(format!("it holds {}, and no in-toto statement", envelope.payload_type));
    }
    let stated: Value = match serde_json::from_slice(payload) {
        Ok(stated) => stated,
        Err(error) => return altered(format!("it is signed, and no statement: {error}")),
    };
    if stated["_type"] != STATEMENT_TYPE || stated["predicateType"] != PREDICATE_TYPE {
        return altered(format!("it is no {PREDICATE_TYPE} in an in-toto Statement v1"));
    }
    let row = compare(ledger, &stated);
    if row.status != 0 {
        return row;
    }
    let Some(last) = records(&stated).and_then(|count| ledger.records().get(count.checked_sub(1)?)) else { return row };
    let recorded = ledger.state().signers.last().map(|(_, known)| AllowedSigners::read(&known.allowed_signers));
    let Some(allowed) = given.or(recorded.as_ref()) else {
        let text = "no allowed signers are recorded; give --allowed-signers FILE".to_owned();
        return Row::new(WHAT, "not allowed", NOT_ALLOWED, vec![text]);
    };
    let mut reported = row.details;
    for signer in signers {
        let fingerprint = signer.fingerprint();
        let Some(principal) = permitted(ledger.plan(), allowed, &signer, last.at) else {
            let names = principals(ledger.plan()).join(", ");
            let text = format!("{fingerprint} may sign as none of {names}");
            return Row::new(WHAT, "not allowed", NOT_ALLOWED, vec![text]);
        };
        reported.push(format!("signed by {fingerprint} as {principal}"));
    }
    Row::new(WHAT, "holds", 0, reported)
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
    if let Some(field) = different(&known, stated) {
        altered(format!("it states another `{field}` than the ledger does"))
    } else {
        let outcome = stated["predicate"]["outcome"].as_str().unwrap_or_default();
        Row::new(WHAT, "holds", 0, vec![format!("outcome {outcome} at record {count}")])
    }
}

/// The first field that is another one. Names of files are left out: they may be renamed.
fn different(known: &Value, stated: &Value) -> Option<String> {
    let digests = |value: &Value| -> Vec<Value> {
        value["subject"].as_array().into_iter().flatten().map(|subject| subject["digest"].clone()).collect()
    };
    if digests(known) != digests(stated) {
        return Some("subject".to_owned());
    }
    let fields = known["predicate"].as_object()?;
    let changed = fields.iter().find(|(name, value)| stated["predicate"].get(*name) != Some(*value));
    let more = || stated["predicate"].as_object()?.keys().find(|name| !fields.contains_key(*name)).cloned();
    changed.map(|(name, _)| name.clone()).or_else(more)
}
