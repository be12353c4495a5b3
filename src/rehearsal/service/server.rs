//! The service itself: routes, and its life from start to SIGTERM.

mod answer;
mod handlers;

use super::Deployment;
use super::journal::Journal;
use super::metrics::{Metrics, PoolUse};
use super::model::Model;
use super::night::Night;
use super::queries::{Queries, QueryCount};
use crate::rehearsal::error::RehearsalError;
use crate::rehearsal::fault::Fault;
use crate::rehearsal::settings::Settings;
use crate::rehearsal::slot::{Release, Slot};
use axum::Router;
use axum::routing::get;
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use std::future::IntoFuture;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

const CONNECTIONS: u32 = 10;
/// How long requests that are under way may take once the service was asked to stop.
const GRACE: Duration = Duration::from_secs(5);
const BETWEEN_LOOKS_AT_THE_FOLDER: Duration = Duration::from_secs(1);

/// What every request needs.
#[derive(Clone)]
struct Service {
    release: Release,
    pool: SqlitePool,
    metrics: Arc<Metrics>,
    journal: Arc<Journal>,
    /// Fault `slow-endpoint`: waited for before an answer for lots.
    lots_wait: Option<Duration>,
    night: Night,
    /// Reported in place of the time by the clock, where days pass.
    model: Option<Arc<Model>>,
}

impl Service {
    async fn queries(&self, count: QueryCount) -> Result<Queries, sqlx::Error> {
        Queries::begin(&self.pool, count, Arc::clone(&self.metrics), Arc::clone(&self.journal)).await
    }

    /// What is waited for on purpose before an answer for lots.
    fn waits(&self) -> Duration {
        [self.lots_wait, self.night.creep()].into_iter().flatten().sum()
    }

    fn pool_use(&self) -> PoolUse {
        let idle = u32::try_from(self.pool.num_idle()).unwrap_or(u32::MAX);
        PoolUse { in_use: self.pool.size().saturating_sub(idle), max: CONNECTIONS }
    }
}

/// Runs the deployed release of a slot until SIGTERM or SIGINT, or until the rehearsal's folder is gone. Returns the
/// exit status.
pub(crate) async fn serve(folder: &Path, slot: Slot) -> Result<u8, RehearsalError> {
    // A service of its own session outlives the terminal and the program that started it. Who leads a session already
    // has one.
    let _ = rustix::process::setsid();
    let settings = Settings::read(folder)?;
    let release = Deployment::read(folder, slot)?.release;
    let journal = Arc::new(Journal::open(&slot.log(folder))?);
    let faulty = slot == Slot::Production && release == Release::New;
    if faulty && settings.has(Fault::ServiceDown) {
        journal.error("cannot start: the configuration of the new release is incomplete (fault service-down)");
        return Ok(1);
    }
    let address = settings.address(folder, slot)?;
    let listener = match TcpListener::bind(address).await {
        Ok(listener) => listener,
        Err(source) => {
            journal.error(format_args!("cannot listen at {address}: {source}"));
            return Err(RehearsalError::System { doing: "listen at the service's address", source });
        }
    };
    let service = Service {
        release,
        pool: pool(&slot.database(folder), settings.timed_by_model),
        metrics: Arc::new(Metrics::new(settings.timed_by_model)),
        journal: Arc::clone(&journal),
        night: Night::of(if faulty { &settings.faults } else { &[] }),
        model: settings.timed_by_model.then(Arc::default),
        lots_wait: (faulty && settings.has(Fault::SlowEndpoint)).then_some(Duration::from_millis(700)),
    };
    journal.info(format_args!("{release} release serves {slot} at http://{address}"));
    tokio::spawn(service.night.clone().pass(folder.to_path_buf(), service.pool.clone(), Arc::clone(&journal)));
    let why = run(listener, service.clone(), folder.to_path_buf()).await?;
    // Connections give their locks back before the process ends, but a stuck one does not keep it.
    let _ = tokio::time::timeout(GRACE, service.pool.close()).await;
    journal.info(format_args!("stopped: {why}"));
    Ok(0)
}

/// Nothing is opened yet: a database that cannot be read makes `/health` say so, not the start fail.
/// Where days pass nobody waits long for a connection: what watches must see that there is none, and not run out of time.
fn pool(database: &Path, days: bool) -> SqlitePool {
    let options = SqliteConnectOptions::new()
        .filename(database)
        .create_if_missing(false)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5));
    SqlitePoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(if days { Duration::from_secs(2) } else { Duration::from_secs(10) })
        .test_before_acquire(false)
        .connect_lazy_with(options)
}

async fn run(listener: TcpListener, service: Service, folder: PathBuf) -> Result<&'static str, RehearsalError> {
    let (stopping, mut stopped) = watch::channel(None);
    let mut ending = stopped.clone();
    let shutdown = async move {
        let why = reason_to_stop(&folder).await;
        stopping.send_replace(Some(why));
    };
    let server = axum::serve(listener, routes(service).into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(shutdown);
    let out_of_patience = async move {
        let _ = ending.wait_for(Option::is_some).await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        ended = server.into_future() => {
            ended.map_err(|source| RehearsalError::System { doing: "serve", source })?;
        }
        () = out_of_patience => {}
    }
    Ok(stopped.borrow_and_update().unwrap_or("the listener ended"))
}

async fn reason_to_stop(folder: &Path) -> &'static str {
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return "signals cannot be received";
    };
    let mut looks = tokio::time::interval(BETWEEN_LOOKS_AT_THE_FOLDER);
    loop {
        tokio::select! {
            _ = terminate.recv() => return "asked to stop",
            _ = interrupt.recv() => return "interrupted",
            _ = looks.tick() => {
                if !Settings::path(folder).exists() {
                    return "the rehearsal's folder is gone";
                }
            }
        }
    }
}

fn routes(service: Service) -> Router {
    Router::new()
        .route("/health", get(handlers::health))
        .route("/metrics", get(handlers::metrics))
        .route("/api/v1/lots", get(handlers::lots))
        .route("/api/v1/serials", get(handlers::serials))
        .route("/api/v1/process-data", get(handlers::process_data).post(handlers::submit))
        .route("/api/v1/equipment", get(handlers::equipment))
        .route("/api/v1/diagnostics/slow-query", get(handlers::slow_query))
        .fallback(handlers::unknown)
        .layer(axum::middleware::from_fn_with_state(service.clone(), answer::observe))
        .with_state(service)
}
