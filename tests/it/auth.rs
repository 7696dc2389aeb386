//! Tokens kept fresh and kept safe: the broker, the vault, and refusals in words.

use crate::support::entrance::Entrance;
use deskbell::auth::errors::Refusal;
use deskbell::auth::vault::{AccessToken, GrantHistory, StoredAccount, Vault, VaultError};
use deskbell::auth::{AuthError, StaticToken, TokenSource, aadsts, identity};
use deskbell::base::clock::Clock;
use deskbell::base::ids::RandomIds;
use deskbell::base::paths::write_private;
use deskbell::base::secret::Secret;
use deskbell::domain::account::{Account, AccountKey, AccountKind, Scopes};
use deskbell::net::cloud::Cloud;
use deskbell::sim::faults::{Action, FaultBody, OauthFault, Rule};
use futures_util::future::join_all;
use proptest::prelude::*;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

const TOKEN: &str = "/oauth2/v2.0/token";

// The broker.

#[tokio::test]
async fn a_token_is_used_until_shortly_before_its_end_and_then_renewed_once_for_everybody() {
    let (entrance, broker) = signed_in().await;
    let first = broker.access_token().await.expect("a token");
    entrance.pass(50 * 60).await;
    assert_eq!(broker.access_token().await.expect("a token"), first);
    assert_eq!(entrance.token_requests(), 1);
    entrance.pass(40 * 60).await;
    let tokens = join_all((0..20).map(|_| broker.access_token())).await;
    assert_eq!(entrance.token_requests(), 2, "more than one refresh");
    let renewed = tokens[0].clone().expect("a token");
    assert_ne!(renewed, first);
    assert!(tokens.into_iter().all(|token| token.expect("a token") == renewed));
}

#[tokio::test]
async fn the_rotated_token_is_stored_and_used_for_the_next_refresh() {
    let (entrance, broker) = signed_in().await;
    let stored = || entrance.vault.accounts().expect("the vault")[0].clone();
    let before = stored();
    entrance.pass(90 * 60).await;
    let token = broker.access_token().await.expect("a token");
    let after = stored();
    assert_ne!(before.refresh_token, after.refresh_token);
    assert_eq!(after.access_token.expect("a token").token, token);
    assert_eq!(before.account, after.account);
    entrance.pass(90 * 60).await;
    broker.access_token().await.expect("a token from the rotated grant");
}

#[tokio::test]
async fn a_401_renews_once_however_many_requests_got_it() {
    let (entrance, broker) = signed_in().await;
    let refused = broker.access_token().await.expect("a token");
    let tokens = join_all((0..5).map(|_| broker.refresh_after_401(&refused, None))).await;
    assert_eq!(entrance.token_requests(), 2);
    assert!(tokens.iter().all(|token| token.as_ref().is_ok_and(|token| *token != refused)));
    let again = broker.refresh_after_401(&refused, None).await.expect("a token");
    assert_eq!(Ok(&again), tokens[0].as_ref());
    assert_eq!(entrance.token_requests(), 2);
}

#[tokio::test]
async fn trouble_at_the_service_drops_no_grant_and_is_shared_by_those_who_waited() {
    for action in [
        Action::Status(503, FaultBody::Empty, Some(7)),
        Action::Status(502, FaultBody::Html, None),
        Action::Throttle(Some(3), false),
        Action::Cut,
        Action::WrongJson,
        Action::Status(400, FaultBody::Html, None),
    ] {
        let (entrance, broker) = signed_in().await;
        entrance.pass(95 * 60).await;
        entrance.tenant.script().fault(Rule { times: None, ..Rule::authority(TOKEN, action.clone()) });
        let failures = join_all((0..20).map(|_| broker.access_token())).await;
        assert_eq!(entrance.token_requests(), 2, "{action:?}");
        for failure in failures {
            let error = failure.expect_err("no token");
            assert!(!error.needs_person(), "{action:?}: {error:?}");
            assert_eq!(error.report().exit_code(), 6, "{action:?}: {error:?}");
            assert!(!error.report().next.is_empty());
        }
        entrance.tenant.script().clear_faults();
        broker.access_token().await.expect("the grant is still good");
    }
}

