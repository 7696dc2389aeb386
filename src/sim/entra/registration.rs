//! Registrations as data: who may ask for tokens, by which flows, and how they prove who they are. [reply-url; quickstart-register-app]
//!
//! The tenant begins with a few of its own; `WorldOptions::registrations`, `[[registration]]` of a FAULTS file, [`Script`] and
//! `POST /v1.0/applications` add others. What an administrator or a person consented to is not here but in `consent`.
//! Deliberately absent: the platform of mobile brokers, and owners' rights.
//!
//! [`Script`]: crate::sim::Script

pub(crate) use crate::sim::entra::certificate::Certificate;
use serde::Deserialize;
use url::Url;

/// Who can sign in to a registration. [v2-supported-account-types]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Audience {
    /// Accounts of the tenant of the registration only; `common` gives 50194.
    SingleTenant,
    /// Work and school accounts of any tenant; `consumers` gives 9002332.
    #[default]
    AnyTenant,
    /// Work, school and personal accounts.
    Everybody,
    /// Personal accounts only; any other tenant gives 9002331.
    Personal,
}

/// A secret of a registration.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientSecret {
    /// The id the portal shows beside it; often pasted instead of the value.
    #[serde(default)]
    pub id: String,
    /// The value.
    pub value: String,
    /// Seconds since 1970 at which it ends; absent for never.
    #[serde(default)]
    pub ends: Option<u64>,
}

/// A program the tenant knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Registration {
    /// The client id (application id), a GUID.
    pub client_id: String,
    /// Object id of the application; made from the client id if empty.
    pub object_id: String,
    /// Object id of the service principal in this tenant; made from the client id if empty.
    pub principal_id: String,
    /// The name people see.
    pub name: String,
    /// Who can sign in.
    pub audience: Audience,
    /// Addresses of the platform *Mobile and desktop applications*.
    pub redirect_uris: Vec<String>,
    /// Addresses of the platform *Web*: a secret is demanded (7000218).
    pub web_redirect_uris: Vec<String>,
    /// Addresses of the platform *Single-page application*: only browsers may redeem (9002327).
    pub spa_redirect_uris: Vec<String>,
    /// *Allow public client flows*: without it a device code ends in 7000218.
    pub public_client_flows: bool,
    /// Secrets.
    #[serde(rename = "secret")]
    pub secrets: Vec<ClientSecret>,
    /// Certificates, as PEM.
    pub certificates: Vec<String>,
    /// Delegated scopes of Graph that are configured; `.default` asks for these. `None`: all there are.
    pub scopes: Option<Vec<String>>,
    /// Application roles of Graph that are configured; an administrator has yet to grant them.
    pub wanted_roles: Vec<String>,
    /// Application roles that were granted.
    pub roles: Vec<String>,
    /// For an application the mailboxes it is limited to (alias or address); `None` for all. [application-rbac]
    pub mailboxes: Option<Vec<String>>,
    /// Switched off by an administrator: 7000112.
    pub disabled: bool,
    /// Registered here, but without a service principal (no enterprise application): 700016.
    pub without_principal: bool,
    /// Made by a script that did not yet make the service principal: people can sign in (that makes it), the application
    /// itself cannot (7000229).
    #[serde(skip)]
    pub principal_missing: bool,
    /// *Assignment required*: who is not in `assigned` gets 50105.
    pub assignment_required: bool,
    /// Who is assigned (alias, address or id).
    pub assigned: Vec<String>,
}

/// The platform an address is registered for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Platform {
    Desktop,
    Web,
    SinglePage,
}

impl Registration {
    /// A public client (a desktop program) as it should be: `http://localhost`, public client flows allowed.
    #[must_use]
    pub fn public(client_id: &str) -> Self {
        Self {
            client_id: client_id.to_owned(),
            name: "deskbell".to_owned(),
            redirect_uris: vec!["http://localhost".to_owned(), "http://127.0.0.1".to_owned(), NATIVE.to_owned()],
            public_client_flows: true,
            ..Self::default()
        }
        .complete()
    }

    /// A confidential client (a service) with this secret and these roles.
    #[must_use]
    pub fn confidential(client_id: &str, secret: &str, roles: &[&str]) -> Self {
        let roles: Vec<String> = roles.iter().map(|role| (*role).to_owned()).collect();
        let mut secrets = Vec::new();
        if !secret.is_empty() {
            secrets.push(ClientSecret { id: derived(client_id, "secret"), value: secret.to_owned(), ends: None });
        }
        Self {
            client_id: client_id.to_owned(),
            name: "deskbell service".to_owned(),
            wanted_roles: roles.clone(),
            roles,
            secrets,
            ..Self::default()
        }
        .complete()
    }

    /// With the ids that were left out.
    #[must_use]
    pub fn complete(mut self) -> Self {
        for (id, what) in [(&mut self.object_id, "application"), (&mut self.principal_id, "principal")] {
            if id.is_empty() {
                *id = derived(&self.client_id, what);
            }
        }
        if self.name.is_empty() {
            "deskbell".clone_into(&mut self.name);
        }
        self
    }

    /// The platform `redirect` is registered for; `None` if for none.
    pub(crate) fn platform(&self, redirect: &str) -> Option<Platform> {
        let all = [
            (&self.redirect_uris, Platform::Desktop),
            (&self.web_redirect_uris, Platform::Web),
            (&self.spa_redirect_uris, Platform::SinglePage),
        ];
        all.into_iter().find(|(uris, _)| uris.iter().any(|uri| fits(uri, redirect))).map(|(_, platform)| platform)
    }

