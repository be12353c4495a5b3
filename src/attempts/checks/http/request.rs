//! The request that a check sends, and what of it is a secret.

use crate::attempts::Assignment;
use crate::attempts::checks::place;
use crate::attempts::redact::is_secret_name;
use crate::checklist::check::Http;
use crate::checklist::variables;
use crate::config::variables::{Source, expand, names_in};
use crate::metrics::probe::Request;
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Method, Url};

/// A larger body is no request of a check.
const LARGEST: u64 = 16 << 20;

pub(super) fn build(assignment: &Assignment, http: &Http, url: Url) -> Result<Request, String> {
    let method = Method::from_bytes(http.method.to_ascii_uppercase().as_bytes())
        .map_err(|_| format!("`{}` is no HTTP method", http.method.escape_debug()))?;
    let mut request = Request { method, body: body(assignment, http)?, ..Request::get(url) };
    for (name, text) in &http.headers {
        let value = text;
        let key = HeaderName::from_bytes(name.as_bytes());
        let key = key.map_err(|_| format!("`{}` is no name of a header", name.escape_debug()))?;
        let value = HeaderValue::from_str(value);
        let mut value = value.map_err(|_| format!("the value of the header {name} may not stand in a header"))?;
        value.set_sensitive(is_secret(name));
        request.headers.insert(key, value);
    }
    Ok(request)
}

fn body(assignment: &Assignment, http: &Http) -> Result<Option<Vec<u8>>, String> {
    let Some(written) = &http.body_file else { return Ok(http.body.clone().map(String::into_bytes)) };
    let path = place::folder(assignment).join(written);
    let failed = |why: String| format!("the body {} cannot be read: {why}", path.display());
    let about = std::fs::metadata(&path).map_err(|error| failed(error.to_string()))?;
    if !about.is_file() {
        return Err(failed("it is no regular file".to_owned()));
    }
    if about.len() > LARGEST {
        return Err(failed(format!("it is larger than {} MiB", LARGEST >> 20)));
    }
    let bytes = std::fs::read(&path).map_err(|error| failed(error.to_string()))?;
    // What is no text names no variables.
    let Ok(text) = String::from_utf8(bytes.clone()) else { return Ok(Some(bytes)) };
    if names_in(&text).is_empty() && !text.contains("$${") {
        return Ok(Some(bytes));
    }
    let source = Source::of(assignment.environment.kind, &assignment.home).map_err(|error| error.to_string())?;
    let missing: Vec<String> = names_in(&text).into_iter().filter(|name| source.get(name).is_none()).collect();
    if !missing.is_empty() {
        return Err(failed(format!("{} is not set; write `$${{NAME}}` for what is no variable", missing.join(", "))));
    }
    for name in names_in(&text).iter().filter(|name| is_secret_name(name)) {
        source.get(name).into_iter().for_each(|value| assignment.secrets.learn(value));
    }
    Ok(variables::expand(&text, |name| source.get(name)).map(String::into_bytes))
}

/// The values of headers that are secrets, whole and without their first word, such as `Bearer`; of cookies each.
pub(super) fn learn(assignment: &Assignment, http: &Http) {
    for (name, text) in http.headers.iter().filter(|(name, _)| is_secret(name)) {
        let value = text.as_str();
        if name.eq_ignore_ascii_case("cookie") {
            let values = value.split(';').filter_map(|cookie| cookie.split_once('='));
            values.for_each(|(_, value)| assignment.secrets.learn(value));
        } else if let Some((_, word)) = value.split_once(' ') {
            assignment.secrets.learn(word);
        }
        assignment.secrets.learn(value);
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.contains("auth") || name.contains("cookie") || is_secret_name(&name)
}

/// The check with its variables in place.
///
/// # Errors
/// Names the text of which a variable is not set.
pub(in crate::attempts) fn expanded(assignment: &Assignment, http: &Http) -> Result<Http, String> {
    http.map(|text| expand(text, &assignment.variables).ok_or_else(|| format!("a variable of `{text}` is not set")))
}
