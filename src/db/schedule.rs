//! Free/busy of an address over a window, as it was last read.

use crate::db::encode::{
    WorkingHoursJson, blocks_from_json, blocks_to_json, from_json, hours_from_json, hours_to_json, instant,
    schedule_error_from_json, schedule_error_to_json, to_json,
};
use crate::db::{Cache, DbError};
use crate::domain::freebusy::Schedule;
use crate::domain::time::Span;
use rusqlite::{Row, Transaction, named_params};

/// How many windows are kept for an address: the one on the screen and some that were.
const KEPT: i64 = 8;

impl Cache {
    /// For each of `addresses` (in lower case) the youngest schedule that covers `window`; its own window may be wider.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn schedules(&self, addresses: Vec<String>, window: Span) -> Result<Vec<Option<Schedule>>, DbError> {
        self.read(move |reader, account| {
            let mut statement = reader.prepare_cached(
                "SELECT address, window_start, window_end, blocks, error, view, view_minutes, working_hours, as_of FROM schedules
                 WHERE account = :account AND address = :address AND window_start <= :start AND window_end >= :end
                 ORDER BY as_of DESC LIMIT 1",
            )?;
            let mut youngest = |address: &String| {
                let mut rows = statement.query(named_params! {
                    ":account": account,
                    ":address": address,
                    ":start": window.start.as_microsecond(),
                    ":end": window.end.as_microsecond(),
                })?;
                rows.next()?.map(from_row).transpose()
            };
            addresses.iter().map(&mut youngest).collect()
        })
        .await
    }

    /// Keeps schedules, also those that are an error; the oldest windows of an address make room.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub async fn put_schedules(&self, schedules: Vec<Schedule>) -> Result<(), DbError> {
        self.write(move |writer, account| schedules.iter().try_for_each(|schedule| put(writer, account, schedule)))
            .await
    }
}

fn from_row(row: &Row<'_>) -> Result<Schedule, DbError> {
    let blocks = match (row.get::<_, Option<String>>(3)?, row.get::<_, Option<String>>(4)?) {
        (_, Some(error)) => Err(schedule_error_from_json(&error)?),
        (Some(blocks), None) => Ok(blocks_from_json(&blocks)?),
        (None, None) => Ok(Vec::new()),
    };
    let hours: Option<String> = row.get(7)?;
    Ok(Schedule {
        address: row.get(0)?,
        window: Span { start: instant(row.get(1)?)?, end: instant(row.get(2)?)? },
        blocks,
        view: row.get(5)?,
        view_minutes: row.get(6)?,
        working_hours: hours.map(|text| from_json::<WorkingHoursJson>(&text).map(hours_from_json)).transpose()?,
        as_of: instant(row.get(8)?)?,
    })
}

fn put(writer: &Transaction<'_>, account: i64, schedule: &Schedule) -> Result<(), DbError> {
    let (blocks, error) = match &schedule.blocks {
        Ok(blocks) => (Some(blocks_to_json(blocks)?), None),
        Err(error) => (None, Some(schedule_error_to_json(error)?)),
    };
    let hours = schedule.working_hours.as_ref().map(|hours| to_json(&hours_to_json(hours))).transpose()?;
    writer
        .prepare_cached(
            "REPLACE INTO schedules (account, address, window_start, window_end, blocks, error, view, view_minutes,
             working_hours, as_of) VALUES (:account, :address, :start, :end, :blocks, :error, :view, :view_minutes,
             :working_hours, :as_of)",
        )?
        .execute(named_params! {
            ":account": account,
            ":address": schedule.address,
            ":start": schedule.window.start.as_microsecond(),
            ":end": schedule.window.end.as_microsecond(),
            ":blocks": blocks,
            ":error": error,
            ":view": schedule.view,
            ":view_minutes": schedule.view_minutes,
            ":working_hours": hours,
            ":as_of": schedule.as_of.as_microsecond(),
        })?;
    writer
        .prepare_cached(
            "DELETE FROM schedules WHERE account = :account AND address = :address AND as_of < (SELECT min(as_of) FROM
             (SELECT as_of FROM schedules WHERE account = :account AND address = :address ORDER BY as_of DESC LIMIT :kept))",
        )?
        .execute(named_params! {":account": account, ":address": schedule.address, ":kept": KEPT})?;
    Ok(())
}
