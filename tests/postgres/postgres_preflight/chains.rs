//! Chains that cannot be printed whole, that have no rollback, and that hold statements of every kind.

use super::postgres::{cluster, connect};
use super::{Stage, of, reported};

const FIRST: (&str, &str, &str) = (
    "r1",
    "op.execute(\"CREATE TABLE a (id int PRIMARY KEY, v int)\")\nop.execute(\"CREATE TABLE b (id int PRIMARY KEY, v int)\")",
    "op.drop_table(\"b\")\nop.drop_table(\"a\")",
);
const ROWS: &str = "CREATE TABLE a (id int PRIMARY KEY, v int); CREATE TABLE b (id int PRIMARY KEY, v int);
    INSERT INTO a SELECT i, NULLIF(i, 3) FROM generate_series(1, 5) AS i; INSERT INTO b SELECT * FROM a;
    CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY); INSERT INTO alembic_version VALUES ('r1');";

#[tokio::test]
async fn a_revision_that_reads_the_database_is_named_and_the_others_are_evaluated() {
    let base = cluster().database(ROWS).await;
    let stage = Stage::of_alembic(
        &base,
        &[
            FIRST,
            (
                "r2",
                "op.execute(\"ALTER TABLE a ALTER COLUMN v SET NOT NULL\")",
                "op.execute(\"ALTER TABLE a ALTER COLUMN v DROP NOT NULL\")",
            ),
            ("r3", "n = op.get_bind().execute(sa.text(\"SELECT count(*) FROM a\")).scalar()", ""),
            (
                "r4",
                "op.execute(\"ALTER TABLE b ALTER COLUMN v SET NOT NULL\")",
                "op.execute(\"ALTER TABLE b ALTER COLUMN v DROP NOT NULL\")",
            ),
        ],
    );
    let (report, code) = stage.report(&[]);
    let unclear = of(&report, "inconclusive");
    assert!(
        unclear.iter().any(|f| f["revision"] == "r3" && f["what"].as_str().unwrap().contains("reads the database")),
        "{unclear:#?}"
    );
    // Before it everything is certain, after it nothing is.
    let (will, may) = (of(&report, "will-fail"), of(&report, "may-fail"));
    assert_eq!(
        (will.len(), will[0]["revision"].as_str(), will[0]["rows"].as_i64()),
        (1, Some("r2"), Some(1)),
        "{will:#?}"
    );
    assert_eq!((may.len(), may[0]["revision"].as_str(), may[0]["rows"].as_i64()), (1, Some("r4"), Some(1)), "{may:#?}");
    assert_eq!(code, 1);
}

#[tokio::test]
async fn the_point_of_no_return_is_reported() {
    let base = cluster().database(ROWS).await;
    let stage = Stage::of_alembic(
        &base,
        &[
            FIRST,
            ("r2", "op.execute(\"ALTER TABLE a ADD COLUMN w int\")", "op.drop_column(\"a\", \"w\")"),
            ("r3", "op.execute(\"ALTER TABLE a ADD COLUMN x int\")", "raise NotImplementedError(\"one way only\")"),
            ("r4", "op.execute(\"ALTER TABLE b DROP COLUMN v\")", "op.execute(\"ALTER TABLE b ADD COLUMN v int\")"),
            ("r5", "op.execute(\"ALTER TABLE b ADD COLUMN y int\")", ""),
        ],
    );
    let (report, code) = stage.report(&[]);
    assert_eq!((report["point_of_no_return"].as_str(), code), (Some("r3"), 0), "{report:#}");
    let back = of(&report, "no-way-back");
    let by = |revision: &str| {
        back.iter().filter(|f| f["revision"] == revision).map(|f| f["what"].to_string()).collect::<Vec<_>>()
    };
    assert!(by("r3")[0].contains("refuses"), "{back:#?}");
    assert!(by("r4").iter().any(|what| what.contains("the values of b.v go: 4 rows")), "{back:#?}");
    assert!(by("r5")[0].contains("does nothing"), "{back:#?}");
    assert!(by("r2").is_empty());
    assert!(reported(&report, "note").iter().any(|what| what.contains("takes a.w away")));
}

