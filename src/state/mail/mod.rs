//! The mail view: folders, list, reader, and which of them has the focus.
//!
//! The division into panes depends on the width and on the focus; [`Mail::areas`] is the one place that knows it.

pub mod acts;
pub mod completing;
pub mod folders;
pub mod list;
pub mod marks;
pub mod reader;
pub mod search;
mod searching;
mod selecting;

use crate::base::report::Report;
use crate::domain::account::Feature;
use crate::domain::mail::{FolderId, FolderRole, MessageId, MessageKey, MessageRow, Recipient};
use crate::domain::notice::Notice;
use crate::domain::request::{Answer, PersonRef};
use crate::domain::time::Zone;
use crate::state::command::CommandId;
use crate::state::event::{Effect, Interest, Ticket, Wake};
use crate::state::geometry::{Area, Shape};
use crate::state::keys::KeyContext;
use crate::state::line::LineEdit;
use crate::state::mail::folders::Folders;
use crate::state::mail::list::{List, Room};
use crate::state::mail::marks::Marks;
use crate::state::mail::reader::{Reader, WIDEST_TEXT};
use crate::state::mail::search::SearchLine;
use crate::state::mail::selecting::Selecting;
use crate::state::session::Session;
use crate::state::slot::Slot;
use crate::state::surface::{CopyPart, Motion, Pane, Step, Surface, Turn};
use crate::state::target::Target;
use jiff::SignedDuration;

/// How long the key has to rest before the reader follows the list.
const REST: SignedDuration = SignedDuration::from_millis(120);

/// Where the panes of the mail view stand. The first row of each is the rule with its title.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MailAreas {
    /// The folder tree, if it is shown.
    pub folders: Option<Area>,
    /// The list, if it is shown.
    pub list: Option<Area>,
    /// The reader, if it is shown.
    pub reader: Option<Area>,
    /// The list stands above the reader.
    pub is_stacked: bool,
}

/// The mail view.
#[derive(Clone, Debug)]
pub struct Mail {
    /// The cursor in the folder tree.
    pub folders: Folders,
    /// The list.
    pub list: List,
    /// The reader.
    pub reader: Reader,
    /// Messages selected together.
    pub marks: Marks,
    /// What is deleted for ever if the question is answered so.
    doomed: Vec<MessageId>,
    /// What is asked of the cache about a long range.
    selecting: Selecting,
    /// What is being saved.
    saving: Option<Ticket>,
    focus: Pane,
    /// The search that is on.
    search: Option<Box<SearchLine>>,
    /// Earlier searches, the latest last.
    searches: Slot<Vec<String>>,
    /// The inbox is to be opened as soon as the folders are known.
    awaits_folders: bool,
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            folders: Folders::default(),
            list: List::default(),
            reader: Reader::default(),
            marks: Marks::default(),
            doomed: Vec::new(),
            selecting: Selecting::default(),
            saving: None,
            focus: Pane::List,
            search: None,
            searches: Slot::default(),
            awaits_folders: false,
        }
    }
}

impl Mail {
    /// Where the panes stand.
    #[must_use]
    pub fn areas(&self, session: &Session) -> MailAreas {
        let body = session.screen().body;
        match session.shape() {
            Shape::TooSmall | Shape::OnePane => match self.focus {
                Pane::Folders => MailAreas { folders: Some(body), ..MailAreas::default() },
                Pane::Reader => MailAreas { reader: Some(body), ..MailAreas::default() },
                _ => MailAreas { list: Some(body), ..MailAreas::default() },
            },
            Shape::Stacked => {
                let (top, reader) = body.split_top((body.height * 2 / 5).max(8));
                let (folders, list) = self.slide_in(top);
                MailAreas { folders, list: Some(list), reader: Some(reader), is_stacked: true }
            }
            Shape::Beside => {
                let (left, reader) = split_with_line(body, 44);
                match self.focus {
                    Pane::Folders => MailAreas { folders: Some(left), reader: Some(reader), ..MailAreas::default() },
                    _ => MailAreas { list: Some(left), reader: Some(reader), ..MailAreas::default() },
                }
            }
            Shape::ThreePanes => {
                let (folders, rest) = split_with_line(body, (body.width / 6).clamp(20, 28));
                let reader_width = (rest.width * 6 / 10).clamp(56, WIDEST_TEXT + 6);
                let (list, reader) = split_with_line(rest, rest.width - reader_width - 1);
                MailAreas { folders: Some(folders), list: Some(list), reader: Some(reader), is_stacked: false }
            }
        }
    }

