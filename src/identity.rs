//! Who signed: SSH keys, what they signed, and whether they may. Signing is left to `ssh-keygen`, so that agents,
//! passphrases, certificates and security keys work as they do elsewhere; checking is done here, because `ssh-keygen`
//! does not tell its failures apart.

pub(crate) mod certificate;
pub(crate) mod key;
pub(crate) mod keygen;
pub(crate) mod pattern;
mod revoked;
pub(crate) mod signature;
pub(crate) mod signers;
pub(crate) mod timestamp;
mod wire;

pub use certificate::Certificate;
pub(crate) use revoked::Revoked;
pub use signature::{Signer, check};
pub use signers::AllowedSigners;

/// What a sign-off is signed for. A signature made for anything else, such as a git commit, does not count.
pub const NAMESPACE: &str = "gonogo@v1";
