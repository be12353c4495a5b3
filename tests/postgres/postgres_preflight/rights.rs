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
    let (report, code) = stage.report(&[]);
    let said = format!("{:#?}", of(&report, "inconclusive"));
    assert_eq!(code, 1, "{report:#}");
    for part in [
        "no right to CREATE on schema public",
        "no right to CREATE on database",
        "extension pageinspect is made by a superuser only",
        "no right to REFERENCES on table lots",
        "no right to UPDATE on table lots",
    ] {
        assert!(said.contains(part), "no {part}: {said}");
    }
    // With the rights there is nothing to say.
    let admin = cluster().url(&base.name);
    run(&admin, &format!("GRANT CREATE ON SCHEMA public TO {role}; GRANT ALL ON lots TO {role}")).await;
    run(&admin, &format!("GRANT CREATE ON DATABASE \"{}\" TO {role}", base.name)).await;
    let (report, _) = stage.report(&[]);
    let said = format!("{:#?}", of(&report, "inconclusive"));
    assert!(!said.contains("no right to") && said.contains("pageinspect"), "{said}");
}
