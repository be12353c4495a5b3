//! Alerts by real processes: a service breaks, the collector raises once, people acknowledge by the command line, and the
//! collector that follows a killed one goes on with what is open. Notices and Grafana's annotations reach real listeners.

use crate::common;

use common::terminal::GONOGO;
use gonogo::collector::lease::{self, Standing};
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const LEDGER: &str = "watched.ledger.toml";

/// Long enough for a loaded machine; nothing waits for it when things go well.
const SOON: Duration = Duration::from_mins(1);

/// A request as a listener took it: its first line and headers, and its body.
#[derive(Debug, Clone)]
struct Taken {
    head: String,
    body: String,
}

/// Answers every request, with 500 while it is broken, and keeps what it was sent.
struct Listener {
    url: String,
    broken: Arc<AtomicBool>,
    taken: Arc<Mutex<Vec<Taken>>>,
}

impl Listener {
    fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (broken, taken) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
        let (sick, kept) = (Arc::clone(&broken), Arc::clone(&taken));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let (sick, kept) = (Arc::clone(&sick), Arc::clone(&kept));
                std::thread::spawn(move || {
                    let mut reader = BufReader::new(stream.try_clone().unwrap());
                    loop {
                        let (mut head, mut length) = (String::new(), 0);
                        loop {
                            let mut line = String::new();
                            match reader.read_line(&mut line) {
                                Ok(0) | Err(_) => return,
                                Ok(_) if line.trim().is_empty() => break,
                                Ok(_) => {}
                            }
                            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                                length = value.trim().parse().unwrap();
                            }
                            head.push_str(&line);
                        }
                        let mut body = vec![0; length];
                        if reader.read_exact(&mut body).is_err() {
                            return;
                        }
                        let body = String::from_utf8(body).unwrap();
                        kept.lock().unwrap().push(Taken { head, body });
                        let status = if sick.load(Ordering::Relaxed) { "500 Broken" } else { "200 OK" };
                        if write!(stream, "HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").is_err() {
                            return;
                        }
                    }
                });
            }
        });
        Self { url, broken, taken }
    }

    fn breaks(&self, broken: bool) {
        self.broken.store(broken, Ordering::Relaxed);
    }

    fn taken(&self) -> Vec<Taken> {
        self.taken.lock().unwrap().clone()
    }
}

struct Watched {
    folder: tempfile::TempDir,
}

impl Watched {
    /// An opened ledger with one metric: the status of a service, looked at ten times a second.
    fn open(service: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let checklist = format!(
            r#"format = 1
id = "watched"
title = "A watched deployment"

[[slot]]
id = "target"
title = "What is deployed"

[environments.here]
slot = "target"
url = "{service}"

[[phase]]
id = "one"
title = "Phase one"
slot = "target"
[[phase.section]]
id = "look"
title = "Look at it"
[[phase.section.item]]
id = "first"
title = "The first line"

[[pane]]
id = "front"
title = "GET / status"
slot = "target"
source = {{ kind = "http", path = "/", number = "status" }}
unit = "status"
every = "100ms"
target = {{ below = 400 }}
raise_after = 3
clear_after = 3
"#
        );
        std::fs::write(folder.path().join("watched.toml"), checklist).unwrap();
        let watched = Self { folder };
        let opened = watched.gonogo(&["open", "watched.toml", "--no-screen"]);
        assert!(opened.status.success(), "{opened:?}");
        watched
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(GONOGO);
        command.args(arguments).current_dir(self.path()).env("XDG_STATE_HOME", self.path().join(".state"));
        command.env("NO_PROXY", "*");
        command
    }

