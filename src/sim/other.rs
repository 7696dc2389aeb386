//! A sign-in server of another make: OpenID Connect and nothing of Entra ID, to see whether a client expects more than the standard.
//!
//! What differs: addresses of its own below the root; a redirect address with https that leads elsewhere, so that a person must
//! paste; tokens of ten minutes, opaque; refresh tokens of 4 KB that work once; no device codes; no id token unless asked; scopes
//! without any prefix; errors without numbers. [RFC 6749; RFC 7636; RFC 8414]
//! Must stay true: nothing of `entra` is used here. Deliberately absent: pages; [`OtherServer::authorize`] is the person.

use crate::base::clock::SharedClock;
use crate::base::ids::Ids;
use crate::sim::faults::Side;
use crate::sim::http::{Incoming, Outgoing, http_date, seconds, value};
use crate::sim::line::Line;
use crate::sim::tenant::lock;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex};
use tokio::sync::watch;
use url::Url;

/// The one client it knows.
pub const CLIENT: &str = "desk-bell-at-home";
/// The one redirect address of it; nobody listens there.
pub const REDIRECT: &str = "https://signin.elsewhere.example/done";
/// A token lives so many seconds.
pub const LIFE: u64 = 600;
/// A refresh token is so many characters long.
pub const REFRESH_LENGTH: usize = 4096;
const CODE_LIFE: u64 = 60;
const SCOPES: &[&str] = &["openid", "profile", "offline_access", "mail", "calendar"];

/// The running server; it stops when dropped.
pub struct OtherServer {
    shared: Arc<Shared>,
    _stop: watch::Sender<()>,
}

impl fmt::Debug for OtherServer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("OtherServer").field("root", &self.shared.root).finish_non_exhaustive()
    }
}

struct Shared {
    clock: SharedClock,
    ids: Arc<dyn Ids>,
    root: String,
    state: Mutex<Issued>,
}

#[derive(Default)]
struct Issued {
    codes: HashMap<String, Grant>,
    refreshes: HashMap<String, Grant>,
    access: HashMap<String, (String, u64)>,
}

#[derive(Clone)]
struct Grant {
    person: String,
    scope: String,
    challenge: String,
    nonce: Option<String>,
    made: u64,
}

impl OtherServer {
    /// Starts it on a free port of loopback, on the current tokio runtime.
    ///
    /// # Errors
    /// If no port can be taken.
    pub async fn start(clock: SharedClock, ids: Arc<dyn Ids>) -> io::Result<Self> {
        let line = Line::listen(0, Side::Authority, Arc::default(), Arc::default()).await?;
        let root = format!("http://{}", line.address()?);
        let shared = Arc::new(Shared { clock, ids, root, state: Mutex::default() });
        let router = Router::new().fallback(serve).with_state(shared.clone());
        let (stop, mut stopped) = watch::channel(());
        tokio::spawn(async move {
            let end = async move { while stopped.changed().await.is_ok() {} };
            if let Err(error) = axum::serve(line, router).with_graceful_shutdown(end).await {
                tracing::warn!(%error, "the other sign-in server ended");
            }
        });
        Ok(Self { shared, _stop: stop })
    }

    /// Its address; `/.well-known/openid-configuration` follows.
    #[must_use]
    pub fn root(&self) -> &str {
        &self.shared.root
    }

    /// Signs somebody in at an authorize address; gives the address the browser would end at, which the person pastes.
    ///
    /// # Errors
    /// What the page would say.
    pub fn authorize(&self, address: &str, person: &str) -> Result<String, String> {
        let url = Url::parse(address).map_err(|error| error.to_string())?;
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let get = |name: &str| value(&pairs, name).unwrap_or_default();
        if url.path() != "/connect/authorize" {
            return Err("There is nothing at this address.".to_owned());
        }
        if get("client_id") != CLIENT || get("redirect_uri") != REDIRECT {
            return Err("The client or its redirect address is not known here.".to_owned());
        }
        let mut back = Url::parse(REDIRECT).map_err(|error| error.to_string())?;
        let unknown = get("scope").split_whitespace().any(|word| !SCOPES.contains(&word));
        if get("response_type") != "code" || get("code_challenge_method") != "S256" || unknown {
            let error = if unknown { "invalid_scope" } else { "invalid_request" };
            back.query_pairs_mut().append_pair("error", error).append_pair("state", get("state"));
            return Ok(back.into());
        }
        let code = self.shared.ids.token(24);
        let grant = Grant {
            person: person.to_owned(),
            scope: get("scope").to_owned(),
            challenge: get("code_challenge").to_owned(),
            nonce: value(&pairs, "nonce").map(str::to_owned),
            made: self.shared.now(),
        };
        lock(&self.shared.state).codes.insert(code.clone(), grant);
        // The order of the parameters is nobody's promise, and a server may add its own. [RFC 9207]
        back.query_pairs_mut()
            .append_pair("iss", &self.shared.root)
            .append_pair("state", get("state"))
            .append_pair("code", &code);
        Ok(back.into())
    }

