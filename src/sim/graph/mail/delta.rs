//! Delta: what changed in a folder since a link. [message-delta] [delta-query-messages] [delta-query-overview]
//!
//! A link holds everything it needs (folder, options, position in the mailbox's history), so links survive for as long as
//! the world does and cost no memory. Must stay true: a round ends at the sequence that was current when it began, and
//! whatever changed during it comes with the next one; nothing is lost between two rounds, some rows may come twice.

use super::filter;
use super::ids::{self, Name};
use super::render::{self, View};
use super::store::{Change, Folder, Mailbox, What};
use super::{Call, Outcome, bad};
use crate::sim::graph::odata;
use crate::sim::request::Answer;
use crate::sim::world::World;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// With a filter the first round ends after so many rows. [delta-query-messages]
const FILTERED_MOST: usize = 5_000;

/// A round as it stands in a link.
#[derive(Clone, Debug, PartialEq)]
struct Round {
    /// When the world was built, and which generation of links this is.
    world: (i64, u32),
    folder: u16,
    /// History position at the end of the round before; 0 in the first round.
    since: u32,
    /// History position at which this round ends.
    until: u32,
    /// First round: the row after which it goes on.
    after: Option<(i64, u32)>,
    /// Rows sent so far in this round.
    sent: usize,
    /// Pages sent so far in this round.
    page: usize,
    size: Option<usize>,
    floor: Option<i64>,
    change_type: String,
    select: String,
}

impl Round {
    fn token(&self) -> String {
        let after = self.after.map(|(received, key)| json!([received, key]));
        let text = json!([
            self.world.0,
            self.world.1,
            self.folder,
            self.since,
            self.until,
            after,
            self.sent,
            self.page,
            self.size,
            self.floor,
            self.change_type,
            self.select
        ]);
        ids::seal(&text.to_string())
    }

    fn of(token: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(&ids::unseal(token)?).ok()?;
        let small = |at: usize| u32::try_from(value.get(at)?.as_u64()?).ok();
        let count = |at: usize| usize::try_from(value.get(at)?.as_u64()?).ok();
        let after = value
            .get(5)?
            .as_array()
            .and_then(|pair| Some((pair.first()?.as_i64()?, u32::try_from(pair.get(1)?.as_u64()?).ok()?)));
        Some(Self {
            world: (value.get(0)?.as_i64()?, small(1)?),
            folder: u16::try_from(small(2)?).ok()?,
            since: small(3)?,
            until: small(4)?,
            after,
            sent: count(6)?,
            page: count(7)?,
            size: count(8),
            floor: value.get(9)?.as_i64(),
            change_type: value.get(10)?.as_str()?.to_owned(),
            select: value.get(11)?.as_str()?.to_owned(),
        })
    }

    /// Whether rows of this kind are wanted.
    fn wants(&self, kind: &str) -> bool {
        self.since == 0 || self.change_type.is_empty() || self.change_type.eq_ignore_ascii_case(kind)
    }
}

/// The answer to a link that is unknown or too old.
fn gone() -> Answer {
    let message = "The sync state generation is not found; the folder has to be synchronised from the beginning.";
    Answer::error(410, "SyncStateNotFound", message)
}

/// `messages/delta` of a folder.
pub fn messages(call: &Call<'_>, world: &World, folder: u16) -> Outcome {
    if call.method() != "GET" {
        return Err(Answer::error(405, "BadRequest", "The method is not allowed here."));
    }
    let mailbox = call.mailbox(world)?;
    let here = (world.mail.built, mailbox.generation);
    let option = |name: &str| call.request.option(name);
    let token = option("$skiptoken").or_else(|| option("$deltatoken"));
    let mut round = match token {
        Some(token) => {
            Round::of(token).filter(|round| round.world == here && round.folder == folder).ok_or_else(gone)?
        }
        None => first_round(call, mailbox, here, folder)?,
    };
    if round.until > mailbox.sequence {
        return Err(gone());
    }
    if option("$deltatoken").is_some() {
        round.until = mailbox.sequence;
    }
    let mut view = View { select: render::names(&round.select), expand: None, ..call.view.clone() };
    view.basic = call.view.basic;
    let size = page_size(call, &round);
    let asked = round.clone();
    // With quirks some pages are empty although there is more.
    let (mut rows, more) = if call.view.quirks && round.page % 4 == 2 {
        (Vec::new(), true)
    } else if round.since == 0 {
        full_page(mailbox, &mut round, &view, size)
    } else {
        change_page(mailbox, &mut round, &view, size)
    };
    if call.view.quirks
        && asked.page % 3 == 1
        && let Some(again) = rows.first().cloned()
    {
        rows.push(again);
    }
    round.page += 1;
    Ok(answer(call, mailbox, &round, rows, more, token.is_none()))
}