    fn slide_in(&self, area: Area) -> (Option<Area>, Area) {
        if self.focus == Pane::Folders {
            let (folders, list) = split_with_line(area, 26);
            (Some(folders), list)
        } else {
            (None, area)
        }
    }

    /// The room of the list. A list that is not shown is reckoned as if it were alone.
    #[must_use]
    pub fn room(&self, session: &Session) -> Room {
        let area = self.areas(session).list.unwrap_or(session.screen().body);
        let taken = 1 + if self.search.is_some() { search::LINES } else { 0 };
        Room { lines: area.height.saturating_sub(taken), row_lines: if area.width >= 64 { 1 } else { 2 } }
    }

    /// Lines and columns of the reader's text.
    #[must_use]
    pub fn reader_room(&self, session: &Session) -> (u16, u16) {
        let area = self.areas(session).reader.unwrap_or(session.screen().body);
        (area.height.saturating_sub(1), area.width.saturating_sub(3).min(WIDEST_TEXT))
    }

    /// Opens a folder, and reads a message of it if one is named.
    pub fn open_folder(&mut self, folder: FolderId, at: Option<MessageKey>, turn: &mut Turn<'_>) {
        self.awaits_folders = false;
        self.search = None;
        self.folders.cursor = Some(folder.clone());
        self.focus = if at.is_some() { Pane::Reader } else { Pane::List };
        self.reader.clear();
        self.marks.clear();
        let room = self.room(turn.session);
        self.list.show(folder, at, room, turn);
    }

    /// Goes to the next unread message and reads it.
    pub fn next_unread(&mut self, turn: &mut Turn<'_>) {
        let room = self.room(turn.session);
        if self.list.next_unread(room, turn) {
            self.read_selected(turn);
        }
    }

    /// Goes to the folders.
    pub fn focus_folders(&mut self, turn: &mut Turn<'_>) {
        self.set_focus(Pane::Folders, turn);
    }

    fn set_focus(&mut self, pane: Pane, turn: &mut Turn<'_>) {
        self.focus = pane;
        if pane == Pane::Folders && self.folders.cursor.is_none() {
            self.folders.cursor = self.list.folder().cloned();
        }
        // The division may have changed with the focus.
        self.resized(turn);
    }

    fn read_selected(&mut self, turn: &mut Turn<'_>) {
        let (_, width) = self.reader_room(turn.session);
        if let Some(row) = self.list.selected() {
            self.reader.show(row.message.id.clone(), width, turn);
        }
    }

    /// The reader is on the screen beside or below the list.
    fn shows_reader(&self, session: &Session) -> bool {
        self.areas(session).reader.is_some()
    }

    fn follow(&self, turn: &mut Turn<'_>) {
        if self.shows_reader(turn.session) {
            turn.wake_after(Wake::Rested, REST);
        }
    }

    /// The message the cursor means: in the reader the one that is read, else the selected one.
    fn current(&self) -> Option<&MessageRow> {
        self.list.selected()
    }

    fn step_pane(&mut self, steps: isize, turn: &mut Turn<'_>) {
        let order = [Pane::Folders, Pane::List, Pane::Reader];
        let at = order.iter().position(|pane| *pane == self.focus).unwrap_or(1);
        let to = (at + order.len()).wrapping_add_signed(steps) % order.len();
        self.set_focus(order[to], turn);
    }
}

/// Two areas beside each other with one column for the line between them.
fn split_with_line(area: Area, columns: u16) -> (Area, Area) {
    let (left, rest) = area.split_left(columns);
    let (_, right) = rest.split_left(1);
    (left, right)
}

impl Surface for Mail {
    fn context(&self) -> KeyContext {
        KeyContext::Mail
    }

