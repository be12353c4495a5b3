//! Commands in a document: what looks like one, what would destroy something, and what must be filled in first.

use super::account::{CodeBlock, Language, Proposal};
use super::source::Source;
use super::{commands, sentences};
use crate::checklist::destruction::{self, Tongue};
use crate::checklist::proposal::{self, destructive};

/// Programs that people name.
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
pub(super) fn placeholders(text: &str) -> Vec<String> {
    let mut found = proposal::placeholders(text);
    found.truncate(NAMED);
    found
}

/// Whether a line begins like a statement of SQL.
pub(super) fn is_sql(line: &str) -> bool {
    let head: String = line.trim_start().chars().take(12).collect::<String>().to_ascii_lowercase();
    // A sentence may begin with the same word, or name what a right is for; a statement goes on in its own way.
    let named = line.contains(';') || line.split_whitespace().count() < 2 || !line.split_whitespace().all(is_keyword);
    named && STATEMENTS.iter().any(|word| head.starts_with(word)) && (line.contains(';') || has_upper_word(line))
}

/// Whether a word of SQL names nothing: `TRUNCATE TABLE` is the name of a right.
fn is_keyword(word: &str) -> bool {
    const WORDS: &str = "select|insert|update|delete|create|alter|drop|truncate|grant|revoke|vacuum|analyze|explain|with|reindex|\
        show|refresh|table|tables|from|into|database|schema|index|view|materialized|column|concurrently|if|exists|not|for|on|\
        user|role|set|usage|references|trigger|execute|only|cascade|unique|constraint|type|sequence|function|or|and";
    WORDS.split('|').any(|known| word.trim_matches([',', '/']).eq_ignore_ascii_case(known))
}

fn has_upper_word(line: &str) -> bool {
    let first: String = line.trim_start().chars().take_while(char::is_ascii_alphabetic).collect();
    first.len() > 3 && first.chars().all(|c| c.is_ascii_uppercase())
}

