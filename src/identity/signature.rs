//! A signature as `ssh-keygen -Y sign` writes it (PROTOCOL.sshsig), checked.

use super::wire::Wire;
use super::{Certificate, NAMESPACE};
use data_encoding::BASE64;
use ssh_key::{HashAlg, PublicKey, Signature, SshSig};
use thiserror::Error;

const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----";
const END: &str = "-----END SSH SIGNATURE-----";
const MAGIC: &[u8] = b"SSHSIG";

/// Longer than any signature with the longest certificate.
const LONGEST: usize = 64 * 1024;

/// Whose key made a signature. Whether they may is for [`super::AllowedSigners`] to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    pub key: PublicKey,
    /// Set when the key was presented with one.
    pub certificate: Option<Certificate>,
    /// The key or the certificate in the bytes that came with the signature.
    pub presented: Vec<u8>,
}

impl Signer {
    /// A public key, or a certificate, in the bytes that SSH passes on.
    #[must_use]
    pub fn read(blob: &[u8]) -> Option<Self> {
        if let Some(certificate) = Certificate::read(blob) {
            let key = certificate.key.clone();
            return Some(Self { key, certificate: Some(certificate), presented: blob.to_vec() });
        }
        let key = PublicKey::from_bytes(blob).ok()?;
        // The library takes some lengths that are none, and `ssh-keygen` does not.
        (key.to_bytes().ok()? == blob).then(|| Self { key, certificate: None, presented: blob.to_vec() })
    }

    /// The key's fingerprint as OpenSSH shows it, `SHA256:…`.
    pub fn fingerprint(&self) -> String {
        self.key.fingerprint(HashAlg::Sha256).to_string()
    }

    /// The kind of key: `ED25519`, with what vouches for it.
    pub fn kind(&self) -> String {
        let algorithm = self.key.algorithm();
        match &self.certificate {
            Some(certificate) => format!("{algorithm} certificate `{}`", certificate.id),
            None => algorithm.to_string(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Bad {
    #[error("it is no SSH signature: {0}")]
    Malformed(&'static str),
    #[error("it was made for `{0}`, not for {NAMESPACE}")]
    Namespace(String),
    #[error("its key is of a kind that is not supported")]
    Key,
    #[error("it does not fit the text: the text or the signature was changed")]
    Mismatch,
}

/// Whose signature of `message` this is.
///
/// # Errors
/// What is wrong with it.
pub fn check(armored: &str, message: &[u8]) -> Result<Signer, Bad> {
    let parts = Parts::read(&decoded(armored)?)?;
    if parts.namespace != NAMESPACE.as_bytes() {
        return Err(Bad::Namespace(String::from_utf8_lossy(&parts.namespace).into_owned()));
    }
    let hash = match parts.hash.as_slice() {
        b"sha256" => HashAlg::Sha256,
        b"sha512" => HashAlg::Sha512,
        _ => return Err(Bad::Malformed("its hash is neither sha256 nor sha512")),
    };
    let signer = Signer::read(&parts.key).ok_or(Bad::Key)?;
    if !is_whole(&parts.signature) {
        return Err(Bad::Malformed("its inner signature cannot be read"));
    }
    let signature = Signature::try_from(parts.signature.as_slice());
    let signature = signature.map_err(|_| Bad::Malformed("its inner signature cannot be read"))?;
    let whole = SshSig::new(signer.key.key_data().clone(), NAMESPACE, hash, signature);
    let whole = whole.map_err(|_| Bad::Malformed("its parts do not fit together"))?;
    signer.key.verify(NAMESPACE, message, &whole).map_err(|_| Bad::Mismatch)?;
    Ok(signer)
}

/// Whether an inner signature is its two fields and nothing else; security keys add flags and a counter.
fn is_whole(signature: &[u8]) -> bool {
    let mut wire = Wire::new(signature);
    let Some(name) = wire.field().map(<[u8]>::to_vec) else { return false };
    let more = if name.starts_with(b"sk-") { 5 } else { 0 };
    wire.field().is_some() && wire.rest().len() == more
}

fn decoded(armored: &str) -> Result<Vec<u8>, Bad> {
    if armored.len() > LONGEST {
        return Err(Bad::Malformed("it is too long"));
    }
    // As `ssh-keygen` reads it: nothing before the first line, and the last one is a line of its own.
    let inside = armored.trim_end().strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(END));
    let inside =
        inside.filter(|inside| inside.ends_with('\n')).ok_or(Bad::Malformed("its first or last line is missing"))?;
    let text: String = inside.split_whitespace().collect();
    BASE64.decode(text.as_bytes()).map_err(|_| Bad::Malformed("it is not base64"))
}

/// The fields between the magic bytes and the end.
struct Parts {
    key: Vec<u8>,
    namespace: Vec<u8>,
    hash: Vec<u8>,
    signature: Vec<u8>,
}

impl Parts {
    fn read(bytes: &[u8]) -> Result<Self, Bad> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(Bad::Malformed("its magic bytes are missing"))?;
        let cut = || Bad::Malformed("it is cut");
        let mut wire = Wire::new(rest);
        if wire.number().ok_or_else(cut)? != 1 {
            return Err(Bad::Malformed("it is of another version"));
        }
        let mut next = || Some(wire.field()?.to_vec());
        let fields = (|| Some([next()?, next()?, next()?, next()?, next()?]))();
        let [key, namespace, reserved, hash, signature] = fields.ok_or_else(cut)?;
        if !reserved.is_empty() || !wire.is_empty() {
            return Err(Bad::Malformed("it holds more than a signature"));
        }
        Ok(Self { key, namespace, hash, signature })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_signature_is_named_and_never_panics() {
        let joined = format!("{BEGIN}\nAAAA{END}\n");
        let later = format!(" {BEGIN}\nAAAA\n{END}\n");
        for text in ["", "-----BEGIN SSH SIGNATURE-----", "hello", &joined, &later] {
            assert_eq!(check(text, b"x"), Err(Bad::Malformed("its first or last line is missing")), "{text}");
        }
        let armored = |bytes: &[u8]| format!("{BEGIN}\n{}\n{END}\n", BASE64.encode(bytes));
        assert_eq!(check(&armored(b"SSHSIX"), b"x"), Err(Bad::Malformed("its magic bytes are missing")));
        assert_eq!(check(&armored(b"SSHSIG"), b"x"), Err(Bad::Malformed("it is cut")));
        let huge = [b"SSHSIG".as_slice(), &[0, 0, 0, 1, 255, 255, 255, 255, 1]].concat();
        assert_eq!(check(&armored(&huge), b"x"), Err(Bad::Malformed("it is cut")));
        assert_eq!(check(&format!("{BEGIN}\n!!!\n{END}"), b"x"), Err(Bad::Malformed("it is not base64")));
    }
}
