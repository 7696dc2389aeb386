//! `deskbell event export`: an event, or all of some days, as one `.ics` file for other calendars.

use crate::cli::arguments::EventExport;
use crate::cli::output::{Out, envelope, plain};
use crate::cli::place::Place;
use crate::cli::session::Session;
use crate::cli::{Ended, event, span};
use crate::domain::account::Feature;
use crate::domain::icalendar;
use crate::domain::request::{Answer, Request};
use serde_json::{Map, json};

pub(crate) async fn run(session: &mut Session, wanted: EventExport, out: &Out) -> Ended {
    let me = session.me(out)?;
    let place = Place::of(&wanted.place, 1, out)?;
    let (events, name) = match wanted.event {
        Some(event) => {
            let found = event::find(session, &event).await?;
            let subject = found.subject.trim().to_owned();
            (vec![found], if subject.is_empty() { "event".to_owned() } else { subject })
        }
        None => {
            let (from, to) = span::days(&wanted.days, session.today())?;
            let stale = session.refresh().await;
            let answer = session.engine.perform(Request::Agenda { from, to }).await?;
            let Answer::Agenda { events, as_of, .. } = answer else { return Err(Session::mixed_up()) };
            if as_of.is_none() {
                return Err(session.nothing_of("calendar", Feature::Calendar, stale));
            }
            session.tell_stale(out, stale);
            (events, format!("calendar {from}"))
        }
    };
    let text = icalendar::calendar(&events, session.now());
    let name = format!("{}.ics", crate::base::text::cut(&name, 60));
    let file = place.put(&name, text.as_bytes(), out)?;
    if out.is_json() {
        let as_of = session.engine.as_of().await;
        let item = json!({
            "file": file.map(|file| file.display().to_string()),
            "events": events.iter().map(|event| json!({"id": event.id.0, "subject": plain(&event.subject)})).collect::<Vec<_>>(),
        });
        let (address, zone) = (&me.person.address, &session.zone);
        out.json(&envelope("deskbell.eventExport/1", address, as_of, zone, Map::new(), vec![item], Vec::new()));
    } else if let Some(file) = file {
        out.line(&format!("{}", file.display()));
    }
    Ok(0)
}
