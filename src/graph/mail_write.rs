//! Changing what lies in the mailbox, and drafts with what hangs on them.
//!
//! A draft of ours carries a mark, a named property of our own, by which it is found again after an answer was lost
//! \[singlevaluelegacyextendedproperty\]. Must stay true: what is safe to repeat says where it ends (a goal), and what is not is
//! repeated by nobody but the service's leave; only draft-only fields of drafts are written \[message-update\].
//! Deliberately absent: deciding what to do after a failure (the outbox), and sending (`graph::send`).

use crate::base::secret::Secret;
use crate::domain::change::{Change, MessagePatch};
use crate::domain::mail::{Attachment, BodyContent, FolderId, FolderRole, Importance, MessageId, Recipient};
use crate::graph::call::{Call, Priority, Repeat};
use crate::graph::error::GraphError;
use crate::graph::page;
use crate::graph::transport::{Graph, Response};
use crate::graph::wire;
use crate::graph::wire::mail::{Identified, WireAttachment, WireMessage};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The property that marks a draft of ours; its value is the draft's name in the outbox.
pub const MARK: &str = "String {6f3a1c52-0d0e-4d5b-9a77-b1c1d5f0a4e3} Name deskbellDraft";
/// Files below this are sent whole; larger ones in pieces [outlook-large-attachments].
pub const LARGEST_WHOLE_FILE: usize = 3 * 1024 * 1024;
/// The largest file that can hang on a message [outlook-large-attachments].
pub const LARGEST_FILE: u64 = 150 * 1024 * 1024;
/// How much of a file goes in one piece; the service takes at most 4 MB.
pub const PIECE: usize = 3 * 1024 * 1024;
/// Drafts with the same mark: one, or a few after lost answers.
const MOST_MARKED: usize = 50;
const MOST_ATTACHMENTS: usize = 1_000;
/// What is asked of a message that was changed.
const CHANGED_FIELDS: &str = "id,subject,from,toRecipients,ccRecipients,receivedDateTime,isRead,flag,importance,hasAttachments,\
                              categories,conversationId,parentFolderId,bodyPreview,isDraft";

/// What can be changed of any message. `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageChange {
    /// Read or unread.
    pub is_read: Option<bool>,
    /// Flagged or not.
    pub is_flagged: Option<bool>,
    /// All category names.
    pub categories: Option<Vec<String>>,
    /// Importance.
    pub importance: Option<Importance>,
}

/// Where a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination<'a> {
    /// A folder by its id.
    Folder(&'a FolderId),
    /// A folder the service knows by name; the archive may be missing.
    Role(FolderRole),
}

/// What a draft says. `None` stays as it is (in a new draft: empty).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DraftFields {
    /// Subject.
    pub subject: Option<String>,
    /// Body.
    pub body: Option<BodyContent>,
    /// To.
    pub to: Option<Vec<Recipient>>,
    /// Cc.
    pub cc: Option<Vec<Recipient>>,
    /// Bcc.
    pub bcc: Option<Vec<Recipient>>,
    /// Where answers shall go.
    pub reply_to: Option<Vec<Recipient>>,
    /// Importance.
    pub importance: Option<Importance>,
    /// Another mailbox of which, or on behalf of which it is sent.
    pub from: Option<Recipient>,
    /// Our mark, for a draft that another program made \[singlevaluelegacyextendedproperty\].
    pub mark: Option<String>,
}

/// What sort of draft is made from a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Derived {
    /// To who wrote it.
    Reply,
    /// To all who were named.
    ReplyAll,
    /// To others, with what hangs on it.
    Forward,
}

impl Derived {
    const fn action(self) -> &'static str {
        match self {
            Self::Reply => "createReply",
            Self::ReplyAll => "createReplyAll",
            Self::Forward => "createForward",
        }
    }
}

/// Where a message is and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Immutable id.
    pub message: MessageId,
    /// Not sent yet.
    pub is_draft: bool,
    /// The folder it lies in.
    pub folder: Option<FolderId>,
    /// Changes with every change.
    pub change_key: String,
    /// Given by the service when the draft was made.
    pub internet_id: String,
}

