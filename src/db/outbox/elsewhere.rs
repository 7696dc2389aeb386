//! Rows of drafts that lie in the Drafts folder too: taken up from there, found in step with it, let go of, set apart from it.
//!
//! Must stay true: nothing here replaces what somebody wrote; a row is in step only if what it holds is, letter for letter, what the
//! service was given or gave.

use crate::db::DbError;
use crate::db::outbox::draft::{COLUMNS, KeptDraft, Mark, find, from_row, written};
use crate::db::outbox::encode::written_to_json;
use crate::db::outbox::{Outbox, OutboxError};
use crate::domain::draft::{Draft, DraftId};
use crate::domain::mail::MessageId;
use rusqlite::{Transaction, named_params};

fn of_message(reader: &Transaction<'_>, account: i64, message: &MessageId) -> Result<Option<KeptDraft>, DbError> {
    let sql =
        format!("SELECT {COLUMNS} FROM drafts WHERE account = :account AND on_service = :message ORDER BY row DESC");
    let mut statement = reader.prepare_cached(&sql)?;
    let mut rows = statement.query(named_params! {":account": account, ":message": message.0})?;
    rows.next()?.map(from_row).transpose()
}

fn write(writer: &Transaction<'_>, account: i64, draft: &Draft) -> Result<(), DbError> {
    writer.prepare_cached("UPDATE drafts SET draft = :draft WHERE account = :account AND row = :row")?.execute(
        named_params! {
            ":draft": written_to_json(&written(draft))?,
            ":account": account,
            ":row": draft.id.0,
        },
    )?;
    Ok(())
}

impl Outbox {
    /// The draft whose copy in the mailbox this message is, also one that is thrown away.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn draft_of(&self, message: &MessageId) -> Result<Option<KeptDraft>, OutboxError> {
        let (account, message) = (self.account, message.clone());
        self.file.read(move |reader| of_message(reader, account, &message)).await
    }

    /// Keeps a draft as it lies in the mailbox, in place of what was in step with it before. What somebody wrote here meanwhile stays
    /// and is what is given back.
    ///
    /// # Errors
    /// When it cannot be kept.
    pub async fn adopt_draft(&self, draft: Draft, mark: Mark, version: Option<String>) -> Result<Draft, OutboxError> {
        let account = self.account;
        self.file
            .write(move |writer| {
                let known = match &draft.on_service {
                    Some(message) => of_message(writer, account, message)?,
                    None => None,
                };
                if let Some(known) = known {
                    if !known.draft.is_in_step || known.draft.is_sending || known.is_discarded {
                        return Ok(known.draft);
                    }
                    let draft = Draft { id: known.draft.id, ..draft };
                    write(writer, account, &draft)?;
                    writer
                        .prepare_cached("UPDATE drafts SET version = :version WHERE account = :account AND row = :row")?
                        .execute(named_params! {":version": version, ":account": account, ":row": draft.id.0})?;
                    return Ok(draft);
                }
                // A mark that a row of another message has is that row's.
                let is_taken: bool = writer
                    .prepare_cached("SELECT EXISTS (SELECT 1 FROM drafts WHERE mark = ?1)")?
                    .query_row([&mark.0], |row| row.get(0))?;
                let on_service = draft.on_service.as_ref().map(|message| message.0.clone());
                let mark =
                    if is_taken { format!("{} {}", mark.0, on_service.as_deref().unwrap_or_default()) } else { mark.0 };
                writer
                    .prepare_cached(
                        "INSERT INTO drafts (account, mark, made, kept, draft, on_service, version)
                         VALUES (:account, :mark, :made, :kept, :draft, :on_service, :version)",
                    )?
                    .execute(named_params! {
                        ":account": account,
                        ":mark": mark,
                        ":made": draft.made.as_microsecond(),
                        ":kept": draft.kept.as_microsecond(),
                        ":draft": written_to_json(&written(&draft))?,
                        ":on_service": on_service,
                        ":version": version,
                    })?;
                Ok(Draft { id: DraftId(writer.last_insert_rowid()), ..draft })
            })
            .await
    }

    /// Notes that the mailbox has `draft` as it is here, unless somebody wrote on meanwhile.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn note_in_step(&self, draft: Draft) -> Result<(), OutboxError> {
        let account = self.account;
        self.file
            .write(move |writer| {
                let Some(kept) = find(writer, account, draft.id)? else { return Ok(()) };
                // What is known of the copy may have changed since; what its writer decides must not have.
                let files = |draft: &Draft| draft.elsewhere.as_ref().map(|there| there.files.clone());
                let known = Draft {
                    elsewhere: kept.draft.elsewhere.clone(),
                    is_in_step: kept.draft.is_in_step,
                    ..draft.clone()
                };
                if written(&kept.draft) == written(&known) && files(&kept.draft) == files(&draft) {
                    write(writer, account, &Draft { is_in_step: true, ..kept.draft })?;
                }
                Ok(())
            })
            .await
    }

    /// Notes that the changed parts of a draft are about to be written over what lies there: from now on nobody knows which it has.
    ///
    /// # Errors
    /// When the file cannot be written; then nothing must be written there.
    pub async fn note_written_over(&self, draft: Draft) -> Result<(), OutboxError> {
        let account = self.account;
        self.file
            .write(move |writer| {
                let Some(kept) = find(writer, account, draft.id)? else { return Ok(()) };
                let Some(there) = kept.draft.elsewhere.as_deref() else { return Ok(()) };
                let known = there.clone().written_over(draft.changed());
                if known != *there {
                    write(writer, account, &Draft { elsewhere: Some(Box::new(known)), ..kept.draft })?;
                }
                Ok(())
            })
            .await
    }

    /// Forgets a draft that was taken up from the mailbox and left as it was.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn let_go_of_untouched(&self, id: DraftId) -> Result<(), OutboxError> {
        let account = self.account;
        self.file
            .write(move |writer| {
                let kept = find(writer, account, id)?;
                if kept.is_some_and(|kept| kept.draft.is_untouched() && !kept.draft.is_sending && !kept.is_discarded) {
                    forget(writer, account, id)?;
                }
                Ok(())
            })
            .await
    }

    /// Gives a draft up for what lies in the mailbox.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn give_up_draft(&self, id: DraftId) -> Result<(), OutboxError> {
        let account = self.account;
        self.file.write(move |writer| forget(writer, account, id)).await
    }

    /// Makes a draft one of this computer alone, under another name: what lay in the mailbox is gone.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn set_apart(&self, id: DraftId, mark: Mark) -> Result<(), OutboxError> {
        let account = self.account;
        self.file
            .write(move |writer| {
                let Some(kept) = find(writer, account, id)? else { return Ok(()) };
                write(writer, account, &Draft { elsewhere: None, is_in_step: false, ..kept.draft })?;
                writer
                    .prepare_cached(
                        "UPDATE drafts SET mark = :mark, on_service = NULL, version = NULL, may_be_on_service = 0
                         WHERE account = :account AND row = :row",
                    )?
                    .execute(named_params! {":mark": mark.0, ":account": account, ":row": id.0})?;
                Ok(())
            })
            .await
    }
}

fn forget(writer: &Transaction<'_>, account: i64, id: DraftId) -> Result<(), DbError> {
    writer
        .prepare_cached("DELETE FROM drafts WHERE account = :account AND row = :row AND is_sending = 0")?
        .execute(named_params! {":account": account, ":row": id.0})?;
    Ok(())
}
