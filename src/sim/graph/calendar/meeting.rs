//! Meetings among the people of the company: what the organizer does reaches every calendar and inbox, what is answered reaches
//! the organizer.
//!
//! The copies of a meeting have one uid. Must stay true: a copy keeps its owner's answer, categories and reminder until the time
//! changes; a cancelled meeting stays in the calendars of those invited, marked as such, until they take it away. Rooms answer by
//! themselves.

use super::parse::Touched;
use super::render::{Renderer, Row, Style};
use super::store::{Attendee, Details, Item, Window, moment};
use super::{Sight, instant_of, write};
use crate::sim::graph::mail::content::{Address, Kind, Meeting};
use crate::sim::graph::mail::meetings::{self, Note};
use crate::sim::request::Request;
use crate::sim::world::World;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

/// What the organizer did.
#[derive(Clone, Copy, Debug)]
pub(super) enum What<'a> {
    Invite,
    Update(Touched),
    /// With these words.
    Cancel(&'a str),
}

/// An answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reply<'a> {
    /// `accepted`, `tentativelyAccepted` or `declined`.
    pub response: &'a str,
    pub comment: &'a str,
    pub proposal: Option<(Timestamp, Timestamp)>,
}

/// A meeting, or a day of one, as those who are invited know it.
struct Invitation {
    uid: String,
    day: Option<Date>,
    details: Details,
    organizer: Address,
}

impl Invitation {
    fn of(item: &Item, day: Option<Date>) -> Option<Self> {
        let details = match day {
            Some(day) => item.apart(day)?,
            None => item.details.as_ref().clone(),
        };
        let (name, address) = details.organizer.clone()?;
        Some(Self { uid: item.uid.clone(), day, details, organizer: Address::new(&name, &address) })
    }

    /// What a mail about it carries along.
    fn meeting(&self, is_update: bool, proposal: Option<(Timestamp, Timestamp)>) -> Meeting {
        let rules = self.details.rules();
        let (start, end) = (moment(self.details.start, &rules), moment(self.details.end, &rules));
        let place = self.details.place.as_ref().map(|place| place.name.clone()).unwrap_or_default();
        let event = Some((self.uid.clone(), self.day));
        Meeting { all_day: self.details.all_day, event, is_update, proposal, ..Meeting::new(start, end, place) }
    }
}

/// Tells everybody at a meeting of `person` what became of it. `before` is who was invited until now.
pub(super) fn tell(
    world: &mut World,
    person: usize,
    master: &str,
    day: Option<Date>,
    before: &[Attendee],
    what: What<'_>,
) {
    let item = world.calendar.peek(person).and_then(|mailbox| mailbox.find(master));
    let Some(invitation) = item.and_then(|(item, _)| Invitation::of(item, day)) else { return };
    let now: Vec<Attendee> = invitation.details.attendees.clone();
    let among =
        |all: &[Attendee], one: &Attendee| all.iter().any(|other| other.address.eq_ignore_ascii_case(&one.address));
    match what {
        What::Invite => invite(world, person, &invitation, &now),
        What::Cancel(comment) => call_off(world, person, &invitation, &now, comment),
        What::Update(touched) => {
            let added: Vec<Attendee> = now.iter().filter(|one| !among(before, one)).cloned().collect();
            let removed: Vec<Attendee> = before.iter().filter(|one| !among(&now, one)).cloned().collect();
            let stayed: Vec<Attendee> = now.iter().filter(|one| among(before, one)).cloned().collect();
            call_off(world, person, &invitation, &removed, "");
            if touched.time || touched.words {
                change(world, person, &invitation, &stayed, touched.time, master);
            }
            invite(world, person, &invitation, &added);
        }
    }
}

/// Those of `people` who have a calendar here, beside `person`.
fn at_home(world: &World, person: usize, people: &[Attendee]) -> Vec<usize> {
    let find = |one: &Attendee| world.company.find(&one.address);
    let here = |index: &usize| *index != person && world.calendar.peek(*index).is_some();
    people.iter().filter_map(find).filter(here).collect()
}

fn is_room(world: &World, index: usize) -> bool {
    matches!(world.person(index).kind.as_str(), "room" | "equipment")
}

fn invite(world: &mut World, person: usize, invitation: &Invitation, people: &[Attendee]) {
    let now = instant_of(world);
    let copy = Details {
        response: "notResponded".to_owned(),
        show: "tentative".to_owned(),
        categories: Vec::new(),
        transaction: None,
        answered: None,
        created: now,
        ..invitation.details.clone()
    };
    let homes = at_home(world, person, people);
    for index in &homes {
        let Some(mailbox) = world.calendar.mailbox(*index) else { continue };
        if mailbox.of_meeting(&invitation.uid).is_none() {
            mailbox.add(0, &invitation.uid, copy.clone(), now);
        }
    }
    send(world, people, invitation, Kind::Request, "", &invitation.details.body, false);
    for index in homes.into_iter().filter(|index| is_room(world, *index)).collect::<Vec<_>>() {
        book(world, index, invitation);
    }
}

