//! Reads records as this program writes them, several times faster than a reader of all TOML.
//!
//! Whatever is not written just so is left to that one, so that both read the same: a property test compares them.

use crate::checklist::Digest;
use crate::deployment::{Fact, Operator, Record, Seq};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde::de::value::{Error, MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use std::borrow::Cow;
use std::sync::Arc;

/// How deep values are read here; what is nested deeper is left to the other reader, which has a limit too.
const DEPTH: u8 = 8;

/// Reads records one after the other. Most are by the same few people, whose names are kept once.
#[derive(Default)]
pub(super) struct OwnReader<'a> {
    by: Option<(&'a str, Arc<Operator>)>,
}

/// One record as it is now, with the sum that it says stands before it.
#[derive(Debug)]
pub(super) struct Own<'a> {
    pub(super) record: Record,
    pub(super) prev: &'a str,
}

impl<'a> OwnReader<'a> {
    /// The record in the text between a record's opening line and its `sum` line. `None` when it is written in another way
    /// than this program does, or says something that it cannot.
    pub(super) fn read(&mut self, text: &'a str, sum: &Digest) -> Option<Own<'a>> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let seq = Seq(u64::try_from(integer(lines.next()?.strip_prefix("seq = ")?)?).ok()?);
        let at = moment(lines.next()?.strip_prefix("at = ")?)?;
        let by = self.operator(lines.next()?.strip_prefix("by = ")?)?;
        let mut fields: Vec<(Value<'a>, Value<'a>)> = Vec::with_capacity(16);
        loop {
            let (key, written) = lines.next()?.split_once(" = ")?;
            if key == "prev" {
                let prev = written.strip_prefix('"')?.strip_suffix('"')?;
                let plain = prev.bytes().all(|byte| byte.is_ascii_hexdigit());
                let fact = Fact::deserialize(Value::Table(fields)).ok().filter(|_| plain && lines.next().is_none())?;
                return Some(Own { record: Record { seq, at, by, fact, sum: sum.clone() }, prev });
            }
            if matches!(key, "seq" | "at" | "by") {
                return None;
            }
            let value = time(written).or_else(|| whole(written))?;
            add(&mut fields, key, value)?;
        }
    }

    fn operator(&mut self, written: &'a str) -> Option<Arc<Operator>> {
        if let Some((_, by)) = self.by.as_ref().filter(|(known, _)| *known == written) {
            return Some(Arc::clone(by));
        }
        let by = Arc::new(Operator::deserialize(whole(written)?).ok()?);
        self.by = Some((written, Arc::clone(&by)));
        Some(by)
    }
}

enum Value<'a> {
    Text(Cow<'a, str>),
    Integer(i64),
    Float(f64),
    Truth(bool),
    List(Vec<Value<'a>>),
    Table(Vec<(Value<'a>, Value<'a>)>),
}

/// A value that fills its line.
fn whole(written: &str) -> Option<Value<'_>> {
    let mut rest = written;
    let value = value(&mut rest, DEPTH)?;
    rest.is_empty().then_some(value)
}

fn value<'a>(rest: &mut &'a str, depth: u8) -> Option<Value<'a>> {
    match rest.as_bytes().first()? {
        b'"' => Some(Value::Text(string(rest)?)),
        b'[' => {
            *rest = &rest[1..];
            let mut values = Vec::new();
            if skip(rest, "]") {
                return Some(Value::List(values));
            }
            loop {
                values.push(value(rest, depth.checked_sub(1)?)?);
                if skip(rest, "]") {
                    return Some(Value::List(values));
                }
                skip(rest, ", ").then_some(())?;
            }
        }
        b'{' => {
            *rest = &rest[1..];
            let mut fields = Vec::new();
            if skip(rest, "}") {
                return Some(Value::Table(fields));
            }
            skip(rest, " ").then_some(())?;
            loop {
                let (key, after) = rest.split_once(" = ")?;
                *rest = after;
                let value = value(rest, depth.checked_sub(1)?)?;
                add(&mut fields, key, value)?;
                if skip(rest, " }") {
                    return Some(Value::Table(fields));
                }
                skip(rest, ", ").then_some(())?;
            }
        }
        _ => {
            let end = rest.find([',', ' ', ']', '}']).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            *rest = after;
            match word {
                "true" => Some(Value::Truth(true)),
                "false" => Some(Value::Truth(false)),
                _ => integer(word).map(Value::Integer).or_else(|| float(word).map(Value::Float)),
            }
        }
    }
}

fn skip(rest: &mut &str, word: &str) -> bool {
    let Some(after) = rest.strip_prefix(word) else { return false };
    *rest = after;
    true
}

/// A key that needs no quotes and does not stand there yet.
fn add<'a>(fields: &mut Vec<(Value<'a>, Value<'a>)>, key: &'a str, value: Value<'a>) -> Option<()> {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let again = fields.iter().any(|(known, _)| matches!(known, Value::Text(known) if known == key));
    if again || key.is_empty() || !key.bytes().all(bare) {
        return None;
    }
    fields.push((Value::Text(Cow::Borrowed(key)), value));
    Some(())
}

