//! How a profile comes to its tokens: the person's sign-in, a command that prints one, or a service's own credential.
//!
//! Must stay true: where a secret comes from is decided here and nowhere above; a service reaches its listed mailboxes only.

use crate::auth::broker::Brokers;
use crate::auth::certificate::{self, Form};
use crate::auth::errors::AuthError;
use crate::auth::printed::TokenCommand;
use crate::auth::service::{Credential, Kept, Service};
use crate::auth::vault::keyring;
use crate::auth::vault::store::{LIMIT, StoreError};
use crate::auth::vault::{GrantHistory, StoredAccount};
use crate::auth::{StaticToken, Surroundings, TokenSource, identity};
use crate::base::clock::SharedClock;
use crate::base::paths::{self, PlaceError};
use crate::base::report::{Kind, Report};
use crate::base::secret::Secret;
use crate::config::{CertificateForm, LoginChoice, Profile};
use crate::domain::account::{Account, AccountKey, AccountKind, Tier};
use crate::domain::calls::RetryPolicy;
use crate::domain::certificate::CertificateFacts;
use crate::domain::login::{LoginMethod, LoginOptions, Registration};
use crate::domain::token::TokenWay;
use crate::engine::Setup;
use crate::engine::accounts::obstacle;
use crate::engine::login::TokenLogin;
use crate::graph::{Graph, Reach, transport};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

/// How the profile wants its sign-ins done.
pub(super) fn login_options(profile: &Profile) -> LoginOptions {
    LoginOptions {
        port: profile.redirect_port,
        redirect_uri: profile.redirect_uri.clone(),
        login_hint: profile.login_hint.clone().or_else(|| profile.account.clone().filter(|name| name.contains('@'))),
        domain_hint: profile.domain_hint.clone(),
        further_scopes: profile.scopes.clone(),
        ..LoginOptions::default()
    }
}

/// What a first sign-in asks for.
pub(super) fn tiers(profile: &Profile) -> Vec<Tier> {
    let mut tiers = vec![Tier::WhoIsOut];
    for tier in &profile.tiers {
        if !tiers.contains(tier) {
            tiers.push(*tier);
        }
    }
    tiers
}

/// The way in the profile names.
pub(super) const fn chosen(profile: &Profile) -> Option<LoginMethod> {
    match profile.login {
        LoginChoice::Auto => None,
        LoginChoice::Browser => Some(LoginMethod::Browser),
        LoginChoice::Paste => Some(LoginMethod::Paste),
        LoginChoice::Device => Some(LoginMethod::DeviceCode),
        LoginChoice::Command => Some(LoginMethod::Command),
    }
}

/// The source of a token command.
pub(super) fn printed(profile: &Profile, surroundings: &Surroundings) -> Arc<dyn TokenSource> {
    Arc::new(TokenCommand::source(profile.token_command.clone(), surroundings))
}

/// The stored account a start with this profile takes.
pub(super) fn of_profile<'a>(profile: &Profile, stored: &'a [StoredAccount]) -> Option<&'a StoredAccount> {
    stored.iter().rfind(|stored| obstacle(profile, stored).is_none())
}

/// What a start would call with, for whoever examines it without opening an engine.
pub struct Access {
    /// Its address as it is shown.
    pub address: String,
    /// Work, personal or service, as far as that is known without asking.
    pub kind: AccountKind,
    /// The tenant its tokens have to be of, where that is known.
    pub tenant: Option<String>,
    /// Its tokens.
    pub tokens: Arc<dyn TokenSource>,
    /// What it may reach.
    pub reach: Reach,
    /// What will stop it soon.
    pub warning: Option<Report>,
}

impl Access {
    /// The token that was handed in, the service, or the account among `stored` that a start would take; nothing where somebody
    /// has to sign in first. Asks nobody.
    ///
    /// # Errors
    /// When a service has no secret or no registration.
    pub fn of(setup: &Setup, brokers: &Brokers, stored: &[StoredAccount]) -> Result<Option<Self>, Report> {
        let person = |address: &str, kind, tenant, tokens| {
            let (address, reach) = (address.to_owned(), Reach::Own);
            Self { address, kind, tenant, tokens, reach, warning: None }
        };
        if let Some(token) = setup.environment.get("DESKBELL_TOKEN") {
            let tokens = Arc::new(StaticToken::new(&Secret::new(token.to_owned())));
            return Ok(Some(person("DESKBELL_TOKEN", AccountKind::Work, None, tokens)));
        }
        let profile = setup.config.profile();
        if profile.is_service() {
            let ServiceAccess { account, tokens, reach, warning } = service(setup, brokers.surroundings())?;
            let address = account.name;
            return Ok(Some(Self { address, kind: account.kind, tenant: None, tokens, reach, warning }));
        }
        Ok(match of_profile(&profile, stored) {
            Some(stored) if stored.history.way != TokenWay::Command => {
                let account = &stored.account;
                Some(person(&account.address, account.kind, Some(account.key.tenant.clone()), brokers.open(stored)))
            }
            stored if !profile.token_command.is_empty() => {
                let address = stored.map_or("token.command", |stored| &stored.account.address);
                Some(person(address, AccountKind::Work, None, printed(&profile, brokers.surroundings())))
            }
            _ => None,
        })
    }
}

