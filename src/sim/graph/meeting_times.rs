//! The finder of meeting times. [user-findmeetingtimes]
//!
//! Half hours within the organizer's working day, the surest first; every attendee counts as required, as there. Deliberately
//! absent: places, and the instability of the real one.

use crate::sim::graph::calendar::Style;
use crate::sim::graph::calendar::store::Window;
use crate::sim::graph::settings::time_of;
use crate::sim::request::{Answer, Request};
use crate::sim::world::{World, no_mailbox};
use crate::sim::zones::Zone;
use jiff::civil::Weekday;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// Starts that are looked at; two weeks of half hours.
const MOST_STARTS: usize = 700;
const STEP: SignedDuration = SignedDuration::from_mins(30);

/// Answers what is ours.
pub fn handle(world: &mut World, request: &Request) -> Option<Answer> {
    let target = world.resolve(request)?.ok()?;
    let [word] = target.rest else { return None };
    if !word.eq_ignore_ascii_case("findMeetingTimes") || request.method != "POST" {
        return None;
    }
    let scopes = &["Calendars.Read.Shared", "Calendars.ReadWrite.Shared"];
    let person = target.person;
    let delegated = if request.caller.person.is_some() {
        Ok(())
    } else {
        Err(Answer::error(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again."))
    };
    let has_mailbox = if world.person(person).has_mailbox { Ok(()) } else { Err(no_mailbox()) };
    let answer = delegated.and_then(|()| request.caller.need(scopes)).and(has_mailbox);
    Some(answer.and_then(|()| suggest(world, request, person)).unwrap_or_else(|refusal| refusal))
}

fn suggest(world: &World, request: &Request, organizer: usize) -> Result<Answer, Answer> {
    let style = Style::of(request, world.options.quirks)?;
    let body = &request.body;
    let minutes = body["meetingDuration"].as_str().unwrap_or("PT30M").trim_start_matches("PT").trim_end_matches('M');
    let bad = |what: &str| Answer::error(400, "ErrorInvalidParameter", what);
    let minutes: i64 = minutes.parse().map_err(|_| bad("meetingDuration is not valid."))?;
    let length = SignedDuration::from_mins(minutes);
    let slot = &body["timeConstraint"]["timeSlots"][0];
    let window = Window { start: time_of(&slot["start"])?, end: time_of(&slot["end"])? };
    let most = usize::try_from(body["maxCandidates"].as_u64().unwrap_or(5)).unwrap_or(5);
    let attendees: Vec<Value> = body["attendees"].as_array().cloned().unwrap_or_default();
    let everybody: Vec<Option<usize>> = attendees
        .iter()
        .map(|one| world.company.find(one["emailAddress"]["address"].as_str().unwrap_or_default()))
        .collect();
    let zone = Zone::named(&world.person(organizer).zone).unwrap_or_else(Zone::utc);
    let mut found: Vec<(f64, Timestamp, Vec<&'static str>)> = Vec::new();
    let mut at = window.start;
    for _ in 0..MOST_STARTS {
        let Ok(end) = at.checked_add(length) else { break };
        if end > window.end {
            break;
        }
        let states: Vec<&'static str> = everybody.iter().map(|who| state(world, *who, at, end)).collect();
        let is_mine = is_working(at, end, &zone) && state(world, Some(organizer), at, end) == "free";
        let sure: f64 = states.iter().map(|state| sureness(state)).sum();
        let confidence = if states.is_empty() { 100.0 } else { sure / to_float(states.len()) };
        if is_mine && confidence >= 50.0 {
            found.push((confidence, at, states));
        }
        at = at.checked_add(STEP).unwrap_or(window.end);
    }
    found.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
    found.truncate(most);
    let is_empty = found.is_empty();
    let rows: Vec<Value> = found
        .into_iter()
        .zip(1_u32..)
        .map(|((confidence, start, states), order)| {
            let end = start.checked_add(length).unwrap_or(start);
            let row = |(attendee, state): (&Value, &'static str)| json!({"attendee": attendee, "availability": state});
            let all = states.iter().all(|state| *state == "free");
            json!({
                "order": order, "confidence": confidence, "organizerAvailability": "free",
                "meetingTimeSlot": {"start": style.time(start), "end": style.time(end)},
                "attendeeAvailability": attendees.iter().zip(states).map(row).collect::<Vec<_>>(),
                "locations": [],
                "suggestionReason": if all {
                    "Suggested because it is one of the nearest times when all attendees are available."
                } else {
                    "Suggested because it is one of the nearest times when most attendees are available."
                },
            })
        })
        .collect();
    let context = format!("{}/v1.0/$metadata#microsoft.graph.meetingTimeSuggestionsResult", request.base);
    let reason = if is_empty { "AttendeesUnavailable" } else { "" };
    Ok(style.stamp(Answer::ok(
        json!({"@odata.context": context, "emptySuggestionsReason": reason, "meetingTimeSuggestions": rows}),
    )))
}

fn sureness(state: &str) -> f64 {
    match state {
        "free" => 100.0,
        "unknown" => 49.0,
        _ => 0.0,
    }
}

fn to_float(count: usize) -> f64 {
    u32::try_from(count).map_or(1.0, f64::from)
}

/// Monday to Friday, eight to five, where the organizer is.
fn is_working(start: Timestamp, end: Timestamp, zone: &Zone) -> bool {
    let (start, end) = (zone.rules.to_datetime(start), zone.rules.to_datetime(end));
    let is_weekday = !matches!(start.weekday(), Weekday::Saturday | Weekday::Sunday);
    is_weekday
        && start.date() == end.date()
        && start.hour() >= 8
        && (end.hour() < 17 || (end.hour() == 17 && end.minute() == 0))
}

/// What somebody has then; unknown for outsiders and for calendars that are not shared.
fn state(world: &World, who: Option<usize>, start: Timestamp, end: Timestamp) -> &'static str {
    let Some(person) = who else { return "unknown" };
    let owner = world.person(person);
    let Some(mailbox) = world.calendar.peek(person).filter(|_| owner.sharing != "none") else { return "unknown" };
    let zone = Zone::named(&owner.zone).unwrap_or_else(Zone::utc);
    let mut worst = "free";
    for instance in mailbox.look(0, Window { start, end }, &zone.rules) {
        let Some(item) = mailbox.item(instance.number) else { continue };
        let shown = item.details_on(instance.day).show.as_str();
        worst = match (worst, shown) {
            (_, "oof") | ("oof", _) => "oof",
            (_, "busy") | ("busy", _) => "busy",
            (_, "tentative") | ("tentative", _) => "tentative",
            (worst, _) => worst,
        };
    }
    worst
}
