//! The simulated tenant's calendars as they are written: meetings that appear with everybody, answers that come back, days of a
//! series that go their own way, and what deltas say of it; by hand and by the client's own calls, over real HTTP.

use crate::sim_schema::{breaches, list_breaches};
use deskbell::auth::StaticToken;
use deskbell::base::clock::CrankedClock;
use deskbell::base::ids::SeededIds;
use deskbell::base::secret::Secret;
use deskbell::domain::calls::RetryPolicy;
use deskbell::domain::event::{EventId, Response};
use deskbell::domain::event_draft::{EventChange, EventDraft, EventTime, Invitee};
use deskbell::domain::intent::InvitationAnswer;
use deskbell::domain::mail::{MessageId, Recipient};
use deskbell::domain::time::{Span, Zone};
use deskbell::graph::transport::{NobodyListens, Parts};
use deskbell::graph::{Graph, GraphError, Priority, Reach, calendar_write};
use deskbell::net::client::Clients;
use deskbell::net::cloud::Cloud;
use deskbell::sim::{Tenant, TenantOptions};
use jiff::civil::date;
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

const WAITS: Priority = Priority::Person;
const WINDOW: &str = "startDateTime=2026-11-20T00:00:00Z&endDateTime=2027-01-10T00:00:00Z";

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

    fn graph(&self, person: &str, scopes: &str) -> Graph {
        let address = self.tenant.graph();
        let token = Secret::new(self.tenant.script().token(person, scopes).unwrap());
        Graph::new(Parts {
            reach: Reach::Own,
            clients: Arc::new(Clients::new(Cloud::at(address, address).unwrap())),
            tokens: Arc::new(StaticToken::new(&token)),
            clock: Arc::new(self.clock.clone()),
            ids: Arc::new(SeededIds::new(7)),
            observer: Arc::new(NobodyListens),
            is_offline: false,
            made_as: None,
            retry: RetryPolicy::default(),
        })
    }

    async fn ask(&self, who: &str, method: Method, path: &str, body: Value, version: &str) -> (u16, Value) {
        let path = path.split_once("/v1.0").map_or(path, |(_, path)| path);
        let request = self.http.request(method, format!("{}/v1.0{path}", self.tenant.graph()));
        let request = request.bearer_auth(self.tenant.script().token(who, "").unwrap());
        let request = request.header("Prefer", "IdType=\"ImmutableId\", odata.maxpagesize=500");
        let request = if version.is_empty() { request } else { request.header("If-Match", version) };
        let response = if body.is_null() { request } else { request.json(&body) }.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap_or(Value::Null))
    }

    async fn get(&self, who: &str, path: &str) -> Value {
        let (status, body) = self.ask(who, Method::GET, path, Value::Null, "").await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    async fn post(&self, who: &str, path: &str, body: Value) -> (u16, String) {
        let (status, body) = self.ask(who, Method::POST, path, body, "").await;
        (status, body["error"]["code"].as_str().unwrap_or_default().to_owned())
    }

    /// The events of this subject that somebody sees in the window, in order of time.
    async fn seen(&self, who: &str, subject: &str) -> Vec<Value> {
        let all = self.get(who, &format!("/me/calendarView?{WINDOW}&$top=1000")).await;
        let all = all["value"].as_array().unwrap().iter();
        all.filter(|event| event["subject"] == subject).cloned().collect()
    }

    /// The newest mail of somebody's inbox.
    async fn mail(&self, who: &str, folder: &str) -> Value {
        let mail = self.get(who, &format!("/me/mailFolders/{folder}/messages?$top=1")).await["value"][0].clone();
        assert_eq!(breaches("message", &mail), Vec::<String>::new());
        mail
    }
}

fn encoded(id: &Value) -> String {
    url::form_urlencoded::byte_serialize(id.as_str().unwrap().as_bytes()).collect()
}

