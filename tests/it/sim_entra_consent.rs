//! Who may consent to what at the simulated authority, what the pages say, and what an administrator's yes changes.

use crate::support::bed::{Bed, SCOPE, field, options, query_of, text};
use deskbell::sim::{Policy, Registration, UserConsent, WorldOptions};
use serde_json::{Value, json};

async fn with(policy: Policy) -> Bed {
    Bed::with(options(WorldOptions { policy, ..WorldOptions::default() })).await
}

fn consent(user_consent: UserConsent) -> Policy {
    Policy { user_consent, ..Policy::default() }
}

async fn page(bed: &Bed, address: &str, form: &[(&str, &str)]) -> (u16, String) {
    let response = bed.http.post(address).form(form).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

async fn location(bed: &Bed, address: &str, form: &[(&str, &str)], cookie: &str) -> Vec<(String, String)> {
    let request = bed.http.post(address).form(form).header("cookie", cookie);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 302, "{}", response.text().await.unwrap());
    query_of(response.headers()["location"].to_str().unwrap())
}

/// Signs in with a page that sets the cookie; gives the cookie.
async fn session(bed: &Bed, more: &[(&str, &str)], person: &str) -> String {
    let form = [("person", person), ("decision", "approve")];
    let response = bed.http.post(bed.authorize_address(more)).form(&form).send().await.unwrap();
    response.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned()
}

async fn redeem(bed: &Bed, query: &[(String, String)]) -> Value {
    let (status, body) = bed.token(&bed.redemption(&field(query, "code"))).await;
    assert_eq!(status, 200, "{body}");
    body
}

#[tokio::test]
async fn whoever_may_not_consent_sees_a_page_and_the_client_hears_nothing() {
    for (user_consent, scope, number) in [
        (UserConsent::Nothing, "openid User.Read", "AADSTS90094"),
        (UserConsent::LowRisk, "openid Mail.Read", "AADSTS90094"),
        (UserConsent::LowRisk, "openid User.Read Presence.Read.All", ""),
        (UserConsent::OwnData, "openid Mail.Read", ""),
        (UserConsent::OwnData, "openid User.Read.All", "AADSTS90094"),
        (UserConsent::Everything, "openid User.Read.All", ""),
        (UserConsent::Nothing, "openid profile", ""),
    ] {
        let bed = with(consent(user_consent)).await;
        let address = bed.authorize_address(&[("scope", scope)]);
        let (status, shown) = page(&bed, &address, &[("person", "lena")]).await;
        assert_eq!(status, 200);
        assert_eq!(shown.contains("Need admin approval"), !number.is_empty(), "{user_consent:?} {scope}: {shown}");
        assert!(shown.contains(number), "{shown}");
        let (status, shown) = page(&bed, &address, &[("person", "lena"), ("decision", "approve")]).await;
        assert_eq!(status, if number.is_empty() { 302 } else { 400 }, "{user_consent:?} {scope}: {shown}");
        let driven = bed.tenant.script().authorize(&address, "lena");
        assert_eq!(driven.is_err(), !number.is_empty());
        assert!(driven.err().unwrap_or_default().contains(number));
    }
}

#[tokio::test]
async fn the_way_back_and_the_form_that_asks_for_approval() {
    let bed = with(Policy { request_form: true, ..consent(UserConsent::LowRisk) }).await;
    let address = bed.authorize_address(&[]);
    let (_, shown) = page(&bed, &address, &[("person", "lena")]).await;
    assert!(shown.contains("AADSTS90095") && shown.contains("name=\"reason\""), "{shown}");
    let form = [("person", "lena"), ("decision", "request"), ("reason", "my calendar")];
    assert!(page(&bed, &address, &form).await.1.contains("sent to your administrators"));
    let requests = bed.tenant.script().world(|world| world.grants.requests.clone());
    assert_eq!((requests.len(), requests[0].reason.as_str()), (1, "my calendar"));
    assert!(requests[0].scopes.contains(&"Mail.Read".to_owned()));
    let back = location(&bed, &address, &[("person", "lena"), ("decision", "back")], "").await;
    assert_eq!((field(&back, "error").as_str(), field(&back, "error_subcode").as_str()), ("access_denied", "cancel"));
    assert!(field(&back, "error_description").starts_with("AADSTS90095: "), "{back:?}");
    assert_eq!(field(&back, "state"), "st/ate+&");
    let driven = bed.tenant.script().go_back(&address, "lena").unwrap();
    assert_eq!(field(&query_of(&driven), "error"), "access_denied");
}

fn admin_address(bed: &Bed, scope: &str) -> String {
    let base = bed.authority(&format!("{}/v2.0/adminconsent", bed.tenant.tenant_id()));
    let mut url = url::Url::parse(&base).unwrap();
    url.query_pairs_mut().extend_pairs([
        ("client_id", bed.public()),
        ("scope", scope),
        ("redirect_uri", "http://localhost:53123"),
        ("state", "s-1"),
    ]);
    url.into()
}

