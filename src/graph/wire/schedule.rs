//! Free/busy and working hours on the wire.

use super::event::availability;
use super::time::WallTime;
use super::{Several, line, some_line, word};
use crate::domain::freebusy::{Block, Schedule, ScheduleError, WorkingHours};
use crate::domain::time::{Span, Transition, Zone};
use jiff::Timestamp;
use jiff::civil::{Time, Weekday};
use serde::Deserialize;

/// Minutes; no zone is further from UTC.
const MOST_BIAS: i32 = 24 * 60;

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireItem {
    status: Option<String>,
    start: Option<WallTime>,
    end: Option<WallTime>,
    subject: Option<String>,
    location: Option<String>,
    is_private: Option<bool>,
}

impl WireItem {
    /// The block; `None` when its times cannot be read (the digits still show it).
    fn block(self) -> Option<Block> {
        let start = self.start?.instant()?;
        let end = self.end?.instant()?;
        (start < end).then(|| Block {
            span: Span { start, end },
            status: availability(self.status.as_deref()),
            subject: some_line(self.subject.as_deref()),
            location: some_line(self.location.as_deref()),
            is_private: self.is_private.unwrap_or(false),
        })
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireError {
    message: Option<String>,
    response_code: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WireSchedule {
    schedule_id: Option<String>,
    availability_view: Option<String>,
    schedule_items: Option<Several<WireItem>>,
    working_hours: Option<WireHours>,
    error: Option<WireError>,
}

impl WireSchedule {
    /// Whether this row is about `address`.
    pub fn is_about(&self, address: &str) -> bool {
        self.schedule_id.as_deref().is_some_and(|id| id.trim().eq_ignore_ascii_case(address.trim()))
    }

    /// The schedule of `address` over `window`, read at `as_of`.
    pub fn schedule(self, address: &str, window: Span, view_minutes: u16, as_of: Timestamp) -> Schedule {
        let told = self.schedule_items.is_some() || self.availability_view.is_some();
        let blocks = match self.error {
            Some(error) => Err(explain(error.response_code.as_deref(), error.message.as_deref())),
            None if told => {
                Ok(self.schedule_items.unwrap_or_default().0.into_iter().filter_map(WireItem::block).collect())
            }
            None => Err(unreadable()),
        };
        // Anything but a digit is unknown and keeps its place.
        let view = self.availability_view.unwrap_or_default();
        let view = view.chars().map(|digit| if digit.is_ascii_digit() { digit } else { '?' }).collect();
        Schedule {
            address: address.to_owned(),
            window,
            blocks,
            view,
            view_minutes,
            working_hours: self.working_hours.and_then(WireHours::hours),
            as_of,
        }
    }
}

/// A row that says nothing.
pub fn unreadable() -> ScheduleError {
    ScheduleError {
        code: "unreadable".to_owned(),
        message: "The answer for this calendar could not be read.".to_owned(),
        remedy: "Refresh; if it stays, report it.".to_owned(),
        service: String::new(),
    }
}

/// The error of one schedule in our words. Codes are not promised [calendar-getschedule], so the ones we know pick the words and
/// the rest is told as the service tells it.
fn explain(code: Option<&str>, message: Option<&str>) -> ScheduleError {
    let message = line(message.unwrap_or_default());
    let code = line(code.unwrap_or_default());
    let (word, text, remedy) = match code.to_ascii_lowercase().as_str() {
        "5009" | "errormailrecipientnotfound" => {
            ("notFound", "Nobody has this address here.", "Check the spelling, or pick the person from the list.")
        }
        "5016" | "errornonexistentmailbox" | "errormailboxnotfound" => (
            "noMailbox",
            "There is no mailbox behind this address.",
            "Ask them which address they use, or leave it out.",
        ),
        "5006" | "errorfreebusydltoolarge" => {
            ("tooMany", "There are too many entries to show.", "Look at fewer days at once.")
        }
        "errornofreebusyaccess" | "erroraccessdenied" => {
            ("notShared", "This calendar may not be seen.", "Ask for it to be shared with you, or leave it out.")
        }
        "errorproxyrequestprocessingfailed" => {
            ("unreadable", "Their mail server could not be asked.", "Try again later.")
        }
        _ => ("unreadable", "This calendar could not be read.", "Try again later; if it stays, ask your support."),
    };
    let service = [code.as_str(), message.as_str()].join(" ").trim().to_owned();
    ScheduleError { code: word.to_owned(), message: text.to_owned(), remedy: remedy.to_owned(), service }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WireHours {
    days_of_week: Option<Vec<String>>,
    start_time: Option<String>,
    end_time: Option<String>,
    time_zone: Option<WireZone>,
}

impl WireHours {
    /// The working hours; `None` when days or times cannot be read.
    pub fn hours(self) -> Option<WorkingHours> {
        Some(WorkingHours {
            days: self.days_of_week?.iter().filter_map(|day| weekday(day)).collect(),
            start: self.start_time?.trim().parse::<Time>().ok()?,
            end: self.end_time?.trim().parse::<Time>().ok()?,
            zone: self.time_zone?.zone()?,
        })
    }
}

/// `{ "name": … }`, or the rules themselves \[customtimezone\].
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireZone {
    name: Option<String>,
    bias: Option<i32>,
    standard_offset: Option<WireTurn>,
    daylight_offset: Option<WireTurn>,
}

/// When the clocks are turned, every year.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireTurn {
    time: Option<String>,
    day_occurrence: Option<i8>,
    day_of_week: Option<String>,
    month: Option<i8>,
    daylight_bias: Option<i32>,
}

impl WireZone {
    fn zone(self) -> Option<Zone> {
        let name = some_line(self.name.as_deref());
        let Some(bias) = self.bias.filter(|bias| (-MOST_BIAS..=MOST_BIAS).contains(bias)) else {
            return name.map(|name| Zone::find(&name));
        };
        let turns = self.standard_offset.as_ref().zip(self.daylight_offset.as_ref());
        let turns = turns.and_then(|(standard, daylight)| Some((standard.transition()?, daylight.transition()?)));
        let daylight_bias = self.daylight_offset.and_then(|daylight| daylight.daylight_bias);
        let daylight_bias = daylight_bias.filter(|bias| (-MOST_BIAS..=MOST_BIAS).contains(bias)).unwrap_or(0);
        Some(Zone::from_bias(name.as_deref().unwrap_or("custom"), bias, turns, daylight_bias))
    }
}

impl WireTurn {
    fn transition(&self) -> Option<Transition> {
        Some(Transition {
            month: self.month.filter(|month| (1..=12).contains(month))?,
            occurrence: self.day_occurrence.filter(|occurrence| (1..=5).contains(occurrence))?,
            weekday: weekday(self.day_of_week.as_deref()?)?,
            time: self.time.as_deref()?.trim().parse().ok()?,
        })
    }
}

fn weekday(text: &str) -> Option<Weekday> {
    Some(match word(Some(text)).as_str() {
        "monday" => Weekday::Monday,
        "tuesday" => Weekday::Tuesday,
        "wednesday" => Weekday::Wednesday,
        "thursday" => Weekday::Thursday,
        "friday" => Weekday::Friday,
        "saturday" => Weekday::Saturday,
        "sunday" => Weekday::Sunday,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::wire::object;

    #[test]
    fn a_custom_zone_turns_its_clocks() {
        let hours: WireHours = object(
            br##"{"daysOfWeek":["Monday","funday"],"startTime":"08:00:00.0000000","endTime":"17:00:00.0000000",
            "timeZone":{"@odata.type":"#microsoft.graph.customTimeZone","name":"Customized Time Zone","bias":-60,
            "standardOffset":{"time":"03:00:00.0000000","dayOccurrence":5,"dayOfWeek":"sunday","month":10,"year":0},
            "daylightOffset":{"daylightBias":-60,"time":"02:00:00.0000000","dayOccurrence":5,"dayOfWeek":"sunday","month":3,"year":0}}}"##,
        )
        .expect("an object");
        let hours = hours.hours().expect("hours");
        assert_eq!(hours.days, [Weekday::Monday]);
        assert!(hours.zone.is_approximate);
        let rules = hours.zone.rules.expect("rules");
        for (wall, instant) in [("2026-01-15T09:00", "2026-01-15T08:00Z"), ("2026-07-15T09:00", "2026-07-15T07:00Z")] {
            let wall: jiff::civil::DateTime = wall.parse().expect("a wall time");
            assert_eq!(rules.to_timestamp(wall).expect("an instant"), instant.parse().expect("an instant"));
        }
    }

    #[test]
    fn a_row_that_says_nothing_is_not_free() {
        let window = Span { start: Timestamp::UNIX_EPOCH, end: Timestamp::MAX };
        let silent = WireSchedule::default().schedule("a@b.example", window, 30, Timestamp::UNIX_EPOCH);
        assert_eq!(silent.blocks, Err(unreadable()));
    }

    #[test]
    fn errors_are_told_in_our_words_and_kept_in_theirs() {
        let error = explain(Some("5016"), Some("unknown \u{1b}[31mmailbox"));
        assert_eq!(error.code, "noMailbox");
        assert!(error.service.starts_with("5016 unknown"), "{}", error.service);
        assert!(!error.service.contains('\u{1b}'));
        assert_eq!(explain(None, None).code, "unreadable");
    }
}