fn path(event: &Value) -> String {
    format!("/me/events/{}", encoded(&event["id"]))
}

fn invitee(address: &str, is_resource: bool) -> Invitee {
    let recipient = Recipient { name: String::new(), address: address.to_owned() };
    Invitee { recipient, is_optional: false, is_resource }
}

fn at_two() -> EventTime {
    let start = date(2026, 11, 24).at(14, 0, 0, 0);
    EventTime::Timed { start, end: date(2026, 11, 24).at(14, 30, 0, 0), zone: Zone::find("Europe/Madrid") }
}

fn status_of<'a>(event: &'a Value, address: &str) -> &'a Value {
    let all = event["attendees"].as_array().unwrap();
    &all.iter().find(|one| one["emailAddress"]["address"] == address).unwrap()["status"]["response"]
}

fn code(error: &GraphError) -> (u16, &str) {
    error.refusal().map_or((0, ""), |refusal| (refusal.status, refusal.code()))
}

#[tokio::test]
async fn a_meeting_appears_with_everybody_and_their_answers_come_back() {
    let bench = Bench::new().await;
    let lena = bench.graph("lena", "Calendars.ReadWrite");
    let ben = bench.graph("ben", "Calendars.ReadWrite Mail.Read");
    let (_, first_round) =
        bench.ask("ben", Method::GET, &format!("/me/calendarView/delta?{WINDOW}"), Value::Null, "").await;
    let mut draft = EventDraft::new("Plan <Q1>".to_owned(), at_two());
    draft.attendees = vec![invitee("ben@contoso.com", false), invitee("ana@contoso.com", false)];
    draft.is_online = true;
    draft.body = "Agenda:\n1 & 2".to_owned();
    draft.reminder = None;
    let reads = bench.graph("lena", "Calendars.Read");
    let refused = calendar_write::create(&reads, None, &draft, "t-1", WAITS).await.unwrap_err();
    assert!(refused.is_forbidden(), "reading is not writing");
    let made = calendar_write::create(&lena, None, &draft, "t-1", WAITS).await.unwrap();
    let again = calendar_write::create(&lena, None, &draft, "t-1", WAITS).await.unwrap();
    assert_eq!(made.id, again.id, "the same transaction is the same event");
    assert_eq!(bench.seen("lena", "Plan <Q1>").await.len(), 1);
    assert!(made.join_url.is_some() && made.is_organizer && made.response == Response::Organizer);
    let own = bench.get("lena", &format!("/me/events/{}", encoded(&json!(made.id.0)))).await;
    assert_eq!(breaches("event", &own), Vec::<String>::new());
    assert_eq!((&own["transactionId"], &own["isReminderOn"]), (&json!("t-1"), &json!(false)));
    assert!(own["body"]["content"].as_str().unwrap().contains("1 &amp; 2"));
    assert_eq!(own["start"]["dateTime"], "2026-11-24T13:00:00.0000000");

    let invited = bench.seen("ben", "Plan <Q1>").await.remove(0);
    assert_eq!(
        (&invited["responseStatus"]["response"], &invited["showAs"]),
        (&json!("notResponded"), &json!("tentative"))
    );
    let delta = bench.get("ben", first_round["@odata.deltaLink"].as_str().unwrap()).await;
    assert!(delta["value"].as_array().unwrap().iter().any(|row| row["id"] == invited["id"]), "{delta}");
    assert_eq!(list_breaches("event", &delta), Vec::<String>::new());
    let invitation = bench.mail("ben", "inbox").await;
    assert_eq!(invitation["@odata.type"], "#microsoft.graph.eventMessageRequest");
    let message = MessageId(invitation["id"].as_str().unwrap().to_owned());
    let event = calendar_write::event_of_message(&ben, &message, WAITS).await.unwrap().unwrap();
    assert_eq!(event.id.0, invited["id"].as_str().unwrap(), "the mail leads to the event");
    let planted =
        bench.get("lena", "/me/messages?$filter=subject%20eq%20'Roadmap%20sync'").await["value"][0]["id"].clone();
    let planted = MessageId(planted.as_str().unwrap().to_owned());
    assert_eq!(
        calendar_write::event_of_message(&lena_mail(&bench), &planted, WAITS).await.unwrap().unwrap().subject,
        "Roadmap sync"
    );

    calendar_write::respond(&ben, &event.id, InvitationAnswer::Accept, "Fine", true, None, WAITS).await.unwrap();
    let accepted = bench.seen("ben", "Plan <Q1>").await.remove(0);
    assert_eq!((&accepted["responseStatus"]["response"], &accepted["showAs"]), (&json!("accepted"), &json!("busy")));
    let own = bench.seen("lena", "Plan <Q1>").await.remove(0);
    assert_eq!(
        (status_of(&own, "ben@contoso.com"), status_of(&own, "ana@contoso.com")),
        (&json!("accepted"), &json!("none"))
    );
    let told = bench.mail("lena", "inbox").await;
    assert_eq!(
        (&told["subject"], &told["meetingMessageType"]),
        (&json!("Accepted: Plan <Q1>"), &json!("meetingAccepted"))
    );

    // Quietly: the organizer hears nothing.
    let ana = bench.graph("ana", "Calendars.ReadWrite");
    let hers = EventId(bench.seen("ana", "Plan <Q1>").await[0]["id"].as_str().unwrap().to_owned());
    calendar_write::respond(&ana, &hers, InvitationAnswer::Decline, "", false, None, WAITS).await.unwrap();
    assert!(bench.seen("ana", "Plan <Q1>").await.is_empty(), "what is declined leaves the calendar");
    assert_eq!(status_of(&bench.seen("lena", "Plan <Q1>").await[0], "ana@contoso.com"), "none");
    let twice =
        calendar_write::respond(&ana, &hers, InvitationAnswer::Decline, "", false, None, WAITS).await.unwrap_err();
    assert!(twice.is_not_found());
    let mine =
        calendar_write::respond(&lena, &made.id, InvitationAnswer::Accept, "", true, None, WAITS).await.unwrap_err();
    assert_eq!(code(&mine), (400, "ErrorInvalidRequest"), "one's own meeting");

    // Another time, and the organizer moves it there.
    let slot = Span { start: "2026-11-25T10:00:00Z".parse().unwrap(), end: "2026-11-25T10:30:00Z".parse().unwrap() };
    calendar_write::respond(&ben, &event.id, InvitationAnswer::Tentative, "Later?", true, Some(slot), WAITS)
        .await
        .unwrap();
    let own = bench.seen("lena", "Plan <Q1>").await.remove(0);
    assert_eq!(breaches("event", &own), Vec::<String>::new());
    assert_eq!(own["attendees"][0]["proposedNewTime"]["start"]["dateTime"], "2026-11-25T10:00:00.0000000");
    assert_eq!(bench.mail("lena", "inbox").await["proposedNewTime"]["end"]["dateTime"], "2026-11-25T10:30:00.0000000");
    let start = date(2026, 11, 25).at(11, 0, 0, 0);
    let time = EventTime::Timed { start, end: date(2026, 11, 25).at(11, 30, 0, 0), zone: Zone::find("Europe/Madrid") };
    let moved = EventChange { time: Some(time), ..EventChange::default() };
    calendar_write::update(&lena, None, &made.id, &moved, WAITS).await.unwrap();
    let his = bench.seen("ben", "Plan <Q1>").await.remove(0);
    assert_eq!(his["start"]["dateTime"], "2026-11-25T10:00:00.0000000");
    assert_eq!(his["responseStatus"]["response"], "notResponded", "a new time is a new question");
    assert_eq!(bench.mail("ben", "inbox").await["meetingRequestType"], "fullUpdate");
    let forbids = json!({"allowNewTimeProposals": false});
    assert_eq!(bench.ask("lena", Method::PATCH, &path(&own), forbids, "").await.0, 200);
    bench.ask("lena", Method::PATCH, &path(&own), json!({"location": {"displayName": "Room 9"}}), "").await;
    let proposal = json!({"start": {"dateTime": "2026-11-26T10:00:00", "timeZone": "UTC"}, "end": {"dateTime": "2026-11-26T11:00:00", "timeZone": "UTC"}});
    let body = json!({"SendResponse": true, "ProposedNewTime": proposal});
    assert_eq!(bench.post("ben", &format!("{}/decline", path(&his)), body).await.0, 400, "no proposals here");

    // Called off: it stays with the others, marked, until they take it away.
    assert_eq!(
        bench.post("ben", &format!("{}/cancel", path(&his)), json!({"comment": "x"})).await.0,
        400,
        "not his to cancel"
    );
    calendar_write::cancel(&lena, &made.id, "Sorry", WAITS).await.unwrap();
    assert!(calendar_write::cancel(&lena, &made.id, "Sorry", WAITS).await.unwrap_err().is_not_found());
    assert!(bench.seen("lena", "Plan <Q1>").await.is_empty());
    let his = bench.seen("ben", "Canceled: Plan <Q1>").await.remove(0);
    assert_eq!((&his["isCancelled"], &his["location"]["displayName"]), (&json!(true), &json!("Room 9")));
    let told = bench.mail("ben", "inbox").await;
    assert_eq!(told["meetingMessageType"], "meetingCancelled");
    assert!(told["body"]["content"].as_str().unwrap().contains("Sorry"));
    let theirs = EventId(his["id"].as_str().unwrap().to_owned());
    calendar_write::delete(&ben, &theirs, WAITS).await.unwrap();
    assert!(calendar_write::delete(&ben, &theirs, WAITS).await.unwrap_err().is_not_found());
    assert!(calendar_write::event(&ben, None, &theirs, WAITS).await.unwrap().is_none());
}

