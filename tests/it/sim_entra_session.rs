//! What becomes of a sign-in at the simulated authority: refresh tokens, policies, challenges, other kinds of accounts, a wrong clock.

use crate::support::bed::{Bed, NOW, claims, field, options, text};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use deskbell::sim::faults::{Action, OauthFault, Rule};
use deskbell::sim::{Challenge, Conditional, Policy, Reuse, Where, WorldOptions};
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

const CP1: &str = r#"{"access_token":{"xms_cc":{"values":["cp1"]}}}"#;
const DEMAND: &str = r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#;
const BOTH: &str = r#"{"access_token":{"acrs":{"essential":true,"value":"c1"},"xms_cc":{"values":["cp1"]}}}"#;

async fn with(policy: Policy) -> Bed {
    Bed::with(options(WorldOptions { policy, ..WorldOptions::default() })).await
}

/// Signs in with `sent` as `claims` at the page and at the token endpoint.
async fn sign_in(bed: &Bed, person: &str, sent: &str) -> Value {
    let code = field(&bed.approve(&[("claims", sent)], person).await, "code");
    let mut form = bed.redemption(&code);
    form.push(("claims", sent));
    let (status, body) = bed.token(&form).await;
    assert_eq!(status, 200, "{body}");
    body
}

async fn refresh(bed: &Bed, body: &Value, sent: &str) -> (u16, Value) {
    let mut form = vec![
        ("client_id", bed.public()),
        ("grant_type", "refresh_token"),
        ("refresh_token", text(body, "refresh_token")),
    ];
    if !sent.is_empty() {
        form.push(("claims", sent));
    }
    let (status, body) = bed.token(&form).await;
    (status.as_u16(), body)
}

async fn me(bed: &Bed, body: &Value) -> (u16, HeaderMap) {
    let response = bed.get("/v1.0/me", text(body, "access_token")).await;
    (response.status().as_u16(), response.headers().clone())
}

#[tokio::test]
async fn reuse_of_a_refresh_token_is_a_matter_of_policy() {
    for (refresh_tokens, again, newest) in
        [(Reuse::Accepted, 200, 200), (Reuse::Refused, 400, 200), (Reuse::EndsSession, 400, 400)]
    {
        let bed = with(Policy { refresh_tokens, refresh_token_length: 4096, ..Policy::default() }).await;
        let first = bed.sign_in("lena").await;
        assert!(text(&first, "refresh_token").len() > 4096);
        let (status, second) = refresh(&bed, &first, "").await;
        assert_eq!(status, 200, "{second}");
        let (status, body) = refresh(&bed, &first, "").await;
        assert_eq!(status, again, "{refresh_tokens:?}");
        if again == 400 {
            assert_eq!((&body["error_codes"], text(&body, "suberror")), (&json!([70000]), "bad_token"));
        }
        assert_eq!(refresh(&bed, &second, "").await.0, newest, "{refresh_tokens:?}");
    }
}

#[tokio::test]
async fn a_lost_answer_has_used_the_token_up() {
    let bed = with(Policy { refresh_tokens: Reuse::Refused, ..Policy::default() }).await;
    let first = bed.sign_in("lena").await;
    bed.tenant.script().fault(Rule::authority("/oauth2/v2.0/token", Action::Cut));
    let form = [
        ("client_id", bed.public()),
        ("grant_type", "refresh_token"),
        ("refresh_token", text(&first, "refresh_token")),
    ];
    let sent = bed.http.post(bed.authority("organizations/oauth2/v2.0/token")).form(&form).send().await;
    let lost = match sent {
        Ok(response) => response.bytes().await.is_err(),
        Err(_) => true,
    };
    assert!(lost);
    assert_eq!(refresh(&bed, &first, "").await.1["suberror"], "bad_token");
}

#[tokio::test]
async fn refusals_carry_what_usually_goes_with_their_number() {
    let bed = Bed::new().await;
    let first = bed.sign_in("lena").await;
    for (code, error, suberror) in [
        (700_082, "invalid_grant", json!("token_expired")),
        (70043, "invalid_grant", json!("token_expired")),
        (50173, "invalid_grant", Value::Null),
        (50076, "interaction_required", json!("basic_action")),
        (65001, "invalid_grant", json!("consent_required")),
        (53003, "invalid_grant", json!("message_only")),
        (530_036, "invalid_grant", json!("message_only")),
        (70000, "invalid_grant", json!("bad_token")),
    ] {
        let fault = Action::Oauth(OauthFault::usual(code));
        bed.tenant.script().fault(Rule::authority("/oauth2/v2.0/token", fault));
        let (status, body) = refresh(&bed, &first, "").await;
        assert_eq!((status, &body["error_codes"], text(&body, "error")), (400, &json!([code]), error));
        assert_eq!(body["suberror"], suberror);
        let said = text(&body, "error_description");
        assert!(said.starts_with(&format!("AADSTS{code}: ")) && said.contains("Trace ID: "), "{said}");
    }
    bed.tenant.script().fault(Rule::authority("/oauth2/v2.0/token", Action::BusyUntil(503, 7)));
    let form = [("client_id", bed.public()), ("grant_type", "refresh_token")];
    let response = bed.http.post(bed.authority("common/oauth2/v2.0/token")).form(&form).send().await.unwrap();
    assert_eq!(response.status(), 503);
    assert_eq!(response.headers()["retry-after"], "Mon, 23 Nov 2026 09:12:20 GMT");
    assert_eq!(refresh(&bed, &first, "").await.0, 200, "nothing was lost");
}

