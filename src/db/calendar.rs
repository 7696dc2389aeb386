//! Calendars, events as rows, and windows of them.
//!
//! Instants and the UTC midnights of all-day dates share two columns; `is_all_day` says which they are, so neither can be taken
//! for the other.

use crate::db::encode::{
    DAY, Word, attendees_from_json, attendees_to_json, date, from_json, instant, midnight, to_json,
};
use crate::db::find_event::put_text;
use crate::db::{Cache, DbError};
use crate::domain::change::Change;
use crate::domain::event::{Calendar, CalendarId, Event, EventId, Response, When};
use crate::domain::freebusy::Availability;
use crate::domain::mail::{Importance, Recipient};
use crate::domain::time::Span;
use jiff::civil::Date;
use rusqlite::{OptionalExtension, Row, Transaction, named_params};

/// Events that touch `span` (timed) or the dates (all-day), as [`Cache::events`] sorts them.
pub(super) fn between(
    reader: &Transaction<'_>,
    account: i64,
    (from, to): (Date, Date),
    span: Span,
) -> Result<Vec<Event>, DbError> {
    let mut events = Vec::new();
    let days = (midnight(from), midnight(to));
    let times = (span.start.as_microsecond(), span.end.as_microsecond());
    for (is_all_day, (start, end)) in [(true, days), (false, times)] {
        for (is_long, earliest) in [(true, i64::MIN), (false, start - DAY)] {
            window(reader, account, (is_all_day, is_long), (earliest, start, end), &mut events)?;
        }
    }
    events.sort_by_cached_key(|event| match event.when {
        When::AllDay { start, end } => (0, midnight(start), -midnight(end)),
        When::Timed(span) => (1, span.start.as_microsecond(), -span.end.as_microsecond()),
    });
    Ok(events)
}

