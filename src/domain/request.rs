//! What the screen and the command line ask of the engine, and what comes back.
//!
//! A request is answered from the cache wherever it can be; where the network has to be asked (free/busy, directory search) the
//! answer says how old it is. Every request ends in exactly one answer or one report.

use crate::base::report::Report;
use crate::domain::account::Tier;
use crate::domain::accounts::Accounts;
use crate::domain::calls::CallRecord;
use crate::domain::check::Diagnosis;
use crate::domain::consent::{ConsentRequest, MissingPermission};
use crate::domain::draft::{Draft, DraftAttachment, DraftId, DraftKind};
use crate::domain::event::{Calendar, CalendarId, Event, EventDetails, EventId};
use crate::domain::event_draft::AutomaticRepliesSetting;
use crate::domain::freebusy::Schedule;
use crate::domain::group::{FoundGroup, GroupRef, Members, SavedGroup};
use crate::domain::intent::{Intent, IntentId, OutboxItem, Settlement};
use crate::domain::mail::{Folder, FolderId, Message, MessageId, MessageKey, MessageRow, Recipient};
use crate::domain::meeting_times::Opinion;
use crate::domain::own_settings::UnsetReplies;
use crate::domain::person::{Person, PersonId};
use crate::domain::place::Room;
use crate::domain::presence::{AutomaticReply, AwayBoard, AwayOf, Presence};
use crate::domain::selection::{Counted, Selection, SelectionDeed, Source, Stretch, Weighed};
use crate::domain::styled::StyledText;
use crate::domain::time::Span;
use jiff::Timestamp;
use jiff::civil::Date;
use std::path::PathBuf;

/// Where a page of a folder begins. Lists page by key, never by offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageStart {
    /// The newest.
    Newest,
    /// The oldest `count` messages.
    Oldest,
    /// Messages older than this key.
    OlderThan(MessageKey),
    /// Messages newer than this key, those next to it.
    NewerThan(MessageKey),
    /// Half newer, half older, this one in the middle.
    Around(MessageKey),
}