fn lena_mail(bench: &Bench) -> Graph {
    bench.graph("lena", "Mail.Read Calendars.Read")
}

#[tokio::test]
async fn a_day_of_a_series_goes_its_own_way_and_stays_between_its_neighbours() {
    let bench = Bench::new().await;
    let series = json!({
        "subject": "Standing", "start": {"dateTime": "2026-12-01T09:00:00", "timeZone": "Europe/Madrid"},
        "end": {"dateTime": "2026-12-01T09:30:00", "timeZone": "Europe/Madrid"},
        "attendees": [{"type": "required", "emailAddress": {"address": "ben@contoso.com"}}],
        "recurrence": {"pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"], "firstDayOfWeek": "monday"},
            "range": {"type": "numbered", "startDate": "2026-12-01", "numberOfOccurrences": 4}}});
    let mut wrong = series.clone();
    wrong["recurrence"]["range"]["startDate"] = json!("2026-12-02");
    assert_eq!(bench.post("lena", "/me/events", wrong).await.0, 400, "the range begins with the event");
    let (status, master) = bench.ask("lena", Method::POST, "/me/events", series, "").await;
    assert_eq!((status, &master["type"]), (201, &json!("seriesMaster")));
    assert_eq!(breaches("event", &master), Vec::<String>::new());
    let round = bench.get("lena", &format!("/me/calendarView/delta?{WINDOW}")).await;
    let days = bench.seen("lena", "Standing").await;
    assert_eq!(days.len(), 4);
    let at = |text: &str| json!({"dateTime": text, "timeZone": "Europe/Madrid"});
    let to = |day: &str| json!({"start": at(&format!("{day}T09:00:00")), "end": at(&format!("{day}T10:00:00"))});
    for past in ["2026-12-15", "2026-12-01", "2026-12-20"] {
        let (status, body) = bench.ask("lena", Method::PATCH, &path(&days[1]), to(past), "").await;
        assert_eq!((status, &body["error"]["code"]), (400, &json!("ErrorOccurrenceCrossingBoundary")), "{past}");
    }
    let stale = "W/\"CkXXX==\"";
    assert_eq!(bench.ask("lena", Method::PATCH, &path(&days[1]), to("2026-12-10"), stale).await.0, 412);
    let current = days[1]["@odata.etag"].as_str().unwrap();
    let (status, moved) = bench.ask("lena", Method::PATCH, &path(&days[1]), to("2026-12-10"), current).await;
    assert_eq!((status, &moved["type"], &moved["id"]), (200, &json!("exception"), &days[1]["id"]));
    assert_eq!(
        bench.ask("lena", Method::DELETE, &path(&days[2]), Value::Null, current).await.0,
        412,
        "it changed meanwhile"
    );
    assert_eq!(bench.ask("lena", Method::DELETE, &path(&days[2]), Value::Null, "").await.0, 204);

    let left: Vec<String> = bench
        .seen("lena", "Standing")
        .await
        .iter()
        .map(|one| one["start"]["dateTime"].as_str().unwrap()[..16].to_owned())
        .collect();
    assert_eq!(left, ["2026-12-01T08:00", "2026-12-10T08:00", "2026-12-22T08:00"]);
    let his = bench.seen("ben", "Standing").await;
    assert_eq!(his[1]["start"]["dateTime"], "2026-12-10T08:00:00.0000000", "his day moved too");
    assert_eq!(bench.seen("ben", "Canceled: Standing").await.len(), 1);
    let delta = bench.get("lena", round["@odata.deltaLink"].as_str().unwrap()).await;
    let rows = delta["value"].as_array().unwrap();
    let row = |id: &Value| rows.iter().find(|row| row["id"] == *id).unwrap_or_else(|| panic!("{delta}"));
    assert_eq!(row(&days[1]["id"])["type"], "exception");
    assert_eq!(row(&days[2]["id"])["@removed"]["reason"], "deleted");

    // One day answered, the others not.
    assert_eq!(
        bench.post("ben", &format!("{}/tentativelyAccept", path(&his[0])), json!({"Comment": "maybe"})).await.0,
        202
    );
    let his = bench.seen("ben", "Standing").await;
    let responses: Vec<&Value> = his.iter().map(|one| &one["responseStatus"]["response"]).collect();
    assert_eq!(responses, ["tentativelyAccepted", "notResponded", "notResponded"]);
    let own = bench.seen("lena", "Standing").await;
    assert_eq!(
        (status_of(&own[0], "ben@contoso.com"), status_of(&own[2], "ben@contoso.com")),
        (&json!("tentativelyAccepted"), &json!("none"))
    );
    assert_eq!(bench.ask("lena", Method::DELETE, &path(&master), Value::Null, "").await.0, 204);
    assert!(bench.seen("lena", "Standing").await.is_empty());
    assert!(
        bench.seen("ben", "Standing").await.is_empty() && !bench.seen("ben", "Canceled: Standing").await.is_empty()
    );
}

