//! What a migration left behind, looked at whatever its exit status was: the migrator's own table against what it answers,
//! invalid indexes, constraints nobody validated, and sessions that outlived it.

use super::Run;
use super::asking::Stands;
use super::following::Moved;
use crate::attempts::observer::ask::Server;
use crate::attempts::observer::own::Own;
use crate::attempts::observer::{answer, can_watch, orphans};
use crate::checklist::environment::MigratorKind;
use crate::checklist::migrator::{Book, known_by_stamp};
use crate::database::DatabaseError;
use crate::deployment::attempt::{End, Outcome};
use crate::deployment::live;
use crate::deployment::measurement::Verdict;
use crate::deployment::standing::Standing;
use crate::migration::lineage::Lineage;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How long a session may take to notice that its client is gone; the server looks once a second.
const LEAVING: Duration = Duration::from_secs(4);

const INVALID: &str = "SELECT c.relname || ' on ' || t.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
    JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace \
    WHERE NOT i.indisvalid AND c.relkind = 'i' AND n.nspname NOT LIKE 'pg\\_%' \
    AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid) ORDER BY 1";
const UNVALIDATED: &str = "SELECT k.conname || ' on ' || t.relname FROM pg_constraint k \
    JOIN pg_class t ON t.oid = k.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace \
    WHERE NOT k.convalidated AND n.nspname NOT LIKE 'pg\\_%' ORDER BY 1";

/// What was found, by how bad it is.
#[derive(Debug, Clone, Default)]
pub(super) struct Aftermath {
    pub wrong: Vec<String>,
    pub unclear: Vec<String>,
    pub notes: Vec<String>,
}

/// What was there before the run, which therefore did not leave it.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    /// The server's time before the run.
    since: Option<String>,
    invalid: Vec<String>,
    unvalidated: Vec<String>,
}

impl Aftermath {
    /// Adds what was found to the outcome, which may only get worse by it.
    pub(super) fn tell(&self, outcome: &mut Outcome) {
        for (verdict, found) in [(Verdict::Fail, &self.wrong), (Verdict::Inconclusive, &self.unclear)] {
            if !found.is_empty() {
                outcome.verdict = outcome.verdict.and(verdict);
            }
        }
        let parts: Vec<&str> =
            [&self.wrong, &self.unclear, &self.notes].into_iter().flatten().map(String::as_str).collect();
        if !parts.is_empty() {
            outcome.detail = format!("{}; aftermath: {}", outcome.detail, parts.join("; "));
        }
    }
}

