//! How an item is carried out.
//!
//! Longer than 400 lines because it is the whole vocabulary of the checks, a few lines a field.

use super::words::{ItemPath, OneOrMany, Path, Pattern, Reference, Time};
use crate::checklist::check::{
    BackupStage, Depth, Direction, Look, MigrationTarget, Nullability, PlanUse, Reachability, Redirects, ValueForm,
};
use crate::checklist::evidence::Compute;
use schemars::JsonSchema;
use std::collections::BTreeMap;

/// How one item is carried out. Without a check a person looks and ticks.
#[derive(JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Check {
    /// A person looks and ticks.
    Manual {},
    /// A person types what they read or decided. A number measures `value`.
    Value {
        /// What to type: "where the backup is kept".
        label: String,
        unit: Option<String>,
        form: Option<ValueForm>,
        /// The answers there are; anything else is refused. Without them anything may be typed.
        choices: Option<Vec<String>>,
    },
    /// A shell command under the supervisor. Measures `duration` (s) and its own `numbers`.
    #[schemars(extend("oneOf" = [{ "required": ["run"] }, { "required": ["use"] }]))]
    Command {
        /// Handed to `sh -c` in the environment's folder, with `GONOGO_DATABASE_URL`, `GONOGO_URL` and the like set.
        run: Option<String>,
        /// The name of one of the environment's own commands; instead of `run`.
        #[serde(rename = "use")]
        named: Option<String>,
        /// Exit statuses that count as success; 0 unless given.
        exit: Option<OneOrMany<ExitStatus>>,
        /// Text that the output must contain.
        contains: Option<String>,
        /// Text that the output must not contain.
        lacks: Option<String>,
        /// A regular expression that the output must match.
        pattern: Option<Pattern>,
        /// Numbers drawn from the output, to be held against `targets`.
        numbers: Option<Vec<Number>>,
    },
    /// A read-only query whose one value is compared. Measures `value` or what `measure` names.
    Sql {
        query: Query,
        /// The value as text; instead of `expect`.
        equals: Option<String>,
        expect: Option<Expectation>,
        measure: Option<String>,
        unit: Option<String>,
        /// A query whose number says among how many rows this one looks; 0 makes it inconclusive.
        among: Option<Query>,
        /// The item whose beginning `:since` in a query stands for; the deployment's unless given.
        since: Option<ItemPath>,
    },
    /// Requests to the environment's service. Measures `latency-p50`, `latency-p95`, `latency-max` (ms), `queries`,
    /// `records`, `errors`.
    Http {
        /// `GET` unless given.
        method: Option<Method>,
        path: Path,
        body: Option<String>,
        /// The file that is sent as the body, below the environment's folder; instead of `body`.
        body_file: Option<String>,
        /// Sent with every request; values may name `${VARIABLES}`.
        headers: Option<BTreeMap<String, String>>,
        /// A file of PEM certificates that the service is trusted by; the environment's `ca` unless given.
        ca: Option<String>,
        /// Sent without the environment's `auth`.
        anonymous: Option<bool>,
        redirects: Option<Redirects>,
        /// Expected: `200`, `"2xx"`, `"200-204"` or a list of these; 200 unless given.
        status: Option<OneOrMany<Status>>,
        contains: Option<String>,
        /// What the answer's JSON must hold.
        json: Option<Vec<JsonWant>>,
        response_headers: Option<Vec<HeaderWant>>,
        expect: Option<Reachability>,
        /// How many requests are counted; 1 unless given.
        #[schemars(range(min = 1, max = 1_000_000))]
        requests: Option<u32>,
        /// Requests before those that are counted.
        #[schemars(range(min = 0, max = 1_000_000))]
        warmup: Option<u32>,
        /// How many requests run at the same time; 1 unless given.
        #[schemars(range(min = 1, max = 1_000))]
        concurrency: Option<u32>,
        queries: Option<QueryCount>,
        /// Fewer records than this in the answer make latency and query counts inconclusive.
        at_least_records: Option<u32>,
        /// How long to keep trying until the service answers as expected.
        within: Option<Time>,
        /// The step after whose beginning the process that answers has to have started; reported on this machine alone.
        started_since: Option<ItemPath>,
        /// Whether the process that answers has to have the environment's database open; reported on this machine alone.
        own_database: Option<bool>,
    },
    /// Many requests to the environment's service, in a closed loop (`requests`) or at a constant rate (`rate` and
    /// `duration`). Measures `latency-p50`, `latency-p95`, `latency-p99`, `latency-max` (ms), `throughput` (requests/s),
    /// `errors`, `records`; where the service runs on this machine `target-cpu` (%), `target-memory` (MB) and
    /// `target-connections`.
    Load {
        /// `GET` unless given.
        method: Option<Method>,
        path: Path,
        body: Option<String>,
        /// The file that is sent as the body, below the environment's folder; instead of `body`.
        body_file: Option<String>,
        /// Sent with every request; values may name `${VARIABLES}`.
        headers: Option<BTreeMap<String, String>>,
        /// A file of PEM certificates that the service is trusted by; the environment's `ca` unless given.
        ca: Option<String>,
        /// Sent without the environment's `auth`.
        anonymous: Option<bool>,
        /// Expected: `200`, `"2xx"`, `"200-204"` or a list of these; 200 unless given.
        status: Option<OneOrMany<Status>>,
        contains: Option<String>,
        /// What each answer's JSON must hold.
        json: Option<Vec<JsonWant>>,
        response_headers: Option<Vec<HeaderWant>>,
        /// How many requests are counted; 1000 unless given.
        #[schemars(range(min = 1, max = 1_000_000))]
        requests: Option<u32>,
        /// Requests before those that are counted.
        #[schemars(range(min = 0, max = 1_000_000))]
        warmup: Option<u32>,
        /// Connections, and requests at the same time; 10 unless given.
        #[schemars(range(min = 1, max = 1_000))]
        concurrency: Option<u32>,
        /// Requests a second, however slow the answers are; latency counts from when a request was due.
        #[schemars(range(min = 0.001, max = 1_000_000.0))]
        rate: Option<f64>,
        /// How long requests are sent at `rate`.
        duration: Option<Time>,
        /// Fewer records than this in an answer make the figures inconclusive.
        at_least_records: Option<u32>,
    },
    /// A port that accepts a connection, or is silent. Measures `connect` (ms) and `waited` (s).
    Tcp {
        /// `HOST:PORT`; may name `${VARIABLES}`.
        address: String,
        expect: Option<Reachability>,
        /// How long to keep trying; once unless given.
        within: Option<Time>,
    },
    /// The database's catalog against an expectation. Measures `indexes`.
    #[schemars(extend("anyOf" = [{ "required": ["table"] }, { "required": ["tables"] }, { "required": ["absent_tables"] }]))]
    Schema {
        /// The table that columns, indexes, constraints and foreign keys are of.
        table: Option<String>,
        /// Tables that must be there.
        tables: Option<Vec<String>>,
        /// Tables that must not be there.
        absent_tables: Option<Vec<String>>,
        columns: Option<Vec<Column>>,
        indexes: Option<Vec<Index>>,
        constraints: Option<Vec<Constraint>>,
        foreign_keys: Option<Vec<ForeignKey>>,
        /// The least number of indexes on the table.
        at_least_indexes: Option<u32>,
        /// The item that made what must be absent now, where no earlier check of the environment found it.
        present_before: Option<ItemPath>,
    },
    /// The database searched for what should not be in it; any finding is a failure. Measures each word of `look_for`.
    Consistency {
        /// Without it: orphans, timestamps, types, nulls, uniqueness, sequences, indexes and constraints.
        look_for: Option<Vec<Look>>,
        /// Every table of the application unless given.
        tables: Option<Vec<String>>,
        /// Columns that must hold no null although the schema lets them.
        required: Option<Vec<Columns>>,
        /// Columns that must not repeat together although no index says so.
        unique: Option<Vec<Columns>>,
    },
    /// Exact row counts. Measures `rows TABLE` of each table named.
    Rows {
        /// Every table of the application unless given.
        tables: Option<Vec<String>>,
        /// The item whose counts these are held against; without it they are counted and kept.
        against: Option<ItemPath>,
        depth: Option<Depth>,
    },
    /// A file or a tree searched. Measures `matches`, and `bytes` of a single file.
    File {
        /// Below the environment's folder, or absolute; `$log` stands for its log, `$folder` for its folder.
        path: String,
        /// Must match somewhere; of several, each.
        contains: Option<OneOrMany<Searched>>,
        /// Must match nowhere; the first places it does are named.
        lacks: Option<OneOrMany<Searched>>,
        /// Only files with this ending are searched in a folder: `py`.
        ending: Option<String>,
        /// Only what was added since this item's attempt began.
        since: Option<ItemPath>,
        /// Where JSON lines keep their time: a name, or a JSON pointer.
        time_field: Option<String>,
        /// The zone of times that name none: an offset such as `+09:00`, `UTC`, or `local` for that of this host. With `since`.
        assumed_zone: Option<String>,
    },
    /// A backup made, read back, restored to scratch and compared. Measures `bytes`, `duration` (s), `restore` (s).
    Backup {
        stage: Option<BackupStage>,
        /// The item that made the backup, for `verify`, `restore` and `swap`.
        of: Option<ItemPath>,
    },
    /// The environment's migrator, with counts and fingerprints taken before and after. Measures `duration` (s), `lock` (s),
    /// `rows-changed`, `size-increase` (bytes), `revisions`.
    Migration {
        direction: Direction,
        /// `head`, `heads`, `base`, `-1`, `+1` or a revision; `head` unless given, which a downgrade must not leave out. A
        /// step is turned into the revision it means before anything runs, and refused where that cannot be reported.
        to: Option<String>,
        /// The revision that the database has to be at before it starts; from anywhere else it is refused.
        from: Option<String>,
        on: Option<MigrationTarget>,
        /// Tables whose contents may change; every other table's must stay the same.
        rewrites: Option<Vec<String>>,
    },
    /// A notice sent to the webhooks and the command of `GONOGO_NOTIFY_URLS` and `GONOGO_NOTIFY_COMMAND`. Passes when
    /// everybody took it.
    Notify {
        /// What they are notified; the checklist's title is in front of it.
        text: String,
    },
    /// A metric watched for a length of time. Measures `median`, `p95`, `max`, `min`, `mean` in the metric's unit, `within`,
    /// `availability`, `growth`, `coverage` (%) and `samples`. Evaluated by itself when the time is over, failing at once
    /// when it can no longer hold; inconclusive when less than 95 % of the time has samples.
    Watch {
        /// The id of a metric (`[[pane]]`).
        pane: String,
        /// How long, up to `7d12h`.
        over: Time,
        /// The period begins when this is complete; at T-0 unless given.
        from: Option<Reference>,
    },
    /// A verdict drawn from what the ledger already holds; nothing is run.
    #[schemars(extend("anyOf" = [{ "required": ["of"] }, { "required": ["item", "measure"] }]))]
    Evidence {
        /// `children`, or references that must all hold.
        of: Option<EvidenceOf>,
        /// An item whose measurement is read and held against `targets`.
        item: Option<ItemPath>,
        /// Which of its measurements.
        measure: Option<String>,
        /// Another item whose same measurement it is held against, by `compute`.
        against: Option<ItemPath>,
        compute: Option<Compute>,
    },
}

