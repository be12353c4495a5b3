//! Database addresses as environments write them.

use super::error::DatabaseError;
use super::postgres::address::PostgresAddress;
use std::path::{Path, PathBuf};

/// Where a database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A file.
    Sqlite(PathBuf),
    /// A server and the name of a database on it.
    Postgres(PostgresAddress),
}

impl Address {
    /// Reads `sqlite:PATH` (also `sqlite://PATH`) and `postgresql://…`. What follows a `?` of a path is not used: how
    /// the file is opened is ours to say.
    ///
    /// # Errors
    /// For every other kind of address, without repeating it: it may hold a password.
    pub fn parse(url: &str) -> Result<Self, DatabaseError> {
        let unsupported = |why: &str| DatabaseError::Unsupported(why.to_owned());
        let scheme = url.split(':').next().unwrap_or_default().to_ascii_lowercase();
        match scheme.split('+').next().unwrap_or_default() {
            "postgresql" | "postgres" => PostgresAddress::parse(url).map(Address::Postgres),
            "sqlite" if url.contains(':') => {
                let rest = url.split_once(':').map_or("", |(_, rest)| rest);
                let rest = rest.strip_prefix("//").unwrap_or(rest);
                let path = rest.split('?').next().unwrap_or_default();
                match path {
                    "" => Err(unsupported("the database's address names no file; write sqlite:PATH")),
                    ":memory:" => Err(unsupported("a database in memory belongs to one process; write sqlite:PATH")),
                    path => Ok(Address::Sqlite(PathBuf::from(path))),
                }
            }
            _ => Err(unsupported(
                "the database's address is of an unknown kind; write postgresql://USER@HOST/DATABASE or sqlite:PATH",
            )),
        }
    }

    /// The same address with a relative path counted from `folder`.
    #[must_use]
    pub fn within(self, folder: &Path) -> Self {
        match self {
            Address::Sqlite(path) => Address::Sqlite(folder.join(path)),
            server @ Address::Postgres(_) => server,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_paths_and_refuses_the_rest_without_repeating_it() {
        let file = |text: &str| Address::Sqlite(PathBuf::from(text));
        assert_eq!(Address::parse("sqlite:a/b.db").unwrap(), file("a/b.db"));
        assert_eq!(Address::parse("sqlite:///a/b.db?mode=rwc").unwrap(), file("/a/b.db"));
        assert_eq!(Address::parse("sqlite:b.db").unwrap().within(Path::new("/a")), file("/a/b.db"));
        assert_eq!(Address::parse("sqlite:/b.db").unwrap().within(Path::new("/a")), file("/b.db"));
        for wrong in ["mysql://secret", "sqlite:", "x", "postgresql://u:secret@h", "postgresql://u:se#cret@h/d"] {
            let said = Address::parse(wrong).unwrap_err().to_string();
            assert!(!said.contains("secret"), "{said}");
        }
    }
}
