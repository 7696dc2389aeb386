//! Claims challenges: what a resource or the token endpoint wants to see in the next token, and how it is asked for.
//!
//! A 401 may carry `WWW-Authenticate: Bearer …, claims="<base64>"`; a refusal of the token endpoint may carry `claims` as JSON
//! text [claims-challenge; v2-conditional-access-dev-guide]. The answer is a token request with `claims`, merged with what we
//! announce of ourselves, so that one does not undo the other [app-resilience-continuous-access-evaluation].
//! Must stay true: the header is read as hostile text; what cannot be read is no challenge. Deliberately absent: any
//! understanding of what is demanded; it goes back to the service as it came.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value, json};

/// What a client announces that can answer challenges.
pub const CAPABILITIES: &[&str] = &["cp1"];
/// Longer challenges are not believed; real ones have a few hundred bytes.
const LONGEST: usize = 16 * 1024;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// A demand for claims. Holds no secret; it says what is wanted, not who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimsChallenge {
    demanded: Map<String, Value>,
}

impl ClaimsChallenge {
    /// A challenge as JSON text, as the token endpoint sends it.
    #[must_use]
    pub fn from_json(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        match serde_json::from_str(text.trim()).ok()? {
            Value::Object(demanded) if !demanded.is_empty() => Some(Self { demanded }),
            _ => None,
        }
    }

    /// The first usable challenge in the values of all `WWW-Authenticate` headers.
    #[must_use]
    pub fn from_headers<'a>(values: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        values.into_iter().filter(|value| value.len() <= LONGEST).flat_map(challenges).find_map(|challenge| {
            if !challenge.scheme.eq_ignore_ascii_case("Bearer") {
                return None;
            }
            let claims = challenge.parameters.iter().find(|(name, _)| name.eq_ignore_ascii_case("claims"))?;
            Self::decode(&claims.1)
        })
    }

    /// The value of `claims` in a header: base64 of either alphabet, with or without its padding; plain JSON is taken too.
    fn decode(value: &str) -> Option<Self> {
        let value = value.trim();
        if value.starts_with('{') {
            return Self::from_json(value);
        }
        let bytes = STANDARD.decode(value).or_else(|_| URL_SAFE.decode(value)).ok()?;
        Self::from_json(&String::from_utf8(bytes).ok()?)
    }

    /// The demand as JSON text, as it came.
    #[must_use]
    pub fn as_json(&self) -> String {
        Value::Object(self.demanded.clone()).to_string()
    }
}

/// The parameter `claims` of an authorize or token request: what `challenge` demands, and what we announce of ourselves.
#[must_use]
pub fn parameter(challenge: Option<&ClaimsChallenge>, capabilities: &[&str]) -> String {
    let mut claims = challenge.map(|challenge| challenge.demanded.clone()).unwrap_or_default();
    let access = claims.entry("access_token").or_insert_with(|| json!({}));
    if !access.is_object() {
        *access = json!({});
    }
    if let Value::Object(access) = access
        && !capabilities.is_empty()
    {
        access.insert("xms_cc".to_owned(), json!({"values": capabilities}));
    }
    Value::Object(claims).to_string()
}

/// One challenge of a header.
struct Challenge {
    scheme: String,
    parameters: Vec<(String, String)>,
}

/// Takes a header apart [RFC 9110, 11.6.1]: `scheme`, then parameters with commas between them; a word without `=` behind a
/// comma or at the start begins the next challenge. Forgiving: missing commas, bare values, empty elements.
fn challenges(header: &str) -> Vec<Challenge> {
    let mut found: Vec<Challenge> = Vec::new();
    let mut rest = header;
    loop {
        rest = rest.trim_start_matches([',', ' ', '\t']);
        let end = rest.find([' ', '\t', ',', '=']).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(end);
        if word.is_empty() && behind.is_empty() {
            return found;
        }
        let after_blanks = behind.trim_start_matches([' ', '\t']);
        if let Some(value) = after_blanks.strip_prefix('=') {
            let (value, left) = parameter_value(value.trim_start_matches([' ', '\t']));
            if let Some(challenge) = found.last_mut().filter(|_| !word.is_empty()) {
                challenge.parameters.push((word.to_owned(), value));
            }
            rest = left;
        } else {
            found.push(Challenge { scheme: word.to_owned(), parameters: Vec::new() });
            rest = behind;
        }
    }
}

/// A quoted string or a bare word at the start of `text`, and what is behind it.
fn parameter_value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([' ', '\t', ',']).unwrap_or(text.len());
        return (text[..end].to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    const WANTED: &str = r#"{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}"#;
    const ENCODED: &str = "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZSwidmFsdWUiOiIxNjA0MTA2NjUxIn19fQ==";

    fn read(headers: &[&str]) -> Option<String> {
        ClaimsChallenge::from_headers(headers.iter().copied()).map(|challenge| challenge.as_json())
    }

    #[test]
    fn the_challenge_is_found_wherever_it_stands() {
        let bare = ENCODED.trim_end_matches('=');
        for headers in [
            vec![format!(
                r#"Bearer realm="", authorization_uri="https://login.example/common/oauth2/authorize", client_id="x", error="insufficient_claims", claims="{ENCODED}""#
            )],
            vec![format!(r#"PoP nonce="abc,def=", Bearer claims="{bare}", error="insufficient_claims""#)],
            vec!["Basic realm=\"x\"".to_owned(), format!("bearer  realm=\"\" , CLAIMS = {bare}")],
            vec![format!(
                r#"Negotiate, PoP error="no \"quotes\"", Bearer error="a", claims="{ENCODED}", PoP nonce="z""#
            )],
            vec![format!(r#"Bearer realm="" error="insufficient_claims" claims="{ENCODED}""#)],
            vec![format!("Bearer claims=\"{}\"", WANTED.replace('"', "\\\""))],
        ] {
            let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
            assert_eq!(read(&headers).as_deref(), Some(WANTED), "{headers:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_no_challenge() {
        let huge = format!("Bearer claims=\"{}\"", "A".repeat(LONGEST));
        for header in [
            "",
            "Bearer",
            ",,,",
            "= = =",
            "Bearer realm=\"\"",
            "Bearer claims=\"\"",
            "Bearer claims=\"%%%\"",
            "Bearer claims=\"e30=\"",
            "Bearer claims=\"W10=\"",
            "Bearer claims=\"never closed",
            &format!("PoP claims=\"{ENCODED}\""),
            &huge,
        ] {
            assert_eq!(read(&[header]), None, "{header}");
        }
    }

    #[test]
    fn a_demand_and_what_we_announce_stand_side_by_side() {
        assert_eq!(parameter(None, CAPABILITIES), r#"{"access_token":{"xms_cc":{"values":["cp1"]}}}"#);
        let challenge = ClaimsChallenge::from_json(WANTED).expect("a challenge");
        let merged: Value = serde_json::from_str(&parameter(Some(&challenge), CAPABILITIES)).expect("JSON");
        assert_eq!(merged["access_token"]["nbf"]["value"], "1604106651");
        assert_eq!(merged["access_token"]["xms_cc"]["values"], json!(["cp1"]));
        assert_eq!(parameter(Some(&challenge), &[]), WANTED);
    }
}
