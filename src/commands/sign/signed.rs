//! The text of a sign-off: shown, signed, checked and recorded.

use crate::checklist::model::{SignoffGroup, SignoffRole};
use crate::commands::Failure;
use crate::deployment::fact::{Approval, Head, Signature};
use crate::deployment::signoff::evidence;
use crate::deployment::signoff::statement::{Said, Statement};
use crate::deployment::{Board, Intent, Operator};
use crate::identity::key::{self, Key};
use crate::identity::{AllowedSigners, check, keygen};
use crate::input;
use crate::ledger::Ledger;
use crate::printed;
use chrono::{DateTime, SubsecRound as _, Utc};
use std::io::Write;
use std::path::Path;

/// The longest statement, and the longest signature.
const LONGEST: u64 = 1 << 20;

/// What the signer says, before it is put into words.
pub struct Saying {
    pub decision: Approval,
    pub comment: Option<String>,
    /// Whether to sign without asking once more.
    pub yes: bool,
}

type Role<'a> = (&'a SignoffGroup, &'a SignoffRole);

/// Prints the text that would be signed, and nothing else, so that it can be signed elsewhere.
pub fn print(
    ledger: &Ledger,
    by: &Operator,
    role: Role<'_>,
    saying: &Saying,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let statement = statement(ledger, by, role, saying, Utc::now())?;
    out.write_all(statement.text().as_bytes())?;
    Ok(0)
}

/// Shows the text, has it signed, and records it.
pub fn sign(
    ledger: &mut Ledger,
    by: &Operator,
    role: Role<'_>,
    key: &Key,
    saying: &Saying,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let allowed = allowed(ledger)?;
    let now = Utc::now();
    let statement = statement(ledger, by, role, saying, now)?;
    let text = statement.text();
    // Before anybody types a passphrase for nothing.
    let unsigned = Signature {
        statement: text.clone(),
        armored: String::new(),
        principal: statement.principal.clone(),
        fingerprint: String::new(),
    };
    ledger.ask(by, Intent::SignStatement(unsigned))?;
    let chosen = match key {
        Key::Agent => {
            Some(key::in_agent(&allowed, &statement.principal, now).map_err(|why| Failure::not_fine(why.to_string()))?)
        }
        Key::File(_) | Key::Public(_) => None,
    };
    show(ledger, role, &text, saying, out)?;
    let armored = keygen::sign(chosen.as_ref().unwrap_or(key), text.as_bytes(), &mut printed::err())
        .map_err(|why| Failure::not_fine(format!("not signed, and nothing was recorded: {why}")))?;
    record(ledger, by, &statement, armored, &allowed, out)
}

/// Records a text that was signed elsewhere.
pub fn bring(
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
    let allowed = allowed(ledger)?;
    record(ledger, by, &stated, armored, &allowed, out)
}

fn record(
    ledger: &mut Ledger,
    by: &Operator,
    statement: &Statement,
    armored: String,
    allowed: &AllowedSigners,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let text = statement.text();
    let refuse = |why: String| Failure::refused(format!("not recorded: {why}"));
    // A text that is signed cannot be masked any more.
    if statement.comment.iter().chain([&statement.name]).any(|words| ledger.masked(words) != **words) {
        return Err(refuse("the comment or the name holds a secret; word it anew and sign that".to_owned()));
    }
    let signer =
        check(&armored, text.as_bytes()).map_err(|why| refuse(format!("the signature does not hold: {why}")))?;
    let (fingerprint, principal) = (signer.fingerprint(), statement.principal.clone());
    for at in [statement.time, Utc::now()] {
        allowed.permit(&signer, &principal, at).map_err(|why| {
            refuse(format!("the key {fingerprint} may not sign as {principal}: {why}; gonogo signers shows who may"))
        })?;
    }
    let signature = Signature { statement: text, armored, principal, fingerprint: fingerprint.clone() };
    ledger.append(by, Intent::SignStatement(signature))?;
    let (title, word) = (&statement.title, statement.decision.word().to_uppercase());
    writeln!(out, "{by} signed {title}: {word}, with {} {fingerprint}", signer.kind())?;
    Ok(0)
}

fn show(
    ledger: &Ledger,
    (group, _): Role<'_>,
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
    writeln!(out)?;
    if printed::is_terminal() && !saying.yes {
        write!(out, "Enter signs it, Ctrl-C leaves. ")?;
        out.flush()?;
        std::io::stdin().read_line(&mut String::new())?;
    }
    Ok(out.flush()?)
}

/// Those recorded last.
fn allowed(ledger: &Ledger) -> Result<AllowedSigners, Failure> {
    let recorded = ledger.state().signers.last();
    let missing = "nobody's key is allowed yet: record an allowed_signers file with gonogo signers LEDGER FILE, or attest \
                   without a key by --unsigned";
    recorded.map(|(_, signers)| AllowedSigners::read(&signers.allowed_signers)).ok_or_else(|| Failure::refused(missing))
}

fn statement(
    ledger: &Ledger,
    by: &Operator,
    role: Role<'_>,
    saying: &Saying,
    now: DateTime<Utc>,
) -> Result<Statement, Failure> {
    let (plan, state) = (ledger.plan().in_force(ledger.state()), ledger.state());
    let mut board = Board::at(&plan, state, now);
    let head = ledger.records().last().map(|last| Head { seq: last.seq, sum: last.sum.clone() });
    let comment = saying.comment.as_deref().map(str::trim).filter(|comment| !comment.is_empty());
    let said = head.map(|head| Said {
        name: by.says.trim().to_owned(),
        decision: saying.decision,
        // Signed as it is recorded: without secrets.
        comment: comment.map(|comment| ledger.masked(comment)),
        time: now.trunc_subsecs(0),
        head,
    });
    let statement = said.and_then(|said| Statement::of(&plan, state, &mut board, role, said));
    statement.ok_or_else(|| Failure::not_fine("the ledger holds no record yet"))
}
