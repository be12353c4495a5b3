//! The chain of revisions that other tests stand on: up, down, and offline.

use super::open;
use super::postgres::{alembic, cluster};
use gonogo::checklist::check::Depth;
use gonogo::database::Purpose;
use gonogo::database::proof::{self, Wanted};
use gonogo::deployment::attempt::Moment;

#[tokio::test]
async fn it_goes_up_and_down_with_every_row() {
    let base = cluster().neurohub("0001_initial_schema", 3_000).await;
    let mut database = open(&base.url, Purpose::Read).await.unwrap();
    let all = proof::all(&mut database).await.unwrap();
    assert_eq!(all.len(), 17);
    let take = async |wanted: Vec<Wanted>| {
        let mut database = open(&base.url, Purpose::Read).await.unwrap();
        let taken = proof::tables(&mut database, &wanted, Depth::Fingerprints, Moment::Now, &mut |_| {}).await.unwrap();
        assert_eq!(taken.missing, Vec::<String>::new());
        taken.tables
    };
    let before = take(all).await;
    let said = alembic(&base.url, &["upgrade", "head"]);
    assert!(said.contains("Running upgrade 0002_add_wip_link_constraints -> 0003_add_wip_unique_index"), "{said}");
    assert!(alembic(&base.url, &["current"]).contains("0003_add_wip_unique_index (head)"));
    let after = take(before.iter().map(Wanted::like).collect()).await;
    // Only the lot that was filled in changes the columns that were there before.
    proof::compare(&before, &after, &["process_data".to_owned()]).unwrap();
    alembic(&base.url, &["downgrade", "0001_initial_schema"]);
    let back = take(before.iter().map(Wanted::like).collect()).await;
    proof::compare(&after, &back, &[]).unwrap();
    alembic(&base.url, &["downgrade", "base"]);
    assert!(database.tables().await.unwrap().is_empty());
}

#[tokio::test]
async fn its_sql_can_be_printed_without_a_database() {
    let said = alembic("postgresql://u@127.0.0.1:1/nowhere", &["upgrade", "0001_initial_schema:head", "--sql"]);
    assert!(said.contains("ALTER TABLE process_data ADD COLUMN wip_id INTEGER"), "{said}");
    assert!(said.contains("CREATE UNIQUE INDEX idx_process_data_wip_unique"), "{said}");
}
