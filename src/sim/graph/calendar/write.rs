//! Events made, changed, deleted and answered by clients. [user-post-events] [event-update] [event-delete] [event-accept]
//!
//! Must stay true: the same transaction id gives the first event again; what the organizer does reaches everybody's calendar, what
//! somebody invited does is their own; a day of a series that is changed is an exception, and stays between its neighbours.

use super::meeting::{self, Reply, What as Telling};
use super::parse::{self, bad, member};
use super::render::{Style, change_key};
use super::store::{Day, Details, Item};
use super::{Route, Sight, What, instant_of, view};
use crate::sim::request::{Answer, Request};
use crate::sim::world::{Target, World};
use crate::sim::zones::Zone;
use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime};
use serde_json::Value;

/// What can be done with an event beyond changing and deleting it.
pub(super) const ACTIONS: [&str; 6] =
    ["accept", "tentativelyaccept", "decline", "cancel", "forward", "permanentdelete"];
const WRITE: &[&str] = &["Calendars.ReadWrite"];
const WRITE_SHARED: &[&str] = &["Calendars.ReadWrite.Shared"];
const READ: &[&str] = &["Calendars.Read", "Calendars.ReadWrite"];

type Outcome = Result<Answer, Answer>;

/// Answers what changes something; `None` for a path that is somebody else's.
pub(super) fn answer(world: &mut World, request: &Request, target: &Target<'_>, route: &Route) -> Option<Answer> {
    let is_ours = matches!(
        (request.method.as_str(), &route.what),
        ("POST", What::Events | What::Act(..)) | ("PATCH" | "DELETE", What::Event(_))
    );
    if !is_ours {
        return None;
    }
    let scopes = match &route.what {
        What::Act(_, action) if action == "forward" => READ,
        _ => WRITE,
    };
    Some(
        open(world, request, target, scopes)
            .and_then(|()| attempt(world, request, target.person, route))
            .unwrap_or_else(|no| no),
    )
}

