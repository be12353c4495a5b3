//! `gonogo report` and `gonogo review`: a deployment as a document.

pub(crate) mod attest;
mod serve;

use super::verify::files;
use super::window::roles_named;
use super::{Failure, import};
use crate::attempts::files::AttemptFiles;
use crate::attempts::sanitize::{Piece, Sanitizer};
use crate::checklist::pane::Source as PaneSource;
use crate::checklist::{EnvironmentName, PaneId};
use crate::cli::reported::{self, Format};
use crate::deployment::attempt::AttemptNumber;
use crate::harmless;
use crate::ledger::Ledger;
use crate::metrics::series::{Gap, Point};
use crate::metrics::store::{Store, StoreError};
use crate::report::{Excerpt, Report, Source};
use chrono::Utc;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write};
use std::path::Path;

/// Of one output so many bytes are quoted of its beginning, and as many of its end.
const QUOTED: u64 = 8 << 10;
/// Of all outputs together.
const QUOTED_IN_ALL: u64 = 2 << 20;
/// So many bytes of outputs are compared with their digests before they are quoted.
const COMPARED_IN_ALL: u64 = 128 << 20;
/// The longest output that is looked into.
const LONGEST: u64 = 1 << 40;
/// The latest samples of a metric that are looked at.
const SAMPLES: u32 = 50_000;
/// Averages looked at of the time before them.
const COLUMNS: usize = 1_000;

/// Writes the report.
///
/// # Errors
/// When the ledger cannot be read, or the file not be written.
pub(crate) async fn report(asked: &reported::Report, out: &mut dyn Write) -> Result<u8, Failure> {
    if let Some(address) = asked.serve {
        return serve::serve(&asked.ledger, address, out).await;
    }
    let format = format(asked)?;
    if asked.key.is_some() && format != Format::InToto {
        return Err(Failure::usage("--key signs an attestation; give --format in-toto too"));
    }
    let ledger = Ledger::open(&asked.ledger)?;
    let report = read(&ledger).await;
    let text = match format {
        Format::InToto => return attested(asked, &ledger, out),
        Format::Html => report.html().map_err(io::Error::other)?,
        Format::Md => report.markdown().map_err(io::Error::other)?,
        Format::Json => report.json().map_err(io::Error::from)?,
    };
    let text = harmless::text(&text);
    match &asked.output {
        None => out.write_all(text.as_bytes())?,
        Some(path) => {
            guard(path, &ledger)?;
            import::write_new(path, text.as_bytes(), asked.force)?;
            writeln!(out, "{}", report.outcome.headline)?;
            writeln!(out, "Wrote {}, {} kB", path.display(), text.len().div_ceil(1_000))?;
        }
    }
    Ok(0)
}

/// Writes the attestation.
fn attested(asked: &reported::Report, ledger: &Ledger, out: &mut dyn Write) -> Result<u8, Failure> {
    if let Some(path) = &asked.output {
        guard(path, ledger)?;
    }
    let (text, who) = attest::attest(ledger, asked.key.as_deref())?;
    match &asked.output {
        None => out.write_all(text.as_bytes())?,
        Some(path) => {
            import::write_new(path, text.as_bytes(), asked.force)?;
            writeln!(out, "Wrote {}, signed by {who}", path.display())?;
        }
    }
    Ok(0)
}

/// Writes what a reviewer looks at before signing.
pub(crate) fn review(asked: &reported::Review, out: &mut dyn Write) -> Result<u8, Failure> {
    let ledger = Ledger::open(&asked.ledger)?;
    let phases = match &asked.role {
        None => None,
        Some(role) => match roles_named(ledger.plan(), role).as_slice() {
            [] => {
                let text = format!("the checklist has no sign-off `{role}`; `gonogo sign LEDGER` lists the roles");
                return Err(Failure::usage(text));
            }
            found => {
                Some(found.iter().flat_map(|(group, _)| &group.phases).map(ToString::to_string).collect::<Vec<_>>())
            }
        },
    };
    if asked.json {
        return review_json(&ledger, asked.role.as_deref(), phases.as_deref(), out);
    }
    write!(out, "{}", shown(&ledger, phases.as_deref()))?;
    Ok(0)
}

/// The same for programs: format 1, with phases, targets and sign-offs as `report --format json` has them.
fn review_json(
    ledger: &Ledger,
    role: Option<&str>,
    phases: Option<&[String]>,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let report = Report::of(&source(ledger));
    let covers = |phase: &str| phases.is_none_or(|phases| phases.iter().any(|covered| covered == phase));
    let covered: Vec<_> = report.phases.iter().filter(|phase| covers(&phase.id)).collect();
    let measured: Vec<_> = report.measured.iter().filter(|held| covers(&held.phase)).collect();
    let document = serde_json::json!({
        "format": 1, "title": report.title, "role": role, "phases": covered, "measured": measured,
        "criteria": report.criteria, "signoffs": report.signoffs,
    });
    Ok(writeln!(out, "{document:#}").map(|()| 0)?)
}

