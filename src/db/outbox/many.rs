//! Many changes in one transaction: what is said of each alone in the parent module, said of hundreds for the price of one write.

use crate::db::outbox::{Outbox, OutboxError, end, find, put_progress, take, unmake};
use crate::domain::intent::IntentId;
use crate::domain::outbox::{Ending, Entry, Progress};
use jiff::Timestamp;

impl Outbox {
    /// Takes up those of these changes that still wait; see [`Outbox::take_up`].
    ///
    /// # Errors
    /// When the file cannot be written; then none was taken up.
    pub async fn take_up_all(&self, ids: Vec<IntentId>) -> Result<Vec<Entry>, OutboxError> {
        let account = self.account;
        self.file
            .write(move |writer| {
                let mut taken = Vec::with_capacity(ids.len());
                for id in ids {
                    if take(writer, account, id)? {
                        taken.extend(find(writer, account, id)?);
                    }
                }
                Ok(taken)
            })
            .await
    }

    /// Notes how far each has come; see [`Outbox::note`].
    ///
    /// # Errors
    /// When the file cannot be written; then no call they speak of must be sent.
    pub async fn note_all(&self, all: Vec<(IntentId, Progress)>) -> Result<(), OutboxError> {
        let account = self.account;
        self.file
            .write(move |writer| all.iter().try_for_each(|(id, progress)| put_progress(writer, account, *id, progress)))
            .await
    }

    /// Puts each down; see [`Outbox::put_down`].
    ///
    /// # Errors
    /// When the file cannot be written; then none was put down.
    pub async fn put_down_all(
        &self,
        all: Vec<(IntentId, Progress, Ending)>,
        now: Timestamp,
    ) -> Result<(), OutboxError> {
        let account = self.account;
        self.file
            .write(move |writer| {
                all.into_iter().try_for_each(|(id, progress, ending)| end(writer, account, id, &progress, ending, now))
            })
            .await
    }

    /// Takes back those of these changes that nobody is making; see [`Outbox::take_back`].
    ///
    /// # Errors
    /// When the file cannot be written; then none was taken back.
    pub async fn take_back_all(&self, ids: Vec<IntentId>) -> Result<Vec<Entry>, OutboxError> {
        let account = self.account;
        self.file
            .write(move |writer| {
                let mut taken = Vec::with_capacity(ids.len());
                for id in ids {
                    taken.extend(unmake(writer, account, id)?);
                }
                Ok(taken)
            })
            .await
    }
}
