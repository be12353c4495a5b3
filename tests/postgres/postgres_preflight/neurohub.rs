//! The NeuroHub chain through a real Alembic.

use super::postgres::cluster;
use super::{Stage, of, reported};

#[tokio::test]
async fn a_clean_database_has_nothing_that_fails_and_every_lock_is_reported() {
    let base = cluster().neurohub("0001_initial_schema", 2_000).await;
    let stage = Stage::of_neurohub(&base.url);
    let (report, code) = stage.report(&[]);
    assert_eq!((reported(&report, "will-fail"), reported(&report, "may-fail")), (Vec::new(), Vec::new()));
    assert_eq!(reported(&report, "inconclusive"), Vec::<String>::new());
    assert_eq!(code, 0);
    assert_eq!(report["format"], 1);
    assert_eq!(report["from"], "0001_initial_schema");
    assert_eq!(report["to"], "0003_add_wip_unique_index");
    assert_eq!(report["read"]["revisions"].as_array().unwrap().len(), 2);
    let locks = reported(&report, "will-lock");
    for expected in [
        "AccessExclusiveLock on process_data",
        "rewrites the table and its indexes to retype created_at",
        "ShareLock on process_data, writers wait, readers go on",
        "builds index idx_process_data_measurements",
        "ShareRowExclusiveLock on process_data",
        "2 revisions share one transaction",
        "no lock_timeout is set",
    ] {
        assert!(locks.iter().any(|what| what.contains(expected)), "{expected}: {locks:#?}");
    }
    let holds = report["holds"].as_array().unwrap();
    let hold = holds.iter().find(|hold| hold["table"] == "process_data").unwrap();
    assert_eq!(hold["mode"], "AccessExclusiveLock");
    assert!(hold["seconds"].as_f64().unwrap() > 0.0 && hold["until"].as_i64() > hold["line"].as_i64());
    assert!(holds.iter().any(|hold| hold["table"] == "lots"), "a foreign key locks both: {holds:#?}");
}

#[tokio::test]
async fn rows_without_lot_and_serial_are_found_behind_the_backfill() {
    let base = cluster().neurohub("0001_initial_schema", 2_000).await;
    base.run(
        "UPDATE process_data SET lot_id = NULL, serial_id = NULL WHERE id IN (SELECT id FROM process_data WHERE data_level = \
         'LOT' ORDER BY id LIMIT 3);
         UPDATE process_data SET result = 'MAYBE' WHERE id IN (SELECT id FROM process_data ORDER BY id DESC LIMIT 4);",
    )
    .await;
    let (report, code) = Stage::of_neurohub(&base.url).report(&[]);
    let may = of(&report, "may-fail");
    assert!(
        may.iter()
            .any(|finding| finding["rows"] == 3
                && finding["statement"].as_str().unwrap().contains("lot_id SET NOT NULL")),
        "{may:#?}"
    );
    // Nothing before touches `result`, so that is certain.
    let will = of(&report, "will-fail");
    assert_eq!(will.len(), 1, "{will:#?}");
    assert_eq!((will[0]["rows"].as_i64(), will[0]["table"].as_str()), (Some(4), Some("process_data")));
    assert!(will[0]["what"].as_str().unwrap().contains("chk_process_data_result"));
    assert_eq!(will[0]["revision"], "0002_add_wip_link_constraints");
    assert_eq!(code, 1);
}

#[tokio::test]
async fn from_to_and_the_text_for_people_work() {
    let base = cluster().neurohub("0003_add_wip_unique_index", 2_000).await;
    let stage = Stage::of_neurohub(&base.url);
    let said = stage.run(&[]);
    assert_eq!(said.code, 0, "{}{}", said.output, said.errors);
    assert!(said.output.contains("stands at 0003_add_wip_unique_index: no revision is left to run"), "{}", said.output);
    // Asked to evaluate a chain that has run already, every name is taken.
    let (report, code) = stage.report(&["--from", "base", "--to", "0001_initial_schema"]);
    assert!(reported(&report, "will-fail").iter().any(|what| what.contains("table users cannot be made")));
    assert_eq!(code, 1);
    let said = stage.run(&["--from", "0002_add_wip_link_constraints"]);
    assert_eq!(said.code, 1, "{}", said.output);
    assert!(
        said.output.contains("WILL FAIL") && said.output.contains("index idx_process_data_wip_unique cannot be made")
    );
    assert!(said.output.contains("This migration will fail here."), "{}", said.output);
}
