//! The simulated tenant's mail as it is written: drafts with marks, answers with quoted text, files in pieces, folders; and the
//! client's own calls for all of it, over real HTTP.

use crate::sim_schema::breaches;
use deskbell::auth::StaticToken;
use deskbell::base::clock::CrankedClock;
use deskbell::base::ids::SeededIds;
use deskbell::base::secret::Secret;
use deskbell::domain::calls::RetryPolicy;
use deskbell::domain::mail::{BodyContent, FolderRole, MessageId, Recipient};
use deskbell::graph::mail_write::{self, Derived, Destination, DraftFields, File, MessageChange};
use deskbell::graph::transport::{NobodyListens, Parts};
use deskbell::graph::{Graph, GraphError, Priority, Reach, Uploaded, send};
use deskbell::net::client::Clients;
use deskbell::net::cloud::Cloud;
use deskbell::sim::{Tenant, TenantOptions};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

const WAITS: Priority = Priority::Person;

/// The tenant, a client of ours, and another client by hand.
struct Bench {
    tenant: Tenant,
    clock: CrankedClock,
    http: reqwest::Client,
}

impl Bench {
    async fn new() -> Self {
        // Monday, 23 November 2026, 09:12:13 UTC.
        let clock = CrankedClock::at(UNIX_EPOCH + Duration::from_secs(1_795_425_133));
        let tenant = Tenant::start(TenantOptions::default(), Arc::new(clock.clone()), Arc::new(SeededIds::new(5)))
            .await
            .unwrap();
        Self { tenant, clock, http: reqwest::Client::builder().no_proxy().build().unwrap() }
    }

    fn token(&self, scopes: &str) -> String {
        self.tenant.script().token("lena", scopes).unwrap()
    }

    fn graph(&self, scopes: &str) -> Graph {
        let address = self.tenant.graph();
        Graph::new(Parts {
            reach: Reach::Own,
            clients: Arc::new(Clients::new(Cloud::at(address, address).unwrap())),
            tokens: Arc::new(StaticToken::new(&Secret::new(self.token(scopes)))),
            clock: Arc::new(self.clock.clone()),
            ids: Arc::new(SeededIds::new(7)),
            observer: Arc::new(NobodyListens),
            is_offline: false,
            made_as: None,
            retry: RetryPolicy::default(),
        })
    }

    async fn ask(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let request = self.http.request(method, format!("{}/v1.0{path}", self.tenant.graph()));
        let request = request.bearer_auth(self.token("")).header("Prefer", "IdType=\"ImmutableId\"");
        let response = if body.is_null() { request } else { request.json(&body) }.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap_or(Value::Null))
    }

    async fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask(Method::GET, path, Value::Null).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    async fn newest(&self, folder: &str) -> Value {
        self.get(&format!("/me/mailFolders/{folder}/messages?$top=1")).await["value"][0].clone()
    }

    fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

fn encoded(id: &str) -> String {
    url::form_urlencoded::byte_serialize(id.as_bytes()).collect()
}

fn to(address: &str) -> Option<Vec<Recipient>> {
    Some(vec![Recipient { name: String::new(), address: address.to_owned() }])
}

