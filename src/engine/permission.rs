//! Asking for what a permission must be held for, and saying which one it is when it is not.
//!
//! What was granted decides before anything is sent; where that is not known (an opaque token from outside) Graph has the last
//! word. Must stay true: whoever reads the report learns the permission's name and who can grant it.

use crate::base::report::{Kind, Report};
use crate::config::{Profile, ProfileKind, parse_user_config};
use crate::domain::account::{AccountKey, AccountKind, Feature, Scopes, Tier};
use crate::domain::consent::{ConsentRequest, MissingPermission, Offer, permissions};
use crate::domain::permission::{Grantor, Permission, PermissionKind};
use crate::engine::{Engine, GIVEN_TOKEN};
use crate::graph::GraphError;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::future::Future;

/// Sends `call` if `granted` opens `feature`; every failure is told as a report that says `what` failed.
///
/// # Errors
/// The report: which permission is missing, or what went wrong on the way.
pub async fn ask<T>(
    granted: &Scopes,
    feature: Feature,
    what: &str,
    call: impl Future<Output = Result<T, GraphError>>,
) -> Result<T, Report> {
    if !granted.is_empty() && !feature.is_open(granted) {
        return Err(missing(feature, what));
    }
    call.await.map_err(|error| refused(feature, what, &error))
}

/// The report for a failed call; a 403 names the permission.
#[must_use]
pub fn refused(feature: Feature, what: &str, error: &GraphError) -> Report {
    let report = error.report(what);
    if !error.is_forbidden() {
        return report;
    }
    Report { details: report.details, ..missing(feature, what) }
}

/// The report for a permission that is not held.
#[must_use]
pub fn missing(feature: Feature, what: &str) -> Report {
    let scope = feature.scopes().first().copied().unwrap_or_default();
    let report = Report::new(Kind::NeedsPerson, "permissionMissing", what)
        .because(format!("The permission {scope} is not granted."));
    let request =
        format!("The finished request to paste: deskbell setup --print request --for {}", feature.tier().name());
    let report = if grantor(scope) == Grantor::Administrator {
        report.next(format!("Ask an administrator to grant {scope}, then sign in again."))
    } else {
        let tier = feature.tier().name();
        report
            .next(format!("Sign in for it: deskbell login --for {tier}"))
            .next(format!("Your organisation may leave {scope} to an administrator."))
    };
    report.next(request)
}

/// Who may grant a scope; what is not in the table is left to an administrator.
fn grantor(scope: &str) -> Grantor {
    Permission::find(scope, PermissionKind::Delegated).map_or(Grantor::Administrator, |permission| permission.grantor)
}

/// What `granted` lacks of `tier`, and what can be done about it. Unknown grants (an opaque token from outside) lack nothing we know of.
#[must_use]
pub fn examine(
    granted: &Scopes,
    tier: Tier,
    kind: AccountKind,
    is_from_outside: bool,
    is_put_off: bool,
    request: ConsentRequest,
) -> MissingPermission {
    let lacks = |permission: &&'static Permission| {
        !granted.is_empty() && !granted.has(permission.name) && !permission.may_be_unknown()
    };
    let lacking: Vec<&'static Permission> = permissions(&[tier], request.kind).into_iter().filter(lacks).collect();
    let grantor = lacking.iter().map(|permission| permission.grantor).max().unwrap_or(Grantor::Person);
    // A personal account belongs to no organisation: there is no directory that it could be let into.
    let exists = kind != AccountKind::Personal || !matches!(tier, Tier::WhoIsOut | Tier::Directory);
    let can_ask_now = kind != AccountKind::Service && !is_from_outside && exists;
    // A personal account has nobody above it, and grants everything itself.
    let has_administrator = kind != AccountKind::Personal;
    let mut offers = Vec::new();
    if !lacking.is_empty() {
        offers.extend(can_ask_now.then_some(Offer::AskNow));
        offers.extend(has_administrator.then_some(Offer::AskAdministrator));
        if grantor == Grantor::Administrator {
            offers.reverse();
        }
        offers.push(Offer::NotNow);
    }
    MissingPermission { tier, permissions: lacking, grantor, is_put_off, offers, request }
}

impl Engine {
    /// What the account in use lacks of `tier`.
    ///
    /// # Errors
    /// When nobody is signed in, or no registration is known.
    pub async fn missing(&self, tier: Tier) -> Result<MissingPermission, Report> {
        let Some(live) = self.live() else { return Err(super::nobody_signed_in()) };
        let account = live.account();
        let request = self.consent_request(&[tier]).await?;
        let remembered = self.inner.db.recall(&put_off_name(&account.key, tier)).await.ok().flatten();
        let is_put_off = remembered.is_some_and(|until| self.today() < until);
        let is_from_outside = account.key.tenant == GIVEN_TOKEN;
        Ok(examine(&live.me().granted, tier, account.kind, is_from_outside, is_put_off, request))
    }

