//! Drafts as rows: what their writer decides, and what is known of their copy on the service.
//!
//! A draft has a mark, made once and known to the service, by which its copy there is found again. Must stay true: the mark never
//! changes; what a change learns of the copy is written here in the transaction that ends it, so that the next one knows.

use crate::db::DbError;
use crate::db::encode::instant;
use crate::db::outbox::encode::{self, Written};
use crate::db::outbox::{Outbox, OutboxError};
use crate::domain::draft::{Draft, DraftId};
use crate::domain::draft_elsewhere::Elsewhere;
use crate::domain::intent::{Intent, ItemState};
use crate::domain::mail::MessageId;
use crate::domain::outbox::Entry;
use jiff::Timestamp;
use rusqlite::{Row, Transaction, named_params};

/// The name of a draft with the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark(pub String);

/// A draft with what is known of its copy on the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptDraft {
    /// The draft.
    pub draft: Draft,
    /// Its name there.
    pub mark: Mark,
    /// The version of its copy there.
    pub version: Option<String>,
    /// A copy may be there that we do not know.
    pub may_be_on_service: bool,
    /// Thrown away.
    pub is_discarded: bool,
}

pub(super) const COLUMNS: &str =
    "row, mark, made, kept, draft, on_service, version, may_be_on_service, is_sending, is_discarded";

pub(super) fn from_row(row: &Row<'_>) -> Result<KeptDraft, DbError> {
    let text = row.get_ref(4)?.as_str().map_err(|error| DbError::Row(error.to_string()))?;
    let written = encode::written_from_json(text)?;
    Ok(KeptDraft {
        draft: Draft {
            id: DraftId(row.get(0)?),
            kind: written.kind,
            about: written.about,
            to: written.to,
            cc: written.cc,
            bcc: written.bcc,
            subject: written.subject,
            body: written.body,
            importance: written.importance,
            attachments: written.attachments,
            cursor: written.cursor,
            on_service: row.get::<_, Option<String>>(5)?.map(MessageId),
            is_sending: row.get(8)?,
            is_in_step: written.is_in_step,
            elsewhere: written.elsewhere,
            made: instant(row.get(2)?)?,
            kept: instant(row.get(3)?)?,
        },
        mark: Mark(row.get(1)?),
        version: row.get(6)?,
        may_be_on_service: row.get(7)?,
        is_discarded: row.get(9)?,
    })
}

pub(super) fn written(draft: &Draft) -> Written {
    Written {
        kind: draft.kind,
        about: draft.about.clone(),
        to: draft.to.clone(),
        cc: draft.cc.clone(),
        bcc: draft.bcc.clone(),
        subject: draft.subject.clone(),
        body: draft.body.clone(),
        importance: draft.importance,
        attachments: draft.attachments.clone(),
        cursor: draft.cursor,
        is_in_step: draft.is_in_step,
        elsewhere: draft.elsewhere.clone(),
    }
}

pub(super) fn find(reader: &Transaction<'_>, account: i64, id: DraftId) -> Result<Option<KeptDraft>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM drafts WHERE account = :account AND row = :row");
    let mut statement = reader.prepare_cached(&sql)?;
    let mut rows = statement.query(named_params! {":account": account, ":row": id.0})?;
    rows.next()?.map(from_row).transpose()
}

impl Outbox {
    /// Keeps a new draft; its id is the one given back.
    ///
    /// # Errors
    /// When it cannot be kept.
    pub async fn begin_draft(&self, draft: Draft, mark: Mark) -> Result<Draft, OutboxError> {
        let account = self.account;
        self.file
            .write(move |writer| {
                writer
                    .prepare_cached(
                        "INSERT INTO drafts (account, mark, made, kept, draft) VALUES (:account, :mark, :made, :kept, :draft)",
                    )?
                    .execute(named_params! {
                        ":account": account,
                        ":mark": mark.0,
                        ":made": draft.made.as_microsecond(),
                        ":kept": draft.kept.as_microsecond(),
                        ":draft": encode::written_to_json(&written(&draft))?,
                    })?;
                Ok(Draft { id: DraftId(writer.last_insert_rowid()), ..draft })
            })
            .await
    }

    /// Keeps what its writer decides of a draft. `None`: it is not there, thrown away, or on its way.
    ///
    /// # Errors
    /// When it cannot be kept; then the former text stays.
    pub async fn keep_draft(&self, draft: Draft, now: Timestamp) -> Result<Option<Draft>, OutboxError> {
        let account = self.account;
        self.file
            .write(move |writer| {
                let mut draft = draft;
                // Newer than any copy; what is known of that one is known here better than by whoever writes.
                draft.is_in_step = false;
                if let Some(there) = &mut draft.elsewhere {
                    let known = find(writer, account, draft.id)?.and_then(|kept| kept.draft.elsewhere);
                    **there = Elsewhere {
                        is_touched: true,
                        files: std::mem::take(&mut there.files),
                        ..*known.unwrap_or_default()
                    };
                }
                let changed = writer
                    .prepare_cached(
                        "UPDATE drafts SET draft = :draft, kept = :kept
                         WHERE account = :account AND row = :row AND is_sending = 0 AND is_discarded = 0",
                    )?
                    .execute(named_params! {
                        ":draft": encode::written_to_json(&written(&draft))?,
                        ":kept": now.as_microsecond(),
                        ":account": account,
                        ":row": draft.id.0,
                    })?;
                if changed == 0 { Ok(None) } else { Ok(find(writer, account, draft.id)?.map(|kept| kept.draft)) }
            })
            .await
    }

