//! The authority's listener: which address is which endpoint, and what the script does to it.

use crate::sim::entra::discovery::Tenancy;
use crate::sim::entra::error::Refusal;
use crate::sim::entra::{admin_consent, authorize, device, discovery, grant, pages};
use crate::sim::faults::{Action, FaultBody, Side};
use crate::sim::http::{self, Incoming, Outgoing, value};
use crate::sim::script::LoggedRequest;
use crate::sim::tenant::{Shared, lock};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new().fallback(serve).with_state(shared)
}

async fn serve(State(shared): State<Arc<Shared>>, request: Request) -> Response<Body> {
    let working = shared.activity.begin();
    let Some(request) = Incoming::read(request).await else {
        return Outgoing::page(413, pages::error("The request is too large.")).into_response();
    };
    let grant = value(&request.form_pairs(), "grant_type").map(str::to_owned);
    let path = after_tenant(&request.path);
    let actions = lock(&shared.faults).hit(Side::Authority, &request.method, path, grant.as_deref());
    // Waiting for the clock is no work, neither ours nor the client's: a test must see idle to crank the clock.
    drop(working);
    for action in &actions {
        if let Action::Slow(milliseconds) = action {
            shared.activity.asleep(http::wait(&shared.clock, *milliseconds)).await;
        }
    }
    let _working = shared.activity.begin();
    let outgoing = match actions.iter().find(|action| !matches!(action, Action::Slow(_))) {
        Some(action) => misbehave(&shared, &request, action),
        None => answer(&shared, &request),
    };
    let wants = request.header("return-client-request-id").is_some_and(|wants| wants.eq_ignore_ascii_case("true"));
    let client_id = request.header("client-request-id").filter(|_| wants).map(str::to_owned);
    let entry = LoggedRequest {
        side: Side::Authority,
        method: request.method,
        path: request.path,
        query: String::new(),
        status: if outgoing.cut { 0 } else { outgoing.status },
    };
    shared.note(entry);
    let date = http::http_date(shared.clock.now());
    let outgoing = outgoing.with("date", &date).with("x-ms-request-id", &shared.ids.guid());
    // The id of the client comes back if it asks for it, and tells the sign-in log entry.
    match client_id {
        Some(id) => outgoing.with("client-request-id", &id).into_response(),
        None => outgoing.into_response(),
    }
}

/// The path behind its first segment.
fn after_tenant(path: &str) -> &str {
    let rest = path.trim_start_matches('/');
    rest.find('/').map_or("", |at| &rest[at..])
}

fn misbehave(shared: &Shared, request: &Incoming, action: &Action) -> Outgoing {
    let busy = Refusal { status: 429, ..Refusal::new("temporarily_unavailable", 90055, "The tenant is throttled.") };
    match action {
        Action::Slow(_) | Action::Late(_) => answer(shared, request),
        Action::Throttle(after, as_date) => with_retry(shared, busy.answer(shared, request), *after, *as_date),
        Action::Status(status, body, after) => {
            let outgoing = match body {
                FaultBody::Empty => Outgoing { status: *status, headers: Vec::new(), body: Vec::new(), cut: false },
                FaultBody::Html => Outgoing::page(*status, pages::error("The service is unavailable.")),
                FaultBody::Json(value) => Outgoing::json(*status, value),
                FaultBody::Text(text) => Outgoing::new(*status, "application/json; charset=utf-8", text.clone()),
                FaultBody::Error(_) => {
                    let message = "A transient error has occurred. Please try again.";
                    Refusal { status: *status, ..Refusal::new("temporarily_unavailable", 90033, message) }
                        .answer(shared, request)
                }
            };
            with_retry(shared, outgoing, *after, false)
        }
        Action::BusyUntil(status, after) => {
            let message = "A transient error has occurred. Please try again.";
            let busy = Refusal { status: *status, ..Refusal::new("temporarily_unavailable", 90033, message) };
            with_retry(shared, busy.answer(shared, request), Some(*after), true)
        }
        Action::Cut | Action::CutAt(_) => Outgoing { cut: true, ..answer(shared, request) },
        Action::Drop | Action::DropAt(_) => Outgoing { cut: true, ..Outgoing::json(503, &json!({})) },
        Action::WrongJson | Action::Loop => Outgoing::json(200, &json!(["this", {"is": "no token"}])),
        Action::Oauth(fault) => Refusal::scripted(fault).answer(shared, request),
        Action::Challenge(challenge) => {
            let message = "A policy of the tenant demands more.";
            let refusal = Refusal::new("interaction_required", 50076, message).because("basic_action");
            Refusal { claims: Some(challenge.claims.clone()), ..refusal }.answer(shared, request)
        }
        Action::Revoke | Action::Gone => {
            let message = "The sessions of this account were ended; a fresh sign-in is needed.";
            Refusal::new("invalid_grant", 50173, message).answer(shared, request)
        }
    }
}

