//! Another make of sign-in server: what the flows know of it comes from the configuration alone. Its redirect leads elsewhere, so the
//! address is pasted; its tokens live ten minutes and say nothing; a refresh token has 4 KB and works once.

use crate::support::entrance::RecordingBrowser;
use crate::support::program::{program, ran};
use deskbell::auth::broker::Brokers;
use deskbell::auth::remembered::Remembered;
use deskbell::auth::vault::Vault;
use deskbell::auth::{AuthError, Surroundings, TokenSource};
use deskbell::base::activity::Activity;
use deskbell::base::clock::CrankedClock;
use deskbell::base::environment::Environment;
use deskbell::base::ids::{Ids, RandomIds, SeededIds};
use deskbell::base::paths::Places;
use deskbell::base::secret::Secret;
use deskbell::config::{Config, Flags, load};
use deskbell::domain::account::{Account, Tier};
use deskbell::domain::login::{LoginCommand, LoginMethod, LoginOptions, LoginStep, Registration, Ways};
use deskbell::engine::login::{self, LoginHandle, LoginNews, LoginParts};
use deskbell::engine::{SystemClock, cloud};
use deskbell::net::browser::Display;
use deskbell::net::client::Clients;
use deskbell::sim::other::{CLIENT, LIFE, OtherServer, REDIRECT, REFRESH_LENGTH};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::mpsc;

/// All that is known of it. Nobody listens where Graph should be.
fn configuration(root: &str) -> String {
    format!(
        r#"
[profile.default]
client_id = "{CLIENT}"
tenant = "home"
authority = "{root}"
graph = "http://127.0.0.1:9"
redirect_uri = "{REDIRECT}"
server.authorize = "/connect/authorize"
server.token = "/connect/token"
server.device = ""
server.scopes = ["mail", "calendar"]
server.tenant_claim = ""
server.person_claim = "sub"
server.personal_tenant = ""
server.takes_claims = false
"#
    )
}

struct Elsewhere {
    server: OtherServer,
    config: Config,
    clock: CrankedClock,
    folder: tempfile::TempDir,
}

impl Elsewhere {
    async fn new() -> Self {
        let clock = CrankedClock::at(SystemTime::UNIX_EPOCH + Duration::from_hours(498_681));
        let server = OtherServer::start(Arc::new(clock.clone()), Arc::new(SeededIds::new(5))).await.expect("a port");
        let folder = tempfile::tempdir().expect("a folder");
        let places = Places::under(folder.path());
        places.create().expect("folders");
        std::fs::write(places.config_file(), configuration(server.root())).expect("written");
        let environment = Environment::from_pairs([("TZ", "Europe/Madrid")]);
        let loaded = load(&places, &environment, &Flags::default());
        assert!(loaded.problems.is_empty(), "{:?}", loaded.problems);
        Self { server, config: loaded.config, clock, folder }
    }

    /// The brokers of a process over the one vault.
    fn process(&self) -> Arc<Brokers> {
        let ids: Arc<dyn Ids> = Arc::new(RandomIds);
        let surroundings = Surroundings {
            clients: Arc::new(Clients::new(cloud(&self.config).expect("a cloud"))),
            clock: Arc::new(self.clock.clone()),
            ids: ids.clone(),
            activity: Activity::default(),
        };
        let vault = Arc::new(Vault::in_folder(&self.folder.path().join("secrets"), ids));
        Arc::new(Brokers::new(surroundings, vault))
    }

    fn login(&self, brokers: &Arc<Brokers>) -> (LoginHandle, mpsc::UnboundedReceiver<LoginNews>) {
        let profile = self.config.profile();
        let (sender, news) = mpsc::unbounded_channel();
        let parts = LoginParts {
            brokers: brokers.clone(),
            registration: Some(Registration { client_id: profile.client_id, tenant: profile.tenant }),
            remember: None,
            browser: Arc::new(RecordingBrowser::default()),
            display: Display::Here,
            options: LoginOptions { redirect_uri: profile.redirect_uri, ..LoginOptions::default() },
            tiers: vec![Tier::WhoIsOut, Tier::Mail],
            chosen: None,
            command: None,
            memory: Arc::new(Remembered::new(None)),
            account: None,
            allowed_tenants: Vec::new(),
            in_use: None,
            approver: None,
        };
        let handle = login::start(parts, move |piece| {
            let _ = sender.send(piece);
        });
        (handle, news)
    }

