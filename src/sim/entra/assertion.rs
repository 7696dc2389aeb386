//! Client assertions by certificate, checked as the service checks them. [certificate-credentials; RFC 7523]
//!
//! Both header forms: PS256 with `x5t#S256`, and the older RS256 with `x5t`. Must stay true: an assertion works once.

use crate::sim::entra::certificate::Certificate;
use crate::sim::entra::error::Refusal;
use crate::sim::entra::registration::Registration;
use crate::sim::http::seconds;
use crate::sim::tenant::{Shared, lock};
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// The one type of assertion there is.
pub(crate) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Clocks may differ by so many seconds.
const LEEWAY: u64 = 300;
/// An assertion may not be good for longer than a day.
const LONGEST: u64 = 24 * 60 * 60;

/// Checks `assertion` of `registration`, sent to one of `audiences` (addresses of the token endpoint).
///
/// # Errors
/// 50027 for what is no JWT, 700027 for certificate and signature, 700024 for its times, 50012 for the rest.
pub(crate) fn check(
    shared: &Shared,
    registration: &Registration,
    assertion: &str,
    audiences: &[String],
) -> Result<(), Refusal> {
    let client = &registration.client_id;
    let refuse = |code, message: String| Refusal::new("invalid_client", code, message);
    let malformed = || refuse(50027, "The JWT that was sent is malformed.".to_owned());
    let parts: Vec<&str> = assertion.split('.').collect();
    let [header, payload, signature] = parts.as_slice() else { return Err(malformed()) };
    let json = |part: &str| -> Option<Value> { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok() };
    let (Some(head), Some(claims)) = (json(header), json(payload)) else { return Err(malformed()) };
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| malformed())?;
    let certificates = registration.certificates();
    let text = |value: &Value, name: &str| value[name].as_str().unwrap_or_default().to_owned();
    let unknown = |thumbprint: &str| {
        refuse(
            700_027,
            format!("The certificate with thumbprint '{thumbprint}' is not registered on application '{client}'."),
        )
    };
    let found = match (text(&head, "x5t#S256"), text(&head, "x5t")) {
        (s256, _) if !s256.is_empty() => {
            certificates.iter().find(|one| one.x5t_s256() == s256).ok_or_else(|| unknown(&s256))?
        }
        (_, x5t) if !x5t.is_empty() => certificates.iter().find(|one| one.x5t() == x5t).ok_or_else(|| unknown(&x5t))?,
        _ => return Err(refuse(700_027, "The assertion's header names no certificate by 'x5t#S256'.".to_owned())),
    };
    if !signed(found, &text(&head, "alg"), &format!("{header}.{payload}"), &signature) {
        let message = format!("The client assertion of application '{client}' failed the check of its signature.");
        return Err(refuse(700_027, message));
    }
    if text(&claims, "iss") != *client || text(&claims, "sub") != *client {
        return Err(refuse(50012, "'iss' and 'sub' of the assertion must both be the client id.".to_owned()));
    }
    let audience = text(&claims, "aud");
    if !audiences.contains(&audience) {
        let message = format!("The assertion's audience '{audience}' is not this token endpoint.");
        return Err(refuse(50012, message));
    }
    in_time(&claims, seconds(shared.clock.now())).map_err(|message| refuse(700_024, message))?;
    let jti = text(&claims, "jti");
    if jti.is_empty() {
        return Err(refuse(50012, "The assertion has no 'jti'.".to_owned()));
    }
    if !lock(&shared.sign_in).first_use(client, &jti) {
        return Err(refuse(50012, "The assertion was used before; make a new one for every request.".to_owned()));
    }
    Ok(())
}

fn signed(certificate: &Certificate, algorithm: &str, message: &str, signature: &[u8]) -> bool {
    let key = RsaPublicKeyComponents { n: &certificate.modulus, e: &certificate.exponent };
    match algorithm {
        "PS256" => key.verify(&RSA_PSS_2048_8192_SHA256, message.as_bytes(), signature).is_ok(),
        "RS256" => key.verify(&RSA_PKCS1_2048_8192_SHA256, message.as_bytes(), signature).is_ok(),
        _ => false,
    }
}

fn in_time(claims: &Value, now: u64) -> Result<(), String> {
    let Some(end) = claims["exp"].as_u64() else { return Err("The assertion has no 'exp'.".to_owned()) };
    let begin = claims["nbf"].as_u64().or_else(|| claims["iat"].as_u64()).unwrap_or(now);
    let said = format!("Current time: {now}, assertion valid from {begin} to {end} (seconds since 1970).");
    if now + LEEWAY < begin {
        return Err(format!("The client assertion is not valid yet. {said}"));
    }
    if now >= end + LEEWAY {
        return Err(format!("The client assertion has expired. {said}"));
    }
    if end > begin + LONGEST {
        return Err(format!("The client assertion is valid for too long. {said}"));
    }
    Ok(())
}
