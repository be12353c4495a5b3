//! Why a document cannot be taken over.

use thiserror::Error;

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ImportError {
    #[error("{file}: this is UTF-16, not Markdown as GitHub reads it; save it as UTF-8")]
    Utf16 { file: String },
    #[error("{file}: no task items (`- [ ] …`) that GitHub renders{hint}")]
    Nothing {
        file: String,
        /// What there is instead, with how to take it over.
        hint: String,
    },
}
