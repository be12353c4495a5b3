//! The table in which a migrator keeps what it has done: one list for everybody who must know it.

use super::MigratorKind;

/// Where a migrator keeps its books, and how they are read; the questions are understood by PostgreSQL and by SQLite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Book {
    pub table: &'static str,
    /// Gives the revisions it stands at, one a row; none at the base.
    pub stands: &'static str,
    /// Gives revisions that broke off half way, where it keeps account of these.
    pub broken: Option<&'static str>,
}

const ALEMBIC: Book =
    Book { table: "alembic_version", stands: "SELECT version_num FROM alembic_version ORDER BY 1", broken: None };
const SQLX: Book = Book {
    table: "_sqlx_migrations",
    stands: "SELECT CAST(version AS TEXT) FROM _sqlx_migrations WHERE success ORDER BY version DESC LIMIT 1",
    broken: Some("SELECT CAST(version AS TEXT) FROM _sqlx_migrations WHERE NOT success ORDER BY version"),
};
const DBMATE: Book = Book {
    table: "schema_migrations",
    stands: "SELECT version FROM schema_migrations ORDER BY version DESC LIMIT 1",
    broken: None,
};
const FLYWAY: Book = Book {
    table: "flyway_schema_history",
    stands: "SELECT version FROM flyway_schema_history WHERE success AND version IS NOT NULL \
             ORDER BY installed_rank DESC LIMIT 1",
    broken: Some("SELECT coalesce(version, description) FROM flyway_schema_history WHERE NOT success"),
};

impl Book {
    /// Every migrator's.
    pub const ALL: [Book; 4] = [ALEMBIC, SQLX, DBMATE, FLYWAY];

    /// Whether a table holds a migrator's books rather than data of the application.
    #[must_use]
    pub fn is_one(table: &str) -> bool {
        Self::ALL.iter().any(|book| book.table == table)
    }
}

impl MigratorKind {
    /// Its books; nobody knows those of a command.
    #[must_use]
    pub fn book(self) -> Option<Book> {
        match self {
            MigratorKind::Alembic => Some(ALEMBIC),
            MigratorKind::Sqlx => Some(SQLX),
            MigratorKind::Dbmate => Some(DBMATE),
            MigratorKind::Flyway => Some(FLYWAY),
            MigratorKind::Command => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_book_is_somebodys_and_asked_by_its_own_name() {
        use MigratorKind::{Alembic, Command, Dbmate, Flyway, Sqlx};
        let known = [Alembic, Sqlx, Dbmate, Flyway, Command].into_iter().filter_map(MigratorKind::book);
        assert_eq!(known.collect::<Vec<_>>(), Book::ALL);
        for book in Book::ALL {
            assert!(Book::is_one(book.table));
            assert!([Some(book.stands), book.broken].into_iter().flatten().all(|sql| sql.contains(book.table)));
        }
        assert!(!Book::is_one("lots"));
    }
}
