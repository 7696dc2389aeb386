//! What is done with messages: read, flagged, filed, deleted; one at a time or all that are marked.
//!
//! Must stay true: a goal is asked for, never a difference, and one key asks for one goal over all that are marked. What cannot be taken
//! back is asked about first; above [`MANY`] the number has to be typed. Deliberately absent: moving rows about. The cache has
//! the wished-for state at once, and the list is read from it.

use crate::base::report::Report;
use crate::domain::intent::{Intent, MoveTarget};
use crate::domain::mail::{FolderId, FolderRole, Message, MessageId};
use crate::domain::request::{Answer, Request};
use crate::domain::selection::{MOST_SAVED, SelectionDeed};
use crate::state::changes::Place;
use crate::state::event::{Ticket, Wake};
use crate::state::mail::Mail;
use crate::state::mail::folders::branches;
use crate::state::picker::{PickEntry, Picked, Purpose};
use crate::state::question::{Deed, Question};
use crate::state::session::Session;
use crate::state::surface::{Pane, Step, Turn};
use jiff::SignedDuration;
use std::collections::BTreeSet;

/// More than so many are deleted for ever only after their number was typed.
pub const MANY: usize = 25;
/// A message that is open so long has been looked at.
const LOOKED_AT: SignedDuration = SignedDuration::from_millis(1_000);

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailAct {
    /// Read or unread.
    Read,
    /// Flagged or not.
    Flag,
    /// Into the archive.
    Archive,
    /// Into the deleted ones.
    Delete,
}

impl Mail {
    /// The messages an act is about: the marked ones, else the one under the cursor. Of a long range those that are loaded: what
    /// is done with all of it goes by [`Mail::do_with_all`].
    #[must_use]
    pub fn targets(&self) -> Vec<&Message> {
        if let (true, None) = (self.marks.is_any(), self.marks.stretch()) {
            return self.marks.messages().collect();
        }
        if self.marks.is_any() {
            let loaded = self.list.rows().iter().filter(|row| self.is_marked(row)).map(|row| &row.message);
            return loaded.collect();
        }
        self.list.selected().map(|row| &row.message).into_iter().collect()
    }

    /// Whether all that is meant lies in this folder.
    fn all_lie_in(&self, folder: &FolderId) -> bool {
        let is_there = |message: &Message| message.folder == *folder;
        match self.marks.stretch() {
            Some((source, _)) => source.folder() == Some(folder) && self.marks.messages().all(is_there),
            None => self.has_target() && self.targets().into_iter().all(is_there),
        }
    }

    fn all_have_role(&self, role: FolderRole, session: &Session) -> bool {
        session.folder_with_role(role).is_some_and(|folder| self.all_lie_in(&folder.id))
    }

    fn target_ids(&self) -> Vec<MessageId> {
        self.targets().into_iter().map(|message| message.id.clone()).collect()
    }

    /// Whether an act has something to act on.
    #[must_use]
    pub fn has_target(&self) -> bool {
        self.marks.is_any() || self.list.selected().is_some()
    }

    /// Does something that can be taken back.
    pub fn act(&mut self, deed: MailAct, turn: &mut Turn<'_>) {
        let intents: Vec<Intent> = match deed {
            MailAct::Read if self.do_with_all(SelectionDeed::Read(None), turn) => return,
            MailAct::Flag if self.do_with_all(SelectionDeed::Flag(None), turn) => return,
            MailAct::Read => {
                let targets = self.targets();
                let is_read = targets.iter().any(|message| !message.is_read);
                targets.iter().map(|message| Intent::MarkRead { message: message.id.clone(), is_read }).collect()
            }
            MailAct::Flag => {
                let targets = self.targets();
                let is_flagged = targets.iter().any(|message| !message.is_flagged);
                targets.iter().map(|message| Intent::Flag { message: message.id.clone(), is_flagged }).collect()
            }
            MailAct::Archive if self.all_have_role(FolderRole::Archive, turn.session) => {
                return turn.tell("This lies in the archive already.");
            }
            MailAct::Delete if self.all_have_role(FolderRole::Deleted, turn.session) => {
                return turn.tell("This is deleted already; D deletes it for ever.");
            }
            MailAct::Archive | MailAct::Delete => {
                let role = if deed == MailAct::Archive { FolderRole::Archive } else { FolderRole::Deleted };
                let to = MoveTarget::Role(role);
                if self.do_with_all(SelectionDeed::Move(to.clone()), turn) {
                    return;
                }
                moves(&self.targets(), &to, turn.session)
            }
        };
        self.ask(intents, matches!(deed, MailAct::Archive | MailAct::Delete), turn);
    }

