//! A port: does anything listen there?

use super::http::Reachability;
use super::kind::{Kind, Measure, Measures, Need, Title};
use crate::checklist::offset::Span as Duration;
use crate::checklist::reader::checks::Written;
use serde::Serialize;

/// Measures `connect` (ms) when it answers, and `waited` (s) where `within` is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tcp {
    /// `HOST:PORT`; may name `${VARIABLES}`.
    pub address: String,
    pub expect: Reachability,
    /// How long it is tried; once unless given.
    pub within: Option<Duration>,
}

impl Tcp {
    pub(in crate::checklist) fn read(written: &mut Written<'_, '_>) -> Option<Self> {
        let table = &mut written.table;
        table.call("a tcp check");
        let address = table.required_text("address");
        // What a variable holds is seen when it is carried out.
        if let Some(text) = address.as_ref().filter(|text| !text.value.contains("${") && port(&text.value).is_none()) {
            let message = format!("`{}` is no address of a port", text.value);
            table.report().error(text.at, message, "write `HOST:PORT`, for example `db.internal:5432`");
        }
        let expect = table.word("expect", &[("answers", Reachability::Answers), ("silent", Reachability::Silent)]);
        let within = table.time("within").map(|within| within.value);
        let expect = expect.map(|expect| expect.value).unwrap_or_default();
        Some(Self { address: address?.value, expect, within })
    }
}

/// The port of `HOST:PORT`.
pub(crate) fn port(address: &str) -> Option<u16> {
    let (host, port) = address.trim().rsplit_once(':')?;
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let fits = bare.map_or(!host.is_empty() && !host.contains(':'), |host| !host.is_empty());
    port.parse().ok().filter(|port| *port > 0 && fits)
}

impl Kind for Tcp {
    fn needs(&self) -> Vec<Need<'_>> {
        vec![Need::Text(&self.address)]
    }

    fn measures(&self, _: Measures<'_>) -> Vec<Measure> {
        vec![Measure::of("connect", "ms"), Measure::of("waited", "s")]
    }

    fn describe(&self, _: Title<'_>) -> Vec<String> {
        let verb = match self.expect {
            Reachability::Answers => "accepts a connection",
            Reachability::Silent => "refuses connections",
        };
        let within = self.within.map(|span| format!("tried for up to {span}"));
        [format!("{} {verb}", self.address)].into_iter().chain(within).collect()
    }

    fn finds_silence(&self) -> bool {
        self.expect == Reachability::Silent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_host_and_a_port() {
        for (address, is) in [("db:5432", Some(5432)), ("10.0.0.1:1", Some(1)), ("[::1]:65535", Some(65_535))] {
            assert_eq!(port(address), is, "{address}");
        }
        for address in ["db", "db:", ":5432", "db:0", "db:65536", "::1", "http://db:80", "[]:1", "db:x"] {
            assert_eq!(port(address), None, "{address}");
        }
    }
}
