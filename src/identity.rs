//! Who signed: SSH keys, what they signed, and whether they may. Signing is left to `ssh-keygen`, so that agents,
//! passphrases, certificates and security keys work as they do elsewhere; checking is done here, because `ssh-keygen`
//! does not tell its failures apart.

pub mod certificate;
pub mod key;
pub mod keygen;
pub mod pattern;
mod revoked;
pub mod signature;
pub mod signers;
pub mod timestamp;
mod wire;

pub use certificate::Certificate;
pub use revoked::Revoked;
pub use signature::{Signer, check};
pub use signers::AllowedSigners;

/// What a sign-off is signed for. A signature made for anything else, such as a git commit, does not count.
pub const NAMESPACE: &str = "gonogo@v1";