#[tokio::test]
async fn an_autocommit_block_may_build_concurrently() {
    let base = cluster().database(ROWS).await;
    let inside = "op.create_index(\"i\", \"a\", [\"v\"], postgresql_concurrently=True)";
    let outside = format!("with op.get_context().autocommit_block():\n    {inside}");
    let (report, code) = Stage::of_alembic(&base, &[FIRST, ("r2", inside, "op.drop_index(\"i\")")]).report(&[]);
    assert!(reported(&report, "will-fail")[0].contains("cannot run inside a transaction"), "{report:#}");
    assert_eq!(code, 1);
    let (report, code) = Stage::of_alembic(&base, &[FIRST, ("r2", &outside, "op.drop_index(\"i\")")]).report(&[]);
    assert_eq!((reported(&report, "will-fail"), code), (Vec::new(), 0));
    assert!(reported(&report, "note").iter().any(|what| what.contains("ShareUpdateExclusiveLock on a")), "{report:#}");
}

#[tokio::test]
async fn the_files_of_dbmate_and_flyway_are_read() {
    const BARE: &str = "CREATE TABLE a (id int PRIMARY KEY, v int); INSERT INTO a SELECT i, NULLIF(i, 3) FROM generate_series(1, 5) AS i;";
    let dbmate = "CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY); INSERT INTO schema_migrations VALUES ('20260101000000');";
    let base = cluster().database(&format!("{BARE}{dbmate}")).await;
    let stage = Stage::of_kind(
        &base,
        "dbmate",
        "dbmate",
        &[
            (
                "db/migrations/20260101000000_first.sql",
                "-- migrate:up\nCREATE TABLE a (id int);\n-- migrate:down\nDROP TABLE a;\n",
            ),
            (
                "db/migrations/20260102000000_second.sql",
                "-- migrate:up\nALTER TABLE a ALTER COLUMN v SET NOT NULL;\n-- migrate:down\nALTER TABLE a ALTER COLUMN v DROP NOT NULL;\n",
            ),
            (
                "db/migrations/20260103000000_third.sql",
                "-- migrate:up\nALTER TABLE a DROP COLUMN v;\n\n-- migrate:down\n",
            ),
        ],
    );
    let (report, code) = stage.report(&[]);
    assert_eq!((report["from"].as_str(), code), (Some("20260101000000"), 1), "{report:#}");
    let will = of(&report, "will-fail");
    assert_eq!((will.len(), will[0]["line"].as_i64(), will[0]["rows"].as_i64()), (1, Some(2), Some(1)), "{report:#}");
    assert_eq!(report["point_of_no_return"], "20260103000000_third");

    let flyway =
        "CREATE TABLE flyway_schema_history (installed_rank int PRIMARY KEY, version varchar(50), description text,
        type varchar(20), checksum int, success bool);
        INSERT INTO flyway_schema_history VALUES (1, '1', 'first', 'SQL', NULL, true);";
    let base = cluster().database(&format!("{BARE}{flyway}")).await;
    let stage = Stage::of_kind(
        &base,
        "flyway",
        "flyway -locations=filesystem:sql",
        &[
            ("sql/V1__first.sql", "CREATE TABLE a (id int);"),
            ("sql/V1.10__tenth.sql", "CREATE INDEX CONCURRENTLY i ON a (v);"),
            ("sql/V1.9__ninth.sql", "ALTER TABLE a ALTER COLUMN v SET NOT NULL;"),
            ("sql/U1.9__ninth.sql", "ALTER TABLE a ALTER COLUMN v DROP NOT NULL;"),
            ("sql/R__views.sql", "CREATE OR REPLACE VIEW w AS SELECT 1;"),
        ],
    );
    let (report, code) = stage.report(&[]);
    assert_eq!(
        (report["from"].as_str(), report["to"].as_str(), code),
        (Some("1"), Some("1.10__tenth"), 1),
        "{report:#}"
    );
    let will = of(&report, "will-fail");
    assert_eq!((will.len(), will[0]["revision"].as_str()), (1, Some("1.9__ninth")), "{report:#}");
    assert!(
        reported(&report, "inconclusive").iter().any(|what| what.contains("R__views.sql runs again")),
        "{report:#}"
    );
}

