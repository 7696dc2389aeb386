//! Presence: plain words in changing letter case, never checked against the calendar. [presence-get] One's own can be preferred
//! for a while, and a note be set beside it. [presence-setuserpreferredpresence; presence-setstatusmessage]
//!
//! Whether somebody is out of office follows the automatic replies, as it does there.

use crate::sim::company::Company;
use crate::sim::graph::calendar::{instant, wall_time};
use crate::sim::request::{Answer, Request};
use crate::sim::when::Anchor;
use crate::sim::world::{World, WorldOptions};
use crate::sim::zones::Zone;
use jiff::Timestamp;
use jiff::civil::DateTime;
use serde_json::{Value, json};
use std::time::SystemTime;

/// Presence of everybody, by index of the person.
#[derive(Debug, Default)]
pub struct PresenceState {
    all: Vec<Presence>,
}

/// What presence says of somebody.
#[derive(Clone, Debug)]
pub struct Presence {
    /// As sent: any word, any letter case.
    pub availability: String,
    /// As sent.
    pub activity: String,
    /// The status message.
    pub status: Option<String>,
    until: Option<(DateTime, String)>,
    published: Timestamp,
    place: Option<String>,
    /// Availability and activity that the person chose, and until when.
    preferred: Option<(String, String, Timestamp)>,
}

impl PresenceState {
    /// The state at the beginning, relative to `now`.
    #[must_use]
    pub fn build(company: &Company, now: SystemTime, _options: &WorldOptions) -> Self {
        let home = company.people.first().and_then(|person| Zone::named(&person.zone)).unwrap_or_else(Zone::utc);
        let anchor = Anchor::at(now, &home.rules);
        let published = Timestamp::try_from(now).unwrap_or(Timestamp::UNIX_EPOCH);
        let of = |person: &crate::sim::company::Person| {
            let note = person.presence.clone();
            let word = |word: Option<String>| word.unwrap_or_else(|| "PresenceUnknown".to_owned());
            let until = note.as_ref().and_then(|note| anchor.wall(note.status_until.as_deref()?));
            Presence {
                availability: word(note.as_ref().map(|note| note.availability.clone())),
                activity: word(note.as_ref().and_then(|note| note.activity.clone())),
                status: note.as_ref().and_then(|note| note.status.clone()),
                until: until.map(|until| (until, person.zone.clone())),
                place: note.and_then(|note| note.place),
                published,
                preferred: None,
            }
        };
        Self { all: company.people.iter().map(of).collect() }
    }

    /// The presence of the person with this index, to change it.
    pub fn of_mut(&mut self, person: usize) -> &mut Presence {
        &mut self.all[person]
    }
}

const MOST: usize = 650;

/// Answers what is ours.
pub fn handle(world: &mut World, request: &Request) -> Option<Answer> {
    let words: Vec<String> = request.path.iter().map(|word| word.to_ascii_lowercase()).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let answer = match (request.method.as_str(), words.as_slice()) {
        ("POST", ["communications", "getpresencesbyuserid"]) => several(world, request),
        ("GET", ["communications", "presences", _]) => {
            request.caller.need(OTHERS).and_then(|()| by_id(world, request, &request.path[2]))
        }
        ("GET", ["me", "presence"] | ["users", _, "presence"]) => {
            let target = world.resolve(request)?;
            target.and_then(|target| {
                let wanted: &[&str] = if target.own { OWN } else { OTHERS };
                request.caller.need(wanted)?;
                Ok(one(world, request, target.person))
            })
        }
        ("POST", ["me", "presence", action] | ["users", _, "presence", action]) => {
            let target = world.resolve(request)?;
            target.and_then(|target| {
                request.caller.need(&["Presence.ReadWrite"])?;
                if !target.own {
                    return Err(Answer::error(403, "Forbidden", "The presence of somebody else cannot be set."));
                }
                prefer(world, request, target.person, action)
            })
        }
        _ => return None,
    };
    Some(answer.unwrap_or_else(|refusal| refusal))
}

/// What one can choose, each with the activity that goes with it.
const CHOICES: [(&str, &str); 6] = [
    ("Available", "Available"),
    ("Busy", "Busy"),
    ("DoNotDisturb", "DoNotDisturb"),
    ("BeRightBack", "BeRightBack"),
    ("Away", "Away"),
    ("Offline", "OffWork"),
];

