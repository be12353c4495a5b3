//! Themes: what each role on the screen looks like. Read from TOML, free of any terminal library.

#[cfg(test)]
mod contrast;
mod file;
mod paint;

pub use paint::{Colour, Emphasis, Paint, Role};

use crate::checklist::Problem;
use std::collections::BTreeMap;
use std::path::Path;
use thiserror::Error;

const DARK: &str = include_str!("../../themes/dark.toml");
const LIGHT: &str = include_str!("../../themes/light.toml");
const HIGH_CONTRAST: &str = include_str!("../../themes/high-contrast.toml");
const COLOUR_BLIND: &str = include_str!("../../themes/colour-blind.toml");
const MONO: &str = include_str!("../../themes/mono.toml");

/// A look for every role. A role that a file leaves out looks as it does in the file's `base`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Theme {
    pub name: String,
    roles: BTreeMap<Role, Paint>,
    pub output: OutputColours,
}

/// What becomes of the colours that commands print.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OutputColours {
    #[default]
    Kept,
    Dropped,
}

/// Why a theme could not be used.
#[derive(Debug, Error)]
pub enum ThemeError {
    #[error("the theme {file} cannot be read: {source}; name a file that exists, or one of {}", Theme::NAMES.join(", "))]
    Unreadable { file: String, source: std::io::Error },
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Problems(Vec<Problem>),
}

impl Theme {
    /// The names of the themes inside the program.
    pub const NAMES: [&str; 5] = ["dark", "light", "high-contrast", "colour-blind", "mono"];

    #[must_use]
    pub fn dark() -> Self {
        Self::named("dark").unwrap_or_default()
    }

    #[must_use]
    pub fn light() -> Self {
        Self::named("light").unwrap_or_default()
    }

    /// Bold, reverse, dim and underline only: what `NO_COLOR` asks for.
    #[must_use]
    pub fn mono() -> Self {
        Self::named("mono").unwrap_or_default()
    }

    /// A theme inside the program.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let text = match name {
            "dark" => DARK,
            "light" => LIGHT,
            "high-contrast" => HIGH_CONTRAST,
            "colour-blind" => COLOUR_BLIND,
            "mono" => MONO,
            _ => return None,
        };
        Self::read(name, text).ok()
    }

    /// Reads a theme; `file` is only named in problems.
    ///
    /// # Errors
    /// Every problem found, in the order of their places.
    pub fn read(file: &str, text: &str) -> Result<Self, Vec<Problem>> {
        file::read(file, text)
    }

    /// A theme by its name, or by the path of its file.
    ///
    /// # Errors
    /// The file cannot be read, or what is wrong in it.
    pub fn open(name_or_path: &str) -> Result<Self, ThemeError> {
        if let Some(theme) = Self::named(name_or_path) {
            return Ok(theme);
        }
        let text = crate::input::read_text(Path::new(name_or_path), crate::input::DOCUMENT)
            .map_err(|source| ThemeError::Unreadable { file: name_or_path.to_owned(), source })?;
        Self::read(name_or_path, &text).map_err(ThemeError::Problems)
    }

    /// The themes in a folder, in the order of their file names, and a sentence for each file that is none. A theme
    /// without a name has its file's.
    #[must_use]
    pub fn in_folder(folder: &Path) -> (Vec<Self>, Vec<String>) {
        let Ok(entries) = std::fs::read_dir(folder) else { return (Vec::new(), Vec::new()) };
        let mut files: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        files.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
        files.sort();
        let (mut themes, mut warnings) = (Vec::new(), Vec::new());
        for path in files {
            match Self::open(&path.to_string_lossy()) {
                Ok(mut theme) => {
                    if theme.name.is_empty() {
                        theme.name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                    }
                    themes.push(theme);
                }
                Err(error) => {
                    let reported = error.to_string();
                    let first = reported.lines().next().unwrap_or_default();
                    warnings.push(format!("a theme was left out: {first}"));
                }
            }
        }
        (themes, warnings)
    }

    /// How a role looks; the terminal's own look for one that nobody painted.
    pub fn paint(&self, role: Role) -> Paint {
        self.roles.get(&role).cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_themes_inside_paint_every_role() {
        for name in Theme::NAMES {
            let theme = Theme::named(name).unwrap_or_else(|| panic!("{name} does not read"));
            assert_eq!(theme.name, name);
            for role in Role::ALL {
                assert!(theme.roles.contains_key(&role), "{name} leaves {} out", role.word());
            }
        }
    }

    #[test]
    fn mono_has_no_colour_at_all() {
        let theme = Theme::mono();
        for role in Role::ALL {
            let paint = theme.paint(role);
            assert_eq!((paint.foreground, paint.background), (None, None), "{}", role.word());
        }
        assert_eq!(theme.output, OutputColours::Dropped);
    }

    #[test]
    fn a_file_paints_over_its_base() {
        let theme =
            Theme::read("mine.toml", "name = \"mine\"\nbase = \"light\"\n[roles]\ngood = \"#00ff7f\"\n").unwrap();
        assert_eq!(theme.paint(Role::Good).foreground, Some(Colour::Rgb(0, 255, 127)));
        assert_eq!(theme.paint(Role::Bad), Theme::light().paint(Role::Bad));
    }

    #[test]
    fn a_folder_gives_its_themes_and_says_what_is_none() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("b.toml"), "name = \"mine\"\n").unwrap();
        std::fs::write(folder.path().join("a.toml"), "base = \"light\"\n").unwrap();
        std::fs::write(folder.path().join("c.toml"), "[roles]\ngoood = 1\n").unwrap();
        std::fs::write(folder.path().join("d.txt"), "no theme").unwrap();
        let (themes, warnings) = Theme::in_folder(folder.path());
        assert_eq!(themes.iter().map(|theme| theme.name.as_str()).collect::<Vec<_>>(), ["a", "mine"]);
        assert_eq!(warnings.len(), 1);
        assert!(warnings[0].contains("c.toml:2:1: error: there is no role `goood`"), "{}", warnings[0]);
        assert_eq!(Theme::in_folder(&folder.path().join("none")), (Vec::new(), Vec::new()));
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let why = Theme::open("/nowhere/at/all.toml").unwrap_err().to_string();
        assert!(why.contains("/nowhere/at/all.toml"), "{why}");
    }
}