impl Run<'_> {
    fn server(&self) -> Option<&str> {
        self.url.as_deref().filter(|url| can_watch(url))
    }

    /// What is invalid before the run.
    pub(super) async fn left_before(&self) -> Known {
        let Some(url) = self.server() else { return Known::default() };
        let Ok(mut server) = answer(Server::connect(url)).await else { return Known::default() };
        let since = list(&mut server, "SELECT clock_timestamp()::text").await.unwrap_or_default();
        let known = Known {
            since: since.into_iter().next(),
            invalid: list(&mut server, INVALID).await.unwrap_or_default(),
            unvalidated: list(&mut server, UNVALIDATED).await.unwrap_or_default(),
        };
        server.close().await;
        known
    }

    /// Looks at what the run left behind, and says it in the output.
    pub(super) async fn inspect(
        &self,
        moved: &Moved,
        stands: Option<&Stands>,
        lineage: &Lineage,
        known: Known,
    ) -> Aftermath {
        let Some(url) = self.server() else { return Aftermath::default() };
        let mut found = Aftermath::default();
        self.console.line("looking at what the migration left behind");
        self.sessions(url, moved, known.since.as_deref(), &mut found).await;
        match answer(Server::connect(url)).await {
            Ok(mut server) => {
                self.objects(&mut server, known, &mut found).await;
                self.books(&mut server, stands, lineage, &mut found).await;
                server.close().await;
            }
            Err(why) => found.unclear.push(format!("the database could not be looked at: {why}")),
        }
        let failed = moved.ended.end != End::Completed || moved.ended.exit != Some(0);
        let clean = found.wrong.is_empty() && found.unclear.is_empty();
        if clean && failed {
            found
                .notes
                .push("no invalid index, no constraint left unvalidated, no session and no lock left".to_owned());
        }
        for line in found.wrong.iter().chain(&found.unclear).chain(&found.notes) {
            self.console.line(&format!("aftermath: {line}"));
        }
        if clean && !failed {
            self.console.line("aftermath: nothing left behind");
        }
        found
    }

    /// Sessions of the attempt that are still there. Those of a migrator that was ended are ended, too.
    async fn sessions(&self, url: &str, moved: &Moved, since: Option<&str>, found: &mut Aftermath) {
        let tag = live::tag(&self.assignment.state, self.assignment.attempt);
        let mut own = moved.seen.as_ref().map_or_else(|| Own::of(&tag), |seen| seen.own.clone());
        let mut left = orphans::wait(url, &own, LEAVING).await;
        let was_ended = moved.ended.end != End::Completed || moved.ended.signal.is_some();
        if was_ended && left.as_ref().is_ok_and(|left| !left.is_empty()) {
            left = orphans::end(url, &mut own, self.console).await;
        }
        let seen = moved.seen.as_ref().is_some_and(|seen| seen.it) || self.takes_name.load(Ordering::Relaxed);
        match left {
            Ok(left) if left.is_empty() && seen => {}
            Ok(left) if left.is_empty() => found.unclear.extend(unrecognised(url, since).await),
            Ok(left) => found.unclear.push(format!("sessions of this attempt are still there: {}", left.join(", "))),
            Err(why) => found.unclear.push(format!("its sessions could not be looked for: {why}")),
        }
    }

    async fn objects(&self, server: &mut Server, known: Known, found: &mut Aftermath) {
        match list(server, INVALID).await {
            Ok(now) => {
                let (old, new): (Vec<_>, Vec<_>) = now.into_iter().partition(|index| known.invalid.contains(index));
                if !new.is_empty() {
                    let (names, them) = (new.join(", "), if new.len() == 1 { "it" } else { "them" });
                    found.wrong.push(format!("invalid index left: {names}; drop {them} before the next run"));
                }
                if !old.is_empty() {
                    found.notes.push(format!("invalid before already: {}", old.join(", ")));
                }
            }
            Err(why) => found.unclear.push(format!("indexes could not be looked at: {why}")),
        }
        match list(server, UNVALIDATED).await {
            Ok(now) => {
                let new: Vec<_> = now.into_iter().filter(|name| !known.unvalidated.contains(name)).collect();
                if !new.is_empty() {
                    found.unclear.push(format!("never validated: {}; VALIDATE CONSTRAINT shows", new.join(", ")));
                }
            }
            Err(why) => found.unclear.push(format!("constraints could not be looked at: {why}")),
        }
    }

    /// The migrator's own table against what the migrator answers.
    async fn books(&self, server: &mut Server, stands: Option<&Stands>, lineage: &Lineage, found: &mut Aftermath) {
        let Some(mut book) = self.migrator.book() else { return };
        let mut there = is_there(server, &book).await;
        if matches!(there, Ok(false)) && self.migrator.kind == MigratorKind::Alembic && !book.given {
            // env.py may have given it another name, which the migrator shows without touching the database.
            let stamp = format!("{} stamp heads --sql", self.migrator.command);
            if let Some(name) =
                self.answer(&stamp, "`stamp --sql` of the migrator").await.ok().as_deref().and_then(known_by_stamp)
            {
                book = book.named(&name);
                there = is_there(server, &book).await;
            }
        }
        let name = book.name();
        match there {
            Ok(true) => {}
            // Nothing was ever applied, or it is kept elsewhere.
            Ok(false) if matches!(stands, Some(Stands::At(standing)) if !standing.is_base()) => {
                let what =
                    format!("{name} is not there, so the migrator's answer was not compared; set its `version_table`");
                return found.notes.push(what);
            }
            Ok(false) => return,
            Err(why) => return found.unclear.push(format!("{name} could not be read: {why}")),
        }
        if let Some(sql) = book.broken() {
            match list(server, &sql).await {
                Ok(rows) if rows.is_empty() => {}
                Ok(rows) => {
                    found.wrong.push(format!("{name} holds migrations that failed half way: {}", rows.join(", ")));
                }
                Err(why) => found.unclear.push(format!("{name} could not be read: {why}")),
            }
        }
        if self.migrator.kind != MigratorKind::Alembic {
            return;
        }
        let rows = match list(server, &book.stands()).await {
            Ok(rows) => Standing::at(rows),
            Err(why) => return found.unclear.push(format!("{name} could not be read: {why}")),
        };
        if let Some(Stands::At(reported)) = stands
            && !lineage.plain(&rows).is_same(reported)
        {
            found.wrong.push(format!("{name} says {rows}, the migrator says {reported}"));
        }
        let strange = if lineage.is_empty() { Vec::new() } else { lineage.strange(&rows) };
        if !strange.is_empty() {
            found.wrong.push(format!("{name} says {}, which the migrator's revisions do not have", strange.join(", ")));
        }
    }
}

async fn is_there(server: &mut Server, book: &Book) -> Result<bool, DatabaseError> {
    let name = book.quoted().replace('\'', "''");
    let there = list(server, &format!("SELECT (to_regclass('{name}') IS NOT NULL)::int::text")).await?;
    Ok(there.first().is_some_and(|there| there == "1"))
}

/// Why nobody can tell whether a session is left, when none of the migrator's was recognised: a quick one is missed, and
/// what did not come while it ran is none of its.
async fn unrecognised(url: &str, since: Option<&str>) -> Option<String> {
    let cannot = |why: &str| {
        Some(format!("cannot tell whether a session is left: none of the migrator's was recognised, and {why}"))
    };
    let Some(since) = since else { return cannot("the server's time was not read before") };
    match orphans::came_since(url, since, LEAVING).await {
        Ok(there) if there.is_empty() => None,
        Ok(there) => cannot(&format!("others that came while it ran are still there: {}", there.join(", "))),
        Err(why) => cannot(&why.to_string()),
    }
}

async fn list(server: &mut Server, sql: &str) -> Result<Vec<String>, DatabaseError> {
    let rows = answer(server.texts(sql)).await?;
    Ok(rows.into_iter().filter_map(|row| row.into_iter().next()).collect())
}
