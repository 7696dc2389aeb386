//! A list to choose from by typing: a folder to move to, a category, a file to attach, a pattern to select by.
//!
//! What is typed narrows the list; Enter takes the row under the cursor. Must stay true: a picker changes nothing itself, it leaves a
//! [`Step::Picked`] for whoever opened it.

use crate::base::report::Report;
use crate::domain::account::Feature;
use crate::domain::mail::FolderId;
use crate::domain::place::{self, Room, RoomWish};
use crate::domain::presence::AwayOf;
use crate::domain::request::{Answer, FoundPeople, PathEntry, Request};
use crate::state::command::CommandId;
use crate::state::event::{Ticket, Wake};
use crate::state::find_time::RoomChoice;
use crate::state::keys::KeyContext;
use crate::state::line::LineEdit;
use crate::state::session::Session;
use crate::state::slot::Slot;
use crate::state::surface::{LIST_PAGE, Motion, Pane, Step, Surface, Turn};
use crate::state::target::Target;
use jiff::SignedDuration;
use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// The directory is asked when typing has rested for this long.
const REST: SignedDuration = SignedDuration::from_millis(150);
/// The quiet word beside a name that is not used yet.
const NEW_GROUP: &str = "a new group";

/// What is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A folder to move messages to.
    Move,
    /// A category to put on messages or take off.
    Categorise,
    /// A file to attach.
    Attach,
    /// Words by which messages are selected.
    Select,
    /// What is saved of a message.
    Save,
    /// A number that has to be typed before so many messages are deleted for ever.
    Number(usize),
    /// The name under which people are saved as a group.
    SaveGroup,
    /// A saved group somebody is put into, or taken out of.
    PersonGroup,
    /// A saved group that is removed.
    RemoveGroup,
    /// Whose absences are shown.
    AwayOf,
    /// A room for a meeting.
    Room,
}

/// What was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Picked {
    /// A folder.
    Folder(FolderId),
    /// A category by its name.
    Category(String),
    /// A file by its path.
    File(String),
    /// What is saved: an attachment's id, or the message itself; and the name it would have.
    Part(Option<String>, String),
    /// Words.
    Pattern(String),
    /// The number was typed.
    Confirmed,
    /// Whose absences are shown.
    Away(AwayOf),
    /// A room for a meeting, or none.
    Room(Option<RoomChoice>),
    /// A group by its name, and what for.
    Group(Purpose, String),
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PickEntry {
    /// What is read and searched.
    pub title: String,
    /// A quiet word at the right.
    pub note: String,
    /// What choosing it means.
    pub picked: Picked,
    /// Choosing it goes into it instead.
    pub is_folder: bool,
}

/// The list.
#[derive(Clone, Debug)]
pub struct Picker {
    purpose: Purpose,
    /// Set into the frame.
    pub title: String,
    field: LineEdit,
    entries: Vec<PickEntry>,
    matches: Vec<usize>,
    at: usize,
    paths: Slot<Vec<PathEntry>>,
    /// Groups of the directory with the name that is typed.
    found: Slot<FoundPeople>,
    /// All rooms, and how many seats are wanted while no number is typed.
    rooms: (Vec<Room>, u32),
}

impl Picker {
    /// A picker over `entries`.
    #[must_use]
    pub fn of(purpose: Purpose, title: String, entries: Vec<PickEntry>) -> Self {
        let field = LineEdit::with(if purpose == Purpose::Attach { "~/" } else { "" });
        let matches = (0..entries.len()).collect();
        Self {
            purpose,
            title,
            field,
            entries,
            matches,
            at: 0,
            paths: Slot::default(),
            found: Slot::default(),
            rooms: (Vec::new(), 0),
        }
    }

