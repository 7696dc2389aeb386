//! The screen without an engine: a store, a look and a crank, with answers made up on the spot.
//!
//! For what `state` and `view` promise by themselves. Whole-program behaviour belongs to tests with the simulated tenant.

use deskbell::config::{Glyphs, KeymapData, ThemeData, ThemeName, parse_keys};
use deskbell::domain::account::{AccountKind, Scopes, Tier};
use deskbell::domain::consent::{ConsentRequest, MissingPermission};
use deskbell::domain::draft::{Draft, DraftAttachment, DraftId, DraftKind};
use deskbell::domain::event::{CalendarId, Event as CalendarEvent, EventDetails, EventId, Response, When};
use deskbell::domain::freebusy::Availability;
use deskbell::domain::input::{Key, KeyCode, Mouse, MouseKind};
use deskbell::domain::intent::Intent;
use deskbell::domain::mail::{
    Attachment, Folder, FolderId, FolderRole, Importance, MeetingMessage, Message, MessageId, MessageKey, MessageRow,
    Recipient,
};
use deskbell::domain::me::Me;
use deskbell::domain::notice::Notice;
use deskbell::domain::permission::PermissionKind;
use deskbell::domain::person::{Person, PersonId};
use deskbell::domain::presence::{AutomaticReply, AwayBoard, AwayRow, AwaySource, DayState};
use deskbell::domain::recurrence::Recurrence;
use deskbell::domain::request::{
    Answer, FoundEvents, FoundPage, FoundPeople, FoundRow, MessagePage, PageStart, Reading, Request, SeenPresence,
    ServiceSearch,
};
use deskbell::domain::selection::Weighed;
use deskbell::domain::styled::{Link, StyledLine, StyledRun, StyledText, TextStyle};
use deskbell::domain::sync::{Connection, SyncStatus};
use deskbell::domain::time::{Span, Zone};
use deskbell::engine::permission;
use deskbell::state::command::{Act, CommandId};
use deskbell::state::event::{Effect, Event, Wake};
use deskbell::state::geometry::Size;
use deskbell::state::keys::Keymap;
use deskbell::state::{self, Context, Store, StoreOptions};
use deskbell::view::{self, Depth, Drawn, Look};
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::collections::HashMap;

/// Monday 23 November 2026, 10:12 in Madrid.
pub(crate) fn monday() -> Timestamp {
    date(2026, 11, 23).at(10, 12, 0, 0).in_tz("Europe/Madrid").expect("a known zone").timestamp()
}

pub(crate) fn madrid() -> Zone {
    let rules = jiff::tz::TimeZone::get("Europe/Madrid").expect("a known zone");
    Zone { name: "Europe/Madrid".to_owned(), rules: Some(rules), is_approximate: false }
}

pub(crate) fn default_keymap() -> Keymap {
    let (keymap, problems) = Keymap::from_data(&KeymapData::built_in());
    assert_eq!(problems, Vec::new());
    keymap
}

pub(crate) fn look(theme: ThemeName, glyphs: Glyphs, depth: Depth) -> Look {
    Look::new(&ThemeData::built_in(theme), glyphs, depth)
}

pub(crate) fn recipient(name: &str, address: &str) -> Recipient {
    Recipient { name: name.to_owned(), address: address.to_owned() }
}

/// A store with a made-up engine behind it.
pub(crate) struct Desk {
    pub(crate) store: Store,
    pub(crate) look: Look,
    pub(crate) now: Timestamp,
    pub(crate) zone: Zone,
    /// The inbox, newest first.
    pub(crate) mail: Vec<MessageRow>,
    pub(crate) events: Vec<CalendarEvent>,
    pub(crate) away: Vec<AwayRow>,
    /// The drafts of this computer.
    pub(crate) drafts: Vec<Draft>,
    /// Searches of earlier.
    pub(crate) searches: Vec<String>,
    /// Every change that was asked for.
    pub(crate) changes: Vec<Intent>,
    /// How many links a message has; none: the one of fabrikam.
    pub(crate) links: usize,
    /// Requests are kept instead of answered.
    pub(crate) holds_answers: bool,
    pub(crate) held: Vec<(deskbell::state::event::Ticket, Request)>,
    /// Everything that was not a request or a wake-up, since last looked at.
    pub(crate) effects: Vec<Effect>,
    pub(crate) wakes: HashMap<Wake, Timestamp>,
    pub(crate) drawn: Drawn,
}

