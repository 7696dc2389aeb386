//! The token endpoint, a function per grant. [v2-oauth2-auth-code-flow; v2-oauth2-client-creds-grant-flow; refresh-tokens]

use crate::sim::entra::account::{Account, Kind, admits, unknown_application};
use crate::sim::entra::claims::Claims;
use crate::sim::entra::discovery::Tenancy;
use crate::sim::entra::error::Refusal;
use crate::sim::entra::policy::{Reuse, Session};
use crate::sim::entra::registration::{Platform, Registration};
use crate::sim::entra::scopes::{self, Asked, GRAPH_AUDIENCE, GRAPH_ID};
use crate::sim::entra::token::{self, Occasion, Refresh};
use crate::sim::entra::{Approval, Way, assertion, authorize, consent, device};
use crate::sim::http::{Incoming, seconds, value};
use crate::sim::tenant::{Shared, lock};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;
use url::form_urlencoded;

/// A refresh token not used for so many seconds is void: 90 days. [refresh-tokens]
const REFRESH_LIFE: u64 = 90 * 24 * 60 * 60;

/// `POST …/token`.
pub(crate) fn handle(shared: &Shared, tenancy: &Tenancy, base: &str, request: &Incoming) -> Result<Value, Refusal> {
    let form = request.form_pairs();
    let tenant = tenancy.segment(shared);
    let grant = value(&form, "grant_type").ok_or_else(|| Refusal::missing("grant_type"))?;
    let (client, secret) = credentials(request, &form);
    let client = client.ok_or_else(|| Refusal::missing("client_id"))?;
    let registration = lock(&shared.world).registrations.find(&client).cloned();
    let registration = registration.ok_or_else(|| unknown_application(&client))?;
    let client = registration.client_id.clone();
    admits(tenancy, &registration)?;
    let proof = Proof { secret, assertion: assertion_of(&form)?, endpoints: endpoints(shared, tenant, base, request) };
    let proven = proof.check(shared, &registration)?;
    let claims = Claims::read(value(&form, "claims"))?;
    let occasion = Occasion { shared, base, claims: &claims, client_info: value(&form, "client_info") == Some("1") };
    let approval = match grant {
        "client_credentials" => return application(shared, tenancy, &registration, proven, &form),
        "authorization_code" => redeem_code(shared, tenant, &client, proven.is_some(), &form)?,
        "urn:ietf:params:oauth:grant-type:device_code" | "device_code" => {
            let code = value(&form, "device_code").or_else(|| value(&form, "code"));
            let code = code.ok_or_else(|| Refusal::missing("device_code"))?;
            if proven.is_none() && !registration.public_client_flows {
                return Err(secret_demanded());
            }
            device::poll(shared, tenancy, &client, code)?
        }
        "refresh_token" => refresh(shared, tenancy, &registration, proven.is_some(), &claims, &form)?,
        other => {
            let message = format!("The app requested an unsupported grant type '{other}'.");
            return Err(Refusal::new("unsupported_grant_type", 70003, message));
        }
    };
    token::for_person(&occasion, &approval)
        .ok_or_else(|| Refusal::new("invalid_grant", 50034, "The user account does not exist in the directory."))
}

/// The addresses of this token endpoint, any of which an assertion may be made for: as announced, and as it was called.
fn endpoints(shared: &Shared, tenant: &str, base: &str, request: &Incoming) -> Vec<String> {
    let mut all = vec![format!("{base}/{tenant}/oauth2/v2.0/token")];
    all.push(format!("{base}{}", request.path));
    all.push(format!("{}/{tenant}/oauth2/v2.0/token", shared.authority));
    all
}

/// The assertion of the form, if its type is the one there is.
fn assertion_of(form: &[(String, String)]) -> Result<Option<String>, Refusal> {
    let Some(assertion) = value(form, "client_assertion") else { return Ok(None) };
    match value(form, "client_assertion_type") {
        Some(assertion::TYPE) => Ok(Some(assertion.to_owned())),
        Some(_) => Err(Refusal::new("invalid_request", 90023, "The 'client_assertion_type' is not supported.")),
        None => Err(Refusal::missing("client_assertion_type")),
    }
}

