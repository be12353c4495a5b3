//! Stands between a migrator and a server and writes down every statement that passes, whatever language the migrator is
//! written in and whoever may read the server's log.

use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{self, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What a client says first when it would rather speak TLS, or GSSAPI.
const ENCRYPTION: [u32; 2] = [80_877_103, 80_877_104];
/// Statements longer than this hold data; longer messages are no conversation.
const LONGEST: usize = 64 << 20;

/// The option with which a migrator that is tried begins its sessions; the recorder alone takes it out again.
pub(super) const READ_ONLY: &str = "-c default_transaction_read_only=on";

/// What passed.
#[derive(Debug, Default)]
pub(super) struct Heard {
    pub connections: usize,
    pub statements: Vec<String>,
}

/// Listens on loopback until it is dropped.
pub(super) struct Recorder {
    pub port: u16,
    heard: Arc<Mutex<Heard>>,
    serving: JoinHandle<()>,
}

impl Recorder {
    /// Passes everything on to `server`, as `HOST:PORT`.
    ///
    /// # Errors
    /// When nothing can be listened on.
    pub(super) async fn before(server: &str) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let heard = Arc::new(Mutex::new(Heard::default()));
        let (server, shared) = (server.to_owned(), Arc::clone(&heard));
        let serving = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                lock(&shared).connections += 1;
                let (server, own) = (server.clone(), Arc::clone(&shared));
                // A connection that breaks is the client's to tell of.
                tokio::spawn(async move { pass(client, &server, &own).await });
            }
        });
        Ok(Self { port, heard, serving })
    }

    /// What was heard since it was asked last.
    pub(super) fn take(&self) -> Heard {
        std::mem::take(&mut lock(&self.heard))
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn lock(heard: &Mutex<Heard>) -> std::sync::MutexGuard<'_, Heard> {
    heard.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn pass(mut client: TcpStream, server: &str, heard: &Mutex<Heard>) -> io::Result<()> {
    let greeting = loop {
        let message = body(&mut client).await?;
        let code = message.first_chunk().map(|code| u32::from_be_bytes(*code)).unwrap_or_default();
        if !ENCRYPTION.contains(&code) {
            break message;
        }
        client.write_all(b"N").await?;
    };
    let mut upstream = TcpStream::connect(server).await?;
    upstream.write_all(&framed(&writable(&greeting))).await?;
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = upstream.into_split();
    let back = tokio::spawn(async move { io::copy(&mut from_server, &mut to_client).await });
    while let Ok(kind) = from_client.read_u8().await {
        let message = body(&mut from_client).await?;
        if let Some(text) = statement(kind, &message) {
            lock(heard).statements.push(text);
        }
        to_server.write_u8(kind).await?;
        to_server.write_all(&framed(&message)).await?;
    }
    to_server.shutdown().await?;
    back.await.map_err(io::Error::other)?.map(drop)
}

/// A greeting without the option that makes its session read-only. It is the version, then names and values, each with a
/// zero behind it.
fn writable(greeting: &[u8]) -> Vec<u8> {
    let Some((version, pairs)) = greeting.split_at_checked(4) else { return greeting.to_vec() };
    let pairs = pairs.split(|byte| *byte == 0).map(|part| {
        let text = String::from_utf8_lossy(part);
        if text.contains(READ_ONLY) { text.replace(READ_ONLY, "").into_bytes() } else { part.to_vec() }
    });
    [version.to_vec(), pairs.collect::<Vec<_>>().join(&0)].concat()
}

/// A message without its length.
async fn body(from: &mut (impl AsyncReadExt + Unpin)) -> io::Result<Vec<u8>> {
    let length = usize::try_from(from.read_u32().await?).unwrap_or(usize::MAX);
    let length = length.checked_sub(4).filter(|length| *length <= LONGEST);
    let mut message = vec![0; length.ok_or_else(|| io::Error::other("no message of PostgreSQL's protocol"))?];
    from.read_exact(&mut message).await?;
    Ok(message)
}

fn framed(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len() + 4).unwrap_or(u32::MAX);
    [&length.to_be_bytes(), message].concat()
}

/// The statement in a message: of a simple query, or of one to be prepared, behind its name.
fn statement(kind: u8, message: &[u8]) -> Option<String> {
    let mut parts = message.split(|byte| *byte == 0);
    let text = match kind {
        b'Q' => parts.next()?,
        b'P' => parts.nth(1)?,
        _ => return None,
    };
    Some(String::from_utf8_lossy(text).trim().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_found_in_messages() {
        assert_eq!(statement(b'Q', b"SELECT 1;\0"), Some("SELECT 1;".into()));
        assert_eq!(statement(b'P', b"name\0SELECT $1\0\0\x01"), Some("SELECT $1".into()));
        assert_eq!(statement(b'P', b"\0BEGIN\0\0\0"), Some("BEGIN".into()));
        assert_eq!(statement(b'B', b"SELECT 1\0"), None);
        assert_eq!(statement(b'Q', b"\0"), None);
        assert_eq!(framed(b"ab"), [0, 0, 0, 6, b'a', b'b']);
    }

    #[test]
    fn only_the_copy_can_be_written_to() {
        let greeting = format!("\0\x03\0\0user\0u\0options\0-c lock_timeout=3s {READ_ONLY}\0database\0d\0\0");
        assert_eq!(writable(greeting.as_bytes()), b"\0\x03\0\0user\0u\0options\0-c lock_timeout=3s \0database\0d\0\0");
        assert_eq!(writable(b"\0\x03\0\0user\0u\0\0"), b"\0\x03\0\0user\0u\0\0");
    }
}
