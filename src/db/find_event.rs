//! Events by words of their subject, place or people.
//!
//! Every event of the account is looked at once, in one pass that keeps only what fits, on the connection kept for searches: off the
//! way from a key to a frame, and whoever types on ends it. Must stay true: the people of an event are taken apart only where the
//! words can be theirs. Deliberately absent: an index, which would be written at every round for a question that is seldom asked.

use crate::db::encode::{date, instant};
use crate::db::{Cache, DbError, Ongoing};
use crate::domain::event::EventId;
use crate::domain::query::fold_into;
use crate::domain::request::EventHit;
use crate::domain::time::date_at;
use jiff::tz::TimeZone;
use rusqlite::{Transaction, named_params};

impl Cache {
    /// The events that have all of these words (folded, parts count as well) in subject, place or people, by their first day in
    /// `zone`.
    ///
    /// # Errors
    /// When the cache cannot be read, or [`DbError::Interrupted`] when it was told to end.
    pub async fn find_events(
        &self,
        words: Vec<String>,
        zone: TimeZone,
        ongoing: &Ongoing,
    ) -> Result<Vec<EventHit>, DbError> {
        let account = self.account;
        let work = move |reader: &Transaction<'_>| {
            let mut statement = reader.prepare_cached(
                "SELECT id, is_all_day, starts, subject, location, organizer_name, organizer_address, attendees
                 FROM events WHERE account = :account",
            )?;
            let mut rows = statement.query(named_params! {":account": account})?;
            let mut hits = Vec::new();
            let mut folded = String::new();
            while let Some(row) = rows.next()? {
                folded.clear();
                for column in 3..7 {
                    fold_into(row.get_ref(column)?.as_str_or_null().ok().flatten().unwrap_or_default(), &mut folded);
                    folded.push('\n');
                }
                let missing: Vec<&str> =
                    words.iter().map(String::as_str).filter(|word| !folded.contains(word)).collect();
                if !missing.is_empty()
                    && !are_people(row.get_ref(7)?.as_str().unwrap_or_default(), &missing, &mut folded)
                {
                    continue;
                }
                let starts: i64 = row.get(2)?;
                let day = if row.get(1)? { date(starts)? } else { date_at(instant(starts)?, &zone) };
                hits.push((starts, EventHit { event: EventId(row.get(0)?), day }));
            }
            hits.sort_by(|one, other| (one.0, &one.1.event).cmp(&(other.0, &other.1.event)));
            Ok(hits.into_iter().map(|(_, hit)| hit).collect())
        };
        self.db.look(ongoing.clone(), work).await
    }
}

/// Whether all of `words` stand in the names and addresses of those invited, as they are kept. `room` is written over.
fn are_people(json: &str, words: &[&str], room: &mut String) -> bool {
    // Few have them: what is kept is looked at as it stands before it is taken apart. What JSON writes in another way is looked for
    // in the parts only.
    room.clear();
    fold_into(json, room);
    let is_plain = |word: &str| !word.contains(|c: char| c.is_control() || matches!(c, '"' | '\\'));
    if words.iter().any(|word| is_plain(word) && !room.contains(word)) {
        return false;
    }
    let Ok(rows) = crate::db::encode::attendees_from_json(json) else { return false };
    room.clear();
    for one in rows {
        for part in [&one.recipient.name, &one.recipient.address] {
            fold_into(part, room);
            room.push('\n');
        }
    }
    words.iter().all(|word| room.contains(word))
}