#[tokio::test]
async fn a_deployment_remembers_from_where_on_there_is_no_rollback() {
    let base = cluster().database(ROWS).await;
    let stage = Stage::of_alembic(
        &base,
        &[
            FIRST,
            ("r2", "op.execute(\"ALTER TABLE b DROP COLUMN v\")", "op.execute(\"ALTER TABLE b ADD COLUMN v int\")"),
        ],
    );
    let text = std::fs::read_to_string(&stage.checklist).unwrap();
    let upgrade = "[[phase.section.item]]\nid = \"up\"\ntitle = \"Up\"\nours = \"it moves\"\n\
                   check = { kind = \"migration\", direction = \"upgrade\" }\n";
    let source = gonogo::commands::open::Source { name: "check.toml".into(), text: format!("{text}{upgrade}") };
    let ledger = stage.checklist.with_file_name("check.ledger.toml");
    let by = gonogo::ledger::operator::current(None);
    drop(gonogo::commands::open::open_checklist(&source, &ledger, &[], None, &by).unwrap());
    // Asked otherwise than it stands, nothing is kept.
    for words in [&["--to", "r2"][..], &[]] {
        let said = super::run(&ledger, &[("PREFLIGHT_TEST_URL", base.url.as_str())], words);
        assert_eq!(said.code, 0, "{}{}", said.output, said.errors);
    }
    let kept = gonogo::ledger::Ledger::open(&ledger).unwrap();
    assert_eq!(kept.records().len(), 2, "{:#?}", kept.records());
    let up = kept.plan().item(&"p/s/up".into()).unwrap();
    let marked = gonogo::deployment::rollback::no_return(kept.plan(), kept.state(), up).unwrap();
    assert!(marked.starts_with("from r2 on: ") && marked.contains("b.v"), "{marked}");
    assert_eq!(kept.state().preflights[&"staging".into()].from.as_deref(), Some("r1"));
}

