//! Which variables hold secrets, by their names.

/// Parts that make any name one of a secret.
const PARTS: [&str; 12] = [
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "SECRET",
    "TOKEN",
    "KEY",
    "CREDENTIAL",
    "COOKIE",
    "PRIVATE",
    "WEBHOOK",
    "UNSEAL",
    "CONNECTION_STRING",
];
/// What a name, or one of its words, ends with.
const ENDS: [&str; 4] = ["PASS", "PWD", "DSN", "JWT"];
/// Words that are a secret's name on their own: `GITHUB_PAT`, `DB_PW`.
const ALONE: [&str; 8] = ["PW", "PAT", "PIN", "OTP", "SALT", "SEED", "SK", "SAS"];
/// Names that look like a secret's and never are one: the folder a shell is in, sockets, programs that ask.
const OTHERS: [&str; 7] =
    ["PWD", "OLDPWD", "SSH_AUTH_SOCK", "XAUTHORITY", "GIT_ASKPASS", "SSH_ASKPASS", "SUDO_ASKPASS"];
/// Last words of names that say where something is; no secret is a port or a host.
const PLACES: [&str; 3] = ["PORT", "HOST", "HOSTNAME"];
/// Last words of such names behind a word that is short enough to mean something else: `SEED_URL` of a shop for seeds.
/// What signs addresses (`SAS_URL`) stays a secret.
const PLACES_OF_SHORT: [&str; 11] =
    ["URL", "FOLDER", "PATH", "LOG", "DIR", "FILE", "NAME", "USER", "ID", "DB", "DATABASE"];
/// Values that are settings whatever their variable is called. Masking each `true` would hide the output and protect
/// nothing.
const WORDS: [&str; 10] =
    ["true", "false", "none", "null", "auto", "always", "never", "enabled", "disabled", "default"];

/// Whether a variable of this name holds a secret.
pub fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    if OTHERS.contains(&name.as_str()) {
        return false;
    }
    let last = name.rsplit('_').next().unwrap_or_default();
    if name.contains('_') && PLACES.contains(&last) {
        return false;
    }
    let of_short = !PLACES_OF_SHORT.contains(&last);
    // `GIT_AUTHOR_NAME` is no secret, `AUTHORIZATION` is.
    let auth = name.match_indices("AUTH").any(|(at, _)| {
        let rest = &name[at + 4..];
        !rest.starts_with("OR") || rest.starts_with("ORI")
    });
    auth || PARTS.iter().any(|part| name.contains(part))
        || name.split('_').any(|word| {
            ALONE.contains(&word) && (of_short || word == "SAS") || ENDS.iter().any(|end| word.ends_with(end))
        })
}

/// How much a name beside a value says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    /// Whatever it is, it is a secret.
    Password,
    /// It is one unless it is a small number or an ordinary word.
    Secret,
    /// It is one when it looks like one.
    Maybe,
}

/// Words for a password, wherever they stand in a name.
const PASSWORDS: &str = "|password|passwords|passwd|passphrase|passcode|passwort|pwd|";
/// Words for what is a secret as a part of a longer name.
const PARTED: &str = "|pass|pw|token|jwt|secret|secrets|credential|credentials|cookie|dsn|pat|psk|otp|salt|seed|";
/// Words on their own that may name a secret and often do not.
const BARE: &str = "|token|jwt|cookie|session|sessionid|sid|phpsessid|otp|csrf|xsrf|secrets|credentials|csrftoken|";
/// Keys that open nothing.
const OPEN_KEYS: &str = "|primary|foreign|public|sort|partition|cache|lookup|unique|duplicate|composite|natural|surrogate|object|routing|idempotency|hash|range|index|row|group|join|hot|parent|child|no|missing|invalid|";
/// Keys that open something.
const SHUT_KEYS: &str = "|api|secret|private|access|encryption|signing|signature|auth|ssh|master|client|account|shared|storage|deploy|license|service|app|webhook|stripe|admin|root|host|jwt|session|token|csrf|hmac|crypto|cipher|cookie|";
/// Last words of names that speak about a secret and hold none.
const ABOUT: &str = "|type|types|name|names|id|ids|count|length|len|size|min|max|limit|ttl|expiry|expires|expiration|expire|at|in|age|lifetime|url|uri|endpoint|path|file|dir|folder|algorithm|alg|hasher|hashers|policy|rule|rules|required|enabled|valid|error|errors|field|column|reset|prompt|hint|strength|version|format|mode|status|method|provider|class|backend|usage|used|budget|header|prefix|scheme|user|username|host|port|rotation|arn|ref|seconds|minutes|days|checks|test|tests|py|rs|js|ts|sql|toml|yaml|yml|json|md|txt|log|ini|cfg|conf|sh|html|xml|csv|";
/// First words of such names.
const ABOUT_FIRST: &str = "|max|min|num|total|has|is|use|with|without|invalid|missing|unexpected|test|";

/// `password` and words made of it: `pgpassword`.
fn is_password(word: &str) -> bool {
    is_in(PASSWORDS, word) || ["password", "passwd", "passphrase", "passwort"].iter().any(|part| word.contains(part))
}

fn is_in(list: &str, word: &str) -> bool {
    list.contains(&format!("|{word}|"))
}