impl Desk {
    /// Signed in, with a dozen messages.
    pub(crate) fn new(width: u16, height: u16) -> Self {
        let mut desk = Self::unknown(width, height);
        desk.start();
        desk
    }

    /// Signed in, with so many messages, one a minute.
    pub(crate) fn with_mail(width: u16, height: u16, count: i64) -> Self {
        let mut desk = Self::unknown(width, height);
        desk.mail = (0..count).map(|at| plain_message(at, monday())).collect();
        desk.start();
        desk
    }

    /// Nobody is known and nothing was asked yet.
    pub(crate) fn unknown(width: u16, height: u16) -> Self {
        let options = StoreOptions {
            size: Size { width, height },
            keymap: default_keymap(),
            second_zone: None,
            hint_delay: SignedDuration::from_millis(300),
            is_demo: false,
            is_read_only: false,
            marks_read: true,
            version: "0.0.0".to_owned(),
        };
        Self {
            store: Store::new(options),
            look: look(ThemeName::Dark, Glyphs::Unicode, Depth::True),
            now: monday(),
            zone: madrid(),
            mail: sample_mail(),
            events: sample_events(),
            away: sample_away(),
            drafts: Vec::new(),
            searches: Vec::new(),
            changes: Vec::new(),
            links: 0,
            holds_answers: false,
            held: Vec::new(),
            effects: Vec::new(),
            wakes: HashMap::new(),
            drawn: Drawn::default(),
        }
    }

    /// The same for somebody who may change and send mail.
    pub(crate) fn writer(width: u16, height: u16) -> Self {
        let mut desk = Self::new(width, height);
        desk.grant_writing();
        desk
    }

    /// From now on mail may be changed and sent.
    pub(crate) fn grant_writing(&mut self) {
        let granted = format!("{} Mail.ReadWrite Mail.Send Calendars.ReadWrite", lena().granted.to_line());
        let account = deskbell::domain::account::Account {
            key: deskbell::domain::account::AccountKey { tenant: "t".to_owned(), object: "o".to_owned() },
            name: "Lena Ortiz".to_owned(),
            address: "lena@contoso.com".to_owned(),
            kind: AccountKind::Work,
            granted: Scopes::parse(&granted),
        };
        self.send(Event::Notice(Notice::Login(deskbell::domain::login::LoginStep::SignedIn(account))));
    }

    fn start(&mut self) {
        let zone = self.zone.clone();
        let effects = self.store.start(&Context { now: self.now, zone: &zone });
        self.perform(effects);
        self.send(Event::Notice(Notice::Me(Box::new(lena()))));
        let sync = SyncStatus {
            connection: Connection::Online,
            last_success: Some(self.now - SignedDuration::from_mins(1)),
            ..SyncStatus::default()
        };
        self.send(Event::Notice(Notice::Sync(sync)));
        let account = deskbell::domain::account::Account {
            key: deskbell::domain::account::AccountKey { tenant: "t".to_owned(), object: "o".to_owned() },
            name: "Lena Ortiz".to_owned(),
            address: "lena@contoso.com".to_owned(),
            kind: deskbell::domain::account::AccountKind::Work,
            granted: lena().granted,
        };
        self.send(Event::Notice(Notice::Login(deskbell::domain::login::LoginStep::SignedIn(account))));
        self.effects.clear();
    }

