//! `gonogo report --serve`: the HTML report for stakeholders without a terminal, live by server-sent events. It only reads.
//!
//! The page is made once for everybody whenever something is recorded; who reads slowly misses versions in between and
//! holds nothing but a connection, and that for a limited time.

mod page;

use crate::commands::Failure;
use crate::printed;
use data_encoding::BASE64URL_NOPAD;
use futures_util::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::header::{self, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use page::Shown;
use std::convert::Infallible;
use std::fs::File;
use std::future::pending;
use std::io::{self, Read as _, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use subtle::ConstantTimeEq as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Semaphore, watch};

/// So many may be connected at once; others are asked to come back.
const CONNECTIONS: usize = 256;
/// How long a request may take to arrive.
const REQUEST: Duration = Duration::from_secs(10);
/// How long a page may take to be read.
const PAGE: Duration = Duration::from_mins(1);
/// How long events are sent before the browser has to connect anew, which it does by itself.
const EVENTS: Duration = Duration::from_mins(15);
/// Something is sent at least so often, so that a browser and what is in between notice when the other end is gone.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How often it is looked whether anybody still reads our own output.
const LOOK: Duration = Duration::from_secs(2);

const SCRIPT: &str = include_str!("../../../assets/report/live.js");
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

type Body = UnsyncBoxBody<Bytes, Infallible>;

/// Serves the report of a ledger until Ctrl-C.
///
/// # Errors
/// When the ledger cannot be read, or the address not be listened at.
pub(super) async fn serve(ledger: &Path, address: SocketAddr, out: &mut dyn Write) -> Result<u8, Failure> {
    let first = page::make(ledger.to_owned(), 1).await.map_err(|failure| *failure)?;
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| Failure::not_fine(format!("cannot listen at {address}: {error}; name another address")))?;
    let token = token()?;
    let own = listener.local_addr()?;
    let (sender, shown) = watch::channel(Arc::new(first));
    // Asked for before the address is reported: whoever reads it may end this at once.
    let (mut terminated, mut interrupted) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    writeln!(out, "http://{own}/{token}/")?;
    writeln!(out, "Read-only, until Ctrl-C. Whoever has this address can read the report.")?;
    if !own.ip().is_loopback() {
        writeln!(out, "Others on the network can connect, and nothing is encrypted: put it behind HTTPS.")?;
    }
    out.flush()?;
    let door = Arc::new(Door { token, shown });
    tokio::spawn(page::keep(PathBuf::from(ledger), sender));
    tokio::select! {
        () = accept(listener, door) => {}
        _ = terminated.recv() => {}
        _ = interrupted.recv() => {}
        () = abandoned() => {}
    }
    Ok(0)
}

/// Who reads the address from a pipe and closes it wants no more of this.
async fn abandoned() {
    loop {
        tokio::time::sleep(LOOK).await;
        if printed::is_abandoned() {
            return;
        }
    }
}

/// 192 random bits, as they stand in the address.
fn token() -> io::Result<String> {
    let mut bytes = [0; 24];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(BASE64URL_NOPAD.encode(&bytes))
}

/// What every request needs.
struct Door {
    token: String,
    shown: watch::Receiver<Arc<Shown>>,
}

async fn accept(listener: TcpListener, door: Arc<Door>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, for one; it passes.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            refuse(&stream);
            continue;
        };
        let door = Arc::clone(&door);
        tokio::spawn(async move {
            let _place = place;
            connected(stream, door).await;
        });
    }
}

/// All places are taken.
fn refuse(stream: &TcpStream) {
    let said = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 10\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    // A browser that does not get it tries again all the same.
    let _ = stream.try_write(said);
}

async fn connected(stream: TcpStream, door: Arc<Door>) {
    let streams = Arc::new(AtomicBool::new(false));
    let marks = Arc::clone(&streams);
    let service = service_fn(move |request: Request<Incoming>| {
        let answer = door.answer(&request, &marks);
        async move { Ok::<_, Infallible>(answer) }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(REQUEST).keep_alive(false).max_buf_size(64 * 1024);
    let serving = http.serve_connection(TokioIo::new(stream), service);
    let over = async {
        tokio::time::sleep(PAGE).await;
        if streams.load(Ordering::Relaxed) {
            tokio::time::sleep(EVENTS).await;
        }
    };
    // Dropped, a connection is closed, however far it is.
    tokio::select! {
        _ = serving => {}
        () = over => {}
    }
}

impl Door {
    fn answer(&self, request: &Request<Incoming>, streams: &AtomicBool) -> Response<Body> {
        let path = request.uri().path().trim_start_matches('/');
        let (token, rest) = path.split_once('/').map_or((path, None), |(token, rest)| (token, Some(rest)));
        if !bool::from(token.as_bytes().ct_eq(self.token.as_bytes())) {
            return text(StatusCode::NOT_FOUND, "not found\n");
        }
        let head = request.method() == Method::HEAD;
        if !head && request.method() != Method::GET {
            let mut answer = text(StatusCode::METHOD_NOT_ALLOWED, "this only reads\n");
            answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            return answer;
        }
        match rest {
            None => {
                let mut answer = text(StatusCode::PERMANENT_REDIRECT, "");
                if let Ok(place) = HeaderValue::from_str(&format!("/{}/", self.token)) {
                    answer.headers_mut().insert(header::LOCATION, place);
                }
                answer
            }
            Some("") => whole("text/html; charset=utf-8", self.shown.borrow().html.clone(), head),
            Some("live.js") => whole("text/javascript; charset=utf-8", Bytes::from_static(SCRIPT.as_bytes()), head),
            Some("events") if head => whole("text/event-stream", Bytes::new(), true),
            Some("events") => {
                streams.store(true, Ordering::Relaxed);
                with(StatusCode::OK, "text/event-stream", events(self.shown.clone()))
            }
            Some(_) => text(StatusCode::NOT_FOUND, "not found\n"),
        }
    }
}

/// What is shown now, and each version that comes; only the newest for who is slow.
fn events(shown: watch::Receiver<Arc<Shown>>) -> Body {
    let stream = stream::unfold((shown, true), |(mut shown, first)| async move {
        if !first {
            match tokio::time::timeout(HEARTBEAT, shown.changed()).await {
                Ok(Ok(())) => {}
                // Nothing comes any more; the browser is not to connect anew and again.
                Ok(Err(_)) => pending::<()>().await,
                Err(_) => return Some((Ok(Frame::data(Bytes::from_static(b":\n\n"))), (shown, false))),
            }
        }
        let event = shown.borrow_and_update().event.clone();
        Some((Ok::<_, Infallible>(Frame::data(event)), (shown, false)))
    });
    StreamBody::new(stream).boxed_unsync()
}

fn text(status: StatusCode, said: &'static str) -> Response<Body> {
    with(status, "text/plain; charset=utf-8", Full::new(Bytes::from_static(said.as_bytes())).boxed_unsync())
}

/// Without its body for HEAD, and with its length all the same.
fn whole(kind: &'static str, body: Bytes, head: bool) -> Response<Body> {
    let length = HeaderValue::from(body.len());
    let body = if head { Bytes::new() } else { body };
    let mut answer = with(StatusCode::OK, kind, Full::new(body).boxed_unsync());
    if kind != "text/event-stream" {
        answer.headers_mut().insert(header::CONTENT_LENGTH, length);
    }
    answer
}

fn with(status: StatusCode, kind: &'static str, body: Body) -> Response<Body> {
    let mut answer = Response::new(body);
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    answer
}
