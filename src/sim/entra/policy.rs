//! What the administrators of the tenant decided: consent, assignment, Conditional Access, lives of tokens, mailboxes.
//!
//! One value in the world, changed by tests (`script.world(|world| world.policy…)`) and by `[policy]` of a FAULTS file.
//! Untouched it lets everybody do everything, as a demo should. [configure-user-consent; concept-authentication-flows]
//! Deliberately absent: conditions on places and devices. A policy here says whom it hits and with which number.

use crate::sim::company::Person;
use crate::sim::entra::error::Refusal;
use crate::sim::faults::OauthFault;
use serde::Deserialize;

/// What ordinary people may consent to by themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UserConsent {
    /// Whatever is asked for.
    #[default]
    Everything,
    /// All but what needs an administrator in every tenant.
    OwnData,
    /// What the managed policy leaves: no mail, no calendar, no settings, no contacts to write.
    LowRisk,
    /// Nothing but signing in.
    Nothing,
}

/// Whether a refresh token works again after it was used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reuse {
    /// The old one works until it ends by itself. [refresh-tokens]
    #[default]
    Accepted,
    /// It works once: 70000 `bad_token` afterwards.
    Refused,
    /// It works once, and using it again ends the whole session: the new one is void too.
    EndsSession,
}

/// Where a rule of Conditional Access bites.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Where {
    /// At the page and at every refresh.
    #[default]
    Everywhere,
    /// Only at the page.
    SignIn,
    /// Only when tokens are renewed.
    Refresh,
}

/// A rule of Conditional Access, or another refusal by person.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conditional {
    /// Alias, address or id; `*` for everybody.
    #[serde(default = "everybody")]
    pub person: String,
    /// The AADSTS number. One about a second factor (50076 and its like) is answered by a new sign-in, others never.
    pub aadsts: u32,
    /// Where it bites.
    #[serde(default)]
    pub at: Where,
    /// `error` of the answer; the usual one of the number if absent.
    #[serde(default)]
    pub error: Option<String>,
    /// `suberror`; the usual one of the number if absent.
    #[serde(default)]
    pub suberror: Option<String>,
    /// JSON text of a claims challenge that goes with it; then a new sign-in must bring these claims.
    #[serde(default)]
    pub claims: Option<String>,
    /// Sign-ins up to this serial number do not answer it.
    #[serde(skip)]
    pub(crate) since: u64,
}

fn everybody() -> String {
    "*".to_owned()
}

impl Conditional {
    /// A rule that hits `person` with this number everywhere.
    #[must_use]
    pub fn new(person: &str, aadsts: u32) -> Self {
        let person = person.to_owned();
        Self { person, aadsts, at: Where::Everywhere, error: None, suberror: None, claims: None, since: 0 }
    }

    /// Bites only there.
    #[must_use]
    pub fn at(mut self, at: Where) -> Self {
        self.at = at;
        self
    }

    /// Comes with this claims challenge.
    #[must_use]
    pub fn claims(mut self, claims: &str) -> Self {
        self.claims = Some(claims.to_owned());
        self
    }

    /// Whether a new sign-in at the page answers it.
    fn is_answerable(&self) -> bool {
        self.claims.is_some() || matches!(self.aadsts, 50072 | 50074 | 50076 | 50078 | 50079 | 50158)
    }

    fn refusal(&self) -> Refusal {
        let usual = OauthFault::usual(self.aadsts);
        let fault = OauthFault {
            error: self.error.clone().unwrap_or(usual.error),
            code: self.aadsts,
            suberror: self.suberror.clone().or(usual.suberror),
            claims: self.claims.clone(),
        };
        Refusal::scripted(&fault)
    }
}

/// What is wrong with somebody's mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MailboxTrouble {
    /// Still on the company's own servers: 404 `MailboxNotEnabledForRESTAPI`.
    OnPremises,
    /// No licence: 401 `UnknownError` with an empty message.
    Unlicensed,
    /// The tenant has no Exchange: 401 `OrganizationFromTenantGuidNotFound`.
    NoExchange,
}

/// Trouble with the mailbox of somebody.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mailbox {
    /// Alias, address or id; `*` for everybody.
    #[serde(default = "everybody")]
    pub person: String,
    /// What is wrong.
    pub trouble: MailboxTrouble,
}

