//! What a migrator with files would refuse before it runs any: what it applied is checked against what is there.
//!
//! | | sqlx | dbmate | Flyway |
//! |---|---|---|---|
//! | a file was changed | refused | not noticed | refused unless `validateOnMigrate=false` |
//! | a file is missing | refused unless `--ignore-missing` | not noticed | refused unless ignored by pattern |
//! | one is below the latest applied | runs | runs unless `--strict` | refused unless `outOfOrder=true` |

use super::{File, Host, Position, is_below_baseline, version};
use crate::checklist::environment::{Migrator, MigratorKind};
use crate::migration::current::changed;
use crate::migration::preflight::{Finding, Severity};
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha384};
use std::path::Path;

/// What is in the way of the files that are not applied yet.
pub(super) fn find(host: &Host<'_>, migrator: &Migrator, position: &Position, files: &[File]) -> Vec<Finding> {
    let mut found = Vec::new();
    let folder = host.folder().unwrap_or_default();
    let rules = Rules::of(migrator, &folder, &|name| host.value(name));
    let latest = position.applied.iter().filter_map(|applied| version(&applied.version)).max();
    let newest = files.iter().map(|file| &file.version).max();
    for applied in &position.applied {
        let Some(number) = version(&applied.version) else { continue };
        let Some(file) = files.iter().find(|file| file.version == number) else {
            let is_baseline = applied.kind.as_deref() == Some("BASELINE");
            let is_future = newest.is_none_or(|newest| number > *newest);
            let severity = match migrator.kind {
                _ if is_baseline => continue,
                MigratorKind::Flyway if is_future => Severity::Note,
                _ if rules.missing_matters => Severity::WillFail,
                _ => Severity::Note,
            };
            let what = format!("{} is applied, and its file is missing", applied.version);
            found.push(at(&applied.version, severity, &what));
            continue;
        };
        let (Some(stored), Some(up)) = (&applied.checksum, &file.up) else { continue };
        let text = match crate::input::read(&up.path, crate::input::DOCUMENT) {
            Ok(text) => text,
            Err(error) => {
                let what = format!("{} cannot be read: {error}; the migrator ends there", up.path.display());
                found.push(at(&file.revision, Severity::WillFail, &what));
                continue;
            }
        };
        let own = match migrator.kind {
            MigratorKind::Sqlx => HEXLOWER.encode(&Sha384::digest(&text)),
            MigratorKind::Flyway => flyway_checksum(&text).to_string(),
            MigratorKind::Alembic | MigratorKind::Dbmate | MigratorKind::Command => continue,
        };
        if own != *stored && rules.changes_matter {
            found.push(at(&file.revision, Severity::WillFail, &changed(&file.revision)));
        }
    }
    let is_applied =
        |file: &File| position.applied.iter().any(|own| version(&own.version).as_ref() == Some(&file.version));
    let late = |file: &&File| {
        !is_applied(file) && !is_below_baseline(position, file) && latest.as_ref().is_some_and(|l| file.version < *l)
    };
    for file in files.iter().filter(late) {
        let (severity, next) = match rules.late {
            Late::Runs => (Severity::Note, "the migrator runs it after those that were written later".to_owned()),
            Late::Refused(why) => (Severity::WillFail, why.to_owned()),
        };
        let what = format!("{} is below the latest applied revision and not applied itself: {next}", file.revision);
        found.push(at(&file.revision, severity, &what));
    }
    found
}

