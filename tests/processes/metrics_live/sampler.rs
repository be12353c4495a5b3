use super::service::{Service, environment};
use gonogo::checklist::auth::Auth;
use gonogo::checklist::check;
use gonogo::checklist::offset::Span;
use gonogo::checklist::pane::{self, Aggregate, HttpNumber, Pane, PrometheusReading, Source};
use gonogo::metrics::probe::Session;
use gonogo::metrics::sampler::{LIMIT, Sampler, Watched};
use gonogo::metrics::sources::query::{Answering, Query, QueryFailure};
use gonogo::metrics::sources::{self, Never, Reach};
use gonogo::metrics::{Probe, Sample};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::Duration;
use tokio::sync::mpsc;

fn pane(id: &str, source: Source) -> Pane {
    Pane { every: Span::from_millis(100), ..Pane::new(id, "production", source, "ms") }
}

pub(super) fn watched(url: &str, source: Source, query: Option<Arc<dyn Query>>) -> Watched {
    let (pane, name) = (pane("pane", source), "rehearsal-production".into());
    let environment = environment(url);
    let expand = |text: &str| Ok(text.replace("${TOKEN}", "s3cr3t"));
    let session = |auth: &Auth, base: &str| Session::new(auth, base, None).map(Arc::new);
    let reach = Reach {
        name: &name,
        environment: &environment,
        query,
        probe: Probe::new(),
        session: &session,
        expand: &expand,
    };
    let source = sources::of(&pane, &reach).map_or_else(|why| Box::new(Never(why.to_string())) as _, Option::unwrap);
    Watched {
        pane,
        environment_name: name.clone(),
        target: "service".into(),
        sampled_ago: None,
        backs_off: true,
        limit: LIMIT,
        source,
    }
}

pub(super) struct Watching {
    samples: mpsc::Receiver<Sample>,
    _guard: Sampler,
}

impl Watching {
    pub(super) fn of(watched: Watched) -> Self {
        let (sender, samples) = mpsc::channel(64);
        let guard = Sampler::start(vec![watched], &sender);
        assert_eq!(guard.len(), 1);
        Self { samples, _guard: guard }
    }

    pub(super) async fn next(&mut self) -> Sample {
        let next = tokio::time::timeout(Duration::from_secs(5), self.samples.recv()).await;
        next.expect("a sample within five seconds").unwrap()
    }

    async fn number(&mut self) -> f64 {
        self.next().await.value.unwrap()
    }

    async fn gap(&mut self) -> String {
        self.next().await.value.unwrap_err().reason
    }
}

pub(super) fn prometheus(metric: &str, reading: PrometheusReading) -> Source {
    Source::Prometheus(pane::Prometheus::of(metric, reading))
}

#[tokio::test]
async fn every_http_source_gives_its_number() {
    let service = Service::start().await;
    let take = async |source: Source| Watching::of(watched(&service.url(), source, None)).next().await.value;
    let latency = take(Source::Latency { path: "/sleep?ms=30".into() }).await.unwrap();
    assert!((30.0..1_500.0).contains(&latency), "{latency}");
    let header = take(Source::Header { path: "/lots?limit=1".into(), header: "x-query-count".into() }).await;
    assert_eq!(header, Ok(3.0));
    assert_eq!(take(prometheus("pool_in_use", PrometheusReading::Value)).await, Ok(3.0));
    assert_eq!(take(prometheus("db_queries_total", PrometheusReading::Value)).await, Ok(21_000.0));
    assert_eq!(take(prometheus("db_queries_total{kind=~\"r.*\"}", PrometheusReading::Value)).await, Ok(1_000.0));
}

fn http(path: &str, number: HttpNumber) -> Source {
    let headers = [("Authorization".to_owned(), "Bearer ${TOKEN}".to_owned())].into();
    Source::Http(pane::Http { path: path.into(), method: "GET".into(), body: None, headers, number })
}

#[tokio::test]
async fn a_request_as_written_gives_what_is_drawn_from_its_answer() {
    let service = Service::start().await;
    let take =
        async |path: &str, number| Watching::of(watched(&service.url(), http(path, number), None)).next().await.value;
    assert_eq!(take("/health", HttpNumber::Status).await, Ok(200.0));
    assert_eq!(take("/broken", HttpNumber::Status).await, Ok(500.0));
    assert_eq!(take("/health", HttpNumber::Contains("\"ok\"".into())).await, Ok(1.0));
    assert_eq!(take("/mine", HttpNumber::Contains("Bearer s3cr3t".into())).await, Ok(1.0), "the header was sent");
    let gap = take("/health", HttpNumber::Json("/status".into())).await.unwrap_err();
    assert_eq!(gap.reason, "the answer has no number at `/status`");
    let mut most = pane::Prometheus::of("db_queries_total", PrometheusReading::Value);
    most.over_series = Aggregate::Max;
    let most = Watching::of(watched(&service.url(), Source::Prometheus(most), None)).next().await.value;
    assert_eq!(most, Ok(20_000.0));
    assert_eq!(take("/moved", HttpNumber::Status).await, Ok(200.0), "redirects on the same host are followed");
}

