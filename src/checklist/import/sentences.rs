//! Commands reported from sentences that begin with the same word.

/// Programs whose names are words of the language too.
const WORDS: [&str; 17] = [
    "cat", "date", "diff", "du", "find", "free", "go", "http", "kill", "make", "node", "service", "source", "tail",
    "ping", "java", "export",
];

/// Whether a line that begins with such a name reads on as a sentence: `find the logs`, `go live`.
pub(super) fn reads_on(name: &str, line: &str) -> bool {
    if !WORDS.contains(&name) {
        return false;
    }
    let words: Vec<&str> = line.split_whitespace().skip_while(|word| base_name(word) != name).skip(1).collect();
    let Some(first) = words.first() else { return true };
    let reported = match name {
        "go" => ["build", "test", "run", "mod", "get", "install", "generate", "vet", "fmt", "version", "tool"]
            .contains(first),
        "service" => words.len() > 1 && ["start", "stop", "restart", "status", "reload"].contains(&words[1]),
        "make" => words.len() == 1,
        "cat" | "node" | "diff" | "tail" | "ping" | "source" => first.contains(['.', '/', '_']),
        _ => false,
    };
    let shell =
        first.starts_with(['-', '.', '/', '~', '$', '+', '"', '\'', '%']) || first.contains(['=', ':', '/', '*']);
    let number = first.chars().all(|c| c.is_ascii_digit());
    !(reported || shell || (number && name == "kill") || line.contains([';', '|', '>']) || line.contains("&&"))
}

fn base_name(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}
