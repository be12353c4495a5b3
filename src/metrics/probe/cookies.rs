//! The cookies of one attempt: kept and sent back, and given to whoever masks them, also those of redirects that are followed.

use super::Learn;
use reqwest::Url;
use reqwest::cookie::{CookieStore, Jar};
use reqwest::header::{HeaderMap, HeaderValue, SET_COOKIE};
use std::fmt;

pub struct Cookies {
    jar: Jar,
    learn: Learn,
}

impl fmt::Debug for Cookies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cookies")
    }
}

impl Cookies {
    #[must_use]
    pub fn telling(learn: Learn) -> Self {
        Self { jar: Jar::default(), learn }
    }
}

impl CookieStore for Cookies {
    fn set_cookies(&self, headers: &mut dyn Iterator<Item = &HeaderValue>, url: &Url) {
        let headers: Vec<&HeaderValue> = headers.collect();
        for header in &headers {
            tell(header, &self.learn);
        }
        self.jar.set_cookies(&mut headers.into_iter(), url);
    }

    fn cookies(&self, url: &Url) -> Option<HeaderValue> {
        self.jar.cookies(url)
    }
}

/// A value as long as this is no setting of a person's.
const LONG: usize = 16;

/// Shows what the headers of an answer hold: cookies by their own names, all else by the header's.
pub fn tell_headers(headers: &HeaderMap, learn: &Learn) {
    for (name, value) in headers {
        if name == SET_COOKIE {
            tell(value, learn);
        } else {
            learn(name.as_str(), &String::from_utf8_lossy(value.as_bytes()));
        }
    }
}

fn tell(header: &HeaderValue, learn: &Learn) {
    let text = String::from_utf8_lossy(header.as_bytes());
    let cookie = text.split(';').next().unwrap_or_default();
    let (name, value) = cookie.split_once('=').unwrap_or(("", cookie));
    // One that no script of a page may read holds what proves who somebody is, whatever it is called; so does a long one.
    let value = value.trim().trim_matches('"');
    let hidden = text.split(';').skip(1).any(|part| part.trim().eq_ignore_ascii_case("httponly"));
    learn(if hidden || value.len() >= LONG { "cookie" } else { name.trim() }, value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[test]
    fn cookies_are_reported_by_their_names_and_hidden_ones_as_such() {
        let reported = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&reported);
        let learn: Learn = Arc::new(move |name, value| heard.lock().unwrap().push(format!("{name}: {value}")));
        let mut headers = HeaderMap::new();
        headers.append(SET_COOKIE, HeaderValue::from_static("lang=en; Path=/"));
        headers.append(SET_COOKIE, HeaderValue::from_static("id=\"a=b\"; Secure; HTTPONLY"));
        headers.append("x-csrf-token", HeaderValue::from_static("t0k"));
        tell_headers(&headers, &learn);
        let cookies = Cookies::telling(learn);
        let url = Url::parse("http://localhost/").unwrap();
        cookies.set_cookies(&mut [HeaderValue::from_static("sid=9")].iter(), &url);
        assert_eq!(reported.lock().unwrap().join(" | "), "lang: en | cookie: a=b | x-csrf-token: t0k | sid: 9");
        assert_eq!(cookies.cookies(&url).unwrap(), "sid=9");
    }
}
