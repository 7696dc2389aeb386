//! Large attachments in pieces. [attachment-createuploadsession] [outlook-large-attachments]
//!
//! The address of an upload carries its own leave and is no part of Graph: a token that comes along is refused there. Must stay
//! true: pieces in order, none above 4 MB; answers in the letter case of that other service; what is not finished in time is
//! forgotten.

use super::content::{Bytes, File};
use super::ids::{self, Name};
use super::store::What;
use super::{Call, Outcome, bad, files, instant, not_found, render};
use crate::sim::http::Incoming;
use crate::sim::request::{Answer, Body};
use crate::sim::world::World;
use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};

/// Where uploads go, outside of Graph.
pub(crate) const PLACE: &str = "/upload/attachment/";
const LEAST: u64 = 3 * 1024 * 1024;
const MOST: u64 = 150 * 1024 * 1024;
const LARGEST_PIECE: usize = 4 * 1024 * 1024;

/// An open upload.
#[derive(Clone, Debug)]
pub struct Upload {
    token: String,
    mailbox: usize,
    message: u32,
    file: File,
    size: u64,
    came: Vec<u8>,
    expires: Timestamp,
}

/// `POST attachments/createUploadSession`.
pub(super) fn open(call: &Call<'_>, world: &mut World, key: u32) -> Outcome {
    let body = call.request.body.as_object().ok_or_else(|| bad("The parameter 'AttachmentItem' is missing."))?;
    let item = body.iter().find(|(name, _)| name.eq_ignore_ascii_case("AttachmentItem")).map(|(_, item)| item);
    let item = item.ok_or_else(|| bad("The parameter 'AttachmentItem' is missing."))?;
    let text = |name: &str| item.get(name).and_then(Value::as_str);
    let name = text("name").ok_or_else(|| bad("An attachment needs a name."))?;
    let size = item.get("size").and_then(Value::as_u64).ok_or_else(|| bad("An attachment needs a size."))?;
    if size < LEAST {
        let message = "The attachment size is less than the minimum size of an upload session.";
        return Err(Answer::error(400, "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize", message));
    }
    if size > MOST {
        return Err(Answer::error(413, "ErrorMessageSizeExceeded", "The attachment is too large."));
    }
    let expires = call.now + 4.hours();
    let upload = Upload {
        token: format!("{}{}", world.ids.guid(), world.ids.guid()).replace('-', ""),
        mailbox: call.at,
        message: key,
        file: File {
            name: name.to_owned(),
            content_type: text("contentType").map_or_else(|| files::content_type(name).to_owned(), str::to_owned),
            inline: item.get("isInline").and_then(Value::as_bool).unwrap_or(false),
            content_id: text("contentId").map(str::to_owned),
            bytes: Bytes::Made(0),
            gone: false,
        },
        size,
        came: Vec::new(),
        expires,
    };
    let answer = json!({
        "@odata.context": format!("{}/v1.0/$metadata#microsoft.graph.uploadSession", call.request.base),
        "uploadUrl": format!("{}{PLACE}{}", call.request.base, upload.token),
        "expirationDateTime": expires.to_string(), "nextExpectedRanges": ["0-"],
    });
    world.mail.uploads.push(upload);
    Ok(Answer { status: 201, ..Answer::ok(answer) })
}

/// A piece, a question or a cancellation at the address of an upload.
pub(crate) fn serve(world: &mut World, incoming: &Incoming, base: &str) -> Answer {
    if incoming.header("authorization").is_some() {
        return Answer::error(401, "InvalidMsaTicket", "The audience claim value is invalid for this resource.");
    }
    let now = instant(world.now());
    world.mail.uploads.retain(|upload| upload.expires > now);
    let token = incoming.path.strip_prefix(PLACE).unwrap_or_default();
    let Some(at) = world.mail.uploads.iter().position(|upload| upload.token == token) else {
        return Answer::error(404, "ErrorItemNotFound", "The upload session was not found.");
    };
    match incoming.method.as_str() {
        "DELETE" => {
            world.mail.uploads.remove(at);
            Answer::empty(204)
        }
        "GET" => progress(&world.mail.uploads[at]),
        "PUT" => piece(world, at, incoming, base).unwrap_or_else(|refusal| refusal),
        _ => Answer::error(405, "BadRequest", "The method is not allowed here."),
    }
}

fn progress(upload: &Upload) -> Answer {
    Answer::ok(json!({
        "ExpirationDateTime": upload.expires.to_string(), "NextExpectedRanges": [upload.came.len().to_string()],
    }))
}

fn piece(world: &mut World, at: usize, incoming: &Incoming, base: &str) -> Outcome {
    let range = || Answer::error(416, "InvalidRange", "The range is not the one that is expected next.");
    let upload = &mut world.mail.uploads[at];
    let (first, last, size) = incoming.header("content-range").and_then(read_range).ok_or_else(range)?;
    let bytes = incoming.body.as_ref();
    if bytes.len() > LARGEST_PIECE {
        return Err(Answer::error(413, "RequestEntityTooLarge", "A piece has at most 4 MB."));
    }
    let fits = first == upload.came.len() as u64 && size == upload.size && last < size;
    if !fits || last + 1 - first != bytes.len() as u64 {
        return Err(range());
    }
    upload.came.extend_from_slice(bytes);
    if (upload.came.len() as u64) < upload.size {
        return Ok(progress(upload));
    }
    let upload = world.mail.uploads.remove(at);
    let mailbox = world.mail.get_mut(upload.mailbox).ok_or_else(not_found)?;
    let row = mailbox.row(upload.message).ok_or_else(not_found)?;
    let mut content = mailbox.content(row).into_owned();
    content.files.push(File { bytes: Bytes::Given(upload.came), ..upload.file });
    let position = u16::try_from(content.files.len() - 1).unwrap_or(u16::MAX);
    let attachments = content.has_attachments();
    let source = mailbox.keep(content);
    mailbox.change(upload.message, What::Changed, |row| {
        row.source = source;
        row.attachments = attachments;
    });
    let view = render::View { immutable: true, ..render::View::default() };
    let message = render::message_id(mailbox, upload.message, &view);
    let attachment = ids::encode(mailbox.number, Name::Attachment(upload.message, position));
    let place = format!("{base}/v1.0/me/messages('{message}')/attachments('{attachment}')");
    Ok(Answer { body: Body::Empty, ..Answer::empty(201) }.with("Location", &place))
}

/// `bytes 0-3145727/7340032`
fn read_range(text: &str) -> Option<(u64, u64, u64)> {
    let (range, size) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    (first <= last).then_some((first, last, size.trim().parse().ok()?))
}
