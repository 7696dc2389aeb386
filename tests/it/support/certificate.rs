//! Certificates made on the spot: a fresh RSA key, a certificate it signed itself, and what it can sign besides.
//!
//! The DER is written by hand, so that neither the client's reading nor the simulated tenant's is tested with its own words.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// A certificate with its key.
pub(crate) struct Certificate {
    pair: KeyPair,
    pub(crate) der: Vec<u8>,
}

impl Certificate {
    /// One for `name`, good from `begin` to `end` (UTCTime, e.g. `260101000000Z`).
    pub(crate) fn new(name: &str, begin: &str, end: &str) -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).expect("a key");
        // sha256WithRSAEncryption, rsaEncryption, commonName. [RFC 8017; RFC 5280]
        let signing = sequence(&[&[0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 0x0b], &[5, 0]]);
        let plain = sequence(&[&[0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1], &[5, 0]]);
        let common = sequence(&[&[0x06, 3, 0x55, 4, 3], &element(0x0c, name.as_bytes())]);
        let subject = sequence(&[&element(0x31, &common)]);
        let validity = sequence(&[&element(0x17, begin.as_bytes()), &element(0x17, end.as_bytes())]);
        let bits = [&[0], pair.public_key().as_ref()].concat();
        let public = sequence(&[&plain, &element(0x03, &bits)]);
        let version = element(0xa0, &[2, 1, 2]);
        let body = sequence(&[&version, &[2, 1, 7], &signing, &subject, &validity, &subject, &public]);
        let signature = [&[0], sign(&pair, &RSA_PKCS1_SHA256, &body).as_slice()].concat();
        let der = sequence(&[&body, &signing, &element(0x03, &signature)]);
        Self { pair, der }
    }

    /// The certificate as PEM.
    pub(crate) fn pem(&self) -> String {
        pem("CERTIFICATE", &self.der)
    }

    /// Its key as PEM (PKCS#8).
    pub(crate) fn key_pem(&self) -> String {
        pem("PRIVATE KEY", self.pair.as_der().expect("a key").as_ref())
    }

    /// Its key in the older form (PKCS#1): what the newer one wraps.
    pub(crate) fn older_key_pem(&self) -> String {
        let der = self.pair.as_der().expect("a key");
        let der = der.as_ref();
        // Behind version and algorithm stands an octet string of more than 255 bytes with the key in it.
        let at = der.windows(5).position(|bytes| bytes[..2] == [0x04, 0x82] && bytes[4] == 0x30).expect("a key inside");
        pem("RSA PRIVATE KEY", &der[at + 4..])
    }

    /// `x5t`, or `x5t#S256`.
    pub(crate) fn thumbprint(&self, newer: bool) -> String {
        use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
        URL_SAFE_NO_PAD.encode(digest(if newer { &SHA256 } else { &SHA1_FOR_LEGACY_USE_ONLY }, &self.der))
    }

    /// A signed assertion with these claims: PS256 with `x5t#S256`, or the older RS256 with `x5t`.
    pub(crate) fn assertion(&self, newer: bool, claims: &Value) -> String {
        let header = if newer {
            json!({"alg": "PS256", "typ": "JWT", "x5t#S256": self.thumbprint(true)})
        } else {
            json!({"alg": "RS256", "typ": "JWT", "x5t": self.thumbprint(false)})
        };
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(&header), part(claims));
        let encoding: &'static dyn RsaEncoding = if newer { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
        let signature = sign(&self.pair, encoding, message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

fn sign(pair: &KeyPair, encoding: &'static dyn RsaEncoding, message: &[u8]) -> Vec<u8> {
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(encoding, &SystemRandom::new(), message, &mut signature).expect("a signature");
    signature
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(0x30, &parts.concat())
}

fn element(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = contents.len();
    let mut der = vec![tag];
    match length {
        0..=127 => der.push(u8::try_from(length).expect("short")),
        128..=255 => der.extend([0x81, u8::try_from(length).expect("short")]),
        _ => {
            der.extend([0x82, u8::try_from(length >> 8).expect("short"), u8::try_from(length & 0xff).expect("a byte")])
        }
    }
    der.extend(contents);
    der
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("ASCII")).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}
