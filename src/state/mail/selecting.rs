//! Selecting messages together, and doing something with more of them than the list has loaded.
//!
//! Must stay true: what is selected beyond the list is a value of two ends; the cache counts it, weighs what a deed would change, and
//! takes it apart, so nothing here grows with it. Nothing is done with it before its number was shown and somebody said yes.
//! Deliberately absent: long ranges over hits of a search. Their order is another, so a range ends there with what is loaded.

use crate::base::report::Report;
use crate::domain::intent::MoveTarget;
use crate::domain::mail::{FolderRole, Message, MessageRow};
use crate::domain::request::{Answer, Request};
use crate::domain::selection::{Selection, SelectionDeed, Stretch, Weighed};
use crate::state::event::Ticket;
use crate::state::mail::Mail;
use crate::state::mail::acts::{MANY, counted};
use crate::state::picker::Purpose;
use crate::state::question::{Deed, Question};
use crate::state::session::Session;
use crate::state::surface::{Motion, Pane, Step, Surface, Turn};

/// From so many minutes on it is said how long the service takes.
const WORTH_SAYING: u32 = 2;

/// What is asked about a long range, and what was.
#[derive(Clone, Debug, Default)]
pub(super) struct Selecting {
    counting: Option<Ticket>,
    /// What was selected when a deed was asked for; marks may change while the question stands.
    weighing: Option<(Ticket, Selection)>,
    weighed: Option<(Selection, SelectionDeed)>,
}

impl Selecting {
    /// What was asked about is not meant any more: the next yes is about something else.
    pub(super) fn forget_weighed(&mut self) {
        self.weighing = None;
        self.weighed = None;
    }

    pub(super) fn is_awaited(&self, ticket: Ticket) -> bool {
        self.counting == Some(ticket) || self.weighing.as_ref().is_some_and(|(asked, _)| *asked == ticket)
    }
}

impl Mail {
    /// Whether a row is marked; among hits only what was marked for itself, for their places are others.
    #[must_use]
    pub fn is_marked(&self, row: &MessageRow) -> bool {
        match self.list.searched() {
            Some(_) => self.marks.has(&row.message.id),
            None => self.marks.has_row(row),
        }
    }

    /// How many messages an act is about.
    #[must_use]
    pub fn target_count(&self) -> usize {
        if self.marks.is_any() { self.marks.count() } else { self.targets().len() }
    }

    /// Marks the message under the cursor and goes on; in the reader Space turns the page.
    pub fn select(&mut self, turn: &mut Turn<'_>) {
        if self.pane() != Pane::List {
            self.motion(Motion::PageDown, turn);
            return;
        }
        if let Some(row) = self.list.selected() {
            self.marks.toggle(row);
            self.motion(Motion::Next, turn);
        }
    }

    /// Begins or ends a range.
    pub fn select_range(&mut self, turn: &mut Turn<'_>) {
        let Some(row) = self.list.selected().cloned() else { return };
        self.marks.toggle_range(&row);
        turn.tell(if self.marks.is_range() {
            "Move to the other end of the range; an act takes all of it.".to_owned()
        } else {
            format!("{} selected.", counted(self.marks.count()))
        });
    }

    /// A range follows the cursor.
    pub(super) fn stretch(&mut self, turn: &mut Turn<'_>) {
        let cursor = self.list.selected().map(|row| row.key);
        let Some(cursor) = cursor.filter(|_| self.marks.is_range()) else { return };
        let may = self.list.searched().is_none();
        if !self.marks.reach(cursor, self.list.rows(), may) {
            turn.tell("The range is longer than what is loaded; it ends where it was.");
        }
        self.count(turn);
    }

    /// Marks all of the folder that is on this computer; of hits those that are loaded.
    pub fn select_all(&mut self, turn: &mut Turn<'_>) {
        let is_loaded = self.list.is_all_loaded();
        if is_loaded || self.list.searched().is_some() {
            self.marks.clear();
            self.marks.add(self.list.rows().iter().map(|row| &row.message));
            let count = counted(self.marks.count());
            return turn.tell(match is_loaded {
                true => format!("{count} selected."),
                false => format!("{count} selected: the hits that are loaded."),
            });
        }
        self.marks.take_all(Stretch::WHOLE);
        self.count(turn);
    }

    fn count(&mut self, turn: &mut Turn<'_>) {
        self.selecting.counting = match (self.marks.stretch(), self.list.folder().cloned()) {
            (Some(stretch), Some(folder)) => Some(turn.ask(Request::Stretch { folder, stretch })),
            _ => None,
        };
    }

    /// Has a deed weighed, if what is selected is more than what is loaded. False: it is not.
    pub(super) fn do_with_all(&mut self, deed: SelectionDeed, turn: &mut Turn<'_>) -> bool {
        let Some(selection) = self.list.folder().and_then(|folder| self.marks.selection(folder)) else { return false };
        let ticket = turn.ask(Request::Weigh { selection: Box::new(selection.clone()), deed });
        self.selecting.forget_weighed();
        self.doomed.clear();
        self.selecting.weighing = Some((ticket, selection));
        true
    }

