//! Which process answers: whether it started after a step, and whether it has the environment's database open.
//!
//! Reported from `/proc`, so on this machine alone. What cannot be reported is inconclusive.

use super::super::{place, rows};
use super::Visit;
use crate::attempts::{Assignment, descendants};
use crate::database::{Address, Database, Interrupt, Purpose, Value};
use crate::deployment::Verdict;
use crate::load::{connections, listeners};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeSet;
use std::fs;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

/// `/proc` counts when a process started in hundredths of a second.
const TICKS: f64 = 100.0;
/// How far such a time may be off.
const MARGIN: TimeDelta = TimeDelta::milliseconds(100);
/// Requests that are sent once more while its connections are looked at: some are open only for a request.
const LOOKS: u32 = 10;
const BETWEEN: Duration = Duration::from_millis(2);
/// What hands requests on to somebody else: when it started says nothing of who answers.
const PROXIES: [&str; 12] = [
    "nginx", "nginx:", "haproxy", "envoy", "caddy", "traefik", "varnishd", "squid", "stunnel", "stunnel4", "socat",
    "ssh",
];

/// A process that listens where the request goes.
#[derive(Debug, Clone, PartialEq)]
struct Listener {
    pid: u32,
    name: String,
    started: DateTime<Utc>,
}

impl Visit<'_> {
    /// What the check asks of the process that answers, each with its verdict.
    pub(super) async fn prove(&self, assignment: &Assignment) -> Vec<(Verdict, String)> {
        if self.http.started_since.is_none() && !self.http.own_database {
            return Vec::new();
        }
        let url = self.request.url.clone();
        let found = tokio::task::spawn_blocking(move || listening(&url)).await;
        let listening = match found.unwrap_or_else(|_| Err("looking for it broke off".to_owned())) {
            Ok(listening) => listening,
            Err(why) => {
                let words = format!(
                    "which process answers cannot be reported: {why}; ask for a version or a start time in its answer instead"
                );
                return vec![(Verdict::Inconclusive, words)];
            }
        };
        let mut reported = Vec::new();
        if let Some(item) = &self.http.started_since {
            reported.push(match place::began(assignment, item) {
                Ok(since) => started(&listening, since, &rows::title(assignment, item)),
                Err(why) => (Verdict::Inconclusive, why.to_string()),
            });
        }
        if self.http.own_database {
            let pids = family(&listening);
            reported.push(match place::address(assignment) {
                Ok(Address::Sqlite(path)) => self.holds_file(&pids, &path).await,
                Ok(Address::Postgres(_)) => self.has_session(assignment, &pids).await,
                Err(why) => (Verdict::Inconclusive, why.to_string()),
            });
        }
        reported
    }

    async fn holds_file(&self, pids: &BTreeSet<u32>, path: &Path) -> (Verdict, String) {
        let Ok(path) = fs::canonicalize(path) else {
            return (Verdict::Inconclusive, format!("the database {} is not there", path.display()));
        };
        for _ in 0..LOOKS {
            let mut seen = false;
            self.meanwhile(|| seen |= pids.iter().any(|pid| has_open(*pid, &path))).await;
            if seen {
                return (Verdict::Pass, "it has the environment's database open".to_owned());
            }
        }
        let words = format!("it was not seen to open the environment's database {}", path.display());
        (Verdict::Inconclusive, words)
    }

    async fn has_session(&self, assignment: &Assignment, pids: &BTreeSet<u32>) -> (Verdict, String) {
        let mut last = String::new();
        for _ in 0..LOOKS {
            let mut ends = BTreeSet::new();
            self.meanwhile(|| ends.extend(connections(pids))).await;
            match sessions(assignment, &ends).await {
                Ok((0, others)) if others.is_empty() => {}
                Ok((0, others)) => {
                    let words =
                        format!("its sessions on the server are in {others}, not in the environment's database");
                    return (Verdict::Fail, words);
                }
                Ok((own, others)) if !others.is_empty() => {
                    let words = format!(
                        "it has {own} sessions in the environment's database and others in {others}: which of them a request \
                         goes to cannot be reported"
                    );
                    return (Verdict::Inconclusive, words);
                }
                Ok((own, _)) => {
                    let of = if own == 1 { "a session" } else { "sessions" };
                    return (Verdict::Pass, format!("it has {of} in the environment's database"));
                }
                Err(why) => last = format!(": {why}"),
            }
        }
        let words = format!(
            "the service's database is not proven: no session of its own was seen on the environment's server, which may \
             be another one, behind a pooler or a socket file, or hide sessions from a role without pg_monitor{last}"
        );
        (Verdict::Inconclusive, words)
    }

    /// Looks once, and while a request is under way that only reads.
    async fn meanwhile(&self, mut look: impl FnMut()) {
        look();
        if !["GET", "HEAD"].contains(&self.request.method.as_str()) {
            tokio::time::sleep(BETWEEN * 10).await;
            return;
        }
        let answer = self.session.send(&self.probe, self.request.clone());
        tokio::pin!(answer);
        loop {
            tokio::select! {
                _ = &mut answer => break,
                () = tokio::time::sleep(BETWEEN) => look(),
            }
        }
        look();
    }
}

