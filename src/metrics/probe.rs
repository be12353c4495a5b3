//! The HTTP client behind checks and panes: reads, with limits, and follows nothing on its own.

mod authority;
mod cookies;
mod failure;
mod session;

pub use authority::Authority;
pub use cookies::Cookies;
pub use cookies::tell_headers;
pub use failure::{Failure, FailureKind};
pub use session::{Session, TokenCommand, tell_fields};

use crate::metrics::sources::SourceError;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Client, Method, Url};
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(2);

/// How long a request may take from first byte to last unless it says otherwise.
pub const LIMIT: Duration = Duration::from_secs(10);

/// Where the service of a rehearsal reports how long an answer took, in milliseconds.
const SIMULATED: &str = "x-simulated-ms";

/// No answer that a check or a pane reads is longer than this.
const BODY: usize = 16 << 20;

/// Hears of what came up and proves who somebody is, by its name and value.
pub type Learn = Arc<dyn Fn(&str, &str) + Send + Sync>;

/// One request.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: Method,
    pub url: Url,
    /// Sent as `application/json` unless the headers say otherwise.
    pub body: Option<Vec<u8>>,
    pub headers: HeaderMap,
    /// From the first byte to the last, connecting included.
    pub limit: Duration,
}

/// What the service answered, whatever its status; redirects are answers.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    /// From the start of the request to the last byte of the body; in a rehearsal whose days pass, as its service reports.
    pub took: Duration,
}

/// Clients are made when first needed and shared by all clones, so connections are too.
#[derive(Debug, Clone, Default)]
pub struct Probe {
    clients: Arc<Clients>,
}

/// One client for each way of connecting: a proxy stands before everything but this machine, and the system's
/// certificates are read only for `https`, so that a machine without any can still watch itself.
#[derive(Debug, Default)]
struct Clients {
    manner: Manner,
    here: OnceLock<Result<Client, Failure>>,
    here_tls: OnceLock<Result<Client, Failure>>,
    elsewhere: OnceLock<Result<Client, Failure>>,
    elsewhere_tls: OnceLock<Result<Client, Failure>>,
}

/// What a client does besides sending.
#[derive(Debug, Clone, Default)]
pub struct Manner {
    /// Keeps the cookies that answers set, and sends them back.
    pub cookies: Option<Arc<Cookies>>,
    /// Follows redirects that stay on the host.
    pub same_host: bool,
    /// In a rehearsal: takes the time that a simulated service reports of itself, where it does.
    pub simulated: bool,
    /// Trusted in place of the system's certificates.
    pub authority: Option<Authority>,
}

impl Request {
    /// A `GET` with the usual limit.
    #[must_use]
    pub fn get(url: Url) -> Self {
        Self { method: Method::GET, url, body: None, headers: HeaderMap::new(), limit: LIMIT }
    }

    #[must_use]
    pub fn within(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }
}

impl Answer {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Where a redirect points, without what may be secret in an address: user, query and fragment.
    pub fn redirect(&self) -> Option<String> {
        if !(300..400).contains(&self.status) {
            return None;
        }
        let target = self.headers.get(LOCATION)?.to_str().ok()?;
        Some(Url::parse(target).map_or_else(
            |_| target.split(['?', '#']).next().unwrap_or_default().to_owned(),
            |url| format!("{}{}", origin(&url), url.path()),
        ))
    }
}

impl Probe {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn with(manner: Manner) -> Self {
        Self { clients: Arc::new(Clients { manner, ..Clients::default() }) }
    }

    /// The same, but it follows redirects that stay on the host.
    #[must_use]
    pub fn following(&self) -> Self {
        Self::with(Manner { same_host: true, ..self.clients.manner.clone() })
    }

