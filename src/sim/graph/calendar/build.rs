//! The calendars at the beginning: the agenda of `assets/tenant.json` placed in this week, and quiet filling for everybody.
//!
//! A meeting is written once and lands in the calendar of everybody who has not declined it, each with an id and an answer of
//! their own. The filling is made from the alias, so it is the same every time; it gives free/busy grids something to show.

use super::CalendarState;
use super::recurrence::{Index, Pattern, Range, Recurrence};
use super::store::{Attendee, Calendar, Day, Details, Mailbox, Place};
use crate::base::ids::{Ids, SeededIds};
use crate::sim::company::{Company, Entry, Person};
use crate::sim::when::{Anchor, plus, weekday};
use crate::sim::zones::Zone;
use jiff::civil::{Date, DateTime, Weekday};
use jiff::{Timestamp, ToSpan};
use std::collections::BTreeMap;
use std::time::SystemTime;

pub(super) fn build(company: &Company, now: SystemTime) -> CalendarState {
    let now = Timestamp::try_from(now).unwrap_or(Timestamp::UNIX_EPOCH);
    let home = company.people.first().and_then(|person| Zone::named(&person.zone)).unwrap_or_else(Zone::utc);
    let anchor = Anchor::at(now.into(), &home.rules);
    let mut builder = Builder { company, now, anchor, mailboxes: BTreeMap::new() };
    for (index, person) in company.people.iter().enumerate() {
        if person.has_mailbox || person.federated {
            builder.mailboxes.insert(index, Mailbox::new(&stem(person), calendars(person, index == 0)));
        }
    }
    for (number, entry) in company.agenda.iter().enumerate() {
        builder.place(number, entry);
    }
    for index in 1..company.people.len() {
        builder.fill(index);
    }
    CalendarState { mailboxes: builder.mailboxes, ..CalendarState::default() }
}

/// The beginning of every id in the mailbox.
fn stem(person: &Person) -> String {
    let code: String = person.id.chars().filter(char::is_ascii_hexdigit).take(10).collect();
    format!("AAMkA{code}LTRi_FRg")
}

fn calendars(person: &Person, several: bool) -> Vec<Calendar> {
    let make = |name: &str, color: &str, default: bool| Calendar {
        id: format!("{}Cal{}AAA=", stem(person), name.replace(' ', "-")),
        name: name.to_owned(),
        color: color.to_owned(),
        default,
    };
    let mut all = vec![make("Calendar", "auto", true)];
    if several {
        all.extend([make("Holidays", "lightGreen", false), make("Release train", "lightOrange", false)]);
    }
    all
}

struct Builder<'a> {
    company: &'a Company,
    now: Timestamp,
    anchor: Anchor,
    mailboxes: BTreeMap<usize, Mailbox>,
}

