//! What the http check sends and expects, against a service that wants a login.

use super::service::{Collector, assignment};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use axum::routing::{get, post};
use gonogo::attempts::checks::http::carry_out;
use gonogo::checklist::EnvironmentKind;
use gonogo::checklist::auth::{Auth, Login};
use gonogo::checklist::check::{Http, Redirects, Statuses, Want};
use gonogo::deployment::Verdict;
use gonogo::deployment::attempt::{End, Outcome};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::Duration;
use tokio::net::TcpListener;

#[derive(Default)]
struct Counts {
    logins: AtomicU32,
    /// Logins and those that were refused.
    tries: AtomicU32,
    /// The number of the only token that is taken.
    valid: AtomicU32,
}

struct Guarded {
    url: String,
    counts: Arc<Counts>,
}

impl Guarded {
    async fn start() -> Self {
        let counts = Arc::new(Counts::default());
        counts.valid.store(1, SeqCst);
        let app = Router::new()
            .route("/login", post(login))
            .route("/items", get(items))
            .route("/short", post(short))
            .route(
                "/echo",
                post(|headers: HeaderMap, body: Bytes| async move {
                    format!(
                        "{:?} {:?} {}",
                        headers.get("x-team"),
                        headers.get("authorization"),
                        String::from_utf8_lossy(&body)
                    )
                }),
            )
            .route("/hop", get(|| async { Redirect::temporary("/landed") }))
            .route("/away", get(|| async { Redirect::temporary("http://elsewhere.invalid/landed") }))
            .route("/landed", get(|| async { "landed" }))
            .route("/set", get(|| async { ([(header::SET_COOKIE, "seat=7; Path=/")], Redirect::temporary("/seat")) }))
            .route("/sign-in", post(sign_in))
            .route("/mirror", get(mirror))
            .route(
                "/hand-out",
                get(|| async {
                    (StatusCode::CONFLICT, [(header::SET_COOKIE, "sid=fresh-cookie-99")], "your sid is fresh-cookie-99")
                }),
            )
            .route("/seat", get(|request: Request| async move { format!("{:?}", request.headers().get("cookie")) }))
            .route("/zipped", get(|| async { ([(header::CONTENT_ENCODING, "zstd")], "xxxx") }))
            .route(
                "/slow",
                get(|State(counts): State<Arc<Counts>>| async move {
                    if counts.logins.fetch_add(1, SeqCst) >= 4 {
                        std::future::pending::<()>().await;
                    }
                    "quick"
                }),
            )
            .with_state(Arc::clone(&counts));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, counts }
    }

    async fn visit(&self, http: &Http, auth: Option<Auth>) -> (Outcome, String) {
        let (mut assignment, _stop) = assignment(&self.url, http, Vec::new());
        assignment.environment.auth = auth;
        assignment.home = std::env::temp_dir();
        // The process's own variables, not those of a rehearsal.
        assignment.environment.kind = EnvironmentKind::Real;
        assignment.variables.insert("TEAM".into(), "blue".into());
        let console = Collector::default();
        let outcome = carry_out(&assignment, http, &console).await;
        (outcome, console.text())
    }
}

async fn login(State(counts): State<Arc<Counts>>, body: String) -> impl IntoResponse {
    counts.tries.fetch_add(1, SeqCst);
    if body != "password=p%26ss&username=ada" {
        return (StatusCode::UNAUTHORIZED, "who are you".to_owned());
    }
    let number = counts.logins.fetch_add(1, SeqCst) + 1;
    (StatusCode::OK, format!("{{\"data\":{{\"token\":\"tok-{number}\"}},\"expires_in\":3600}}"))
}

const LONG: &str =
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEiLCJyb2xlIjoiY2FwdGFpbiIsInRlYW0iOiJibHVlIn0.q7Zk3vQm1xYc8pLr5tBn0wSd";

/// Answers with more than the token: a cookie on the way, a second token, another in a header.
async fn sign_in() -> impl IntoResponse {
    let headers = [
        (header::SET_COOKIE, "sess=s%3Acookie-4711.c2lnbmF0dXJlLW9mLWl0; HttpOnly; Path=/"),
        (header::HeaderName::from_static("x-csrf-token"), "csrf-0815-xyz"),
    ];
    (headers, format!("{{\"data\":{{\"token\":\"{LONG}\"}},\"refresh_token\":\"again-and-again\",\"name\":\"Ada\"}}"))
}

