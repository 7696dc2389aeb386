//! Floor 5½: the doctor. Looks at everything a working deskbell stands on, and says what is wrong and what to do.
//!
//! One file a group of checks: [`local`] (terminal, configuration, places, vault, cache), [`service`] (the way to the sign-in
//! service and to Graph, the clock), [`mod@registration`], [`token`], [`permissions`], [`mailbox`],
//! [`recent`]. [`examine`] makes them in the
//! order in which one stands on another, so that the first failure is the one to mend.
//! Must stay true: it changes nothing anywhere (a token that is about to end is renewed, as for every call); a check that cannot
//! be made is told as skipped with the reason, never as passed; no finding holds a token, a secret or the text of a mail.
//! Deliberately absent: mending. The remedy is the person's to carry out.

pub mod local;
pub mod mailbox;
pub mod permissions;
pub mod recent;
pub mod registration;
pub mod service;
pub mod token;

use crate::auth::broker::Brokers;
use crate::auth::vault::StoredAccount;
use crate::auth::{AuthError, Surroundings};
use crate::base::report::Report;
use crate::config::Profile;
use crate::domain::account::AccountKind;
use crate::domain::calls::CallRecord;
use crate::domain::check::{CheckResult, Diagnosis, Outcome};
use crate::domain::request::{Answer, Request};
use crate::domain::token::TokenWay;
use crate::engine::access::Access;
use crate::engine::{self, Engine, Setup, cloud};
use jiff::Timestamp;
use std::sync::Arc;

/// What is examined.
#[derive(Clone)]
pub struct Patient {
    /// What an engine is, or would be, opened with.
    pub setup: Setup,
    /// What is wrong with the user's own files.
    pub problems: Vec<Report>,
    /// The terminal, as whoever owns it sees it.
    pub terminal: local::Terminal,
    /// The last calls of the running program, newest first; empty elsewhere.
    pub recent: Vec<CallRecord>,
    /// The brokers of the running program; elsewhere they are made for the examination.
    pub brokers: Option<Arc<Brokers>>,
    /// Addresses of further mailboxes to look at.
    pub mailboxes: Vec<String>,
}

impl Patient {
    /// The running program.
    pub async fn of(engine: &Engine, terminal: local::Terminal, problems: Arc<[Report]>) -> Self {
        let recent = match engine.perform(Request::RecentCalls).await {
            Ok(Answer::RecentCalls(calls)) => calls,
            _ => Vec::new(),
        };
        let (setup, brokers) = (engine.setup().clone(), Some(engine.brokers()));
        Self { setup, problems: problems.to_vec(), terminal, recent, brokers, mailboxes: Vec::new() }
    }
}

/// Makes all checks; `told` hears each as soon as it is made.
pub async fn examine(patient: &Patient, mut told: impl FnMut(&CheckResult)) -> Diagnosis {
    let mut checks = Vec::new();
    let mut note = |checks: &mut Vec<CheckResult>, check: CheckResult| {
        told(&check);
        checks.push(check);
    };
    note(&mut checks, local::terminal(patient));
    note(&mut checks, local::configuration(patient));
    note(&mut checks, local::places(patient));
    let brokers = patient.brokers.clone().map_or_else(|| engine::brokers(&patient.setup), Ok);
    let (vault, accounts) = local::vault(patient, &brokers).await;
    note(&mut checks, vault);
    note(&mut checks, local::cache(patient).await);
    if let Some(outbox) = local::outbox(patient) {
        note(&mut checks, outbox);
    }
    let beyond = match &brokers {
        _ if patient.setup.offline => left_out("It was asked not to use the network (--offline)."),
        Ok(brokers) => beyond(patient, brokers, &accounts).await,
        Err(_) if cloud(&patient.setup.config).is_err() => {
            left_out("The addresses in the configuration cannot be used.")
        }
        Err(_) => left_out("The stored sign-ins cannot be opened."),
    };
    for check in beyond {
        note(&mut checks, check);
    }
    let recent = match &patient.recent[..] {
        [] => recent::from_log(&patient.setup.places.log),
        calls => Some(recent::check(calls)),
    };
    if let Some(recent) = recent {
        note(&mut checks, recent);
    }
    Diagnosis { at: timestamp(patient), subject: subject(patient), checks }
}

