//! The only await on HTTP to Graph (`upload` beside it sends pieces of files to where Graph wants them).
//!
//! [`Graph::send`] takes a [`Call`], waits for its turn, sends it, and obeys what `retry` decides. Must stay true: the token is
//! written into a header in one place and goes to Graph's own host only; redirects are followed for reading only, to https (or
//! to this computer, if Graph itself is there), at most three, without the token; nobody holds a permit while waiting for
//! a clock; an address is never logged, for it names people. Deliberately absent: knowledge of any area.

pub mod upload;
mod watch;

use crate::auth::claims::ClaimsChallenge;
use crate::auth::{AuthError, TokenSource};
use crate::base::clock::SharedClock;
use crate::base::ids::Ids;
use crate::base::report::Kind;
use crate::base::report::Report;
use crate::base::secret::Secret;
use crate::domain::account::Scopes;
use crate::domain::calls::{CallEnd, CallRecord, MadeAs, RetryPolicy, Service};
use crate::domain::sync::{WaitReason, Waiting};
use crate::domain::token::TokenFacts;
use crate::graph::call::{Budget, Call, Method, Priority, is_same_origin};
use crate::graph::error::{self, GraphError, Refusal, Trace, Unreachable};
use crate::graph::permits::{Gate, Gates};
use crate::graph::reach::Reach;
use crate::graph::retry::{self, Decision, Facts, Outcome};
use crate::graph::wire;
use crate::net::calls::place;
use crate::net::client::{ClientError, Clients};
use crate::net::cloud::is_loopback;
use crate::net::curl;
use crate::net::failure::{self, Failure};
use jiff::Timestamp;
use reqwest::header::HeaderMap;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};
use url::Url;

/// The largest answer that is read.
pub const LARGEST_ANSWER: usize = 64_000_000;
/// How long a person waits for the service's waits, in all.
pub const PATIENCE_OF_A_PERSON: Duration = Duration::from_secs(30);
/// How long the background does.
pub const PATIENCE_OF_THE_BACKGROUND: Duration = Duration::from_mins(10);
const MOST_REDIRECTS: usize = 3;

/// What the engine wants to know of every call, whoever made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// The service answered, after it had not or for the first time.
    Reached,
    /// The service could not be reached; a further try comes at this instant, if one comes.
    Unreachable {
        /// The next try of this call.
        next_try: Option<Timestamp>,
    },
    /// The service asked us to wait until this instant.
    ThrottledUntil(Timestamp),
    /// A call waits before it is sent again.
    Waiting(Waiting),
    /// A call that had waited has its result.
    WaitOver,
}

/// Hears the news. Called on the way, so it must not block.
pub trait Observer: Send + Sync {
    /// Takes a piece of news.
    fn hear(&self, news: News);
}

/// Hears nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NobodyListens;

impl Observer for NobodyListens {
    fn hear(&self, _news: News) {}
}

/// An answer that says yes.
#[derive(Clone, Debug)]
pub struct Response {
    /// HTTP status, 200 to 299.
    pub status: u16,
    /// The body as it came.
    pub body: Vec<u8>,
    /// What the service calls it, tamed; may be empty.
    pub content_type: String,
    /// For support.
    pub trace: Trace,
}

impl Response {
    /// The error for a body that is not what was asked for.
    #[must_use]
    pub fn unreadable(&self, what: String) -> GraphError {
        GraphError::Unreadable { status: self.status, what, trace: self.trace.clone() }
    }

    /// The body as one object.
    pub(crate) fn object<T: wire::Row>(&self) -> Result<T, GraphError> {
        wire::object(&self.body).map_err(|what| self.unreadable(what))
    }
}

/// What a [`Graph`] is made of.
pub struct Parts {
    /// The HTTP clients of the cloud, and its addresses.
    pub clients: Arc<Clients>,
    /// Where tokens come from.
    pub tokens: Arc<dyn TokenSource>,
    /// The clock.
    pub clock: SharedClock,
    /// Request ids and jitter.
    pub ids: Arc<dyn Ids>,
    /// Who hears the news.
    pub observer: Arc<dyn Observer>,
    /// Nothing is asked (`--offline`).
    pub is_offline: bool,
    /// As whom calls are made, for their records; `None` where that is not known yet.
    pub made_as: Option<MadeAs>,
    /// How calls are sent again.
    pub retry: RetryPolicy,
    /// What may be reached at all.
    pub reach: Reach,
}

