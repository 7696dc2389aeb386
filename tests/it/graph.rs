//! The Graph client: politeness, safety of the token, and what becomes of bad answers.
//!
//! Against a scripted server where bytes and order matter, against the simulated tenant where the service's behaviour does.

use crate::support::scripted::{Heard, Reply, Scripted, ok, status};
use deskbell::auth::claims::ClaimsChallenge;
use deskbell::auth::{AuthError, StaticToken, TokenSource};
use deskbell::base::clock::{Clock, CrankedClock};
use deskbell::base::ids::SeededIds;
use deskbell::base::secret::Secret;
use deskbell::domain::account::Scopes;
use deskbell::domain::calls::RetryPolicy;
use deskbell::domain::change::Change;
use deskbell::domain::mail::{BodyContent, FolderId, FolderRole, MessageId};
use deskbell::domain::person::PersonId;
use deskbell::domain::time::Span;
use deskbell::domain::token::TokenFacts;
use deskbell::graph::call::AddressError;
use deskbell::graph::transport::Parts;
use deskbell::graph::{
    Budget, Call, Graph, GraphError, News, Observer, Onward, Priority, Trail, Unreachable, batch, calendar, mail,
    mail_tips, me, people, presence, schedule,
};
use deskbell::net::client::Clients;
use deskbell::net::cloud::Cloud;
use deskbell::sim::tenant::{Tenant, TenantOptions};
use deskbell::sim::world::WorldOptions;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all, ready};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Semaphore;

const NOW: &str = "2026-11-23T09:12:00Z";

/// Gives `first`, and after a 401 `second`, if there is one.
struct Tokens {
    second: Option<&'static str>,
    refreshed: AtomicUsize,
}

impl TokenSource for Tokens {
    fn access_token(&self) -> BoxFuture<'_, Result<Secret<String>, AuthError>> {
        ready(Ok(Secret::new("first".to_owned()))).boxed()
    }

    fn refresh_after_401(
        &self,
        refused: &Secret<String>,
        _challenge: Option<&ClaimsChallenge>,
    ) -> BoxFuture<'_, Result<Secret<String>, AuthError>> {
        assert_eq!(refused.expose(), "first");
        self.refreshed.fetch_add(1, Ordering::SeqCst);
        ready(self.second.map(|token| Secret::new(token.to_owned())).ok_or(AuthError::SignedOut)).boxed()
    }

    fn granted(&self) -> Scopes {
        Scopes::default()
    }

    fn facts(&self) -> TokenFacts {
        TokenFacts::default()
    }
}

#[derive(Default)]
struct Ears(Mutex<Vec<News>>);

impl Observer for Ears {
    fn hear(&self, news: News) {
        self.0.lock().unwrap().push(news);
    }
}

struct Bench {
    graph: Graph,
    clock: CrankedClock,
    tokens: Arc<Tokens>,
    ears: Arc<Ears>,
}

impl Bench {
    fn at(address: &str) -> Self {
        Self::with(address, Some("second"), false)
    }

    fn with(address: &str, second: Option<&'static str>, is_offline: bool) -> Self {
        let clock = CrankedClock::at(NOW.parse::<Timestamp>().unwrap().into());
        let tokens = Arc::new(Tokens { second, refreshed: AtomicUsize::new(0) });
        let ears = Arc::new(Ears::default());
        let graph = Graph::new(Parts {
            reach: deskbell::graph::Reach::Own,
            clients: Arc::new(Clients::new(Cloud::at(address, address).unwrap())),
            tokens: tokens.clone(),
            clock: Arc::new(clock.clone()),
            ids: Arc::new(SeededIds::new(7)),
            observer: ears.clone(),
            is_offline,
            made_as: None,
            retry: RetryPolicy::default(),
        });
        Self { graph, clock, tokens, ears }
    }

