//! The mailboxes: folders, compact rows, and the log of changes that delta reads.
//!
//! A row is 32 bytes; what a message says is either a [`Content`] of its own or made again from its number by the
//! [`Generator`], so 100 000 messages fit into a few megabytes. Must stay true: every change of a row goes through a method
//! here, which keeps order, counts and log together; a row is never removed from the table, only marked as gone, because a
//! delta link may still have to tell about it.

use super::content::{Address, Content, Importance};
use super::generate::Generator;
use super::under_way::Submission;
use super::upload::Upload;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

/// Follow-up flag of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flag {
    /// No flag.
    #[default]
    None,
    /// Flagged.
    Flagged,
    /// Done.
    Complete,
}

impl Flag {
    /// The wire spelling.
    #[must_use]
    pub fn wire(self) -> &'static str {
        match self {
            Self::None => "notFlagged",
            Self::Flagged => "flagged",
            Self::Complete => "complete",
        }
    }

    /// From the wire, without regard to case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::None, Self::Flagged, Self::Complete].into_iter().find(|each| each.wire().eq_ignore_ascii_case(text))
    }
}

/// Where the words of a row come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Index into the contents of the mailbox.
    Own(u32),
    /// Number for the generator.
    Generated(u32),
}

/// State of one message.
#[derive(Clone, Debug)]
pub struct Row {
    /// Seconds since 1970.
    pub received: i64,
    /// Words.
    pub source: Source,
    /// Sequence of the latest change; the etag.
    pub changed: u32,
    /// Index of the folder.
    pub folder: u16,
    /// How often it moved; part of its ordinary id.
    pub moves: u16,
    /// Read.
    pub read: bool,
    /// Not sent yet.
    pub draft: bool,
    /// Gone for good.
    pub gone: bool,
    /// Has files that are not inline.
    pub attachments: bool,
    /// Sorted out of the focused inbox.
    pub other: bool,
    /// Follow-up flag.
    pub flag: Flag,
    /// Importance.
    pub importance: Importance,
}

impl Row {
    /// A read message received at `received`.
    #[must_use]
    pub fn new(received: Timestamp, source: Source, folder: u16) -> Self {
        Self {
            received: received.as_second(),
            source,
            changed: 1,
            folder,
            moves: 0,
            read: true,
            draft: false,
            gone: false,
            attachments: false,
            other: false,
            flag: Flag::None,
            importance: Importance::Normal,
        }
    }
}

/// What few rows have, kept outside the row.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    /// Category names.
    pub categories: Vec<String>,
    /// Start, due and completed of the flag as the client wrote them: date-time and zone.
    pub flag_dates: [Option<(String, String)>; 3],
    /// Single-value extended properties: id and value.
    pub properties: Vec<(String, String)>,
    /// Handed in for sending: it is on its way, and looks like a draft until it has gone.
    pub submitted: bool,
}

/// What happened to a row in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// It came here.
    Added,
    /// Only read or unread.
    Read,
    /// Something else about it.
    Changed,
    /// It left, with its ordinary id of then.
    Removed,
}

/// One entry of a folder's log.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    /// Position in the mailbox's history.
    pub sequence: u32,
    /// Row.
    pub key: u32,
    /// Moves of the row at that time.
    pub moves: u16,
    /// What happened.
    pub what: What,
}

/// A folder.
#[derive(Clone, Debug)]
pub struct Folder {
    /// Shown name in the language of the mailbox.
    pub name: String,
    /// Name usable as id, lower case.
    pub well_known: Option<&'static str>,
    /// Index of the folder above; `None` for the root.
    pub parent: Option<u16>,
    /// Only listed on demand.
    pub hidden: bool,
    /// Deleted for good.
    pub gone: bool,
    /// For a search folder, its query.
    pub search: Option<String>,
    /// Rows, newest first.
    pub order: Vec<u32>,
    /// Unread rows.
    pub unread: u32,
    /// History of its rows since the world began.
    pub log: Vec<Change>,
    /// Sequence of the latest change of counts or name.
    pub changed: u32,
}

/// One mailbox.
#[derive(Clone, Debug)]
pub struct Mailbox {
    /// Number inside ids.
    pub number: u32,
    /// Object id of the person or shared mailbox.
    pub person: String,
    /// Short handle.
    pub alias: String,
    /// Own address.
    pub owner: Address,
    /// Zone of the mailbox.
    pub zone: TimeZone,
    /// Object ids of those who may read it.
    pub readers: Vec<String>,
    /// Folders; the index is the folder's identity.
    pub folders: Vec<Folder>,
    /// Rows; the index is the message's identity.
    pub rows: Vec<Row>,
    /// All rows of all folders, newest first.
    pub all: Vec<u32>,
    /// Categories and other rare things by row.
    pub notes: HashMap<u32, Notes>,
    /// History position.
    pub sequence: u32,
    /// Changes when every delta link of the mailbox dies.
    pub generation: u32,
    contents: Vec<Content>,
    generator: Arc<Generator>,
    /// Stretches of generated rows: first number, how many, first row. Numbers fall while rows rise.
    runs: Vec<(u32, u32, u32)>,
}

