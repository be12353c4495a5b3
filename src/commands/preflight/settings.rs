//! What a migrator's settings say of the role it connects as, and of the transactions it runs revisions in.

use super::files::settings::dotenv;
use super::reach::{configuration, read, setting, variables};
use crate::database::PostgresAddress;
use std::path::Path;

/// How the migrator wraps revisions in transactions when it runs, which what it prints need not show: most `env.py` set it
/// for a run alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wraps {
    /// All revisions in one.
    Together,
    /// Each revision in one of its own.
    Each,
    /// Not known, and what `env.py` says of it.
    Unknown(String),
}

/// What `env.py` says of `transaction_per_migration`.
pub(super) fn wraps(folder: &Path, command: &str) -> Wraps {
    const OPTION: &str = "transaction_per_migration";
    let ini = configuration(folder, command).as_deref().and_then(read).unwrap_or_default();
    let scripts = setting(&ini, "script_location").unwrap_or_else(|| "alembic".to_owned()).replace("%(here)s", ".");
    let Some(env) = read(&folder.join(scripts).join("env.py")) else {
        return Wraps::Unknown("env.py could not be read".to_owned());
    };
    let (mut offline, mut values, mut configures) = (false, Vec::new(), false);
    for line in env.lines() {
        let code = line.split('#').next().unwrap_or_default();
        // What is only printed is another function, or another branch.
        if code.starts_with("def ") || code.starts_with("async def ") {
            offline = code.contains("offline");
        } else if !code.starts_with([' ', '\t', ')']) && !code.is_empty() {
            offline = code.starts_with("if ") && code.contains("is_offline_mode") && !code.contains("not ");
        }
        if offline {
            continue;
        }
        configures |= code.contains("**");
        if let Some((_, value)) = code.split_once(OPTION) {
            let value = value.trim_start_matches(['"', '\'', ' ', '=', ':']);
            values.push(value.split([',', ')', '}', ' ']).next().unwrap_or_default().to_owned());
        }
    }
    values.dedup();
    match values.as_slice() {
        [] if configures => Wraps::Unknown("env.py configures it by what it builds while it runs".to_owned()),
        [] => Wraps::Together,
        [one] if one == "True" => Wraps::Each,
        [one] if one == "False" => Wraps::Together,
        [one, ..] => Wraps::Unknown(format!("env.py has {OPTION}={one}")),
    }
}

