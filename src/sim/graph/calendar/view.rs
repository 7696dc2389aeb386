//! Lists and single events: calendars, windows, events, instances. [user-list-calendarview; user-list-events]

use super::render::{Renderer, Row, Style};
use super::store::{Calendar, Instance, Item, Window};
use super::{Route, Sight, What, delta};
use crate::sim::company::Person;
use crate::sim::graph::filter::{Filter, at};
use crate::sim::graph::odata::{self, Page};
use crate::sim::request::{Answer, Request};
use crate::sim::world::World;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// What events can be filtered by; the service knows more.
const FILTERS: &[&str] = &[
    "subject",
    "isCancelled",
    "isAllDay",
    "showAs",
    "categories",
    "start/dateTime",
    "end/dateTime",
    "type",
    "isOrganizer",
    "importance",
    "sensitivity",
    "seriesMasterId",
    "iCalUId",
    "lastModifiedDateTime",
    "createdDateTime",
];

pub(super) fn answer(world: &mut World, request: &Request, person: usize, sight: Sight, route: &Route) -> Answer {
    attempt(world, request, person, sight, route).unwrap_or_else(|refusal| refusal)
}

fn attempt(world: &mut World, request: &Request, person: usize, sight: Sight, route: &Route) -> Result<Answer, Answer> {
    let style = Style::of(request, world.options.quirks)?;
    let calendar = calendar_index(world, person, route.calendar.as_deref())?;
    let answer = match &route.what {
        What::Calendars => calendars(world, request, person)?,
        What::Calendar => {
            let owner = world.person(person);
            let mailbox = world.calendar.peek(person).ok_or_else(not_found)?;
            odata::entity(request, "me/calendars", calendar_json(&mailbox.calendars[calendar], owner))
        }
        What::Groups => groups(request, world.person(person)),
        What::View => view(world, request, person, sight, calendar, &style)?,
        What::Delta => delta::answer(world, request, person, sight, calendar, &style)?,
        What::Events => events(world, request, person, sight, calendar, &style)?,
        What::Event(id) => event(world, request, person, sight, id, &style)?,
        What::Instances(id) => instances(world, request, person, sight, id, &style)?,
        What::Act(..) => return Err(Answer::error(405, "BadRequest", "The method is not allowed here.")),
    };
    Ok(style.stamp(answer))
}

pub(super) fn not_found() -> Answer {
    Answer::error(404, "ErrorItemNotFound", "The specified object was not found in the store.")
}

fn bad(code: &str, message: &str) -> Answer {
    Answer::error(400, code, message)
}

pub(super) fn calendar_index(world: &World, person: usize, id: Option<&str>) -> Result<usize, Answer> {
    let mailbox = world.calendar.peek(person).ok_or_else(not_found)?;
    match id {
        None => Ok(0),
        Some(id) => mailbox.calendars.iter().position(|calendar| calendar.id == id).ok_or_else(|| {
            if id.starts_with("AAMkA") { not_found() } else { bad("ErrorInvalidIdMalformed", "Id is malformed.") }
        }),
    }
}

fn calendars(world: &World, request: &Request, person: usize) -> Result<Answer, Answer> {
    let mailbox = world.calendar.peek(person).ok_or_else(not_found)?;
    let page = Page::of(request, 10, 1000)?;
    let owner = world.person(person);
    let all: Vec<Value> = mailbox.calendars.iter().map(|calendar| calendar_json(calendar, owner)).collect();
    let (total, range) = (all.len(), page.range(all.len()));
    Ok(odata::list(request, "me/calendars", &page, total, all[range].to_vec()))
}

fn calendar_json(calendar: &Calendar, owner: &Person) -> Value {
    json!({
        "id": calendar.id, "name": calendar.name, "color": calendar.color, "hexColor": "",
        "isDefaultCalendar": calendar.default, "changeKey": "Ck0000000001AA==", "canShare": true,
        "canViewPrivateItems": true, "canEdit": true, "isTallyingResponses": calendar.default,
        "isRemovable": !calendar.default, "allowedOnlineMeetingProviders": ["teamsForBusiness"],
        "defaultOnlineMeetingProvider": "teamsForBusiness",
        "owner": {"name": owner.display_name, "address": owner.mail},
    })
}

