//! Whether two addresses lead to the same service.

use reqwest::Url;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

/// Resolving a name takes no longer.
const RESOLVE: Duration = Duration::from_secs(3);

/// Whether both have one port, and one host or an address in common. Schemes and paths are not compared: what strains one
/// strains the other.
pub(crate) async fn same(one: &Url, other: &Url) -> bool {
    let port = one.port_or_known_default();
    if port.is_none() || port != other.port_or_known_default() {
        return false;
    }
    let (Some(here), Some(there)) = (one.host_str(), other.host_str()) else { return false };
    here.eq_ignore_ascii_case(there) || !addresses(here).await.is_disjoint(&addresses(there).await)
}

async fn addresses(host: &str) -> BTreeSet<IpAddr> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let found = tokio::time::timeout(RESOLVE, tokio::net::lookup_host((bare, 0))).await;
    let mut all: BTreeSet<IpAddr> = match found {
        Ok(Ok(found)) => found.map(|address| address.ip().to_canonical()).collect(),
        Ok(Err(_)) | Err(_) => BTreeSet::new(),
    };
    // Every address of the loopback network is this machine.
    if all.iter().any(|address| address.is_loopback() || address.is_unspecified()) {
        all.insert(IpAddr::from([127, 0, 0, 1]));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_same_service_is_known_by_every_name() {
        for (one, other, is_same) in [
            ("http://127.0.0.1:8000/a", "https://localhost:8000/b", true),
            ("http://[::1]:8000/", "http://127.0.0.1:8000/", true),
            ("http://localhost:8000/", "http://localhost:8001/", false),
            ("https://Shop.Example/", "https://shop.example:443/x?y", true),
            ("http://10.0.0.1/", "http://10.0.0.2/", false),
        ] {
            let url = |text: &str| Url::parse(text).unwrap();
            assert_eq!(same(&url(one), &url(other)).await, is_same, "{one} {other}");
        }
    }
}
