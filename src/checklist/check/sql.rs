//! A read-only query whose one value is compared.

use super::kind::{Hollow, Kind, Measure, Measures, Need, Sabotage, Title};
use crate::checklist::ids::ItemId;
use crate::checklist::reader::checks::Written;
use crate::checklist::reader::table::TableReader;
use crate::checklist::target::Target;
use serde::Serialize;

/// A query text, one for both dialects or one for each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Query {
    Any(String),
    Each { sqlite: Option<String>, postgres: Option<String> },
}

/// The query's first column of its first row is the value; `measure` names it for targets (`value` unless given).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sql {
    pub query: Query,
    pub expect: Option<Expectation>,
    pub measure: String,
    pub unit: String,
    /// A query whose number says among how many rows this one looks: 0 makes it inconclusive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub among: Option<Query>,
    /// Since when `:since` in a query is: the beginning of this item's latest attempt in the same environment; of the
    /// deployment where none is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<ItemId>,
}

/// What is in a query for the time that counts, so that a row of an earlier day cannot answer it.
pub const SINCE: &str = ":since";

/// What a query's value must be. Without one, the item's targets evaluate it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expectation {
    /// Compared as text.
    Equals(String),
    /// No row at all.
    Empty,
    /// At least one row.
    Rows,
    /// The statement must be refused by the database; run inside a transaction that is rolled back.
    Refused,
}

#[derive(Clone, Copy)]
enum Expect {
    Empty,
    Rows,
    Refused,
}

impl Sql {
    pub(in crate::checklist) fn read(written: &mut Written<'_, '_>) -> Option<Self> {
        let Written { table, targets, .. } = written;
        table.call("an sql check");
        let query = Query::read(table, "query");
        let equals = table.text("equals").map(|text| text.value);
        let words = [("empty", Expect::Empty), ("rows", Expect::Rows), ("refused", Expect::Refused)];
        let expect = table.word("expect", &words).map(|expect| expect.value);
        if table.has("equals") && table.has("expect") {
            let at = table.key_at("equals").max(table.key_at("expect"));
            table.report().error(at, "the check has both `equals` and `expect`", "keep one of the two");
        }
        if !table.has("equals") && !table.has("expect") && targets.is_empty() {
            let suggestion = "add `equals = \"…\"`, `expect = \"empty\"` or a target";
            table.report().warning(table.at(), "the query's value has no target", suggestion);
        }
        let expect = equals.map(Expectation::Equals).or(expect.map(|expect| match expect {
            Expect::Empty => Expectation::Empty,
            Expect::Rows => Expectation::Rows,
            Expect::Refused => Expectation::Refused,
        }));
        let measure = table.text("measure").map_or_else(|| "value".to_owned(), |text| text.value);
        // A value that says no unit is in the unit it is held against.
        let held = targets.iter().find(|target| target.measure == measure).map(|target| target.unit.clone());
        let unit = table.text("unit").map(|text| text.value).or(held).unwrap_or_default();
        let among = table.value("among").is_some().then(|| Query::read(table, "among"));
        let mut asks_since = query.texts().into_iter().chain(among.iter().flat_map(Query::texts));
        if table.has("since") && !asks_since.any(|text| text.contains(SINCE)) {
            let at = table.key_at("since");
            let message = "`since` says nothing: no query asks for it";
            table.report().error(at, message, "write `:since` in the query, as in `created_at >= :since`");
        }
        let since = written.item("since");
        Some(Self { query, expect, measure, unit, among, since })
    }
}

impl Query {
    /// Every text of it.
    pub fn texts(&self) -> Vec<&str> {
        match self {
            Query::Any(text) => vec![text],
            Query::Each { sqlite, postgres } => sqlite.iter().chain(postgres).map(String::as_str).collect(),
        }
    }

    /// A query for both dialects or one for each.
    pub(in crate::checklist) fn read(table: &mut TableReader<'_>, key: &'static str) -> Self {
        let nothing = Query::Any(String::new());
        if !table.require(key, "\"SELECT …\"") {
            return nothing;
        }
        let each = table.value(key).is_some_and(|value| value.get_ref().is_table());
        if !each {
            return table.required_text(key).map_or(nothing, |query| Query::Any(query.value));
        }
        let Some(mut queries) = table.table(key, "a query") else { return nothing };
        let mut dialect = |key| if queries.has(key) { queries.required_text(key) } else { queries.text(key) };
        let (sqlite, postgres) = (dialect("sqlite"), dialect("postgres"));
        if !queries.has("sqlite") && !queries.has("postgres") {
            queries.missing("sqlite", "\"…\"` and `postgres = \"…\"");
        }
        queries.finish();
        Query::Each { sqlite: sqlite.map(|query| query.value), postgres: postgres.map(|query| query.value) }
    }
}

impl Kind for Sql {
    fn needs(&self) -> Vec<Need<'_>> {
        vec![Need::Database]
    }

    fn measures(&self, _: Measures<'_>) -> Vec<Measure> {
        vec![Measure::of(&self.measure, &self.unit)]
    }

    fn hollow(&self, targets: &[Target]) -> Option<Hollow> {
        let why = match &self.expect {
            _ if self.among.is_some() => return None,
            Some(Expectation::Empty) => "a database without a row passes: no row is what it expects",
            Some(Expectation::Equals(value)) if value.trim().parse() == Ok(0.0) => {
                "a database without a row passes: it counts 0, as expected"
            }
            Some(Expectation::Equals(_) | Expectation::Rows | Expectation::Refused) => return None,
            None => {
                let mut held = targets.iter().filter(|target| target.measure == self.measure).peekable();
                held.peek()?;
                if !held.all(|target| target.bound.holds(0.0)) {
                    return None;
                }
                "a database without a row passes: 0 is within its targets"
            }
        };
        let remedy = "say among how many rows it looks: `among = \"SELECT count(*) FROM …\"`; 0 is inconclusive then";
        Some(Hollow { why, remedy })
    }

    fn sabotages(&self) -> Vec<Sabotage> {
        let (Query::Any(text) | Query::Each { sqlite: Some(text), .. }) = &self.query else { return Vec::new() };
        if self.expect == Some(Expectation::Refused) {
            return vec![Sabotage::NoConstraints(text.clone())];
        }
        // A query of no table asks only whether the database is there.
        if !text.to_ascii_lowercase().contains("from") {
            return vec![Sabotage::NoDatabase];
        }
        vec![Sabotage::NoRows(Vec::new()), Sabotage::TablesAway(text.clone()), Sabotage::EmptyDatabase]
    }

    fn describe(&self, title: Title<'_>) -> Vec<String> {
        let mut parts = vec![match &self.query {
            Query::Any(text) => text.clone(),
            Query::Each { sqlite, postgres } => sqlite.as_ref().or(postgres.as_ref()).cloned().unwrap_or_default(),
        }];
        parts.extend(self.expect.as_ref().map(|expect| match expect {
            Expectation::Equals(value) => format!("its value is {value}"),
            Expectation::Empty => "no row comes back".to_owned(),
            Expectation::Rows => "at least one row comes back".to_owned(),
            Expectation::Refused => "the database refuses it".to_owned(),
        }));
        parts.extend(self.among.is_some().then(|| "it looks among at least one row".to_owned()));
        if self.query.texts().iter().any(|text| text.contains(SINCE)) {
            let since = self.since.as_ref().map(|item| format!("\"{}\"", title(item)));
            parts.push(format!("`{SINCE}` is when {} began", since.as_deref().unwrap_or("the deployment")));
        }
        parts
    }
}
