//! A time stamp of an anchor's line: asked for over HTTP, checked, kept beside the ledger.

use crate::checklist::Digest;
use crate::cli::proof;
use crate::commands::Failure;
use crate::config::folder as settings;
use crate::deployment::fact::Timestamp;
use crate::identity::timestamp::{check, question};
use crate::input;
use crate::ledger::verify::posted::Posted;
use crate::ledger::{Layout, Ledger};
use reqwest::{Client, Url, redirect};
use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// The address of an authority.
const URL: &str = "GONOGO_TSA_URL";
/// How long an authority may take.
const LIMIT: Duration = Duration::from_secs(30);
/// The longest answer.
const LONGEST: usize = 1 << 20;

/// Where the stamps of a ledger are kept: `0112.tsr` is that of the line of record 112.
pub(crate) fn folder(layout: &Layout) -> PathBuf {
    layout.evidence().join("timestamps")
}

/// Who stamps, and which certificate is trusted for it.
pub(super) struct Authority {
    url: Url,
    trust: Option<PathBuf>,
}

impl Authority {
    /// By `--tsa`, `GONOGO_TSA_URL`, or `tsa` below `[anchor]` in a person's `config.toml`; `tsa_ca` stands there too.
    ///
    /// # Errors
    /// When none is named, or the address is none.
    pub(super) fn asked(asked: &proof::Anchor) -> Result<Self, Failure> {
        let named = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
        let url = match asked.tsa.clone().or_else(|| named(URL)) {
            Some(url) => Some(url),
            None => own("tsa")?,
        };
        let url = url.ok_or_else(|| {
            Failure::usage(format!(
                "no authority to ask: give --tsa URL, set {URL}, or write [anchor] and tsa = \"URL\" into ~/.config/gonogo/config.toml"
            ))
        })?;
        let trust = match asked.tsa_ca.clone() {
            Some(trust) => Some(trust),
            None => own("tsa_ca")?.map(PathBuf::from),
        };
        let parsed = Url::parse(url.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        let parsed =
            parsed.ok_or_else(|| Failure::usage("the address of the time stamping authority is no http(s) address"))?;
        Ok(Self { url: parsed, trust })
    }

    /// Has a line stamped, and keeps the stamp.
    ///
    /// # Errors
    /// When there is none; nothing is kept then.
    pub(super) async fn stamp(&self, ledger: &Ledger, posted: &Posted) -> Result<Timestamp, Failure> {
        let host = self.url.host_str().unwrap_or("the authority").to_owned();
        let refuse = |why: String| Failure::not_fine(format!("no time stamp from {host}: {why}"));
        let line = format!("{posted}\n");
        let asked = question(line.as_bytes()).map_err(|why| refuse(why.to_string()))?;
        let answer = self.ask(asked.clone()).await.map_err(&refuse)?;
        let stamp = check(line.as_bytes(), Some(&asked), &answer, self.trust.as_deref());
        let stamp = stamp.map_err(|why| refuse(why.to_string()))?;
        let file = keep(ledger.layout(), posted, &answer)
            .map_err(|error| Failure::not_fine(format!("the time stamp cannot be kept: {error}")))?;
        Ok(Timestamp { file, sha256: Digest::of(&answer), authority: host, at: stamp.at })
    }

    async fn ask(&self, question: Vec<u8>) -> Result<Vec<u8>, String> {
        // Another part of the program may have installed it already; either way it is there afterwards.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let reported = |error: reqwest::Error| error.without_url().to_string();
        let client =
            Client::builder().timeout(LIMIT).redirect(redirect::Policy::limited(3)).build().map_err(reported)?;
        let request = client.post(self.url.clone()).header("content-type", "application/timestamp-query");
        let mut answer = request.body(question).send().await.map_err(reported)?;
        if !answer.status().is_success() {
            return Err(format!("it answered {}", answer.status()));
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(reported)? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > LONGEST {
                return Err("its answer is too long".to_owned());
            }
        }
        Ok(bytes)
    }
}

/// Written whole before it is recorded; one of the same line that is there already is kept under its name.
fn keep(layout: &Layout, posted: &Posted, answer: &[u8]) -> io::Result<String> {
    let place = folder(layout);
    fs::create_dir_all(&place)?;
    for again in 1_u32.. {
        let name = match again {
            1 => format!("{:04}.tsr", posted.seq.0),
            _ => format!("{:04}-{again}.tsr", posted.seq.0),
        };
        match fs::OpenOptions::new().write(true).create_new(true).open(place.join(&name)) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && again < 1_000 => {}
            Err(error) => return Err(error),
            Ok(mut file) => {
                io::Write::write_all(&mut file, answer)?;
                file.sync_all()?;
                return Ok(format!("timestamps/{name}"));
            }
        }
    }
    Err(io::Error::other("no name is free"))
}

/// A setting below `[anchor]` of a person's `config.toml`.
fn own(name: &str) -> Result<Option<String>, Failure> {
    let Some(path) = settings::folder().map(|folder| folder.join("config.toml")) else { return Ok(None) };
    let refuse = |why: String| Failure::usage(format!("{} cannot be used: {why}", path.display()));
    let text = match input::read_text(&path, input::DOCUMENT) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(|error| refuse(error.to_string()))?,
    };
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| refuse(error.message().to_owned()))?;
    match table.get("anchor").and_then(|anchor| anchor.get(name)) {
        None => Ok(None),
        Some(toml::Value::String(value)) => Ok(Some(value.clone())),
        Some(_) => Err(refuse(format!("`anchor.{name}` is no text"))),
    }
}