    /// Runs `call` and cranks the clock whenever it waits; gives the result and how long it waited in all.
    async fn crank<T: Send + 'static>(&self, call: impl Future<Output = T> + Send + 'static) -> (T, Duration) {
        let began = self.clock.now();
        let call = tokio::spawn(call);
        while !call.is_finished() {
            if let Some(due) = self.clock.next_due() {
                self.clock.set(due);
            }
            tokio::task::yield_now().await;
        }
        (call.await.unwrap(), self.clock.now().duration_since(began).unwrap())
    }

    async fn send(&self, call: Call) -> (Result<deskbell::graph::Response, GraphError>, Duration) {
        let graph = self.graph.clone();
        self.crank(async move { graph.send(call).await }).await
    }

    fn news(&self) -> Vec<News> {
        self.ears.0.lock().unwrap().clone()
    }
}

/// Lets everything that can go on go on.
async fn settle() {
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
}

fn person_waits() -> Call {
    Call::get(&["me"]).priority(Priority::Person)
}

fn acting() -> Call {
    Call::post(&["me", "sendMail"], json!({}))
}

/// Answers the first request so, and everything after with `{}`.
async fn first(reply: Reply) -> Scripted {
    Scripted::start(move |_, number| if number == 0 { reply.clone() } else { ok("{}") }).await
}

#[tokio::test]
async fn every_request_says_who_we_are_and_what_we_prefer() {
    let server = Scripted::start(|_, _| ok("{}")).await;
    let bench = Bench::at(&server.address);
    bench.send(Call::get(&["me", "messages"]).select("id")).await.0.unwrap();
    bench.send(acting()).await.0.unwrap();
    let heard = server.heard();
    assert_eq!(heard[0].line, "GET /v1.0/me/messages?$select=id");
    for request in &heard {
        assert_eq!(request.header("authorization"), "Bearer first");
        assert_eq!(request.header("client-request-id").len(), 36);
        assert_eq!(request.header("return-client-request-id"), "true");
        assert_eq!(request.header("prefer"), "IdType=\"ImmutableId\", outlook.timezone=\"UTC\"");
        assert!(request.header("user-agent").starts_with("deskbell/"), "{}", request.header("user-agent"));
    }
    assert_ne!(heard[0].header("client-request-id"), heard[1].header("client-request-id"));
    assert_eq!(heard[1].header("content-type"), "application/json");
}