/// An open upload of a large file.
#[derive(Clone, Debug)]
pub struct Upload {
    /// Where the pieces go; carries its own leave, so it is a secret.
    pub url: Secret<String>,
    /// After that it is forgotten.
    pub expires: Option<Timestamp>,
}

/// The call that changes a message. The goal is said whole, so it may be repeated.
#[must_use]
pub fn patch_call(message: &MessageId, change: &MessageChange) -> Call {
    let mut body = Map::new();
    if let Some(is_read) = change.is_read {
        body.insert("isRead".to_owned(), json!(is_read));
    }
    if let Some(is_flagged) = change.is_flagged {
        let status = if is_flagged { "flagged" } else { "notFlagged" };
        body.insert("flag".to_owned(), json!({ "flagStatus": status }));
    }
    if let Some(categories) = &change.categories {
        body.insert("categories".to_owned(), json!(categories));
    }
    if let Some(importance) = change.importance {
        body.insert("importance".to_owned(), json!(importance_word(importance)));
    }
    Call::patch(&["me", "messages", &message.0], Value::Object(body)).select(CHANGED_FIELDS)
}

/// Changes a message; gives back how it is now.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn patch(
    graph: &Graph,
    message: &MessageId,
    change: &MessageChange,
    priority: Priority,
) -> Result<MessagePatch, GraphError> {
    changed(graph, patch_call(message, change).priority(priority)).await
}

/// The call that moves a message. With immutable ids it ends where it should however often it is sent.
#[must_use]
pub fn move_call(message: &MessageId, to: Destination<'_>) -> Call {
    let id = match to {
        Destination::Folder(folder) => folder.0.as_str(),
        Destination::Role(role) => role.well_known_name(),
    };
    Call::post(&["me", "messages", &message.0, "move"], json!({ "destinationId": id }))
        .select(CHANGED_FIELDS)
        .repeat(Repeat::Safe)
}

/// Moves a message; gives back how it is now.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn move_to(
    graph: &Graph,
    message: &MessageId,
    to: Destination<'_>,
    priority: Priority,
) -> Result<MessagePatch, GraphError> {
    changed(graph, move_call(message, to).priority(priority)).await
}

/// The call that deletes a message for ever. Once gone it is 404, so it may be repeated.
#[must_use]
pub fn delete_for_ever_call(message: &MessageId) -> Call {
    Call::post(&["me", "messages", &message.0, "permanentDelete"], json!({})).repeat(Repeat::Safe)
}

/// Deletes a message for ever.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`]; one that is gone already is 404 ([`GraphError::is_not_found`]).
pub async fn delete_for_ever(graph: &Graph, message: &MessageId, priority: Priority) -> Result<(), GraphError> {
    graph.send(delete_for_ever_call(message).priority(priority)).await.map(drop)
}

/// The call that makes a draft of ours. Not safe to repeat: look for the mark first ([`find_marked`]).
#[must_use]
pub fn create_draft_call(fields: &DraftFields, mark: &str) -> Call {
    let mut body = draft_json(fields);
    set_mark(&mut body, mark);
    Call::post(&["me", "messages"], Value::Object(body))
}

/// Makes a draft with our mark in the drafts folder.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn create_draft(
    graph: &Graph,
    fields: &DraftFields,
    mark: &str,
    priority: Priority,
) -> Result<Standing, GraphError> {
    standing_of(graph, create_draft_call(fields, mark).select(STANDING_FIELDS).priority(priority)).await
}

/// The call that makes a marked draft from a message, its text quoted by the service. Not safe to repeat.
#[must_use]
pub fn derive_draft_call(from: &MessageId, kind: Derived, mark: &str) -> Call {
    let mut message = Map::new();
    set_mark(&mut message, mark);
    Call::post(&["me", "messages", &from.0, kind.action()], json!({ "message": message }))
}

/// Makes a reply or a forward with our mark as a draft.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`]; 404 when the message is gone.
pub async fn derive_draft(
    graph: &Graph,
    from: &MessageId,
    kind: Derived,
    mark: &str,
    priority: Priority,
) -> Result<Standing, GraphError> {
    standing_of(graph, derive_draft_call(from, kind, mark).priority(priority)).await
}

