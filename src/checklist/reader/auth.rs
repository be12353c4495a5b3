//! How an environment's service is logged in to.

use super::document;
use super::table::TableReader;
use crate::checklist::auth::{Auth, Login};
use std::collections::BTreeMap;

#[derive(Clone, Copy)]
enum Kind {
    Header,
    Basic,
    Command,
    Login,
}

const KINDS: [(&str, Kind); 4] =
    [("header", Kind::Header), ("basic", Kind::Basic), ("command", Kind::Command), ("login", Kind::Login)];
const METHODS: [(&str, &str); 3] = [("POST", "POST"), ("GET", "GET"), ("PUT", "PUT")];

pub(super) fn read(mut table: TableReader<'_>) -> Option<Auth> {
    if !table.require("kind", "\"header\"") {
        return None;
    }
    let kind = table.word("kind", &KINDS)?.value;
    let mut text = |key| document::or_empty(table.required_text(key));
    let auth = match kind {
        Kind::Header => {
            let value = text("value");
            let name = table.text("name").map_or_else(|| "Authorization".to_owned(), |name| name.value);
            Auth::Header { name, value }
        }
        Kind::Basic => Auth::Basic { user: text("user"), password: text("password") },
        Kind::Command => {
            let run = text("run");
            Auth::Command { run, lifetime: table.time("lifetime").map(|time| time.value) }
        }
        Kind::Login => Auth::Login(login(&mut table)),
    };
    table.finish();
    Some(auth)
}

fn login(table: &mut TableReader<'_>) -> Login {
    let path = super::panes::path(table);
    let method = table.word("method", &METHODS).map_or("POST", |method| method.value).to_owned();
    let body = table.text("body").map(|body| body.value);
    let form: BTreeMap<String, String> = match table.table("form", "a form") {
        Some(form) => form.named_texts().into_iter().map(|(name, text)| (name.value, text.value)).collect(),
        None => BTreeMap::new(),
    };
    if body.is_some() && !form.is_empty() {
        table.report().error(table.key_at("form"), "the login has both `body` and `form`", "keep one of the two");
    }
    let token = document::or_empty(table.required_text("token"));
    let expires = table.text("expires");
    let pointers = [("token", Some((token.as_str(), table.key_at("token")))), {
        ("expires", expires.as_ref().map(|text| (text.value.as_str(), text.at)))
    }];
    for (key, pointer) in pointers {
        if let Some((text, at)) = pointer.filter(|(text, _)| !text.is_empty() && !text.starts_with('/')) {
            let message = format!("`{key}`: `{text}` is no JSON pointer");
            table.report().error(at, message, format!("write `{key} = \"/{}\"`", text.replace('.', "/")));
        }
    }
    let lifetime = table.time("lifetime").map(|time| time.value);
    Login { method, path, body, form, token, expires: expires.map(|text| text.value), lifetime }
}
