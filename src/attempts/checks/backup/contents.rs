//! A dump's list of contents, and which of it a role without a superuser's rights can put back.

use std::collections::BTreeSet;

/// Entries that may fail without the data being any less whole: they are restored last, and what fails is named.
const LENIENT: [&str; 8] = [
    "ACL",
    "DEFAULT ACL",
    "EVENT TRIGGER",
    "PUBLICATION TABLES IN SCHEMA",
    "PUBLICATION TABLE",
    "PUBLICATION",
    "SECURITY LABEL",
    "SUBSCRIPTION",
];
/// Extensions that only show what a server is doing: an application does not miss them.
pub(crate) const ONLY_LOOK: [&str; 12] = [
    "amcheck",
    "pageinspect",
    "pg_buffercache",
    "pg_freespacemap",
    "pg_prewarm",
    "pg_qualstats",
    "pg_stat_kcache",
    "pg_stat_statements",
    "pg_visibility",
    "pg_wait_sampling",
    "pgrowlocks",
    "pgstattuple",
];

/// A dump's list of contents, as `pg_restore --list` writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Contents<'a> {
    lines: Vec<&'a str>,
}

/// What becomes of a dump's entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sorted {
    /// Lines for `--use-list`: what must be restored whole.
    pub needed: String,
    /// Lines for `--use-list`: what may fail.
    pub lenient: String,
}

impl<'a> Contents<'a> {
    pub(crate) fn read(list: &'a str) -> Self {
        Self { lines: list.lines().filter(|line| entry(line).is_some()).collect() }
    }

    pub(crate) fn extensions(&self) -> Vec<&'a str> {
        self.lines.iter().filter_map(|line| entry(line)?.strip_prefix("EXTENSION - ")).map(str::trim).collect()
    }

    /// Sorts the entries; those of the extensions in `without` are left out, with their comments.
    pub(crate) fn sort(&self, without: &BTreeSet<String>) -> Sorted {
        let mut sorted = Sorted::default();
        for line in &self.lines {
            let Some(entry) = entry(line) else { continue };
            let extension = entry.strip_prefix("EXTENSION - ").or_else(|| entry.strip_prefix("COMMENT - EXTENSION "));
            if extension.is_some_and(|name| without.contains(name.trim())) {
                continue;
            }
            let lenient = LENIENT.iter().any(|kind| entry.strip_prefix(kind).is_some_and(|rest| rest.starts_with(' ')))
                || entry.starts_with("COMMENT - EXTENSION ")
                || entry.starts_with("COMMENT - SCHEMA public");
            let into = if lenient { &mut sorted.lenient } else { &mut sorted.needed };
            into.push_str(line);
            into.push('\n');
        }
        sorted
    }
}

/// What follows the numbers of `3471; 1259 16385 TABLE public lots app`.
fn entry(line: &str) -> Option<&str> {
    let (number, rest) = line.split_once("; ")?;
    number.parse::<u64>().ok()?;
    let (_, rest) = rest.split_once(' ')?;
    rest.split_once(' ').map(|(_, entry)| entry)
}

pub(crate) fn is_missed(extension: &str) -> bool {
    !ONLY_LOOK.contains(&extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = ";\n; Archive created at 2026-11-22\n;     TOC Entries: 9\n\
        2; 3079 16385 EXTENSION - pg_trgm \n3480; 0 0 COMMENT - EXTENSION pg_trgm \n\
        3; 3079 16399 EXTENSION - file_fdw \n3481; 0 0 COMMENT - EXTENSION file_fdw \n\
        215; 1259 16386 TABLE public lots app\n3471; 0 16386 TABLE DATA public lots app\n\
        3482; 0 0 ACL public TABLE lots app\n2060; 826 16500 DEFAULT ACL public DEFAULT PRIVILEGES FOR TABLES app\n\
        220; 1259 16390 TABLE public ACL app\n";

    #[test]
    fn what_a_role_may_not_put_back_is_left_out_and_what_may_fail_comes_last() {
        let contents = Contents::read(LIST);
        assert_eq!(contents.extensions(), ["pg_trgm", "file_fdw"]);
        let sorted = contents.sort(&BTreeSet::from(["file_fdw".to_owned()]));
        assert_eq!(
            sorted.needed,
            "2; 3079 16385 EXTENSION - pg_trgm \n215; 1259 16386 TABLE public lots app\n\
             3471; 0 16386 TABLE DATA public lots app\n220; 1259 16390 TABLE public ACL app\n"
        );
        assert_eq!(
            sorted.lenient,
            "3480; 0 0 COMMENT - EXTENSION pg_trgm \n3482; 0 0 ACL public TABLE lots app\n\
             2060; 826 16500 DEFAULT ACL public DEFAULT PRIVILEGES FOR TABLES app\n"
        );
        assert!(is_missed("postgis") && !is_missed("pg_stat_statements"));
    }
}