/// What the administrators decided.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// What ordinary people may consent to.
    pub user_consent: UserConsent,
    /// Whether the page that wants an administrator offers a form to ask for approval (90095 instead of 90094).
    pub request_form: bool,
    /// Who may consent to everything, for everybody (alias, address or id).
    pub administrators: Vec<String>,
    /// Device codes are blocked: 53003 at the page, 530036 for sessions that began with one.
    pub device_code_blocked: bool,
    /// Whether a used refresh token works again.
    pub refresh_tokens: Reuse,
    /// How long a refresh token is, in characters.
    pub refresh_token_length: usize,
    /// Life of access tokens in seconds; a random hour to hour and a half if absent, a day after `cp1`.
    pub token_seconds: Option<u64>,
    /// Seconds after which a new sign-in is demanded, used or not: 70043.
    pub sign_in_frequency: Option<u64>,
    /// Whether `cp1` is honoured: tokens of a day that can be challenged.
    pub continuous_access: bool,
    /// Accounts that were switched off: 50057.
    pub disabled: Vec<String>,
    /// Refusals by person.
    pub conditional: Vec<Conditional>,
    /// Mailboxes in trouble.
    pub mailbox: Vec<Mailbox>,
    /// How many seconds the clock of both servers is ahead of the real time; negative for behind.
    pub clock_ahead: i64,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            user_consent: UserConsent::Everything,
            request_form: false,
            administrators: vec!["itservice".to_owned()],
            device_code_blocked: false,
            refresh_tokens: Reuse::Accepted,
            refresh_token_length: 320,
            token_seconds: None,
            sign_in_frequency: None,
            continuous_access: true,
            disabled: Vec::new(),
            conditional: Vec::new(),
            mailbox: Vec::new(),
            clock_ahead: 0,
        }
    }
}

/// A session as the policy looks at it.
pub(crate) struct Session<'a> {
    /// Serial number of the sign-in.
    pub(crate) serial: u64,
    /// Whether it began with a device code.
    pub(crate) by_device: bool,
    /// Seconds since the sign-in.
    pub(crate) age: u64,
    /// The claims the page was asked with.
    pub(crate) claims: &'a crate::sim::entra::claims::Claims,
}

impl Policy {
    /// Whether this is an administrator.
    pub(crate) fn administers(&self, person: &Person) -> bool {
        self.administrators.iter().any(|name| is(name, person))
    }

    /// Why this person does not get past the page; `None` if nothing stands in the way.
    pub(crate) fn at_page(&self, person: &Person, by_device: bool) -> Option<Refusal> {
        if self.disabled.iter().any(|name| is(name, person)) {
            return Some(disabled());
        }
        if by_device && self.device_code_blocked {
            let message =
                "Access has been blocked by Conditional Access policies. The policy does not allow device codes.";
            return Some(Refusal::new("invalid_grant", 53003, message));
        }
        let mut rules = self.conditional.iter().filter(|rule| rule.at != Where::Refresh && is(&rule.person, person));
        rules.find(|rule| !rule.is_answerable()).map(Conditional::refusal)
    }

    /// The second factor a page would ask for; where there is no page it is a reason to refuse.
    pub(crate) fn second_factor(&self, person: &Person) -> Option<Refusal> {
        let mut rules = self.conditional.iter().filter(|rule| rule.at != Where::Refresh && is(&rule.person, person));
        rules.find(|rule| rule.is_answerable()).map(Conditional::refusal)
    }

    /// Why this person gets no new token from what was begun; `None` if nothing stands in the way.
    pub(crate) fn at_refresh(&self, person: &Person, session: &Session<'_>) -> Option<Refusal> {
        if self.disabled.iter().any(|name| is(name, person)) {
            return Some(disabled());
        }
        if session.by_device && self.device_code_blocked {
            let message = "Refresh is refused: a policy on authentication flows blocks the way this session began.";
            return Some(Refusal::new("invalid_grant", 530_036, message));
        }
        if self.sign_in_frequency.is_some_and(|frequency| session.age >= frequency) {
            let message = "The session has reached the sign-in frequency of a Conditional Access policy.";
            return Some(Refusal::scripted(&OauthFault::usual(70043)).saying(message));
        }
        let mut rules = self.conditional.iter().filter(|rule| rule.at != Where::SignIn && is(&rule.person, person));
        rules.find(|rule| !rule.is_answered(session)).map(Conditional::refusal)
    }

    /// What is wrong with the mailbox of somebody.
    pub(crate) fn trouble(&self, person: &Person) -> Option<MailboxTrouble> {
        self.mailbox.iter().find(|mailbox| is(&mailbox.person, person)).map(|mailbox| mailbox.trouble)
    }
}

impl Conditional {
    fn is_answered(&self, session: &Session<'_>) -> bool {
        let claims = self.claims.as_deref().map(|text| serde_json::from_str(text).unwrap_or_default());
        self.is_answerable()
            && claims.map_or(session.serial > self.since, |claims: serde_json::Value| session.claims.meet(&claims))
    }
}

fn disabled() -> Refusal {
    Refusal::new("invalid_grant", 50057, "The user account is disabled.")
}

/// Whether `name` (alias, address, principal name, id or `*`) means this person.
pub(crate) fn is(name: &str, person: &Person) -> bool {
    name == "*"
        || [&person.id, &person.alias, &person.user_principal_name].iter().any(|one| one.eq_ignore_ascii_case(name))
        || person.mail.as_deref().is_some_and(|mail| mail.eq_ignore_ascii_case(name))
}
