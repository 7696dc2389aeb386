//! `deskbell busy`: when colleagues are busy, as a strip a day and as blocks.
//!
//! Names are looked up; a name that fits several people, or nobody, is that person's own error and does not stop the others.

use crate::base::environment::Environment;
use crate::base::text::{pad, width};
use crate::cli::arguments::{Busy, Global};
use crate::cli::output::{Out, age, envelope, instant, zone_name};
use crate::cli::session::{Found, Session};
use crate::cli::{Ended, NO_NETWORK, PARTLY_DONE, agenda, span};
use crate::domain::freebusy::{Cell, Schedule, WorkingHours, cells};
use crate::domain::request::{Answer, Request};
use crate::domain::time::{Span, long_date};
use serde_json::{Map, Value, json};

/// What stands beside a schedule that could not be had.
struct Row {
    found: Found,
    schedule: Option<Schedule>,
}

pub(crate) async fn run(global: Global, busy: &Busy, environment: Environment, out: &Out) -> Ended {
    let session = Session::open(global, environment).await?;
    let (from, to) = span::days(&busy.days, session.today())?;
    let me = session.me(out)?;
    let window = session.window(from, to)?;
    // With a group named, nobody else is meant.
    let people = if busy.groups.is_empty() { session.meant(&busy.people, &me) } else { busy.people.clone() };
    let mut found = session.everybody(&people, out).await?;
    for member in session.members_of(&busy.groups, out).await? {
        if !found.iter().any(|one| one.is_same(&member)) {
            found.push(member);
        }
    }
    let addresses: Vec<String> = found.iter().filter_map(|found| found.address().map(str::to_owned)).collect();
    let schedules = if addresses.is_empty() {
        Vec::new()
    } else {
        let request = Request::Availability { addresses, window, refresh: !session.is_offline };
        let Answer::Availability(schedules) = session.engine.perform(request).await? else {
            return Err(Session::mixed_up());
        };
        schedules
    };
    let rows: Vec<Row> = found
        .into_iter()
        .map(|found| {
            let schedule = found.address().and_then(|address| {
                schedules.iter().find(|schedule| schedule.address.eq_ignore_ascii_case(address)).cloned()
            });
            Row { found, schedule }
        })
        .collect();
    let is_out_of_reach = rows.iter().all(|row| row.found.is_out_of_reach());
    let is_partial = rows.iter().any(|row| row.schedule.as_ref().is_none_or(|schedule| schedule.blocks.is_err()));
    if out.is_json() {
        let mut more = Map::new();
        more.insert("from".to_owned(), json!(instant(window.start, &session.zone)));
        more.insert("to".to_owned(), json!(instant(window.end, &session.zone)));
        more.insert("through".to_owned(), json!(session.engine.asked_through()));
        let items = rows.iter().map(|row| item(row, &session)).collect();
        let as_of = rows.iter().filter_map(|row| row.schedule.as_ref().map(|schedule| schedule.as_of)).min();
        out.json(&envelope("deskbell.busy/1", &me.person.address, as_of, &session.zone, more, items, Vec::new()));
    } else {
        let mut day = from;
        while day < to {
            strips(&rows, day, busy.step, &session, out);
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
        session.say_through(out);
        out.line(". free  # busy  / tentative  O out of office  w working elsewhere  - outside own hours  ? not known");
        for row in &rows {
            if let Some(reason) = reason(row) {
                out.line(&format!("{}: {reason}", row.found.label()));
            }
        }
    }
    Ok(match (is_out_of_reach, is_partial) {
        (true, _) => NO_NETWORK,
        (false, true) => PARTLY_DONE,
        (false, false) => 0,
    })
}

fn strips(rows: &[Row], day: jiff::civil::Date, step: u16, session: &Session, out: &Out) {
    let Some(of_day) = session.day_span(day) else { return };
    let (first, last) = (7, 20);
    let at = |hour: i8| {
        let start = day.at(hour, 0, 0, 0);
        session.zone.rules.as_ref().and_then(|rules| rules.to_timestamp(start).ok()).unwrap_or(of_day.start)
    };
    let window = Span { start: at(first), end: at(last) };
    let per_hour = usize::from((60 / step).max(1));
    let names = rows.iter().map(|row| width(&row.found.label())).max().unwrap_or_default().max(12);
    out.line(&format!("{} ({})", long_date(day), session.zone.name));
    // Two digits need air between them: where an hour is two columns wide, every other hour is named.
    let every = if per_hour >= 3 { 1 } else { 2 };
    let width = per_hour.max(2) * every;
    let hours: String = (first..last).step_by(every).map(|hour| format!("{:<width$}", format!("{hour:02}"))).collect();
    out.line(&format!("{}  {hours}", pad("", names)));
    for row in rows {
        let strip: String = row.schedule.as_ref().map_or_else(String::new, |schedule| {
            let letters = cells(schedule, window, step);
            // Columns of two letters an hour at least, so that the hours above stay in line.
            let repeat = if per_hour == 1 { 2 } else { 1 };
            letters.iter().flat_map(|cell| std::iter::repeat_n(letter(*cell), repeat)).collect()
        });
        out.line(&format!("{}  {strip}", pad(&row.found.label(), names)));
    }
}

/// The letter of a state; the same in every view.
pub(crate) fn letter(cell: Cell) -> char {
    match cell {
        Cell::Free => '.',
        Cell::OffHours => '-',
        Cell::Elsewhere => 'w',
        Cell::Tentative => '/',
        Cell::Busy => '#',
        Cell::OutOfOffice => 'O',
        Cell::Unknown => '?',
    }
}

fn reason(row: &Row) -> Option<String> {
    if let Found::Nobody { .. } = &row.found {
        return Some(row.found.reason());
    }
    match row.schedule.as_ref().map(|schedule| &schedule.blocks) {
        Some(Ok(_)) => None,
        Some(Err(error)) => Some(format!("{} {}", error.message, error.remedy)),
        None => Some("The service said nothing about this address.".to_owned()),
    }
}

fn item(row: &Row, session: &Session) -> Value {
    let mut object = Map::new();
    object.insert("person".to_owned(), json!(row.found.address().unwrap_or(row.found.asked())));
    object.insert("name".to_owned(), json!(row.found.label()));
    if let Found::Nobody { reason, .. } = &row.found {
        object.insert("error".to_owned(), crate::cli::output::error(reason));
        return Value::Object(object);
    }
    let Some(schedule) = &row.schedule else {
        object.insert(
            "error".to_owned(),
            json!({"code": "unreadable", "message": "The service said nothing about this address.", "remedy": "Check the address."}),
        );
        return Value::Object(object);
    };
    object.insert("age".to_owned(), json!(age(schedule.as_of, session.now())));
    if let Some(hours) = &schedule.working_hours {
        object.insert("zone".to_owned(), json!(zone_name(&hours.zone)));
        object.insert("workingHours".to_owned(), working_hours(hours));
    }
    match &schedule.blocks {
        Ok(blocks) => {
            let blocks: Vec<Value> = blocks
                .iter()
                .map(|block| {
                    json!({
                        "start": instant(block.span.start, &session.zone), "end": instant(block.span.end, &session.zone),
                        "status": block.status.map_or("unknown", agenda::status), "subject": block.subject,
                        "location": block.location, "private": block.is_private,
                    })
                })
                .collect();
            object.insert("blocks".to_owned(), Value::Array(blocks));
        }
        Err(error) => {
            object.insert(
                "error".to_owned(),
                json!({"code": error.code, "message": error.message, "remedy": error.remedy}),
            );
        }
    }
    Value::Object(object)
}

pub(crate) fn working_hours(hours: &WorkingHours) -> Value {
    let days: Vec<&str> = hours.days.iter().map(|day| weekday(*day)).collect();
    json!({"days": days, "start": hours.start.strftime("%H:%M").to_string(), "end": hours.end.strftime("%H:%M").to_string()})
}

fn weekday(day: jiff::civil::Weekday) -> &'static str {
    ["mon", "tue", "wed", "thu", "fri", "sat", "sun"][usize::try_from(day.to_monday_zero_offset()).unwrap_or_default()]
}
