//! Commands in a document: what looks like one, what would destroy something, and what must be filled in first.

use super::account::{Language, Proposal};
use super::sentences;
use crate::checklist::proposal::{self, destructive};
use regex::Regex;
use std::sync::LazyLock;

/// Programs that people name in checklists.
const PROGRAMS: &str = "airflow|alembic|ansible|ansible-playbook|apachectl|apt|apt-get|argocd|atlas|aws|az|barman|bash|borg|brew|bundle|caddy|\
    cargo|cat|cd|cdk|celery|chmod|chown|composer|consul|cosign|cp|crane|createdb|createuser|crontab|curl|date|dbmate|dbt|dd|\
    df|diesel|diff|dig|django-admin|docker|docker-compose|dotnet|drizzle-kit|dropdb|dropuser|du|eb|echo|etcdctl|export|find|\
    firebase|flask|flux|fly|flyctl|flyway|free|gcloud|gh|git|go|goose|gradle|grep|gunicorn|haproxy|helm|heroku|http|iex|\
    initdb|istioctl|java|journalctl|kafka-topics.sh|kill|knife|kubectl|kustomize|launchctl|liquibase|ls|lsof|make|mariadb|\
    mix|mkdir|mongo|mongodump|mongorestore|mongosh|mv|mvn|mysql|mysqladmin|mysqldump|netlify|nginx|node|nomad|npm|npx|\
    nslookup|oc|openssl|packer|pdm|pg_basebackup|pg_ctl|pg_ctlcluster|pg_dropcluster|pg_dump|pg_dumpall|pg_restore|\
    pg_rewind|pg_upgrade|pgbackrest|pgbench|php|ping|pip|pip3|pm2|pnpm|podman|poetry|prisma|ps|psql|pulumi|pytest|python|\
    python3|rabbitmqctl|rails|rake|rclone|redis-cli|reindexdb|restic|rm|rsync|ruby|scp|sed|serverless|service|skaffold|\
    skopeo|sls|source|sqitch|sqlcmd|sqlite3|sqlplus|sqlx|ssh|sudo|supervisorctl|systemctl|tail|tar|terraform|terragrunt|\
    tofu|uv|uvicorn|vacuumdb|vagrant|vault|vercel|wal-e|wal-g|wget|yarn";

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

/// The most placeholders that an account names of one text.
const NAMED: usize = 8;

/// What must be filled in, each once, the first few.
#[must_use]
pub fn placeholders(text: &str) -> Vec<String> {
    let mut found = proposal::placeholders(text);
    found.truncate(NAMED);
    found
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
    (argued
        && PROGRAMS.split('|').any(|known| known == name)
        && (name == program || program.starts_with(['/', '.']))
        && !sentences::reads_on(name, line))
        || (path && (argued || program.rsplit_once('.').is_some_and(|(_, ending)| ending == "sh")))
        || (!argued && matches!(program, "pytest" | "make"))
        || (begins_as_program(program) && name == program && has_flag(line))
}

/// Whether a program that is not known is given an option: `tool --now`, `tool -f x`.
fn has_flag(line: &str) -> bool {
    let flag = |word: &str| {
        let bare = word.trim_start_matches('-');
        let dashes = word.len() - bare.len();
        (1..=2).contains(&dashes)
            && bare.starts_with(|c: char| c.is_ascii_alphabetic())
            && (dashes == 2 || bare.len() <= 2)
    };
    !line.ends_with(['.', '?', '!', ':']) && line.split_whitespace().skip(1).any(flag)
}

/// Whether the first word could be a program's name.
fn begins_as_program(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default();
    first.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.' | '/'))
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
    // A program that is not known, but what it does is.
    let destroys = || !is_sql(text) && text.contains(' ') && destructive(text).is_some();
    let language = if may_run(text) && (is_command(text) || (begins_as_program(text) && destroys())) {
        Language::Shell
    } else if is_sql(text) && !is_endpoint(text.trim()) {
        Language::Sql
    } else {
        return None;
    };
    Some(found(line, language, text.trim()))
}