fn groups(request: &Request, owner: &Person) -> Answer {
    let group = json!({
        "id": format!("AAMkAGroup{}AAA=", owner.alias), "name": "My Calendars", "changeKey": "Ck0000000001AA==",
        "classId": "0006f0b7-0000-0000-c000-000000000046",
    });
    Answer::ok(json!({
        "@odata.context": format!("{}/v1.0/$metadata#me/calendarGroups", request.base), "value": [group],
    }))
}

/// The required window of a view. An offset inside the values counts, none means UTC. [user-list-calendarview]
pub(super) fn window(request: &Request) -> Result<Window, Answer> {
    let read = |name: &str| {
        let text = request.option(name).ok_or_else(|| {
            let message = "This request requires a time window specified by the query string parameters StartDateTime and EndDateTime.";
            bad("ErrorInvalidParameter", message)
        })?;
        moment_of(text).ok_or_else(|| {
            bad("ErrorInvalidParameter", &format!("The value '{text}' of parameter '{name}' is invalid."))
        })
    };
    let window = Window { start: read("startdatetime")?, end: read("enddatetime")? };
    let length = window.end.duration_since(window.start);
    if length.is_negative() {
        return Err(bad("ErrorInvalidParameter", "EndDateTime must not be before StartDateTime."));
    }
    if length > SignedDuration::from_hours(24 * 1825) {
        return Err(bad(
            "ErrorInvalidRequest",
            "Your request can't be completed. The range between the start and end dates is greater than the allowed range. Maximum number of days: 1825.",
        ));
    }
    Ok(window)
}

