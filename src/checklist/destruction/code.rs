//! What programs of other languages take away: by calls that do, by commands they hand to a shell, and by SQL they send.

use super::{Destroyed, Loss, running, statements};
use regex::Regex;
use std::sync::LazyLock;

const FILES: &str = "removes files";
const DATA: &str = "deletes stored data";

/// Calls that take away what a database holds.
const OF_DATA: &str = concat!(
    r"\.dropDatabase\(|\bdropDatabase['\x22]?\s*:|\.drop\(\s*\)|\.dropCollection\(|\.drop_(?:database|collection|index)\(|\.deleteMany\(|\.delete_many\(",
    r"|\.remove\(\s*\{\s*\}|\.objects\.[^;\n]{0,200}\.delete\(|\.objects\.delete\(|\bdelete_all\b|\bdestroy_all\b|\bdrop_all\b|\bdrop_table\b|\bdropTable\b|\bdropSchema\b|\bdropAllTables\b",
    r"|(?:->|::|\.)truncate\(\s*(?:\)|\{|0)|\btruncateTable\b|\btruncate_all\b|\.indices\.delete\(",
    r"|(?i)\.flush_?(?:all|db)\(|p?call\(\s*['\x22](?:flushall|flushdb|del|unlink)['\x22]",
);

/// Calls that remove files.
const OF_FILES: &str = concat!(
    r"\b(?:os|fs|fsp|fse|shutil|pathlib|Deno|File|Files|FileUtils|Dir|Directory|FileSystem|IO|path)\W{1,4}(?:promises\W{1,2})?",
    r"(?i:rm|remove|unlink|delete|rmdir|rmtree|rimraf|removedirs|empty|safe_unlink)(?i:_?(?:rf?|all|tree|dirs?|files?|directory|sync|if_?exists|dir_all|entry_secure|contents))*\b",
    r"|\brmtree\b|\bremove_tree\b|\brm_rf\b|\brimraf\b|\bunlink\s*(?:\(|glob\b|['\x22$@<])|\brmdir\s*(?:\(|['\x22$@])|\.unlink\(|\.rmdir\(|\bremove_dir_all\b|\bremove_file\(",
);

/// Names in front of a text that is run as a command.
const RUNS: &str = r"(?i)(?:^|[^\w])(?:system|popen\d?|exec\w*|spawn\w*|run|run_command|call|check_call|check_output|getoutput|getstatusoutput|shell_exec|passthru|proc_open|sh|bash|bat|shell|command|cmd|qx|new|sudo|local|script|args|entrypoint|fromshellcommandline|powershell|pwsh|writeln|send|invoke_shell)$";
/// Names in front of a text that is sent to a database.
const SENDS: &str =
    r"(?i)(?:execute\w*|exec\w*|query\w*|raw|text|sql|prepare|statement|unprepared|run|do|command|batch|db|conn)$";
/// What only prints, logs or compares.
const QUIET: &str = r"(?i)^\W*(?:print\w*|puts|echo|say|console\.\w+|log\w*(?:\.\w+)?|System\.(?:out|err)\.\w+|fmt\.\w+|assert\w*|raise|throw|die|warn|info|debug|p)\b";

/// The longest program that is looked through.
const LONGEST: usize = 100_000;
/// How far a call's name may stand before its text.
const NEAR: usize = 80;

static CALLS: LazyLock<Option<[Regex; 2]>> =
    LazyLock::new(|| Some([Regex::new(OF_DATA).ok()?, Regex::new(OF_FILES).ok()?]));
static NAMES: LazyLock<Option<[Regex; 3]>> =
    LazyLock::new(|| Some([Regex::new(RUNS).ok()?, Regex::new(SENDS).ok()?, Regex::new(QUIET).ok()?]));

/// What a program takes away, with where the words stand that do.
pub(super) fn destroyed(text: &str, depth: usize) -> Vec<(usize, Destroyed)> {
    let (Some([data, files]), Some([runs, sends, quiet])) = (CALLS.as_ref(), NAMES.as_ref()) else { return Vec::new() };
    if text.len() > LONGEST || depth > running::DEEPEST {
        return Vec::new();
    }
    let silent = |at: usize| {
        let begins = text[..at].rfind(['\n', ';', '{']).map_or(0, |end| end + 1);
        let own = text[begins..].trim_start();
        own.starts_with(['#', '*'])
            || own.starts_with("//")
            || own.starts_with("-- ")
            || quiet.is_match(&text[begins..at])
    };
    let mut found = Vec::new();
    for (calls, words, loss) in [(data, DATA, Loss::Data), (files, FILES, Loss::Other)] {
        let reported = calls.find_iter(text).filter(|call| !silent(call.start()));
        found.extend(reported.map(|call| (call.start(), Destroyed { words, loss })));
    }
    for list in lists(text).into_iter().filter(|list| !silent(list.start)) {
        let before = caller(&text[..list.start]);
        let first = list.texts.first().map(String::as_str).unwrap_or_default();
        let sql = statements::is_sql(first) || (sends.is_match(before) && first.contains(char::is_whitespace));
        let reported = if sql { statements::destroyed(first) } else { Vec::new() };
        found.extend(reported.into_iter().map(|(_, destroyed)| (list.start, destroyed)));
        if runs.is_match(before) || list.is_shell {
            found.extend(
                running::of_arguments(&list.texts, depth + 1).into_iter().map(|destroyed| (list.start, destroyed)),
            );
        }
    }
    found.sort_by_key(|(at, _)| *at);
    found
}

