//! Types of columns: which change of type rewrites a table, which may fail, and which loses something.

use super::catalog::Catalog;

/// A type by the server's own name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Type {
    /// `character varying`, `timestamp with time zone`, `integer` …
    pub base: String,
    /// What was in parentheses: a length, or precision and scale.
    pub size: Vec<i64>,
    pub array: bool,
}

impl Type {
    /// Reads a type however it is spelled.
    #[must_use]
    pub(crate) fn read(text: &str) -> Self {
        let lower = text.trim().to_lowercase().replace('"', "");
        let array = lower.ends_with("[]") || lower.contains(" array");
        let lower = lower.replace("[]", "");
        let (head, rest) = lower.split_once('(').unwrap_or((&lower, ""));
        let (inside, tail) = rest.split_once(')').unwrap_or((rest, ""));
        let size = inside.split(',').filter_map(|number| number.trim().parse().ok()).collect();
        let words: Vec<&str> =
            head.split_whitespace().chain(tail.split_whitespace()).filter(|w| *w != "array").collect();
        let joined = words.join(" ");
        let base = joined.rsplit_once("pg_catalog.").map_or(joined.as_str(), |(_, base)| base);
        Self { base: server_name(base).to_owned(), size, array }
    }

    pub(crate) fn is_text(&self) -> bool {
        !self.array && matches!(self.base.as_str(), "text" | "character varying" | "character" | "name" | "citext")
    }

    /// A character type that is limited to this many characters.
    pub(crate) fn limit(&self) -> Option<i64> {
        let limited = matches!(self.base.as_str(), "character varying" | "character") && !self.array;
        match (limited, self.size.first()) {
            (true, Some(size)) => Some(*size),
            // `char` alone is `char(1)`.
            (true, None) if self.base == "character" => Some(1),
            _ => None,
        }
    }
}

fn server_name(base: &str) -> &str {
    match base {
        "varchar" | "char varying" | "nvarchar" => "character varying",
        "char" | "bpchar" | "nchar" => "character",
        "int" | "int4" => "integer",
        "int8" => "bigint",
        "int2" => "smallint",
        "bool" => "boolean",
        "decimal" | "dec" => "numeric",
        "float8" | "float" | "double" => "double precision",
        "float4" => "real",
        "timestamptz" => "timestamp with time zone",
        "timestamp" => "timestamp without time zone",
        "timetz" => "time with time zone",
        "time" => "time without time zone",
        "varbit" => "bit varying",
        other => other,
    }
}

/// What a change of a column's type costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cost {
    /// The catalog changes, the rows stay as they are.
    None,
    /// As [`Cost::None`], as long as the session's time zone is UTC.
    NoneUnderUtc,
    /// Every row is written anew, with all indexes.
    Rewrite,
}

/// What turning `from` into `to` costs. `converted` when a `USING` computes something else than the column itself.
pub(crate) fn cost(from: &Type, to: &Type, converted: bool) -> Cost {
    if converted || from.array != to.array {
        return if from == to && !converted { Cost::None } else { Cost::Rewrite };
    }
    if from == to {
        return Cost::None;
    }
    let grows = |at: usize| match (from.size.get(at), to.size.get(at)) {
        (_, None) => true,
        (Some(old), Some(new)) => new >= old,
        (None, Some(_)) => false,
    };
    match (from.base.as_str(), to.base.as_str()) {
        ("character varying", "text") | ("cidr", "inet") | ("xid", "xid8") => Cost::None,
        ("character varying", "character varying") | ("bit varying", "bit varying") if grows(0) => Cost::None,
        // A numeric keeps its digits only while the scale stays.
        ("text", "character varying") | ("numeric", "numeric") if to.size.is_empty() => Cost::None,
        ("numeric", "numeric") if grows(0) && scale(from) == scale(to) && !from.size.is_empty() => Cost::None,
        (old, new) if old == new && old.starts_with("time") && grows(0) => Cost::None,
        (old, new) if old == new && old == "interval" && grows(0) => Cost::None,
        ("timestamp without time zone", "timestamp with time zone")
        | ("timestamp with time zone", "timestamp without time zone")
            if grows(0) =>
        {
            Cost::NoneUnderUtc
        }
        _ => Cost::Rewrite,
    }
}

fn scale(numeric: &Type) -> i64 {
    numeric.size.get(1).copied().unwrap_or(0)
}

/// Whether the server turns `from` into `to` without a `USING`.
pub(crate) fn casts_by_itself(catalog: &Catalog, from: &Type, to: &Type) -> bool {
    let pair = (from.base.clone(), to.base.clone());
    (from.base == to.base && from.array == to.array)
        || (to.is_text() && !to.array)
        || (!from.array && !to.array && catalog.casts.contains(&pair))
}

