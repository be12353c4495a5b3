//! OpenSSH certificates (PROTOCOL.certkeys). Read here because the library takes none that is valid for ever, which is
//! what `ssh-keygen -s` makes unless set otherwise.

use super::wire::Wire;
use signature::Verifier as _;
use ssh_key::{PublicKey, Signature};

/// Behind the name of the key that a certificate is for.
const SUFFIX: &str = "-cert-v01@openssh.com";

/// What a certificate says, its authority's signature checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    pub key: PublicKey,
    pub id: String,
    /// For a person, not for a host.
    pub for_user: bool,
    pub principals: Vec<String>,
    /// Seconds since 1970: from this one on, and before that one.
    pub after: u64,
    pub before: u64,
    pub authority: PublicKey,
}

impl Certificate {
    /// Reads one; `None` where it is none, or where its authority did not sign it like this.
    #[must_use]
    pub fn read(blob: &[u8]) -> Option<Self> {
        let mut wire = Wire::new(blob);
        let kind = wire.text()?;
        let plain = plain_name(&kind)?;
        wire.field()?; // A nonce.
        let mut key = Wire::written(plain.as_bytes());
        for _ in 0..key_fields(&plain)? {
            key.extend(Wire::written(wire.field()?));
        }
        wire.long()?; // A serial number.
        let for_user = wire.number()? == 1;
        let id = wire.text()?;
        let mut names = Wire::new(wire.field()?);
        let mut principals = Vec::new();
        while !names.is_empty() {
            principals.push(names.text()?);
        }
        let (after, before) = (wire.long()?, wire.long()?);
        // Critical options, extensions, and what is reserved.
        for _ in 0..3 {
            wire.field()?;
        }
        let authority = PublicKey::from_bytes(wire.field()?).ok()?;
        let signed = &blob[..blob.len().checked_sub(wire.rest().len())?];
        let signature = Signature::try_from(wire.field()?).ok()?;
        if !wire.is_empty() || authority.key_data().verify(signed, &signature).is_err() {
            return None;
        }
        let key = PublicKey::from_bytes(&key).ok()?;
        Some(Self { key, id, for_user, principals, after, before, authority })
    }
}

/// The name of the key that a certificate of this kind is for.
fn plain_name(kind: &str) -> Option<String> {
    let name = kind.strip_suffix(SUFFIX)?;
    // Those of security keys keep what stands behind the `@`.
    Some(if name.starts_with("sk-") { format!("{name}@openssh.com") } else { name.to_owned() })
}

/// How many fields a key has after its name.
fn key_fields(name: &str) -> Option<usize> {
    Some(match name {
        "ssh-ed25519" => 1,
        "ssh-rsa" | "sk-ssh-ed25519@openssh.com" => 2,
        "sk-ecdsa-sha2-nistp256@openssh.com" => 3,
        _ if name.starts_with("ecdsa-sha2-nistp") => 2,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::BASE64;
    use proptest::prelude::*;

    /// Made by `ssh-keygen -s ca -I grace -n qa@small qa.pub`.
    const FOREVER: &str = include_str!("../../tests/fixtures/identity/forever-cert.pub");

    fn blob() -> Vec<u8> {
        BASE64.decode(FOREVER.split_whitespace().nth(1).unwrap().as_bytes()).unwrap()
    }

    #[test]
    fn one_that_is_valid_for_ever_is_read() {
        let read = Certificate::read(&blob()).unwrap();
        assert_eq!((read.id.as_str(), read.for_user), ("grace", true));
        assert_eq!(read.principals, ["qa@small"]);
        assert_eq!((read.after, read.before), (0, u64::MAX));
    }

    #[test]
    fn every_changed_byte_makes_it_none() {
        let blob = blob();
        for at in 0..blob.len() {
            let mut bad = blob.clone();
            bad[at] ^= 1;
            assert_eq!(Certificate::read(&bad), None, "byte {at}");
            assert_eq!(Certificate::read(&blob[..at]), None, "cut at {at}");
        }
    }

    proptest! {
        #[test]
        fn bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let with_kind = [Wire::written(b"ssh-ed25519-cert-v01@openssh.com"), bytes].concat();
            prop_assert_eq!(Certificate::read(&with_kind), None);
        }
    }
}
