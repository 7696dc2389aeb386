//! What a message says, apart from where it lies and whether it was read.
//!
//! One shape for written, sent and generated messages. Must stay true: nothing here knows JSON or a mailbox row.
//! Deliberately absent: sanitising; what is hostile in a text is meant to reach the client.

use jiff::Timestamp;
use jiff::civil::Date;

/// A name with an address, either of which may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// Shown name.
    pub name: String,
    /// SMTP address; `None` is left out of the JSON, as the service does for some internal senders.
    pub address: Option<String>,
}

impl Address {
    /// An address with a name.
    #[must_use]
    pub fn new(name: &str, address: &str) -> Self {
        Self { name: name.to_owned(), address: Some(address.to_owned()) }
    }

    /// Whether the SMTP address is this one.
    #[must_use]
    pub fn is(&self, address: &str) -> bool {
        self.address.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(address))
    }
}

/// The body.
#[derive(Clone, Debug)]
pub enum Text {
    /// HTML as written by the sender.
    Html(String),
    /// Plain text.
    Plain(String),
    /// Made when somebody asks for it.
    Later,
}

/// What kind of item it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// An ordinary message.
    #[default]
    Message,
    /// An invitation.
    Request,
    /// A meeting was called off.
    Cancelled,
    /// Somebody said yes.
    Accepted,
    /// Somebody said perhaps.
    Tentative,
    /// Somebody said no.
    Declined,
}

/// Importance as the sender set it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Importance {
    /// Low.
    Low,
    /// Normal.
    #[default]
    Normal,
    /// High.
    High,
}

impl Importance {
    /// The wire spelling.
    #[must_use]
    pub fn wire(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
        }
    }

    /// From the wire, without regard to case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Low, Self::Normal, Self::High].into_iter().find(|each| each.wire().eq_ignore_ascii_case(text))
    }
}

/// The meeting an invitation or an answer is about.
#[derive(Clone, Debug)]
pub struct Meeting {
    /// Start.
    pub start: Timestamp,
    /// End.
    pub end: Timestamp,
    /// Room or place; may be empty.
    pub place: String,
    /// Whole days.
    pub all_day: bool,
    /// The meeting in the calendars, and its day if it is about one of a series.
    pub event: Option<(String, Option<Date>)>,
    /// Not the first invitation.
    pub is_update: bool,
    /// Another time that is proposed.
    pub proposal: Option<(Timestamp, Timestamp)>,
}

impl Meeting {
    /// A meeting from `start` to `end`.
    #[must_use]
    pub fn new(start: Timestamp, end: Timestamp, place: String) -> Self {
        Self { start, end, place, all_day: false, event: None, is_update: false, proposal: None }
    }
}

/// The bytes of an attachment.
#[derive(Clone, Debug)]
pub enum Bytes {
    /// Made from the name and this many bytes when asked for.
    Made(u32),
    /// As a client uploaded them.
    Given(Vec<u8>),
}

/// An attached file or inline picture.
#[derive(Clone, Debug)]
pub struct File {
    /// File name as the sender wrote it.
    pub name: String,
    /// Media type.
    pub content_type: String,
    /// Inline pictures are shown inside the body and do not count for `hasAttachments`.
    pub inline: bool,
    /// Name in `cid:` references.
    pub content_id: Option<String>,
    /// The bytes.
    pub bytes: Bytes,
    /// Taken off again; the place stays, for ids name it.
    pub gone: bool,
}

/// A message apart from its place and state.
#[derive(Clone, Debug)]
pub struct Content {
    /// Subject.
    pub subject: String,
    /// Author; `None` comes as null.
    pub from: Option<Address>,
    /// Who sent it for the author.
    pub sender: Option<Address>,
    /// To.
    pub to: Vec<Address>,
    /// Copies.
    pub cc: Vec<Address>,
    /// Hidden copies; only on the sender's side.
    pub bcc: Vec<Address>,
    /// Where answers go.
    pub reply_to: Vec<Address>,
    /// Body.
    pub text: Text,
    /// When it was sent.
    pub sent: Timestamp,
    /// Thread number.
    pub conversation: u64,
    /// Answers before it in its thread, which is the length of the conversation index.
    pub depth: u8,
    /// RFC 5322 id with its angle brackets.
    pub internet_id: String,
    /// Attached files.
    pub files: Vec<File>,
    /// Kind of item.
    pub kind: Kind,
    /// For invitations and answers.
    pub meeting: Option<Meeting>,
    /// The sender wants to know when it is read.
    pub receipt: bool,
}

impl Content {
    /// An empty message sent at `sent`.
    #[must_use]
    pub fn empty(sent: Timestamp) -> Self {
        Self {
            subject: String::new(),
            from: None,
            sender: None,
            to: Vec::new(),
            cc: Vec::new(),
            bcc: Vec::new(),
            reply_to: Vec::new(),
            text: Text::Plain(String::new()),
            sent,
            conversation: 0,
            depth: 0,
            internet_id: String::new(),
            files: Vec::new(),
            kind: Kind::Message,
            meeting: None,
            receipt: false,
        }
    }

    /// `hasAttachments`: inline pictures do not count. \[message\]
    #[must_use]
    pub fn has_attachments(&self) -> bool {
        self.files.iter().any(|file| !file.inline && !file.gone)
    }
}
