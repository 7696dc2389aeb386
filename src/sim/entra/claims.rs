//! The `claims` parameter: what a client announces (`cp1`), and challenges that only fresh tokens answer. [claims-challenge]
//!
//! A challenge stands until a token was made with its claims; tokens from before stay refused. Announced is what makes a
//! token last a day and Graph answer with a challenge instead of a plain refusal.

use crate::sim::entra::error::Refusal;
use serde_json::{Value, json};

/// What was sent as `claims`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Claims {
    value: Value,
}

impl Claims {
    /// Reads the parameter; nothing at all is fine.
    ///
    /// # Errors
    /// 90023 if it is no JSON object.
    pub(crate) fn read(text: Option<&str>) -> Result<Self, Refusal> {
        let Some(text) = text else { return Ok(Self::default()) };
        match serde_json::from_str(text) {
            Ok(value @ Value::Object(_)) => Ok(Self { value }),
            _ => Err(Refusal::new("invalid_request", 90023, "The parameter 'claims' is not a JSON object.")),
        }
    }

    /// Whether the client says it can answer challenges: `{"access_token":{"xms_cc":{"values":["cp1"]}}}`.
    pub(crate) fn announced(&self) -> bool {
        let values = self.value["access_token"]["xms_cc"]["values"].as_array();
        values.is_some_and(|values| {
            values.iter().any(|value| value.as_str().is_some_and(|v| v.eq_ignore_ascii_case("cp1")))
        })
    }

    /// Whether everything `challenge` demands of the access token is asked for here, word by word.
    pub(crate) fn meet(&self, challenge: &Value) -> bool {
        let Value::Object(wanted) = &challenge["access_token"] else { return true };
        wanted
            .iter()
            .filter(|(name, _)| *name != "xms_cc")
            .all(|(name, value)| self.value["access_token"][name] == *value)
    }
}

/// A demand that an access token be made anew with certain claims.
#[derive(Clone, Debug, PartialEq)]
pub struct Challenge {
    /// JSON text as it goes into the header, e.g. `{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}`.
    pub claims: String,
    /// Whether several challenges come in one header, one for proof of possession first.
    pub several: bool,
    /// Whether a refresh with the claims is refused, so that only a person can answer.
    pub interactive: bool,
}

impl Challenge {
    /// A challenge a refresh answers.
    #[must_use]
    pub fn new(claims: &str) -> Self {
        Self { claims: claims.to_owned(), several: false, interactive: false }
    }

    /// The one of continuous access evaluation: a token made at `seconds` or later.
    #[must_use]
    pub fn not_before(seconds: u64) -> Self {
        Self::new(&json!({"access_token": {"nbf": {"essential": true, "value": seconds.to_string()}}}).to_string())
    }

    /// Several challenges in one header.
    #[must_use]
    pub fn several(mut self) -> Self {
        self.several = true;
        self
    }

    /// Only a person at a browser can answer.
    #[must_use]
    pub fn interactive(mut self) -> Self {
        self.interactive = true;
        self
    }

    fn value(&self) -> Value {
        serde_json::from_str(&self.claims).unwrap_or_default()
    }
}

/// A challenge that stands against somebody.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    /// Object id.
    pub(crate) person: String,
    pub(crate) challenge: Challenge,
    /// The first token made with the claims.
    met: Option<u64>,
}

impl Standing {
    pub(crate) fn new(person: &str, challenge: Challenge) -> Self {
        Self { person: person.to_owned(), challenge, met: None }
    }

    /// Whether a token with this serial number is refused.
    pub(crate) fn refuses(&self, serial: u64) -> bool {
        self.met.is_none_or(|met| serial < met)
    }

    /// Whether the claims of a request (and of the page before it) answer it.
    pub(crate) fn is_met(&self, sent: &Claims, on_the_page: &Claims) -> bool {
        let wanted = self.challenge.value();
        on_the_page.meet(&wanted) || !self.challenge.interactive && sent.meet(&wanted)
    }

    /// Whether a refresh tries to answer it and may not.
    pub(crate) fn needs_a_person(&self, sent: &Claims, on_the_page: &Claims) -> bool {
        let wanted = self.challenge.value();
        self.met.is_none() && self.challenge.interactive && sent.meet(&wanted) && !on_the_page.meet(&wanted)
    }

    /// A token that meets it was made.
    pub(crate) fn answered(&mut self, serial: u64) {
        self.met.get_or_insert(serial);
    }
}
