//! Clouds, clients, the loopback listener and the browser.

use crate::support::entrance::send;
use deskbell::base::activity::Activity;
use deskbell::base::clock::{Clock, CrankedClock, SharedClock};
use deskbell::base::environment::Environment;
use deskbell::base::secret::Secret;
use deskbell::net::browser::{Browser, Display, NoBrowser, SystemBrowser, is_web};
use deskbell::net::client::Clients;
use deskbell::net::clock::SystemClock;
use deskbell::net::cloud::{Cloud, CloudError};
use deskbell::net::loopback::{Loopback, Redirect};
use proptest::prelude::*;
use std::net::{Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use url::Url;

#[test]
fn the_four_clouds_have_their_hosts_and_other_names_are_refused_with_the_choice() {
    for (name, authority, graph) in [
        ("global", "https://login.microsoftonline.com/", "https://graph.microsoft.com/"),
        ("usgov", "https://login.microsoftonline.us/", "https://graph.microsoft.us/"),
        ("dod", "https://login.microsoftonline.us/", "https://dod-graph.microsoft.us/"),
        ("china", "https://login.partner.microsoftonline.cn/", "https://microsoftgraph.chinacloudapi.cn/"),
    ] {
        let cloud = Cloud::named(name).expect("a cloud");
        assert_eq!((cloud.authority.as_str(), cloud.graph.as_str()), (authority, graph));
    }
    let report = Cloud::named("mars\u{1b}[2J").expect_err("no cloud").report();
    assert_eq!(report.exit_code(), 3);
    assert!(report.next[0].contains("usgov") && !report.as_text().contains('\u{1b}'), "{report:?}");
}

#[test]
fn plain_http_is_for_this_computer_only() {
    let graph = "https://graph.microsoft.com";
    for address in
        ["http://localhost:1", "http://127.0.0.1:1", "http://127.9.9.9", "http://[::1]:1", "HTTP://LOCALHOST"]
    {
        assert!(Cloud::at(address, graph).is_ok(), "{address}");
    }
    for address in
        ["http://example.com", "http://localhost.example.com", "http://127.0.0.1.example.com", "http://10.0.0.1"]
    {
        assert!(matches!(Cloud::at(address, graph), Err(CloudError::PlainHttp { .. })), "{address}");
        assert!(Cloud::at("https://login.example.com", address).is_err(), "{address}");
    }
    for address in
        ["", "login.example.com", "ftp://localhost", "https://user:pass@example.com", "https://a/?b", "https://a/#b"]
    {
        let error = Cloud::at(address, graph).expect_err(address);
        assert!(matches!(error, CloudError::BadAddress { .. }), "{address}: {error:?}");
        assert!(!error.report().next.is_empty());
    }
}

#[test]
fn only_the_same_scheme_host_and_port_is_graph() {
    let cloud = Cloud::named("global").expect("a cloud");
    let is_graph = |text: &str| cloud.is_graph_host(&Url::parse(text).expect("an address"));
    assert!(is_graph("https://graph.microsoft.com/v1.0/me") && is_graph("https://GRAPH.microsoft.com:443/"));
    for other in [
        "http://graph.microsoft.com/",
        "https://graph.microsoft.com:444/",
        "https://graph.microsoft.com.evil.example/",
        "https://evil.example/graph.microsoft.com",
        "https://graph.microsoft.com@evil.example/",
        "https://graph.microsoft.us/",
    ] {
        assert!(!is_graph(other), "{other}");
    }
}

#[tokio::test]
async fn neither_client_follows_a_redirect_and_both_say_who_they_are() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let server = tokio::spawn(async move {
        let mut seen = Vec::new();
        for _ in 0..2 {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let mut bytes = [0; 4096];
            let length = stream.read(&mut bytes).await.expect("a request");
            seen.push(String::from_utf8_lossy(&bytes[..length]).into_owned());
            let answer =
                b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            stream.write_all(answer).await.expect("answered");
        }
        seen
    });
    let clients = Clients::new(Cloud::at(&address, &address).expect("a cloud"));
    for client in [clients.graph().expect("a client"), clients.sign_in().expect("a client")] {
        let answer = client.get(&address).send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 302);
    }
    for request in server.await.expect("requests") {
        let agent = concat!("user-agent: deskbell/", env!("CARGO_PKG_VERSION"));
        assert!(request.to_lowercase().contains(agent), "{request}");
    }
}

