//! The table in which a migrator keeps what it has done: one list for everybody who must know it.

use super::{Migrator, MigratorKind};

/// Where a migrator keeps its books, and how they are read; the questions are understood by PostgreSQL and by SQLite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Book {
    pub kind: MigratorKind,
    /// Where it is not one of the search path.
    pub schema: Option<String>,
    pub table: String,
    /// Whether the name was given rather than assumed.
    pub given: bool,
}

impl Book {
    /// What they are called unless somebody configured another name.
    pub const NAMES: [&str; 4] = ["alembic_version", "_sqlx_migrations", "schema_migrations", "flyway_schema_history"];

    /// Whether a table holds a migrator's books rather than data of the application.
    pub fn is_one(table: &str) -> bool {
        Self::NAMES.contains(&table)
    }

    /// The same books under another name, `TABLE` or `SCHEMA.TABLE`.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        let plain = |part: &str| part.trim().trim_matches('"').to_owned();
        let (schema, table) = match name.rsplit_once('.') {
            Some((schema, table)) => (Some(plain(schema)), plain(table)),
            None => (None, plain(name)),
        };
        Self { schema, table, given: true, ..self }
    }

    /// As SQL names it.
    pub fn quoted(&self) -> String {
        let quote = |part: &str| format!("\"{}\"", part.replace('"', "\"\""));
        match &self.schema {
            Some(schema) => format!("{}.{}", quote(schema), quote(&self.table)),
            None => quote(&self.table),
        }
    }

    /// As people name it.
    pub fn name(&self) -> String {
        self.schema.as_ref().map_or_else(|| self.table.clone(), |schema| format!("{schema}.{}", self.table))
    }

    /// Gives the revisions it stands at, one a row; none at the base.
    pub fn stands(&self) -> String {
        let table = self.quoted();
        match self.kind {
            MigratorKind::Sqlx => {
                format!("SELECT CAST(version AS TEXT) FROM {table} WHERE success ORDER BY version DESC LIMIT 1")
            }
            MigratorKind::Dbmate => format!("SELECT version FROM {table} ORDER BY version DESC LIMIT 1"),
            MigratorKind::Flyway => format!(
                "SELECT version FROM {table} WHERE success AND version IS NOT NULL ORDER BY installed_rank DESC LIMIT 1"
            ),
            MigratorKind::Alembic | MigratorKind::Command => format!("SELECT version_num FROM {table} ORDER BY 1"),
        }
    }

    /// Gives every revision that is applied as `VERSION CHECKSUM KIND`, as far as there are such; of Alembic those it
    /// stands at.
    pub fn applied(&self) -> String {
        let table = self.quoted();
        match self.kind {
            MigratorKind::Sqlx => {
                format!(
                    "SELECT version::text || ' ' || encode(checksum, 'hex') FROM {table} WHERE success ORDER BY version"
                )
            }
            MigratorKind::Dbmate => format!("SELECT version FROM {table} ORDER BY version"),
            // Those undone are taken out again; a baseline has no checksum.
            MigratorKind::Flyway => format!(
                "SELECT version || ' ' || coalesce(checksum::text, '-') || ' ' || type FROM {table} a WHERE success AND version IS NOT NULL \
                 AND type NOT LIKE 'UNDO%' AND type <> 'DELETE' AND NOT EXISTS (SELECT FROM {table} b WHERE b.success \
                 AND b.version = a.version AND b.installed_rank > a.installed_rank \
                 AND (b.type LIKE 'UNDO%' OR b.type = 'DELETE')) ORDER BY installed_rank"
            ),
            MigratorKind::Alembic | MigratorKind::Command => self.stands(),
        }
    }

    /// Gives revisions that broke off half way, where it keeps account of these.
    pub fn broken(&self) -> Option<String> {
        let table = self.quoted();
        match self.kind {
            MigratorKind::Sqlx => {
                Some(format!("SELECT CAST(version AS TEXT) FROM {table} WHERE NOT success ORDER BY version"))
            }
            MigratorKind::Flyway => {
                Some(format!("SELECT coalesce(version, description) FROM {table} WHERE NOT success"))
            }
            MigratorKind::Alembic | MigratorKind::Dbmate | MigratorKind::Command => None,
        }
    }
}

