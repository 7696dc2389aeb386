//! Changes and drafts as JSON and back.
//!
//! Types of their own: what is on disk is a promise to later releases. Members that are missing read as their quiet default.

use crate::base::report::{Kind, Report};
use crate::db::DbError;
use crate::db::encode::{
    Word, ZoneJson, attendees_from_json, attendees_to_json, from_json, instant, recipients_from_json,
    recipients_to_json, to_json, zone_from_json, zone_to_json,
};
use crate::db::outbox::own::{
    ChosenJson, NoteJson, RepliesJson, TimeSettingJson, chosen, chosen_json, note, note_json, replies, replies_json,
    working_time, working_time_json,
};
use crate::db::outbox::repeats::{self, RecurrenceJson};
use crate::domain::draft::{DraftAttachment, DraftId, DraftKind};
use crate::domain::draft_elsewhere::{Elsewhere, FileThere};
use crate::domain::event::{CalendarId, Event, EventId, Response, When};
use crate::domain::event_draft::{EventChange, EventDraft, EventTime, ExternalAudience, Invitee};
use crate::domain::freebusy::Availability;
use crate::domain::intent::{Intent, InvitationAnswer, ItemState, MoveTarget, Trouble};
use crate::domain::mail::{FolderId, FolderRole, Importance, MessageId, Recipient};
use crate::domain::outbox::{Former, FormerMessage, Progress, Stage};
use crate::domain::time::Span;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

impl Word for DraftKind {
    const WORDS: &'static [(Self, &'static str)] =
        &[(Self::New, "new"), (Self::Reply, "reply"), (Self::ReplyAll, "replyAll"), (Self::Forward, "forward")];
}

impl Word for InvitationAnswer {
    const WORDS: &'static [(Self, &'static str)] =
        &[(Self::Accept, "accept"), (Self::Tentative, "tentative"), (Self::Decline, "decline")];
}

impl Word for ExternalAudience {
    const WORDS: &'static [(Self, &'static str)] =
        &[(Self::None, "none"), (Self::Contacts, "contacts"), (Self::All, "all")];
}

impl Word for Stage {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::Begin, "begin"),
        (Self::Find, "find"),
        (Self::Make, "make"),
        (Self::Write, "write"),
        (Self::ListFiles, "listFiles"),
        (Self::Attach, "attach"),
        (Self::Look, "look"),
        (Self::Act, "act"),
        (Self::Confirm, "confirm"),
    ];
}

impl Word for Trouble {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::Gone, "gone"),
        (Self::ChangedElsewhere, "changedElsewhere"),
        (Self::Refused, "refused"),
        (Self::Unclear, "unclear"),
    ];
}

impl Word for Kind {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::Failure, "failure"),
        (Self::Usage, "usage"),
        (Self::Configuration, "configuration"),
        (Self::NeedsPerson, "needsPerson"),
        (Self::Network, "network"),
    ];
}

/// The state behind a word of its column.
pub(super) fn state(word: &str, not_before: Option<Timestamp>) -> ItemState {
    match word {
        "held" => ItemState::Held { until: not_before.unwrap_or(Timestamp::MIN) },
        "underWay" => ItemState::UnderWay,
        "done" => ItemState::Done,
        "waiting" => ItemState::Waiting,
        // A word of another release: somebody has to look.
        other => ItemState::NeedsPerson(Trouble::from_word(other).unwrap_or(Trouble::Unclear)),
    }
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "camelCase")]
enum IntentJson {
    MarkRead { message: String, is_read: bool },
    Flag { message: String, is_flagged: bool },
    Categorise { message: String, categories: Vec<String> },
    MoveToFolder { message: String, folder: String },
    MoveToRole { message: String, role: String },
    DeleteForEver { message: String },
    Send { draft: i64 },
    KeepDraft { draft: i64 },
    DiscardDraft { draft: i64 },
    CreateEvent { event: EventDraftJson },
    UpdateEvent { event: String, series: bool, change: EventChangeJson },
    DeleteEvent { event: String, series: bool, note: String },
    Respond { event: String, series: bool, answer: String, note: String, tell: bool, proposal: Option<(i64, i64)> },
    AutomaticReplies { setting: RepliesJson },
    WorkingTime { setting: TimeSettingJson },
    Presence { chosen: Option<ChosenJson> },
    StatusNote { note: NoteJson },
}