    /// Whether this access token is good now.
    #[must_use]
    pub fn accepts(&self, token: &str) -> bool {
        let now = self.shared.now();
        lock(&self.shared.state).access.get(token).is_some_and(|(_, end)| now < *end)
    }
}

impl Shared {
    fn now(&self) -> u64 {
        seconds(self.clock.now())
    }
}

async fn serve(State(shared): State<Arc<Shared>>, request: Request) -> Response<Body> {
    let Some(request) = Incoming::read(request).await else {
        return Outgoing::json(413, &json!({"error": "invalid_request"})).into_response();
    };
    let outgoing = match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/.well-known/openid-configuration") => Outgoing::json(200, &document(&shared.root)),
        ("POST", "/connect/token") => match token(&shared, &request) {
            Ok(body) => Outgoing::json(200, &body).with("cache-control", "no-store"),
            Err(error) => Outgoing::json(400, &json!({"error": error})),
        },
        ("GET", "/connect/userinfo") => match userinfo(&shared, &request) {
            Some(body) => Outgoing::json(200, &body),
            None => Outgoing::json(401, &json!({"error": "invalid_token"})).with("www-authenticate", "Bearer"),
        },
        _ => Outgoing::page(404, "There is nothing at this address.".to_owned()),
    };
    // The moment is told by the clock that tokens live by.
    outgoing.with("date", &http_date(shared.clock.now())).into_response()
}

fn document(root: &str) -> Value {
    json!({
        "issuer": root,
        "authorization_endpoint": format!("{root}/connect/authorize"),
        "token_endpoint": format!("{root}/connect/token"),
        "userinfo_endpoint": format!("{root}/connect/userinfo"),
        "scopes_supported": SCOPES, "response_types_supported": ["code"], "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"], "token_endpoint_auth_methods_supported": ["none"],
    })
}

fn token(shared: &Shared, request: &Incoming) -> Result<Value, &'static str> {
    let form = request.form_pairs();
    let get = |name: &str| value(&form, name).unwrap_or_default();
    if get("client_id") != CLIENT {
        return Err("invalid_client");
    }
    let now = shared.now();
    let mut state = lock(&shared.state);
    let grant = match get("grant_type") {
        "authorization_code" => {
            let grant = state.codes.remove(get("code")).ok_or("invalid_grant")?;
            let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, get("code_verifier").as_bytes());
            let proven = URL_SAFE_NO_PAD.encode(digest) == grant.challenge;
            if !proven || get("redirect_uri") != REDIRECT || now >= grant.made + CODE_LIFE {
                return Err("invalid_grant");
            }
            grant
        }
        // It works once, and whoever comes again begins anew.
        "refresh_token" => {
            Grant { nonce: None, ..state.refreshes.remove(get("refresh_token")).ok_or("invalid_grant")? }
        }
        _ => return Err("unsupported_grant_type"),
    };
    let access = shared.ids.token(64);
    state.access.insert(access.clone(), (grant.person.clone(), now + LIFE));
    let has = |word: &str| grant.scope.split_whitespace().any(|one| one == word);
    let mut body = json!({"access_token": access, "token_type": "bearer", "expires_in": LIFE});
    if has("openid") {
        let claims = json!({
            "iss": shared.root, "aud": CLIENT, "sub": grant.person, "iat": now, "exp": now + LIFE, "nonce": grant.nonce,
        });
        // Unsigned: it came straight from the token endpoint. [OpenID Connect Core 3.1.3.7]
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        body["id_token"] = json!(format!("{}.{}.", part(&json!({"alg": "none"})), part(&claims)));
    }
    if has("offline_access") {
        let refresh = shared.ids.token(REFRESH_LENGTH);
        state.refreshes.insert(refresh.clone(), grant);
        body["refresh_token"] = json!(refresh);
    }
    Ok(body)
}

fn userinfo(shared: &Shared, request: &Incoming) -> Option<Value> {
    let token = request.header("authorization")?.strip_prefix("Bearer ")?;
    let state = lock(&shared.state);
    let (person, end) = state.access.get(token)?;
    (shared.now() < *end).then(|| json!({"sub": person}))
}
