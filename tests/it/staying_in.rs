//! Staying signed in: challenges, wrong clocks, several processes, and programs that die at the worst moment.

use crate::support::entrance::Entrance;
use crate::support::program::Program;
use deskbell::auth::broker::{Broker, Brokers};
use deskbell::auth::vault::Vault;
use deskbell::auth::{AuthError, TokenSource};
use deskbell::base::clock::Clock;
use deskbell::base::ids::{RandomIds, SeededIds};
use deskbell::domain::calls::RetryPolicy;
use deskbell::graph::call::Call;
use deskbell::graph::transport::{NobodyListens, Parts};
use deskbell::graph::{Graph, GraphError};
use deskbell::sim::entra::claims::Challenge;
use deskbell::sim::entra::policy::{Policy, Reuse};
use deskbell::sim::faults::{Action, FaultBody, OauthFault, Rule};
use deskbell::sim::tenant::TenantOptions;
use deskbell::sim::world::WorldOptions;
use futures_util::future::join_all;
use std::fs::File;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

fn world(policy: Policy) -> WorldOptions {
    WorldOptions { policy, ..WorldOptions::default() }
}

/// Tokens of an hour: one that can be challenged lives a day.
fn hourly() -> Policy {
    Policy { continuous_access: false, ..Policy::default() }
}

async fn signed_in(policy: Policy) -> (Entrance, Arc<Broker>) {
    let entrance = Entrance::with(world(policy)).await;
    entrance.sign_in("lena").await;
    let stored = entrance.brokers.accounts().await.expect("the vault")[0].clone();
    let broker = entrance.brokers.open(&stored);
    (entrance, broker)
}

fn graph(entrance: &Entrance, broker: &Arc<Broker>) -> Graph {
    let surroundings = entrance.brokers.surroundings();
    Graph::new(Parts {
        reach: deskbell::graph::Reach::default(),
        clients: surroundings.clients.clone(),
        tokens: broker.clone(),
        clock: surroundings.clock.clone(),
        ids: Arc::new(SeededIds::new(3)),
        observer: Arc::new(NobodyListens),
        is_offline: false,
        made_as: None,
        retry: RetryPolicy::default(),
    })
}

// Challenges.

#[tokio::test]
async fn a_challenge_of_graph_is_answered_by_one_refresh_that_carries_it() {
    let policy = Policy { continuous_access: true, ..Policy::default() };
    let (entrance, broker) = signed_in(policy).await;
    let graph = graph(&entrance, &broker);
    graph.send(Call::get(&["me"])).await.expect("me");
    let asked = entrance.token_requests();
    let challenge = Challenge::not_before(1_795_251_600).several();
    entrance.tenant.script().challenge("lena", challenge).expect("challenged");
    graph.send(Call::get(&["me"])).await.expect("me, with a token made for the challenge");
    assert_eq!(entrance.token_requests(), asked + 1);
    graph.send(Call::get(&["me"])).await.expect("me");
    assert_eq!(entrance.token_requests(), asked + 1, "the new token is used");
}

