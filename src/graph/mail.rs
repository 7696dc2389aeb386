//! Folders, delta rounds of a folder, and bodies.
//!
//! Must stay true: lists ask for what a list shows, never for bodies; attachments are listed without their bytes
//! [message-list-attachments]; rows of a round are patches. Deliberately absent: searching (`mail_search`) and writing.

use crate::domain::change::{Change, MessagePatch};
use crate::domain::mail::{Body, Folder, FolderId, FolderRole, MessageId};
use crate::graph::batch;
use crate::graph::call::{Call, Priority};
use crate::graph::error::GraphError;
use crate::graph::page::{self, Onward, Page};
use crate::graph::transport::{Graph, Response};
use crate::graph::wire;
use crate::graph::wire::mail::{Identified, WireFolder, WireMessage};
use jiff::Timestamp;
use std::collections::HashMap;

/// What a list shows of a message.
pub(super) const LIST_FIELDS: &str = "id,subject,from,toRecipients,ccRecipients,receivedDateTime,isRead,flag,importance,hasAttachments,\
                           categories,conversationId,parentFolderId,bodyPreview,isDraft";
const FOLDER_FIELDS: &str = "id,displayName,parentFolderId,childFolderCount,totalItemCount,unreadItemCount,isHidden";
/// Rows of a page of a delta round.
const ROUND_PAGE: u32 = 200;
/// No mailbox has more folders; more is a server gone wrong.
const MOST_FOLDERS: usize = 5_000;
/// Folders in folders; deeper ones are left out.
const DEEPEST: usize = 30;

/// Where a page of a delta round begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Round {
    /// A first round: the whole folder newest first, or what was received since an instant. Rows older than that instant
    /// never come, not even as removals [delta-query-messages].
    First {
        /// Only messages received since then.
        since: Option<Timestamp>,
    },
    /// A next link of this round, or the delta link of the last one.
    Link(String),
}

/// The call for a page of a round of `folder`.
#[must_use]
pub fn round_call(folder: &FolderId, round: &Round) -> Call {
    let call = match round {
        Round::Link(link) => Call::link(link),
        Round::First { since } => {
            let call = Call::get(&["me", "mailFolders", &folder.0, "messages", "delta"])
                .select(LIST_FIELDS)
                .query("$orderby", "receivedDateTime desc");
            match since {
                Some(since) => call.query("$filter", format!("receivedDateTime ge {}", whole_seconds(*since))),
                None => call,
            }
        }
    };
    call.prefer(format!("odata.maxpagesize={ROUND_PAGE}"))
}

/// Reads a page of a round.
///
/// # Errors
/// Says in words what is there instead.
pub fn parse_round(bytes: &[u8]) -> Result<Page<Change<MessagePatch, MessageId>>, String> {
    Ok(wire::page::<WireMessage>(bytes)?.filter_map(WireMessage::change))
}

/// One page of a delta round of `folder`. `onward` is the next page, or the delta link that ends the round. Follow it with a
/// [`page::Trail`].
///
/// # Errors
/// [`GraphError::CursorExpired`] when the link is too old; else as from [`Graph::send`].
pub async fn round(
    graph: &Graph,
    folder: &FolderId,
    round: &Round,
    priority: Priority,
) -> Result<Page<Change<MessagePatch, MessageId>>, GraphError> {
    let response = graph.send(round_call(folder, round).priority(priority)).await?;
    let page = parse_round(&response.body).map_err(|what| response.unreadable(what))?;
    if page.onward == Onward::End {
        return Err(response.unreadable("the round ends without a link for the next one".to_owned()));
    }
    Ok(page)
}

