//! The nearest of the words that would have been right.

use strsim::normalized_damerau_levenshtein;

/// Longer words are not compared: the cost grows with the product of the lengths, and nobody mistypes a page.
const LONGEST: usize = 200;

/// The candidate most like `word`, if one is like it at all.
pub(crate) fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    if word.len() > LONGEST {
        return None;
    }
    let candidates = candidates.into_iter().filter(|candidate| candidate.len() <= LONGEST);
    let scored = candidates.map(|candidate| (likeness(word, candidate), candidate));
    let (score, best) = scored.max_by(|(a, x), (b, y)| a.total_cmp(b).then_with(|| y.cmp(x)))?;
    (score >= 0.5).then_some(best)
}

/// From 0 to 1; a word that only adds to another is like it however short that is.
fn likeness(word: &str, candidate: &str) -> f64 {
    let (word, candidate) = (word.to_lowercase().replace('_', "-"), candidate.to_lowercase().replace('_', "-"));
    let likeness = normalized_damerau_levenshtein(&word, &candidate);
    let shorter = word.len().min(candidate.len());
    let extends = shorter >= 3 && (word.starts_with(&candidate) || candidate.starts_with(&word));
    if extends { likeness.max(0.6) } else { likeness }
}

/// `did you mean …?`, or else what there is to choose from.
pub(crate) fn did_you_mean<'c>(
    word: &str,
    candidates: impl IntoIterator<Item = &'c str> + Clone,
    among: &str,
) -> String {
    match nearest(word, candidates.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("{among}: {}", listed(candidates)),
    }
}

/// The first dozen, each in back quotes.
pub(crate) fn listed<'c>(words: impl IntoIterator<Item = &'c str>) -> String {
    let mut words = words.into_iter();
    let first: Vec<String> = words.by_ref().take(12).map(|word| format!("`{word}`")).collect();
    let rest = words.count();
    match (first.is_empty(), rest) {
        (true, _) => "none".to_owned(),
        (false, 0) => first.join(", "),
        (false, rest) => format!("{} and {rest} more", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_suggested_and_a_far_one_is_not() {
        let keys = ["title", "timeout", "targets", "slot"];
        assert_eq!(nearest("titel", keys), Some("title"));
        assert_eq!(nearest("time_out", keys), Some("timeout"));
        assert_eq!(nearest("target", keys), Some("targets"));
        assert_eq!(nearest("zzz", keys), None);
        assert_eq!(nearest(&"t".repeat(10_000), keys), None);
        assert_eq!(did_you_mean("zzz", keys, "keys"), "keys: `title`, `timeout`, `targets`, `slot`");
    }
}