#[tokio::test]
async fn a_challenge_only_a_person_can_answer_is_kept_for_their_sign_in_and_never_loops() {
    let policy = Policy { continuous_access: true, ..Policy::default() };
    let (entrance, broker) = signed_in(policy).await;
    let graph = graph(&entrance, &broker);
    let challenge = Challenge::new(r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#).interactive();
    entrance.tenant.script().challenge("lena", challenge).expect("challenged");
    let asked = entrance.token_requests();
    for _ in 0..5 {
        let error = graph.send(Call::get(&["me"])).await.expect_err("a person is needed");
        assert!(matches!(error, GraphError::NeedsLogin(_)), "{error:?}");
        assert_eq!(error.report("x").exit_code(), 4);
    }
    assert!(entrance.token_requests() <= asked + 1, "it loops: {}", entrance.token_requests());
    let key = entrance.vault.accounts().expect("the vault")[0].account.key.clone();
    let demanded = entrance.brokers.demanded_of(&key).expect("kept for the sign-in");
    assert!(demanded.as_json().contains("acrs"), "{demanded:?}");
    assert_eq!(entrance.vault.accounts().expect("the vault").len(), 1);
}

#[tokio::test]
async fn neither_403_nor_404_asks_for_a_new_token() {
    let (entrance, broker) = signed_in(hourly()).await;
    let graph = graph(&entrance, &broker);
    let asked = entrance.token_requests();
    for status in [403, 404] {
        let body = FaultBody::Error("ErrorAccessDenied".to_owned());
        entrance.tenant.script().fault(Rule::graph("/me", Action::Status(status, body, None)));
        let error = graph.send(Call::get(&["me"])).await.expect_err("refused");
        assert!(!error.report("x").why.is_empty());
    }
    assert_eq!(entrance.token_requests(), asked);
}

// Clocks.

#[tokio::test]
async fn a_clock_an_hour_off_works_and_is_told() {
    for ahead in [3600, -3600] {
        // The service's clock is ahead, so ours is behind, and the other way round.
        let (entrance, broker) = signed_in(Policy { clock_ahead: ahead, ..hourly() }).await;
        let graph = graph(&entrance, &broker);
        graph.send(Call::get(&["me"])).await.expect("me");
        assert_eq!(broker.facts().clock_ahead, Some(-ahead));
        assert_eq!(entrance.token_requests(), 1, "a token is renewed for nothing");
        entrance.pass(40 * 60).await;
        graph.send(Call::get(&["me"])).await.expect("me");
        assert_eq!(entrance.token_requests(), 1);
        entrance.pass(50 * 60).await;
        graph.send(Call::get(&["me"])).await.expect("me");
        assert_eq!(entrance.token_requests(), 2, "renewed in time, not refused first");
        assert!(entrance.tenant.script().requests().iter().all(|request| request.status != 401));
    }
}

#[tokio::test]
async fn a_clock_that_was_put_right_does_not_spoil_a_token() {
    let (entrance, _broker) = signed_in(Policy { clock_ahead: -7200, ..hourly() }).await;
    // Our clock was two hours ahead when the token came; now both show the same, in a new start of the program.
    let now = entrance.clock.now();
    entrance.tenant.script().clock_ahead(0);
    entrance.clock.set(now - Duration::from_hours(2));
    let brokers = Brokers::new(entrance.brokers.surroundings().clone(), entrance.vault.clone());
    let stored = brokers.accounts().await.expect("the vault")[0].clone();
    let broker = brokers.open(&stored);
    graph(&entrance, &broker).send(Call::get(&["me"])).await.expect("me");
    assert!(entrance.token_requests() <= 2);
}

// Losing a grant.

#[tokio::test]
async fn of_a_lost_grant_is_kept_when_it_came_when_it_was_used_and_what_the_service_said() {
    let (entrance, broker) = signed_in(hourly()).await;
    let issued = broker.facts().issued.expect("told");
    entrance.pass(95 * 60).await;
    broker.access_token().await.expect("a token");
    let used = broker.facts().issued.expect("told");
    assert!(used > issued && broker.facts().ends > Some(used) && broker.facts().renews);
    let fault = OauthFault {
        error: "invalid_grant".to_owned(),
        code: 70000,
        suberror: Some("bad_token".to_owned()),
        claims: None,
    };
    entrance.tenant.script().fault(Rule::authority("/oauth2/v2.0/token", Action::Oauth(fault)));
    entrance.pass(95 * 60).await;
    let error = broker.access_token().await.expect_err("no token");
    let report = error.report();
    for name in ["issued", "last used", "code", "correlation id"] {
        assert!(report.details.iter().any(|(held, value)| held == name && !value.is_empty()), "{name}: {report:?}");
    }
    let lost = broker.facts().lost.expect("told");
    assert_eq!((lost.issued, lost.last_used, lost.code.as_str()), (Some(used), Some(used), "AADSTS70000"));
    // The next start tells it too, from the vault.
    let stored = entrance.vault.accounts().expect("the vault")[0].clone();
    assert_eq!(stored.history.lost, Some(lost));
    assert!(stored.refresh_token.is_none());
    entrance.sign_in("lena").await;
    assert_eq!(entrance.vault.accounts().expect("the vault")[0].history.lost, None);
}

#[tokio::test]
async fn a_sign_in_by_another_process_is_noticed() {
    let (entrance, broker) = signed_in(hourly()).await;
    entrance.tenant.script().revoke("lena").expect("revoked");
    let refused = broker.access_token().await.expect("a token");
    assert!(matches!(broker.refresh_after_401(&refused, None).await, Err(AuthError::NeedsLogin(_))));
    assert!(broker.access_token().await.is_err());
    let other = Brokers::new(entrance.brokers.surroundings().clone(), entrance.vault.clone());
    let mut stored = entrance.vault.accounts().expect("the vault")[0].clone();
    let answer = entrance.tenant.script().token("lena", "").expect("a token");
    stored.refresh_token = Some("from-another-window".to_owned().into());
    if let Some(access) = &mut stored.access_token {
        access.token = answer.clone().into();
    }
    other.adopt(stored).await.expect("stored");
    assert_eq!(broker.access_token().await.expect("the new one").expose(), &answer);
}

// Several at once.

#[tokio::test]
async fn brokers_of_two_processes_renew_once_where_a_refresh_token_works_once() {
    let (entrance, broker) = signed_in(Policy { refresh_tokens: Reuse::EndsSession, ..hourly() }).await;
    let folder = entrance.folder();
    let others: Vec<Arc<Broker>> = (0..4)
        .map(|_| {
            let vault = Arc::new(Vault::in_folder(&folder, Arc::new(RandomIds)));
            let stored = vault.accounts().expect("the vault")[0].clone();
            Brokers::new(entrance.brokers.surroundings().clone(), vault).open(&stored)
        })
        .collect();
    for round in 2..5 {
        entrance.pass(95 * 60).await;
        let tokens = join_all(others.iter().chain([&broker]).map(|broker| broker.access_token())).await;
        let first = tokens[0].clone().expect("a token");
        assert!(tokens.into_iter().all(|token| token.expect("a token") == first));
        assert_eq!(entrance.token_requests(), round);
    }
}

#[tokio::test]
async fn a_process_that_stops_amid_its_renewal_is_not_waited_for_for_ever() {
    let (entrance, broker) = signed_in(hourly()).await;
    let stored = entrance.vault.accounts().expect("the vault")[0].clone();
    let held = entrance.vault.hold_renewal(&stored.account.key).expect("held").expect("a file");
    let expired = stored.access_token.expect("a token").expires;
    entrance.clock.set(expired);
    let waiting = tokio::spawn({
        let broker = broker.clone();
        async move { broker.access_token().await }
    });
    let mut waits = 0;
    while !waiting.is_finished() && waits < 10_000 {
        tokio::task::yield_now().await;
        entrance.clock.advance(Duration::from_secs(1));
        waits += 1;
    }
    let error = waiting.await.expect("the task").expect_err("nobody can renew");
    assert_eq!(error, AuthError::Busy);
    assert!(!error.needs_person() && error.is_transient());
    drop(held);
    broker.access_token().await.expect("a token, as soon as the other has ended");
}

/// The vault of a program.
fn vault_of(program: &Program) -> (Vault, PathBuf) {
    let folder = program.home.path().join("secrets");
    (Vault::in_folder(&folder, Arc::new(RandomIds)), folder)
}

/// Makes the program renew its token with its next request.
fn forget_access(vault: &Vault) {
    let key = vault.accounts().expect("the vault")[0].account.key.clone();
    vault.update(&key, |stored| stored.access_token = None).expect("changed");
}

fn renewals(program: &Program) -> usize {
    let requests = program.tenant.script().requests();
    requests.iter().filter(|request| request.path.ends_with("/token")).count()
}

fn program(reuse: Reuse) -> Program {
    let policy = Policy { refresh_tokens: reuse, refresh_token_length: 4096, ..Policy::default() };
    let program = Program::with(TenantOptions { world: world(policy), ..TenantOptions::default() });
    program.sign_in();
    assert_eq!(program.run("inbox").code, 0);
    program
}

#[test]
fn processes_that_start_together_use_a_refresh_token_once() {
    let program = program(Reuse::EndsSession);
    let (vault, _) = vault_of(&program);
    for _ in 0..2 {
        forget_access(&vault);
        let before = renewals(&program);
        let children: Vec<_> = (0..3)
            .map(|_| {
                let mut command = program.command("inbox");
                command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts")
            })
            .collect();
        for child in children {
            let ended = child.wait_with_output().expect("it ends");
            assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        }
        assert_eq!(renewals(&program), before + 1);
    }
}

#[test]
fn a_kill_between_the_answer_and_the_save_loses_no_account() {
    for reuse in [Reuse::Accepted, Reuse::Refused] {
        let program = program(reuse);
        let (vault, folder) = vault_of(&program);
        let before = vault.accounts().expect("the vault")[0].clone();
        kill_amid_renewal(&program, &vault, &folder);
        let after = vault.accounts().expect("the vault is whole")[0].clone();
        assert_eq!(after.refresh_token, before.refresh_token);
        assert!(after.history.begun.is_some(), "nothing is on record");
        let next = program.run("inbox");
        if reuse == Reuse::Accepted {
            assert_eq!(next.code, 0, "{next:?}");
            assert_eq!(vault.accounts().expect("the vault")[0].history.begun, None);
        } else {
            // The cache is shown, a person is needed, and one line says so.
            assert_eq!((next.code, next.out.lines().count()), (4, 20), "{next:?}");
            assert_eq!(next.err.lines().count(), 1, "{next:?}");
            assert!(next.err.contains("sign in again"), "{next:?}");
            let lost = vault.accounts().expect("the vault")[0].history.lost.clone().expect("on record");
            assert!(lost.cut_off.is_some() && lost.code == "AADSTS70000", "{lost:?}");
            assert!(program.run("accounts").out.contains("lena@contoso.com"));
        }
    }
}

/// Starts the program behind a middleman who lets the token answer through while the vault cannot be written, and kills it there.
fn kill_amid_renewal(program: &Program, vault: &Vault, folder: &std::path::Path) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let middle = format!("http://{}/", listener.local_addr().expect("an address"));
    let key = vault.accounts().expect("the vault")[0].account.key.clone();
    let real = vault.accounts().expect("the vault")[0].authority.clone();
    let to = middle.clone();
    vault
        .update(&key, move |stored| {
            stored.access_token = None;
            stored.authority = to;
        })
        .expect("changed");
    let mut command = program.command("inbox");
    let arguments: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
    let authority = program.tenant.authority();
    let arguments = arguments.into_iter().map(|argument| {
        if argument.to_str() == Some(authority) { middle.trim_end_matches('/').into() } else { argument }
    });
    let mut again = crate::support::program::program(program.home.path());
    again.args(arguments.collect::<Vec<std::ffi::OsString>>());
    command = again;
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
    let (mut client, _) = listener.accept().expect("the program asks for a token");
    let request = read_message(&mut client);
    let mut server = TcpStream::connect(authority.trim_start_matches("http://")).expect("the tenant");
    server.write_all(&request).expect("sent");
    let answer = read_message(&mut server);
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
    let lock = File::options().write(true).open(folder.join("vault.lock")).expect("the lock");
    lock.lock().expect("held");
    client.write_all(&answer).expect("sent");
    child.kill().expect("killed");
    child.wait().expect("gone");
    drop(lock);
    vault.update(&key, move |stored| stored.authority = real).expect("changed");
}

