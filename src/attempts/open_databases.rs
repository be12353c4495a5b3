//! The databases of the environments, as attempts use them.

use super::console::Console;
use super::databases::Databases;
use crate::checklist::check::Depth;
use crate::database::bisect::{TableRanges, bisect};
use crate::database::proof::{self, Keep, Proofs, Wanted};
use crate::database::{Database, DatabaseError, Purpose};
use crate::deployment::attempt::{Moment, TableProof};
use crate::deployment::progress::Progress;
use futures_util::future::BoxFuture;
use std::path::Path;
use std::time::Instant;

/// Opens a database for each question and closes it again: nothing is held while a migrator runs.
#[derive(Debug, Clone, Copy)]
pub struct OpenDatabases;

impl Databases for OpenDatabases {
    fn identity<'a>(&'a self, url: &'a str) -> BoxFuture<'a, Result<String, String>> {
        Box::pin(async move {
            let mut database = observe(url).await?;
            let identity = database.identity().await;
            database.close().await;
            identity.map_err(words)
        })
    }

    fn prove<'a>(
        &'a self,
        url: &'a str,
        before: &'a [TableProof],
        when: Moment,
        console: &'a dyn Console,
    ) -> BoxFuture<'a, Result<Vec<TableProof>, String>> {
        Box::pin(async move {
            let mut database = observe(url).await?;
            let proofs = prove(&mut database, before, Keep::Nothing, when, console).await;
            database.close().await;
            let Proofs { tables, missing, .. } = proofs.map_err(words)?;
            for line in missing {
                console.line(&line);
            }
            Ok(tables)
        })
    }

    fn prove_in_ranges<'a>(&'a self, url: &'a str, console: &'a dyn Console) -> BoxFuture<'a, Result<Proofs, String>> {
        Box::pin(async move {
            let mut database = observe(url).await?;
            let proofs = prove(&mut database, &[], Keep::Ranges, Moment::Before, console).await;
            database.close().await;
            proofs.map_err(words)
        })
    }

    fn definitions<'a>(&'a self, url: &'a str) -> BoxFuture<'a, Result<Option<String>, String>> {
        Box::pin(async move {
            let mut database = observe(url).await?;
            let sum = database.definitions().await;
            database.close().await;
            sum.map(Some).map_err(words)
        })
    }

    fn bisect<'a>(&'a self, url: &'a str, kept: &'a [TableRanges]) -> BoxFuture<'a, Vec<String>> {
        Box::pin(async move {
            match observe(url).await {
                Ok(mut database) => {
                    let said = bisect(&mut database, kept).await;
                    database.close().await;
                    said
                }
                Err(why) => vec![format!("where they differ could not be found: {why}")],
            }
        })
    }

    fn copy<'a>(&'a self, url: &'a str, to: &'a Path) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            let mut database = observe(url).await?;
            let copied = database.copy_to(to).await;
            database.close().await;
            copied.map_err(words)
        })
    }
}

async fn observe(url: &str) -> Result<Database, String> {
    Database::connect(url, Path::new("."), Purpose::Read).await.map_err(words)
}

async fn prove(
    database: &mut Database,
    before: &[TableProof],
    keep: Keep,
    when: Moment,
    console: &dyn Console,
) -> Result<Proofs, DatabaseError> {
    let wanted =
        if before.is_empty() { proof::all(database).await? } else { before.iter().map(Wanted::like).collect() };
    let wanted: Vec<_> = wanted.into_iter().map(|wanted| Wanted { keep, ..wanted }).collect();
    let stage = if when == Moment::Before { "fingerprints before" } else { "fingerprints after" };
    let began = Instant::now();
    let mut report = |reached: proof::Reached<'_>| {
        console.progress(&Progress {
            stage: stage.to_owned(),
            done: reached.done,
            total: Some(reached.total),
            unit: "rows".to_owned(),
            words: reached.table.to_owned(),
            elapsed_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
            ..Progress::default()
        });
    };
    proof::tables(database, &wanted, Depth::Fingerprints, when, &mut report).await
}

#[expect(clippy::needless_pass_by_value, reason = "handed to map_err")]
fn words(error: DatabaseError) -> String {
    error.to_string()
}
