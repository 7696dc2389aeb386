//! The memory of recent calls: what is in it, and what never is.

use crate::support::entrance::Entrance;
use crate::support::scripted::{Scripted, ok, status};
use deskbell::auth::{StaticToken, Surroundings, entra::Entra};
use deskbell::base::activity::Activity;
use deskbell::base::clock::CrankedClock;
use deskbell::base::ids::SeededIds;
use deskbell::base::secret::Secret;
use deskbell::domain::account::AccountKind;
use deskbell::domain::calls::{CallEnd, MadeAs, RetryMode, RetryPolicy, Service};
use deskbell::domain::login::Registration;
use deskbell::domain::sync::{WaitReason, Waiting};
use deskbell::graph::transport::{NobodyListens, Parts};
use deskbell::graph::{Call, Graph, GraphError, News, Observer, Response};
use deskbell::net::calls::MOST_REMEMBERED;
use deskbell::net::client::Clients;
use deskbell::net::cloud::Cloud;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

fn clock() -> CrankedClock {
    CrankedClock::at(SystemTime::UNIX_EPOCH + Duration::from_hours(498_681))
}

fn graph(address: &str, clock: &CrankedClock) -> Graph {
    retrying(address, clock, RetryPolicy::default(), Arc::new(NobodyListens))
}

fn retrying(address: &str, clock: &CrankedClock, retry: RetryPolicy, observer: Arc<dyn Observer>) -> Graph {
    Graph::new(Parts {
        reach: deskbell::graph::Reach::Own,
        clients: Arc::new(Clients::new(Cloud::at(address, address).unwrap())),
        tokens: Arc::new(StaticToken::new(&Secret::new("planted-token".to_owned()))),
        clock: Arc::new(clock.clone()),
        ids: Arc::new(SeededIds::new(7)),
        observer,
        is_offline: false,
        made_as: Some(MadeAs { account: "lena@contoso.com".to_owned(), kind: AccountKind::Work }),
        retry,
    })
}

/// Sends and cranks the clock whenever something waits.
async fn send(graph: &Graph, clock: &CrankedClock, call: Call) -> Result<Response, GraphError> {
    let graph = graph.clone();
    let sent = tokio::spawn(async move { graph.send(call).await });
    while !sent.is_finished() {
        if let Some(due) = clock.next_due() {
            clock.set(due);
        }
        tokio::task::yield_now().await;
    }
    sent.await.unwrap()
}

#[derive(Default)]
struct Ears(Mutex<Vec<News>>);

impl Observer for Ears {
    fn hear(&self, news: News) {
        self.0.lock().unwrap().push(news);
    }
}

#[tokio::test]
async fn each_wait_is_told_with_its_attempt_and_its_reason_and_when_it_is_over() {
    let replies = [status(503, "", "{}"), status(429, "Retry-After: 7", "{}"), ok("{}")];
    let server = Scripted::start(move |_, number| replies[number].clone()).await;
    let (clock, ears) = (clock(), Arc::new(Ears::default()));
    let graph = retrying(&server.address, &clock, RetryPolicy::default(), ears.clone());
    send(&graph, &clock, Call::get(&["me"])).await.expect("the third answer");
    let heard = ears.0.lock().unwrap().clone();
    let waits: Vec<_> = heard
        .iter()
        .filter_map(|news| if let News::Waiting(waiting) = news { Some(*waiting) } else { None })
        .map(|waiting| (waiting.attempt, waiting.at_most, waiting.reason))
        .collect();
    assert_eq!(waits[..2], [(2, 5, WaitReason::Trouble(503)), (3, 5, WaitReason::Asked)], "{heard:?}");
    assert_eq!(heard.last(), Some(&News::WaitOver));
    let asked =
        Waiting { until: "2026-11-23T09:00:12Z".parse().unwrap(), attempt: 2, at_most: 5, reason: WaitReason::Asked };
    let words = asked.words("2026-11-23T09:00:00.5Z".parse().unwrap());
    assert_eq!(words.as_deref(), Some("waiting 12 s, attempt 2 of 5, because Microsoft 365 asked for it"));
    assert_eq!(asked.words(asked.until), None);
}

#[tokio::test]
async fn a_person_who_wants_no_repeats_gets_none() {
    let server = Scripted::start(|_, _| status(503, "", "{}")).await;
    let clock = clock();
    let off = RetryPolicy { mode: RetryMode::Off, ..RetryPolicy::default() };
    let error =
        send(&retrying(&server.address, &clock, off, Arc::new(NobodyListens)), &clock, Call::get(&["me"])).await;
    assert!(matches!(error, Err(GraphError::Refused(_))), "{error:?}");
    assert_eq!(server.heard().len(), 1);
    let twice = RetryPolicy { at_most: 2, ..RetryPolicy::default() };
    let error =
        send(&retrying(&server.address, &clock, twice, Arc::new(NobodyListens)), &clock, Call::get(&["me"])).await;
    assert!(error.is_err());
    assert_eq!(server.heard().len(), 3);
}

