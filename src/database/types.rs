//! Declared types, compared the way people mean them.

/// Whether a declared type is the one expected: without case, with the usual synonyms, and with a length or precision
/// only where one is expected.
pub(crate) fn same_type(declared: &str, expected: &str) -> bool {
    let (declared, expected) = (Declared::read(declared), Declared::read(expected));
    declared.base == expected.base && (expected.size.is_none() || declared.size == expected.size)
}

/// A type's one name, and what was in parentheses.
struct Declared {
    base: String,
    size: Option<String>,
}

impl Declared {
    fn read(text: &str) -> Self {
        let lower = text.to_lowercase();
        let (head, rest) = lower.split_once('(').unwrap_or((&lower, ""));
        let (size, tail) = rest.split_once(')').unwrap_or((rest, ""));
        let size: String = size.chars().filter(|c| !c.is_whitespace()).collect();
        let words: Vec<&str> = head.split_whitespace().chain(tail.split_whitespace()).collect();
        Self { base: one_name(&words.join(" ")).to_owned(), size: Some(size).filter(|size| !size.is_empty()) }
    }
}

fn one_name(base: &str) -> &str {
    match base {
        "timestamp with time zone" => "timestamptz",
        "timestamp without time zone" | "datetime" => "timestamp",
        "time with time zone" => "timetz",
        "time without time zone" => "time",
        "character varying" | "nvarchar" => "varchar",
        "character" | "bpchar" => "char",
        "int" | "int4" | "serial" | "serial4" => "integer",
        "int8" | "bigserial" | "serial8" => "bigint",
        "int2" | "smallserial" | "serial2" => "smallint",
        "bool" => "boolean",
        "decimal" => "numeric",
        "float8" | "double precision" | "float" => "double",
        "float4" => "real",
        "bytea" => "blob",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn synonyms_meet_and_others_do_not() {
        for (declared, expected) in [
            ("TIMESTAMP WITH TIME ZONE", "timestamptz"),
            ("timestamp(6)  with time zone", "TIMESTAMPTZ"),
            ("TIMESTAMP", "timestamp without time zone"),
            ("VARCHAR(50)", "character varying"),
            ("character varying (50)", "varchar(50)"),
            ("JSONB", "jsonb"),
            ("INTEGER", "int4"),
            ("NUMERIC(10, 2)", "decimal(10,2)"),
        ] {
            assert!(same_type(declared, expected), "{declared} is {expected}");
        }
        for (declared, expected) in [
            ("TIMESTAMP", "timestamptz"),
            ("TEXT", "jsonb"),
            ("JSON", "jsonb"),
            ("VARCHAR(20)", "varchar(50)"),
            ("", "text"),
        ] {
            assert!(!same_type(declared, expected), "{declared} is not {expected}");
        }
    }
}
