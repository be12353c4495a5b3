//! Whose words each line of a text is: a prompt says so, else the kind of the block it is in.
//!
//! ```text
//! mysql> DROP TABLE a;      SQL
//! root@db1:~# dropdb shop   shell
//! $ redis-cli               shell; the lines below it are Redis's as well
//! FLUSHALL
//! ```

use super::{among, clients, running};
use regex::bytes::Regex;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

/// The language that a text is evaluated by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tongue {
    /// Nothing is known: a shell's command, a statement of SQL or a line of a program.
    #[default]
    Any,
    Shell,
    /// A shell's session, where `#` is the prompt of root.
    Console,
    /// cmd or PowerShell.
    Windows,
    Sql,
    Redis,
    /// A program of another language, a console of `MongoDB` included.
    Code,
    Yaml,
    /// Some client of a database.
    Client,
}

/// How the languages of code blocks are called.
const FENCES: &[(&str, Tongue)] = &[
    ("sh|bash|shell|zsh|ksh|dash|ash|fish|bats", Tongue::Shell),
    ("console|terminal|shell-session|shellsession|sh-session|bash-session|session|tty|root", Tongue::Console),
    ("cmd|bat|batch|batchfile|dos|powershell|pwsh|ps1|ps|posh|doscon|ps1con", Tongue::Windows),
    ("sql|psql|pgsql|plpgsql|postgres|postgresql|mysql|mariadb|sqlite|tsql|plsql|cql|clickhouse|bigquery", Tongue::Sql),
    ("redis|redis-cli|rediscli|valkey", Tongue::Redis),
    (
        "py|python|python3|pycon|ipython|js|javascript|mjs|node|ts|typescript|jsx|tsx|rb|ruby|irb|erb|php|perl|pl|groovy|\
         jenkinsfile|java|kotlin|kt|scala|go|golang|rust|rs|c|cpp|csharp|cs|elixir|ex|exs|lua|mongo|mongodb|mongosh|json|\
         json5|jsonc|awk|tcl|expect|r|julia|dockerfile|docker|hcl|tf|terraform|graphql|html|xml|css|diff|patch",
        Tongue::Code,
    ),
    ("yaml|yml|ansible|gitlab-ci", Tongue::Yaml),
];

impl Tongue {
    /// The language of a code block, by what its fence says.
    #[must_use]
    pub fn of_fence(info: &str, text: &str) -> Self {
        let name = info.split([' ', ',', '{', '\t', ':']).next().unwrap_or_default().to_ascii_lowercase();
        let known = FENCES.iter().find(|(names, _)| among(names, &name)).map(|(_, tongue)| *tongue);
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).peekable();
        // A block without a language whose every line begins with the sign of root is a session, not all comments.
        let root = name.is_empty() && lines.peek().is_some() && lines.all(|line| line.starts_with("# "));
        known.unwrap_or(if root { Tongue::Console } else { Tongue::Any })
    }

    /// Whether its lines are a shell's, or may be.
    fn is_shell(self) -> bool {
        matches!(self, Tongue::Any | Tongue::Shell | Tongue::Console)
    }
}

/// The prompts of programs that wait for lines. The first that fits counts; a space or the line's end follows.
const PROMPTS: &[(&str, Tongue)] = &[
    (r"(?:PS(?: [^>|\n]*)?|[A-Za-z]:[\\/][^<>|'\x22\n]*)>", Tongue::Windows),
    (
        r">>>|In \[\d+\]:|irb\([^)\n]*\)[^>\n]*>|\[\d+\] pry\([^)\n]*\)>|iex(?:\([^)\n]*\))?>|(?:php|scala|jshell|node|ghci|julia|gremlin|tinker|js|mongos?)\d*>|[\w-]+:(?:PRIMARY|SECONDARY|ARBITER)>|[\w. -]*\[(?:direct: )?\w+\] [\w.-]+>|[\w-]+\((?:dev|prod|test|staging)\)>",
        Tongue::Code,
    ),
    (r"(?:redis|valkey|keydb|not connected)[\w .:\[\]()-]*>|[\w.-]+:\d+(?:\[\d+\])?(?:\(TX\))?>", Tongue::Redis),
    (
        r"(?i:mysql|mariadb|sqlite|sql|cqlsh|trino|presto|hive|spark-sql|ksql|duckdb|snowsql|impala|beeline|db2|influx|cockroach)(?:[ :@#\[][^>|\n]*)?>|[\w.@:/\[\]-]*[\w\]][=\-('\x22*!^][*!]?[>#]|[\w.-]+@[\w.:-]*/[\w.?=&-]*>|(?:[\w.-]+ )?:\)|->|\.\.\.>",
        Tongue::Sql,
    ),
    (
        r"(?:\([\w.:/-]+\) ?|\[[\w.:/-]+\] ?)*(?:\[?[\w.-]+@[\w.-]+(?::[~/\w.-]*)?\]?(?: [~/\w.-]+\]?)?(?: \([\w/.-]+\))?|(?:ba|z|k|da|a)?sh-?[\d.]*|[~/][\w./~-]*|[\w.-]+:[~/][\w./~-]*)? ?(?:[$#%]|❯|➜|»)",
        Tongue::Shell,
    ),
    (r"[\w.-]*>", Tongue::Client),
];

