//! Opening the screen on a ledger.

use super::{Failure, open};
use crate::cli::Look;
use crate::cockpit::model::Access;
use crate::cockpit::{self, Keymap};
use crate::collector::lease;
use crate::config::{self, theme::Theme};
use crate::deployment::Operator;
use crate::ledger::Ledger;
use crate::printed;
use crate::printed::Color;
use crate::runtime::{self, Flight};
use crate::screen::Glyphs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Flies a ledger on the screen until the person leaves. Its checklist is watched where it lies beside the ledger.
pub(crate) async fn fly(ledger: Ledger, operator: Operator, access: Access, look: &Look) -> Result<(), Failure> {
    let beside = followed(&ledger).map(|name| ledger.layout().home().join(name));
    Box::pin(fly_from(ledger, beside, operator, access, look)).await
}

/// The name of the checklist file that a ledger follows; nothing where overlays were laid over one, or it was Markdown.
pub(crate) fn followed(ledger: &Ledger) -> Option<String> {
    let state = ledger.state();
    let amended = state.amendments.last().map(|(_, amended)| &amended.checklist);
    let name = amended.or(state.opened.as_ref().map(|(_, opened)| &opened.checklist))?;
    let is_file = Path::new(name).extension().is_some_and(|ending| ending == "toml") && !name.contains(open::AND);
    is_file.then(|| name.clone())
}

/// As [`fly`], with the checklist file to watch.
pub(crate) async fn fly_from(
    ledger: Ledger,
    checklist: Option<PathBuf>,
    operator: Operator,
    access: Access,
    look: &Look,
) -> Result<(), Failure> {
    needs_screen()?;
    let checklist = checklist.filter(|file| file.is_file());
    let mut warnings: Vec<String> = crate::attempts::login_manager::warning().into_iter().collect();
    let Appearance { themes, theme, keymap, glyphs, warnings: left_out } = appearance(look)?;
    warnings.extend(left_out);
    let read_only = access == Access::Flies && !super::open::is_writable(&ledger);
    let access = if read_only { Access::Watches } else { access };
    if read_only {
        warnings.insert(0, cockpit::model::READ_ONLY.to_owned());
    }
    if let (Some(file), Access::Flies) = (config::recent::file(), access) {
        // A start screen that forgot something is no reason not to fly.
        let _ = config::recent::remember(&file, ledger.path());
    }
    let left = (access == Access::Flies && !ledger.plan().is_rehearsal())
        .then(|| (ledger.path().to_owned(), ledger.evidence().to_owned()));
    let flight = Flight { ledger, operator, access, checklist, themes, theme, keymap, glyphs, warnings };
    let flown = Box::pin(runtime::fly(flight)).await;
    if let Some(line) = left.and_then(|(ledger, evidence)| continues(&ledger, &evidence)) {
        let _ = writeln!(printed::err(), "{line}");
    }
    flown.map_err(|error| Failure::not_fine(format!("the terminal failed: {error}")))
}

/// What is said of a collector that outlives the screen, so that nobody wonders at the process.
fn continues(ledger: &Path, evidence: &Path) -> Option<String> {
    let lease::Standing::Held(Some(says)) = lease::look(evidence) else { return None };
    let (pid, path) = (says.pid, ledger.display());
    Some(format!("collector continues in the background (pid {pid}); gonogo collect {path} stop ends it"))
}

/// Refuses where nothing can be drawn.
///
/// # Errors
/// Without a terminal, or with one that has no cursor to move.
pub(crate) fn needs_screen() -> Result<(), Failure> {
    let without = "without one, use gonogo open --no-screen, run or status";
    if !printed::is_terminal() {
        return Err(Failure::usage(format!("the cockpit needs a terminal; {without}")));
    }
    let term = std::env::var("TERM").unwrap_or_default();
    if matches!(term.as_str(), "" | "dumb" | "unknown") {
        let is = if term.is_empty() { "TERM is not set".to_owned() } else { format!("TERM is {term}") };
        return Err(Failure::usage(format!("{is}, and the cockpit needs a terminal with a cursor to move; {without}")));
    }
    Ok(())
}

/// What the screen looks like and which keys it knows.
pub(crate) struct Appearance {
    /// The themes there are, and which of them to begin with.
    pub themes: Vec<Theme>,
    pub theme: usize,
    pub keymap: Keymap,
    pub glyphs: Glyphs,
    /// A sentence for each theme file that was left out.
    pub warnings: Vec<String>,
}

/// What was asked for on the command line and in the folder of settings.
pub(crate) fn appearance(look: &Look) -> Result<Appearance, Failure> {
    let mut warnings = Vec::new();
    let (themes, theme) = themes(look, &mut warnings)?;
    Ok(Appearance { themes, theme, keymap: keymap()?, glyphs: glyphs(look), warnings })
}

/// The keys, with the person's own file laid over them. With a file that has problems nobody flies: a key that does not do
/// what its owner believes is worse than none.
fn keymap() -> Result<Keymap, Failure> {
    let Some(path) = config::folder::folder().map(|folder| folder.join("keys.toml")) else {
        return Ok(Keymap::default());
    };
    let text = match crate::input::read_text(&path, crate::input::DOCUMENT) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Keymap::default()),
        Err(error) => return Err(Failure::usage(format!("{} cannot be read: {error}", path.display()))),
    };
    Keymap::read(&path.to_string_lossy(), &text).map_err(|problems| {
        let reported: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Failure::usage(format!("the keys cannot be used\n{}", reported.join("\n")))
    })
}

/// The themes to choose from, ours and the person's own, and which to begin with. `NO_COLOR` (set and not empty), or `--color never`,
/// wins over everything but a theme asked for on this very command line.
fn themes(look: &Look, warnings: &mut Vec<String>) -> Result<(Vec<Theme>, usize), Failure> {
    let mut themes: Vec<Theme> = Theme::NAMES.into_iter().filter_map(Theme::named).collect();
    if let Some(folder) = config::folder::folder() {
        let (own, left_out) = Theme::in_folder(&folder.join("themes"));
        themes.extend(own);
        warnings.extend(left_out);
    }
    let no_color = match look.color {
        Color::Always => false,
        Color::Never => true,
        Color::Auto => std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()),
    };
    let name = look.theme.as_deref().unwrap_or(if no_color { "mono" } else { "dark" });
    if let Some(at) = themes.iter().position(|theme| theme.name == name) {
        return Ok((themes, at));
    }
    let mut theme = Theme::open(name).map_err(|error| Failure::usage(error.to_string()))?;
    if theme.name.is_empty() {
        name.clone_into(&mut theme.name);
    }
    themes.push(theme);
    let last = themes.len() - 1;
    Ok((themes, last))
}

/// A locale without UTF-8 cannot show the narrow glyphs.
fn glyphs(look: &Look) -> Glyphs {
    let locale =
        ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    let utf8 = locale.is_none_or(|locale| {
        let locale = locale.to_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    });
    if look.ascii || !utf8 { Glyphs::ascii() } else { Glyphs::unicode() }
}
