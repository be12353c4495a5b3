//! Values on one line. A record is framed by its lines, so no value may ever break one.

use std::fmt::Write as _;
use toml_edit::Value;

/// Writes a value on one line: strings quoted with everything escaped that breaks a line or fools the eye.
pub(super) fn push_value(out: &mut String, value: &Value) {
    match value {
        Value::String(text) => push_string(out, text.value()),
        Value::Integer(number) => {
            let _ = write!(out, "{}", number.value());
        }
        Value::Float(number) => push_float(out, *number.value()),
        Value::Boolean(truth) => {
            let _ = write!(out, "{}", truth.value());
        }
        Value::Datetime(time) => {
            let _ = write!(out, "{}", time.value());
        }
        Value::Array(values) => {
            out.push('[');
            for (index, value) in values.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                push_value(out, value);
            }
            out.push(']');
        }
        Value::InlineTable(table) => {
            out.push('{');
            for (index, (key, value)) in table.iter().enumerate() {
                out.push_str(if index == 0 { " " } else { ", " });
                push_key(out, key);
                out.push_str(" = ");
                push_value(out, value);
            }
            out.push_str(if table.is_empty() { "}" } else { " }" });
        }
    }
}

pub(super) fn push_key(out: &mut String, key: &str) {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !key.is_empty() && key.chars().all(bare) {
        out.push_str(key);
    } else {
        push_string(out, key);
    }
}

pub(super) fn push_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_escaped(c) => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Control characters, what other programs take for line ends, and what reorders or hides the text around it: a person
/// who reads the ledger in an editor must see what is there.
fn is_escaped(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{FEFF}')
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// The shortest text that reads back as the same number and as a float.
fn push_float(out: &mut String, number: f64) {
    if number.is_nan() {
        out.push_str("nan");
    } else if number.is_infinite() {
        out.push_str(if number > 0.0 { "inf" } else { "-inf" });
    } else {
        let _ = write!(out, "{number:?}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn string(text: &str) -> String {
        let mut out = String::new();
        push_string(&mut out, text);
        out
    }

    #[test]
    fn strings_stay_on_one_line_and_read_back() {
        let tricks =
            "[[record]]\nsum = \"0\"\r\n\"\"\" '''\\u0041 \u{0}\u{1b}[2J\u{85}\u{2028}\u{202e}evil\u{2066} 🛫👨‍👩‍👧 \u{7f}";
        let written = string(tricks);
        assert!(!written.chars().any(is_escaped), "{written:?}");
        let table: toml::Table = format!("a = {written}").parse().unwrap();
        assert_eq!(table["a"].as_str(), Some(tricks));
    }

    #[test]
    fn floats_read_back_as_the_same_floats() {
        for number in [0.0, -0.0, 1.0, 1e300, 5e-324, 0.1, 123_456_789.125, f64::INFINITY, f64::NEG_INFINITY] {
            let mut out = String::new();
            push_float(&mut out, number);
            let table: toml::Table = format!("a = {out}").parse().unwrap();
            assert_eq!(table["a"].as_float().map(f64::to_bits), Some(number.to_bits()), "{out}");
        }
    }

    #[test]
    fn keys_are_quoted_when_they_must_be() {
        let mut out = String::new();
        push_key(&mut out, "rehearsal-production");
        push_key(&mut out, "a b\n");
        assert_eq!(out, "rehearsal-production\"a b\\n\"");
    }
}
