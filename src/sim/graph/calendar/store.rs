//! Calendars as they are stored: items with their exceptions, what changed when, and what is gone.
//!
//! An item keeps wall times in its own zone; instants are made when somebody looks, so a series crosses daylight saving as its
//! zone does. Every change gets the next number of its mailbox: that number is all a delta link remembers.
//! Must stay true: an item's `number` never changes and is never used again; pages of a delta round stand on it.

use crate::sim::graph::calendar::recurrence::Recurrence;
use crate::sim::zones::Zone;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// A calendar of a mailbox.
#[derive(Clone, Debug)]
pub struct Calendar {
    /// Id within the mailbox.
    pub id: String,
    /// Shown name.
    pub name: String,
    /// `auto`, `lightBlue`, …
    pub color: String,
    /// Whether it is the one that free/busy is made of.
    pub default: bool,
}

/// Somebody at a meeting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attendee {
    /// Shown name.
    pub name: String,
    /// SMTP address.
    pub address: String,
    /// `required`, `optional` or `resource`.
    pub kind: String,
    /// `none`, `accepted`, `tentativelyAccepted`, `declined` or `notResponded`.
    pub response: String,
    /// When they answered.
    pub answered: Option<Timestamp>,
    /// Another time they would like.
    pub proposal: Option<(Timestamp, Timestamp)>,
}

/// Where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Shown name.
    pub name: String,
    /// Address of the room, if it is one.
    pub address: Option<String>,
}

/// What is known of an event; also what a test hands in to make one.
#[derive(Clone, Debug)]
pub struct Details {
    pub subject: String,
    /// HTML.
    pub body: String,
    /// Wall time in `zone`.
    pub start: DateTime,
    /// Wall time in `zone`, exclusive.
    pub end: DateTime,
    pub zone: Zone,
    pub all_day: bool,
    /// `free`, `tentative`, `busy`, `oof` or `workingElsewhere`.
    pub show: String,
    /// `normal`, `personal`, `private` or `confidential`.
    pub sensitivity: String,
    /// `low`, `normal` or `high`.
    pub importance: String,
    pub categories: Vec<String>,
    pub place: Option<Place>,
    /// Name and address.
    pub organizer: Option<(String, String)>,
    pub attendees: Vec<Attendee>,
    /// The answer of the calendar's owner: `none`, `organizer`, `accepted`, …
    pub response: String,
    /// Address that joins the online meeting.
    pub join: Option<String>,
    /// Called off by its organizer.
    pub called_off: bool,
    pub recurrence: Option<Recurrence>,
    pub created: Timestamp,
    /// When the owner answered.
    pub answered: Option<Timestamp>,
    /// Minutes before, at which to remind.
    pub reminder: Option<i32>,
    /// The organizer wants answers.
    pub asks: bool,
    /// Another time may be proposed.
    pub proposals: bool,
    /// What the client called the making of it.
    pub transaction: Option<String>,
}

impl Details {
    /// A busy hour without anybody else, as a test needs it: `start` to `end` in `zone`.
    #[must_use]
    pub fn new(subject: &str, start: DateTime, end: DateTime, zone: Zone) -> Self {
        Self {
            subject: subject.to_owned(),
            body: String::new(),
            start,
            end,
            zone,
            all_day: false,
            show: "busy".to_owned(),
            sensitivity: "normal".to_owned(),
            importance: "normal".to_owned(),
            categories: Vec::new(),
            place: None,
            organizer: None,
            attendees: Vec::new(),
            response: "none".to_owned(),
            join: None,
            called_off: false,
            recurrence: None,
            created: Timestamp::UNIX_EPOCH,
            answered: None,
            reminder: Some(15),
            asks: true,
            proposals: true,
            transaction: None,
        }
    }

    /// The zone that decides at what moment a wall time is. Whole days float: they are matched as midnights of UTC.
    #[must_use]
    pub fn rules(&self) -> TimeZone {
        if self.all_day { TimeZone::UTC } else { self.zone.rules.clone() }
    }
}

/// A day of a series that is not as the others.
#[derive(Clone, Debug)]
pub enum Day {
    /// There is none on this day.
    Cancelled,
    /// It is at another time or under another subject.
    Changed { start: DateTime, end: DateTime, subject: Option<String> },
    /// Everything about it is its own.
    Apart(Box<Details>),
}