/// The commands between the back-ticks of a text, without those that are struck out or forbidden.
#[must_use]
pub fn of_text(line: u32, text: &str) -> Vec<Proposal> {
    let mut before = String::new();
    let mut found = Vec::new();
    for (at, part) in text.split('`').enumerate() {
        let allowed = !forbids(&before) && before.matches("~~").count().is_multiple_of(2);
        before.push_str(part);
        if at % 2 == 1 && allowed {
            found.extend(of_span(line, part));
        }
    }
    found
}

/// Whether a line of a shell's block does anything: settings, lists of endpoints and tables of cron do not.
fn may_run(line: &str) -> bool {
    let line = line.trim();
    let line = line.strip_prefix("$ ").unwrap_or(line);
    let setting = line.strip_prefix("export ").unwrap_or(line);
    let set = setting.split_once('=').is_some_and(|(name, value)| {
        let named = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let value = value.trim();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let whole =
            quote.map_or(!value.contains(char::is_whitespace), |quote| value.rfind(quote) == Some(value.len() - 1));
        named && whole && !value.contains("$(") && !value.contains('`')
    });
    let listed = line.starts_with("- ") || line.starts_with("* ");
    !(line.is_empty()
        || line.starts_with('#')
        || set
        || listed
        || is_endpoint(line)
        || is_cron(line)
        || trails_off(line))
}

/// Words right before a command that say it is not to be run.
static FORBIDS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)(?:\b(?:never|do\s+not|don[’']?t|must\s+not|mustn[’']?t|should\s+not|shouldn[’']?t|may\s+not|cannot|can[’']?t|nobody|no\s?one|",
        r"not\s+(?:run|use|to|execute|call)|no\s+longer|instead\s+of|rather\s+than|forbidden:?|niemals|nie|nicht|niemand|kein\p{L}*|",
        r"jamais|ne\s+pas|nunca|никогда|не)(?:\s+(?P<words>[\p{L}’']+(?:\s+[\p{L}’']+){0,3}))?|禁止|不要|请勿|勿)[\s“'(]*$",
    ))
    .ok()
});

/// Whether what stands before a command forbids it: ``Never run `rm -rf /srv` ``.
#[must_use]
pub fn forbids(before: &str) -> bool {
    let tail: String = before.chars().rev().take(80).collect::<Vec<_>>().into_iter().rev().collect();
    let Some(found) = FORBIDS.as_ref().and_then(|forbids| forbids.captures(&tail)) else { return false };
    let words = found.name("words").map_or("", |words| words.as_str()).to_lowercase();
    // `Do not forget to run`, `never skip`: the opposite.
    !["forget", "miss", "skip", "hesitate", "omit", "vergessen", "only"].iter().any(|word| words.contains(word))
}

/// Whether the words around a command say that it carries a plan of destruction out: `terraform apply` of one.
#[must_use]
pub fn applies_destruction(text: &str) -> bool {
    let lower = text.to_lowercase();
    let program = ["terraform", "tofu", "terragrunt", "pulumi"].iter().any(|program| lower.contains(program));
    program
        && lower.contains("apply")
        && ["destroy", "destruction", "teardown", "tear-down"].iter().any(|w| lower.contains(w))
}

fn is_endpoint(line: &str) -> bool {
    let verbs = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
    line.split_once(' ').is_some_and(|(verb, path)| {
        verbs.contains(&verb) && (path.trim_start().starts_with('/') || path.trim_start().starts_with("http"))
    })
}

fn is_cron(line: &str) -> bool {
    let timed = |word: &str| word.chars().all(|c| c.is_ascii_digit() || matches!(c, '*' | '/' | ',' | '-'));
    let mut words = line.split_whitespace();
    words.by_ref().take(5).filter(|word| timed(word)).count() == 5 && words.next().is_some()
}

/// `pip install...`: a sentence's way to say "and so on".
fn trails_off(line: &str) -> bool {
    line.ends_with('…') || (line.ends_with("...") && !line.ends_with("/..."))
}

/// Whether a code block is something that can be run, and not only read.
#[must_use]
pub fn runs(language: Language, text: &str) -> bool {
    match language {
        Language::Sql => !text.trim().is_empty(),
        Language::Shell => text.lines().any(may_run),
        Language::Python | Language::Other => false,
    }
}

