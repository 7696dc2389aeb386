//! Messages: lists, one, changes, moves, deletion. [user-list-messages] [message-get] [message-update] [message-move]
//!
//! Must stay true: a next link names the row after which it goes on, so that a message which arrives between two pages
//! neither repeats nor hides another; a body is made only when it is asked for.

use super::content::{Importance, Text};
use super::filter::{self, Filter, Order};
use super::ids::{self, Name};
use super::render::{self, View};
use super::reply::{self, Way};
use super::store::{Flag, Mailbox, Row, What};
use super::{
    Call, Outcome, attachments, bad, delta, folders, malformed, mime, not_found, properties, search, send,
    unknown_segment,
};
use crate::sim::graph::{calendar, odata};
use crate::sim::request::{Answer, Body};
use crate::sim::world::World;
use serde_json::{Map, Value, json};

/// What follows `messages`, in a folder or in all of them.
pub fn route(call: &Call<'_>, world: &mut World, folder: Option<u16>, rest: &[String]) -> Outcome {
    let Some((first, rest)) = rest.split_first() else {
        return match call.method() {
            "GET" => list(call, call.mailbox(world)?, folder),
            "POST" => send::draft(call, world, folder),
            _ => Err(not_allowed()),
        };
    };
    if rest.is_empty() && first.eq_ignore_ascii_case("delta") {
        let Some(folder) = folder else {
            return Err(bad("Change tracking is not supported against 'microsoft.graph.message' of a whole mailbox."));
        };
        return delta::messages(call, world, folder);
    }
    if rest.is_empty() && first.eq_ignore_ascii_case("$count") {
        return count(call, call.mailbox(world)?, folder);
    }
    let key = find(call.mailbox(world)?, first, folder)?;
    let Some((step, after)) = rest.split_first() else {
        return match call.method() {
            "GET" => with_event(call, world, key, one(call, call.mailbox(world)?, key, 200)?),
            "PATCH" => patch(call, world, key),
            "DELETE" => delete(call, world, key),
            _ => Err(not_allowed()),
        };
    };
    match (call.method(), step.to_lowercase().as_str(), after) {
        ("GET", "$value", []) => {
            let mailbox = call.mailbox(world)?;
            let row = mailbox.row(key).ok_or_else(not_found)?;
            Ok(Answer {
                body: Body::Bytes("text/plain".to_owned(), mime::of(mailbox, row).into_bytes()),
                ..Answer::empty(200)
            })
        }
        (_, "attachments", after) => attachments::route(call, world, key, after),
        ("POST", "move", []) => relocate(call, world, key, true),
        ("POST", "copy", []) => relocate(call, world, key, false),
        ("POST", "send", []) => send::send(call, world, key),
        ("POST", "reply", []) => reply::at_once(call, world, key, Way::Reply),
        ("POST", "replyall", []) => reply::at_once(call, world, key, Way::ReplyAll),
        ("POST", "forward", []) => reply::at_once(call, world, key, Way::Forward),
        ("POST", "createreply", []) => reply::create(call, world, key, Way::Reply),
        ("POST", "createreplyall", []) => reply::create(call, world, key, Way::ReplyAll),
        ("POST", "createforward", []) => reply::create(call, world, key, Way::Forward),
        ("POST", "permanentdelete", []) => {
            call.mailbox_mut(world)?.remove(key);
            Ok(Answer::empty(204))
        }
        _ => Err(unknown_segment()),
    }
}

fn not_allowed() -> Answer {
    Answer::error(405, "BadRequest", "The method is not allowed here.")
}

/// The row an id names, in this folder if there is one. An ordinary id is dead once the message has moved.
pub fn find(mailbox: &Mailbox, id: &str, folder: Option<u16>) -> Result<u32, Answer> {
    let Ok(Name::Message(key, place)) = ids::decode(mailbox.number, id) else { return Err(malformed()) };
    let row = mailbox.row(key).ok_or_else(not_found)?;
    let stale = place.is_some_and(|place| place != (row.folder, row.moves));
    if stale || folder.is_some_and(|folder| folder != row.folder) {
        return Err(not_found());
    }
    Ok(key)
}

