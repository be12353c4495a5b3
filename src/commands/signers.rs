//! `gonogo signers`: whose keys may sign, as recorded; and another `allowed_signers` file in its place.

use super::{Failure, acting, open, seat};
use crate::checklist::Digest;
use crate::cli::proof::Signers;
use crate::deployment::Intent;
use crate::deployment::fact::SignersRecorded;
use crate::identity::AllowedSigners;
use crate::input;
use crate::ledger::Ledger;
use std::io::Write;
use std::path::Path;

/// The longest `allowed_signers` that is recorded whole.
const LONGEST: u64 = 1 << 20;

/// Prints those recorded, or records others.
pub(crate) fn signers(asked: &Signers, out: &mut dyn Write) -> Result<u8, Failure> {
    let Some(file) = &asked.file else { return show(&Ledger::open(&asked.on.ledger)?, out) };
    let by = acting(&asked.on.by);
    let signers = SignersRecorded { reason: asked.reason.clone(), ..read(file)? };
    let allowed = AllowedSigners::read(&signers.allowed_signers);
    seat::drive(&asked.on.ledger, &by, |ledger| {
        let again = ledger.append(&by, Intent::RecordSigners(signers))?.is_empty();
        let what = if again { "are recorded already" } else { "are recorded" };
        writeln!(out, "{} lines of {} {what}; who signs from now on is held to them", allowed.len(), file.display())?;
        Ok(0)
    })
}

fn show(ledger: &Ledger, out: &mut dyn Write) -> Result<u8, Failure> {
    let Some((stamp, signers)) = ledger.state().signers.last() else {
        writeln!(out, "no allowed signers are recorded: gonogo signers LEDGER FILE")?;
        return Ok(1);
    };
    writeln!(out, "# {} by {}, record {}, SHA-256 {}", signers.source, stamp.by, stamp.seq, signers.digest)?;
    out.write_all(signers.allowed_signers.as_bytes())?;
    Ok(0)
}

/// The file that was named beside a checklist, or that the checklist names; nothing where neither does.
///
/// # Errors
/// When it cannot be read, or no line of it can.
pub(crate) fn named(
    source: &open::Source,
    checklist: &Path,
    given: Option<&Path>,
) -> Result<Option<SignersRecorded>, Failure> {
    if let Some(given) = given {
        return read(given).map(Some);
    }
    let Some(named) = open::checklist(source)?.allowed_signers else { return Ok(None) };
    let beside = checklist.parent().map_or_else(|| named.clone().into(), |folder| folder.join(&named));
    read(&beside).map(Some)
}

/// Reads an `allowed_signers` file whole.
///
/// # Errors
/// When it cannot be read, or some line of it cannot: whoever is in that line could not sign.
pub(crate) fn read(file: &Path) -> Result<SignersRecorded, Failure> {
    let refuse = |why: String| Failure::usage(format!("the allowed signers in {} {why}", file.display()));
    let bytes = input::read(file, LONGEST).map_err(|error| refuse(format!("cannot be read: {error}")))?;
    let digest = Digest::of(&bytes);
    let text = String::from_utf8(bytes).map_err(|_| refuse("are no UTF-8".to_owned()))?;
    let allowed = AllowedSigners::read(&text);
    if let Some(problem) = allowed.problems.first() {
        return Err(refuse(format!("cannot be followed: {problem}")));
    }
    if allowed.is_empty() {
        return Err(refuse("name nobody; write lines such as `qa@checklist ssh-ed25519 AAAA…`".to_owned()));
    }
    Ok(SignersRecorded { source: file.display().to_string(), digest, allowed_signers: text, reason: None })
}
