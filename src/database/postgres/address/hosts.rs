//! The servers that an address names, and which of them is meant.

use std::fmt::Write as _;

pub(super) const DEFAULT_PORT: u16 = 5432;

/// A host name, an address, or the folder of a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Host {
    pub name: String,
    pub port: Option<u16>,
}

impl Host {
    pub(super) fn is_socket(&self) -> bool {
        self.name.starts_with(['/', '@'])
    }

    /// As it is in an address.
    pub(super) fn written(&self) -> String {
        let port = self.port.map_or_else(String::new, |port| format!(":{port}"));
        if self.name.contains(':') {
            return format!("[{}]{port}", self.name.replace('%', "%25"));
        }
        format!("{}{port}", encoded(&self.name))
    }
}

/// Which of several servers is meant, as `target_session_attrs` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    Any,
    ReadWrite,
    ReadOnly,
    Primary,
    Standby,
    PreferStandby,
}

impl Wanted {
    pub(super) const WORDS: [(&'static str, Self); 6] = [
        ("any", Self::Any),
        ("read-write", Self::ReadWrite),
        ("read-only", Self::ReadOnly),
        ("primary", Self::Primary),
        ("standby", Self::Standby),
        ("prefer-standby", Self::PreferStandby),
    ];

    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, wanted)| *wanted == self).map_or("any", |(word, _)| word)
    }

    /// Whether a server will do that is a standby or not, and whose sessions only read or not.
    pub fn accepts(self, standby: bool, reads_only: bool) -> bool {
        match self {
            Self::Any => true,
            Self::ReadWrite => !standby && !reads_only,
            Self::ReadOnly => standby || reads_only,
            Self::Primary => !standby,
            Self::Standby | Self::PreferStandby => standby,
        }
    }
}

/// `h1:5432,[::1]:5433`; none where nothing is written.
pub(super) fn hosts(places: &str) -> Option<Vec<Host>> {
    if places.is_empty() {
        return Some(Vec::new());
    }
    let one = |place: &str| {
        let (name, port) = match place.strip_prefix('[') {
            Some(inside) => {
                let (name, rest) = inside.split_once(']')?;
                let port = if rest.is_empty() { None } else { Some(rest.strip_prefix(':')?) };
                (name, port)
            }
            None => place.split_once(':').map_or((place, None), |(name, port)| (name, Some(port))),
        };
        let port = match port {
            None | Some("") => None,
            Some(port) => Some(port.parse().ok()?),
        };
        let name = decoded(name)?;
        let name = if name.is_empty() { "localhost".to_owned() } else { name };
        Some(Host { name, port })
    };
    places.split(',').map(one).collect()
}

/// Percent-decoded; `None` when what is encoded is no UTF-8 text.
pub(super) fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

pub(super) fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
