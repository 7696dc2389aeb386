//! The message list: a window of rows around the selection, fetched by key.
//!
//! Must stay true: nothing here grows with the mailbox; the window holds a few pages. The selection is an id and survives news
//! from the sync. `j` never waits: pages are fetched ahead, and steps that outrun them are owed and paid when the page is there.

use crate::base::report::Report;
use crate::domain::mail::{FolderId, MessageId, MessageKey, MessageRow};
use crate::domain::request::{Answer, FoundPage, MessagePage, PageStart, Request};
use crate::domain::selection::{SearchFor, Source};
use crate::domain::time::Zone;
use crate::state::event::Ticket;
use crate::state::surface::{Motion, Turn};
use crate::state::when;
use jiff::civil::Date;

/// The window holds at most this many pages.
const PAGES_KEPT: usize = 8;
/// A page is fetched when fewer than this many pages lie ahead of the selection.
const PAGES_AHEAD: usize = 2;
/// The most rows asked for at once.
const LONGEST_PAGE: usize = 400;
/// With fewer lines than this a day above its messages would take the place of a message: each tells its day itself.
const LINES_FOR_DAYS: u16 = 7;

/// The room a list has on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Lines.
    pub lines: u16,
    /// Lines of one message: one or two.
    pub row_lines: u16,
}

impl Room {
    /// How many messages fit, at least one.
    #[must_use]
    pub fn rows(self) -> usize {
        usize::from(self.lines / self.row_lines.max(1)).max(1)
    }

    /// Whether days stand above their messages.
    #[must_use]
    pub const fn has_days(self) -> bool {
        self.lines >= LINES_FOR_DAYS
    }
}

/// A line of the list as it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListLine {
    /// The day of the messages below.
    Day(Date),
    /// A message, by its place in the window; it takes `row_lines` lines.
    Row(usize),
}

/// What a question to the cache was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// Put this page in place of the window; the selection stays where it can.
    Replace,
    /// The same, then select the newest.
    Newest,
    /// The same, then select the oldest.
    Oldest,
    /// Add older rows.
    Older,
    /// Add newer rows.
    Newer,
    /// Keep this page for a jump to the oldest.
    Keep,
}

/// The list of one folder, or the hits of a search begun there.
#[derive(Clone, Debug, Default)]
pub struct List {
    folder: Option<FolderId>,
    /// The rows are hits of this search instead of the folder's.
    search: Option<SearchFor>,
    /// Newest first, without gaps.
    rows: Vec<MessageRow>,
    at_newest: bool,
    at_oldest: bool,
    newer: u32,
    cached: u32,
    /// The newest page, while the window is elsewhere; and the oldest, before anybody goes there. A jump to an end then waits for
    /// nothing.
    newest: Option<MessagePage>,
    oldest: Option<MessagePage>,
    selected: Option<(MessageKey, MessageId)>,
    top: Option<MessageKey>,
    asked: Option<(Ticket, Purpose)>,
    /// Rows the selection still has to go once they are here.
    owed: i32,
    is_seeking_unread: bool,
    is_stale: bool,
    is_loaded: bool,
    problem: Option<Report>,
}

impl List {
    /// Shows a folder from its newest message on, or around `at`.
    pub fn show(&mut self, folder: FolderId, at: Option<MessageKey>, room: Room, turn: &mut Turn<'_>) {
        *self = Self { folder: Some(folder), ..Self::default() };
        let (start, purpose) = match at {
            Some(key) => {
                self.selected = Some((key, MessageId(String::new())));
                (PageStart::Around(key), Purpose::Replace)
            }
            None => (PageStart::Newest, Purpose::Newest),
        };
        self.ask(start, purpose, page_size(room), turn);
    }

