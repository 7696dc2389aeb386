//! A certificate as far as an assertion needs it: its DER, both thumbprints and the RSA key in it. [certificate-credentials]
//!
//! Read by hand, as a server of another make would: nothing of the client's own reading is shared. Only RSA keys count.

use crate::sim::entra::keys::{element, positive};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// A certificate that was registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Certificate {
    der: Vec<u8>,
    pub(crate) modulus: Vec<u8>,
    pub(crate) exponent: Vec<u8>,
}

impl Certificate {
    /// The first certificate of a PEM text; `None` if there is none with an RSA key.
    pub(crate) fn from_pem(pem: &str) -> Option<Self> {
        let (_, rest) = pem.split_once("-----BEGIN CERTIFICATE-----")?;
        let (body, _) = rest.split_once("-----END CERTIFICATE-----")?;
        let text: String = body.chars().filter(|character| !character.is_whitespace()).collect();
        Self::from_der(STANDARD.decode(text).ok()?)
    }

    /// A certificate in DER. [RFC 5280]
    pub(crate) fn from_der(der: Vec<u8>) -> Option<Self> {
        let (modulus, exponent) = key(&der)?;
        Some(Self { der, modulus, exponent })
    }

    /// `x5t`: base64url of SHA-1.
    pub(crate) fn x5t(&self) -> String {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, &self.der);
        URL_SAFE_NO_PAD.encode(digest)
    }

    /// `x5t#S256`: base64url of SHA-256.
    pub(crate) fn x5t_s256(&self) -> String {
        URL_SAFE_NO_PAD.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &self.der))
    }
}

/// Modulus and exponent of the subject's public key.
fn key(der: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let (certificate, _) = element(der, 0x30)?;
    let (mut rest, _) = element(certificate, 0x30)?;
    // The version stands in front in its own wrapping, and may be missing.
    if let Some((_, after)) = element(rest, 0xa0) {
        rest = after;
    }
    // Serial number, signature algorithm, issuer, validity, subject.
    for tag in [0x02, 0x30, 0x30, 0x30, 0x30] {
        (_, rest) = element(rest, tag)?;
    }
    let (public, _) = element(rest, 0x30)?;
    let (_algorithm, after) = element(public, 0x30)?;
    let (bits, _) = element(after, 0x03)?;
    let (sequence, _) = element(bits.strip_prefix(&[0])?, 0x30)?;
    let (modulus, rest) = element(sequence, 0x02)?;
    let (exponent, _) = element(rest, 0x02)?;
    Some((positive(modulus).to_vec(), positive(exponent).to_vec()))
}
