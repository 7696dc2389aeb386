//! Drafts and sending. [user-sendmail] [user-post-messages] [message-send]
//!
//! A sent message is in Sent Items and in the inboxes of the company at once, and an unknown address inside the company
//! comes back as a failure notice. Must stay true: 202 has no body; the draft keeps its row, so that its immutable id lives
//! on in Sent Items. Deliberately absent: reply, forward, and MIME from clients.

use super::content::{Address, Content, Importance, Text};
use super::store::{Mailbox, Row};
use super::{Call, Outcome, attachments, bad, messages, not_found};
use crate::sim::request::Answer;
use crate::sim::world::World;
use jiff::ToSpan as _;
use serde_json::Value;

/// `POST sendMail`.
pub fn send_mail(call: &Call<'_>, world: &mut World) -> Outcome {
    if call.method() != "POST" {
        return Err(Answer::error(405, "BadRequest", "The method is not allowed here."));
    }
    let member = |name: &str| {
        let body = call.request.body.as_object()?;
        body.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    };
    let message = member("message").ok_or_else(|| bad("The parameter 'Message' is missing."))?;
    let content = written(call, world, message)?;
    recipients_given(&content)?;
    if member("saveToSentItems").and_then(Value::as_bool).unwrap_or(true) {
        let mailbox = call.mailbox_mut(world)?;
        let sent = mailbox.well_known("sentitems").ok_or_else(not_found)?;
        put(mailbox, content.clone(), call, sent, true, importance(message));
    }
    deliver(call, world, &content, importance(message));
    Ok(Answer::empty(202))
}

/// `POST messages`: a draft.
pub fn draft(call: &Call<'_>, world: &mut World, folder: Option<u16>) -> Outcome {
    let content = written(call, world, &call.request.body)?;
    let mailbox = call.mailbox_mut(world)?;
    let folder = folder.or_else(|| mailbox.well_known("drafts")).ok_or_else(not_found)?;
    let source = mailbox.keep(content.clone());
    let mut row = Row::new(call.now, source, folder);
    row.draft = true;
    row.attachments = content.has_attachments();
    row.importance = importance(&call.request.body);
    let key = mailbox.add(row);
    messages::one(call, call.mailbox(world)?, key, 201)
}

/// `POST messages/{id}/send`.
pub fn send(call: &Call<'_>, world: &mut World, key: u32) -> Outcome {
    let now = call.now;
    let mailbox = call.mailbox_mut(world)?;
    let row = mailbox.row(key).ok_or_else(not_found)?.clone();
    if !row.draft {
        return Err(Answer::error(404, "ErrorItemNotFound", "The item is not a draft; it may have been sent already."));
    }
    let mut content = mailbox.content(&row).into_owned();
    recipients_given(&content)?;
    content.sent = now;
    let sent = mailbox.well_known("sentitems").ok_or_else(not_found)?;
    let source = mailbox.keep(content.clone());
    mailbox.change(key, super::store::What::Changed, |row| {
        row.source = source;
        row.draft = false;
        row.read = true;
    });
    mailbox.move_to(key, sent);
    deliver(call, world, &content, row.importance);
    Ok(Answer::empty(202))
}

fn recipients_given(content: &Content) -> Result<(), Answer> {
    let mut all = content.to.iter().chain(&content.cc).chain(&content.bcc).peekable();
    let whole = |one: &Address| one.address.as_ref().is_some_and(|smtp| smtp.contains('@'));
    if all.peek().is_some() && all.all(whole) {
        return Ok(());
    }
    Err(Answer::error(400, "ErrorInvalidRecipients", "At least one recipient isn't valid."))
}

fn importance(message: &Value) -> Importance {
    message.get("importance").and_then(Value::as_str).and_then(Importance::parse).unwrap_or_default()
}

/// A message of the mailbox's owner from the JSON of a client.
fn written(call: &Call<'_>, world: &World, message: &Value) -> Result<Content, Answer> {
    let mailbox = call.mailbox(world)?;
    let mut content = Content::empty(call.now);
    content.from = Some(mailbox.owner.clone());
    content.sender = content.from.clone();
    content.conversation = u64::from(mailbox.number) << 32 | u64::from(mailbox.sequence);
    content.internet_id = format!("<{}@contoso.com>", world.ids.guid());
    apply(&mut content, message)?;
    Ok(content)
}

