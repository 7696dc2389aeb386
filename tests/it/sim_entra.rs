//! Entra ID of the simulated tenant and the gate before its Graph, as any client meets them: by HTTP alone.

use crate::support::bed::{Bed, DEVICE_GRANT, NOW, SCOPE, claims, field, options, query_of, text};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use deskbell::base::activity::Activity;
use deskbell::sim::faults::{self, Action, FaultBody, OauthFault, Rule, Side};
use deskbell::sim::{Consent, Policy, TenantOptions, WorldOptions};
use serde_json::{Value, json};

#[tokio::test]
async fn discovery_names_the_addresses_the_client_used() {
    let bed = Bed::new().await;
    for (tenant, issuer) in [
        ("common", "{tenantid}"),
        ("organizations", "{tenantid}"),
        (bed.tenant.tenant_id(), bed.tenant.tenant_id()),
        ("contoso.com", bed.tenant.tenant_id()),
    ] {
        let address = bed.authority(&format!("{tenant}/v2.0/.well-known/openid-configuration"));
        let by_name = address.replace("127.0.0.1", "localhost");
        let body: Value = bed.http.get(&by_name).send().await.unwrap().json().await.unwrap();
        let base = bed.tenant.authority().replace("127.0.0.1", "localhost");
        assert_eq!(text(&body, "issuer"), format!("{base}/{issuer}/v2.0"));
        for (endpoint, path) in
            [("authorization_endpoint", "authorize"), ("device_authorization_endpoint", "devicecode")]
        {
            let announced = text(&body, endpoint);
            assert!(announced.starts_with(&base) && announced.ends_with(path), "{announced}");
        }
    }
}

#[tokio::test]
async fn discovery_names_the_public_address_where_there_is_one() {
    let options = TenantOptions { public_base: Some("https://login.example/".to_owned()), ..TenantOptions::default() };
    let bed = Bed::with(options).await;
    let address = bed.authority("common/v2.0/.well-known/openid-configuration");
    let body: Value = bed.http.get(address).send().await.unwrap().json().await.unwrap();
    assert_eq!(text(&body, "token_endpoint"), "https://login.example/common/oauth2/v2.0/token");
}

#[tokio::test]
async fn a_tenant_that_is_none_is_refused() {
    let bed = Bed::new().await;
    let (status, body) = bed.post("nowhere.example/oauth2/v2.0/token", &[("grant_type", "refresh_token")]).await;
    assert_eq!((status.as_u16(), &body["error_codes"]), (400, &json!([90002])));
    let form = [("grant_type", "refresh_token"), ("client_id", bed.public())];
    let (_, body) = bed.post("consumers/oauth2/v2.0/token", &form).await;
    assert_eq!(body["error_codes"], json!([9_002_332]));
}

#[tokio::test]
async fn the_page_lists_people_then_asks_and_needs_no_script() {
    let bed = Bed::new().await;
    let page = bed.http.get(bed.authorize_address(&[])).send().await.unwrap().text().await.unwrap();
    let people = bed.tenant.people();
    let lena = &people[0];
    assert!(page.contains(&lena.display_name) && page.contains("<button") && !page.contains("<script"));
    let room = people.iter().find(|person| person.kind == "room").unwrap();
    assert!(!page.contains(&room.user_principal_name), "a room does not sign in");
    let asked = bed.http.post(bed.authorize_address(&[])).form(&[("person", &lena.id)]).send().await.unwrap();
    let asked = asked.text().await.unwrap();
    assert!(asked.contains("Mail.Read") && asked.contains("value=\"approve\"") && asked.contains("value=\"refuse\""));
    let hinted =
        bed.http.get(bed.authorize_address(&[("login_hint", &lena.user_principal_name)])).send().await.unwrap();
    assert!(hinted.text().await.unwrap().contains("value=\"approve\""), "a hint skips the picker");
}

#[tokio::test]
async fn a_code_with_pkce_gives_signed_tokens() {
    let bed = Bed::new().await;
    let people = bed.tenant.people();
    let lena = &people[0];
    let query = bed.approve(&[], &lena.id).await;
    assert_eq!(field(&query, "state"), "st/ate+&");
    assert!(!field(&query, "session_state").is_empty());
    let (status, body) = bed.token(&bed.redemption(&field(&query, "code"))).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(text(&body, "scope"), "openid profile User.Read Mail.Read Calendars.Read");
    assert!((3600..=5400).contains(&body["expires_in"].as_u64().unwrap()));
    let access = claims(&body["access_token"]);
    assert_eq!((&access["aud"], &access["idtyp"]), (&json!("https://graph.microsoft.com"), &json!("user")));
    assert_eq!((&access["oid"], &access["tid"]), (&json!(lena.id), &json!(bed.tenant.tenant_id())));
    assert_eq!(access["exp"], json!(NOW + body["expires_in"].as_u64().unwrap()));
    let id = claims(&body["id_token"]);
    assert_eq!((&id["nonce"], &id["aud"]), (&json!("n-0"), &json!(bed.public())));
    assert_eq!(id["iss"], json!(format!("{}/{}/v2.0", bed.tenant.authority(), bed.tenant.tenant_id())));
    let info = URL_SAFE_NO_PAD.decode(text(&body, "client_info")).unwrap();
    let info: Value = serde_json::from_slice(&info).unwrap();
    assert_eq!(info, json!({"uid": lena.id, "utid": bed.tenant.tenant_id()}));
    assert_eq!(bed.get("/oidc/userinfo", text(&body, "access_token")).await.status(), 200);
}

