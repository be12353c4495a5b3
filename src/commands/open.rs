//! Opening: a checklist becomes a ledger, a ledger is gone on with.

use super::{Failure, import};
use crate::attempts::{self, redact::Secrets};
use crate::checklist::import::Account;
use crate::checklist::problem::harmless;
use crate::checklist::{Checklist, EnvironmentName, Problem, SlotId, lint, reader};
use crate::deployment::{Operator, Plan};
use crate::input;
use crate::ledger::{Ledger, LedgerOpening};
use std::collections::BTreeMap;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

/// The checklist that is built in and flown by the rehearsal.
pub const NEUROHUB: (&str, &str) = ("neurohub", include_str!("../../checklists/neurohub.toml"));

/// The checklists that are built in: name and text.
pub const SHIPPED: [(&str, &str); 3] = [
    NEUROHUB,
    ("postgres-major-upgrade", include_str!("../../checklists/postgres-major-upgrade.toml")),
    ("service-release", include_str!("../../checklists/service-release.toml")),
];

/// Between the names of a checklist and of the overlays laid over it.
pub const AND: &str = " + ";

/// A checklist's text, and the name it goes by: `neurohub.toml`, or `neurohub.toml + my-team.toml`.
pub struct Source {
    pub name: String,
    pub text: String,
}

/// Whether a path names a ledger rather than a checklist.
pub fn is_ledger(path: &Path) -> bool {
    path.to_string_lossy().ends_with(".ledger.toml")
}

/// Reads a checklist of either kind: TOML, or Markdown with the account of taking it over.
pub fn source_of_any(file: &Path) -> Result<(Source, Option<Account>), Failure> {
    if import::is_markdown(file) {
        let (source, account) = import::source(file)?;
        return Ok((source, Some(account)));
    }
    Ok((source(file)?, None))
}

/// As [`source_of_any`], with overlays laid over the checklist; what they address has to be there.
pub fn source_with(file: &Path, overlays: &[PathBuf]) -> Result<(Source, Option<Account>), Failure> {
    let (base, account) = source_of_any(file)?;
    Ok((lay(base, overlays)?, account))
}

/// Lays overlays over a checklist; the result is a checklist of its own.
pub fn lay(base: Source, overlays: &[PathBuf]) -> Result<Source, Failure> {
    if overlays.is_empty() {
        return Ok(base);
    }
    let over = overlay_sources(overlays)?;
    let laid = lint::lint_with(files(&base, &over));
    let Some(text) = laid.text else { return Err(problems(&laid.problems)) };
    let short = |path: &PathBuf| path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let names: Vec<String> = std::iter::once(base.name).chain(overlays.iter().map(short)).collect();
    let name = names.join(AND);
    let heading = format!("# {}\n\n", harmless(&name));
    Ok(Source { name, text: heading + &text })
}

/// The texts of overlays. Unlike a checklist, an overlay is always a file.
pub fn overlay_sources(overlays: &[PathBuf]) -> Result<Vec<Source>, Failure> {
    let read = |path: &PathBuf| {
        if !path.exists() {
            return Err(Failure::usage(format!(
                "overlay not found: {}; name a TOML file after --with",
                path.display()
            )));
        }
        super::folder::refuse(path, "an overlay")?;
        Ok(Source { name: path.display().to_string(), ..source(path)? })
    };
    overlays.iter().map(read).collect()
}

/// Names and texts, the checklist first.
pub fn files<'a>(base: &'a Source, over: &'a [Source]) -> impl Iterator<Item = (&'a str, &'a str)> {
    std::iter::once(base).chain(over).map(|source| (source.name.as_str(), source.text.as_str()))
}

