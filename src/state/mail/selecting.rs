//! Selecting messages together, and doing something with more of them than the list has loaded.
//!
//! Must stay true: what is selected beyond the list is a value of two ends; the cache counts it, weighs what a deed would change, and
//! takes it apart, so nothing here grows with it. Nothing is done with it before its number was shown and somebody said yes. Hits of a
//! search are selected like the messages of a folder, those only the service found too, as long as the search stands.

use crate::base::report::Report;
use crate::domain::intent::MoveTarget;
use crate::domain::mail::{FolderRole, Message, MessageRow};
use crate::domain::request::{Answer, Request};
use crate::domain::selection::{SearchFor, Selection, SelectionDeed, Source, Weighed};
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
    /// Whether a row of the list is marked.
    #[must_use]
    pub fn is_marked(&self, row: &MessageRow) -> bool {
        self.marks.has_row(row, &self.list)
    }

    /// What an act is about: so many messages.
    #[must_use]
    pub fn target_words(&self) -> String {
        match self.marks.is_any() {
            true if self.marks.is_counted() => counted(self.marks.count()),
            true => format!("at least {}", counted(self.marks.count())),
            false => counted(self.targets().len()),
        }
    }

    /// Whether it is being counted what an act would change.
    #[must_use]
    pub const fn is_weighing(&self) -> bool {
        self.selecting.weighing.is_some()
    }

    /// Gives up what is being counted. False: nothing is.
    pub(super) fn give_up_weighing(&mut self, turn: &mut Turn<'_>) -> bool {
        if !self.is_weighing() {
            return false;
        }
        self.selecting.forget_weighed();
        turn.ask(Request::ForgetWeighed);
        turn.tell("Given up; nothing was changed.");
        true
    }

    /// The list shows something else: a long range of hits is of no use any more.
    pub(super) fn list_changed(&mut self, turn: &mut Turn<'_>) {
        if self.marks.list_changed(&self.list) {
            self.selecting.counting = None;
            turn.tell("The hits are selected no longer.");
        }
    }

    /// Marks the message under the cursor and goes on; in the reader Space turns the page.
    pub fn select(&mut self, turn: &mut Turn<'_>) {
        if self.pane() != Pane::List {
            self.motion(Motion::PageDown, turn);
            return;
        }
        if let Some(row) = self.list.selected() {
            self.marks.toggle(row, &self.list);
            self.motion(Motion::Next, turn);
        }
    }

    /// Begins or ends a range.
    pub fn select_range(&mut self, turn: &mut Turn<'_>) {
        let (Some(row), Some(source)) = (self.list.selected(), self.list.source()) else { return };
        self.marks.toggle_range(row, source);
        turn.tell(if self.marks.is_range() {
            "Move to the other end of the range; an act takes all of it.".to_owned()
        } else {
            format!("{} selected.", upper_first(&self.target_words()))
        });
    }

    /// A range follows the cursor.
    pub(super) fn stretch(&mut self, turn: &mut Turn<'_>) {
        let cursor = self.list.selected().map(|row| row.key);
        let Some(cursor) = cursor.filter(|_| self.marks.is_range()) else { return };
        self.marks.reach(cursor, self.list.rows());
        self.count(turn);
    }

    /// Marks all of the folder that is on this computer, or all hits.
    pub fn select_all(&mut self, turn: &mut Turn<'_>) {
        if self.list.is_all_loaded() {
            self.marks.clear();
            self.marks.add(self.list.rows().iter().map(|row| &row.message));
            return turn.tell(format!("{} selected.", counted(self.marks.count())));
        }
        let Some(source) = self.list.source() else { return };
        let (_, known) = self.list.place();
        let is_exact = match &source {
            Source::Folder(_) => true,
            Source::Hits(_) => {
                let summary = self.search().and_then(|search| search.summary.as_ref());
                summary.is_some_and(|summary| summary.is_counted)
            }
        };
        self.marks.take_all(source, usize::try_from(known).unwrap_or(usize::MAX), is_exact);
        self.count(turn);
    }

    fn count(&mut self, turn: &mut Turn<'_>) {
        let stretch = self.marks.stretch().map(|(source, stretch)| (Box::new(source.clone()), stretch));
        self.selecting.counting = stretch.map(|(source, stretch)| turn.ask(Request::Stretch { source, stretch }));
    }

    /// Has a deed weighed, if what is selected is more than what is loaded. False: it is not.
    pub(super) fn do_with_all(&mut self, deed: SelectionDeed, turn: &mut Turn<'_>) -> bool {
        let Some(selection) = self.marks.selection() else { return false };
        let ticket = turn.ask(Request::Weigh { selection: Box::new(selection.clone()), deed });
        self.selecting.forget_weighed();
        self.doomed.clear();
        // Whatever was said before would stand over what is said of a long wait.
        turn.session.status.expire();
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
        let mut sentences = self.what_is_meant(&selection, turn.session);
        let already = weighed.selected.saturating_sub(weighed.changes);
        if already > 0 {
            let how = if matches!(weighed.deed, SelectionDeed::Move(_)) { "lie there" } else { "are so" };
            sentences
                .push(format!("{already} of the {} selected {how} already and stay as they are.", weighed.selected));
        }
        self.selecting.weighed = Some((selection, weighed.deed.clone()));
        if weighed.deed == SelectionDeed::DeleteForEver && count > MANY {
            return turn.step(Step::Pick(Purpose::Number(count)));
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

    /// Which messages are meant, where somebody might take them for more.
    fn what_is_meant(&self, selection: &Selection, session: &Session) -> Vec<String> {
        match &selection.source {
            Source::Folder(folder) => {
                let list = self.search.as_ref().map_or(&self.list, |search| &search.before);
                let (_, here) = list.place();
                let there = session.folder(folder).map_or(0, |folder| folder.total);
                let is_part = list.shows(&selection.source) && here < there;
                let words =
                    format!("This computer has {here} of the {there} messages of this folder; only those are meant.");
                is_part.then_some(words).into_iter().collect()
            }
            Source::Hits(search) => self.which_hits(search, session),
        }
    }

    fn which_hits(&self, search: &SearchFor, session: &Session) -> Vec<String> {
        let text = crate::base::text::cut(&search.text, 40);
        let folder = search.folder.as_ref().and_then(|folder| session.folder(folder));
        let place = folder.map_or("all folders", |folder| folder.name.as_str());
        let service = if search.from_service { ", with what the service found" } else { "" };
        let mut sentences = vec![format!("They are hits of “{text}” in {place}{service}.")];
        let summary = self.search().and_then(|search| search.summary.as_ref());
        match summary.map_or(0, |summary| summary.waiting) {
            0 => {}
            1 => sentences.push("1 message is not searchable yet and may be missing.".to_owned()),
            many => sentences.push(format!("{many} messages are not searchable yet and may be missing.")),
        }
        sentences
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
            _ => format!("{} selected.", upper_first(&self.target_words())),
        });
    }
}

fn upper_first(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
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
