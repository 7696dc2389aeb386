//! Asking the service what a step wants asked, and hearing what the answer means for it.
//!
//! Must stay true: whether something was done is judged here by one rule. It was not done if nothing was sent, if the service sent
//! us away unheard (401, 423, 424, 429), or if it said no (4xx); everything else that is not yes is unknown.

use crate::base::report::{Kind, Report};
use crate::base::text::tame;
use crate::domain::draft::{Draft, DraftAttachment, DraftKind};
use crate::domain::event::{Event, EventId};
use crate::domain::event_draft::{AutomaticRepliesSetting, Invitee};
use crate::domain::intent::{Intent, MoveTarget};
use crate::domain::mail::{BodyContent, FolderRole, MessageId};
use crate::domain::outbox::{Entry, Progress};
use crate::domain::own_settings::{Setting, WorkingTime};
use crate::domain::person::PersonId;
use crate::engine::outbox::series;
use crate::engine::outbox::step::{Ask, Heard, Seen, Work};
use crate::engine::outbox::whole;
use crate::graph::calendar_write;
use crate::graph::mail_write::{self, Derived, Destination, DraftFields, File, MessageChange, Standing};
use crate::graph::transport::upload::Uploaded;
use crate::graph::{Call, Graph, GraphError, Priority, Response, me, presence, send, settings};
use jiff::Timestamp;
use std::path::Path;

const PRIORITY: Priority = Priority::Background;

/// Why nothing more is to be asked for a while, whatever it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pause {
    /// The service cannot be reached.
    Offline,
    /// Somebody has to sign in.
    SignIn,
}

/// An answer and what it means beyond its step.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) heard: Heard,
    /// What stood in the way.
    pub(super) report: Option<Report>,
    /// Not before then.
    pub(super) until: Option<Timestamp>,
    pub(super) pause: Option<Pause>,
    /// The event that was made.
    pub(super) event: Option<Event>,
}

impl From<Heard> for Told {
    fn from(heard: Heard) -> Self {
        Self { heard, report: None, until: None, pause: None, event: None }
    }
}

/// What a step is about, read from disk at the beginning of the try.
pub(super) struct Subject<'a> {
    pub(super) entry: &'a Entry,
    /// The draft with its mark.
    pub(super) draft: Option<(&'a Draft, &'a str)>,
    /// The event it changes, as the service names it.
    pub(super) event: Option<EventId>,
    /// The calendar's name for an event that is to be made; the same each time.
    pub(super) transaction: String,
    /// Who we are in the directory.
    pub(super) me: PersonId,
}

/// Asks.
pub(super) async fn ask(graph: &Graph, subject: &Subject<'_>, progress: &Progress, ask: Ask) -> Told {
    match asked(graph, subject, progress, ask).await {
        Ok(told) => told,
        Err(error) => failed(&error),
    }
}

/// What an error means.
pub(super) fn failed(error: &GraphError) -> Told {
    let (heard, pause) = match error {
        GraphError::NeedsLogin(_) => (Heard::NotDone, Some(Pause::SignIn)),
        GraphError::NoToken(_) | GraphError::NoClient(_) => (Heard::NotDone, Some(Pause::Offline)),
        GraphError::Unreachable { reason, .. } => {
            use crate::graph::Unreachable;
            let was_sent = matches!(reason, Unreachable::Cut | Unreachable::TimedOut);
            (if was_sent { Heard::Lost } else { Heard::NotDone }, Some(Pause::Offline))
        }
        GraphError::Throttled { .. } => (Heard::NotDone, None),
        GraphError::CursorExpired(_) => (Heard::Missing, None),
        GraphError::Unreadable { .. } | GraphError::TooLarge { .. } => (Heard::Lost, None),
        GraphError::OutOfReach(_) | GraphError::Circle | GraphError::TooManyPages(_) | GraphError::Address(_) => {
            (Heard::Refused, None)
        }
        GraphError::Refused(refusal) => match refusal.status {
            401 => (Heard::NotDone, Some(Pause::SignIn)),
            404 | 410 => (Heard::Missing, None),
            409 | 412 => (Heard::Conflict, None),
            // Locked, not processed because of another, too many.
            423 | 424 | 429 => (Heard::NotDone, None),
            400..=407 | 411..=499 => (Heard::Refused, None),
            _ => (Heard::Lost, None),
        },
    };
    let until = match error {
        GraphError::Throttled { until, .. } => Some(*until),
        _ => None,
    };
    Told { heard, report: Some(error.report("This change has not been made yet.")), until, pause, event: None }
}