    /// One event, and everything the engine answers to it.
    pub(crate) fn send(&mut self, event: Event) {
        let zone = self.zone.clone();
        let effects = state::update(&mut self.store, event, &Context { now: self.now, zone: &zone });
        self.perform(effects);
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Ask(ticket, request) if self.holds_answers => self.held.push((ticket, request)),
                Effect::Ask(ticket, request) => {
                    match &request {
                        Request::Change(intents) | Request::Note(intents) => {
                            self.changes.extend(intents.iter().cloned())
                        }
                        Request::KeepSearch(text) => {
                            self.searches.retain(|known| known != text);
                            self.searches.push(text.clone());
                        }
                        Request::KeepDraft(draft) => {
                            self.drafts.retain(|known| known.id != draft.id);
                            self.drafts.push((**draft).clone());
                        }
                        _ => {}
                    }
                    let answer = self.answer(&request);
                    self.send(Event::Answered(ticket, Box::new(Ok(answer))));
                }
                Effect::WakeAt(wake, at) => {
                    self.wakes.insert(wake, at);
                }
                Effect::Unwake(wake) => {
                    self.wakes.remove(&wake);
                }
                Effect::Interest(_) => {}
                other => self.effects.push(other),
            }
        }
    }

    /// Answers what was held, oldest first.
    pub(crate) fn release(&mut self) {
        self.holds_answers = false;
        while !self.held.is_empty() {
            let (ticket, request) = self.held.remove(0);
            let answer = self.answer(&request);
            self.send(Event::Answered(ticket, Box::new(Ok(answer))));
        }
    }

    /// Keys as they are written in the keymap, with spaces between them.
    pub(crate) fn keys(&mut self, keys: &str) {
        for key in parse_keys(keys).expect("keys") {
            self.send(Event::Key(key));
        }
    }

    /// Does what a command does, whatever its keys are.
    pub(crate) fn run(&mut self, command: CommandId) {
        let zone = self.zone.clone();
        let mut effects = Vec::new();
        let context = Context { now: self.now, zone: &zone };
        (command.row().act)(&mut Act { store: &mut self.store, context: &context, effects: &mut effects });
        self.perform(effects);
    }

    /// Letters one after the other.
    pub(crate) fn write(&mut self, text: &str) {
        for character in text.chars() {
            self.send(Event::Key(Key::plain(KeyCode::Char(character))));
        }
    }

    /// Turns the crank; wake-ups that come due are sent in order.
    pub(crate) fn advance(&mut self, milliseconds: i64) {
        let until = self.now + SignedDuration::from_millis(milliseconds);
        while let Some((wake, at)) = self.wakes.iter().map(|(wake, at)| (*wake, *at)).min_by_key(|(_, at)| *at) {
            if at > until {
                break;
            }
            self.wakes.remove(&wake);
            self.now = self.now.max(at);
            self.send(Event::Wake(wake));
        }
        self.now = until;
    }

    pub(crate) fn resize(&mut self, width: u16, height: u16) {
        self.send(Event::Resize { width, height });
    }

    /// A click on what the last frame drew at the first place of `text`.
    pub(crate) fn click(&mut self, text: &str) {
        let screen = self.screen();
        let (row, line) = screen.lines().enumerate().find(|(_, line)| line.contains(text)).expect("text on the screen");
        let column = line.split(text).next().map_or(0, |before| before.chars().count());
        let mouse = Mouse {
            kind: MouseKind::Press,
            column: u16::try_from(column).expect("a column"),
            row: u16::try_from(row).expect("a row"),
        };
        let target = self.drawn.hits.at(mouse.column, mouse.row).cloned();
        self.send(Event::Mouse(mouse, target));
    }

    pub(crate) fn buffer(&mut self) -> Buffer {
        let size = self.store.session.size;
        let mut buffer = Buffer::empty(Rect::new(0, 0, size.width, size.height));
        let context = Context { now: self.now, zone: &self.zone };
        self.drawn = view::paint(&self.store, &self.look, &context, &mut buffer);
        buffer
    }

    /// The frame as text, without the spaces at the ends of lines.
    pub(crate) fn screen(&mut self) -> String {
        let buffer = self.buffer();
        lines_of(&buffer).join("\n")
    }

    /// The line of the frame the cursor stands on.
    pub(crate) fn cursor_line(&mut self) -> String {
        let screen = self.screen();
        let (_, row) = self.drawn.cursor.expect("a cursor");
        screen.lines().nth(usize::from(row)).unwrap_or_default().to_owned()
    }

    /// Effects since last taken.
    pub(crate) fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    fn answer(&self, request: &Request) -> Answer {
        match request {
            Request::Folders => Answer::Folders(sample_folders(&self.mail)),
            Request::Messages { folder, start, count } => Answer::Messages(self.page(folder, *start, *count)),
            Request::Search { text, folder, as_typed, .. } => {
                let found = self.found(text, folder.as_ref());
                Answer::Found(Box::new(if *as_typed { soon(found) } else { found }))
            }
            Request::Read { message, width, unfold } => Answer::Read(Box::new(self.reading(message, *width, *unfold))),
            Request::Agenda { from, to } => {
                Answer::Agenda { from: *from, to: *to, events: self.events.clone(), as_of: Some(self.now) }
            }
            Request::FindPeople { text } => Answer::FoundPeople(found(text)),
            Request::PeopleAt { .. } => Answer::FoundPeople(FoundPeople::default()),
            Request::Groups | Request::SaveGroup { .. } => Answer::Groups(Vec::new()),
            Request::Members(_) => Answer::Members(Box::default()),
            Request::Rooms => Answer::Rooms(Vec::new()),
            Request::Together { .. } => Answer::Together(Box::default()),
            Request::Availability { .. } | Request::KnownAvailability { .. } | Request::SecondOpinion { .. } => {
                Answer::Availability(Vec::new())
            }
            Request::Away { from, days, .. } => Answer::Away(AwayBoard {
                title: "my team".to_owned(),
                from: *from,
                days: *days,
                rows: self.away.clone(),
                as_of: Some(self.now),
                ..AwayBoard::default()
            }),
            Request::Accounts => Answer::Accounts(Box::default()),
            Request::Stretch { .. } | Request::ForgetWeighed => Answer::Stretch(None),
            Request::Weigh { deed, .. } => {
                Answer::Weighed(Box::new(Weighed { deed: deed.clone(), selected: 0, changes: 0 }))
            }
            Request::ChangeSelected { .. } => Answer::Changed { ids: Vec::new(), words: String::new() },
            Request::RecentCalls => Answer::RecentCalls(Vec::new()),
            Request::Card { .. } | Request::Presence { .. } | Request::AutomaticReplies => {
                Answer::Presence(SeenPresence::default())
            }
            Request::Meeting(_) => {
                Answer::Meeting(self.events.iter().find(|event| !event.is_organizer).cloned().map(Box::new))
            }
            Request::EventDetails(id) => {
                let event = self.events.iter().find(|event| event.id == *id).expect("it is known").clone();
                let start = date(2026, 11, 24);
                let recurrence = event.series.is_some().then(|| Recurrence::weekly(start));
                let body = "Agenda\n1. Numbers".to_owned();
                Answer::EventDetails(Box::new(EventDetails { event, body, reminder: Some(30), recurrence }))
            }
            Request::FindEvents { text, .. } => {
                let found = FoundEvents { text: text.clone(), hits: Vec::new(), nearest: 0, is_cut: false };
                Answer::FoundEvents(Box::new(found))
            }
            Request::Missing { tier } => Answer::Missing(Box::new(missing(*tier, false))),
            Request::PutOff { tier } => Answer::Missing(Box::new(missing(*tier, true))),
            Request::Consent { tiers } => Answer::Consent(Box::new(consent_request(tiers))),
            Request::Change(_) | Request::Note(_) => Answer::Changed { ids: Vec::new(), words: "Changed.".to_owned() },
            Request::Undo => Answer::Undone { words: "Undone.".to_owned() },
            Request::Outbox | Request::Settle { .. } => Answer::Outbox(Vec::new()),
            Request::BeginDraft { kind, about } => Answer::Draft(Box::new(begun(*kind, about.clone(), self.now))),
            Request::KeepDraft(draft) => Answer::Draft(draft.clone()),
            Request::Drafts | Request::LetGoOfDraft(_) => Answer::Drafts(self.drafts.clone()),
            Request::OpenDraft(id) => {
                let draft = self.drafts.iter().find(|draft| draft.id == *id);
                Answer::Draft(Box::new(draft.cloned().unwrap_or_else(|| begun(DraftKind::New, None, self.now))))
            }
            Request::AdoptDraft(message) => {
                let draft = self.drafts.iter().find(|draft| draft.on_service.as_ref() == Some(message));
                Answer::Draft(Box::new(draft.cloned().unwrap_or_else(|| begun(DraftKind::New, None, self.now))))
            }
            Request::Searches | Request::KeepSearch(_) => Answer::Searches(self.searches.clone()),
            Request::UnsetReplies | Request::KeepReplies(_) => Answer::UnsetReplies(None),
            Request::Calendars | Request::ShowCalendar { .. } => Answer::Calendars(Vec::new()),
            Request::Replies { .. } => Answer::Replies(Vec::new()),
            Request::Paths { .. } => Answer::Paths(Vec::new()),
            Request::Save { name, .. } | Request::SaveEvents { name, .. } => {
                Answer::Saved(format!("/downloads/{name}").into())
            }
            Request::SaveAll { messages } => Answer::SavedAll(messages.len(), "/downloads".into()),
            Request::SaveSelected(_) => Answer::SavedAll(0, "/downloads".into()),
            Request::Source(_) => Answer::Source { subject: String::new(), bytes: Vec::new() },
            Request::Attach { path } => {
                let file = DraftAttachment { path: path.into(), name: path.clone(), size: 1_000 };
                Answer::Attached(file)
            }
        }
    }

    fn page(&self, folder: &FolderId, start: PageStart, count: u16) -> MessagePage {
        let mail: &[MessageRow] = if folder.0 == "inbox" { &self.mail } else { &[] };
        let count = usize::from(count);
        let place = |key: MessageKey| mail.iter().position(|row| row.key <= key).unwrap_or(mail.len());
        let (from, to) = match start {
            PageStart::Newest => (0, count),
            PageStart::Oldest => (mail.len().saturating_sub(count), mail.len()),
            PageStart::OlderThan(key) => {
                let from = mail.iter().position(|row| row.key < key).unwrap_or(mail.len());
                (from, from + count)
            }
            PageStart::NewerThan(key) => (place(key).saturating_sub(count), place(key)),
            PageStart::Around(key) => (place(key).saturating_sub(count / 2), place(key) + count.div_ceil(2)),
        };
        let to = to.min(mail.len());
        MessagePage {
            folder: folder.clone(),
            rows: mail[from..to].to_vec(),
            at_newest: from == 0,
            at_oldest: to == mail.len(),
            newer: u32::try_from(from).expect("a count"),
            cached: u32::try_from(mail.len()).expect("a count"),
        }
    }

    /// The mail whose subject holds the text.
    fn found(&self, text: &str, folder: Option<&FolderId>) -> FoundPage {
        let hits = self.mail.iter().filter(|row| row.message.subject.to_lowercase().contains(&text.to_lowercase()));
        let hit = |row: &MessageRow| FoundRow {
            row: row.clone(),
            in_subject: true,
            in_people: false,
            extract: None,
            is_from_service: false,
        };
        let rows: Vec<FoundRow> = hits.map(hit).collect();
        FoundPage {
            text: text.to_owned(),
            folder: folder.cloned(),
            at_least: u32::try_from(rows.len()).expect("a count"),
            rows,
            at_newest: true,
            at_oldest: true,
            is_counted: true,
            waiting: 0,
            service: ServiceSearch::NotAsked,
            is_partial: false,
        }
    }

    fn reading(&self, id: &MessageId, width: u16, unfold: bool) -> Reading {
        let row = self.mail.iter().find(|row| row.message.id == *id).expect("a known message");
        let attachment = |name: &str, size| Attachment {
            id: name.to_owned(),
            name: name.to_owned(),
            content_type: "application/pdf".to_owned(),
            size,
            is_inline: false,
        };
        let attachments = if row.message.has_attachments {
            vec![attachment("contract-v3.docx", 84_000), attachment("redline.pdf", 1_230_000)]
        } else {
            Vec::new()
        };
        let mut text = sample_text(&row.message, unfold);
        if self.links > 0 {
            let link = |number| {
                let host = format!("host{number}.example");
                Link { target: format!("https://{host}/plan"), host }
            };
            text.links = (1..=self.links).map(link).collect();
        }
        Reading { message: row.message.clone(), text: Some(text), attachments, width, problem: None }
    }
}

