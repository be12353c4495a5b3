//! What logs were like when a step began, so that a check of what was written since can tell whether they only grew.

use super::path_in;
use crate::attempts::files::AttemptFiles;
use crate::checklist::{Check, EnvironmentName, ItemId};
use crate::config::variables::{self, Source};
use crate::deployment::Plan;
use crate::deployment::attempt::AttemptNumber;
use crate::grown::Print;
use crate::input;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A disk that does not answer keeps no step waiting for longer.
const PATIENCE: Duration = Duration::from_secs(2);

/// By the path; none for one that was not there.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Remembered(BTreeMap<PathBuf, Option<Print>>);

/// Notes what the logs are like that checks of the plan ask about since this item. What cannot be noted is not known
/// later, which the check says then.
pub(crate) async fn remember(
    plan: &Plan,
    item: &ItemId,
    environment: &EnvironmentName,
    source: &Source,
    home: &Path,
    files: AttemptFiles,
) {
    let items = plan.checklist().items().filter(|other| {
        let asks = matches!(&other.check, Check::File(file) if file.since.as_ref() == Some(item));
        asks && plan.environment_of(other).is_some_and(|(name, _)| name == environment)
    });
    let paths = items.filter_map(|other| {
        let Check::File(file) = &other.check else { return None };
        let (_, written) = plan.environment_of(other)?;
        let there = variables::resolve(written, other, source).ok()?;
        path_in(home, &there.environment, &variables::expand(&file.path, &there.variables)?)
    });
    let paths: Vec<PathBuf> = paths.collect();
    if paths.is_empty() {
        return;
    }
    let noted = tokio::task::spawn_blocking(move || {
        let prints = paths.into_iter().filter_map(|path| Some((path.clone(), print(&path)?)));
        let remembered = Remembered(prints.collect());
        let Ok(text) = serde_json::to_vec(&remembered) else { return };
        // Without it the check knows no more than the lines' times tell.
        let _ = files.create(&files.logs()).and_then(|mut file| file.write_all(&text));
    });
    let _ = tokio::time::timeout(PATIENCE, noted).await;
}

/// What a file is like; none where that cannot be reported.
#[expect(clippy::option_option, reason = "a file that is not there is known; one that cannot be read is not")]
fn print(path: &Path) -> Option<Option<Print>> {
    match input::open(path, u64::MAX) {
        Ok(file) => Print::of(&file, file.metadata().ok()?.len()).ok().map(Some),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Some(None),
        Err(_) => None,
    }
}

/// What a log was like when an attempt began, where that was noted; none in it where it was not there.
#[expect(clippy::option_option, reason = "a file that was not there is known; one that nobody looked at is not")]
pub(super) fn of(evidence: &Path, attempt: AttemptNumber, path: &Path) -> Option<Option<Print>> {
    let text = input::read(&AttemptFiles::new(evidence, attempt).logs(), input::DOCUMENT).ok()?;
    let Remembered(mut logs) = serde_json::from_slice(&text).ok()?;
    logs.remove(path)
}

/// Whether a file is that log, grown.
pub(super) fn is_in(print: &Print, path: &Path) -> bool {
    input::open(path, u64::MAX).is_ok_and(|file| print.is_of(&file))
}