    /// A picker of a room out of `rooms`; `seats` are wanted while no number is typed.
    #[must_use]
    pub fn of_rooms(rooms: Vec<Room>, seats: u32) -> Self {
        let mut picker = Self::of(Purpose::Room, "A room for the meeting".to_owned(), Vec::new());
        picker.rooms = (rooms, seats);
        picker.search();
        picker
    }

    /// The rows for rooms: any room of a building, then each room, with at least so many seats.
    fn offer_rooms(&mut self) -> String {
        let typed = self.field.text().trim().to_owned();
        let is_number = |word: &&str| word.parse::<u32>().is_ok();
        let wanted = typed.split_whitespace().find(is_number).and_then(|word| word.parse().ok());
        let seats = wanted.unwrap_or(self.rooms.1);
        let row = |title: String, note: String, choice| PickEntry {
            title,
            note,
            picked: Picked::Room(choice),
            is_folder: false,
        };
        let mut rows = Vec::new();
        for (building, _) in place::buildings(&self.rooms.0) {
            let wish = RoomWish { building, seats };
            let rooms = wish.choose(&self.rooms.0);
            if !rooms.is_empty() {
                let note = if rooms.len() == 1 { "1 room".to_owned() } else { format!("{} rooms", rooms.len()) };
                let words = wish.words();
                let title = format!("{}{}", words[..1].to_uppercase(), &words[1..]);
                rows.push(row(title, note, Some(RoomChoice { words, rooms })));
            }
        }
        let fitting = RoomWish { building: String::new(), seats };
        for room in self.rooms.0.iter().filter(|room| fitting.suits(room)) {
            let choice = RoomChoice { words: room.name.clone(), rooms: vec![room.clone()] };
            rows.push(row(room.name.clone(), room.words(), Some(choice)));
        }
        rows.push(row("No room".to_owned(), String::new(), None));
        self.entries = rows;
        typed.split_whitespace().filter(|word| !is_number(word)).collect::<Vec<_>>().join(" ")
    }

    /// What it is for.
    #[must_use]
    pub const fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// What is typed.
    #[must_use]
    pub const fn line(&self) -> &LineEdit {
        &self.field
    }

    /// The rows that match, best first.
    pub fn matching(&self) -> impl Iterator<Item = &PickEntry> {
        self.matches.iter().filter_map(|index| self.entries.get(*index))
    }

    /// How many rows match.
    #[must_use]
    pub fn count(&self) -> usize {
        self.matches.len()
    }

    /// The row under the cursor.
    #[must_use]
    pub const fn at(&self) -> usize {
        self.at
    }

    /// Why the files could not be listed.
    #[must_use]
    pub const fn problem(&self) -> Option<&Report> {
        self.paths.problem()
    }

