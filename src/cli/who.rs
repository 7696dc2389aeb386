//! `deskbell who`: everything about one person.
//!
//! What may not be read is said, never left to look like nothing.

use crate::base::environment::Environment;
use crate::base::report::{Kind, Report};
use crate::cli::arguments::{Global, Who};
use crate::cli::output::{Out, envelope, error, instant, plain, zone_name};
use crate::cli::session::{Found, Session};
use crate::cli::{Ended, PARTLY_DONE, agenda};
use crate::domain::freebusy::Availability;
use crate::domain::presence::{self, Presence};
use crate::domain::request::{Answer, Card, PersonRef, Request};
use crate::domain::time::{Span, clock_time, day_span, long_date, offset_difference, wall_time};
use serde_json::{Map, Value, json};

pub(crate) async fn run(global: Global, who: &Who, environment: Environment, out: &Out) -> Ended {
    let session = Session::open(global, environment).await?;
    let me = session.me(out)?;
    let found = session.find_all(std::slice::from_ref(&who.name)).await?;
    let who = match found.into_iter().next() {
        Some(Found::One { person: Some(person), .. }) => PersonRef::Id(person.id),
        Some(Found::One { asked, person: None }) => PersonRef::Address { name: asked.clone(), address: asked },
        Some(Found::Nobody { reason, .. }) => return Err(reason),
        None => return Err(Report::new(Kind::Usage, "usage", "Nobody was named.")),
    };
    let Answer::Card(card) = session.engine.perform(Request::Card { who }).await? else {
        return Err(Session::mixed_up());
    };
    let is_whole = card.problems.is_empty();
    if out.is_json() {
        let item = as_json(&card, &session);
        let account = &me.person.address;
        out.json(&envelope("deskbell.who/1", account, card.as_of, &session.zone, Map::new(), vec![item], Vec::new()));
    } else {
        tell(&card, &session, out);
    }
    Ok(if is_whole { 0 } else { PARTLY_DONE })
}

fn tell(card: &Card, session: &Session, out: &Out) {
    let person = &card.person;
    let external = if card.is_internal { "" } else { "  EXTERNAL" };
    out.line(&format!("{} <{}>{external}", plain(&person.name), plain(&person.address)));
    let line = |what: &str, text: &str| {
        if !text.is_empty() {
            out.line(&format!("{what:<12}{}", plain(text)));
        }
    };
    let work: Vec<&str> =
        [&person.job_title, &person.department, &person.office].into_iter().filter_map(Option::as_deref).collect();
    line("Works as", &work.join(", "));
    line("Phone", &person.phones.join(", "));
    line("Manager", card.manager.as_ref().map_or("", |manager| &manager.name));
    line("Presence", &card.presence.as_ref().map(in_words).unwrap_or_default());
    if let Some(reply) = card.reply.as_ref().filter(|reply| !reply.message.is_empty()) {
        let day = |at: jiff::Timestamp| long_date(wall_time(at, &session.rules()).date());
        let dates = match (reply.start, reply.end) {
            (Some(start), Some(end)) => format!("from {} until {}", day(start), day(end)),
            (None, Some(end)) => format!("until {}", day(end)),
            (Some(start), None) => format!("from {}", day(start)),
            (None, None) => "no end told".to_owned(),
        };
        line("Away", &dates);
        line("Reply", &reply.message);
    }
    let hours = card.schedule.as_ref().and_then(|schedule| schedule.working_hours.as_ref());
    if let Some(hours) = hours {
        let clock = hours.zone.rules.as_ref().map(|rules| clock_time(session.now(), rules)).unwrap_or_default();
        let apart = offset_difference(&hours.zone, &session.rules(), session.now());
        line("Local time", &format!("{clock} ({}, {apart})", zone_name(&hours.zone)));
        let days: Vec<&str> = hours.days.iter().map(|day| crate::domain::time::weekday_name(*day)).collect();
        line(
            "Hours",
            &format!("{}-{}, {}", hours.start.strftime("%H:%M"), hours.end.strftime("%H:%M"), days.join(" ")),
        );
    }
    match card.schedule.as_ref().map(|schedule| &schedule.blocks) {
        Some(Ok(blocks)) => {
            let (today, rules) = (today(session), session.rules());
            let busy = blocks.iter().filter(|block| block.status != Some(Availability::Free));
            let blocks: Vec<String> = busy
                .filter_map(|block| {
                    let within = block.span.intersection(&today)?;
                    let what = block.status.map_or("unknown", agenda::status);
                    let subject = block.subject.as_deref().map(|subject| format!(" {subject}")).unwrap_or_default();
                    let when = if within == today {
                        "all day".to_owned()
                    } else {
                        format!("{}-{}", clock_time(within.start, &rules), clock_time(within.end, &rules))
                    };
                    Some(format!("{when} {what}{subject}"))
                })
                .collect();
            line("Today", if blocks.is_empty() { "nothing in the calendar" } else { "" });
            for block in blocks {
                line("Today", &block);
            }
        }
        Some(Err(error)) => line("Today", &error.message),
        None => {}
    }
    for problem in &card.problems {
        let remedy = problem.next.first().map_or("", String::as_str);
        out.aside(format!("{} {remedy}", problem.what).trim_end());
    }
}

