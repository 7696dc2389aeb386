//! Rows as the JSON of messages and folders.
//!
//! Must stay true: a member that `$select` does not name is absent, a body is made only when it is asked for, and every body
//! fits the schema of v1.0. \[message\] \[csdl\] What `--quirks` adds to members is added later, for all areas alike.

use super::content::{Address, Content, Kind, Meeting};
use super::ids::{self, Name};
use super::store::{Folder, Mailbox, Row};
use super::{filter, markup};
use crate::sim::request::Request;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// How a client wants to see messages.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// Lower-case names; `None` for all.
    pub select: Option<Vec<String>>,
    /// Ids that survive a move.
    pub immutable: bool,
    /// Bodies as text.
    pub text: bool,
    /// Headers only: neither body nor preview. [permissions-reference]
    pub basic: bool,
    /// Delta pages as real servers make them: of another size, empty, with rows that come again.
    pub quirks: bool,
    /// `$expand=attachments`; the inner `$select` if there is one.
    pub expand: Option<Option<Vec<String>>>,
    /// `$expand=singleValueExtendedProperties`: the ids its inner `$filter` names.
    pub properties: Vec<String>,
    /// `$expand` of the event a meeting message is about.
    pub event: bool,
}

impl View {
    /// From options and preferences of a request.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        let prefers =
            |name: &str, value: &str| request.preference(name).is_some_and(|given| given.eq_ignore_ascii_case(value));
        Self {
            select: request.option("$select").and_then(names),
            immutable: prefers("IdType", "ImmutableId"),
            text: prefers("outlook.body-content-type", "text"),
            basic: false,
            quirks: false,
            expand: request.option("$expand").and_then(expanded),
            properties: request.option("$expand").map(super::properties::expanded).unwrap_or_default(),
            event: request.option("$expand").is_some_and(|expand| expand.to_lowercase().contains("eventmessage/event")),
        }
    }

    /// The preferences about the look of messages, for `Preference-Applied`.
    #[must_use]
    pub fn applied(&self) -> Vec<String> {
        let mut all = Vec::new();
        if self.immutable {
            all.push("IdType=\"ImmutableId\"".to_owned());
        }
        if self.text {
            all.push("outlook.body-content-type=\"text\"".to_owned());
        }
        all
    }

    /// Whether a member is asked for.
    #[must_use]
    pub fn wants(&self, name: &str) -> bool {
        self.select.as_ref().is_none_or(|wanted| wanted.iter().any(|one| one.eq_ignore_ascii_case(name)))
    }

    /// Whether a member that only comes when named is asked for.
    fn names(&self, name: &str) -> bool {
        self.select.is_some() && self.wants(name)
    }
}

/// The names of a `$select`, in lower case; a cast before a name is dropped.
#[must_use]
pub fn names(select: &str) -> Option<Vec<String>> {
    let names: Vec<String> = select
        .split(',')
        .map(|name| {
            let name = name.trim();
            let name = name
                .strip_prefix("microsoft.graph.")
                .and_then(|cast| cast.split_once('/'))
                .map_or(name, |(_, own)| own);
            name.split('/').next().unwrap_or("").to_lowercase()
        })
        .filter(|name| !name.is_empty())
        .collect();
    (!names.is_empty()).then_some(names)
}

fn expanded(expand: &str) -> Option<Option<Vec<String>>> {
    let lower = expand.to_lowercase();
    let rest = lower.split_once("attachments")?.1;
    let inner =
        rest.split_once("$select=").map(|(_, inner)| inner.trim_end_matches(')').split(';').next().unwrap_or(""));
    Some(inner.and_then(names))
}

/// The id of a message as the view wants it.
#[must_use]
pub fn message_id(mailbox: &Mailbox, key: u32, view: &View) -> String {
    let place = mailbox.rows.get(key as usize).map(|row| (row.folder, row.moves));
    ids::encode(mailbox.number, Name::Message(key, if view.immutable { None } else { place }))
}

/// The id of a folder.
#[must_use]
pub fn folder_id(mailbox: &Mailbox, folder: u16) -> String {
    ids::encode(mailbox.number, Name::Folder(folder))
}

/// The version of a row as it stands in etag and change key.
#[must_use]
pub fn change_key(mailbox: &Mailbox, row: &Row) -> String {
    let mut bytes = vec![0x09, 0, 0, 0, 0x16, 0, 0, 0];
    bytes.extend_from_slice(&mailbox.number.to_be_bytes());
    bytes.extend_from_slice(&mailbox.number.rotate_left(13).to_be_bytes());
    bytes.extend_from_slice(&row.received.to_be_bytes()[4..]);
    bytes.extend_from_slice(&row.changed.to_be_bytes());
    ids::base64(&bytes)
}

/// UTC with whole seconds.
#[must_use]
pub fn stamp(seconds: i64) -> String {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}

