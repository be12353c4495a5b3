//! `${NAME}` in a text: a variable that is put in place when the text is used. `$${NAME}` stays as `${NAME}`.

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece<'t> {
    Text(&'t str),
    Name(&'t str),
}

/// The parts of a text, in their order.
pub(crate) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let (mut found, mut from) = (Vec::new(), 0);
    for (at, _) in text.match_indices("${").filter(|(at, _)| *at < text.len()) {
        let inside = &text[at + 2..];
        let Some(end) = inside.find('}').filter(|end| at >= from && is_name(&inside[..*end])) else { continue };
        let before = &text[from..at];
        if let Some(before) = before.strip_suffix('$') {
            found.push(Piece::Text(before));
            from = at;
        } else {
            found.extend([Piece::Text(before), Piece::Name(&inside[..end])]);
            from = at + 2 + end + 1;
        }
    }
    found.push(Piece::Text(&text[from..]));
    found
}

/// The names of every `${NAME}` in a text.
pub(crate) fn names_in(text: &str) -> Vec<String> {
    let name = |piece| match piece {
        Piece::Name(name) => Some(name.to_owned()),
        Piece::Text(_) => None,
    };
    pieces(text).into_iter().filter_map(name).collect()
}

/// A text with every variable in place; `None` when one has no value.
pub(crate) fn expand<'v>(text: &str, value: impl Fn(&str) -> Option<&'v str>) -> Option<String> {
    let part = |piece| match piece {
        Piece::Text(text) => Some(text.to_owned()),
        Piece::Name(name) => value(name).map(ToOwned::to_owned),
    };
    pieces(text).into_iter().map(part).collect()
}

pub(crate) fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_put_in_place_and_doubled_signs_stay() {
        let value = |name: &str| match name {
            "A" => Some("1"),
            "B" => Some("${A}"),
            _ => None,
        };
        for (text, expected) in [
            ("x", Some("x")),
            ("", Some("")),
            ("${A}${A}-${B}", Some("11-${A}")),
            ("$${A} $$ ${} ${a b} $A ${A", Some("${A} $$ ${} ${a b} $A ${A")),
            ("$$${A}é${A}", Some("$${A}é1")),
            ("${facts.x} ${C}", None),
            ("${facts.x}", Some("${facts.x}")),
        ] {
            assert_eq!(expand(text, value).as_deref(), expected, "{text}");
        }
        assert_eq!(names_in("${A} $${B} ${C}"), ["A", "C"]);
    }
}
