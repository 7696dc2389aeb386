//! Accounts, who they are, and what the program remembers beside any mailbox.

use crate::db::encode::{self, WorkingHoursJson, ZoneJson, from_json, to_json};
use crate::db::outbox::own::{self, ChosenJson, NoteJson, RepliesJson, UnsetJson};
use crate::db::{Cache, Db, DbError};
use crate::domain::account::{Account, AccountKey, AccountKind, Scopes};
use crate::domain::me::Me;
use crate::domain::own_settings::UnsetReplies;
use crate::domain::person::{Person, PersonId};
use rusqlite::{OptionalExtension, Transaction, named_params};
use serde::{Deserialize, Serialize};

impl encode::Word for AccountKind {
    const WORDS: &'static [(Self, &'static str)] =
        &[(Self::Work, "work"), (Self::Personal, "personal"), (Self::Service, "service")];
}

#[derive(Serialize, Deserialize)]
struct MeJson {
    person: PersonJson,
    granted: String,
    zone: Option<ZoneJson>,
    working_hours: Option<WorkingHoursJson>,
    #[serde(default)]
    replies: Option<RepliesJson>,
    #[serde(default)]
    chosen: Option<ChosenJson>,
    #[serde(default)]
    note: Option<NoteJson>,
}

/// A person inside another row.
#[derive(Serialize, Deserialize)]
pub(super) struct PersonJson {
    id: String,
    name: String,
    address: String,
    job_title: Option<String>,
    department: Option<String>,
    office: Option<String>,
    phones: Vec<String>,
}

impl From<&Person> for PersonJson {
    fn from(person: &Person) -> Self {
        Self {
            id: person.id.0.clone(),
            name: person.name.clone(),
            address: person.address.clone(),
            job_title: person.job_title.clone(),
            department: person.department.clone(),
            office: person.office.clone(),
            phones: person.phones.clone(),
        }
    }
}

impl From<PersonJson> for Person {
    fn from(row: PersonJson) -> Self {
        Self {
            id: PersonId(row.id),
            name: row.name,
            address: row.address,
            job_title: row.job_title,
            department: row.department,
            office: row.office,
            phones: row.phones,
        }
    }
}

pub(super) fn find(reader: &Transaction<'_>, key: &AccountKey) -> Result<Option<i64>, DbError> {
    Ok(reader
        .prepare_cached("SELECT row FROM accounts WHERE tenant = ?1 AND object = ?2")?
        .query_row([&key.tenant, &key.object], |row| row.get(0))
        .optional()?)
}

/// An account of the cache, if there is any.
pub(super) fn any(reader: &Transaction<'_>) -> Result<Option<i64>, DbError> {
    let mut statement = reader.prepare_cached("SELECT row FROM accounts ORDER BY row LIMIT 1")?;
    Ok(statement.query_row([], |row| row.get(0)).optional()?)
}