#[derive(Serialize, Deserialize)]
enum TimeJson {
    #[serde(rename = "allDay")]
    AllDay(Date, Date),
    #[serde(rename = "timed")]
    Timed(DateTime, DateTime, ZoneJson),
}

#[derive(Serialize, Deserialize)]
struct InviteeJson(String, String, bool, #[serde(default)] bool);

#[derive(Serialize, Deserialize)]
struct EventDraftJson {
    subject: String,
    time: TimeJson,
    #[serde(default)]
    location: String,
    #[serde(default)]
    attendees: Vec<InviteeJson>,
    #[serde(default)]
    online: bool,
    #[serde(default)]
    body: String,
    show_as: String,
    reminder: Option<u32>,
    #[serde(default)]
    private: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    repeats: Option<RecurrenceJson>,
}

#[derive(Serialize, Deserialize)]
#[serde(default)]
#[derive(Default)]
struct EventChangeJson {
    subject: Option<String>,
    time: Option<TimeJson>,
    location: Option<String>,
    attendees: Option<Vec<InviteeJson>>,
    online: Option<bool>,
    body: Option<String>,
    show_as: Option<String>,
    /// Minutes; -1: none.
    reminder: Option<i64>,
    categories: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repeats: Option<RecurrenceJson>,
}

fn span_json(span: &Span) -> (i64, i64) {
    (span.start.as_microsecond(), span.end.as_microsecond())
}

fn span((start, end): (i64, i64)) -> Result<Span, DbError> {
    Ok(Span { start: instant(start)?, end: instant(end)? })
}

fn time_json(time: &EventTime) -> TimeJson {
    match time {
        EventTime::AllDay { start, end } => TimeJson::AllDay(*start, *end),
        EventTime::Timed { start, end, zone } => TimeJson::Timed(*start, *end, zone_to_json(zone)),
    }
}

fn time(row: TimeJson) -> EventTime {
    match row {
        TimeJson::AllDay(start, end) => EventTime::AllDay { start, end },
        TimeJson::Timed(start, end, zone) => EventTime::Timed { start, end, zone: zone_from_json(zone) },
    }
}

fn invitees_json(invitees: &[Invitee]) -> Vec<InviteeJson> {
    let row = |one: &Invitee| {
        InviteeJson(one.recipient.name.clone(), one.recipient.address.clone(), one.is_optional, one.is_resource)
    };
    invitees.iter().map(row).collect()
}

fn invitees(rows: Vec<InviteeJson>) -> Vec<Invitee> {
    let one = |InviteeJson(name, address, is_optional, is_resource)| Invitee {
        recipient: Recipient { name, address },
        is_optional,
        is_resource,
    };
    rows.into_iter().map(one).collect()
}

fn event_draft_json(event: &EventDraft) -> EventDraftJson {
    EventDraftJson {
        subject: event.subject.clone(),
        time: time_json(&event.time),
        location: event.location.clone(),
        attendees: invitees_json(&event.attendees),
        online: event.is_online,
        body: event.body.clone(),
        show_as: event.show_as.word().to_owned(),
        reminder: event.reminder,
        private: event.is_private,
        repeats: event.recurrence.as_ref().map(repeats::recurrence_json),
    }
}

fn event_draft(row: EventDraftJson) -> EventDraft {
    EventDraft {
        subject: row.subject,
        time: time(row.time),
        location: row.location,
        attendees: invitees(row.attendees),
        is_online: row.online,
        body: row.body,
        show_as: Availability::from_word(&row.show_as).unwrap_or(Availability::Busy),
        reminder: row.reminder,
        is_private: row.private,
        recurrence: row.repeats.and_then(repeats::recurrence),
    }
}

fn event_change_json(change: &EventChange) -> EventChangeJson {
    EventChangeJson {
        subject: change.subject.clone(),
        time: change.time.as_ref().map(time_json),
        location: change.location.clone(),
        attendees: change.attendees.as_deref().map(invitees_json),
        online: change.is_online,
        body: change.body.clone(),
        show_as: change.show_as.map(|status| status.word().to_owned()),
        reminder: change.reminder.map(|minutes| minutes.map_or(-1, i64::from)),
        categories: change.categories.clone(),
        repeats: change.recurrence.as_ref().map(repeats::recurrence_json),
    }
}

fn event_change(row: EventChangeJson) -> EventChange {
    EventChange {
        subject: row.subject,
        time: row.time.map(time),
        location: row.location,
        attendees: row.attendees.map(invitees),
        is_online: row.online,
        body: row.body,
        show_as: row.show_as.as_deref().and_then(Availability::from_word),
        reminder: row.reminder.map(|minutes| u32::try_from(minutes).ok()),
        categories: row.categories,
        recurrence: row.repeats.and_then(repeats::recurrence),
    }
}

pub(super) fn intent_to_json(intent: &Intent) -> Result<String, DbError> {
    let row = match intent {
        Intent::MarkRead { message, is_read } => IntentJson::MarkRead { message: message.0.clone(), is_read: *is_read },
        Intent::Flag { message, is_flagged } => {
            IntentJson::Flag { message: message.0.clone(), is_flagged: *is_flagged }
        }
        Intent::Categorise { message, categories } => {
            IntentJson::Categorise { message: message.0.clone(), categories: categories.clone() }
        }
        Intent::Move { message, to: MoveTarget::Folder(folder) } => {
            IntentJson::MoveToFolder { message: message.0.clone(), folder: folder.0.clone() }
        }
        Intent::Move { message, to: MoveTarget::Role(role) } => {
            IntentJson::MoveToRole { message: message.0.clone(), role: role.word().to_owned() }
        }
        Intent::DeleteForEver { message } => IntentJson::DeleteForEver { message: message.0.clone() },
        Intent::Send { draft } => IntentJson::Send { draft: draft.0 },
        Intent::KeepDraft { draft } => IntentJson::KeepDraft { draft: draft.0 },
        Intent::DiscardDraft { draft } => IntentJson::DiscardDraft { draft: draft.0 },
        Intent::CreateEvent { event } => IntentJson::CreateEvent { event: event_draft_json(event) },
        Intent::UpdateEvent { event, series, change } => {
            IntentJson::UpdateEvent { event: event.0.clone(), series: *series, change: event_change_json(change) }
        }
        Intent::DeleteEvent { event, series, note } => {
            IntentJson::DeleteEvent { event: event.0.clone(), series: *series, note: note.clone() }
        }
        Intent::Respond { event, series, answer, note, tell, proposal } => IntentJson::Respond {
            event: event.0.clone(),
            series: *series,
            answer: answer.word().to_owned(),
            note: note.clone(),
            tell: *tell,
            proposal: proposal.as_ref().map(span_json),
        },
        Intent::AutomaticReplies(setting) => IntentJson::AutomaticReplies { setting: replies_json(setting) },
        Intent::WorkingTime(setting) => IntentJson::WorkingTime { setting: working_time_json(setting) },
        Intent::Presence(chosen) => IntentJson::Presence { chosen: chosen.as_ref().map(chosen_json) },
        Intent::StatusNote(note) => IntentJson::StatusNote { note: note_json(note) },
    };
    to_json(&row)
}

pub(super) fn intent_from_json(text: &str) -> Result<Intent, DbError> {
    let message = MessageId;
    let event_id = EventId;
    let unknown = |what: &str| DbError::Row(format!("\"{what}\" is not known here"));
    Ok(match from_json::<IntentJson>(text)? {
        IntentJson::MarkRead { message: id, is_read } => Intent::MarkRead { message: message(id), is_read },
        IntentJson::Flag { message: id, is_flagged } => Intent::Flag { message: message(id), is_flagged },
        IntentJson::Categorise { message: id, categories } => Intent::Categorise { message: message(id), categories },
        IntentJson::MoveToFolder { message: id, folder } => {
            Intent::Move { message: message(id), to: MoveTarget::Folder(FolderId(folder)) }
        }
        IntentJson::MoveToRole { message: id, role } => {
            let role = FolderRole::from_word(&role).ok_or_else(|| unknown(&role))?;
            Intent::Move { message: message(id), to: MoveTarget::Role(role) }
        }
        IntentJson::DeleteForEver { message: id } => Intent::DeleteForEver { message: message(id) },
        IntentJson::Send { draft } => Intent::Send { draft: DraftId(draft) },
        IntentJson::KeepDraft { draft } => Intent::KeepDraft { draft: DraftId(draft) },
        IntentJson::DiscardDraft { draft } => Intent::DiscardDraft { draft: DraftId(draft) },
        IntentJson::CreateEvent { event } => Intent::CreateEvent { event: Box::new(event_draft(event)) },
        IntentJson::UpdateEvent { event, series, change } => {
            Intent::UpdateEvent { event: event_id(event), series, change: Box::new(event_change(change)) }
        }
        IntentJson::DeleteEvent { event, series, note } => Intent::DeleteEvent { event: event_id(event), series, note },
        IntentJson::Respond { event, series, answer, note, tell, proposal } => Intent::Respond {
            event: event_id(event),
            series,
            answer: InvitationAnswer::from_word(&answer).ok_or_else(|| unknown(&answer))?,
            note,
            tell,
            proposal: proposal.map(span).transpose()?,
        },
        IntentJson::AutomaticReplies { setting } => Intent::AutomaticReplies(replies(setting)?),
        IntentJson::WorkingTime { setting } => Intent::WorkingTime(Box::new(working_time(setting))),
        IntentJson::Presence { chosen: row } => Intent::Presence(row.as_ref().map(chosen).transpose()?),
        IntentJson::StatusNote { note: row } => Intent::StatusNote(note(row)?),
    })
}

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
struct ProgressJson {
    stage: String,
    may_have_acted: bool,
    item: Option<String>,
    version: Option<String>,
    files: u32,
    looks: u32,
    forced: bool,
    alone: bool,
}

pub(super) fn progress_to_json(progress: &Progress) -> Result<String, DbError> {
    to_json(&ProgressJson {
        stage: progress.stage.word().to_owned(),
        may_have_acted: progress.may_have_acted,
        item: progress.item.clone(),
        version: progress.version.clone(),
        files: progress.files,
        looks: progress.looks,
        forced: progress.is_forced,
        alone: progress.is_alone,
    })
}

pub(super) fn progress_from_json(text: &str) -> Result<Progress, DbError> {
    let row: ProgressJson = from_json(text)?;
    Ok(Progress {
        stage: Stage::from_word(&row.stage).ok_or_else(|| DbError::Row(format!("no stage: {}", row.stage)))?,
        may_have_acted: row.may_have_acted,
        item: row.item,
        version: row.version,
        files: row.files,
        looks: row.looks,
        is_forced: row.forced,
        is_alone: row.alone,
    })
}

#[derive(Serialize, Deserialize)]
struct FormerMessageJson {
    id: String,
    folder: String,
    read: bool,
    flagged: bool,
    categories: Vec<String>,
}

#[derive(Serialize, Deserialize)]
enum WhenJson {
    #[serde(rename = "allDay")]
    AllDay(Date, Date),
    #[serde(rename = "timed")]
    Timed(i64, i64),
}

#[derive(Serialize, Deserialize)]
struct EventJson {
    id: String,
    calendar: String,
    series: Option<String>,
    subject: String,
    when: WhenJson,
    show_as: Option<String>,
    location: String,
    preview: String,
    cancelled: bool,
    private: bool,
    organizes: bool,
    response: String,
    organizer: Option<(String, String)>,
    attendees: String,
    join_url: Option<String>,
    web_link: Option<String>,
    categories: Vec<String>,
    importance: String,
    has_attachments: bool,
}

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
struct FormerJson {
    message: Option<FormerMessageJson>,
    events: Vec<EventJson>,
    replies: Option<RepliesJson>,
    #[serde(default)]
    time: Option<TimeSettingJson>,
    #[serde(default)]
    chosen: Option<ChosenJson>,
    #[serde(default)]
    note: Option<NoteJson>,
}

fn event_json(event: &Event) -> Result<EventJson, DbError> {
    Ok(EventJson {
        id: event.id.0.clone(),
        calendar: event.calendar.0.clone(),
        series: event.series.as_ref().map(|series| series.0.clone()),
        subject: event.subject.clone(),
        when: match event.when {
            When::AllDay { start, end } => WhenJson::AllDay(start, end),
            When::Timed(span) => WhenJson::Timed(span.start.as_microsecond(), span.end.as_microsecond()),
        },
        show_as: event.show_as.map(|status| status.word().to_owned()),
        location: event.location.clone(),
        preview: event.preview.clone(),
        cancelled: event.is_cancelled,
        private: event.is_private,
        organizes: event.is_organizer,
        response: event.response.word().to_owned(),
        organizer: event.organizer.as_ref().map(|one| (one.name.clone(), one.address.clone())),
        attendees: attendees_to_json(&event.attendees)?,
        join_url: event.join_url.clone(),
        web_link: event.web_link.clone(),
        categories: event.categories.clone(),
        importance: event.importance.word().to_owned(),
        has_attachments: event.has_attachments,
    })
}

fn event(row: EventJson) -> Result<Event, DbError> {
    Ok(Event {
        id: EventId(row.id),
        calendar: CalendarId(row.calendar),
        series: row.series.map(EventId),
        subject: row.subject,
        when: match row.when {
            WhenJson::AllDay(start, end) => When::AllDay { start, end },
            WhenJson::Timed(start, end) => When::Timed(span((start, end))?),
        },
        show_as: row.show_as.as_deref().and_then(Availability::from_word),
        location: row.location,
        preview: row.preview,
        is_cancelled: row.cancelled,
        is_private: row.private,
        is_organizer: row.organizes,
        response: Response::from_word(&row.response).unwrap_or_default(),
        organizer: row.organizer.map(|(name, address)| Recipient { name, address }),
        attendees: attendees_from_json(&row.attendees)?,
        join_url: row.join_url,
        web_link: row.web_link,
        categories: row.categories,
        importance: Importance::from_word(&row.importance).unwrap_or_default(),
        has_attachments: row.has_attachments,
    })
}

pub(super) fn former_to_json(former: &Former) -> Result<String, DbError> {
    let message = former.message.as_ref().map(|message| FormerMessageJson {
        id: message.id.0.clone(),
        folder: message.folder.0.clone(),
        read: message.is_read,
        flagged: message.is_flagged,
        categories: message.categories.clone(),
    });
    let events = former.events.iter().map(event_json).collect::<Result<_, _>>()?;
    to_json(&FormerJson {
        message,
        events,
        replies: former.replies.as_ref().map(replies_json),
        time: former.time.as_ref().map(working_time_json),
        chosen: former.chosen.as_ref().map(chosen_json),
        note: former.note.as_ref().map(note_json),
    })
}

pub(super) fn former_from_json(text: &str) -> Result<Former, DbError> {
    let row: FormerJson = from_json(text)?;
    Ok(Former {
        message: row.message.map(|message| FormerMessage {
            id: MessageId(message.id),
            folder: FolderId(message.folder),
            is_read: message.read,
            is_flagged: message.flagged,
            categories: message.categories,
        }),
        events: row.events.into_iter().map(event).collect::<Result<_, _>>()?,
        replies: row.replies.map(replies).transpose()?,
        time: row.time.map(working_time),
        chosen: row.chosen.as_ref().map(chosen).transpose()?,
        note: row.note.map(note).transpose()?,
    })
}

#[derive(Serialize, Deserialize)]
struct ReportJson {
    kind: String,
    code: String,
    what: String,
    why: String,
    next: Vec<String>,
    details: Vec<(String, String)>,
}

pub(super) fn report_to_json(report: &Report) -> Result<String, DbError> {
    to_json(&ReportJson {
        kind: report.kind.word().to_owned(),
        code: report.code.clone(),
        what: report.what.clone(),
        why: report.why.clone(),
        next: report.next.clone(),
        details: report.details.clone(),
    })
}

pub(super) fn report_from_json(text: &str) -> Result<Report, DbError> {
    let row: ReportJson = from_json(text)?;
    Ok(Report {
        kind: Kind::from_word(&row.kind).unwrap_or(Kind::Failure),
        code: row.code,
        what: row.what,
        why: row.why,
        next: row.next,
        details: row.details,
    })
}

/// What of a draft its writer decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) kind: DraftKind,
    pub(super) about: Option<MessageId>,
    pub(super) to: Vec<Recipient>,
    pub(super) cc: Vec<Recipient>,
    pub(super) bcc: Vec<Recipient>,
    pub(super) subject: String,
    pub(super) body: String,
    pub(super) importance: Importance,
    pub(super) attachments: Vec<DraftAttachment>,
    pub(super) cursor: u32,
    pub(super) is_in_step: bool,
    pub(super) elsewhere: Option<Box<Elsewhere>>,
}

