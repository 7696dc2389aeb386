//! Marking, filing and deleting.

use crate::base::report::{Kind, Report};
use crate::cli::Ended;
use crate::cli::arguments::{MailCategory, MailDelete, MailFlag, MailMark, MailMove, Messages};
use crate::cli::mail::{make, nothing_named};
use crate::cli::output::{Out, plain};
use crate::cli::session::Session;
use crate::domain::intent::{Intent, MoveTarget};
use crate::domain::mail::{Folder, FolderRole, MessageId};
use crate::domain::request::{Answer, Request};

/// The named messages; `-` reads further ids from standard input, one a line.
pub(super) async fn ids(which: &Messages) -> Result<Vec<MessageId>, Report> {
    let mut ids: Vec<String> = which.ids.iter().filter(|id| *id != "-").cloned().collect();
    if which.ids.iter().any(|id| id == "-") {
        let typed = Out::typed_text().await.unwrap_or_default();
        ids.extend(typed.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned));
    }
    if ids.is_empty() {
        return Err(nothing_named());
    }
    let mut seen = std::collections::BTreeSet::new();
    ids.retain(|id| seen.insert(id.clone()));
    Ok(ids.into_iter().map(MessageId).collect())
}

pub(super) async fn mark(session: &Session, mark: MailMark, out: &Out) -> Ended {
    let is_read = !mark.unread;
    let ids = ids(&mark.which).await?;
    make(session, ids.into_iter().map(|message| Intent::MarkRead { message, is_read }).collect(), out).await
}

pub(super) async fn flag(session: &Session, flag: MailFlag, out: &Out) -> Ended {
    let is_flagged = !flag.off;
    let ids = ids(&flag.which).await?;
    make(session, ids.into_iter().map(|message| Intent::Flag { message, is_flagged }).collect(), out).await
}

pub(super) async fn category(session: &Session, category: MailCategory, out: &Out) -> Ended {
    let ids = ids(&category.which).await?;
    let categories = category.set;
    let intents = ids.into_iter().map(|message| Intent::Categorise { message, categories: categories.clone() });
    make(session, intents.collect(), out).await
}

pub(super) async fn archive(session: &Session, which: Messages, out: &Out) -> Ended {
    let ids = ids(&which).await?;
    make(session, moves(ids, &MoveTarget::Role(FolderRole::Archive)), out).await
}

pub(super) async fn to_folder(session: &Session, to: MailMove, out: &Out) -> Ended {
    let Answer::Folders(folders) = session.engine.perform(Request::Folders).await? else {
        return Err(Session::mixed_up());
    };
    let folder = named(&folders, &to.folder)?;
    let ids = ids(&to.which).await?;
    make(session, moves(ids, &MoveTarget::Folder(folder.id.clone())), out).await
}

pub(super) async fn delete(session: &Session, which: MailDelete, out: &Out) -> Ended {
    let ids = ids(&which.which).await?;
    if !which.for_ever {
        return make(session, moves(ids, &MoveTarget::Role(FolderRole::Deleted)), out).await;
    }
    if !which.yes {
        return Err(Report::new(Kind::Usage, "sure", format!("{} would be deleted for ever.", counted(ids.len())))
            .because("It cannot be taken back, here or anywhere else.")
            .next("Add --yes if that is what you want."));
    }
    make(session, ids.into_iter().map(|message| Intent::DeleteForEver { message }).collect(), out).await
}

fn moves(ids: Vec<MessageId>, to: &MoveTarget) -> Vec<Intent> {
    ids.into_iter().map(|message| Intent::Move { message, to: to.clone() }).collect()
}

fn counted(count: usize) -> String {
    if count == 1 { "1 message".to_owned() } else { format!("{count} messages") }
}

/// The folder of this name, path (`Inbox/Clients`), well-known name or id.
pub(super) fn named<'a>(folders: &'a [Folder], name: &str) -> Result<&'a Folder, Report> {
    let path = |folder: &Folder| {
        let mut parts = vec![folder.name.to_lowercase()];
        let mut above = folder.parent.clone();
        while let Some(parent) = above.and_then(|id| folders.iter().find(|folder| folder.id == id)) {
            parts.push(parent.name.to_lowercase());
            above = parent.parent.clone().filter(|_| parts.len() < 30);
        }
        parts.reverse();
        parts.join("/")
    };
    let wanted = name.to_lowercase();
    let is_exact = |folder: &&Folder| {
        folder.id.0 == name
            || path(folder) == wanted
            || folder.role.is_some_and(|role| role.well_known_name() == wanted)
    };
    if let Some(folder) = folders.iter().find(is_exact) {
        return Ok(folder);
    }
    let by_name: Vec<&Folder> = folders.iter().filter(|folder| folder.name.to_lowercase() == wanted).collect();
    match by_name.as_slice() {
        [one] => Ok(one),
        [] => Err(Report::new(Kind::Usage, "noSuchFolder", format!("There is no folder \"{}\".", plain(name)))
            .because("Folders are named by name, by path (Inbox/Clients) or by id.")
            .next("See them: deskbell get me/mailFolders --select displayName")),
        several => Err(Report::new(
            Kind::Usage,
            "severalFolders",
            format!("{} folders are called \"{}\".", several.len(), plain(name)),
        )
        .because(several.iter().map(|folder| path(folder)).collect::<Vec<_>>().join(", "))
        .next("Name the whole path, e.g. Inbox/Clients.")),
    }
}
