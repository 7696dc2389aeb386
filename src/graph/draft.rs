//! A draft as it lies in the mailbox, whole: what an editor needs of one that another program began.
//!
//! Must stay true: the body comes as it was written, text or HTML; what hangs on it is named and never fetched; a mark of ours is
//! told, so that a draft of another computer keeps its name. Deliberately absent: writing ([`crate::graph::mail_write`]).

use crate::domain::mail::{Attachment, BodyContent, Importance, MessageId, Recipient};
use crate::graph::call::{Call, Priority};
use crate::graph::error::GraphError;
use crate::graph::mail_write::MARK;
use crate::graph::transport::Graph;
use crate::graph::wire;
use crate::graph::wire::mail::{WireAttachment, WireBody, WireRecipient};
use serde::Deserialize;

/// A draft of the mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenDraft {
    /// Immutable id.
    pub message: MessageId,
    /// Not sent yet.
    pub is_draft: bool,
    /// Changes with every change.
    pub change_key: String,
    /// Our mark, if it has one.
    pub mark: Option<String>,
    /// Subject.
    pub subject: String,
    /// To.
    pub to: Vec<Recipient>,
    /// Cc.
    pub cc: Vec<Recipient>,
    /// Bcc.
    pub bcc: Vec<Recipient>,
    /// Importance.
    pub importance: Importance,
    /// The body as it was written.
    pub body: BodyContent,
    /// What hangs on it, without the bytes.
    pub files: Vec<Attachment>,
}

/// The call for a whole draft.
#[must_use]
pub fn call(message: &MessageId) -> Call {
    Call::get(&["me", "messages", &message.0])
        .select("id,isDraft,changeKey,subject,toRecipients,ccRecipients,bccRecipients,importance,body")
        .query(
            "$expand",
            format!(
                "singleValueExtendedProperties($filter=id eq '{MARK}'),attachments($select=id,name,contentType,size,isInline)"
            ),
        )
}

/// A draft; `None` when it is gone.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn read(graph: &Graph, message: &MessageId) -> Result<Option<WrittenDraft>, GraphError> {
    let response = match graph.send(call(message).priority(Priority::Person)).await {
        Ok(response) => response,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error),
    };
    let draft = response.object::<WireDraft>()?.draft();
    draft.map(Some).ok_or_else(|| response.unreadable("it is no message".to_owned()))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireDraft {
    id: Option<String>,
    is_draft: Option<bool>,
    change_key: Option<String>,
    subject: Option<String>,
    to_recipients: wire::Several<WireRecipient>,
    cc_recipients: wire::Several<WireRecipient>,
    bcc_recipients: wire::Several<WireRecipient>,
    importance: Option<String>,
    body: Option<WireBody>,
    attachments: wire::Several<WireAttachment>,
    single_value_extended_properties: wire::Several<WireProperty>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireProperty {
    id: Option<String>,
    value: Option<String>,
}

impl WireDraft {
    /// `None` without an id or a body: what is only half there must not be written back.
    fn draft(self) -> Option<WrittenDraft> {
        let people = |several: &wire::Several<WireRecipient>| -> Vec<Recipient> {
            several.0.iter().filter_map(WireRecipient::recipient).collect()
        };
        let is_ours = |one: &WireProperty| one.id.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(MARK));
        let mark = self.single_value_extended_properties.0.into_iter().find(is_ours).and_then(|one| one.value);
        Some(WrittenDraft {
            message: MessageId(self.id.filter(|id| !id.is_empty())?),
            is_draft: self.is_draft.unwrap_or(false),
            change_key: self.change_key.unwrap_or_default(),
            mark: mark.filter(|mark| !mark.is_empty()),
            subject: wire::line(&self.subject.unwrap_or_default()),
            to: people(&self.to_recipients),
            cc: people(&self.cc_recipients),
            bcc: people(&self.bcc_recipients),
            importance: wire::mail::importance_of(self.importance.as_deref()),
            body: self.body?.content(),
            files: self.attachments.0.into_iter().filter_map(WireAttachment::attachment).collect(),
        })
    }
}
