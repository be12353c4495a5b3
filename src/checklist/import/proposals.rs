//! Commands in a document: what looks like one, what would destroy something, and what must be filled in first.

use super::account::{Language, Proposal};
use regex::{Regex, RegexSet};
use std::sync::LazyLock;

/// Programs that people name in checklists.
const PROGRAMS: [&str; 105] = [
    "alembic",
    "ansible",
    "ansible-playbook",
    "apt",
    "apt-get",
    "aws",
    "az",
    "bash",
    "brew",
    "bundle",
    "cargo",
    "cat",
    "cd",
    "chmod",
    "chown",
    "composer",
    "cp",
    "createdb",
    "crontab",
    "curl",
    "date",
    "dd",
    "df",
    "diff",
    "dig",
    "django-admin",
    "docker",
    "docker-compose",
    "dotnet",
    "drizzle-kit",
    "dropdb",
    "du",
    "eb",
    "echo",
    "export",
    "find",
    "flask",
    "flyctl",
    "free",
    "gcloud",
    "gh",
    "git",
    "go",
    "gradle",
    "grep",
    "gunicorn",
    "helm",
    "heroku",
    "http",
    "java",
    "journalctl",
    "kill",
    "knife",
    "kubectl",
    "ls",
    "lsof",
    "make",
    "mkdir",
    "mongodump",
    "mongorestore",
    "mv",
    "mvn",
    "mysql",
    "mysqldump",
    "nginx",
    "node",
    "npm",
    "npx",
    "nslookup",
    "openssl",
    "php",
    "ping",
    "pip",
    "pip3",
    "pm2",
    "pnpm",
    "poetry",
    "prisma",
    "ps",
    "psql",
    "pg_dump",
    "pg_dumpall",
    "pg_restore",
    "pytest",
    "python",
    "python3",
    "rails",
    "rake",
    "redis-cli",
    "rm",
    "rsync",
    "ruby",
    "scp",
    "sed",
    "service",
    "source",
    "ssh",
    "sudo",
    "systemctl",
    "tail",
    "tar",
    "terraform",
    "uvicorn",
    "wget",
    "yarn",
];

/// Words that a statement of SQL begins with.
const STATEMENTS: [&str; 19] = [
    "select ",
    "insert ",
    "update ",
    "delete ",
    "create ",
    "alter ",
    "drop ",
    "truncate ",
    "grant ",
    "revoke ",
    "vacuum",
    "analyze",
    "explain ",
    "with ",
    "begin;",
    "commit;",
    "reindex ",
    "show ",
    "refresh ",
];

/// What destroys things, and the words for it.
const DESTRUCTIVE: [(&str, &str); 16] = [
    (r"(?i)\bdrop\s+(?:table|database|schema|index|column|view|role|user|constraint|type|extension)\b", "drops"),
    (r"(?i)\btruncate\b|--truncate\b", "empties tables"),
    (r"(?i)\bdelete\s+from\b", "deletes rows"),
    (r"(?i)\bupdate\s+\S+\s+set\b", "changes rows"),
    (r"\brm\s+(?:-[a-zA-Z]+\s+)*-?[a-zA-Z]*[rf]", "removes files"),
    (r"\bgit\s+(?:push\b.*(?:--force|\s-f\b)|reset\s+--hard|clean\s+-\S*f)", "throws history or work away"),
    (r"\balembic\s+downgrade\b|\bmigrate\s+(?:down|reset|undo)|db:(?:drop|reset|rollback)", "takes migrations back"),
    (r"\bdropdb\b|\bdropuser\b", "drops"),
    (r"\bpg_restore\b.*(?:--clean|\s-c\b)|\bmongorestore\b.*--drop", "replaces what is there"),
    (r"\b(?:kubectl|oc)\s+delete\b|\bhelm\s+(?:uninstall|delete)\b", "deletes from the cluster"),
    (r"\bterraform\s+destroy\b|\bpulumi\s+destroy\b", "destroys infrastructure"),
    (r"\bdocker\b.*\b(?:prune|rm|rmi)\b|\bdocker(?:-|\s)compose\b.*\bdown\b.*\s-v\b", "removes containers or volumes"),
    (r"\baws\b.*\s(?:delete|terminate)-\S+|\bgcloud\b.*\sdelete\b|\baz\b.*\sdelete\b", "deletes from the cloud"),
    (r"(?i)\bredis-cli\b.*\bflush(?:all|db)\b", "empties the cache"),
    (r"\bmkfs|\bdd\s+.*\bof=|\bshred\b", "overwrites a disk or a file"),
    (r"\b(?:shutdown|reboot|poweroff|halt)\b", "stops the machine"),
];

