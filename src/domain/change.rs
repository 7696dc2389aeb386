//! What a delta round says: rows to merge and rows that are gone.
//!
//! A changed message comes with *at least* the properties that changed [delta-query-messages], so it is a patch: what is `None` was
//! not said and stays as it is. Events come whole. The same id may come several times in a round; the last one wins.
//! Must stay true: a removal from one folder never deletes a message that lies in another by now (immutable ids survive a move).

use crate::domain::mail::{Folder, FolderId, Importance, MeetingMessage, Message, MessageId, Recipient};
use jiff::Timestamp;

/// One row of a delta round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change<Row, Id> {
    /// New or changed.
    Upsert(Row),
    /// Gone from this folder or window. Ids never seen may come too. The id of a series' master means the whole series.
    Removed(Id),
}

/// What a row said about a message. `None`: not said. Every string is tamed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessagePatch {
    /// Immutable id.
    pub id: MessageId,
    /// The folder it lies in.
    pub folder: Option<FolderId>,
    /// Groups a thread.
    pub conversation: Option<String>,
    /// Subject.
    pub subject: Option<String>,
    /// Sender; `Some(None)`: the service said there is none.
    pub from: Option<Option<Recipient>>,
    /// To.
    pub to: Option<Vec<Recipient>>,
    /// Cc.
    pub cc: Option<Vec<Recipient>>,
    /// When it was received.
    pub received: Option<Timestamp>,
    /// Read.
    pub is_read: Option<bool>,
    /// Flagged for follow-up.
    pub is_flagged: Option<bool>,
    /// Importance.
    pub importance: Option<Importance>,
    /// Has attachments.
    pub has_attachments: Option<bool>,
    /// Is a draft.
    pub is_draft: Option<bool>,
    /// Meeting mail; rows name their kind only when it is one, so `None` changes nothing.
    pub meeting: Option<MeetingMessage>,
    /// First characters of the body.
    pub preview: Option<String>,
    /// Category names.
    pub categories: Option<Vec<String>>,
}

impl MessagePatch {
    /// A patch that says nothing but the id.
    #[must_use]
    pub const fn new(id: MessageId) -> Self {
        Self {
            id,
            folder: None,
            conversation: None,
            subject: None,
            from: None,
            to: None,
            cc: None,
            received: None,
            is_read: None,
            is_flagged: None,
            importance: None,
            has_attachments: None,
            is_draft: None,
            meeting: None,
            preview: None,
            categories: None,
        }
    }

    /// Changes in `message` what this patch says.
    pub fn merge_into(self, message: &mut Message) {
        fn set<T>(place: &mut T, said: Option<T>) {
            if let Some(said) = said {
                *place = said;
            }
        }
        set(&mut message.folder, self.folder);
        set(&mut message.conversation, self.conversation);
        set(&mut message.subject, self.subject);
        set(&mut message.from, self.from);
        set(&mut message.to, self.to);
        set(&mut message.cc, self.cc);
        set(&mut message.received, self.received);
        set(&mut message.is_read, self.is_read);
        set(&mut message.is_flagged, self.is_flagged);
        set(&mut message.importance, self.importance);
        set(&mut message.has_attachments, self.has_attachments);
        set(&mut message.is_draft, self.is_draft);
        set(&mut message.preview, self.preview);
        set(&mut message.categories, self.categories);
        if self.meeting.is_some() {
            message.meeting = self.meeting;
        }
    }

    /// The message, if the patch says enough to be one: a row that does not even say when it was received is a change of
    /// something we never saw. `folder` is where it lies unless the row says otherwise.
    #[must_use]
    pub fn into_message(self, folder: &FolderId) -> Option<Message> {
        let mut message = Message {
            id: self.id.clone(),
            folder: folder.clone(),
            conversation: String::new(),
            subject: String::new(),
            from: None,
            to: Vec::new(),
            cc: Vec::new(),
            received: self.received?,
            is_read: false,
            is_flagged: false,
            importance: Importance::Normal,
            has_attachments: false,
            is_draft: false,
            meeting: None,
            preview: String::new(),
            categories: Vec::new(),
        };
        self.merge_into(&mut message);
        Some(message)
    }
}

/// What a row said about a folder. `None`: not said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderPatch {
    /// Its id.
    pub id: FolderId,
    /// The folder above; `Some(None)`: it stands at the root.
    pub parent: Option<Option<FolderId>>,
    /// Name, tamed.
    pub name: Option<String>,
    /// All items.
    pub total: Option<u32>,
    /// Unread items.
    pub unread: Option<u32>,
    /// Shown on request only.
    pub hidden: Option<bool>,
}

impl FolderPatch {
    /// Changes in `folder` what this patch says.
    pub fn merge_into(self, folder: &mut Folder) {
        folder.parent = self.parent.unwrap_or_else(|| folder.parent.take());
        folder.name = self.name.unwrap_or_else(|| std::mem::take(&mut folder.name));
        folder.total = self.total.unwrap_or(folder.total);
        folder.unread = self.unread.unwrap_or(folder.unread);
        folder.hidden = self.hidden.unwrap_or(folder.hidden);
    }

    /// The folder, if the patch says enough to be one: a row without a name is a change of something never seen.
    #[must_use]
    pub fn into_folder(self) -> Option<Folder> {
        Some(Folder {
            id: self.id,
            parent: self.parent.flatten(),
            name: self.name?,
            role: None,
            total: self.total.unwrap_or(0),
            unread: self.unread.unwrap_or(0),
            cached: 0,
            hidden: self.hidden.unwrap_or(false),
        })
    }
}
