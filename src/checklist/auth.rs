//! How requests to an environment's service prove who sends them. Values keep their `${VAR}` unexpanded.

use super::offset::Span;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Auth {
    /// The same header with every request.
    Header { name: String, value: String },
    /// User name and password.
    Basic { user: String, password: String },
    /// A bearer token: what a command prints.
    Command { run: String, lifetime: Option<Span> },
    /// A bearer token out of the JSON answer to a login request.
    Login(Login),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Login {
    pub method: String,
    /// Below the environment's `url`.
    pub path: String,
    pub body: Option<String>,
    /// Sent as `application/x-www-form-urlencoded`; instead of `body`.
    pub form: BTreeMap<String, String>,
    /// JSON pointer to the token in the answer.
    pub token: String,
    /// JSON pointer to the seconds that the token is valid for.
    pub expires: Option<String>,
    /// How long the token is valid where neither the answer nor the token says so.
    pub lifetime: Option<Span>,
}

impl Auth {
    /// Every text that may name variables.
    pub fn texts(&self) -> Vec<&str> {
        match self {
            Auth::Header { value, .. } => vec![value],
            Auth::Basic { user, password } => vec![user, password],
            Auth::Command { run, .. } => vec![run],
            Auth::Login(login) => {
                let body = login.body.as_deref().into_iter();
                std::iter::once(login.path.as_str())
                    .chain(body)
                    .chain(login.form.values().map(String::as_str))
                    .collect()
            }
        }
    }

    /// The texts that are secrets as they stand, once their variables are in place.
    pub fn secrets(&self) -> Vec<&str> {
        match self {
            Auth::Header { value, .. } => {
                let word = value.split_once(' ').map(|(_, token)| token.trim());
                std::iter::once(value.as_str()).chain(word).collect()
            }
            Auth::Basic { password, .. } => vec![password],
            Auth::Command { .. } => Vec::new(),
            Auth::Login(login) => {
                let named = login.form.iter().filter(|(name, _)| name.to_ascii_lowercase().contains("pass"));
                let secret = login.form.iter().filter(|(name, _)| name.to_ascii_lowercase().contains("secret"));
                named.chain(secret).map(|(_, value)| value.as_str()).collect()
            }
        }
    }

    /// The same with every text replaced; `None` when one cannot be.
    #[must_use]
    pub fn map(&self, mut text: impl FnMut(&str) -> Option<String>) -> Option<Self> {
        Some(match self {
            Auth::Header { name, value } => Auth::Header { name: name.clone(), value: text(value)? },
            Auth::Basic { user, password } => Auth::Basic { user: text(user)?, password: text(password)? },
            // The shell expands the variables of its command itself.
            Auth::Command { .. } => self.clone(),
            Auth::Login(login) => {
                let mut form = BTreeMap::new();
                for (name, value) in &login.form {
                    form.insert(name.clone(), text(value)?);
                }
                let body = match &login.body {
                    Some(body) => Some(text(body)?),
                    None => None,
                };
                Auth::Login(Login { path: text(&login.path)?, body, form, ..login.clone() })
            }
        })
    }
}