/// Client id and secret: from the form, or by HTTP Basic, where both are form-encoded first. [RFC 6749]
fn credentials(request: &Incoming, form: &[(String, String)]) -> (Option<String>, Option<String>) {
    let basic = request.header("authorization").and_then(|header| header.strip_prefix("Basic ")).and_then(|encoded| {
        let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
        let (client, secret) = text.split_once(':')?;
        let plain = |text: &str| {
            let pair = format!("x={text}");
            form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
        };
        Some((plain(client), plain(secret)))
    });
    match basic {
        Some((client, secret)) => (Some(client), Some(secret)),
        None => (value(form, "client_id").map(str::to_owned), value(form, "client_secret").map(str::to_owned)),
    }
}

/// What a client sent to prove itself.
struct Proof {
    secret: Option<String>,
    assertion: Option<String>,
    endpoints: Vec<String>,
}

/// How a client proved itself: `appidacr` of its tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Proven {
    Secret,
    Certificate,
}

impl Proof {
    fn check(&self, shared: &Shared, registration: &Registration) -> Result<Option<Proven>, Refusal> {
        if self.secret.is_none() && self.assertion.is_none() {
            return Ok(None);
        }
        if !registration.has_credentials() && registration.public_client_flows {
            let message = "A public client has no secret; send neither 'client_secret' nor 'client_assertion'.";
            return Err(Refusal::new("invalid_client", 700_025, message));
        }
        if let Some(assertion) = &self.assertion {
            assertion::check(shared, registration, assertion, &self.endpoints)?;
            return Ok(Some(Proven::Certificate));
        }
        let secret = self.secret.as_deref().unwrap_or_default();
        let client = &registration.client_id;
        let now = seconds(shared.clock.now());
        let found = registration.secrets.iter().find(|known| known.value == secret);
        match found.map(|known| known.ends) {
            Some(Some(end)) if now >= end => {
                let message = format!("The client secret of app '{client}' has expired. Make a new one.");
                Err(Refusal::new("invalid_client", 7_000_222, message))
            }
            Some(_) => Ok(Some(Proven::Secret)),
            None => {
                let message =
                    format!("The client secret of app '{client}' is wrong. Send the value of the secret, not its id.");
                Err(Refusal::new("invalid_client", 7_000_215, message))
            }
        }
    }
}

fn secret_demanded() -> Refusal {
    let message = "The client must prove itself by 'client_secret' or 'client_assertion'.";
    Refusal::new("invalid_client", 7_000_218, message)
}

fn application(
    shared: &Shared,
    tenancy: &Tenancy,
    registration: &Registration,
    proven: Option<Proven>,
    form: &[(String, String)],
) -> Result<Value, Refusal> {
    let Some(proven) = proven else { return Err(secret_demanded()) };
    if registration.principal_missing {
        let message = format!("The application '{}' has no service principal in this tenant.", registration.client_id);
        return Err(Refusal::new("unauthorized_client", 7_000_229, message));
    }
    if let Tenancy::Any(word) = tenancy {
        let message = format!("Send a token request to a tenant; '{word}' holds no tenant information.");
        return Err(Refusal::new("invalid_request", 50059, message));
    }
    let scope = value(form, "scope").ok_or_else(|| Refusal::missing("scope"))?;
    let wanted = [&shared.graph, GRAPH_AUDIENCE, GRAPH_ID].map(|resource| format!("{resource}/.default"));
    if !wanted.iter().any(|wanted| wanted == &scope.replace("//.default", "/.default")) {
        let message = format!(
            "The scope '{scope}' does not serve an application; ask for the resource with /.default behind it."
        );
        return Err(Refusal::new("invalid_scope", 1_002_012, message));
    }
    Ok(token::for_application(shared, registration, if proven == Proven::Certificate { "2" } else { "1" }))
}