/// Reads a checklist file, or one that is built in when no file of that name is there.
pub fn source(file: &Path) -> Result<Source, Failure> {
    match input::read(file, input::DOCUMENT) {
        Ok(_) if import::is_markdown(file) => {
            let text = "{0} is Markdown; make it a checklist first: gonogo import {0} -o FILE.toml";
            Err(Failure::usage(text.replace("{0}", &file.display().to_string())))
        }
        Ok(bytes) => {
            let name =
                file.file_name().map_or_else(|| file.display().to_string(), |n| n.to_string_lossy().into_owned());
            let text = String::from_utf8(bytes).map_err(|error| {
                let at = error.utf8_error().valid_up_to();
                Failure::usage(format!("{}: byte {at} is not UTF-8; save the file as UTF-8", file.display()))
            })?;
            if !lint::is_meant_as_checklist(&text) {
                return Err(Failure::usage(format!(
                    "{} is not a checklist: it has none of a checklist's keys, so nothing of it is shown; give a TOML file that \
                     `gonogo init` or `gonogo import` wrote",
                    file.display()
                )));
            }
            Ok(Source { name, text })
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let wanted = file.to_string_lossy();
            let stem = wanted.strip_suffix(".toml").unwrap_or(&wanted);
            let found = SHIPPED.iter().find(|(name, _)| *name == stem);
            found.map(|(name, text)| Source { name: format!("{name}.toml"), text: (*text).to_owned() }).ok_or_else(
                || {
                    let names: Vec<&str> = SHIPPED.iter().map(|(name, _)| *name).collect();
                    Failure::usage(format!(
                        "{} is not there; a file, or a built-in one: {}",
                        file.display(),
                        names.join(", ")
                    ))
                },
            )
        }
        Err(error) => Err(Failure::usage(format!("{} cannot be read: {error}", file.display()))),
    }
}

/// Reads a checklist; every problem is part of the failure.
pub fn checklist(source: &Source) -> Result<Checklist, Failure> {
    reader::read(&source.name, &source.text).map_err(|found| problems(&found))
}

fn problems(found: &[Problem]) -> Failure {
    let secrets = Secrets::default();
    let text: Vec<String> = found.iter().map(|problem| secrets.mask(&problem.to_string())).collect();
    Failure::usage(format!("the checklist cannot be used\n{}", text.join("\n\n")))
}

/// Fills every slot: as asked, else with the environment of the slot's own name, else with the only one there is.
pub fn bindings(
    checklist: &Checklist,
    asked: &[(SlotId, EnvironmentName)],
) -> Result<BTreeMap<SlotId, EnvironmentName>, Failure> {
    for (slot, environment) in asked {
        if !checklist.slots.iter().any(|s| s.id == *slot) {
            let slots: Vec<&str> = checklist.slots.iter().map(|s| s.id.as_str()).collect();
            return Err(Failure::usage(format!("the checklist has no slot `{slot}`; it has {}", slots.join(", "))));
        }
        if checklist.environments.get(environment).is_none_or(|e| e.slot != *slot) {
            let fitting = fitting(checklist, slot);
            let names: Vec<&str> = fitting.iter().map(|name| name.as_str()).collect();
            return Err(Failure::usage(format!(
                "no environment `{environment}` fills {slot}; {} do",
                names.join(", ")
            )));
        }
    }
    let mut bindings = BTreeMap::new();
    for slot in &checklist.slots {
        let fitting = fitting(checklist, &slot.id);
        let chosen = asked.iter().rev().find(|(s, _)| *s == slot.id).map(|(_, environment)| environment.clone());
        let named = || fitting.iter().find(|name| name.as_str() == slot.id.as_str()).map(|name| (*name).clone());
        let only = || if let [name] = fitting.as_slice() { Some((*name).clone()) } else { None };
        let Some(environment) = chosen.or_else(named).or_else(only) else {
            let (slot, able) = (&slot.id, listed(&fitting));
            let text = format!("say which environment fills {slot} with --env {slot}=NAME; {able} do");
            return Err(Failure::usage(text));
        };
        bindings.insert(slot.id.clone(), environment);
    }
    Ok(bindings)
}

fn fitting<'a>(checklist: &'a Checklist, slot: &SlotId) -> Vec<&'a EnvironmentName> {
    checklist.environments.iter().filter(|(_, e)| e.slot == *slot).map(|(name, _)| name).collect()
}

fn listed(environments: &[&EnvironmentName]) -> String {
    environments.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ")
}

