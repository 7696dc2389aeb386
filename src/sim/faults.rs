//! Misbehaviour by script: rules that make the tenant slow, throttled, failing, cut or wrong.
//!
//! A rule names the requests it means (side, method, path pattern) and which of them it hits (the `nth` and how many after
//! it). `assets/faults.example.toml` is the documented form of the file; [`read`] is the one parser of it.
//! Must stay true: waiting is done on the tenant's clock, never on a timer, so a test cranks through it.

use crate::sim::entra::claims::Challenge;
use crate::sim::entra::policy::Policy;
use crate::sim::entra::registration::Registration;
use serde::Deserialize;
use serde_json::Value;

/// Which listener.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Entra ID.
    Authority,
    /// Graph.
    #[default]
    Graph,
}

/// What happens to a request that is hit.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Answered only after so many milliseconds of the tenant's clock.
    Slow(u64),
    /// 429 with `Retry-After`; as a date instead of seconds if `true`. `None`: without the header.
    Throttle(Option<u64>, bool),
    /// This status with this body and, if given, `Retry-After` in seconds.
    Status(u16, FaultBody, Option<u64>),
    /// The connection breaks in the middle of the body; what was asked for is done.
    Cut,
    /// The connection breaks before anything is done.
    Drop,
    /// The connection breaks after so many bytes of the answer, its head and all; what was asked for is done. Graph only.
    CutAt(u64),
    /// The connection breaks when so many bytes of the request were read, its head and all; nothing is done.
    DropAt(u64),
    /// Done at once, answered only after so many milliseconds of the tenant's clock. Graph only.
    Late(u64),
    /// 200 with a body that is JSON of the wrong shape.
    WrongJson,
    /// 200 with a list whose next link is the request itself.
    Loop,
    /// The caller's sessions end and the answer is 401.
    Revoke,
    /// This status with `Retry-After` as a date, so many seconds ahead.
    BusyUntil(u16, u64),
    /// Graph: the caller is challenged, now and until a token comes with the claims. Authority: `interaction_required` with
    /// the claims, once.
    Challenge(Challenge),
    /// 410 `SyncStateNotFound`: the delta link is too old.
    Gone,
    /// An error of the token endpoint.
    Oauth(OauthFault),
}

/// The body that goes with a status.
#[derive(Clone, Debug, PartialEq)]
pub enum FaultBody {
    /// None at all.
    Empty,
    /// A page, as gateways send it.
    Html,
    /// Graph's error envelope with this code; for the authority see [`Action::Oauth`].
    Error(String),
    /// Exactly this.
    Json(Value),
    /// Exactly this text, as JSON by its content type.
    Text(String),
}

/// An error of the token endpoint. [v2-oauth2-auth-code-flow]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OauthFault {
    /// e.g. `invalid_grant`.
    pub error: String,
    /// The AADSTS number.
    pub code: u32,
    /// e.g. `bad_token`.
    pub suberror: Option<String>,
    /// The JSON text of a claims challenge.
    pub claims: Option<String>,
}

impl OauthFault {
    /// The number with the `error` and `suberror` that usually go with it. [v2-oauth2-auth-code-flow; MSAL error docs]
    #[must_use]
    pub fn usual(code: u32) -> Self {
        let (error, suberror) = match code {
            50072 | 50074 | 50076 | 50078 | 50079 | 50158 => ("interaction_required", Some("basic_action")),
            70000 => ("invalid_grant", Some("bad_token")),
            700_082 | 70008 | 70043 | 700_084 => ("invalid_grant", Some("token_expired")),
            65001 => ("invalid_grant", Some("consent_required")),
            50055 => ("invalid_grant", Some("user_password_expired")),
            50097 | 700_003 => ("invalid_grant", Some("device_authentication_failed")),
            53000 | 53001 => ("invalid_grant", Some("additional_action")),
            53003 | 530_032 | 530_036 => ("invalid_grant", Some("message_only")),
            53005 | 53009 => ("invalid_grant", Some("protection_policy_required")),
            90033 | 90055 => ("temporarily_unavailable", None),
            7_000_215 | 7_000_222 | 700_027 | 700_024 | 50012 | 7_000_218 => ("invalid_client", None),
            _ => ("invalid_grant", None),
        };
        Self { error: error.to_owned(), code, suberror: suberror.map(str::to_owned), claims: None }
    }

    /// With a claims challenge (JSON text).
    #[must_use]
    pub fn claims(mut self, claims: &str) -> Self {
        self.claims = Some(claims.to_owned());
        self
    }
}

