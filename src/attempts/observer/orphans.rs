//! Sessions on the server: those an attempt left behind, and single ones that stand in the way. Ended in the order that
//! does the least harm, and never anybody else's.

use super::answer;
use super::ask::{Server, literal};
use super::own::Own;
use crate::attempts::console::Console;
use crate::database::DatabaseError;
use crate::deployment::fact::Ending;
use crate::deployment::live::Session;
use std::time::{Duration, Instant};

/// How long a session has after each step.
const GRACE: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_millis(200);

/// A session that is left, as people read it.
pub type Left = Vec<String>;

/// The sessions that are still known by `own`.
pub async fn left(url: &str, own: &Own) -> Result<Left, DatabaseError> {
    let mut server = answer(Server::connect(url)).await?;
    let found = still(&mut server, own).await;
    server.close().await;
    found
}

async fn still(server: &mut Server, own: &Own) -> Result<Left, DatabaseError> {
    let sql = format!(
        "SELECT a.pid, coalesce(a.state, 'hidden'), \
         (SELECT count(*) FROM pg_locks l WHERE l.pid = a.pid AND l.granted AND l.locktype = 'relation') \
         FROM pg_stat_activity a WHERE {} AND a.datname = current_database() \
         AND a.pid <> pg_backend_pid()",
        own.condition()
    );
    let rows = answer(server.texts(&sql)).await?;
    let line = |row: &Vec<String>| match row.as_slice() {
        [pid, state, locks] => format!("pid {pid}, {state}, {locks} locks"),
        _ => String::new(),
    };
    Ok(rows.iter().map(line).collect())
}

/// Waits for the sessions known by `own` to go by themselves.
pub async fn wait(url: &str, own: &Own, patience: Duration) -> Result<Left, DatabaseError> {
    let mut server = answer(Server::connect(url)).await?;
    let began = Instant::now();
    loop {
        let found = still(&mut server, own).await?;
        if found.is_empty() || began.elapsed() >= patience {
            server.close().await;
            return Ok(found);
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// The sessions of this database that came after a moment of the server and stay; none of gonogo's own watchers.
pub async fn came_since(url: &str, since: &str, patience: Duration) -> Result<Left, DatabaseError> {
    let mut server = answer(Server::connect(url)).await?;
    let sql = format!(
        "SELECT coalesce(nullif(a.application_name, ''), a.usename::text, 'a session') || ' (pid ' || a.pid || ')' \
         FROM pg_stat_activity a WHERE a.datname = current_database() AND a.backend_start > {}::timestamptz \
         AND a.backend_type = 'client backend' AND a.pid <> pg_backend_pid() \
         AND a.application_name NOT IN ('gonogo', 'gonogo observer', 'gonogo check') ORDER BY a.pid",
        literal(since)
    );
    let began = Instant::now();
    loop {
        let rows = answer(server.texts(&sql)).await?;
        if rows.is_empty() || began.elapsed() >= patience {
            server.close().await;
            return Ok(rows.into_iter().filter_map(|row| row.into_iter().next()).collect());
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Ends the sessions known by `own`: cancels what they are at, looks, and only then ends those that are still there. Gives
/// those that are left.
pub async fn end(url: &str, own: &mut Own, console: &dyn Console) -> Result<Left, DatabaseError> {
    let mut server = answer(Server::connect(url)).await?;
    answer(own.look(&mut server)).await?;
    let mut found = still(&mut server, own).await?;
    for (function, words) in [("pg_cancel_backend", "cancelled"), ("pg_terminate_backend", "ended")] {
        if found.is_empty() {
            break;
        }
        let sql = format!(
            "SELECT a.pid, {function}(a.pid)::int FROM pg_stat_activity a \
             WHERE {} AND a.datname = current_database() AND a.pid <> pg_backend_pid()",
            own.condition()
        );
        for row in answer(server.texts(&sql)).await? {
            let pid = row.first().map(String::as_str).unwrap_or_default();
            console.line(&format!("on the server: session {pid} of this attempt is {words}"));
        }
        let began = Instant::now();
        while !found.is_empty() && began.elapsed() < GRACE {
            tokio::time::sleep(LOOK).await;
            found = still(&mut server, own).await?;
        }
    }
    server.close().await;
    Ok(found)
}

/// Ends one session that is in the way, if it still is the one that was meant: cancels its statement, or ends the
/// session where it is at none and only keeps its transaction open.
///
/// # Errors
/// When it may not be ended, is gone, or the server does not answer.
pub async fn end_one(url: &str, session: &Session) -> Result<Ending, NotEnded> {
    if let Some(why) = session.untouchable() {
        return Err(NotEnded::Untouchable(why));
    }
    let mut server = answer(Server::connect(url)).await?;
    let ended = end_it(&mut server, session).await;
    server.close().await;
    ended
}

/// Why a session was not ended.
#[derive(Debug, thiserror::Error)]
pub enum NotEnded {
    #[error("{0}")]
    Untouchable(String),
    #[error("{session} is gone, or is not what it was; nothing was ended")]
    Another { session: String },
    #[error("{session} is gone; nothing was ended")]
    Gone { session: String },
    #[error("{session} could not be ended: {why}; it takes its own role, or pg_signal_backend")]
    Refused { session: String, why: DatabaseError },
    #[error(transparent)]
    Server(#[from] DatabaseError),
}

async fn end_it(server: &mut Server, session: &Session) -> Result<Ending, NotEnded> {
    let name = session.name();
    // Process numbers come again; the start shows whether it is still the same session.
    let it = format!(
        "FROM pg_stat_activity a WHERE a.pid = {} AND a.backend_start::text = {} AND a.backend_type = 'client backend' \
         AND a.pid <> pg_backend_pid() AND a.application_name <> 'gonogo' AND a.application_name !~ '^gonogo[- ]'",
        session.pid,
        literal(&session.started)
    );
    let found = answer(server.texts(&format!("SELECT coalesce(a.state, '') {it}"))).await?;
    let Some(state) = found.first().and_then(|row| row.first()) else {
        return Err(NotEnded::Another { session: name });
    };
    let (function, ending) = if state == "active" {
        ("pg_cancel_backend", Ending::Statement)
    } else {
        ("pg_terminate_backend", Ending::Session)
    };
    let done = answer(server.texts(&format!("SELECT {function}(a.pid)::int {it}"))).await;
    match done {
        Ok(rows) if rows.first().and_then(|row| row.first()).is_some_and(|done| done == "1") => Ok(ending),
        Ok(_) => Err(NotEnded::Gone { session: name }),
        Err(why) => Err(NotEnded::Refused { session: name, why }),
    }
}