#[tokio::test]
async fn a_marked_draft_is_found_rewritten_sent_once_and_known_again() {
    let bench = Bench::new().await;
    let graph = bench.graph("Mail.ReadWrite Mail.Send");
    let fields = DraftFields {
        subject: Some("Plan".to_owned()),
        body: Some(BodyContent::Text("First".to_owned())),
        to: to("ben@contoso.com"),
        ..DraftFields::default()
    };
    assert!(mail_write::find_marked(&graph, "draft-1", WAITS).await.unwrap().is_empty());
    let draft = mail_write::create_draft(&graph, &fields, "draft-1", WAITS).await.unwrap();
    assert!(draft.is_draft && draft.internet_id.starts_with('<'));
    let found = mail_write::find_marked(&graph, "draft-1", WAITS).await.unwrap();
    assert_eq!(found, std::slice::from_ref(&draft));
    assert!(mail_write::find_marked(&graph, "draft-2", WAITS).await.unwrap().is_empty(), "another mark");

    let again = DraftFields { subject: Some("Plan B".to_owned()), cc: to("ana@contoso.com"), ..DraftFields::default() };
    let rewritten = mail_write::patch_draft(&graph, &draft.message, &again, WAITS).await.unwrap();
    assert_ne!(rewritten.change_key, draft.change_key);
    let path = format!("/me/messages/{}", encoded(&draft.message.0));
    let shown = bench
        .get(&format!(
            "{path}?$expand=singleValueExtendedProperties($filter=id%20eq%20'{}')",
            encoded(mail_write::MARK)
        ))
        .await;
    assert_eq!(shown["singleValueExtendedProperties"][0]["value"], "draft-1");
    assert_eq!(breaches("message", &shown), Vec::<String>::new());
    assert!(bench.get(&path).await.get("singleValueExtendedProperties").is_none(), "only on demand");
    assert_eq!((&shown["subject"], &shown["body"]["content"]), (&json!("Plan B"), &json!("First")));

    let only_read = bench.graph("Mail.ReadWrite");
    assert!(send::send(&only_read, &draft.message, WAITS).await.unwrap_err().is_forbidden(), "writing is not sending");
    send::send(&graph, &draft.message, WAITS).await.unwrap();
    let under_way = mail_write::standing(&graph, &draft.message, WAITS).await.unwrap().unwrap();
    assert!(under_way.is_draft, "accepted is not sent");
    assert!(send::send(&graph, &draft.message, WAITS).await.unwrap_err().is_not_found());
    assert!(mail_write::patch_draft(&graph, &draft.message, &again, WAITS).await.unwrap_err().is_not_found());
    bench.advance(2);
    let sent = mail_write::standing(&graph, &draft.message, WAITS).await.unwrap().unwrap();
    assert!(!sent.is_draft);
    assert_eq!(sent.folder.unwrap().0, bench.get("/me/mailFolders/sentitems").await["id"].as_str().unwrap());
    assert_eq!(mail_write::find_marked(&graph, "draft-1", WAITS).await.unwrap()[0].message, draft.message);
    assert_eq!(
        mail_write::standing(&graph, &MessageId("AAMk".to_owned()), WAITS).await.unwrap_err().refusal().unwrap().status,
        400
    );
}

#[tokio::test]
async fn messages_are_changed_moved_and_deleted_by_goals() {
    let bench = Bench::new().await;
    let graph = bench.graph("Mail.ReadWrite");
    let id = MessageId(bench.newest("inbox").await["id"].as_str().unwrap().to_owned());
    let change = MessageChange {
        is_read: Some(true),
        is_flagged: Some(true),
        categories: Some(vec!["Travel".to_owned()]),
        importance: None,
    };
    for _ in 0..2 {
        let patch = mail_write::patch(&graph, &id, &change, WAITS).await.unwrap();
        assert_eq!(
            (patch.is_read, patch.is_flagged, patch.categories),
            (Some(true), Some(true), change.categories.clone())
        );
        let moved = mail_write::move_to(&graph, &id, Destination::Role(FolderRole::Archive), WAITS).await.unwrap();
        assert_eq!(moved.id, id, "an immutable id stays");
        assert_eq!(moved.folder.unwrap().0, bench.get("/me/mailFolders/archive").await["id"].as_str().unwrap());
    }
    let eml = mail_write::source(&graph, &id, WAITS).await.unwrap();
    assert!(String::from_utf8(eml).unwrap().contains("Message-ID: <"));
    mail_write::delete_for_ever(&graph, &id, WAITS).await.unwrap();
    assert!(mail_write::delete_for_ever(&graph, &id, WAITS).await.unwrap_err().is_not_found());
    let reads = bench.graph("Mail.Read");
    assert!(mail_write::patch(&reads, &id, &change, WAITS).await.unwrap_err().is_forbidden());
}

