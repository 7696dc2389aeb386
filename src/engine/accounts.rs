//! Several accounts at once: which of them the profile takes, which is in use, choosing another, signing one out.
//!
//! Must stay true: an account is named by tenant id and object id; one the profile does not take is known with the reason and never
//! used; the choice is remembered for each profile. Deliberately absent: signing in (`login`).

use super::{Engine, Inner, lock, nobody_signed_in};
use crate::auth::vault::StoredAccount;
use crate::base::report::{Kind, Report};
use crate::config::Profile;
use crate::domain::account::{Account, AccountKey};
use crate::domain::accounts::{Accounts, KnownAccount, ServiceLimits};
use crate::domain::login::LoginCommand;
use crate::domain::token::{TokenFacts, TokenWay};
use jiff::Timestamp;
use std::time::SystemTime;

impl Engine {
    /// The accounts of the profile, the others at its service, the token in use and the place where sign-ins are kept. Asks nothing
    /// of the network.
    ///
    /// # Errors
    /// When the vault cannot be read.
    pub async fn known_accounts(&self) -> Result<Accounts, Report> {
        let config = &self.inner.setup.config;
        let profile = config.profile();
        let live = self.live();
        let (mut known, mut others) = (Vec::new(), Vec::new());
        if let Some(live) = live.as_ref().filter(|live| live.has_no_person()) {
            known.push(KnownAccount {
                account: live.account().clone(),
                way: live.token_facts().way,
                issued: None,
                is_lost: false,
                client_id: profile.client_id.clone(),
                token: live.token_facts(),
                obstacle: String::new(),
            });
        }
        for stored in self.inner.brokers.accounts().await.map_err(|error| error.report())? {
            let mut account = known_account(stored, &profile);
            let is_used = live.as_ref().filter(|live| live.account().key == account.account.key);
            if let Some(live) = is_used {
                account.token = live.token_facts();
            }
            if account.obstacle.is_empty() { known.push(account) } else { others.push(account) }
        }
        Ok(Accounts {
            profile: config.profile_name.clone(),
            other_profiles: config.profiles.keys().filter(|name| **name != config.profile_name).cloned().collect(),
            known,
            others,
            in_use: live.as_ref().map(|live| live.account().key.clone()),
            service: profile.is_service().then(|| ServiceLimits {
                mailboxes: profile.mailboxes.clone(),
                may_write: profile.allow_write && !config.read_only,
                asked_through: live.as_ref().and_then(|live| live.asked_through()),
            }),
            token: live.map(|live| live.token_facts()),
            vault: self.vault_facts(),
        })
    }

    /// Uses the account with this address (or object id) from now on.
    ///
    /// # Errors
    /// When there is none, several, or the profile does not take it.
    pub async fn choose(&self, wanted: &str) -> Result<Account, Report> {
        let known = self.find_signed_in(wanted).await?;
        if !known.obstacle.is_empty() {
            let report = Report::new(
                Kind::Usage,
                "otherProfile",
                format!("{} cannot be used with the profile {}.", known.account.address, self.profile_name()),
            );
            return Err(report.because(known.obstacle).next("Name another profile: --profile NAME"));
        }
        self.inner.remember_choice(&known.account.key).await?;
        Ok(known.account)
    }

    /// The one account that is meant by an address, an object id, or both ids with a dot between.
    ///
    /// # Errors
    /// When there is none or several.
    pub async fn find_signed_in(&self, wanted: &str) -> Result<KnownAccount, Report> {
        let found = self.known_accounts().await?;
        let accounts: Vec<KnownAccount> = found.known.into_iter().chain(found.others).collect();
        let found: Vec<&KnownAccount> = accounts.iter().filter(|known| known.account.is_named(wanted)).collect();
        match found[..] {
            [one] => Ok(one.clone()),
            [] => Err(Report::new(Kind::Usage, "noSuchAccount", format!("{wanted} is not signed in here."))
                .because(match accounts.len() {
                    0 => "Nobody is.".to_owned(),
                    _ => format!("Signed in: {}.", addresses(&accounts)),
                })
                .next(format!("Sign in: deskbell login {wanted}"))),
            _ => {
                let ids: Vec<String> = found.iter().map(|known| known.account.key.to_string()).collect();
                Err(Report::new(Kind::Usage, "ambiguous", format!("{wanted} is signed in in several tenants."))
                    .because("The same address is an account of its own in each tenant.")
                    .next(format!("Give its id: {}", ids.join(" or "))))
            }
        }
    }

