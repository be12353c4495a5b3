//! Shows people elsewhere: posts to webhooks, or runs a command. Every try is limited in time and there are few of them;
//! who could not be reported is recorded, and nothing waits for it.

use crate::checklist::{Digest, EnvironmentKind};
use crate::config::variables::{Source, VariablesError};
use crate::deployment::annotation;
use crate::deployment::notice::{self, Notice};
use crate::deployment::{Plan, Record};
use crate::ledger::verify::posted::Posted;
use reqwest::{Client, Url};
use rustix::process::{Pid, Signal};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

/// Addresses that are posted to, separated by white space.
pub(crate) const URLS: &str = "GONOGO_NOTIFY_URLS";
/// A shell command that gets the body on its standard input, and `GONOGO_EVENT` and `GONOGO_TEXT`.
pub(crate) const COMMAND: &str = "GONOGO_NOTIFY_COMMAND";

/// A Grafana server whose annotations the deployment's events become, and the token of a service account that may write
/// them.
pub(crate) const GRAFANA: &str = "GONOGO_GRAFANA_URL";
pub(crate) const GRAFANA_TOKEN: &str = "GONOGO_GRAFANA_TOKEN";

/// How long one try may take.
const LIMIT: Duration = Duration::from_secs(5);
/// How long is waited before each further try.
const PAUSES: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(2)];

/// Who is notified.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Targets {
    urls: Vec<String>,
    command: Option<String>,
    grafana: Option<Grafana>,
}

#[derive(Clone, PartialEq, Eq)]
struct Grafana {
    url: String,
    token: Option<String>,
}

impl std::fmt::Debug for Targets {
    /// Addresses and tokens are secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Targets({}, grafana: {})", self.count(), self.grafana.is_some())
    }
}

/// Somebody who could not be reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unsent {
    pub event: &'static str,
    /// Host of the webhook, or `command`; the rest of a webhook's address is a secret.
    pub target: String,
    pub reason: String,
}

/// The ledger's head at a record, as one line. `ledger` is the sum of the ledger's first record.
pub(crate) fn anchor(ledger: &Digest, record: &Record) -> String {
    Posted { ledger: ledger.clone(), seq: record.seq, sum: record.sum.clone(), at: record.at }.to_string()
}

impl Targets {
    /// As the environment says; a rehearsal's only from `rehearsal.toml` in `home`, so that nobody is woken by one.
    ///
    /// # Errors
    /// When `rehearsal.toml` is there and cannot be read.
    pub(crate) fn of(plan: &Plan, home: &Path) -> Result<Self, VariablesError> {
        let kind = if plan.is_rehearsal() { EnvironmentKind::Rehearsal } else { EnvironmentKind::Real };
        Self::of_kind(kind, home)
    }

    /// Those of an environment of this kind.
    ///
    /// # Errors
    /// When `rehearsal.toml` is there and cannot be read.
    pub(crate) fn of_kind(kind: EnvironmentKind, home: &Path) -> Result<Self, VariablesError> {
        let source = Source::of(kind, home)?;
        let urls = source.get(URLS).unwrap_or_default().split_whitespace().map(ToOwned::to_owned).collect();
        let set = |name: &str| source.get(name).map(str::trim).filter(|value| !value.is_empty()).map(ToOwned::to_owned);
        let grafana = set(GRAFANA).map(|url| Grafana { url, token: set(GRAFANA_TOKEN) });
        Ok(Self { urls, command: source.get(COMMAND).map(ToOwned::to_owned), grafana })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.urls.is_empty() && self.command.is_none() && self.grafana.is_none()
    }

    /// Shows all of them of these records, in order, and gives those who could not be reported. `ledger` is the sum of the
    /// ledger's first record.
    pub(crate) async fn tell(&self, plan: &Plan, ledger: &Digest, records: &[Arc<Record>]) -> Vec<Unsent> {
        let mut unsent = Vec::new();
        for record in records {
            if let Some(notice) = notice::notice(plan, record) {
                let body = notice::body(&notice, record, &anchor(ledger, record)).to_string();
                unsent.extend(self.deliver(&notice, &body).await);
            }
            unsent.extend(self.annotate(plan, record).await);
        }
        unsent
    }