#[tokio::test]
async fn a_wait_in_seconds_or_as_a_date_is_kept_and_told() {
    for wait in ["Retry-After: 7", "Retry-After: Mon, 23 Nov 2026 09:12:07 GMT"] {
        let server = first(status(429, wait, r#"{"error":{"code":"ApplicationThrottled"}}"#)).await;
        let bench = Bench::at(&server.address);
        let (result, waited) = bench.send(person_waits()).await;
        assert!(result.is_ok(), "{wait}: {result:?}");
        assert!((Duration::from_secs(7)..=Duration::from_secs(8)).contains(&waited), "{wait}: {waited:?}");
        assert_eq!(server.heard().len(), 2);
        assert!(bench.news().contains(&News::ThrottledUntil("2026-11-23T09:12:07Z".parse().unwrap())));
    }
}

#[tokio::test]
async fn a_wait_holds_for_the_whole_mailbox_and_for_no_other() {
    let server = Scripted::start(|heard, number| match number {
        0 => status(429, "Retry-After: 20", ""),
        _ => ok(&format!("{{\"line\":{:?}}}", heard.line)),
    })
    .await;
    let bench = Bench::at(&server.address);
    let graph = bench.graph.clone();
    let throttled = tokio::spawn(async move { graph.send(Call::get(&["me", "messages"])).await });
    while bench.clock.next_due().is_none() {
        tokio::task::yield_now().await;
    }
    let other = Call::get(&["users", "a@b.example", "messages"]).budget(Budget::Mailbox("a@b.example".to_owned()));
    bench.graph.send(other).await.unwrap();
    bench.graph.send(Call::get(&["users"]).budget(Budget::Directory)).await.unwrap();
    assert_eq!(server.heard().len(), 3, "other budgets do not wait");
    let graph = bench.graph.clone();
    let same = tokio::spawn(async move { graph.send(Call::get(&["me", "events"])).await });
    settle().await;
    assert_eq!(server.heard().len(), 3, "the same mailbox waits");
    let (same, waited) = bench.crank(same).await;
    assert!(same.unwrap().is_ok() && waited >= Duration::from_secs(20), "{waited:?}");
    while !throttled.is_finished() {
        if let Some(due) = bench.clock.next_due() {
            bench.clock.set(due);
        }
        tokio::task::yield_now().await;
    }
    throttled.await.unwrap().unwrap();
}

#[tokio::test]
async fn nobody_at_the_screen_waits_an_hour() {
    let server = Scripted::start(|_, _| status(429, "Retry-After: 3600", "")).await;
    let bench = Bench::at(&server.address);
    for _ in 0..2 {
        let error = bench.graph.send(person_waits()).await.unwrap_err();
        let GraphError::Throttled { until, .. } = &error else { panic!("{error:?}") };
        assert!(*until >= "2026-11-23T10:12:00Z".parse().unwrap());
        assert!(!error.report("The inbox could not be read.").next.is_empty());
    }
    assert_eq!(server.heard().len(), 1, "the second call does not even ask");
}

#[tokio::test]
async fn a_busy_service_is_asked_again_only_for_what_is_safe() {
    for code in [500, 502, 503, 504] {
        let server = first(status(code, "", "<html>")).await;
        let (result, waited) = Bench::at(&server.address).send(person_waits()).await;
        assert!(result.is_ok() && waited <= Duration::from_secs(1), "{code}: {result:?} {waited:?}");

        let server = first(status(code, "", "<html>")).await;
        let (result, _) = Bench::at(&server.address).send(acting()).await;
        assert!(matches!(result, Err(GraphError::Refused(refusal)) if refusal.status == code), "{code}");
        assert_eq!(server.heard().len(), 1, "{code}");
    }
    let server = first(status(429, "Retry-After: 1", "")).await;
    Bench::at(&server.address).send(acting()).await.0.unwrap();
    assert_eq!(server.heard().len(), 2, "429 says that nothing was done");
}

#[tokio::test]
async fn a_service_that_stays_broken_is_given_up() {
    let server = Scripted::start(|_, _| status(502, "request-id: abc-1", "<html>Bad gateway\u{1b}[31m</html>")).await;
    let bench = Bench::at(&server.address);
    let error = bench.send(person_waits()).await.0.unwrap_err();
    assert_eq!(server.heard().len(), 5);
    let report = error.report("The inbox could not be read.");
    assert!(report.details.contains(&("request-id".to_owned(), "abc-1".to_owned())), "{report:?}");
    assert!(!report.as_text().contains('\u{1b}'));
}

#[tokio::test]
async fn a_cut_connection_is_tried_again_only_for_what_is_safe() {
    for cut in [Reply::Close, Reply::CutBody] {
        let server = first(cut.clone()).await;
        let bench = Bench::at(&server.address);
        bench.send(person_waits()).await.0.unwrap();
        assert!(
            matches!(
                bench.news()[..],
                [News::Unreachable { next_try: Some(_) }, News::Waiting(_), News::Reached, News::WaitOver]
            ),
            "{:?}",
            bench.news()
        );

        let server = Scripted::start(move |_, _| cut.clone()).await;
        let bench = Bench::at(&server.address);
        let error = bench.send(acting()).await.0.unwrap_err();
        assert!(matches!(error, GraphError::Unreachable { reason: Unreachable::Cut, .. }), "{error:?}");
        assert_eq!(server.heard().len(), 1);
    }
}

#[tokio::test]
async fn nobody_listening_is_told_without_the_address() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let bench = Bench::at(&address);
    let error = bench.send(Call::get(&["users", "secret@person.example"])).await.0.unwrap_err();
    let GraphError::Unreachable { reason: Unreachable::Connect, detail, .. } = &error else { panic!("{error:?}") };
    assert!(!detail.contains("secret"), "{detail}");
    assert!(error.is_offline());
}

#[tokio::test]
async fn offline_asks_nothing() {
    let server = Scripted::start(|_, _| ok("{}")).await;
    let bench = Bench::with(&server.address, None, true);
    let error = bench.graph.send(person_waits()).await.unwrap_err();
    assert!(matches!(error, GraphError::Unreachable { reason: Unreachable::ForcedOffline, .. }));
    assert!(server.heard().is_empty());
}

#[tokio::test]
async fn a_401_renews_the_token_once() {
    let accepts = |token: &'static str| {
        move |heard: &Heard, _: usize| {
            if heard.header("authorization") == format!("Bearer {token}") { ok("{}") } else { status(401, "", "{}") }
        }
    };
    let server = Scripted::start(accepts("second")).await;
    let bench = Bench::at(&server.address);
    bench.send(acting()).await.0.unwrap();
    assert_eq!((server.heard().len(), bench.tokens.refreshed.load(Ordering::SeqCst)), (2, 1));

    let server = Scripted::start(accepts("third")).await;
    let bench = Bench::at(&server.address);
    let error = bench.send(person_waits()).await.0.unwrap_err();
    assert!(matches!(error, GraphError::NeedsLogin(_)), "{error:?}");
    assert_eq!((server.heard().len(), bench.tokens.refreshed.load(Ordering::SeqCst)), (2, 1));

    let server = Scripted::start(accepts("second")).await;
    let error = Bench::with(&server.address, None, false).send(person_waits()).await.0.unwrap_err();
    assert!(matches!(error, GraphError::NeedsLogin(_)), "{error:?}");
}

