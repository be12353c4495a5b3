//! Whether the environment's database was left alone while revisions were tried elsewhere.

use super::server::Server;
use crate::database::DatabaseError;
use crate::migration::preflight::{Finding, Severity};

/// What a change leaves behind in a database.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Traces {
    /// A sum over the definitions of tables, columns, indexes and constraints; each changes with the transaction that wrote it.
    definitions: String,
    /// Rows written since the server's counters began.
    written: String,
}

const DEFINITIONS: &str = "SELECT md5(concat_ws(' ',
  (SELECT count(*) || ':' || sum(hashtextextended(oid::text || xmin::text, 0)) FROM pg_class WHERE oid >= 16384 AND relpersistence <> 't'),
  (SELECT count(*) || ':' || sum(hashtextextended(a.attrelid::text || a.attnum::text || a.xmin::text, 0)) FROM pg_attribute a
     JOIN pg_class c ON c.oid = a.attrelid WHERE c.oid >= 16384 AND c.relpersistence <> 't'),
  (SELECT count(*) || ':' || sum(hashtextextended(oid::text || xmin::text, 0)) FROM pg_constraint WHERE oid >= 16384),
  (SELECT count(*) || ':' || sum(hashtextextended(oid::text || xmin::text, 0)) FROM pg_type WHERE oid >= 16384 AND typtype IN ('e', 'd')),
  (SELECT count(*) || ':' || sum(hashtextextended(oid::text || xmin::text, 0)) FROM pg_enum)))";
const WRITTEN: &str = "SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::text FROM pg_stat_user_tables";

impl Traces {
    /// Reads them; opens none of the tables.
    pub(super) async fn read(server: &mut Server) -> Result<Self, DatabaseError> {
        let definitions = server.column(DEFINITIONS).await?.concat();
        Ok(Self { definitions, written: server.column(WRITTEN).await?.concat() })
    }

    /// What can be said of the time between.
    pub(super) fn compare(&self, after: &Self) -> Finding {
        let (severity, what) = if self.definitions != after.definitions {
            let what = "definitions in the environment's database changed while revisions were tried on the copy: somebody \
                        else is changing it, or the try reached it; look before anything else";
            (Severity::Inconclusive, what)
        } else if self.written != after.written {
            let what = "the environment's definitions are the same after the try as before it, but rows were written \
                        meanwhile; that they are all the application's could not be proven";
            (Severity::Inconclusive, what)
        } else {
            let what =
                "the try left the environment's database alone: the same definitions, and no row written meanwhile";
            (Severity::Note, what)
        };
        Finding::new(severity, what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_the_same_in_everything_is_proven() {
        let of = |definitions: &str, written: &str| Traces { definitions: definitions.into(), written: written.into() };
        let severity = |after: Traces| of("a", "1").compare(&after).severity;
        assert_eq!(severity(of("a", "1")), Severity::Note);
        assert_eq!([severity(of("a", "2")), severity(of("b", "1"))], [Severity::Inconclusive; 2]);
    }
}
