//! Signing in as a task in the background: commands in, steps out.
//!
//! Must stay true: one way in at a time, and beginning another one ends the first cleanly (its port is closed, its code is not
//! asked for any more); every flow ends in `SignedIn`, `SignedOut` or `Failed`; the account is in the vault before
//! `SignedIn` is told. Nothing ticks: a step carries its end, and whoever shows it counts down.
//! Deliberately absent: what happens after signing in. The engine takes the account's broker from [`Brokers`].

use crate::auth::AuthError;
use crate::auth::broker::Brokers;
use crate::auth::browser::BrowserFlow;
use crate::auth::device::DeviceFlow;
use crate::auth::entra::{Entra, scope_line};
use crate::auth::identity::is_guid;
use crate::auth::vault::StoredAccount;
use crate::base::activity::{Activity, Working};
use crate::base::report::{Kind, Report};
use crate::domain::account::{Account, Tier};
use crate::domain::login::{LoginCommand, LoginMethod, LoginStep, Registration};
use crate::net::browser::{Browser, Display};
use futures_util::future::{BoxFuture, OptionFuture};
use jiff::Timestamp;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;
use tokio::sync::mpsc;

/// What is asked for at the first sign-in.
const TIERS: &[Tier] = &[Tier::WhoIsOut, Tier::Calendar, Tier::Mail];

/// Approves what a demo's sign-in waits for, in the place of a person.
pub trait DemoApprover: Send + Sync {
    /// Approves `step` (a `Browser` or a `DeviceCode`).
    ///
    /// # Errors
    /// A sentence: why it could not be approved.
    fn approve(&self, step: LoginStep) -> BoxFuture<'static, Result<(), String>>;
}

/// Keeps a registration the person has typed (in the profile).
pub type RememberRegistration = Arc<dyn Fn(&Registration) -> Result<(), Report> + Send + Sync>;

/// What a sign-in is handed.
#[derive(Clone)]
pub struct LoginParts {
    /// Where accounts and brokers are.
    pub brokers: Arc<Brokers>,
    /// The registration of the profile, if there is one.
    pub registration: Option<Registration>,
    /// Where a typed registration is kept.
    pub remember: Option<RememberRegistration>,
    /// The person's browser.
    pub browser: Arc<dyn Browser>,
    /// Where it would show itself.
    pub display: Display,
    /// In a demo, who approves.
    pub approver: Option<Arc<dyn DemoApprover>>,
}

/// Sends commands to the running sign-in.
#[derive(Clone)]
pub struct LoginHandle {
    commands: mpsc::UnboundedSender<(LoginCommand, Working)>,
    activity: Activity,
}

impl std::fmt::Debug for LoginHandle {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("LoginHandle")
    }
}

impl LoginHandle {
    /// Hands over `command`; counted as work until the sign-in has dealt with it.
    pub fn send(&self, command: LoginCommand) {
        // Nobody is there to take it only when the program ends.
        let _ = self.commands.send((command, self.activity.begin()));
    }
}

/// Starts the sign-in on the current runtime. `emit` is called for each step, the first one at once; it must not block. The task
/// ends when every handle is dropped.
pub fn start(parts: LoginParts, emit: impl Fn(LoginStep) + Send + Sync + 'static) -> LoginHandle {
    let (commands, receiver) = mpsc::unbounded_channel();
    let activity = parts.brokers.surroundings().activity.clone();
    let working = activity.begin();
    let login = Login { out: Arc::new(Steps { emit: Box::new(emit), newest: Mutex::default() }), parts };
    tokio::spawn(login.run(receiver, working));
    LoginHandle { commands, activity }
}

/// Where steps go, and the newest of them.
struct Steps {
    emit: Box<dyn Fn(LoginStep) + Send + Sync>,
    newest: Mutex<Option<LoginStep>>,
}

impl Steps {
    fn tell(&self, step: LoginStep) {
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner) = Some(step.clone());
        (self.emit)(step);
    }

    fn newest(&self) -> Option<LoginStep> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

struct Login {
    parts: LoginParts,
    out: Arc<Steps>,
}

/// How a flow ended; counted as work until it was told.
struct Ended {
    result: Result<Account, AuthError>,
    working: Working,
}

/// What is under way besides the commands. Dropping a part ends it.
#[derive(Default)]
struct UnderWay {
    flow: Option<BoxFuture<'static, Ended>>,
    approval: Option<BoxFuture<'static, (Result<(), String>, Working)>>,
}

