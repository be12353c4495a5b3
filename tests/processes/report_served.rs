//! `gonogo report --serve`: who may read, what they get, and that nobody is kept from it.

use crate::common::small;
use assert_cmd::cargo::cargo_bin;
use serde_json::Value;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

const ITEMS: &str = r#"[[phase.section.item]]
id = "first"
title = "The first <line>"
"#;

fn fine(folder: &Path, arguments: &[&str]) {
    let output = Command::new(cargo_bin("gonogo")).current_dir(folder).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A server with its ledger, ended when dropped.
struct Served {
    folder: TempDir,
    server: Child,
    host: String,
    token: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Served {
    fn start() -> Self {
        let folder = small::folder(ITEMS);
        fine(folder.path(), &["open", "--no-screen", "small.toml"]);
        let mut server = Command::new(cargo_bin("gonogo"));
        server.args(["report", "small.ledger.toml", "--serve", "127.0.0.1:0"]).current_dir(folder.path());
        let mut server = server.stdout(Stdio::piped()).spawn().unwrap();
        let mut said = BufReader::new(server.stdout.take().unwrap());
        let mut address = String::new();
        said.read_line(&mut address).unwrap();
        let (host, token) = address.trim().strip_prefix("http://").unwrap().split_once('/').unwrap();
        let (host, token) = (host.to_owned(), token.trim_end_matches('/').to_owned());
        assert!(host.starts_with("127.0.0.1:") && token.len() >= 32, "{address}");
        // Its output is read on, so that it goes on.
        std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        Self { folder, server, host, token }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.host).unwrap();
        stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
        stream
    }

    /// The head of the answer and its body.
    fn ask(&self, method: &str, path: &str) -> (String, String) {
        let mut stream = self.connect();
        write!(stream, "{method} {path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.host).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{method} {path}: {answer}"));
        (head.to_lowercase(), body.to_owned())
    }

    fn own(&self, rest: &str) -> String {
        format!("/{}/{rest}", self.token)
    }

    fn events(&self) -> BufReader<TcpStream> {
        let mut stream = self.connect();
        write!(stream, "GET {} HTTP/1.1\r\nHost: {}\r\n\r\n", self.own("events"), self.host).unwrap();
        BufReader::new(stream)
    }
}

/// The next event that is as wanted.
fn next(events: &mut BufReader<TcpStream>, wanted: impl Fn(&Value) -> bool) -> Value {
    loop {
        let mut line = String::new();
        assert!(events.read_line(&mut line).unwrap() > 0, "the events ended");
        let Some(data) = line.trim().strip_prefix("data: ") else { continue };
        let reported: Value = serde_json::from_str(data).unwrap();
        if wanted(&reported) {
            return reported;
        }
    }
}

#[test]
fn only_who_has_the_address_reads_and_nobody_writes() {
    let served = Served::start();
    let files = |folder: &Path| -> Vec<_> {
        let mut all: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        all.sort();
        all.into_iter().map(|path| (path.clone(), fs::read(path).unwrap_or_default())).collect()
    };
    let ledger = served.folder.path().join("small.ledger.d");
    let before = (files(served.folder.path()), files(&ledger));
    let (head, body) = served.ask("GET", &served.own(""));
    assert!(head.starts_with("http/1.1 200") && body.contains("The first &#60;line&#62;"), "{head}\n{body}");
    assert!(body.contains("<script src=\"live.js\" defer></script>") && body.contains("data-version=\""), "{body}");
    let said = [
        "cache-control: no-store",
        "x-content-type-options: nosniff",
        "x-frame-options: deny",
        "referrer-policy: no-referrer",
        "content-security-policy: default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; connect-src 'self'",
        "content-type: text/html; charset=utf-8",
    ];
    for said in said {
        assert!(head.contains(said), "{said} in {head}");
    }
    let (head, body) = served.ask("HEAD", &served.own(""));
    assert!(head.starts_with("http/1.1 200") && head.contains("content-length: ") && body.is_empty(), "{head}\n{body}");
    let (head, body) = served.ask("GET", &served.own("live.js"));
    assert!(head.contains("content-type: text/javascript") && body.contains("EventSource(\"events\")"), "{head}");
    let (head, _) = served.ask("GET", &format!("/{}", served.token));
    assert!(head.starts_with("http/1.1 308") && head.contains(&served.own("").to_lowercase()), "{head}");
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        let (head, _) = served.ask(method, &served.own(""));
        assert!(head.starts_with("http/1.1 405") && head.contains("allow: get, head"), "{method}: {head}");
    }
    let last = if served.token.ends_with('A') { "B" } else { "A" };
    let close = format!("/{}{last}/", &served.token[..served.token.len() - 1]);
    let longer = format!("/{}A/", served.token);
    let shorter = format!("/{}/", &served.token[1..]);
    let answers: Vec<_> = ["/", "/live.js", &close, &longer, &shorter, &served.own("../"), &served.own("x")]
        .map(|path| served.ask("GET", path))
        .into_iter()
        .map(|(head, body)| (head.split("date:").next().unwrap().to_owned(), body))
        .collect();
    for answer in &answers {
        assert!(answer.0.starts_with("http/1.1 404"), "{answer:?}");
        assert_eq!(answer.1, answers[0].1, "nothing shows a near miss from a far one");
    }
    assert_eq!((files(served.folder.path()), files(&ledger)), before, "nothing was written");
}

