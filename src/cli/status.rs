//! `deskbell status`: one line for a prompt or a status bar.
//!
//! Must stay true: without `--fetch` nothing is asked of the network, so that a prompt never waits; the line says how old it is once
//! that matters.

use crate::base::environment::Environment;
use crate::cli::Ended;
use crate::cli::arguments::{Global, Status};
use crate::cli::output::{Out, envelope, instant, plain};
use crate::cli::session::Session;
use crate::cli::who::{availability_word, in_words};
use crate::domain::event::{Event, Response, When};
use crate::domain::request::{Answer, Request};
use crate::domain::time::{clock_time, relative_age, until_words};
use jiff::{SignedDuration, ToSpan};
use serde_json::{Map, json};

/// Older than this the line says so.
const OLD: SignedDuration = SignedDuration::from_mins(30);

pub(crate) async fn run(mut global: Global, status: &Status, environment: Environment, out: &Out) -> Ended {
    global.offline |= !status.fetch;
    let mut session = Session::open(global, environment).await?;
    let me = session.me(out)?;
    let stale = session.refresh().await;
    let unread = session.inbox().await?.map(|inbox| inbox.unread);
    let next = next_meeting(&session).await;
    let presence = match session.engine.perform(Request::Presence { people: vec![me.person.id.clone()] }).await {
        Ok(Answer::Presence(seen)) => seen.known.into_iter().next().map(|(_, presence)| presence),
        _ => None,
    };
    let as_of = session.engine.as_of().await;
    if out.is_json() {
        let item = json!({
            "next": next.as_ref().map(|event| json!({
                "subject": event.subject, "location": event.location, "joinUrl": event.join_url,
                "start": start(event).map(|at| instant(at, &session.zone)),
            })),
            "unread": unread,
            "presence": presence.as_ref().map(|presence| availability_word(&presence.availability)),
        });
        let errors = stale.iter().map(crate::cli::output::error).collect();
        out.json(&envelope(
            "deskbell.status/1",
            &me.person.address,
            as_of,
            &session.zone,
            Map::new(),
            vec![item],
            errors,
        ));
        return Ok(if stale.is_some() { crate::cli::PARTLY_DONE } else { 0 });
    }
    let now = session.now();
    let mut parts = Vec::new();
    if let Some(event) = &next
        && let Some(at) = start(event)
    {
        let when = if at <= now { "now".to_owned() } else { until_words(at, now) };
        let subject = if event.subject.is_empty() { "(no subject)" } else { &event.subject };
        parts.push(format!("{} {} ({when})", clock_time(at, &session.rules()), plain(subject)));
    }
    parts.extend(unread.map(|unread| format!("{unread} unread")));
    parts.extend(presence.as_ref().map(in_words));
    match as_of {
        Some(at) if now.duration_since(at) > OLD => parts.push(format!("as of {} ago", relative_age(at, now))),
        None => parts.push("nothing fetched yet".to_owned()),
        Some(_) => {}
    }
    out.line(&parts.join(", "));
    Ok(if stale.is_some() { crate::cli::PARTLY_DONE } else { 0 })
}

fn start(event: &Event) -> Option<jiff::Timestamp> {
    match event.when {
        When::Timed(span) => Some(span.start),
        When::AllDay { .. } => None,
    }
}

/// The meeting that is on or comes next today or tomorrow; what was cancelled or declined is none.
async fn next_meeting(session: &Session) -> Option<Event> {
    let from = session.today();
    let to = from.checked_add(2.days()).ok()?;
    let Ok(Answer::Agenda { events, .. }) = session.engine.perform(Request::Agenda { from, to }).await else {
        return None;
    };
    let now = session.now();
    let counts = |event: &Event| {
        let is_ahead = matches!(event.when, When::Timed(span) if span.end > now);
        is_ahead && !event.is_cancelled && event.response != Response::Declined
    };
    // What begins next is of more use than what is on for hours.
    let mut coming: Vec<Event> = events.into_iter().filter(counts).collect();
    coming.sort_by_key(|event| (start(event) <= Some(now), start(event)));
    coming.into_iter().next()
}