    /// Shows the hits of a search. The rows stay until they are here; with `is_wider` the selection stays on its message.
    pub fn search(&mut self, wanted: SearchFor, is_wider: bool, room: Room, turn: &mut Turn<'_>) {
        self.is_seeking_unread = false;
        self.is_stale = false;
        self.owed = 0;
        self.forget_ends();
        self.search = Some(wanted);
        match self.selected {
            Some((key, _)) if is_wider && !self.at_newest => {
                self.ask(PageStart::Around(key), Purpose::Replace, page_size(room), turn);
            }
            Some(_) if is_wider => {
                let count = page_size(room).max(self.rows.len()).min(LONGEST_PAGE);
                self.ask(PageStart::Newest, Purpose::Replace, count, turn);
            }
            _ => self.ask(PageStart::Newest, Purpose::Newest, page_size(room), turn),
        }
    }

    /// It was put aside for a search and is shown again: what was asked before went unheard.
    pub fn come_back(&mut self, has_changed: bool, room: Room, turn: &mut Turn<'_>) {
        let was_asked = self.asked.take().is_some();
        if was_asked || has_changed || self.is_stale || !self.is_loaded {
            self.reload(room, turn);
        } else {
            self.keep_in_sight(room, turn.zone);
            self.fetch_ahead(room, turn);
        }
    }

    /// What is searched for, if the rows are hits.
    #[must_use]
    pub const fn searched(&self) -> Option<&SearchFor> {
        self.search.as_ref()
    }

    /// What the rows are.
    #[must_use]
    pub fn source(&self) -> Option<Source> {
        match &self.search {
            Some(search) => Some(Source::Hits(search.clone())),
            None => self.folder.clone().map(Source::Folder),
        }
    }

    /// Whether the rows are those of `source`.
    #[must_use]
    pub fn shows(&self, source: &Source) -> bool {
        match (source, &self.search) {
            (Source::Hits(search), Some(shown)) => search == shown,
            (Source::Folder(folder), None) => Some(folder) == self.folder.as_ref(),
            _ => false,
        }
    }

    /// What an answer will do, if it is awaited here: whether it replaces the rows.
    #[must_use]
    pub fn waits_for(&self, ticket: Ticket) -> Option<bool> {
        let (_, purpose) = self.asked.filter(|(asked, _)| *asked == ticket)?;
        Some(matches!(purpose, Purpose::Replace | Purpose::Newest | Purpose::Oldest))
    }

    /// Whether an answer is on its way.
    #[must_use]
    pub const fn is_asking(&self) -> bool {
        self.asked.is_some()
    }

    /// Goes to a place in the folder: to the newest message that is not newer than it.
    pub fn jump(&mut self, to: MessageKey, room: Room, turn: &mut Turn<'_>) {
        self.owed = 0;
        self.is_seeking_unread = false;
        self.selected = Some((to, MessageId(String::new())));
        self.ask(PageStart::Around(to), Purpose::Replace, page_size(room), turn);
    }

    /// The open folder.
    #[must_use]
    pub const fn folder(&self) -> Option<&FolderId> {
        self.folder.as_ref()
    }

    /// The rows of the window, newest first.
    #[must_use]
    pub fn rows(&self) -> &[MessageRow] {
        &self.rows
    }

    /// Whether a first answer has come.
    #[must_use]
    pub const fn is_loaded(&self) -> bool {
        self.is_loaded
    }

    /// Whether nothing older is in the cache.
    #[must_use]
    pub const fn at_oldest(&self) -> bool {
        self.at_oldest
    }

    /// Whether the window holds all there is.
    #[must_use]
    pub const fn is_all_loaded(&self) -> bool {
        self.at_newest && self.at_oldest
    }

    /// Why the list could not be read.
    #[must_use]
    pub const fn problem(&self) -> Option<&Report> {
        self.problem.as_ref()
    }

    /// How many messages lie above the first line that is shown, and how many there are; for the scrollbar.
    #[must_use]
    pub fn place(&self) -> (u32, u32) {
        let above = self.newer.saturating_add(u32::try_from(self.top_index()).unwrap_or(u32::MAX));
        (above, self.cached)
    }

    /// The place of the selection in the window.
    #[must_use]
    pub fn selected_index(&self) -> Option<usize> {
        let (key, _) = self.selected.as_ref()?;
        self.index_of(*key).ok()
    }