impl Mailbox {
    /// An empty mailbox with its root folder.
    #[must_use]
    pub fn new(
        number: u32,
        person: &str,
        alias: &str,
        owner: Address,
        zone: TimeZone,
        generator: Arc<Generator>,
    ) -> Self {
        let mut mailbox = Self {
            number,
            person: person.to_owned(),
            alias: alias.to_owned(),
            owner,
            zone,
            readers: Vec::new(),
            folders: Vec::new(),
            rows: Vec::new(),
            all: Vec::new(),
            notes: HashMap::new(),
            sequence: 1,
            generation: 0,
            contents: Vec::new(),
            generator,
            runs: Vec::new(),
        };
        mailbox.add_folder("Top of Information Store", Some("msgfolderroot"), None);
        mailbox
    }

    /// Adds a folder and returns its index.
    pub fn add_folder(&mut self, name: &str, well_known: Option<&'static str>, parent: Option<u16>) -> u16 {
        self.folders.push(Folder {
            name: name.to_owned(),
            well_known,
            parent,
            hidden: false,
            gone: false,
            search: None,
            order: Vec::new(),
            unread: 0,
            log: Vec::new(),
            changed: 1,
        });
        u16::try_from(self.folders.len() - 1).unwrap_or(u16::MAX)
    }

    /// The folder with this well-known name.
    #[must_use]
    pub fn well_known(&self, name: &str) -> Option<u16> {
        let at = self
            .folders
            .iter()
            .position(|folder| folder.well_known.is_some_and(|own| own.eq_ignore_ascii_case(name)))?;
        u16::try_from(at).ok()
    }

    /// Notes that a folder, or what it counts, is another.
    pub fn touch_folder(&mut self, at: u16) {
        self.sequence += 1;
        let sequence = self.sequence;
        if let Some(folder) = self.folders.get_mut(usize::from(at)) {
            folder.changed = sequence;
        }
    }

    /// Removes a folder for good, with what is in it and below it.
    pub fn remove_folder(&mut self, at: u16) {
        let below = self.folders.iter().zip(0_u16..).filter(|(one, _)| one.parent == Some(at) && !one.gone);
        for child in below.map(|(_, child)| child).collect::<Vec<_>>() {
            self.remove_folder(child);
        }
        for key in self.folders.get(usize::from(at)).map(|folder| folder.order.clone()).unwrap_or_default() {
            self.remove(key);
        }
        if let Some(folder) = self.folders.get_mut(usize::from(at)) {
            folder.gone = true;
        }
        self.touch_folder(at);
    }

