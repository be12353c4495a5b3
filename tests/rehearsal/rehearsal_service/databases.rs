//! What the databases hold when they are built.

use super::sandbox::{ROWS, TABLES, build, counts, number, texts};
use gonogo::rehearsal::{RehearsalError, Sandbox, Slot, migrator};

#[tokio::test]
async fn both_hold_a_sound_story_at_0001() {
    let tried = build(ROWS, &[]).await;
    for slot in Slot::ALL {
        let database = tried.database(slot);
        assert_eq!(migrator::current(&database).await.unwrap(), 1);
        let counts = counts(&database).await;
        assert!(counts.iter().all(|(_, count)| *count > 0), "{slot}: {counts:?}");
        assert_eq!(number(&database, "SELECT count(*) FROM process_data").await, 2_000);
        assert_eq!(number(&database, "SELECT count(*) FROM pragma_foreign_key_check").await, 0);
        assert_eq!(texts(&database, "PRAGMA integrity_check").await, ["ok"]);
        assert_eq!(texts(&database, "PRAGMA journal_mode").await, ["wal"]);
        for (what, sql) in [
            (
                "a lot with more than 100 units",
                "SELECT count(*) FROM (SELECT 1 FROM serials GROUP BY lot_id HAVING count(*) > 100)",
            ),
            (
                "units beyond a lot's target",
                "SELECT count(*) FROM lots WHERE target_quantity < (SELECT count(*) FROM serials WHERE lot_id = lots.id)",
            ),
            (
                "two units with one number in a lot",
                "SELECT count(*) FROM (SELECT 1 FROM serials GROUP BY lot_id, unit_number HAVING count(*) > 1)",
            ),
            (
                "a time in the future",
                "SELECT count(*) FROM process_data WHERE max(started_at, completed_at, created_at) > datetime('now')",
            ),
            (
                "an older time than some weeks",
                "SELECT count(*) FROM process_data WHERE started_at < datetime('now', '-43 days')",
            ),
            ("an end before its beginning", "SELECT count(*) FROM process_data WHERE completed_at < started_at"),
            (
                "a process twice for a unit",
                "SELECT count(*) FROM (SELECT 1 FROM process_data WHERE serial_id IS NOT NULL GROUP BY serial_id, process_id HAVING count(*) > 1)",
            ),
            (
                "a FAIL without defects or a PASS with",
                "SELECT count(*) FROM process_data WHERE (result = 'FAIL' AND defects IS NULL) OR (result = 'PASS' AND defects IS NOT NULL)",
            ),
            ("measurements that are no JSON", "SELECT count(*) FROM process_data WHERE NOT json_valid(measurements)"),
            (
                "a row with neither lot nor serial",
                "SELECT count(*) FROM process_data WHERE lot_id IS NULL AND serial_id IS NULL",
            ),
        ] {
            assert_eq!(number(&database, sql).await, 0, "{slot}: {what}");
        }
        assert!(
            number(&database, "SELECT count(*) FROM process_data WHERE lot_id IS NULL").await > 0,
            "0002 has lots to fill in"
        );
        let pass = number(&database, "SELECT count(*) * 100 / 2000 FROM process_data WHERE result = 'PASS'").await;
        assert!((90..=98).contains(&pass), "{pass} % passed");
        assert!(
            number(&database, "SELECT max(n) FROM (SELECT count(*) AS n FROM process_data GROUP BY serial_id)").await
                >= 8
        );
        assert!(number(&database, "SELECT count(*) FROM lots").await >= 100);
        assert!(number(&database, "SELECT count(*) FROM equipment").await >= 100);
    }
    assert_eq!(TABLES.len(), 17);
}

#[tokio::test]
async fn the_thirteen_other_tables_have_zoned_times_with_a_default_already() {
    let tried = build(ROWS, &[]).await;
    let naive = texts(
        &tried.database(Slot::Production),
        "SELECT m.name FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c \
         WHERE m.type = 'table' AND c.name = 'created_at' \
         AND NOT (c.type = 'TIMESTAMP WITH TIME ZONE' AND coalesce(c.dflt_value, '') = 'CURRENT_TIMESTAMP') ORDER BY 1",
    )
    .await;
    assert_eq!(naive, ["lots", "process_data", "serials", "wip_items"]);
}

#[tokio::test]
async fn a_sandbox_is_opened_again_but_never_built_over() {
    let tried = build(ROWS, &[]).await;
    assert_eq!(Sandbox::open(tried.folder()).unwrap(), tried.sandbox);
    let again = Sandbox::build(tried.folder(), ROWS, &[], |_| {}).await;
    assert!(matches!(again, Err(RehearsalError::FolderTaken(_))), "{again:?}");
    std::fs::remove_file(tried.database(Slot::Staging)).unwrap();
    assert!(matches!(Sandbox::open(tried.folder()), Err(RehearsalError::NoDatabase(_))));
}
