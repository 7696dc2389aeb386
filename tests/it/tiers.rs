//! Permissions tier by tier: what is missing, what is offered, and the request to an administrator.

use crate::support::stage::{Stage, StageOptions};
use deskbell::domain::account::Tier;
use deskbell::domain::consent::{MissingPermission, Offer};
use deskbell::domain::permission::Grantor;
use deskbell::domain::request::{Answer, Request};
use deskbell::sim::tenant::TenantOptions;
use deskbell::sim::world::{Consent, WorldOptions};
use std::time::Duration;

async fn basic() -> Stage {
    let world = WorldOptions { consent: Consent::Basic, ..WorldOptions::default() };
    let tenant = TenantOptions { world, ..TenantOptions::default() };
    Stage::with(StageOptions { tenant, ..StageOptions::default() }).await
}

async fn missing(stage: &Stage, request: Request) -> MissingPermission {
    match stage.engine().perform(request).await {
        Ok(Answer::Missing(missing)) => *missing,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_dark_tier_names_what_it_lacks_and_offers_three_things() {
    let stage = basic().await;
    let mail = missing(&stage, Request::Missing { tier: Tier::Mail }).await;
    let names: Vec<&str> = mail.permissions.iter().map(|permission| permission.name).collect();
    assert_eq!(names, ["Mail.Read"]);
    assert_eq!(mail.grantor, Grantor::PersonUnlessPolicy);
    assert_eq!(mail.offers, [Offer::AskNow, Offer::AskAdministrator, Offer::NotNow]);
    let directory = missing(&stage, Request::Missing { tier: Tier::Directory }).await;
    assert_eq!(directory.offers[0], Offer::AskAdministrator, "nobody else can grant it");
    let open = missing(&stage, Request::Missing { tier: Tier::WhoIsOut }).await;
    assert!(open.permissions.is_empty() && open.offers.is_empty(), "{open:?}");
}

#[tokio::test]
async fn not_now_is_kept_until_tomorrow_for_this_tier_alone() {
    let mut stage = basic().await;
    let put_off = missing(&stage, Request::PutOff { tier: Tier::Mail }).await;
    assert!(put_off.is_put_off);
    assert!(!missing(&stage, Request::Missing { tier: Tier::Calendar }).await.is_put_off);
    // 10:12 in Madrid: the evening is still today, the next morning is not.
    stage.advance(Duration::from_hours(13)).await;
    assert!(missing(&stage, Request::Missing { tier: Tier::Mail }).await.is_put_off);
    stage.advance(Duration::from_hours(1)).await;
    assert!(!missing(&stage, Request::Missing { tier: Tier::Mail }).await.is_put_off);
}

#[tokio::test]
async fn the_request_to_an_administrator_is_finished() {
    let stage = basic().await;
    let Ok(Answer::Consent(request)) = stage.engine().perform(Request::Consent { tiers: vec![Tier::Mail] }).await
    else {
        panic!("no request")
    };
    let text = request.text();
    let expected = format!("{}/{}/v2.0/adminconsent?client_id=", stage.tenant.authority(), stage.tenant.tenant_id());
    for part in [expected.as_str(), stage.tenant.clients().public.as_str(), "lena@", "Mail.Read", "Reason:", "Risk:"] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[tokio::test]
async fn every_tier_is_asked_for_when_it_is_wanted_and_remembered() {
    let mut stage = Stage::sized(100, 30).await;
    let further =
        [Tier::People, Tier::Directory, Tier::SharedCalendars, Tier::SharedMailboxes, Tier::Settings, Tier::Write];
    for tier in further {
        let scope = tier.scopes()[0];
        assert!(!stage.engine().me().unwrap().granted.has(scope), "{scope} was asked for before anybody wanted it");
        stage.press(":").await;
        stage.type_text(&format!("Permission: {}", tier.title())).await;
        stage.press("Enter").await;
        stage.sees(&format!("{} may not be read yet", tier.title()));
        stage.sees(scope);
        stage.sees("Not now");
        // The simulated person approves by itself.
        stage.press("s").await;
        stage.advance(Duration::from_secs(8)).await;
        assert!(tier.is_granted(&stage.engine().me().unwrap().granted), "{tier:?} on top of the others");
    }
    stage.press(":").await;
    stage.type_text("Permission:").await;
    stage.sees_no("not granted");
}