/// Microsoft Graph for one account. Cloning is cheap; clones share permits and waits.
#[derive(Clone)]
pub struct Graph {
    inner: Arc<Inner>,
}

struct Inner {
    parts: Parts,
    base: Url,
    gates: Gates,
    /// Last told: 0 nothing, 1 reached, 2 unreachable.
    told: AtomicU8,
    /// The first listed mailbox of a service that has a calendar.
    asked_through: OnceLock<String>,
}

/// How far an exchange came.
enum Exchange {
    Answer(Answer),
    Failed { failure: Box<Failure>, was_sent: bool, trace: Trace },
    NoClient(ClientError),
    TooLarge(Trace),
}

/// An answer of any status.
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
    trace: Trace,
    /// It came from where a redirect led.
    is_elsewhere: bool,
}

impl std::fmt::Debug for Graph {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Graph").field("base", &self.inner.base.as_str()).finish_non_exhaustive()
    }
}

impl Graph {
    /// Graph at the cloud's address; nothing is sent yet.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let mut base = parts.clients.cloud().graph.clone();
        if matches!(base.path(), "" | "/") {
            base.set_path("/v1.0");
        }
        Self {
            inner: Arc::new(Inner {
                parts,
                base,
                gates: Gates::default(),
                told: AtomicU8::new(0),
                asked_through: OnceLock::new(),
            }),
        }
    }

    /// The present moment by the injected clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        timestamp(self.inner.parts.clock.now())
    }

    /// What can be told about the token.
    #[must_use]
    pub fn token_facts(&self) -> TokenFacts {
        self.inner.parts.tokens.facts()
    }

    /// What the newest token grants.
    #[must_use]
    pub fn granted(&self) -> Scopes {
        self.inner.parts.tokens.granted()
    }

    /// The call as this account may send it.
    ///
    /// # Errors
    /// [`GraphError::OutOfReach`].
    pub(crate) fn admit(&self, call: Call) -> Result<Call, GraphError> {
        self.inner.parts.reach.admit(call)
    }

    /// The mailboxes of a service; none for a person.
    #[must_use]
    pub fn mailboxes(&self) -> &[String] {
        self.inner.parts.reach.mailboxes()
    }

    /// The mailbox through which a service asks for free/busy, once one has answered; `None` for a person.
    #[must_use]
    pub fn asked_through(&self) -> Option<&str> {
        self.inner.asked_through.get().map(String::as_str)
    }

    /// This mailbox has a calendar to ask through. The first one stays.
    pub(crate) fn ask_through(&self, mailbox: &str) {
        self.inner.asked_through.get_or_init(|| mailbox.to_owned());
    }

    /// Why the mailbox of this address may not be looked into; `None` where it may.
    #[must_use]
    pub fn refusal(&self, address: &str) -> Option<Report> {
        self.inner.parts.reach.refusal(address)
    }

    /// Whether a path that somebody wrote may be read.
    ///
    /// # Errors
    /// [`GraphError::OutOfReach`].
    pub(crate) fn admit_path(&self, path: &str) -> Result<(), GraphError> {
        self.inner.parts.reach.admit_path(path)
    }

    /// Sends `call` and gives back an answer that says yes.
    ///
    /// Waits for a permit and for what the service asks, repeats what may be repeated, and renews the token once after a 401.
    ///
    /// # Errors
    /// [`GraphError`] for everything else.
    pub async fn send(&self, call: Call) -> Result<Response, GraphError> {
        let call = self.admit(call)?;
        let url = call.address(&self.inner.base)?;
        if self.inner.parts.is_offline {
            return Err(GraphError::Unreachable {
                reason: Unreachable::ForcedOffline,
                detail: String::new(),
                failure: None,
                trace: Trace::default(),
            });
        }
        let mut sending = Sending::new(&call);
        let result = self.send_until_answered(&call, &url, &mut sending).await;
        if sending.has_told_wait {
            self.inner.parts.observer.hear(News::WaitOver);
        }
        result
    }

    async fn send_until_answered(&self, call: &Call, url: &Url, sending: &mut Sending) -> Result<Response, GraphError> {
        let gate = self.inner.gates.of(call.counts_against());
        loop {
            let waited = self.wait_for_leave(&gate, sending).await?;
            sending.waited += waited;
            let token = match sending.renewed.clone() {
                Some(token) => token,
                None => self.inner.parts.tokens.access_token().await.map_err(token_error)?,
            };
            let permit = gate.enter(call.waits(), call.counts_as()).await;
            if gate.not_before(self.clock_now()).is_some_and(|instant| instant > self.clock_now()) {
                continue;
            }
            if let Err(room) = gate.spend(self.clock_now(), call.waits(), call.counted()) {
                drop(permit);
                let waited = self.wait_for_room(room, sending).await?;
                sending.waited += waited;
                continue;
            }
            sending.attempts += 1;
            let sent = self.clock_now();
            let exchange = self.watched(call, url, &token).await;
            drop(permit);
            self.note(call, url, sent, &exchange, sending);
            if let Some(result) = self.judge(exchange, &gate, &token, sending).await {
                return result;
            }
        }
    }

    /// Sends `call` once as it is, for the doctor: nothing is repeated, no token is renewed, and a 401 comes back as the service
    /// said it.
    ///
    /// # Errors
    /// [`GraphError`]; every answer that says no is a [`GraphError::Refused`].
    pub async fn send_once(&self, call: Call) -> Result<Response, GraphError> {
        let call = self.admit(call)?;
        let url = call.address(&self.inner.base)?;
        let token = self.inner.parts.tokens.access_token().await.map_err(token_error)?;
        let gate = self.inner.gates.of(call.counts_against());
        let _permit = gate.enter(call.waits(), call.counts_as()).await;
        match self.exchange(&call, url, &token).await {
            Exchange::TooLarge(trace) => Err(GraphError::TooLarge { limit: LARGEST_ANSWER, trace }),
            Exchange::NoClient(error) => Err(GraphError::NoClient(error)),
            Exchange::Failed { failure, was_sent, trace } => Err(unreachable(failure, was_sent, trace)),
            Exchange::Answer(answer) if (200..300).contains(&answer.status) => Ok(response(answer)),
            Exchange::Answer(answer) => Err(GraphError::Refused(Box::new(refusal(answer)))),
        }
    }

    /// Waits until the service wants to hear from us again; gives back how long that was.
    async fn wait_for_leave(&self, gate: &Gate, sending: &mut Sending) -> Result<Duration, GraphError> {
        let Some(wait) =
            gate.not_before(self.clock_now()).and_then(|instant| instant.duration_since(self.clock_now()).ok())
        else {
            return Ok(Duration::ZERO);
        };
        if wait.is_zero() {
            return Ok(wait);
        }
        if sending.waited.saturating_add(wait) > sending.patience {
            return Err(GraphError::Throttled { until: timestamp(self.clock_now() + wait), refusal: Box::default() });
        }
        let wait = wait.saturating_add(retry::MOST_JITTER.mul_f64(self.random()));
        self.tell_wait(wait, WaitReason::Asked, sending);
        self.inner.parts.clock.sleep(wait).await;
        Ok(wait)
    }

    /// Waits until the service will take more requests.
    async fn wait_for_room(&self, room: SystemTime, sending: &mut Sending) -> Result<Duration, GraphError> {
        let wait = room.duration_since(self.clock_now()).unwrap_or_default();
        if sending.waited.saturating_add(wait) > sending.patience {
            return Err(GraphError::Throttled { until: timestamp(room), refusal: Box::default() });
        }
        self.tell_wait(wait, WaitReason::Budget, sending);
        self.inner.parts.clock.sleep(wait).await;
        Ok(wait)
    }

    /// What an exchange means: a result, or `None` for once more.
    async fn judge(
        &self,
        exchange: Exchange,
        gate: &Gate,
        token: &Secret<String>,
        sending: &mut Sending,
    ) -> Option<Result<Response, GraphError>> {
        match exchange {
            Exchange::TooLarge(trace) => Some(Err(GraphError::TooLarge { limit: LARGEST_ANSWER, trace })),
            Exchange::NoClient(error) => Some(Err(GraphError::NoClient(error))),
            Exchange::Failed { failure, was_sent, trace } => {
                let outcome = if was_sent { Outcome::Lost } else { Outcome::NotSent };
                let decision = if failure.kind.may_pass() {
                    retry::decide(&self.facts(sending, outcome, None))
                } else {
                    Decision::Accept
                };
                let wait = if let Decision::Repeat(wait) = decision { Some(wait) } else { None };
                self.tell_unreachable(wait);
                let Some(wait) = wait else {
                    return Some(Err(unreachable(failure, was_sent, trace)));
                };
                self.pause(wait, WaitReason::NoConnection, sending).await;
                None
            }
            Exchange::Answer(answer) => {
                self.tell_reached();
                if !answer.is_elsewhere {
                    self.inner.parts.clients.service_time().hear(&answer.trace.date, self.clock_now());
                }
                if (200..300).contains(&answer.status) {
                    return Some(Ok(response(answer)));
                }
                self.judge_refusal(answer, gate, token, sending).await
            }
        }
    }

    async fn judge_refusal(
        &self,
        answer: Answer,
        gate: &Gate,
        token: &Secret<String>,
        sending: &mut Sending,
    ) -> Option<Result<Response, GraphError>> {
        let now = self.clock_now();
        let asked = answer.headers.get("retry-after").and_then(|value| value.to_str().ok());
        let asked = asked.and_then(|value| retry::retry_after(value, now));
        let status = answer.status;
        let is_elsewhere = answer.is_elsewhere;
        let challenge = challenge_of(&answer);
        let refusal = refusal(answer);
        tracing::debug!(status, code = refusal.code(), request_id = refusal.trace.request_id, "refused");
        if status == 401 && !is_elsewhere && !refusal.is_no_mailbox() {
            if let (Some(_), Some(challenge)) = (&sending.renewed, &challenge) {
                return Some(Err(token_error(self.inner.parts.tokens.challenge_stands(challenge))));
            }
            if sending.renewed.is_some() {
                return Some(Err(GraphError::NeedsLogin(
                    GraphError::Refused(Box::new(refusal)).report("Microsoft 365 does not accept the sign-in."),
                )));
            }
            return match self.inner.parts.tokens.refresh_after_401(token, challenge.as_ref()).await {
                Ok(token) => {
                    sending.renewed = Some(token);
                    sending.attempts -= 1;
                    None
                }
                Err(error) => Some(Err(token_error(error))),
            };
        }
        if let (Some(asked), 429 | 503 | 504 | 509) = (asked, status) {
            gate.hold_until(now + asked, now);
            self.inner.parts.observer.hear(News::ThrottledUntil(timestamp(now + asked)));
        }
        match retry::decide(&self.facts(sending, Outcome::Status(status), asked)) {
            Decision::Repeat(wait) => {
                let reason =
                    if asked.is_some() || status == 429 { WaitReason::Asked } else { WaitReason::Trouble(status) };
                self.pause(wait, reason, sending).await;
                None
            }
            Decision::TooLong(wait) => {
                Some(Err(GraphError::Throttled { until: timestamp(now + wait), refusal: Box::new(refusal) }))
            }
            Decision::Accept if refusal.is_cursor_expired() => Some(Err(GraphError::CursorExpired(Box::new(refusal)))),
            Decision::Accept => Some(Err(GraphError::Refused(Box::new(refusal)))),
        }
    }

    /// Remembers the exchange.
    fn note(&self, call: &Call, url: &Url, sent: SystemTime, exchange: &Exchange, sending: &Sending) {
        let (end, trace) = match exchange {
            Exchange::Answer(answer) => (CallEnd::Status(answer.status), &answer.trace),
            Exchange::Failed { failure, trace, .. } => (CallEnd::Failed(failure.why()), trace),
            // Nothing was sent.
            Exchange::NoClient(_) => return,
            Exchange::TooLarge(trace) => (CallEnd::Failed("the answer is too large".to_owned()), trace),
        };
        let (host, path) = place(url);
        self.inner.parts.clients.calls().note(CallRecord {
            parameters: String::new(),
            at: timestamp(sent),
            service: Service::Graph,
            method: call.method().as_str(),
            host,
            path,
            end,
            duration: self.clock_now().duration_since(sent).unwrap_or_default(),
            attempt: sending.attempts,
            waited: sending.waited,
            made_as: self.inner.parts.made_as.clone(),
            request_id: trace.request_id.clone(),
            client_request_id: trace.client_request_id.clone(),
            date: trace.date.clone(),
            diagnostics: trace.diagnostics(),
        });
    }

    fn facts(&self, sending: &Sending, outcome: Outcome, retry_after: Option<Duration>) -> Facts<'_> {
        Facts {
            policy: &self.inner.parts.retry,
            repeat: sending.repeat,
            outcome,
            retry_after,
            attempts: sending.attempts,
            waited: sending.waited,
            patience: sending.patience,
            random: self.random(),
        }
    }

    async fn pause(&self, wait: Duration, reason: WaitReason, sending: &mut Sending) {
        self.tell_wait(wait, reason, sending);
        sending.waited = sending.waited.saturating_add(wait);
        self.inner.parts.clock.sleep(wait).await;
    }

    fn tell_wait(&self, wait: Duration, reason: WaitReason, sending: &mut Sending) {
        sending.has_told_wait = true;
        self.inner.parts.observer.hear(News::Waiting(Waiting {
            until: timestamp(self.clock_now() + wait),
            attempt: sending.attempts + 1,
            at_most: self.inner.parts.retry.at_most,
            reason,
        }));
    }

    /// Lets nobody who counts against `budget` send for `wait`: a batch heard it for its items.
    pub(crate) fn hold(&self, budget: &Budget, wait: Duration) {
        let until = self.clock_now() + wait;
        self.inner.gates.of(budget).hold_until(until, self.clock_now());
        self.inner.parts.observer.hear(News::ThrottledUntil(timestamp(until)));
    }

    /// Whether a link leads to this Graph, and not to one of another cloud, server or port.
    #[must_use]
    pub fn is_address(&self, link: &str) -> bool {
        Call::link(link).address(&self.inner.base).is_ok()
    }

    /// The version root.
    pub(crate) fn base(&self) -> &Url {
        &self.inner.base
    }

    /// An access token that is good now, for a person who asked for it, with what can be told about it.
    ///
    /// # Errors
    /// [`GraphError::NeedsLogin`] or [`GraphError::NoToken`].
    pub async fn hand_out_token(&self) -> Result<(Secret<String>, TokenFacts), GraphError> {
        let token = self.inner.parts.tokens.access_token().await.map_err(token_error)?;
        Ok((token, self.inner.parts.tokens.facts()))
    }

    /// How calls are sent again.
    pub(crate) fn retry_policy(&self) -> &RetryPolicy {
        &self.inner.parts.retry
    }

    /// The last calls made with the same clients, the newest first.
    #[must_use]
    pub fn recent_calls(&self) -> Vec<CallRecord> {
        self.inner.parts.clients.calls().newest_first()
    }

    /// A random number from 0 (inclusive) to 1 (exclusive), for jitter.
    pub(crate) fn random(&self) -> f64 {
        let mut bytes = [0_u8; 4];
        self.inner.parts.ids.fill(&mut bytes);
        f64::from(u32::from_le_bytes(bytes)) / (f64::from(u32::MAX) + 1.0)
    }

    pub(crate) fn clock_now(&self) -> SystemTime {
        self.inner.parts.clock.now()
    }

    fn tell_reached(&self) {
        if self.inner.told.swap(1, Ordering::Relaxed) != 1 {
            self.inner.parts.observer.hear(News::Reached);
        }
    }

    fn tell_unreachable(&self, wait: Option<Duration>) {
        self.inner.told.store(2, Ordering::Relaxed);
        let next_try = wait.map(|wait| timestamp(self.clock_now() + wait));
        self.inner.parts.observer.hear(News::Unreachable { next_try });
    }

    /// One exchange with the service, redirects included.
    async fn exchange(&self, call: &Call, url: Url, token: &Secret<String>) -> Exchange {
        let id = self.inner.parts.ids.guid();
        let trace = Trace { client_request_id: id.clone(), ..Trace::default() };
        let clients = &*self.inner.parts.clients;
        let client = match clients.graph() {
            Ok(client) => client,
            Err(error) => return Exchange::NoClient(error),
        };
        let request = match self.request(&client, call, url.clone(), token, &id) {
            Ok(request) => request,
            Err(error) => return failed(clients, error, &url, trace),
        };
        clients.calls().show(|| curl::line(&request));
        let mut response = match client.execute(request).await {
            Ok(response) => response,
            Err(error) => return failed(clients, error, &url, trace),
        };
        let mut url = url;
        let mut redirects = 0;
        while call.method() == Method::Get && redirects < MOST_REDIRECTS {
            let Some(onward) = redirect(&response, &url, &self.inner.base) else { break };
            redirects += 1;
            url = onward;
            response = match client.get(url.clone()).send().await {
                Ok(response) => response,
                Err(error) => return failed(clients, error, &url, trace),
            };
        }
        read(clients, response, &url, trace, redirects > 0).await
    }

    /// The one place where a token is written into a header.
    fn request(
        &self,
        client: &reqwest::Client,
        call: &Call,
        url: Url,
        token: &Secret<String>,
        id: &str,
    ) -> Result<reqwest::Request, reqwest::Error> {
        let is_home = is_same_origin(&url, &self.inner.base);
        let mut request = match call.method() {
            Method::Get => client.get(url),
            Method::Post => client.post(url),
            Method::Patch => client.patch(url),
            Method::Delete => client.delete(url),
        };
        request = request
            .header("Accept", "application/json")
            .header("client-request-id", id)
            .header("return-client-request-id", "true")
            .header("Prefer", call.prefer_line());
        for (name, value) in call.extra_headers() {
            request = request.header(name.as_ref(), value);
        }
        if let Some(body) = call.body() {
            request = request.json(body);
        }
        if is_home {
            request = request.bearer_auth(token.expose());
        }
        request.build()
    }
}

