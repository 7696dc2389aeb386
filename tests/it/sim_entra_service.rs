//! Applications at the simulated authority: secrets, assertions by certificate, registrations that are wrong, and limits.

use crate::support::bed::{Bed, NOW, claims, field, text};
use crate::support::certificate::Certificate;
use deskbell::sim::{ClientSecret, Registration};
use serde_json::{Value, json};

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const DEFAULT: &str = "https://graph.microsoft.com/.default";

fn certificate() -> Certificate {
    Certificate::new("night report", "260101000000Z", "290101000000Z")
}

fn path(bed: &Bed) -> String {
    format!("{}/oauth2/v2.0/token", bed.tenant.tenant_id())
}

fn good(bed: &Bed, id: &str) -> Value {
    let client = &bed.tenant.clients().confidential;
    json!({
        "aud": bed.authority(&path(bed)), "iss": client, "sub": client, "jti": id, "nbf": NOW, "iat": NOW, "exp": NOW + 300,
    })
}

async fn send(bed: &Bed, assertion: &str) -> (u16, Value) {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", bed.tenant.clients().confidential.as_str()),
        ("scope", DEFAULT),
        ("client_assertion_type", TYPE),
        ("client_assertion", assertion),
    ];
    let (status, body) = bed.post(&path(bed), &form).await;
    (status.as_u16(), body)
}

#[tokio::test]
async fn a_certificate_proves_in_both_forms() {
    let bed = Bed::new().await;
    let certificate = certificate();
    let script = bed.tenant.script();
    script.register_certificate(&bed.tenant.clients().confidential, &certificate.pem()).unwrap();
    assert!(script.register_certificate(&bed.tenant.clients().confidential, &certificate.key_pem()).is_err());
    for newer in [true, false] {
        let (status, body) = send(&bed, &certificate.assertion(newer, &good(&bed, &format!("j-{newer}")))).await;
        assert_eq!(status, 200, "{body}");
        let access = claims(&body["access_token"]);
        assert_eq!((&access["appidacr"], &access["idtyp"]), (&json!("2"), &json!("app")));
        assert!(access["roles"].as_array().unwrap().contains(&json!("Mail.Read")));
    }
}

#[tokio::test]
async fn an_assertion_is_checked_to_the_last_word() {
    let bed = Bed::new().await;
    let (ours, foreign) = (certificate(), certificate());
    bed.tenant.script().register_certificate(&bed.tenant.clients().confidential, &ours.pem()).unwrap();
    let with = |name: &str, value: Value| {
        let mut claims = good(&bed, "j-0");
        claims[name] = value;
        ours.assertion(true, &claims)
    };
    let (message, other) = (ours.assertion(true, &good(&bed, "j-0")), ours.assertion(true, &good(&bed, "j-9")));
    let (message, _) = message.rsplit_once('.').unwrap();
    let mixed = format!("{message}.{}", other.rsplit_once('.').unwrap().1);
    for (why, assertion, code) in [
        ("another certificate", foreign.assertion(true, &good(&bed, "j-0")), 700_027),
        ("an older one", foreign.assertion(false, &good(&bed, "j-0")), 700_027),
        ("a signature of something else", mixed, 700_027),
        ("no JWT", "abc".to_owned(), 50027),
        ("another audience", with("aud", json!("https://login.example/token")), 50012),
        ("another issuer", with("iss", json!(bed.public())), 50012),
        ("another subject", with("sub", json!(bed.public())), 50012),
        ("no id", with("jti", Value::Null), 50012),
        ("a clock an hour slow", with("exp", json!(NOW - 3000)), 700_024),
        ("a clock an hour fast", with("nbf", json!(NOW + 3600)), 700_024),
        ("no end", with("exp", Value::Null), 700_024),
        ("too long", with("exp", json!(NOW + 200_000)), 700_024),
    ] {
        let (status, body) = send(&bed, &assertion).await;
        assert_eq!(
            (status, &body["error_codes"], text(&body, "error")),
            (401, &json!([code]), "invalid_client"),
            "{why}"
        );
    }
    let once = ours.assertion(true, &good(&bed, "j-1"));
    assert_eq!(send(&bed, &once).await.0, 200);
    assert_eq!(send(&bed, &once).await.1["error_codes"], json!([50012]), "an assertion works once");
    bed.tenant.script().clock_ahead(3600);
    assert_eq!(send(&bed, &ours.assertion(true, &good(&bed, "j-2"))).await.1["error_codes"], json!([700_024]));
}

#[tokio::test]
async fn a_secret_ends_and_its_id_is_no_secret() {
    let bed = Bed::new().await;
    let clients = bed.tenant.clients().clone();
    let ends = NOW + 60;
    let secret = ClientSecret { id: "s-1".to_owned(), value: "Sim8Q~soon".to_owned(), ends: Some(ends) };
    let soon = "c0ffee00-0000-4000-8000-000000000001";
    bed.tenant.script().register(Registration { secrets: vec![secret], ..Registration::confidential(soon, "", &[]) });
    let ask = async |client: &str, secret: &str| {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", client),
            ("scope", DEFAULT),
            ("client_secret", secret),
        ];
        bed.post(&path(&bed), &form).await.1
    };
    assert!(ask(soon, "Sim8Q~soon").await["access_token"].is_string());
    bed.advance(60);
    assert_eq!(ask(soon, "Sim8Q~soon").await["error_codes"], json!([7_000_222]));
    assert_eq!(ask(&clients.confidential, &clients.confidential_secret_id).await["error_codes"], json!([7_000_215]));
}

