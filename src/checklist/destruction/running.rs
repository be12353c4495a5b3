//! What a command runs in its turn: through `sudo`, `env`, `ssh`, `bash -c`, `kubectl exec --`, `xargs` and their like.

use super::command::{Command, Input};
use super::quotes::is_name;
use super::shell::commands;
use super::{Destroyed, Loss, among, statements, table};

/// How deep commands may stand in commands.
const DEEPEST: usize = 6;
/// The most commands of a pipe that are looked at.
const LONGEST_PIPE: usize = 16;
/// The most words of a carrier that are looked at, and the most of them that are taken for the command it carries: the
/// name of a host or a container may be that of a program.
const WORDS: usize = 200;
const TRIED: usize = 2;

/// Programs that print or look at what others would run.
const QUIET: &str = "echo|printf|grep|egrep|fgrep|rg|ag|zgrep|cat|less|more|head|tail|man|which|type|whatis|help|alias|\
    unalias|test|[|[[|ls|wc|sort|jq|yq|awk|gawk|sed|diff|history|say|logger|read|complete|apropos|whereis|\
    print|Write-Host|Write-Output|#|//|rem|REM";
/// Programs that run the command among their arguments.
const CARRIERS: &str = "sudo|doas|env|nohup|time|command|exec|builtin|setsid|nice|ionice|timeout|gtimeout|stdbuf|chroot|flock|\
    watch|xargs|parallel|chronic|unbuffer|strace|caffeinate|busybox|dotenv|doppler|chamber|aws-vault|\
    envconsul|direnv|op|infisical|bundle|npx|pnpx|bunx|pnpm|yarn|npm|bun|poetry|pipenv|pdm|uv|uvx|hatch|\
    mise|asdf|rbenv|nsenter|systemd-run|su|runuser|gosu|su-exec|screen|tmux|ansible|kubectl|oc|k|docker|\
    podman|nerdctl|docker-compose|podman-compose|fly|flyctl|heroku|railway|vagrant|multipass|lxc|python|\
    python3|php|ruby|node|deno|tsx|ts-node|dotnet|symfony|gcloud|az|aws|ssh|autossh|sshpass|mosh|tsh|at|\
    batch|cmd|cmd.exe|powershell|pwsh|if|then|else|elif|do|while|until|!|{|}|&&|-|run:|command:|cmd:|\
    script:|exec:|shell:|sh:|bash:|trap|eval|yes";
/// Carriers whose arguments are one command from the first word on that is no option.
const PLAIN: &str = "sudo|doas|env|nohup|time|command|exec|builtin|setsid|nice|ionice|timeout|gtimeout|stdbuf|busybox|\
    chronic|unbuffer|if|then|else|elif|do|while|until|!|{|}|yes|-|run:|command:|cmd:|script:|exec:|shell:|\
    sh:|bash:";
/// Carriers that hand a text to a shell.
const TEXTUAL: &str = "su|runuser|watch|screen|tmux|ansible|fly|flyctl|heroku|railway|vagrant|gcloud|az|aws|ssh|autossh|\
    sshpass|mosh|tsh|trap|eval|flock|parallel|xargs|env|cmd|cmd.exe|powershell|pwsh|kubectl|docker|\
    docker-compose|nsenter|systemd-run";
const SHELLS: &str = "sh|bash|zsh|dash|ksh|ash|fish";
const FETCHERS: &str = "curl|wget|fetch|aria2c";
/// Programs that speak SQL with a database.
const CLIENTS: &str = "psql|pgcli|mysql|mycli|mariadb|sqlite3|sqlite|litecli|duckdb|sqlcmd|sqlplus|snowsql|snow|clickhouse|\
    clickhouse-client|cockroach|bq|cqlsh|trino|presto|isql|usql|db2|turso|wrangler|supabase|prisma|dbshell|\
    manage.py|spanner-cli|influx|aws|gcloud|hdbsql|beeline|hive|dolt|rqlite|ysqlsh|tiup|pgbench";
/// Programs that load a dump they read.
const LOADERS: &str = "psql|mysql|mariadb|sqlite3|mongorestore|mongoimport|pg_restore|cqlsh|sqlcmd|clickhouse-client|cockroach|\
    duckdb|dbshell";
/// Programs that run programs of other languages.
const INTERPRETERS: &str =
    "python|python3|node|ruby|perl|php|mongosh|mongo|rails|manage.py|deno|irb|iex|flask|tinker|artisan";

/// What a command destroys, and a word of it that shows where.
pub struct Found {
    pub destroyed: Destroyed,
    pub evidence: String,
}

/// What the command at an index destroys.
pub fn of(commands: &[Command], at: usize) -> Vec<Found> {
    Reading { commands, at }.of_command(0)
}

