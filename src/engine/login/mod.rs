//! Signing in as a task in the background: commands in, steps out.
//!
//! Must stay true: one way in at a time, and beginning another one ends the first cleanly (its port is closed, its code is not
//! asked for any more), but never while a sign-in is being fetched: what is asked then waits for its end; every flow ends in
//! `SignedIn`, `SignedOut` or `Failed`; the account is in the vault before `SignedIn` is told; an account that was to come back
//! and is another one is not kept. Nothing ticks: a step carries its end, and whoever shows it counts down.
//! Deliberately absent: what happens after signing in. The engine takes the account's broker from [`Brokers`].

mod attempt;
pub mod ways;

use self::attempt::{Attempt, Purpose};
use self::ways::Circumstances;
use crate::auth::broker::Brokers;
use crate::auth::browser::Pasted;
use crate::auth::errors::blocks_codes;
use crate::auth::identity::is_guid;
use crate::auth::remembered::Remembered;
use crate::auth::vault::StoredAccount;
use crate::base::activity::{Activity, Working};
use crate::base::report::{Kind, Report};
use crate::domain::account::{Account, AccountKey, Tier};
use crate::domain::login::{LoginCommand, LoginMethod, LoginOptions, LoginStep, Registration, Ways};
use crate::domain::token::TokenWay;
use crate::net::browser::{Browser, Display};
use futures_util::future::{BoxFuture, OptionFuture};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;

/// Approves what a demo's sign-in waits for, in the place of a person.
pub trait DemoApprover: Send + Sync {
    /// Approves `step` (one that waits for a person).
    ///
    /// # Errors
    /// A sentence: why it could not be approved.
    fn approve(&self, step: LoginStep) -> BoxFuture<'static, Result<(), String>>;
}

/// Signs in by a command that prints a token.
pub trait TokenLogin: Send + Sync {
    /// Runs the command and finds out whose the token is.
    fn sign_in(&self) -> BoxFuture<'static, Result<StoredAccount, Report>>;
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
    /// How it is done.
    pub options: LoginOptions,
    /// What is asked for at a first sign-in.
    pub tiers: Vec<Tier>,
    /// The way in the profile names.
    pub chosen: Option<LoginMethod>,
    /// How a token command signs in, where there is one.
    pub command: Option<Arc<dyn TokenLogin>>,
    /// What earlier sign-ins of the profile have taught.
    pub memory: Arc<Remembered>,
    /// Tenants (ids or domains) whose accounts are accepted; empty: any.
    pub allowed_tenants: Vec<String>,
    /// The one account of the profile (its address or id), if it names one.
    pub account: Option<String>,
    /// The account in use, if there is one.
    pub in_use: Option<AccountKey>,
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

/// What the sign-in tells.
#[derive(Clone, Debug, PartialEq)]
pub enum LoginNews {
    /// It moved on.
    Step(LoginStep),
    /// Which ways in exist here, and which is best; before the first step, and when that changes.
    Ways(Ways),
}

/// Starts the sign-in on the current runtime. `emit` is called for each piece of news, the first one at once; it must not block.
/// The task ends when every handle is dropped.
pub fn start(parts: LoginParts, emit: impl Fn(LoginNews) + Send + Sync + 'static) -> LoginHandle {
    let (commands, receiver) = mpsc::unbounded_channel();
    let activity = parts.brokers.surroundings().activity.clone();
    let working = activity.begin();
    let out = Arc::new(Steps { emit: Box::new(emit), newest: Mutex::default(), exchanges: AtomicBool::default() });
    let login = Login { options: parts.options.clone(), in_use: None, out, parts };
    tokio::spawn(login.run(receiver, working));
    LoginHandle { commands, activity }
}

/// Where steps go, and the newest of them.
struct Steps {
    emit: Box<dyn Fn(LoginNews) + Send + Sync>,
    newest: Mutex<Option<LoginStep>>,
    /// A sign-in is being fetched: nothing may be called off.
    exchanges: AtomicBool,
}

impl Steps {
    fn tell(&self, step: LoginStep) {
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner) = Some(step.clone());
        (self.emit)(LoginNews::Step(step));
    }

    fn newest(&self) -> Option<LoginStep> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn begin_exchange(&self) {
        self.exchanges.store(true, Ordering::SeqCst);
    }

    fn end_exchange(&self) {
        self.exchanges.store(false, Ordering::SeqCst);
    }
}

struct Login {
    parts: LoginParts,
    /// As the profile and the command line say.
    options: LoginOptions,
    /// The account in use; what is asked for "again" is asked for it.
    in_use: Option<StoredAccount>,
    out: Arc<Steps>,
}

/// How a flow ended; counted as work until it was told.
type Ended = (Result<Account, Report>, Working);

