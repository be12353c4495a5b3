//! Where a run is to end, reported before anything runs: a step is turned into the revision it means, or the run is refused.

use super::Run;
use super::asking::Stands;
use crate::attempts::outcome::completed;
use crate::checklist::check::Direction;
use crate::checklist::environment::MigratorKind;
use crate::deployment::attempt::Outcome;
use crate::deployment::measurement::Verdict;
use crate::deployment::standing::Standing;
use crate::migration::lineage::{Lineage, relative};

/// Where a run leads.
pub(super) struct Way {
    /// [`Stands::Unknown`] where only the exit status can tell.
    pub end: Stands,
    /// What the item's `to` means.
    pub revision: String,
    step: bool,
    exact: bool,
}

impl Way {
    /// Whether the item names a step and no revision.
    pub(super) fn is_relative(&self) -> bool {
        self.step
    }

    /// What the migrator is reported: the revision where it takes one, so that a database which has moved meanwhile is not
    /// moved further.
    pub(super) fn reported<'a>(&'a self, to: &'a str) -> &'a str {
        if self.step && self.exact { &self.revision } else { to }
    }
}

impl Run<'_> {
    /// Where the run should end.
    ///
    /// # Errors
    /// A sentence when that cannot be reported, or when it is not where the item expects to go.
    pub(super) fn way(&self, now: &Stands, lineage: &Lineage) -> Result<Way, String> {
        let (to, direction) = (self.check.to.as_str(), self.check.direction);
        let step = relative(to).1.is_some();
        let exact = self.migrator.kind == MigratorKind::Alembic;
        let whole = |end| Way { end, revision: to.to_owned(), step, exact };
        let unresolved = |why: &str| {
            Err(format!(
                "nobody can tell which revision `{to}` means: {why}; write the revision to go to, nothing was run"
            ))
        };
        let Stands::At(now) = now else {
            return match to {
                _ if step => unresolved("the migrator has no command that shows where the database is"),
                "head" | "heads" if lineage.is_empty() => Ok(whole(Stands::Unknown)),
                _ => Ok(whole(Stands::At(
                    lineage
                        .destination(&Standing::base(), Direction::Current, to)
                        .map_or_else(|_| Standing::at((to != "base").then_some(to)), |found| found.end),
                ))),
            };
        };
        if lineage.is_empty() {
            return match to {
                _ if step => unresolved("the migrator's revisions are not known, and the checklist lists none"),
                // The exit status and the aftermath tell.
                "head" | "heads" if direction == Direction::Upgrade => Ok(whole(Stands::Unknown)),
                "head" | "heads" => Err(NO_HEAD.to_owned()),
                "base" => Ok(whole(Stands::At(Standing::base()))),
                revision => Ok(whole(Stands::At(Standing::at([revision])))),
            };
        }
        let found = match lineage.destination(now, direction, to) {
            // A revision nobody listed is no reason not to look whether the database is there.
            Err(_) if direction == Direction::Current && !step => return Ok(whole(Stands::At(Standing::at([to])))),
            found => found.map_err(|why| why.to_string())?,
        };
        Ok(Way { end: Stands::At(found.end), revision: found.revision, step, exact })
    }

    /// Why the run may not start from here.
    pub(super) fn departure_trouble(&self, now: &Stands, lineage: &Lineage) -> Option<String> {
        let from = self.check.from.as_deref()?;
        let expected = match lineage.destination(&Standing::base(), Direction::Current, from) {
            Ok(found) => found.end,
            Err(_) => Standing::parse(from),
        };
        if matches!(now, Stands::At(now) if now.is_same(&lineage.plain(&expected))) {
            return None;
        }
        Some(format!(
            "the database is at {}, and this item starts from {from}: going to {} from there is not what it was written for, \
             nothing was run",
            now.name(),
            self.check.to
        ))
    }
}

const NO_HEAD: &str = "nobody can tell the head: the migrator's revisions are not known; list them in the environment";

/// What a check that only asks where the database stands comes to.
pub(super) fn evaluate_standing(now: &Stands, wanted: &Stands) -> Outcome {
    let revision = now.known();
    if *now == Stands::Unknown {
        let detail = "the migrator has no command that shows where the database stands; give it a `current`";
        return completed(Verdict::Inconclusive, detail, Vec::new());
    }
    let detail = format!("the database stands at {}", now.name());
    if now.is_at(wanted) {
        return Outcome { revision, ..completed(Verdict::Pass, detail, Vec::new()) };
    }
    let detail = format!("{detail} instead of {}", wanted.name());
    Outcome { revision, ..completed(Verdict::Fail, detail, Vec::new()) }
}