#[tokio::test]
async fn what_gives_no_number_is_a_gap_with_its_reason() {
    let service = Service::start().await;
    let gap = async |source: Source| Watching::of(watched(&service.url(), source, None)).gap().await;
    assert_eq!(gap(Source::Latency { path: "/broken".into() }).await, "answered 500");
    let no_header = Source::Header { path: "/health".into(), header: "x-query-count".into() };
    assert_eq!(gap(no_header).await, "the answer has no header x-query-count");
    assert_eq!(gap(prometheus("missing", PrometheusReading::Value)).await, "/metrics has no missing");
    assert!(gap(prometheus("no{such", PrometheusReading::Value)).await.contains("selects no metric"));
    assert_eq!(gap(Source::DatabaseSize).await, "the database of rehearsal-production is not open");
    assert_eq!(gap(Source::Latency { path: "/sleep?ms=9000".into() }).await, "no answer within 1.5 s");
}

#[tokio::test]
async fn a_stopped_service_is_a_gap_until_it_is_back() {
    let service = Service::start().await;
    let address = service.address();
    let mut watching = Watching::of(watched(&service.url(), Source::Latency { path: "/health".into() }, None));
    watching.number().await;
    service.stop().await;
    let mut gaps = Vec::new();
    while gaps.len() < 3 {
        if let Err(gap) = watching.next().await.value {
            gaps.push((gap.reason, tokio::time::Instant::now()));
        }
    }
    assert_eq!(gaps[2].0, "connection refused");
    let [first, second] = [gaps[1].1 - gaps[0].1, gaps[2].1 - gaps[1].1];
    assert!(second > first, "the interval grows while it is down: {first:?}, {second:?}");
    let service = Service::at(address).await;
    while watching.next().await.value.is_err() {}
    let (before, after) = (watching.next().await.at, watching.next().await.at);
    assert!(after - before < Duration::from_millis(400), "the interval is normal again: {:?}", after - before);
    service.stop().await;
}

#[tokio::test]
async fn a_rate_survives_a_restart_of_the_counter() {
    let service = Service::start().await;
    let source = prometheus("db_queries_total{kind=\"read\"}", PrometheusReading::Rate);
    let mut watching = Watching::of(watched(&service.url(), source, None));
    assert_eq!(watching.gap().await, "waiting for a second sample");
    assert_eq!(watching.next().await.value, Ok(0.0));
    let get = async |path: &str| {
        let url = gonogo::metrics::probe::address(&service.url(), path).unwrap();
        Probe::new().send(gonogo::metrics::probe::Request::get(url)).await.unwrap()
    };
    get("/count").await;
    let rate = next_above_zero(&mut watching).await;
    assert!(rate > 1.0 && rate <= 60.0, "5 queries in about 0.1 s: {rate}");
    get("/restart").await;
    let rate = next_above_zero(&mut watching).await;
    assert!(rate > 0.5 && rate <= 40.0, "3 queries since the restart, and never less than none: {rate}");
}

async fn next_above_zero(watching: &mut Watching) -> f64 {
    loop {
        let rate = watching.number().await;
        assert!(rate >= 0.0, "{rate}");
        if rate > 0.0 {
            return rate;
        }
    }
}

/// Hangs at the first query, is away at the second, and counts how many are asked at once.
#[derive(Default)]
struct Database {
    asked: AtomicU32,
    at_once: AtomicU32,
}

impl Query for Database {
    fn row<'a>(&'a self, _query: &'a check::Query) -> Answering<'a, Vec<Option<f64>>> {
        Box::pin(async {
            let _asked = AtOnce::of(&self.at_once);
            match self.asked.fetch_add(1, SeqCst) {
                0 => std::future::pending().await,
                1 => Err(QueryFailure::Unreachable("the database is away".into())),
                _ => Ok(vec![Some(42.0)]),
            }
        })
    }

    fn size(&self) -> Answering<'_> {
        Box::pin(async { Ok(4_096.0) })
    }
}

struct AtOnce<'a>(&'a AtomicU32);

impl<'a> AtOnce<'a> {
    fn of(count: &'a AtomicU32) -> Self {
        assert_eq!(count.fetch_add(1, SeqCst), 0, "asked twice at once");
        Self(count)
    }
}

impl Drop for AtOnce<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

#[tokio::test]
async fn a_query_that_hangs_is_let_go() {
    let database: Arc<Database> = Arc::default();
    let source = Source::Sql { query: check::Query::Any("select 42".into()) };
    let query: Arc<dyn Query> = database.clone();
    let mut watching = Watching::of(watched("http://127.0.0.1:9", source, Some(Arc::clone(&query))));
    assert_eq!(watching.gap().await, "no answer within 1.5 s");
    assert_eq!(watching.gap().await, "the database is away");
    assert_eq!(watching.next().await.value, Ok(42.0));
    let mut size = Watching::of(watched("http://127.0.0.1:9", Source::DatabaseSize, Some(query)));
    assert_eq!(size.next().await.value, Ok(4_096.0));
}
