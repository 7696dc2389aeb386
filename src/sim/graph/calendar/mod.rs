//! Calendars of the simulated tenant: calendars, windows, events and deltas.
//!
//! `store` keeps what is there, `recurrence` knows the days of a series, `build` fills the beginning, `render` writes an event
//! as JSON, `view` answers lists and single events, `delta` answers rounds of changes. `write` takes events from clients, `parse` reads
//! them, `meeting` tells everybody at a meeting. Tests and scripts change calendars by [`CalendarState::mailbox`].
//! Deliberately absent: making calendars, attachments of events, and reminders.

mod build;
mod delta;
mod meeting;
mod parse;
pub mod recurrence;
mod render;
pub mod store;
mod view;
mod write;

use crate::sim::company::Company;
use crate::sim::request::{Answer, Request};
use crate::sim::world::{World, WorldOptions};
pub(in crate::sim::graph) use meeting::event_of_message;
pub(in crate::sim::graph) use render::{Style, instant, wall_time, zone_named};
use std::collections::BTreeMap;
use std::time::SystemTime;
use store::Mailbox;

/// Calendars of everybody.
#[derive(Debug, Default)]
pub struct CalendarState {
    mailboxes: BTreeMap<usize, Mailbox>,
    /// Delta links of an earlier generation are answered with 410.
    generation: u32,
    /// Whether a deleted occurrence goes without a word in deltas, as it did at times. \[field\]
    pub forget_deleted_days: bool,
}

impl CalendarState {
    /// The state at the beginning, relative to `now`.
    #[must_use]
    pub fn build(company: &Company, now: SystemTime, _options: &WorldOptions) -> Self {
        build::build(company, now)
    }

    /// The calendars of the person with this index, to look into or to change behind the client's back.
    pub fn mailbox(&mut self, person: usize) -> Option<&mut Mailbox> {
        self.mailboxes.get_mut(&person)
    }

    /// The calendars of the person with this index.
    #[must_use]
    pub fn peek(&self, person: usize) -> Option<&Mailbox> {
        self.mailboxes.get(&person)
    }

    /// Makes every delta link handed out so far too old: the next use of one is answered with 410.
    pub fn expire_deltas(&mut self) {
        self.generation += 1;
    }
}

/// How much of a calendar the caller sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    /// The calendar is the caller's own, or the caller is an application.
    Own,
    /// Shared in full: all but what is private.
    Full,
    /// Times, subjects and places.
    Limited,
}

/// Answers what is ours.
pub fn handle(world: &mut World, request: &Request) -> Option<Answer> {
    // Somebody unknown is refused by whoever owns the rest of the path; the directory does.
    let target = world.resolve(request)?.ok()?;
    let (person, own) = (target.person, target.own);
    let words: Vec<String> = target.rest.iter().map(|word| word.to_ascii_lowercase()).collect();
    let route = Route::of(&words, target.rest)?;
    if request.method != "GET" {
        return write::answer(world, request, &target, &route);
    }
    let opened =
        world.open_mailbox(request, &target, route.scopes(), SHARED).and_then(|()| sight(world, request, person, own));
    Some(match opened {
        Ok(sight) => view::answer(world, request, person, sight, &route),
        Err(refusal) => refusal,
    })
}

/// The present moment.
fn instant_of(world: &World) -> jiff::Timestamp {
    jiff::Timestamp::try_from(world.now()).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
}

const SHARED: &[&str] = &["Calendars.Read.Shared", "Calendars.ReadWrite.Shared"];

/// A path behind the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    /// Id of the calendar; `None` for the main one.
    calendar: Option<String>,
    what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    Calendars,
    Calendar,
    Groups,
    View,
    Delta,
    Events,
    Event(String),
    Instances(String),
    Act(String, String),
}

impl Route {
    fn of(words: &[String], path: &[String]) -> Option<Self> {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut calendar = None;
        let mut skipped = 0;
        let mut rest = words.as_slice();
        if let ["calendargroups", _, tail @ ..] = rest
            && !tail.is_empty()
        {
            (rest, skipped) = (tail, 2);
        }
        match rest {
            ["calendar", tail @ ..] => (rest, skipped) = (tail, skipped + 1),
            ["calendars", _, tail @ ..] => {
                calendar = Some(path[skipped + 1].clone());
                (rest, skipped) = (tail, skipped + 2);
            }
            ["calendars"] => return Some(Self { calendar, what: What::Calendars }),
            _ => {}
        }
        let id = || path[skipped + 1].clone();
        let what = match rest {
            [] if skipped > 0 => What::Calendar,
            ["calendargroups"] => What::Groups,
            ["calendarview"] => What::View,
            ["calendarview", "delta"] => What::Delta,
            ["events"] => What::Events,
            ["events" | "calendarview", _] => What::Event(id()),
            ["events", _, "instances"] => What::Instances(id()),
            ["events", _, action] if write::ACTIONS.contains(action) => What::Act(id(), (*action).to_owned()),
            _ => return None,
        };
        Some(Self { calendar, what })
    }

    const fn scopes(&self) -> &'static [&'static str] {
        match self.what {
            What::Delta => &["Calendars.Read", "Calendars.ReadWrite"],
            _ => &["Calendars.Read", "Calendars.ReadBasic", "Calendars.ReadWrite"],
        }
    }
}

/// Whether an event of this sensitivity is hidden from everybody it is not told to.
pub(in crate::sim::graph) fn no_sight_of(sensitivity: &str) -> bool {
    matches!(sensitivity, "private" | "confidential")
}

/// What somebody's sharing lets the caller see. [outlook-get-shared-events-calendars]
fn sight(world: &World, request: &Request, person: usize, own: bool) -> Result<Sight, Answer> {
    if own || request.caller.person.is_none() {
        return Ok(Sight::Own);
    }
    match world.person(person).sharing.as_str() {
        "full" => Ok(Sight::Full),
        "limited" => Ok(Sight::Limited),
        "none" => Err(Answer::error(404, "ErrorItemNotFound", "The specified object was not found in the store.")),
        _ => Err(Answer::error(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")),
    }
}
