//! Rights that the environment's role lacks beyond ownership.

use super::postgres::{cluster, run};
use super::{Stage, of};

const ROWS: &str = "CREATE TABLE lots (id int PRIMARY KEY, code text); INSERT INTO lots VALUES (1, 'a');
    CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);
    REVOKE ALL ON SCHEMA public FROM PUBLIC; GRANT USAGE ON SCHEMA public TO PUBLIC;
    GRANT SELECT ON ALL TABLES IN SCHEMA public TO PUBLIC;";

#[tokio::test]
async fn what_an_ordinary_role_may_not_do_is_named_before_it_is_tried() {
    let mut base = cluster().database(ROWS).await;
    let role = format!("plain_{}", base.name);
    base.run(&format!("CREATE ROLE {role} LOGIN PASSWORD 'pw'; CREATE TABLE own (id int PRIMARY KEY, lot_id int);"))
        .await;
    base.run(&format!("ALTER TABLE own OWNER TO {role};")).await;
    base.url = cluster().url_as(&role, "pw", &base.name);
    let chain = "CREATE TABLE fresh (id int);\n\
                 CREATE SCHEMA apart;\n\
                 CREATE EXTENSION pageinspect;\n\
                 ALTER TABLE own ADD CONSTRAINT own_lot FOREIGN KEY (lot_id) REFERENCES lots (id);\n\
                 UPDATE lots SET code = 'b';\n";
    let stage = Stage::of_files(&base, &[("1_a.sql", chain)]);
    // What is known to fail is no open question, whatever is allowed.
    let (report, code) = stage.report(&["--allow-inconclusive"]);
    let said = format!("{:#?}", of(&report, "will-fail"));
    assert_eq!((code, report["verdict"].as_str()), (1, Some("will-fail")), "{report:#}");
    for part in [
        "no right to CREATE on schema public",
        "no right to CREATE on database",
        "only a superuser creates extension pageinspect",
        "no right to REFERENCES on table lots",
        "no right to UPDATE on table lots",
    ] {
        assert!(said.contains(part) && said.contains(&role), "no {part}: {said}");
    }
    // With the rights there is nothing to say.
    let admin = cluster().url(&base.name);
    run(&admin, &format!("GRANT CREATE ON SCHEMA public TO {role}; GRANT ALL ON lots TO {role}")).await;
    run(&admin, &format!("GRANT CREATE ON DATABASE \"{}\" TO {role}", base.name)).await;
    let (report, _) = stage.report(&[]);
    let said = format!("{:#?}", of(&report, "will-fail"));
    assert!(!said.contains("no right to") && said.contains("pageinspect"), "{said}");
}

#[tokio::test]
async fn a_table_of_another_role_fails_for_certain_unless_the_role_may_change() {
    let mut base = cluster().database(ROWS).await;
    let role = format!("owns_nothing_{}", base.name);
    base.run(&format!("CREATE ROLE {role} LOGIN PASSWORD 'pw'")).await;
    let url = cluster().url_as(&role, "pw", &base.name);
    let admin = std::mem::replace(&mut base.url, url);
    let alter = "ALTER TABLE lots ADD COLUMN note text;\n";
    let (report, code) = Stage::of_files(&base, &[("1_a.sql", alter)]).report(&["--allow-inconclusive"]);
    let said = format!("{:#?}", of(&report, "will-fail"));
    assert!(code == 1 && said.contains("must be owner of table lots"), "{report:#}");
    // It does fail, and says so in these words.
    let mut connection = super::postgres::connect(&base.url).await;
    let refused = sqlx::raw_sql("ALTER TABLE lots ADD COLUMN note text").execute(&mut connection).await.unwrap_err();
    assert!(refused.to_string().contains("must be owner of table lots"), "{refused}");

    // A chain that changes its role, or an address of another role, leaves it open.
    for (file, variables) in
        [(format!("SET ROLE postgres;\n{alter}"), vec![]), (alter.to_owned(), vec![("DATABASE_URL", admin.as_str())])]
    {
        let stage = Stage::of_files(&base, &[("1_a.sql", file.as_str())]);
        let all = [vec![("PREFLIGHT_TEST_URL", base.url.as_str())], variables].concat();
        let said = super::run(&stage.checklist, &all, &["--json", "--allow-inconclusive"]);
        let report: serde_json::Value = serde_json::from_str(&said.output).unwrap();
        let open = format!("{:#?}", of(&report, "inconclusive"));
        assert!(open.contains("must be owner of table lots") && open.contains("not certain: "), "{report:#}");
    }
}

