//! Databases of a server made, renamed and dropped.

use super::{Postgres, literal, quoted};
use crate::database::error::DatabaseError;

/// Settings whose value is a list of names.
const LISTS: [&str; 6] = [
    "search_path",
    "temp_tablespaces",
    "local_preload_libraries",
    "session_preload_libraries",
    "shared_preload_libraries",
    "unix_socket_directories",
];

/// An extension's own has a part before the point.
fn setting_name(key: &str) -> String {
    key.split('.').map(quoted).collect::<Vec<_>>().join(".")
}

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

    /// Makes an empty database with another's owner, encoding, locale, tablespace, limit, settings and rights: what a
    /// dump does not bring along.
    ///
    /// # Errors
    /// When the role may not, or the other is not there.
    pub async fn create_database_like(&mut self, name: &str, model: &str) -> Result<(), DatabaseError> {
        let sql = format!(
            "SELECT pg_get_userbyid(d.datdba), pg_encoding_to_char(d.encoding), d.datcollate, d.datctype, \
             coalesce(to_jsonb(d) ->> 'datlocprovider', 'c'), \
             coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale', ''), t.spcname, d.datconnlimit::text \
             FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace WHERE d.datname = {}",
            literal(model)
        );
        let found = self.rows(&sql, 1).await?;
        let Some(row) = found.rows.first() else {
            return Err(DatabaseError::Statement(format!("there is no database {model}")));
        };
        let value = |index: usize| super::catalog::text(row, index);
        let locale = match value(4).as_str() {
            "i" => format!(" LOCALE_PROVIDER icu ICU_LOCALE {}", literal(&value(5))),
            "b" => format!(" LOCALE_PROVIDER builtin BUILTIN_LOCALE {}", literal(&value(5))),
            _ => String::new(),
        };
        self.execute(&format!(
            "CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING {} LC_COLLATE {} LC_CTYPE {}{locale} TABLESPACE {} \
             CONNECTION LIMIT {}",
            quoted(name),
            quoted(&value(0)),
            literal(&value(1)),
            literal(&value(2)),
            literal(&value(3)),
            quoted(&value(6)),
            value(7)
        ))
        .await?;
        for statement in self.settings_and_rights(name, model).await? {
            self.execute(&statement).await?;
        }
        Ok(())
    }

    async fn settings_and_rights(&mut self, name: &str, model: &str) -> Result<Vec<String>, DatabaseError> {
        let (name, model) = (quoted(name), literal(model));
        let settings = format!(
            "SELECT coalesce(r.rolname, ''), s.setting FROM (SELECT setrole, unnest(setconfig) AS setting \
             FROM pg_db_role_setting JOIN pg_database d ON d.oid = setdatabase WHERE d.datname = {model}) AS s \
             LEFT JOIN pg_roles r ON r.oid = s.setrole"
        );
        let mut statements = Vec::new();
        for row in &self.rows(&settings, usize::MAX).await?.rows {
            let (role, setting) = (super::catalog::text(row, 0), super::catalog::text(row, 1));
            let Some((key, value)) = setting.split_once('=') else { continue };
            let whom = if role.is_empty() { String::new() } else { format!("ROLE {} IN ", quoted(&role)) };
            // Lists of names are kept as they are written.
            let value = if LISTS.contains(&key) { value.to_owned() } else { literal(value) };
            statements.push(format!("ALTER {whom}DATABASE {name} SET {} = {value}", setting_name(key)));
        }
        let rights = format!(
            "SELECT coalesce(r.rolname, ''), a.privilege_type, a.is_grantable::int::text \
             FROM pg_database d, aclexplode(d.datacl) AS a LEFT JOIN pg_roles r ON r.oid = a.grantee WHERE d.datname = {model}"
        );
        let rights = self.rows(&rights, usize::MAX).await?.rows;
        if !rights.is_empty() {
            statements.push(format!("REVOKE ALL ON DATABASE {name} FROM PUBLIC"));
        }
        for row in &rights {
            let [role, right, grantable] = [0, 1, 2].map(|index| super::catalog::text(row, index));
            let whom = if role.is_empty() { "PUBLIC".to_owned() } else { quoted(&role) };
            let further = if grantable == "1" { " WITH GRANT OPTION" } else { "" };
            statements.push(format!("GRANT {right} ON DATABASE {name} TO {whom}{further}"));
        }
        Ok(statements)
    }

    /// Transactions that two-phase commit left open in a database.
    ///
    /// # Errors
    /// When the server cannot be asked.
    pub async fn prepared_transactions(&mut self, name: &str) -> Result<i64, DatabaseError> {
        self.scalar_integer(&format!("SELECT count(*) FROM pg_prepared_xacts WHERE database = {}", literal(name))).await
    }

    /// Whether anybody may connect to a database. Who is there stays there.
    ///
    /// # Errors
    /// When the role may not decide that.
    pub async fn allow_connections(&mut self, name: &str, allowed: bool) -> Result<(), DatabaseError> {
        self.execute(&format!("ALTER DATABASE {} ALLOW_CONNECTIONS {allowed}", quoted(name))).await.map(drop)
    }

    /// Ends every session in a database and waits until it is gone; gives who they were.
    ///
    /// # Errors
    /// When one of them may not be ended by this role.
    pub async fn end_sessions(&mut self, name: &str) -> Result<Vec<String>, DatabaseError> {
        let sql = format!(
            "SELECT coalesce(nullif(application_name, ''), backend_type) || ' of ' || coalesce(usename, 'the server') \
             || ' (' || pid || ')', pg_terminate_backend(pid, 5000)::int::text FROM pg_stat_activity \
             WHERE datname = {} AND pid <> pg_backend_pid() ORDER BY backend_start",
            literal(name)
        );
        let found = self.rows(&sql, usize::MAX).await?;
        Ok(found.rows.iter().map(|row| super::catalog::text(row, 0)).collect())
    }

    /// Renames a database that is closed to connections, and another to its name, both or neither; the first opens again.
    ///
    /// # Errors
    /// When somebody is still in one of them, or the role may not.
    pub async fn exchange_databases(&mut self, name: &str, before: &str, fresh: &str) -> Result<(), DatabaseError> {
        let (name, before, fresh) = (quoted(name), quoted(before), quoted(fresh));
        let both = format!(
            "BEGIN; ALTER DATABASE {name} RENAME TO {before}; ALTER DATABASE {fresh} RENAME TO {name}; \
             ALTER DATABASE {before} ALLOW_CONNECTIONS true; COMMIT"
        );
        match self.execute(&both).await {
            Ok(_) => Ok(()),
            Err(error) => {
                self.execute("ROLLBACK").await?;
                Err(error)
            }
        }
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