    /// The folder with this shown name; for the content file.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<u16> {
        u16::try_from(self.folders.iter().position(|folder| folder.name == name)?).ok()
    }

    /// Keeps words and returns where.
    pub fn keep(&mut self, content: Content) -> Source {
        self.contents.push(content);
        Source::Own(u32::try_from(self.contents.len() - 1).unwrap_or(u32::MAX))
    }

    /// Fills a folder in one go before anybody looks; order and counts are made once by [`Mailbox::settle`].
    pub fn plant(&mut self, row: Row) -> u32 {
        self.rows.push(row);
        u32::try_from(self.rows.len() - 1).unwrap_or(u32::MAX)
    }

    /// Announces that the next `count` planted rows are generated ones, with falling numbers down to `first`.
    pub fn begin_run(&mut self, first: u32, count: usize) {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        self.runs.push((first, count, u32::try_from(self.rows.len()).unwrap_or(u32::MAX)));
    }

    /// When the generated message with this number came, if the mailbox has it.
    #[must_use]
    pub fn received_of(&self, number: u32) -> Option<i64> {
        let (first, count, row) =
            self.runs.iter().find(|(first, count, _)| (*first..first.saturating_add(*count)).contains(&number))?;
        self.rows.get((row + (first + count - 1 - number)) as usize).map(|row| row.received)
    }

    /// Sorts and counts after planting.
    pub fn settle(&mut self) {
        self.all = (0..u32::try_from(self.rows.len()).unwrap_or(u32::MAX)).collect();
        let rows = &self.rows;
        self.all.sort_by_key(|key| std::cmp::Reverse((rows[*key as usize].received, *key)));
        for folder in &mut self.folders {
            folder.order.clear();
            folder.unread = 0;
        }
        for key in &self.all {
            let row = &rows[*key as usize];
            if let Some(folder) = self.folders.get_mut(usize::from(row.folder)) {
                folder.order.push(*key);
                folder.unread += u32::from(!row.read);
            }
        }
    }

    /// A row that still exists.
    #[must_use]
    pub fn row(&self, key: u32) -> Option<&Row> {
        self.rows.get(key as usize).filter(|row| !row.gone)
    }

    /// The words of a row; a generated body is left out ([`super::content::Text::Later`]).
    #[must_use]
    pub fn content(&self, row: &Row) -> Cow<'_, Content> {
        match row.source {
            Source::Own(at) => match self.contents.get(at as usize) {
                Some(content) => Cow::Borrowed(content),
                None => Cow::Owned(Content::empty(Timestamp::UNIX_EPOCH)),
            },
            Source::Generated(number) => Cow::Owned(self.generator.headers(self, number, row.received)),
        }
    }

    /// The body of a row as (is HTML, text).
    #[must_use]
    pub fn body(&self, row: &Row) -> (bool, Cow<'_, str>) {
        match row.source {
            Source::Own(at) => match self.contents.get(at as usize).map(|content| &content.text) {
                Some(super::content::Text::Html(text)) => (true, Cow::Borrowed(text)),
                Some(super::content::Text::Plain(text)) => (false, Cow::Borrowed(text)),
                _ => (false, Cow::Borrowed("")),
            },
            Source::Generated(number) => {
                let (html, text) = self.generator.body(self, number, row.received);
                (html, Cow::Owned(text))
            }
        }
    }

    /// What the message says as text; of a generated one without its quotations.
    #[must_use]
    pub fn words(&self, row: &Row) -> String {
        match row.source {
            Source::Generated(number) => self.generator.words(self, number, row.received),
            Source::Own(_) => {
                let (html, text) = self.body(row);
                if html { super::markup::text_of(&text) } else { text.into_owned() }
            }
        }
    }

    /// What a search looks through: as [`Mailbox::words`], but without the detour over HTML.
    #[must_use]
    pub fn searched(&self, row: &Row) -> String {
        match row.source {
            Source::Generated(number) => self.generator.main(self, number, row.received),
            Source::Own(_) => self.words(row),
        }
    }

    /// The first 255 characters of the body as text.
    #[must_use]
    pub fn preview(&self, row: &Row) -> String {
        super::markup::preview(&self.words(row))
    }

    /// Adds a message that just came; returns its row.
    pub fn add(&mut self, row: Row) -> u32 {
        let folder = row.folder;
        let unread = !row.read;
        let key = self.plant(row);
        let at = self.place(&self.all, key);
        self.all.insert(at, key);
        self.enter(key, folder, unread);
        key
    }

    /// Marks the newest of the inbox as read where they are not, and as unread where they are; for a trial of more changes at once
    /// than any client may ask for.
    pub fn turn_newest(&mut self, count: usize) {
        let inbox = self.well_known("inbox").and_then(|inbox| self.folders.get(usize::from(inbox)));
        let newest: Vec<u32> = inbox.map(|inbox| inbox.order.iter().copied().take(count).collect()).unwrap_or_default();
        for key in newest {
            self.change(key, What::Read, |row| row.read = !row.read);
        }
    }

    /// Changes a row and writes the log. A change of nothing is no change.
    pub fn change(&mut self, key: u32, what: What, edit: impl FnOnce(&mut Row)) {
        let Some(row) = self.rows.get_mut(key as usize) else { return };
        let was_unread = !row.read;
        edit(row);
        let (folder, moves, unread) = (row.folder, row.moves, !row.read);
        self.sequence += 1;
        row.changed = self.sequence;
        let sequence = self.sequence;
        if let Some(folder) = self.folders.get_mut(usize::from(folder)) {
            folder.log.push(Change { sequence, key, moves, what });
            if was_unread != unread {
                folder.unread = if unread { folder.unread + 1 } else { folder.unread.saturating_sub(1) };
                folder.changed = sequence;
            }
        }
    }

    /// Moves a row to another folder: its ordinary id changes.
    pub fn move_to(&mut self, key: u32, target: u16) {
        self.leave(key);
        let Some(row) = self.rows.get_mut(key as usize) else { return };
        row.folder = target;
        row.moves = row.moves.wrapping_add(1);
        let unread = !row.read;
        self.enter(key, target, unread);
    }

    /// A draft that has gone out: no draft any more, with the words and the time it went with.
    pub fn sent(&mut self, key: u32, source: Source, target: u16, at: Timestamp) {
        self.leave(key);
        let place = self.place(&self.all, key);
        if self.all.get(place) == Some(&key) {
            self.all.remove(place);
        }
        let Some(row) = self.rows.get_mut(key as usize) else { return };
        row.source = source;
        row.draft = false;
        row.read = true;
        row.received = at.as_second();
        row.folder = target;
        row.moves = row.moves.wrapping_add(1);
        let place = self.place(&self.all, key);
        self.all.insert(place, key);
        self.enter(key, target, false);
    }

    /// A second row with the same words.
    pub fn copy_to(&mut self, key: u32, target: u16) -> Option<u32> {
        let mut row = self.row(key)?.clone();
        row.folder = target;
        row.moves = 0;
        let notes = self.notes.get(&key).cloned();
        let copy = self.add(row);
        if let Some(notes) = notes {
            self.notes.insert(copy, notes);
        }
        Some(copy)
    }

    /// Removes a row for good.
    pub fn remove(&mut self, key: u32) {
        self.leave(key);
        let at = self.place(&self.all, key);
        if self.all.get(at) == Some(&key) {
            self.all.remove(at);
        }
        if let Some(row) = self.rows.get_mut(key as usize) {
            row.gone = true;
        }
    }

    /// Where `key` is, or belongs, in a list that is sorted newest first.
    #[must_use]
    pub fn place(&self, order: &[u32], key: u32) -> usize {
        let received = self.rows.get(key as usize).map_or(0, |row| row.received);
        self.position(order, received, key)
    }

    /// The first index at or after (older than or equal to) this time and key in a list that is sorted newest first.
    #[must_use]
    pub fn position(&self, order: &[u32], received: i64, key: u32) -> usize {
        order.partition_point(|other| (self.rows[*other as usize].received, *other) > (received, key))
    }

    fn enter(&mut self, key: u32, target: u16, unread: bool) {
        self.sequence += 1;
        let sequence = self.sequence;
        let at = self.folders.get(usize::from(target)).map_or(0, |folder| self.place(&folder.order, key));
        let moves = self.rows.get_mut(key as usize).map_or(0, |row| {
            row.changed = sequence;
            row.moves
        });
        if let Some(folder) = self.folders.get_mut(usize::from(target)) {
            folder.order.insert(at, key);
            folder.unread += u32::from(unread);
            folder.changed = sequence;
            folder.log.push(Change { sequence, key, moves, what: What::Added });
        }
    }

    fn leave(&mut self, key: u32) {
        let Some(row) = self.rows.get(key as usize) else { return };
        let (folder, moves, unread) = (usize::from(row.folder), row.moves, !row.read);
        self.sequence += 1;
        let sequence = self.sequence;
        let at = self.folders.get(folder).map_or(0, |folder| self.place(&folder.order, key));
        if let Some(folder) = self.folders.get_mut(folder) {
            if folder.order.get(at) == Some(&key) {
                folder.order.remove(at);
            }
            folder.unread = folder.unread.saturating_sub(u32::from(unread));
            folder.changed = sequence;
            folder.log.push(Change { sequence, key, moves, what: What::Removed });
        }
    }
}