/// The checks that need the network.
async fn beyond(patient: &Patient, brokers: &Brokers, accounts: &[StoredAccount]) -> Vec<CheckResult> {
    let surroundings = brokers.surroundings();
    let profile = patient.setup.config.profile();
    let mut checks = vec![service::network(surroundings)];
    let sign_in = service::sign_in(surroundings, &profile).await;
    let can_sign_in = sign_in.iter().all(|check| check.outcome != Outcome::Failed);
    checks.extend(sign_in);
    let graph = service::graph(surroundings).await;
    let can_reach_graph = graph.outcome != Outcome::Failed;
    checks.push(graph);
    let access = Access::of(&patient.setup, brokers, accounts);
    let token = match &access {
        // One that comes from elsewhere can be read even where the sign-in service is out of reach.
        Ok(Some(access)) => Some({
            let _working = surroundings.activity.begin();
            access.tokens.access_token().await
        }),
        _ => None,
    };
    checks.push(registration(surroundings, &profile, can_sign_in, access.as_ref().ok(), token.as_ref()).await);
    let (access, token) = match (access, token) {
        (Ok(Some(access)), Some(token)) => (access, token),
        (Err(report), _) => {
            checks.push(CheckResult::from_report(ACCOUNT.0, ACCOUNT.1, Outcome::Failed, &report));
            checks.extend(without_account("There is nobody to ask as."));
            return checks;
        }
        _ => {
            checks.push(signed_out(&profile));
            checks.extend(without_account("Nobody is signed in."));
            return checks;
        }
    };
    let kind = token::kind_of(token.as_ref().ok(), access.kind);
    let mailboxes = if token.is_ok() && can_reach_graph {
        mailbox::check(surroundings, &profile, &access, kind, &patient.mailboxes).await
    } else {
        mailbox::left_out("There is no token to ask with, or Graph cannot be reached.")
    };
    // A sign-in may have been found lost by asking.
    checks.push(account(&access, &profile));
    checks.push(token::check(surroundings, &profile, &access, &token));
    checks.extend(mailboxes);
    // Last, because whatever else is wrong makes what was granted worth nothing.
    checks.push(permissions::check(&access.tokens.granted(), kind));
    checks
}

/// What the service says about the registration. A service's shows in its token; a token from elsewhere needs none.
async fn registration(
    surroundings: &Surroundings,
    profile: &Profile,
    can_sign_in: bool,
    access: Option<&Option<Access>>,
    token: Option<&Result<crate::base::secret::Secret<String>, AuthError>>,
) -> CheckResult {
    let way = access.and_then(Option::as_ref).map(|access| access.tokens.facts().way);
    match (way, token) {
        _ if !can_sign_in => registration::left_out("The sign-in service could not be asked."),
        (Some(TokenWay::Given | TokenWay::Command), _) => registration::left_out("The token comes from elsewhere."),
        (_, Some(token)) if profile.is_service() => registration::of_service(profile, token.as_ref().map(drop)),
        _ if profile.is_service() => registration::left_out("The service has nothing to prove itself with."),
        _ => registration::check(surroundings, profile).await,
    }
}

const ACCOUNT: (&str, &str) = ("account", "Account");

fn signed_out(profile: &Profile) -> CheckResult {
    let (name, title) = ACCOUNT;
    let check = CheckResult::new(name, title, Outcome::Failed, "signedOut", "Nobody is signed in for this profile.");
    let check = check.remedy("Sign in: deskbell login");
    if is_open(&profile.tenant) { check.remedy(HYBRID) } else { check }
}

/// For accounts whose passwords are checked elsewhere, the address for everybody often finds no way.
const HYBRID: &str = "If your organisation signs people in by a server of its own (a federated or hybrid account), set `tenant` to its tenant id or domain.";