    /// Whether nothing is above the selection.
    #[must_use]
    pub fn is_at_first(&self) -> bool {
        self.rows.is_empty() || (self.at_newest && self.selected_index() == Some(0))
    }

    /// The selected message.
    #[must_use]
    pub fn selected(&self) -> Option<&MessageRow> {
        self.rows.get(self.selected_index()?)
    }

    /// The lines to show, from the top: a day above its messages, the first day always. Where there is no room for days, none.
    #[must_use]
    pub fn lines(&self, zone: &Zone, room: Room) -> Vec<ListLine> {
        let mut lines = Vec::with_capacity(usize::from(room.lines));
        let mut left = room.lines;
        let mut day = None;
        for index in self.top_index()..self.rows.len() {
            let this = self.day(index, zone);
            let is_new_day = room.has_days() && day != Some(this);
            let needed = room.row_lines + u16::from(is_new_day);
            if left < needed {
                break;
            }
            if is_new_day {
                lines.push(ListLine::Day(this));
                day = Some(this);
            }
            lines.push(ListLine::Row(index));
            left -= needed;
        }
        lines
    }

    /// The messages on the screen; where days stand between them, a few more.
    #[must_use]
    pub fn in_sight(&self, room: Room) -> &[MessageRow] {
        let top = self.top_index().min(self.rows.len());
        &self.rows[top..(top + room.rows()).min(self.rows.len())]
    }

    /// Moves the selection. True: it is another message now.
    pub fn motion(&mut self, motion: Motion, room: Room, turn: &mut Turn<'_>) -> bool {
        let page = i32::try_from(room.rows()).unwrap_or(1);
        let before = self.selected.clone();
        self.is_seeking_unread = false;
        match motion {
            Motion::Next | Motion::NextThing => self.step(1, room, turn),
            Motion::Previous | Motion::PreviousThing => self.step(-1, room, turn),
            Motion::HalfPageDown => self.step((page / 2).max(1), room, turn),
            Motion::HalfPageUp => self.step(-(page / 2).max(1), room, turn),
            Motion::PageDown => self.step(page, room, turn),
            Motion::PageUp => self.step(-page, room, turn),
            Motion::First => self.end(true, room, turn),
            Motion::Last => self.end(false, room, turn),
            Motion::NextGroup => self.next_day(room, turn),
            Motion::PreviousGroup => self.previous_day(room, turn),
            Motion::Left | Motion::Right | Motion::NextPane | Motion::PreviousPane => {}
        }
        before != self.selected
    }

    /// Selects a message of the window. True: it is another one now.
    pub fn select(&mut self, key: MessageKey, room: Room, turn: &mut Turn<'_>) -> bool {
        let is_other = self.selected.as_ref().is_none_or(|(selected, _)| *selected != key);
        if let Ok(index) = self.index_of(key) {
            self.owed = 0;
            self.select_index(index);
            self.keep_in_sight(room, turn.zone);
            self.fetch_ahead(room, turn);
        }
        is_other
    }

    /// Scrolls without moving the selection out of sight.
    pub fn scroll(&mut self, steps: i32, room: Room, turn: &mut Turn<'_>) -> bool {
        self.motion_by(steps, room, turn)
    }

    fn motion_by(&mut self, steps: i32, room: Room, turn: &mut Turn<'_>) -> bool {
        let before = self.selected.clone();
        self.step(steps, room, turn);
        before != self.selected
    }

    /// Goes to the next unread message, towards older ones; reads on in the cache as long as it takes.
    pub fn next_unread(&mut self, room: Room, turn: &mut Turn<'_>) -> bool {
        let from = self.selected_index().map_or(0, |index| index + 1);
        self.seek_unread(from, room, turn)
    }

    fn seek_unread(&mut self, from: usize, room: Room, turn: &mut Turn<'_>) -> bool {
        let found = self.rows.iter().skip(from).position(|row| !row.message.is_read);
        if let Some(offset) = found {
            self.is_seeking_unread = false;
            self.select_index(from + offset);
            self.keep_in_sight(room, turn.zone);
            self.fetch_ahead(room, turn);
            return true;
        }
        if self.at_oldest {
            let was_far = std::mem::take(&mut self.is_seeking_unread);
            turn.tell("No older message is unread.");
            if was_far && self.selected_index().is_none() {
                self.reload(room, turn);
            }
            return false;
        }
        self.is_seeking_unread = true;
        if let Some(last) = self.rows.last() {
            self.ask(PageStart::OlderThan(last.key), Purpose::Older, LONGEST_PAGE, turn);
        }
        false
    }