    fn search(&mut self) {
        self.at = 0;
        if self.purpose == Purpose::Attach {
            self.matches = (0..self.entries.len()).collect();
            return;
        }
        self.offer_name();
        let typed = match self.purpose {
            Purpose::Room => self.offer_rooms(),
            _ => self.field.text().trim().to_owned(),
        };
        let pattern = Pattern::new(&typed, CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut buffer = Vec::new();
        let mut scored: Vec<(u32, usize)> = Vec::new();
        for (index, entry) in self.entries.iter().enumerate() {
            let score = pattern.score(Utf32Str::new(&entry.title, &mut buffer), &mut matcher);
            scored.extend(score.map(|score| (score, index)));
        }
        scored.sort_by_key(|(score, index)| (std::cmp::Reverse(*score), *index));
        self.matches = scored.into_iter().map(|(_, index)| index).collect();
        // Somebody is mostly put into a group that is there; what is saved mostly gets a name of its own.
        if self.purpose == Purpose::PersonGroup && self.matches.len() > 1 {
            let is_new = |index: &usize| self.entries.get(*index).is_some_and(|entry| entry.note == NEW_GROUP);
            if let Some(place) = self.matches.iter().position(is_new) {
                let new = self.matches.remove(place);
                self.matches.push(new);
            }
        }
    }

    /// Where a name is asked for, the one that is typed comes first unless it is there already.
    fn offer_name(&mut self) {
        if !matches!(self.purpose, Purpose::SaveGroup | Purpose::PersonGroup) {
            return;
        }
        self.entries.retain(|entry| entry.note != NEW_GROUP);
        let typed = self.field.text().trim();
        if !typed.is_empty() && !self.entries.iter().any(|entry| entry.title.to_lowercase() == typed.to_lowercase()) {
            let picked = Picked::Group(self.purpose, typed.to_owned());
            let entry = PickEntry { title: typed.to_owned(), note: NEW_GROUP.to_owned(), picked, is_folder: false };
            self.entries.insert(0, entry);
        }
    }

    fn ask_paths(&mut self, turn: &mut Turn<'_>) {
        self.paths.ask(Request::Paths { typed: self.field.text().to_owned() }, turn);
    }

    fn take_paths(&mut self) {
        let rows = self.paths.value().map_or(&[][..], Vec::as_slice);
        self.entries = rows
            .iter()
            .map(|row| PickEntry {
                title: row.name.clone(),
                note: row.size.map(crate::state::mail::reader::size_words).unwrap_or_default(),
                picked: Picked::File(row.path.clone()),
                is_folder: row.size.is_none(),
            })
            .collect();
        self.search();
    }

    /// Groups of the directory come behind what is there.
    fn take_groups(&mut self) {
        let found = self.found.value().map_or(&[][..], |found| found.groups.as_slice());
        let new: Vec<PickEntry> = found
            .iter()
            .filter(|group| group.count.is_none())
            .map(|group| PickEntry {
                title: group.name.clone(),
                note: group.words(),
                picked: Picked::Away(AwayOf::Group(group.group.clone())),
                is_folder: false,
            })
            .filter(|entry| !self.entries.contains(entry))
            .collect();
        self.entries.extend(new);
        self.search();
    }

    /// Goes into a folder of files, or completes a file's name.
    fn complete(&mut self, turn: &mut Turn<'_>) {
        let chosen = self.matching().nth(self.at).cloned();
        if let (Purpose::Attach, Some(PickEntry { picked: Picked::File(path), is_folder, .. })) = (self.purpose, chosen)
        {
            self.field = LineEdit::with(&if is_folder { format!("{path}/") } else { path });
            self.ask_paths(turn);
        }
    }
}

impl Surface for Picker {
    fn context(&self) -> KeyContext {
        KeyContext::Picker
    }

    fn hints(&self) -> &'static [CommandId] {
        match self.purpose {
            Purpose::Attach => &[CommandId::Open, CommandId::NextPane, CommandId::Next, CommandId::Close],
            _ => &[CommandId::Open, CommandId::Next, CommandId::Previous, CommandId::Close],
        }
    }

