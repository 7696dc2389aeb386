//! Feeds the full-text index behind everything else: what the cache noted as new or changed gets its words.
//!
//! Batches are small, so that the writer is soon free for whoever waits; between two the sync has its turn. Nothing is done, and
//! nobody wakes up, while nothing changed. What is left when the program ends is done by the next one.

use crate::base::activity::Working;
use crate::db::{Db, DbError, IndexTexts, Indexed, Unindexed};
use crate::domain::mail::people_text;
use crate::domain::query::{index_text, people_index_text, skim, subject_index_text};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinHandle;

/// Feeds the index until it is dropped.
pub(super) struct Feeder(JoinHandle<()>);

impl Drop for Feeder {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Feeder {
    /// Begins with what was left.
    pub(super) fn start(db: &Db) -> Self {
        let news = db.feed_index();
        Self(tokio::spawn(feed(db.clone(), news)))
    }
}

async fn feed(db: Db, mut news: UnboundedReceiver<Working>) {
    while let Some(first) = news.recv().await {
        let mut working = vec![first];
        while let Ok(more) = news.try_recv() {
            working.push(more);
        }
        // Without an end: what is noted while it works is done with it.
        if let Err(error) = bring_up_to_date(&db, usize::MAX).await {
            // The next change tries again.
            tracing::warn!(%error, "the index was not brought up to date");
        }
        drop(working);
    }
}

/// Indexes what waits, at most about `most` messages; tells how many were done.
///
/// # Errors
/// When the cache cannot be read or written.
pub async fn bring_up_to_date(db: &Db, most: usize) -> Result<usize, DbError> {
    let mut done = 0;
    while done < most {
        let (batch, gone) = db.next_unindexed().await?;
        if batch.is_empty() && gone.is_empty() {
            break;
        }
        done += batch.len() + gone.len();
        let made = tokio::task::spawn_blocking(|| batch.into_iter().map(indexed).collect::<Vec<Indexed>>()).await;
        let made = made.map_err(|_| DbError::Other("the words of a message could not be made".to_owned()))?;
        db.put_indexed(made, gone).await?;
    }
    Ok(done)
}

/// A message with its words.
pub fn indexed(message: Unindexed) -> Indexed {
    let body = message.body().map(|content| skim(&content)).unwrap_or_default();
    let texts = IndexTexts {
        subject: subject_index_text(&message.subject),
        sender: people_index_text(&people_text(message.from.as_slice())),
        recipients: people_index_text(&people_text(&message.recipients)),
        body: match index_text(&body) {
            std::borrow::Cow::Borrowed(_) => body,
            std::borrow::Cow::Owned(spaced) => spaced,
        },
    };
    message.indexed(texts)
}