/// The call that looks for messages with our mark, in all folders: drafts, and what was sent of them.
#[must_use]
pub fn find_marked_call(mark: &str) -> Call {
    let mark = mark.replace('\'', "''");
    Call::get(&["me", "messages"])
        .query("$filter", format!("singleValueExtendedProperties/any(ep:ep/id eq '{MARK}' and ep/value eq '{mark}')"))
        .select(STANDING_FIELDS)
        .query("$top", "50")
}

/// Messages with our mark. Nothing, if none was made or it is gone.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn find_marked(graph: &Graph, mark: &str, priority: Priority) -> Result<Vec<Standing>, GraphError> {
    let again = |link: &str| Call::link(link).priority(priority);
    let page = page::all::<WireStanding>(graph, find_marked_call(mark).priority(priority), again, MOST_MARKED).await?;
    Ok(page.filter_map(WireStanding::standing).rows)
}

/// The call that rewrites a draft.
#[must_use]
pub fn patch_draft_call(draft: &MessageId, fields: &DraftFields) -> Call {
    Call::patch(&["me", "messages", &draft.0], Value::Object(draft_json(fields)))
}

/// Rewrites what `fields` name of a draft.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn patch_draft(
    graph: &Graph,
    draft: &MessageId,
    fields: &DraftFields,
    priority: Priority,
) -> Result<Standing, GraphError> {
    standing_of(graph, patch_draft_call(draft, fields).select(STANDING_FIELDS).priority(priority)).await
}

/// The call that moves a draft to the deleted items. (A second `DELETE` would delete it for good.)
#[must_use]
pub fn discard_draft_call(draft: &MessageId) -> Call {
    move_call(draft, Destination::Role(FolderRole::Deleted))
}

/// The call for where a message is.
#[must_use]
pub fn standing_call(message: &MessageId) -> Call {
    Call::get(&["me", "messages", &message.0]).select(STANDING_FIELDS)
}

/// Where a message is and whether it is still a draft; `None` when it is gone.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn standing(graph: &Graph, message: &MessageId, priority: Priority) -> Result<Option<Standing>, GraphError> {
    match standing_of(graph, standing_call(message).priority(priority)).await {
        Ok(standing) => Ok(Some(standing)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// The names, sizes and ids of what hangs on a message, never the bytes.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn attachments(graph: &Graph, message: &MessageId) -> Result<Vec<Attachment>, GraphError> {
    let call = Call::get(&["me", "messages", &message.0, "attachments"]).select("id,name,contentType,size,isInline");
    let page = page::all::<WireAttachment>(graph, call, Call::link, MOST_ATTACHMENTS).await?;
    Ok(page.filter_map(WireAttachment::attachment).rows)
}

/// A file to hang on a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File<'a> {
    /// Its name, no path.
    pub name: &'a str,
    /// MIME type; empty if not known.
    pub content_type: &'a str,
}

/// The call that hangs a file below [`LARGEST_WHOLE_FILE`] on a draft. Not safe to repeat: look at [`attachments`] first.
#[must_use]
pub fn attach_call(draft: &MessageId, file: &File<'_>, bytes: &[u8]) -> Call {
    let mut body = json!({
        "@odata.type": "#microsoft.graph.fileAttachment", "name": file.name, "contentBytes": STANDARD.encode(bytes),
    });
    if !file.content_type.is_empty() {
        body["contentType"] = json!(file.content_type);
    }
    Call::post(&["me", "messages", &draft.0, "attachments"], body)
}

/// Hangs a small file on a draft; gives back its id.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn attach(
    graph: &Graph,
    draft: &MessageId,
    file: &File<'_>,
    bytes: &[u8],
    priority: Priority,
) -> Result<String, GraphError> {
    let response = graph.send(attach_call(draft, file, bytes).select("id").priority(priority)).await?;
    response.object::<Identified>()?.id.ok_or_else(|| response.unreadable("the attachment has no id".to_owned()))
}

/// Takes a file off a draft again. One that is gone already is 404.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn detach(graph: &Graph, draft: &MessageId, attachment: &str, priority: Priority) -> Result<(), GraphError> {
    let call = Call::delete(&["me", "messages", &draft.0, "attachments", attachment]);
    graph.send(call.priority(priority)).await.map(drop)
}

