//! Folders, messages and their bodies.
//!
//! Every string that came from outside is tamed before it is put into these types, bodies excepted: a body is HTML or
//! text as it came and is tamed when it is rendered.

use jiff::Timestamp;

/// A folder's id; constant for the life of the folder [outlook-immutable-id].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FolderId(pub String);

/// A message's immutable id; case-sensitive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(pub String);

/// Folders the service knows by name \[mailfolder\].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FolderRole {
    /// `inbox`
    Inbox,
    /// `drafts`
    Drafts,
    /// `sentitems`
    Sent,
    /// `archive`
    Archive,
    /// `deleteditems`
    Deleted,
    /// `junkemail`
    Junk,
}

impl FolderRole {
    /// All roles, in the order in which folders are listed.
    pub const ALL: [Self; 6] = [Self::Inbox, Self::Drafts, Self::Sent, Self::Archive, Self::Deleted, Self::Junk];

    /// The service's name, usable as an id.
    #[must_use]
    pub const fn well_known_name(self) -> &'static str {
        match self {
            Self::Inbox => "inbox",
            Self::Drafts => "drafts",
            Self::Sent => "sentitems",
            Self::Archive => "archive",
            Self::Deleted => "deleteditems",
            Self::Junk => "junkemail",
        }
    }
}

/// A mail folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// Id.
    pub id: FolderId,
    /// The folder above; `None` for a child of the root.
    pub parent: Option<FolderId>,
    /// Localised name.
    pub name: String,
    /// What the service uses it for.
    pub role: Option<FolderRole>,
    /// All items, as the service counts.
    pub total: u32,
    /// Unread items, as the service counts.
    pub unread: u32,
    /// How many of its messages are in the cache.
    pub cached: u32,
    /// Hidden folders are synced by nobody and shown on request.
    pub hidden: bool,
}

/// A name with an address, as in a header line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Recipient {
    /// Shown name; may be empty.
    pub name: String,
    /// SMTP address; may be empty or an internal name.
    pub address: String,
}

impl Recipient {
    /// The name, else the address, else "(unknown)".
    #[must_use]
    pub fn label(&self) -> &str {
        if !self.name.is_empty() {
            &self.name
        } else if !self.address.is_empty() {
            &self.address
        } else {
            "(unknown)"
        }
    }
}

/// Names and addresses as a text to search in, a line each.
#[must_use]
pub fn people_text<'a>(people: impl IntoIterator<Item = &'a Recipient>) -> String {
    people.into_iter().map(|person| format!("{} {}\n", person.name, person.address)).collect()
}

/// What sort of meeting mail it is \[eventmessage\].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeetingMessage {
    /// An invitation or update.
    Request,
    /// A cancellation.
    Cancelled,
    /// Somebody's answer.
    Response,
}

/// Low, normal, high.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Importance {
    /// `low`
    Low,
    /// `normal`
    #[default]
    Normal,
    /// `high`
    High,
}

/// What a list needs of a message: everything but the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Immutable id.
    pub id: MessageId,
    /// The folder it lies in.
    pub folder: FolderId,
    /// Groups a thread.
    pub conversation: String,
    /// Subject; may be empty.
    pub subject: String,
    /// Sender; drafts may have none.
    pub from: Option<Recipient>,
    /// To.
    pub to: Vec<Recipient>,
    /// Cc.
    pub cc: Vec<Recipient>,
    /// When it was received.
    pub received: Timestamp,
    /// Read.
    pub is_read: bool,
    /// Flagged for follow-up.
    pub is_flagged: bool,
    /// Importance.
    pub importance: Importance,
    /// Has attachments (the service leaves inline ones out \[message\]).
    pub has_attachments: bool,
    /// Is a draft.
    pub is_draft: bool,
    /// Meeting mail.
    pub meeting: Option<MeetingMessage>,
    /// First characters of the body as text, at most 255.
    pub preview: String,
    /// Category names.
    pub categories: Vec<String>,
}

impl Message {
    /// The name of a file with it, before a file system had its say.
    #[must_use]
    pub fn file_name(&self) -> String {
        let subject = if self.subject.trim().is_empty() { "message" } else { self.subject.as_str() };
        format!("{subject}.eml")
    }
}

/// The place of a message in its folder's order (newest first): received time, then the cache's row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageKey {
    /// Received, microseconds since 1970 UTC.
    pub received: i64,
    /// Row in the cache; breaks ties.
    pub row: i64,
}

/// A message with its place in the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRow {
    /// Place.
    pub key: MessageKey,
    /// The message.
    pub message: Message,
}

/// A body as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyContent {
    /// HTML of a stranger.
    Html(String),
    /// Plain text of a stranger.
    Text(String),
}

/// What hangs on a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Id.
    pub id: String,
    /// File name, tamed; never a path.
    pub name: String,
    /// MIME type.
    pub content_type: String,
    /// Bytes, including overhead \[attachment\].
    pub size: u64,
    /// Shown inside the body.
    pub is_inline: bool,
}

/// A body with what hangs on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// The content.
    pub content: BodyContent,
    /// The attachments, without their bytes.
    pub attachments: Vec<Attachment>,
}

/// A category of the mailbox's own list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// Its name, tamed; unique in the list.
    pub name: String,
    /// Which of the service's 25 colours, 0 to 24; `None` for none \[outlookcategory\].
    pub colour: Option<u8>,
}