#[tokio::test]
async fn a_short_outage_is_bridged_by_what_is_left_of_the_old_token() {
    let (entrance, broker) = signed_in().await;
    let first = broker.access_token().await.expect("a token");
    let expires = entrance.vault.accounts().expect("the vault")[0].access_token.clone().expect("a token").expires;
    entrance.clock.set(expires - Duration::from_mins(2));
    entrance.tenant.script().offline(true);
    assert_eq!(broker.access_token().await.expect("the old token"), first);
    assert!(broker.refresh_after_401(&first, None).await.is_err(), "a refused token bridges nothing");
    entrance.clock.set(expires);
    assert!(matches!(broker.access_token().await, Err(AuthError::Unreachable(_))));
}

#[tokio::test]
async fn a_revoked_grant_asks_for_the_person_and_is_not_tried_again_until_they_come() {
    let (entrance, broker) = signed_in().await;
    entrance.tenant.script().revoke("lena").expect("revoked");
    let refused = broker.access_token().await.expect("a token");
    let error = broker.refresh_after_401(&refused, None).await.expect_err("no token");
    assert!(matches!(error, AuthError::NeedsLogin(_)) && error.needs_person());
    let report = error.report();
    assert_eq!((report.code.as_str(), report.exit_code()), ("signInNeeded", 4));
    assert!(report.why.contains("revoked"), "{report:?}");
    let asked = entrance.token_requests();
    assert!(broker.refresh_after_401(&refused, None).await.is_err());
    assert_eq!(entrance.token_requests(), asked);
    assert_eq!(entrance.vault.accounts().expect("the vault").len(), 1, "the account is forgotten");
    entrance.sign_in_again("lena").await;
    let token = broker.access_token().await.expect("the same broker goes on with the new sign-in");
    assert_ne!(token, refused);
}

#[tokio::test]
async fn only_a_token_declared_bad_is_thrown_away() {
    for (suberror, kept) in [("basic_action", true), ("bad_token", false)] {
        let (entrance, broker) = signed_in().await;
        let fault = OauthFault {
            error: "invalid_grant".to_owned(),
            code: 70000,
            suberror: Some(suberror.to_owned()),
            claims: Some("{\"access_token\":{}}".to_owned()),
        };
        entrance.tenant.script().fault(Rule::authority(TOKEN, Action::Oauth(fault)));
        let refused = broker.access_token().await.expect("a token");
        let Err(AuthError::NeedsLogin(refusal)) = broker.refresh_after_401(&refused, None).await else {
            panic!("no refusal")
        };
        assert_eq!(refusal.suberror, suberror);
        assert_eq!(refusal.claims.as_deref(), Some("{\"access_token\":{}}"));
        assert_eq!(entrance.vault.accounts().expect("the vault")[0].refresh_token.is_some(), kept);
    }
}

#[tokio::test]
async fn a_refresh_is_finished_although_nobody_waits_any_more() {
    let (entrance, broker) = signed_in().await;
    let before = entrance.vault.accounts().expect("the vault")[0].refresh_token.clone();
    entrance.pass(90 * 60).await;
    {
        let asked = broker.access_token();
        tokio::pin!(asked);
        assert!(futures_util::poll!(asked.as_mut()).is_pending());
    }
    entrance.idle().await;
    assert_eq!(entrance.token_requests(), 2);
    assert_ne!(entrance.vault.accounts().expect("the vault")[0].refresh_token, before);
}

#[tokio::test]
async fn another_process_that_has_renewed_saves_a_refresh() {
    let (entrance, broker) = signed_in().await;
    entrance.pass(90 * 60).await;
    let mut stored = entrance.vault.accounts().expect("the vault")[0].clone();
    let now = entrance.clock.now();
    let theirs = Secret::new("from-the-other-process".to_owned());
    stored.access_token = Some(AccessToken {
        token: theirs.clone(),
        received: now,
        expires: now + Duration::from_hours(1),
        clock_ahead: 0,
    });
    entrance.vault.put(stored).expect("stored");
    assert_eq!(broker.access_token().await.expect("a token"), theirs);
    assert_eq!(entrance.token_requests(), 1);
}

