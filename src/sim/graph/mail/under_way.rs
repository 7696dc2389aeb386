//! Mail on its way: accepted at once, gone a little later. [user-sendmail] [message-send]
//!
//! What was handed in stays where it lies and looks like a draft until the world's clock has moved on; then it goes to Sent
//! Items and to everybody it names, and an address that nobody has comes back as a failure notice later still. Must stay true:
//! what went out is what was handed in, whatever became of the draft meanwhile; the draft keeps its row, so that its immutable
//! id lives on in Sent Items.

use super::content::{Address, Content, Importance, Text};
use super::store::{Mailbox, Row};
use super::{instant, properties};
use crate::sim::world::World;
use jiff::{Timestamp, ToSpan as _};

/// Seconds from being accepted to being sent.
const SENT_AFTER: i64 = 2;
/// Seconds from being sent to the failure notice.
const RETURNED_AFTER: i64 = 3;

/// A message on its way.
#[derive(Clone, Debug)]
pub struct Submission {
    due: Timestamp,
    /// Mailbox of the sender.
    from: usize,
    /// The draft, if it was one.
    draft: Option<u32>,
    content: Content,
    importance: Importance,
    /// A copy goes to Sent Items.
    save: bool,
    /// A failure notice for the sender, to be delivered to nobody else.
    is_notice: bool,
    /// Extended properties of the copy in Sent Items.
    marks: Vec<(String, String)>,
}

impl Submission {
    /// A message handed in at `now`.
    #[must_use]
    pub fn new(now: Timestamp, from: usize, content: Content, importance: Importance) -> Self {
        Self {
            due: now + SENT_AFTER.seconds(),
            from,
            draft: None,
            content,
            importance,
            save: true,
            is_notice: false,
            marks: Vec::new(),
        }
    }

    /// The draft it was.
    #[must_use]
    pub fn of_draft(self, key: u32) -> Self {
        Self { draft: Some(key), ..self }
    }

    /// Its copy in Sent Items carries these properties.
    #[must_use]
    pub fn marked(self, marks: Vec<(String, String)>) -> Self {
        Self { marks, ..self }
    }

    /// Without a copy in Sent Items, if not `save`.
    #[must_use]
    pub fn saved(self, save: bool) -> Self {
        Self { save, ..self }
    }
}

/// Sends what is due by now.
pub fn settle(world: &mut World) {
    let now = instant(world.now());
    while let Some(at) = world.mail.under_way.iter().position(|one| one.due <= now) {
        let submission = world.mail.under_way.remove(at);
        go(world, submission);
    }
}

fn go(world: &mut World, submission: Submission) {
    let Submission { due, from, draft, content, importance, save, is_notice, marks } = submission;
    let Some(mailbox) = world.mail.get_mut(from) else { return };
    if is_notice {
        if let Some(inbox) = mailbox.well_known("inbox") {
            put(mailbox, content, due, inbox, false, importance);
        }
        return;
    }
    let mut content = content;
    content.sent = due;
    if let Some(sent) = mailbox.well_known("sentitems") {
        match draft {
            Some(key) if mailbox.row(key).is_some_and(|row| row.draft) => {
                let source = mailbox.keep(content.clone());
                mailbox.notes.entry(key).or_default().submitted = false;
                mailbox.sent(key, source, sent, due);
            }
            None if save => {
                let key = put(mailbox, content.clone(), due, sent, true, importance);
                properties::put(mailbox, key, marks);
            }
            _ => {}
        }
    }
    deliver(world, from, &content, importance, due);
}

/// Puts a new message into a folder.
pub fn put(
    mailbox: &mut Mailbox,
    content: Content,
    at: Timestamp,
    folder: u16,
    read: bool,
    importance: Importance,
) -> u32 {
    let attachments = content.has_attachments();
    let source = mailbox.keep(content);
    let mut row = Row::new(at, source, folder);
    row.read = read;
    row.attachments = attachments;
    row.importance = importance;
    mailbox.add(row)
}

/// Puts a copy into the inbox of everybody it names; unknown addresses of our own domain bounce.
fn deliver(world: &mut World, from: usize, content: &Content, importance: Importance, now: Timestamp) {
    let named: Vec<Address> = content.to.iter().chain(&content.cc).chain(&content.bcc).cloned().collect();
    let mut copy = content.clone();
    copy.bcc.clear();
    let mut reached = Vec::new();
    for one in &named {
        let Some(smtp) = one.address.as_deref() else { continue };
        match world.mail.find(smtp) {
            Some(at) if !reached.contains(&at) => {
                reached.push(at);
                let Some(mailbox) = world.mail.get_mut(at) else { continue };
                let Some(inbox) = mailbox.well_known("inbox") else { continue };
                put(mailbox, copy.clone(), now, inbox, false, importance);
            }
            Some(_) => {}
            None => {
                let domain = smtp.rsplit('@').next().unwrap_or_default();
                let ours = world.company.domains.iter().any(|own| own.eq_ignore_ascii_case(domain));
                if ours && world.company.find(smtp).is_none() {
                    bounce(world, from, content, smtp, now);
                }
            }
        }
    }
}

/// A failure notice to the sender, a little later.
fn bounce(world: &mut World, from: usize, content: &Content, smtp: &str, now: Timestamp) {
    let Some(mailbox) = world.mail.get(from) else { return };
    let due = now + RETURNED_AFTER.seconds();
    let mut notice = Content::empty(due);
    let postmaster = Address::new("Microsoft Outlook", "postmaster@contoso.com");
    notice.subject = format!("Undeliverable: {}", content.subject);
    notice.from = Some(postmaster.clone());
    notice.sender = Some(postmaster);
    notice.to.push(mailbox.owner.clone());
    notice.conversation = content.conversation;
    notice.depth = 1;
    notice.internet_id = content.internet_id.replace("@contoso.com>", ".bounce@contoso.com>");
    notice.text = Text::Plain(format!(
        "Your message to {smtp} couldn't be delivered.\r\n\r\nThe address was not found in the directory. Check it, or send \
         the message to somebody else."
    ));
    let returned = Submission::new(now, from, notice, Importance::Normal).saved(false);
    world.mail.under_way.push(Submission { due, is_notice: true, ..returned });
}