fn page_size(call: &Call<'_>, round: &Round) -> usize {
    let preferred = call.request.preference("odata.maxpagesize").and_then(|size| size.parse().ok());
    let size = preferred.or(round.size).unwrap_or(10).clamp(1, 1_000);
    if call.view.quirks && size > 4 { size - size / 3 } else { size }
}

fn answer(call: &Call<'_>, mailbox: &Mailbox, round: &Round, rows: Vec<Value>, more: bool, opening: bool) -> Answer {
    let (member, name, token) = if more {
        ("@odata.nextLink", "$skiptoken", round.token())
    } else {
        let next = Round { since: round.until, after: None, sent: 0, page: 0, ..round.clone() };
        ("@odata.deltaLink", "$deltatoken", next.token())
    };
    // Everything is inside the token. [delta-query-overview]
    let mut bare = call.request.clone();
    bare.query.clear();
    let mut body = Map::new();
    let context = format!("{}/v1.0/$metadata#users('{}')/mailFolders/messages", call.request.base, mailbox.person);
    body.insert("@odata.context".to_owned(), json!(format!("{context}/$delta")));
    body.insert("value".to_owned(), Value::Array(rows));
    body.insert(member.to_owned(), json!(odata::link(&bare, name, &token)));
    let answer = Answer::ok(Value::Object(body));
    if opening { answer.with("Preference-Applied", "odata.track-changes") } else { answer }
}

/// Checks the options of the opening request. [delta-query-messages]
fn first_round(call: &Call<'_>, mailbox: &Mailbox, world: (i64, u32), folder: u16) -> Result<Round, Answer> {
    let option = |name: &str| call.request.option(name).map(str::trim).filter(|value| !value.is_empty());
    if option("$search").is_some() {
        return Err(bad("$search is not supported with change tracking."));
    }
    if let Some(order) = option("$orderby") {
        let words: Vec<String> = order.split_whitespace().map(str::to_lowercase).collect();
        if words != ["receiveddatetime", "desc"] {
            return Err(bad("Change tracking supports only $orderby=receivedDateTime desc."));
        }
    }
    let floor = option("$filter").map(floor).transpose()?;
    let change_type = option("changetype").unwrap_or_default();
    if !["", "created", "updated", "deleted"].iter().any(|known| known.eq_ignore_ascii_case(change_type)) {
        return Err(bad("changeType is created, updated or deleted."));
    }
    let size = option("$top").map(|text| text.parse().map_err(|_| bad("Invalid value for $top."))).transpose()?;
    Ok(Round {
        world,
        folder,
        since: 0,
        until: mailbox.sequence,
        after: None,
        sent: 0,
        page: 0,
        size,
        floor,
        change_type: change_type.to_lowercase(),
        select: option("$select").unwrap_or_default().to_owned(),
    })
}

/// `receivedDateTime ge …` or `gt …` and nothing else, as the earliest second that passes.
fn floor(text: &str) -> Result<i64, Answer> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let wrong = || bad("Change tracking supports only $filter=receivedDateTime ge (or gt) an instant.");
    let [property, operator, value] = words.as_slice() else { return Err(wrong()) };
    if !property.eq_ignore_ascii_case("receivedDateTime") {
        return Err(wrong());
    }
    let at = filter::time(value).ok_or_else(wrong)?;
    let instant = value.parse::<Timestamp>().ok();
    // Rows have whole seconds: a fraction lets the second itself fall out.
    let fraction = i64::from(instant.is_some_and(|instant| instant.subsec_nanosecond() > 0));
    match operator.to_lowercase().as_str() {
        "ge" => Ok(at + fraction),
        "gt" => Ok(at + 1),
        _ => Err(wrong()),
    }
}

/// A page of the first round: everything in the folder, newest first.
fn full_page(mailbox: &Mailbox, round: &mut Round, view: &View, size: usize) -> (Vec<Value>, bool) {
    let Some(folder) = mailbox.folders.get(usize::from(round.folder)) else { return (Vec::new(), false) };
    let start = round.after.map_or(0, |(received, key)| {
        let at = mailbox.position(&folder.order, received, key);
        at + usize::from(folder.order.get(at) == Some(&key))
    });
    let end = round.floor.map_or(folder.order.len(), |floor| {
        folder.order.partition_point(|key| mailbox.rows[*key as usize].received >= floor)
    });
    let room = if round.floor.is_some() { FILTERED_MOST.saturating_sub(round.sent) } else { usize::MAX };
    let keys = folder.order.get(start..end).unwrap_or_default();
    let taken = &keys[..keys.len().min(size).min(room)];
    if let Some(last) = taken.last() {
        round.after = mailbox.row(*last).map(|row| (row.received, *last));
    }
    round.sent += taken.len();
    let rows = taken.iter().filter_map(|key| Some(render::message(mailbox, *key, mailbox.row(*key)?, view, true)));
    let more = taken.len() < keys.len() && round.floor.is_none_or(|_| round.sent < FILTERED_MOST);
    (rows.collect(), more)
}

