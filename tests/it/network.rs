//! Certificates and proxies: the real clients against servers of a throw-away authority and a proxy on loopback, and the real
//! program in front of the tenant behind both.

use crate::support::authority::{Authority, Connect, Gatekeeper, Life, front};
use crate::support::program::{Program, program, ran};
use crate::support::scripted::{Scripted, ok};
use deskbell::auth::{AuthError, StaticToken, Surroundings, entra::Entra};
use deskbell::base::activity::Activity;
use deskbell::base::clock::CrankedClock;
use deskbell::base::environment::Environment;
use deskbell::base::ids::SeededIds;
use deskbell::base::report::Report;
use deskbell::base::secret::Secret;
use deskbell::domain::calls::{CallEnd, RetryPolicy};
use deskbell::domain::login::Registration;
use deskbell::graph::transport::{NobodyListens, Parts};
use deskbell::graph::{Call, Graph, GraphError};
use deskbell::net::client::{Clients, Network};
use deskbell::net::cloud::Cloud;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;

/// An authority with its certificate in a file.
struct Trusted {
    authority: Authority,
    file: PathBuf,
    _folder: TempDir,
}

impl Trusted {
    fn new(name: &'static str) -> Self {
        let authority = Authority::new(name);
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("ca.pem");
        std::fs::write(&file, authority.pem()).expect("written");
        Self { authority, file, _folder: folder }
    }

    fn network(&self, pairs: &[(&str, &str)]) -> Network {
        Network::of(&Environment::from_pairs(pairs.iter().copied()), std::slice::from_ref(&self.file))
    }
}

fn clients(address: &str, network: Network) -> Arc<Clients> {
    Arc::new(Clients::with(Cloud::at(address, address).expect("addresses"), network))
}

fn now() -> CrankedClock {
    CrankedClock::at(SystemTime::UNIX_EPOCH + Duration::from_hours(498_681))
}

/// One call to Graph with these clients, without a repeat.
async fn me(clients: &Arc<Clients>) -> Result<(), GraphError> {
    let graph = Graph::new(Parts {
        reach: deskbell::graph::Reach::default(),
        clients: clients.clone(),
        tokens: Arc::new(StaticToken::new(&Secret::new("planted-token".to_owned()))),
        clock: Arc::new(now()),
        ids: Arc::new(SeededIds::new(7)),
        observer: Arc::new(NobodyListens),
        is_offline: false,
        made_as: None,
        retry: RetryPolicy { at_most: 1, ..RetryPolicy::default() },
    });
    graph.send(Call::get(&["me"])).await.map(|_| ())
}

/// One call to the identity service with these clients.
async fn sign_in(clients: &Arc<Clients>) -> Result<(), AuthError> {
    let surroundings = Surroundings {
        clients: clients.clone(),
        clock: Arc::new(now()),
        ids: Arc::new(SeededIds::new(8)),
        activity: Activity::default(),
    };
    let registration = Registration { client_id: "app".to_owned(), tenant: "contoso".to_owned() };
    let secret = Secret::new("planted-secret".to_owned());
    Entra::new(&surroundings, &registration)?.client_credentials(&secret, "scope").await.map(|_| ())
}

/// What both clients say about the same trouble.
async fn told_by_both(clients: &Arc<Clients>) -> [Report; 2] {
    let graph = me(clients).await.expect_err("Graph is out of reach").report("The path could not be read.");
    let sign_in = sign_in(clients).await.expect_err("so is signing in").report();
    [graph, sign_in]
}

async fn server() -> (Scripted, SocketAddr) {
    let token = r#"{"token_type":"Bearer","expires_in":3600,"access_token":"planted-answer"}"#;
    let server = Scripted::start(move |_, _| ok(token)).await;
    let address = server.address.trim_start_matches("http://").parse().expect("an address");
    (server, address)
}

