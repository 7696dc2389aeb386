//! Every step of every change under every fault: the connection cut before and after the service acted, refusals, storms, and the
//! program killed in the middle. At the end the change is made once, or it stays and says why; never twice, never lost.

use crate::drafts;
use crate::outbox::{Office, Program, encoded};
use crate::support::kinds::{KINDS, kind};
use deskbell::domain::draft::{DraftAttachment, DraftId, DraftKind};
use deskbell::domain::event::EventId;
use deskbell::domain::event_draft::{
    AutomaticRepliesSetting, AutomaticRepliesState, EventChange, EventDraft, EventTime, ExternalAudience, Invitee,
};
use deskbell::domain::freebusy::WorkingHours;
use deskbell::domain::intent::{Intent, InvitationAnswer, ItemState, MoveTarget, OutboxItem, Settlement, Trouble};
use deskbell::domain::mail::{FolderRole, MessageId, Recipient};
use deskbell::domain::own_settings::{ChosenPresence, PresenceChoice, StatusNote, WorkingTime};
use deskbell::domain::request::{Answer, Request};
use deskbell::domain::time::Zone;
use deskbell::sim::faults::{Action, FaultBody, Rule};
use jiff::civil::{Weekday, date, time};
use serde_json::{Value, json};

/// Which test goes through a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Group {
    Messages,
    Sent,
    Answered,
    PassedOn,
    /// With Mail.Send and without Mail.ReadWrite: in one call.
    Whole,
    Drafts,
    /// Drafts that another program began.
    Adopted,
    Events,
    Settings,
}

macro_rules! cases {
    ($($case:ident: $kind:ident in $group:ident),* $(,)?) => {
        /// A change of each kind.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        enum Case {
            $($case,)*
        }

        impl Case {
            const ALL: &[Self] = &[$(Self::$case),*];

            const fn kind(self) -> &'static str {
                match self {
                    $(Self::$case => stringify!($kind),)*
                }
            }

            const fn group(self) -> Group {
                match self {
                    $(Self::$case => Group::$group,)*
                }
            }
        }
    };
}

cases!(
    MarkRead: MarkRead in Messages,
    Flag: Flag in Messages,
    Categorise: Categorise in Messages,
    Archive: Move in Messages,
    DeleteForEver: DeleteForEver in Messages,
    Send: Send in Sent,
    Reply: Send in Answered,
    Forward: Send in PassedOn,
    SendWhole: Send in Whole,
    KeepDraft: KeepDraft in Drafts,
    DiscardDraft: DiscardDraft in Drafts,
    KeepAdopted: KeepDraft in Adopted,
    SendAdopted: Send in Adopted,
    CreateEvent: CreateEvent in Events,
    UpdateEvent: UpdateEvent in Events,
    DeleteEvent: DeleteEvent in Events,
    Respond: Respond in Events,
    AutomaticReplies: AutomaticReplies in Events,
    WorkingTime: WorkingTime in Settings,
    Presence: Presence in Settings,
    StatusNote: StatusNote in Settings,
);

#[test]
fn every_kind_of_change_has_a_case() {
    for kind in KINDS {
        assert!(Case::ALL.iter().any(|case| case.kind() == *kind), "{kind}");
    }
}

/// What goes wrong, once, at one step.
#[derive(Clone, Debug, PartialEq)]
enum Fault {
    /// The tenant misbehaves.
    Service(Action),
    /// The program is killed while the tenant has not acted yet.
    KilledBefore,
    /// The program is killed after the tenant acted and before it answered.
    KilledAfter,
}

fn faults() -> Vec<Fault> {
    let status = |status, code: &str| Fault::Service(Action::Status(status, FaultBody::Error(code.to_owned()), None));
    vec![
        Fault::Service(Action::Drop),
        Fault::Service(Action::Cut),
        Fault::Service(Action::Throttle(Some(20), false)),
        Fault::Service(Action::WrongJson),
        status(500, "InternalServerError"),
        status(503, "ServiceUnavailable"),
        status(412, "ErrorIrresolvableConflict"),
        status(404, "ErrorItemNotFound"),
        status(401, "InvalidAuthenticationToken"),
        Fault::KilledBefore,
        Fault::KilledAfter,
    ]
}

/// What a case works on, made anew for each run by another client.
struct Scene {
    case: Case,
    /// A name nothing else has.
    name: String,
    /// The message or the event.
    id: String,
}