impl Builder<'_> {
    fn place(&mut self, number: usize, entry: &Entry) {
        let Some(by) = self.company.find(&entry.by) else { return };
        let Some(details) = self.details(entry, &self.company.people[by], number) else { return };
        let uid = format!("040000008200E00074C5B7101A82E008{number:08X}C0DE{:012X}", entry.subject.len());
        let meeting = !details.attendees.is_empty();
        let own = Details { response: if meeting { "organizer" } else { "none" }.to_owned(), ..details.clone() };
        self.put(by, entry, &uid, own);
        for attendee in &details.attendees {
            let Some(index) = self.company.find(&attendee.address).filter(|index| *index != by) else { continue };
            if attendee.response == "declined" {
                continue;
            }
            let show = match attendee.response.as_str() {
                "accepted" => details.show.clone(),
                _ => "tentative".to_owned(),
            };
            let response =
                if attendee.response == "none" { "notResponded".to_owned() } else { attendee.response.clone() };
            let copy = Details { show, response, categories: Vec::new(), ..details.clone() };
            self.put(index, entry, &uid, copy);
        }
    }

    fn put(&mut self, index: usize, entry: &Entry, uid: &str, details: Details) {
        let (start, length) = (details.start, details.start.until(details.end).unwrap_or_default());
        let Some(mailbox) = self.mailboxes.get_mut(&index) else { return };
        let calendar = entry
            .calendar
            .as_ref()
            .and_then(|name| mailbox.calendars.iter().position(|calendar| calendar.name == *name))
            .unwrap_or(0);
        let id = mailbox.add(calendar, uid, details, self.now);
        for text in &entry.cancelled {
            if let Some(day) = self.anchor.day(text) {
                mailbox.change_day(&id, day, Day::Cancelled, self.now);
            }
        }
        for changed in &entry.changed {
            let Some(day) = self.anchor.day(&changed.on) else { continue };
            let begins = changed.start.as_ref().and_then(|text| self.anchor.wall(text));
            let begins = begins.unwrap_or_else(|| day.to_datetime(start.time()));
            let ends = changed.minutes.map_or_else(|| begins.saturating_add(length), |minutes| later(begins, minutes));
            let what = Day::Changed { start: begins, end: ends, subject: changed.subject.clone() };
            mailbox.change_day(&id, day, what, self.now);
        }
    }

    fn details(&self, entry: &Entry, organizer: &Person, number: usize) -> Option<Details> {
        let zone_name = entry.zone_name.as_ref().or(entry.zone.as_ref()).unwrap_or(&organizer.zone);
        let start = self.anchor.wall(&entry.start)?;
        let end = if entry.days > 0 {
            plus(start.date(), entry.days).to_datetime(start.time())
        } else {
            later(start, entry.minutes)
        };
        let recurrence = match &entry.repeat {
            Some(repeat) => {
                let range = match (entry.count, entry.until) {
                    (Some(count), _) => Range::Numbered(count),
                    (None, Some(week)) => Range::EndDate(plus(self.anchor.monday, 7 * week + 6)),
                    (None, None) => Range::NoEnd,
                };
                Some(repeated(repeat, range, start.date())?)
            }
            None => None,
        };
        // A series begins on its first day, whatever day the file names.
        let first = recurrence.as_ref().map_or(start.date(), |series| {
            series.days(start.date(), plus(start.date(), 800)).next().unwrap_or(start.date())
        });
        let shift = i64::from(start.date().until(first).map_or(0, |span| span.get_days()));
        let recurrence = recurrence.map(|series| Recurrence::new(series.pattern, series.interval, series.range, first));
        let room = entry.room.as_ref().and_then(|room| self.company.find(room)).map(|room| &self.company.people[room]);
        let place = match (room, &entry.place, entry.online) {
            (Some(room), ..) => Some(Place { name: room.display_name.clone(), address: room.mail.clone() }),
            (None, Some(place), _) => Some(Place { name: place.clone(), address: None }),
            (None, None, true) => Some(Place { name: "Microsoft Teams Meeting".to_owned(), address: None }),
            (None, None, false) => None,
        };
        Some(Details {
            body: entry.body.clone().unwrap_or_default(),
            zone: Zone::named(zone_name)?,
            all_day: entry.days > 0,
            show: entry.show.clone().unwrap_or_else(|| "busy".to_owned()),
            sensitivity: entry.sensitivity.clone().unwrap_or_else(|| "normal".to_owned()),
            importance: entry.importance.clone().unwrap_or_else(|| "normal".to_owned()),
            categories: entry.categories.clone(),
            place,
            organizer: Some((organizer.display_name.clone(), organizer.mail.clone().unwrap_or_default())),
            attendees: self.attendees(entry, room),
            join: entry.online.then(|| join_address(number)),
            called_off: entry.called_off,
            recurrence,
            created: self.now.saturating_sub(jiff::SignedDuration::from_hours(24 * 9)).unwrap_or(self.now),
            ..Details::new(&entry.subject, days_later(start, shift), days_later(end, shift), Zone::utc())
        })
    }

    fn attendees(&self, entry: &Entry, room: Option<&Person>) -> Vec<Attendee> {
        let asked = |people: &BTreeMap<String, String>, kind: &str| -> Vec<Attendee> {
            let one = |(who, response): (&String, &String)| {
                let known = self.company.find(who).map(|index| &self.company.people[index]);
                Attendee {
                    name: known.map_or_else(|| who.clone(), |person| person.display_name.clone()),
                    address: known.and_then(|person| person.mail.clone()).unwrap_or_else(|| who.clone()),
                    kind: kind.to_owned(),
                    response: response.clone(),
                    answered: None,
                    proposal: None,
                }
            };
            people.iter().map(one).collect()
        };
        let mut all = asked(&entry.people, "required");
        all.extend(asked(&entry.optional, "optional"));
        all.extend(room.map(|room| Attendee {
            name: room.display_name.clone(),
            address: room.mail.clone().unwrap_or_default(),
            kind: "resource".to_owned(),
            response: "accepted".to_owned(),
            answered: None,
            proposal: None,
        }));
        all
    }

    /// Gives somebody a believable week: a few series inside their own hours, the same for the same alias.
    fn fill(&mut self, index: usize) {
        const SUBJECTS: [&str; 12] = [
            "Weekly planning",
            "Customer call",
            "Desk time",
            "Review",
            "Interview",
            "Pipeline check",
            "Training",
            "Writing",
            "Coffee",
            "Numbers",
            "Handover",
            "Follow-up",
        ];
        let person = &self.company.people[index];
        let Some(mailbox) = self.mailboxes.get_mut(&index) else { return };
        if person.quiet || person.kind == "shared" || (person.given_name.is_empty() && person.kind == "user") {
            return;
        }
        let Some(zone) = Zone::named(&person.zone) else { return };
        let dice = Dice::of(&person.alias);
        let (from, to) = hours(person);
        let days: Vec<Weekday> = if person.work_days.is_empty() {
            vec![Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday]
        } else {
            person.work_days.iter().filter_map(|day| weekday(day)).collect()
        };
        for round in 0..6 + dice.below(3) {
            let minutes = [30, 30, 45, 60, 60, 90][dice.below(6)];
            let begin = from
                + 30 * i64::try_from(dice.below(usize::try_from((to - from) / 30).unwrap_or(1).max(1))).unwrap_or(0);
            let begin = begin.min(to - minutes).max(from);
            let mut on: Vec<Weekday> = days.iter().copied().filter(|_| dice.below(3) == 0).collect();
            if on.is_empty() {
                on.push(days[dice.below(days.len())]);
            }
            let start = plus(self.anchor.monday, -7 * (10 + i64::try_from(round).unwrap_or(0)));
            let interval = if dice.below(3) == 0 { 2 } else { 1 };
            let pattern = Pattern::Weekly { days: on, first_day: Weekday::Monday };
            let series = Recurrence::new(pattern, interval, Range::NoEnd, start);
            let first = series.days(start, plus(start, 60)).next().unwrap_or(start);
            let series = Recurrence::new(series.pattern, interval, Range::NoEnd, first);
            let wall = later(first.to_datetime(jiff::civil::Time::midnight()), begin);
            let mut details = Details::new(SUBJECTS[dice.below(12)], wall, later(wall, minutes), zone.clone());
            details.show = ["busy", "busy", "busy", "tentative", "busy", "busy"][dice.below(6)].to_owned();
            details.recurrence = Some(series);
            details.created = self.now;
            let uid = format!("0400000082{index:08X}{round:08X}");
            mailbox.add(0, &uid, details, self.now);
        }
    }
}