fn prefer(world: &mut World, request: &Request, person: usize, action: &str) -> Result<Answer, Answer> {
    let bad = |message: &str| Answer::error(400, "BadRequest", message);
    let now = Timestamp::try_from(world.now()).unwrap_or(Timestamp::UNIX_EPOCH);
    let presence = world.presence.of_mut(person);
    match action {
        "setuserpreferredpresence" => {
            let word = |name: &str| request.body[name].as_str().unwrap_or_default();
            let chosen = CHOICES.iter().find(|(availability, activity)| {
                availability.eq_ignore_ascii_case(word("availability"))
                    && activity.eq_ignore_ascii_case(word("activity"))
            });
            let (availability, activity) =
                chosen.ok_or_else(|| bad("This availability and activity do not go together."))?;
            let length = match request.body["expirationDuration"].as_str() {
                // Busy and do not disturb last a day, the others a week.
                None if matches!(*availability, "Busy" | "DoNotDisturb") => jiff::SignedDuration::from_hours(24),
                None => jiff::SignedDuration::from_hours(24 * 7),
                Some(text) => text.parse().map_err(|_| bad("The expirationDuration is no duration."))?,
            };
            let until = now.checked_add(length).map_err(|_| bad("The expirationDuration is too long."))?;
            presence.preferred = Some(((*availability).to_owned(), (*activity).to_owned(), until));
        }
        "clearuserpreferredpresence" => presence.preferred = None,
        "setstatusmessage" => {
            let status = &request.body["statusMessage"];
            let text = status["message"]["content"].as_str().ok_or_else(|| bad("The message is missing."))?;
            let until = &status["expiryDateTime"];
            if until.is_null() {
                presence.until = None;
            } else {
                let wall = until["dateTime"].as_str().and_then(|wall| wall.parse::<DateTime>().ok());
                let zone = until["timeZone"].as_str().filter(|zone| Zone::named(zone).is_some());
                let both = wall.zip(zone).ok_or_else(|| bad("The expiryDateTime is no time in a zone."))?;
                presence.until = Some((both.0, both.1.to_owned()));
            }
            presence.status = (!text.is_empty()).then(|| text.to_owned());
            presence.published = now;
        }
        _ => return Err(bad("Resource not found for the segment.")),
    }
    Ok(Answer::empty(200))
}

const OWN: &[&str] = &["Presence.Read", "Presence.Read.All", "Presence.ReadWrite"];
const OTHERS: &[&str] = &["Presence.Read.All"];

fn by_id(world: &World, request: &Request, id: &str) -> Result<Answer, Answer> {
    let found =
        world.company.people.iter().position(|person| !person.is_outsider() && person.id.eq_ignore_ascii_case(id));
    found
        .map(|person| one(world, request, person))
        .ok_or_else(|| Answer::error(404, "NotFound", "The user could not be found."))
}

fn one(world: &World, request: &Request, person: usize) -> Answer {
    let mut value = presence_json(world, person);
    value["@odata.context"] =
        json!(format!("{}/v1.0/$metadata#users('{}')/presence/$entity", request.base, world.person(person).id));
    Answer::ok(value)
}

/// At most 650 ids, GUIDs only; somebody unknown is left out. [cloudcommunications-getpresencesbyuserid]
fn several(world: &World, request: &Request) -> Result<Answer, Answer> {
    request.caller.need(OTHERS)?;
    let bad = |message: &str| Answer::error(400, "BadRequest", message);
    let ids = request.body["ids"].as_array().ok_or_else(|| bad("The ids are missing."))?;
    if ids.len() > MOST {
        return Err(bad(&format!("The request holds {} ids, the greatest number is {MOST}.", ids.len())));
    }
    let mut value = Vec::new();
    for id in ids {
        let id = id.as_str().filter(|id| is_guid(id)).ok_or_else(|| bad(&format!("{id} is not a user id.")))?;
        if let Some(person) =
            world.company.people.iter().position(|person| !person.is_outsider() && person.id.eq_ignore_ascii_case(id))
        {
            value.push(presence_json(world, person));
        }
    }
    let context = format!("{}/v1.0/$metadata#Collection(microsoft.graph.presence)", request.base);
    Ok(Answer::ok(json!({"@odata.context": context, "value": value})))
}

fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.chars().enumerate().all(|(at, letter)| match at {
            8 | 13 | 18 | 23 => letter == '-',
            _ => letter.is_ascii_hexdigit(),
        })
}

fn presence_json(world: &World, person: usize) -> Value {
    let presence = &world.presence.all[person];
    let settings = world.settings.of(person);
    let now = Timestamp::try_from(world.now()).unwrap_or(Timestamp::UNIX_EPOCH);
    let out = settings.replying(now);
    let preferred = presence.preferred.as_ref().filter(|(.., until)| *until > now);
    let (availability, activity) = preferred
        .map_or((&presence.availability, &presence.activity), |(availability, activity, _)| (availability, activity));
    let is_over = |until: &(DateTime, String)| {
        let zone = Zone::named(&until.1).unwrap_or_else(Zone::utc);
        zone.rules.to_ambiguous_timestamp(until.0).compatible().is_ok_and(|until| until <= now)
    };
    let status = presence.status.as_ref().filter(|_| !presence.until.as_ref().is_some_and(is_over));
    let status = status.map(|status| {
        let until = presence.until.as_ref().map(|(wall, zone)| wall_time(*wall, zone));
        json!({
            "message": {"content": status, "contentType": "text"}, "publishedDateTime": instant(presence.published),
            "expiryDateTime": until,
        })
    });
    let place =
        presence.place.as_ref().map(|place| json!({"workLocationType": place, "source": "manual", "placeId": ""}));
    json!({
        "id": world.person(person).id, "availability": availability, "activity": activity,
        "statusMessage": status, "workLocation": place, "sequenceNumber": format!("A{:011}", presence.published.as_second()),
        "outOfOfficeSettings": {"message": if out { json!(settings.internal) } else { Value::Null }, "isOutOfOffice": out},
    })
}
