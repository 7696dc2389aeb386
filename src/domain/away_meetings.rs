//! My meetings with people who are away then.
//!
//! Pure. Must stay true: somebody counts as away from a meeting only where a source says so of that very time: their calendar over it, or
//! a reply that is on then; what nobody told is not made up. What I declined, or what was called off, is no meeting of mine.

use crate::domain::event::{Event, Response, When};
use crate::domain::freebusy::Availability;
use crate::domain::presence::{AutomaticReply, AwayFrom, AwayMeeting, AwayRow, AwaySource};
use crate::domain::time::{Span, add_days, date_at, day_span, day_start};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The meetings among `events` from `now` on, by time, each with who of `rows` is away from it. Days are those of `zone`.
#[must_use]
pub fn meetings(events: &[Event], rows: &[AwayRow], now: Timestamp, zone: &TimeZone) -> Vec<AwayMeeting> {
    let mut found: Vec<(Timestamp, AwayMeeting)> = Vec::new();
    for event in events.iter().filter(|event| !event.is_cancelled && event.response != Response::Declined) {
        let (span, date) = match event.when {
            When::Timed(span) => (span, date_at(span.start, zone)),
            When::AllDay { start, end } => (Span { start: day_start(start, zone), end: day_start(end, zone) }, start),
        };
        if span.end <= now {
            continue;
        }
        let away: Vec<AwayFrom> = rows
            .iter()
            .filter_map(|row| {
                let is_organizer = is_organizer(event, row);
                let sources = sources(row, span, now, zone);
                (is_organizer || is_invited(event, row)).then_some(())?;
                (!sources.is_empty()).then(|| AwayFrom { name: row.person.name.clone(), sources, is_organizer })
            })
            .collect();
        if !away.is_empty() {
            let timed = matches!(event.when, When::Timed(_)).then_some(span);
            let subject = event.subject.clone();
            found.push((span.start, AwayMeeting { event: event.id.clone(), date, span: timed, subject, away }));
        }
    }
    found.sort_by(|(one, first), (other, second)| one.cmp(other).then_with(|| first.subject.cmp(&second.subject)));
    found.into_iter().map(|(_, meeting)| meeting).collect()
}

fn is_organizer(event: &Event, row: &AwayRow) -> bool {
    let organizer = event.organizer.as_ref().filter(|_| !event.is_organizer);
    organizer.is_some_and(|organizer| organizer.address.eq_ignore_ascii_case(&row.person.address))
}

/// Whether they are invited and did not say no: whoever did will not be missed.
fn is_invited(event: &Event, row: &AwayRow) -> bool {
    event.attendees.iter().any(|attendee| {
        attendee.recipient.address.eq_ignore_ascii_case(&row.person.address)
            && !attendee.is_resource
            && attendee.response != Response::Declined
    })
}

/// Who says that they are away at some time of `span`.
fn sources(row: &AwayRow, span: Span, now: Timestamp, zone: &TimeZone) -> Vec<AwaySource> {
    let mut sources = Vec::new();
    if row.reply.as_ref().is_some_and(|reply| reply_span(reply, now, zone).overlaps(&span)) {
        sources.push(AwaySource::AutomaticReply);
    }
    let blocks = row.schedule.iter().filter_map(|schedule| schedule.blocks.as_ref().ok()).flatten();
    if blocks.filter(|block| block.status == Some(Availability::OutOfOffice)).any(|block| block.span.overlaps(&span)) {
        sources.push(AwaySource::Calendar);
    }
    let is_present_out = row.presence.as_ref().is_some_and(|presence| presence.is_out_of_office);
    if is_present_out && span.contains(now) {
        sources.push(AwaySource::Presence);
    }
    sources
}