#[tokio::test]
async fn signatures_fit_the_published_key() {
    let bed = Bed::new().await;
    let body = bed.sign_in("lena").await;
    let keys: Value =
        bed.http.get(bed.authority("common/discovery/v2.0/keys")).send().await.unwrap().json().await.unwrap();
    let key = &keys["keys"][0];
    assert!(text(key, "issuer").contains("{tenantid}"));
    for name in ["access_token", "id_token"] {
        let (message, signature) = text(&body, name).rsplit_once('.').unwrap();
        let number = |name: &str| URL_SAFE_NO_PAD.decode(text(key, name)).unwrap();
        let public = aws_lc_rs::signature::RsaPublicKeyComponents { n: number("n"), e: number("e") };
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let algorithm = &aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA256;
        public.verify(algorithm, message.as_bytes(), &signature).unwrap();
    }
}

#[tokio::test]
async fn a_code_works_once_for_ten_minutes_and_for_its_verifier() {
    let bed = Bed::new().await;
    let code = field(&bed.approve(&[], "lena").await, "code");
    let mut wrong = bed.redemption(&code);
    wrong.retain(|(name, _)| *name != "code_verifier");
    assert_eq!(bed.token(&wrong).await.1["error_codes"], json!([501_481]));
    let mut elsewhere = bed.redemption(&code);
    elsewhere.retain(|(name, _)| *name != "redirect_uri");
    elsewhere.push(("redirect_uri", "http://localhost:53124"));
    assert_eq!(bed.token(&elsewhere).await.1["error"], "invalid_grant");
    let other_tenant = bed.post("common/oauth2/v2.0/token", &bed.redemption(&code)).await;
    assert_eq!(other_tenant.1["error_codes"], json!([700_005]));
    assert_eq!(bed.token(&bed.redemption(&code)).await.0, 200);
    assert_eq!(bed.token(&bed.redemption(&code)).await.1["error_codes"], json!([54005]));

    let late = field(&bed.approve(&[], "lena").await, "code");
    bed.advance(600);
    assert_eq!(bed.token(&bed.redemption(&late)).await.1["error_codes"], json!([70008]));
}

#[tokio::test]
async fn a_wrong_redirect_or_client_shows_a_page_and_tells_the_client_nothing() {
    let bed = Bed::new().await;
    for wrong in [
        ("redirect_uri", "http://localhost:53123/callback"),
        ("redirect_uri", "http://evil.example/"),
        ("redirect_uri", "https://localhost:53123/"),
        ("redirect_uri", "http://localhost@evil.example/"),
        ("client_id", "11111111-1111-1111-1111-111111111111"),
    ] {
        let response = bed.http.get(bed.authorize_address(&[wrong])).send().await.unwrap();
        assert_eq!(response.status(), 400, "{wrong:?}");
        assert!(response.headers().get("location").is_none());
        let page = response.text().await.unwrap();
        assert!(page.contains("AADSTS50011") || page.contains("AADSTS700016"), "{page}");
    }
    for right in ["http://localhost", "http://localhost:1/", "http://127.0.0.1:8080"] {
        let response = bed.http.get(bed.authorize_address(&[("redirect_uri", right)])).send().await.unwrap();
        assert_eq!(response.status(), 200, "{right}");
    }
}

#[tokio::test]
async fn refusal_and_faults_of_the_request_come_back_with_the_state() {
    let bed = Bed::new().await;
    let refused = bed.http.post(bed.authorize_address(&[])).form(&[("decision", "refuse")]).send().await.unwrap();
    let query = query_of(refused.headers()["location"].to_str().unwrap());
    assert_eq!((field(&query, "error"), field(&query, "state")), ("access_denied".to_owned(), "st/ate+&".to_owned()));
    assert!(field(&query, "error_description").contains("AADSTS65004"));
    for (wrong, error) in [
        (("response_type", "id_token"), "unsupported_response_type"),
        (("code_challenge", "short"), "invalid_request"),
        (("prompt", "admin_consent"), "invalid_request"),
        (("prompt", "none"), "login_required"),
        (("scope", "openid Nonsense.Read"), "invalid_client"),
        (("scope", "Mail.Read .default"), "invalid_scope"),
        (("scope", "https://other.example/Thing"), "invalid_resource"),
    ] {
        let response = bed.http.get(bed.authorize_address(&[wrong])).send().await.unwrap();
        let query = query_of(response.headers()["location"].to_str().unwrap());
        assert_eq!(
            (field(&query, "error").as_str(), field(&query, "state").as_str()),
            (error, "st/ate+&"),
            "{wrong:?}"
        );
    }
}