    fn gonogo(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn collect(&self, variables: &[(&str, &str)]) -> Collecting {
        let mut command = self.command(&["collect", LEDGER]);
        let child = command.envs(variables.iter().copied()).stdout(Stdio::null()).spawn().unwrap();
        Collecting(child)
    }

    fn ledger(&self) -> String {
        std::fs::read_to_string(self.path().join(LEDGER)).unwrap()
    }

    /// How many records there are of each kind of alert: raised, changed, acknowledged, cleared.
    fn records(&self) -> [usize; 4] {
        let text = self.ledger();
        ["alert-raised", "alert-changed", "alert-acknowledged", "alert-cleared"]
            .map(|kind| text.matches(&format!("kind = \"{kind}\"")).count())
    }

    fn alerts(&self) -> Value {
        let printed = self.gonogo(&["alerts", LEDGER, "--json"]);
        serde_json::from_slice(&printed.stdout).unwrap()
    }

    fn until_records(&self, wanted: [usize; 4]) {
        until(&format!("{wanted:?}"), || (self.records() == wanted).then_some(()));
    }
}

struct Collecting(Child);

impl Collecting {
    fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    fn stop(mut self) {
        let pid = rustix::process::Pid::from_raw(self.0.id().cast_signed()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        assert_eq!(self.0.wait().unwrap().code(), Some(0));
    }
}

impl Drop for Collecting {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn until<T>(what: &str, look: impl Fn() -> Option<T>) -> T {
    let deadline = Instant::now() + SOON;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "{what} did not come in time");
        std::thread::park_timeout(Duration::from_millis(50));
    }
}

/// Well for so many samples of the collector: then it knows that the metric was well.
fn until_sampled(service: &Listener, samples: usize) {
    let before = service.taken().len();
    until("samples", || (service.taken().len() >= before + samples).then_some(()));
}

#[test]
fn a_service_that_breaks_raises_once_is_acknowledged_and_clears_also_across_a_kill() {
    let (service, webhook, grafana) = (Listener::start(), Listener::start(), Listener::start());
    let watched = Watched::open(&service.url);
    let hook = format!("{}/secret-path", webhook.url);
    let variables = [
        ("GONOGO_NOTIFY_URLS", hook.as_str()),
        ("GONOGO_GRAFANA_URL", grafana.url.as_str()),
        ("GONOGO_GRAFANA_TOKEN", "glsa_verysecret"),
    ];
    let collector = watched.collect(&variables);
    until_sampled(&service, 10);
    service.breaks(true);
    watched.until_records([1, 0, 0, 0]);
    until_sampled(&service, 30);
    assert_eq!(watched.records(), [1, 0, 0, 0], "one record a change");

    let document = watched.alerts();
    assert_eq!(document["format"], 1);
    assert_eq!(document["asking"], 1);
    let alert = &document["alerts"][0];
    assert_eq!((&alert["number"], &alert["state"], &alert["metric"]), (&1.into(), &"open".into(), &"front".into()));
    assert_eq!(
        (&alert["verdict"], &alert["value"], &alert["target"]),
        (&"over-target".into(), &500.0.into(), &"< 400 status".into())
    );
    let status = watched.gonogo(&["alerts", LEDGER]);
    assert_eq!(status.status.code(), Some(1), "an alert asks for somebody");

    // Reported once, with what to press.
    let reported = until("the notice", || webhook.taken().first().cloned());
    let body: Value = serde_json::from_str(&reported.body).unwrap();
    let text = body["text"].as_str().unwrap();
    assert!(text.starts_with("A watched deployment: ALERT 1 GET / status (here): over target, 500 status"), "{text}");
    assert!(text.contains("press 7, then K") && text.contains("gonogo ack LEDGER 1"), "{text}");
    assert_eq!(body["metadata"]["event_payload"]["alert"]["metric"], "front");

    // Annotated, as Grafana takes it.
    let posted = until("the annotation", || grafana.taken().first().cloned());
    assert!(posted.head.starts_with("POST /api/annotations HTTP/1.1"), "{}", posted.head);
    assert!(posted.head.to_lowercase().contains("authorization: bearer glsa_verysecret"), "{}", posted.head);
    let annotation: Value = serde_json::from_str(&posted.body).unwrap();
    let now = chrono::Utc::now().timestamp_millis();
    let (time, end) = (annotation["time"].as_i64().unwrap(), annotation["timeEnd"].as_i64().unwrap());
    assert!(time <= end && (now - 120_000..=now).contains(&end), "milliseconds: {annotation}");
    assert_eq!(annotation["tags"], serde_json::json!(["gonogo", "alert", "here", "front"]));
    assert!(annotation["text"].as_str().unwrap().contains("alert 1 over target"), "{annotation}");

    // A killed collector, and the next: the alert goes on and is not raised again.
    collector.kill();
    until("the lock", || (lease::look(&watched.path().join("watched.ledger.d")) == Standing::Free).then_some(()));
    let ack = watched.gonogo(&["ack", LEDGER, "front", "--note", "restarting it", "--name", "Nina"]);
    let said = String::from_utf8_lossy(&ack.stdout).into_owned() + &String::from_utf8_lossy(&ack.stderr);
    assert_eq!(said, "alert 1 (GET / status) is acknowledged\n");
    let next = watched.collect(&variables);
    until_sampled(&service, 20);
    assert_eq!(watched.records(), [1, 0, 1, 0]);
    service.breaks(false);
    watched.until_records([1, 0, 1, 1]);
    let alert = watched.alerts()["alerts"][0].clone();
    assert_eq!(
        (&alert["state"], &alert["acknowledged_by"], &alert["note"]),
        (&"cleared".into(), &"Nina".into(), &"restarting it".into())
    );

    // The second time in five minutes it is recorded and not reported.
    service.breaks(true);
    watched.until_records([2, 0, 1, 1]);
    next.stop();
    let raised = webhook.taken().iter().filter(|taken| taken.body.contains("alert-raised")).count();
    assert_eq!(raised, 1, "at most one a metric in five minutes");
    assert!(!watched.ledger().contains("glsa_verysecret") && !watched.ledger().contains("secret-path"));
}

#[test]
fn alerts_are_acknowledged_and_silenced_from_the_command_line() {
    let service = Listener::start();
    let watched = Watched::open(&service.url);
    let say = |arguments: &[&str]| {
        let output = watched.gonogo(arguments);
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (output.status.code().unwrap(), text)
    };
    assert_eq!(say(&["alerts", LEDGER]), (0, "No alerts.\n".to_owned()));
    let (status, said) = say(&["ack", LEDGER, "7"]);
    assert_eq!(
        (status, said.lines().next()),
        (2, Some("error: no alert 7 in this ledger; `gonogo alerts LEDGER` lists them"))
    );
    let (status, said) = say(&["ack", LEDGER, "front"]);
    assert_eq!(
        (status, said.lines().next()),
        (4, Some("error: no open alert of GET / status; nothing to acknowledge"))
    );
    let (status, said) = say(&["ack", LEDGER, "nope"]);
    assert_eq!((status, said.contains("give its number, or the id of a metric (front)")), (2, true), "{said}");

    let (status, said) = say(&["silence", LEDGER, "front", "--for", "2h", "--note", "index rebuild"]);
    assert_eq!(status, 0, "{said}");
    assert!(said.ends_with(" UTC: GET / status; alerts are still recorded\n"), "{said}");
    let (status, said) = say(&["silence", LEDGER, "front", "--for", "8d", "--note", "x"]);
    assert_eq!((status, said.contains("7 days at most")), (2, true), "{said}");
    let (status, said) = say(&["silence", LEDGER, "front", "--for", "2h"]);
    assert_eq!((status, said.contains("--note")), (2, true), "{said}");
    let (_, listed) = say(&["alerts", LEDGER]);
    assert!(listed.contains("Silences (1)") && listed.contains("index rebuild"), "{listed}");
    assert_eq!(say(&["silence", LEDGER, "front", "--end"]), (0, "silence ended: GET / status\n".to_owned()));
    let (status, said) = say(&["silence", LEDGER, "front", "--end"]);
    assert_eq!(
        (status, said.lines().next()),
        (4, Some("error: GET / status is not silenced, so there is nothing to end"))
    );
}

#[test]
fn the_deployment_is_annotated_by_whoever_records_it() {
    let (service, grafana) = (Listener::start(), Listener::start());
    let watched = Watched::open(&service.url);
    let post = |arguments: &[&str], url: &str| {
        let mut command = watched.command(arguments);
        command.env("GONOGO_GRAFANA_URL", url).env("GONOGO_GRAFANA_TOKEN", "glsa_verysecret");
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    post(&["window", LEDGER, "--start", "T-10m"], &grafana.url);
    post(&["hold", LEDGER, "--reason", "replication lags"], &format!("{}/", grafana.url));
    let bodies: Vec<Value> = grafana.taken().iter().map(|taken| serde_json::from_str(&taken.body).unwrap()).collect();
    let tags: Vec<&Value> = bodies.iter().map(|body| &body["tags"]).collect();
    assert_eq!(tags, [&serde_json::json!(["gonogo", "start"]), &serde_json::json!(["gonogo", "hold"])]);
    assert!(bodies[1]["text"].as_str().unwrap().ends_with(": replication lags"), "{}", bodies[1]);
    assert!(grafana.taken()[1].head.starts_with("POST /api/annotations "), "one slash");

    // A Grafana that is gone holds nothing up, and is reported without its token.
    let gone = format!("http://{}", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let said = post(&["resume", LEDGER], &gone);
    assert!(said.contains("Grafana at 127.0.0.1 could not be notified"), "{said}");
    let ledger = watched.ledger();
    assert!(ledger.contains("event = \"annotation\"") && !ledger.contains("glsa_verysecret"), "{ledger}");
}