static SHAPES: LazyLock<Vec<(Option<Regex>, Tongue)>> = LazyLock::new(|| {
    let shapes = PROMPTS.iter().map(|(shape, tongue)| {
        let end = if *tongue == Tongue::Windows { "" } else { r"(?:[ \t\r\n]|$)" };
        (Regex::new(&format!(r"(?-u)^[ \t]*(?:{shape}){end}")).ok(), *tongue)
    });
    shapes.collect()
});

/// The prompt that a line begins with: whose it is, and its bytes.
pub(super) fn prompt(line: &str, block: Tongue) -> Option<(Tongue, usize)> {
    let begins = line.trim_start_matches([' ', '\t']);
    // Most lines have none.
    if block == Tongue::Yaml || !line.bytes().take(200).any(|b| b"$#%>:)".contains(&b) || !b.is_ascii()) {
        return None;
    }
    let (tongue, length) =
        SHAPES.iter().find_map(|(shape, tongue)| Some((*tongue, shape.as_ref()?.find(line.as_bytes())?.end())))?;
    let (sign, rest) = (line[..length].trim(), line[length..].trim());
    let is_prompt = match (sign, tongue) {
        // `#` alone is a comment, but for root.
        ("#", _) => block == Tongue::Console && running::is_called(rest),
        ("%", _) => running::is_called(rest),
        (_, Tongue::Client) => !is_path(rest) || (sign != ">" && !rest.is_empty()),
        (_, Tongue::Shell) => begins.starts_with(['$', '(', '[', '❯', '➜', '»']) || sign.len() > 1,
        _ => true,
    };
    is_prompt.then_some((tongue, line[..length].trim_end_matches(['\r', '\n']).len()))
}

/// Whether a text may be the file that a redirection writes.
fn is_path(text: &str) -> bool {
    let plain = text.chars().all(|c| c.is_alphanumeric() || "/._-${}~\"".contains(c));
    text.is_empty() || (plain && text.contains(['/', '.', '$']) && !text.ends_with(')'))
}

/// Lines of a text that one language evaluates.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub tongue: Tongue,
    pub range: Range<usize>,
}

/// A text with its prompts blanked out, and who evaluates which part of it. Parts may overlap: lines below a client that
/// was started are its own, or the shell's again.
pub(super) fn parts(text: &str, block: Tongue) -> (Cow<'_, str>, Vec<Part>) {
    let mut masked: Option<Vec<u8>> = None;
    let (mut parts, mut extra): (Vec<Part>, Vec<Part>) = (Vec::new(), Vec::new());
    let mut client: Option<Tongue> = None;
    let mut prompted = false;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let range = at..at + line.len();
        at = range.end;
        let found = prompt(line, block).map(|(tongue, length)| {
            // `> ` goes on with a line of the shell, unless that started a client.
            let goes_on = tongue == Tongue::Client && line.trim_start().starts_with('>') && prompted;
            let speaks = client.unwrap_or(if goes_on { Tongue::Shell } else { Tongue::Client });
            (if tongue == Tongue::Client { speaks } else { tongue }, length)
        });
        let content = &line[found.map_or(0, |(_, length)| length)..];
        if let Some((_, length)) = found {
            masked.get_or_insert_with(|| text.as_bytes().to_vec())[range.start..range.start + length].fill(b' ');
        }
        let tongue = match found {
            Some((Tongue::Shell, _)) if block.is_shell() => block,
            Some((tongue, _)) => tongue,
            None => block,
        };
        if found.is_some() || !prompted {
            add(&mut parts, tongue, range.clone());
        } else {
            // A line without a prompt goes on with the one above it, or is the shell's again.
            let above = parts.last().map_or(block, |part| part.tongue);
            add(&mut parts, above, range.clone());
            if above != block {
                extra.push(Part { tongue: block, range: range.clone() });
            }
        }
        if let Some(client) = client.filter(|_| found.is_none()) {
            add(&mut extra, client, range);
        }
        prompted |= found.is_some();
        if tongue.is_shell() {
            let leaves =
                matches!(content.trim().trim_end_matches([';', '(', ')']), "exit" | "quit" | "\\q" | ".quit" | ".exit");
            let stays = client.filter(|_| !leaves && found.is_none());
            client = clients::starts_client(content).or(stays);
        }
    }
    parts.extend(extra);
    let masked = masked.and_then(|bytes| String::from_utf8(bytes).ok());
    (masked.map_or(Cow::Borrowed(text), Cow::Owned), parts)
}

fn add(parts: &mut Vec<Part>, tongue: Tongue, range: Range<usize>) {
    match parts.last_mut() {
        Some(last) if last.tongue == tongue && last.range.end == range.start => last.range.end = range.end,
        _ => parts.push(Part { tongue, range }),
    }
}

