//! Mailboxes of the simulated tenant: lists and pages, ids and moves, delta rounds, filters, and what awkward mail looks like.

use deskbell::base::clock::CrankedClock;
use deskbell::base::ids::SeededIds;
use deskbell::sim::graph;
use deskbell::sim::request::{Answer, Body, Caller, Request};
use deskbell::sim::tenant::{Tenant, TenantOptions};
use deskbell::sim::world::{World, WorldOptions};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Monday 23 November 2026, 10:12 in Madrid.
fn monday() -> SystemTime {
    UNIX_EPOCH + Duration::from_mins(29_923_752)
}

/// A world without HTTP, asked as one signed-in person.
struct Desk {
    world: World,
    clock: CrankedClock,
    person: String,
    granted: BTreeSet<String>,
}

impl Desk {
    fn at(now: SystemTime, options: WorldOptions) -> Self {
        let clock = CrankedClock::at(now);
        let world = World::new(Arc::new(clock.clone()), Arc::new(SeededIds::new(7)), options);
        let person = world.person(world.company.find("lena").unwrap()).id.clone();
        let granted = ["mail.readwrite", "mail.readwrite.shared", "mail.send"].map(str::to_owned).into();
        Self { world, clock, person, granted }
    }

    fn new() -> Self {
        Self::at(monday(), WorldOptions::default())
    }

    fn quirky() -> Self {
        Self::at(monday(), WorldOptions { quirks: true, ..WorldOptions::default() })
    }

    /// `call` is a path with its query, e.g. `/me/messages?$top=5`, or a whole link.
    fn ask(&mut self, method: &str, call: &str, body: Value, prefer: &str) -> Answer {
        let call = call.split_once("/v1.0").map_or(call, |(_, rest)| rest);
        let (path, query) = call.split_once('?').unwrap_or((call, ""));
        let mut headers = Vec::new();
        if !prefer.is_empty() {
            headers.push(("prefer".to_owned(), prefer.to_owned()));
        }
        let request = Request {
            method: method.to_owned(),
            path: path.split('/').filter(|part| !part.is_empty()).map(decode).collect(),
            query: query
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .map(|(name, value)| (decode(name).to_lowercase(), decode(value)))
                .collect(),
            headers,
            body,
            caller: Caller {
                person: Some(self.person.clone()),
                client: "test".to_owned(),
                granted: self.granted.clone(),
                ..Caller::default()
            },
            base: "http://127.0.0.1:1".to_owned(),
        };
        graph::answer(&mut self.world, &request)
    }

    fn get(&mut self, call: &str) -> Value {
        self.get_preferring(call, "IdType=\"ImmutableId\"")
    }

    fn get_preferring(&mut self, call: &str, prefer: &str) -> Value {
        let answer = self.ask("GET", call, Value::Null, prefer);
        assert_eq!(answer.status, 200, "{call}: {:?}", answer.body);
        json_of(answer)
    }

    fn post(&mut self, call: &str, body: Value) -> Answer {
        self.ask("POST", call, body, "IdType=\"ImmutableId\"")
    }

    fn patch(&mut self, call: &str, body: Value) -> Answer {
        self.ask("PATCH", call, body, "IdType=\"ImmutableId\"")
    }

    /// All pages from `call` on, and the delta link at the end if there is one.
    fn pages(&mut self, call: &str, prefer: &str) -> (Vec<Value>, Option<String>) {
        let mut rows = Vec::new();
        let mut call = call.to_owned();
        for _ in 0..2_000 {
            let mut page = self.get_preferring(&call, prefer);
            rows.append(page["value"].as_array_mut().unwrap());
            match page["@odata.nextLink"].as_str() {
                Some(next) => call = next.to_owned(),
                None => return (rows, page["@odata.deltaLink"].as_str().map(str::to_owned)),
            }
        }
        panic!("the list never ends: {call}");
    }
}

const IMMUTABLE: &str = "IdType=\"ImmutableId\", odata.maxpagesize=50";

/// Whether a row passes a filter, said without the filter.
type Test = Box<dyn Fn(&Value) -> bool>;

fn json_of(answer: Answer) -> Value {
    match answer.body {
        Body::Json(value) => value,
        other => panic!("not JSON: {other:?}"),
    }
}

