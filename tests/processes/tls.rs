//! A service behind TLS with a certificate authority of its own: panes, checks and load tests trust the file that is named
//! and nothing else.

use crate::common::program;
use assert_cmd::cargo::cargo_bin;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

const LEDGER: &str = "shop.ledger.toml";

/// Two authorities, and a certificate for 127.0.0.1 that the first has signed.
fn certificates(folder: &Path) {
    let script = r#"
        set -e
        new="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
        for name in ca other; do
            openssl req -x509 $new -days 2 -subj "/CN=$name" -keyout "$name.key" -out "$name.pem"
        done
        openssl req $new -subj /CN=shop -keyout shop.key -out shop.csr
        printf 'subjectAltName=IP:127.0.0.1\n' > shop.ext
        openssl x509 -req -days 2 -in shop.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile shop.ext -out shop.pem
    "#;
    let made = Command::new("bash").args(["-c", script]).current_dir(folder).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

/// Answers every request with 200 over TLS for as long as the test lives; gives its address.
fn service(folder: &Path) -> String {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let chain = CertificateDer::pem_file_iter(folder.join("shop.pem")).unwrap().map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(folder.join("shop.key")).unwrap();
    let config = Arc::new(ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap());
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(stream) = stream else { return };
            let config = Arc::clone(&config);
            std::thread::spawn(move || {
                let mut reader = BufReader::new(StreamOwned::new(ServerConnection::new(config).unwrap(), stream));
                let mut line = String::new();
                while reader.read_line(&mut line).is_ok_and(|read| read > 0) {
                    let ends = line.trim().is_empty();
                    line.clear();
                    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
                    if ends && reader.get_mut().write_all(answer).is_err() {
                        return;
                    }
                }
            });
        }
    });
    url
}

/// A deployment of that service: the environment trusts `ca.pem`, and some of what asks it trusts something else.
fn deployment() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    certificates(folder.path());
    let url = service(folder.path());
    let pane = |id: &str, ca: &str| {
        format!(
            "[[pane]]\nid = \"{id}\"\ntitle = \"{id}\"\nslot = \"here\"\nunit = \"ms\"\nevery = \"200ms\"\n\
             source = {{ kind = \"latency\", path = \"/\" }}\n{ca}\n"
        )
    };
    let item = |id: &str, ca: &str| {
        format!(
            "[[phase.section.item]]\nid = \"{id}\"\ntitle = \"{id}\"\n\
             check = {{ kind = \"http\", path = \"/\", contains = \"ok\"{ca} }}\n"
        )
    };
    let text = [
        format!(
            "format = 1\nid = \"shop\"\ntitle = \"The shop\"\n[[slot]]\nid = \"here\"\ntitle = \"Here\"\n\
             [environments.here]\nslot = \"here\"\nurl = \"{url}\"\nca = \"ca.pem\"\n\
             [[phase]]\nid = \"one\"\ntitle = \"One\"\nslot = \"here\"\n\
             [[phase.section]]\nid = \"look\"\ntitle = \"Look\"\n"
        ),
        item("trusted", ""),
        item("wrong", ", ca = \"other.pem\""),
        item("missing", ", ca = \"none.pem\""),
        "[[phase.section.item]]\nid = \"load\"\ntitle = \"load\"\n\
         check = { kind = \"load\", path = \"/\", requests = 50, concurrency = 2 }\n"
            .to_owned(),
        pane("trusted", ""),
        pane("wrong", "ca = \"other.pem\""),
        pane("missing", "ca = \"none.pem\""),
    ];
    std::fs::write(folder.path().join("shop.toml"), text.concat()).unwrap();
    let (status, said) = program::gonogo(folder.path(), &["open", "shop.toml", "--no-screen"]);
    assert_eq!(status, 0, "{said}");
    folder
}

#[test]
fn checks_and_load_tests_trust_the_authority_that_is_named_and_no_other() {
    let folder = deployment();
    let run = |item: &str| program::gonogo(folder.path(), &["run", LEDGER, &format!("one/look/{item}")]);
    let (status, said) = run("trusted");
    assert_eq!(status, 0, "{said}");
    let (status, said) = run("wrong");
    assert!(status != 0 && said.contains("certificate refused (UnknownIssuer)"), "{status}: {said}");
    let (status, said) = run("missing");
    assert!(status != 0 && said.contains("the CA file none.pem cannot be read"), "{status}: {said}");
    let (status, said) = run("load");
    assert_eq!(status, 0, "{said}");
    let text = std::fs::read_to_string(folder.path().join("shop.toml")).unwrap();
    let url = text.lines().find_map(|line| line.strip_prefix("url = ")).unwrap().trim_matches('"').to_owned();
    let load = |ca: &str| program::gonogo(folder.path(), &["load", &url, "-n", "20", "-c", "2", "--ca", ca]);
    let (status, said) = load("ca.pem");
    assert_eq!(status, 0, "{said}");
    let (status, said) = load("other.pem");
    assert!(status != 0, "{said}");
    let (status, said) = load("none.pem");
    assert!(status == 2 && said.contains("the CA file none.pem cannot be read"), "{status}: {said}");
}

struct Collecting(Child);

impl Drop for Collecting {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_pane_with_the_wrong_authority_has_no_data_and_says_why() {
    let folder = deployment();
    let collecting = Command::new(cargo_bin("gonogo"))
        .args(["collect", LEDGER])
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let _collecting = Collecting(collecting);
    let deadline = Instant::now() + Duration::from_mins(1);
    let newest = |pane: &str| {
        let (_, said) = program::gonogo(folder.path(), &["metrics", LEDGER, pane, "--format", "csv"]);
        said.lines().skip(1).last().unwrap_or_default().to_owned()
    };
    let wanted = [
        ("trusted", ",ms,0,1,"),
        ("wrong", "certificate refused (UnknownIssuer); name the file of the CA that signed it as `ca`"),
        ("missing", "the CA file none.pem cannot be read"),
    ];
    for (pane, wanted) in wanted {
        loop {
            let line = newest(pane);
            if line.contains(wanted) {
                break;
            }
            assert!(Instant::now() < deadline, "{pane}: {line}");
            std::thread::park_timeout(Duration::from_millis(50));
        }
    }
}
