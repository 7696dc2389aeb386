//! The simulated tenant's settings as they are written: automatic replies by the client's own call, categories, presence, hours.

use crate::sim_schema::{breaches, list_breaches};
use deskbell::base::clock::CrankedClock;
use deskbell::base::ids::SeededIds;
use deskbell::sim::{Tenant, TenantOptions};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

struct Bench {
    tenant: Tenant,
    clock: CrankedClock,
    http: reqwest::Client,
}

impl Bench {
    async fn ask(&self, scopes: &str, method: Method, path: &str, body: Value) -> (u16, Value) {
        let token = self.tenant.script().token("lena", scopes).unwrap();
        let request = self.http.request(method, format!("{}/v1.0{path}", self.tenant.graph())).bearer_auth(token);
        let response = if body.is_null() { request } else { request.json(&body) }.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap_or(Value::Null))
    }
}

#[tokio::test]
async fn categories_hours_and_presence_are_set_by_who_may() {
    let clock = CrankedClock::at(UNIX_EPOCH + Duration::from_secs(1_795_425_133));
    let tenant =
        Tenant::start(TenantOptions::default(), Arc::new(clock.clone()), Arc::new(SeededIds::new(5))).await.unwrap();
    let bench = Bench { tenant, clock, http: reqwest::Client::builder().no_proxy().build().unwrap() };
    let (reads, writes) = ("MailboxSettings.Read", "MailboxSettings.ReadWrite");
    let all = "/me/outlook/masterCategories";
    let (status, list) = bench.ask(reads, Method::GET, all, Value::Null).await;
    assert_eq!((status, list_breaches("outlookCategory", &list)), (200, Vec::new()), "{list}");
    let before = list["value"].as_array().unwrap().len();
    let new = json!({"displayName": "Offsite", "color": "Preset9"});
    assert_eq!(bench.ask(reads, Method::POST, all, new.clone()).await.0, 403);
    let (status, made) = bench.ask(writes, Method::POST, all, new.clone()).await;
    assert_eq!((status, &made["color"]), (201, &json!("preset9")));
    assert_eq!(breaches("outlookCategory", &made), Vec::<String>::new());
    assert_eq!(bench.ask(writes, Method::POST, all, new).await.0, 409, "a name is there once");
    let one = format!("{all}/{}", made["id"].as_str().unwrap());
    assert_eq!(bench.ask(writes, Method::PATCH, &one, json!({"displayName": "X"})).await.0, 400, "names do not change");
    assert_eq!(bench.ask(writes, Method::PATCH, &one, json!({"color": "preset25"})).await.0, 400);
    assert_eq!(bench.ask(writes, Method::PATCH, &one, json!({"color": "none"})).await.1["color"], "none");
    assert_eq!(bench.ask(writes, Method::DELETE, &one, Value::Null).await.0, 204);
    assert_eq!(bench.ask(writes, Method::DELETE, &one, Value::Null).await.0, 404);
    assert_eq!(bench.ask(reads, Method::GET, all, Value::Null).await.1["value"].as_array().unwrap().len(), before);

    let settings = "/me/mailboxSettings";
    let hours = json!({"workingHours": {"startTime": "10:00:00", "timeZone": {"name": "Europe/London"}}, "timeZone": "Europe/London"});
    assert_eq!(bench.ask(reads, Method::PATCH, settings, hours.clone()).await.0, 403);
    let (status, changed) = bench.ask(writes, Method::PATCH, settings, hours).await;
    assert_eq!((status, &changed["timeZone"]), (200, &json!("Europe/London")), "{changed}");
    for (wrong, code) in [
        (json!({"timeZone": "Mars"}), "InvalidTimeZone"),
        (json!({"workingHours": {"startTime": "25:00"}}), "InvalidArguments"),
        (json!({"automaticRepliesSetting": {"status": "perhaps"}}), "RequestBodyRead"),
    ] {
        let (status, refused) = bench.ask(writes, Method::PATCH, settings, wrong).await;
        assert_eq!((status, &refused["error"]["code"]), (400, &json!(code)));
    }

    let may = "Presence.ReadWrite Presence.Read";
    let busy = json!({"availability": "Busy", "activity": "Busy", "expirationDuration": "PT1H"});
    let own = async || bench.ask(may, Method::GET, "/me/presence", Value::Null).await.1["availability"].clone();
    let usual = own().await;
    assert_eq!(
        bench.ask("Presence.Read", Method::POST, "/me/presence/setUserPreferredPresence", busy.clone()).await.0,
        403
    );
    let odd = json!({"availability": "Busy", "activity": "Away"});
    assert_eq!(bench.ask(may, Method::POST, "/me/presence/setUserPreferredPresence", odd).await.0, 400);
    assert_eq!(bench.ask(may, Method::POST, "/me/presence/setUserPreferredPresence", busy.clone()).await.0, 200);
    assert_eq!(own().await, "Busy");
    bench.clock.advance(Duration::from_hours(1));
    assert_eq!(own().await, usual, "for an hour it was");
    bench.ask(may, Method::POST, "/me/presence/setUserPreferredPresence", busy).await;
    assert_eq!(bench.ask(may, Method::POST, "/me/presence/clearUserPreferredPresence", json!({})).await.0, 200);
    assert_eq!(own().await, usual);
}