#[tokio::test]
async fn a_query_and_a_form_both_bring_the_redirect() {
    for form in [false, true] {
        let waiting = Waiting::start("right").await;
        let fields = "state=right&code=a%2Bb+c";
        let page = if form { waiting.post(fields).await } else { waiting.get(&format!("/?{fields}")).await };
        let page = page.expect("a page");
        assert!(page.starts_with("HTTP/1.1 200") && page.contains("no-store"), "{page}");
        assert!(!page.contains("a+b"), "{page}");
        let redirect = waiting.task.await.expect("a redirect");
        assert_eq!(redirect.parameters.get("code").expect("a code").expose(), "a+b c");
        assert!(!format!("{redirect:?}").contains("a+b"));
    }
}

#[tokio::test]
async fn both_loopback_addresses_answer_where_there_are_two() {
    let waiting = Waiting::start("right").await;
    let Ok(mut stream) = TcpStream::connect(SocketAddr::from((Ipv6Addr::LOCALHOST, waiting.port))).await else {
        let has_v6 = TcpListener::bind(SocketAddr::from((Ipv6Addr::LOCALHOST, 0))).await.is_ok();
        assert!(!has_v6, "::1 exists but is not listened at");
        return;
    };
    stream.write_all(b"GET /?state=right&code=x HTTP/1.1\r\n\r\n").await.expect("sent");
    assert!(waiting.task.await.expect("a redirect").parameters.get("code").is_some());
}

#[tokio::test]
async fn what_is_no_redirect_is_refused_and_ends_nothing() {
    let waiting = Waiting::start("right").await;
    for (request, status) in [
        ("GET /favicon.ico HTTP/1.1\r\n\r\n".to_owned(), "404"),
        ("GET /callback?state=right&code=x HTTP/1.1\r\n\r\n".to_owned(), "404"),
        ("GET /?state=wrong&code=x HTTP/1.1\r\n\r\n".to_owned(), "400"),
        ("GET /?code=x HTTP/1.1\r\n\r\n".to_owned(), "400"),
        ("PUT /?state=right&code=x HTTP/1.1\r\n\r\n".to_owned(), "400"),
        ("nonsense\r\n\r\n".to_owned(), "400"),
        ("POST / HTTP/1.1\r\nContent-Length: 22\r\n\r\nstate=right&code=abcdef".to_owned(), "400"),
        (form_head(1_000_000), "413"),
        (format!("GET /?{} HTTP/1.1\r\n", "a".repeat(40_000)), "413"),
    ] {
        let answer = send(waiting.port, &request).await.expect("an answer");
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{request:.60}: {answer}");
        assert!(!answer.to_lowercase().contains("<script"));
    }
    assert!(!waiting.task.is_finished());
    waiting.get("/?state=right&code=x").await.expect("a page");
    waiting.task.await.expect("a redirect");
}

#[tokio::test]
async fn a_silent_connection_holds_nobody_up_and_is_closed_after_a_while() {
    let waiting = Waiting::start("right").await;
    let mut silent = Vec::new();
    for begun in ["", "GET /?state=right", "GET / HTTP/1.1\r\nHost:"] {
        let mut stream = TcpStream::connect(("127.0.0.1", waiting.port)).await.expect("a connection");
        stream.write_all(begun.as_bytes()).await.expect("sent");
        silent.push(stream);
    }
    assert!(waiting.get("/other").await.expect("a page").starts_with("HTTP/1.1 404"));
    while waiting.clock.next_due().is_none() {
        tokio::task::yield_now().await;
    }
    waiting.clock.advance(Duration::from_secs(10));
    for (number, mut stream) in silent.into_iter().enumerate() {
        let mut rest = String::new();
        stream.read_to_string(&mut rest).await.expect("closed in order");
        let is_told = rest.starts_with("HTTP/1.1 408") && rest.contains("Too slow");
        assert!(if number == 0 { rest.is_empty() } else { is_told }, "{rest}");
    }
    assert!(waiting.get("/?state=right&code=x").await.expect("a page").starts_with("HTTP/1.1 200"));
    waiting.task.await.expect("a redirect");
}

