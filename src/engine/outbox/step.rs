//! What a change does next: a pure decision over what is wanted, how far it has come, and what the service answered.
//!
//! Must stay true:
//! - Between two sendings of the same thing somebody has looked. What was sent is known by what the message says of itself
//!   (it is no draft any more), never by an answer that says "not found".
//! - A call whose answer got lost may have acted: [`Progress::may_have_acted`] says so before it is sent, and only an answer takes it
//!   back. So it does not matter whether the connection broke, the service failed, or the program was killed.
//! - What makes something is looked for (a draft by its mark) or told apart by the service (an event by its transaction) before
//!   it is made again; everything else says its goal and may be said again.
//!
//! Deliberately absent: clocks, waits and words.

#![expect(clippy::match_same_arms, reason = "a line for each place and answer reads as the table it is")]

use crate::domain::event::{Event, Response, When};
use crate::domain::event_draft::EventChange;
use crate::domain::intent::{InvitationAnswer, Trouble};
use crate::domain::mail::FolderId;
use crate::domain::outbox::{Progress, Stage};
use crate::domain::own_settings::Setting;

/// What sort of change it is, as far as its steps depend on it.
#[derive(Clone, Debug, PartialEq)]
pub enum Work {
    /// A field of a message.
    Patch,
    /// A message into this folder; `None` where only the service knows which one that is.
    Move {
        /// The folder.
        target: Option<FolderId>,
    },
    /// A message for ever.
    Delete,
    /// A copy of a draft on the service.
    Keep {
        /// It answers or passes on a message.
        is_derived: bool,
        /// Another program began it: where it is gone, none is made in its place.
        is_adopted: bool,
    },
    /// A draft sent.
    Send {
        /// It answers or passes on a message.
        is_derived: bool,
        /// Another program began it.
        is_adopted: bool,
        /// Files to attach: names and sizes.
        files: Vec<(String, u64)>,
    },
    /// A message sent in one call, without a draft.
    SendWhole,
    /// A draft thrown away.
    Discard,
    /// A new event.
    Create,
    /// An event changed.
    Update {
        /// What it was.
        former: Option<Box<Event>>,
        /// What shall change.
        change: Box<EventChange>,
    },
    /// An event removed.
    Remove,
    /// An invitation answered.
    Respond {
        /// How it was answered before.
        former: Response,
        /// The answer.
        answer: InvitationAnswer,
    },
    /// A setting of one's own: read first, so that it can be put back.
    Setting,
    /// The own presence or the note beside it: nobody can read what was chosen before.
    Show,
}

/// A question or an order to the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ask {
    /// Change the fields.
    Patch,
    /// Move it.
    Move,
    /// Where is it?
    Where,
    /// Delete it for ever.
    Delete,
    /// Is there a message with our mark?
    FindDraft,
    /// Make the draft.
    MakeDraft,
    /// Write its text.
    WriteDraft,
    /// What hangs on it?
    ListFiles,
    /// Attach the file of this number.
    Attach(u32),
    /// Send it.
    Send,
    /// Make and send it at once.
    SendWhole,
    /// Is it still a draft?
    LookAtDraft,
    /// Put it to the deleted ones.
    Discard,
    /// Make the event.
    Create,
    /// How is the event?
    LookAtEvent,
    /// Change it.
    Update,
    /// Remove it.
    Remove,
    /// Answer.
    Respond,
    /// How is the setting?
    LookAtSetting,
    /// Set it.
    Set,
}

impl Ask {
    /// Whether it changes anything: then that it is sent must be on disk first.
    #[must_use]
    pub const fn acts(self) -> bool {
        !matches!(
            self,
            Self::Where
                | Self::FindDraft
                | Self::ListFiles
                | Self::LookAtDraft
                | Self::LookAtEvent
                | Self::LookAtSetting
        )
    }
}

/// A message as the service knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its id.
    pub item: String,
    /// Not sent yet.
    pub is_draft: bool,
    /// Changes with every change.
    pub version: String,
}

/// What came back.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// It was done.
    Done,
    /// It was made or written.
    Made {
        /// Its id.
        item: String,
        /// Its version.
        version: Option<String>,
    },
    /// This is there.
    Draft(Option<Seen>),
    /// It lies here.
    LiesIn(Option<FolderId>),
    /// These hang on it.
    Files(Vec<(String, u64)>),
    /// The event.
    Event(Box<Event>),
    /// The setting.
    Setting(Box<Setting>),
    /// There is no such thing (404).
    Missing,
    /// It changed meanwhile (409, 412).
    Conflict,
    /// No, and nothing was done.
    Refused,
    /// Nobody knows whether it was done: the connection broke, or the service failed.
    Lost,
    /// It was not done: it never got there, or was sent away unheard.
    NotDone,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Ask this.
    Ask(Ask),
    /// Ask again after a while: so many seconds at least, or as the service and the network want it.
    Later {
        /// Seconds.
        after: Option<u32>,
    },
    /// The service has it.
    Done,
    /// Somebody has to decide.
    Stays(Trouble),
}

