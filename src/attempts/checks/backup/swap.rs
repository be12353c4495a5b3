//! Putting a restored backup in the place of the environment's database: restored beside it, compared, and swapped in by
//! renaming. Nothing is overwritten: the database that stood there is kept under a name with the time.

use super::super::account::Trouble;
use super::super::{place, rows};
use super::{Desk, Kept};
use crate::checklist::check::{Backup, BackupStage};
use crate::checklist::{Check, Item};
use crate::database::{Address, Database};
use crate::deployment::measurement::Verdict;
use crate::deployment::standing::{self, Standing};
use chrono::{DateTime, Utc};

/// More revisions than a database can be at.
const MOST_HEADS: usize = 1_000;
/// The longest name that PostgreSQL keeps whole, in bytes.
const LONGEST_NAME: usize = 63;

impl Desk<'_> {
    pub(super) async fn swap(&mut self, kept: &Kept) -> Result<(), Trouble> {
        match place::address(self.assignment)? {
            Address::Postgres(address) => self.swap_server(kept, &address).await,
            Address::Sqlite(path) => self.swap_file(kept, &path).await,
        }
    }

    /// A backup that nobody has read back since it was made is no ground to take a database away for.
    pub(super) fn is_verified(&self, backup: &Backup) -> Result<(), Trouble> {
        let Some(made_by) = &backup.of else { return Ok(()) };
        let made = rows::latest_passed(self.assignment, made_by)?.number;
        let verified = self.assignment.state.attempts.iter().any(|attempt| {
            let passed = attempt.outcome().is_some_and(|outcome| outcome.verdict == Verdict::Pass);
            let check = self.assignment.plan.item(&attempt.item).map(|item| &item.check);
            let of_it = matches!(check, Some(Check::Backup(looked)) if looked.stage.verifies()
                && (looked.of.as_ref() == Some(made_by) || attempt.item == *made_by));
            passed && of_it && attempt.number >= made
        });
        if verified {
            return Ok(());
        }
        Err(Trouble::NotStarted(format!(
            "the backup of \"{}\" was never read back or restored to scratch; have it verified first",
            rows::title(self.assignment, made_by)
        )))
    }

    /// The title of the item that is to put a backup in the place of this environment's database, where there is one.
    pub(super) fn planned_swap(&self) -> Option<String> {
        if self.assignment.environment.commands.contains_key(super::put_back::COMMAND) {
            return None;
        }
        let plan = &self.assignment.plan;
        let here = &self.assignment.environment_name;
        let swaps = |item: &Item| {
            matches!(&item.check, Check::Backup(backup) if backup.stage == BackupStage::Swap)
                && plan.environment_of(item).is_some_and(|(name, _)| name == here)
        };
        let mut items = plan.order().iter().filter_map(|id| plan.item(id));
        items.find(|item| swaps(item)).map(|item| item.title.clone())
    }

    /// Where a database stands by the migrator's own table; nothing where it cannot be reported.
    pub(super) async fn revision(&self, database: &mut Database) -> Option<String> {
        let migrator = self.assignment.environment.migrator.as_ref()?;
        let rows = database.rows(&migrator.book()?.stands(), MOST_HEADS).await.ok()?;
        let reported = rows.rows.iter().filter_map(|row| row.first()).map(ToString::to_string);
        // sqlx keeps bare numbers; the chain has them with their zeros.
        let known = |reported: String| {
            let place = standing::place(&migrator.revisions, &reported);
            place.and_then(|place| migrator.revisions.get(place)).map_or(reported, |revision| revision.id.clone())
        };
        let standing = Standing::at(reported.map(known));
        (!standing.is_base()).then(|| standing.to_string())
    }
}

/// Holds the revision of a copy against the one recorded, where both are known.
pub(super) fn same_revision(kept: &Kept, now: Option<&str>) -> Result<(), Trouble> {
    match (kept.revision.as_deref(), now) {
        (Some(then), Some(now)) if !Standing::parse(then).is_same(&Standing::parse(now)) => Err(Trouble::Wrong(
            format!("the restored copy stands at {now}, the database stood at {then} when the backup was made"),
        )),
        _ => Ok(()),
    }
}

/// `NAME_before_YYYYmmdd_HHMMSS` in UTC, cut so that it is kept whole.
pub(super) fn dated_name(name: &str, at: DateTime<Utc>) -> String {
    let ending = format!("_before_{}", at.format("%Y%m%d_%H%M%S"));
    let room = LONGEST_NAME - ending.len();
    let end = (0..=room.min(name.len())).rev().find(|end| name.is_char_boundary(*end)).unwrap_or(0);
    format!("{}{ending}", &name[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_one_before_is_kept_whole() {
        let at = DateTime::from_timestamp(1_795_370_407, 0).unwrap();
        assert_eq!(dated_name("hub", at), "hub_before_20261122_180007");
        let long = dated_name(&"ä".repeat(60), at);
        assert!(long.len() <= LONGEST_NAME && long.ends_with("_before_20261122_180007"), "{long}");
    }
}