    /// The cache of this folder has changed: reads the window anew around the selection.
    pub fn refresh(&mut self, room: Room, turn: &mut Turn<'_>) {
        if self.asked.is_some() {
            self.is_stale = true;
        } else {
            self.reload(room, turn);
        }
    }

    /// Selects a message that is there again, and reads the window around it.
    pub fn select_again(&mut self, key: MessageKey, message: MessageId, room: Room, turn: &mut Turn<'_>) {
        self.owed = 0;
        self.selected = Some((key, message));
        self.refresh(room, turn);
    }

    fn reload(&mut self, room: Room, turn: &mut Turn<'_>) {
        self.is_stale = false;
        self.forget_ends();
        let count = page_size(room).max(self.rows.len()).min(LONGEST_PAGE);
        match self.selected {
            Some((key, _)) => self.ask(PageStart::Around(key), Purpose::Replace, count, turn),
            None => self.ask(PageStart::Newest, Purpose::Newest, count, turn),
        }
    }

    /// The room on the screen has changed.
    pub fn resized(&mut self, room: Room, turn: &mut Turn<'_>) {
        self.keep_in_sight(room, turn.zone);
        self.fetch_ahead(room, turn);
    }

    /// Takes an answer. `None`: it was not for this list; else whether another message is selected now.
    pub fn answered(
        &mut self,
        ticket: Ticket,
        result: &Result<Answer, Report>,
        room: Room,
        turn: &mut Turn<'_>,
    ) -> Option<bool> {
        let (_, purpose) = self.asked.filter(|(asked, _)| *asked == ticket)?;
        self.asked = None;
        let before = self.selected.clone();
        match result {
            Ok(Answer::Messages(page)) if Some(&page.folder) == self.folder.as_ref() => {
                self.problem = None;
                self.is_loaded = true;
                self.take(purpose, page.clone(), room, turn);
            }
            Ok(Answer::Found(page)) if self.search.as_ref().is_some_and(|search| search.text == page.text) => {
                self.problem = None;
                if page.is_partial {
                    // What was found soon is shown; with nothing found yet, what was shown before stays until all is known.
                    let count = page_size(room).max(page.rows.len());
                    self.ask(
                        PageStart::Newest,
                        if page.rows.is_empty() { purpose } else { Purpose::Replace },
                        count,
                        turn,
                    );
                    if page.rows.is_empty() {
                        return Some(false);
                    }
                }
                self.is_loaded = true;
                let page = self.page_of(page);
                self.take(purpose, page, room, turn);
            }
            Ok(_) => {}
            // What was found before stays; the search line says what is wrong.
            Err(_) if self.search.is_some() => self.owed = 0,
            Err(report) => {
                self.problem = Some(report.clone());
                self.owed = 0;
                self.is_seeking_unread = false;
            }
        }
        if self.is_stale && self.asked.is_none() {
            self.reload(room, turn);
        }
        Some(before.map(|(_, id)| id) != self.selected.as_ref().map(|(_, id)| id.clone()))
    }

    /// Hits as a page of a folder: what is above and in all is known as far as it was counted.
    fn page_of(&self, found: &FoundPage) -> MessagePage {
        let here = u32::try_from(found.rows.len()).unwrap_or(u32::MAX);
        let is_first = found.at_newest || found.is_counted || self.rows.is_empty();
        let cached = if is_first { found.at_least } else { self.cached.max(found.at_least) };
        let newer = match (found.at_newest, found.at_oldest) {
            (true, _) => 0,
            (false, true) => cached.saturating_sub(here),
            (false, false) => self.newer,
        };
        MessagePage {
            folder: self.folder.clone().unwrap_or_else(|| FolderId(String::new())),
            rows: found.rows.iter().map(|found| found.row.clone()).collect(),
            at_newest: found.at_newest,
            at_oldest: found.at_oldest,
            newer,
            cached,
        }
    }