async fn asked(graph: &Graph, subject: &Subject<'_>, progress: &Progress, ask: Ask) -> Result<Told, GraphError> {
    let intent = subject.entry.intent();
    let nothing = || Ok(Told::from(Heard::Refused));
    Ok(match ask {
        Ask::Patch | Ask::Move | Ask::Where | Ask::Delete => {
            let Some(message) = intent.message() else { return nothing() };
            return about_message(graph, intent, message, ask).await;
        }
        Ask::FindDraft | Ask::MakeDraft | Ask::SendWhole => {
            let Some((draft, mark)) = subject.draft else { return nothing() };
            if ask == Ask::SendWhole {
                return whole::send(graph, draft, mark).await;
            }
            if ask == Ask::FindDraft {
                let found = mail_write::find_marked(graph, mark, PRIORITY).await?;
                // One that was sent tells most; of several drafts the first.
                let best = found.iter().find(|one| !one.is_draft).or_else(|| found.first());
                Heard::Draft(best.map(seen)).into()
            } else {
                made(make_draft(graph, draft, mark, progress.is_alone).await?)
            }
        }
        Ask::WriteDraft | Ask::ListFiles | Ask::Attach(_) | Ask::Send | Ask::LookAtDraft | Ask::Discard => {
            let Some(item) = progress.item.clone().map(MessageId) else { return nothing() };
            return about_draft(graph, subject, &item, ask).await;
        }
        Ask::Create => {
            let Intent::CreateEvent { event } = intent else { return nothing() };
            let event = calendar_write::create(graph, None, event, &subject.transaction, PRIORITY).await?;
            let heard = Heard::Made { item: event.id.0.clone(), version: None };
            Told { event: Some(event), ..Told::from(heard) }
        }
        Ask::LookAtEvent | Ask::Update | Ask::Remove | Ask::Respond => {
            let Some(event) = &subject.event else { return nothing() };
            return about_event(graph, subject, event, ask).await;
        }
        Ask::LookAtSetting => {
            let setting = match intent {
                Intent::WorkingTime(_) => {
                    let now = me::settings(graph).await?;
                    Setting::Time(WorkingTime { zone: now.zone, hours: now.working_hours })
                }
                _ => {
                    let now = settings::automatic_replies(graph, PRIORITY).await?;
                    Setting::Replies(AutomaticRepliesSetting {
                        state: now.state,
                        internal: Some(now.internal),
                        external: Some(now.external),
                        audience: now.audience,
                        is_html: true,
                    })
                }
            };
            Heard::Setting(Box::new(setting)).into()
        }
        Ask::Set => {
            match intent {
                Intent::AutomaticReplies(setting) => {
                    settings::set_automatic_replies(graph, setting, PRIORITY).await?;
                }
                Intent::WorkingTime(wanted) => settings::set_working_time(graph, wanted, PRIORITY).await?,
                // What would be over already is not begun any more.
                Intent::Presence(Some(chosen)) if !chosen.holds(graph.now()) => {}
                Intent::Presence(chosen) => {
                    let call = presence::choose_call(&subject.me, chosen.as_ref(), graph.now());
                    graph.send(call.priority(PRIORITY)).await?;
                }
                Intent::StatusNote(note) => {
                    graph.send(presence::note_call(&subject.me, note).priority(PRIORITY)).await?;
                }
                _ => return nothing(),
            }
            Heard::Done.into()
        }
    })
}

