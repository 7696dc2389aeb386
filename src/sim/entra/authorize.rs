//! The authorize page: who signs in, whether they approve, and the way back to the client. [v2-oauth2-auth-code-flow]
//!
//! Until client and redirect address are known to belong together nothing is redirected: the person sees an error page and
//! the client hears nothing. Everything after that goes back to the client, errors too.

use crate::sim::entra::error::Refusal;
use crate::sim::entra::scopes::Asked;
use crate::sim::entra::{Approval, pages};
use crate::sim::http::{Incoming, Outgoing, seconds, value};
use crate::sim::tenant::{Shared, lock};
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
    tenant: &'a str,
    pairs: &'a [(String, String)],
    redirect: &'a str,
    posted: bool,
}

/// What a person decided.
enum Decision {
    Approve(String),
    Refuse,
}

/// GET: the page. POST: the decision, from our own form.
pub(crate) fn handle(shared: &Shared, tenant: &str, request: &Incoming) -> Outgoing {
    let mut pairs = request.query_pairs();
    // The request itself may come as a form too. [v2-oauth2-auth-code-flow]
    let form = if request.method == "POST" { request.form_pairs() } else { Vec::new() };
    if pairs.is_empty() {
        pairs.clone_from(&form);
    }
    let question = match Question::read(shared, tenant, &pairs) {
        Ok(question) => question,
        Err(refusal) => return refused_page(shared, &refusal),
    };
    let asked = match question.check() {
        Ok(asked) => asked,
        Err(refusal) => return question.send_refusal(&refusal),
    };
    let session = cookie(request).and_then(|cookie| lock(&shared.sign_in).sessions.get(&cookie).cloned());
    if value(&pairs, "prompt") == Some("none") {
        return match session {
            Some(person) => question.approve(&person, asked, false),
            None => question.send_refusal(&Refusal::new(
                "login_required",
                50058,
                "Nobody is signed in, and the request allows no page.",
            )),
        };
    }
    let person = value(&form, "person").or_else(|| value(&pairs, "login_hint"));
    match (value(&form, "decision"), person.map(str::to_owned)) {
        (Some("refuse"), _) => question.refuse(),
        (Some("approve"), Some(person)) => question.approve(&person, asked, true),
        (_, person) => question.ask(person.as_deref(), &asked, request),
    }
}

/// Decides an authorize address without a browser.
pub(crate) fn decide(shared: &Shared, address: &str, person: Option<&str>) -> Result<String, String> {
    let url = Url::parse(address).map_err(|error| format!("Not an address: {error}."))?;
    let tenant = url.path_segments().and_then(|mut segments| segments.next()).unwrap_or("").to_owned();
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let question = Question::read(shared, &tenant, &pairs).map_err(|refusal| refusal.message)?;
    let decision = match person {
        Some(person) => Decision::Approve(who_signs_in(shared, person).ok_or("Nobody of that name signs in here.")?),
        None => Decision::Refuse,
    };
    Ok(question.address(&question.decided(&decision)))
}

impl<'a> Question<'a> {
    fn read(shared: &'a Shared, tenant: &'a str, pairs: &'a [(String, String)]) -> Result<Self, Refusal> {
        let client = value(pairs, "client_id").ok_or_else(|| Refusal::missing("client_id"))?;
        let clients = &shared.clients;
        if client == clients.confidential || client == clients.without_roles {
            let message = "The application has no redirect address.";
            return Err(Refusal::new("invalid_request", 500_113, message));
        }
        if client != clients.public {
            return Err(unknown_application(client));
        }
        let redirect = value(pairs, "redirect_uri").unwrap_or("http://localhost");
        if !is_registered(redirect) {
            let message =
                format!("The redirect address '{redirect}' is not registered for the application '{client}'.");
            return Err(Refusal::new("invalid_request", 50011, message));
        }
        Ok(Self { shared, tenant, pairs, redirect, posted: value(pairs, "response_mode") == Some("form_post") })
    }

    /// Whatever is wrong from here on is told to the client.
    fn check(&self) -> Result<Asked, Refusal> {
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
        Asked::read(scope, &self.shared.graph, &lock(&self.shared.world).options)
    }

    /// The page: the picker, or what is asked for once somebody is picked.
    fn ask(&self, person: Option<&str>, asked: &Asked, request: &Incoming) -> Outgoing {
        let action = match request.query.as_str() {
            "" => format!("{}?{}", request.path, encode(self.pairs)),
            query => format!("{}?{query}", request.path),
        };
        let world = lock(&self.shared.world);
        let picked = person.and_then(|person| world.company.find(person)).map(|index| world.person(index));
        let page = match picked {
            Some(person) => {
                let mut scopes: Vec<String> = asked.identity.iter().cloned().collect();
                scopes.extend(asked.granted(&world.options));
                pages::consent(&action, &[], person, &scopes)
            }
            None => {
                let people: Vec<_> =
                    world.company.people.iter().filter(|person| can_sign_in(&person.kind)).cloned().collect();
                pages::picker(&action, &[], &people)
            }
        };
        Outgoing::page(200, page)
    }