fn to(address: &str) -> Vec<Recipient> {
    vec![Recipient { name: String::new(), address: address.to_owned() }]
}

fn nine() -> Value {
    json!({"start": {"dateTime": "2026-12-01T09:00:00", "timeZone": "UTC"},
           "end": {"dateTime": "2026-12-01T09:30:00", "timeZone": "UTC"}})
}

impl Scene {
    async fn set(office: &Office, case: Case, run: usize) -> Self {
        let name = format!("{case:?} {run}");
        let post = reqwest::Method::POST;
        let mut id = String::new();
        match case {
            Case::MarkRead
            | Case::Flag
            | Case::Categorise
            | Case::Archive
            | Case::DeleteForEver
            | Case::Reply
            | Case::Forward => {
                let mail = json!({"subject": name, "body": {"contentType": "text", "content": "?"}, "toRecipients":
                    [{"emailAddress": {"address": "lena@contoso.com"}}]});
                let made = office.elsewhere(post, "/me/mailFolders/inbox/messages", Some(mail)).await;
                id = made["id"].as_str().expect("an id").to_owned();
            }
            Case::UpdateEvent | Case::DeleteEvent => {
                let mut event = nine();
                event["subject"] = json!(name);
                let made = office.elsewhere(post, "/me/events", Some(event)).await;
                id = made["id"].as_str().expect("an id").to_owned();
            }
            Case::Respond => {
                let mut event = nine();
                event["subject"] = json!(name);
                event["attendees"] =
                    json!([{"type": "required", "emailAddress": {"address": "lena@contoso.com", "name": "Lena"}}]);
                office.by("ben", post, "/me/events", Some(event)).await;
                // An invitation arrives a moment later.
                office.advance(10).await;
                let found = events(office, &name).await;
                id = found.first().expect("the invitation")["id"].as_str().expect("an id").to_owned();
            }
            // With people in all fields, formatted, and with a file.
            Case::KeepAdopted | Case::SendAdopted => {
                id = drafts::begin_elsewhere(office, &format!("{name} begun")).await;
            }
            Case::Send
            | Case::SendWhole
            | Case::KeepDraft
            | Case::DiscardDraft
            | Case::CreateEvent
            | Case::AutomaticReplies
            | Case::WorkingTime
            | Case::Presence
            | Case::StatusNote => {}
        }
        Self { case, name, id }
    }

    async fn draft(&self, office: &Office, program: &Program, kind: DraftKind) -> DraftId {
        let about = (kind != DraftKind::New).then(|| MessageId(self.id.clone()));
        let draft = match program.engine.perform(Request::BeginDraft { kind, about }).await {
            Ok(Answer::Draft(draft)) => draft,
            other => panic!("{other:?}"),
        };
        let path = office.home.path().join("plan.txt");
        std::fs::write(&path, "a plan").expect("a file");
        let mut draft = *draft;
        draft.subject.clone_from(&self.name);
        draft.body = "Hello".to_owned();
        draft.to = to("ben@contoso.com");
        if matches!(self.case, Case::Send | Case::SendWhole) {
            draft.attachments = vec![DraftAttachment { path, name: "plan.txt".to_owned(), size: 6 }];
        }
        let id = draft.id;
        program.ask(Request::KeepDraft(Box::new(draft))).await;
        id
    }

    /// The draft that another program began, with another subject.
    async fn adopted(&self, program: &Program) -> DraftId {
        let mut draft = drafts::opened(program, &self.id).await;
        draft.subject.clone_from(&self.name);
        let id = draft.id;
        program.ask(Request::KeepDraft(Box::new(draft))).await;
        id
    }

