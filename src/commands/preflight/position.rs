//! Where the database is, by the migrator's own table, and what the migrator would refuse there.

use super::certain;
use super::files::refusals::flyway_setting;
use super::files::settings::dotenv;
use super::migrator::Host;
use super::server::Server;
use crate::checklist::environment::{Migrator, MigratorKind};
use crate::checklist::migrator::{Book, known_by_stamp};
use crate::database::DatabaseError;
use crate::deployment::standing::Standing;
use crate::migration::current;
use crate::migration::lineage::{Lineage, several_heads};
use crate::migration::preflight::catalog::Catalog;
use crate::migration::preflight::{Finding, Severity};

/// One revision that is applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Applied {
    pub version: String,
    pub checksum: Option<String>,
    /// Flyway's word for what it was.
    pub kind: Option<String>,
}

impl Applied {
    /// As [`Book::applied`] gives it.
    fn read(row: &str) -> Self {
        let mut words = row.split(' ');
        let version = words.next().unwrap_or_default().to_owned();
        let checksum = words.next().filter(|word| *word != "-").map(ToOwned::to_owned);
        Self { version, checksum, kind: words.next().map(ToOwned::to_owned) }
    }
}

/// Where a database is.
#[derive(Debug, Default)]
pub(super) struct Position {
    pub now: Standing,
    /// Alembic's revisions, by its own history, else as they are listed; empty for the others, which have files.
    pub lineage: Lineage,
    pub applied: Vec<Applied>,
    /// What is known to stand in the way already, or why it is not known.
    pub findings: Vec<Finding>,
    /// The migrator cannot read its own revisions, or is not there: it fails whatever the database holds.
    pub broken: bool,
}

impl Position {
    fn find(&mut self, severity: Severity, what: impl Into<String>) {
        self.findings.push(Finding::new(severity, what));
    }

    /// The position that somebody names instead.
    pub(super) async fn named(host: &Host<'_>, migrator: &Migrator, from: &str) -> Self {
        let mut position = Self { now: Standing::parse(from), ..Self::default() };
        if migrator.kind == MigratorKind::Alembic {
            position.lineage = lineage(host, migrator).await;
        }
        position
    }

    /// Asks the migrator's table.
    pub(super) async fn ask(
        host: &Host<'_>,
        migrator: &Migrator,
        catalog: &Catalog,
        server: &mut Server,
    ) -> Result<Self, DatabaseError> {
        let mut position = Self::default();
        let Some(book) = migrator.book() else { return Ok(position) };
        let mut book = if book.given { book } else { configured(host, migrator, book) };
        let mut reported = true;
        if migrator.kind == MigratorKind::Alembic {
            position.lineage = lineage(host, migrator).await;
            if !book.given {
                // The name that env.py gives it; printing a stamp runs no revision and opens no database.
                let said = host.print(&format!("{} stamp heads --sql", migrator.command)).await;
                reported = said.failed.is_none();
                book = match known_by_stamp(&said.output) {
                    Some(name) => book.named(&name),
                    None => book,
                };
            }
        }
        match place(&book, catalog) {
            Place::There => {}
            Place::Nowhere => {
                if !reported {
                    position.find(
                        Severity::Inconclusive,
                        format!(
                            "{} is not there, and the migrator does not print the name of its version table, so where the \
                             database is cannot be reported; it was taken to be at the base: set `version_table`",
                            book.name()
                        ),
                    );
                }
                return Ok(position);
            }
            Place::Elsewhere(schema) => {
                position.find(
                    Severity::Inconclusive,
                    format!(
                        "{} is in the schema {schema}, which is not in the search path, so where the database is cannot be \
                         reported; it was taken to be at the base: set `version_table`",
                        book.name()
                    ),
                );
                return Ok(position);
            }
        }
        let rows = server.column(&book.applied()).await?;
        position.applied = rows.iter().map(|row| Applied::read(row)).collect();
        let versions = || position.applied.iter().map(|applied| applied.version.clone());
        position.now = match migrator.kind {
            MigratorKind::Alembic => Standing::at(versions()),
            // The latest; what is missing below it is recognised by the files.
            _ => Standing::at(versions().max_by_key(|version| numbers(version))),
        };
        if let Some(sql) = book.broken() {
            let broken = server.column(&sql).await?;
            if !broken.is_empty() {
                let what = format!(
                    "{} holds migrations that failed half way ({}); the migrator refuses to go on before they are repaired",
                    book.name(),
                    broken.join(", ")
                );
                position.find(Severity::WillFail, what);
            }
        }
        Ok(position)
    }

