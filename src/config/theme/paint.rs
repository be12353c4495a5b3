//! Roles, colours and emphasis.

/// What a thing on the screen is, whatever it looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Role {
    /// The ground everything stands on; `default` leaves the terminal's own.
    Background,
    Text,
    /// What may be passed over at first sight.
    Dim,
    /// What leads the eye: keys, the panel in hand.
    Accent,
    Good,
    Bad,
    Warning,
    Running,
    /// The name of a protected environment.
    Protected,
    /// The word that says that nothing here is real.
    Rehearsal,
    Border,
    BorderFocus,
    /// The line in hand in the panel that has the keys.
    Selection,
    /// The line in hand elsewhere.
    SelectionIdle,
    Bar,
    /// What a bar has not reached yet.
    Track,
    Sparkline,
    /// The ground of a chart beyond its target.
    Beyond,
    Title,
    Heading,
    /// Letters that a search found.
    Match,
    /// A line across the screen that cannot be overlooked.
    Banner,
    /// The rollback: its line across the screen, and without the reversal every frame.
    Rollback,
}

impl Role {
    pub const ALL: [Role; 23] = [
        Role::Background,
        Role::Text,
        Role::Dim,
        Role::Accent,
        Role::Good,
        Role::Bad,
        Role::Warning,
        Role::Running,
        Role::Protected,
        Role::Rehearsal,
        Role::Border,
        Role::BorderFocus,
        Role::Selection,
        Role::SelectionIdle,
        Role::Bar,
        Role::Track,
        Role::Sparkline,
        Role::Beyond,
        Role::Title,
        Role::Heading,
        Role::Match,
        Role::Banner,
        Role::Rollback,
    ];

    /// The key in a theme file.
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// How a role is painted; what is not said stays as the terminal has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paint {
    pub foreground: Option<Colour>,
    pub background: Option<Colour>,
    pub emphasis: Vec<Emphasis>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// One of the terminal's 256 colours; the first 16 are the ones with names.
    Indexed(u8),
    Rgb(u8, u8, u8),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Emphasis {
    Bold,
    Dim,
    Italic,
    Underline,
    Reverse,
}

const NAMES: [&str; 16] = [
    "black",
    "red",
    "green",
    "yellow",
    "blue",
    "magenta",
    "cyan",
    "white",
    "bright-black",
    "bright-red",
    "bright-green",
    "bright-yellow",
    "bright-blue",
    "bright-magenta",
    "bright-cyan",
    "bright-white",
];

impl Colour {
    /// Reads `#rrggbb`, a number from 0 to 255 or a name such as `bright-blue`; `default` is no colour of its own.
    ///
    /// # Errors
    /// A sentence that says what was expected, with the nearest name.
    pub(in crate::config) fn parse(text: &str) -> Result<Option<Self>, String> {
        if text == "default" {
            return Ok(None);
        }
        if let Some(digits) = text.strip_prefix('#') {
            let byte = |at: usize| digits.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
            if let (6, true, Some(r), Some(g), Some(b)) =
                (digits.len(), digits.bytes().all(|b| b.is_ascii_hexdigit()), byte(0), byte(2), byte(4))
            {
                return Ok(Some(Colour::Rgb(r, g, b)));
            }
            return Err(format!("`{text}` is no colour; six hexadecimal digits follow the #"));
        }
        if let Ok(index) = text.parse() {
            return Ok(Some(Colour::Indexed(index)));
        }
        if let Some(index) = NAMES.iter().position(|name| *name == text) {
            return Ok(u8::try_from(index).ok().map(Colour::Indexed));
        }
        Err(format!("`{text}` is no colour; write #rrggbb, 0 to 255, default or a name{}", nearest(text, NAMES)))
    }
}

impl Emphasis {
    /// # Errors
    /// A sentence that names what there is.
    pub(in crate::config) fn parse(text: &str) -> Result<Self, String> {
        Ok(match text {
            "bold" => Emphasis::Bold,
            "dim" => Emphasis::Dim,
            "italic" => Emphasis::Italic,
            "underline" => Emphasis::Underline,
            "reverse" => Emphasis::Reverse,
            _ => return Err(format!("`{text}` is no emphasis; there are bold, dim, italic, underline and reverse")),
        })
    }
}

/// ` such as NAME` for the known word that looks most like this one.
pub(super) fn nearest<'a>(text: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let best = known.into_iter().map(|name| (strsim::damerau_levenshtein(text, name), name)).min();
    best.map(|(_, name)| format!(" such as {name}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_read_in_all_three_spellings() {
        assert_eq!(Colour::parse("#0a141e"), Ok(Some(Colour::Rgb(10, 20, 30))));
        assert_eq!(Colour::parse("214"), Ok(Some(Colour::Indexed(214))));
        assert_eq!(Colour::parse("bright-blue"), Ok(Some(Colour::Indexed(12))));
        assert_eq!(Colour::parse("default"), Ok(None));
    }

    #[test]
    fn what_is_no_colour_is_refused_with_a_hint() {
        for wrong in ["#12345", "#12345g", "#+1+1+1", "256", "-1", "blu", "", "#ä12345"] {
            assert!(Colour::parse(wrong).is_err(), "{wrong} was accepted");
        }
        assert!(Colour::parse("bright-bleu").unwrap_err().ends_with("such as bright-blue"));
    }
}