impl Login {
    async fn run(mut self, mut commands: mpsc::UnboundedReceiver<(LoginCommand, Working)>, working: Working) {
        let first = self.first_step().await;
        self.out.tell(first);
        drop(working);
        let mut under_way = UnderWay::default();
        loop {
            tokio::select! {
                command = commands.recv() => {
                    let Some((command, working)) = command else { return };
                    self.obey(command, working, &mut under_way);
                }
                Some(ended) = OptionFuture::from(under_way.flow.as_mut()) => {
                    under_way = UnderWay::default();
                    self.out.tell(match ended.result {
                        Ok(account) => LoginStep::SignedIn(account),
                        Err(error) => LoginStep::Failed(error.report()),
                    });
                    drop(ended.working);
                }
                Some((result, working)) = OptionFuture::from(under_way.approval.as_mut()) => {
                    under_way.approval = None;
                    if let Err(sentence) = result {
                        under_way = UnderWay::default();
                        self.out.tell(LoginStep::Failed(not_approved(sentence)));
                    }
                    drop(working);
                }
            }
        }
    }

    async fn first_step(&mut self) -> LoginStep {
        match self.parts.brokers.accounts().await {
            Ok(accounts) => match accounts.into_iter().find(|stored| self.is_ours(stored)) {
                Some(StoredAccount { account, client_id, tenant, .. }) => {
                    // Signing in again later goes where the account came from.
                    self.parts.registration.get_or_insert(Registration { client_id, tenant });
                    LoginStep::SignedIn(account)
                }
                None => self.idle_step(),
            },
            Err(error) => LoginStep::Failed(error.report()),
        }
    }

    /// Whether a stored account belongs to the profile's registration; any does where none is configured.
    fn is_ours(&self, stored: &StoredAccount) -> bool {
        let registration = self.parts.registration.as_ref();
        stored.refresh_token.is_some()
            && registration.is_none_or(|registration| registration.client_id.eq_ignore_ascii_case(&stored.client_id))
    }

    fn idle_step(&self) -> LoginStep {
        if self.parts.registration.is_none() {
            return LoginStep::NeedsRegistration;
        }
        let (preferred, reason) = preferred(self.parts.display);
        LoginStep::SignedOut { preferred, reason: reason.to_owned() }
    }

    fn obey(&mut self, command: LoginCommand, working: Working, under_way: &mut UnderWay) {
        match command {
            LoginCommand::Begin { method, open_browser } => {
                *under_way = UnderWay::default();
                match self.parts.registration.clone() {
                    Some(registration) => {
                        under_way.flow = Some(self.flow(registration, method, open_browser, working));
                    }
                    None => self.out.tell(LoginStep::NeedsRegistration),
                }
            }
            LoginCommand::Register(registration) => {
                *under_way = UnderWay::default();
                match self.register(registration) {
                    Ok(registration) => {
                        let (method, _) = preferred(self.parts.display);
                        under_way.flow = Some(self.flow(registration, method, true, working));
                    }
                    Err(report) => self.out.tell(LoginStep::Failed(report)),
                }
            }
            LoginCommand::Cancel => {
                *under_way = UnderWay::default();
                self.out.tell(self.idle_step());
            }
            LoginCommand::ApproveDemo => {
                if let (Some(approver), Some(step)) = (&self.parts.approver, self.out.newest())
                    && matches!(step, LoginStep::Browser { .. } | LoginStep::DeviceCode { .. })
                {
                    let approval = approver.approve(step);
                    under_way.approval = Some(Box::pin(async move { (approval.await, working) }));
                }
            }
        }
    }

    fn register(&mut self, registration: Registration) -> Result<Registration, Report> {
        let registration = checked(&registration)?;
        if let Some(remember) = &self.parts.remember {
            remember(&registration)?;
        }
        self.parts.registration = Some(registration.clone());
        Ok(registration)
    }

    fn flow(
        &self,
        registration: Registration,
        method: LoginMethod,
        open_browser: bool,
        working: Working,
    ) -> BoxFuture<'static, Ended> {
        let (parts, out) = (self.parts.clone(), self.out.clone());
        let attempt = Attempt { parts, out, registration, open_browser };
        Box::pin(async move {
            let (result, working) = attempt.run(method, working).await;
            match result {
                Ok(stored) => {
                    let account = stored.account.clone();
                    let result = attempt.parts.brokers.adopt(stored).await.map(|_| account);
                    Ended { result, working }
                }
                Err(error) => Ended { result: Err(error), working },
            }
        })
    }
}

/// One sign-in from its beginning to its end.
struct Attempt {
    parts: LoginParts,
    out: Arc<Steps>,
    registration: Registration,
    open_browser: bool,
}

