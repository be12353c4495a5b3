use super::bench::{Bench, Heard, SCHEMA, measured, movable, writer};
use gonogo::attempts::checks::sql;
use gonogo::checklist::check::{Expectation, Query, Sql};
use gonogo::checklist::target::Bound;
use gonogo::deployment::Verdict;
use gonogo::deployment::attempt::{End, Outcome};
use std::time::{Duration, Instant};

fn check(query: &str, expect: Option<Expectation>) -> Sql {
    Sql {
        query: Query::Any(query.into()),
        expect,
        measure: "value".into(),
        unit: "rows".into(),
        among: None,
        since: None,
    }
}

async fn carry_out(bench: &Bench, query: &str, expect: Option<Expectation>) -> Outcome {
    movable(sql::carry_out(&bench.assignment(), &check(query, expect), &Heard::default())).await
}

#[tokio::test]
async fn values_are_held_against_expectations() {
    let bench = Bench::new(SCHEMA).await;
    let equals = |text: &str| Some(Expectation::Equals(text.into()));
    for (query, expect, verdict, detail) in [
        ("SELECT count(*) FROM lots", equals("40"), Verdict::Pass, "40, as expected"),
        ("SELECT count(*) FROM lots", equals("41"), Verdict::Fail, "40, expected 41"),
        ("SELECT lot_number FROM lots WHERE id = 0", equals("x"), Verdict::Fail, "no row, expected x"),
        (
            "SELECT x FROM (SELECT 0 AS x UNION ALL SELECT 5)",
            equals("0"),
            Verdict::Inconclusive,
            "the query gave 2 rows, and one value was expected",
        ),
        ("SELECT * FROM lots WHERE id > 99", Some(Expectation::Empty), Verdict::Pass, "no row, as expected"),
        (
            "SELECT id, lot_number FROM lots WHERE id > 35 ORDER BY id",
            Some(Expectation::Empty),
            Verdict::Fail,
            "5 rows, expected none: (id 36, lot_number L-36) (id 37, lot_number L-37) (id 38, lot_number L-38)",
        ),
        ("SELECT 1 WHERE 0", Some(Expectation::Rows), Verdict::Fail, "no row, expected at least one"),
        ("SELECT id FROM lots", Some(Expectation::Rows), Verdict::Pass, "40 rows"),
        ("SELECT count(*) FROM lots", None, Verdict::Pass, "40 rows"),
        ("SELECT max(id) FROM lots WHERE 0", None, Verdict::Inconclusive, "the query gave null"),
        ("SELECT wip_id FROM lots", None, Verdict::Fail, "no such column: wip_id"),
    ] {
        let outcome = carry_out(&bench, query, expect).await;
        assert_eq!((outcome.verdict, outcome.detail.as_str()), (verdict, detail), "{query}");
        assert_eq!(outcome.end, End::Completed);
    }
}

#[tokio::test]
async fn numbers_are_measured_and_evaluated() {
    let mut bench = Bench::new(SCHEMA).await;
    bench.target("value", Bound::AtMost(39.0), "rows");
    let console = Heard::default();
    let query = Query::Each { sqlite: Some("SELECT count(*)\nFROM lots".into()), postgres: None };
    let check = Sql { query, ..check("", None) };
    let outcome = sql::carry_out(&bench.assignment(), &check, &console).await;
    assert_eq!((outcome.verdict, outcome.detail.as_str()), (Verdict::Fail, "value 40 rows, target ≤ 39 rows"));
    assert_eq!(measured(&outcome, "value"), Some(40.0));
    assert_eq!(console.text(), "SELECT count(*)\nFROM lots\n  count(*) 40\n1 row");

    let orphans = carry_out(&bench, "SELECT id FROM lots WHERE id < 0", Some(Expectation::Empty)).await;
    assert_eq!((orphans.verdict, measured(&orphans, "value")), (Verdict::Pass, Some(0.0)));
}

#[tokio::test]
async fn a_row_of_this_deployment_is_distinguished_from_older_ones() {
    let mut bench = Bench::new(&format!(
        "{SCHEMA}; CREATE TABLE audit (id INTEGER PRIMARY KEY, at TEXT); INSERT INTO audit (at) VALUES ('2020-01-01 00:00:00')"
    ))
    .await;
    let rows = check("SELECT id FROM audit WHERE datetime(at) >= :since", Some(Expectation::Rows));
    let named = Sql { since: Some("p/s/start".into()), ..rows.clone() };
    let carried = |bench: &Bench, wanted: &Sql| {
        let (assignment, wanted) = (bench.assignment(), wanted.clone());
        async move { sql::carry_out(&assignment, &wanted, &Heard::default()).await }
    };
    let unopened = carried(&bench, &rows).await;
    assert_eq!(
        (unopened.verdict, unopened.detail.as_str()),
        (Verdict::Inconclusive, "the deployment has not been opened")
    );
    assert_eq!(carried(&bench, &named).await.verdict, Verdict::Inconclusive, "what it asks since has not begun");
    bench.past("p/s/start", super::bench::outcome(Verdict::Pass));
    let old = carried(&bench, &named).await;
    assert_eq!((old.verdict, old.detail.as_str()), (Verdict::Fail, "no row, expected at least one"));
    let mut writer = writer(&bench.path("neurohub.db")).await;
    sqlx::raw_sql("INSERT INTO audit (at) VALUES (datetime('now'))").execute(&mut writer).await.unwrap();
    assert_eq!(carried(&bench, &named).await.verdict, Verdict::Pass);
    // The new release writes times in another form.
    sqlx::raw_sql("UPDATE audit SET at = strftime('%Y-%m-%dT%H:%M:%fZ', at)").execute(&mut writer).await.unwrap();
    assert_eq!(carried(&bench, &named).await.verdict, Verdict::Pass);
    let cast = check("SELECT '::since' || ':since_then'", Some(Expectation::Equals("::since:since_then".into())));
    assert_eq!(carried(&bench, &cast).await.verdict, Verdict::Pass, "neither is the time");
}