pub(super) fn ensure(writer: &Transaction<'_>, key: &AccountKey) -> Result<i64, DbError> {
    writer
        .prepare_cached("INSERT INTO accounts (tenant, object) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
        .execute([&key.tenant, &key.object])?;
    find(writer, key)?.ok_or_else(|| DbError::Row("an account just written is not there".to_owned()))
}

/// The person of an account as last noted.
pub(super) fn me(reader: &Transaction<'_>, account: i64) -> Result<Option<Me>, DbError> {
    let text: Option<String> = reader
        .prepare_cached("SELECT me FROM accounts WHERE row = ?1")?
        .query_row([account], |row| row.get(0))
        .optional()?
        .flatten();
    text.map(|text| from_json::<MeJson>(&text).map(me_from_json)).transpose()
}

impl Db {
    /// The accounts that have something in the cache.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn accounts(&self) -> Result<Vec<Account>, DbError> {
        self.read(|reader| {
            let mut statement = reader
                .prepare_cached("SELECT tenant, object, name, address, kind, granted FROM accounts ORDER BY row")?;
            let accounts = statement.query_map([], |row| {
                Ok(Account {
                    key: AccountKey { tenant: row.get(0)?, object: row.get(1)? },
                    name: row.get(2)?,
                    address: row.get(3)?,
                    kind: encode::Word::from_word(&row.get::<_, String>(4)?).unwrap_or(AccountKind::Work),
                    granted: Scopes::parse(&row.get::<_, String>(5)?),
                })
            })?;
            Ok(accounts.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Notes what an account is called and what was granted to it.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub async fn put_account(&self, account: Account) -> Result<(), DbError> {
        self.write(move |writer| {
            let row = ensure(writer, &account.key)?;
            writer
                .prepare_cached(
                    "UPDATE accounts SET name = :name, address = :address, kind = :kind, granted = :granted
                     WHERE row = :row",
                )?
                .execute(named_params! {
                    ":name": account.name,
                    ":address": account.address,
                    ":kind": encode::Word::word(account.kind),
                    ":granted": account.granted.to_line(),
                    ":row": row,
                })?;
            Ok(())
        })
        .await
    }

    /// Removes an account and everything of it.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub async fn remove_account(&self, key: &AccountKey) -> Result<(), DbError> {
        let key = key.clone();
        self.write(move |writer| {
            let row: Option<i64> = writer
                .prepare_cached("SELECT row FROM accounts WHERE tenant = ?1 AND object = ?2")?
                .query_row([&key.tenant, &key.object], |row| row.get(0))
                .optional()?;
            if let Some(row) = row {
                writer.prepare_cached("DELETE FROM memory WHERE name = ?1")?.execute([unset_name(row)])?;
            }
            writer
                .prepare_cached("DELETE FROM accounts WHERE tenant = ?1 AND object = ?2")?
                .execute([&key.tenant, &key.object])?;
            super::index::forget_gone(writer)?;
            Ok(())
        })
        .await
    }

    /// What was remembered under `name`, such as the look of the last terminal.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn recall(&self, name: &str) -> Result<Option<String>, DbError> {
        let name = name.to_owned();
        self.read(move |reader| {
            Ok(reader
                .prepare_cached("SELECT value FROM memory WHERE name = ?1")?
                .query_row([name], |row| row.get(0))
                .optional()?)
        })
        .await
    }

    /// Remembers `value` under `name`. Writes nothing when it is remembered already.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub async fn remember(&self, name: &str, value: &str) -> Result<(), DbError> {
        if self.recall(name).await?.as_deref() == Some(value) {
            return Ok(());
        }
        let (name, value) = (name.to_owned(), value.to_owned());
        self.write(move |writer| {
            writer.prepare_cached("REPLACE INTO memory (name, value) VALUES (?1, ?2)")?.execute([name, value])?;
            Ok(())
        })
        .await
    }
}

impl Cache {
    /// Who the account's person is, as last read; `None`: never.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn me(&self) -> Result<Option<Me>, DbError> {
        self.read(me).await
    }

    /// Automatic replies that were being written and not set.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn unset_replies(&self) -> Result<Option<UnsetReplies>, DbError> {
        let text: Option<String> = self
            .read(|reader, account| {
                Ok(reader
                    .prepare_cached("SELECT value FROM memory WHERE name = ?1")?
                    .query_row([unset_name(account)], |row| row.get(0))
                    .optional()?)
            })
            .await?;
        Ok(text.and_then(|text| from_json::<UnsetJson>(&text).ok()).map(UnsetReplies::from))
    }

    /// Keeps automatic replies that are being written; `None`: none are any more.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub async fn keep_replies(&self, unset: Option<UnsetReplies>) -> Result<(), DbError> {
        self.write(move |writer, account| {
            let name = unset_name(account);
            match unset {
                Some(unset) => writer
                    .prepare_cached("REPLACE INTO memory (name, value) VALUES (?1, ?2)")?
                    .execute([name, to_json(&UnsetJson::from(&unset))?])?,
                None => writer.prepare_cached("DELETE FROM memory WHERE name = ?1")?.execute([name])?,
            };
            Ok(())
        })
        .await
    }

    /// Notes who the account's person is.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub async fn put_me(&self, me: Me) -> Result<(), DbError> {
        self.write(move |writer, account| {
            let text = to_json(&MeJson {
                person: PersonJson::from(&me.person),
                granted: me.granted.to_line(),
                zone: me.zone.as_ref().map(encode::zone_to_json),
                working_hours: me.working_hours.as_ref().map(encode::hours_to_json),
                replies: me.replies.as_ref().map(own::replies_json),
                chosen: me.chosen.as_ref().map(own::chosen_json),
                note: me.note.as_ref().map(own::note_json),
            })?;
            writer
                .prepare_cached("UPDATE accounts SET me = :me WHERE row = :account")?
                .execute(named_params! {":me": text, ":account": account})?;
            Ok(())
        })
        .await
    }
}

fn unset_name(account: i64) -> String {
    format!("unset replies of {account}")
}

fn me_from_json(row: MeJson) -> Me {
    Me {
        person: Person::from(row.person),
        // The account's own row knows better; whoever makes it live says so.
        kind: AccountKind::Work,
        granted: Scopes::parse(&row.granted),
        zone: row.zone.map(encode::zone_from_json),
        working_hours: row.working_hours.map(encode::hours_from_json),
        // What can no longer be read of these comes again with the next settings.
        replies: row.replies.and_then(|replies| own::replies(replies).ok()),
        chosen: row.chosen.and_then(|chosen| own::chosen(&chosen).ok()),
        note: row.note.and_then(|note| own::note(note).ok()),
    }
}