/// How long a sent draft may be on its way before it is looked at again, in seconds.
pub const LOOK_AGAIN: u32 = 5;
/// How often a draft is looked at that may be on its way.
pub const MOST_LOOKS: u32 = 2;
/// How often a conflict is tried again.
const MOST_CONFLICTS: u32 = 3;

/// The next step. `heard` is `None` at the beginning of a try: then only `progress` tells what happened before.
#[must_use]
pub fn step(work: &Work, mut progress: Progress, heard: Option<&Heard>) -> (Progress, Next) {
    let next = match heard {
        Some(Heard::NotDone) => {
            // A look that never got there tells nothing of what it was to look at.
            if asks_to_act(progress.stage) {
                progress.may_have_acted = false;
            }
            Next::Later { after: None }
        }
        Some(Heard::Lost) => Next::Later { after: None },
        Some(_) | None => go_on(work, &mut progress, heard),
    };
    if let Next::Ask(ask) = next
        && ask.acts()
    {
        progress.may_have_acted = true;
    }
    (progress, next)
}

/// Whether the calls of a stage change something.
const fn asks_to_act(stage: Stage) -> bool {
    matches!(stage, Stage::Begin | Stage::Make | Stage::Write | Stage::Attach | Stage::Act)
}

fn go_on(work: &Work, progress: &mut Progress, heard: Option<&Heard>) -> Next {
    match work {
        Work::Patch => patch(progress, heard),
        Work::Move { target } => moving(progress, heard, target.as_ref()),
        Work::Delete => delete(progress, heard),
        Work::Remove => remove(progress, heard),
        Work::Keep { is_derived, is_adopted } => draft(progress, heard, *is_derived, *is_adopted, None),
        Work::Send { is_derived, is_adopted, files } => draft(progress, heard, *is_derived, *is_adopted, Some(files)),
        Work::SendWhole => send_whole(progress, heard),
        Work::Discard => discard(progress, heard),
        Work::Create => create(progress, heard),
        Work::Update { former, change } => update(progress, heard, former.as_deref(), change),
        Work::Respond { former, answer } => respond(progress, heard, *former, *answer),
        Work::Setting => setting(progress, heard),
        Work::Show => show(progress, heard),
    }
}

/// Goes to `stage`, where nothing has been asked yet, and asks.
fn to(progress: &mut Progress, stage: Stage, ask: Ask) -> Next {
    progress.stage = stage;
    progress.may_have_acted = false;
    Next::Ask(ask)
}

/// Goes to `stage` to look, without forgetting what may have happened.
fn look(progress: &mut Progress, stage: Stage, ask: Ask) -> Next {
    progress.stage = stage;
    Next::Ask(ask)
}

/// Whether an answer came that says no, and what follows from it. Anything unexpected is a no, too.
fn refused(progress: &mut Progress, heard: &Heard) -> Next {
    progress.may_have_acted = false;
    if *heard != Heard::Conflict {
        return Next::Stays(Trouble::Refused);
    }
    progress.looks += 1;
    if progress.looks > MOST_CONFLICTS {
        progress.looks = 0;
        return Next::Stays(Trouble::ChangedElsewhere);
    }
    Next::Later { after: Some(1 << progress.looks) }
}

fn patch(progress: &mut Progress, heard: Option<&Heard>) -> Next {
    match heard {
        None => to(progress, Stage::Act, Ask::Patch),
        Some(Heard::Done) => Next::Done,
        Some(Heard::Missing) => Next::Stays(Trouble::Gone),
        Some(other) => refused(progress, other),
    }
}

fn moving(progress: &mut Progress, heard: Option<&Heard>, target: Option<&FolderId>) -> Next {
    match (progress.stage, heard) {
        (Stage::Confirm, None) => look(progress, Stage::Confirm, Ask::Where),
        (Stage::Act, None) if progress.may_have_acted => look(progress, Stage::Confirm, Ask::Where),
        (_, None) => to(progress, Stage::Act, Ask::Move),
        (Stage::Act, Some(Heard::Done)) => Next::Done,
        // Either the message is gone or the folder.
        (Stage::Act, Some(Heard::Missing)) => to(progress, Stage::Look, Ask::Where),
        (Stage::Look, Some(Heard::LiesIn(_))) => {
            progress.stage = Stage::Begin;
            Next::Stays(Trouble::Refused)
        }
        (Stage::Confirm, Some(Heard::LiesIn(place))) if place.is_some() && place.as_ref() == target => Next::Done,
        (Stage::Confirm, Some(Heard::LiesIn(_))) => to(progress, Stage::Act, Ask::Move),
        (_, Some(Heard::Missing)) => Next::Stays(Trouble::Gone),
        (_, Some(other)) => refused(progress, other),
    }
}