/// A question.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// The folder tree with counts.
    Folders,
    /// A page of a folder, newest first.
    Messages {
        /// The folder.
        folder: FolderId,
        /// Where the page begins.
        start: PageStart,
        /// How many rows.
        count: u16,
    },
    /// Messages that match a search (the language of [`Query`](crate::domain::query::Query)), newest first, from the cache.
    Search {
        /// What was typed.
        text: String,
        /// Only this folder; `None`: all folders.
        folder: Option<FolderId>,
        /// Where the page begins; keys are those of [`FoundRow`]s.
        start: PageStart,
        /// How many rows.
        count: u16,
        /// Ask the service too, once a search; what it finds is put into the cache and stands among the rest.
        from_service: bool,
        /// Somebody types: where the whole answer takes longer than a key may, what is found soon comes first
        /// ([`FoundPage::is_partial`]). Asked again without this, the rest is waited for.
        as_typed: bool,
    },
    /// A message with its body as styled text.
    Read {
        /// The message.
        message: MessageId,
        /// Width of the text in columns.
        width: u16,
        /// Show quoted text in full.
        unfold: bool,
    },
    /// Events that touch `from` (inclusive) to `to` (exclusive), days in the person's zone.
    Agenda {
        /// First day.
        from: Date,
        /// The day after the last.
        to: Date,
    },
    /// People whose name or address begins with the words of `text`: the cache first, then the directory.
    FindPeople {
        /// What was typed.
        text: String,
    },
    /// Who has these addresses; answered like [`Request::FindPeople`], without those of whom nobody is known.
    PeopleAt {
        /// Addresses.
        addresses: Vec<String>,
    },
    /// The groups saved in the configuration.
    Groups,
    /// Save a group under this name, in place of one of the same name; without anybody it is removed. Answered like
    /// [`Request::Groups`].
    SaveGroup {
        /// Its name.
        name: String,
        /// Who is in it.
        people: Vec<Recipient>,
    },
    /// Who is in a group.
    Members(GroupRef),
    /// The organisation's rooms.
    Rooms,
    /// The calendars there are, the own one first, each with whether it is shown.
    Calendars,
    /// Show a calendar beside the own one, or no longer; answered like [`Request::Calendars`].
    ShowCalendar {
        /// Which.
        id: CalendarId,
        /// Shown from now on.
        is_shown: bool,
    },
    /// Save events into a new calendar file of the person's downloads.
    SaveEvents {
        /// The events.
        events: Vec<Event>,
        /// The name the file would have.
        name: String,
    },
    /// Automatic replies of these addresses, as far as they are known.
    Replies {
        /// Addresses.
        addresses: Vec<String>,
    },
    /// Free/busy of these addresses (mine may be among them).
    Availability {
        /// Addresses.
        addresses: Vec<String>,
        /// The window, under 62 days.
        window: Span,
        /// Do not take the cache's answer even if it is young.
        refresh: bool,
    },
    /// The same as far as it is kept, however old, and without asking anybody; answered like it, without those who are not known.
    KnownAvailability {
        /// Addresses.
        addresses: Vec<String>,
        /// The window, under 62 days.
        window: Span,
    },
    /// When the service itself would meet: a second opinion, never mixed with ours.
    SecondOpinion {
        /// Addresses of those who have to be there.
        required: Vec<String>,
        /// Addresses of those who may be there.
        optional: Vec<String>,
        /// Within which time.
        window: Span,
        /// How long.
        minutes: u16,
    },
    /// The away board. What is chosen for the screen is remembered.
    Away {
        /// First day.
        from: Date,
        /// Number of days.
        days: u16,
        /// Whose.
        of: AwayOf,
        /// Ask the service even if the cache is young.
        refresh: bool,
        /// Whoever is looked at shall be looked at again when nobody is named.
        remember: bool,
    },
    /// The event that a mail invites to.
    Meeting(MessageId),
    /// Events of the cache by words of their subject, place or people.
    FindEvents {
        /// What was typed.
        text: String,
        /// The hits next to this day matter most.
        around: Date,
    },
    /// What only the service knows of an event: its text, its reminder, how its series repeats.
    EventDetails(EventId),
    /// The own automatic replies as the service has them.
    AutomaticReplies,
    /// Automatic replies that were being written and not set.
    UnsetReplies,
    /// Keep these for later, or nothing any more; answered like [`Request::UnsetReplies`].
    KeepReplies(Option<Box<UnsetReplies>>),
    /// Everything about one person.
    Card {
        /// Their address (a mail's sender) or directory id.
        who: PersonRef,
    },
    /// Recent mail with somebody and the next meetings with them, from the cache.
    Together {
        /// Their address.
        address: String,
    },
    /// Presence of people on the screen.
    Presence {
        /// Directory ids, or what stands for an address.
        people: Vec<PersonId>,
    },
    /// What is missing for a tier, and what can be done about it.
    Missing {
        /// The tier.
        tier: Tier,
    },
    /// Say nothing more of a dark tier until tomorrow; answered like [`Request::Missing`].
    PutOff {
        /// The tier.
        tier: Tier,
    },
    /// The request to an administrator for these tiers.
    Consent {
        /// The tiers.
        tiers: Vec<Tier>,
    },
    /// The last calls to the service, signed in or not.
    RecentCalls,
    /// Who is signed in, how long the token lasts and where it is kept; signed in or not.
    Accounts,
    /// These changes, in this order: on disk and in the cache when the answer comes, with the service later.
    Change(Vec<Intent>),
    /// The same for what nobody asked for by name, as a message that is read by being looked at: [`Request::Undo`] passes it over.
    Note(Vec<Intent>),
    /// How many messages lie in a stretch of a folder or of hits, and where it really ends.
    Stretch {
        /// Of what.
        source: Box<Source>,
        /// The stretch.
        stretch: Stretch,
    },
    /// What a deed would change of all that is selected.
    Weigh {
        /// What is selected.
        selection: Box<Selection>,
        /// The deed.
        deed: SelectionDeed,
    },
    /// What is being weighed, or was, is not meant any more; answered with [`Answer::Stretch`] of nothing.
    ForgetWeighed,
    /// Do it, as one change; answered like [`Request::Change`].
    ChangeSelected {
        /// What is selected.
        selection: Box<Selection>,
        /// The deed, as it was weighed.
        deed: SelectionDeed,
    },
    /// Take back the last [`Request::Change`] of this run that can be.
    Undo,
    /// What waits in the outbox, the oldest first.
    Outbox,
    /// Decide about a change in the outbox; answered like [`Request::Outbox`].
    Settle {
        /// Which.
        id: IntentId,
        /// What to do.
        how: Settlement,
    },
    /// Begin a message; recipients, subject and quoted text are made.
    BeginDraft {
        /// What it begins as.
        kind: DraftKind,
        /// The message it answers or passes on.
        about: Option<MessageId>,
    },
    /// Keep what is being written, on this computer; answered with the draft as it was kept.
    KeepDraft(Box<Draft>),
    /// All drafts of this computer, the one kept last first.
    Drafts,
    /// A draft of this computer.
    OpenDraft(DraftId),
    /// The draft that this message of the Drafts folder is, whoever began it; answered like [`Request::OpenDraft`].
    AdoptDraft(MessageId),
    /// Searches of earlier.
    Searches,
    /// Remember a search; answered like [`Request::Searches`].
    KeepSearch(String),
    /// Forget that a draft of another program was opened, if it was left as it is; answered like [`Request::Drafts`].
    LetGoOfDraft(DraftId),
    /// Files and folders whose path begins as typed; `~` is the home folder.
    Paths {
        /// What was typed.
        typed: String,
    },
    /// Save a message as it came, or what hangs on it, into a new file of the person's downloads.
    Save {
        /// The message.
        message: MessageId,
        /// The attachment's id; none: the message itself.
        attachment: Option<String>,
        /// The name it would have.
        name: String,
    },
    /// Save messages as they came, each into a new file of the person's downloads.
    SaveAll {
        /// The messages with the names they would have.
        messages: Vec<(MessageId, String)>,
    },
    /// Save all that is selected, if it is not too many; answered like [`Request::SaveAll`].
    SaveSelected(Box<Selection>),
    /// A message as it came.
    Source(MessageId),
    /// A file, to be attached.
    Attach {
        /// Its path; `~` is the home folder.
        path: String,
    },
}