/// The cells as text, a line each.
pub(crate) fn lines_of(buffer: &Buffer) -> Vec<String> {
    let width = usize::from(buffer.area.width);
    buffer
        .content()
        .chunks(width)
        .map(|row| {
            let mut line = String::new();
            let mut hidden = 0;
            for cell in row {
                // What a wide sign covers is not seen.
                if hidden == 0 {
                    line.push_str(cell.symbol());
                    hidden = deskbell::base::text::width(cell.symbol()).max(1);
                }
                hidden -= 1;
            }
            line.trim_end().to_owned()
        })
        .collect()
}

pub(crate) fn lena() -> Me {
    Me {
        kind: deskbell::domain::account::AccountKind::Work,
        person: Person {
            id: PersonId("lena".to_owned()),
            name: "Lena Ortiz".to_owned(),
            address: "lena@contoso.com".to_owned(),
            job_title: None,
            department: None,
            office: None,
            phones: Vec::new(),
        },
        granted: Scopes::parse(
            "User.Read User.ReadBasic.All Presence.Read.All MailTips.ReadBasic.Shared Calendars.Read Mail.Read",
        ),
        zone: Some(madrid()),
        working_hours: None,
        replies: None,
        chosen: None,
        note: None,
    }
}

fn sample_folders(mail: &[MessageRow]) -> Vec<Folder> {
    let count = u32::try_from(mail.len()).expect("a count");
    let folder = |id: &str, name: &str, parent: Option<&str>, role, unread, total| Folder {
        id: FolderId(id.to_owned()),
        parent: parent.map(|parent| FolderId(parent.to_owned())),
        name: name.to_owned(),
        role,
        total,
        unread,
        cached: total,
        hidden: false,
    };
    let unread = mail.iter().filter(|row| !row.message.is_read).count();
    vec![
        folder("inbox", "Inbox", None, Some(FolderRole::Inbox), u32::try_from(unread).expect("a count"), count),
        folder("clients", "Clients", Some("inbox"), None, 1, 40),
        folder("projects", "Projects", Some("inbox"), None, 0, 12),
        folder("drafts", "Drafts", None, Some(FolderRole::Drafts), 0, 2),
        folder("sent", "Sent Items", None, Some(FolderRole::Sent), 0, 5_020),
        folder("archive", "Archive", None, Some(FolderRole::Archive), 0, 812),
        folder("deleted", "Deleted Items", None, Some(FolderRole::Deleted), 0, 3),
        folder("junk", "Junk Email", None, Some(FolderRole::Junk), 11, 11),
    ]
}