/// A service, ready to be used.
pub(super) struct ServiceAccess {
    pub(super) account: Account,
    pub(super) tokens: Arc<dyn TokenSource>,
    pub(super) reach: Reach,
    /// What will stop it soon.
    pub(super) warning: Option<Report>,
}

/// The service of the profile. Asks nobody yet.
pub(super) fn service(setup: &Setup, surroundings: &Surroundings) -> Result<ServiceAccess, Report> {
    let profile = setup.config.profile();
    if profile.client_id.is_empty() {
        return Err(Report::new(Kind::Configuration, "noRegistration", "The service has no client id.")
            .because("The profile is a service's and names no registration.")
            .next("Set client_id and tenant in the profile."));
    }
    let registration = Registration { client_id: profile.client_id.clone(), tenant: profile.tenant.clone() };
    let credential = credential(setup, &profile)?;
    let warning = warning(&profile, &credential, &setup.clock);
    let home = profile.mailboxes.first().cloned().unwrap_or_default();
    let account = Account {
        // The cursors in the cache belong to the mailbox: another one is another account here.
        key: AccountKey { tenant: profile.tenant.clone(), object: format!("{} {home}", profile.client_id) },
        name: format!("Service {}", setup.config.profile_name),
        address: home,
        kind: AccountKind::Service,
        granted: crate::domain::account::Scopes::default(),
    };
    let may_write = profile.allow_write && !setup.config.read_only;
    let reach = Reach::Mailboxes { list: profile.mailboxes.clone(), may_write };
    let tokens = Arc::new(Service::source(registration, credential, surroundings));
    Ok(ServiceAccess { account, tokens, reach, warning })
}

/// What proves the service: a certificate before a secret, and of secrets the one that was handed over most directly.
fn credential(setup: &Setup, profile: &Profile) -> Result<Credential, Report> {
    if let Some(descriptor) = profile.secret_descriptor {
        return from_descriptor(descriptor).map(Credential::Given);
    }
    if let Some(file) = &profile.certificate {
        let form = match profile.certificate_form {
            CertificateForm::Ps256 => Form::Ps256,
            CertificateForm::Rs256 => Form::Rs256,
        };
        return Ok(Credential::Certificate { file: file.clone(), key: profile.certificate_key.clone(), form });
    }
    if !profile.secret_command.is_empty() {
        return Ok(Credential::Printed(profile.secret_command.clone()));
    }
    if profile.secret_keyring {
        return kept(&profile.client_id).map(Credential::Kept);
    }
    let value = profile.secret_env.as_deref().and_then(|name| setup.environment.get(name));
    let secret = value.map(|value| Secret::new(value.trim().to_owned()));
    secret.map(Credential::Given).ok_or_else(|| AuthError::NoSecret.report())
}

/// Where the keyring of this system keeps a service's secret.
fn kept(client_id: &str) -> Result<Kept, Report> {
    let store = keyring::system();
    let absent = || StoreError::Absent("this build of deskbell knows none".to_owned());
    let store = store.ok_or_else(|| AuthError::SecretKeyring(Some(absent())).report())?;
    Ok(Kept::of(client_id, store, LIMIT))
}

/// Puts a service's secret into the system's keyring, and says what that is called. Blocks on it.
///
/// # Errors
/// When there is none, or it does not take it.
pub fn keep_secret(client_id: &str, secret: &Secret<String>) -> Result<&'static str, Report> {
    let kept = kept(client_id)?;
    kept.keep(secret)
        .map_err(|error| Report { what: "The keyring did not take the secret.".to_owned(), ..error.report() })?;
    Ok(kept.store_name())
}

/// A secret from a file descriptor that was opened for us.
fn from_descriptor(number: u16) -> Result<Secret<String>, Report> {
    let unread = |why: String| {
        Report::new(Kind::Usage, "noSecret", format!("The secret could not be read from file descriptor {number}."))
            .because(why)
            .next(format!("Open it on the command line: deskbell --secret-fd {number} inbox {number}<FILE"))
    };
    let read = paths::read_private(Path::new(&format!("/dev/fd/{number}"))).map_err(|error| match error {
        PlaceError::ReadableByOthers { mode, .. } => {
            Report::new(Kind::Configuration, "secretReadable", "The file with the secret can be read by others.")
                .because(format!(
                    "Its mode is {mode:o}. Whoever can read the secret can act as the service, so it is not used."
                ))
                .next("Make the file yours alone: chmod 600 FILE")
                .next("If others may have read it, make a new secret and remove the old one in the portal.")
        }
        PlaceError::Io { source, .. } => unread(format!("The system says: {source}.")),
    })?;
    let text = read.map(Secret::new).ok_or_else(|| unread("Nothing is open there.".to_owned()))?;
    let text = Secret::new(String::from_utf8_lossy(text.expose()).trim().to_owned());
    if text.expose().is_empty() {
        return Err(Report::new(Kind::Usage, "noSecret", format!("File descriptor {number} holds no secret."))
            .because("It was empty.")
            .next("Write the secret to it; a line end after it does no harm."));
    }
    Ok(text)
}