    fn take(&mut self, purpose: Purpose, page: MessagePage, room: Room, turn: &mut Turn<'_>) {
        if purpose == Purpose::Keep {
            self.oldest = Some(page);
            return self.fetch_ahead(room, turn);
        }
        if purpose != Purpose::Replace && self.search.is_none() {
            self.keep_ends(room);
        }
        let was_at_top = self.at_newest && self.top_index() == 0;
        let old_index = self.selected_index();
        self.cached = page.cached;
        match purpose {
            Purpose::Replace | Purpose::Newest | Purpose::Oldest => {
                self.rows = page.rows;
                self.at_newest = page.at_newest;
                self.at_oldest = page.at_oldest;
                self.newer = page.newer;
            }
            Purpose::Older => self.add_older(page, room),
            Purpose::Newer => self.add_newer(page, room),
            Purpose::Keep => {}
        }
        match purpose {
            Purpose::Newest => self.select_index(0),
            Purpose::Oldest => self.select_index(self.rows.len().saturating_sub(1)),
            Purpose::Replace => self.find_selected_again(old_index),
            Purpose::Older | Purpose::Newer | Purpose::Keep => {}
        }
        if purpose == Purpose::Newest || (purpose == Purpose::Replace && was_at_top && self.at_newest) {
            self.top = self.rows.first().map(|row| row.key);
        }
        if self.is_seeking_unread && purpose == Purpose::Older {
            let from = self.selected_index().map_or(0, |index| index + 1);
            self.seek_unread(from, room, turn);
        }
        let owed = std::mem::take(&mut self.owed);
        if owed != 0 {
            self.step(owed, room, turn);
        }
        self.keep_in_sight(room, turn.zone);
        self.fetch_ahead(room, turn);
    }

    fn add_older(&mut self, page: MessagePage, room: Room) {
        let last = self.rows.last().map(|row| row.key);
        self.rows.extend(page.rows.into_iter().filter(|row| last.is_none_or(|last| row.key < last)));
        // An empty page is the end, whatever it says of itself: asking on would never stop.
        self.at_oldest = page.at_oldest || self.rows.last().map(|row| row.key) == last;
        let most = room.rows() * PAGES_KEPT + LONGEST_PAGE;
        if self.rows.len() > most {
            let excess = self.rows.len() - most;
            self.rows.drain(..excess);
            self.at_newest = false;
            self.newer = self.newer.saturating_add(u32::try_from(excess).unwrap_or(u32::MAX));
        }
    }

    fn add_newer(&mut self, page: MessagePage, room: Room) {
        let first = self.rows.first().map(|row| row.key);
        let mut rows: Vec<MessageRow> =
            page.rows.into_iter().filter(|row| first.is_none_or(|first| row.key > first)).collect();
        let is_empty = rows.is_empty();
        rows.append(&mut self.rows);
        self.rows = rows;
        self.at_newest = page.at_newest || is_empty;
        self.newer = page.newer;
        let most = room.rows() * PAGES_KEPT + LONGEST_PAGE;
        if self.rows.len() > most {
            self.rows.truncate(most);
            self.at_oldest = false;
        }
    }

    /// After the window was replaced: the same message, also under a new key; if it is gone, the one that took its place.
    fn find_selected_again(&mut self, old_index: Option<usize>) {
        let Some((key, id)) = self.selected.clone() else {
            return self.select_index(0);
        };
        let by_id = self.rows.iter().position(|row| row.message.id == id);
        let index = by_id.unwrap_or_else(|| match self.index_of(key) {
            Ok(index) => index,
            // Gone: the next older one has moved up; at the end, the one before.
            Err(index) => old_index.map_or(index, |_| index).min(self.rows.len().saturating_sub(1)),
        });
        self.select_index(index);
    }

