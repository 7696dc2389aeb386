//! Free/busy of several people at once. [calendar-getschedule]
//!
//! Every address gets a row or a reason, in the order asked. How much a row says depends on what that person shares with the
//! caller; whole days lie in the zone of their owner here, unlike in a calendar view.

use crate::sim::company::{Group, Person};
use crate::sim::graph::calendar::store::{Instance, Item, Mailbox, Window};
use crate::sim::graph::calendar::{Style, no_sight_of};
use crate::sim::graph::settings::time_of;
use crate::sim::request::{Answer, Request};
use crate::sim::world::{World, no_mailbox};
use crate::sim::zones::Zone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// The most addresses in a call, and the longest window.
const MOST: usize = 20;
const LONGEST: SignedDuration = SignedDuration::from_hours(62 * 24);
/// More entries than this in a mailbox are refused for it.
const ENTRIES: usize = 1000;

/// Answers what is ours.
pub fn handle(world: &mut World, request: &Request) -> Option<Answer> {
    let target = world.resolve(request)?.ok()?;
    let words: Vec<String> = target.rest.iter().map(|word| word.to_ascii_lowercase()).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["calendar", "getschedule"] | ["calendars", _, "getschedule"] if request.method == "POST" => {}
        _ => return None,
    }
    let scopes = &["Calendars.Read", "Calendars.ReadBasic", "Calendars.ReadWrite", "Calendars.Read.Shared"];
    let own = world.person(target.person);
    let has_calendar = if own.has_mailbox || own.federated { Ok(()) } else { Err(no_mailbox()) };
    let answer = request.caller.need(scopes).and(has_calendar).and_then(|()| answer(world, request));
    Some(answer.unwrap_or_else(|refusal| refusal))
}

struct Asked {
    window: Window,
    slot: SignedDuration,
    slots: usize,
    style: Style,
}

fn answer(world: &World, request: &Request) -> Result<Answer, Answer> {
    let style = Style::of(request, world.options.quirks)?;
    let body = &request.body;
    let bad = |code: &str, message: String| Answer::error(400, code, &message);
    let schedules = body["schedules"].as_array().cloned().unwrap_or_default();
    if schedules.is_empty() {
        return Err(bad("ErrorInvalidParameter", "schedules must name at least one address.".to_owned()));
    }
    if schedules.len() > MOST {
        return Err(bad(
            "ErrorTimeIntervalTooBig",
            format!("{} schedules were asked, {MOST} is the most.", schedules.len()),
        ));
    }
    let window = Window { start: time_of(&body["startTime"])?, end: time_of(&body["endTime"])? };
    let length = window.end.duration_since(window.start);
    if length <= SignedDuration::ZERO {
        return Err(bad("ErrorInvalidParameter", "endTime must be after startTime.".to_owned()));
    }
    if length >= LONGEST {
        return Err(bad(
            "ErrorTimeIntervalTooBig",
            "The requested time duration must be less than 62 days.".to_owned(),
        ));
    }
    let minutes =
        if body["availabilityViewInterval"].is_null() { Some(30) } else { body["availabilityViewInterval"].as_i64() };
    let Some(minutes) = minutes.filter(|minutes| (5..=1440).contains(minutes)) else {
        return Err(bad("ErrorInvalidParameter", "availabilityViewInterval must be between 5 and 1440.".to_owned()));
    };
    let slot = SignedDuration::from_mins(minutes);
    // The last slot may be a part of one.
    let slots = (length.as_secs() + slot.as_secs() - 1) / slot.as_secs();
    let asked = Asked { window, slot, slots: usize::try_from(slots).unwrap_or(0), style };
    let value: Vec<Value> = schedules
        .iter()
        .map(|address| {
            let address = address.as_str().unwrap_or_default();
            schedule(world, request, address, &asked).unwrap_or_else(|error| refused(address, error, &asked))
        })
        .collect();
    let context = format!("{}/v1.0/$metadata#Collection(microsoft.graph.scheduleInformation)", request.base);
    Ok(asked.style.stamp(Answer::ok(json!({"@odata.context": context, "value": value}))))
}

/// The row of an address nothing can be said about: members are null or missing, both were seen.
fn refused(address: &str, error: Value, asked: &Asked) -> Value {
    let mut row = json!({"scheduleId": address, "availabilityView": null, "workingHours": null, "error": error});
    if asked.style.quirks {
        row["scheduleItems"] = Value::Null;
    }
    row
}