fn delete(progress: &mut Progress, heard: Option<&Heard>) -> Next {
    match (progress.stage, heard) {
        (Stage::Confirm, None) => look(progress, Stage::Confirm, Ask::Where),
        (_, None) => to(progress, Stage::Act, Ask::Delete),
        (Stage::Act, Some(Heard::Done)) | (Stage::Confirm, Some(Heard::Missing)) => Next::Done,
        // Once is no proof: whoever goes by one wrong answer would leave it there for ever.
        (Stage::Act, Some(Heard::Missing)) => look(progress, Stage::Confirm, Ask::Where),
        (Stage::Confirm, Some(Heard::LiesIn(_))) => again(progress, Ask::Delete),
        (_, Some(other)) => refused(progress, other),
    }
}

fn remove(progress: &mut Progress, heard: Option<&Heard>) -> Next {
    match (progress.stage, heard) {
        (Stage::Confirm, None) => look(progress, Stage::Confirm, Ask::LookAtEvent),
        (Stage::Act, None) if progress.may_have_acted => look(progress, Stage::Confirm, Ask::LookAtEvent),
        (_, None) => to(progress, Stage::Act, Ask::Remove),
        (Stage::Act, Some(Heard::Done)) | (Stage::Confirm, Some(Heard::Missing)) => Next::Done,
        (Stage::Act, Some(Heard::Missing)) => look(progress, Stage::Confirm, Ask::LookAtEvent),
        (Stage::Confirm, Some(Heard::Event(event))) if event.is_cancelled && event.is_organizer => Next::Done,
        (Stage::Confirm, Some(Heard::Event(_))) => again(progress, Ask::Remove),
        (_, Some(other)) => refused(progress, other),
    }
}

/// Once more what had no effect; not for ever.
fn again(progress: &mut Progress, ask: Ask) -> Next {
    progress.looks += 1;
    if progress.looks > MOST_CONFLICTS {
        progress.looks = 0;
        progress.stage = Stage::Begin;
        progress.may_have_acted = false;
        return Next::Stays(Trouble::Refused);
    }
    to(progress, Stage::Act, ask)
}