#[tokio::test]
async fn a_refusal_must_come_from_a_constraint_and_leaves_nothing() {
    let bench = Bench::new(SCHEMA).await;
    for (statement, verdict, part) in [
        ("INSERT INTO serials (id, lot_id) VALUES (4000, 999)", Verdict::Pass, "FOREIGN KEY constraint failed"),
        ("INSERT INTO serials (id, lot_id) VALUES (0, 1)", Verdict::Pass, "chk_id"),
        ("DELETE FROM lots WHERE id = 1", Verdict::Pass, "FOREIGN KEY"),
        ("INSERT INTO serials (id, lot_id) VALUES (4000, 1)", Verdict::Fail, "accepted what it should refuse"),
        ("INSERT INTO nowhere VALUES (1)", Verdict::Fail, "no such table"),
        ("UPDATE serials SET id = 0 WHERE id = 9999", Verdict::Inconclusive, "changed no row"),
        ("DELETE FROM serials; COMMIT", Verdict::Inconclusive, "more than one statement"),
        ("DROP TABLE serials", Verdict::Inconclusive, "begins with `DROP`"),
    ] {
        let outcome = carry_out(&bench, statement, Some(Expectation::Refused)).await;
        assert_eq!(outcome.verdict, verdict, "{statement}: {}", outcome.detail);
        assert!(outcome.detail.contains(part), "{statement}: {}", outcome.detail);
    }
    let left = carry_out(&bench, "SELECT count(*) FROM serials", Some(Expectation::Equals("3000".into()))).await;
    assert_eq!(left.verdict, Verdict::Pass, "{}", left.detail);
}

#[tokio::test]
async fn a_query_never_changes_anything() {
    let bench = Bench::new(SCHEMA).await;
    let before = std::fs::read(bench.path("neurohub.db")).unwrap();
    for query in ["DELETE FROM lots", "SELECT 1; DELETE FROM lots", "ATTACH 'x.db' AS x", "VACUUM INTO 'copy.db'"] {
        let outcome = carry_out(&bench, query, None).await;
        assert_eq!(
            (outcome.verdict, outcome.end),
            (Verdict::Inconclusive, End::NotStarted),
            "{query}: {}",
            outcome.detail
        );
    }
    let hidden = carry_out(&bench, "WITH a AS (SELECT 1) DELETE FROM lots RETURNING id", None).await;
    assert_eq!(hidden.verdict, Verdict::Fail, "{}", hidden.detail);
    assert_eq!(std::fs::read(bench.path("neurohub.db")).unwrap(), before);
}

#[tokio::test]
async fn what_cannot_be_reached_is_said_and_is_inconclusive() {
    let mut bench = Bench::new(SCHEMA).await;
    for (url, part) in [
        (Some("postgresql://app:hunter2@127.0.0.1:1/neurohub"), "no server answers at 127.0.0.1:1"),
        (Some("sqlite:elsewhere.db"), "there is no database file"),
        (None, "has no `database`"),
    ] {
        bench.environment.database = url.map(str::to_owned);
        let outcome = carry_out(&bench, "SELECT 1", None).await;
        assert_eq!(outcome.verdict, Verdict::Inconclusive);
        assert!(outcome.detail.contains(part) && !outcome.detail.contains("hunter2"), "{}", outcome.detail);
    }
    let each = Sql { query: Query::Each { sqlite: None, postgres: Some("SELECT 1".into()) }, ..check("", None) };
    bench.environment.database = Some("sqlite:neurohub.db".into());
    let outcome = sql::carry_out(&bench.assignment(), &each, &Heard::default()).await;
    assert_eq!(outcome.detail, "the check has no query for SQLite");
}

#[tokio::test]
async fn a_locked_database_is_reported_in_time() {
    let bench = Bench::new(SCHEMA).await;
    let mut writer = writer(&bench.path("neurohub.db")).await;
    sqlx::raw_sql("BEGIN EXCLUSIVE").execute(&mut writer).await.unwrap();
    let began = Instant::now();
    let outcome = carry_out(&bench, "SELECT 1 FROM lots", None).await;
    assert_eq!(outcome.verdict, Verdict::Inconclusive);
    assert!(outcome.detail.contains("locked by another process for 1.5 s"), "{}", outcome.detail);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_query_ends_when_the_attempt_must() {
    let bench = Bench::new(SCHEMA).await;
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    for (end, part) in [(End::Cancelled, "cancelled"), (End::TimedOut, "time limit")] {
        bench.stop.send_replace(None);
        let (outcome, ()) = tokio::join!(
            async { tokio::time::timeout(Duration::from_secs(20), carry_out(&bench, endless, None)).await.unwrap() },
            async {
                tokio::time::sleep(Duration::from_millis(50)).await;
                bench.stop.send_replace(Some(end));
            }
        );
        assert_eq!((outcome.verdict, outcome.end), (Verdict::Inconclusive, end));
        assert!(outcome.detail.contains(part), "{}", outcome.detail);
    }
}
