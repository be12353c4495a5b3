//! Lists of patterns as OpenSSH writes them: `*.example.com,!guest@*`.

/// Whether a list names `text`: some pattern matches, and none that begins with `!`.
pub(crate) fn names(list: &str, text: &str) -> bool {
    let mut named = false;
    for pattern in list.split(',') {
        match pattern.strip_prefix('!') {
            Some(barred) if matches(barred, text) => return false,
            Some(_) => {}
            None => named |= matches(pattern, text),
        }
    }
    named
}

/// `*` stands for any characters, `?` for one.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut from) = (0, 0);
    // The last `*`, and how far the text had come there.
    let mut star = None;
    while from < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, from));
                at += 1;
            }
            Some(c) if *c == '?' || *c == text[from] => {
                at += 1;
                from += 1;
            }
            _ => {
                let Some((back, taken)) = star else { return false };
                star = Some((back, taken + 1));
                at = back + 1;
                from = taken + 1;
            }
        }
    }
    pattern[at..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_of_openssh() {
        for (list, text, named) in [
            ("qa@neurohub", "qa@neurohub", true),
            ("qa@neurohub", "QA@neurohub", false),
            ("*@neurohub", "qa@neurohub", true),
            ("*@neurohub", "qa@neurohub.org", false),
            ("dba@x,qa@*", "qa@neurohub", true),
            ("*,!guest@*", "guest@neurohub", false),
            ("!guest@*,*", "guest@neurohub", false),
            ("!guest@*", "qa@neurohub", false),
            ("q?@neurohub", "qa@neurohub", true),
            ("q?@neurohub", "q@neurohub", false),
            ("*a*b*", "xxaxxbxx", true),
            ("*a*b*", "xxbxxaxx", false),
            ("", "", true),
            ("*", "", true),
        ] {
            assert_eq!(names(list, text), named, "{list} {text}");
        }
    }

    #[test]
    fn many_stars_take_no_time() {
        let pattern = "*a".repeat(60) + "b";
        assert!(!names(&pattern, &"a".repeat(5_000)));
    }
}
