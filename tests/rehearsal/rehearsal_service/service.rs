//! The service: counted queries, rules, metrics, and its life.

use super::sandbox::{ROWS, Tried, build, migrate, number, program, texts};
use gonogo::rehearsal::revision::Direction::Upgrade;
use gonogo::rehearsal::{Fault, Slot};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const PATHS: [&str; 4] = ["lots", "serials", "process-data", "equipment"];

/// Services that are stopped when the test is over, however it ends.
struct Flying<'a>(&'a Tried);

impl Drop for Flying<'_> {
    fn drop(&mut self) {
        for slot in Slot::ALL {
            let _ = program(self.0.folder(), &["service", "stop", slot.name()]).output();
        }
    }
}

fn counted(tried: &Tried) -> f64 {
    tried.get(Slot::Production, "/metrics").metric("db_queries_total")
}

async fn deploy_new(tried: &Tried) {
    migrate(&tried.database(Slot::Production), Upgrade, "head").await;
    tried.succeed(&["deploy", "production", "new"]);
}

#[tokio::test]
async fn the_old_release_takes_201_queries_and_the_new_one_four_at_most() {
    let tried = build(ROWS, &[]).await;
    let _flying = Flying(&tried);
    tried.succeed(&["service", "start", "production"]);
    let mut lots_before = Value::Null;
    for path in PATHS {
        let before = counted(&tried);
        let answer = tried.get(Slot::Production, &format!("/api/v1/{path}?limit=100"));
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.json()["count"], 100, "{path}");
        assert_eq!(answer.queries(), 201, "{path}");
        assert!((counted(&tried) - before - 201.0).abs() < 0.5, "{path}: the counter agrees");
        if path == "lots" {
            lots_before = answer.json();
        }
    }
    assert_eq!(tried.get(Slot::Production, "/api/v1/lots?limit=7").queries(), 15);

    tried.succeed(&["service", "stop", "production"]);
    deploy_new(&tried).await;
    tried.succeed(&["service", "start", "production"]);
    for path in PATHS {
        for loading in ["", "&eager_loading=minimal", "&eager_loading=standard", "&eager_loading=full"] {
            let before = counted(&tried);
            let answer = tried.get(Slot::Production, &format!("/api/v1/{path}?limit=100{loading}"));
            assert_eq!(answer.json()["count"], 100, "{path}{loading}");
            assert!((1..=4).contains(&answer.queries()), "{path}{loading}: {}", answer.queries());
            let difference = counted(&tried) - before;
            assert!((difference - f64::from(u32::try_from(answer.queries()).unwrap())).abs() < 0.5, "{path}{loading}");
        }
    }
    let lots = tried.get(Slot::Production, "/api/v1/lots").json();
    for (new, old) in lots["items"].as_array().unwrap().iter().zip(lots_before["items"].as_array().unwrap()) {
        assert_eq!((&new["id"], &new["product_model"]), (&old["id"], &old["product_model"]));
        assert_eq!(
            new["created_at"],
            format!("{}Z", old["created_at"].as_str().unwrap()),
            "the same time, now with its zone"
        );
    }
}

#[tokio::test]
async fn both_releases_tell_the_same_results() {
    let tried = build(ROWS, &[]).await;
    let _flying = Flying(&tried);
    // Before 0002 the old release misses rows whose lot is not filled in; afterwards both must agree.
    migrate(&tried.database(Slot::Production), Upgrade, "head").await;
    let mut reported = Vec::new();
    for release in ["old", "new"] {
        tried.succeed(&["deploy", "production", release]);
        tried.succeed(&["service", "start", "production"]);
        for path in ["lots", "serials"] {
            let answer = tried.get(Slot::Production, &format!("/api/v1/{path}?limit=120")).json();
            let results: Vec<Value> =
                answer["items"].as_array().unwrap().iter().map(|item| json!([item["id"], item["results"]])).collect();
            assert!(results.iter().any(|pair| pair[1]["PASS"].as_i64() > Some(0)), "{path}");
            reported.push(results);
        }
        tried.succeed(&["service", "stop", "production"]);
    }
    assert_eq!(reported[0], reported[2]);
    assert_eq!(reported[1], reported[3]);
}