static SHAPES: LazyLock<Option<RegexSet>> =
    LazyLock::new(|| RegexSet::new(DESTRUCTIVE.iter().map(|(shape, _)| shape)).ok());

/// What somebody has to put a value in place of.
static PLACEHOLDERS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"\{\{[^{}]{0,60}\}\}",
        r"|<[A-Za-z][A-Za-z0-9 _.-]{0,40}>",
        r"|\[[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\]|\[(?:TODO|TBD|To be filled in|fill in|Name|Date|your[^\]]{0,30}|[a-z]+-[a-z-]{2,30})\]",
        r"|\bv?[XYZ]\.[XYZ](?:\.[XYZ])?\b|\bv?x\.(?:y|x)(?:\.(?:z|x))?\b|\b[vV]?\d+\.(?:[xy]|\d+\.[xyz])\b",
        r"|\bYYYY-?MM-?DD\b|\bYY\.MM(?:\.\w+)?\b|\b(?:CHANGE_?ME|REPLACE_?ME|TODO|TBD|FIXME|XXX+)\b",
        r"|\b(?:your|my)[-_][a-z][a-z_-]{1,30}\b|\bYOUR_[A-Z_]{2,30}\b",
    ))
    .ok()
});

/// What must be filled in, each once.
#[must_use]
pub fn placeholders(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    if !may_hold_one(text) {
        return found;
    }
    for shape in PLACEHOLDERS.iter().flat_map(|shape| shape.find_iter(text)) {
        if found.len() < 8 && !found.iter().any(|known| known == shape.as_str()) {
            found.push(shape.as_str().to_owned());
        }
    }
    found
}

/// Whether it is worth looking closer: a bracket, two capitals together, a version with a letter, or `your`.
fn may_hold_one(text: &str) -> bool {
    let pair = |pair: &[u8]| match pair {
        [first, second] if first.is_ascii_uppercase() && second.is_ascii_uppercase() => true,
        [b'.', letter] => letter.is_ascii_alphabetic(),
        [b'y', b'o' | b'-' | b'_'] | [b'm', b'y'] => true,
        [first, _] => matches!(first, b'<' | b'[' | b'{'),
        _ => false,
    };
    text.as_bytes().windows(2).any(pair)
}

/// What a command would destroy.
#[must_use]
pub fn destructive(text: &str) -> Option<&'static str> {
    let first = SHAPES.as_ref()?.matches(text).iter().next()?;
    Some(DESTRUCTIVE[first].1)
}

/// Whether a line begins like a statement of SQL.
#[must_use]
pub fn is_sql(line: &str) -> bool {
    let head: String = line.trim_start().chars().take(12).collect::<String>().to_ascii_lowercase();
    // A sentence may begin with the same word; a statement goes on in its own way.
    STATEMENTS.iter().any(|word| head.starts_with(word)) && (line.contains(';') || has_upper_word(line))
}

fn has_upper_word(line: &str) -> bool {
    let first: String = line.trim_start().chars().take_while(char::is_ascii_alphabetic).collect();
    first.len() > 3 && first.chars().all(|c| c.is_ascii_uppercase())
}

