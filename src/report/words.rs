//! Times, lengths and numbers of a report: raw for programs, and for people as the screen words them.

use crate::deployment::measurement::Measurement;
use crate::deployment::state::Stamp;
use crate::deployment::{Operator, clock, numbers};
use chrono::{DateTime, SecondsFormat, Utc};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;

/// A moment, UTC. In JSON as RFC 3339 with milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub DateTime<Utc>);

impl Time {
    /// The time of day alone.
    pub fn clock(&self) -> String {
        numbers::time(self.0)
    }

    pub fn iso(&self) -> String {
        self.0.to_rfc3339_opts(SecondsFormat::Millis, true)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} UTC", numbers::date_time(self.0))
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.iso())
    }
}

impl JsonSchema for Time {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Time".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }
}

/// A length of time in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct Took(pub u64);

impl Took {
    /// Between two moments; none at all where they are the wrong way round.
    #[must_use]
    pub fn between(from: DateTime<Utc>, to: DateTime<Utc>) -> Self {
        Self(u64::try_from((to - from).num_milliseconds()).unwrap_or(0))
    }
}

impl fmt::Display for Took {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&numbers::took(self.0))
    }
}

/// Milliseconds since T-0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct Count(pub i64);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&clock::text(self.0))
    }
}

/// Who, when, and in which record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Said {
    /// The name as stated.
    pub by: String,
    /// The operating system's user.
    pub user: String,
    pub at: Time,
    pub record: u64,
    /// A rehearsal answered for a person.
    pub simulated: bool,
}

impl Said {
    #[must_use]
    pub fn of(stamp: &Stamp) -> Self {
        Self::at(&stamp.by, stamp.at, stamp.seq.0)
    }

    #[must_use]
    pub fn at(by: &Operator, at: DateTime<Utc>, record: u64) -> Self {
        Self { by: by.says.clone(), user: by.user.clone(), at: Time(at), record, simulated: by.simulated.is_some() }
    }

    /// The name, with the user behind it where that is another.
    pub fn who(&self) -> String {
        who(&self.by, &self.user, self.simulated)
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.who(), self.at)
    }
}

/// A name, with the user of the operating system behind it where that is another.
pub(crate) fn who(by: &str, user: &str, simulated: bool) -> String {
    match simulated {
        true => format!("{by}, simulated"),
        false if by.eq_ignore_ascii_case(user) => by.to_owned(),
        false => format!("{by} ({user})"),
    }
}

/// A number measured.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Measured {
    pub name: String,
    /// Null when it is no finite number.
    pub value: Option<f64>,
    pub unit: String,
    /// What it was measured of: the table of a lock.
    pub of: Option<String>,
    /// How far the value may be off to either side.
    pub margin: Option<f64>,
}

impl Measured {
    #[must_use]
    pub fn of(measured: &Measurement) -> Self {
        let finite = |value: f64| value.is_finite().then_some(value);
        Self {
            name: measured.name.clone(),
            value: finite(measured.value),
            unit: measured.unit.clone(),
            of: measured.of.clone(),
            margin: measured.margin.and_then(finite),
        }
    }

    /// The number with its unit, without its name.
    pub fn quantity(&self) -> String {
        let value = self.value.unwrap_or(f64::NAN);
        let most = self.margin.filter(|margin| value > 0.0 && *margin >= value).map(|margin| value + margin);
        let mut text = match most {
            Some(most) => format!("≤ {}", numbers::quantity(most, &self.unit)),
            None => numbers::quantity(value, &self.unit),
        };
        if let Some(margin) = self.margin.filter(|_| most.is_none()) {
            text.push_str(" ± ");
            text.push_str(&numbers::quantity(margin, &self.unit));
        }
        if let Some(of) = &self.of {
            text.push_str(" on ");
            text.push_str(of);
        }
        text
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name == self.unit {
            return f.write_str(&self.quantity());
        }
        write!(f, "{} {}", self.name, self.quantity())
    }
}

/// How something bears on the deployment; colour only repeats what the word beside it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema, strum::Display)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
#[schemars(inline)]
pub enum Tone {
    Plain,
    Good,
    Doubtful,
    Bad,
}

/// How a result bears on the deployment.
pub(crate) fn tone(result: &str) -> Tone {
    match result {
        "pass" | "go" => Tone::Good,
        "inconclusive" | "running" => Tone::Doubtful,
        _ => Tone::Bad,
    }
}
