//! A load test of the environment's service: one request looked at first, then many by the generator.

use super::account::{Account, Trouble};
use super::http::{Prepared, answer};
use crate::attempts::{Assignment, Console};
use crate::checklist::check::Load;
use crate::checklist::environment::Protection;
use crate::config::variables;
use crate::deployment::attempt::{End, Outcome};
use crate::deployment::measurement::{Measurement, Verdict};
use crate::deployment::progress::Progress;
use crate::load::{self, Inspect, Pace, Plan, Report, Sample, address};
use crate::metrics::probe::{Answer, Authority, LIMIT, Request};
use reqwest::Url;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// No answer held records that could be counted.
const UNCOUNTED: u64 = 0;

/// Carries out a load check. What there was when it was stopped is reported, and nothing passes by it.
pub async fn carry_out(assignment: &Assignment, load: &Load, console: &dyn Console) -> Outcome {
    let mut account = Account::open();
    let worked = test(assignment, load, console, &mut account).await;
    account.conclude(&assignment.item.targets, worked)
}

async fn test(
    assignment: &Assignment,
    load: &Load,
    console: &dyn Console,
    account: &mut Account,
) -> Result<(), Trouble> {
    let prepared = Prepared::of(assignment, &load.http).map_err(Trouble::NotStarted)?;
    refuse_protected(assignment, &prepared.request.url).await?;
    let fewest = Arc::new(AtomicU64::new(u64::MAX));
    let plan = tokio::select! {
        plan = plan(load, &prepared, &fewest) => plan?,
        end = assignment.stopped() => return Err(Trouble::Stopped(end)),
    };
    console.line(&format!("{}, {}, {} connections", plan.sample, plan.pace, plan.connections));
    let (report, end) = attend(assignment, plan, console).await?;
    for line in report.lines() {
        console.line(&line);
    }
    conclude(assignment, load, account, &report, fewest.load(Ordering::Relaxed));
    match end {
        None => Ok(()),
        Some(End::TimedOut) => {
            account.find(Verdict::Fail, "not done within the item's timeout");
            Err(Trouble::Stopped(End::TimedOut))
        }
        Some(end) => Err(Trouble::Stopped(end)),
    }
}

/// Sends one request as an http check does, and makes of it the plan for the many.
async fn plan(load: &Load, prepared: &Prepared, fewest: &Arc<AtomicU64>) -> Result<Plan, Trouble> {
    let Prepared { request, expected, probe, session, .. } = prepared;
    let first = session.send(probe, request.clone()).await;
    expected.check(&first).map_err(|why| Trouble::Wrong(format!("no load test: the first request {why}")))?;
    let proof = session.header(probe).await.map_err(|failure| Trouble::Open(failure.reason))?;
    let Request { method, url, body, mut headers, .. } = request.clone();
    if let Some((name, value)) = proof.filter(|(name, _)| !headers.contains_key(name)) {
        headers.insert(name, value);
    }
    let http = &load.http;
    let inspect: Option<Inspect> = http.distinguishes_answers().then(|| {
        let (expected, fewest, counts) = (Arc::clone(expected), Arc::clone(fewest), http.at_least_records.is_some());
        let look: Inspect = Arc::new(move |status, headers, body| {
            let answer = Answer { status, headers: headers.clone(), body: body.to_vec(), took: Duration::ZERO };
            if counts {
                fewest.fetch_min(answer::records(body).unwrap_or(UNCOUNTED), Ordering::Relaxed);
            }
            expected.check(&Ok(answer))
        });
        look
    });
    let pace = match (load.rate, load.duration) {
        (Some(rate), Some(time)) => Pace::Open { rate, lasts: time.duration() },
        _ => Pace::Closed { requests: http.requests.into() },
    };
    let body = body.unwrap_or_default().into();
    let tls = prepared.authority.as_ref().map(Authority::client);
    let sample = Sample { method, url, headers, body, expected: http.status.clone(), inspect, tls };
    Ok(Plan { sample, pace, connections: http.concurrency, warmup: http.warmup, timeout: LIMIT })
}

/// Waits for the end, shows how far it is, and ends it early when the attempt must end.
async fn attend(assignment: &Assignment, plan: Plan, console: &dyn Console) -> Result<(Report, Option<End>), Trouble> {
    let began = Instant::now();
    let mut running = load::start(plan).map_err(|why| Trouble::NotStarted(why.to_string()))?;
    let mut progress = running.progress.clone();
    let mut end = None;
    loop {
        tokio::select! {
            changed = progress.changed() => {
                if changed.is_err() {
                    let report = running.finished().await.map_err(|why| Trouble::Open(why.to_string()))?;
                    return Ok((report, end));
                }
                let reported = progress.borrow_and_update();
                console.progress(&Progress {
                    stage: if reported.warming_up { "warm-up" } else { "requests" }.to_owned(),
                    done: reported.done,
                    total: Some(reported.total),
                    unit: "requests".to_owned(),
                    words: if reported.errors > 0 { format!("{} errors", reported.errors) } else { String::new() },
                    elapsed_ms: millis(began.elapsed()),
                    stage_began_ms: millis(began.elapsed().saturating_sub(reported.elapsed)),
                    ..Progress::default()
                });
            }
            stopped = assignment.stopped(), if end.is_none() => {
                end = Some(stopped);
                running.stop();
            }
        }
    }
}

fn conclude(assignment: &Assignment, load: &Load, account: &mut Account, report: &Report, fewest: u64) {
    let speaks_of_errors = assignment.item.targets.iter().any(|target| target.measure == "errors");
    // With a target for errors, that target says how many are too many.
    let verdict = if report.tally.failed() > 0 && !speaks_of_errors { Verdict::Fail } else { Verdict::Pass };
    account.find(verdict, report.summary());
    for caveat in report.caveats() {
        account.find(Verdict::Pass, caveat);
    }
    account.measured = report.measures();
    let Some(least) = load.http.at_least_records.map(u64::from) else { return };
    let records = (fewest != u64::MAX).then_some(fewest);
    if records.is_none_or(|records| records < least) {
        // Quick work on next to nothing proves nothing, so those numbers are reported and not kept.
        account.measured.retain(|measured| measured.name == "errors");
        let found = records.map_or_else(|| "no answer".to_owned(), |records| format!("{records} records in an answer"));
        account
            .find(Verdict::Inconclusive, format!("{found}, and at least {least} are needed for the figures to count"));
    }
    account.measured.extend(records.map(|records| Measurement::new("records", records as f64, "records")));
}

/// Refuses a service that is a protected environment's under another name: what asks for no name here would strain
/// production.
async fn refuse_protected(assignment: &Assignment, url: &Url) -> Result<(), Trouble> {
    if assignment.environment.protection == Protection::Protected {
        return Ok(());
    }
    let all = &assignment.plan.checklist().environments;
    for (name, environment) in all.iter().filter(|(_, other)| other.protection == Protection::Protected) {
        let Ok(its) = variables::known_in(environment, &assignment.home) else { continue };
        let Some(its) = its.environment.url.and_then(|its| Url::parse(&its).ok()) else { continue };
        if address::same(url, &its).await {
            let ours = &assignment.environment_name;
            return Err(Trouble::NotStarted(format!(
                "not started: {ours} has the address of {name}, which is protected; correct the url of {ours}"
            )));
        }
    }
    Ok(())
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
