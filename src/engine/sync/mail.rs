//! Rounds of mail: the messages of a folder.
//!
//! Each page is in the cache, with the link to the next, before the next is asked for: so the first page can be read at once, and a
//! round that was cut goes on where it stopped.

use crate::db::{Changes, Link, Scope, Step};
use crate::domain::change::Change;
use crate::domain::mail::{FolderId, MessageId};
use crate::domain::notice::Notice;
use crate::engine::sync::plan::Round;
use crate::engine::sync::round::{Ending, RoundError, Tools};
use crate::graph::call::Priority;
use crate::graph::{GraphError, Onward, Trail, mail};

/// The messages of a folder; a link the service dropped is replaced by a full round, during which the old rows stay.
pub(super) async fn messages(tools: &Tools, folder: &FolderId) -> Ending {
    let scope = Scope::Messages(folder.clone());
    match walk(tools, folder, &scope).await {
        Err(RoundError::Graph(GraphError::CursorExpired(_))) => {
            tracing::info!("the service dropped a delta link; a full round begins");
            tools.cache.forget_link(&scope).await?;
            walk(tools, folder, &scope).await
        }
        Err(RoundError::Graph(error @ (GraphError::Circle | GraphError::TooManyPages(_)))) => {
            // Its place is inside the circle.
            tools.cache.forget_link(&scope).await?;
            Err(error.into())
        }
        other => other,
    }
}

async fn walk(tools: &Tools, folder: &FolderId, scope: &Scope) -> Ending {
    // For the whole round: its end sweeps away what its first page did not know yet.
    let asking = tools.cache.asking();
    let cursor = tools.cursor(scope).await?;
    let goes_on = matches!(cursor.as_ref().and_then(|cursor| cursor.link.as_ref()), Some(Link::Next(_)));
    let (mut at, is_full) = match cursor.map(|cursor| (cursor.link, cursor.is_full)) {
        Some((Some(Link::Next(link)), is_full)) => (mail::Round::Link(link), is_full),
        Some((Some(Link::Done(Some(link))), _)) => (mail::Round::Link(link), false),
        _ => (mail::Round::First { since: None }, true),
    };
    // Only long work tells how far it is.
    let folders = if is_full { tools.cache.folders().await? } else { Vec::new() };
    let known = folders.into_iter().find(|known| known.id == *folder);
    let total = known.as_ref().map(|known| known.total);
    let mut done = known.filter(|_| goes_on).map_or(0, |known| known.cached);
    let mut trail = Trail::default();
    let mut changed = 0;
    loop {
        if let mail::Round::Link(link) = &at {
            trail.follow(link)?;
        }
        let page = mail::round(&tools.graph, folder, &at, Priority::Background).await?;
        let skipped = page.skipped;
        let count = u32::try_from(page.rows.len()).unwrap_or(u32::MAX);
        let (link, onward) = onward(page.onward);
        let step = Step { link, is_full, window: None, at: tools.now() };
        let changes = Changes::Messages { folder: folder.clone(), rows: page.rows };
        let applied = asking.apply(changes, Some(step)).await?;
        tools.skip(scope, skipped).await;
        changed += applied.changed;
        if applied.changed > 0 {
            tools.notices.tell(Notice::MessagesChanged(folder.clone()));
        }
        changed += complete(tools, folder, applied.incomplete).await?;
        done = done.saturating_add(count);
        if is_full {
            tools.page(Round::Messages(folder.clone()), done, total);
        }
        match onward {
            Some(_) if tools.is_paused() => return Err(RoundError::Paused),
            Some(link) => at = mail::Round::Link(link),
            None => return Ok(changed),
        }
    }
}

/// The link to store, and the page to go on with.
pub(super) fn onward(onward: Onward) -> (Link, Option<String>) {
    match onward {
        Onward::Next(link) => (Link::Next(link.clone()), Some(link)),
        Onward::Delta(link) => (Link::Done(Some(link)), None),
        Onward::End => (Link::Done(None), None),
    }
}

/// Asks whole for messages that changed before they were ever seen.
async fn complete(tools: &Tools, folder: &FolderId, incomplete: Vec<MessageId>) -> Ending {
    let mut changed = 0;
    for id in incomplete {
        let asking = tools.cache.asking();
        let patch = match mail::message(&tools.graph, &id).await {
            Ok(patch) => patch,
            Err(error) if error.is_not_found() => continue,
            Err(GraphError::Refused(_) | GraphError::Unreadable { .. }) => {
                tools.skip(&Scope::Messages(folder.clone()), 1).await;
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        // It may have moved on; then its new folder's round tells of it.
        if patch.folder.as_ref().is_some_and(|lies_in| lies_in != folder) {
            continue;
        }
        let rows = vec![Change::Upsert(patch)];
        let applied = asking.apply(Changes::Messages { folder: folder.clone(), rows }, None).await?;
        // Not even whole does it say enough, e.g. when it was received.
        tools.skip(&Scope::Messages(folder.clone()), applied.incomplete.len()).await;
        changed += applied.changed;
    }
    if changed > 0 {
        tools.notices.tell(Notice::MessagesChanged(folder.clone()));
    }
    Ok(changed)
}