/// The call that opens an upload of `size` bytes.
#[must_use]
pub fn open_upload_call(draft: &MessageId, file: &File<'_>, size: u64) -> Call {
    let mut item = json!({ "attachmentType": "file", "name": file.name, "size": size });
    if !file.content_type.is_empty() {
        item["contentType"] = json!(file.content_type);
    }
    // An upload that nobody goes on with is forgotten by itself, so a second one harms nobody.
    Call::post(&["me", "messages", &draft.0, "attachments", "createUploadSession"], json!({ "AttachmentItem": item }))
        .repeat(Repeat::Safe)
}

/// Opens an upload of a file of `size` bytes, [`LARGEST_WHOLE_FILE`] or more; its pieces go by [`Graph::upload_piece`].
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn open_upload(
    graph: &Graph,
    draft: &MessageId,
    file: &File<'_>,
    size: u64,
    priority: Priority,
) -> Result<Upload, GraphError> {
    let response = graph.send(open_upload_call(draft, file, size).priority(priority)).await?;
    let wire = response.object::<WireUpload>()?;
    let url = wire.upload_url.ok_or_else(|| response.unreadable("it says not where to upload".to_owned()))?;
    let expires = wire.expiration_date_time.as_deref().and_then(wire::time::instant);
    Ok(Upload { url: Secret::new(url), expires })
}

/// The source of a message, as an `.eml` file holds it [outlook-get-mime-message].
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn source(graph: &Graph, message: &MessageId, priority: Priority) -> Result<Vec<u8>, GraphError> {
    let response = graph.send(Call::get(&["me", "messages", &message.0, "$value"]).priority(priority)).await?;
    if response.body.is_empty() {
        return Err(response.unreadable("it is empty".to_owned()));
    }
    Ok(response.body)
}

/// The bytes of what hangs on a message \[attachment-get\].
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn content(
    graph: &Graph,
    message: &MessageId,
    attachment: &str,
    priority: Priority,
) -> Result<Vec<u8>, GraphError> {
    let call = Call::get(&["me", "messages", &message.0, "attachments", attachment, "$value"]);
    Ok(graph.send(call.priority(priority)).await?.body)
}

const STANDING_FIELDS: &str = "id,isDraft,parentFolderId,changeKey,internetMessageId";

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireStanding {
    id: Option<String>,
    is_draft: Option<bool>,
    parent_folder_id: Option<String>,
    change_key: Option<String>,
    internet_message_id: Option<String>,
}