/// What a reviewer looks at, without outputs and samples.
pub(crate) fn shown(ledger: &Ledger, phases: Option<&[String]>) -> String {
    Report::of(&source(ledger)).review(phases)
}

fn format(asked: &reported::Report) -> Result<Format, Failure> {
    if let Some(format) = asked.format {
        return Ok(format);
    }
    let Some(path) = &asked.output else { return Ok(Format::Md) };
    if path.to_string_lossy().ends_with(".intoto.json") {
        return Ok(Format::InToto);
    }
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    match ending.as_deref() {
        Some("html" | "htm") => Ok(Format::Html),
        Some("md" | "markdown") => Ok(Format::Md),
        Some("json") => Ok(Format::Json),
        _ => Err(Failure::usage(format!(
            "{} has no ending that shows its form; name it .html, .md or .json, or give --format",
            path.display()
        ))),
    }
}

/// Nothing is ever written over the ledger or what lies in its folder.
pub(super) fn guard(path: &Path, ledger: &Ledger) -> Result<(), Failure> {
    let whole = |path: &Path| path.canonicalize().ok();
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let same = whole(path).is_some_and(|own| whole(ledger.path()).is_some_and(|other| own == other));
    let inside = whole(parent).is_some_and(|own| whole(ledger.evidence()).is_some_and(|other| own.starts_with(other)));
    if same || inside {
        let text = format!("not written: {} belongs to the ledger; name another file", path.display());
        return Err(Failure::usage(text));
    }
    Ok(())
}

/// The report of a ledger as it is now now.
pub(crate) async fn read(ledger: &Ledger) -> Report {
    let mut source = source(ledger);
    read_outputs(ledger, &mut source);
    read_samples(ledger, &mut source).await;
    Report::of(&source)
}

fn source(ledger: &Ledger) -> Source<'_> {
    let name = ledger.path().file_name().map(|name| name.to_string_lossy().into_owned());
    let mut troubles = Vec::new();
    if ledger.incomplete_bytes() > 0 {
        troubles.push(format!(
            "the ledger ends with {} bytes that are no whole record; `gonogo verify` shows which",
            ledger.incomplete_bytes()
        ));
    }
    Source {
        plan: ledger.plan(),
        state: ledger.state(),
        records: ledger.records(),
        ledger: name.unwrap_or_default(),
        now: Utc::now(),
        outputs: BTreeMap::new(),
        samples: BTreeMap::new(),
        probed: BTreeMap::new(),
        troubles,
    }
}

fn read_outputs(ledger: &Ledger, source: &mut Source<'_>) {
    let mut left = QUOTED_IN_ALL;
    let mut compared = COMPARED_IN_ALL;
    let (mut spoiled, mut first, mut unquoted, mut uncompared) = (0_usize, None, 0_usize, 0_usize);
    // The latest first: where not everything is quoted, it is the oldest that is not.
    for attempt in ledger.state().attempts.iter().rev() {
        let Some(output) = attempt.outcome().and_then(|outcome| outcome.output.as_ref()) else { continue };
        if left < output.bytes.min(QUOTED * 2) {
            unquoted += 1;
            continue;
        }
        let path = AttemptFiles::new(ledger.evidence(), attempt.number).log();
        if output.bytes > compared {
            uncompared += 1;
        } else {
            compared -= output.bytes;
            if let Some(why) = files::wrong(&path, output) {
                spoiled += 1;
                first.get_or_insert_with(|| format!("{}: it {why}", output.file));
                continue;
            }
        }
        match excerpt(&path) {
            Ok(excerpt) => {
                left = left.saturating_sub(excerpt.text.len() as u64);
                source.outputs.insert(attempt.number, excerpt);
            }
            Err(error) => {
                spoiled += 1;
                first.get_or_insert_with(|| format!("{}: {error}", output.file));
            }
        }
    }
    if unquoted > 0 {
        source.troubles.push(format!(
            "the outputs of {unquoted} older attempts are not quoted, because {} MB are quoted already; they are in the ledger's folder",
            QUOTED_IN_ALL >> 20
        ));
    }
    if let Some(first) = first {
        source
            .troubles
            .push(format!("the outputs of {spoiled} attempts are gone or altered, and not quoted ({first})"));
    }
    if uncompared > 0 {
        source.troubles.push(format!(
            "the outputs of {uncompared} attempts are long and were not compared with their digests; `gonogo verify` does"
        ));
    }
}

/// What an attempt wrote, for whoever reviews it: its beginning and its end, where it is what was recorded.
pub(super) fn output(ledger: &Ledger, number: AttemptNumber) -> String {
    let Some(attempt) = ledger.state().attempt(number) else { return format!("there is no attempt {number}\n") };
    let outcome = attempt.outcome();
    let Some(output) = outcome.and_then(|outcome| outcome.output.as_ref()) else {
        return format!("attempt {number} has no output\n");
    };
    let path = AttemptFiles::new(ledger.evidence(), number).log();
    if let Some(why) = files::wrong(&path, output) {
        return format!("the output of attempt {number} {why}\n");
    }
    match excerpt(&path) {
        Ok(Excerpt { text, .. }) => format!("attempt {number}, {}:\n{}\n", attempt.item, text.trim_end()),
        Err(error) => format!("the output of attempt {number} cannot be read: {error}\n"),
    }
}