#[tokio::test]
async fn an_authority_that_is_named_is_believed_and_no_other() {
    let (_server, behind) = server().await;
    let trusted = Trusted::new("Contoso Inspection CA");
    let address = front(trusted.authority.server("127.0.0.1", Life::Now), behind).await;
    let address = format!("https://{address}");
    let known = clients(&address, trusted.network(&[]));
    me(&known).await.expect("the named authority is believed");
    sign_in(&known).await.expect("by signing in too");

    let file = trusted.file.display().to_string();
    let folder = trusted.file.parent().unwrap().display().to_string();
    for (name, value) in [("SSL_CERT_FILE", &file), ("SSL_CERT_DIR", &folder)] {
        let network = Network::of(&Environment::from_pairs([(name, value.as_str())]), &[]);
        me(&clients(&address, network)).await.unwrap_or_else(|error| panic!("{name}: {error:?}"));
    }

    let other = Trusted::new("Another CA");
    let unknown = clients(&address, other.network(&[]));
    for report in told_by_both(&unknown).await {
        assert_eq!((report.code.as_str(), report.exit_code()), ("unknownIssuer", 6), "{report:?}");
        assert!(report.why.contains("\"Contoso Inspection CA\"") && report.why.contains("127.0.0.1"), "{report:?}");
        assert!(report.next.iter().any(|step| step.contains("ca_files")), "{report:?}");
    }
    let calls = unknown.calls().newest_first();
    assert!(calls.iter().all(|call| matches!(&call.end, CallEnd::Failed(why) if why.contains("Contoso"))), "{calls:?}");
}

#[tokio::test]
async fn a_certificate_out_of_time_or_for_another_host_is_told_as_that() {
    let (_server, behind) = server().await;
    let trusted = Trusted::new("Contoso CA");
    for (host, life, code) in [
        ("127.0.0.1", Life::Over, "certificateExpired"),
        ("127.0.0.1", Life::ToCome, "certificateNotYetValid"),
        ("graph.example.com", Life::Now, "certificateWrongName"),
    ] {
        let address = front(trusted.authority.server(host, life), behind).await;
        for report in told_by_both(&clients(&format!("https://{address}"), trusted.network(&[]))).await {
            assert_eq!(report.code, code, "{report:?}");
            assert!(!report.next.is_empty());
        }
    }
}

#[tokio::test]
async fn what_does_not_answer_or_speaks_no_tls_has_its_own_sentence() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let plain = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n").await;
        }
    });
    let trusted = Trusted::new("Contoso CA");
    let closed = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    // A label of 64 letters: no resolver is asked about it.
    let nameless = format!("https://{}.example", "a".repeat(64));
    for (address, failure) in [
        (format!("https://{plain}"), "noTls"),
        (format!("https://{closed}"), "connectionRefused"),
        (nameless, "noName"),
    ] {
        for report in told_by_both(&clients(&address, trusted.network(&[]))).await {
            assert!(report.details.contains(&("failure".to_owned(), failure.to_owned())), "{address}: {report:?}");
            assert_eq!(report.exit_code(), 6);
        }
    }
}

#[tokio::test]
async fn both_clients_go_through_the_proxy_to_hosts_and_straight_to_this_computer() {
    let (server, behind) = server().await;
    let trusted = Trusted::new("Contoso CA");
    let tls = front(trusted.authority.server("service.contoso.example", Life::Now), behind).await;
    let proxy = Connect::start(Gatekeeper::LeadsTo(tls)).await;
    let named = format!("http://{}", proxy.address);
    let through = clients("https://service.contoso.example", trusted.network(&[("HTTPS_PROXY", &named)]));
    me(&through).await.expect("through the proxy");
    sign_in(&through).await.expect("through the proxy");
    let asked = proxy.asked();
    assert!(
        !asked.is_empty() && asked.iter().all(|line| line == "CONNECT service.contoso.example:443 HTTP/1.1"),
        "{asked:?}"
    );
    assert_eq!(server.heard().len(), 2);

    let network = Network::of(&Environment::from_pairs([("ALL_PROXY", named.as_str())]), &[]);
    me(&clients(&server.address, network)).await.expect("straight");
    assert_eq!(proxy.asked().len(), asked.len());
}

#[tokio::test]
async fn a_proxy_that_wants_a_password_gets_it_or_says_so() {
    let (_server, behind) = server().await;
    let trusted = Trusted::new("Contoso CA");
    let tls = front(trusted.authority.server("service.contoso.example", Life::Now), behind).await;
    // lena:secret
    let proxy = Connect::start(Gatekeeper::Asks(tls, "Basic bGVuYTpzZWNyZXQ=")).await;
    let at = |who: &str| {
        let named = format!("http://{who}{}", proxy.address);
        clients("https://service.contoso.example", trusted.network(&[("https_proxy", &named)]))
    };
    me(&at("lena:secret@")).await.expect("with the password");
    for who in ["", "lena:planted-wrong@"] {
        for report in told_by_both(&at(who)).await {
            assert_eq!(report.code, "proxyPassword", "{report:?}");
            assert!(report.next.iter().any(|step| step.contains("NTLM")), "{report:?}");
            assert!(!format!("{report:?}").contains("planted"), "{report:?}");
        }
    }
}

