//! Domain values as columns and back: words for closed lists, JSON for lists, microseconds for instants.
//!
//! A word this release does not know reads as its quiet default (another release may have written it); JSON that makes no sense is
//! [`DbError::Row`].

use crate::db::error::DbError;
use crate::domain::event::{Attendee, Response};
use crate::domain::freebusy::{Availability, Block, ScheduleError, WorkingHours};
use crate::domain::mail::{FolderRole, Importance, MeetingMessage, Recipient};
use crate::domain::time::{Span, Zone};
use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// Microseconds of a day.
pub(super) const DAY: i64 = 86_400_000_000;

pub(super) fn instant(micros: i64) -> Result<Timestamp, DbError> {
    // The last second of time has no microseconds.
    Timestamp::from_microsecond(micros)
        .or_else(|_| Timestamp::from_second(micros.div_euclid(1_000_000)))
        .map_err(|error| DbError::Row(error.to_string()))
}

/// The UTC midnight of a date.
pub(super) fn midnight(date: Date) -> i64 {
    date.to_zoned(TimeZone::UTC).map_or(0, |midnight| midnight.timestamp().as_microsecond())
}

pub(super) fn date(micros: i64) -> Result<Date, DbError> {
    Ok(instant(micros)?.to_zoned(TimeZone::UTC).date())
}

pub(super) fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<String, DbError> {
    serde_json::to_string(value).map_err(|error| DbError::Row(error.to_string()))
}

pub(super) fn from_json<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, DbError> {
    serde_json::from_str(text).map_err(|error| DbError::Row(error.to_string()))
}

/// A closed list with a word for each of its members.
pub(super) trait Word: Copy + PartialEq + 'static {
    const WORDS: &'static [(Self, &'static str)];

    fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(member, _)| *member == self).map_or("", |(_, word)| word)
    }

    fn from_word(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(_, known)| *known == word).map(|(member, _)| *member)
    }
}

impl Word for FolderRole {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::Inbox, "inbox"),
        (Self::Drafts, "drafts"),
        (Self::Sent, "sent"),
        (Self::Archive, "archive"),
        (Self::Deleted, "deleted"),
        (Self::Junk, "junk"),
    ];
}

impl Word for Importance {
    const WORDS: &'static [(Self, &'static str)] =
        &[(Self::Low, "low"), (Self::Normal, "normal"), (Self::High, "high")];
}

impl Word for MeetingMessage {
    const WORDS: &'static [(Self, &'static str)] =
        &[(Self::Request, "request"), (Self::Cancelled, "cancelled"), (Self::Response, "response")];
}

impl Word for Response {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::None, "none"),
        (Self::Organizer, "organizer"),
        (Self::Tentative, "tentative"),
        (Self::Accepted, "accepted"),
        (Self::Declined, "declined"),
        (Self::NotResponded, "notResponded"),
    ];
}

impl Word for Availability {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::Free, "free"),
        (Self::WorkingElsewhere, "elsewhere"),
        (Self::Tentative, "tentative"),
        (Self::Busy, "busy"),
        (Self::OutOfOffice, "outOfOffice"),
    ];
}

impl Word for Weekday {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::Monday, "mon"),
        (Self::Tuesday, "tue"),
        (Self::Wednesday, "wed"),
        (Self::Thursday, "thu"),
        (Self::Friday, "fri"),
        (Self::Saturday, "sat"),
        (Self::Sunday, "sun"),
    ];
}

/// A recipient as `[name, address]`.
#[derive(Serialize, Deserialize)]
pub(super) struct RecipientJson(String, String);

pub(super) fn recipients_to_json(recipients: &[Recipient]) -> Result<String, DbError> {
    let rows: Vec<_> = recipients.iter().map(|one| (one.name.as_str(), one.address.as_str())).collect();
    to_json(&rows)
}

pub(super) fn recipients_from_json(text: &str) -> Result<Vec<Recipient>, DbError> {
    let rows: Vec<RecipientJson> = from_json(text)?;
    Ok(rows.into_iter().map(|RecipientJson(name, address)| Recipient { name, address }).collect())
}

#[derive(Serialize, Deserialize)]
struct AttendeeJson {
    name: String,
    address: String,
    optional: bool,
    resource: bool,
    response: String,
}

