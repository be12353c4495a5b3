//! Revisions that the caller names: each must be one that the migrator has.

use super::position::Position;
use crate::checklist::reader::suggest::did_you_mean;
use crate::commands::Failure;
use crate::migration::lineage::relative;

/// What the caller asked for, as written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named<'a> {
    pub from: Option<&'a str>,
    pub to: Option<&'a str>,
}

impl Named<'_> {
    /// Each option that names a revision, with the name.
    fn names(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [("--from", self.from), ("--to", self.to)].into_iter().filter_map(|(option, name)| Some((option, name?)))
    }

    /// Refuses names that are no revision of Alembic's.
    ///
    /// # Errors
    /// Names the nearest there are.
    pub(super) fn check_lineage(&self, position: &Position) -> Result<(), Failure> {
        let lineage = &position.lineage;
        if lineage.is_empty() {
            return Ok(());
        }
        for (option, text) in self.names() {
            // A name may look like a step: `2026-1`.
            let whole = |part: &&str| lineage.resolve(part).is_err();
            for name in text.split(',').map(str::trim).filter(whole).map(|part| relative(part).0) {
                let name = name.split('@').next().unwrap_or_default();
                if name.is_empty() || ["base", "head", "heads", "current"].contains(&name) {
                    continue;
                }
                if let Err(why) = lineage.resolve(name) {
                    let near = did_you_mean(name, lineage.ids().collect::<Vec<_>>(), "there are");
                    return Err(Failure::usage(format!("{option} {text}: {why}; {near}")));
                }
            }
        }
        Ok(())
    }

    /// Refuses names that no file of migrations has; `has` knows one.
    ///
    /// # Errors
    /// Names the nearest there are.
    pub(super) fn check_files<'c>(
        &self,
        revisions: impl IntoIterator<Item = &'c str>,
        has: impl Fn(&str) -> bool,
    ) -> Result<(), Failure> {
        let revisions: Vec<&str> = revisions.into_iter().collect();
        for (option, name) in self.names() {
            let general = match option {
                "--from" => name == "base",
                _ => matches!(name, "head" | "heads"),
            };
            if !general && !has(name) {
                let near = did_you_mean(name, revisions.clone(), "there are");
                return Err(Failure::usage(format!(
                    "{option} {name}: no migration of that name or version is there; {near}"
                )));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migration::lineage::Lineage;

    fn named<'a>(from: &'a str, to: &'a str) -> Named<'a> {
        Named { from: Some(from), to: Some(to) }
    }

    #[test]
    fn what_names_no_revision_is_refused_with_the_nearest() {
        let lineage = Lineage::straight(["0001_initial", "0002_links", "0003_index"]);
        let position = Position { lineage, ..Position::default() };
        for (from, to) in
            [("base", "head"), ("0001_initial", "0003_index"), ("0001", "+1"), ("0002_links", "0002_links+1")]
        {
            assert!(named(from, to).check_lineage(&position).is_ok(), "{from} {to}");
        }
        let refused = named("base", "0003_indx").check_lineage(&position).unwrap_err();
        assert!(refused.message.contains("--to 0003_indx") && refused.message.contains("did you mean `0003_index`?"));
        assert_eq!(refused.status, 2);
        assert!(named("zzz", "head").check_lineage(&position).unwrap_err().message.contains("`0002_links`"));
        // Where nobody could tell the revisions, nothing can be refused.
        assert!(named("zzz", "yyy").check_lineage(&Position::default()).is_ok());
    }

    #[test]
    fn files_are_named_by_version_or_whole() {
        let files = ["1_parts", "2_licences"];
        let has =
            |name: &str| files.iter().any(|file| file.starts_with(&format!("{}_", name.split('_').next().unwrap())));
        assert!(
            named("base", "2").check_files(files, has).is_ok()
                && named("1_parts", "head").check_files(files, has).is_ok()
        );
        assert!(named("base", "3").check_files(files, has).unwrap_err().message.contains("`1_parts`, `2_licences`"));
        assert!(named("head", "2").check_files(files, has).is_err());
    }
}
