//! Sending where no draft may be made: the message goes whole, in one call, and nothing of it lies in the mailbox before.
//!
//! Must stay true: the call is noted before it is made and not made again before somebody has looked; where the mailbox may be read its
//! copy in Sent Items is looked for by our mark, else nobody can tell and the change stays and asks [user-sendmail]. What does not fit
//! into one call is refused before it is sent. Deliberately absent: answers that stand in their thread by more than their subject, and
//! passing on what hangs on another message; both need a draft.

use crate::base::report::{Kind, Report};
use crate::domain::account::Feature;
use crate::domain::draft::{Draft, DraftKind};
use crate::domain::outbox::{Entry, Stage};
use crate::engine::outbox::Shared;
use crate::engine::outbox::acting::{self, Told};
use crate::engine::outbox::step::Heard;
use crate::graph::mail_write::DraftFields;
use crate::graph::send::{self, WholeFile};
use crate::graph::{Call, Graph, GraphError};

impl Shared {
    /// Whether `feature` was granted; yes where nobody told.
    pub(super) fn may(&self, feature: Feature) -> bool {
        // A token from elsewhere may not tell what it grants; then the service says so.
        let told = self.graph.granted();
        let granted = if told.is_empty() { &self.granted } else { &told };
        granted.is_empty() || feature.is_open(granted)
    }

    /// Whether a message goes in one call; one that was begun in one way goes on in it.
    pub(super) fn goes_whole(&self, entry: &Entry, draft: &Draft) -> bool {
        let is_begun_whole = matches!(entry.progress.stage, Stage::Act | Stage::Confirm);
        let has_copy = entry.progress.item.is_some() || draft.on_service.is_some();
        !has_copy && (is_begun_whole || !self.may(Feature::MailWrite))
    }

    /// Whether a message can go without a draft, as far as that is known before it is sent.
    pub(super) async fn check_whole(&self, draft: &Draft) -> Result<(), Report> {
        let permission = "Only a draft can do that, and the permission Mail.ReadWrite was not granted.";
        let about = match &draft.about {
            Some(about) if draft.kind == DraftKind::Forward => self.cache.message(about).await.ok().flatten(),
            _ => None,
        };
        if about.is_some_and(|row| row.message.has_attachments) {
            return Err(Report::new(
                Kind::NeedsPerson,
                "filesOfAnother",
                "The files of this message cannot be passed on.",
            )
            .because(permission)
            .next("Save them (w), and attach them to the message.")
            .next("Ask for the permission: deskbell login --tier write"));
        }
        let size: u64 = draft.attachments.iter().map(|file| file.size).sum();
        if size.saturating_mul(4) / 3 + draft.body.len() as u64 > send::LARGEST_WHOLE as u64 {
            return Err(Report::new(Kind::NeedsPerson, "tooLargeWhole", "These files are too large.")
                .because(format!("More than 2.8 MB goes only from a draft. {permission}"))
                .next("Attach less, or share the files and send a link.")
                .next("Ask for the permission: deskbell login --tier write"));
        }
        Ok(())
    }
}

/// Sends a message whole.
pub(super) async fn send(graph: &Graph, draft: &Draft, mark: &str) -> Result<Told, GraphError> {
    let mut files = Vec::with_capacity(draft.attachments.len());
    for attachment in &draft.attachments {
        match acting::bytes_of(attachment).await {
            Ok(bytes) => files.push(WholeFile { name: attachment.name.clone(), bytes }),
            Err(report) => return Ok(Told { report: Some(report), ..Told::from(Heard::Refused) }),
        }
    }
    let fields = DraftFields { mark: Some(mark.to_owned()), ..acting::fields(draft) };
    let call: Call = send::whole_call(&fields, &files);
    acting::accepted(graph, call).await
}