/// Whether a line is a command of the shell: a known program with something to do, or a path to one.
pub(super) fn is_command(line: &str) -> bool {
    let line = line.trim();
    let line = line.strip_prefix("$ ").unwrap_or(line);
    let mut words = line.split_whitespace().skip_while(|word| is_setting(word));
    let Some(program) = words.next() else { return false };
    let argument = words.next();
    let argued = argument.is_some();
    // `docker 24`, `psql (15.2)`: what is required.
    if program != "kill" && argument.is_some_and(is_version) {
        return false;
    }
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

fn is_version(word: &str) -> bool {
    let bare = word.trim_matches(['(', ')', ',', 'v', '≥', '>', '=', '~', '^', '+', 'x', '.']);
    !bare.is_empty() && bare.chars().all(|c| c.is_ascii_digit() || c == '.')
}

/// Whether the first word could be a program's name, as a shell may be reported it.
fn begins_as_program(text: &str) -> bool {
    let text = text.trim_start_matches(['(', '{', '!', '\\', ' ']);
    let first = text.split_whitespace().next().unwrap_or_default();
    if matches!(first, "[" | "[[" | ":" | ">") || is_setting(first) {
        return true;
    }
    first.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.' | '/'))
}

/// `NAME=value` before a command.
fn is_setting(word: &str) -> bool {
    let Some((name, _)) = word.split_once('=') else { return false };
    !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// A code span as a proposal, when it is a command or a statement. One that is a fence over several lines is taken
/// for the block it was meant to be.
pub(super) fn of_span(line: u32, text: &str) -> Option<Proposal> {
    if let Some((info, block)) = text.trim_matches('`').split_once('\n').filter(|_| text.starts_with("```")) {
        let lines: Vec<&str> = block.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let text = lines.join("\n");
        let (info, language) = (info.trim(), super::kinds::language(info.trim(), &text));
        let tongue = Tongue::of_fence(info, &text);
        return of_block(&CodeBlock { line, language, tongue, forbidden: false, owner: None, text });
    }
    let script = destruction::script(text, Tongue::Any);
    let text = script.as_deref().unwrap_or(text);
    // A program that is not known, but what it does is.
    let whole = || text.contains(' ') || matches!(text, "reboot" | "poweroff" | "halt");
    let destroys = || !is_sql(text) && whole() && destructive(text).is_some();
    let language = if may_run(text) && (is_command(text) || (begins_as_program(text) && destroys())) {
        Language::Shell
    } else if is_sql(text) && !is_endpoint(text.trim()) {
        Language::Sql
    } else {
        return None;
    };
    Some(found(line, language, text.trim()))
}

/// A code span as a proposal, unless the words around it forbid it or take it for one of them.
pub(super) fn of_span_in(source: &Source, start: usize, text: &str) -> Option<Proposal> {
    let all = source.text();
    let reported = !commands::is_prohibited(all, start) && !commands::is_word_of_sentence(all, start, text);
    of_span(source.line(start), text).filter(|_| reported)
}

/// The commands between the back-ticks of a text, without those that are struck out or forbidden.
pub(super) fn of_text(line: u32, text: &str) -> Vec<Proposal> {
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

/// Whether what stands before a command forbids it: ``Never run `rm -rf /srv` ``.
pub(super) fn forbids(before: &str) -> bool {
    commands::forbids(commands::sentence_before(before))
}

/// Whether the words around a command say that it carries a plan of destruction out: `terraform apply` of one.
pub(super) fn applies_destruction(text: &str) -> bool {
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
pub(super) fn runs(block: &CodeBlock) -> bool {
    runs_as(block, &commands_of(block))
}

fn runs_as(block: &CodeBlock, commands: &str) -> bool {
    match block.language {
        _ if block.forbidden => false,
        Language::Sql => commands.lines().any(|line| !line.trim().is_empty() && !line.trim_start().starts_with("--")),
        Language::Shell => commands.lines().any(may_run),
        Language::Python | Language::Other => false,
    }
}

/// A code block as a proposal, unless it is a program or something else to read.
pub(super) fn of_block(block: &CodeBlock) -> Option<Proposal> {
    let text = commands_of(block);
    runs_as(block, &text).then(|| found(block.line, block.language, text.trim_end()))
}

/// What a block shows its own shell or database: a session that was copied without its prompts, and with what was
/// answered, or passed to other programs, as comments.
fn commands_of(block: &CodeBlock) -> std::borrow::Cow<'_, str> {
    let reported = matches!(block.language, Language::Sql | Language::Shell);
    destruction::script(&block.text, block.tongue).filter(|_| reported).map_or(block.text.as_str().into(), Into::into)
}

/// Whether a block without a language is a shell's session.
pub(super) fn is_session(text: &str) -> bool {
    destruction::script(text, Tongue::of_fence("", text)).is_some_and(|script| script.lines().any(may_run))
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
        let of_block = |line: u32, language: Language, text: &str| {
            let tongue = if language == Language::Sql { Tongue::Sql } else { Tongue::Shell };
            let text = text.to_owned();
            of_block(&CodeBlock { line, language, tongue, forbidden: false, owner: None, text })
        };
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
        let reported = of_block(1, Language::Shell, "root@db1:~# dropdb shop\n").unwrap();
        assert_eq!((reported.text.as_str(), reported.destructive), ("dropdb shop", Some("drops what it names")));
        assert_eq!(of_block(1, Language::Shell, "mysql> DROP DATABASE shop;\n"), None);
        assert_eq!(of_block(1, Language::Sql, "mysql> SELECT 1;\n1 row\n").unwrap().text, "SELECT 1;\n-- 1 row");
        assert_eq!(of_span(1, "root@db1:~# dropdb shop").unwrap().text, "dropdb shop");
        for text in [
            "\\rm -rf /x",
            "(cd /x; rm -rf a)",
            "{ rm -rf /x; }",
            "! rm /x",
            "[ -e x ] || rm -rf x",
            "reboot",
            ": > a.log",
        ] {
            assert!(of_span(1, text).is_some_and(|found| found.destructive.is_some()), "{text}");
        }
        for text in
            ["mysql> DROP TABLE a;", "docker 24", "psql (15.2)", "git 2.40", "TRUNCATE TABLE", "db.dropDatabase()"]
        {
            assert_eq!(of_span(1, text), None, "{text}");
        }
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
    fn commands_are_distinguished_from_names() {
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
