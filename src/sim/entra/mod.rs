//! Entra ID v2 of the simulated tenant: discovery, sign-in pages, device codes and tokens.
//!
//! `http` routes; `authorize` and `device` are the two ways a person signs in, both through `admission`; `admin_consent` is the
//! administrators' page; `grant` is the token endpoint, `assertion` and `certificate` how a service proves itself, `token` makes
//! what is handed out, [`SignIn`] remembers it. What is true of the tenant is data: `registration`, `policy`, `consent`.
//! Nobody has a password here: whoever opens the page picks whom to be.
//! Must stay true: every life (code, device code, token) is measured on the injected clock.
//! Deliberately absent: passwords, second factors and devices as such; a policy says whom it hits and with which number.

pub mod account;
pub mod authorize;
pub mod claims;
pub mod consent;
pub mod device;
pub mod grant;
pub mod http;
pub mod policy;
pub mod registration;

pub(crate) mod admin_consent;
pub(crate) mod scopes;

mod admission;
mod assertion;
mod certificate;
mod discovery;
mod error;
mod keys;
mod pages;
mod token;

use crate::sim::tenant::Clients;
use account::Account;
use claims::{Challenge, Claims, Standing};
pub(crate) use keys::warm;
use registration::{Audience, ClientSecret, Registration};
use scopes::Asked;
use std::collections::{BTreeSet, HashMap, HashSet};

/// What the authority remembers.
#[derive(Debug, Default)]
pub struct SignIn {
    codes: HashMap<String, authorize::Code>,
    devices: HashMap<String, device::Device>,
    refreshes: HashMap<String, token::Refresh>,
    access: HashMap<String, Access>,
    /// Browser sessions: cookie → object id.
    sessions: HashMap<String, String>,
    /// How often somebody's sessions were ended; what was begun before the last time is void.
    endings: HashMap<String, u64>,
    /// Counts sign-ins and access tokens; a later one has the greater number.
    serial: u64,
    /// Challenges that stand against people.
    challenges: Vec<Standing>,
    /// Assertions that were used: client and `jti`.
    assertions: HashSet<(String, String)>,
}

/// What an access token stands for.
#[derive(Clone, Debug)]
pub(crate) struct Access {
    /// Object id; `None` for an application.
    pub(crate) person: Option<String>,
    pub(crate) client: String,
    /// Scopes or roles with what they include, in lower case.
    pub(crate) held: BTreeSet<String>,
    /// Seconds since 1970.
    pub(crate) expires: u64,
    /// The ending count of the person when it was made.
    begun: u64,
    /// Its serial number.
    serial: u64,
    /// Whether the client said it can answer challenges.
    pub(crate) announced: bool,
    /// Whose account it is where.
    pub(crate) kind: Option<account::Kind>,
}

/// How a sign-in came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Page,
    Device,
    /// Without any sign-in, by the tenant's own door.
    Outright,
}

/// A sign-in that was approved: who, for whom, for what.
#[derive(Clone, Debug)]
pub(crate) struct Approval {
    /// Object id in our own list.
    person: String,
    account: Account,
    way: Way,
    /// Whether the client is a public one here: it need not prove itself.
    public: bool,
    client: String,
    asked: Asked,
    granted: Vec<String>,
    nonce: Option<String>,
    /// The ending count of the person at that time.
    begun: u64,
    /// Its serial number.
    serial: u64,
    /// When, in seconds since 1970.
    at: u64,
    /// The claims the page was asked with.
    claims: Claims,
}

impl SignIn {
    /// Ends every session of the person with this object id.
    pub fn revoke(&mut self, person: &str) {
        *self.endings.entry(person.to_owned()).or_default() += 1;
        self.sessions.retain(|_, owner| owner != person);
    }

    /// What this access token stands for; `None` if we never made it.
    pub(crate) fn access(&self, token: &str) -> Option<&Access> {
        self.access.get(token)
    }

    /// Whether the sessions of the token's person were ended since it was made.
    pub(crate) fn revoked(&self, access: &Access) -> bool {
        access.person.as_deref().is_some_and(|person| self.ended(person) > access.begun)
    }

    /// The number of what happens now.
    pub(crate) fn next(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// The number of what happened last.
    pub(crate) fn latest(&self) -> u64 {
        self.serial
    }

    /// From now on tokens of this person are refused until one comes with the claims.
    pub(crate) fn challenge(&mut self, person: &str, challenge: Challenge) {
        self.challenges.push(Standing::new(person, challenge));
    }

    /// Ends all challenges.
    pub(crate) fn clear_challenges(&mut self) {
        self.challenges.clear();
    }

    /// The challenge this token does not answer.
    pub(crate) fn challenged(&self, access: &Access) -> Option<&Challenge> {
        let person = access.person.as_deref()?;
        let standing = self.challenges.iter().find(|one| one.person == person && one.refuses(access.serial));
        standing.map(|standing| &standing.challenge)
    }

    /// Whether an assertion is seen for the first time.
    pub(crate) fn first_use(&mut self, client: &str, id: &str) -> bool {
        self.assertions.insert((client.to_owned(), id.to_owned()))
    }

    fn ended(&self, person: &str) -> u64 {
        self.endings.get(person).copied().unwrap_or(0)
    }
}

/// The ids and secrets of the tenant's own registrations.
pub(crate) fn clients() -> Clients {
    let id = |number: u8| format!("5c0a7b52-61f5-4d0b-9d7e-1f1b8f0f4e{number:02x}");
    Clients {
        public: id(1),
        confidential: id(2),
        confidential_secret: "Sim8Q~not.a.real.secret~only_for-the-simulated+tenant/0".to_owned(),
        confidential_secret_id: "7d1f6c0e-3b52-4a8c-9b1e-5f0a6d2c8e47".to_owned(),
        expired_secret: "Sim8Q~this.one.has.expired".to_owned(),
        without_roles: id(3),
        everybody: id(4),
        single_tenant: id(5),
        without_flows: id(6),
        web: id(7),
    }
}

/// The registrations the tenant begins with.
pub(crate) fn registrations() -> Vec<Registration> {
    let clients = clients();
    let secret = |id: &str, value: &str, ends| ClientSecret { id: id.to_owned(), value: value.to_owned(), ends };
    let secrets = vec![
        secret(&clients.confidential_secret_id, &clients.confidential_secret, None),
        secret("1e0b7a94-6c2d-4f35-8d6a-92b4c7f1e350", &clients.expired_secret, Some(1)),
    ];
    let public = Registration::public;
    vec![
        public(&clients.public),
        Registration {
            secrets: secrets.clone(),
            ..Registration::confidential(&clients.confidential, "", scopes::ROLES)
        },
        Registration { secrets, ..Registration::confidential(&clients.without_roles, "", &[]) },
        Registration { audience: Audience::Everybody, ..public(&clients.everybody) },
        Registration { audience: Audience::SingleTenant, ..public(&clients.single_tenant) },
        Registration { public_client_flows: false, ..public(&clients.without_flows) },
        Registration {
            web_redirect_uris: vec!["http://localhost".to_owned()],
            redirect_uris: Vec::new(),
            public_client_flows: false,
            ..public(&clients.web)
        },
    ]
}