/// An event or a series in a calendar.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its place in the mailbox, for ever.
    pub number: u64,
    pub id: String,
    /// The same in the calendars of everybody at the meeting.
    pub uid: String,
    /// Index of the calendar.
    pub calendar: usize,
    /// The change that last touched the whole of it.
    pub change: u64,
    /// When that was.
    pub modified: Timestamp,
    pub details: Arc<Details>,
    /// Days that differ, each with the change that made them so.
    pub days: BTreeMap<Date, (u64, Day)>,
}

/// One occurrence, exception or single event at its moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instance {
    pub number: u64,
    /// The day of the series; `None` for a single event.
    pub day: Option<Date>,
    pub start: Timestamp,
    pub end: Timestamp,
}

/// A span of time, its end exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub start: Timestamp,
    pub end: Timestamp,
}

impl Window {
    /// Whether something from `start` to `end` touches it. What lasts no time counts where it begins.
    #[must_use]
    pub fn touches(&self, start: Timestamp, end: Timestamp) -> bool {
        start < self.end && (end > self.start || (start == end && start == self.start))
    }
}

/// The moment of a wall time: a time that the clocks skip is moved behind the gap, one they pass twice is the first.
#[must_use]
pub fn moment(wall: DateTime, rules: &TimeZone) -> Timestamp {
    rules.to_ambiguous_timestamp(wall).compatible().unwrap_or(Timestamp::UNIX_EPOCH)
}

impl Item {
    /// The day of an occurrence as wall times; `None` if there is none on it.
    #[must_use]
    pub fn on(&self, day: Date) -> Option<(DateTime, DateTime)> {
        match self.days.get(&day) {
            Some((_, Day::Cancelled)) => None,
            Some((_, Day::Changed { start, end, .. })) => Some((*start, *end)),
            Some((_, Day::Apart(details))) => Some((details.start, details.end)),
            None => {
                let series = self.details.recurrence.as_ref()?;
                series.happens_on(day).then(|| self.regular(day))
            }
        }
    }

    /// The subject, which an exception may have of its own.
    #[must_use]
    pub fn subject_on(&self, day: Option<Date>) -> &str {
        match day.and_then(|day| self.days.get(&day)) {
            Some((_, Day::Changed { subject: Some(subject), .. })) => subject,
            _ => &self.details_on(day).subject,
        }
    }

    /// What is known of a day, which is what is known of the series unless the day is apart.
    #[must_use]
    pub fn details_on(&self, day: Option<Date>) -> &Details {
        match day.and_then(|day| self.days.get(&day)) {
            Some((_, Day::Apart(details))) => details,
            _ => &self.details,
        }
    }

    /// A day of the series as an event of its own; `None` where there is none on it.
    #[must_use]
    pub fn apart(&self, day: Date) -> Option<Details> {
        let (start, end) = self.on(day)?;
        let subject = self.subject_on(Some(day)).to_owned();
        Some(Details { start, end, subject, recurrence: None, ..self.details_on(Some(day)).clone() })
    }

    fn regular(&self, day: Date) -> (DateTime, DateTime) {
        let start = day.to_datetime(self.details.start.time());
        (start, start.saturating_add(self.length()))
    }

    fn length(&self) -> Span {
        self.details.start.until(self.details.end).unwrap_or_default()
    }

    /// Where it lies within `window`, in order of its days; read with `rules` for whole days.
    #[must_use]
    pub fn instances(&self, window: Window, whole_days: &TimeZone) -> Vec<Instance> {
        let rules = if self.details.all_day { whole_days.clone() } else { self.details.rules() };
        let at = |day: Option<Date>, (start, end): (DateTime, DateTime)| {
            let (start, end) = (moment(start, &rules), moment(end, &rules));
            window.touches(start, end).then_some(Instance { number: self.number, day, start, end })
        };
        let Some(series) = &self.details.recurrence else {
            return at(None, (self.details.start, self.details.end)).into_iter().collect();
        };
        // A day more on either side covers every zone and the length of the event.
        let length = self.details.start.date().until(self.details.end.date()).map_or(0, |span| span.get_days());
        let from = window.start.to_zoned(rules.clone()).date().saturating_sub((length + 1).days());
        let to = window.end.to_zoned(rules.clone()).date().saturating_add(1.day());
        let regular = series
            .days(from, to)
            .filter(|day| !self.days.contains_key(day))
            .filter_map(|day| at(Some(day), self.regular(day)));
        let changed = self.days.iter().filter_map(|(day, (_, what))| match what {
            Day::Cancelled => None,
            Day::Changed { start, end, .. } => at(Some(*day), (*start, *end)),
            Day::Apart(details) => at(Some(*day), (details.start, details.end)),
        });
        let mut all: Vec<Instance> = regular.chain(changed).collect();
        all.sort_by_key(|instance| instance.day);
        all
    }

