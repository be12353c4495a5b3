//! Databases of a server made, renamed and dropped.

use super::{Postgres, quoted};
use crate::database::error::DatabaseError;

impl Postgres {
    /// Makes an empty database with nothing in it that a template could have brought along.
    ///
    /// # Errors
    /// When one of that name is there, or the role may not make any.
    pub async fn create_database(&mut self, name: &str) -> Result<(), DatabaseError> {
        self.execute(&format!("CREATE DATABASE {} TEMPLATE template0", quoted(name))).await.map(drop)
    }

    /// Drops a database if it is there, whoever is connected to it.
    ///
    /// # Errors
    /// When the role may not.
    pub async fn drop_database(&mut self, name: &str) -> Result<(), DatabaseError> {
        self.execute(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", quoted(name))).await.map(drop)
    }

    /// How far the server's copies of this database have come: table, rows.
    ///
    /// # Errors
    /// When the server cannot be asked.
    pub async fn copies(&mut self) -> Result<Vec<(String, u64)>, DatabaseError> {
        let sql = "SELECT coalesce(c.relname, p.relid::text), p.tuples_processed FROM pg_stat_progress_copy p \
                   LEFT JOIN pg_class c ON c.oid = p.relid WHERE p.datname = current_database()";
        let found = self.rows(sql, usize::MAX).await?;
        let copies = found.rows.iter().map(|row| {
            (super::catalog::text(row, 0), u64::try_from(super::catalog::number(row, 1)).unwrap_or_default())
        });
        Ok(copies.collect())
    }
}
