//! `gonogo signers`: whose keys may sign, as recorded; and another `allowed_signers` file in its place.

use super::{Failure, acting, open, seat};
use crate::checklist::Digest;
use crate::cli::proof::Signers;
use crate::deployment::fact::SignersRecorded;
use crate::deployment::signoff::statement::principal;
use crate::deployment::{Intent, Plan};
use crate::identity::AllowedSigners;
use crate::input;
use crate::ledger::Ledger;
use serde_json::json;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

/// The longest `allowed_signers` that is recorded whole.
const LONGEST: u64 = 1 << 20;

/// Prints those recorded, or records others.
pub(crate) fn signers(asked: &Signers, out: &mut dyn Write) -> Result<u8, Failure> {
    let Some(file) = &asked.file else { return show(&Ledger::open(&asked.on.ledger)?, asked.json, out) };
    let by = acting(&asked.on.by);
    let signers = SignersRecorded { reason: asked.reason.clone(), ..read(file)? };
    let allowed = AllowedSigners::read(&signers.allowed_signers);
    let mut ledger = open::open_ledger(&asked.on.ledger, &by)?;
    // Somebody's own cockpit may sit in the seat: who they are is enough then.
    let recorded = seat::stop(&mut ledger, &by, &Intent::RecordSigners(signers))?;
    if asked.json {
        return json(&ledger, out);
    }
    let what = if recorded.is_empty() { "are recorded already" } else { "are recorded" };
    writeln!(
        out,
        "{} lines of {} {what}; signatures from now on are checked against them",
        allowed.len(),
        file.display()
    )?;
    who_may(ledger.plan(), &allowed).iter().try_for_each(|line| writeln!(out, "  {line}"))?;
    Ok(0)
}

/// Each role with its principal and the lines that name it, and the lines that name none.
fn who_may(plan: &Plan, allowed: &AllowedSigners) -> Vec<String> {
    let groups = plan.checklist().signoffs.iter();
    let roles = groups.flat_map(|group| group.roles.iter().map(move |role| (group, role)));
    let mut reported = Vec::new();
    let mut used = BTreeSet::new();
    for (group, role) in roles {
        let principal = principal(plan, role);
        let lines = allowed.naming(&principal);
        let by = match lines.as_slice() {
            [] => format!("nobody; add a line `{principal} ssh-ed25519 AAAA…`"),
            lines => numbered(lines),
        };
        reported.push(format!("{}, {} signs as {principal}: {by}", role.title, group.title));
        used.extend(lines);
    }
    used.extend(allowed.naming(&format!("attest@{}", plan.checklist().id)));
    let idle: Vec<usize> = allowed.numbers().filter(|line| !used.contains(line)).collect();
    if !idle.is_empty() {
        reported.push(format!("{} can sign for no role of this checklist", numbered(&idle)));
    }
    reported
}

fn numbered(lines: &[usize]) -> String {
    let all: Vec<String> = lines.iter().map(ToString::to_string).collect();
    format!("line {}", all.join(", "))
}

fn show(ledger: &Ledger, as_json: bool, out: &mut dyn Write) -> Result<u8, Failure> {
    if as_json {
        return json(ledger, out);
    }
    let Some((stamp, signers)) = ledger.state().signers.last() else {
        writeln!(out, "no allowed signers are recorded: gonogo signers LEDGER FILE")?;
        return Ok(1);
    };
    writeln!(out, "# {} by {}, record {}, SHA-256 {}", signers.source, stamp.by, stamp.seq, signers.digest)?;
    let allowed = AllowedSigners::read(&signers.allowed_signers);
    who_may(ledger.plan(), &allowed).iter().try_for_each(|line| writeln!(out, "# {line}"))?;
    out.write_all(signers.allowed_signers.as_bytes())?;
    Ok(0)
}

/// Format 1: the file followed, and the lines that may sign for each role. Exit status 1 where none is recorded.
fn json(ledger: &Ledger, out: &mut dyn Write) -> Result<u8, Failure> {
    let recorded = ledger.state().signers.last();
    let allowed = recorded.map(|(_, signers)| AllowedSigners::read(&signers.allowed_signers));
    let groups = ledger.plan().checklist().signoffs.iter();
    let roles = groups.flat_map(|group| group.roles.iter().map(move |role| (group, role)));
    let roles: Vec<_> = roles
        .map(|(group, role)| {
            let principal = principal(ledger.plan(), role);
            let lines = allowed.as_ref().map(|allowed| allowed.naming(&principal)).unwrap_or_default();
            json!({ "group": group.id, "role": role.id, "principal": principal, "lines": lines })
        })
        .collect();
    let document = json!({
        "format": 1,
        "source": recorded.map(|(_, signers)| &signers.source),
        "digest": recorded.map(|(_, signers)| signers.digest.to_string()),
        "record": recorded.map(|(stamp, _)| stamp.seq.0),
        "by": recorded.map(|(stamp, _)| stamp.by.to_string()),
        "allowed_signers": recorded.map(|(_, signers)| &signers.allowed_signers),
        "roles": roles,
    });
    writeln!(out, "{document:#}")?;
    Ok(u8::from(recorded.is_none()))
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
