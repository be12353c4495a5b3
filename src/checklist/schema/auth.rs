//! How requests to an environment's service prove who sends them.

use super::words::{Path, Time};
use schemars::JsonSchema;
use std::collections::BTreeMap;

/// Sent with every request of http checks and metrics. Tokens are secrets: they are masked wherever they would show.
#[derive(JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Auth {
    /// The same header with every request.
    Header {
        /// `Authorization` unless given.
        name: Option<String>,
        /// Such as `Bearer ${API_TOKEN}`.
        value: String,
    },
    /// User name and password.
    Basic { user: String, password: String },
    /// A bearer token: the one line that a command prints.
    Command {
        run: String,
        /// How long the token is valid, unless the token itself says so (JWT).
        lifetime: Option<Time>,
    },
    /// A bearer token from the JSON answer to a login request.
    Login {
        /// `POST` unless given.
        method: Option<LoginMethod>,
        path: Path,
        /// JSON; or use `form`.
        body: Option<String>,
        /// Fields sent as `application/x-www-form-urlencoded`.
        form: Option<BTreeMap<String, String>>,
        /// JSON pointer to the token: `/access_token`.
        token: String,
        /// JSON pointer to the seconds it is valid for: `/expires_in`.
        expires: Option<String>,
        /// How long the token is valid, unless the answer or the token itself (JWT) says so.
        lifetime: Option<Time>,
    },
}

#[derive(JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum LoginMethod {
    Post,
    Get,
    Put,
}