    fn ask(&mut self, intents: Vec<Intent>, takes_away: bool, turn: &mut Turn<'_>) {
        if intents.is_empty() {
            return;
        }
        let ticket = turn.change(intents);
        self.was_asked(ticket, takes_away, turn);
    }

    /// Remembers where the cursor stood; what is filed is marked no longer.
    pub(super) fn was_asked(&mut self, ticket: Ticket, takes_away: bool, turn: &mut Turn<'_>) {
        if let (Some(row), Some(source)) = (self.list.selected(), self.list.source()) {
            let place = Place { source, key: row.key, message: row.message.id.clone() };
            turn.session.changes.remember_place(ticket, place);
        }
        if takes_away {
            self.marks.clear();
        }
    }

    /// What was filed is there again: so is the cursor.
    pub fn come_back(&mut self, place: Place, turn: &mut Turn<'_>) {
        if self.list.source().as_ref() == Some(&place.source) {
            let room = self.room(turn.session);
            self.list.select_again(place.key, place.message, room, turn);
        }
    }

    /// Takes what was chosen in a picker.
    pub fn picked(&mut self, picked: &Picked, turn: &mut Turn<'_>) {
        match picked {
            Picked::Folder(folder) => self.move_to(folder, turn),
            Picked::Category(name) => self.categorise(name, turn),
            Picked::Pattern(words) => self.select_by(words, turn),
            Picked::Confirmed => self.delete_doomed(turn),
            Picked::Part(attachment, name) => self.save_part(attachment.clone(), name.clone(), turn),
            Picked::File(_) | Picked::Group(..) | Picked::Away(_) | Picked::Room(_) => {}
        }
    }

    /// Saves what is selected; else the message under the cursor, or asks which part of it.
    pub fn save(&mut self, turn: &mut Turn<'_>) {
        if self.marks.is_any() {
            return self.save_selected(turn);
        }
        match parts(self).as_slice() {
            [] => {}
            [PickEntry { picked: Picked::Part(attachment, name), .. }] => {
                self.save_part(attachment.clone(), name.clone(), turn);
            }
            _ => turn.step(Step::Pick(Purpose::Save)),
        }
    }

    fn save_selected(&mut self, turn: &mut Turn<'_>) {
        let count = self.marks.count();
        if count > MOST_SAVED {
            return turn
                .tell(format!("At most {MOST_SAVED} messages are saved at once; `deskbell mail export` saves more."));
        }
        turn.tell(format!("Saving {}.", self.target_words()));
        let request = match self.marks.selection() {
            Some(selection) => Request::SaveSelected(Box::new(selection)),
            None => {
                let named = |message: &Message| (message.id.clone(), message.file_name());
                Request::SaveAll { messages: self.marks.messages().map(named).collect() }
            }
        };
        self.saving = Some(turn.ask(request));
    }

    fn save_part(&mut self, attachment: Option<String>, name: String, turn: &mut Turn<'_>) {
        if let Some(message) = self.list.selected().map(|row| row.message.id.clone()) {
            self.saving = Some(turn.ask(Request::Save { message, attachment, name }));
        }
    }

