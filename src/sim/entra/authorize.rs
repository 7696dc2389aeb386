//! The authorize page: who signs in, whether they approve, and the way back to the client. [v2-oauth2-auth-code-flow]
//!
//! Until client and redirect address are known to belong together nothing is redirected: the person sees an error page and
//! the client hears nothing. Everything after that goes back to the client, errors too.

use crate::sim::company::Person;
use crate::sim::entra::account::{Account, admits, unknown_application};
use crate::sim::entra::admission::{self, Admission, admit};
use crate::sim::entra::claims::Claims;
use crate::sim::entra::consent::{self, ConsentRequest};
use crate::sim::entra::discovery::Tenancy;
use crate::sim::entra::error::Refusal;
use crate::sim::entra::registration::Platform;
use crate::sim::entra::scopes::Asked;
use crate::sim::entra::{Approval, Way, pages};
use crate::sim::http::{Incoming, Outgoing, seconds, value};
use crate::sim::tenant::{Shared, lock};
use crate::sim::world::World;
use url::{Url, form_urlencoded};

/// An authorization code lives so many seconds. [v2-oauth2-auth-code-flow]
const CODE_LIFE: u64 = 600;
/// The cookie of the browser session.
const COOKIE: &str = "ESTSAUTHPERSISTENT";

/// A code that was handed out.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub(crate) approval: Approval,
    pub(crate) redirect: String,
    /// The platform that address is registered for.
    pub(crate) platform: Platform,
    /// The tenant as it stood in the path.
    pub(crate) tenant: String,
    /// PKCE method and challenge.
    pub(crate) challenge: Option<(String, String)>,
    /// Seconds since 1970.
    pub(crate) expires: u64,
    pub(crate) used: bool,
}

/// An authorize request whose client and redirect address are right.
struct Question<'a> {
    shared: &'a Shared,
    tenancy: &'a Tenancy,
    pairs: &'a [(String, String)],
    client: String,
    redirect: String,
    platform: Platform,
    posted: bool,
}

/// What is asked for, once the request is understood.
struct Wanted {
    asked: Asked,
    claims: Claims,
}

/// GET: the page. POST: the decision, from our own form.
pub(crate) fn handle(shared: &Shared, tenancy: &Tenancy, request: &Incoming) -> Outgoing {
    let mut pairs = request.query_pairs();
    // The request itself may come as a form too. [v2-oauth2-auth-code-flow]
    let form = if request.method == "POST" { request.form_pairs() } else { Vec::new() };
    if pairs.is_empty() {
        pairs.clone_from(&form);
    }
    let question = match Question::read(shared, tenancy, &pairs) {
        Ok(question) => question,
        Err(refusal) => return refused_page(shared, &refusal),
    };
    let wanted = match question.check() {
        Ok(wanted) => wanted,
        Err(refusal) => return question.send_refusal(&refusal),
    };
    let session = cookie(request).and_then(|cookie| lock(&shared.sign_in).sessions.get(&cookie).cloned());
    let prompt = question.prompt();
    if prompt == "none" {
        return match session {
            Some(person) => question.silently(&person, wanted),
            None => question.send_refusal(&Refusal::new(
                "login_required",
                50058,
                "Nobody is signed in, and the request allows no page.",
            )),
        };
    }
    let hint = value(&pairs, "login_hint").filter(|_| prompt != "select_account");
    let signed_in = session.filter(|_| prompt.is_empty());
    let picked = value(&form, "person").or(hint).or(signed_in.as_deref());
    let picked = picked.and_then(|person| who(&lock(&shared.world), person));
    match (value(&form, "decision"), picked) {
        (Some("refuse"), _) => question.send(&question.declined()),
        (Some("approve"), Some(person)) => match question.approved(&person, wanted) {
            Ok(fields) => question.remember(&person, question.send(&fields)),
            Err(refusal) => refused_page(shared, &refusal),
        },
        (Some("back"), Some(person)) => match question.back(&person, &wanted) {
            Ok(fields) => question.send(&fields),
            Err(refusal) => refused_page(shared, &refusal),
        },
        (Some("request"), Some(person)) => {
            question.request_approval(&person, &wanted, value(&form, "reason").unwrap_or(""));
            let body = "<p>Your request was sent to your administrators. You may now close this window.</p>";
            Outgoing::page(200, pages::page("Request sent", body))
        }
        (_, Some(person)) => {
            // Whoever is signed in and has nothing left to be asked goes straight through.
            let through = signed_in.as_deref() == Some(person.id.as_str());
            question.ask(&person, wanted, through, request)
        }
        (_, None) => question.pick(request),
    }
}