/// Which requests are hit, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Which listener.
    pub side: Side,
    /// e.g. `GET`; `None` for all.
    pub method: Option<String>,
    /// Path after `/v1.0` or after the tenant; `*` stands for any run of characters. Compared without case.
    pub path: String,
    /// `grant_type` at the token endpoint, e.g. `refresh_token`; `None` for all.
    pub grant: Option<String>,
    /// The first matching request that is hit, from 1.
    pub nth: u64,
    /// How many are hit from there; `None` for all.
    pub times: Option<u64>,
    /// What happens.
    pub action: Action,
}

impl Rule {
    /// Hits the next request to Graph whose path fits `path`.
    #[must_use]
    pub fn graph(path: &str, action: Action) -> Self {
        let path = path.to_owned();
        Self { side: Side::Graph, method: None, path, grant: None, nth: 1, times: Some(1), action }
    }

    /// Hits the next request to the authority whose path fits `path`.
    #[must_use]
    pub fn authority(path: &str, action: Action) -> Self {
        Self { side: Side::Authority, ..Self::graph(path, action) }
    }

    /// Hits only this method.
    #[must_use]
    pub fn method(mut self, method: &str) -> Self {
        self.method = Some(method.to_owned());
        self
    }

    /// Hits from the `nth` matching request on.
    #[must_use]
    pub fn nth(mut self, nth: u64) -> Self {
        self.nth = nth;
        self
    }

    /// Hits so many requests.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Hits every one from `nth` on.
    #[must_use]
    pub fn always(mut self) -> Self {
        self.times = None;
        self
    }

    /// Hits only this `grant_type`.
    #[must_use]
    pub fn grant(mut self, grant: &str) -> Self {
        self.grant = Some(grant.to_owned());
        self
    }
}

/// The rules in force, with what they have seen.
#[derive(Debug, Default)]
pub struct Faults {
    rules: Vec<(Rule, u64)>,
}

impl Faults {
    /// These rules, in this order.
    #[must_use]
    pub fn new(rules: Vec<Rule>) -> Self {
        Self { rules: rules.into_iter().map(|rule| (rule, 0)).collect() }
    }

    /// Adds a rule.
    pub fn add(&mut self, rule: Rule) {
        self.rules.push((rule, 0));
    }

    /// Ends all rules.
    pub fn clear(&mut self) {
        self.rules.clear();
    }

    /// What happens to this request: every fitting rule counts it, those whose turn it is act.
    pub fn hit(&mut self, side: Side, method: &str, path: &str, grant: Option<&str>) -> Vec<Action> {
        self.hit_where(|action| !matches!(action, Action::DropAt(_)), side, method, path, grant)
    }

    /// After how many bytes of this request the connection breaks, if it does.
    pub fn dropped_after(&mut self, side: Side, method: &str, path: &str) -> Option<u64> {
        let actions = self.hit_where(|action| matches!(action, Action::DropAt(_)), side, method, path, None);
        actions.into_iter().find_map(|action| if let Action::DropAt(bytes) = action { Some(bytes) } else { None })
    }

    fn hit_where(
        &mut self,
        is_meant: impl Fn(&Action) -> bool,
        side: Side,
        method: &str,
        path: &str,
        grant: Option<&str>,
    ) -> Vec<Action> {
        let mut actions = Vec::new();
        for (rule, seen) in self.rules.iter_mut().filter(|(rule, _)| is_meant(&rule.action)) {
            let fits = rule.side == side
                && rule.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
                && rule.grant.as_deref().is_none_or(|wanted| Some(wanted) == grant)
                && fits_pattern(&rule.path.to_lowercase(), &path.to_lowercase());
            if !fits {
                continue;
            }
            *seen += 1;
            if *seen >= rule.nth && rule.times.is_none_or(|times| *seen - rule.nth < times) {
                actions.push(rule.action.clone());
            }
        }
        actions
    }
}

/// Whether `text` fits `pattern`, where `*` is any run of characters.
fn fits_pattern(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(rest) = pieces.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut rest = rest;
    let mut pieces = pieces.peekable();
    if pieces.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    true
}

/// What a FAULTS file says: how the tenant misbehaves, what its administrators decided, which programs it knows besides.
#[derive(Clone, Debug, Default)]
pub struct Behaviour {
    /// Rules of misbehaviour.
    pub rules: Vec<Rule>,
    /// `[policy]`.
    pub policy: Policy,
    /// `[[registration]]`.
    pub registrations: Vec<Registration>,
}