#[tokio::test]
async fn answers_quote_and_go_to_the_right_people() {
    let bench = Bench::new().await;
    let graph = bench.graph("Mail.ReadWrite Mail.Send");
    let mail = json!({"message": {"subject": "Re: Offer <1>", "body": {"contentType": "text", "content": "Price & terms"},
        "toRecipients": [{"emailAddress": {"address": "lena@contoso.com"}}, {"emailAddress": {"address": "ana@contoso.com"}}],
        "ccRecipients": [{"emailAddress": {"address": "olga@contoso.com"}}],
        "attachments": [{"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "SGk="}]}});
    let ben = bench.tenant.script().token("ben", "").unwrap();
    let request = bench.http.post(format!("{}/v1.0/me/sendMail", bench.tenant.graph())).bearer_auth(ben).json(&mail);
    assert_eq!(request.send().await.unwrap().status(), 202);
    bench.advance(2);
    let id = MessageId(bench.newest("inbox").await["id"].as_str().unwrap().to_owned());
    let addresses = |people: &Value| {
        people.as_array().unwrap().iter().map(|one| one["emailAddress"]["address"].clone()).collect::<Vec<_>>()
    };
    for (kind, subject, to, cc, files) in [
        (Derived::Reply, "RE: Offer <1>", vec!["ben@contoso.com"], vec![], false),
        (
            Derived::ReplyAll,
            "RE: Offer <1>",
            vec!["ben@contoso.com", "ana@contoso.com"],
            vec!["olga@contoso.com"],
            false,
        ),
        (Derived::Forward, "FW: Offer <1>", vec![], vec![], true),
    ] {
        let draft = mail_write::derive_draft(&graph, &id, kind, subject, WAITS).await.unwrap();
        let shown = bench.get(&format!("/me/messages/{}", encoded(&draft.message.0))).await;
        assert_eq!(breaches("message", &shown), Vec::<String>::new());
        assert_eq!((&shown["subject"], &shown["isDraft"]), (&json!(subject), &json!(true)));
        assert_eq!(addresses(&shown["toRecipients"]), to, "{kind:?}");
        assert_eq!(addresses(&shown["ccRecipients"]), cc, "{kind:?}");
        let body = shown["body"]["content"].as_str().unwrap();
        assert!(body.contains("divRplyFwdMsg") && body.contains("Price &amp; terms"), "{body}");
        assert_eq!(mail_write::attachments(&graph, &draft.message).await.unwrap().len(), usize::from(files));
        assert_eq!(
            mail_write::find_marked(&graph, subject, WAITS).await.unwrap().len(),
            if kind == Derived::ReplyAll { 2 } else { 1 }
        );
    }
    let path = format!("/me/messages/{}", encoded(&id.0));
    let body = json!({"contentType": "text", "content": "x"});
    let both = json!({"comment": "a", "message": {"body": body}});
    assert_eq!(bench.ask(Method::POST, &format!("{path}/createReply"), both).await.0, 400);
    let ana = json!([{"emailAddress": {"address": "ana@contoso.com"}}]);
    let twice = json!({"toRecipients": ana, "message": {"toRecipients": ana}});
    assert_eq!(bench.ask(Method::POST, &format!("{path}/forward"), twice).await.0, 400);
    assert_eq!(
        bench.ask(Method::POST, &format!("{path}/forward"), json!({"comment": "see"})).await.0,
        400,
        "to nobody"
    );
    assert_eq!(bench.ask(Method::POST, &format!("{path}/reply"), json!({"comment": "Fine\nby me"})).await.0, 202);
    bench.advance(2);
    let sent = bench.newest("sentitems").await;
    assert_eq!(addresses(&sent["toRecipients"]), ["ben@contoso.com"]);
    assert!(sent["body"]["content"].as_str().unwrap().contains("Fine<br>"), "{}", sent["body"]["content"]);
    assert_eq!(sent["conversationId"], bench.get(&path).await["conversationId"]);
}

#[tokio::test]
async fn files_hang_on_drafts_whole_or_in_pieces_and_come_off_again() {
    let bench = Bench::new().await;
    let graph = bench.graph("Mail.ReadWrite");
    let draft = mail_write::create_draft(&graph, &DraftFields::default(), "d", WAITS).await.unwrap().message;
    let small = File { name: "notes.txt", content_type: "text/plain" };
    let first = mail_write::attach(&graph, &draft, &small, b"hello", WAITS).await.unwrap();
    let status = |error: GraphError| error.refusal().map_or(0, |refusal| refusal.status);
    let large = File { name: "film.mp4", content_type: "video/mp4" };
    let bytes: Vec<u8> = (0..7_000_000_u32).map(|byte| byte.to_le_bytes()[0]).collect();
    let size = bytes.len() as u64;
    let whole = mail_write::attach(&graph, &draft, &large, &bytes[..mail_write::LARGEST_WHOLE_FILE], WAITS).await;
    assert_eq!(status(whole.unwrap_err()), 413, "that is for pieces");
    let refused = mail_write::open_upload(&graph, &draft, &small, 2_000_000, WAITS).await.unwrap_err();
    assert_eq!(refused.refusal().unwrap().code(), "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize");

    let upload = mail_write::open_upload(&graph, &draft, &large, size, WAITS).await.unwrap();
    assert!(!format!("{upload:?}").contains("/upload"), "the address is a key");
    let with_token = bench.http.put(upload.url.expose()).bearer_auth(bench.token("")).body("x");
    assert_eq!(with_token.send().await.unwrap().status(), 401, "a token does not belong there");
    let piece = |from: usize| bytes[from..(from + mail_write::PIECE).min(bytes.len())].to_vec();
    let skipped = graph.upload_piece(&upload, 5, piece(5), size).await.unwrap_err();
    assert_eq!(status(skipped), 416, "pieces come in order");
    let (mut from, mut pieces) = (0, 0);
    loop {
        pieces += 1;
        match graph.upload_piece(&upload, from, piece(usize::try_from(from).unwrap()), size).await.unwrap() {
            Uploaded::Next(next) => from = next,
            Uploaded::Whole => break,
        }
    }
    assert_eq!(pieces, 3);
    let listed = mail_write::attachments(&graph, &draft).await.unwrap();
    assert_eq!(
        listed.iter().map(|file| (file.name.as_str(), file.size)).collect::<Vec<_>>(),
        [("notes.txt", 5), ("film.mp4", size)]
    );
    let value = format!("/v1.0/me/messages/{}/attachments/{}/$value", encoded(&draft.0), encoded(&listed[1].id));
    let raw =
        bench.http.get(format!("{}{value}", bench.tenant.graph())).bearer_auth(bench.token("")).send().await.unwrap();
    assert_eq!(raw.bytes().await.unwrap().as_ref(), bytes, "every byte came");

    mail_write::detach(&graph, &draft, &first, WAITS).await.unwrap();
    assert!(mail_write::detach(&graph, &draft, &first, WAITS).await.unwrap_err().is_not_found());
    assert_eq!(mail_write::attachments(&graph, &draft).await.unwrap()[0].id, listed[1].id, "ids of others stay");
    let forgotten = mail_write::open_upload(&graph, &draft, &large, size, WAITS).await.unwrap();
    graph.cancel_upload(&forgotten).await.unwrap();
    graph.cancel_upload(&forgotten).await.unwrap();
    assert_eq!(status(graph.upload_piece(&forgotten, 0, piece(0), size).await.unwrap_err()), 404);
    assert!(!graph.recent_calls().iter().any(|call| call.path.contains("attachment/")), "nor is it remembered");
}

#[tokio::test]
async fn folders_are_made_renamed_and_deleted() {
    let bench = Bench::new().await;
    let (_, delta) = bench.ask(Method::GET, "/me/mailFolders/delta", Value::Null).await;
    let link = |page: &Value| page["@odata.deltaLink"].as_str().unwrap().split_once("/v1.0").unwrap().1.to_owned();
    let (status, made) =
        bench.ask(Method::POST, "/me/mailFolders/inbox/childFolders", json!({"displayName": "Trips"})).await;
    assert_eq!((status, &made["displayName"]), (201, &json!("Trips")));
    assert_eq!(breaches("mailFolder", &made), Vec::<String>::new());
    let again = bench.ask(Method::POST, "/me/mailFolders/inbox/childFolders", json!({"displayName": "trips"})).await;
    assert_eq!((again.0, &again.1["error"]["code"]), (409, &json!("ErrorFolderExists")));
    let path = format!("/me/mailFolders/{}", encoded(made["id"].as_str().unwrap()));
    assert_eq!(bench.ask(Method::PATCH, &path, json!({"displayName": "Journeys"})).await.1["displayName"], "Journeys");
    assert_eq!(bench.ask(Method::DELETE, "/me/mailFolders/inbox", Value::Null).await.0, 400, "not the inbox");
    let delta = bench.get(&link(&delta)).await;
    assert!(delta["value"].as_array().unwrap().iter().any(|folder| folder["displayName"] == "Journeys"));
    assert_eq!(bench.ask(Method::DELETE, &path, Value::Null).await.0, 204);
    assert_eq!(bench.get(&path).await["parentFolderId"], bench.get("/me/mailFolders/deleteditems").await["id"]);
    assert_eq!(bench.ask(Method::DELETE, &path, Value::Null).await.0, 204);
    assert_eq!(bench.ask(Method::GET, &path, Value::Null).await.0, 404);
    let delta = bench.get(&link(&delta)).await;
    let removed = delta["value"].as_array().unwrap().iter().find(|row| row["id"] == made["id"]).unwrap();
    assert_eq!(removed["@removed"]["reason"], "deleted");
}