/// Reads `SLOT=ENV`.
pub fn asked(texts: &[String]) -> Result<Vec<(SlotId, EnvironmentName)>, Failure> {
    let read = |text: &String| {
        let (slot, environment) = text.split_once('=').ok_or_else(|| {
            Failure::usage(format!("--env {text}: write SLOT=ENVIRONMENT, for example production=rehearsal-production"))
        })?;
        Ok((SlotId::new(slot.trim()), EnvironmentName::new(environment.trim())))
    };
    texts.iter().map(read).collect()
}

/// The ledger of a checklist: made if it is not there, else gone on with.
pub fn open_checklist(
    source: &Source,
    ledger: &Path,
    asked: &[(SlotId, EnvironmentName)],
    group: Option<String>,
    by: &Operator,
) -> Result<Ledger, Failure> {
    if ledger.exists() {
        let opened = open_ledger(ledger, by)?;
        let different =
            asked.iter().find(|(slot, environment)| opened.plan().bindings().get(slot) != Some(environment));
        if let Some((slot, environment)) = different {
            let bound = opened.plan().bindings().get(slot).map(ToString::to_string).unwrap_or_default();
            let text = format!(
                "{} has {bound} as {slot}, not {environment}; open another ledger with --ledger",
                ledger.display()
            );
            return Err(Failure::refused(text));
        }
        return Ok(opened);
    }
    let checklist = checklist(source)?;
    let bindings = bindings(&checklist, asked)?;
    let plan = Arc::new(Plan::new(Arc::new(checklist), bindings.clone()));
    let opening =
        LedgerOpening { checklist_file_name: source.name.clone(), checklist_text: &source.text, bindings, plan, group };
    let mut made = Ledger::create(ledger, &opening, by)?;
    keep_secrets_out(&mut made);
    // What git would rewrite would not be the file that was summed; a repository that cannot be written to is left alone.
    let _ = keep_line_ends(made.layout().home());
    Ok(made)
}

/// Shows git to leave the line ends of ledgers alone, where a ledger lies in a repository and nobody has said so.
fn keep_line_ends(folder: &Path) -> std::io::Result<()> {
    const LINE: &str = "*.ledger.toml -text";
    if !folder.ancestors().any(|ancestor| ancestor.join(".git").exists()) {
        return Ok(());
    }
    let path = folder.join(".gitattributes");
    let text = match input::read_text(&path, input::DOCUMENT) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        other => other?,
    };
    if text.lines().any(|line| line.trim() == LINE) {
        return Ok(());
    }
    let gap = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    std::fs::write(path, format!("{text}{gap}{LINE}\n"))
}

/// Opens a ledger and settles what attempts left behind while nobody looked.
pub fn open_ledger(path: &Path, by: &Operator) -> Result<Ledger, Failure> {
    let mut ledger = Ledger::open(path)?;
    keep_secrets_out(&mut ledger);
    if is_writable(&ledger) {
        attempts::lost::settle(&mut ledger, by)?;
    }
    Ok(ledger)
}

/// What people write into a ledger holds no value of a secret variable, nor the password of an address.
fn keep_secrets_out(ledger: &mut Ledger) {
    let listed: Vec<String> = ledger.plan().checklist().environments.values().flat_map(|e| e.secrets.clone()).collect();
    // Looked up when something is first written, not for every command that only looks.
    let secrets = LazyLock::new(move || {
        let inherited: Vec<(String, Vec<u8>)> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_vec())))
            .collect();
        Secrets::gather(inherited.iter().map(|(name, value)| (name.as_str(), value.as_slice())), &listed)
    });
    ledger.mask_with(Arc::new(move |text| secrets.mask(text)));
}

/// Whether this person may append to a ledger: to its file, and to the folder of its evidence.
pub fn is_writable(ledger: &Ledger) -> bool {
    let may = |path: &Path| rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_ok();
    may(ledger.path()) && may(ledger.evidence())
}

/// Where the ledger of a checklist file stands unless set otherwise: `<stem>.ledger.toml` in this folder.
pub fn ledger_path(source: &Source) -> PathBuf {
    let name = source.name.split_once(AND).map_or(source.name.as_str(), |(base, _)| base);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    PathBuf::from(format!("{stem}.ledger.toml"))
}

/// The ledgers in a folder, by name.
pub fn ledgers(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let mut ledgers: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| is_ledger(path)).collect();
    ledgers.sort();
    ledgers
}
