//! Expressions on a real Prometheus server that scrapes a small service.

use gonogo::checklist::auth::Auth;
use gonogo::checklist::offset::Span;
use gonogo::checklist::pane::{Pane, Source};
use gonogo::metrics::Probe;
use gonogo::metrics::probe::Session;
use gonogo::metrics::sources::{self, Missing, Reach, Take};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Two series of a gauge, for as long as the test lives.
fn service() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let head = BufReader::new(stream.try_clone().unwrap()).lines();
            let _ = head.map_while(Result::ok).take_while(|line| !line.is_empty()).count();
            let body = "# TYPE pool_free gauge\npool_free{pool=\"a\"} 7\npool_free{pool=\"b\"} 5\n";
            let head =
                format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {}", body.len());
            let _ = stream.write_all(format!("{head}\r\nConnection: close\r\n\r\n{body}").as_bytes());
        }
    });
    port
}

fn start(folder: &Path, scraped: u16) -> (Server, String) {
    // Taken and let go: the server cannot be asked which port it chose.
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let config = format!(
        "global:\n  scrape_interval: 1s\n  scrape_timeout: 1s\nscrape_configs:\n  - job_name: app\n    static_configs:\n      - targets: ['127.0.0.1:{scraped}']\n"
    );
    std::fs::write(folder.join("prometheus.yml"), config).unwrap();
    let child = Command::new("prometheus")
        .arg(format!("--config.file={}", folder.join("prometheus.yml").display()))
        .arg(format!("--storage.tsdb.path={}", folder.join("data").display()))
        .arg(format!("--web.listen-address=127.0.0.1:{port}"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("bash tests/run.sh installs what is missing: prometheus");
    (Server(child), format!("http://127.0.0.1:{port}"))
}

async fn take(server: &str, query: &str) -> Result<f64, Missing> {
    source(server, query).take().await
}

fn source(server: &str, query: &str) -> Box<dyn Take> {
    let source = Source::Promql { server: "${PROMETHEUS}".into(), query: query.into() };
    let pane = Pane { every: Span::from_millis(1_000), ..Pane::new("pane", "production", source, "x") };
    let environment = super::service::environment("http://127.0.0.1:9");
    let expand = |text: &str| Ok(text.replace("${PROMETHEUS}", server));
    let name = "production".into();
    let session = |auth: &Auth, base: &str| Session::new(auth, base, None).map(std::sync::Arc::new);
    let reach = Reach {
        name: &name,
        environment: &environment,
        query: None,
        probe: Probe::new(),
        session: &session,
        expand: &expand,
    };
    sources::of(&pane, &reach).unwrap().unwrap()
}

#[tokio::test]
async fn an_expression_gives_its_one_number_or_says_why_not() {
    let folder = tempfile::tempdir().unwrap();
    let (_server, url) = start(folder.path(), service());
    let deadline = Instant::now() + Duration::from_mins(1);
    while take(&url, "sum(pool_free)").await != Ok(12.0) {
        assert!(Instant::now() < deadline, "the server did not scrape in time: {:?}", take(&url, "up").await);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(take(&url, "up").await, Ok(1.0));
    assert_eq!(take(&url, "scalar(max(pool_free))").await, Ok(7.0));
    let unusable = async |query: &str| match take(&url, query).await {
        Err(Missing::Unusable(why)) => why,
        other => panic!("{other:?}"),
    };
    assert_eq!(unusable("pool_free").await, "the expression gives 2 series; put sum(), avg() or max() around it");
    assert_eq!(unusable("nothing_here").await, "the expression gives no series");
    assert!(unusable("sum(").await.starts_with("the Prometheus server refused the expression: "));
    assert_eq!(unusable("up[1m]").await, "the expression gives a matrix, and a pane needs one number");
    let now_ms = chrono::Utc::now().timestamp_millis();
    let mut source = source(&url, "sum(pool_free)");
    let past = source.past(now_ms - 60_000..now_ms + 1_000, Duration::from_secs(1)).unwrap().await.unwrap();
    assert!(!past.is_empty() && past.iter().all(|point| point.value == Ok(12.0)), "{past:?}");
    let away = take("http://127.0.0.1:9", "up").await;
    assert!(matches!(away, Err(Missing::Down(_))), "{away:?}");
}
