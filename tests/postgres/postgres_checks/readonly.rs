//! A check that reads cannot act, whatever its role may do.

use super::postgres::cluster;
use super::{at, carry_out, check};
use gonogo::checklist::lint::lint;
use gonogo::deployment::Verdict;

#[tokio::test]
async fn a_query_that_acts_is_refused_by_lint_and_when_it_runs() {
    let query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'none such'";
    let text = format!("kind = \"sql\", query = \"{query}\"");
    let base = cluster().database("").await;
    // As a ledger of before may hold it.
    let harmless = check("kind = \"sql\", query = \"SELECT 1\"");
    let gonogo::checklist::Check::Sql(mut sql) = harmless else { panic!("not what was written") };
    sql.query = gonogo::checklist::check::Query::Any(query.to_owned());
    let (outcome, _) = carry_out(&at(&base.url).await, &gonogo::checklist::Check::Sql(sql)).await;
    assert_ne!(outcome.verdict, Verdict::Pass);
    assert!(outcome.detail.contains("calls pg_terminate_backend()"), "{}", outcome.detail);
    let toml = format!(
        "format = 1\nid = \"t\"\ntitle = \"T\"\n[[slot]]\nid = \"s\"\ntitle = \"S\"\n[environments.e]\nslot = \"s\"\ndatabase = \"x\"\n\
         [[phase]]\nid = \"p\"\ntitle = \"P\"\nslot = \"s\"\n[[phase.section]]\nid = \"s\"\ntitle = \"S\"\n\
         [[phase.section.item]]\nid = \"i\"\ntitle = \"I\"\nours = \"a test\"\ncheck = {{ {text} }}\n"
    );
    let (checklist, problems) = lint("t.toml", &toml);
    assert!(checklist.is_none(), "{problems:?}");
    assert!(problems[0].to_string().starts_with("t.toml:21:9: error: the query calls pg_terminate"), "{}", problems[0]);
}

#[tokio::test]
async fn a_role_without_rights_is_taken_before_reading_and_a_superuser_is_reported() {
    let base = cluster().database("CREATE TABLE secrets (a int); CREATE TABLE lots (a int);").await;
    let role = format!("watcher_{}", base.name);
    base.run(&format!("CREATE ROLE {role}; GRANT SELECT ON lots TO {role};")).await;
    let mut bench = at(&base.url).await;
    bench.environment.observer_role = Some(role);
    let count = |table| check(&format!("kind = \"sql\", query = \"SELECT count(*) FROM {table}\", equals = \"0\""));
    let (seen, _) = carry_out(&bench, &count("lots")).await;
    assert_eq!(seen.verdict, Verdict::Pass, "{}", seen.detail);
    let (hidden, _) = carry_out(&bench, &count("secrets")).await;
    assert!(hidden.verdict != Verdict::Pass && hidden.detail.contains("secrets"), "{}", hidden.detail);
    bench.environment.observer_role = Some("nobody_of_this_name".to_owned());
    let (lacking, _) = carry_out(&bench, &count("lots")).await;
    assert!(lacking.detail.contains("nobody_of_this_name cannot be taken"), "{}", lacking.detail);
    bench.environment.observer_role = None;
    // The owner of the tests' server is one.
    let (_, said) = carry_out(&bench, &count("lots")).await;
    assert!(said.contains("a superuser"), "{said}");
}
