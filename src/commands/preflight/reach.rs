//! Which databases a migrator's configuration can reach besides the one it is given: a revision that is tried must find
//! none of them.

use crate::database::PostgresAddress;
use regex::Regex;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// Files looked into at most, and how deep.
const FILES: usize = 500;
const DEPTH: usize = 4;
const KINDS: [&str; 9] = ["py", "json", "toml", "yaml", "yml", "ini", "cfg", "conf", "env"];
const FOREIGN: [&str; 6] = ["node_modules", "site-packages", "__pycache__", "venv", "tests", "target"];

/// Larger files are no configuration.
const LARGEST: u64 = 1 << 20;

static ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\b(?:postgres(?:ql)?|mysql|mariadb|sqlite|oracle|mssql|cockroachdb)(?:\+\w+)?://").ok()
});
static VARIABLE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?:environ(?:\.get)?\s*[\[(]|getenv\s*\(|\$\{?|%\(|config\(\s*)\s*["']?([A-Za-z_]\w*)"#).ok()
});

static ACTING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let names = "connect|create_engine|create_async_engine|sessionmaker|SessionLocal|requests|httpx|urllib|boto3|subprocess|socket";
    Regex::new(&format!(r"^[^#]*\b(?:(?:{names})\b|os\.system|import_module|from app)")).ok()
});

/// Code of a revision that asks for the connection or speaks, and code of `env.py` that speaks.
static ASIDE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let calls = r"get_bind\s*\(|is_offline_mode|as_sql\b|\binspect\s*\(|\bprint\s*\(|\bsys\.stdout|\bpprint\s*\(";
    Regex::new(&format!("^[^#]*(?:{calls})")).ok()
});
static SPOKEN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^[^#]*(?:\bprint\s*\(|\bsys\.stdout|\bpprint\s*\(|StreamHandler\s*\(\s*sys\.stdout)").ok()
});

/// Whether a text names the address of a database.
fn has_address(text: &str) -> bool {
    ADDRESS.as_ref().is_none_or(|address| address.is_match(text))
}

/// What Alembic's configuration in `folder` could connect to besides `own`, in words; `value` gives a variable of the
/// process. Empty when nothing was found.
pub(super) fn others(
    folder: &Path,
    command: &str,
    own: &[&str],
    value: impl Fn(&str) -> Option<String>,
) -> Vec<String> {
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
    // Options that a driver is given replace those of PGOPTIONS, and some drivers do not read it at all.
    if code().any(|line| line.contains("options=") || line.contains("connect_args") || line.contains("server_settings"))
    {
        found.insert("env.py gives its connections options of its own, so they would not be read-only".to_owned());
    }
    let mut files = vec![folder.join("../.env")];
    gather(folder, 0, &mut files);
    for file in files.iter().filter(|file| **file != env && Some(*file) != ini.as_ref()) {
        let Some(text) = read(file) else { continue };
        let lines = || text.lines().filter(|line| !line.trim_start().starts_with(['#', ';']));
        let plain = |line: &&str| !line.contains(".replace(") && !line.contains("startswith(");
        if lines().filter(plain).any(has_address) {
            found.insert(format!("{} holds the address of a database", shown(folder, file)));
        }
        if lines().any(|line| line.contains("asyncpg") || line.contains("pg8000")) {
            found.insert(format!("{} names a driver that does not read PGOPTIONS", shown(folder, file)));
        }
    }
    if code().any(|line| line.contains("asyncpg") || line.contains("pg8000"))
        || own.iter().any(|url| url.contains("asyncpg") || url.contains("pg8000"))
    {
        found.insert("env.py uses a driver that does not read PGOPTIONS, so it would not be read-only".to_owned());
    }
    found.into_iter().collect()
}

/// Where the code of a revision in `folder` may reach beyond what Alembic gives it, by what it names.
pub(super) fn acting(folder: &Path, command: &str) -> Option<String> {
    let ini = configuration(folder, command).as_deref().and_then(read);
    let scripts = ini.and_then(|text| setting(&text, "script_location")).unwrap_or_else(|| "alembic".to_owned());
    let mut files = Vec::new();
    gather(&folder.join(scripts.replace("%(here)s", ".")).join("versions"), 0, &mut files);
    files.iter().find_map(|file| {
        let text = read(file)?;
        let at = text.lines().position(|line| ACTING.as_ref().is_none_or(|acting| acting.is_match(line)))?;
        Some(format!("{}:{}", shown(folder, file), at + 1))
    })
}