#[tokio::test]
async fn rules_are_enforced_and_a_report_leaves_its_trace() {
    let tried = build(ROWS, &[]).await;
    let _flying = Flying(&tried);
    let database = tried.database(Slot::Production);
    let naive = json!({"data_level": "SERIAL", "serial_id": 3, "process_id": 8, "result": "PASS", "started_at": "2026-11-01T10:00:00"});
    let zoned = json!({"data_level": "SERIAL", "serial_id": 3, "process_id": 8, "result": "FAIL", "defects": [{"type": "scratch"}],
        "measurements": {"temperature": 30.5}, "started_at": "2026-11-01T10:00:00+01:00", "completed_at": "2026-11-01T09:00:30Z"});
    tried.succeed(&["service", "start", "production"]);
    assert_eq!(tried.post(Slot::Production, "", &naive).status(), 201, "the old release takes a time without zone");

    tried.succeed(&["service", "stop", "production"]);
    deploy_new(&tried).await;
    tried.succeed(&["service", "start", "production"]);
    let refused = tried.post(Slot::Production, "", &naive);
    assert_eq!(refused.status(), 422);
    assert!(refused.json()["detail"].as_str().unwrap().contains("no time zone"), "{}", refused.body);

    let rows = number(&database, "SELECT count(*) FROM process_data").await;
    for (change, expected) in [
        (json!({"defects": null}), "result FAIL needs defects"),
        (json!({"result": "PASS"}), "result PASS takes no defects"),
        (json!({"result": "GOOD"}), "give PASS, FAIL, REWORK"),
        (json!({"data_level": "UNIT"}), "give LOT, WIP, SERIAL"),
        (json!({"duration_seconds": -1}), "duration_seconds is negative"),
        (json!({"completed_at": "2026-11-01T08:00:00Z"}), "completed_at is before started_at"),
        (json!({"serial_id": 99_999_999, "lot_id": 1}), "names something that does not exist"),
    ] {
        let mut body = zoned.clone();
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let answer = tried.post(Slot::Production, "", &body);
        assert_eq!(answer.status(), 422, "{change}");
        assert!(answer.json()["detail"].as_str().unwrap().contains(expected), "{change}: {}", answer.body);
    }
    assert_eq!(number(&database, "SELECT count(*) FROM process_data").await, rows, "nothing refused was written");

    let answer = tried.post(Slot::Production, "x-user-id: 9\r\nx-client-ip: 10.20.0.44\r\n", &zoned);
    assert_eq!(answer.status(), 201, "{}", answer.body);
    assert!(answer.queries() <= 4, "{}", answer.queries());
    let id = answer.json()["id"].as_i64().unwrap();
    let row = format!(
        "SELECT started_at || ' ' || completed_at || ' ' || duration_seconds || ' ' || defects FROM process_data WHERE id = {id}"
    );
    assert_eq!(texts(&database, &row).await, ["2026-11-01 09:00:00 2026-11-01 09:00:30 30 [{\"type\":\"scratch\"}]"]);
    let trace = format!(
        "SELECT user_id || ' ' || client_ip || ' ' || action FROM audit_log WHERE entity = 'process_data' AND entity_id = {id}"
    );
    assert_eq!(texts(&database, &trace).await, ["9 10.20.0.44 CREATE"]);
    let listed = tried.get(Slot::Production, "/api/v1/process-data?limit=1").json();
    assert_eq!(listed["items"][0]["started_at"], "2026-11-01T09:00:00Z");

    let malicious = tried.post(Slot::Production, "x-user-id: '; DROP TABLE lots; --\r\n", &zoned);
    assert_eq!(malicious.status(), 422);
    assert!(number(&database, "SELECT count(*) FROM lots").await > 0);
}

#[tokio::test]
async fn wrong_requests_are_distinguished_and_metrics_count_them() {
    let tried = build(ROWS, &[]).await;
    let _flying = Flying(&tried);
    tried.succeed(&["service", "start", "staging"]);
    let health = tried.get(Slot::Staging, "/health");
    assert_eq!((health.status(), health.json()), (200, json!({"status": "ok", "release": "old", "database": "ok"})));
    assert_eq!(tried.get(Slot::Staging, "/api/v1/nothing").status(), 404);
    let wrong = tried.get(Slot::Staging, "/api/v1/lots?limit=-5");
    assert_eq!((wrong.status(), wrong.queries()), (422, 0));
    let slow = tried.get(Slot::Staging, "/api/v1/diagnostics/slow-query");
    assert_eq!((slow.status(), slow.queries()), (200, 1));
    let metrics = tried.get(Slot::Staging, "/metrics");
    for line in [
        "http_requests_total{path=\"/api/v1/lots\",status=\"422\"} 1",
        "http_requests_total{path=\"/api/other\",status=\"404\"} 1",
    ] {
        assert!(metrics.body.contains(line), "{line} is not in\n{}", metrics.body);
    }
    assert!(metrics.metric("slow_queries_total") >= 1.0);
    assert!(metrics.metric("process_resident_memory_bytes") > 1e6);
    assert!(metrics.metric("db_pool_max") >= 1.0);
    let log = std::fs::read_to_string(Slot::Staging.log(tried.folder())).unwrap();
    let shape = regex::Regex::new(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (INFO|WARN|ERROR) .+$").unwrap();
    assert!(log.lines().count() >= 4 && log.lines().all(|line| shape.is_match(line)), "{log}");
}

#[tokio::test]
async fn a_service_starts_once_says_where_and_stops() {
    let tried = build(ROWS, &[]).await;
    let _flying = Flying(&tried);
    let status = tried.command(&["service", "status", "production"]);
    assert_eq!(status.status.code(), Some(1), "{status:?}");
    tried.succeed(&["service", "start", "production"]);
    let second = tried.command(&["service", "start", "production"]);
    assert_eq!(second.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&second.stderr).contains("production is running already"), "{second:?}");
    assert!(tried.succeed(&["service", "status", "production"]).contains("old release runs at http://127.0.0.1:"));
    assert_eq!(tried.command(&["service", "status", "staging"]).status.code(), Some(1));

    assert!(tried.succeed(&["service", "stop", "production"]).contains("old release stopped"));
    let address = tried.sandbox.settings.address(tried.folder(), Slot::Production).unwrap();
    assert!(std::net::TcpStream::connect(address).is_err(), "the port is silent");
    assert!(tried.succeed(&["service", "stop", "production"]).contains("no service was running"));
    let log = std::fs::read_to_string(Slot::Production.log(tried.folder())).unwrap();
    assert!(log.lines().last().unwrap().ends_with("INFO stopped: asked to stop"), "{log}");

    let other = std::net::TcpListener::bind(address).unwrap();
    let taken = tried.command(&["service", "start", "production"]);
    assert!(String::from_utf8_lossy(&taken.stderr).contains("is taken by another program"), "{taken:?}");
    drop(other);
}