pub(super) fn attendees_to_json(attendees: &[Attendee]) -> Result<String, DbError> {
    let rows: Vec<_> = attendees
        .iter()
        .map(|one| AttendeeJson {
            name: one.recipient.name.clone(),
            address: one.recipient.address.clone(),
            optional: one.is_optional,
            resource: one.is_resource,
            response: one.response.word().to_owned(),
        })
        .collect();
    to_json(&rows)
}

pub(super) fn attendees_from_json(text: &str) -> Result<Vec<Attendee>, DbError> {
    let rows: Vec<AttendeeJson> = from_json(text)?;
    let attendee = |row: AttendeeJson| Attendee {
        recipient: Recipient { name: row.name, address: row.address },
        is_optional: row.optional,
        is_resource: row.resource,
        response: Response::from_word(&row.response).unwrap_or_default(),
    };
    Ok(rows.into_iter().map(attendee).collect())
}

#[derive(Serialize, Deserialize)]
struct BlockJson {
    start: i64,
    end: i64,
    status: Option<String>,
    subject: Option<String>,
    location: Option<String>,
    private: bool,
}

pub(super) fn blocks_to_json(blocks: &[Block]) -> Result<String, DbError> {
    let row = |block: &Block| BlockJson {
        start: block.span.start.as_microsecond(),
        end: block.span.end.as_microsecond(),
        status: block.status.map(|status| status.word().to_owned()),
        subject: block.subject.clone(),
        location: block.location.clone(),
        private: block.is_private,
    };
    to_json(&blocks.iter().map(row).collect::<Vec<_>>())
}

pub(super) fn blocks_from_json(text: &str) -> Result<Vec<Block>, DbError> {
    let rows: Vec<BlockJson> = from_json(text)?;
    let block = |row: BlockJson| {
        Ok(Block {
            span: Span { start: instant(row.start)?, end: instant(row.end)? },
            status: row.status.as_deref().and_then(Availability::from_word),
            subject: row.subject,
            location: row.location,
            is_private: row.private,
        })
    };
    rows.into_iter().map(block).collect()
}

#[derive(Serialize, Deserialize)]
struct ScheduleErrorJson {
    code: String,
    message: String,
    remedy: String,
    service: String,
}

pub(super) fn schedule_error_to_json(error: &ScheduleError) -> Result<String, DbError> {
    to_json(&ScheduleErrorJson {
        code: error.code.clone(),
        message: error.message.clone(),
        remedy: error.remedy.clone(),
        service: error.service.clone(),
    })
}

pub(super) fn schedule_error_from_json(text: &str) -> Result<ScheduleError, DbError> {
    let row: ScheduleErrorJson = from_json(text)?;
    Ok(ScheduleError { code: row.code, message: row.message, remedy: row.remedy, service: row.service })
}

/// A zone; its rules as an IANA name, a fixed offset or a POSIX rule.
#[derive(Serialize, Deserialize)]
pub(super) struct ZoneJson {
    name: String,
    #[serde(default, with = "jiff::fmt::serde::tz::optional")]
    rules: Option<TimeZone>,
    approximate: bool,
}

pub(super) fn zone_to_json(zone: &Zone) -> ZoneJson {
    ZoneJson { name: zone.name.clone(), rules: zone.rules.clone(), approximate: zone.is_approximate }
}

pub(super) fn zone_from_json(row: ZoneJson) -> Zone {
    Zone { name: row.name, rules: row.rules, is_approximate: row.approximate }
}

#[derive(Serialize, Deserialize)]
pub(super) struct WorkingHoursJson {
    days: Vec<String>,
    start: Time,
    end: Time,
    zone: ZoneJson,
}

pub(super) fn hours_to_json(hours: &WorkingHours) -> WorkingHoursJson {
    WorkingHoursJson {
        days: hours.days.iter().map(|day| day.word().to_owned()).collect(),
        start: hours.start,
        end: hours.end,
        zone: zone_to_json(&hours.zone),
    }
}

pub(super) fn hours_from_json(row: WorkingHoursJson) -> WorkingHours {
    WorkingHours {
        days: row.days.iter().filter_map(|day| Weekday::from_word(day)).collect(),
        start: row.start,
        end: row.end,
        zone: zone_from_json(row.zone),
    }
}
