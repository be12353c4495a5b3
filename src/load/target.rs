//! The processes that answer, where they run on this machine: their processor time, memory and connections. Read from
//! `/proc`; what cannot be read is not measured, and says why.

use super::report::{Target, Used};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Between two looks.
const EVERY: Duration = Duration::from_millis(500);

/// Before the first look: a short test is seen too.
const FIRST: Duration = Duration::from_millis(20);

/// Clock ticks in a second, as `/proc` counts them on every Linux.
const TICKS: f64 = 100.0;

const LISTENING: &str = "0A";
const ESTABLISHED: &str = "01";

/// Looks on until it is asked for what it saw.
pub(super) struct Watch {
    stop: Sender<()>,
    thread: Option<JoinHandle<Target>>,
}

impl Watch {
    pub(super) fn of(address: SocketAddr) -> Self {
        let (stop, stopped) = channel();
        let look = move || {
            let pids = match listeners(address) {
                Ok(pids) => pids,
                Err(why) => return Target::NotMeasured(why.to_string()),
            };
            let Some(mut seen) = Seen::begin(pids, address) else {
                return Target::NotMeasured("its processes ended before they could be looked at".to_owned());
            };
            let mut wait = FIRST;
            loop {
                let over = stopped.recv_timeout(wait) != Err(RecvTimeoutError::Timeout);
                seen.look(over);
                if over {
                    return Target::Measured(seen.used);
                }
                wait = EVERY;
            }
        };
        let thread = thread::Builder::new().name("load-target".to_owned()).spawn(look).ok();
        Self { stop, thread }
    }

    pub(super) fn reported(self) -> Target {
        let _ = self.stop.send(());
        let reported = self.thread.and_then(|thread| thread.join().ok());
        reported.unwrap_or_else(|| Target::NotMeasured("the thread that looks at it did not run".to_owned()))
    }
}

/// What was seen of some processes.
struct Seen {
    pids: BTreeSet<u32>,
    address: SocketAddr,
    began: Instant,
    first: Look,
    last: (Instant, f64),
    used: Used,
}

/// One look at all of them together.
#[derive(Default)]
struct Look {
    /// Processor time so far, by process.
    cpu: BTreeMap<u32, f64>,
    memory: u64,
}

impl Seen {
    fn begin(pids: BTreeSet<u32>, address: SocketAddr) -> Option<Self> {
        let names: Vec<String> = pids.iter().filter_map(|pid| Some(format!("{} (pid {pid})", name(*pid)?))).collect();
        let first = look(&pids);
        if first.cpu.is_empty() {
            return None;
        }
        let used = Used {
            process: names.join(", "),
            memory_before: first.memory,
            memory_peak: first.memory,
            memory_after: first.memory,
            ..Used::default()
        };
        let now = Instant::now();
        Some(Self { pids, address, began: now, first, last: (now, 0.0), used })
    }

    fn look(&mut self, last: bool) {
        let (now, look) = (Instant::now(), look(&self.pids));
        let spent: f64 = look.cpu.iter().map(|(pid, cpu)| cpu - self.first.cpu.get(pid).unwrap_or(cpu)).sum();
        let share = |spent: f64, over: Duration| 100.0 * spent / over.as_secs_f64().max(0.001);
        let since = now.duration_since(self.last.0);
        // Processor time comes in hundredths of a second: over too short a time it says nothing.
        if since >= EVERY / 2 {
            self.used.cpu_peak = self.used.cpu_peak.max(share(spent - self.last.1, since));
            self.last = (now, spent);
        }
        let over = now.duration_since(self.began);
        self.used.cpu = (over >= EVERY / 2).then(|| share(spent, over));
        self.used.memory_after = look.memory;
        self.used.memory_peak = self.used.memory_peak.max(look.memory);
        self.used.gone |= look.cpu.len() < self.first.cpu.len();
        if !last {
            self.used.connections = self.used.connections.max(Some(established(self.address)));
        }
    }
}

fn look(pids: &BTreeSet<u32>) -> Look {
    let mut all = Look::default();
    for pid in pids {
        let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else { continue };
        let Some(ticks) = ticks(&stat) else { continue };
        all.cpu.insert(*pid, ticks / TICKS);
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        all.memory += resident(&status).unwrap_or_default();
    }
    all
}

/// Processor time in user and system mode: the name before it may hold blanks and brackets.
fn ticks(stat: &str) -> Option<f64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some((user + system) as f64)
}

fn resident(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1_024)
}

fn name(pid: u32) -> Option<String> {
    Some(fs::read_to_string(format!("/proc/{pid}/comm")).ok()?.trim().to_owned())
}