/// What a later round tells about one row.
enum News {
    Whole(u32),
    Mark(u32),
    /// The row, and its moves when it left.
    Gone(u32, u16),
}

/// A page of a later round.
fn change_page(mailbox: &Mailbox, round: &mut Round, view: &View, size: usize) -> (Vec<Value>, bool) {
    let Some(folder) = mailbox.folders.get(usize::from(round.folder)) else { return (Vec::new(), false) };
    let all = news(mailbox, folder, round, view.immutable);
    let start = round.sent.min(all.len());
    let end = start.saturating_add(size).min(all.len());
    round.sent = end;
    let rows = all[start..end].iter().filter_map(|news| match news {
        News::Whole(key) => Some(render::message(mailbox, *key, mailbox.row(*key)?, view, true)),
        News::Mark(key) => Some(render::read_mark(mailbox, *key, mailbox.row(*key)?, view)),
        News::Gone(key, moves) => {
            let place = (!view.immutable).then_some((round.folder, *moves));
            let id = ids::encode(mailbox.number, Name::Message(*key, place));
            Some(json!({"@odata.type": "#microsoft.graph.message", "id": id, "@removed": {"reason": "deleted"}}))
        }
    });
    (rows.collect(), end < all.len())
}

/// The changes of a round, one or two for each row, in the order of each row's first change.
fn news(mailbox: &Mailbox, folder: &Folder, round: &Round, immutable: bool) -> Vec<News> {
    let start = folder.log.partition_point(|change| change.sequence <= round.since);
    let end = folder.log.partition_point(|change| change.sequence <= round.until);
    let changes = folder.log.get(start..end).unwrap_or_default();
    let mut order: Vec<u32> = Vec::new();
    let mut by_key: HashMap<u32, Vec<Change>> = HashMap::new();
    for change in changes {
        let known = by_key.entry(change.key).or_default();
        if known.is_empty() {
            order.push(change.key);
        }
        known.push(*change);
    }
    let mut out = Vec::new();
    for key in order {
        // Rows older than the filter never come, not even as removals. [delta-query-messages]
        let Some(row) = mailbox.rows.get(key as usize) else { continue };
        if round.floor.is_some_and(|floor| row.received < floor) {
            continue;
        }
        let changes = &by_key[&key];
        let here = !row.gone && row.folder == round.folder;
        for change in changes.iter().filter(|change| change.what == What::Removed) {
            // An immutable id that is back was never gone.
            if round.wants("deleted") && (!here || (!immutable && change.moves != row.moves)) {
                out.push(News::Gone(key, change.moves));
            }
        }
        let has = |what: What| changes.iter().any(|change| change.what == what);
        if here && has(What::Added) {
            if round.wants("created") {
                out.push(News::Whole(key));
            }
        } else if here && round.wants("updated") {
            out.push(if has(What::Changed) { News::Whole(key) } else { News::Mark(key) });
        }
    }
    out
}

/// `mailFolders/delta`: all folders of all levels in one list. [mailfolder-delta]
pub fn folders(call: &Call<'_>, world: &World) -> Outcome {
    let mailbox = call.mailbox(world)?;
    let here = format!("{} {}", world.mail.built, mailbox.generation);
    let token = call.request.option("$skiptoken").or_else(|| call.request.option("$deltatoken"));
    let since = match token {
        Some(token) => {
            let text = ids::unseal(token).ok_or_else(gone)?;
            let (head, since) = text.rsplit_once(' ').ok_or_else(gone)?;
            let since: u32 = since.parse().map_err(|_| gone())?;
            if head != here || since > mailbox.sequence {
                return Err(gone());
            }
            since
        }
        None => 0,
    };
    let rows: Vec<Value> = mailbox
        .folders
        .iter()
        .enumerate()
        .filter(|(_, folder)| folder.parent.is_some() && !folder.hidden && folder.changed > since)
        .filter(|(_, folder)| since > 0 || !folder.gone)
        .filter_map(|(at, folder)| {
            let at = u16::try_from(at).ok()?;
            Some(if folder.gone {
                let id = render::folder_id(mailbox, at);
                json!({"@odata.type": "#microsoft.graph.mailFolder", "id": id, "@removed": {"reason": "deleted"}})
            } else {
                render::folder(mailbox, at, folder, &call.view)
            })
        })
        .collect();
    let mut bare = call.request.clone();
    bare.query.retain(|(name, _)| name == "$select");
    let link = odata::link(&bare, "$deltatoken", &ids::seal(&format!("{here} {}", mailbox.sequence)));
    Ok(Answer::ok(json!({
        "@odata.context": format!("{}/v1.0/$metadata#mailFolders/$delta", call.request.base),
        "@odata.deltaLink": link,
        "value": rows,
    })))
}