#[tokio::test]
async fn silent_sign_in_works_within_a_browser_session() {
    let bed = Bed::new().await;
    let form = [("person", "lena"), ("decision", "approve")];
    let response = bed.http.post(bed.authorize_address(&[])).form(&form).send().await.unwrap();
    let cookie = response.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let silent =
        bed.http.get(bed.authorize_address(&[("prompt", "none")])).header("cookie", cookie).send().await.unwrap();
    let query = query_of(silent.headers()["location"].to_str().unwrap());
    assert!(!field(&query, "code").is_empty(), "{query:?}");
}

#[tokio::test]
async fn a_posted_answer_is_a_form_to_the_client() {
    let bed = Bed::new().await;
    let form = [("person", "lena"), ("decision", "approve")];
    let address = bed.authorize_address(&[("response_mode", "form_post")]);
    let response = bed.http.post(address).form(&form).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let page = response.text().await.unwrap();
    assert!(page.contains("action=\"http://localhost:53123\"") && page.contains("name=\"code\""), "{page}");
    assert!(page.contains("value=\"st/ate+&amp;\""), "the state is escaped: {page}");
}

#[tokio::test]
async fn a_device_code_is_pending_until_somebody_approves() {
    let bed = Bed::new().await;
    let form = [("client_id", bed.public()), ("scope", SCOPE)];
    let (_, begun) = bed.post("organizations/oauth2/v2.0/devicecode", &form).await;
    assert_eq!((&begun["expires_in"], &begun["interval"]), (&json!(900), &json!(5)));
    let user_code = text(&begun, "user_code");
    assert!(user_code.len() == 9 && text(&begun, "message").contains(user_code));
    for grant in [DEVICE_GRANT, "device_code"] {
        let poll = [("grant_type", grant), ("client_id", bed.public()), ("device_code", text(&begun, "device_code"))];
        let (status, body) = bed.token(&poll).await;
        assert_eq!((status.as_u16(), text(&body, "error")), (400, "authorization_pending"));
        assert_eq!(body["error_codes"], json!([70016]));
        bed.advance(5);
    }
    let page = text(&begun, "verification_uri");
    let mistyped = bed.http.post(page).form(&[("otc", "WRONG")]).send().await.unwrap().text().await.unwrap();
    assert!(mistyped.contains("AADSTS70018"));
    let typed = [("otc", user_code), ("person", "lena"), ("decision", "approve")];
    let done = bed.http.post(page).form(&typed).send().await.unwrap().text().await.unwrap();
    assert!(done.contains("close this window"), "{done}");
    let poll =
        [("grant_type", DEVICE_GRANT), ("client_id", bed.public()), ("device_code", text(&begun, "device_code"))];
    let (status, body) = bed.token(&poll).await;
    assert_eq!(status, 200, "{body}");
    assert!(body["refresh_token"].is_string() && body["id_token"].is_string());
    bed.advance(5);
    assert_eq!(bed.token(&poll).await.1["error"], "bad_verification_code");
}

#[tokio::test]
async fn a_device_code_can_be_refused_and_expires() {
    let bed = Bed::new().await;
    let form = [("client_id", bed.public()), ("scope", SCOPE)];
    let (_, refused) = bed.post("common/oauth2/v2.0/devicecode", &form).await;
    bed.tenant.script().refuse(text(&refused, "user_code")).unwrap();
    let (_, late) = bed.post("common/oauth2/v2.0/devicecode", &form).await;
    let poll = |code| [("grant_type", DEVICE_GRANT), ("client_id", bed.public()), ("device_code", code)];
    let (_, body) = bed.post("common/oauth2/v2.0/token", &poll(text(&refused, "device_code"))).await;
    assert_eq!(body["error"], "authorization_declined");
    bed.advance(900);
    let (_, body) = bed.post("common/oauth2/v2.0/token", &poll(text(&late, "device_code"))).await;
    assert_eq!((&body["error"], &body["error_codes"]), (&json!("expired_token"), &json!([70020])));
    assert!(bed.tenant.script().approve(text(&late, "user_code"), "lena").unwrap_err().contains("70019"));
}

