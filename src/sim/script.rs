//! What moves the tenant from inside the process: approving a sign-in, revoking, breaking things, and counting requests.

use crate::sim::entra;
use crate::sim::entra::claims::Challenge;
use crate::sim::entra::policy::Conditional;
use crate::sim::entra::registration::Registration;
use crate::sim::faults::{Rule, Side};
use crate::sim::tenant::{Shared, lock};
use crate::sim::world::World;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::watch;

/// A request the tenant has answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedRequest {
    /// Which listener got it.
    pub side: Side,
    /// e.g. `GET`.
    pub method: String,
    /// Path without the query. Items of a `$batch` are not listed, the batch is.
    pub path: String,
    /// Query as sent; empty without one. Never logged for the authority, whose queries carry codes.
    pub query: String,
    /// HTTP status of the answer; 0 when the connection was cut.
    pub status: u16,
}

/// A handle on the running tenant.
#[derive(Clone)]
pub struct Script {
    shared: Arc<Shared>,
}

impl fmt::Debug for Script {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Script")
    }
}

impl Script {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Looks at or changes the world. Do not call the script from inside `change`.
    pub fn world<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        change(&mut lock(&self.shared.world))
    }

    /// Approves a device code for somebody (alias, address or id), as if done in a browser.
    ///
    /// # Errors
    /// What the page would say: an unknown or expired code, an unknown person.
    pub fn approve(&self, user_code: &str, person: &str) -> Result<(), String> {
        entra::device::decide(&self.shared, user_code, Some(person))
    }

    /// Refuses a device code.
    ///
    /// # Errors
    /// What the page would say: an unknown or expired code.
    pub fn refuse(&self, user_code: &str) -> Result<(), String> {
        entra::device::decide(&self.shared, user_code, None)
    }

    /// Signs somebody in at an authorize address, as if done in a browser, and gives the address the browser would be sent to
    /// (for `response_mode=query`). The caller fetches it.
    ///
    /// # Errors
    /// What the error page would say.
    pub fn authorize(&self, address: &str, person: &str) -> Result<String, String> {
        entra::authorize::decide(&self.shared, address, Some(person))
    }

    /// Refuses at an authorize address; gives the address the browser would be sent to.
    ///
    /// # Errors
    /// What the error page would say.
    pub fn cancel(&self, address: &str) -> Result<String, String> {
        entra::authorize::decide(&self.shared, address, None)
    }

    /// Presses *Back without consent* where an administrator is needed; gives the address the browser would be sent to.
    ///
    /// # Errors
    /// What the error page would say, or that there is no such button.
    pub fn go_back(&self, address: &str, person: &str) -> Result<String, String> {
        entra::authorize::go_back(&self.shared, address, person)
    }

    /// Opens the administrators' consent page at `address` as this person and accepts; gives the address the browser would be
    /// sent to.
    ///
    /// # Errors
    /// What the page would say, e.g. to somebody who is no administrator.
    pub fn admin_consent(&self, address: &str, person: &str) -> Result<String, String> {
        entra::admin_consent::decide(&self.shared, address, person)
    }

    /// Adds a registration, or changes the one with the same client id.
    pub fn register(&self, registration: Registration) {
        self.world(|world| world.registrations.put(registration));
    }

    /// Registers a certificate (PEM) for a client.
    ///
    /// # Errors
    /// If it is no certificate with an RSA key, or the client is unknown.
    pub fn register_certificate(&self, client: &str, pem: &str) -> Result<(), String> {
        entra::registration::Certificate::from_pem(pem).ok_or("This is no certificate with an RSA key.")?;
        self.world(|world| {
            let registration = world.registrations.find_mut(client).ok_or("Nobody registered this client.")?;
            registration.certificates.push(pem.to_owned());
            Ok(())
        })
    }

    /// Adds a rule of Conditional Access. Whoever signed in before has to do it again where a new sign-in helps.
    pub fn conditional(&self, mut rule: Conditional) {
        rule.since = lock(&self.shared.sign_in).latest();
        self.world(|world| world.policy.conditional.push(rule));
    }

    /// Tokens of somebody are refused at Graph until one comes with these claims.
    ///
    /// # Errors
    /// If the person is unknown.
    pub fn challenge(&self, person: &str, challenge: Challenge) -> Result<(), String> {
        let person = self.object_id(person)?;
        lock(&self.shared.sign_in).challenge(&person, challenge);
        Ok(())
    }

    /// Puts the clock of both servers so many seconds ahead of the real time; negative for behind.
    pub fn clock_ahead(&self, seconds: i64) {
        self.shared.clock_ahead.store(seconds, Ordering::SeqCst);
    }

    /// An access token for somebody without any sign-in; `scope` as in a request, empty for everything.
    ///
    /// # Errors
    /// If the person is unknown.
    pub fn token(&self, person: &str, scope: &str) -> Result<String, String> {
        entra::grant::outright(&self.shared, person, scope)
    }

    /// Ends every session of somebody: access tokens give 401, refresh tokens AADSTS50173.
    ///
    /// # Errors
    /// If the person is unknown.
    pub fn revoke(&self, person: &str) -> Result<(), String> {
        let person = self.object_id(person)?;
        lock(&self.shared.sign_in).revoke(&person);
        Ok(())
    }

    fn object_id(&self, person: &str) -> Result<String, String> {
        let found = self.world(|world| world.company.find(person).map(|index| world.person(index).id.clone()));
        found.ok_or_else(|| "Nobody of that name works here.".to_owned())
    }

    /// Adds a rule of misbehaviour.
    pub fn fault(&self, rule: Rule) {
        lock(&self.shared.faults).add(rule);
    }

    /// Ends all misbehaviour, challenges too.
    pub fn clear_faults(&self) {
        lock(&self.shared.sign_in).clear_challenges();
        lock(&self.shared.faults).clear();
    }

    /// Cuts the line, or mends it. While it is cut no connection succeeds and open ones break.
    pub fn offline(&self, offline: bool) {
        self.shared.offline.store(offline, Ordering::SeqCst);
    }

    /// How many requests to Graph are held back just now because a rule says that they are slow or late.
    #[must_use]
    pub fn held(&self) -> watch::Receiver<usize> {
        self.shared.held.subscribe()
    }

    /// The requests answered so far, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<LoggedRequest> {
        lock(&self.shared.log).clone()
    }

    /// Forgets the requests answered so far.
    pub fn clear_requests(&self) {
        lock(&self.shared.log).clear();
    }
}