impl Cache {
    /// Events that touch `span` (timed) or the dates from `from` to `to` (exclusive; all-day), all-day ones before timed ones of
    /// the same day, each sorted by start, then the longer first. `span` is those dates in the person's zone.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn events(&self, from: Date, to: Date, span: Span) -> Result<Vec<Event>, DbError> {
        self.read(move |reader, account| between(reader, account, (from, to), span)).await
    }

    /// The calendars that are known, the main one first.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn calendars(&self) -> Result<Vec<Calendar>, DbError> {
        self.read(|reader, account| {
            let mut statement = reader.prepare_cached(
                "SELECT id, name, is_default, can_edit, owner_name, owner_address FROM calendars
                 WHERE account = ?1 ORDER BY is_default DESC, name",
            )?;
            let calendars = statement.query_map([account], |row| {
                let owner = match (row.get(4)?, row.get(5)?) {
                    (Some(name), Some(address)) => Some(Recipient { name, address }),
                    _ => None,
                };
                Ok(Calendar {
                    id: CalendarId(row.get(0)?),
                    name: row.get(1)?,
                    is_default: row.get(2)?,
                    can_edit: row.get(3)?,
                    owner,
                })
            })?;
            Ok(calendars.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Keeps calendars; those not named stay.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub async fn put_calendars(&self, calendars: Vec<Calendar>) -> Result<(), DbError> {
        self.write(move |writer, account| {
            for calendar in &calendars {
                writer
                    .prepare_cached(
                        "INSERT INTO calendars (account, id, name, is_default, can_edit, owner_name, owner_address)
                         VALUES (:account, :id, :name, :is_default, :can_edit, :owner_name, :owner_address)
                         ON CONFLICT (account, id) DO UPDATE SET name = excluded.name, is_default = excluded.is_default,
                         can_edit = excluded.can_edit, owner_name = excluded.owner_name,
                         owner_address = excluded.owner_address",
                    )?
                    .execute(named_params! {
                        ":account": account,
                        ":id": calendar.id.0,
                        ":name": calendar.name,
                        ":is_default": calendar.is_default,
                        ":can_edit": calendar.can_edit,
                        ":owner_name": calendar.owner.as_ref().map(|one| one.name.as_str()),
                        ":owner_address": calendar.owner.as_ref().map(|one| one.address.as_str()),
                    })?;
            }
            Ok(())
        })
        .await
    }

    /// An event by its id.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn event(&self, id: &EventId) -> Result<Option<Event>, DbError> {
        let id = id.clone();
        self.read(move |reader, account| find(reader, account, &id)).await
    }
}

const COLUMNS: &str =
    "id, calendar, series, is_all_day, starts, ends, subject, show_as, location, preview, is_cancelled, is_private,
    is_organizer, response, organizer_name, organizer_address, attendees, join_url, web_link, categories, importance,
    has_attachments";

/// An event of no length shows at its start.
const WINDOW: &str = "FROM events WHERE account = :account AND is_all_day = :is_all_day AND is_long = :is_long
    AND starts >= :earliest AND starts < :end AND (ends > :start OR starts = :start)";

fn window(
    reader: &Transaction<'_>,
    account: i64,
    (is_all_day, is_long): (bool, bool),
    (earliest, start, end): (i64, i64, i64),
    events: &mut Vec<Event>,
) -> Result<(), DbError> {
    let mut statement = reader.prepare_cached(&format!("SELECT {COLUMNS} {WINDOW}"))?;
    let mut rows = statement.query(named_params! {
        ":account": account,
        ":is_all_day": is_all_day,
        ":is_long": is_long,
        ":earliest": earliest,
        ":start": start,
        ":end": end,
    })?;
    while let Some(row) = rows.next()? {
        events.push(from_row(row)?);
    }
    Ok(())
}

/// An event by its id.
pub(super) fn find(reader: &Transaction<'_>, account: i64, id: &EventId) -> Result<Option<Event>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM events WHERE account = :account AND id = :id");
    let mut statement = reader.prepare_cached(&sql)?;
    let mut rows = statement.query(named_params! {":account": account, ":id": id.0})?;
    rows.next()?.map(from_row).transpose()
}

/// The event of this id, or all of a series.
pub(super) fn meant(
    reader: &Transaction<'_>,
    account: i64,
    id: &EventId,
    series: Option<&EventId>,
) -> Result<Vec<Event>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM events WHERE account = :account AND (id = :id OR series = :series)");
    let mut statement = reader.prepare_cached(&sql)?;
    let series = series.map(|series| series.0.as_str());
    let mut rows = statement.query(named_params! {":account": account, ":id": id.0, ":series": series})?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        events.push(from_row(row)?);
    }
    Ok(events)
}

/// The main calendar; without a name until it is known.
pub(super) fn main(reader: &Transaction<'_>, account: i64) -> Result<CalendarId, DbError> {
    let id: Option<String> = reader
        .prepare_cached("SELECT id FROM calendars WHERE account = ?1 AND is_default = 1")?
        .query_row([account], |row| row.get(0))
        .optional()?;
    Ok(CalendarId(id.unwrap_or_default()))
}

fn from_row(row: &Row<'_>) -> Result<Event, DbError> {
    let text = |index: usize| row.get_ref(index)?.as_str().map_err(|error| DbError::Row(error.to_string()));
    let (starts, ends) = (row.get(4)?, row.get(5)?);
    let when = if row.get(3)? {
        When::AllDay { start: date(starts)?, end: date(ends)? }
    } else {
        When::Timed(Span { start: instant(starts)?, end: instant(ends)? })
    };
    let organizer = match (row.get(14)?, row.get(15)?) {
        (Some(name), Some(address)) => Some(Recipient { name, address }),
        _ => None,
    };
    Ok(Event {
        id: EventId(row.get(0)?),
        calendar: CalendarId(row.get(1)?),
        series: row.get::<_, Option<String>>(2)?.map(EventId),
        subject: row.get(6)?,
        when,
        show_as: row.get::<_, Option<String>>(7)?.and_then(|word| Availability::from_word(&word)),
        location: row.get(8)?,
        preview: row.get(9)?,
        is_cancelled: row.get(10)?,
        is_private: row.get(11)?,
        is_organizer: row.get(12)?,
        response: Response::from_word(text(13)?).unwrap_or_default(),
        organizer,
        attendees: attendees_from_json(text(16)?)?,
        join_url: row.get(17)?,
        web_link: row.get(18)?,
        categories: from_json(text(19)?)?,
        importance: Importance::from_word(text(20)?).unwrap_or_default(),
        has_attachments: row.get(21)?,
    })
}

