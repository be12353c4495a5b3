//! A value to fill in, as the checklist has it.

use super::account::Blank;

/// What a person types.
#[derive(Default)]
pub(super) struct Field {
    pub label: String,
    pub unit: Option<String>,
    pub choices: Vec<String>,
}

impl Field {
    pub(super) fn of(blank: &Blank) -> Self {
        let label = if blank.label.trim().is_empty() { "value".to_owned() } else { blank.label.clone() };
        Self { label, unit: blank.unit.clone(), choices: blank.choices.clone() }
    }
}