/// Presence as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeenPresence {
    /// Those of whom something is known.
    pub known: Vec<(PersonId, Presence)>,
    /// Those who are nobody of the directory, so that there is nothing to ask for.
    pub strangers: Vec<PersonId>,
}

/// How a person is named by the thing under the cursor.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PersonRef {
    /// By SMTP address, with the shown name.
    Address {
        /// Address.
        address: String,
        /// Name as shown there.
        name: String,
    },
    /// By directory id.
    Id(PersonId),
}

/// A page of messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessagePage {
    /// The folder.
    pub folder: FolderId,
    /// Rows, newest first.
    pub rows: Vec<MessageRow>,
    /// Nothing newer exists in the cache.
    pub at_newest: bool,
    /// Nothing older exists in the cache.
    pub at_oldest: bool,
    /// How many messages of the folder are newer than the first row, as far as a counter tells; for the scrollbar.
    pub newer: u32,
    /// How many messages of the folder are in the cache.
    pub cached: u32,
}

/// A message that matches a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundRow {
    /// The message. Its key is its place in the index: good for paging and comparing with other hits, and for nothing else.
    pub row: MessageRow,
    /// The words stand in the subject.
    pub in_subject: bool,
    /// The words stand in names or addresses.
    pub in_people: bool,
    /// Some of the text around the first word, if it stands in neither of them.
    pub extract: Option<String>,
    /// The service found it, the cache did not.
    pub is_from_service: bool,
}

/// How far the service was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ServiceSearch {
    /// Not at all.
    #[default]
    NotAsked,
    /// It was, and found so many; `is_cut` says that it knows more and does not tell them.
    Done {
        /// How many it found.
        found: u32,
        /// There are more.
        is_cut: bool,
    },
    /// It could not be asked.
    Failed(Report),
}

/// A page of hits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundPage {
    /// What was typed.
    pub text: String,
    /// Only this folder.
    pub folder: Option<FolderId>,
    /// Rows, newest first.
    pub rows: Vec<FoundRow>,
    /// Nothing newer matches.
    pub at_newest: bool,
    /// Nothing older matches.
    pub at_oldest: bool,
    /// So many match, or more (see `is_counted`).
    pub at_least: u32,
    /// `at_least` is exact.
    pub is_counted: bool,
    /// So many messages of the cache are not in the index yet.
    pub waiting: u32,
    /// How far the service was asked.
    pub service: ServiceSearch,
    /// There is more to come: the search goes on, and the same question brings its whole answer.
    pub is_partial: bool,
}

/// A message for reading.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The message.
    pub message: Message,
    /// The body at the asked width; `None` while it is on its way (a notice says when it arrived).
    pub text: Option<StyledText>,
    /// The attachments.
    pub attachments: Vec<crate::domain::mail::Attachment>,
    /// The width the text was made for.
    pub width: u16,
    /// Why there is no body, if it could not be had.
    pub problem: Option<Report>,
}

/// Everything about one person.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// Who. Fields that may not be read are `None`.
    pub person: Person,
    /// Inside the organisation.
    pub is_internal: bool,
    /// Their manager, or `None` where there is none or it may not be read (see `problems`).
    pub manager: Option<Person>,
    /// Who reports to them, as far as it may be read.
    pub reports: Vec<Person>,
    /// Their presence.
    pub presence: Option<Presence>,
    /// Their automatic reply.
    pub reply: Option<AutomaticReply>,
    /// Today, in the asking person's zone.
    pub schedule: Option<Schedule>,
    /// What could not be had, in words.
    pub problems: Vec<Report>,
    /// The oldest knowledge on the card.
    pub as_of: Option<Timestamp>,
}