fn at(revision: &str, severity: Severity, what: &str) -> Finding {
    Finding { revision: Some(revision.to_owned()), ..Finding::new(severity, what) }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Late {
    Runs,
    Refused(&'static str),
}

/// How strict a migrator is.
#[derive(Debug, PartialEq, Eq)]
struct Rules {
    changes_matter: bool,
    missing_matters: bool,
    late: Late,
}

impl Rules {
    fn of(migrator: &Migrator, folder: &Path, variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let flag = |name: &str| migrator.command.split_whitespace().any(|word| word == name);
        match migrator.kind {
            MigratorKind::Flyway => {
                let set =
                    |name: &str| flyway_setting(migrator, folder, variable, name).unwrap_or_default().to_lowercase();
                let patterns = set("ignoreMigrationPatterns");
                let ignores = |state: &str| {
                    patterns.split(',').any(|pattern| {
                        let (kind, ignored) = pattern.trim().split_once(':').unwrap_or_default();
                        matches!(kind, "*" | "versioned") && matches!(ignored, "*" | "all") || ignored == state
                    })
                };
                let validates = set("validateOnMigrate") != "false";
                let out_of_order = set("outOfOrder") == "true" || !validates || ignores("ignored");
                Self {
                    changes_matter: validates,
                    missing_matters: validates && !ignores("missing") && set("ignoreMissingMigrations") != "true",
                    late: if out_of_order {
                        Late::Runs
                    } else {
                        Late::Refused("Flyway refuses it; outOfOrder is not set")
                    },
                }
            }
            MigratorKind::Dbmate => Self {
                changes_matter: false,
                missing_matters: false,
                late: if flag("--strict") { Late::Refused("dbmate refuses it with --strict") } else { Late::Runs },
            },
            MigratorKind::Alembic | MigratorKind::Sqlx | MigratorKind::Command => {
                Self { changes_matter: true, missing_matters: !flag("--ignore-missing"), late: Late::Runs }
            }
        }
    }
}

/// One of Flyway's settings: from its command, its variable `FLYWAY_OUT_OF_ORDER`, or its file.
pub(in super::super) fn flyway_setting(
    migrator: &Migrator,
    folder: &Path,
    variable: &dyn Fn(&str) -> Option<String>,
    name: &str,
) -> Option<String> {
    let (short, long) = (format!("-{name}"), format!("--{name}"));
    if let Some(given) = migrator.option(&[&short, &long]) {
        return Some(given);
    }
    let mut upper = "FLYWAY_".to_owned();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            upper.push('_');
        }
        upper.push(letter.to_ascii_uppercase());
    }
    if let Some(value) = variable(&upper) {
        return Some(value);
    }
    let files = ["flyway.conf", "conf/flyway.conf", "flyway.toml", "conf/flyway.toml"];
    files.iter().find_map(|file| {
        let text = crate::input::read_text(&folder.join(file), crate::input::DOCUMENT).ok()?;
        text.lines().find_map(|line| {
            let (key, value) = line.trim().split_once('=')?;
            let key = key.trim();
            let value = value.trim().trim_matches(['[', ']', ' ']).trim_matches(['"', '\'']);
            (key.strip_prefix("flyway.").unwrap_or(key) == name).then(|| value.to_owned())
        })
    })
}

/// Flyway's checksum of a file: CRC-32 of its lines without their ends, as a signed number.
fn flyway_checksum(text: &[u8]) -> i32 {
    let text = String::from_utf8_lossy(text);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut sum = u32::MAX;
    for byte in text.split(['\r', '\n']).flat_map(str::bytes) {
        sum ^= u32::from(byte);
        for _ in 0..8 {
            sum = (sum >> 1) ^ (0xedb8_8320 & 0_u32.wrapping_sub(sum & 1));
        }
    }
    (!sum).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flyways_checksum_knows_no_line_ends() {
        // CRC-32 of "123456789" is cbf43926.
        assert_eq!(flyway_checksum(b"123456789"), 0xcbf4_3926_u32.cast_signed());
        assert_eq!(flyway_checksum(b"\xef\xbb\xbf123\r\n456\n789\n"), flyway_checksum(b"123456789"));
    }

    #[test]
    fn every_migrator_has_rules_of_its_own() {
        let of = |kind, command: &str| {
            Rules::of(&Migrator::new(kind, command, Vec::new()), Path::new("/nowhere"), &|_| None)
        };
        let late = |kind, command: &str| of(kind, command).late != Late::Runs;
        assert!(
            !late(MigratorKind::Sqlx, "sqlx migrate run") && of(MigratorKind::Sqlx, "sqlx migrate run").missing_matters
        );
        assert!(!of(MigratorKind::Sqlx, "sqlx migrate run --ignore-missing").missing_matters);
        assert!(!late(MigratorKind::Dbmate, "dbmate") && late(MigratorKind::Dbmate, "dbmate --strict"));
        assert!(late(MigratorKind::Flyway, "flyway") && !late(MigratorKind::Flyway, "flyway -outOfOrder=true"));
        assert!(!late(MigratorKind::Flyway, "flyway -ignoreMigrationPatterns=*:ignored"));
        assert!(!of(MigratorKind::Flyway, "flyway -ignoreMigrationPatterns=*:missing").missing_matters);
        assert!(!of(MigratorKind::Flyway, "flyway -validateOnMigrate=false").changes_matter);
    }

    #[test]
    fn flyways_settings_are_found_in_its_file_and_its_variables() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("flyway.toml"), "[flyway]\noutOfOrder = true\ntable = \"moves\"\n").unwrap();
        let migrator = Migrator::new(MigratorKind::Flyway, "flyway", Vec::new());
        let setting = |name: &str| flyway_setting(&migrator, folder.path(), &|_| None, name);
        assert_eq!((setting("outOfOrder").as_deref(), setting("table").as_deref()), (Some("true"), Some("moves")));
        let variable = |name: &str| (name == "FLYWAY_OUT_OF_ORDER").then(|| "false".to_owned());
        assert_eq!(flyway_setting(&migrator, folder.path(), &variable, "outOfOrder").as_deref(), Some("false"));
    }
}