/// One message as an answer.
pub fn one(call: &Call<'_>, mailbox: &Mailbox, key: u32, status: u16) -> Outcome {
    let row = mailbox.row(key).ok_or_else(not_found)?;
    let mut body = Map::new();
    let context = format!("{}/v1.0/$metadata#users('{}')/messages/$entity", call.request.base, mailbox.person);
    body.insert("@odata.context".to_owned(), json!(context));
    if let Value::Object(members) = render::message(mailbox, key, row, &call.view, false) {
        body.extend(members);
    }
    if call.view.select.as_ref().is_some_and(|names| names.iter().any(|name| name == "internetmessageheaders")) {
        body.insert("internetMessageHeaders".to_owned(), mime::headers(mailbox, row));
    }
    if let Some(inner) = &call.view.expand
        && !call.view.basic
    {
        body.insert("attachments".to_owned(), attachments::all(mailbox, key, row, inner.as_deref()));
    }
    Ok(Answer { status, ..Answer::ok(Value::Object(body)) })
}

/// The event beside a meeting message, where `$expand` asks for it. [eventmessage-get]
fn with_event(call: &Call<'_>, world: &World, key: u32, mut answer: Answer) -> Outcome {
    let mailbox = call.mailbox(world)?;
    let content = mailbox.content(mailbox.row(key).ok_or_else(not_found)?).into_owned();
    if let (true, Some(meeting), Body::Json(body)) = (call.view.event, &content.meeting, &mut answer.body) {
        let subject = content.subject.split_once(": ").map_or(content.subject.as_str(), |(_, rest)| rest);
        let subjects = [content.subject.as_str(), subject];
        let event = calendar::event_of_message(world, call.request, &mailbox.person, meeting, &subjects);
        body["event"] = event.unwrap_or(Value::Null);
    }
    Ok(answer)
}

/// What a list is asked for.
struct Query {
    filter: Option<Filter>,
    order: Order,
    size: usize,
    count: bool,
    /// Where to go on.
    start: Start,
}

#[derive(Clone, Copy)]
enum Start {
    Beginning,
    /// After the row with this time and key.
    After(i64, u32),
    /// At this index of a list that was sorted or searched for.
    Index(usize),
}

impl Query {
    fn of(call: &Call<'_>) -> Result<Self, Answer> {
        let option = |name: &str| call.request.option(name).filter(|value| !value.trim().is_empty());
        let filter = option("$filter").map(filter::parse).transpose().map_err(|message| filter::refuse(&message))?;
        let order =
            option("$orderby").map(filter::order).transpose().map_err(|message| bad(&message))?.unwrap_or_default();
        filter::check(filter.as_ref(), &order)?;
        let number = |name: &str| {
            let text = option(name);
            text.map(|text| {
                text.trim().parse::<usize>().map_err(|_| bad(&format!("Invalid value '{text}' for {name}.")))
            })
            .transpose()
        };
        let preferred = call.request.preference("odata.maxpagesize").and_then(|size| size.parse().ok());
        let size = number("$top")?.or(preferred).unwrap_or(10).clamp(1, 1_000);
        let start = match option("$skiptoken") {
            Some(token) => start_of(token).ok_or_else(|| bad("The skip token is not valid."))?,
            None => number("$skip")?.map_or(Start::Beginning, Start::Index),
        };
        let count = option("$count").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        Ok(Self { filter, order, size, count, start })
    }

    fn passes(&self, mailbox: &Mailbox, key: u32) -> bool {
        let Some(row) = mailbox.row(key) else { return false };
        self.filter.as_ref().is_none_or(|filter| filter.holds(mailbox, key, row))
    }
}

fn start_of(token: &str) -> Option<Start> {
    let text = ids::unseal(token)?;
    if let Some(index) = text.strip_prefix("index ") {
        return index.parse().ok().map(Start::Index);
    }
    let (received, key) = text.strip_prefix("after ")?.split_once(' ')?;
    Some(Start::After(received.parse().ok()?, key.parse().ok()?))
}

/// The rows of a folder, newest first; of a search folder, those it finds.
fn rows(mailbox: &Mailbox, folder: Option<u16>) -> std::borrow::Cow<'_, [u32]> {
    let Some(folder) = folder.and_then(|at| mailbox.folders.get(usize::from(at))) else {
        return mailbox.all.as_slice().into();
    };
    match folder.search.as_deref().map(filter::parse) {
        Some(Ok(query)) => {
            let found = mailbox.all.iter().copied();
            found.filter(|key| mailbox.row(*key).is_some_and(|row| query.holds(mailbox, *key, row))).collect()
        }
        _ => folder.order.as_slice().into(),
    }
}