fn code(answer: Answer) -> (u16, String) {
    let status = answer.status;
    (status, json_of(answer)["error"]["code"].as_str().unwrap().to_owned())
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            bytes.push(u8::from_str_radix(std::str::from_utf8(&after[..2]).unwrap(), 16).unwrap());
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn encode(id: &str) -> String {
    id.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

fn id(row: &Value) -> String {
    row["id"].as_str().unwrap().to_owned()
}

fn ids(rows: &[Value]) -> Vec<String> {
    rows.iter().map(id).collect()
}

fn inbox(select: &str) -> String {
    format!("/me/mailFolders/inbox/messages?$top=1000&$select={select}")
}

#[test]
fn the_inbox_is_fresh_on_any_day() {
    // Monday morning, Sunday night, New Year's Day, and the end of a leap February.
    for seconds in [1_795_425_120, 1_795_399_380, 1_798_758_000, 1_835_391_600] {
        let now = UNIX_EPOCH + Duration::from_secs(seconds);
        let mut desk = Desk::at(now, WorldOptions::default());
        let (rows, _) = desk.pages(&inbox("receivedDateTime,isRead,subject"), "");
        assert_eq!(rows.len(), 300);
        let ages: Vec<i64> = rows
            .iter()
            .map(|row| row["receivedDateTime"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_second())
            .map(|at| i64::try_from(seconds).unwrap() - at)
            .collect();
        assert!(ages.is_sorted(), "newest first");
        assert!((1..600).contains(&ages[0]), "the newest came a few minutes ago, not {} s", ages[0]);
        assert!(*ages.last().unwrap() < 45 * 86_400, "nothing is older than six weeks");
        assert!(rows[..10].iter().filter(|row| row["isRead"] == false).count() >= 4, "several unread at the top");
        assert!(rows.iter().filter(|row| row["isRead"] == false).count() < 40);
    }
}

#[test]
fn no_placeholder_and_no_empty_sender_is_left() {
    let mut desk = Desk::new();
    for folder in ["inbox", "sentitems", "archive", "junkemail", "deleteditems"] {
        let (rows, _) = desk.pages(&format!("/me/mailFolders/{folder}/messages?$top=1000"), "");
        for row in &rows {
            let text = format!("{} {}", row["subject"], row["body"]["content"]);
            let braces = text.find('{').filter(|at| text[at + 1..].starts_with(|c: char| c.is_ascii_lowercase()));
            let style = braces.is_some_and(|at| text[at..].split('}').next().unwrap_or("").contains(':'));
            assert!(braces.is_none() || style, "{} in {text}", &text[braces.unwrap_or(0)..][..40]);
            assert_ne!(row["from"]["emailAddress"]["name"], "", "{text:.200}");
        }
    }
}

#[test]
fn the_same_clock_gives_the_same_mail() {
    let call = "/me/messages?$top=1000";
    assert_eq!(Desk::new().get(call), Desk::new().get(call));
}

#[test]
fn pages_hold_ten_and_miss_nothing() {
    let mut desk = Desk::new();
    let first = desk.get("/me/mailFolders/inbox/messages");
    assert_eq!(first["value"].as_array().unwrap().len(), 10);
    let (whole, _) = desk.pages(&inbox("id"), IMMUTABLE);
    for size in [7, 100, 299] {
        let (paged, _) = desk.pages(&format!("/me/mailFolders/inbox/messages?$top={size}&$select=id"), IMMUTABLE);
        assert_eq!(ids(&paged), ids(&whole));
    }
    let (oldest_first, _) =
        desk.pages("/me/mailFolders/inbox/messages?$top=90&$select=id&$orderby=receivedDateTime%20asc", IMMUTABLE);
    assert_eq!(ids(&oldest_first), ids(&whole).into_iter().rev().collect::<Vec<_>>());
}

#[test]
fn mail_that_comes_between_two_pages_neither_repeats_nor_hides_another() {
    let mut desk = Desk::new();
    let (whole, _) = desk.pages(&inbox("id"), IMMUTABLE);
    let first = desk.get("/me/mailFolders/inbox/messages?$top=100&$select=id");
    let message =
        json!({"message": {"subject": "now", "toRecipients": [{"emailAddress": {"address": "lena@contoso.com"}}]}});
    assert_eq!(desk.post("/me/sendMail", message).status, 202);
    desk.clock.advance(Duration::from_secs(2));
    let (rest, _) = desk.pages(first["@odata.nextLink"].as_str().unwrap(), IMMUTABLE);
    let mut seen = ids(first["value"].as_array().unwrap());
    seen.extend(ids(&rest));
    assert_eq!(seen, ids(&whole));
}

#[test]
fn select_leaves_everything_else_out() {
    let mut desk = Desk::new();
    let page = desk.get("/me/messages?%24select=Subject,isRead&$top=3");
    for row in page["value"].as_array().unwrap() {
        let names: Vec<&str> = row.as_object().unwrap().keys().map(String::as_str).collect();
        let plain: Vec<&str> = names.into_iter().filter(|name| !name.starts_with('@')).collect();
        assert_eq!(plain, ["id", "isRead", "subject"]);
    }
}

#[test]
fn folders_are_listed_a_level_at_a_time_with_counts_of_the_moment() {
    let mut desk = Desk::new();
    let page = desk.get("/me/mailFolders");
    assert_eq!(page["value"].as_array().unwrap().len(), 10, "the default page");
    let (roots, _) = desk.pages("/me/mailFolders?$expand=childFolders", "");
    let names: Vec<&str> = roots.iter().map(|row| row["displayName"].as_str().unwrap()).collect();
    assert!(names.contains(&"Inbox") && names.contains(&"Unread and flagged"));
    assert!(!names.contains(&"Clients"), "only children of the root");
    assert!(!names.contains(&"Conversation Action Settings"), "hidden ones only on demand");
    let (all, _) = desk.pages("/me/mailFolders?includeHiddenFolders=true", "");
    assert_eq!(all.len(), roots.len() + 1);
    let inbox = roots.iter().find(|row| row["displayName"] == "Inbox").unwrap();
    assert_eq!(inbox["childFolderCount"], 2);
    assert_eq!(inbox["childFolders"].as_array().unwrap().len(), 2);
    assert_eq!(inbox["totalItemCount"], 300);
    let clients = desk.get("/me/mailFolders/INBOX/childFolders");
    let clients = id(clients["value"].as_array().unwrap().iter().find(|row| row["displayName"] == "Clients").unwrap());
    let below = desk.get(&format!("/me/mailFolders/{}/childFolders", encode(&clients)));
    assert_eq!(below["value"].as_array().unwrap().len(), 2);

    let unread = inbox["unreadItemCount"].as_i64().unwrap();
    let page = desk.get("/me/mailFolders/inbox/messages?$top=1&$select=isRead");
    let newest = &page["value"][0];
    assert_eq!(newest["isRead"], false);
    let path = format!("/me/messages/{}", encode(&id(newest)));
    assert_eq!(desk.patch(&path, json!({"isRead": true})).status, 200);
    assert_eq!(desk.get("/me/mailFolders/inbox")["unreadItemCount"], unread - 1);
}

#[test]
fn other_mailboxes_speak_other_languages_or_lack_an_archive() {
    let mut desk = Desk::new();
    for (alias, inbox, archive) in
        [("ana", "Bandeja de entrada", 200), ("ben", "Inbox", 404), ("jonas", "Posteingang", 200)]
    {
        desk.person = desk.world.person(desk.world.company.find(alias).unwrap()).id.clone();
        assert_eq!(desk.get("/me/mailFolders/inbox")["displayName"], inbox);
        let answer = desk.ask("GET", "/me/mailFolders/archive", Value::Null, "");
        assert_eq!(answer.status, archive);
        if archive == 404 {
            assert_eq!(code(answer).1, "ErrorItemNotFound");
        }
        let total = desk.get("/me/mailFolders/inbox")["totalItemCount"].as_i64().unwrap();
        assert!((20..60).contains(&total), "{alias} has {total}");
    }
}

#[test]
fn an_ordinary_id_dies_on_a_move_and_an_immutable_one_lives_on() {
    let mut desk = Desk::new();
    let plain = desk.get_preferring("/me/mailFolders/inbox/messages?$top=40&$select=id", "");
    let lasting = desk.get("/me/mailFolders/inbox/messages?$top=40&$select=id");
    let (plain, lasting) = (ids(plain["value"].as_array().unwrap()), ids(lasting["value"].as_array().unwrap()));
    assert!(plain.iter().zip(&lasting).all(|(one, other)| one != other && one.len() >= 140));
    assert!(plain.iter().any(|id| id.contains('/')), "some need percent-encoding");
    for (old, lasting) in plain.iter().zip(&lasting) {
        let moved =
            desk.ask("POST", &format!("/me/messages/{}/move", encode(old)), json!({"destinationId": "archive"}), "");
        assert_eq!(moved.status, 201);
        let new = id(&json_of(moved));
        assert_ne!(*old, new);
        assert_eq!(code(desk.ask("GET", &format!("/me/messages/{}", encode(old)), Value::Null, "")).0, 404);
        desk.get(&format!("/me/messages/{}?$select=id", encode(&new)));
        assert_eq!(id(&desk.get(&format!("/me/messages/{}?$select=id", encode(lasting)))), *lasting);
    }
    assert_eq!(desk.get("/me/mailFolders/inbox")["totalItemCount"], 260);
    assert_eq!(desk.get("/me/mailFolders/archive")["totalItemCount"], 86);
}

#[test]
fn ids_of_another_case_or_mailbox_are_malformed() {
    let mut desk = Desk::new();
    let page = desk.get("/me/mailFolders/inbox/messages?$top=1&$select=id");
    let own = id(&page["value"][0]);
    let at = own.char_indices().filter(|(_, letter)| letter.is_ascii_alphabetic()).nth(60).unwrap().0;
    let other: String = own
        .char_indices()
        .map(|(index, letter)| match index == at {
            true if letter.is_ascii_lowercase() => letter.to_ascii_uppercase(),
            true => letter.to_ascii_lowercase(),
            false => letter,
        })
        .collect();
    for wrong in [other.as_str(), "x", "AAMk", &own[..own.len() - 4]] {
        let answer = desk.ask("GET", &format!("/me/messages/{}", encode(wrong)), Value::Null, "");
        assert_eq!(code(answer), (400, "ErrorInvalidIdMalformed".to_owned()));
    }
    desk.person = desk.world.person(desk.world.company.find("ana").unwrap()).id.clone();
    let answer = desk.ask("GET", &format!("/me/messages/{}", encode(&own)), Value::Null, "");
    assert_eq!(code(answer), (400, "ErrorInvalidIdMalformed".to_owned()));
}

#[test]
fn filters_keep_what_they_say() {
    let mut desk = Desk::new();
    let (all, _) = desk.pages(&inbox("id,subject,from,isRead,hasAttachments,importance,flag,categories,receivedDateTime,inferenceClassification,conversationId"), IMMUTABLE);
    let thread = all.iter().find(|row| row["subject"] == "Re: offsite dates").unwrap()["conversationId"]
        .as_str()
        .unwrap()
        .to_owned();
    let since = all[120]["receivedDateTime"].as_str().unwrap().to_owned();
    let holds: Vec<(String, Test)> = vec![
        ("isRead eq false".to_owned(), Box::new(|row| row["isRead"] == false)),
        (
            "hasAttachments eq true and isRead eq true".to_owned(),
            Box::new(|row| row["hasAttachments"] == true && row["isRead"] == true),
        ),
        ("importance eq 'high'".to_owned(), Box::new(|row| row["importance"] == "high")),
        ("flag/flagStatus eq 'flagged'".to_owned(), Box::new(|row| row["flag"]["flagStatus"] == "flagged")),
        (
            "from/emailAddress/address eq 'ANA@contoso.com'".to_owned(),
            Box::new(|row| row["from"]["emailAddress"]["address"] == "ana@contoso.com"),
        ),
        (
            "inferenceClassification eq 'focused'".to_owned(),
            Box::new(|row| row["inferenceClassification"] == "focused"),
        ),
        ("startswith(subject,'Re: ')".to_owned(), Box::new(|row| row["subject"].as_str().unwrap().starts_with("Re: "))),
        (
            "categories/any(c:c eq 'Customer')".to_owned(),
            Box::new(|row| row["categories"].as_array().unwrap().contains(&json!("Customer"))),
        ),
        (format!("receivedDateTime ge {since} and isRead eq false"), {
            let since = since.clone();
            Box::new(move |row| row["receivedDateTime"].as_str().unwrap() >= since.as_str() && row["isRead"] == false)
        }),
        (
            format!("receivedDateTime lt {since}"),
            Box::new(move |row| row["receivedDateTime"].as_str().unwrap() < since.as_str()),
        ),
        (format!("conversationId eq '{thread}'"), Box::new(move |row| row["conversationId"] == thread.as_str())),
        (
            "not (isRead eq true) or importance eq 'low'".to_owned(),
            Box::new(|row| row["isRead"] == false || row["importance"] == "low"),
        ),
    ];
    for (filter, wanted) in holds {
        let expected: Vec<String> = all.iter().filter(|row| wanted(row)).map(id).collect();
        assert!(!expected.is_empty() && expected.len() < 300, "{filter} finds {}", expected.len());
        let call = format!("/me/mailFolders/inbox/messages?$top=8&$count=true&$select=id&$filter={}", encode(&filter));
        let (found, _) = desk.pages(&call, IMMUTABLE);
        assert_eq!(ids(&found), expected, "{filter}");
        assert_eq!(desk.get(&call)["@odata.count"], expected.len());
    }
}

#[test]
fn the_rules_of_filter_order_and_search_are_kept() {
    let mut desk = Desk::new();
    let mut refusal = |query: &str| {
        let answer = desk.ask("GET", &format!("/me/messages?{query}"), Value::Null, "");
        if answer.status == 200 { (200, String::new()) } else { code(answer) }
    };
    let order = "$orderby=receivedDateTime%20desc";
    assert_eq!(refusal(&format!("$filter=isRead%20eq%20false&{order}")), (400, "InefficientFilter".to_owned()));
    let swapped = "isRead%20eq%20false%20and%20receivedDateTime%20ge%201900-01-01T00:00:00Z";
    assert_eq!(refusal(&format!("$filter={swapped}&{order}")).1, "InefficientFilter");
    let right = "receivedDateTime%20ge%201900-01-01T00:00:00Z%20and%20isRead%20eq%20false";
    assert_eq!(refusal(&format!("$filter={right}&{order}")).0, 200);
    assert_eq!(refusal(&format!("$search=%22offsite%22&{order}")), (400, "SearchWithOrderBy".to_owned()));
    assert_eq!(refusal("$search=%22offsite%22&$filter=isRead%20eq%20true"), (400, "SearchWithFilter".to_owned()));
    for wrong in [
        "toRecipients/any(r:r%20eq%20'x')",
        "isRead%20eq",
        "subject%20eq%20'open",
        "isRead%20eq%20'no'",
        "((((",
        "size%20gt%205",
    ] {
        assert_eq!(refusal(&format!("$filter={wrong}")).0, 400, "{wrong}");
    }
}

#[test]
fn search_looks_in_sender_subject_and_body_and_puts_the_newest_first() {
    let mut desk = Desk::new();
    let mut find = |words: &str| {
        let (rows, _) =
            desk.pages(&format!("/me/messages?$top=20&$search={}", encode(&format!("\"{words}\""))), IMMUTABLE);
        let sent: Vec<String> = rows.iter().map(|row| row["sentDateTime"].as_str().unwrap().to_owned()).collect();
        assert!(sent.is_sorted_by(|one, other| one >= other));
        rows.iter().map(|row| row["subject"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(find("from:dana subject:contract body:liability")[0], "Contract draft v3: two open points");
    assert!(find("segovia").contains(&"offsite dates".to_owned()), "in a body");
    assert!(find("attachment:redline").len() == 1);
    assert!(find("from:farid vendor").iter().all(|subject| subject.to_lowercase().contains("vendor")));
    assert!(find("nobodywrotethis").is_empty());
}

#[test]
fn a_delta_round_tells_reading_flagging_moving_and_coming() {
    let mut desk = Desk::new();
    let start =
        "/me/mailFolders('inbox')/messages/delta()?$select=subject,isRead,flag&$orderby=receivedDateTime%20desc";
    let start = start.replace("('inbox')", "/inbox").replace("()", "");
    let (rows, link) = desk.pages(&start, IMMUTABLE);
    assert_eq!(rows.len(), 300);
    let (whole, _) = desk.pages(&inbox("id"), IMMUTABLE);
    assert_eq!(ids(&rows), ids(&whole), "newest first and complete");
    let (nothing, link) = desk.pages(&link.unwrap(), IMMUTABLE);
    assert!(nothing.is_empty());

    let key = |at: usize| encode(&id(&rows[at]));
    assert_eq!(desk.patch(&format!("/me/messages/{}", key(0)), json!({"isRead": true})).status, 200);
    assert_eq!(desk.patch(&format!("/me/messages/{}", key(1)), json!({"flag": {"flagStatus": "flagged"}})).status, 200);
    assert_eq!(desk.post(&format!("/me/messages/{}/move", key(2)), json!({"destinationId": "archive"})).status, 201);
    assert_eq!(desk.ask("DELETE", &format!("/me/messages/{}", key(3)), Value::Null, "").status, 204);
    // Read and read again: nothing happened.
    assert_eq!(desk.patch(&format!("/me/messages/{}", key(4)), json!({"isRead": rows[4]["isRead"]})).status, 200);
    let (changes, link) = desk.pages(&link.unwrap(), IMMUTABLE);
    assert_eq!(ids(&changes), ids(&rows[..4]));
    let members: Vec<&str> = changes[0].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, ["@odata.etag", "@odata.type", "id", "isRead"], "a mere read comes as a stub");
    assert_eq!(changes[0]["isRead"], true);
    assert_eq!(changes[1]["flag"]["flagStatus"], "flagged");
    assert_eq!(changes[1]["subject"], rows[1]["subject"]);
    assert!(changes[1].get("body").is_none(), "the selection of the first call stays");
    assert_eq!(changes[2]["@removed"]["reason"], "deleted");
    assert_eq!(changes[3]["@removed"]["reason"], "deleted");

    assert_eq!(desk.post(&format!("/me/messages/{}/move", key(2)), json!({"destinationId": "inbox"})).status, 201);
    let (back, link) = desk.pages(&link.unwrap(), IMMUTABLE);
    assert_eq!(ids(&back), ids(&rows[2..3]));
    assert_eq!(back[0]["subject"], rows[2]["subject"], "it comes back whole");
    assert!(desk.pages(&link.unwrap(), IMMUTABLE).0.is_empty());
}

#[test]
fn with_ordinary_ids_a_move_there_and_back_removes_the_old_id() {
    let mut desk = Desk::new();
    let (rows, link) = desk.pages("/me/mailFolders/inbox/messages/delta?$select=subject", "odata.maxpagesize=500");
    let path = format!("/me/messages/{}/move", encode(&id(&rows[0])));
    let away = json_of(desk.ask("POST", &path, json!({"destinationId": "archive"}), ""));
    let path = format!("/me/messages/{}/move", encode(&id(&away)));
    let back = json_of(desk.ask("POST", &path, json!({"destinationId": "inbox"}), ""));
    let (changes, _) = desk.pages(&link.unwrap(), "");
    assert_eq!(ids(&changes), [id(&rows[0]), id(&back)]);
    assert!(changes[0].get("@removed").is_some() && changes[1].get("@removed").is_none());
}

#[test]
fn changes_during_a_round_come_with_the_next_one() {
    let mut desk = Desk::new();
    let first = desk.get_preferring("/me/mailFolders/inbox/messages/delta?$select=isRead", IMMUTABLE);
    let early = id(&first["value"][3]);
    desk.patch(&format!("/me/messages/{}", encode(&early)), json!({"importance": "high"}));
    let (_, link) = desk.pages(first["@odata.nextLink"].as_str().unwrap(), IMMUTABLE);
    let (changes, _) = desk.pages(&link.unwrap(), IMMUTABLE);
    assert_eq!(ids(&changes), [early]);
}

#[test]
fn delta_with_a_filter_never_tells_of_older_mail() {
    let mut desk = Desk::new();
    let (all, _) = desk.pages(&inbox("receivedDateTime"), IMMUTABLE);
    let floor = all[99]["receivedDateTime"].as_str().unwrap();
    let call = format!(
        "/me/mailFolders/inbox/messages/delta?$select=id&$filter={}",
        encode(&format!("receivedDateTime ge {floor}"))
    );
    let (rows, link) = desk.pages(&call, IMMUTABLE);
    assert_eq!(rows.len(), 100);
    for at in [50, 200] {
        desk.ask("DELETE", &format!("/me/messages/{}", encode(&id(&all[at]))), Value::Null, "");
    }
    let (changes, _) = desk.pages(&link.unwrap(), IMMUTABLE);
    assert_eq!(ids(&changes), ids(&all[50..51]));
    for wrong in ["isRead%20eq%20true", "receivedDateTime%20le%202026-01-01T00:00:00Z"] {
        let call = format!("/me/mailFolders/inbox/messages/delta?$filter={wrong}");
        assert_eq!(desk.ask("GET", &call, Value::Null, "").status, 400);
    }
}

#[test]
fn an_old_or_unknown_delta_link_is_gone() {
    let mut desk = Desk::new();
    let (_, link) = desk.pages("/me/mailFolders/inbox/messages/delta?$select=id", "odata.maxpagesize=1000");
    let link = link.unwrap();
    let gone = (410, "SyncStateNotFound".to_owned());
    let other_folder = link.replace("inbox", "archive");
    assert_eq!(code(desk.ask("GET", &other_folder, Value::Null, "")), gone, "a link belongs to its folder");
    let cut = &link[..link.len() - 6];
    assert_eq!(code(desk.ask("GET", cut, Value::Null, "")), gone);
    desk.world.mail.expire_delta("lena@contoso.com");
    assert_eq!(code(desk.ask("GET", &link, Value::Null, "")), gone);
    let mut later = Desk::at(monday() + Duration::from_mins(1), WorldOptions::default());
    assert_eq!(code(later.ask("GET", &link, Value::Null, "")), gone, "a link of an earlier run");
    let (rows, _) = desk.pages("/me/mailFolders/inbox/messages/delta?$select=id", "odata.maxpagesize=1000");
    assert_eq!(rows.len(), 300, "a new round works");
}

#[test]
fn with_quirks_rows_come_twice_and_pages_empty_but_nothing_is_lost() {
    let mut desk = Desk::quirky();
    let mut empty = 0;
    let mut rows = Vec::new();
    let mut call = "/me/mailFolders/inbox/messages/delta?$select=subject,importance".to_owned();
    let link = loop {
        let mut page = desk.get_preferring(&call, "IdType=\"ImmutableId\", odata.maxpagesize=30");
        let value: Vec<Value> = page["value"].as_array_mut().unwrap().drain(..).collect();
        empty += usize::from(value.is_empty());
        assert!(value.len() != 30, "another size than asked for");
        rows.extend(value);
        match page["@odata.nextLink"].as_str() {
            Some(next) => call = next.to_owned(),
            None => break page["@odata.deltaLink"].as_str().unwrap().to_owned(),
        }
    };
    let once: BTreeSet<String> = ids(&rows).into_iter().collect();
    assert_eq!(once.len(), 300);
    assert!(rows.len() > 300 && empty > 0);
    for row in &rows[..3] {
        desk.patch(&format!("/me/messages/{}", encode(&id(row))), json!({"importance": "low"}));
    }
    let changed: BTreeSet<String> = ids(&desk.pages(&link, IMMUTABLE).0).into_iter().collect();
    assert_eq!(changed, ids(&rows[..3]).into_iter().collect());
}

#[test]
fn folder_delta_lists_all_levels_and_then_what_changed() {
    let mut desk = Desk::new();
    let (rows, link) = desk.pages("/me/mailFolders/delta", "");
    let names: Vec<&str> = rows.iter().map(|row| row["displayName"].as_str().unwrap()).collect();
    assert!(names.contains(&"Fabrikam") && names.contains(&"Inbox") && !names.contains(&"Top of Information Store"));
    let page = desk.get("/me/mailFolders/inbox/messages?$top=1&$select=id");
    desk.post(&format!("/me/messages/{}/move", encode(&id(&page["value"][0]))), json!({"destinationId": "archive"}));
    let (changed, link) = desk.pages(&link.unwrap(), "");
    let names: BTreeSet<&str> = changed.iter().map(|row| row["displayName"].as_str().unwrap()).collect();
    assert_eq!(names, BTreeSet::from(["Archive", "Inbox"]));
    assert!(desk.pages(&link.unwrap(), "").0.is_empty());
}

#[test]
fn only_drafts_change_their_words() {
    let mut desk = Desk::new();
    let page = desk.get("/me/mailFolders/inbox/messages?$top=1&$select=id");
    let path = format!("/me/messages/{}", encode(&id(&page["value"][0])));
    assert_eq!(desk.patch(&path, json!({"subject": "mine now"})).status, 400);
    let answer = desk.patch(&path, json!({"flag": {"flagStatus": "flagged", "dueDateTime": {"dateTime": "2026-12-01T00:00:00", "timeZone": "UTC"}}}));
    assert_eq!(answer.status, 400, "a due date needs a start date");
    let changed = json_of(
        desk.patch(&path, json!({"categories": ["Travel"], "importance": "low", "inferenceClassification": "other"})),
    );
    assert_eq!(
        (&changed["categories"], &changed["importance"], &changed["inferenceClassification"]),
        (&json!(["Travel"]), &json!("low"), &json!("other"))
    );

    let draft =
        json_of(desk.post("/me/messages", json!({"subject": "a", "body": {"contentType": "text", "content": "b"}})));
    assert_eq!(draft["isDraft"], true);
    let path = format!("/me/messages/{}", encode(&id(&draft)));
    assert_eq!(desk.post(&format!("{path}/send"), Value::Null).status, 400, "nobody to send it to");
    let to =
        json!([{"emailAddress": {"address": "ben@contoso.com"}}, {"emailAddress": {"address": "nobody@contoso.com"}}]);
    assert_eq!(json_of(desk.patch(&path, json!({"subject": "final", "toRecipients": to})))["subject"], "final");
    assert_eq!(desk.post(&format!("{path}/send"), Value::Null).status, 202);
    let on_its_way = desk.get(&path);
    assert_eq!(on_its_way["isDraft"], true, "accepted is not sent");
    assert_eq!(code(desk.post(&format!("{path}/send"), Value::Null)).0, 404, "once is enough");
    desk.clock.advance(Duration::from_secs(2));
    let sent = desk.get(&path);
    assert_eq!(sent["isDraft"], false);
    assert_eq!(sent["parentFolderId"], desk.get("/me/mailFolders/sentitems")["id"], "the immutable id lives on");
    assert_eq!(code(desk.post(&format!("{path}/send"), Value::Null)).0, 404, "once is enough");
    let newest = desk.get("/me/mailFolders/sentitems/messages?$top=1");
    assert_eq!(newest["value"][0]["id"], sent["id"], "sent now, whenever it was begun");
    desk.clock.advance(Duration::from_secs(3));
    let notice = desk.get("/me/mailFolders/inbox/messages?$top=1");
    assert_eq!(notice["value"][0]["subject"], "Undeliverable: final");
    desk.person = desk.world.person(desk.world.company.find("ben").unwrap()).id.clone();
    let page = desk.get("/me/mailFolders/inbox/messages?$top=1");
    assert_eq!(page["value"][0]["subject"], "final");
    assert_eq!(page["value"][0]["from"]["emailAddress"]["address"], "lena@contoso.com");
    assert_eq!(page["value"][0]["isRead"], false);
}

#[test]
fn attachments_come_with_and_without_their_bytes() {
    let mut desk = Desk::new();
    let page = desk.get("/me/mailFolders/inbox/messages?$top=1&$select=hasAttachments");
    let path = format!("/me/messages/{}", encode(&id(&page["value"][0])));
    let light = desk.get(&format!("{path}/attachments?$select=id,name,size,contentType,isInline"));
    let light = light["value"].as_array().unwrap();
    let names: Vec<&str> = light.iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["contract-v3.docx", "redline.pdf"]);
    assert!(
        light
            .iter()
            .all(|row| row.get("contentBytes").is_none() && row["@odata.type"] == "#microsoft.graph.fileAttachment")
    );
    let answer = desk.ask("GET", &format!("{path}/attachments/{}/$value", encode(&id(&light[0]))), Value::Null, "");
    let Body::Bytes(kind, bytes) = answer.body else { panic!("raw bytes") };
    assert!(kind.ends_with("wordprocessingml.document"));
    assert!(bytes.starts_with(b"PK") && bytes.len().abs_diff(84_000) < 1_000);
    let expanded = desk.get(&format!("{path}?$select=subject&$expand=attachments($select=id,name)"));
    assert_eq!(expanded["attachments"][1]["name"], "redline.pdf");
    assert!(expanded["attachments"][1].get("contentBytes").is_none());
}

#[test]
fn awkward_mail_is_there() {
    let mut desk = Desk::new();
    let (rows, _) = desk.pages("/me/mailFolders/inbox/messages?$top=1000", IMMUTABLE);
    let any = |test: &dyn Fn(&Value) -> bool| rows.iter().any(test);
    assert!(any(&|row| row["from"].is_null()));
    assert!(
        any(&|row| row["from"]["emailAddress"].is_object() && row["from"]["emailAddress"].get("address").is_none())
    );
    assert!(any(&|row| row["subject"].as_str().unwrap().chars().count() > 450));
    assert!(any(&|row| row["subject"] == ""));
    for hidden in ['\u{1b}', '\u{202e}', '\u{0}', '\u{9b}', '\u{36b}', '日', 'ש', 'ت', '📚'] {
        assert!(any(&|row| row["subject"].as_str().unwrap().contains(hidden)), "{hidden:?}");
    }
    let pictures = rows.iter().find(|row| row["subject"].as_str().unwrap().contains("Photos")).unwrap();
    assert_eq!(pictures["hasAttachments"], false, "inline pictures do not count");
    assert!(pictures["body"]["content"].as_str().unwrap().contains("cid:img1"));
    let list = desk.get(&format!("/me/messages/{}/attachments?$select=isInline,contentId", encode(&id(pictures))));
    assert_eq!(list["value"].as_array().unwrap().len(), 2);
    let kinds: BTreeMap<&str, &Value> =
        rows.iter().filter_map(|row| Some((row["@odata.type"].as_str()?, &row["meetingMessageType"]))).collect();
    assert_eq!(*kinds["#microsoft.graph.eventMessageRequest"], "meetingRequest");
    assert!(kinds.contains_key("#microsoft.graph.eventMessageResponse"));
    let thread: Vec<&Value> =
        rows.iter().filter(|row| row["subject"].as_str().unwrap().ends_with("offsite dates")).collect();
    assert!(thread.len() >= 3 && thread.iter().all(|row| row["conversationId"] == thread[0]["conversationId"]));
    assert!(thread[0]["body"]["content"].as_str().unwrap().contains("divRplyFwdMsg"), "answers quote");
    let index = |row: &Value| row["conversationIndex"].as_str().unwrap().len();
    assert!(index(thread[0]) > index(thread[thread.len() - 1]));
}

#[test]
fn bodies_come_as_text_on_demand_and_previews_are_short() {
    let mut desk = Desk::new();
    let page = desk.get_preferring("/me/mailFolders/inbox/messages?$top=300", "outlook.body-content-type=\"text\"");
    for row in page["value"].as_array().unwrap() {
        assert_eq!(row["body"]["contentType"], "text");
        assert!(!row["body"]["content"].as_str().unwrap().contains("<td"), "{}", row["subject"]);
        assert!(row["bodyPreview"].as_str().unwrap().chars().count() <= 255);
    }
    let path = format!("/me/messages/{}", encode(&id(&page["value"][0])));
    let Body::Bytes(kind, bytes) = desk.ask("GET", &format!("{path}/$value"), Value::Null, "").body else {
        panic!("MIME")
    };
    assert_eq!(kind, "text/plain");
    assert!(String::from_utf8(bytes).unwrap().contains("MIME-Version: 1.0\r\n"));
}

#[test]
fn without_the_content_scope_only_headers_come() {
    let mut desk = Desk::new();
    desk.granted = [("mail.readbasic".to_owned())].into();
    let page = desk.get("/me/messages?$top=5");
    assert!(
        page["value"]
            .as_array()
            .unwrap()
            .iter()
            .all(|row| row.get("body").is_none() && row.get("bodyPreview").is_none())
    );
    let path = format!("/me/messages/{}", encode(&id(&page["value"][0])));
    assert_eq!(desk.patch(&path, json!({"isRead": true})).status, 403);
    assert_eq!(desk.ask("GET", &format!("{path}/attachments"), Value::Null, "").status, 403);
    assert_eq!(desk.post("/me/sendMail", json!({})).status, 403);
}

#[test]
fn the_shared_mailbox_is_open_to_its_readers_only() {
    let mut desk = Desk::new();
    let inbox = desk.get("/users/support@contoso.com/mailFolders/inbox");
    assert_eq!((&inbox["totalItemCount"], &inbox["unreadItemCount"]), (&json!(59), &json!(37)));
    let closed = (403, "ErrorAccessDenied".to_owned());
    assert_eq!(code(desk.ask("GET", "/users/ben@contoso.com/mailFolders/inbox", Value::Null, "")), closed);
    desk.granted.remove("mail.readwrite.shared");
    assert_eq!(code(desk.ask("GET", "/users/support@contoso.com/messages", Value::Null, "")), closed);
    let own = desk.person.clone();
    desk.get(&format!("/users/{own}/messages"));
}

#[test]
fn a_hundred_thousand_messages_start_in_a_moment() {
    let options = WorldOptions { mail: Some(100_000), ..WorldOptions::default() };
    let mut desk = Desk::at(monday(), options);
    assert_eq!(desk.get("/me/mailFolders/inbox")["totalItemCount"], 100_000);
    let page = desk.get("/me/mailFolders/inbox/messages?$top=1000&$select=subject,bodyPreview&$skip=90000");
    assert_eq!(page["value"].as_array().unwrap().len(), 1_000);
    let since = "receivedDateTime%20ge%202026-08-25T00:00:00Z";
    let (rows, link) = desk.pages(
        &format!("/me/mailFolders/inbox/messages/delta?$select=subject&$filter={since}"),
        "IdType=\"ImmutableId\", odata.maxpagesize=1000",
    );
    assert_eq!(rows.len(), 5_000, "a filtered first round ends there");
    desk.patch(&format!("/me/messages/{}", encode(&id(&rows[4_000]))), json!({"isRead": true, "importance": "high"}));
    assert_eq!(ids(&desk.pages(&link.unwrap(), IMMUTABLE).0), ids(&rows[4_000..4_001]));
    let oldest = desk.get("/me/mailFolders/inbox/messages?$top=1&$orderby=receivedDateTime%20asc");
    assert!(oldest["value"][0]["receivedDateTime"].as_str().unwrap().starts_with("2023-1"), "three years back");
}

#[test]
fn generated_bodies_have_the_sizes_of_real_mail() {
    let mut desk = Desk::at(monday(), WorldOptions { mail: Some(3_000), ..WorldOptions::default() });
    let (rows, _) = desk.pages("/me/mailFolders/inbox/messages?$top=500&$skip=400&$select=body", IMMUTABLE);
    let mut sizes: Vec<usize> = rows.iter().map(|row| row["body"]["content"].as_str().unwrap().len()).collect();
    sizes.sort_unstable();
    let html = rows.iter().filter(|row| row["body"]["contentType"] == "html").count() * 100 / rows.len();
    let (median, ninth) = (sizes[sizes.len() / 2], sizes[sizes.len() * 9 / 10]);
    assert!((82..=88).contains(&html), "{html} % are HTML");
    assert!((6_900..8_500).contains(&median), "median {median}");
    assert!((25_000..33_000).contains(&ninth), "p90 {ninth}");
}

#[test]
fn a_rare_word_is_found_once_in_ten_thousand() {
    let mut desk = Desk::at(monday(), WorldOptions { mail: Some(6_000), ..WorldOptions::default() });
    let (rows, _) = desk.pages("/me/mailFolders/inbox/messages?$search=%22zymurgy%22", IMMUTABLE);
    assert_eq!(rows.len(), 1);
}

#[test]
fn an_invitation_and_its_event_are_at_the_same_time() {
    // On a Monday and on a Saturday.
    for now in [monday(), monday() - Duration::from_hours(48)] {
        let mut desk = Desk::at(now, WorldOptions::default());
        desk.granted.insert("calendars.read".to_owned());
        let events = "/me/calendarView?startDateTime=2026-11-20T00:00:00Z&endDateTime=2026-12-02T00:00:00Z&$top=500";
        let (events, _) = desk.pages(events, "");
        let (rows, _) = desk.pages(&inbox("subject,microsoft.graph.eventMessage/startDateTime"), IMMUTABLE);
        for subject in ["Roadmap sync", "Hiring sync", "Vendor demo"] {
            let invitation = rows.iter().find(|row| row["subject"] == subject).unwrap();
            let event = events.iter().find(|event| event["subject"] == subject).unwrap();
            assert_eq!(invitation["startDateTime"], event["start"], "{subject}");
        }
    }
}

/// The same through HTTP, where paths are cut before they are decoded.
#[tokio::test]
async fn percent_encoded_ids_and_functions_pass_the_gate() {
    let clock = Arc::new(CrankedClock::at(monday()));
    let tenant = Tenant::start(TenantOptions::default(), clock, Arc::new(SeededIds::new(7))).await.unwrap();
    let token = tenant.script().token("lena", "").unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let get = async |path: &str| {
        let request = client.get(format!("{}/v1.0{path}", tenant.graph())).bearer_auth(&token);
        let answer = request.header("Prefer", "IdType=\"ImmutableId\", odata.maxpagesize=500").send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        assert!(answer.headers()["preference-applied"].to_str().unwrap().contains("ImmutableId"));
        answer.json::<Value>().await.unwrap()
    };
    let page = get("/me/mailFolders('Inbox')/messages/delta()?%24select=subject").await;
    let rows = page["value"].as_array().unwrap();
    assert_eq!(rows.len(), 300);
    let slashed = rows.iter().find(|row| id(row).contains('/')).unwrap();
    let one = get(&format!("/me/messages/{}", encode(&id(slashed)))).await;
    assert_eq!(one["subject"], slashed["subject"]);
    let quoted = get(&format!("/me/messages('{}')", encode(&id(slashed)))).await;
    assert_eq!(quoted["id"], one["id"]);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn no_query_makes_it_stumble(text in "[ -~]{0,40}", option in 0_usize..6) {
        thread_local! { static DESK: std::cell::RefCell<Desk> = std::cell::RefCell::new(Desk::new()); }
        let name = ["$filter", "$search", "$orderby", "$skiptoken", "$deltatoken", "$expand"][option];
        DESK.with_borrow_mut(|desk| {
            for path in ["/me/messages", "/me/mailFolders/inbox/messages/delta", "/me/mailFolders"] {
                let answer = desk.ask("GET", &format!("{path}?{name}={}", encode(&text)), Value::Null, "");
                proptest::prop_assert!([200, 400, 410].contains(&answer.status));
            }
            let answer = desk.ask("GET", &format!("/me/messages/{}", encode(&format!("x{text}"))), Value::Null, "");
            proptest::prop_assert_eq!(answer.status, 400);
            Ok(())
        })?;
    }
}
