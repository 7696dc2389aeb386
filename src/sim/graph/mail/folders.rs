//! Folders: lists, one by id or well-known name, children, and their delta. [user-list-mailfolders] [mailfolder-delta]
//!
//! Must stay true: `/mailFolders` lists the children of the root only and shows hidden ones on demand; counts are those of
//! the moment. Deliberately absent: making, renaming and deleting folders.

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
        [] => {
            only_get(call)?;
            one(call, call.mailbox(world)?, at)
        }
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
        Ok(Name::Folder(at)) if mailbox.folders.get(usize::from(at)).is_some() => Ok(at),
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
            folder.parent == Some(at) && (hidden || !folder.hidden)
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
