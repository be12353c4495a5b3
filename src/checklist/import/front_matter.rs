//! The block of settings that GitHub and site generators read before the document itself.

use std::ops::Range;

/// The front matter at the beginning of a text, its fences included: `---`, lines that can be a YAML mapping, `---`. A
/// rule followed by prose is no front matter.
pub(super) fn find(text: &str) -> Option<Range<usize>> {
    let mut lines = text.split_inclusive('\n');
    let first = lines.next()?;
    if first.trim_end() != "---" {
        return None;
    }
    let mut end = first.len();
    let mut has_key = false;
    for line in lines {
        end += line.len();
        let bare = line.trim_end();
        if matches!(bare, "---" | "...") {
            return has_key.then_some(0..end);
        }
        let key = is_key(bare);
        let inside = has_key && (bare.is_empty() || bare.starts_with([' ', '\t', '-']));
        if !(key || inside || bare.starts_with('#')) {
            return None;
        }
        has_key |= key;
    }
    None
}

/// `name: value`, as far as a mapping's key goes.
fn is_key(line: &str) -> bool {
    let Some((key, value)) = line.split_once(':') else { return false };
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ' | '"' | '\'' | '/');
    let starts = key.chars().next().is_some_and(|c| c.is_alphanumeric() || matches!(c, '"' | '\'' | '_'));
    starts && key.len() <= 80 && key.chars().all(plain) && (value.is_empty() || value.starts_with([' ', '\t']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn front_matter_is_a_mapping_between_rules() {
        assert_eq!(find("---\ntitle: a\nlabels:\n  - b\n---\n# c\n"), Some(0..31));
        assert_eq!(find("---\r\ntitle: a\r\n---\r\nx"), Some(0..20));
        for none in [
            "",
            "---\n",
            "---\n- [ ] a\n---\n",
            "---\nprose goes on\n---\n",
            "---\ntitle: a\n",
            "# a\n---\nb: c\n---\n",
        ] {
            assert_eq!(find(none), None, "{none:?}");
        }
    }
}
