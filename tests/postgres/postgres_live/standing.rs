//! Where a database is: several heads, starting in the middle, steps that are resolved before they run.

use super::postgres::{Base, cluster};
use super::stage::Stage;
use gonogo::checklist::check::{Direction, Migration, MigrationTarget};
use gonogo::deployment::Verdict;
use gonogo::deployment::attempt::{End, Outcome};

const PARTS: &str = "CREATE TABLE parts (id int); INSERT INTO parts SELECT generate_series(1, 3);";

/// Adds a revision to a chain, beside those it was made with.
fn add(stage: &Stage, id: &str, after: &str) {
    let versions = stage.migrator.command.split('\'').nth(3).unwrap().replace("alembic.ini", "alembic/versions");
    let text = format!(
        "\"\"\"{id} -> and more\"\"\"\nfrom alembic import op\nrevision = \"{id}\"\ndown_revision = {after}\n\
         branch_labels = None\ndepends_on = None\n\n\ndef upgrade() -> None:\n    op.execute(\"CREATE TABLE {id} (id int)\")\n\n\n\
         def downgrade() -> None:\n    op.execute(\"DROP TABLE {id}\")\n"
    );
    std::fs::write(format!("{versions}/{id}.py"), text).unwrap();
}

/// A chain whose revisions nobody listed.
fn unlisted(attempt: u32, more: &[(&str, &str)]) -> Stage {
    let mut stage = Stage::chain(attempt, &[("root1", "op.execute(\"CREATE TABLE root1 (id int)\")")]);
    stage.migrator.revisions.clear();
    for (id, after) in more {
        add(&stage, id, after);
    }
    stage
}

async fn stands(base: &Base) -> String {
    base.text("SELECT string_agg(version_num, ' ' ORDER BY version_num) FROM alembic_version").await
}

/// One more attempt with the same project.
async fn go(stage: &mut Stage, base: &Base, direction: Direction, to: &str) -> Outcome {
    stage.again();
    stage.go(&base.url, direction, to).await
}

fn well(outcome: &Outcome, stage: &Stage) {
    assert_eq!(outcome.verdict, Verdict::Pass, "{}\n{}", outcome.detail, stage.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_heads_both_are_asked_for_and_neither_is_guessed() {
    let base = cluster().database(PARTS).await;
    let mut stage = unlisted(6_100, &[("a2", "\"root1\""), ("b2", "\"root1\"")]);
    let refused = go(&mut stage, &base, Direction::Upgrade, "head").await;
    assert_eq!(refused.end, End::NotStarted, "{}", refused.detail);
    assert!(
        refused.detail.contains("2 heads (a2, b2)") || refused.detail.contains("2 heads (b2, a2)"),
        "{}",
        refused.detail
    );
    let both = go(&mut stage, &base, Direction::Upgrade, "heads").await;
    well(&both, &stage);
    assert_eq!((both.revision.as_deref(), stands(&base).await.as_str()), (Some("a2, b2"), "a2 b2"));
    assert!(both.detail.starts_with("base → a2, b2 in "), "{}", both.detail);
    let done = go(&mut stage, &base, Direction::Current, "heads").await;
    well(&done, &stage);
    let one = go(&mut stage, &base, Direction::Current, "b2").await;
    assert_eq!((one.verdict, one.detail.as_str()), (Verdict::Fail, "the database stands at a2, b2 instead of b2"));

    // One branch goes on; the other stays behind, whichever line comes last.
    add(&stage, "a3", "\"a2\"");
    add(&stage, "b3", "\"b2\"");
    let up = go(&mut stage, &base, Direction::Upgrade, "b3").await;
    well(&up, &stage);
    assert_eq!(up.revision.as_deref(), Some("a2, b3"));
    for to in ["head", "heads"] {
        let current = go(&mut stage, &base, Direction::Current, to).await;
        assert_eq!(current.verdict, Verdict::Fail, "{}", current.detail);
    }
    let step = go(&mut stage, &base, Direction::Downgrade, "-1").await;
    assert_eq!(step.end, End::NotStarted, "{}", step.detail);
    assert!(step.detail.contains("the database is at 2 (a2, b3)"), "{}", step.detail);

    // A merge is one head again.
    add(&stage, "m4", "(\"a3\", \"b3\")");
    let merged = go(&mut stage, &base, Direction::Upgrade, "head").await;
    well(&merged, &stage);
    assert_eq!(merged.revision.as_deref(), Some("m4"));
    stage.migrator.version_table = Some("public.alembic_version".into());
    let done = go(&mut stage, &base, Direction::Current, "heads").await;
    well(&done, &stage);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_listed_revisions_it_works_from_the_middle() {
    let base = cluster().database(PARTS).await;
    let mut stage = unlisted(6_200, &[("r2", "\"root1\""), ("r3", "\"r2\"")]);
    let done = go(&mut stage, &base, Direction::Upgrade, "root1").await;
    well(&done, &stage);
    let done = go(&mut stage, &base, Direction::Current, "root1").await;
    well(&done, &stage);
    let up = go(&mut stage, &base, Direction::Upgrade, "head").await;
    well(&up, &stage);
    assert!(up.detail.starts_with("root1 → r3 in "), "{}", up.detail);

    // A step is reported before it runs, and recorded.
    let down = go(&mut stage, &base, Direction::Downgrade, "-1").await;
    well(&down, &stage);
    assert!(stage.log().contains("-1 → r2, from r3"), "{}", stage.log());
    assert!(down.detail.starts_with("r3 → r2 (`-1`) in "), "{}", down.detail);
    // Once more would be further than the item means, which starts from r3.
    let check = Migration {
        direction: Direction::Downgrade,
        to: "-1".into(),
        from: Some("r3".into()),
        on: MigrationTarget::Environment,
        rewrites: Vec::new(),
    };
    stage.again();
    let again = stage.carry_out(&base.url, check).await;
    assert_eq!(again.end, End::NotStarted, "{}", again.detail);
    assert!(again.detail.contains("the database is at r2, and this item starts from r3"), "{}", again.detail);
    for to in ["-5", "r3", "nope", "r9-1"] {
        let refused = go(&mut stage, &base, Direction::Downgrade, to).await;
        assert_eq!((refused.end, stands(&base).await.as_str()), (End::NotStarted, "r2"), "{to}: {}", refused.detail);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_table_could_be_compared_nothing_was_proven() {
    let base = cluster().database("").await;
    let stage = unlisted(6_300, &[]);
    let outcome = stage.go(&base.url, Direction::Upgrade, "head").await;
    assert_eq!(outcome.verdict, Verdict::Inconclusive, "{}\n{}", outcome.detail, stage.log());
    assert!(outcome.detail.contains("no rows could be compared"), "{}", outcome.detail);
    assert_eq!(outcome.revision.as_deref(), Some("root1"));
}
