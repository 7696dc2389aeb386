//! What stands before the areas: the listener, the token, permits, faults, and the headers of every answer.
//!
//! Order: the token is looked at first, then permits are taken, then the script may interfere, then the area answers. So a
//! slow request holds its permit, as with the real service, and a refused one counts. [throttling; resolve-auth-errors]

use crate::sim::faults::{Action, FaultBody, Side};
use crate::sim::graph::address::Address;
use crate::sim::graph::batch::{self, Item};
use crate::sim::graph::limits::{self, is_outlook};
use crate::sim::graph::mail::upload;
use crate::sim::graph::permits::{self, Permit};
use crate::sim::graph::{answer, quirks, tokens};
use crate::sim::http::{self, Incoming, Outgoing, seconds};
use crate::sim::line::Wire;
use crate::sim::request::{Answer, Body, Caller, Request};
use crate::sim::script::LoggedRequest;
use crate::sim::tenant::{Shared, lock};
use axum::Router;
use axum::extract::{ConnectInfo, State};
use axum::http::Response;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The content type of every JSON answer. [best-practices-concept]
const JSON: &str = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";
/// The preferences that are honoured somewhere, in their usual spelling.
const PREFERENCES: &[&str] = &[
    "outlook.timezone",
    "outlook.body-content-type",
    "outlook.allow-unsafe-html",
    "IdType",
    "odata.maxpagesize",
    "include-unknown-enum-members",
];

pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new().fallback(serve).with_state(shared)
}

async fn serve(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    request: axum::extract::Request,
) -> Response<axum::body::Body> {
    let working = shared.activity.begin();
    let Some(incoming) = Incoming::read(request).await else {
        return Outgoing::new(413, JSON, r#"{"error":{"code":"RequestEntityTooLarge","message":""}}"#).into_response();
    };
    drop(working);
    wire.cut_after(None);
    let (answer, cut) = admit(&shared, &incoming, &wire).await;
    let _working = shared.activity.begin();
    let outgoing = Outgoing { cut, ..dress(&shared, &incoming, answer) };
    let entry = LoggedRequest {
        side: Side::Graph,
        method: incoming.method,
        path: incoming.path,
        query: incoming.query,
        status: if cut { 0 } else { outgoing.status },
    };
    shared.note(entry);
    outgoing.into_response()
}

/// Everything between reading and writing; `true` if the connection is to break.
async fn admit(shared: &Arc<Shared>, incoming: &Incoming, wire: &Wire) -> (Answer, bool) {
    let working = shared.activity.begin();
    if incoming.path.starts_with(upload::PLACE) {
        drop(working);
        return elsewhere(shared, incoming).await;
    }
    let caller = match tokens::check(shared, incoming.header("authorization")) {
        Ok(caller) => caller,
        Err(refusal) => return (refusal, false),
    };
    if incoming.path.eq_ignore_ascii_case("/oidc/userinfo") {
        return (tokens::userinfo(shared, &caller), false);
    }
    let Some(path) = incoming.path.strip_prefix("/v1.0") else {
        return (Answer::error(400, "BadRequest", "Invalid version."), false);
    };
    let mut request = match read(incoming, path, caller, &shared.graph) {
        Ok(request) => request,
        Err(refusal) => return (refusal, false),
    };
    let _permit = match permit(shared, &request) {
        Ok(permit) => permit,
        Err(refusal) => return (refusal, false),
    };
    let actions = lock(&shared.faults).hit(Side::Graph, &incoming.method, path, None);
    for action in &actions {
        if let Action::CutAt(bytes) = action {
            wire.cut_after(Some(*bytes));
        }
    }
    drop(working);
    linger(shared, &actions).await;
    if actions.contains(&Action::Drop) {
        return (Answer::error(503, "ServiceUnavailable", "Nobody hears this."), true);
    }
    if request.path == ["$batch"] {
        let answer = whole_batch(shared, &request, &actions).await;
        be_late(shared, &actions).await;
        return (answer, actions.contains(&Action::Cut));
    }
    let working = shared.activity.begin();
    let quirky = lock(&shared.world).options.quirks;
    if quirky {
        quirks::before(&mut request);
    }
    let mut answer = interfere(shared, &request, incoming, &actions);
    if quirky {
        let query = if incoming.query.is_empty() { String::new() } else { format!("?{}", incoming.query) };
        quirks::after(&request, &format!("{}{}{query}", request.base, incoming.path), &mut answer);
    }
    drop(working);
    be_late(shared, &actions).await;
    (answer, actions.contains(&Action::Cut))
}

/// Pieces of attachments go to a place of their own, without a token; the script may interfere there too.
async fn elsewhere(shared: &Arc<Shared>, incoming: &Incoming) -> (Answer, bool) {
    let actions = lock(&shared.faults).hit(Side::Graph, &incoming.method, &incoming.path, None);
    linger(shared, &actions).await;
    let working = shared.activity.begin();
    let here = format!("{}{}", incoming.base(&shared.graph), incoming.path);
    let request = Request {
        method: incoming.method.clone(),
        path: Vec::new(),
        query: Vec::new(),
        headers: Vec::new(),
        body: Value::Null,
        caller: Caller::default(),
        base: incoming.base(&shared.graph),
    };
    let scripted = actions.iter().find_map(|action| instead(shared, &request, &here, action));
    let answer = scripted.unwrap_or_else(|| upload::serve(&mut lock(&shared.world), incoming, &request.base));
    drop(working);
    be_late(shared, &actions).await;
    (answer, actions.contains(&Action::Cut))
}

/// Waits as long as the script says, on the tenant's clock. The client that waits for us is idle meanwhile: a test must see
/// idle to crank the clock.
async fn linger(shared: &Shared, actions: &[Action]) {
    for action in actions {
        if let Action::Slow(milliseconds) = action {
            hold(shared, *milliseconds).await;
        }
    }
}

/// Waits with an answer that was made.
async fn be_late(shared: &Shared, actions: &[Action]) {
    for action in actions {
        if let Action::Late(milliseconds) = action {
            hold(shared, *milliseconds).await;
        }
    }
}

/// Waits on the tenant's clock, and lets whoever asks the script know that a request is being held.
async fn hold(shared: &Shared, milliseconds: u64) {
    let _held = Held::begin(shared);
    shared.activity.asleep(http::wait(&shared.clock, milliseconds)).await;
}

/// A request that the script holds; until it goes on, or its client is gone.
struct Held<'a>(&'a Shared);

