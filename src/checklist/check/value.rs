//! A person types what they read or decided.

use super::kind::{Completion, Kind, Measure, Measures, Title};
use crate::checklist::reader::checks::Written;
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Value {
    /// What to type: "where the backup is kept".
    pub label: String,
    pub unit: Option<String>,
    pub form: ValueForm,
    /// The answers there are; none when anything may be typed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
}

/// `text` unless given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ValueForm {
    #[default]
    Text,
    Number,
}

impl Value {
    /// The answer that a text means, without regard to the case of letters; `None` when it is none of those there are.
    pub fn answer<'a>(&'a self, text: &'a str) -> Option<&'a str> {
        let known = self.choices.iter().find(|choice| choice.to_lowercase() == text.to_lowercase());
        if self.choices.is_empty() { Some(text) } else { known.map(String::as_str) }
    }

    pub(in crate::checklist) fn read(written: &mut Written<'_, '_>) -> Option<Self> {
        let table = &mut written.table;
        table.call("a value check");
        let label = table.required_text("label");
        let unit = table.text("unit").map(|unit| unit.value);
        let form = table.word("form", &[("text", ValueForm::Text), ("number", ValueForm::Number)]);
        let choices = table.texts("choices").into_iter().map(|choice| choice.value).collect();
        Some(Self { label: label?.value, unit, form: form.map(|form| form.value).unwrap_or_default(), choices })
    }
}

impl Kind for Value {
    fn completion(&self) -> Completion {
        Completion::Filled
    }

    fn measures(&self, _: Measures<'_>) -> Vec<Measure> {
        match self.form {
            ValueForm::Text => Vec::new(),
            ValueForm::Number => vec![Measure { name: "value".to_owned(), unit: self.unit.clone() }],
        }
    }

    fn describe(&self, _: Title<'_>) -> Vec<String> {
        let unit = self.unit.as_ref().map(|unit| format!(" ({unit})")).unwrap_or_default();
        let choices =
            if self.choices.is_empty() { String::new() } else { format!("; one of {}", self.choices.join(", ")) };
        vec![format!("a person fills in: {}{unit}{choices}", self.label)]
    }

    fn looks_at_a_moment(&self) -> bool {
        false
    }
}