    /// Takes an answer about a long range.
    pub(super) fn selection_answered(&mut self, ticket: Ticket, result: &Result<Answer, Report>, turn: &mut Turn<'_>) {
        match result {
            Ok(Answer::Stretch(counted)) => self.marks.counted(*counted),
            Ok(Answer::Weighed(weighed)) => {
                if let Some((_, selection)) = self.selecting.weighing.take_if(|(asked, _)| *asked == ticket) {
                    self.ask_about(selection, weighed, turn);
                }
            }
            Ok(_) => {}
            Err(report) => turn.step(Step::Problem(report.clone())),
        }
        self.selecting.counting.take_if(|asked| *asked == ticket);
        self.selecting.weighing.take_if(|(asked, _)| *asked == ticket);
    }

    fn ask_about(&mut self, selection: Selection, weighed: &Weighed, turn: &mut Turn<'_>) {
        let count = usize::try_from(weighed.changes).unwrap_or(usize::MAX);
        if count == 0 {
            return turn.tell("Nothing of what is selected would change.");
        }
        self.selecting.weighed = Some((selection, weighed.deed.clone()));
        if weighed.deed == SelectionDeed::DeleteForEver && count > MANY {
            return turn.step(Step::Pick(Purpose::Number(count)));
        }
        let mut sentences = Vec::new();
        if let Some((here, there)) = self.what_is_here(turn.session) {
            sentences.push(format!(
                "This computer has {here} of the {there} messages of this folder; only those are meant."
            ));
        }
        let minutes = weighed.minutes();
        if minutes >= WORTH_SAYING {
            sentences.push(format!(
                "Microsoft 365 takes about {minutes} minutes for it. You can go on meanwhile, and leave: the rest is made later."
            ));
        }
        sentences.push(match weighed.deed {
            SelectionDeed::DeleteForEver => "It cannot be taken back, here or anywhere else.".to_owned(),
            _ => "It can be undone, all of it at once.".to_owned(),
        });
        let (title, yes) = words(&weighed.deed, count, turn.session);
        turn.step(Step::Ask(Box::new(Question::of(title, sentences, "Leave them", yes, Deed::Selected))));
    }

    /// How much of the open folder is here and how much there is, if that is not the same.
    fn what_is_here(&self, session: &Session) -> Option<(u32, u32)> {
        let folder = session.folder(self.list.folder()?)?;
        let (_, here) = self.list.place();
        (here < folder.total).then_some((here, folder.total))
    }

    /// Does what was weighed and agreed to. False: there is nothing of the sort.
    pub fn do_what_was_weighed(&mut self, turn: &mut Turn<'_>) -> bool {
        let Some((selection, deed)) = self.selecting.weighed.take() else { return false };
        let takes_away = matches!(deed, SelectionDeed::Move(_) | SelectionDeed::DeleteForEver);
        let ticket = turn.change_selected(selection, deed);
        self.was_asked(ticket, takes_away, turn);
        true
    }

    /// Marks what is loaded of the folder and holds all these words in sender, subject or preview.
    pub fn select_by(&mut self, words: &str, turn: &mut Turn<'_>) {
        let words: Vec<String> = words.to_lowercase().split_whitespace().map(str::to_owned).collect();
        let is_meant = |message: &Message| {
            let from = message.from.as_ref().map_or(String::new(), |from| format!("{} {}", from.name, from.address));
            let text = format!("{from} {} {}", message.subject, message.preview).to_lowercase();
            words.iter().all(|word| text.contains(word))
        };
        let found: Vec<Message> =
            self.list.rows().iter().map(|row| &row.message).filter(|message| is_meant(message)).cloned().collect();
        self.marks.add(found.iter());
        turn.tell(match found.len() {
            0 => "No message that is loaded here has these words.".to_owned(),
            _ => format!("{} selected.", counted(self.marks.count())),
        });
    }
}

/// The question, and its yes.
fn words(deed: &SelectionDeed, count: usize, session: &Session) -> (String, &'static str) {
    let messages = counted(count);
    match deed {
        SelectionDeed::Read(Some(false)) => (format!("Mark {messages} as unread?"), "Mark as unread"),
        SelectionDeed::Read(_) => (format!("Mark {messages} as read?"), "Mark as read"),
        SelectionDeed::Flag(Some(false)) => (format!("Take the flag off {messages}?"), "Take it off"),
        SelectionDeed::Flag(_) => (format!("Flag {messages}?"), "Flag them"),
        SelectionDeed::Category(name, Some(false)) => (format!("Take {name} off {messages}?"), "Take it off"),
        SelectionDeed::Category(name, _) => (format!("Put {name} on {messages}?"), "Put it on"),
        SelectionDeed::Move(MoveTarget::Role(FolderRole::Archive)) => (format!("Archive {messages}?"), "Archive them"),
        SelectionDeed::Move(MoveTarget::Role(FolderRole::Deleted)) => (format!("Delete {messages}?"), "Delete them"),
        SelectionDeed::Move(to) => {
            let folder = match to {
                MoveTarget::Folder(id) => session.folder(id),
                MoveTarget::Role(role) => session.folder_with_role(*role),
            };
            let name = folder.map_or("another folder", |folder| folder.name.as_str());
            (format!("Move {messages} to {}?", crate::base::text::cut(name, 40)), "Move them")
        }
        SelectionDeed::DeleteForEver => (format!("Delete {messages} for ever?"), "Delete for ever"),
    }
}
