//! One table of the source, taken apart key by key.

use super::report::{Cause, Report};
use super::suggest::did_you_mean;
use super::value::{self, Found, Value};
use crate::checklist::offset::{Offset, Span as Duration, TimeError};
use crate::checklist::span::Span;
use std::ops::RangeInclusive;
use toml::de::DeTable;

/// An enum's words, in the order of its variants.
pub(crate) fn words_of<T: Copy + strum::VariantArray>() -> Vec<(&'static str, T)>
where
    &'static str: From<T>,
{
    T::VARIANTS.iter().map(|variant| ((*variant).into(), *variant)).collect()
}

/// Hands out the values of a table by their keys, notes those of a wrong type, and at the end the keys nobody asked for.
pub(crate) struct TableReader<'t> {
    report: &'t Report<'t>,
    table: &'t DeTable<'t>,
    /// The table's header, or the whole of an inline table.
    at: Span,
    /// What the table describes, with its article: `an item`.
    noun: &'static str,
    asked: Vec<&'static str>,
}

/// One entry of a list that holds texts and tables.
pub(crate) enum Entry<'t> {
    Text(Found<String>),
    Table(TableReader<'t>),
}

impl<'t> TableReader<'t> {
    pub(crate) fn new(report: &'t Report<'t>, table: &'t DeTable<'t>, at: Span, noun: &'static str) -> Self {
        Self { report, table, at, noun, asked: Vec::new() }
    }

    pub(crate) fn report(&self) -> &'t Report<'t> {
        self.report
    }

    pub(crate) fn at(&self) -> Span {
        self.at
    }

    /// Names the table better once its kind is known.
    pub(crate) fn call(&mut self, noun: &'static str) {
        self.noun = noun;
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// The value as it is now, and the key as asked for.
    pub(crate) fn value(&mut self, key: &'static str) -> Option<&'t Value<'t>> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        self.table.get(key)
    }

    /// Where the key stands, or else the table.
    pub(crate) fn key_at(&self, key: &str) -> Span {
        self.table.get_key_value(key).map_or(self.at, |(key, _)| key.span().into())
    }

    pub(crate) fn text(&mut self, key: &'static str) -> Option<Found<String>> {
        let value = self.value(key)?;
        value::text(self.report, key, value)
    }

    /// A text that must be there and must not be blank.
    pub(crate) fn required_text(&mut self, key: &'static str) -> Option<Found<String>> {
        if !self.require(key, "\"…\"") {
            return None;
        }
        let text = self.text(key)?;
        if text.value.trim().is_empty() {
            self.report.error(
                text.at,
                format!("`{key}` is empty"),
                format!("say it in a few words, or remove {}", self.noun),
            );
        }
        Some(text)
    }

    /// An id: required, and of characters that are safe in paths and file names.
    pub(crate) fn id(&mut self, key: &'static str) -> Option<Found<String>> {
        if !self.require(key, "\"…\"") {
            return None;
        }
        let id = self.text(key)?;
        value::check_id(self.report, &id.value, id.at);
        Some(id)
    }

    /// A list of texts.
    pub(crate) fn texts(&mut self, key: &'static str) -> Vec<Found<String>> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let Some(array) = value.get_ref().as_array() else {
            value::expected(self.report, key, "an array of strings", value, "[\"…\"]");
            return Vec::new();
        };
        array.iter().filter_map(|value| value::text(self.report, key, value)).collect()
    }

    /// One text or a list of them.
    pub(crate) fn text_or_texts(&mut self, key: &'static str) -> Vec<Found<String>> {
        match self.value(key).map(toml::Spanned::get_ref) {
            Some(value) if value.is_str() => self.text(key).into_iter().collect(),
            _ => self.texts(key),
        }
    }

    pub(crate) fn flag(&mut self, key: &'static str) -> Option<Found<bool>> {
        let value = self.value(key)?;
        let Some(flag) = value.get_ref().as_bool() else {
            value::expected(self.report, key, "true or false", value, "true");
            return None;
        };
        Some(Found { value: flag, at: value.span().into() })
    }

    /// A whole number within bounds.
    pub(crate) fn whole(&mut self, key: &'static str, within: RangeInclusive<u32>) -> Option<Found<u32>> {
        let value = self.value(key)?;
        value::whole(self.report, key, value, &within)
    }

    /// One whole number or a list of them.
    pub(crate) fn wholes(&mut self, key: &'static str, within: &RangeInclusive<u32>) -> Vec<Found<u32>> {
        let Some(value) = self.value(key) else { return Vec::new() };
        match value.get_ref().as_array() {
            Some(array) => array.iter().filter_map(|value| value::whole(self.report, key, value, within)).collect(),
            None => value::whole(self.report, key, value, within).into_iter().collect(),
        }
    }

    pub(crate) fn number(&mut self, key: &'static str) -> Option<Found<f64>> {
        let value = self.value(key)?;
        value::number(self.report, key, value)
    }