#[tokio::test]
async fn polling_too_fast_is_slowed_down_and_then_barred() {
    let bed = Bed::new().await;
    let (_, begun) =
        bed.post("organizations/oauth2/v2.0/devicecode", &[("client_id", bed.public()), ("scope", SCOPE)]).await;
    let poll =
        [("grant_type", DEVICE_GRANT), ("client_id", bed.public()), ("device_code", text(&begun, "device_code"))];
    let mut said = Vec::new();
    for _ in 0..5 {
        let (_, body) = bed.token(&poll).await;
        said.push((text(&body, "error").to_owned(), body["error_codes"][0].clone()));
        bed.advance(1);
    }
    let errors: Vec<&str> = said.iter().map(|(error, _)| error.as_str()).collect();
    assert_eq!(errors, ["authorization_pending", "slow_down", "slow_down", "invalid_grant", "invalid_grant"]);
    assert_eq!(said[3].1, json!(50196));
    bed.advance(120);
    assert_eq!(bed.token(&poll).await.1["error"], "authorization_pending");
}

#[tokio::test]
async fn refresh_tokens_rotate_and_old_ones_still_work() {
    let bed = Bed::new().await;
    let first = bed.sign_in("lena").await;
    let (status, second) = bed.refresh(text(&first, "refresh_token")).await;
    assert_eq!(status, 200);
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert_ne!(first["access_token"], second["access_token"]);
    assert!(claims(&second["id_token"]).get("nonce").is_none());
    assert_eq!(bed.refresh(text(&first, "refresh_token")).await.0, 200);
    let more = [
        ("client_id", bed.public()),
        ("grant_type", "refresh_token"),
        ("refresh_token", text(&first, "refresh_token")),
        ("scope", "Mail.Send"),
    ];
    let (_, body) = bed.token(&more).await;
    assert_eq!((&body["error_codes"], &body["suberror"]), (&json!([65001]), &json!("consent_required")));
    let (_, body) = bed.refresh("made.up").await;
    assert_eq!((&body["error_codes"], &body["suberror"]), (&json!([70000]), &json!("bad_token")));
    bed.advance(90 * 24 * 3600);
    assert_eq!(bed.refresh(text(&second, "refresh_token")).await.1["error_codes"], json!([700_082]));
}

#[tokio::test]
async fn without_offline_access_there_is_no_refresh_token() {
    let bed = Bed::new().await;
    let query = bed.approve(&[("scope", "User.Read")], "lena").await;
    let (_, body) = bed.token(&bed.redemption(&field(&query, "code"))).await;
    assert!(body.get("refresh_token").is_none() && body.get("id_token").is_none(), "{body}");
    assert_eq!(text(&body, "scope"), "User.Read");
}

#[tokio::test]
async fn what_is_granted_may_be_less_than_what_is_asked() {
    for (consent, scope) in [
        (Consent::None, "openid profile"),
        (Consent::Basic, "openid profile User.Read"),
        (Consent::All, "openid profile User.Read Mail.Read Calendars.Read"),
    ] {
        let bed = Bed::with(options(WorldOptions { consent, ..WorldOptions::default() })).await;
        let body = bed.sign_in("lena").await;
        assert_eq!(text(&body, "scope"), scope);
        let (_, again) = bed.refresh(text(&body, "refresh_token")).await;
        assert_eq!(text(&again, "scope"), scope);
    }
}

#[tokio::test]
async fn a_tenant_that_does_not_know_mail_tips_says_so() {
    let bed = Bed::with(options(WorldOptions { mail_tips: false, ..WorldOptions::default() })).await;
    let address = bed.authorize_address(&[("scope", "User.Read MailTips.ReadBasic.Shared")]);
    let response = bed.http.get(address).send().await.unwrap();
    let query = query_of(response.headers()["location"].to_str().unwrap());
    assert!(field(&query, "error_description").contains("AADSTS650053"), "{query:?}");
    let form = [("client_id", bed.public()), ("scope", "MailTips.ReadBasic.Shared")];
    let (status, body) = bed.post("common/oauth2/v2.0/devicecode", &form).await;
    assert_eq!((status.as_u16(), &body["error_codes"]), (400, &json!([650_053])));
}