fn list(call: &Call<'_>, mailbox: &Mailbox, folder: Option<u16>) -> Outcome {
    let words = call.request.option("$search").map(search::parse).transpose()?;
    if words.is_some() {
        search::check(call.request)?;
    }
    let query = Query::of(call)?;
    let all = rows(mailbox, folder);
    let (keys, next) = match (words, query.order.as_slice()) {
        (Some(words), _) => by_index(&query, search::find(mailbox, &all, &words)),
        (None, [] | [_]) if query.order.first().is_none_or(|(path, _)| path == "receiveddatetime") => {
            by_arrival(&query, mailbox, &all)
        }
        _ => {
            let mut keys: Vec<u32> = all.iter().copied().filter(|key| query.passes(mailbox, *key)).collect();
            filter::sort(mailbox, &mut keys, &query.order);
            by_index(&query, keys)
        }
    };
    let mut body = Map::new();
    let context = format!("{}/v1.0/$metadata#users('{}')/messages", call.request.base, mailbox.person);
    body.insert("@odata.context".to_owned(), json!(context));
    if query.count {
        let total = all.iter().filter(|key| query.passes(mailbox, **key)).count();
        body.insert("@odata.count".to_owned(), json!(total));
    }
    let shown = |key: &u32| Some(render::message(mailbox, *key, mailbox.row(*key)?, &call.view, false));
    body.insert("value".to_owned(), keys.iter().filter_map(shown).collect());
    if let Some(token) = next {
        body.insert("@odata.nextLink".to_owned(), json!(odata::link(call.request, "$skiptoken", &ids::seal(&token))));
    }
    Ok(Answer::ok(Value::Object(body)))
}

/// A page of a list in order of arrival, and the token of the next one.
fn by_arrival(query: &Query, mailbox: &Mailbox, all: &[u32]) -> (Vec<u32>, Option<String>) {
    let newest_first = query.order.first().is_none_or(|(_, descending)| *descending);
    let mut left: &[u32] = match query.start {
        Start::Beginning => all,
        Start::Index(index) => {
            let index = index.min(all.len());
            if newest_first { &all[index..] } else { &all[..all.len() - index] }
        }
        Start::After(received, key) => {
            let at = mailbox.position(all, received, key);
            let after = at + usize::from(all.get(at) == Some(&key));
            if newest_first { &all[after..] } else { &all[..at] }
        }
    };
    let mut page = Vec::new();
    while page.len() < query.size {
        let step = if newest_first { left.split_first() } else { left.split_last() };
        let Some((key, rest)) = step else { return (page, None) };
        left = rest;
        if query.passes(mailbox, *key) {
            page.push(*key);
        }
    }
    let last = page.last().and_then(|key| Some((*key, mailbox.row(*key)?.received)));
    let token = last.filter(|_| !left.is_empty()).map(|(key, received)| format!("after {received} {key}"));
    (page, token)
}

fn by_index(query: &Query, keys: Vec<u32>) -> (Vec<u32>, Option<String>) {
    let start = if let Start::Index(index) = query.start { index.min(keys.len()) } else { 0 };
    let end = (start + query.size).min(keys.len());
    let token = (end < keys.len()).then(|| format!("index {end}"));
    (keys[start..end].to_vec(), token)
}

fn count(call: &Call<'_>, mailbox: &Mailbox, folder: Option<u16>) -> Outcome {
    let query = Query::of(call)?;
    let total = rows(mailbox, folder).iter().filter(|key| query.passes(mailbox, **key)).count();
    Ok(Answer { body: Body::Bytes("text/plain".to_owned(), total.to_string().into_bytes()), ..Answer::empty(200) })
}

/// Only drafts may change these. [message-update]
const DRAFT_ONLY: [&str; 9] = [
    "subject",
    "body",
    "toRecipients",
    "ccRecipients",
    "bccRecipients",
    "replyTo",
    "from",
    "internetMessageId",
    "singleValueExtendedProperties",
];

