//! A sign-off with a key: worded on the ledger as it is now, signed by `ssh-keygen`, checked as anybody would check it.

use crate::checklist::model::{SignoffGroup, SignoffRole};
use crate::deployment::fact::{Approval, Head, Signature};
use crate::deployment::signoff::statement::{Said, Statement};
use crate::deployment::{Board, Intent, Operator};
use crate::identity::key::{self, Key, NoKey};
use crate::identity::signers::NotAllowed;
use crate::identity::{AllowedSigners, Signer, check, keygen};
use crate::ledger::{AppendError, Ledger};
use chrono::{DateTime, SubsecRound as _, Utc};
use thiserror::Error;

#[derive(Debug, Error)]
pub enum NotSigned {
    #[error(
        "nobody's key is allowed yet: record an allowed_signers file with gonogo signers LEDGER FILE, or attest without a key \
         by --unsigned"
    )]
    NobodyAllowed,
    #[error("the ledger holds no record yet")]
    Empty,
    #[error("{0}")]
    Ledger(#[from] AppendError),
    #[error("{0}")]
    Key(#[from] NoKey),
    #[error("not signed, and nothing was recorded: {0}")]
    Keygen(#[from] keygen::NotSigned),
    #[error("not recorded: {0}")]
    Refused(String),
}

/// What the signer says, before it is put into words.
pub struct Saying<'a> {
    pub name: &'a str,
    pub decision: Approval,
    pub comment: Option<&'a str>,
}

/// A text that may be signed, and who may.
pub struct Worded {
    pub statement: Statement,
    pub allowed: AllowedSigners,
}

impl Worded {
    /// Words a sign-off, and asks whether it would be taken: nobody types a passphrase for nothing.
    ///
    /// # Errors
    /// When it would be refused, whoever signed it.
    pub fn of(
        ledger: &mut Ledger,
        by: &Operator,
        role: (&SignoffGroup, &SignoffRole),
        saying: &Saying<'_>,
        now: DateTime<Utc>,
    ) -> Result<Self, NotSigned> {
        let allowed = allowed(ledger)?;
        let statement = statement(ledger, role, saying, now)?;
        let unsigned = Signature {
            statement: statement.text(),
            armored: String::new(),
            principal: statement.principal.clone(),
            fingerprint: String::new(),
        };
        ledger.ask(by, Intent::SignStatement(unsigned))?;
        Ok(Self { statement, allowed })
    }

    /// The key itself where the agent was named: the first of its keys that may sign this.
    ///
    /// # Errors
    /// When the agent cannot be asked, or has none.
    pub fn key(&self, key: Key) -> Result<Key, NoKey> {
        match key {
            Key::Agent => key::in_agent(&self.allowed, &self.statement.principal, self.statement.time),
            Key::File(_) | Key::Public(_) => Ok(key),
        }
    }

    /// The signature as it is recorded, and whose it is.
    ///
    /// # Errors
    /// When it does not hold, or was made by somebody who may not.
    pub fn signature(&self, ledger: &Ledger, armored: String) -> Result<(Signature, Signer), NotSigned> {
        let Self { statement, allowed } = self;
        let text = statement.text();
        let refuse = |why: String| NotSigned::Refused(why);
        // A text that is signed cannot be masked any more.
        if statement.comment.iter().chain([&statement.name]).any(|words| ledger.masked(words) != **words) {
            return Err(refuse("the comment or the name holds a secret; word it anew and sign that".to_owned()));
        }
        let signer =
            check(&armored, text.as_bytes()).map_err(|why| refuse(format!("the signature does not hold: {why}")))?;
        let (fingerprint, principal) = (signer.fingerprint(), statement.principal.clone());
        // A clock that was set back makes no key valid again.
        let latest = ledger.records().iter().map(|record| record.at).max();
        for at in [statement.time, Utc::now()].into_iter().chain(latest) {
            allowed.permit(&signer, &principal, at).map_err(|why| {
                let key = signer.key.to_openssh().unwrap_or_default();
                let line = match (&why, &signer.certificate) {
                    (NotAllowed::PrincipalUnknown | NotAllowed::KeyNotListed, None) => {
                        format!(". To allow it, add the line `{principal} {key}` and record the file with gonogo signers LEDGER FILE")
                    }
                    _ => String::new(),
                };
                refuse(format!(
                    "the key {fingerprint} may not sign as {principal}: {why}; gonogo signers LEDGER shows who may{line}"
                ))
            })?;
        }
        Ok((Signature { statement: text, armored, principal, fingerprint }, signer))
    }
}

/// Those recorded last.
///
/// # Errors
/// When nobody's are.
pub fn allowed(ledger: &Ledger) -> Result<AllowedSigners, NotSigned> {
    let recorded = ledger.state().signers.last();
    recorded.map(|(_, signers)| AllowedSigners::read(&signers.allowed_signers)).ok_or(NotSigned::NobodyAllowed)
}

/// The text of a sign-off as it would be given now.
///
/// # Errors
/// When the ledger holds no record.
pub fn statement(
    ledger: &Ledger,
    role: (&SignoffGroup, &SignoffRole),
    saying: &Saying<'_>,
    now: DateTime<Utc>,
) -> Result<Statement, NotSigned> {
    let (plan, state) = (ledger.plan().active(ledger.state()), ledger.state());
    let mut board = Board::at(&plan, state, now);
    let head = ledger.records().last().map(|last| Head { seq: last.seq, sum: last.sum.clone() });
    let comment = saying.comment.map(str::trim).filter(|comment| !comment.is_empty());
    let said = head.map(|head| Said {
        name: saying.name.trim().to_owned(),
        decision: saying.decision,
        // Signed as it is recorded: without secrets.
        comment: comment.map(|comment| ledger.masked(comment)),
        time: now.trunc_subsecs(0),
        head,
    });
    let statement = said.and_then(|said| Statement::of(&plan, state, &mut board, role, said));
    statement.ok_or(NotSigned::Empty)
}