    async fn intent(&self, office: &Office, program: &Program) -> Intent {
        let message = MessageId(self.id.clone());
        let event = EventId(self.id.clone());
        match self.case {
            Case::MarkRead => Intent::MarkRead { message, is_read: false },
            Case::Flag => Intent::Flag { message, is_flagged: true },
            Case::Categorise => Intent::Categorise { message, categories: vec![self.name.clone()] },
            Case::Archive => Intent::Move { message, to: MoveTarget::Role(FolderRole::Archive) },
            Case::DeleteForEver => Intent::DeleteForEver { message },
            Case::Send | Case::SendWhole => Intent::Send { draft: self.draft(office, program, DraftKind::New).await },
            Case::KeepAdopted => Intent::KeepDraft { draft: self.adopted(program).await },
            Case::SendAdopted => Intent::Send { draft: self.adopted(program).await },
            Case::Reply => Intent::Send { draft: self.draft(office, program, DraftKind::Reply).await },
            Case::Forward => Intent::Send { draft: self.draft(office, program, DraftKind::Forward).await },
            Case::KeepDraft => Intent::KeepDraft { draft: self.draft(office, program, DraftKind::New).await },
            Case::DiscardDraft => {
                let draft = self.draft(office, program, DraftKind::New).await;
                program.change(vec![Intent::KeepDraft { draft }]).await;
                office.advance(5).await;
                assert_eq!(office.count("drafts", &self.name).await, 1);
                Intent::DiscardDraft { draft }
            }
            Case::CreateEvent => {
                let zone = Zone::find("Europe/Madrid");
                let (start, end) = (date(2026, 12, 1).at(10, 0, 0, 0), date(2026, 12, 1).at(11, 0, 0, 0));
                let mut event = EventDraft::new(self.name.clone(), EventTime::Timed { start, end, zone });
                let recipient = to("ben@contoso.com").remove(0);
                event.attendees = vec![Invitee { recipient, is_optional: false, is_resource: false }];
                Intent::CreateEvent { event: Box::new(event) }
            }
            Case::UpdateEvent => {
                let change = EventChange { location: Some("Room 4".to_owned()), ..EventChange::default() };
                Intent::UpdateEvent { event, series: false, change: Box::new(change) }
            }
            Case::DeleteEvent => Intent::DeleteEvent { event, series: false, note: String::new() },
            Case::Respond => Intent::Respond {
                event,
                series: false,
                answer: InvitationAnswer::Accept,
                note: self.name.clone(),
                tell: true,
                proposal: None,
            },
            Case::AutomaticReplies => Intent::AutomaticReplies(AutomaticRepliesSetting {
                state: AutomaticRepliesState::On,
                internal: Some(self.name.clone()),
                external: None,
                audience: ExternalAudience::None,
                is_html: false,
            }),
            // Another minute in each run.
            Case::WorkingTime => Intent::WorkingTime(Box::new(WorkingTime {
                zone: None,
                hours: Some(WorkingHours {
                    days: vec![Weekday::Monday],
                    start: time(7, self.minute(), 0, 0),
                    end: time(16, 0, 0, 0),
                    zone: Zone::find("Europe/Madrid"),
                }),
            })),
            Case::Presence => Intent::Presence(Some(ChosenPresence {
                choice: PresenceChoice::ALL[usize::try_from(self.minute()).expect("a number") % 6],
                until: "2026-12-24T09:00:00Z".parse().expect("a time"),
            })),
            Case::StatusNote => Intent::StatusNote(StatusNote { text: self.name.clone(), until: None }),
        }
    }

    /// A number that no run before it had.
    fn minute(&self) -> i8 {
        let digits: String = self.name.chars().filter(char::is_ascii_digit).collect();
        i8::try_from(digits.parse::<u32>().expect("a number") % 60).expect("it is small")
    }