/// Sends a call that is answered with nothing but a yes. Any other yes came from somebody in between, and tells nothing.
pub(super) async fn accepted(graph: &Graph, call: Call) -> Result<Told, GraphError> {
    let response = graph.send(call.priority(PRIORITY)).await?;
    accepts(&response).map(|()| Heard::Done.into())
}

fn accepts(response: &Response) -> Result<(), GraphError> {
    if matches!(response.status, 202 | 204) {
        return Ok(());
    }
    Err(response.unreadable("it is not what the service answers this with".to_owned()))
}

async fn about_message(graph: &Graph, intent: &Intent, message: &MessageId, ask: Ask) -> Result<Told, GraphError> {
    match (ask, intent) {
        (Ask::Move, Intent::Move { to, .. }) => {
            mail_write::move_to(graph, message, destination(to), PRIORITY).await?;
        }
        (Ask::Where, _) => {
            return Ok(match mail_write::standing(graph, message, PRIORITY).await? {
                Some(standing) => Heard::LiesIn(standing.folder).into(),
                None => Heard::Missing.into(),
            });
        }
        (Ask::Delete, _) => return accepted(graph, mail_write::delete_for_ever_call(message)).await,
        (_, intent) => {
            let Some(change) = message_change(intent) else { return Ok(Heard::Refused.into()) };
            mail_write::patch(graph, message, &change, PRIORITY).await?;
        }
    }
    Ok(Heard::Done.into())
}

const fn destination(to: &MoveTarget) -> Destination<'_> {
    match to {
        MoveTarget::Folder(folder) => Destination::Folder(folder),
        MoveTarget::Role(role) => Destination::Role(*role),
    }
}

fn message_change(intent: &Intent) -> Option<MessageChange> {
    let mut change = MessageChange::default();
    match intent {
        Intent::MarkRead { is_read, .. } => change.is_read = Some(*is_read),
        Intent::Flag { is_flagged, .. } => change.is_flagged = Some(*is_flagged),
        Intent::Categorise { categories, .. } => change.categories = Some(categories.clone()),
        _ => return None,
    }
    Some(change)
}

/// The call that asks this, where it may go to the service in one request with others.
pub(super) fn call_among_others(intent: &Intent, ask: Ask) -> Option<Call> {
    let message = intent.message()?;
    let call = match (ask, intent) {
        (Ask::Move, Intent::Move { to, .. }) => mail_write::move_call(message, destination(to)),
        (Ask::Delete, Intent::DeleteForEver { .. }) => mail_write::delete_for_ever_call(message),
        (Ask::Patch, intent) => mail_write::patch_call(message, &message_change(intent)?),
        _ => return None,
    };
    Some(call.priority(PRIORITY))
}

/// What the answer to such a call means.
pub(super) fn told_among_others(work: &Work, answer: &Result<Response, GraphError>) -> Told {
    match answer {
        Ok(response) if *work == Work::Delete => match accepts(response) {
            Ok(()) => Heard::Done.into(),
            Err(error) => failed(&error),
        },
        Ok(response) => match mail_write::changed_message(response) {
            Ok(_) => Heard::Done.into(),
            Err(error) => failed(&error),
        },
        Err(error) => failed(error),
    }
}

fn seen(standing: &Standing) -> Seen {
    Seen { item: standing.message.0.clone(), is_draft: standing.is_draft, version: standing.change_key.clone() }
}

fn made(standing: Standing) -> Told {
    let version = Some(standing.change_key).filter(|key| !key.is_empty());
    Heard::Made { item: standing.message.0, version }.into()
}

async fn make_draft(graph: &Graph, draft: &Draft, mark: &str, is_alone: bool) -> Result<Standing, GraphError> {
    let kind = match draft.kind {
        DraftKind::Reply => Some(Derived::Reply),
        DraftKind::ReplyAll => Some(Derived::ReplyAll),
        DraftKind::Forward => Some(Derived::Forward),
        DraftKind::New => None,
    };
    match (kind.filter(|_| !is_alone), &draft.about) {
        (Some(kind), Some(about)) => mail_write::derive_draft(graph, about, kind, mark, PRIORITY).await,
        _ => mail_write::create_draft(graph, &fields(draft), mark, PRIORITY).await,
    }
}

