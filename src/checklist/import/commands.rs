//! Where commands stand in a document, whether it shows to run them, and which of them destroy something.

use super::account::{Account, Destroying};
use super::proposals;
use super::regions::{RegionKind, Regions};
use super::source::Source;
use super::walk::CodeSpan;
use crate::checklist::destruction::{self, Tongue};
use regex::Regex;
use std::sync::LazyLock;

/// The most bytes before and behind a command that are read as its sentence.
const SENTENCE: usize = 400;

/// Words that forbid wherever they stand in a sentence before a command.
const NEVER: &str = r"\b(?:never|nobody|no one|no-one|forbidden|prohibited|niemals|niemand|verboten|untersagt|jamais|personne|interdit|interdite|nunca|nadie|prohibido|ninguém|proibido|nessuno|vietato|nooit|niemand|aldrig|aldri|ingen|nigdy|asla|никогда|нельзя|запрещено|instead of|rather than|statt|anstatt|anstelle|au lieu de|en lugar de|en vez de|em vez de|invece di|in plaats van)\b|禁止|切勿|请勿|請勿|絶対に|绝不|不要|别|不得|不可|勿";
/// Words that forbid when they stand in the same clause, or begin the sentence.
const NOT: &str = r"\b(?:do not|don['’]?t|must not|mustn['’]t|should not|shouldn['’]t|may not|shall not|cannot|can['’]t|avoid|without|not|no|nicht|kein|keine|keinen|keinesfalls|ohne|vermeiden|ne|sans|évitez|éviter|sin|não|nao|sem|non|senza|evitare|evitar|niet|geen|zonder|ikke|inte|utan|nie|bez|не|без)\b|\bn['’]|\b(?:no) (?:ejecut|us|corr|lanc)\w*";
/// Words that turn a prohibition round: `do not forget to run`, `do not deploy before`.
const TURNED: &str = r"\b(?:forget|skip|miss|omit|hesitate|until|unless|before|without|only|vergessen|vergiss|versäum\w*|auslassen|bevor|ohne|solange|oublie\w*|avant|sans|olvid\w*|antes|hasta|sin|esque\w*|até|dimentica\w*|prima|vergeet|vergeten|voordat|zonder|glem\w*|före|забудьте|забыть|пока|zapomnij)\b|忘";
/// Words that forbid behind a command: `… nicht ausführen`, `… is forbidden`.
const BEHIND: &str = r"^[\s,:–—-]{0,3}(?:(?:is|are|must|should|may|shall|can|ist|sind|darf|dürfen|soll|sollte|est|es|está|é|è|wird|hier|here|be) ){0,3}(?:never|not|nicht|niemals|nie|forbidden|prohibited|verboten|untersagt|interdit|prohibido|proibido|vietato|niet|ikke|inte|запрещено|нельзя|keinesfalls|banned|off.limits)\b|^[^。.!?]{0,12}(?:しないで|してはいけ|するな|しては|禁止|하지 ?마|금지)";

static SHAPES: LazyLock<Option<[Regex; 4]>> = LazyLock::new(|| {
    let shape = |text: &str| Regex::new(&format!("(?i){text}")).ok();
    Some([shape(NEVER)?, shape(NOT)?, shape(TURNED)?, shape(BEHIND)?])
});
/// Code in HTML.
static MARKED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)<(?:code|kbd|pre|tt|samp)\b[^>]*>([^<]+)</").ok());
static TAG: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"</?[A-Za-z][^<>]*>").ok());
/// What stands before the text of a line: quotes, bullets, boxes.
static BULLET: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^[ \t>]*(?:(?:[-*+•☐☑✅⬜]|\d{1,4}[.)])[ \t]+)*(?:\[[ xX]?\][ \t]+)?").ok());

/// Programs whose names are words of a sentence too.
const WORDS: [&str; 19] = [
    "reboot", "halt", "shutdown", "kill", "service", "format", "truncate", "wipe", "shred", "unlink", "make", "erase",
    "del", "at", "find", "just", "task", "cp", "install",
];