/// Reads a FAULTS file (TOML).
///
/// # Errors
/// A sentence that names the line or the rule and what is allowed there.
pub fn read(text: &str) -> Result<Behaviour, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    if let Some(at) = file.registration.iter().position(|registration| registration.client_id.is_empty()) {
        return Err(format!("[[registration]] number {}: `client_id` is missing", at + 1));
    }
    let registrations = file.registration.into_iter().map(Registration::complete).collect();
    let rule = |(index, written): (usize, Written)| {
        written.rule().map_err(|why| format!("[[fault]] number {}: {why}", index + 1))
    };
    let rules = file.fault.into_iter().enumerate().map(rule).collect::<Result<_, _>>()?;
    Ok(Behaviour { rules, policy: file.policy, registrations })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    fault: Vec<Written>,
    #[serde(default)]
    policy: Policy,
    #[serde(default)]
    registration: Vec<Registration>,
}

/// A rule as written; flat, so that a wrong key is named by its line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    on: Side,
    method: Option<String>,
    path: String,
    grant: Option<String>,
    #[serde(default = "one")]
    nth: u64,
    times: Option<u64>,
    action: String,
    milliseconds: Option<u64>,
    bytes: Option<u64>,
    retry_after: Option<u64>,
    #[serde(default)]
    as_date: bool,
    status: Option<u16>,
    body: Option<String>,
    code: Option<String>,
    error: Option<String>,
    aadsts: Option<u32>,
    suberror: Option<String>,
    claims: Option<String>,
    #[serde(default)]
    several: bool,
    #[serde(default)]
    interactive: bool,
}

fn one() -> u64 {
    1
}

impl Written {
    fn rule(self) -> Result<Rule, String> {
        let action = match self.action.as_str() {
            "slow" => Action::Slow(self.milliseconds.ok_or("`slow` needs `milliseconds`")?),
            "throttle" => Action::Throttle(self.retry_after, self.as_date),
            "status" if self.as_date => {
                Action::BusyUntil(self.status()?, self.retry_after.ok_or("`as_date` needs `retry_after` in seconds")?)
            }
            "challenge" => Action::Challenge(Challenge {
                claims: self.claims.clone().ok_or("`challenge` needs `claims`, a JSON text")?,
                several: self.several,
                interactive: self.interactive,
            }),
            "status" => Action::Status(self.status()?, self.fault_body()?, self.retry_after),
            "cut" => self.bytes.map_or(Action::Cut, Action::CutAt),
            "drop" => self.bytes.map_or(Action::Drop, Action::DropAt),
            "late" => Action::Late(self.milliseconds.ok_or("`late` needs `milliseconds`")?),
            "wrong-json" => Action::WrongJson,
            "loop" => Action::Loop,
            "revoke" => Action::Revoke,
            "gone" => Action::Gone,
            "oauth" => {
                let usual = OauthFault::usual(self.aadsts.ok_or("`oauth` needs `aadsts`, a number such as 70008")?);
                Action::Oauth(OauthFault {
                    error: self.error.clone().unwrap_or(usual.error),
                    suberror: self.suberror.clone().or(usual.suberror),
                    claims: self.claims.clone(),
                    code: usual.code,
                })
            }
            other => {
                return Err(format!(
                    "`{other}` is no action; allowed are slow, late, throttle, status, cut, drop, wrong-json, loop, revoke, challenge, gone, oauth"
                ));
            }
        };
        if self.nth == 0 {
            return Err("`nth` counts from 1".to_owned());
        }
        // Nothing written means once; 0 means for ever.
        let times = Some(self.times.unwrap_or(1)).filter(|times| *times > 0);
        Ok(Rule {
            side: self.on,
            method: self.method,
            path: self.path,
            grant: self.grant,
            nth: self.nth,
            times,
            action,
        })
    }

    fn status(&self) -> Result<u16, String> {
        let status = self.status.ok_or("`status` needs `status`, a number such as 503")?;
        if (200..600).contains(&status) { Ok(status) } else { Err("`status` goes from 200 to 599".to_owned()) }
    }

    fn fault_body(&self) -> Result<FaultBody, String> {
        match self.body.as_deref() {
            None | Some("json") => {
                Ok(FaultBody::Error(self.code.clone().unwrap_or_else(|| "ServiceUnavailable".to_owned())))
            }
            Some("empty") => Ok(FaultBody::Empty),
            Some("html") => Ok(FaultBody::Html),
            Some(other) => Err(format!("`{other}` is no body; allowed are json, html, empty")),
        }
    }
}