impl Migrator {
    /// Its books; nobody knows those of a command. The name is what the checklist says, else what its command says, else
    /// the one it has by itself.
    pub fn book(&self) -> Option<Book> {
        let (table, flags): (&str, &[&str]) = match self.kind {
            MigratorKind::Alembic => ("alembic_version", &[]),
            MigratorKind::Sqlx => ("_sqlx_migrations", &[]),
            MigratorKind::Dbmate => ("schema_migrations", &["--migrations-table"]),
            MigratorKind::Flyway => ("flyway_schema_history", &["-table", "--table"]),
            MigratorKind::Command => return None,
        };
        let book = Book { kind: self.kind, schema: None, table: table.to_owned(), given: false };
        if let Some(name) = &self.version_table {
            return Some(book.named(name));
        }
        let book = match self.option(flags) {
            Some(name) => book.named(&name),
            None => book,
        };
        // Flyway keeps it in its default schema, which is the first of those it is given.
        let schema = match self.kind {
            MigratorKind::Flyway => self.option(&["-defaultSchema", "-schemas", "--schemas"]),
            _ => None,
        };
        let schema = schema.and_then(|all| all.split(',').next().map(|first| first.trim().to_owned()));
        Some(Book { schema: book.schema.clone().or(schema), ..book })
    }

    /// What its command gives for one of some options: `-o VALUE` or `-o=VALUE`.
    pub fn option(&self, names: &[&str]) -> Option<String> {
        let words: Vec<&str> = self.command.split_whitespace().collect();
        let plain = |word: &str| word.trim_matches(['"', '\'']).to_owned();
        words.iter().enumerate().find_map(|(at, word)| {
            names.iter().find_map(|name| match word.strip_prefix(name)? {
                "" => words.get(at + 1).map(|next| plain(next)),
                rest => rest.strip_prefix('=').map(plain),
            })
        })
    }
}

/// The table that Alembic's offline SQL writes its revisions to: `INSERT INTO ops.versions (version_num) VALUES …`.
pub(crate) fn known_by_stamp(sql: &str) -> Option<String> {
    sql.lines().find_map(|line| {
        let rest = line.trim().strip_prefix("INSERT INTO ")?;
        let (table, rest) = rest.split_once(' ')?;
        rest.starts_with("(version_num)").then(|| table.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use MigratorKind::{Alembic, Command, Dbmate, Flyway, Sqlx};

    fn book(kind: MigratorKind, command: &str) -> Book {
        Migrator::new(kind, command, Vec::new()).book().unwrap()
    }

    #[test]
    fn every_book_is_somebodys_and_asked_by_its_own_name() {
        for (kind, name) in [Alembic, Sqlx, Dbmate, Flyway].into_iter().zip(Book::NAMES) {
            let book = book(kind, "x");
            assert_eq!(book.name(), name);
            assert!(Book::is_one(name) && !book.given);
            let asked = [Some(book.stands()), Some(book.applied()), book.broken()];
            assert!(asked.into_iter().flatten().all(|sql| sql.contains(&format!("\"{name}\""))));
        }
        assert!(!Book::is_one("lots") && Migrator::new(Command, "x", Vec::new()).book().is_none());
    }

    #[test]
    fn names_come_from_the_checklist_or_the_command() {
        assert_eq!(book(Dbmate, "dbmate --migrations-table ops.moves").name(), "ops.moves");
        assert_eq!(book(Flyway, "flyway -table=moves -schemas=app,audit").name(), "app.moves");
        assert_eq!(book(Flyway, "flyway '-table=moves'").name(), "flyway_schema_history");
        let mut migrator = Migrator::new(Alembic, "alembic", Vec::new());
        migrator.version_table = Some("Ops.versions".into());
        let book = migrator.book().unwrap();
        assert_eq!((book.quoted().as_str(), book.given), ("\"Ops\".\"versions\"", true));
    }

    #[test]
    fn alembic_names_its_table_when_it_prints_a_stamp() {
        let sql = "CREATE TABLE ops.app_versions (\n    version_num VARCHAR(32) NOT NULL\n);\n\n\
                   INSERT INTO ops.app_versions (version_num) VALUES ('a1') RETURNING version_num;\n";
        assert_eq!(known_by_stamp(sql).as_deref(), Some("ops.app_versions"));
        assert_eq!(known_by_stamp("INSERT INTO lots (id) VALUES (1);"), None);
    }
}