/// Whether the sentence around a code span says that it must not be run.
pub(super) fn is_prohibited(text: &str, span: usize) -> bool {
    let Some(rest) = text.get(span..) else { return false };
    let ticks = rest.bytes().take_while(|byte| *byte == b'`').count();
    let mark = "`".repeat(ticks.max(1));
    let inside = &rest[ticks..];
    let end = inside.find(&mark).map_or(rest.len(), |end| ticks + end + ticks);
    forbids(sentence_before(&text[..span])) || forbids_behind(&rest[end..])
}

/// Whether what leads to a block says that it must not be run: `Never run this:`.
pub(super) fn is_prohibited_below(text: &str, block: usize) -> bool {
    let before = text.get(..block).unwrap_or_default().trim_end_matches(|c: char| c.is_whitespace() || c == '>');
    before.strip_suffix([':', '：']).is_some_and(|lead| forbids(sentence_before(lead)))
}

/// The sentence that a text ends in.
pub(super) fn sentence_before(text: &str) -> &str {
    let mut from = text.len().saturating_sub(SENTENCE);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let near = &text[from..];
    let mut ends =
        near.match_indices(['.', '!', '?', ';', ':', '。', '！', '？', '：', '|', '\n']).filter(|(at, mark)| {
            let behind = &near[at + mark.len()..];
            match *mark {
                "." | ":" | "!" | "?" => behind.starts_with(char::is_whitespace),
                // A sentence goes on behind the line's end, but not over a blank line or into a list.
                "\n" => {
                    let line = behind.trim_start_matches([' ', '\t', '>']);
                    line.starts_with(['\n', '\r', '#', '|']) || begins_item(line)
                }
                _ => true,
            }
        });
    let begin = ends.next_back().map_or(0, |(at, mark)| at + mark.len());
    let sentence = near[begin..].trim_start();
    &sentence[bullet(sentence)..]
}

fn begins_item(line: &str) -> bool {
    bullet(line) > line.len() - line.trim_start().len()
}

fn bullet(line: &str) -> usize {
    BULLET.as_ref().and_then(|shape| shape.find(line)).map_or(0, |found| found.end())
}

/// Whether a sentence that goes on with a command forbids it.
pub(super) fn forbids(sentence: &str) -> bool {
    let Some([never, not, turned, _]) = SHAPES.as_ref() else { return false };
    let sentence = sentence.replace(['*', '_', '`'], "");
    let clause = sentence.rsplit([',', '，', '、', '—', '–', '(']).next().unwrap_or_default();
    let begins = not.find(&sentence).filter(|found| {
        let strong = !matches!(&*found.as_str().to_lowercase(), "avoid" | "without" | "no" | "ohne" | "sans" | "sin");
        strong && sentence[..found.start()].split_whitespace().count() <= 1
    });
    let found = never.find(&sentence).or(begins).map(|found| (found.end(), sentence.as_str()));
    // `To avoid downtime run` forbids nothing: these words mean what stands next to them.
    let near = |found: &regex::Match<'_>| {
        let next = ["avoid", "without", "no", "ohne", "sans", "sin", "sem", "senza", "zonder", "utan", "bez", "без"];
        let word = found.as_str().to_lowercase();
        !next.contains(&word.as_str()) || clause[found.end()..].split_whitespace().count() <= 1
    };
    let found = found.or_else(|| not.find(clause).filter(near).map(|found| (found.end(), clause)));
    found.is_some_and(|(end, text)| !turned.is_match(&text[end..]))
}

fn forbids_behind(text: &str) -> bool {
    let Some([.., behind]) = SHAPES.as_ref() else { return false };
    let line = text.lines().next().unwrap_or_default();
    behind.is_match(line)
}