    /// What would be lost with this account, as a sentence: changes that have not reached the service, and drafts. `None`: nothing.
    ///
    /// # Errors
    /// When the outbox cannot be read.
    pub async fn would_be_lost(&self, key: &AccountKey) -> Result<Option<String>, Report> {
        let (changes, drafts) = self.inner.outbox.remains(key).await.map_err(|error| error.report())?;
        let said = |count: u64, one: &str, many: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            count => Some(format!("{count} {many}")),
        };
        let lost: Vec<String> = [
            said(changes, "change that has not reached Microsoft 365", "changes that have not reached Microsoft 365"),
            said(drafts, "draft", "drafts"),
        ]
        .into_iter()
        .flatten()
        .collect();
        Ok((!lost.is_empty()).then(|| format!("Lost with it: {}.", lost.join(" and "))))
    }

    /// Signs this account out: its tokens and everything of it in cache and outbox go.
    ///
    /// # Errors
    /// When vault or cache cannot be written; what could be removed is gone.
    pub async fn sign_out(&self, key: &AccountKey) -> Result<(), Report> {
        let is_used = self.live().is_some_and(|live| live.account().key == *key);
        if is_used && let Some(live) = lock(&self.inner.live).take() {
            live.stop_sync();
        }
        let forgotten = self.inner.brokers.forget(key).await.map_err(|error| error.report());
        let unsent = self.inner.outbox.forget(key).await.map_err(|error| error.report());
        self.inner.db.remove_account(key).await.map_err(|error| error.report())?;
        forgotten?;
        unsent?;
        // The sign-in says what it offers now, or goes on with another account; whoever shows the views follows.
        if is_used && let Some(login) = self.inner.login.get() {
            login.send(LoginCommand::Cancel);
        }
        Ok(())
    }

    /// Signs the account in use out.
    ///
    /// # Errors
    /// As [`Engine::sign_out`], and when nobody is signed in.
    pub async fn logout(&self) -> Result<(), Report> {
        let Some(live) = self.live() else { return Err(nobody_signed_in()) };
        self.sign_out(&live.account().key).await
    }

    fn profile_name(&self) -> &str {
        &self.inner.setup.config.profile_name
    }
}

impl Inner {
    /// Of these accounts the one this profile begins with: the one that was chosen last, else the newest it takes.
    pub(super) async fn first_of(&self, stored: Vec<StoredAccount>) -> Option<StoredAccount> {
        let profile = self.setup.config.profile();
        let mut mine: Vec<StoredAccount> =
            stored.into_iter().filter(|stored| obstacle(&profile, stored).is_none()).collect();
        if mine.len() > 1 {
            let chosen = self.db.recall(&self.choice_name()).await.ok().flatten();
            if let Some(at) = mine.iter().position(|stored| Some(stored.account.key.to_string()) == chosen) {
                return Some(mine.swap_remove(at));
            }
        }
        mine.pop()
    }

    /// Remembers the account for the next start of this profile.
    pub(super) async fn remember_choice(&self, key: &AccountKey) -> Result<(), Report> {
        self.db.remember(&self.choice_name(), &key.to_string()).await.map_err(|error| error.report())
    }

    fn choice_name(&self) -> String {
        format!("account.{}", self.setup.config.profile_name)
    }
}

/// Why the profile does not take a stored account, as a sentence.
pub(super) fn obstacle(profile: &Profile, stored: &StoredAccount) -> Option<&'static str> {
    let is_by_command = stored.history.way == TokenWay::Command;
    if profile.is_service() {
        return Some("The profile is a service's and signs in by itself.");
    }
    if is_by_command && profile.token_command.is_empty() {
        return Some("Its token came from a command, and the profile names none.");
    }
    if !is_by_command && !profile.client_id.is_empty() && !stored.client_id.eq_ignore_ascii_case(&profile.client_id) {
        return Some("It signed in with another registration than the profile's.");
    }
    if profile.account.as_deref().is_some_and(|account| !stored.account.is_named(account)) {
        return Some("The profile names another account.");
    }
    if !stored.account.is_allowed_by(&profile.allowed_tenants) {
        return Some("Its tenant is not among the allowed_tenants of the profile.");
    }
    None
}

fn known_account(stored: StoredAccount, profile: &Profile) -> KnownAccount {
    let time = |time: SystemTime| Timestamp::try_from(time).ok();
    KnownAccount {
        obstacle: obstacle(profile, &stored).unwrap_or_default().to_owned(),
        way: stored.history.way,
        issued: stored.history.issued.and_then(time),
        is_lost: stored.refresh_token.is_none() && stored.history.lost.is_some(),
        token: TokenFacts {
            way: stored.history.way,
            issued: stored.access_token.as_ref().and_then(|token| time(token.received)),
            ends: stored.access_token.as_ref().and_then(|token| time(token.expires)),
            renews: stored.refresh_token.is_some(),
            clock_ahead: None,
            lost: stored.history.lost,
        },
        client_id: stored.client_id,
        account: stored.account,
    }
}

fn addresses(accounts: &[KnownAccount]) -> String {
    accounts.iter().map(|known| known.account.address.as_str()).collect::<Vec<_>>().join(", ")
}