fn row_at(at: i64, received: Timestamp, mut message: Message) -> MessageRow {
    message.received = received;
    MessageRow { key: MessageKey { received: received.as_microsecond(), row: 1_000_000 - at }, message }
}

pub(crate) fn plain_message(at: i64, newest: Timestamp) -> MessageRow {
    let message = Message {
        id: MessageId(format!("message-{at}")),
        folder: FolderId("inbox".to_owned()),
        conversation: format!("conversation-{at}"),
        subject: format!("Subject number {at}"),
        from: Some(recipient(&format!("Sender {}", at % 17), &format!("sender{}@contoso.com", at % 17))),
        to: vec![recipient("Lena Ortiz", "lena@contoso.com")],
        cc: Vec::new(),
        received: newest,
        is_read: at % 5 != 0,
        is_flagged: false,
        importance: Importance::Normal,
        has_attachments: false,
        is_draft: false,
        meeting: None,
        preview: "The first words of the text".to_owned(),
        categories: Vec::new(),
    };
    row_at(at, newest - SignedDuration::from_mins(at), message)
}

fn sample_mail() -> Vec<MessageRow> {
    let days = [
        (23, 10, 6, "Dana Levy", "dana@fabrikam.com", "Contract draft v3: two open points"),
        (23, 9, 58, "Build Bot", "build@contoso.com", "Nightly failed: 3 tests"),
        (23, 9, 41, "Ana Ruiz", "ana@contoso.com", "Invitation: Roadmap sync, Tue 15:30"),
        (23, 9, 12, "Ben Okafor", "ben@contoso.com", "Re: offsite dates"),
        (23, 8, 47, "Grace Kim", "grace@contoso.com", "Numbers for the board, please check before noon"),
        (23, 8, 30, "Farid Haddad", "farid@contoso.com", "Re: Re: vendor list"),
        (22, 19, 55, "陳偉 Chen Wei", "chen@contoso.com", "Fwd: 新加坡行程 Singapore visit"),
        (22, 7, 0, "Workday", "no-reply@workday.example", "Timesheet due today"),
        (20, 16, 20, "Ben Okafor", "ben@contoso.com", "Offsite: three hotels"),
        (20, 11, 2, "Facilities", "facilities@contoso.com", "Desk move plan, floor 4"),
        (20, 9, 31, "Dana Levy", "dana@fabrikam.com", "Re: travel approval"),
        (13, 15, 4, "IT Service", "it@contoso.com", "Password expires in 9 days"),
    ];
    days.into_iter()
        .zip(0i64..)
        .map(|((day, hour, minute, name, address, subject), at)| {
            let zoned = date(2026, 11, day).at(hour, minute, 0, 0).in_tz("Europe/Madrid").expect("a known zone");
            let mut row = plain_message(at, monday());
            row.message.from = Some(recipient(name, address));
            row.message.subject = subject.to_owned();
            row.message.is_read = !matches!(at, 0..=2 | 7);
            row.message.has_attachments = matches!(at, 0 | 1 | 9);
            row.message.is_flagged = at == 5;
            row.message.importance = if at == 4 { Importance::High } else { Importance::Normal };
            row.message.meeting = (at == 2).then_some(MeetingMessage::Request);
            row.message.to =
                vec![recipient("Lena Ortiz", "lena@contoso.com"), recipient("Ana Ruiz", "ana@contoso.com")];
            row_at(at, zoned.timestamp(), row.message)
        })
        .collect()
}