/// Whether a code span is one word of the sentence around it: `make` sure.
pub(super) fn is_word_of_sentence(text: &str, span: usize, content: &str) -> bool {
    let behind =
        text.get(span..).and_then(|rest| rest.trim_start_matches('`').get(content.len()..)).unwrap_or_default();
    let behind = behind.trim_start_matches('`');
    let next: String =
        behind.strip_prefix(' ').unwrap_or_default().chars().take_while(|c| c.is_alphanumeric()).collect();
    let joins = [
        "and", "then", "in", "from", "to", "on", "again", "until", "with", "for", "as", "or", "if", "once", "at", "by",
    ];
    !content.trim().contains(' ') && next.starts_with(|c: char| c.is_lowercase()) && !joins.contains(&next.as_str())
}

/// Every command that destroys something, with the line it stands on: in blocks, in code spans anywhere, in HTML, and
/// where a line is one without being marked.
pub(super) fn destroying(source: &Source, account: &Account, regions: &Regions, spans: &[CodeSpan]) -> Vec<Destroying> {
    let mut found: Vec<Destroying> = Vec::new();
    let mut add = |first: u32, tongue: Tongue, text: &str| {
        found.extend(destruction::all_in(tongue, text).into_iter().map(|one| {
            let line = first.saturating_add(u32::try_from(one.line).unwrap_or(u32::MAX));
            Destroying { line, text: one.text, what: one.destroyed.words }
        }));
    };
    for block in &account.code {
        let fence = source.line_at(block.line).is_some_and(|(_, text)| {
            let bare = text.trim_start_matches([
                ' ', '\t', '>', '-', '*', '+', '.', ')', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9',
            ]);
            bare.starts_with("```") || bare.starts_with("~~~")
        });
        add(block.line + u32::from(fence), block.tongue, &block.text);
    }
    for span in spans {
        add(source.line(span.start), Tongue::Any, &span.text);
    }
    unmarked(source, regions, &mut add);
    let lines: std::collections::HashSet<u32> = found.iter().map(|one| one.line).collect();
    let blocks: std::collections::HashSet<u32> = account.code.iter().map(|block| block.line).collect();
    let guessed = account.guessed.iter().flat_map(|guess| &guess.proposals);
    // What a command destroys may be recognised by the words around it.
    let values = account.values.iter().flat_map(|value| &value.proposals);
    for proposal in account.live.iter().flat_map(|live| &live.proposals).chain(guessed).chain(values) {
        let known = blocks.contains(&proposal.line) || lines.contains(&proposal.line);
        let Some(what) = proposal.destructive.filter(|_| !known) else { continue };
        let text = proposal.text.lines().next().unwrap_or_default().to_owned();
        found.push(Destroying { line: proposal.line, text, what });
    }
    found.sort();
    found.dedup();
    found
}

/// Reads what no parser of Markdown takes for code: HTML, fences in HTML, blocks of Org, and lines that are commands.
fn unmarked(source: &Source, regions: &Regions, add: &mut impl FnMut(u32, Tongue, &str)) {
    let mut reader = regions.reader();
    // What ends the block that is open, its first line and language, and its text.
    let mut open: Option<(&str, u32, Tongue, String)> = None;
    for (line, start, text) in source.lines() {
        let indent = text.len() - text.trim_start_matches([' ', '\t', '>']).len();
        let region = reader.at(start + indent.min(text.len().saturating_sub(1)));
        if let Some(
            RegionKind::Fence(_) | RegionKind::IndentedCode(_) | RegionKind::FrontMatter | RegionKind::Comment,
        ) = region
        {
            continue;
        }
        let bare = text.trim();
        if let Some((end, first, tongue, block)) = &mut open {
            if bare.to_ascii_lowercase().contains(*end) {
                add(*first, *tongue, block);
                open = None;
            } else {
                block.push_str(&plain(text));
                block.push('\n');
            }
            continue;
        }
        if let Some((end, tongue)) = opens(bare) {
            open = Some((end, line + 1, tongue, String::new()));
            continue;
        }
        for code in MARKED.iter().flat_map(|shape| shape.captures_iter(text)).filter_map(|found| found.get(1)) {
            add(line, Tongue::Any, &plain(code.as_str()));
        }
        let own = plain(&text[bullet(text)..]);
        let own = own.trim();
        if is_bare_command(own) && !own.contains('`') {
            add(line, Tongue::Any, own);
        }
    }
    // A block that never ends is read to the end.
    if let Some((_, first, tongue, block)) = open {
        add(first, tongue, &block);
    }
}

