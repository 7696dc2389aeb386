//! Mail that is being written.
//!
//! A draft lives on this computer first, in a file of its own that no damaged cache takes along; its copy in the Drafts folder is
//! one more change that waits its turn. The text is plain, quoted lines begin with `>`. Deliberately absent: sending
//! (an [`Intent`](super::intent::Intent)), and reading the attached files before it is sent.

use crate::domain::draft_elsewhere::Elsewhere;
use crate::domain::mail::{Importance, MessageId, Recipient};
use jiff::Timestamp;
use std::path::PathBuf;

/// A draft's id on this computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DraftId(pub i64);

/// What a draft began as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DraftKind {
    /// A new message.
    New,
    /// An answer to the sender.
    Reply,
    /// An answer to the sender and all who got it.
    ReplyAll,
    /// Passed on, with what hangs on it.
    Forward,
}

/// A file that will be attached. It is read when the message is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftAttachment {
    /// Where it lies.
    pub path: PathBuf,
    /// The name it will have.
    pub name: String,
    /// Bytes, when it was attached.
    pub size: u64,
}

/// Mail that is being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Id on this computer.
    pub id: DraftId,
    /// What it began as.
    pub kind: DraftKind,
    /// The message it answers or passes on.
    pub about: Option<MessageId>,
    /// To.
    pub to: Vec<Recipient>,
    /// Cc.
    pub cc: Vec<Recipient>,
    /// Bcc.
    pub bcc: Vec<Recipient>,
    /// Subject.
    pub subject: String,
    /// The text, plain, quoted lines and all.
    pub body: String,
    /// Importance.
    pub importance: Importance,
    /// Files to attach. What a forwarded message carries is carried on without being listed here.
    pub attachments: Vec<DraftAttachment>,
    /// Where the cursor stood in the text, in characters.
    pub cursor: u32,
    /// Its copy in the Drafts folder, once there is one.
    pub on_service: Option<MessageId>,
    /// It is on its way: it can no longer be changed, only stopped.
    pub is_sending: bool,
    /// The copy in the Drafts folder was, when it was last heard of, the same as this.
    pub is_in_step: bool,
    /// What lies there of a draft that another program began.
    pub elsewhere: Option<Box<Elsewhere>>,
    /// When it was begun.
    pub made: Timestamp,
    /// When it was last kept.
    pub kept: Timestamp,
}

impl Draft {
    /// Whether nobody is addressed.
    #[must_use]
    pub fn has_no_recipient(&self) -> bool {
        self.to.is_empty() && self.cc.is_empty() && self.bcc.is_empty()
    }

    /// The subject, or words for none.
    #[must_use]
    pub fn label(&self) -> &str {
        if self.subject.trim().is_empty() { "(no subject)" } else { &self.subject }
    }
}
