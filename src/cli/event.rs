//! `deskbell event`: making, answering and deleting events; changing them is in `event_edit`.
//!
//! Must stay true: an event that is named must be the only one that fits; a meeting of several people is not cancelled without
//! `--yes`.

use crate::base::environment::Environment;
use crate::base::report::{Kind, Report};
use crate::base::text::tame;
use crate::cli::arguments::{AnswerEvent, DeleteEvent, EventVerb, Global, NewEvent};
use crate::cli::output::Out;
use crate::cli::session::{Found, Session};
use crate::cli::{Ended, change, event_edit, event_export};
use crate::domain::account::Feature;
use crate::domain::event::{Event, When};
use crate::domain::event_draft::{EventDraft, EventTime, Invitee};
use crate::domain::intent::{Intent, InvitationAnswer};
use crate::domain::mail::Recipient;
use crate::domain::request::{Answer, Request};
use crate::domain::time::said::{Said, understand};
use crate::domain::time::{Zone, add_days, clock_time, date_at, short_date};
use jiff::ToSpan;
use jiff::civil::DateTime;

/// So far ahead an event is looked for.
const DAYS_AHEAD: i64 = 60;
pub(crate) const USUAL_MINUTES: i64 = 30;
/// So many events that fit are named.
const MOST_NAMED: usize = 5;

pub(crate) async fn run(global: Global, verb: EventVerb, environment: Environment, out: &Out) -> Ended {
    let mut session = Session::open(global, environment).await?;
    let verb = match verb {
        EventVerb::Export(wanted) => return event_export::run(&mut session, wanted, out).await,
        verb => verb,
    };
    let me = session.me(out)?;
    let intent = match verb {
        EventVerb::New(wanted) => create(&session, &wanted).await?,
        EventVerb::Edit(wanted) => event_edit::edit(&mut session, wanted, out).await?,
        EventVerb::Accept(wanted) => answer(&mut session, wanted, InvitationAnswer::Accept).await?,
        EventVerb::Tentative(wanted) => answer(&mut session, wanted, InvitationAnswer::Tentative).await?,
        EventVerb::Decline(wanted) => answer(&mut session, wanted, InvitationAnswer::Decline).await?,
        EventVerb::Delete(wanted) => delete(&mut session, wanted).await?,
        EventVerb::Export(_) => return Err(Session::mixed_up()),
    };
    change::make(&session, &me.person.address, vec![intent], "deskbell.event/1", out).await
}

/// What was typed as a time, in the person's zone.
pub(crate) fn said(text: &str, session: &Session) -> Result<Said, Report> {
    let now = session.now().to_zoned(session.rules()).datetime();
    understand(text, now).map_err(|why| {
        Report::new(Kind::Usage, "time", format!("\"{}\" is not understood as a time.", tame(text)))
            .because(why.to_string())
            .next("Try \"tomorrow 3pm\", \"next tue 14:00-15:00\" or \"2026-11-24 14:00 30m\".")
    })
}

async fn create(session: &Session, wanted: &NewEvent) -> Result<Intent, Report> {
    let time = time_of(said(&wanted.when, session)?, session);
    let recurrence = wanted.beside.recurrence(&time)?;
    // It begins on a day of its pattern.
    let first = recurrence.as_ref().and_then(|recurrence| recurrence.first(time.first_day()));
    let time = first.map_or(time.clone(), |first| time.on(first));
    let mut attendees = Vec::new();
    for found in session.find_all(&wanted.people).await? {
        let (address, name) = match found {
            Found::One { person: Some(person), .. } => (person.address, person.name),
            Found::One { asked, person: None } => (asked, String::new()),
            Found::Nobody { reason, .. } => return Err(reason),
        };
        attendees.push(Invitee { recipient: Recipient { name, address }, is_optional: false, is_resource: false });
    }
    let event = EventDraft {
        location: wanted.place.clone().unwrap_or_default(),
        attendees,
        is_online: wanted.online,
        body: wanted.text.clone().unwrap_or_default(),
        recurrence,
        ..EventDraft::new(wanted.subject.trim().to_owned(), time)
    };
    let event = EventDraft {
        show_as: wanted.beside.shown().unwrap_or(event.show_as),
        reminder: wanted.beside.reminder()?.unwrap_or(event.reminder),
        ..event
    };
    Ok(Intent::CreateEvent { event: Box::new(event) })
}