#[tokio::test]
async fn an_administrators_yes_lets_everybody_in() {
    let bed = with(consent(UserConsent::LowRisk)).await;
    assert!(bed.tenant.script().authorize(&bed.authorize_address(&[]), "ben").is_err());
    let scope = "https://graph.microsoft.com/User.Read Mail.Read Calendars.Read offline_access openid";
    let address = admin_address(&bed, scope);
    let listed = bed.http.get(&address).send().await.unwrap().text().await.unwrap();
    assert!(listed.contains("Pick an account"));
    let (status, shown) = page(&bed, &address, &[("person", "lena"), ("decision", "approve")]).await;
    assert!(status == 400 && shown.contains("AADSTS90094"), "only an administrator: {shown}");
    let refused = location(&bed, &address, &[("decision", "refuse")], "").await;
    assert_eq!(field(&refused, "error"), "permission_denied");
    let (_, shown) = page(&bed, &address, &[("person", "itservice")]).await;
    assert!(shown.contains("<li>Mail.Read</li>"), "{shown}");
    let back = location(&bed, &address, &[("person", "itservice"), ("decision", "approve")], "").await;
    assert_eq!((field(&back, "admin_consent").as_str(), field(&back, "state").as_str()), ("True", "s-1"));
    assert_eq!(field(&back, "tenant"), bed.tenant.tenant_id());
    assert!(field(&back, "scope").contains("https://graph.microsoft.com/Calendars.Read"));
    let body = bed.sign_in("ben").await;
    assert!(text(&body, "scope").contains("Mail.Read"));
    for (wrong, number) in [
        (address.replace("53123", "53123/elsewhere"), "AADSTS50011"),
        (address.replace("scope=", "other="), "AADSTS900144"),
        (address.replace(bed.tenant.tenant_id(), "common"), "AADSTS50059"),
        (address.replace(bed.public(), "nobody"), "AADSTS700016"),
    ] {
        let response = bed.http.get(&wrong).send().await.unwrap();
        assert!(response.headers().get("location").is_none());
        let shown = response.text().await.unwrap();
        assert!(shown.contains(number), "{wrong}: {shown}");
    }
}

#[tokio::test]
async fn consent_is_remembered_grows_and_can_be_withdrawn() {
    let bed = Bed::new().await;
    let small = [("scope", "openid offline_access User.Read")];
    let first = redeem(&bed, &bed.approve(&small, "lena").await).await;
    assert_eq!(text(&first, "scope"), "openid User.Read");
    let ask = async |scope: &str| {
        bed.token(&[
            ("client_id", bed.public()),
            ("grant_type", "refresh_token"),
            ("refresh_token", text(&first, "refresh_token")),
            ("scope", scope),
        ])
        .await
    };
    let (status, body) = ask("Mail.Read").await;
    assert_eq!((status.as_u16(), &body["error_codes"], text(&body, "error")), (400, &json!([65001]), "invalid_grant"));
    assert_eq!(text(&body, "suberror"), "consent_required");
    let (_, shown) =
        page(&bed, &bed.authorize_address(&[("scope", "User.Read Mail.Read")]), &[("person", "lena")]).await;
    assert!(shown.contains("<li>Mail.Read</li>") && !shown.contains("<li>User.Read</li>"), "only what is new: {shown}");
    bed.approve(&[("scope", "User.Read Mail.Read")], "lena").await;
    let (status, body) = ask("Mail.Read").await;
    assert_eq!(status, 200, "{body}");
    assert!(text(&body, "scope").contains("Mail.Read") && text(&body, "scope").contains("User.Read"));
    let again = redeem(&bed, &bed.approve(&small, "lena").await).await;
    assert_eq!(text(&again, "scope"), "openid User.Read Mail.Read", "a token holds what was granted earlier too");
    let client = bed.public().to_owned();
    bed.tenant.script().world(|world| world.grants.withdraw_scope(&client, "Mail.Read"));
    assert_eq!(ask("Mail.Read").await.1["error_codes"], json!([65001]));
    assert_eq!(ask("User.Read").await.0, 200);
    bed.tenant.script().world(|world| world.grants.withdraw(&client));
    assert_eq!(ask("User.Read").await.1["error_codes"], json!([65001]));
    assert_eq!(bed.refresh(text(&again, "refresh_token")).await.1["error_codes"], json!([65001]));
}