/// A call on its way.
struct Sending {
    repeat: crate::graph::call::Repeat,
    patience: Duration,
    attempts: u32,
    waited: Duration,
    renewed: Option<Secret<String>>,
    has_told_wait: bool,
}

impl Sending {
    fn new(call: &Call) -> Self {
        let patience = match call.waits() {
            Priority::Person => PATIENCE_OF_A_PERSON,
            Priority::Background => PATIENCE_OF_THE_BACKGROUND,
        };
        Self {
            repeat: call.repeats(),
            patience,
            attempts: 0,
            waited: Duration::ZERO,
            renewed: None,
            has_told_wait: false,
        }
    }
}

/// Where a redirect leads, if it is one that we follow.
fn redirect(response: &reqwest::Response, from: &Url, base: &Url) -> Option<Url> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = response.headers().get("location")?.to_str().ok()?;
    let to = from.join(location).ok()?;
    let is_allowed = to.scheme() == "https" || (to.scheme() == "http" && is_loopback(&to) && is_loopback(base));
    (is_allowed && to.username().is_empty() && to.password().is_none()).then_some(to)
}

async fn read(
    clients: &Clients,
    mut response: reqwest::Response,
    url: &Url,
    trace: Trace,
    is_elsewhere: bool,
) -> Exchange {
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let trace = trace_of(&headers, trace);
    let announced = response.content_length().unwrap_or(0);
    if announced > LARGEST_ANSWER as u64 {
        return Exchange::TooLarge(trace);
    }
    let mut body = Vec::with_capacity(usize::try_from(announced).unwrap_or(0));
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > LARGEST_ANSWER => return Exchange::TooLarge(trace),
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Exchange::Answer(Answer { status, headers, body, trace, is_elsewhere }),
            Err(error) => return failed(clients, error, url, trace),
        }
    }
}

