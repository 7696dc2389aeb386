//! The administrators' consent page: one yes for everybody of the tenant. [v2-admin-consent]
//!
//! Both forms: `/v2.0/adminconsent` with the scopes in the address, and the older `/adminconsent`, which takes what is
//! configured. `.default` also grants the application roles that are configured.

use crate::sim::company::Person;
use crate::sim::entra::account::unknown_application;
use crate::sim::entra::consent;
use crate::sim::entra::discovery::Tenancy;
use crate::sim::entra::error::Refusal;
use crate::sim::entra::scopes::Asked;
use crate::sim::entra::{authorize, pages};
use crate::sim::http::{Incoming, Outgoing, value};
use crate::sim::tenant::{Shared, lock};
use url::{Url, form_urlencoded};

/// A request whose client and redirect address are right.
struct Question<'a> {
    shared: &'a Shared,
    pairs: &'a [(String, String)],
    client: String,
    redirect: String,
    asked: Asked,
}

/// GET: the page. POST: the decision, from our own form.
pub(crate) fn handle(shared: &Shared, tenancy: &Tenancy, request: &Incoming) -> Outgoing {
    let pairs = request.query_pairs();
    let form = if request.method == "POST" { request.form_pairs() } else { Vec::new() };
    let refused = |refusal: &Refusal| Outgoing::page(refusal.status, pages::error(&refusal.sentence()));
    let question = match Question::read(shared, tenancy, &pairs, request.path.contains("/v2.0/")) {
        Ok(question) => question,
        Err(refusal) => return refused(&refusal),
    };
    let action = format!("{}?{}", request.path, request.query);
    let person = value(&form, "person").and_then(|person| authorize::who(&lock(&shared.world), person));
    let fields = match (value(&form, "decision"), person) {
        (Some("refuse"), _) => question.declined(),
        (Some("approve"), Some(person)) => match question.approved(&person) {
            Ok(fields) => fields,
            Err(refusal) => return refused(&refusal),
        },
        (_, Some(person)) => {
            let scopes = consent::configured(&lock(&shared.world), &question.client, &question.asked);
            return Outgoing::page(200, pages::consent(&action, &[], &person, &scopes));
        }
        (_, None) => {
            let world = lock(&shared.world);
            let people = world.company.people.iter().filter(|person| authorize::can_sign_in(&person.kind));
            let people: Vec<Person> = people.filter(|person| !person.is_outsider()).cloned().collect();
            return Outgoing::page(200, pages::picker(&action, &[], &people));
        }
    };
    Outgoing::page(302, String::new()).with("location", &question.address(&fields)).with("cache-control", "no-store")
}

/// Accepts at `address` as this person, without a browser.
pub(crate) fn decide(shared: &Shared, address: &str, person: &str) -> Result<String, String> {
    let url = Url::parse(address).map_err(|error| format!("Not an address: {error}."))?;
    let tenant = url.path_segments().and_then(|mut segments| segments.next()).unwrap_or("").to_owned();
    let pairs: Vec<(String, String)> =
        form_urlencoded::parse(url.query().unwrap_or("").as_bytes()).into_owned().collect();
    let tenancy = Tenancy::read(shared, &tenant).map_err(|refusal| refusal.sentence())?;
    let question = Question::read(shared, &tenancy, &pairs, url.path().contains("/v2.0/"))
        .map_err(|refusal| refusal.sentence())?;
    let found = authorize::who(&lock(&shared.world), person);
    let person = found.ok_or("Nobody of that name signs in here.")?;
    let fields = question.approved(&person).map_err(|refusal| refusal.sentence())?;
    Ok(question.address(&fields))
}

impl<'a> Question<'a> {
    fn read(
        shared: &'a Shared,
        tenancy: &Tenancy,
        pairs: &'a [(String, String)],
        newer: bool,
    ) -> Result<Self, Refusal> {
        match tenancy {
            Tenancy::Any(word) if word == "common" && newer => {
                let message =
                    "Consent for a whole tenant needs the tenant: send its id, its domain or 'organizations'.";
                return Err(Refusal::new("invalid_request", 50059, message));
            }
            Tenancy::Consumers => {
                let message = "Personal accounts have no administrator.";
                return Err(Refusal::new("invalid_request", 9_002_332, message));
            }
            _ => {}
        }
        let client = value(pairs, "client_id").ok_or_else(|| Refusal::missing("client_id"))?;
        let world = lock(&shared.world);
        let registration = world.registrations.find(client).ok_or_else(|| unknown_application(client))?;
        let redirect = value(pairs, "redirect_uri").or(registration.usual_redirect());
        let redirect = redirect.ok_or_else(|| Refusal::missing("redirect_uri"))?.to_owned();
        if registration.platform(&redirect).is_none() {
            let message =
                format!("The redirect address '{redirect}' is not registered for the application '{client}'.");
            return Err(Refusal::new("invalid_request", 50011, message));
        }
        let scope = match value(pairs, "scope") {
            Some(scope) if newer => scope,
            None if newer => return Err(Refusal::missing("scope")),
            _ => ".default",
        };
        let asked = Asked::read(scope, &shared.graph, &world.options)?;
        Ok(Self { shared, pairs, client: registration.client_id.clone(), redirect, asked })
    }

    /// Grants, if this person may.
    fn approved(&self, person: &Person) -> Result<Vec<(String, String)>, Refusal> {
        let mut world = lock(&self.shared.world);
        if person.is_outsider() || !world.policy.administers(person) {
            let message = "Only an administrator can grant permissions for everybody; ask one to open this address.";
            return Err(Refusal::new("access_denied", 90094, message));
        }
        let mut scopes = consent::configured(&world, &self.client, &self.asked);
        scopes.extend(self.asked.identity.iter().cloned());
        world.grants.grant_everybody(&self.client, scopes.iter().filter(|scope| scope.contains('.')).cloned());
        if let Some(registration) = world.registrations.find_mut(&self.client) {
            // Consent is what makes the enterprise application.
            registration.without_principal = false;
            registration.principal_missing = false;
            if self.asked.everything {
                let missing = registration.wanted_roles.iter().filter(|role| !registration.roles.contains(role));
                let missing: Vec<String> = missing.cloned().collect();
                registration.roles.extend(missing);
            }
        }
        let scopes: Vec<String> = scopes
            .iter()
            .map(
                |scope| {
                    if scope.contains('.') { format!("https://graph.microsoft.com/{scope}") } else { scope.clone() }
                },
            )
            .collect();
        Ok(self.with_state(vec![
            ("admin_consent".to_owned(), "True".to_owned()),
            ("tenant".to_owned(), self.shared.tenant_id.clone()),
            ("scope".to_owned(), scopes.join(" ")),
        ]))
    }

    fn declined(&self) -> Vec<(String, String)> {
        let refusal = Refusal::new("permission_denied", 65004, "The administrator cancelled the request.");
        let description = refusal.description(self.shared, &self.shared.ids.guid(), &self.shared.ids.guid());
        self.with_state(vec![("error".to_owned(), refusal.error), ("error_description".to_owned(), description)])
    }

    fn with_state(&self, mut fields: Vec<(String, String)>) -> Vec<(String, String)> {
        if let Some(state) = value(self.pairs, "state") {
            fields.push(("state".to_owned(), state.to_owned()));
        }
        fields
    }

    fn address(&self, fields: &[(String, String)]) -> String {
        let Ok(mut url) = Url::parse(&self.redirect) else { return self.redirect.clone() };
        url.query_pairs_mut().extend_pairs(fields);
        url.into()
    }
}