#[test]
fn what_is_recorded_is_reported_at_once_and_the_last_version_stays() {
    let mut served = Served::start();
    let mut events = served.events();
    let first = next(&mut events, |_| true);
    assert_eq!((&first["closed"], &first["trouble"]), (&Value::Bool(false), &Value::Null));
    let records = first["records"].as_u64().unwrap();
    fine(served.folder.path(), &["tick", "small.ledger.toml", "first", "--note", "seen by all"]);
    let reported = next(&mut events, |reported| reported["records"].as_u64().unwrap() > records);
    assert!(reported["version"].as_u64() > first["version"].as_u64());
    let (_, body) = served.ask("GET", &served.own(""));
    assert!(body.contains("seen by all"), "{body}");
    fine(served.folder.path(), &["abort", "small.ledger.toml", "--reason", "enough"]);
    fine(served.folder.path(), &["close", "small.ledger.toml", "--note", "over"]);
    next(&mut events, |reported| reported["closed"] == true);
    let (_, body) = served.ask("GET", &served.own(""));
    assert!(body.contains("Aborted") && body.contains("enough"), "{body}");
    // A ledger that is gone is reported, and what was shown stays below that.
    fs::rename(served.folder.path().join("small.ledger.toml"), served.folder.path().join("gone")).unwrap();
    let reported = next(&mut events, |reported| !reported["trouble"].is_null());
    assert!(reported["trouble"].as_str().unwrap().contains("there is no ledger"), "{reported}");
    let (_, body) = served.ask("GET", &served.own(""));
    assert!(body.contains("NOT UP TO DATE") && body.contains("Aborted"), "{body}");
    let id = rustix::process::Pid::from_raw(served.server.id().try_into().unwrap()).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
    assert_eq!(served.server.wait().unwrap().code(), Some(0));
}

#[test]
fn a_ledger_that_is_damaged_meanwhile_is_never_shown_as_if_it_were_whole() {
    let served = Served::start();
    let ledger = served.folder.path().join("small.ledger.toml");
    fine(served.folder.path(), &["tick", "small.ledger.toml", "first", "--note", "seen by all"]);
    let mut events = served.events();
    next(&mut events, |reported| reported["records"].as_u64().unwrap() > 2);
    let whole = fs::read_to_string(&ledger).unwrap();
    fs::write(&ledger, whole.replacen("seen by all", "seen by few", 1)).unwrap();
    let damaged = next(&mut events, |reported| !reported["trouble"].is_null());
    assert!(damaged["trouble"].as_str().unwrap().contains("is damaged"), "{damaged}");
    // Whoever has no scripts and reloads reads it too, in the title and above everything else.
    let (_, body) = served.ask("GET", &served.own(""));
    let title = body.split("</title>").next().unwrap();
    assert!(title.contains("<title>NOT UP TO DATE"), "{title}");
    let banner = body.find("NOT UP TO DATE, and not to be relied on.").unwrap();
    assert!(banner < body.find("<h1>").unwrap() && body.contains("is damaged: record"), "{body}");
    let version = damaged["version"].as_u64().unwrap();
    assert!(body.contains(&format!("data-version=\"{version}\"")), "scripts load it too: {body}");
    // Put right, it is shown as before.
    fs::write(&ledger, whole).unwrap();
    let right = next(&mut events, |reported| reported["trouble"].is_null());
    assert!(right["version"].as_u64().unwrap() > version, "{right}");
    let (_, body) = served.ask("GET", &served.own(""));
    assert!(!body.contains("NOT UP TO DATE") && body.contains("seen by all"), "{body}");
}

#[test]
fn more_than_can_be_served_are_asked_to_come_back_and_the_others_read_on() {
    let served = Served::start();
    // These only listen; they take every place.
    let mut all: Vec<_> = (0..256).map(|_| served.events()).collect();
    for events in &mut all {
        next(events, |_| true);
    }
    let mut answer = String::new();
    let mut refused = served.connect();
    let _ = write!(refused, "GET {} HTTP/1.1\r\nHost: {}\r\n\r\n", served.own(""), served.host);
    // It may be closed before it is read.
    let _ = refused.read_to_string(&mut answer);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 503"), "{answer}");
    fine(served.folder.path(), &["tick", "small.ledger.toml", "first"]);
    for events in &mut all {
        next(events, |reported| reported["records"].as_u64().unwrap() > 1);
    }
    drop(all);
    let deadline = std::time::Instant::now() + Duration::from_mins(1);
    loop {
        let mut stream = served.connect();
        let _ = write!(stream, "GET {} HTTP/1.1\r\nHost: {}\r\n\r\n", served.own(""), served.host);
        let mut answer = String::new();
        if stream.read_to_string(&mut answer).is_ok() && answer.starts_with("HTTP/1.1 200") {
            break;
        }
        assert!(std::time::Instant::now() < deadline, "no place came free: {answer}");
    }
}