    /// Whether it may touch `window`, without looking at its days.
    fn may_touch(&self, window: Window) -> bool {
        let day = jiff::SignedDuration::from_hours(48);
        let rules = self.details.rules();
        let starts = moment(self.details.start, &rules);
        if starts.saturating_sub(day).is_ok_and(|early| early > window.end) && self.days.is_empty() {
            return false;
        }
        let ends = match &self.details.recurrence {
            None => Some(moment(self.details.end, &rules)),
            Some(series) => series.last().map(|last| moment(self.regular(last).1, &rules)),
        };
        let over = |ends: Timestamp| ends.saturating_add(day).is_ok_and(|late| late < window.start);
        !(self.days.is_empty() && ends.is_some_and(over))
    }

    /// The id of an occurrence.
    #[must_use]
    pub fn day_id(&self, day: Date) -> String {
        let stem = self.id.trim_end_matches("AAA=");
        format!("{stem}Q{:06x}{MARK}", i32::from(day.day_of_year()) + i32::from(day.year()) * 400)
    }
}

const MARK: &str = "OAA=";

/// What is no more, kept to tell those who saw it.
#[derive(Clone, Debug)]
pub struct Gone {
    /// The change that ended it.
    pub change: u64,
    pub item: Item,
}

/// The calendars of a person.
#[derive(Clone, Debug, Default)]
pub struct Mailbox {
    pub calendars: Vec<Calendar>,
    items: BTreeMap<u64, Item>,
    numbers: HashMap<String, u64>,
    gone: Vec<Gone>,
    /// What series were before they were changed as a whole.
    before: Vec<Gone>,
    change: u64,
    next: u64,
    stem: String,
    seen: Option<(u64, Window, usize, Arc<Vec<Instance>>)>,
}

impl Mailbox {
    /// An empty mailbox whose ids begin with `stem`.
    #[must_use]
    pub fn new(stem: &str, calendars: Vec<Calendar>) -> Self {
        Self { calendars, stem: stem.to_owned(), ..Self::default() }
    }

    /// The number of the last change.
    #[must_use]
    pub const fn last_change(&self) -> u64 {
        self.change
    }

    /// Every item from `number` on.
    pub fn items_from(&self, number: u64) -> impl Iterator<Item = &Item> {
        self.items.range(number..).map(|(_, item)| item)
    }

    /// What went after `change`.
    pub fn gone_after(&self, change: u64) -> impl Iterator<Item = &Gone> {
        self.gone.iter().filter(move |gone| gone.change > change)
    }

    /// What the series with this number was before each change of the whole after `change`.
    pub fn shapes_before(&self, number: u64, change: u64) -> impl Iterator<Item = &Item> {
        self.before.iter().filter(move |old| old.change > change && old.item.number == number).map(|old| &old.item)
    }

    /// The item with this number.
    #[must_use]
    pub fn item(&self, number: u64) -> Option<&Item> {
        self.items.get(&number)
    }

