//! `deskbell cert check`: what a service's certificate says, as the portal shows it.

use crate::base::clock::Clock;
use crate::cli::Ended;
use crate::cli::arguments::{Cert, CertVerb};
use crate::cli::output::Out;
use crate::domain::certificate::{CertificateFacts, KeyMatch};
use crate::engine::{SystemClock, access};
use serde_json::json;

/// Exit code of a certificate that is there and will not do.
const UNUSABLE: u8 = 1;

pub(crate) fn run(cert: &Cert, out: &Out) -> Ended {
    let CertVerb::Check { file, key } = &cert.verb;
    let facts = access::check_certificate(file, key.as_deref(), SystemClock.now())?;
    if out.is_json() {
        out.json(&json!({
            "schema": "deskbell.cert/1", "account": null,
            "items": [{
                "subject": facts.subject, "issuer": facts.issuer, "sha1": facts.sha1, "sha256": facts.sha256,
                "x5t": facts.x5t, "x5t#S256": facts.x5t_s256, "from": facts.from.to_string(),
                "until": facts.until.to_string(), "rsaBits": facts.rsa_bits, "key": key_word(facts.key),
                "warnings": facts.warnings,
            }],
            "errors": [],
        }));
    } else {
        tell(&facts, out);
    }
    let is_usable = facts.key != KeyMatch::Foreign && SystemClock.now() < std::time::SystemTime::from(facts.until);
    Ok(if is_usable { 0 } else { UNUSABLE })
}

fn tell(facts: &CertificateFacts, out: &Out) {
    let key = match facts.key {
        KeyMatch::Fits => "belongs to it",
        KeyMatch::Foreign => "belongs to another certificate",
        KeyMatch::Missing => "not in this file",
    };
    let bits = facts.rsa_bits.map_or_else(|| "not RSA".to_owned(), |bits| format!("RSA, {bits} bits"));
    for (name, value) in [
        ("Subject", facts.subject.as_str()),
        ("Issuer", &facts.issuer),
        ("Thumbprint", &facts.sha1),
        ("SHA-256", &facts.sha256),
        ("x5t", &facts.x5t),
        ("x5t#S256", &facts.x5t_s256),
        ("Good from", &facts.from.to_string()),
        ("Good until", &facts.until.to_string()),
        ("Public key", &bits),
        ("Private key", key),
    ] {
        out.line(&format!("{name:<12} {value}"));
    }
    for warning in &facts.warnings {
        out.line(&format!("{:<12} {warning}", "Note"));
    }
}

fn key_word(key: KeyMatch) -> &'static str {
    match key {
        KeyMatch::Fits => "fits",
        KeyMatch::Foreign => "foreign",
        KeyMatch::Missing => "missing",
    }
}