#[tokio::test]
async fn answers_that_are_no_json_end_in_a_sentence() {
    for (body, said) in [
        ("<html>Sign in to the hotel</html>", "web page"),
        ("", "empty"),
        ("{\"id\":\"x\"", "too early"),
        ("[1,2]", "another shape"),
        ("\u{0}\u{1b}", "no JSON"),
    ] {
        let server = Scripted::start(move |_, _| ok(body)).await;
        let error = me::person(&Bench::at(&server.address).graph).await.unwrap_err();
        let GraphError::Unreadable { what, .. } = &error else { panic!("{body:?}: {error:?}") };
        assert!(what.contains(said), "{body:?}: {what}");
        assert_eq!(error.report("You could not be found out.").code, "unreadableAnswer");
    }
}

#[tokio::test]
async fn an_answer_too_large_is_not_read() {
    let server = Scripted::start(|_, _| status(200, "Content-Length: 999999999", "{}")).await;
    let error = Bench::at(&server.address).graph.send(person_waits()).await.unwrap_err();
    assert!(matches!(error, GraphError::TooLarge { .. }), "{error:?}");
}

#[tokio::test]
async fn pages_that_lead_in_a_circle_end() {
    let server = Scripted::start(|heard, _| {
        let host = heard.header("host");
        ok(&format!(
            r#"{{"value":[{{"id":"1","name":"x"}}],"@odata.nextLink":"http://{host}/v1.0/me/calendars?again"}}"#
        ))
    })
    .await;
    let error = calendar::calendars(&Bench::at(&server.address).graph).await.unwrap_err();
    assert_eq!(error, GraphError::Circle);
    assert!(server.heard().len() <= 3);
}