/// The folder tree, parents before children, with roles and counts; hidden folders are not in it.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`], when the top of the tree cannot be read. A folder whose children cannot be
/// read stays without them.
pub async fn folders(graph: &Graph) -> Result<Vec<Folder>, GraphError> {
    let roles = roles(graph).await?;
    let mut all: Vec<Folder> = Vec::new();
    let top = page::all(graph, children_call(None), Call::link, MOST_FOLDERS).await?;
    let mut open = adopt(&mut all, top.rows, None);
    for _ in 0..DEEPEST {
        if open.is_empty() || all.len() >= MOST_FOLDERS {
            break;
        }
        let mut below = Vec::new();
        for parent in open {
            match page::all(graph, children_call(Some(&parent)), Call::link, MOST_FOLDERS).await {
                Ok(page) => below.extend(adopt(&mut all, page.rows, Some(&parent))),
                Err(error @ GraphError::Refused(_)) => tracing::info!(%error, "children of a folder cannot be read"),
                Err(error) => return Err(error),
            }
        }
        open = below;
    }
    for folder in &mut all {
        folder.role = roles.get(&folder.id).copied();
    }
    Ok(all)
}

fn children_call(parent: Option<&FolderId>) -> Call {
    let call = match parent {
        None => Call::get(&["me", "mailFolders"]),
        Some(parent) => Call::get(&["me", "mailFolders", &parent.0, "childFolders"]),
    };
    call.select(FOLDER_FIELDS).query("$top", "250")
}

/// Takes rows in under `parent`; gives back those that have children. A folder met before is not taken twice.
fn adopt(all: &mut Vec<Folder>, rows: Vec<WireFolder>, parent: Option<&FolderId>) -> Vec<FolderId> {
    let mut open = Vec::new();
    for row in rows {
        let has_children = row.child_folder_count.unwrap_or(0) > 0;
        let Some(folder) = row.folder(parent.cloned()) else { continue };
        if all.iter().any(|known| known.id == folder.id) {
            continue;
        }
        if has_children {
            open.push(folder.id.clone());
        }
        all.push(folder);
    }
    open
}

/// Which folder is the inbox and so on: names are localised, so each well-known name is asked for its id \[mailfolder\]. A
/// mailbox may lack some.
async fn roles(graph: &Graph) -> Result<HashMap<FolderId, FolderRole>, GraphError> {
    let calls: Vec<Call> = FolderRole::ALL
        .iter()
        .map(|role| Call::get(&["me", "mailFolders", role.well_known_name()]).select("id"))
        .collect();
    let mut roles = HashMap::new();
    for (role, result) in FolderRole::ALL.into_iter().zip(batch::send(graph, &calls).await?) {
        match result {
            Ok(response) => {
                if let Some(id) = response.object::<Identified>()?.id {
                    roles.insert(FolderId(id), role);
                }
            }
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(roles)
}

/// Reads a page of folders as children of `parent`.
///
/// # Errors
/// Says in words what is there instead.
pub fn parse_folders(bytes: &[u8], parent: Option<&FolderId>) -> Result<Page<Folder>, String> {
    Ok(wire::page::<WireFolder>(bytes)?.filter_map(|row| row.folder(parent.cloned())))
}

/// What a list shows of one message: for a row that told only of a change of it.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn message(graph: &Graph, message: &MessageId) -> Result<MessagePatch, GraphError> {
    told(&graph.send(message_call(message)).await?)
}

/// The same of several, each with its own result, in the order asked.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`], when a batch as a whole fails.
pub async fn several(
    graph: &Graph,
    messages: &[MessageId],
) -> Result<Vec<Result<MessagePatch, GraphError>>, GraphError> {
    if let [one] = messages {
        return match message(graph, one).await {
            Err(error) if !matches!(error, GraphError::Refused(_)) => Err(error),
            told => Ok(vec![told]),
        };
    }
    let calls: Vec<Call> = messages.iter().map(message_call).collect();
    let results = batch::send(graph, &calls).await?;
    Ok(results.into_iter().map(|result| told(&result?)).collect())
}

fn message_call(message: &MessageId) -> Call {
    Call::get(&["me", "messages", &message.0]).select(LIST_FIELDS)
}

fn told(response: &Response) -> Result<MessagePatch, GraphError> {
    match response.object::<WireMessage>()?.change() {
        Some(Change::Upsert(patch)) => Ok(patch),
        Some(Change::Removed(_)) | None => Err(response.unreadable("it is no message".to_owned())),
    }
}

/// The call for a body with the list of what hangs on the message.
#[must_use]
pub fn body_call(message: &MessageId) -> Call {
    Call::get(&["me", "messages", &message.0])
        .select("id,body")
        .query("$expand", "attachments($select=id,name,contentType,size,isInline)")
        .prefer("outlook.body-content-type=\"html\"")
}

/// Reads an answer to [`body_call`].
///
/// # Errors
/// Says in words what is there instead.
pub fn parse_body(bytes: &[u8]) -> Result<Body, String> {
    wire::object::<WireMessage>(bytes)?.into_body().ok_or_else(|| "it has no body".to_owned())
}

/// The body of a message as HTML, with its attachments.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn body(graph: &Graph, message: &MessageId) -> Result<Body, GraphError> {
    let response = graph.send(body_call(message).priority(Priority::Person)).await?;
    parse_body(&response.body).map_err(|what| response.unreadable(what))
}

