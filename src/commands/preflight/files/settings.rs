//! Where a migrator with files looks for them: by its command, its variables and its own files. What of these is not read
//! leaves open which files it will run, and is reported.

use super::super::migrator::Host;
use super::refusals::flyway_setting;
use crate::checklist::environment::{Migrator, MigratorKind};
use crate::migration::preflight::{Finding, Severity};
use std::path::Path;

/// Settings of Flyway that decide which files it runs or what they say, and whose usual values are taken for granted.
const FLYWAY_UNREAD: [&str; 16] = [
    "sqlMigrationPrefix",
    "sqlMigrationSuffixes",
    "sqlMigrationSeparator",
    "undoSqlMigrationPrefix",
    "repeatableSqlMigrationPrefix",
    "baselineMigrationPrefix",
    "configFiles",
    "jarDirs",
    "callbacks",
    "callbackLocations",
    "resolvers",
    "target",
    "cherryPick",
    "initSql",
    "environment",
    "workingDirectory",
];
/// Words of a shell that make a command more than one program with its options.
const SHELL: [&str; 8] = ["&&", "||", ";", "|", "cd", "`", "$(", "\n"];

/// The folders that it looks in, as written.
pub(super) fn places(host: &Host<'_>, migrator: &Migrator) -> Vec<String> {
    let folder = host.folder().unwrap_or_default();
    places_of(migrator, &folder, &|name| host.value(name))
}

fn places_of(migrator: &Migrator, folder: &Path, variable: &dyn Fn(&str) -> Option<String>) -> Vec<String> {
    match migrator.kind {
        MigratorKind::Dbmate => {
            let given = options(&migrator.command, &["--migrations-dir", "-d"]);
            if !given.is_empty() {
                return given;
            }
            let set = variable("DBMATE_MIGRATIONS_DIR").or_else(|| dotenv(folder, "DBMATE_MIGRATIONS_DIR"));
            let set = set.unwrap_or_else(|| "db/migrations".to_owned());
            set.split(',').map(|place| place.trim().to_owned()).collect()
        }
        MigratorKind::Flyway => {
            let places = flyway_setting(migrator, folder, variable, "locations");
            let places = places.unwrap_or_else(|| "filesystem:sql".to_owned());
            let places = places.split(',').map(|place| place.trim().trim_matches(['"', '\'', ' ', '[', ']']));
            let files = places.filter_map(|place| match place.split_once(':') {
                Some(("filesystem", place)) => Some(place),
                Some(_) => None,
                None => Some(place),
            });
            files.filter(|place| !place.is_empty()).map(ToOwned::to_owned).collect()
        }
        MigratorKind::Alembic | MigratorKind::Sqlx | MigratorKind::Command => {
            let given = options(&migrator.command, &["--source"]);
            if given.is_empty() { vec!["migrations".to_owned()] } else { given }
        }
    }
}

/// Every value of an option, as `--name VALUE` and `--name=VALUE`.
fn options(command: &str, names: &[&str]) -> Vec<String> {
    let words: Vec<&str> = command.split_whitespace().collect();
    let value = |(at, word): (usize, &&str)| {
        names.iter().find_map(|name| match word.strip_prefix(name)? {
            "" => words.get(at + 1).map(|next| (*next).to_owned()),
            rest => rest.strip_prefix('=').map(ToOwned::to_owned),
        })
    };
    words.iter().enumerate().filter_map(value).collect()
}

/// A variable of the folder's `.env`, which dbmate reads for those that are not set.
pub(in super::super) fn dotenv(folder: &Path, name: &str) -> Option<String> {
    let text = crate::input::read_text(&folder.join(".env"), crate::input::DOCUMENT).ok()?;
    text.lines().find_map(|line| {
        let line = line.trim();
        let (key, value) = line.strip_prefix("export ").unwrap_or(line).split_once('=')?;
        (key.trim() == name).then(|| value.trim().trim_matches(['"', '\'']).to_owned())
    })
}

/// What decides on the files and is not read, a finding each.
pub(super) fn unread(host: &Host<'_>, migrator: &Migrator) -> Vec<Finding> {
    let folder = host.folder().unwrap_or_default();
    let all = unread_of(migrator, &folder, &|name| host.value(name));
    let finding = |what: String| Finding {
        safer: Some("have the command be the migrator alone, with its folders as options".to_owned()),
        ..Finding::new(Severity::Inconclusive, format!("which files the migrator runs is not certain: {what}"))
    };
    all.into_iter().map(finding).collect()
}

fn unread_of(migrator: &Migrator, folder: &Path, variable: &dyn Fn(&str) -> Option<String>) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(why) = more_than_the_program(migrator) {
        found.push(format!("`{}` {why}", migrator.command));
    }
    match migrator.kind {
        MigratorKind::Flyway => {
            for name in FLYWAY_UNREAD {
                if let Some(value) = flyway_setting(migrator, folder, variable, name) {
                    found.push(format!("{name} is set to {value}, and not read"));
                }
            }
            let places = flyway_setting(migrator, folder, variable, "locations").unwrap_or_default();
            let strange = |place: &&str| {
                let place = place.trim().trim_matches(['"', '\'', ' ', '[', ']']);
                place.contains('*') || place.split_once(':').is_some_and(|(kind, _)| kind != "filesystem")
            };
            found.extend(
                places.split(',').filter(strange).map(|place| format!("the location {} is not read", place.trim())),
            );
        }
        MigratorKind::Dbmate => {
            if !options(&migrator.command, &["--env-file", "-e", "--env"]).is_empty() {
                found.push("its command names a file of variables, which is not read".to_owned());
            }
        }
        MigratorKind::Sqlx => {
            let about = crate::input::read_text(&folder.join("sqlx.toml"), crate::input::DOCUMENT).unwrap_or_default();
            if about.contains("migrat") {
                found.push("sqlx.toml says something about migrations, and is not read".to_owned());
            }
        }
        MigratorKind::Alembic | MigratorKind::Command => {}
    }
    found
}

