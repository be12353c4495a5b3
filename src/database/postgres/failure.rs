//! What went wrong with PostgreSQL, sorted by SQLSTATE and put into sentences. None of them holds a password.

use super::address::PostgresAddress;
use crate::database::error::DatabaseError;
use sqlx::postgres::PgDatabaseError;
use std::io::ErrorKind;

/// How the TLS library begins to say what is wrong with a server's certificate.
const CERTIFICATE: &str = "invalid peer certificate";

fn untrusted(reported: &str) -> String {
    if reported.contains("UnknownIssuer") {
        return "the server's certificate is not signed by an authority that is trusted here; name the authority's \
                certificate in sslrootcert"
            .to_owned();
    }
    if reported.contains("NotValidForName") || reported.contains("not valid for name") {
        return "the server's certificate is made out to another name than the address has".to_owned();
    }
    if reported.contains("Expired") || reported.contains("expired") {
        return "the server's certificate has expired".to_owned();
    }
    reported.to_owned()
}

/// The server's own error, when it is one.
fn from_server(error: &sqlx::Error) -> Option<&PgDatabaseError> {
    let sqlx::Error::Database(inner) = error else { return None };
    inner.try_downcast_ref::<PgDatabaseError>()
}

/// Why no connection came about.
pub(super) fn connecting(error: &sqlx::Error, address: &PostgresAddress) -> DatabaseError {
    let (place, user, database) = (address.place(), address.user(), address.database());
    let Some(reported) = from_server(error) else {
        return DatabaseError::Unreachable(match error {
            sqlx::Error::Io(error) if error.kind() == ErrorKind::ConnectionRefused => {
                format!("no server answers at {place}; is PostgreSQL running there, and on this port?")
            }
            sqlx::Error::Io(error) if error.kind() == ErrorKind::NotFound && address.missing_file().is_some() => {
                let file = address.missing_file().unwrap_or_default();
                format!(
                    "no encrypted connection to {place} came about: the file {file}, which the address names, is not there"
                )
            }
            sqlx::Error::Io(error) if error.kind() == ErrorKind::NotFound => {
                format!("there is no server's socket at {place}; is PostgreSQL running?")
            }
            sqlx::Error::Io(error) if error.to_string().contains(CERTIFICATE) => {
                format!("no encrypted connection to {place} came about: {}", untrusted(&error.to_string()))
            }
            sqlx::Error::Io(error) => format!("the server at {place} cannot be reached: {error}"),
            sqlx::Error::Tls(error) => format!("no encrypted connection to {place} came about: {error}"),
            sqlx::Error::Protocol(why) => format!("the server at {place} does not answer as PostgreSQL does: {why}"),
            // Other errors could repeat the address.
            _ => format!("no connection to {place} came about"),
        });
    };
    let message = reported.message();
    match reported.code() {
        "28P01" => DatabaseError::Unreachable(format!(
            "the server at {place} refuses the password of {user}; correct it in the environment's variable"
        )),
        "28000" => DatabaseError::Unreachable(format!("the server at {place} lets {user} not in: {message}")),
        "3D000" => DatabaseError::Unreachable(format!("there is no database {database} on the server at {place}")),
        "42501" => DatabaseError::Unreachable(format!(
            "{user} may not connect to {database} at {place}; GRANT CONNECT ON DATABASE to it"
        )),
        "53300" => DatabaseError::Unreachable(format!("the server at {place} has no connection left: {message}")),
        "57P03" => DatabaseError::Unreachable(format!("the server at {place} is starting or stopping: {message}")),
        _ => DatabaseError::Unreachable(format!("the server at {place} refuses the connection: {message}")),
    }
}

/// Why a statement did not do as asked. `lock_timeout` is the session's, in milliseconds.
pub(super) fn asking(error: &sqlx::Error, lock_timeout: u64) -> DatabaseError {
    let Some(reported) = from_server(error) else {
        return match error {
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::WorkerCrashed => {
                DatabaseError::Unreachable("the connection to the server broke".to_owned())
            }
            other => DatabaseError::Io(other.to_string()),
        };
    };
    let message = match reported.detail() {
        Some(detail) => format!("{} ({})", reported.message(), detail.lines().next().unwrap_or_default()),
        None => reported.message().to_owned(),
    };
    let code = reported.code();
    match code {
        "55P03" => DatabaseError::Locked { waited_ms: lock_timeout },
        "55006" => DatabaseError::InUse(message),
        "57014" => DatabaseError::Ended(message),
        "25006" => DatabaseError::ReadOnly(message),
        "42501" => DatabaseError::NotPermitted(message),
        "XX001" | "XX002" => DatabaseError::Damaged(message),
        "57P01" | "57P02" | "57P03" | "57P04" | "57P05" => {
            DatabaseError::Unreachable(format!("the server ended the connection: {message}"))
        }
        _ => match code.get(..2).unwrap_or_default() {
            "22" => DatabaseError::Values(message),
            "23" => DatabaseError::Constraint(message),
            "08" => DatabaseError::Unreachable(format!("the connection to the server broke: {message}")),
            "53" | "58" => DatabaseError::Io(message),
            _ => DatabaseError::Statement(message),
        },
    }
}