/// What ends the block that a line opens, and its language.
fn opens(line: &str) -> Option<(&'static str, Tongue)> {
    let lower = line.to_ascii_lowercase();
    if let Some(rest) = lower.strip_prefix("#+begin_src").or_else(|| lower.strip_prefix("#+begin_example")) {
        return Some(("#+end_", Tongue::of_fence(rest.trim(), "")));
    }
    for (mark, end) in [("```", "```"), ("~~~", "~~~")] {
        if let Some(info) = lower.strip_prefix(mark).filter(|info| !info.contains('`')) {
            return Some((end, Tongue::of_fence(info.trim(), "")));
        }
    }
    let pre = lower.find("<pre").filter(|at| !lower[*at..].contains("</pre"))?;
    // What stands on the same line is lost to nobody: `<pre>` mostly stands alone.
    lower[pre..].ends_with('>').then_some(("</pre", Tongue::Any))
}

/// The text of a line of HTML.
fn plain(text: &str) -> String {
    let text = TAG.as_ref().map_or(text.into(), |tag| tag.replace_all(text, ""));
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&")
}

/// Whether a line without any mark is a command and no sentence.
fn is_bare_command(line: &str) -> bool {
    let first = line.split_whitespace().next().unwrap_or_default();
    let statement = proposals::is_sql(line) && line.ends_with(';') && first.chars().all(|c| c.is_ascii_uppercase());
    let command =
        destruction::reads_as_command(line) && !WORDS.contains(&first) && !line.ends_with(['.', ':', '?', '!']);
    statement || command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_must_not_be_run_is_reported_in_any_language() {
        assert!(SHAPES.is_some() && MARKED.is_some() && TAG.is_some() && BULLET.is_some());
        let reported = |text: &str| is_prohibited(text, text.find('`').unwrap());
        for text in [
            "Never run `x` here",
            "- [ ] **Never** run `x`",
            "Do not use `x`",
            "Don't ever run `x`",
            "Do not, under any circumstances, run `x`",
            "Check that nobody runs `x`",
            "You must not run `x`.",
            "If `a` fails, do not run `x`".trim_start_matches("If `a` fails, "),
            "Deploy as usual, but avoid `x`",
            "Use the script instead of `x`",
            "`x` nicht ausführen",
            "`x` ist verboten",
            "`x` is forbidden",
            "`x` must never be run",
            "Niemals `x` ausführen",
            "Bitte kein `x`",
            "Ne pas lancer `x`",
            "N'exécutez jamais `x`",
            "No ejecutar `x`",
            "Nunca ejecute `x`",
            "Não execute `x`",
            "Non eseguire `x`",
            "Nooit `x` uitvoeren",
            "Не запускать `x`",
            "切勿运行 `x`",
            "`x` は実行しないでください",
            "The rest is safe. Never run\n  `x`",
        ] {
            assert!(reported(text), "{text}");
        }
        for text in [
            "Run `x`",
            "Do not forget to run `x`",
            "Nicht vergessen: `x`",
            "Bitte nicht vergessen `x`",
            "Do not deploy before `x` passes",
            "Never deploy without `x`",
            "If it does not start, run `x`",
            "It never failed. Run `x`",
            "Do not worry: `x`",
            "N'oubliez pas de lancer `x`",
            "`x` (not on Fridays)",
            "`x` if not done yet",
            "- [ ] Do not stop\n- [ ] Run `x`",
            "Note that `x` runs",
        ] {
            assert!(!reported(text), "{text}");
        }
        assert!(is_prohibited_below("Never run this:\n\n```\nx", 17));
        assert!(!is_prohibited_below("Run this:\n\n```\nx", 11));
        assert!(is_word_of_sentence("`make` sure", 0, "make"));
        assert!(!is_word_of_sentence("`make` and wait", 0, "make") && !is_word_of_sentence("run `make`", 4, "make"));
    }
}
