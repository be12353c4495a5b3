//! A tiny server that answers well, slowly, wrongly, partly or never.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

pub(crate) struct Server {
    pub address: SocketAddr,
    seen: Arc<Seen>,
}

#[derive(Default)]
pub(crate) struct Seen {
    pub requests: AtomicU64,
    pub connections: AtomicU64,
    /// Header lines and body of the last request.
    last: Mutex<(String, String)>,
    /// Held while everybody waits.
    stall: Mutex<()>,
}

impl Server {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let (address, seen) = (listener.local_addr().unwrap(), Arc::new(Seen::default()));
        let all = Arc::clone(&seen);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let seen = Arc::clone(&all);
                seen.connections.fetch_add(1, SeqCst);
                thread::spawn(move || while answer(&stream, &seen).is_some() {});
            }
        });
        Self { address, seen }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn requests(&self) -> u64 {
        self.seen.requests.load(SeqCst)
    }

    pub(crate) fn connections(&self) -> u64 {
        self.seen.connections.load(SeqCst)
    }

    pub(crate) fn last(&self) -> (String, String) {
        self.seen.last.lock().unwrap().clone()
    }
}

/// Reads one request and answers it; `None` when the connection is over.
fn answer(mut stream: &TcpStream, seen: &Seen) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).ok().filter(|length| *length > 0)?;
    let (mut head, mut headers) = (String::new(), BTreeMap::new());
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|length| *length > 0)?;
        let Some((name, value)) = line.trim().split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        head.push_str(&line);
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    *seen.last.lock().unwrap() = (first.clone() + &head, String::from_utf8(body).unwrap());
    let number = seen.requests.fetch_add(1, SeqCst) + 1;
    let target = first.split(' ').nth(1)?;
    let (path, query) = target.split_once('?').unwrap_or((target, "0"));
    let wait = Duration::from_millis(query.parse().unwrap_or(0));
    let send = |stream: &mut &TcpStream, status: &str, more: &str, body: &str| {
        let length = body.len();
        let text = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{more}\r\n{body}");
        stream.write_all(text.as_bytes()).ok()
    };
    match path {
        "/ok" => send(&mut stream, "200 OK", "", r#"{"items":[1,2,3]}"#),
        "/slow" => {
            pause(wait);
            send(&mut stream, "200 OK", "", "{}")
        }
        // Once, nobody is answered for a while.
        "/stall" => {
            let stalled = seen.stall.lock().unwrap();
            if number == 20 {
                pause(wait);
            }
            drop(stalled);
            send(&mut stream, "200 OK", "", "{}")
        }
        "/sometimes" if number.is_multiple_of(2) => send(&mut stream, "503 Service Unavailable", "", "tired"),
        "/sometimes" => send(&mut stream, "200 OK", "", "{}"),
        "/thins" => {
            send(&mut stream, "200 OK", "", if number < 10 { r#"{"items":[1,2,3]}"# } else { r#"{"items":[1]}"# })
        }
        "/close" => {
            send(&mut stream, "200 OK", "connection: close\r\n", "{}");
            None
        }
        "/partly" => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{}");
            None
        }
        "/never" => {
            // Until the other side gives up.
            let _ = stream.read(&mut [0; 1]);
            None
        }
        _ => send(&mut stream, "404 Not Found", "", ""),
    }
}

#[expect(clippy::disallowed_methods, reason = "a service that is slow")]
fn pause(time: Duration) {
    thread::sleep(time);
}
