//! Events as clients write them. [user-post-events] [event-update]
//!
//! Must stay true: nothing of a body is taken if any of it is wrong; what a body does not name stays as it is.

use super::recurrence::{Index, Pattern, Range, Recurrence};
use super::render::zone_named;
use super::store::{Attendee, Details, Place};
use crate::sim::company::Company;
use crate::sim::request::Answer;
use crate::sim::zones::Zone;
use jiff::civil::{Date, DateTime, Time, Weekday};
use serde_json::{Map, Value};

/// What a body touched, for it decides who is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// When it is.
    pub time: bool,
    /// Who is invited.
    pub people: bool,
    /// Something else that others see.
    pub words: bool,
}

pub fn bad(code: &str, message: &str) -> Answer {
    Answer::error(400, code, message)
}

fn wrong(name: &str) -> Answer {
    bad("RequestBodyRead", &format!("The value of the property '{name}' cannot be read."))
}

/// The value of a member in any letter case.
pub fn member<'a>(body: &'a Value, name: &str) -> Option<&'a Value> {
    let members = body.as_object()?;
    members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// A `dateTimeTimeZone` as a wall time in its zone.
pub fn wall(value: &Value) -> Result<(DateTime, Zone), Answer> {
    let text = value["dateTime"].as_str().ok_or_else(|| wrong("dateTime"))?;
    let zone = value["timeZone"].as_str().map_or_else(|| Ok(Zone::utc()), zone_named)?;
    // An offset inside the text counts more than the zone beside it.
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Ok((at.to_zoned(zone.rules.clone()).datetime(), zone));
    }
    Ok((text.parse().map_err(|_| wrong("dateTime"))?, zone))
}

/// Applies a body. For a new event `details` is an empty one.
pub fn apply(
    details: &mut Details,
    body: &Map<String, Value>,
    company: &Company,
    is_new: bool,
) -> Result<Touched, Answer> {
    let mut touched = Touched::default();
    let mut times = (None, None);
    for (name, value) in body.iter().filter(|(name, _)| !name.starts_with('@')) {
        let text = || value.as_str().map(str::to_owned).ok_or_else(|| wrong(name));
        let flag = || value.as_bool().ok_or_else(|| wrong(name));
        let word = |allowed: &[&str]| {
            let given = value.as_str().ok_or_else(|| wrong(name))?;
            let known = allowed.iter().find(|one| one.eq_ignore_ascii_case(given));
            known.map(|one| (*one).to_owned()).ok_or_else(|| wrong(name))
        };
        match name.to_ascii_lowercase().as_str() {
            "subject" => {
                details.subject = value.as_str().unwrap_or_default().to_owned();
                touched.words = true;
            }
            "body" => {
                write_body(details, value)?;
                touched.words = true;
            }
            "start" => times.0 = Some(wall(value)?),
            "end" => times.1 = Some(wall(value)?),
            "isallday" => {
                touched.time |= details.all_day != flag()?;
                details.all_day = flag()?;
            }
            "location" => {
                details.place = place(value);
                touched.words = true;
            }
            "locations" => {
                details.place = value.as_array().and_then(|all| all.first()).and_then(place);
                touched.words = true;
            }
            "attendees" => {
                details.attendees = attendees(value, &details.attendees, company)?;
                touched.people = true;
            }
            "showas" => details.show = word(&["free", "tentative", "busy", "oof", "workingElsewhere"])?,
            "sensitivity" => details.sensitivity = word(&["normal", "personal", "private", "confidential"])?,
            "importance" => details.importance = word(&["low", "normal", "high"])?,
            "categories" => {
                let names = value.as_array().ok_or_else(|| wrong(name))?;
                details.categories = names.iter().filter_map(Value::as_str).map(str::to_owned).collect();
            }
            "isreminderon" if !flag()? => details.reminder = None,
            "isreminderon" => details.reminder = details.reminder.or(Some(15)),
            "reminderminutesbeforestart" if body.get("isReminderOn") != Some(&Value::Bool(false)) => {
                let minutes = value.as_i64().and_then(|minutes| i32::try_from(minutes).ok());
                details.reminder = Some(minutes.ok_or_else(|| wrong(name))?);
            }
            "responserequested" => details.asks = flag()?,
            "allownewtimeproposals" => details.proposals = flag()?,
            "transactionid" if is_new => details.transaction = Some(text()?),
            // Once online it stays so. [event]
            "isonlinemeeting" if flag()? && details.join.is_none() => {
                details.join = Some(String::new());
                touched.words = true;
            }
            "recurrence" => {
                details.recurrence = if value.is_null() { None } else { Some(recurrence(value)?) };
                touched.time = true;
            }
            "id" | "type" | "icaluid" | "organizer" | "iscancelled" | "isorganizer" => {
                return Err(bad("ErrorInvalidPropertySet", &format!("The property '{name}' cannot be set.")));
            }
            _ => {}
        }
    }
    let before = (details.start, details.end);
    match times {
        (Some((start, zone)), Some((end, other))) => {
            // Both are kept in the zone of the start.
            let end = if other.name == zone.name { end } else { moved(end, &other, &zone) };
            (details.start, details.end, details.zone) = (start, end, zone);
        }
        (Some((start, zone)), None) if !is_new => {
            details.start = moved(start, &zone, &details.zone);
        }
        (None, Some((end, zone))) if !is_new => {
            details.end = moved(end, &zone, &details.zone);
        }
        (None, None) if !is_new => {}
        _ => return Err(bad("ErrorInvalidRequest", "An event needs a start and an end.")),
    }
    touched.time |= before != (details.start, details.end);
    check(details)?;
    Ok(touched)
}

