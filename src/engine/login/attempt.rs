//! One sign-in from its beginning to its end.

use super::{LoginParts, Steps};
use crate::auth::AuthError;
use crate::auth::browser::{BrowserFlow, Pasted, Redeemed};
use crate::auth::device::DeviceFlow;
use crate::auth::discovery::tenant_of_domain;
use crate::auth::entra::Entra;
use crate::auth::identity::is_guid;
use crate::auth::scopes::of_tiers;
use crate::auth::vault::StoredAccount;
use crate::base::activity::Working;
use crate::base::report::Report;
use crate::domain::account::{Account, Tier};
use crate::domain::login::{LoginMethod, LoginOptions, LoginStep, Prompt, Registration};
use crate::domain::provider::Provider;
use crate::domain::token::TokenWay;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::SystemTime;
use tokio::sync::mpsc;

/// Whom a sign-in is for, and what it asks for.
#[derive(Clone, Debug)]
pub(super) enum Purpose {
    /// Whoever signs in, with the tiers of a first sign-in.
    Anyone,
    /// Somebody beside those who are there.
    Another,
    /// This account once more, with what it holds.
    Renew(Box<StoredAccount>),
    /// This account, with further tiers.
    Widen(Box<StoredAccount>, Vec<Tier>),
}

impl Purpose {
    /// The account that has to come back.
    fn account(&self) -> Option<&Account> {
        match self {
            Self::Anyone | Self::Another => None,
            Self::Renew(stored) | Self::Widen(stored, _) => Some(&stored.account),
        }
    }

    /// What is asked for.
    fn scope(&self, provider: &Provider, options: &LoginOptions, tiers: &[Tier], mail_tips: bool) -> String {
        if !options.scopes.is_empty() {
            return provider.scope_line(options.scopes.iter().map(String::as_str));
        }
        let has_own = !provider.scopes.is_empty();
        let of_tiers = |tiers| of_tiers(tiers, mail_tips).filter(move |_| !has_own);
        let further = provider.scopes.iter().chain(&options.further_scopes).map(String::as_str);
        match self {
            Self::Anyone | Self::Another => provider.scope_line(of_tiers(tiers).chain(further)),
            Self::Renew(stored) => provider.scope_line(stored.scope.split_whitespace().chain(further)),
            Self::Widen(stored, tiers) => {
                provider.scope_line(stored.scope.split_whitespace().chain(of_tiers(tiers)).chain(further))
            }
        }
    }

    /// The profile's options, as far as the purpose leaves them open.
    pub(super) fn options(&self, mut options: LoginOptions) -> LoginOptions {
        if let Some(account) = self.account() {
            options.login_hint = Some(account.address.clone());
        } else if matches!(self, Self::Another) && options.login_hint.is_none() {
            options.prompt = options.prompt.or(Some(Prompt::SelectAccount));
        }
        options
    }
}

/// A sign-in.
pub(super) struct Attempt {
    pub(super) parts: LoginParts,
    pub(super) out: Arc<Steps>,
    pub(super) registration: Registration,
    pub(super) options: LoginOptions,
    pub(super) purpose: Purpose,
    pub(super) pasted: mpsc::UnboundedReceiver<Pasted>,
}

/// A result, and the token that counts what follows it as work.
type Counted<T> = (Result<T, AuthError>, Working);

/// What a consent loop is, and the way out.
fn in_a_loop(report: Report) -> Report {
    let steps = report.next.clone();
    let mut report = Report { code: "consentLoop".to_owned(), next: Vec::new(), ..report }
        .next("Stop signing in again: it ends the same way until somebody has given their consent.")
        .next("Ask an administrator to grant the permissions to this app for the whole organisation.")
        .next("Leave --prompt consent away: it asks anew although consent was given.");
    let why = "This is the second sign-in in a row that came to nothing like this: a consent loop.";
    report.why = format!("{} {why}", report.why).trim().to_owned();
    for step in steps {
        report = report.next(step);
    }
    report
}

/// A code was refused by a policy: of the ways out, the one that needs nobody comes first.
fn without_code(report: Report) -> Report {
    Report { next: Vec::new(), code: "codeBlocked".to_owned(), ..report }
        .next("Sign in by browser, or paste the address a browser ends at: that is often allowed where codes are not.")
        .next("If that is refused, too, ask your administrator, who finds the policy in the sign-in log.")
}

impl Attempt {
    /// Signs in and stores the account.
    pub(super) async fn run(mut self, method: LoginMethod, working: Working) -> (Result<Account, Report>, Working) {
        if method == LoginMethod::Command {
            return (self.by_command().await, working);
        }
        let (result, working) = self.asking(method, working).await;
        let kept = match result {
            Ok(stored) => self.keep(stored).await,
            Err(error) => Err(error),
        };
        let now = self.parts.brokers.surroundings().clock.now();
        let told = match kept {
            Ok(account) => {
                self.parts.memory.succeeded(method);
                Ok(account)
            }
            Err(error) => {
                let is_loop = self.parts.memory.failed(method, &error, now);
                let report = error.report();
                Err(match (is_loop, method, error.is_policy_block()) {
                    (true, ..) => in_a_loop(report),
                    (false, LoginMethod::DeviceCode, true) => without_code(report),
                    (false, ..) => report,
                })
            }
        };
        (told, working)
    }

    async fn by_command(&self) -> Result<Account, Report> {
        self.out.tell(LoginStep::Working("Running the command that gets the token".to_owned()));
        let Some(command) = &self.parts.command else { return Err(AuthError::NoCommand.report()) };
        let stored = command.sign_in().await?;
        self.keep(stored).await.map_err(|error| error.report())
    }

