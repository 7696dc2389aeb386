//! Who consented to what: grants by people for themselves, and by administrators for everybody. [permissions-consent-overview]
//!
//! Must stay true: a grant stays until it is withdrawn, and a token holds all that was ever granted, not only what was asked
//! for this time. Who may grant is decided by the policy; the pages are in `authorize` and `admin_consent`.

use crate::sim::company::Person;
use crate::sim::entra::policy::{Policy, UserConsent};
use crate::sim::entra::scopes::{self, Asked};
use crate::sim::world::World;
use std::collections::{BTreeSet, HashMap};

/// The grants of the tenant.
#[derive(Clone, Debug, Default)]
pub struct Grants {
    /// Client → scopes, for everybody.
    everybody: HashMap<String, BTreeSet<String>>,
    /// Client and object id → scopes, for one person.
    own: HashMap<(String, String), BTreeSet<String>>,
    /// What people asked their administrators for by the form.
    pub requests: Vec<ConsentRequest>,
}

/// A request for approval, as somebody wrote it into the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentRequest {
    /// Object id of who asks.
    pub person: String,
    /// Client id of the program.
    pub client: String,
    /// The scopes it wants.
    pub scopes: Vec<String>,
    /// Why.
    pub reason: String,
}

impl Grants {
    /// An administrator grants `scopes` of Graph to the client for everybody.
    pub fn grant_everybody<I: IntoIterator<Item = S>, S: Into<String>>(&mut self, client: &str, scopes: I) {
        self.everybody.entry(client.to_owned()).or_default().extend(scopes.into_iter().map(Into::into));
    }

    /// Somebody (object id) grants for themselves.
    pub fn grant_own<I: IntoIterator<Item = S>, S: Into<String>>(&mut self, client: &str, person: &str, scopes: I) {
        let key = (client.to_owned(), person.to_owned());
        self.own.entry(key).or_default().extend(scopes.into_iter().map(Into::into));
    }

    /// Everything granted to the client is taken back.
    pub fn withdraw(&mut self, client: &str) {
        self.everybody.remove(client);
        self.own.retain(|(of, _), _| of != client);
    }

    /// One scope is taken back from the client.
    pub fn withdraw_scope(&mut self, client: &str, scope: &str) {
        let others = |scopes: &mut BTreeSet<String>| scopes.retain(|one| !one.eq_ignore_ascii_case(scope));
        self.everybody.get_mut(client).map(others);
        self.own.iter_mut().filter(|((of, _), _)| of == client).for_each(|(_, scopes)| others(scopes));
    }

    /// What an administrator granted to the client.
    #[must_use]
    pub fn by_administrators(&self, client: &str) -> Vec<String> {
        self.everybody.get(client).into_iter().flatten().cloned().collect()
    }

    fn all(&self, client: &str, person: &str) -> BTreeSet<String> {
        let own = self.own.get(&(client.to_owned(), person.to_owned()));
        self.everybody.get(client).into_iter().chain(own).flatten().cloned().collect()
    }
}

/// Everything the client holds for this person, whoever granted it.
fn granted(world: &World, client: &str, person: &str) -> BTreeSet<String> {
    let mut all = world.grants.all(client, person);
    all.extend(world.options.consented_earlier.iter().cloned());
    all
}

/// What nobody consented to yet.
pub(crate) fn missing(world: &World, client: &str, person: &str, asked: &Asked) -> Vec<String> {
    let granted = granted(world, client, person);
    if asked.everything {
        // Whoever granted anything before is not asked again. [scopes-oidc]
        let some = world.grants.all(client, person);
        return if some.is_empty() { configured(world, client, asked) } else { Vec::new() };
    }
    asked.granted(&world.options).into_iter().filter(|scope| !granted.contains(scope)).collect()
}

/// What the words of a request amount to: the scopes named, or all that is configured.
pub(crate) fn configured(world: &World, client: &str, asked: &Asked) -> Vec<String> {
    let all = asked.granted(&world.options);
    match world.registrations.find(client).and_then(|registration| registration.scopes.as_ref()) {
        Some(scopes) if asked.everything => all.into_iter().filter(|one| scopes.contains(one)).collect(),
        _ => all,
    }
}

/// Whether this person may consent to these scopes.
pub(crate) fn may(policy: &Policy, person: &Person, scopes: &[String]) -> bool {
    // Of a personal account nobody else is the master.
    if person.kind == "personal" || policy.administers(person) {
        return true;
    }
    scopes.iter().all(|scope| match policy.user_consent {
        UserConsent::Everything => true,
        UserConsent::OwnData => !scopes::is_administrators(scope),
        UserConsent::LowRisk => !scopes::is_administrators(scope) && scopes::is_low_risk(scope),
        UserConsent::Nothing => false,
    })
}

/// What a token of this client for this person holds: what was asked for in its order, then what was granted besides.
/// Nothing of Graph if nothing of Graph was asked for.
pub(crate) fn held(world: &World, client: &str, person: &str, asked: &Asked) -> Vec<String> {
    let mut granted = granted(world, client, person);
    if asked.everything {
        return scopes::in_order(&granted);
    }
    let mut held: Vec<String> = asked.graph.iter().filter(|scope| granted.remove(*scope)).cloned().collect();
    if !held.is_empty() {
        held.extend(scopes::in_order(&granted));
    }
    held
}