/// A code block as a proposal, unless it is a program or something else to read.
#[must_use]
pub fn of_block(line: u32, language: Language, text: &str) -> Option<Proposal> {
    let runnable = runs(language, text);
    let text = if language == Language::Shell { commands_of_session(text) } else { text.into() };
    runnable.then(|| found(line, language, text.trim_end()))
}

/// A session that was copied, without its prompts and with what the commands answered as comments.
fn commands_of_session(text: &str) -> std::borrow::Cow<'_, str> {
    let prompted = |line: &str| line.trim_start().starts_with("$ ");
    if !text.lines().any(prompted) {
        return text.into();
    }
    let mut goes_on = false;
    let lines = text.lines().map(|line| {
        let command = line.trim_start().strip_prefix("$ ").or(goes_on.then_some(line));
        goes_on = command.is_some_and(|line| line.trim_end().ends_with('\\'));
        let bare = line.trim().is_empty() || line.trim_start().starts_with('#');
        command.or(bare.then_some(line)).map_or_else(|| format!("# {line}"), ToOwned::to_owned)
    });
    lines.collect::<Vec<_>>().join("\n").into()
}

fn found(line: u32, language: Language, text: &str) -> Proposal {
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
    fn what_does_nothing_is_no_command() {
        for text in [
            "APP_ENV=staging\nPORT=80\n",
            "export A=\"b c\"\n",
            "# all:\n- GET /a\nPOST /api/x\n",
            "5 4 * * 1 pg_dump shop > b.sql\n",
            "pip install...\n",
        ] {
            assert_eq!(of_block(1, Language::Shell, text), None, "{text}");
        }
        for text in ["APP_ENV=staging ./start.sh\n", "A=$(date)\n", "A=1\nmake deploy\n"] {
            assert!(of_block(1, Language::Shell, text).is_some(), "{text}");
        }
        for text in ["lz4 -d all.lz4 | psql -h db1", "fly volumes destroy vol1", "newtool x | mysql shop"] {
            assert!(of_span(1, text).is_some_and(|found| found.destructive.is_some()), "{text}");
        }
        let session = of_block(1, Language::Shell, "$ kubectl get pods\nNAME READY\n$ ls \\\n  -l\n").unwrap();
        assert_eq!(session.text, "kubectl get pods\n# NAME READY\nls \\\n  -l");
        assert_eq!(of_span(1, "DELETE /api/users/5"), None);
        assert_eq!(of_span(1, "python --version && pip install..."), None);
    }

    #[test]
    fn what_is_forbidden_is_known() {
        for before in [
            "Never run ",
            "Do not use ",
            "Check that nobody runs ",
            "Stop it; don't run ",
            "Use the job instead of ",
            "Hier nicht ",
            "禁止",
        ] {
            assert!(forbids(before), "{before}");
        }
        for before in ["Run ", "Do not forget to run ", "If it is not running, ", "To avoid downtime run ", ""] {
            assert!(!forbids(before), "{before}");
        }
    }

    #[test]
    fn commands_are_told_from_names() {
        for command in [
            "alembic upgrade head",
            "./release start --steps 1",
            "PGUSER=a psql -c 'x'",
            "/usr/bin/curl http://x",
            "pytest",
            "find . -name x",
            "go test ./...",
            "service nginx restart",
            "source .env",
            "kill -9 5",
            "make deploy",
            "cat a.txt",
            "flyway migrate",
            "ourtool --stanza=a backup",
            "ourtool restart -f",
        ] {
            assert!(is_command(command), "{command}");
        }
        for other in [
            "make sure that it works",
            "date of release",
            "node version 20",
            "find the logs",
            "go live",
            "service account",
            "source of truth",
            "kill switch",
            "git",
            "refactor/database-optimization",
            "wip_id",
            "datetime.utcnow()",
            "git-flow",
            "Source",
            "find_me()",
        ] {
            assert!(!is_command(other), "{other}");
        }
        assert!(is_sql("SELECT COUNT(*) FROM lots;") && is_sql("ANALYZE VERBOSE;"));
        assert!(!is_sql("select the right one") && !is_sql("Update the ticket"));
    }
}