    /// Sends one request and reads the whole answer.
    ///
    /// # Errors
    /// Why there is no answer. Never names the address, which may hold a password.
    pub async fn send(&self, request: Request) -> Result<Answer, Failure> {
        let client = self.clients.of(&request.url)?;
        let Request { method, url, body, headers, limit } = request;
        let mut builder = client.request(method, url).timeout(limit);
        if let Some(body) = body {
            if !headers.contains_key(CONTENT_TYPE) {
                builder = builder.header(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            }
            builder = builder.body(body);
        }
        builder = builder.headers(headers);
        let started = Instant::now();
        let mut response = builder.send().await.map_err(|error| Failure::of(&error, limit))?;
        let too_long = || {
            Failure::new(FailureKind::TooLong, format!("the answer is too large, not read: over {} MiB", BODY >> 20))
        };
        if response.content_length().is_some_and(|length| length > BODY as u64) {
            return Err(too_long());
        }
        let mut body = Vec::new();
        // Counted as unpacked: few bytes may be packed from very many.
        while let Some(part) = response.chunk().await.map_err(|error| Failure::of(&error, limit))? {
            if body.len() + part.len() > BODY {
                return Err(too_long());
            }
            body.extend_from_slice(&part);
        }
        let took = self.reported(response.headers()).unwrap_or_else(|| started.elapsed());
        // The client takes off those that it understands.
        if let Some(encoding) = response.headers().get(CONTENT_ENCODING).filter(|_| !body.is_empty())
            && encoding != "identity"
        {
            let name: String =
                String::from_utf8_lossy(encoding.as_bytes()).chars().filter(char::is_ascii_graphic).collect();
            let name: String = name.chars().take(40).collect();
            let why = format!("the answer has the content encoding `{name}`; gzip, deflate and br are understood");
            return Err(Failure::new(FailureKind::Broken, why));
        }
        Ok(Answer { status: response.status().as_u16(), headers: response.headers().clone(), body, took })
    }
}

impl Probe {
    /// How long the answer took by the simulated service's own word.
    fn reported(&self, headers: &HeaderMap) -> Option<Duration> {
        let text = headers.get(SIMULATED).filter(|_| self.clients.manner.simulated)?.to_str().ok()?;
        Duration::try_from_secs_f64(text.parse::<f64>().ok()? / 1_000.0).ok()
    }
}

impl Clients {
    fn of(&self, url: &Url) -> Result<&Client, Failure> {
        let place = if is_loopback(url) { Place::Here } else { Place::Elsewhere };
        let (slot, roots) = match (place, url.scheme() == "https") {
            (Place::Here, false) => (&self.here, Roots::None),
            (Place::Here, true) => (&self.here_tls, Roots::System),
            (Place::Elsewhere, false) => (&self.elsewhere, Roots::None),
            (Place::Elsewhere, true) => (&self.elsewhere_tls, Roots::System),
        };
        slot.get_or_init(|| build(place, roots, &self.manner)).as_ref().map_err(Clone::clone)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Here,
    Elsewhere,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Roots {
    None,
    System,
}

fn build(place: Place, roots: Roots, manner: &Manner) -> Result<Client, Failure> {
    // Another part of the program may have installed it already; either way it is there afterwards.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = Client::builder()
        .connect_timeout(CONNECT)
        .timeout(LIMIT)
        .redirect(if manner.same_host { Policy::custom(on_the_same_host) } else { Policy::none() })
        .user_agent(concat!("gonogo/", env!("CARGO_PKG_VERSION")));
    if let Some(jar) = &manner.cookies {
        builder = builder.cookie_provider(Arc::clone(jar));
    }
    if place == Place::Here {
        builder = builder.no_proxy();
    }
    if let Some(authority) = &manner.authority {
        builder = builder.tls_backend_preconfigured(authority.client());
    } else if roots == Roots::None {
        let empty = rustls::ClientConfig::builder().with_root_certificates(rustls::RootCertStore::empty());
        builder = builder.tls_backend_preconfigured(empty.with_no_client_auth());
    }
    builder.build().map_err(|error| {
        let why = failure::innermost(&error);
        Failure::new(
            FailureKind::Broken,
            format!("no HTTP client could be made ({why}); are CA certificates installed?"),
        )
    })
}

/// Follows a redirect to the same host and port, and from http to https there, ten at most.
fn on_the_same_host(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    let stays = attempt.previous().first().is_some_and(|from| {
        let to = attempt.url();
        let upgraded =
            from.scheme() == "http" && to.scheme() == "https" && from.port().is_none() && to.port().is_none();
        from.host() == to.host() && (upgraded || origin(from) == origin(to))
    });
    if stays && attempt.previous().len() <= 10 { attempt.follow() } else { attempt.stop() }
}

/// The address of `path` (with its query) below an environment's base URL.
///
/// # Errors
/// When it is none; without the base URL, which may hold a password.
pub fn address(base: &str, path: &str) -> Result<Url, SourceError> {
    let mut text = base.trim().trim_end_matches('/').to_owned();
    if !path.is_empty() && !path.starts_with('/') {
        text.push('/');
    }
    text.push_str(path);
    let url = Url::parse(&text).map_err(|why| SourceError::Address { path: path.to_owned(), why: why.to_string() })?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(SourceError::NotHttp);
    }
    Ok(url)
}

/// Scheme, host and port: what may be shown of an address.
pub fn origin(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}", url.scheme(), url.host_str().unwrap_or_default())
}

fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.parse::<IpAddr>().map_or_else(|_| bare == "localhost" || bare.ends_with(".localhost"), |ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_goes_below_the_base() {
        let url = |base: &str, path: &str| address(base, path).unwrap().to_string();
        assert_eq!(url("http://h:8000/app/", "/health?deep=1"), "http://h:8000/app/health?deep=1");
        assert_eq!(url("http://h", "health"), "http://h/health");
        assert_eq!(url("http://h", "/${VAR}"), "http://h/$%7BVAR%7D", "nothing is expanded");
        assert!(address("ftp://h", "/").is_err());
        assert!(address("/health", "/").is_err());
    }

    #[test]
    fn an_address_is_shown_without_its_user() {
        let url = Url::parse("https://me:secret@db.example:8443/x?token=1").unwrap();
        assert_eq!(origin(&url), "https://db.example:8443");
        let why = address("postgres://me:secret@h/", "/x").unwrap_err().to_string();
        assert!(!why.contains("secret"), "{why}");
    }

    #[test]
    fn this_machine_is_known_by_every_name() {
        for (text, is_here) in [
            ("http://127.0.0.1:1/", true),
            ("http://127.9.9.9/", true),
            ("http://[::1]:80/", true),
            ("http://localhost/", true),
            ("http://localhost.example/", false),
            ("http://10.0.0.1/", false),
        ] {
            assert_eq!(is_loopback(&Url::parse(text).unwrap()), is_here, "{text}");
        }
    }
}
