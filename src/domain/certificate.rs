//! What a certificate of a service says, as a person compares it with the portal.

use jiff::Timestamp;

/// Whether a private key belongs to a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyMatch {
    /// It does.
    Fits,
    /// It belongs to another one.
    Foreign,
    /// There is none to compare.
    Missing,
}

/// A certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFacts {
    /// Whose it is, tame.
    pub subject: String,
    /// Who made it, tame.
    pub issuer: String,
    /// SHA-1 of it, upper-case hex: the "Thumbprint" of the portal.
    pub sha1: String,
    /// SHA-256 of it, upper-case hex.
    pub sha256: String,
    /// `x5t` of an assertion.
    pub x5t: String,
    /// `x5t#S256` of an assertion.
    pub x5t_s256: String,
    /// Good from then on.
    pub from: Timestamp,
    /// Good until then.
    pub until: Timestamp,
    /// Bits of its RSA key; nothing for a key of another kind.
    pub rsa_bits: Option<usize>,
    /// The private key beside it.
    pub key: KeyMatch,
    /// What stands in the way or will, one sentence each.
    pub warnings: Vec<String>,
}
