//! `gonogo report --format in-toto`: what the deployment came to, as an in-toto Statement in a DSSE envelope, signed with
//! an SSH key.

use crate::commands::Failure;
use crate::deployment::signoff::statement::principal;
use crate::deployment::{Fact, Plan, State};
use crate::identity::key::{self, Key};
use crate::identity::{AllowedSigners, Signer, check, keygen};
use crate::ledger::Ledger;
use crate::ledger::snapshot::plan_of;
use crate::printed;
use crate::report::Source;
use crate::report::attestation::{self, File, PAYLOAD_TYPE, Statement, pae};
use chrono::{DateTime, Utc};
use data_encoding::{BASE64, HEXLOWER};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::sync::Arc;

const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----";
const END: &str = "-----END SSH SIGNATURE-----";

/// A DSSE envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Envelope {
    /// The statement, in base64.
    pub payload: String,
    #[serde(rename = "payloadType")]
    pub payload_type: String,
    pub signatures: Vec<Signed>,
}

/// One signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Signed {
    /// The fingerprint of the key. A hint: the signature names its key itself.
    #[serde(default)]
    pub keyid: String,
    /// What stands between the first and the last line of an SSH signature.
    pub sig: String,
}

impl Signed {
    /// As `ssh-keygen` reads it.
    pub(crate) fn armored(&self) -> String {
        let folded: Vec<String> =
            self.sig.as_bytes().chunks(70).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
        format!("{BEGIN}\n{}\n{END}\n", folded.join("\n"))
    }

    fn of(armored: &str, signer: &Signer) -> Self {
        let inside = armored.trim().trim_start_matches(BEGIN).trim_end_matches(END);
        Self { keyid: signer.fingerprint(), sig: inside.split_whitespace().collect() }
    }
}

/// The envelope as a line of JSON, and in words whose it is.
///
/// # Errors
/// When there is no key, or its owner may sign for no role of the checklist.
pub(crate) fn attest(ledger: &Ledger, named: Option<&str>) -> Result<(String, String), Failure> {
    let nothing = || Failure::not_fine("the ledger holds no record yet");
    let at = ledger.records().last().ok_or_else(nothing)?.at;
    let statement = statement(ledger, ledger.records().len(), ledger.bytes())?.ok_or_else(nothing)?;
    let payload = serde_json::to_vec(&statement).map_err(io::Error::from)?;
    let message = pae(PAYLOAD_TYPE, &payload);
    let allowed = ledger.state().signers.last().map(|(_, known)| AllowedSigners::read(&known.allowed_signers));
    let key = key::chosen(named).map_err(|why| Failure::usage(why.to_string()))?;
    let key = match (key, &allowed) {
        (Key::Agent, None) => {
            let text = "which key of the agent is meant? The ledger has no allowed signers: name its public half with --key FILE.pub";
            return Err(Failure::usage(text));
        }
        (Key::Agent, Some(allowed)) => in_agent(ledger.plan(), allowed, at)?,
        (key, _) => key,
    };
    let armored = keygen::sign(&key, &message, &mut printed::err())
        .map_err(|why| Failure::not_fine(format!("not signed, and nothing was written: {why}")))?;
    let signer = check(&armored, &message)
        .map_err(|why| Failure::not_fine(format!("nothing was written, because the signature does not hold: {why}")))?;
    let fingerprint = signer.fingerprint();
    let who = match &allowed {
        None => format!("{fingerprint}; the ledger has no allowed signers, so `gonogo verify` needs --allowed-signers"),
        Some(allowed) => {
            let principal = permitted(ledger.plan(), allowed, &signer, at).ok_or_else(|| {
                let names = principals(ledger.plan()).join(", ");
                Failure::refused(format!(
                    "nothing was written: the key {fingerprint} may sign as none of {names}; `gonogo signers LEDGER` shows who may"
                ))
            })?;
            format!("{fingerprint} as {principal}")
        }
    };
    let envelope = Envelope {
        payload: BASE64.encode(&payload),
        payload_type: PAYLOAD_TYPE.to_owned(),
        signatures: vec![Signed::of(&armored, &signer)],
    };
    Ok((serde_json::to_string(&envelope).map_err(io::Error::from)? + "\n", who))
}

/// Who may attest: whoever may sign for a role, and `attest@CHECKLIST`.
pub(crate) fn principals(plan: &Plan) -> Vec<String> {
    let roles = plan.checklist().signoffs.iter().flat_map(|group| &group.roles).map(|role| principal(plan, role));
    let mut all: Vec<String> = Vec::new();
    for one in roles.chain([format!("attest@{}", plan.checklist().id)]) {
        if !all.contains(&one) {
            all.push(one);
        }
    }
    all
}

/// The first principal that a signer may sign as.
pub(crate) fn permitted(plan: &Plan, allowed: &AllowedSigners, signer: &Signer, at: DateTime<Utc>) -> Option<String> {
    principals(plan).into_iter().find(|principal| allowed.permit(signer, principal, at).is_ok())
}

fn in_agent(plan: &Plan, allowed: &AllowedSigners, at: DateTime<Utc>) -> Result<Key, Failure> {
    let mut last = None;
    for principal in principals(plan) {
        match key::in_agent(allowed, &principal, at) {
            Ok(key) => return Ok(key),
            Err(why) => last = Some(why),
        }
    }
    Err(Failure::not_fine(last.map_or_else(|| "no key of the agent may sign".to_owned(), |why| why.to_string())))
}

/// The statement of the first `count` records, which end at `bytes` of the file.
///
/// # Errors
/// When a file cannot be read.
pub(crate) fn statement(ledger: &Ledger, count: usize, bytes: u64) -> Result<Option<Statement>, Failure> {
    let Some(records) = ledger.records().get(..count) else { return Ok(None) };
    let Some(last) = records.last() else { return Ok(None) };
    let state = State::replay(records);
    let Some(plan) = plan(ledger, count) else {
        return Err(Failure::not_fine("the checklist that was followed then cannot be read"));
    };
    let name = ledger.path().file_name().map(|name| name.to_string_lossy().into_owned());
    let source = Source {
        plan: &plan,
        state: &state,
        records,
        ledger: name.unwrap_or_default(),
        now: last.at,
        outputs: BTreeMap::new(),
        samples: BTreeMap::new(),
        probed: BTreeMap::new(),
        troubles: Vec::new(),
    };
    let refuse = |error| Failure::not_fine(format!("{} cannot be read: {error}", ledger.path().display()));
    let sha256 = digest(ledger, bytes).map_err(refuse)?;
    let unmet = crate::commands::verify::policy::unmet_at(ledger, count);
    let file = File { sha256, bytes, checklists: attestation::followed(&source), unmet };
    Ok(Statement::of(&source, &file))
}

/// The plan that was followed after `count` records.
fn plan(ledger: &Ledger, count: usize) -> Option<Arc<Plan>> {
    let followed = ledger.records().iter().take(count).rev().find_map(|record| match &record.fact {
        Fact::LedgerOpened(opened) => Some((&opened.snapshot, &opened.digest)),
        Fact::ChecklistAmended(amended) => Some((&amended.snapshot, &amended.digest)),
        _ => None,
    });
    followed.and_then(|(snapshot, digest)| plan_of(ledger, snapshot, digest))
}

/// The SHA-256 of the ledger's first `bytes`.
fn digest(ledger: &Ledger, bytes: u64) -> io::Result<String> {
    let mut file = crate::input::open(ledger.path(), u64::MAX)?.take(bytes);
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(HEXLOWER.encode(&hasher.finalize())),
            read => hasher.update(&buffer[..read]),
        }
    }
}