/// A draft kept (`files` is `None`) or sent.
fn draft(
    progress: &mut Progress,
    heard: Option<&Heard>,
    is_derived: bool,
    is_adopted: bool,
    files: Option<&Vec<(String, u64)>>,
) -> Next {
    let Some(heard) = heard else { return take_up_draft(progress) };
    match (progress.stage, heard) {
        // It was sent or thrown away elsewhere, as it was there; what was written here went with neither.
        (Stage::Look, Heard::Draft(Some(seen))) if is_adopted && !seen.is_draft && !progress.is_forced => {
            gone(progress)
        }
        (Stage::Look | Stage::Write | Stage::ListFiles | Stage::Attach, Heard::Missing) if is_adopted => gone(progress),
        (Stage::Find | Stage::Look, Heard::Draft(Some(seen))) if !seen.is_draft => Next::Done,
        (Stage::Find, Heard::Draft(Some(seen))) => {
            progress.item = Some(seen.item.clone());
            progress.version = Some(seen.version.clone());
            to(progress, Stage::Write, Ask::WriteDraft)
        }
        (Stage::Find, Heard::Draft(None)) => {
            (progress.item, progress.version) = (None, None);
            to(progress, Stage::Make, Ask::MakeDraft)
        }
        (Stage::Make, Heard::Made { item, version }) => {
            progress.item = Some(item.clone());
            progress.version.clone_from(version);
            if is_derived && !progress.is_alone {
                to(progress, Stage::Write, Ask::WriteDraft)
            } else {
                written(progress, files)
            }
        }
        // What it answers is gone: it goes as a message of its own.
        (Stage::Make, Heard::Missing) if is_derived && !progress.is_alone => {
            progress.is_alone = true;
            to(progress, Stage::Make, Ask::MakeDraft)
        }
        (Stage::Look, Heard::Draft(Some(seen))) => {
            let is_ours = progress.may_have_acted || progress.is_forced;
            if !is_ours && progress.version.as_ref().is_some_and(|version| *version != seen.version) {
                return Next::Stays(Trouble::ChangedElsewhere);
            }
            progress.version = Some(seen.version.clone());
            to(progress, Stage::Write, Ask::WriteDraft)
        }
        (Stage::Look | Stage::Write, Heard::Missing) if files.is_none() && !progress.is_forced => gone(progress),
        (Stage::Look | Stage::Write | Stage::ListFiles | Stage::Attach, Heard::Missing) => {
            to(progress, Stage::Find, Ask::FindDraft)
        }
        (Stage::Write, Heard::Made { version, .. }) => {
            progress.version.clone_from(version);
            written(progress, files)
        }
        // Perhaps because it was sent meanwhile.
        (Stage::Write, Heard::Refused) if progress.looks == 0 => {
            progress.looks = 1;
            to(progress, Stage::Look, Ask::LookAtDraft)
        }
        (Stage::ListFiles, Heard::Files(there)) => {
            let files = files.map_or(&[][..], Vec::as_slice);
            progress.files = attached(files, there);
            attach_or_send(progress, files)
        }
        (Stage::Attach, Heard::Done) => {
            progress.files += 1;
            attach_or_send(progress, files.map_or(&[][..], Vec::as_slice))
        }
        (Stage::Act, Heard::Done) => Next::Done,
        (Stage::Act, Heard::Refused) => {
            // Whoever tries again has changed it, so it begins with a look and is written anew.
            progress.stage = Stage::Look;
            progress.may_have_acted = false;
            progress.is_forced = true;
            Next::Stays(Trouble::Refused)
        }
        // "Not found" is no answer to whether it was sent.
        (Stage::Act, _) => {
            progress.looks = 0;
            look(progress, Stage::Confirm, Ask::LookAtDraft)
        }
        (Stage::Confirm, Heard::Draft(Some(seen))) if !seen.is_draft => Next::Done,
        (Stage::Confirm, Heard::Draft(Some(seen))) => {
            // It may be on its way while it still looks like a draft.
            progress.looks += 1;
            if progress.looks < MOST_LOOKS {
                return Next::Later { after: Some(LOOK_AGAIN) };
            }
            progress.looks = 0;
            progress.item = Some(seen.item.clone());
            to(progress, Stage::Act, Ask::Send)
        }
        (Stage::Confirm, Heard::Missing) => Next::Ask(Ask::FindDraft),
        (Stage::Confirm, Heard::Draft(None)) => Next::Stays(Trouble::Unclear),
        // A look that is refused tells nothing: it stays as unclear as it was.
        (Stage::Confirm, _) => Next::Stays(Trouble::Unclear),
        (_, other) => refused(progress, other),
    }
}

/// There is nothing left to change; whoever tries again looks anew.
const fn gone(progress: &mut Progress) -> Next {
    progress.stage = Stage::Begin;
    progress.may_have_acted = false;
    Next::Stays(Trouble::Gone)
}

/// Where a draft goes on at the beginning of a try.
fn take_up_draft(progress: &mut Progress) -> Next {
    let may_have_acted = progress.may_have_acted;
    match progress.stage {
        Stage::Begin if progress.item.is_some() => look(progress, Stage::Look, Ask::LookAtDraft),
        Stage::Begin | Stage::Make if may_have_acted => look(progress, Stage::Find, Ask::FindDraft),
        Stage::Begin | Stage::Make => to(progress, Stage::Make, Ask::MakeDraft),
        Stage::Find => look(progress, Stage::Find, Ask::FindDraft),
        Stage::Write if !may_have_acted => to(progress, Stage::Write, Ask::WriteDraft),
        Stage::Look | Stage::Write => look(progress, Stage::Look, Ask::LookAtDraft),
        Stage::ListFiles | Stage::Attach => look(progress, Stage::ListFiles, Ask::ListFiles),
        Stage::Act if !may_have_acted => to(progress, Stage::Act, Ask::Send),
        Stage::Act | Stage::Confirm => look(progress, Stage::Confirm, Ask::LookAtDraft),
    }
}

fn written(progress: &mut Progress, files: Option<&Vec<(String, u64)>>) -> Next {
    progress.may_have_acted = false;
    progress.looks = 0;
    match files {
        None => Next::Done,
        Some(files) if files.is_empty() => to(progress, Stage::Act, Ask::Send),
        Some(_) => to(progress, Stage::ListFiles, Ask::ListFiles),
    }
}

fn attach_or_send(progress: &mut Progress, files: &[(String, u64)]) -> Next {
    if usize::try_from(progress.files).is_ok_and(|done| done < files.len()) {
        to(progress, Stage::Attach, Ask::Attach(progress.files))
    } else {
        to(progress, Stage::Act, Ask::Send)
    }
}