/// A regular expression, or a whole word as programs write it.
#[derive(JsonSchema)]
#[serde(untagged)]
pub(crate) enum Searched {
    Regex(Pattern),
    Word(Word),
}

/// An identifier, maybe dotted, however it is called or passed on: `datetime.utcnow`.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Word {
    pub word: String,
}

/// An exit status.
#[derive(JsonSchema)]
pub(crate) struct ExitStatus(#[schemars(range(min = 0, max = 255))] pub u32);

/// A number drawn from output: the first group of the pattern's last match.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Number {
    pub measure: String,
    pub pattern: Pattern,
    pub unit: String,
}

/// A query for both dialects, or one for each.
#[derive(JsonSchema)]
#[serde(untagged)]
pub(crate) enum Query {
    Any(String),
    Each(Queries),
}

/// A query for each dialect.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("minProperties" = 1))]
pub(crate) struct Queries {
    pub sqlite: Option<String>,
    pub postgres: Option<String>,
}

/// No row, at least one row, or refused by the database.
#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Expectation {
    Empty,
    Rows,
    Refused,
}

#[derive(JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Method {
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
    Options,
}

/// A status, a class such as `2xx`, or a range such as `200-204`.
#[derive(JsonSchema)]
#[serde(untagged)]
pub(crate) enum Status {
    One(#[schemars(range(min = 100, max = 599))] u32),
    Some(#[schemars(regex(pattern = r"^\s*([1-5][xX]{2}|[1-5][0-9]{2}(\s*-\s*[1-5][0-9]{2})?)\s*$"))] String),
}

/// What stands at one place of the answer's JSON.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct JsonWant {
    /// A JSON pointer: `/items/0/id`.
    pub at: String,
    pub equals: Option<serde_json::Value>,
    /// A regular expression over the value as text.
    pub matches: Option<Pattern>,
    pub exists: Option<bool>,
    pub absent: Option<bool>,
    /// The least number, or length of a list.
    pub at_least: Option<f64>,
    pub at_most: Option<f64>,
}

/// What a header of the answer holds.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HeaderWant {
    pub name: String,
    pub equals: Option<String>,
    pub matches: Option<Pattern>,
    pub exists: Option<bool>,
    pub absent: Option<bool>,
}