    /// Signs Lena in by the best way there is.
    async fn sign_in(&self, brokers: &Arc<Brokers>) -> Account {
        let (handle, mut news) = self.login(brokers);
        let LoginStep::SignedOut { preferred, .. } = step(&mut news).await else { panic!("somebody is signed in") };
        handle.send(LoginCommand::Begin { method: preferred, open_browser: true });
        let LoginStep::Paste { address, redirect_uri, .. } = step(&mut news).await else { panic!("no paste") };
        assert_eq!(redirect_uri, REDIRECT);
        let back = self.server.authorize(&address, "lena").expect("an address");
        handle.send(LoginCommand::Paste(Secret::new(back)));
        loop {
            match step(&mut news).await {
                LoginStep::Exchanging(_) => {}
                LoginStep::SignedIn(account) => return account,
                other => panic!("{other:?}"),
            }
        }
    }
}

async fn step(news: &mut mpsc::UnboundedReceiver<LoginNews>) -> LoginStep {
    loop {
        if let LoginNews::Step(step) = news.recv().await.expect("news") {
            return step;
        }
    }
}

#[tokio::test]
async fn whoever_signs_in_there_stays_in_by_tokens_of_ten_minutes() {
    let elsewhere = Elsewhere::new().await;
    let brokers = elsewhere.process();
    let account = elsewhere.sign_in(&brokers).await;
    assert_eq!((account.key.object.as_str(), account.key.tenant.as_str()), ("lena", elsewhere.server.root()));
    assert_eq!(account.name, "lena", "there is no name, so the mark stands in");

    let stored = brokers.stored(&account.key).await.expect("a vault").expect("an account");
    assert_eq!(stored.refresh_token.as_ref().map(|token| token.expose().len()), Some(REFRESH_LENGTH));
    let broker = brokers.open(&stored);
    let mut before = broker.access_token().await.expect("a token");
    assert!(elsewhere.server.accepts(before.expose()));
    for _ in 0..3 {
        // Used until shortly before its end, then renewed by a refresh token that works once.
        elsewhere.clock.advance(Duration::from_secs(LIFE - 90));
        assert_eq!(broker.access_token().await.expect("a token").expose(), before.expose());
        elsewhere.clock.advance(Duration::from_mins(1));
        let renewed = broker.access_token().await.expect("a token");
        assert!(renewed.expose() != before.expose() && elsewhere.server.accepts(renewed.expose()));
        before = renewed;
    }
    let rotated = brokers.stored(&account.key).await.expect("a vault").expect("an account");
    assert!(rotated.refresh_token != stored.refresh_token, "the newest is the one that is kept");
}

#[tokio::test]
async fn two_processes_share_a_refresh_token_that_works_once() {
    let elsewhere = Elsewhere::new().await;
    let account = elsewhere.sign_in(&elsewhere.process()).await;
    elsewhere.clock.advance(Duration::from_secs(LIFE));
    let (one, other) = (elsewhere.process(), elsewhere.process());
    let stored = one.stored(&account.key).await.expect("a vault").expect("an account");
    let (one, other) = (one.open(&stored), other.open(&stored));
    let (first, second) = futures_util::join!(one.access_token(), other.access_token());
    let (first, second) = (first.expect("a token"), second.expect("a token"));
    assert!(first.expose() == second.expose() && elsewhere.server.accepts(first.expose()));
}

#[tokio::test]
async fn only_the_ways_in_it_has_are_offered() {
    let elsewhere = Elsewhere::new().await;
    let (handle, mut news) = elsewhere.login(&elsewhere.process());
    let Some(LoginNews::Ways(Ways { offered, preferred, reason })) = news.recv().await else { panic!("no ways") };
    let methods: Vec<LoginMethod> = offered.iter().map(|way| way.method).collect();
    assert_eq!((methods, preferred), (vec![LoginMethod::Browser, LoginMethod::Paste], LoginMethod::Paste));
    assert!(reason.contains("elsewhere"), "{reason}");
    assert!(matches!(step(&mut news).await, LoginStep::SignedOut { .. }));
    handle.send(LoginCommand::Begin { method: LoginMethod::DeviceCode, open_browser: false });
    assert!(matches!(step(&mut news).await, LoginStep::Working(_)));
    let LoginStep::Failed(report) = step(&mut news).await else { panic!("a code from nowhere") };
    assert_eq!((report.code.as_str(), report.next.len()), ("noCodes", 1));
}

