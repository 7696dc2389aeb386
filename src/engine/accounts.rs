//! Who can be worked for with this profile, for whoever shows or changes it.

use crate::auth::vault::StoredAccount;
use crate::base::report::Report;
use crate::domain::accounts::{Accounts, KnownAccount, ServiceLimits};
use crate::domain::token::TokenWay;
use crate::engine::{Engine, registration};
use jiff::Timestamp;
use std::time::SystemTime;

impl Engine {
    /// The accounts of the profile, the token in use and the place where sign-ins are kept. Asks nothing of the network.
    ///
    /// # Errors
    /// When the vault cannot be read.
    pub async fn known_accounts(&self) -> Result<Accounts, Report> {
        let config = &self.inner.setup.config;
        let profile = config.profile();
        let live = self.live();
        let mut known = Vec::new();
        if let Some(live) = live.as_ref().filter(|live| live.has_no_person()) {
            let account = live.account().clone();
            known.push(KnownAccount { account, way: live.token_facts().way, issued: None, is_lost: false });
        } else {
            let registration = registration(config);
            let stored = self.inner.brokers.accounts().await.map_err(|error| error.report())?;
            let ours = stored.into_iter().filter(|stored| match (&registration, stored.history.way) {
                (_, TokenWay::Command) => !profile.token_command.is_empty(),
                (Some(registration), _) => registration.client_id.eq_ignore_ascii_case(&stored.client_id),
                (None, _) => true,
            });
            known.extend(ours.map(known_account));
        }
        Ok(Accounts {
            profile: config.profile_name.clone(),
            other_profiles: config.profiles.keys().filter(|name| **name != config.profile_name).cloned().collect(),
            known,
            in_use: live.as_ref().map(|live| live.account().key.clone()),
            service: profile.is_service().then(|| ServiceLimits {
                mailboxes: profile.mailboxes.clone(),
                may_write: profile.allow_write && !config.read_only,
            }),
            token: live.map(|live| live.token_facts()),
            vault: self.vault_facts(),
        })
    }
}

fn known_account(stored: StoredAccount) -> KnownAccount {
    let is_lost = stored.refresh_token.is_none() && stored.history.lost.is_some();
    let time = |time: SystemTime| Timestamp::try_from(time).ok();
    KnownAccount {
        account: stored.account,
        way: stored.history.way,
        issued: stored.history.issued.and_then(time),
        is_lost,
    }
}