fn patch(call: &Call<'_>, world: &mut World, key: u32) -> Outcome {
    let Value::Object(wanted) = &call.request.body else {
        return Err(Answer::error(400, "RequestBodyRead", "The body of the request is not a JSON object."));
    };
    let mailbox = call.mailbox_mut(world)?;
    let row = mailbox.row(key).ok_or_else(not_found)?.clone();
    if let Some(given) = call.request.header("if-match")
        && given != "*"
        && given != format!("W/\"{}\"", render::change_key(mailbox, &row))
    {
        let message = "The send or update operation could not be performed because the change key passed in the request \
                       does not match the current change key for the item.";
        return Err(Answer::error(412, "ErrorIrresolvableConflict", message));
    }
    let draft_only = wanted.keys().find(|name| DRAFT_ONLY.iter().any(|one| one.eq_ignore_ascii_case(name)));
    if let Some(name) = draft_only.filter(|_| !row.draft) {
        return Err(Answer::error(400, "ErrorInvalidPropertySet", &format!("'{name}' can only be set on a draft.")));
    }
    if draft_only.is_some() && mailbox.notes.get(&key).is_some_and(|notes| notes.submitted) {
        return Err(not_found());
    }
    let marks = properties::written(&call.request.body)?;
    let mut changed = row.clone();
    state(&mut changed, wanted)?;
    let only_read = wanted.keys().all(|name| name.eq_ignore_ascii_case("isRead"));
    flag_dates(mailbox, key, wanted)?;
    if let Some(names) = wanted.get("categories") {
        let names = names.as_array().ok_or_else(|| bad("'categories' is a list of names."))?;
        let names = names.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        mailbox.notes.entry(key).or_default().categories = names;
    }
    if draft_only.is_some() {
        let mut content = mailbox.content(&row).into_owned();
        if matches!(content.text, Text::Later) {
            content.text = Text::Plain(String::new());
        }
        send::apply(&mut content, &call.request.body)?;
        changed.source = mailbox.keep(content);
        properties::put(mailbox, key, marks);
    }
    let what = if only_read { What::Read } else { What::Changed };
    if !(only_read && row.read == changed.read) {
        mailbox.change(key, what, |row| *row = changed);
    }
    one(call, call.mailbox(world)?, key, 200)
}

/// Applies what a row itself holds.
fn state(row: &mut Row, wanted: &Map<String, Value>) -> Result<(), Answer> {
    for (name, value) in wanted {
        let text = value.as_str().unwrap_or_default();
        let wrong = || bad(&format!("The value of '{name}' is not valid."));
        match name.to_lowercase().as_str() {
            "isread" => row.read = value.as_bool().ok_or_else(wrong)?,
            "importance" => row.importance = Importance::parse(text).ok_or_else(wrong)?,
            "inferenceclassification" => {
                row.other = match text.to_lowercase().as_str() {
                    "focused" => false,
                    "other" => true,
                    _ => return Err(wrong()),
                }
            }
            "flag" => {
                if let Some(status) = value.get("flagStatus") {
                    row.flag = status.as_str().and_then(Flag::parse).ok_or_else(wrong)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn flag_dates(mailbox: &mut Mailbox, key: u32, wanted: &Map<String, Value>) -> Result<(), Answer> {
    let Some(flag) = wanted.get("flag") else { return Ok(()) };
    let date = |name: &str| {
        let value = flag.get(name)?;
        let zone = value.get("timeZone").and_then(Value::as_str).unwrap_or("UTC");
        Some((value.get("dateTime")?.as_str()?.to_owned(), zone.to_owned()))
    };
    let dates = [date("startDateTime"), date("dueDateTime"), date("completedDateTime")];
    if dates[1].is_some() && dates[0].is_none() {
        let message = "Setting the due date of a flag needs its start date.";
        return Err(Answer::error(400, "ErrorInvalidParameter", message));
    }
    // A flag is a value of its own: what it does not name is gone.
    if dates.iter().any(Option::is_some) || mailbox.notes.contains_key(&key) {
        mailbox.notes.entry(key).or_default().flag_dates = dates;
    }
    Ok(())
}

fn delete(call: &Call<'_>, world: &mut World, key: u32) -> Outcome {
    let mailbox = call.mailbox_mut(world)?;
    let bin = mailbox.well_known("deleteditems");
    let here = mailbox.row(key).ok_or_else(not_found)?.folder;
    match bin {
        Some(bin) if bin != here => mailbox.move_to(key, bin),
        _ => mailbox.remove(key),
    }
    Ok(Answer::empty(204))
}

fn relocate(call: &Call<'_>, world: &mut World, key: u32, away: bool) -> Outcome {
    let target = call.request.body.as_object().and_then(|body| {
        body.iter().find(|(name, _)| name.eq_ignore_ascii_case("destinationId")).and_then(|(_, value)| value.as_str())
    });
    let target = target.ok_or_else(|| Answer::error(400, "ErrorInvalidRequest", "destinationId is missing."))?;
    let mailbox = call.mailbox_mut(world)?;
    let target = folders::find(mailbox, target)?;
    let key = if away {
        mailbox.move_to(key, target);
        key
    } else {
        mailbox.copy_to(key, target).ok_or_else(not_found)?
    };
    let whole = Call { view: View { select: None, ..call.view.clone() }, ..*call };
    one(&whole, call.mailbox(world)?, key, 201)
}
