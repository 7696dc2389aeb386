//! `deskbell away`: who is out of office, until when, and what their reply says.

use crate::base::environment::Environment;
use crate::cli::arguments::{Away, Global};
use crate::cli::output::{Out, envelope, error, instant, plain};
use crate::cli::session::{Found, Session};
use crate::cli::{Ended, NO_NETWORK, PARTLY_DONE};
use crate::domain::account::{AccountKind, Feature};
use crate::domain::group::GroupRef;
use crate::domain::presence::{AwayBoard, AwayMeeting, AwayOf, AwayRow, AwaySource, DayState};
use crate::domain::request::{Answer, Request};
use crate::domain::time::{clock_time, long_date};
use jiff::civil::Date;
use serde_json::{Map, Value, json};

pub(crate) async fn run(global: Global, away: &Away, environment: Environment, out: &Out) -> Ended {
    let mut session = Session::open(global, environment).await?;
    let me = session.me(out)?;
    // My meetings with them are read from the calendar that is kept; it is brought up to date first, where it may be read.
    let stale = if Feature::Calendar.is_open(&me.granted) { session.refresh().await } else { None };
    let errors = session.tell_stale(out, stale);
    let from = session.today();
    let days = away.weeks * 7;
    let found = session.everybody(&away.people, out).await?;
    let missing: Vec<_> = found.iter().filter(|found| found.address().is_none()).collect();
    let people: Vec<String> = found.iter().filter_map(|found| found.address().map(str::to_owned)).collect();
    let nobody_left = people.is_empty() && !away.people.is_empty();
    let board = if nobody_left {
        None
    } else {
        let of = match &away.group {
            Some(group) => AwayOf::Group(GroupRef::Named(group.clone())),
            None if away.people.is_empty() => AwayOf::Team,
            None => AwayOf::People(people),
        };
        let request = Request::Away { from, days, of, refresh: !session.is_offline, remember: false };
        let Answer::Away(board) = session.engine.perform(request).await? else { return Err(Session::mixed_up()) };
        Some(board)
    };
    let rows = board.as_ref().map_or(&[][..], |board| &board.rows);
    let is_partial = !errors.is_empty() || !missing.is_empty() || rows.iter().any(|row| !row.problems.is_empty());
    if out.is_json() {
        let mut items: Vec<Value> = rows.iter().map(|row| item(row, from, &session)).collect();
        items.extend(
            missing.iter().map(|found| json!({"person": found.asked(), "name": found.asked(), "error": found.error()})),
        );
        let mut more = Map::new();
        more.insert("from".to_owned(), json!(from.to_string()));
        more.insert("days".to_owned(), json!(days));
        if let Some(board) = &board {
            more.insert("of".to_owned(), json!(board.title));
            more.insert("leftOut".to_owned(), json!(board.left_out));
            more.insert("meetings".to_owned(), board.meetings.iter().map(|one| meeting(one, &session)).collect());
            more.insert("hints".to_owned(), json!(board.hints));
        }
        let as_of = board.as_ref().and_then(|board| board.as_of);
        out.json(&envelope("deskbell.away/1", &me.person.address, as_of, &session.zone, more, items, errors));
    } else {
        let table: Vec<Vec<String>> = rows
            .iter()
            .map(|row| vec![plain(&row.person.name), strip(&row.days), state(row, from), reply(row)])
            .collect();
        out.table(&["Name", "Days", "Away", "Reply"], &table);
        if table.is_empty() && missing.is_empty() {
            let sentence = match away.group {
                Some(_) => "Nobody is in this group.",
                None => "Nobody reports to you, so there is no team to show. Name people: deskbell away NAME…",
            };
            out.aside(sentence);
        }
        for row in rows {
            for problem in &row.problems {
                let remedy = problem.next.first().map_or("", String::as_str);
                out.line(format!("{}: {} {remedy}", plain(&row.person.name), problem.what).trim_end());
            }
        }
        if let Some(board) = &board {
            tell_meetings(board, me.kind == AccountKind::Service, &session, out);
            for sentence in board.left_out.iter().chain(&board.hints) {
                out.aside(sentence);
            }
        }
        for found in missing {
            out.line(&format!("{}: {}", found.asked(), found.reason()));
        }
        out.line("O away  o part of the day  w elsewhere  / tentative  - day off  ? not known  . here");
    }
    let is_out_of_reach = !found.is_empty() && found.iter().all(Found::is_out_of_reach);
    Ok(match (is_out_of_reach, is_partial) {
        (true, _) => NO_NETWORK,
        (false, true) => PARTLY_DONE,
        (false, false) => 0,
    })
}