    /// Where an answer goes if the request names no address.
    pub(crate) fn usual_redirect(&self) -> Option<&str> {
        let mut all = self.redirect_uris.iter().chain(&self.web_redirect_uris).chain(&self.spa_redirect_uris);
        all.next().map(String::as_str)
    }

    /// Whether it has anything to prove itself by.
    pub(crate) fn has_credentials(&self) -> bool {
        !self.secrets.is_empty() || !self.certificates.is_empty()
    }

    /// The certificates that can be read.
    pub(crate) fn certificates(&self) -> Vec<Certificate> {
        self.certificates.iter().filter_map(|pem| Certificate::from_pem(pem)).collect()
    }
}

/// The address for programs with a browser of their own; here a person pastes what the browser shows. [reply-url]
const NATIVE: &str = "https://login.microsoftonline.com/common/oauth2/nativeclient";

/// A GUID that belongs to `id` for `what`; the same at every start.
#[must_use]
pub(crate) fn derived(id: &str, what: &str) -> String {
    use std::fmt::Write as _;
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, format!("{id}|{what}").as_bytes());
    let mut text = String::with_capacity(36);
    for (index, byte) in digest.as_ref().iter().take(16).enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let byte = match index {
            6 => byte & 0x0f | 0x50,
            8 => byte & 0x3f | 0x80,
            _ => *byte,
        };
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Whether `redirect` is the registered `uri`: exactly, but for loopback by any port. [reply-url]
fn fits(uri: &str, redirect: &str) -> bool {
    let (Ok(known), Ok(sent)) = (Url::parse(uri), Url::parse(redirect)) else { return uri == redirect };
    if known.scheme() != "http" || !matches!(known.host_str(), Some("localhost" | "127.0.0.1")) {
        return uri == redirect;
    }
    known.scheme() == sent.scheme()
        && known.host_str() == sent.host_str()
        && known.path() == sent.path()
        && known.query() == sent.query()
        && sent.fragment().is_none()
        && sent.username().is_empty()
        && sent.password().is_none()
}

/// Why an address cannot be registered for the platform; `None` if it can. [reply-url]
pub(crate) fn not_registrable(uri: &str) -> Option<&'static str> {
    let Ok(url) = Url::parse(uri) else { return Some("is not an address") };
    if uri.len() > 256 {
        return Some("is longer than 256 characters");
    }
    if uri.contains(['!', '$', '\'', '(', ')', ',', ';', '*']) {
        return Some("holds a character that is not allowed");
    }
    if url.fragment().is_some() {
        return Some("has a fragment");
    }
    match (url.scheme(), url.host_str()) {
        ("http", Some("localhost" | "127.0.0.1")) => None,
        ("http", _) => Some("must begin with https, or be http://localhost"),
        _ => None,
    }
}

/// What the tenant knows.
#[derive(Clone, Debug, Default)]
pub struct Registrations {
    all: Vec<Registration>,
}

impl Registrations {
    /// These; a later one takes the place of an earlier one with the same client id.
    #[must_use]
    pub fn new(all: impl IntoIterator<Item = Registration>) -> Self {
        let mut registrations = Self::default();
        all.into_iter().for_each(|registration| registrations.put(registration));
        registrations
    }

    /// Adds one, or changes the one with the same client id.
    pub fn put(&mut self, registration: Registration) {
        let registration = registration.complete();
        match self.find_mut(&registration.client_id) {
            Some(present) => *present = registration,
            None => self.all.push(registration),
        }
    }

    /// The one with this client id.
    #[must_use]
    pub fn find(&self, client_id: &str) -> Option<&Registration> {
        self.all.iter().find(|registration| registration.client_id.eq_ignore_ascii_case(client_id))
    }

    /// The one with this client id, to change it.
    pub fn find_mut(&mut self, client_id: &str) -> Option<&mut Registration> {
        self.all.iter_mut().find(|registration| registration.client_id.eq_ignore_ascii_case(client_id))
    }

    /// All, in the order they were made.
    #[must_use]
    pub fn all(&self) -> &[Registration] {
        &self.all
    }

    /// Takes away the one with this client id.
    pub fn remove(&mut self, client_id: &str) {
        self.all.retain(|registration| !registration.client_id.eq_ignore_ascii_case(client_id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_counts_nowhere_but_on_loopback_nothing_else_is_free() {
        for (uri, sent, expected) in [
            ("http://localhost", "http://localhost:5001", true),
            ("http://localhost", "http://localhost:5001/", true),
            ("http://localhost", "http://127.0.0.1:5001", false),
            ("http://127.0.0.1", "http://127.0.0.1:5001", true),
            ("http://localhost", "http://[::1]:5001", false),
            ("http://localhost/auth", "http://localhost:5001/Auth", false),
            ("http://localhost", "http://localhost:1/?x=1", false),
            ("http://localhost", "http://me@localhost:1/", false),
            ("https://localhost", "https://localhost:5001", false),
            ("https://app.example/back", "https://app.example/back", true),
        ] {
            assert_eq!(fits(uri, sent), expected, "{uri} {sent}");
        }
    }
}
