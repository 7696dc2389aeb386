//! What moves the tenant from inside the process: approving a sign-in, revoking, breaking things, and counting requests.

use crate::sim::entra;
use crate::sim::faults::{Rule, Side};
use crate::sim::tenant::{Shared, lock};
use crate::sim::world::World;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

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
        let person = self.world(|world| world.company.find(person).map(|index| world.person(index).id.clone()));
        let person = person.ok_or("Nobody of that name works here.")?;
        lock(&self.shared.sign_in).revoke(&person);
        Ok(())
    }

    /// Adds a rule of misbehaviour.
    pub fn fault(&self, rule: Rule) {
        lock(&self.shared.faults).add(rule);
    }

    /// Ends all misbehaviour.
    pub fn clear_faults(&self) {
        lock(&self.shared.faults).clear();
    }

    /// Cuts the line, or mends it. While it is cut no connection succeeds and open ones break.
    pub fn offline(&self, offline: bool) {
        self.shared.offline.store(offline, Ordering::SeqCst);
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