#[tokio::test]
async fn policies_end_sessions_by_person_and_by_age() {
    let bed = with(Policy { sign_in_frequency: Some(3600), ..Policy::default() }).await;
    let script = bed.tenant.script();
    let (lena, ben) = (bed.sign_in("lena").await, bed.sign_in("ben").await);
    script.conditional(Conditional::new("lena", 50076).at(Where::Refresh).claims(DEMAND));
    script.conditional(Conditional::new("ben", 53000));
    let (_, body) = refresh(&bed, &lena, "").await;
    assert_eq!((text(&body, "error"), text(&body, "claims")), ("interaction_required", DEMAND));
    assert_eq!(refresh(&bed, &ben, "").await.1["suberror"], "additional_action");
    assert!(script.authorize(&bed.authorize_address(&[]), "ben").unwrap_err().contains("AADSTS53000"));
    let without = bed.sign_in("lena").await;
    assert_eq!(refresh(&bed, &without, "").await.0, 400, "a sign-in without the claims is no answer");
    let answered = sign_in(&bed, "lena", DEMAND).await;
    assert_eq!(refresh(&bed, &answered, "").await.0, 200);
    bed.advance(3600);
    assert_eq!(refresh(&bed, &answered, "").await.1["error_codes"], json!([70043]));
    script.world(|world| world.policy.disabled.push("lena".to_owned()));
    assert_eq!(refresh(&bed, &answered, "").await.1["error_codes"], json!([50057]));
    assert!(script.authorize(&bed.authorize_address(&[]), "lena").unwrap_err().contains("AADSTS50057"));
}

#[tokio::test]
async fn whoever_announces_it_gets_tokens_of_a_day_and_challenges() {
    let bed = Bed::new().await;
    let script = bed.tenant.script();
    let quiet = bed.sign_in("lena").await;
    let first = sign_in(&bed, "lena", CP1).await;
    assert_eq!(first["expires_in"], json!(86_400));
    assert_eq!(claims(&first["access_token"])["xms_cc"], json!(["CP1"]));
    script.challenge("lena", Challenge::new(DEMAND).several()).unwrap();
    assert_eq!(me(&bed, &quiet).await.0, 403, "nobody challenges a client that cannot answer");
    let (status, headers) = me(&bed, &first).await;
    assert_eq!(status, 401);
    let header = headers["www-authenticate"].to_str().unwrap();
    assert!(header.starts_with("PoP ") && header.contains(", Bearer claims=\""), "{header}");
    assert!(header.contains(&STANDARD.encode(DEMAND)) && header.contains("error=\"insufficient_claims\""));
    let (_, ignored) = refresh(&bed, &first, CP1).await;
    assert_eq!(me(&bed, &ignored).await.0, 401, "ignoring it loops");
    let (status, answered) = refresh(&bed, &first, BOTH).await;
    assert_eq!(status, 200);
    assert_eq!(me(&bed, &answered).await.0, 200);
    assert_eq!(me(&bed, &first).await.0, 401, "the old token stays refused");
    assert_eq!(me(&bed, &refresh(&bed, &answered, CP1).await.1).await.0, 200);
}

#[tokio::test]
async fn a_challenge_may_want_a_person() {
    let bed = Bed::new().await;
    let first = sign_in(&bed, "lena", CP1).await;
    bed.tenant.script().challenge("lena", Challenge::new(DEMAND).interactive()).unwrap();
    let (_, headers) = me(&bed, &first).await;
    assert!(headers["www-authenticate"].to_str().unwrap().starts_with("Bearer realm="));
    let (status, body) = refresh(&bed, &first, BOTH).await;
    assert_eq!((status, text(&body, "error"), text(&body, "claims")), (400, "interaction_required", DEMAND));
    assert_eq!(me(&bed, &sign_in(&bed, "lena", BOTH).await).await.0, 200);
}