#[tokio::test]
async fn the_redirect_counts_as_work_until_it_is_dealt_with() {
    let waiting = Waiting::start("right").await;
    assert_eq!(waiting.activity.count(), 0);
    waiting.get("/?state=right&code=x").await.expect("a page");
    let redirect = waiting.task.await.expect("a redirect");
    assert_eq!(waiting.activity.count(), 1);
    drop(redirect);
    assert_eq!(waiting.activity.count(), 0);
}

#[tokio::test]
async fn a_browser_is_started_only_where_it_can_be_seen_and_only_for_the_web() {
    let display = |pairs: &[(&'static str, &'static str)]| Display::of(&Environment::from_pairs(pairs.iter().copied()));
    assert_eq!(display(&[("DISPLAY", ":0"), ("SSH_CONNECTION", "a b c d")]), Display::Remote);
    if cfg!(target_os = "linux") {
        assert_eq!(display(&[]), Display::Absent);
        assert_eq!(display(&[("WAYLAND_DISPLAY", "wayland-0")]), Display::Here);
    }
    let address = Url::parse("https://login.microsoftonline.com/").expect("an address");
    assert!(!SystemBrowser::new(Display::Absent).open(&address).await);
    assert!(!SystemBrowser::new(Display::Remote).open(&address).await);
    assert!(!NoBrowser.open(&address).await);
    for other in ["file:///etc/passwd", "javascript:alert(1)", "mailto:lena@contoso.com", "data:text/html,x"] {
        let other = Url::parse(other).expect("an address");
        assert!(!is_web(&other));
        assert!(!SystemBrowser::new(Display::Here).open(&other).await, "{other}");
    }
}

#[tokio::test]
async fn the_real_clock_does_not_wait_for_what_has_passed() {
    let clock = SystemClock;
    clock.sleep_until(clock.now()).await;
    clock.sleep_until(SystemTime::UNIX_EPOCH).await;
    clock.sleep(Duration::from_millis(1)).await;
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_at_the_port_break_it(bytes: Vec<u8>) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let waiting = Waiting::start("right").await;
            let mut stream = TcpStream::connect(("127.0.0.1", waiting.port)).await.expect("a connection");
            stream.write_all(&bytes).await.expect("sent");
            stream.shutdown().await.expect("closed");
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer).await;
            waiting.get("/?state=right&code=x").await.expect("still there");
            waiting.task.await.expect("a redirect");
        });
    }
}

/// A listener that waits for a redirect in a task of its own.
struct Waiting {
    port: u16,
    task: JoinHandle<Redirect>,
    clock: CrankedClock,
    activity: Activity,
}

impl Waiting {
    async fn start(state: &str) -> Self {
        let loopback = Loopback::bind(None, "/").await.expect("a port");
        let port = loopback.port();
        let clock = CrankedClock::at(SystemTime::UNIX_EPOCH);
        let shared: SharedClock = Arc::new(clock.clone());
        let activity = Activity::default();
        let (state, counted) = (Secret::new(state.to_owned()), activity.clone());
        let task = tokio::spawn(async move { loopback.wait(&state, &shared, &counted, &|_| {}).await });
        Self { port, task, clock, activity }
    }

    async fn get(&self, target: &str) -> std::io::Result<String> {
        send(self.port, &format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n")).await
    }

    async fn post(&self, fields: &str) -> std::io::Result<String> {
        send(self.port, &format!("{}{fields}", form_head(fields.len()))).await
    }
}

fn form_head(length: usize) -> String {
    format!(
        "POST / HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded; charset=utf-8\r\nContent-Length: {length}\r\n\r\n"
    )
}