/// Whether the tenant is left open.
fn is_open(tenant: &str) -> bool {
    matches!(tenant, "" | "common" | "organizations")
}

/// Whose the tokens are, how they came, and what there is to tell about one that was lost.
fn account(access: &Access, profile: &Profile) -> CheckResult {
    let (name, title) = ACCOUNT;
    let facts = access.tokens.facts();
    let address = &access.address;
    let how = match access.kind {
        AccountKind::Work => "signed in",
        AccountKind::Personal => "signed in, a personal account: there is no free/busy and no presence for those",
        AccountKind::Service => "a service account: it acts for itself, so there is no \"me\"",
    };
    let is_kept = !matches!(facts.way, TokenWay::Given | TokenWay::Command) && access.kind != AccountKind::Service;
    let check = if let Some(lost) = &facts.lost {
        let when = lost.refused.map_or_else(String::new, |at| format!(" at {at}"));
        let reason = format!("{address}: the sign-in was lost{when}; the service said {} {}.", lost.error, lost.code);
        CheckResult::new(name, title, Outcome::Warning, "grantLost", reason.replace(" .", "."))
            .remedy("Sign in again: deskbell login. Drafts and cached data stay.")
    } else if let Some(warning) = &access.warning {
        CheckResult::from_report(name, title, Outcome::Warning, warning)
    } else if is_kept && !facts.renews {
        let ends = facts.ends.map_or_else(|| "the access token ends".to_owned(), |at| at.to_string());
        let reason = format!("{address}: signed in until {ends}. The service gave no refresh token to go on with.");
        CheckResult::new(name, title, Outcome::Warning, "noRefreshToken", reason)
            .remedy("Sign in again, and agree to \"maintain access\" (offline_access).")
            .remedy("If the registration or a policy forbids it, ask your administrator.")
    } else {
        CheckResult::passed(name, title, format!("{address}: {how}."))
    };
    let time = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    let check = check
        .detail("tenant", access.tenant.clone().unwrap_or_default())
        .detail("the token came", facts.way.words())
        .detail("mailboxes", profile.mailboxes.join(" "));
    let Some(lost) = facts.lost else { return check };
    check
        .detail("refused", time(lost.refused))
        .detail("issued", time(lost.issued))
        .detail("last used", time(lost.last_used))
        .detail("renewal broken off", time(lost.cut_off))
        .detail("correlation id", lost.correlation_id)
}

/// What needs an account, left out.
fn without_account(reason: &str) -> Vec<CheckResult> {
    token::NAMES.iter().skip(1).map(|(name, title)| CheckResult::skipped(name, title, reason)).collect()
}

fn left_out(reason: &str) -> Vec<CheckResult> {
    let mut checks: Vec<_> =
        service::NAMES.iter().map(|(name, title)| CheckResult::skipped(name, title, reason)).collect();
    checks.push(registration::left_out(reason));
    checks.push(CheckResult::skipped(ACCOUNT.0, ACCOUNT.1, reason));
    checks.extend(without_account(reason));
    checks
}

fn subject(patient: &Patient) -> Vec<(String, String)> {
    let profile = patient.setup.config.profile();
    let mut subject = vec![
        ("version".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
        ("system".to_owned(), format!("{} {}", std::env::consts::OS, std::env::consts::ARCH)),
        ("profile".to_owned(), patient.setup.config.profile_name.clone()),
        ("tenant".to_owned(), profile.tenant.clone()),
        ("client id".to_owned(), profile.client_id.clone()),
    ];
    if let Ok(cloud) = cloud(&patient.setup.config) {
        subject.push(("sign-in service".to_owned(), cloud.authority.to_string()));
        subject.push(("Graph".to_owned(), cloud.graph.to_string()));
    }
    subject.retain(|(_, value)| !value.is_empty());
    subject
}

fn timestamp(patient: &Patient) -> Timestamp {
    Timestamp::try_from(patient.setup.clock.now()).unwrap_or(Timestamp::MAX)
}