#[tokio::test]
async fn rooms_answer_people_come_and_go_and_nonsense_is_refused() {
    let bench = Bench::new().await;
    let lena = bench.graph("lena", "Calendars.ReadWrite");
    let rooms: Vec<String> =
        bench.tenant.people().into_iter().filter(|one| one.kind == "room").filter_map(|room| room.mail).collect();
    let sunday = |hour: i8| EventTime::Timed {
        start: date(2026, 11, 29).at(hour, 0, 0, 0),
        end: date(2026, 11, 29).at(hour + 1, 0, 0, 0),
        zone: Zone::find("Europe/Madrid"),
    };
    let mut draft = EventDraft::new("Sunday".to_owned(), sunday(10));
    draft.attendees = vec![invitee(&rooms[0], true), invitee("ben@contoso.com", false)];
    let made = calendar_write::create(&lena, None, &draft, "r-1", WAITS).await.unwrap();
    let answer =
        |event: &deskbell::domain::event::Event| event.attendees.iter().find(|one| one.is_resource).unwrap().response;
    let booked = calendar_write::event(&lena, None, &made.id, WAITS).await.unwrap().unwrap();
    assert_eq!(answer(&booked), Response::Accepted, "the room is free");
    draft.subject = "Too".to_owned();
    let second = calendar_write::create(&lena, None, &draft, "r-2", WAITS).await.unwrap();
    let second = calendar_write::event(&lena, None, &second.id, WAITS).await.unwrap().unwrap();
    assert_eq!(answer(&second), Response::Declined, "the room is taken");

    let people = EventChange {
        attendees: Some(vec![invitee(&rooms[0], true), invitee("ana@contoso.com", false)]),
        ..EventChange::default()
    };
    calendar_write::update(&lena, None, &made.id, &people, WAITS).await.unwrap();
    assert_eq!(bench.seen("ana", "Sunday").await.len(), 1);
    assert_eq!(bench.seen("ben", "Canceled: Sunday").await.len(), 1);
    let hers = bench.seen("ana", "Sunday").await.remove(0);
    let forward = json!({"ToRecipients": [{"emailAddress": {"address": "olga@contoso.com"}}], "Comment": "You too?"});
    assert_eq!(bench.post("ana", &format!("{}/forward", path(&hers)), forward).await.0, 202);
    assert_eq!(bench.seen("olga", "Sunday").await.len(), 1);
    assert_eq!(bench.ask("ana", Method::PATCH, &path(&hers), json!({"subject": "Mine"}), "").await.0, 200);
    assert_eq!(bench.seen("lena", "Sunday").await.len(), 1, "what somebody invited changes is theirs alone");
    let online = EventChange { is_online: Some(true), ..EventChange::default() };
    let joined = calendar_write::update(&lena, None, &made.id, &online, WAITS).await.unwrap();
    assert!(joined.join_url.is_some());
    let words = EventChange { body: Some("No link here".to_owned()), ..EventChange::default() };
    let lost = calendar_write::update(&lena, None, &made.id, &words, WAITS).await.unwrap();
    assert!(lost.join_url.is_none(), "a text without the block takes it away");

    let at = |text: &str| json!({"dateTime": text, "timeZone": "UTC"});
    for (body, refused) in [
        (json!({"subject": "no time"}), "ErrorInvalidRequest"),
        (
            json!({"start": at("2026-11-24T10:00:00"), "end": at("2026-11-24T09:00:00")}),
            "ErrorPropertyValidationFailure",
        ),
        (
            json!({"start": at("2026-11-24T10:00:00"), "end": at("2026-11-25T00:00:00"), "isAllDay": true}),
            "ErrorPropertyValidationFailure",
        ),
        (
            json!({"start": {"dateTime": "2026-11-24T10:00:00", "timeZone": "Mars"}, "end": at("2026-11-25T00:00:00")}),
            "TimeZoneNotSupportedException",
        ),
        (json!({"start": at("x"), "end": at("2026-11-25T00:00:00")}), "RequestBodyRead"),
        (
            json!({"start": at("2026-11-24T10:00:00"), "end": at("2026-11-24T11:00:00"), "showAs": "gone"}),
            "RequestBodyRead",
        ),
        (
            json!({"start": at("2026-11-24T10:00:00"), "end": at("2026-11-24T11:00:00"), "attendees": [{"emailAddress": {}}]}),
            "ErrorInvalidRecipients",
        ),
    ] {
        assert_eq!(bench.post("lena", "/me/events", body.clone()).await, (400, refused.to_owned()), "{body}");
    }
    assert_eq!(bench.post("lena", "/users/ben@contoso.com/events", json!({})).await.0, 403, "not somebody else's");
}