#[derive(Serialize, Deserialize)]
struct DraftJson {
    kind: String,
    about: Option<String>,
    to: String,
    cc: String,
    bcc: String,
    subject: String,
    body: String,
    importance: String,
    attachments: Vec<(PathBuf, String, u64)>,
    cursor: u32,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    in_step: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    elsewhere: Option<ElsewhereJson>,
}

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
struct ElsewhereJson {
    to: Option<String>,
    cc: Option<String>,
    bcc: Option<String>,
    subject: Option<String>,
    text: Option<String>,
    formatted: bool,
    touched: bool,
    /// Id, name, size, inside the body, to be taken off.
    files: Vec<(String, String, u64, bool, bool)>,
}

fn elsewhere_json(there: &Elsewhere) -> Result<ElsewhereJson, DbError> {
    let people = |people: &Option<Vec<Recipient>>| people.as_deref().map(recipients_to_json).transpose();
    let file = |file: &FileThere| (file.id.clone(), file.name.clone(), file.size, file.is_inline, file.is_taken_off);
    Ok(ElsewhereJson {
        to: people(&there.to)?,
        cc: people(&there.cc)?,
        bcc: people(&there.bcc)?,
        subject: there.subject.clone(),
        text: there.text.clone(),
        formatted: there.is_formatted,
        touched: there.is_touched,
        files: there.files.iter().map(file).collect(),
    })
}