fn line(text: &str, quote_depth: u8, style: TextStyle) -> StyledLine {
    let runs = if text.is_empty() { Vec::new() } else { vec![StyledRun { text: text.to_owned(), style }] };
    StyledLine { runs, quote_depth, is_right_to_left: false }
}

fn sample_text(message: &Message, unfold: bool) -> StyledText {
    let plain = TextStyle::default();
    let quiet = TextStyle { is_quiet: true, ..plain };
    let mut lines = vec![
        line(&format!("About \"{}\":", message.subject), 0, plain),
        line("", 0, plain),
        line("Two points are left before we sign:", 0, plain),
        line("", 0, plain),
        line("  1. Liability cap: see the table below.", 0, plain),
        line("  2. Notice period: we can live with 60 days.", 0, plain),
        line("", 0, plain),
        line("  Clause     Ours      Yours", 0, TextStyle { is_bold: true, ..plain }),
        line("  ─────────────────────────────", 0, quiet),
        line("  4.2 cap    1x fees   2x fees", 0, plain),
        line("  7.1 term   60 days   90 days", 0, plain),
        line("", 0, plain),
    ];
    lines.push(StyledLine {
        runs: vec![
            StyledRun { text: "The plan is here: ".to_owned(), style: plain },
            StyledRun { text: "project page".to_owned(), style: TextStyle { link: Some(1), ..plain } },
            StyledRun { text: "[1]".to_owned(), style: TextStyle { link: Some(1), ..plain } },
        ],
        quote_depth: 0,
        is_right_to_left: false,
    });
    lines.push(line("", 0, plain));
    lines.push(line("On Fri 20 Nov, Lena Ortiz wrote:", 1, plain));
    let folded_lines = if unfold { 0 } else { 12 };
    if unfold {
        lines.extend((0..12).map(|at| line(&format!("quoted line {at}"), if at < 6 { 1 } else { 2 }, plain)));
    } else {
        lines.push(line("12 quoted lines folded", 1, quiet));
    }
    StyledText {
        lines,
        links: vec![Link { target: "https://fabrikam.example/plan".to_owned(), host: "fabrikam.example".to_owned() }],
        folded_lines,
        blocked_images: 2,
        note: String::new(),
    }
}