/// The processes that listen at the host and port of an address.
fn listening(url: &reqwest::Url) -> Result<Vec<Listener>, String> {
    let addresses = url.socket_addrs(|| None).map_err(|error| format!("its host is not found: {error}"))?;
    let (mut pids, mut why) = (BTreeSet::new(), "its host has no address".to_owned());
    for address in addresses {
        match listeners(address) {
            Ok(found) => pids.extend(found),
            Err(error) => why = error.to_string(),
        }
    }
    let now = Utc::now();
    let up = fs::read_to_string("/proc/uptime").unwrap_or_default();
    let up: f64 =
        up.split_whitespace().next().and_then(|up| up.parse().ok()).ok_or("this system has no /proc/uptime")?;
    let found = descendants::all().into_iter().filter_map(|process| {
        let pid = u32::try_from(process.pid).ok().filter(|pid| pids.contains(pid))?;
        let age = Duration::try_from_secs_f64((up - process.started as f64 / TICKS).max(0.0)).ok()?;
        let program = process.command.split_whitespace().next().unwrap_or_default();
        let name = program.rsplit('/').next().unwrap_or(program).to_owned();
        Some(Listener { pid, name, started: now - age })
    });
    let found: Vec<Listener> = found.collect();
    if found.is_empty() { Err(why) } else { Ok(found) }
}

/// Whether what answers started after a step began.
fn started(listening: &[Listener], since: DateTime<Utc>, title: &str) -> (Verdict, String) {
    let (new, old): (Vec<_>, Vec<_>) = listening.iter().partition(|process| process.started >= since - MARGIN);
    let named = |process: &Listener| {
        let Listener { pid, name, started } = process;
        format!("{name} (pid {pid}), started {}", started.format("%Y-%m-%d %H:%M:%S UTC"))
    };
    let began = since.format("%H:%M:%S UTC");
    if let Some(proxy) = listening.iter().find(|process| PROXIES.contains(&process.name.as_str())) {
        let words = format!(
            "{} listens there and hands requests on: when what is behind it started cannot be reported; ask it at its own \
             address, or for a version in its answer",
            named(proxy)
        );
        return (Verdict::Inconclusive, words);
    }
    match (new.first(), old.first()) {
        (Some(new), None) => (Verdict::Pass, format!("answered by {}, after {title} began", named(new))),
        (None, Some(old)) => (
            Verdict::Fail,
            format!("answered by {}, before {title} began at {began}: what it started does not answer", named(old)),
        ),
        (Some(_), Some(old)) => {
            let words =
                format!("{} listens there too, from before {title} began at {began}: either may answer", named(old));
            (Verdict::Inconclusive, words)
        }
        (None, None) => (Verdict::Inconclusive, "no process was found that answers".to_owned()),
    }
}

/// They and all processes below them.
fn family(listening: &[Listener]) -> BTreeSet<u32> {
    let all = descendants::all();
    let mut pids: BTreeSet<u32> = listening.iter().map(|process| process.pid).collect();
    loop {
        let number = |pid: i32| u32::try_from(pid).ok();
        let below = all.iter().filter(|process| number(process.parent).is_some_and(|parent| pids.contains(&parent)));
        let below: Vec<u32> =
            below.filter_map(|process| number(process.pid)).filter(|pid| !pids.contains(pid)).collect();
        if below.is_empty() {
            return pids;
        }
        pids.extend(below);
    }
}

fn has_open(pid: u32, path: &Path) -> bool {
    let entries = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
    entries.filter_map(|entry| fs::read_link(entry.path()).ok()).any(|target| target == path)
}

/// How many of these connections are sessions in the environment's database, and in what other databases there are any.
async fn sessions(assignment: &Assignment, ends: &BTreeSet<(IpAddr, u16)>) -> Result<(u64, String), String> {
    if ends.is_empty() {
        return Ok((0, String::new()));
    }
    let ends: Vec<String> = ends.iter().map(|(address, port)| format!("('{address}', {port})")).collect();
    let sql = format!(
        "SELECT (count(*) FILTER (WHERE datname = current_database()))::text || '|' || \
         coalesce(string_agg(DISTINCT datname::text, ', ') FILTER (WHERE datname <> current_database()), '') \
         FROM pg_stat_activity WHERE client_port > 0 AND (host(client_addr), client_port) IN ({})",
        ends.join(", ")
    );
    let connected = place::connect(assignment, Purpose::Read, &Interrupt::new()).await;
    let mut database: Database = connected.map_err(|why| why.to_string())?;
    let found = database.scalar(&sql).await.map_err(|error| error.to_string());
    database.close().await;
    let Some(Value::Text(text)) = found? else { return Ok((0, String::new())) };
    let (own, others) = text.split_once('|').unwrap_or((&text, ""));
    Ok((own.parse().unwrap_or(0), others.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listener(pid: u32, second: u32) -> Listener {
        let started = format!("2026-11-27T10:00:{second:02}Z").parse().unwrap();
        Listener { pid, name: "uvicorn".to_owned(), started }
    }

    #[test]
    fn only_a_process_from_after_the_step_passes() {
        let since = "2026-11-27T10:00:10.050Z".parse().unwrap();
        let reported = |processes: &[Listener]| started(processes, since, "Restart");
        assert_eq!(
            reported(&[listener(7, 10), listener(8, 11)]),
            (
                Verdict::Pass,
                "answered by uvicorn (pid 7), started 2026-11-27 10:00:10 UTC, after Restart began".to_owned()
            )
        );
        assert_eq!(
            reported(&[listener(7, 9)]),
            (
                Verdict::Fail,
                "answered by uvicorn (pid 7), started 2026-11-27 10:00:09 UTC, before Restart began at 10:00:10 UTC: what it \
                 started does not answer"
                    .to_owned()
            )
        );
        assert_eq!(reported(&[listener(7, 9), listener(8, 11)]).0, Verdict::Inconclusive);
        assert_eq!(reported(&[]).0, Verdict::Inconclusive);
        // A proxy that started anew may have the old release behind it.
        let proxy = Listener { name: "nginx:".to_owned(), ..listener(7, 11) };
        let (verdict, words) = reported(&[proxy]);
        assert!(verdict == Verdict::Inconclusive && words.contains("hands requests on"), "{words}");
    }
}
