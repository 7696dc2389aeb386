//! Folders: lists, one by id or well-known name, children, and their delta. [user-list-mailfolders] [mailfolder-delta]
//!
//! Must stay true: `/mailFolders` lists the children of the root only and shows hidden ones on demand; counts are those of
//! the moment; a folder keeps its place in the mailbox for ever, also when it is gone, for ids name it. Deliberately absent: moving
//! and copying folders, and search folders of one's own.

use super::ids::{self, Name};
use super::store::Mailbox;
use super::{Call, Outcome, bad, delta, malformed, messages, not_found, render, unknown_segment};
use crate::sim::graph::odata;
use crate::sim::request::Answer;
use crate::sim::world::World;
use serde_json::{Map, Value, json};

/// What follows `mailFolders`.
pub fn route(call: &Call<'_>, world: &mut World, rest: &[String]) -> Outcome {
    let Some((first, rest)) = rest.split_first() else {
        if call.method() == "POST" {
            return create(call, world, 0);
        }
        only_get(call)?;
        return list(call, call.mailbox(world)?, 0, "mailFolders");
    };
    if first.eq_ignore_ascii_case("delta") && rest.is_empty() {
        only_get(call)?;
        return delta::folders(call, world);
    }
    let mut at = find(call.mailbox(world)?, first)?;
    let mut rest = rest;
    // `mailFolders/{id}/childFolders/{id}` names the same folder as `mailFolders/{id}`.
    while let [step, child, after @ ..] = rest
        && step.eq_ignore_ascii_case("childFolders")
    {
        at = find(call.mailbox(world)?, child)?;
        rest = after;
    }
    match rest {
        [] => match call.method() {
            "PATCH" => rename(call, world, at),
            "DELETE" => delete(call, world, at),
            _ => {
                only_get(call)?;
                one(call, call.mailbox(world)?, at)
            }
        },
        [step] if step.eq_ignore_ascii_case("childFolders") && call.method() == "POST" => create(call, world, at),
        [step] if step.eq_ignore_ascii_case("childFolders") => {
            only_get(call)?;
            list(call, call.mailbox(world)?, at, "mailFolders")
        }
        [step, after @ ..] if step.eq_ignore_ascii_case("messages") => messages::route(call, world, Some(at), after),
        _ => Err(unknown_segment()),
    }
}

fn only_get(call: &Call<'_>) -> Result<(), Answer> {
    if call.method() == "GET" {
        Ok(())
    } else {
        Err(Answer::error(405, "BadRequest", "The method is not allowed here."))
    }
}

/// The folder with this id or well-known name.
pub fn find(mailbox: &Mailbox, name: &str) -> Result<u16, Answer> {
    if let Some(at) = mailbox.well_known(name) {
        return Ok(at);
    }
    if WELL_KNOWN.iter().any(|known| known.eq_ignore_ascii_case(name)) {
        return Err(not_found());
    }
    match ids::decode(mailbox.number, name) {
        Ok(Name::Folder(at)) if mailbox.folders.get(usize::from(at)).is_some_and(|one| !one.gone) => Ok(at),
        Ok(Name::Folder(_)) => Err(not_found()),
        _ => Err(malformed()),
    }
}

/// Names that are understood even where the folder is missing. \[mailfolder\]
const WELL_KNOWN: [&str; 17] = [
    "archive",
    "clutter",
    "conflicts",
    "conversationhistory",
    "deleteditems",
    "drafts",
    "inbox",
    "junkemail",
    "localfailures",
    "msgfolderroot",
    "outbox",
    "recoverableitemsdeletions",
    "scheduled",
    "searchfolders",
    "sentitems",
    "serverfailures",
    "syncissues",
];

/// The name a body gives a folder among its neighbours.
fn given_name(call: &Call<'_>, mailbox: &Mailbox, parent: Option<u16>) -> Result<String, Answer> {
    let name = call.request.body.get("displayName").and_then(Value::as_str).map(str::trim);
    let name = name.filter(|name| !name.is_empty()).ok_or_else(|| bad("A folder needs a displayName."))?;
    let taken = |one: &super::store::Folder| !one.gone && one.parent == parent && one.name.eq_ignore_ascii_case(name);
    if mailbox.folders.iter().any(taken) {
        let message = "A folder with the specified name already exists.";
        return Err(Answer::error(409, "ErrorFolderExists", message));
    }
    Ok(name.to_owned())
}

fn create(call: &Call<'_>, world: &mut World, parent: u16) -> Outcome {
    let mailbox = call.mailbox_mut(world)?;
    let name = given_name(call, mailbox, Some(parent))?;
    let at = mailbox.add_folder(&name, None, Some(parent));
    mailbox.folders[usize::from(at)].hidden = call.request.body["isHidden"].as_bool().unwrap_or(false);
    mailbox.touch_folder(at);
    mailbox.touch_folder(parent);
    Ok(Answer { status: 201, ..one(call, mailbox, at)? })
}

