//! One function a route.

use super::Service;
use super::answer::{self, Problem};
use crate::rehearsal::service::intake::{self, Caller};
use crate::rehearsal::service::listing::{self, Listing, Page};
use crate::rehearsal::service::queries::{Queries, QueryCount};
use crate::rehearsal::service::submission::Submission;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use chrono::Utc;
use serde_json::json;
use std::collections::HashMap;
use std::net::SocketAddr;

type Asked = Query<HashMap<String, String>>;
type Answer = Result<Response, Problem>;
/// What of a client's address is kept at most; the longest IPv6 address has as many characters.
const LONGEST_IP: usize = 45;

pub(super) async fn health(State(service): State<Service>, Extension(count): Extension<QueryCount>) -> Response {
    let reached = async {
        let mut queries = service.queries(count).await?;
        queries.row("SELECT count(*) FROM sqlite_master", &[]).await
    };
    let (status, word, database) = match reached.await {
        Ok(_) => (StatusCode::OK, "ok", "ok".to_owned()),
        Err(error) => {
            service.journal.error(format_args!("the database cannot be read: {error}"));
            (StatusCode::SERVICE_UNAVAILABLE, "failing", format!("cannot be read: {error}"))
        }
    };
    (status, Json(json!({ "status": word, "release": service.release, "database": database }))).into_response()
}

pub(super) async fn metrics(State(service): State<Service>) -> Response {
    if !service.night.reports_metrics() {
        let said = "the exporter is down (fault exporter-down)";
        return (StatusCode::SERVICE_UNAVAILABLE, said).into_response();
    }
    let memory = service.model.as_ref().map(|model| model.memory(service.night.leaked()));
    let text = service.metrics.render(service.pool_use(), memory);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}

pub(super) async fn lots(State(service): State<Service>, count: Extension<QueryCount>, asked: Asked) -> Answer {
    let waits = service.waits();
    if !waits.is_zero() {
        tokio::time::sleep(waits).await;
    }
    list(Listing::Lots, service, count.0, asked).await
}

pub(super) async fn serials(State(service): State<Service>, count: Extension<QueryCount>, asked: Asked) -> Answer {
    list(Listing::Serials, service, count.0, asked).await
}

pub(super) async fn process_data(State(service): State<Service>, count: Extension<QueryCount>, asked: Asked) -> Answer {
    list(Listing::ProcessData, service, count.0, asked).await
}

pub(super) async fn equipment(State(service): State<Service>, count: Extension<QueryCount>, asked: Asked) -> Answer {
    list(Listing::Equipment, service, count.0, asked).await
}

async fn list(listing: Listing, service: Service, count: QueryCount, Query(asked): Asked) -> Answer {
    if service.night.fails() {
        return Err(Problem::Failed("KeyError: 'wip_id' (fault error-burst)"));
    }
    let page = Page::read(&asked, service.release).map_err(Problem::Wrong)?;
    let mut queries = service.queries(count).await?;
    Ok(answer::items(&listing::read(service.release, listing, page, &mut queries).await?))
}

/// A query that is slow on purpose and really works for its time: it counts to `rows`. For trying the slow query count.
pub(super) async fn slow_query(
    State(service): State<Service>,
    Extension(count): Extension<QueryCount>,
    Query(asked): Asked,
) -> Answer {
    let rows: i64 = match asked.get("rows").map(|text| (text, text.parse())) {
        None => 2_000_000,
        Some((_, Ok(rows))) if (1..=20_000_000).contains(&rows) => rows,
        Some((text, _)) => {
            return Err(Problem::Wrong(format!("rows must be a whole number from 1 to 20000000, not `{text}`")));
        }
    };
    let mut queries = service.queries(count).await?;
    let counted = queries
        .rows(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT count(*) AS rows FROM n",
            &[rows.into()],
        )
        .await?;
    Ok(answer::items(&counted))
}

pub(super) async fn submit(
    State(service): State<Service>,
    Extension(count): Extension<QueryCount>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let release = service.release;
    let submission =
        Submission::read(&body, release, Utc::now()).map_err(|problems| Problem::Wrong(problems.join("; ")))?;
    let caller = caller(&headers, peer).map_err(Problem::Wrong)?;
    let queries = service.queries(count).await?;
    // A caller that goes away must not leave a transaction open, so the writing goes on without it.
    let writing = tokio::spawn(async move {
        let mut queries: Queries = queries;
        intake::write(release, &submission, &caller, &mut queries).await
    });
    let id = writing.await.map_err(|_| sqlx::Error::WorkerCrashed)??;
    Ok((StatusCode::CREATED, Json(json!({ "id": id }))).into_response())
}

/// Who calls, as `x-user-id` and `x-client-ip` say; the address of the connection when the latter is not there.
fn caller(headers: &HeaderMap, peer: SocketAddr) -> Result<Caller, String> {
    let user = match headers.get("x-user-id") {
        None => None,
        Some(value) => Some(
            value
                .to_str()
                .ok()
                .and_then(|text| text.trim().parse().ok())
                .ok_or("x-user-id must be the number of a user")?,
        ),
    };
    let ip = headers.get("x-client-ip").and_then(|value| value.to_str().ok());
    let ip = ip.map_or_else(|| peer.ip().to_string(), |ip| ip.chars().take(LONGEST_IP).collect());
    Ok(Caller { user, ip })
}

pub(super) async fn unknown() -> Response {
    (StatusCode::NOT_FOUND, Json(json!({ "detail": "there is nothing here; the routes are below /api/v1" })))
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_is_a_user_by_number_and_an_address() {
        let peer = SocketAddr::from(([127, 0, 0, 1], 5_000));
        let mut headers = HeaderMap::new();
        assert_eq!(caller(&headers, peer), Ok(Caller { user: None, ip: "127.0.0.1".to_owned() }));
        headers.insert("x-user-id", "7".parse().unwrap());
        headers.insert("x-client-ip", "10.20.0.9".parse().unwrap());
        assert_eq!(caller(&headers, peer), Ok(Caller { user: Some(7), ip: "10.20.0.9".to_owned() }));
        headers.insert("x-user-id", "'; DROP TABLE lots; --".parse().unwrap());
        assert!(caller(&headers, peer).is_err());
    }
}
