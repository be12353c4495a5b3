//! Requests that prove who sends them: a header that stands, or a token that is fetched, renewed before it expires and
//! once when it is refused.

use super::cookies::{Cookies, tell_headers};
use super::{Answer, Failure, FailureKind, Learn, Probe, Request, address};
use crate::checklist::auth::{Auth, Login};
use crate::checklist::offset::Span;
use crate::metrics::sources::SourceError;
use chrono::Utc;
use data_encoding::{BASE64, BASE64URL_NOPAD};
use futures_util::future::BoxFuture;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use serde_json::Value as Json;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex as Plain, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// A token is renewed when this much of its time is left, or a tenth of it where that is less.
const MARGIN: Duration = Duration::from_secs(30);
/// What a proof is reported as.
const TOKEN: &str = "token";
/// So long a login that was refused is not tried again: services lock an account after some tries.
const PAUSE: Duration = Duration::from_mins(1);
const FORM: &str = "application/x-www-form-urlencoded";

/// Runs the command that prints a token.
pub type TokenCommand = Arc<dyn Fn(String) -> BoxFuture<'static, Result<String, String>> + Send + Sync>;

/// Shared by the requests of one attempt, and by all that a process asks of an environment again and again: panes, sensed
/// items. Its `Debug` form shows no secret.
pub struct Session {
    way: Way,
    held: Mutex<Held>,
    /// Reports tokens as they come: they may be shown nowhere.
    reported: Arc<Reported>,
    /// What logging in set, and every answer since.
    cookies: Arc<Cookies>,
}

enum Way {
    Open,
    Fixed(HeaderName, HeaderValue),
    Command { run: String, by: Option<TokenCommand>, lifetime: Option<Duration> },
    Login(Box<(Request, Login)>),
}

/// Those who mask, and what they must have heard.
#[derive(Default)]
struct Reported(Plain<Heard>);

/// Those who mask, what they must have heard (names with their values), and who keeps what comes.
type Heard = (Vec<Learn>, VecDeque<(String, String)>, Option<Learn>);

impl Reported {
    /// So many who mask, and so much that they heard, are remembered.
    const MOST: usize = 64;

    fn held(&self) -> MutexGuard<'_, Heard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, name: &str, value: &str) {
        let mut held = self.held();
        held.0.iter().chain(&held.2).for_each(|learn| learn(name, value));
        held.1.push_back((name.to_owned(), value.to_owned()));
        if held.1.len() > Self::MOST {
            held.1.pop_front();
        }
    }

    fn also(&self, learn: Learn) {
        let mut held = self.held();
        held.1.iter().for_each(|(name, value)| learn(name, value));
        held.0.push(learn);
        if held.0.len() > Self::MOST {
            held.0.remove(0);
        }
    }
}

#[derive(Default)]
struct Held {
    token: Option<Token>,
    /// Counts the tokens, so that many requests refused at once renew it only once.
    number: u64,
    /// When a login was refused, and why.
    no_login: Option<(Instant, Failure)>,
    /// When a token was refused although it was new: another one would be as well.
    refused: Option<Instant>,
}

struct Token {
    header: HeaderValue,
    /// When it is renewed.
    until: Option<Instant>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Session")
    }
}

impl Session {
    /// Requests without any proof.
    #[must_use]
    pub fn open() -> Self {
        Self::made(Way::Open)
    }

    fn made(way: Way) -> Self {
        let reported = Arc::<Reported>::default();
        let heard = Arc::clone(&reported);
        let cookies = Cookies::telling(Arc::new(move |name, value| heard.tell(name, value)));
        Self { way, held: Mutex::default(), reported, cookies: Arc::new(cookies) }
    }

    /// The cookies that requests of this login carry.
    pub fn cookies(&self) -> Arc<Cookies> {
        Arc::clone(&self.cookies)
    }

    /// From an environment's `auth` with its variables in place; `base` is the environment's `url`.
    ///
    /// # Errors
    /// When no request can be made of it; without secrets.
    pub fn new(auth: &Auth, base: &str, by: Option<TokenCommand>) -> Result<Self, SourceError> {
        let way = match auth {
            Auth::Header { name, value } => {
                let name = HeaderName::from_bytes(name.as_bytes());
                let name = name.map_err(|_| SourceError::Auth("`name` is no name of a header"))?;
                Way::Fixed(name, secret_header(value).ok_or(SourceError::Auth("`value` may not stand in a header"))?)
            }
            Auth::Basic { user, password } => {
                let word = BASE64.encode(format!("{user}:{password}").as_bytes());
                let value = secret_header(&format!("Basic {word}"));
                let value = value.ok_or(SourceError::Auth("no header can be made of it"))?;
                Way::Fixed(AUTHORIZATION, value)
            }
            Auth::Command { run, lifetime } => {
                Way::Command { run: run.clone(), by, lifetime: lifetime.map(Span::duration) }
            }
            Auth::Login(login) => Way::Login(Box::new((login_request(login, base)?, login.clone()))),
        };
        let known = auth.secrets().into_iter().map(ToOwned::to_owned);
        let basic = match &way {
            Way::Fixed(_, value) => value.to_str().ok().and_then(|text| text.strip_prefix("Basic ")).map(str::to_owned),
            _ => None,
        };
        let session = Self::made(way);
        for secret in known.chain(basic) {
            session.reported.tell(TOKEN, &secret);
        }
        Ok(session)
    }