fn sample_events() -> Vec<CalendarEvent> {
    let timed = |day: i8, from: (i8, i8), to: (i8, i8)| {
        let at = |(hour, minute)| {
            let zoned = date(2026, 11, day).at(hour, minute, 0, 0).in_tz("Europe/Madrid").expect("a known zone");
            zoned.timestamp()
        };
        When::Timed(Span { start: at(from), end: at(to) })
    };
    let event = |id: &str, subject: &str, when, show_as, location: &str| CalendarEvent {
        id: EventId(id.to_owned()),
        calendar: CalendarId("calendar".to_owned()),
        series: None,
        subject: subject.to_owned(),
        when,
        show_as: Some(show_as),
        location: location.to_owned(),
        preview: String::new(),
        is_cancelled: false,
        is_private: false,
        is_organizer: false,
        response: Response::Accepted,
        organizer: Some(recipient("Olga Stern", "olga@contoso.com")),
        attendees: Vec::new(),
        join_url: None,
        web_link: None,
        categories: Vec::new(),
        importance: Importance::Normal,
        has_attachments: false,
    };
    let mut events = vec![
        event("standup", "Stand-up", timed(23, (9, 0), (9, 25)), Availability::Busy, "Teams"),
        event("budget", "Budget review Q1", timed(23, (10, 30), (11, 30)), Availability::Busy, "Room 4.01"),
        event("ana", "1:1 Ana", timed(23, (11, 0), (11, 30)), Availability::Busy, ""),
        event("lunch", "Lunch with Hugo", timed(23, (13, 0), (14, 0)), Availability::Tentative, ""),
        event("hiring", "Hiring sync", timed(23, (15, 0), (15, 45)), Availability::Tentative, ""),
        event("ship", "Ship check", timed(23, (17, 0), (17, 30)), Availability::Busy, "Teams"),
        event(
            "eva",
            "Eva Novak out of office",
            When::AllDay { start: date(2026, 11, 24), end: date(2026, 11, 25) },
            Availability::Free,
            "",
        ),
        event("call", "Ana: contract call", timed(24, (9, 30), (10, 0)), Availability::Busy, ""),
        event("roadmap", "Roadmap sync", timed(24, (15, 30), (16, 0)), Availability::Tentative, ""),
    ];
    for event in &mut events {
        if matches!(event.id.0.as_str(), "hiring" | "roadmap") {
            event.response = Response::NotResponded;
        }
    }
    events
}