    /// How often it was done, in the eyes of others.
    async fn done(&self, office: &Office) -> usize {
        let inbox_of_ben = || async {
            let rows = office.by("ben", reqwest::Method::GET, "/me/mailFolders/inbox/messages?$top=200", None).await;
            let rows = rows["value"].as_array().cloned().unwrap_or_default();
            rows.iter().filter(|row| row["subject"].as_str().is_some_and(|text| text.ends_with(&self.name))).count()
        };
        match self.case {
            Case::MarkRead => usize::from(office.message(&self.id).await["isRead"] == json!(false)),
            Case::Flag => usize::from(office.message(&self.id).await["flag"]["flagStatus"] == json!("flagged")),
            Case::Categorise => usize::from(office.message(&self.id).await["categories"] == json!([self.name])),
            Case::Archive => office.count("archive", &self.name).await,
            Case::DeleteForEver => 1 - self.copies(office).await,
            Case::Send | Case::SendWhole | Case::Reply | Case::Forward | Case::SendAdopted => {
                let sent = office.count("sentitems", &self.name).await;
                let got = inbox_of_ben().await;
                assert_eq!(sent, got, "what was sent arrived");
                let is_draft = office.count("drafts", &self.name).await + self.begun(office).await;
                assert!(is_draft <= 1 - sent.min(1), "no draft is left behind: {is_draft} beside {sent} sent");
                if !matches!(self.case, Case::Reply | Case::Forward) && sent > 0 {
                    assert_eq!(self.attachments(office).await, 1, "its file hangs on it once");
                }
                if self.case == Case::SendAdopted && sent > 0 {
                    self.is_left_alone(office).await;
                }
                sent
            }
            Case::KeepDraft => office.count("drafts", &self.name).await,
            Case::KeepAdopted => {
                let kept = office.count("drafts", &self.name).await;
                assert_eq!(kept + self.begun(office).await, 1, "there is one draft, and it is that one");
                self.is_left_alone(office).await;
                kept
            }
            Case::DiscardDraft => 1 - office.count("drafts", &self.name).await,
            Case::CreateEvent => {
                let made = events(office, &self.name).await.len();
                assert_eq!(inbox_of_ben().await, made, "one invitation for each");
                made
            }
            Case::UpdateEvent => {
                let found = events(office, &self.name).await;
                usize::from(found[0]["location"]["displayName"] == "Room 4")
            }
            Case::DeleteEvent => 1 - events(office, &self.name).await.len(),
            Case::Respond => inbox_of_ben().await,
            Case::AutomaticReplies => {
                let settings = office.elsewhere(reqwest::Method::GET, "/me/mailboxSettings", None).await;
                let text = settings["automaticRepliesSetting"]["internalReplyMessage"].as_str().unwrap_or_default();
                usize::from(text.contains(&self.name))
            }
            Case::WorkingTime => {
                let settings = office.elsewhere(reqwest::Method::GET, "/me/mailboxSettings", None).await;
                let start = settings["workingHours"]["startTime"].as_str().unwrap_or_default();
                usize::from(start.starts_with(&format!("07:{:02}", self.minute())))
            }
            Case::Presence => {
                let wanted = PresenceChoice::ALL[usize::try_from(self.minute()).expect("a number") % 6];
                let presence = office.elsewhere(reqwest::Method::GET, "/me/presence", None).await;
                let shown = presence["availability"].as_str().unwrap_or_default().to_lowercase();
                usize::from(shown == wanted.name().replace('-', ""))
            }
            Case::StatusNote => {
                let presence = office.elsewhere(reqwest::Method::GET, "/me/presence", None).await;
                let shown = presence["statusMessage"]["message"]["content"].as_str().unwrap_or_default();
                usize::from(shown.contains(&self.name))
            }
        }
    }

    /// Drafts as another program began them.
    async fn begun(&self, office: &Office) -> usize {
        office.count("drafts", &format!("{} begun", self.name)).await
    }

    /// What was not changed of a draft that another program began is as it was.
    async fn is_left_alone(&self, office: &Office) {
        let there = office.message(&self.id).await;
        let of = |field: &str| there[field][0]["emailAddress"]["address"].clone();
        assert_eq!((&there["body"]["content"], &there["importance"]), (&json!(drafts::HTML), &json!("high")));
        assert_eq!((of("toRecipients"), of("bccRecipients")), (json!("ben@contoso.com"), json!("ana@contoso.com")));
    }

    async fn copies(&self, office: &Office) -> usize {
        let rows = office.list("/me/messages?$select=subject").await;
        rows.iter().filter(|row| row["subject"] == self.name.as_str()).count()
    }

    async fn attachments(&self, office: &Office) -> usize {
        let sent = office.list("/me/mailFolders/sentitems/messages?$select=subject").await;
        let id = sent.iter().find(|row| row["subject"] == self.name.as_str()).expect("it was sent")["id"].clone();
        let id = encoded(id.as_str().expect("an id"));
        office.list(&format!("/me/messages/{id}/attachments")).await.len()
    }
}

async fn events(office: &Office, subject: &str) -> Vec<Value> {
    let window = "startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-02T00:00:00Z";
    let mut rows = office.list(&format!("/me/calendarView?{window}")).await;
    rows.retain(|row| row["subject"] == subject);
    rows
}