/// Whether nothing is known of a command's program, so that its line may be one of another language.
pub fn is_unknown(command: &Command) -> bool {
    let program = command.words.first().map(|word| base(word)).unwrap_or_default();
    !(among(QUIET, program) || among(CARRIERS, program) || among(CLIENTS, program) || table::knows(program))
}

/// What a line of a program does, in any language.
pub fn of_line(line: &str) -> Option<Destroyed> {
    table::of_call(line)
}

struct Reading<'c> {
    commands: &'c [Command],
    at: usize,
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
        let program = base(first);
        if depth > DEEPEST || among(QUIET, program) {
            return Vec::new();
        }
        let one = |destroyed: Destroyed| vec![Found { destroyed, evidence: first.clone() }];
        // Statements that stand among commands, as in a session that was copied.
        if is_statement(&words[settings..]) {
            return of_sql(&words[settings..].join(" "));
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
        if among(INTERPRETERS, program) || !(table::knows(program) || among(CARRIERS, program)) {
            let text = self.text_of(input).unwrap_or_default();
            let texts = words.iter().map(String::as_str).chain([text.as_str()]);
            let called = texts.filter(|text| !text.is_empty()).find_map(table::of_call);
            found.extend(called.into_iter().flat_map(one));
        }
        if found.is_empty() && (program == "find" || program == "fd") {
            let inner = arguments
                .iter()
                .position(|word| matches!(word.as_str(), "-exec" | "-execdir" | "-ok" | "-okdir" | "-x" | "-X"));
            return inner.map_or_else(Vec::new, |at| self.of_words(&arguments[at + 1..], input, depth + 1));
        }
        if found.is_empty() && among(CARRIERS, program) {
            return self.of_carried(program, arguments, input, depth);
        }
        found
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
                return table::of_call(&arguments[at..].join(" "))
                    .map_or_else(Vec::new, |destroyed| vec![Found { destroyed, evidence: word.clone() }]);
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
                found.extend(self.of_words(&command.words, input, depth));
            } else {
                found.extend(Reading { commands: &inner, at }.of_command(depth));
            }
        }
        found
    }

    fn of_shell(&self, name: &str, arguments: &[String], input: &Input, depth: usize) -> Vec<Found> {
        let told =
            arguments.iter().position(|word| word.starts_with('-') && !word.starts_with("--") && word.ends_with('c'));
        if let Some(text) = told.and_then(|at| arguments.get(at + 1)) {
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
            return of_sql(text);
        }
        if among(LOADERS, program) && matches!(input, Input::File | Input::Pipe) {
            let own = arguments.iter().any(|word| word.contains("GONOGO_DATABASE_URL"));
            let loss = if own { Loss::Data } else { Loss::Other };
            let destroyed = Destroyed { words: "loads a dump over what is there", loss };
            found.push(Found { destroyed, evidence: program.to_owned() });
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

fn of_text(text: &str, depth: usize) -> Vec<Found> {
    if depth > DEEPEST {
        return Vec::new();
    }
    let inner = commands(text);
    (0..inner.len()).flat_map(|at| Reading { commands: &inner, at }.of_command(depth)).collect()
}

fn of_sql(text: &str) -> Vec<Found> {
    let found = statements::destroyed(text).into_iter();
    let found = found.map(|(at, destroyed)| Found {
        destroyed,
        evidence: text[at..].lines().next().unwrap_or_default().chars().take(24).collect(),
    });
    let found: Vec<Found> = found.collect();
    let call = || table::of_call(text).map(|destroyed| Found { destroyed, evidence: text.to_owned() });
    if found.is_empty() { call().into_iter().collect() } else { found }
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

/// `: > file`, and anything that is written onto a disk.
fn emptied(command: &Command) -> Option<Found> {
    let output = command.output.as_deref().filter(|output| !output.is_empty())?;
    let disk = ["/dev/sd", "/dev/nvme", "/dev/vd", "/dev/xvd", "/dev/disk", "/dev/mapper", "/dev/hd", "/dev/mmc"];
    let words: Vec<&str> = command.words.iter().map(String::as_str).collect();
    let nothing = matches!(words[..], [] | [":" | "true"] | ["cat", "/dev/null"] | ["echo", "-n"] | ["echo", "-n", ""]);
    let path = output.chars().all(|c| c.is_alphanumeric() || "/._-${}~".contains(c));
    let named = !words.is_empty() || output.contains(['.', '/', '$']);
    let empties = nothing
        && path
        && named
        && command.inner.is_empty()
        && command.input == Input::Nothing
        && !output.starts_with("/dev/");
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

/// The name of a program without its folder.
fn base(word: &str) -> &str {
    word.rsplit(['/', '\\']).next().unwrap_or(word)
}