#[tokio::test]
async fn when_asked_for_a_revision_that_reads_the_database_is_tried_on_an_empty_copy() {
    let base = cluster().database(ROWS).await;
    let scratch = cluster().database("").await;
    let reads = "n = op.get_bind().execute(sa.text(\"SELECT count(*) FROM a\")).scalar()\n\
                 if n == 0:\n    op.execute(\"ALTER TABLE a ALTER COLUMN v SET NOT NULL\")";
    let stage = Stage::of_alembic(
        &base,
        &[
            FIRST,
            ("r2", "op.execute(\"CREATE TABLE c (id int)\")", "op.drop_table(\"c\")"),
            ("r3", reads, "op.execute(\"ALTER TABLE a ALTER COLUMN v DROP NOT NULL\")"),
            (
                "r4",
                "op.execute(\"ALTER TABLE b ALTER COLUMN v SET NOT NULL\")",
                "op.execute(\"ALTER TABLE b ALTER COLUMN v DROP NOT NULL\")",
            ),
        ],
    );
    let text = std::fs::read_to_string(&stage.checklist).unwrap();
    let with = text.replacen("disk = ", "scratch = \"${PREFLIGHT_TEST_SCRATCH}\"\ndisk = ", 1);
    std::fs::write(&stage.checklist, &with).unwrap();
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", cluster().bin.display());
    let stray = format!("{}?sslmode=disable", base.url);
    let run = |checklist: &str, words: &[&str]| {
        std::fs::write(&stage.checklist, checklist).unwrap();
        let variables = [
            ("PREFLIGHT_TEST_URL", base.url.as_str()),
            ("PREFLIGHT_TEST_SCRATCH", scratch.url.as_str()),
            ("PATH", path.as_str()),
            // The same database by another spelling, known to the shell alone.
            ("PREFLIGHT_TEST_STRAY", stray.as_str()),
        ];
        let said = super::run(&stage.checklist, &variables, &[&["--json"], words].concat());
        let report = serde_json::from_str::<serde_json::Value>(&said.output)
            .unwrap_or_else(|_| panic!("{}{}", said.output, said.errors));
        (report, said.errors)
    };
    // Unasked, nothing runs.
    let (report, errors) = run(&with, &[]);
    assert!(reported(&report, "inconclusive").iter().any(|what| what.contains("--try-on-scratch")), "{report:#}");
    assert_eq!((report["verdict"].as_str(), errors.as_str()), (Some("inconclusive"), ""));

    let (report, errors) = run(&with, &["--try-on-scratch"]);
    assert!(errors.contains("will run in") && errors.contains("on the empty copy gonogo_preflight_"), "{errors}");
    assert!(reported(&report, "note").iter().any(|what| what.contains("no row written meanwhile")), "{report:#}");
    let unclear = reported(&report, "inconclusive");
    let read = |what: &&str| what.contains("r3 reads the database") && what.contains("empty copy");
    assert!(unclear.iter().any(|what| read(&what.as_ref())), "{report:#}");
    // What was seen without rows is not certain, nor is what comes behind it.
    assert_eq!(of(&report, "will-fail"), Vec::<serde_json::Value>::new(), "{report:#}");
    let may: Vec<_> = of(&report, "may-fail").iter().map(|f| f["revision"].as_str().unwrap().to_owned()).collect();
    assert_eq!(may, ["r3", "r4"], "{report:#}");
    assert_eq!(base.text("SELECT version_num FROM alembic_version").await, "r1", "the database itself is as it was");
    let left = "SELECT count(*)::text FROM pg_database WHERE datname LIKE 'gonogo_preflight%'";
    assert_eq!(base.text(left).await, "0");

    // One that finds its database elsewhere is not let loose.
    let stray = with.replacen("command = \"", "command = \"GONOGO_DATABASE_URL=$PREFLIGHT_TEST_STRAY ", 1);
    let (report, _) = run(&stray, &["--try-on-scratch"]);
    assert!(
        reported(&report, "inconclusive")
            .iter()
            .any(|what| what.contains("does not take its database from $GONOGO_DATABASE_URL")),
        "{report:#}"
    );
    assert_eq!(base.text("SELECT version_num FROM alembic_version").await, "r1");
}

/// A second database that `env.py` moves along with the first, as Alembic's template for several databases does.
#[tokio::test]
async fn a_second_database_is_never_touched() {
    const TWO: &str = "import os\nfrom alembic import context\nfrom sqlalchemy import create_engine\n\
        urls = [os.environ[\"GONOGO_DATABASE_URL\"], os.environ[\"BILLING_URL\"]]\n\
        for url in urls:\n    connection = create_engine(url).connect()\n\
        \x20   context.configure(connection=connection)\n    with context.begin_transaction():\n        context.run_migrations()\n\
        \x20   connection.commit()\n";
    let (base, billing) = (cluster().database(ROWS).await, cluster().database(ROWS).await);
    let scratch = cluster().database("").await;
    let reads = "if op.get_bind().execute(sa.text(\"SELECT count(*) FROM a\")).scalar() >= 0:\n    op.execute(\"ALTER TABLE a DROP COLUMN v\")";
    let stage = Stage::of_alembic(&base, &[FIRST, ("r2", reads, "")]);
    let text = std::fs::read_to_string(&stage.checklist).unwrap();
    std::fs::write(&stage.checklist, text.replacen("disk = ", "scratch = \"${SCRATCH}\"\ndisk = ", 1)).unwrap();
    std::fs::write(stage.folder.path().join("alembic/env.py"), TWO).unwrap();
    let variables = [
        ("PREFLIGHT_TEST_URL", base.url.as_str()),
        ("SCRATCH", scratch.url.as_str()),
        ("BILLING_URL", billing.url.as_str()),
    ];
    for words in [&["--json"][..], &["--json", "--try-on-scratch"]] {
        let said = super::run(&stage.checklist, &variables, words);
        let report: serde_json::Value = serde_json::from_str(&said.output).unwrap();
        // Without the driver that its second database takes, the migrator itself fails.
        assert!(
            matches!(report["verdict"].as_str(), Some("inconclusive" | "will-fail")) && said.code == 1,
            "{report:#}"
        );
        for base in [&base, &billing] {
            assert_eq!(
                base.text("SELECT version_num || count(v) FROM alembic_version, a GROUP BY version_num").await,
                "r14"
            );
        }
    }
}