    fn step(&mut self, steps: i32, room: Room, turn: &mut Turn<'_>) {
        if self.rows.is_empty() {
            return;
        }
        let index = self.selected_index().unwrap_or(0);
        let wanted = i64::try_from(index).unwrap_or(0) + i64::from(steps);
        let last = i64::try_from(self.rows.len() - 1).unwrap_or(0);
        let reached = wanted.clamp(0, last);
        let missing = i32::try_from(wanted - reached).unwrap_or(0);
        let waits = (missing > 0 && !self.at_oldest) || (missing < 0 && !self.at_newest);
        self.owed = if waits { self.owed.saturating_add(missing) } else { 0 };
        self.select_index(usize::try_from(reached).unwrap_or(0));
        self.keep_in_sight(room, turn.zone);
        self.fetch_ahead(room, turn);
    }

    fn end(&mut self, is_newest: bool, room: Room, turn: &mut Turn<'_>) {
        self.owed = 0;
        let is_here = if is_newest { self.at_newest } else { self.at_oldest };
        if is_here {
            self.select_index(if is_newest { 0 } else { self.rows.len().saturating_sub(1) });
            self.keep_in_sight(room, turn.zone);
            self.fetch_ahead(room, turn);
        } else if let Some(page) = self.take_end(is_newest) {
            // An answer still on its way was for the window that is left.
            self.asked = None;
            let purpose = if is_newest { Purpose::Newest } else { Purpose::Oldest };
            self.take(purpose, page, room, turn);
        } else if is_newest {
            self.ask(PageStart::Newest, Purpose::Newest, screenful(room), turn);
        } else {
            self.ask(PageStart::Oldest, Purpose::Oldest, screenful(room), turn);
        }
    }

    fn next_day(&mut self, room: Room, turn: &mut Turn<'_>) {
        let Some(index) = self.selected_index() else { return };
        let day = self.day(index, turn.zone);
        let next = (index..self.rows.len()).find(|&at| self.day(at, turn.zone) != day);
        self.select_index(next.unwrap_or(self.rows.len() - 1));
        self.keep_in_sight(room, turn.zone);
        self.fetch_ahead(room, turn);
    }

    fn previous_day(&mut self, room: Room, turn: &mut Turn<'_>) {
        let Some(index) = self.selected_index() else { return };
        let before = index.saturating_sub(1);
        let day = self.day(before, turn.zone);
        let first = (0..=before).rev().take_while(|&at| self.day(at, turn.zone) == day).last();
        self.select_index(first.unwrap_or(0));
        self.keep_in_sight(room, turn.zone);
        self.fetch_ahead(room, turn);
    }

    /// Before the window is replaced: an end of the folder that is in it is kept.
    fn keep_ends(&mut self, room: Room) {
        let most = screenful(room).min(self.rows.len());
        if most == 0 {
            return;
        }
        let page = |rows: &[MessageRow], at_newest, at_oldest, newer| MessagePage {
            folder: self.folder.clone().unwrap_or_else(|| FolderId(String::new())),
            rows: rows.to_vec(),
            at_newest,
            at_oldest,
            newer,
            cached: self.cached,
        };
        let is_all = most == self.rows.len();
        if self.at_newest && self.newest.is_none() {
            self.newest = Some(page(&self.rows[..most], true, is_all && self.at_oldest, 0));
        }
        if self.at_oldest && self.oldest.is_none() {
            let newer = self.cached.saturating_sub(u32::try_from(most).unwrap_or(u32::MAX));
            self.oldest = Some(page(&self.rows[self.rows.len() - most..], is_all && self.at_newest, true, newer));
        }
    }

    /// A kept end, if nothing has changed since.
    fn take_end(&mut self, is_newest: bool) -> Option<MessagePage> {
        if self.is_stale {
            return None;
        }
        if is_newest { self.newest.take() } else { self.oldest.take() }
    }

    fn forget_ends(&mut self) {
        self.newest = None;
        self.oldest = None;
    }