#[tokio::test]
async fn a_recorded_process_that_is_not_the_service_is_left_alone() {
    let tried = build(ROWS, &[]).await;
    let _flying = Flying(&tried);
    let mut bystander = std::process::Command::new("sleep").arg("60").spawn().unwrap();
    let record = format!(
        "format = 1\nrelease = \"old\"\n[running]\npid = {}\nport = 1\nurl = \"http://127.0.0.1:1\"\nrelease = \"old\"\n",
        bystander.id()
    );
    std::fs::write(Slot::Production.deployment(tried.folder()), record).unwrap();
    assert!(tried.succeed(&["service", "stop", "production"]).contains("no service was running"));
    assert!(bystander.try_wait().unwrap().is_none(), "the bystander lives");
    bystander.kill().unwrap();
    bystander.wait().unwrap();
    tried.succeed(&["service", "start", "production"]);
}

#[tokio::test]
async fn a_service_ends_by_itself_when_its_folder_is_gone() {
    let tried = build(ROWS, &[]).await;
    let _flying = Flying(&tried);
    tried.sandbox.start_services(env!("CARGO_BIN_EXE_gonogo").as_ref()).await.unwrap();
    let addresses = Slot::ALL.map(|slot| tried.sandbox.settings.address(tried.folder(), slot).unwrap());
    for entry in std::fs::read_dir(tried.folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            std::fs::remove_file(path).unwrap();
        }
    }
    let deadline = Instant::now() + Duration::from_secs(15);
    while addresses.iter().any(|address| std::net::TcpStream::connect(address).is_ok()) {
        assert!(Instant::now() < deadline, "a service still answers");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn the_faults_of_the_new_release_show_in_production_only() {
    let tried = build(ROWS, &[Fault::ServiceDown]).await;
    let _flying = Flying(&tried);
    for slot in Slot::ALL {
        migrate(&tried.database(slot), Upgrade, "head").await;
        tried.succeed(&["deploy", slot.name(), "new"]);
    }
    tried.succeed(&["service", "start", "staging"]);
    let down = tried.command(&["service", "start", "production"]);
    assert_eq!(down.status.code(), Some(1));
    let message = String::from_utf8_lossy(&down.stderr);
    assert!(message.contains("it ended right away") && message.contains("ERROR cannot start"), "{message}");
    tried.succeed(&["deploy", "production", "old"]);
    tried.succeed(&["service", "start", "production"]);

    let slow = build(ROWS, &[Fault::SlowEndpoint]).await;
    let _flying = Flying(&slow);
    deploy_new(&slow).await;
    slow.succeed(&["service", "start", "production"]);
    let begun = Instant::now();
    assert_eq!(slow.get(Slot::Production, "/api/v1/lots").status(), 200);
    assert!(begun.elapsed() >= Duration::from_millis(700));
}

#[tokio::test]
async fn health_says_when_the_database_cannot_be_read() {
    let tried = build(ROWS, &[]).await;
    let _flying = Flying(&tried);
    let database = tried.database(Slot::Staging);
    let away = database.with_extension("away");
    std::fs::rename(&database, &away).unwrap();
    let start = tried.command(&["service", "start", "staging"]);
    assert_eq!(start.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&start.stderr).contains("/health answered status 503"), "{start:?}");
    std::fs::rename(&away, &database).unwrap();
    tried.succeed(&["service", "start", "staging"]);
}