/// All mailboxes of the tenant.
#[derive(Clone, Debug)]
pub struct MailState {
    boxes: Vec<Mailbox>,
    by_name: HashMap<String, usize>,
    /// Mail on its way, in the order in which it was handed in.
    pub(super) under_way: Vec<Submission>,
    /// Open uploads of large attachments.
    pub(super) uploads: Vec<Upload>,
    /// When this world was built; links of an earlier one are dead.
    pub built: i64,
}

impl MailState {
    /// From finished mailboxes.
    #[must_use]
    pub fn of(boxes: Vec<Mailbox>, built: Timestamp) -> Self {
        let (by_name, under_way, uploads) = (HashMap::new(), Vec::new(), Vec::new());
        Self { boxes, by_name, under_way, uploads, built: built.as_second() }
    }

    /// Adds a name (object id, principal name, address or alias) under which a mailbox is found.
    pub fn name(&mut self, name: &str, at: usize) {
        self.by_name.insert(name.to_lowercase(), at);
    }

    /// The index of the mailbox with this object id, principal name, address or alias.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<usize> {
        self.by_name.get(&name.to_lowercase()).copied()
    }

    /// A mailbox by its index.
    #[must_use]
    pub fn get(&self, at: usize) -> Option<&Mailbox> {
        self.boxes.get(at)
    }

    /// A mailbox by its index, to change.
    pub fn get_mut(&mut self, at: usize) -> Option<&mut Mailbox> {
        self.boxes.get_mut(at)
    }

    /// Lets every delta link of a mailbox (any of its names) die: the next use gives 410 `SyncStateNotFound`.
    pub fn expire_delta(&mut self, name: &str) {
        if let Some(at) = self.find(name)
            && let Some(mailbox) = self.boxes.get_mut(at)
        {
            mailbox.generation += 1;
        }
    }
}