#[tokio::test]
async fn signing_out_deletes_the_tokens_and_ends_the_broker() {
    let (entrance, broker) = signed_in().await;
    let key = entrance.vault.accounts().expect("the vault")[0].account.key.clone();
    assert!(entrance.brokers.forget(&key).await.expect("forgotten"));
    assert!(entrance.vault.accounts().expect("the vault").is_empty());
    assert_eq!(broker.access_token().await, Err(AuthError::SignedOut));
    assert!(!entrance.brokers.forget(&key).await.expect("nothing there"));
}

#[tokio::test]
async fn an_account_has_one_broker() {
    let (entrance, broker) = signed_in().await;
    let stored = entrance.brokers.accounts().await.expect("the vault")[0].clone();
    assert!(Arc::ptr_eq(&broker, &entrance.brokers.open(&stored)));
}

#[tokio::test]
async fn accounts_of_another_cloud_are_not_offered() {
    let (entrance, _broker) = signed_in().await;
    let mut stored = entrance.vault.accounts().expect("the vault")[0].clone();
    stored.account.key.object = "another".to_owned();
    stored.authority = Cloud::named("global").expect("a cloud").authority.to_string();
    entrance.vault.put(stored).expect("stored");
    assert_eq!(entrance.vault.accounts().expect("the vault").len(), 2);
    assert_eq!(entrance.brokers.accounts().await.expect("the vault").len(), 1);
}

#[tokio::test]
async fn an_application_gets_a_token_with_its_secret_and_is_told_when_the_secret_is_wrong() {
    let entrance = Entrance::new().await;
    let clients = entrance.tenant.clients().clone();
    let entra = entrance.entra(&clients.confidential);
    let scope = entrance.brokers.surroundings().clients.cloud().default_scope();
    let right = Secret::new(clients.confidential_secret);
    let tokens = entra.client_credentials(&right, &scope).await.expect("a token");
    assert!(tokens.refresh.is_none());
    assert!(identity::granted_by(&tokens.access.token).has("Calendars.Read"));
    let wrong = Secret::new("planted-wrong-secret".to_owned());
    let error = entra.client_credentials(&wrong, &scope).await.expect_err("refused");
    assert!(error.report().why.contains("secret is wrong"), "{error:?}");
    assert!(!format!("{error:?} {error} {}", error.report().as_text()).contains("planted-wrong-secret"));
}

#[tokio::test]
async fn a_given_token_is_used_as_it_is_and_never_renewed() {
    let entrance = Entrance::new().await;
    let token = entrance.tenant.script().token("lena", "Mail.Read").expect("a token");
    let source = StaticToken::new(&Secret::new(format!(" {token}\n")));
    assert_eq!(source.access_token().await.expect("a token").expose(), &token);
    assert!(source.granted().has("Mail.Read") && !source.granted().has("Calendars.Read"));
    let error = source.refresh_after_401(&Secret::new(token), None).await.expect_err("no other token");
    assert_eq!(error.report().exit_code(), 4);
    let opaque = StaticToken::new(&Secret::new("opaque".to_owned()));
    assert!(opaque.granted().is_empty());
}

async fn signed_in() -> (Entrance, Arc<deskbell::auth::broker::Broker>) {
    let entrance = Entrance::new().await;
    entrance.sign_in("lena").await;
    let stored = entrance.brokers.accounts().await.expect("the vault")[0].clone();
    let broker = entrance.brokers.open(&stored);
    (entrance, broker)
}

// The vault.

