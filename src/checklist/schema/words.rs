//! Single values: ids, references, times.

use schemars::JsonSchema;

/// A name within its surroundings: lower-case letters, digits, `-`, `_` and `.`.
#[derive(JsonSchema)]
pub(crate) struct Id(#[schemars(regex(pattern = r"^[a-z0-9._-]+$"))] pub String);

/// What something rests on: `phase`, `phase/section`, `phase/section/item` or `signoff:group`.
#[derive(JsonSchema)]
pub(crate) struct Reference(pub String);

/// The whole path of an item: `phase/section/item`, one step more for every level of nesting.
#[derive(JsonSchema)]
pub(crate) struct ItemPath(#[schemars(regex(pattern = r"^[^/]+(/[^/]+){2,}$"))] pub String);

/// A length of time: `250ms`, `30s`, `5m`, `24h`, `7d`, or a sum such as `1h30m`.
#[derive(JsonSchema)]
pub(crate) struct Time(#[schemars(regex(pattern = r"^\s*([0-9.]+(ms|s|min|m|h|d)\s*)+$"))] pub String);

/// When a step is planned, counted from T-0: `T-10m`, `T+0`, `T+90s`.
#[derive(JsonSchema)]
pub(crate) struct Offset(#[schemars(regex(pattern = r"^\s*[Tt]\s*[+−–-]"))] pub String);

/// A regular expression.
#[derive(JsonSchema)]
pub(crate) struct Pattern(pub String);

/// A path and query below the environment's `url`, such as `/health`.
#[derive(JsonSchema)]
pub(crate) struct Path(#[schemars(regex(pattern = "^/"))] pub String);

/// A line of the source document, counted from 1.
#[derive(JsonSchema)]
pub(crate) struct Line(#[schemars(range(min = 1))] pub u32);

/// One, or a list of them.
#[derive(JsonSchema)]
#[serde(untagged)]
pub(crate) enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}