/// Folders the service made cannot be renamed or deleted.
fn own_only(mailbox: &Mailbox, at: u16) -> Result<(), Answer> {
    let folder = mailbox.folders.get(usize::from(at)).ok_or_else(not_found)?;
    if folder.well_known.is_none() && at != 0 {
        return Ok(());
    }
    let message = "The distinguished folder can't be deleted or renamed.";
    Err(Answer::error(400, "ErrorDeleteDistinguishedFolder", message))
}

fn rename(call: &Call<'_>, world: &mut World, at: u16) -> Outcome {
    let mailbox = call.mailbox_mut(world)?;
    own_only(mailbox, at)?;
    let name = given_name(call, mailbox, mailbox.folders[usize::from(at)].parent)?;
    mailbox.folders[usize::from(at)].name = name;
    mailbox.touch_folder(at);
    one(call, mailbox, at)
}

/// Into the deleted items; what lies there already goes for good, with everything in it.
fn delete(call: &Call<'_>, world: &mut World, at: u16) -> Outcome {
    let mailbox = call.mailbox_mut(world)?;
    own_only(mailbox, at)?;
    let bin = mailbox.well_known("deleteditems").ok_or_else(not_found)?;
    let up = mailbox.folders[usize::from(at)].parent;
    if up == Some(bin) {
        mailbox.remove_folder(at);
    } else {
        mailbox.folders[usize::from(at)].parent = Some(bin);
        mailbox.touch_folder(at);
    }
    for parent in [up, Some(bin)].into_iter().flatten() {
        mailbox.touch_folder(parent);
    }
    Ok(Answer::empty(204))
}

fn one(call: &Call<'_>, mailbox: &Mailbox, at: u16) -> Outcome {
    let mut body = Map::new();
    body.insert(
        "@odata.context".to_owned(),
        json!(format!("{}/v1.0/$metadata#mailFolders/$entity", call.request.base)),
    );
    if let Value::Object(members) = shown(call, mailbox, at) {
        body.extend(members);
    }
    Ok(Answer::ok(Value::Object(body)))
}

fn shown(call: &Call<'_>, mailbox: &Mailbox, at: u16) -> Value {
    let Some(folder) = mailbox.folders.get(usize::from(at)) else { return Value::Null };
    let mut value = render::folder(mailbox, at, folder, &call.view);
    let expand = call.request.option("$expand").unwrap_or("").to_lowercase();
    if expand.starts_with("childfolders")
        && let Value::Object(members) = &mut value
    {
        let inner = render::View { select: inner_select(&expand), ..call.view.clone() };
        let below = children(call, mailbox, at);
        let below: Vec<Value> =
            below.iter().map(|at| render::folder(mailbox, *at, &mailbox.folders[usize::from(*at)], &inner)).collect();
        members.insert("childFolders".to_owned(), Value::Array(below));
    }
    value
}

fn inner_select(expand: &str) -> Option<Vec<String>> {
    let (_, inner) = expand.split_once("$select=")?;
    render::names(inner.split([';', ')']).next().unwrap_or(""))
}

/// Folders below `at` by name; hidden ones only when asked for.
fn children(call: &Call<'_>, mailbox: &Mailbox, at: u16) -> Vec<u16> {
    let hidden = call.request.option("includehiddenfolders").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let mut out: Vec<u16> = (0..u16::try_from(mailbox.folders.len()).unwrap_or(u16::MAX))
        .filter(|one| {
            let folder = &mailbox.folders[usize::from(*one)];
            folder.parent == Some(at) && !folder.gone && (hidden || !folder.hidden)
        })
        .collect();
    out.sort_by_key(|one| mailbox.folders[usize::from(*one)].name.to_lowercase());
    out
}

fn list(call: &Call<'_>, mailbox: &Mailbox, at: u16, context: &str) -> Outcome {
    if call.request.option("$search").is_some() || call.request.option("$orderby").is_some() {
        return Err(bad("The query option is not supported for folders."));
    }
    let all = children(call, mailbox, at);
    let page = odata::Page::of(call.request, 10, 1_000)?;
    let value = all[page.range(all.len())].iter().map(|one| shown(call, mailbox, *one)).collect();
    // `$select` was honoured when the folders were made; the expanded children have one of their own.
    let mut plain = call.request.clone();
    plain.query.retain(|(name, _)| name != "$select");
    let answer = odata::list(&plain, context, &page, all.len(), value);
    Ok(match (page.next_link(call.request, all.len()), answer.body) {
        (Some(next), crate::sim::request::Body::Json(Value::Object(mut body))) => {
            body.insert("@odata.nextLink".to_owned(), json!(next));
            Answer::ok(Value::Object(body))
        }
        (_, body) => Answer { body, ..Answer::empty(200) },
    })
}