/// A message of HTTP/1.1 with its body.
fn read_message(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let read = stream.read(&mut chunk).expect("bytes");
        assert!(read > 0, "it broke off");
        bytes.extend_from_slice(&chunk[..read]);
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.and_then(|value| value.trim().parse().ok()).unwrap_or(0);
            if bytes.len() >= end + 4 + length {
                return bytes;
            }
        }
    }
}

// Tokens in a file, and no tokens on disk.

#[test]
fn tokens_move_by_a_file_for_the_owner_alone_and_only_after_a_clear_yes() {
    let program = program(Reuse::Accepted);
    let file = program.home.path().join("tokens.json");
    let name = file.display().to_string();
    let refused = program.run(&format!("token export {name}"));
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(!file.exists() && refused.err.contains("--yes"), "{refused:?}");
    let exported = program.run(&format!("token export {name} --yes"));
    assert_eq!(exported.code, 0, "{exported:?}");
    let text = std::fs::read_to_string(&file).expect("the file");
    let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let refresh = json["refresh_token"].as_str().expect("a refresh token");
    assert!(refresh.len() >= 4096 && json["expires_in"].as_u64().expect("seconds") > 60, "{}", refresh.len());
    assert!(!format!("{exported:?}").contains(&refresh[..40]));

    assert_eq!(program.run("logout --yes").code, 0);
    assert_eq!(program.run("inbox").code, 4);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&file).expect("the file").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).expect("changed");
        let open = program.run(&format!("token import {name}"));
        assert_eq!(open.code, 3, "{open:?}");
        assert!(open.err.contains("chmod 600") && open.err.contains("644"), "{open:?}");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).expect("changed");
    }
    let imported = program.run(&format!("token import {name}"));
    assert_eq!(imported.code, 0, "{imported:?}");
    assert!(imported.out.contains("lena@contoso.com") && imported.err.contains("Delete"), "{imported:?}");
    assert_eq!(program.run("inbox").code, 0);
    for (text, said) in [("{", "JSON"), ("{}", "neither"), (r#"{"access_token":"a b"}"#, "broken"), ("[]", "JSON")] {
        std::fs::write(&file, text).expect("written");
        let bad = program.run(&format!("token import {name}"));
        assert_eq!(bad.code, 2, "{bad:?}");
        assert!(bad.err.contains(said), "{bad:?}");
    }
    assert!(program.run("accounts").out.contains("lena"), "an account was lost");
}

#[test]
fn without_a_store_nothing_of_the_sign_in_reaches_the_disk() {
    let program = Program::new();
    let ended = program.login("login --no-store --browser --no-open", |said| {
        let address = said.lines().last().filter(|line| line.starts_with("http://"))?;
        Some(program.approve_at(address))
    });
    assert_eq!(ended.code, 0, "{ended:?}");
    let (_, folder) = vault_of(&program);
    let left: Vec<_> = std::fs::read_dir(folder).expect("the folder").flatten().collect();
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(program.run("inbox").code, 4);
    program.configure("[profile.default]\ntoken_cache = \"none\"\n");
    let stored = program.run("accounts --json").json();
    assert_eq!(stored["vault"]["keeper"], "none");
}