/// What is to be written of a draft; of one that another program began only what was changed here.
pub(super) fn fields(draft: &Draft) -> DraftFields {
    let changed = draft.changed();
    DraftFields {
        subject: changed.subject.then(|| draft.subject.clone()),
        body: changed.text.then(|| BodyContent::Text(draft.body.clone())),
        to: changed.to.then(|| draft.to.clone()),
        cc: changed.cc.then(|| draft.cc.clone()),
        bcc: changed.bcc.then(|| draft.bcc.clone()),
        importance: draft.elsewhere.is_none().then_some(draft.importance),
        ..DraftFields::default()
    }
}

/// Writes a draft over its copy. What was taken off it goes first, so that the version heard at the end is the last one.
async fn write_draft(graph: &Graph, item: &MessageId, draft: &Draft, mark: &str) -> Result<Told, GraphError> {
    let Some(there) = &draft.elsewhere else {
        return Ok(made(mail_write::patch_draft(graph, item, &fields(draft), PRIORITY).await?));
    };
    for file in there.files.iter().filter(|file| file.is_taken_off) {
        match mail_write::detach(graph, item, &file.id, PRIORITY).await {
            Err(error) if !error.is_not_found() => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    // It gets our mark, so that it is found again wherever it lies when an answer is lost.
    let fields = DraftFields { mark: Some(mark.to_owned()), ..fields(draft) };
    Ok(made(mail_write::patch_draft(graph, item, &fields, PRIORITY).await?))
}

async fn about_draft(graph: &Graph, subject: &Subject<'_>, item: &MessageId, ask: Ask) -> Result<Told, GraphError> {
    Ok(match (ask, subject.draft) {
        (Ask::LookAtDraft, _) => match mail_write::standing(graph, item, PRIORITY).await? {
            Some(standing) => Heard::Draft(Some(seen(&standing))).into(),
            None => Heard::Missing.into(),
        },
        (Ask::Discard, _) => {
            mail_write::move_to(graph, item, Destination::Role(FolderRole::Deleted), PRIORITY).await?;
            Heard::Done.into()
        }
        (Ask::Send, _) => return accepted(graph, send::send_call(item)).await,
        (Ask::ListFiles, _) => {
            let there = mail_write::attachments(graph, item).await?;
            // What hung there before is none of the files that are attached here, whatever it is called.
            let before = subject.draft.and_then(|(draft, _)| draft.elsewhere.as_deref());
            let is_new = |id: &str| before.is_none_or(|there| there.files.iter().all(|file| file.id != id));
            let ours = there.into_iter().filter(|one| is_new(&one.id));
            Heard::Files(ours.map(|one| (one.name, one.size)).collect()).into()
        }
        (Ask::WriteDraft, Some((draft, mark))) => write_draft(graph, item, draft, mark).await?,
        (Ask::Attach(number), Some((draft, _))) => {
            let attachment = usize::try_from(number).ok().and_then(|number| draft.attachments.get(number));
            match attachment {
                Some(attachment) => attach(graph, item, attachment).await?,
                None => Heard::Refused.into(),
            }
        }
        _ => Heard::Refused.into(),
    })
}

/// Reads a file and hangs it on the draft. A file that cannot be read is a refusal of our own.
async fn attach(graph: &Graph, item: &MessageId, attachment: &DraftAttachment) -> Result<Told, GraphError> {
    let file = File { name: &attachment.name, content_type: "" };
    let bytes = match bytes_of(attachment).await {
        Ok(bytes) => bytes,
        Err(report) => return Ok(Told { report: Some(report), ..Told::from(Heard::Refused) }),
    };
    let size = bytes.len() as u64;
    if bytes.len() < mail_write::LARGEST_WHOLE_FILE {
        mail_write::attach(graph, item, &file, &bytes, PRIORITY).await?;
        return Ok(Heard::Done.into());
    }
    let upload = mail_write::open_upload(graph, item, &file, size, PRIORITY).await?;
    let mut from = 0;
    loop {
        let start = usize::try_from(from).unwrap_or(bytes.len()).min(bytes.len());
        let end = (start + mail_write::PIECE).min(bytes.len());
        match graph.upload_piece(&upload, from, bytes[start..end].to_vec(), size).await? {
            Uploaded::Whole => return Ok(Heard::Done.into()),
            Uploaded::Next(next) if next > from => from = next,
            Uploaded::Next(_) => return Ok(Heard::Lost.into()),
        }
    }
}

/// What is in a file that is to be attached, as it was when it was attached.
pub(super) async fn bytes_of(attachment: &DraftAttachment) -> Result<Vec<u8>, Report> {
    let refused = |why: String| {
        let name = tame(&attachment.name);
        Err(Report::new(Kind::Failure, "attachmentUnreadable", format!("\"{}\" could not be attached.", name.trim()))
            .because(why)
            .next("Put the file back and try again, or take the message back and attach another."))
    };
    let path = attachment.path.clone();
    let read = tokio::task::spawn_blocking(move || read_file(&path)).await;
    let bytes = match read {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(error)) => return refused(format!("The system says: {error}.")),
        Err(_) => return refused("Reading it broke off.".to_owned()),
    };
    let size = bytes.len() as u64;
    if size != attachment.size {
        return refused("It has changed since it was attached.".to_owned());
    }
    if size > mail_write::LARGEST_FILE {
        return refused("It is larger than Microsoft 365 takes.".to_owned());
    }
    Ok(bytes)
}

fn read_file(path: &Path) -> std::io::Result<Vec<u8>> {
    // A file that grew without end must not fill the memory.
    let length = std::fs::metadata(path)?.len();
    if length > mail_write::LARGEST_FILE {
        return Err(std::io::Error::other("the file is larger than Microsoft 365 takes"));
    }
    std::fs::read(path)
}

async fn about_event(graph: &Graph, subject: &Subject<'_>, event: &EventId, ask: Ask) -> Result<Told, GraphError> {
    match (ask, subject.entry.intent()) {
        (Ask::Update, Intent::UpdateEvent { series, change, .. }) => {
            if *series {
                let day = subject.entry.former.events.first();
                let change = series::of_series(graph, day, event, change).await?;
                calendar_write::update(graph, None, event, &change, PRIORITY).await?;
            } else {
                calendar_write::update(graph, None, event, change, PRIORITY).await?;
            }
        }
        (Ask::Remove, Intent::DeleteEvent { note, .. }) => {
            let cancels =
                subject.entry.former.events.first().is_some_and(|event| event.is_organizer && has_guests(event));
            let call = if cancels && !note.is_empty() {
                calendar_write::cancel_call(event, note)
            } else {
                calendar_write::delete_call(event)
            };
            return accepted(graph, call).await;
        }
        (Ask::Respond, Intent::Respond { answer, note, tell, proposal, .. }) => {
            return accepted(graph, calendar_write::respond_call(event, *answer, note, *tell, *proposal)).await;
        }
        _ => {
            return Ok(match calendar_write::event(graph, None, event, PRIORITY).await? {
                Some(event) => Heard::Event(Box::new(event)).into(),
                None => Heard::Missing.into(),
            });
        }
    }
    Ok(Heard::Done.into())
}

/// Whether anybody but the organizer is invited.
pub(super) fn has_guests(event: &Event) -> bool {
    let own = event.organizer.as_ref().map(|organizer| organizer.address.as_str());
    event.attendees.iter().any(|one| !one.is_resource && Some(one.recipient.address.as_str()) != own)
}

/// Those invited to an event, as they are invited again.
pub(super) fn invitees(event: &Event) -> Vec<Invitee> {
    event.attendees.iter().map(Invitee::from).collect()
}