    fn approve(&self, person: &str, asked: Asked, remember: bool) -> Outgoing {
        let Some(person) = who_signs_in(self.shared, person) else {
            let refusal = Refusal::new("access_denied", 50034, "There is nobody of that name in this directory.");
            return refused_page(self.shared, &refusal);
        };
        let answer = self.send(&self.accepted(&person, asked));
        if !remember {
            return answer;
        }
        let cookie = self.shared.ids.token(43);
        lock(&self.shared.sign_in).sessions.insert(cookie.clone(), person);
        answer.with("set-cookie", &format!("{COOKIE}={cookie}; Path=/; HttpOnly; SameSite=Lax"))
    }

    fn refuse(&self) -> Outgoing {
        self.send(&self.decided(&Decision::Refuse))
    }

    fn send_refusal(&self, refusal: &Refusal) -> Outgoing {
        self.send(&self.refusal(refusal))
    }

    /// What goes back for a decision, checks included.
    fn decided(&self, decision: &Decision) -> Vec<(String, String)> {
        match (decision, self.check()) {
            (_, Err(refusal)) => self.refusal(&refusal),
            (Decision::Approve(person), Ok(asked)) => self.accepted(person, asked),
            (Decision::Refuse, Ok(_)) => {
                let message = "The person declined.";
                let mut fields = self.refusal(&Refusal::new("access_denied", 65004, message));
                fields.push(("error_subcode".to_owned(), "cancel".to_owned()));
                fields
            }
        }
    }

    fn accepted(&self, person: &str, asked: Asked) -> Vec<(String, String)> {
        let shared = self.shared;
        let granted = asked.granted(&lock(&shared.world).options);
        let code = format!("1.AX{}", shared.ids.token(160));
        let pick = |name: &str| value(self.pairs, name).map(str::to_owned);
        let method = pick("code_challenge_method").unwrap_or_else(|| "plain".to_owned());
        let mut sign_in = lock(&shared.sign_in);
        let approval = Approval {
            begun: sign_in.ended(person),
            person: person.to_owned(),
            client: pick("client_id").unwrap_or_default(),
            nonce: pick("nonce"),
            asked,
            granted,
        };
        let kept = Code {
            approval,
            redirect: self.redirect.to_owned(),
            tenant: self.tenant.to_lowercase(),
            challenge: pick("code_challenge").map(|challenge| (method, challenge)),
            expires: seconds(shared.clock.now()) + CODE_LIFE,
            used: false,
        };
        sign_in.codes.insert(code.clone(), kept);
        self.with_state(vec![("code".to_owned(), code), ("session_state".to_owned(), shared.ids.guid())])
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
            return Outgoing::page(200, pages::posted(self.redirect, &fields));
        }
        Outgoing::page(302, String::new()).with("location", &self.address(fields)).with("cache-control", "no-store")
    }

    /// The redirect address with `fields` in its query; one without a path gets a slash. [reply-url]
    fn address(&self, fields: &[(String, String)]) -> String {
        let Ok(mut url) = Url::parse(self.redirect) else { return self.redirect.to_owned() };
        url.query_pairs_mut().extend_pairs(fields);
        url.into()
    }
}

/// The one registered address is `http://localhost` (and its number): any port, no path but `/`. [reply-url]
fn is_registered(redirect: &str) -> bool {
    let Ok(url) = Url::parse(redirect) else { return false };
    url.scheme() == "http"
        && matches!(url.host_str(), Some("localhost" | "127.0.0.1"))
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none()
}

/// The object id of somebody who can sign in, by alias, address, principal name or id.
pub(crate) fn who_signs_in(shared: &Shared, person: &str) -> Option<String> {
    let world = lock(&shared.world);
    let person = world.person(world.company.find(person)?);
    can_sign_in(&person.kind).then(|| person.id.clone())
}

/// Rooms and shared mailboxes do not sign in.
pub(crate) fn can_sign_in(kind: &str) -> bool {
    matches!(kind, "user" | "guest")
}

/// What is said of a client id nobody registered.
pub(crate) fn unknown_application(client: &str) -> Refusal {
    let message = format!("The application '{client}' was not found in this tenant. Check the id and the tenant.");
    Refusal::new("unauthorized_client", 700_016, message)
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
    match value(&back, "post_logout_redirect_uri").filter(|address| is_registered(address)) {
        Some(address) => Outgoing::page(302, String::new()).with("location", address),
        None => Outgoing::page(200, pages::page("You signed out of your account", "<p>You can close this window.</p>")),
    }
}