    /// Takes the answer to what was to be saved. False: it is another's.
    pub(super) fn saved(&mut self, ticket: Ticket, result: &Result<Answer, Report>, turn: &mut Turn<'_>) -> bool {
        if self.saving != Some(ticket) {
            return false;
        }
        self.saving = None;
        match result {
            Ok(Answer::Saved(path)) => {
                turn.tell(format!("Saved as {}.", crate::base::text::tame(&path.display().to_string())))
            }
            Ok(Answer::SavedAll(count, folder)) => {
                let folder = folder.display().to_string();
                turn.tell(format!("Saved {} in {}.", counted(*count), crate::base::text::tame(&folder)));
            }
            Ok(_) => {}
            Err(report) => turn.step(Step::Problem(report.clone())),
        }
        true
    }

    fn move_to(&mut self, folder: &FolderId, turn: &mut Turn<'_>) {
        if self.all_lie_in(folder) {
            return turn.tell("It lies in this folder already.");
        }
        let to = MoveTarget::Folder(folder.clone());
        if self.do_with_all(SelectionDeed::Move(to.clone()), turn) {
            return;
        }
        let intents = moves(&self.targets(), &to, turn.session);
        self.ask(intents, true, turn);
    }

    /// Puts a category on all that are meant, or takes it off if all have it.
    fn categorise(&mut self, name: &str, turn: &mut Turn<'_>) {
        if self.do_with_all(SelectionDeed::Category(name.to_owned(), None), turn) {
            return;
        }
        let targets = self.targets();
        let has = |message: &Message| message.categories.iter().any(|known| known.eq_ignore_ascii_case(name));
        let takes_off = targets.iter().all(|message| has(message));
        let intents = targets
            .iter()
            .filter(|message| takes_off || !has(message))
            .map(|message| {
                let mut categories = message.categories.clone();
                if takes_off {
                    categories.retain(|known| !known.eq_ignore_ascii_case(name));
                } else {
                    categories.push(name.to_owned());
                }
                Intent::Categorise { message: message.id.clone(), categories }
            })
            .collect();
        self.ask(intents, false, turn);
    }

    /// Asks before deleting for ever.
    pub fn doom(&mut self, turn: &mut Turn<'_>) {
        if self.do_with_all(SelectionDeed::DeleteForEver, turn) {
            return;
        }
        self.selecting.forget_weighed();
        self.doomed = self.target_ids();
        match self.doomed.len() {
            0 => {}
            count @ 1..=MANY => {
                let what = match self.targets().as_slice() {
                    [one] if one.subject.is_empty() => "this message".to_owned(),
                    [one] => format!("\"{}\"", crate::base::text::cut(&one.subject, 40)),
                    _ => counted(count),
                };
                let sentences = vec!["It cannot be taken back, here or anywhere else.".to_owned()];
                let title = format!("Delete {what} for ever?");
                let no = if count == 1 { "Keep it" } else { "Keep them" };
                turn.step(Step::Ask(Box::new(Question::of(
                    title,
                    sentences,
                    no,
                    "Delete for ever",
                    Deed::DeleteForEver,
                ))));
            }
            count => turn.step(Step::Pick(Purpose::Number(count))),
        }
    }

    /// Deletes for ever what was asked about.
    pub fn delete_doomed(&mut self, turn: &mut Turn<'_>) {
        if self.do_what_was_weighed(turn) {
            return;
        }
        let doomed = std::mem::take(&mut self.doomed);
        let intents = doomed.into_iter().map(|message| Intent::DeleteForEver { message }).collect();
        self.ask(intents, true, turn);
    }

    /// A message came into the open reader: it counts as looked at in a moment.
    pub(super) fn looks_at(&mut self, turn: &mut Turn<'_>) {
        if self.unread_and_open(turn.session).is_some() {
            turn.wake_after(Wake::LookedAt, LOOKED_AT);
        }
    }