/// A result, and the token that counts what follows it as work.
type Counted<T> = (Result<T, AuthError>, Working);

impl Attempt {
    /// Asks for everything; once more for a little less where the tenant does not know one of the scopes yet.
    async fn run(&self, method: LoginMethod, working: Working) -> Counted<StoredAccount> {
        let (result, working) = self.once(method, &scope_line(TIERS, true), working).await;
        match result {
            Err(AuthError::Refused(refusal)) if refusal.is_unknown_scope() => {
                self.once(method, &scope_line(TIERS, false), working).await
            }
            result => (result, working),
        }
    }

    async fn once(&self, method: LoginMethod, scope: &str, working: Working) -> Counted<StoredAccount> {
        match method {
            LoginMethod::Browser => self.by_browser(scope, working).await,
            LoginMethod::DeviceCode => self.by_code(scope, working).await,
        }
    }

    async fn by_browser(&self, scope: &str, working: Working) -> Counted<StoredAccount> {
        let surroundings = self.parts.brokers.surroundings();
        let flow = match Entra::new(surroundings, &self.registration) {
            Ok(entra) => BrowserFlow::begin(entra, scope, surroundings).await,
            Err(error) => Err(error),
        };
        let flow = match flow {
            Ok(flow) => flow,
            Err(error) => return (Err(error), working),
        };
        let opened = self.open_browser && self.parts.browser.open(flow.address()).await;
        let (address, expires) = (flow.address().to_string(), timestamp(flow.expires()));
        self.out.tell(LoginStep::Browser { address, opened, expires });
        match flow.wait(working).await {
            Ok(returned) => {
                let working = returned.working();
                self.out.tell(LoginStep::Working("Fetching the sign-in from the service".to_owned()));
                (returned.redeem().await, working)
            }
            Err(error) => (Err(error), surroundings.activity.begin()),
        }
    }

    async fn by_code(&self, scope: &str, working: Working) -> Counted<StoredAccount> {
        let surroundings = self.parts.brokers.surroundings();
        self.out.tell(LoginStep::Working("Asking the service for a code".to_owned()));
        let flow = match Entra::new(surroundings, &self.registration) {
            Ok(entra) => DeviceFlow::begin(entra, scope, surroundings).await,
            Err(error) => Err(error),
        };
        let flow = match flow {
            Ok(flow) => flow,
            Err(error) => return (Err(error), working),
        };
        let code = flow.code();
        self.out.tell(LoginStep::DeviceCode {
            code: code.user_code.clone(),
            address: code.address.to_string(),
            expires: timestamp(code.expires),
        });
        flow.wait(working).await
    }
}

/// The best way in for a session with this display, and why.
#[must_use]
pub const fn preferred(display: Display) -> (LoginMethod, &'static str) {
    match display {
        Display::Here => (LoginMethod::Browser, ""),
        Display::Remote => {
            (LoginMethod::DeviceCode, "This session is remote: a browser here would be on the wrong computer.")
        }
        Display::Absent => (LoginMethod::DeviceCode, "There is no display here for a browser."),
    }
}

/// A registration as it can be used: without white space around, an id that is one, a tenant that can stand in an address.
fn checked(registration: &Registration) -> Result<Registration, Report> {
    let client_id = registration.client_id.trim().to_lowercase();
    let tenant = registration.tenant.trim();
    let tenant = if tenant.is_empty() { "organizations" } else { tenant };
    if !is_guid(&client_id) {
        return Err(Report::new(Kind::Usage, "badClientId", "This is no client id.")
            .because("A client id has the form 00000000-0000-0000-0000-000000000000.")
            .next("Copy \"Application (client) ID\" from the overview page of the registration."));
    }
    let is_name = |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '-');
    if !tenant.chars().all(is_name) || tenant.len() > 253 || tenant.starts_with('.') {
        return Err(Report::new(Kind::Usage, "badTenant", "This is no tenant.")
            .because("A tenant is a domain (contoso.com), a tenant id, or \"organizations\".")
            .next("Copy \"Directory (tenant) ID\" from the overview page of the registration."));
    }
    Ok(Registration { client_id, tenant: tenant.to_owned() })
}

fn not_approved(sentence: String) -> Report {
    Report::new(Kind::Failure, "notApproved", "The simulated person could not approve the sign-in.")
        .because(sentence)
        .next("Begin again.")
}

/// The moment as the screen knows moments; the end of time for what lies beyond.
fn timestamp(time: SystemTime) -> Timestamp {
    Timestamp::try_from(time).unwrap_or(Timestamp::MAX)
}
