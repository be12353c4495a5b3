//! What is sent, and where to.

use super::failure::Failure;
use crate::checklist::check::Statuses;
use data_encoding::BASE64;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap, HeaderValue, USER_AGENT};
use hyper::{Method, Request, Uri};
use percent_encoding::percent_decode_str;
use reqwest::Url;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::ConfigVerifierExt as _;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// Resolving a name takes no longer.
const RESOLVE: Duration = Duration::from_secs(5);

/// Looks at an answer: status, headers and body. Gives what is wrong, in a sentence that may be shown.
pub type Inspect = Arc<dyn Fn(u16, &HeaderMap, &[u8]) -> Result<(), String> + Send + Sync>;

/// The request that is sent again and again.
#[derive(Clone)]
pub struct Sample {
    pub method: Method,
    pub url: Url,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub expected: Statuses,
    /// Looks at every answer. Without it only the status is looked at, and the body is counted as it comes.
    pub inspect: Option<Inspect>,
    /// What is trusted in place of the system's certificates.
    pub tls: Option<rustls::ClientConfig>,
}

/// Shows no header and nothing of the address that may be secret.
impl fmt::Debug for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Method, origin and path; the query may hold a secret.
impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, url, .. } = self;
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        write!(f, "{method} {}://{}{port}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path())
    }
}

impl Sample {
    /// A `GET` that is answered with 200.
    #[must_use]
    pub fn get(url: Url) -> Self {
        let (headers, body) = (HeaderMap::new(), Bytes::new());
        Self { method: Method::GET, url, headers, body, expected: Statuses::default(), inspect: None, tls: None }
    }
}

/// The address resolved, and the request ready to be copied.
pub(super) struct Line {
    pub address: SocketAddr,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
    pub expected: Statuses,
    pub inspect: Option<Inspect>,
}

impl Line {
    /// Resolves the address, and takes the first of its addresses that accepts a connection, else the first.
    ///
    /// # Errors
    /// A sentence without user or password.
    pub(super) async fn to(sample: &Sample) -> Result<Self, String> {
        let url = &sample.url;
        let host = url.host_str().ok_or("the address has no host; write http://HOST[:PORT]/PATH")?;
        let port = url.port_or_known_default().ok_or("the address has no port; write http://HOST:PORT/PATH")?;
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let tls = match url.scheme() {
            "http" => None,
            "https" => Some(tls(bare, sample.tls.clone())?),
            other => return Err(format!("the address begins with {other}://; http:// and https:// can be tested")),
        };
        let found = tokio::time::timeout(RESOLVE, tokio::net::lookup_host((bare, port))).await;
        let found = found.map_err(|_| format!("{bare} could not be resolved within {} s", RESOLVE.as_secs()))?;
        let found: Vec<_> = found.map_err(|error| format!("{bare} could not be resolved: {error}"))?.collect();
        let mut address = *found.first().ok_or_else(|| format!("{bare} has no address"))?;
        if found.len() > 1 {
            for one in &found {
                let reached = tokio::time::timeout(Duration::from_secs(1), TcpStream::connect(one)).await;
                if matches!(reached, Ok(Ok(_))) {
                    address = *one;
                    break;
                }
            }
        }
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let uri = format!("{}{query}", url.path())
            .parse()
            .map_err(|_| "the address holds characters that no request may hold".to_owned())?;
        Ok(Self {
            address,
            tls,
            method: sample.method.clone(),
            uri,
            headers: headers(sample, host)?,
            body: sample.body.clone(),
            expected: sample.expected.clone(),
            inspect: sample.inspect.clone(),
        })
    }

    /// A fresh copy of the request.
    pub(super) fn request(&self) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        request
    }

    /// Opens a connection.
    pub(super) async fn connect(&self) -> Result<Box<dyn Stream>, Failure> {
        let stream = TcpStream::connect(self.address).await.map_err(|error| Failure::connecting(&error))?;
        stream.set_nodelay(true).map_err(|error| Failure::connecting(&error))?;
        let Some((connector, name)) = &self.tls else { return Ok(Box::new(stream)) };
        let stream = connector.connect(name.clone(), stream).await;
        let stream = stream.map_err(|error| Failure::connecting(&error))?;
        Ok(Box::new(stream))
    }
}

/// A connection with or without TLS.
pub(super) trait Stream: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin {}
impl<T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin> Stream for T {}

fn headers(sample: &Sample, host: &str) -> Result<HeaderMap, String> {
    let url = &sample.url;
    let mut headers = HeaderMap::new();
    let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let host = HeaderValue::from_str(&host).map_err(|_| "the host may not stand in a header".to_owned())?;
    headers.insert(HOST, host);
    headers.insert(USER_AGENT, HeaderValue::from_static(concat!("gonogo/", env!("CARGO_PKG_VERSION"))));
    if !sample.body.is_empty() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        let plain = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let word = format!("{}:{}", plain(url.username()), plain(url.password().unwrap_or_default()));
        let value = HeaderValue::from_str(&format!("Basic {}", BASE64.encode(word.as_bytes())));
        headers.insert(AUTHORIZATION, value.map_err(|_| "user and password may not stand in a header".to_owned())?);
    }
    // A header that is given is in place of ours, as often as it is given.
    let mut last = None;
    for (name, value) in sample.headers.clone() {
        let begins = name.is_some();
        last = name.or(last);
        if let Some(name) = &last {
            if begins {
                headers.insert(name.clone(), value);
            } else {
                headers.append(name.clone(), value);
            }
        }
    }
    Ok(headers)
}

/// By the system's certificates unless something else is trusted.
fn tls(host: &str, own: Option<rustls::ClientConfig>) -> Result<(TlsConnector, ServerName<'static>), String> {
    // Another part of the program may have installed it already; either way it is there afterwards.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let config = own.map_or_else(rustls::ClientConfig::with_platform_verifier, Ok);
    let config = config.map_err(|error| format!("TLS cannot be used ({error}); are CA certificates installed?"))?;
    let name = ServerName::try_from(host.to_owned()).map_err(|_| format!("{host} is no name for a certificate"))?;
    Ok((TlsConnector::from(Arc::new(config)), name))
}
