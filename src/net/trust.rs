//! Whose certificates are believed.
//!
//! Those of the system, and beside them the files that the configuration, `SSL_CERT_FILE` and `SSL_CERT_DIR` name. Must stay
//! true: every certificate is checked by the platform's own verifier, nothing here can say yes where it says no, and there is no
//! option that could; a file that was named and cannot be used is an error with its name.

use super::certificate::issuer;
use super::client::ClientError;
use crate::base::environment::Environment;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, OtherError, RootCertStore, SignatureScheme};
use rustls_platform_verifier::Verifier;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// No file of certificates is larger.
const LARGEST_FILE: u64 = 16 * 1024 * 1024;

/// What is believed beside the system's certificates. The default is nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust {
    files: Vec<Source>,
    folders: Vec<Source>,
}

/// Something that was named, and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The file or folder.
    pub path: PathBuf,
    /// `network.ca_files`, `SSL_CERT_FILE` or `SSL_CERT_DIR`.
    pub named_by: &'static str,
}

/// The certificate was not signed by anybody who is believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the certificate is signed by an unknown issuer ({})", .issuer.as_deref().unwrap_or("without a name"))]
pub struct UnknownIssuer {
    /// Whose signature stands under the last certificate that was shown.
    pub issuer: Option<String>,
}

impl Trust {
    /// The files of the configuration and what the environment names.
    #[must_use]
    pub fn of(environment: &Environment, ca_files: &[PathBuf]) -> Self {
        let configured = ca_files.iter().map(|path| Source { path: path.clone(), named_by: "network.ca_files" });
        let file = environment.get("SSL_CERT_FILE").map(PathBuf::from);
        let file = file.map(|path| Source { path, named_by: "SSL_CERT_FILE" });
        let folders = environment.get("SSL_CERT_DIR").map(|list| std::env::split_paths(list).collect::<Vec<_>>());
        let folders = folders.into_iter().flatten().filter(|path| !path.as_os_str().is_empty());
        Self {
            files: configured.chain(file).collect(),
            folders: folders.map(|path| Source { path, named_by: "SSL_CERT_DIR" }).collect(),
        }
    }

    /// What was named, files first; empty where only the system's certificates count.
    pub fn sources(&self) -> impl Iterator<Item = &Source> {
        self.files.iter().chain(&self.folders)
    }

    /// Reads what was named, each certificate once.
    ///
    /// # Errors
    /// [`ClientError::Certificates`] for a file that cannot be read or holds none, and for a folder that cannot be read.
    pub(super) fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, ClientError> {
        let mut found = BTreeSet::new();
        for source in &self.files {
            let certificates = read(&source.path).map_err(|why| unusable(source, why))?;
            if certificates.is_empty() {
                return Err(unusable(source, "It holds no certificate in PEM.".to_owned()));
            }
            found.extend(certificates.into_iter().map(|certificate| certificate.to_vec()));
        }
        for source in &self.folders {
            let entries = std::fs::read_dir(&source.path).map_err(|error| unusable(source, error.to_string()))?;
            // Such a folder also holds what is none of our business.
            let certificates = entries.flatten().filter_map(|entry| read(&entry.path()).ok()).flatten();
            found.extend(certificates.map(|certificate| certificate.to_vec()));
        }
        Ok(found.into_iter().map(CertificateDer::from).collect())
    }

    /// The TLS configuration that believes these and the system's.
    ///
    /// # Errors
    /// As [`Trust::certificates`], and [`ClientError::Library`] where the system has no certificates at all and none were named.
    pub(super) fn tls(&self) -> Result<ClientConfig, ClientError> {
        let library = |error: rustls::Error| ClientError::Library(error.to_string());
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let verifier = Verifier::new_with_extra_roots(self.certificates()?, provider.clone()).map_err(library)?;
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(library)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Telling { verifier }));
        let mut config = config.with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }
}

fn unusable(source: &Source, why: String) -> ClientError {
    ClientError::Certificates { path: source.path.clone(), named_by: source.named_by, why }
}

/// The certificates of a file, PEM or one in DER.
fn read(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let told = |error: std::io::Error| format!("The system says: {error}.");
    let metadata = std::fs::metadata(path).map_err(told)?;
    if !metadata.is_file() || metadata.len() > LARGEST_FILE {
        return Err("It is no file of certificates.".to_owned());
    }
    let bytes = std::fs::read(path).map_err(told)?;
    let pem: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    let certificates = pem.map_err(|error| format!("A certificate in it is damaged: {error}."))?;
    let certificates =
        if certificates.is_empty() && bytes.first() == Some(&0x30) { vec![bytes.into()] } else { certificates };
    for certificate in &certificates {
        // The check that the verifier makes, here where the file's name is known.
        let added = RootCertStore::empty().add(certificate.clone());
        added.map_err(|error| format!("A certificate in it is damaged: {error}."))?;
    }
    Ok(certificates)
}

/// The platform's verifier, which is asked about everything; a refusal for want of a known issuer is told with the issuer's name.
#[derive(Debug)]
struct Telling {
    verifier: Verifier,
}

impl ServerCertVerifier for Telling {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let checked = self.verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        checked.map_err(|error| match error {
            rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
                let last = intermediates.last().unwrap_or(end_entity);
                let unknown = UnknownIssuer { issuer: issuer(last) };
                rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(unknown))))
            }
            other => other,
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}
