//! Time stamps by an authority made with the real `openssl ts`, and anchors given out again and again.

use super::kit::{Kit, LEDGER, SIGNED};
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const CONFIG: &str = "[tsa]\ndefault_tsa = own\n[own]\nserial = serial\ncrypto_device = builtin\nsigner_cert = tsa.pem\n\
                      certs = ca.pem\nsigner_key = tsa.key\nsigner_digest = sha256\ndefault_policy = 1.2.3.4.1\n\
                      digests = sha256\naccuracy = secs:1\ness_cert_id_alg = sha256\n";

/// An authority: a certificate that vouches for it, and a listener that answers as many questions as are asked.
struct Authority {
    folder: PathBuf,
    address: String,
}

fn openssl(folder: &Path, arguments: &[&str]) {
    let made = Command::new("openssl").args(arguments).current_dir(folder).output().unwrap();
    assert!(made.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&made.stderr));
}

impl Authority {
    fn start(kit: &Kit, name: &str) -> Self {
        let folder = kit.at(name);
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("tsa.cnf"), CONFIG).unwrap();
        fs::write(folder.join("serial"), "01\n").unwrap();
        fs::write(folder.join("ext"), "extendedKeyUsage = critical,timeStamping\nkeyUsage = digitalSignature\n")
            .unwrap();
        let key = ["-newkey", "rsa:2048", "-nodes"];
        let ca =
            [&["req", "-x509"], &key[..], &["-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=ca"]];
        openssl(&folder, &ca.concat());
        openssl(
            &folder,
            &[&["req"], &key[..], &["-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=tsa"]].concat(),
        );
        let sign = "x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile ext -out tsa.pem";
        openssl(&folder, &sign.split(' ').collect::<Vec<_>>());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/tsa", listener.local_addr().unwrap());
        let own = folder.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                answer(&own, stream.unwrap());
            }
        });
        Self { folder, address }
    }

    fn trust(&self) -> String {
        self.folder.join("ca.pem").to_str().unwrap().to_owned()
    }
}