#[test]
fn accounts_come_back_as_they_went_in_also_with_long_tokens() {
    let folder = tempfile::tempdir().expect("a folder");
    let vault = vault(folder.path());
    assert_eq!(vault.accounts().expect("empty"), []);
    let long = account("lena", &"r".repeat(200_000));
    let mut odd = account("ben \"quote\" \u{1f600}\n\u{0}", "");
    odd.refresh_token = None;
    odd.access_token = None;
    odd.account.kind = AccountKind::Personal;
    vault.put(long.clone()).expect("stored");
    vault.put(odd.clone()).expect("stored");
    assert_eq!(self::vault(folder.path()).accounts().expect("read"), [long.clone(), odd.clone()]);
    let newer = account("lena", "newer");
    vault.put(newer.clone()).expect("replaced");
    assert_eq!(vault.accounts().expect("read"), [newer, odd.clone()]);
    assert!(vault.remove(&long.account.key).expect("removed"));
    assert_eq!(vault.accounts().expect("read"), [odd]);
}

#[test]
fn nothing_on_disk_shows_a_token_or_a_name_and_each_write_looks_different() {
    let folder = tempfile::tempdir().expect("a folder");
    let vault = vault(folder.path());
    let stored = account("lena", "planted-refresh-token");
    vault.put(stored.clone()).expect("stored");
    let first = fs::read(folder.path().join("vault")).expect("the file");
    vault.put(stored).expect("stored");
    let second = fs::read(folder.path().join("vault")).expect("the file");
    assert_ne!(first, second, "the nonce was used twice");
    for entry in fs::read_dir(folder.path()).expect("the folder") {
        let bytes = fs::read(entry.expect("an entry").path()).expect("a file");
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("planted") && !text.contains("lena"), "{text}");
    }
}

#[cfg(unix)]
#[test]
fn the_files_are_for_the_owner_alone_and_are_not_trusted_otherwise() {
    use std::os::unix::fs::PermissionsExt;
    for name in ["vault", "vault.key"] {
        let folder = tempfile::tempdir().expect("a folder");
        let vault = vault(folder.path());
        vault.put(account("lena", "token")).expect("stored");
        let path = folder.path().join(name);
        let mode = fs::metadata(&path).expect("a file").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{name}");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("changed");
        let before = fs::read(&path).expect("a file");
        for error in [vault.accounts().expect_err("refused"), vault.put(account("ben", "x")).expect_err("refused")] {
            let report = error.report();
            assert_eq!(report.exit_code(), 3);
            assert!(report.next[0].contains("chmod 600"), "{report:?}");
        }
        assert_eq!(fs::read(&path).expect("a file"), before);
    }
}

#[test]
fn a_newer_vault_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let vault = vault(folder.path());
    vault.put(account("lena", "token")).expect("stored");
    let path = folder.path().join("vault");
    let mut bytes = fs::read(&path).expect("the file");
    bytes[14] = 3;
    fs::write(&path, &bytes).expect("written");
    assert_eq!(vault.accounts(), Err(VaultError::Newer(3)));
    assert_eq!(vault.put(account("ben", "x")), Err(VaultError::Newer(3)));
    assert_eq!(fs::read(&path).expect("the file"), bytes);
}

#[test]
fn a_cut_or_changed_vault_is_kept_aside_and_a_new_one_can_begin() {
    let folder = tempfile::tempdir().expect("a folder");
    let vault = vault(folder.path());
    vault.put(account("lena", "token")).expect("stored");
    let path = folder.path().join("vault");
    let whole = fs::read(&path).expect("the file");
    let mut changed = whole.clone();
    let last = changed.len() - 20;
    changed[last] ^= 1;
    for (number, broken) in [&whole[..whole.len() / 2], &whole[..3], &[], &changed[..]].into_iter().enumerate() {
        write_private(&path, broken).expect("written");
        let Err(VaultError::Damaged(kept)) = vault.accounts() else { panic!("case {number}") };
        assert_eq!(fs::read(&kept).expect("kept"), broken);
        assert_eq!(
            kept.file_name().and_then(|name| name.to_str()),
            Some(format!("vault.damaged-{}", number + 1).as_str())
        );
        assert_eq!(vault.accounts(), Ok(Vec::new()));
    }
    vault.put(account("ben", "token")).expect("a new vault");
    fs::write(&path, &whole).expect("put back");
    assert_eq!(vault.accounts().expect("the old key still opens it")[0].account.name, "lena");
}