/// What somebody and I had to do with each other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Together {
    /// The newest mails from and to them.
    pub mails: Vec<MessageRow>,
    /// The next meetings with them.
    pub meetings: Vec<Event>,
}

/// A file or folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathEntry {
    /// Its name, tame, for showing.
    pub name: String,
    /// Its path as it would be typed.
    pub path: String,
    /// Bytes of a file; none for a folder.
    pub size: Option<u64>,
}

/// An event that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventHit {
    /// Which.
    pub event: EventId,
    /// Its first day.
    pub day: Date,
}

/// Events found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundEvents {
    /// What was typed.
    pub text: String,
    /// By day.
    pub hits: Vec<EventHit>,
    /// The hit next to the day that was named.
    pub nearest: usize,
    /// There are more.
    pub is_cut: bool,
}

/// People found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FoundPeople {
    /// What was typed.
    pub text: String,
    /// Best first.
    pub people: Vec<Person>,
    /// Groups whose name begins so: the saved ones first.
    pub groups: Vec<FoundGroup>,
    /// Whether the directory was asked, or only the cache.
    pub is_complete: bool,
    /// Why the directory could not be asked.
    pub problem: Option<Report>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The folder tree, parents before children.
    Folders(Vec<Folder>),
    /// A page.
    Messages(MessagePage),
    /// Hits of a search.
    Found(Box<FoundPage>),
    /// A message.
    Read(Box<Reading>),
    /// Events, sorted by start.
    Agenda {
        /// First day.
        from: Date,
        /// The day after the last.
        to: Date,
        /// Events.
        events: Vec<Event>,
        /// When the calendar was last in step; `None`: never.
        as_of: Option<Timestamp>,
    },
    /// People.
    FoundPeople(FoundPeople),
    /// The saved groups, by name.
    Groups(Vec<SavedGroup>),
    /// Who is in a group.
    Members(Box<Members>),
    /// Rooms, by building and name.
    Rooms(Vec<Room>),
    /// Schedules in the order asked, each with its own error and age.
    Availability(Vec<Schedule>),
    /// What the service suggests.
    SecondOpinion(Box<Opinion>),
    /// Automatic replies by address.
    Replies(Vec<(String, AutomaticReply)>),
    /// Calendars, each with whether it is shown.
    Calendars(Vec<(Calendar, bool)>),
    /// The board.
    Away(AwayBoard),
    /// The own automatic replies, their texts plain.
    AutomaticReplies(Box<AutomaticRepliesSetting>),
    /// Automatic replies that were being written.
    UnsetReplies(Option<Box<UnsetReplies>>),
    /// The event of a mail; `None` when it is no longer in the calendar.
    Meeting(Option<Box<Event>>),
    /// What only the service knows of an event.
    EventDetails(Box<EventDetails>),
    /// Events by words.
    FoundEvents(Box<FoundEvents>),
    /// A card.
    Card(Box<Card>),
    /// Mail and meetings with somebody.
    Together(Box<Together>),
    /// What an examination found.
    Diagnosis(Box<Diagnosis>),
    /// Presence, under the ids that were asked for.
    Presence(SeenPresence),
    /// What is missing for a tier.
    Missing(Box<MissingPermission>),
    /// The request to an administrator.
    Consent(Box<ConsentRequest>),
    /// The last calls, the newest first.
    RecentCalls(Vec<CallRecord>),
    /// The accounts of the profile.
    Accounts(Box<Accounts>),
    /// Changes that are on disk now.
    Changed {
        /// Their places in the outbox, in the order wanted.
        ids: Vec<IntentId>,
        /// What happened, as a sentence: "Archived 3 messages."
        words: String,
    },
    /// A stretch as it lies here; `None`: nothing of it does.
    Stretch(Option<Counted>),
    /// What a deed would change.
    Weighed(Box<Weighed>),
    /// What was taken back, as a sentence.
    Undone {
        /// The sentence.
        words: String,
    },
    /// The outbox, the oldest first.
    Outbox(Vec<OutboxItem>),
    /// Files and folders.
    Paths(Vec<PathEntry>),
    /// A file that can be attached.
    Attached(DraftAttachment),
    /// A message as it came.
    Source {
        /// Its subject, as far as it is known here.
        subject: String,
        /// What an `.eml` file holds.
        bytes: Vec<u8>,
    },
    /// Where something was saved.
    Saved(PathBuf),
    /// So many were saved into this folder.
    SavedAll(usize, PathBuf),
    /// What somebody made of a text in their editor.
    Edited(String),
    /// A draft.
    Draft(Box<Draft>),
    /// Drafts, the one kept last first.
    Drafts(Vec<Draft>),
    /// Searches of earlier, the latest last.
    Searches(Vec<String>),
}
