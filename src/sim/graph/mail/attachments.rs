//! Attachments of messages: list, one, raw bytes, and small files added to drafts. [message-list-attachments]
//!
//! Must stay true: `contentBytes` comes with a list unless `$select` leaves it away, as the service does it. Deliberately
//! absent: item and reference attachments.

use super::content::{Bytes, File, Text};
use super::ids::{self, Name};
use super::store::{Mailbox, Row, What};
use super::{Call, Outcome, bad, files, malformed, not_found, render, unknown_segment, upload};
use crate::sim::graph::odata;
use crate::sim::request::{Answer, Body};
use crate::sim::world::World;
use serde_json::{Map, Value, json};

/// What follows `attachments`.
pub fn route(call: &Call<'_>, world: &mut World, key: u32, rest: &[String]) -> Outcome {
    match (call.method(), rest) {
        ("POST", []) => return add(call, world, key),
        ("POST", [step]) if step.eq_ignore_ascii_case("createUploadSession") => return upload::open(call, world, key),
        ("DELETE", [id]) => return remove(call, world, key, id),
        _ => {}
    }
    if call.method() != "GET" {
        return Err(Answer::error(405, "BadRequest", "The method is not allowed here."));
    }
    let mailbox = call.mailbox(world)?;
    let row = mailbox.row(key).ok_or_else(not_found)?;
    let content = mailbox.content(row);
    let context = format!("users('{}')/messages/attachments", mailbox.person);
    let Some((id, rest)) = rest.split_first() else {
        let page = odata::Page::of(call.request, 50, 1_000)?;
        let all: Vec<_> = content.files.iter().enumerate().filter(|(_, file)| !file.gone).collect();
        let rows = all[page.range(all.len())].iter();
        let value = rows.map(|(at, file)| shown(mailbox, key, row, *at, file, None)).collect();
        return Ok(odata::list(call.request, &context, &page, all.len(), value));
    };
    let position = position(mailbox, key, id)?;
    let file = content.files.get(position).filter(|file| !file.gone).ok_or_else(not_found)?;
    match rest {
        [] => Ok(odata::entity(call.request, &context, shown(mailbox, key, row, position, file, None))),
        [step] if step == "$value" => {
            Ok(Answer { body: Body::Bytes(file.content_type.clone(), file.read()), ..Answer::empty(200) })
        }
        _ => Err(unknown_segment()),
    }
}

/// All attachments as `$expand` shows them; `inner` is its own `$select`.
#[must_use]
pub fn all(mailbox: &Mailbox, key: u32, row: &Row, inner: Option<&[String]>) -> Value {
    let content = mailbox.content(row);
    let files = content.files.iter().enumerate().filter(|(_, file)| !file.gone);
    files.map(|(at, file)| shown(mailbox, key, row, at, file, inner)).collect()
}

/// The place that an id names among the files of a message.
fn position(mailbox: &Mailbox, key: u32, id: &str) -> Result<usize, Answer> {
    match ids::decode(mailbox.number, id) {
        Ok(Name::Attachment(owner, position)) if owner == key => Ok(usize::from(position)),
        Ok(Name::Attachment(..)) => Err(not_found()),
        _ => Err(malformed()),
    }
}

fn remove(call: &Call<'_>, world: &mut World, key: u32, id: &str) -> Outcome {
    let mailbox = call.mailbox_mut(world)?;
    let position = position(mailbox, key, id)?;
    let mut content = mailbox.content(mailbox.row(key).ok_or_else(not_found)?).into_owned();
    content.files.get_mut(position).filter(|file| !file.gone).ok_or_else(not_found)?.gone = true;
    let attachments = content.has_attachments();
    let source = mailbox.keep(content);
    mailbox.change(key, What::Changed, |row| {
        row.source = source;
        row.attachments = attachments;
    });
    Ok(Answer::empty(204))
}

fn shown(mailbox: &Mailbox, key: u32, row: &Row, at: usize, file: &File, inner: Option<&[String]>) -> Value {
    let wants = |name: &str| inner.is_none_or(|names| names.iter().any(|one| one.eq_ignore_ascii_case(name)));
    let mut out = Map::new();
    let position = u16::try_from(at).unwrap_or(u16::MAX);
    out.insert("@odata.type".to_owned(), json!("#microsoft.graph.fileAttachment"));
    out.insert("@odata.mediaContentType".to_owned(), json!(file.content_type));
    out.insert("id".to_owned(), json!(ids::encode(mailbox.number, Name::Attachment(key, position))));
    let mut put = |name: &str, value: Value| {
        if wants(name) {
            out.insert(name.to_owned(), value);
        }
    };
    put("lastModifiedDateTime", json!(render::stamp(row.received)));
    put("name", json!(file.name));
    put("contentType", json!(file.content_type));
    put("size", json!(file.size()));
    put("isInline", json!(file.inline));
    put("contentId", json!(file.content_id));
    put("contentLocation", Value::Null);
    if wants("contentBytes") {
        out.insert("contentBytes".to_owned(), json!(ids::base64(&file.read())));
    }
    Value::Object(out)
}

/// A file from the JSON a client sends.
pub fn file_of(value: &Value) -> Result<File, Answer> {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    let name = text("name").ok_or_else(|| bad("An attachment needs a name."))?;
    let bytes = text("contentBytes").and_then(ids::unbase64).ok_or_else(|| bad("contentBytes is not base64."))?;
    if bytes.len() >= 3 * 1_024 * 1_024 {
        return Err(Answer::error(413, "ErrorMessageSizeExceeded", "The file needs an upload session."));
    }
    Ok(File {
        name: name.to_owned(),
        content_type: text("contentType").map_or_else(|| files::content_type(name).to_owned(), str::to_owned),
        inline: value.get("isInline").and_then(Value::as_bool).unwrap_or(false),
        content_id: text("contentId").map(str::to_owned),
        bytes: Bytes::Given(bytes),
        gone: false,
    })
}

fn add(call: &Call<'_>, world: &mut World, key: u32) -> Outcome {
    let file = file_of(&call.request.body)?;
    let mailbox = call.mailbox_mut(world)?;
    let row = mailbox.row(key).ok_or_else(not_found)?;
    let mut content = mailbox.content(row).into_owned();
    if matches!(content.text, Text::Later) {
        let (html, text) = mailbox.body(row);
        content.text = if html { Text::Html(text.into_owned()) } else { Text::Plain(text.into_owned()) };
    }
    content.files.push(file);
    let at = content.files.len() - 1;
    let attachments = content.has_attachments();
    let source = mailbox.keep(content);
    mailbox.change(key, What::Changed, |row| {
        row.source = source;
        row.attachments = attachments;
    });
    let row = mailbox.row(key).ok_or_else(not_found)?;
    let content = mailbox.content(row);
    Ok(Answer { status: 201, ..Answer::ok(shown(mailbox, key, row, at, &content.files[at], None)) })
}