impl<'a> Held<'a> {
    fn begin(shared: &'a Shared) -> Self {
        shared.held.send_modify(|count| *count += 1);
        Self(shared)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.held.send_modify(|count| *count -= 1);
    }
}

fn read(incoming: &Incoming, path: &str, caller: Caller, graph: &str) -> Result<Request, Answer> {
    let Address { path, query } = Address::read(path, &incoming.query);
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in &incoming.headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        let joined = headers.entry(name.as_str().to_owned()).or_default();
        if !joined.is_empty() {
            joined.push_str(", ");
        }
        joined.push_str(&value);
    }
    let is_json = headers.get("content-type").is_some_and(|kind| kind.to_lowercase().contains("json"));
    let body = match incoming.body.as_ref() {
        [] => Value::Null,
        bytes if is_json => serde_json::from_slice(bytes)
            .map_err(|_| Answer::error(400, "BadRequest", "Unable to read JSON request payload."))?,
        _ => Value::Null,
    };
    let base = incoming.base(graph);
    Ok(Request {
        method: incoming.method.clone(),
        path,
        query,
        headers: headers.into_iter().collect(),
        body,
        caller,
        base,
    })
}

/// Takes a permit for the mailbox the path is about; directory and presence have limits of their own and need none.
fn permit(shared: &Arc<Shared>, request: &Request) -> Result<Option<Permit>, Answer> {
    let owner = {
        let world = lock(&shared.world);
        limits::check(&world, request)?;
        match world.resolve(request) {
            Some(Ok(target)) if is_outlook(target.rest) => Some(world.person(target.person).id.clone()),
            _ => None,
        }
    };
    let now = seconds(shared.clock.now());
    owner.map(|owner| permits::begin(shared, &request.caller.client, &owner, now)).transpose()
}