fn sample_away() -> Vec<AwayRow> {
    let row = |name: &str, since: Date, until: Option<Date>, is_away_now: bool, reply: &str| AwayRow {
        person: person(name),
        days: vec![if is_away_now { DayState::Away } else { DayState::Here }; 14],
        is_away_now,
        until,
        since: Some(since),
        reply: (!reply.is_empty()).then(|| AutomaticReply {
            message: reply.to_owned(),
            start: None,
            end: None,
            as_of: monday(),
        }),
        presence: None,
        sources: vec![AwaySource::AutomaticReply],
        schedule: None,
        problems: Vec::new(),
    };
    vec![
        row("Tom Berg", date(2026, 11, 23), Some(date(2026, 11, 25)), true, "Back Thursday. Urgent: Ben Okafor."),
        row("Eva Novak", date(2026, 11, 23), Some(date(2026, 11, 27)), true, ""),
        row("Iris Lund", date(2026, 12, 1), Some(date(2026, 12, 4)), false, ""),
    ]
}

pub(crate) fn person(name: &str) -> Person {
    let first = name.split(' ').next().unwrap_or(name).to_lowercase();
    Person {
        id: PersonId(first.clone()),
        name: name.to_owned(),
        address: format!("{first}@contoso.com"),
        job_title: Some("Engineer".to_owned()),
        department: Some("Contracts".to_owned()),
        office: None,
        phones: Vec::new(),
    }
}

/// A draft as the engine begins it.
fn begun(kind: DraftKind, about: Option<MessageId>, now: Timestamp) -> Draft {
    let is_reply = matches!(kind, DraftKind::Reply | DraftKind::ReplyAll);
    let dana = Recipient { name: "Dana Levy".to_owned(), address: "dana@fabrikam.com".to_owned() };
    Draft {
        id: DraftId(1),
        kind,
        about,
        to: is_reply.then_some(dana).into_iter().collect(),
        cc: Vec::new(),
        bcc: Vec::new(),
        subject: if is_reply { "Re: Contract draft".to_owned() } else { String::new() },
        body: if is_reply {
            "\n\nOn Monday, Dana Levy wrote:\n> Two points are left.\n".to_owned()
        } else {
            String::new()
        },
        importance: Importance::Normal,
        attachments: Vec::new(),
        cursor: 0,
        on_service: None,
        is_sending: false,
        is_in_step: false,
        elsewhere: None,
        made: now,
        kept: now,
    }
}

fn found(text: &str) -> FoundPeople {
    let all = ["Ana Ruiz", "Ben Okafor", "Dana Levy", "Eva Novak", "Tom Berg"];
    let text_lower = text.to_lowercase();
    let people =
        all.into_iter().map(person).filter(|person| person.name.to_lowercase().contains(&text_lower)).collect();
    FoundPeople { text: text.to_owned(), people, groups: Vec::new(), is_complete: true, problem: None }
}

/// A dark tier of which nothing is held.
fn missing(tier: Tier, is_put_off: bool) -> MissingPermission {
    let request = consent_request(&[tier]);
    permission::examine(&Scopes::parse("openid"), tier, AccountKind::Work, false, is_put_off, request)
}

fn consent_request(tiers: &[Tier]) -> ConsentRequest {
    ConsentRequest {
        authority: "https://login.microsoftonline.com".to_owned(),
        graph: "https://graph.microsoft.com".to_owned(),
        client_id: "6f1f4d4c-0000-4000-8000-000000000001".to_owned(),
        tenant: "contoso.com".to_owned(),
        kind: PermissionKind::Delegated,
        tiers: tiers.to_vec(),
        redirect_uri: "http://localhost".to_owned(),
        asker: "lena@contoso.com".to_owned(),
        mailboxes: Vec::new(),
    }
}

/// What is answered first while somebody types: the newest hit, and that there is more to come.
fn soon(found: FoundPage) -> FoundPage {
    let rows: Vec<FoundRow> = found.rows.into_iter().take(1).collect();
    let at_least = u32::try_from(rows.len()).expect("a count");
    FoundPage { rows, at_oldest: false, is_counted: false, is_partial: true, at_least, ..found }
}
