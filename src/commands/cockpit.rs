//! Opening the screen on a ledger.

use super::Failure;
use crate::cli::Look;
use crate::cockpit::Keymap;
use crate::cockpit::model::Access;
use crate::config::{self, theme::Theme};
use crate::deployment::Operator;
use crate::ledger::Ledger;
use crate::runtime::{self, Flight};
use crate::screen::Glyphs;
use std::io::IsTerminal;

/// Flies a ledger on the screen until the person leaves.
pub async fn fly(ledger: Ledger, operator: Operator, access: Access, look: &Look) -> Result<(), Failure> {
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        let text = "the cockpit needs a terminal; `gonogo status` and `gonogo run` do without";
        return Err(Failure::usage(text));
    }
    let mut warnings: Vec<String> = crate::attempts::login_manager::warning().into_iter().collect();
    let (themes, theme) = themes(look, &mut warnings)?;
    let flight = Flight { ledger, operator, access, themes, theme, keymap: keymap()?, glyphs: glyphs(look), warnings };
    Box::pin(runtime::fly(flight)).await.map_err(|error| Failure::not_fine(format!("the terminal failed: {error}")))
}

/// The keys, with the person's own file laid over them. With a file that has problems nobody flies: a key that does not do
/// what its owner believes is worse than none.
fn keymap() -> Result<Keymap, Failure> {
    let Some(path) = config::folder::folder().map(|folder| folder.join("keys.toml")) else {
        return Ok(Keymap::default());
    };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Keymap::default()),
        Err(error) => return Err(Failure::usage(format!("{} cannot be read: {error}", path.display()))),
    };
    Keymap::read(&path.to_string_lossy(), &text).map_err(|problems| {
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Failure::usage(format!("the keys cannot be used\n{}", told.join("\n")))
    })
}

/// The themes to choose from, ours and the person's own, and which to begin with. `NO_COLOR` (set and not empty) wins
/// over everything but a theme asked for on this very command line.
fn themes(look: &Look, warnings: &mut Vec<String>) -> Result<(Vec<Theme>, usize), Failure> {
    let mut themes: Vec<Theme> = Theme::NAMES.into_iter().filter_map(Theme::named).collect();
    if let Some(folder) = config::folder::folder() {
        let (own, left_out) = Theme::in_folder(&folder.join("themes"));
        themes.extend(own);
        warnings.extend(left_out);
    }
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
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