/// A date-time with a zone beside it, in UTC.
#[must_use]
pub fn zoned(at: Timestamp) -> Value {
    let text = at.to_zoned(jiff::tz::TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%S.0000000").to_string();
    json!({"dateTime": text, "timeZone": "UTC"})
}

fn recipient(address: &Address) -> Value {
    match &address.address {
        Some(smtp) => json!({"emailAddress": {"name": address.name, "address": smtp}}),
        None => json!({"emailAddress": {"name": address.name}}),
    }
}

fn recipients(addresses: &[Address]) -> Value {
    addresses.iter().map(recipient).collect()
}

/// What a delta round tells of a message that was only read: id, version and the mark.
#[must_use]
pub fn read_mark(mailbox: &Mailbox, key: u32, row: &Row, view: &View) -> Value {
    json!({
        "@odata.type": odata_type(mailbox.content(row).kind),
        "@odata.etag": format!("W/\"{}\"", change_key(mailbox, row)),
        "id": message_id(mailbox, key, view),
        "isRead": row.read,
    })
}

fn odata_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Message => "#microsoft.graph.message",
        Kind::Request => "#microsoft.graph.eventMessageRequest",
        Kind::Cancelled => "#microsoft.graph.eventMessage",
        Kind::Accepted | Kind::Tentative | Kind::Declined => "#microsoft.graph.eventMessageResponse",
    }
}

/// A message. `typed` writes `@odata.type` also where it is the plain one, as delta does.
#[must_use]
pub fn message(mailbox: &Mailbox, key: u32, row: &Row, view: &View, typed: bool) -> Value {
    let content = mailbox.content(row);
    let mut out = Map::new();
    let version = change_key(mailbox, row);
    out.insert("@odata.etag".to_owned(), json!(format!("W/\"{version}\"")));
    if typed || content.kind != Kind::Message {
        out.insert("@odata.type".to_owned(), json!(odata_type(content.kind)));
    }
    let id = message_id(mailbox, key, view);
    let mut put = |name: &str, value: &dyn Fn() -> Value| {
        if view.wants(name) {
            out.insert(name.to_owned(), value());
        }
    };
    put("createdDateTime", &|| json!(stamp(row.received)));
    put("lastModifiedDateTime", &|| json!(stamp(row.received + i64::from(row.changed > 1))));
    put("changeKey", &|| json!(version));
    put("receivedDateTime", &|| json!(stamp(row.received)));
    put("sentDateTime", &|| json!(stamp(content.sent.as_second())));
    put("hasAttachments", &|| json!(row.attachments));
    put("internetMessageId", &|| json!(content.internet_id));
    put("subject", &|| json!(content.subject));
    put("importance", &|| json!(row.importance.wire()));
    put("parentFolderId", &|| json!(folder_id(mailbox, row.folder)));
    put("conversationId", &|| json!(ids::encode(mailbox.number, Name::Conversation(content.conversation))));
    put("conversationIndex", &|| json!(conversation_index(&content)));
    put("isDeliveryReceiptRequested", &|| if row.draft { json!(false) } else { Value::Null });
    put("isReadReceiptRequested", &|| json!(content.receipt));
    put("isRead", &|| json!(row.read));
    put("isDraft", &|| json!(row.draft));
    put("webLink", &|| json!(web_link(&id)));
    put("inferenceClassification", &|| json!(if row.other { "other" } else { "focused" }));
    put("sender", &|| content.sender.as_ref().map_or(Value::Null, recipient));
    put("from", &|| content.from.as_ref().map_or(Value::Null, recipient));
    put("toRecipients", &|| recipients(&content.to));
    put("ccRecipients", &|| recipients(&content.cc));
    put("bccRecipients", &|| recipients(&content.bcc));
    put("replyTo", &|| recipients(&content.reply_to));
    put("categories", &|| json!(mailbox.notes.get(&key).map(|notes| notes.categories.as_slice()).unwrap_or_default()));
    put("flag", &|| flag(mailbox, key, row));
    if !view.basic {
        put("bodyPreview", &|| json!(mailbox.preview(row)));
        put("body", &|| body(mailbox, row, view, false));
    }
    out.insert("id".to_owned(), json!(id));
    if !view.basic && view.names("uniqueBody") {
        out.insert("uniqueBody".to_owned(), body(mailbox, row, view, true));
    }
    if let Some(properties) = super::properties::shown(mailbox, key, view) {
        out.insert("singleValueExtendedProperties".to_owned(), properties);
    }
    meeting(&mut out, &content, view);
    Value::Object(out)
}

fn flag(mailbox: &Mailbox, key: u32, row: &Row) -> Value {
    let mut out = Map::new();
    out.insert("flagStatus".to_owned(), json!(row.flag.wire()));
    if let Some(notes) = mailbox.notes.get(&key) {
        for (name, date) in ["startDateTime", "dueDateTime", "completedDateTime"].iter().zip(&notes.flag_dates) {
            if let Some((at, zone)) = date {
                out.insert((*name).to_owned(), json!({"dateTime": at, "timeZone": zone}));
            }
        }
    }
    Value::Object(out)
}

