//! What a command runs in its turn: through `sudo`, `env`, `ssh`, `bash -c`, `kubectl exec --`, `xargs` and their like.

use super::clients::{of_redis, of_sql, shown};
use super::command::{Command, Input};
use super::programs::{
    AMBIGUOUS, CARRIERS, CLIENTS, DECODERS, FETCHERS, INTERPRETERS, LOADERS, PLAIN, QUIET, SHELLS, TEXTUAL,
};
use super::quotes::is_name;
use super::session::Tongue;
use super::shell::commands;
use super::{Destroyed, Loss, among, code, statements, table, verbs};

/// How deep commands may stand in commands.
pub(super) const DEEPEST: usize = 6;
/// The most commands of a pipe that are looked at.
const LONGEST_PIPE: usize = 16;
/// The most words of a carrier that are looked at, and the most of them that are taken for the command it carries: the
/// name of a host or a container may be that of a program.
const WORDS: usize = 200;
const TRIED: usize = 2;

/// What a command destroys, and a word of it that shows where.
pub(super) struct Found {
    pub destroyed: Destroyed,
    pub evidence: String,
}

/// What the command at an index destroys.
pub(super) fn of(commands: &[Command], at: usize, tongue: Tongue) -> Vec<Found> {
    Reading { commands, at, tongue }.of_command(0)
}

/// What a command that is recognised by its words destroys: `["rm", "-rf", "/srv"]`, or one text with all of it.
pub(super) fn of_arguments(texts: &[String], depth: usize) -> Vec<Destroyed> {
    let mut words = texts.to_vec();
    let found = match &mut words[..] {
        [] => Vec::new(),
        // More may be put behind it: `system("rm " + file)`.
        [text] => of_text(&format!("{text} {{}}"), depth),
        _ => {
            words.push("{}".to_owned());
            Reading { commands: &[], at: 0, tongue: Tongue::Code }.of_words(&words, &Input::Nothing, depth)
        }
    };
    let found = if found.is_empty() && texts.len() > 1 { of_text(&format!("{} {{}}", texts[0]), depth) } else { found };
    found.into_iter().map(|found| found.destroyed).collect()
}

/// The bytes of all commands of a pipe up to one, with the texts they read.
pub(super) fn pipe(commands: &[Command], at: usize) -> std::ops::Range<usize> {
    let reading = Reading { commands, at, tongue: Tongue::Any };
    let sources = if commands[at].input == Input::Pipe { reading.sources().collect() } else { Vec::new() };
    let start = sources.iter().map(|command| command.start).min().unwrap_or(usize::MAX).min(commands[at].start);
    let end = sources.iter().map(|command| command.end).max().unwrap_or(0).max(commands[at].end);
    start..end
}

/// Whether a line begins with a program that something is known of, and is no sentence.
pub(super) fn is_called(line: &str) -> bool {
    let words = commands(line).into_iter().next().map(|command| command.words).unwrap_or_default();
    let set = |word: &&String| word.split_once('=').is_some_and(|(name, _)| is_name(name));
    let words = &words[words.iter().take_while(set).count()..];
    let known = words.first().is_some_and(|word| is_known(base(word)));
    let plain = words.iter().skip(1).take(5).take_while(|word| !word.starts_with('-'));
    known && !plain.into_iter().any(|word| verbs::is_prose(word))
}

/// Whether nothing is known of a command's program, so that its line may be one of another language.
pub(super) fn is_unknown(command: &Command) -> bool {
    let program = command.words.first().map(|word| base(word)).unwrap_or_default();
    !(among(QUIET, program) || among(CARRIERS, program) || among(CLIENTS, program) || table::knows(program))
}

struct Reading<'c> {
    commands: &'c [Command],
    at: usize,
    tongue: Tongue,
}