/// Whether a line is a command of the shell: a known program with something to do, or a path to one.
#[must_use]
pub fn is_command(line: &str) -> bool {
    let line = line.trim();
    let line = line.strip_prefix("$ ").unwrap_or(line);
    let mut words = line.split_whitespace().skip_while(|word| is_setting(word));
    let Some(program) = words.next() else { return false };
    let argued = words.next().is_some();
    let name = program.rsplit('/').next().unwrap_or(program);
    let path = program.starts_with("./") || program.starts_with("../");
    (argued && PROGRAMS.contains(&name) && (name == program || program.starts_with(['/', '.'])))
        || (path && (argued || program.rsplit_once('.').is_some_and(|(_, ending)| ending == "sh")))
        || (!argued && matches!(program, "pytest" | "make" | "git" | "alembic"))
}

/// `NAME=value` before a command.
fn is_setting(word: &str) -> bool {
    let Some((name, _)) = word.split_once('=') else { return false };
    !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// A code span as a proposal, when it is a command or a statement. One that is a fence over several lines is taken
/// for the block it was meant to be.
#[must_use]
pub fn of_span(line: u32, text: &str) -> Option<Proposal> {
    if let Some((info, block)) = text.trim_matches('`').split_once('\n').filter(|_| text.starts_with("```")) {
        let lines: Vec<&str> = block.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let text = lines.join("\n");
        return of_block(line, super::kinds::language(info.trim(), &text), &text);
    }
    let language = if is_command(text) {
        Language::Shell
    } else if is_sql(text) {
        Language::Sql
    } else {
        return None;
    };
    Some(proposal(line, language, text.trim()))
}

/// A code block as a proposal, unless it is a program or something else to read.
#[must_use]
pub fn of_block(line: u32, language: Language, text: &str) -> Option<Proposal> {
    let runnable = matches!(language, Language::Sql | Language::Shell) && !text.trim().is_empty();
    runnable.then(|| proposal(line, language, text.trim_end()))
}

fn proposal(line: u32, language: Language, text: &str) -> Proposal {
    Proposal {
        line,
        language,
        destructive: destructive(text),
        placeholders: placeholders(text),
        text: text.strip_prefix("$ ").unwrap_or(text).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_told_from_names() {
        for command in [
            "alembic upgrade head",
            "./release start --steps 1",
            "PGUSER=a psql -c 'x'",
            "/usr/bin/curl http://x",
            "pytest",
        ] {
            assert!(is_command(command), "{command}");
        }
        for other in
            ["refactor/database-optimization", "wip_id", "datetime.utcnow()", "git-flow", "Source", "find_me()"]
        {
            assert!(!is_command(other), "{other}");
        }
        assert!(is_sql("SELECT COUNT(*) FROM lots;") && is_sql("ANALYZE VERBOSE;"));
        assert!(!is_sql("select the right one") && !is_sql("Update the ticket"));
    }

    #[test]
    fn what_destroys_is_flagged() {
        for text in [
            "DROP SCHEMA public CASCADE;",
            "rm -rf /var/x",
            "git push --force origin",
            "alembic downgrade base",
            "kubectl delete pod x",
            "mongorestore --db a --drop b",
            "TRUNCATE lots;",
            "git reset --hard HEAD~1",
        ] {
            assert!(destructive(text).is_some(), "{text}");
        }
        for text in ["alembic upgrade head", "git push origin main", "rmdir x", "kubectl get pods", "npm run format"] {
            assert_eq!(destructive(text), None, "{text}");
        }
    }

    #[test]
    fn placeholders_are_flagged() {
        assert_eq!(placeholders("deploy <env> vX.Y.Z {{ name }} <env>"), ["<env>", "vX.Y.Z", "{{ name }}"]);
        assert_eq!(placeholders("git checkout [PREVIOUS_COMMIT_HASH]"), ["[PREVIOUS_COMMIT_HASH]"]);
        assert_eq!(placeholders("a < b && c > d; echo $HOME 1.2.3"), Vec::<String>::new());
    }
}
