use super::service::time;
use gonogo::metrics::store::{FILE, StoreError, Writer};
use gonogo::metrics::{Gap, Point, Sample, Series, Store};
use std::os::unix::fs::PermissionsExt;
use std::time::Instant;

fn sample(pane: &str, at_ms: i64, value: Result<f64, &str>) -> Sample {
    Sample {
        pane: pane.into(),
        environment: "production".into(),
        at: Instant::now(),
        time: time(at_ms),
        value: value.map_err(Gap::new),
    }
}

#[tokio::test]
async fn panes_show_their_history_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let mode = std::fs::metadata(folder.path().join(FILE)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let writer = Writer::start(store);
    for n in 0..500 {
        writer.push(sample("lots", n, if n == 498 { Err("connection refused") } else { Ok(n as f64) })).unwrap();
        writer.push(sample("queries", n, Ok(4.0))).unwrap();
    }
    writer.push(sample("lots", 500, Ok(f64::NAN))).unwrap();
    writer.finish().await.unwrap();

    let store = Store::open(folder.path()).await.unwrap();
    let last = store.last(&"production".into(), &"lots".into(), 3).await.unwrap();
    let expected = [
        Point { at_ms: 498, value: Err(Gap::new("connection refused")) },
        Point { at_ms: 499, value: Ok(499.0) },
        Point { at_ms: 500, value: Err(Gap::new("not a finite number")) },
    ];
    assert_eq!(last, expected);
    let mut series = Series::new(600);
    for point in store.last(&"production".into(), &"lots".into(), 600).await.unwrap() {
        series.push(point);
    }
    assert_eq!((series.len(), series.summary(0..1_000).unwrap().gaps), (501, 2));
    assert!(store.last(&"staging".into(), &"lots".into(), 3).await.unwrap().is_empty());
}

#[tokio::test]
async fn two_cockpits_write_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let [one, other] = [Store::open(folder.path()).await.unwrap(), Store::open(folder.path()).await.unwrap()];
    let append = async |store: &Store, from: i64| {
        for n in from..from + 50 {
            store.append(&[sample("lots", n, Ok(1.0)), sample("lots", n, Ok(2.0))]).await.unwrap();
        }
    };
    tokio::join!(append(&one, 0), append(&other, 1_000));
    assert_eq!(one.last(&"production".into(), &"lots".into(), 1_000).await.unwrap().len(), 200);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_named_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    std::fs::write(&path, "not a database, but somebody's words\n".repeat(200)).unwrap();
    let error = Store::open(folder.path()).await.unwrap_err();
    assert!(matches!(error, StoreError::Database { .. }));
    assert!(error.to_string().contains("metrics.db"), "{error}");
    assert!(std::fs::read_to_string(&path).unwrap().starts_with("not a database"));
    let missing = Store::open(&folder.path().join("nowhere")).await.unwrap_err();
    assert!(matches!(missing, StoreError::Create { .. }), "{missing}");
}