impl Reading<'_> {
    fn of_command(&self, depth: usize) -> Vec<Found> {
        let command = &self.commands[self.at];
        let mut found = self.of_words(&command.words, &command.input, depth);
        for inner in &command.inner {
            found.extend(of_text(inner, depth + 1));
        }
        found.extend(emptied(command));
        found
    }

    fn of_words(&self, words: &[String], input: &Input, depth: usize) -> Vec<Found> {
        let set = |word: &&String| word.split_once('=').is_some_and(|(name, _)| is_name(name));
        let settings = words.iter().take_while(set).count();
        let Some((first, arguments)) = words[settings..].split_first() else { return Vec::new() };
        let program = table::canonical(base(first), self.tongue == Tongue::Windows);
        let ambiguous = self.tongue == Tongue::Code && among(AMBIGUOUS, program);
        if depth > DEEPEST || among(QUIET, program) || ambiguous {
            return Vec::new();
        }
        let one = |destroyed: Destroyed| vec![Found { destroyed, evidence: first.clone() }];
        // Statements that stand among commands, as in a session that was copied.
        if is_statement(&words[settings..]) {
            return of_sql(&words[settings..].join(" "));
        }
        if first.contains("/init.d/") {
            let words: Vec<String> = std::iter::once(program.to_owned()).chain(arguments.iter().cloned()).collect();
            return table::of_program("service", &words).map_or_else(Vec::new, one);
        }
        if let Some(destroyed) = table::of_program(program, arguments) {
            return one(destroyed);
        }
        if among(SHELLS, program) {
            return self.of_shell(first, arguments, input, depth);
        }
        let mut found = Vec::new();
        if among(CLIENTS, program) {
            found.extend(self.of_client(program, arguments, input));
        }
        let stranger = !(is_known(program));
        if among(INTERPRETERS, program) || (stranger && self.tongue != Tongue::Code) {
            let text = self.text_of(input).unwrap_or_default();
            if program.ends_with("-cli") {
                found.extend(of_redis(&text));
                found.extend(unseen(program, input));
            }
            let line = if stranger { words.join(" ") } else { String::new() };
            let texts = words.iter().chain([&text, &line]).filter(|text| !text.is_empty());
            let called = texts.filter_map(|text| Some((text, code::destroyed(text, depth + 1).into_iter().next()?)));
            found.extend(
                called.take(1).map(|(text, (at, destroyed))| Found { destroyed, evidence: shown(&text[at..]) }),
            );
        }
        if found.is_empty() && matches!(program, "find" | "fd" | "fdfind") {
            let run = |word: &String| {
                let fd = matches!(word.as_str(), "-x" | "-X" | "--exec" | "--exec-batch") && program != "find";
                fd || matches!(word.as_str(), "-exec" | "-execdir" | "-ok" | "-okdir")
            };
            return arguments.iter().position(run).map_or_else(Vec::new, |at| {
                let mut own = arguments[at + 1..].to_vec();
                own.extend((program != "find").then(|| "{}".to_owned()));
                self.of_words(&own, input, depth + 1)
            });
        }
        if found.is_empty() && stranger && self.tongue != Tongue::Code {
            return self.of_stranger(first, program, arguments, input, depth);
        }
        if found.is_empty() && among(CARRIERS, program) {
            return self.of_carried(program, arguments, input, depth);
        }
        found
    }

    /// What a program does that nobody knows: it says so, or it is handed a command that does.
    fn of_stranger(&self, first: &str, program: &str, arguments: &[String], input: &Input, depth: usize) -> Vec<Found> {
        if let Some(destroyed) = table::of_stranger(program, arguments) {
            return vec![Found { destroyed, evidence: first.to_owned() }];
        }
        if !verbs::is_name(program) || arguments.iter().take(4).any(|word| verbs::is_prose(word)) {
            return Vec::new();
        }
        for (at, word) in arguments.iter().enumerate().take(WORDS) {
            let before = at.checked_sub(1).map(|before| arguments[before].as_str()).unwrap_or_default();
            let reported =
                before.starts_with("--") && !matches!(before, "--" | "--command" | "--cmd" | "--exec" | "--run");
            let text =
                word.split_once('=').filter(|(name, _)| name.starts_with('-')).map_or(word.as_str(), |(_, text)| text);
            if !text.contains(char::is_whitespace)
                || reported
                || matches!(before, "-m" | "-d" | "-t" | "-b" | "-H" | "-r")
            {
                continue;
            }
            let found = self.of_text_reading(text, input, depth + 1);
            if !found.is_empty() {
                return found;
            }
        }
        Vec::new()
    }

    /// The command among the arguments of one that carries it.
    fn of_carried(&self, program: &str, arguments: &[String], input: &Input, depth: usize) -> Vec<Found> {
        let mut tried = 0;
        for (at, word) in arguments.iter().enumerate().take(WORDS) {
            let name = base(word);
            let known = tried < if depth < TRIED { TRIED } else { 1 } && is_known(name);
            if known {
                tried += 1;
                let mut own = arguments[at..].to_vec();
                // They hand over names that they read.
                own.extend(matches!(program, "xargs" | "parallel").then(|| "{}".to_owned()));
                let found = self.of_words(&own, input, depth + 1);
                if !found.is_empty() || among(QUIET, name) || among(PLAIN, program) {
                    return found;
                }
            }
            if word.contains(char::is_whitespace) && among(TEXTUAL, program) {
                let text = word
                    .split_once('=')
                    .filter(|(name, _)| name.starts_with('-'))
                    .map_or(word.as_str(), |(_, text)| text);
                // `commands=["…"]`, as clouds take them.
                let listed = text.strip_prefix("commands=").map(|text| text.trim_matches(['[', ']', '"']));
                let text = listed.unwrap_or(text);
                let found = self.of_text_reading(text, input, depth + 1);
                if !found.is_empty() {
                    return found;
                }
            }
            let before = at.checked_sub(1).map(|before| arguments[before].as_str()).unwrap_or_default();
            let passes = word.starts_with(['-', '+', '/', '<', '$']) || before.starts_with('-') || word.contains('=');
            if !known && among(PLAIN, program) && !passes && !word.starts_with(|c: char| c.is_ascii_digit()) {
                // A program that nobody knows here.
                return self.of_words(&arguments[at..], input, depth + 1);
            }
        }
        match self.text_of(input) {
            Some(text) if among(TEXTUAL, program) => of_text(&text, depth + 1),
            _ => Vec::new(),
        }
    }

    /// A text whose first command reads what the command around it reads.
    fn of_text_reading(&self, text: &str, input: &Input, depth: usize) -> Vec<Found> {
        if depth > DEEPEST {
            return Vec::new();
        }
        let inner = commands(text);
        let mut found = Vec::new();
        for (at, command) in inner.iter().enumerate() {
            if at == 0 && command.input == Input::Nothing && *input != Input::Nothing {
                let reading = Reading { tongue: Tongue::Shell, ..*self };
                found.extend(reading.of_words(&command.words, input, depth));
            } else {
                found.extend(Reading { commands: &inner, at, tongue: Tongue::Shell }.of_command(depth));
            }
        }
        found
    }

    fn of_shell(&self, name: &str, arguments: &[String], input: &Input, depth: usize) -> Vec<Found> {
        let reported =
            arguments.iter().position(|word| word.starts_with('-') && !word.starts_with("--") && word.ends_with('c'));
        if let Some(text) = reported.and_then(|at| arguments.get(at + 1)) {
            let found = self.of_text_reading(text, input, depth + 1);
            if !found.is_empty() {
                return found;
            }
        }
        let piped = *input == Input::Pipe && self.sources().any(|command| fetches(&command.words));
        let inner = &self.commands[self.at].inner;
        if piped || inner.iter().any(|text| commands(text).iter().any(|command| fetches(&command.words))) {
            let destroyed = Destroyed { words: "runs what another host sends", loss: Loss::Other };
            return vec![Found { destroyed, evidence: name.to_owned() }];
        }
        let hidden = |command: &Command| command.words.first().is_some_and(|word| among(DECODERS, base(word)));
        if *input == Input::Pipe && self.sources().any(hidden) {
            let destroyed = Destroyed { words: "runs what nobody can read here", loss: Loss::Other };
            return vec![Found { destroyed, evidence: name.to_owned() }];
        }
        self.text_of(input).map_or_else(Vec::new, |text| of_text(&text, depth + 1))
    }

    fn of_client(&self, program: &str, arguments: &[String], input: &Input) -> Vec<Found> {
        let mut found = Vec::new();
        for word in arguments.iter().filter(|word| word.contains(char::is_whitespace)) {
            let option = word.split_once('=').filter(|(name, _)| name.starts_with('-') && !name.contains(' '));
            let text = option.map_or(word.as_str(), |(_, text)| text);
            let glued = |flag: &str| text.strip_prefix(flag);
            let text =
                glued("-c").or_else(|| glued("-e")).or_else(|| glued("-q")).or_else(|| glued("-Q")).unwrap_or(text);
            found.extend(of_sql(text));
        }
        if !found.is_empty() {
            return found;
        }
        let text = self.text_of(input);
        if let Some(text) = &text {
            return if program.contains("redis") { of_redis(text) } else { of_sql(text) };
        }
        if among(LOADERS, program) && matches!(input, Input::File | Input::Pipe) {
            let own = arguments.iter().any(|word| word.contains("GONOGO_DATABASE_URL"));
            let loss = if own { Loss::Data } else { Loss::Other };
            let destroyed = Destroyed { words: "loads a dump over what is there", loss };
            found.push(Found { destroyed, evidence: program.to_owned() });
        } else {
            found.extend(unseen(program, input));
        }
        found
    }

    /// The commands that a pipe comes from, the nearest first, as far as it is looked at.
    fn sources(&self) -> impl Iterator<Item = &Command> {
        let mut piped = true;
        self.commands[..self.at]
            .iter()
            .rev()
            .take(LONGEST_PIPE)
            .take_while(move |command| std::mem::replace(&mut piped, command.input == Input::Pipe))
    }

    /// The text that a command reads, where the document spells it out.
    fn text_of(&self, input: &Input) -> Option<String> {
        match input {
            Input::Text(text) => Some(text.clone()),
            Input::Pipe => {
                let source = self.sources().next()?;
                let program = source.words.first().map(|word| base(word)).unwrap_or_default();
                match (&source.input, program) {
                    (Input::Text(text), _) => Some(text.clone()),
                    (_, "echo" | "printf") => Some(source.words[1..].join(" ").replace("\\n", "\n")),
                    _ => None,
                }
            }
            Input::Nothing | Input::File => None,
        }
    }
}

