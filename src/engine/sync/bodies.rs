//! Bodies ahead of need: of the newest messages of the inbox at once, of the rest in portions, within what the configuration allows.
//!
//! Must stay true: what was refused once is left to whoever opens it; a portion is small, so that whoever waits for something else
//! hardly notices. Deliberately absent: throwing bodies away, which is the house-keeping's.

use crate::config::KeptBodies;
use crate::domain::mail::{Body, Folder, FolderId, FolderRole, MessageId};
use crate::domain::notice::Notice;
use crate::engine::sync::plan::Round;
use crate::engine::sync::round::{Ending, RoundError, Tools};
use crate::graph::{GraphError, mail};
use jiff::{SignedDuration, Timestamp};

/// How many of the newest messages of the inbox have their bodies here before anything else is fetched ahead.
const NEWEST: u16 = 50;
/// How many bodies make a portion.
const PORTION: usize = 100;
/// How many bodies are asked for at a time.
const AT_ONCE: usize = 10;

/// Of the newest messages of the inbox.
pub(super) async fn newest(tools: &Tools) -> Ending {
    if tools.limits.bodies == KeptBodies::None {
        return Ok(0);
    }
    let folders = tools.cache.folders().await?;
    let Some(inbox) = folders.iter().find(|folder| folder.role == Some(FolderRole::Inbox)) else { return Ok(0) };
    let mut newest = tools.cache.lacking_bodies(&inbox.id, NEWEST).await?;
    newest.retain(|id| !tools.memory().refused_bodies.contains(id));
    tools.more_bodies();
    fetch(tools, &newest, &Round::Bodies).await
}

/// A portion of the rest, as the limits allow.
pub(super) async fn portion(tools: &Tools) -> Ending {
    let limits = tools.limits;
    if limits.bodies == KeptBodies::None {
        return Ok(0);
    }
    let folders = tools.cache.folders().await?;
    if limits.bodies == KeptBodies::Recent && tools.cache.bytes().await? >= u64::from(limits.body_megabytes) << 20 {
        return Ok(0);
    }
    let since = match limits.bodies {
        KeptBodies::Recent => {
            let age = SignedDuration::from_hours(24 * i64::from(limits.body_days));
            tools.now().checked_sub(age).unwrap_or(Timestamp::MIN)
        }
        KeptBodies::All | KeptBodies::None => Timestamp::MIN,
    };
    let refused = tools.memory().refused_bodies.clone();
    let portion = tools.cache.lacking_bodies_since(worth_reading(&folders), since, refused, PORTION).await?;
    let has_more = portion.len() == PORTION;
    let kept = fetch(tools, &portion, &Round::MoreBodies).await?;
    // Said only of a portion that went well: the next follows at once where everything is wanted, and one that fails is tried again
    // after a while, like every round.
    if has_more {
        tools.more_bodies();
    }
    Ok(kept)
}

/// The inbox first, then what one looks into most; what was thrown away is not fetched ahead.
fn worth_reading(folders: &[Folder]) -> Vec<FolderId> {
    let mut worth: Vec<&Folder> = folders
        .iter()
        .filter(|folder| !folder.hidden && !matches!(folder.role, Some(FolderRole::Junk | FolderRole::Deleted)))
        .collect();
    worth
        .sort_by_key(|folder| FolderRole::ALL.iter().position(|role| folder.role == Some(*role)).unwrap_or(usize::MAX));
    worth.into_iter().map(|folder| folder.id.clone()).collect()
}

async fn fetch(tools: &Tools, wanted: &[MessageId], round: &Round) -> Ending {
    let total = u32::try_from(wanted.len()).unwrap_or(u32::MAX);
    // A handful is over before its count could be read.
    let is_long = wanted.len() > 3 * AT_ONCE;
    let mut kept = 0;
    for ids in wanted.chunks(AT_ONCE) {
        let mut bodies = Vec::new();
        let mut failure = None;
        for (id, result) in mail::bodies(&tools.graph, ids).await? {
            match result {
                Ok(body) => bodies.push((id, body)),
                // Not looked at yet: a later round asks again.
                Err(GraphError::Refused(refusal)) if matches!(refusal.status, 424 | 429 | 503 | 504) => {
                    failure = Some(GraphError::Refused(refusal));
                }
                // Gone, refused or no sense in it: whoever opens it will be told why.
                Err(GraphError::Refused(_) | GraphError::Unreadable { .. }) => {
                    tools.memory().refused_bodies.insert(id);
                }
                Err(error) => failure = Some(error),
            }
        }
        kept += keep(tools, bodies).await?;
        if let Some(error) = failure {
            return Err(error.into());
        }
        if is_long {
            tools.page(round.clone(), kept, Some(total));
        }
        if tools.is_paused() {
            tools.more_bodies();
            return Err(RoundError::Paused);
        }
    }
    Ok(kept)
}

/// Keeps bodies and tells of them.
pub(super) async fn keep(tools: &Tools, bodies: Vec<(MessageId, Body)>) -> Ending {
    if bodies.is_empty() {
        return Ok(0);
    }
    let ids: Vec<MessageId> = bodies.iter().map(|(id, _)| id.clone()).collect();
    let kept = tools.cache.put_bodies(bodies).await?;
    for id in ids {
        tools.notices.tell(Notice::BodyArrived(id));
    }
    Ok(kept)
}