#[tokio::test]
async fn nothing_of_another_make_is_asked_of_it() {
    let elsewhere = Elsewhere::new().await;
    let brokers = elsewhere.process();
    let (handle, mut news) = elsewhere.login(&brokers);
    assert!(matches!(step(&mut news).await, LoginStep::SignedOut { .. }));
    handle.send(LoginCommand::Begin { method: LoginMethod::Paste, open_browser: false });
    let LoginStep::Paste { address, .. } = step(&mut news).await else { panic!("no paste") };
    let url = url::Url::parse(&address).expect("an address");
    let get = |name: &str| url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned());
    assert_eq!(url.path(), "/connect/authorize");
    assert_eq!(get("scope").as_deref(), Some("openid profile offline_access mail calendar"));
    assert_eq!((get("response_mode").as_deref(), get("claims"), get("prompt")), (Some("query"), None, None));
    // A redirect of its own for a refusal, without any number in it.
    let broken = address.replace("mail", "male");
    let back = elsewhere.server.authorize(&broken, "lena").expect("an address");
    handle.send(LoginCommand::Paste(Secret::new(back)));
    let LoginStep::Paste { problem: Some(problem), .. } = step(&mut news).await else { panic!("no problem") };
    assert!(problem.contains("invalid_scope"), "{problem}");
}

#[tokio::test]
async fn a_refresh_token_that_was_used_elsewhere_ends_in_a_sign_in_and_loses_no_account() {
    let elsewhere = Elsewhere::new().await;
    let brokers = elsewhere.process();
    let account = elsewhere.sign_in(&brokers).await;
    let stored = brokers.stored(&account.key).await.expect("a vault").expect("an account");
    // A copy of the vault renews first.
    let copy = tempfile::tempdir().expect("a folder");
    copy_folder(&elsewhere.folder.path().join("secrets"), copy.path());
    let thief = Arc::new(Brokers::new(
        brokers.surroundings().clone(),
        Arc::new(Vault::in_folder(copy.path(), Arc::new(RandomIds))),
    ));
    elsewhere.clock.advance(Duration::from_secs(LIFE));
    thief.open(&stored).access_token().await.expect("a token");
    let refused = brokers.open(&stored).access_token().await.expect_err("used up");
    assert!(matches!(&refused, AuthError::NeedsLogin(refusal) if refusal.error == "invalid_grant"), "{refused:?}");
    assert_eq!(brokers.accounts().await.expect("a vault").len(), 1);
    let again = elsewhere.sign_in_again(&brokers).await;
    assert_eq!(again.key, account.key);
    assert!(brokers.open(&stored).access_token().await.is_ok());
}

impl Elsewhere {
    /// The account in use signs in once more, in place.
    async fn sign_in_again(&self, brokers: &Arc<Brokers>) -> Account {
        let (handle, mut news) = self.login(brokers);
        assert!(matches!(step(&mut news).await, LoginStep::SignedIn(_)));
        handle.send(LoginCommand::Again { claims: None, method: None });
        let LoginStep::Paste { address, .. } = step(&mut news).await else { panic!("no paste") };
        let back = self.server.authorize(&address, "lena").expect("an address");
        handle.send(LoginCommand::Paste(Secret::new(back)));
        assert!(matches!(step(&mut news).await, LoginStep::Exchanging(_)));
        match step(&mut news).await {
            LoginStep::SignedIn(account) => account,
            other => panic!("{other:?}"),
        }
    }
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        if entry.file_type().expect("a type").is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name())).expect("copied");
        }
    }
}

#[test]
fn the_program_signs_in_there_by_an_address_pasted_in_pieces() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let server = runtime.block_on(OtherServer::start(Arc::new(SystemClock), Arc::new(RandomIds))).expect("a port");
    let home = tempfile::tempdir().expect("a folder");
    let file = home.path().join("config").join("config.toml");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, configuration(server.root())).unwrap();
    let at_home = || {
        let mut command = program(home.path());
        command.arg("--home").arg(home.path());
        command
    };
    let mut child = at_home()
        .args(["login", "--debug"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut keyboard = child.stdin.take().unwrap();
    let mut said = String::new();
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    let mut pasted = None;
    while lines.read_line(&mut said).unwrap() > 0 {
        let address = said.lines().find(|line| line.starts_with("http://"));
        if let Some(address) = address.filter(|_| pasted.is_none() && said.contains("Then paste here")) {
            let back = server.authorize(address, "lena").expect("an address");
            let (first, second) = back.split_at(back.len() / 2);
            write!(keyboard, "  {first} \n{second}\n").unwrap();
            pasted = Some(back);
        }
    }
    let ended = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&ended.stdout), "Signed in as lena.\n", "{said}");
    let back = url::Url::parse(&pasted.expect("it asked for the address")).unwrap();
    for (name, value) in back.query_pairs().filter(|(name, _)| matches!(&**name, "code" | "state")) {
        let told = usize::from(name == "state");
        assert_eq!(said.matches(&*value).count(), told, "{name} is told beyond the address itself: {said}");
    }
    let mut accounts = at_home();
    accounts.args(["accounts", "--json"]);
    let json = ran(accounts).json();
    assert_eq!(json["items"][0]["name"], "lena", "{json}");
}
