//! What proving a long ledger costs: `gonogo verify` on 100,000 records with 1,000 signatures, and the report of 10,000.
//!
//! By hand: `TMPDIR=/dev/shm cargo bench --bench proof`; `-- 20000` takes another number of records. Two kinds of ledger are
//! made: one in which notes stand between the signatures, and one in which the phases that are signed for are carried out
//! again and again, so that each signature covers more than the one before.

#![expect(clippy::unwrap_used, reason = "whatever goes wrong here ends the run and is seen")]
#![allow(clippy::print_stdout, reason = "a measurement is reported")]

use gonogo::deployment::attempt::{End, Outcome};
use gonogo::deployment::fact::Approval;
use gonogo::deployment::{Fact, Intent, Operator, Verdict};
use gonogo::identity::NAMESPACE;
use gonogo::ledger::{Ledger, operator};
use gonogo::signing::{Saying, Worded};
use ssh_key::{HashAlg, LineEnding, PrivateKey};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;
use tempfile::TempDir;

const GONOGO: &str = env!("CARGO_BIN_EXE_gonogo");
const PHASES: usize = 10;
const ITEMS: usize = 20;

fn checklist() -> String {
    let mut text = String::from(
        "format = 1\nid = \"long\"\ntitle = \"A long deployment\"\nallowed_signers = \"allowed\"\n[[slot]]\nid = \"here\"\n\
         title = \"Here\"\n[environments.here]\nslot = \"here\"\n",
    );
    for phase in 0..PHASES {
        let _ = write!(
            text,
            "[[phase]]\nid = \"p{phase}\"\ntitle = \"P\"\nslot = \"here\"\n[[phase.section]]\nid = \"s\"\ntitle = \"S\"\n"
        );
        for item in 0..ITEMS {
            let _ = write!(
                text,
                "[[phase.section.item]]\nid = \"i{item}\"\ntitle = \"Step {item}\"\ncheck = {{ kind = \"command\", run = \"true\" }}\n"
            );
        }
    }
    for phase in 0..PHASES {
        let _ = write!(
            text,
            "[[signoff]]\nid = \"g{phase}\"\ntitle = \"G\"\nphases = [\"p{phase}\"]\n[[signoff.role]]\nid = \"qa\"\ntitle = \"QA\"\n"
        );
    }
    text
}

struct Long {
    folder: TempDir,
    ledger: Ledger,
    by: Operator,
    key: PrivateKey,
}

fn run(folder: &Path, program: &str, arguments: &[&str]) -> std::process::Output {
    Command::new(program).args(arguments).current_dir(folder).output().unwrap()
}

impl Long {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        fs::write(at.join("long.toml"), checklist()).unwrap();
        assert!(run(at, "ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-f", "key"]).status.success());
        fs::write(at.join("allowed"), format!("qa@long {}", fs::read_to_string(at.join("key.pub")).unwrap())).unwrap();
        assert!(run(at, GONOGO, &["open", "long.toml", "--no-screen"]).status.success());
        let key = PrivateKey::from_openssh(fs::read(at.join("key")).unwrap()).unwrap();
        let ledger = Ledger::open(at.join("long.ledger.toml")).unwrap();
        let by = operator::current(Some("Ada"));
        Self { folder, ledger, by, key }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("long.ledger.toml")
    }

    fn len(&self) -> usize {
        self.ledger.records().len()
    }

    fn append(&mut self, intent: Intent) -> Fact {
        self.ledger.append(&self.by, intent).unwrap()[0].fact.clone()
    }

    fn note(&mut self) {
        self.append(Intent::AddNote { item: None, text: "the lots endpoint answers in 182 ms, as rehearsed".into() });
    }

    fn attempt(&mut self, number: usize) {
        let item = format!("p{}/s/i{}", number % PHASES, number / PHASES % ITEMS);
        let begun = self.append(Intent::StartAttempt { item: item.as_str().into(), confirmation: None });
        let Fact::AttemptStarted { attempt, .. } = begun else { panic!("{begun:?}") };
        let outcome = Outcome {
            exit: Some(0),
            attested: None,
            signal: None,
            took_ms: 1_500,
            end: End::Completed,
            verdict: Verdict::Pass,
            detail: "as expected".into(),
            measured: Vec::new(),
            tables: Vec::new(),
            output: None,
            made: None,
            revision: None,
            left: Vec::new(),
        };
        self.append(Intent::FinishAttempt { attempt, outcome });
    }

    fn sign(&mut self, number: usize) {
        let plan = self.ledger.plan().clone();
        let group = &plan.checklist().signoffs[number % PHASES];
        let saying = Saying { name: "Ada", decision: Approval::Go, comment: None };
        let now = chrono::Utc::now();
        let worded = Worded::of(&mut self.ledger, &self.by, (group, &group.roles[0]), &saying, now).unwrap();
        let text = worded.statement.text();
        let armored =
            self.key.sign(NAMESPACE, HashAlg::Sha512, text.as_bytes()).unwrap().to_pem(LineEnding::LF).unwrap();
        let (signature, _) = worded.signature(&self.ledger, armored).unwrap();
        self.append(Intent::SignStatement(signature));
    }
}

/// Runs a command three times, and shows the best.
fn timed(what: &str, folder: &Path, arguments: &[&str]) {
    let mut best = f64::MAX;
    let mut said = String::new();
    for _ in 0..3 {
        let begun = Instant::now();
        let output = run(folder, GONOGO, arguments);
        best = best.min(begun.elapsed().as_secs_f64());
        said = String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().chars().take(60).collect();
    }
    println!("{what}: {best:.2} s  ({said})");
}

fn long(records: usize, attempts: bool) -> Long {
    let mut long = Long::open();
    let signatures = records / 100;
    for number in 0..signatures {
        let until = (number + 1) * records / signatures;
        let mut step = number * 50;
        while long.len() + 2 < until {
            if attempts {
                long.attempt(step);
            } else {
                long.note();
            }
            step += 1;
        }
        long.sign(number);
    }
    long
}

fn main() {
    let asked = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let records: usize = asked.unwrap_or(100_000);
    for attempts in [false, true] {
        let between = if attempts { "attempts" } else { "notes" };
        let begun = Instant::now();
        let own = long(records, attempts);
        let made = begun.elapsed().as_secs_f64();
        let signed = records / 100;
        println!("{} records, {signed} signatures, {between} between them, made in {made:.0} s", own.len());
        assert!(own.path().exists());
        timed("  verify", own.folder.path(), &["verify", "long.ledger.toml"]);
    }
    for attempts in [false, true] {
        let own = long(records / 10, attempts);
        let between = if attempts { "attempts" } else { "notes" };
        println!("{} records with {between}", own.len());
        for form in ["html", "md", "json"] {
            let file = format!("r.{form}");
            timed(&format!("  report as {form}"), own.folder.path(), &["report", "-o", &file, "--force"]);
            let bytes = fs::metadata(own.folder.path().join(&file)).unwrap().len();
            println!("  {form}: {:.1} MB", bytes as f64 / 1e6);
        }
    }
}