/// Working hours in minutes after midnight.
fn hours(person: &Person) -> (i64, i64) {
    let minutes = |text: &Option<String>, otherwise: i64| {
        text.as_deref()
            .and_then(crate::sim::when::clock_time)
            .map_or(otherwise, |time| i64::from(time.hour()) * 60 + i64::from(time.minute()))
    };
    (minutes(&person.work_start, 540), minutes(&person.work_end, 1020))
}

/// Reads `daily`, `weekly mon wed`, `every 2 weeks tue`, `monthly 15`, `monthly second thu`, `yearly 3-15`,
/// `yearly 5 last mon`.
fn repeated(text: &str, range: Range, start: Date) -> Option<Recurrence> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let (interval, kind, rest) = match words.as_slice() {
        ["every", interval, kind, rest @ ..] => (interval.parse().ok()?, *kind, rest),
        [kind, rest @ ..] => (1, *kind, rest),
        [] => return None,
    };
    let days = |names: &[&str]| names.iter().map(|name| weekday(name)).collect::<Option<Vec<Weekday>>>();
    let pattern = match (kind, rest) {
        ("daily" | "days", _) => Pattern::Daily,
        ("weekly" | "weeks", names) => Pattern::Weekly { days: days(names)?, first_day: Weekday::Monday },
        ("monthly" | "months", [day]) => Pattern::AbsoluteMonthly { day: day.parse().ok()? },
        ("monthly" | "months", [index, names @ ..]) => {
            Pattern::RelativeMonthly { days: days(names)?, index: Index::named(index)? }
        }
        ("yearly", [date]) => {
            let (month, day) = date.split_once('-')?;
            Pattern::AbsoluteYearly { month: month.parse().ok()?, day: day.parse().ok()? }
        }
        ("yearly", [month, index, names @ ..]) => {
            Pattern::RelativeYearly { month: month.parse().ok()?, days: days(names)?, index: Index::named(index)? }
        }
        _ => return None,
    };
    Some(Recurrence::new(pattern, interval, range, start))
}