/// `2026-11-23T00:00:00+01:00`, with `Z`, or without either, which means UTC; or a date alone.
fn moment_of(text: &str) -> Option<Timestamp> {
    // A plus sign that was sent unencoded arrives as a space.
    let text = text.trim().replace(' ', "+");
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    let wall: jiff::civil::DateTime = text.parse().ok()?;
    wall.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

fn view(
    world: &mut World,
    request: &Request,
    person: usize,
    sight: Sight,
    calendar: usize,
    style: &Style,
) -> Result<Answer, Answer> {
    let window = window(request)?;
    let instances = world.calendar.mailbox(person).ok_or_else(not_found)?.view(calendar, window);
    let mailbox = world.calendar.peek(person).ok_or_else(not_found)?;
    let renderer = Renderer { owner: world.person(person), style, sight };
    let row = |instance: &Instance| {
        mailbox.item(instance.number).map(|item| renderer.event(item, Row::of(instance))).unwrap_or_default()
    };
    page(request, &instances, row)
}

/// A page of `all`. Only what is on the page is written, unless a filter or an order needs to see the rest.
fn page<T>(request: &Request, all: &[T], row: impl Fn(&T) -> Value) -> Result<Answer, Answer> {
    let page = Page::of(request, 10, 1000)?;
    if request.option("$filter").is_none() && request.option("$orderby").is_none() {
        let rows = all[page.range(all.len())].iter().map(row).map(|row| trim(request, row)).collect();
        return Ok(odata::list(request, "Collection(event)", &page, all.len(), rows));
    }
    let mut rows: Vec<Value> = all.iter().map(row).collect();
    if let Some(text) = request.option("$filter") {
        let filter = Filter::read(text, FILTERS)?;
        rows.retain(|row| filter.holds(row));
    }
    if let Some(text) = request.option("$orderby") {
        order(&mut rows, text);
    }
    let (total, range) = (rows.len(), page.range(rows.len()));
    let rows = rows.drain(range).map(|row| trim(request, row)).collect();
    Ok(odata::list(request, "Collection(event)", &page, total, rows))
}

fn order(rows: &mut [Value], text: &str) {
    for part in text.split(',').rev() {
        let mut words = part.split_whitespace();
        let property = words.next().unwrap_or_default();
        let descending = words.next().is_some_and(|word| word.eq_ignore_ascii_case("desc"));
        let key = |row: &Value| match at(row, property) {
            Value::String(text) => text.to_lowercase(),
            other => other.to_string(),
        };
        rows.sort_by(|one, other| {
            let order = key(one).cmp(&key(other));
            if descending { order.reverse() } else { order }
        });
    }
}

/// Two dates come only without `$select`, and a join address only beside `isOnlineMeeting`. [user-list-calendarview; field]
fn trim(request: &Request, mut row: Value) -> Value {
    let Some(selected) = request.option("$select") else { return row };
    if let Value::Object(members) = &mut row {
        members.remove("createdDateTime");
        members.remove("lastModifiedDateTime");
        if !selected.to_ascii_lowercase().contains("isonlinemeeting") && members.contains_key("onlineMeeting") {
            members.insert("onlineMeeting".to_owned(), Value::Null);
        }
    }
    row
}

/// Single events and masters, not occurrences. [user-list-events]
fn events(
    world: &World,
    request: &Request,
    person: usize,
    sight: Sight,
    calendar: usize,
    style: &Style,
) -> Result<Answer, Answer> {
    let mailbox = world.calendar.peek(person).ok_or_else(not_found)?;
    let renderer = Renderer { owner: world.person(person), style, sight };
    let mut items: Vec<&Item> = mailbox.items_from(0).filter(|item| item.calendar == calendar).collect();
    items.sort_by(|one, other| other.details.start.cmp(&one.details.start).then(one.number.cmp(&other.number)));
    page(request, &items, |item| renderer.event(item, whole(item)))
}

fn whole(item: &Item) -> Row {
    if item.details.recurrence.is_some() { Row::Master } else { Row::Single }
}

pub(super) fn event(
    world: &World,
    request: &Request,
    person: usize,
    sight: Sight,
    id: &str,
    style: &Style,
) -> Result<Answer, Answer> {
    let mailbox = world.calendar.peek(person).ok_or_else(not_found)?;
    let (item, day) = found(mailbox.find(id), id)?;
    let renderer = Renderer { owner: world.person(person), style, sight };
    let row = day.map_or_else(|| whole(item), Row::Occurrence);
    let mut event = renderer.event(item, row);
    if row == Row::Master {
        master_extras(request, item, &renderer, &mut event);
    }
    Ok(odata::entity(request, "me/events", event))
}

/// What is told of a master only on request: the days it does not happen and those that differ. \[event\]
fn master_extras(request: &Request, item: &Item, renderer: &Renderer<'_>, event: &mut Value) {
    let asked =
        |option: &str, name: &str| request.option(option).is_some_and(|text| text.to_lowercase().contains(name));
    if asked("$select", "cancelledoccurrences") {
        let cancelled = item.days.keys().filter(|day| item.on(**day).is_none());
        event["cancelledOccurrences"] = cancelled.map(|day| json!(format!("OID.{}.{day}", item.id))).collect();
    }
    if asked("$expand", "exceptionoccurrences") {
        let changed = item.days.keys().filter(|day| item.on(**day).is_some());
        event["exceptionOccurrences"] = changed.map(|day| renderer.event(item, Row::Occurrence(*day))).collect();
    }
}

pub(super) fn found<T>(found: Option<T>, id: &str) -> Result<T, Answer> {
    found.ok_or_else(|| {
        if id.starts_with("AAMkA") { not_found() } else { bad("ErrorInvalidIdMalformed", "Id is malformed.") }
    })
}

fn instances(
    world: &World,
    request: &Request,
    person: usize,
    sight: Sight,
    id: &str,
    style: &Style,
) -> Result<Answer, Answer> {
    let window = window(request)?;
    let mailbox = world.calendar.peek(person).ok_or_else(not_found)?;
    let (item, _) = found(mailbox.find(id), id)?;
    let renderer = Renderer { owner: world.person(person), style, sight };
    let all = item.instances(window, &TimeZone::UTC);
    page(request, &all, |instance| renderer.event(item, Row::of(instance)))
}