/// The area's answer, or what the script wants instead.
fn interfere(shared: &Shared, request: &Request, incoming: &Incoming, actions: &[Action]) -> Answer {
    let action = actions.iter().find(|action| !matches!(action, Action::Slow(_) | Action::Late(_)));
    let here = format!("{}{}", request.base, incoming.path);
    action.and_then(|action| instead(shared, request, &here, action)).unwrap_or_else(|| {
        let mut world = lock(&shared.world);
        answer(&mut world, request)
    })
}

/// What the script sends instead of an answer; `None` where the answer is made all the same.
fn instead(shared: &Shared, request: &Request, here: &str, action: &Action) -> Option<Answer> {
    match action {
        // A cut answer was made, and then lost: what the request changed stays changed.
        Action::Slow(_) | Action::Late(_) | Action::Cut | Action::CutAt(_) | Action::Drop | Action::DropAt(_) => None,
        Action::Throttle(after, as_date) => {
            let refused = Answer::error(429, "TooManyRequests", "Too many requests. Retry later.");
            Some(retry_after(shared, refused, *after, *as_date))
        }
        Action::Status(status, body, after) => {
            let body = match body {
                FaultBody::Empty => Body::Empty,
                FaultBody::Html => Body::Bytes("text/html; charset=us-ascii".to_owned(), gateway_page(*status)),
                FaultBody::Error(code) => {
                    return Some(retry_after(shared, Answer::error(*status, code, "Scripted."), *after, false));
                }
                FaultBody::Json(value) => Body::Json(value.clone()),
                FaultBody::Text(text) => Body::Bytes(JSON.to_owned(), text.clone().into_bytes()),
            };
            Some(retry_after(shared, Answer { status: *status, headers: Vec::new(), body }, *after, false))
        }
        Action::BusyUntil(status, after) => {
            let refused = Answer::error(*status, "ServiceUnavailable", "The service is busy. Retry later.");
            Some(retry_after(shared, refused, Some(*after), true))
        }
        Action::WrongJson => Some(Answer::ok(json!({"value": {"id": [1, 2], "subject": 7}, "@odata.nextLink": false}))),
        Action::Loop => Some(Answer::ok(json!({"value": [], "@odata.nextLink": here}))),
        Action::Revoke | Action::Oauth(_) => {
            if let Some(person) = &request.caller.person {
                lock(&shared.sign_in).revoke(person);
            }
            Some(tokens::revoked(shared, false))
        }
        Action::Challenge(challenge) => {
            if let Some(person) = &request.caller.person {
                lock(&shared.sign_in).challenge(person, challenge.clone());
            }
            Some(tokens::challenged(shared, challenge))
        }
        Action::Gone => Some(Answer::error(410, "SyncStateNotFound", "The sync state generation is not found.")),
    }
}

fn retry_after(shared: &Shared, answer: Answer, after: Option<u64>, as_date: bool) -> Answer {
    match after {
        None => answer,
        Some(after) if as_date => {
            answer.with("Retry-After", &http::http_date(shared.clock.now() + Duration::from_secs(after)))
        }
        Some(after) => answer.with("Retry-After", &after.to_string()),
    }
}

fn gateway_page(status: u16) -> Vec<u8> {
    format!("<html><head><title>{status}</title></head><body><h1>{status}</h1><hr>gateway</body></html>").into_bytes()
}

/// A batch: each item meets permits and script as if it had come alone.
async fn whole_batch(shared: &Arc<Shared>, request: &Request, actions: &[Action]) -> Answer {
    if let Some(refused) = actions.iter().find_map(|action| instead(shared, request, &request.base, action)) {
        return refused;
    }
    let items = match batch::items(request) {
        Ok(items) if request.method == "POST" => items,
        Ok(_) => return Answer::error(405, "BadRequest", "A batch is posted."),
        Err(refusal) => return refusal,
    };
    let mut scripted = Vec::new();
    for item in &items {
        let actions = lock(&shared.faults).hit(Side::Graph, &item.request.method, &item.url, None);
        linger(shared, &actions).await;
        scripted.push((item.id.clone(), actions));
    }
    let working = shared.activity.begin();
    let responses = batch::answer(&items, |item| {
        let actions = scripted.iter().find(|(id, _)| *id == item.id).map_or(&[][..], |(_, actions)| actions);
        one_item(shared, item, actions)
    });
    drop(working);
    for (_, actions) in &scripted {
        be_late(shared, actions).await;
    }
    match responses {
        Err(refusal) => refusal,
        Ok(mut responses) => {
            if lock(&shared.world).options.quirks {
                // Any order is allowed; the reverse is the one nobody sends by accident.
                responses.reverse();
            }
            Answer::ok(json!({"responses": responses}))
        }
    }
}

