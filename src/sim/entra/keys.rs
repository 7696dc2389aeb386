//! The key the authority signs with: one per process, made when first needed, and never written anywhere.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use std::sync::OnceLock;

struct Signer {
    key: EncodingKey,
    id: String,
    modulus: String,
    exponent: String,
}

/// # Panics
/// If the machine cannot make a key; nothing of the tenant works then.
fn signer() -> &'static Signer {
    static SIGNER: OnceLock<Signer> = OnceLock::new();
    SIGNER.get_or_init(|| make().expect("an RSA key can be made"))
}

fn make() -> Option<Signer> {
    let pair = KeyPair::generate(KeySize::Rsa2048).ok()?;
    let private = pair.as_der().ok()?;
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", wrapped(private.as_ref()));
    let public = pair.public_key().as_ref();
    let (modulus, exponent) = components(public)?;
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, public);
    Some(Signer {
        key: EncodingKey::from_rsa_pem(pem.as_bytes()).ok()?,
        id: URL_SAFE_NO_PAD.encode(&digest.as_ref()[..20]),
        modulus: URL_SAFE_NO_PAD.encode(modulus),
        exponent: URL_SAFE_NO_PAD.encode(exponent),
    })
}

fn wrapped(bytes: &[u8]) -> String {
    let text = STANDARD.encode(bytes);
    let lines: Vec<&str> = text.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    lines.join("\n")
}

/// Modulus and exponent of a DER `RSAPublicKey`: a sequence of two positive integers. [RFC 8017]
fn components(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (sequence, _) = element(der, 0x30)?;
    let (modulus, rest) = element(sequence, 0x02)?;
    let (exponent, _) = element(rest, 0x02)?;
    Some((positive(modulus), positive(exponent)))
}

/// Without the zero that keeps a great number positive.
pub(crate) fn positive(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(&[0]).unwrap_or(bytes)
}

/// The contents of the DER element of this tag at the beginning, and what follows it.
pub(crate) fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&first, rest) = der.split_first()?;
    let (&length, rest) = rest.split_first()?;
    if first != tag {
        return None;
    }
    let (length, rest) = if length < 0x80 {
        (usize::from(length), rest)
    } else {
        let count = usize::from(length & 0x7f);
        let bytes = rest.get(..count)?;
        (bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), &rest[count..])
    };
    Some((rest.get(..length)?, rest.get(length..)?))
}

/// `claims` as a signed JWT (RS256).
pub(crate) fn sign(claims: &Value) -> String {
    let signer = signer();
    let mut header = Header::new(Algorithm::RS256);
    header.kid = Some(signer.id.clone());
    header.x5t = Some(signer.id.clone());
    jsonwebtoken::encode(&header, claims, &signer.key).unwrap_or_default()
}

/// The public key, as `discovery/v2.0/keys` gives it.
pub(crate) fn published(issuer: &str) -> Value {
    let signer = signer();
    json!({"keys": [{
        "kty": "RSA", "use": "sig", "alg": "RS256", "kid": signer.id, "x5t": signer.id, "n": signer.modulus,
        "e": signer.exponent, "issuer": issuer,
    }]})
}

/// Makes the key now, so that the first sign-in does not wait for it.
pub(crate) fn warm() {
    let _ = signer();
}
