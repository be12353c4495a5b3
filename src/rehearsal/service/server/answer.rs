//! What every answer has in common: JSON, the count of its queries, its place in the metrics and the log.

use super::Service;
use crate::rehearsal::service::queries::{QueryCount, Record};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::time::{Duration, Instant};

const HEADER: &str = "x-query-count";
const LOTS: &str = "/api/v1/lots";
/// How long the answer took by the model of this service, in milliseconds.
const SIMULATED: &str = "x-simulated-ms";

/// Why a request was not answered as asked.
#[derive(Debug)]
pub(super) enum Problem {
    /// What the caller must change.
    Wrong(String),
    Database(sqlx::Error),
    /// A fault that was built in.
    Failed(&'static str),
}

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, detail) = match self {
            Self::Wrong(detail) => (StatusCode::UNPROCESSABLE_ENTITY, detail),
            Self::Database(error) => database_problem(&error),
            Self::Failed(why) => (StatusCode::INTERNAL_SERVER_ERROR, why.to_owned()),
        };
        let mut response = (status, axum::Json(json!({ "detail": detail }))).into_response();
        if status.is_server_error() {
            response.extensions_mut().insert(Failure(detail));
        }
        response
    }
}

/// Asked to the log by `observe`.
#[derive(Debug, Clone)]
struct Failure(String);

/// What the caller sent can break a rule that only the database knows.
fn database_problem(error: &sqlx::Error) -> (StatusCode, String) {
    let Some(database) = error.as_database_error() else {
        return (StatusCode::SERVICE_UNAVAILABLE, format!("the database cannot be reached: {error}"));
    };
    let message = database.message();
    if database.is_foreign_key_violation() {
        let detail = "an id names something that does not exist: look at lot_id, serial_id, wip_id, process_id, \
                      equipment_id, operator_id and x-user-id";
        (StatusCode::UNPROCESSABLE_ENTITY, detail.to_owned())
    } else if database.is_unique_violation() {
        (StatusCode::CONFLICT, format!("this was reported before ({message})"))
    } else if database.is_check_violation() || message.starts_with("NOT NULL constraint failed") {
        (StatusCode::UNPROCESSABLE_ENTITY, format!("the database refuses it: {message}"))
    } else {
        (StatusCode::INTERNAL_SERVER_ERROR, format!("the database answered: {message}"))
    }
}

/// `{"count": N, "items": […]}`.
pub(super) fn items(records: &[Record]) -> Response {
    axum::Json(json!({ "count": records.len(), "items": records })).into_response()
}

/// Measures every request. The paths of the metrics are those of the routes, so that no caller can invent new ones.
pub(super) async fn observe(State(service): State<Service>, mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let (method, path) = (request.method().clone(), known(request.uri().path()));
    let count = QueryCount::default();
    request.extensions_mut().insert(count.clone());
    let waited = if path == LOTS { service.waits() } else { Duration::ZERO };
    let mut response = next.run(request).await;
    let (status, queries) = (response.status(), count.get());
    let took = service.model.as_ref().map_or_else(|| begun.elapsed(), |model| model.next(queries, waited));
    if service.model.is_some()
        && let Ok(reported) = HeaderValue::from_str(&format!("{:.3}", took.as_secs_f64() * 1_000.0))
    {
        response.headers_mut().insert(SIMULATED, reported);
    }
    service.metrics.request(path, status.as_u16(), took);
    if path.starts_with("/api") {
        response.headers_mut().insert(HEADER, HeaderValue::from(queries));
        let line = format!("{method} {path} {} {queries} queries {} ms", status.as_u16(), took.as_millis());
        match response.extensions().get::<Failure>() {
            Some(Failure(detail)) => service.journal.error(format_args!("{line}: {detail}")),
            None => service.journal.info(line),
        }
    }
    response
}

fn known(path: &str) -> &'static str {
    match path {
        "/health" => "/health",
        "/metrics" => "/metrics",
        LOTS => LOTS,
        "/api/v1/serials" => "/api/v1/serials",
        "/api/v1/process-data" => "/api/v1/process-data",
        "/api/v1/equipment" => "/api/v1/equipment",
        "/api/v1/diagnostics/slow-query" => "/api/v1/diagnostics/slow-query",
        path if path.starts_with("/api") => "/api/other",
        _ => "other",
    }
}