/// Says all that it knows of whoever asks, in other forms too.
async fn mirror(headers: HeaderMap) -> impl IntoResponse {
    let cookie = headers.get("cookie").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let proof = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let proof = proof.trim_start_matches("Bearer ").to_owned();
    let coded = data_encoding::BASE64.encode(cookie.as_bytes());
    (
        [(header::HeaderName::from_static("x-seen"), cookie.clone())],
        format!(
            "{{\"you\":\"Ada, cookie-4711, again-and-again, csrf-0815-xyz, {coded}\",\"it\":\"{proof}\",\"all\":\"{cookie}\"}}"
        ),
    )
}

async fn short(State(counts): State<Arc<Counts>>) -> String {
    let number = counts.logins.fetch_add(1, SeqCst) + 1;
    counts.valid.store(number, SeqCst);
    format!("{{\"token\":\"tok-{number}\",\"expires_in\":0}}")
}

async fn items(State(counts): State<Arc<Counts>>, headers: HeaderMap) -> impl IntoResponse {
    let wanted = format!("Bearer tok-{}", counts.valid.load(SeqCst));
    let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    if sent != wanted {
        return (StatusCode::UNAUTHORIZED, format!("not with {sent}")).into_response();
    }
    ([("x-page", "1")], format!("{{\"items\":[{{\"id\":7}}],\"for\":\"{sent}\"}}")).into_response()
}

fn ada() -> Login {
    Login {
        method: "POST".into(),
        path: "/login".into(),
        body: None,
        form: [("username", "ada"), ("password", "p&ss")].map(|(a, b)| (a.to_owned(), b.to_owned())).into(),
        token: "/data/token".into(),
        expires: Some("/expires_in".into()),
        lifetime: None,
    }
}

#[tokio::test]
async fn a_login_gives_the_token_that_requests_carry() {
    let service = Guarded::start().await;
    let want = |at: &str| Want { at: at.into(), ..Want::default() };
    let http = Http {
        requests: 5,
        concurrency: 3,
        json: vec![
            Want { equals: Some(json!(7)), ..want("/items/0/id") },
            Want { at_most: Some(1.0), ..want("/items") },
        ],
        response_headers: vec![Want { matches: Some("^[0-9]+$".into()), ..want("X-Page") }],
        ..Http::get("/items")
    };
    let (outcome, _) = service.visit(&http, Some(Auth::Login(ada()))).await;
    assert_eq!(outcome.verdict, Verdict::Pass, "{}", outcome.detail);
    assert_eq!(service.counts.logins.load(SeqCst), 1, "one login for all requests");

    let wrong = Http { json: vec![Want { exists: Some(false), ..want("/for") }], requests: 1, ..http };
    service.counts.valid.store(2, SeqCst);
    let (outcome, said) = service.visit(&wrong, Some(Auth::Login(ada()))).await;
    assert_eq!(outcome.verdict, Verdict::Fail);
    assert!(outcome.detail.contains("/for is there"), "{}", outcome.detail);
    assert!(!outcome.detail.contains("tok-") && !said.contains("tok-"), "{} {said}", outcome.detail);

    let stranger = Http { anonymous: true, status: Statuses::one(401), ..Http::get("/items") };
    assert_eq!(service.visit(&stranger, Some(Auth::Login(ada()))).await.0.verdict, Verdict::Pass);
}

#[tokio::test]
async fn what_a_login_hands_out_is_masked_wherever_a_later_answer_repeats_it() {
    let service = Guarded::start().await;
    let auth = Auth::Login(Login { path: "/sign-in".into(), ..ada() });
    let want = |at: &str, not: &str| Want { at: at.into(), matches: Some(not.into()), ..Want::default() };
    let body = Http { contains: Some("something else".into()), ..Http::get("/mirror") };
    let cut = Http { json: vec![want("/it", "^no$")], ..Http::get("/mirror") };
    let all = Http { json: vec![want("/all", "^no$")], ..Http::get("/mirror") };
    let header = Http { response_headers: vec![want("X-Seen", "^no$")], ..Http::get("/mirror") };
    for (http, shown) in
        [(body, "Ada, ****"), (cut, "/it is \"****"), (all, "/all is \"sess=****"), (header, "x-seen is \"sess=****")]
    {
        let (outcome, said) = service.visit(&http, Some(auth.clone())).await;
        let reported = format!("{} {said}", outcome.detail);
        assert_eq!(outcome.verdict, Verdict::Fail, "{reported}");
        assert!(reported.to_lowercase().contains(&shown.to_lowercase()), "{reported}");
        for part in ["4711", "c2lnbmF0", "again-and", "csrf-08", "eyJ", "q7Zk3", "c2Vzcz1z"] {
            assert!(!reported.contains(part), "{part} in {reported}");
        }
    }
    let (outcome, said) = service.visit(&Http::get("/hand-out"), None).await;
    assert!(outcome.detail.contains("your sid is ****"), "{}", outcome.detail);
    assert!(!outcome.detail.contains("fresh-") && !said.contains("fresh-"), "{said}");
}