    /// Posts the annotation of a record, where it has one and there is a Grafana.
    pub(crate) async fn annotate(&self, plan: &Plan, record: &Record) -> Option<Unsent> {
        let grafana = self.grafana.as_ref()?;
        let annotation = annotation::annotation(plan, record)?;
        let body = serde_json::to_string(&annotation).ok()?;
        let url = format!("{}/api/annotations", grafana.url.trim_end_matches('/'));
        let (target, reason) = post(&url, GRAFANA, grafana.token.as_deref(), &body).await.err()?;
        Some(Unsent { event: "annotation", target: format!("Grafana at {target}"), reason })
    }

    /// Delivers one notice to all of them, and gives those who could not be reported.
    pub(crate) async fn deliver(&self, notice: &Notice, body: &str) -> Vec<Unsent> {
        let mut unsent = Vec::new();
        for url in &self.urls {
            if let Err((target, reason)) = post(url, URLS, None, body).await {
                unsent.push(Unsent { event: notice.event, target, reason });
            }
        }
        if let Some(command) = &self.command
            && let Err(reason) = run(command, notice, body).await
        {
            unsent.push(Unsent { event: notice.event, target: "command".to_owned(), reason });
        }
        unsent
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.urls.len() + usize::from(self.command.is_some())
    }
}

/// Posts until it is taken, for as many tries as there are, all of them within one limit. Errors name the host only.
async fn post(url: &str, named: &str, token: Option<&str>, body: &str) -> Result<(), (String, String)> {
    let host = Url::parse(url).ok().and_then(|url| url.host_str().map(ToOwned::to_owned));
    let posted = tokio::time::timeout(LIMIT, tries(url, named, token, body)).await;
    let late = || (host.unwrap_or_else(|| "webhook".to_owned()), format!("no answer within {} s", LIMIT.as_secs()));
    posted.unwrap_or_else(|_| Err(late()))
}

async fn tries(url: &str, named: &str, token: Option<&str>, body: &str) -> Result<(), (String, String)> {
    let parsed = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let Some(url) = parsed else {
        return Err(("webhook".to_owned(), format!("{named} holds something that is no http address")));
    };
    let host = url.host_str().unwrap_or("webhook").to_owned();
    // Another part of the program may have installed it already; either way it is there afterwards.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder().timeout(LIMIT).redirect(reqwest::redirect::Policy::none()).build();
    let client = client.map_err(|error| (host.clone(), error.without_url().to_string()))?;
    let mut pauses = PAUSES.iter();
    loop {
        let request = client.post(url.clone()).header("content-type", "application/json").body(body.to_owned());
        let request = match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let reason = match request.send().await {
            Ok(answer) if answer.status().is_success() => return Ok(()),
            Ok(answer) => format!("it answered {}", answer.status()),
            Err(error) if error.is_timeout() => format!("no answer within {} s", LIMIT.as_secs()),
            Err(error) => error.without_url().to_string(),
        };
        match pauses.next() {
            Some(pause) => tokio::time::sleep(*pause).await,
            None => return Err((host, format!("{reason}, after {} tries", PAUSES.len() + 1))),
        }
    }
}

/// Runs the command once: what it does when it is run twice is not known.
async fn run(command: &str, notice: &Notice, body: &str) -> Result<(), String> {
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).env("GONOGO_EVENT", notice.event).env("GONOGO_TEXT", &notice.text);
    shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).process_group(0);
    let mut child = shell.spawn().map_err(|error| format!("it could not be started: {error}"))?;
    let group = child.id().and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?));
    let stdin = child.stdin.take();
    let feed = async {
        // A command that does not read its input has the variables; one that reads waits for the end.
        if let Some(mut stdin) = stdin {
            let _ = stdin.write_all(body.as_bytes()).await;
        }
        std::future::pending().await
    };
    let ended = tokio::time::timeout(LIMIT, async {
        tokio::select! {
            status = child.wait() => status,
            never = feed => never,
        }
    });
    let ended = ended.await;
    if ended.is_err()
        && let Some(group) = group
    {
        // With what it started; a group that is gone is what was wanted.
        let _ = rustix::process::kill_process_group(group, Signal::KILL);
    }
    match ended {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => Err(format!("it ended with {status}")),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("it lasted more than {} s", LIMIT.as_secs())),
    }
}