fn failed(clients: &Clients, error: reqwest::Error, url: &Url, trace: Trace) -> Exchange {
    let was_sent = !error.is_connect() && !error.is_builder();
    Exchange::Failed { failure: Box::new(clients.failure(error, url)), was_sent, trace }
}

/// The error for a connection that failed for good.
fn response(answer: Answer) -> Response {
    let content_type = answer.headers.get("content-type").and_then(|value| value.to_str().ok());
    Response {
        status: answer.status,
        content_type: content_type.map(wire::line).unwrap_or_default(),
        body: answer.body,
        trace: answer.trace,
    }
}

fn unreachable(failure: Box<Failure>, was_sent: bool, trace: Trace) -> GraphError {
    let reason = match failure.kind {
        failure::Kind::TimedOut => Unreachable::TimedOut,
        _ if was_sent => Unreachable::Cut,
        _ => Unreachable::Connect,
    };
    GraphError::Unreachable { reason, detail: failure.detail.clone(), failure: Some(failure), trace }
}

fn trace_of(headers: &HeaderMap, mut trace: Trace) -> Trace {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(wire::line).unwrap_or_default();
    trace.request_id = text("request-id");
    trace.date = text("date");
    trace.diagnostic = text("x-ms-ags-diagnostic");
    trace.reasons = text("x-ms-diagnostics");
    trace
}

fn refusal(answer: Answer) -> Refusal {
    let has_claims = challenge_of(&answer).is_some();
    Refusal { has_claims, ..error::parse(answer.status, &answer.body, answer.trace) }
}

/// What the answer demands of the next token, if it does. Only Graph itself is listened to, not where a redirect led.
fn challenge_of(answer: &Answer) -> Option<ClaimsChallenge> {
    let values = answer.headers.get_all("www-authenticate").iter().filter_map(|value| value.to_str().ok());
    if answer.is_elsewhere { None } else { ClaimsChallenge::from_headers(values) }
}

fn token_error(error: AuthError) -> GraphError {
    let report = error.report();
    if report.kind == Kind::NeedsPerson { GraphError::NeedsLogin(report) } else { GraphError::NoToken(report) }
}

fn timestamp(instant: SystemTime) -> Timestamp {
    Timestamp::try_from(instant).unwrap_or(Timestamp::MAX)
}