#[tokio::test]
async fn a_proxy_that_refuses_or_is_not_there_is_named() {
    let trusted = Trusted::new("Contoso CA");
    let refusing = Connect::start(Gatekeeper::Refuses(403)).await;
    let closed = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    for (address, scheme, code) in [
        (refusing.address, "http", "proxyRefused"),
        (closed, "http", "proxyUnreachable"),
        (closed, "socks5h", "proxyUnreachable"),
    ] {
        let named = format!("{scheme}://{address}");
        let clients = clients("https://service.contoso.example", trusted.network(&[("ALL_PROXY", &named)]));
        for report in told_by_both(&clients).await {
            assert_eq!(report.code, code, "{report:?}");
            assert!(report.why.contains(&named), "{report:?}");
        }
    }
}

#[tokio::test]
async fn what_is_named_and_cannot_be_used_is_a_configuration_error_with_its_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "no certificate at all").unwrap();
    let damaged = folder.path().join("damaged.pem");
    std::fs::write(&damaged, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
    for path in [empty, damaged, folder.path().join("missing.pem"), folder.path().to_owned()] {
        let network = Network::of(&Environment::default(), std::slice::from_ref(&path));
        for report in told_by_both(&clients("https://service.contoso.example", network)).await {
            assert_eq!(report.exit_code(), 3, "{report:?}");
            let all = report.as_text();
            assert!(all.contains("network.ca_files"), "{all}");
        }
    }
    let network = Network::of(&Environment::from_pairs([("HTTPS_PROXY", "ftp://one")]), &[]);
    for report in told_by_both(&clients("https://service.contoso.example", network)).await {
        assert_eq!((report.code.as_str(), report.exit_code()), ("badProxy", 3), "{report:?}");
        assert!(report.as_text().contains("HTTPS_PROXY"));
    }
}

#[test]
fn the_real_program_works_behind_a_proxy_that_signs_anew_once_it_knows_the_authority() {
    let tenant = Program::new();
    let trusted = Trusted::new("Contoso Inspection CA");
    let behind = tenant.tenant.graph().trim_start_matches("http://").parse().expect("an address");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let proxy = runtime.block_on(async {
        let tls = front(trusted.authority.server("graph.contoso.example", Life::Now), behind).await;
        Connect::start(Gatekeeper::LeadsTo(tls)).await
    });
    let token = tenant.tenant.script().token("lena", "").expect("a token");
    let run = |extra: &[(&str, &str)]| {
        let home = tempfile::tempdir().expect("a folder");
        let mut command = program(home.path());
        command.args(["--home", &home.path().display().to_string(), "--graph", "https://graph.contoso.example"]);
        command.args(["get", "/me?$select=mail", "--show-request"]);
        command.env("DESKBELL_TOKEN", &token).env("HTTPS_PROXY", format!("http://{}", proxy.address));
        command.env("DESKBELL_RETRY", "never").envs(extra.iter().copied());
        ran(command)
    };
    let refused = run(&[]);
    assert_eq!(refused.code, 6, "{refused:?}");
    assert!(refused.err.contains("\"Contoso Inspection CA\"") && refused.err.contains("ca_files"), "{refused:?}");
    let file = trusted.file.display().to_string();
    for name in ["DESKBELL_CA_FILES", "SSL_CERT_FILE"] {
        let read = run(&[(name, &file)]);
        assert_eq!(read.code, 0, "{name}: {read:?}");
        assert!(read.out.contains("\"mail\": \"lena@contoso.com\""), "{name}: {read:?}");
        assert!(read.err.contains("authorization: Bearer $TOKEN") && !read.err.contains(&token), "{read:?}");
    }
    assert!(proxy.asked().iter().all(|line| line.starts_with("CONNECT graph.contoso.example:443 ")));
}