    /// Says nothing more of a dark tier until tomorrow.
    ///
    /// # Errors
    /// As [`Engine::missing`], or when it cannot be written down.
    pub async fn put_off(&self, tier: Tier) -> Result<MissingPermission, Report> {
        let Some(live) = self.live() else { return Err(super::nobody_signed_in()) };
        let name = put_off_name(&live.account().key, tier);
        self.inner.db.remember(&name, &self.tomorrow()).await.map_err(|error| error.report())?;
        self.missing(tier).await
    }

    /// The request to an administrator for `tiers`; needs a registration, but nobody who is signed in.
    ///
    /// # Errors
    /// When no registration is known.
    pub async fn consent_request(&self, tiers: &[Tier]) -> Result<ConsentRequest, Report> {
        let cloud = self.inner.brokers.surroundings().clients.cloud();
        let profile = self.profile_now();
        let live = self.live().filter(|live| live.account().key.tenant != GIVEN_TOKEN);
        let key = live.as_ref().map(|live| live.account().key.clone());
        let stored = self.inner.brokers.accounts().await.unwrap_or_default();
        let stored = stored.into_iter().find(|stored| Some(&stored.account.key) == key.as_ref());
        let client_id = stored.map(|stored| stored.client_id).unwrap_or(profile.client_id.clone());
        if client_id.is_empty() {
            return Err(Report::new(Kind::Configuration, "noRegistration", "There is no registration to ask for.")
                .because("Permissions are granted to an app registration, and the profile names none.")
                .next("Make one: deskbell setup"));
        }
        let asker = live.map(|live| live.me().person.address).or_else(|| profile.login_hint.clone());
        Ok(ConsentRequest {
            authority: cloud.authority.as_str().trim_end_matches('/').to_owned(),
            graph: cloud.graph.as_str().trim_end_matches('/').to_owned(),
            client_id,
            tenant: key.map_or_else(|| profile.tenant.clone(), |key| key.tenant),
            kind: kind_of(&profile),
            tiers: tiers.to_vec(),
            redirect_uri: profile.redirect_uri.clone().unwrap_or_else(|| "http://localhost".to_owned()),
            asker: asker.unwrap_or_default(),
            mailboxes: profile.mailboxes,
        })
    }

    /// The profile; its registration may have been typed after the start.
    fn profile_now(&self) -> Profile {
        let setup = &self.inner.setup;
        let mut profile = setup.config.profile();
        if profile.client_id.is_empty()
            && let Ok(text) = std::fs::read_to_string(setup.places.config_file())
            && let Some(written) = parse_user_config("", &text).config.profiles.get(&setup.config.profile_name)
        {
            profile.client_id.clone_from(&written.client_id);
            profile.tenant.clone_from(&written.tenant);
        }
        profile
    }

    fn today(&self) -> String {
        self.day(0)
    }

    fn tomorrow(&self) -> String {
        self.day(1)
    }

    /// The day it is, or one after it, where the person is.
    fn day(&self, ahead: i32) -> String {
        let setup = &self.inner.setup;
        let now = Timestamp::try_from(setup.clock.now()).unwrap_or(Timestamp::MAX);
        let today = now.to_zoned(setup.zone.rules.clone().unwrap_or(TimeZone::UTC)).date();
        today.saturating_add(jiff::Span::new().days(ahead)).to_string()
    }
}

/// Which permissions a profile stands on.
#[must_use]
pub const fn kind_of(profile: &Profile) -> PermissionKind {
    match profile.kind {
        ProfileKind::Person => PermissionKind::Delegated,
        ProfileKind::Service => PermissionKind::Application,
    }
}

fn put_off_name(key: &AccountKey, tier: Tier) -> String {
    format!("notNow.{key}.{}", tier.name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Refusal;

    #[tokio::test]
    async fn a_permission_that_is_not_held_is_named_without_asking() {
        let granted = Scopes::parse("User.Read openid");
        let mut was_sent = false;
        let asked = ask(&granted, Feature::Manager, "The manager is not shown.", async {
            was_sent = true;
            Ok(())
        });
        let report = asked.await.expect_err("a report");
        assert!(!was_sent);
        assert_eq!((report.kind, report.code.as_str()), (Kind::NeedsPerson, "permissionMissing"));
        assert!(report.why.contains("User.Read.All") && report.next[0].contains("administrator"), "{report:?}");
    }

    #[tokio::test]
    async fn a_refusal_names_the_permission_and_keeps_the_request_id() {
        let refusal = Refusal { status: 403, ..Refusal::default() };
        let granted = Scopes::default();
        let asked = ask(&granted, Feature::Presence, "Presence is not shown.", async {
            Err::<(), _>(GraphError::Refused(Box::new(refusal)))
        });
        let report = asked.await.expect_err("a report");
        assert!(report.why.contains("Presence.Read.All"), "{report:?}");
        assert!(report.details.contains(&("status".to_owned(), "403".to_owned())), "{report:?}");
    }
}
