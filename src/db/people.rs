//! Colleagues, found by the beginnings of their names' words, and what is known of them: who they work with, presence, automatic
//! replies. Each with the time it was read.

use crate::db::account::PersonJson;
use crate::db::encode::{from_json, instant, to_json};
use crate::db::{Cache, DbError};
use crate::domain::person::{Person, PersonId};
use crate::domain::presence::{AutomaticReply, Availability, Presence, WorkPlace};
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, Transaction, named_params};
use std::collections::BTreeSet;

/// How people stand to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Relation {
    /// Those who report to them.
    Reports,
    /// The one they report to: a list of one, or of none.
    Manager,
    /// Those who report to them, and nobody else.
    DirectReports,
    /// Those who share their manager.
    Peers,
    /// Those who are in them: a group of the directory.
    Members,
}

impl Relation {
    const fn word(self) -> &'static str {
        match self {
            Self::Reports => "reports",
            Self::Manager => "manager",
            Self::DirectReports => "directReports",
            Self::Peers => "peers",
            Self::Members => "members",
        }
    }
}

const AVAILABILITIES: &[(Availability, &str)] = &[
    (Availability::Available, "available"),
    (Availability::Busy, "busy"),
    (Availability::DoNotDisturb, "doNotDisturb"),
    (Availability::Away, "away"),
    (Availability::Offline, "offline"),
    (Availability::Unknown, "unknown"),
];

const WORK_PLACES: &[(WorkPlace, &str)] =
    &[(WorkPlace::Office, "office"), (WorkPlace::Remote, "remote"), (WorkPlace::TimeOff, "timeOff")];

const COLUMNS: &str = "p.id, p.name, p.address, p.job_title, p.department, p.office, p.phones, p.as_of";

fn from_row(row: &Row<'_>) -> Result<(Person, Timestamp), DbError> {
    let person = Person {
        id: PersonId(row.get(0)?),
        name: row.get(1)?,
        address: row.get(2)?,
        job_title: row.get(3)?,
        department: row.get(4)?,
        office: row.get(5)?,
        phones: from_json(&row.get::<_, String>(6)?)?,
    };
    Ok((person, instant(row.get(7)?)?))
}

/// The words of a text in lower case, split where neither letters nor digits stand.
fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

fn words_of(person: &Person) -> BTreeSet<String> {
    let local = person.address.split('@').next().unwrap_or_default();
    words(&person.name).chain(words(local)).collect()
}