    /// One of a few words.
    pub(crate) fn word<T: Copy>(&mut self, key: &'static str, words: &[(&'static str, T)]) -> Option<Found<T>> {
        let text = self.text(key)?;
        self.one_of(key, &text, words)
    }

    /// Some of a few words.
    pub(crate) fn words<T: Copy>(&mut self, key: &'static str, words: &[(&'static str, T)]) -> Vec<Found<T>> {
        let texts = self.texts(key);
        texts.iter().filter_map(|text| self.one_of(key, text, words)).collect()
    }

    fn one_of<T: Copy>(&self, key: &str, text: &Found<String>, words: &[(&'static str, T)]) -> Option<Found<T>> {
        let found = words.iter().find(|(word, _)| *word == text.value).map(|(_, value)| text.with(*value));
        if found.is_none() {
            let known = words.iter().map(|(word, _)| *word);
            let suggestion = did_you_mean(&text.value, known, "write one of");
            self.report.error(text.at, format!("`{}` is no `{key}` of {}", text.value, self.noun), suggestion);
        }
        found
    }

    /// A length of time that is not nothing.
    pub(crate) fn time(&mut self, key: &'static str) -> Option<Found<Duration>> {
        let text = self.text(key)?;
        match Duration::parse(&text.value) {
            Ok(time) if time == Duration::from_millis(0) => {
                self.report.error(text.at, format!("`{key}` is no time at all"), "write for example 30s, or remove it");
                None
            }
            Ok(time) => Some(text.with(time)),
            Err(why) => {
                self.refuse(&text, key, &why);
                None
            }
        }
    }

    pub(crate) fn offset(&mut self, key: &'static str) -> Option<Found<Offset>> {
        let text = self.text(key)?;
        match Offset::parse(&text.value) {
            Ok(offset) => Some(text.with(offset)),
            Err(why) => {
                self.refuse(&text, key, &why);
                None
            }
        }
    }

    fn refuse(&self, text: &Found<String>, key: &str, why: &TimeError) {
        self.report.error(text.at, format!("`{key}`: {}", why.what()), why.next());
    }

    /// A regular expression, kept as its text.
    pub(crate) fn pattern(&mut self, key: &'static str) -> Option<Found<String>> {
        let text = self.text(key)?;
        value::pattern(self.report, key, &text)?;
        Some(text)
    }

    pub(crate) fn table(&mut self, key: &'static str, noun: &'static str) -> Option<TableReader<'t>> {
        let value = self.value(key)?;
        let Some(table) = value.get_ref().as_table() else {
            value::expected(self.report, key, "a table", value, "{ … }");
            return None;
        };
        Some(TableReader::new(self.report, table, value.span().into(), noun))
    }

    /// An array of tables.
    pub(crate) fn tables(&mut self, key: &'static str, noun: &'static str) -> Vec<TableReader<'t>> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let Some(array) = value.get_ref().as_array() else {
            let message = format!("`{key}`: expected an array of tables, found {}", value::type_of(value));
            self.report.error(value.span().into(), message, format!("write `[[…{key}]]` or `{key} = [{{ … }}]`"));
            return Vec::new();
        };
        let table = |value: &'t Value<'t>| {
            let Some(table) = value.get_ref().as_table() else {
                value::expected(self.report, key, "a table", value, "[{ … }]");
                return None;
            };
            Some(TableReader::new(self.report, table, value.span().into(), noun))
        };
        array.iter().filter_map(table).collect()
    }

    /// A list that may hold texts and tables side by side.
    pub(crate) fn texts_and_tables(&mut self, key: &'static str, noun: &'static str) -> Vec<Entry<'t>> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let Some(array) = value.get_ref().as_array() else {
            value::expected(self.report, key, "an array of strings", value, "[\"…\"]");
            return Vec::new();
        };
        let entry = |value: &'t Value<'t>| match value.get_ref().as_table() {
            Some(table) => Some(Entry::Table(TableReader::new(self.report, table, value.span().into(), noun))),
            None => value::text(self.report, key, value).map(Entry::Text),
        };
        array.iter().filter_map(entry).collect()
    }

    /// The entries of a table whose keys are names of the author's own, in the order written.
    pub(crate) fn entries(&self) -> Vec<(Found<String>, &'t Value<'t>)> {
        let entry = |(key, value): (&'t toml::Spanned<_>, _)| {
            let name: &std::borrow::Cow<'t, str> = key.get_ref();
            (Found { value: name.to_string(), at: key.span().into() }, value)
        };
        let mut entries: Vec<_> = self.table.iter().map(entry).collect();
        entries.sort_by_key(|(name, _)| name.at);
        entries
    }

    /// Like [`Self::entries`], of texts.
    pub(crate) fn named_texts(self) -> Vec<(Found<String>, Found<String>)> {
        let entries = self.entries().into_iter();
        entries
            .filter_map(|(name, value)| Some((value::text(self.report, &name.value, value)?, name)))
            .map(|(text, name)| (name, text))
            .collect()
    }

    /// Whether the key is there; noted as missing when it is not.
    pub(crate) fn require(&mut self, key: &'static str, example: &str) -> bool {
        let there = self.value(key).is_some();
        if !there {
            self.missing(key, example);
        }
        there
    }

    /// Notes a key that should be there, with an example of its value or the header of its tables.
    pub(crate) fn missing(&self, key: &str, example: &str) {
        let noun = self.noun.split_once(' ').map_or(self.noun, |(_, noun)| noun);
        let message = format!("this {noun} has no `{key}`");
        let suggestion = if example.starts_with("[[") {
            format!("write at least one `{example}`")
        } else {
            format!("add `{key} = {example}`")
        };
        self.report.error_because(Cause::Missing, self.at, message, suggestion);
    }

    /// Notes every key that was not asked for.
    pub(crate) fn finish(self) {
        for (name, _) in self.entries() {
            if !self.asked.contains(&name.value.as_str()) {
                let message = format!("`{}` is no key of {}", name.value, self.noun);
                let suggestion = did_you_mean(&name.value, self.asked.iter().copied(), "its keys are");
                self.report.error(name.at, message, suggestion);
            }
        }
    }
}
