//! Rounds of the folder tree: as a whole at the start, a few times a day, and where its counts are doubtful; by what changed in between.
//!
//! The whole tree is put in place in one step, so nothing blinks. A service that tells no changes of the tree is asked folder by
//! folder, each time.

use crate::db::{Asking, Changes, Cursor, Link, Scope, Step};
use crate::domain::change::{Change, FolderPatch};
use crate::domain::mail::{Folder, FolderId};
use crate::domain::notice::Notice;
use crate::engine::sync::round::{Ending, RoundError, Tools};
use crate::graph::folders::{self, Known};
use crate::graph::{GraphError, Onward, Trail, mail};
use jiff::{SignedDuration, Timestamp};

/// The tree is read as a whole after so long: roles may have changed, and a removal may have gone without a word.
const WHOLE: SignedDuration = SignedDuration::from_hours(6);

/// Rows of a round with its end.
type Rows = (Vec<Change<FolderPatch, FolderId>>, Option<String>);

/// The folder tree with the service's counts.
pub(super) async fn tree(tools: &Tools) -> Ending {
    let asking = tools.cache.asking();
    let young = |known: &(Known, Timestamp)| tools.now().duration_since(known.1).abs() < WHOLE;
    let known = tools.memory().known.clone().filter(young);
    let link = tools.cursor(&Scope::Folders).await?.and_then(stored_link);
    let changed = match (known, link) {
        // Which folder is used for what is not in doubt.
        (Some(known), Some(_)) if tools.cache.are_counts_doubtful().await? => {
            whole(tools, &asking, Some(known)).await?
        }
        (Some((known, _)), Some(link)) => match rows(tools, Some(link), &known).await {
            Ok(rows) => parts(tools, &asking, rows).await?,
            Err(RoundError::Graph(GraphError::CursorExpired(_) | GraphError::Circle | GraphError::TooManyPages(_))) => {
                tools.cache.forget_link(&Scope::Folders).await?;
                whole(tools, &asking, None).await?
            }
            Err(error) => return Err(error),
        },
        _ => whole(tools, &asking, None).await?,
    };
    if changed > 0 {
        tools.notices.tell(Notice::FoldersChanged);
    }
    Ok(changed)
}

fn stored_link(cursor: Cursor) -> Option<String> {
    match cursor.link {
        Some(Link::Done(link)) => link,
        Some(Link::Next(_)) | None => None,
    }
}

async fn whole(tools: &Tools, asking: &Asking, known: Option<(Known, Timestamp)>) -> Ending {
    let (known, since) = match known {
        Some(known) => known,
        None => (folders::known(&tools.graph).await?, tools.now()),
    };
    let (tree, link) = match rows(tools, None, &known).await {
        Ok((rows, link)) => (built(rows, &known), link),
        Err(RoundError::Graph(GraphError::Refused(refusal))) if matches!(refusal.status, 400 | 404 | 405 | 501) => {
            tracing::info!(status = refusal.status, "the service tells no changes of the folder tree");
            (mail::folders(&tools.graph).await?, None)
        }
        Err(error) => return Err(error),
    };
    let can_tell = link.is_some();
    let step = Step { link: Link::Done(link), is_full: true, window: None, at: tools.now() };
    let applied = asking.apply(Changes::Folders(tree), Some(step)).await?;
    tools.memory().known = can_tell.then_some((known, since));
    Ok(applied.changed)
}

async fn parts(tools: &Tools, asking: &Asking, (rows, link): Rows) -> Ending {
    let step = Step { link: Link::Done(link), is_full: false, window: None, at: tools.now() };
    Ok(asking.apply(Changes::FolderRows(rows), Some(step)).await?.changed)
}

async fn rows(tools: &Tools, link: Option<String>, known: &Known) -> Result<Rows, RoundError> {
    let mut trail = Trail::default();
    let mut rows = Vec::new();
    let mut at = link;
    loop {
        if let Some(link) = &at {
            trail.follow(link)?;
        }
        let page = folders::round(&tools.graph, at.as_deref(), known.root.as_ref()).await?;
        tools.skip(&Scope::Folders, page.skipped).await;
        rows.extend(page.rows);
        match page.onward {
            Onward::Next(link) => at = Some(link),
            Onward::Delta(link) => return Ok((rows, Some(link))),
            Onward::End => return Ok((rows, None)),
        }
    }
}

/// The tree of a whole round: the last row of an id wins.
fn built(rows: Vec<Change<FolderPatch, FolderId>>, known: &Known) -> Vec<Folder> {
    let mut tree: Vec<Folder> = Vec::new();
    for row in rows {
        match row {
            Change::Removed(id) => tree.retain(|folder| folder.id != id),
            Change::Upsert(patch) => match tree.iter_mut().find(|folder| folder.id == patch.id) {
                Some(folder) => patch.merge_into(folder),
                None => tree.extend(patch.into_folder()),
            },
        }
    }
    tree.retain(|folder| Some(&folder.id) != known.root.as_ref() && !folder.hidden);
    for folder in &mut tree {
        folder.role = known.roles.get(&folder.id).copied();
    }
    tree
}