impl Cache {
    /// People whose name or address has, for each word of `text`, a word that begins with it; by name, at most `limit`.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn find_people(&self, text: &str, limit: u16) -> Result<Vec<Person>, DbError> {
        let wanted: Vec<String> = words(text).collect();
        self.read(move |reader, account| {
            let Some(longest) = wanted.iter().max_by_key(|word| word.len()) else { return Ok(Vec::new()) };
            let sql = format!(
                "SELECT DISTINCT {COLUMNS} FROM people_words w JOIN people p ON p.row = w.person
                 WHERE w.account = :account AND w.word >= :word AND w.word < :beyond"
            );
            let mut statement = reader.prepare_cached(&sql)?;
            let beyond = format!("{longest}{}", char::MAX);
            let mut rows = statement.query(named_params! {":account": account, ":word": longest, ":beyond": beyond})?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let (person, _) = from_row(row)?;
                let has = words_of(&person);
                if wanted.iter().all(|word| has.iter().any(|known| known.starts_with(word.as_str()))) {
                    found.push(person);
                }
            }
            found.sort_by_cached_key(|person| person.name.to_lowercase());
            found.truncate(usize::from(limit));
            Ok(found)
        })
        .await
    }

    /// A person by directory id, with when they were read.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn person(&self, id: &PersonId) -> Result<Option<(Person, Timestamp)>, DbError> {
        self.one_person("p.id = :key", id.0.clone()).await
    }

    /// A person by address, without case, with when they were read.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn person_by_address(&self, address: &str) -> Result<Option<(Person, Timestamp)>, DbError> {
        self.one_person("p.address = :key COLLATE NOCASE", address.to_owned()).await
    }

    async fn one_person(&self, condition: &'static str, key: String) -> Result<Option<(Person, Timestamp)>, DbError> {
        self.read(move |reader, account| {
            let sql = format!("SELECT {COLUMNS} FROM people p WHERE p.account = :account AND {condition} LIMIT 1");
            let mut statement = reader.prepare_cached(&sql)?;
            let mut rows = statement.query(named_params! {":account": account, ":key": key})?;
            rows.next()?.map(from_row).transpose()
        })
        .await
    }

    /// The directory's ids of those of `addresses` whom it is known to hold, whenever that was read: an id does not change.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn ids_of(&self, addresses: Vec<String>) -> Result<Vec<(String, PersonId)>, DbError> {
        self.read(move |reader, account| {
            let mut statement = reader.prepare_cached(
                "SELECT p.id FROM people p WHERE p.account = :account AND p.address = :address COLLATE NOCASE
                 AND p.id NOT LIKE 'mailto:%' LIMIT 1",
            )?;
            let mut found = Vec::new();
            for address in addresses {
                let id: Option<String> = statement
                    .query_row(named_params! {":account": account, ":address": address}, |row| row.get(0))
                    .optional()?;
                found.extend(id.map(|id| (address, PersonId(id))));
            }
            Ok(found)
        })
        .await
    }

    /// Keeps people as read at `as_of`. A field that could not be read does not erase what was known of it.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub async fn put_people(&self, people: Vec<Person>, as_of: Timestamp) -> Result<(), DbError> {
        self.write(move |writer, account| people.iter().try_for_each(|person| put(writer, account, person, as_of)))
            .await
    }

    /// Who stands to `person` in this relation, with when the list was read; `None`: never read.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn related(
        &self,
        person: &PersonId,
        relation: Relation,
    ) -> Result<Option<(Vec<Person>, Timestamp)>, DbError> {
        let person = person.clone();
        self.read(move |reader, account| {
            let found: Option<(String, i64)> = reader
                .prepare_cached(
                    "SELECT others, as_of FROM relations WHERE account = :account AND person = :person AND relation = :relation",
                )?
                .query_row(
                    named_params! {":account": account, ":person": person.0, ":relation": relation.word()},
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .optional()?;
            let Some((others, as_of)) = found else { return Ok(None) };
            let others: Vec<PersonJson> = from_json(&others)?;
            Ok(Some((others.into_iter().map(Person::from).collect(), instant(as_of)?)))
        })
        .await
    }

    /// Keeps the whole list of those who stand to `person` in this relation.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub async fn put_related(
        &self,
        person: &PersonId,
        relation: Relation,
        others: Vec<Person>,
        as_of: Timestamp,
    ) -> Result<(), DbError> {
        let person = person.clone();
        self.write(move |writer, account| {
            others.iter().try_for_each(|other| put(writer, account, other, as_of))?;
            let list = to_json(&others.iter().map(PersonJson::from).collect::<Vec<_>>())?;
            writer
                .prepare_cached(
                    "REPLACE INTO relations (account, person, relation, others, as_of)
                     VALUES (:account, :person, :relation, :others, :as_of)",
                )?
                .execute(named_params! {
                    ":account": account,
                    ":person": person.0,
                    ":relation": relation.word(),
                    ":others": list,
                    ":as_of": as_of.as_microsecond(),
                })?;
            Ok(())
        })
        .await
    }

    /// Presence of those among `people` for whom it was ever read.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn presence(&self, people: Vec<PersonId>) -> Result<Vec<(PersonId, Presence)>, DbError> {
        self.read(move |reader, account| {
            let mut found = Vec::new();
            for person in people {
                if let Some(presence) = one_presence(reader, account, &person)? {
                    found.push((person, presence));
                }
            }
            Ok(found)
        })
        .await
    }

    /// Keeps presence; tells how many differ from what was known, their age aside.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub async fn put_presence(&self, people: Vec<(PersonId, Presence)>) -> Result<u32, DbError> {
        self.write(move |writer, account| {
            let mut changed = 0;
            for (person, presence) in &people {
                let known = one_presence(writer, account, person)?;
                let same = known.is_some_and(|known| Presence { as_of: presence.as_of, ..known } == *presence);
                changed += u32::from(!same);
                put_one_presence(writer, account, person, presence)?;
            }
            Ok(changed)
        })
        .await
    }

    /// Somebody's automatic reply as last read; an empty message is the knowledge that there is none.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn automatic_reply(&self, address: &str) -> Result<Option<AutomaticReply>, DbError> {
        let address = address.to_owned();
        self.read(move |reader, account| one_reply(reader, account, &address)).await
    }

    /// Keeps automatic replies by address; tells how many differ from what was known, their age aside.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub async fn put_automatic_replies(&self, replies: Vec<(String, AutomaticReply)>) -> Result<u32, DbError> {
        self.write(move |writer, account| {
            let mut changed = 0;
            for (address, reply) in &replies {
                let known = one_reply(writer, account, address)?;
                let same = known.is_some_and(|known| AutomaticReply { as_of: reply.as_of, ..known } == *reply);
                if !same {
                    changed += 1;
                    put_one_reply_change(writer, account, address, reply)?;
                }
                put_one_reply(writer, account, address, reply)?;
            }
            Ok(changed)
        })
        .await
    }
}