/// The time a reply speaks of. Without an end it says nothing about tomorrow.
#[must_use]
pub fn reply_span(reply: &AutomaticReply, now: Timestamp, zone: &TimeZone) -> Span {
    let today = day_span(date_at(now, zone), zone);
    let start = reply.start.unwrap_or(today.start);
    let end = reply.end.unwrap_or_else(|| day_start(add_days(date_at(now, zone), 1), zone));
    Span { start, end: end.max(start) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::{Attendee, CalendarId, EventId};
    use crate::domain::freebusy::{Block, Schedule};
    use crate::domain::mail::{Importance, Recipient};
    use crate::domain::person::{Person, PersonId};

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    fn span(start: &str, end: &str) -> Span {
        Span { start: at(start), end: at(end) }
    }

    fn event(subject: &str, span: Span, people: &[(&str, Response)]) -> Event {
        let attendee = |(name, response): &(&str, Response)| Attendee {
            recipient: Recipient { name: (*name).to_owned(), address: format!("{name}@x.org") },
            is_optional: false,
            is_resource: false,
            response: *response,
        };
        Event {
            id: EventId(subject.to_owned()),
            calendar: CalendarId("c".to_owned()),
            series: None,
            subject: subject.to_owned(),
            when: When::Timed(span),
            show_as: None,
            location: String::new(),
            preview: String::new(),
            is_cancelled: false,
            is_private: false,
            is_organizer: true,
            response: Response::Organizer,
            organizer: None,
            attendees: people.iter().map(attendee).collect(),
            join_url: None,
            web_link: None,
            categories: Vec::new(),
            importance: Importance::Normal,
            has_attachments: false,
        }
    }

    fn row(name: &str, reply: Option<(&str, Option<&str>)>, out: Option<Span>) -> AwayRow {
        let now = at("2026-11-23T10:00:00Z");
        let blocks = out.into_iter().map(|span| Block {
            span,
            status: Some(Availability::OutOfOffice),
            subject: None,
            location: None,
            is_private: false,
        });
        AwayRow {
            person: Person {
                id: PersonId(name.to_owned()),
                name: name.to_owned(),
                address: format!("{name}@x.org"),
                job_title: None,
                department: None,
                office: None,
                phones: Vec::new(),
            },
            days: Vec::new(),
            is_away_now: false,
            until: None,
            since: None,
            reply: reply.map(|(start, end)| AutomaticReply {
                message: "Away".to_owned(),
                start: Some(at(start)),
                end: end.map(at),
                as_of: now,
            }),
            presence: None,
            sources: Vec::new(),
            schedule: Some(Schedule {
                address: String::new(),
                window: span("2026-11-23T00:00:00Z", "2026-12-23T00:00:00Z"),
                blocks: Ok(blocks.collect()),
                view: String::new(),
                view_minutes: 15,
                working_hours: None,
                as_of: now,
            }),
            problems: Vec::new(),
        }
    }

    #[test]
    fn a_meeting_counts_where_a_source_speaks_of_its_time() {
        let now = at("2026-11-23T10:00:00Z");
        let rows = [
            row("eva", Some(("2026-11-20T17:00:00Z", Some("2026-11-25T12:00:00Z"))), None),
            row("tom", None, Some(span("2026-11-26T08:00:00Z", "2026-11-26T12:00:00Z"))),
            // On without an end: it says nothing about tomorrow.
            row("jo", Some(("2026-11-20T17:00:00Z", None)), None),
        ];
        let all = [("eva", Response::Accepted), ("tom", Response::None), ("jo", Response::Accepted)];
        let events = [
            event("thursday", span("2026-11-26T11:30:00Z", "2026-11-26T12:30:00Z"), &all),
            event("wednesday noon", span("2026-11-25T12:00:00Z", "2026-11-25T13:00:00Z"), &all),
            event("today", span("2026-11-23T15:00:00Z", "2026-11-23T16:00:00Z"), &all),
            event("over", span("2026-11-23T08:00:00Z", "2026-11-23T09:00:00Z"), &all),
            event("without her", span("2026-11-24T08:00:00Z", "2026-11-24T09:00:00Z"), &[("eva", Response::Declined)]),
        ];
        let found = meetings(&events, &rows, now, &TimeZone::UTC);
        let told: Vec<String> = found
            .iter()
            .map(|meeting| {
                let who: Vec<String> =
                    meeting.away.iter().map(|away| format!("{} {:?}", away.name, away.sources)).collect();
                format!("{}: {}", meeting.subject, who.join(", "))
            })
            .collect();
        assert_eq!(told, ["today: eva [AutomaticReply], jo [AutomaticReply]", "thursday: tom [Calendar]"]);
    }

    #[test]
    fn whoever_organises_counts_and_what_is_called_off_or_declined_does_not() {
        let now = at("2026-11-23T10:00:00Z");
        let rows = [row("eva", None, Some(span("2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z")))];
        let hers = Event {
            is_organizer: false,
            organizer: Some(Recipient { name: "Eva".to_owned(), address: "EVA@x.org".to_owned() }),
            response: Response::Accepted,
            ..event("hers", span("2026-11-24T08:00:00Z", "2026-11-24T09:00:00Z"), &[])
        };
        let off = Event { is_cancelled: true, ..hers.clone() };
        let declined = Event { response: Response::Declined, ..hers.clone() };
        let found = meetings(&[hers, off, declined], &rows, now, &TimeZone::UTC);
        assert_eq!(found.len(), 1);
        assert!(found[0].away[0].is_organizer);
    }
}