    /// One that masks hears of all that came up, and of what will.
    pub fn tell(&self, learn: Learn) {
        self.reported.also(learn);
    }

    /// One that keeps hears of what logging in hands out from now on, and of nothing that was given.
    pub(crate) fn keep(&self, learn: Learn) {
        self.reported.held().2 = Some(learn);
    }

    /// Fetches the token where one is needed and none is held.
    pub async fn ready(&self, probe: &Probe) -> Result<(), Failure> {
        self.proof(probe).await.map(drop)
    }

    /// The header that proves who sends, for requests that go another way; it is not renewed there.
    pub async fn header(&self, probe: &Probe) -> Result<Option<(HeaderName, HeaderValue)>, Failure> {
        Ok(self.proof(probe).await?.map(|(name, value, _)| (name, value)))
    }

    /// Sends a request with the proof. A 401 renews a token that can be renewed, once.
    ///
    /// # Errors
    /// Why there is no answer, or no token.
    pub async fn send(&self, probe: &Probe, request: Request) -> Result<Answer, Failure> {
        let Some((name, value, number)) = self.proof(probe).await? else { return probe.send(request).await };
        if request.headers.contains_key(&name) {
            return probe.send(request).await;
        }
        let mut first = request.clone();
        first.headers.insert(name.clone(), value);
        let answer = probe.send(first).await?;
        if answer.status != 401 {
            return Ok(answer);
        }
        let Some(value) = self.renewed(probe, number).await? else { return Ok(answer) };
        let mut second = request;
        second.headers.insert(name, value);
        let answer = probe.send(second).await?;
        if answer.status == 401 {
            self.held.lock().await.refused = Some(Instant::now());
        }
        Ok(answer)
    }

    async fn proof(&self, probe: &Probe) -> Result<Option<(HeaderName, HeaderValue, u64)>, Failure> {
        match &self.way {
            Way::Open => return Ok(None),
            Way::Fixed(name, value) => return Ok(Some((name.clone(), value.clone(), 0))),
            Way::Command { .. } | Way::Login(_) => {}
        }
        let mut held = self.held.lock().await;
        let due = held.token.as_ref().is_none_or(|token| token.until.is_some_and(|until| Instant::now() >= until));
        let header = match held.token.as_ref().filter(|_| !due) {
            Some(token) => token.header.clone(),
            None => self.fetch_into(probe, &mut held).await?,
        };
        Ok(Some((AUTHORIZATION, header, held.number)))
    }

    /// The token after the one with this number.
    async fn renewed(&self, probe: &Probe, number: u64) -> Result<Option<HeaderValue>, Failure> {
        if matches!(self.way, Way::Open | Way::Fixed(..)) {
            return Ok(None);
        }
        let mut held = self.held.lock().await;
        match &held.token {
            Some(token) if held.number != number => Ok(Some(token.header.clone())),
            _ if held.refused.is_some_and(|at| at.elapsed() < PAUSE) => Ok(None),
            _ => self.fetch_into(probe, &mut held).await.map(Some),
        }
    }

    async fn fetch_into(&self, probe: &Probe, held: &mut Held) -> Result<HeaderValue, Failure> {
        if let Some((at, why)) = &held.no_login
            && at.elapsed() < PAUSE
        {
            let pause = PAUSE.as_secs();
            return Err(Failure::new(why.kind, format!("{}; it is tried again after {pause} s", why.reason)));
        }
        let fetched = self.fetch(probe).await;
        held.no_login = None;
        let (token, lifetime) = match fetched {
            Ok(fetched) => fetched,
            Err((Refused::ByThem, why)) => {
                held.no_login = Some((Instant::now(), why.clone()));
                return Err(why);
            }
            Err((Refused::Otherwise, why)) => return Err(why),
        };
        let header = secret_header(&format!("Bearer {token}"));
        let header = header.ok_or_else(|| no_login("the token holds characters that no header may hold"))?;
        let lifetime = valid_for(&token).or(lifetime);
        let until = lifetime.and_then(|time| Instant::now().checked_add(time.saturating_sub(MARGIN.min(time / 10))));
        self.reported.tell(TOKEN, &token);
        held.token = Some(Token { header: header.clone(), until });
        held.number += 1;
        Ok(header)
    }

