//! Any bytes, and any changes of a checklist, taken for one.

use crate::checklist_lint::{FLAWED, WHOLE};
use gonogo::checklist::lint::lint_bytes;
use proptest::prelude::*;

/// Whatever the bytes are: no panic, and every problem points into the text.
fn evaluate(bytes: &[u8]) {
    let (checklist, problems) = lint_bytes("c.toml", bytes);
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    assert!(checklist.is_some() || !problems.is_empty());
    for problem in &problems {
        let line = text.split('\n').nth(problem.place.line as usize - 1).unwrap_or_default();
        assert!(problem.place.line as usize <= text.split('\n').count(), "{problem:?}");
        assert!(problem.place.column as usize <= line.chars().count() + 1, "{problem:?}");
        let _ = problem.to_string();
    }
    assert!(problems.is_sorted_by_key(|problem| problem.place));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn any_bytes_give_problems_and_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        evaluate(&bytes);
    }

    #[test]
    fn any_text_of_toml_like_pieces_gives_no_panic(
        pieces in prop::collection::vec(prop::sample::select(&[
            "[[phase", "]]", ".section", ".item", "\n", "id", " = ", "\"p1\"", "{", "}", "[", "]", ",", "'", "\"\"\"", "check",
            "kind", "\"evidence\"", "of", "-0x1", "1e999", "nan", "after", "日", "\\u", "#", "\r", "\u{feff}", "://a:b@c", "9999999999999999999999",
        ]), 0..80)
    ) {
        evaluate(pieces.concat().as_bytes());
    }

    #[test]
    fn mutations_of_a_right_checklist_give_no_panic(
        flawed in any::<bool>(),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..40, prop::collection::vec(any::<u8>(), 0..4)), 1..6),
    ) {
        let mut bytes = if flawed { FLAWED } else { WHOLE }.as_bytes().to_vec();
        for (at, length, insert) in cuts {
            let start = at.index(bytes.len() + 1);
            let end = (start + length).min(bytes.len());
            bytes.splice(start..end, insert);
        }
        evaluate(&bytes);
    }

    #[test]
    fn lines_in_any_order_give_no_panic(order in Just(WHOLE.lines().collect::<Vec<_>>()).prop_shuffle(), keep in 0.0_f64..1.0) {
        let kept = order.len() as f64 * keep;
        let lines: Vec<&str> = order.into_iter().enumerate().filter(|(at, _)| (*at as f64) < kept).map(|(_, line)| line).collect();
        evaluate(lines.join("\n").as_bytes());
    }
}