/// What was said as the time of an event; a moment is one of the usual length.
pub(crate) fn time_of(said: Said, session: &Session) -> EventTime {
    match said {
        Said::Days { start, end } => EventTime::AllDay { start, end },
        Said::Moment(start) => timed(start, start.saturating_add(USUAL_MINUTES.minutes()), session),
        Said::Slot { start, end } => timed(start, end, session),
    }
}

fn timed(start: DateTime, end: DateTime, session: &Session) -> EventTime {
    let zone = if session.zone.rules.is_some() { session.zone.clone() } else { Zone::find("UTC") };
    EventTime::Timed { start, end, zone }
}

async fn answer(session: &mut Session, wanted: AnswerEvent, answer: InvitationAnswer) -> Result<Intent, Report> {
    let event = find(session, &wanted.which.event).await?;
    if event.is_organizer {
        return Err(Report::new(Kind::Usage, "ownMeeting", "It is a meeting of your own.")
            .because("Nobody waits for your answer to it.")
            .next("To take it out of the calendar: deskbell event delete"));
    }
    Ok(Intent::Respond {
        event: event.id,
        series: wanted.which.series,
        answer,
        note: wanted.which.note.unwrap_or_default(),
        tell: !wanted.quiet,
        proposal: None,
    })
}

async fn delete(session: &mut Session, wanted: DeleteEvent) -> Result<Intent, Report> {
    let event = find(session, &wanted.which.event).await?;
    let others = event.attendees.iter().filter(|one| !one.is_resource).count();
    if event.is_organizer && others > 0 && !wanted.yes {
        let people = if others == 1 { "1 person".to_owned() } else { format!("{others} people") };
        return Err(Report::new(Kind::Usage, "cancels", format!("That cancels a meeting of {people} and tells them."))
            .because("Nothing was done.")
            .next("Say it with --yes, if that is what is wanted."));
    }
    let note = wanted.which.note.unwrap_or_default();
    Ok(Intent::DeleteEvent { event: event.id, series: wanted.which.series, note })
}

/// The one event that fits what was given; of a series the next.
pub(crate) async fn find(session: &mut Session, which: &str) -> Result<Event, Report> {
    let stale = session.refresh().await;
    let from = session.today();
    let request = Request::Agenda { from, to: add_days(from, DAYS_AHEAD) };
    let Answer::Agenda { events, as_of, .. } = session.engine.perform(request).await? else {
        return Err(Session::mixed_up());
    };
    if as_of.is_none() {
        return Err(session.nothing_of("calendar", Feature::Calendar, stale));
    }
    if let Some(event) = events.iter().find(|event| event.id.0 == which) {
        return Ok(event.clone());
    }
    let words = which.trim().to_lowercase();
    let mut fitting: Vec<&Event> = events
        .iter()
        .filter(|event| event.subject.to_lowercase().contains(&words) && !words.is_empty() && is_ahead(event, session))
        .collect();
    fitting.sort_by_key(|event| match event.when {
        When::Timed(span) => span.start,
        When::AllDay { start, .. } => session.day_span(start).map_or(session.now(), |day| day.start),
    });
    // A whole subject means itself, whatever else holds its words.
    if fitting.iter().any(|event| event.subject.to_lowercase() == words) {
        fitting.retain(|event| event.subject.to_lowercase() == words);
    }
    let asked = tame(which).into_owned();
    let Some(first) = fitting.first() else {
        return Err(Report::new(
            Kind::Usage,
            "noSuchEvent",
            format!("No event of the next 60 days is called \"{asked}\"."),
        )
        .next("See what is there: deskbell agenda --week"));
    };
    let is_same = |other: &&Event| other.id == first.id || (other.series.is_some() && other.series == first.series);
    if fitting.iter().all(is_same) {
        return Ok((*first).clone());
    }
    let named: Vec<String> = fitting.iter().take(MOST_NAMED).map(|event| line(event, session)).collect();
    let report = Report::new(Kind::Usage, "severalEvents", format!("Several events are called \"{asked}\"."))
        .because(format!("They are: {}.", named.join("; ")))
        .next("Give more words of the subject, or the id from: deskbell agenda --json");
    Err(report)
}

fn is_ahead(event: &Event, session: &Session) -> bool {
    match event.when {
        When::Timed(span) => span.end > session.now(),
        When::AllDay { end, .. } => end > session.today(),
    }
}

fn line(event: &Event, session: &Session) -> String {
    let subject = tame(&event.subject);
    match event.when {
        When::AllDay { start, .. } => format!("{} {subject}", short_date(start)),
        When::Timed(span) => {
            let rules = session.rules();
            format!("{} {} {subject}", short_date(date_at(span.start, &rules)), clock_time(span.start, &rules))
        }
    }
}
