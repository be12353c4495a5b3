//! A command that a document names beside an item. Nothing runs it until a person has looked at it and armed it.

use super::destruction;
use regex::Regex;
use schemars::JsonSchema;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A proposed command, as written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// Where it is in the checklist's source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    pub language: ProposalLanguage,
    /// On as many lines as it has.
    pub text: String,
}

/// What a proposal is written in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProposalLanguage {
    #[default]
    Shell,
    /// Shown beside the item; a database is reached by an `sql` check alone.
    Sql,
}

/// What the first line of a command is called among the values that a person types.
pub(crate) const FIRST_LINE: &str = "first line";
/// The line that several commands begin with unless a person writes another: the first one that fails ends them, so that
/// exit status 0 means that all of them passed.
pub(crate) const ENDS_AT_FAILURE: &str = "set -e";

impl ProposalLanguage {
    pub fn word(self) -> &'static str {
        match self {
            ProposalLanguage::Shell => "shell",
            ProposalLanguage::Sql => "SQL",
        }
    }
}

impl Proposal {
    /// What a person must put a value in place of, each once, in the order written.
    pub fn placeholders(&self) -> Vec<String> {
        placeholders(&self.text)
    }

    /// Variables that the command expects to find, which a person may fill in as well.
    pub fn variables(&self) -> Vec<String> {
        match self.language {
            ProposalLanguage::Shell => variables(&self.text),
            ProposalLanguage::Sql => Vec::new(),
        }
    }

    /// The line that is put before the command as it is armed, where one of its commands could fail unseen.
    pub fn first_line(&self) -> Option<&'static str> {
        (self.language == ProposalLanguage::Shell && destruction::runs_on(&self.text)).then_some(ENDS_AT_FAILURE)
    }

    /// The command as it runs once it is armed: filled in, with its first line. Another first line stands among the values
    /// by [`FIRST_LINE`].
    ///
    /// # Errors
    /// The placeholders without a value.
    pub fn armed(&self, values: &BTreeMap<String, String>) -> Result<String, Vec<String>> {
        let command = self.filled(values)?;
        // Asked of what will run: a value may bring a second command in.
        if self.language != ProposalLanguage::Shell || !destruction::runs_on(&command) {
            return Ok(command);
        }
        let first = values.get(FIRST_LINE).map(|line| line.trim()).filter(|line| !line.is_empty());
        Ok(format!("{}\n{command}", first.unwrap_or(ENDS_AT_FAILURE)))
    }

    /// The command with values in place of its placeholders, by their text; a variable goes by its name behind `$`.
    ///
    /// # Errors
    /// The placeholders without a value.
    pub fn filled(&self, values: &BTreeMap<String, String>) -> Result<String, Vec<String>> {
        let value = |name: &str| values.get(name).map(|value| value.trim()).filter(|value| !value.is_empty());
        let mut missing: Vec<String> = Vec::new();
        let mut text = String::with_capacity(self.text.len());
        let mut at = 0;
        // Walked once over the text as written, so that a value is never taken for a placeholder itself.
        while let Some((from, to, name)) = next_hole(&self.text, at) {
            text.push_str(&self.text[at..from]);
            let variable = name.starts_with('$');
            match value(&name) {
                Some(value) => text.push_str(value),
                None => text.push_str(&self.text[from..to]),
            }
            if value(&name).is_none() && !variable && !missing.iter().any(|known| *known == name) {
                missing.push(name.into_owned());
            }
            at = to;
        }
        text.push_str(&self.text[at..]);
        if missing.is_empty() { Ok(text) } else { Err(missing) }
    }
}

/// What a note says before a command that a person may arm.
pub(crate) const TO_BE_ARMED: &str = "Command, to be armed or run by hand:";

/// A note without what it says of one command: the command itself, what it destroys, what is to be filled in.
pub(crate) fn note_without(note: &str, proposal: &Proposal) -> String {
    let found = ['\n', ' '].iter().find_map(|gap| {
        let reported = format!("{TO_BE_ARMED}{gap}{}", proposal.text.trim_end());
        note.find(&reported).map(|at| (at, at + reported.len()))
    });
    let Some((from, to)) = found else { return note.to_owned() };
    let behind = note[to..].trim_start_matches('\n');
    let rest =
        behind.lines().skip_while(|line| line.starts_with("Destructive: ") || line.starts_with("Fill in first: "));
    let before = note[..from].lines();
    before.chain(rest).filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("\n")
}

