//! Folders, messages, bodies and attachments on the wire.

use super::{Several, line, said, some_line, time, word};
use crate::domain::change::{Change, FolderPatch, MessagePatch};
use crate::domain::mail::{
    Attachment, Body, BodyContent, Folder, FolderId, Importance, MeetingMessage, MessageId, Recipient,
};
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct EmailAddress {
    pub name: Option<String>,
    pub address: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WireRecipient {
    pub email_address: Option<EmailAddress>,
}

impl WireRecipient {
    pub fn recipient(&self) -> Option<Recipient> {
        let address = self.email_address.as_ref()?;
        let recipient = Recipient {
            name: line(address.name.as_deref().unwrap_or_default()),
            address: line(address.address.as_deref().unwrap_or_default()),
        };
        (recipient != Recipient::default()).then_some(recipient)
    }
}

fn recipients(several: &Several<WireRecipient>) -> Vec<Recipient> {
    several.0.iter().filter_map(WireRecipient::recipient).collect()
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Flag {
    flag_status: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WireMessage {
    #[serde(rename = "@odata.type")]
    kind: Option<String>,
    #[serde(rename = "@removed", deserialize_with = "said")]
    removed: Option<Option<serde::de::IgnoredAny>>,
    id: Option<String>,
    parent_folder_id: Option<String>,
    conversation_id: Option<String>,
    #[serde(deserialize_with = "said")]
    subject: Option<Option<String>>,
    #[serde(deserialize_with = "said")]
    from: Option<Option<WireRecipient>>,
    to_recipients: Option<Several<WireRecipient>>,
    cc_recipients: Option<Several<WireRecipient>>,
    received_date_time: Option<String>,
    is_read: Option<bool>,
    #[serde(deserialize_with = "said")]
    flag: Option<Option<Flag>>,
    importance: Option<String>,
    has_attachments: Option<bool>,
    is_draft: Option<bool>,
    meeting_message_type: Option<String>,
    #[serde(deserialize_with = "said")]
    body_preview: Option<Option<String>>,
    categories: Option<Vec<Option<String>>>,
    body: Option<WireBody>,
    attachments: Option<Several<WireAttachment>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WireBody {
    content_type: Option<String>,
    content: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WireAttachment {
    id: Option<String>,
    name: Option<String>,
    content_type: Option<String>,
    size: Option<u64>,
    is_inline: Option<bool>,
}

impl WireMessage {
    /// The row of a delta round or a list; `None` without an id.
    pub fn change(self) -> Option<Change<MessagePatch, MessageId>> {
        let id = MessageId(self.id.clone().filter(|id| !id.is_empty())?);
        Some(if self.removed.is_some() { Change::Removed(id) } else { Change::Upsert(self.patch(id)) })
    }

    fn patch(self, id: MessageId) -> MessagePatch {
        let meeting = self.meeting();
        MessagePatch {
            id,
            folder: self.parent_folder_id.filter(|id| !id.is_empty()).map(FolderId),
            conversation: self.conversation_id,
            subject: self.subject.map(|subject| line(&subject.unwrap_or_default())),
            from: self.from.map(|from| from.and_then(|from| from.recipient())),
            to: self.to_recipients.as_ref().map(recipients),
            cc: self.cc_recipients.as_ref().map(recipients),
            received: self.received_date_time.as_deref().and_then(time::instant),
            is_read: self.is_read,
            is_flagged: self.flag.map(|flag| word(flag.and_then(|flag| flag.flag_status).as_deref()) == "flagged"),
            importance: self.importance.map(|importance| importance_of(Some(&importance))),
            has_attachments: self.has_attachments,
            is_draft: self.is_draft,
            meeting,
            preview: self.body_preview.map(|preview| line(&preview.unwrap_or_default())),
            categories: self.categories.map(categories),
        }
    }

    /// By the kind of meeting mail where it is said, else by the type of the row \[eventmessage\].
    fn meeting(&self) -> Option<MeetingMessage> {
        match word(self.meeting_message_type.as_deref()).as_str() {
            "meetingrequest" => return Some(MeetingMessage::Request),
            "meetingcancelled" => return Some(MeetingMessage::Cancelled),
            "meetingaccepted" | "meetingtentativelyaccepted" | "meetingtenativelyaccepted" | "meetingdeclined" => {
                return Some(MeetingMessage::Response);
            }
            _ => {}
        }
        match word(self.kind.as_deref()).rsplit('.').next() {
            Some("eventmessagerequest") => Some(MeetingMessage::Request),
            Some("eventmessageresponse") => Some(MeetingMessage::Response),
            _ => None,
        }
    }

    /// The body with its attachments; `None` when there is no body in the answer.
    pub fn into_body(self) -> Option<Body> {
        let content = self.body?.content();
        let attachments = self.attachments.unwrap_or_default();
        Some(Body { content, attachments: attachments.0.into_iter().filter_map(WireAttachment::attachment).collect() })
    }
}

impl WireBody {
    /// The body as it came; what says nothing of itself is taken for HTML.
    pub fn content(self) -> BodyContent {
        let content = self.content.unwrap_or_default();
        match word(self.content_type.as_deref()).as_str() {
            "text" => BodyContent::Text(content),
            _ => BodyContent::Html(content),
        }
    }
}

impl WireAttachment {
    /// The attachment; `None` without an id.
    pub fn attachment(self) -> Option<Attachment> {
        Some(Attachment {
            id: self.id.filter(|id| !id.is_empty())?,
            name: line(self.name.as_deref().unwrap_or_default()),
            content_type: line(self.content_type.as_deref().unwrap_or_default()),
            size: self.size.unwrap_or(0),
            is_inline: self.is_inline.unwrap_or(false),
        })
    }
}

/// `low`, `high`, and normal for everything else.
pub fn importance_of(text: Option<&str>) -> Importance {
    match word(text).as_str() {
        "low" => Importance::Low,
        "high" => Importance::High,
        _ => Importance::Normal,
    }
}

/// Category names, those without text left out.
pub fn categories(names: Vec<Option<String>>) -> Vec<String> {
    names.into_iter().filter_map(|name| some_line(name.as_deref())).collect()
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WireFolder {
    #[serde(rename = "@removed", deserialize_with = "said")]
    removed: Option<Option<serde::de::IgnoredAny>>,
    id: Option<String>,
    display_name: Option<String>,
    parent_folder_id: Option<String>,
    pub child_folder_count: Option<u32>,
    total_item_count: Option<u32>,
    unread_item_count: Option<u32>,
    is_hidden: Option<bool>,
}

impl WireFolder {
    /// The row of a round of the tree; `None` without an id. What is hidden is not in the tree.
    pub fn change(self, root: Option<&FolderId>) -> Option<Change<FolderPatch, FolderId>> {
        let id = FolderId(self.id.filter(|id| !id.is_empty())?);
        if self.removed.is_some() || self.is_hidden == Some(true) {
            return Some(Change::Removed(id));
        }
        let parent = self.parent_folder_id.filter(|parent| !parent.is_empty()).map(FolderId);
        Some(Change::Upsert(FolderPatch {
            id,
            parent: parent.map(|parent| Some(parent).filter(|parent| Some(parent) != root)),
            name: self.display_name.map(|name| line(&name)),
            total: self.total_item_count,
            unread: self.unread_item_count,
            hidden: self.is_hidden,
        }))
    }

    /// The folder under `parent`, without a role; `None` without an id.
    pub fn folder(self, parent: Option<FolderId>) -> Option<Folder> {
        Some(Folder {
            id: FolderId(self.id.filter(|id| !id.is_empty())?),
            parent,
            name: line(self.display_name.as_deref().unwrap_or_default()),
            role: None,
            total: self.total_item_count.unwrap_or(0),
            unread: self.unread_item_count.unwrap_or(0),
            cached: 0,
            hidden: self.is_hidden.unwrap_or(false),
        })
    }
}

/// An answer of which only the id matters.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Identified {
    pub id: Option<String>,
}