/// A room says yes if it is free and no if it is not.
fn book(world: &mut World, room: usize, invitation: &Invitation) {
    let meeting = invitation.meeting(false, None);
    let window = Window { start: meeting.start, end: meeting.end };
    let now = instant_of(world);
    let Some(mailbox) = world.calendar.mailbox(room) else { return };
    let others = mailbox.look(0, window, &jiff::tz::TimeZone::UTC);
    let taken =
        |number: u64| mailbox.item(number).is_some_and(|item| item.uid != invitation.uid && !item.details.called_off);
    let is_taken = others.iter().any(|instance| taken(instance.number));
    let Some(id) = mailbox.of_meeting(&invitation.uid).map(|item| item.id.clone()) else { return };
    let response = if is_taken {
        mailbox.remove(&id, now);
        "declined"
    } else {
        mailbox.amend(&id, now, |details| {
            details.response = "accepted".to_owned();
            details.show = "busy".to_owned();
            details.answered = Some(now);
        });
        "accepted"
    };
    let reply = Reply { response, comment: "", proposal: None };
    answer(world, room, &invitation.details, &invitation.uid, invitation.day, reply);
}

fn change(
    world: &mut World,
    person: usize,
    invitation: &Invitation,
    people: &[Attendee],
    is_moved: bool,
    master: &str,
) {
    let now = instant_of(world);
    if is_moved {
        // Everybody is asked anew.
        let mut details = invitation.details.clone();
        for attendee in &mut details.attendees {
            attendee.response = "none".to_owned();
            (attendee.answered, attendee.proposal) = (None, None);
        }
        write::put(world, person, master, invitation.day, details, false, now);
    }
    for index in at_home(world, person, people) {
        let Some(item) = world.calendar.peek(index).and_then(|mailbox| mailbox.of_meeting(&invitation.uid)) else {
            continue;
        };
        let (id, held) = match invitation.day {
            Some(day) => match item.apart(day) {
                Some(held) => (item.id.clone(), held),
                None => continue,
            },
            None => (item.id.clone(), item.details.as_ref().clone()),
        };
        let asked = is_moved && !is_room(world, index);
        let copy = Details {
            response: if asked { "notResponded".to_owned() } else { held.response },
            show: if asked { "tentative".to_owned() } else { held.show },
            answered: if asked { None } else { held.answered },
            categories: held.categories,
            reminder: held.reminder,
            created: held.created,
            transaction: None,
            ..invitation.details.clone()
        };
        write::put(world, index, &id, invitation.day, copy, is_moved, now);
    }
    send(world, people, invitation, Kind::Request, "", &invitation.details.body, true);
}

fn call_off(world: &mut World, person: usize, invitation: &Invitation, people: &[Attendee], comment: &str) {
    let now = instant_of(world);
    for index in at_home(world, person, people) {
        let is_room = is_room(world, index);
        let Some(mailbox) = world.calendar.mailbox(index) else { continue };
        let Some(item) = mailbox.of_meeting(&invitation.uid) else { continue };
        let id = item.id.clone();
        let gone = invitation.day.map_or_else(|| id.clone(), |day| item.day_id(day));
        let held = match invitation.day {
            Some(day) => item.apart(day),
            None => Some(item.details.as_ref().clone()),
        };
        let Some(held) = held else { continue };
        // Days that went their own way are called off with the series.
        let days = item.days.keys().filter(|_| invitation.day.is_none());
        let apart: Vec<(Date, Details)> = days.filter_map(|day| Some((*day, item.apart(*day)?))).collect();
        if is_room {
            mailbox.remove(&gone, now);
        } else {
            for (day, held) in apart {
                write::put(world, index, &id, Some(day), Details { called_off: true, ..held }, false, now);
            }
            write::put(world, index, &id, invitation.day, Details { called_off: true, ..held }, false, now);
        }
    }
    send(world, people, invitation, Kind::Cancelled, "Canceled: ", comment, true);
}

fn send(
    world: &mut World,
    people: &[Attendee],
    invitation: &Invitation,
    kind: Kind,
    prefix: &str,
    body: &str,
    is_update: bool,
) {
    let to: Vec<Address> =
        people.iter().filter(|one| one.kind != "resource").map(|one| Address::new(&one.name, &one.address)).collect();
    let subject = format!("{prefix}{}", invitation.details.subject);
    let meeting = invitation.meeting(is_update, None);
    let body = format!("<html><body>{body}</body></html>");
    meetings::tell(world, &to, Note { kind, subject, body, meeting, from: &invitation.organizer });
}