impl WireStanding {
    fn standing(self) -> Option<Standing> {
        Some(Standing {
            message: MessageId(self.id.filter(|id| !id.is_empty())?),
            is_draft: self.is_draft.unwrap_or(false),
            folder: self.parent_folder_id.filter(|id| !id.is_empty()).map(FolderId),
            change_key: self.change_key.unwrap_or_default(),
            internet_id: wire::line(&self.internet_message_id.unwrap_or_default()),
        })
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireUpload {
    #[serde(alias = "UploadUrl")]
    upload_url: Option<String>,
    #[serde(alias = "ExpirationDateTime")]
    expiration_date_time: Option<String>,
}

async fn standing_of(graph: &Graph, call: Call) -> Result<Standing, GraphError> {
    let response = graph.send(call).await?;
    let standing = response.object::<WireStanding>()?.standing();
    standing.ok_or_else(|| response.unreadable("it is no message".to_owned()))
}

async fn changed(graph: &Graph, call: Call) -> Result<MessagePatch, GraphError> {
    changed_message(&graph.send(call).await?)
}

/// The message as it is after it was changed or moved.
///
/// # Errors
/// [`GraphError::Unreadable`] when the answer is none of these.
pub fn changed_message(response: &Response) -> Result<MessagePatch, GraphError> {
    match response.object::<WireMessage>()?.change() {
        Some(Change::Upsert(patch)) => Ok(patch),
        Some(Change::Removed(_)) | None => Err(response.unreadable("it is no message".to_owned())),
    }
}

fn set_mark(message: &mut Map<String, Value>, mark: &str) {
    message.insert("singleValueExtendedProperties".to_owned(), json!([{ "id": MARK, "value": mark }]));
}

pub(super) fn draft_json(fields: &DraftFields) -> Map<String, Value> {
    let mut body = Map::new();
    if let Some(subject) = &fields.subject {
        body.insert("subject".to_owned(), json!(subject));
    }
    if let Some(content) = &fields.body {
        let (kind, text) = match content {
            BodyContent::Html(text) => ("html", text),
            BodyContent::Text(text) => ("text", text),
        };
        body.insert("body".to_owned(), json!({ "contentType": kind, "content": text }));
    }
    for (name, people) in [
        ("toRecipients", &fields.to),
        ("ccRecipients", &fields.cc),
        ("bccRecipients", &fields.bcc),
        ("replyTo", &fields.reply_to),
    ] {
        if let Some(people) = people {
            body.insert(name.to_owned(), people.iter().map(recipient_json).collect());
        }
    }
    if let Some(importance) = fields.importance {
        body.insert("importance".to_owned(), json!(importance_word(importance)));
    }
    if let Some(from) = &fields.from {
        body.insert("from".to_owned(), recipient_json(from));
    }
    if let Some(mark) = &fields.mark {
        set_mark(&mut body, mark);
    }
    body
}

/// Somebody as the service reads them; without a name the service finds one.
pub(crate) fn recipient_json(recipient: &Recipient) -> Value {
    let mut address = json!({ "address": recipient.address });
    if !recipient.name.is_empty() {
        address["name"] = json!(recipient.name);
    }
    json!({ "emailAddress": address })
}

pub(crate) const fn importance_word(importance: Importance) -> &'static str {
    match importance {
        Importance::Low => "low",
        Importance::Normal => "normal",
        Importance::High => "high",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> MessageId {
        MessageId(text.to_owned())
    }

    #[test]
    fn a_change_says_only_what_changes() {
        let change = MessageChange { is_flagged: Some(false), ..MessageChange::default() };
        let call = patch_call(&id("A/B="), &change);
        assert_eq!(call.body(), Some(&json!({"flag": {"flagStatus": "notFlagged"}})));
        assert!(call.relative().is_ok_and(|path| path.starts_with("/me/messages/A%2FB%3D?$select=")));
        assert_eq!((call.method().as_str(), call.repeats()), ("PATCH", Repeat::Safe));
    }

    #[test]
    fn goals_may_be_repeated_and_making_something_may_not() {
        let file = File { name: "a.txt", content_type: "" };
        for (call, repeat) in [
            (move_call(&id("A"), Destination::Role(FolderRole::Archive)), Repeat::Safe),
            (delete_for_ever_call(&id("A")), Repeat::Safe),
            (patch_draft_call(&id("A"), &DraftFields::default()), Repeat::Safe),
            (open_upload_call(&id("A"), &file, 4_000_000), Repeat::Safe),
            (create_draft_call(&DraftFields::default(), "m"), Repeat::OnlyIfNotProcessed),
            (derive_draft_call(&id("A"), Derived::Reply, "m"), Repeat::OnlyIfNotProcessed),
            (attach_call(&id("A"), &file, b"x"), Repeat::OnlyIfNotProcessed),
        ] {
            assert_eq!(call.repeats(), repeat, "{call:?}");
        }
    }

    #[test]
    fn a_draft_carries_its_mark_and_is_looked_for_by_it() {
        let fields = DraftFields {
            subject: Some("Hi".to_owned()),
            body: Some(BodyContent::Text("Hello".to_owned())),
            to: Some(vec![Recipient { name: String::new(), address: "bea@x.example".to_owned() }]),
            ..DraftFields::default()
        };
        let call = create_draft_call(&fields, "d-1");
        assert_eq!(
            call.body(),
            Some(&json!({
                "subject": "Hi", "body": {"contentType": "text", "content": "Hello"},
                "toRecipients": [{"emailAddress": {"address": "bea@x.example"}}],
                "singleValueExtendedProperties": [{"id": MARK, "value": "d-1"}],
            }))
        );
        let filter = find_marked_call("d'1").relative().expect("an address");
        assert!(filter.contains("value%20eq%20%27d%27%271%27"), "{filter}");
    }
}