    async fn fetch(&self, probe: &Probe) -> Result<(String, Option<Duration>), (Refused, Failure)> {
        let no_login = |why: &str| (Refused::Otherwise, no_login(why));
        match &self.way {
            Way::Open | Way::Fixed(..) => Err(no_login("there is no token to fetch")),
            Way::Command { run, by, lifetime } => {
                let by = by.as_ref().ok_or_else(|| no_login("the command that prints a token is not run here"))?;
                let printed = by(run.clone()).await.map_err(|why| (Refused::ByThem, self::no_login(&why)))?;
                let token = printed.trim();
                if token.is_empty() || token.contains(char::is_whitespace) {
                    return Err(no_login("the command that prints the token must print one word and nothing else"));
                }
                Ok((token.to_owned(), *lifetime))
            }
            Way::Login(both) => {
                let (request, login) = both.as_ref();
                let answer = probe.send(request.clone()).await;
                let answer = answer
                    .map_err(|why| (Refused::Otherwise, Failure::new(why.kind, format!("login: {}", why.reason))))?;
                let reported = Arc::clone(&self.reported);
                let learn: Learn = Arc::new(move |name, value| reported.tell(name, value));
                tell_headers(&answer.headers, &learn);
                if !answer.is_success() {
                    let why = self::no_login(&format!("{} was answered with {}", login.path, answer.status));
                    // A service that is only starting does not know anything yet.
                    let refused = matches!(answer.status, 400 | 401 | 403 | 422 | 423 | 429);
                    return Err((if refused { Refused::ByThem } else { Refused::Otherwise }, why));
                }
                let json: Json = serde_json::from_slice(&answer.body)
                    .map_err(|_| no_login(&format!("the answer of {} is no JSON", login.path)))?;
                tell_fields(&json, &learn);
                let token = json.pointer(&login.token).and_then(Json::as_str).filter(|token| !token.is_empty());
                let token = token.ok_or_else(|| no_login(&format!("the answer has no text at {}", login.token)))?;
                let expires = login.expires.as_ref().and_then(|at| json.pointer(at)).and_then(seconds);
                Ok((token.to_owned(), expires.or(login.lifetime.map(Span::duration))))
            }
        }
    }
}

/// Why there is no token: they know who asks and say no, or anything else.
enum Refused {
    ByThem,
    Otherwise,
}

/// Shows every text of an answer by the name of its field.
pub fn tell_fields(json: &Json, learn: &Learn) {
    match json {
        Json::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Json::String(text) => learn(name, text),
                    Json::Object(_) | Json::Array(_) => tell_fields(value, learn),
                    Json::Null | Json::Bool(_) | Json::Number(_) => {}
                }
            }
        }
        Json::Array(values) => values.iter().for_each(|value| tell_fields(value, learn)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

fn no_login(why: &str) -> Failure {
    Failure::new(FailureKind::NoLogin, format!("login: {why}"))
}

fn seconds(value: &Json) -> Option<Duration> {
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    Duration::try_from_secs_f64(number).ok()
}

/// How long a JSON web token is still valid, if it is one and says so.
fn valid_for(token: &str) -> Option<Duration> {
    let claims = token.split('.').nth(1).filter(|_| token.split('.').count() == 3)?;
    let claims = BASE64URL_NOPAD.decode(claims.trim_end_matches('=').as_bytes()).ok()?;
    let claims: Json = serde_json::from_slice(&claims).ok()?;
    let expires = claims.get("exp")?.as_f64()?;
    let left = expires - Utc::now().timestamp_millis() as f64 / 1_000.0;
    // One that is over already is renewed with the next request, not before every byte.
    Some(Duration::try_from_secs_f64(left).unwrap_or(Duration::ZERO))
}

fn secret_header(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text.trim()).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn login_request(login: &Login, base: &str) -> Result<Request, SourceError> {
    let url = address(base, &login.path)?;
    let method = Method::from_bytes(login.method.as_bytes()).map_err(|_| SourceError::Auth("`method` is none"))?;
    let mut request = Request { method, ..Request::get(url) };
    if login.form.is_empty() {
        request.body = login.body.clone().map(String::into_bytes);
    } else {
        let fields = Url::parse_with_params("http://localhost/", &login.form);
        let fields = fields.map_err(|_| SourceError::Auth("`form` makes no request"))?;
        request.body = fields.query().map(|query| query.as_bytes().to_vec());
        request.headers.insert(CONTENT_TYPE, HeaderValue::from_static(FORM));
    }
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_web_token_reports_how_long_it_is_valid() {
        let token = |claims: &str| format!("e30.{}.c2ln", BASE64URL_NOPAD.encode(claims.as_bytes()));
        let now = Utc::now().timestamp();
        let left = valid_for(&token(&format!("{{\"exp\":{}}}", now + 600))).unwrap();
        assert!(left > Duration::from_secs(590) && left <= Duration::from_mins(10), "{left:?}");
        assert_eq!(valid_for(&token(&format!("{{\"exp\":{}}}", now - 5))), Some(Duration::ZERO));
        assert_eq!(valid_for(&token("{}")), None);
        assert_eq!(valid_for("opaque"), None);
        assert_eq!(valid_for("a.b.c"), None);
    }

    #[test]
    fn lifetimes_are_numbers_or_texts_of_them() {
        assert_eq!(seconds(&Json::from(3600)), Some(Duration::from_hours(1)));
        assert_eq!(seconds(&Json::from("60")), Some(Duration::from_mins(1)));
        assert_eq!(seconds(&Json::from(-1)), None);
    }
}