#[tokio::test]
async fn prompts_do_what_they_are_called() {
    let bed = Bed::new().await;
    let cookie = session(&bed, &[], "lena").await;
    let get = async |more: &[(&str, &str)]| {
        bed.http.get(bed.authorize_address(more)).header("cookie", &cookie).send().await.unwrap()
    };
    let through = get(&[]).await;
    assert_eq!(through.status(), 302, "signed in and consented: straight through");
    assert!(!field(&query_of(through.headers()["location"].to_str().unwrap()), "code").is_empty());
    let shown = get(&[("prompt", "login"), ("login_hint", "lena@contoso.com")]).await.text().await.unwrap();
    assert!(shown.contains("Continue") && !shown.contains("Pick an account"), "{shown}");
    let shown = get(&[("prompt", "select_account"), ("login_hint", "lena@contoso.com")]).await.text().await.unwrap();
    assert!(shown.contains("Pick an account"));
    let shown = get(&[("prompt", "consent")]).await.text().await.unwrap();
    assert!(shown.contains("Pick an account"), "consent follows a sign-in");
    let shown = page(&bed, &bed.authorize_address(&[("prompt", "consent")]), &[("person", "lena")]).await.1;
    assert!(shown.contains("Permissions requested") && shown.contains("<li>Mail.Read</li>"), "{shown}");
    let none = get(&[("prompt", "none"), ("scope", "User.Read Mail.Send")]).await;
    let query = query_of(none.headers()["location"].to_str().unwrap());
    assert_eq!(field(&query, "error"), "interaction_required");
    assert!(field(&query, "error_description").contains("AADSTS65001"), "{query:?}");
    let domain = get(&[("prompt", "select_account"), ("domain_hint", "fabrikam.com")]).await.text().await.unwrap();
    assert!(domain.contains("Otto Lindqvist") && !domain.contains("Lena Ortiz"));
}

#[tokio::test]
async fn asking_for_consent_again_leaves_whoever_may_not_give_it_stuck() {
    let bed = with(consent(UserConsent::LowRisk)).await;
    let client = bed.public().to_owned();
    bed.tenant.script().world(|world| {
        world.grants.grant_everybody(&client, ["User.Read", "Mail.Read", "Calendars.Read"]);
    });
    let address = bed.authorize_address(&[("prompt", "consent")]);
    assert!(bed.tenant.script().authorize(&address, "lena").unwrap_err().contains("AADSTS90094"));
    bed.sign_in("lena").await;
}

#[tokio::test]
async fn an_application_can_demand_assignment() {
    let bed = Bed::new().await;
    let client = bed.public().to_owned();
    bed.tenant.script().register(Registration {
        assignment_required: true,
        assigned: vec!["lena".to_owned()],
        ..Registration::public(&client)
    });
    let (status, shown) = page(&bed, &bed.authorize_address(&[]), &[("person", "ben")]).await;
    assert!(status == 400 && shown.contains("AADSTS50105") && shown.contains("ben@contoso.com"), "{shown}");
    bed.sign_in("lena").await;
}

#[tokio::test]
async fn a_device_code_meets_the_same_consent_and_a_policy_of_its_own() {
    let bed = with(consent(UserConsent::LowRisk)).await;
    let begin = async || {
        bed.post("organizations/oauth2/v2.0/devicecode", &[("client_id", bed.public()), ("scope", SCOPE)]).await.1
    };
    let poll = async |begun: &Value| {
        bed.token(&[
            ("grant_type", "device_code"),
            ("client_id", bed.public()),
            ("device_code", text(begun, "device_code")),
        ])
        .await
        .1
    };
    let begun = begin().await;
    let said = bed.tenant.script().approve(text(&begun, "user_code"), "lena").unwrap_err();
    assert!(said.contains("AADSTS90094"), "{said}");
    assert_eq!(poll(&begun).await["error"], "authorization_pending", "the device goes on waiting");
    bed.tenant.script().world(|world| {
        world.policy.user_consent = UserConsent::Everything;
        world.policy.device_code_blocked = true;
    });
    let form = [("otc", text(&begun, "user_code")), ("person", "lena")];
    let (_, shown) = page(&bed, text(&begun, "verification_uri"), &form).await;
    assert!(shown.contains("AADSTS53003"), "{shown}");
    bed.advance(5);
    let told = poll(&begun).await;
    assert_eq!((&told["error"], &told["error_codes"]), (&json!("invalid_grant"), &json!([53003])));
    bed.tenant.script().world(|world| world.policy.device_code_blocked = false);
    let begun = begin().await;
    bed.tenant.script().approve(text(&begun, "user_code"), "lena").unwrap();
    let body = poll(&begun).await;
    bed.tenant.script().world(|world| world.policy.device_code_blocked = true);
    assert_eq!(bed.refresh(text(&body, "refresh_token")).await.1["error_codes"], json!([530_036]));
    let by_page = bed.sign_in("lena").await;
    assert_eq!(bed.refresh(text(&by_page, "refresh_token")).await.0, 200, "a session of a browser is not concerned");
}