/// How many of the first `files` hang there. The service counts some overhead to a size \[attachment\].
fn attached(files: &[(String, u64)], there: &[(String, u64)]) -> u32 {
    let mut there = there.to_vec();
    let mut count = 0;
    for (name, size) in files {
        let same = |(other, bytes): &(String, u64)| other == name && bytes >= size && *bytes <= size + size / 2 + 4096;
        let Some(at) = there.iter().position(same) else { break };
        there.swap_remove(at);
        count += 1;
    }
    count
}

/// A message sent in one call. Only its copy in Sent Items can tell that it went, and only where it may be read.
fn send_whole(progress: &mut Progress, heard: Option<&Heard>) -> Next {
    match (progress.stage, heard) {
        (Stage::Confirm, None) => look(progress, Stage::Confirm, Ask::FindDraft),
        (Stage::Act, None) if progress.may_have_acted => {
            progress.looks = 0;
            look(progress, Stage::Confirm, Ask::FindDraft)
        }
        (_, None) => to(progress, Stage::Act, Ask::SendWhole),
        (Stage::Act, Some(Heard::Done)) => Next::Done,
        (Stage::Act, Some(Heard::Refused)) => {
            progress.stage = Stage::Begin;
            progress.may_have_acted = false;
            Next::Stays(Trouble::Refused)
        }
        (Stage::Act, Some(_)) => {
            progress.looks = 0;
            look(progress, Stage::Confirm, Ask::FindDraft)
        }
        (Stage::Confirm, Some(Heard::Draft(Some(seen)))) if !seen.is_draft => Next::Done,
        (Stage::Confirm, Some(Heard::Draft(_))) => {
            // It may be on its way and not be seen yet.
            progress.looks += 1;
            if progress.looks < MOST_LOOKS {
                return Next::Later { after: Some(LOOK_AGAIN) };
            }
            progress.looks = 0;
            Next::Stays(Trouble::Unclear)
        }
        (Stage::Confirm, _) => Next::Stays(Trouble::Unclear),
        (_, Some(other)) => refused(progress, other),
    }
}

fn discard(progress: &mut Progress, heard: Option<&Heard>) -> Next {
    match (progress.stage, heard) {
        (Stage::Find, None) => look(progress, Stage::Find, Ask::FindDraft),
        (_, None) if progress.item.is_some() => look(progress, Stage::Look, Ask::LookAtDraft),
        (_, None) if progress.may_have_acted => look(progress, Stage::Find, Ask::FindDraft),
        (_, None) => Next::Done,
        (Stage::Find | Stage::Look, Some(Heard::Draft(Some(seen)))) if seen.is_draft => {
            progress.item = Some(seen.item.clone());
            again(progress, Ask::Discard)
        }
        // It was sent: then it is no draft to throw away.
        (Stage::Find | Stage::Look, Some(Heard::Draft(Some(_)))) | (Stage::Find, Some(Heard::Draft(None))) => {
            Next::Done
        }
        (Stage::Look | Stage::Act, Some(Heard::Missing)) => look(progress, Stage::Find, Ask::FindDraft),
        (Stage::Act, Some(Heard::Done)) => Next::Done,
        (_, Some(other)) => refused(progress, other),
    }
}

fn create(progress: &mut Progress, heard: Option<&Heard>) -> Next {
    match heard {
        None => to(progress, Stage::Act, Ask::Create),
        Some(Heard::Made { item, .. }) => {
            progress.item = Some(item.clone());
            Next::Done
        }
        Some(other) => refused(progress, other),
    }
}

fn update(progress: &mut Progress, heard: Option<&Heard>, former: Option<&Event>, change: &EventChange) -> Next {
    match (progress.stage, heard) {
        (_, None) => look(progress, Stage::Look, Ask::LookAtEvent),
        (Stage::Look, Some(Heard::Event(event))) => {
            // What cannot be seen is said again: saying it twice does no more than saying it once.
            if progress.may_have_acted && change.is_seen() && is_reached(event, change) {
                return Next::Done;
            }
            if !progress.is_forced && former.is_some_and(|former| is_changed_elsewhere(former, event, change)) {
                progress.may_have_acted = false;
                return Next::Stays(Trouble::ChangedElsewhere);
            }
            to(progress, Stage::Act, Ask::Update)
        }
        (Stage::Act, Some(Heard::Done)) => Next::Done,
        (_, Some(Heard::Missing)) => Next::Stays(Trouble::Gone),
        (_, Some(other)) => refused(progress, other),
    }
}

