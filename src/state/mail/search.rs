//! The search line of the mail view, and its other use: going to a date.
//!
//! Each key asks the cache anew; the list shows hits as it shows a folder. Must stay true: what was there before the search is kept
//! whole and comes back with Esc; hits on the screen stay until better ones are there, and the selection stays on its message when the
//! search is widened; the service is asked only when somebody widens the search that far.

use crate::base::report::Report;
use crate::domain::mail::MessageId;
use crate::domain::query::{Query, Sought};
use crate::domain::request::{FoundPage, FoundPeople, FoundRow, ServiceSearch};
use crate::domain::selection::SearchFor;
use crate::state::line::LineEdit;
use crate::state::mail::list::List;
use crate::state::slot::Slot;
use std::collections::HashMap;

/// Lines of the list that a search takes: what is typed, and what is to be said of it.
pub const LINES: u16 = 2;

/// How far a search looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// In the folder that was open.
    Folder,
    /// In all folders, as far as they are kept here.
    Everywhere,
    /// The same, and at the service.
    Service,
}

/// What the line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Words to look for.
    Words,
    /// A date to go to.
    Date,
}

/// What is known of a hit beside its message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// Some of the text around the word.
    pub extract: Option<String>,
    /// Only the service found it.
    pub is_from_service: bool,
}

/// What the last answer said of all hits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// What was searched for.
    pub text: String,
    /// So many, or more.
    pub at_least: u32,
    /// `at_least` is exact.
    pub is_counted: bool,
    /// Messages that are not in the index yet.
    pub waiting: u32,
    /// How far the service was asked.
    pub service: ServiceSearch,
}

/// A search that is on, or a date being typed.
#[derive(Clone, Debug)]
pub struct SearchLine {
    /// What it is for.
    pub purpose: Purpose,
    /// What is typed.
    pub line: LineEdit,
    /// The letters go into it.
    pub is_typing: bool,
    /// How far it looks.
    pub reach: Reach,
    /// What was there before.
    pub before: Box<List>,
    /// What it was opened over has changed meanwhile.
    pub is_before_stale: bool,
    /// What is wrong with what is typed.
    pub problem: Option<Report>,
    /// What the hits are marked with.
    pub sought: Vec<Sought>,
    /// What the last answer said.
    pub summary: Option<Summary>,
    /// So many were said before the search was widened: looking further finds no fewer.
    floor: u32,
    beside: HashMap<MessageId, Beside>,
    /// Which remembered search is shown.
    recalled: Option<usize>,
    /// What was typed before a remembered one was shown.
    typed_before: String,
    /// Who may be meant by what is typed.
    pub found: Slot<FoundPeople>,
    /// The line of the list of completions under the cursor.
    pub offer: usize,
    /// The list was closed; it opens again with the next letter.
    pub hides_offers: bool,
}

impl SearchLine {
    /// A line over a list.
    #[must_use]
    pub fn over(list: &List, purpose: Purpose) -> Self {
        Self {
            purpose,
            line: LineEdit::default(),
            is_typing: true,
            reach: if list.folder().is_some() { Reach::Folder } else { Reach::Everywhere },
            before: Box::new(list.clone()),
            is_before_stale: false,
            problem: None,
            sought: Vec::new(),
            summary: None,
            floor: 0,
            beside: HashMap::new(),
            recalled: None,
            typed_before: String::new(),
            found: Slot::default(),
            offer: 0,
            hides_offers: false,
        }
    }

    /// What to ask for; `None` while nothing can be: nothing is typed, or what is typed is no search (then it says why).
    pub fn wanted(&mut self) -> Option<SearchFor> {
        self.problem = None;
        let text = self.line.text().trim();
        match Query::parse(text) {
            Ok(query) if query.is_empty() => None,
            Ok(query) => {
                self.sought = query.sought();
                let folder = self.before.folder().filter(|_| self.reach == Reach::Folder).cloned();
                Some(SearchFor { text: text.to_owned(), folder, from_service: self.reach == Reach::Service })
            }
            Err(error) => {
                self.problem = Some(error.report());
                None
            }
        }
    }