/// Why a command may work elsewhere or otherwise than its program does by itself.
fn more_than_the_program(migrator: &Migrator) -> Option<String> {
    let command = &migrator.command;
    if let Some(word) = SHELL.iter().find(|word| match **word {
        "cd" => command.split_whitespace().any(|own| own == "cd"),
        word => command.contains(word),
    }) {
        return Some(format!("is more than one program (`{}`)", word.escape_default()));
    }
    let mut words = command.split_whitespace();
    let own = match migrator.kind {
        MigratorKind::Dbmate => "dbmate",
        MigratorKind::Flyway => "flyway",
        MigratorKind::Alembic | MigratorKind::Sqlx | MigratorKind::Command => "sqlx",
    };
    let is_own = |word: &str| word.rsplit('/').next() == Some(own);
    for word in words.by_ref() {
        match word {
            word if is_own(word) => return None,
            "npx" | "cargo" | "exec" | "env" | "--" => {}
            word if word.contains('=') && !word.starts_with('-') => {
                let upper = own.to_uppercase();
                if word.starts_with(&upper) {
                    return Some(format!("sets {}, which is not read", word.split('=').next().unwrap_or_default()));
                }
            }
            word => return Some(format!("starts `{word}` and not {own}")),
        }
    }
    Some(format!("does not start {own}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use MigratorKind::{Dbmate, Flyway, Sqlx};
    use rstest::rstest;

    fn of(
        kind: MigratorKind,
        command: &str,
        files: &[(&str, &str)],
        variables: &[(&str, &str)],
    ) -> (String, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let migrator = Migrator::new(kind, command, Vec::new());
        let variable =
            |name: &str| variables.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned());
        (places_of(&migrator, folder.path(), &variable).join(" "), unread_of(&migrator, folder.path(), &variable))
    }

    #[rstest]
    #[case(Sqlx, "sqlx migrate run --source db/migrations", "db/migrations")]
    #[case(Sqlx, "sqlx migrate --source=x run", "x")]
    #[case(Sqlx, "cargo sqlx migrate run", "migrations")]
    #[case(Dbmate, "dbmate -d sql --no-dump-schema", "sql")]
    #[case(Dbmate, "/opt/dbmate --migrations-dir=sql -d more", "sql more")]
    #[case(Dbmate, "npx dbmate --wait", "db/migrations")]
    #[case(Flyway, "flyway -url=x -locations=filesystem:a,b", "a b")]
    #[case(Flyway, "flyway", "sql")]
    fn the_folders_of_a_plain_command_are_known(
        #[case] kind: MigratorKind,
        #[case] command: &str,
        #[case] places: &str,
    ) {
        assert_eq!(of(kind, command, &[], &[]), (places.to_owned(), Vec::new()), "{command}");
    }

    #[test]
    fn variables_and_files_of_the_migrator_are_read() {
        let dir = [("DBMATE_MIGRATIONS_DIR", "elsewhere")];
        assert_eq!(of(Dbmate, "dbmate", &[], &dir).0, "elsewhere");
        let env = [(".env", "# x\nexport DBMATE_MIGRATIONS_DIR=\"there\"\n")];
        assert_eq!(of(Dbmate, "dbmate", &env, &[]).0, "there");
        assert_eq!(of(Dbmate, "dbmate", &env, &dir).0, "elsewhere");
        assert_eq!(of(Flyway, "flyway", &[("flyway.conf", "flyway.locations=filesystem:mig2\n")], &[]).0, "mig2");
        let toml = [("flyway.toml", "[flyway]\nlocations = [\"filesystem:a\", \"filesystem:b\"]\n")];
        assert_eq!(of(Flyway, "flyway", &toml, &[]).0, "a b");
        assert_eq!(of(Flyway, "flyway", &toml, &[("FLYWAY_LOCATIONS", "filesystem:c")]).0, "c");
    }

    #[rstest]
    #[case(Sqlx, "cd sub && sqlx migrate run", "", "&&")]
    #[case(Sqlx, "make migrate", "", "make")]
    #[case(Dbmate, "docker exec app dbmate", "", "docker")]
    #[case(Dbmate, "DBMATE_MIGRATIONS_DIR=x dbmate", "", "DBMATE_MIGRATIONS_DIR")]
    #[case(Dbmate, "dbmate --env-file prod.env", "", "variables")]
    #[case(Flyway, "flyway -sqlMigrationPrefix=M", "", "sqlMigrationPrefix")]
    #[case(Flyway, "flyway", "flyway.sqlMigrationSuffixes=.pgsql", "sqlMigrationSuffixes")]
    #[case(Flyway, "flyway -locations=classpath:db,filesystem:sql", "", "classpath:db")]
    #[case(Flyway, "flyway -configFiles=x.conf", "", "configFiles")]
    fn what_is_not_read_is_reported(
        #[case] kind: MigratorKind,
        #[case] command: &str,
        #[case] conf: &str,
        #[case] expected: &str,
    ) {
        let (_, unread) = of(kind, command, &[("flyway.conf", conf)], &[]);
        assert!(unread.iter().any(|what| what.contains(expected)), "{command}: {unread:?}");
    }
}