/// Why the migrator may connect as another role than `own`, or act as one, in words.
pub(super) fn other_role(
    folder: &Path,
    command: &str,
    own: &PostgresAddress,
    value: impl Fn(&str) -> Option<String>,
) -> Option<String> {
    let ini = configuration(folder, command).as_deref().and_then(read).unwrap_or_default();
    let scripts = setting(&ini, "script_location").unwrap_or_else(|| "alembic".to_owned()).replace("%(here)s", ".");
    let env = read(&folder.join(scripts).join("env.py")).unwrap_or_default();
    let code: Vec<&str> = env.lines().filter(|line| !line.trim_start().starts_with('#')).collect();
    let changes = |line: &&&str| {
        let line = line.to_lowercase();
        ["set role", "session authorization", "set_role", "role="].iter().any(|part| line.contains(part))
    };
    if let Some(line) = code.iter().find(changes) {
        return Some(format!("env.py may act as another role: {}", line.trim()));
    }
    let another = |text: &str| {
        let (kind, rest) = text.split_once("://")?;
        let kind = kind.split('+').next().unwrap_or(kind);
        let other = PostgresAddress::parse(&format!("{kind}://{rest}")).ok()?;
        (other.user() != own.user()).then(|| other.user().to_owned())
    };
    let named = code.iter().flat_map(|line| variables(line)).chain(variables(command));
    let usual = ["DATABASE_URL", "DBMATE_DATABASE_URL", "FLYWAY_URL", "PGUSER", "FLYWAY_USER"].map(ToOwned::to_owned);
    for name in named.chain(usual) {
        let Some(value) = value(&name).or_else(|| dotenv(folder, &name)) else { continue };
        let user = name.ends_with("USER").then(|| value.clone()).filter(|user| user != own.user());
        if let Some(user) = user.or_else(|| another(&value)) {
            return Some(format!("${name} names the role {user}"));
        }
    }
    // An address in the configuration counts where nothing else does.
    let addresses = ini.lines().filter(|line| !line.trim_start().starts_with(['#', ';']));
    let written =
        addresses.chain(command.split_whitespace()).chain(code.iter().flat_map(|line| line.split(['"', '\''])));
    let mut users = written.filter_map(|text| {
        let text = text.split_once('=').filter(|_| !text.starts_with("postgres")).map_or(text, |(_, text)| text).trim();
        text.starts_with("postgres").then(|| another(text)).flatten()
    });
    users.next().map(|user| format!("the migrator's configuration names the role {user}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_revisions_are_wrapped_is_read_from_what_runs() {
        let of = |env: &str| {
            let folder = tempfile::tempdir().unwrap();
            std::fs::create_dir(folder.path().join("alembic")).unwrap();
            std::fs::write(folder.path().join("alembic/env.py"), env).unwrap();
            wraps(folder.path(), "alembic")
        };
        let both = |offline: &str, online: &str| {
            of(&format!(
                "def run_migrations_offline():\n    context.configure(url=url{offline})\n\n\n\
                 def run_migrations_online():\n    context.configure(\n        connection=connection,\n        {online}\n    )\n"
            ))
        };
        assert_eq!(both("", "target_metadata=x"), Wraps::Together);
        assert_eq!(both("", "transaction_per_migration=True,"), Wraps::Each);
        assert_eq!(both("", "\"transaction_per_migration\": True,"), Wraps::Each);
        assert_eq!(both("", "# transaction_per_migration=True"), Wraps::Together);
        assert_eq!(both(", transaction_per_migration=True", ""), Wraps::Together);
        assert_eq!(both("", "transaction_per_migration = False"), Wraps::Together);
        assert!(matches!(both("", "transaction_per_migration=EACH"), Wraps::Unknown(why) if why.contains("=EACH")));
        assert!(matches!(both("", "**options"), Wraps::Unknown(_)));
        let branch = "if context.is_offline_mode():\n    context.configure(transaction_per_migration=True)\nelse:\n    context.configure(c)\n";
        assert_eq!(of(branch), Wraps::Together);
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(wraps(folder.path(), "alembic"), Wraps::Unknown(_)));
    }

    #[test]
    fn another_role_of_the_migrator_is_found() {
        let own = PostgresAddress::parse("postgresql://app:x@localhost/shop").unwrap();
        let of = |env: &str, ini: &str, dotenv: &str, command: &str| {
            let folder = tempfile::tempdir().unwrap();
            std::fs::create_dir(folder.path().join("alembic")).unwrap();
            std::fs::write(folder.path().join("alembic/env.py"), env).unwrap();
            std::fs::write(folder.path().join("alembic.ini"), ini).unwrap();
            std::fs::write(folder.path().join(".env"), dotenv).unwrap();
            let value = |name: &str| match name {
                "GONOGO_DATABASE_URL" => Some("postgresql://app:x@localhost/shop".to_owned()),
                "MIGRATOR_URL" => Some("postgresql+psycopg://owner:x@localhost/shop".to_owned()),
                _ => None,
            };
            other_role(folder.path(), command, &own, value).unwrap_or_default()
        };
        let plain = "url = os.environ[\"GONOGO_DATABASE_URL\"]\n";
        assert_eq!(of(plain, "", "", "alembic"), "");
        assert_eq!(of(plain, "sqlalchemy.url = driver://user:pass@localhost/dbname\n", "", "alembic"), "");
        assert!(
            of("url = os.environ[\"MIGRATOR_URL\"]", "", "", "alembic").contains("$MIGRATOR_URL names the role owner")
        );
        assert!(of("c.execute(text(\"SET ROLE owner\"))", "", "", "alembic").contains("SET ROLE owner"));
        assert!(of(plain, "sqlalchemy.url = postgresql://dba@h/shop\n", "", "alembic").contains("role dba"));
        assert!(of("", "", "DATABASE_URL=postgresql://dba@h/shop\n", "dbmate up").contains("role dba"));
        assert!(of("", "", "", "dbmate --url postgresql://dba@h/shop up").contains("role dba"));
    }
}