    /// The item, and the day if the id is one of an occurrence that exists.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<(&Item, Option<Date>)> {
        if let Some(number) = self.numbers.get(id) {
            return Some((self.items.get(number)?, None));
        }
        let rest = id.strip_suffix(MARK)?;
        let (stem, code) = rest.split_at_checked(rest.len().checked_sub(7)?)?;
        let code = u32::from_str_radix(code.strip_prefix('Q')?, 16).ok()?;
        let year = i16::try_from(code / 400).ok()?;
        let day = Date::new(year, 1, 1).ok()?.checked_add(i64::from(code % 400).checked_sub(1)?.days()).ok()?;
        let item = self.items.get(self.numbers.get(&format!("{stem}AAA="))?)?;
        item.on(day).map(|_| (item, Some(day)))
    }

    /// Everything in `window` of a calendar, in order of time. Remembered until something changes.
    pub fn view(&mut self, calendar: usize, window: Window) -> Arc<Vec<Instance>> {
        if let Some((change, seen, of, instances)) = &self.seen
            && (*change, *seen, *of) == (self.change, window, calendar)
        {
            return Arc::clone(instances);
        }
        let instances = Arc::new(self.look(calendar, window, &TimeZone::UTC));
        self.seen = Some((self.change, window, calendar, Arc::clone(&instances)));
        instances
    }

    /// As [`Mailbox::view`], with whole days read in `whole_days`; for free/busy, where they lie in the owner's zone.
    #[must_use]
    pub fn look(&self, calendar: usize, window: Window, whole_days: &TimeZone) -> Vec<Instance> {
        let mut instances: Vec<Instance> = self
            .items
            .values()
            .filter(|item| item.calendar == calendar && item.may_touch(window))
            .flat_map(|item| item.instances(window, whole_days))
            .collect();
        instances.sort_by_key(|instance| (instance.start, instance.end, instance.number));
        instances
    }

    /// Puts an event in; returns its id.
    pub fn add(&mut self, calendar: usize, uid: &str, details: Details, now: Timestamp) -> String {
        self.change += 1;
        self.next += 1;
        let number = self.next;
        let id = format!("{}{}AAA=", self.stem, scramble(number));
        let item = Item {
            number,
            id: id.clone(),
            uid: uid.to_owned(),
            calendar,
            change: self.change,
            modified: now,
            details: Arc::new(details),
            days: BTreeMap::new(),
        };
        self.numbers.insert(id.clone(), number);
        self.items.insert(number, item);
        id
    }

    /// Changes an event or the whole of a series; its exceptions go, as they do in Exchange. False for an unknown id.
    pub fn change(&mut self, id: &str, now: Timestamp, change: impl FnOnce(&mut Details)) -> bool {
        let Some(item) = self.numbers.get(id).and_then(|number| self.items.get_mut(number)) else { return false };
        self.change += 1;
        if item.details.recurrence.is_some() {
            self.before.push(Gone { change: self.change, item: item.clone() });
        }
        change(Arc::make_mut(&mut item.details));
        item.change = self.change;
        item.modified = now;
        item.days.clear();
        true
    }

    /// Changes what does not touch the times of an event or a series; its exceptions stay. False for an unknown id.
    pub fn amend(&mut self, id: &str, now: Timestamp, change: impl FnOnce(&mut Details)) -> bool {
        let Some(item) = self.numbers.get(id).and_then(|number| self.items.get_mut(number)) else { return false };
        self.change += 1;
        change(Arc::make_mut(&mut item.details));
        item.change = self.change;
        item.modified = now;
        true
    }

    /// The item of this meeting.
    #[must_use]
    pub fn of_meeting(&self, uid: &str) -> Option<&Item> {
        self.items.values().find(|item| item.uid == uid)
    }

    /// The item that was made under this transaction id.
    #[must_use]
    pub fn of_transaction(&self, transaction: &str) -> Option<&Item> {
        self.items.values().find(|item| item.details.transaction.as_deref() == Some(transaction))
    }

    /// Makes a day of a series different or cancels it. False for an unknown id or a day it does not happen on.
    pub fn change_day(&mut self, id: &str, day: Date, what: Day, now: Timestamp) -> bool {
        let Some(item) = self.numbers.get(id).and_then(|number| self.items.get_mut(number)) else { return false };
        if item.on(day).is_none() {
            return false;
        }
        self.change += 1;
        item.days.insert(day, (self.change, what));
        item.modified = now;
        true
    }

    /// Takes an event, a whole series or one occurrence away. False for an unknown id.
    pub fn remove(&mut self, id: &str, now: Timestamp) -> bool {
        let Some((item, day)) = self.find(id) else { return false };
        let (master, number) = (item.id.clone(), item.number);
        if let Some(day) = day {
            return self.change_day(&master, day, Day::Cancelled, now);
        }
        self.change += 1;
        self.numbers.remove(id);
        if let Some(item) = self.items.remove(&number) {
            self.gone.push(Gone { change: self.change, item });
        }
        true
    }
}

/// A number as twelve characters that say nothing to a reader; different numbers give different texts.
fn scramble(number: u64) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    // Multiplying by an odd number is reversible, so no two numbers meet.
    let mut mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut text = String::with_capacity(12);
    for _ in 0..12 {
        text.push(char::from(ALPHABET[usize::try_from(mixed & 63).unwrap_or(0)]));
        mixed >>= 6;
    }
    text
}