    /// It was looked at long enough: it is read.
    pub(super) fn looked_at(&mut self, turn: &mut Turn<'_>) {
        if let Some(message) = self.unread_and_open(turn.session) {
            turn.change_quietly(vec![Intent::MarkRead { message, is_read: true }]);
        }
    }

    /// The message in the reader, if it is open there, unread, and may be marked by looking at it.
    fn unread_and_open(&self, session: &Session) -> Option<MessageId> {
        use crate::domain::account::Feature;
        use crate::state::surface::Surface;
        let reading = self.reader.message()?;
        let is_open = self.pane() == Pane::Reader && reading.text.is_some();
        let is_unread =
            self.list.selected().is_some_and(|row| row.message.id == reading.message.id && !row.message.is_read);
        let may = session.marks_read && session.why_not(Feature::MailWrite).is_none();
        (is_open && is_unread && may).then(|| reading.message.id.clone())
    }
}

/// What lies there already stays.
fn moves(targets: &[&Message], to: &MoveTarget, session: &Session) -> Vec<Intent> {
    let target = match to {
        MoveTarget::Folder(folder) => Some(folder),
        MoveTarget::Role(role) => session.folder_with_role(*role).map(|folder| &folder.id),
    };
    let is_elsewhere = |message: &&&Message| Some(&message.folder) != target;
    let moved = targets.iter().filter(is_elsewhere);
    moved.map(|message| Intent::Move { message: message.id.clone(), to: to.clone() }).collect()
}

/// So many messages, in words.
#[must_use]
pub fn counted(count: usize) -> String {
    if count == 1 { "1 message".to_owned() } else { format!("{count} messages") }
}

/// What can be saved of the message under the cursor: itself, then what hangs on it.
#[must_use]
pub fn parts(mail: &Mail) -> Vec<PickEntry> {
    let Some(message) = mail.list.selected().map(|row| &row.message) else { return Vec::new() };
    let mut parts = vec![PickEntry {
        title: "The message as it came (.eml)".to_owned(),
        note: String::new(),
        picked: Picked::Part(None, message.file_name()),
        is_folder: false,
    }];
    let reading = mail.reader.message().filter(|reading| reading.message.id == message.id);
    let attachments = reading.map_or(&[][..], |reading| reading.attachments.as_slice());
    parts.extend(attachments.iter().filter(|attachment| !attachment.is_inline).map(|attachment| PickEntry {
        title: attachment.name.clone(),
        note: crate::state::mail::reader::size_words(attachment.size),
        picked: Picked::Part(Some(attachment.id.clone()), attachment.name.clone()),
        is_folder: false,
    }));
    parts
}

/// The folders a message can be moved to.
#[must_use]
pub fn folder_entries(session: &Session, without: Option<&FolderId>) -> Vec<PickEntry> {
    let folders = session.folders.value().map_or(&[][..], Vec::as_slice);
    let named = |id: &FolderId| folders.iter().find(|folder| folder.id == *id);
    branches(folders)
        .into_iter()
        .filter(|branch| Some(&branch.folder.id) != without)
        .map(|branch| {
            let above = branch.folder.parent.as_ref().and_then(named);
            PickEntry {
                title: branch.folder.name.clone(),
                note: above.map_or_else(String::new, |folder| folder.name.clone()),
                picked: Picked::Folder(branch.folder.id.clone()),
                is_folder: false,
            }
        })
        .collect()
}

/// The categories in use among the messages that are loaded.
#[must_use]
pub fn category_entries(mail: &Mail) -> Vec<PickEntry> {
    let targets = mail.targets();
    let known: BTreeSet<&String> = mail.list.rows().iter().flat_map(|row| &row.message.categories).collect();
    known
        .into_iter()
        .map(|name| {
            let is_on = targets.iter().all(|message| message.categories.contains(name));
            PickEntry {
                title: name.clone(),
                note: if is_on { "on".to_owned() } else { String::new() },
                picked: Picked::Category(name.clone()),
                is_folder: false,
            }
        })
        .collect()
}
