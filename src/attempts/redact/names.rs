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
/// Values that are settings whatever their variable is called. Masking each `true` would hide the output and protect
/// nothing.
const WORDS: [&str; 10] =
    ["true", "false", "none", "null", "auto", "always", "never", "enabled", "disabled", "default"];

/// Whether a variable of this name holds a secret.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    if OTHERS.contains(&name.as_str()) {
        return false;
    }
    // `GIT_AUTHOR_NAME` is no secret, `AUTHORIZATION` is.
    let auth = name.match_indices("AUTH").any(|(at, _)| {
        let rest = &name[at + 4..];
        !rest.starts_with("OR") || rest.starts_with("ORI")
    });
    auth || PARTS.iter().any(|part| name.contains(part))
        || name.split('_').any(|word| ALONE.contains(&word) || ENDS.iter().any(|end| word.ends_with(end)))
}

/// Whether a value is an ordinary setting, to be left alone unless the checklist lists its variable.
#[must_use]
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
#[must_use]
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
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }
}