/// Decides an authorize address without a browser: somebody approves, or nobody does.
pub(crate) fn decide(shared: &Shared, address: &str, person: Option<&str>) -> Result<String, String> {
    with_question(shared, address, |question| {
        let fields = match (person, question.check()) {
            (_, Err(refusal)) => question.refusal(&refusal),
            (None, Ok(_)) => question.declined(),
            (Some(person), Ok(wanted)) => {
                let found = who(&lock(&shared.world), person);
                let person = found.ok_or("Nobody of that name signs in here.")?;
                question.approved(&person, wanted).map_err(|refusal| refusal.sentence())?
            }
        };
        Ok(question.address(&fields))
    })
}

/// Presses *Back* where an administrator is needed.
pub(crate) fn go_back(shared: &Shared, address: &str, person: &str) -> Result<String, String> {
    with_question(shared, address, |question| {
        let wanted = question.check().map_err(|refusal| refusal.sentence())?;
        let found = who(&lock(&shared.world), person);
        let person = found.ok_or("Nobody of that name signs in here.")?;
        let fields = question.back(&person, &wanted).map_err(|refusal| refusal.sentence())?;
        Ok(question.address(&fields))
    })
}

fn with_question(
    shared: &Shared,
    address: &str,
    then: impl FnOnce(&Question<'_>) -> Result<String, String>,
) -> Result<String, String> {
    let url = Url::parse(address).map_err(|error| format!("Not an address: {error}."))?;
    let tenant = url.path_segments().and_then(|mut segments| segments.next()).unwrap_or("").to_owned();
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let tenancy = Tenancy::read(shared, &tenant).map_err(|refusal| refusal.sentence())?;
    let question = Question::read(shared, &tenancy, &pairs).map_err(|refusal| refusal.sentence())?;
    then(&question)
}

impl<'a> Question<'a> {
    fn read(shared: &'a Shared, tenancy: &'a Tenancy, pairs: &'a [(String, String)]) -> Result<Self, Refusal> {
        let client = value(pairs, "client_id").ok_or_else(|| Refusal::missing("client_id"))?;
        let world = lock(&shared.world);
        let registration = world.registrations.find(client).ok_or_else(|| unknown_application(client))?;
        admits(tenancy, registration)?;
        let Some(usual) = registration.usual_redirect() else {
            let message = "The application has no redirect address.";
            return Err(Refusal::new("invalid_request", 500_113, message));
        };
        let redirect = value(pairs, "redirect_uri").unwrap_or(usual).to_owned();
        let Some(platform) = registration.platform(&redirect) else {
            let message =
                format!("The redirect address '{redirect}' is not registered for the application '{client}'.");
            return Err(Refusal::new("invalid_request", 50011, message));
        };
        let client = registration.client_id.clone();
        let posted = value(pairs, "response_mode") == Some("form_post");
        Ok(Self { shared, tenancy, pairs, client, redirect, platform, posted })
    }

    fn prompt(&self) -> &str {
        value(self.pairs, "prompt").unwrap_or("")
    }

    /// Whatever is wrong from here on is told to the client.
    fn check(&self) -> Result<Wanted, Refusal> {
        let malformed = |code, message: &str| Err(Refusal::new("invalid_request", code, message));
        match value(self.pairs, "response_type") {
            Some("code") => {}
            None => return Err(Refusal::missing("response_type")),
            Some(other) => {
                let message = format!("The response_type '{other}' is not enabled for the application.");
                return Err(Refusal::new("unsupported_response_type", 700_054, message));
            }
        }
        match value(self.pairs, "response_mode") {
            None | Some("query" | "form_post") => {}
            Some(_) => return malformed(70007, "The 'response_mode' value is not supported when requesting a code."),
        }
        if value(self.pairs, "prompt")
            .is_some_and(|prompt| !["none", "login", "select_account", "consent"].contains(&prompt))
        {
            return malformed(90023, "The 'prompt' value is not supported.");
        }
        if let Some(challenge) = value(self.pairs, "code_challenge") {
            if !(43..=128).contains(&challenge.len()) {
                return malformed(501_491, "The code_challenge must be 43 to 128 characters long.");
            }
            if !matches!(value(self.pairs, "code_challenge_method"), None | Some("S256" | "plain")) {
                return malformed(50147, "The 'code_challenge_method' is not supported.");
            }
        }
        let scope = value(self.pairs, "scope").ok_or_else(|| Refusal::missing("scope"))?;
        let asked = Asked::read(scope, &self.shared.graph, &lock(&self.shared.world).options)?;
        Ok(Wanted { asked, claims: Claims::read(value(self.pairs, "claims"))? })
    }

    /// The picker. A hint at the domain leaves only the accounts of that kind.
    fn pick(&self, request: &Incoming) -> Outgoing {
        let world = lock(&self.shared.world);
        let domain = value(self.pairs, "domain_hint").unwrap_or("").to_lowercase();
        let fits = |person: &&Person| match domain.as_str() {
            "" => true,
            "organizations" => person.kind != "personal",
            "consumers" => person.kind == "personal",
            domain => person.user_principal_name.to_lowercase().ends_with(&format!("@{domain}")),
        };
        let people: Vec<Person> =
            world.company.people.iter().filter(|person| can_sign_in(&person.kind)).filter(fits).cloned().collect();
        Outgoing::page(200, pages::picker(&self.action(request), &[], &people))
    }

    /// The page for somebody who was picked.
    fn ask(&self, person: &Person, wanted: Wanted, through: bool, request: &Incoming) -> Outgoing {
        let action = self.action(request);
        match self.admission(person, &wanted.asked).1 {
            Admission::Refused(refusal) => refused_page(self.shared, &refusal),
            Admission::Administrator(refusal, scopes) => {
                Outgoing::page(200, pages::need_admin(&action, &[], person, &scopes, &refusal.sentence()))
            }
            Admission::Consent(scopes) => {
                let mut all: Vec<String> = wanted.asked.identity.iter().cloned().collect();
                all.extend(scopes);
                Outgoing::page(200, pages::consent(&action, &[], person, &all))
            }
            Admission::Open if through => match self.approved(person, wanted) {
                Ok(fields) => self.send(&fields),
                Err(refusal) => refused_page(self.shared, &refusal),
            },
            Admission::Open => Outgoing::page(200, pages::go_on(&action, &[], person)),
        }
    }

    fn action(&self, request: &Incoming) -> String {
        match request.query.as_str() {
            "" => format!("{}?{}", request.path, encode(self.pairs)),
            query => format!("{}?{query}", request.path),
        }
    }

    fn admission(&self, person: &Person, asked: &Asked) -> (Option<Account>, Admission) {
        let request = admission::Request {
            tenancy: self.tenancy,
            client: &self.client,
            asked,
            ask_again: self.prompt() == "consent",
            by_device: false,
        };
        admit(&lock(&self.shared.world), person, &request)
    }

    /// `prompt=none`: a code, or the reason why a page is needed.
    fn silently(&self, person: &str, wanted: Wanted) -> Outgoing {
        let found = who(&lock(&self.shared.world), person);
        let Some(person) = found else {
            return self.send_refusal(&Refusal::new("login_required", 50058, "Nobody is signed in."));
        };
        let needs = |refusal: Refusal| Refusal { error: "interaction_required".to_owned(), ..refusal };
        let second = lock(&self.shared.world).policy.second_factor(&person);
        let refusal = match (self.admission(&person, &wanted.asked).1, second) {
            (Admission::Refused(refusal), _) | (Admission::Open, Some(refusal)) => needs(refusal),
            (Admission::Administrator(..) | Admission::Consent(_), _) => {
                let message = "Nobody has consented to what the application asks for.";
                Refusal::new("interaction_required", 65001, message)
            }
            (Admission::Open, None) => match self.approved(&person, wanted) {
                Ok(fields) => return self.send(&fields),
                Err(refusal) => needs(refusal),
            },
        };
        self.send_refusal(&refusal)
    }

    /// Keeps the browser signed in.
    fn remember(&self, person: &Person, answer: Outgoing) -> Outgoing {
        let cookie = self.shared.ids.token(43);
        lock(&self.shared.sign_in).sessions.insert(cookie.clone(), person.id.clone());
        answer.with("set-cookie", &format!("{COOKIE}={cookie}; Path=/; HttpOnly; SameSite=Lax"))
    }

    fn send_refusal(&self, refusal: &Refusal) -> Outgoing {
        self.send(&self.refusal(refusal))
    }

    fn declined(&self) -> Vec<(String, String)> {
        let mut fields = self.refusal(&Refusal::new("access_denied", 65004, "The person declined."));
        fields.push(("error_subcode".to_owned(), "cancel".to_owned()));
        fields
    }

    /// What goes back from the page that wants an administrator.
    fn back(&self, person: &Person, wanted: &Wanted) -> Result<Vec<(String, String)>, Refusal> {
        match self.admission(person, &wanted.asked).1 {
            Admission::Administrator(refusal, _) => {
                let mut fields = self.refusal(&refusal);
                fields.push(("error_subcode".to_owned(), "cancel".to_owned()));
                Ok(fields)
            }
            Admission::Refused(refusal) => Err(refusal),
            Admission::Consent(_) | Admission::Open => Ok(self.declined()),
        }
    }

    fn request_approval(&self, person: &Person, wanted: &Wanted, reason: &str) {
        if let Admission::Administrator(_, scopes) = self.admission(person, &wanted.asked).1 {
            let (person, client, reason) = (person.id.clone(), self.client.clone(), reason.to_owned());
            lock(&self.shared.world).grants.requests.push(ConsentRequest { person, client, scopes, reason });
        }
    }

    /// The person said yes; what goes back, unless something stands in the way.
    fn approved(&self, person: &Person, wanted: Wanted) -> Result<Vec<(String, String)>, Refusal> {
        let shared = self.shared;
        let (account, admission) = self.admission(person, &wanted.asked);
        let account = match (account, admission) {
            (_, Admission::Refused(refusal) | Admission::Administrator(refusal, _)) => return Err(refusal),
            (None, _) => return Err(unknown_application(&self.client)),
            (Some(account), Admission::Consent(scopes)) => {
                lock(&shared.world).grants.grant_own(&self.client, &person.id, scopes);
                account
            }
            (Some(account), Admission::Open) => account,
        };
        if let Some(registration) = lock(&shared.world).registrations.find_mut(&self.client) {
            registration.principal_missing = false;
        }
        let granted = consent::held(&lock(&shared.world), &self.client, &person.id, &wanted.asked);
        let code = format!("1.AX{}", shared.ids.token(160));
        let pick = |name: &str| value(self.pairs, name).map(str::to_owned);
        let method = pick("code_challenge_method").unwrap_or_else(|| "plain".to_owned());
        let now = seconds(shared.clock.now());
        let mut sign_in = lock(&shared.sign_in);
        let approval = Approval {
            begun: sign_in.ended(&person.id),
            serial: sign_in.next(),
            person: person.id.clone(),
            account,
            way: Way::Page,
            public: self.platform == Platform::Desktop,
            client: self.client.clone(),
            nonce: pick("nonce"),
            asked: wanted.asked,
            granted,
            at: now,
            claims: wanted.claims,
        };
        let kept = Code {
            approval,
            redirect: self.redirect.clone(),
            platform: self.platform,
            tenant: self.tenancy.segment(shared).to_lowercase(),
            challenge: pick("code_challenge").map(|challenge| (method, challenge)),
            expires: now + CODE_LIFE,
            used: false,
        };
        sign_in.codes.insert(code.clone(), kept);
        drop(sign_in);
        Ok(self.with_state(vec![("code".to_owned(), code), ("session_state".to_owned(), shared.ids.guid())]))
    }

    fn refusal(&self, refusal: &Refusal) -> Vec<(String, String)> {
        let description = refusal.description(self.shared, &self.shared.ids.guid(), &self.shared.ids.guid());
        self.with_state(vec![
            ("error".to_owned(), refusal.error.clone()),
            ("error_description".to_owned(), description),
        ])
    }

    fn with_state(&self, mut fields: Vec<(String, String)>) -> Vec<(String, String)> {
        if let Some(state) = value(self.pairs, "state") {
            fields.push(("state".to_owned(), state.to_owned()));
        }
        fields
    }

    fn send(&self, fields: &[(String, String)]) -> Outgoing {
        if self.posted {
            let fields: Vec<pages::Field<'_>> =
                fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            return Outgoing::page(200, pages::posted(&self.redirect, &fields));
        }
        Outgoing::page(302, String::new()).with("location", &self.address(fields)).with("cache-control", "no-store")
    }

    /// The redirect address with `fields` in its query; one without a path gets a slash. [reply-url]
    fn address(&self, fields: &[(String, String)]) -> String {
        let Ok(mut url) = Url::parse(&self.redirect) else { return self.redirect.clone() };
        url.query_pairs_mut().extend_pairs(fields);
        url.into()
    }
}

/// Somebody who can sign in, by alias, address, principal name or id.
pub(crate) fn who(world: &World, person: &str) -> Option<Person> {
    let person = world.person(world.company.find(person)?);
    can_sign_in(&person.kind).then(|| person.clone())
}

/// Rooms and shared mailboxes do not sign in.
pub(crate) fn can_sign_in(kind: &str) -> bool {
    matches!(kind, "user" | "guest" | "stranger" | "personal")
}

fn refused_page(shared: &Shared, refusal: &Refusal) -> Outgoing {
    let description = refusal.description(shared, &shared.ids.guid(), &shared.ids.guid());
    Outgoing::page(refusal.status, pages::error(&description))
}

fn cookie(request: &Incoming) -> Option<String> {
    let cookies = request.header("cookie")?.split(';');
    cookies
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, value)| value.to_owned())
}

fn encode(pairs: &[(String, String)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// Forgets the browser session of the request.
pub(crate) fn sign_out(shared: &Shared, request: &Incoming) -> Outgoing {
    if let Some(cookie) = cookie(request) {
        lock(&shared.sign_in).sessions.remove(&cookie);
    }
    let back = request.query_pairs();
    let known = |address: &&str| {
        lock(&shared.world).registrations.all().iter().any(|registration| registration.platform(address).is_some())
    };
    match value(&back, "post_logout_redirect_uri").filter(known) {
        Some(address) => Outgoing::page(302, String::new()).with("location", address),
        None => Outgoing::page(200, pages::page("You signed out of your account", "<p>You can close this window.</p>")),
    }
}
