//! A small service, and what a check is handed.

use axum::Router;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get as on_get, post};
use chrono::{DateTime, Utc};
use gonogo::attempts::{Assignment, Console};
use gonogo::checklist::check::{Check, Http};
use gonogo::checklist::environment::{EnvironmentKind, Writes};
use gonogo::checklist::{Checklist, Environment, Item, Target};
use gonogo::deployment::attempt::{AttemptNumber, End};
use gonogo::deployment::progress::Progress;
use gonogo::deployment::{Plan, State as Folded};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

#[derive(Default)]
struct Counts {
    asked: Mutex<BTreeMap<String, u32>>,
    queries: AtomicU64,
    at_once: AtomicU32,
    most_at_once: AtomicU32,
}

/// Listens until it is stopped or dropped.
pub(crate) struct Service {
    address: SocketAddr,
    counts: Arc<Counts>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Service {
    pub(crate) async fn start() -> Self {
        Self::at(SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    /// Begins anew at an address, with its counters at zero.
    pub(crate) async fn at(address: SocketAddr) -> Self {
        let deadline = Instant::now() + Duration::from_secs(5);
        let listener = loop {
            match TcpListener::bind(address).await {
                Ok(listener) => break listener,
                Err(error) => assert!(Instant::now() < deadline, "{address}: {error}"),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        let counts = Arc::new(Counts::default());
        counts.queries.store(1_000, SeqCst);
        let app = router(Arc::clone(&counts));
        let (stop, stopped) = oneshot::channel::<()>();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move {
            // Dropping the server's future closes idle connections too, as the end of its process would.
            tokio::select! {
                ended = axum::serve(listener, app).into_future() => ended.unwrap(),
                _ = stopped => {}
            }
        });
        Self { address, counts, stop, task }
    }

    pub(crate) async fn stop(self) {
        let _ = self.stop.send(());
        self.task.await.unwrap();
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn asked(&self, path: &str) -> u32 {
        self.counts.asked.lock().unwrap().get(path).copied().unwrap_or(0)
    }

    pub(crate) fn most_at_once(&self) -> u32 {
        self.counts.most_at_once.load(SeqCst)
    }
}

fn router(counts: Arc<Counts>) -> Router {
    Router::new()
        .route("/health", on_get(|| async { r#"{"status":"ok"}"# }))
        .route("/sleep", on_get(sleep))
        .route("/lots", on_get(lots))
        .route("/count", on_get(|State(counts): State<Arc<Counts>>| async move { add(&counts, 5) }))
        .route("/restart", on_get(|State(counts): State<Arc<Counts>>| async move { counts.queries.store(3, SeqCst) }))
        .route("/metrics", on_get(metrics))
        .route("/broken", on_get(|| async { (StatusCode::INTERNAL_SERVER_ERROR, "the lots\n\u{1b}[31mare gone") }))
        .route("/moved", on_get(|| async { (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, "/count")]) }))
        .route("/sometimes", on_get(sometimes))
        .route("/whoami", on_get(whoami))
        .route("/mine", on_get(|headers: HeaderMap| async move { reported(&headers) }))
        .route("/echo", post(echo))
        .layer(middleware::from_fn_with_state(Arc::clone(&counts), count))
        .with_state(counts)
}

async fn count(State(counts): State<Arc<Counts>>, request: Request, next: Next) -> Response {
    *counts.asked.lock().unwrap().entry(request.uri().path().to_owned()).or_insert(0) += 1;
    let now = counts.at_once.fetch_add(1, SeqCst) + 1;
    counts.most_at_once.fetch_max(now, SeqCst);
    let response = next.run(request).await;
    counts.at_once.fetch_sub(1, SeqCst);
    response
}

fn add(counts: &Counts, queries: u64) {
    counts.queries.fetch_add(queries, SeqCst);
}

fn number(query: &BTreeMap<String, String>, name: &str) -> u64 {
    query.get(name).and_then(|text| text.parse().ok()).unwrap_or(0)
}

async fn sleep(Query(query): Query<BTreeMap<String, String>>) -> &'static str {
    tokio::time::sleep(Duration::from_millis(number(&query, "ms"))).await;
    "{}"
}

async fn lots(State(counts): State<Arc<Counts>>, Query(query): Query<BTreeMap<String, String>>) -> impl IntoResponse {
    let asked = counts.asked.lock().unwrap()["/lots"];
    let items: Vec<String> = (0..number(&query, "limit")).map(|id| format!("{{\"id\":{id}}}")).collect();
    let body = format!("{{\"count\":{},\"items\":[{}]}}", items.len(), items.join(","));
    ([("x-query-count", (asked + 2).to_string())], body)
}

async fn metrics(State(counts): State<Arc<Counts>>) -> String {
    let queries = counts.queries.load(SeqCst);
    format!(
        "# TYPE db_queries_total counter\n\
         db_queries_total{{kind=\"read\"}} {queries}\n\
         db_queries_total{{kind=\"write\"}} {}\n\
         # TYPE pool_in_use gauge\npool_in_use 3\nnot a line\n",
        queries * 20
    )
}

async fn sometimes(State(counts): State<Arc<Counts>>) -> impl IntoResponse {
    let asked = counts.asked.lock().unwrap()["/sometimes"];
    if asked.is_multiple_of(2) { (StatusCode::BAD_GATEWAY, "tired") } else { (StatusCode::OK, "here") }
}

async fn whoami(headers: HeaderMap) -> impl IntoResponse {
    (StatusCode::UNAUTHORIZED, reported(&headers))
}

fn reported(headers: &HeaderMap) -> String {
    headers.get(header::AUTHORIZATION).map_or("nobody", |value| value.to_str().unwrap()).to_owned()
}

async fn echo(headers: HeaderMap, body: String) -> impl IntoResponse {
    let is_json = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    (if is_json { StatusCode::CREATED } else { StatusCode::UNSUPPORTED_MEDIA_TYPE }, body)
}

/// Keeps what a check says.
#[derive(Default)]
pub(crate) struct Collector {
    lines: Mutex<Vec<String>>,
    progress: Mutex<Vec<Progress>>,
}

impl Collector {
    pub(crate) fn text(&self) -> String {
        self.lines.lock().unwrap().join("\n")
    }

    /// Done and total of a stage, as last reported.
    pub(crate) fn last_progress(&self, stage: &str) -> Option<(u64, Option<u64>)> {
        let reported = self.progress.lock().unwrap();
        reported.iter().rev().find(|progress| progress.stage == stage).map(|progress| (progress.done, progress.total))
    }
}

impl Console for Collector {
    fn line(&self, text: &str) {
        self.lines.lock().unwrap().push(text.to_owned());
    }

    fn output(&self, bytes: &[u8]) {
        self.line(&String::from_utf8_lossy(bytes));
    }

    fn progress(&self, progress: &Progress) {
        self.progress.lock().unwrap().push(progress.clone());
    }
}

/// One plain `GET`.
pub(crate) fn get(path: &str) -> Http {
    Http::get(path)
}

pub(crate) fn environment(url: &str) -> Environment {
    Environment {
        slot: "production".into(),
        kind: EnvironmentKind::Rehearsal,
        writes: Writes::Allowed,
        url: Some(url.into()),
        ..Environment::default()
    }
}

pub(crate) fn assignment(url: &str, http: &Http, targets: Vec<Target>) -> (Assignment, watch::Sender<Option<End>>) {
    let (stop, stopped) = watch::channel(None);
    let assignment = Assignment {
        plan: Arc::new(Plan::new(Arc::new(checklist()), BTreeMap::new())),
        state: Arc::new(Folded::default()),
        item: item(http, targets),
        attempt: AttemptNumber(1),
        environment_name: "rehearsal-production".into(),
        environment: environment(url),
        variables: BTreeMap::new(),
        home: "/nonexistent".into(),
        evidence: "/nonexistent".into(),
        secrets: std::sync::Arc::default(),
        stop: stopped,
    };
    (assignment, stop)
}

fn item(http: &Http, targets: Vec<Target>) -> Item {
    Item {
        id: "p1/service/answers".into(),
        title: "The service answers".into(),
        slot: Some("production".into()),
        check: Check::Http(http.clone()),
        targets,
        line: 1,
        ..Item::default()
    }
}

fn checklist() -> Checklist {
    Checklist { format: 1, id: "test".into(), title: "test".into(), ..Checklist::default() }
}

/// A moment by the wall clock, whole milliseconds since 1970.
pub(crate) fn time(at_ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at_ms).unwrap()
}