fn elsewhere(row: ElsewhereJson) -> Result<Elsewhere, DbError> {
    let people = |people: Option<String>| people.as_deref().map(recipients_from_json).transpose();
    let file = |(id, name, size, is_inline, is_taken_off)| FileThere { id, name, size, is_inline, is_taken_off };
    Ok(Elsewhere {
        to: people(row.to)?,
        cc: people(row.cc)?,
        bcc: people(row.bcc)?,
        subject: row.subject,
        text: row.text,
        is_formatted: row.formatted,
        is_touched: row.touched,
        files: row.files.into_iter().map(file).collect(),
    })
}

pub(super) fn written_to_json(draft: &Written) -> Result<String, DbError> {
    to_json(&DraftJson {
        kind: draft.kind.word().to_owned(),
        about: draft.about.as_ref().map(|about| about.0.clone()),
        to: recipients_to_json(&draft.to)?,
        cc: recipients_to_json(&draft.cc)?,
        bcc: recipients_to_json(&draft.bcc)?,
        subject: draft.subject.clone(),
        body: draft.body.clone(),
        importance: draft.importance.word().to_owned(),
        attachments: draft.attachments.iter().map(|one| (one.path.clone(), one.name.clone(), one.size)).collect(),
        cursor: draft.cursor,
        in_step: draft.is_in_step,
        elsewhere: draft.elsewhere.as_deref().map(elsewhere_json).transpose()?,
    })
}

pub(super) fn written_from_json(text: &str) -> Result<Written, DbError> {
    let row: DraftJson = from_json(text)?;
    Ok(Written {
        kind: DraftKind::from_word(&row.kind).unwrap_or(DraftKind::New),
        about: row.about.map(MessageId),
        to: recipients_from_json(&row.to)?,
        cc: recipients_from_json(&row.cc)?,
        bcc: recipients_from_json(&row.bcc)?,
        subject: row.subject,
        body: row.body,
        importance: Importance::from_word(&row.importance).unwrap_or_default(),
        attachments: row
            .attachments
            .into_iter()
            .map(|(path, name, size)| DraftAttachment { path, name, size })
            .collect(),
        cursor: row.cursor,
        is_in_step: row.in_step,
        elsewhere: row.elsewhere.map(elsewhere).transpose()?.map(Box::new),
    })
}
