//! Starting a service so that it outlives whoever started it, and stopping it again.

use super::{Deployment, Running};
use crate::rehearsal::error::RehearsalError;
use crate::rehearsal::settings::Settings;
use crate::rehearsal::slot::Slot;
use rustix::process::{Pid, Signal};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

const STARTS_WITHIN: Duration = Duration::from_secs(15);
/// A service that answers but is not well gets less time to become so.
const IS_WELL_WITHIN: Duration = Duration::from_secs(3);
const STOPS_WITHIN: Duration = Duration::from_secs(10);
const ANSWERS_WITHIN: Duration = Duration::from_secs(2);
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// The service of a slot, if it runs: the recorded process lives and is really this slot's service of this folder.
pub(crate) fn running(folder: &Path, slot: Slot) -> Result<Option<Running>, RehearsalError> {
    let recorded = Deployment::read(folder, slot)?.running;
    Ok(recorded.filter(|running| is_ours(running.pid, folder, slot)))
}

/// Starts the deployed release of a slot and waits until it answers. `program` is the gonogo binary.
pub(crate) async fn start(folder: &Path, slot: Slot, program: &Path) -> Result<Running, RehearsalError> {
    if let Some(Running { pid, url, .. }) = running(folder, slot)? {
        return Err(RehearsalError::AlreadyRunning { slot, pid, url });
    }
    let mut deployment = Deployment::read(folder, slot)?;
    let address = Settings::read(folder)?.address(folder, slot)?;
    let url = format!("http://{address}");
    if !is_silent(address).await {
        return Err(RehearsalError::PortTaken { slot, url });
    }
    let log = slot.log(folder);
    let errors =
        std::fs::OpenOptions::new().create(true).append(true).open(&log).map_err(RehearsalError::file("open", &log))?;
    let mut child = Command::new(program)
        .arg0("gonogo")
        .args(["rehearsal", "service", "serve", slot.name()])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(errors)
        .spawn()
        .map_err(RehearsalError::file("run", program))?;
    if let Err(why) = wait_until_it_answers(&mut child, address, &log).await {
        // A service that never answered must not stay behind unrecorded.
        let _ = child.kill().and_then(|()| child.wait());
        return Err(RehearsalError::NotStarted { slot, why, log });
    }
    let running = Running { pid: child.id(), port: address.port(), url, release: deployment.release };
    deployment.running = Some(running.clone());
    deployment.write(folder, slot)?;
    Ok(running)
}

/// Ends the service of a slot and waits until its port is silent; `None` when none was running.
pub(crate) async fn stop(folder: &Path, slot: Slot) -> Result<Option<Running>, RehearsalError> {
    let found = running(folder, slot)?;
    if let Some(running) = &found {
        let address = SocketAddr::from(([127, 0, 0, 1], running.port));
        terminate(running.pid)?;
        let deadline = Instant::now() + STOPS_WITHIN;
        while is_ours(running.pid, folder, slot) || !is_silent(address).await {
            if Instant::now() >= deadline {
                let seconds = STOPS_WITHIN.as_secs();
                return Err(RehearsalError::NotStopped { slot, pid: running.pid, seconds });
            }
            sleep(BETWEEN_LOOKS).await;
        }
    }
    let mut deployment = Deployment::read(folder, slot)?;
    if deployment.running.take().is_some() {
        deployment.write(folder, slot)?;
    }
    Ok(found)
}

fn terminate(pid: u32) -> Result<(), RehearsalError> {
    let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return Ok(()) };
    match rustix::process::kill_process(pid, Signal::TERM) {
        Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
        Err(error) => Err(RehearsalError::System { doing: "stop the service", source: error.into() }),
    }
}

/// A process id may have been given to another program since, so its command line and folder decide.
fn is_ours(pid: u32, folder: &Path, slot: Slot) -> bool {
    let Ok(command) = std::fs::read(format!("/proc/{pid}/cmdline")) else { return false };
    let words: Vec<&[u8]> = command.split(|byte| *byte == 0).collect();
    let wanted = ["rehearsal", "service", "serve", slot.name()].map(str::as_bytes);
    let same_folder = match (std::fs::read_link(format!("/proc/{pid}/cwd")), folder.canonicalize()) {
        (Ok(its), Ok(ours)) => its == ours,
        _ => false,
    };
    same_folder && words.windows(wanted.len()).any(|window| window == wanted)
}

async fn wait_until_it_answers(child: &mut Child, address: SocketAddr, log: &Path) -> Result<(), String> {
    let begun = Instant::now();
    loop {
        if let Ok(Some(status)) = child.try_wait() {
            return Err(format!("it ended right away ({status}){}", last_words(log)));
        }
        match health(address).await {
            Some(200) => return Ok(()),
            Some(status) if begun.elapsed() >= IS_WELL_WITHIN => {
                let (seconds, last) = (IS_WELL_WITHIN.as_secs(), last_words(log));
                return Err(format!("/health answered status {status} for {seconds} s{last}"));
            }
            None if begun.elapsed() >= STARTS_WITHIN => {
                return Err(format!("nothing answered for {} s", STARTS_WITHIN.as_secs()));
            }
            _ => sleep(BETWEEN_LOOKS).await,
        }
    }
}

/// The status that `/health` answers with; `None` when nothing responds.
async fn health(address: SocketAddr) -> Option<u16> {
    let ask = async {
        let mut stream = TcpStream::connect(address).await.ok()?;
        let request = format!("GET /health HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.ok()?;
        let head = String::from_utf8_lossy(&answer);
        head.split_whitespace().nth(1)?.parse().ok()
    };
    timeout(ANSWERS_WITHIN, ask).await.ok()?
}

async fn is_silent(address: SocketAddr) -> bool {
    !matches!(timeout(ANSWERS_WITHIN, TcpStream::connect(address)).await, Ok(Ok(_)))
}

/// What the log ends with, to be added to a sentence.
fn last_words(log: &Path) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let last = text.lines().rev().find(|line| !line.trim().is_empty());
    last.map(|line| format!("; its log ends with: {line}")).unwrap_or_default()
}