/// What of these revisions' code, and of `env.py`, may come out otherwise in print than when it runs: what it prints itself
/// stands among the SQL, and what it does only with a connection does not.
pub(super) fn otherwise_in_print(folder: &Path, command: &str, revisions: &[String]) -> Vec<String> {
    let ini = configuration(folder, command).as_deref().and_then(read);
    let scripts = ini.and_then(|text| setting(&text, "script_location")).unwrap_or_else(|| "alembic".to_owned());
    let scripts = folder.join(scripts.replace("%(here)s", "."));
    let mut files = Vec::new();
    gather(&scripts.join("versions"), 0, &mut files);
    files.sort();
    let is_pending = |text: &str| {
        text.lines().filter(|line| line.starts_with("revision")).any(|line| {
            let id = line.split(['"', '\'']).nth(1).unwrap_or_default();
            revisions.iter().any(|revision| crate::deployment::standing::same(id, revision))
        })
    };
    let place = |file: &PathBuf, pattern: &Regex| {
        let text = read(file)?;
        let (at, line) = text.lines().enumerate().find(|(_, line)| pattern.is_match(line))?;
        Some(format!("{}:{}: {}", shown(folder, file), at + 1, line.trim().chars().take(80).collect::<String>()))
    };
    let Some((own, of_env)) = ASIDE.as_ref().zip(SPOKEN.as_ref()) else { return Vec::new() };
    let pending = files.iter().filter(|file| read(file).is_some_and(|text| is_pending(&text)));
    let mut found: Vec<String> = pending.filter_map(|file| place(file, own)).collect();
    found.extend(place(&scripts.join("env.py"), of_env));
    found
}

/// Another database that a `.env` beside the migrator names, which goes first where nothing sets that variable; in words.
pub(super) fn elsewhere(folder: &Path, own: &PostgresAddress, is_set: impl Fn(&str) -> bool) -> Option<String> {
    let ours = |name: &str| {
        let name = name.to_uppercase();
        ["DATABASE", "DB_", "SQLALCHEMY", "POSTGRES", "PG_"].iter().any(|part| name.contains(part))
            && !name.contains("TEST")
    };
    [".env", "../.env"].into_iter().find_map(|file| {
        let text = read(&folder.join(file))?;
        text.lines().find_map(|line| {
            let (name, value) = line.trim().trim_start_matches("export ").split_once('=')?;
            let name = name.trim();
            let value = value.trim().trim_matches(['"', '\'']);
            if !ours(name) || is_set(name) {
                return None;
            }
            let (kind, rest) = value.split_once("://")?;
            let address =
                PostgresAddress::parse(&format!("{}://{rest}", kind.split('+').next().unwrap_or(kind))).ok()?;
            let plain = |address: &PostgresAddress| {
                let place =
                    address.place().to_lowercase().replace("127.0.0.1", "localhost").replace("[::1]", "localhost");
                format!("{place}/{}", address.database())
            };
            (plain(&address) != plain(own)).then(|| format!("{file} sets {name} to {}", plain(&address)))
        })
    })
}

fn shown(folder: &Path, file: &Path) -> String {
    file.strip_prefix(folder).unwrap_or(file).display().to_string()
}

/// The files that may configure something, as deep as projects keep them; not what packages bring along.
fn gather(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.filter_map(Result::ok) {
        if files.len() >= FILES {
            return;
        }
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            let foreign =
                name.starts_with('.') || FOREIGN.contains(&name.as_str()) || path.join("pyvenv.cfg").is_file();
            if depth < DEPTH && !foreign && !name.ends_with(".ledger.d") {
                gather(&path, depth + 1, files);
            }
            continue;
        }
        let kind = path.extension().map(|kind| kind.to_string_lossy().into_owned()).unwrap_or_default();
        // A checklist beside it names the very addresses it is reported.
        let checklist = || read(&path).is_some_and(|text| text.lines().any(|line| line.starts_with("[environments.")));
        if name.starts_with(".env") || (KINDS.contains(&kind.as_str()) && !(kind == "toml" && checklist())) {
            files.push(path);
        }
    }
}

pub(super) fn read(path: &Path) -> Option<String> {
    crate::input::read_text(path, LARGEST).ok()
}

/// The file that `-c` or `--config` names, else `alembic.ini`.
pub(super) fn configuration(folder: &Path, command: &str) -> Option<PathBuf> {
    let words: Vec<&str> = command.split_whitespace().collect();
    let named = words.iter().enumerate().find_map(|(at, word)| match *word {
        "-c" | "--config" => words.get(at + 1).copied(),
        word => word.strip_prefix("--config=").or(word.strip_prefix("-c").filter(|rest| !rest.is_empty())),
    });
    let path = folder.join(named.unwrap_or("alembic.ini"));
    path.is_file().then_some(path)
}