fn with_retry(shared: &Shared, outgoing: Outgoing, after: Option<u64>, as_date: bool) -> Outgoing {
    let Some(after) = after else { return outgoing };
    let text =
        if as_date { http::http_date(shared.clock.now() + Duration::from_secs(after)) } else { after.to_string() };
    outgoing.with("retry-after", &text)
}

fn answer(shared: &Shared, request: &Incoming) -> Outgoing {
    let base = shared.public_base.clone().unwrap_or_else(|| request.base(&shared.authority));
    let (tenant, endpoint) = match request.path.trim_start_matches('/').split_once('/') {
        Some((tenant, endpoint)) => (tenant, endpoint),
        None => (request.path.trim_start_matches('/'), ""),
    };
    match (request.method.as_str(), tenant, endpoint) {
        ("GET", "", "") => return front_page(shared),
        ("GET" | "POST", "devicelogin", "") => return device::page(shared, request),
        ("POST", "deskbell", "token") => return outright(shared, &base, request),
        ("GET", "error", "") => return explain(request),
        _ => {}
    }
    match Tenancy::read(shared, tenant) {
        Ok(tenancy) => endpoint_answer(shared, &base, &tenancy, endpoint, request),
        Err(refusal) if endpoint.ends_with("/authorize") || endpoint.ends_with("adminconsent") => {
            Outgoing::page(400, pages::error(&format!("AADSTS{}: {}", refusal.code, refusal.message)))
        }
        Err(refusal) => refusal.answer(shared, request),
    }
}

fn endpoint_answer(shared: &Shared, base: &str, tenancy: &Tenancy, endpoint: &str, request: &Incoming) -> Outgoing {
    let told = |result: Result<Value, Refusal>| match result {
        Ok(body) => Outgoing::json(200, &body).with("cache-control", "no-store").with("pragma", "no-cache"),
        Err(refusal) => refusal.answer(shared, request),
    };
    match (request.method.as_str(), endpoint) {
        ("GET", "v2.0/.well-known/openid-configuration") => {
            Outgoing::json(200, &discovery::document(shared, base, tenancy))
        }
        ("GET", "discovery/v2.0/keys") => Outgoing::json(200, &discovery::keys(shared, base, tenancy)),
        ("GET" | "POST", "oauth2/v2.0/authorize") => authorize::handle(shared, tenancy, request),
        ("GET" | "POST", "v2.0/adminconsent" | "adminconsent") => admin_consent::handle(shared, tenancy, request),
        ("POST", "oauth2/v2.0/devicecode") => told(device::begin(shared, tenancy, base, request)),
        ("POST", "oauth2/v2.0/token") => told(grant::handle(shared, tenancy, base, request)),
        ("GET", "oauth2/v2.0/logout") => authorize::sign_out(shared, request),
        (_, "oauth2/v2.0/token" | "oauth2/v2.0/devicecode") => {
            let message = "This endpoint takes POST only.";
            Refusal::new("invalid_request", 900_561, message).answer(shared, request)
        }
        _ => Outgoing::page(404, pages::error("There is nothing at this address.")),
    }
}

/// `POST /deskbell/token` with `person` and `scope`, as a form or as JSON: a token without any sign-in. No part of Entra ID;
/// `deskbell tenant token` asks here.
fn outright(shared: &Shared, base: &str, request: &Incoming) -> Outgoing {
    let mut fields = request.form_pairs();
    if let Ok(Value::Object(sent)) = serde_json::from_slice(&request.body) {
        fields = sent.iter().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect();
    }
    let Some(person) = value(&fields, "person") else { return Refusal::missing("person").answer(shared, request) };
    match grant::outright_answer(shared, base, person, value(&fields, "scope").unwrap_or("")) {
        Ok(body) => Outgoing::json(200, &body),
        Err(refusal) => refusal.answer(shared, request),
    }
}

fn front_page(shared: &Shared) -> Outgoing {
    let body = format!(
        "<p>This is the sign-in authority of an invented company. Graph is at {}.</p>\n\
         <p><a href=\"/devicelogin\">Enter a device code</a></p>",
        pages::escape(&shared.graph)
    );
    Outgoing::page(200, pages::page("Sign-in", &body))
}

fn explain(request: &Incoming) -> Outgoing {
    let query = request.query_pairs();
    let code = value(&query, "code").unwrap_or("?");
    let body = format!("<p>AADSTS{}: see the list of sign-in errors in the documentation.</p>", pages::escape(code));
    Outgoing::page(200, pages::page("Error", &body))
}