    /// Looks further, or begins again with the folder.
    pub fn widen(&mut self, is_forward: bool) {
        let has_folder = self.before.folder().is_some();
        let (before, typed) = (self.reach, self.line.text().trim());
        let known = self.summary.as_ref().filter(|known| known.text == typed).map_or(0, |known| known.at_least);
        self.reach = match (self.reach, is_forward) {
            (Reach::Folder, true) | (Reach::Service, false) => Reach::Everywhere,
            (Reach::Everywhere, true) | (Reach::Folder, false) => Reach::Service,
            (Reach::Service, true) | (Reach::Everywhere, false) if has_folder => Reach::Folder,
            (reach, _) => reach,
        };
        self.floor = if self.reach > before { known } else { 0 };
    }

    /// The text has changed: the service is not asked at each key.
    pub fn edited(&mut self) {
        self.recalled = None;
        self.floor = 0;
        (self.offer, self.hides_offers) = (0, false);
        if self.reach == Reach::Service {
            self.reach = Reach::Everywhere;
        }
    }

    /// Whether an earlier search is shown.
    #[must_use]
    pub const fn is_recalling(&self) -> bool {
        self.recalled.is_some()
    }

    /// Takes a remembered search into the line, or the other way what was typed before; false if there is none that way.
    pub fn recall(&mut self, is_older: bool, remembered: &[String]) -> bool {
        let at = match (self.recalled, is_older) {
            (None, true) => 0,
            (Some(at), true) => at + 1,
            (Some(at), false) if at > 0 => at - 1,
            (Some(_), false) => {
                self.line = LineEdit::with(&std::mem::take(&mut self.typed_before));
                self.recalled = None;
                return true;
            }
            (None, false) => return false,
        };
        // What stands there already is no earlier one.
        let typed = if self.recalled.is_none() { self.line.text() } else { &self.typed_before };
        let mut earlier = remembered.iter().rev().filter(|known| known.as_str() != typed.trim());
        let Some(text) = earlier.nth(at) else { return self.recalled.is_some() };
        if self.recalled.is_none() {
            self.typed_before = self.line.text().to_owned();
        }
        self.hides_offers = true;
        self.line = LineEdit::with(text);
        self.recalled = Some(at);
        true
    }

    /// Notes what an answer says beside its rows.
    pub fn take(&mut self, page: &FoundPage, is_first: bool) {
        if page.is_partial && page.rows.is_empty() {
            // Nothing can be said yet, least of all that there is nothing.
            return;
        }
        if is_first {
            self.beside.clear();
        }
        let is_longer = self.summary.as_ref().is_none_or(|known| is_first || page.at_least > known.at_least);
        let (at_least, is_counted) = match &self.summary {
            Some(known) if !is_longer => (known.at_least, known.is_counted),
            _ if page.is_counted => (page.at_least, true),
            _ => (page.at_least.max(self.floor), false),
        };
        self.summary = Some(Summary {
            text: page.text.clone(),
            at_least,
            is_counted,
            waiting: page.waiting,
            service: page.service.clone(),
        });
        let notes = |row: &FoundRow| row.extract.is_some() || row.is_from_service;
        self.beside.extend(page.rows.iter().filter(|row| notes(row)).map(|row| {
            let beside = Beside { extract: row.extract.clone(), is_from_service: row.is_from_service };
            (row.row.message.id.clone(), beside)
        }));
    }

    /// What is known of a hit beside its message.
    #[must_use]
    pub fn beside(&self, message: &MessageId) -> Option<&Beside> {
        self.beside.get(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(at_least: u32, is_counted: bool) -> FoundPage {
        FoundPage {
            text: "open points".to_owned(),
            folder: None,
            rows: Vec::new(),
            at_newest: true,
            at_oldest: false,
            at_least,
            is_counted,
            waiting: 0,
            service: ServiceSearch::NotAsked,
            is_partial: false,
        }
    }

    #[test]
    fn looking_further_finds_no_fewer_until_something_else_is_looked_for() {
        let mut search = SearchLine::over(&List::default(), Purpose::Words);
        search.line = LineEdit::with("open points");
        let said = |search: &SearchLine| search.summary.as_ref().map(|known| (known.at_least, known.is_counted));
        search.take(&page(181, false), true);
        search.widen(true);
        assert_eq!(search.reach, Reach::Service);
        search.take(&page(61, false), true);
        assert_eq!(said(&search), Some((181, false)));
        // What is counted is so, however many it is.
        search.take(&page(190, true), true);
        assert_eq!(said(&search), Some((190, true)));
        search.edited();
        search.take(&page(61, false), true);
        assert_eq!(said(&search), Some((61, false)));
    }
}