/// The warning before a known end.
fn warning(profile: &Profile, credential: &Credential, clock: &SharedClock) -> Option<Report> {
    let now = clock.now();
    let end = match credential {
        Credential::Certificate { file, key, .. } => certificate::check(file, key.as_deref(), now).ok()?.until,
        Credential::Given(_) | Credential::Printed(_) | Credential::Kept(_) => {
            // Good through the day the portal names.
            profile.secret_expires?.tomorrow().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp()
        }
    };
    let what = if matches!(credential, Credential::Certificate { .. }) { "certificate" } else { "secret" };
    ends_soon(what, end, now)
}

fn ends_soon(what: &str, end: Timestamp, now: SystemTime) -> Option<Report> {
    let left = SystemTime::from(end).duration_since(now).unwrap_or_default();
    if left > certificate::WARN_AHEAD {
        return None;
    }
    let days = left.as_secs() / (24 * 3600);
    let sentence = match days {
        0 if left.is_zero() => format!("The {what} of this service has ended."),
        0 => format!("The {what} of this service ends today."),
        1 => format!("The {what} of this service ends tomorrow."),
        days => format!("The {what} of this service ends in {days} days."),
    };
    Some(
        Report::new(Kind::Configuration, "credentialEnds", sentence)
            .because("The service refuses it from then on, and nothing can be read.")
            .next(format!(
                "Make a new {what}, add it to the registration beside the old one, and name it in the profile."
            )),
    )
}

/// Signs in by the token command: runs it and asks the service whose the token is.
pub(super) struct CommandLogin {
    pub(super) profile: Profile,
    pub(super) surroundings: Surroundings,
}

impl TokenLogin for CommandLogin {
    fn sign_in(&self) -> BoxFuture<'static, Result<StoredAccount, Report>> {
        let (profile, surroundings) = (self.profile.clone(), self.surroundings.clone());
        async move {
            let source = printed(&profile, &surroundings);
            let token = source.access_token().await.map_err(|error| error.report())?;
            let what = "The token of the command could not be used.";
            let mut account = whose(&surroundings, source.clone(), false, what).await?;
            // The same person's sign-in by another way is another account of theirs here: its tokens are not ours to renew.
            let tenant = identity::tenant_of(&token).unwrap_or_default();
            account.key.tenant = format!("command {tenant}").trim_end().to_owned();
            Ok(StoredAccount {
                scope: account.granted.to_line(),
                account,
                client_id: profile.client_id,
                tenant: profile.tenant,
                authority: surroundings.clients.cloud().authority.to_string(),
                refresh_token: None,
                access_token: None,
                history: GrantHistory { way: TokenWay::Command, ..GrantHistory::default() },
            })
        }
        .boxed()
    }
}

/// The account behind a token. Only the service knows whose it is; the caller says what cannot be done without.
pub(super) async fn whose(
    surroundings: &Surroundings,
    tokens: Arc<dyn TokenSource>,
    is_offline: bool,
    what: &str,
) -> Result<Account, Report> {
    let graph = Graph::new(transport::Parts {
        clients: surroundings.clients.clone(),
        tokens: tokens.clone(),
        clock: surroundings.activity.resting(surroundings.clock.clone()),
        ids: surroundings.ids.clone(),
        observer: Arc::new(transport::NobodyListens),
        is_offline,
        made_as: None,
        retry: RetryPolicy::default(),
        reach: Reach::Own,
    });
    let working = surroundings.activity.begin();
    let person = crate::graph::me::person(&graph).await;
    drop(working);
    let person = person.map_err(|error| error.report(what))?;
    Ok(Account {
        key: AccountKey { tenant: String::new(), object: person.id.0 },
        name: person.name,
        address: person.address,
        kind: AccountKind::Work,
        granted: tokens.granted(),
    })
}

/// What a certificate says, for a person to compare with the portal. Blocks on the disk.
///
/// # Errors
/// A report when it cannot be read.
pub fn check_certificate(file: &Path, key: Option<&Path>, now: SystemTime) -> Result<CertificateFacts, Report> {
    certificate::check(file, key, now).map_err(|error| error.report())
}