fn body(mailbox: &Mailbox, row: &Row, view: &View, unique: bool) -> Value {
    let (html, text) = mailbox.body(row);
    let text = if unique { text.split("<hr style=\"display: inline-block").next().unwrap_or("") } else { &text };
    if html && view.text {
        return json!({"contentType": "text", "content": markup::text_of(text)});
    }
    json!({"contentType": if html { "html" } else { "text" }, "content": text})
}

/// 22 bytes for the thread and 5 for each answer. \[message\]
fn conversation_index(content: &Content) -> String {
    let mut bytes = vec![0x01];
    bytes.extend_from_slice(&content.conversation.rotate_left(7).to_be_bytes()[..5]);
    bytes.extend_from_slice(&content.conversation.to_be_bytes());
    bytes.extend_from_slice(&content.conversation.rotate_left(31).to_be_bytes());
    for answer in 0..content.depth {
        bytes.extend_from_slice(&[0x00, answer + 1, 0x5d, 0x21, 0x10 + answer]);
    }
    ids::base64(&bytes)
}

fn web_link(id: &str) -> String {
    let id = crate::sim::graph::odata::encode(id);
    format!("https://outlook.office365.com/owa/?ItemID={id}&exvsurl=1&viewmodel=ReadMessageItem")
}

fn meeting(out: &mut Map<String, Value>, content: &Content, view: &View) {
    let (name, response) = match content.kind {
        Kind::Message => return,
        Kind::Request => ("meetingRequest", None),
        Kind::Cancelled => ("meetingCancelled", None),
        Kind::Accepted => ("meetingAccepted", Some("accepted")),
        // The service has always spelled this one so. [csdl]
        Kind::Tentative => ("meetingTenativelyAccepted", Some("tentativelyAccepted")),
        Kind::Declined => ("meetingDeclined", Some("declined")),
    };
    let mut put = |name: &str, value: Value| {
        if view.wants(name) {
            out.insert(name.to_owned(), value);
        }
    };
    put("meetingMessageType", json!(name));
    put("type", json!("singleInstance"));
    put("isOutOfDate", json!(false));
    put("isDelegated", json!(false));
    if let Some(Meeting { start, end, place, all_day, .. }) = &content.meeting {
        put("isAllDay", json!(all_day));
        put("startDateTime", zoned(*start));
        put("endDateTime", zoned(*end));
        put("location", json!({"displayName": place, "locationType": "default", "uniqueIdType": "unknown"}));
        put("recurrence", Value::Null);
    }
    if content.kind == Kind::Request {
        put("responseRequested", json!(true));
        put("allowNewTimeProposals", json!(true));
        let is_update = content.meeting.as_ref().is_some_and(|meeting| meeting.is_update);
        put("meetingRequestType", json!(if is_update { "fullUpdate" } else { "newMeetingRequest" }));
        put("previousStartDateTime", Value::Null);
        put("previousEndDateTime", Value::Null);
        put("previousLocation", Value::Null);
    }
    if let Some(response) = response {
        put("responseType", json!(response));
        let proposal = content.meeting.as_ref().and_then(|meeting| meeting.proposal);
        let slot = |(start, end): (Timestamp, Timestamp)| json!({"start": zoned(start), "end": zoned(end)});
        put("proposedNewTime", proposal.map_or(Value::Null, slot));
    }
}

/// A folder.
#[must_use]
pub fn folder(mailbox: &Mailbox, at: u16, folder: &Folder, view: &View) -> Value {
    let children = mailbox.folders.iter().filter(|one| one.parent == Some(at) && !one.hidden && !one.gone).count();
    let (total, unread) = counts(mailbox, folder);
    let mut out = Map::new();
    out.insert("id".to_owned(), json!(folder_id(mailbox, at)));
    let mut put = |name: &str, value: Value| {
        if view.wants(name) {
            out.insert(name.to_owned(), value);
        }
    };
    put("displayName", json!(folder.name));
    put(
        "parentFolderId",
        folder.parent.map_or_else(|| json!(folder_id(mailbox, at)), |up| json!(folder_id(mailbox, up))),
    );
    put("childFolderCount", json!(children));
    put("unreadItemCount", json!(unread));
    put("totalItemCount", json!(total));
    put("isHidden", json!(folder.hidden));
    if let Some(query) = &folder.search {
        put("isSupported", json!(true));
        put("includeNestedFolders", json!(true));
        put("sourceFolderIds", json!([folder_id(mailbox, 0)]));
        put("filterQuery", json!(query));
        out.insert("@odata.type".to_owned(), json!("#microsoft.graph.mailSearchFolder"));
    }
    Value::Object(out)
}

fn counts(mailbox: &Mailbox, folder: &Folder) -> (usize, usize) {
    let Some(Ok(query)) = folder.search.as_deref().map(filter::parse) else {
        return (folder.order.len(), folder.unread as usize);
    };
    let found = mailbox.all.iter().filter_map(|key| Some((*key, mailbox.row(*key)?)));
    let found = found.filter(|(key, row)| query.holds(mailbox, *key, row));
    found.fold((0, 0), |(total, unread), (_, row)| (total + 1, unread + usize::from(!row.read)))
}