/// Lets time pass until the outbox has nothing to do by itself; gives back what stays.
async fn ends(office: &Office, program: &Program, what: &str) -> Vec<OutboxItem> {
    for _ in 0..12 {
        let open = program.outbox().await;
        if open.iter().all(|item| matches!(item.state, ItemState::NeedsPerson(_))) {
            return open;
        }
        office.advance(75).await;
    }
    panic!("{what} has no end: {:#?}", program.outbox().await);
}

/// One run. Gives back how many calls it took.
async fn run(office: &Office, case: Case, number: usize, step: u64, fault: Option<&Fault>) -> usize {
    let what = format!("{case:?}, call {step}, {fault:?}");
    let scene = Scene::set(office, case, number).await;
    let mut program = office.begin(false).await;
    let intent = scene.intent(office, &program).await;
    assert_eq!(kind(&intent), case.kind());
    office.settle().await;
    let script = office.tenant.script();
    script.clear_requests();
    if let Some(fault) = fault {
        let action = match fault {
            Fault::Service(action) => action.clone(),
            Fault::KilledBefore => Action::Slow(1_000_000),
            Fault::KilledAfter => Action::Late(1_000_000),
        };
        script.fault(Rule::graph("/me/*", action).nth(step));
    }
    program.change(vec![intent]).await;
    office.settle().await;
    if matches!(fault, Some(Fault::KilledBefore | Fault::KilledAfter)) {
        // The call is under way, or waits on the clock for its turn.
        let mut waited = 0;
        while !program.outbox().await.is_empty() && waited < 4 && !is_hanging(&program).await {
            office.advance(3).await;
            waited += 1;
        }
        drop(program);
        office.settle().await;
        program = office.begin(false).await;
        program.engine.start_changes();
        office.settle().await;
    }
    let stays = ends(office, &program, &what).await;
    script.clear_faults();
    let calls = script.requests().len();
    // What was sent is on its way for a moment.
    office.advance(10).await;
    let done = scene.done(office).await;
    assert!(done <= 1, "{what}: done {done} times");
    match stays.as_slice() {
        [] => assert_eq!(done, 1, "{what}: nobody says anything, and it is not done"),
        [item] => {
            let report = item.report.as_ref().unwrap_or_else(|| panic!("{what}: it stays without a word"));
            assert!(!report.why.is_empty() && !report.next.is_empty(), "{what}: {report:?}");
            settle(office, &program, &scene, item, done, &what).await;
        }
        more => panic!("{what}: {more:#?}"),
    }
    drop(program);
    calls
}

async fn is_hanging(program: &Program) -> bool {
    program.outbox().await.iter().all(|item| item.state == ItemState::UnderWay)
}

/// Somebody decides: once more, and it is done; or, where nobody can tell, it is taken back.
async fn settle(office: &Office, program: &Program, scene: &Scene, item: &OutboxItem, done: usize, what: &str) {
    let how =
        if item.state == ItemState::NeedsPerson(Trouble::Unclear) { Settlement::Cancel } else { Settlement::Retry };
    program.ask(Request::Settle { id: item.id, how }).await;
    let stays = ends(office, program, what).await;
    assert_eq!(stays, [], "{what}: after {how:?}");
    office.advance(10).await;
    let wanted = if how == Settlement::Retry { 1 } else { done };
    assert_eq!(scene.done(office).await, wanted, "{what}: after {how:?}");
}

async fn every_fault(group: Group) {
    every_fault_with("", group).await;
}

async fn every_fault_with(scopes: &'static str, group: Group) {
    let cases: Vec<Case> = Case::ALL.iter().copied().filter(|case| case.group() == group).collect();
    let mut office = Office::open().await;
    office.scopes = scopes;
    office.renew();
    office.config = "[send]\nhold_seconds = 0\n";
    let mut number = 0;
    let mut runs = 0;
    for &case in &cases {
        number += 1;
        let calls = run(&office, case, number, 0, None).await;
        assert!(calls > 0, "{case:?} asks the service");
        for fault in faults() {
            for step in 1..=calls {
                // The settings answer with themselves, of which nothing is needed: a yes is a yes.
                let is_yes = match case {
                    Case::AutomaticReplies | Case::WorkingTime => step == calls,
                    case => matches!(case, Case::Presence | Case::StatusNote),
                };
                if is_yes && fault == Fault::Service(Action::WrongJson) {
                    continue;
                }
                number += 1;
                runs += 1;
                office.renew();
                run(&office, case, number, u64::try_from(step).expect("a number"), Some(&fault)).await;
            }
        }
    }
    assert!(runs >= cases.len() * faults().len());
}