/// Whose events go at the end of a full round that did not show them.
pub(super) enum Sweep<'a> {
    /// The main calendar's; those of calendars beside it have rounds of their own.
    Main,
    /// This calendar's.
    Other(&'a CalendarId),
}

/// Writes the rows of a page, at the end of a round (`is_round`) or on the way; with `sweep`, also removes what the round did not show. What was read as a plain view outside the
/// window stays. Tells how many rows changed.
pub(super) fn change(
    writer: &Transaction<'_>,
    account: i64,
    generation: i64,
    rows: Vec<Change<Event, EventId>>,
    is_round: bool,
    sweep: Option<Sweep<'_>>,
) -> Result<u32, DbError> {
    let mut changed = 0;
    for row in rows {
        changed += match row {
            // Only a round tells which is a single event; one that is asked for by itself may be a pattern.
            Change::Upsert(event) if is_round && event.series.is_none() => {
                days_of_series(writer, account, &event.id)? + put(writer, account, generation, &event)?
            }
            Change::Upsert(event) => put(writer, account, generation, &event)?,
            Change::Removed(id) => remove(writer, account, &id)?,
        };
    }
    let old = "DELETE FROM events WHERE account = :account AND generation < :generation AND NOT EXISTS
         (SELECT 1 FROM event_spans s WHERE s.account = events.account AND s.calendar = events.calendar
          AND events.starts < s.ends AND events.ends >= s.starts)";
    changed += count(match sweep {
        None => 0,
        Some(Sweep::Main) => writer
            .prepare_cached(&format!(
                "{old} AND calendar NOT IN (SELECT id FROM calendars WHERE account = :account AND is_default = 0)"
            ))?
            .execute(named_params! {":account": account, ":generation": generation})?,
        Some(Sweep::Other(calendar)) => writer
            .prepare_cached(&format!("{old} AND calendar = :calendar"))?
            .execute(named_params! {":account": account, ":generation": generation, ":calendar": calendar.0})?,
    });
    Ok(changed)
}

fn count(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}

/// The id of a series' master takes its occurrences along.
pub(super) fn remove(writer: &Transaction<'_>, account: i64, id: &EventId) -> Result<u32, DbError> {
    let parameters = named_params! {":account": account, ":id": id.0};
    let one = writer.prepare_cached("DELETE FROM events WHERE account = :account AND id = :id")?.execute(parameters)?;
    Ok(count(one) + days_of_series(writer, account, id)?)
}

/// Removes the days of a series.
fn days_of_series(writer: &Transaction<'_>, account: i64, id: &EventId) -> Result<u32, DbError> {
    let mut statement = writer.prepare_cached("DELETE FROM events WHERE account = :account AND series = :id")?;
    Ok(count(statement.execute(named_params! {":account": account, ":id": id.0})?))
}

pub(super) fn put(writer: &Transaction<'_>, account: i64, generation: i64, event: &Event) -> Result<u32, DbError> {
    // A single event that somebody made a series of goes on under its id as the pattern, which stands on no day itself.
    let was_single = match &event.series {
        Some(series) => count(
            writer
                .prepare_cached("DELETE FROM events WHERE account = :account AND id = :series AND series IS NULL")?
                .execute(named_params! {":account": account, ":series": series.0})?,
        ),
        None => 0,
    };
    Ok(was_single + put_row(writer, account, generation, event)?)
}