#[tokio::test]
async fn an_application_gets_roles_by_its_secret() {
    let bed = Bed::new().await;
    let clients = bed.tenant.clients().clone();
    let path = format!("{}/oauth2/v2.0/token", bed.tenant.tenant_id());
    let default = format!("{}/.default", bed.tenant.graph());
    let form = |client: &'static str, secret: &'static str| {
        let pick = |name| match name {
            "public" => clients.public.clone(),
            "confidential" => clients.confidential.clone(),
            "roleless" => clients.without_roles.clone(),
            "right" => clients.confidential_secret.clone(),
            "expired" => clients.expired_secret.clone(),
            other => other.to_owned(),
        };
        (pick(client), pick(secret))
    };
    let ask = async |client, secret, scope: &str, path: &str| {
        let (client, secret) = form(client, secret);
        let mut form = vec![("grant_type", "client_credentials"), ("client_id", client.as_str()), ("scope", scope)];
        if secret != "none" {
            form.push(("client_secret", secret.as_str()));
        }
        bed.post(path, &form).await
    };
    let (status, body) = ask("confidential", "right", &default, &path).await;
    assert_eq!(status, 200, "{body}");
    let access = claims(&body["access_token"]);
    assert!(access["roles"].as_array().unwrap().contains(&json!("Mail.Read")) && access.get("scp").is_none());
    assert!(["scope", "refresh_token", "id_token"].iter().all(|name| body.get(name).is_none()), "{body}");
    let me: Value = bed.get("/v1.0/me", text(&body, "access_token")).await.json().await.unwrap();
    assert_eq!(me["error"]["message"], "/me request is only valid with delegated authentication flow.");
    for (client, secret, scope, path, status, code) in [
        ("confidential", "wrong", default.as_str(), path.as_str(), 401, 7_000_215),
        ("confidential", "expired", &default, &path, 401, 7_000_222),
        ("confidential", "none", &default, &path, 401, 7_000_218),
        ("public", "right", &default, &path, 401, 700_025),
        ("nobody", "right", &default, &path, 400, 700_016),
        ("confidential", "right", "Mail.Read", &path, 400, 1_002_012),
        ("confidential", "right", &default, "common/oauth2/v2.0/token", 400, 50059),
    ] {
        let (answered, body) = ask(client, secret, scope, path).await;
        assert_eq!(
            (answered.as_u16(), &body["error_codes"]),
            (status, &json!([code])),
            "{client} {secret} {scope} {path}"
        );
    }
    let (_, body) = ask("roleless", "right", &default, &path).await;
    assert!(claims(&body["access_token"]).get("roles").is_none());
    let refused = bed.get("/v1.0/users", text(&body, "access_token")).await;
    assert_eq!(refused.status(), 401);
}

#[tokio::test]
async fn the_secret_may_come_by_basic_authentication() {
    let bed = Bed::new().await;
    let clients = bed.tenant.clients();
    let encoded: String = url::form_urlencoded::byte_serialize(clients.confidential_secret.as_bytes()).collect();
    let response = bed
        .http
        .post(bed.authority("contoso.com/oauth2/v2.0/token"))
        .basic_auth(&clients.confidential, Some(encoded))
        .form(&[("grant_type", "client_credentials"), ("scope", "https://graph.microsoft.com/.default")])
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
}

#[tokio::test]
async fn refusals_say_number_ids_and_time() {
    let bed = Bed::new().await;
    let request = bed.http.post(bed.authority("common/oauth2/v2.0/token")).header("client-request-id", "my-own-id");
    let body: Value = request.form(&[("client_id", "x")]).send().await.unwrap().json().await.unwrap();
    assert_eq!((&body["error"], &body["correlation_id"]), (&json!("invalid_request"), &json!("my-own-id")));
    let description = text(&body, "error_description");
    for part in ["AADSTS900144:", "Correlation ID: my-own-id", "Timestamp: 2026-11-23 09:12:13Z"] {
        assert!(description.contains(part), "{description}");
    }
}

#[tokio::test]
async fn the_token_endpoint_fails_by_script() {
    let bed = Bed::new().await;
    let script = bed.tenant.script();
    let body = bed.sign_in("lena").await;
    let fault = OauthFault {
        error: "interaction_required".to_owned(),
        code: 50076,
        suberror: Some("basic_action".to_owned()),
        claims: Some("{\"access_token\":{}}".to_owned()),
    };
    script.fault(Rule::authority("/oauth2/v2.0/token", Action::Oauth(fault)).grant("refresh_token"));
    let (status, refused) = bed.refresh(text(&body, "refresh_token")).await;
    assert_eq!((status.as_u16(), &refused["error"]), (400, &json!("interaction_required")));
    assert_eq!((&refused["suberror"], &refused["claims"]), (&json!("basic_action"), &json!("{\"access_token\":{}}")));
    assert_eq!(bed.refresh(text(&body, "refresh_token")).await.0, 200, "the rule hits once");
    script.fault(Rule::authority("*/token", Action::Throttle(Some(7), false)));
    let form = [("client_id", bed.public()), ("grant_type", "refresh_token")];
    let response = bed.http.post(bed.authority("common/oauth2/v2.0/token")).form(&form).send().await.unwrap();
    assert_eq!((response.status().as_u16(), response.headers()["retry-after"].to_str().unwrap()), (429, "7"));
    script.fault(Rule::authority("*/token", Action::Status(503, FaultBody::Empty, None)));
    let response = bed.http.post(bed.authority("common/oauth2/v2.0/token")).form(&form).send().await.unwrap();
    assert_eq!(response.status(), 503);
}

