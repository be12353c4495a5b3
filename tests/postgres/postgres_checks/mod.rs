//! The checks that look at data, on a real PostgreSQL.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod backup;
#[path = "../../processes/data_checks/bench.rs"]
#[allow(dead_code, reason = "each test file uses its own part of this")]
mod bench;
mod bisect;
mod consistency;
mod neurohub;
mod readonly;
use crate::postgres;
mod schema;
mod swap;

use bench::{Bench, Heard, movable};
use gonogo::attempts::checks::{consistency as consistency_check, rows, schema as schema_check, sql};
use gonogo::checklist::Check;
use gonogo::checklist::check::CommandSource;
use gonogo::checklist::reader;
use gonogo::deployment::attempt::Outcome;

/// A bench whose environment has a database on the server.
async fn at(url: &str) -> Bench {
    let mut bench = Bench::new("").await;
    bench.environment.database = Some(url.to_owned());
    bench
}

/// A check as a checklist writes it.
fn check(text: &str) -> Check {
    let toml = format!(
        "format = 1\nid = \"t\"\ntitle = \"T\"\n[[slot]]\nid = \"s\"\ntitle = \"S\"\n\
         [environments.e]\nslot = \"s\"\ndatabase = \"x\"\n\
         [[phase]]\nid = \"p\"\ntitle = \"P\"\nslot = \"s\"\n[[phase.section]]\nid = \"s\"\ntitle = \"S\"\n\
         [[phase.section.item]]\nid = \"i\"\ntitle = \"I\"\nours = \"a test\"\ncheck = {{ {text} }}\n"
    );
    let checklist = reader::read("t.toml", &toml).unwrap_or_else(|problems| panic!("{text}: {problems:?}"));
    checklist.phases[0].sections[0].items[0].check.clone()
}

/// Carries out a check that asks the database, and gives what it said besides.
async fn carry_out(bench: &Bench, check: &Check) -> (Outcome, String) {
    let console = Heard::default();
    let assignment = bench.assignment();
    let outcome = match check {
        Check::Sql(check) => movable(sql::carry_out(&assignment, check, &console)).await,
        Check::Schema(check) => movable(schema_check::carry_out(&assignment, check, &console)).await,
        Check::Consistency(check) => movable(consistency_check::carry_out(&assignment, check, &console)).await,
        Check::Rows(check) => movable(rows::carry_out(&assignment, check, &console)).await,
        Check::Command(command) => {
            let CommandSource::Run(text) = &command.source else { panic!("only what it runs") };
            panic!("a command is carried out elsewhere: {text}")
        }
        other => panic!("a {} check asks no database", other.word()),
    };
    (outcome, console.text())
}