/// Bodies ahead of need, each with its own result, in the order asked.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`], when a batch as a whole fails.
pub async fn bodies(
    graph: &Graph,
    messages: &[MessageId],
) -> Result<Vec<(MessageId, Result<Body, GraphError>)>, GraphError> {
    let calls: Vec<Call> = messages.iter().map(body_call).collect();
    let results = batch::send(graph, &calls).await?;
    let read = |result: batch::ItemResult| {
        let response = result?;
        parse_body(&response.body).map_err(|what| response.unreadable(what))
    };
    Ok(messages.iter().cloned().zip(results.into_iter().map(read)).collect())
}

/// A filter's instant; the service wants no fractions.
fn whole_seconds(instant: Timestamp) -> Timestamp {
    Timestamp::from_second(instant.as_second()).unwrap_or(instant)
}

#[cfg(test)]
mod tests {
    use super::*;
    use url::Url;

    fn address(call: &Call) -> Url {
        call.address(&Url::parse("https://graph.microsoft.com/v1.0").expect("an address")).expect("an address")
    }

    #[test]
    fn a_first_round_selects_orders_and_filters_as_the_service_allows() {
        let since = "2026-08-23T10:00:00.123Z".parse().expect("an instant");
        let call = round_call(&FolderId("AA=".to_owned()), &Round::First { since: Some(since) });
        let address = address(&call);
        assert_eq!(address.path(), "/v1.0/me/mailFolders/AA%3D/messages/delta");
        let query: HashMap<String, String> = address.query_pairs().into_owned().collect();
        assert_eq!(query["$orderby"], "receivedDateTime desc");
        assert_eq!(query["$filter"], "receivedDateTime ge 2026-08-23T10:00:00Z");
        assert!(!query["$select"].split(',').any(|field| field == "body"));
        assert!(call.prefer_line().contains("odata.maxpagesize=200"));
    }

    #[test]
    fn a_changed_row_is_a_patch_and_a_removed_one_a_removal() {
        let page = parse_round(
            br#"{"@odata.deltaLink":"d","value":[{"@odata.etag":"x","id":"A","isRead":true},
            {"@removed":{"reason":"deleted"},"id":"B"},{"subject":"no id"},{"id":"C","@removed":null,"from":null,"subject":null}]}"#,
        )
        .expect("a page");
        assert_eq!(page.skipped, 1);
        let mut read = MessagePatch::new(MessageId("A".to_owned()));
        read.is_read = Some(true);
        assert_eq!(page.rows[0], Change::Upsert(read));
        assert_eq!(page.rows[1], Change::Removed(MessageId("B".to_owned())));
    }
}
