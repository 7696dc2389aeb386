//! A token from a command: `token.command` of the profile.
//!
//! The command prints a bare token, or JSON with `access_token` and `expires_on` or `expires_in` (the Azure CLI's `accessToken` is
//! taken too). Must stay true: what it prints is a secret and no error repeats it; a token that tells no end is taken to live ten
//! minutes, then the command is asked again. Deliberately absent: a shell. Who needs one names it: `["sh", "-c", "…"]`.

use super::Surroundings;
use super::claims::ClaimsChallenge;
use super::errors::AuthError;
use super::identity;
use super::renewing::{Fetch, Renewing};
use super::vault::AccessToken;
use crate::base::secret::Secret;
use crate::base::text::tame;
use crate::domain::token::TokenWay;
use crate::net::program::{ProgramError, output_of};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::Deserialize;
use serde_json::Value;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The life of a token that tells no end.
const UNTOLD_LIFE: Duration = Duration::from_mins(10);
/// No life is believed beyond this.
const LONGEST_LIFE: Duration = Duration::from_hours(168);
/// Shorter texts are no tokens but a word of the command's.
const SHORTEST_TOKEN: usize = 16;

/// The command, as a way to tokens.
#[derive(Clone, Debug)]
pub struct TokenCommand {
    command: Vec<String>,
    surroundings: Surroundings,
}

impl TokenCommand {
    /// `command`: the program and its arguments. Nothing is run yet.
    #[must_use]
    pub fn source(command: Vec<String>, surroundings: &Surroundings) -> Renewing<Self> {
        Renewing::new(Self { command, surroundings: surroundings.clone() }, surroundings.clone())
    }

    fn name(&self) -> String {
        self.command.first().map(|program| tame(program).into_owned()).unwrap_or_default()
    }

    fn useless(&self, why: &'static str) -> AuthError {
        AuthError::TokenCommand(ProgramError::Useless(self.name(), why))
    }

    async fn run(&self) -> Result<AccessToken, AuthError> {
        let clock = &self.surroundings.clock;
        let printed = output_of(&self.command, clock).await.map_err(AuthError::TokenCommand)?;
        let now = clock.now();
        let (token, end) = parse(printed.expose(), now).map_err(|why| self.useless(why))?;
        let end = end.or_else(|| identity::life_of(&token).ends.map(SystemTime::from));
        let expires = end.unwrap_or(now + UNTOLD_LIFE).min(now + LONGEST_LIFE);
        if expires <= now {
            return Err(self.useless("The token it printed has ended already."));
        }
        let clock_ahead = self.surroundings.clients.service_time().ahead().unwrap_or(0);
        Ok(AccessToken { token, received: now, expires, clock_ahead })
    }
}

impl Fetch for TokenCommand {
    fn fetch(&self, _challenge: Option<ClaimsChallenge>) -> BoxFuture<'_, Result<AccessToken, AuthError>> {
        self.run().boxed()
    }

    fn way(&self) -> TokenWay {
        TokenWay::Command
    }

    fn same_again(&self) -> AuthError {
        self.useless("It printed the same token again that Microsoft 365 has just refused.")
    }
}

#[derive(Deserialize)]
struct Printed {
    #[serde(alias = "accessToken", alias = "token")]
    access_token: String,
    #[serde(default)]
    expires_in: Option<Value>,
    #[serde(default)]
    expires_on: Option<Value>,
}

/// The token and its end, if that is told.
fn parse(text: &str, now: SystemTime) -> Result<(Secret<String>, Option<SystemTime>), &'static str> {
    let text = text.trim().trim_start_matches('\u{feff}');
    let (token, end) = if text.starts_with('{') {
        let printed: Printed =
            serde_json::from_str(text).map_err(|_| "It printed JSON without a text named access_token.")?;
        let after = printed.expires_in.as_ref().and_then(seconds).and_then(|seconds| now.checked_add(seconds));
        let at = printed.expires_on.as_ref().and_then(seconds).and_then(|seconds| UNIX_EPOCH.checked_add(seconds));
        (Secret::new(printed.access_token), at.or(after))
    } else {
        let bare = text.strip_prefix("Bearer ").unwrap_or(text).trim();
        (Secret::new(bare.to_owned()), None)
    };
    let is_token = |text: &str| text.len() >= SHORTEST_TOKEN && text.bytes().all(|byte| byte.is_ascii_graphic());
    if is_token(token.expose()) { Ok((token, end)) } else { Err("It printed something that is no token.") }
}

/// The whole seconds of a fraction.
fn whole(seconds: f64) -> Option<u64> {
    Duration::try_from_secs_f64(seconds).ok().map(|span| span.as_secs())
}

/// A number of seconds, as a number or as text.
fn seconds(value: &Value) -> Option<Duration> {
    let seconds = match value {
        Value::Number(number) => number.as_u64().or_else(|| number.as_f64().and_then(whole)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    seconds.map(Duration::from_secs)
}