#[tokio::test]
async fn a_token_is_renewed_once_when_it_is_refused_and_before_it_expires() {
    let service = Guarded::start().await;
    service.counts.valid.store(2, SeqCst);
    let (outcome, _) = service.visit(&Http::get("/items"), Some(Auth::Login(ada()))).await;
    assert_eq!(outcome.verdict, Verdict::Pass, "{}", outcome.detail);
    assert_eq!(service.counts.logins.load(SeqCst), 2);

    service.counts.valid.store(99, SeqCst);
    let (outcome, said) = service.visit(&Http { requests: 6, ..Http::get("/items") }, Some(Auth::Login(ada()))).await;
    assert_eq!(
        (outcome.verdict, service.counts.logins.load(SeqCst)),
        (Verdict::Fail, 3),
        "a refused one is renewed once, and a process logs in once"
    );
    assert!(!outcome.detail.contains("tok-") && !said.contains("tok-"), "{} {said}", outcome.detail);
    assert!(outcome.detail.contains("6 × answered 401"), "{}", outcome.detail);

    let short = Login { path: "/short".into(), token: "/token".into(), ..ada() };
    let before = service.counts.logins.load(SeqCst);
    let (outcome, _) = service.visit(&Http { requests: 3, ..Http::get("/items") }, Some(Auth::Login(short))).await;
    assert_eq!(outcome.verdict, Verdict::Pass, "{}", outcome.detail);
    assert!(service.counts.logins.load(SeqCst) >= before + 3, "one that is over is renewed without being refused");
}

#[tokio::test]
async fn without_a_token_nothing_is_known() {
    let service = Guarded::start().await;
    let nobody = Login { form: [("username".to_owned(), "eve".to_owned())].into(), ..ada() };
    let (outcome, _) = service.visit(&Http::get("/items"), Some(Auth::Login(nobody.clone()))).await;
    assert_eq!(
        (outcome.verdict, outcome.detail.as_str()),
        (Verdict::Inconclusive, "login: /login was answered with 401")
    );
    let again = Http { within: Some(gonogo::checklist::offset::Span::from_millis(900)), ..Http::get("/items") };
    let (outcome, said) = service.visit(&again, Some(Auth::Login(nobody.clone()))).await;
    assert!(outcome.verdict != Verdict::Pass && said.contains("it is tried again after 60 s"), "{said}");
    assert_eq!(service.counts.tries.load(SeqCst), 1, "many tries would lock the account");
    let (outcome, _) =
        service.visit(&Http::get("/items"), Some(Auth::Command { run: "exit 3".into(), lifetime: None })).await;
    assert_eq!(outcome.verdict, Verdict::Inconclusive);
    assert!(outcome.detail.contains("the command that prints the token failed"), "{}", outcome.detail);
}

#[tokio::test]
async fn the_other_kinds_of_proof_are_sent_and_never_shown() {
    let service = Guarded::start().await;
    let command = Auth::Command { run: "printf tok-%s $((2-1))".into(), lifetime: None };
    assert_eq!(service.visit(&Http::get("/items"), Some(command)).await.0.verdict, Verdict::Pass);
    let header = Auth::Header { name: "Authorization".into(), value: "Bearer tok-1".into() };
    assert_eq!(service.visit(&Http::get("/items"), Some(header)).await.0.verdict, Verdict::Pass);
    let basic = Auth::Basic { user: "ada".into(), password: "p&ss".into() };
    let (outcome, said) = service.visit(&Http::get("/items"), Some(basic)).await;
    assert!(outcome.detail.contains("not with Basic ****"), "{}", outcome.detail);
    assert!(!said.contains("YWRhOnAmc3M="), "{said}");
}