/// The row of an address, or the reason why there is none.
fn schedule(world: &World, request: &Request, address: &str, asked: &Asked) -> Result<Value, Value> {
    let unknown = || json!({"message": format!("Unable to resolve e-mail address {address} to an Active Directory object."), "responseCode": "5009"});
    let matches = |person: &Person| {
        !person.is_outsider()
            && (person.mail.as_deref().is_some_and(|mail| mail.eq_ignore_ascii_case(address))
                || person.user_principal_name.eq_ignore_ascii_case(address))
    };
    if let Some(group) = world.company.groups.iter().find(|group| super::groups::has_address(world, group, address)) {
        return list_of(world, request, address, group, asked);
    }
    let person = world.company.people.iter().position(matches).ok_or_else(unknown)?;
    let owner = world.person(person);
    let Some(mailbox) = world.calendar.peek(person).filter(|_| owner.has_mailbox || owner.federated) else {
        return Err(json!({"message": "The recipient does not have a mailbox.", "responseCode": "5016"}));
    };
    let own = request.caller.person.as_deref() == Some(owner.id.as_str());
    if owner.sharing == "none" && !own {
        return Err(json!({
            "message": "The caller does not have permission to view free/busy data.",
            "responseCode": "ErrorNoFreeBusyAccess",
        }));
    }
    let zone = Zone::named(&owner.zone).unwrap_or_else(Zone::utc);
    let instances = mailbox.look(0, asked.window, &zone.rules);
    if instances.len() > ENTRIES {
        let message = format!(
            "The result set contains too many calendar entries. The allowed size is {ENTRIES}; the actual size is {}.",
            instances.len()
        );
        return Err(json!({"message": message, "responseCode": "5006"}));
    }
    let details = own || matches!(owner.sharing.as_str(), "limited" | "full");
    let items: Vec<Value> =
        instances.iter().filter_map(|instance| item_json(mailbox, instance, asked, details, own)).collect();
    Ok(json!({
        "scheduleId": address, "availabilityView": digits(mailbox, &instances, asked), "scheduleItems": items,
        "workingHours": world.settings.of(person).working_hours,
    }))
}

/// A list has one row under its own address, of all its members: digits and no entries, and nobody's hours.
fn list_of(world: &World, request: &Request, address: &str, group: &Group, asked: &Asked) -> Result<Value, Value> {
    let members = super::groups::people_of(world, group);
    if members.len() > MOST {
        return Err(json!({
            "message": format!("The number of members of the distribution list exceeds {MOST}."),
            "responseCode": "5009",
        }));
    }
    let mut view = vec![b'0'; asked.slots];
    for member in members {
        let Some(mail) = world.person(member).mail.as_deref() else { continue };
        let Ok(row) = schedule(world, request, mail, asked) else { continue };
        for (slot, digit) in view.iter_mut().zip(row["availabilityView"].as_str().unwrap_or_default().bytes()) {
            *slot = b'0' + stronger(*slot - b'0', digit - b'0');
        }
    }
    let view = String::from_utf8_lossy(&view).into_owned();
    Ok(json!({"scheduleId": address, "availabilityView": view, "scheduleItems": [], "workingHours": null}))
}

fn status<'a>(item: &'a Item, instance: &Instance) -> &'a str {
    let details = item.details_on(instance.day);
    if details.called_off { "free" } else { &details.show }
}

fn item_json(mailbox: &Mailbox, instance: &Instance, asked: &Asked, details: bool, own: bool) -> Option<Value> {
    let item = mailbox.item(instance.number)?;
    let mut value = json!({
        "status": asked.style.shown(status(item, instance), item.number), "start": asked.style.time(instance.start),
        "end": asked.style.time(instance.end),
    });
    let private = no_sight_of(&item.details_on(instance.day).sensitivity);
    if details {
        value["isPrivate"] = json!(private);
    }
    if own || (details && !private) {
        value["subject"] = json!(item.subject_on(instance.day));
        value["location"] = json!(item.details_on(instance.day).place.as_ref().map_or("", |place| place.name.as_str()));
    }
    Some(value)
}

/// A digit for each slot, the strongest of what touches it. Working elsewhere is 4 in the older pages and 0 in the newer ones.
fn digits(mailbox: &Mailbox, instances: &[Instance], asked: &Asked) -> String {
    let mut slots = vec![0_u8; asked.slots];
    for instance in instances {
        let Some(item) = mailbox.item(instance.number) else { continue };
        let digit = match status(item, instance) {
            "tentative" => 1,
            "busy" => 2,
            "oof" => 3,
            "workingElsewhere" if !asked.style.quirks => 4,
            _ => 0,
        };
        let first = slot_of(asked, instance.start);
        let last = slot_of(asked, instance.end.checked_sub(SignedDuration::from_secs(1)).unwrap_or(instance.end));
        for slot in slots.iter_mut().take(last + 1).skip(first) {
            *slot = stronger(*slot, digit);
        }
    }
    slots.iter().map(|digit| char::from(b'0' + digit)).collect()
}

/// Out of office over busy over tentative over working elsewhere over free.
const fn stronger(one: u8, other: u8) -> u8 {
    match (one, other) {
        (0 | 4, any) | (any, 0 | 4) => any,
        _ if one > other => one,
        _ => other,
    }
}

fn slot_of(asked: &Asked, at: Timestamp) -> usize {
    let since = at.duration_since(asked.window.start).as_secs();
    usize::try_from(since / asked.slot.as_secs()).unwrap_or(0)
}