    /// What Alembic would refuse, going to `to`. Gives where to read the revisions to instead, so that they are
    /// evaluated all the same.
    pub(super) async fn refused(&mut self, host: &Host<'_>, migrator: &Migrator, to: &str) -> String {
        if migrator.kind != MigratorKind::Alembic {
            return to.to_owned();
        }
        // Listing heads reads the revisions' files and nothing else: what fails here fails in every upgrade.
        let said = host.print(&format!("{} heads", migrator.command)).await;
        let heads = current::heads(&said.output);
        if let Some(why) = &said.failed
            && (said.absent || certain::reads_no_revisions(why))
        {
            self.broken = true;
            let what = if said.absent {
                format!("the migrator `{}` was not found: {why}; nothing of its chain was read", migrator.command)
            } else {
                format!(
                    "the migrator cannot read its revisions: {why}; `upgrade` ends with the same error before anything runs"
                )
            };
            self.find(Severity::WillFail, what);
            return to.to_owned();
        }
        let none = said.failed.is_none() && heads.is_empty() && said.output.trim().is_empty();
        let strange: Vec<String> = if none {
            self.now.revisions().to_vec()
        } else if self.lineage.is_empty() {
            Vec::new()
        } else {
            self.lineage.strange(&self.now).into_iter().map(ToOwned::to_owned).collect()
        };
        if !strange.is_empty() {
            let what = format!(
                "the version table names {}, which the migrator does not have: it ends with \"Can't locate revision\" \
                 before anything runs; deploy the code that has it",
                strange.join(", ")
            );
            self.find(Severity::WillFail, what);
        } else if none && !migrator.revisions.is_empty() {
            let what = format!(
                "the migrator has no revision at all, and the environment lists {}: none of them can be applied",
                migrator.revisions.iter().map(|revision| revision.id.as_str()).collect::<Vec<_>>().join(", ")
            );
            self.broken = true;
            self.find(Severity::WillFail, what);
        }
        if to != "head" {
            return to.to_owned();
        }
        let names: Vec<&str> = heads.iter().map(String::as_str).collect();
        match (said.failed, names.as_slice()) {
            (None, [_, _, ..]) => {
                self.find(Severity::WillFail, format!("`upgrade head` refuses: {}", several_heads(&names)));
                "heads".to_owned()
            }
            _ => to.to_owned(),
        }
    }
}

/// The name that a migrator's variables or its file give.
fn configured(host: &Host<'_>, migrator: &Migrator, book: Book) -> Book {
    let folder = host.folder().unwrap_or_default();
    let flyway = |name: &str| flyway_setting(migrator, &folder, &|name| host.value(name), name);
    match migrator.kind {
        MigratorKind::Dbmate => {
            match host.value("DBMATE_MIGRATIONS_TABLE").or_else(|| dotenv(&folder, "DBMATE_MIGRATIONS_TABLE")) {
                Some(name) => book.named(&name),
                None => book,
            }
        }
        MigratorKind::Flyway => {
            let first =
                |all: String| all.split(',').next().map(|first| first.trim().trim_matches(['"', ' ']).to_owned());
            let schema = flyway("defaultSchema").or_else(|| flyway("schemas").and_then(first));
            let named = flyway("table").map_or(book.clone(), |name| book.named(&name));
            Book { schema: named.schema.clone().or(schema), ..named }
        }
        MigratorKind::Alembic | MigratorKind::Sqlx | MigratorKind::Command => book,
    }
}

/// A version as numbers, for comparing.
pub(super) fn numbers(version: &str) -> Vec<u64> {
    version.split(['.', '_']).map(|part| part.parse().unwrap_or_default()).collect()
}

async fn lineage(host: &Host<'_>, migrator: &Migrator) -> Lineage {
    let said = host.print(&format!("{} history", migrator.command)).await;
    let reported = said.failed.is_none().then(|| Lineage::of_history(&said.output)).flatten();
    reported.unwrap_or_else(|| Lineage::listed(&migrator.revisions))
}

enum Place {
    There,
    Nowhere,
    /// In a schema that unqualified names do not reach.
    Elsewhere(String),
}

fn place(book: &Book, catalog: &Catalog) -> Place {
    let is_in = |schema: &str| catalog.relation(schema, &book.table).is_some();
    let reached = match &book.schema {
        Some(schema) => is_in(schema),
        None => catalog.server.search_path.iter().any(|schema| is_in(schema)),
    };
    if reached {
        return Place::There;
    }
    match catalog.relations.iter().find(|relation| relation.name == book.table) {
        Some(relation) if book.schema.is_none() => Place::Elsewhere(relation.schema.clone()),
        _ => Place::Nowhere,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_version_tables_are_read() {
        let applied = Applied::read("1.2 -93812 SQL");
        assert_eq!((applied.version.as_str(), applied.checksum.as_deref()), ("1.2", Some("-93812")));
        assert_eq!(Applied::read("1 - BASELINE").kind.as_deref(), Some("BASELINE"));
        assert_eq!(Applied::read("20260101").checksum, None);
        assert!(numbers("1.9") < numbers("1.10"));
    }
}
