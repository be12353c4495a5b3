//! Synthetic load on a rehearsal's service while days pass: a request a second beside those of whoever watches, so that a
//! busy machine stands it.

use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Between one request and the next.
const PAUSE: Duration = Duration::from_secs(1);
const LIMIT: Duration = Duration::from_secs(10);
const PATHS: [&str; 4] = [
    "/api/v1/lots?skip=0&limit=100",
    "/api/v1/process-data?skip=0&limit=100",
    "/api/v1/serials?skip=0&limit=100",
    "/api/v1/equipment",
];

/// Sends requests until it is dropped. What comes of them is seen by those who watch the service.
pub(crate) async fn flow(address: SocketAddr) {
    for path in PATHS.iter().cycle() {
        let _ = tokio::time::timeout(LIMIT, ask(address, path)).await;
        tokio::time::sleep(PAUSE).await;
    }
}

async fn ask(address: SocketAddr, path: &str) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.map(drop)
}
