//! The migrator's own sessions on the server: by the name it was given, and, for a driver that does not take that name, by
//! the connections of the processes it runs in. Addresses and ports are compared on both ends, so that nobody else's
//! session is ever taken for one of ours; behind a pooler or another network nothing matches, and nothing is claimed.

use super::ask::{Server, literal};
use crate::attempts::descendants;
use crate::database::DatabaseError;
use crate::deployment::live::Session;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;

/// What one attempt's sessions are known by.
#[derive(Debug, Clone, Default)]
pub struct Own {
    tag: String,
    /// Process number and start of sessions that were recognised by their connection.
    known: BTreeSet<(i64, String)>,
}

impl Own {
    #[must_use]
    pub fn of(tag: &str) -> Self {
        Self { tag: tag.to_owned(), known: BTreeSet::new() }
    }

    /// Whether any was recognised by its connection.
    pub fn is_known(&self) -> bool {
        !self.known.is_empty()
    }

    /// What they meet in `pg_stat_activity`, of the alias `a`.
    pub fn condition(&self) -> String {
        let tag = literal(&self.tag);
        let known = self.known.iter().map(|(pid, started)| format!("({pid}, {})", literal(started)));
        let known: Vec<String> = known.collect();
        if known.is_empty() {
            return format!("a.application_name = {tag}");
        }
        format!("(a.application_name = {tag} OR (a.pid, a.backend_start::text) IN ({}))", known.join(", "))
    }

    /// Gives a session that is recognised the attempt's name, by which everybody knows it from then on.
    pub fn name(&self, session: &mut Session) {
        if self.known.contains(&(session.pid, session.started.clone())) {
            session.application.clone_from(&self.tag);
        }
    }

    /// Looks whether connections of what this process started end at the server.
    pub async fn look(&mut self, server: &mut Server) -> Result<(), DatabaseError> {
        let ends = connections();
        if ends.is_empty() {
            return Ok(());
        }
        let sql = "SELECT a.pid::text, a.backend_start::text, host(a.client_addr), a.client_port::text \
                   FROM pg_stat_activity a WHERE a.datname = current_database() AND a.client_port > 0 \
                   AND a.pid <> pg_backend_pid()";
        for row in server.texts(sql).await? {
            let [pid, started, address, port] = row.as_slice() else { continue };
            let end = address.parse().ok().map(plain).zip(port.parse().ok());
            if let (Some(end), Ok(pid)) = (end, pid.parse())
                && ends.contains(&end)
            {
                self.known.insert((pid, started.clone()));
            }
        }
        Ok(())
    }
}

/// The local ends of the connections that processes started by this one hold.
fn connections() -> BTreeSet<(IpAddr, u16)> {
    let targets = descendants::held().into_iter().filter_map(|held| std::fs::read_link(held).ok());
    let number = |target: PathBuf| target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse::<u64>().ok();
    let sockets: BTreeSet<u64> = targets.filter_map(number).collect();
    if sockets.is_empty() {
        return BTreeSet::new();
    }
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|table| std::fs::read_to_string(table).unwrap_or_default());
    tables.iter().flat_map(|table| table.lines().skip(1)).filter_map(|line| local_end(line, &sockets)).collect()
}

/// The local end of one line of `/proc/net/tcp`, when its socket is one of these.
fn local_end(line: &str, sockets: &BTreeSet<u64>) -> Option<(IpAddr, u16)> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let inode: u64 = fields.get(9)?.parse().ok()?;
    if !sockets.contains(&inode) {
        return None;
    }
    let (address, port) = fields.get(1)?.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    // Each word of an address stands there in the byte order of the machine.
    let word = |at: usize| u32::from_str_radix(address.get(at * 8..at * 8 + 8)?, 16).ok().map(u32::to_ne_bytes);
    let address = match address.len() {
        8 => IpAddr::V4(Ipv4Addr::from(word(0)?)),
        32 => {
            let words = [word(0)?, word(1)?, word(2)?, word(3)?].concat();
            IpAddr::V6(Ipv6Addr::from(<[u8; 16]>::try_from(words).ok()?))
        }
        _ => return None,
    };
    Some((plain(address), port))
}

/// An address of IPv4 is the same when it is written as one of IPv6.
fn plain(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_connections_are_read() {
        let sockets = BTreeSet::from([2207]);
        let line = "   1: 0100007F:D431 0100007F:1538 01 00000000:00000000 00:00000000 00000000  1000        0 2207 1 0 20 4 30 10 -1";
        assert_eq!(local_end(line, &sockets), Some((IpAddr::V4(Ipv4Addr::LOCALHOST), 0xd431)));
        assert_eq!(local_end(line, &BTreeSet::from([1])), None);
        let mapped = line.replace("0100007F:D431", "0000000000000000FFFF00000100007F:D431");
        assert_eq!(local_end(&mapped, &sockets), Some((IpAddr::V4(Ipv4Addr::LOCALHOST), 0xd431)));
        let six = line.replace("0100007F:D431", "00000000000000000000000001000000:D431");
        assert_eq!(local_end(&six, &sockets), Some((IpAddr::V6(Ipv6Addr::LOCALHOST), 0xd431)));
    }

    #[test]
    fn a_session_is_known_by_number_and_start_and_gets_the_name() {
        let mut own = Own::of("gonogo-0001");
        assert_eq!(own.condition(), "a.application_name = 'gonogo-0001'");
        own.known.insert((7, "2026-01-01 00:00:00+00".into()));
        assert!(own.condition().contains("IN ((7, '2026-01-01 00:00:00+00'))"), "{}", own.condition());
        let session = |started: &str| Session { pid: 7, started: started.into(), ..Session::default() };
        let named = |started: &str| {
            let mut session = session(started);
            own.name(&mut session);
            session.is_own()
        };
        assert!(named("2026-01-01 00:00:00+00") && !named("2026-01-01 00:00:09+00"));
    }
}