#[tokio::test]
async fn messages_are_changed_once_whatever_happens() {
    every_fault(Group::Messages).await;
}

#[tokio::test]
async fn a_message_is_sent_once_whatever_happens() {
    every_fault(Group::Sent).await;
}

#[tokio::test]
async fn an_answer_is_sent_once_whatever_happens() {
    every_fault(Group::Answered).await;
}

#[tokio::test]
async fn a_message_is_passed_on_once_whatever_happens() {
    every_fault(Group::PassedOn).await;
}

#[tokio::test]
async fn a_message_is_sent_whole_once_or_stays_and_asks() {
    every_fault_with("User.Read Mail.Read Mail.Send", Group::Whole).await;
}

#[tokio::test]
async fn a_draft_of_another_program_is_kept_and_sent_as_the_message_it_is_whatever_happens() {
    every_fault(Group::Adopted).await;
}

#[tokio::test]
async fn changes_that_go_together_are_each_made_once_whatever_happens() {
    let mut office = Office::open().await;
    let mut number = 0;
    // The request they share, and one of each kind in it.
    for (path, steps) in [("/$batch", 1), ("/me/messages/*", 2)] {
        for fault in faults() {
            for step in 1..=steps {
                number += 1;
                office.renew();
                run_together(&office, number, path, u64::try_from(step).expect("a number"), &fault).await;
            }
        }
    }
}

const TOGETHER: [Case; 6] =
    [Case::MarkRead, Case::Archive, Case::MarkRead, Case::Archive, Case::MarkRead, Case::Archive];

async fn run_together(office: &Office, number: usize, path: &str, step: u64, fault: &Fault) {
    let what = format!("together, {path} {step}, {fault:?}");
    let mut scenes = Vec::new();
    for (at, case) in TOGETHER.into_iter().enumerate() {
        scenes.push(Scene::set(office, case, number * 100 + at).await);
    }
    let mut program = office.begin(false).await;
    let mut intents = Vec::new();
    for scene in &scenes {
        intents.push(scene.intent(office, &program).await);
    }
    office.settle().await;
    let script = office.tenant.script();
    script.clear_requests();
    let action = match fault {
        Fault::Service(action) => action.clone(),
        Fault::KilledBefore => Action::Slow(1_000_000),
        Fault::KilledAfter => Action::Late(1_000_000),
    };
    script.fault(Rule::graph(path, action).nth(step));
    program.change(intents).await;
    office.settle().await;
    let is_killed = matches!(fault, Fault::KilledBefore | Fault::KilledAfter);
    if is_killed {
        drop(program);
        office.settle().await;
        program = office.begin(false).await;
        program.engine.start_changes();
        office.settle().await;
    }
    let stays = ends(office, &program, &what).await;
    script.clear_faults();
    // A request that a kill cut off is in no list.
    let shared = script.requests().iter().filter(|one| one.path.ends_with("/$batch")).count();
    if is_killed {
        assert_eq!(shared, 0, "{what}: what was in one request goes on alone");
    } else {
        assert!(shared > 0, "{what}: one by one");
    }
    if path == "/$batch" && *fault == Fault::Service(Action::WrongJson) {
        assert_eq!(shared, 1, "{what}: where nobody can tell what was done, each goes on alone");
    }
    for item in &stays {
        let report = item.report.as_ref().unwrap_or_else(|| panic!("{what}: it stays without a word"));
        assert!(!report.why.is_empty() && !report.next.is_empty(), "{what}: {report:?}");
        program.ask(Request::Settle { id: item.id, how: Settlement::Retry }).await;
    }
    assert_eq!(ends(office, &program, &what).await, [], "{what}: after another try");
    for scene in &scenes {
        assert_eq!(scene.done(office).await, 1, "{what}: {}", scene.name);
    }
}

#[tokio::test]
async fn drafts_are_kept_and_thrown_away_once_whatever_happens() {
    every_fault(Group::Drafts).await;
}

#[tokio::test]
async fn events_are_made_changed_and_answered_once_whatever_happens() {
    every_fault(Group::Events).await;
}

#[tokio::test]
async fn settings_and_presence_are_set_or_stay_whatever_happens() {
    every_fault(Group::Settings).await;
}
