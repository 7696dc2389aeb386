//! Events by words of their subject, place or people.
//!
//! Each event has a text for this beside its row, folded when it is written ([`put_text`]), so that looking for words reads those
//! texts and nothing else: parts of words count, even a single letter, which no index of words could tell faster. Must stay true: a
//! text is written in the transaction of its event; hits stand in the order of their days; only those next to where somebody stands
//! are fetched. Deliberately absent: an index, which would be written at every round for a question that is seldom asked.

use crate::db::encode::{attendees_from_json, date, instant};
use crate::db::{Cache, DbError, Ongoing};
use crate::domain::event::EventId;
use crate::domain::query::fold_into;
use crate::domain::request::EventHit;
use crate::domain::time::{date_at, day_start};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rusqlite::{Row, Transaction, named_params};

/// Where somebody stands who looks for events.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The day.
    pub day: Date,
    /// Where its midnight is.
    pub zone: TimeZone,
    /// So many hits are of use.
    pub most: usize,
}

/// Events that have the words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Near {
    /// By day, those of the whole day first, then by start.
    pub hits: Vec<EventHit>,
    /// The first on or after the day, else the last before it.
    pub nearest: usize,
    /// There are more on either side.
    pub is_cut: bool,
}

impl Cache {
    /// The events that have all of these words (folded, parts count as well) in subject, place or people, next to where somebody
    /// stands.
    ///
    /// # Errors
    /// When the cache cannot be read, or [`DbError::Interrupted`] when it was told to end.
    pub async fn find_events(
        &self,
        words: Vec<String>,
        standing: Standing,
        ongoing: &Ongoing,
    ) -> Result<Near, DbError> {
        let account = self.account;
        let work =
            move |reader: &Transaction<'_>| near(reader, &places(reader, account, &words, &standing.zone)?, &standing);
        self.db.look(ongoing.clone(), work).await
    }
}

/// Where a hit stands: its first moment, behind those of the whole day, its row.
type Place = (i64, bool, i64);

/// The places of all hits, in order.
fn places(reader: &Transaction<'_>, account: i64, words: &[String], zone: &TimeZone) -> Result<Vec<Place>, DbError> {
    let mut statement =
        reader.prepare_cached("SELECT event, is_all_day, starts, text FROM event_texts WHERE account = :account")?;
    let mut rows = statement.query(named_params! {":account": account})?;
    let mut places = Vec::new();
    while let Some(row) = rows.next()? {
        let text = row.get_ref(3)?.as_str().map_err(|error| DbError::Row(error.to_string()))?;
        if words.iter().all(|word| text.contains(word)) {
            let (is_all_day, starts) = (row.get(1)?, row.get(2)?);
            let moment = if is_all_day { day_start(date(starts)?, zone).as_microsecond() } else { starts };
            places.push((moment, !is_all_day, row.get(0)?));
        }
    }
    places.sort_unstable();
    Ok(places)
}

fn near(reader: &Transaction<'_>, places: &[Place], standing: &Standing) -> Result<Near, DbError> {
    let midnight = day_start(standing.day, &standing.zone).as_microsecond();
    let nearest = places.partition_point(|place| place.0 < midnight).min(places.len().saturating_sub(1));
    let first = nearest.saturating_sub(standing.most / 2).min(places.len().saturating_sub(standing.most));
    let mut ids = reader.prepare_cached("SELECT id FROM events WHERE row = ?1")?;
    let hits = places.iter().skip(first).take(standing.most).map(|(moment, _, row)| {
        let day = date_at(instant(*moment)?, &standing.zone);
        Ok(EventHit { event: EventId(ids.query_row([row], |row| row.get(0))?), day })
    });
    let hits = hits.collect::<Result<Vec<_>, DbError>>()?;
    Ok(Near { is_cut: hits.len() < places.len(), hits, nearest: nearest - first })
}

/// The columns an event is found by, as [`text`] takes them apart.
const COLUMNS: &str =
    "row, account, is_all_day, starts, subject, location, organizer_name, organizer_address, attendees";

/// Writes what an event is found by.
pub(super) fn put_text(writer: &Transaction<'_>, event: i64) -> Result<(), DbError> {
    let mut statement = writer.prepare_cached(&format!("SELECT {COLUMNS} FROM events WHERE row = ?1"))?;
    let mut rows = statement.query([event])?;
    rows.next()?.map_or(Ok(()), |row| put_text_of(writer, row))
}

/// Writes what all events are found by, where a cache comes from a release that did not.
pub(super) fn put_all_texts(writer: &Transaction<'_>) -> Result<(), DbError> {
    let mut statement = writer.prepare(&format!("SELECT {COLUMNS} FROM events"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        put_text_of(writer, row)?;
    }
    Ok(())
}

fn put_text_of(writer: &Transaction<'_>, row: &Row<'_>) -> Result<(), DbError> {
    let (event, account, is_all_day, starts): (i64, i64, i64, i64) =
        (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
    writer
        .prepare_cached(
            "INSERT INTO event_texts (event, account, is_all_day, starts, text)
             VALUES (:event, :account, :is_all_day, :starts, :text)
             ON CONFLICT (event) DO UPDATE SET is_all_day = excluded.is_all_day, starts = excluded.starts, text = excluded.text",
        )?
        .execute(named_params! {
            ":event": event, ":account": account, ":is_all_day": is_all_day, ":starts": starts, ":text": text(row)?,
        })?;
    Ok(())
}

/// Subject, place and people, each on a line.
fn text(row: &Row<'_>) -> Result<String, DbError> {
    let mut text = String::new();
    let mut line = |part: &str| {
        fold_into(part, &mut text);
        text.push('\n');
    };
    for column in 4..8 {
        line(row.get_ref(column)?.as_str_or_null().ok().flatten().unwrap_or_default());
    }
    // Those invited of whom nothing can be read are not found; the event has other words.
    for one in attendees_from_json(row.get_ref(8)?.as_str().unwrap_or_default()).unwrap_or_default() {
        line(&one.recipient.name);
        line(&one.recipient.address);
    }
    Ok(text)
}