    fn word(&self, command: CommandId, _session: &Session) -> Option<&'static str> {
        match (command, self.purpose) {
            (CommandId::Open, Purpose::Move) => Some("move here"),
            (CommandId::Open, Purpose::Categorise) => Some("put on or take off"),
            (CommandId::Open, Purpose::Attach) => Some("attach"),
            (CommandId::Open, Purpose::Select) => Some("select"),
            (CommandId::Open, Purpose::Save | Purpose::SaveGroup) => Some("save"),
            (CommandId::Open, Purpose::Number(_)) => Some("delete for ever"),
            (CommandId::Open, Purpose::PersonGroup) => Some("put in or take out"),
            (CommandId::Open, Purpose::RemoveGroup) => Some("remove"),
            (CommandId::Open, Purpose::AwayOf) => Some("show"),
            (CommandId::Open, Purpose::Room) => Some("take"),
            (CommandId::NextPane, Purpose::Attach) => Some("complete"),
            (CommandId::Close, Purpose::Number(_)) => Some("keep them"),
            _ => None,
        }
    }

    fn pane(&self) -> Pane {
        Pane::Field
    }

    fn field(&self) -> Option<&LineEdit> {
        Some(&self.field)
    }

    fn field_mut(&mut self) -> Option<&mut LineEdit> {
        Some(&mut self.field)
    }

    fn entered(&mut self, turn: &mut Turn<'_>) {
        if self.purpose == Purpose::Attach {
            self.ask_paths(turn);
        }
    }

    fn edited(&mut self, turn: &mut Turn<'_>) {
        if self.purpose == Purpose::Attach {
            self.ask_paths(turn);
        } else {
            self.search();
            if self.purpose == Purpose::AwayOf && turn.session.is_open(Feature::Groups) {
                turn.wake_after(Wake::Completion, REST);
            }
        }
    }

    fn woken(&mut self, wake: Wake, turn: &mut Turn<'_>) {
        let typed = self.field.text().trim();
        if wake == Wake::Completion && self.purpose == Purpose::AwayOf && typed.chars().count() >= 2 {
            self.found.ask(Request::FindPeople { text: typed.to_owned() }, turn);
        }
    }

    fn answered(&mut self, ticket: Ticket, result: &Result<Answer, Report>, _turn: &mut Turn<'_>) -> bool {
        let is_found = self.found.take(ticket, result, |answer| match answer {
            Answer::FoundPeople(found) => Some(found.clone()),
            _ => None,
        });
        if is_found {
            self.take_groups();
            return true;
        }
        let is_taken = self.paths.take(ticket, result, |answer| match answer {
            Answer::Paths(paths) => Some(paths.clone()),
            _ => None,
        });
        if !is_taken {
            return false;
        }
        if result.is_err() {
            self.entries.clear();
        }
        self.take_paths();
        true
    }

    fn motion(&mut self, motion: Motion, turn: &mut Turn<'_>) -> bool {
        if motion == Motion::NextPane && self.purpose == Purpose::Attach {
            self.complete(turn);
            return true;
        }
        let Some(at) = motion.along(self.at, self.matches.len(), LIST_PAGE) else { return false };
        self.at = at;
        true
    }

    fn open(&mut self, turn: &mut Turn<'_>) -> bool {
        let typed = self.field.text().trim().to_owned();
        let chosen = self.matching().nth(self.at).cloned();
        let picked = match (self.purpose, chosen) {
            (Purpose::Attach, Some(entry)) if entry.is_folder => {
                self.complete(turn);
                return true;
            }
            (Purpose::Number(count), _) if typed == count.to_string() => Picked::Confirmed,
            (Purpose::Number(count), _) => {
                turn.tell(format!("Type {count} to delete them for ever; Esc keeps them."));
                return true;
            }
            (Purpose::Select, _) if typed.is_empty() => return true,
            (Purpose::Select, _) => Picked::Pattern(typed),
            (_, Some(entry)) => entry.picked,
            // A category nobody has used yet.
            (Purpose::Categorise, None) if !typed.is_empty() => Picked::Category(typed),
            (Purpose::Attach, None) if !typed.is_empty() => Picked::File(typed),
            (Purpose::SaveGroup | Purpose::PersonGroup, None) => {
                turn.tell("Type a name for the group.");
                return true;
            }
            _ => {
                turn.tell("Nothing is called that.");
                return true;
            }
        };
        turn.step(Step::CloseLayer);
        turn.step(Step::Picked(picked));
        true
    }

    fn clicked(&mut self, target: &Target, _is_double: bool, turn: &mut Turn<'_>) {
        if let Target::Entry(at) = target {
            self.at = (*at).min(self.matches.len().saturating_sub(1));
            self.open(turn);
        }
    }

    fn wheel(&mut self, _target: Option<&Target>, steps: i32, turn: &mut Turn<'_>) {
        self.motion(if steps > 0 { Motion::Next } else { Motion::Previous }, turn);
    }
}