#[tokio::test]
async fn a_link_to_another_host_is_not_followed() {
    let thief = Scripted::start(|_, _| ok(r#"{"value":[]}"#)).await;
    let away = thief.address.clone();
    let server =
        Scripted::start(move |_, _| ok(&format!(r#"{{"value":[],"@odata.nextLink":"{away}/v1.0/me/calendars"}}"#)))
            .await;
    let error = calendar::calendars(&Bench::at(&server.address).graph).await.unwrap_err();
    assert!(matches!(error, GraphError::Address(AddressError::Foreign(_))), "{error:?}");
    assert!(thief.heard().is_empty());
}

#[tokio::test]
async fn a_redirect_is_followed_without_the_token_three_times_at_most() {
    let store = Scripted::start(|_, _| ok("bytes")).await;
    let onward = store.address.clone();
    let server = Scripted::start(move |_, _| status(302, &format!("Location: {onward}/file"), "")).await;
    let bench = Bench::at(&server.address);
    assert_eq!(bench.graph.send(person_waits()).await.unwrap().body, b"bytes");
    let heard = store.heard();
    assert_eq!((heard[0].header("authorization").as_str(), heard[0].header("client-request-id").as_str()), ("", ""));

    let error = bench.graph.send(acting()).await.unwrap_err();
    assert!(matches!(error, GraphError::Refused(refusal) if refusal.status == 302), "only reading is redirected");
    assert_eq!(store.heard().len(), 1);

    let circle =
        Scripted::start(|heard, _| status(307, &format!("Location: http://{}/again", heard.header("host")), "")).await;
    let error = Bench::at(&circle.address).graph.send(person_waits()).await.unwrap_err();
    assert!(matches!(error, GraphError::Refused(refusal) if refusal.status == 307));
    assert_eq!(circle.heard().len(), 4);

    let plain = Scripted::start(|_, _| status(302, "Location: http://files.example/x", "")).await;
    let error = Bench::at(&plain.address).graph.send(person_waits()).await.unwrap_err();
    assert!(matches!(error, GraphError::Refused(_)), "no plain http to another machine: {error:?}");
}

#[tokio::test]
async fn three_calls_run_in_the_background_and_the_fourth_place_is_the_persons() {
    let gate = Arc::new(Semaphore::new(0));
    let held = gate.clone();
    let server = Scripted::start(move |_, _| Reply::Held(held.clone())).await;
    let bench = Bench::at(&server.address);
    let calls = join_all((0..8).map(|_| bench.graph.send(Call::get(&["me", "messages"]))));
    let persons = join_all((0..2).map(|_| bench.graph.send(person_waits())));
    let watch = async {
        // The answers are given one by one; never are more than four on their way.
        let mut most = 0;
        for _ in 0..10 {
            for _ in 0..200 {
                tokio::task::yield_now().await;
                most = most.max(server.running());
            }
            gate.add_permits(1);
        }
        most
    };
    let background_first = async {
        let (calls, most) = futures_util::join!(calls, async {
            while server.running() < 3 {
                tokio::task::yield_now().await;
            }
            settle().await;
            assert_eq!(server.running(), 3, "the background leaves a place");
            let (persons, most) = futures_util::join!(persons, watch);
            assert!(persons.iter().all(Result::is_ok));
            most
        });
        assert!(calls.iter().all(Result::is_ok));
        most
    };
    assert_eq!(background_first.await, 4);
    let places: Vec<usize> = server
        .heard()
        .iter()
        .enumerate()
        .filter(|(_, heard)| !heard.line.contains("messages"))
        .map(|(place, _)| place)
        .collect();
    assert!(
        places.iter().all(|place| (3..=5).contains(place)),
        "persons do not queue behind the background: {places:?}"
    );
}

fn requests_of(heard: &Heard) -> Vec<Value> {
    let body: Value = serde_json::from_str(&heard.body).unwrap();
    body["requests"].as_array().unwrap().clone()
}

#[tokio::test]
async fn batches_are_split_put_in_order_and_asked_again_for_the_throttled() {
    let server = Scripted::start(|heard, number| {
        let mut answers: Vec<Value> = requests_of(heard)
            .iter()
            .map(|request| {
                let url = request["url"].as_str().unwrap();
                let throttled = number == 0 && (url.ends_with("/3") || url.ends_with("/5"));
                let wait = if url.ends_with("/3") { 4 } else { 9 };
                // Not processed because of another: once beside those that wait, once for good.
                let is_left = (number == 0 && url.ends_with("/9")) || url.ends_with("/30");
                match url {
                    _ if is_left => json!({"id": request["id"], "status": 424}),
                    _ if throttled => {
                        json!({"id": request["id"], "status": 429, "headers": {"Retry-After": wait.to_string()}})
                    }
                    _ if url.ends_with("/7") => {
                        json!({"id": request["id"], "status": 404, "body": {"error": {"code": "ErrorItemNotFound"}}})
                    }
                    _ => json!({"id": request["id"], "status": 200, "body": {"url": url}}),
                }
            })
            .collect();
        answers.reverse();
        ok(&json!({ "responses": answers }).to_string())
    })
    .await;
    let bench = Bench::at(&server.address);
    let calls: Vec<Call> = (0..45).map(|number| Call::get(&["me", "messages", &number.to_string()])).collect();
    let graph = bench.graph.clone();
    let (results, waited) = bench.crank(async move { batch::send(&graph, &calls).await }).await;
    let results = results.unwrap();
    assert_eq!(results.len(), 45);
    for (number, result) in results.iter().enumerate() {
        match result {
            Ok(response) => {
                let body: Value = serde_json::from_slice(&response.body).unwrap();
                assert_eq!(body["url"], format!("/me/messages/{number}"));
            }
            Err(GraphError::Refused(refusal)) if number == 30 => assert_eq!(refusal.status, 424),
            Err(error) => assert!(error.is_not_found() && number == 7, "{number}: {error:?}"),
        }
    }
    let sizes: Vec<usize> = server.heard().iter().map(|heard| requests_of(heard).len()).collect();
    assert_eq!(sizes, [20, 3, 20, 5]);
    assert!(waited >= Duration::from_secs(9), "the longest wait counts: {waited:?}");
}

/// The first batch is answered but for one item that has to wait; what is asked next finds a gateway in the way.
#[tokio::test]
async fn what_a_batch_said_is_kept_where_a_later_one_fails() {
    let server = Scripted::start(|heard, number| {
        if number > 0 {
            return status(502, "", "<html>no</html>");
        }
        let answer = |request: &Value| match request["url"].as_str().unwrap() {
            "/me/messages/3" => json!({"id": request["id"], "status": 429, "headers": {"Retry-After": "4"}}),
            url => json!({"id": request["id"], "status": 200, "body": {"url": url}}),
        };
        let answers: Vec<Value> = requests_of(heard).iter().map(answer).collect();
        ok(&json!({ "responses": answers }).to_string())
    })
    .await;
    let bench = Bench::at(&server.address);
    let calls: Vec<Call> = (0..50).map(|number| Call::get(&["me", "messages", &number.to_string()])).collect();
    let graph = bench.graph.clone();
    let (results, _) = bench.crank(async move { batch::send(&graph, &calls).await }).await;
    let results = results.unwrap();
    let known = |(number, result): (usize, &batch::ItemResult)| result.is_ok().then_some(number);
    let kept: Vec<usize> = results.iter().enumerate().filter_map(known).collect();
    let expected: Vec<usize> = (0..20).filter(|number| *number != 3).collect();
    assert_eq!((results.len(), kept), (50, expected));
}

#[tokio::test]
async fn an_old_delta_link_is_told_as_such() {
    for (code, body) in [
        (410, ""),
        (400, r#"{"error":{"code":"SyncStateNotFound"}}"#),
        (404, r#"{"error":{"code":"x","innererror":{"code":"syncStateNotFound"}}}"#),
    ] {
        let server = Scripted::start(move |_, _| status(code, "", body)).await;
        let round = mail::Round::Link(format!("{}/v1.0/x?$deltatoken=1", server.address));
        let folder = FolderId("inbox".to_owned());
        let error =
            mail::round(&Bench::at(&server.address).graph, &folder, &round, Priority::Background).await.unwrap_err();
        assert!(matches!(error, GraphError::CursorExpired(_)), "{code}: {error:?}");
    }
}

#[tokio::test]
async fn a_search_sends_its_consistency_with_every_page() {
    let server = Scripted::start(|heard, number| {
        let next = format!(r#","@odata.nextLink":"http://{}/v1.0/users?page2""#, heard.header("host"));
        let next = if number == 0 { next.as_str() } else { "" };
        ok(&format!(r#"{{"value":[{{"id":"{number}","displayName":"Ada"}}]{next}}}"#))
    })
    .await;
    let found = people::search(&Bench::at(&server.address).graph, "ada", 50).await.unwrap();
    assert_eq!(found.len(), 2);
    assert!(server.heard().iter().all(|heard| heard.header("consistencylevel") == "eventual"));
}

/// The simulated tenant, and its Graph as somebody with every scope.
async fn company(person: &str, quirks: bool) -> (Tenant, Graph, CrankedClock) {
    let clock = CrankedClock::at(NOW.parse::<Timestamp>().unwrap().into());
    let ids = Arc::new(SeededIds::new(3));
    let world = WorldOptions { quirks, ..WorldOptions::default() };
    let options = TenantOptions { world, ..TenantOptions::default() };
    let tenant = Tenant::start(options, Arc::new(clock.clone()), ids.clone()).await.unwrap();
    let token = tenant.script().token(person, "").unwrap();
    let graph = Graph::new(Parts {
        reach: deskbell::graph::Reach::Own,
        clients: Arc::new(Clients::new(Cloud::at(tenant.authority(), tenant.graph()).unwrap())),
        tokens: Arc::new(StaticToken::new(&Secret::new(token))),
        clock: Arc::new(clock.clone()),
        ids,
        observer: Arc::new(Ears::default()),
        is_offline: false,
        made_as: None,
        retry: RetryPolicy::default(),
    });
    (tenant, graph, clock)
}

async fn whole_inbox(graph: &Graph, inbox: &FolderId) -> (Vec<deskbell::domain::mail::Message>, String) {
    let mut trail = Trail::default();
    let mut round = mail::Round::First { since: None };
    let mut messages: HashMap<MessageId, deskbell::domain::mail::Message> = HashMap::new();
    loop {
        let page = mail::round(graph, inbox, &round, Priority::Background).await.unwrap();
        assert_eq!(page.skipped, 0);
        for row in page.rows {
            if let Change::Upsert(patch) = row {
                let message = patch.into_message(inbox).expect("a first round says everything");
                messages.insert(message.id.clone(), message);
            }
        }
        match page.onward {
            Onward::Next(link) => {
                trail.follow(&link).unwrap();
                round = mail::Round::Link(link);
            }
            Onward::Delta(link) => return (messages.into_values().collect(), link),
            Onward::End => unreachable!("a round ends in a delta link"),
        }
    }
}

#[tokio::test]
async fn the_mailbox_of_the_company_is_read() {
    for quirks in [false, true] {
        let (_tenant, graph, _) = company("lena", quirks).await;
        let folders = mail::folders(&graph).await.unwrap();
        let inbox = folders.iter().find(|folder| folder.role == Some(FolderRole::Inbox)).expect("an inbox");
        for folder in &folders {
            let place = folders.iter().position(|other| Some(&other.id) == folder.parent.as_ref());
            let own = folders.iter().position(|other| other.id == folder.id);
            assert!(folder.parent.is_none() || place < own && place.is_some(), "parents come before children");
        }
        let (messages, link) = whole_inbox(&graph, &inbox.id).await;
        assert!(messages.len() >= 100, "{}", messages.len());
        assert!(messages.iter().any(|message| message.meeting.is_some()));

        let newest = messages.iter().max_by_key(|message| message.received).unwrap();
        let body = mail::body(&graph, &newest.id).await.unwrap();
        assert!(matches!(&body.content, BodyContent::Html(html) if !html.is_empty()));
        let ids: Vec<MessageId> = messages.iter().take(45).map(|message| message.id.clone()).collect();
        let bodies = mail::bodies(&graph, &ids).await.unwrap();
        assert!(bodies.len() == 45 && bodies.iter().all(|(_, body)| body.is_ok()));

        let read = Call::post(
            &["$batch"],
            json!({"requests": [{"id": "1", "method": "PATCH", "url": format!("/me/messages/{}", newest.id.0),
            "headers": {"Content-Type": "application/json", "Prefer": "IdType=\"ImmutableId\""}, "body": {"isRead": !newest.is_read}}]}),
        );
        let answer = graph.send(read).await;
        let page = mail::round(&graph, &inbox.id, &mail::Round::Link(link), Priority::Background).await.unwrap();
        if answer.is_ok_and(|answer| !String::from_utf8_lossy(&answer.body).contains("\"status\":4")) {
            let changed = page.rows.iter().any(|row| matches!(row, Change::Upsert(patch) if patch.id == newest.id));
            assert!(changed, "the change comes with the next round: {:?}", page.rows);
        }
    }
}

#[tokio::test]
async fn the_calendar_of_the_company_is_read_both_ways() {
    let (_tenant, graph, _) = company("lena", true).await;
    let calendars = calendar::calendars(&graph).await.unwrap();
    let main = calendar::default_calendar(&graph).await.unwrap();
    assert!(calendars.iter().any(|calendar| calendar.id == main.id));
    let window = Span { start: "2026-11-16T00:00:00Z".parse().unwrap(), end: "2026-12-07T00:00:00Z".parse().unwrap() };
    let view = calendar::view(&graph, &main.id, window, Priority::Person).await.unwrap();
    assert!(view.skipped == 0 && view.rows.len() > 20, "{} rows, {} skipped", view.rows.len(), view.skipped);

    let mut rows = Vec::new();
    let mut round = calendar::Round::First(window);
    loop {
        let page = calendar::round(&graph, &main.id, &round, Priority::Background).await.unwrap();
        rows.extend(page.rows);
        match page.onward {
            Onward::Next(link) => round = calendar::Round::Link(link),
            _ => break,
        }
    }
    let (changes, missing) = calendar::complete(&rows, &HashMap::new());
    let mut masters = HashMap::new();
    for series in missing {
        masters.insert(series.clone(), calendar::master(&graph, &main.id, &series).await.unwrap());
    }
    let changes = if masters.is_empty() { changes } else { calendar::complete(&rows, &masters).0 };
    let mut by_delta: Vec<(String, String)> = changes
        .into_iter()
        .filter_map(|change| match change {
            Change::Upsert(event) => Some((event.id.0, event.subject)),
            Change::Removed(_) => None,
        })
        .collect();
    let mut by_view: Vec<(String, String)> = view.rows.into_iter().map(|event| (event.id.0, event.subject)).collect();
    by_delta.sort();
    by_view.sort();
    assert_eq!(by_delta, by_view);
}

#[tokio::test]
async fn the_people_of_the_company_are_found_and_asked_after() {
    let (tenant, graph, _) = company("lena", true).await;
    let myself = me::person(&graph).await.unwrap();
    assert_eq!(myself.address, "lena@contoso.com");
    assert!(me::settings(&graph).await.unwrap().working_hours.is_some());
    let found = people::search(&graph, "nov", 20).await.unwrap();
    let eva = found.iter().find(|person| person.name == "Eva Novak").expect("Eva Novak");
    assert_eq!(
        people::by_address(&graph, &eva.address).await.unwrap().as_ref().map(|person| &person.id),
        Some(&eva.id)
    );
    assert_eq!(people::by_id(&graph, &eva.id).await.unwrap().map(|person| person.name), Some("Eva Novak".to_owned()));
    assert_eq!(people::by_address(&graph, "nobody@nowhere.example").await.unwrap(), None);

    let everybody: Vec<PersonId> = tenant.people().iter().map(|person| PersonId(person.id.clone())).collect();
    let present = presence::of(&graph, &everybody, Priority::Person).await.unwrap();
    assert!(present.len() > 20, "{}", present.len());
    let addresses: Vec<String> = tenant.people().iter().filter_map(|person| person.mail.clone()).collect();
    let tips = mail_tips::of(&graph, &addresses, Priority::Person).await.unwrap();
    let away = tips.iter().filter(|tip| matches!(&tip.reply, Ok(Some(reply)) if !reply.html.is_empty())).count();
    assert!(away >= 1 && away < tips.len(), "{away} of {}", tips.len());

    let window = Span { start: "2026-11-23T00:00:00Z".parse().unwrap(), end: "2026-11-28T00:00:00Z".parse().unwrap() };
    let mut schedules = Vec::new();
    for some in addresses.chunks(20) {
        schedules.extend(schedule::schedules(&graph, some, window, Priority::Person).await.unwrap());
    }
    let asked: Vec<&String> = schedules.iter().map(|schedule| &schedule.address).collect();
    assert_eq!(asked, addresses.iter().collect::<Vec<_>>());
    assert!(schedules.iter().any(|schedule| schedule.blocks.as_ref().is_ok_and(|blocks| blocks.len() > 3)));
    assert!(schedules.iter().any(|schedule| schedule.blocks.is_err()), "somebody does not share");
}
