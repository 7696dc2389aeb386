//! Drafts and sending. [user-sendmail] [user-post-messages] [message-send]
//!
//! Sending is handing in: `under_way` does the rest a little later. Must stay true: 202 has no body; what was handed in once is
//! not found a second time. Deliberately absent: MIME from clients.

use super::content::{Address, Content, Importance, Text};
use super::store::{Mailbox, Row, What};
use super::under_way::Submission;
use super::{Call, Outcome, attachments, bad, messages, not_found, properties};
use crate::sim::request::Answer;
use crate::sim::world::World;
use jiff::Timestamp;
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
    let save = member("saveToSentItems").and_then(Value::as_bool).unwrap_or(true);
    recipients_given(&content)?;
    let marks = properties::written(message)?;
    let submission = Submission::new(call.now, call.at, content, importance(message)).saved(save).marked(marks);
    world.mail.under_way.push(submission);
    Ok(Answer::empty(202))
}

/// Hands a message in.
pub fn submit(
    call: &Call<'_>,
    world: &mut World,
    content: Content,
    importance: Importance,
    draft: Option<u32>,
    save: bool,
) -> Outcome {
    recipients_given(&content)?;
    let submission = Submission::new(call.now, call.at, content, importance).saved(save);
    world.mail.under_way.push(match draft {
        Some(key) => submission.of_draft(key),
        None => submission,
    });
    Ok(Answer::empty(202))
}

/// `POST messages`: a draft.
pub fn draft(call: &Call<'_>, world: &mut World, folder: Option<u16>) -> Outcome {
    let content = written(call, world, &call.request.body)?;
    let marks = properties::written(&call.request.body)?;
    let mailbox = call.mailbox_mut(world)?;
    let folder = folder.or_else(|| mailbox.well_known("drafts")).ok_or_else(not_found)?;
    let key = put_draft(mailbox, content, call.now, folder, &call.request.body);
    properties::put(mailbox, key, marks);
    messages::one(call, call.mailbox(world)?, key, 201)
}

/// Puts a draft into a folder.
pub fn put_draft(mailbox: &mut Mailbox, content: Content, now: Timestamp, folder: u16, message: &Value) -> u32 {
    let attachments = content.has_attachments();
    let source = mailbox.keep(content);
    let mut row = Row::new(now, source, folder);
    row.draft = true;
    row.attachments = attachments;
    row.importance = importance(message);
    mailbox.add(row)
}

/// `POST messages/{id}/send`.
pub fn send(call: &Call<'_>, world: &mut World, key: u32) -> Outcome {
    let mailbox = call.mailbox(world)?;
    let row = mailbox.row(key).ok_or_else(not_found)?;
    let submitted = mailbox.notes.get(&key).is_some_and(|notes| notes.submitted);
    if !row.draft || submitted {
        return Err(Answer::error(404, "ErrorItemNotFound", "The item is not a draft; it may have been sent already."));
    }
    let (content, importance) = (mailbox.content(row).into_owned(), row.importance);
    let answer = submit(call, world, content, importance, Some(key), true)?;
    let mailbox = call.mailbox_mut(world)?;
    mailbox.notes.entry(key).or_default().submitted = true;
    mailbox.change(key, What::Changed, |_| {});
    Ok(answer)
}

fn recipients_given(content: &Content) -> Result<(), Answer> {
    let mut all = content.to.iter().chain(&content.cc).chain(&content.bcc).peekable();
    let whole = |one: &Address| one.address.as_ref().is_some_and(|smtp| smtp.contains('@'));
    if all.peek().is_some() && all.all(whole) {
        return Ok(());
    }
    Err(Answer::error(400, "ErrorInvalidRecipients", "At least one recipient isn't valid."))
}

/// The importance a message in JSON names.
pub fn importance(message: &Value) -> Importance {
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
            "from" if !value.is_null() => content.from = people(&Value::Array(vec![value.clone()]))?.pop(),
            "internetmessageid" => content.internet_id = value.as_str().unwrap_or_default().to_owned(),
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

/// Recipients from JSON.
pub fn people(value: &Value) -> Result<Vec<Address>, Answer> {
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