#[tokio::test]
async fn graph_refuses_tokens_that_are_missing_foreign_or_old() {
    let bed = Bed::new().await;
    let script = bed.tenant.script();
    let body = bed.sign_in("lena").await;
    let good = text(&body, "access_token");
    assert_eq!(bed.get("/v1.0/me", good).await.status(), 200);
    for (token, reason) in [
        ("", "Access token is empty."),
        ("not-a-token", "CompactToken parsing failed with error code: 80049217"),
        (text(&body, "id_token"), "Access token validation failure. Invalid audience."),
    ] {
        let response = bed.get("/v1.0/me", token).await;
        assert_eq!(response.status(), 401);
        assert!(response.headers()["www-authenticate"].to_str().unwrap().starts_with("Bearer realm="));
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["error"]["code"], "InvalidAuthenticationToken");
        assert_eq!(body["error"]["message"], reason);
    }
    let without = bed.http.get(format!("{}/v1.0/me", bed.tenant.graph())).send().await.unwrap();
    assert_eq!(without.status(), 401);
    bed.advance(body["expires_in"].as_u64().unwrap());
    assert_eq!(bed.get("/v1.0/me", good).await.status(), 401);
    let (_, fresh) = bed.refresh(text(&body, "refresh_token")).await;
    assert_eq!(bed.get("/v1.0/me", text(&fresh, "access_token")).await.status(), 200);
    script.revoke("lena").unwrap();
    assert_eq!(bed.get("/v1.0/me", text(&fresh, "access_token")).await.status(), 401);
    assert_eq!(bed.refresh(text(&fresh, "refresh_token")).await.1["error_codes"], json!([50173]));
    let again = bed.sign_in("lena").await;
    assert_eq!(bed.get("/v1.0/me", text(&again, "access_token")).await.status(), 200, "a new sign-in works");
}

#[tokio::test]
async fn every_answer_of_graph_carries_its_ids() {
    let bed = Bed::new().await;
    let token = bed.tenant.script().token("lena", "User.Read").unwrap();
    for (path, status) in [("/v1.0/me", 200), ("/v1.0/nonsense", 400)] {
        let request = bed.http.get(format!("{}{path}", bed.tenant.graph())).bearer_auth(&token);
        let request = request.header("client-request-id", "abc").header("prefer", "outlook.timezone=\"UTC\", other=1");
        let response = request.header("prefer", "IdType=\"ImmutableId\"").send().await.unwrap();
        assert_eq!(response.status(), status);
        let headers = response.headers().clone();
        let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
        assert_eq!((header("client-request-id").as_str(), header("request-id").len()), ("abc", 36));
        assert_eq!(header("date"), "Mon, 23 Nov 2026 09:12:13 GMT");
        assert!(header("content-type").starts_with("application/json;odata.metadata=minimal"));
        let server: Value = serde_json::from_str(&header("x-ms-ags-diagnostic")).unwrap();
        assert!(server["ServerInfo"]["DataCenter"].is_string());
        if status == 200 {
            assert_eq!(header("preference-applied"), "outlook.timezone=\"UTC\", IdType=\"ImmutableId\"");
            continue;
        }
        let body: Value = response.json().await.unwrap();
        let inner = &body["error"]["innerError"];
        assert_eq!((&inner["date"], &inner["client-request-id"]), (&json!("2026-11-23T09:12:13"), &json!("abc")));
        assert_eq!(inner["request-id"], json!(header("request-id")));
    }
}

#[tokio::test]
async fn the_fifth_request_at_a_time_is_throttled_and_other_mailboxes_are_not() {
    let activity = Activity::default();
    let bed = Bed::with(TenantOptions { activity: Some(activity.clone()), ..TenantOptions::default() }).await;
    let script = bed.tenant.script();
    script.fault(Rule::graph("/me/messages*", Action::Slow(1000)).always());
    let lena = script.token("lena", "").unwrap();
    let ben = script.token("ben", "").unwrap();
    let address = format!("{}/v1.0/me/messages?$top=1", bed.tenant.graph());
    let five = (0..5).map(|_| tokio::spawn(bed.http.get(&address).bearer_auth(&lena).send()));
    // Four wait for the clock, so whichever is answered now is the one too many.
    let (fifth, _, slow) = futures_util::future::select_all(five).await;
    let fifth = fifth.unwrap().unwrap();
    assert_eq!((fifth.status().as_u16(), fifth.headers()["retry-after"].to_str().unwrap()), (429, "1"));
    let body: Value = fifth.json().await.unwrap();
    assert_eq!(body["error"]["code"], "ApplicationThrottled");
    assert_eq!(bed.get("/v1.0/me/mailFolders", &ben).await.status(), 200, "another mailbox is free");
    assert_eq!(bed.get("/v1.0/me/mailFolders", &lena).await.status(), 429, "all of this mailbox is full");
    activity.idle().await;
    bed.advance(1);
    for request in slow {
        assert_eq!(request.await.unwrap().unwrap().status(), 200);
    }
    assert_eq!(bed.get("/v1.0/me/mailFolders", &lena).await.status(), 200);
}