/// What a name that stands before `=` or `:` says of the value behind it.
pub(crate) fn weight(name: &str) -> Option<Weight> {
    let name = name.trim_matches(['-', '.']);
    if name.is_empty() || name.len() > 80 || OTHERS.contains(&name.to_ascii_uppercase().as_str()) {
        return None;
    }
    let words = words(name);
    let (first, last) = (words.first()?.as_str(), words.last()?.as_str());
    let several = words.len() > 1;
    let env = name.contains('_') && !name.contains(|c: char| c.is_ascii_lowercase());
    // `session_id`, `sessionid`.
    let bare = || is_in(BARE, &words.concat()).then_some(Weight::Maybe);
    let address = words.iter().any(|word| word == "webhook") || name.eq_ignore_ascii_case("connection_string");
    if !address && several && (is_in(ABOUT, last) || is_in(ABOUT_FIRST, first)) {
        return bare();
    }
    if address || words.iter().any(|word| is_password(word)) {
        return Some(Weight::Password);
    }
    if last == "key" && several {
        let before = words[words.len() - 2].as_str();
        let shut = is_in(SHUT_KEYS, before) || env && !is_in(OPEN_KEYS, before);
        return shut.then_some(Weight::Secret);
    }
    if matches!(last, "apikey" | "secretkey" | "accesskey" | "privatekey" | "secret") {
        return Some(Weight::Secret);
    }
    if several && words.iter().any(|word| is_in(PARTED, word)) || env && is_secret_name(name) {
        return Some(Weight::Secret);
    }
    bare()
}

/// The words of a name, in lower case: `DB_PASS`, `apiKey`, `x-token`.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = '_';
    for c in name.chars() {
        let part = c.is_ascii_uppercase() && before.is_ascii_lowercase() || !before.is_ascii_alphanumeric();
        if c.is_ascii_alphanumeric() {
            if part || words.is_empty() {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.push(c.to_ascii_lowercase());
            }
        }
        before = c;
    }
    words
}

/// Whether a value is an ordinary setting, to be left alone unless the checklist lists its variable.
pub(super) fn is_setting(value: &[u8]) -> bool {
    WORDS.iter().any(|word| value.eq_ignore_ascii_case(word.as_bytes()))
}

/// Parts of the names of fields, headers and cookies that hold what proves who somebody is. Answers are full of fields
/// called `key`, which are none.
const PROOFS: [&str; 16] = [
    "passw",
    "passphrase",
    "secret",
    "token",
    "credential",
    "cookie",
    "jwt",
    "apikey",
    "api_key",
    "api-key",
    "session",
    "sessid",
    "csrf",
    "xsrf",
    "authorization",
    "auth_",
];
/// Names of proofs on their own.
const PROOF_NAMES: [&str; 6] = ["sid", "auth", "x-auth", "otp", "pin", "code_verifier"];
/// Headers that speak of proofs and hold none.
const ABOUT_PROOFS: [&str; 4] = ["cookies", "token_type", "expires", "lifetime"];

/// Whether a field of an answer, a header or a cookie of this name holds what proves who somebody is.
pub fn is_proof(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let about = ABOUT_PROOFS.iter().any(|part| name.contains(part)) || name.starts_with("access-control-");
    let named = name.ends_with("sid") || PROOF_NAMES.contains(&name.as_str());
    !about && (named || PROOFS.iter().any(|part| name.contains(part)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_proofs_are_known() {
        for name in [
            "access_token",
            "refreshToken",
            "sessionid",
            "PHPSESSID",
            "connect.sid",
            "X-CSRF-Token",
            "set-cookie",
            "Authorization",
        ] {
            assert!(is_proof(name), "{name}");
        }
        for name in
            ["key", "id", "token_type", "expires_in", "access-control-allow-credentials", "lang", "author", "side"]
        {
            assert!(!is_proof(name), "{name}");
        }
    }

    #[test]
    fn names_of_secrets_are_known() {
        for name in [
            "DB_PASS",
            "pgpassword",
            "MYSQL_PWD",
            "GPG_PASSPHRASE",
            "BASIC_AUTH",
            "AUTHORIZATION",
            "SESSION_COOKIE",
            "SENTRY_DSN",
            "PRIVATE_PEM",
            "AWS_CREDENTIALS",
            "API_TOKEN",
            "CLIENT_SECRET",
            "SSH_KEY",
            "DB_PASS_PROD",
            "DB_PW",
            "GITHUB_PAT",
            "JWT",
            "SLACK_WEBHOOK_URL",
            "STRIPE_SK",
            "VAULT_UNSEAL",
            "SEED",
            "WALLET_SEED",
            "STORAGE_SAS_URL",
            "TOKEN_URL",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in [
            "PWD",
            "OLDPWD",
            "PATH",
            "HOME",
            "GIT_AUTHOR_NAME",
            "SSH_AUTH_SOCK",
            "PASSAGE",
            "DATABASE_URL",
            "XDG_SESSION_ID",
            "COMPAT",
            "SEED_PORT",
            "SEED_URL",
            "SEED_FOLDER",
            "SEED_DATABASE",
            "AUTH_HOST",
            "TOKEN_SERVICE_PORT",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }
}
