//! What the bytes that are held begin with.

use super::Redactor;
use super::assigned::{self, Assigned, End, Pending};
use super::header::{self, Header};
use super::needles::Found;
use super::shapes::{self, Shape};

/// How far a URL's part before its path is followed in search of a password.
const LONGEST_AUTHORITY: usize = 1024;

pub(super) enum Step {
    Pass,
    Secret(usize),
    /// So many bytes up to a value, and where that ends.
    Value(usize, End),
    /// So many bytes up to what may be a value.
    Assigned(usize, Pending),
    /// The first line of a private key, in bytes.
    Block(usize),
    /// Bytes of a URL's password, counted from here.
    Password(std::ops::Range<usize>),
    /// More must come before this can be decided.
    Wait,
}

impl Redactor {
    pub(super) fn decide(&self, at: usize, last: bool) -> Step {
        let rest = &self.held[at..];
        match header::at(rest, self.before, last) {
            Header::Open => return Step::Wait,
            Header::Value(length, quote) => return Step::Value(length, quote.map_or(End::Line, End::Quote)),
            Header::None => {}
        }
        match self.known.needles.find(rest, last, self.in_short_line()) {
            Found::Open => return Step::Wait,
            Found::Match(length) => return Step::Secret(length),
            Found::Nothing => {}
        }
        match shapes::at(rest, self.before[1], last) {
            Shape::Open => return Step::Wait,
            Shape::Token(length) => return Step::Value(length, End::Token),
            Shape::Block(length) => return Step::Block(length),
            Shape::None => {}
        }
        match assigned::at(rest, &self.line, &self.above, last) {
            Assigned::Open => return Step::Wait,
            Assigned::Pending(length, pending) => return Step::Assigned(length, pending),
            Assigned::None => {}
        }
        if rest[0] != b':' {
            return Step::Pass;
        }
        // JSON of some writers escapes slashes.
        let Some(mark) = [&b"://"[..], br":\/\/"].into_iter().find(|mark| mark.iter().zip(rest).all(|(a, b)| a == b))
        else {
            return Step::Pass;
        };
        let Some(authority) = rest.strip_prefix(mark) else { return if last { Step::Pass } else { Step::Wait } };
        let ends = |byte: &u8| *byte <= b' ' || b"/?#\"'<>`\\".contains(byte);
        let Some(end) = authority.iter().take(LONGEST_AUTHORITY).position(ends).or_else(|| {
            (last || authority.len() >= LONGEST_AUTHORITY).then_some(authority.len().min(LONGEST_AUTHORITY))
        }) else {
            return Step::Wait;
        };
        let password = authority[..end].iter().rposition(|byte| *byte == b'@').and_then(|host| {
            let user = authority[..host].iter().position(|byte| *byte == b':')?;
            (host > user + 1).then_some(user + 1 + mark.len()..host + mark.len())
        });
        password.map_or(Step::Pass, Step::Password)
    }
}