/// Tells the organizer what `person` answered.
pub(super) fn answer(
    world: &mut World,
    person: usize,
    details: &Details,
    uid: &str,
    day: Option<Date>,
    reply: Reply<'_>,
) {
    let Some((name, address)) = details.organizer.clone() else { return };
    let own = world.person(person);
    let from = Address::new(&own.display_name, own.mail.as_deref().unwrap_or_default());
    let mail = from.address.clone().unwrap_or_default();
    let now = instant_of(world);
    if let Some(organizer) = world.company.find(&address)
        && let Some(item) = world.calendar.peek(organizer).and_then(|mailbox| mailbox.of_meeting(uid))
    {
        let id = item.id.clone();
        let held = match day {
            Some(day) => item.apart(day),
            None => Some(item.details.as_ref().clone()),
        };
        if let Some(mut held) = held {
            for attendee in held.attendees.iter_mut().filter(|one| one.address.eq_ignore_ascii_case(&mail)) {
                attendee.response = reply.response.to_owned();
                attendee.answered = Some(now);
                attendee.proposal = reply.proposal;
            }
            write::put(world, organizer, &id, day, held, false, now);
        }
    }
    let (kind, prefix) = match (reply.response, reply.proposal) {
        ("accepted", _) => (Kind::Accepted, "Accepted"),
        ("declined", None) => (Kind::Declined, "Declined"),
        ("declined", Some(_)) => (Kind::Declined, "New Time Proposed"),
        (_, None) => (Kind::Tentative, "Tentative"),
        (_, Some(_)) => (Kind::Tentative, "New Time Proposed"),
    };
    let to = Address::new(&name, &address);
    let details = Details { body: String::new(), ..details.clone() };
    let invitation = Invitation { uid: uid.to_owned(), day, details, organizer: to.clone() };
    let subject = format!("{prefix}: {}", invitation.details.subject);
    let escaped = reply.comment.replace('&', "&amp;").replace('<', "&lt;").replace('\n', "<br>");
    let body = format!("<html><body>{escaped}</body></html>");
    let meeting = invitation.meeting(false, reply.proposal);
    meetings::tell(world, &[to], Note { kind, subject, body, meeting, from: &from });
}

/// Passes an invitation on: who gets it is invited from now on.
pub(super) fn forward(
    world: &mut World,
    person: usize,
    master: &str,
    day: Option<Date>,
    to: &[(String, String)],
    comment: &str,
) {
    let item = world.calendar.peek(person).and_then(|mailbox| mailbox.find(master));
    let Some(invitation) = item.and_then(|(item, _)| Invitation::of(item, day)) else { return };
    let people: Vec<Attendee> = to
        .iter()
        .map(|(name, address)| Attendee {
            name: name.clone(),
            address: address.clone(),
            kind: "required".to_owned(),
            response: "none".to_owned(),
            answered: None,
            proposal: None,
        })
        .collect();
    let now = instant_of(world);
    let organizer = invitation.organizer.address.as_deref().and_then(|address| world.company.find(address));
    if let Some(mailbox) = organizer.and_then(|organizer| world.calendar.mailbox(organizer))
        && let Some(id) = mailbox.of_meeting(&invitation.uid).map(|item| item.id.clone())
    {
        mailbox.amend(&id, now, |details| {
            for one in &people {
                if !details.attendees.iter().any(|known| known.address.eq_ignore_ascii_case(&one.address)) {
                    details.attendees.push(one.clone());
                }
            }
        });
    }
    let body = format!("{comment}{}", invitation.details.body);
    let details = Details { body, ..invitation.details };
    invite(world, person, &Invitation { details, ..invitation }, &people);
}

/// The event a meeting mail in somebody's mailbox is about, as JSON; `None` when it is gone.
pub(in crate::sim::graph) fn event_of_message(
    world: &World,
    request: &Request,
    person: &str,
    about: &Meeting,
    subjects: &[&str],
) -> Option<Value> {
    let person = world.company.find(person)?;
    let mailbox = world.calendar.peek(person)?;
    let (item, day) = match &about.event {
        Some((uid, day)) => (mailbox.of_meeting(uid)?, *day),
        None => {
            let window = Window { start: about.start, end: about.end };
            let begins = |item: &Item| {
                let instances = item.instances(window, &jiff::tz::TimeZone::UTC);
                instances.iter().any(|instance| instance.start == about.start)
            };
            let is_it = |item: &&Item| subjects.contains(&item.details.subject.as_str()) && begins(item);
            (mailbox.items_from(0).find(is_it)?, None)
        }
    };
    let row = match day {
        Some(day) => Row::Occurrence(item.on(day).map(|_| day)?),
        None if item.details.recurrence.is_some() => Row::Master,
        None => Row::Single,
    };
    let style = Style::of(request, world.options.quirks).ok()?;
    Some(Renderer { owner: world.person(person), style: &style, sight: Sight::Own }.event(item, row))
}