#[tokio::test]
async fn an_application_is_limited_to_its_mailboxes() {
    let bed = Bed::new().await;
    let clients = bed.tenant.clients().clone();
    bed.tenant.script().world(|world| {
        let service = world.registrations.find_mut(&clients.confidential).unwrap();
        service.mailboxes = Some(vec!["support".to_owned()]);
    });
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", clients.confidential.as_str()),
        ("scope", DEFAULT),
        ("client_secret", clients.confidential_secret.as_str()),
    ];
    let (_, body) = bed.post(&path(&bed), &form).await;
    let token = text(&body, "access_token");
    let code = async |path: &str| {
        let response = bed.get(path, token).await;
        let status = response.status().as_u16();
        let body: Value = response.json().await.unwrap();
        (status, text(&body["error"], "code").to_owned())
    };
    assert_eq!(code("/v1.0/users/support@contoso.com/messages?$top=1").await.0, 200);
    assert_eq!(code("/v1.0/users/lena@contoso.com/messages?$top=1").await, (403, "ErrorAccessDenied".to_owned()));
    assert_eq!(code("/v1.0/users/lena@contoso.com/calendarView?startDateTime=2026-11-23T00:00:00Z&endDateTime=2026-11-24T00:00:00Z").await.0, 403);
    assert_eq!(code("/v1.0/users/lena@contoso.com").await.0, 200, "the directory is not the mailbox");
    assert_eq!(code("/v1.0/me").await.0, 400);
}

#[tokio::test]
async fn registrations_say_what_is_wrong_with_them() {
    let bed = Bed::new().await;
    let clients = bed.tenant.clients().clone();
    let script = bed.tenant.script();
    script.register(Registration { disabled: true, ..Registration::public("c0ffee00-0000-4000-8000-000000000002") });
    script.register(Registration {
        without_principal: true,
        ..Registration::public("c0ffee00-0000-4000-8000-000000000003")
    });
    let id = bed.tenant.tenant_id().to_owned();
    for (client, tenant, code) in [
        (clients.single_tenant.as_str(), "common", 50194),
        (&clients.single_tenant, "organizations", 50194),
        (&clients.public, "consumers", 9_002_332),
        (&clients.public, "nowhere.example", 90002),
        ("c0ffee00-0000-4000-8000-000000000002", id.as_str(), 7_000_112),
        ("c0ffee00-0000-4000-8000-000000000003", &id, 700_016),
        ("c0ffee00-0000-4000-8000-00000000dead", &id, 700_016),
    ] {
        let form = [("client_id", client), ("scope", "User.Read")];
        let (status, body) = bed.post(&format!("{tenant}/oauth2/v2.0/devicecode"), &form).await;
        assert_eq!((status.as_u16(), &body["error_codes"]), (400, &json!([code])), "{client} {tenant}");
        let address =
            bed.authorize_address(&[("client_id", client)]).replace("/organizations/", &format!("/{tenant}/"));
        let shown = bed.http.get(address).send().await.unwrap().text().await.unwrap();
        assert!(shown.contains(&format!("AADSTS{code}")), "{client} {tenant}: {shown}");
    }
    let form = [("client_id", clients.single_tenant.as_str()), ("scope", "User.Read")];
    assert_eq!(bed.post(&format!("{id}/oauth2/v2.0/devicecode"), &form).await.0, 200);
}

#[tokio::test]
async fn public_flows_and_platforms_are_settings_of_the_registration() {
    let bed = Bed::new().await;
    let clients = bed.tenant.clients().clone();
    let without = clients.without_flows.as_str();
    let (_, begun) =
        bed.post("organizations/oauth2/v2.0/devicecode", &[("client_id", without), ("scope", "User.Read")]).await;
    bed.tenant.script().approve(text(&begun, "user_code"), "lena").unwrap();
    let poll = [("grant_type", "device_code"), ("client_id", without), ("device_code", text(&begun, "device_code"))];
    let (status, body) = bed.token(&poll).await;
    assert_eq!((status.as_u16(), &body["error_codes"]), (401, &json!([7_000_218])));
    let query = bed.approve(&[("client_id", without)], "lena").await;
    let code = field(&query, "code");
    let mut form = bed.redemption(&code);
    form[0] = ("client_id", without);
    assert_eq!(bed.token(&form).await.0, 200, "a browser needs no such setting");
    let query = bed.approve(&[("client_id", &clients.web)], "lena").await;
    let code = field(&query, "code");
    let mut form = bed.redemption(&code);
    form[0] = ("client_id", &clients.web);
    assert_eq!(bed.token(&form).await.1["error_codes"], json!([7_000_218]), "the platform Web wants a secret");
    let spa = "c0ffee00-0000-4000-8000-000000000004";
    bed.tenant.script().register(Registration {
        redirect_uris: Vec::new(),
        spa_redirect_uris: vec!["http://localhost".to_owned()],
        ..Registration::public(spa)
    });
    let code = field(&bed.approve(&[("client_id", spa)], "lena").await, "code");
    let mut form = bed.redemption(&code);
    form[0] = ("client_id", spa);
    assert_eq!(bed.token(&form).await.1["error_codes"], json!([9_002_327]));
}