#[tokio::test]
async fn graph_misbehaves_by_script() {
    let bed = Bed::new().await;
    let script = bed.tenant.script();
    let token = script.token("lena", "").unwrap();
    script.fault(Rule::graph("/me", Action::Throttle(Some(30), true)).nth(2));
    assert_eq!(bed.get("/v1.0/me", &token).await.status(), 200);
    let response = bed.get("/v1.0/me?$select=id", &token).await;
    assert_eq!(response.status(), 429);
    assert_eq!(response.headers()["retry-after"], "Mon, 23 Nov 2026 09:12:43 GMT");
    assert_eq!(bed.get("/v1.0/me", &token).await.status(), 200);
    script.fault(Rule::graph("/me", Action::Status(502, FaultBody::Html, None)));
    let response = bed.get("/v1.0/me", &token).await;
    assert_eq!(response.status(), 502);
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    script.fault(Rule::graph("/me", Action::Status(503, FaultBody::Empty, Some(4))));
    let response = bed.get("/v1.0/me", &token).await;
    assert_eq!((response.status().as_u16(), response.headers()["retry-after"].to_str().unwrap()), (503, "4"));
    assert!(response.bytes().await.unwrap().is_empty());
    script.fault(Rule::graph("/me", Action::Gone));
    let body: Value = bed.get("/v1.0/me", &token).await.json().await.unwrap();
    assert_eq!(body["error"]["code"], "SyncStateNotFound");
    script.fault(Rule::graph("/me", Action::Loop));
    let body: Value = bed.get("/v1.0/me", &token).await.json().await.unwrap();
    assert_eq!(body["@odata.nextLink"], json!(format!("{}/v1.0/me", bed.tenant.graph())));
    script.fault(Rule::graph("/me", Action::Cut));
    let response = bed.http.get(format!("{}/v1.0/me", bed.tenant.graph())).bearer_auth(&token).send().await;
    let broken = match response {
        Ok(response) => response.bytes().await.is_err(),
        Err(_) => true,
    };
    assert!(broken, "the body must break off");
    script.fault(Rule::graph("/me", Action::Revoke));
    assert_eq!(bed.get("/v1.0/me", &token).await.status(), 401);
    assert_eq!(bed.get("/v1.0/me", &token).await.status(), 401, "revoked for good");
    let statuses: Vec<u16> = script.requests().iter().map(|request| request.status).collect();
    assert_eq!(statuses, [200, 429, 200, 502, 503, 410, 200, 0, 401, 401]);
}

#[tokio::test]
async fn the_line_can_be_cut_and_mended() {
    let bed = Bed::new().await;
    let script = bed.tenant.script();
    let token = script.token("lena", "").unwrap();
    assert_eq!(bed.get("/v1.0/me", &token).await.status(), 200);
    script.offline(true);
    let address = format!("{}/v1.0/me", bed.tenant.graph());
    assert!(bed.http.get(&address).bearer_auth(&token).send().await.is_err());
    assert!(bed.http.get(bed.authority("")).send().await.is_err());
    script.offline(false);
    assert_eq!(bed.get("/v1.0/me", &token).await.status(), 200);
}

#[tokio::test]
async fn a_batch_answers_each_item_for_itself() {
    let bed = Bed::new().await;
    let script = bed.tenant.script();
    let token = script.token("lena", "User.Read").unwrap();
    let send = async |requests: Value| {
        let address = format!("{}/v1.0/$batch", bed.tenant.graph());
        let request = bed.http.post(address).bearer_auth(&token).json(&json!({"requests": requests}));
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json::<Value>().await.unwrap())
    };
    script.fault(Rule::graph("/me/manager", Action::Throttle(Some(9), false)));
    let (status, body) = send(json!([
        {"id": "a", "method": "GET", "url": "/me?$select=id"},
        {"id": "b", "method": "GET", "url": "/me/manager"},
        {"id": "c", "method": "GET", "url": "/me", "dependsOn": ["b"]},
        {"id": "d", "method": "PATCH", "url": "/me", "body": {}},
    ]))
    .await;
    assert_eq!(status, 200);
    let responses = body["responses"].as_array().unwrap();
    let find = |id: &str| responses.iter().find(|response| response["id"] == id).unwrap();
    assert_eq!(find("a")["body"]["id"], json!(bed.tenant.people()[0].id));
    assert_eq!((&find("b")["status"], &find("b")["headers"]["Retry-After"]), (&json!(429), &json!("9")));
    assert!(find("b")["body"]["error"]["innerError"]["date"].is_string());
    assert_eq!(find("c")["status"], 424);
    assert_eq!(find("d")["status"], 400, "a body needs a content type");
    let many: Vec<Value> = (0..21).map(|id| json!({"id": id.to_string(), "method": "GET", "url": "/me"})).collect();
    assert_eq!(send(json!(many[..20])).await.0, 200);
    assert_eq!(send(json!(many)).await.0, 400);
    let twice = json!([{"id": "x", "method": "GET", "url": "/me"}, {"id": "X", "method": "GET", "url": "/me"}]);
    assert_eq!(send(twice).await.0, 400);
    let circle = json!([
        {"id": "1", "method": "GET", "url": "/me", "dependsOn": ["2"]},
        {"id": "2", "method": "GET", "url": "/me", "dependsOn": ["1"]},
    ]);
    assert_eq!(send(circle).await.0, 400);
    assert_eq!(send(json!("nothing")).await.0, 400);
}

