//! Databases of a server made, renamed and dropped.

use super::sessions::Occupancy;
use super::{Postgres, literal, quoted};
use crate::database::error::DatabaseError;
use std::time::{Duration, Instant};

/// How long a database may stay in use before dropping it is given up.
const DROPPING: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(300);

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

    /// Drops a database if it is there. Sessions that this role may end are ended; others, and the server's own workers,
    /// are waited for.
    ///
    /// # Errors
    /// When the role may not, or somebody stays in it.
    pub async fn drop_database(&mut self, name: &str) -> Result<(), DatabaseError> {
        let began = Instant::now();
        loop {
            let mut staying = Vec::new();
            for occupant in self.occupants(name).await? {
                if occupant.kind == Occupancy::Ours {
                    self.end_session(name, &occupant).await?;
                }
                staying.push(occupant.who);
            }
            // Without FORCE, which an ordinary role may not use on workers: the server has these yield by itself.
            match self.execute(&format!("DROP DATABASE IF EXISTS {}", quoted(name))).await {
                Err(DatabaseError::InUse(_) | DatabaseError::Locked { .. }) if began.elapsed() < DROPPING => {
                    tokio::time::sleep(PAUSE).await;
                }
                Err(DatabaseError::InUse(why)) if !staying.is_empty() => {
                    return Err(DatabaseError::InUse(format!("{why}: {}", staying.join(", "))));
                }
                done => return done.map(drop),
            }
        }
    }

    /// Makes an empty database with another's owner, encoding, locale, tablespace, limit, settings and rights: what a
    /// dump does not bring along. Gives the settings and rights that this role may not set, as statements for somebody
    /// who may.
    ///
    /// # Errors
    /// When the role may make none, or the other is not there.
    pub async fn create_database_like(&mut self, name: &str, model: &str) -> Result<Vec<String>, DatabaseError> {
        let sql = format!(
            "SELECT nullif(pg_get_userbyid(d.datdba), current_user), pg_encoding_to_char(d.encoding), d.datcollate, \
             d.datctype, coalesce(to_jsonb(d) ->> 'datlocprovider', 'c'), \
             coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale', ''), \
             CASE WHEN d.dattablespace IS DISTINCT FROM b.dattablespace THEN t.spcname END, d.datconnlimit::text \
             FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace \
             LEFT JOIN pg_database b ON b.datname = 'template0' WHERE d.datname = {}",
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
        // What is the default anyway is not named: naming it takes rights of its own.
        let named = |words: &str, index: usize| match value(index) {
            name if name.is_empty() => String::new(),
            name => format!(" {words} {}", quoted(&name)),
        };
        self.execute(&format!(
            "CREATE DATABASE {}{} TEMPLATE template0 ENCODING {} LC_COLLATE {} LC_CTYPE {}{locale}{} CONNECTION LIMIT {}",
            quoted(name),
            named("OWNER", 0),
            literal(&value(1)),
            literal(&value(2)),
            literal(&value(3)),
            named("TABLESPACE", 6),
            value(7)
        ))
        .await?;
        let mut refused = Vec::new();
        for [here, there] in self.settings_and_rights([name, model]).await? {
            match self.execute(&here).await {
                Err(DatabaseError::NotPermitted(_)) => refused.push(there),
                done => _ = done?,
            }
        }
        Ok(refused)
    }

    /// The statements for the first of two databases, each beside the same for the second, from which they were read.
    async fn settings_and_rights(&mut self, names: [&str; 2]) -> Result<Vec<[String; 2]>, DatabaseError> {
        let model = literal(names[1]);
        let names = names.map(quoted);
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
            let key = setting_name(key);
            statements.push(names.each_ref().map(|name| format!("ALTER {whom}DATABASE {name} SET {key} = {value}")));
        }
        let rights = format!(
            "SELECT coalesce(r.rolname, ''), a.privilege_type, a.is_grantable::int::text \
             FROM pg_database d, aclexplode(d.datacl) AS a LEFT JOIN pg_roles r ON r.oid = a.grantee WHERE d.datname = {model}"
        );
        let rights = self.rows(&rights, usize::MAX).await?.rows;
        if !rights.is_empty() {
            statements.push(names.each_ref().map(|name| format!("REVOKE ALL ON DATABASE {name} FROM PUBLIC")));
        }
        for row in &rights {
            let [role, right, grantable] = [0, 1, 2].map(|index| super::catalog::text(row, index));
            let whom = if role.is_empty() { "PUBLIC".to_owned() } else { quoted(&role) };
            let further = if grantable == "1" { " WITH GRANT OPTION" } else { "" };
            statements
                .push(names.each_ref().map(|name| format!("GRANT {right} ON DATABASE {name} TO {whom}{further}")));
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

    /// The databases of the server, as far as this role sees them.
    ///
    /// # Errors
    /// When the server cannot be asked.
    pub async fn databases(&mut self) -> Result<Vec<Listed>, DatabaseError> {
        let sql = "SELECT datname::text, oid::int8, datallowconn, CASE WHEN has_database_privilege(oid, 'CONNECT') \
                   THEN pg_database_size(oid) END FROM pg_database ORDER BY datname";
        let found = self.rows(sql, usize::MAX).await?;
        let listed = found.rows.iter().map(|row| Listed {
            name: super::catalog::text(row, 0),
            oid: u32::try_from(super::catalog::number(row, 1)).unwrap_or_default(),
            open: super::catalog::truth(row, 2),
            bytes: u64::try_from(super::catalog::number(row, 3)).unwrap_or_default(),
        });
        Ok(listed.collect())
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

/// A database of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub name: String,
    /// Stays when the database is renamed, and never comes again.
    pub oid: u32,
    /// Whether anybody may connect to it.
    pub open: bool,
    /// 0 where it may not be asked.
    pub bytes: u64,
}
