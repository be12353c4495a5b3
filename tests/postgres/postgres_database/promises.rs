//! What connections may do to others, and how they are ended.

use super::open;
use super::postgres::{cluster, connect};
use gonogo::database::{Address, Database, DatabaseError, Interrupt, Purpose, Value};
use sqlx::{Connection, Executor};
use std::time::Duration;

#[tokio::test]
async fn an_observer_changes_nothing_and_waits_for_nobody() {
    let base = cluster().database("CREATE TABLE lots (id int primary key); INSERT INTO lots VALUES (1)").await;
    let mut observer = open(&base.url, Purpose::Observe).await.unwrap();
    let error = observer.rows("DELETE FROM lots", 1).await.unwrap_err();
    assert!(matches!(error, DatabaseError::ReadOnly(_)), "{error}");
    for (setting, value) in [
        ("statement_timeout", "1500ms"),
        ("lock_timeout", "100ms"),
        ("idle_in_transaction_session_timeout", "5s"),
        ("client_connection_check_interval", "500ms"),
        ("default_transaction_read_only", "on"),
        ("jit", "off"),
    ] {
        let shown = observer.scalar(&format!("SHOW {setting}")).await.unwrap();
        assert_eq!(shown, Some(Value::Text(value.into())), "{setting}");
    }

    let mut holder = connect(&base.url).await;
    holder.execute("BEGIN; LOCK TABLE lots IN ACCESS EXCLUSIVE MODE").await.unwrap();
    // Data waits and gives up; the catalog answers behind the lock.
    let error = observer.count("lots").await.unwrap_err();
    assert!(matches!(error, DatabaseError::Locked { waited_ms: 100 }), "{error:?}");
    assert!(error.to_string().contains("for 0.1 s"), "{error}");
    assert_eq!(observer.tables().await.unwrap(), ["lots"]);
    assert_eq!(observer.columns("lots").await.unwrap()[0].declared, "integer");
    assert_eq!(observer.foreign_keys("lots").await.unwrap().len(), 0);
    assert!(observer.size().await.unwrap() > 0);
    assert_eq!(observer.indexes("lots").await.unwrap()[0].over(), "id");
    holder.execute("ROLLBACK").await.unwrap();
    assert_eq!(observer.count("lots").await.unwrap(), 1);

    let error = observer.rows("SELECT pg_sleep(60)", 1).await.unwrap_err();
    assert!(matches!(error, DatabaseError::Ended(_)) && error.leaves_open(), "{error:?}");
}

#[tokio::test]
async fn an_interrupt_ends_the_statement_on_the_server_too() {
    let base = cluster().database("").await;
    let interrupt = Interrupt::new();
    let address = Address::parse(&base.url).unwrap();
    let mut database = Database::open(&address, Purpose::Read, &interrupt).await.unwrap();
    let work = tokio::spawn(async move { database.rows("SELECT pg_sleep(600)", 1).await.map(|_| ()) });
    let mut watcher = connect(&base.url).await;
    let sleeping = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'SELECT pg_sleep(600)%' AND state = 'active'";
    let wait_for = async |watcher: &mut sqlx::PgConnection, wanted: i64| {
        let looked = tokio::time::timeout(Duration::from_mins(1), async {
            while sqlx::query_scalar::<_, i64>(sleeping).fetch_one(&mut *watcher).await.unwrap() != wanted {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        looked.await.unwrap();
    };
    wait_for(&mut watcher, 1).await;
    interrupt.set();
    let error = work.await.unwrap().unwrap_err();
    assert!(matches!(error, DatabaseError::Interrupted), "{error:?}");
    wait_for(&mut watcher, 0).await;
    watcher.close().await.unwrap();
}

#[tokio::test]
async fn a_tried_change_is_undone_and_distinguished() {
    let base = cluster()
        .database(
            "CREATE TABLE lots (id int PRIMARY KEY); INSERT INTO lots VALUES (1); \
             CREATE TABLE serials (id int PRIMARY KEY, lot_id int NOT NULL REFERENCES lots ON DELETE RESTRICT); \
             INSERT INTO serials VALUES (1, 1); \
             CREATE TABLE late (lot_id int REFERENCES lots DEFERRABLE INITIALLY DEFERRED)",
        )
        .await;
    let mut database = open(&base.url, Purpose::Change).await.unwrap();
    let error = database.try_and_undo("DELETE FROM lots").await.unwrap_err();
    assert!(
        matches!(error, DatabaseError::Constraint(_)) && error.to_string().contains("serials_lot_id_fkey"),
        "{error}"
    );
    let error = database.try_and_undo("INSERT INTO late VALUES (9)").await.unwrap_err();
    assert!(matches!(error, DatabaseError::Constraint(_)), "a deferred constraint speaks too: {error}");
    assert!(matches!(database.try_and_undo("DELETE FROM nowhere").await.unwrap_err(), DatabaseError::Statement(_)));
    assert_eq!(database.try_and_undo("DELETE FROM serials").await.unwrap(), 1);
    assert_eq!(database.count("serials").await.unwrap(), 1);
}