    fn hints(&self) -> &'static [CommandId] {
        if let Some(hints) = self.search_hints() {
            return hints;
        }
        match self.focus {
            Pane::Folders => &[CommandId::Open, CommandId::Right, CommandId::NextPane, CommandId::Inbox],
            Pane::Reader => &[
                CommandId::MailReply,
                CommandId::MailReplyAll,
                CommandId::MailArchive,
                CommandId::MailDelete,
                CommandId::MailMove,
                CommandId::NextThing,
                CommandId::PreviousThing,
                CommandId::OpenOutside,
                CommandId::FoldQuotes,
                CommandId::PersonCard,
                CommandId::FindTimeWith,
                CommandId::Close,
            ],
            _ if self.marks.is_any() => &[
                CommandId::MailArchive,
                CommandId::MailDelete,
                CommandId::MailMove,
                CommandId::MailFlag,
                CommandId::Close,
                CommandId::MailSelect,
            ],
            _ => &[
                CommandId::Open,
                CommandId::MailReply,
                CommandId::MailArchive,
                CommandId::MailDelete,
                CommandId::MailMove,
                CommandId::MailFlag,
                CommandId::NextUnread,
                CommandId::PersonCard,
                CommandId::FindTimeWith,
                CommandId::OpenOutside,
                CommandId::Search,
                CommandId::Folders,
                CommandId::Fetch,
            ],
        }
    }

    fn pane(&self) -> Pane {
        self.focus
    }

    fn word(&self, command: CommandId, session: &Session) -> Option<&'static str> {
        self.search_word(command, session).or_else(|| {
            let clears = command == CommandId::Close && self.focus == Pane::List && self.marks.is_any();
            clears.then_some("select none")
        })
    }

    fn field(&self) -> Option<&LineEdit> {
        self.search.as_ref().filter(|search| search.is_typing).map(|search| &search.line)
    }

    fn field_mut(&mut self) -> Option<&mut LineEdit> {
        self.search.as_mut().filter(|search| search.is_typing).map(|search| &mut search.line)
    }

    fn edited(&mut self, turn: &mut Turn<'_>) {
        self.search_edited(turn);
    }

    fn entered(&mut self, turn: &mut Turn<'_>) {
        if self.list.folder().is_none() {
            match turn.session.folder_with_role(FolderRole::Inbox).map(|folder| folder.id.clone()) {
                Some(inbox) => self.open_folder(inbox, None, turn),
                None => self.awaits_folders = true,
            }
        } else {
            self.resized(turn);
        }
    }

    fn resized(&mut self, turn: &mut Turn<'_>) {
        let room = self.room(turn.session);
        self.list.resized(room, turn);
        if self.shows_reader(turn.session) {
            let (_, width) = self.reader_room(turn.session);
            self.reader.resized(width, turn);
        }
    }

    fn motion(&mut self, motion: Motion, turn: &mut Turn<'_>) -> bool {
        if self.search_motion(motion, turn) {
            return true;
        }
        match (motion, self.focus) {
            (Motion::NextPane, _) => self.step_pane(1, turn),
            (Motion::PreviousPane, _) => self.step_pane(-1, turn),
            (Motion::Left, Pane::List) => self.set_focus(Pane::Folders, turn),
            (Motion::Left, Pane::Reader) | (Motion::Right, Pane::Folders) => self.set_focus(Pane::List, turn),
            (Motion::Right, Pane::List) => {
                self.read_selected(turn);
                self.set_focus(Pane::Reader, turn);
                self.looks_at(turn);
            }
            (Motion::NextThing | Motion::PreviousThing, _) => {
                let room = self.room(turn.session);
                if self.list.motion(motion, room, turn) {
                    self.read_selected(turn);
                }
            }
            (_, Pane::Folders) => {
                let folders = turn.session.folders.value().map_or(&[][..], Vec::as_slice);
                self.folders.motion(motion, folders);
            }
            (Motion::NextGroup | Motion::PreviousGroup, _) | (_, Pane::List) => {
                let room = self.room(turn.session);
                if self.list.motion(motion, room, turn) {
                    self.follow(turn);
                    self.stretch(turn);
                }
            }
            _ => {
                let (lines, width) = self.reader_room(turn.session);
                self.reader.motion(motion, lines, width);
            }
        }
        true
    }

    fn open(&mut self, turn: &mut Turn<'_>) -> bool {
        if self.search_entered(turn) {
            return true;
        }
        match self.focus {
            Pane::Folders => {
                if let Some(folder) = self.folders.cursor.clone() {
                    self.open_folder(folder, None, turn);
                }
            }
            Pane::List => match self.list.selected() {
                // Who may not write reads it like any other.
                Some(row) if row.message.is_draft && turn.session.why_not(Feature::MailWrite).is_none() => {
                    let copy = row.message.id.clone();
                    turn.step(Step::DraftCopy(copy));
                }
                _ => {
                    self.read_selected(turn);
                    self.set_focus(Pane::Reader, turn);
                    self.looks_at(turn);
                }
            },
            _ => {
                let (lines, width) = self.reader_room(turn.session);
                self.reader.motion(Motion::PageDown, lines, width);
            }
        }
        true
    }

    fn close(&mut self, turn: &mut Turn<'_>) -> bool {
        if self.dismiss_offers(turn.session) || self.give_up_weighing(turn) {
            return true;
        }
        if self.search.as_ref().is_some_and(|search| search.is_typing || self.focus == Pane::List) {
            self.end_search(turn);
            return true;
        }
        if self.focus == Pane::List {
            return self.marks.clear();
        }
        self.set_focus(Pane::List, turn);
        true
    }

    fn answered(&mut self, ticket: Ticket, result: &Result<Answer, Report>, turn: &mut Turn<'_>) -> bool {
        let room = self.room(turn.session);
        if self.completion_answered(ticket, result) {
            return true;
        }
        self.search_answered(ticket, result);
        if let Some(is_other) = self.list.answered(ticket, result, room, turn) {
            self.marks.refresh(self.list.rows());
            if is_other {
                self.stretch(turn);
            }
            let nothing_read = self.reader.wanted().is_none();
            if self.shows_reader(turn.session) && (nothing_read || (is_other && self.focus == Pane::Reader)) {
                self.read_selected(turn);
            } else if is_other {
                self.follow(turn);
            }
            return true;
        }
        if self.reader.answered(ticket, result) {
            self.looks_at(turn);
            return true;
        }
        if self.selecting.is_awaited(ticket) {
            self.selection_answered(ticket, result, turn);
            return true;
        }
        self.saved(ticket, result, turn)
    }

    fn notice(&mut self, notice: &Notice, _is_shown: bool, turn: &mut Turn<'_>) {
        self.search_noticed(notice, turn);
        match notice {
            Notice::MessagesChanged(_) if self.list.searched().is_some() => {}
            Notice::MessagesChanged(folder) if Some(folder) == self.list.folder() => {
                let room = self.room(turn.session);
                self.list.refresh(room, turn);
            }
            Notice::BodyArrived(message) if Some(message) == self.reader.wanted() => self.reader.refresh(turn),
            _ => {}
        }
    }

    fn woken(&mut self, wake: Wake, turn: &mut Turn<'_>) {
        match wake {
            Wake::Rested if self.shows_reader(turn.session) => self.read_selected(turn),
            Wake::LookedAt => self.looked_at(turn),
            Wake::Completion => self.find_people(turn),
            _ => {}
        }
    }

    fn clicked(&mut self, target: &Target, is_double: bool, turn: &mut Turn<'_>) {
        let room = self.room(turn.session);
        match target {
            Target::Folder(folder) => self.open_folder(folder.clone(), None, turn),
            Target::Message(key) => {
                self.set_focus(Pane::List, turn);
                self.list.select(*key, room, turn);
                if is_double {
                    self.open(turn);
                } else {
                    self.follow(turn);
                }
            }
            Target::Entry(at) => self.take_offer(Some(*at), turn),
            Target::Link(number) => self.point_at_link(*number, is_double, turn),
            Target::Pane(pane @ (Pane::Folders | Pane::List | Pane::Reader)) => self.set_focus(*pane, turn),
            _ => {}
        }
    }

    fn wheel(&mut self, target: Option<&Target>, steps: i32, turn: &mut Turn<'_>) {
        match target {
            Some(Target::Message(_) | Target::Pane(Pane::List)) => {
                let room = self.room(turn.session);
                if self.list.scroll(steps, room, turn) {
                    self.follow(turn);
                }
            }
            Some(Target::Pane(Pane::Reader) | Target::Link(_)) => {
                let (lines, width) = self.reader_room(turn.session);
                let motion = if steps > 0 { Motion::Next } else { Motion::Previous };
                for _ in 0..steps.unsigned_abs() {
                    self.reader.motion(motion, lines, width);
                }
            }
            _ => {}
        }
    }

    fn person(&self) -> Option<PersonRef> {
        let from = self.current()?.message.from.as_ref()?;
        (!from.address.is_empty())
            .then(|| PersonRef::Address { address: from.address.clone(), name: from.label().to_owned() })
    }

    fn people(&self) -> Vec<Recipient> {
        let Some(row) = self.current() else { return Vec::new() };
        let message = &row.message;
        let mut people: Vec<Recipient> = Vec::new();
        for person in message.from.iter().chain(&message.to).chain(&message.cc) {
            let is_new = !people.iter().any(|earlier| earlier.address.eq_ignore_ascii_case(&person.address));
            if is_new && !person.address.is_empty() {
                people.push(person.clone());
            }
        }
        people
    }

    fn copy(&self, part: CopyPart, zone: &Zone) -> Option<String> {
        let message = &self.current()?.message;
        let from = message.from.as_ref();
        let date = crate::state::when::wall(message.received, zone).strftime("%F %H:%M").to_string();
        match part {
            CopyPart::Line => Some(format!("{}  {}  {}", from.map_or("", Recipient::label), message.subject, date)),
            CopyPart::Address => from.map(|from| from.address.clone()).filter(|address| !address.is_empty()),
            CopyPart::Link => self.link(),
            CopyPart::Details => {
                let to: Vec<&str> = message.to.iter().map(Recipient::label).collect();
                Some(format!(
                    "From: {}\nTo: {}\nDate: {date}\nSubject: {}\n\n{}",
                    from.map_or("", Recipient::label),
                    to.join("; "),
                    message.subject,
                    self.text_of(&message.id).unwrap_or_else(|| message.preview.clone()),
                ))
            }
        }
    }

    fn link(&self) -> Option<String> {
        let text = self.reader.message()?.text.as_ref()?;
        match text.links.as_slice() {
            [link] => Some(link.target.clone()),
            _ => None,
        }
    }

    fn interest(&self, session: &Session, interest: &mut Interest) {
        interest.folder = self.list.folder().cloned();
        let read = self.reader.message().map(|reading| &reading.message).filter(|_| self.shows_reader(session));
        let listed = self.list.in_sight(self.room(session)).iter().map(|row| &row.message);
        interest.see_senders(read.into_iter().chain(listed), session);
        interest.people.extend(self.people_offered());
    }
}

