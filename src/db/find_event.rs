//! Events by words of their subject, place or people.
//!
//! Every event of the account is looked at once, in one pass that keeps only what fits; a year of a full calendar takes some
//! milliseconds, off the way from a key to a frame. Deliberately absent: an index, which would be written at every round for a
//! question that is seldom asked.

use crate::db::encode::{date, instant};
use crate::db::{Cache, DbError};
use crate::domain::event::EventId;
use crate::domain::query::fold;
use crate::domain::request::EventHit;
use crate::domain::time::date_at;
use jiff::tz::TimeZone;
use rusqlite::named_params;

impl Cache {
    /// The events that have all of these words (folded, parts count as well) in subject, place or people, by their first day in
    /// `zone`.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn find_events(&self, words: Vec<String>, zone: TimeZone) -> Result<Vec<EventHit>, DbError> {
        self.read(move |reader, account| {
            let mut statement = reader.prepare_cached(
                "SELECT id, is_all_day, starts, subject, location, organizer_name, organizer_address, attendees
                 FROM events WHERE account = :account",
            )?;
            let mut rows = statement.query(named_params! {":account": account})?;
            let mut hits = Vec::new();
            let mut text = String::new();
            while let Some(row) = rows.next()? {
                text.clear();
                for column in 3..7 {
                    text.push_str(row.get_ref(column)?.as_str_or_null().ok().flatten().unwrap_or_default());
                    text.push('\n');
                }
                let mut folded = fold(&text);
                if !words.iter().all(|word| folded.contains(word.as_str())) {
                    people(row.get_ref(7)?.as_str().unwrap_or_default(), &mut folded);
                    if !words.iter().all(|word| folded.contains(word.as_str())) {
                        continue;
                    }
                }
                let starts: i64 = row.get(2)?;
                let day = if row.get(1)? { date(starts)? } else { date_at(instant(starts)?, &zone) };
                hits.push((starts, EventHit { event: EventId(row.get(0)?), day }));
            }
            hits.sort_by(|one, other| (one.0, &one.1.event).cmp(&(other.0, &other.1.event)));
            Ok(hits.into_iter().map(|(_, hit)| hit).collect())
        })
        .await
    }
}

/// Names and addresses of those invited, as they are kept.
fn people(json: &str, folded: &mut String) {
    let Ok(rows) = crate::db::encode::attendees_from_json(json) else { return };
    for one in rows {
        folded.push_str(&fold(&one.recipient.name));
        folded.push('\n');
        folded.push_str(&fold(&one.recipient.address));
        folded.push('\n');
    }
}