/// The day it is where the asking person is. More may be kept of somebody's calendar than this.
fn today(session: &Session) -> Span {
    day_span(session.today(), &session.rules())
}

/// Presence as it is said.
pub(crate) fn in_words(presence: &Presence) -> String {
    let mut words = match (presence.activity.as_str(), &presence.availability) {
        ("", availability) => availability_words(availability).to_owned(),
        (activity, _) => activity.to_owned(),
    };
    if presence.is_out_of_office {
        words.push_str(", out of office");
    }
    if !presence.status_message.is_empty() {
        words = format!("{words}: {}", presence.status_message);
    }
    words
}

fn availability_words(availability: &presence::Availability) -> &'static str {
    match availability {
        presence::Availability::Available => "Available",
        presence::Availability::Busy => "Busy",
        presence::Availability::DoNotDisturb => "Do not disturb",
        presence::Availability::Away => "Away",
        presence::Availability::Offline => "Offline",
        presence::Availability::Unknown => "Unknown",
    }
}

/// The service's own word, in our letter case.
pub(crate) fn availability_word(availability: &presence::Availability) -> &'static str {
    match availability {
        presence::Availability::Available => "available",
        presence::Availability::Busy => "busy",
        presence::Availability::DoNotDisturb => "doNotDisturb",
        presence::Availability::Away => "away",
        presence::Availability::Offline => "offline",
        presence::Availability::Unknown => "unknown",
    }
}

fn as_json(card: &Card, session: &Session) -> Value {
    let person = &card.person;
    let reply = card.reply.as_ref().filter(|reply| !reply.message.is_empty()).map(|reply| {
        json!({
            "message": reply.message,
            "start": reply.start.map(|at| instant(at, &session.zone)),
            "end": reply.end.map(|at| instant(at, &session.zone)),
        })
    });
    let hours = card.schedule.as_ref().and_then(|schedule| schedule.working_hours.as_ref());
    let today = card.schedule.as_ref().and_then(|schedule| schedule.blocks.as_ref().ok()).map(|blocks| {
        let block = |block: &crate::domain::freebusy::Block| {
            json!({
                "start": instant(block.span.start, &session.zone), "end": instant(block.span.end, &session.zone),
                "status": block.status.map_or("unknown", agenda::status), "subject": block.subject,
                "location": block.location, "private": block.is_private,
            })
        };
        let day = today(session);
        blocks.iter().filter(|each| each.span.overlaps(&day)).map(block).collect::<Vec<_>>()
    });
    json!({
        "person": person.address, "name": person.name, "internal": card.is_internal, "jobTitle": person.job_title,
        "department": person.department, "office": person.office, "phones": person.phones,
        "manager": card.manager.as_ref().map(|manager| json!({"person": manager.address, "name": manager.name})),
        "presence": card.presence.as_ref().map(|presence| json!({
            "availability": availability_word(&presence.availability), "activity": presence.activity,
            "statusMessage": presence.status_message, "outOfOffice": presence.is_out_of_office,
        })),
        "reply": reply,
        "zone": hours.map(|hours| zone_name(&hours.zone)),
        "workingHours": hours.map(crate::cli::busy::working_hours),
        "today": today,
        "problems": card.problems.iter().map(error).collect::<Vec<_>>(),
    })
}