/// The parts of an event that are changed, as far as they can be seen.
fn parts(event: &Event, change: &EventChange) -> Vec<String> {
    let mut parts = Vec::new();
    let mut part = |is_changed: bool, text: String| {
        if is_changed {
            parts.push(text);
        }
    };
    part(change.subject.is_some(), event.subject.clone());
    part(change.time.is_some(), when_text(event.when));
    part(change.location.is_some(), event.location.clone());
    part(change.show_as.is_some(), format!("{:?}", event.show_as));
    part(change.categories.is_some(), event.categories.join("\n"));
    if change.attendees.is_some() {
        let mut people: Vec<String> = event
            .attendees
            .iter()
            .filter(|one| event.organizer.as_ref().is_none_or(|organizer| organizer.address != one.recipient.address))
            .map(|one| format!("{} {}", one.recipient.address.to_lowercase(), one.is_optional))
            .collect();
        people.sort_unstable();
        part(true, people.join("\n"));
    }
    parts
}

fn when_text(when: When) -> String {
    match when {
        When::AllDay { start, end } => format!("{start} {end}"),
        When::Timed(span) => format!("{} {}", span.start.as_second(), span.end.as_second()),
    }
}

fn goal(event: &Event, change: &EventChange) -> Event {
    let mut goal = event.clone();
    crate::db::change_event(&mut goal, change, false);
    goal
}

fn is_reached(event: &Event, change: &EventChange) -> bool {
    parts(event, change) == parts(&goal(event, change), change)
}

fn is_changed_elsewhere(former: &Event, event: &Event, change: &EventChange) -> bool {
    parts(former, change) != parts(event, change) && !is_reached(event, change)
}

fn respond(progress: &mut Progress, heard: Option<&Heard>, former: Response, answer: InvitationAnswer) -> Next {
    let wanted = match answer {
        InvitationAnswer::Accept => Response::Accepted,
        InvitationAnswer::Tentative => Response::Tentative,
        InvitationAnswer::Decline => Response::Declined,
    };
    match (progress.stage, heard) {
        (Stage::Confirm, None) => look(progress, Stage::Confirm, Ask::LookAtEvent),
        (Stage::Act, None) if progress.may_have_acted => look(progress, Stage::Confirm, Ask::LookAtEvent),
        (_, None) => to(progress, Stage::Act, Ask::Respond),
        (Stage::Act, Some(Heard::Done)) => Next::Done,
        (Stage::Confirm, Some(Heard::Event(event))) if event.response != wanted => {
            to(progress, Stage::Act, Ask::Respond)
        }
        // It said so before: nobody can tell whether it was said again.
        (Stage::Confirm, Some(Heard::Event(_))) if former == wanted => Next::Stays(Trouble::Unclear),
        (Stage::Confirm, Some(Heard::Event(_))) => Next::Done,
        (Stage::Confirm, Some(Heard::Missing)) if answer == InvitationAnswer::Decline => Next::Done,
        (_, Some(Heard::Missing)) => Next::Stays(Trouble::Gone),
        (Stage::Confirm, Some(_)) => Next::Stays(Trouble::Unclear),
        (_, Some(other)) => refused(progress, other),
    }
}

fn setting(progress: &mut Progress, heard: Option<&Heard>) -> Next {
    match (progress.stage, heard) {
        (Stage::Act, None) => to(progress, Stage::Act, Ask::Set),
        (_, None) => look(progress, Stage::Look, Ask::LookAtSetting),
        (Stage::Look, Some(Heard::Setting(_))) => to(progress, Stage::Act, Ask::Set),
        (Stage::Act, Some(Heard::Done)) => Next::Done,
        (_, Some(other)) => refused(progress, other),
    }
}