impl Mail {
    /// The text that is read, if it is that message's.
    fn text_of(&self, id: &MessageId) -> Option<String> {
        let reading = self.reader.message().filter(|reading| reading.message.id == *id)?;
        let lines = &reading.text.as_ref()?.lines;
        let plain = lines.iter().map(|line| line.runs.iter().map(|run| run.text.as_str()).collect::<String>());
        Some(plain.collect::<Vec<_>>().join("\n"))
    }

    /// A click on a link says where it leads; only the second opens it.
    fn point_at_link(&self, number: u16, is_double: bool, turn: &mut Turn<'_>) {
        let text = self.reader.message().and_then(|reading| reading.text.as_ref());
        let link = text.and_then(|text| text.links.get(usize::from(number).checked_sub(1)?));
        match link {
            Some(link) if is_double => turn.effects.push(Effect::OpenLink(link.target.clone())),
            Some(link) => turn.tell(format!("This leads to {}; a double click opens it.", link.host)),
            None => {}
        }
    }

    /// Takes notice that the folders are known.
    pub fn folders_known(&mut self, turn: &mut Turn<'_>) {
        let inbox = turn.session.folder_with_role(FolderRole::Inbox).map(|folder| folder.id.clone());
        if let (true, Some(inbox)) = (self.awaits_folders, inbox) {
            self.open_folder(inbox, None, turn);
        }
    }

    /// Steps for opening a message by its row, used by other views.
    #[must_use]
    pub fn step_to(row: &MessageRow) -> Step {
        Step::Message(row.message.folder.clone(), row.key)
    }
}
