//! What is to be read anew: things of which the cache knows that it may be wrong about them.
//!
//! Must stay true: a doubt is noted in the transaction that gives rise to it, and outlives the program; what is wanted at present is
//! read anew when that has ended. Deliberately absent: reading.

use crate::db::{Cache, DbError};
use crate::domain::event::EventId;
use crate::domain::mail::MessageId;
use rusqlite::Transaction;

/// Something whose state with the service is to be read anew.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Doubt {
    /// A message.
    Message(MessageId),
    /// An event; of a series, the whole calendar has to be read anew.
    Event(EventId),
}

fn name(account: i64, doubt: &Doubt) -> String {
    match doubt {
        Doubt::Message(id) => format!("doubt:{account}:message:{}", id.0),
        Doubt::Event(id) => format!("doubt:{account}:event:{}", id.0),
    }
}

pub(super) fn note(writer: &Transaction<'_>, account: i64, doubt: &Doubt) -> Result<(), DbError> {
    writer
        .prepare_cached("INSERT OR IGNORE INTO memory (name, value) VALUES (?1, '')")?
        .execute([name(account, doubt)])?;
    Ok(())
}

impl Cache {
    /// What is to be read anew and is not wanted otherwise at present.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn doubts(&self) -> Result<Vec<Doubt>, DbError> {
        let wishes = self.wishes();
        self.read(move |reader, account| {
            let prefix = format!("doubt:{account}:");
            let mut statement =
                reader.prepare_cached("SELECT name FROM memory WHERE name >= ?1 AND name < ?2 ORDER BY name")?;
            // The next letter after a colon.
            let names = statement.query_map([&prefix, &format!("doubt:{account};")], |row| row.get::<_, String>(0))?;
            let mut doubts = Vec::new();
            for name in names {
                let name = name?;
                match name[prefix.len()..].split_once(':') {
                    Some(("message", id)) => doubts.push(Doubt::Message(MessageId(id.to_owned()))),
                    Some(("event", id)) => doubts.push(Doubt::Event(EventId(id.to_owned()))),
                    _ => {}
                }
            }
            doubts.retain(|doubt| !wishes.is_about(doubt));
            Ok(doubts)
        })
        .await
    }

    /// These were read anew.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub async fn settle_doubts(&self, doubts: Vec<Doubt>) -> Result<(), DbError> {
        self.write(move |writer, account| {
            let mut statement = writer.prepare_cached("DELETE FROM memory WHERE name = ?1")?;
            for doubt in &doubts {
                statement.execute([name(account, doubt)])?;
            }
            Ok(())
        })
        .await
    }
}