/// What a plan needs beyond reading is asked for the day before.
#[tokio::test]
async fn the_doctor_asks_for_the_rights_that_the_plan_needs() {
    let mut base = cluster().database(ROWS).await;
    let role = format!("plans_{}", base.name);
    base.run(&format!("CREATE ROLE {role} LOGIN PASSWORD 'pw'; CREATE ROLE {role}_sees")).await;
    base.url = cluster().url_as(&role, "pw", &base.name);
    let folder = tempfile::tempdir().unwrap();
    let text = format!(
        "format = 1\nid = \"t\"\ntitle = \"T\"\n[[slot]]\nid = \"staging\"\ntitle = \"Staging\"\n\
         [environments.staging]\nslot = \"staging\"\ndatabase = \"${{DOCTOR_URL}}\"\nscratch = \"${{DOCTOR_URL}}\"\n\
         backups = \"kept\"\nobserver_role = \"{role}_sees\"\n\
         [[phase]]\nid = \"p\"\ntitle = \"P\"\nslot = \"staging\"\n[[phase.section]]\nid = \"s\"\ntitle = \"S\"\n\
         [[phase.section.item]]\nid = \"b\"\ntitle = \"B\"\nours = \"x\"\ncheck = {{ kind = \"backup\" }}\n\
         [[phase.section.item]]\nid = \"q\"\ntitle = \"Q\"\nours = \"x\"\n\
         check = {{ kind = \"sql\", query = \"SELECT 1\", equals = \"1\" }}\n\
         [[pane]]\nid = \"calls\"\ntitle = \"Calls\"\nslot = \"staging\"\nunit = \"calls/s\"\n\
         source = {{ kind = \"postgres\", number = \"calls\" }}\n"
    );
    let checklist = folder.path().join("check.toml");
    std::fs::write(&checklist, text).unwrap();
    let doctor = || {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_gonogo"));
        command.current_dir(folder.path()).args(["doctor", "check.toml"]).env("DOCTOR_URL", &base.url);
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    };
    let (code, said) = doctor();
    assert_eq!(code, Some(1), "{said}");
    for part in ["may not create or rename databases", "`observer_role`", "pg_stat_statements cannot be read"] {
        assert!(said.lines().any(|line| line.trim().starts_with("failed") && line.contains(part)), "no {part}: {said}");
    }
    run(&cluster().url(&base.name), &format!("ALTER ROLE {role} CREATEDB; GRANT {role}_sees TO {role}")).await;
    let (_, said) = doctor();
    assert!(said.contains(&format!("{role} may create databases there")), "{said}");
    assert!(said.contains(&format!("read-only checks can act as {role}_sees")), "{said}");
}

#[tokio::test]
async fn what_keeps_every_chain_from_passing_is_found_before_it() {
    let mut base = cluster().database(ROWS).await;
    let role = format!("kept_{}", base.name);
    let set =
        |to: &str| format!("ALTER ROLE {role} IN DATABASE \"{}\" SET default_transaction_read_only = {to};", base.name);
    let (on, off) = (set("on"), set("off"));
    let made = format!("CREATE ROLE {role} LOGIN PASSWORD 'pw'; GRANT CREATE ON SCHEMA public TO {role}; {on}");
    base.run(&made).await;
    let url = cluster().url_as(&role, "pw", &base.name);
    let admin = std::mem::replace(&mut base.url, url);
    let create = "CREATE TABLE fresh (id int);\n";
    let stage = Stage::of_files(&base, &[("1_a.sql", create)]);
    let (report, code) = stage.report(&["--allow-inconclusive"]);
    let said = format!("{:#?}", of(&report, "will-fail"));
    assert!(code == 1 && said.contains("begin read-only"), "{report:#}");
    // It does fail so.
    let mut connection = super::postgres::connect(&base.url).await;
    let refused = sqlx::raw_sql("CREATE TABLE fresh (id int)").execute(&mut connection).await.unwrap_err();
    assert!(refused.to_string().contains("read-only transaction"), "{refused}");
    // The setting nearest to role and database counts, and what an event trigger does is not known.
    run(&admin, &format!("ALTER ROLE {role} SET default_transaction_read_only = on; {off}")).await;
    let noting = "CREATE FUNCTION noted() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; \
                  CREATE EVENT TRIGGER noting ON ddl_command_start EXECUTE FUNCTION noted()";
    run(&admin, noting).await;
    let (report, code) = stage.report(&[]);
    let open = format!("{:#?}", of(&report, "inconclusive"));
    assert!(code == 1 && open.contains("noting") && of(&report, "will-fail").is_empty(), "{report:#}");
}
