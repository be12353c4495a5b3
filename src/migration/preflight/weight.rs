//! What it costs a server to evaluate an expression: how large its values may become, and what is not tried at all.

use super::name::Name;
use sqlparser::ast::{DataType, Expr, FunctionArg, FunctionArgExpr, FunctionArguments};

/// A value of this many characters is nothing to a server, and one of a hundred times as many may be.
const LONGEST: usize = 10_000;

/// Functions that put many values into one, or as many as a number says.
const GATHERING: [&str; 12] = [
    "string_agg",
    "array_agg",
    "json_agg",
    "jsonb_agg",
    "json_object_agg",
    "jsonb_object_agg",
    "json_agg_strict",
    "jsonb_agg_strict",
    "xmlagg",
    "array_fill",
    "table_to_xml",
    "query_to_xml",
];
/// Functions whose result is no longer than the longest they are given.
const NO_LONGER: [&str; 33] = [
    "abs",
    "avg",
    "btrim",
    "ceil",
    "coalesce",
    "count",
    "date_trunc",
    "extract",
    "floor",
    "greatest",
    "initcap",
    "least",
    "left",
    "length",
    "lower",
    "ltrim",
    "max",
    "md5",
    "min",
    "now",
    "nullif",
    "position",
    "regexp_match",
    "reverse",
    "right",
    "round",
    "rtrim",
    "split_part",
    "substr",
    "substring",
    "sum",
    "trim",
    "upper",
];

/// The part of an expression that may fill a server's memory by itself, in words.
pub(super) fn heavy(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Function(function) => {
            let arguments = match &function.args {
                FunctionArguments::List(list) => list.args.as_slice(),
                FunctionArguments::None | FunctionArguments::Subquery(_) => &[],
            };
            heavy_call(&Name::of(&function.name)?.name, arguments)
        }
        Expr::Cast { data_type, .. } => padded(data_type).then(|| data_type.to_string()),
        _ => None,
    }
}

/// Whether a call may fill a server's memory, in words.
pub(super) fn heavy_call(name: &str, arguments: &[FunctionArg]) -> Option<String> {
    let number = |argument: &FunctionArg| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) => expression.to_string().parse::<usize>().ok(),
        _ => None,
    };
    let small = |argument: &FunctionArg| number(argument).is_some_and(|number| number <= LONGEST);
    let is_heavy = match name {
        // What is repeated or padded comes first.
        "repeat" | "lpad" | "rpad" => !arguments.get(1).is_some_and(small),
        "generate_series" => !arguments.iter().all(small),
        "format" => arguments.first().is_some_and(|text| wide(&text.to_string())),
        name => GATHERING.contains(&name),
    };
    is_heavy.then(|| format!("{name}()"))
}

/// Whether a text of `format` says how wide something becomes, with more than four digits or by an argument.
fn wide(text: &str) -> bool {
    text.contains('*') || text.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() > 4)
}

/// A type that fills its values up to its length.
fn padded(data_type: &DataType) -> bool {
    let text = data_type.to_string().to_lowercase();
    let Some((name, length)) = text.split_once('(') else { return false };
    let length: usize = length.trim_end_matches(')').parse().unwrap_or_default();
    matches!(name.trim(), "char" | "character" | "bpchar" | "nchar" | "bit") && length > LONGEST
}

/// How many times as long as what an expression is given its value may become: 1 for those that only choose or shorten.
pub(super) fn growth(expression: &Expr, columns: usize, functions: &[String]) -> usize {
    let text = expression.to_string();
    let longer: Vec<&String> = functions.iter().filter(|name| !NO_LONGER.contains(&name.as_str())).collect();
    if longer.is_empty() && !text.contains("||") {
        return 1;
    }
    let literal = text.split('\'').skip(1).step_by(2).map(str::len).max().unwrap_or_default();
    let by = |name: &&String| match name.as_str() {
        "repeat" => text.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).max().unwrap_or(LONGEST),
        "replace" | "regexp_replace" => literal.max(8),
        _ => 2,
    };
    longer.iter().map(by).fold(columns.max(1), usize::saturating_mul)
}

#[cfg(test)]
mod tests {
    use super::super::formula::formula;
    use rstest::rstest;
    use sqlparser::dialect::PostgreSqlDialect;
    use sqlparser::parser::Parser;

    fn of(text: &str) -> super::super::act::Formula {
        let mut parser = Parser::new(&PostgreSqlDialect {}).try_with_sql(text).unwrap();
        formula(&parser.parse_expr().unwrap())
    }

    #[rstest]
    #[case("length(repeat('x', 900000000)) > n", Some("repeat()"))]
    #[case("repeat(c, n)", Some("repeat()"))]
    #[case("repeat(c, 3)", None)]
    #[case("lpad(c, 6, '0')", None)]
    #[case("rpad(c, 1000000)", Some("rpad()"))]
    #[case("(SELECT string_agg(c, ',') FROM t)", Some("string_agg()"))]
    #[case("(SELECT count(*) FROM generate_series(1, 1000000000))", Some("generate_series()"))]
    #[case("n IN (SELECT * FROM generate_series(1, 12))", None)]
    #[case(
        "(WITH RECURSIVE r AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM r) SELECT max(a) FROM r)",
        Some("WITH RECURSIVE")
    )]
    #[case("c::char(1000000)", Some("CHAR(1000000)"))]
    #[case("c::varchar(1000000)", None)]
    #[case("format('%900000000s', c)", Some("format()"))]
    #[case("format('%s-%s', c, n)", None)]
    #[case("lower(trim(c))", None)]
    fn what_may_fill_a_servers_memory_is_not_tried(#[case] text: &str, #[case] expected: Option<&str>) {
        assert_eq!(of(text).heavy.as_deref(), expected, "{text}");
    }

    #[rstest]
    #[case("n + n", 1)]
    #[case("c || c", 2)]
    #[case("coalesce(c, d, lower(c))", 1)]
    #[case("c || '-' || d", 2)]
    #[case("replace(c, 'a', 'aaaaaaaaaaaa')", 12)]
    #[case("to_json(c)", 2)]
    #[case("repeat(c, 500)", 500)]
    fn how_much_longer_a_value_may_become_is_bounded(#[case] text: &str, #[case] expected: usize) {
        assert_eq!(of(text).growth, expected, "{text}");
    }
}