#[tokio::test]
async fn somebody_is_found_by_id_name_or_address() {
    let bed = Bed::new().await;
    let script = bed.tenant.script();
    let token = script.token("lena", "User.ReadBasic.All").unwrap();
    let people = bed.tenant.people();
    let ben = people.iter().find(|person| person.alias == "ben").unwrap();
    for who in [ben.id.clone(), ben.user_principal_name.to_uppercase(), "ben%40contoso.com".to_owned()] {
        let body: Value = bed.get(&format!("/v1.0/users/{who}?%24select=id"), &token).await.json().await.unwrap();
        assert_eq!(body["id"], json!(ben.id), "{who}");
        assert!(body.get("displayName").is_none(), "what is not selected is absent");
    }
    let unknown = bed.get("/v1.0/users/ben", &token).await;
    assert_eq!(unknown.status(), 404, "an alias is no name for the service");
    let body: Value = unknown.json().await.unwrap();
    assert_eq!(body["error"]["code"], "Request_ResourceNotFound");
}

#[tokio::test]
async fn the_script_signs_in_like_a_browser() {
    let bed = Bed::new().await;
    let script = bed.tenant.script();
    let back = script.authorize(&bed.authorize_address(&[]), "lena").unwrap();
    assert!(back.starts_with("http://localhost:53123/?"), "{back}");
    let (status, _) = bed.token(&bed.redemption(&field(&query_of(&back), "code"))).await;
    assert_eq!(status, 200);
    assert!(script.authorize(&bed.authorize_address(&[("redirect_uri", "http://evil.example")]), "lena").is_err());
    let refused = script.cancel(&bed.authorize_address(&[])).unwrap();
    assert_eq!(field(&query_of(&refused), "error"), "access_denied");
}

#[tokio::test]
async fn a_token_comes_without_sign_in_from_our_own_endpoint() {
    let bed = Bed::new().await;
    let (status, body) = bed.post("deskbell/token", &[("person", "ben"), ("scope", "User.Read")]).await;
    assert_eq!((status.as_u16(), text(&body, "scope")), (200, "User.Read"));
    let me: Value = bed.get("/v1.0/me", text(&body, "access_token")).await.json().await.unwrap();
    assert_eq!(me["mail"], "ben@contoso.com");
    assert_eq!(bed.post("deskbell/token", &[("person", "nobody")]).await.0, 400);
    let json = bed.http.post(bed.authority("deskbell/token")).json(&json!({"person": "ben", "scope": "Mail.Read"}));
    let body: Value = json.send().await.unwrap().json().await.unwrap();
    assert_eq!(text(&body, "scope"), "Mail.Read");
}

#[tokio::test]
async fn the_tenant_describes_itself() {
    let bed = Bed::new().await;
    let described = bed.tenant.describe();
    assert_eq!(described["authority"], json!(bed.tenant.authority()));
    assert_eq!(described["clients"][1]["clientSecret"], json!(bed.tenant.clients().confidential_secret));
    assert!(described["people"].as_array().unwrap().len() >= 40);
    assert!(!described.to_string().contains('\n'));
}

#[tokio::test]
async fn a_dropped_tenant_hears_nothing_more() {
    let bed = Bed::new().await;
    let address = bed.authority("");
    assert_eq!(bed.http.get(&address).send().await.unwrap().status(), 200);
    drop(bed.tenant);
    while bed.http.get(&address).send().await.is_ok() {
        tokio::task::yield_now().await;
    }
}

#[test]
fn the_example_of_a_faults_file_is_right() {
    let behaviour = faults::read(include_str!("../../assets/faults.example.toml")).unwrap();
    let rules = behaviour.rules;
    assert!(rules.len() >= 8 && rules.iter().any(|rule| rule.side == Side::Authority));
    assert_eq!(behaviour.policy, Policy::default(), "what the example says of the policy is what holds without it");
    assert_eq!(behaviour.registrations.len(), 1);
}

#[test]
fn a_wrong_faults_file_names_what_is_allowed() {
    let written = |text: &str| faults::read(text).unwrap_err();
    assert!(written("[[fault]]\npath = \"*\"\naction = \"explode\"").contains("allowed are slow"));
    assert!(written("[[fault]]\npath = \"*\"\naction = \"slow\"").contains("`milliseconds`"));
    assert!(written("[[fault]]\npath = \"*\"\naction = \"cut\"\nspeed = 1").contains("speed"));
    assert!(written("[[fault]]\npath = \"*\"\naction = \"cut\"\nnth = 0").contains("counts from 1"));
}