/// Why the processes that listen at an address are not known.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unlisted {
    #[error("{0} is not an address of this machine")]
    Elsewhere(IpAddr),
    #[error("this system has no /proc/net/tcp")]
    NoTable,
    #[error("no process listens on port {port} here")]
    Nobody { port: u16 },
    #[error("the process on port {port} belongs to another user")]
    Foreign { port: u16 },
}

/// The processes that hold a socket listening at an address.
///
/// # Errors
/// Why they cannot be found.
pub(crate) fn listeners(address: SocketAddr) -> Result<BTreeSet<u32>, Unlisted> {
    if TcpListener::bind((address.ip(), 0)).is_err() {
        return Err(Unlisted::Elsewhere(address.ip()));
    }
    let table = sockets();
    if table.is_empty() {
        return Err(Unlisted::NoTable);
    }
    let found = table.iter().filter(|socket| socket.state == LISTENING && socket.takes(address));
    let inodes: BTreeSet<u64> = found.map(|socket| socket.inode).collect();
    if inodes.is_empty() {
        return Err(Unlisted::Nobody { port: address.port() });
    }
    let mut pids = BTreeSet::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        if held(pid).any(|inode| inodes.contains(&inode)) {
            pids.insert(pid);
        }
    }
    if pids.is_empty() {
        return Err(Unlisted::Foreign { port: address.port() });
    }
    Ok(pids)
}

/// The sockets that a process holds.
fn held(pid: u32) -> impl Iterator<Item = u64> {
    let entries = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
    let targets = entries.filter_map(|entry| fs::read_link(entry.path()).ok());
    targets.filter_map(|target| target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok())
}

/// The local ends of the connections that processes hold.
pub(crate) fn connections(pids: &BTreeSet<u32>) -> BTreeSet<(IpAddr, u16)> {
    let inodes: BTreeSet<u64> = pids.iter().flat_map(|pid| held(*pid)).collect();
    let own = sockets().into_iter().filter(|socket| socket.state == ESTABLISHED && inodes.contains(&socket.inode));
    own.map(|socket| (socket.local.ip().to_canonical(), socket.local.port())).collect()
}

fn established(address: SocketAddr) -> u64 {
    let table = sockets();
    table.iter().filter(|socket| socket.state == ESTABLISHED && socket.takes(address)).count() as u64
}

struct Socket {
    local: SocketAddr,
    state: String,
    inode: u64,
}

impl Socket {
    /// Whether connections to the address are its own.
    fn takes(&self, address: SocketAddr) -> bool {
        let (here, there) = (self.local.ip().to_canonical(), address.ip().to_canonical());
        self.local.port() == address.port() && (here == there || here.is_unspecified())
    }
}

fn sockets() -> Vec<Socket> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|table| fs::read_to_string(table).unwrap_or_default());
    tables.iter().flat_map(|table| table.lines().skip(1)).filter_map(socket).collect()
}

/// One line of `/proc/net/tcp`.
fn socket(line: &str) -> Option<Socket> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let (address, port) = fields.get(1)?.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    // Each word of an address stands there in the byte order of the machine.
    let word = |at: usize| u32::from_str_radix(address.get(at * 8..at * 8 + 8)?, 16).ok().map(u32::to_ne_bytes);
    let address: IpAddr = match address.len() {
        8 => Ipv4Addr::from(word(0)?).into(),
        32 => {
            let words = [word(0)?, word(1)?, word(2)?, word(3)?].concat();
            Ipv6Addr::from(<[u8; 16]>::try_from(words).ok()?).into()
        }
        _ => return None,
    };
    let state = (*fields.get(3)?).to_owned();
    Some(Socket { local: SocketAddr::new(address, port), state, inode: fields.get(9)?.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_takes_what_is_meant_for_it() {
        let line = "   1: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 2207 1 0 20 4 30 10 -1";
        let at = |text: &str| text.parse::<SocketAddr>().unwrap();
        let one = socket(line).unwrap();
        assert_eq!((one.local, one.state.as_str(), one.inode), (at("127.0.0.1:8000"), LISTENING, 2207));
        assert!(
            one.takes(at("127.0.0.1:8000")) && !one.takes(at("127.0.0.1:8001")) && !one.takes(at("127.0.0.2:8000"))
        );
        let any = socket(&line.replace("0100007F", "00000000")).unwrap();
        assert!(any.takes(at("127.0.0.1:8000")) && any.takes(at("[::1]:8000")));
        assert!(socket("nothing").is_none());
    }

    #[test]
    fn processor_time_and_memory_are_read() {
        let stat = "77 (a (b) c) S 1 77 77 0 -1 4194304 1 0 0 0 250 50 0 0 20 0 1 0 100 1 1";
        assert_eq!(ticks(stat), Some(300.0));
        assert_eq!(resident("Name:\tx\nVmRSS:\t    2048 kB\n"), Some(2 << 20));
    }
}
