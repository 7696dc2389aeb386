//! Feeds the full-text index behind everything else: what the cache noted as new or changed gets its words.
//!
//! Batches are small, so that the writer is soon free for whoever waits; between two the sync has its turn. Nothing is done, and
//! nobody wakes up, while nothing changed. What is left when the program ends is done by the next one.

use crate::base::activity::Working;
use crate::db::{Db, DbError, Gone, Indexed, Unindexed};
use crate::domain::mail::people_text;
use crate::domain::notice::Notice;
use crate::domain::query::{indexed_words, skim};
use crate::engine::notices::Notices;
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
    pub(super) fn start(db: &Db, notices: &Notices) -> Self {
        let news = db.feed_index();
        Self(tokio::spawn(feed(db.clone(), news, notices.clone())))
    }
}

async fn feed(db: Db, mut news: UnboundedReceiver<Working>, notices: Notices) {
    while let Some(first) = news.recv().await {
        let mut working = vec![first];
        while let Ok(more) = news.try_recv() {
            working.push(more);
        }
        // Without an end: what is noted while it works is done with it.
        match bring_up_to_date(&db, usize::MAX).await {
            Ok(0) => {}
            Ok(_) => notices.tell(Notice::Indexed),
            // As soon as something can be written again, it is tried again.
            Err(error) => {
                tracing::warn!(%error, "the index was not brought up to date");
                db.index_is_behind();
            }
        }
        drop(working);
    }
}

/// Indexes what waits, at most about `most` messages; tells how many were done. The words of a batch are made while the one before is
/// written.
///
/// # Errors
/// When the cache cannot be read or written.
pub async fn bring_up_to_date(db: &Db, most: usize) -> Result<usize, DbError> {
    let mut done = 0;
    // What changes behind the place that was reached is found when it starts from the beginning.
    while done < most {
        let mut made = make(db, 0).await?;
        if made.is_empty() {
            break;
        }
        while done < most && !made.is_empty() {
            done += made.messages.len() + made.gone.len();
            let after = made.onward.filter(|_| done < most);
            let write = db.put_indexed(made.messages, made.gone);
            let next = async {
                match after {
                    Some(after) => make(db, after).await,
                    None => Ok(Made::default()),
                }
            };
            let (written, next) = tokio::join!(write, next);
            written?;
            made = next?;
        }
    }
    Ok(done)
}

/// A batch with its words.
#[derive(Default)]
struct Made {
    messages: Vec<Indexed>,
    gone: Vec<Gone>,
    onward: Option<i64>,
}

impl Made {
    fn is_empty(&self) -> bool {
        self.messages.is_empty() && self.gone.is_empty()
    }
}

async fn make(db: &Db, after: i64) -> Result<Made, DbError> {
    let batch = db.next_unindexed(after).await?;
    let messages = batch.messages;
    let made = tokio::task::spawn_blocking(|| messages.into_iter().map(indexed).collect::<Vec<Indexed>>()).await;
    let messages = made.map_err(|_| DbError::Other("the words of a message could not be made".to_owned()))?;
    Ok(Made { messages, gone: batch.gone, onward: batch.onward })
}

/// A message with its words.
pub fn indexed(message: Unindexed) -> Indexed {
    let body = message.body().map(|content| skim(&content)).unwrap_or_default();
    let (sender, recipients) = (people_text(message.from.as_slice()), people_text(&message.recipients));
    let words = indexed_words(&message.subject, &sender, &recipients, &body);
    message.indexed(words)
}
