//! Certificates that a service is trusted by, from a file of their own.

use crate::input;
use crate::metrics::sources::SourceError;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use std::path::Path;
use std::sync::Arc;

/// The longest file of certificates that is read.
const LONGEST: u64 = 16 << 20;

/// The only authorities that a service is trusted by: the system's do not count beside it.
#[derive(Debug, Clone)]
pub struct Authority(Arc<RootCertStore>);

impl Authority {
    /// Reads a file of PEM certificates; a relative path is below `home`.
    ///
    /// # Errors
    /// Which file, and why it cannot be used.
    pub fn read(path: &str, home: &Path) -> Result<Self, SourceError> {
        let refuse = |why: String| SourceError::Authority { path: path.to_owned(), why };
        let bytes = input::read(&home.join(path), LONGEST);
        let bytes = bytes.map_err(|error| refuse(format!("cannot be read: {error}")))?;
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(&bytes) {
            let why = |why: String| refuse(format!("holds a certificate that cannot be read: {why}"));
            let certificate = certificate.map_err(|error| why(error.to_string()))?;
            roots.add(certificate).map_err(|error| why(error.to_string()))?;
        }
        if roots.is_empty() {
            return Err(refuse("holds no certificate; write it as PEM (BEGIN CERTIFICATE)".to_owned()));
        }
        Ok(Self(Arc::new(roots)))
    }

    /// TLS that trusts these and nothing else.
    pub fn client(&self) -> ClientConfig {
        // Another part of the program may have installed it already; either way it is there afterwards.
        let _ = rustls::crypto::ring::default_provider().install_default();
        ClientConfig::builder().with_root_certificates(Arc::clone(&self.0)).with_no_client_auth()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_certificate_says_what_is_wrong_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let read = |path: &str| Authority::read(path, folder.path()).unwrap_err().to_string();
        assert!(read("none.pem").starts_with("the CA file none.pem cannot be read: "));
        std::fs::write(folder.path().join("empty.pem"), "# nothing\n").unwrap();
        assert_eq!(
            read("empty.pem"),
            "the CA file empty.pem holds no certificate; write it as PEM (BEGIN CERTIFICATE)"
        );
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        std::fs::write(folder.path().join("broken.pem"), broken).unwrap();
        assert!(read("broken.pem").starts_with("the CA file broken.pem holds a certificate that cannot be read: "));
        std::fs::create_dir(folder.path().join("folder.pem")).unwrap();
        assert!(read("folder.pem").contains("directory"), "{}", read("folder.pem"));
    }
}
