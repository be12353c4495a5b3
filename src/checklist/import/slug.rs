//! Ids made of texts: a function of the text alone, so that an id stays when other lines come and go.

use crate::checklist::digest::Digest;
use crate::checklist::lint::secrets;
use std::collections::HashMap;

/// The most characters of text that an id shows.
const LONGEST: usize = 48;

/// Lower-case ASCII letters and digits joined by hyphens. What ASCII cannot say, and what does not fit, is stood for by
/// a short digest of the whole text; nothing is transliterated. Never empty, and never with an underscore or a dot.
pub(super) fn slug(text: &str) -> String {
    let text = secrets::mask(text).to_lowercase();
    let mut slug = String::new();
    let mut lossy = false;
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            if slug.len() >= LONGEST {
                lossy = true;
                break;
            }
            slug.push(c);
        } else {
            lossy |= c.is_alphanumeric();
            if !slug.is_empty() && !slug.ends_with('-') {
                slug.push('-');
            }
        }
    }
    if lossy && let Some(cut) = slug.rfind('-').filter(|cut| *cut > LONGEST / 2 && slug.len() >= LONGEST) {
        slug.truncate(cut);
    }
    while slug.ends_with('-') {
        slug.pop();
    }
    if text.trim().is_empty() {
        return "untitled".to_owned();
    }
    if lossy || slug.is_empty() {
        let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let digest = Digest::of(folded.as_bytes());
        let digest = digest.short();
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(&digest);
    }
    slug
}

/// Gives equals their ordinals: the first keeps its slug, the next are `slug_2`, `slug_3` … No slug has an underscore.
#[derive(Debug, Default)]
pub(super) struct Ordinals {
    seen: HashMap<(usize, String), usize>,
}

impl Ordinals {
    /// The id of `text` among the children of `parent`.
    pub(super) fn id(&mut self, parent: usize, text: &str) -> String {
        let slug = slug(text);
        let count = self.seen.entry((parent, slug.clone())).or_default();
        *count += 1;
        if *count == 1 { slug } else { format!("{slug}_{count}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_plain_ascii() {
        assert_eq!(slug("Create backup: `pg_dump X > y.sql`"), "create-backup-pg-dump-x-y-sql");
        assert_eq!(slug("  "), "untitled");
        assert_eq!(slug("****"), slug("****"));
        let korean = slug("백업 확인");
        assert_eq!(korean.len(), 8);
        assert_ne!(korean, slug("백업 완료"));
        assert!(slug("API 인증").starts_with("api-"));
        let long = slug(&"word ".repeat(150));
        assert!(long.len() < 64 && long.starts_with("word-word"), "{long}");
        assert!(!slug("psql postgres://app:hunter2@db/x").contains("hunter2"));
    }

    #[test]
    fn only_equals_are_counted() {
        let mut ordinals = Ordinals::default();
        let mut id = |parent, text| ordinals.id(parent, text);
        assert_eq!(id(0, "Tasks"), "tasks");
        assert_eq!(id(0, "Other"), "other");
        assert_eq!(id(0, "Tasks"), "tasks_2");
        assert_eq!(id(1, "Tasks"), "tasks");
        assert_eq!(id(0, "Tasks 2"), "tasks-2");
    }
}