/// Where the number of database queries of a request is read: a response header, or a Prometheus counter.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("minProperties" = 1, "maxProperties" = 1))]
pub(crate) struct QueryCount {
    pub header: Option<String>,
    pub counter: Option<String>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Column {
    pub name: String,
    /// It must not be there; nothing else is expected of it then.
    pub absent: Option<bool>,
    /// Accepted types, compared without case and with the usual synonyms.
    #[serde(rename = "type")]
    pub types: Option<OneOrMany<String>>,
    pub nullable: Option<Nullability>,
    /// Text that the default must contain, without case.
    pub default: Option<String>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Index {
    pub name: String,
    /// It must not be there; nothing else is expected of it then.
    pub absent: Option<bool>,
    /// Any columns unless given.
    pub columns: Option<Vec<String>>,
    pub unique: Option<bool>,
    /// Access method: `gin`.
    pub method: Option<String>,
    /// Text that the condition of a partial index must contain.
    pub predicate: Option<String>,
    /// A reading statement that the planner must be able to answer with this index; it is never run.
    pub serves: Option<String>,
    pub plan: Option<PlanUse>,
}

/// Columns of one table.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Columns {
    pub table: String,
    pub columns: Vec<String>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Constraint {
    pub name: String,
    /// It must not be there; nothing else is expected of it then.
    pub absent: Option<bool>,
    /// Text that the definition must contain, white space and case apart.
    pub contains: Option<String>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ForeignKey {
    pub column: String,
    /// The table that it points at.
    pub references: String,
    /// It must not be there; nothing else is expected of it then.
    pub absent: Option<bool>,
    pub on_delete: Option<Action>,
    pub on_update: Option<Action>,
}

#[derive(JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Action {
    Restrict,
    Cascade,
    #[serde(rename = "no action")]
    NoAction,
    #[serde(rename = "set null")]
    SetNull,
    #[serde(rename = "set default")]
    SetDefault,
}

/// The items nested in this one, or a list of references.
#[derive(JsonSchema)]
#[serde(untagged)]
pub(crate) enum EvidenceOf {
    Children(Children),
    These(Vec<Reference>),
}

#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Children {
    Children,
}
