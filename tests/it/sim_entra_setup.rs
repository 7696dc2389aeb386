//! A registration made through Graph, as a setup script makes it, and the sign-in that works with it afterwards.

use crate::support::bed::{Bed, field, text};
use serde_json::{Value, json};

const GRAPH: &str = "00000003-0000-0000-c000-000000000000";

async fn send(bed: &Bed, token: &str, method: &str, path: &str, body: Value) -> (u16, Value) {
    let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
    let mut request = bed.http.request(method, format!("{}/v1.0{path}", bed.tenant.graph())).bearer_auth(token);
    if !body.is_null() {
        request = request.json(&body);
    }
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap_or(Value::Null))
}

fn id_of(list: &Value, name: &str) -> String {
    let found = list.as_array().unwrap().iter().find(|one| one["value"] == name);
    text(found.unwrap_or_else(|| panic!("{name}")), "id").to_owned()
}

#[tokio::test]
async fn a_registration_made_by_script_signs_in() {
    let bed = Bed::new().await;
    let token = bed.tenant.script().token("itservice", "Application.ReadWrite.All").unwrap();
    let filter =
        format!("/servicePrincipals?$filter=appId%20eq%20'{GRAPH}'&$select=id,oauth2PermissionScopes,appRoles");
    let (_, found) = send(&bed, &token, "GET", &filter, Value::Null).await;
    let graph = &found["value"][0];
    assert_eq!(found["value"].as_array().unwrap().len(), 1);
    assert_eq!(id_of(&graph["oauth2PermissionScopes"], "User.Read"), "e1fe6dd8-ba31-4d61-89e7-88639da4683d");
    assert_eq!(id_of(&graph["appRoles"], "Mail.Read"), "810c84a8-4a9e-49e6-bf7d-12d183f40d01");
    let scopes = ["User.Read", "MailTips.ReadBasic.Shared", "offline_access"];
    let access: Vec<Value> = scopes
        .iter()
        .map(|name| json!({"id": id_of(&graph["oauth2PermissionScopes"], name), "type": "Scope"}))
        .chain([json!({"id": id_of(&graph["appRoles"], "Mail.Read"), "type": "Role"})])
        .collect();
    let body = json!({
        "displayName": "deskbell of Contoso", "signInAudience": "AzureADMyOrg", "isFallbackPublicClient": true,
        "publicClient": {"redirectUris": ["http://localhost"]},
        "requiredResourceAccess": [{"resourceAppId": GRAPH, "resourceAccess": access}],
    });
    let (status, made) = send(&bed, &token, "POST", "/applications", body).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(made["requiredResourceAccess"][0]["resourceAccess"].as_array().unwrap().len(), 3 + 1);
    let client = text(&made, "appId");
    let (_, found) =
        send(&bed, &token, "GET", &format!("/applications?$filter=appId%20eq%20'{client}'"), Value::Null).await;
    assert_eq!(found["value"][0]["id"], made["id"]);

    // A person.
    let tenant = bed.tenant.tenant_id().to_owned();
    let address = bed.authorize_address(&[("client_id", client), ("scope", ".default offline_access")]);
    let address = address.replace("/organizations/", &format!("/{tenant}/"));
    let back = bed.tenant.script().authorize(&address, "lena").unwrap();
    let code = field(&crate::support::bed::query_of(&back), "code");
    let mut form = bed.redemption(&code);
    form[0] = ("client_id", client);
    let (status, body) = bed.post(&format!("{tenant}/oauth2/v2.0/token"), &form).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(text(&body, "scope"), "User.Read MailTips.ReadBasic.Shared", "the default is what is configured");

    // The application itself.
    let path = format!("/applications/{}", text(&made, "id"));
    let (_, password) = send(&bed, &token, "POST", &format!("{path}/addPassword"), json!({})).await;
    let form = [
        ("client_id", client),
        ("grant_type", "client_credentials"),
        ("scope", "https://graph.microsoft.com/.default"),
        ("client_secret", text(&password, "secretText")),
    ];
    let (_, body) = bed.post(&format!("{tenant}/oauth2/v2.0/token"), &form).await;
    assert!(crate::support::bed::claims(&body["access_token"]).get("roles").is_none(), "nobody granted the role yet");
    let consent = format!("{tenant}/v2.0/adminconsent?client_id={client}&scope=.default&redirect_uri=http://localhost");
    bed.tenant.script().admin_consent(&bed.authority(&consent), "itservice").unwrap();
    let (_, body) = bed.post(&format!("{tenant}/oauth2/v2.0/token"), &form).await;
    assert_eq!(crate::support::bed::claims(&body["access_token"])["roles"], json!(["Mail.Read"]));
}

#[tokio::test]
async fn a_registration_is_changed_and_a_wrong_one_refused() {
    let bed = Bed::new().await;
    let token = bed.tenant.script().token("itservice", "Application.ReadWrite.All").unwrap();
    let (_, made) = send(&bed, &token, "POST", "/applications", json!({"displayName": "d"})).await;
    let (client, path) = (text(&made, "appId"), format!("/applications/{}", text(&made, "id")));
    let tenant = bed.tenant.tenant_id().to_owned();
    let address = bed.authorize_address(&[("client_id", client)]).replace("/organizations/", &format!("/{tenant}/"));
    let script = bed.tenant.script();
    assert!(script.authorize(&address, "lena").unwrap_err().contains("AADSTS500113"));
    for (wrong, why) in [
        (json!({"publicClient": {"redirectUris": ["http://elsewhere.example"]}}), "https"),
        (
            json!({"requiredResourceAccess": [{"resourceAppId": GRAPH, "resourceAccess": [{"id": "x", "type": "Scope"}]}]}),
            "no permission",
        ),
        (json!({"signInAudience": "Anybody"}), "signInAudience"),
        (json!({"colour": "red"}), "colour"),
    ] {
        let (status, body) = send(&bed, &token, "PATCH", &path, wrong).await;
        assert!(status == 400 && text(&body["error"], "message").contains(why), "{body}");
    }
    let right = json!({"publicClient": {"redirectUris": ["http://localhost"]}});
    assert_eq!(send(&bed, &token, "PATCH", &format!("/applications(appId='{client}')"), right).await.0, 204);
    assert!(script.authorize(&address, "lena").is_ok());
    let (status, principal) =
        send(&bed, &token, "GET", &format!("/servicePrincipals(appId='{client}')"), Value::Null).await;
    assert_eq!((status, &principal["appId"]), (200, &json!(client)), "a sign-in makes the enterprise application");
    assert_eq!(send(&bed, &token, "POST", "/servicePrincipals", json!({"appId": client})).await.0, 409);
    let plain = script.token("lena", "User.Read").unwrap();
    assert_eq!(send(&bed, &plain, "GET", "/applications", Value::Null).await.0, 403);
    assert_eq!(send(&bed, &token, "DELETE", &path, Value::Null).await.0, 204);
    assert!(script.authorize(&address, "lena").unwrap_err().contains("AADSTS700016"));
}
