//! What a subcommand does, reported by its verb: `volumes destroy x`, `sql-drop`, `vm.destroy`, `app sync --prune`.

use super::among;

/// Verbs that take away what they name.
const DESTROYS: &str = "delete|destroy|remove|rm|purge|drop|wipe|nuke|terminate|erase|uninstall|undeploy|unregister|unpublish|\
    teardown|truncate|deleteall|rmdir|rmr|del|obliterate|zap|expunge";
/// Verbs that end what they name until it is started again.
const ENDS: &str = "stop|shutdown|kill|halt|deallocate|poweroff|suspend|terminate";
/// Verbs that only look, or put something there: what follows them is a name.
const READS: &str = "list|ls|get|describe|show|status|info|search|view|help|diff|explain|inspect|version|create|add|set|annotate|\
    plan|whoami|can-i|edit|open";
/// Options that take something away.
const OPTIONS: &str = "delete|purge|prune|destroy|wipe|erase|drop|remove";
/// Options whose value is a text or a filter and no verb.
const TEXTS: &str = "--search|--query|--grep|--message|--body|--title|--filter|--format|--description|--jq|--template|--output|\
    --sort|--label|--comment|--reason|--note|--name|--jsonpath|--field-selector|--selector";
/// Endings of files: `drop.sql` is no verb.
const ENDINGS: &str = "sql|json|yml|yaml|sh|txt|py|log|md|csv|xml|toml|js|ts|rb|php|go|html|lua|gz|dump|tfplan";
/// Words that make a sentence of a line.
const PROSE: &str = "the|a|an|to|will|can|must|should|may|you|we|they|i|and|or|not|is|are|be|been|was|were|this|that|these|those|it|\
    its|please|then|also|which|of|if|when|your|our|their|all|any|every|each|old|new|has|have|do|does|don't|before|after|because|\
    permission|permissions|privilege|privileges|access|rights|button|die|der|das|den|und|nicht|le|la|les|et|el|los|y|por|para";

/// How many words may stand before a verb.
const FAR: usize = 8;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Destroys,
    Ends,
}

/// What the arguments of a program say that it does: the first verb decides.
pub(super) fn of(arguments: &[String]) -> Option<Verb> {
    find(arguments).map(|(_, verb)| verb)
}

fn find(arguments: &[String]) -> Option<(usize, Verb)> {
    let mut plain = 0;
    let mut before = "";
    for (at, word) in arguments.iter().map(String::as_str).enumerate().take(40) {
        let value = among(TEXTS, before);
        let optional = before.starts_with('-') && !before.contains('=');
        before = word;
        if word == "--" {
            return None;
        }
        if let Some(option) = word.strip_prefix("--") {
            let name = option.split('=').next().unwrap_or_default();
            let first = name.split('-').next().unwrap_or_default();
            let taken = among(OPTIONS, first) && (name == first || first == "delete") && !option.ends_with("=false");
            if taken {
                return Some((at, Verb::Destroys));
            }
            continue;
        }
        if word.starts_with('-') || value {
            continue;
        }
        plain += 1;
        if plain > FAR {
            return None;
        }
        if let Some(verb) = verb(word) {
            return Some((at, verb));
        }
        if among(READS, word) && !optional {
            return None;
        }
    }
    None
}

fn verb(word: &str) -> Option<Verb> {
    let named = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '.');
    let file = word.rsplit_once('.').is_some_and(|(_, ending)| among(ENDINGS, ending));
    if word.is_empty() || file || !word.chars().all(named) || word.starts_with(|c: char| c.is_ascii_uppercase()) {
        return None;
    }
    let mut pieces = word.split(['-', '_', ':', '.']);
    let first = pieces.clone().next().unwrap_or_default();
    if pieces.any(|piece| among(DESTROYS, piece)) {
        return Some(Verb::Destroys);
    }
    (among(ENDS, first)).then_some(Verb::Ends)
}

/// What a program that nobody knows says that it does, when its line is a command and no sentence.
pub(super) fn of_stranger(program: &str, arguments: &[String]) -> Option<Verb> {
    // A script may be named after what it does.
    let script =
        ["./", "../", "/"].iter().any(|path| program.starts_with(path)) || program.strip_suffix(".sh").is_some();
    let own = program.rsplit('/').next().unwrap_or_default().trim_end_matches(".sh");
    if script && verb(own) == Some(Verb::Destroys) && !arguments.iter().take(3).any(|word| is_prose(word)) {
        return Some(Verb::Destroys);
    }
    let (at, verb) = find(arguments)?;
    let option = arguments[at].starts_with('-');
    let words = [program].into_iter().chain(arguments.iter().take(at + 3).map(String::as_str));
    let prose = words.into_iter().any(is_prose);
    // Somewhere it must say what it means: a name, or that it is sure.
    let reported = option || arguments.len() > at + 1 || arguments[at].contains(['-', ':', '.']);
    (is_name(program) && !prose && reported && at <= 3 + 4 * usize::from(option) && verb == Verb::Destroys)
        .then_some(verb)
}

/// Whether a word may be the name of a program.
pub(super) fn is_name(word: &str) -> bool {
    let named = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.' | '/');
    word.starts_with(|c: char| c.is_ascii_lowercase() || c == '/') && word.chars().all(named)
}

/// Whether a word is one of a sentence.
pub(super) fn is_prose(word: &str) -> bool {
    word.ends_with([',', '.', ':', '?', '!']) || among(PROSE, word.to_lowercase().as_str()) || !word.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(ToOwned::to_owned).collect()
    }

    #[test]
    fn the_first_verb_decides() {
        for (text, wanted) in [
            ("apps destroy shop", Some(Verb::Destroys)),
            ("--profile p rds delete-db-instance", Some(Verb::Destroys)),
            ("ecr batch-delete-image x", Some(Verb::Destroys)),
            ("vm.destroy web", Some(Verb::Destroys)),
            ("app sync shop --prune", Some(Verb::Destroys)),
            ("instances stop web", Some(Verb::Ends)),
            ("ec2 stop-instances", Some(Verb::Ends)),
            ("pr list --search delete", None),
            ("pr create --title delete", None),
            ("get pods delete", None),
            ("-f drop.sql", None),
            ("x --delete=false", None),
            ("", None),
        ] {
            assert_eq!(of(&words(text)), wanted, "{text}");
        }
        assert_eq!(of_stranger("newtool", &words("volumes destroy vol1")), Some(Verb::Destroys));
        assert_eq!(of_stranger("k3s-uninstall.sh", &[]), Some(Verb::Destroys));
        assert_eq!(of_stranger("./deploy.sh", &[]), None);
        assert_eq!(of_stranger("users", &words("can delete posts")), None);
        assert_eq!(of_stranger("please", &words("delete the file")), None);
        assert_eq!(of_stranger("Users", &words("delete posts")), None);
    }
}
