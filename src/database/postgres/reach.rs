//! Reaching a server, or the right one of several.

use super::address::{PostgresAddress, Wanted};
use super::failure;
use crate::database::error::DatabaseError;
use crate::database::interrupt::Interrupt;
use sqlx::ConnectOptions;
use sqlx::postgres::PgConnection;
use std::time::Duration;
use tokio::time::timeout;

/// A server that does not greet within this is not there.
const GREETING: Duration = Duration::from_secs(10);

/// Connects to the first of an address's servers that answers and is of the kind that the address wants; gives its own
/// address besides.
pub(super) async fn connect(
    address: &PostgresAddress,
    name: &str,
    interrupt: &Interrupt,
) -> Result<(PgConnection, PostgresAddress), DatabaseError> {
    let candidates = address.candidates();
    if let ([only], Wanted::Any) = (candidates.as_slice(), address.wanted()) {
        return Ok((one(only, name, interrupt).await?, only.clone()));
    }
    let mut passed_over = Vec::new();
    let mut second_best = None;
    for candidate in candidates {
        let place = candidate.place().to_owned();
        match tried(&candidate, name, interrupt).await {
            Ok((connection, _, true)) => {
                return Ok((connection, candidate));
            }
            Ok((connection, what, false)) => {
                passed_over.push(format!("{place} is {what}"));
                if address.wanted() == Wanted::PreferStandby && second_best.is_none() {
                    second_best = Some((connection, candidate));
                }
            }
            Err(DatabaseError::Interrupted) => return Err(DatabaseError::Interrupted),
            Err(error) => passed_over.push(error.to_string()),
        }
    }
    second_best.ok_or_else(|| {
        let word = address.wanted().word();
        DatabaseError::Unreachable(format!(
            "none of the servers of the address will do (target_session_attrs={word}): {}",
            passed_over.join("; ")
        ))
    })
}

/// A connection, what the server is, and whether that is what the address wants.
async fn tried(
    candidate: &PostgresAddress,
    name: &str,
    interrupt: &Interrupt,
) -> Result<(PgConnection, &'static str, bool), DatabaseError> {
    let mut connection = one(candidate, name, interrupt).await?;
    if candidate.wanted() == Wanted::Any {
        return Ok((connection, "a server", true));
    }
    let asked = sqlx::query_as("SELECT pg_is_in_recovery(), current_setting('transaction_read_only') = 'on'");
    let answered = timeout(GREETING, asked.fetch_one(&mut connection)).await;
    let (standby, reads_only): (bool, bool) = match answered {
        Ok(answer) => answer.map_err(|error| failure::asking(&error, 0))?,
        Err(_) => return Err(silent(candidate)),
    };
    let what = match (standby, reads_only) {
        (true, _) => "a standby",
        (false, true) => "a primary that only reads",
        (false, false) => "a primary",
    };
    Ok((connection, what, candidate.wanted().accepts(standby, reads_only)))
}

/// Connects to the only server of an address.
pub(super) async fn one(
    address: &PostgresAddress,
    name: &str,
    interrupt: &Interrupt,
) -> Result<PgConnection, DatabaseError> {
    let options = address.options().application_name(name).statement_cache_capacity(0);
    tokio::select! {
        connected = timeout(GREETING, options.connect()) => match connected {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(failure::connecting(&error, address)),
            Err(_) => Err(silent(address)),
        },
        () = interrupt.wait() => Err(DatabaseError::Interrupted),
    }
}

fn silent(address: &PostgresAddress) -> DatabaseError {
    let (place, seconds) = (address.place(), GREETING.as_secs());
    DatabaseError::Unreachable(format!("the server at {place} did not answer within {seconds} s"))
}