    /// Stores the account, if it is the one that was meant.
    async fn keep(&self, stored: StoredAccount) -> Result<Account, AuthError> {
        let account = stored.account.clone();
        if let Some(expected) = self.purpose.account().filter(|expected| expected.key != account.key) {
            return Err(AuthError::OtherAccount { expected: expected.address.clone(), came: account.address });
        }
        if let Some(expected) = self.parts.account.clone().filter(|expected| !account.is_named(expected)) {
            return Err(AuthError::OtherAccount { expected, came: account.address });
        }
        if !self.is_allowed(&account).await {
            return Err(AuthError::TenantNotAllowed { came: account.address, tenant: account.key.tenant });
        }
        self.out.begin_exchange();
        self.parts.brokers.adopt(stored).await?;
        Ok(account)
    }

    /// Whether the account's tenant is one of the profile's; any is where it lists none. Of a domain the service tells whose it is:
    /// a guest's address is of another tenant than the one they signed in at.
    async fn is_allowed(&self, account: &Account) -> bool {
        let allowed = &self.parts.allowed_tenants;
        for tenant in allowed {
            let is_it = |id: &str| id.eq_ignore_ascii_case(&account.key.tenant);
            let named = match is_guid(tenant) {
                true => Some(tenant.clone()),
                false => tenant_of_domain(self.parts.brokers.surroundings(), tenant).await,
            };
            if named.as_deref().is_some_and(is_it) {
                return true;
            }
        }
        allowed.is_empty()
    }

    /// Asks for everything; once more for a little less where the tenant does not know one of the scopes yet. What no link to an
    /// administrator can hold for that reason is left out, too, once a consent was missing: what they granted has to be enough.
    async fn asking(&mut self, method: LoginMethod, working: Working) -> Counted<StoredAccount> {
        let scope = |attempt: &Self, mail_tips| {
            let provider = &attempt.parts.brokers.surroundings().clients.cloud().provider;
            attempt.purpose.scope(provider, &attempt.options, &attempt.parts.tiers, mail_tips)
        };
        let now = self.parts.brokers.surroundings().clock.now();
        let all = scope(self, !self.parts.memory.is_troubled(now));
        let (result, working) = self.once(method, &all, working).await;
        let less = scope(self, false);
        match result {
            Err(AuthError::Refused(refusal)) if refusal.is_unknown_scope() && less != all => {
                self.once(method, &less, working).await
            }
            result => (result, working),
        }
    }

    async fn once(&mut self, method: LoginMethod, scope: &str, working: Working) -> Counted<StoredAccount> {
        match method {
            LoginMethod::Browser => self.by_browser(scope, true, working).await,
            LoginMethod::Paste => self.by_browser(scope, false, working).await,
            LoginMethod::DeviceCode => self.by_code(scope, working).await,
            // Begun elsewhere: it asks for no scopes.
            LoginMethod::Command => (Err(AuthError::NoCommand), working),
        }
    }

    async fn by_browser(&mut self, scope: &str, listens: bool, mut working: Working) -> Counted<StoredAccount> {
        let surroundings = self.parts.brokers.surroundings();
        let flow = match Entra::new(surroundings, &self.registration) {
            Ok(entra) => BrowserFlow::begin(entra, scope, &self.options, listens, surroundings).await,
            Err(error) => Err(error),
        };
        let flow = match flow {
            Ok(flow) => flow,
            Err(error) => return (Err(error), working),
        };
        let opened = listens && self.options.open_browser && self.parts.browser.open(flow.address()).await;
        let (address, redirect_uri) = (flow.address().to_string(), flow.redirect_uri().to_owned());
        let expires = timestamp(flow.expires());
        let step = |problem: Option<String>| {
            let (address, redirect_uri) = (address.clone(), redirect_uri.clone());
            match listens {
                true => LoginStep::Browser { address, opened, redirect_uri, expires, problem },
                false => LoginStep::Paste { address, redirect_uri, expires, problem },
            }
        };
        self.out.tell(step(None));
        loop {
            let out = self.out.clone();
            let problem = |sentence| out.tell(step(Some(sentence)));
            let returned = match flow.wait(working, &mut self.pasted, &problem).await {
                Ok(returned) => returned,
                Err(error) => return (Err(error), surroundings.activity.begin()),
            };
            self.out.begin_exchange();
            self.out.tell(LoginStep::Exchanging("Fetching the sign-in from the service".to_owned()));
            working = returned.working.clone();
            match flow.redeem(&returned).await {
                Redeemed::Done(result) => {
                    let way = if returned.was_pasted() { TokenWay::PastedRedirect } else { TokenWay::Browser };
                    return (result.map(|stored| came_by(way, stored)), working);
                }
                Redeemed::GoOn(what) => {
                    self.out.end_exchange();
                    self.out.tell(step(Some(what.sentence(flow.redirect_uri()))));
                }
            }
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
        let (code, address) = (flow.code().user_code.clone(), flow.code().address.to_string());
        let expires = timestamp(flow.code().expires);
        let next = |check, is_slowed| {
            let (code, address) = (code.clone(), address.clone());
            self.out.tell(LoginStep::DeviceCode { code, address, expires, next_check: timestamp(check), is_slowed });
        };
        let (result, working) = flow.wait(working, &next).await;
        (result.map(|stored| came_by(TokenWay::DeviceCode, stored)), working)
    }
}

fn came_by(way: TokenWay, mut stored: StoredAccount) -> StoredAccount {
    stored.history.way = way;
    stored
}

/// The moment as the screen knows moments; the end of time for what lies beyond.
fn timestamp(time: SystemTime) -> Timestamp {
    Timestamp::try_from(time).unwrap_or(Timestamp::MAX)
}
