//! What the keys of a search do in the mail view.

use crate::base::report::{Kind, Report};
use crate::domain::mail::MessageKey;
use crate::domain::notice::Notice;
use crate::domain::person::PersonId;
use crate::domain::query::{Query, Wanted};
use crate::domain::request::{Answer, Request};
use crate::domain::time::day_start;
use crate::state::command::CommandId;
use crate::state::event::{Ticket, Wake};
use crate::state::mail::Mail;
use crate::state::mail::completing::{self, Key, Offer};
use crate::state::mail::search::{Purpose, Reach, SearchLine};
use crate::state::session::Session;
use crate::state::surface::{Motion, Pane, Turn};
use jiff::SignedDuration;
use jiff::tz::TimeZone;

/// People are asked for when typing has rested for this long.
const REST: SignedDuration = SignedDuration::from_millis(200);

impl Mail {
    /// The search that is on, or the line for a date.
    #[must_use]
    pub fn search(&self) -> Option<&SearchLine> {
        self.search.as_deref()
    }

    /// Opens the search line, or goes back into it.
    pub fn begin_search(&mut self, purpose: Purpose, turn: &mut Turn<'_>) {
        if purpose == Purpose::Date && self.list.searched().is_some() {
            return turn.tell("Among hits a day is a part of the search: on:2026-03-14, before: or after:.");
        }
        match &mut self.search {
            Some(search) if search.purpose == purpose => search.is_typing = true,
            _ => self.search = Some(Box::new(SearchLine::over(&self.list, purpose))),
        }
        if purpose == Purpose::Words {
            // Another window, or yesterday, may know more of them.
            self.searches.ask(Request::Searches, turn);
        }
        self.set_focus(Pane::List, turn);
    }

    /// Remembers what is typed as a search.
    fn remember(&mut self, turn: &mut Turn<'_>) {
        let text = self.search.as_ref().map_or("", |search| search.line.text()).trim();
        if !text.is_empty() {
            self.searches.ask(Request::KeepSearch(text.to_owned()), turn);
        }
    }

    /// Earlier searches, the latest last.
    fn earlier(&self) -> Vec<String> {
        self.searches.value().cloned().unwrap_or_default()
    }