fn moved(wall: DateTime, from: &Zone, to: &Zone) -> DateTime {
    super::store::moment(wall, &from.rules).to_zoned(to.rules.clone()).datetime()
}

fn check(details: &Details) -> Result<(), Answer> {
    if details.end < details.start {
        let message = "The end of an event must not be before its start.";
        return Err(bad("ErrorPropertyValidationFailure", message));
    }
    let midnight = |wall: DateTime| wall.time() == Time::midnight();
    if details.all_day && !(midnight(details.start) && midnight(details.end) && details.start < details.end) {
        let message = "The Event.Start property for an all-day event needs to be set to midnight.";
        return Err(bad("ErrorPropertyValidationFailure", message));
    }
    if details.attendees.len() > 500 {
        return Err(bad("ErrorInvalidRequest", "An event has at most 500 attendees."));
    }
    match &details.recurrence {
        Some(series) if series.start != details.start.date() => {
            let message = "The start of the range must be the day of the event's start.";
            Err(bad("ErrorPropertyValidationFailure", message))
        }
        _ => Ok(()),
    }
}

fn write_body(details: &mut Details, value: &Value) -> Result<(), Answer> {
    let content = value["content"].as_str().unwrap_or_default();
    let html = match value["contentType"].as_str().unwrap_or("text").to_ascii_lowercase().as_str() {
        "html" => content.to_owned(),
        "text" => {
            let escaped = content.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            escaped.replace("\r\n", "\n").replace('\n', "<br>\r\n")
        }
        _ => return Err(wrong("body")),
    };
    // The text of an online meeting without its block takes the joining data away. [outlook-calendar-online-meetings]
    match details.join.as_deref().filter(|join| !join.is_empty()) {
        Some(join) if html.contains(join) => {
            details.body = html.split("<div>____").next().unwrap_or_default().to_owned();
        }
        _ => {
            details.join = None;
            details.body = html;
        }
    }
    Ok(())
}

fn place(value: &Value) -> Option<Place> {
    let name = value["displayName"].as_str().filter(|name| !name.is_empty())?;
    let address = value["locationEmailAddress"].as_str().map(str::to_owned);
    Some(Place { name: name.to_owned(), address })
}