fn redeem_code(
    shared: &Shared,
    tenant: &str,
    client: &str,
    proven: bool,
    form: &[(String, String)],
) -> Result<Approval, Refusal> {
    let sent = value(form, "code").ok_or_else(|| Refusal::missing("code"))?;
    let invalid = |code, message: &str| Err(Refusal::new("invalid_grant", code, message));
    let now = seconds(shared.clock.now());
    let mut sign_in = lock(&shared.sign_in);
    let Some(code) = sign_in.codes.get_mut(sent).filter(|code| code.approval.client == client) else {
        return invalid(9_002_313, "Invalid request. Request is malformed or invalid.");
    };
    match code.platform {
        Platform::Web if !proven => return Err(secret_demanded()),
        Platform::SinglePage => {
            let message = "Tokens of a single-page application can only be redeemed by a request from its own origin.";
            return Err(Refusal::new("invalid_request", 9_002_327, message));
        }
        _ => {}
    }
    if code.tenant != tenant.to_lowercase() {
        return invalid(700_005, "The authorization code was issued at another tenant.");
    }
    if code.used {
        let message = "This authorization code was redeemed before; it works once only.";
        return invalid(54005, message);
    }
    if now >= code.expires {
        return invalid(70008, "The authorization code has expired; begin a new sign-in.");
    }
    if value(form, "redirect_uri").unwrap_or("http://localhost") != code.redirect {
        return invalid(500_112, "The redirect address is not the one the code was asked with.");
    }
    if let Some((method, challenge)) = &code.challenge
        && !proves(value(form, "code_verifier").unwrap_or(""), method, challenge)
    {
        let message = "The code_verifier does not belong to the code_challenge.";
        return invalid(501_481, message);
    }
    // Used only now: a client that made a mistake may try again with the same code.
    code.used = true;
    Ok(code.approval.clone())
}

/// Whether the PKCE verifier belongs to the challenge. [RFC 7636]
fn proves(verifier: &str, method: &str, challenge: &str) -> bool {
    if method == "S256" {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier.as_bytes());
        URL_SAFE_NO_PAD.encode(digest) == challenge
    } else {
        verifier == challenge
    }
}

fn refresh(
    shared: &Shared,
    tenancy: &Tenancy,
    registration: &Registration,
    proven: bool,
    claims: &Claims,
    form: &[(String, String)],
) -> Result<Approval, Refusal> {
    let sent = value(form, "refresh_token").ok_or_else(|| Refusal::missing("refresh_token"))?;
    let client = &registration.client_id;
    let now = seconds(shared.clock.now());
    let kept = known(shared, sent, client)?;
    if !kept.approval.public && !proven {
        return Err(secret_demanded());
    }
    if now >= kept.used + REFRESH_LIFE {
        let message = "The refresh token was not used for 90 days and has expired.";
        return Err(Refusal::new("invalid_grant", 700_082, message).because("token_expired"));
    }
    standing(shared, &kept.approval, claims, now)?;
    let mut approval = kept.approval.clone();
    rescope(shared, tenancy, registration, &mut approval, form)?;
    // The nonce belongs to the sign-in, not to what is renewed later.
    approval.nonce = None;
    let once = lock(&shared.world).policy.refresh_tokens != Reuse::Accepted;
    let mut sign_in = lock(&shared.sign_in);
    match sign_in.refreshes.get_mut(sent) {
        // Somebody else was faster.
        Some(present) if once && present.spent => return Err(bad_token()),
        Some(present) => {
            present.used = now;
            present.spent = true;
        }
        None => return Err(bad_token()),
    }
    Ok(approval)
}

/// What a refresh token stands for, if it still does.
fn known(shared: &Shared, sent: &str, client: &str) -> Result<Refresh, Refusal> {
    let reuse = lock(&shared.world).policy.refresh_tokens;
    let mut sign_in = lock(&shared.sign_in);
    let kept = sign_in.refreshes.get(sent).cloned().ok_or_else(bad_token)?;
    if kept.approval.client != client {
        let message = "The refresh token was issued to another application.";
        return Err(Refusal::new("invalid_grant", 70000, message).because("client_mismatch"));
    }
    if kept.spent && reuse != Reuse::Accepted {
        if reuse == Reuse::EndsSession {
            sign_in.refreshes.retain(|_, other| other.approval.serial != kept.approval.serial);
        }
        return Err(bad_token());
    }
    if sign_in.ended(&kept.approval.person) > kept.approval.begun {
        let message = "The sessions of this account were ended; a fresh sign-in is needed.";
        return Err(Refusal::new("invalid_grant", 50173, message));
    }
    Ok(kept)
}

fn bad_token() -> Refusal {
    Refusal::new("invalid_grant", 70000, "The refresh token is not valid.").because("bad_token")
}

