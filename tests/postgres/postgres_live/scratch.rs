//! Trying a migration on a copy that is thrown away.

use super::postgres::cluster;
use super::stage::Stage;
use gonogo::checklist::check::{Direction, Migration, MigrationTarget};
use gonogo::deployment::Verdict;
use gonogo::deployment::attempt::{End, Outcome};

async fn down_to_base(stage: &Stage, url: &str) -> Outcome {
    let check = Migration {
        direction: Direction::Downgrade,
        to: "base".into(),
        from: None,
        on: MigrationTarget::Scratch,
        rewrites: Vec::new(),
    };
    stage.carry_out(url, check).await
}

#[tokio::test(flavor = "multi_thread")]
async fn down_to_base_happens_on_a_copy_and_the_copy_goes() {
    let base = cluster().neurohub("0003_add_wip_unique_index", 2_000).await;
    let scratch = cluster().database("").await;
    let mut stage = Stage::neurohub(401);
    stage.scratch = Some(scratch.url.clone());
    let outcome = down_to_base(&stage, &base.url).await;
    assert_eq!(outcome.verdict, Verdict::Pass, "{}\n{}", outcome.detail, stage.log());
    assert!(outcome.detail.contains("→ base"), "{}", outcome.detail);
    assert_eq!(outcome.revision, None);
    assert_eq!(base.text("SELECT version_num FROM alembic_version").await, "0003_add_wip_unique_index");
    let left = "SELECT count(*)::text FROM pg_database WHERE datname LIKE 'gonogo_scratch_0401%'";
    assert_eq!(base.text(left).await, "0");
    assert!(!stage.log().contains(super::postgres::PASSWORD), "{}", stage.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_environments_own_database_is_never_scratch() {
    let base = cluster().neurohub("0003_add_wip_unique_index", 200).await;
    let mut stage = Stage::neurohub(402);
    stage.scratch = Some(base.url.clone());
    let outcome = down_to_base(&stage, &base.url).await;
    assert_eq!(outcome.end, End::NotStarted, "{}", outcome.detail);
    assert!(outcome.detail.contains("own database"), "{}", outcome.detail);
    // Nor is a migrator let near that finds its database by itself.
    let scratch = cluster().database("").await;
    let mut stage = Stage::neurohub(403);
    stage.scratch = Some(scratch.url.clone());
    stage.migrator.command = format!("DATABASE_URL='{}' GONOGO_DATABASE_URL= {}", base.url, stage.migrator.command);
    let outcome = down_to_base(&stage, &base.url).await;
    assert_eq!(outcome.end, End::NotStarted, "{}\n{}", outcome.detail, stage.log());
    assert_eq!(base.text("SELECT version_num FROM alembic_version").await, "0003_add_wip_unique_index");
}