#[tokio::test]
async fn headers_and_a_body_from_a_file_are_sent() {
    let service = Guarded::start().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("body.json");
    std::fs::write(&file, "{\"a\":1,\"home\":\"${HOME}\",\"b\":\"$${X}\"}").unwrap();
    let home = std::env::var("HOME").unwrap();
    let http = Http {
        method: "POST".into(),
        body_file: Some(file.display().to_string()),
        headers: [("X-Team".to_owned(), "${TEAM}!".to_owned())].into(),
        contains: Some(format!("Some(\"blue!\") None {{\"a\":1,\"home\":\"{home}\",\"b\":\"$${{X}}\"}}")),
        ..Http::get("/echo")
    };
    let (outcome, _) = service.visit(&http, None).await;
    assert_eq!(outcome.verdict, Verdict::Pass, "{}", outcome.detail);
    // The same rule for a body that is in the checklist, for what is expected, and for the path.
    let own = Http {
        body_file: None,
        body: Some("{\"team\":\"${TEAM}\"}".into()),
        contains: Some("{\"team\":\"blue\"}".into()),
        path: "/echo?of=${TEAM}".into(),
        ..http.clone()
    };
    let (outcome, _) = service.visit(&own, None).await;
    assert_eq!(outcome.verdict, Verdict::Pass, "{}", outcome.detail);
    std::fs::write(&file, "{\"a\":\"${NOBODY_SETS_THIS}\"}").unwrap();
    let (outcome, _) = service.visit(&http, None).await;
    assert!(outcome.detail.contains("NOBODY_SETS_THIS is not set"), "{}", outcome.detail);
    assert_eq!((outcome.verdict, outcome.end), (Verdict::Inconclusive, End::NotStarted));
    let lacking = Http { body_file: Some("/dev/zero".into()), ..http };
    let (outcome, _) = service.visit(&lacking, None).await;
    assert_eq!((outcome.verdict, outcome.end), (Verdict::Inconclusive, End::NotStarted), "{}", outcome.detail);
}

#[tokio::test]
async fn redirects_are_followed_on_the_host_and_cookies_kept() {
    let service = Guarded::start().await;
    let follow = |path: &str| Http { redirects: Redirects::SameHost, ..Http::get(path) };
    assert_eq!(service.visit(&Http::get("/hop"), None).await.0.verdict, Verdict::Fail, "a redirect is the answer");
    let landed = Http { contains: Some("landed".into()), ..follow("/hop") };
    assert_eq!(service.visit(&landed, None).await.0.verdict, Verdict::Pass);
    let (outcome, _) = service.visit(&follow("/away"), None).await;
    assert!(outcome.detail.contains("answered 307 to http://elsewhere.invalid/landed"), "{}", outcome.detail);
    let seat = Http { contains: Some("seat=7".into()), ..follow("/set") };
    let (outcome, _) = service.visit(&seat, None).await;
    assert_eq!(outcome.verdict, Verdict::Pass, "{}", outcome.detail);
    let either = Http { status: Statuses::parse(["404", "3xx"]).unwrap(), ..Http::get("/hop") };
    assert_eq!(service.visit(&either, None).await.0.verdict, Verdict::Pass);
}

#[tokio::test]
async fn an_encoding_that_is_not_understood_is_named() {
    let service = Guarded::start().await;
    let (outcome, _) = service.visit(&Http::get("/zipped"), None).await;
    assert_eq!(outcome.verdict, Verdict::Fail);
    assert!(outcome.detail.contains("content encoding `zstd`; gzip, deflate and br"), "{}", outcome.detail);
}

#[tokio::test]
async fn a_load_that_is_cut_off_reports_what_it_counted() {
    let service = Guarded::start().await;
    let http = Http { requests: 50, concurrency: 2, ..Http::get("/slow") };
    let (assignment, stop) = assignment(&service.url, &http, Vec::new());
    let console = Collector::default();
    let ends = async {
        while console.last_progress("requests").is_none_or(|(done, _)| done < 4) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        stop.send_replace(Some(End::TimedOut));
    };
    let (outcome, ()) = tokio::join!(carry_out(&assignment, &http, &console), ends);
    assert_eq!((outcome.verdict, outcome.end), (Verdict::Fail, End::TimedOut));
    assert!(outcome.detail.contains("cut off after 4 of 50 requests; of these latency-p50"), "{}", outcome.detail);
    assert!(outcome.measured.iter().any(|m| m.name == "latency-p95"), "{outcome:?}");
}
