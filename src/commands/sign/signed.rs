//! The text of a sign-off: shown, signed, checked and recorded.

use crate::checklist::model::{SignoffGroup, SignoffRole};
use crate::commands::Failure;
use crate::deployment::fact::Approval;
use crate::deployment::signoff::statement::Statement;
use crate::deployment::signoff::{evidence, policy};
use crate::deployment::{Intent, Operator};
use crate::harmless::one_line;
use crate::identity::key::Key;
use crate::identity::keygen;
use crate::input;
use crate::ledger::Ledger;
use crate::printed;
use crate::signing::{self, NotSigned, Worded};
use chrono::Utc;
use std::io::Write;
use std::path::Path;

/// The longest statement, and the longest signature.
const LONGEST: u64 = 1 << 20;

/// What the signer says, before it is put into words.
pub(super) struct Saying {
    pub decision: Approval,
    pub comment: Option<String>,
    /// Whether to sign without asking once more.
    pub yes: bool,
}

impl Saying {
    fn by<'a>(&'a self, by: &'a Operator) -> signing::Saying<'a> {
        signing::Saying { name: &by.says, decision: self.decision, comment: self.comment.as_deref() }
    }
}

impl From<NotSigned> for Failure {
    fn from(why: NotSigned) -> Self {
        match why {
            NotSigned::Ledger(error) => error.into(),
            NotSigned::NobodyAllowed | NotSigned::Refused(_) => Self::refused(why.to_string()),
            NotSigned::Empty | NotSigned::Key(_) | NotSigned::Keygen(_) => Self::not_fine(why.to_string()),
        }
    }
}

type Role<'a> = (&'a SignoffGroup, &'a SignoffRole);

/// Prints the text that would be signed, and nothing else, so that it can be signed elsewhere.
pub(super) fn print(
    ledger: &Ledger,
    by: &Operator,
    role: Role<'_>,
    saying: &Saying,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let statement = signing::statement(ledger, role, &saying.by(by), Utc::now())?;
    out.write_all(statement.text().as_bytes())?;
    Ok(0)
}

/// Shows the text, has it signed, and records it.
pub(super) fn sign(
    ledger: &mut Ledger,
    by: &Operator,
    role: Role<'_>,
    key: &Key,
    saying: &Saying,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let worded = Worded::of(ledger, by, role, &saying.by(by), Utc::now())?;
    let text = worded.statement.text();
    let key = worded.key(key.clone()).map_err(NotSigned::from)?;
    show(ledger, role, &text, saying, out)?;
    let armored = keygen::sign(&key, text.as_bytes(), &mut printed::err()).map_err(NotSigned::from)?;
    record(ledger, by, &worded, armored, out)
}

/// Records a text that was signed elsewhere.
pub(super) fn bring(
    ledger: &mut Ledger,
    by: &Operator,
    (group, role): Role<'_>,
    [statement, signature]: [&Path; 2],
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let read = |path: &Path| -> Result<String, Failure> {
        let refuse = |why: String| Failure::usage(format!("{} cannot be read: {why}", path.display()));
        let bytes = input::read(path, LONGEST).map_err(|error| refuse(error.to_string()))?;
        String::from_utf8(bytes).map_err(|_| refuse("it is no UTF-8".to_owned()))
    };
    let (text, armored) = (read(statement)?, read(signature)?);
    let stated = Statement::read(&text)
        .map_err(|why| Failure::usage(format!("{} is no statement of gonogo: {why}", statement.display())))?;
    if (&stated.group, &stated.role) != (&group.id, &role.id) {
        let text = format!("{} is for {}/{}, not for this role", statement.display(), stated.group, stated.role);
        return Err(Failure::refused(text));
    }
    let worded = Worded { statement: stated, allowed: signing::allowed(ledger)? };
    record(ledger, by, &worded, armored, out)
}

fn record(
    ledger: &mut Ledger,
    by: &Operator,
    worded: &Worded,
    armored: String,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let (signature, signer) = worded.signature(ledger, armored)?;
    let fingerprint = signature.fingerprint.clone();
    let role = (&worded.statement.group, &worded.statement.role);
    let replaced =
        policy::standing_signature(ledger.state(), role.0, role.1).filter(|old| old.fingerprint != fingerprint);
    let replaced = replaced
        .map(|old| format!("It replaces {}'s signature with {} (record {})", old.name, old.fingerprint, old.record));
    ledger.append(by, Intent::SignStatement(signature))?;
    let (title, word) = (one_line(&worded.statement.title), worded.statement.decision.word().to_uppercase());
    writeln!(out, "{} signed {title}: {word}, with {} {fingerprint}", one_line(&by.to_string()), signer.kind())?;
    if let Some(replaced) = replaced {
        writeln!(out, "{replaced}")?;
    }
    Ok(0)
}

fn show(
    ledger: &Ledger,
    (group, role): Role<'_>,
    text: &str,
    saying: &Saying,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    writeln!(out, "This text is signed:\n")?;
    text.lines().try_for_each(|line| writeln!(out, "  {line}"))?;
    let exceptions = evidence::exceptions(ledger.plan(), ledger.state(), group);
    if !exceptions.is_empty() {
        writeln!(out, "\nFailed, waived or overridden in these phases:")?;
        exceptions.iter().try_for_each(|line| writeln!(out, "  {line}"))?;
    }
    if let Some(standing) = policy::standing_signature(ledger.state(), &group.id, &role.id) {
        let policy::StandingSignature { record, name, fingerprint } = standing;
        writeln!(out, "\nSigned now by {name} with {fingerprint} (record {record}); this takes its place.")?;
    }
    writeln!(out)?;
    if printed::is_terminal() && !saying.yes {
        write!(out, "Enter signs it, Ctrl-C leaves. ")?;
        out.flush()?;
        std::io::stdin().read_line(&mut String::new())?;
    }
    Ok(out.flush()?)
}