fn put_row(writer: &Transaction<'_>, account: i64, generation: i64, event: &Event) -> Result<u32, DbError> {
    if find(writer, account, &event.id)?.as_ref() == Some(event) {
        writer
            .prepare_cached("UPDATE events SET generation = :generation WHERE account = :account AND id = :id")?
            .execute(named_params! {":generation": generation, ":account": account, ":id": event.id.0})?;
        return Ok(0);
    }
    let (is_all_day, starts, ends) = match event.when {
        When::AllDay { start, end } => (true, midnight(start), midnight(end)),
        When::Timed(span) => (false, span.start.as_microsecond(), span.end.as_microsecond()),
    };
    let row: i64 = writer
        .prepare_cached(
            "INSERT INTO events (account, id, generation, calendar, series, is_all_day, is_long, starts, ends, subject, show_as,
             location, preview, is_cancelled, is_private, is_organizer, response, organizer_name, organizer_address, attendees,
             join_url, web_link, categories, importance, has_attachments) VALUES (:account, :id, :generation, :calendar, :series,
             :is_all_day, :is_long, :starts, :ends, :subject, :show_as, :location, :preview, :is_cancelled, :is_private,
             :is_organizer, :response, :organizer_name, :organizer_address, :attendees, :join_url, :web_link, :categories,
             :importance, :has_attachments)
             ON CONFLICT (account, id) DO UPDATE SET generation = excluded.generation, calendar = excluded.calendar,
             series = excluded.series, is_all_day = excluded.is_all_day, is_long = excluded.is_long, starts = excluded.starts,
             ends = excluded.ends, subject = excluded.subject, show_as = excluded.show_as, location = excluded.location,
             preview = excluded.preview, is_cancelled = excluded.is_cancelled, is_private = excluded.is_private,
             is_organizer = excluded.is_organizer, response = excluded.response, organizer_name = excluded.organizer_name,
             organizer_address = excluded.organizer_address, attendees = excluded.attendees, join_url = excluded.join_url,
             web_link = excluded.web_link, categories = excluded.categories, importance = excluded.importance,
             has_attachments = excluded.has_attachments RETURNING row",
        )?
        .query_row(named_params! {
            ":account": account,
            ":id": event.id.0,
            ":generation": generation,
            ":calendar": event.calendar.0,
            ":series": event.series.as_ref().map(|series| series.0.as_str()),
            ":is_all_day": is_all_day,
            ":is_long": ends - starts > DAY,
            ":starts": starts,
            ":ends": ends,
            ":subject": event.subject,
            ":show_as": event.show_as.map(Word::word),
            ":location": event.location,
            ":preview": event.preview,
            ":is_cancelled": event.is_cancelled,
            ":is_private": event.is_private,
            ":is_organizer": event.is_organizer,
            ":response": event.response.word(),
            ":organizer_name": event.organizer.as_ref().map(|one| one.name.as_str()),
            ":organizer_address": event.organizer.as_ref().map(|one| one.address.as_str()),
            ":attendees": attendees_to_json(&event.attendees)?,
            ":join_url": event.join_url,
            ":web_link": event.web_link,
            ":categories": to_json(&event.categories)?,
            ":importance": event.importance.word(),
            ":has_attachments": event.has_attachments,
        }, |row| row.get(0))?;
    put_text(writer, row)?;
    Ok(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_read_through_the_index() {
        let connection = rusqlite::Connection::open_in_memory().expect("memory");
        connection.execute_batch(include_str!("../../assets/schema/0001_start.sql")).expect("the schema");
        let plan: String = connection
            .query_row(
                &format!("EXPLAIN QUERY PLAN SELECT {COLUMNS} {WINDOW}"),
                named_params! {":account": 1, ":is_all_day": 0, ":is_long": 0, ":earliest": 0, ":start": 0, ":end": 1},
                |row| row.get(3),
            )
            .expect("a plan");
        assert_eq!(
            plan,
            "SEARCH events USING INDEX events_by_start (account=? AND is_all_day=? AND is_long=? AND starts>? AND starts<?)"
        );
    }
}