#[tokio::test]
async fn what_was_not_read_is_inconclusive_unless_that_is_allowed() {
    let base = cluster().database(ROWS).await;
    let prints = "print(\"rows are moved\")\nop.execute(\"ALTER TABLE a ADD COLUMN w int\")";
    let stage = Stage::of_alembic(&base, &[FIRST, ("r2", prints, "op.drop_column(\"a\", \"w\")")]);
    let (report, code) = stage.report(&[]);
    assert_eq!((report["verdict"].as_str(), code), (Some("inconclusive"), 1), "{report:#}");
    assert_eq!(stage.report(&["--allow-inconclusive"]).1, 0);

    let text = std::fs::read_to_string(&stage.checklist).unwrap();
    let program = super::alembic();
    std::fs::write(&stage.checklist, text.replacen(&program, "alembic-of-another-host", 1)).unwrap();
    let (report, code) = stage.report(&[]);
    assert_eq!((report["verdict"].as_str(), code), (Some("will-fail"), 1), "{report:#}");
    assert!(reported(&report, "will-fail")[0].contains("was not found"), "{report:#}");
    assert_eq!(stage.report(&["--allow-inconclusive"]).1, 1, "what is not there does not run");
}

/// Revisions that Alembic cannot read fail before anything runs, whatever the database holds.
#[tokio::test]
async fn revisions_that_cannot_be_read_fail_for_certain() {
    type Harm<'h> = &'h dyn Fn(&Stage);
    let base = cluster().database(ROWS).await;
    let second = ("r2", "op.execute(\"ALTER TABLE a ADD COLUMN w int\")", "op.drop_column(\"a\", \"w\")");
    let third = ("r3", "op.execute(\"ALTER TABLE a ADD COLUMN x int\")", "op.drop_column(\"a\", \"x\")");
    let versions = |stage: &Stage, file: &str| stage.folder.path().join("alembic/versions").join(file);
    let missing: Harm<'_> = &|stage| std::fs::remove_file(versions(stage, "r2.py")).unwrap();
    let broken: Harm<'_> = &|stage| std::fs::write(versions(stage, "r2.py"), "def upgrade(:\n").unwrap();
    let import: Harm<'_> = &|stage| {
        let text = std::fs::read_to_string(versions(stage, "r3.py")).unwrap();
        std::fs::write(versions(stage, "r3.py"), format!("import no_such_module_here\n{text}")).unwrap();
    };
    let late: Harm<'_> = &|stage| {
        let text = std::fs::read_to_string(versions(stage, "r3.py")).unwrap();
        std::fs::write(versions(stage, "r3.py"), text.replacen("op.execute(", "op_execute(", 1)).unwrap();
    };
    let gone: Harm<'_> = &|stage| std::fs::remove_dir_all(stage.folder.path().join("alembic/versions")).unwrap();
    for (harm, part) in
        [(missing, "r2"), (broken, "SyntaxError"), (import, "no_such_module_here"), (late, "op_execute"), (gone, "r1")]
    {
        let stage = Stage::of_alembic(&base, &[FIRST, second, third]);
        harm(&stage);
        let (report, code) = stage.report(&["--allow-inconclusive"]);
        assert_eq!((report["verdict"].as_str(), code), (Some("will-fail"), 1), "{part}: {report:#}");
        assert!(reported(&report, "will-fail").iter().any(|what| what.contains(part)), "{part}: {report:#}");
    }
    // Of a file that is no text as little is known to sqlx.
    let stage = Stage::of_files(&base, &[("1_a.sql", "SELECT 1;"), ("2_b.sql", "SELECT 2;")]);
    std::fs::write(stage.folder.path().join("migrations/2_b.sql"), b"\xff\xfe").unwrap();
    let (report, code) = stage.report(&["--allow-inconclusive"]);
    assert_eq!((report["verdict"].as_str(), code), (Some("will-fail"), 1), "{report:#}");
    assert!(reported(&report, "will-fail")[0].contains("2_b.sql"), "{report:#}");
    std::fs::remove_dir_all(stage.folder.path().join("migrations")).unwrap();
    assert_eq!(stage.report(&["--allow-inconclusive"]).0["verdict"], "will-fail");
}

