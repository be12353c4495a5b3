//! The migrator and the environment must mean the same database, and it must be proven before anything moves.

use super::postgres::cluster;
use super::stage::Stage;
use gonogo::checklist::check::Direction;
use gonogo::deployment::Verdict;
use gonogo::deployment::attempt::End;
use std::path::{Path, PathBuf};

const STEPS: [(&str, &str); 2] = [("0001", "op.execute(\"CREATE TABLE parts (id int)\")"), ("0002", "pass")];

/// Where a stage's Alembic finds its configuration.
fn project(stage: &Stage) -> PathBuf {
    let ini = stage.migrator.command.rsplit('\'').nth(1).unwrap();
    Path::new(ini).parent().unwrap().to_owned()
}

/// Has Alembic take its address from a file beside it, as an application's own settings do.
fn read_dotenv(stage: &Stage, url: &str) {
    let env = project(stage).join("alembic/env.py");
    let text = std::fs::read_to_string(&env).unwrap();
    let own = "import os\nfrom pathlib import Path\n\
               os.environ[\"GONOGO_DATABASE_URL\"] = (Path(__file__).parent.parent / \".env\").read_text().split(\"=\", 1)[1].strip()\n";
    std::fs::write(&env, format!("{own}{text}")).unwrap();
    std::fs::write(project(stage).join(".env"), format!("DATABASE_URL={url}\n")).unwrap();
}

async fn tables(base: &super::postgres::Base) -> String {
    base.text("SELECT count(*)::text FROM pg_tables WHERE schemaname = 'public'").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migrator_that_means_another_database_is_not_started() {
    let (base, other) = (cluster().database("CREATE TABLE keep (id int)").await, cluster().database("").await);
    for (attempt, direction) in [(170, Direction::Upgrade), (171, Direction::Current)] {
        let stage = Stage::chain(attempt, &STEPS);
        read_dotenv(&stage, &other.url);
        let outcome = stage.go(&base.url, direction, "head").await;
        assert_eq!((outcome.end, outcome.verdict == Verdict::Pass), (End::NotStarted, false), "{}", outcome.detail);
        assert!(outcome.detail.contains(&other.name) && outcome.detail.contains(".env"), "{}", outcome.detail);
        assert!(!outcome.detail.contains("p%40ss"), "{}", outcome.detail);
    }
    assert_eq!([tables(&base).await, tables(&other).await], ["1", "0"]);

    // The same file with the right address is no trouble, nor is another name of the same server.
    let stage = Stage::chain(172, &STEPS);
    read_dotenv(&stage, &base.url.replace("127.0.0.1", "localhost"));
    let outcome = stage.go(&base.url, Direction::Upgrade, "head").await;
    assert_eq!(outcome.verdict, Verdict::Pass, "{}\n{}", outcome.detail, stage.log());
    assert!(stage.log().contains("mean the same database: its session was seen there"), "{}", stage.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_cannot_be_asked_needs_somebody_who_vouches_for_it() {
    use gonogo::checklist::environment::MigratorKind;
    let base = cluster().database("").await;
    let mut stage = Stage::chain(173, &STEPS);
    stage.migrator.kind = MigratorKind::Command;
    stage.migrator.revisions.clear();
    let refused = stage.go(&base.url, Direction::Upgrade, "head").await;
    assert_eq!(refused.end, End::NotStarted, "{}", refused.detail);
    assert!(refused.detail.contains("database = \"attested\""), "{}", refused.detail);
    assert_eq!(tables(&base).await, "0");
    let mut stage = Stage::chain(174, &STEPS);
    stage.migrator.command += " upgrade head";
    stage.migrator.kind = MigratorKind::Command;
    stage.migrator.revisions.clear();
    stage.migrator.attested = true;
    let outcome = stage.go(&base.url, Direction::Upgrade, "head").await;
    assert_eq!(outcome.exit, Some(0), "{}", outcome.detail);
    assert!(stage.log().contains("attested, not measured"), "{}", stage.log());
}
