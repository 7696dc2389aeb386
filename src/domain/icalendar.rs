//! Events as iCalendar text [RFC 5545], for a file another calendar can read.
//!
//! Times are UTC, whole days are dates, text is escaped, and no line is longer than 75 octets. Must stay true: what stands in an
//! event cannot begin a line of its own, whatever is in it. Deliberately absent: reading iCalendar, rules of series (each day
//! stands for itself), and bodies beyond their first words.

use crate::domain::event::{Attendee, Event, Response, When};
use crate::domain::freebusy::Availability;
use crate::domain::mail::{Importance, Recipient};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Octets of a line without its end [RFC 5545 3.1].
const LONGEST_LINE: usize = 75;

/// `events` as one calendar, written at `made`.
#[must_use]
pub fn calendar(events: &[Event], made: Timestamp) -> String {
    let mut out = Lines::default();
    out.line("BEGIN", "VCALENDAR");
    out.line("VERSION", "2.0");
    out.line("PRODID", concat!("-//deskbell//deskbell ", env!("CARGO_PKG_VERSION"), "//EN"));
    out.line("CALSCALE", "GREGORIAN");
    for event in events {
        out.event(event, made);
    }
    out.line("END", "VCALENDAR");
    out.0
}

#[derive(Default)]
struct Lines(String);

impl Lines {
    fn event(&mut self, event: &Event, made: Timestamp) {
        self.line("BEGIN", "VEVENT");
        self.line("UID", &text(&event.id.0));
        self.line("DTSTAMP", &utc(made));
        match event.when {
            When::AllDay { start, end } => {
                self.line("DTSTART;VALUE=DATE", &day(start));
                self.line("DTEND;VALUE=DATE", &day(end));
            }
            When::Timed(span) => {
                self.line("DTSTART", &utc(span.start));
                // An end at or before the start is not allowed; without one it lasts no time.
                if span.end > span.start {
                    self.line("DTEND", &utc(span.end));
                }
            }
        }
        self.line("SUMMARY", &text(&event.subject));
        self.said("LOCATION", &event.location);
        let join = event.join_url.as_deref().unwrap_or_default();
        let words = [event.preview.as_str(), join].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
        self.said("DESCRIPTION", &words.join("\n"));
        if let Some(link) = event.web_link.as_deref().map(address).filter(|link| !link.is_empty()) {
            self.line("URL", &link);
        }
        if !event.categories.is_empty() {
            let names: Vec<String> = event.categories.iter().map(|name| text(name)).collect();
            self.line("CATEGORIES", &names.join(","));
        }
        self.line("STATUS", status(event));
        self.line("TRANSP", if event.show_as == Some(Availability::Free) { "TRANSPARENT" } else { "OPAQUE" });
        if let Some(shown) = event.show_as {
            self.line("X-MICROSOFT-CDO-BUSYSTATUS", busy_status(shown));
        }
        if event.is_private {
            self.line("CLASS", "PRIVATE");
        }
        match event.importance {
            Importance::High => self.line("PRIORITY", "1"),
            Importance::Low => self.line("PRIORITY", "9"),
            Importance::Normal => {}
        }
        // An organizer belongs to what others were invited to [RFC 5545 3.8.4.3].
        if let Some(organizer) = event.organizer.as_ref().filter(|_| !event.attendees.is_empty()) {
            self.line(&format!("ORGANIZER{}", common_name(organizer)), &mailto(organizer));
        }
        for attendee in &event.attendees {
            self.line(&parameters(attendee), &mailto(&attendee.recipient));
        }
        self.line("END", "VEVENT");
    }

    fn said(&mut self, name: &str, words: &str) {
        if !words.is_empty() {
            self.line(name, &text(words));
        }
    }

    /// One content line, folded.
    fn line(&mut self, name: &str, value: &str) {
        let mut room = LONGEST_LINE;
        for letter in name.chars().chain([':']).chain(value.chars()) {
            if letter.len_utf8() > room {
                self.0.push_str("\r\n ");
                room = LONGEST_LINE - 1;
            }
            room -= letter.len_utf8();
            self.0.push(letter);
        }
        self.0.push_str("\r\n");
    }
}

/// A TEXT value: its own signs escaped, every kind of line end one `\n`, other controls left out [RFC 5545 3.3.11].
fn text(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    let mut letters = words.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' | ';' | ',' => out.extend(['\\', letter]),
            '\r' => {
                letters.next_if_eq(&'\n');
                out.push_str("\\n");
            }
            '\n' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push_str("\\n"),
            '\t' => out.push('\t'),
            control if control.is_control() => {}
            other => out.push(other),
        }
    }
    out
}

/// A quoted parameter value; what cannot stand in quotes is written by its own signs [RFC 6868].
fn quoted(words: &str) -> String {
    let mut out = String::from("\"");
    for letter in words.chars() {
        match letter {
            '^' => out.push_str("^^"),
            '"' => out.push_str("^'"),
            '\n' => out.push_str("^n"),
            control if control.is_control() => {}
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

/// An address without what could end the line.
fn address(link: &str) -> String {
    link.chars().filter(|letter| !letter.is_control() && !letter.is_whitespace()).collect()
}

fn mailto(recipient: &Recipient) -> String {
    if !recipient.address.contains('@') {
        return "invalid:nomail".to_owned();
    }
    let mut out = String::from("mailto:");
    for byte in recipient.address.bytes() {
        if byte.is_ascii_alphanumeric() || b"@.-_~+!$'*/=".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn common_name(recipient: &Recipient) -> String {
    if recipient.name.is_empty() { String::new() } else { format!(";CN={}", quoted(&recipient.name)) }
}

fn parameters(attendee: &Attendee) -> String {
    let kind = if attendee.is_resource { ";CUTYPE=RESOURCE" } else { "" };
    let role = match (attendee.is_resource, attendee.is_optional) {
        (true, _) => "NON-PARTICIPANT",
        (false, true) => "OPT-PARTICIPANT",
        (false, false) => "REQ-PARTICIPANT",
    };
    let answer = match attendee.response {
        Response::Accepted | Response::Organizer => "ACCEPTED",
        Response::Tentative => "TENTATIVE",
        Response::Declined => "DECLINED",
        Response::None | Response::NotResponded => "NEEDS-ACTION",
    };
    format!("ATTENDEE{kind};ROLE={role};PARTSTAT={answer}{}", common_name(&attendee.recipient))
}

fn status(event: &Event) -> &'static str {
    match event.response {
        _ if event.is_cancelled => "CANCELLED",
        Response::Tentative | Response::NotResponded => "TENTATIVE",
        _ => "CONFIRMED",
    }
}

const fn busy_status(shown: Availability) -> &'static str {
    match shown {
        Availability::Free => "FREE",
        Availability::WorkingElsewhere => "WORKINGELSEWHERE",
        Availability::Tentative => "TENTATIVE",
        Availability::Busy => "BUSY",
        Availability::OutOfOffice => "OOF",
    }
}

fn utc(at: Timestamp) -> String {
    let wall = at.to_zoned(TimeZone::UTC).datetime();
    format!("{}T{:02}{:02}{:02}Z", day(wall.date()), wall.hour(), wall.minute(), wall.second())
}

/// Years have four digits; before the first there are none.
fn day(date: Date) -> String {
    format!("{:04}{:02}{:02}", date.year().max(0), date.month(), date.day())
}
