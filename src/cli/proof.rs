//! Signing, and what an auditor asks.

use super::On;
use crate::checklist::offset::Span;
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
pub struct Sign {
    #[command(flatten)]
    pub on: On,
    /// The role, or GROUP/ROLE where several groups have it; without one the roles are listed
    pub role: Option<String>,
    /// Say no-go instead of go
    #[arg(long)]
    pub no_go: bool,
    /// A comment; needed for a no-go
    #[arg(long, alias = "reason", value_name = "TEXT")]
    pub note: Option<String>,
    /// Sign with this SSH key, or with one that the agent holds; your own from ~/.config/gonogo/config.toml or from git
    /// unless given
    #[arg(long, value_name = "FILE|agent", conflicts_with = "unsigned")]
    pub key: Option<String>,
    /// Attest without a signature
    #[arg(long)]
    pub unsigned: bool,
    /// Print the text that would be signed, and record nothing
    #[arg(long)]
    pub print: bool,
    /// Record a text from --print that was signed elsewhere with ssh-keygen
    #[arg(long, value_name = "FILE", requires = "signature", conflicts_with_all = ["print", "key", "unsigned"])]
    pub statement: Option<PathBuf>,
    /// Its signature, FILE.sig
    #[arg(long, value_name = "FILE", requires = "statement")]
    pub signature: Option<PathBuf>,
    /// Withdraw the sign-off, for this reason
    #[arg(long, value_name = "REASON", conflicts_with_all = ["print", "key", "statement", "no_go", "note"])]
    pub withdraw: Option<String>,
    /// The evidence was read elsewhere: sign without showing it. Implied where there is no terminal
    #[arg(long)]
    pub reviewed: bool,
    /// Sign without asking once more on a terminal
    #[arg(long)]
    pub yes: bool,
    /// Print JSON (format 1): every line with how it stands
    #[arg(long, conflicts_with = "print")]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Signers {
    #[command(flatten)]
    pub on: On,
    /// The `allowed_signers` file to follow from here on; without one those recorded are printed
    pub file: Option<PathBuf>,
    /// Why it is recorded
    #[arg(long = "note", alias = "reason", value_name = "TEXT", requires = "file")]
    pub reason: Option<String>,
    /// Print JSON (format 1)
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Default, Args)]
pub struct Verify {
    /// Ledger, NAME.ledger.toml; not needed for what an --attestation proves by itself
    #[arg(required_unless_present = "attestation")]
    pub ledger: Option<PathBuf>,
    /// Print JSON (format 1)
    #[arg(long)]
    pub json: bool,
    /// Check signers against this `allowed_signers` file, and not against those recorded in the ledger
    #[arg(long, value_name = "FILE")]
    pub allowed_signers: Option<PathBuf>,
    /// A line that `gonogo anchor` printed: proves that this ledger extends it. May be given several times
    #[arg(long, value_name = "LINE", requires = "ledger")]
    pub anchor: Vec<String>,
    /// An attestation that `gonogo report --format in-toto` wrote: proves that this ledger says what it states
    #[arg(long, value_name = "FILE")]
    pub attestation: Option<PathBuf>,
    /// Of whoever may sign, accept this principal only. May be given several times
    #[arg(long, value_name = "PRINCIPAL", requires = "attestation")]
    pub principal: Vec<String>,
    /// Exit status 16 unless the attestation states a GO that stands, and no rehearsal
    #[arg(long, requires = "attestation")]
    pub require_go: bool,
    /// Keys that do not count any more: a KRL, or public keys one a line
    #[arg(long, value_name = "FILE")]
    pub revoked: Option<PathBuf>,
    /// Certificate that time stamping authorities are held to, PEM
    #[arg(long, value_name = "FILE", requires = "ledger")]
    pub tsa_ca: Option<PathBuf>,
    /// Write each signed text, its signature and the allowed signers to this folder, to check with ssh-keygen
    #[arg(long, value_name = "DIR", requires = "ledger")]
    pub extract: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Anchor {
    #[command(flatten)]
    pub on: On,
    /// Have the line stamped by a time stamping authority (RFC 3161), keep its answer and record it
    #[arg(long)]
    pub timestamp: bool,
    /// Address of the authority; that of `GONOGO_TSA_URL` or of ~/.config/gonogo/config.toml unless given
    #[arg(long, value_name = "URL", requires = "timestamp")]
    pub tsa: Option<String>,
    /// Certificate that the authority is held to, PEM
    #[arg(long, value_name = "FILE", requires = "timestamp")]
    pub tsa_ca: Option<PathBuf>,
    /// Print, record and send a line so often, such as 1h, and at the decision and the end, until the deployment is closed
    #[arg(long, value_name = "TIME", value_parser = Span::parse)]
    pub every: Option<Span>,
}

#[derive(Debug, Args)]
pub struct Diff {
    /// Ledger, NAME.ledger.toml
    pub ledger: PathBuf,
    /// The sign-off: its record's number, or the role as GROUP/ROLE
    #[arg(long, value_name = "SIGNOFF")]
    pub since: String,
    /// Print JSON (format 1)
    #[arg(long)]
    pub json: bool,
}
