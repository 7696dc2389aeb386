//! Calls that make drafts and send mail.
//!
//! The service takes no key against sending twice, so a lost answer is settled by looking: a draft that was sent is no draft
//! any more and lies in Sent Items under the same immutable id [outlook-immutable-id]; until it does, nobody can tell.
//! Must stay true: nothing here is repeated unless the service says that it did nothing.

use crate::domain::mail::MessageId;
use crate::graph::call::{Call, Priority};
use crate::graph::error::GraphError;
use crate::graph::transport::Graph;

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