    /// What is offered for the word that is typed.
    #[must_use]
    pub fn offers(&self, session: &Session) -> Vec<Offer<'_>> {
        let Some(search) = self.search.as_deref().filter(|search| search.is_typing && !search.hides_offers) else {
            return Vec::new();
        };
        let Some(typed) = completing::typed(&search.line).filter(|_| search.purpose == Purpose::Words) else {
            return Vec::new();
        };
        let folders = session.folders.value().map_or(&[][..], Vec::as_slice);
        let people = search.found.value().map_or(&[][..], |found| found.people.as_slice());
        completing::offers(&typed, folders, people)
    }

    /// Whose presence stands in the list.
    pub(super) fn people_offered(&self) -> Vec<PersonId> {
        let people = self.search.as_deref().filter(|search| search.is_typing && !search.hides_offers);
        let found = people.and_then(|search| search.found.value());
        found.map_or_else(Vec::new, |found| {
            found.people.iter().take(completing::MOST).map(|person| person.id.clone()).collect()
        })
    }

    /// Closes the list of what is offered. False: there is none.
    pub(super) fn dismiss_offers(&mut self, session: &Session) -> bool {
        let has_some = !self.offers(session).is_empty();
        if let Some(search) = self.search.as_mut().filter(|_| has_some) {
            search.hides_offers = true;
        }
        has_some
    }

    /// Takes what is offered at a place, or under the cursor.
    pub(super) fn take_offer(&mut self, at: Option<usize>, turn: &mut Turn<'_>) {
        let at = at.or_else(|| self.search.as_ref().map(|search| search.offer)).unwrap_or(0);
        let Some(put) = self.offers(turn.session).get(at).map(Offer::put) else { return };
        if let Some(search) = &mut self.search
            && let Some(start) = completing::typed(&search.line).map(|typed| typed.start)
        {
            search.line.replace_before(start, &put);
        }
        self.search_edited(turn);
    }

    /// Asks who may be meant, once typing rests.
    pub(super) fn find_people(&mut self, turn: &mut Turn<'_>) {
        let Some(search) = self.search.as_mut().filter(|search| search.is_typing) else { return };
        let typed = completing::typed(&search.line).filter(|typed| typed.key == Some(Key::People));
        if let Some(text) = typed.map(|typed| typed.text.trim().to_owned()).filter(|text| text.chars().count() >= 2) {
            search.found.ask(Request::FindPeople { text }, turn);
        }
    }

    pub(super) fn completion_answered(&mut self, ticket: Ticket, result: &Result<Answer, Report>) -> bool {
        let is_of_people = self.search.as_mut().is_some_and(|search| {
            search.found.take(ticket, result, |answer| match answer {
                Answer::FoundPeople(found) => Some(found.clone()),
                _ => None,
            })
        });
        is_of_people
            || self.searches.take(ticket, result, |answer| match answer {
                Answer::Searches(searches) => Some(searches.clone()),
                _ => None,
            })
    }

    /// Closes the search: what was there before comes back.
    pub(super) fn end_search(&mut self, turn: &mut Turn<'_>) {
        if self.list.searched().is_some() {
            self.remember(turn);
        }
        let Some(search) = self.search.take() else { return };
        if self.list.searched().is_some() {
            self.list = *search.before;
            // What was on its way when the search began went unheard.
            let room = self.room(turn.session);
            self.list.come_back(search.is_before_stale, room, turn);
            self.list_changed(turn);
            self.follow(turn);
        }
        self.resized_after_search(turn);
    }

    /// Goes to the next or the previous hit and reads it.
    pub fn next_match(&mut self, is_next: bool, turn: &mut Turn<'_>) {
        let room = self.room(turn.session);
        let motion = if is_next { Motion::Next } else { Motion::Previous };
        if self.list.motion(motion, room, turn) {
            self.read_selected(turn);
        } else if !self.list.is_asking() {
            turn.tell(if is_next { "This is the oldest hit." } else { "This is the newest hit." });
        }
    }

    pub(super) fn search_hints(&self) -> Option<&'static [CommandId]> {
        let search = self.search.as_ref()?;
        Some(match (search.is_typing, search.purpose, self.focus) {
            (true, Purpose::Date, _) => &[CommandId::Open, CommandId::Close],
            (true, Purpose::Words, _) => {
                &[CommandId::Open, CommandId::NextPane, CommandId::Next, CommandId::Previous, CommandId::Close]
            }
            // What can be done with the selected ones is the list's to say.
            (false, _, Pane::List) if self.marks.is_any() => return None,
            (false, _, Pane::List) => &[
                CommandId::Open,
                CommandId::NextMatch,
                CommandId::PreviousMatch,
                CommandId::Search,
                CommandId::PersonCard,
                CommandId::Close,
            ],
            (false, _, Pane::Reader) => &[
                CommandId::NextMatch,
                CommandId::PreviousMatch,
                CommandId::OpenOutside,
                CommandId::FoldQuotes,
                CommandId::Close,
            ],
            _ => return None,
        })
    }

    pub(super) fn search_word(&self, command: CommandId, session: &Session) -> Option<&'static str> {
        let search = self.search.as_ref()?;
        if command == CommandId::NextPane && !self.offers(session).is_empty() {
            return Some("complete");
        }
        Some(match (command, search.is_typing, search.purpose) {
            (CommandId::Open, true, Purpose::Date) => "go there",
            (CommandId::Open, true, Purpose::Words) => "to the hits",
            (CommandId::NextPane, true, _) => match search.reach {
                Reach::Folder => "all folders",
                Reach::Everywhere => "ask the service",
                Reach::Service => "this folder",
            },
            (CommandId::Close, _, _) if search.is_typing || self.focus == Pane::List => "end the search",
            (CommandId::Search, false, _) => "change the search",
            _ => return None,
        })
    }

    pub(super) fn search_edited(&mut self, turn: &mut Turn<'_>) {
        let Some(search) = &mut self.search else { return };
        search.edited();
        match search.purpose {
            Purpose::Date => search.problem = None,
            Purpose::Words => {
                if completing::typed(&search.line).is_some_and(|typed| typed.key == Some(Key::People)) {
                    turn.wake_after(Wake::Completion, REST);
                }
                self.ask_search(false, turn);
            }
        }
    }

    /// Asks for what is typed; with nothing typed, what was there before is shown.
    fn ask_search(&mut self, is_wider: bool, turn: &mut Turn<'_>) {
        let room = self.room(turn.session);
        let Some(search) = &mut self.search else { return };
        match search.wanted() {
            Some(wanted) if Some(&wanted) == self.list.searched() => {}
            Some(wanted) => self.list.search(wanted, is_wider, room, turn),
            None if search.line.text().trim().is_empty() && self.list.searched().is_some() => {
                self.list = (*search.before).clone();
                search.summary = None;
                self.list.come_back(search.is_before_stale, room, turn);
                self.follow(turn);
            }
            None => {}
        }
        self.list_changed(turn);
    }

    /// Enter in the line: to the hits, or to the day.
    pub(super) fn search_entered(&mut self, turn: &mut Turn<'_>) -> bool {
        let Some(search) = self.search.as_mut().filter(|search| search.is_typing) else { return false };
        match search.purpose {
            Purpose::Words if search.line.text().trim().is_empty() => self.end_search(turn),
            Purpose::Words => {
                // With something wrong in it the line stays, and says what.
                if search.problem.is_none() {
                    search.is_typing = false;
                    self.remember(turn);
                    self.read_on_rest(turn);
                }
            }
            Purpose::Date => self.go_to_date(turn),
        }
        true
    }

    fn go_to_date(&mut self, turn: &mut Turn<'_>) {
        let Some(search) = &mut self.search else { return };
        let text = search.line.text().trim().to_owned();
        if text.is_empty() {
            return self.end_search(turn);
        }
        let typed = Query::parse(&format!("on:{text}")).ok();
        let only = typed.as_ref().filter(|typed| typed.terms().count() == 1).and_then(|typed| typed.terms().next());
        let Some(Wanted::Received(_, date)) = only.map(|term| term.wanted.clone()) else {
            let what = format!("“{text}” is no date that can be read here.");
            let report = Report::new(Kind::Usage, "date", what);
            search.problem = Some(report.next("Type 2026-03-14, 2026-03, 2026, today, yesterday or 7d."));
            return;
        };
        let (_, after) = date.days(turn.today());
        let zone = turn.zone.rules.clone().unwrap_or(TimeZone::UTC);
        // The newest message of those days is the first one before they end.
        let end = day_start(after, &zone).as_microsecond();
        self.end_search(turn);
        let room = self.room(turn.session);
        self.list.jump(MessageKey { received: end, row: i64::MIN }, room, turn);
    }

    /// Keys that move while something is typed: along the hits, among earlier searches, or to a wider search.
    pub(super) fn search_motion(&mut self, motion: Motion, turn: &mut Turn<'_>) -> bool {
        let offered = self.offers(turn.session).len();
        if let Some(search) = self.search.as_mut().filter(|_| offered > 0) {
            match motion {
                Motion::NextPane => {
                    self.take_offer(None, turn);
                    return true;
                }
                Motion::Next => {
                    search.offer = (search.offer + 1).min(offered - 1);
                    return true;
                }
                Motion::Previous if search.offer > 0 => {
                    search.offer -= 1;
                    return true;
                }
                _ => {}
            }
        }
        let earlier = self.earlier();
        // Above the first hit, and where there is none, come the earlier searches.
        let is_at_top = self.list.searched().is_none() || self.list.is_at_first();
        let Some(search) = self.search.as_mut().filter(|search| search.is_typing) else { return false };
        if search.purpose == Purpose::Date {
            return matches!(motion, Motion::NextPane | Motion::PreviousPane);
        }
        match motion {
            Motion::NextPane | Motion::PreviousPane => {
                search.widen(motion == Motion::NextPane);
                self.ask_search(true, turn);
                true
            }
            Motion::Next | Motion::Previous
                if (search.is_recalling() || (is_at_top && motion == Motion::Previous))
                    && search.recall(motion == Motion::Previous, &earlier) =>
            {
                self.ask_search(false, turn);
                true
            }
            _ => false,
        }
    }

    pub(super) fn search_answered(&mut self, ticket: Ticket, result: &Result<Answer, Report>) {
        let (Some(search), Some(is_first)) = (&mut self.search, self.list.waits_for(ticket)) else { return };
        match result {
            Ok(Answer::Found(page)) => search.take(page, is_first),
            Err(report) if self.list.searched().is_some() => search.problem = Some(report.clone()),
            _ => {}
        }
    }

    pub(super) fn search_noticed(&mut self, notice: &Notice, turn: &mut Turn<'_>) {
        let Some(search) = &mut self.search else { return };
        let Some(wanted) = self.list.searched() else { return };
        let is_meant = match notice {
            Notice::MessagesChanged(folder) => {
                search.is_before_stale |= search.before.folder() == Some(folder);
                wanted.folder.as_ref().is_none_or(|only| only == folder)
            }
            // What was not in the index yet may be a hit; an answer that is on its way may have been made before.
            Notice::Indexed => {
                self.list.is_asking() || search.summary.as_ref().is_some_and(|summary| summary.waiting > 0)
            }
            _ => false,
        };
        if is_meant {
            let room = self.room(turn.session);
            self.list.refresh(room, turn);
        }
    }

    fn read_on_rest(&self, turn: &mut Turn<'_>) {
        self.follow(turn);
    }

    fn resized_after_search(&mut self, turn: &mut Turn<'_>) {
        let focus = self.focus;
        self.set_focus(focus, turn);
    }
}