/// A migrator of files that is not there cannot run them, however well they read.
#[tokio::test]
async fn a_migrator_that_is_not_there_fails_for_certain() {
    let base = cluster().database(ROWS).await;
    for (command, lacking) in [("sqlx migrate run", false), ("env A=1 sqlx-of-nobody migrate run", true)] {
        let stage = Stage::of_kind(&base, "sqlx", command, &[("migrations/1_a.sql", "SELECT 1;")]);
        let said = format!("{:#}", stage.report(&["--allow-inconclusive"]).0);
        assert_eq!(said.contains("was not found on PATH"), lacking, "{said}");
    }
}

/// What is printed in one transaction runs in several where env.py says so for runs alone.
#[tokio::test]
async fn transactions_are_those_of_a_run() {
    let base = cluster().database(ROWS).await;
    let second = ("r2", "op.execute(\"ALTER TABLE a ADD COLUMN w int\")", "op.drop_column(\"a\", \"w\")");
    let third = ("r3", "op.execute(\"ALTER TABLE a ADD COLUMN x int\")", "op.drop_column(\"a\", \"x\")");
    for (value, expected) in [("True", None), ("False", Some("line")), ("each", Some("is not known"))] {
        let stage = Stage::of_alembic(&base, &[FIRST, second, third]);
        let env = stage.folder.path().join("alembic/env.py");
        let text = std::fs::read_to_string(&env).unwrap();
        let text = text.replace("transaction_per_migration=each", &format!("transaction_per_migration={value}"));
        std::fs::write(&env, text).unwrap();
        let (report, _) = stage.report(&[]);
        let all = reported(&report, "will-lock");
        let shared = all.iter().find(|what| what.contains("share one transaction"));
        assert_eq!(shared.is_some(), expected.is_some(), "{value}: {report:#}");
        assert!(shared.is_none_or(|what| what.contains(expected.unwrap())), "{value}: {report:#}");
    }
}

#[tokio::test]
async fn a_revision_that_connects_by_itself_reaches_no_server_while_it_is_printed() {
    let base = cluster().database("CREATE TABLE parts (id int PRIMARY KEY)").await;
    // By the address it is reported, and by one that is in the revision.
    for address in ["os.environ[\"GONOGO_DATABASE_URL\"]".to_owned(), format!("\"{}\"", base.url)] {
        let up = format!(
            "import os\nimport psycopg2\nown = psycopg2.connect({address})\nown.autocommit = True\n\
             own.cursor().execute(\"SET default_transaction_read_only = off\")\n\
             own.cursor().execute(\"INSERT INTO parts VALUES (1)\")\nop.execute(\"ALTER TABLE parts ADD COLUMN n int\")"
        );
        let (report, code) = Stage::of_alembic(&base, &[("r1", &up, "pass")]).report(&[]);
        assert_eq!((code, report["verdict"].as_str()), (1, Some("inconclusive")), "{report:#}");
        let mut connection = connect(&base.url).await;
        let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM parts").fetch_one(&mut connection).await.unwrap();
        assert_eq!(rows, 0, "{address}");
    }
}