fn join_address(number: usize) -> String {
    format!("https://teams.example/l/meetup-join/19%3ameeting_{:016x}%40thread.v2/0", number * 0x9e37_79b9)
}

fn later(wall: DateTime, minutes: i64) -> DateTime {
    wall.saturating_add(minutes.minutes())
}

fn days_later(wall: DateTime, days: i64) -> DateTime {
    wall.saturating_add(days.days())
}

/// Numbers that look random and are the same for the same alias.
struct Dice(SeededIds);

impl Dice {
    fn of(alias: &str) -> Self {
        Self(SeededIds::new(alias.bytes().fold(7, |seed, byte| seed * 31 + u64::from(byte))))
    }

    fn below(&self, limit: usize) -> usize {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        u32::from_le_bytes(bytes) as usize % limit.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_of_the_agenda_lands_and_every_exception_meets_its_day() {
        let company = Company::load();
        let zone = Zone::named("Europe/Madrid").unwrap();
        // A week is long enough to see every day of the week as today.
        for day in 16..23 {
            let now: Timestamp = format!("2026-11-{day}T09:00:00Z").parse().unwrap();
            let anchor = Anchor::at(now.into(), &zone.rules);
            let builder = Builder { company: &company, now, anchor, mailboxes: BTreeMap::new() };
            for (number, entry) in company.agenda.iter().enumerate() {
                let by = company.find(&entry.by).unwrap_or_else(|| panic!("{entry:?}"));
                let details = builder.details(entry, &company.people[by], number);
                let details = details.unwrap_or_else(|| panic!("cannot be read: {entry:?}"));
                for who in entry.people.keys().chain(entry.optional.keys()).chain(&entry.room) {
                    assert!(company.find(who).is_some(), "{who} in {entry:?}");
                }
                for exception in entry.cancelled.iter().chain(entry.changed.iter().map(|changed| &changed.on)) {
                    let day = anchor.day(exception).unwrap();
                    assert!(details.recurrence.as_ref().unwrap().happens_on(day), "{exception} in {entry:?}");
                }
            }
        }
    }

    #[test]
    fn managers_form_one_tree() {
        let company = Company::load();
        for person in &company.people {
            let mut above = person;
            for _ in 0..company.people.len() {
                let Some(boss) = &above.manager else { break };
                above = &company.people[company.find(boss).unwrap()];
            }
            assert!(above.manager.is_none(), "{} is under somebody who is under them", person.alias);
        }
    }
}
