//! The chain of migrations, and the ways to name a place in it.

use super::error::RehearsalError;
use sqlx::migrate::{Migration, Migrator};

/// The migrations as they are embedded, up and down.
pub static MIGRATIONS: Migrator = sqlx::migrate!("assets/rehearsal/migrations");

/// One revision of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revision {
    /// Its place in the chain, from 1; 0 is the base, where nothing stands.
    pub version: i64,
    /// `0002`.
    pub id: &'static str,
    /// The rest of its full name.
    pub slug: &'static str,
    pub title: &'static str,
}

impl Revision {
    /// `0003_add_wip_unique_index`.
    pub fn full_name(&self) -> String {
        format!("{}_{}", self.id, self.slug)
    }
}

pub const CHAIN: [Revision; 3] = [
    Revision { version: 1, id: "0001", slug: "initial_schema", title: "initial schema" },
    Revision {
        version: 2,
        id: "0002",
        slug: "add_wip_link_constraints_and_time_zones",
        title: "add wip link, constraints and time zones",
    },
    Revision { version: 3, id: "0003", slug: "add_wip_unique_index", title: "add wip unique index" },
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Upgrade,
    Downgrade,
}

impl Direction {
    pub fn word(self) -> &'static str {
        match self {
            Direction::Upgrade => "upgrade",
            Direction::Downgrade => "downgrade",
        }
    }
}

/// The revision that stands at a version; `None` at the base.
pub fn at(version: i64) -> Option<&'static Revision> {
    CHAIN.iter().find(|revision| revision.version == version)
}

/// `0002`, or nothing at the base, as Alembic writes it.
pub fn id_at(version: i64) -> &'static str {
    at(version).map_or("", |revision| revision.id)
}

/// The version that `target` names, seen from `current`: `head`, `base`, an id, a full name, `+N` or `-N`.
pub fn resolve(target: &str, current: i64) -> Result<i64, RehearsalError> {
    let head = CHAIN[CHAIN.len() - 1].version;
    let unknown = || RehearsalError::UnknownRevision(target.to_owned());
    match target {
        "head" | "heads" => Ok(head),
        "base" => Ok(0),
        _ if target.starts_with(['+', '-']) => {
            let steps: i64 = target.parse().map_err(|_| unknown())?;
            let version = current.checked_add(steps).ok_or_else(unknown)?;
            if (0..=head).contains(&version) { Ok(version) } else { Err(unknown()) }
        }
        _ => CHAIN
            .iter()
            .find(|revision| revision.id == target || revision.full_name() == target)
            .map(|revision| revision.version)
            .ok_or_else(unknown),
    }
}

/// The embedded migration of a version.
pub fn migration(version: i64, direction: Direction) -> Option<&'static Migration> {
    let down = direction == Direction::Downgrade;
    MIGRATIONS.iter().find(|m| m.version == version && m.migration_type.is_down_migration() == down)
}

/// What a migration says of itself in its comments: how many rows it will write, and what each of its steps is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// A query whose one value is the number of rows it will write.
    pub total: String,
    /// Words for step `n` at index `n - 1`. The migration announces a step by writing its number into `temp.step`.
    pub steps: Vec<String>,
}

impl Outline {
    #[must_use]
    pub fn read(sql: &str) -> Self {
        let total = sql.lines().find_map(|line| line.strip_prefix("-- total: ")).unwrap_or("SELECT 0").to_owned();
        let steps = sql
            .lines()
            .filter(|line| line.starts_with("INSERT OR REPLACE INTO temp.step"))
            .filter_map(|line| Some(line.split_once("-- ")?.1.to_owned()))
            .collect();
        Self { total, steps }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_names_the_embedded_migrations() {
        for revision in CHAIN {
            for direction in [Direction::Upgrade, Direction::Downgrade] {
                let migration = migration(revision.version, direction).unwrap();
                assert_eq!(migration.description.replace(' ', "_"), revision.slug);
                assert!(!migration.no_tx, "each revision is one transaction");
            }
            assert_eq!(revision.title.replace(',', ""), revision.slug.replace('_', " "));
            assert_eq!(revision.id, format!("{:04}", revision.version));
        }
        assert_eq!(MIGRATIONS.iter().count(), CHAIN.len() * 2);
    }

    #[test]
    fn every_step_is_numbered_in_order_and_has_words() {
        for migration in MIGRATIONS.iter() {
            let sql = migration.sql.as_str();
            let outline = Outline::read(sql);
            assert!(!outline.steps.is_empty());
            for (index, words) in outline.steps.iter().enumerate() {
                let statement = format!("temp.step VALUES ({}); -- {words}", index + 1);
                assert!(sql.contains(&statement), "{} lacks `{statement}`", migration.description);
            }
        }
    }

    #[test]
    fn places_are_named_as_in_alembic() {
        assert_eq!(resolve("head", 1).unwrap(), 3);
        assert_eq!(resolve("base", 3).unwrap(), 0);
        assert_eq!(resolve("-1", 3).unwrap(), 2);
        assert_eq!(resolve("+1", 0).unwrap(), 1);
        assert_eq!(resolve("0002", 3).unwrap(), 2);
        assert_eq!(resolve("0003_add_wip_unique_index", 0).unwrap(), 3);
        for wrong in ["0004", "", "-9", "+x", "002", "-9223372036854775808"] {
            let error = resolve(wrong, 1).unwrap_err();
            assert_eq!(error.exit_status(), 255, "{wrong}");
        }
    }
}