/// Applies the members of a draft that only a draft may change.
pub fn apply(content: &mut Content, message: &Value) -> Result<(), Answer> {
    let members = message.as_object().ok_or_else(|| bad("A message is a JSON object."))?;
    for (name, value) in members {
        match name.to_lowercase().as_str() {
            "subject" => content.subject = value.as_str().unwrap_or_default().to_owned(),
            "body" => content.text = body(value)?,
            "torecipients" => content.to = people(value)?,
            "ccrecipients" => content.cc = people(value)?,
            "bccrecipients" => content.bcc = people(value)?,
            "replyto" => content.reply_to = people(value)?,
            "attachments" => {
                let list = value.as_array().ok_or_else(|| bad("'attachments' is a list."))?;
                content.files = list.iter().map(attachments::file_of).collect::<Result<_, _>>()?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn body(value: &Value) -> Result<Text, Answer> {
    let text = value.get("content").and_then(Value::as_str).unwrap_or_default().to_owned();
    match value.get("contentType").and_then(Value::as_str).unwrap_or("text").to_lowercase().as_str() {
        "html" => Ok(Text::Html(text)),
        "text" => Ok(Text::Plain(text)),
        other => Err(bad(&format!("'{other}' is not a body type."))),
    }
}

fn people(value: &Value) -> Result<Vec<Address>, Answer> {
    let list = value.as_array().ok_or_else(|| bad("Recipients are a list."))?;
    list.iter()
        .map(|one| {
            let address = one.get("emailAddress").ok_or_else(|| bad("A recipient has an emailAddress."))?;
            let text = |name: &str| address.get(name).and_then(Value::as_str);
            let smtp = text("address").map(str::to_owned);
            Ok(Address { name: text("name").or(text("address")).unwrap_or_default().to_owned(), address: smtp })
        })
        .collect()
}

fn put(
    mailbox: &mut Mailbox,
    content: Content,
    call: &Call<'_>,
    folder: u16,
    read: bool,
    importance: Importance,
) -> u32 {
    let attachments = content.has_attachments();
    let source = mailbox.keep(content);
    let mut row = Row::new(call.now, source, folder);
    row.read = read;
    row.attachments = attachments;
    row.importance = importance;
    mailbox.add(row)
}

/// Puts a copy into the inbox of everybody it names; unknown addresses of our own domain bounce.
fn deliver(call: &Call<'_>, world: &mut World, content: &Content, importance: Importance) {
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
                put(mailbox, copy.clone(), call, inbox, false, importance);
            }
            Some(_) => {}
            None => {
                let domain = smtp.rsplit('@').next().unwrap_or_default();
                let ours = world.company.domains.iter().any(|own| own.eq_ignore_ascii_case(domain));
                if ours && world.company.find(smtp).is_none() {
                    bounce(call, world, content, smtp);
                }
            }
        }
    }
}

/// A failure notice to the sender.
fn bounce(call: &Call<'_>, world: &mut World, content: &Content, smtp: &str) {
    let Some(mailbox) = world.mail.get_mut(call.at) else { return };
    let Some(inbox) = mailbox.well_known("inbox") else { return };
    let mut notice = Content::empty(call.now + 1.seconds());
    let from = Address::new("Microsoft Outlook", "postmaster@contoso.com");
    notice.subject = format!("Undeliverable: {}", content.subject);
    notice.from = Some(from.clone());
    notice.sender = Some(from);
    notice.to.push(mailbox.owner.clone());
    notice.conversation = content.conversation;
    notice.depth = 1;
    notice.internet_id = content.internet_id.replace("@contoso.com>", ".bounce@contoso.com>");
    notice.text = Text::Plain(format!(
        "Your message to {smtp} couldn't be delivered.\r\n\r\nThe address was not found in the directory. Check it, or send \
         the message to somebody else."
    ));
    put(mailbox, notice, call, inbox, false, Importance::Normal);
}