/// Who was invited before keeps their answer.
fn attendees(value: &Value, before: &[Attendee], company: &Company) -> Result<Vec<Attendee>, Answer> {
    let list = value.as_array().ok_or_else(|| wrong("attendees"))?;
    list.iter()
        .map(|one| {
            let address = one["emailAddress"]["address"].as_str().filter(|address| !address.is_empty());
            let address = address.ok_or_else(|| bad("ErrorInvalidRecipients", "An attendee needs an address."))?;
            let kind = one["type"].as_str().unwrap_or("required").to_ascii_lowercase();
            if !["required", "optional", "resource"].contains(&kind.as_str()) {
                return Err(wrong("type"));
            }
            let known = before.iter().find(|known| known.address.eq_ignore_ascii_case(address));
            let named = company.find(address).map(|at| company.people[at].display_name.clone());
            let given = one["emailAddress"]["name"].as_str().filter(|name| !name.is_empty()).map(str::to_owned);
            Ok(Attendee {
                name: given.or(named).unwrap_or_else(|| address.to_owned()),
                address: address.to_owned(),
                kind,
                response: known.map_or_else(|| "none".to_owned(), |known| known.response.clone()),
                answered: known.and_then(|known| known.answered),
                proposal: known.and_then(|known| known.proposal),
            })
        })
        .collect()
}

fn recurrence(value: &Value) -> Result<Recurrence, Answer> {
    let refused = || bad("ErrorInvalidRequest", "The recurrence is not valid.");
    let (pattern, range) = (&value["pattern"], &value["range"]);
    let number = |value: &Value| value.as_i64().and_then(|number| i32::try_from(number).ok());
    let small = |name: &str| number(&pattern[name]).and_then(|number| i8::try_from(number).ok()).ok_or_else(refused);
    let date = |name: &str| range[name].as_str().and_then(|text| text.parse::<Date>().ok()).ok_or_else(refused);
    let days = || -> Result<Vec<Weekday>, Answer> {
        let names = pattern["daysOfWeek"].as_array().filter(|names| !names.is_empty()).ok_or_else(refused)?;
        names.iter().map(|name| name.as_str().and_then(weekday).ok_or_else(refused)).collect()
    };
    let index = || Index::named(pattern["index"].as_str().unwrap_or("first")).ok_or_else(refused);
    let interval = number(&pattern["interval"]).filter(|interval| *interval > 0).ok_or_else(refused)?;
    let made = match pattern["type"].as_str().unwrap_or_default().to_ascii_lowercase().as_str() {
        "daily" => Pattern::Daily,
        "weekly" => {
            let first_day = pattern["firstDayOfWeek"].as_str().and_then(weekday).unwrap_or(Weekday::Sunday);
            Pattern::Weekly { days: days()?, first_day }
        }
        "absolutemonthly" => Pattern::AbsoluteMonthly { day: small("dayOfMonth")? },
        "relativemonthly" => Pattern::RelativeMonthly { days: days()?, index: index()? },
        "absoluteyearly" => Pattern::AbsoluteYearly { month: small("month")?, day: small("dayOfMonth")? },
        "relativeyearly" => Pattern::RelativeYearly { month: small("month")?, days: days()?, index: index()? },
        _ => return Err(refused()),
    };
    let until = match range["type"].as_str().unwrap_or_default().to_ascii_lowercase().as_str() {
        "enddate" => Range::EndDate(date("endDate")?),
        "noend" => Range::NoEnd,
        "numbered" => {
            let count = number(&range["numberOfOccurrences"]).and_then(|count| u32::try_from(count).ok());
            Range::Numbered(count.filter(|count| *count > 0).ok_or_else(refused)?)
        }
        _ => return Err(refused()),
    };
    Ok(Recurrence::new(made, interval, until, date("startDate")?))
}

fn weekday(name: &str) -> Option<Weekday> {
    Some(match name.to_ascii_lowercase().as_str() {
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