/// What a change from one type to another loses, in words.
pub(crate) fn loses(from: &Type, to: &Type) -> Option<&'static str> {
    if from == to {
        return None;
    }
    let (old, new) = (from.base.as_str(), to.base.as_str());
    let rank = |name: &str| match name {
        "smallint" => Some(1),
        "integer" => Some(2),
        "bigint" => Some(3),
        _ => None,
    };
    let whole = rank(new).is_some();
    match (old, new) {
        ("json", "jsonb") => Some("repeated keys, the order of keys and white space"),
        ("timestamp with time zone", "timestamp without time zone" | "date") => Some("the time zone"),
        ("timestamp without time zone", "date") => Some("the time of day"),
        ("numeric" | "double precision" | "real", _) if whole => Some("the digits after the point"),
        ("numeric", "numeric") if !to.size.is_empty() && (from.size.is_empty() || scale(to) < scale(from)) => {
            Some("digits after the point")
        }
        ("double precision", "real") | ("numeric", "double precision" | "real") => Some("digits"),
        ("text" | "character varying", _) if !to.is_text() => Some("how the values were written"),
        (_, "character varying" | "character")
            if from.is_text() && to.limit() < from.limit().or(Some(i64::MAX)) && to.limit().is_some() =>
        {
            Some("what is longer, where USING cuts it off")
        }
        _ => None,
    }
}

/// A pattern that values of this type match as text, for telling the rows that cannot be cast.
pub(crate) fn pattern(to: &Type) -> Option<&'static str> {
    if to.array {
        return None;
    }
    match to.base.as_str() {
        "integer" | "bigint" | "smallint" => Some(r"^\s*[+-]?[0-9]+\s*$"),
        "numeric" | "double precision" | "real" => {
            Some(r"^\s*([+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|NaN|[+-]?Infinity)\s*$")
        }
        "uuid" => Some(r"^\{?[0-9a-fA-F]{4}(-?[0-9a-fA-F]{4}){7}\}?$"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("VARCHAR(20)", "character varying(50)", Cost::None)]
    #[case("VARCHAR(50)", "character varying(20)", Cost::Rewrite)]
    #[case("VARCHAR(50)", "TEXT", Cost::None)]
    #[case("text", "varchar", Cost::None)]
    #[case("text", "varchar(20)", Cost::Rewrite)]
    #[case("character(5)", "character(9)", Cost::Rewrite)]
    #[case("integer", "BIGINT", Cost::Rewrite)]
    #[case("numeric(10,2)", "NUMERIC(12, 2)", Cost::None)]
    #[case("numeric(10,2)", "numeric", Cost::None)]
    #[case("numeric(10,2)", "numeric(12,4)", Cost::Rewrite)]
    #[case("numeric", "numeric(12,4)", Cost::Rewrite)]
    #[case("timestamp without time zone", "TIMESTAMP WITH TIME ZONE", Cost::NoneUnderUtc)]
    #[case("timestamp(3) without time zone", "timestamp(6)", Cost::None)]
    #[case("timestamp(6) without time zone", "timestamp(3)", Cost::Rewrite)]
    #[case("json", "JSONB", Cost::Rewrite)]
    #[case("integer[]", "bigint[]", Cost::Rewrite)]
    #[case("text[]", "text[]", Cost::None)]
    #[case("cidr", "inet", Cost::None)]
    fn a_change_of_type_rewrites_or_not(#[case] from: &str, #[case] to: &str, #[case] expected: Cost) {
        assert_eq!(cost(&Type::read(from), &Type::read(to), false), expected);
        assert_eq!(cost(&Type::read(from), &Type::read(to), true), Cost::Rewrite);
    }

    #[rstest]
    #[case("json", "jsonb", true)]
    #[case("timestamptz", "timestamp", true)]
    #[case("timestamp", "timestamptz", false)]
    #[case("integer", "bigint", false)]
    #[case("numeric(10,2)", "integer", true)]
    #[case("numeric(10,4)", "numeric(10,2)", true)]
    #[case("varchar(50)", "varchar(20)", true)]
    #[case("varchar(20)", "varchar(50)", false)]
    #[case("varchar(20)", "text", false)]
    fn a_change_of_type_loses_or_not(#[case] from: &str, #[case] to: &str, #[case] expected: bool) {
        assert_eq!(loses(&Type::read(from), &Type::read(to)).is_some(), expected);
    }

    #[test]
    fn limits_are_those_of_characters_only() {
        assert_eq!(Type::read("VARCHAR(20)").limit(), Some(20));
        assert_eq!(Type::read("char").limit(), Some(1));
        assert_eq!(Type::read("numeric(10)").limit(), None);
        assert_eq!(Type::read("varchar(20)[]").limit(), None);
    }
}