fn show(progress: &mut Progress, heard: Option<&Heard>) -> Next {
    match heard {
        None => to(progress, Stage::Act, Ask::Set),
        Some(Heard::Done) => Next::Done,
        Some(other) => refused(progress, other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::{CalendarId, EventId};
    use crate::domain::mail::Importance;
    use crate::domain::own_settings::WorkingTime;
    use crate::domain::time::Span;
    use jiff::Timestamp;

    fn event(response: Response, is_cancelled: bool) -> Event {
        Event {
            id: EventId("e".to_owned()),
            calendar: CalendarId("c".to_owned()),
            series: None,
            subject: "Lunch".to_owned(),
            when: When::Timed(Span { start: Timestamp::UNIX_EPOCH, end: Timestamp::UNIX_EPOCH }),
            show_as: None,
            location: String::new(),
            preview: String::new(),
            is_cancelled,
            is_private: false,
            is_organizer: true,
            response,
            organizer: None,
            attendees: Vec::new(),
            join_url: None,
            web_link: None,
            categories: Vec::new(),
            importance: Importance::Normal,
            has_attachments: false,
        }
    }

    /// A repeatable choice.
    struct Dice(u64);

    impl Dice {
        fn throw(&mut self, sides: u64) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) % sides
        }
    }

    fn works() -> Vec<Work> {
        let files = vec![("a".to_owned(), 10), ("a".to_owned(), 10), ("b".to_owned(), 5)];
        let change = Box::new(EventChange { subject: Some("Dinner".to_owned()), ..EventChange::default() });
        vec![
            Work::Patch,
            Work::Move { target: Some(FolderId("f".to_owned())) },
            Work::Move { target: None },
            Work::Delete,
            Work::Keep { is_derived: false, is_adopted: false },
            Work::Keep { is_derived: true, is_adopted: false },
            Work::Keep { is_derived: false, is_adopted: true },
            Work::Send { is_derived: false, is_adopted: false, files: Vec::new() },
            Work::Send { is_derived: true, is_adopted: false, files: files.clone() },
            Work::Send { is_derived: false, is_adopted: true, files },
            Work::SendWhole,
            Work::Discard,
            Work::Create,
            Work::Update { former: Some(Box::new(event(Response::Organizer, false))), change },
            Work::Remove,
            Work::Respond { former: Response::None, answer: InvitationAnswer::Accept },
            Work::Respond { former: Response::Declined, answer: InvitationAnswer::Decline },
            Work::Setting,
            Work::Show,
        ]
    }

    /// Anything that may come back for `ask`, true or not.
    fn anything(dice: &mut Dice, ask: Ask) -> Heard {
        let seen = |dice: &mut Dice| Seen {
            item: format!("d{}", dice.throw(2)),
            is_draft: dice.throw(3) > 0,
            version: format!("v{}", dice.throw(3)),
        };
        match dice.throw(9) {
            0 => Heard::Missing,
            1 => Heard::Conflict,
            2 => Heard::Refused,
            3 => Heard::Lost,
            4 => Heard::NotDone,
            _ => match ask {
                Ask::MakeDraft | Ask::WriteDraft | Ask::Create => {
                    Heard::Made { item: "d0".to_owned(), version: Some(format!("v{}", dice.throw(3))) }
                }
                Ask::FindDraft if dice.throw(2) == 0 => Heard::Draft(None),
                Ask::FindDraft | Ask::LookAtDraft => Heard::Draft(Some(seen(dice))),
                Ask::Where => Heard::LiesIn((dice.throw(2) == 0).then(|| FolderId("f".to_owned()))),
                Ask::ListFiles => Heard::Files(
                    [("a", 10), ("a", 10), ("b", 5)]
                        .into_iter()
                        .take(usize::try_from(dice.throw(4)).unwrap_or(0))
                        .map(|(name, size)| (name.to_owned(), size))
                        .collect(),
                ),
                Ask::LookAtEvent => {
                    let response = [Response::None, Response::Accepted, Response::Declined];
                    let at = usize::try_from(dice.throw(3)).unwrap_or(0);
                    Heard::Event(Box::new(event(response[at], dice.throw(4) == 0)))
                }
                Ask::LookAtSetting => Heard::Setting(Box::new(Setting::Time(WorkingTime::default()))),
                _ => Heard::Done,
            },
        }
    }

    /// Which look settles whether an act of this kind happened; `None`: the service itself tells a second one apart, or saying it
    /// twice does no more than saying it once.
    fn settled_by(ask: Ask) -> Option<&'static [Ask]> {
        match ask {
            Ask::Send => Some(&[Ask::LookAtDraft, Ask::FindDraft]),
            // Not even a look: where nothing is found somebody decides.
            Ask::SendWhole => Some(&[]),
            Ask::MakeDraft => Some(&[Ask::FindDraft]),
            Ask::Attach(_) => Some(&[Ask::ListFiles]),
            Ask::Respond => Some(&[Ask::LookAtEvent]),
            _ => None,
        }
    }

    #[test]
    fn nothing_is_done_twice_without_a_look_in_between_whatever_comes_back_and_whoever_is_killed() {
        let mut sent = 0;
        for seed in 0..30_000_u64 {
            let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            let works = works();
            let work = &works[usize::try_from(seed).unwrap_or(0) % works.len()];
            // Acts of which nobody knows whether they happened.
            let mut unclear: Vec<Ask> = Vec::new();
            let mut progress = Progress::default();
            let mut heard: Option<Heard> = None;
            for _ in 0..60 {
                let (next_progress, next) = step(work, progress.clone(), heard.as_ref());
                progress = next_progress;
                match next {
                    Next::Ask(ask) => {
                        assert!(!unclear.contains(&ask), "seed {seed}: {ask:?} again for {work:?}, {progress:?}");
                        assert!(
                            !ask.acts() || progress.may_have_acted,
                            "seed {seed}: {ask:?} is not noted before it is sent"
                        );
                        sent += usize::from(ask == Ask::Send);
                        let is_last_breath = dice.throw(12) == 0;
                        let answer = anything(&mut dice, ask);
                        let settles = !matches!(answer, Heard::Lost | Heard::NotDone) && !is_last_breath;
                        if settles {
                            unclear.retain(|act| settled_by(*act).is_none_or(|looks| !looks.contains(&ask)));
                        }
                        // A "not found" tells nothing of whether something was sent.
                        let tells = match ask {
                            Ask::Send | Ask::SendWhole => {
                                matches!(answer, Heard::Done | Heard::NotDone | Heard::Refused)
                            }
                            _ => answer != Heard::Lost,
                        };
                        if settled_by(ask).is_some() && (is_last_breath || !tells) {
                            unclear.push(ask);
                        }
                        // Killed: what was noted is all that is left.
                        heard = (!is_last_breath).then_some(answer);
                    }
                    Next::Later { .. } => heard = None,
                    Next::Done => break,
                    Next::Stays(_) => {
                        // Somebody tries again.
                        progress.looks = 0;
                        heard = None;
                    }
                }
            }
        }
        assert!(sent > 1_000, "the dice reach what matters");
    }

    #[test]
    fn a_draft_that_looks_unsent_is_looked_at_twice_before_it_is_sent_again() {
        let work = Work::Send { is_derived: false, is_adopted: false, files: Vec::new() };
        let asked =
            Progress { stage: Stage::Act, may_have_acted: true, item: Some("d".to_owned()), ..Progress::default() };
        let seen = |is_draft| Heard::Draft(Some(Seen { item: "d".to_owned(), is_draft, version: "v".to_owned() }));
        let (progress, next) = step(&work, asked, None);
        assert_eq!(next, Next::Ask(Ask::LookAtDraft));
        let (progress, next) = step(&work, progress, Some(&seen(true)));
        assert_eq!(next, Next::Later { after: Some(LOOK_AGAIN) });
        let (progress, next) = step(&work, progress, None);
        assert_eq!(next, Next::Ask(Ask::LookAtDraft));
        assert_eq!(step(&work, progress.clone(), Some(&seen(false))).1, Next::Done);
        assert_eq!(step(&work, progress.clone(), Some(&seen(true))).1, Next::Ask(Ask::Send));
        // Neither there nor marked anywhere: nobody can tell.
        let (progress, next) = step(&work, progress, Some(&Heard::Missing));
        assert_eq!(next, Next::Ask(Ask::FindDraft));
        assert_eq!(step(&work, progress, Some(&Heard::Draft(None))).1, Next::Stays(Trouble::Unclear));
    }

    #[test]
    fn an_event_that_somebody_else_changed_is_left_alone_until_somebody_decides() {
        let former = event(Response::Organizer, false);
        let change = EventChange { subject: Some("Dinner".to_owned()), ..EventChange::default() };
        let work = Work::Update { former: Some(Box::new(former.clone())), change: Box::new(change) };
        let (progress, _) = step(&work, Progress::default(), None);
        let theirs = Event { subject: "Breakfast".to_owned(), ..former.clone() };
        let other = Event { location: "Room 4".to_owned(), ..former };
        let heard = |event: &Event| Heard::Event(Box::new(event.clone()));
        let after = |progress: &Progress, event: &Event| step(&work, progress.clone(), Some(&heard(event))).1;
        assert_eq!(after(&progress, &theirs), Next::Stays(Trouble::ChangedElsewhere));
        assert_eq!(after(&progress, &other), Next::Ask(Ask::Update), "another part is nobody's quarrel");
        let forced = Progress { is_forced: true, ..progress };
        assert_eq!(after(&forced, &theirs), Next::Ask(Ask::Update));
    }

    #[test]
    fn a_change_that_cannot_be_seen_is_said_again_when_its_answer_was_lost() {
        let event = event(Response::Organizer, false);
        let heard = Heard::Event(Box::new(Event { subject: "Dinner".to_owned(), ..event.clone() }));
        let lost = Progress { stage: Stage::Act, may_have_acted: true, ..Progress::default() };
        let after = |change: EventChange| {
            let work = Work::Update { former: Some(Box::new(event.clone())), change: Box::new(change) };
            let (progress, next) = step(&work, lost.clone(), None);
            assert_eq!(next, Next::Ask(Ask::LookAtEvent));
            step(&work, progress, Some(&heard)).1
        };
        let seen = EventChange { subject: Some("Dinner".to_owned()), ..EventChange::default() };
        assert_eq!(after(seen.clone()), Next::Done);
        let both = EventChange { body: Some("Bring a stone.".to_owned()), ..seen };
        assert_eq!(after(both), Next::Ask(Ask::Update), "the part that is seen says nothing of the other");
    }
}