/// What a shell would run of a session that was copied: its lines without their prompts, and what programs answered or
/// were reported as comments. Without any prompt there is nothing to change.
pub(crate) fn script(text: &str, block: Tongue) -> Option<String> {
    let sql = block == Tongue::Sql;
    let own = |tongue| if sql { tongue == Tongue::Sql } else { tongue == Tongue::Shell };
    let mark = if sql { "--" } else { "#" };
    let mut any = false;
    let mut goes_on = false;
    let lines = text.lines().map(|line| {
        let found = prompt(line, block).filter(|(tongue, length)| {
            // A redirection that begins a line, or a quotation.
            *tongue != Tongue::Client
                || (any && !line[*length..].trim().is_empty())
                || clients::is_spoken(&line[*length..])
        });
        any |= found.is_some();
        let command = match found {
            Some((tongue, length)) => own(tongue).then(|| &line[length..]),
            None => goes_on.then_some(line),
        };
        goes_on = command.is_some_and(|line| line.trim_end().ends_with('\\'));
        let bare = line.trim().is_empty() || (found.is_none() && line.trim_start().starts_with(mark));
        command.or(bare.then_some(line)).map_or_else(|| format!("{mark} {line}"), ToOwned::to_owned)
    });
    let lines: Vec<String> = lines.collect();
    any.then(|| lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_can_be_read() {
        assert!(SHAPES.iter().all(|(shape, _)| shape.is_some()));
    }

    #[test]
    fn a_prompt_says_whose_line_it_is() {
        for (line, wanted) in [
            ("$ ls", Some(Tongue::Shell)),
            ("user@host:~$ ls", Some(Tongue::Shell)),
            ("[root@db ~]# id", Some(Tongue::Shell)),
            ("root@db1:/srv/app# id", Some(Tongue::Shell)),
            ("(venv) kim@web:~/a (main)$ id", Some(Tongue::Shell)),
            ("bash-5.1$ id", Some(Tongue::Shell)),
            ("/app # id", Some(Tongue::Shell)),
            ("❯ id", Some(Tongue::Shell)),
            ("mysql> show tables;", Some(Tongue::Sql)),
            ("MariaDB [shop]> show tables;", Some(Tongue::Sql)),
            ("shop=> \\dt", Some(Tongue::Sql)),
            ("shop=# \\dt", Some(Tongue::Sql)),
            ("shop-# ;", Some(Tongue::Sql)),
            ("    -> ;", Some(Tongue::Sql)),
            ("sqlite> .tables", Some(Tongue::Sql)),
            ("SQL> select 1 from dual;", Some(Tongue::Sql)),
            ("cqlsh:shop> DESCRIBE TABLES", Some(Tongue::Sql)),
            ("db1 :) SELECT 1", Some(Tongue::Sql)),
            ("127.0.0.1:6379> PING", Some(Tongue::Redis)),
            ("redis-0.svc:6379[2]> PING", Some(Tongue::Redis)),
            ("redis> PING", Some(Tongue::Redis)),
            ("rs0:PRIMARY> show dbs", Some(Tongue::Code)),
            ("Atlas atlas-a1 [primary] shop> show dbs", Some(Tongue::Code)),
            (">>> import os", Some(Tongue::Code)),
            ("irb(main):001:0> User.count", Some(Tongue::Code)),
            ("C:\\> dir", Some(Tongue::Windows)),
            ("C:\\Users\\kim>dir", Some(Tongue::Windows)),
            ("PS C:\\srv> ls", Some(Tongue::Windows)),
            ("test> db.stats()", Some(Tongue::Client)),
            ("> db.stats()", Some(Tongue::Client)),
            ("> app.log", None),
            ("# a comment", None),
            ("ls -l # files", None),
            ("./deploy.sh > deploy.log", None),
            ("echo $HOME", None),
            ("100 % of them", None),
            ("if [ $# -gt 0 ]; then ls; fi", None),
            ("", None),
        ] {
            assert_eq!(prompt(line, Tongue::Any).map(|(tongue, _)| tongue), wanted, "{line}");
        }
        assert_eq!(prompt("# dropdb shop", Tongue::Console), Some((Tongue::Shell, 2)));
        assert_eq!(prompt("# drop the old database", Tongue::Console), None);
    }

    #[test]
    fn only_lines_of_a_shell_are_its_script() {
        let reported = |text: &str| script(text, Tongue::Console);
        assert_eq!(reported("ls\n> a.log\n"), None);
        assert_eq!(reported("$ ls \\\n  -l\na b\n").unwrap(), "ls \\\n  -l\n# a b");
        assert_eq!(reported("root@db1:~# dropdb shop\n").unwrap(), "dropdb shop");
        assert_eq!(reported("$ psql shop\nshop=> DELETE FROM x;\n").unwrap(), "psql shop\n# shop=> DELETE FROM x;");
        assert_eq!(reported("mysql> DROP DATABASE shop;\n").unwrap(), "# mysql> DROP DATABASE shop;");
        assert_eq!(script("shop=# SELECT 1;\n 1\n", Tongue::Sql).unwrap(), "SELECT 1;\n--  1");
    }
}