    fn fetch_ahead(&mut self, room: Room, turn: &mut Turn<'_>) {
        let (Some(first), Some(last)) = (self.rows.first(), self.rows.last()) else { return };
        let (newest, oldest) = (first.key, last.key);
        if self.asked.is_some() {
            return;
        }
        let index = self.selected_index().unwrap_or(0);
        let ahead = room.rows() * PAGES_AHEAD;
        let owed = usize::try_from(self.owed.unsigned_abs()).unwrap_or(0);
        let count = page_size(room).max(owed + ahead).min(LONGEST_PAGE);
        if !self.at_oldest && self.rows.len() - index <= ahead {
            self.ask(PageStart::OlderThan(oldest), Purpose::Older, count, turn);
        } else if !self.at_newest && index < ahead {
            self.ask(PageStart::NewerThan(newest), Purpose::Newer, count, turn);
        } else if !self.at_oldest && self.oldest.is_none() && self.search.is_none() {
            self.ask(PageStart::Oldest, Purpose::Keep, screenful(room), turn);
        }
    }

    fn ask(&mut self, start: PageStart, purpose: Purpose, count: usize, turn: &mut Turn<'_>) {
        let count = u16::try_from(count).unwrap_or(u16::MAX);
        let request = match (&self.search, &self.folder) {
            (Some(SearchFor { text, folder, from_service }), _) => Request::Search {
                text: text.clone(),
                folder: folder.clone(),
                start,
                count,
                from_service: *from_service,
                as_typed: start == PageStart::Newest && purpose == Purpose::Newest && !*from_service,
            },
            (None, Some(folder)) => Request::Messages { folder: folder.clone(), start, count },
            (None, None) => return,
        };
        let ticket = turn.ask(request);
        self.asked = Some((ticket, purpose));
    }

    /// Scrolls by half a page when the selection leaves the sight: most keys then change two rows only.
    fn keep_in_sight(&mut self, room: Room, zone: &Zone) {
        let Some(selected) = self.selected_index() else { return };
        let top = self.top_index();
        let highest = self.highest_top(selected, room, zone);
        if top >= highest && top <= selected {
            self.top = self.rows.get(top).map(|row| row.key);
            return;
        }
        let half = room.rows() / 2;
        let wanted = if top < highest { (highest + half).min(selected) } else { selected.saturating_sub(half) };
        // No empty lines below the last message while there are messages above.
        let last = self.rows.len().saturating_sub(1);
        let wanted = if self.at_oldest { wanted.min(self.highest_top(last, room, zone)).max(highest) } else { wanted };
        self.top = self.rows.get(wanted.min(selected)).map(|row| row.key);
    }

    /// The smallest top index with which row `index` is wholly in sight.
    fn highest_top(&self, index: usize, room: Room, zone: &Zone) -> usize {
        let mut top = index;
        let mut used = room.row_lines + u16::from(room.has_days());
        while top > 0 {
            let is_new_day = room.has_days() && self.day(top - 1, zone) != self.day(top, zone);
            used += room.row_lines + u16::from(is_new_day);
            if used > room.lines {
                break;
            }
            top -= 1;
        }
        top
    }

    fn top_index(&self) -> usize {
        match self.top.map(|key| self.index_of(key)) {
            Some(Ok(index)) => index,
            Some(Err(index)) => index.min(self.rows.len().saturating_sub(1)),
            None => 0,
        }
    }

    fn select_index(&mut self, index: usize) {
        self.selected = self.rows.get(index).map(|row| (row.key, row.message.id.clone()));
    }

    /// Rows are sorted by falling key.
    fn index_of(&self, key: MessageKey) -> Result<usize, usize> {
        self.rows.binary_search_by(|row| key.cmp(&row.key))
    }

    fn day(&self, index: usize, zone: &Zone) -> Date {
        self.rows
            .get(index)
            .map_or(Date::ZERO, |row| when::date_of_microseconds(row.message.received.as_microsecond(), zone))
    }
}

/// What a jump shows at once; the rest of its page is fetched ahead, once it is on the screen.
fn screenful(room: Room) -> usize {
    (room.rows() + 1).clamp(10, LONGEST_PAGE)
}

fn page_size(room: Room) -> usize {
    (room.rows() * 3).clamp(60, LONGEST_PAGE)
}