/// Texts in quotes that follow one another with nothing but commas between them.
struct List {
    start: usize,
    texts: Vec<String>,
    /// In back ticks: several languages run what is in them.
    is_shell: bool,
}

fn lists(text: &str) -> Vec<List> {
    let mut lists: Vec<List> = Vec::new();
    let mut at = 0;
    let mut ended = None;
    while let Some(start) = text[at..].find(['\'', '"', '`']).map(|found| at + found) {
        let quote = &text[start..=start];
        let triple = quote.repeat(3);
        let quote = if text[start..].starts_with(&triple) { triple.as_str() } else { quote };
        let inside = start + quote.len();
        let Some(end) = closing(&text[inside..], quote).map(|found| inside + found) else {
            at = start + 1;
            continue;
        };
        let content = text[inside..end].to_owned();
        at = end + quote.len();
        let follows = ended.is_some_and(|ended: usize| {
            let between = text[ended..start].trim();
            between.starts_with(',') && between.len() <= 4 && between.chars().all(|c| matches!(c, ',' | '[' | ' '))
        });
        match lists.last_mut().filter(|_| follows) {
            Some(list) => list.texts.push(content),
            None => lists.push(List { start, texts: vec![content], is_shell: quote == "`" }),
        }
        ended = Some(at);
    }
    lists
}

fn closing(text: &str, quote: &str) -> Option<usize> {
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if text[at..].starts_with(quote) {
            return Some(at);
        }
        if c == '\n' && quote == "'" {
            return None;
        }
        at += c.len_utf8();
        if c == '\\' {
            at += text[at..].chars().next().map_or(0, char::len_utf8);
        }
    }
    None
}

/// The name in front of a text, brackets and signs between them aside.
fn caller(before: &str) -> &str {
    let mut from = before.len().saturating_sub(NEAR);
    while !before.is_char_boundary(from) {
        from += 1;
    }
    let near = before[from..].trim_end_matches(['f', 'r', 'b', 'u']);
    let near =
        if near.ends_with(['(', '[', ' ', '=', ':', ',', '{']) || near.is_empty() { near } else { &before[from..] };
    near.trim_end_matches(|c: char| c.is_whitespace() || "([{:=<~\"'".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reported(text: &str) -> Option<&'static str> {
        destroyed(text, 0).first().map(|(_, destroyed)| destroyed.words)
    }

    #[test]
    fn programs_are_reported_by_what_they_call() {
        for (text, wanted) in [
            ("import shutil; shutil.rmtree('/x')", FILES),
            ("os.remove(\"x\")", FILES),
            ("Path('x').unlink()", FILES),
            ("fs.rmSync('/x', {recursive: true})", FILES),
            ("await fs.promises.unlink(p)", FILES),
            ("unlink glob \"/srv/*\"", FILES),
            ("File.delete('x')", FILES),
            ("Dir.rmdir(\"x\")", FILES),
            ("FileUtils.rm_rf('/srv')", FILES),
            ("os.RemoveAll(dir)", FILES),
            ("std::fs::remove_dir_all(p)", FILES),
            ("Files.deleteIfExists(path)", FILES),
            ("os.system('rm -rf /srv')", FILES),
            ("subprocess.run([\"rm\", \"-rf\", \"/srv\"], check=True)", FILES),
            ("subprocess.check_call(['sudo', 'rm', '-r', d])", FILES),
            ("require('child_process').execSync('rm -rf ' + dir)", FILES),
            ("spawn('rm', ['-rf', dir])", FILES),
            ("Command::new(\"rm\").arg(\"-rf\")", FILES),
            ("sh 'rm -rf /srv'", FILES),
            ("sh(script: 'rm -rf /srv')", FILES),
            ("{system(\"rm \" $1)}", FILES),
            ("\"command\": [\"rm\", \"-rf\", \"/srv\"]", FILES),
            ("x = `rm -rf /srv`", FILES),
            ("conn.execute(\"DROP TABLE a\")", "drops what it names"),
            ("cur.execute('truncate a')", "empties tables"),
            ("op.execute(\"\"\"\nDELETE FROM a\n\"\"\")", "empties tables"),
            ("DB::statement('DROP TABLE a');", "drops what it names"),
            ("DB::table('x')->truncate()", DATA),
            ("User::truncate();", DATA),
            ("User.objects.filter(a=1).delete()", DATA),
            ("db.users.deleteMany({})", DATA),
            ("db.runCommand({dropDatabase: 1})", DATA),
            ("return redis.call('flushall')", DATA),
            ("r.flushdb()", DATA),
            ("op.drop_table('a')", DATA),
        ] {
            assert_eq!(reported(text), Some(wanted), "{text}");
        }
        for text in [
            "",
            "print('DROP TABLE a')",
            "console.log(\"rm -rf /srv\")",
            "# os.remove(x)",
            "// fs.unlinkSync(x)",
            "subprocess.run(['ls', '-l'])",
            "os.path.join(a, b)",
            "items.remove(x)",
            "conn.execute('SELECT 1')",
            "title = 'rm -rf is dangerous'",
            "logger.info('DELETE FROM a')",
            "it's open `",
            "del x",
            "list.pop()",
            "m = \"Remove the old one\"",
        ] {
            assert_eq!(reported(text), None, "{text}");
        }
    }
}
