//! Evidence files, compared with the digests in the ledger.

use crate::attempts::files::AttemptFiles;
use crate::deployment::Seq;
use crate::deployment::attempt::{AttemptNumber, Output};
use crate::input;
use crate::ledger::Layout;
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};
use std::io::{self, Read as _};
use std::path::Path;

/// Outputs of finished attempts that are gone or not what was recorded.
pub(super) fn spoiled(layout: &Layout, outputs: &[(Seq, AttemptNumber, Output)]) -> Vec<String> {
    let spoiled = outputs.iter().filter_map(|(seq, attempt, output)| {
        // Every attempt has a file of its own, in the ledger's folder: another one proves nothing of it.
        let own = AttemptFiles::new(layout.evidence(), *attempt).log_name();
        if output.file != own {
            let named = crate::harmless::line(&output.file);
            return Some(format!(
                "the output of attempt {attempt} (record {seq}) is {own}, and the record names {named}"
            ));
        }
        let path = layout.evidence().join(&output.file);
        let why = wrong(&path, output)?;
        Some(format!("the output of attempt {attempt} (record {seq}), {}, {why}", path.display()))
    });
    spoiled.collect()
}

/// Files that hold what was recorded and are links to somewhere else: this program writes none.
pub(super) fn linked(layout: &Layout, outputs: &[(Seq, AttemptNumber, Output)]) -> Vec<String> {
    let paths = outputs.iter().map(|(_, _, output)| layout.evidence().join(&output.file));
    let linked = paths.filter(|path| path.is_symlink());
    linked.map(|path| format!("{} is a symbolic link, and not the file that was written", path.display())).collect()
}

/// What is wrong with a file; nothing when it is what was recorded.
pub(crate) fn wrong(path: &Path, output: &Output) -> Option<String> {
    match sum_of(path, output.bytes) {
        Ok(Some(_)) if is_longer(path, output.bytes) => Some("is longer than what was recorded".to_owned()),
        Ok(Some(sum)) if sum == output.sha256.to_string() => None,
        Ok(Some(_)) => Some("is not what was recorded".to_owned()),
        Ok(None) => Some("is shorter than what was recorded".to_owned()),
        Err(error) => Some(format!("cannot be read: {error}")),
    }
}

fn is_longer(path: &Path, bytes: u64) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| metadata.len() > bytes)
}

/// The SHA-256 of a file's first `bytes`; `None` when it has fewer.
fn sum_of(path: &Path, bytes: u64) -> io::Result<Option<String>> {
    let mut file = input::open(path, u64::MAX)?.take(bytes);
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    let mut left = bytes;
    while left > 0 {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(None);
        }
        hasher.update(&buffer[..read]);
        left -= read as u64;
    }
    Ok(Some(HEXLOWER.encode(&hasher.finalize())))
}