/// What somebody has to put a value in place of.
static PLACEHOLDERS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"\{\{[^{}]{0,60}\}\}",
        r"|<[A-Za-z][A-Za-z0-9 _.-]{0,40}>",
        r"|\[[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\]|\[(?:TODO|TBD|To be filled in|fill in|Name|Date|your[^\]]{0,30}|[a-z]+-[a-z-]{2,30})\]",
        r"|\bv?[XYZ]\.[XYZ](?:\.[XYZ])?\b|\bv?x\.(?:y|x)(?:\.(?:z|x))?\b|\b[vV]?\d+\.(?:[xy]|\d+\.[xyz])\b",
        r"|\bYYYY-?MM-?DD\b|\bYY\.MM(?:\.\w+)?\b|\b(?:CHANGE_?ME|REPLACE_?ME|TODO|TBD|FIXME|XXX+)\b",
        r"|\b(?:your|my)[-_][a-z][a-z_-]{1,30}\b|\bYOUR_[A-Z_]{2,30}\b",
    ))
    .ok()
});

/// What must be filled in, each once.
pub(crate) fn placeholders(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    if !may_hold_one(text) {
        return found;
    }
    for shape in PLACEHOLDERS.iter().flat_map(|shape| shape.find_iter(text)) {
        if !found.iter().any(|known| known == shape.as_str()) {
            found.push(shape.as_str().to_owned());
        }
    }
    found
}

/// Whether it is worth looking closer: a bracket, two capitals together, a version with a letter, or `your`.
fn may_hold_one(text: &str) -> bool {
    let pair = |pair: &[u8]| match pair {
        [first, second] if first.is_ascii_uppercase() && second.is_ascii_uppercase() => true,
        [b'.', letter] => letter.is_ascii_alphabetic(),
        [b'y', b'o' | b'-' | b'_'] | [b'm', b'y'] => true,
        [first, _] => matches!(first, b'<' | b'[' | b'{'),
        _ => false,
    };
    text.as_bytes().windows(2).any(pair)
}

/// What a command would destroy.
pub(crate) fn destructive(text: &str) -> Option<&'static str> {
    destruction::of(text).map(|destroyed| destroyed.words)
}

static VARIABLES: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\$(?:\{([A-Z][A-Z0-9_]*)\}|([A-Z][A-Z0-9_]*))").ok());

/// Variables that every shell has.
const GIVEN: [&str; 12] =
    ["HOME", "IFS", "LINENO", "OLDPWD", "OPTARG", "OPTIND", "PATH", "PPID", "PWD", "RANDOM", "SHELL", "USER"];

/// The variables in capitals that a command reads and does not set itself, `$NAME`, each once. What is in single
/// quotes is not the shell's.
pub(crate) fn variables(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for captures in VARIABLES.iter().flat_map(|shape| shape.captures_iter(text)) {
        let (Some(whole), Some(name)) = (captures.get(0), captures.get(1).or_else(|| captures.get(2))) else {
            continue;
        };
        let name = name.as_str();
        let own = GIVEN.contains(&name) || name.starts_with("GONOGO") || sets(text, name);
        let shown = format!("${name}");
        if !own && !found.contains(&shown) && is_expanded(&text[..whole.start()]) {
            found.push(shown);
        }
    }
    found
}

/// Whether the shell would expand what stands behind `before`.
fn is_expanded(before: &str) -> bool {
    let escaped = before.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1;
    let (mut single, mut double) = (false, false);
    for c in before.chars() {
        match c {
            '\'' if !double => single = !single,
            '"' if !single => double = !double,
            _ => {}
        }
    }
    !escaped && !single
}

/// Whether a command gives a variable its value itself.
fn sets(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let before = text[..at].chars().next_back().is_none_or(|c| c.is_whitespace() || matches!(c, ';' | '&' | '('));
        let after = &text[at + name.len()..];
        let word = text[..at].split_whitespace().next_back();
        before && (after.starts_with('=') || matches!(word, Some("for" | "read" | "-r")))
    })
}