fn open(world: &World, request: &Request, target: &Target<'_>, scopes: &[&str]) -> Result<(), Answer> {
    world.open_mailbox(request, target, scopes, WRITE_SHARED)?;
    // Nobody of the company shares a calendar for writing.
    if !target.own && request.caller.person.is_some() {
        return Err(Answer::error(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again."));
    }
    Ok(())
}

fn attempt(world: &mut World, request: &Request, person: usize, route: &Route) -> Outcome {
    match (&route.what, request.method.as_str()) {
        (What::Events, _) => create(world, request, person, route.calendar.as_deref()),
        (What::Event(id), "PATCH") => update(world, request, person, id),
        (What::Event(id), _) => delete(world, request, person, id, ""),
        (What::Act(id, action), _) => act(world, request, person, id, action),
        _ => Err(Answer::error(405, "BadRequest", "The method is not allowed here.")),
    }
}

/// The event as the client wants to see it.
fn shown(world: &World, request: &Request, person: usize, id: &str, status: u16) -> Outcome {
    let style = Style::of(request, world.options.quirks)?;
    let answer = view::event(world, request, person, Sight::Own, id, &style)?;
    Ok(Answer { status, ..style.stamp(answer) })
}

fn create(world: &mut World, request: &Request, person: usize, calendar: Option<&str>) -> Outcome {
    let calendar = view::calendar_index(world, person, calendar)?;
    let body = request.body.as_object().ok_or_else(|| bad("RequestBodyRead", "The body is not an event."))?;
    let mailbox = world.calendar.peek(person).ok_or_else(view::not_found)?;
    if let Some(known) = member(&request.body, "transactionId").and_then(Value::as_str)
        && let Some(item) = mailbox.of_transaction(known)
    {
        let id = item.id.clone();
        return shown(world, request, person, &id, 201);
    }
    let now = instant_of(world);
    let mut details = Details::new("", DateTime::ZERO, DateTime::ZERO, Zone::utc());
    parse::apply(&mut details, body, &world.company, true)?;
    let owner = world.person(person);
    details.created = now;
    details.organizer = Some((owner.display_name.clone(), owner.mail.clone().unwrap_or_default()));
    details.response = if details.attendees.is_empty() { "none" } else { "organizer" }.to_owned();
    let uid = format!("040000008200E00074C5B7101A82E008{}", world.ids.guid().replace('-', "").to_uppercase());
    finish_online(&mut details, &uid);
    let mailbox = world.calendar.mailbox(person).ok_or_else(view::not_found)?;
    let id = mailbox.add(calendar, &uid, details, now);
    meeting::tell(world, person, &id, None, &[], Telling::Invite);
    shown(world, request, person, &id, 201)
}

/// A meeting that shall be online gets the address by which it is joined.
fn finish_online(details: &mut Details, uid: &str) {
    if details.join.as_deref() == Some("") {
        let thread = uid.get(uid.len().saturating_sub(16)..).unwrap_or_default().to_lowercase();
        details.join = Some(format!("https://teams.example/l/meetup-join/19%3ameeting_{thread}%40thread.v2/0"));
        if details.place.is_none() {
            details.place = Some(super::store::Place { name: "Microsoft Teams Meeting".to_owned(), address: None });
        }
    }
}

/// The item, the day the id names, and whether the owner organizes it.
fn find<'w>(world: &'w World, person: usize, id: &str) -> Result<(&'w Item, Option<Date>, bool), Answer> {
    let mailbox = world.calendar.peek(person).ok_or_else(view::not_found)?;
    let (item, day) = view::found(mailbox.find(id), id)?;
    let mail = world.person(person).mail.as_deref().unwrap_or_default();
    let organizer = item.details_on(day).organizer.as_ref();
    Ok((item, day, organizer.is_none_or(|(_, address)| address.eq_ignore_ascii_case(mail))))
}

/// 412 where the client wants another version than there is.
fn check_version(request: &Request, item: &Item) -> Result<(), Answer> {
    match request.header("if-match") {
        Some(given) if given != "*" && given != format!("W/\"{}\"", change_key(item)) => {
            let message = "The send or update operation could not be performed because the change key passed in the \
                           request does not match the current change key for the item.";
            Err(Answer::error(412, "ErrorIrresolvableConflict", message))
        }
        _ => Ok(()),
    }
}

fn update(world: &mut World, request: &Request, person: usize, id: &str) -> Outcome {
    let body = request.body.as_object().ok_or_else(|| bad("RequestBodyRead", "The body is not an event."))?;
    let (item, day, own) = find(world, person, id)?;
    check_version(request, item)?;
    let (master, uid) = (item.id.clone(), item.uid.clone());
    let before = match day {
        Some(day) => item.apart(day).ok_or_else(view::not_found)?,
        None => item.details.as_ref().clone(),
    };
    let mut details = before.clone();
    let touched = parse::apply(&mut details, body, &world.company, false)?;
    if day.is_some() && details.recurrence.is_some() {
        return Err(bad("ErrorInvalidPropertySet", "A day of a series has no recurrence of its own."));
    }
    if let Some(day) = day.filter(|_| touched.time) {
        stays_between_neighbours(item, day, details.start)?;
    }
    finish_online(&mut details, &uid);
    if !own {
        // What somebody invited changes is theirs; who is invited is not.
        details.attendees.clone_from(&before.attendees);
    } else if before.attendees.is_empty() && !details.attendees.is_empty() {
        details.response = "organizer".to_owned();
    }
    let now = instant_of(world);
    put(world, person, &master, day, details, touched.time, now);
    if own {
        meeting::tell(world, person, &master, day, &before.attendees, Telling::Update(touched));
    }
    shown(world, request, person, id, 200)
}

/// Puts what is known of an event, or of a day, in its place.
pub(super) fn put(
    world: &mut World,
    person: usize,
    master: &str,
    day: Option<Date>,
    details: Details,
    is_moved: bool,
    now: jiff::Timestamp,
) {
    let Some(mailbox) = world.calendar.mailbox(person) else { return };
    match day {
        Some(day) => mailbox.change_day(master, day, Day::Apart(Box::new(details)), now),
        None if is_moved => mailbox.change(master, now, |held| *held = details),
        None => mailbox.amend(master, now, |held| *held = details),
    };
}

/// A day of a series may not reach or pass the one before or after it. [event-update]
fn stays_between_neighbours(item: &Item, day: Date, start: DateTime) -> Result<(), Answer> {
    let Some(series) = &item.details.recurrence else { return Ok(()) };
    let (from, to) = (day.saturating_sub(800.days()), day.saturating_add(800.days()));
    let on = |other: Date| item.on(other).map(|(start, _)| start.date());
    let before = series.days(from, day).filter(|other| *other < day).filter_map(on).last();
    let after = series.days(day, to).filter(|other| *other > day).find_map(on);
    let crosses =
        before.is_some_and(|before| start.date() <= before) || after.is_some_and(|after| start.date() >= after);
    if crosses {
        let message = "Modified occurrence is crossing or overlapping adjacent occurrence.";
        return Err(bad("ErrorOccurrenceCrossingBoundary", message));
    }
    Ok(())
}

fn delete(world: &mut World, request: &Request, person: usize, id: &str, comment: &str) -> Outcome {
    let (item, day, own) = find(world, person, id)?;
    check_version(request, item)?;
    let master = item.id.clone();
    if own {
        meeting::tell(world, person, &master, day, &[], Telling::Cancel(comment));
    }
    let now = instant_of(world);
    world.calendar.mailbox(person).ok_or_else(view::not_found)?.remove(id, now);
    Ok(Answer::empty(204))
}

fn act(world: &mut World, request: &Request, person: usize, id: &str, action: &str) -> Outcome {
    let (item, day, own) = find(world, person, id)?;
    let (master, details) = (item.id.clone(), item.details_on(day).clone());
    let comment = member(&request.body, "comment").and_then(Value::as_str).unwrap_or_default();
    match action {
        "permanentdelete" => delete(world, request, person, id, ""),
        "cancel" if own && !details.attendees.is_empty() => {
            delete(world, request, person, id, comment)?;
            Ok(Answer::empty(202))
        }
        "cancel" => Err(bad("ErrorInvalidRequest", "Only the organizer can cancel a meeting.")),
        "forward" => {
            let list = member(&request.body, "toRecipients").cloned().unwrap_or(Value::Null);
            let list = list.as_array().filter(|list| !list.is_empty()).cloned();
            let list = list.ok_or_else(|| bad("ErrorInvalidRecipients", "At least one recipient isn't valid."))?;
            let to: Option<Vec<(String, String)>> = list
                .iter()
                .map(|one| {
                    let address = one["emailAddress"]["address"].as_str().filter(|address| address.contains('@'))?;
                    let name = one["emailAddress"]["name"].as_str().unwrap_or(address);
                    Some((name.to_owned(), address.to_owned()))
                })
                .collect();
            let to = to.ok_or_else(|| bad("ErrorInvalidRecipients", "At least one recipient isn't valid."))?;
            meeting::forward(world, person, &master, day, &to, comment);
            Ok(Answer::empty(202))
        }
        _ => respond(world, request, person, (&master, id, day), own, action, comment),
    }
}

fn respond(
    world: &mut World,
    request: &Request,
    person: usize,
    (master, id, day): (&str, &str, Option<Date>),
    own: bool,
    action: &str,
    comment: &str,
) -> Outcome {
    if own {
        let message =
            "Your request can't be completed. You can't respond to this meeting because you're the meeting organizer.";
        return Err(bad("ErrorInvalidRequest", message));
    }
    let tell = match member(&request.body, "sendResponse") {
        None | Some(Value::Null) => true,
        Some(value) => value.as_bool().ok_or_else(|| bad("RequestBodyRead", "SendResponse is true or false."))?,
    };
    let (item, _, _) = find(world, person, id)?;
    let (details, uid) = (item.details_on(day).clone(), item.uid.clone());
    let proposal = match member(&request.body, "proposedNewTime").filter(|value| !value.is_null()) {
        None => None,
        Some(_) if action == "accept" => {
            return Err(bad("ErrorInvalidRequest", "A meeting that is accepted has no other time."));
        }
        Some(_) if !details.proposals || !tell => {
            return Err(bad("ErrorInvalidRequest", "A new time cannot be proposed for this meeting."));
        }
        Some(value) => {
            let at = |name: &str| {
                let (wall, zone) = parse::wall(member(value, name).unwrap_or(&Value::Null))?;
                Ok(super::store::moment(wall, &zone.rules))
            };
            Some((at("start")?, at("end")?))
        }
    };
    let (response, show) = match action {
        "accept" => ("accepted", "busy"),
        "decline" => ("declined", "free"),
        _ => ("tentativelyAccepted", "tentative"),
    };
    let now = instant_of(world);
    let own_copy = Details {
        response: response.to_owned(),
        show: show.to_owned(),
        answered: Some(now),
        ..match day {
            Some(day) => item.apart(day).ok_or_else(view::not_found)?,
            None => details.clone(),
        }
    };
    if action == "decline" {
        if let Some(mailbox) = world.calendar.mailbox(person) {
            mailbox.remove(id, now);
        }
    } else {
        put(world, person, master, day, own_copy, false, now);
    }
    if tell && details.asks {
        meeting::answer(world, person, &details, &uid, day, Reply { response, comment, proposal });
    }
    Ok(Answer::empty(202))
}
