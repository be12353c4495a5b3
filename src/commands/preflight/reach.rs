//! Which databases a migrator's configuration can reach besides the one it is given: a revision that is tried must find
//! none of them.

use regex::Regex;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// Larger files are no configuration.
const LARGEST: u64 = 1 << 20;

static ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\b(?:postgres(?:ql)?|mysql|mariadb|sqlite|oracle|mssql|cockroachdb)(?:\+\w+)?://").ok()
});
static VARIABLE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?:environ(?:\.get)?\s*[\[(]|getenv\s*\(|\$\{?|%\(|config\(\s*)\s*["']?([A-Za-z_]\w*)"#).ok()
});

/// Whether a text names the address of a database.
fn has_address(text: &str) -> bool {
    ADDRESS.as_ref().is_none_or(|address| address.is_match(text))
}

/// What Alembic's configuration in `folder` could connect to besides `own`, in words; `value` gives a variable of the
/// process. Empty when nothing was found.
pub fn others(folder: &Path, command: &str, own: &[&str], value: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let mut found = BTreeSet::new();
    let ini = configuration(folder, command);
    let scripts = ini.as_deref().and_then(read).map(|text| {
        of_ini(&text, &mut found);
        setting(&text, "script_location").unwrap_or_else(|| "alembic".to_owned())
    });
    let scripts = scripts.unwrap_or_else(|| "alembic".to_owned()).replace("%(here)s", ".");
    let env = folder.join(scripts).join("env.py");
    let text = read(&env).unwrap_or_default();
    if text.is_empty() {
        found.insert(format!("{} could not be read", env.display()));
    }
    let code = || text.lines().filter(|line| !line.trim_start().starts_with('#'));
    if code().any(|line| has_address(line) && !line.contains(".replace(") && !line.contains("startswith(")) {
        found.insert("env.py holds the address of a database".to_owned());
    }
    if code().filter(|line| line.contains("create_engine(") || line.contains("engine_from_config(")).count() > 1
        || code().any(|line| line.trim_start().starts_with("for ") && line.contains("engine"))
    {
        found.insert("env.py makes several engines".to_owned());
    }
    for name in code().flat_map(variables) {
        let Some(value) = value(&name).filter(|value| has_address(value)) else { continue };
        if !own.contains(&value.as_str()) {
            found.insert(format!("env.py reads ${name}, which holds another database's address"));
        }
    }
    for file in [".env", "backend/.env", "../.env"].map(|name| folder.join(name)) {
        if read(&file)
            .is_some_and(|text| text.lines().any(|line| !line.trim_start().starts_with('#') && has_address(line)))
        {
            found.insert(format!("{} holds the address of a database", file.display()));
        }
    }
    found.into_iter().collect()
}

fn read(path: &Path) -> Option<String> {
    let meta = std::fs::metadata(path).ok().filter(|meta| meta.is_file() && meta.len() <= LARGEST)?;
    let _ = meta;
    std::fs::read_to_string(path).ok()
}

/// The file that `-c` or `--config` names, else `alembic.ini`.
fn configuration(folder: &Path, command: &str) -> Option<PathBuf> {
    let words: Vec<&str> = command.split_whitespace().collect();
    let named = words.iter().enumerate().find_map(|(at, word)| match *word {
        "-c" | "--config" => words.get(at + 1).copied(),
        word => word.strip_prefix("--config=").or(word.strip_prefix("-c").filter(|rest| !rest.is_empty())),
    });
    let path = folder.join(named.unwrap_or("alembic.ini"));
    path.is_file().then_some(path)
}

fn setting(text: &str, key: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let (name, value) = line.split_once('=')?;
        (name.trim() == key).then(|| value.trim().to_owned())
    })
}

/// Alembic's template for several databases lists them under `databases`, each with a section and an address.
fn of_ini(text: &str, found: &mut BTreeSet<String>) {
    if let Some(databases) = setting(text, "databases").filter(|list| list.contains(',')) {
        found.insert(format!("its configuration lists several databases: {databases}"));
    }
    let urls = text.lines().filter(|line| line.trim_start().starts_with("sqlalchemy.url") && has_address(line)).count();
    if urls > 1 {
        found.insert(format!("its configuration holds {urls} addresses"));
    }
}

fn variables(line: &str) -> Vec<String> {
    let Some(variable) = VARIABLE.as_ref() else { return Vec::new() };
    variable.captures_iter(line).map(|captures| captures[1].to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "import os\nurl = os.environ[\"GONOGO_DATABASE_URL\"].replace(\"postgresql://\", \"postgresql+psycopg://\")\n\
                       with create_engine(url).connect() as connection:\n    pass\n";

    fn found(ini: &str, env: &str, dotenv: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("alembic")).unwrap();
        std::fs::write(at("alembic.ini"), ini).unwrap();
        std::fs::write(at("alembic/env.py"), env).unwrap();
        std::fs::write(at(".env"), dotenv).unwrap();
        let value = |name: &str| match name {
            "GONOGO_DATABASE_URL" => Some("postgresql://u@h/own".to_owned()),
            "BILLING_URL" => Some("postgresql://u@h/billing".to_owned()),
            _ => None,
        };
        others(folder.path(), "alembic", &["postgresql://u@h/own"], value)
    }

    #[test]
    fn a_second_database_is_found_wherever_it_is_named() {
        let ini = "[alembic]\nscript_location = alembic\n";
        assert_eq!(found(ini, ONE, "DEBUG=1\n"), Vec::<String>::new());
        let two = format!(
            "{ini}databases = shop, billing\n[shop]\nsqlalchemy.url = postgresql://a/b\n[billing]\nsqlalchemy.url = postgresql://a/c\n"
        );
        assert_eq!(found(&two, ONE, "").len(), 2);
        for (env, word) in [
            (format!("{ONE}other = os.environ['BILLING_URL']\n"), "$BILLING_URL"),
            (format!("{ONE}other = os.getenv(\"BILLING_URL\", \"\")\n"), "$BILLING_URL"),
            (format!("{ONE}other = \"postgresql+asyncpg://u@h/x\"\n"), "address of a database"),
            (format!("{ONE}x = create_engine(other)\n"), "several engines"),
        ] {
            let found = found(ini, &env, "");
            assert!(found.len() == 1 && found[0].contains(word), "{env}: {found:?}");
        }
        assert!(found(ini, ONE, "DATABASE_URL=postgresql://u@h/live\n")[0].contains(".env"));
        assert!(found(ini, "", "")[0].contains("could not be read"));
    }
}
