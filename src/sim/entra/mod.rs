//! Entra ID v2 of the simulated tenant: discovery, sign-in pages, device codes and tokens.
//!
//! `http` routes, `authorize` and `device` are the two ways a person signs in, `grant` is the token endpoint, `token` makes
//! what it hands out, [`SignIn`] remembers it. Nobody has a password here: whoever opens the page picks whom to be.
//! Must stay true: every life (code, device code, token) is measured on the injected clock.
//! Deliberately absent: policies, certificates and consent by an administrator, which have their own issues.

pub mod authorize;
pub mod device;
pub mod grant;
pub mod http;

mod discovery;
mod error;
mod keys;
mod pages;
mod scopes;
mod token;

use crate::sim::tenant::Clients;
pub(crate) use keys::warm;
use scopes::Asked;
use std::collections::{BTreeSet, HashMap};

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
}

/// A sign-in that was approved: who, for whom, for what.
#[derive(Clone, Debug)]
pub(crate) struct Approval {
    person: String,
    client: String,
    asked: Asked,
    granted: Vec<String>,
    nonce: Option<String>,
    /// The ending count of the person at that time.
    begun: u64,
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

    fn ended(&self, person: &str) -> u64 {
        self.endings.get(person).copied().unwrap_or(0)
    }
}

/// The registrations of the tenant.
pub(crate) fn clients() -> Clients {
    Clients {
        public: "5c0a7b52-61f5-4d0b-9d7e-1f1b8f0f4e01".to_owned(),
        confidential: "5c0a7b52-61f5-4d0b-9d7e-1f1b8f0f4e02".to_owned(),
        confidential_secret: "Sim8Q~not.a.real.secret~only_for-the-simulated+tenant/0".to_owned(),
        expired_secret: "Sim8Q~this.one.has.expired".to_owned(),
        without_roles: "5c0a7b52-61f5-4d0b-9d7e-1f1b8f0f4e03".to_owned(),
    }
}