#[test]
fn without_its_key_the_vault_is_neither_read_nor_replaced() {
    let folder = tempfile::tempdir().expect("a folder");
    let vault = vault(folder.path());
    vault.put(account("lena", "token")).expect("stored");
    let (path, key) = (folder.path().join("vault"), folder.path().join("vault.key"));
    let before = fs::read(&path).expect("the file");
    fs::remove_file(&key).expect("removed");
    assert!(matches!(vault.accounts(), Err(VaultError::NoKey(_))));
    assert!(matches!(vault.put(account("ben", "x")), Err(VaultError::NoKey(_))));
    assert_eq!(fs::read(&path).expect("the file"), before);
    assert!(!key.exists(), "a new key was made for an old vault");
}

#[test]
fn many_writers_lose_no_account() {
    let folder = tempfile::tempdir().expect("a folder");
    std::thread::scope(|scope| {
        for number in 0..8 {
            let vault = vault(folder.path());
            scope.spawn(move || vault.put(account(&format!("person {number}"), "token")).expect("stored"));
        }
    });
    assert_eq!(vault(folder.path()).accounts().expect("read").len(), 8);
}

#[test]
fn a_vault_in_memory_leaves_nothing_behind() {
    let vault = Vault::in_memory();
    vault.put(account("lena", "token")).expect("stored");
    assert_eq!(vault.accounts().expect("read").len(), 1);
}

#[tokio::test]
async fn no_log_line_shows_a_secret_whatever_happens() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .finish();
    // Alone, a subscriber is not asked about what another test's thread logs first, and never hears of it afterwards.
    let _second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default());
    let logging = tracing::subscriber::set_default(subscriber);
    let (entrance, broker) = signed_in().await;
    let before = entrance.vault.accounts().expect("the vault")[0].clone();
    entrance.pass(95 * 60).await;
    broker.access_token().await.expect("a token");
    let after = entrance.vault.accounts().expect("the vault")[0].clone();
    entrance.tenant.script().revoke("lena").expect("revoked");
    let refused = broker.access_token().await.expect("a token");
    let error = broker.refresh_after_401(&refused, None).await.expect_err("revoked");
    drop(logging);
    let text = format!("{} {error} {error:?} {:?}", lines.text(), error.report());
    assert!(text.contains("could not be renewed"), "the log is empty");
    for stored in [before, after] {
        for secret in [stored.refresh_token.expect("a grant"), stored.access_token.expect("a token").token] {
            let start = &secret.expose()[..40];
            assert!(!text.contains(start) && !text.contains(&secret.expose()[60..]), "a secret was logged");
        }
    }
}

/// What was logged.
#[derive(Clone, Default)]
struct Lines(Arc<std::sync::Mutex<Vec<u8>>>);

impl Lines {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("a lock")).into_owned()
    }
}

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("a lock").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn no_debug_text_shows_a_secret() {
    let stored = account("lena", "planted-refresh-token");
    let vault = Vault::in_memory();
    vault.put(stored.clone()).expect("stored");
    let source = StaticToken::new(&Secret::new("planted-static-token".to_owned()));
    let text = format!("{stored:?} {vault:?} {source:?} {:?}", vault.accounts());
    assert!(text.contains("[redacted]") && !text.contains("planted"), "{text}");
}

fn vault(folder: &Path) -> Vault {
    Vault::in_folder(folder, Arc::new(RandomIds))
}

fn account(name: &str, refresh_token: &str) -> StoredAccount {
    let received = SystemTime::UNIX_EPOCH + Duration::from_hours(500_000);
    StoredAccount {
        account: Account {
            key: AccountKey { tenant: "t".to_owned(), object: name.to_owned() },
            name: name.to_owned(),
            address: format!("{name}@contoso.com"),
            kind: AccountKind::Work,
            granted: Scopes::parse("Mail.Read User.Read"),
        },
        client_id: "client".to_owned(),
        tenant: "contoso.com".to_owned(),
        authority: "https://login.microsoftonline.com/".to_owned(),
        scope: "Mail.Read User.Read".to_owned(),
        refresh_token: Some(Secret::new(refresh_token.to_owned())),
        access_token: Some(AccessToken {
            token: Secret::new("planted-access-token".to_owned()),
            received,
            expires: received + Duration::from_hours(1),
            clock_ahead: 0,
        }),
        history: GrantHistory::default(),
    }
}