    /// A draft with what is known of its copy, also one that was thrown away.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn kept_draft(&self, id: DraftId) -> Result<Option<KeptDraft>, OutboxError> {
        let account = self.account;
        self.file.read(move |reader| find(reader, account, id)).await
    }

    /// Takes back that a draft was thrown away, if it still is here; tells whether it had been.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn restore_draft(&self, id: DraftId) -> Result<bool, OutboxError> {
        let account = self.account;
        self.file
            .write(move |writer| {
                let changed = writer
                    .prepare_cached(
                        "UPDATE drafts SET is_discarded = 0 WHERE account = :account AND row = :row AND is_discarded = 1",
                    )?
                    .execute(named_params! {":account": account, ":row": id.0})?;
                Ok(changed > 0)
            })
            .await
    }

    /// All drafts that were not thrown away, the one kept last first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn drafts(&self) -> Result<Vec<Draft>, OutboxError> {
        let account = self.account;
        self.file
            .read(move |reader| {
                let sql = format!(
                    "SELECT {COLUMNS} FROM drafts WHERE account = ?1 AND is_discarded = 0 ORDER BY kept DESC, row DESC"
                );
                let mut statement = reader.prepare_cached(&sql)?;
                let mut rows = statement.query([account])?;
                let mut drafts = Vec::new();
                while let Some(row) = rows.next()? {
                    match from_row(row) {
                        // What was only looked at is nobody's draft of this computer.
                        Ok(kept) if kept.draft.is_untouched() => {}
                        Ok(kept) => drafts.push(kept.draft),
                        Err(error) => tracing::error!(%error, "a draft cannot be read"),
                    }
                }
                Ok(drafts)
            })
            .await
    }
}

pub(super) fn set_sending(
    writer: &Transaction<'_>,
    account: i64,
    id: DraftId,
    is_sending: bool,
) -> Result<(), DbError> {
    writer
        .prepare_cached("UPDATE drafts SET is_sending = :is_sending WHERE account = :account AND row = :row")?
        .execute(named_params! {":is_sending": is_sending, ":account": account, ":row": id.0})?;
    Ok(())
}

pub(super) fn set_discarded(
    writer: &Transaction<'_>,
    account: i64,
    id: DraftId,
    is_discarded: bool,
) -> Result<(), DbError> {
    writer
        .prepare_cached("UPDATE drafts SET is_discarded = :is_discarded WHERE account = :account AND row = :row")?
        .execute(named_params! {":is_discarded": is_discarded, ":account": account, ":row": id.0})?;
    Ok(())
}

/// What a change that ended or paused means for its draft.
pub(super) fn follow(writer: &Transaction<'_>, account: i64, entry: &Entry) -> Result<(), DbError> {
    learn(writer, account, entry)?;
    match (entry.intent(), entry.item.state) {
        // It is in Sent Items now.
        (Intent::Send { draft }, ItemState::Done) => {
            writer
                .prepare_cached("DELETE FROM drafts WHERE account = :account AND row = :row")?
                .execute(named_params! {":account": account, ":row": draft.0})?;
        }
        // Its copy is gone; the text stays for a while, so that throwing it away can be undone.
        (Intent::DiscardDraft { draft }, ItemState::Done) => {
            writer
                .prepare_cached(
                    "UPDATE drafts SET on_service = NULL, version = NULL, may_be_on_service = 0
                     WHERE account = :account AND row = :row",
                )?
                .execute(named_params! {":account": account, ":row": draft.0})?;
        }
        _ => {}
    }
    Ok(())
}

/// Writes down what a change learnt of the copy.
pub(super) fn learn(writer: &Transaction<'_>, account: i64, entry: &Entry) -> Result<(), DbError> {
    let (Intent::Send { draft } | Intent::KeepDraft { draft }) = entry.intent() else { return Ok(()) };
    let progress = &entry.progress;
    writer
        .prepare_cached(
            "UPDATE drafts SET on_service = coalesce(:item, on_service), version = coalesce(:version, version),
             may_be_on_service = may_be_on_service OR :may_be WHERE account = :account AND row = :row",
        )?
        .execute(named_params! {
            ":item": progress.item,
            ":version": progress.version,
            ":may_be": progress.item.is_none() && entry.has_begun(),
            ":account": account,
            ":row": draft.0,
        })?;
    Ok(())
}
