//! Floor 5½: the doctor. Looks at everything a working deskbell stands on, and says what is wrong and what to do.
//!
//! One file a group of checks: [`local`] (terminal, configuration, places, vault, cache), [`service`] (the way to the sign-in
//! service and to Graph, the clock), [`registration`], [`token`], [`permissions`], [`mailbox`],
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
use crate::auth::vault::Vault;
use crate::auth::{StaticToken, Surroundings, TokenSource};
use crate::base::activity::Activity;
use crate::base::clock::SharedClock;
use crate::base::environment::Environment;
use crate::base::ids::Ids;
use crate::base::paths::Places;
use crate::base::report::Report;
use crate::base::secret::Secret;
use crate::config::{Config, Profile};
use crate::domain::account::AccountKind;
use crate::domain::calls::CallRecord;
use crate::domain::check::{CheckResult, Diagnosis, Outcome};
use crate::domain::request::{Answer, Request};
use crate::engine::{Engine, cloud};
use crate::net::client::{Clients, Network};
use jiff::Timestamp;
use std::sync::Arc;

/// What is examined.
#[derive(Clone)]
pub struct Patient {
    /// Places on disk.
    pub places: Places,
    /// The configuration in force.
    pub config: Config,
    /// What is wrong with the user's own files.
    pub problems: Vec<Report>,
    /// The environment.
    pub environment: Environment,
    /// The terminal, as whoever owns it sees it.
    pub terminal: local::Terminal,
    /// The clock.
    pub clock: SharedClock,
    /// Random ids.
    pub ids: Arc<dyn Ids>,
    /// Counts work in flight.
    pub activity: Activity,
    /// Nothing may be asked of the network.
    pub offline: bool,
    /// The last calls of the running program, newest first; empty elsewhere.
    pub recent: Vec<CallRecord>,
}

impl Patient {
    /// The running program.
    pub async fn of(engine: &Engine, terminal: local::Terminal, problems: Arc<[Report]>) -> Self {
        let setup = engine.setup().clone();
        let recent = match engine.perform(Request::RecentCalls).await {
            Ok(Answer::RecentCalls(calls)) => calls,
            _ => Vec::new(),
        };
        Self {
            places: setup.places,
            config: setup.config,
            problems: problems.to_vec(),
            environment: setup.environment,
            terminal,
            clock: setup.clock,
            ids: setup.ids,
            activity: setup.activity,
            offline: setup.offline,
            recent,
        }
    }
}

/// Whose token the later checks use.
struct Holder {
    tokens: Arc<dyn TokenSource>,
    /// The tenant the token has to be of, where that is known.
    tenant: Option<String>,
    kind: AccountKind,
    address: String,
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
    let (vault, accounts) = local::vault(patient).await;
    note(&mut checks, vault);
    note(&mut checks, local::cache(patient).await);
    for check in beyond(patient, accounts).await {
        note(&mut checks, check);
    }
    if !patient.recent.is_empty() {
        note(&mut checks, recent::check(&patient.recent));
    }
    Diagnosis { at: timestamp(patient), subject: subject(patient), checks }
}

/// The checks that need the network, or why each of them is left out.
async fn beyond(patient: &Patient, accounts: Vec<crate::auth::vault::StoredAccount>) -> Vec<CheckResult> {
    let mut checks = Vec::new();
    let cloud = match cloud(&patient.config) {
        Ok(cloud) if !patient.offline => cloud,
        Ok(_) => return left_out("It was asked not to use the network (--offline)."),
        Err(_) => return left_out("The addresses in the configuration cannot be used."),
    };
    let surroundings = Surroundings {
        clients: Arc::new(Clients::with(cloud, Network::of(&patient.environment, &patient.config.ca_files))),
        clock: patient.clock.clone(),
        ids: patient.ids.clone(),
        activity: patient.activity.clone(),
    };
    let profile = patient.config.profile();
    checks.push(service::network(&surroundings));
    let sign_in = service::sign_in(&surroundings, &profile).await;
    let can_sign_in = sign_in.iter().all(|check| check.outcome != Outcome::Failed);
    checks.extend(sign_in);
    let graph = service::graph(&surroundings).await;
    let can_reach_graph = graph.outcome != Outcome::Failed;
    checks.push(graph);
    checks.push(if can_sign_in {
        registration::check(&surroundings, &profile).await
    } else {
        registration::left_out("The sign-in service could not be asked.")
    });
    let holder = match holder(patient, &surroundings, &profile, &accounts) {
        Ok(holder) => holder,
        Err(check) => {
            checks.push(check);
            checks.extend(
                token::NAMES
                    .iter()
                    .skip(1)
                    .map(|(name, title)| CheckResult::skipped(name, title, "Nobody is signed in.")),
            );
            return checks;
        }
    };
    checks.push(signed_in(&holder));
    let judged = token::check(&surroundings, &profile, &holder).await;
    let has_token = judged.outcome != Outcome::Failed || !judged.code.starts_with("signIn");
    checks.push(judged);
    if has_token && can_reach_graph {
        checks.extend(mailbox::check(&surroundings, &profile, &holder).await);
    } else {
        checks.extend(mailbox::left_out("There is no token to ask with, or Graph cannot be reached."));
    }
    // Last, because whatever else is wrong makes what was granted worth nothing.
    checks.push(permissions::check(&holder.tokens.granted(), holder.kind));
    checks
}