// Refusals.

#[test]
fn a_refusal_keeps_what_support_needs_and_says_what_to_do() {
    let body = br#"{"error":"invalid_grant","error_description":"AADSTS700082: The refresh token has expired due to inactivity.\r\nTrace ID: aaaa Correlation ID: bbbb Timestamp: 2026-11-21 09:12:13Z","error_codes":[700082],"timestamp":"2026-11-21 09:12:13Z","trace_id":"aaaa","correlation_id":"bbbb","suberror":"token_expired","claims":"{}"}"#;
    let refusal = Refusal::parse(400, body).expect("a refusal");
    assert_eq!(refusal.description, "The refresh token has expired due to inactivity.");
    assert_eq!((refusal.trace_id.as_str(), refusal.correlation_id.as_str()), ("aaaa", "bbbb"));
    assert!(refusal.needs_person() && !refusal.is_transient());
    let report = AuthError::NeedsLogin(Box::new(refusal)).report();
    assert!(report.why.contains("ninety days"), "{report:?}");
    assert!(report.details.contains(&("code".to_owned(), "AADSTS700082".to_owned())));
}

#[test]
fn an_unknown_number_shows_the_services_own_sentence_tamed() {
    let refusal = Refusal::from_redirect(
        "access_denied",
        "AADSTS999999: Something \u{1b}[31mnew\u{1b}[0m. Trace ID: t-1 Correlation ID: c-1 Timestamp: 2026-11-21 09:12:13Z",
    );
    assert_eq!((refusal.codes.as_slice(), refusal.correlation_id.as_str()), ([999_999].as_slice(), "c-1"));
    assert_eq!(refusal.timestamp, "2026-11-21 09:12:13Z");
    let report = AuthError::Refused(Box::new(refusal)).report();
    assert_eq!(report.why, "Something new.");
    assert!(!report.next.is_empty());
}

#[test]
fn behaviour_hangs_on_the_error_and_never_on_the_number() {
    let transient =
        Refusal::parse(400, br#"{"error":"temporarily_unavailable","error_codes":[70008]}"#).expect("a refusal");
    assert!(transient.is_transient() && !transient.needs_person());
    let person = Refusal::parse(400, br#"{"error":"invalid_grant","error_codes":[90033]}"#).expect("a refusal");
    assert!(person.needs_person() && !person.is_transient());
}

#[test]
fn the_table_of_numbers_is_read_whole_and_in_full_sentences() {
    let table = aadsts::table();
    let lines = include_str!("../../assets/aadsts.toml").lines();
    assert_eq!(table.len(), lines.filter(|line| line.contains(" = {")).count());
    assert!(table.len() >= 25);
    for (code, entry) in table {
        for sentence in [&entry.cause, &entry.remedy] {
            assert!(sentence.ends_with('.') && sentence.starts_with(char::is_uppercase), "{code}: {sentence}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn no_error_body_or_redirect_breaks_anything(status: u16, body: Vec<u8>, error: String, text: String) {
        let _ = Refusal::parse(status, &body);
        let refusal = Refusal::from_redirect(&error, &format!("AADSTS{text}Trace ID:{text}Timestamp:{text}"));
        let report = refusal.report("It failed.");
        let shown = report.as_text();
        prop_assert!(!shown.contains('\u{1b}'), "an escape in {}", shown.escape_debug());
        prop_assert!(!report.next.is_empty());
    }

    #[test]
    fn no_token_breaks_the_reader(text: String) {
        let _ = identity::granted_by(&Secret::new(format!("a.{text}.c")));
        let _ = identity::is_guid(&text);
    }
}