/// The beginning and the end of an output, as text.
fn excerpt(path: &Path) -> io::Result<Excerpt> {
    let mut file = crate::input::open(path, LONGEST)?;
    let length = file.metadata()?.len();
    let mut bytes = Vec::new();
    if length <= QUOTED * 2 {
        file.take(QUOTED * 2).read_to_end(&mut bytes)?;
        return Ok(Excerpt { text: plain(&bytes), left_out: 0 });
    }
    (&mut file).take(QUOTED).read_to_end(&mut bytes)?;
    let mut text = plain(&bytes);
    let left_out = length - QUOTED * 2;
    let _ = write!(text, "\n… {left_out} bytes left out …\n");
    file.seek(SeekFrom::End(-i64::try_from(QUOTED).unwrap_or(0)))?;
    bytes.clear();
    file.take(QUOTED).read_to_end(&mut bytes)?;
    text.push_str(&plain(&bytes));
    Ok(Excerpt { text, left_out })
}

/// Output as it reads: without colours, and of a line that was written over, what it came to.
fn plain(bytes: &[u8]) -> String {
    let mut text = String::new();
    let mut sanitizer = Sanitizer::default();
    let mut fresh_line = false;
    sanitizer.feed(bytes, &mut |piece| {
        let Piece::Text(piece) = piece else { return };
        for character in piece.chars() {
            match character {
                '\r' => {
                    fresh_line = true;
                    continue;
                }
                '\n' => {}
                '\u{8}' => {
                    if !text.ends_with('\n') {
                        text.pop();
                    }
                    continue;
                }
                _ if fresh_line => {
                    let line = text.rfind('\n').map_or(0, |end| end + 1);
                    text.truncate(line);
                }
                _ => {}
            }
            fresh_line = false;
            text.push(character);
        }
    });
    text
}

/// Samples are kept one by one for a day; before the first of them there are averages of some minutes, as far back as the
/// ledger goes.
async fn earlier(
    store: &Store,
    ledger: &Ledger,
    environment: &EnvironmentName,
    pane: &PaneId,
    points: Vec<Point>,
) -> Result<Vec<Point>, StoreError> {
    let opened = ledger.state().opened.as_ref().map(|(stamp, _)| stamp.at.timestamp_millis());
    let Some((from, first)) = opened.zip(points.first().map(|point| point.at_ms)).filter(|(from, first)| from < first)
    else {
        return Ok(points);
    };
    let buckets = store.buckets(environment, pane, from..first, COLUMNS).await?;
    let mut all: Vec<Point> = buckets
        .into_iter()
        .filter(|bucket| bucket.start_ms < first && bucket.start_ms + bucket.width_ms <= first)
        .filter_map(|bucket| {
            let value = match (bucket.average(), bucket.gap) {
                (Some(average), _) => Ok(average),
                (None, Some(reason)) => Err(Gap::new(reason)),
                (None, None) => return None,
            };
            Some(Point { at_ms: bucket.start_ms, value })
        })
        .collect();
    all.extend(points);
    Ok(all)
}

async fn read_samples(ledger: &Ledger, source: &mut Source<'_>) {
    let plan = ledger.plan();
    let panes = &plan.checklist().panes;
    if panes.is_empty() {
        return;
    }
    let store = match Store::look(ledger.evidence()).await {
        Ok(None) => return,
        Ok(Some(store)) => store,
        Err(error) => {
            source.troubles.push(error.to_string());
            return;
        }
    };
    for pane in panes {
        let Some((environment, _)) = plan.environment_in(&pane.slot) else { continue };
        let key: (EnvironmentName, PaneId) = (environment.clone(), pane.id.clone());
        let points = match store.last(environment, &pane.id, SAMPLES).await {
            Ok(points) => earlier(&store, ledger, environment, &pane.id, points).await,
            Err(error) => Err(error),
        };
        if let PaneSource::Availability { .. } = &pane.source
            && let Ok(mut watched) = store.watched(pane, environment, source.now.timestamp_millis()).await
        {
            let seen = watched.assess(plan, ledger.state(), source.now);
            source.probed.insert(pane.id.clone(), (watched, seen));
        }
        match points {
            Ok(points) if points.is_empty() => {}
            Ok(points) => _ = source.samples.insert(key, points),
            Err(error) => {
                source.troubles.push(error.to_string());
                break;
            }
        }
    }
    store.close().await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_reads_as_a_terminal_showed_it_last() {
        assert_eq!(plain(b"\x1b[31mred\x1b[0m\r\nnext\n"), "red\nnext\n");
        assert_eq!(plain(b"10 %\r20 %\r100 %\ndone"), "100 %\ndone");
        assert_eq!(plain(b"abc\x08\x08xy\n"), "axy\n");
    }
}