/// The next thing behind `at` to put a value in place of: where it begins and ends, and its name.
fn next_hole(text: &str, at: usize) -> Option<(usize, usize, Cow<'_, str>)> {
    let placeholder = PLACEHOLDERS.as_ref().filter(|_| may_hold_one(text)).and_then(|shape| shape.find_at(text, at));
    let variable = VARIABLES.as_ref().and_then(|shape| shape.captures_at(text, at)).and_then(|captures| {
        let (whole, name) = (captures.get(0)?, captures.get(1).or_else(|| captures.get(2))?);
        Some((whole.start(), whole.end(), Cow::Owned(format!("${}", name.as_str()))))
    });
    match (placeholder, variable) {
        (Some(found), Some((from, ..))) if found.start() < from => {
            Some((found.start(), found.end(), Cow::Borrowed(found.as_str())))
        }
        (Some(found), None) => Some((found.start(), found.end(), Cow::Borrowed(found.as_str()))),
        (_, variable) => variable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(text: &str) -> Proposal {
        Proposal { line: None, language: ProposalLanguage::Shell, text: text.to_owned() }
    }

    fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn values_take_the_places_of_placeholders_and_of_nothing_else() {
        let proposal = shell("deploy <env> vX.Y.Z\ncheck <env> --as \"$WHO\" ${WHO} $OTHER");
        assert_eq!(proposal.placeholders(), ["<env>", "vX.Y.Z"]);
        assert_eq!(proposal.variables(), ["$WHO", "$OTHER"]);
        assert_eq!(proposal.filled(&values(&[("<env>", "a")])), Err(vec!["vX.Y.Z".to_owned()]));
        assert_eq!(proposal.filled(&values(&[("<env>", " "), ("vX.Y.Z", "1")])), Err(vec!["<env>".to_owned()]));
        // A value that looks like a placeholder is not filled in again.
        let all = values(&[("<env>", " vX.Y.Z "), ("vX.Y.Z", "v1.2.3"), ("$WHO", "kim"), ("$NOBODY", "x")]);
        assert_eq!(proposal.filled(&all).unwrap(), "deploy vX.Y.Z v1.2.3\ncheck vX.Y.Z --as \"kim\" kim $OTHER");
    }

    #[test]
    fn several_commands_begin_with_a_line_that_ends_them_at_a_failure() {
        let armed = |text: &str, pairs: &[(&str, &str)]| shell(text).armed(&values(pairs)).unwrap();
        assert_eq!(armed("false\necho fine", &[]), "set -e\nfalse\necho fine");
        assert_eq!(armed("false; echo fine", &[(FIRST_LINE, " ")]), "set -e\nfalse; echo fine");
        assert_eq!(armed("a\nb", &[(FIRST_LINE, "set -eu")]), "set -eu\na\nb");
        assert_eq!(armed("a\nb", &[(FIRST_LINE, "set +e")]), "set +e\na\nb");
        assert_eq!(armed("set -eu\na\nb", &[]), "set -eu\na\nb");
        assert_eq!(armed("deploy \\\n  --now", &[]), "deploy \\\n  --now");
        assert_eq!(armed("run <it>", &[("<it>", "a; b")]), "set -e\nrun a; b");
        assert_eq!(shell("a\nb").first_line(), Some("set -e"));
        assert_eq!(shell("a && b").first_line(), None);
        let sql = Proposal { line: None, language: ProposalLanguage::Sql, text: "SELECT 1;\nSELECT 2;".to_owned() };
        assert_eq!((sql.first_line(), sql.armed(&values(&[])).unwrap()), (None, sql.text.clone()));
    }

    #[test]
    fn a_note_does_not_repeat_what_was_armed() {
        let note = "Look first\nCommand, to be armed or run by hand: rm <it>\nDestructive: it removes files.\nFill in first: <it>\nLink: https://a";
        assert_eq!(note_without(note, &shell("rm <it>")), "Look first\nLink: https://a");
        assert_eq!(note_without(note, &shell("ls")), note);
        assert_eq!(note_without("Command, to be armed or run by hand:\na\nb", &shell("a\nb")), "");
    }

    #[test]
    fn no_placeholder_is_too_many() {
        use std::fmt::Write as _;
        let mut text = String::new();
        for number in 0..40 {
            let _ = write!(text, "<name{number}> ");
        }
        assert_eq!(shell(&text).placeholders().len(), 40);
        assert_eq!(shell(&text).filled(&BTreeMap::new()).unwrap_err().len(), 40);
    }

    #[test]
    fn only_variables_that_come_from_outside_are_asked_for() {
        for text in [
            "echo $HOME $PWD $?",
            "awk '{print $NF}'",
            "TAG=1; echo $TAG",
            "for I in 1 2; do echo $I; done",
            "read -r NAME; echo \"$NAME\"",
            "echo \\$PLAIN $lower",
            "echo $GONOGO_URL",
            "echo ${A:-b}",
        ] {
            assert_eq!(variables(text), Vec::<String>::new(), "{text}");
        }
        assert_eq!(variables("echo \"it's $HERE\" ${THERE}"), ["$HERE", "$THERE"]);
    }

    #[test]
    fn placeholders_are_flagged() {
        assert_eq!(placeholders("deploy <env> vX.Y.Z {{ name }} <env>"), ["<env>", "vX.Y.Z", "{{ name }}"]);
        assert_eq!(placeholders("git checkout [PREVIOUS_COMMIT_HASH]"), ["[PREVIOUS_COMMIT_HASH]"]);
        assert_eq!(placeholders("a < b && c > d; echo $HOME 1.2.3"), Vec::<String>::new());
    }
}
