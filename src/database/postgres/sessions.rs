//! Who is in a database of the server, and which of them this role may end.

use super::catalog::{number, text, truth};
use super::{Postgres, literal};
use crate::database::error::DatabaseError;

/// A session in a database, other than our own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occupant {
    pub pid: i64,
    /// For sentences: `psql of app (4711)`.
    pub who: String,
    pub kind: Occupancy,
}

/// What can be done about a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occupancy {
    /// A client that this role may end.
    Ours,
    /// A client of a role that this one may not end; it has to leave by itself.
    Theirs,
    /// A process of the server, such as an autovacuum worker: the server has it yield when the database is dropped or
    /// renamed.
    Server,
}

impl Postgres {
    /// Everybody in a database but this connection.
    ///
    /// # Errors
    /// When the server cannot be asked.
    pub async fn occupants(&mut self, name: &str) -> Result<Vec<Occupant>, DatabaseError> {
        // Of sessions that are not ours to see the kind is hidden; whoever is logged in under no role is the server's own.
        let sql = format!(
            "SELECT a.pid::int8, coalesce(nullif(a.application_name, ''), a.backend_type, 'a session') || ' of ' || \
             coalesce(a.usename, 'the server') || ' (' || a.pid || ')', a.usesysid IS NULL OR r.oid IS NULL, \
             coalesce(a.backend_type, 'client backend') = 'client backend' AND (me.rolsuper OR NOT r.rolsuper AND \
             (pg_has_role(r.oid, 'USAGE') OR pg_has_role('pg_signal_backend', 'USAGE'))) \
             FROM pg_stat_activity a JOIN pg_roles me ON me.rolname = current_user LEFT JOIN pg_roles r ON r.oid = a.usesysid \
             WHERE a.datname = {} AND a.pid <> pg_backend_pid() ORDER BY a.pid",
            literal(name)
        );
        let found = self.rows(&sql, usize::MAX).await?;
        let occupants = found.rows.iter().map(|row| {
            let kind = match (truth(row, 2), truth(row, 3)) {
                (true, _) => Occupancy::Server,
                (false, true) => Occupancy::Ours,
                (false, false) => Occupancy::Theirs,
            };
            Occupant { pid: number(row, 0), who: text(row, 1), kind }
        });
        Ok(occupants.collect())
    }

    /// Asks a session to end, if it is still in that database. Whether it did is seen by looking again.
    ///
    /// # Errors
    /// When the role may not, or the server cannot be asked.
    pub async fn end_session(&mut self, name: &str, occupant: &Occupant) -> Result<(), DatabaseError> {
        let sql = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = {} AND datname = {}",
            occupant.pid,
            literal(name)
        );
        self.execute(&sql).await.map(drop)
    }
}