fn answer(folder: &Path, stream: TcpStream) {
    let mut reader = BufReader::new(stream);
    let (mut length, mut kind) = (0, false);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let line = line.to_lowercase();
        kind |= line.trim() == "content-type: application/timestamp-query";
        if let Some(said) = line.strip_prefix("content-length:") {
            length = said.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut question = vec![0; length];
    reader.read_exact(&mut question).unwrap();
    assert!(kind, "it is reported what is asked");
    fs::write(folder.join("question"), question).unwrap();
    let make = "ts -reply -config tsa.cnf -queryfile question -out answer";
    openssl(folder, &make.split(' ').collect::<Vec<_>>());
    let body = fs::read(folder.join("answer")).unwrap();
    let mut stream = reader.into_inner();
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\nConnection: close\r\n";
    write!(stream, "{head}Content-Length: {}\r\n\r\n", body.len()).unwrap();
    stream.write_all(&body).unwrap();
}

#[test]
fn an_authority_stamps_the_head_and_what_is_wrong_with_a_stamp_is_found() {
    let kit = Kit::flown();
    let (tsa, other) = (Authority::start(&kit, "tsa"), Authority::start(&kit, "other"));
    kit.expect("timestamps", &[], 0, "none");
    let (status, said) = kit.gonogo(&["anchor", LEDGER, "--timestamp"]);
    assert!(status == 2 && said.contains("GONOGO_TSA_URL"), "{status} {said}");
    // Held to a certificate that did not vouch for it, nothing is kept.
    let trust = (tsa.trust(), other.trust());
    let stamp = ["anchor", LEDGER, "--timestamp", "--tsa", &tsa.address, "--tsa-ca"];
    let (status, said) = kit.gonogo(&[&stamp[..], &[&trust.1]].concat());
    assert!(
        status == 1 && said.contains("no time stamp from 127.0.0.1: its signature does not hold"),
        "{status} {said}"
    );
    kit.expect("timestamps", &[], 0, "none");
    let before = kit.records().len();
    let said = kit.fine(&[&stamp[..], &[&trust.0]].concat());
    let line = said.lines().find(|line| line.starts_with("gonogo-anchor-1 ")).unwrap().to_owned();
    assert!(said.contains("stamped by 127.0.0.1 at 20"), "{said}");
    let record = kit.records().pop().unwrap();
    assert!(record.contains("kind = \"anchored\"") && record.contains(&format!("head = {before}\n")), "{record}");
    // By the environment too, and by whoever has the settings.
    let url = PathBuf::from(&tsa.address);
    let (status, said) = kit.gonogo_with(&["anchor", LEDGER, "--timestamp"], &[("GONOGO_TSA_URL", &url)]);
    assert_eq!(status, 0, "{said}");
    let said = kit.expect("timestamps", &[], 0, "unverified");
    assert!(said.contains("--tsa-ca"), "{said}");
    kit.expect("timestamps", &["--tsa-ca", &trust.0, "--anchor", &line], 0, "verified");
    kit.expect("timestamps", &["--tsa-ca", &trust.1], 13, "bad signature");
    // With openssl alone, as the documentation says.
    fs::write(kit.at("line"), format!("{line}\n")).unwrap();
    let answer = format!("small.ledger.d/timestamps/{before:04}.tsr");
    openssl(kit.folder.path(), &["ts", "-verify", "-data", "line", "-in", &answer, "-CAfile", &trust.0]);
    // Swapped for another one, of another line or of nothing, or gone.
    let good = fs::read(kit.at(&answer)).unwrap();
    let second = kit.at(&format!("small.ledger.d/timestamps/{:04}.tsr", before + 1));
    for bad in [fs::read(&second).unwrap(), Vec::new(), [&good[..], b"x"].concat()] {
        fs::write(kit.at(&answer), bad).unwrap();
        kit.expect("timestamps", &["--tsa-ca", &trust.0], 11, "altered");
    }
    fs::remove_file(kit.at(&answer)).unwrap();
    kit.expect("timestamps", &[], 11, "altered");
    fs::write(kit.at(&answer), &good).unwrap();
    kit.expect("timestamps", &["--tsa-ca", &trust.0], 0, "verified");
    // A forger who makes the ledger anew, with sums that fit, has no stamp for what it became.
    let mut records = kit.records();
    let place = kit.place("item-checked");
    records[place] = records[place].replace("one/look/eyes", "two/go/press");
    kit.rebuild(&records);
    kit.expect("timestamps", &["--tsa-ca", &trust.0], 11, "altered");
}

#[test]
fn an_authority_that_cannot_be_reached_leaves_nothing_behind() {
    let kit = Kit::carried_out(SIGNED);
    let before = kit.records();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (status, said) = kit.gonogo(&["anchor", LEDGER, "--timestamp", "--tsa", &format!("http://me:pw@{closed}/x")]);
    assert!(status == 1 && said.contains("no time stamp from 127.0.0.1") && !said.contains("pw@"), "{status} {said}");
    let (status, said) = kit.gonogo(&["anchor", LEDGER, "--timestamp", "--tsa", "ftp://x"]);
    assert!(status == 2 && said.contains("no http(s) address"), "{status} {said}");
    assert_eq!(kit.records(), before);
    assert!(!kit.at("small.ledger.d/timestamps").exists());
}

#[test]
fn a_line_is_given_out_at_once_for_the_decision_and_the_end_and_sent_to_whoever_is_reported() {
    let kit = Kit::carried_out(SIGNED);
    let reported = kit.at("told");
    let mut anchoring = Command::new(env!("CARGO_BIN_EXE_gonogo"));
    anchoring.args(["anchor", LEDGER, "--every", "24h"]).current_dir(kit.folder.path()).env("HOME", kit.folder.path());
    anchoring.env("GONOGO_NOTIFY_COMMAND", format!("cat >> {}", reported.display()));
    let mut anchoring = anchoring.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(anchoring.stdout.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    assert!(first.starts_with("gonogo-anchor-1 "), "{first}");
    kit.fine(&["note", LEDGER, "nothing of weight"]);
    kit.fine(&["abort", LEDGER, "--reason", "enough"]);
    let second = lines.next().unwrap().unwrap();
    kit.fine(&["close", LEDGER, "--note", "over"]);
    let last = lines.next().unwrap().unwrap();
    assert!(lines.next().is_none(), "it ends with the deployment");
    assert!(anchoring.wait().unwrap().success());
    let anchors: Vec<&str> = [&first, &second, &last].into_iter().flat_map(|line| ["--anchor", line]).collect();
    kit.expect("anchors", &anchors, 0, "extended");
    let reported = fs::read_to_string(reported).unwrap();
    assert!(
        reported.contains("gonogo_anchored") && reported.matches("gonogo-anchor-1 ledger=").count() >= 6,
        "{reported}"
    );
    let posted = reported.rsplit("\"anchor\":\"").next().unwrap().split('"').next().unwrap();
    kit.expect("anchors", &["--anchor", posted], 0, "extended");
}
