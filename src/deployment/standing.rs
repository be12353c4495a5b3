//! Where a database is in its migrations: a set of revisions, not a line. The one place that says when two are the same.

use crate::checklist::environment::Revision;
use std::fmt;

/// How the base is written where a revision is expected.
const BASE: &str = "base";
const WITHOUT: &str = " without ";

/// Whether two spellings mean the same revision: `0003`, `0003_add_wip_unique_index`, `0003 (head)`, and the bare number
/// `3` that some migrators keep of it.
pub(crate) fn same(a: &str, b: &str) -> bool {
    let extends = |long: &str, short: &str| long.strip_prefix(short).is_some_and(|rest| rest.starts_with(['_', ' ']));
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.trim_start_matches('0').to_owned())
    };
    if a.is_empty() || b.is_empty() {
        return false;
    }
    a == b || extends(a, b) || extends(b, a) || number(a).is_some_and(|a| number(b) == Some(a))
}

/// The place of a revision in a list, from 0.
pub(crate) fn place(listed: &[Revision], revision: &str) -> Option<usize> {
    listed.iter().position(|known| known.id == revision).or_else(|| {
        // Written out in full, the longest that fits is meant.
        let fits = listed.iter().enumerate().filter(|(_, known)| same(&known.id, revision));
        fits.max_by_key(|(_, known)| known.id.len()).map(|(place, _)| place)
    })
}

/// The revisions a database is at, and those that it passed over. At the base there are none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    at: Vec<String>,
    lacking: Vec<String>,
}

impl Standing {
    /// Before the first revision.
    #[must_use]
    pub(crate) fn base() -> Self {
        Self::default()
    }

    /// At the latest revision of every branch.
    #[must_use]
    pub(crate) fn at(revisions: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let mut standing = Self { at: revisions.into_iter().map(Into::into).collect(), lacking: Vec::new() };
        standing.at.sort();
        standing.at.dedup();
        standing
    }

    /// With revisions below that were never applied: merged late.
    #[must_use]
    pub(crate) fn lacking(mut self, revisions: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.lacking = revisions.into_iter().map(Into::into).collect();
        self.lacking.sort();
        self.lacking.dedup();
        self
    }

    /// Reads what [`fmt::Display`] wrote, and what ledgers recorded before there were sets: one revision.
    #[must_use]
    pub(crate) fn parse(text: &str) -> Self {
        let list = |text: &str| -> Vec<String> {
            let words = text.split(", ").map(str::trim).filter(|word| !word.is_empty());
            words.map(ToOwned::to_owned).collect()
        };
        let (at, lacking) = text.split_once(WITHOUT).unwrap_or((text, ""));
        let at = if at == BASE { Vec::new() } else { list(at) };
        Self::at(at).lacking(list(lacking))
    }

    pub(crate) fn revisions(&self) -> &[String] {
        &self.at
    }

    pub(crate) fn lacks(&self) -> &[String] {
        &self.lacking
    }

    pub(crate) fn is_base(&self) -> bool {
        self.at.is_empty()
    }

    /// Whether both mean the same revisions, however they are spelled.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let all = |own: &[String], other: &[String]| own.iter().all(|a| other.iter().any(|b| same(a, b)));
        let equal = |own: &[String], other: &[String]| all(own, other) && all(other, own);
        equal(&self.at, &other.at) && equal(&self.lacking, &other.lacking)
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.at.is_empty() {
            out.write_str(BASE)?;
        }
        out.write_str(&self.at.join(", "))?;
        if self.lacking.is_empty() { Ok(()) } else { write!(out, "{WITHOUT}{}", self.lacking.join(", ")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_revision_is_spelled_in_several_ways() {
        assert!(same("0003", "0003_add_wip_unique_index") && same("0003_x (head)", "0003_x") && same("0003", "3"));
        for (a, b) in [("0003", "00031"), ("12", "1"), ("", "0003"), ("", ""), ("a", "b"), ("0003_a", "0003_b")] {
            assert!(!same(a, b) && !same(b, a), "{a} {b}");
        }
        let listed = ["1", "12", "12_b"].map(|id| Revision { id: id.into(), title: String::new() });
        assert_eq!((place(&listed, "12"), place(&listed, "12_b_c"), place(&listed, "2")), (Some(1), Some(2), None));
    }

    #[test]
    fn what_is_written_is_read_again() {
        for (standing, text) in [
            (Standing::base(), "base"),
            (Standing::at(["0003"]), "0003"),
            (Standing::at(["b3", "a2", "a2"]), "a2, b3"),
            (Standing::at(["30"]).lacking(["20"]), "30 without 20"),
        ] {
            assert_eq!((standing.to_string().as_str(), Standing::parse(text)), (text, standing));
        }
        assert_eq!(Standing::parse(""), Standing::base());
    }

    #[test]
    fn sets_are_compared_as_sets() {
        let of = Standing::parse;
        assert!(
            of("b3, a2").is_same(&of("a2, b3")) && of("0003_x").is_same(&of("0003")) && of("base").is_same(&of(""))
        );
        assert!(!of("a2, b3").is_same(&of("b3")) && !of("b3").is_same(&of("a2, b3")) && !of("base").is_same(&of("b3")));
        assert!(!of("30 without 20").is_same(&of("30")));
    }
}
