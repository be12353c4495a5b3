//! Addresses that `psql` takes: a check and a dump work with each of them, or the sentence says what does not.

use super::postgres::{Cluster, PASSWORD_IN_ADDRESS, run};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

const CHECKLIST: &str = r#"format = 1
id = "addr"
title = "Addresses"
[[slot]]
id = "s"
title = "S"
[environments.e]
slot = "s"
protection = "open"
writes = "allowed"
database = "${DB}"
backups = "."
[[phase]]
id = "p"
title = "P"
slot = "s"
[[phase.section]]
id = "s"
title = "S"
[[phase.section.item]]
id = "one"
title = "Select one"
ours = "a test"
check = { kind = "sql", query = "SELECT 1", equals = "1" }
[[phase.section.item]]
id = "dump"
title = "Dump"
ours = "a test"
check = { kind = "backup", stage = "make" }
"#;

fn gonogo(folder: &Path, words: &[&str], variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gonogo"));
    command.current_dir(folder).args(words).stdin(Stdio::null()).env_remove("PGPASSFILE");
    let output = command.envs(variables.iter().copied()).output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

/// Runs both checks against an address; gives the exit status and what was said.
fn checked(url: &str, variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("addr.toml"), CHECKLIST).unwrap();
    let variables: Vec<_> = variables.iter().copied().chain([("DB", url)]).collect();
    let (status, said) = gonogo(folder.path(), &["open", "--no-screen", "addr.toml"], &variables);
    assert_eq!(status, Some(0), "{said}");
    gonogo(folder.path(), &["run", "addr.ledger.toml"], &variables)
}

#[tokio::test]
async fn what_psql_takes_works() {
    let cluster = Cluster::start("listen_addresses = '127.0.0.1,::1'\n");
    let (port, pw) = (cluster.port, PASSWORD_IN_ADDRESS);
    run(&cluster.url("postgres"), "CREATE DATABASE \"shop db\"; ").await;
    run(&cluster.url("shop%20db"), "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)").await;
    let folder = tempfile::tempdir().unwrap();
    let passwords = folder.path().join("pgpass");
    // In the file, only `:` and `\` are escaped.
    let line =
        |host: &str| format!("{host}:{port}:shop db:neurohub:{}\n", super::postgres::PASSWORD.replace(':', "\\:"));
    fs::write(&passwords, format!("# ours\nelsewhere:*:*:*:no\n{}{}", line("127.0.0.1"), line("\\:\\:1"))).unwrap();
    fs::set_permissions(&passwords, fs::Permissions::from_mode(0o600)).unwrap();
    let file = [("PGPASSFILE", passwords.to_str().unwrap())];
    let socket = cluster.folder.display().to_string();

    let mut taken = vec![
        (
            format!("postgresql://neurohub:{pw}@127.0.0.1:{port}/shop%20db?sslmode=prefer&options=-c%20jit%3Doff"),
            &[][..],
        ),
        (
            format!(
                "postgresql://neurohub:{pw}@127.0.0.1:1,127.0.0.1:{port}/shop%20db?target_session_attrs=read-write"
            ),
            &[],
        ),
        (format!("postgresql://neurohub:{pw}@/shop%20db?host=127.0.0.1,127.0.0.1&port=1,{port}"), &[]),
        (
            format!("postgresql://neurohub@127.0.0.1:1,127.0.0.1:{port}/shop%20db?target_session_attrs=primary"),
            &file[..],
        ),
        (format!("postgresql://neurohub@127.0.0.1:{port}/shop%20db"), &file[..]),
        (format!("postgresql://neurohub@/shop%20db?host={socket}&port={port}"), &[]),
        (format!("postgresql://neurohub@{}:{port}/shop%20db", socket.replace('/', "%2F")), &[]),
    ];
    if std::net::TcpListener::bind("[::1]:0").is_ok() {
        taken.push((format!("postgresql://neurohub:{pw}@[::1]:{port}/shop%20db"), &[]));
        taken.push((format!("postgresql://neurohub@[::1]:1,[::1]:{port}/shop%20db"), &file[..]));
    }
    for (url, variables) in taken {
        let (status, said) = checked(&url, variables);
        assert_eq!(status, Some(0), "{url}: {said}");
    }

    run(&cluster.url("postgres"), "ALTER DATABASE \"shop db\" SET default_transaction_read_only = on").await;
    for (query, part) in [
        ("target_session_attrs=standby", "is a primary"),
        ("target_session_attrs=read-write", "is a primary that only reads"),
        ("service=shop", "says `service`, which is not read here"),
    ] {
        let url = format!("postgresql://neurohub:{pw}@127.0.0.1:{port},127.0.0.1:1/shop%20db?{query}");
        let (status, said) = checked(&url, &[]);
        assert!(status == Some(6) && said.contains(part) && !said.contains(pw), "{query}: {said}");
    }
}
