//! Chains that succeed, that fail on the data they find, and that leave something behind.

use super::postgres::cluster;
use super::stage::{Stage, value};
use gonogo::checklist::check::Direction;
use gonogo::deployment::Verdict;
use gonogo::deployment::attempt::{End, Moment};

#[tokio::test(flavor = "multi_thread")]
async fn the_neurohub_chain_goes_up_down_one_and_up_again() {
    let base = cluster().neurohub("0001_initial_schema", 20_000).await;
    let stage = Stage::neurohub(101).target("lock", 60.0, "s").target("duration", 120.0, "s");
    let outcome = stage.go(&base.url, Direction::Upgrade, "head").await;
    let log = stage.log();
    assert_eq!((outcome.verdict, outcome.exit), (Verdict::Pass, Some(0)), "{}\n{log}", outcome.detail);
    assert_eq!(outcome.revision.as_deref(), Some("0003_add_wip_unique_index"));
    assert!(outcome.detail.contains("17 tables kept their rows"), "{}", outcome.detail);
    assert!(outcome.detail.contains("lock ") && outcome.detail.contains(" ± "), "{}", outcome.detail);
    assert!(log.contains("aftermath: nothing left behind"), "{log}");
    let locked: Vec<&str> =
        outcome.measured.iter().filter(|m| m.name == "lock").filter_map(|m| m.of.as_deref()).collect();
    assert!(locked.contains(&"process_data") && locked.contains(&"lots"), "{:?}", outcome.measured);
    assert!(value(&outcome, "wal-written").unwrap() > 1e6 && value(&outcome, "size-increase").is_some());
    assert_eq!(value(&outcome, "revisions"), Some(2.0));
    assert_eq!(outcome.tables.iter().filter(|proof| proof.when == Moment::After).count(), 17);

    let stage = Stage::neurohub(102);
    let down = stage.go(&base.url, Direction::Downgrade, "-1").await;
    assert_eq!(down.verdict, Verdict::Pass, "{}\n{}", down.detail, stage.log());
    assert_eq!(down.revision.as_deref(), Some("0002_add_wip_link_constraints"));
    let stage = Stage::neurohub(103);
    let up = stage.go(&base.url, Direction::Upgrade, "head").await;
    assert_eq!(up.verdict, Verdict::Pass, "{}\n{}", up.detail, stage.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_that_fails_on_the_data_leaves_the_version_and_says_so() {
    let base = cluster().neurohub("0001_initial_schema", 5_000).await;
    base.run("UPDATE process_data SET lot_id = NULL, serial_id = NULL WHERE id % 1000 = 3").await;
    let stage = Stage::neurohub(104);
    let outcome = stage.go(&base.url, Direction::Upgrade, "head").await;
    assert_eq!((outcome.verdict, outcome.exit), (Verdict::Fail, Some(1)), "{}", outcome.detail);
    assert!(
        outcome.detail.starts_with("migration failed: exit 1, ")
            && outcome.detail.contains("; database still at 0001_initial_schema"),
        "{}",
        outcome.detail
    );
    assert!(outcome.detail.contains("contains null values"), "{}", outcome.detail);
    assert!(outcome.detail.contains("aftermath: no invalid index"), "{}", outcome.detail);
    assert_eq!(base.text("SELECT version_num FROM alembic_version").await, "0001_initial_schema");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_index_left_behind_is_found_whatever_the_migrator_says() {
    let base = cluster()
        .database(
            "CREATE TABLE parts (id int, code text); INSERT INTO parts SELECT i, i % 50 FROM generate_series(1, 100) i",
        )
        .await;
    let build = "with op.get_context().autocommit_block():\n    \
                 op.execute(\"CREATE UNIQUE INDEX CONCURRENTLY parts_code ON parts (code)\")";
    let stage = Stage::chain(105, &[("0001", "op.execute(\"CREATE TABLE notes (id int)\")"), ("0002", build)]);
    let outcome = stage.go(&base.url, Direction::Upgrade, "head").await;
    assert_eq!((outcome.verdict, outcome.exit), (Verdict::Fail, Some(1)), "{}", outcome.detail);
    assert!(outcome.detail.contains("could not create unique index"), "{}", outcome.detail);
    assert!(outcome.detail.contains("invalid index left: parts_code on parts; drop it"), "{}", outcome.detail);

    // One that is content with it is not believed.
    let hush = "with op.get_context().autocommit_block():\n    try:\n        \
                op.execute(\"CREATE UNIQUE INDEX CONCURRENTLY parts_code_too ON parts (code)\")\n    \
                except Exception:\n        op.get_bind().connection.rollback()";
    let stage = Stage::chain(106, &[("0001", "pass"), ("0002", hush)]);
    let base = cluster()
        .database(
            "CREATE TABLE parts (id int, code text); INSERT INTO parts SELECT i, i % 50 FROM generate_series(1, 100) i",
        )
        .await;
    let outcome = stage.go(&base.url, Direction::Upgrade, "head").await;
    assert_eq!(outcome.verdict, Verdict::Fail, "{}\n{}", outcome.detail, stage.log());
    assert!(outcome.detail.contains("invalid index left: parts_code_too on parts"), "{}", outcome.detail);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_with_two_heads_or_of_another_deployment_is_not_started() {
    let base = cluster().database("").await;
    let mut stage = Stage::chain(107, &[("0001", "pass"), ("0002", "pass")]);
    stage.migrator.revisions.truncate(1);
    let outcome = stage.go(&base.url, Direction::Upgrade, "head").await;
    assert_eq!(outcome.end, End::NotStarted, "{}", outcome.detail);
    assert!(
        outcome.detail.contains("the migrator has 0002, which the checklist does not expect"),
        "{}",
        outcome.detail
    );

    let stage = Stage::chain(108, &[("0001", "pass"), ("0002", "pass")]);
    let project = stage.migrator.command.split('\'').nth(3).unwrap().replace("alembic.ini", "alembic/versions");
    let second = std::fs::read_to_string(format!("{project}/0002.py")).unwrap();
    let other = second.replace("revision = \"0002\"", "revision = \"0003\"");
    std::fs::write(format!("{project}/0003.py"), other).unwrap();
    let outcome = stage.go(&base.url, Direction::Upgrade, "head").await;
    assert_eq!(outcome.end, End::NotStarted, "{}\n{}", outcome.detail, stage.log());
    assert!(outcome.detail.contains("the migrator has 2 heads"), "{}", outcome.detail);
    assert_eq!(base.text("SELECT coalesce(to_regclass('alembic_version')::text, 'none')").await, "none");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_that_touches_what_it_should_leave_alone_is_reported_where() {
    let base = cluster()
        .database(
            "CREATE TABLE keep (id int PRIMARY KEY, code text); INSERT INTO keep SELECT i, i FROM generate_series(1, 200) i",
        )
        .await;
    let stage = Stage::chain(190, &[("0001", "op.execute(\"UPDATE keep SET code = 'x' WHERE id = 77\")")]);
    let outcome = stage.go(&base.url, Direction::Upgrade, "head").await;
    assert_eq!(outcome.verdict, Verdict::Fail, "{}\n{}", outcome.detail, stage.log());
    let reported = "keep: 200 rows as before, but their contents differ (keep: id 76 to 79, 4 rows: code differs)";
    assert!(outcome.detail.contains(reported), "{}\n{}", outcome.detail, stage.log());
}
