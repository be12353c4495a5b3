//! A command of a shell, as it would be run.

/// One command: its words without their quotes, and where it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Command {
    pub words: Vec<String>,
    /// Bytes of the text, from its first word to its last.
    pub start: usize,
    pub end: usize,
    pub input: Input,
    /// Where its output goes, when that is a file which is overwritten.
    pub output: Option<String>,
    /// Texts that the shell runs to make its words: `$(…)`.
    pub inner: Vec<String>,
}

/// What a command reads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Input {
    #[default]
    Nothing,
    /// What the command before it writes.
    Pipe,
    File,
    /// A here-document or a here-string.
    Text(String),
}
