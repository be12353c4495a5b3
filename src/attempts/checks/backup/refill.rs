//! Filling an empty database from a dump, with the rights that the role has and no more. What it may not put back is
//! left out and named.

use super::super::account::Trouble;
use super::contents::{Contents, Sorted, is_missed};
use super::copy::{self, Throwaway};
use super::dump::Watch;
use super::{Desk, Kept, tool};
use crate::database::{Database, PostgresAddress, Purpose};
use crate::deployment::live;
use crate::deployment::measurement::Verdict;
use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

/// Complaints named one by one.
const NAMED: usize = 5;

/// Whose the restored objects are, and who may use them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rights {
    /// The restoring role's: the roles of the source need not be there.
    Dropped,
    /// As they were.
    Kept,
}

/// What was restored without.
#[derive(Debug, Default)]
struct Without {
    verdict: Option<Verdict>,
    sentences: Vec<String>,
}

impl Without {
    fn say(&mut self, verdict: Verdict, sentence: String) {
        self.verdict = Some(self.verdict.map_or(verdict, |before| before.and(verdict)));
        self.sentences.push(sentence);
    }
}

impl Desk<'_> {
    /// Restores everything that the role may restore; gives the seconds it lasted. What was left out is a finding.
    pub(super) async fn refill(
        &mut self,
        kept: &Kept,
        fresh: &PostgresAddress,
        rights: Rights,
    ) -> Result<f64, Trouble> {
        let rows: i64 = kept.tables.iter().map(|table| table.rows).sum();
        self.stages.begin("restore", "rows", u64::try_from(rows).ok());
        let began = Instant::now();
        let interrupt = self.interrupt;
        let mut database = self.open(fresh, Purpose::Change, interrupt).await?;
        let Database::Postgres(postgres) = &mut database else {
            return Err(Trouble::NotStarted("the database is not on a PostgreSQL server".to_owned()));
        };
        let role = postgres.role().await?;
        let mut options = vec![];
        if rights == Rights::Dropped {
            options.extend(["--no-owner", "--no-privileges"]);
        }
        let mut without = Without::default();
        if role.superuser {
            database.close().await;
            self.pg_restore_into(kept, fresh, &options, None).await?;
        } else {
            let list = tool::output("pg_restore", &["--list".to_owned(), kept.path.display().to_string()]).await?;
            let contents = Contents::read(&list);
            let names: Vec<_> = contents.extensions();
            let unfit = postgres.extensions_not_made(&names).await;
            database.close().await;
            let unfit = unfit?;
            for (name, _) in unfit.iter().filter(|(_, there)| !there) {
                let missed = is_missed(name);
                let verdict = if missed { Verdict::Inconclusive } else { Verdict::Pass };
                without.say(
                    verdict,
                    format!(
                        "restored without extension {name}, which role {} may not create; ask an administrator for: CREATE \
                         EXTENSION \"{name}\"",
                        role.name
                    ),
                );
            }
            let left_out: BTreeSet<String> = unfit.into_iter().map(|(name, _)| name).collect();
            let Sorted { needed, lenient } = contents.sort(&left_out);
            options.push("--no-owner");
            self.pg_restore_into(kept, fresh, &options, Some(&needed)).await?;
            if rights == Rights::Kept && !lenient.is_empty() {
                self.lenient(kept, fresh, &lenient, &mut without).await?;
            }
        }
        let took = began.elapsed().as_secs_f64();
        for sentence in without.sentences {
            self.console.line(&sentence);
            self.account.find(without.verdict.unwrap_or(Verdict::Pass), sentence);
        }
        Ok(took)
    }

    async fn pg_restore_into(
        &mut self,
        kept: &Kept,
        fresh: &PostgresAddress,
        options: &[&str],
        list: Option<&str>,
    ) -> Result<(), Trouble> {
        let listed = list.map(|list| self.list_file("needed", list)).transpose()?;
        let words = words(kept, fresh, &[options, &["--exit-on-error"]].concat(), listed.as_ref().map(Throwaway::path));
        let watch = Watch::open(fresh).await;
        let run = tool::run(self.console, self.interrupt, "pg_restore", &words, Some(fresh));
        let ended = self.watched(watch, run).await?;
        if ended.well() {
            return Ok(());
        }
        Err(Trouble::Wrong(format!("the backup cannot be restored: pg_restore failed with {}", ended.why())))
    }

    /// Rights, publications and the like: what of them fails is named, and everything else stands.
    async fn lenient(
        &mut self,
        kept: &Kept,
        fresh: &PostgresAddress,
        list: &str,
        without: &mut Without,
    ) -> Result<(), Trouble> {
        let listed = self.list_file("rights", list)?;
        let words = words(kept, fresh, &["--no-owner"], Some(listed.path()));
        let ended = tool::run(self.console, self.interrupt, "pg_restore", &words, Some(fresh)).await?;
        if ended.complaints.is_empty() && ended.well() {
            return Ok(());
        }
        let reported = match ended.complaints.as_slice() {
            [] => ended.why(),
            some if some.len() <= NAMED => some.join("; "),
            some => format!("{}; and {} more", some[..NAMED].join("; "), some.len() - NAMED),
        };
        without.say(Verdict::Inconclusive, format!("some rights of the original could not be put back: {reported}"));
        Ok(())
    }

    fn list_file(&self, what: &str, list: &str) -> Result<Throwaway, Trouble> {
        let tag = live::tag(&self.assignment.state, self.assignment.attempt);
        let path = std::env::temp_dir().join(format!("{tag}-{}-{what}.list", std::process::id()));
        let mut file = copy::create_new(&path)?;
        let throwaway = Throwaway::new(&path);
        let written = file.write_all(list.as_bytes());
        written.map_err(|error| Trouble::NotStarted(format!("{} cannot be written: {error}", path.display())))?;
        Ok(throwaway)
    }
}

fn words(kept: &Kept, fresh: &PostgresAddress, options: &[&str], list: Option<&Path>) -> Vec<String> {
    let mut words = vec!["--no-password".to_owned()];
    words.extend(options.iter().map(ToString::to_string));
    words.extend(list.map(|list| format!("--use-list={}", list.display())));
    words.extend([format!("--dbname={}", fresh.without_password()), kept.path.display().to_string()]);
    words
}
