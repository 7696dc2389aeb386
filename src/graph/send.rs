//! Calls that make drafts and send mail.
//!
//! The service takes no key against sending twice, so a lost answer is settled by looking: a draft that was sent is no draft
//! any more and lies in Sent Items under the same immutable id [outlook-immutable-id]; until it does, nobody can tell.
//! Must stay true: nothing here is repeated unless the service says that it did nothing.

use crate::domain::mail::MessageId;
use crate::graph::call::{Call, Priority};
use crate::graph::error::GraphError;
use crate::graph::mail_write::{self, DraftFields};
use crate::graph::transport::Graph;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// The most a message may hold that is sent in one call, files as they are encoded. A request ends at 4 MB
/// [outlook-large-attachments].
pub const LARGEST_WHOLE: usize = 3_800_000;

/// A file that goes with a message sent in one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WholeFile {
    /// Its name, no path.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// The call that makes and sends a message at once \[user-sendmail\]. Its copy in Sent Items carries the mark of `fields`.
#[must_use]
pub fn whole_call(fields: &DraftFields, files: &[WholeFile]) -> Call {
    let mut message = mail_write::draft_json(fields);
    if !files.is_empty() {
        let file = |file: &WholeFile| {
            json!({
                "@odata.type": "#microsoft.graph.fileAttachment", "name": file.name,
                "contentBytes": STANDARD.encode(&file.bytes),
            })
        };
        message.insert("attachments".to_owned(), files.iter().map(file).collect());
    }
    Call::post(&["me", "sendMail"], json!({ "message": Value::Object(message), "saveToSentItems": true }))
}

/// The call that sends a draft.
#[must_use]
pub fn send_call(draft: &MessageId) -> Call {
    Call::act(&["me", "messages", &draft.0, "send"])
}

/// Sends a draft. Yes means *accepted*: failures come later as mail [message-send].
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`]; 404 for a draft that is gone or was sent already
/// (see [`crate::graph::mail_write::standing`]).
pub async fn send(graph: &Graph, draft: &MessageId, priority: Priority) -> Result<(), GraphError> {
    graph.send(send_call(draft).priority(priority)).await.map(drop)
}
