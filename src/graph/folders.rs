//! Rounds of the folder tree: one call says which folders are new, renamed, moved, gone or counted anew [mailfolder-delta].
//!
//! The list is flat and names parents by id; children of the root stand at the top. Must stay true: hidden folders are not in it;
//! names are localised, so each well-known one is asked for its id \[mailfolder\].

use crate::domain::change::MessagePatch;
use crate::domain::change::{Change, FolderPatch};
use crate::domain::mail::{FolderId, FolderRole, Message};
use crate::graph::batch;
use crate::graph::call::Call;
use crate::graph::error::GraphError;
use crate::graph::mail::LIST_FIELDS;
use crate::graph::page::{self, Page};
use crate::graph::transport::Graph;
use crate::graph::wire::mail::{Identified, WireFolder, WireMessage};
use std::collections::HashMap;

const FIELDS: &str = "id,displayName,parentFolderId,totalItemCount,unreadItemCount,isHidden";
const ROUND_PAGE: u32 = 200;

/// The folders that are told by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Which folder is the inbox and so on; a mailbox may lack some.
    pub roles: HashMap<FolderId, FolderRole>,
    /// The folder above all others.
    pub root: Option<FolderId>,
}

/// Asks for the ids of the folders that are told by name.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn known(graph: &Graph) -> Result<Known, GraphError> {
    let names = FolderRole::ALL.iter().map(|role| role.well_known_name()).chain(["msgfolderroot"]);
    let calls: Vec<Call> = names.map(|name| Call::get(&["me", "mailFolders", name]).select("id")).collect();
    let mut known = Known::default();
    let roles = FolderRole::ALL.into_iter().map(Some).chain([None]);
    for (role, result) in roles.zip(batch::send(graph, &calls).await?) {
        let id = match result {
            Ok(response) => response.object::<Identified>()?.id.filter(|id| !id.is_empty()).map(FolderId),
            Err(error) if error.is_not_found() => None,
            // Without the root's id its children still stand at the top: their parent is unknown.
            Err(_) if role.is_none() => None,
            Err(error) => return Err(error),
        };
        match (role, id) {
            (Some(role), Some(id)) => drop(known.roles.insert(id, role)),
            (None, root) => known.root = root,
            (Some(_), None) => {}
        }
    }
    Ok(known)
}

/// The call for a page of a round: a link of the service, or the beginning.
#[must_use]
pub fn round_call(link: Option<&str>) -> Call {
    let call = match link {
        Some(link) => Call::link(link),
        None => Call::get(&["me", "mailFolders", "delta"]).select(FIELDS),
    };
    call.prefer(format!("odata.maxpagesize={ROUND_PAGE}"))
}

/// One page of a round. `root`: the folder whose children stand at the top.
///
/// # Errors
/// [`GraphError::CursorExpired`] when the link is too old; else as from [`Graph::send`].
pub async fn round(
    graph: &Graph,
    link: Option<&str>,
    root: Option<&FolderId>,
) -> Result<Page<Change<FolderPatch, FolderId>>, GraphError> {
    let page = page::one::<WireFolder>(graph, round_call(link)).await?;
    Ok(page.filter_map(|row| row.change(root)))
}

/// What a list shows of the newest messages of `folder`, the newest first, and whether there are no others.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn newest(graph: &Graph, folder: &FolderId, count: u16) -> Result<(Vec<MessagePatch>, bool), GraphError> {
    let call = Call::get(&["me", "mailFolders", &folder.0, "messages"])
        .select(LIST_FIELDS)
        .query("$orderby", "receivedDateTime desc")
        .query("$top", count.to_string());
    let count = usize::from(count);
    let page = page::all::<WireMessage>(graph, call, Call::link, count).await?;
    let is_all = page.onward == page::Onward::End && page.rows.len() < count;
    let rows = page.filter_map(|row| match row.change() {
        Some(Change::Upsert(patch)) => Some(patch),
        Some(Change::Removed(_)) | None => None,
    });
    Ok((rows.rows, is_all))
}

/// Where each of these messages lies by now; `None`: nowhere.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`], when the question as a whole, or one for a message, fails.
pub async fn whereabouts(graph: &Graph, messages: &[&Message]) -> Result<Vec<Option<FolderId>>, GraphError> {
    let call = |message: &&Message| Call::get(&["me", "messages", &message.id.0]).select("id,parentFolderId");
    let calls: Vec<Call> = messages.iter().map(call).collect();
    let mut found = Vec::with_capacity(calls.len());
    for result in batch::send(graph, &calls).await? {
        found.push(match result {
            Ok(response) => match response.object::<WireMessage>()?.change() {
                Some(Change::Upsert(patch)) => patch.folder,
                Some(Change::Removed(_)) | None => None,
            },
            Err(error) if error.is_not_found() => None,
            Err(error) => return Err(error),
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::wire;

    #[test]
    fn a_row_says_what_it_says_and_children_of_the_root_stand_at_the_top() {
        let page = wire::page::<WireFolder>(
            br#"{"@odata.deltaLink":"d","value":[
            {"id":"A","displayName":"Inbox","parentFolderId":"root","totalItemCount":7,"unreadItemCount":2},
            {"id":"B","unreadItemCount":1},
            {"id":"C","parentFolderId":"A","displayName":"Clients","isHidden":true},
            {"id":"D","@removed":{"reason":"deleted"}},
            {"displayName":"no id"}]}"#,
        )
        .expect("a page");
        let root = FolderId("root".to_owned());
        let page = page.filter_map(|row| row.change(Some(&root)));
        assert_eq!(page.skipped, 1);
        let Change::Upsert(inbox) = &page.rows[0] else { panic!("a folder") };
        assert_eq!((inbox.parent.clone(), inbox.total), (Some(None), Some(7)));
        let Change::Upsert(counted) = &page.rows[1] else { panic!("a folder") };
        assert_eq!((counted.parent.clone(), counted.name.clone(), counted.unread), (None, None, Some(1)));
        // What became hidden is gone from the tree.
        assert_eq!(page.rows[2], Change::Removed(FolderId("C".to_owned())));
        assert_eq!(page.rows[3], Change::Removed(FolderId("D".to_owned())));
    }
}