fn string<'a>(rest: &mut &'a str) -> Option<Cow<'a, str>> {
    let body = rest.strip_prefix('"')?;
    let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=31 | 127);
    let mut at = body.bytes().position(|byte| special(&byte))?;
    if body.as_bytes()[at] == b'"' {
        *rest = &body[at + 1..];
        return Some(Cow::Borrowed(&body[..at]));
    }
    let mut text = String::from(&body[..at]);
    loop {
        let (escape, length) = match *body.as_bytes().get(at)? {
            b'"' => {
                *rest = &body[at + 1..];
                return Some(Cow::Owned(text));
            }
            b'\\' => match body.as_bytes().get(at + 1)? {
                b'"' => ('"', 2),
                b'\\' => ('\\', 2),
                b'n' => ('\n', 2),
                b'r' => ('\r', 2),
                b't' => ('\t', 2),
                b'u' => {
                    let digits = body.get(at + 2..at + 6)?;
                    let plain = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
                    (char::from_u32(u32::from_str_radix(digits, 16).ok()?).filter(|_| plain)?, 6)
                }
                _ => return None,
            },
            _ => return None,
        };
        text.push(escape);
        let after = &body[at + length..];
        let plain = after.bytes().position(|byte| special(&byte))?;
        text.push_str(&after[..plain]);
        at += length + plain;
    }
}

/// Digits without a zero before them, as far as they go, and what follows.
fn digits(text: &str) -> Option<&str> {
    let end = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    let fine = end == 1 || (end > 1 && !text.starts_with('0'));
    fine.then(|| &text[end..])
}

fn integer(word: &str) -> Option<i64> {
    let rest = digits(word.strip_prefix('-').unwrap_or(word))?;
    rest.is_empty().then(|| word.parse().ok())?
}

fn float(word: &str) -> Option<f64> {
    let mut rest = digits(word.strip_prefix('-').unwrap_or(word))?;
    if let Some(fraction) = rest.strip_prefix('.') {
        let end = fraction.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(fraction.len());
        rest = fraction.get(end..).filter(|_| end > 0)?;
    }
    if let Some(exponent) = rest.strip_prefix('e') {
        rest = digits(exponent.strip_prefix('-').unwrap_or(exponent))?;
    }
    rest.is_empty().then(|| word.parse::<f64>().ok())?.filter(|number| number.is_finite())
}

/// A time or a date that reads back as the same text, which is how facts have it.
fn time(written: &str) -> Option<Value<'_>> {
    let same = match written.len() {
        10 => date(written).is_some(),
        20 => moment(written).is_some(),
        22.. => moment(written).is_some() && !written.ends_with("0Z"),
        _ => false,
    };
    same.then_some(Value::Text(Cow::Borrowed(written)))
}

/// So many digits as a number.
fn number(text: Option<&str>) -> Option<u32> {
    text.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()
}

fn date(written: &str) -> Option<NaiveDate> {
    let bytes = written.as_bytes();
    let (year, month, day) = (number(written.get(..4))?, number(written.get(5..7))?, number(written.get(8..10))?);
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    (bytes[4] == b'-' && bytes[7] == b'-').then_some(date)
}

/// `2026-11-22T14:00:07.204Z`, with or without its fraction.
fn moment(written: &str) -> Option<DateTime<Utc>> {
    let bytes = written.as_bytes();
    let (clock, fraction) = (written.get(11..19)?, written.get(19..)?.strip_suffix('Z')?);
    let nanos = match fraction.strip_prefix('.') {
        Some(digits) if (1..=9).contains(&digits.len()) => {
            number(Some(digits))? * 10_u32.pow(9 - u32::try_from(digits.len()).ok()?)
        }
        _ if fraction.is_empty() => 0,
        _ => return None,
    };
    let part = |from: usize| number(clock.get(from..from + 2));
    let date = date(written)?;
    let time = date.and_hms_nano_opt(part(0)?, part(3)?, part(6)?, nanos)?;
    (bytes[10] == b'T' && bytes[13] == b':' && bytes[16] == b':').then(|| time.and_utc())
}

impl<'de> IntoDeserializer<'de, Error> for Value<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Value<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Value::Text(Cow::Borrowed(text)) => visitor.visit_borrowed_str(text),
            Value::Text(Cow::Owned(text)) => visitor.visit_string(text),
            Value::Integer(number) => visitor.visit_i64(number),
            Value::Float(number) => visitor.visit_f64(number),
            Value::Truth(truth) => visitor.visit_bool(truth),
            Value::List(values) => visitor.visit_seq(SeqDeserializer::new(values.into_iter())),
            Value::Table(fields) => visitor.visit_map(MapDeserializer::new(fields.into_iter())),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self {
            Value::Text(text) => visitor.visit_enum(text.into_deserializer()),
            other => other.deserialize_any(visitor),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}
