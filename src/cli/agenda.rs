//! `deskbell agenda`: what is in the calendar, by day.

use crate::base::environment::Environment;
use crate::cli::arguments::{Agenda, Global};
use crate::cli::inbox::recipient;
use crate::cli::output::{Out, envelope, instant, plain};
use crate::cli::session::Session;
use crate::cli::{Ended, PARTLY_DONE, span};
use crate::domain::account::Feature;
use crate::domain::event::{Event, Response, When};
use crate::domain::freebusy::Availability;
use crate::domain::request::{Answer, Request};
use crate::domain::time::{clock_time, long_date};
use jiff::civil::Date;
use serde_json::{Map, Value, json};

pub(crate) async fn run(global: Global, agenda: &Agenda, environment: Environment, out: &Out) -> Ended {
    let mut session = Session::open(global, environment).await?;
    let (from, to) = span::days(&agenda.days, session.today())?;
    let me = session.me(out)?;
    let stale = session.refresh().await;
    let answer = session.engine.perform(Request::Agenda { from, to }).await?;
    let Answer::Agenda { events, as_of, .. } = answer else { return Err(Session::mixed_up()) };
    if as_of.is_none() {
        return Err(session.nothing_of("calendar", Feature::Calendar, stale));
    }
    let errors = session.tell_stale(out, stale);
    let code = if errors.is_empty() { 0 } else { PARTLY_DONE };
    if out.is_json() {
        let mut more = Map::new();
        more.insert("from".to_owned(), json!(from.to_string()));
        more.insert("to".to_owned(), json!(to.to_string()));
        let items = events.iter().map(|event| item(event, &session)).collect();
        out.json(&envelope("deskbell.agenda/1", &me.person.address, as_of, &session.zone, more, items, errors));
        return Ok(code);
    }
    let mut day = from;
    while day < to {
        let rows: Vec<Vec<String>> = events
            .iter()
            .filter(|event| touches(event, day, &session))
            .map(|event| row(event, day, &session))
            .collect();
        out.line(&long_date(day));
        if rows.is_empty() {
            out.line("  nothing");
        }
        out.table(&["", "", "", ""], &rows);
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
    Ok(code)
}

fn touches(event: &Event, day: Date, session: &Session) -> bool {
    match event.when {
        When::AllDay { start, end } => start <= day && day < end,
        When::Timed(span) => {
            session.day_span(day).is_some_and(|of_day| of_day.overlaps(&span) || of_day.contains(span.start))
        }
    }
}

fn row(event: &Event, day: Date, session: &Session) -> Vec<String> {
    let time = match event.when {
        When::AllDay { .. } => "all day".to_owned(),
        When::Timed(span) => {
            let of_day = session.day_span(day).unwrap_or(span);
            let start =
                if span.start < of_day.start { "…".to_owned() } else { clock_time(span.start, &session.rules()) };
            let end = if span.end > of_day.end { "…".to_owned() } else { clock_time(span.end, &session.rules()) };
            format!("{start}-{end}")
        }
    };
    let mark = match (event.is_cancelled, event.response, event.show_as) {
        (true, ..) => "cancelled",
        (_, Response::NotResponded, _) => "no answer",
        (_, Response::Tentative, _) | (_, _, Some(Availability::Tentative)) => "tentative",
        (_, _, Some(Availability::OutOfOffice)) => "out of office",
        (_, _, Some(Availability::WorkingElsewhere)) => "elsewhere",
        (_, _, Some(Availability::Free)) => "free",
        _ => "",
    };
    let subject = if event.subject.is_empty() { "(no subject)" } else { &event.subject };
    vec![format!("  {time}"), plain(subject), plain(&event.location), mark.to_owned()]
}

fn item(event: &Event, session: &Session) -> Value {
    let (start, end, all_day) = match event.when {
        When::AllDay { start, end } => (start.to_string(), end.to_string(), true),
        When::Timed(span) => (instant(span.start, &session.zone), instant(span.end, &session.zone), false),
    };
    json!({
        "id": event.id.0, "subject": event.subject, "start": start, "end": end, "allDay": all_day, "location": event.location,
        "status": event.show_as.map_or("unknown", status), "response": response(event.response), "cancelled": event.is_cancelled,
        "private": event.is_private, "organizer": event.organizer.as_ref().map(recipient), "joinUrl": event.join_url,
        "attendees": event.attendees.iter().map(|attendee| json!({
            "name": attendee.recipient.name, "address": attendee.recipient.address, "optional": attendee.is_optional,
            "response": response(attendee.response),
        })).collect::<Vec<_>>(),
    })
}

/// Graph's word for a state.
pub(crate) fn status(availability: Availability) -> &'static str {
    match availability {
        Availability::Free => "free",
        Availability::WorkingElsewhere => "workingElsewhere",
        Availability::Tentative => "tentative",
        Availability::Busy => "busy",
        Availability::OutOfOffice => "oof",
    }
}

fn response(response: Response) -> &'static str {
    match response {
        Response::None => "none",
        Response::Organizer => "organizer",
        Response::Tentative => "tentativelyAccepted",
        Response::Accepted => "accepted",
        Response::Declined => "declined",
        Response::NotResponded => "notResponded",
    }
}