/// My meetings with people who are away then; a service has none of its own, and reads those of a mailbox.
fn tell_meetings(board: &AwayBoard, is_service: bool, session: &Session, out: &Out) {
    if board.meetings.is_empty() {
        return;
    }
    out.line(if is_service { "Meetings they miss:" } else { "Your meetings they miss:" });
    let rules = session.rules();
    let row = |meeting: &AwayMeeting| {
        let time = meeting.span.map_or("all day".to_owned(), |span| clock_time(span.start, &rules));
        let who: Vec<String> = meeting
            .away
            .iter()
            .map(|away| {
                let sources: Vec<&str> = away.sources.iter().map(|source| source_word(*source).1).collect();
                format!("{} ({})", plain(&away.name), sources.join(", "))
            })
            .collect();
        vec![long_date(meeting.date), time, plain(&meeting.subject), who.join(", ")]
    };
    let rows: Vec<Vec<String>> = board.meetings.iter().map(row).collect();
    out.table(&["Day", "Time", "Meeting", "Away"], &rows);
}

fn meeting(meeting: &AwayMeeting, session: &Session) -> Value {
    let away: Vec<Value> = meeting
        .away
        .iter()
        .map(|away| {
            let sources: Vec<&str> = away.sources.iter().map(|source| source_word(*source).0).collect();
            json!({"name": away.name, "sources": sources, "organizer": away.is_organizer})
        })
        .collect();
    json!({
        "id": meeting.event.0, "subject": meeting.subject, "date": meeting.date.to_string(),
        "start": meeting.span.map(|span| instant(span.start, &session.zone)),
        "end": meeting.span.map(|span| instant(span.end, &session.zone)), "away": away,
    })
}

/// A source's name in JSON, and in a table.
const fn source_word(source: AwaySource) -> (&'static str, &'static str) {
    match source {
        AwaySource::AutomaticReply => ("automaticReply", "reply"),
        AwaySource::Presence => ("presence", "presence"),
        AwaySource::Calendar => ("calendar", "calendar"),
    }
}

fn strip(days: &[DayState]) -> String {
    days.iter()
        .map(|day| match day {
            DayState::Here => '.',
            DayState::Away => 'O',
            DayState::PartAway => 'o',
            DayState::Elsewhere => 'w',
            DayState::Tentative => '/',
            DayState::OffHours => '-',
            DayState::Unknown => '?',
        })
        .collect()
}

fn state(row: &AwayRow, from: Date) -> String {
    match (row.is_away_now, row.since, row.until) {
        (true, _, Some(until)) => match row.back(from) {
            Some(back) => format!("until {}, back {}", long_date(until), long_date(back)),
            None => format!("until {}", long_date(until)),
        },
        (true, _, None) => "away".to_owned(),
        (false, Some(since), Some(until)) if since == until => format!("on {}", long_date(since)),
        (false, Some(since), Some(until)) => format!("{} to {}", long_date(since), long_date(until)),
        (false, Some(since), None) => format!("from {}", long_date(since)),
        (false, None, _) if row.days.iter().all(|day| matches!(day, DayState::Unknown | DayState::OffHours)) => {
            "not known".to_owned()
        }
        (false, None, _) => "here".to_owned(),
    }
}

fn reply(row: &AwayRow) -> String {
    row.reply.as_ref().map_or_else(String::new, |reply| plain(&reply.message))
}

fn item(row: &AwayRow, from: Date, session: &Session) -> Value {
    let reply = row.reply.as_ref().map(|reply| {
        json!({
            "message": reply.message,
            "start": reply.start.map(|at| instant(at, &session.zone)),
            "end": reply.end.map(|at| instant(at, &session.zone)),
        })
    });
    let sources: Vec<&str> = row.sources.iter().map(|source| source_word(*source).0).collect();
    json!({
        "person": row.person.address, "name": row.person.name, "awayNow": row.is_away_now,
        "since": row.since.map(|day| day.to_string()), "until": row.until.map(|day| day.to_string()),
        "back": row.back(from).map(|day| day.to_string()),
        "days": strip(&row.days), "reply": reply, "sources": sources,
        "problems": row.problems.iter().map(error).collect::<Vec<_>>(),
    })
}