/// Policies, and challenges only a person can answer.
fn standing(shared: &Shared, approval: &Approval, claims: &Claims, now: u64) -> Result<(), Refusal> {
    let session = Session {
        serial: approval.serial,
        by_device: approval.way == Way::Device,
        age: now.saturating_sub(approval.at),
        claims: &approval.claims,
    };
    let refusal = {
        let world = lock(&shared.world);
        let person = world.company.find(&approval.person).map(|index| world.person(index));
        person.and_then(|person| world.policy.at_refresh(person, &session))
    };
    if let Some(refusal) = refusal {
        return Err(refusal);
    }
    let sign_in = lock(&shared.sign_in);
    let mut of_person = sign_in.challenges.iter().filter(|one| one.person == approval.person);
    match of_person.find(|one| one.needs_a_person(claims, &approval.claims)) {
        None => Ok(()),
        Some(one) => {
            let message = "The claims that are asked for need a person to sign in.";
            let refusal = Refusal::new("interaction_required", 50076, message).because("basic_action");
            Err(Refusal { claims: Some(one.challenge.claims.clone()), ..refusal })
        }
    }
}

/// What the new token is for: as asked now, in the tenant asked now, as far as it is granted now.
fn rescope(
    shared: &Shared,
    tenancy: &Tenancy,
    registration: &Registration,
    approval: &mut Approval,
    form: &[(String, String)],
) -> Result<(), Refusal> {
    let world = lock(&shared.world);
    let nobody = || Refusal::new("invalid_grant", 50034, "The user account does not exist in the directory.");
    let person = world.company.find(&approval.person).map(|index| world.person(index)).ok_or_else(nobody)?;
    if approval.way != Way::Outright && *tenancy == Tenancy::Ours {
        approval.account = Account::at(tenancy, &world.company.tenant_id, person, registration)?;
    }
    let unconsented = || {
        let message = "Nobody has consented to what deskbell asks for here.";
        Refusal::new("invalid_grant", 65001, message).because("consent_required")
    };
    let mut asked = approval.asked.clone();
    if let Some(scope) = value(form, "scope") {
        let more = Asked::read(scope, &shared.graph, &world.options)?;
        let missing = consent::missing(&world, &approval.client, &approval.person, &more);
        let personal = approval.account.kind == Kind::Personal;
        let missing = missing.iter().any(|scope| !(personal && scopes::is_work_only(scope)));
        if approval.way == Way::Outright && !more.within(&approval.asked) || approval.way != Way::Outright && missing {
            return Err(unconsented());
        }
        if !more.everything {
            asked.identity.extend(more.identity);
        }
        for scope in more.graph {
            if !asked.graph.contains(&scope) && !asked.everything {
                asked.graph.push(scope);
            }
        }
    }
    if approval.way != Way::Outright {
        let granted = consent::held(&world, &approval.client, &approval.person, &asked);
        if granted.is_empty() && !approval.granted.is_empty() {
            return Err(unconsented());
        }
        approval.granted = granted;
    }
    approval.asked = asked;
    Ok(())
}

/// A token without any sign-in, for the script and for `deskbell tenant token`. Not part of Entra ID.
pub(crate) fn outright(shared: &Shared, person: &str, scope: &str) -> Result<String, String> {
    let body = outright_answer(shared, &shared.authority, person, scope).map_err(|refusal| refusal.message)?;
    Ok(body["access_token"].as_str().unwrap_or_default().to_owned())
}

/// The whole answer of [`outright`], as the token endpoint would give it.
pub(crate) fn outright_answer(shared: &Shared, base: &str, person: &str, scope: &str) -> Result<Value, Refusal> {
    let nobody = || Refusal::new("invalid_request", 50034, format!("Nobody called '{person}' signs in here."));
    let found = authorize::who(&lock(&shared.world), person);
    let person = found.ok_or_else(nobody)?;
    let scope = if scope.trim().is_empty() { ".default" } else { scope };
    let options = lock(&shared.world).options.clone();
    let asked = Asked::read(scope, &shared.graph, &options)?;
    let mut granted = asked.granted(&options);
    granted.extend(options.consented_earlier.iter().filter(|name| !asked.graph.contains(name)).cloned());
    let mut sign_in = lock(&shared.sign_in);
    let approval = Approval {
        begun: sign_in.ended(&person.id),
        serial: sign_in.next(),
        account: Account::outright(&shared.tenant_id, &person),
        way: Way::Outright,
        public: true,
        person: person.id,
        client: shared.clients.public.clone(),
        granted,
        asked,
        nonce: None,
        at: seconds(shared.clock.now()),
        claims: Claims::default(),
    };
    drop(sign_in);
    let claims = Claims::default();
    let occasion = Occasion { shared, base, claims: &claims, client_info: false };
    token::for_person(&occasion, &approval)
        .ok_or_else(|| Refusal::new("invalid_request", 50034, "Nobody signs in here."))
}
