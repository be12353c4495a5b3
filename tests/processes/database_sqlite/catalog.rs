use super::bench::{SCHEMA, file, open};
use super::proofs::prints;
use gonogo::database::{ConstraintKind, DatabaseError, Purpose, Value};

#[tokio::test]
async fn the_catalog_is_reported_as_it_is() {
    let file = file(SCHEMA).await;
    let mut database = open(&file.path, Purpose::Observe).await.unwrap();
    assert_eq!(database.tables().await.unwrap(), ["lots", "process_data"]);
    let columns = database.columns("process_data").await.unwrap();
    let reported: Vec<_> = columns.iter().map(|c| (c.name.as_str(), c.declared.as_str(), c.nullable)).collect();
    let expected = [
        ("id", "INTEGER", false),
        ("lot_id", "INTEGER", false),
        ("data_level", "TEXT", false),
        ("measurements", "JSONB", true),
        ("value", "REAL", true),
        ("created_at", "TIMESTAMP WITH TIME ZONE", true),
    ];
    assert_eq!(reported, expected);
    assert_eq!(columns[5].default.as_deref(), Some("CURRENT_TIMESTAMP"));
    assert!(database.columns("nowhere").await.unwrap().is_empty());

    let indexes = database.indexes("process_data").await.unwrap();
    let reported: Vec<_> =
        indexes.iter().map(|i| (i.name.as_str(), i.over(), i.unique, i.predicate.as_deref())).collect();
    let expected = [
        ("idx_lot", "lot_id".to_owned(), false, None),
        ("idx_torque", "json_extract(measurements, '$.torque')".to_owned(), false, None),
        ("idx_wip", "lot_id, data_level".to_owned(), true, Some("data_level = 'WIP'")),
    ];
    assert_eq!(reported, expected);

    let constraints = database.constraints("process_data").await.unwrap();
    let named: Vec<_> = constraints.iter().filter_map(|c| c.name.as_deref().map(|name| (name, c.kind))).collect();
    assert_eq!(named, [("chk_level", ConstraintKind::Check)]);
    let keys = database.foreign_keys("process_data").await.unwrap();
    assert_eq!((keys[0].columns.as_slice(), keys[0].references.as_str()), (&["lot_id".to_owned()][..], "lots"));
    assert_eq!((keys[0].on_delete.as_str(), keys[0].on_update.as_str()), ("restrict", "cascade"));
    assert_eq!(database.count("process_data").await.unwrap(), 3);
    assert_eq!(database.scalar("SELECT max(id) FROM lots").await.unwrap(), Some(Value::Integer(2)));
    assert_eq!(database.scalar("SELECT 1 WHERE 0").await.unwrap(), None);
    assert_eq!(database.size().await.unwrap(), std::fs::metadata(&file.path).unwrap().len());
    assert!(database.integrity().await.unwrap().is_empty());
}

#[tokio::test]
async fn identity_belongs_to_the_file_not_to_its_name() {
    let (one, other) = (file(SCHEMA).await, file(SCHEMA).await);
    let link = one.path.with_file_name("link.db");
    std::os::unix::fs::symlink(&one.path, &link).unwrap();
    let mut said = Vec::new();
    for path in [&one.path, &link, &other.path] {
        said.push(open(path, Purpose::Observe).await.unwrap().identity().await.unwrap());
    }
    assert_eq!(said[0], said[1]);
    assert_ne!(said[0], said[2]);
    assert!(said[0].starts_with("sqlite inode ") && !said[0].contains('/'), "{}", said[0]);
}

#[tokio::test]
async fn an_observer_cannot_write_even_when_it_lifts_its_own_ban() {
    let file = file(SCHEMA).await;
    let before = std::fs::read(&file.path).unwrap();
    for purpose in [Purpose::Observe, Purpose::Archive] {
        let mut database = open(&file.path, purpose).await.unwrap();
        for sql in
            ["DELETE FROM lots", "PRAGMA query_only = OFF; DELETE FROM process_data", "PRAGMA journal_mode = WAL"]
        {
            let _ = database.rows(sql, 1).await;
        }
        let refused = database.rows("DELETE FROM process_data", 1).await.unwrap_err();
        assert!(matches!(refused, DatabaseError::ReadOnly(_)), "{refused}");
    }
    assert_eq!(std::fs::read(&file.path).unwrap(), before);
}

#[tokio::test]
async fn a_tried_change_is_refused_or_undone() {
    let file = file(SCHEMA).await;
    let mut database = open(&file.path, Purpose::Change).await.unwrap();
    for sql in [
        "INSERT INTO process_data (lot_id, data_level) VALUES (99, 'LOT')",
        "INSERT INTO process_data (lot_id, data_level) VALUES (1, 'BOX')",
        "DELETE FROM lots WHERE id = 1",
        "INSERT OR ROLLBACK INTO lots VALUES (1, 'L-1', NULL)",
    ] {
        let refused = database.try_and_undo(sql).await.unwrap_err();
        assert!(matches!(refused, DatabaseError::Constraint(_)), "{sql}: {refused}");
    }
    assert_eq!(database.try_and_undo("DELETE FROM process_data").await.unwrap(), 3);
    assert_eq!(database.count("process_data").await.unwrap(), 3);
    let wrong = database.try_and_undo("INSERT INTO nowhere VALUES (1)").await.unwrap_err();
    assert!(matches!(wrong, DatabaseError::Statement(_)), "{wrong}");
}

#[tokio::test]
async fn what_cannot_be_opened_is_distinguished() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text.db");
    std::fs::write(&text, "this is no database, only a text that is long enough".repeat(20)).unwrap();
    let error = open(&folder.path().join("none.db"), Purpose::Observe).await.unwrap_err();
    assert!(matches!(error, DatabaseError::NotThere(_)), "{error}");
    let error = open(folder.path(), Purpose::Observe).await.unwrap_err();
    assert!(matches!(error, DatabaseError::CannotOpen { .. }), "{error}");
    let error = open(&text, Purpose::Observe).await.unwrap_err();
    assert!(matches!(error, DatabaseError::Damaged(_)), "{error}");
    assert!(!folder.path().join("none.db").exists(), "looking must not make a file");
}

#[tokio::test]
async fn a_copy_is_whole_and_overwrites_nothing() {
    let file = file(SCHEMA).await;
    let before = std::fs::read(&file.path).unwrap();
    let copy = file.path.with_file_name("it's a copy.db");
    let mut database = open(&file.path, Purpose::Observe).await.unwrap();
    let version = database.version().await.unwrap();
    database.copy_to(&copy).await.unwrap();
    assert_eq!(database.version().await.unwrap(), version, "copying is no change of the source");
    assert_eq!(std::fs::read(&file.path).unwrap(), before);
    assert_eq!(prints(&copy, &[]).await, prints(&file.path, &[]).await);
    let kept = std::fs::read(&copy).unwrap();
    assert!(database.copy_to(&copy).await.is_err());
    assert_eq!(std::fs::read(&copy).unwrap(), kept);
    let refused = database.rows("DELETE FROM lots", 1).await.unwrap_err();
    assert!(matches!(refused, DatabaseError::ReadOnly(_)), "{refused}");
}