fn holder(
    patient: &Patient,
    surroundings: &Surroundings,
    profile: &Profile,
    accounts: &[crate::auth::vault::StoredAccount],
) -> Result<Holder, CheckResult> {
    if let Some(token) = patient.environment.get("DESKBELL_TOKEN") {
        let tokens = Arc::new(StaticToken::new(&Secret::new(token.to_owned())));
        return Ok(Holder { tokens, tenant: None, kind: AccountKind::Work, address: "DESKBELL_TOKEN".to_owned() });
    }
    let authority = surroundings.clients.cloud().authority.to_string();
    let mine = accounts.iter().rfind(|stored| {
        stored.authority == authority
            && (profile.client_id.is_empty() || stored.client_id.eq_ignore_ascii_case(&profile.client_id))
    });
    let Some(stored) = mine else {
        let (name, title) = ACCOUNT;
        return Err(CheckResult::new(
            name,
            title,
            Outcome::Failed,
            "signedOut",
            "Nobody is signed in for this profile.",
        )
        .remedy("Sign in: deskbell login"));
    };
    let vault = Arc::new(Vault::in_folder(&patient.places.secrets, patient.ids.clone()));
    let tokens = Brokers::new(surroundings.clone(), vault).open(stored);
    Ok(Holder {
        tokens,
        tenant: Some(stored.account.key.tenant.clone()),
        kind: stored.account.kind,
        address: stored.account.address.clone(),
    })
}

const ACCOUNT: (&str, &str) = ("account", "Account");

fn signed_in(holder: &Holder) -> CheckResult {
    let (name, title) = ACCOUNT;
    let how = match holder.kind {
        AccountKind::Work => "signed in",
        AccountKind::Personal => "signed in, a personal account: there is no free/busy and no presence for those",
        AccountKind::Service => "a service account: it acts for itself, so there is no \"me\"",
    };
    CheckResult::passed(name, title, format!("{}: {how}.", holder.address))
        .detail("tenant", holder.tenant.clone().unwrap_or_default())
}

fn left_out(reason: &str) -> Vec<CheckResult> {
    let mut checks: Vec<_> =
        service::NAMES.iter().map(|(name, title)| CheckResult::skipped(name, title, reason)).collect();
    checks.push(registration::left_out(reason));
    checks.push(CheckResult::skipped(ACCOUNT.0, ACCOUNT.1, reason));
    checks.extend(token::NAMES.iter().skip(1).map(|(name, title)| CheckResult::skipped(name, title, reason)));
    checks
}

fn subject(patient: &Patient) -> Vec<(String, String)> {
    let profile = patient.config.profile();
    let mut subject = vec![
        ("version".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
        ("system".to_owned(), format!("{} {}", std::env::consts::OS, std::env::consts::ARCH)),
        ("profile".to_owned(), patient.config.profile_name.clone()),
        ("tenant".to_owned(), profile.tenant.clone()),
        ("client id".to_owned(), profile.client_id.clone()),
    ];
    if let Ok(cloud) = cloud(&patient.config) {
        subject.push(("sign-in service".to_owned(), cloud.authority.to_string()));
        subject.push(("Graph".to_owned(), cloud.graph.to_string()));
    }
    subject.retain(|(_, value)| !value.is_empty());
    subject
}

fn timestamp(patient: &Patient) -> Timestamp {
    Timestamp::try_from(patient.clock.now()).unwrap_or(Timestamp::MAX)
}