/// What the commands of a text destroy.
pub(super) fn of_text(text: &str, depth: usize) -> Vec<Found> {
    if depth > DEEPEST {
        return Vec::new();
    }
    let inner = commands(text);
    let tongue = Tongue::Shell;
    (0..inner.len()).flat_map(|at| Reading { commands: &inner, at, tongue }.of_command(depth)).collect()
}

/// Whether words are a statement of SQL and no sentence: in capitals, or going on as only a statement does.
fn is_statement(words: &[String]) -> bool {
    let first = words.first().map(String::as_str).unwrap_or_default();
    let lower: Vec<String> = words.iter().take(4).map(|word| word.to_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    let shouted = first.len() > 3 && first.chars().all(|c| c.is_ascii_uppercase());
    match lower[..] {
        ["drop", "table" | "database" | "schema" | "view" | "index" | "sequence", _, ..]
        | ["truncate", "table", ..]
        | ["delete", "from", _]
        | ["delete", "from", _, "where" | "using"]
        | ["update", _, "set", ..] => true,
        _ => shouted && statements::is_sql(first),
    }
}

/// A client that is given a file to run.
fn unseen(program: &str, input: &Input) -> Option<Found> {
    let destroyed = Destroyed { words: table::UNSEEN, loss: Loss::Other };
    (*input == Input::File).then(|| Found { destroyed, evidence: program.to_owned() })
}

/// `: > file`, and anything that is written onto a disk.
fn emptied(command: &Command) -> Option<Found> {
    let output = command.output.as_deref().filter(|output| !output.is_empty())?;
    let disk = ["/dev/sd", "/dev/nvme", "/dev/vd", "/dev/xvd", "/dev/disk", "/dev/mapper", "/dev/hd", "/dev/mmc"];
    let words: Vec<&str> = command.words.iter().map(String::as_str).collect();
    let blank = |rest: &[&str]| rest.iter().all(|word| matches!(*word, "" | "-n" | "-e"));
    let nothing = match &words[..] {
        [] | [":" | "true"] | ["cat", "/dev/null"] => true,
        ["echo" | "printf", rest @ ..] => blank(rest) && (words[0] == "echo" || !rest.is_empty()),
        _ => false,
    };
    let path = output.chars().all(|c| c.is_alphanumeric() || "/._-${}~".contains(c));
    let named = !words.is_empty() || output.contains(['.', '/', '$']);
    let empties = nothing
        && path
        && named
        && command.inner.is_empty()
        && command.input == Input::Nothing
        && !["/dev/", "/proc/", "/sys/"].iter().any(|folder| output.starts_with(folder));
    let destroyed = Destroyed { words: "overwrites a disk or a file", loss: Loss::Other };
    (empties || disk.iter().any(|disk| output.starts_with(disk)))
        .then(|| Found { destroyed, evidence: output.to_owned() })
}

/// Whether a word names a program that something is known of.
fn is_known(name: &str) -> bool {
    let lists = [QUIET, CARRIERS, SHELLS, CLIENTS, INTERPRETERS];
    table::knows(name) || lists.iter().any(|list| among(list, name))
}

fn fetches(words: &[String]) -> bool {
    words.iter().take(4).any(|word| among(FETCHERS, base(word)))
}

/// The name of a program without its folder and its ending.
pub(super) fn base(word: &str) -> &str {
    let name = word.rsplit(['/', '\\']).next().unwrap_or(word);
    let ending = name.len().saturating_sub(4);
    if name.get(ending..).is_some_and(|ending| ending.eq_ignore_ascii_case(".exe")) { &name[..ending] } else { name }
}