fn one_item(shared: &Arc<Shared>, item: &Item, actions: &[Action]) -> Answer {
    let permit = permit(shared, &item.request);
    let mut answered = match permit {
        Err(refusal) => refusal,
        Ok(_permit) => actions
            .iter()
            .find_map(|action| {
                instead(shared, &item.request, &format!("{}/v1.0{}", item.request.base, item.url), action)
            })
            .unwrap_or_else(|| answer(&mut lock(&shared.world), &item.request)),
    };
    complete_error(shared, &mut answered, &shared.ids.guid(), item.request.header("client-request-id"));
    answered
}

/// Adds date and ids to the envelope of an error. \[errors\]
fn complete_error(shared: &Shared, answer: &mut Answer, request_id: &str, client_id: Option<&str>) {
    let Body::Json(body) = &mut answer.body else { return };
    let Some(Value::Object(error)) = body.get_mut("error").filter(|_| answer.status >= 400) else { return };
    let mut inner = Map::new();
    inner.insert("date".to_owned(), json!(http::utc(shared.clock.now(), "%Y-%m-%dT%H:%M:%S")));
    inner.insert("request-id".to_owned(), json!(request_id));
    inner.insert("client-request-id".to_owned(), json!(client_id.unwrap_or(request_id)));
    error.entry("innerError").or_insert(Value::Object(inner));
}

/// The headers of every answer. [best-practices-concept]
fn dress(shared: &Shared, incoming: &Incoming, mut answer: Answer) -> Outgoing {
    let request_id = shared.ids.guid();
    let client_id = incoming.header("client-request-id").unwrap_or(&request_id).to_owned();
    complete_error(shared, &mut answer, &request_id, Some(&client_id));
    let preferences = applied(incoming).filter(|_| answer.status < 300);
    let (content_type, body) = match answer.body {
        Body::Empty => (None, Vec::new()),
        Body::Json(value) => (Some(JSON.to_owned()), value.to_string().into_bytes()),
        Body::Bytes(content_type, bytes) => (Some(content_type), bytes),
    };
    let mut headers = answer.headers;
    let mut add = |name: &str, value: String| {
        if !headers.iter().any(|(present, _)| present.eq_ignore_ascii_case(name)) {
            headers.push((name.to_owned(), value));
        }
    };
    if let Some(content_type) = content_type {
        add("Content-Type", content_type);
    }
    if let Some(preferences) = preferences {
        add("Preference-Applied", preferences);
    }
    add("request-id", request_id);
    add("client-request-id", client_id);
    add("Date", http::http_date(shared.clock.now()));
    add("OData-Version", "4.0".to_owned());
    add("Cache-Control", "private".to_owned());
    let server = json!({"ServerInfo": {
        "DataCenter": "West Europe", "Slice": "E", "Ring": "5", "ScaleUnit": "002", "RoleInstance": "AM4PEPF00027A65",
    }});
    add("x-ms-ags-diagnostic", server.to_string());
    Outgoing { status: answer.status, headers, body, cut: false }
}

/// The preferences of the request that are honoured, for `Preference-Applied`.
fn applied(incoming: &Incoming) -> Option<String> {
    let sent = incoming.headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    let honoured: Vec<&str> = sent
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|part| {
            let name = part.split('=').next().unwrap_or("").trim();
            PREFERENCES.iter().any(|known| known.eq_ignore_ascii_case(name))
        })
        .collect();
    (!honoured.is_empty()).then(|| honoured.join(", "))
}
