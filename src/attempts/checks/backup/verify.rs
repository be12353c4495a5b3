//! Reading a backup back where it lies.

use super::super::account::Trouble;
use super::{Desk, Kept, named};
use crate::database::{Address, Database, Purpose};
use crate::deployment::measurement::Verdict;

const WHAT: &str = "the backup";

impl Desk<'_> {
    /// There, of the size and checksum recorded, whole, and with the rows recorded. Nothing is written beside it.
    pub(super) async fn verify(&mut self, kept: &Kept) -> Result<(), Trouble> {
        self.console.line(&format!("reading {}", kept.path.display()));
        self.same_bytes(kept).await?;
        if self.is_of_server() {
            return self.verify_dump(kept).await;
        }
        let address = Address::Sqlite(kept.path.clone());
        let opened = Database::open(&address, Purpose::Archive, self.interrupt).await;
        let mut database = opened.map_err(|error| named(WHAT, error.into()))?;
        self.read_whole(&mut database, WHAT).await?;
        let tables = self.hold_against(&mut database, kept, WHAT).await?;
        database.close().await;
        let count = tables.len();
        self.account.find(Verdict::Pass, format!("the backup is whole, {count} tables as recorded"));
        Ok(())
    }

    pub(super) async fn same_bytes(&mut self, kept: &Kept) -> Result<(), Trouble> {
        let (bytes, sha256) = self.read_file(&kept.path, "checksum", None).await?;
        same(kept, bytes, &sha256)
    }
}

/// Holds length and checksum against those recorded.
pub(super) fn same(kept: &Kept, bytes: u64, sha256: &crate::checklist::Digest) -> Result<(), Trouble> {
    let recorded = kept.output.bytes;
    if bytes == 0 {
        return Err(Trouble::Wrong("the backup is empty".to_owned()));
    }
    if bytes != recorded {
        let word = if bytes < recorded { "truncated" } else { "altered" };
        return Err(Trouble::Wrong(format!("the backup is {word}: {bytes} bytes, {recorded} were recorded")));
    }
    if *sha256 != kept.output.sha256 {
        let recorded = &kept.output.sha256;
        let (now, then) = (sha256.short(), recorded.short());
        return Err(Trouble::Wrong(format!("the backup is altered: its SHA-256 is {now}…, {then}… was recorded")));
    }
    Ok(())
}
