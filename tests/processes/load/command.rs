//! `gonogo load`.

use super::server::Server;
use assert_cmd::cargo::cargo_bin;
use serde_json::Value;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// Exit status, standard output and standard error.
fn load(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(cargo_bin("gonogo"));
    let output = command.current_dir(folder).arg("load").args(arguments).env("TEAM", "night").output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_clean_run_within_its_limit_passes() {
    let (server, folder) = (Server::start(), TempDir::new().unwrap());
    let url = server.url("/ok");
    let (status, out, err) =
        load(folder.path(), &[&url, "-n", "50", "-c", "5", "--p95", "1h", "-H", "x-team: ${TEAM}", "--ascii"]);
    assert_eq!(status, 0, "{out}{err}");
    for part in ["50 requests, 5 connections", "50 requests in ", "0 errors", "\n  p95 ", "needs 1000+", "PASS: p95 "] {
        assert!(out.contains(part), "{part}: {out}");
    }
    assert!(out.is_ascii() && err.is_empty(), "{out}{err}");
    assert!(server.last().0.contains("x-team: night"), "{}", server.last().0);
}

#[test]
fn errors_and_limits_that_are_not_met_fail() {
    let (server, folder) = (Server::start(), TempDir::new().unwrap());
    let (status, out, _) = load(folder.path(), &[&server.url("/slow?30"), "-n", "30", "--p95", "20ms"]);
    assert!(status == 1 && out.contains("FAIL: p95 ") && out.contains(">= 20 ms"), "{out}");
    let (status, out, _) = load(folder.path(), &[&server.url("/ok"), "-n", "5", "--p95", "1h"]);
    assert!(status == 1 && out.contains("p95 not measured: 20 answers needed"), "too few prove nothing: {out}");
    let (status, out, _) = load(folder.path(), &[&server.url("/missing"), "-n", "5"]);
    assert!(status == 1 && out.contains("5 errors (5 × status 404)") && out.contains("FAIL: errors"), "{out}");
    let (status, _, _) = load(folder.path(), &[&server.url("/missing"), "-n", "5", "--expect", "200,4xx"]);
    assert_eq!(status, 0);
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let (status, out, _) = load(folder.path(), &[&format!("http://{port}/"), "-n", "5"]);
    assert!(status == 1 && out.contains("5 × connection refused"), "{out}");
}

#[test]
fn json_holds_the_numbers() {
    let (server, folder) = (Server::start(), TempDir::new().unwrap());
    let (status, out, _) =
        load(folder.path(), &[&server.url("/ok"), "--rate", "100", "--duration", "500ms", "--p50", "1h", "--json"]);
    let read: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(status, 0, "{out}");
    assert_eq!((&read["format"], &read["done"], &read["rate"]), (&1.into(), &50.into(), &100.0.into()));
    assert!(read["latency_ms"]["p95"].is_number() && read["latency_ms"]["p99"].is_null(), "{out}");
    assert_eq!((&read["pass"], &read["limits"][0]["met"]), (&true.into(), &true.into()));
}

#[test]
fn what_makes_no_sense_is_refused() {
    let folder = TempDir::new().unwrap();
    for (arguments, why) in [
        (vec!["ftp://h/"], "write http://HOST"),
        (vec!["http://h/", "--rate", "5"], "--duration"),
        (vec!["http://h/", "--rate", "0", "--duration", "1s"], "requests a second"),
        (vec!["http://h/", "--expect", "ok"], "no HTTP status"),
        (vec!["http://h/", "-H", "nothing"], "Name: value"),
        (vec!["http://h/", "-H", "a: ${NOT_SET_AT_ALL}"], "a variable is not set"),
        (vec!["http://h/", "-d", "@nowhere.json"], "nowhere.json cannot be read"),
    ] {
        let (status, _, err) = load(folder.path(), &arguments);
        assert!(status == 2 && err.contains(why), "{arguments:?}: {status} {err}");
    }
}

const CHECKLIST: &str = r#"
format = 1
id = "c"
title = "C"
[[slot]]
id = "live"
title = "Live"
[environments.shop]
slot = "live"
protection = "protected"
url = "${SHOP_URL}"
[[phase]]
id = "p"
title = "P"
slot = "live"
[[phase.section]]
id = "s"
title = "S"
[[phase.section.item]]
id = "i"
title = "I"
"#;

#[test]
fn a_protected_environment_is_tested_only_by_its_name() {
    let (server, folder) = (Server::start(), TempDir::new().unwrap());
    let path = folder.path();
    fs::write(
        path.join("c.toml"),
        CHECKLIST.replace("${SHOP_URL}", &format!("http://localhost:{}/app", server.address.port())),
    )
    .unwrap();
    let url = server.url("/ok");
    let (status, _, err) = load(path, &[&url, "-n", "5"]);
    assert!(status == 4 && err.contains("--confirm shop"), "{status} {err}");
    assert_eq!(server.requests(), 0, "nothing was sent");
    assert_eq!(load(path, &[&url, "-n", "5", "--confirm", "stop"]).0, 4);
    assert_eq!(load(path, &[&url, "-n", "5", "--confirm", "shop"]).0, 0);

    // The ledger that was opened with it says so too, once the checklist is gone.
    let opened = Command::new(cargo_bin("gonogo")).current_dir(path).args(["open", "c.toml", "--no-screen"]).output();
    assert!(opened.unwrap().stdout.starts_with(b"c.ledger.toml"));
    fs::remove_file(path.join("c.toml")).unwrap();
    assert_eq!(load(path, &[&url, "-n", "5"]).0, 4);
    assert_eq!(load(path, &[&Server::start().url("/ok"), "-n", "5"]).0, 0, "another service is not protected");
}

#[test]
fn what_could_not_be_compared_is_reported() {
    let (server, folder) = (Server::start(), TempDir::new().unwrap());
    fs::write(folder.path().join("c.toml"), CHECKLIST).unwrap();
    let (status, _, err) = load(folder.path(), &[&server.url("/ok"), "-n", "5"]);
    assert_eq!(status, 0);
    assert!(err.contains("address of the protected environment shop (c.toml) not known: SHOP_URL not set"), "{err}");
}