pub(super) fn setting(text: &str, key: &str) -> Option<String> {
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

pub(super) fn variables(line: &str) -> Vec<String> {
    let Some(variable) = VARIABLE.as_ref() else { return Vec::new() };
    variable.captures_iter(line).map(|captures| captures[1].to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_that_reaches_beyond_alembic_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let versions = folder.path().join("alembic/versions");
        std::fs::create_dir_all(&versions).unwrap();
        let revision = "from alembic import op\n# no connect here\ndef upgrade():\n    op.get_bind().execute('x')\n";
        std::fs::write(versions.join("r1.py"), revision).unwrap();
        assert_eq!(acting(folder.path(), "alembic"), None);
        std::fs::write(versions.join("r2.py"), "import psycopg\ndef upgrade():\n    psycopg.connect(url)\n").unwrap();
        assert_eq!(acting(folder.path(), "alembic"), Some("alembic/versions/r2.py:3".to_owned()));
    }

    #[test]
    fn code_that_comes_out_otherwise_in_print_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let versions = folder.path().join("alembic/versions");
        std::fs::create_dir_all(&versions).unwrap();
        let of = |body: &str| {
            let text = format!(
                "from alembic import op\nrevision = \"r1\"\ndown_revision = None\ndef upgrade():\n    {body}\n"
            );
            std::fs::write(versions.join("r1.py"), text).unwrap();
            otherwise_in_print(folder.path(), "alembic", &["r1".to_owned()])
        };
        for body in [
            "print('/* colour is fine')",
            "if not context.is_offline_mode(): op.execute('x')",
            "k = op.get_bind().execute('x').scalar()",
            "sys.stdout.write('x')",
        ] {
            let found = of(body);
            assert!(found.len() == 1 && found[0].starts_with("alembic/versions/r1.py:5: "), "{body}: {found:?}");
        }
        for body in ["op.execute('select 1')", "pass  # print(x)", "with op.get_context().autocommit_block(): pass"] {
            assert!(of(body).is_empty(), "{body}");
        }
        of("print('x')");
        // One that does not run says nothing; what env.py says is in every print.
        assert!(otherwise_in_print(folder.path(), "alembic", &["r2".to_owned()]).is_empty());
        std::fs::write(folder.path().join("alembic/env.py"), "print('starting')\n").unwrap();
        assert_eq!(
            otherwise_in_print(folder.path(), "alembic", &["r2".to_owned()]),
            ["alembic/env.py:1: print('starting')"]
        );
    }

    #[test]
    fn a_file_of_variables_that_names_another_database_is_reported() {
        let folder = tempfile::tempdir().unwrap();
        let own = PostgresAddress::parse("postgresql://app:x@localhost/shop").unwrap();
        let of = |text: &str, set: bool| {
            std::fs::write(folder.path().join(".env"), text).unwrap();
            elsewhere(folder.path(), &own, |_| set)
        };
        let other = "DATABASE_URL=postgresql+psycopg://app:geheim@127.0.0.1/staging\n";
        assert_eq!(of(other, false).as_deref(), Some(".env sets DATABASE_URL to localhost:5432/staging"));
        // A variable that is set goes first; the same database, one for tests and other services are nobody's worry.
        assert_eq!(of(other, true), None);
        assert_eq!(of("export DATABASE_URL='postgresql://other@127.0.0.1:5432/shop'\n", false), None);
        assert_eq!(of("TEST_DATABASE_URL=postgresql://app@localhost/shop_test\nREDIS_URL=redis://x\n", false), None);
    }

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
            (format!("{ONE}other = \"postgresql+psycopg2://u@h/x\"\n"), "address of a database"),
            (format!("{ONE}x = create_engine(other)\n"), "several engines"),
        ] {
            let found = found(ini, &env, "");
            assert!(found.len() == 1 && found[0].contains(word), "{env}: {found:?}");
        }
        assert!(found(ini, ONE, "DATABASE_URL=postgresql://u@h/live\n")[0].contains(".env"));
        assert!(found(ini, "", "")[0].contains("could not be read"));
        let options =
            ONE.replace("create_engine(url)", "create_engine(url, connect_args={\"options\": \"-c search_path=x\"})");
        assert!(found(ini, &options, "")[0].contains("options of its own"));
        let driver = ONE.replace("psycopg", "asyncpg");
        assert!(found(ini, &driver, "")[0].contains("does not read PGOPTIONS"));
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("alembic")).unwrap();
        std::fs::create_dir_all(folder.path().join("app")).unwrap();
        std::fs::write(folder.path().join("alembic.ini"), ini).unwrap();
        std::fs::write(folder.path().join("alembic/env.py"), ONE).unwrap();
        std::fs::write(folder.path().join("app/config.json"), "{\"db\": \"postgresql://u@h/other\"}").unwrap();
        let reported = others(folder.path(), "alembic", &["postgresql://u@h/own"], |_| None);
        assert_eq!(reported, ["app/config.json holds the address of a database"]);
    }
}
