//! Entra ID v2 of the simulated tenant: discovery, sign-in pages, device codes and tokens.

pub mod authorize;
pub mod device;
pub mod grant;
pub mod http;

use crate::sim::tenant::Clients;

/// What the authority remembers.
#[derive(Debug, Default)]
pub struct SignIn {}

impl SignIn {
    /// Ends every session of the person with this object id.
    pub fn revoke(&mut self, _person: &str) {}
}

/// The registrations of the tenant.
pub(crate) fn clients() -> Clients {
    Clients {
        public: "5c0a7b52-61f5-4d0b-9d7e-1f1b8f0f4e01".to_owned(),
        confidential: "5c0a7b52-61f5-4d0b-9d7e-1f1b8f0f4e02".to_owned(),
        confidential_secret: "Sim8Q~not.a.real.secret~only_for-the-simulated+tenant/0".to_owned(),
    }
}
