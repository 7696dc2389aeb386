//! Events as iCalendar text, read back by a reader that knows no more than RFC 5545.

use deskbell::domain::event::{Attendee, CalendarId, Event, EventId, Response, When};
use deskbell::domain::freebusy::Availability;
use deskbell::domain::icalendar::calendar;
use deskbell::domain::mail::{Importance, Recipient};
use deskbell::domain::time::Span;
use jiff::Timestamp;
use proptest::prelude::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn event(subject: &str, when: When) -> Event {
    Event {
        id: EventId("AAMk=1".to_owned()),
        calendar: CalendarId("c".to_owned()),
        series: None,
        subject: subject.to_owned(),
        when,
        show_as: Some(Availability::Busy),
        location: String::new(),
        preview: String::new(),
        is_cancelled: false,
        is_private: false,
        is_organizer: true,
        response: Response::Organizer,
        organizer: None,
        attendees: Vec::new(),
        join_url: None,
        web_link: None,
        categories: Vec::new(),
        importance: Importance::Normal,
        has_attachments: false,
    }
}

fn hour() -> When {
    When::Timed(Span { start: at("2026-11-24T13:00:00Z"), end: at("2026-11-24T14:00:00Z") })
}

fn recipient(name: &str, address: &str) -> Recipient {
    Recipient { name: name.to_owned(), address: address.to_owned() }
}

/// The content lines as (name, parameters, value), unfolded.
fn lines(calendar: &str) -> Vec<(String, String, String)> {
    assert!(calendar.ends_with("\r\n"));
    for line in calendar.split("\r\n") {
        assert!(line.len() <= 75, "{} octets: {line}", line.len());
        assert!(!line.contains(['\r', '\n']), "{line:?}");
    }
    let unfolded = calendar.replace("\r\n ", "");
    let split = |line: &str| {
        let mut in_quotes = false;
        let end = line.find(|letter: char| {
            in_quotes ^= letter == '"';
            letter == ':' && !in_quotes
        });
        let (head, value) = (&line[..end.unwrap()], &line[end.unwrap() + 1..]);
        let (name, parameters) = head.split_once(';').unwrap_or((head, ""));
        (name.to_owned(), parameters.to_owned(), value.to_owned())
    };
    unfolded.split_terminator("\r\n").map(split).collect()
}

/// TEXT without its escapes.
fn unescaped(text: &str) -> String {
    let mut letters = text.chars();
    let mut out = String::new();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => out.push(match letters.next().unwrap() {
                'n' | 'N' => '\n',
                other => other,
            }),
            ',' | ';' => panic!("a bare {letter} in {text}"),
            other => out.push(other),
        }
    }
    out
}

fn value(calendar: &str, name: &str) -> String {
    let all = lines(calendar);
    all.iter().find(|(held, ..)| held == name).unwrap_or_else(|| panic!("no {name}: {calendar}")).2.clone()
}

