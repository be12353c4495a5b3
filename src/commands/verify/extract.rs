//! Signed texts and their signatures as files, so that anybody can check them with plain `ssh-keygen`.

use super::signed;
use crate::identity::NAMESPACE;
use crate::ledger::Ledger;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

/// Writes `NNNN.txt`, `NNNN.txt.sig` for each, the allowed signers recorded last, and `check.sh` with the commands.
pub(super) fn extract(ledger: &Ledger, folder: &Path) -> io::Result<String> {
    fs::create_dir_all(folder)?;
    // What is trusted may lie there: the reader's own list of who may sign, or the ledger's evidence.
    if fs::read_dir(folder)?.next().is_some() {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "it is not empty; name a new folder"));
    }
    if let Some((_, signers)) = ledger.state().signers.last() {
        fs::write(folder.join("allowed_signers"), &signers.allowed_signers)?;
    }
    let mut script = String::from(
        "#!/bin/sh\n# Checks every signed text with ssh-keygen alone.\nset -e\ncd \"$(dirname \"$0\")\"\n",
    );
    let mut written = 0;
    for (seq, signature) in signed(ledger) {
        let name = format!("{:04}.txt", seq.0);
        fs::write(folder.join(&name), &signature.statement)?;
        fs::write(folder.join(format!("{name}.sig")), &signature.armored)?;
        let principal = quoted(&signature.principal);
        let _ = writeln!(
            script,
            "ssh-keygen -Y verify -f allowed_signers -I {principal} -n {NAMESPACE} -s {name}.sig < {name}"
        );
        written += 1;
    }
    fs::write(folder.join("check.sh"), script)?;
    Ok(format!("{written} signed texts are in {}; `sh check.sh` there checks them with ssh-keygen", folder.display()))
}

/// For a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
