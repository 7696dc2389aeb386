//! The token endpoint, a function per grant. [v2-oauth2-auth-code-flow; v2-oauth2-client-creds-grant-flow; refresh-tokens]

use crate::sim::entra::discovery::Tenancy;
use crate::sim::entra::error::Refusal;
use crate::sim::entra::scopes::{Asked, GRAPH_AUDIENCE, GRAPH_ID};
use crate::sim::entra::token::{self, Occasion, Refresh};
use crate::sim::entra::{Approval, authorize, device};
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
    let confidential = authenticate(shared, &client, secret.as_deref(), grant)?;
    let occasion = Occasion { shared, base, client_info: value(&form, "client_info") == Some("1") };
    let approval = match grant {
        "client_credentials" => return application(shared, tenancy, &client, confidential, &form),
        "authorization_code" => redeem_code(shared, tenant, &client, &form)?,
        "urn:ietf:params:oauth:grant-type:device_code" | "device_code" => {
            let code = value(&form, "device_code").or_else(|| value(&form, "code"));
            device::poll(shared, tenant, &client, code.ok_or_else(|| Refusal::missing("device_code"))?)?
        }
        "refresh_token" => refresh(shared, &client, &form)?,
        other => {
            let message = format!("The app requested an unsupported grant type '{other}'.");
            return Err(Refusal::new("unsupported_grant_type", 70003, message));
        }
    };
    token::for_person(&occasion, &approval)
        .ok_or_else(|| Refusal::new("invalid_grant", 50034, "The user account does not exist in the directory."))
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

/// Who asks; `true` for a client that proved itself by a secret.
fn authenticate(shared: &Shared, client: &str, secret: Option<&str>, grant: &str) -> Result<bool, Refusal> {
    let clients = &shared.clients;
    if client == clients.public {
        return match secret {
            None if grant != "client_credentials" => Ok(false),
            None => Err(secret_demanded()),
            Some(_) => {
                let message = "A public client has no secret; send neither 'client_secret' nor 'client_assertion'.";
                Err(Refusal::new("invalid_client", 700_025, message))
            }
        };
    }
    if client != clients.confidential && client != clients.without_roles {
        return Err(authorize::unknown_application(client));
    }
    match secret {
        None => Err(secret_demanded()),
        Some(secret) if secret == clients.confidential_secret => Ok(true),
        Some(secret) if secret == clients.expired_secret => {
            let message = format!("The client secret of app '{client}' has expired.");
            Err(Refusal::new("invalid_client", 7_000_222, message))
        }
        Some(_) => {
            let message =
                format!("The client secret of app '{client}' is wrong. Send the value of the secret, not its id.");
            Err(Refusal::new("invalid_client", 7_000_215, message))
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
    client: &str,
    confidential: bool,
    form: &[(String, String)],
) -> Result<Value, Refusal> {
    if !confidential {
        return Err(secret_demanded());
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
    Ok(token::for_application(shared, client))
}

fn redeem_code(shared: &Shared, tenant: &str, client: &str, form: &[(String, String)]) -> Result<Approval, Refusal> {
    let sent = value(form, "code").ok_or_else(|| Refusal::missing("code"))?;
    let invalid = |code, message: &str| Err(Refusal::new("invalid_grant", code, message));
    let now = seconds(shared.clock.now());
    let mut sign_in = lock(&shared.sign_in);
    let Some(code) = sign_in.codes.get_mut(sent).filter(|code| code.approval.client == client) else {
        return invalid(9_002_313, "Invalid request. Request is malformed or invalid.");
    };
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

fn refresh(shared: &Shared, client: &str, form: &[(String, String)]) -> Result<Approval, Refusal> {
    let sent = value(form, "refresh_token").ok_or_else(|| Refusal::missing("refresh_token"))?;
    let options = lock(&shared.world).options.clone();
    let now = seconds(shared.clock.now());
    let mut sign_in = lock(&shared.sign_in);
    let Some(kept) = sign_in.refreshes.get(sent).filter(|kept| kept.approval.client == client).cloned() else {
        let message = "The refresh token is not valid.";
        return Err(Refusal {
            suberror: Some("bad_token".to_owned()),
            ..Refusal::new("invalid_grant", 70000, message)
        });
    };
    if now >= kept.used + REFRESH_LIFE {
        let message = "The refresh token was not used for 90 days and has expired.";
        return Err(Refusal::new("invalid_grant", 700_082, message));
    }
    if sign_in.ended(&kept.approval.person) > kept.approval.begun {
        let message = "The sessions of this account were ended; a fresh sign-in is needed.";
        return Err(Refusal::new("invalid_grant", 50173, message));
    }
    let mut approval = kept.approval.clone();
    if let Some(scope) = value(form, "scope") {
        let asked = Asked::read(scope, &shared.graph, &options)?;
        if !asked.within(&approval.asked) {
            let message = "Nobody has consented to what deskbell asks for here.";
            let suberror = Some("consent_required".to_owned());
            return Err(Refusal { suberror, ..Refusal::new("invalid_grant", 65001, message) });
        }
        if !asked.everything {
            approval.asked.identity.extend(asked.identity);
        }
    }
    // The nonce belongs to the sign-in, not to what is renewed later.
    approval.nonce = None;
    sign_in.refreshes.insert(sent.to_owned(), Refresh { used: now, ..kept });
    Ok(approval)
}

/// A token without any sign-in, for the script and for `deskbell tenant token`. Not part of Entra ID.
pub(crate) fn outright(shared: &Shared, person: &str, scope: &str) -> Result<String, String> {
    let body = outright_answer(shared, &shared.authority, person, scope).map_err(|refusal| refusal.message)?;
    Ok(body["access_token"].as_str().unwrap_or_default().to_owned())
}

/// The whole answer of [`outright`], as the token endpoint would give it.
pub(crate) fn outright_answer(shared: &Shared, base: &str, person: &str, scope: &str) -> Result<Value, Refusal> {
    let nobody = || Refusal::new("invalid_request", 50034, format!("Nobody called '{person}' signs in here."));
    let person = authorize::who_signs_in(shared, person).ok_or_else(nobody)?;
    let scope = if scope.trim().is_empty() { ".default" } else { scope };
    let options = lock(&shared.world).options.clone();
    let asked = Asked::read(scope, &shared.graph, &options)?;
    let approval = Approval {
        begun: lock(&shared.sign_in).ended(&person),
        person,
        client: shared.clients.public.clone(),
        granted: asked.granted(&options),
        asked,
        nonce: None,
    };
    let occasion = Occasion { shared, base, client_info: false };
    token::for_person(&occasion, &approval)
        .ok_or_else(|| Refusal::new("invalid_request", 50034, "Nobody signs in here."))
}