#[test]
fn a_meeting_is_told_with_its_times_people_and_answers() {
    let mut meeting = event("Review; plan, \\ next", hour());
    meeting.location = "Room 4\nHall".to_owned();
    meeting.preview = "Agenda: x".to_owned();
    meeting.join_url = Some("https://teams.example/j?a=1,2".to_owned());
    meeting.categories = vec!["Red, hot".to_owned(), "Blue".to_owned()];
    meeting.is_private = true;
    meeting.organizer = Some(recipient("Olga \"O\" Stern", "olga@contoso.com"));
    let attendee = |who: Recipient, is_optional, is_resource, response| Attendee {
        recipient: who,
        is_optional,
        is_resource,
        response,
    };
    meeting.attendees = vec![
        attendee(recipient("Bea; X", "b ea@contoso.com"), false, false, Response::Accepted),
        attendee(recipient("", "/o=x500"), true, false, Response::NotResponded),
        attendee(recipient("Room 4", "room4@contoso.com"), false, true, Response::Declined),
    ];
    let text = calendar(&[meeting], at("2026-11-23T09:12:13.5Z"));
    assert_eq!(value(&text, "DTSTART"), "20261124T130000Z");
    assert_eq!(value(&text, "DTEND"), "20261124T140000Z");
    assert_eq!(value(&text, "DTSTAMP"), "20261123T091213Z");
    assert_eq!(value(&text, "SUMMARY"), "Review\\; plan\\, \\\\ next");
    assert_eq!(value(&text, "LOCATION"), "Room 4\\nHall");
    assert_eq!(unescaped(&value(&text, "DESCRIPTION")), "Agenda: x\nhttps://teams.example/j?a=1,2");
    assert_eq!(value(&text, "CATEGORIES"), "Red\\, hot,Blue");
    assert_eq!(value(&text, "CLASS"), "PRIVATE");
    let people: Vec<_> =
        lines(&text).into_iter().filter(|(name, ..)| name == "ATTENDEE" || name == "ORGANIZER").collect();
    let told = |at: usize| (people[at].1.as_str(), people[at].2.as_str());
    assert_eq!(told(0), ("CN=\"Olga ^'O^' Stern\"", "mailto:olga@contoso.com"));
    assert_eq!(told(1), ("ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN=\"Bea; X\"", "mailto:b%20ea@contoso.com"));
    assert_eq!(told(2), ("ROLE=OPT-PARTICIPANT;PARTSTAT=NEEDS-ACTION", "invalid:nomail"));
    assert_eq!(
        told(3),
        ("CUTYPE=RESOURCE;ROLE=NON-PARTICIPANT;PARTSTAT=DECLINED;CN=\"Room 4\"", "mailto:room4@contoso.com")
    );
}

#[test]
fn whole_days_are_dates_and_what_lasts_no_time_has_no_end() {
    let (start, end) = (jiff::civil::date(2026, 12, 24), jiff::civil::date(2026, 12, 27));
    let days = event("Holidays", When::AllDay { start, end });
    let start = at("2026-11-24T13:00:00Z");
    let mut moment = event("Bell", When::Timed(Span { start, end: start }));
    moment.is_cancelled = true;
    let text = calendar(&[days, moment], at("2026-11-23T09:12:13Z"));
    assert!(text.contains("\r\nDTSTART;VALUE=DATE:20261224\r\nDTEND;VALUE=DATE:20261227\r\n"), "{text}");
    assert_eq!(text.matches("DTEND").count(), 1);
    assert_eq!(text.matches("BEGIN:VEVENT").count(), 2);
    assert!(text.contains("STATUS:CANCELLED"));
}

proptest! {
    #[test]
    fn whatever_stands_in_an_event_comes_back_and_begins_no_line(
        subject in "\\PC{0,120}|[a-z:;,\\\\\"\r\n\u{2028}ü😀]{0,200}",
        name in "[ -~\u{e9}\u{4e2d}\u{1f600}\r\n^\"]{0,90}",
    ) {
        let mut hostile = event(&subject, hour());
        hostile.organizer = Some(recipient(&name, "a@b"));
        hostile.attendees = vec![Attendee {
            recipient: recipient(&name, "a:b\r\nX-EVIL:1@c"),
            is_optional: false,
            is_resource: false,
            response: Response::None,
        }];
        let text = calendar(&[hostile], at("2026-11-23T09:12:13Z"));
        let shown = subject.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}', '\u{85}'], "\n");
        prop_assert_eq!(unescaped(&value(&text, "SUMMARY")), shown);
        let names: Vec<String> = lines(&text).into_iter().map(|(name, ..)| name).collect();
        prop_assert!(!names.iter().any(|name| name == "X-EVIL"), "{:?}", names);
        prop_assert_eq!(names.iter().filter(|name| *name == "ATTENDEE").count(), 1);
        prop_assert_eq!(names.last().map(String::as_str), Some("END"));
    }
}