#[tokio::test]
async fn a_revoked_session_is_challenged_too() {
    let bed = Bed::new().await;
    let first = sign_in(&bed, "lena", CP1).await;
    bed.tenant.script().revoke("lena").unwrap();
    let (status, headers) = me(&bed, &first).await;
    let wanted = format!(r#"{{"access_token":{{"nbf":{{"essential":true,"value":"{NOW}"}}}}}}"#);
    assert_eq!(status, 401);
    assert!(headers["www-authenticate"].to_str().unwrap().contains(&STANDARD.encode(wanted)));
    assert_eq!(refresh(&bed, &first, "").await.1["error_codes"], json!([50173]));
}

#[tokio::test]
async fn a_personal_account_has_opaque_tokens_and_no_colleagues() {
    let bed = Bed::new().await;
    let everybody = bed.tenant.clients().everybody.clone();
    let common = bed.authorize_address(&[("client_id", &everybody)]).replace("/organizations/", "/common/");
    let scope = "openid profile offline_access User.Read Mail.Read Presence.Read.All";
    let address = common.replace("scope=", "old=") + "&scope=" + &scope.replace(' ', "+");
    let back = bed.tenant.script().authorize(&address, "paula").unwrap();
    let code = field(&crate::support::bed::query_of(&back), "code");
    let mut form = bed.redemption(&code);
    form[0] = ("client_id", &everybody);
    let (status, body) = bed.post("common/oauth2/v2.0/token", &form).await;
    assert_eq!(status, 200, "{body}");
    assert!(!text(&body, "access_token").contains('.'));
    assert_eq!(text(&body, "scope"), "openid profile User.Read Mail.Read", "what is for work is dropped");
    let id = claims(&body["id_token"]);
    assert_eq!(id["tid"], "9188040d-6c67-4c5b-b112-36a304b66dad");
    assert!(text(&id, "oid").starts_with("00000000-0000-0000-"));
    let token = text(&body, "access_token");
    for (path, status) in [
        ("/v1.0/me", 200),
        ("/v1.0/me/messages?$top=1", 200),
        ("/v1.0/me/presence", 403),
        ("/v1.0/users", 400),
        ("/v1.0/me/manager", 400),
    ] {
        assert_eq!(bed.get(path, token).await.status().as_u16(), status, "{path}");
    }
    let script = bed.tenant.script();
    let ours = address.replace("/common/", &format!("/{}/", bed.tenant.tenant_id()));
    assert!(script.authorize(&ours, "paula").unwrap_err().contains("AADSTS50020"));
    assert!(script.authorize(&bed.authorize_address(&[]), "paula").unwrap_err().contains("AADSTS500208"));
}

#[tokio::test]
async fn a_guest_is_one_only_where_the_tenant_is_named() {
    let bed = Bed::new().await;
    let at_home = bed.sign_in("dana").await;
    let (home, here) = (claims(&at_home["access_token"]), bed.tenant.tenant_id().to_owned());
    assert_ne!(home["tid"], json!(here));
    assert_eq!((&home["acct"], &home["upn"]), (&json!(0), &json!("dana@fabrikam.com")));
    let response = bed.get("/v1.0/me/messages", text(&at_home, "access_token")).await;
    assert_eq!(response.status(), 401);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["error"]["code"], "OrganizationFromTenantGuidNotFound");
    let form = [
        ("client_id", bed.public()),
        ("grant_type", "refresh_token"),
        ("refresh_token", text(&at_home, "refresh_token")),
    ];
    let (status, guest) = bed.post(&format!("{here}/oauth2/v2.0/token"), &form).await;
    assert_eq!(status, 200, "{guest}");
    let access = claims(&guest["access_token"]);
    assert_eq!((&access["tid"], &access["acct"]), (&json!(here), &json!(1)));
    assert!(text(&access, "idp").starts_with("https://sts.windows.net/"));
    let address = bed.authorize_address(&[]).replace("/organizations/", &format!("/{here}/"));
    assert!(bed.tenant.script().authorize(&address, "otto").unwrap_err().contains("AADSTS50020"));
}

#[tokio::test]
async fn mailboxes_are_in_trouble_in_three_ways() {
    use deskbell::sim::faults;
    for (trouble, status, code) in [
        ("on-premises", 404, "MailboxNotEnabledForRESTAPI"),
        ("unlicensed", 401, "UnknownError"),
        ("no-exchange", 401, "OrganizationFromTenantGuidNotFound"),
    ] {
        let file = format!("[[policy.mailbox]]\nperson = \"lena\"\ntrouble = \"{trouble}\"\n");
        let bed = with(faults::read(&file).unwrap().policy).await;
        let token = bed.tenant.script().token("lena", "").unwrap();
        let response = bed.get("/v1.0/me/messages", &token).await;
        assert_eq!(response.status().as_u16(), status, "{trouble}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["error"]["code"], code);
        assert_eq!(bed.get("/v1.0/me", &token).await.status(), 200);
    }
}

#[tokio::test]
async fn the_servers_clock_can_be_wrong() {
    let bed = Bed::new().await;
    bed.tenant.script().clock_ahead(3600);
    let body = bed.sign_in("lena").await;
    assert_eq!(claims(&body["access_token"])["iat"], json!(NOW + 3600));
    assert_eq!(me(&bed, &body).await.1["date"], "Mon, 23 Nov 2026 10:12:13 GMT");
    bed.tenant.script().clock_ahead(-60);
    let response = bed.http.get(bed.authority("")).send().await.unwrap();
    assert_eq!(response.headers()["date"], "Mon, 23 Nov 2026 09:11:13 GMT");
}