fn put(writer: &Transaction<'_>, account: i64, person: &Person, as_of: Timestamp) -> Result<(), DbError> {
    let row: i64 = writer
        .prepare_cached(
            "INSERT INTO people (account, id, name, address, job_title, department, office, phones, as_of)
             VALUES (:account, :id, :name, :address, :job_title, :department, :office, :phones, :as_of)
             ON CONFLICT (account, id) DO UPDATE SET name = excluded.name, address = excluded.address,
             job_title = coalesce(excluded.job_title, job_title), department = coalesce(excluded.department, department),
             office = coalesce(excluded.office, office),
             phones = CASE excluded.phones WHEN '[]' THEN phones ELSE excluded.phones END, as_of = excluded.as_of
             RETURNING row",
        )?
        .query_row(
            named_params! {
                ":account": account,
                ":id": person.id.0,
                ":name": person.name,
                ":address": person.address,
                ":job_title": person.job_title,
                ":department": person.department,
                ":office": person.office,
                ":phones": to_json(&person.phones)?,
                ":as_of": as_of.as_microsecond(),
            },
            |row| row.get(0),
        )?;
    writer.prepare_cached("DELETE FROM people_words WHERE person = ?1")?.execute([row])?;
    for word in words_of(person) {
        writer
            .prepare_cached("INSERT INTO people_words (account, word, person) VALUES (:account, :word, :person)")?
            .execute(named_params! {":account": account, ":word": word, ":person": row})?;
    }
    Ok(())
}

fn one_presence(reader: &Transaction<'_>, account: i64, person: &PersonId) -> Result<Option<Presence>, DbError> {
    let mut statement = reader.prepare_cached(
        "SELECT availability, activity, status_message, is_out_of_office, as_of, work_place FROM presence
         WHERE account = :account AND person = :person",
    )?;
    let mut rows = statement.query(named_params! {":account": account, ":person": person.0})?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let word: String = row.get(0)?;
    let known = AVAILABILITIES.iter().find(|(_, known)| *known == word);
    Ok(Some(Presence {
        availability: known.map_or(Availability::Unknown, |(availability, _)| availability.clone()),
        activity: row.get(1)?,
        status_message: row.get(2)?,
        is_out_of_office: row.get(3)?,
        as_of: instant(row.get(4)?)?,
        work_place: {
            let place: String = row.get(5)?;
            WORK_PLACES.iter().find(|(_, known)| *known == place).map(|(place, _)| *place)
        },
    }))
}

fn put_one_presence(
    writer: &Transaction<'_>,
    account: i64,
    person: &PersonId,
    presence: &Presence,
) -> Result<(), DbError> {
    let word =
        AVAILABILITIES.iter().find(|(known, _)| *known == presence.availability).map_or("unknown", |(_, word)| word);
    writer
        .prepare_cached(
            "REPLACE INTO presence
             (account, person, availability, activity, status_message, is_out_of_office, as_of, work_place)
             VALUES (:account, :person, :availability, :activity, :status_message, :is_out_of_office, :as_of, :work_place)",
        )?
        .execute(named_params! {
            ":account": account,
            ":person": person.0,
            ":availability": word,
            ":activity": presence.activity,
            ":status_message": presence.status_message,
            ":is_out_of_office": presence.is_out_of_office,
            ":work_place": WORK_PLACES
                .iter()
                .find(|(place, _)| Some(*place) == presence.work_place)
                .map_or("", |(_, word)| word),
            ":as_of": presence.as_of.as_microsecond(),
        })?;
    Ok(())
}

fn one_reply(reader: &Transaction<'_>, account: i64, address: &str) -> Result<Option<AutomaticReply>, DbError> {
    let mut statement = reader.prepare_cached(
        "SELECT message, starts, ends, as_of FROM automatic_replies WHERE account = :account AND address = :address",
    )?;
    let mut rows = statement.query(named_params! {":account": account, ":address": address})?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some(AutomaticReply {
        message: row.get(0)?,
        start: row.get::<_, Option<i64>>(1)?.map(instant).transpose()?,
        end: row.get::<_, Option<i64>>(2)?.map(instant).transpose()?,
        as_of: instant(row.get(3)?)?,
    }))
}

fn put_one_reply(writer: &Transaction<'_>, account: i64, address: &str, reply: &AutomaticReply) -> Result<(), DbError> {
    writer
        .prepare_cached(
            "REPLACE INTO automatic_replies (account, address, message, starts, ends, as_of)
             VALUES (:account, :address, :message, :starts, :ends, :as_of)",
        )?
        .execute(named_params! {
            ":account": account,
            ":address": address,
            ":message": reply.message,
            ":starts": reply.start.map(Timestamp::as_microsecond),
            ":ends": reply.end.map(Timestamp::as_microsecond),
            ":as_of": reply.as_of.as_microsecond(),
        })?;
    Ok(())
}

/// Notes that somebody's automatic reply differs from the time before.
fn put_one_reply_change(
    writer: &Transaction<'_>,
    account: i64,
    address: &str,
    reply: &AutomaticReply,
) -> Result<(), DbError> {
    writer
        .prepare_cached(
            "REPLACE INTO automatic_reply_changes (account, address, observed, message, starts, ends)
             VALUES (:account, :address, :observed, :message, :starts, :ends)",
        )?
        .execute(named_params! {
            ":account": account,
            ":address": address,
            ":observed": reply.as_of.as_microsecond(),
            ":message": reply.message,
            ":starts": reply.start.map(Timestamp::as_microsecond),
            ":ends": reply.end.map(Timestamp::as_microsecond),
        })?;
    Ok(())
}