/// What is under way besides the commands. Dropping a part ends it.
#[derive(Default)]
struct UnderWay {
    flow: Option<BoxFuture<'static, Ended>>,
    /// Where pasted addresses go.
    pasted: Option<mpsc::UnboundedSender<Pasted>>,
    approval: Option<BoxFuture<'static, (Result<(), String>, Working)>>,
    /// What was asked while a sign-in was being fetched.
    later: VecDeque<(LoginCommand, Working)>,
}

impl Login {
    async fn run(mut self, mut commands: mpsc::UnboundedReceiver<(LoginCommand, Working)>, working: Working) {
        self.tell_ways();
        let first = self.standing(self.parts.in_use.clone()).await;
        self.out.tell(first);
        drop(working);
        let mut under_way = UnderWay::default();
        loop {
            tokio::select! {
                command = commands.recv() => {
                    let Some((command, working)) = command else { return };
                    if under_way.flow.is_some() && self.out.exchanges.load(Ordering::SeqCst) {
                        under_way.later.push_back((command, working));
                    } else {
                        self.obey(command, working, &mut under_way).await;
                    }
                }
                Some((result, working)) = OptionFuture::from(under_way.flow.as_mut()) => {
                    let later = std::mem::take(&mut under_way).later;
                    self.out.end_exchange();
                    let is_in = result.is_ok();
                    self.ended(result).await;
                    drop(working);
                    // Whoever wanted to stop or to go another way meanwhile has what they wanted.
                    for (command, working) in later {
                        let is_moot = matches!(command, LoginCommand::Cancel | LoginCommand::Begin { .. } | LoginCommand::Paste(_));
                        if !(is_in && is_moot) {
                            self.obey(command, working, &mut under_way).await;
                        }
                    }
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

    async fn ended(&mut self, result: Result<Account, Report>) {
        let step = match result {
            Ok(account) => {
                let stored = self.parts.brokers.accounts().await.unwrap_or_default();
                self.in_use = stored.into_iter().find(|stored| stored.account.key == account.key);
                LoginStep::SignedIn(account)
            }
            Err(report) => LoginStep::Failed(report),
        };
        // What was learnt may change what is best.
        self.tell_ways();
        self.out.tell(step);
    }

    /// Where the sign-in stands while nothing is under way: `wanted` is in, else the newest account of the profile, else nobody.
    async fn standing(&mut self, wanted: Option<AccountKey>) -> LoginStep {
        let accounts = match self.parts.brokers.accounts().await {
            Ok(accounts) => accounts,
            Err(error) => return LoginStep::Failed(error.report()),
        };
        let ours: Vec<StoredAccount> = accounts.into_iter().filter(|stored| self.is_ours(stored)).collect();
        let found = ours.iter().find(|stored| Some(&stored.account.key) == wanted.as_ref()).or(ours.last()).cloned();
        self.in_use.clone_from(&found);
        match found {
            Some(StoredAccount { account, client_id, tenant, .. }) => {
                // Signing in again later goes where the account came from.
                self.parts.registration.get_or_insert(Registration { client_id, tenant });
                LoginStep::SignedIn(account)
            }
            None => self.idle_step(),
        }
    }

    /// Whether a stored account belongs to the profile's registration; any does where none is configured.
    fn is_ours(&self, stored: &StoredAccount) -> bool {
        if !stored.account.is_allowed_by(&self.parts.allowed_tenants)
            || self.parts.account.as_deref().is_some_and(|account| !stored.account.is_named(account))
        {
            return false;
        }
        if stored.history.way == TokenWay::Command {
            return self.parts.command.is_some();
        }
        let registration = self.parts.registration.as_ref();
        stored.refresh_token.is_some()
            && registration.is_none_or(|registration| registration.client_id.eq_ignore_ascii_case(&stored.client_id))
    }

    fn idle_step(&self) -> LoginStep {
        if self.parts.registration.is_none() && self.parts.command.is_none() {
            return LoginStep::NeedsRegistration;
        }
        let Ways { preferred, reason, .. } = self.ways();
        LoginStep::SignedOut { preferred, reason }
    }

    fn ways(&self) -> Ways {
        ways::ways(Circumstances {
            display: self.parts.display,
            options: &self.options,
            has_codes: self.parts.brokers.surroundings().clients.cloud().provider.has_codes(),
            has_command: self.parts.command.is_some(),
            code_is_blocked: self.parts.memory.code_is_blocked(self.parts.brokers.surroundings().clock.now()),
            is_challenged: self.demanded().is_some(),
            chosen: self.parts.chosen,
        })
    }

    fn tell_ways(&self) {
        (self.out.emit)(LoginNews::Ways(self.ways()));
    }

    async fn obey(&mut self, command: LoginCommand, working: Working, under_way: &mut UnderWay) {
        match command {
            LoginCommand::Begin { method, open_browser } => {
                let options = LoginOptions { open_browser, ..self.options.clone() };
                self.begin(Purpose::Anyone, Some(method), options, working, under_way);
            }
            LoginCommand::Paste(text) => {
                if let Some(pasted) = &under_way.pasted {
                    // Nobody takes it only when the flow has just ended.
                    let _ = pasted.send((text, working));
                }
            }
            LoginCommand::Ask { tiers, method } => {
                let purpose = match self.in_use.clone() {
                    Some(stored) => Purpose::Widen(Box::new(stored), tiers),
                    None => Purpose::Anyone,
                };
                self.begin(purpose, method, self.options.clone(), working, under_way);
            }
            LoginCommand::Again { claims, method } => {
                let purpose = self.in_use.clone().map_or(Purpose::Anyone, |stored| Purpose::Renew(Box::new(stored)));
                let options = LoginOptions { claims, ..self.options.clone() };
                self.begin(purpose, method, options, working, under_way);
            }
            LoginCommand::Add { method } => {
                self.begin(Purpose::Another, method, self.options.clone(), working, under_way);
            }
            LoginCommand::Switch(key) => {
                *under_way = UnderWay::default();
                let step = match self.standing(Some(key.clone())).await {
                    LoginStep::SignedIn(account) if account.key != key => LoginStep::Failed(not_there()),
                    step => step,
                };
                self.out.tell(step);
            }
            LoginCommand::Register(registration) => {
                *under_way = UnderWay::default();
                match self.register(registration) {
                    Ok(()) => self.begin(Purpose::Anyone, None, self.options.clone(), working, under_way),
                    Err(report) => self.out.tell(LoginStep::Failed(report)),
                }
            }
            LoginCommand::Lost => self.learn_from_loss().await,
            LoginCommand::Cancel => {
                *under_way = UnderWay::default();
                let key = self.in_use.take().map(|stored| stored.account.key);
                let step = self.standing(key).await;
                self.out.tell(step);
            }
            LoginCommand::ApproveDemo => {
                if let (Some(approver), Some(step)) = (&self.parts.approver, self.out.newest())
                    && step.waits()
                {
                    let approval = approver.approve(step);
                    under_way.approval = Some(Box::pin(async move { (approval.await, working) }));
                }
            }
        }
    }

    /// What the service demands of the next sign-in of the account in use, as it came.
    fn demanded(&self) -> Option<String> {
        let key = &self.in_use.as_ref()?.account.key;
        self.parts.brokers.demanded_of(key).map(|challenge| challenge.as_json())
    }

    /// A session that began with a code may end because codes are blocked now; another code would end the same way.
    async fn learn_from_loss(&self) {
        let Some(in_use) = &self.in_use else { return };
        let stored = self.parts.brokers.stored(&in_use.account.key).await.ok().flatten();
        let lost =
            stored.filter(|stored| stored.history.way == TokenWay::DeviceCode).and_then(|stored| stored.history.lost);
        if lost.is_some_and(|lost| blocks_codes(&lost.code)) {
            self.parts.memory.code_was_blocked(self.parts.brokers.surroundings().clock.now());
        }
        self.tell_ways();
    }

    fn register(&mut self, registration: Registration) -> Result<(), Report> {
        let registration = checked(&registration)?;
        if let Some(remember) = &self.parts.remember {
            remember(&registration)?;
        }
        self.parts.registration = Some(registration);
        Ok(())
    }

    /// Ends what is under way and begins anew; by the best way in unless one is named.
    fn begin(
        &self,
        purpose: Purpose,
        method: Option<LoginMethod>,
        options: LoginOptions,
        working: Working,
        under_way: &mut UnderWay,
    ) {
        *under_way = UnderWay::default();
        let registration = match &purpose {
            Purpose::Renew(stored) | Purpose::Widen(stored, _) => {
                Some(Registration { client_id: stored.client_id.clone(), tenant: stored.tenant.clone() })
            }
            Purpose::Anyone | Purpose::Another => self.parts.registration.clone(),
        };
        let method = method.unwrap_or_else(|| self.ways().preferred);
        let registration = match registration {
            Some(registration) => registration,
            None if method == LoginMethod::Command => Registration { client_id: String::new(), tenant: String::new() },
            None => return self.out.tell(LoginStep::NeedsRegistration),
        };
        let mut options = purpose.options(options);
        // Whoever signs in answers what was demanded of the account in use, by whatever way the sign-in was begun.
        options.claims = options.claims.or_else(|| self.demanded());
        let (sender, pasted) = mpsc::unbounded_channel();
        let (parts, out) = (self.parts.clone(), self.out.clone());
        let attempt = Attempt { parts, out, registration, options, purpose, pasted };
        under_way.pasted = Some(sender);
        under_way.flow = Some(Box::pin(attempt.run(method, working)));
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

fn not_there() -> Report {
    Report::new(Kind::NeedsPerson, "noSuchAccount", "This account is not signed in here.")
        .because("It was signed out, or belongs to another profile.")
        .next("Sign it in: deskbell login")
}
