//! What the role of a connection may do with whole databases, and what to ask an administrator for.

use super::catalog::{text, truth};
use super::{Postgres, literal, quoted};
use crate::database::error::DatabaseError;

impl Postgres {
    /// Who this connection is on the server.
    ///
    /// # Errors
    /// When the server cannot be asked.
    pub async fn role(&mut self) -> Result<Role, DatabaseError> {
        let sql = "SELECT rolname::text, rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user";
        let found = self.rows(sql, 1).await?;
        let row = found.rows.first().map_or(&[][..], Vec::as_slice);
        Ok(Role { name: text(row, 0), superuser: truth(row, 1), createdb: truth(row, 2) })
    }

    /// Those of these extensions that this role need not or may not create in this database, with whether they are there.
    ///
    /// # Errors
    /// When the server cannot be asked.
    pub async fn extensions_not_made(&mut self, names: &[&str]) -> Result<Vec<(String, bool)>, DatabaseError> {
        let names: Vec<String> = names.iter().map(|name| literal(name)).collect();
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT n, e.oid IS NOT NULL FROM unnest(ARRAY[{}]::text[]) AS n LEFT JOIN pg_extension e ON e.extname = n \
             LEFT JOIN pg_available_extension_versions v ON v.name = n GROUP BY n, e.oid \
             HAVING e.oid IS NOT NULL OR NOT coalesce(bool_or(v.trusted OR NOT v.superuser), false)",
            names.join(", ")
        );
        let found = self.rows(&sql, usize::MAX).await?;
        Ok(found.rows.iter().map(|row| (text(row, 0), truth(row, 1))).collect())
    }

    /// What stands between this role and putting another database in the place of `name`: one sentence each, with what to
    /// ask an administrator for.
    ///
    /// # Errors
    /// When the server cannot be asked.
    pub async fn swap_obstacles(&mut self, name: &str) -> Result<Vec<String>, DatabaseError> {
        let role = self.role().await?;
        if role.superuser {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT pg_get_userbyid(d.datdba)::text, pg_has_role(d.datdba, 'USAGE'), t.spcname::text, \
             d.dattablespace = coalesce(b.dattablespace, d.dattablespace) OR has_tablespace_privilege(t.oid, 'CREATE') \
             FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace \
             LEFT JOIN pg_database b ON b.datname = 'template0' WHERE d.datname = {}",
            literal(name)
        );
        let found = self.rows(&sql, 1).await?;
        let Some(row) = found.rows.first() else {
            return Err(DatabaseError::Statement(format!("there is no database {name}")));
        };
        let mut obstacles: Vec<String> = role.may_create().err().iter().map(ToString::to_string).collect();
        let (who, base) = (quoted(&role.name), quoted(name));
        if !truth(row, 1) {
            let owner = text(row, 0);
            obstacles.push(format!(
                "role {} does not own database {name} (the owner is {owner}), so it may neither close nor rename it; ask an \
                 administrator for: ALTER DATABASE {base} OWNER TO {who}, or GRANT {} TO {who}",
                role.name,
                quoted(&owner)
            ));
        }
        if !truth(row, 3) {
            let space = text(row, 2);
            obstacles.push(format!(
                "database {name} is in tablespace {space}, where role {} may create nothing; ask an administrator for: \
                 GRANT CREATE ON TABLESPACE {} TO {who}",
                role.name,
                quoted(&space)
            ));
        }
        Ok(obstacles)
    }
}

/// The role of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    pub name: String,
    pub superuser: bool,
    pub createdb: bool,
}

impl Role {
    /// # Errors
    /// When it may make no databases.
    pub fn may_create(&self) -> Result<(), MayNotCreate> {
        if self.superuser || self.createdb { Ok(()) } else { Err(MayNotCreate { role: self.name.clone() }) }
    }
}

/// A role that may make no databases.
#[derive(Debug, thiserror::Error)]
#[error(
    "role {role} may not create or rename databases, which a restore needs; ask an administrator for: ALTER ROLE {} CREATEDB",
    quoted(.role)
)]
pub struct MayNotCreate {
    pub role: String,
}