#[tokio::test]
async fn each_attempt_is_remembered_with_its_numbers_and_without_what_is_personal() {
    let diagnostics = "Retry-After: 3\r\nrequest-id: r-1\r\nx-ms-diagnostics: 2000001;reason=\"slow\"";
    let server = Scripted::start(|_, number| [status(429, diagnostics, "{}"), ok("{}")][number].clone()).await;
    let clock = clock();
    let graph = graph(&server.address, &clock);
    let call =
        Call::get(&["users", "ben.okafor@contoso.com", "messages", "AAMkAGI1"]).query("$search", "\"the merger\"");
    send(&graph, &clock, call).await.expect("the second answer");

    let calls = graph.recent_calls();
    let [second, first] = &calls[..] else { panic!("{calls:?}") };
    assert_eq!((&first.end, first.attempt, first.waited), (&CallEnd::Status(429), 1, Duration::ZERO));
    assert_eq!((first.request_id.as_str(), first.service), ("r-1", Service::Graph));
    assert!(first.diagnostics.contains("2000001"), "{first:?}");
    assert_eq!((&second.end, second.attempt), (&CallEnd::Status(200), 2));
    assert!(second.waited >= Duration::from_secs(3), "{second:?}");
    assert_ne!(first.client_request_id, second.client_request_id);
    assert_eq!(first.made_as.as_ref().map(|made_as| made_as.account.as_str()), Some("lena@contoso.com"));
    assert_eq!(first.path, "/v1.0/users/b…/messages/AAMk…?$search=…");
    let all = format!("{calls:?}{}", first.to_line());
    for planted in ["okafor", "merger", "planted-token", "AAMkAGI1"] {
        assert!(!all.contains(planted), "{planted} is in {all}");
    }
}

#[tokio::test]
async fn every_call_says_who_we_are_and_which_call_it_is() {
    let refusal = r#"{"error":"invalid_client","error_description":"no"}"#;
    let answers = "x-ms-request-id: r-2\r\nDate: Sat, 21 Nov 2026 09:00:00 GMT";
    let server = Scripted::start(|_, number| [ok("{}"), status(401, answers, refusal)][number].clone()).await;
    let clock = clock();
    graph(&server.address, &clock).send(Call::get(&["me"])).await.expect("an answer");
    let surroundings = Surroundings {
        clients: Arc::new(Clients::new(Cloud::at(&server.address, &server.address).unwrap())),
        clock: Arc::new(clock.clone()),
        ids: Arc::new(SeededIds::new(8)),
        activity: Activity::default(),
    };
    let registration = Registration { client_id: "app".to_owned(), tenant: "contoso".to_owned() };
    let entra = Entra::new(&surroundings, &registration).unwrap();
    let secret = Secret::new("planted-secret".to_owned());
    let error = entra.client_credentials(&secret, "scope").await.expect_err("refused");

    for heard in server.heard() {
        let id = heard.header("client-request-id");
        assert_eq!((id.len(), heard.header("return-client-request-id").as_str()), (36, "true"), "{heard:?}");
        let agent = heard.header("user-agent");
        assert!(agent.starts_with(concat!("deskbell/", env!("CARGO_PKG_VERSION"), " (")), "{agent}");
    }
    let calls = surroundings.clients.calls().newest_first();
    let [call] = &calls[..] else { panic!("{calls:?}") };
    let details = (call.service, call.method, call.path.as_str(), &call.end);
    assert_eq!(details, (Service::SignIn, "POST", "/contoso/oauth2/v2.0/token", &CallEnd::Status(401)));
    assert_eq!((call.request_id.as_str(), call.date.as_str()), ("r-2", "Sat, 21 Nov 2026 09:00:00 GMT"));
    assert_eq!(call.client_request_id, server.heard()[1].header("client-request-id"));
    let report = error.report();
    assert!(report.details.contains(&("client-request-id".to_owned(), call.client_request_id.clone())), "{report:?}");
    assert!(!format!("{calls:?}{report:?}").contains("planted-secret"));
}

#[tokio::test]
async fn the_memory_is_bounded_and_the_newest_comes_first() {
    let entrance = Entrance::new().await;
    let calls = entrance.brokers.surroundings().clients.calls().clone();
    entrance.sign_in("lena").await;
    let example = calls.newest_first().into_iter().next().expect("the sign-in asked for tokens");
    for number in 0..=MOST_REMEMBERED {
        let mut call = example.clone();
        call.request_id = number.to_string();
        calls.note(call);
    }
    let kept = calls.newest_first();
    assert_eq!(kept.len(), MOST_REMEMBERED);
    assert_eq!((kept[0].request_id.as_str(), kept[MOST_REMEMBERED - 1].request_id.as_str()), ("200", "1"));
}
